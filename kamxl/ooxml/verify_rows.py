"""Written rows beside the stored ones: only cells of the written columns may differ.

Place in the picture: the part of `verify` that sees every row of a sheet, so it is made to be fast: rows of the usual
spelling are compared as bytes, and what stands in our columns is judged many rows at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import takewhile, zip_longest

from kamxl.ooxml.references import column_name
from kamxl.ooxml.rows import RowMarkup, StoredRow, read_cells, split_rows
from kamxl.ooxml.sheet import Sheet

_SPANS = re.compile(rb' spans="[^"]*"')
_BATCH_ROWS = 4096
_MAX_KNOWN = 1 << 16
_DIGITS = b"0123456789"
_BETWEEN = b"\0"  # no XML text holds it


def only_ours_differ(sheet: Sheet, stored: Iterable[bytes], written: Iterable[bytes]) -> bool:
    """Whether each row is the old one, byte for byte, but for well-formed cells of ours; False when in doubt."""
    if sheet.survey.has_extensions:
        return False
    closing, row = sheet.markup.row_closing, sheet.markup.row_opening + b'r="'
    batch = _Batch(sheet)
    ours, old_openings, new_openings, first, digits_at = batch.ours, batch.old, batch.new, batch.firsts[0], len(row)
    for old, new in zip_longest(_pieces(stored, closing), _pieces(written, closing)):
        if old == new:
            continue
        if old is None or new is None or not new.startswith(row):
            return False
        reference = new[digits_at : new.find(b'"', digits_at) + 1]
        old_end, new_end = old.find(b">") + 1, new.find(b">") + 1
        at = new_end + len(old) - old_end
        appended = new[new_end:at] == old[old_end:] and new.startswith(first + reference, at)
        cells = new[at:] if appended else batch.replaced(old, new, reference)
        if cells is None:
            return False
        ours.append(cells)
        old_openings.append(old[:old_end])
        new_openings.append(new[:new_end])
        if len(ours) == _BATCH_ROWS and not batch.is_ours():
            return False
    return batch.is_ours()


class _Batch:
    """Openings and cells of some rows, judged together because that is several times as fast."""

    def __init__(self, sheet: Sheet) -> None:
        names = [column_name(column).encode() for column in sorted(sheet.written_columns())]
        opening = re.escape(sheet.markup.cell_opening)
        self._cell = sheet.markup.cell_opening + b' r="'
        self._names = frozenset(names)
        self._named = re.compile(opening + rb'(?=[\s/>])(?: r="([A-Z]++))?+')
        self._cells = _cells_of(sheet.frame.prefix.encode(), names)
        self._known: set[bytes] = {b""}
        self.firsts = [self._cell + name for name in names] or [_BETWEEN]
        self.old: list[bytes] = []
        self.new: list[bytes] = []
        self.ours: list[bytes] = []

    def replaced(self, old: bytes, new: bytes, reference: bytes) -> bytes | None:
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
        # Without their digits, most rows look alike: each look is judged once.
        looks = set(_BETWEEN.join(self.ours).translate(None, _DIGITS).split(_BETWEEN)) - self._known
        good = good and all(map(self._cells.fullmatch, looks))
        if len(self._known) < _MAX_KNOWN:
            self._known |= looks
        for kept in (self.old, self.new, self.ours):
            kept.clear()
        return good


def _without_spans(openings: list[bytes]) -> bytes:
    """The opening tags as one text, without their `spans` hints."""
    text = b"".join(openings)
    usual = _SPANS.search(text)
    text = text.replace(usual[0], b"") if usual else text  # nearly all rows have the same one
    return _SPANS.sub(b"", text) if b" spans=" in text else text


def _cells_of(prefix: bytes, names: list[bytes]) -> re.Pattern[bytes]:
    """What cells in the written columns look like without digits: well-formed, and nothing between them."""
    parts = {
        b"p": re.escape(prefix.translate(None, _DIGITS)),
        b"n": b"|".join(names),
        b"t": rb"[^<&]*+(?:&(?:amp|lt|gt);[^<&]*+)*+",
    }
    formula = rb"<%(p)sf(?: \w+=\"[^\"<&]*+\")*+(?:/>|>%(t)s</%(p)sf>)"
    value = rb"<%(p)sv>%(t)s</%(p)sv>|<%(p)sis><%(p)st(?: xml:space=\"preserve\")?+>%(t)s</%(p)st></%(p)sis>"
    cell = rb"<%(p)sc r=\"(?:%(n)s)\"(?: s=\"\")?+(?: t=\"\w++\")?+(?:/>|>(?:" + formula + rb")?+(?:" + value
    return re.compile((rb"(?:" + cell + rb")?+</%(p)sc>))*+") % parts)


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
