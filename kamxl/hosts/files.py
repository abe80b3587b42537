"""Workbooks on disk: .xlsx and .xlsm edited without loss, .csv turned into a new workbook; saved in one step.

Reads through calamine, writes through `ooxml`; whole sheets are made by XlsxWriter and grafted in. Edits are collected
and nothing is written before `save`.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Collection, MutableMapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kamxl.hosts import Capabilities, OutColumn
from kamxl.hosts.csv_book import SHEET, csv_as_workbook, read_csv
from kamxl.hosts.finding import Area, cut_table, find_areas
from kamxl.looks import FONT, parse_look
from kamxl.ooxml import CellStyle, ColumnWrite, Formula, OoxmlError, RuleStyle, TextEquals, Workbook
from kamxl.problems import KamxlError, Place, Problem
from kamxl.table import Cell, Grid, GridCell, Look, Origin, Table, cell_address, column_letters
from kamxl.values import NOT_CALCULATED, fold, serial_of

if TYPE_CHECKING:
    from kamxl.hosts.grid_bodies import BodyColumn

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
_ALIGNMENTS = {"left": "left", "center": "center", "right": "right"}
_VERTICALS = {"top": "top", "vcenter": "center", "bottom": "bottom"}


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
            raise KamxlError(Problem("KX001", "file is not found", Place(str(self.source)), help="check the path"))
        if suffix in TEXTS:
            rows = read_csv(self.source)
            if not rows:
                raise KamxlError(Problem("KX303", "the file is empty", Place(str(self.source))))
            data = csv_as_workbook(rows)
            return Workbook.open(data)
        try:
            workbook = Workbook.open(self.source)
            # Looked at now, so that damage in any sheet is told before anything else is done.
            _ = (workbook.sheets, workbook.tables)
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

    def read_tables(self, wanted: Collection[str] = ()) -> tuple[Table, ...]:
        """Every table that could hold clients."""
        found: list[Table] = []
        in_tables = {table.sheet for table in self._workbook.tables if table.header_row is not None}
        for name in self.sheet_names():
            if self._workbook.is_own(name):
                continue
            rows = self._sheet_rows(name)
            if name in in_tables:
                found += self._excel_tables(name, rows)
                continue
            for area in find_areas(rows, wanted):
                found.append(cut_table(rows, area, Origin(self.book, name, "", area.row + 1, area.first_column + 1)))
        return tuple(found)

    def _excel_tables(self, name: str, rows: list[list[Cell]]) -> list[Table]:
        found = []
        for table in self._workbook.tables:
            if table.sheet != name or table.header_row is None:
                continue
            area = table.area
            last = area.last_row - (1 if table.totals_row is not None else 0)
            rows += [[] for _ in range(last - len(rows))]
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
                _column_write(column, origin.first_column + index, known=known, date1904=self._workbook.date1904)
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
            frames = [_from_1904(frame) for frame in frames]
        self._workbook.graft_sheets(grids_as_bytes(frames))
        for frame, bodies in split:
            for body in bodies:
                writes = [_body_write(column, date1904=self._workbook.date1904) for column in body.columns]
                self._workbook.write_columns(frame.name, body.header_row, body.first_row, writes)
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
            raise KamxlError(Problem("KX504", f"the workbook cannot be saved: {reason}", place)) from error


def _from_1904(grid: Grid) -> Grid:
    """The grid with days moved so that a writer that counts from 1900 writes the serials of a workbook from 1904."""

    def moved(cell: GridCell | None) -> GridCell | None:
        if cell is None or not isinstance(cell.value, dt.date) or cell.value.year < 1905:
            return cell
        return replace(cell, value=cell.value - dt.timedelta(days=_DAYS_1904))

    return replace(grid, rows=tuple(tuple(moved(cell) for cell in row) for row in grid.rows))


def _body_write(column: BodyColumn, *, date1904: bool) -> ColumnWrite:
    looks = column.looks
    return ColumnWrite(
        column_1based=column.column,
        header=column.header,
        values=stored_cells(column.values, date1904=date1904),
        style=cell_style(looks) if isinstance(looks, str) and looks else None,
        styles=None if isinstance(looks, str) else _styles_of(looks),
        overwrite=True,
    )


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


def _styles_of(looks: Sequence[Look]) -> list[CellStyle | None]:
    known = {look: cell_style(look) if look else None for look in set(looks)}
    return [known[look] for look in looks]


def _column_write(column: OutColumn, at: int, *, known: bool, date1904: bool) -> ColumnWrite:
    looks = column.looks
    styles = None if isinstance(looks, str) else [cell_style(look) for look in looks]
    repeated, values = _repeated(column), stored_cells(column.values, date1904=date1904)
    if column.formulas is not None and not repeated:
        values = [Formula(text, value) for text, value in zip(column.formulas, values, strict=True)]
    return ColumnWrite(
        column_1based=at,
        header=column.header,
        values=values,
        repeated=repeated,
        style=cell_style(looks) if isinstance(looks, str) and looks else None,
        styles=styles,
        header_style=cell_style("header"),
        width_chars=None if known else column.width_chars,
        calculated=repeated,
        overwrite=known,
    )


def _repeated(column: OutColumn) -> str:
    """The formula of all rows, where they share their text: a table gives it to new rows too."""
    formulas = column.formulas
    if not formulas or "[#This Row]" not in formulas[0] or len(set(formulas)) > 1:
        return ""
    return formulas[0]


# What a cell takes as it is.
_PLAIN = frozenset({str, bool, int, type(None)})
# Days between Excel's two date systems.
_DAYS_1904 = 1462


def stored_cells(values: Sequence[Cell], *, date1904: bool) -> list[Any]:
    """Values as the loss-free editor takes them: dates as serials of the workbook's own system, NaN as blank."""
    cells: list[Any] = list(values)
    if _PLAIN.issuperset(map(type, cells)):
        return cells
    for index, value in enumerate(cells):
        if value is None or type(value) is str or type(value) is bool:
            continue
        if type(value) is float:
            if value != value:
                cells[index] = None
        elif isinstance(value, dt.date):
            cells[index] = serial_of(value) - (_DAYS_1904 if date1904 else 0)
        elif isinstance(value, dt.time):
            cells[index] = serial_of(dt.datetime.combine(dt.date(1899, 12, 30), value))
        elif not isinstance(value, int):
            cells[index] = float(value) if isinstance(value, Decimal) else str(value)
    return cells


@lru_cache(maxsize=512)
def cell_style(look: Look) -> CellStyle:
    """A look as the loss-free editor wants it."""
    style = parse_look(look)
    return CellStyle(
        bold=style.bold,
        italic=style.italic,
        font_name=FONT,
        font_size=style.size,
        font_color=style.colour,
        fill=style.fill,
        number_format="" if style.number_format == "General" else style.number_format,
        horizontal=_ALIGNMENTS.get(style.align, ""),  # type: ignore[arg-type]
        vertical=_VERTICALS.get(style.valign, ""),  # type: ignore[arg-type]
        wrap=style.wrap,
        indent=style.indent,
        border=style.border,
        locked=not style.unlocked,
    )


def default_target(source: Path) -> Path:
    """Where a run writes when nobody says: NAME.kam.xlsx beside the input (.xlsm stays .xlsm)."""
    suffix = source.suffix.lower()
    stem = source.stem.removesuffix(".kam")
    return source.with_name(f"{stem}.kam{suffix if suffix in WORKBOOKS else '.xlsx'}")


__all__ = ["SHEET", "TEXTS", "WORKBOOKS", "FileHost", "cell_style", "default_target"]
