"""Recalculation: asking for it on opening, and keeping the calculation chain true.

Place in the picture: called once, when a workbook is saved.
"""

from __future__ import annotations

from kamxl.ooxml.book import ORDER, Book


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


def drop_calculation_chain(book: Book) -> None:
    """Remove the cache of the calculation order; Excel builds it anew.

    Needed when a formula that the chain lists is gone: Excel reports such a file as damaged.
    """
    for arrow in book.package.relationships(book.main):
        if arrow.kind == "calcChain" and not arrow.external:
            if book.package.has(arrow.target):
                book.package.remove(arrow.target)
            book.package.drop_relationship(book.main, arrow.identifier)
