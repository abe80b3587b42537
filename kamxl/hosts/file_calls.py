"""Calls of an add-in in a workbook file: found, and replaced by live formulas or by the values that they show."""

from __future__ import annotations

from collections.abc import Mapping

from kamxl.hosts import FormulaCell
from kamxl.hosts.file_cells import stored_cells
from kamxl.hosts.files import FileHost
from kamxl.ooxml import Formula, OoxmlError
from kamxl.ooxml.cells import Value
from kamxl.table import Cell

ADDIN_FILE = "kamxl.xlam"


class FileCalls:
    """The cells of a workbook file that call the add-in. State: the host, whose workbook it edits as a friend."""

    def __init__(self, host: FileHost) -> None:
        self._host = host

    def find(self, word: str) -> list[FormulaCell]:
        """Every formula with a word in it, on sheets that are not ours."""
        workbook = self._host._workbook
        names = [name for name in self._host.sheet_names() if not workbook.is_own(name)]
        return [
            FormulaCell(name, found.row, found.column, found.text, found.rows, found.head)
            for name in names
            for found in workbook.formulas_with(name, word)
        ]

    def replace(self, sheet: str, formulas: Mapping[tuple[int, int], tuple[str, Cell]], word: str) -> None:
        """Cells given (formula with its `=`, result); without a formula, the value that the cell shows.

        Errors: KamxlError KX502 when the sheet is protected.
        """
        workbook, rows = self._host._workbook, self._host._sheet_rows(sheet)
        values: dict[tuple[int, int], Value] = {}
        for (row, column), (formula, result) in formulas.items():
            shown = rows[row - 1][column - 1] if row <= len(rows) and column <= len(rows[row - 1]) else None
            told = result if formula and result is not None else shown
            stored = stored_cells([told], date1904=workbook.date1904)[0]
            values[row, column] = Formula(formula.removeprefix("="), stored) if formula else stored
        try:
            workbook.replace_formulas(sheet, values, word)
        except OoxmlError as error:
            raise self._host._failure(error) from error

    def drop_link(self) -> None:
        """The link to the add-in's file taken away, where nothing uses it any more."""
        self._host._workbook.drop_link(ADDIN_FILE)
