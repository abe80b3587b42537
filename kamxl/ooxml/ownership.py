"""What in a workbook is ours, so that a second run replaces it and never adds a copy.

Place in the picture: marks are hidden names that are valid on one sheet. Excel, LibreOffice and
openpyxl keep such names, and they follow a sheet that a person renames or moves.
"""

from __future__ import annotations

import zlib

from kamxl.ooxml.book import Book
from kamxl.ooxml.names import DefinedName, drop_name, find_name, set_name

SHEET_MARK = "_kamxl_sheet"
NAME_MARK = "kamxl"  # comment of the visible names that we define
RULE_MARK = "_kamxl_rules_%d"
_PER_NAME = 25  # 25 x 9 characters stay below the 255 that a text in a name may have


def mark_sheet(book: Book, sheet_index: int) -> None:
    """Record that the sheet is ours."""
    set_name(book, DefinedName(SHEET_MARK, "TRUE", sheet_index, hidden=True))


def is_own_sheet(book: Book, sheet_index: int) -> bool:
    """Whether the sheet was made by us."""
    return find_name(book, SHEET_MARK, sheet_index) is not None


def signature(text: str) -> str:
    """Eight characters that stand for a text."""
    return f"{zlib.crc32(text.encode('utf-8')):08x}"


def read_signatures(book: Book, sheet_index: int) -> list[str]:
    """Signatures recorded for a sheet, in order."""
    found: list[str] = []
    number = 1
    while item := find_name(book, RULE_MARK % number, sheet_index):
        found += item.text.strip('"').split()
        number += 1
    return found


def write_signatures(book: Book, sheet_index: int, signatures: list[str]) -> None:
    """Record these signatures, and only these, for a sheet."""
    parts = [signatures[start : start + _PER_NAME] for start in range(0, len(signatures), _PER_NAME)]
    for number, part in enumerate(parts, 1):
        set_name(book, DefinedName(RULE_MARK % number, f'"{" ".join(part)}"', sheet_index, hidden=True))
    number = len(parts) + 1
    while find_name(book, RULE_MARK % number, sheet_index):
        drop_name(book, RULE_MARK % number, sheet_index)
        number += 1
