"""Ten runs of `kamxl run` on one workbook, through what happens to a workbook in two years and a half."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from kamxl import app
from kamxl.app import Settings
from kamxl.history.log import read_history
from kamxl.history.records import History, is_change
from kamxl.hosts.files import FileHost
from tests.portfolios import RULES

HEADERS = ("Client", "Status", "Revenue", "Spend", "Fit")
START = dt.date(2024, 1, 31)
CLIENTS, RUNS = 40, 10


def write_book(path: Path, rows: list[list[Any]]) -> None:
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Clients")
    for number, row in enumerate([HEADERS, *rows]):
        sheet.write_row(number, 0, row)
    book.close()


def history_of(path: Path) -> History:
    history, problems = read_history(FileHost(path, path).read_sheet("KAM History"))
    assert not problems
    return history


def happen(path: Path, number: int, rng: random.Random) -> set[str]:
    """What people do between two runs; gives the clients whose revenue they changed."""
    book = openpyxl.load_workbook(path)
    sheet = book["Clients"]
    rows = {sheet.cell(row, 1).value: row for row in range(2, sheet.max_row + 1) if sheet.cell(row, 1).value}
    changed = set(rng.sample(sorted(rows), 3))
    for name in changed:
        sheet.cell(rows[name], 3).value = sheet.cell(rows[name], 3).value * 1.6 + 4000
    if number == 3:
        sheet.delete_rows(rows["Client 7"])
        changed -= {"Client 7"}
    if number == 4:
        sheet["A1"].value = "Compte"
    if number == 5:
        # A person writes on the first line of the log, and adds a column of their own.
        log = book["KAM History"]
        headers = [cell.value for cell in log[4]]
        log.cell(5, headers.index("Notes") + 1).value = "called in May"
    if number == 8:
        row = sheet.max_row + 1
        sheet.cell(row, 1).value, sheet.cell(row, 2).value = "Client 7", "active"
        sheet.cell(row, 3).value, sheet.cell(row, 4).value = 50_000, 60_000
    book.save(path)
    return changed


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    rules = tmp_path / "rules.yml"
    rules.write_text(RULES.replace("headers: [Client]", "headers: [Client, Compte]"), encoding="utf-8")
    return Settings(rules=rules)


def test_ten_runs_from_the_front_door(settings: Settings, tmp_path: Path) -> None:
    """Changed data, a renamed client column, a client that goes and comes back, other rules, notes in the log."""
    rng = random.Random(42)
    rows = [
        [f"Client {n}", "active", rng.randrange(1000, 99_000), rng.randrange(1000, 199_000), 5] for n in range(CLIENTS)
    ]
    write_book(tmp_path / "book.xlsx", rows)
    book = tmp_path / "book.kam.xlsx"
    app.run(FileHost(tmp_path / "book.xlsx", book), dataclasses.replace(settings, as_of=START))
    grown = [len(history_of(book).entries)]
    for number in range(1, RUNS):
        changed = happen(book, number, rng)
        if number == 6:
            assert settings.rules is not None
            text = settings.rules.read_text(encoding="utf-8").replace("history >= 60", "history >= 70")
            settings.rules.write_text(text, encoding="utf-8")
        day = START + dt.timedelta(days=91 * number)
        before = history_of(book)
        outcome = app.run(FileHost(book, book), dataclasses.replace(settings, as_of=day))
        after = history_of(book)
        assert after.entries[: len(before.entries)] == before.entries, "earlier lines stand as they were"
        added = {entry.client for entry in after.entries[len(before.entries) :]}
        assert changed <= added
        last = before.last_entries()
        for entry in after.entries[len(before.entries) :]:
            assert entry.event in ("gone", "back") or is_change(last[entry.client.casefold()], entry)
        if number not in (3, 6, 8):
            assert added == changed
        grown.append(len(after.entries))
        assert {"KAM Movement", "KAM History"} <= set(outcome.sheets)
    history = history_of(book)
    assert len(history.runs) == RUNS and grown[0] == CLIENTS
    assert grown[-1] - grown[0] < CLIENTS, f"{grown}: by changes, not by clients times runs"
    assert [entry.event for entry in history.entries if entry.client == "Client 7"][-2:] == ["gone", "back"]
    assert history.entries[0].note == "called in May"
    check_movement(book, history, outcome.scored)


def check_movement(book: Path, history: History, scored: Any) -> None:
    """The two matrices of counts add up to the clients of both ends; Trend and Previous agree with the history."""
    rows = FileHost(book, book).read_sheet("KAM Movement")
    starts = [at for at, row in enumerate(rows) if row and str(row[0]).startswith("Clients: from")]
    assert len(starts) == 2
    ends = [run.day for run in history.runs]
    for at, day in zip(starts, (ends[-2], ends[0]), strict=True):
        counts = [cell for row in rows[at + 1 : at + 5] for cell in row[1:5] if isinstance(cell, (int, float))]
        assert sum(counts) == len({*history.state(day), *history.state(ends[-1])})
    sheet = openpyxl.load_workbook(book)["Clients"]
    headers = [cell.value for cell in sheet[1]]
    previous = {row[0].value: row[headers.index("Previous category")].value for row in sheet.iter_rows(min_row=2)}
    labels = {rule.key: rule.label.text("en") for rule in scored.plan.rules.categories.all_rules}
    for client, told in previous.items():
        states = [entry.category for entry in history.entries if entry.client == client and entry.category]
        others = [category for category in states if category != states[-1]]
        assert (told or "").partition(" until ")[0] == (labels[others[-1]] if others else "")


def test_a_run_is_compared_with_the_day_that_somebody_asks_for(settings: Settings, tmp_path: Path) -> None:
    """Three runs; A moved between the first two, B between the last two: `--since` decides who shows as a mover."""
    states = ([80_000, 10_000], [10_000, 10_000], [10_000, 80_000])
    days = [START + dt.timedelta(days=100 * number) for number in range(3)]
    write_book(tmp_path / "book.xlsx", [["A", "active", 80_000, 90_000, 5], ["B", "active", 10_000, 90_000, 5]])
    book, source = tmp_path / "book.kam.xlsx", tmp_path / "book.xlsx"
    for day, revenues in zip(days, states, strict=True):
        if source == book:
            workbook = openpyxl.load_workbook(book)
            workbook["Clients"]["C2"].value, workbook["Clients"]["C3"].value = revenues
            workbook.save(book)
        app.run(FileHost(source, book), dataclasses.replace(settings, as_of=day))
        source = book

    def movers(since: dt.date | None) -> tuple[str, list[Any]]:
        own = dataclasses.replace(settings, as_of=days[2], since=since)
        app.dashboard(FileHost(book, tmp_path / "shown.xlsx"), own)
        host = FileHost(tmp_path / "shown.xlsx", tmp_path / "shown.xlsx")
        rows = [[cell for cell in row if cell is not None] for row in host.read_sheet("KAM Dashboard")]
        told = next(str(cell) for row in rows for cell in row if str(cell).startswith("Movers since"))
        names = [row[9] for row in host.read_sheet("KAM Dashboard") if len(row) > 9 and row[9] in ("A", "B")]
        heading = [row[0] for row in host.read_sheet("KAM Movement") if row and str(row[0]).startswith("From")]
        assert heading[0] == f"From {told.removeprefix('Movers since ')} to {days[2]}"
        return told, names

    assert movers(None) == (f"Movers since {days[1]}", ["B"])
    assert movers(days[1] + dt.timedelta(days=5)) == (f"Movers since {days[1]}", ["B"])
    assert movers(days[0]) == (f"Movers since {days[0]}", ["B", "A"])
    assert movers(dt.date(2001, 1, 1)) == (f"Movers since {days[0]}", ["B", "A"])


def test_a_table_that_was_emptied_does_not_make_everybody_leave(settings: Settings, tmp_path: Path) -> None:
    write_book(tmp_path / "book.xlsx", [["A", "active", 5000, 9000, 5], ["B", "active", 500, 9000, 5]])
    book = tmp_path / "book.kam.xlsx"
    app.run(FileHost(tmp_path / "book.xlsx", book), dataclasses.replace(settings, as_of=START))
    workbook = openpyxl.load_workbook(book)
    for row in workbook["Clients"]["A2:E3"]:
        for cell in row:
            cell.value = None
    workbook.save(book)
    later = dataclasses.replace(settings, as_of=START + dt.timedelta(days=30))
    outcome = app.run(FileHost(book, book), later)
    assert [each.message for each in outcome.problems if each.code == "KX509"] == [
        "the table holds no client any more: the run is not added to the history"
    ]
    assert [entry.event for entry in history_of(book).entries] == ["new", "new"]


def test_a_table_without_clients_has_no_history_and_no_complaint(settings: Settings, tmp_path: Path) -> None:
    write_book(tmp_path / "book.xlsx", [])
    outcome = app.run(FileHost(tmp_path / "book.xlsx", tmp_path / "book.kam.xlsx"), settings)
    assert not [each for each in outcome.problems if each.code == "KX509"]
