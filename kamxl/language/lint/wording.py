"""Expressions and values as messages show them. No analysis."""

from __future__ import annotations

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
from kamxl.values import date_of


def show_expression(node: Node) -> str:
    """The expression as text; two expressions with the same text mean the same."""
    match node:
        case Constant():
            return show_constant(node)
        case Name(name=name):
            return name
        case Arithmetic(first=first, rest=rest):
            return _inner(first) + "".join(f" {operator} {_inner(term)}" for operator, term in rest)
        case Negative(operand=operand):
            return f"-{_inner(operand)}"
        case Compare(operator=operator, left=left, right=right):
            return f"{_inner(left)} {operator} {_inner(right)}"
        case Logic(operator=operator, terms=terms):
            return f" {operator} ".join(_inner(term) for term in terms)
        case Not(operand=operand):
            return f"not {_inner(operand)}"
        case In(operand=operand, choices=choices):
            return f"{_inner(operand)} in [{', '.join(show_constant(choice) for choice in choices)}]"
        case Between(operand=operand, low=low, high=high):
            return f"{_inner(operand)} between {_inner(low)} and {_inner(high)}"
        case IsMissing(operand=operand):
            return f"{_inner(operand)} is missing"
        case Call(function=function, arguments=arguments):
            return f"{function}({', '.join(show_expression(argument) for argument in arguments)})"


def _inner(node: Node) -> str:
    text = show_expression(node)
    return text if isinstance(node, (Constant, Name, Call)) else f"({text})"


def show_constant(constant: Constant) -> str:
    """A constant as a rule file writes it."""
    if isinstance(constant.value, str):
        return f'"{constant.value}"'
    return show_day(constant.value) if constant.kind == "date" else show_edge(constant.value)


def show_edge(number: float) -> str:
    """A number in full, without zeros at its end: 60, 0.3, 1000000."""
    return str(int(number)) if number == int(number) and abs(number) < 1e15 else f"{number:.10g}"


def show_day(serial: float) -> str:
    """A day as 2026-01-31."""
    day = date_of(serial)
    return day.isoformat() if day is not None else show_edge(serial)


def join_words(words: list[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    return f" {last} ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
