"""Scales carried out on one answer: bands, curves, listed values, marks, targets, yes and no to points.

Part of the definition of truth: the reference runner asks these for every row, the columns runner for the values that
tables and edges are made of. Pure Python; knows neither rows nor tables.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import assert_never

from kamxl.language.model import AsIs, Bands, Curve, Listed, Scale, Target, YesNo
from kamxl.language.scales import listed_number
from kamxl.values import Value, fold, quantise, show_number, text_of

Points = Callable[[Value], float | None]


class PointsError(ValueError):
    """A value that a scale cannot judge: outside its bands, not listed, or a mark outside the scale."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@lru_cache(maxsize=1024)
def compile_scale(scale: Scale, full: float) -> Points:
    """What turns an answer into points. Units: points run from 0 to `full`. Errors: the result raises PointsError."""
    match scale:
        case Bands():
            return _band_points(scale)
        case Curve():
            return _curve_points(scale)
        case Listed():
            return _listed_points(scale)
        case AsIs():
            return _mark_points(full)
        case Target():
            return lambda value: full * max(0.0, 1.0 - abs(_number(value) - scale.ideal) / scale.none_beyond)
        case YesNo():
            return lambda value: scale.yes if value else scale.no
        case _:
            assert_never(scale)


def _number(value: Value) -> float:
    if isinstance(value, float):
        return value
    raise TypeError(f"a number is expected here, not {value!r}")


def _band_points(scale: Bands) -> Points:
    def points(value: Value) -> float:
        number = quantise(_number(value))
        for low, high, band_points in zip(scale.lows, scale.highs, scale.points, strict=True):
            if low <= number < high:
                return band_points
        raise PointsError("KX409", f"{show_number(number, decimals=9)} falls in no band")

    return points


def _curve_points(scale: Curve) -> Points:
    xs, ys = scale.xs, scale.points

    def points(value: Value) -> float:
        x = _number(value)
        if x <= xs[0]:
            return ys[0]
        for index in range(1, len(xs)):
            if x <= xs[index]:
                slope = (ys[index] - ys[index - 1]) / (xs[index] - xs[index - 1])
                return ys[index - 1] + (x - xs[index - 1]) * slope
        return ys[-1]

    return points


def listed_key(value: Value) -> str:
    """The form in which a value is looked up among listed values."""
    return fold(text_of(_without_sign_of_zero(value)))


def _without_sign_of_zero(value: Value) -> Value:
    # -0.0 * 5 is -0.0, which nobody lists.
    return quantise(value) + 0.0 if isinstance(value, float) else value


def _listed_points(scale: Listed) -> Points:
    pairs = tuple(zip(scale.keys, scale.points, strict=True))
    texts = {listed_key(_as_listed(key)): points for key, points in pairs}
    numbers = {quantise(number): points for key, points in pairs if (number := listed_number(key)) is not None}

    def points(value: Value) -> float:
        found = numbers.get(quantise(value)) if isinstance(value, float) else texts.get(listed_key(value))
        if found is not None:
            return found
        if scale.other is None:
            raise PointsError(
                "KX404",
                f"`{text_of(_without_sign_of_zero(value))}` is not among the listed values; add it, or `other:`",
            )
        return scale.other

    return points


def _as_listed(key: str) -> Value:
    # A key such as 5.0 must meet the number 5: both take the form of the shortest number.
    try:
        return quantise(float(key))
    except (ValueError, OverflowError):
        return key


def _mark_points(full: float) -> Points:
    def points(value: Value) -> float:
        mark = _number(value)
        if not 0 <= quantise(mark) <= full:
            raise PointsError("KX408", f"mark {show_number(mark)} is outside 0 to {show_number(full)}")
        return min(max(mark, 0.0), full)

    return points
