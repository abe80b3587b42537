"""Portfolio, dashboard and history of many clients beside the time of writing their workbook."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import xlsxwriter

from bench.measure import Timing, race
from kamxl.backends import Scored, runner
from kamxl.dashboard import compose_content, dashboard_grid, dashboard_page, white_space_grid
from kamxl.dashboard.content import Content
from kamxl.history.log import history_grid
from kamxl.history.records import History, record_run
from kamxl.hosts.grid_writer import grids_as_bytes
from kamxl.language.reader import read_rules
from kamxl.plan import compile_plan
from kamxl.portfolio.figures import measure_portfolio
from kamxl.shipped import shipped
from kamxl.table import Table

# Figures and dashboard sheet take less than this part of what XlsxWriter needs to write the client table.
LIMIT = 0.25


def make_clients(count: int) -> Table:
    """Clients with revenue spread as in real portfolios, six product lines, blanks, 25 columns."""
    rng = np.random.default_rng(6)
    revenue = np.round(rng.lognormal(9, 1.8, count), 2)
    revenue[rng.random(count) < 0.1] = np.nan
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    names = ["".join(letters[rng.integers(0, 26, 9)]).title() + " Inc." for _ in range(count)]
    columns: dict[str, object] = {
        "Client ID": [f"C-{number:06d}" for number in range(count)],
        "Client": names,
        "Status": ["active" if each == each else "prospect" for each in revenue.tolist()],
        "Segment": rng.choice(["Aerospace", "Medical", "Food", "Energy", "Transport"], count).tolist(),
        "Employees": np.round(rng.lognormal(4, 1.2, count)),
        "Revenue": revenue,
        "Gross margin": np.round(revenue * rng.normal(0.2, 0.15, count), 2),
        "Hours served": np.round(rng.gamma(2, 20, count)),
        "Quotes sent": rng.integers(0, 30, count).astype(float),
        "Quotes won": rng.integers(0, 10, count).astype(float),
        "Shared values": rng.integers(0, 11, count).astype(float),
        "Shared mission": rng.integers(0, 11, count).astype(float),
        "Product lines": rng.integers(1, 7, count).astype(float),
        "Client growth": rng.normal(0.05, 0.1, count),
        "Market growth": rng.normal(0.05, 0.1, count),
        "Accessibility": rng.random(count),
        "Addressable spend": np.where(rng.random(count) < 0.5, revenue * 2, np.nan),
        "Orders": rng.integers(0, 40, count).astype(float),
        "Sites": rng.integers(1, 9, count).astype(float),
    }
    for product in ("Machined parts", "Sheet metal", "Assemblies", "Tooling", "Spare parts", "Service contracts"):
        columns[product] = np.where(rng.random(count) < 0.55, np.round(rng.lognormal(7, 1, count), 2), np.nan)
    return Table(tuple(columns), tuple(columns.values()))  # type: ignore[arg-type]


def write_bare(table: Table, path: Path) -> None:
    """The client table and nothing else, through XlsxWriter as fast as it goes."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "nan_inf_to_errors": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, table.headers)
    columns = [list(column) for column in table.columns]
    for row, cells in enumerate(zip(*columns, strict=True), start=1):
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                sheet.write_string(row, column, cell)
            elif cell == cell:
                sheet.write_number(row, column, cell)
    book.close()


def score_clients(table: Table) -> Scored:
    """The clients scored by the shipped rules."""
    rules, problems = read_rules(shipped("rules", "kam.yml"))
    if rules is None:
        raise SystemExit(str(problems))
    plan, faults = compile_plan(rules, table.headers)
    if plan is None:
        raise SystemExit(str(faults))
    return runner().run(plan, table)


def bench_insight(rows: int, *, rounds: int = 3) -> list[Timing]:
    """Writing the client table, then what a director reads of it."""
    table = make_clients(rows)
    scored = score_clients(table)

    def content() -> Content:
        return compose_content(measure_portfolio(scored))

    def remembered(history: History) -> History:
        return record_run(history, scored, language="en", rules="x", version="1")[0]

    first = remembered(History())
    with tempfile.TemporaryDirectory() as folder:
        contestants: dict[str, Callable[[], Any]] = {
            "the client table, by XlsxWriter": lambda: write_bare(table, Path(folder) / "bare.xlsx"),
            "portfolio and dashboard sheet": lambda: grids_as_bytes([dashboard_grid(content())]),
            "portfolio and dashboard page": lambda: dashboard_page(content()),
            "portfolio and white space": lambda: white_space_grid(content()),
            "history, first run": lambda: history_grid(remembered(History()), language="en"),
            "history, nothing changed": lambda: remembered(first),
        }
        notes = {
            "the client table, by XlsxWriter": f"{len(table.headers)} columns",
            "portfolio and dashboard sheet": f"to be under {LIMIT:g}",
        }
        return race(contestants, rounds=rounds, notes=notes)
