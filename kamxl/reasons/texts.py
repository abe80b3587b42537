"""Values of a block as texts: each distinct value is written once, as `conditions.Wording` writes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import ne
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from kamxl.backends.column_rounding import round_array
from kamxl.backends.column_types import Column, Numbers, Texts
from kamxl.conditions import Form, Wording
from kamxl.language.expression import Node, kind_of
from kamxl.phrases import percent_sign, say, write_date, write_rounded

# Texts are columns of Python objects: indexing and joining them goes by array.
TextArray = NDArray[np.object_]
Write = Callable[[float], str]


def as_texts(texts: Sequence[str]) -> TextArray:
    """Texts as an array. Shapes: (n,)."""
    found = np.empty(len(texts), object)
    found[:] = texts
    return found


def codes_in(codes: NDArray[np.integer[Any]]) -> list[int]:
    """The distinct codes, rising. Shapes: codes (n,), none below 0."""
    # `np.unique` would load NumPy's masked arrays: as long as it takes to tell the reasons of a thousand clients.
    return np.flatnonzero(np.bincount(codes)).tolist()


class Lines(dict[float, str]):
    """Texts of numbers. State: those written so far; missing is NaN, which is never found again."""

    def __init__(self, write: Write, missing: str = "") -> None:
        self._write = write
        self._missing = missing

    def __missing__(self, number: float) -> str:
        if number != number:
            return self._missing
        text = self[number] = self._write(number)
        return text

    def of(self, numbers: NDArray[Any]) -> list[str]:
        """The text of each number. Shapes: (n,)."""
        return list(map(self.__getitem__, numbers.tolist()))


class Writing:
    """Values in one language, alone or in a template with the gap `{0}`. State: the numbers written so far."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording
        self._language = wording.language
        self._missing = say("missing", wording.language)
        self._lines: dict[tuple[Form, str], Lines] = {}

    def values(self, column: Column, node: Node, *, computed: Node | None = None, template: str = "{0}") -> list[str]:
        """Each value of a column, in the form of `node`. Shapes: (n,)."""
        if isinstance(column, Texts):
            words = [self._missing, *column.words[1:]]
            texts = list(map(words.__getitem__, column.codes.tolist()))
            return texts if template == "{0}" else list(map(template.format, texts))
        if column.dtype == np.bool_ or kind_of(computed or node) == "condition":
            answers = [template.format(say(key, self._language)) for key in ("no", "yes", "missing")]
            codes = np.where(np.isnan(column), 2, column == 1)
            return list(map(answers.__getitem__, codes.tolist()))
        return self.numbers(cast(Numbers, column), self._wording.form(node), template=template)

    def differs(self, one: Column, other: Column, node: Node) -> list[bool]:
        """Where two values of a column are written otherwise, in the form of `node`. Shapes: (n,)."""
        form = self._wording.form(node)
        texts = isinstance(one, Texts) or isinstance(other, Texts) or np.bool_ in (one.dtype, other.dtype)
        if texts or kind_of(node) == "condition" or form == "date":
            return list(map(ne, self.values(one, node), self.values(other, node)))
        # Rounded as they are written, two numbers are written alike where they are equal.
        rounded = [_ROUND[form](cast(Numbers, each)) for each in (one, other)]
        both_missing = np.isnan(rounded[0]) & np.isnan(rounded[1])
        found: list[bool] = ((rounded[0] != rounded[1]) & ~both_missing).tolist()
        return found

    def numbers(self, numbers: Numbers, form: Form, *, template: str = "{0}") -> list[str]:
        """Each number. Shapes: (n,)."""
        lines = self._lines.get((form, template))
        if lines is None:
            write = self._write_of(form)
            alone = template == "{0}"
            lines = self._lines[form, template] = Lines(
                write if alone else lambda number: template.format(write(number)), template.format(self._missing)
            )
        return lines.of(_ROUND[form](numbers))

    def _write_of(self, form: Form) -> Write:
        language, sign = self._language, percent_sign(self._language)
        match form:
            case "date":
                return write_date
            case "percent":
                return lambda number: write_rounded(number, language, 0) + sign
            case "tenths":
                return lambda number: write_rounded(number, language, 1)
            case _:
                return lambda number: write_rounded(number, language, 3 if -1000 < number < 1000 else 0)


def _plain(numbers: Numbers) -> Numbers:
    big = np.abs(numbers) >= 1000
    if not big.any():
        return round_array(numbers, 3)
    if big.all():
        return round_array(numbers, 0)
    return np.where(big, round_array(np.where(big, numbers, np.nan), 0), round_array(np.where(big, np.nan, numbers), 3))


# What is written alike is one number, in the unit in which it is written.
_ROUND: dict[Form, Callable[[Numbers], Numbers]] = {
    "date": np.floor,
    "percent": lambda numbers: round_array(numbers * 100, 0),
    "tenths": lambda numbers: round_array(numbers, 1),
    "plain": _plain,
}
