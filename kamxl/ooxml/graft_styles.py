"""Looks of a donor workbook, found or added in the workbook that receives its sheets.

Place in the picture: gives `graft` the new numbers of cell formats and differential formats.
The donor's default font becomes the receiver's, so that grafted sheets look at home.
"""

from __future__ import annotations

from kamxl.ooxml.book import Book
from kamxl.ooxml.markup import Node, escape_attribute
from kamxl.ooxml.part import XmlPart
from kamxl.ooxml.styles import Styles

_FIRST_CUSTOM = 164  # number formats below are built into Excel


class StyleMap:
    """Old number to new number, worked out when first asked for."""

    def __init__(self, donor: Book, styles: Styles) -> None:
        name = donor.package.related(donor.main, "styles")
        self._part: XmlPart | None = donor.package.xml(name) if name else None
        self._styles = styles
        self._formats: dict[int, int] = {0: 0}
        self._differential: dict[int, int] = {}
        self._parts: dict[tuple[str, int], int] = {}

    def cell(self, number: int) -> int:
        """The receiver's number of a cell format."""
        if number not in self._formats:
            node = self._entry("cellXfs", number)
            self._formats[number] = self._styles.add("cellXfs", self._format_xml(node)) if node else 0
        return self._formats[number]

    def differential(self, number: int) -> int:
        """The receiver's number of a differential format."""
        if number not in self._differential:
            node = self._entry("dxfs", number)
            xml = self._dxf_xml(node) if node else "<dxf/>"
            self._differential[number] = self._styles.add("dxfs", xml)
        return self._differential[number]

    def _entry(self, table: str, number: int) -> Node | None:
        box = self._part.root.child(table) if self._part else None
        return box.children[number] if box and number < len(box.children) else None

    def _format_xml(self, node: Node) -> str:
        values = {item.name: item.value for item in node.attributes}
        values["numFmtId"] = str(self._number_format(node.number("numFmtId")))
        values["fontId"] = str(self._copied("fonts", node.number("fontId")))
        values["fillId"] = str(self._copied("fills", node.number("fillId")))
        values["borderId"] = str(self._copied("borders", node.number("borderId")))
        values["xfId"] = "0"
        written = "".join(f' {name}="{escape_attribute(value)}"' for name, value in values.items())
        inner = "".join(self._source(child) for child in node.children)
        return f"<xf{written}>{inner}</xf>" if inner else f"<xf{written}/>"

    def _copied(self, table: str, number: int) -> int:
        if number == 0:  # no fill, no border, and the workbook's own font
            return 0
        key = (table, number)
        if key not in self._parts:
            node = self._entry(table, number)
            self._parts[key] = self._styles.add(table, self._source(node)) if node else 0
        return self._parts[key]

    def _number_format(self, number: int) -> int:
        if number < _FIRST_CUSTOM:
            return number
        return self._styles.number_format(self._code(number))

    def _code(self, number: int) -> str:
        box = self._part.root.child("numFmts") if self._part else None
        for node in box.children if box else []:
            if node.number("numFmtId") == number:
                return node.get("formatCode")
        return ""

    def _dxf_xml(self, node: Node) -> str:
        pieces = []
        for child in node.children:
            if child.local == "numFmt" and child.number("numFmtId") >= _FIRST_CUSTOM:
                code = child.get("formatCode")
                number = self._styles.number_format(code)
                pieces.append(f'<numFmt numFmtId="{number}" formatCode="{escape_attribute(code)}"/>')
            else:
                pieces.append(self._source(child))
        return f"<dxf>{''.join(pieces)}</dxf>"

    def _source(self, node: Node) -> str:
        return self._part.source(node).decode("utf-8") if self._part else ""


def string_items(donor: Book) -> list[bytes]:
    """The donor's shared strings as the XML inside each item."""
    name = donor.package.related(donor.main, "sharedStrings")
    if not name:
        return []
    part = donor.package.xml(name)
    return [part.text(node) for node in part.root.all("si")]
