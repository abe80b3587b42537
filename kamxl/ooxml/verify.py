"""A written package read again and compared with what it was made from, before it replaces anything.

Place in the picture: the last step before the atomic replace. A failure here is our mistake; it
stops the save, so that the user's file stays as it was.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import zip_longest

from kamxl.ooxml.book import Book
from kamxl.ooxml.container import Member, part_key
from kamxl.ooxml.errors import OoxmlError
from kamxl.ooxml.markup import XmlCheck
from kamxl.ooxml.package import Package, Stream
from kamxl.ooxml.references import column_name
from kamxl.ooxml.rows import RowMarkup, StoredRow, read_cells, split_rows
from kamxl.ooxml.sheet import Sheet

_SPANS = re.compile(rb' spans="[^"]*"')
_PARSED_BYTES = 16 << 20  # sheets up to this size are parsed as a whole once more
_BATCH_ROWS = 4096
_XML_ENDINGS = (".xml", ".rels", ".vml")


def verify_written(old: Book, data: bytes, sheets: Sequence[Sheet], fresh: Collection[str] = ()) -> None:
    """Nothing when `data` is the edited workbook and nothing else.

    `fresh` are the parts (lower case) of sheets that were grafted just now: they hold no cell of a person's.
    Errors: OoxmlError `unsafe` naming the first difference that nobody asked for.
    """
    package = Package(data, old.package.limits)
    edits = old.package.edits()
    expected = (set(old.package.members) - old.package.removed()) | set(edits)
    if set(package.members) != expected:
        raise _unsafe("the list of parts is not the expected one", ", ".join(sorted(set(package.members) ^ expected)))
    by_part = {part_key(sheet.entry.part): sheet for sheet in sheets}
    for key, member in package.members.items():
        if key not in edits:
            _check_copy(old.package.members[key], member)
        elif key in by_part and key not in fresh and isinstance(edits[key][1], Stream):
            _check_sheet(by_part[key], member)
        else:
            _check_new(key, member)
    written = Book(data, old.package.limits)
    if [entry.name for entry in written.sheets()] != [entry.name for entry in old.sheets()]:
        raise _unsafe("the sheets are not the expected ones", old.main)


def _check_copy(old: Member, new: Member) -> None:
    same = old.entry.CRC == new.entry.CRC and old.entry.file_size == new.entry.file_size
    if not same or old.packed != new.packed:
        raise _unsafe("an untouched part was not copied byte for byte", old.name)


def _check_new(key: str, member: Member) -> None:
    check = XmlCheck(member.name) if key.endswith(_XML_ENDINGS) else None
    for chunk in member.chunks():
        if check:
            check.feed(chunk)
    if check:
        check.close()


def _check_sheet(sheet: Sheet, member: Member) -> None:
    """The written sheet is XML, and every cell outside our columns is what it was.

    The rows of a large sheet are not parsed again: they are shown to be the old ones, byte for byte, with
    nothing but well-formed cells of ours behind them.
    """
    frame = sheet.frame
    node = frame.root.child("sheetData")
    if node is None or node.empty:
        _check_new(sheet.entry.part.lower(), member)
        return
    ends = node.inside, node.inside + member.entry.file_size - len(frame.data)
    extended = _is_only_extended(sheet, sheet.stored_rows(), _slice(member.chunks(), *ends))
    if not extended:
        _compare_rows(sheet, sheet.stored_rows(), _slice(member.chunks(), *ends))
    if not extended or member.entry.file_size <= _PARSED_BYTES:
        _check_new(sheet.entry.part.lower(), member)


def _is_only_extended(sheet: Sheet, stored: Iterable[bytes], written: Iterable[bytes]) -> bool:
    """Whether each row is the old one, byte for byte, with cells of ours at its end: the usual, fast case."""
    closing = sheet.markup.row_closing
    batch = _Batch(sheet)
    for old, new in zip_longest(_pieces(stored, closing), _pieces(written, closing)):
        if old == new:
            continue
        if old is None or new is None:
            return False
        old_end, new_end = old.find(b">") + 1, new.find(b">") + 1
        content_end = new_end + len(old) - old_end
        if new[new_end:content_end] != old[old_end:]:
            return False
        batch.old_openings.append(old[:old_end])
        batch.new_openings.append(new[:new_end])
        batch.added.append(new[content_end:])
        if len(batch.added) == _BATCH_ROWS and not batch.is_ours():
            return False
    return batch.is_ours()


class _Batch:
    """Openings and added cells of some rows, judged together because that is twice as fast."""

    def __init__(self, sheet: Sheet) -> None:
        self._cells = _cells_of(sheet)
        self.old_openings: list[bytes] = []
        self.new_openings: list[bytes] = []
        self.added: list[bytes] = []

    def is_ours(self) -> bool:
        """Whether the openings differ in `spans` only and the added cells stand in our columns; starts anew."""
        old, new = (_SPANS.sub(b"", b"".join(texts)) for texts in (self.old_openings, self.new_openings))
        good = old == new and self._cells.fullmatch(b"".join(self.added)) is not None
        self.old_openings, self.new_openings, self.added = [], [], []
        return good


def _cells_of(sheet: Sheet) -> re.Pattern[bytes]:
    """What cells in the written columns look like, one after the other: well-formed, and nothing between them."""
    prefix = re.escape(sheet.frame.prefix.encode())
    names = b"|".join(column_name(column).encode() for column in sorted(sheet.written_columns()))
    text = rb"[^<&]*+(?:&(?:amp|lt|gt);[^<&]*+)*+"
    formula = rb"<%(p)sf(?: \w+=\"[^\"<&]*+\")*+(?:/>|>%(t)s</%(p)sf>)"
    value = rb"<%(p)sv>%(t)s</%(p)sv>|<%(p)sis><%(p)st(?: xml:space=\"preserve\")?+>%(t)s</%(p)st></%(p)sis>"
    cell = rb"<%(p)sc r=\"(?:%(n)s)\d++\"(?: s=\"\d++\")?+(?: t=\"\w++\")?+(?:/>|>(?:" + formula + rb")?+(?:" + value
    return re.compile((rb"(?:" + cell + rb")?+</%(p)sc>))*+") % {b"p": prefix, b"n": names, b"t": text})


def _pieces(chunks: Iterable[bytes], closing: bytes) -> Iterator[bytes]:
    """The rows without looking into them, then what follows the last one."""
    rest = b""
    for chunk in chunks:
        pieces = (rest + chunk).split(closing)
        rest = pieces.pop()
        yield from pieces
    yield rest


def _slice(chunks: Iterable[bytes], start: int, end: int) -> Iterator[bytes]:
    """The bytes from `start` to `end`; every chunk is consumed, so that its checksum is seen."""
    position = 0
    for chunk in chunks:
        piece = chunk[max(0, start - position) : max(0, end - position)]
        position += len(chunk)
        if piece:
            yield piece


def _compare_rows(sheet: Sheet, stored: Iterable[bytes], written: Iterable[bytes]) -> None:
    markup, place = sheet.markup, sheet.entry.part
    ours = sheet.written_columns()
    new_rows = (row for rows in split_rows(written, markup, place) for row in rows if row.number)
    new = next(new_rows, None)
    for rows in split_rows(stored, markup, place):
        for old in rows:
            if not old.number:
                continue
            while new is not None and new.number < old.number:
                _check_row(None, new, ours, markup, place)
                new = next(new_rows, None)
            if new is None or new.number != old.number:
                raise _unsafe(f"row {old.number} is gone", place)
            if new.content != old.content:
                _check_row(old, new, ours, markup, place)
            new = next(new_rows, None)
    while new is not None:
        _check_row(None, new, ours, markup, place)
        new = next(new_rows, None)


def _check_row(old: StoredRow | None, new: StoredRow, ours: frozenset[int], markup: RowMarkup, place: str) -> None:
    if old is not None and new.content.startswith(old.content):
        old_cells: list[tuple[int, bytes, bytes]] = []
        added = StoredRow(new.number, b"", new.opening, new.content[len(old.content) :], False)
        new_cells = _others(added, ours, markup)
    else:
        old_cells = _others(old, ours, markup) if old else []
        new_cells = _others(new, ours, markup)
    if old_cells != new_cells:
        raise _unsafe(f"row {new.number} has changed outside the written columns", place)


def _others(row: StoredRow, ours: frozenset[int], markup: RowMarkup) -> list[tuple[int, bytes, bytes]]:
    return [(cell.column, cell.attributes, cell.content) for cell in read_cells(row, markup) if cell.column not in ours]


def _unsafe(message: str, place: str) -> OoxmlError:
    return OoxmlError(
        "unsafe",
        f"the result failed its check and was not saved: {message}",
        help="your file is unchanged; report this with the workbook, it is a mistake of kamxl",
        place=place[:200],
    )
