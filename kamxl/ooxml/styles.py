"""The style tables of a workbook: entries are found again or appended, never renumbered.

Place in the picture: cells and conditional formats refer to entries by number, so every number that
exists stays true. Additions are collected and written once, by `write`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from kamxl.ooxml.book import Book
from kamxl.ooxml.cell_style import CellStyle, RuleStyle
from kamxl.ooxml.container import part_key
from kamxl.ooxml.errors import OoxmlError
from kamxl.ooxml.markup import DECLARATION, Node, escape_attribute, read_root, unescape
from kamxl.ooxml.part import XmlPart
from kamxl.records import dataclass

Shape: TypeAlias = tuple[str, tuple[tuple[str, str], ...], str, tuple["Shape", ...]]

ORDER = (
    "numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles", "colors",
    "extLst",
)  # fmt: skip
_USUAL_PART = "xl/styles.xml"
MAX_FORMATS = 65_490  # Excel's limit of cell formats
_CHILD = {"numFmts": "numFmt", "fonts": "font", "fills": "fill", "borders": "border", "cellXfs": "xf", "dxfs": "dxf"}
_FIRST = {
    "fonts": ['<font><sz val="11"/><name val="Calibri"/></font>'],
    "fills": ['<fill><patternFill patternType="none"/></fill>', '<fill><patternFill patternType="gray125"/></fill>'],
    "borders": ["<border><left/><right/><top/><bottom/><diagonal/></border>"],
    "cellXfs": ['<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'],
}
_BUILT_IN = {
    "": 0, "General": 0, "0": 1, "0.00": 2, "#,##0": 3, "#,##0.00": 4, "0%": 9, "0.00%": 10, "0.00E+00": 11,
    "mm-dd-yy": 14, "d-mmm-yy": 15, "@": 49,
}  # fmt: skip
_FONT_ORDER = (
    "b", "i", "strike", "condense", "extend", "outline", "shadow", "u", "vertAlign", "sz", "color", "name", "family",
    "charset", "scheme",
)  # fmt: skip


@dataclass(slots=True)
class _Table:
    """One table of styles.xml: what is in it by shape, and what is to be added."""

    known: dict[Shape, int]
    stored: int
    added: list[str]


class Styles:
    """The workbook's styles.xml; created with the usual defaults when the workbook has none."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._part = book.package.rooted(_style_part(book), "styleSheet")
        self._has_copy = _may_have_copy(book, self._part)
        self.prefix = self._part.prefix
        self._tables: dict[str, _Table] = {}
        self._formats: dict[str, int] | None = None
        self._done: dict[CellStyle | RuleStyle, int] = {}

    def add(self, table: str, xml: str) -> int:
        """Number of the entry that looks like `xml` (written without prefix); appended when new."""
        shape = _shape(read_root(xml.encode("utf-8"), "style"))
        content = self._table(table)
        number = content.known.get(shape)
        if number is None:
            number = content.stored + len(content.added)
            if table == "cellXfs" and number >= MAX_FORMATS:
                raise OoxmlError(
                    "limits",
                    f"the workbook has {number} cell formats, Excel takes {MAX_FORMATS}",
                    help="remove unused cell styles in Excel",
                    place=self._part.name,
                )
            content.added.append(_prefixed(shape, self.prefix))
            content.known[shape] = number
        return number

    def cell(self, style: CellStyle | None) -> int:
        """Number of the cell format for a look; 0, the default, for None."""
        if style is None or style == CellStyle():
            return 0
        if style not in self._done:
            self._done[style] = self.add("cellXfs", self._format_xml(style))
        return self._done[style]

    def rule(self, style: RuleStyle) -> int:
        """Number of the differential format for a conditional format's look."""
        if style not in self._done:
            bold = "<b/>" if style.bold else ""
            color = f'<color rgb="{_color(style.font_color)}"/>' if style.font_color else ""
            font = f"<font>{bold}{color}</font>" if bold or color else ""
            fill = style.fill and f'<fill><patternFill><bgColor rgb="{_color(style.fill)}"/></patternFill></fill>'
            self._done[style] = self.add("dxfs", f"<dxf>{font}{fill}</dxf>")
        return self._done[style]

    def number_format(self, code: str) -> int:
        """Number of a number format; built-in ones have fixed numbers, others start at 164."""
        if code in _BUILT_IN:
            return _BUILT_IN[code]
        if self._formats is None:
            box = self._part.root.child("numFmts")
            self._formats = {node.get("formatCode"): node.number("numFmtId") for node in (box.children if box else [])}
        if code not in self._formats:
            number = max([163, *self._formats.values()]) + 1
            self._formats[code] = number
            self.add("numFmts", f'<numFmt numFmtId="{number}" formatCode="{escape_attribute(code)}"/>')
        return self._formats[code]

    def write(self) -> None:
        """Put the collected additions into the part."""
        part, prefix = self._part, self.prefix
        for name, table in self._tables.items():
            if not table.added:
                continue
            box = part.root.child(name)
            entries = "".join(table.added)
            count = table.stored + len(table.added)
            if box is None:
                part.insert_ordered(ORDER, name, f'<{prefix}{name} count="{count}">{entries}</{prefix}{name}>')
            else:
                part.set_attribute(box, "count", count)
                part.append(box, entries)
            table.stored = count
            table.added = []
        if self._has_copy and part.changed:
            self._book.package.put(_USUAL_PART, part.data, self._book.content_type("styles"))

    def _table(self, name: str) -> _Table:
        if name not in self._tables:
            box = self._part.root.child(name)
            entries = box.all(_CHILD[name]) if box else []
            known: dict[Shape, int] = {}
            for number, node in enumerate(entries):
                known.setdefault(_shape(node, self._part), number)
            table = _Table(known, len(entries), [])
            if not entries:  # entry 0 is the default of every cell without a style: it must not become ours
                for xml in _FIRST.get(name, []):
                    shape = _shape(read_root(xml.encode("utf-8"), "style"))
                    known.setdefault(shape, len(table.added))
                    table.added.append(_prefixed(shape, self.prefix))
            self._tables[name] = table
        return self._tables[name]

    def _format_xml(self, style: CellStyle) -> str:
        self._table("cellXfs")
        font, fill, border = self._font(style), self._fill(style.fill), self._border(style.border)
        number = self.number_format(style.number_format)
        flags = (
            (' applyNumberFormat="1"' if number else "")
            + (' applyFont="1"' if font else "")
            + (' applyFill="1"' if fill else "")
            + (' applyBorder="1"' if border else "")
        )
        inner = _alignment(style)
        flags += ' applyAlignment="1"' if inner else ""
        if not style.locked:
            inner += '<protection locked="0"/>'
            flags += ' applyProtection="1"'
        quote = ' quotePrefix="1"' if style.quote_prefix else ""
        look = f'numFmtId="{number}" fontId="{font}" fillId="{fill}" borderId="{border}"'
        base = ' xfId="0"' if self._part.root.child("cellStyleXfs") else ""
        return f"<xf {look}{base}{quote}{flags}>{inner}</xf>" if inner else f"<xf {look}{base}{quote}{flags}/>"

    def _font(self, style: CellStyle) -> int:
        """The workbook's default font with the asked changes: its name and size belong to the user."""
        wanted: dict[str, str] = {}
        if style.bold:
            wanted["b"] = "<b/>"
        if style.italic:
            wanted["i"] = "<i/>"
        if style.font_color:
            wanted["color"] = f'<color rgb="{_color(style.font_color)}"/>'
        if style.font_size:
            wanted["sz"] = f'<sz val="{style.font_size:g}"/>'
        if style.font_name:
            wanted["name"] = f'<name val="{escape_attribute(style.font_name)}"/>'
        if not wanted:
            return 0
        self._table("fonts")
        kept = self.default_font_parts()
        if style.font_name:
            kept = {name: xml for name, xml in kept.items() if name not in ("family", "charset", "scheme")}
        merged = {**kept, **wanted}
        ordered = sorted(merged, key=lambda name: _FONT_ORDER.index(name) if name in _FONT_ORDER else 99)
        return self.add("fonts", f"<font>{''.join(merged[name] for name in ordered)}</font>")

    def default_font_parts(self) -> dict[str, str]:
        """The children of font 0 by name, written without prefix."""
        box = self._part.root.child("fonts")
        fonts = box.all("font") if box else []
        first = fonts[0] if fonts else read_root(_FIRST["fonts"][0].encode(), "style")
        return {node.local: _prefixed(_shape(node), "") for node in first.children}

    def _fill(self, color: str) -> int:
        if not color:
            return 0
        inner = f'<fgColor rgb="{_color(color)}"/><bgColor indexed="64"/>'
        return self.add("fills", f'<fill><patternFill patternType="solid">{inner}</patternFill></fill>')

    def _border(self, color: str) -> int:
        if not color:
            return 0
        line = "".join(
            f'<{side} style="thin"><color rgb="{_color(color)}"/></{side}>'
            for side in ("left", "right", "top", "bottom")
        )
        return self.add("borders", f"<border>{line}<diagonal/></border>")


def _style_part(book: Book) -> str:
    name = book.package.related(book.main, "styles")
    if name:
        return name
    name = _USUAL_PART if not book.package.has(_USUAL_PART) else book.package.free_name("xl/styles%d.xml")
    xml = f'{DECLARATION}<styleSheet xmlns="{book.namespace}"/>'
    book.package.put(name, xml.encode(), book.content_type("styles"))
    book.package.add_relationship(book.main, book.relationship_type("styles"), name)
    return name


def _may_have_copy(book: Book, part: XmlPart) -> bool:
    """Whether the styles stand in an unusual place and may be repeated in the usual one.

    openpyxl looks nowhere else: without the copy it cannot open cells that have a look.
    """
    if part_key(part.name) == _USUAL_PART:
        return False
    return not book.package.has(_USUAL_PART) or book.package.read(_USUAL_PART) == part.data


def _shape(node: Node, part: XmlPart | None = None) -> Shape:
    """What an entry says, whatever its prefix, attribute order and blanks."""
    attributes = tuple(sorted((item.name, item.value) for item in node.attributes if not item.name.startswith("xmlns")))
    text = unescape(part.text(node)).strip() if part and not node.children else ""
    return node.local, attributes, text, tuple(_shape(child, part) for child in node.children)


def _prefixed(shape: Shape, prefix: str) -> str:
    """An entry as XML whose elements carry the prefix."""
    local, attributes, text, children = shape
    written = "".join(f' {name}="{escape_attribute(value)}"' for name, value in _by_rank(attributes))
    inner = "".join(_prefixed(child, prefix) for child in children) or text
    return f"<{prefix}{local}{written}>{inner}</{prefix}{local}>" if inner else f"<{prefix}{local}{written}/>"


def _by_rank(attributes: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, str]]:
    """Attributes in a stable, readable order: numbers of other tables first."""
    yield from sorted(attributes, key=lambda item: (not item[0].endswith("Id"), item[0]))


def _alignment(style: CellStyle) -> str:
    said = {
        "horizontal": style.horizontal or ("left" if style.indent else ""),
        "vertical": style.vertical,
        "wrapText": "1" if style.wrap else "",
        "indent": str(style.indent) if style.indent else "",
    }
    written = "".join(f' {name}="{value}"' for name, value in said.items() if value)
    return f"<alignment{written}/>" if written else ""


def _color(text: str) -> str:
    plain = text.lstrip("#").upper()
    digits = plain if len(plain) == 8 else "FF" + plain
    if len(digits) != 8 or any(digit not in "0123456789ABCDEF" for digit in digits):
        raise OoxmlError("value", f"`{text}` is not a colour", help="give six hexadecimal digits, such as 1F6FEB")
    return digits
