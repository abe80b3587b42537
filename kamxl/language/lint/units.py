"""Lint `unit-mismatch`: quantities of different declared units added, compared or labelled as each other.

Exact for columns with a declared `unit`; a product or a quotient has no unit here and is never reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kamxl.language.expression import Arithmetic, Between, Call, Compare, Name, Negative, Node, walk
from kamxl.language.lint.findings import Finding, Subject
from kamxl.language.model import Expression
from kamxl.problems import Problem
from kamxl.values import fold

_SAME_UNIT_CALLS = frozenset({"min", "max", "coalesce", "if"})


def find_unit_mismatches(subject: Subject) -> Iterator[Problem]:
    """Sums and comparisons over different units, and criteria whose unit is not that of their column."""
    units = {column.key: column.unit for column in subject.rules.columns if column.unit}
    units |= {family.key: "points" for family in subject.rules.families} | {"score": "points"}
    for derived in subject.rules.derived:
        unit = _unit_of(derived.expression.node, units)
        if unit:
            units[derived.key] = unit
    for expression in subject.conditions():
        for node in walk(expression.node):
            yield from _mixed(subject, expression, _alike(node), units)
    yield from _criteria(subject, units)


def _alike(node: Node) -> Sequence[Node]:
    """The parts of a node that must share a unit."""
    match node:
        case Arithmetic(first=first, rest=rest) if all(operator in "+-" for operator, _ in rest):
            return (first, *(term for _, term in rest))
        case Compare(left=left, right=right):
            return (left, right)
        case Between(operand=operand, low=low, high=high):
            return (operand, low, high)
        case Call(function=function, arguments=arguments) if function in _SAME_UNIT_CALLS:
            return arguments[1:] if function == "if" else arguments
        case _:
            return ()


def _mixed(
    subject: Subject, expression: Expression, parts: Sequence[Node], units: Mapping[str, str]
) -> Iterator[Problem]:
    known = [(part, unit) for part in parts if (unit := _unit_of(part, units))]
    for part, unit in known[1:]:
        if _plain(unit) != _plain(known[0][1]):
            message = f"units do not match: `{known[0][1]}` and `{unit}`"
            hint = "convert one of them, or correct `unit:` of the column"
            yield subject.problem("KX213", message, subject.inside(expression, part), Finding(help=hint))
            return


def _criteria(subject: Subject, units: Mapping[str, str]) -> Iterator[Problem]:
    for _, criterion in subject.rules.criteria:
        unit = _unit_of(criterion.of.node, units)
        if unit and criterion.unit and _plain(unit) != _plain(criterion.unit):
            message = f"criterion `{criterion.key}` is in `{criterion.unit}` and what it reads is in `{unit}`"
            yield subject.problem("KX213", message, criterion.place, Finding(help="correct one of the two units"))


def _unit_of(node: Node, units: Mapping[str, str]) -> str:
    """The unit of an expression; empty where it has none or is unknown."""
    match node:
        case Name(name=name):
            return units.get(name, "")
        case Negative(operand=operand):
            return _unit_of(operand, units)
        case Call(function=("abs" | "round"), arguments=arguments):
            return _unit_of(arguments[0], units)
        case Call(function=("days_since" | "months_since" | "years_since") as function):
            return function.partition("_")[0]
        case _:
            return next((unit for part in _alike(node) if (unit := _unit_of(part, units))), "")


def _plain(unit: str) -> str:
    return fold(unit).replace(" ", "").rstrip("s")
