"""Cell references: `C7`, `$A$1:$F$20`, `B:D` as numbers and back.

Place in the picture: pure arithmetic, used by every module that names cells.
Units: rows and columns are 1-based, as Excel shows them.
"""

from __future__ import annotations

import re
from functools import cache

from kamxl.records import dataclass

MAX_ROW = 1_048_576  # Excel's limit since 2007
MAX_COLUMN = 16_384  # XFD

_CELL = re.compile(r"^\$?([A-Za-z]{1,3})\$?([0-9]{1,7})$")
_COLUMN = re.compile(r"^\$?([A-Za-z]{1,3})$")
_ROW = re.compile(r"^\$?([0-9]{1,7})$")


@cache
def column_name(column_1based: int) -> str:
    """Letters of a column.

    Example:
        >>> column_name(28)
        'AB'
    """
    letters, left = "", column_1based
    while left:
        left, digit = divmod(left - 1, 26)
        letters = chr(65 + digit) + letters
    return letters


def column_number(letters: str | bytes) -> int:
    """Number of a column, from its letters in any case.

    Example:
        >>> column_number("xfd")
        16384
    """
    number = 0
    for code in letters.encode() if isinstance(letters, str) else letters:
        number = number * 26 + (code & 31)
    return number


@dataclass(frozen=True, slots=True)
class Range:
    """A rectangle of cells, both corners inside."""

    first_column: int
    first_row: int
    last_column: int
    last_row: int

    @staticmethod
    def parse(text: str) -> Range:
        """The rectangle that a reference names.

        Errors: ValueError if the text is not one cell, one area, whole columns or whole rows.
        Example:
            >>> Range.parse("$B$2:C9")
            Range(first_column=2, first_row=2, last_column=3, last_row=9)
        """
        start, _, end = text.strip().partition(":")
        first, last = _corner(start, low=True), _corner(end or start, low=False)
        columns = sorted((first[0], last[0]))
        rows = sorted((first[1], last[1]))
        if columns[0] < 1 or columns[1] > MAX_COLUMN or rows[0] < 1 or rows[1] > MAX_ROW:
            raise ValueError(f"not a cell reference: {text!r}")
        return Range(columns[0], rows[0], columns[1], rows[1])

    def text(self, *, absolute: bool = False) -> str:
        """The reference in A1 style; one cell is written without a colon.

        Example:
            >>> Range(1, 1, 2, 5).text(absolute=True)
            '$A$1:$B$5'
        """
        mark = "$" if absolute else ""
        first = f"{mark}{column_name(self.first_column)}{mark}{self.first_row}"
        last = f"{mark}{column_name(self.last_column)}{mark}{self.last_row}"
        return first if first == last else f"{first}:{last}"

    def meets(self, other: Range) -> bool:
        """Whether the two rectangles share a cell."""
        return (
            self.first_column <= other.last_column
            and other.first_column <= self.last_column
            and self.first_row <= other.last_row
            and other.first_row <= self.last_row
        )

    def holds(self, other: Range) -> bool:
        """Whether every cell of `other` is inside."""
        return (
            self.first_column <= other.first_column
            and other.last_column <= self.last_column
            and self.first_row <= other.first_row
            and other.last_row <= self.last_row
        )

    def union(self, other: Range) -> Range:
        """The smallest rectangle around both."""
        return Range(
            min(self.first_column, other.first_column),
            min(self.first_row, other.first_row),
            max(self.last_column, other.last_column),
            max(self.last_row, other.last_row),
        )

    def grown(self, by: int) -> Range:
        """The rectangle with a margin of `by` cells on each side, cut at the sheet's edge."""
        return Range(
            max(1, self.first_column - by),
            max(1, self.first_row - by),
            min(MAX_COLUMN, self.last_column + by),
            min(MAX_ROW, self.last_row + by),
        )


def _corner(text: str, *, low: bool) -> tuple[int, int]:
    if cell := _CELL.match(text):
        return column_number(cell[1]), int(cell[2])
    if column := _COLUMN.match(text):
        return column_number(column[1]), 1 if low else MAX_ROW
    if row := _ROW.match(text):
        return 1 if low else MAX_COLUMN, int(row[1])
    raise ValueError(f"not a cell reference: {text!r}")


def read_ranges(text: str) -> list[Range]:
    """The rectangles of a blank-separated list (`sqref`), unreadable ones left out."""
    found = []
    for word in text.split():
        try:
            found.append(Range.parse(word))
        except ValueError:
            continue
    return found
