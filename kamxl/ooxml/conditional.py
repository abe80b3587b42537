"""Conditional formats of ours: put on a sheet once, replaced at the next run.

Place in the picture: rules have no names, so their signatures are recorded (`ownership`); a rule that
a person wrote is never taken for ours.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from kamxl.ooxml.cell_style import RuleStyle
from kamxl.ooxml.markup import Node, escape_plain, unescape
from kamxl.ooxml.ownership import read_signatures, signature, write_signatures
from kamxl.ooxml.references import Range, read_ranges
from kamxl.ooxml.sheet import ORDER, Sheet
from kamxl.ooxml.styles import Styles
from kamxl.records import dataclass

_PRIORITY = re.compile(rb"""\spriority\s*=\s*["'](\d+)""")


@dataclass(frozen=True, slots=True)
class TextEquals:
    """Cells whose text is exactly this one (case does not count) get the look."""

    text: str
    style: RuleStyle


@dataclass(frozen=True, slots=True)
class Expression:
    """Cells for which the formula, written for the area's first cell, is true get the look."""

    formula: str
    style: RuleStyle


@dataclass(frozen=True, slots=True)
class DataBar:
    """A bar in each cell as long as its number is large; colour RRGGBB."""

    color: str


Rule: TypeAlias = TextEquals | Expression | DataBar


def set_rules(sheet: Sheet, styles: Styles, area: Range, rules: Sequence[Rule]) -> None:
    """Make these the only rules of ours on the area; no rules takes ours away."""
    sheet.require_open()
    recorded = read_signatures(sheet.book, sheet.entry.index)
    for said in _drop_own(sheet, area, set(recorded)):
        if said in recorded:
            recorded.remove(said)
    if rules:
        prefix = sheet.frame.prefix
        free = _free_priorities(sheet, set(recorded))
        written = "".join(_rule_xml(rule, styles, prefix, next(free)) for rule in rules)
        xml = f'<{prefix}conditionalFormatting sqref="{area.text()}">{written}</{prefix}conditionalFormatting>'
        sheet.frame.insert_ordered(ORDER, "conditionalFormatting", xml)
        recorded += [_said(rule) for rule in rules]
    write_signatures(sheet.book, sheet.entry.index, recorded)


def _free_priorities(sheet: Sheet, recorded: set[str]) -> Iterator[int]:
    """Numbers after those of people's rules (theirs win), the same ones at every run."""
    taken = Counter(int(item) for item in _PRIORITY.findall(sheet.frame.data))
    boxes = sheet.frame.root.all("conditionalFormatting") if recorded else []
    own = Counter(
        node.number("priority") for box in boxes for node in box.all("cfRule") if _written(sheet, node) in recorded
    )
    number = max((taken - own).keys(), default=0)
    while True:
        number += 1
        if number not in taken:
            yield number


def _drop_own(sheet: Sheet, area: Range, recorded: set[str]) -> Iterator[str]:
    """Signatures of the rules that were ours on the area and are now removed."""
    if not recorded:
        return
    frame = sheet.frame
    for box in frame.root.all("conditionalFormatting"):
        covered = read_ranges(box.get("sqref"))
        if not any(item.meets(area) for item in covered):
            continue
        own = [node for node in box.all("cfRule") if _written(sheet, node) in recorded]
        yield from [_written(sheet, node) for node in own]
        if len(own) == len(box.children):
            frame.remove(box)
        else:
            for node in own:
                frame.remove(node)


def _said(rule: Rule) -> str:
    match rule:
        case TextEquals(text, _):
            return signature(f"cellIs|equal|{_quoted(text)}")
        case Expression(formula, _):
            return signature(f"expression||{formula.removeprefix('=')}")
        case DataBar(color):
            return signature(f"dataBar||{color.lstrip('#').upper()[-6:]}")


def _written(sheet: Sheet, node: Node) -> str:
    """Signature of a rule as it stands in the sheet."""
    formulas = [unescape(sheet.frame.text(item)) for item in node.all("formula")]
    if node.get("type") == "dataBar":
        formulas = [item.get("rgb").upper()[-6:] for item in node.walk() if item.local == "color"][:1]
    return signature("|".join([node.get("type"), node.get("operator"), *formulas]))


def _rule_xml(rule: Rule, styles: Styles, prefix: str, priority: int) -> str:
    start = f"<{prefix}cfRule"
    end = f"</{prefix}cfRule>"
    match rule:
        case TextEquals(text, style):
            formula = f"<{prefix}formula>{escape_plain(_quoted(text))}</{prefix}formula>"
            look = f'type="cellIs" dxfId="{styles.rule(style)}" priority="{priority}" operator="equal"'
        case Expression(text, style):
            formula = f"<{prefix}formula>{escape_plain(text.removeprefix('='))}</{prefix}formula>"
            look = f'type="expression" dxfId="{styles.rule(style)}" priority="{priority}"'
        case DataBar(color):
            ends = f'<{prefix}cfvo type="min"/><{prefix}cfvo type="max"/>'
            shown = f'<{prefix}color rgb="FF{color.lstrip("#").upper()[-6:]}"/>'
            formula = f"<{prefix}dataBar>{ends}{shown}</{prefix}dataBar>"
            look = f'type="dataBar" priority="{priority}"'
    return f"{start} {look}>{formula}{end}"


def _quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'
