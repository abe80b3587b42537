"""An expression solved for one of its columns: what the cell would have to hold for the expression to yield a value.

Only what can be undone step by step is solved; the caller tries the result, since a cap or a condition may get in
the way. Pure Python, knows nothing of tables.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping

from kamxl.backends.row_expressions import Row, compile_expression
from kamxl.language.expression import Arithmetic, Call, Name, Negative, Node, names_in
from kamxl.values import Value, date_of, serial_of

Derived = Mapping[str, Node]
# From the value that an expression is to yield, and the row as it is, to the value of the column.
Inverse = Callable[[float, Row], float | None]


def compile_inverse(node: Node, column: str, derived: Derived, as_of: float) -> Inverse | None:
    """What finds the value of `column` for which `node` yields a value, all else as in the row; None for no way."""
    match node:
        case Name(name=name):
            if name == column:
                return lambda wanted, _row: wanted
            return compile_inverse(derived[name], column, derived, as_of) if name in derived else None
        case Negative(operand=operand):
            inner = compile_inverse(operand, column, derived, as_of)
            return None if inner is None else lambda wanted, row: inner(-wanted, row)
        case Arithmetic():
            return _invert_chain(node, column, derived, as_of)
        case Call():
            return _invert_call(node, column, derived, as_of)
        case _:
            return None


def reads(node: Node, column: str, derived: Derived) -> bool:
    """Whether an expression depends on a column, itself or through derived columns."""
    return any(name == column or (name in derived and reads(derived[name], column, derived)) for name in names_in(node))


def _invert_chain(node: Arithmetic, column: str, derived: Derived, as_of: float) -> Inverse | None:
    terms = [node.first, *(term for _, term in node.rest)]
    holding = [at for at, term in enumerate(terms) if reads(term, column, derived)]
    inner = compile_inverse(terms[holding[0]], column, derived, as_of) if len(holding) == 1 else None
    if inner is None:
        return None
    at = holding[0]
    signs = ["+", *(sign for sign, _ in node.rest)]
    computed = [compile_expression(term, as_of) for term in terms]
    before = list(zip(signs[:at], computed[:at], strict=True))
    behind = list(zip(reversed(signs[at + 1 :]), reversed(computed[at + 1 :]), strict=True))

    def invert(wanted: float, row: Row) -> float | None:
        target: Value = wanted
        for sign, compute in behind:
            target = _undone(sign, target, compute(row))
        if at > 0:
            left: Value = 0.0
            for sign, compute in before:
                left = _carried(sign, left, compute(row))
            target = _right_side(signs[at], left, target)
        return inner(target, row) if isinstance(target, float) else None

    return invert


def _carried(sign: str, left: Value, right: Value) -> float | None:
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


def _undone(sign: str, result: Value, right: Value) -> float | None:
    """The left side of `left sign right = result`."""
    return _carried({"+": "-", "-": "+", "*": "/", "/": "*"}[sign], result, right)


def _right_side(sign: str, left: Value, result: Value) -> float | None:
    """The right side of `left sign right = result`."""
    match sign:
        case "+" | "*":
            return _undone(sign, result, left)
        case _:
            return _carried(sign, left, result)


def _invert_call(node: Call, column: str, derived: Derived, as_of: float) -> Inverse | None:
    holding = [part for part in node.arguments if reads(part, column, derived)]
    inner = compile_inverse(holding[0], column, derived, as_of) if len(holding) == 1 else None
    if inner is None:
        return None
    match node.function:
        case "min" | "max" | "coalesce" | "round" | "abs" | "if":
            return inner
        case "days_since":
            return lambda wanted, row: inner(as_of - wanted, row)
        case "months_since" | "years_since":
            months_each = 12 if node.function == "years_since" else 1

            def invert(wanted: float, row: Row) -> float | None:
                day = _months_before(as_of, math.ceil(wanted) * months_each)
                return None if day is None else inner(day, row)

            return invert
        case _:
            return None


def _months_before(as_of: float, months: int) -> float | None:
    day = date_of(as_of)
    if day is None or abs(months) > 12_000:
        return None
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    if not 1 <= year <= 9999:
        return None
    # On the 28th every month has that day; a few days earlier still make the months complete.
    return serial_of(dt.date(year, month + 1, min(day.day, 28)))
