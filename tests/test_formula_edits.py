"""A manager's edits on the sheet KAM Rules: what is changed is said, and scores follow as the rule file would."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

import pytest

from kamxl.backends.formula import LiveBook
from kamxl.backends.formula_layout import RulesLayout, Setting
from kamxl.backends.formula_sheet import AS_OF_PLACE
from kamxl.hosts.files import FileHost
from kamxl.language.model import RuleSet
from kamxl.language.reader import read_rules_text
from kamxl.rules_from import bring_back
from tests.formula_books import ENGINES, Block, differences, live_book, write_book
from tests.formula_rules import HEADERS, random_rows, random_rules

SHEET_INDEX = 1
Edits = dict[tuple[int, int], object]

SMALL = """
kamxl: 1
name: Small
as_of: 2026-06-30
columns: {size: {}, market: {kind: text}, since: {kind: date}, growth: {kind: percent}}
families:
  one:
    weight: 60%
    at_most: 90
    criteria:
      size: {weight: 2, bands: {under 20: 0, 20 to 100: 5, 100 and over: 10}}
      market: {weight: 1, values: {Food: 10, Steel: 4}, other: 2}
  two:
    weight: 40%
    criteria:
      growth: {weight: 1, target: {ideal: 10%, none_beyond: 20%}}
      age: {of: days_since(since), weight: 1, curve: {0: 10, 365: 0}}
categories:
  need: {completeness: 50%, else: unknown}
  rules: {top: {when: one >= 50, label: Top}, rest: {otherwise: true}}
"""
SMALL_HEADERS = ("size", "market", "since", "growth")
SMALL_ROWS = [[50, "food", dt.date(2026, 1, 1), 0.1], [None, None, dt.date(2026, 5, 1), None]]


def _rules(text: str) -> RuleSet:
    rules, problems = read_rules_text(text)
    assert rules is not None, problems
    return rules


def _typed(setting: Setting, chance: random.Random) -> object:
    """What a manager may type into a cell."""
    number = setting.value if isinstance(setting.value, float) else 0.0
    match setting.what:
        case "policy":
            policies = [1.5, 0] if setting.path[-1] == "other" else ["zero", "skip", "error", 2.5, 0, "Zero", " SKIP "]
            return chance.choice(policies)
        case "edge" | "x":
            return number + chance.choice([0.001, -0.001])
        case "threshold":
            return number + chance.choice([-5, 5, 1.5])
        case "point":
            return round(chance.uniform(0, 5), 1)
    if setting.path[-1] in ("yes", "no"):
        return max(0.0, number - 0.5)
    fixed: dict[str, list[float]] = {
        "weight": [1, 2, 3.5, 0.5],
        "none_beyond": [number * 2],
        "completeness": [0.2, 0.6],
        "at_most": [70, 90],
    }
    return chance.choice(fixed.get(setting.path[-1], [number + 1]))


@pytest.mark.parametrize(("engine", "seeds"), [("ironcalc", range(14)), ("formualizer", range(14, 20))])
def test_random_edits_give_the_scores_of_the_changed_file(engine: str, seeds: range, tmp_path: Path) -> None:
    """Up to six cells of random rules changed: every live column equals the reference with the brought-back rules."""
    pytest.importorskip(engine)
    path, file = tmp_path / "book.xlsx", tmp_path / "rules.yml"
    for seed in seeds:
        text, rows, chance = random_rules(seed), random_rows(seed, 25), random.Random(seed)
        book = live_book(_rules(text), HEADERS, rows, table=False)
        settings = chance.sample(book.layout.settings, min(len(book.layout.settings), chance.randint(1, 6)))
        write_book(book, path, edits={(s.row, s.column): _typed(s, chance) for s in settings})
        file.write_text(text, encoding="utf-8")
        brought = bring_back(FileHost(path, path), file)
        wanted = live_book(_rules(brought.text), HEADERS, rows, table=False)
        count, found = differences(wanted, path, engine)

        assert [problem.message for problem in brought.problems if problem.severity.word == "error"] == []
        assert count > 100
        # The badge says EDITED, which the new rules themselves would not.
        assert [difference for difference in found if difference.column != "status"] == [], seed


def _place(layout: RulesLayout, *path: str, value: object = None) -> tuple[int, int]:
    for setting in layout.settings:
        if setting.path[-len(path) :] == path and value in (None, setting.value):
            return setting.row, setting.column
    raise AssertionError(path)


def _word(layout: RulesLayout, text: str) -> tuple[int, int]:
    for row in layout.copied:
        for column, cell in enumerate(layout.grid.rows[row][:5]):
            if cell is not None and cell.value == text:
                return row, column
    raise AssertionError(text)


def _told(book: LiveBook, path: Path, edits: Edits) -> tuple[object, object, list[object]]:
    """(badge, checks, note of each edited line) as an engine calculates them."""
    write_book(book, path, edits=edits)
    last = len(book.layout.grid.rows)
    found = ENGINES["ironcalc"](path, Block("KAM Rules", SHEET_INDEX, 1, last, 1, 7))
    return found[2][2], found[3][2], [found[row][6] for row, _ in edits]


@pytest.mark.parametrize(
    ("path", "typed", "said"),
    [
        (("size", "weight"), 3.0, "changed"),
        (("size", "weight"), -1.0, "a weight cannot be negative"),
        (("size", "weight"), "much", "a number is missing here"),
        (("size", "weight"), None, "a number is missing here"),
        (("one", "weight"), 0.7, "changed"),
        (("two", "weight"), 0.7, "the weights do not add up to 100 %"),
        (("one", "at_most"), 120.0, "a cap lies above 0 and up to 100"),
        (("size", "missing"), "zero", "changed"),
        (("size", "missing"), "zéro", "write skip, zero, error or points"),
        (("size", "missing"), None, "write skip, zero, error or points"),
        (("size", "missing"), 11.0, "points run from 0 to 10"),
        (("market", "other"), "none", "write points, or leave it empty"),
        (("market", "other"), None, "changed"),
        (("market", "values"), 12.0, "points run from 0 to 10"),
        (("target", "none_beyond"), 0.0, "a number above 0 is needed here"),
        (("need", "completeness"), 50.0, "a share runs from 0 % to 100 %"),
    ],
)
def test_the_sheet_says_what_is_wrong_with_a_cell(
    path: tuple[str, ...], typed: object, said: str, tmp_path: Path
) -> None:
    """Column G names the slip, the badge says EDITED, and the checks send to column G unless it is a mere change."""
    pytest.importorskip("ironcalc")
    book = live_book(_rules(SMALL), SMALL_HEADERS, SMALL_ROWS, table=False)
    badge, checks, notes = _told(book, tmp_path / "book.xlsx", {_place(book.layout, *path): typed})

    assert notes == [said]
    assert badge == "EDITED"
    other_line = path == ("one", "weight")
    assert checks == ("all well" if said == "changed" and not other_line else "correct the lines marked in column G")


@pytest.mark.parametrize("word", ("Food", "Top"))
def test_words_that_are_typed_over_are_told_and_not_lost(word: str, tmp_path: Path) -> None:
    """A listed value or the name of a category: the badge says EDITED, `rules-from` names the cell."""
    pytest.importorskip("ironcalc")
    book = live_book(_rules(SMALL), SMALL_HEADERS, SMALL_ROWS, table=False)
    path, file = tmp_path / "book.xlsx", tmp_path / "rules.yml"
    badge, _, notes = _told(book, path, {_word(book.layout, word): "Another"})
    file.write_text(SMALL, encoding="utf-8")
    brought = bring_back(FileHost(path, path), file)

    assert (badge, notes) == ("EDITED", ["changed"])
    assert [problem.message for problem in brought.problems] == [f"`{word}` is not changed from here"]


def test_the_day_is_brought_back_where_the_rules_name_one(tmp_path: Path) -> None:
    """A new as-of date changes `as_of:`, and nothing else."""
    book = live_book(_rules(SMALL), SMALL_HEADERS, SMALL_ROWS, table=False)
    path, file = tmp_path / "book.xlsx", tmp_path / "rules.yml"
    write_book(book, path, edits={AS_OF_PLACE: dt.date(2026, 12, 31)})
    file.write_text(SMALL, encoding="utf-8")
    brought = bring_back(FileHost(path, path), file)

    assert "+as_of: 2026-12-31\n" in brought.diff
    assert (brought.count, brought.problems) == (1, ())


def test_a_word_that_is_no_policy_leaves_clients_unscored(tmp_path: Path) -> None:
    """`zéro` typed for zero: the client with a missing answer gets no score, and Check says why."""
    pytest.importorskip("ironcalc")
    book = live_book(_rules(SMALL), SMALL_HEADERS, SMALL_ROWS, table=False)
    path = tmp_path / "book.xlsx"
    write_book(book, path, edits={_place(book.layout, "size", "missing"): "zéro"})
    start = len(SMALL_HEADERS) + 1
    found = ENGINES["ironcalc"](path, Block("Clients", 0, 2, 3, start, start + len(book.columns) - 1))
    keys = [column.key for column in book.columns]

    assert found[1][keys.index("score")] == ""
    assert found[1][keys.index("check")] == "KX405 Size; "
    assert found[0][keys.index("score")] == pytest.approx(float(str(book.results.by_key("score")[0])))
