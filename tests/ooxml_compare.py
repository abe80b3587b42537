"""The structural differ: what differs between a workbook and its edited copy, beyond what was asked.

Independent of kamxl.ooxml on purpose: standard zipfile and ElementTree. An empty answer means that
every old part, element, attribute and cell is still there, unchanged and in its order.
"""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

Canonical = tuple[str, tuple[tuple[str, str], ...], str, tuple[Any, ...]]
MAX_XML_BYTES = 48 << 20  # ElementTree needs ten times as much; larger sheets are compared by value only
_LETTERS = re.compile(r"^\$?([A-Z]+)", re.I)
_XML_ENDINGS = (".xml", ".rels", ".vml")
_AREA = re.compile(r"[A-Z]+\d+(?::[A-Z]+\d+)?")
_UNPARSED = (ElementTree.ParseError, ValueError, LookupError)
_PIECE = re.compile(r"<[^<>]*>|[^<>]+")
_SPANS = re.compile(r"""\sspans\s*=\s*(?:"[^"]*"|'[^']*')""")
_HINT = re.compile(r"</?(?:\w+:)?(?:dimension|cols?|autoFilter|table|\w+s)[\s/>]")  # what may grow, lists with a count
_ROOT_TAG = re.compile(r"<[A-Za-z_][^<>]*>")
_DECLARED = re.compile(r"""\sxmlns(?::([\w.\-]+))?\s*=\s*["']([^"']*)""")
_PREFIXED = re.compile(r"""</?([\w.\-]+):[\w.\-]+|\s([\w.\-]+):[\w.\-]+\s*=""")
_NOT_CONTENT = ("worksheet", "Types", "Relationships", "Properties")
_TOUCHED = {
    "Types": "content types", "Relationships": "relationships", "workbook": "workbooks", "styleSheet": "styles",
    "table": "tables", "queryTable": "query tables", "metadata": "metadata",
}  # fmt: skip
_CONTAINERS = ("workbook", "styleSheet", "table", "queryTable", "metadata")


@dataclass(frozen=True, slots=True)
class Written:
    """The cells of a sheet that were asked for: some columns, from the header's row to the last."""

    columns: frozenset[int] = frozenset()
    first_row: int = 1
    last_row: int = 1 << 20

    def has(self, place: tuple[int, int]) -> bool:
        """Whether the (row, column) is one of them."""
        return place[1] in self.columns and self.first_row <= place[0] <= self.last_row


def part_names(package: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    return {
        unquote(member.filename.replace("\\", "/")).lstrip("/").lower(): member
        for member in package.infolist()
        if not member.filename.endswith("/")
    }


def compare(
    old_data: bytes, new_data: bytes, written: dict[str, Written], dropped: frozenset[str] = frozenset()
) -> list[str]:
    """Differences that nobody asked for; `written` gives the cells written per sheet part."""
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
                    for issue in changed_part(name, old.read(before[name]), new.read(after[name]), written.get(name))
                    if not (dropped and "calcChain" in issue)
                ]
        for name in after.keys() - before.keys():
            if name.endswith(_XML_ENDINGS):
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


def touched_parts(
    old_data: bytes, new_data: bytes, written: dict[str, Written], dropped: frozenset[str] = frozenset()
) -> tuple[Counter[str], int, int]:
    """Old parts that had to change, by kind; then how many are left, and how many of those are byte-identical."""
    touched: Counter[str] = Counter()
    others = same = 0
    with zipfile.ZipFile(BytesIO(old_data)) as old, zipfile.ZipFile(BytesIO(new_data)) as new:
        before, after = part_names(old), part_names(new)
        for name, member in before.items():
            content = old.read(member)
            if name in after and content == new.read(after[name]):
                others, same = others + 1, same + 1
            elif kind := "calculation chain" if name in dropped else _touched_kind(name, content, written):
                touched[kind] += 1
            else:
                others += 1
    return touched, others, same


def _touched_kind(name: str, content: bytes, written: dict[str, Written]) -> str:
    """What the edit has to change the part for; empty when it has no business there."""
    if not name.endswith(_XML_ENDINGS):
        return ""
    try:
        local = _local(_parsed(content))
    except _UNPARSED:
        return "unparsed"
    if local == "worksheet":
        return "sheets" if name in written else ""
    if local == "Properties":
        return "custom properties" if name.endswith("custom.xml") else ""
    return _TOUCHED.get(local, "")


def changed_part(name: str, before: bytes, after: bytes, written: Written | None) -> Iterator[str]:
    """What differs between two versions of one part, beyond what was asked."""
    if not name.endswith(_XML_ENDINGS):
        yield "is no XML and was changed"
        return
    if max(len(before), len(after)) > MAX_XML_BYTES:
        return
    try:
        old = _parsed(before)
    except _UNPARSED:
        yield from _pieces_lost(before, after)
        return
    try:
        new = _parsed(after)
    except _UNPARSED as error:
        yield f"can no longer be parsed: {error}"
        return
    if old.tag != new.tag:
        yield "has another root"
        return
    lost = _declarations(before) - _declarations(after)
    if lost:
        yield f"the root lost the namespaces {sorted(lost)}"
    local = _local(old)
    for attribute, value in old.attrib.items() if local in _NOT_CONTENT else ():
        if new.get(attribute) != value:
            yield f"the root's attribute {attribute} changed"
    if local == "worksheet":
        if written is None:
            yield "a sheet that nobody wrote to was changed"
        yield from _sheet(old, new, written or Written())
    elif local == "Properties" and not name.endswith("custom.xml"):
        yield "document properties that nobody set were changed"
    elif local in _NOT_CONTENT:
        yield from _kept(old, new)
    elif local in _CONTAINERS:
        _drop_dangling_names(old)
        yield from _containers(old, new, free={"ref"} if local == "table" else set())
    else:
        yield f"a <{local}> part was changed"


def _parsed(content: bytes) -> ElementTree.Element:
    """The root; prefixes that a sloppy writer never declared are declared here, as ElementTree needs them."""
    try:
        return ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        if "unbound prefix" not in str(error):
            raise
    text = _text(content)
    declared = {name for name, _ in _DECLARED.findall(text)}
    used = {first or second for first, second in _PREFIXED.findall(text)} - declared - {"xml", "xmlns"}
    more = "".join(f' xmlns:{name}="urn:undeclared:{name}"' for name in sorted(used))
    root = _ROOT_TAG.search(text)
    assert root is not None
    end = root.end() - (2 if root[0].endswith("/>") else 1)
    return ElementTree.fromstring(re.sub(r"^\s*<\?xml.*?\?>", "", text[:end] + more + text[end:]))


def _pieces_lost(before: bytes, after: bytes) -> Iterator[str]:
    """The same question for a part that a reader of namespaces cannot parse: its tags and texts, in their order."""
    rest = iter(_PIECE.findall(_SPANS.sub("", _text(after))))
    for piece in _PIECE.findall(_SPANS.sub("", _text(before))):
        if not piece.isspace() and not _HINT.match(piece) and not any(piece == candidate for candidate in rest):
            yield f"{piece[:60]} lost, changed or moved"
            return


def _text(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16")
    return content.decode("utf-8-sig", "replace")


def _declarations(content: bytes) -> set[tuple[str, str]]:
    """The namespaces that the root declares: `mc:Ignorable` speaks of their prefixes."""
    root = _ROOT_TAG.search(_text(content))
    return set(_DECLARED.findall(root[0])) if root else set()


def _drop_dangling_names(workbook: ElementTree.Element) -> None:
    """A name of a sheet that is not there would become one of the next new sheet: an editor does right to drop it."""
    space = workbook.tag.rpartition("}")[0] + "}"
    sheets = len(workbook.findall(f"{space}sheets/{space}sheet"))
    for names in workbook.findall(f"{space}definedNames"):
        for name in list(names):
            if _number(name.get("localSheetId"), -1) >= sheets:
                names.remove(name)


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
    if _local(old) == "calcPr" and old.get("fullCalcOnLoad") is None:
        loose |= {"fullCalcOnLoad"}
    if _local(old) in ("autoFilter", "sortState"):
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
            if _local(item) in ("queryTableFields", "sortState"):
                yield from _container(item, after[place])
            else:
                yield f"<{_local(old)}> entry {place} changed"
    if new.get("count") and old.get("count") == str(len(before)) and new.get("count") != str(len(after)):
        yield f"<{_local(new)}> count is wrong"


def _may_differ(old: ElementTree.Element, new: ElementTree.Element) -> bool:
    """The name behind a filter grows with the filter, our own marks follow us; no other old entry may change."""
    if (old.get("name") or "").startswith("_kamxl_"):
        return True
    grown = old.get("name") == "_xlnm._FilterDatabase" and old.attrib == new.attrib
    corner = (old.text or "").partition(":")[0]
    return grown and (new.text or "").partition(":")[0] == corner


def _sheet(old: ElementTree.Element, new: ElementTree.Element, written: Written) -> Iterator[str]:
    space = old.tag[: -len("worksheet")]
    before, after = dict(_cells(old, space)), dict(_cells(new, space))
    lost = [place for place in before if place not in after and not written.has(place)]
    changed = [
        place for place, cell in before.items() if not written.has(place) and place in after and after[place] != cell
    ]
    extra = [place for place in after if place not in before and not written.has(place)]
    for what, places in (("lost", lost), ("changed", changed), ("unasked", extra)):
        if places:
            yield f"{len(places)} cells {what}, first at row {places[0][0]}, column {places[0][1]}"
    rows_before, rows_after = _rows(old, space), _rows(new, space)
    if any(rows_after.get(number) != look for number, look in rows_before.items()):
        yield "row attributes or extensions changed"
    if not list(_order(old, space)):
        yield from _order(new, space)
    loose = {"sheetData", "dimension", "cols", "autoFilter", "dataValidations"}
    kept = [_canonical(item) for item in new if _local(item) not in loose]
    rest = iter(kept)
    for item in old:
        if _local(item) not in loose and not any(_canonical(item) == candidate for candidate in rest):
            yield f"<{_local(item)}> lost, changed or moved"
            rest = iter(kept)
    for name in ("autoFilter", "dataValidations"):
        was, is_now = old.find(space + name), new.find(space + name)
        if was is not None and is_now is None:
            yield f"<{name}> lost"
        elif was is not None and is_now is not None:
            yield from _container(was, is_now)
    yield from _dimension(old, new, space)
    yield from _widths(old, new, space, written.columns)


def _dimension(old: ElementTree.Element, new: ElementTree.Element, space: str) -> Iterator[str]:
    """The hint of what area is used may grow, and must cover the cells that are there when it did before."""
    was, is_now = old.find(space + "dimension"), new.find(space + "dimension")
    if was is None:
        return
    if is_now is None:
        yield "<dimension> lost"
        return
    if not _AREA.fullmatch(was.get("ref") or ""):
        return
    first, last = _corners(is_now.get("ref"))
    for row, column in _corners(was.get("ref")):
        if not (first[0] <= row <= last[0] and first[1] <= column <= last[1]) and list(_cells(old, space)):
            yield f"<dimension> {is_now.get('ref')} does not cover {was.get('ref')}"
            return


def _corners(reference: str | None) -> tuple[tuple[int, int], tuple[int, int]]:
    first, _, last = (reference or "").replace("$", "").partition(":")
    places = [(_number(re.sub(r"\D", "", text)), _column(text)) for text in (first, last or first)]
    return places[0], places[1]


def _widths(old: ElementTree.Element, new: ElementTree.Element, space: str, columns: frozenset[int]) -> Iterator[str]:
    def spread(root: ElementTree.Element) -> dict[int, dict[str, Any]]:
        return {
            column: {k: v for k, v in item.attrib.items() if k not in ("min", "max")}
            | {"placed": {"min", "max"} <= item.attrib.keys()}
            for item in root.iterfind(f"{space}cols/{space}col")
            for column in range(_number(item.get("min")), min(_number(item.get("max")), 16_384) + 1)
        }

    before, after = spread(old), spread(new)
    if any(after.get(column) != look for column, look in before.items() if column not in columns):
        yield "column widths changed"


def _number(text: str | None, default: int = 1) -> int:
    return int(text) if text and text.strip().isdigit() else default


def _cells(root: ElementTree.Element, space: str) -> Iterator[tuple[tuple[int, int], Canonical]]:
    row_number = 0
    for row in root.iterfind(f"{space}sheetData/{space}row"):
        row_number = int(row.get("r") or row_number + 1)
        column = 0
        for cell in row.iterfind(f"{space}c"):
            column = _column(cell.get("r")) or column + 1
            yield (row_number, column), _canonical(cell, skip=("r",))


def _rows(root: ElementTree.Element, space: str) -> dict[int, tuple[Any, ...]]:
    """What rows have beside their cells: attributes, and extension lists."""
    found, number = {}, 0
    for row in root.iterfind(f"{space}sheetData/{space}row"):
        number = int(row.get("r") or number + 1)
        attributes = {name: value for name, value in row.attrib.items() if name not in ("spans", "r")}
        found[number] = (attributes, [_canonical(item) for item in row if item.tag != f"{space}c"])
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
    inside = tuple(_canonical(child) for child in item)
    return item.tag, attributes, text.strip() if inside else text, inside


def _local(item: ElementTree.Element) -> str:
    return item.tag.rpartition("}")[2]
