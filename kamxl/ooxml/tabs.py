"""The tabs of a workbook as callers see them: kind, state, protection, and whether they are ours."""

from __future__ import annotations

import re

from kamxl.ooxml.book import Book, SheetEntry
from kamxl.ooxml.ownership import is_own_sheet
from kamxl.records import dataclass


@dataclass(frozen=True, slots=True)
class SheetRef:
    """A tab as callers see it."""

    name: str
    kind: str  # worksheet, chartsheet, dialogsheet, macrosheet, missing
    state: str  # visible, hidden, veryHidden
    protected: bool
    own: bool  # made by us


def sheet_refs(book: Book, protected: dict[str, bool]) -> tuple[SheetRef, ...]:
    """The tabs from left to right; what is found out about protection is kept in `protected`, by part."""
    found = []
    for entry in book.sheets():
        if entry.part not in protected:
            protected[entry.part] = _is_protected(book, entry)
        own = is_own_sheet(book, entry.index)
        found.append(SheetRef(entry.name, entry.kind, entry.state, protected[entry.part], own))
    return tuple(found)


def _is_protected(book: Book, entry: SheetEntry) -> bool:
    """Whether a worksheet is locked; one look at its text, in steps, without reading its rows."""
    if entry.kind != "worksheet":
        return False
    tail = b""
    for chunk in book.package.chunks(entry.part):
        text = tail + chunk
        at = text.find(b"sheetProtection")
        if at >= 0 and text.find(b">", at) >= 0:
            return bool(re.search(rb"""\ssheet\s*=\s*["'](?:1|true)["']""", text[at : text.find(b">", at)]))
        tail = text[-2000:]
    return False
