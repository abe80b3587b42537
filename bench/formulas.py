"""Live formulas for 20,000 clients x 12 columns: generated into a workbook, against XlsxWriter's write_formula.

    python -m bench.formulas [rows]

Prints seconds, file sizes, the ratio, and how long LibreOffice takes to calculate the workbook where it is installed.
The same formulas are written by both sides; the stored results too. XlsxWriter writes a tenth of the rows, because all
of them take minutes; its time grows with the rows.
"""

from __future__ import annotations

import io
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

import xlsxwriter

from kamxl.backends import runner
from kamxl.backends.formula import compile_formulas
from kamxl.hosts.files import FileHost
from kamxl.language.reader import read_rules_text
from kamxl.live import out_columns
from kamxl.plan import compile_plan
from tests.formula_books import libreoffice_copy

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


def main(row_count: int) -> None:
    """Runs both sides once and prints the figures."""
    chance = random.Random(1)
    headers = ("client", "revenue", "spend", "growth")
    rows = [
        (f"C-{i}", chance.uniform(0, 9e5), chance.uniform(0, 9e5), chance.uniform(-0.2, 0.3)) for i in range(row_count)
    ]
    rules, problems = read_rules_text(RULES)
    assert rules is not None, problems
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "clients.xlsx"
        _write_clients(source, headers, rows)
        host = FileHost(source, Path(folder) / "live.xlsx")
        table = host.read_tables()[0]
        plan, problems = compile_plan(rules, table.headers)
        assert plan is not None, problems
        book = compile_formulas(plan, table, runner("columns"))
        columns = out_columns(book)[:12]
        start = time.perf_counter()
        host.write_columns(table, columns)
        host.write_sheet(book.layout.grid)
        host.save()
        ours = time.perf_counter() - start
        part = row_count // 10
        start = time.perf_counter()
        theirs_size = _with_xlsxwriter(columns, part)
        theirs = (time.perf_counter() - start) * row_count / part
        cells = row_count * len(columns)
        print(f"{row_count} clients x {len(columns)} formula columns = {cells} formulas")
        print(f"kamxl       {ours:8.2f} s  {host.target.stat().st_size / 1e6:6.2f} MB (verified, saved)")
        print(f"XlsxWriter  {theirs:8.2f} s  {theirs_size * row_count / part / 1e6:6.2f} MB (from {part} rows)")
        print(f"ratio       {theirs / ours:8.1f}")
        if shutil.which("soffice"):
            start = time.perf_counter()
            copy = libreoffice_copy(host.target)
            print(f"LibreOffice {time.perf_counter() - start:8.2f} s to start, open, calculate all and save")
            shutil.rmtree(copy.parents[1])


def _write_clients(path: Path, headers: tuple[str, ...], rows: list[tuple[str, float, float, float]]) -> None:
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Clients")
    area = {"name": "Accounts", "columns": [{"header": header} for header in headers]}
    sheet.add_table(0, 0, len(rows), len(headers) - 1, area)
    for number, row in enumerate(rows, 1):
        sheet.write_row(number, 0, row)
    book.close()


def _with_xlsxwriter(columns: list[object], row_count: int) -> int:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet()
    for position, column in enumerate(columns):
        values, formulas = column.values, column.formulas  # type: ignore[attr-defined]
        for row in range(row_count):
            sheet.write_formula(row + 1, position, formulas[row], None, values[row])
    book.close()
    return len(buffer.getvalue())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
