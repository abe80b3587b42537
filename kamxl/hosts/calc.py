"""A spreadsheet open in LibreOffice Calc, through UNO, on every system that LibreOffice runs on.

Cells travel in blocks. Whole sheets are made by the same writer as files and taken in by Calc itself, so that charts
and looks are the same everywhere. Never saves: the spreadsheet is open, and saving is its user's decision. Every
change can be taken back by Calc's own Undo.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kamxl.hosts import Capabilities, OutColumn
from kamxl.hosts.calc_cells import EVERY_CONTENT, MOST_CELLS, properties, read_block, run_command, used_range
from kamxl.hosts.calc_columns import Placed, write_placed
from kamxl.hosts.calc_formulas import put_native
from kamxl.hosts.calc_undo import Notes, one_step, record, still_unrecorded, unrecorded
from kamxl.hosts.finding import LAST_HEADER_ROW, cut_table, find_areas
from kamxl.problems import KamxlError, Place, Problem
from kamxl.table import Cell, Grid, Origin, Table, cell_address
from kamxl.values import fold, is_blank

# The mark of `ooxml/ownership.py`: a workbook goes to and fro between Calc and the command line.
_SHEET_MARK = "_kamxl_sheet"


class CalcHost:
    """An open spreadsheet; `create` gives a service of the office that it is open in."""

    name = "calc"
    capabilities = Capabilities(keeps_everything=True, native_charts=True, live_functions=True, undo=True)

    def __init__(self, document: Any, create: Callable[[str], Any]) -> None:
        self.document = document
        self.create = create
        self._step_holds_cells: bool | None = None
        self.book = str(document.Title)
        self.notes: MutableMapping[str, str] = Notes(document)

    @property
    def counts_from_1904(self) -> bool:
        """Whether day 0 of the spreadsheet is 1 January 1904, as in old Macintosh files."""
        return bool(self.document.NullDate.Year == 1904)

    @contextmanager
    def one_step(self, title: str) -> Iterator[CalcHost]:
        """All that is written inside is one step of Calc's Undo, and is taken back at once when something fails."""
        self.document.lockControllers()
        self._step_holds_cells = False
        try:
            with one_step(self.document, title):
                yield self
        finally:
            self._step_holds_cells = None
            self.document.unlockControllers()

    def sheet_names(self) -> tuple[str, ...]:
        """Names of the sheets, in order."""
        return tuple(self.document.Sheets.ElementNames)

    def read_tables(self, wanted: Collection[str] = ()) -> tuple[Table, ...]:
        """Every table that could hold clients."""
        found = []
        for name in self.sheet_names():
            sheet = self.document.Sheets.getByName(name)
            if _is_own(sheet):
                continue
            for area in find_areas(rows := self._rows(sheet, wanted), wanted):
                origin = Origin(self.book, name, "", area.row + 1, area.first_column + 1)
                found.append(cut_table(rows, area, origin))
        return tuple(found)

    def _rows(self, sheet: Any, wanted: Collection[str]) -> list[list[Cell]]:
        """All rows of a sheet; of one that is too large only its top, unless that looks like the clients."""
        used = used_range(sheet)
        last = used.RangeAddress
        if (last.EndRow + 1) * (last.EndColumn + 1) <= MOST_CELLS:
            return read_block(self.document, used)
        top = read_block(self.document, sheet.getCellRangeByPosition(0, 0, last.EndColumn, LAST_HEADER_ROW))
        if any({fold(str(cell)) for cell in row if not is_blank(cell)} & set(wanted) for row in top):
            size = f"{last.EndRow + 1} rows x {last.EndColumn + 1} columns"
            hint = "save it and run `kamxl run FILE`, or move the clients to a sheet of their own"
            raise self._failure("KX507", f"a sheet of {size} is more than kamxl reads in Calc", sheet.Name, hint)
        return []

    def read_sheet(self, name: str) -> tuple[tuple[Cell, ...], ...]:
        """All cells of a sheet from A1 on."""
        sheet = self._sheet(name)
        if sheet is None:
            return ()
        rows = read_block(self.document, used_range(sheet))
        return () if all(is_blank(cell) for row in rows for cell in row) else tuple(tuple(row) for row in rows)

    def _sheet(self, name: str) -> Any:
        found = next((each for each in self.sheet_names() if each.casefold() == name.casefold()), None)
        return None if found is None else self.document.Sheets.getByName(found)

    def write_columns(self, table: Table, columns: Sequence[OutColumn]) -> None:
        """Columns beside the table, found again by header."""
        sheet = self._sheet(table.origin.sheet)
        self.check_writable(sheet)
        positions = {fold(header): index for index, header in enumerate(table.headers)}
        first, free = table.origin.first_column - 1, len(table.headers)
        placed = []
        for column in columns:
            index = positions.get(fold(column.header))
            placed.append(Placed(first + (free if index is None else index), column, is_new=index is None))
            free += index is None
        new_count = free - len(table.headers)
        if new_count:
            self._check_free(sheet, table, first + len(table.headers), new_count)
        if self._step_holds_cells is not None:
            self._step_holds_cells = True
        write_placed(self.document, sheet, table.origin.header_row - 1, table.row_count, placed)

    def check_writable(self, sheet: Any) -> None:
        """Whether cells of a sheet can be written. Errors: KamxlError KX502."""
        self._check_open_for_writing()
        if sheet.isProtected():
            raise self._failure("KX502", "the sheet is protected", sheet.Name, "take the protection off and run again")

    def _check_open_for_writing(self) -> None:
        if self.document.isReadonly():
            hint = "save it under another name and run again"
            raise self._failure("KX502", "the spreadsheet is open for reading only", "", hint)

    def _check_free(self, sheet: Any, table: Table, first: int, count: int) -> None:
        top = table.origin.header_row - 1
        block = sheet.getCellRangeByPosition(first, top, first + count - 1, top + table.row_count)
        for area in block.queryContentCells(EVERY_CONTENT).RangeAddresses:
            cells = sheet.getCellRangeByPosition(area.StartColumn, area.StartRow, area.EndColumn, area.EndRow)
            for row, line in enumerate(cells.getDataArray()):
                for column, cell in enumerate(line):
                    if not is_blank(cell):
                        place = cell_address(area.StartRow + row + 1, area.StartColumn + column + 1)
                        raise self._occupied(sheet, place)

    def _occupied(self, sheet: Any, place: str) -> KamxlError:
        problem = Problem(
            "KX505",
            "cells to the right of the client table are occupied",
            Place(self.book, sheet=str(sheet.Name), cell=place),
            help="move what stands there, or leave room beside the table",
        )
        return KamxlError(problem)

    def write_sheet(self, grid: Grid) -> None:
        """A whole sheet of ours, new or replaced in its place."""
        from kamxl.hosts.grid_bodies import split_links
        from kamxl.hosts.grid_writer import write_grids

        if self._step_holds_cells:
            # Calc 25.2 ends when it takes back cells that were written before a sheet was taken in, in the same step.
            raise RuntimeError(f"{grid.name}: within one step sheets come before columns")
        old = self._sheet(grid.name)
        if old is not None and not _is_own(old):
            message = f"the workbook has a sheet `{old.Name}` that is not kamxl's"
            raise self._failure("KX505", message, old.Name, "rename that sheet")
        self._check_structure()
        names = self.sheet_names()
        place = len(names) if old is None else names.index(old.Name)
        if old is not None:
            # As the last sheet: Calc's Undo gives formulas that look at a sheet it brings back the sheet behind it.
            if place < len(names) - 1:
                self._move(old.Name, place, len(names))
            self.document.Sheets.removeByName(old.Name)

        alone, links = split_links(grid)

        def take_in() -> None:
            # Calc's Redo does not always take away again what its Undo brought back.
            if self.document.Sheets.hasByName(grid.name):
                self.document.Sheets.removeByName(grid.name)
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "kamxl.xlsx"
                write_grids([alone], path)
                self._take_in(path, grid.name, place)
            made = self.document.Sheets.getByName(grid.name)
            for (row, column), formula in links.items():
                put_native(self.document, made.getCellByPosition(column, row), formula)
                still_unrecorded(self.document)
            self._show_as_made(grid)

        # Calc's Undo does not see sheets that come from another spreadsheet.
        with unrecorded(self.document):
            take_in()
        record(self.document, lambda: self.document.Sheets.removeByName(grid.name), take_in)

    def _move(self, name: str, place: int, to: int) -> None:
        def put(at: int) -> None:
            self.document.Sheets.moveByName(name, at)

        with unrecorded(self.document):
            put(to)
        record(self.document, lambda: put(place), lambda: put(to))

    def _take_in(self, path: Path, name: str, place: int) -> None:
        # Never in a window, not even a hidden one: Calc would take it for the window that its Undo works on.
        donor = self.create("com.sun.star.sheet.SpreadsheetDocument")
        donor.load(properties(URL=path.as_uri(), FilterName="Calc MS Excel 2007 XML", Hidden=True))
        try:
            self.document.Sheets.importSheet(donor, name, place)
        finally:
            donor.close(True)
        still_unrecorded(self.document)
        sheet = self.document.Sheets.getByName(name)
        if not _is_own(sheet):
            sheet.NamedRanges.addNewByName(_SHEET_MARK, "1", sheet.getCellByPosition(0, 0).CellAddress, 0)

    def _show_as_made(self, grid: Grid) -> None:
        """Grid lines and frozen rows, which belong to the window: a sheet that is taken in comes without them."""
        controller = self.document.CurrentController
        if controller is None:
            return
        shown = controller.getActiveSheet()
        controller.setActiveSheet(self.document.Sheets.getByName(grid.name))
        if not grid.show_gridlines:
            run_command(controller.Frame, "ToggleSheetGrid")
        rows, columns = grid.freeze
        if rows or columns:
            controller.freezeAtPosition(columns, rows)
        controller.setActiveSheet(shown)

    def _check_structure(self) -> None:
        self._check_open_for_writing()
        if self.document.isProtected():
            raise self._failure("KX502", "the spreadsheet's structure is protected", "", "take the protection off")

    def remove_sheet(self, name: str) -> None:
        """A sheet of ours taken away."""
        sheet = self._sheet(name)
        if sheet is not None and _is_own(sheet):
            self._check_structure()
            self.document.Sheets.removeByName(sheet.Name)

    def save(self) -> None:
        """Nothing: the spreadsheet is open, and its user decides when to save it."""

    def _failure(self, code: str, message: str, sheet: str, hint: str) -> KamxlError:
        return KamxlError(Problem(code, message, Place(self.book, sheet=sheet), help=hint))


def _is_own(sheet: Any) -> bool:
    return bool(sheet.NamedRanges.hasByName(_SHEET_MARK))
