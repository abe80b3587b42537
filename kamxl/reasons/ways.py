"""The one criterion that could make a distance good alone, for a block of clients: `next_step._one_way` on arrays."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, assert_never

import numpy as np
from numpy.typing import NDArray

from kamxl.backends.column_block import missing_of
from kamxl.backends.column_cells import Column, Flags, Numbers, Texts
from kamxl.backends.column_rounding import quantise_array
from kamxl.evidence import Group, Part
from kamxl.language.model import AsIs, Bands, Curve, Listed, Scale, Target, YesNo
from kamxl.phrases import say
from kamxl.reasons.facts import Facts, take
from kamxl.reasons.texts import TextArray, as_texts, write_values
from kamxl.values import quantise

Rows = NDArray[np.intp]


def tell_ways(facts: Facts, rows: Rows, name: str, distance: Numbers) -> TextArray:
    """What one criterion would have to become, in words; empty where none can do it alone. Shapes: all (m,)."""
    texts = np.full(len(rows), "", object)
    candidates = [found for group in facts.guide.groups for found in _rises(facts, rows, group, name, distance)]
    if not candidates:
        return texts
    parts = [part for part, _ in candidates]
    rises = np.array([rise for _, rise in candidates])
    left = np.arange(len(rows))
    while len(left):
        # The first of equals is the first in file order, as `argmin` gives it.
        nearest = np.argmin(rises[:, left], axis=0)
        possible = np.isfinite(rises[nearest, left])
        left, nearest = left[possible], nearest[possible]
        unanswered = []
        for position in np.unique(nearest).tolist():
            mine = left[nearest == position]
            told, found = _tell_way(facts, rows[mine], parts[position], rises[position, mine])
            texts[mine[found]] = told
            rises[position, mine[~found]] = np.inf
            unanswered.append(mine[~found])
        left = np.concatenate(unanswered) if unanswered else left[:0]
    return texts


def _rises(facts: Facts, rows: Rows, group: Group, name: str, distance: Numbers) -> list[tuple[Part, Numbers]]:
    """Each criterion of a family with the points that it would have to gain, infinite where the scale ends before."""
    if name not in (group.family.key, "score") or group.family.at_most is not None:
        return []
    full = facts.guide.rules.scale
    answered = [(part, facts.points(part.criterion.key)[rows]) for part in group.parts]
    weights = np.zeros(len(rows))
    for part, points in answered:
        weights += np.where(np.isnan(points), 0.0, part.weight)
    lift = np.maximum(distance, 0.0)
    if name == "score":
        weight = group.family.weight
        lift = lift * facts.present[rows] / weight if weight else np.full(len(rows), np.inf)
    found = []
    for part, points in answered:
        rise = lift / 100 * weights * full / part.weight if part.weight > 0 else np.full(len(rows), np.inf)
        rise[~(points + rise <= full + 1e-9)] = np.inf
        found.append((part, rise))
    return found


def _tell_way(facts: Facts, rows: Rows, part: Part, rise: Numbers) -> tuple[TextArray, Flags]:
    """(texts of the rows that have an answer which reaches enough, which rows those are)."""
    guide, node, language = facts.guide, part.criterion.of.node, facts.guide.language
    answers = take(facts.answer(part.criterion.key), rows)
    wanted = quantise_array(facts.points(part.criterion.key)[rows] + rise)
    after, found = answers_reaching(part.criterion.scale, wanted, answers, guide.rules.scale)
    answers = take(answers, np.flatnonzero(found))
    targets = after[found] if after.dtype == object else write_values(after[found], node, guide.wording)
    before, missing = write_values(answers, node, guide.wording), missing_of(answers)
    texts = []
    for was, target, absent in zip(before.tolist(), targets.tolist(), missing.tolist(), strict=True):
        if absent:
            texts.append(say("way_missing", language, name=part.label, after=target))
        else:
            # Rounding for display must not say "from 60 to 60".
            texts.append(say("way", language, name=part.label, before=was, after=target) if was != target else "")
    return as_texts(texts), found


def answers_reaching(scale: Scale, wanted: Numbers, answers: Column, full: float) -> tuple[NDArray[Any], Flags]:
    """`next_step.answer_reaching` on arrays: the nearest answers that get at least these points; where there is one.

    Shapes: all (m,); `wanted` is quantised. Listed answers come as an array of texts.
    """
    match scale:
        case Bands():
            return _found(_band_reaching(scale, wanted, _or_level(answers, 0.0)))
        case Curve():
            return _found(_curve_reaching(scale, wanted, _or_level(answers, scale.xs[0])))
        case Listed():
            return _listed_reaching(scale, wanted)
        case AsIs():
            return _found(np.where(wanted <= full, wanted, np.nan))
        case Target():
            far = scale.none_beyond * np.maximum(0.0, 1 - wanted / full)
            # A missing answer is not below the ideal.
            below = np.asarray(answers) < scale.ideal
            return _found(np.where(below, scale.ideal - far, scale.ideal + far))
        case YesNo():
            yes, no = quantise(scale.yes) >= wanted, quantise(scale.no) >= wanted
            return yes, yes | no
        case _:
            assert_never(scale)


def _found(numbers: Numbers) -> tuple[Numbers, Flags]:
    return numbers, ~np.isnan(numbers)


def _or_level(answers: Column, level: float) -> Numbers:
    if isinstance(answers, Texts):
        raise TypeError("a number is expected here, not a text")
    numbers = np.asarray(answers, np.float64)
    return np.where(np.isnan(numbers), level, numbers)


class _Nearest:
    """The candidate nearest to where each client stands; of equals the first."""

    def __init__(self, here: Numbers) -> None:
        self._here = here
        self._distance = np.full(len(here), np.inf)
        self.best = np.full(len(here), np.nan)

    def offer(self, candidate: Numbers | float, possible: Flags) -> None:
        """Takes a candidate where it is possible and nearer than the best so far."""
        distance = np.abs(candidate - self._here)
        nearer = possible & (np.isnan(self.best) | (distance < self._distance))
        np.copyto(self.best, candidate, where=nearer)
        np.copyto(self._distance, distance, where=nearer)


def _band_reaching(scale: Bands, wanted: Numbers, here: Numbers) -> Numbers:
    nearest = _Nearest(here)
    for low, high, points in zip(scale.lows, scale.highs, scale.points, strict=True):
        # Below an upper edge there is no last number to name: a band is offered from above only when it is open.
        possible = (quantise(points) >= wanted) & (here < high)
        nearest.offer(np.where(here < low, low, np.nextafter(high, -np.inf)), possible)
    return nearest.best


def _curve_reaching(scale: Curve, wanted: Numbers, here: Numbers) -> Numbers:
    nearest = _Nearest(here)
    pairs = list(zip(scale.xs, scale.points, strict=True))
    for x, y in pairs:
        nearest.offer(x, quantise(y) >= wanted)
    for (x0, y0), (x1, y1) in pairwise(pairs):
        if y0 != y1:
            within = (min(y0, y1) < wanted) & (wanted <= max(y0, y1))
            nearest.offer(x0 + (wanted - y0) * (x1 - x0) / (y1 - y0), within)
    return nearest.best


def _listed_reaching(scale: Listed, wanted: Numbers) -> tuple[TextArray, Flags]:
    """The listed value with the fewest points that are enough."""
    pairs: Sequence[tuple[float, str]] = sorted(zip(scale.points, scale.keys, strict=True))
    points = np.array([quantise(p) for p, _ in pairs])
    places = np.searchsorted(points, wanted)
    keys = as_texts([*(key for _, key in pairs), ""])
    return keys[places], places < len(pairs)
