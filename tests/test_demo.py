"""The demo portfolio and its workbook: the same on every run, and a fair picture of the method."""

from __future__ import annotations

import math
import re
import zipfile
from pathlib import Path

import pytest

from kamxl.backends import Scored, runner
from kamxl.demo import HEADERS, NAMES, demo_rows, quarter_end
from kamxl.demo_french import FRENCH_HEADERS, french_demo_rows
from kamxl.demo_workbook import make_demo_workbook
from kamxl.language.reader import load_rules
from kamxl.plan import compile_plan
from kamxl.table import Table

ROOT = Path(__file__).parent.parent


def _classified(quarter: int) -> Scored:
    table = Table.from_rows(HEADERS, demo_rows(quarter))
    plan, problems = compile_plan(load_rules(ROOT / "rules/kam.yml"), table.headers, as_of=quarter_end(quarter))
    assert plan is not None, problems
    return runner("reference").run(plan, table)


def _shares(scored: Scored) -> dict[str, float]:
    keys = [rule.key for rule in scored.plan.rules.categories.all_rules]
    return {key: list(scored.category).count(index) / scored.row_count for index, key in enumerate(keys)}


def test_names_are_all_different() -> None:
    """120 names, none twice: a client must be found again by name."""
    assert len(NAMES) == len(set(NAMES)) == 120


def test_categories_come_out_as_the_method_says() -> None:
    """About one client in six is loyal, one in four has high potential, a few are to be qualified."""
    shares = _shares(_classified(1))

    assert 0.15 <= shares["loyal"] <= 0.20
    assert 0.20 <= shares["high_potential"] <= 0.25
    assert 0.02 <= shares["to_qualify"] <= 0.06


def test_a_fifth_of_revenue_lies_dormant() -> None:
    """Dormant revenue is about 20 % of revenue, and nearly all of it lies with clients of potential."""
    scored = _classified(1)
    revenue = sum(money for money in scored.values["revenue"] if not math.isnan(money))
    dormant = sum(money for money in scored.values["dormant"] if not math.isnan(money))

    assert dormant / revenue == pytest.approx(0.20, abs=0.01)


def test_half_of_the_clients_bring_the_last_five_percent_and_a_fifth_of_the_work() -> None:
    """The method's finding, on the demo: 50 % of buyers, 5 % of revenue, 20 to 25 % of the hours."""
    rows = demo_rows(1)
    revenue, hours = HEADERS.index("Revenue"), HEADERS.index("Hours served")
    buyers = sorted((float(str(row[revenue])), float(str(row[hours] or 0))) for row in rows if row[revenue] is not None)
    total, last = sum(buyer[0] for buyer in buyers), 0
    while sum(buyer[0] for buyer in buyers[: last + 1]) <= 0.05 * total:
        last += 1

    assert last / len(buyers) == pytest.approx(0.5, abs=0.04)
    assert 0.19 <= sum(buyer[1] for buyer in buyers[:last]) / sum(buyer[1] for buyer in buyers) <= 0.25


def test_one_override_holds_and_one_has_expired() -> None:
    """The valid override replaces the rule's answer; the expired one is a problem and does not."""
    scored = _classified(1)
    codes = [problem.code for problems in scored.problems_by_row.values() for problem in problems]

    (row,) = scored.overrides
    assert scored.rule_category[row] != scored.category[row]
    assert codes == ["KX407"]


def test_second_quarter_is_the_same_portfolio_later() -> None:
    """One client has left, one has come, the others are the same clients with other figures."""
    first, second = ({row[0]: row for row in demo_rows(quarter)} for quarter in (1, 2))

    assert len(set(first) - set(second)) == len(set(second) - set(first)) == 1
    assert all(first[key][1] == second[key][1] for key in set(first) & set(second))
    assert sum(first[key] != second[key] for key in set(first) & set(second)) > 60


def test_unknown_quarter_is_refused() -> None:
    """There are two states of the portfolio and no more."""
    with pytest.raises(ValueError, match="quarters 1 and 2"):
        demo_rows(3)


@pytest.mark.parametrize("quarter", [1, 2])
def test_workbook_is_the_same_on_every_run(tmp_path: Path, quarter: int) -> None:
    """No clock and no chance: two runs give the same bytes."""
    first, second = (make_demo_workbook(tmp_path / f"{name}.xlsx", quarter=quarter).read_bytes() for name in "ab")
    assert first == second


def test_committed_workbook_is_the_one_that_the_code_makes(tmp_path: Path) -> None:
    """Part by part, since another zlib may compress the same content to other bytes."""
    made = make_demo_workbook(tmp_path / "demo.xlsx")
    with zipfile.ZipFile(ROOT / "workbook/demo.xlsx") as committed, zipfile.ZipFile(made) as fresh:
        assert committed.namelist() == fresh.namelist()
        assert [name for name in fresh.namelist() if committed.read(name) != fresh.read(name)] == []


def test_the_french_workbook_says_nothing_in_english(tmp_path: Path) -> None:
    """Titles, lists, comments, names and notes, too; formulas find the headers, one of which has an apostrophe."""
    with zipfile.ZipFile(make_demo_workbook(tmp_path / "clients.xlsx", language="fr")) as package:
        texts = {name: package.read(name).decode("utf-8") for name in package.namelist() if name.endswith(".xml")}
    whole = "\n".join(texts.values())
    words = set(HEADERS) - set(FRENCH_HEADERS) | {
        "Lists",
        "Sales",
        "Last 12",
        "unknown",
        "Who",
        "Back to",
        "partnership",
    }
    assert [word for word in sorted(words) if re.search(rf"[>\"]{re.escape(word)}\b", whole)] == []
    assert "SUMIFS(Clients[Chiffre d''affaires],Clients[Région]," in whole
    assert "COUNTIF(Clients[[#This Row],[Pièces usinées]:[Contrats de service]]" in whole
    assert '"lost"' not in whole and "perdu" in whole


@pytest.mark.parametrize("quarter", [1, 2])
def test_the_french_demo_is_the_same_portfolio(quarter: int) -> None:
    """Headers and answers in French: every client gets the same score, category and decision as in English."""
    rules = load_rules(ROOT / "rules/kam.yml")
    table = Table.from_rows(FRENCH_HEADERS, french_demo_rows(quarter))
    plan, problems = compile_plan(rules, table.headers, as_of=quarter_end(quarter))
    assert plan is not None and not problems
    english, french = _classified(quarter), runner("reference").run(plan, table)

    assert list(french.score) == pytest.approx(list(english.score), nan_ok=True)
    assert list(french.category) == list(english.category)
    decided = [{row: found.category for row, found in each.overrides.items()} for each in (english, french)]
    assert decided[0] == decided[1] != {}
    assert [problem.code for problem in french.problems] == [problem.code for problem in english.problems]


def test_the_french_demo_leaves_nothing_english() -> None:
    """No header and no answer of the English demo stands in the French one, but for names and words of both."""
    english, french = demo_rows(1), french_demo_rows(1)
    same = {"Client", "Transport", "Construction", "prospect", "local", "national", "international"}
    assert set(FRENCH_HEADERS) & set(HEADERS) <= same
    for index, header in enumerate(HEADERS):
        if header in ("Client ID", "Client", "Account manager", "Override by", "Region"):
            continue
        texts = {row[index] for row in english if isinstance(row[index], str)}
        assert texts & {row[index] for row in french} <= same, header
