"""Rounding, comparison and calendar on whole arrays, equal to `values.py` to the last bit.

Numbers whose rounding is beyond doubt are rounded in bulk; the few at the brink are handed to the definition.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from kamxl.backends.column_cells import FIRST_DAY, LAST_DAY
from kamxl.backends.column_types import Flags, Numbers
from kamxl.values import QUANTUM_DECIMALS, quantise, round_half_away

_DAYS_TO_1970 = 25569
# Half a unit in the fifteenth digit, and a little more.
_FIFTEEN_DIGITS = 6e-15


def round_array(numbers: Numbers, decimals: int) -> Numbers:
    """`values.round_half_away` of every number; NaN stays NaN."""
    with np.errstate(all="ignore"):
        power = 10.0 ** abs(decimals)
        scaled = numbers * power if decimals >= 0 else numbers / power
        size = np.abs(scaled)
        whole = np.floor(size + 0.5)
        rounded = np.copysign(whole / power if decimals >= 0 else whole * power, numbers) + 0.0
        brink = np.abs(size - np.floor(size) - 0.5) <= 1e-6 + size * _FIFTEEN_DIGITS
        brink |= size >= 1e14
        result: Numbers = np.where(np.floor(numbers) == numbers, numbers, rounded) if decimals >= 0 else rounded
        brink |= np.abs(numbers) >= 1e15
        brink |= abs(decimals) > 15
    for index in np.flatnonzero(brink & np.isfinite(numbers)).tolist():
        result[index] = round_half_away(float(numbers[index]), decimals)
    return result


def quantise_array(numbers: Numbers) -> Numbers:
    """`values.quantise` of every number; NaN stays NaN."""
    return round_array(numbers, QUANTUM_DECIMALS)


def compare_quantised(left: Numbers, right: Numbers) -> NDArray[np.int8]:
    """-1, 0 or 1 as the quantised left is below, at or above the quantised right; NaN gives 0."""
    with np.errstate(all="ignore"):
        difference = left - right
        order = np.sign(difference)
        order[np.isnan(order)] = 0
        near = np.abs(difference) <= 2e-9 + 1e-13 * (np.abs(left) + np.abs(right))
    for index in np.flatnonzero(near & (difference != 0)).tolist():
        a, b = quantise(float(left[index])), quantise(float(right[index]))
        order[index] = (a > b) - (a < b)
    return order.astype(np.int8)


def complete_months(serials: Numbers, as_of: float) -> Numbers:
    """Complete calendar months from each date to `as_of`, negative for later dates; missing outside the calendar."""
    with np.errstate(invalid="ignore"):
        days = np.floor(serials)
        known = (days >= FIRST_DAY) & (days <= LAST_DAY)
    whole = np.where(known, days, 0.0).astype(np.int64)
    months, day_of_month = _month_and_day(whole)
    last_months, last_day = _month_and_day(np.array([int(np.floor(as_of))]))
    forward = last_months - months - (last_day < day_of_month)
    backward = -(months - last_months - (day_of_month < last_day))
    result: Numbers = np.where(whole > np.floor(as_of), backward, forward).astype(np.float64)
    result[~known] = np.nan
    return result


def _month_and_day(serial_days: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    days = (serial_days - _DAYS_TO_1970).astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    return months.astype(np.int64), (days - months.astype("datetime64[D]")).astype(np.int64)


def holds(operator: str, left: Numbers, right: Numbers) -> Flags:
    """Whether a comparison holds, both sides quantised; false where either is missing."""
    order = compare_quantised(left, right)
    tests: dict[str, Callable[[], Flags]] = {
        "=": lambda: order == 0,
        "<>": lambda: order != 0,
        "<": lambda: order < 0,
        "<=": lambda: order <= 0,
        ">": lambda: order > 0,
        ">=": lambda: order >= 0,
    }
    answered: Flags = ~(np.isnan(left) | np.isnan(right))
    return tests[operator]() & answered
