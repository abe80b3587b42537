"""English formulas into cells of Calc: calls of our functions, and native formulas as workbooks store them.

Knows UNO ranges and texts of formulas; not what they are for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

# com.sun.star.sheet.AddressConvention: OOO and XL_OOX.
_AS_IN_CALC, _AS_IN_WORKBOOKS = 0, 3
_FUNCTION = "KAM_"


def put_formulas(document: Any, body: Any, formulas: Sequence[str]) -> None:
    """Formulas into a column of cells; one that spills in Excel is a matrix formula here."""
    if formulas[0] and _FUNCTION not in formulas[0]:
        _put_natives(document, body, formulas)
        return
    if formulas[0] and not any(formulas[1:]):
        body.setArrayFormula(_with_semicolons(formulas[0]))
        return
    for row, formula in enumerate(formulas):
        if formula:
            body.getCellByPosition(0, row).setFormula(_with_semicolons(formula))


def put_native(document: Any, cell: Any, formula: str) -> None:
    """A formula as workbooks store it, with `'Sheet'!$A$1`, in one call that changes the cell."""
    parser = document.createInstance("com.sun.star.sheet.FormulaParser")
    parser.CompileEnglish = True
    parser.FormulaConvention = _AS_IN_WORKBOOKS
    tokens = parser.parseFormula(formula.removeprefix("="), cell.CellAddress)
    # As text in Calc's notation: texts of an array that comes as tokens equal nothing (LibreOffice 7.4).
    parser.FormulaConvention = _AS_IN_CALC
    cell.setFormula("=" + parser.printFormula(tokens, cell.CellAddress))


def _put_natives(document: Any, body: Any, formulas: Sequence[str]) -> None:
    """Formulas without functions of ours; those that only differ by their own row are parsed once and filled down."""
    first = body.RangeAddress.StartRow + 1
    pieces = re.split(rf"(?<=\$)([A-Z]{{1,3}}){first}(?!\d)", formulas[0])
    if all(_of_row(pieces, first + index) == formula for index, formula in enumerate(formulas)):
        import uno  # type: ignore[import-not-found,unused-ignore]

        put_native(document, body.getCellByPosition(0, 0), formulas[0])
        body.fillAuto(uno.Enum("com.sun.star.sheet.FillDirection", "TO_BOTTOM"), 1)
        return
    for row, formula in enumerate(formulas):
        if formula:
            put_native(document, body.getCellByPosition(0, row), formula)


def _of_row(pieces: Sequence[str], row: int) -> str:
    """A formula put together again from texts and the columns between them, with another row behind those."""
    return "".join(f"{piece}{row}" if index % 2 else piece for index, piece in enumerate(pieces))


def _with_semicolons(formula: str) -> str:
    # Calc's own notation parts arguments by semicolons; commas in texts stay.
    pieces = formula.split('"')
    return '"'.join(piece if index % 2 else piece.replace(",", ";") for index, piece in enumerate(pieces))
