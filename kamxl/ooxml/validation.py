"""Drop-down lists on our own columns.

Place in the picture: `dataValidations` of a sheet's frame; rules on other cells are left alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from kamxl.ooxml.errors import OoxmlError
from kamxl.ooxml.markup import escape_plain
from kamxl.ooxml.references import Range, read_ranges
from kamxl.ooxml.sheet import ORDER, Sheet

MAX_LIST = 255  # characters of a list written into the rule itself, Excel's limit


def check_choices(sheet: Sheet, choices: Sequence[str]) -> None:
    """Nothing, or OoxmlError `value` when the list is too long or a choice holds a comma."""
    text = ",".join(choices)
    if len(text) > MAX_LIST or any("," in choice for choice in choices):
        raise OoxmlError(
            "value",
            f"the choices `{text[:40]}` do not fit into a drop-down list",
            help=f"use choices without commas, at most {MAX_LIST} characters together",
            place=sheet.entry.name,
        )


def set_choices(sheet: Sheet, area: Range, choices: Sequence[str]) -> None:
    """Offer the choices in every cell of the area, in place of an earlier list on the same column."""
    quoted = ",".join(choices).replace('"', '""')
    frame, prefix = sheet.frame, sheet.frame.prefix
    xml = (
        f'<{prefix}dataValidation type="list" allowBlank="1" showErrorMessage="1" sqref="{area.text()}">'
        f'<{prefix}formula1>"{escape_plain(quoted)}"</{prefix}formula1></{prefix}dataValidation>'
    )
    box = sheet.top("dataValidations")
    if box is None:
        box_xml = f'<{prefix}dataValidations count="1">{xml}</{prefix}dataValidations>'
        frame.insert_ordered(ORDER, "dataValidations", box_xml)
        return
    whole = Range(area.first_column, 1, area.last_column, 1_048_576)
    for node in box.all("dataValidation"):
        covered = read_ranges(node.get("sqref"))
        if node.get("type") == "list" and covered and all(whole.holds(item) for item in covered):
            frame.replace(node, xml)
            return
    frame.set_attribute(box, "count", len(box.all("dataValidation")) + 1)
    frame.append(box, xml)
