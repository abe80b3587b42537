"""Cells of one row to values, quickly: plain numbers go by, and each text of a column is read once.

What a cell means is said in `values.read_cell`; a cell that needs a word said about it is left to the reference.
"""

from __future__ import annotations

from collections.abc import Callable

from kamxl.plan import Read
from kamxl.table import Cell
from kamxl.values import NUMBER_KINDS, Value, date_of, fold, read_cell

Take = Callable[[Cell], Value]
# Texts remembered per column: a column of choices has few, a column of names is not worth more.
MOST_TEXTS = 4096
_LARGEST = 1.7976931348623157e308


class NotPlainError(Exception):
    """A row that the reference has to judge: something is to be said about it."""


def compile_take(step: Read, *, decimal_comma: bool) -> Take:
    """What reads a cell of a column. Errors: the result raises NotPlainError for a cell with a problem."""
    choices = frozenset(map(fold, step.choices))

    def read(cell: Cell) -> Value:
        reading = read_cell(cell, step.kind, decimal_comma=decimal_comma)
        if reading.code or (choices and isinstance(reading.value, str) and fold(reading.value) not in choices):
            raise NotPlainError
        return reading.value

    if step.kind in NUMBER_KINDS:
        # Missing (NaN) and endless numbers lie outside.
        return lambda cell: cell if cell.__class__ is float and -_LARGEST <= cell <= _LARGEST else read(cell)
    return _days(read) if step.kind == "date" else _texts(read)


def _days(read: Take) -> Take:
    first, last = -693593.0, 2958466.0
    if date_of(first) is None or date_of(last - 1) is None:
        raise ValueError(f"{first} to {last} are not the days that dates can be")
    return lambda cell: cell if cell.__class__ is float and first <= cell < last else read(cell)


def _texts(read: Take) -> Take:
    known: dict[Cell, Value] = {None: None}

    def take(cell: Cell) -> Value:
        # Only texts are looked up: 1, 1.0 and True would find each other.
        if (cell.__class__ is str or cell is None) and cell in known:
            return known[cell]
        value = read(cell)
        if cell.__class__ is str and len(known) < MOST_TEXTS:
            known[cell] = value
        return value

    return take
