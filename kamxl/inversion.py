"""An expression solved for one of its columns: what the cell would have to hold for the expression to yield a value.

Only what can be undone step by step is solved; the caller tries the result, since a cap or a condition may get in
the way. How values are carried on is the caller's: one row's numbers here, whole columns in `reasons`.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from kamxl.backends.row_expressions import Compute, Row, compile_expression
from kamxl.language.expression import Arithmetic, Call, Name, Negative, Node, names_in
from kamxl.values import Value, date_of, serial_of

V = TypeVar("V")
R_contra = TypeVar("R_contra", contravariant=True)
_UNDOING = {"+": "-", "-": "+", "*": "/", "/": "*"}


class Calculus(Protocol[R_contra, V]):
    """How values are computed and carried on; what is missing stays missing."""

    as_of: float

    def compute(self, node: Node) -> Callable[[R_contra], V]:
        """What computes an expression."""
        ...

    def number(self, value: float) -> V:
        """A fixed number."""
        ...

    def carried(self, sign: str, left: V, right: V) -> V:
        """left sign right; missing where it is not finite."""
        ...

    def day_before(self, months: V, months_each: int) -> V:
        """The last day on which so many periods of months are complete."""
        ...


# From the value that an expression is to yield, and the row as it is, to the value of the column.
Inverse = Callable[[V, R_contra], V]


def compile_inverse(
    node: Node, column: str, derived: Mapping[str, Node], calculus: Calculus[R_contra, V]
) -> Inverse[V, R_contra] | None:
    """What finds the value of `column` for which `node` yields a value, all else as in the row; None for no way."""
    match node:
        case Name(name=name):
            if name == column:
                return lambda wanted, _row: wanted
            return compile_inverse(derived[name], column, derived, calculus) if name in derived else None
        case Negative(operand=operand):
            inner = compile_inverse(operand, column, derived, calculus)
            zero = calculus.number(0.0)
            return None if inner is None else lambda wanted, row: inner(calculus.carried("-", zero, wanted), row)
        case Arithmetic():
            return _invert_chain(node, column, derived, calculus)
        case Call():
            return _invert_call(node, column, derived, calculus)
        case _:
            return None


def _reads(node: Node, column: str, derived: Mapping[str, Node]) -> bool:
    """Whether an expression depends on a column, itself or through derived columns."""
    return any(
        name == column or (name in derived and _reads(derived[name], column, derived)) for name in names_in(node)
    )


def _invert_chain(
    node: Arithmetic, column: str, derived: Mapping[str, Node], calculus: Calculus[R_contra, V]
) -> Inverse[V, R_contra] | None:
    terms = [node.first, *(term for _, term in node.rest)]
    holding = [at for at, term in enumerate(terms) if _reads(term, column, derived)]
    inner = compile_inverse(terms[holding[0]], column, derived, calculus) if len(holding) == 1 else None
    if inner is None:
        return None
    at = holding[0]
    signs = ["+", *(sign for sign, _ in node.rest)]
    before = [(sign, calculus.compute(term)) for sign, term in zip(signs[:at], terms[:at], strict=True)]
    behind = [(sign, calculus.compute(term)) for sign, term in zip(signs[at + 1 :], terms[at + 1 :], strict=True)]
    sign = signs[at]

    def invert(wanted: V, row: R_contra) -> V:
        target = wanted
        for each, compute in reversed(behind):
            target = calculus.carried(_UNDOING[each], target, compute(row))
        if at > 0:
            left = calculus.number(0.0)
            for each, compute in before:
                left = calculus.carried(each, left, compute(row))
            # x + c and x * c are undone from either side; a - x and a / x give x as they give their result.
            target = (
                calculus.carried(_UNDOING[sign], target, left) if sign in "+*" else calculus.carried(sign, left, target)
            )
        return inner(target, row)

    return invert


def _invert_call(
    node: Call, column: str, derived: Mapping[str, Node], calculus: Calculus[R_contra, V]
) -> Inverse[V, R_contra] | None:
    holding = [part for part in node.arguments if _reads(part, column, derived)]
    inner = compile_inverse(holding[0], column, derived, calculus) if len(holding) == 1 else None
    if inner is None:
        return None
    match node.function:
        case "min" | "max" | "coalesce" | "round" | "abs" | "if":
            return inner
        case "days_since":
            day = calculus.number(calculus.as_of)
            return lambda wanted, row: inner(calculus.carried("-", day, wanted), row)
        case "months_since" | "years_since":
            months_each = 12 if node.function == "years_since" else 1
            return lambda wanted, row: inner(calculus.day_before(wanted, months_each), row)
        case _:
            return None


class RowCalculus:
    """One row: numbers, None for missing."""

    def __init__(self, as_of: float) -> None:
        self.as_of = as_of

    def compute(self, node: Node) -> Compute:
        """What computes an expression on a row."""
        return compile_expression(node, self.as_of)

    def number(self, value: float) -> Value:
        """A fixed number."""
        return value

    def carried(self, sign: str, left: Value, right: Value) -> Value:
        """left sign right; None where that is no finite number."""
        if not isinstance(left, float) or not isinstance(right, float):
            return None
        match sign:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case _:
                found = left / right if right else math.inf
                return found if math.isfinite(found) else None

    def day_before(self, months: Value, months_each: int) -> Value:
        """The last day on which so many periods of months are complete."""
        return _months_before(self.as_of, math.ceil(months) * months_each) if isinstance(months, float) else None


RowInverse = Inverse[Value, Row]


def _months_before(as_of: float, months: int) -> float | None:
    day = date_of(as_of)
    if day is None or abs(months) > 12_000:
        return None
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    if not 1 <= year <= 9999:
        return None
    # On the 28th every month has that day; a few days earlier still make the months complete.
    return serial_of(dt.date(year, month + 1, min(day.day, 28)))
