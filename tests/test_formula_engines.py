"""Live formulas calculated by independent engines give what the reference gives, cell by cell."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import pytest

from kamxl.backends import Scored
from kamxl.backends.formula import LiveBook
from kamxl.backends.formula_names import lambda_names
from kamxl.backends.reference import ReferenceRunner
from kamxl.language.reader import load_rules, read_rules_text
from kamxl.plan import compile_plan
from tests.case_files import CASE_FILES, Case, read_case
from tests.formula_books import differences, live_book, write_book
from tests.formula_rules import AS_OF, HEADERS, random_rows, random_rules

CASES = [case for case in map(read_case, CASE_FILES) if not case.refused]
# What formulas cannot do, by case: the reason. A case that comes out equal must be taken off this list.
_TYPED = "a number or date typed as text is text for a formula"
_CAPACITY = "a formula cannot know who else asks for a place"
_HOLD = "a formula cannot know last time's category"
HOLES: dict[str, str] = {
    "band_edge_of_percents": _TYPED,
    "curve_over_percents": _TYPED,
    "dates_day_first": _TYPED,
    "dates_in_conditions": _TYPED,
    "dates_of_every_kind": _TYPED,
    "french_rules_read_commas": _TYPED,
    "numbers_typed_as_text_with_commas": _TYPED,
    "numbers_typed_as_text_with_points": _TYPED,
    "override_that_is_valid": _TYPED,
    "text_in_a_number": _TYPED,
    "values_of_numbers": _TYPED,
    "values_of_percents": _TYPED,
    "years_since_counts_complete_years": _TYPED,
    "capacity_and_overrides": _CAPACITY,
    "capacity_cascades": _CAPACITY,
    "capacity_of_nobody": _CAPACITY,
    "capacity_takes_the_best_scores": _CAPACITY,
    "capacity_ties_go_by_client": _CAPACITY,
    "hold_downwards": _HOLD,
    "hold_gives_way_to_a_better_category": _HOLD,
    "hold_keeps_last_times_category": _HOLD,
    "hold_knows_labels_of_both_languages": _HOLD,
    "hold_under_not_and_between": _HOLD,
}
# Where an engine itself is wrong, by (engine, case): the evidence.
_ASCII = "compares texts without case for ASCII letters only; Excel and LibreOffice do so for all letters"
_EARLY = "workbooks hold no dates before 1900: the test writes them as texts"
ENGINE_FAULTS: dict[tuple[str, str], str] = {
    ("formualizer", "override_that_is_valid"): _ASCII,
    ("formualizer", "texts_compare_without_case_and_blanks"): _ASCII,
    ("formualizer", "dates_of_every_kind"): _EARLY,
    ("ironcalc", "dates_of_every_kind"): _EARLY,
    ("ironcalc", "overflow_is_missing"): "1E200*1E200 is infinity and no error, so that IFERROR lets it pass",
    ("ironcalc", "cumulative_share_beyond_any_number"): "a sum of infinity is no error, so that IFERROR lets it pass",
}
SEEDS = tuple(range(12))


def _book(case: Case, *, table: bool) -> LiveBook:
    rows = [case.table.row(index) for index in range(case.table.row_count)]
    return live_book(case.rules, case.table.headers, rows, table=table, as_of=case.as_of)


def _shown(book: LiveBook, key: str) -> list[object]:
    return list(book.results.by_key(key))


def _numbers(values: object) -> list[object]:
    return ["" if math.isnan(value) else value for value in values]  # type: ignore[attr-defined]


def disagreements(book: LiveBook, scored: Scored) -> list[str]:
    """Results of the live plan that differ from a run of the rules: score, completeness, families, category."""
    labels = [rule.label.text(scored.plan.rules.language) for rule in scored.plan.rules.categories.all_rules]
    wanted: dict[str, list[object]] = {"score": _numbers(scored.score), "completeness": _numbers(scored.completeness)}
    wanted |= {f"family {key}": _numbers(column) for key, column in scored.families.items()}
    wanted["category"] = [labels[index] if index >= 0 else "" for index in scored.category]
    for row, hidden in enumerate(book.results.empty_rows()):
        # A run writes nothing beside a row without a client, whatever its conditions say; an override stays.
        for key, column in wanted.items():
            if hidden and not (key == "category" and row in scored.overrides):
                column[row] = ""
    found = []
    for key, column in wanted.items():
        for row, (want, got) in enumerate(zip(column, _shown(book, key), strict=True)):
            shown = "" if got == "KX406" else got
            close = isinstance(want, float) and isinstance(shown, float) and math.isclose(want, shown, rel_tol=1e-9)
            if not close and want != shown:
                found.append(f"{key} of row {row + 1}: rules say {want!r}, formulas {got!r}")
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_formulas_carry_out_every_case_or_declare_the_hole(case: Case) -> None:
    """What is stored with the formulas is what a run gives; where not, the case is listed and a problem says so."""
    book = _book(case, table=False)
    plan, _ = compile_plan(case.rules, case.table.headers, as_of=case.as_of)
    assert plan is not None
    found = disagreements(book, ReferenceRunner().run(plan, book.table))

    assert bool(found) == (case.name in HOLES), found or "the hole has closed: take the case off the list"
    if found:
        assert [problem.code for problem in book.problems if problem.code == "KX226"], "a hole without a problem"


@pytest.mark.parametrize("engine", ("ironcalc", "formualizer"))
def test_every_case_is_calculated_alike(engine: str, tmp_path: Path) -> None:
    """Every live column of every case, calculated anew by the engine, equals the stored Python result."""
    pytest.importorskip(engine)
    wrong: list[str] = []
    for case in CASES:
        book = _book(case, table=engine == "ironcalc")
        path = tmp_path / f"{case.name}.xlsx"
        write_book(book, path)
        _, found = differences(book, path, engine)
        if (engine, case.name) in ENGINE_FAULTS:
            if not found:
                wrong.append(f"{case.name}: the fault of {engine} is gone, take it off the list")
        else:
            wrong += [f"{case.name}: {difference}" for difference in found]

    assert wrong == []


@pytest.mark.parametrize("seed", SEEDS)
def test_random_rules_on_random_rows_are_calculated_alike(seed: int, tmp_path: Path) -> None:
    """Any rules on rows with blanks, texts, errors and edges: both engines give the reference's cells.

    tests/compare_formulas.py does the same on more than 100,000 cells.
    """
    pytest.importorskip("ironcalc")
    pytest.importorskip("formualizer")
    rules, problems = read_rules_text(random_rules(seed))
    assert rules is not None, problems
    rows = random_rows(seed, 25)
    for engine, table in (("ironcalc", True), ("formualizer", False)):
        book = live_book(rules, HEADERS, rows, table=table)
        path = tmp_path / f"{engine}.xlsx"
        write_book(book, path)
        count, found = differences(book, path, engine)

        assert count > 100
        assert found == [], found[:5]


@pytest.mark.office
@pytest.mark.parametrize("table", (False, True), ids=("range", "table"))
def test_libreoffice_calculates_alike(table: bool, tmp_path: Path) -> None:
    """LibreOffice opens the workbook, calculates every formula anew and shows the reference's cells."""
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice is not installed")
    pytest.importorskip("openpyxl")
    rules, _ = read_rules_text(random_rules(3))
    assert rules is not None
    book = live_book(rules, HEADERS, random_rows(3, 60), table=table)
    path = tmp_path / "book.xlsx"
    write_book(book, path)

    assert differences(book, path, "libreoffice")[1] == []


def test_formulon_calculates_a_sample_alike(tmp_path: Path) -> None:
    """A third engine, slow and kept to a sample, agrees on A1 references."""
    pytest.importorskip("formulon")
    rules, _ = read_rules_text(random_rules(5))
    assert rules is not None
    book = live_book(rules, HEADERS, random_rows(5, 25), table=False)
    path = tmp_path / "book.xlsx"
    write_book(book, path)

    assert differences(book, path, "formulon")[1] == []


def test_the_shipped_rules_are_calculated_alike(tmp_path: Path) -> None:
    """The expectations of kam.yml as rows: all criteria in one engine, in a table."""
    pytest.importorskip("ironcalc")
    rules = load_rules(Path(__file__).parents[1] / "rules" / "kam.yml")
    headers = [column.headers[0] for column in rules.columns]
    rows = [[dict(test.given).get(column.key) for column in rules.columns] for test in rules.expect]
    book = live_book(rules, headers, rows, table=True, as_of=AS_OF)
    path = tmp_path / "book.xlsx"
    write_book(book, path)
    shown = dict(zip((test.client for test in rules.expect), book.results.by_key("category"), strict=True))

    assert differences(book, path, "ironcalc")[1] == []
    assert shown["the ideal client, first supplier"] == "Loyal"


@pytest.mark.parametrize(("engine", "table"), [("ironcalc", True), ("formualizer", False)])
def test_many_criteria_with_long_headers_are_taken_apart(engine: str, table: bool, tmp_path: Path) -> None:
    """120 criteria under headers of 60 characters: no formula is too long, sums and checks stand in parts."""
    pytest.importorskip(engine)
    headers = [f"Question number {index} of the yearly client survey of sales"[:60] for index in range(120)]
    columns = "".join(f'  c{index}: {{headers: ["{header}"]}}\n' for index, header in enumerate(headers))
    families = "".join(
        f"  f{number}:\n    weight: {number + 1}\n    criteria:\n"
        + "".join(
            f'      k{index}: {{of: c{index}, weight: {index % 3 + 1}, points: as is, label: "{headers[index]}"}}\n'
            for index in range(60 * number, 60 * number + 60)
        )
        for number in range(2)
    )
    need = "need: {completeness: 40%, else: unknown}"
    categories = f"categories: {{{need}, rules: {{top: {{when: f0 >= 50}}, rest: {{otherwise: true}}}}}}"
    rules, problems = read_rules_text(f"kamxl: 1\nname: Big\ncolumns:\n{columns}families:\n{families}{categories}\n")
    assert rules is not None, problems
    rows: list[list[object]] = [[(row * 7 + index) % 11 for index in range(120)] for row in range(4)]
    rows[1][5::2] = [None] * len(rows[1][5::2])
    rows[2][17] = "about 5"
    rows[3] = [None] * 120
    rows.append([None] * 90 + [4] + [None] * 29)
    book = live_book(rules, headers, rows, table=table)
    names, too_long = lambda_names(book)
    path = tmp_path / "book.xlsx"
    write_book(book, path)
    count, found = differences(book, path, engine)

    assert [problem.message for problem in book.problems] == [] and too_long == ()
    assert max(len(text) for column in book.columns for text in book.formulas(column)) < 8_000
    assert max(len(name.formula) for name in names) <= 7_500
    assert any(column.key.startswith("part earned f0") for column in book.columns)
    assert count > 800
    assert found == []
