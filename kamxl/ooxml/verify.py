"""A written package read again and compared with what it was made from, before it replaces anything.

Place in the picture: the last step before the atomic replace. A failure here is our mistake; it
stops the save, so that the user's file stays as it was.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from kamxl.ooxml.book import Book
from kamxl.ooxml.container import Member, part_key
from kamxl.ooxml.errors import OoxmlError
from kamxl.ooxml.markup import XmlCheck
from kamxl.ooxml.package import Package, Stream
from kamxl.ooxml.sheet import Sheet
from kamxl.ooxml.verify_rows import first_difference, only_ours_differ

_PARSED_BYTES = 16 << 20  # sheets up to this size are parsed as a whole once more
_XML_ENDINGS = (".xml", ".rels", ".vml")


def verify_written(
    old: Book, data: bytes, sheets: Sequence[Sheet], fresh: Collection[str] = (), known: Collection[str] = ()
) -> None:
    """Nothing when `data` is the edited workbook and nothing else.

    `fresh` are the parts (lower case) of sheets that were grafted just now: they hold no cell of a person's. `known`
    are parts whose stored rows are known to be well-formed.
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
            _check_sheet(by_part[key], member, known=key in known)
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


def _check_sheet(sheet: Sheet, member: Member, *, known: bool) -> None:
    """The written sheet is XML, and every cell outside our columns is what it was.

    Rows that are known to be well-formed, and those of a large sheet, are not parsed again: they are shown to be the
    old ones, byte for byte, with nothing but well-formed cells of ours behind them, in a frame that is parsed.
    """
    frame = sheet.frame
    node = frame.root.child("sheetData")
    if node is None or node.empty:
        _check_new(sheet.entry.part.lower(), member)
        return
    head, tail = frame.data[: node.inside], frame.data[node.inside :]
    written = _Rows(member, len(head), member.entry.file_size - len(tail))
    plain = only_ours_differ(sheet, sheet.stored_rows(), written)
    if not plain and (difference := first_difference(sheet, sheet.stored_rows(), written)):
        raise _unsafe(difference, sheet.entry.part)
    if b"".join(written.around) != head + tail:
        raise _unsafe("what stands around the rows is not what was to be written", sheet.entry.part)
    if plain and (known or member.entry.file_size > _PARSED_BYTES):
        check = XmlCheck(member.name)
        check.feed(frame.data)
        check.close()
    else:
        _check_new(sheet.entry.part.lower(), member)


class _Rows:
    """The bytes of a written part from `start` to `end`, as often as asked for; what is before and behind, beside.

    Every chunk is consumed, so that the checksum of the part is seen. A class because it tells of both.
    """

    def __init__(self, member: Member, start: int, end: int) -> None:
        self._member, self._start, self._end = member, start, end
        self.around: list[bytes] = []

    def __iter__(self) -> Iterator[bytes]:
        self.around, position = [], 0
        for chunk in self._member.chunks():
            start, end = max(0, self._start - position), max(0, self._end - position)
            position += len(chunk)
            if start:
                self.around.append(chunk[:start])
            if chunk[start:end]:
                yield chunk[start:end]
            if end < len(chunk):
                self.around.append(chunk[end:])


def _unsafe(message: str, place: str) -> OoxmlError:
    return OoxmlError(
        "unsafe",
        f"the result failed its check and was not saved: {message}",
        help="your file is unchanged; report this with the workbook, it is a mistake of kamxl",
        place=place[:200],
    )
