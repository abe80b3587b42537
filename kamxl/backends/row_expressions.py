"""Expressions compiled to closures over the values of one row: the definition of what an expression means.

Missing is None. A comparison with missing is false, arithmetic with missing is missing, x / 0 is missing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import assert_never

from kamxl.language.expression import (
    Arithmetic,
    Between,
    Call,
    Compare,
    Constant,
    In,
    IsMissing,
    Logic,
    Name,
    Negative,
    Node,
    Not,
)
from kamxl.values import Value, date_of, fold, quantise, round_half_away

Row = Mapping[str, Value]
Compute = Callable[[Row], Value]


def truth(value: Value) -> bool:
    """Whether a condition holds; a missing yes/no is no."""
    return value is True


def compile_expression(node: Node, as_of: float) -> Compute:
    """What computes an expression on one row. Units: as_of is a serial."""
    match node:
        case Constant(value=constant):
            return lambda _row: constant
        case Name(name=name):
            return lambda row: row[name]
        case Arithmetic():
            return _arithmetic(node, as_of)
        case Negative():
            operand = compile_expression(node.operand, as_of)
            return lambda row: -value if isinstance(value := operand(row), float) else None
        case Compare():
            return _compare(node, as_of)
        case Logic():
            return _logic(tuple(compile_expression(term, as_of) for term in node.terms), node.operator)
        case Not():
            operand = compile_expression(node.operand, as_of)
            return lambda row: not truth(operand(row))
        case In():
            operand = compile_expression(node.operand, as_of)
            choices = frozenset(comparable(choice.value) for choice in node.choices)
            return lambda row: (value := operand(row)) is not None and comparable(value) in choices
        case Between():
            return _between(node, as_of)
        case IsMissing():
            operand = compile_expression(node.operand, as_of)
            return lambda row: operand(row) is None
        case Call():
            return _call(node, as_of)
        case _:
            assert_never(node)


def _logic(terms: tuple[Compute, ...], operator: str) -> Compute:
    decisive = operator == "or"

    def compute(row: Row) -> Value:
        for term in terms:
            if (term(row) is True) is decisive:
                return decisive
        return not decisive

    return compute


def comparable(value: Value) -> Value:
    """The form in which values are compared: numbers to 9 decimals, texts folded."""
    if isinstance(value, str):
        return fold(value)
    return quantise(value) if isinstance(value, float) else value


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _arithmetic(node: Arithmetic, as_of: float) -> Compute:
    first = compile_expression(node.first, as_of)
    rest = [(operator, compile_expression(term, as_of)) for operator, term in node.rest]

    def compute(row: Row) -> Value:
        result = first(row)
        for operator, term in rest:
            value = term(row)
            if not isinstance(result, float) or not isinstance(value, float):
                return None
            result = _apply(operator, result, value)
        return result

    return compute


def _apply(operator: str, left: float, right: float) -> float | None:
    if operator == "+":
        return _finite(left + right)
    if operator == "-":
        return _finite(left - right)
    if operator == "*":
        return _finite(left * right)
    return _finite(left / right) if right != 0 else None


def _compare(node: Compare, as_of: float) -> Compute:
    left, right = compile_expression(node.left, as_of), compile_expression(node.right, as_of)
    operator = node.operator
    fixed = comparable(node.right.value) if isinstance(node.right, Constant) else None

    def compute(row: Row) -> Value:
        a, b = left(row), right(row)
        if a is None or b is None:
            return False
        if type(a) is float and type(b) is float and abs(a - b) > 1e-8 + 1e-13 * (abs(a) + abs(b)):
            # Further apart than any rounding reaches: rounded, they compare the same.
            return _holds(operator, a, b)
        return _holds(operator, comparable(a), comparable(b) if fixed is None else fixed)

    return compute


def _holds(operator: str, a: Value, b: Value) -> bool:
    if operator == "=":
        return a == b
    if operator == "<>":
        return a != b
    if not isinstance(a, float) or not isinstance(b, float):
        raise TypeError(f"{a!r} {operator} {b!r}")
    if operator == "<":
        return a < b
    if operator == "<=":
        return a <= b
    return a > b if operator == ">" else a >= b


def _between(node: Between, as_of: float) -> Compute:
    operand, low, high = (compile_expression(part, as_of) for part in (node.operand, node.low, node.high))

    def compute(row: Row) -> Value:
        value, least, most = operand(row), low(row), high(row)
        if not (isinstance(value, float) and isinstance(least, float) and isinstance(most, float)):
            return False
        return quantise(least) <= quantise(value) <= quantise(most)

    return compute


def _call(node: Call, as_of: float) -> Compute:
    arguments = [compile_expression(argument, as_of) for argument in node.arguments]
    match node.function:
        case "if":
            condition, then, otherwise = arguments
            return lambda row: then(row) if truth(condition(row)) else otherwise(row)
        case "coalesce":
            return lambda row: next((value for part in arguments if (value := part(row)) is not None), None)
        case "min" | "max" | "abs" | "round":
            return _numeric(node.function, arguments)
        case "days_since" | "months_since" | "years_since":
            return _since(node.function, arguments[0], as_of)
        case _:
            raise ValueError(f"{node.function} is not computed row by row")


def _numeric(function: str, arguments: list[Compute]) -> Compute:
    def compute(row: Row) -> Value:
        numbers = [value for part in arguments if isinstance(value := part(row), float)]
        if len(numbers) < len(arguments):
            return None
        match function:
            case "min":
                return min(numbers)
            case "max":
                return max(numbers)
            case "abs":
                return abs(numbers[0])
            case _:
                return round_half_away(numbers[0], int(numbers[1]) if len(numbers) > 1 else 0)

    return compute


def _since(function: str, operand: Compute, as_of: float) -> Compute:
    def compute(row: Row) -> Value:
        serial = operand(row)
        if not isinstance(serial, float):
            return None
        if function == "days_since":
            return as_of - serial
        months = months_between(serial, as_of)
        if months is None or function == "months_since":
            return months
        return float(math.trunc(months / 12))

    return compute


def months_between(start: float, end: float) -> float | None:
    """Complete calendar months from one serial to another; negative when the start lies later."""
    first, last = date_of(start), date_of(end)
    if first is None or last is None:
        return None
    if first > last:
        later = months_between(end, start)
        return None if later is None else -later + 0.0
    months = (last.year - first.year) * 12 + last.month - first.month
    return float(months - (1 if last.day < first.day else 0))
