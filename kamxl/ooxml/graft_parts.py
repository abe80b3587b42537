"""Drawings, charts, pictures, comments and tables copied with everything they point at.

Place in the picture: below `graft`; knows parts and relationships, not sheets. Also takes such parts
away again when nothing points at them any more.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from kamxl.ooxml.book import Book
from kamxl.ooxml.container import part_key
from kamxl.ooxml.markup import DECLARATION, escape_attribute
from kamxl.ooxml.package import RELATIONSHIPS_NAMESPACE, relationships_name

_DIALECT = (
    ("http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main"),
    (
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "http://purl.oclc.org/ooxml/officeDocument/relationships",
    ),
    ("http://schemas.openxmlformats.org/drawingml/2006/main", "http://purl.oclc.org/ooxml/drawingml/main"),
    ("http://schemas.openxmlformats.org/drawingml/2006/chart", "http://purl.oclc.org/ooxml/drawingml/chart"),
    (
        "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing",
        "http://purl.oclc.org/ooxml/drawingml/spreadsheetDrawing",
    ),
)
_NUMBERED = re.compile(r"^(.*?)\d*(\.[A-Za-z0-9]+)$")
_TEXT_ENDINGS = (".xml", ".rels", ".vml")


def in_dialect(text: bytes, *, strict: bool) -> bytes:
    """The part in the receiver's dialect of the format."""
    if strict:
        for transitional, strict_name in _DIALECT:
            text = text.replace(transitional.encode(), strict_name.encode())
    return text


class PartCopier:
    """Parts of a donor brought into a book; a part that two sheets share is copied once."""

    def __init__(self, donor: Book, book: Book, edit: Callable[[str, bytes], bytes]) -> None:
        self._donor = donor
        self._book = book
        self._edit = edit  # (kind of relationship, text) -> text, for parts that are XML
        self._names: dict[str, str] = {}

    def copy_arrows(self, source: str, target: str) -> None:
        """Give `target` the relationships of the donor's `source`, under the same identifiers."""
        arrows = self._donor.package.relationships(source)
        name = relationships_name(target)
        if not arrows:
            if self._book.package.has(name):
                self._book.package.remove(name)
            return
        lines = []
        for arrow in arrows:
            if arrow.external:
                address, mode = arrow.target, ' TargetMode="External"'
            elif not self._donor.package.has(arrow.target):
                continue
            else:
                address, mode = "/" + self._copy(arrow.kind, arrow.target), ""
            lines.append(
                f'<Relationship Id="{escape_attribute(arrow.identifier)}" Type="{escape_attribute(arrow.type)}" '
                f'Target="{escape_attribute(address)}"{mode}/>'
            )
        xml = f'{DECLARATION}<Relationships xmlns="{RELATIONSHIPS_NAMESPACE}">{"".join(lines)}</Relationships>'
        self._book.package.put(name, in_dialect(xml.encode(), strict=self._book.strict))

    def _copy(self, kind: str, source: str) -> str:
        key = part_key(source)
        if key in self._names:
            return self._names[key]
        package = self._book.package
        found = _NUMBERED.match(source.replace("%", "_"))
        name = package.free_name(f"{found[1]}%d{found[2]}") if found else package.free_name("xl/kamxl/part%d.bin")
        self._names[key] = name
        content = self._donor.package.read(source)
        if name.lower().endswith(_TEXT_ENDINGS):
            content = in_dialect(self._edit(kind, content), strict=self._book.strict)
        package.put(name, content, self._donor.package.content_type(source))
        self.copy_arrows(source, name)
        return name


def remove_dependents(book: Book, name: str) -> None:
    """Remove what only this part points at, and what only those point at; the part itself stays."""
    waiting = [arrow.target for arrow in book.package.relationships(name) if not arrow.external]
    if book.package.has(relationships_name(name)):
        book.package.remove(relationships_name(name))
    while waiting:
        target = waiting.pop()
        if not book.package.has(target) or _is_used(book, target):
            continue
        waiting += [arrow.target for arrow in book.package.relationships(target) if not arrow.external]
        book.package.remove(target)


def _is_used(book: Book, name: str) -> bool:
    key = part_key(name)
    for other in book.package.names():
        if not other.lower().endswith(".rels"):
            continue
        folder, _, leaf = other.replace("\\", "/").lstrip("/").rpartition("_rels/")
        owner = folder + leaf[: -len(".rels")]
        if any(not arrow.external and part_key(arrow.target) == key for arrow in book.package.relationships(owner)):
            return True
    return False
