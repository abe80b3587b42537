"""Decimal numbers out of bytes, many at once: eight digits are one 64-bit number, three multiplications make its value.

Place in the picture: below `plain_scan`. Up to 18 digits whose value a double holds exactly, divided by a power of ten
that it holds exactly, give the nearest double, as reading them one by one does; all other numbers are read one by one.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kamxl.hosts.plain_tags import FIRST, OddSpelling, need

Words = NDArray[np.uint64]

_EXACT = np.uint64(1 << 53)  # up to here a double holds every whole number
_MOST_DIGITS = 18  # fit into 64 bits
_MOST_DECIMALS = 16  # two words
_TENS = 10.0 ** np.arange(_MOST_DECIMALS + 1)  # exact in a double, up to 22 of them would be
_WHOLE_TENS = np.uint64(10) ** np.arange(_MOST_DECIMALS + 1, dtype=np.uint64)
_LETTERS = b"0123456789.-+eE"


def _each(byte: int) -> np.uint64:
    return np.uint64(byte * 0x0101010101010101)


_ONES, _HIGHS, _DOTS, _ZEROS, _BEYOND_NINE = (_each(byte) for byte in (0x01, 0x80, 0x2E, 0x30, 0x76))
_PAIRS, _FOURS, _EIGHT = np.uint64(0x00FF00FF00FF00FF), np.uint64(0x0000FFFF0000FFFF), np.uint64(0xFFFFFFFF)
_SHIFTS = (8 * (8 - np.arange(9)).clip(0, 7)).astype(np.uint64)  # for no digit any shift will do


def parse_numbers(data: bytes, words: Words, starts: Any, sizes: Any) -> NDArray[np.float64]:
    """The numbers that stand in `data` at `starts`, `sizes` bytes each.

    Shapes: starts, sizes (n,); words are eight bytes of `data` from each position on. Errors: OddSpelling.
    """
    negative = (words[starts] & np.uint64(255)) == 45
    first, size = starts + negative, sizes - negative
    word = words[first] & FIRST[np.minimum(size, 8)]
    at, has_dot = _find_dot(word)
    before = np.where(has_dot, at, size)
    decimals = np.where(has_dot, size - at - 1, 0)
    simple = (before >= 1) & (before <= 8) & (decimals <= _MOST_DECIMALS) & (before + decimals <= _MOST_DIGITS)
    simple &= (decimals >= 1) | ~has_dot
    before, decimals = np.where(simple, before, 0), np.where(simple, decimals, 0)
    whole, fits = _digits(word, before)
    simple &= fits
    if has_dot.any():
        behind = first + before + 1
        some = np.minimum(decimals, 8)
        part, fits = _digits(words[behind], some)
        whole = whole * _WHOLE_TENS[some] + part
        simple &= fits
        more = np.flatnonzero(decimals > 8)
        if len(more):
            rest = decimals[more] - 8
            part, fits = _digits(words[behind[more] + 8], rest)
            whole[more] = whole[more] * _WHOLE_TENS[rest] + part
            simple[more] &= fits
    simple &= whole <= _EXACT
    found = whole.astype(np.float64) / _TENS[decimals]
    found = np.where(negative, -found, found)
    others = np.flatnonzero(~simple)
    if len(others):
        found[others] = [
            _one_by_one(data[start : start + count])
            for start, count in zip(starts[others].tolist(), sizes[others].tolist(), strict=True)
        ]
    return found


def _find_dot(word: Words) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Where the first dot stands in each word, and whether there is one."""
    other = word ^ _DOTS
    marks = (other - _ONES) & ~other & _HIGHS
    lowest = marks & (~marks + np.uint64(1))
    # The exponent of a power of two is its bit.
    bits = (lowest.astype(np.float64).view(np.int64) >> 52) - 1023
    return bits >> 3, marks != 0


def _digits(word: Words, count: Any) -> tuple[Words, NDArray[np.bool_]]:
    """The number that the first `count` letters of each word write, and whether all of them are digits."""
    shift = _SHIFTS[count]
    digits = ((word & FIRST[count]) << shift) - ((_ZEROS & FIRST[count]) << shift)
    good = ((digits + _BEYOND_NINE) | digits) & _HIGHS == 0
    digits = (digits * np.uint64(10) + (digits >> np.uint64(8))) & _PAIRS
    digits = (digits * np.uint64(100) + (digits >> np.uint64(16))) & _FOURS
    digits = (digits * np.uint64(10_000) + (digits >> np.uint64(32))) & _EIGHT
    return digits, good


def _one_by_one(text: bytes) -> float:
    need(not text.translate(None, _LETTERS))
    try:
        number = float(text)
    except ValueError:
        raise OddSpelling from None
    need(math.isfinite(number))
    return number
