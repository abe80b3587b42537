"""The mark that makes a formula spill (`cm`), carried from one workbook to another.

Place in the picture: cells refer to entries of xl/metadata.xml by number; existing entries stay.
"""

from __future__ import annotations

from kamxl.ooxml.book import Book
from kamxl.ooxml.graft_parts import in_dialect
from kamxl.ooxml.part import XmlPart

_DYNAMIC = "XLDAPR"  # "dynamic array properties": the one metadata type that XlsxWriter writes


def map_dynamic_arrays(donor: Book, book: Book) -> dict[int, bytes]:
    """The ` cm="..."` attribute to write for each of the donor's numbers that means a spilling formula.

    Shapes: a number that is not in the answer loses its mark (the formula then is an ordinary array).
    """
    source = donor.package.related(donor.main, "sheetMetadata")
    if not source:
        return {}
    marks = _dynamic_marks(donor.package.xml(source))
    if not marks:
        return {}
    target = book.package.related(book.main, "sheetMetadata")
    if not target:
        name = book.package.free_name("xl/metadata%d.xml") if book.package.has("xl/metadata.xml") else "xl/metadata.xml"
        content = in_dialect(donor.package.read(source), strict=book.strict)
        book.package.put(name, content, book.content_type("sheetMetadata"))
        book.package.add_relationship(book.main, book.relationship_type("sheetMetadata"), name)
        return {number: b' cm="%d"' % number for number in marks}
    part = book.package.rooted(target, "metadata")
    existing = _dynamic_marks(part) or [_add_mark(part)]
    return dict.fromkeys(marks, b' cm="%d"' % existing[0])


def _dynamic_marks(part: XmlPart) -> list[int]:
    """Numbers (from 1) of the cell metadata entries that mark a spilling formula."""
    types = part.root.child("metadataTypes")
    names = [node.get("name") for node in types.children] if types else []
    if _DYNAMIC not in names:
        return []
    kind = names.index(_DYNAMIC) + 1
    cells = part.root.child("cellMetadata")
    found = []
    for number, block in enumerate(cells.children if cells else [], 1):
        records = [node for node in block.children if node.number("t") == kind]
        if records and len(block.children) == 1:
            found.append(number)
    return found


def _add_mark(part: XmlPart) -> int:
    """Number of a new entry that marks a spilling formula, beside the entries of other kinds."""
    prefix = part.prefix
    kind_xml = (
        f'<{prefix}metadataType name="{_DYNAMIC}" minSupportedVersion="120000" copy="1" pasteAll="1" pasteValues="1" '
        'merge="1" splitFirst="1" rowColShift="1" clearFormats="1" clearComments="1" assign="1" coerce="1" '
        'cellMeta="1"/>'
    )
    future_xml = (
        f'<{prefix}futureMetadata name="{_DYNAMIC}" count="1"><{prefix}bk><{prefix}extLst>'
        f'<{prefix}ext uri="{{bdbb8cdc-fa1e-496e-a857-3c3f30c029c3}}">'
        '<xda:dynamicArrayProperties xmlns:xda="http://schemas.microsoft.com/office/spreadsheetml/2017/dynamicarray" '
        f'fDynamic="1" fCollapsed="0"/></{prefix}ext></{prefix}extLst></{prefix}bk></{prefix}futureMetadata>'
    )
    order = ("metadataTypes", "metadataStrings", "mdxMetadata", "futureMetadata", "cellMetadata", "valueMetadata")
    types = part.root.child("metadataTypes")
    kind = len(types.children) + 1 if types else 1
    if types:
        part.set_attribute(types, "count", kind)
        part.append(types, kind_xml)
    else:
        boxed = f'<{prefix}metadataTypes count="1">{kind_xml}</{prefix}metadataTypes>'
        part.insert_ordered(order, "metadataTypes", boxed)
    part.insert_ordered(order, "futureMetadata", future_xml)
    cells = part.root.child("cellMetadata")
    record = f'<{prefix}bk><{prefix}rc t="{kind}" v="0"/></{prefix}bk>'
    number = len(cells.children) + 1 if cells else 1
    if cells:
        part.set_attribute(cells, "count", number)
        part.append(cells, record)
    else:
        part.insert_ordered(order, "cellMetadata", f'<{prefix}cellMetadata count="1">{record}</{prefix}cellMetadata>')
    return number
