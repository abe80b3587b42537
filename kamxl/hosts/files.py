"""Workbooks on disk: .xlsx and .xlsm edited without loss, .csv turned into a new workbook; saved in one step.

Reads through calamine, writes through `ooxml`; whole sheets are made by XlsxWriter and grafted in. Edits are collected
and nothing is written before `save`.
"""

from __future__ import annotations

import io
from collections.abc import Collection, MutableMapping, Sequence
from pathlib import Path
from typing import Any

from kamxl.hosts import Capabilities, OutColumn
from kamxl.hosts.file_cells import body_write, column_write, from_1904
from kamxl.hosts.finding import Area, cut_table, find_areas
from kamxl.ooxml import OoxmlError, RuleStyle, TextEquals, Workbook
from kamxl.problems import KamxlError, Place, Problem
from kamxl.table import Cell, Grid, Origin, Table, cell_address, column_letters
from kamxl.values import NOT_CALCULATED, fold

WORKBOOKS = (".xlsx", ".xlsm", ".xltx", ".xltm")
TEXTS = (".csv", ".tsv", ".txt")
_CODES = {
    "protected": "KX502",
    "locked": "KX503",
    "changed": "KX503",
    "disk": "KX504",
    "unsafe": "KX504",
    "occupied": "KX505",
    "merged": "KX505",
    "pivot": "KX505",
    "array": "KX505",
    "table": "KX505",
    "name-taken": "KX505",
}


class FileHost:
    """A workbook file. State: the bytes as read, and the edits collected for `save`."""

    name = "files"
    capabilities = Capabilities(keeps_everything=True, native_charts=True, live_functions=False, undo=False)

    def __init__(self, source: Path, target: Path, *, backup: Path | None = None) -> None:
        self.source = source
        self.target = target
        self.backup = backup
        self.book = source.name
        self._rows: dict[str, list[list[Cell]]] = {}
        self._grids: dict[str, Grid] = {}
        self._workbook = self._open()
        self.notes: MutableMapping[str, str] = _Notes(self)

    def _open(self) -> Workbook:
        suffix = self.source.suffix.lower()
        if not self.source.is_file():
            is_folder = self.source.is_dir()
            message = "this is a folder" if is_folder else "file is not found"
            hint = "name the file in it" if is_folder else "check the path"
            raise KamxlError(Problem("KX001", message, Place(str(self.source)), help=hint))
        if suffix in TEXTS:
            from kamxl.hosts.csv_book import csv_as_workbook, read_csv

            rows = read_csv(self.source)
            if not rows:
                raise KamxlError(Problem("KX303", "the file is empty", Place(str(self.source))))
            data = csv_as_workbook(rows)
            return Workbook.open(data)
        try:
            workbook = Workbook.open(self.source)
            # Looked at now, so that damage anywhere is told before anything else is done: the sheets of people are read
            # whole for the tables in them, ours are not.
            _ = workbook.tables
            for sheet in workbook.sheets:
                for _ in workbook.sheet_bytes(sheet.name) if sheet.own and sheet.kind == "worksheet" else ():
                    pass
            return workbook
        except OoxmlError as error:
            raise self._failure(error) from error
        except OSError as error:
            reason = (error.strerror or "cannot be read").lower()
            raise KamxlError(Problem("KX001", f"file cannot be read: {reason}", Place(str(self.source)))) from error

    def _failure(self, error: OoxmlError) -> KamxlError:
        sheet = error.place if any(sheet.name == error.place for sheet in self._sheets_or_none()) else ""
        place = Place(self.book, sheet=sheet) if sheet else Place(str(self.source))
        message = error.message if sheet or not error.place else f"{error.message} ({error.place})"
        return KamxlError(Problem(_CODES.get(error.kind, "KX501"), message, place, help=error.help))

    def _sheets_or_none(self) -> tuple[Any, ...]:
        workbook = getattr(self, "_workbook", None)
        return workbook.sheets if workbook is not None else ()

    def _calamine(self) -> Any:
        from python_calamine import CalamineWorkbook

        if self.source.suffix.lower() in TEXTS:
            return CalamineWorkbook.from_filelike(io.BytesIO(self._workbook.to_bytes()))
        return CalamineWorkbook.from_path(str(self.source))

    @property
    def counts_from_1904(self) -> bool:
        """Whether day 0 of the workbook is 1 January 1904, as in old Macintosh files."""
        return self._workbook.date1904

    def sheet_names(self) -> tuple[str, ...]:
        """Names of the worksheets, in order."""
        return tuple(sheet.name for sheet in self._workbook.sheets if sheet.kind == "worksheet")

    def _sheet_rows(self, name: str) -> list[list[Cell]]:
        if name not in self._rows:
            try:
                rows: list[list[Cell]] = self._calamine().get_sheet_by_name(name).to_python(skip_empty_area=False)
            except Exception as error:  # calamine raises bare Rust errors of several classes
                if type(error).__module__ == "builtins" and not isinstance(error, (ValueError, OSError)):
                    raise
                place = Place(self.book, sheet=name)
                hint = "open the workbook in Excel, save it and try again"
                raise KamxlError(Problem("KX501", "the sheet cannot be read", place, help=hint)) from error
            try:
                errors = self._workbook.error_cells(name)
            except OoxmlError as error:
                raise self._failure(error) from error
            for (row, column), text in errors.items():
                if row <= len(rows) and column <= len(rows[row - 1]):
                    rows[row - 1][column - 1] = text or NOT_CALCULATED
            self._rows[name] = rows
        return self._rows[name]

    def _lines(self, name: str) -> Sequence[Sequence[Cell]]:
        """The rows of a sheet: as arrays where its spelling allows, else as calamine reads them."""
        if name not in self._rows:
            from kamxl.hosts.plain_rows import read_plain

            try:
                found = read_plain(self._workbook, name)
            except OoxmlError as error:
                raise self._failure(error) from error
            if found is not None:
                self._workbook.note_rows(name, found.seen)
                return found
        return self._sheet_rows(name)

    def read_tables(self, wanted: Collection[str] = ()) -> tuple[Table, ...]:
        """Every table that could hold clients."""
        found: list[Table] = []
        in_tables = {table.sheet for table in self._workbook.tables if table.header_row is not None}
        for name in self.sheet_names():
            if self._workbook.is_own(name):
                continue
            rows = self._lines(name)
            if name in in_tables:
                found += self._excel_tables(name, rows)
                continue
            for area in find_areas(rows, wanted):
                found.append(cut_table(rows, area, Origin(self.book, name, "", area.row + 1, area.first_column + 1)))
        return tuple(found)

    def _excel_tables(self, name: str, rows: Sequence[Sequence[Cell]]) -> list[Table]:
        found = []
        for table in self._workbook.tables:
            if table.sheet != name or table.header_row is None:
                continue
            area = table.area
            last = area.last_row - (1 if table.totals_row is not None else 0)
            if last > len(rows):
                rows = [*rows, *([] for _ in range(last - len(rows)))]
            found.append(
                cut_table(
                    rows,
                    Area(area.first_row - 1, area.first_column - 1, area.last_column - 1, last - 1),
                    Origin(self.book, name, table.name, area.first_row, area.first_column),
                )
            )
        return found

    def read_sheet(self, name: str) -> tuple[tuple[Cell, ...], ...]:
        """All cells of a sheet from A1 on."""
        if name not in self.sheet_names():
            return ()
        return tuple(tuple(row) for row in self._sheet_rows(name))

    def write_columns(self, table: Table, columns: Sequence[OutColumn]) -> None:
        """Columns beside the table, found again by header."""
        positions = {fold(header): index for index, header in enumerate(table.headers)}
        origin, free = table.origin, len(table.headers)
        writes = []
        for column in columns:
            index = positions.get(fold(column.header))
            known = index is not None
            if index is None:
                index, free = free, free + 1
            writes.append(
                column_write(column, origin.first_column + index, known=known, date1904=self._workbook.date1904)
            )
        try:
            self._workbook.write_columns(origin.sheet, origin.header_row, origin.header_row + 1, writes)
            if any(column.formulas is not None for column in columns):
                self._workbook.set_calc(full_on_load=True)
            for column, write in zip(columns, writes, strict=True):
                if column.colours and table.row_count:
                    self._colour(table, column, write.column_1based)
        except OoxmlError as error:
            raise self._failure(error) from error

    def _colour(self, table: Table, column: OutColumn, at: int) -> None:
        first = table.origin.header_row + 1
        ref = f"{cell_address(first, at)}:{column_letters(at)}{first + table.row_count - 1}"
        rules = [TextEquals(text, RuleStyle(fill=fill, font_color=ink)) for text, fill, ink in column.colours]
        self._workbook.conditional_format(table.origin.sheet, ref, rules)

    def write_sheet(self, grid: Grid) -> None:
        """A whole sheet of ours, new or replaced in its place."""
        for sheet in self._workbook.sheets:
            if sheet.name.casefold() == grid.name.casefold() and not self._workbook.is_own(sheet.name):
                raise KamxlError(
                    Problem(
                        "KX505",
                        f"the workbook has a sheet `{sheet.name}` that is not kamxl's",
                        Place(self.book, sheet=sheet.name),
                        help="rename that sheet",
                    )
                )
        self._grids[grid.name] = grid

    def remove_sheet(self, name: str) -> None:
        """A sheet of ours taken away."""
        self._grids.pop(name, None)
        if name in self.sheet_names() and self._workbook.is_own(name):
            try:
                self._workbook.remove_sheet(name)
            except OoxmlError as error:
                raise self._failure(error) from error

    def _graft(self) -> None:
        """Our sheets brought into the workbook: frames through XlsxWriter, long bodies by columns."""
        if not self._grids:
            return
        # XlsxWriter is imported by those who draw sheets.
        from kamxl.hosts.grid_bodies import split_bodies
        from kamxl.hosts.grid_writer import grids_as_bytes

        split = [split_bodies(grid) for grid in self._grids.values()]
        frames = [frame for frame, _ in split]
        if self.counts_from_1904:
            frames = [from_1904(frame) for frame in frames]
        self._workbook.graft_sheets(grids_as_bytes(frames))
        # Departments show the same columns: what is handed on of one is handed on of the others, too.
        stored: dict[int, list[Any]] = {}
        for frame, bodies in split:
            for body in bodies:
                writes = [body_write(column, stored, date1904=self._workbook.date1904) for column in body.columns]
                self._workbook.write_columns(frame.name, body.header_row, body.first_row, writes, heights=body.heights)
        self._grids.clear()

    def define_name(self, name: str, formula: str | None, *, comment: str = "") -> None:
        """A workbook name of ours set, or taken away with None. Errors: KamxlError KX505 when a person's name it is."""
        try:
            self._workbook.defined_name(name, formula, comment=comment)
        except OoxmlError as error:
            raise self._failure(error) from error

    def names_of_ours(self) -> tuple[str, ...]:
        """The workbook names of live formulas that kamxl has set."""
        names = self._workbook.defined_names
        return tuple(item.name for item in names if item.name.startswith("KAMN") and item.comment.startswith("kamxl"))

    def save(self) -> None:
        """Everything written, in one step, verified before the old file is replaced."""
        try:
            self._graft()
            self.target.parent.mkdir(parents=True, exist_ok=True)
            self._workbook.save(self.target, backup=self.backup)
        except OoxmlError as error:
            raise self._failure(error) from error
        except OSError as error:
            reason = (error.strerror or "cannot be written").lower()
            place = Place(str(self.target))
            raise KamxlError(
                Problem("KX504", f"the workbook cannot be saved: {reason}", place, help="choose another place")
            ) from error


class _Notes(MutableMapping[str, str]):
    """The custom document properties of the workbook as a mapping."""

    def __init__(self, host: FileHost) -> None:
        self._host = host

    def __getitem__(self, key: str) -> str:
        return self._host._workbook.custom_properties[key]

    def __setitem__(self, key: str, value: str) -> None:
        if self.get(key) != value:
            self._host._workbook.set_custom_property(key, value)

    def __delitem__(self, key: str) -> None:
        self._host._workbook.set_custom_property(key, None)

    def __iter__(self) -> Any:
        return iter(self._host._workbook.custom_properties)

    def __len__(self) -> int:
        return len(self._host._workbook.custom_properties)


def default_target(source: Path) -> Path:
    """Where a run writes when nobody says: NAME.kam.xlsx beside the input (.xlsm stays .xlsm)."""
    suffix = source.suffix.lower()
    stem = source.stem.removesuffix(".kam")
    return source.with_name(f"{stem}.kam{suffix if suffix in WORKBOOKS else '.xlsx'}")
