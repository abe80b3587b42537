"""A classified workbook that nobody touched agrees with its rules; a touched one names the cells."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from kamxl import __version__, app
from kamxl.hosts.memory import MemoryHost
from kamxl.problems import KamxlError, Severity
from kamxl.verify import verify
from tests.trust_rules import RULES, book, write_rules


def classified(folder: Path, **more: object) -> tuple[MemoryHost, app.Settings]:
    settings = app.Settings(rules=write_rules(folder), **more)  # type: ignore[arg-type]
    host = book()
    app.classify(host, settings)
    return host, settings


def cell(host: MemoryHost, client: str, header: str) -> tuple[list[object], int]:
    rows = host.sheets["Clients"]
    row = next(row for row in rows if row[0] == client)
    return row, rows[0].index(header)


def test_untouched_workbook_agrees(tmp_path: Path) -> None:
    """Right after a run there is nothing to tell, also with another day's clock."""
    host, settings = classified(tmp_path)
    found = verify(host, settings)
    assert found.agrees and found.same_rules and not found.problems
    assert found.stamp_written == found.stamp_now


def test_category_typed_over_is_named_with_its_cell(tmp_path: Path) -> None:
    """The score still agrees, so it is the result that was edited."""
    host, settings = classified(tmp_path)
    row, at = cell(host, "Delta", "Category")
    row[at] = "Loyal"
    found = verify(host, settings)
    assert not found.agrees and found.edited_results == (3,) and not found.edited_inputs
    (problem,) = found.problems
    assert problem.code == "KX511" and problem.severity is Severity.ERROR
    assert problem.message == "Category of client Delta is `Loyal`, and the rules give `Small`"
    assert problem.place.cell.endswith("5") and "Override" in problem.help


def test_input_changed_after_the_run_is_told_apart_from_a_typed_result(tmp_path: Path) -> None:
    """Another revenue gives another score: one problem for the row, on its score."""
    host, settings = classified(tmp_path)
    row, at = cell(host, "Delta", "Revenue")
    row[at] = 90000
    found = verify(host, settings)
    assert found.edited_inputs == (3,) and not found.edited_results
    assert [problem.message.split(" of ")[0] for problem in found.problems] == ["Score"]


def test_other_rules_are_named_with_both_stamps(tmp_path: Path) -> None:
    """A changed weight changes the stamp; differences are then warnings, not edits."""
    host, settings = classified(tmp_path)
    write_rules(tmp_path, RULES.replace("weight: 20 ", "weight: 90 "))
    found = verify(host, settings)
    assert not found.same_rules and not found.agrees
    assert found.stamp_written != found.stamp_now
    assert all(problem.severity is Severity.WARNING for problem in found.problems)


def test_processes_belong_to_the_stamp(tmp_path: Path) -> None:
    """An instruction that changed makes the sheets stale, and the stamp says so."""
    host, settings = classified(tmp_path)
    path = tmp_path / "processes.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("Visit", "Phone"), encoding="utf-8")
    assert not verify(host, settings).same_rules


def test_day_of_the_stamp_is_the_day_of_the_check(tmp_path: Path) -> None:
    """A workbook classified for a day in the past is verified for that day, not for today."""
    text = RULES.replace("as_of: 2026-09-30\n", "")
    settings = app.Settings(rules=write_rules(tmp_path, text), as_of=dt.date(2020, 1, 1))
    host = book()
    host.sheets["Clients"][1][3] = dt.date(2015, 6, 1)
    app.classify(host, settings)
    found = verify(host, app.Settings(rules=tmp_path / "rules.yml"))
    assert found.agrees, found.problems


def test_row_from_another_run_is_found_by_its_stamp(tmp_path: Path) -> None:
    """A row pasted from an older workbook carries the older stamp."""
    host, settings = classified(tmp_path)
    row, at = cell(host, "Beta", "Rules")
    row[at] = "Trust · 00000000 · 2025-01-01"
    found = verify(host, settings)
    assert found.foreign_rows == (1,) and not found.agrees


def test_workbook_that_was_never_classified_says_so(tmp_path: Path) -> None:
    """Nothing to verify is an error with a way out."""
    settings = app.Settings(rules=write_rules(tmp_path))
    with pytest.raises(KamxlError) as caught:
        verify(book(), settings)
    assert [problem.code for problem in caught.value.problems] == ["KX511"]


def test_a_score_typed_over_is_told_apart_from_a_changed_input(tmp_path: Path) -> None:
    """The families that the score is made of still agree, so the score itself was edited."""
    host, settings = classified(tmp_path)
    row, at = cell(host, "Delta", "Score")
    row[at] = 99
    found = verify(host, settings)
    assert found.edited_results == (3,) and not found.edited_inputs
    (problem,) = found.problems
    assert problem.help.startswith("it was typed over")


def test_the_language_is_that_of_the_workbook_and_not_that_of_who_looks(tmp_path: Path) -> None:
    """Classified in French with English rules: it agrees, without being told the language."""
    host, _ = classified(tmp_path, language="fr")
    assert cell(host, "Alpha", "Catégorie")[0][cell(host, "Alpha", "Catégorie")[1]] == "Fidèle"
    found = verify(host, app.Settings(rules=tmp_path / "rules.yml"))
    assert found.agrees, found.problems


def test_who_asks_in_another_language_gets_the_same_answer(tmp_path: Path) -> None:
    """Classified in English and verified in French: no row is called typed over for being in English."""
    host, settings = classified(tmp_path, language="en")
    found = verify(host, app.Settings(rules=settings.rules, language="fr"))
    assert found.agrees, found.problems


def test_a_row_that_was_added_since_is_not_called_typed_over(tmp_path: Path) -> None:
    """Its results are blank: nobody has classified it."""
    host, settings = classified(tmp_path)
    rows = host.sheets["Clients"]
    rows.append(["Eta", 50000, 5, None, *[None] * (len(rows[0]) - 4)])
    (problem,) = verify(host, settings).problems
    assert problem.message.startswith("Score of client Eta is blank")
    assert "not been classified yet" in problem.help


@pytest.mark.parametrize(("client", "typed", "right"), [("Zeta", "Loyal", "Small"), ("Alpha", "Small", "Loyal")])
def test_a_category_typed_over_does_not_hold_itself(tmp_path: Path, client: str, typed: str, right: str) -> None:
    """With a wide hold the typed category would be kept as last time's, and Why and Process be blamed instead."""
    text = RULES.replace("  need: {comp", "  hold: 50\n  need: {comp")
    settings = app.Settings(rules=write_rules(tmp_path, text))
    host = book()
    app.classify(host, settings)
    assert verify(host, settings).agrees
    row, at = cell(host, client, "Category")
    row[at] = typed
    found = verify(host, settings)
    assert [problem.message for problem in found.problems] == [
        f"Category of client {client} is `{typed}`, and the rules give `{right}`"
    ]


def test_a_client_held_by_the_run_before_agrees(tmp_path: Path) -> None:
    """Loyal in the first run, and kept by the hold in the second."""
    text = RULES.replace("  need: {comp", "  hold: 50\n  need: {comp")
    settings = app.Settings(rules=write_rules(tmp_path, text))
    host = book()
    app.classify(host, settings)
    row, at = cell(host, "Alpha", "Revenue")
    row[at] = 20000
    outcome = app.classify(host, settings)
    assert outcome.scored.held
    assert verify(host, settings).agrees


def test_another_version_of_kamxl_does_not_make_other_rules(tmp_path: Path) -> None:
    """The stamp names the version; the rules are the same all the same."""
    host, settings = classified(tmp_path)
    rows = host.sheets["Clients"]
    at = rows[0].index("Rules")
    for row in rows[1:]:
        row[at] = f"{str(row[at]).partition(' · kamxl ')[0]} · kamxl 0.0.1"
    assert verify(host, settings).agrees


def test_the_stamp_names_rules_version_hash_day_and_kamxl(tmp_path: Path) -> None:
    """`version:` of the rule file stands behind its name."""
    settings = app.Settings(rules=write_rules(tmp_path, RULES.replace("as_of:", "version: 2026.2\nas_of:")))
    host = book()
    app.classify(host, settings)
    row, at = cell(host, "Alpha", "Rules")
    assert re.fullmatch(rf"Trust 2026\.2 · [0-9a-f]{{8}} · 2026-09-30 · kamxl {re.escape(__version__)}", str(row[at]))


def test_a_row_that_can_no_longer_be_scored_says_why(tmp_path: Path) -> None:
    """A word in a money column: the reason is told, and not only that the score is another one."""
    host, settings = classified(tmp_path)
    row, at = cell(host, "Delta", "Revenue")
    row[at] = "plenty"
    (problem,) = verify(host, settings).problems
    assert problem.help.startswith("it cannot be computed any more: ")
    assert "plenty" in problem.help
