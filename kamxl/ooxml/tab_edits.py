"""Tabs of ours removed and renamed, with everything that counts or names sheets kept true.

Place in the picture: the workbook part lists sheets; names and views refer to them by position,
formulas by name.
"""

from __future__ import annotations

import re

from kamxl.ooxml.book import Book, SheetEntry
from kamxl.ooxml.calculation import drop_listed_chain
from kamxl.ooxml.errors import OoxmlError
from kamxl.ooxml.formulas import rename_sheet_in
from kamxl.ooxml.graft import check_sheet_name
from kamxl.ooxml.graft_parts import remove_dependents
from kamxl.ooxml.markup import escape_attribute, escape_plain, unescape
from kamxl.ooxml.ownership import is_own_sheet

_FORMULA = re.compile(rb"(<(?:\w+:)?(?:f|formula|formula1|formula2)\b[^<>/]*>)([^<]+)(</)")
_LOCATION = re.compile(rb'(\slocation=")([^"]*)(")')
_SOURCE_SHEET = re.compile(rb'<(?:\w+:)?worksheetSource\b[^<>]*\ssheet="([^"]*)"')
_PARTS_WITH_FORMULAS = ("worksheet+xml", "chart+xml", "table+xml", "pivotcachedefinition+xml", "chartsheet+xml")


def remove_sheet(book: Book, name: str) -> None:
    """Remove a sheet of ours.

    Errors: OoxmlError `not-ours`, `in-use`, `protected`, `no-sheet`.
    """
    entry = _own_entry(book, name)
    users = _users(book, entry)
    if users:
        raise OoxmlError(
            "in-use", f"formulas outside use sheet `{name}`", help="change them first, or keep the sheet",
            place=", ".join(users[:3]),
        )  # fmt: skip
    if len([item for item in book.sheets() if item.state == "visible"]) == 1 and entry.state == "visible":
        raise OoxmlError("in-use", "a workbook needs one visible sheet", help="add another sheet first", place=name)
    drop_listed_chain(book, entry.sheet_id)
    remove_dependents(book, entry.part)
    book.package.remove(entry.part)
    book.package.drop_relationship(book.main, entry.relationship)
    part = book.part
    names = part.root.child("definedNames")
    for node in names.all("definedName") if names else []:
        if not node.get("localSheetId"):
            continue
        if node.number("localSheetId") == entry.index:
            part.remove(node)
        elif node.number("localSheetId") > entry.index:
            part.set_attribute(node, "localSheetId", node.number("localSheetId") - 1)
    box = part.root.child("sheets")
    if box:
        part.remove(box.all("sheet")[entry.index])
    names = part.root.child("definedNames")
    if names and not names.children:
        part.remove(names)
    _shift_views(book, entry.index)


def rename_sheet(book: Book, old: str, new: str) -> None:
    """Rename a sheet of ours; formulas, names, charts and links follow.

    Errors: OoxmlError `not-ours`, `name-taken`, `sheet-name`, `protected`, `no-sheet`.
    """
    check_sheet_name(new)
    entry = _own_entry(book, old)
    if any(item.name.casefold() == new.casefold() and item.index != entry.index for item in book.sheets()):
        raise OoxmlError("name-taken", f"there is a sheet `{new}` already", help="choose another name", place=new)
    for name in _formula_parts(book):
        if book.package.content_type(name).lower().endswith("pivotcachedefinition+xml"):
            _refuse_pivot_source(book, name, old)
    for name in _formula_parts(book):
        if _mentions(book, name, old):
            text = b"".join(book.package.chunks(name))
            changed = _renamed(text, old, new)
            if changed != text:
                book.package.put(name, changed)
    part = book.part
    names = part.root.child("definedNames")
    for node in names.all("definedName") if names else []:
        text_before = unescape(part.text(node))
        text_after = rename_sheet_in(text_before, old, new)
        if text_after != text_before:
            part.splice(node.inside, node.outside, escape_plain(text_after))
    box = part.root.child("sheets")
    if box:
        part.set_attribute(box.all("sheet")[entry.index], "name", new)


def _renamed(text: bytes, old: str, new: str) -> bytes:
    def formula(found: re.Match[bytes]) -> bytes:
        return found[1] + escape_plain(rename_sheet_in(unescape(found[2]), old, new)).encode() + found[3]

    def location(found: re.Match[bytes]) -> bytes:
        return found[1] + escape_attribute(rename_sheet_in(unescape(found[2]), old, new)).encode() + found[3]

    return _LOCATION.sub(location, _FORMULA.sub(formula, text))


def _mentions(book: Book, name: str, sheet: str) -> bool:
    """Whether the part has the sheet's name in it at all; read in steps, because most parts are large and have not."""
    needles = {escape_plain(text).lower().encode() for text in (sheet, sheet.replace("'", "''"))}
    longest, tail = max(len(needle) for needle in needles), b""
    for chunk in book.package.chunks(name):
        text = tail + chunk.lower()
        if any(needle in text for needle in needles):
            return True
        tail = text[-longest:]
    return False


def _own_entry(book: Book, name: str) -> SheetEntry:
    book.require_open_structure()
    entry = book.sheet(name)
    if not is_own_sheet(book, entry.index):
        raise OoxmlError(
            "not-ours", f"sheet `{name}` was not made by kamxl", help="rename or remove it in Excel", place=name
        )
    return entry


def _formula_parts(book: Book) -> list[str]:
    types = book.package.content_types()
    return [name for name, content_type in types.items() if content_type.lower().endswith(_PARTS_WITH_FORMULAS)]


def _users(book: Book, entry: SheetEntry) -> list[str]:
    """Parts outside the sheet, and not ours, whose formulas name it."""
    own = {item.part for item in book.sheets() if is_own_sheet(book, item.index)}
    mine = own | {arrow.target for part in own for arrow in book.package.relationships(part)}
    mine |= {arrow.target for part in list(mine) for arrow in book.package.relationships(part)}
    found = []
    for name in _formula_parts(book):
        if name not in mine and _mentions(book, name, entry.name):
            text = b"".join(book.package.chunks(name))
            if _renamed(text, entry.name, "\u2060") != text:
                found.append(name)
    return found


def _refuse_pivot_source(book: Book, name: str, old: str) -> None:
    for found in _SOURCE_SHEET.finditer(book.package.read(name)):
        if unescape(found[1]).casefold() == old.casefold():
            raise OoxmlError(
                "in-use", f"a pivot table reads sheet `{old}`", help="keep the name, or move the pivot's source",
                place=name,
            )  # fmt: skip


def _shift_views(book: Book, index: int) -> None:
    """Views remember the active and the first shown tab by position."""
    part = book.part
    views = part.root.child("bookViews")
    for node in views.children if views else []:
        for attribute in ("activeTab", "firstSheet"):
            if node.number(attribute) > 0 and node.number(attribute) >= index:
                part.set_attribute(node, attribute, node.number(attribute) - 1)
