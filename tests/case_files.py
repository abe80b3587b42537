"""The behaviour catalogue: tests/cases/*.yml read into rules, table and expectations.

A case is one file: `about` (the behaviour, a sentence), `rules` (a rule file inline, or a path), `as_of`, `columns`,
`rows`, and `expect` (what comes out, row by row) or `refused` (the problem that stops the run). Parts of a rule file
that a case does not speak of may be left out: `kamxl`, `name`, and categories with one rule `any` for everybody.
In rows and expectations an unquoted null is a blank, 2026-01-31 a date, true and yes a yes; quoted texts are texts.
Every runner and emitter is tested on these files; expected values were worked out by hand, never by running kamxl.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path

from kamxl.language.model import RuleSet
from kamxl.language.reader import read_rules, read_rules_document
from kamxl.language.source import (
    Document,
    Entry,
    Items,
    Mapping,
    Scalar,
    SourceNode,
    mapping_with,
    parse_bytes,
    parse_text,
)
from kamxl.table import Cell, Origin, Table

FOLDER = Path(__file__).parent / "cases"
CASE_FILES = sorted(FOLDER.glob("*.yml"))
DEFAULT_AS_OF = dt.date(2026, 6, 30)
_DEFAULTS = "kamxl: 1\nname: Case\ncategories: {rules: {any: {otherwise: true}}}\n"
_KEYS = frozenset({"about", "rules", "as_of", "columns", "rows", "expect", "refused"})
_ROW_KEYS = frozenset(
    {
        "score",
        "category",
        "rule_category",
        "completeness",
        "families",
        "points",
        "problem",
        "held",
        "waiting",
        "override",
    }
)


@dataclass(frozen=True, slots=True)
class Case:
    """One behaviour: what goes in and what must come out. Shapes: expected (n,), a mapping for each row."""

    name: str
    about: str
    rules: RuleSet
    as_of: dt.date
    table: Table
    expected: tuple[dict[str, Cell], ...]
    refused: str = ""


def read_case(path: Path) -> Case:
    """The case of a file. Errors: ValueError where the file is not a case - a mistake of ours."""
    document = parse_bytes(path.read_bytes(), path.name)
    root = document.root
    if not isinstance(root, Mapping) or document.problems or not set(root.keys()) <= _KEYS:
        raise ValueError(f"{path.name} is not a case: {document.problems or root}")
    about, as_of = root.get("about"), root.get("as_of")
    headers = [str(header) for header in _listed(root.get("columns"))]
    rows = [_listed(row) for row in _items(root.get("rows"))]
    expected = tuple(_row_expectation(node, path) for node in _items(root.get("expect")))
    refused = root.get("refused")
    if not isinstance(about, Scalar) or (refused is None and len(expected) != len(rows)):
        raise ValueError(f"{path.name}: {len(rows)} rows, {len(expected)} expectations, about {about}")
    day = _cell(as_of) if as_of is not None else DEFAULT_AS_OF
    if not isinstance(day, dt.date):
        raise ValueError(f"{path.name}: as_of is {day!r}")
    table = Table.from_rows(headers, rows, Origin(book=path.name, sheet="Case", header_row=1))
    rules = _rules_of(root.get("rules"), document, path)
    return Case(path.stem, about.text, rules, day, table, expected, refused.text if isinstance(refused, Scalar) else "")


def _rules_of(node: SourceNode | None, document: Document, path: Path) -> RuleSet:
    if isinstance(node, Scalar):
        rules, problems = read_rules(path.parent / node.text)
    elif isinstance(node, Mapping):
        defaults = parse_text(_DEFAULTS, path.name).root
        assert isinstance(defaults, Mapping)
        given = node.keys()
        missing: tuple[Entry, ...] = tuple(entry for entry in defaults.entries if entry.name not in given)
        whole = mapping_with((*missing, *node.entries), node.place)
        rules, problems = read_rules_document(Document(whole, path.name, document.lines, document.digest))
    else:
        raise ValueError(f"{path.name} has no rules")
    if rules is None or problems:
        raise ValueError(f"{path.name}: " + "\n".join(problem.block() for problem in problems))
    return rules


def _items(node: SourceNode | None) -> tuple[SourceNode, ...]:
    return node.items if isinstance(node, Items) else ()


def _listed(node: SourceNode | None) -> list[Cell]:
    return [_cell(item) for item in _items(node)]


def _cell(node: SourceNode) -> Cell:
    if not isinstance(node, Scalar):
        raise ValueError(f"a cell is expected, not {node}")
    text = node.text
    if node.quoted:
        return text
    if text in ("", "null", "~"):
        return None
    if text in ("true", "yes"):
        return True
    if text in ("false", "no"):
        return False
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return dt.date.fromisoformat(text)
    try:
        return float(text)
    except ValueError:
        return text


def _row_expectation(node: SourceNode, path: Path) -> dict[str, Cell]:
    if not isinstance(node, Mapping) or not set(node.keys()) <= _ROW_KEYS:
        raise ValueError(f"{path.name}: not an expectation: {node}")
    found: dict[str, Cell] = {}
    for entry in node.entries:
        value = entry.value
        if isinstance(value, Mapping):
            found[entry.name] = {inner.name: _cell(inner.value) for inner in value.entries}
        else:
            found[entry.name] = _cell(value)
    return found
