"""Excel tables: found, and stretched over columns written beside them.

Place in the picture: a table lists its columns apart from the cells; both must say the same, or
Excel repairs the file and drops the table.
"""

from __future__ import annotations

from collections.abc import Sequence

from kamxl.ooxml.book import Book, SheetEntry
from kamxl.ooxml.columns import ColumnWrite
from kamxl.ooxml.errors import OoxmlError, damaged
from kamxl.ooxml.filters import stretch_sort
from kamxl.ooxml.markup import Node, escape_attribute, escape_plain, escape_unfit, read_escapes
from kamxl.ooxml.part import XmlPart
from kamxl.ooxml.references import Range, read_ranges
from kamxl.records import dataclass

_COLUMN_ORDER = ("calculatedColumnFormula", "totalsRowFormula", "xmlColumnPr", "extLst")


@dataclass(frozen=True, slots=True)
class TableRef:
    """An Excel table: its name, its sheet, its area and its columns' names."""

    name: str
    sheet: str
    ref: str
    header_row: int | None
    totals_row: int | None
    columns: tuple[str, ...]
    part: str

    @property
    def area(self) -> Range:
        """The whole table, header and totals included."""
        return Range.parse(self.ref)

    @property
    def first_row(self) -> int:
        """First row of the table's body."""
        return self.area.first_row + (1 if self.header_row else 0)

    @property
    def last_row(self) -> int:
        """Last row of the table's body."""
        return self.area.last_row - (1 if self.totals_row else 0)


def read_tables(book: Book, entry: SheetEntry) -> list[TableRef]:
    """The tables of one sheet."""
    found = []
    for arrow in book.package.relationships(entry.part) if entry.kind == "worksheet" else []:
        if arrow.kind != "table" or arrow.external or not book.package.has(arrow.target):
            continue
        root = book.package.rooted(arrow.target, "table").root
        areas = read_ranges(root.get("ref"))
        box = root.child("tableColumns")
        if not areas or box is None:
            continue
        header = areas[0].first_row if root.get("headerRowCount", "1") != "0" else None
        totals = areas[0].last_row if root.number("totalsRowCount") else None
        names = tuple(read_escapes(node.get("name")) for node in box.all("tableColumn"))
        name = root.get("displayName") or root.get("name")
        found.append(TableRef(name, entry.name, root.get("ref"), header, totals, names, arrow.target))
    return found


def fit_columns(
    tables: Sequence[TableRef], header_row: int | None, first_row: int, columns: Sequence[ColumnWrite], area: Range
) -> tuple[TableRef | None, int]:
    """The table that the columns belong to, and how many of them stand to its right.

    Errors: OoxmlError `table` when the columns would cut through a table, or run past its end; `damaged` when the
    table's list of columns does not match its area.
    """
    for table in tables:
        covered = table.area
        stretched = Range(covered.first_column, covered.first_row, _reach(covered, columns), covered.last_row)
        if not stretched.meets(area) or (stretched == covered and not covered.meets(area)):
            continue
        strict_inside = any(covered.first_column <= item.column_1based <= covered.last_column for item in columns)
        fits = table.header_row == header_row and table.first_row == first_row
        past = area.last_row > table.last_row and len(columns[0].values) > 0
        if past and table.first_row > table.last_row:
            past = False
        if not fits or past:
            if strict_inside or fits:
                raise OoxmlError(
                    "table",
                    f"the columns do not fit the rows of table `{table.name}`",
                    help="give one value for each row of the table",
                    place=f"{table.sheet}!{table.ref}",
                )
            continue
        if len(table.columns) != covered.last_column - covered.first_column + 1:
            raise damaged(f"table `{table.name}` lists {len(table.columns)} columns for {table.ref}", table.part)
        added = sum(covered.last_column < item.column_1based <= stretched.last_column for item in columns)
        for other in tables:
            if other is not table and other.area.meets(stretched):
                place = f"{other.sheet}!{other.ref}"
                raise OoxmlError("table", f"table `{other.name}` is in the way", help="move it", place=place)
        return table, added
    return None, 0


def _reach(covered: Range, columns: Sequence[ColumnWrite]) -> int:
    """Last column of the table once the columns that follow it without a gap belong to it."""
    last = covered.last_column
    for item in columns:
        if item.column_1based == last + 1:
            last += 1
    return last


def stored_headers(table: TableRef, columns: Sequence[ColumnWrite]) -> dict[int, str]:
    """The table's own spelling of the headers of columns that it has already.

    Errors: OoxmlError `name-taken` when a new header is in the table already, `table` when a header
    differs from the table's: formulas name columns by their header.
    """
    first, last = table.area.first_column, table.area.last_column
    names: dict[int, str] = {}
    used = {name.casefold() for name in table.columns}
    for item in columns:
        if first <= item.column_1based <= last:
            name = table.columns[item.column_1based - first]
            if name.strip().casefold() != item.header.strip().casefold():
                raise OoxmlError(
                    "table",
                    f"the table calls this column `{name}`, not `{item.header}`",
                    help="keep the header, formulas use it",
                    place=f"{table.sheet}!{table.name}",
                )
            names[item.column_1based] = name
        elif item.header.casefold() in used:
            raise OoxmlError(
                "name-taken", f"table `{table.name}` has a column `{item.header}` already", help="rename one of them",
                place=f"{table.sheet}!{table.ref}",
            )  # fmt: skip
        else:
            used.add(item.header.casefold())
    return names


def stretch_table(book: Book, table: TableRef, columns: Sequence[ColumnWrite], added: int) -> None:
    """Bring the table part in line with the columns: calculated formulas, new columns, area, filter."""
    part = book.package.xml(table.part)
    first, last = table.area.first_column, table.area.last_column
    box = part.root.child("tableColumns")
    nodes = box.all("tableColumn") if box else []
    new = [item for item in columns if last < item.column_1based <= last + added]
    number = max((node.number("id") for node in nodes), default=0)
    fields = _query_fields(book, table, [number + place for place in range(1, len(new) + 1)]) if new else []
    # Asking for the root or its prefix carries out the edits so far and moves every node behind them.
    prefix = part.prefix
    for item in columns:
        if first <= item.column_1based <= last:
            _set_calculated(part, nodes[item.column_1based - first], item.calculated, prefix)
    box = part.root.child("tableColumns")
    if not new or box is None:
        return
    xml = ""
    for place, item in enumerate(new, 1):
        name = escape_attribute(escape_unfit(item.header).replace("\n", "_x000a_"))
        query = f' uniqueName="{number + place}" queryTableFieldId="{fields[place - 1]}"' if fields else ""
        inner = _calculated_xml(item.calculated, prefix)
        start = f'<{prefix}tableColumn id="{number + place}" name="{name}"{query}'
        xml += f"{start}>{inner}</{prefix}tableColumn>" if inner else f"{start}/>"
    part.set_attribute(box, "count", len(nodes) + len(new))
    part.append(box, xml)
    covered = table.area
    stretched = Range(covered.first_column, covered.first_row, covered.last_column + len(new), covered.last_row)
    part.set_attribute(part.root, "ref", stretched.text())
    _stretch_filter(part, covered, len(new))


def _stretch_filter(part: XmlPart, covered: Range, by: int) -> None:
    root = part.root
    node = root.child("autoFilter")
    for parent in (root, node):
        if parent is not None:
            stretch_sort(part, parent, covered, covered.last_column + by)
    areas = read_ranges(node.get("ref")) if node else []
    if node is not None and areas and areas[0].last_column == covered.last_column:
        old = areas[0]
        new = Range(old.first_column, old.first_row, old.last_column + by, old.last_row)
        part.set_attribute(node, "ref", new.text())


def _set_calculated(part: XmlPart, node: Node, formula: str, prefix: str) -> None:
    """The formula of new rows follows what is written: values end a calculated column."""
    old = node.child("calculatedColumnFormula")
    xml = _calculated_xml(formula, prefix)
    if old is not None:
        if part.source(old).decode("utf-8", "replace") != xml:
            part.replace(old, xml)
    elif xml and node.empty:
        part.append(node, xml)
    elif xml:
        part.splice(node.inside, node.inside, xml)


def _calculated_xml(formula: str, prefix: str) -> str:
    name = f"{prefix}calculatedColumnFormula"
    return f"<{name}>{escape_plain(formula.removeprefix('='))}</{name}>" if formula else ""


def _query_fields(book: Book, table: TableRef, column_ids: list[int]) -> list[int]:
    """Field numbers for new columns of a table that a query fills; empty for ordinary tables."""
    if book.package.xml(table.part).root.get("tableType") != "queryTable":
        return []
    name = book.package.related(table.part, "queryTable")
    part = book.package.xml(name) if name else None
    refresh = part.root.child("queryTableRefresh") if part else None
    box = refresh.child("queryTableFields") if refresh else None
    if part is None or refresh is None or box is None:
        raise OoxmlError(
            "table",
            f"table `{table.name}` is filled by a query that lists no fields",
            help="write the results to sheets of their own",
            place=f"{table.sheet}!{table.ref}",
        )
    start = max([0, refresh.number("nextId", 1) - 1, *(node.number("id") for node in box.children)])
    numbers = [start + place for place in range(1, len(column_ids) + 1)]
    prefix = part.prefix
    part.set_attribute(refresh, "nextId", numbers[-1] + 1)
    part.set_attribute(box, "count", len(box.children) + len(numbers))
    xml = [
        f'<{prefix}queryTableField id="{number}" dataBound="0" tableColumnId="{column_id}"/>'
        for number, column_id in zip(numbers, column_ids, strict=True)
    ]
    part.append(box, "".join(xml))
    return numbers
