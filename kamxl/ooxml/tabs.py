"""The tabs of a workbook as callers see them: kind, state, and whether they are ours."""

from __future__ import annotations

from kamxl.ooxml.book import Book
from kamxl.ooxml.ownership import is_own_sheet
from kamxl.records import dataclass


@dataclass(frozen=True, slots=True)
class SheetRef:
    """A tab as callers see it."""

    name: str
    kind: str  # worksheet, chartsheet, dialogsheet, macrosheet, missing
    state: str  # visible, hidden, veryHidden
    own: bool  # made by us


def sheet_refs(book: Book) -> tuple[SheetRef, ...]:
    """The tabs from left to right."""
    return tuple(
        SheetRef(entry.name, entry.kind, entry.state, is_own_sheet(book, entry.index)) for entry in book.sheets()
    )
