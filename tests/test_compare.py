"""What-if: who moves between which categories, with how much revenue; the sheet, the column, the command."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pytest

from kamxl import app
from kamxl.backends import runner
from kamxl.backends.column_pair import run_two
from kamxl.cli import run_command
from kamxl.compare import compare_plans
from kamxl.hosts.memory import MemoryHost
from kamxl.language.model import RuleSet
from kamxl.language.reader import read_rules_text
from kamxl.language.setting import set_value
from kamxl.plan import Plan, compile_plan
from kamxl.problems import KamxlError
from kamxl.table import Table
from kamxl.trust_phrases import TRUST_PHRASES
from kamxl.whatif import Question, robustness_texts, what_if
from tests.trust_rules import HEADERS, ROWS, RULES, book, write_rules

LOWER = ("categories.rules.loyal.when", "score >= 50")


def rules_of(text: str) -> RuleSet:
    rules, problems = read_rules_text(text)
    assert rules is not None, problems
    return rules


def plan_of(text: str) -> Plan:
    plan, problems = compile_plan(rules_of(text), HEADERS)
    assert plan is not None, problems
    return plan


def test_movers_are_sorted_by_revenue_and_the_matrix_counts_everybody(tmp_path: Path) -> None:
    """Gamma scores 56.7 and moves when the threshold falls to 50; Zeta scores 53.3 and follows with less revenue."""
    answer = what_if(book(), app.Settings(rules=write_rules(tmp_path)), Question(changes=(LOWER,)))
    found = answer.comparison
    assert found is not None
    assert [(m.client, m.old, m.new, m.revenue) for m in found.movers] == [
        ("Gamma", "small", "loyal", 55000.0),
        ("Zeta", "small", "loyal", 30000.0),
    ]
    assert found.moved_revenue == 85000.0
    assert found.client_count == len(ROWS)
    assert found.categories == ("loyal", "small", "to_qualify", "")
    assert found.clients == ((2, 0, 0, 0), (2, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 0))
    assert found.revenue[1] == (85000.0, 1000.0, 0.0, 0.0)


def test_score_changes_are_told_without_a_move() -> None:
    """A weight that moves scores and no category."""
    texts = (RULES, set_value(RULES, "families.profile.weight", "21"))
    found = compare_plans((plan_of(texts[0]), plan_of(texts[1])), Table.from_rows(HEADERS, ROWS)).as_dict()
    assert found["moved"] == 0 and found["scores_changed"] > 0
    assert found["largest_rise"] > 0


def test_categories_that_only_one_rule_set_has_are_in_the_matrix() -> None:
    """A renamed category is another one: clients move from the old name to the new one."""
    renamed = RULES.replace("    small: {otherwise", "    minor: {otherwise")
    renamed = renamed.replace("label: {en: Small, fr: Petit}, ", "")
    found = compare_plans((plan_of(RULES), plan_of(renamed)), Table.from_rows(HEADERS, ROWS))
    assert found.categories == ("loyal", "minor", "to_qualify", "small", "")
    assert {(mover.old, mover.new) for mover in found.movers} == {("small", "minor")}
    assert (found.label("minor", "fr"), found.label("small", "fr")) == ("Minor", "Petit")


def test_two_runs_that_share_their_cells_equal_two_runs() -> None:
    """Reading cells once changes nothing: faults, missing answers and choices included."""
    dice = random.Random(4)
    rows = [
        [f"C{i}", dice.choice([None, "#N/A", "many", "1 200", 5000 * i]), dice.choice([3, 9, 12, None]), None]
        for i in range(300)
    ]
    table = Table.from_rows(HEADERS, rows)
    plans = plan_of(RULES), plan_of(set_value(RULES, "families.history.criteria.revenue.weight", "9"))
    for plan, shared in zip(plans, run_two(plans, table), strict=True):
        alone = runner("reference").run(plan, table)
        assert list(shared.category) == list(alone.category)
        assert shared.problems_by_row == alone.problems_by_row
        assert [s for s in shared.score if s == s] == [s for s in alone.score if s == s]


def test_last_times_category_is_held_in_both_runs(tmp_path: Path) -> None:
    """A client that is loyal only by the hold is not said to move."""
    text = RULES.replace("  need:", "  hold: 5\n  need:")
    settings = app.Settings(rules=write_rules(tmp_path, text))
    host = book()
    app.classify(host, settings)
    rows = host.sheets["Clients"]
    rows[3][rows[0].index("Category")] = "Loyal"
    answer = what_if(host, settings, Question(changes=(("families.profile.weight", "21"),)))
    assert answer.comparison is not None
    assert answer.comparison.clients[0][0] == 3 and not answer.comparison.movers


def test_setting_a_value_keeps_every_other_character() -> None:
    """Comments, blanks and order stay; only the value changes."""
    changed = set_value(RULES, "families.profile.weight", "50%")
    assert changed == RULES.replace("weight: 20   # a light family", "weight: 50%   # a light family")
    quoted = set_value(RULES, "categories.rules.loyal.when", "score >= 60 and client in [Alpha, Beta]")
    rule = rules_of(quoted).categories.rules[0]
    assert rule.when is not None and rule.when.text.endswith("[Alpha, Beta]")
    assert set_value(quoted, "categories.rules.loyal.when", "score >= 60") == RULES
    assert "score: 90," in set_value(RULES, "expect.1.score", "90")


@pytest.mark.parametrize(
    ("path", "message", "hint"),
    [
        ("families.histroy.weight", "there is no key `histroy` in `families`", "did you mean `history`?"),
        ("families.history", "`families.history` is no single value", "`weight`"),
        ("expect.4.score", "`expect` has no item `4`", "items are 1 to 1"),
    ],
)
def test_path_that_leads_nowhere_is_a_problem_with_the_nearest_key(path: str, message: str, hint: str) -> None:
    """A typo in --set is met like a typo in the file."""
    with pytest.raises(KamxlError) as caught:
        set_value(RULES, path, "1")
    (problem,) = caught.value.problems
    assert problem.message == message and hint in problem.help


def test_value_that_the_reader_refuses_is_shown_as_it_would_stand_in_the_file(tmp_path: Path) -> None:
    """Nothing runs with rules that are wrong."""
    with pytest.raises(KamxlError) as caught:
        what_if(book(), app.Settings(rules=write_rules(tmp_path)), Question(changes=(("scale", "ten"),)))
    assert caught.value.problems[0].code in ("KX102", "KX103")
    with pytest.raises(KamxlError) as caught:
        change = ("families.profile.weight", "heavy")
        what_if(book(), app.Settings(rules=write_rules(tmp_path)), Question(changes=(change,)))
    assert "weight: heavy" in caught.value.problems[0].source_line


def test_new_rules_that_a_run_would_refuse_are_not_compared(tmp_path: Path) -> None:
    """A condition that no client can meet is shown as it would stand in the file."""
    change = ("categories.rules.loyal.when", "score > 60 and score < 50")
    with pytest.raises(KamxlError) as caught:
        what_if(book(), app.Settings(rules=write_rules(tmp_path)), Question(changes=(change,)))
    assert [problem.code for problem in caught.value.problems] == ["KX208"]
    assert "score > 60 and score < 50" in caught.value.problems[0].source_line


@pytest.mark.parametrize("language", ["en", "fr"])
def test_sheet_and_robustness_column_are_written_and_written_again(tmp_path: Path, language: str) -> None:
    """The sheet has matrix and movers in the language; a second time the column is found again."""
    settings = app.Settings(rules=write_rules(tmp_path), language=language)
    host, question = book(), Question(changes=(LOWER,), sensitivity=0.2, sheet=True)
    for _ in range(2):
        what_if(host, settings, question)
    at = ("en", "fr").index(language)
    grid = host.grids[TRUST_PHRASES["whatif_sheet"][at]]
    texts = [cell.value for row in grid.rows for cell in row if cell is not None]
    assert TRUST_PHRASES["whatif_title"][at] in texts and "Gamma" in texts
    headers = host.sheets["Clients"][0]
    assert headers.count(TRUST_PHRASES["robustness"][at]) == 1
    column = [row[headers.index(TRUST_PHRASES["robustness"][at])] for row in host.sheets["Clients"][1:]]
    assert column[4] is None, "Epsilon has no score"
    assert "20" in str(column[0])


def test_robustness_names_the_weight_and_the_category_that_it_leads_to(tmp_path: Path) -> None:
    """Beta has 60 in both families, so no weight moves it; Zeta is moved by the weight of the history."""
    text = RULES.replace("score >= 60", "score >= 55")
    answer = what_if(book(), app.Settings(rules=write_rules(tmp_path, text)), Question(sensitivity=0.2))
    assert answer.comparison is None and answer.sensitivity is not None
    said = robustness_texts(answer.scored, answer.sensitivity, "en")
    assert said[1] == "stays, whichever weight moves by ±20%"
    assert said[5] == "−10% of the weight of History: Loyal"
    assert answer.sensitivity.fragile_count == sum("of the weight" in text for text in said)


def workbook(folder: Path) -> Path:
    path = folder / "clients.csv"
    lines = [",".join("" if cell is None else str(cell) for cell in row) for row in (HEADERS, *ROWS)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_command_compares_two_rule_files_and_prints_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Old and new rules by -r -r; the JSON has matrix and movers."""
    old = write_rules(tmp_path)
    new = write_rules(tmp_path, set_value(RULES, *LOWER), "new.yml")
    assert run_command(["compare", str(workbook(tmp_path)), "-r", str(old), "-r", str(new), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["comparison"]
    assert found["moved"] == 2 and found["moved_revenue"] == 85000


def test_command_writes_the_sheet_and_verify_reads_the_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """compare -o writes a workbook; run and verify agree with each other on the command line."""
    rules, source = write_rules(tmp_path), workbook(tmp_path)
    target = tmp_path / "out.xlsx"
    arguments = ["--set", "=".join(LOWER), "--sensitivity", "20%", "-r", str(rules), "-o", str(target)]
    assert run_command(["compare", str(source), *arguments]) == 0
    assert target.exists() and "Gamma" in capsys.readouterr().out
    again = tmp_path / "again.xlsx"
    assert run_command(["classify", str(source), "-r", str(rules), "-o", str(again), "--quiet"]) == 0
    assert run_command(["verify", str(again), "-r", str(rules)]) == 0
    assert "All 6 rows agree" in capsys.readouterr().out
    french = ["-r", str(rules), "--language", "fr"]
    assert run_command(["classify", str(source), *french, "-o", str(again), "--quiet"]) == 0
    assert run_command(["verify", str(again), *french]) == 0
    assert "Les 6 lignes s'accordent toutes avec les règles.\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "nothing to compare with"),
        (["--set", "weight"], "`weight` is not a change"),
        (["--sensitivity", "much"], "is not a range of weights"),
        (["-r", "a", "-r", "b", "-r", "c"], "two rule files are compared, not 3"),
        (["-r", "a.yml", "--set", "scale=5"], "cannot be read"),
    ],
)
def test_command_used_wrongly_says_what_to_write(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    """Every wrong use is one problem, exit code 1, nothing written."""
    assert run_command(["compare", str(workbook(tmp_path)), *arguments]) == 1
    assert words in capsys.readouterr().err


def test_every_phrase_is_there_in_both_languages() -> None:
    """No empty translation, and the same parts to fill in."""
    for key, (english, french) in TRUST_PHRASES.items():
        assert english and french, key
        assert sorted(part for part in english.split("{")[1:]) != [] or "{" not in french, key


def test_memory_host_without_clients_is_a_problem() -> None:
    """A workbook without a client table ends as everywhere else."""
    with pytest.raises(KamxlError) as caught:
        what_if(MemoryHost({"Empty": []}), app.Settings(), Question(changes=(LOWER,)))
    assert caught.value.problems[0].code == "KX303"


def test_the_sheet_tells_names_what_is_missing_for_the_old_category_and_how_scores_change(tmp_path: Path) -> None:
    """A client is called by its name; why it moves begins with the one condition that it no longer meets."""
    named = RULES.replace(
        "  revenue: {headers", "  label: {headers: [Name], kind: text, role: name}\n  revenue: {headers"
    )
    old = write_rules(tmp_path, named)
    new = write_rules(tmp_path, named.replace("score >= 60", "score >= 70"), "new.yml")
    host = book()
    for row, name in zip(host.sheets["Clients"], ["Name", *"ABCDEF"], strict=True):
        row.append(name)
    answer = what_if(host, app.Settings(rules=old), Question(new_rules=new, sheet=True))
    texts = [str(cell.value) for row in host.grids["KAM What-if"].rows for cell in row if cell is not None]
    assert answer.comparison is not None
    mover = answer.comparison.movers[0]
    assert f"{mover.name} ({mover.client})" in texts
    assert any(re.match(r"Nearly Loyal: score [0-9.]+, ≥ 70 is needed\. ", text) for text in texts), texts
    assert "No score changes." in texts


def test_rules_are_called_as_their_stamp_would_call_them(tmp_path: Path) -> None:
    """The name of the old rules in a comparison is what stands in the workbook that they classified."""
    old = write_rules(tmp_path, RULES)
    host = book()
    outcome = app.classify(host, app.Settings(rules=old))
    answer = what_if(host, app.Settings(rules=old), Question(changes=(("families.history.weight", "50"),)))
    assert answer.text.old == outcome.stamp.rules
    assert answer.text.new != outcome.stamp.rules


def test_a_comparison_in_another_language_takes_the_place_of_the_first(tmp_path: Path) -> None:
    """KAM What-if and KAM Simulation are one sheet."""
    rules, host = write_rules(tmp_path, RULES), book()
    for language in ("en", "fr"):
        question = Question(changes=(LOWER,), sheet=True)
        what_if(host, app.Settings(rules=rules, language=language), question)
    assert [name for name in host.grids if name.startswith("KAM")] == ["KAM Simulation"]


def test_json_lists_every_score_that_changes_by_revenue(tmp_path: Path) -> None:
    """Clients who stay in their category are there, too; those whose score stays are not."""
    question = Question(changes=(("families.profile.weight", "60"),))
    answer = what_if(book(), app.Settings(rules=write_rules(tmp_path, RULES)), question)
    comparison = answer.as_dict()["comparison"]
    found = comparison["score_changes"]
    assert len(found) == comparison["scores_changed"] > len(comparison["movers"])
    revenues = [one["revenue"] for one in found]
    assert revenues == sorted(revenues, reverse=True)
    assert all(abs(one["new_score"] - one["old_score"]) > 1e-9 for one in found)
