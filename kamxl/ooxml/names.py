"""Defined names: looked up, added, changed, removed, each edit leaving the others as they are written.

Place in the picture: print areas, filters and kamxl's own marks all live here.
"""

from __future__ import annotations

from kamxl.ooxml.book import ORDER, Book
from kamxl.ooxml.markup import Node, escape_attribute, escape_plain, unescape
from kamxl.records import dataclass

FILTER = "_xlnm._FilterDatabase"


@dataclass(frozen=True, slots=True)
class DefinedName:
    """A name, what it stands for, and the sheet it is valid on (None: everywhere)."""

    name: str
    text: str
    sheet_index: int | None = None
    hidden: bool = False
    comment: str = ""


def read_names(book: Book) -> list[DefinedName]:
    """All names in their order."""
    return [
        DefinedName(
            node.get("name"),
            unescape(book.part.text(node)),
            node.number("localSheetId") if node.get("localSheetId") else None,
            node.get("hidden") in ("1", "true"),
            node.get("comment"),
        )
        for node in _nodes(book)
    ]


def find_name(book: Book, name: str, sheet_index: int | None = None) -> DefinedName | None:
    """The name as it is valid on one sheet, or everywhere; case does not count."""
    for item in read_names(book):
        if item.name.casefold() == name.casefold() and item.sheet_index == sheet_index:
            return item
    return None


def set_name(book: Book, item: DefinedName) -> None:
    """Add the name, or give the existing one its new meaning."""
    part = book.part
    for node in _nodes(book):
        if _is(node, item.name, item.sheet_index):
            if unescape(part.text(node)) != item.text:
                if node.empty:
                    part.append(node, escape_plain(item.text))
                else:
                    part.splice(node.inside, node.outside, escape_plain(item.text))
            if item.comment and node.get("comment") != item.comment:
                part.set_attribute(node, "comment", item.comment)
            return
    scope = f' localSheetId="{item.sheet_index}"' if item.sheet_index is not None else ""
    comment = f' comment="{escape_attribute(item.comment)}"' if item.comment else ""
    hidden = ' hidden="1"' if item.hidden else ""
    prefix = part.prefix
    xml = (
        f'<{prefix}definedName name="{escape_attribute(item.name)}"{comment}{scope}{hidden}>'
        f"{escape_plain(item.text)}</{prefix}definedName>"
    )
    box = part.root.child("definedNames")
    if box is None:
        part.insert_ordered(ORDER, "definedNames", f"<{prefix}definedNames>{xml}</{prefix}definedNames>")
    else:
        part.append(box, xml)


def drop_name(book: Book, name: str, sheet_index: int | None = None) -> None:
    """Remove the name; nothing happens when there is none."""
    box = book.part.root.child("definedNames")
    for node in _nodes(book):
        if _is(node, name, sheet_index):
            only = box is not None and len(box.children) == 1
            book.part.remove(box if only and box is not None else node)
            return


def _nodes(book: Book) -> list[Node]:
    box = book.part.root.child("definedNames")
    return box.all("definedName") if box else []


def _is(node: Node, name: str, sheet_index: int | None) -> bool:
    scope = node.number("localSheetId") if node.get("localSheetId") else None
    return scope == sheet_index and node.get("name").casefold() == name.casefold()
