"""Custom document properties (docProps/custom.xml): what a workbook says about itself.

Place in the picture: kamxl's version mark stands here, visible under File, Info, Properties.
"""

from __future__ import annotations

from kamxl.ooxml.book import Book
from kamxl.ooxml.markup import DECLARATION, Node, escape, escape_attribute, unescape
from kamxl.ooxml.part import XmlPart

_NAMESPACE = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
_STRICT_NAMESPACE = "http://purl.oclc.org/ooxml/officeDocument/customProperties"
_VALUES = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
_STRICT_VALUES = "http://purl.oclc.org/ooxml/officeDocument/docPropsVTypes"
_TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties"
_STRICT_TYPE = "http://purl.oclc.org/ooxml/officeDocument/relationships/customProperties"
_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
_FORMAT = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"  # the one format identifier of user-defined properties


def read_custom_properties(book: Book) -> dict[str, str]:
    """All custom properties as texts."""
    part = _existing(book)
    if part is None:
        return {}
    return {node.get("name"): _value(part, node) for node in part.root.all("property")}


def set_custom_property(book: Book, name: str, value: str) -> None:
    """Add the property or give it a new value; the others stay as they are written."""
    part = _existing(book) or _created(book)
    for node in part.root.all("property"):
        if node.get("name").casefold() == name.casefold():
            if _value(part, node) != value:
                part.replace(node, _property(part, node.number("pid", 2), node.get("name"), value))
            return
    number = max([1, *(node.number("pid") for node in part.root.all("property"))]) + 1
    part.append(part.root, _property(part, number, name, value))


def drop_custom_property(book: Book, name: str) -> None:
    """Remove the property; nothing happens when there is none."""
    part = _existing(book)
    for node in part.root.all("property") if part else []:
        if part is not None and node.get("name").casefold() == name.casefold():
            part.remove(node)


def _existing(book: Book) -> XmlPart | None:
    for kind in ("custom-properties", "customProperties"):
        if name := book.package.related("", kind):
            return book.package.rooted(name, "Properties")
    return None


def _created(book: Book) -> XmlPart:
    name = "docProps/custom.xml" if not book.package.has("docProps/custom.xml") else ""
    name = name or book.package.free_name("docProps/custom%d.xml")
    namespace = _STRICT_NAMESPACE if book.strict else _NAMESPACE
    book.package.put(name, f'{DECLARATION}<Properties xmlns="{namespace}"/>'.encode(), _CONTENT_TYPE)
    book.package.add_relationship("", _STRICT_TYPE if book.strict else _TYPE, name)
    return book.package.xml(name)


def _property(part: XmlPart, number: int, name: str, value: str) -> str:
    strict = part.namespace == _STRICT_NAMESPACE
    values = f'xmlns:vt="{_STRICT_VALUES if strict else _VALUES}"'
    head = f'<{part.prefix}property fmtid="{_FORMAT}" pid="{number}" name="{escape_attribute(name)}">'
    return f"{head}<vt:lpwstr {values}>{escape(value)}</vt:lpwstr></{part.prefix}property>"


def _value(part: XmlPart, node: Node) -> str:
    return unescape(part.text(node.children[0])) if node.children else ""
