"""Formulas that call functions of an add-in: found by a word in them, and replaced cell by cell.

Place in the picture: for workbooks that go to people without the add-in. What takes the place of a call is decided by
the caller; a link to the add-in's file goes when nothing uses it any more.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping

from kamxl.ooxml.book import Book
from kamxl.ooxml.calculation import drop_listed_chain
from kamxl.ooxml.cells import Value, render_cells
from kamxl.ooxml.markup import escape_plain, unescape
from kamxl.ooxml.references import MAX_COLUMN, MAX_ROW, Range, column_name, read_ranges
from kamxl.ooxml.rows import CellBlock, StoredCell
from kamxl.ooxml.sheet import Sheet
from kamxl.records import dataclass

_ATTRIBUTE = re.compile(rb"""\s(t|ref|si)\s*=\s*["']([^"']*)["']""")
_LINK_KIND, _PATH_KIND = "externalLink", "externalLinkPath"


@dataclass(frozen=True, slots=True)
class FoundFormula:
    """A formula without its `=`. Units: row and column 1-based.

    `area` is what an array formula fills. A cell that shares the formula of another has no text, and `head` says where
    that one stands.
    """

    row: int
    column: int
    text: str
    area: Range | None = None
    head: tuple[int, int] | None = None

    @property
    def rows(self) -> int:
        """How many cells the formula fills from its own down; 1 for one that also fills cells beside it."""
        one_column = self.area is not None and self.area.first_column == self.area.last_column
        return self.area.last_row - self.area.first_row + 1 if self.area is not None and one_column else 1


def find_formulas(sheet: Sheet, word: bytes) -> list[FoundFormula]:
    """Formulas with a word in them, those that share such a formula included."""
    tail = b""
    for chunk in sheet.stored_rows():
        if word in tail + chunk:
            break
        tail = chunk[-len(word) :]
    else:
        return []
    found: list[FoundFormula] = []
    heads: dict[bytes, tuple[int, int]] = {}
    for cell in sheet.cells(Range(1, 1, MAX_COLUMN, MAX_ROW)):
        if sheet.markup.formula_opening not in cell.content:
            continue
        formula = _formula(cell, sheet)
        if formula is None:
            continue
        attributes, text = formula
        index = attributes.get(b"si", b"")
        if word in text:
            kind = attributes.get(b"t", b"")
            if kind == b"shared":
                heads[index] = (cell.row, cell.column)
            areas = read_ranges(attributes.get(b"ref", b"").decode("ascii", "replace")) if kind == b"array" else []
            found.append(FoundFormula(cell.row, cell.column, unescape(text), areas[0] if areas else None))
        elif not text and index in heads:
            found.append(FoundFormula(cell.row, cell.column, "", head=heads[index]))
    return found


def _formula(cell: StoredCell, sheet: Sheet) -> tuple[dict[bytes, bytes], bytes] | None:
    opening = sheet.markup.formula.search(cell.content)
    if opening is None:
        return None
    attributes = {found[1]: found[2] for found in _ATTRIBUTE.finditer(opening[0])}
    end = cell.content.find(b"</", opening.end())
    text = b"" if opening[0].endswith(b"/>") or end < 0 else cell.content[opening.end() : end]
    return attributes, text


def replace_cells(book: Book, sheet: Sheet, values: Mapping[tuple[int, int], Value]) -> None:
    """Cells given other values, each keeping its look. Errors: OoxmlError `protected`."""
    sheet.require_open()
    columns: dict[int, list[int]] = defaultdict(list)
    for row, column in sorted(values):
        columns[column].append(row)
    for column, rows in sorted(columns.items()):
        letters, prefix = column_name(column), sheet.frame.prefix
        cells = [(row, render_cells(prefix, letters, range(row, row + 1), [values[row, column]], 0)) for row in rows]
        area = Range(column, rows[0], column, rows[-1])
        sheet.set_cells(CellBlock((column,), cells, (True,)), area, sum(len(piece[0]) + 8 for _, piece in cells))
    drop_listed_chain(book, sheet.entry.sheet_id)


def replace_calculated(book: Book, part_name: str, column: int, word: str, formula: str) -> None:
    """The formula that a table gives to new rows of a column, where it has the word; empty for none any more."""
    part = book.package.xml(part_name)
    box = part.root.child("tableColumns")
    nodes = box.all("tableColumn") if box else []
    old = nodes[column].child("calculatedColumnFormula") if column < len(nodes) else None
    if old is None or word not in part.source(old).decode("utf-8", "replace"):
        return
    name = f"{part.prefix}calculatedColumnFormula"
    part.replace(old, f"<{name}>{escape_plain(formula)}</{name}>" if formula else "")


def drop_unused_link(book: Book, sheets: Mapping[str, Sheet], file_name: str) -> None:
    """The link to an add-in's file taken away, when it is the last link and no formula uses it."""
    package, box = book.package, book.part.root.child("externalReferences")
    nodes = box.all("externalReference") if box is not None else []
    arrow = next(
        (a for a in package.relationships(book.main) if nodes and a.identifier == nodes[-1].get_local("id")), None
    )
    if box is None or arrow is None or arrow.kind != _LINK_KIND or not package.has(arrow.target):
        return
    paths = [link.target for link in package.relationships(arrow.target) if link.kind.startswith(_PATH_KIND)]
    if not paths or not all(re.split(r"[/\\]", path)[-1].casefold() == file_name.casefold() for path in paths):
        return
    use = b"[%d]" % len(nodes)
    for entry in book.sheets():
        chunks = sheets[entry.part].chunks() if entry.part in sheets else package.chunks(entry.part)
        if entry.part and use in b"".join(chunks):
            return
    names = book.part.root.child("definedNames")
    if names is not None and use in book.part.source(names):
        return
    book.part.remove(box if len(nodes) == 1 else nodes[-1])
    package.drop_relationship(book.main, arrow.identifier)
    package.remove(arrow.target)
