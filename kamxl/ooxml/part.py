"""One small XML part of a package, edited by splices.

Place in the picture: the workbook, styles, tables, relationships and the frame of a sheet are
edited through this. Every edit replaces a byte range found by `markup`; the rest of the part is
never re-written.
"""

from __future__ import annotations

from kamxl.ooxml.errors import damaged
from kamxl.ooxml.markup import Attribute, Node, escape_attribute, foreign_encoding, read_root, to_utf8
from kamxl.records import dataclass


@dataclass(frozen=True, slots=True)
class Splice:
    """`new` in place of the bytes [start, end)."""

    start: int
    end: int
    new: bytes


class XmlPart:
    """A part's bytes and its elements; edits are seen by the next look at `root`.

    Nodes are valid until then: fetch them again after an edit that you want to build on.
    """

    def __init__(self, name: str, data: bytes, *, changed: bool = False) -> None:
        self.name = name
        encoding = foreign_encoding(data[:200])
        self._data = b"".join(to_utf8([data], encoding, name)) if encoding else data
        self._pending: list[Splice] = []
        self._root: Node | None = None
        self.changed = changed

    @property
    def data(self) -> bytes:
        """The part with all edits so far."""
        self._apply()
        return self._data

    @property
    def root(self) -> Node:
        """The root element of the part with all edits so far."""
        self._apply()
        if self._root is None:
            self._root = read_root(self._data, self.name)
        return self._root

    @property
    def prefix(self) -> str:
        """Prefix of the root element with its colon, for new elements of the same kind (`x:`)."""
        head, colon, _ = self.root.name.rpartition(":")
        return head + colon

    @property
    def namespace(self) -> str:
        """Namespace of the root element."""
        head = self.prefix.rstrip(":")
        return self.root.get(f"xmlns:{head}" if head else "xmlns")

    def source(self, node: Node) -> bytes:
        """The element as it is written."""
        return self._data[node.start : node.end]

    def text(self, node: Node) -> bytes:
        """What stands between the element's tags."""
        return b"" if node.empty else self._data[node.inside : node.outside]

    def splice(self, start: int, end: int, new: str | bytes) -> None:
        """Plan one replacement; two insertions at one place keep their order."""
        self._pending.append(Splice(start, end, new.encode("utf-8") if isinstance(new, str) else new))
        self.changed = True

    def set_attribute(self, node: Node, name: str, value: str | int) -> None:
        """Set or add one attribute; nothing happens when it has that value already."""
        written = f'{name}="{escape_attribute(str(value))}"'
        found = _attribute(node, name)
        if found is None:
            place = node.inside - (2 if node.empty else 1)
            self.splice(place, place, f" {written}")
        elif found.value != str(value):
            self.splice(found.start, found.end, written)

    def drop_attribute(self, node: Node, name: str) -> None:
        """Remove one attribute; nothing happens when there is none."""
        found = _attribute(node, name)
        if found is not None:
            self.splice(found.start, found.end, b"")

    def append(self, node: Node, xml: str | bytes) -> None:
        """Add `xml` as the element's last content."""
        new = xml.encode("utf-8") if isinstance(xml, str) else xml
        if node.empty:
            closing = f"</{node.name}>".encode()
            self.splice(node.inside - 2, node.inside, b">" + new + closing)
        else:
            self.splice(node.outside, node.outside, new)

    def replace(self, node: Node, xml: str | bytes) -> None:
        """Put `xml` in the element's place."""
        self.splice(node.start, node.end, xml)

    def remove(self, node: Node) -> None:
        """Take the element out."""
        self.splice(node.start, node.end, b"")

    def insert_ordered(self, order: tuple[str, ...], local: str, xml: str) -> None:
        """Add a child of the root at the place that the schema's `order` gives it."""
        root = self.root
        if root.empty:
            self.append(root, xml)
            return
        rank = order.index(local)
        place = root.inside
        for child in root.children:
            name = _wrapped(child)
            if name in order and order.index(name) <= rank:
                place = child.end
        self.splice(place, place, xml)

    def _apply(self) -> None:
        if not self._pending:
            return
        pieces, position = [], 0
        for item in sorted(self._pending, key=lambda splice: (splice.start, splice.end)):
            if item.start < position:
                raise damaged("two edits overlap", self.name)
            pieces += [self._data[position : item.start], item.new]
            position = item.end
        pieces.append(self._data[position:])
        self._data = b"".join(pieces)
        self._pending.clear()
        self._root = None


def _attribute(node: Node, name: str) -> Attribute | None:
    return next((item for item in node.attributes if item.name == name), None)


def _wrapped(node: Node) -> str:
    """Name that decides an element's place: mc:AlternateContent stands where its content would."""
    if node.local != "AlternateContent":
        return node.local
    inner = [item.local for choice in node.children for item in choice.children]
    return inner[0] if inner else node.local
