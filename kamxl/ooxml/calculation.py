"""Recalculation: asking for it on opening, and keeping the calculation chain true.

Place in the picture: called once, when a workbook is saved.
"""

from __future__ import annotations

import re

from kamxl.ooxml.book import ORDER, Book
from kamxl.ooxml.references import Range, read_ranges

_LINK = rb"<(?:\w+:)?c\s([^<>]*?)/?>"
_CELL = r"""(?:^|\s)r\s*=\s*["']([A-Za-z]+\d+)["']"""
_SHEET = r"""(?:^|\s)i\s*=\s*["'](\d+)"""


def set_full_calculation(book: Book, *, on: bool) -> None:
    """Make the program that opens the workbook calculate every formula, or stop asking for it."""
    part = book.part
    node = part.root.child("calcPr")
    if node is None:
        if on:
            part.insert_ordered(ORDER, "calcPr", f'<{part.prefix}calcPr calcId="0" fullCalcOnLoad="1"/>')
    elif on:
        part.set_attribute(node, "fullCalcOnLoad", "1")
    elif node.get("fullCalcOnLoad"):
        part.set_attribute(node, "fullCalcOnLoad", "0")


def drop_listed_chain(book: Book, sheet_id: int, area: Range | None = None) -> None:
    """Remove the calculation chain when it lists a cell of the sheet (in the area, if there is one)."""
    name = book.package.related(book.main, "calcChain")
    if not name:
        return
    current = 0
    for link in re.finditer(_LINK, book.package.read(name)):
        attributes = link[1].decode("utf-8", "replace")
        if sheet := re.search(_SHEET, attributes):  # a link without a sheet stays on the sheet of the link before it
            current = int(sheet[1])
        cell = re.search(_CELL, attributes)
        if current != sheet_id or cell is None:
            continue
        if area is None or any(item.meets(area) for item in read_ranges(cell[1])):
            drop_calculation_chain(book)
            return


def drop_calculation_chain(book: Book) -> None:
    """Remove the cache of the calculation order; Excel builds it anew.

    Needed when a formula that the chain lists is gone: Excel reports such a file as damaged.
    """
    for arrow in book.package.relationships(book.main):
        if arrow.kind == "calcChain" and not arrow.external:
            if book.package.has(arrow.target):
                book.package.remove(arrow.target)
            book.package.drop_relationship(book.main, arrow.identifier)
