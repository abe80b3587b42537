"""Tests beside the rules: the `expect:` of a rule file and the rows of a sheet *KAM Tests*, run one client at a time.

A failure is a problem that says what was expected, what came out, and why. Wires the reference runner to the
explanation; reads a sheet as cells and knows nothing of files.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kamxl.backends import Scored
from kamxl.backends.reference import ReferenceRunner
from kamxl.language.lint.wording import show_edge
from kamxl.language.model import ColumnRule, Expectation, RuleSet
from kamxl.phrases import say
from kamxl.plan import Plan, compile_plan
from kamxl.problems import KamxlError, Place, Problem, suggest
from kamxl.records import dataclass, replace
from kamxl.table import Cell, Grid, GridCell, GridTable, Table, cell_address
from kamxl.trust_phrases import TRUST_PHRASES, tell
from kamxl.values import Value, date_of, fold, is_blank, read_cell, round_half_away, text_of

if TYPE_CHECKING:
    from kamxl.hosts import Host


@dataclass(frozen=True, slots=True)
class SheetTests:
    """The test clients of a sheet, and what is wrong with the sheet itself."""

    expectations: tuple[Expectation, ...] = ()
    problems: tuple[Problem, ...] = ()
    unreadable: int = 0
    """Rows that are tests and could not be read."""


def run_expectations(
    rules: RuleSet, expectations: Sequence[Expectation] | None = None, *, language: str = "en"
) -> tuple[Problem, ...]:
    """A problem (KX218) for each thing that comes out otherwise than expected; those of one client share its place."""
    wanted = rules.expect if expectations is None else expectations
    if not wanted:
        return ()
    plan, reference = _plan_by_key(rules), ReferenceRunner()
    failing: Sequence[Expectation] = wanted
    if not plan.is_relative:
        # No client changes the result of another: all in one table, and only those that fail are looked at one by one.
        scored = reference.run(plan, _table_of(plan, wanted))
        failing = [one for row, one in enumerate(wanted) if _failures(scored, row, one, language)]
    return tuple(
        problem
        for expectation in failing
        for problem in _failures(reference.run(plan, _table_of(plan, [expectation])), 0, expectation, language)
    )


def _plan_by_key(rules: RuleSet) -> Plan:
    """A plan over a table whose headers are made from the keys: a test names columns, not headers."""
    columns = tuple(replace(column, headers=(_header(column),)) for column in rules.columns)
    by_key = replace(rules, columns=columns)
    plan, problems = compile_plan(by_key, [_header(column) for column in columns])
    if plan is None:
        raise KamxlError(problems)
    return plan


def _header(column: ColumnRule) -> str:
    return f"column {column.key}"


def _table_of(plan: Plan, expectations: Sequence[Expectation]) -> Table:
    rows = []
    for expectation in expectations:
        given: dict[str, Value] = dict(expectation.given)
        rows.append([given.get(column.key) for column in plan.rules.columns])
    return Table.from_rows(plan.headers, rows)


def _failures(scored: Scored, row: int, expectation: Expectation, language: str) -> list[Problem]:
    failures: list[Problem] = []

    def fail(what: str, expected: str, got: str) -> None:
        failures.append(_failure(scored, row, expectation, f"{what} {expected}", got, language))

    if expectation.category is not None:
        got = _category_key(scored, row)
        if got != expectation.category:
            fail("category", f"`{expectation.category}`", f"`{got}`" if got else "no category")
    if expectation.score is not None and not _agrees(expectation.score, scored.score[row]):
        fail("score", show_edge(expectation.score), _shown(scored.score[row]))
    for key, wanted in expectation.families:
        if not _agrees(wanted, scored.families[key][row]):
            fail(f"`{key}`", show_edge(wanted), _shown(scored.families[key][row]))
    if expectation.completeness is not None:
        share, found = expectation.completeness * 100, scored.completeness[row] * 100
        # Written as a whole percentage, as sheets show it.
        if math.isnan(found) or round_half_away(found, _decimals(share)) != round_half_away(share, _decimals(share)):
            fail("completeness", f"{show_edge(share)} %", f"{_shown(found)} %")
    # Where the row has no score, that is the one failure, whatever was expected.
    return failures[:1] if math.isnan(scored.score[row]) and row in scored.problems_by_row else failures


def _category_key(scored: Scored, row: int) -> str:
    index = scored.category[row]
    return scored.plan.rules.categories.all_rules[index].key if index >= 0 else ""


def _agrees(wanted: float, found: float) -> bool:
    """Whether a number comes out as written: to as many decimals as the test gives, one at least, as sheets show."""
    if math.isnan(found):
        return False
    decimals = max(1, _decimals(wanted))
    return round_half_away(found, decimals) == round_half_away(wanted, decimals)


def _decimals(number: float) -> int:
    text = show_edge(number)
    return min(9, len(text.partition(".")[2]))


def _shown(number: float) -> str:
    return "missing" if math.isnan(number) else show_edge(round_half_away(number, 4))


def _failure(scored: Scored, row: int, expectation: Expectation, expected: str, got: str, language: str) -> Problem:
    found = scored.problems_by_row.get(row, ())
    # The words are imported for a failure only: most checks find none.
    from kamxl.problem_words import message_in

    why = message_in(found[0], language) if found and math.isnan(scored.score[row]) else _why(scored, row, language)
    return Problem(
        "KX218",
        f"test client `{expectation.client}`: expected {expected}, got {got}",
        expectation.place,
        help="correct the rules, or the expectation",
        notes=((f"why: {why}", expectation.place),),
    )


def _why(scored: Scored, row: int, language: str) -> str:
    # Imported for a failure only: most checks find none.
    from kamxl.evidence import Explainer
    from kamxl.explain import why_line

    return why_line(Explainer(scored, language), row)


def read_test_sheet(cells: Sequence[Sequence[Cell]], rules: RuleSet, place: Place) -> SheetTests:
    """The test clients of a sheet *KAM Tests*, its header row being the first that names an expected result.

    Shapes: cells are the rows of the sheet from A1 on. `place` names book and sheet.
    """
    expected = {fold(text): key for key in ("expected_category", "expected_score") for text in TRUST_PHRASES[key]}
    client_names = {fold(text) for text in (*TRUST_PHRASES["test_client"], "Client")}
    header_row = next((at for at, row in enumerate(cells) if any(_folded(cell) in expected for cell in row)), None)
    if header_row is None:
        hint = f"name a column `{tell('expected_category', 'en')}` or `{tell('expected_score', 'en')}`"
        return SheetTests(problems=(Problem("KX301", "the test sheet expects nothing", place, help=hint),))
    by_header = {fold(header): column for column in rules.columns for header in (column.key, *column.headers)}
    roles: dict[int, ColumnRule | str] = {}
    problems: list[Problem] = []
    for at, cell in enumerate(cells[header_row]):
        name = _folded(cell)
        if name in expected:
            roles[at] = expected[name]
        elif name in by_header:
            roles[at] = by_header[name]
        elif name and name not in client_names:
            where = replace(place, cell=cell_address(header_row + 1, at + 1))
            headers = [column.headers[0] for column in rules.columns]
            hint = suggest(text_of(cell), headers)
            problems.append(Problem("KX301", f"no column of the rules is called `{text_of(cell)}`", where, help=hint))
        if name in client_names and not any(role == "client" for role in roles.values()):
            roles.setdefault(at, "client")
    found = []
    unreadable = 0
    for offset, row in enumerate(cells[header_row + 1 :], start=header_row + 2):
        if any(not is_blank(cell) for cell in row):
            expectation, more = _row_expectation(row, offset, roles, rules, place)
            problems += more
            unreadable += bool(more)
            if expectation is not None:
                found.append(expectation)
    return SheetTests(tuple(found), tuple(problems), unreadable)


def _folded(cell: Cell) -> str:
    return fold(text_of(cell)) if not is_blank(cell) else ""


def _row_expectation(
    row: Sequence[Cell], row_1based: int, roles: dict[int, ColumnRule | str], rules: RuleSet, place: Place
) -> tuple[Expectation | None, list[Problem]]:
    problems: list[Problem] = []
    given: dict[str, Value] = {}
    told: dict[str, Value] = {}
    for at, role in roles.items():
        where = replace(place, cell=cell_address(row_1based, at + 1))
        kind = role.kind if isinstance(role, ColumnRule) else "number" if role == "expected_score" else "text"
        reading = read_cell(row[at], kind, decimal_comma=rules.decimal_comma)
        if reading.code:
            problems.append(Problem(reading.code, reading.message, where, help="correct the cell of the test"))
        elif isinstance(role, ColumnRule):
            given[role.key] = reading.value
        else:
            told[role] = reading.value
    category = told.get("expected_category")
    key = _category_of(rules, str(category)) if category is not None else None
    if category is not None and key is None:
        known = rules.categories.all_rules
        labels = [*(rule.label.text(rules.language) for rule in known), *(rule.key for rule in known)]
        at = next(at for at, role in roles.items() if role == "expected_category")
        where = replace(place, cell=cell_address(row_1based, at + 1))
        problems.append(Problem("KX105", f"`{category}` is not a category", where, help=suggest(str(category), labels)))
    score = told.get("expected_score")
    if problems or (key is None and score is None):
        return None, problems
    name = told.get("client") or next(
        (text_of(value) for c in rules.columns if c.role in ("id", "name") and (value := given.get(c.key))), None
    )
    return (
        Expectation(
            client=str(name or f"row {row_1based}"),
            given=tuple(given.items()),
            score=score if isinstance(score, float) else None,
            category=key,
            place=replace(place, cell=cell_address(row_1based, 1)),
        ),
        [],
    )


def _category_of(rules: RuleSet, text: str) -> str | None:
    """The key of a category by key or label in any language."""
    for rule in rules.categories.all_rules:
        if fold(text) in {fold(name) for name in (rule.key, *rule.label.all_texts())}:
            return rule.key
    return None


def make_test_sheet(rules: RuleSet, language: str) -> Grid:
    """A sheet *KAM Tests* filled with the expectations of the rule file, to be carried on by hand."""
    used = {key for expectation in rules.expect for key, _ in expectation.given}
    columns = [column for column in rules.columns if column.key in used or not (column.optional or column.role)]
    headers = [tell("test_client", language), *(_shown_header(column, language) for column in columns)]
    headers += [tell("expected_category", language), tell("expected_score", language)]
    rows: list[tuple[GridCell | None, ...]] = [
        (GridCell(tell("tests_title", language), "title"),),
        (GridCell(tell("tests_note", language), "subtitle"),),
        (),
        tuple(GridCell(header, "header indent=1") for header in headers),
    ]
    labels = {rule.key: rule.label.text(language) for rule in rules.categories.all_rules}
    for expectation in rules.expect:
        given = dict(expectation.given)
        cells = [GridCell(expectation.client, "wrap indent=1")]
        cells += [_given_cell(column, given.get(column.key), language) for column in columns]
        category = labels.get(expectation.category or "")
        cells += [GridCell(category, "text bold indent=1"), GridCell(expectation.score, "score bold")]
        rows.append(tuple(cells))
    last = max(len(rows) - 1, 4)
    return Grid(
        name=tell("tests_sheet", language),
        rows=tuple(rows),
        widths=(44.0, *(15.0 for _ in columns), 24.0, 12.0),
        tables=(GridTable("KAM_Tests", 3, 0, last, len(headers) - 1),),
        freeze=(4, 1),
    )


_LOOKS = {"money": "money", "percent": "percent", "date": "date", "number": "text", "yes/no": "text"}


def _shown_header(column: ColumnRule, language: str) -> str:
    """The label of a column where workbooks may use it as a header, so that the sheet is in one language."""
    label = column.label.text(language)
    return label if fold(label) in {fold(header) for header in column.headers} else column.headers[0]


def _given_cell(column: ColumnRule, value: Value, language: str) -> GridCell:
    if column.kind == "date" and isinstance(value, float):
        return GridCell(date_of(value), "date indent=1")
    if isinstance(value, bool):
        return GridCell(say("yes" if value else "no", language), "text indent=1")
    look = _LOOKS.get(column.kind, "text")
    return GridCell(value, f"{look} indent=1" if look == "text" and isinstance(value, str) else look)


def read_book_tests(host: Host, rules: RuleSet) -> SheetTests:
    """The test clients of a workbook, from its sheet *KAM Tests* in either language; none where there is no sheet."""
    names = {name.casefold(): name for name in host.sheet_names()}
    for wanted in TRUST_PHRASES["tests_sheet"]:
        name = names.get(wanted.casefold())
        if name is not None:
            return read_test_sheet(host.read_sheet(name), rules, Place(getattr(host, "book", ""), sheet=name))
    return SheetTests()
