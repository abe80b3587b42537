"""What managers receive: rules/*.yml and rules/examples are right, complete, bilingual, and do what they say."""

from __future__ import annotations

import csv
import datetime as dt
import math
from collections import Counter
from pathlib import Path

import pytest

from kamxl.app import find_row
from kamxl.backends import Scored, runner
from kamxl.demo import HEADERS, demo_rows, quarter_end
from kamxl.language.lint import lint_rules
from kamxl.language.model import LANGUAGES, Label, RuleSet
from kamxl.language.reader import load_rules, read_rules
from kamxl.plan import compile_plan
from kamxl.problems import KamxlError
from kamxl.process import coverage, read_processes
from kamxl.sheets import check_templates
from kamxl.table import Cell, Table
from kamxl.tested_templates import TESTED, are_unchanged
from tests.shared import shared_dir

RULES = Path(__file__).parent.parent / "rules"
FILES = (RULES / "kam.yml", *sorted((RULES / "examples").glob("*.yml")))
RESELLERS = "data/adventureworks_reseller/reseller_accounts_derived.csv"
ACCOUNTS = "data/maven_crm/accounts_derived.csv"
# The criteria that the method names, and the criterion of kam.yml that asks each.
METHOD = {
    "profile": {
        "size": "size",
        "market": "market",
        "values": "values_fit",
        "mission": "mission_fit",
        "way of working": "way_of_working",
        "structure": "structure",
        "distribution network": "distribution",
    },
    "history": {
        "revenue": "revenue",
        "profitability": "profitability",
        "quote success rate": "quote_success",
        "openness to new products and services": "openness",
        "effort and resources to serve": "effort",
        "loyalty": "loyalty",
        "appreciation of value against price": "value_over_price",
        "purchase history": "recency",
    },
    "potential": {
        "selling more": "sell_more",
        "adding products and services": "add_products",
        "dynamism": "dynamism",
        "growth in its markets": "market_growth",
        "accessibility of what is left": "accessibility",
    },
}


def _rows_of(path: Path) -> Table:
    with path.open(encoding="utf-8-sig", newline="") as file:
        headers, *rows = csv.reader(file)
    return Table.from_rows(headers, [[_cell(text) for text in row] for row in rows])


def _cell(text: str) -> Cell:
    try:
        return float(text)
    except ValueError:
        return text or None


def _run(rules: RuleSet, table: Table, *, name: str = "columns", as_of: dt.date | None = None) -> Scored:
    plan, problems = compile_plan(rules, table.headers, as_of=as_of)
    assert plan is not None, problems
    return runner(name).run(plan, table)


def _example(name: str, data: str) -> Scored:
    return _run(load_rules(RULES / "examples" / name), _rows_of(shared_dir() / data))


def _counts(scored: Scored) -> Counter[str]:
    keys = [rule.key for rule in scored.plan.rules.categories.all_rules]
    return Counter(keys[index] if index >= 0 else "none" for index in scored.category)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_shipped_rules_have_no_problem(path: Path) -> None:
    """Neither the reader nor any lint finds fault with a file that we ship."""
    rules, problems = read_rules(path)

    assert rules is not None
    assert (problems, lint_rules(rules)) == ((), ())


@pytest.mark.parametrize("name", ["reference", "rows", "columns"])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_expectations_hold_on_every_runner(path: Path, name: str) -> None:
    """The tests that travel with the rules, calculated by hand, come out to nine decimals."""
    rules = load_rules(path)
    keys = [rule.key for rule in rules.categories.all_rules]
    assert rules.expect
    for expected in rules.expect:
        given = dict(expected.given)
        row = [given.get(column.key) for column in rules.columns]
        scored = _run(rules, Table.from_rows([column.headers[0] for column in rules.columns], [row]), name=name)
        wanted = {"score": expected.score, "completeness": expected.completeness, **dict(expected.families)}
        found = {"score": scored.score[0], "completeness": scored.completeness[0]}
        found |= {family: values[0] for family, values in scored.families.items()}

        assert expected.category is None or keys[scored.category[0]] == expected.category, expected.client
        for what, number in wanted.items():
            assert number is None or abs(number - found[what]) < 1e-9, (expected.client, what, found[what])


def test_headers_answer_with_either_apostrophe() -> None:
    """`Chiffre d’affaires` as a Mac types it is the column `Chiffre d'affaires` of the rules."""
    rules = load_rules(RULES / "kam.yml")
    plan, problems = compile_plan(rules, ["Client", "Chiffre d’affaires", "Potentiel d’achat"])
    assert plan is not None and not problems
    assert {read.name: read.index for read in plan.reads() if read.index >= 0} == {
        "client": 0,
        "revenue": 1,
        "spend": 2,
    }


def test_default_rules_ask_all_that_the_method_names() -> None:
    """Each criterion of the method has its criterion in its family, and the file has tests enough."""
    rules = load_rules(RULES / "kam.yml")
    found = {family.key: {criterion.key for criterion in family.criteria} for family in rules.families}

    assert list(found) == list(METHOD)
    assert {family: set(asked.values()) - found[family] for family, asked in METHOD.items()} == {
        family: set() for family in METHOD
    }
    assert [rule.key for rule in rules.categories.rules] == ["loyal", "high_potential", "small"]
    assert len(rules.expect) >= 6


def test_default_rules_use_every_scale_and_leave_columns_optional() -> None:
    """The default file shows each scale once at least, and runs on a workbook that has only some of its columns."""
    rules = load_rules(RULES / "kam.yml")

    scales = {type(criterion.scale).__name__ for _, criterion in rules.criteria}
    assert scales == {"Bands", "Curve", "Listed", "AsIs", "Target", "YesNo"}
    assert all(column.optional for column in rules.columns)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_shipped_rules_speak_both_languages(path: Path) -> None:
    """Name, families, criteria and categories have a label in English and in French."""
    rules = load_rules(path)
    labels: list[Label] = [rules.name, *(family.label for family in rules.families)]
    labels += [criterion.label for _, criterion in rules.criteria]
    labels += [rule.label for rule in rules.categories.all_rules]

    assert [label for label in labels if {language for language, _ in label.texts} != set(LANGUAGES)] == []


def test_processes_cover_every_category_department_and_stage() -> None:
    """No instruction is missing for any shipped rule file; the method's own examples are there.

    The columns that departments see are those of kam.yml: the examples, with other columns, get a warning for them.
    """
    book, problems = read_processes(RULES / "processes.yml")
    assert book is not None and problems == ()
    grids = [coverage(book, load_rules(path)) for path in FILES]

    assert [grid.count("missing") for grid in grids] == [0] * len(FILES)
    assert grids[0].problems == ()
    assert {problem.code for grid in grids[1:] for problem in grid.problems} == {"KX301"}
    assert [department.key for department in book.departments] == [
        "sales", "quotes", "production", "delivery", "project_management", "customer_service", "finance",
    ]  # fmt: skip
    by_place = book.by_place()
    assert "face to face" in by_place["seduction", "sales", "quoting"].do.text("en")
    assert "nobody travels" in by_place["optimisation", "sales", "quoting"].do.text("en")


def test_processes_speak_both_languages() -> None:
    """Every text of every instruction, stage, department and process is there in English and in French."""
    book, _ = read_processes(RULES / "processes.yml")
    assert book is not None
    labels = [stage.label for stage in book.stages] + [department.label for department in book.departments]
    labels += [label for process in book.processes for label in (process.label, process.aim)]
    for each in book.instructions:
        labels += [label for label in (each.do, each.how, each.within, each.owner, *each.checklist) if label.texts]

    assert len(labels) > 350
    assert [label for label in labels if {language for language, _ in label.texts} != set(LANGUAGES)] == []


def test_departments_see_only_what_exists_and_workshops_see_no_money() -> None:
    """What a department sees is a name of the rules; production and delivery see neither money nor scores."""
    rules = load_rules(RULES / "kam.yml")
    book, _ = read_processes(RULES / "processes.yml")
    assert book is not None
    known = {column.key for column in rules.columns} | {column.key for column in rules.derived}
    known |= {family.key for family in rules.families}
    known |= {"score", "completeness", "category", "process", "dormant", "why", "next"}
    money = {column.key for column in rules.columns if column.kind == "money"}
    secret = money | {
        "margin_rate",
        "share_of_wallet",
        "dormant",
        "left_to_win",
        "score",
        "why",
        "next",
        "hours_per_1000",
    }

    assert {name for department in book.departments for name in department.see} <= known
    for department in book.departments:
        if department.key in ("production", "delivery", "project_management", "customer_service"):
            assert not secret & set(department.see), department.key


def test_best_example_gives_the_published_numbers() -> None:
    """62, 58 and 80 weighted 30/40/30 contribute 18.6, 23.2 and 24.0 to 65.8."""
    rules = load_rules(RULES / "examples/best.yml")
    scored = _run(rules, _rows_of(RULES / "examples/best.csv"))
    contributions = [family.weight * scored.families[family.key][0] for family in rules.families]

    assert contributions == pytest.approx([18.6, 23.2, 24.0], abs=1e-9)
    assert scored.score[0] == pytest.approx(65.8, abs=1e-9)
    assert _counts(scored) == {"loyal": 2, "high_potential": 1, "small": 1}


def test_resellers_are_all_scored_and_69_are_prospects() -> None:
    """701 rows, 69 without revenue: prospects by the rules, without history; nobody is left unscored."""
    scored = _example("resellers.yml", RESELLERS)
    prospects = [row for row in range(scored.row_count) if math.isnan(scored.families["history"][row])]

    assert scored.row_count == 701
    assert [row for row in range(701) if scored.values["prospect"][row]] == prospects
    assert len(prospects) == 69
    assert dict(scored.problems_by_row) == {}
    assert not any(math.isnan(score) for score in scored.score)
    assert _counts(scored)["high_potential"] == 120
    assert set(scored.waiting.values()) == {1}


def test_misspelled_warehouses_count_as_warehouses() -> None:
    """`Ware House` and `Warehouse` get the same points; a share over 100 % gets half of them."""
    scored = _example("resellers.yml", RESELLERS)
    kinds = {}
    for row, kind in enumerate(scored.values["segment"]):
        kinds.setdefault(kind, set()).add(float(scored.points_of("kind_of_shop")[row]))
    shares = [(scored.values["client_share"][row], scored.points_of("share")[row]) for row in range(701)]

    assert kinds["Ware House"] == kinds["Warehouse"] == {8.0}
    assert {points for share, points in shares if share > 1} == {5.0}


def test_crm_accounts_survive_their_typing_errors() -> None:
    """85 accounts: `technolgy` is listed, `Philipines` gets a warning and the points of `other`; all are scored."""
    scored = _example("maven_crm.yml", ACCOUNTS)
    warned = {row: [problem.code for problem in found] for row, found in scored.problems_by_row.items()}
    market = [
        scored.points_of("market")[row] for row, word in enumerate(scored.values["segment"]) if word == "technolgy"
    ]

    assert scored.row_count == 85
    assert market == [10.0] * 12
    assert warned == {3: ["KX404"]}
    assert scored.points_of("distribution")[3] == 4.0
    assert not any(math.isnan(score) for score in scored.score)


def test_a_client_is_found_by_number_and_by_name() -> None:
    """People ask for a client by its name; a workbook without client numbers is known by names altogether."""
    rules, rows = load_rules(RULES / "kam.yml"), demo_rows()
    with_numbers = _run(rules, Table.from_rows(HEADERS, rows), as_of=quarter_end())
    by_name = _run(rules, Table.from_rows(HEADERS[1:], [row[1:] for row in rows]), as_of=quarter_end())

    assert (
        find_row(with_numbers, "c-1001")
        == find_row(with_numbers, "aéro valcreux")
        == find_row(by_name, "Aéro Valcreux")
    )
    with pytest.raises(KamxlError, match="did you mean `Aéro Valcreux`"):
        find_row(with_numbers, "Aero Valcreu")


def test_two_clients_of_one_name_are_told_apart_by_number() -> None:
    """A name that two clients share is no answer: the numbers to choose from are."""
    table = Table.from_rows(["Client ID", "Client", "Revenue"], [["1", "Twin", 5.0], ["2", "twin ", 6.0]])
    scored = _run(load_rules(RULES / "kam.yml"), table, as_of=quarter_end())

    with pytest.raises(KamxlError, match="2 clients are called `Twin`") as raised:
        find_row(scored, "Twin")
    assert "`1`, `2`" in raised.value.problems[0].help


def test_shipped_templates_are_known_and_sound() -> None:
    """The digests by which `kamxl check` knows them are those of the files, and the whole check finds no fault."""
    folder = RULES / "templates"
    book, _ = read_processes(RULES / "processes.yml")
    assert book is not None

    assert {path.name for path in folder.iterdir()} == set(TESTED)
    assert are_unchanged(TESTED, [folder])
    assert check_templates(book, [folder]) == ()


def test_a_changed_template_is_checked(tmp_path: Path) -> None:
    """One letter more in a template, or in one that it includes, and the digest no longer vouches for it."""
    for name in TESTED:
        (tmp_path / name).write_bytes((RULES / "templates" / name).read_bytes())
    assert are_unchanged(["sales.md.j2"], [tmp_path])

    (tmp_path / "department.md.j2").write_text("{{ no_such_name }}", encoding="utf-8")

    assert not are_unchanged(["sales.md.j2"], [tmp_path, RULES / "templates"])
    assert not are_unchanged(["own.md.j2"], [RULES / "templates"])
