"""Blocks of cells between xlwings and us: errors as texts, and texts that Excel would turn into something else.

Used by `excel.py` and the add-in's commands. Knows ranges, not tables.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from kamxl.records import dataclass
from kamxl.table import Cell

# Rows per call: a block of a million rows in one COM call would need gigabytes on both sides.
_ROWS_AT_ONCE = 20_000
_SAFE_TEXT = re.compile(r"[^\W\d_][^\d]*")
_WORDS_WITH_A_MEANING = frozenset({"true", "false", "vrai", "faux"})
# No date, time or number is longer than this in any language of Excel.
_LONGEST_NUMBER_CHARS = 40


def read_block(block: Any) -> tuple[tuple[Cell, ...], ...]:
    """The cells of a range as rows; errors are texts such as `#N/A`."""
    values = block.options(ndim=2, err_to_str=True, chunksize=_ROWS_AT_ONCE).value
    return tuple(tuple(row) for row in values)


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula as a cell holds it, en-US, with its leading `=`."""

    text: str


def cells_as_they_are(block: Any) -> tuple[tuple[Cell, ...], ...]:
    """What a range holds, so that `put_cells` can put it back: constants as values, formulas as Formula.

    A text such as `=1+1` and a formula look the same in Excel's Formula property; only the value tells them apart.
    """
    values = read_block(block)
    formulas = _as_rows(block.formula, block.shape)
    return tuple(
        tuple(
            Formula(formula) if isinstance(formula, str) and formula.startswith("=") and formula != value else value
            for value, formula in zip(value_row, formula_row, strict=True)
        )
        for value_row, formula_row in zip(values, formulas, strict=True)
    )


def put_cells(block: Any, cells: Sequence[Sequence[Cell]]) -> None:
    """Values and formulas written into a range of the same shape, in one write."""
    rows = [[cell.text if isinstance(cell, Formula) else written(cell) for cell in row] for row in cells]
    if not any(isinstance(cell, Formula) for row in cells for cell in row):
        block.options(ndim=2, chunksize=_ROWS_AT_ONCE).value = rows
    elif hasattr(block.api, "Formula2"):
        block.formula2 = rows
    else:
        # Excel before dynamic arrays, and Excel for macOS from AppleScript.
        block.formula = rows


def _as_rows(formulas: Any, shape: tuple[int, int]) -> tuple[tuple[Any, ...], ...]:
    # xlwings gives one value for one cell, and on some systems a flat row for a single row.
    if shape == (1, 1) and not isinstance(formulas, list | tuple):
        return ((formulas,),)
    if shape[0] == 1 and formulas and not isinstance(formulas[0], list | tuple):
        return (tuple(formulas),)
    return tuple(tuple(row) if isinstance(row, list | tuple) else (row,) for row in formulas)


def written(cell: Cell) -> Any:
    """A value as it must be handed to Excel so that the cell holds it: a text stays a text.

    Excel reads texts as if they were typed: `=1+1` would run, `1-2` would become a date. An apostrophe stops that
    and is not part of the text; plain words do not need it.
    """
    if isinstance(cell, float) and cell != cell:
        return None
    if isinstance(cell, Decimal):
        return float(cell)
    if not isinstance(cell, str) or not cell:
        return cell
    plain = _SAFE_TEXT.fullmatch(cell) and cell.casefold() not in _WORDS_WITH_A_MEANING
    if plain or (cell[0].isalpha() and len(cell) > _LONGEST_NUMBER_CHARS):
        return cell
    return "'" + cell
