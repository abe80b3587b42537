"""A spreadsheet open in LibreOffice Calc, through UNO, on every system that LibreOffice runs on.

Cells travel in blocks. Whole sheets are made by the same writer as files and taken in by Calc itself, so that charts
and looks are the same everywhere. Never saves: the spreadsheet is open, and saving is its user's decision.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, MutableMapping, Sequence
from pathlib import Path
from typing import Any

from kamxl.hosts import Capabilities, OutColumn
from kamxl.hosts.calc_cells import (
    apply_look,
    colour_texts,
    look_runs,
    plain_cell,
    properties,
    read_block,
    used_range,
)
from kamxl.hosts.finding import cut_table, find_areas
from kamxl.problems import KamxlError, Place, Problem
from kamxl.table import Cell, Grid, Origin, Table, cell_address
from kamxl.values import fold, is_blank

# The mark of `ooxml/ownership.py`: a workbook goes to and fro between Calc and the command line.
_SHEET_MARK = "_kamxl_sheet"
# A property that its user may take away again: com.sun.star.beans.PropertyAttribute.REMOVABLE.
_REMOVABLE = 128
# com.sun.star.sheet.CellFlags: VALUE, DATETIME, STRING, FORMULA.
_EVERY_CONTENT = 1 | 2 | 4 | 16
# Calc measures in hundredths of a millimetre; a character of the default font is this wide.
_CHARACTER_WIDTH = 190


class CalcHost:
    """An open spreadsheet; `desktop` is the office that it is open in.

    State: the blocks written so far with what stood in them, since Calc's own undo does not know of blocks.
    """

    name = "calc"
    capabilities = Capabilities(keeps_everything=True, native_charts=True, live_functions=True, undo=True)

    def __init__(self, document: Any, desktop: Any) -> None:
        self.document = document
        self.desktop = desktop
        self.book = str(document.Title)
        self.blocks: list[tuple[Any, Any]] = []
        self.notes: MutableMapping[str, str] = _Notes(document.DocumentProperties.UserDefinedProperties)

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
            rows = read_block(self.document, used_range(sheet))
            for area in find_areas(rows, wanted):
                origin = Origin(self.book, name, "", area.row + 1, area.first_column + 1)
                found.append(cut_table(rows, area, origin))
        return tuple(found)

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
        self._check_writable()
        if sheet.isProtected():
            raise self._failure("KX502", "the sheet is protected", sheet.Name, "take the protection off and run again")
        positions = {fold(header): index for index, header in enumerate(table.headers)}
        free = len(table.headers)
        placed: list[tuple[int, OutColumn]] = []
        for column in columns:
            index = positions.get(fold(column.header))
            if index is None:
                index, free = free, free + 1
            placed.append((table.origin.first_column - 1 + index, column))
        first_new = table.origin.first_column - 1 + len(table.headers)
        if free > len(table.headers):
            self._check_free(sheet, table, first_new, free - len(table.headers))
        for at, column in placed:
            self._write_column(sheet, table, at, column)
            self._dress(sheet, table, at, column, is_new=at >= first_new)

    def take_back(self) -> None:
        """What stood in the cells before put back; sheets and looks stay."""
        for block, before in reversed(self.blocks):
            block.clearContents(_EVERY_CONTENT)
            block.setDataArray(before)

    def _check_writable(self) -> None:
        if self.document.isReadonly():
            hint = "save it under another name and run again"
            raise self._failure("KX502", "the spreadsheet is open for reading only", "", hint)

    def _check_free(self, sheet: Any, table: Table, first: int, count: int) -> None:
        top = table.origin.header_row - 1
        block = sheet.getCellRangeByPosition(first, top, first + count - 1, top + table.row_count)
        for row, cells in enumerate(block.getDataArray()):
            for column, cell in enumerate(cells):
                if not is_blank(cell):
                    problem = Problem(
                        "KX505",
                        "cells to the right of the client table are occupied",
                        Place(self.book, sheet=str(sheet.Name), cell=cell_address(top + row + 1, first + column + 1)),
                        help="move what stands there, or leave room beside the table",
                    )
                    raise KamxlError(problem)

    def _write_column(self, sheet: Any, table: Table, at: int, column: OutColumn) -> None:
        top = table.origin.header_row - 1
        block = sheet.getCellRangeByPosition(at, top, at, top + table.row_count)
        self.blocks.append((block, block.getDataArray()))
        cells = [column.header, *column.values]
        block.setDataArray(tuple((plain_cell(self.document, cell),) for cell in cells))
        if column.formulas is not None and table.row_count:
            body = sheet.getCellRangeByPosition(at, top + 1, at, top + table.row_count)
            _put_formulas(body, column.formulas)

    def _dress(self, sheet: Any, table: Table, at: int, column: OutColumn, *, is_new: bool) -> None:
        top = table.origin.header_row - 1
        if is_new:
            head = sheet.getCellByPosition(at, top)
            apply_look(self.document, head, "header")
            head.Columns.Width = round(column.width_chars * _CHARACTER_WIDTH)
        if not table.row_count:
            return
        for first, last, look in self._looks(column, table.row_count):
            part = sheet.getCellRangeByPosition(at, top + 1 + first, at, top + 1 + last)
            apply_look(self.document, part, look)
        if column.colours:
            cells = sheet.getCellRangeByPosition(at, top + 1, at, top + table.row_count)
            colour_texts(self.document, cells, column.colours)

    def _looks(self, column: OutColumn, count: int) -> Iterator[tuple[int, int, str]]:
        if isinstance(column.looks, str):
            yield 0, count - 1, column.looks
        else:
            yield from look_runs(column.looks)

    def write_sheet(self, grid: Grid) -> None:
        """A whole sheet of ours, new or replaced in its place."""
        from kamxl.hosts.grid_writer import write_grids

        old = self._sheet(grid.name)
        if old is not None and not _is_own(old):
            message = f"the workbook has a sheet `{old.Name}` that is not kamxl's"
            raise self._failure("KX505", message, old.Name, "rename that sheet")
        self._check_structure()
        names = self.sheet_names()
        place = len(names) if old is None else names.index(old.Name)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "kamxl.xlsx"
            write_grids([grid], path)
            donor = self.desktop.loadComponentFromURL(path.as_uri(), "_blank", 0, properties(Hidden=True))
            try:
                if old is not None:
                    self.document.Sheets.removeByName(old.Name)
                self.document.Sheets.importSheet(donor, grid.name, place)
            finally:
                donor.close(True)
        self._mark(self.document.Sheets.getByName(grid.name))

    def _check_structure(self) -> None:
        self._check_writable()
        if self.document.isProtected():
            raise self._failure("KX502", "the spreadsheet's structure is protected", "", "take the protection off")

    def _mark(self, sheet: Any) -> None:
        if not _is_own(sheet):
            sheet.NamedRanges.addNewByName(_SHEET_MARK, "1", sheet.getCellByPosition(0, 0).CellAddress, 0)

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


def _put_formulas(body: Any, formulas: Sequence[str]) -> None:
    """English formulas into a column of cells; one that spills in Excel is a matrix formula here."""
    if formulas[0] and not any(formulas[1:]):
        body.setArrayFormula(_with_semicolons(formulas[0]))
        return
    for row, formula in enumerate(formulas):
        if formula:
            body.getCellByPosition(0, row).setFormula(_with_semicolons(formula))


def _with_semicolons(formula: str) -> str:
    # Calc's own notation parts arguments by semicolons; commas in texts stay.
    pieces = formula.split('"')
    return '"'.join(piece if index % 2 else piece.replace(",", ";") for index, piece in enumerate(pieces))


class _Notes(MutableMapping[str, str]):
    """Custom properties of a document as a mapping of texts."""

    def __init__(self, container: Any) -> None:
        self._container = container

    def __getitem__(self, key: str) -> str:
        if not self._container.PropertySetInfo.hasPropertyByName(key):
            raise KeyError(key)
        return str(self._container.getPropertyValue(key))

    def __setitem__(self, key: str, value: str) -> None:
        if self._container.PropertySetInfo.hasPropertyByName(key):
            self._container.setPropertyValue(key, value)
        else:
            self._container.addProperty(key, _REMOVABLE, value)

    def __delitem__(self, key: str) -> None:
        if not self._container.PropertySetInfo.hasPropertyByName(key):
            raise KeyError(key)
        self._container.removeProperty(key)

    def __iter__(self) -> Iterator[str]:
        return iter([str(each.Name) for each in self._container.PropertySetInfo.Properties])

    def __len__(self) -> int:
        return len(self._container.PropertySetInfo.Properties)
