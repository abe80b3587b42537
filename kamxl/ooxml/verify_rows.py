"""Written rows beside the stored ones: only cells of the written columns may differ.

Place in the picture: the part of `verify` that sees every row of a sheet, so it is made to be fast: rows of the usual
spelling are compared as bytes, and what stands in our columns is judged many rows at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice, takewhile

from kamxl.ooxml.references import column_name
from kamxl.ooxml.rows import RowMarkup, StoredRow, read_cells, split_rows
from kamxl.ooxml.sheet import Sheet

_SPANS = re.compile(rb' spans="[^"]*"')
_BATCH_ROWS = 256  # rows judged together: enough to be fast, few enough to stay in the cache
_BETWEEN = b"\0"  # no XML text holds it


def only_ours_differ(sheet: Sheet, stored: Iterable[bytes], written: Iterable[bytes]) -> bool:
    """Whether each row is the old one, byte for byte, but for well-formed cells of ours; False when in doubt."""
    if sheet.survey.has_extensions:
        return False
    closing = sheet.markup.row_closing
    batch, old_rows, new_rows = _Batch(sheet), _pieces(stored, closing), _pieces(written, closing)
    while True:
        olds, news = list(islice(old_rows, _BATCH_ROWS)), list(islice(new_rows, _BATCH_ROWS))
        if len(olds) != len(news):
            return False
        if not olds:
            return True
        if not (batch.appended(olds, news) or batch.replaced(olds, news)) or not batch.is_ours():
            return False


class _Batch:
    """Openings and cells of some rows, judged together because that is several times as fast."""

    def __init__(self, sheet: Sheet) -> None:
        names = [column_name(column).encode() for column in sorted(sheet.written_columns())]
        opening = re.escape(sheet.markup.cell_opening)
        self._row = sheet.markup.row_opening + b'r="'
        self._number = re.compile(_BETWEEN + re.escape(self._row) + rb'(\d++)"')
        self._first = re.compile(_BETWEEN + opening + rb' r="(?:' + b"|".join(names) + rb')(\d++)"')
        self._cell = sheet.markup.cell_opening + b' r="'
        self._names = frozenset(names)
        self._named = re.compile(opening + rb'(?=[\s/>])(?: r="([A-Z]++))?+')
        self._cells = _cells_of(sheet.frame.prefix.encode(), names)
        self.firsts = [self._cell + name for name in names] or [_BETWEEN]
        self.old: list[bytes] = []
        self.new: list[bytes] = []
        self.ours: list[bytes] = []

    def appended(self, olds: list[bytes], news: list[bytes]) -> bool:
        """Whether all rows are the old ones with more behind them; then that is kept, to be judged."""
        old_ends, new_ends = [row.find(b">") + 1 for row in olds], [row.find(b">") + 1 for row in news]
        tails = [len(old) - old_end + end for old, old_end, end in zip(olds, old_ends, new_ends, strict=True)]
        contents = [row[end:] for row, end in zip(olds, old_ends, strict=True)]
        if [row[end:tail] for row, end, tail in zip(news, new_ends, tails, strict=True)] != contents:
            return False
        openings = [row[:end] for row, end in zip(news, new_ends, strict=True)]
        ours = [row[tail:] for row, tail in zip(news, tails, strict=True)]
        numbers = self._number.findall(_BETWEEN + _BETWEEN.join(openings))
        names = self._first.findall(_BETWEEN + _BETWEEN.join(ours))
        if names != [number for number, cells in zip(numbers, ours, strict=False) if cells]:
            return False
        self.ours, self.new = ours, openings
        self.old = [row[:end] for row, end in zip(olds, old_ends, strict=True)]
        return True

    def replaced(self, olds: list[bytes], news: list[bytes]) -> bool:
        """Whether all rows are the old ones but for one run of cells in our columns; then it is kept, to be judged."""
        for old, new in zip(olds, news, strict=True):
            if old == new:
                continue
            if not new.startswith(self._row):
                return False
            reference = new[len(self._row) : new.find(b'"', len(self._row)) + 1]
            cells = self._replaced(old, new, reference)
            if cells is None:
                return False
            self.ours.append(cells)
            self.old.append(old[: old.find(b">") + 1])
            self.new.append(new[: new.find(b">") + 1])
        return True

    def _replaced(self, old: bytes, new: bytes, reference: bytes) -> bytes | None:
        """The one run of cells in our columns by which the rows differ; None when they differ otherwise."""
        old_end, new_end = old.find(b">") + 1, new.find(b">") + 1
        at, old_at = self._find(new, reference), self._find(old, reference)
        if at < 0 and old_at < 0:
            return b"" if new[new_end:] == old[old_end:] else None
        if at < 0:  # all of ours are gone
            at = new_end + old_at - old_end
        elif old_at < 0:
            old_at = old_end + at - new_end
        if new[new_end:at] != old[old_end:old_at]:
            return None
        names = self._named.findall(new, at)
        count = sum(1 for _ in takewhile(self._names.__contains__, names))
        to = new.find(self._cell + names[count] + reference, at) if count < len(names) else len(new)
        old_to = len(old) - (len(new) - to)
        if to < 0 or old_to < old_at or old[old_to:] != new[to:]:
            return None
        if not self._names.issuperset(self._named.findall(old, old_at, old_to)):
            return None
        return new[at:to]

    def _find(self, row: bytes, reference: bytes) -> int:
        """Where the row's first cell in our columns begins; -1 when it has none."""
        return next((at for first in self.firsts if (at := row.find(first + reference)) >= 0), -1)

    def is_ours(self) -> bool:
        """Whether the openings differ in `spans` only and the cells stand in our columns; starts anew."""
        good = _without_spans(self.old) == _without_spans(self.new)
        cells = _BETWEEN + _BETWEEN.join(self.ours)
        good = good and self._cells.fullmatch(cells) is not None and _is_utf8(cells)
        for kept in (self.old, self.new, self.ours):
            kept.clear()
        return good


def _is_utf8(text: bytes) -> bool:
    try:
        return text.isascii() or bool(text.decode())
    except UnicodeDecodeError:
        return False


def _without_spans(openings: list[bytes]) -> bytes:
    """The opening tags as one text, without their `spans` hints."""
    text = b"".join(openings)
    usual = _SPANS.search(text)
    text = text.replace(usual[0], b"") if usual else text  # nearly all rows have the same one
    return _SPANS.sub(b"", text) if b" spans=" in text else text


def _cells_of(prefix: bytes, names: list[bytes]) -> re.Pattern[bytes]:
    """What rows of cells in the written columns look like: well-formed, and nothing between them."""
    parts = {
        b"p": re.escape(prefix),
        b"n": b"|".join(names),
        b"t": rb"[^<>&\x00-\x08\x0b\x0c\x0e-\x1f]*+(?:&(?:amp|lt|gt);[^<>&\x00-\x08\x0b\x0c\x0e-\x1f]*+)*+",
    }
    formula = rb"<%(p)sf(?: \w+=\"[^\"<&]*+\")*+(?:/>|>%(t)s</%(p)sf>)"
    value = rb"<%(p)sv>%(t)s</%(p)sv>|<%(p)sis><%(p)st(?: xml:space=\"preserve\")?+>%(t)s</%(p)st></%(p)sis>"
    cell = rb"<%(p)sc r=\"(?:%(n)s)\d++\"(?: s=\"\d++\")?+(?: t=\"\w++\")?+(?:/>|>(?:" + formula + rb")?+(?:" + value
    return re.compile((rb"(?:\x00(?:" + cell + rb")?+</%(p)sc>))*+)*+") % parts)


def _pieces(chunks: Iterable[bytes], closing: bytes) -> Iterator[bytes]:
    """The rows without looking into them, then what follows the last one."""
    rest = b""
    for chunk in chunks:
        pieces = (rest + chunk).split(closing)
        rest = pieces.pop()
        yield from pieces
    yield rest


def first_difference(sheet: Sheet, stored: Iterable[bytes], written: Iterable[bytes]) -> str:
    """The first row that lost or changed a cell outside the written columns; empty when there is none."""
    markup, place = sheet.markup, sheet.entry.part
    ours = sheet.written_columns()
    new_rows = (row for rows in split_rows(written, markup, place) for row in rows if row.number)
    new = next(new_rows, None)
    for rows in split_rows(stored, markup, place):
        for old in rows:
            if not old.number:
                continue
            while new is not None and new.number < old.number:
                if not _is_kept(None, new, ours, markup):
                    return _changed(new)
                new = next(new_rows, None)
            if new is None or new.number != old.number:
                return f"row {old.number} is gone"
            if new.content != old.content and not _is_kept(old, new, ours, markup):
                return _changed(new)
            new = next(new_rows, None)
    while new is not None:
        if not _is_kept(None, new, ours, markup):
            return _changed(new)
        new = next(new_rows, None)
    return ""


def _changed(row: StoredRow) -> str:
    return f"row {row.number} has changed outside the written columns"


def _is_kept(old: StoredRow | None, new: StoredRow, ours: frozenset[int], markup: RowMarkup) -> bool:
    if old is not None and new.content.startswith(old.content):
        added = StoredRow(new.number, b"", new.opening, new.content[len(old.content) :], False)
        return not _others(added, ours, markup)
    return (_others(old, ours, markup) if old else []) == _others(new, ours, markup)


def _others(row: StoredRow, ours: frozenset[int], markup: RowMarkup) -> list[tuple[int, bytes, bytes]]:
    return [(cell.column, cell.attributes, cell.content) for cell in read_cells(row, markup) if cell.column not in ours]
