"""A written package read again and compared with what it was made from, before it replaces anything.

Place in the picture: the last step before the atomic replace. A failure here is our mistake; it
stops the save, so that the user's file stays as it was.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from kamxl.ooxml.book import Book
from kamxl.ooxml.container import Member, part_key
from kamxl.ooxml.errors import OoxmlError
from kamxl.ooxml.markup import XmlCheck
from kamxl.ooxml.package import Package, Stream
from kamxl.ooxml.sheet import Sheet
from kamxl.ooxml.verify_rows import first_difference, only_ours_differ

_PARSED_BYTES = 16 << 20  # sheets up to this size are parsed as a whole once more
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
    plain = only_ours_differ(sheet, sheet.stored_rows(), _slice(member.chunks(), *ends))
    if not plain and (difference := first_difference(sheet, sheet.stored_rows(), _slice(member.chunks(), *ends))):
        raise _unsafe(difference, sheet.entry.part)
    if not plain or member.entry.file_size <= _PARSED_BYTES:
        _check_new(sheet.entry.part.lower(), member)


def _slice(chunks: Iterable[bytes], start: int, end: int) -> Iterator[bytes]:
    """The bytes from `start` to `end`; every chunk is consumed, so that its checksum is seen."""
    position = 0
    for chunk in chunks:
        piece = chunk[max(0, start - position) : max(0, end - position)]
        position += len(chunk)
        if piece:
            yield piece


def _unsafe(message: str, place: str) -> OoxmlError:
    return OoxmlError(
        "unsafe",
        f"the result failed its check and was not saved: {message}",
        help="your file is unchanged; report this with the workbook, it is a mistake of kamxl",
        place=place[:200],
    )
