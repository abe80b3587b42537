"""A block of rows under computation, and what expressions share: missing answers, tables over words, choices."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from kamxl.backends.column_types import Column, Flags, Given, NullableCells, Numbers, Texts, Words


class Block:
    """Rows start to stop of all that is known by name. State: derived columns computed so far."""

    __slots__ = ("_columns", "_derived", "_known", "start", "stop")

    def __init__(
        self, start: int, stop: int, columns: Mapping[str, Column | NullableCells], derived: Mapping[str, Compute]
    ) -> None:
        self.start = start
        self.stop = stop
        self._columns = columns
        self._derived = derived
        self._known: dict[str, Column] = {}

    def __len__(self) -> int:
        return self.stop - self.start

    def column(self, name: str) -> Column:
        """The part of a column in this block."""
        found = self.answer(name)
        if isinstance(found, Given):
            found = self._known[name] = found.column()
        return found

    def answer(self, name: str) -> Column | Given:
        """The part of a column in this block, for those who look at the marks of blanks themselves."""
        found = self._known.get(name)
        if found is None:
            whole = self._columns.get(name)
            if isinstance(whole, NullableCells):
                return whole.given(self.start, self.stop)
            if whole is None:
                found = self._derived[name](self)
            else:
                inside = slice(self.start, self.stop)
                found = whole[inside] if isinstance(whole, np.ndarray) else whole.part(self.start, self.stop)
            self._known[name] = found
        return found

    def keep(self, name: str, column: Column) -> None:
        """Makes a result of this block known by name."""
        self._known[name] = column

    def changed(self, columns: Mapping[str, Column]) -> Block:
        """The same rows with other results in some columns; what was computed from them stays."""
        block = Block(self.start, self.stop, self._columns, self._derived)
        block._known = {**self._known, **columns}
        return block

    def some(self, rows: NDArray[np.intp], columns: Mapping[str, Column]) -> Block:
        """Some of the rows, with other values in some columns; what is derived from them is computed anew.

        Shapes: rows (m,), positions in this block; columns (m,).
        """
        block = Block(0, len(rows), _SomeRows(self, self._columns, rows), self._derived)
        block._known.update(columns)
        return block


class _SomeRows(Mapping[str, "Column | NullableCells"]):
    """Some rows of the columns of a block, cut out when they are asked for."""

    def __init__(self, block: Block, names: Collection[str], rows: NDArray[np.intp]) -> None:
        self._block = block
        self._names = names
        self._rows = rows

    def __getitem__(self, name: str) -> Column:
        if name not in self._names:
            raise KeyError(name)
        return take(self._block.column(name), self._rows)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


Compute = Callable[[Block], Column]


def take(column: Column, rows: NDArray[Any]) -> Column:
    """Some rows of a column."""
    return Texts(column.codes[rows], column.words) if isinstance(column, Texts) else column[rows]


def missing_of(column: Column) -> Flags:
    """Where a column is missing. Shapes: (n,)."""
    if isinstance(column, Texts):
        return cast(Flags, column.codes == 0)
    return np.isnan(column) if column.dtype != np.bool_ else np.zeros(len(column), np.bool_)


class WordTable:
    """A table over words, made once per list of words. State: the last list seen and its table."""

    def __init__(self, make: Callable[[Words], NDArray[Any]]) -> None:
        self._make = make
        self._last: tuple[Words, NDArray[Any]] | None = None

    def of(self, words: Words) -> NDArray[Any]:
        """The table of these words."""
        last = self._last
        # A later run on the same clients has the same words, in a list of its own.
        if last is None or (last[0] is not words and not list.__eq__(last[0], words)):
            last = (words, self._make(words))
        if last[0] is not words:
            last = (words, last[1])
        self._last = last
        return last[1]


def choose(where: Flags, then: Column, otherwise: Column) -> Column:
    """Then where the flag is set, otherwise elsewhere; words are joined where they differ."""
    if isinstance(then, Texts) and isinstance(otherwise, Texts):
        words, shifted = _joined(then.words, otherwise)
        return Texts(np.where(where, then.codes, shifted), words)
    if isinstance(then, Texts) or isinstance(otherwise, Texts):
        raise TypeError("a text and a number cannot share a column")
    # A condition meets a yes/no answer as 1 or 0.
    chosen: Numbers = np.where(where, then, otherwise)
    return chosen


_JOINED: dict[tuple[Words, Words], Words] = {}


def _joined(first: Words, second: Texts) -> tuple[Words, NDArray[Any]]:
    if first is second.words:
        return first, second.codes
    key = (first, second.words)
    words = _JOINED.get(key)
    if words is None:
        if len(_JOINED) > 64:
            _JOINED.clear()
        words = _JOINED[key] = Words([*first, *second.words[1:]])
    shift = len(first) - 1
    return words, np.where(second.codes == 0, 0, second.codes.astype(np.int32) + shift)
