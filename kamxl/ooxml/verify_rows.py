"""Written rows beside the stored ones: only cells of the written columns may differ.

Place in the picture: the part of `verify` that sees every row of a sheet, so it is made to be fast: rows of the usual
spelling are compared as bytes, and what stands in our columns is judged many rows at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain, pairwise, repeat, takewhile

from kamxl.ooxml.references import column_name
from kamxl.ooxml.rows import RowMarkup, StoredCell, StoredRow, last_cell_column, read_cells, split_rows
from kamxl.ooxml.sheet import Sheet

_SPANS = re.compile(rb' spans="[\d: ]*"')
_ANY_SPANS = re.compile(rb"""\sspans\s*=\s*(?:"[^"]*"|'[^']*')""")
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
                if close > tail and batch.may_repeat(old):
                    return False
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
        columns = sorted(sheet.written_columns())
        names = [column_name(column).encode() for column in columns]
        self._first_column = columns[0] if columns else 0
        self._all_behind = max(sheet.survey.last_columns, default=0) < self._first_column
        self._markup = sheet.markup
        self._neighbours = columns == list(range(columns[0], columns[0] + len(columns))) if columns else True
        opening = re.escape(sheet.markup.cell_opening)
        self._row = sheet.markup.row_opening + b'r="'
        self._number = re.compile(_BETWEEN + re.escape(self._row) + rb'(\d++)"')
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

    def may_repeat(self, old: bytes) -> bool:
        """Whether cells of ours behind this row would stand behind others of ours, or left of what it holds."""
        return not self._all_behind and last_cell_column(old, self._markup) >= self._first_column

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
        # Where no cell of ours stood, or others stand among them, the next cells do not tell that the order is right.
        if (old_at < 0 or not self._neighbours) and not _rise(self._named.findall(new, new_end)):
            return None
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
        if old_to > old_at and not old.startswith(self._cell, old_at):  # what is gone is no cell
            return None
        if not self._names.issuperset(self._named.findall(old, old_at, old_to)):
            return None
        return new[at:to]

    def _find(self, row: bytes, reference: bytes) -> int:
        """Where the row's first cell in our columns begins; -1 when it has none."""
        return next((at for first in self.firsts if (at := row.find(first + reference)) >= 0), -1)

    def is_ours(self) -> bool:
        """Whether the openings differ in `spans` only and the cells of each row are ours; starts anew."""
        numbers = self._number.findall(_BETWEEN + _BETWEEN.join(self.new))
        good = _without_spans(self.old) == _without_spans(self.new) and len(numbers) == len(self.ours)
        cells = b"".join(chain.from_iterable(zip(repeat(_BETWEEN), numbers, self.ours, strict=False)))
        good = good and cells.count(_BETWEEN) == len(self.ours) and _are_fit(cells)
        good = good and self._cells.fullmatch(cells) is not None
        for kept in (self.old, self.new, self.ours):
            kept.clear()
        return good


def _rise(names: list[bytes]) -> bool:
    """Whether cells of these columns stand from left to right; each must tell its column."""
    places = [(len(name), name) for name in names]
    return b"" not in names and all(left < right for left, right in pairwise(places))


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
    """What rows of cells in the written columns look like, each behind its number: well-formed cells that name the row,
    from left to right, nothing between them.

    Their texts are anything up to the next tag: whether their letters are fit is asked of all of them at once.
    """
    parts = {b"p": re.escape(prefix), b"t": rb"[^<]*+"}
    formula = rb"<%(p)sf(?: \w+=\"[^\"<&]*+\")*+(?:/>|>%(t)s</%(p)sf>)"
    value = rb"<%(p)sv>%(t)s</%(p)sv>|<%(p)sis><%(p)st(?: xml:space=\"preserve\")?+>%(t)s</%(p)st></%(p)sis>"
    ending = rb"\1\"(?: s=\"\d++\")?+(?: t=\"\w++\")?+(?:/>|>(?:" + formula + rb")?+(?:" + value + rb")?+</%(p)sc>)"
    opening, ending = b"<" + parts[b"p"] + b'c r="', ending % parts
    return re.compile(
        rb"(?:\x00(\d++)" + b"".join(b"(?:" + opening + name + ending + b")?+" for name in names) + rb")*+"
    )


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
            if new != old and not _is_kept(old, new, ours, markup):
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
    """Whether the row's look and all that stands outside our columns are what they were, and ours name their places."""
    if old is not None and _look(old) != _look(new):
        return False
    stored = [cell for cell in read_cells(old, markup) if cell.column in ours] if old else []
    known = {(cell.column, cell.attributes, cell.content) for cell in stored}
    written = [cell for cell in read_cells(new, markup) if cell.column in ours]
    named = all(
        cell.attributes.startswith(_reference(cell)) or (cell.column, cell.attributes, cell.content) in known
        for cell in written
    )
    return named and _without(stored, old.content if old else b"") == _without(written, new.content)


def _without(cells: Sequence[StoredCell], content: bytes) -> bytes:
    """What a row holds beside these cells of it."""
    starts, ends = [cell.start for cell in cells], [cell.end for cell in cells]
    return b"".join(content[end:start] for end, start in zip([0, *ends], [*starts, len(content)], strict=True))


def _look(row: StoredRow) -> bytes:
    """The row's opening tag without its `spans` hint, closed or not."""
    return _ANY_SPANS.sub(b"", row.opening).removesuffix(b">").removesuffix(b"/").rstrip()


def _reference(cell: StoredCell) -> bytes:
    return f' r="{column_name(cell.column)}{cell.row}"'.encode()
