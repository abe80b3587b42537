"""What spreadsheets of real people look like: blank rows, days before months, days counted from 1904."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from kamxl.cli import run_command

HEADERS = ["Client ID", "Client", "Segment", "Employees", "Revenue", "Addressable spend", "Last order"]
DAY = dt.datetime(2026, 3, 31)
ROWS = [["001", "Nord", "Medical", 50, 1000, 9000, DAY], ["002", "Sud", "Energy", 80, 2000, 9000, DAY]]


def book(path: Path, rows: list[list[object]], *, from_1904: bool = False) -> Path:
    made = openpyxl.Workbook()
    if from_1904:
        made.epoch = CALENDAR_MAC_1904
    for row in [HEADERS, *rows]:
        made.active.append(row)
    made.save(path)
    return path


def test_a_blank_row_is_no_client(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A blank row between clients is counted nowhere: not in the summary, not in a department, not as a problem."""
    source = book(tmp_path / "gap.xlsx", [ROWS[0], [None] * len(HEADERS), ROWS[1]])
    assert run_command(["run", str(source), "--json", "--as-of", "2026-11-23"]) == 0
    told = capsys.readouterr().out
    assert "KX411" not in told
    assert sum(row["clients"] for row in json.loads(told)["categories"]) == 2
    sales = openpyxl.load_workbook(tmp_path / "gap.kam.xlsx")["KAM Sales"]
    rows = list(sales.iter_rows(values_only=True))
    assert sum(1 for row in rows if row[0] in ("001", "002")) == 2
    at = next(index for index, row in enumerate(rows) if "To qualify" in row)
    assert 2 in rows[at] and 3 not in rows[at]


def test_history_keeps_its_days_in_a_workbook_from_1904(tmp_path: Path) -> None:
    """The day of a run stays the same day, also after the second run."""
    source = book(tmp_path / "mac.xlsx", ROWS, from_1904=True)
    runs: set[dt.datetime] = set()
    for day in ("2026-11-23", "2026-12-23"):
        runs.add(dt.datetime.fromisoformat(day))
        assert run_command(["run", str(source), "--in-place", "--quiet", "--as-of", day]) == 0
        history = openpyxl.load_workbook(source)["KAM History"]
        days = {row[0] for row in history.iter_rows(values_only=True) if isinstance(row[0], dt.datetime)}
        assert days == runs


def test_a_csv_with_decimal_commas_writes_the_day_first(tmp_path: Path) -> None:
    """31/03/2026 is a date where decimals are commas, also in Latin-1."""
    source = tmp_path / "liste.csv"
    lines = ["No client;Client;Chiffre d'affaires;Effectif;Dernière commande", "001;Été;1200,50;20;31/03/2026"]
    source.write_bytes("\r\n".join(lines).encode("cp1252"))
    assert run_command(["run", str(source), "--quiet"]) == 0
    sheet = openpyxl.load_workbook(tmp_path / "liste.kam.xlsx")["Clients"]
    assert [sheet.cell(2, column).value for column in (1, 2, 3, 5)] == ["001", "Été", 1200.5, DAY]


BLANK: list[object] = [None] * len(HEADERS)
MORE = [[f"{number:03}", f"Client {number}", "Food", 30, 900, 4000, DAY] for number in range(3, 7)]
CLIENTS = [*ROWS, *MORE]
LAYOUTS: dict[str, tuple[list[list[object]], str, int]] = {
    "title rows": ([["Our clients"], ["as of", DAY], [], list(HEADERS), *CLIENTS], "A4", 6),
    "beside a small table": ([[None, "Revenue", 5], [], *[[None, None, *row] for row in [HEADERS, *CLIENTS]]], "C3", 6),
    "a note below": ([list(HEADERS), *CLIENTS, BLANK, ["Source: the CRM, exported by Ann"]], "A1", 6),
    "a legend below": ([list(HEADERS), *CLIENTS, BLANK, BLANK, ["Food", "canteens"], ["Energy", "grids"]], "A1", 6),
    "totals below a gap": ([list(HEADERS), *CLIENTS, BLANK, ["Total", None, None, None, 6600, 24000]], "A1", 6),
    "totals and averages": (
        [list(HEADERS), *CLIENTS, ["Total", None, None, 230], ["Moyenne", None, None, 38]],
        "A1",
        6,
    ),
    "groups two blank rows apart": ([list(HEADERS), *ROWS, BLANK, BLANK, *MORE], "A1", 6),
    "a row of groups above": ([[None, None, "Profile", None, "Money"], list(HEADERS), *CLIENTS], "A2", 6),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_client_table_is_found_where_it_lies(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Titles above, notes and totals below, gaps within: the clients are found, and nobody else."""
    rows, place, clients = LAYOUTS[name]
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    made.save(tmp_path / "book.xlsx")
    assert run_command(["classify", str(tmp_path / "book.xlsx"), "--json", "--as-of", "2026-11-23"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert sum(row["clients"] for row in told["categories"]) == clients
    assert f"!{place} " in told["table"]


@pytest.mark.parametrize("below", [True, False])
def test_two_tables_of_one_sheet_are_asked_about(
    below: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two client tables below or beside each other: both are listed, and the cell of the first header chooses one."""
    made = openpyxl.Workbook()
    for offset in (0, 10):
        for number, row in enumerate([HEADERS, *ROWS]):
            for column, cell in enumerate(row):
                at = (number + 1 + offset, column + 1) if below else (number + 1, column + 1 + offset)
                made.active.cell(*at).value = cell
    made.save(tmp_path / "book.xlsx")
    first, second = ("A1", "A11") if below else ("A1", "K1")
    assert run_command(["classify", str(tmp_path / "book.xlsx")]) == 1
    told = capsys.readouterr().err
    assert "KX304" in told and f"!{first} " in told and f"!{second} " in told and f"`--table {first}`" in told
    assert not (tmp_path / "book.kam.xlsx").exists()
    assert run_command(["classify", str(tmp_path / "book.xlsx"), "--table", second, "--quiet"]) == 0
    assert run_command(["classify", str(tmp_path / "book.xlsx"), "--table", "B7"]) == 1
    assert f"choose one of `{first}`, `{second}`" in capsys.readouterr().err
