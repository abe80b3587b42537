"""Reasons in bulk: which criterion gives each client most and which costs most, as codes; no text is made here."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from kamxl.backends import Scored
from kamxl.backends.column_blocks import each_block
from kamxl.backends.column_points import PointsByBlock
from kamxl.backends.column_types import Numbers

Codes = NDArray[np.int16]
PartOf = Callable[[int, int], Numbers]


def extremes(scored: Scored) -> tuple[Codes, Codes]:
    """The criterion that adds most to each client's score, and the one whose points are missed most.

    Shapes: both (n,), positions in `plan.marks()`; -1 where nothing was answered. Of equals the first one counts.
    """
    rows, full = scored.row_count, scored.plan.rules.scale
    weights, parts = _weights(scored), _parts(scored)
    strongest, weakest = np.full(rows, -1, np.int16), np.full(rows, -1, np.int16)

    def work(start: int, stop: int) -> None:
        most_gained, most_lost = np.zeros(stop - start), np.zeros(stop - start)
        for position, (weight, part_of) in enumerate(zip(weights, parts, strict=True)):
            gained = part_of(start, stop)
            lost = np.subtract(full, gained)
            np.multiply(lost, weight, out=lost)
            gained = np.multiply(gained, weight)
            for amount, most, codes in ((gained, most_gained, strongest), (lost, most_lost, weakest)):
                # A comparison with NaN is false: what is left out neither gains nor loses. Counted, not chosen: at a
                # choice a processor guesses, and waits ten times as long whenever it was wrong.
                more = np.greater(amount, most)
                np.fmax(most, amount, out=most)
                part = codes[start:stop]
                change = np.subtract(np.int16(position), part)
                np.add(part, np.multiply(change, more.view(np.int8), out=change), out=part)

    each_block(rows, work)
    return strongest, weakest


def _weights(scored: Scored) -> list[float]:
    families = {family.key: family.weight for family in scored.plan.rules.families}
    weights = {
        key: families[combine.family] * weight / (sum(combine.weights) or 1.0)
        for combine in scored.plan.combines()
        for key, weight in zip(combine.criteria, combine.weights, strict=True)
    }
    return [weights[mark.criterion] for mark in scored.plan.marks()]


def _parts(scored: Scored) -> list[PartOf]:
    """For each criterion what gives the points of some rows: computed on the way where the runner can do that."""
    keys = [mark.criterion for mark in scored.plan.marks()]
    if isinstance(scored.points_of, PointsByBlock):
        return [scored.points_of.part_of(key) for key in keys]
    whole = [np.asarray(scored.points_of(key), np.float64) for key in keys]
    return [lambda start, stop, points=points: points[start:stop] for points in whole]  # type: ignore[misc]
