"""Scales compiled to functions over a block of rows: answers in, points out.

What a scale says of one value is defined in `reference.compile_scale`; here it is asked once per band or per word, and
whole blocks look the answer up.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any, assert_never, cast

import numpy as np
from numpy.typing import NDArray

from kamxl.backends.column_block import WordTable, missing_of
from kamxl.backends.column_types import Column, Flags, Given, Numbers, Texts, Words
from kamxl.backends.points import Points, PointsError, compile_scale
from kamxl.language.model import AsIs, Bands, Curve, Listed, Scale, Target, YesNo
from kamxl.language.scales import listed_number
from kamxl.records import dataclass
from kamxl.values import Value, lowest_above, lowest_reaching

# What points are turned into on their way, in place: themselves, or their part of a family score.
Convert = Callable[[Numbers], Numbers]
# Beyond this many edges a binary search takes less time than comparing with each.
_MOST_COMPARED = 32


@dataclass(frozen=True, slots=True)
class Marked:
    """Amounts of one criterion in a block, also where the answer is missing; NaN where the scale has `failed`."""

    amounts: Numbers
    missing: Flags
    failed: Flags | None = None


Judge = Callable[[Column | Given], Marked]


def compile_judge(scale: Scale, full: float, convert: Convert, fill: float) -> Judge:
    """What turns a block of answers into amounts.

    Units: points run from 0 to `full`, `fill` are those of a missing answer; then `convert` takes them.
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


def _plain(answers: Column | Given) -> Column:
    return answers.column() if isinstance(answers, Given) else answers


def _numbers(answers: Column | Given) -> Numbers:
    column = _plain(answers)
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


def _counter(edges: Sequence[float]) -> Callable[[Column | Given], NDArray[Any]]:
    """What finds the place of each number among rising edges: 0 for missing, 1 below the first edge, and so on."""
    # Every number reaches -inf, and only a missing one does not: that spares a look at each for NaN.
    flat = np.array([-np.inf, *edges])
    column = flat.reshape(-1, 1)

    def by_search(numbers: Numbers) -> NDArray[np.intp]:
        places = np.searchsorted(flat, numbers, side="right")
        places[np.isnan(numbers)] = 0
        return places

    def by_comparison(numbers: Numbers) -> NDArray[np.uint8]:
        # A third of the time of a binary search, whose branches are guesses; all edges in one call each, because
        # between calls of NumPy threads wait for each other.
        flags = np.greater_equal(numbers, column).view(np.uint8)
        places: NDArray[np.uint8] = np.add.reduce(flags, axis=0, dtype=np.uint8)
        return places

    count: Callable[[Numbers], NDArray[Any]] = by_search if len(flat) > _MOST_COMPARED else by_comparison

    def place(answers: Column | Given) -> NDArray[Any]:
        if not isinstance(answers, Given):
            return count(_numbers(answers))
        places = count(answers.numbers)
        np.multiply(places, answers.given, out=places)
        return places

    return place


def _bands(scale: Bands, full: float, convert: Convert, fill: float) -> Judge:
    points_of = compile_scale(scale, full)
    ends = sorted({end for end in (*scale.lows, *scale.highs) if np.isfinite(end)})
    edges = tuple(lowest_reaching(end) for end in ends)
    below = min(edges[0] - 1.0, edges[0] * 2) if edges else 0.0
    points = np.array([_ask(points_of, value) for value in (below, *edges)])
    table = convert(np.array([fill, *points]))
    place_of = _counter(edges)
    has_gap = bool(np.isnan(points).any())

    def judge(answers: Column | Given) -> Marked:
        places = place_of(answers)
        amounts = look_up(table, places)
        missing = places == 0
        return Marked(amounts, missing, np.isnan(amounts) & ~missing if has_gap else None)

    return judge


def _curve(scale: Curve, convert: Convert, fill: float) -> Judge:
    xs, ys = scale.xs, scale.points
    # `x > xs[i]` is `x >= the next double`: the corner itself belongs to the line on its left, as in the definition.
    place_of = _counter([float(np.nextafter(x, np.inf)) for x in xs[1:]])
    slopes = [(ys[i] - ys[i - 1]) / (xs[i] - xs[i - 1]) for i in range(1, len(xs))]
    # First the place of a missing answer; last that of an answer beyond the curve, from which nothing is subtracted: an
    # overflow times 0 would be missing.
    lines = np.array([[0.0, *xs[:-1], 0.0], [0.0, *slopes, 0.0], [fill, *ys]])

    def judge(answers: Column | Given) -> Marked:
        places = place_of(answers)
        start, slope, base = lines.take(places, axis=1, mode="wrap")
        # Before the first corner numbers are held to it; so are missing ones, which are no number then.
        numbers = answers.numbers if isinstance(answers, Given) else _numbers(answers)
        amounts = np.fmax(numbers, start)
        np.subtract(amounts, start, out=amounts)
        np.multiply(amounts, slope, out=amounts)
        np.add(amounts, base, out=amounts)
        return Marked(convert(amounts), places == 0)

    return judge


def _target(scale: Target, full: float, convert: Convert, fill: float) -> Judge:
    def judge(answers: Column | Given) -> Marked:
        nearness = np.abs(_numbers(answers) - scale.ideal)
        np.divide(nearness, scale.none_beyond, out=nearness)
        np.subtract(1.0, nearness, out=nearness)
        np.clip(nearness, 0.0, np.inf, out=nearness)
        points = np.multiply(nearness, full, out=nearness)
        missing = np.isnan(points)
        np.copyto(points, fill, where=missing)
        return Marked(convert(points), missing)

    return judge


def _as_is(full: float, convert: Convert, fill: float) -> Judge:
    least, most = lowest_reaching(0.0), lowest_above(full)

    def judge(answers: Column | Given) -> Marked:
        marks = _numbers(answers)
        failed = (marks < least) | (marks >= most)
        points = np.clip(marks, 0.0, full)
        missing = np.isnan(marks)
        np.copyto(points, fill, where=missing)
        amounts = convert(points)
        if not failed.any():
            return Marked(amounts, missing)
        amounts[failed] = np.nan
        return Marked(amounts, missing, failed)

    return judge


def _yes_no(scale: YesNo, full: float, convert: Convert, fill: float) -> Judge:
    yes, no, none = convert(np.array([scale.yes, scale.no, fill])).tolist()
    points_of = compile_scale(scale, full)
    words = WordTable(lambda words: _judged(words, points_of, convert, fill))

    def judge(answers: Column | Given) -> Marked:
        column = _plain(answers)
        missing = missing_of(column)
        if isinstance(column, Texts):
            return Marked(look_up(words.of(column.words), column.codes), missing)
        amounts: Numbers = np.where(column, yes, no)
        amounts[missing] = none
        return Marked(amounts, missing)

    return judge


def _judged(words: Words, points_of: Points, convert: Convert, fill: float) -> Numbers:
    return convert(np.array([fill, *(_ask(points_of, word) for word in words[1:])]))


def _listed(scale: Listed, full: float, convert: Convert, fill: float) -> Judge:
    points_of = compile_scale(scale, full)
    words = WordTable(lambda words: _judged(words, points_of, convert, fill))
    by_number = _listed_numbers(scale, points_of, convert, fill)
    yes, no = convert(np.array([_ask(points_of, True), _ask(points_of, False)])).tolist()
    fails = scale.other is None

    def judge(answers: Column | Given) -> Marked:
        column = _plain(answers)
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

    table = convert(np.array([fill, other, *(points_from(edge) for edge in edges)]))
    place_of = _counter(edges)
    return lambda column: look_up(table, place_of(column))
