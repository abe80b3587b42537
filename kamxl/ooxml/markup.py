"""XML as text with places: elements with the byte offsets that edits need, and escaping.

Place in the picture: everything above edits bytes at the offsets found here, so that what is not
edited stays as it was written. Expat judges whether a text is XML at all; entities and document
types are refused (the package format forbids them: ECMA-376 part 2, section 9.1.7).
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from xml.parsers import expat

from kamxl.ooxml.errors import damaged, hostile
from kamxl.records import dataclass, field

DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAX_DEPTH = 256  # deepest real part seen: 41 (a chart); the limit keeps hostile nesting cheap

ATTRIBUTES = rb"""((?:[^<>"'/]|"[^"<]*"|'[^'<]*'|/(?!>))*+)"""
_TAG = re.compile(rb"<(?:!--.*?-->|\?.*?\?>|!\[CDATA\[.*?\]\]>|(/?)([^\s/<>!?]+)" + ATTRIBUTES + rb"(/?)>)", re.S)
_ATTRIBUTE = re.compile(rb"""([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_ENTITY = re.compile(r"&(#[xX]?[0-9A-Fa-f]+|\w+);")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_DECLARED = re.compile(rb"""^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']+)["']""")
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_CONTROLS = bytes(range(32))
_ENCODING_NAME = re.compile(r"[A-Za-z][A-Za-z0-9._\-]*")
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass(slots=True)
class Attribute:
    """One attribute and the bytes it occupies, from its name to its closing quote."""

    name: str
    value: str
    start: int
    end: int


@dataclass(slots=True)
class Node:
    """One element: [start, inside) is its opening tag, [inside, outside) its content, `end` its end."""

    name: str
    attributes: list[Attribute]
    start: int
    inside: int
    outside: int = -1
    end: int = -1
    empty: bool = False
    children: list[Node] = field(default_factory=list)

    @property
    def local(self) -> str:
        """The name without its prefix."""
        return self.name.rpartition(":")[2]

    def get(self, name: str, default: str = "") -> str:
        """The attribute's value, found by its name as written."""
        return next((item.value for item in self.attributes if item.name == name), default)

    def get_local(self, local: str) -> str:
        """The value of a prefixed attribute, found by its name after the prefix (`r:id`)."""
        return next((item.value for item in self.attributes if item.name.endswith(":" + local)), "")

    def number(self, name: str, default: int = 0) -> int:
        """The attribute as a whole number; `default` when absent or not a number."""
        try:
            return int(self.get(name) or default)
        except ValueError:
            return default

    def child(self, local: str) -> Node | None:
        """The first child of that name, whatever its prefix."""
        return next((item for item in self.children if item.local == local), None)

    def all(self, local: str) -> list[Node]:
        """All children of that name, whatever their prefix."""
        return [item for item in self.children if item.local == local]

    def walk(self) -> Iterator[Node]:
        """This element and everything inside it, in document order."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))


def read_root(text: bytes, place: str) -> Node:
    """The root element of a part.

    Errors: OoxmlError `damaged` or `hostile`; the text is checked by expat first, so that the
    cheap scan below never meets anything but well-formed XML.
    """
    check_xml([text], place)
    top = Node("", [], 0, 0)
    open_nodes = [top]
    for tag in _TAG.finditer(text):
        if tag[2] is None:
            continue
        if tag[1]:
            if len(open_nodes) == 1:
                raise damaged("the part is not XML: unbalanced tags", place)
            closed = open_nodes.pop()
            closed.outside, closed.end = tag.start(), tag.end()
            continue
        node = Node(tag[2].decode("utf-8"), _attributes(tag[3], tag.start(3)), tag.start(), tag.end())
        open_nodes[-1].children.append(node)
        if tag[4]:
            node.empty, node.outside, node.end = True, tag.end(), tag.end()
        else:
            open_nodes.append(node)
            if len(open_nodes) > MAX_DEPTH:
                raise hostile("the part nests its elements deeper than any real one", place)
    if len(open_nodes) != 1 or not top.children:
        raise damaged("the part is not XML: unbalanced tags", place)
    return top.children[0]


def _attributes(text: bytes, offset: int) -> list[Attribute]:
    return [
        Attribute(
            item[1].decode("utf-8"),
            unescape(item[2] if item[2] is not None else item[3]),
            offset + item.start(),
            offset + item.end(),
        )
        for item in _ATTRIBUTE.finditer(text)
    ]


def check_xml(chunks: Iterable[bytes], place: str, *, prefixes: bool = False) -> None:
    """Nothing when the chunks are together one well-formed XML document without a document type.

    With `prefixes` each one that is used must be declared.
    Errors: OoxmlError `damaged` (not XML), `hostile` (document type, entities, absurd nesting).
    """
    checker = XmlCheck(place, prefixes=prefixes)
    for chunk in chunks:
        checker.feed(chunk)
    checker.close()


class XmlCheck:
    """Expat fed chunk by chunk; a class because the parser has state."""

    def __init__(self, place: str, *, prefixes: bool = False) -> None:
        self._place = place
        self._parser = expat.ParserCreate(namespace_separator=" " if prefixes else None)
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.EntityDeclHandler = self._refuse

    def _refuse(self, *_: object) -> None:
        raise hostile("the part declares a document type or entities, which workbooks never do", self._place)

    def feed(self, chunk: bytes) -> None:
        """Check the next bytes; errors as in `check_xml`."""
        try:
            self._parser.Parse(chunk, False)
        except expat.ExpatError as error:
            raise damaged(f"the part is not well-formed XML ({error})", self._place) from error

    def close(self) -> None:
        """Check that the document is complete; errors as in `check_xml`."""
        try:
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise damaged(f"the part is not well-formed XML ({error})", self._place) from error


def foreign_encoding(start: bytes) -> str:
    """Name of the encoding of a part that is not UTF-8 already; empty for UTF-8."""
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    if start[:2] == b"<\0":
        return "utf-16-le"
    if start[:2] == b"\0<":
        return "utf-16-be"
    declared = _DECLARED.match(start)
    name = declared[1].decode("ascii", "replace").lower() if declared else ""
    return "" if name in ("", "utf-8", "utf8", "us-ascii", "ascii") else name


def to_utf8(chunks: Iterable[bytes], encoding: str, place: str) -> Iterator[bytes]:
    """The same XML in UTF-8, with its declaration corrected.

    Errors: OoxmlError `damaged` when the encoding is unknown or the bytes do not fit it.
    """
    try:
        # Python knows encodings by names that XML does not allow (`UTF-:`): such a declaration makes it no XML.
        if not _ENCODING_NAME.fullmatch(encoding):
            raise LookupError(encoding)
        decoder = codecs.getincrementaldecoder(encoding)()
        first = True
        for chunk in chunks:
            text = decoder.decode(chunk)
            if first and text:
                text = re.sub(r"""(encoding\s*=\s*["'])[^"']+""", r"\g<1>UTF-8", text, count=1)
                first = False
            yield text.encode("utf-8")
        yield decoder.decode(b"", True).encode("utf-8")
    except (LookupError, ValueError) as error:
        raise damaged(f"the part says it is {encoding}, and is not", place) from error


def unescape(text: bytes) -> str:
    """The characters that escaped XML text stands for."""
    plain = text.decode("utf-8", "replace")
    return _ENTITY.sub(_entity, plain) if "&" in plain else plain


def _entity(match: re.Match[str]) -> str:
    name = match[1]
    if name[0] != "#":
        return _NAMED.get(name, match[0])
    code = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
    return chr(code) if code < 0x110000 else match[0]


def is_plain(text: bytes) -> bool:
    """Whether text in UTF-8 is XML content letter by letter, on one line."""
    special = b"&" in text or b"<" in text or b">" in text or (b"_" in text and b"_x" in text)
    # U+FFFE and U+FFFF are none that XML allows.
    odd = special or (b"\xef" in text and b"\xef\xbf" in text)
    return not odd and len(text.translate(None, _CONTROLS)) == len(text)


def escape(text: str) -> str:
    """Cell text as XML content, with Excel's `_xHHHH_` form for characters that XML cannot hold."""
    if text.isprintable() and "_x" not in text:  # all that is unfit is unprintable: most texts need no closer look
        return escape_plain(text) if "&" in text or "<" in text or ">" in text else text
    return escape_plain(escape_unfit(text)).replace("\r", "_x000D_")


def escape_unfit(text: str) -> str:
    """Text with Excel's `_xHHHH_` form for characters that XML cannot hold; `&` and `<` are left."""
    if "_x" in text:
        text = _LOOKS_ESCAPED.sub("_x005F_", text)
    return _UNFIT.sub(lambda unfit: f"_x{ord(unfit[0]):04X}_", text)


def escape_plain(text: str) -> str:
    """Text as XML content where `_xHHHH_` has no meaning (formulas, names)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escape_attribute(text: str) -> str:
    """Text as an attribute value between double quotes."""
    plain = escape_plain(_UNFIT.sub("\ufffd", text)).replace('"', "&quot;")
    return plain.replace("\n", "&#10;").replace("\r", "&#13;").replace("\t", "&#9;")


def read_escapes(text: str) -> str:
    """Text in which `_xHHHH_` has become the character it stands for."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text
