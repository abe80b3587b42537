"""Which scores of a family clients can have: single points where scales give points, stretches where they run.

Bands over one question give 0, 50 or 100 and nothing between, so that no client falls into a hole at 50.5. Exact for a
family whose criteria read different columns; where they share one it holds more than clients can have, never less.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence

from kamxl.language.expression import Name
from kamxl.language.lint.ranges import Range
from kamxl.language.model import AsIs, Bands, Criterion, Curve, Family, Listed, RuleSet, Target, YesNo
from kamxl.values import quantise

# Beyond this many pieces, or this many combinations of blank answers, every score is taken as one that can be.
_MOST_PIECES = 2_000
_MOST_BLANKS = 6


def reachable_scores(family: Family, maximum: float) -> tuple[Range, ...] | None:
    """The scores of a family as separate ranges, rising; None where they are too many to tell apart.

    Units: 0 to 100.
    """
    weighty = [criterion for criterion in family.criteria if criterion.weight > 0]
    always = [criterion for criterion in weighty if criterion.missing.mode != "skip"]
    free = [criterion for criterion in weighty if criterion.missing.mode == "skip"]
    if not weighty:
        return None
    if any(_fills(_points(one, maximum), maximum) for one in free) and not always:
        # Whoever answers this question alone can have any score.
        return _capped([Range(0.0, 100.0)], family.at_most)
    if len(free) > _MOST_BLANKS:
        return None
    found: list[Range] = []
    for count in range(len(free) + 1):
        for answered in itertools.combinations(free, count):
            if always or answered:
                scores = _mean([*always, *answered], maximum)
                if scores is None:
                    return None
                found += scores
    return _capped(_merged(found), family.at_most)


def is_independent(rules: RuleSet, family: Family) -> bool:
    """Whether each criterion of a family reads a column of its own, and nothing computed."""
    nodes = [criterion.of.node for criterion in family.criteria if criterion.weight > 0]
    columns = {column.key for column in rules.columns}
    names = [node.name for node in nodes if isinstance(node, Name) and node.name in columns]
    return len(names) == len(nodes) == len(set(names))


def _points(criterion: Criterion, maximum: float) -> list[Range]:
    """What an answered criterion can give, and what a blank one gives where it is not left out."""
    found: list[Range]
    match criterion.scale:
        case Bands(points=points):
            found = [Range(point, point) for point in points]
        case Curve(points=points):
            found = [Range(min(points), max(points))]
        case Listed(points=points, other=other):
            found = [Range(point, point) for point in (points if other is None else (*points, other))]
        case AsIs() | Target():
            found = [Range(0.0, maximum)]
        case YesNo(yes=yes, no=no):
            found = [Range(yes, yes), Range(no, no)]
    if criterion.missing.mode == "points":
        found.append(Range(criterion.missing.points, criterion.missing.points))
    return _merged(found)


def _fills(points: Sequence[Range], maximum: float) -> bool:
    return points[0].low <= 0 and points[0].high >= maximum


def _mean(criteria: Sequence[Criterion], maximum: float) -> list[Range] | None:
    total = math.fsum(criterion.weight for criterion in criteria)
    sums = [Range(0.0, 0.0)]
    for criterion in criteria:
        share = 100 * criterion.weight / maximum / total
        parts = _points(criterion, maximum)
        if len(sums) * len(parts) > 10 * _MOST_PIECES:
            return None
        sums = _merged(
            Range(one.low + share * part.low, one.high + share * part.high) for one in sums for part in parts
        )
        if len(sums) > _MOST_PIECES:
            return None
    return sums


def _merged(ranges: Iterable[Range]) -> list[Range]:
    """The same numbers as separate ranges, rising. Values are compared at 9 decimals, so nearer ones are one."""
    found: list[Range] = []
    for one in sorted(ranges, key=lambda one: (one.low, one.high)):
        if found and one.low <= found[-1].high + 1e-9:
            found[-1] = Range(found[-1].low, max(found[-1].high, one.high))
        else:
            found.append(one)
    return found


def _capped(ranges: Sequence[Range], at_most: float | None) -> tuple[Range, ...]:
    most = math.inf if at_most is None else at_most
    whole = [Range(quantise(min(one.low, most)), quantise(min(one.high, most))) for one in ranges]
    return tuple(_merged(whole))
