"""What a column is on its way through the kernel: numbers, flags, texts as codes into words, cells as Arrow holds them.

Knows neither what cells mean nor of rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kamxl.records import dataclass
from kamxl.table import Cell

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]
Codes = NDArray[Any]


class Words(list[str]):
    """Distinct texts, counted from 1; the text at 0 is missing. Compared and hashed by identity: tables hang on it."""

    __slots__ = ()

    def __hash__(self) -> int:  # type: ignore[override]
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


@dataclass(frozen=True, slots=True)
class Texts:
    """A column of texts. Shapes: codes (n,), 0 for missing, else positions in `words`."""

    codes: Codes
    words: Words

    def __len__(self) -> int:
        return len(self.codes)

    def part(self, start: int, stop: int) -> Texts:
        """The rows from start to stop."""
        return Texts(self.codes[start:stop], self.words)

    def cells(self) -> list[str | None]:
        """The texts themselves, None for missing."""
        words = np.empty(len(self.words), object)
        words[:] = self.words
        words[0] = None
        cells: list[str | None] = words[self.codes].tolist()
        return cells


Column = Numbers | Flags | Texts


@dataclass(frozen=True, slots=True)
class Given:
    """Numbers as they stand in a block. Shapes: both (n,); given holds 1 for a number, 0 for a blank."""

    numbers: Numbers
    given: NDArray[np.uint8]

    def column(self) -> Numbers:
        """The numbers, NaN where blank."""
        # 1 becomes no bit, 0 becomes all of them.
        blank = np.subtract(self.given, 1).view(np.int8).astype(np.int64)
        return np.bitwise_or(self.numbers.view(np.int64), blank, out=blank).view(np.float64)


def make_missing(numbers: Numbers, where: Flags) -> None:
    """Sets numbers to NaN. Without a branch per row: a processor guesses wrong at every change."""
    # All bits set are a NaN.
    bits = numbers.view(np.int64)
    np.bitwise_or(bits, np.negative(where.view(np.int8)).astype(np.int64), out=bits)


def make_zero(numbers: Numbers, where: Flags) -> None:
    """Sets numbers to 0, without a branch per row."""
    bits = numbers.view(np.int64)
    np.bitwise_and(bits, np.subtract(where.view(np.int8), np.int8(1)).astype(np.int64), out=bits)


@dataclass(frozen=True, slots=True, eq=False)
class NullableCells(Sequence[Cell]):
    """A column of numbers as Arrow holds it: what is blank is said by bits beside, lowest first, and made NaN in parts.

    Shapes: numbers (n,), anything where the cell is blank; bits (ceil((skipped + n) / 8),).
    """

    numbers: Numbers
    bits: NDArray[np.uint8]
    skipped: int

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return self.part(0, len(self))[index].tolist()
        position = range(len(self))[index]
        number = float(self.part(position, position + 1)[0])
        return number if number == number else None

    def part(self, start: int, stop: int) -> Numbers:
        """The rows from start to stop, NaN where blank."""
        return self.given(start, stop).column()

    def given(self, start: int, stop: int) -> Given:
        """The rows from start to stop as they stand."""
        first, skipped = divmod(self.skipped + start, 8)
        stop = min(stop, len(self))
        given = np.unpackbits(self.bits[first:], count=skipped + stop - start, bitorder="little")[skipped:]
        return Given(self.numbers[start:stop], given)


@dataclass(frozen=True, slots=True, eq=False)
class CodedCells(Sequence[Cell]):
    """A column of cells that its reader has encoded: Arrow dictionaries, categories of a data frame.

    Shapes: codes (n,), -1 for blank, else positions in `words`.
    """

    codes: NDArray[Any]
    words: Sequence[str]

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[Cell]:
        words: list[str | None] = [*self.words, None]
        return iter([words[code] for code in self.codes.tolist()])

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return CodedCells(self.codes[index], self.words)
        code = int(self.codes[index])
        return self.words[code] if code >= 0 else None
