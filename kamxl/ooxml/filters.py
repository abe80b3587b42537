"""The filter of a plain range, stretched over columns that were added to its right.

Place in the picture: called after columns are planned. Without it the user's next sort would tear
the new columns off their rows. Excel keeps the range twice: in the sheet and in a hidden name.
"""

from __future__ import annotations

import re

from kamxl.ooxml.markup import Node
from kamxl.ooxml.names import FILTER, DefinedName, find_name, set_name
from kamxl.ooxml.part import XmlPart
from kamxl.ooxml.references import Range, read_ranges
from kamxl.ooxml.sheet import Sheet

_AREA = r"(?i)\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?$"


def stretch_filter(sheet: Sheet, header_row: int | None, area: Range) -> None:
    """Make the sheet's own filter cover the columns, when they begin right beside it."""
    node = sheet.top("autoFilter")
    stored = read_ranges(node.get("ref")) if node else []
    if node is None or not stored or stored[0].first_row != header_row:
        return
    old = stored[0]
    if not old.first_column <= area.first_column <= old.last_column + 1 or area.last_column <= old.last_column:
        return
    new = Range(old.first_column, old.first_row, area.last_column, old.last_row)
    sheet.frame.set_attribute(node, "ref", new.text())
    stretch_sort(sheet.frame, node, old, area.last_column)
    item = find_name(sheet.book, FILTER, sheet.entry.index)
    if item is not None:
        text = re.sub(_AREA, lambda _: new.text(absolute=True), item.text)
        set_name(sheet.book, DefinedName(FILTER, text, sheet.entry.index, item.hidden))


def stretch_sort(part: XmlPart, parent: Node, old: Range, last_column: int) -> None:
    """Make the sort order that Excel applies again cover as much as the filter or table that it was made in."""
    node = parent.child("sortState")
    areas = read_ranges(node.get("ref")) if node else []
    if node is not None and len(areas) == 1 and areas[0].last_column == old.last_column:
        sorted_area = areas[0]
        new = Range(sorted_area.first_column, sorted_area.first_row, last_column, sorted_area.last_row)
        part.set_attribute(node, "ref", new.text())
