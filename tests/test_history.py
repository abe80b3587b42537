"""History: it grows by changes, survives what happens to a workbook over years, and says what it cannot conclude."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import random
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from kamxl.backends import Scored
from kamxl.history.growth import (
    growth_limits,
    measure_growth,
    measure_movement,
    measure_trends,
    migrate,
    months_between,
)
from kamxl.history.log import FORMAT, history_grid, read_history
from kamxl.history.records import History, current_entries, record_run
from kamxl.history.sheet import movement_grid
from kamxl.hosts.files import FileHost
from kamxl.hosts.grid_writer import grids_as_bytes
from kamxl.problems import KamxlError
from kamxl.table import Cell, Grid, GridCell
from tests.portfolios import RULES, score_rows

HEADERS = ("Client", "Status", "Revenue", "Spend", "Fit")
DAY = dt.date(2025, 1, 31)
LABELS = {"loyal": "Loyal", "high_potential": "High potential", "small": "Small"}


def score(
    clients: dict[str, tuple[Cell, Cell]], folder: Path, day: dt.date, *, rules: str = RULES, header: str = "Client"
) -> Scored:
    """Clients by name with (revenue, spend)."""
    rows = [[name, "active", revenue, spend, 5] for name, (revenue, spend) in clients.items()]
    return score_rows((header, *HEADERS[1:]), rows, folder, rules=rules, as_of=day)


def record(history: History, scored: Scored, *, rules: str = "aaaa1111", language: str = "en") -> History:
    """The history after a run, written to a workbook and read back, as between two runs of a year."""
    updated, problems = record_run(history, scored, language=language, rules=rules, version="1.0")
    assert not problems
    return through_workbook(updated, language=language)


def through_workbook(history: History, *, language: str = "en") -> History:
    book = CalamineWorkbook.from_filelike(io.BytesIO(grids_as_bytes([history_grid(history, language=language)])))
    rows = book.get_sheet_by_name("KAM History").to_python(skip_empty_area=False)
    found, problems = read_history(rows)
    assert not problems
    assert found == history
    return found


def test_a_run_adds_only_what_changed(tmp_path: Path) -> None:
    clients: dict[str, tuple[Cell, Cell]] = {"A": (80_000, 90_000), "B": (10_000, 20_000), "C": (10_000, 95_000)}
    history = record(History(), score(clients, tmp_path, DAY))
    assert [(entry.client, entry.event, entry.category) for entry in history.entries] == [
        ("A", "new", "loyal"),
        ("B", "new", "small"),
        ("C", "new", "high_potential"),
    ]
    again = record(history, score(clients, tmp_path, DAY + dt.timedelta(days=90)))
    assert again.entries == history.entries
    assert [run.changes for run in again.runs] == [3, 0]
    clients["B"] = (70_000, 90_000)
    moved = record(again, score(clients, tmp_path, DAY + dt.timedelta(days=180)))
    assert [(entry.client, entry.event, entry.category) for entry in moved.entries[3:]] == [("B", "changed", "loyal")]


def test_running_twice_on_a_day_changes_nothing(tmp_path: Path) -> None:
    scored = score({"A": (80_000, 90_000)}, tmp_path, DAY)
    history = record(History(), scored)
    assert record(history, scored) == history


def test_a_removed_client_goes_once_and_may_come_back(tmp_path: Path) -> None:
    both: dict[str, tuple[Cell, Cell]] = {"A": (80_000, 90_000), "B": (10_000, 20_000)}
    only: dict[str, tuple[Cell, Cell]] = {"A": (80_000, 90_000)}
    history = History()
    for number, clients in enumerate((both, only, only, both)):
        history = record(history, score(clients, tmp_path, DAY + dt.timedelta(days=30 * number)))
    assert [(entry.client, entry.event) for entry in history.entries[2:]] == [("B", "gone"), ("B", "back")]


def test_ten_runs_with_everything_that_happens_to_a_workbook(tmp_path: Path) -> None:
    """Changed data, a renamed client column, a removed client, other rules: the sheet grows by changes."""
    rng = random.Random(6)
    clients: dict[str, tuple[Cell, Cell]] = {
        f"Client {n}": (rng.randrange(1000, 99_000), rng.randrange(1000, 199_000)) for n in range(60)
    }
    history, expected = History(), 0
    renamed = RULES.replace("headers: [Client]", "headers: [Client, Compte]")
    other_rules = renamed.replace("history >= 60", "history >= 70")
    for number in range(10):
        changed = rng.sample(sorted(clients), 4) if number else []
        for name in changed:
            revenue = clients[name][0]
            assert isinstance(revenue, int)
            clients[name] = (revenue * 2 + 5000, clients[name][1])
        if number == 4:
            del clients["Client 7"]
        header = "Compte" if number >= 5 else "Client"
        rules = other_rules if number >= 7 else renamed
        scored = score(clients, tmp_path, DAY + dt.timedelta(days=61 * number), rules=rules, header=header)
        before = len(history.entries)
        history = record(history, scored, rules=f"rules{number >= 7}")
        expected = len(history.entries) - before
        if number and number not in (4, 7):
            assert expected == len(changed)
    assert len(history.runs) == 10
    assert len(history.entries) < 60 + 9 * 4 + 25, "by changes, not by clients times runs (600)"
    last = history.runs[-1].day
    migration = migrate(history, DAY, last, labels=LABELS, language="en")
    assert sum(migration.counts.values()) == 60
    assert sum(count for (_, after), count in migration.counts.items() if not after) == 1
    state = history.state(last)
    assert {entry.client: entry.category for entry in state.values()} == {
        name: scored.plan.rules.categories.all_rules[index].key
        for name, index in zip(clients, scored.category, strict=True)
    }


def test_small_drifts_add_up_before_they_are_written(tmp_path: Path) -> None:
    """Half a point of drift per run is no change; a whole point since the last line is one."""
    history = History()
    for number in range(5):
        scored = score({"A": (20_000 + 500 * number, None)}, tmp_path, DAY + dt.timedelta(days=number))
        history = record(history, scored)
    assert [entry.families["history"] for entry in history.entries] == [20.0, 21.0, 22.0]


def test_a_long_log_says_in_a_workbook_what_a_short_one_does(tmp_path: Path) -> None:
    """Lines by the hundred are written as columns: blanks, notes, days of people and the runs beside stay."""
    clients: dict[str, tuple[Cell, Cell]] = {f"Client {number}": (number * 700, 90_000) for number in range(260)}
    history = record(History(), score(clients, tmp_path, DAY))
    for number in range(0, 260, 7):
        clients[f"Client {number}"] = (95_000 - number, None)
    history = record(history, score(clients, tmp_path, DAY + dt.timedelta(days=30)))
    entries = list(history.entries)
    assert len(entries) > 260
    entries[3] = dataclasses.replace(entries[3], note="called", others={"Met on": dt.date(2025, 2, 3)})
    entries[9] = dataclasses.replace(entries[9], note=dt.date(2025, 2, 4), others={"Met on": "never"})
    history = through_workbook(dataclasses.replace(history, entries=tuple(entries)))

    source, target = tmp_path / "book.xlsx", tmp_path / "out.xlsx"
    source.write_bytes(grids_as_bytes([Grid("Clients", ((GridCell("Client"),),))]))
    host = FileHost(source, target)
    host.write_sheet(history_grid(history, language="en"))
    host.save()
    found, problems = read_history(FileHost(target, target).read_sheet("KAM History"))
    assert found == history and not problems


def test_notes_and_foreign_columns_are_never_lost(tmp_path: Path) -> None:
    history = record(History(), score({"A": (80_000, 90_000)}, tmp_path, DAY))
    grid = history_grid(history, language="fr")
    rows: list[list[Cell]] = [[cell.value if cell is not None else None for cell in row] for row in grid.rows]
    header = rows[3]
    rows[4][header.index("Remarques")] = "appelé le 3"
    gap = header.index(None)
    header[gap:gap] = ["Chargé de comptes"]
    rows[4][gap:gap] = ["Zoé"]
    found, problems = read_history(rows)
    assert not problems
    assert found.entries[0].note == "appelé le 3"
    assert found.entries[0].others == {"Chargé de comptes": "Zoé"}
    again = record(found, score({"A": (10_000, 90_000)}, tmp_path, DAY), language="fr")
    assert again.entries[0].note == "appelé le 3" and again.entries[0].others == {"Chargé de comptes": "Zoé"}


def test_a_line_on_which_somebody_wrote_stays_when_its_change_is_taken_back(tmp_path: Path) -> None:
    """The afternoon's run finds the client as it was yesterday; what was written at noon is not thrown away."""
    history = record(History(), score({"A": (80_000, 90_000)}, tmp_path, DAY))
    later = DAY + dt.timedelta(days=1)
    moved = record(history, score({"A": (10_000, 90_000)}, tmp_path, later))
    last = dataclasses.replace(moved.entries[-1], others={"Lead": "Zoé"})
    moved = dataclasses.replace(moved, entries=(*moved.entries[:-1], last))
    back = record(moved, score({"A": (80_000, 90_000)}, tmp_path, later))
    assert [dict(entry.others) for entry in back.entries] == [{}, {"Lead": "Zoé"}]


def test_the_log_says_the_name_of_a_client_that_is_known_by_a_number(tmp_path: Path) -> None:
    rules = RULES.replace("columns:\n", "columns:\n  number: {headers: [No], kind: text, role: id}\n", 1)
    rules = rules.replace("headers: [Client], kind: text, role: id", "headers: [Client], kind: text, role: name")
    headers = ("No", *HEADERS)
    both = [["C-1", "Acme", "active", 5000, 9000, 5], ["C-2", "Beta", "active", 7000, 9000, 5]]
    history = record(History(), score_rows(headers, both, tmp_path, rules=rules, as_of=DAY))
    scored = score_rows(headers, both[:1], tmp_path, rules=rules, as_of=DAY + dt.timedelta(days=9))
    history = record(history, scored)
    assert [(entry.client, entry.name, entry.event) for entry in history.entries] == [
        ("C-1", "Acme", "new"),
        ("C-2", "Beta", "new"),
        ("C-2", "Beta", "gone"),
    ]
    header = [cell.value for cell in history_grid(history, language="fr").rows[3] if cell is not None]
    assert header[:4] == ["Date", "Client", "Nom", "Événement"]
    alone = record(History(), score({"A": (80_000, 90_000)}, tmp_path, DAY))
    assert "Name" not in [cell.value for cell in history_grid(alone, language="en").rows[3] if cell is not None]


def test_a_log_that_somebody_sorted_says_the_same(tmp_path: Path) -> None:
    """Newest first, or by client: the last state of each client is that of its last date."""
    clients: dict[str, tuple[Cell, Cell]] = {"B": (80_000, 90_000), "A": (10_000, 20_000)}
    history = record(History(), score(clients, tmp_path, DAY))
    for days in (30, 60):
        clients = {name: (spend, revenue) for name, (revenue, spend) in clients.items()}
        history = record(history, score(clients, tmp_path, DAY + dt.timedelta(days=days)))
    rows: list[list[Cell]] = [
        [cell.value if cell is not None else None for cell in row] for row in history_grid(history, language="en").rows
    ]
    width = rows[3].index(None)
    lines = sorted(rows[4 : 4 + len(history.entries)], key=lambda row: (str(row[1]), row[0]), reverse=True)
    for row, line in zip(rows[4:], [list(line[:width]) for line in lines], strict=False):
        row[:width] = line
    found, problems = read_history(rows)
    assert not problems and found.last_entries() == history.last_entries() and found.runs == history.runs
    again = record(found, score(clients, tmp_path, DAY + dt.timedelta(days=90)))
    assert len(again.entries) == len(history.entries)


def test_days_numbers_and_answers_in_columns_of_others_come_back_as_they_were(tmp_path: Path) -> None:
    """Also in a column that is called like a family."""
    history = record(History(), score({"A": (80_000, 90_000), "B": (1, 2)}, tmp_path, DAY))
    written: list[dict[str, Cell]] = [
        {"Called": dt.date(2025, 3, 1), "history": "long", "Code": 7.0},
        {"Called": dt.date(2025, 4, 1), "history": 1.0, "Code": True},
    ]
    entries = [
        dataclasses.replace(entry, others=each, note=dt.date(2025, 5, 1))
        for entry, each in zip(history.entries, written, strict=True)
    ]
    history = through_workbook(dataclasses.replace(history, entries=tuple(entries)))
    assert [dict(entry.others) for entry in history.entries] == written
    assert [entry.families["history"] for entry in history.entries] == [80.0, 0.0]
    assert {entry.note for entry in history.entries} == {dt.date(2025, 5, 1)}


def test_a_line_that_cannot_be_read_is_kept_and_reported(tmp_path: Path) -> None:
    history = record(History(), score({"A": (80_000, 90_000), "B": (5, 6)}, tmp_path, DAY))
    rows: list[list[Cell]] = [
        [cell.value if cell is not None else None for cell in row] for row in history_grid(history, language="en").rows
    ]
    rows[5][0] = "last spring"
    found, problems = read_history(rows, book="book.xlsx")
    assert [(problem.code, str(problem.place)) for problem in problems] == [("KX509", "book.xlsx!KAM History!A6")]
    kept = [cell.value for row in history_grid(found, language="en").rows for cell in row if cell is not None]
    assert "last spring" in kept and "B" in kept
    again, more = read_history(
        [[cell.value if cell is not None else None for cell in row] for row in history_grid(found, language="en").rows]
    )
    assert again == found and len(more) == 1


def test_a_newer_history_and_a_foreign_sheet_are_refused(tmp_path: Path) -> None:
    rows = [["History"], [f"kamxl history format {FORMAT + 1}"], [], ["Date", "Client", "Category", "Score"]]
    with pytest.raises(KamxlError, match="written by a newer kamxl"):
        read_history(rows)
    with pytest.raises(KamxlError, match="no line of headers"):
        read_history([["Shopping"], ["Milk"]])
    assert read_history([]) == (History(), ())
    assert read_history([[None, ""], []]) == (History(), ())


def test_a_lost_client_column_does_not_make_everybody_leave(tmp_path: Path) -> None:
    history = record(History(), score({"A": (80_000, 90_000)}, tmp_path, DAY))
    rules = RULES.replace("kind: text, role: id", "kind: text, role: id, optional: yes")
    nameless = score({"A": (80_000, 90_000)}, tmp_path, DAY + dt.timedelta(days=1), rules=rules, header="Kunde")
    same, problems = record_run(history, nameless, language="en", rules="x", version="1")
    assert same == history
    assert [problem.code for problem in problems] == ["KX509"]


def test_an_earlier_day_is_not_written_into_the_past(tmp_path: Path) -> None:
    history = record(History(), score({"A": (80_000, 90_000)}, tmp_path, DAY))
    earlier = score({"A": (1, 90_000)}, tmp_path, DAY - dt.timedelta(days=1))
    same, problems = record_run(history, earlier, language="en", rules="x", version="1")
    assert same == history
    assert [problem.code for problem in problems] == ["KX509"]


def test_trend_and_previous_category(tmp_path: Path) -> None:
    history = record(History(), score({"A": (80_000, 90_000), "B": (10_000, 20_000)}, tmp_path, DAY))
    later = DAY + dt.timedelta(days=90)
    scored = score({"A": (30_000, 40_000), "B": (10_000, 20_000), "N": (1, 2)}, tmp_path, later)
    for _ in range(2):
        trends = measure_trends(history, scored, language="en")
        assert trends[0].text.startswith("▼ −") and trends[0].previous == f"Loyal until {later.isoformat()}"
        assert (trends[1].text, trends[1].previous) == ("=", "")
        assert trends[2].text == "new"
        # The same answer once the run itself is recorded.
        history = record(history, scored)


def test_a_first_run_has_no_trend_and_no_movers(tmp_path: Path) -> None:
    scored = score({"A": (80_000, 90_000)}, tmp_path, DAY)
    assert measure_trends(History(), scored, language="en")[0].text == ""
    history = record(History(), scored)
    assert measure_movement(history, scored, language="en") is None
    shown = [
        cell.value
        for row in movement_grid(history, history.state(DAY), day=DAY, start=None, labels=LABELS, language="en").rows
        for cell in row
        if cell
    ]
    assert "There is one run so far: movement shows from the next one on." in shown


def test_movers_know_up_from_down_and_that_the_rules_changed(tmp_path: Path) -> None:
    first = score({"A": (80_000, 90_000), "B": (10_000, 20_000), "G": (5, 6)}, tmp_path, DAY)
    history = record(History(), first)
    later = score({"A": (10_000, 20_000), "B": (80_000, 90_000), "N": (5, 6)}, tmp_path, DAY + dt.timedelta(days=90))
    history = record(history, later, rules="bbbb2222")
    movement = measure_movement(history, later, language="en")
    assert movement is not None and movement.since == DAY
    assert [(mover.client, mover.before, mover.after, mover.step) for mover in movement.movers] == [
        ("B", "Small", "Loyal", 2),
        ("A", "Loyal", "Small", -2),
    ]
    assert (movement.new_clients, movement.gone_clients, movement.rules_changed) == (1, 1, True)


def test_migration_counts_add_up_and_a_renamed_category_is_the_same(tmp_path: Path) -> None:
    history = record(History(), score({"A": (80_000, 90_000), "B": (10_000, 20_000)}, tmp_path, DAY))
    renamed = RULES.replace("en: Loyal", "en: Faithful")
    end = DAY + dt.timedelta(days=90)
    clients: dict[str, tuple[Cell, Cell]] = {"A": (90_000, 99_000), "C": (10_000, 95_000)}
    history = record(history, score(clients, tmp_path, end, rules=renamed))
    migration = migrate(history, DAY, end, labels={**LABELS, "loyal": "Faithful"}, language="en")
    assert migration.counts == {("Faithful", "Faithful"): 1, ("Small", ""): 1, ("", "High potential"): 1}
    assert migration.revenue["Faithful", "Faithful"] == 90_000


def test_a_category_has_one_name_whatever_language_a_run_was_in(tmp_path: Path) -> None:
    """An English first run and a French second one: one row of the matrix per category, French everywhere."""
    clients: dict[str, tuple[Cell, Cell]] = {"A": (80_000, 90_000), "B": (10_000, 20_000), "C": (85_000, 95_000)}
    history = record(History(), score(clients, tmp_path, DAY))
    clients["A"] = (10_000, 20_000)
    end = DAY + dt.timedelta(days=90)
    scored = score(clients, tmp_path, end)
    french = {"loyal": "Fidèle", "high_potential": "Fort potentiel", "small": "Petit"}
    assert measure_trends(history, scored, language="fr")[0].previous.startswith("Fidèle jusqu'au")
    history = record(history, scored, language="fr")
    movement = measure_movement(history, scored, language="fr")
    assert movement is not None and (movement.movers[0].before, movement.movers[0].after) == ("Fidèle", "Petit")
    migration = migrate(history, DAY, end, labels=french, language="fr")
    assert migration.labels == ("Fidèle", "Fort potentiel", "Petit")
    assert migration.counts == {("Fidèle", "Petit"): 1, ("Petit", "Petit"): 1, ("Fidèle", "Fidèle"): 1}
    assert [line.label for line in measure_growth(history, end, labels=french)] == ["Fidèle", "Petit"]


def test_a_client_that_could_not_be_classified_is_neither_new_nor_gone(tmp_path: Path) -> None:
    """A cell with an error leaves a client without score: the matrix has a line for that."""
    history = record(History(), score({"A": (80_000, 90_000), "B": ("#DIV/0!", 20_000)}, tmp_path, DAY))
    end = DAY + dt.timedelta(days=90)
    history = record(history, score({"A": ("#REF!", 90_000), "B": (10_000, 20_000)}, tmp_path, end))
    migration = migrate(history, DAY, end, labels=LABELS, language="en")
    assert migration.counts == {("Loyal", "Not classified"): 1, ("Not classified", "Small"): 1}
    assert migration.labels == (*LABELS.values(), "Not classified")


def test_growth_by_first_category_and_its_limits(tmp_path: Path) -> None:
    start: dict[str, tuple[Cell, Cell]] = {"A": (80_000, 90_000), "B": (40_000, 150_000), "G": (30_000, 140_000)}
    history = record(History(), score(start, tmp_path, DAY))
    end = dt.date(2026, 7, 31)
    now: dict[str, tuple[Cell, Cell]] = {"A": (84_000, 90_000), "B": (60_000, 150_000)}
    history = record(history, score(now, tmp_path, end), rules="bbbb2222")
    loyal, potential = measure_growth(history, end, labels=LABELS)
    assert (loyal.label, loyal.then, loyal.now, loyal.months) == ("Loyal", 80_000, 84_000, 18)
    assert loyal.rate == pytest.approx(0.05)
    assert (potential.clients, potential.still, potential.lost) == (2, 1, 30_000)
    assert potential.rate == pytest.approx(0.5)
    limits = growth_limits(history, (loyal, potential), end, language="en")
    assert not any("Too early" in text for text in limits)
    assert any("rules changed in between (1)" in text for text in limits)
    assert any("Fewer than 10 clients in: Loyal, High potential" in text for text in limits)
    assert "no comparison group" in limits[-1]
    assert any("Too early" in text for text in growth_limits(history, (), DAY, language="en"))


def test_growth_too_small_for_an_entry_is_growth_all_the_same(tmp_path: Path) -> None:
    """Everybody grows by 4 %: no line is added, and the sheet does not say that nothing grew."""
    history = record(History(), score({"A": (10_000, 20_000), "B": (12_000, 20_000)}, tmp_path, DAY))
    end = DAY + dt.timedelta(days=400)
    scored = score({"A": (10_400, 20_400), "B": (12_480, 20_480)}, tmp_path, end)
    history = record(history, scored)
    assert len(history.entries) == 2
    now = current_entries(scored, end, language="en", rules="x")
    (line,) = measure_growth(history, end, labels=LABELS, now=now)
    assert line.rate == pytest.approx(0.04)
    assert migrate(history, DAY, end, labels=LABELS, language="en", now=now).revenue == {("Small", "Small"): 22_880}
    shown = [cell.value for row in movement_grid(history, now, day=end, start=DAY, labels=LABELS, language="en").rows
             for cell in row if cell is not None]  # fmt: skip
    assert 22_880 in shown and pytest.approx(0.04) in shown


@pytest.mark.parametrize("revenue", [None, 0, -5])
def test_growth_of_nothing_is_no_rate(tmp_path: Path, revenue: Cell) -> None:
    history = record(History(), score({"A": (revenue, 90_000)}, tmp_path, DAY))
    assert measure_growth(history, DAY, labels=LABELS)[0].rate is None
    grids_as_bytes([movement_grid(history, {}, day=DAY, start=None, labels={}, language="fr")])


def test_rows_without_a_client_are_not_remembered(tmp_path: Path) -> None:
    rows = [[None, "active", 5, 6, 7], [None, None, None, None, None], ["A", "active", 5, 6, 7]]
    scored = score_rows(HEADERS, rows, tmp_path, as_of=DAY)
    assert [entry.client for entry in record(History(), scored).entries] == ["A"]


def test_months_are_complete_calendar_months() -> None:
    assert months_between(dt.date(2025, 1, 31), dt.date(2025, 2, 28)) == 0
    assert months_between(dt.date(2025, 1, 15), dt.date(2026, 7, 15)) == 18
