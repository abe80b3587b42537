"""Scales compiled to functions over a block of rows: answers in, points out.

What a scale says of one value is defined in `reference.compile_scale`; here it is asked once per band or per word, and
whole blocks look the answer up.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import Any, assert_never, cast

import numpy as np
from numpy.typing import NDArray

from kamxl.backends.column_block import WordTable, missing_of
from kamxl.backends.column_cells import Column, Flags, Numbers, Texts, Words
from kamxl.backends.points import Points, PointsError, compile_scale
from kamxl.language.model import AsIs, Bands, Curve, Listed, Scale, Target, YesNo
from kamxl.language.scales import listed_number
from kamxl.records import dataclass
from kamxl.values import Value, lowest_above, lowest_reaching

# What points are turned into on their way, in place: themselves, or their part of a family score.
Convert = Callable[[Numbers], Numbers]


@dataclass(frozen=True, slots=True)
class Marked:
    """Amounts of one criterion in a block: `fill` where the answer is missing, NaN where the scale has `failed`."""

    amounts: Numbers
    missing: Flags
    failed: Flags | None = None


Judge = Callable[[Column], Marked]


def compile_judge(scale: Scale, full: float, convert: Convert, fill: float) -> Judge:
    """What turns a block of answers into amounts.

    Units: points run from 0 to `full`, then `convert` takes them; `fill` is the amount of a missing answer.
    """
    match scale:
        case Bands():
            return _bands(scale, full, convert, fill)
        case Curve():
            return _curve(scale, convert, fill)
        case Listed():
            return _listed(scale, full, convert, fill)
        case AsIs():
            return _as_is(full, convert, fill)
        case Target():
            return _target(scale, full, convert, fill)
        case YesNo():
            return _yes_no(scale, full, convert, fill)
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


def look_up(table: Numbers, positions: NDArray[Any]) -> Numbers:
    """Entries of a table. Shapes: positions (n,), all of them inside the table."""
    # Wrapping is the cheapest way to treat what lies outside, and nothing here does.
    return table.take(positions, mode="wrap")


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


def _fill(amounts: Numbers, missing: Flags, fill: float) -> None:
    # Missing answers are NaN already where nothing else is wanted of them.
    if fill == fill:
        # Without a branch per row, where `copyto` guesses wrong at every blank.
        np.putmask(amounts, missing, fill)


def _bands(scale: Bands, full: float, convert: Convert, fill: float) -> Judge:
    points_of = compile_scale(scale, full)
    ends = sorted({end for end in (*scale.lows, *scale.highs) if np.isfinite(end)})
    edges = tuple(lowest_reaching(end) for end in ends)
    below = min(edges[0] - 1.0, edges[0] * 2) if edges else 0.0
    points = np.array([_ask(points_of, value) for value in (below, *edges)])
    # Every number reaches the first edge, and only a missing one does not: that spares a look at each for NaN.
    edges = (-np.inf, *edges)
    table = np.array([fill, *convert(points)])
    has_gap = bool(np.isnan(points).any())

    def judge(column: Column) -> Marked:
        positions = count_reached(_numbers(column), edges)
        amounts = look_up(table, positions)
        missing = positions == 0
        return Marked(amounts, missing, np.isnan(amounts) & ~missing if has_gap else None)

    return judge


def _curve(scale: Curve, convert: Convert, fill: float) -> Judge:
    xs, ys = scale.xs, scale.points
    # `x > xs[i]` is `x >= the next double`: the corner itself belongs to the line on its left, as in the definition.
    # Before the first corner numbers are held to it, so the first line serves them as well.
    edges = tuple(float(np.nextafter(x, np.inf)) for x in xs[1:])
    slope = np.array([*((ys[i] - ys[i - 1]) / (xs[i] - xs[i - 1]) for i in range(1, len(xs))), 0.0])
    start, base = np.array(xs), np.array(ys)

    def judge(column: Column) -> Marked:
        numbers = _numbers(column)
        # Three tables are looked up: the bytes become indexes once.
        position = count_reached(numbers, edges).astype(np.intp, copy=False)
        # Held to the ends of the curve first: beyond them the slope is 0, and 0 times an overflow would be missing.
        amounts = np.clip(numbers, xs[0], xs[-1])
        np.subtract(amounts, look_up(start, position), out=amounts)
        np.multiply(amounts, look_up(slope, position), out=amounts)
        np.add(amounts, look_up(base, position), out=amounts)
        amounts = convert(amounts)
        missing = np.isnan(numbers)
        _fill(amounts, missing, fill)
        return Marked(amounts, missing)

    return judge


def _target(scale: Target, full: float, convert: Convert, fill: float) -> Judge:
    def judge(column: Column) -> Marked:
        nearness = np.abs(_numbers(column) - scale.ideal)
        np.divide(nearness, scale.none_beyond, out=nearness)
        np.subtract(1.0, nearness, out=nearness)
        np.clip(nearness, 0.0, np.inf, out=nearness)
        amounts = convert(np.multiply(nearness, full, out=nearness))
        missing = np.isnan(amounts)
        _fill(amounts, missing, fill)
        return Marked(amounts, missing)

    return judge


def _as_is(full: float, convert: Convert, fill: float) -> Judge:
    least, most = lowest_reaching(0.0), lowest_above(full)

    def judge(column: Column) -> Marked:
        marks = _numbers(column)
        failed = (marks < least) | (marks >= most)
        amounts = convert(np.clip(marks, 0.0, full))
        missing = np.isnan(marks)
        _fill(amounts, missing, fill)
        if not failed.any():
            return Marked(amounts, missing)
        amounts[failed] = np.nan
        return Marked(amounts, missing, failed)

    return judge


def _yes_no(scale: YesNo, full: float, convert: Convert, fill: float) -> Judge:
    yes, no = convert(np.array([scale.yes, scale.no])).tolist()
    points_of = compile_scale(scale, full)
    words = WordTable(lambda words: _judged(words, points_of, convert, fill))

    def judge(column: Column) -> Marked:
        missing = missing_of(column)
        if isinstance(column, Texts):
            return Marked(look_up(words.of(column.words), column.codes), missing)
        amounts: Numbers = np.where(column, yes, no)
        amounts[missing] = fill
        return Marked(amounts, missing)

    return judge


def _judged(words: Words, points_of: Points, convert: Convert, fill: float) -> Numbers:
    return np.array([fill, *convert(np.array([_ask(points_of, word) for word in words[1:]]))])


def _listed(scale: Listed, full: float, convert: Convert, fill: float) -> Judge:
    points_of = compile_scale(scale, full)
    words = WordTable(lambda words: _judged(words, points_of, convert, fill))
    by_number = _listed_numbers(scale, points_of, convert, fill)
    yes, no = convert(np.array([_ask(points_of, True), _ask(points_of, False)])).tolist()
    fails = scale.other is None

    def judge(column: Column) -> Marked:
        missing = missing_of(column)
        if isinstance(column, Texts):
            amounts = look_up(words.of(column.words), column.codes)
        elif column.dtype == np.bool_:
            amounts = np.where(column, yes, no)
        else:
            amounts = by_number(cast(Numbers, column))
        return Marked(amounts, missing, np.isnan(amounts) & ~missing if fails else None)

    return judge


def _listed_numbers(scale: Listed, points_of: Points, convert: Convert, fill: float) -> Callable[[Numbers], Numbers]:
    """Listed numbers are half-open ranges that quantise to them; between the ranges lies `other`."""
    numbers = sorted({number for key in scale.keys if (number := listed_number(key)) is not None})
    ranges = [(lowest_reaching(number), lowest_above(number)) for number in numbers]
    edges = tuple(sorted({edge for pair in ranges for edge in pair}))
    lows = [low for low, _ in ranges]
    other = np.nan if scale.other is None else scale.other

    def points_from(edge: float) -> float:
        position = bisect_right(lows, edge) - 1
        return _ask(points_of, numbers[position]) if position >= 0 and edge < ranges[position][1] else other

    table = np.array([fill, *convert(np.array([other, *(points_from(edge) for edge in edges)]))])
    edges = (-np.inf, *edges)
    return lambda column: look_up(table, count_reached(column, edges))
