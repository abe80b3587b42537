"""The rows of a worksheet as arrays, for sheets spelled as spreadsheets spell them: no Python object per cell.

Place in the picture: below `plain_rows`. Every tag of a block of rows is found at once, and all of them are checked:
which tag follows which, how long each is, and that each reference is the one of its row. What is accepted here is
well-formed XML, letter by letter; whatever is spelled otherwise is refused (None), and calamine reads the sheet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kamxl.hosts.plain_numbers import parse_numbers
from kamxl.hosts.plain_tags import (
    BYTE,
    CELL,
    EMPTY_CELL,
    EMPTY_FORMULA,
    EMPTY_ROW,
    FIRST,
    FORMULA,
    INLINE,
    ROW,
    VALUE,
    OddSpelling,
    need,
    need_words,
    read_codes,
    word,
)
from kamxl.records import dataclass, field

BLANK, NUMBER, SHARED, TRUTH, DAY, TEXT, UNCALCULATED = range(7)

_ATTRIBUTES = re.compile(rb'"((?: (?:[A-Za-z_][\w.\-]*:)?[A-Za-z_][\w.\-]*="[^"<&]*")*)')
_NAME = re.compile(rb' (?:([\w.\-]+):)?([\w.\-]+)="[^"]*"')
# Each attribute once.
_FORMULA_ATTRIBUTES = rb'<f(?: (t|ref|si|ca|aca|dt2D|dtr|r1|r2|bx)="[^"<>&]*"(?![^>]* \1="))*'
_FORMULA_TAG = re.compile(_FORMULA_ATTRIBUTES + rb">[^<]*")
_EMPTY_FORMULA_TAG = re.compile(_FORMULA_ATTRIBUTES + rb"/>")
_KEPT = b'<t xml:space="preserve">'
_ENTITY = re.compile(rb"&(?:amp|lt|gt|quot|apos);")
_UNFIT = bytes(byte for byte in range(32) if byte not in (9, 10))
_ERRORS = frozenset({b"#N/A", b"#DIV/0!", b"#NAME?", b"#NULL!", b"#NUM!", b"#REF!", b"#VALUE!"})
# As many of these are not above a whole number as it has digits.
_POWERS = np.array([0.0, *(10.0**digits for digits in range(1, 10))])
_STR, _INLINE_STR = 200, 201  # types of more than one letter; no letter is one of these
_TYPES = bytes((0, *b"sben", _STR, _INLINE_STR))
_MOST_ROW_DIGITS = 7
_MOST_STYLE_DIGITS = 5
_MOST_TAIL_BYTES = 1 << 24  # far more than anything that follows the rows of a client table
_PAD = 32
_ANY_LETTER = word(b"\xff\xff\xff\xff\0\xff")


Positions = NDArray[np.signedinteger[Any]]


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of some rows. Shapes: all (k,). Units: rows and columns from 0; values are numbers, or positions in
    the shared strings (SHARED) or in `texts` of the scan (TEXT)."""

    rows: NDArray[np.int32]
    columns: NDArray[np.int32]
    kinds: NDArray[np.uint8]
    values: NDArray[np.float64]


@dataclass(slots=True)
class Scan:
    """All rows of a sheet: `blocks` in their order, and the texts that stand in the cells themselves, as XML.

    Units: numbers of rows and columns from 1.
    """

    date_styles: frozenset[int]
    odd_styles: frozenset[int]
    prefixes: frozenset[bytes]
    blocks: list[Cells] = field(default_factory=list)
    texts: list[bytes] = field(default_factory=list)
    numbers: list[NDArray[np.int32]] = field(default_factory=list)  # of all rows, block by block
    last_columns: list[NDArray[np.int32]] = field(default_factory=list)  # of their last cells, 0 for none
    has_formulas: bool = False
    has_special_formulas: bool = False  # that may speak for other cells
    size_bytes: int = 0
    last_row: int = 0
    row_tails: set[bytes] = field(default_factory=set)

    def take(self, block: bytes) -> None:
        """Some whole rows. Errors: OddSpelling."""
        self.size_bytes += len(block)
        _Block(self, block).read()


class _Block:
    """One block of rows at work; a class because each step needs what the ones before found."""

    def __init__(self, scan: Scan, data: bytes) -> None:
        self.scan, self.data = scan, data
        # Looking a few bytes beyond either end must not fail: they match nothing.
        padded = bytes(_PAD) + data + bytes(_PAD)
        self.bytes = np.frombuffer(padded, np.uint8)[_PAD:]
        # Eight bytes from each position on, as one number.
        self.words = np.ndarray((len(data) + _PAD,), "<u8", padded, 0, (1,))[_PAD:]
        # Positions of 64 bits: NumPy would make them of any others, each time that something is looked up by them.
        self.tags = np.flatnonzero(self.bytes == 60)
        need(len(self.tags) and self.tags[0] == 0)
        self.next = np.append(self.tags[1:], len(data))

    def read(self) -> None:
        """All cells of the block. Errors: OddSpelling."""
        self._check_bytes()
        code = self.code = read_codes(self.bytes, self.words, self.tags, self.next)
        rows = np.flatnonzero((code == ROW) | (code == EMPTY_ROW))
        numbers, references = self._row_numbers(rows)
        cells = np.flatnonzero((code == CELL) | (code == EMPTY_CELL))
        self.scan.numbers.append(numbers)
        if not len(cells):
            self.scan.last_columns.append(np.zeros(len(rows), np.int32))
            return
        bounds = np.append(np.searchsorted(cells, rows), len(cells))
        counts = np.diff(bounds)
        columns, after = self._references(cells, np.repeat(references, counts))
        # Within a row columns rise.
        rising = columns[1:] > columns[:-1]
        rising[bounds[1:-1][(bounds[1:-1] > 0) & (bounds[1:-1] < len(cells))] - 1] = True
        need(rising.all())
        self.scan.last_columns.append(np.where(counts > 0, columns[bounds[1:] - 1], 0))
        kinds, values = self._values(cells, *self._attributes(cells, after))
        self.scan.blocks.append(Cells(np.repeat(numbers, counts) - 1, columns - 1, kinds, values))

    def _check_bytes(self) -> None:
        data = self.data
        if (self.bytes[: len(data)] < 32).any():
            need(len(data.translate(None, _UNFIT)) == len(data))
        if not data.isascii():
            try:
                data.decode("utf-8")
            except UnicodeDecodeError:
                raise OddSpelling from None
            need(b"\xef\xbf\xbe" not in data and b"\xef\xbf\xbf" not in data)
        # A single byte is found ten times faster than a word.
        need(b"]" not in data or b"]]>" not in data)
        need(b"&" not in data or data.count(b"&") == len(_ENTITY.findall(data)))

    def _row_numbers(self, rows: Any) -> tuple[Positions, NDArray[np.uint64]]:
        """The numbers of the rows, and what each cell's reference must end with: its digits and a quote."""
        at, starts = self.bytes, self.tags[rows]
        need_words(self.words, starts, b'<row r="')
        numbers, digits = np.zeros(len(rows), np.int32), np.zeros(len(rows), np.int32)
        inside = np.ones(len(rows), bool)
        for offset in range(8, 8 + _MOST_ROW_DIGITS):
            letters = at[starts + offset]
            inside &= (letters >= 48) & (letters <= 57)
            numbers = np.where(inside, numbers * 10 + (letters - np.uint8(48)), numbers)
            digits += inside
        need(digits.all() and (np.diff(numbers) > 0).all() and numbers[0] > self.scan.last_row)
        self.scan.last_row = int(numbers[-1])
        starts = starts + 8
        ends = self.next[rows] - np.where(self.code[rows] == EMPTY_ROW, 2, 1)
        data = self.data
        tails = {data[start:end] for start, end in zip((starts + digits).tolist(), ends.tolist(), strict=True)}
        for tail in tails - self.scan.row_tails:
            self._check_tail(tail)
        self.scan.row_tails |= tails
        return numbers, self.words[starts] & FIRST[digits + 1]

    def _check_tail(self, tail: bytes) -> None:
        """Nothing when these are well-formed attributes, each of them once."""
        need(_ATTRIBUTES.fullmatch(tail))
        names = _NAME.findall(tail)
        need(len({name for _, name in names}) == len(names) and (b"", b"r") not in names)
        need(all(not prefix or prefix in self.scan.prefixes for prefix, _ in names))

    def _references(self, cells: Any, references: NDArray[np.uint64]) -> tuple[Positions, Positions]:
        """The columns of the cells, and where their references end; each must name its row."""
        starts = self.tags[cells]
        words = self.words[starts]
        need((words & FIRST[6] == word(b'<c r="')).all())
        first, second = (words >> np.uint64(48) & BYTE).astype(np.int32), (words >> np.uint64(56)).astype(np.int32)
        two = second >= 65
        need(((first >= 65) & (first <= 90) & (second <= 90)).all())
        columns = np.where(two, first * 26 + second - 65 * 26 + 26 - 64, first - 64) if two.any() else first - 64
        number_at = starts + 7 + two
        third = self.bytes[starts + 8].astype(np.int32)
        three = two & (third >= 65)
        if three.any():
            need((third[three] <= 90).all())
            columns = np.where(three, columns * 26 + third - 64, columns)
            number_at += three
        sizes = self._sizes_of(references)
        need((self.words[number_at] & FIRST[sizes] == references).all())
        return columns, number_at + sizes

    @staticmethod
    def _sizes_of(references: NDArray[np.uint64]) -> NDArray[np.int32]:
        """Bytes of the digits and the quote behind them."""
        return np.searchsorted(FIRST, references, side="left").astype(np.int32)

    def _attributes(self, cells: Any, after: Positions) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
        """The type of each cell (its letter, or one of the marks for longer ones; 0 for none) and its style."""
        ends = self.next[cells] - 1 - (self.code[cells] == EMPTY_CELL)
        types, styles = np.zeros(len(cells), np.uint8), np.zeros(len(cells), np.int32)
        need((ends >= after).all())
        more = np.flatnonzero(ends > after)
        start, end = after[more], ends[more]
        left, kind = end - start, np.zeros(len(more), np.uint8)
        # ` t="?"`: any one letter.
        words = self.words[end - 6]
        single = (words & _ANY_LETTER == word(b' t="\0"')) & (left >= 6)
        kind = np.where(single, words >> np.uint64(32) & BYTE, 0).astype(np.uint8)
        left = left - np.where(single, 6, 0)
        if not single.all():
            words = self.words[end - 8]
            for ending, beginning, size, letter in (
                (b' t="str"', b' t="str"', 8, _STR),
                (b'lineStr"', b' t="inli', 14, _INLINE_STR),
            ):
                fits = ~single & (left >= size) & (words == word(ending))
                fits &= self.words[end - size] == word(beginning)
                kind[fits] = letter
                left[fits] -= size
        need(not kind.tobytes().translate(None, _TYPES))
        types[more] = kind
        styled = np.flatnonzero(left)
        if len(styled):
            styles[more[styled]] = self._styles(start[styled], left[styled])
        return types, styles

    def _styles(self, starts: Positions, sizes: Positions) -> NDArray[np.int32]:
        """The numbers in ` s="12"`."""
        at = self.bytes
        need_words(self.words, starts, b' s="')
        digits = sizes - 5
        need((digits >= 1).all() and (digits <= _MOST_STYLE_DIGITS).all() and (at[starts + sizes - 1] == 34).all())
        numbers = np.zeros(len(starts), np.int32)
        for place in range(int(digits.max(initial=0))):
            letters, inside = at[starts + 4 + place], place < digits
            need((((letters >= 48) & (letters <= 57)) | ~inside).all())
            numbers = np.where(inside, numbers * 10 + (letters - np.uint8(48)), numbers)
        return numbers

    def _values(
        self, cells: Any, types: NDArray[np.uint8], styles: NDArray[np.int32]
    ) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
        code, empty = self.code, self.code[cells] == EMPTY_CELL
        following = code[np.minimum(cells + 1, len(code) - 1)]
        behind = cells + 1
        formula = ~empty & ((following == FORMULA) | (following == EMPTY_FORMULA))
        if formula.any():
            self._check_formulas(cells[formula] + 1)
            behind = behind + np.where(formula, np.where(following == FORMULA, 2, 1), 0)
        valued = ~empty & (code[np.minimum(behind, len(code) - 1)] == VALUE)
        inline = ~empty & (following == INLINE)
        kinds, values = np.zeros(len(cells), np.uint8), np.full(len(cells), np.nan)
        need((types[inline] == _INLINE_STR).all() and not (types[valued] == _INLINE_STR).any())
        need((self.bytes[self.tags[behind[valued]] + 2] == 62).all())
        texts = valued & ((types == _STR) | (types == ord("e")))
        numeric = np.flatnonzero(valued & ~texts)
        values[numeric] = self._numbers(behind[numeric])
        sizes = self.next[behind[numeric]] - self.tags[behind[numeric]] - 3
        kinds[numeric] = self._kinds_of(types[numeric], styles[numeric], values[numeric], sizes)
        kinds[formula & ~valued] = UNCALCULATED
        need((types[formula & ~valued] != _STR).all() and (types[~valued] != ord("e")).all())
        for places, tags in ((texts, behind), (inline, behind + 1)):
            chosen = np.flatnonzero(places)
            if len(chosen):
                kinds[chosen] = TEXT
                values[chosen] = self._texts(tags[chosen])
        for at in values[types == ord("e")].astype(int).tolist():
            need(self.scan.texts[at] in _ERRORS)
        return kinds, values

    def _kinds_of(
        self, types: NDArray[np.uint8], styles: NDArray[np.int32], values: NDArray[np.float64], sizes: Positions
    ) -> NDArray[np.uint8]:
        kinds = np.full(len(types), NUMBER, np.uint8)
        shared, truth = types == ord("s"), types == ord("b")
        plain = (types == 0) | (types == ord("n"))
        kinds[shared], kinds[truth] = SHARED, TRUTH
        # Positions of texts are digits only, truths are one digit.
        need((np.searchsorted(_POWERS, values[shared], side="right") == sizes[shared]).all())
        need(((values[truth] == 0) | (values[truth] == 1)).all() and (sizes[truth] == 1).all())
        used = np.bincount(styles[plain]) if plain.any() else np.zeros(1)
        styled = {int(number) for number in np.flatnonzero(used)}
        need(not styled & self.scan.odd_styles)
        for number in styled & self.scan.date_styles:
            days = plain & (styles == number)
            kinds[days] = DAY
            # Times, and the day that Excel invented, are left to the other reader.
            need((values[days] % 1 == 0).all() and (values[days] > 60).all() and (values[days] < 2_958_466).all())
        return kinds

    def _numbers(self, tags: Any) -> NDArray[np.float64]:
        """The numbers between `<v>` and `</v>`."""
        starts = self.tags[tags] + 3
        sizes = self.next[tags] - starts
        need((sizes > 0).all())
        return parse_numbers(self.data, self.words, starts, sizes)

    def _texts(self, tags: Any) -> range:
        """Positions in `texts` of the texts that begin at these tags (`<v>` or `<t>`)."""
        data, texts = self.data, self.scan.texts
        first = len(texts)
        for start, end in zip(self.tags[tags].tolist(), self.next[tags].tolist(), strict=True):
            kept = data.startswith(_KEPT, start)
            need(kept or data[start + 2] == 62)
            text = data[start + (len(_KEPT) if kept else 3) : end]
            # Readers differ on blanks at the ends of a text that does not ask to have them kept.
            need(kept or text == text.strip())
            texts.append(text)
        return range(first, len(texts))

    def _check_formulas(self, tags: Any) -> None:
        data, self.scan.has_formulas = self.data, True
        empty = (self.code[tags] == EMPTY_FORMULA).tolist()
        for start, end, is_empty in zip(self.tags[tags].tolist(), self.next[tags].tolist(), empty, strict=True):
            if data[start + 2] != 62 or is_empty:
                self.scan.has_special_formulas = True
                need((_EMPTY_FORMULA_TAG if is_empty else _FORMULA_TAG).fullmatch(data, start, end))


def scan_rows(chunks: Iterable[bytes], scan: Scan, block_bytes: int) -> bytes:
    """What stands behind the rows; the rows themselves go into `scan`. `chunks` begin with the first row.

    Errors: OddSpelling.
    """
    rest, closing = b"", b"</sheetData>"
    waiting: list[bytes] = []
    size = 0
    chunks = iter(chunks)
    for chunk in chunks:
        waiting.append(chunk)
        size += len(chunk)
        if size < block_bytes:
            continue
        rest = b"".join(waiting)
        cut = rest.rfind(b"</row>") + 6
        need(cut > 5)
        waiting = [rest]
        if rest.startswith(closing, cut):
            break
        scan.take(rest[:cut])
        waiting = [rest[cut:]]
        size = len(waiting[0])
    rest = b"".join(waiting)
    end = rest.find(closing)
    need(end >= 0)
    if end:
        scan.take(rest[:end])
    tail, size = [], 0
    for piece in chain((rest[end:],), chunks):
        tail.append(piece)
        size += len(piece)
        need(size <= _MOST_TAIL_BYTES)
    return b"".join(tail)
