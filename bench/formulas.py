"""Live formulas for 20,000 clients x 12 columns: generated into a workbook, against XlsxWriter's write_formula.

    python -m bench formulas [--quick]

Both sides write the same formulas with the same stored results and save; ours also keeps and verifies the user's
workbook. XlsxWriter writes a tenth of the rows, because all of them take a minute; its time grows with the rows.
LibreOffice's time to open, calculate all and save stands beside it where LibreOffice is installed.
"""

from __future__ import annotations

import random
import resource
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import xlsxwriter  # type: ignore[import-untyped]

from bench.measure import Timing, compare
from kamxl.backends import runner
from kamxl.backends.formula import compile_formulas
from kamxl.hosts import OutColumn
from kamxl.hosts.files import FileHost
from kamxl.language.reader import read_rules_text
from kamxl.live import out_columns
from kamxl.plan import compile_plan
from tests.formula_books import libreoffice_copy

# XlsxWriter writes this part of the rows.
_PART = 10
_COLUMNS = 12
RULES = """
kamxl: 1
name: Bench
columns:
  client: {kind: text, role: id}
  revenue: {kind: money}
  spend: {kind: money}
  growth: {kind: percent}
families:
  history:
    weight: 60
    criteria:
      revenue: {weight: 4, curve: {0: 0, 50000: 4, 250000: 8, 1000000: 10}}
      growth: {weight: 2, bands: {under 0%: 0, 0% to 10%: 5, 10% and over: 10}}
  potential:
    weight: 40
    criteria:
      headroom: {of: "max(spend - revenue, 0)", weight: 4, curve: {0: 0, 400000: 10}}
categories:
  need: {completeness: 50%, else: unknown}
  rules:
    loyal: {when: history >= 60}
    promising: {when: potential >= 60}
    small: {otherwise: true}
"""
HEADERS = ("client", "revenue", "spend", "growth")


def bench_formulas(row_count: int, *, rounds: int) -> tuple[list[Timing], dict[str, float]]:
    """(CPU seconds of both sides for all rows; file sizes and LibreOffice's seconds by name). Units: MB of 10^6 B."""
    rules, problems = read_rules_text(RULES)
    if rules is None:
        raise ValueError(problems)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_clients(folder / "clients.xlsx", row_count)
        seconds: dict[str, list[float]] = {"kamxl": [], "XlsxWriter": []}
        for _ in range(rounds):
            host = FileHost(folder / "clients.xlsx", folder / "live.xlsx")
            table = host.read_tables()[0]
            plan, problems = compile_plan(rules, table.headers)
            if plan is None:
                raise ValueError(problems)
            book = compile_formulas(plan, table, runner("columns"))
            columns = out_columns(book)[:_COLUMNS]
            start = time.process_time()
            host.write_columns(table, columns)
            host.write_sheet(book.layout.grid)
            host.save()
            seconds["kamxl"].append(time.process_time() - start)
            start = time.process_time()
            _with_xlsxwriter(columns, row_count // _PART, folder / "theirs.xlsx")
            seconds["XlsxWriter"].append((time.process_time() - start) * _PART)
        facts = {
            "MB of the workbook with clients and live formulas": host.target.stat().st_size / 1e6,
            "MB of XlsxWriter's workbook, formulas alone": (folder / "theirs.xlsx").stat().st_size * _PART / 1e6,
        }
        if shutil.which("soffice"):
            facts["CPU seconds of LibreOffice to start, open, calculate all and save"] = _libreoffice(host.target)
    notes = {
        "kamxl": f"{row_count * len(columns)} formulas, verified and saved",
        "XlsxWriter": f"x {_PART} of its part",
    }
    return compare(seconds, notes), {name: round(value, 2) for name, value in facts.items()}


def _libreoffice(path: Path) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    shutil.rmtree(libreoffice_copy(path).parents[1])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _write_clients(path: Path, row_count: int) -> None:
    chance = random.Random(1)
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Clients")
    area = {"name": "Accounts", "columns": [{"header": header} for header in HEADERS]}
    sheet.add_table(0, 0, row_count, len(HEADERS) - 1, area)
    for number in range(1, row_count + 1):
        row = (f"C-{number}", chance.uniform(0, 9e5), chance.uniform(0, 9e5), chance.uniform(-0.2, 0.3))
        sheet.write_row(number, 0, row)
    book.close()


def _with_xlsxwriter(columns: Sequence[OutColumn], row_count: int, path: Path) -> None:
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    for position, column in enumerate(columns):
        formulas = column.formulas or ()
        for row in range(row_count):
            sheet.write_formula(row + 1, position, formulas[row], None, column.values[row])
    book.close()
