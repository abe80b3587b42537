"""How `kamxl.inversion` carries on whole columns: NaN is missing, and what is not done in bulk raises `RowByRow`."""

from __future__ import annotations

import numpy as np

from kamxl.backends.column_block import Block
from kamxl.backends.column_expressions import ComputeNumbers, compile_numbers
from kamxl.backends.column_types import Numbers
from kamxl.inversion import Inverse
from kamxl.language.expression import Node

BlockInverse = Inverse[Numbers, Block]


class RowByRow(Exception):
    """An expression that is solved one row at a time."""


class BlockCalculus:
    """A block of rows."""

    def __init__(self, as_of: float) -> None:
        self.as_of = as_of

    def compute(self, node: Node) -> ComputeNumbers:
        """What computes an expression on a block."""
        return compile_numbers(node, self.as_of)

    def number(self, value: float) -> Numbers:
        """A fixed number. Shapes: (1,), which goes with any block."""
        return np.array([value])

    def carried(self, sign: str, left: Numbers, right: Numbers) -> Numbers:
        """left sign right; NaN where a division is not finite."""
        match sign:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case _:
                found = left / right
                found[~np.isfinite(found)] = np.nan
                return found

    def day_before(self, months: Numbers, months_each: int) -> Numbers:
        """Days of the calendar are found one by one. Errors: RowByRow."""
        raise RowByRow(months_each, len(months))
