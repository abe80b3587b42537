"""Scales compiled to functions over a block of rows: answers in, points out.

What a scale says of one value is defined in `reference.compile_scale`; here it is asked once per band or per word, and
whole blocks look the answer up.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never, cast

import numpy as np
from numpy.typing import NDArray

from kamxl.backends.column_block import WordTable, missing_of
from kamxl.backends.column_cells import Column, Flags, Numbers, Texts, Words
from kamxl.backends.points import Points, PointsError, compile_scale
from kamxl.language.model import AsIs, Bands, Curve, Listed, Scale, Target, YesNo
from kamxl.language.scales import listed_number
from kamxl.values import Value, lowest_above, lowest_reaching

# What points are turned into on their way: themselves, or their part of a family score.
Convert = Callable[[Numbers], Numbers]


@dataclass(frozen=True, slots=True)
class Marked:
    """Amounts of one criterion in a block: NaN where there are no points; `failed` where a scale cannot judge."""

    amounts: Numbers
    failed: Flags | None = None


Judge = Callable[[Column], Marked]


def compile_judge(scale: Scale, full: float, convert: Convert) -> Judge:
    """What turns a block of answers into amounts. Units: points run from 0 to `full`, then `convert` takes them."""
    match scale:
        case Bands():
            return _bands(scale, full, convert)
        case Curve():
            return _curve(scale, convert)
        case Listed():
            return _listed(scale, full, convert)
        case AsIs():
            return _as_is(full, convert)
        case Target():
            return _target(scale, full, convert)
        case YesNo():
            return _yes_no(scale, full, convert)
        case _:
            assert_never(scale)


def _numbers(column: Column) -> Numbers:
    if isinstance(column, Texts):
        raise TypeError("a number is expected here, not a text")
    return cast(Numbers, column)


def _ask(points_of: Points, value: Value) -> float:
    try:
        points = points_of(value)
    except PointsError:
        return np.nan
    return np.nan if points is None else points


def count_reached(numbers: Numbers, edges: tuple[float, ...]) -> NDArray[np.uint8] | NDArray[np.intp]:
    """How many of the rising edges each number reaches; 0 for missing."""
    if len(edges) > 32:
        positions = np.searchsorted(np.array(edges), numbers, side="right")
        positions[np.isnan(numbers)] = 0
        return positions
    # A comparison and a sum of bytes per edge take a third of the time of a binary search, whose branches are guesses.
    count = np.zeros(len(numbers), np.uint8)
    for edge in edges:
        count += (numbers >= edge).view(np.uint8)
    return count


def _bands(scale: Bands, full: float, convert: Convert) -> Judge:
    points_of = compile_scale(scale, full)
    ends = sorted({end for end in (*scale.lows, *scale.highs) if np.isfinite(end)})
    edges = tuple(lowest_reaching(end) for end in ends)
    below = min(edges[0] - 1.0, edges[0] * 2) if edges else 0.0
    points = np.array([_ask(points_of, value) for value in (below, *edges)])
    table = convert(points)
    has_gap = bool(np.isnan(points).any())

    def judge(column: Column) -> Marked:
        numbers = _numbers(column)
        amounts = table.take(count_reached(numbers, edges))
        missing = np.isnan(numbers)
        np.putmask(amounts, missing, np.nan)
        return Marked(amounts, np.isnan(amounts) & ~missing if has_gap else None)

    return judge


def _curve(scale: Curve, convert: Convert) -> Judge:
    xs, ys = scale.xs, scale.points
    # `x > xs[i]` is `x >= the next double`: the corner itself belongs to the line on its left, as in the definition.
    edges = tuple(float(np.nextafter(x, np.inf)) for x in xs)
    slopes = [(ys[i] - ys[i - 1]) / (xs[i] - xs[i - 1]) for i in range(1, len(xs))]
    slope = np.array([0.0, *slopes, 0.0])
    start = np.array([xs[0], *xs])
    base = np.array([ys[0], *ys])

    def judge(column: Column) -> Marked:
        numbers = _numbers(column)
        # Three tables are looked up: the bytes become indexes once.
        position = count_reached(numbers, edges).astype(np.intp, copy=False)
        # Held to the ends of the curve first: beyond them the slope is 0, and 0 times an overflow would be missing.
        amounts = np.clip(numbers, xs[0], xs[-1])
        np.subtract(amounts, start.take(position), out=amounts)
        np.multiply(amounts, slope.take(position), out=amounts)
        np.add(amounts, base.take(position), out=amounts)
        return Marked(convert(amounts))

    return judge


def _target(scale: Target, full: float, convert: Convert) -> Judge:
    def judge(column: Column) -> Marked:
        distance = np.abs(_numbers(column) - scale.ideal)
        return Marked(convert(full * np.maximum(0.0, 1.0 - distance / scale.none_beyond)))

    return judge


def _as_is(full: float, convert: Convert) -> Judge:
    least, most = lowest_reaching(0.0), lowest_above(full)

    def judge(column: Column) -> Marked:
        marks = _numbers(column)
        failed = (marks < least) | (marks >= most)
        amounts = convert(np.minimum(np.maximum(marks, 0.0), full))
        if not failed.any():
            return Marked(amounts)
        amounts[failed] = np.nan
        return Marked(amounts, failed)

    return judge


def _yes_no(scale: YesNo, full: float, convert: Convert) -> Judge:
    yes, no = convert(np.array([scale.yes, scale.no])).tolist()
    points_of = compile_scale(scale, full)
    words = WordTable(lambda words: _judged(words, points_of, convert))

    def judge(column: Column) -> Marked:
        if isinstance(column, Texts):
            return Marked(words.of(column.words).take(column.codes))
        amounts: Numbers = np.where(column, yes, no)
        if column.dtype != np.bool_:
            amounts[np.isnan(column)] = np.nan
        return Marked(amounts)

    return judge


def _judged(words: Words, points_of: Points, convert: Convert) -> Numbers:
    return convert(np.array([np.nan, *(_ask(points_of, word) for word in words[1:])]))


def _listed(scale: Listed, full: float, convert: Convert) -> Judge:
    points_of = compile_scale(scale, full)
    words = WordTable(lambda words: _judged(words, points_of, convert))
    by_number = _listed_numbers(scale, points_of, convert)
    yes, no = convert(np.array([_ask(points_of, True), _ask(points_of, False)])).tolist()
    fails = scale.other is None

    def judge(column: Column) -> Marked:
        if isinstance(column, Texts):
            amounts = words.of(column.words).take(column.codes)
        elif column.dtype == np.bool_:
            amounts = np.where(column, yes, no)
        else:
            amounts = by_number(cast(Numbers, column))
        return Marked(amounts, np.isnan(amounts) & ~missing_of(column) if fails else None)

    return judge


def _listed_numbers(scale: Listed, points_of: Points, convert: Convert) -> Callable[[Numbers], Numbers]:
    """Listed numbers are half-open ranges that quantise to them; between the ranges lies `other`."""
    numbers = sorted({number for key in scale.keys if (number := listed_number(key)) is not None})
    ranges = [(lowest_reaching(number), lowest_above(number)) for number in numbers]
    edges = tuple(sorted({edge for pair in ranges for edge in pair}))
    lows = [low for low, _ in ranges]
    other = np.nan if scale.other is None else scale.other

    def points_from(edge: float) -> float:
        position = bisect_right(lows, edge) - 1
        return _ask(points_of, numbers[position]) if position >= 0 and edge < ranges[position][1] else other

    table = convert(np.array([other, *(points_from(edge) for edge in edges)]))

    def judge(column: Numbers) -> Numbers:
        amounts: Numbers = table.take(count_reached(column, edges))
        amounts[np.isnan(column)] = np.nan
        return amounts

    return judge
