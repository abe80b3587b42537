"""Cells to whole columns: float64 arrays with NaN for missing, texts as codes into their distinct words.

What a cell means is said once, in `values.read_cell`; here plain cells go by in bulk, and each distinct other cell is
asked once. Knows nothing of rules.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from kamxl.backends.column_types import CodedCells, Codes, Column, NullableCells, Numbers, Texts, Words
from kamxl.records import dataclass, field
from kamxl.table import Cell
from kamxl.values import NUMBER_KINDS, TEXT_KINDS, Kind, Reading, is_error, read_cell

_PLAIN_NUMBERS = frozenset({float, int, type(None)})
_NUMBERS_ALIKE = (bool, int, float)
# Cells of a column lie apart in memory: so many stay in the cache of a core while they are looked at twice.
_CELLS_AT_ONCE = 4096
# What more words than this mean is not kept for the next run.
_MOST_KEPT_WORDS = 256
# Serials of 0001-01-01 and 9999-12-31, the days that dates can be.
FIRST_DAY, LAST_DAY = -693593.0, 2958465.0


@dataclass(slots=True)
class ReadColumn:
    """A column as read, and its unusable cells. Shapes: values (n,)."""

    values: Numbers | Texts | NullableCells
    unusable: dict[int, Reading] = field(default_factory=dict)


def read_column(cells: Sequence[Cell] | None, kind: Kind, row_count: int, *, decimal_comma: bool) -> ReadColumn:
    """A column of a kind; all missing where the workbook has none.

    Units: dates are serials, yes/no is 1 or 0.
    """
    if kind in TEXT_KINDS:
        return _read_texts(cells, kind, row_count, decimal_comma=decimal_comma)
    if cells is None:
        return ReadColumn(np.full(row_count, np.nan))
    if isinstance(cells, NullableCells):
        if kind in NUMBER_KINDS and not _has_infinite(cells.numbers):
            return ReadColumn(cells)
        cells = cast(Sequence[Cell], cells.part(0, len(cells)))
    if isinstance(cells, array):
        cells = cast(Sequence[Cell], np.frombuffer(cells, cells.typecode))
    if isinstance(cells, np.ndarray) and cells.dtype.kind in "fiu" and kind != "yes/no":
        return _read_array(cells, kind, decimal_comma=decimal_comma)
    if kind in NUMBER_KINDS:
        return _read_numbers(_as_cells(cells), kind, decimal_comma=decimal_comma)
    return _read_each(_as_cells(cells), kind, decimal_comma=decimal_comma)


def error_cells(cells: Sequence[Cell]) -> dict[int, Reading]:
    """Rows whose cell is an Excel error, for a text column that nothing else is asked of."""
    found = [index for index, cell in enumerate(cells) if cell.__class__ is str and cell[:1] == "#"]
    return {index: read_cell(cells[index], "text") for index in found if is_error(cells[index])}


def _as_cells(cells: Sequence[Cell]) -> Sequence[Cell]:
    return cells.tolist() if isinstance(cells, np.ndarray) else cells


def _has_infinite(numbers: Numbers) -> bool:
    # In parts that stay in the cache: the flags of a whole column would be one more column.
    return any(np.isinf(numbers[start : start + 65_536]).any() for start in range(0, len(numbers), 65_536))


def _read_array(cells: NDArray[Any], kind: Kind, *, decimal_comma: bool) -> ReadColumn:
    # The input is never written to: a copy is made only where a cell has to become missing.
    numbers: Numbers = np.ascontiguousarray(cells, np.float64)
    if kind != "date" and not _has_infinite(numbers):
        return ReadColumn(numbers)
    odd = np.isinf(numbers)
    if kind == "date":
        with np.errstate(invalid="ignore"):
            days = np.floor(numbers)
            odd |= (days < FIRST_DAY) | (days > LAST_DAY)
    if not odd.any():
        return ReadColumn(numbers)
    numbers = numbers.copy()
    unusable = {}
    for index in np.flatnonzero(odd).tolist():
        reading = read_cell(float(numbers[index]), kind, decimal_comma=decimal_comma)
        numbers[index] = np.nan
        unusable[index] = reading
    return ReadColumn(numbers, unusable)


def _read_numbers(cells: Sequence[Cell], kind: Kind, *, decimal_comma: bool) -> ReadColumn:
    numbers = np.empty(len(cells))
    others: list[int] = []
    for start in range(0, len(cells), _CELLS_AT_ONCE):
        part = cells[start : start + _CELLS_AT_ONCE]
        floats = _plain_numbers(part)
        if floats is None:
            floats = np.array([cell if cell.__class__ is float else np.nan for cell in part])
            others += (np.flatnonzero(np.isnan(floats)) + start).tolist()
        numbers[start : start + len(part)] = floats
    column = _read_array(numbers, kind, decimal_comma=decimal_comma)
    if not others:
        return column
    found = column.values if isinstance(column.values, np.ndarray) else np.empty(0)
    book = _Book(lambda cell: read_cell(cell, kind, decimal_comma=decimal_comma))
    for index in others:
        cell = cells[index]
        if cell is not None and cell.__class__ is not float:
            reading = book.of(cell)
            if reading.code:
                column.unusable[index] = reading
            elif reading.value is not None:
                found[index] = reading.value
    return column


def _plain_numbers(cells: Sequence[Cell]) -> Numbers | None:
    """The cells as an array where all are numbers or blank; None where one has to be looked at."""
    if not _PLAIN_NUMBERS.issuperset(map(type, cells)):
        return None
    try:
        return np.array(cells, np.float64)
    except OverflowError:
        return None


class _Book(dict[Any, Reading]):
    """Readings of distinct cells. State: what has been read so far, by type as well: 1, 1.0 and True are equal."""

    def __init__(self, read: Callable[[Any], Reading]) -> None:
        self._read = read

    def of(self, cell: Any) -> Reading:
        """The reading of a cell."""
        key = (cell.__class__, cell)
        found = self.get(key)
        if found is None:
            found = self[key] = self._read(cell)
        return found


class _Serials(dict[Any, float]):
    """Numbers of distinct cells, NaN for missing and unusable ones. State: what has been read so far."""

    def __init__(self, kind: Kind, *, decimal_comma: bool) -> None:
        self._kind = kind
        self._decimal_comma = decimal_comma
        self.unusable: dict[Any, Reading] = {}

    def __missing__(self, cell: Any) -> float:
        reading = read_cell(cell, self._kind, decimal_comma=self._decimal_comma)
        if reading.code:
            self.unusable[cell] = reading
        value = reading.value
        number = self[cell] = float(value) if isinstance(value, (float, bool)) else np.nan
        return number


def _read_each(cells: Sequence[Cell], kind: Kind, *, decimal_comma: bool) -> ReadColumn:
    """Dates, yes/no and other columns whose cells repeat: each distinct cell is read once."""
    serials = _Serials(kind, decimal_comma=decimal_comma)
    numbers = np.fromiter(map(serials.__getitem__, cells), np.float64, len(cells))
    if any(isinstance(key, _NUMBERS_ALIKE) for key in serials):
        return _read_by_type(cells, kind, decimal_comma=decimal_comma)
    unusable: dict[int, Reading] = {}
    if serials.unusable:
        bad = serials.unusable
        unusable = {index: bad[cell] for index, cell in enumerate(cells) if cell in bad}
    return ReadColumn(numbers, unusable)


def _read_by_type(cells: Sequence[Cell], kind: Kind, *, decimal_comma: bool) -> ReadColumn:
    book = _Book(lambda cell: read_cell(cell, kind, decimal_comma=decimal_comma))
    readings = [book.of(cell) for cell in cells]
    column = np.array([reading.value for reading in readings], np.float64)
    return ReadColumn(column, {index: reading for index, reading in enumerate(readings) if reading.code})


class _Encoder(dict[Any, int]):
    """Codes of distinct cells. State: the words seen so far; a reading is kept for each unusable cell."""

    def __init__(self, kind: Kind, *, decimal_comma: bool) -> None:
        self._kind = kind
        self._decimal_comma = decimal_comma
        self._code_of: dict[str, int] = {}
        self.words = Words([""])
        self.unusable: dict[Any, Reading] = {}
        self[None] = 0

    def __missing__(self, cell: Any) -> int:
        code = self[cell] = self._encode(cell, cell)
        return code

    def typed(self, cell: Any) -> int:
        """The code of a cell where 1, 1.0 and True must stay apart."""
        key = (cell.__class__, cell)
        code = self.get(key)
        if code is None:
            code = self[key] = self._encode(cell, key)
        return code

    def _encode(self, cell: Any, key: Any) -> int:
        reading = read_cell(cell, self._kind, decimal_comma=self._decimal_comma)
        if reading.code:
            self.unusable[key] = reading
        if reading.value is None:
            return 0
        word = str(reading.value)
        code = self._code_of.get(word)
        if code is None:
            code = self._code_of[word] = len(self.words)
            self.words.append(word)
        return code


def _read_texts(cells: Sequence[Cell] | None, kind: Kind, row_count: int, *, decimal_comma: bool) -> ReadColumn:
    if cells is None:
        return ReadColumn(Texts(np.zeros(row_count, np.uint8), Words([""])))
    if isinstance(cells, CodedCells):
        return _read_coded(cells, kind, decimal_comma=decimal_comma)
    plain = _as_cells(cells)
    encoder = _Encoder(kind, decimal_comma=decimal_comma)
    codes = _codes_of(plain, encoder.__getitem__)
    if any(isinstance(key, _NUMBERS_ALIKE) for key in encoder):
        encoder = _Encoder(kind, decimal_comma=decimal_comma)
        codes = _codes_of(plain, encoder.typed)
    unusable: dict[int, Reading] = {}
    if encoder.unusable:
        bad = encoder.unusable
        found = ((index, bad.get(cell) or bad.get((cell.__class__, cell))) for index, cell in enumerate(plain))
        unusable = {index: reading for index, reading in found if reading is not None}
    return ReadColumn(Texts(codes, encoder.words), unusable)


def _codes_of(cells: Iterable[Cell], code_of: Callable[[Any], int]) -> Codes:
    # One byte per cell is three times as fast to make and to look up; it holds as long as there are few words.
    try:
        return np.frombuffer(bytes(map(code_of, cells)), np.uint8)
    except ValueError:
        return np.fromiter(map(code_of, cells), np.int32)


def _read_coded(cells: CodedCells, kind: Kind, *, decimal_comma: bool) -> ReadColumn:
    make = _read_few_words if len(cells.words) < _MOST_KEPT_WORDS else _read_words
    dictionary = make(tuple(cells.words), kind, decimal_comma=decimal_comma)
    codes: Codes = cells.codes
    if not (codes.dtype == np.uint8 and dictionary.is_kept):
        codes = dictionary.codes.take(codes, mode="wrap")
    unusable: dict[int, Reading] = {}
    if dictionary.unusable:
        rows = np.flatnonzero(np.isin(cells.codes, list(dictionary.unusable))).tolist()
        unusable = {row: dictionary.unusable[int(cells.codes[row])] for row in rows}
    return ReadColumn(Texts(codes, dictionary.words), unusable)


@dataclass(frozen=True, slots=True)
class _Dictionary:
    """What the words of a reader mean.

    Shapes: codes (m + 1,), positions in `words` of its m words, then of blank (its -1). Unusable words are known by
    position; `is_kept` says that the positions are those of the reader.
    """

    codes: Codes
    words: Words
    is_kept: bool
    unusable: dict[int, Reading]


def _read_words(given: tuple[str, ...], kind: Kind, *, decimal_comma: bool) -> _Dictionary:
    encoder = _Encoder(kind, decimal_comma=decimal_comma)
    codes = np.array([*(encoder[word] for word in given), 0], np.int32)
    is_kept = given[:1] == ("",) and np.array_equal(codes[:-1], np.arange(len(given)))
    small = codes.astype(np.uint8) if len(encoder.words) < 256 else codes
    bad = {position: encoder.unusable[word] for position, word in enumerate(given) if word in encoder.unusable}
    return _Dictionary(small, encoder.words, is_kept, bad)


# Runs follow each other on the same clients: tables over words hang on the list that is made here.
_read_few_words = lru_cache(maxsize=64)(_read_words)


def show_cells(column: Column | NullableCells, kind: str) -> Sequence[Any]:
    """A column as `Scored.values` shows it: texts or None, true, false or None, floats with NaN for missing."""
    if isinstance(column, NullableCells):
        column = column.part(0, len(column))
    if isinstance(column, Texts):
        return column.cells()
    if column.dtype == np.bool_:
        flags: list[bool] = column.tolist()
        return flags
    if kind == "condition":
        answers = {1.0: True, 0.0: False}
        return [answers.get(number) for number in column.tolist()]
    return cast("Sequence[Any]", column)
