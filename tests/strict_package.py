"""What makes Excel offer to repair a workbook, looked for in a package: no Excel runs where the tests run.

Each finding is a rule that Excel is known to enforce on opening: [MS-OI29500], "Excel specifications and limits", and
issue threads of libraries that write workbooks. The schema itself is checked by openxml-audit.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from xml.etree import ElementTree

from openpyxl.utils.cell import (  # type: ignore[import-untyped]
    column_index_from_string,
    coordinate_from_string,
    range_boundaries,
)

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
OFFICE = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
# Functions of Excel 2007 that live formulas may use; newer ones need the prefix _xlfn.
PLAIN = frozenset(
    """IF AND OR NOT ISNUMBER ISLOGICAL ISERROR IFERROR ISBLANK N NA ROUND TRUNC INT ABS MIN MAX SUM SUMIF SUMIFS COUNT
    RANK LOOKUP MATCH INDEX SUMPRODUCT LEN LEFT TRIM SUBSTITUTE CHAR YEAR MONTH DAY AVERAGE SUBTOTAL COUNTIF VLOOKUP
    TODAY DATE TEXT""".split()  # noqa: SIM905 - a list of forty words reads better so
)
PREFIXED = frozenset(["LAMBDA", "LET", "XMATCH"])
MOST_LEVELS, MOST_ARGUMENTS, MOST_CHARACTERS, MOST_COMMENT = 64, 255, 8192, 255
_PIECES = re.compile(
    r"""(?P<text>"(?:[^"]|"")*")|(?P<sheet>'(?:[^']|'')+'!|(?<![\w.\]'])[^\W\d]\w*!)|(?P<table>(?<![\w.])[^\W\d][\w.]*\[)"""
    r"""|(?P<call>(?<![\w.])[^\W\d][\w.]*\()|(?P<open>\()|(?P<close>\))|(?P<comma>,)|(?P<brace>\{[^}]*\})"""
    r"""|(?P<literal>\d+(?:\.\d+)?(?:E[+-]?\d+)?)""",
    re.X | re.I,
)


@dataclass
class Package:
    """The parts of a workbook, and what formulas may refer to. State: filled while it is read."""

    parts: dict[str, bytes]
    sheets: dict[str, str] = field(default_factory=dict)
    tables: dict[str, list[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    roots: dict[str, ElementTree.Element] = field(default_factory=dict)
    refused: dict[str, list[str]] = field(default_factory=dict)

    def root(self, name: str) -> ElementTree.Element:
        """A part parsed."""
        if name not in self.roots:
            self.roots[name] = ElementTree.fromstring(self.parts[name])
        return self.roots[name]

    def why_refused(self, formula: str) -> list[str]:
        """What Excel would refuse of a stored formula; a text that stands in every row is looked at once."""
        if formula not in self.refused:
            self.refused[formula] = list(_formula(formula, self))
        return self.refused[formula]


def repairs(data: bytes) -> list[str]:
    """What Excel would offer to repair; empty for a workbook that it opens without a word."""
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        package = Package({name: opened.read(name) for name in opened.namelist()})
    found = [*_packaging(package), *_workbook(package)]
    looks = _counts(package)
    for sheet, part in package.sheets.items():
        found += [f"{sheet}: {text}" for text in _sheet(package, part, looks)]
    for sheet, part in package.sheets.items():
        found += [
            f"{sheet}!{at}: {text}" for at, formula in _formulas(package, part) for text in package.why_refused(formula)
        ]
    found += [f"name {name}: {text}" for name, formula in _named(package) for text in package.why_refused(formula)]
    return found


def _packaging(package: Package) -> Iterator[str]:
    types = package.root("[Content_Types].xml")
    declared = {node.get("PartName", "").lstrip("/").casefold() for node in types if node.get("PartName")}
    endings = {node.get("Extension", "").casefold() for node in types if node.get("Extension")}
    present = {name.casefold() for name in package.parts}
    yield from (f"declared part {name} is not there" for name in declared - present)
    for name in package.parts:
        if name.casefold() not in declared and name.rpartition(".")[2].casefold() not in endings:
            yield f"part {name} has no content type"
        if not name.endswith(".rels"):
            continue
        folder = PurePosixPath(name).parent.parent
        for node in package.root(name):
            target = node.get("Target", "")
            if node.get("TargetMode", "").casefold() == "external":
                continue
            path = target.lstrip("/") if target.startswith("/") else _normal(folder / target)
            if path.casefold() not in present:
                yield f"{name} points at {target}, which is not there"


def _normal(path: PurePosixPath) -> str:
    pieces: list[str] = []
    for piece in path.parts:
        pieces = pieces[:-1] if piece == ".." else [*pieces, *([] if piece == "." else [piece])]
    return "/".join(pieces)


def _targets(package: Package, part: str) -> dict[str, str]:
    rels = str(PurePosixPath(part).parent / "_rels" / f"{PurePosixPath(part).name}.rels")
    if rels not in package.parts:
        return {}
    folder = PurePosixPath(part).parent
    return {
        node.get("Id", ""): node.get("Target", "").lstrip("/")
        if node.get("Target", "").startswith("/")
        else _normal(folder / node.get("Target", ""))
        for node in package.root(rels)
    }


def _workbook(package: Package) -> Iterator[str]:
    root, targets = package.root("xl/workbook.xml"), _targets(package, "xl/workbook.xml")
    for node in root.iter(f"{MAIN}sheet"):
        name = node.get("name", "")
        if not 1 <= len(name) <= 31 or re.search(r"[\[\]:*?/\\]", name) or name[0] == "'" or name[-1] == "'":
            yield f"sheet name {name!r}"
        package.sheets[name] = targets[node.get(f"{OFFICE}id", "")]
    seen = Counter(
        (node.get("name", "").casefold(), node.get("localSheetId")) for node in root.iter(f"{MAIN}definedName")
    )
    yield from (f"name {name} is defined twice" for (name, _), count in seen.items() if count > 1)
    for node in root.iter(f"{MAIN}definedName"):
        name = node.get("name", "")
        package.names.add(name.casefold())
        if not re.fullmatch(r"[^\W\d][\w.\\]*|\\[\w.\\]*", name) or len(name) > 255 or _is_reference(name):
            yield f"name {name!r} is none"
        if len(node.get("comment", "")) > MOST_COMMENT:
            yield f"name {name}: its comment is longer than {MOST_COMMENT}"
    for part in sorted(name for name in package.parts if re.fullmatch(r"xl/tables/[^/]+\.xml", name)):
        table = package.root(part)
        package.tables[table.get("displayName", "").casefold()] = [
            _unescaped(node.get("name", "")) for node in table.iter(f"{MAIN}tableColumn")
        ]


def _is_reference(name: str) -> bool:
    cell = re.fullmatch(r"([A-Za-z]{1,3})(\d{1,7})", name)
    if cell and column_index_from_string(cell[1]) <= 16384 and 1 <= int(cell[2]) <= 1048576:
        return True
    return bool(re.fullmatch(r"[Rr]\d*(?:[Cc]\d*)?|[Cc]\d*", name))


def _unescaped(text: str) -> str:
    return re.sub(r"_x([0-9a-fA-F]{4})_", lambda found: chr(int(found[1], 16)), text)


def _counts(package: Package) -> tuple[int, int]:
    styles = package.root("xl/styles.xml")
    formats, rules = styles.find(f"{MAIN}cellXfs"), styles.find(f"{MAIN}dxfs")
    return len(formats) if formats is not None else 1, len(rules) if rules is not None else 0


def _sheet(package: Package, part: str, looks: tuple[int, int]) -> Iterator[str]:
    root = package.root(part)
    texts: dict[str, str] = {}
    strings = (
        ["".join(node.itertext()) for node in package.root("xl/sharedStrings.xml")]
        if "xl/sharedStrings.xml" in package.parts
        else []
    )
    last_row, shared = 0, Counter[str]()
    for row in root.iter(f"{MAIN}row"):
        number, last_column = int(row.get("r", "0")), 0
        if number <= last_row:
            yield f"row {number} stands after row {last_row}"
        last_row = number
        for cell in row:
            if cell.tag != f"{MAIN}c":
                continue
            letters, at = coordinate_from_string(cell.get("r", ""))
            column = column_index_from_string(letters)
            if at != number or column <= last_column:
                yield f"cell {cell.get('r')} is out of order"
            last_column = column
            yield from (f"{cell.get('r')}: {text}" for text in _cell(cell, looks[0], strings, texts, shared))
    yield from (f"shared formula {index} has no text" for index, count in shared.items() if count == 0)
    yield from _conditions(root, looks[1])
    yield from _tables(package, part, root, texts)


def _cell(
    cell: ElementTree.Element, formats: int, strings: list[str], texts: dict[str, str], shared: Counter[str]
) -> Iterator[str]:
    if int(cell.get("s", "0")) >= formats:
        yield f"look {cell.get('s')} is not in the styles"
    value, kind = cell.find(f"{MAIN}v"), cell.get("t", "n")
    formula = cell.find(f"{MAIN}f")
    shown = (value.text or "") if value is not None else ""
    if kind == "s":
        texts[cell.get("r", "")] = _unescaped(strings[int(shown)])
    elif kind == "inlineStr":
        texts[cell.get("r", "")] = _unescaped("".join(cell.itertext()))
    elif kind == "n" and shown and not re.fullmatch(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", shown):
        yield f"{shown!r} is no number"
    elif kind == "b" and shown not in ("0", "1"):
        yield f"{shown!r} is no truth value"
    if len(texts.get(cell.get("r", ""), "")) > 32767:
        yield "a text is too long"
    if formula is not None and formula.get("t") == "shared":
        shared[formula.get("si", "")] += bool(formula.text)
        if formula.text and "!" in re.sub(r'"[^"]*"', "", formula.text):
            # [MS-XLSB] 2.5.98.98: a shared formula holds no reference to another sheet.
            yield "a shared formula looks at another sheet"
    if formula is not None and formula.get("t") == "array" and not formula.get("ref"):
        yield "an array formula covers no cells"


def _conditions(root: ElementTree.Element, rules: int) -> Iterator[str]:
    priorities = Counter(node.get("priority") for node in root.iter(f"{MAIN}cfRule"))
    yield from (f"two conditional formats have priority {number}" for number, n in priorities.items() if n > 1)
    for node in root.iter(f"{MAIN}cfRule"):
        if node.get("dxfId") is not None and int(node.get("dxfId", "")) >= rules:
            yield f"conditional format {node.get('dxfId')} is not in the styles"
    for node in root.iter(f"{MAIN}dataValidation"):
        choices = node.findtext(f"{MAIN}formula1") or ""
        if choices.startswith('"') and len(choices) > 257:
            yield "a drop-down list is too long"


def _tables(package: Package, part: str, root: ElementTree.Element, texts: dict[str, str]) -> Iterator[str]:
    targets = _targets(package, part)
    for node in root.iter(f"{MAIN}tablePart"):
        table = package.root(targets[node.get(f"{OFFICE}id", "")])
        name = table.get("displayName", "")
        left, top, right, _ = range_boundaries(table.get("ref"))
        box = table.find(f"{MAIN}tableColumns")
        columns = list(box) if box is not None else []
        if box is None or int(box.get("count", "0")) != len(columns) or len(columns) != right - left + 1:
            yield f"table {name} does not count its columns"
        if len({column.get("id") for column in columns}) != len(columns):
            yield f"table {name} gives an id twice"
        headers = [_unescaped(column.get("name", "")) for column in columns]
        if len({header.casefold() for header in headers}) != len(headers):
            yield f"table {name} has a header twice"
        for offset, header in enumerate(headers):
            cell = f"{_letters(left + offset)}{top}"
            if texts.get(cell) != header:
                yield f"table {name} calls {cell} {header!r}, the cell says {texts.get(cell)!r}"
        for column in columns:
            formula = column.findtext(f"{MAIN}calculatedColumnFormula")
            if formula is not None:
                yield from (f"table {name}, new rows: {text}" for text in package.why_refused(formula))


def _letters(column: int) -> str:
    return chr(64 + column) if column <= 26 else _letters((column - 1) // 26) + chr(65 + (column - 1) % 26)


def _formulas(package: Package, part: str) -> Iterator[tuple[str, str]]:
    for cell in package.root(part).iter(f"{MAIN}c"):
        text = cell.findtext(f"{MAIN}f")
        if text:
            yield cell.get("r", ""), text


def _named(package: Package) -> Iterator[tuple[str, str]]:
    for node in package.root("xl/workbook.xml").iter(f"{MAIN}definedName"):
        yield node.get("name", ""), node.text or ""


def _formula(text: str, package: Package) -> Iterator[str]:
    """What Excel would refuse of a stored formula."""
    if len(text) > MOST_CHARACTERS:
        yield f"a formula has {len(text)} characters"
    if text.startswith("="):
        yield "a stored formula begins with ="
    functions: list[bool] = []
    commas: list[int] = []
    position = 0
    while piece := _PIECES.search(text, position):
        position = piece.end()
        kind, found = piece.lastgroup, piece[0]
        if kind == "text" and len(found) - 2 - found[1:-1].count('""') > 255:
            yield "a text in a formula is longer than 255"
        elif kind == "sheet":
            name = found[:-1].strip("'").replace("''", "'") if found[0] == "'" else found[:-1]
            if "[" not in name and name.casefold() not in map(str.casefold, package.sheets):
                yield f"there is no sheet {name!r}"
        elif kind == "table":
            end, problems = _structured(text, piece.start(), position, package)
            yield from problems
            position = end
        elif kind in ("call", "open"):
            functions.append(kind == "call")
            commas.append(0)
            if sum(functions) > MOST_LEVELS:
                yield "functions are nested too deep"
            if kind == "call":
                yield from _function(found[:-1], package)
        elif kind == "comma" and commas:
            commas[-1] += 1
            if functions[-1] and commas[-1] >= MOST_ARGUMENTS:
                yield "a function has too many arguments"
        elif kind == "close":
            if not functions:
                yield "a parenthesis closes that never opened"
                return
            functions.pop()
            commas.pop()
        elif kind == "literal" and len(re.sub(r"E.*|\.|^0+", "", found)) > 15:
            yield f"{found} has more than 15 digits"
    if functions:
        yield "a parenthesis stays open"


def _function(name: str, package: Package) -> Iterator[str]:
    bare = name.removeprefix("_xlfn.")
    if name.startswith("_xlfn."):
        if bare not in PREFIXED:
            yield f"{name} is no function with a prefix"
    elif name.casefold() not in package.names and name.upper() not in PLAIN:
        yield f"{name} is no function of Excel 2007 and has no prefix"


def _structured(text: str, start: int, inside: int, package: Package) -> tuple[int, list[str]]:
    """(place behind a structured reference, what is wrong with it); `inside` is the place behind its bracket."""
    name = text[start : inside - 1]
    depth, at, items, begin = 1, inside, [], inside
    while depth and at < len(text):
        sign = text[at]
        if sign == "'":
            at += 2
            continue
        if sign == "[":
            depth, begin = depth + 1, at + 1
        elif sign == "]":
            if depth == 2 or (depth == 1 and not items):
                items.append(text[begin:at])
            depth -= 1
        at += 1
    columns = package.tables.get(name.casefold())
    if columns is None:
        return at, [f"there is no table {name!r}"]
    wanted = [re.sub(r"'(.)", r"\1", item) for item in items if not item.startswith("#")]
    known = {column.casefold() for column in columns}
    return at, [f"table {name} has no column {item!r}" for item in wanted if item.casefold() not in known]
