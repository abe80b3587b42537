"""`kamxl.inversion` on arrays: what a column would have to hold for an expression to yield a value, row by row.

Missing is NaN here. What is not done in bulk (calendar months) raises `RowByRow`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from kamxl.backends.column_block import Block
from kamxl.backends.column_cells import Numbers
from kamxl.backends.column_expressions import compile_numbers
from kamxl.inversion import reads
from kamxl.language.expression import Arithmetic, Call, Name, Negative, Node

Inverse = Callable[[Numbers, Block], Numbers]
_UNDOING = {"+": "-", "-": "+", "*": "/", "/": "*"}


class RowByRow(Exception):
    """An expression that is solved one row at a time."""


def compile_inverse(node: Node, column: str, derived: Mapping[str, Node], as_of: float) -> Inverse | None:
    """What finds the values of `column` for which `node` yields other ones; None for no way. Errors: RowByRow."""
    match node:
        case Name(name=name):
            if name == column:
                return lambda wanted, _block: wanted
            return compile_inverse(derived[name], column, derived, as_of) if name in derived else None
        case Negative(operand=operand):
            inner = compile_inverse(operand, column, derived, as_of)
            return None if inner is None else lambda wanted, block: inner(-wanted, block)
        case Arithmetic():
            return _invert_chain(node, column, derived, as_of)
        case Call():
            return _invert_call(node, column, derived, as_of)
        case _:
            return None


def _invert_chain(node: Arithmetic, column: str, derived: Mapping[str, Node], as_of: float) -> Inverse | None:
    terms = [node.first, *(term for _, term in node.rest)]
    holding = [at for at, term in enumerate(terms) if reads(term, column, derived)]
    inner = compile_inverse(terms[holding[0]], column, derived, as_of) if len(holding) == 1 else None
    if inner is None:
        return None
    at = holding[0]
    signs = ["+", *(sign for sign, _ in node.rest)]
    computed = [None if each == at else compile_numbers(term, as_of) for each, term in enumerate(terms)]
    before = [(sign, compute) for sign, compute in zip(signs[:at], computed[:at], strict=True) if compute]
    behind = [(sign, compute) for sign, compute in zip(signs[at + 1 :], computed[at + 1 :], strict=True) if compute]

    def invert(wanted: Numbers, block: Block) -> Numbers:
        target = wanted
        for sign, compute in reversed(behind):
            target = _carried(_UNDOING[sign], target, compute(block))
        if at > 0:
            left = np.zeros(len(block))
            for sign, compute in before:
                left = _carried(sign, left, compute(block))
            sign = signs[at]
            target = _carried(_UNDOING[sign], target, left) if sign in "+*" else _carried(sign, left, target)
        return inner(target, block)

    return invert


def _carried(sign: str, left: Numbers, right: Numbers) -> Numbers:
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


def _invert_call(node: Call, column: str, derived: Mapping[str, Node], as_of: float) -> Inverse | None:
    holding = [part for part in node.arguments if reads(part, column, derived)]
    inner = compile_inverse(holding[0], column, derived, as_of) if len(holding) == 1 else None
    if inner is None:
        return None
    match node.function:
        case "min" | "max" | "coalesce" | "round" | "abs" | "if":
            return inner
        case "days_since":
            return lambda wanted, block: inner(as_of - wanted, block)
        case "months_since" | "years_since":
            raise RowByRow
        case _:
            return None
