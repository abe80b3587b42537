"""Portfolio and dashboard of 100,000 clients beside the time of writing the workbook: `python -m bench.insight [ROWS]`.

The budget: figures and dashboard sheet in under a quarter of what it takes to write the client table with XlsxWriter.
Prints every stage in seconds of one run, and the ratio; exit status 1 over the budget.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import xlsxwriter

from kamxl.backends import runner
from kamxl.dashboard import compose_content, dashboard_grid, dashboard_page, white_space_grid
from kamxl.history.log import history_grid
from kamxl.history.records import History, record_run
from kamxl.hosts.grid_writer import grids_as_bytes
from kamxl.language.reader import read_rules
from kamxl.plan import compile_plan
from kamxl.portfolio.figures import measure_portfolio
from kamxl.shipped import shipped
from kamxl.table import Table

BUDGET = 0.25
Result = TypeVar("Result")


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


def timed(name: str, work: Callable[[], Result]) -> tuple[Result, float]:
    start = time.perf_counter()
    result = work()
    seconds = time.perf_counter() - start
    print(f"{name:<44} {seconds:8.2f} s")
    return result, seconds


def main(count: int) -> int:
    rules, problems = read_rules(shipped("rules", "kam.yml"))
    if rules is None:
        raise SystemExit(str(problems))
    table = make_clients(count)
    print(f"{count:,} clients x {len(table.headers)} columns")
    with tempfile.TemporaryDirectory() as folder:
        _, writing = timed("write the client table (XlsxWriter)", lambda: write_bare(table, Path(folder) / "bare.xlsx"))
    plan, faults = compile_plan(rules, table.headers)
    if plan is None:
        raise SystemExit(str(faults))
    scored, _ = timed("score (columns backend)", lambda: runner().run(plan, table))
    portfolio, figures = timed("portfolio: all figures", lambda: measure_portfolio(scored))
    content = compose_content(portfolio)
    grid, drawing = timed("dashboard: grid", lambda: dashboard_grid(content))
    _, writing_page = timed("dashboard: sheet with charts written", lambda: grids_as_bytes([grid]))
    timed("dashboard: HTML page", lambda: dashboard_page(content))
    timed("white space: grid", lambda: white_space_grid(content))
    (history, _), _ = timed(
        "history: first run recorded", lambda: record_run(History(), scored, language="en", rules="x", version="1")
    )
    timed(
        "history: second run, nothing changed",
        lambda: record_run(history, scored, language="en", rules="x", version="1"),
    )
    timed("history: grid of the first run", lambda: history_grid(history, language="en"))
    ratio = (figures + drawing + writing_page) / writing
    print(f"portfolio + dashboard / writing: {ratio:.3f} (budget {BUDGET})")
    return 0 if ratio < BUDGET else 1


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
