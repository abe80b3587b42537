"""Tables of a donor with numbers and names that are free in the receiving workbook.

Place in the picture: used by `graft`. A table that has to be renamed takes the formulas that name it along.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from kamxl.ooxml.book import Book
from kamxl.ooxml.formulas import rename_tables_in
from kamxl.ooxml.markup import escape_plain, unescape
from kamxl.ooxml.names import read_names
from kamxl.ooxml.part import XmlPart
from kamxl.ooxml.table import read_tables

_LOOKS = ("headerRowDxfId", "dataDxfId", "totalsRowDxfId", "headerRowBorderDxfId", "tableBorderDxfId")


class TableMap:
    """New numbers and names, fixed when the grafting starts."""

    def __init__(self, donor: Book, book: Book) -> None:
        taken = {table.name.casefold() for entry in book.sheets() for table in read_tables(book, entry)}
        taken |= {item.name.casefold() for item in read_names(book) if item.sheet_index is None}
        self._next = 1 + max(
            [0]
            + [
                book.package.xml(table.part).root.number("id")
                for entry in book.sheets()
                for table in read_tables(book, entry)
            ]
        )
        self._names: dict[str, str] = {}
        for table in (table for entry in donor.sheets() for table in read_tables(donor, entry)):
            name, number = table.name, 2
            while name.casefold() in taken:
                name, number = f"{table.name}_{number}", number + 1
            taken.add(name.casefold())
            if name != table.name:
                self._names[table.name.casefold()] = name

    def rename(self, formula: str) -> str:
        """The formula with the new names of tables."""
        return rename_tables_in(formula, self._names) if self._names else formula

    def rename_in_xml(self, pattern: re.Pattern[bytes], text: bytes) -> bytes:
        """XML in which the second group of `pattern` is a formula, with the new names of tables."""
        if not self._names:
            return text
        return pattern.sub(
            lambda found: found[1] + escape_plain(self.rename(unescape(found[2]))).encode() + found[3], text
        )

    def edit(self, text: bytes, look: Callable[[int], int]) -> bytes:
        """The table part with a free number, its new name and the receiver's looks."""
        part = XmlPart("table", text)
        root = part.root
        name = root.get("displayName")
        new = self._names.get(name.casefold(), name)
        part.set_attribute(root, "id", self._next)
        self._next += 1
        part.set_attribute(root, "name", new)
        part.set_attribute(root, "displayName", new)
        for node in root.walk():
            for attribute in _LOOKS:
                if node.get(attribute):
                    part.set_attribute(node, attribute, look(node.number(attribute)))
            if node.local in ("calculatedColumnFormula", "totalsRowFormula") and not node.empty:
                part.splice(node.inside, node.outside, escape_plain(self.rename(unescape(part.text(node)))))
        return part.data
