"""The tree of the expression language: frozen nodes, each with the place of its text.

Built by `condition.py`, resolved against names by `resolve.py`, carried out by the backends. No I/O, no evaluation.
Sums, products, `and` and `or` are flat lists, so that a chain of a thousand terms is one level deep.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal as OneOf

from kamxl.records import dataclass

# (start, end) of the node in its expression text, 0-based, end not included.
Span = tuple[int, int]
ValueKind = OneOf["number", "text", "date", "condition"]


@dataclass(frozen=True, slots=True)
class Constant:
    """A number (percents are already divided by 100), a text, a date serial, or missing."""

    value: float | str
    kind: ValueKind
    span: Span = (0, 0)


@dataclass(frozen=True, slots=True)
class Name:
    """A column, derived column, family, `score` or `completeness`; before resolving maybe a bare word."""

    name: str
    kind: ValueKind = "number"
    span: Span = (0, 0)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """A chain such as a + b - c, or a * b / c: carried out from left to right."""

    first: Node
    rest: tuple[tuple[OneOf["+", "-", "*", "/"], Node], ...]
    span: Span = (0, 0)


@dataclass(frozen=True, slots=True)
class Negative:
    """Minus a number."""

    operand: Node
    span: Span = (0, 0)


@dataclass(frozen=True, slots=True)
class Compare:
    """Two numbers, dates or texts compared; false when either is missing."""

    operator: OneOf["=", "<>", "<", "<=", ">", ">="]
    left: Node
    right: Node
    span: Span = (0, 0)


@dataclass(frozen=True, slots=True)
class Logic:
    """`and` or `or` over two or more conditions."""

    operator: OneOf["and", "or"]
    terms: tuple[Node, ...]
    span: Span = (0, 0)


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a condition, taken after missing has made comparisons false."""

    operand: Node
    span: Span = (0, 0)


@dataclass(frozen=True, slots=True)
class In:
    """Whether a value is one of a list; false when it is missing."""

    operand: Node
    choices: tuple[Constant, ...]
    span: Span = (0, 0)


@dataclass(frozen=True, slots=True)
class Between:
    """Whether low <= value <= high; false when any is missing."""

    operand: Node
    low: Node
    high: Node
    span: Span = (0, 0)


@dataclass(frozen=True, slots=True)
class IsMissing:
    """Whether a value is missing."""

    operand: Node
    span: Span = (0, 0)


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the language. `kind` is that of its result, set when names are resolved."""

    function: str
    arguments: tuple[Node, ...]
    kind: ValueKind = "number"
    span: Span = (0, 0)


Node = Constant | Name | Arithmetic | Negative | Compare | Logic | Not | In | Between | IsMissing | Call

# name: (fewest arguments, most arguments). Portfolio-relative ones look at all rows of the table.
FUNCTIONS: dict[str, tuple[int, int]] = {
    "min": (2, 20),
    "max": (2, 20),
    "abs": (1, 1),
    "round": (1, 2),
    "if": (3, 3),
    "coalesce": (2, 20),
    "days_since": (1, 1),
    "months_since": (1, 1),
    "years_since": (1, 1),
    "percentile": (1, 1),
    "cumulative_share": (1, 1),
}
RELATIVE_FUNCTIONS = frozenset({"percentile", "cumulative_share"})
SINCE_FUNCTIONS = frozenset({"days_since", "months_since", "years_since"})


def parts_of(node: Node) -> tuple[Node, ...]:
    """The nodes directly below a node."""
    match node:
        case Constant() | Name():
            return ()
        case Arithmetic(first=first, rest=rest):
            return (first, *(term for _, term in rest))
        case Negative(operand=operand) | Not(operand=operand) | IsMissing(operand=operand):
            return (operand,)
        case Compare(left=left, right=right):
            return (left, right)
        case Logic(terms=terms):
            return terms
        case In(operand=operand, choices=choices):
            return (operand, *choices)
        case Between(operand=operand, low=low, high=high):
            return (operand, low, high)
        case Call(arguments=arguments):
            return arguments


def walk(node: Node) -> Iterator[Node]:
    """The node and all nodes below it, top first."""
    yield node
    for part in parts_of(node):
        # Most parts have nothing below them.
        if part.__class__ is Name or part.__class__ is Constant:
            yield part
        else:
            yield from walk(part)


def names_in(node: Node) -> tuple[str, ...]:
    """Names that an expression reads, in order, each once."""
    return tuple(dict.fromkeys(part.name for part in walk(node) if isinstance(part, Name)))


def kind_of(node: Node) -> ValueKind:
    """What a resolved expression yields: number, text, date or condition."""
    match node:
        case Constant(kind=kind) | Name(kind=kind) | Call(kind=kind):
            return kind
        case Arithmetic() | Negative():
            return "number"
        case _:
            return "condition"
