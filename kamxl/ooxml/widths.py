"""Column widths: ours are set, the neighbours' stay.

Place in the picture: `cols` of a sheet's frame. One element may stand for thousands of columns;
it is cut where ours begin and end.
"""

from __future__ import annotations

from kamxl.ooxml.markup import Node, escape_attribute
from kamxl.ooxml.sheet import ORDER, Sheet


def set_width(
    sheet: Sheet, column_1based: int, width_chars: float, *, grouped: bool = False, new: bool = False
) -> None:
    """Give one column a width, unless a person (or an earlier run) has given it one of its own.

    A `new` column is shown where an empty one was hidden: nobody has hidden what was not there yet.
    `grouped` puts it into a group of columns that a person can fold away with one click.
    """
    if grouped:
        _allow_groups(sheet)
    frame, prefix = sheet.frame, sheet.frame.prefix
    box = sheet.top("cols")
    ours = {"width": f"{width_chars:g}", "customWidth": "1"} | ({"outlineLevel": "1"} if grouped else {})
    single = _col(prefix, column_1based, column_1based, ours)
    if box is None:
        frame.insert_ordered(ORDER, "cols", f"<{prefix}cols>{single}</{prefix}cols>")
        return
    for node in box.all("col"):
        first, last = node.number("min"), node.number("max")
        if column_1based < first:
            frame.splice(node.start, node.start, single)
            return
        if first <= column_1based <= last:
            if first == last and node.get("customWidth") in ("1", "true"):
                if new:
                    frame.drop_attribute(node, "hidden")
                return
            frame.replace(node, "".join(_cut(node, prefix, column_1based, ours)))
            return
    frame.append(box, single)


def _allow_groups(sheet: Sheet) -> None:
    """The sheet told that it has groups of columns: Excel leaves room for their buttons."""
    node = sheet.top("sheetFormatPr")
    if node is None:
        xml = f'<{sheet.frame.prefix}sheetFormatPr defaultRowHeight="15" outlineLevelCol="1"/>'
        sheet.frame.insert_ordered(ORDER, "sheetFormatPr", xml)
    elif not node.number("outlineLevelCol"):
        sheet.frame.set_attribute(node, "outlineLevelCol", "1")


def _cut(node: Node, prefix: str, column: int, new: dict[str, str]) -> list[str]:
    first, last = node.number("min"), node.number("max")
    kept = {item.name: item.value for item in node.attributes if item.name not in ("min", "max")}
    ours = {name: value for name, value in kept.items() if name not in ("hidden", "bestFit", "collapsed")}
    ours |= new
    pieces = []
    if first < column:
        pieces.append(_col(prefix, first, column - 1, kept))
    pieces.append(_col(prefix, column, column, ours))
    if column < last:
        pieces.append(_col(prefix, column + 1, last, kept))
    return pieces


def _col(prefix: str, first: int, last: int, attributes: dict[str, str]) -> str:
    written = "".join(f' {name}="{escape_attribute(value)}"' for name, value in attributes.items())
    return f'<{prefix}col min="{first}" max="{last}"{written}/>'
