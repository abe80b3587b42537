"""Scales compiled to tables for single answers: the edges of bands are exact doubles found once, so nothing is rounded.

What a scale says of one value is defined in `points.compile_scale`; here it is asked once per band or per text.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable

from kamxl.backends.points import Points, PointsError, compile_scale
from kamxl.backends.row_cells import MOST_TEXTS, NotPlainError
from kamxl.language.model import Bands, Curve, Scale
from kamxl.values import Value, lowest_reaching

Judge = Callable[[Value], float]


def compile_row_judge(scale: Scale, full: float) -> Judge:
    """What turns an answer into points. Errors: the result raises NotPlainError for what a scale cannot judge."""
    points_of = compile_scale(scale, full)
    if isinstance(scale, Bands):
        return _bands(scale, points_of)
    return _curve(scale) if isinstance(scale, Curve) else _remembered(points_of)


def _ask(points_of: Points, value: Value) -> float:
    try:
        points = points_of(value)
    except PointsError as error:
        raise NotPlainError from error
    return math.nan if points is None else points


def _bands(scale: Bands, points_of: Points) -> Judge:
    ends = sorted({end for end in (*scale.lows, *scale.highs) if math.isfinite(end)})
    edges = tuple(map(lowest_reaching, ends))
    below = min(edges[0] - 1.0, edges[0] * 2) if edges else 0.0
    table: list[float | None] = []
    for value in (below, *edges):
        try:
            table.append(points_of(value))
        except PointsError:
            table.append(None)

    def judge(value: Value) -> float:
        points = table[bisect_right(edges, value)]  # type: ignore[type-var]
        if points is None:
            raise NotPlainError
        return points

    return judge


def _curve(scale: Curve) -> Judge:
    xs, ys = scale.xs, scale.points
    slopes = [0.0, *((ys[i] - ys[i - 1]) / (xs[i] - xs[i - 1]) for i in range(1, len(xs)))]
    last = len(xs)

    def judge(value: Value) -> float:
        position = bisect_left(xs, value)  # type: ignore[type-var]
        if 0 < position < last:
            return ys[position - 1] + (value - xs[position - 1]) * slopes[position]  # type: ignore[operator]
        return ys[0] if position == 0 else ys[-1]

    return judge


def _remembered(points_of: Points) -> Judge:
    known: dict[str, float] = {}

    def judge(value: Value) -> float:
        if value.__class__ is not str:
            return _ask(points_of, value)
        points = known.get(value)
        if points is None:
            points = _ask(points_of, value)
            if len(known) < MOST_TEXTS:
                known[value] = points
        return points

    return judge
