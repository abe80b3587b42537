"""Rules as workbook names with LAMBDA, for Excel 365 and 2024: `=KAMN_SCORE(Clients[#Headers],Clients[@])`.

One name per criterion and family, and the totals; all take the headers and one record, so that the order of columns is
free. They read the numbers of *KAM Rules* like the columns do, and come from the same templates. The prefix KAMN keeps
them apart from the add-in's KAM functions: a workbook name would win over a function of the same name.
"""

from __future__ import annotations

import re

from kamxl.backends.formula import LiveBook
from kamxl.backends.formula_columns import (
    CATEGORY,
    CHECK,
    COMPLETENESS,
    DERIVED,
    FAMILY,
    POINTS,
    READ,
    RELATED,
    SCORE,
    STATUS,
    USER,
)
from kamxl.backends.formula_limits import why_refused
from kamxl.backends.formula_plan import ANSWER, APPLIES
from kamxl.backends.formula_text import render, text_literal, why_no_name
from kamxl.language.model import RuleSet
from kamxl.problems import Place, Problem, Severity
from kamxl.records import dataclass

# Excel refuses names between 7,992 and 8,192 stored characters (facts of the project xln); stay below.
MOST_NAME_CHARACTERS = 7_500
MOST_COMMENT = 255
_HEADERS, _RECORD = "_xlpm.headers", "_xlpm.record"
_TOTALS = {SCORE: "KAMN_SCORE", COMPLETENESS: "KAMN_COMPLETENESS", CATEGORY: "KAMN_CATEGORY", CHECK: "KAMN_CHECK"}


@dataclass(frozen=True, slots=True)
class LambdaName:
    """A workbook name: its formula as stored, without the leading `=`, and what autocomplete shows of it."""

    name: str
    key: str
    formula: str
    comment: str


def lambda_names(book: LiveBook) -> tuple[tuple[LambdaName, ...], tuple[Problem, ...]]:
    """The names of a rule set, and why some cannot be: looking at all rows, too long, no legal name."""
    templates = {column.key: column.template for column in book.columns}
    if any(key.startswith(RELATED) for key in templates):
        message = "percentile and cumulative_share look at all rows; a LAMBDA gets one record"
        return (), (_problem(book, message, "use the live columns", Severity.WARNING),)
    names, problems = [], []
    for key in templates:
        name = _name_of(key)
        if not name:
            continue
        formula = _formula(key, templates, book)
        reason = why_no_name(name)
        if not reason and len(formula) > MOST_NAME_CHARACTERS:
            reason = f"its formula would have {len(formula)} characters, and {MOST_NAME_CHARACTERS} are safe"
        if not reason and (too_much := why_refused(formula)):
            reason = f"its formula {too_much}"
        if reason:
            problems.append(
                _problem(book, f"`{name}` cannot be a name: {reason}", "rename or split it", Severity.ERROR)
            )
        names.append(LambdaName(name, key, formula, _comment(key, book)))
    return tuple(names), tuple(problems)


def _problem(book: LiveBook, message: str, help_: str, severity: Severity) -> Problem:
    return Problem("KX226", message, Place(book.live.plan.rules.file), severity, help=help_)


def _name_of(key: str) -> str:
    """The name that holds a column; empty for the cells that a person types into."""
    if key.startswith(POINTS):
        return f"KAMN.P_{key.removeprefix(POINTS)}"
    if key.startswith(FAMILY):
        return f"KAMN.F_{key.removeprefix(FAMILY)}"
    if key.startswith(USER) or key == STATUS:
        return ""
    # Every step has a name of its own: inlined, the check of 26 columns would be too long for one.
    return _TOTALS.get(key) or "KAMN.S_" + re.sub(r"\W", "_", key)


def _formula(key: str, templates: dict[str, str], book: LiveBook) -> str:
    """LAMBDA(headers, record, LET(inputs and steps in order, result))."""
    variables: dict[str, str] = {}
    steps: list[str] = []

    def variable(inner: str) -> str:
        """The LET variable of a column, defined before its first use."""
        if inner not in variables:
            value = _value(inner, book)
            # `x_1`: a letter with a number would be the address of a cell.
            variables[inner] = f"_xlpm.x_{len(variables) + 1}"
            steps.append(f"{variables[inner]},{value}")
        return variables[inner]

    body = render(templates[key], variable, _no_whole)
    inside = f"_xlfn.LET({','.join(steps)},{body})" if steps else body
    return f"_xlfn.LAMBDA({_HEADERS},{_RECORD},{inside})"


def _value(key: str, book: LiveBook) -> str:
    name = _name_of(key)
    if not name:
        header = text_literal(book.references.headers[key])
        return f"INDEX({_RECORD},1,_xlfn.XMATCH({header},{_HEADERS}))"
    return f"{name}({_HEADERS},{_RECORD})"


def _no_whole(key: str) -> str:
    raise ValueError(f"{key} looks at all rows")


def _comment(key: str, book: LiveBook) -> str:
    """Rule, version and source line: what a person sees in autocomplete and in the name manager."""
    rules = book.live.plan.rules
    place = _place_of(key, rules)
    file = rules.file.replace("\\", "/").rsplit("/", 1)[-1]
    where = f"{file}:{place.line}" if place is not None and place.line else file
    header = " ".join(next(column.header for column in book.columns if column.key == key).split())
    text = f"kamxl: {header}; (headers, record); rules {rules.digest[:8]} {where}".strip()
    return text if len(text) <= MOST_COMMENT else text[: MOST_COMMENT - 1] + "…"


def _place_of(key: str, rules: RuleSet) -> Place | None:
    """Where the rule file says what a column shows; None for what it says nowhere."""
    if key == CATEGORY:
        return rules.categories.rules[0].place
    found = {f"{POINTS}{criterion.key}": criterion.place for _, criterion in rules.criteria}
    found |= {f"{DERIVED}{ANSWER}{criterion.key}": criterion.place for _, criterion in rules.criteria}
    for family in rules.families:
        found |= dict.fromkeys((f"{FAMILY}{family.key}", f"{DERIVED}{APPLIES}{family.key}"), family.place)
    found |= {f"{DERIVED}{derived.key}": derived.place for derived in rules.derived}
    found |= {f"{READ}{column.key}": column.place for column in rules.columns}
    return found.get(key)
