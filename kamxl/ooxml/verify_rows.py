"""Written rows beside the stored ones: only cells of the written columns may differ.

Place in the picture: the part of `verify` that sees every row of a sheet, so it is made to be fast: rows of the usual
spelling are compared as bytes, and what stands in our columns is judged many rows at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import takewhile

from kamxl.ooxml.references import column_name
from kamxl.ooxml.rows import RowMarkup, StoredRow, read_cells, split_rows
from kamxl.ooxml.sheet import Sheet

_SPANS = re.compile(rb' spans="[^"]*"')
_BATCH_ROWS = 256  # rows judged together: enough to be fast, few enough to stay in the cache
_BETWEEN = b"\0"  # no XML text holds it
_UNFIT = bytes(byte for byte in range(1, 32) if byte not in b"\t\n\r")
_ENTITY = re.compile(rb"&(?:amp|lt|gt);")


def only_ours_differ(sheet: Sheet, stored: Iterable[bytes], written: Iterable[bytes]) -> bool:
    """Whether each row is the old one, byte for byte, but for well-formed cells of ours; False when in doubt."""
    if sheet.survey.has_extensions:
        return False
    closing, batch, chunks = sheet.markup.row_closing, _Batch(sheet), iter(written)
    text, at, rest = b"", 0, b""
    for chunk in stored:
        olds = (rest + chunk).split(closing)
        rest = olds.pop()
        for old in olds:
            # The written row is looked for where it must stand: only what is ours is searched for its end.
            old_end = old.find(b">") + 1
            while True:
                end = text.find(b">", at) + 1
                tail = end + len(old) - old_end
                close = text.find(closing, tail) if end else -1
                more = next(chunks, None) if close < 0 else None
                if more is None:
                    break
                text, at = text[at:] + more, 0
            if close >= 0 and text.startswith(old[old_end:], end):
                batch.add(old[:old_end], text[at:end], text[tail:close])
            else:
                close = text.find(closing, at)
                if close < 0 or not batch.add_replaced(old, text[at:close]):
                    return False
            at = close + len(closing)
            if batch.is_full and not batch.is_ours():
                return False
    return batch.is_ours() and rest == b"".join((text[at:], *chunks))


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

    @property
    def is_full(self) -> bool:
        """Whether the rows that are kept should be judged now."""
        return len(self.ours) >= _BATCH_ROWS

    def add(self, old: bytes, new: bytes, ours: bytes) -> None:
        """Keep the opening tags of a row and what stands in it of ours, to be judged."""
        self.old.append(old)
        self.new.append(new)
        self.ours.append(ours)

    def add_replaced(self, old: bytes, new: bytes) -> bool:
        """Whether a row is the old one but for one run of cells in our columns; then it is kept, to be judged."""
        if not new.startswith(self._row):
            return False
        reference = new[len(self._row) : new.find(b'"', len(self._row)) + 1]
        cells = self._replaced(old, new, reference)
        if cells is None:
            return False
        self.add(old[: old.find(b">") + 1], new[: new.find(b">") + 1], cells)
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
        """Whether the openings differ in `spans` only and the cells of each row are ours; starts anew."""
        cells = _BETWEEN + _BETWEEN.join(self.ours)
        numbers = self._number.findall(_BETWEEN + _BETWEEN.join(self.new))
        good = _without_spans(self.old) == _without_spans(self.new) and len(numbers) == len(self.ours)
        # Each row's cells begin with one that names this row; the others follow from the pattern.
        named = [number for number, ours in zip(numbers, self.ours, strict=False) if ours]
        good = good and self._first.findall(cells) == named
        good = good and cells.count(_BETWEEN) == max(1, len(self.ours)) and _are_fit(cells)
        good = good and self._cells.fullmatch(cells) is not None
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


def _are_fit(text: bytes) -> bool:
    """Whether all letters are ones that XML allows; rows are parted by `_BETWEEN`."""
    if b"]" in text and b"]]>" in text:
        return False
    if b"&" in text and text.count(b"&") != len(_ENTITY.findall(text)):
        return False
    return len(text.translate(None, _UNFIT)) == len(text) and _is_utf8(text)


def _cells_of(prefix: bytes, names: list[bytes]) -> re.Pattern[bytes]:
    """What rows of cells in the written columns look like: well-formed, and nothing between them.

    Their texts are anything up to the next tag: whether their letters are fit is asked of all of them at once.
    """
    parts = {b"p": re.escape(prefix), b"n": _any_of(names), b"t": rb"[^<]*+"}
    formula = rb"<%(p)sf(?: \w+=\"[^\"<&]*+\")*+(?:/>|>%(t)s</%(p)sf>)"
    value = rb"<%(p)sv>%(t)s</%(p)sv>|<%(p)sis><%(p)st(?: xml:space=\"preserve\")?+>%(t)s</%(p)st></%(p)sis>"
    cell = rb"<%(p)sc r=\"(?:%(n)s)\d++\"(?: s=\"\d++\")?+(?: t=\"\w++\")?+(?:/>|>(?:" + formula + rb")?+(?:" + value
    return re.compile((rb"(?:\x00(?:" + cell + rb")?+</%(p)sc>))*+)*+") % parts)


def _any_of(names: list[bytes]) -> bytes:
    """A pattern for any of the columns: `Z|A[ABC]` is tried faster than one name after the other."""
    by_start: dict[bytes, bytes] = {}
    for name in names:
        by_start[name[:-1]] = by_start.get(name[:-1], b"") + name[-1:]
    return b"|".join(start + b"[" + last + b"]" for start, last in by_start.items())


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
