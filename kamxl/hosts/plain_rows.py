"""A sheet as rows of cells and as columns, out of arrays; what `finding` and `files` see of `plain_scan`.

Calamine makes a Python object of every cell of a workbook; a rule book looks at some columns of it, and most of them
are numbers. Cells equal calamine's, one by one: sheets that might differ are left to it.
"""

from __future__ import annotations

import datetime as dt
import re
from array import array
from collections.abc import Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from kamxl.backends.column_blocks import keep_memory
from kamxl.hosts.finding import SheetRows
from kamxl.hosts.plain_scan import (
    BLANK,
    DAY,
    NUMBER,
    SHARED,
    TEXT,
    TRUTH,
    UNCALCULATED,
    Scan,
    scan_rows,
)
from kamxl.hosts.plain_tags import OddSpelling, need
from kamxl.ooxml import OoxmlError, Workbook
from kamxl.ooxml.markup import unescape
from kamxl.ooxml.rows import Survey
from kamxl.ooxml.sheet import SeenRows
from kamxl.table import Cell
from kamxl.values import NOT_CALCULATED

_BLOCK_BYTES = 1 << 19  # rows at work at a time: their arrays fit the cache of a core
_HEAD_BYTES = 1 << 16
_HEAD_ROWS = 64
# Sheets with few cells strewn over many columns are no tables; as a rectangle they would fill the memory.
_LEAST_FILLED = 0.125
_SPARE_CELLS = 1 << 17
# A reader makes 32 bytes of each cell of the rectangle, filled or not: 4 GB.
_MOST_AREA = 1 << 27
_FIRST_DAY = dt.date(1899, 12, 30).toordinal()
# Readers differ on blanks at the ends of a text that does not ask to have them kept: such a text is no plain one.
_STRING = re.compile(r'<si><t(?:>((?:[^\s<](?:[^<]*[^\s<])?)?)| xml:space="preserve">([^<]*))</t></si>')
# How a part begins whose letters and elements are what they seem to be: UTF-8, and no prefix.
_BEGINNING = re.compile(
    rb"""(?:\xef\xbb\xbf)?(?:<\?xml version=["']1\.0["'](?: encoding=["'](?i:utf-8)["'])?"""
    rb"""(?: standalone=["'](?:yes|no)["'])?\s*\?>)?\s*<(?:worksheet|styleSheet|sst)(?=[\s>])"""
)
_TEXTS_OPENING = re.compile(r"<sst\b[^>]*>")
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos);")
_FORMATS = re.compile(r"<numFmts\b[^>]*?(?:/>|>(.*?)</numFmts>)", re.S)
_FORMAT = re.compile(r'<numFmt (?=[^>]*\bnumFmtId="(\d+)")(?=[^>]*\bformatCode="([^"]*)")')
_FORMATS_OF_CELLS = re.compile(r"<cellXfs\b[^>]*>(.*?)</cellXfs>", re.S)
_STYLE = re.compile(r'<xf\b[^>]*?\bnumFmtId="(\d+)"')
_PREFIX = re.compile(rb'xmlns:([\w.\-]+)="')
# Formats by number that every spreadsheet program knows, and those that show a day.
_PLAIN_FORMATS = frozenset({*range(14), *range(37, 45), 48, 49})
_DAY_FORMATS = frozenset({14, 15, 16, 17, 22})
# Codes that surely show a number, or a day; all others are for calamine to judge.
_PLAIN_CODE = re.compile(
    r'(?:[#0?.,% ;()_\-+*@€$£/]|"[^"\[\]]*"|\\[^A-Za-z]|\[(?:Red|Black|Blue|Green|\$[^\[\]"]*)\]|General|E\+0+)*'
)
_DAY_CODE = re.compile(r"(?:yyyy|yy|mmmm|mmm|mm|m|dd|d)(?:(?:[-/. ]|\\[-/. ])(?:yyyy|yy|mmmm|mmm|mm|m|dd|d))*")


class PlainRows(SheetRows):
    """All rows of a sheet from A1 on, each as long as the widest. A class because three arrays make one thing.

    Shapes: kinds and values (columns, rows).
    """

    def __init__(self, sheet: str, scan: Scan, strings: list[str], texts: list[str], seen: SeenRows) -> None:
        blocks, self.seen = scan.blocks, seen
        # Cells that hold a look only make no row, and no column; nor do formulas that nobody has calculated yet.
        filled = [(block, np.flatnonzero(block.kinds % UNCALCULATED != BLANK)) for block in blocks]
        height = max((int(block.rows[at[-1]]) for block, at in filled if len(at)), default=-1) + 1
        width = max((int(block.columns[at].max()) for block, at in filled if len(at)), default=-1) + 1
        need(height)
        if width * height > _MOST_AREA:
            raise OoxmlError(
                "limits",
                "cells of the sheet stand so far apart that it would fill the memory",
                help="in Excel: Ctrl+End shows the last cell; delete the empty rows and columns before it, and save",
                place=sheet,
            )
        need(width * height * _LEAST_FILLED <= sum(len(block.rows) for block in blocks) + _SPARE_CELLS)
        self._kinds: NDArray[np.uint8] = np.zeros((width, height), np.uint8)
        self._values: NDArray[np.float64] = np.full((width, height), np.nan)
        if scan.has_formulas:
            inside = [(block.rows < height) & (block.columns < width) for block in blocks]
            filled = [(block, np.flatnonzero(block.kinds * flags)) for block, flags in zip(blocks, inside, strict=True)]
        for block, some in filled:
            at = block.columns[some].astype(np.int64) * height + block.rows[some]
            self._kinds.reshape(-1)[at] = block.kinds[some]
            self._values.reshape(-1)[at] = block.values[some]
        self._strings, self._texts = strings, texts
        self._head: list[list[Cell]] | None = None
        shared = self._values[self._kinds == SHARED]
        need(not len(shared) or shared.max() < len(strings))

    def __len__(self) -> int:
        return len(self._kinds[0])

    @overload
    def __getitem__(self, index: int) -> list[Cell]: ...

    @overload
    def __getitem__(self, index: slice) -> list[list[Cell]]: ...

    def __getitem__(self, index: int | slice) -> list[Cell] | list[list[Cell]]:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            return self._lines(start, stop)[::step] if step > 0 else [self[row] for row in range(start, stop, step)]
        place = range(len(self))[index]
        # Headers are looked for row by row.
        if self._head is None and place < _HEAD_ROWS:
            self._head = self._lines(0, min(_HEAD_ROWS, len(self)))
        if self._head is not None and place < len(self._head):
            return self._head[place]
        return self._lines(place, place + 1)[0]

    def _lines(self, start: int, stop: int) -> list[list[Cell]]:
        columns = [
            self._cells(*column) for column in zip(self._kinds[:, start:stop], self._values[:, start:stop], strict=True)
        ]
        return list(map(list, zip(*columns, strict=True)))

    def filled_rows(self, column: int, start: int) -> int:
        """How many rows from `start` on hold something in the column, without a gap."""
        if column >= len(self._kinds):
            return 0
        kinds, values = self._kinds[column, start:], self._values[column, start:]
        filled = kinds != BLANK
        for kind, texts in ((SHARED, self._strings), (TEXT, self._texts)):
            chosen = np.flatnonzero(kinds == kind)
            if len(chosen):
                blanks = np.array([not text or text.isspace() for text in texts])
                filled[chosen] = ~blanks[values[chosen].astype(np.int64)]
        gaps = np.flatnonzero(~filled)
        return int(gaps[0]) if len(gaps) else len(filled)

    def column(self, column: int, start: int, stop: int) -> Sequence[Cell]:
        """The cells of some rows of a column: an array of numbers where it holds nothing else, NaN for blank.

        An `array` and not NumPy's: its items are Python's own numbers, wherever they go from here.
        """
        if column >= len(self._kinds):
            return [""] * (stop - start)
        kinds, values = self._kinds[column, start:stop], self._values[column, start:stop]
        if not ((kinds != NUMBER) & (kinds != BLANK)).any() and (kinds == NUMBER).any():
            return array("d", values.tobytes())
        return self._cells(kinds, values)

    def _cells(self, kinds: NDArray[np.uint8], values: NDArray[np.float64]) -> list[Cell]:
        present = set(np.flatnonzero(np.bincount(kinds)).tolist())
        if len(present) == 1:
            return self._of_kind(present.pop(), values)
        cells = np.full(len(kinds), "", object)
        for kind in present - {BLANK}:
            chosen = np.flatnonzero(kinds == kind)
            some = np.empty(len(chosen), object)
            some[:] = self._of_kind(kind, values[chosen])
            cells[chosen] = some
        listed: list[Cell] = cells.tolist()
        return listed

    def _of_kind(self, kind: int, values: NDArray[np.float64]) -> list[Any]:
        if kind == BLANK:
            return [""] * len(values)
        if kind == UNCALCULATED:
            return [NOT_CALCULATED] * len(values)
        if kind == NUMBER:
            numbers: list[Any] = values.tolist()
            return numbers
        if kind == TRUTH:
            truths: list[Any] = (values == 1).tolist()
            return truths
        if kind == DAY:
            return [dt.date.fromordinal(_FIRST_DAY + day) for day in values.astype(np.int64).tolist()]
        texts = self._strings if kind == SHARED else self._texts
        return [texts[at] for at in values.astype(np.int64).tolist()]


def read_plain(workbook: Workbook, sheet: str) -> PlainRows | None:
    """The rows of a worksheet; None where calamine has to read it.

    Errors: OoxmlError `limits` for a sheet whose rectangle no reader can hold, and those of a damaged part.
    """
    try:
        need(not workbook.date1904)
        chunks = iter(workbook.sheet_bytes(sheet))
        head = b""
        for chunk in chunks:
            head += chunk
            if b"<sheetData>" in head or len(head) > _HEAD_BYTES:
                break
        opening, found, first = head.partition(b"<sheetData>")
        need(found)
        _need_plain(opening)
        days, odd = _styles(_text_of_part(workbook, "styles"))
        keep_memory()
        scan = Scan(days, odd, frozenset(_PREFIX.findall(opening)))
        tail = scan_rows(_behind(first, chunks), scan, _BLOCK_BYTES)
        need(scan.blocks)
        texts = [_plain_text(text) for text in scan.texts]
        uses_strings = any((block.kinds == SHARED).any() for block in scan.blocks)
        strings = _strings(_text_of_part(workbook, "sharedStrings")) if uses_strings else []
        return PlainRows(sheet, scan, strings, texts, _seen(opening + found, scan, tail))
    except OddSpelling:
        return None


def _need_plain(part: bytes) -> None:
    """Nothing when a part, or its beginning, hides nothing from those who search it for words."""
    need(_BEGINNING.match(part) and b"<!" not in part and part.count(b"<?") == part[:8].count(b"<?"))


def _text_of_part(workbook: Workbook, kind: str) -> str:
    """The workbook's `styles` or `sharedStrings`; empty when it has none."""
    part = workbook.part_bytes(kind)
    if not part:
        return ""
    _need_plain(part)
    try:
        return part.decode("utf-8")
    except UnicodeDecodeError:
        raise OddSpelling from None


def _seen(head: bytes, scan: Scan, tail: bytes) -> SeenRows:
    """What the editor wants to know of the rows."""
    survey = None
    if not scan.has_special_formulas:
        numbers = array("l", np.concatenate(scan.numbers).astype(np.dtype("l")).tobytes())
        last_columns = array("H", np.concatenate(scan.last_columns).astype(np.uint16).tobytes())
        survey = Survey(numbers, last_columns, has_formulas=scan.has_formulas)
    return SeenRows(head, scan.size_bytes, tail, survey)


def _behind(first: bytes, chunks: Any) -> Any:
    yield first
    yield from chunks


def _plain_text(text: bytes) -> str:
    need(b"_x" not in text)
    return unescape(text)


def _strings(text: str) -> list[str]:
    """The shared strings, where all of them are plain."""
    opening = _TEXTS_OPENING.search(text)
    if opening is None:
        raise OddSpelling
    text = text[opening.end() :]
    need("_x" not in text and "\r" not in text and text.rstrip().endswith("</sst>"))
    need("&" not in text or text.count("&") == len(_ENTITY.findall(text)))
    spelled = _STRING.findall(text)
    need(len(spelled) == text.count("<si"))
    found: list[str] = [plain or kept for plain, kept in spelled]
    if "&" in text:
        found = [unescape(item.encode()) if "&" in item else item for item in found]
    return found


def _styles(text: str) -> tuple[frozenset[int], frozenset[int]]:
    """(styles that show days, styles of which only calamine knows whether they do)."""
    if not text:
        return frozenset(), frozenset()
    cells, own = _FORMATS_OF_CELLS.search(text), _FORMATS.search(text)
    listed = own[1] or "" if own else ""
    if cells is None or text.count("cellXfs") != 2 or text.count("numFmts") != bool(own) + bool(listed):
        raise OddSpelling
    codes = {int(number): unescape(code.encode()) for number, code in _FORMAT.findall(listed)}
    need(len(codes) == listed.count("<numFmt"))
    formats = [int(number) for number in _STYLE.findall(cells[1])]
    need(len(formats) == cells[1].count("<xf"))
    days = {number for number in formats if _shows_day(number, codes)}
    plain = {number for number in formats if _shows_number(number, codes)}
    return (
        frozenset(place for place, number in enumerate(formats) if number in days),
        frozenset(place for place, number in enumerate(formats) if number not in days and number not in plain),
    )


def _shows_day(number: int, codes: dict[int, str]) -> bool:
    return bool(_DAY_CODE.fullmatch(codes[number])) if number in codes else number in _DAY_FORMATS


def _shows_number(number: int, codes: dict[int, str]) -> bool:
    return bool(_PLAIN_CODE.fullmatch(codes[number])) if number in codes else number in _PLAIN_FORMATS
