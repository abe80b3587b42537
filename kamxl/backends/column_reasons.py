"""Reasons in bulk: which criterion gives each client most and which costs most, as codes; no text is made here."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kamxl.backends import Scored

Codes = NDArray[np.int8]


def extremes(scored: Scored) -> tuple[Codes, Codes]:
    """The criterion that adds most to each client's score, and the one whose points are missed most.

    Shapes: both (n,), positions in `plan.marks()`; -1 where nothing was answered. Of equals the first one counts.
    """
    rows, full = scored.row_count, scored.plan.rules.scale
    families = {family.key: family.weight for family in scored.plan.rules.families}
    strongest, weakest = np.full(rows, -1, np.int8), np.full(rows, -1, np.int8)
    most_gained, most_lost = np.zeros(rows), np.zeros(rows)
    marks = scored.plan.marks()
    weights = {
        key: families[combine.family] * weight / (sum(combine.weights) or 1.0)
        for combine in scored.plan.combines()
        for key, weight in zip(combine.criteria, combine.weights, strict=True)
    }
    for position, mark in enumerate(marks):
        points = np.asarray(scored.points_of(mark.criterion))
        gained = points * weights[mark.criterion]
        lost = (full - points) * weights[mark.criterion]
        # A comparison with NaN is false: what is left out neither gains nor loses.
        more, less = gained > most_gained, lost > most_lost
        np.copyto(most_gained, gained, where=more)
        np.copyto(most_lost, lost, where=less)
        strongest[more] = position
        weakest[less] = position
    return strongest, weakest
