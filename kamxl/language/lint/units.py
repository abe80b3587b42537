"""Lint `unit-mismatch`: quantities of different declared units added, compared or labelled as each other.

Exact for columns with a declared `unit`; a product or a quotient has no unit here and is never reported.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from kamxl.language.expression import Arithmetic, Between, Call, Compare, Constant, Name, Negative, Node, walk
from kamxl.language.lint.findings import Finding, Subject
from kamxl.language.lint.wording import show_edge
from kamxl.language.model import Bands, Criterion, Curve, Expression, Target
from kamxl.problems import Place, Problem, Severity
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
            yield from _percents(subject, expression, node)
    yield from _criteria(subject, units)
    for _, criterion in subject.rules.criteria:
        yield from _plain_scale(subject, criterion)


def _percents(subject: Subject, expression: Expression, node: Node) -> Iterator[Problem]:
    """`history >= 60%`, which is 0.6 of 100 points; and `growth >= 10` of a percent column, which is 1000 %."""
    parts = _alike(node)
    if not any(isinstance(part, Constant) for part in parts):
        return
    names = {part.name for part in parts if isinstance(part, Name)}
    points = names & {"score", *(family.key for family in subject.rules.families)}
    percents = names & _percent_columns(subject)
    for part in parts:
        if not isinstance(part, Constant) or not isinstance(part.value, float):
            continue
        text = expression.text[part.span[0] : part.span[1]]
        place = subject.inside(expression, part)
        if points and text.endswith("%"):
            message = f"`{min(points)}` runs from 0 to 100 points, and `{text}` is {show_edge(part.value)} of a point"
            hint = f"write `{text.rstrip('% ')}`"
            # That such a threshold is out of reach, or reached by everybody, would be the same mistake again.
            subject.settled.add(id(node))
            yield subject.problem("KX213", message, place, Finding(Severity.ERROR, hint))
        elif percents and not text.endswith("%") and abs(part.value) > 1:
            subject.settled.add(id(node))
            yield _not_percent(subject, min(percents), part.value, place)


def _plain_scale(subject: Subject, criterion: Criterion) -> Iterator[Problem]:
    """A scale over a percent column whose numbers are written without `%`."""
    node = criterion.of.node
    if not isinstance(node, Name) or node.name not in _percent_columns(subject):
        return
    match criterion.scale:
        case Bands(lows=lows, highs=highs):
            edges = [edge for edge in (*lows, *highs) if math.isfinite(edge)]
        case Curve(xs=xs):
            edges = list(xs)
        case Target(ideal=ideal, none_beyond=beyond):
            edges = [ideal, beyond]
        case _:
            return
    large = next((edge for edge in sorted(edges, key=abs, reverse=True) if abs(edge) > 1), None)
    if large is None:
        return
    written = [f"{show_edge(large * 100)}{blank}%" for blank in ("", " ")]
    if all(subject.of_text(criterion.scale_place, text) is criterion.scale_place for text in written):
        place = subject.of_text(criterion.scale_place, show_edge(large))
        yield _not_percent(subject, node.name, large, place)


def _percent_columns(subject: Subject) -> frozenset[str]:
    return frozenset(column.key for column in subject.rules.columns if column.kind == "percent") | {"completeness"}


def _not_percent(subject: Subject, name: str, number: float, place: Place) -> Problem:
    shown = show_edge(number)
    meant = show_edge(number * 100)
    message = f"`{name}` is a percent, and `{shown}` is {meant} %"
    hint = f"write `{shown}%`, or `{meant}%` if that is meant"
    return subject.problem("KX213", message, place, Finding(help=hint))


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
