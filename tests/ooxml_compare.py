"""The structural differ: what differs between a workbook and its edited copy, beyond what was asked.

Independent of kamxl.ooxml on purpose: standard zipfile and ElementTree. An empty answer means that
every old part, element, attribute and cell is still there, unchanged and in its order.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

Canonical = tuple[str, tuple[tuple[str, str], ...], str, tuple[Any, ...]]
MAX_XML_BYTES = 24 << 20  # ElementTree needs ten times as much; larger sheets are compared by value only
_LETTERS = re.compile(r"^\$?([A-Z]+)", re.I)


def part_names(package: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    return {
        unquote(member.filename.replace("\\", "/")).lstrip("/").lower(): member
        for member in package.infolist()
        if not member.filename.endswith("/")
    }


def compare(
    old_data: bytes, new_data: bytes, written: dict[str, set[int]], dropped: frozenset[str] = frozenset()
) -> list[str]:
    """Differences that nobody asked for; `written` gives the columns written per sheet part."""
    issues: list[str] = []
    with zipfile.ZipFile(BytesIO(old_data)) as old, zipfile.ZipFile(BytesIO(new_data)) as new:
        before, after = part_names(old), part_names(new)
        if damaged := new.testzip():
            issues.append(f"damaged member {damaged}")
        issues += [f"lost part {name}" for name in sorted(set(before) - set(after) - dropped)]
        for name in before.keys() & after.keys():
            same = before[name].CRC == after[name].CRC and before[name].file_size == after[name].file_size
            if not same:
                issues += [
                    f"{name}: {issue}"
                    for issue in _changed_part(old.read(before[name]), new.read(after[name]), written.get(name, set()))
                    if not (dropped and "calcChain" in issue)
                ]
        for name in after.keys() - before.keys():
            if name.endswith((".xml", ".rels", ".vml")):
                try:
                    ElementTree.fromstring(new.read(after[name]))
                except ElementTree.ParseError as error:
                    issues.append(f"new part {name} is not XML: {error}")
    return issues


def untouched_share(old_data: bytes, new_data: bytes) -> tuple[int, int]:
    """How many old parts are byte-identical, and how many there are."""
    with zipfile.ZipFile(BytesIO(old_data)) as old, zipfile.ZipFile(BytesIO(new_data)) as new:
        before, after = part_names(old), part_names(new)
        same = sum(name in after and old.read(before[name]) == new.read(after[name]) for name in before)
        return same, len(before)


def _changed_part(before: bytes, after: bytes, columns: set[int]) -> Iterator[str]:
    if max(len(before), len(after)) > MAX_XML_BYTES:
        return
    try:
        old = ElementTree.fromstring(before)
    except (ElementTree.ParseError, ValueError, LookupError):
        return  # a prefix that the source never declares: ElementTree cannot look at it
    try:
        new = ElementTree.fromstring(after)
    except ElementTree.ParseError as error:
        yield f"cannot be parsed: {error}"
        return
    if old.tag != new.tag:
        yield "has another root"
    elif _local(old) == "worksheet":
        yield from _sheet(old, new, columns)
    elif _local(old) in ("Types", "Relationships", "Properties"):
        yield from _kept(old, new)
    elif _local(old) in ("workbook", "styleSheet", "table", "queryTable", "metadata"):
        yield from _containers(old, new, free={"ref"} if _local(old) == "table" else set())
    else:
        yield f"a <{_local(old)}> part was changed"


def _kept(old: ElementTree.Element, new: ElementTree.Element) -> Iterator[str]:
    present = {_canonical(item) for item in new}
    for item in old:
        if _canonical(item) not in present:
            yield f"lost {item.attrib}"


def _containers(old: ElementTree.Element, new: ElementTree.Element, free: set[str]) -> Iterator[str]:
    """Children of the root survive in order; inside them, old entries come first and unchanged."""
    if {**old.attrib} != {k: v for k, v in new.attrib.items() if k in old.attrib} and not free:
        yield "root attributes changed"
    for name, value in old.attrib.items():
        if name not in free and new.get(name) != value:
            yield f"attribute {name} changed"
    places = {item.tag: place for place, item in enumerate(new)}
    last = -1
    for item in old:
        match = [candidate for candidate in new if candidate.tag == item.tag]
        if not match:
            yield f"lost <{_local(item)}>"
            continue
        if places[item.tag] < last:
            yield f"<{_local(item)}> moved"
        last = places[item.tag]
        if _canonical(item) in [_canonical(candidate) for candidate in match]:
            continue
        yield from _container(item, match[0])


def _container(old: ElementTree.Element, new: ElementTree.Element) -> Iterator[str]:
    loose = {"count", "uniqueCount"}
    if _local(old) == "calcPr":
        loose |= {"fullCalcOnLoad"}
    if _local(old) == "autoFilter":
        loose |= {"ref"}
    if _local(old) == "queryTableRefresh":
        loose |= {"nextId"}
    for name, value in old.attrib.items():
        if name not in loose and new.get(name) != value:
            yield f"<{_local(old)}> attribute {name} changed"
    for name in new.attrib.keys() - old.attrib.keys() - loose:
        yield f"<{_local(old)}> got attribute {name}"
    before, after = list(old), list(new)
    for place, item in enumerate(before):
        if place >= len(after):
            yield f"<{_local(old)}> lost entry {place}"
        elif _canonical(item) != _canonical(after[place]) and not _may_differ(item, after[place]):
            if _local(item) == "queryTableFields":
                yield from _container(item, after[place])
            else:
                yield f"<{_local(old)}> entry {place} changed"
    if new.get("count") and old.get("count") == str(len(before)) and new.get("count") != str(len(after)):
        yield f"<{_local(new)}> count is wrong"


def _may_differ(old: ElementTree.Element, new: ElementTree.Element) -> bool:
    """The name behind a filter grows with the filter, our own marks follow us; no other old entry may change."""
    if (old.get("name") or "").startswith("_kamxl_"):
        return True
    return old.get("name") == "_xlnm._FilterDatabase" == new.get("name") and old.attrib == new.attrib


def _sheet(old: ElementTree.Element, new: ElementTree.Element, columns: set[int]) -> Iterator[str]:
    space = old.tag[: -len("worksheet")]
    before, after = dict(_cells(old, space)), dict(_cells(new, space))
    lost = [place for place in before if place not in after and place[1] not in columns]
    changed = [
        place for place, cell in before.items() if place[1] not in columns and place in after and after[place] != cell
    ]
    extra = [place for place in after if place not in before and place[1] not in columns]
    for what, places in (("lost", lost), ("changed", changed), ("unasked", extra)):
        if places:
            yield f"{len(places)} cells {what}, first at row {places[0][0]}, column {places[0][1]}"
    rows_before, rows_after = _row_attributes(old, space), _row_attributes(new, space)
    if any(rows_after.get(number) != attributes for number, attributes in rows_before.items()):
        yield "row attributes changed"
    if not list(_order(old, space)):
        yield from _order(new, space)
    loose = {"sheetData", "dimension", "cols", "autoFilter"}
    kept = [_canonical(item) for item in new if _local(item) not in loose]
    rest = iter(kept)
    for item in old:
        name = _local(item)
        if name in ("dataValidations",) or name in loose:
            continue
        if not any(_canonical(item) == candidate for candidate in rest):
            yield f"<{name}> lost, changed or moved"
            rest = iter(kept)
    for name in ("autoFilter", "cols", "dataValidations"):
        was, is_now = old.find(space + name), new.find(space + name)
        if was is not None and is_now is None:
            yield f"<{name}> lost"
    yield from _widths(old, new, space, columns)


def _widths(old: ElementTree.Element, new: ElementTree.Element, space: str, columns: set[int]) -> Iterator[str]:
    def spread(root: ElementTree.Element) -> dict[int, dict[str, str]]:
        return {
            column: {k: v for k, v in item.attrib.items() if k not in ("min", "max")}
            for item in root.iterfind(f"{space}cols/{space}col")
            for column in range(_number(item.get("min")), min(_number(item.get("max")), 400) + 1)
        }

    before, after = spread(old), spread(new)
    if any(after.get(column) != look for column, look in before.items() if column not in columns):
        yield "column widths changed"


def _number(text: str | None) -> int:
    return int(text) if text and text.strip().isdigit() else 1


def _cells(root: ElementTree.Element, space: str) -> Iterator[tuple[tuple[int, int], Canonical]]:
    row_number = 0
    for row in root.iterfind(f"{space}sheetData/{space}row"):
        row_number = int(row.get("r") or row_number + 1)
        column = 0
        for cell in row.iterfind(f"{space}c"):
            column = _column(cell.get("r")) or column + 1
            yield (row_number, column), _canonical(cell, skip=("r",))


def _row_attributes(root: ElementTree.Element, space: str) -> dict[int, dict[str, str]]:
    found, number = {}, 0
    for row in root.iterfind(f"{space}sheetData/{space}row"):
        number = int(row.get("r") or number + 1)
        found[number] = {name: value for name, value in row.attrib.items() if name not in ("spans", "r")}
    return found


def _order(root: ElementTree.Element, space: str) -> Iterator[str]:
    last_row = 0
    for row in root.iterfind(f"{space}sheetData/{space}row"):
        number = int(row.get("r") or last_row + 1)
        if number <= last_row:
            yield f"row {number} is out of order"
            return
        last_row, last_column = number, 0
        for cell in row.iterfind(f"{space}c"):
            column = _column(cell.get("r")) or last_column + 1
            if column <= last_column:
                yield f"cells of row {number} are out of order"
                return
            last_column = column
        names = [_local(item) for item in row]
        if "extLst" in names[:-1]:
            yield f"row {number} does not end with its extension list"


def _column(reference: str | None) -> int:
    found = _LETTERS.match(reference or "")
    number = 0
    for letter in found[1].upper() if found else "":
        number = number * 26 + ord(letter) - 64
    return number


def _canonical(item: ElementTree.Element, skip: tuple[str, ...] = ()) -> Canonical:
    attributes = tuple(sorted((name, value) for name, value in item.attrib.items() if name not in skip))
    text = item.text or ""
    return item.tag, attributes, text if text.strip() else "", tuple(_canonical(child) for child in item)


def _local(item: ElementTree.Element) -> str:
    return item.tag.rpartition("}")[2]
