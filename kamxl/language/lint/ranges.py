"""How far points, families, the score and expressions can reach: interval arithmetic over weights and scales.

A range is never narrower than what clients can reach; it may be wider where two criteria read the same column.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from kamxl.language.expression import RELATIVE_FUNCTIONS, Arithmetic, Call, Constant, Name, Negative, Node
from kamxl.language.model import AsIs, Bands, Criterion, Curve, Family, Listed, RuleSet, Scale, Target, YesNo
from kamxl.records import dataclass


@dataclass(frozen=True, slots=True)
class Range:
    """Lowest and highest value, ends included."""

    low: float = -math.inf
    high: float = math.inf

    @property
    def is_bounded(self) -> bool:
        """Whether both ends are finite."""
        return math.isfinite(self.low) and math.isfinite(self.high)


EVERYTHING = Range()


@dataclass(frozen=True, slots=True)
class Reach:
    """What a family or the score can be. `answered`: for a client who answers every question."""

    any_client: Range
    answered: Range


@dataclass(frozen=True, slots=True)
class _Part:
    weight: float
    low: float
    high: float
    can_be_left_out: bool


def points_range(scale: Scale, maximum: float) -> Range:
    """Fewest and most points that a scale gives."""
    match scale:
        case Bands(points=points) | Curve(points=points):
            return Range(min(points), max(points))
        case Listed(points=points, other=other):
            given = points if other is None else (*points, other)
            return Range(min(given), max(given))
        case AsIs() | Target():
            return Range(0.0, maximum)
        case YesNo(yes=yes, no=no):
            return Range(min(yes, no), max(yes, no))


def family_reach(family: Family, maximum: float) -> Reach:
    """Lowest and highest score of a family, 0 to 100."""
    parts = [_criterion_part(criterion, maximum) for criterion in family.criteria]
    return _capped(_reach(parts), family.at_most)


def score_reach(rules: RuleSet) -> Reach:
    """Lowest and highest score, 0 to 100."""
    answered, any_client = [], []
    for family in rules.families:
        reach = family_reach(family, rules.scale)
        optional = family.applies is not None or all(c.missing.mode == "skip" for c in family.criteria)
        any_client.append(_Part(family.weight, reach.any_client.low, reach.any_client.high, optional))
        left_out = family.applies is not None
        answered.append(_Part(family.weight, reach.answered.low, reach.answered.high, left_out))
    return Reach(_average(any_client, leave_out=True), _average(answered, leave_out=True))


def named_ranges(rules: RuleSet) -> dict[str, Reach]:
    """The reach of every name that conditions may read and that weights and scales limit."""
    reaches = {family.key: family_reach(family, rules.scale) for family in rules.families}
    reaches["score"] = score_reach(rules)
    need = rules.categories.need
    share = Range(need.completeness if need is not None else 0.0, 1.0)
    reaches["completeness"] = Reach(share, Range(1.0, 1.0))
    return reaches


def expression_range(node: Node, known: Mapping[str, Range]) -> Range:
    """Lowest and highest value of a number expression; `known` are the ranges of names."""
    match node:
        case Constant(value=value) if isinstance(value, float):
            return Range(value, value)
        case Name(name=name):
            return known.get(name, EVERYTHING)
        case Negative(operand=operand):
            inner = expression_range(operand, known)
            return Range(-inner.high, -inner.low)
        case Arithmetic():
            return _arithmetic_range(node, known)
        case Call(function=function, arguments=arguments):
            return _call_range(function, [expression_range(argument, known) for argument in arguments])
        case _:
            return EVERYTHING


def _arithmetic_range(node: Arithmetic, known: Mapping[str, Range]) -> Range:
    total = expression_range(node.first, known)
    for operator, term in node.rest:
        other = expression_range(term, known)
        if operator == "+":
            total = Range(total.low + other.low, total.high + other.high)
        elif operator == "-":
            total = Range(total.low - other.high, total.high - other.low)
        elif operator == "*":
            total = _product(total, other)
        elif other.low > 0:
            total = _product(total, Range(1 / other.high if math.isfinite(other.high) else 0.0, 1 / other.low))
        else:
            total = Range(0.0) if total.low >= 0 and other.low >= 0 else EVERYTHING
    return total


def _product(one: Range, two: Range) -> Range:
    ends = [0.0 if 0.0 in (a, b) else a * b for a in (one.low, one.high) for b in (two.low, two.high)]
    return Range(min(ends), max(ends))


def _call_range(function: str, ranges: Sequence[Range]) -> Range:
    first = ranges[0]
    if function in RELATIVE_FUNCTIONS:
        return Range(0.0, 1.0)
    if function == "min":
        return Range(min(r.low for r in ranges), min(r.high for r in ranges))
    if function == "max":
        return Range(max(r.low for r in ranges), max(r.high for r in ranges))
    if function == "coalesce":
        return Range(min(r.low for r in ranges), max(r.high for r in ranges))
    if function == "if":
        return Range(min(r.low for r in ranges[1:]), max(r.high for r in ranges[1:]))
    if function == "abs":
        low = 0.0 if first.low <= 0 <= first.high else min(abs(first.low), abs(first.high))
        return Range(low, max(abs(first.low), abs(first.high)))
    return EVERYTHING


def _criterion_part(criterion: Criterion, maximum: float) -> _Part:
    points = points_range(criterion.scale, maximum)
    low, high = 100 * points.low / maximum, 100 * points.high / maximum
    if criterion.missing.mode == "points":
        given = 100 * criterion.missing.points / maximum
        low, high = min(low, given), max(high, given)
    return _Part(criterion.weight, low, high, criterion.missing.mode == "skip")


def _reach(parts: Sequence[_Part]) -> Reach:
    return Reach(_average(parts, leave_out=True), _average(parts, leave_out=False))


def _capped(reach: Reach, at_most: float | None) -> Reach:
    if at_most is None:
        return reach
    both = [Range(min(r.low, at_most), min(r.high, at_most)) for r in (reach.any_client, reach.answered)]
    return Reach(both[0], both[1])


def _average(parts: Sequence[_Part], *, leave_out: bool) -> Range:
    """The range of a weighted average of which some parts may be left out (blank answers are re-weighted)."""
    weighty = [part for part in parts if part.weight > 0]
    if not weighty:
        return Range(0.0, 100.0)
    best = _extreme([(p.weight, p.high, leave_out and p.can_be_left_out) for p in weighty])
    worst = _extreme([(p.weight, -p.low, leave_out and p.can_be_left_out) for p in weighty])
    return Range(-worst + 0.0, best)


def _extreme(parts: Sequence[tuple[float, float, bool]]) -> float:
    total = sum(weight for weight, _, optional in parts if not optional)
    value = sum(weight * high for weight, high, optional in parts if not optional)
    free = sorted(((high, weight) for weight, high, optional in parts if optional), reverse=True)
    for high, weight in free:
        if total and high * total <= value:
            break
        total, value = total + weight, value + weight * high
    return value / total
