"""Boxes: which cells of which quantities; intersection, union, and the search for a spot that no box covers.

A condition is a union of boxes. A box maps quantities to sets of cells; a quantity that it does not name is free.
Sets of cells are bits of a Python integer, so that thousands of thresholds cost one machine operation. The search
splits a box along one quantity at a time (the sweep of Calvanese et al., 2016), and gives up beyond a budget.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

# Quantity number -> bits of its cells.
Box = dict[int, int]

# Work, in boxes looked at, before a question is called too hard: about half a second of one core.
MOST_WORK = 400_000
MOST_BOXES = 4_000


class TooHard(Exception):
    """A question that would need more work than the budget allows."""


class Budget:
    """Work that is left, of one question and of the whole lint that asks it. State: a counter."""

    def __init__(self, work: int = MOST_WORK, whole: Budget | None = None) -> None:
        self._left = work
        self._whole = whole

    @property
    def is_spent(self) -> bool:
        """Whether nothing is left."""
        return self._left < 0

    def spend(self, work: int) -> None:
        """Takes work off. Errors: TooHard when none is left."""
        self._left -= work
        if self._whole is not None:
            self._whole.spend(work)
        if self._left < 0:
            raise TooHard


def intersect(one: Mapping[int, int], two: Mapping[int, int]) -> Box | None:
    """The box in both; None when it is empty."""
    joined = dict(one)
    for quantity, cells in two.items():
        common = joined.get(quantity, cells) & cells
        if not common:
            return None
        joined[quantity] = common
    return joined


def are_disjoint(one: Mapping[int, int], two: Mapping[int, int]) -> bool:
    """Whether no client is in both boxes."""
    return any(quantity in one and not one[quantity] & cells for quantity, cells in two.items())


def product(left: Sequence[Box], right: Sequence[Box], budget: Budget) -> list[Box]:
    """The boxes of `and`."""
    budget.spend(len(left) * len(right))
    return unite(box for one in left for two in right if (box := intersect(one, two)) is not None)


def unite(boxes: Iterable[Box]) -> list[Box]:
    """The boxes of `or`; those that name the same single quantity are merged."""
    singles: Box = {}
    others: dict[tuple[tuple[int, int], ...], Box] = {}
    for box in boxes:
        if not box:
            return [{}]
        if len(box) == 1:
            ((quantity, cells),) = box.items()
            singles[quantity] = singles.get(quantity, 0) | cells
        else:
            others.setdefault(tuple(sorted(box.items())), box)
    merged = [{quantity: cells} for quantity, cells in singles.items()]
    merged += [
        box
        for box in others.values()
        if not any(quantity in singles and not cells & ~singles[quantity] for quantity, cells in box.items())
    ]
    if len(merged) > MOST_BOXES:
        raise TooHard
    return merged


def find_uncovered(region: Box, cover: Sequence[Box], full: Mapping[int, int], budget: Budget) -> Box | None:
    """A part of `region` that no box of `cover` touches; None when they cover it whole.

    Shapes: full maps every quantity to all of its cells.
    Errors: TooHard.
    """
    stack: list[tuple[Box, Sequence[Box]]] = [(dict(region), cover)]
    while stack:
        box, candidates = stack.pop()
        narrowed = _narrow(box, candidates, full, budget)
        if narrowed is None:
            continue
        live = narrowed
        if not live:
            return box
        quantity, groups = _best_split(box, live, full, budget)
        stack.extend(({**box, quantity: group}, live) for group in groups)
    return None


def _narrow(box: Box, cover: Sequence[Box], full: Mapping[int, int], budget: Budget) -> list[Box] | None:
    """Takes out of `box`, in place, what boxes cover along one quantity; what is left to look at, None if nothing."""
    live = list(cover)
    changed = True
    while changed:
        changed = False
        budget.spend(len(live) + 1)
        kept: list[Box] = []
        for other in live:
            outside = _outside(box, other, full)
            if outside is None:
                continue
            if not outside:
                return None
            if len(outside) == 1:
                quantity = outside[0]
                box[quantity] = box.get(quantity, full[quantity]) & ~other[quantity]
                changed = True
            else:
                kept.append(other)
        live = kept
    return live


def _outside(box: Box, other: Box, full: Mapping[int, int]) -> list[int] | None:
    """Quantities along which `box` sticks out of `other`; None when they do not touch."""
    outside = []
    for quantity, cells in other.items():
        mine = box.get(quantity, full[quantity])
        if not mine & cells:
            return None
        if mine & ~cells:
            outside.append(quantity)
    return outside


def _best_split(box: Box, live: Sequence[Box], full: Mapping[int, int], budget: Budget) -> tuple[int, list[int]]:
    """The quantity that most boxes limit, and its cells in groups that no box tells apart."""
    counts: dict[int, int] = {}
    for other in live:
        for quantity in _outside(box, other, full) or ():
            counts[quantity] = counts.get(quantity, 0) + 1
    quantity = max(counts, key=lambda key: (counts[key], -key))
    groups = [box.get(quantity, full[quantity])]
    for cells in dict.fromkeys(other[quantity] for other in live if quantity in other):
        budget.spend(len(groups))
        split: list[int] = []
        for group in groups:
            inside, rest = group & cells, group & ~cells
            split += [part for part in (inside, rest) if part]
        groups = split
    return quantity, groups
