"""Tests beside rules: what is expected, what came out and why, from YAML and from a sheet."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from kamxl.app import Settings, classify
from kamxl.cli import run_command
from kamxl.expectations import make_test_sheet, read_book_tests, read_test_sheet, run_expectations
from kamxl.hosts.memory import MemoryHost
from kamxl.language.model import RuleSet
from kamxl.language.reader import load_rules, read_rules_text
from kamxl.problems import Place, Problem, sort_problems
from tests.trust_rules import RULES, book, write_rules

SHIPPED = sorted(
    path
    for path in (Path(__file__).parents[1] / "rules").rglob("*.yml")
    if "families:" in path.read_text(encoding="utf-8")
)
SHEET = Place("book.xlsx", sheet="KAM Tests")


def rules_of(text: str = RULES) -> RuleSet:
    rules, problems = read_rules_text(text, "rules.yml")
    assert rules is not None, problems
    return rules


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_tests_beside_the_shipped_rules_hold(path: Path) -> None:
    """Every shipped rule file has tests, and all of them pass."""
    rules = load_rules(path)
    assert rules.expect
    assert run_expectations(rules) == ()


def test_failure_says_expected_got_and_why() -> None:
    """One client with a wrong score and a wrong category: two problems at the line of the test."""
    text = RULES.replace("score: 100, category: loyal", "score: 90, category: small, completeness: 10%")
    failures = run_expectations(rules_of(text))
    assert [failure.message for failure in failures] == [
        "test client `best`: expected category `small`, got `loyal`",
        "test client `best`: expected score 90, got 100",
        "test client `best`: expected completeness 10 %, got 83.3333 %",
    ]
    assert {failure.code for failure in failures} == {"KX218"}
    assert len({failure.place for failure in failures}) == 1
    assert failures[0].notes[0][0].startswith("why: Score 100 ≥ 60")


def test_tests_that_hold_and_fail_together_tell_what_each_tells_alone() -> None:
    """Clients of plain rules are scored in one table: the words of a failure are those of its client alone."""
    tests = (
        "  - {client: x, given: {revenue: 43000, mark: 7}, score: 52}\n"
        "  - {client: y, given: {revenue: 1, mark: 12}, category: loyal}\n"
        "  - {given: {revenue: 1, mark: 2}, client: z, category: loyal, score: 3, families: {profile: 20}}\n"
    )
    rules = rules_of(RULES + tests)
    alone = [run_expectations(rules, [one]) for one in rules.expect]
    assert [len(problems) for problems in alone] == [0, 0, 1, 2]
    assert run_expectations(rules) == tuple(problem for problems in alone for problem in problems)


def test_number_agrees_to_the_decimals_that_the_test_gives() -> None:
    """72.6 stands for what sheets show as 72.6; 72.60 asks for no more, 72.64 does."""
    line = "  - {client: x, given: {revenue: 43000, mark: 7}, score: %s}\n"
    assert run_expectations(rules_of(RULES + line % "52")) == ()
    assert run_expectations(rules_of(RULES + line % "52.0")) == ()
    assert len(run_expectations(rules_of(RULES + line % "52.1"))) == 1


def test_row_that_cannot_be_scored_tells_its_problem_as_why() -> None:
    """A mark of 12 on a scale of 10 is the reason, told once however much was expected."""
    text = RULES + "  - {client: y, given: {revenue: 1, mark: 12}, category: loyal, score: 50, completeness: 10%}\n"
    (failure,) = run_expectations(rules_of(text))
    assert failure.message.endswith("expected category `loyal`, got no category")
    assert "outside 0 to 10" in failure.notes[0][0]


def test_sheet_rows_are_run_with_their_cells_as_places() -> None:
    """Headers in any order and language, labels for categories, blanks left out."""
    cells = [
        ["Test clients", None, None, None],
        [None, None, None, None],
        ["Test client", "Revenue", "Mark", "Expected category", "Note attendue"],
        ["good one", 100000, 10, "Loyal", 100],
        [None, None, None, None, None],
        ["bad one", "1 000", 2, "Fidèle", None],
    ]
    rules = rules_of()
    found = read_test_sheet(cells, rules, SHEET)
    assert found.problems == ()
    (failure,) = run_expectations(rules, found.expectations)
    assert failure.message == "test client `bad one`: expected category `loyal`, got `small`"
    assert str(failure.place) == "book.xlsx!KAM Tests!A6"


def test_faults_of_the_sheet_are_problems_of_its_cells() -> None:
    """An unknown header, a text in a number column, a category that is none."""
    cells = [
        ["Client", "Revenu", "Mark", "Expected category"],
        ["a", 1, "many", "Loyal"],
        ["b", 1, 3, "Royal"],
    ]
    found = read_test_sheet(cells, rules_of(), SHEET)
    assert [(problem.code, problem.place.cell) for problem in found.problems] == [
        ("KX301", "B1"),
        ("KX402", "C2"),
        ("KX105", "D3"),
    ]
    assert found.problems[0].help == "did you mean `Revenue`?"
    assert found.problems[2].help == "did you mean `Loyal`?"


def test_sheet_without_expected_columns_says_how_to_name_one() -> None:
    """A test sheet that expects nothing is no test."""
    (problem,) = read_test_sheet([["Client", "Revenue"], ["a", 1]], rules_of(), SHEET).problems
    assert problem.code == "KX301" and "Expected category" in problem.help


@pytest.mark.parametrize("language", ["en", "fr"])
def test_sheet_made_from_the_rule_file_is_read_back_and_holds(language: str) -> None:
    """The sheet that kamxl offers holds the expectations of the file, in both languages."""
    rules = rules_of()
    host = MemoryHost({})
    host.write_sheet(make_test_sheet(rules, language))
    found = read_book_tests(host, rules)
    assert found.problems == ()
    assert [(e.client, e.score, e.category) for e in found.expectations] == [("best", 100.0, "loyal")]
    assert run_expectations(rules, found.expectations) == ()
    assert read_book_tests(MemoryHost({}), rules).expectations == ()


def test_check_runs_the_sheet_of_a_workbook_beside_the_rules(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`kamxl check book.xlsx`: the sheet is made, carried on by hand, and its failure names the cell."""
    path = write_rules(tmp_path)
    source = tmp_path / "clients.csv"
    source.write_text("Client,Revenue,Mark,Since\nAlpha,1,1,\n", encoding="utf-8")
    target = tmp_path / "tests.xlsx"
    assert run_command(["check", str(source), "-r", str(path), "--write-tests", str(target), "--quiet"]) == 0
    assert run_command(["check", str(target), "-r", str(path)]) == 0
    assert "expectations: 2 of 2 hold" in capsys.readouterr().out
    edited = openpyxl.load_workbook(target)
    edited["KAM Tests"]["D5"] = "Small"
    edited.save(target)
    assert run_command(["check", str(target), "-r", str(path)]) == 1
    shown = capsys.readouterr()
    assert "expected category `small`, got `loyal`" in shown.err and "KAM Tests!A5" in shown.err
    assert "expectations: 1 of 2 hold" in shown.out


def test_a_test_sheet_made_by_hand_is_never_taken_for_the_clients(tmp_path: Path) -> None:
    """It has the headers of a client table, and only its name tells it apart."""
    host = book()
    host.sheets["KAM Tests"] = [*host.sheets["Clients"]]
    assert classify(host, Settings(rules=write_rules(tmp_path))).scored.table.origin.sheet == "Clients"


def test_a_row_that_cannot_be_read_counts_as_a_test_that_does_not_hold(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two rows, one with an unknown category: 2 of 3 hold with the one beside the rules; problems in order of rows."""
    rules = write_rules(tmp_path)
    path = tmp_path / "tests.xlsx"
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "KAM Tests"
    for row in (["Revenue", "Mark", "Expected category"], [100000, 10, "Loyal"], [1, 1, "Smal"]):
        sheet.append(row)
    workbook.save(path)
    assert run_command(["check", str(path), "-r", str(rules)]) == 1
    shown = capsys.readouterr()
    assert "2 of 3 hold" in shown.out
    assert "did you mean `Small`?" in shown.err


def test_problems_of_a_sheet_come_in_the_order_of_its_rows() -> None:
    """Row 9 before row 10, column Z before AA."""
    cells = ["AA9", "B10", "A100", "Z9"]
    problems = sort_problems(Problem("KX402", "not a number", Place("b.xlsx", sheet="S", cell=cell)) for cell in cells)
    assert [problem.place.cell for problem in problems] == ["Z9", "AA9", "B10", "A100"]


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_tests_of_shipped_rules_written_to_a_sheet_hold_there_too(path: Path, language: str) -> None:
    """What `--write-tests` writes in a language is read back: every header, choice, yes and category."""
    rules = load_rules(path)
    grid = make_test_sheet(rules, language)
    cells = [[cell.value if cell is not None else None for cell in row] for row in grid.rows]
    read = read_test_sheet(cells, rules, SHEET)
    assert read.problems == ()
    wanted = [test for test in rules.expect if test.category is not None or test.score is not None]
    assert len(read.expectations) == len(wanted)
    assert run_expectations(rules, read.expectations) == ()


def test_a_failure_says_why_in_french_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`kamxl check --language fr`: sentence, reason and way out."""
    rules = write_rules(tmp_path, RULES.replace("score: 100, category: loyal", "score: 90"))
    assert run_command(["check", str(rules), "--language", "fr"]) == 1
    shown = capsys.readouterr().err
    assert "erreur[KX218] : client d'essai `best` : note attendue 90, obtenue 100" in shown
    assert "= note : pourquoi : Note 100 ≥ 60" in shown
    assert "= aide : corrigez les règles, ou l'attente" in shown
    assert shown.rstrip().endswith("1 erreur, 1 avertissement")
