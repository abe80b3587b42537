"""A workbook open in desktop Excel, through xlwings' object model, on Windows and macOS.

Cells travel in blocks: one read per table, one write per group of neighbouring columns. Whole sheets are made by the
same writer as files and copied in, so that charts and looks are the same everywhere. Never saves: the workbook is
open, and saving is its user's decision.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, MutableMapping, Sequence
from pathlib import Path
from typing import Any

from kamxl.hosts import Capabilities, OutColumn
from kamxl.hosts.excel_api import (
    Notes,
    add_hidden_name,
    counts_from_1904,
    has_locked_structure,
    has_totals,
    is_protected,
)
from kamxl.hosts.excel_cells import Formula, cells_as_they_are, put_cells, read_block
from kamxl.hosts.finding import Area, cut_table, find_areas
from kamxl.looks import parse_look
from kamxl.problems import KamxlError, Place, Problem
from kamxl.records import dataclass
from kamxl.table import Cell, Grid, Origin, Table, cell_address
from kamxl.values import fold, is_blank

# The mark of `ooxml/ownership.py`: a workbook goes to and fro between Excel and the command line.
_SHEET_MARK = "_kamxl_sheet"


@dataclass(frozen=True, slots=True)
class CellsBefore:
    """What stood in a block before it was written. Units: row and column 1-based. Shapes: cells as the block."""

    sheet: str
    row: int
    column: int
    cells: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class SheetBefore:
    """A sheet of ours that was added (no cells before) or replaced."""

    name: str
    was_there: bool


@dataclass(frozen=True, slots=True)
class NoteBefore:
    """What kamxl remembered under a key; None for nothing."""

    key: str
    value: str | None


@dataclass(frozen=True, slots=True)
class TableBefore:
    """Where an Excel table reached before it was widened."""

    sheet: str
    table: str
    address: str


Change = CellsBefore | SheetBefore | NoteBefore | TableBefore


class ExcelHost:
    """An open workbook. State: the changes made so far, newest last, for one step of undo."""

    name = "excel"
    capabilities = Capabilities(keeps_everything=True, native_charts=True, live_functions=True, undo=True)

    def __init__(self, workbook: Any) -> None:
        self.workbook = workbook
        self.book = str(workbook.name)
        self.changes: list[Change] = []
        self.notes: MutableMapping[str, str] = _RecordedNotes(Notes(workbook), self.changes)

    @property
    def counts_from_1904(self) -> bool:
        """Whether day 0 of the workbook is 1 January 1904, as in old Macintosh files."""
        return counts_from_1904(self.workbook)

    def sheet_names(self) -> tuple[str, ...]:
        """Names of the worksheets, in order."""
        return tuple(str(sheet.name) for sheet in self.workbook.sheets)

    def read_tables(self, wanted: Collection[str] = ()) -> tuple[Table, ...]:
        """Every table that could hold clients."""
        found: list[Table] = []
        for sheet in self.workbook.sheets:
            if self._is_own(sheet):
                continue
            tables = [table for table in sheet.tables if table.header_row_range is not None]
            found += [self._excel_table(sheet, table) for table in tables] or self._plain_tables(sheet, wanted)
        return tuple(found)

    def _excel_table(self, sheet: Any, table: Any) -> Table:
        whole = table.range
        rows = read_block(whole)
        if has_totals(table):
            rows = rows[:-1]
        area = Area(0, 0, len(rows[0]) - 1, len(rows) - 1)
        return cut_table(rows, area, Origin(self.book, str(sheet.name), str(table.name), whole.row, whole.column))

    def _plain_tables(self, sheet: Any, wanted: Collection[str]) -> list[Table]:
        rows = self._rows_of(sheet)
        name = str(sheet.name)
        areas = find_areas(rows, wanted)
        return [
            cut_table(rows, area, Origin(self.book, name, "", area.row + 1, area.first_column + 1)) for area in areas
        ]

    def read_sheet(self, name: str) -> tuple[tuple[Cell, ...], ...]:
        """All cells of a sheet from A1 on."""
        sheet = self._sheet(name)
        return self._rows_of(sheet) if sheet is not None else ()

    def _rows_of(self, sheet: Any) -> tuple[tuple[Cell, ...], ...]:
        last = sheet.used_range.last_cell
        rows = read_block(sheet.range((1, 1), (last.row, last.column)))
        return () if all(is_blank(cell) for row in rows for cell in row) else rows

    def _sheet(self, name: str) -> Any:
        return next((sheet for sheet in self.workbook.sheets if sheet.name.casefold() == name.casefold()), None)

    def _is_own(self, sheet: Any) -> bool:
        return any(str(name.name).rpartition("!")[2] == _SHEET_MARK for name in sheet.names)

    def write_columns(self, table: Table, columns: Sequence[OutColumn]) -> None:
        """Columns beside the table, found again by header."""
        sheet = self._sheet(table.origin.sheet)
        if is_protected(sheet):
            raise self._failure("KX502", "the sheet is protected", sheet, "take the protection off and run again")
        positions = {fold(header): index for index, header in enumerate(table.headers)}
        free = len(table.headers)
        placed: list[tuple[int, OutColumn]] = []
        for column in columns:
            index = positions.get(fold(column.header))
            if index is None:
                index, free = free, free + 1
            placed.append((table.origin.first_column + index, column))
        first_new = table.origin.first_column + len(table.headers)
        if free > len(table.headers):
            self._check_free(sheet, table, first_new, free - len(table.headers))
            self._widen(sheet, table, free)
        for start, group in _neighbours(placed):
            self._write_group(sheet, table, start, group)
            for offset, column in enumerate(group):
                self._dress(sheet, table, start + offset, column, is_new=start + offset >= first_new)

    def _check_free(self, sheet: Any, table: Table, first: int, count: int) -> None:
        top = table.origin.header_row
        block = sheet.range((top, first), (top + table.row_count, first + count - 1))
        for row, cells in enumerate(read_block(block)):
            for column, cell in enumerate(cells):
                if not is_blank(cell):
                    where = cell_address(top + row, first + column)
                    problem = Problem(
                        "KX505",
                        "cells to the right of the client table are occupied",
                        Place(self.book, sheet=str(sheet.name), cell=where),
                        help="move what stands there, or leave room beside the table",
                    )
                    raise KamxlError(problem)

    def _widen(self, sheet: Any, table: Table, width: int) -> None:
        if not table.origin.table:
            return
        excel_table = next(each for each in sheet.tables if each.name == table.origin.table)
        whole = excel_table.range
        self.changes.append(TableBefore(str(sheet.name), str(excel_table.name), str(whole.address)))
        last_row = whole.row + whole.shape[0] - 1
        excel_table.resize(sheet.range((whole.row, whole.column), (last_row, whole.column + width - 1)))

    def _write_group(self, sheet: Any, table: Table, start: int, group: Sequence[OutColumn]) -> None:
        top = table.origin.header_row
        block = sheet.range((top, start), (top + table.row_count, start + len(group) - 1))
        self.changes.append(CellsBefore(str(sheet.name), top, start, cells_as_they_are(block)))
        head: list[list[Cell]] = [[column.header for column in group]]
        put_cells(block, head + [[_out_cell(column, row) for column in group] for row in range(table.row_count)])

    def header_texts(self, table: Table) -> tuple[str, ...]:
        """The headers of a table letter for letter, as structured references must name them: ours are trimmed."""
        place = table.origin
        last = (place.header_row, place.first_column + len(table.headers) - 1)
        header_row = self._sheet(place.sheet).range((place.header_row, place.first_column), last)
        return tuple("" if cell is None else str(cell) for cell in read_block(header_row)[0])

    def record_cells(self, sheet: Any, row: int, column: int, cells: Sequence[Sequence[Cell]]) -> None:
        """Writes down what stands in a block that somebody else is about to change. Units: 1-based."""
        self.changes.append(CellsBefore(str(sheet.name), row, column, tuple(tuple(line) for line in cells)))

    def _dress(self, sheet: Any, table: Table, at: int, column: OutColumn, *, is_new: bool) -> None:
        top = table.origin.header_row
        if is_new and not table.origin.table:
            _apply_look(sheet.range((top, at)), column.header_look)
        if is_new:
            sheet.range((top, at)).column_width = column.width_chars
        if not table.row_count:
            return
        cells = sheet.range((top + 1, at), (top + table.row_count, at))
        if isinstance(column.looks, str):
            _apply_look(cells, column.looks)
        else:
            for first, last, look in _look_runs(column.looks):
                _apply_look(sheet.range((top + 1 + first, at), (top + 1 + last, at)), look)
        if column.colours:
            cells.conditional_formats.clear()
            for text, fill, ink in column.colours:
                quoted = text.replace('"', '""')
                cells.conditional_formats.add_cell_value(
                    "equal_to", f'="{quoted}"', fill_color=f"#{fill}", font_color=f"#{ink}"
                )

    def write_sheet(self, grid: Grid) -> None:
        """A whole sheet of ours, new or replaced in its place."""
        from kamxl.hosts.grid_bodies import split_links
        from kamxl.hosts.grid_writer import write_grids

        old = self._sheet(grid.name)
        if old is not None and not self._is_own(old):
            hint = "rename that sheet"
            raise self._failure("KX505", f"the workbook has a sheet `{old.name}` that is not kamxl's", old, hint)
        if has_locked_structure(self.workbook):
            raise self._failure("KX502", "the workbook's structure is protected", None, "take the protection off")
        app = self.workbook.app
        with tempfile.TemporaryDirectory(dir=_folder_that_excel_may_read()) as folder:
            path = Path(folder) / "kamxl.xlsx"
            alone, links = split_links(grid)
            write_grids([alone], path)
            donor = app.books.open(str(path), update_links=False, add_to_mru=False)
            try:
                copied = self._take_sheet(donor, grid, old)
            finally:
                donor.close()
        for (row, column), formula in links.items():
            put_cells(copied.range((row + 1, column + 1)), [[Formula(formula)]])
        self.workbook.activate()

    def _take_sheet(self, donor: Any, grid: Grid, old: Any) -> Any:
        if old is not None:
            self._record_sheet(old)
            copied = donor.sheets[0].copy(after=old)
            _delete_quietly(old)
            copied.name = grid.name
        else:
            copied = donor.sheets[0].copy(after=self.workbook.sheets[-1])
            copied.name = grid.name
            self.changes.append(SheetBefore(grid.name, was_there=False))
        add_hidden_name(copied, _SHEET_MARK, "=TRUE")
        return copied

    def _record_sheet(self, sheet: Any) -> None:
        last = sheet.used_range.last_cell
        block = sheet.range((1, 1), (last.row, last.column))
        self.changes.append(SheetBefore(str(sheet.name), was_there=True))
        self.changes.append(CellsBefore(str(sheet.name), 1, 1, cells_as_they_are(block)))

    def remove_sheet(self, name: str) -> None:
        """A sheet of ours taken away."""
        sheet = self._sheet(name)
        if sheet is not None and self._is_own(sheet):
            _delete_quietly(sheet)

    def save(self) -> None:
        """Nothing: the workbook is open, and its user decides when to save it."""

    def _failure(self, code: str, message: str, sheet: Any, hint: str) -> KamxlError:
        place = Place(self.book, sheet=str(sheet.name) if sheet is not None else "")
        return KamxlError(Problem(code, message, place, help=hint))


class _RecordedNotes(MutableMapping[str, str]):
    """Notes of a workbook that write down what they replace."""

    def __init__(self, notes: Notes, changes: list[Change]) -> None:
        self._notes = notes
        self._changes = changes

    def __getitem__(self, key: str) -> str:
        return self._notes[key]

    def __setitem__(self, key: str, value: str) -> None:
        self._changes.append(NoteBefore(key, self._notes.get(key)))
        self._notes[key] = value

    def __delitem__(self, key: str) -> None:
        self._changes.append(NoteBefore(key, self._notes.get(key)))
        del self._notes[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._notes)

    def __len__(self) -> int:
        return len(self._notes)


def _neighbours(placed: Sequence[tuple[int, OutColumn]]) -> Iterator[tuple[int, list[OutColumn]]]:
    """Columns grouped into runs without a gap. Units: first column of each run, 1-based."""
    run: list[tuple[int, OutColumn]] = []
    for position, column in sorted(placed, key=lambda pair: pair[0]):
        if run and position != run[-1][0] + 1:
            yield run[0][0], [each for _, each in run]
            run = []
        run.append((position, column))
    if run:
        yield run[0][0], [each for _, each in run]


def _out_cell(column: OutColumn, row: int) -> Cell:
    formula = column.formulas[row] if column.formulas is not None else ""
    return Formula(formula) if formula else column.values[row]


def _look_runs(looks: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    first = 0
    for index in range(1, len(looks) + 1):
        if index == len(looks) or looks[index] != looks[first]:
            yield first, index - 1, looks[first]
            first = index


def _apply_look(cells: Any, look: str) -> None:
    style = parse_look(look)
    cells.number_format = style.number_format
    cells.font.bold = style.bold
    cells.font.italic = style.italic
    cells.font.color = f"#{style.colour}"
    if style.fill:
        cells.color = f"#{style.fill}"
    cells.wrap_text = style.wrap


def _delete_quietly(sheet: Any) -> None:
    with sheet.book.app.properties(display_alerts=False):
        sheet.delete()


def _folder_that_excel_may_read() -> str | None:
    # Excel for macOS lives in a sandbox and asks its user about every file outside of it.
    sandbox = Path.home() / "Library" / "Containers" / "com.microsoft.Excel" / "Data"
    return str(sandbox) if sandbox.is_dir() else None
