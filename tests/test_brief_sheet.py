"""The sheet KAM Brief as LibreOffice calculates it says what `kamxl brief` says, for every client at every stage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kamxl import app
from kamxl.app import Settings
from kamxl.backends import Scored
from kamxl.brief import BRIEF_SHEET, TABLE_ROW, Brief, brief_grid, make_brief
from kamxl.hosts.files import FileHost
from kamxl.hosts.grid_writer import write_grids
from kamxl.portfolio.clients import take_names, without_empty_rows
from kamxl.process import ProcessBook, read_processes_text
from kamxl.shipped import shipped
from kamxl.table import Cell
from tests.calc_office import Office, shared_office
from tests.portfolios import RULES, score_rows

HEADERS = ("Client", "Status", "Revenue", "Spend", "Fit")
# Names that a spreadsheet would like to read as something else.
NAMES = ("001", "1/2", "1e5", "TRUE", "=1+1", "a*", "ab*c", "b?", "~t", 'O\'Brien "Q" & Co', "Élan", "elan", "É" * 200)
TRICKY = """
kamxl: 1
name: Processes
stages: {first: {en: What?, fr: Quoi ?}, second: What*, third: {en: Later, fr: Plus tard}, fourth: later}
departments:
  one: {label: Sales, see: [client]}
  two: {label: sales, see: [client]}
processes:
  loyalty: {label: Care, aim: A, instructions: {one: {first: {do: one first}, second: {do: one second}, third: none}}}
  seduction: {label: Care, aim: B, instructions: {one: {third: {do: b third}, fourth: {do: b 4, checklist: [x, y]}},
                                                 two: {first: {do: b two, how: h, within: w, owner: o}}}}
"""


def shown_by(sheet: Any, client: str, stage: str, departments: int) -> list[list[str]]:
    """What the sheet says once a person has chosen: category and process, then a row per department."""
    sheet.getCellByPosition(1, 2).setString(client)
    sheet.getCellByPosition(1, 3).setString(stage)
    head = sheet.getCellRangeByPosition(1, 5, 1, 6).getDataArray()
    rows = sheet.getCellRangeByPosition(1, TABLE_ROW + 1, 5, TABLE_ROW + departments).getDataArray()
    return [[str(row[0]) for row in head], *([str(cell) for cell in row] for row in rows)]


def told_by(brief: Brief) -> list[list[str]]:
    """What `kamxl brief` says, in the same order."""
    rows = [[*each.texts, "\n".join(f"☐ {point}" for point in each.checklist)] for each in brief.departments]
    return [[brief.category, brief.process], *rows]


def chosen_names(sheet: Any) -> Iterator[str]:
    """The clients of the first drop-down."""
    row = 2
    while text := sheet.getCellByPosition(8, row).getString():
        yield text
        row += 1


def check_all(office: Office, path: Path, scored: Scored, processes: ProcessBook, *, language: str) -> int:
    """Compares every client at every stage; gives the number of pairs."""
    document = office.open(path)
    try:
        sheet, compared = document.Sheets.getByName(BRIEF_SHEET), 0
        rows = {name: row for row, name in enumerate(take_names(scored))}
        names = list(chosen_names(sheet))
        assert set(names) == set(rows)
        stages = [sheet.getCellByPosition(14, 2 + number).getString() for number in range(len(processes.stages))]
        for name in names:
            for key, stage in zip((each.key for each in processes.stages), stages, strict=True):
                brief = make_brief(scored, processes, rows[name], key, language=language)
                found = shown_by(sheet, name, stage, len(processes.departments))
                found[0][1] = found[0][1].partition(" · ")[0]
                assert found == told_by(brief), (name, stage)
                compared += 1
        assert shown_by(sheet, "Nobody of that name", stages[0], len(processes.departments)) == [
            ["", ""], *([""] * 5 for _ in processes.departments)
        ]  # fmt: skip
        return compared
    finally:
        document.close(True)


@pytest.mark.office
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_client_at_every_stage_of_the_demo(language: str, tmp_path: Path) -> None:
    """120 clients at seven stages, in the workbook that `kamxl run` makes."""
    office = shared_office()
    target = tmp_path / "demo.kam.xlsx"
    outcome = app.run(FileHost(shipped("workbook", "demo.xlsx"), target), Settings(language=language))
    processes = app.load_rulebook(Settings()).processes
    count = check_all(office, target, outcome.scored, processes, language=language)
    assert count == 120 * len(processes.stages)


@pytest.mark.office
@pytest.mark.parametrize("language", ["en", "fr"])
def test_names_that_look_like_something_else_and_labels_that_are_alike(language: str, tmp_path: Path) -> None:
    """Numbers, days, formulas and wildcards as names; two processes, stages and departments with one label."""
    office = shared_office()
    rows: list[list[Cell]] = [
        [name, "active" if number % 3 else "prospect", 20_000.0 * number, 90_000.0, 5]
        for number, name in enumerate(NAMES)
    ]
    rows.insert(4, [None] * 5)
    rows.append(["Unread", "active", "#DIV/0!", 5, 5])
    scored = score_rows(HEADERS, rows, tmp_path, rules=RULES)
    processes, problems = read_processes_text(TRICKY, "processes.yml")
    assert processes is not None, problems
    path = tmp_path / "brief.xlsx"
    write_grids([brief_grid(scored, processes, language=language, stamp="")], path)
    assert check_all(office, path, without_empty_rows(scored), processes, language=language) == 14 * 4
