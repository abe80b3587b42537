"""Cells that hold an error, read straight from the sheet: fast readers hand them over as blanks.

Place in the picture: a look, no edit. One pass over the bytes; a sheet without errors costs one search.
"""

from __future__ import annotations

import re

from kamxl.ooxml.book import Book
from kamxl.ooxml.references import column_number

_CELL = re.compile(
    rb"""<(?:[\w.\-]+:)?c\s(?=[^<>]*?\bt\s*=\s*["']e["'])[^<>]*?\br\s*=\s*["']([A-Za-z]{1,3})(\d{1,7})["'][^<>]*>"""
)
_VALUE = re.compile(rb"<(?:[\w.\-]+:)?v[^<>]*>([^<]{1,40})</")
_MARK = re.compile(rb"""\bt\s*=\s*["']e["']""")


def read_error_cells(book: Book, part: str) -> dict[tuple[int, int], str]:
    """Error texts such as `#N/A` by (row, column), both 1-based."""
    content = b"".join(book.package.source(part)())
    found: dict[tuple[int, int], str] = {}
    if _MARK.search(content) is None:
        return found
    for cell in _CELL.finditer(content):
        end = content.find(b"<v", cell.end())
        value = _VALUE.match(content, end) if end >= 0 else None
        text = value[1].decode("utf-8", "replace").strip() if value is not None else "#N/A"
        found[int(cell[2]), column_number(cell[1].decode())] = text
    return found
