"""Lint `category-gap`: a narrow hole between two category conditions on the same number.

Whoever falls in it goes to `otherwise`. That is often what `otherwise` is for; a hole is reported only where it is
narrow beside the numbers around it (5 to 6, 30 to 32), as whole-number bands over a continuous score leave it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from kamxl.language.lint.boxes import Box, Budget, TooHard, intersect
from kamxl.language.lint.findings import UNSURE, Finding, Subject
from kamxl.language.lint.quantities import Quantity
from kamxl.problems import Problem
from kamxl.records import dataclass

# A hole is narrow up to this part of the numbers around it.
NARROW = 0.1
# Work for all holes of a rule file: a rule file in which this is not enough has hundreds of them.
_WHOLE_WORK = 600_000
# Cells between the two sides of a hole; with more thresholds in between it is no oversight.
_FARTHEST = 6


@dataclass(frozen=True, slots=True)
class _Run:
    """A stretch of cells that one box holds. Units: cell numbers, ends included."""

    first: int
    last: int
    box: Box
    rule: str


def find_category_gaps(subject: Subject) -> Iterator[Problem]:
    """Narrow holes between the conditions of the category rules."""
    cases = subject.cases
    known: list[tuple[str, list[Box]]] = []
    for rule, when in subject.rules_with_conditions():
        if rule.key in subject.dead:
            continue
        try:
            known.append((rule.key, cases.boxes(cases.formula(when.node), Budget())))
        except TooHard:
            return
    whole = Budget(_WHOLE_WORK)
    for number, quantity in enumerate(cases.quantities):
        if quantity.form == "number" and quantity.thresholds:
            yield from _holes_of(subject, number, quantity, known, whole)


def _holes_of(
    subject: Subject, number: int, quantity: Quantity, known: list[tuple[str, list[Box]]], whole: Budget
) -> Iterator[Problem]:
    runs = [
        _Run(first, last, box, key)
        for key, boxes in known
        for box in boxes
        if number in box
        for first, last in _runs(box[number] & ~quantity.missing)
    ]
    starts = sorted(runs, key=lambda run: run.first)
    firsts = [run.first for run in starts]
    said: set[tuple[int, int]] = set()
    region = subject.cases.region()
    cover = [box for _, boxes in known for box in boxes]
    for below in sorted(runs, key=lambda run: run.last):
        for above in starts[bisect_right(firsts, below.last + 1) :]:
            hole = (below.last + 1, above.first - 1)
            if above.first > below.last + _FARTHEST:
                break
            if hole in said or below.rule == above.rule or not _is_narrow(quantity, *hole):
                continue
            if whole.is_spent:
                return
            spot = _empty_spot(subject, number, hole, (below.box, above.box), (region, cover), whole)
            if spot is not None:
                said.add(hole)
                yield _gap(subject, quantity, hole, (below.rule, above.rule), spot)


def _runs(cells: int) -> Iterator[tuple[int, int]]:
    """Stretches of set bits, as (first, last)."""
    at = 0
    while cells:
        skip = (cells & -cells).bit_length() - 1
        cells >>= skip
        length = (~cells & (cells + 1)).bit_length() - 1
        yield at + skip, at + skip + length - 1
        cells >>= length
        at += skip + length


def _is_narrow(quantity: Quantity, first: int, last: int) -> bool:
    low, high = quantity.stretch(first)[0], quantity.stretch(last)[1]
    size = max(abs(low), abs(high))
    # Grades in whole percents leave holes of one percent, as those in whole numbers leave holes of one.
    unit = 0.01 if quantity.percent or size <= 1 else 1.0
    return high - low <= NARROW * max(size, 10 * unit) + 1e-9


def _empty_spot(
    subject: Subject,
    number: int,
    hole: tuple[int, int],
    sides: tuple[Box, Box],
    space: tuple[list[Box], list[Box]],
    whole: Budget,
) -> Box | None:
    region, cover = space
    cells = ((1 << (hole[1] + 1)) - (1 << hole[0])) & subject.cases.full[number]
    around = [{q: c for q, c in side.items() if q != number} for side in sides]
    both = intersect(*around)
    if both is None or not cells:
        return None
    inside = [spot for part in region if (spot := intersect(part, {**both, number: cells})) is not None]
    try:
        spot = subject.cases.uncovered(inside, cover, Budget(20_000, whole))
    except TooHard:
        return None
    # Where another rule takes a part of the hole, the hole is that of this other rule.
    return spot if spot is not None and spot[number] == cells else None


def _doubt(subject: Subject, spot: Box) -> str:
    """What is added where the example speaks of several numbers that depend on each other."""
    limited = [quantity for quantity, cells in spot.items() if cells != subject.cases.full[quantity]]
    return UNSURE if len(limited) > 1 and not subject.cases.is_certain(spot) else ""


def _gap(subject: Subject, quantity: Quantity, hole: tuple[int, int], rules: tuple[str, str], spot: Box) -> Problem:
    show = quantity.show_number
    low, high = quantity.stretch(hole[0])[0], quantity.stretch(hole[1])[1]
    where = f"at {show(low)}" if low == high else f"between {show(low)} and {show(high)}"
    other = subject.rules.categories.rules[-1].key
    message = (
        f"categories `{rules[0]}` and `{rules[1]}` leave a gap on `{quantity.name}` {where}: "
        f"{subject.cases.show_example(spot)} falls to `{other}`{_doubt(subject, spot)}"
    )
    rule = next(rule for rule in subject.rules.categories.rules if rule.key == rules[1])
    place = rule.when.place if rule.when is not None else rule.place
    hint = f"let the two conditions meet: `{quantity.name} < {show(high)}` and `{quantity.name} >= {show(high)}`"
    return subject.problem("KX216", message, place, Finding(help=hint))
