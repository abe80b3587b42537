"""The main job from the front door: a workbook in, a classified workbook with department sheets out."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from kamxl.cli import run_command
from kamxl.hosts.files import FileHost
from kamxl.ooxml import ColumnWrite, Workbook
from kamxl.shipped import shipped
from tests.shared import shared_dir


@pytest.fixture(scope="module")
def classified(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo workbook, run once."""
    folder = tmp_path_factory.mktemp("run")
    shutil.copy(shipped("workbook", "demo.xlsx"), folder / "demo.xlsx")
    assert run_command(["run", str(folder / "demo.xlsx"), "--quiet", "--as-of", "2026-11-23"]) == 0
    return folder / "demo.kam.xlsx"


def cells(path: Path, sheet: str) -> list[list[object]]:
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet).to_python(skip_empty_area=False)


def header_row(rows: list[list[object]], header: str) -> int:
    return next(index for index, row in enumerate(rows) if header in row)


def test_results_stand_beside_the_clients(classified: Path) -> None:
    """Score, families, category, process, completeness, dormant, why, next step and rules stand beside the table."""
    rows = cells(classified, "Clients")
    headers = rows[header_row(rows, "Score")]
    wanted = ["Score", "Profile", "History", "Potential", "Category", "Category by rules", "Process", "Completeness",
              "Dormant revenue", "Why", "Next step", "Rules"]  # fmt: skip
    start = headers.index("Score")
    assert [header for header in headers[start:] if header in wanted] == wanted
    categories = [row[headers.index("Category")] for row in rows[header_row(rows, "Score") + 1 :]]
    assert set(categories) == {"Loyal", "High potential", "Small without potential", "To qualify"}
    assert len(categories) == 120


def test_every_department_has_its_sheet(classified: Path) -> None:
    """Seven department sheets and the dashboard stand behind the user's own sheets."""
    names = CalamineWorkbook.from_path(str(classified)).sheet_names
    assert names[0] == "Clients"
    for name in ("KAM Dashboard", "KAM Sales", "KAM Quotes", "KAM Production", "KAM Finance"):
        assert name in names


def test_nothing_of_the_users_is_lost(classified: Path) -> None:
    """Every part of the user's workbook is still there; parts that were not asked for are the same bytes."""
    with zipfile.ZipFile(shipped("workbook", "demo.xlsx")) as before, zipfile.ZipFile(classified) as after:
        names = set(after.namelist())
        assert set(before.namelist()) <= names
        same = [name for name in before.namelist() if before.read(name) == after.read(name)]
        assert any("chart" in name for name in same)
    original = cells(shipped("workbook", "demo.xlsx"), "Clients")
    written = cells(classified, "Clients")
    for old, new in zip(original, written, strict=True):
        assert new[: len(old)] == old


def test_a_second_run_changes_nothing(classified: Path, tmp_path: Path) -> None:
    """Running twice gives the same bytes."""
    again = shutil.copy(classified, tmp_path / "again.xlsx")
    assert run_command(["run", str(again), "--in-place", "--quiet", "--as-of", "2026-11-23"]) == 0
    first, second = zipfile.ZipFile(classified), zipfile.ZipFile(tmp_path / "again.xlsx")
    assert set(first.namelist()) == set(second.namelist())
    changed = [name for name in first.namelist() if first.read(name) != second.read(name)]
    assert changed == []


def test_what_people_typed_survives(classified: Path, tmp_path: Path) -> None:
    """Done and Notes in a department sheet survive the next run, matched by client, also in another language."""
    rows = cells(classified, "KAM Sales")
    at = header_row(rows, "Notes")
    column, done = rows[at].index("Notes"), rows[at].index("Done")
    client = rows[at + 1][0]
    end = next(index for index in range(at + 1, len(rows) + 1) if index == len(rows) or not rows[index][0])
    blanks: list[object] = [None] * (end - at - 2)
    book = Workbook.open(classified)
    typed = [
        ColumnWrite(done + 1, "Done", ["x", *blanks], overwrite=True),
        ColumnWrite(column + 1, "Notes", ["Call Ms. Roy in May", *blanks], overwrite=True),
    ]
    book.write_columns("KAM Sales", at + 1, at + 2, typed)
    target = tmp_path / "noted.xlsx"
    book.save(target)
    assert run_command(["run", str(target), "--in-place", "--quiet", "--as-of", "2026-11-23", "--language", "fr"]) == 0
    later = cells(target, "KAM Ventes")
    found = [row for row in later if row and row[0] == client and "Call Ms. Roy in May" in row]
    assert found
    assert "KAM Sales" not in CalamineWorkbook.from_path(str(target)).sheet_names


def test_the_result_opens_elsewhere(classified: Path) -> None:
    """openpyxl reads the result too; no cell of kamxl's is a formula made of a client's text."""
    book = openpyxl.load_workbook(classified)
    assert book["Clients"].max_row >= 120


def test_real_resellers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The reseller table of others: 701 clients, each with a score or a reason, as a workbook with sheets."""
    source = shared_dir() / "data" / "adventureworks_reseller" / "reseller_accounts_derived.csv"
    rules = str(shipped("rules", "examples", "resellers.yml"))
    target = tmp_path / "resellers.xlsx"
    assert run_command(["run", str(source), "-r", rules, "-o", str(target), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["clients"] == 701
    assert told["prospects"] == 69
    rows = cells(target, "Clients")
    headers = rows[0]
    assert all(row[headers.index("Why")] for row in rows[1:])
    assert sum(1 for row in rows[1:] if row[headers.index("revenue")] == "") == 69


def test_the_summary_speaks_the_language_of_the_sheets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In French no English word is left; a path with blanks is quoted in the command that is offered."""
    target = tmp_path / "mes clients.xlsx"
    assert run_command(["demo", "-o", str(target), "--language", "fr"]) == 0
    told = capsys.readouterr().out
    for words in ("Clients :", "120 lignes", "prospects : 14", "Règles :", "Feuilles :", "Résultat :", "Ensuite :"):
        assert words in told, told
    assert "Dérogations appliquées : 1, non appliquées : 1" in told
    assert f'kamxl explain "{target}" "C-1115"' in told
    assert not any(words in told for words in ("Result", "Sheets", "Next", "applied", "rows"))


def test_columns_that_the_table_lacks_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody whose headers the rules do not know reads which ones are missing, and not only the consequences."""
    table = tmp_path / "few.csv"
    table.write_text("Client;Revenue;Employees\nA;1000;50\nB;200000;300\n", encoding="utf-8")
    run_command(["run", str(table), "-o", str(tmp_path / "few.xlsx")])
    told = capsys.readouterr().out
    assert "Not there: Status, Market" in told and "Employees" not in told.split("Not there:")[1].split("\n")[0]
    run_command(["run", str(table), "-o", str(tmp_path / "few.xlsx"), "--language", "fr", "--json"])
    assert "Marché" in json.loads(capsys.readouterr().out)["absent_columns"]
    run_command(["demo", "-o", str(tmp_path / "demo.xlsx")])
    assert "Not there" not in capsys.readouterr().out


@pytest.mark.filterwarnings("error")
def test_amounts_beyond_any_sum(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two revenues whose sum is no number: the run ends well, and no share of them is told."""
    table = tmp_path / "huge.csv"
    table.write_text("Client;Revenue;Employees\nA;1e308;50\nB;1.7e308;300\nC;500;20\n", encoding="utf-8")
    assert run_command(["run", str(table), "-o", str(tmp_path / "huge.xlsx")]) == 0
    assert "mistake" not in capsys.readouterr().err


def test_demo_and_init_and_explain(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """demo, init and explain do what the README says, and init writes nothing over."""
    assert run_command(["demo", "-o", str(tmp_path / "demo.kam.xlsx")]) == 0
    assert "Result:" in capsys.readouterr().out
    folder = tmp_path / "mine"
    assert run_command(["init", str(folder)]) == 0
    assert run_command(["init", str(folder)]) == 1
    assert run_command(["check", str(folder / "rules" / "kam.yml"), "--quiet"]) == 0
    assert run_command(["run", str(folder / "clients.xlsx"), "-r", str(folder / "rules" / "kam.yml"), "--quiet"]) == 0
    host = FileHost(folder / "clients.kam.xlsx", folder / "x.xlsx")
    client = str(host.read_tables({"client id"})[0].columns[0][0])
    capsys.readouterr()
    assert run_command(["explain", str(folder / "clients.kam.xlsx"), client, "--language", "fr"]) == 0
    assert "Pourquoi" in capsys.readouterr().out


def test_init_in_french_is_french(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A French starter workbook and rules that speak French: the run finds the same categories, without an option."""
    for language in ("en", "fr"):
        folder = tmp_path / f"dossier {language}"
        assert run_command(["init", str(folder), "--language", language]) == 0
        capsys.readouterr()
        rules = ["-r", str(folder / "rules" / "kam.yml")]
        assert run_command(["run", str(folder / "clients.xlsx"), *rules, "--as-of", "2026-09-30", "--quiet"]) == 0
        assert run_command(["check", rules[1], "--quiet"]) == 0
    english = cells(tmp_path / "dossier en" / "clients.kam.xlsx", "Clients")
    french = cells(tmp_path / "dossier fr" / "clients.kam.xlsx", "Clients")
    score, note = english[3].index("Score"), french[3].index("Note")
    assert [row[score] for row in english[4:]] == [row[note] for row in french[4:]]
    assert "Chiffre d'affaires" in french[3] and "Fidèle" in {row[french[3].index("Catégorie")] for row in french[4:]}
    capsys.readouterr()
    assert run_command(["init", str(tmp_path / "autre lieu"), "--language", "fr"]) == 0
    told = capsys.readouterr().out
    assert "Ensuite" in told and f'"{tmp_path / "autre lieu" / "clients.xlsx"}"' in told and "Next" not in told


def test_other_commands_end_in_french_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """formulas, rules-from, dashboard --html, publish and collect under French rules: the last line is French."""
    assert run_command(["init", str(tmp_path / "mes règles"), "--language", "fr"]) == 0
    monkeypatch.chdir(tmp_path / "mes règles")
    for line, words in (
        ("formulas clients.xlsx -o live.xlsx -r rules/kam.yml", "colonnes vives"),
        ("formulas live.xlsx -o still.xlsx -r rules/kam.yml --remove", "de nouveau des valeurs"),
        ("rules-from live.xlsx -r rules/kam.yml", "rien à rapporter"),
        ("dashboard clients.xlsx --html page.html -r rules/kam.yml", "Résultat :"),
        ("run clients.xlsx -r rules/kam.yml", "Résultat :"),
        ("publish clients.kam.xlsx -d Ventes --to copies -r rules/kam.yml", "clients.sales.xlsx"),
        ("collect clients.kam.xlsx copies/clients.sales.xlsx -o back.xlsx -r rules/kam.yml", "rien à fusionner"),
    ):
        capsys.readouterr()
        assert run_command(line.split()) == 0, line
        told = capsys.readouterr().out
        assert words in told and not re.search(r"\b(Result|saved|live|nothing|hold)\b(?!\.)", told), told


def test_revenue_that_nobody_has_is_no_zero_on_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A list of names has no column of revenue in the summary; a negative total has no shares."""
    from kamxl.cli import run_command

    source = tmp_path / "list.csv"
    source.write_text("Client,Status,Revenue\nAcme,active,\nBeta,active,\n", encoding="utf-8")
    assert run_command(["run", str(source), "-o", str(tmp_path / "out.xlsx")]) == 0
    assert "Revenue" not in capsys.readouterr().out.partition("Clients:")[0]
    source.write_text("Client,Status,Revenue\nAcme,active,-5\nBeta,active,-6\n", encoding="utf-8")
    assert run_command(["run", str(source), "-o", str(tmp_path / "out.xlsx")]) == 0
    shown = capsys.readouterr().out.partition("Clients:")[0]
    assert "-11" in shown and "%" not in shown
