"""The scales read backwards for whole blocks, and round figures: `kamxl.reaching` on arrays, equal number by number."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, assert_never

import numpy as np
from numpy.typing import NDArray

from kamxl.backends.column_types import Column, Flags, Numbers, Texts, Words
from kamxl.language.model import AsIs, Bands, Curve, Listed, Scale, Target, YesNo
from kamxl.reaching import MOST
from kamxl.values import quantise

# Powers of ten that a figure below `MOST` can be rounded to.
_POWERS = np.array([10.0**power for power in range(16)])


def answers_reaching(scale: Scale, wanted: Numbers, answers: Column, full: float) -> tuple[Column, Flags]:
    """(the nearest answers that get at least these points, where there is one).

    Shapes: all (m,); `wanted` is quantised points.
    """
    match scale:
        case Bands():
            return _known(_band_reaching(scale, wanted, _or_level(answers, 0.0)))
        case Curve():
            return _known(_curve_reaching(scale, wanted, _or_level(answers, scale.xs[0])))
        case Listed():
            return _listed_reaching(scale, wanted)
        case AsIs():
            return _known(np.where(wanted <= full, wanted, np.nan))
        case Target():
            far = scale.none_beyond * np.maximum(0.0, 1 - wanted / full)
            # A missing answer is not below the ideal.
            return _known(np.where(_as_numbers(answers) < scale.ideal, scale.ideal - far, scale.ideal + far))
        case YesNo():
            yes, no = quantise(scale.yes) >= wanted, quantise(scale.no) >= wanted
            return yes.astype(np.float64), yes | no
        case _:
            assert_never(scale)


def _known(numbers: Numbers) -> tuple[Numbers, Flags]:
    return numbers, ~np.isnan(numbers)


def _as_numbers(answers: Column) -> Numbers:
    if isinstance(answers, Texts):
        raise TypeError("a number is expected here, not a text")
    return np.asarray(answers, np.float64)


def _or_level(answers: Column, level: float) -> Numbers:
    numbers = _as_numbers(answers)
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
        edge = np.where(here < low, low, np.where(here < high, here, high - 1e-8 * max(1.0, abs(high))))
        nearest.offer(edge, quantise(points) >= wanted)
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


def _listed_reaching(scale: Listed, wanted: Numbers) -> tuple[Texts, Flags]:
    """The listed value with the fewest points that are enough."""
    pairs = sorted(zip(scale.points, scale.keys, strict=True))
    places = np.searchsorted(np.array([quantise(points) for points, _ in pairs]), wanted)
    found = places < len(pairs)
    return Texts(np.where(found, places + 1, 0), Words(["", *(key for _, key in pairs)])), found


def rounded_outward(exact: Numbers, before: Numbers, kind: str) -> Iterator[Numbers]:
    """Round figures, each a little further from `before`, roundest first; NaN where a row has no further one.

    Shapes: all (m,). Units: kind is how the value is shown.
    """
    small = np.abs(exact) < MOST
    tried: list[Numbers] = []
    for quantum in _quanta(np.where(small, exact, 0.0), before, kind):
        steps = exact / quantum
        near = np.rint(steps)
        # A value that is round but for the last bits of a double stays where it is.
        is_round = np.abs(steps - near) <= 1e-10 * np.maximum(1.0, np.abs(steps))
        up = (exact > before) | np.isnan(before)
        whole = np.where(is_round, near, np.where(up, np.ceil(steps), np.floor(steps)))
        value = np.where(quantum >= 1, whole * quantum, whole / np.rint(1 / quantum))
        value[~small | np.isnan(quantum)] = np.nan
        for other in tried:
            value[value == other] = np.nan
        tried.append(value)
        yield value


def _quanta(exact: Numbers, before: Numbers, kind: str) -> Iterator[NDArray[Any]]:
    if kind in ("date", "percent"):
        yield np.full(len(exact), 1.0 if kind == "date" else 0.01)
        return
    size = np.abs(exact)
    big = size >= 1000
    digits = np.floor(np.log10(np.where(big, size, 1000.0))).astype(np.int64)
    whole_before = np.isnan(before) | (np.floor(before) == before)
    yield np.where(big, _POWERS[digits - 2], np.where(whole_before, 1.0, np.nan))
    yield np.where(big, 1.0, np.where(size >= 10, 0.1, np.nan))
    yield np.where(big, np.nan, 0.001)
