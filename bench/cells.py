"""Cells of a workbook read into a client table and written as a sheet: kamxl beside the libraries, each alone."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from bench.measure import Timing, compare, run_alone
from bench.portfolio import make_rows
from bench.whole_run import write_workbook

READERS = {
    "calamine, rows of cells": "read_calamine",
    "kamxl, client table found and cut out": "read_kamxl",
    "openpyxl, read only": "read_openpyxl",
    "pandas with calamine": "read_pandas",
}
WRITERS = {
    "XlsxWriter, rows of cells": "write_xlsxwriter",
    "XlsxWriter, constant memory": "write_constant",
    "kamxl, a sheet with formats and a table": "write_kamxl",
    "openpyxl, write only": "write_openpyxl",
}


def bench_reading(rows: int, *, rounds: int) -> list[Timing]:
    """CPU seconds of reading 25 columns."""
    with tempfile.TemporaryDirectory(prefix="kamxl-bench-") as folder:
        source = Path(folder) / "clients.xlsx"
        write_workbook(source, rows)
        return _race(READERS, [str(source)], rounds)


def bench_writing(rows: int, *, rounds: int) -> list[Timing]:
    """CPU seconds of writing 25 columns into a new sheet; making the cells is in it for all alike."""
    with tempfile.TemporaryDirectory(prefix="kamxl-bench-") as folder:
        return _race(WRITERS, [str(Path(folder) / "written.xlsx"), str(rows)], rounds)


def _race(jobs: dict[str, str], arguments: list[str], rounds: int) -> list[Timing]:
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    peaks: dict[str, int] = {}
    for _ in range(rounds):
        for name, job in jobs.items():
            cpu, peak = run_alone([job, *arguments])
            seconds[name].append(cpu)
            peaks[name] = max(peaks.get(name, 0), peak)
    return compare(seconds, {name: f"{peak} MB at its peak" for name, peak in peaks.items()})


def read_calamine(source: Path) -> None:
    """All cells as rows of Python values."""
    from python_calamine import load_workbook

    load_workbook(str(source)).get_sheet_by_index(0).to_python()


def read_kamxl(source: Path) -> None:
    """The client table as columns."""
    from kamxl.hosts.files import FileHost

    if len(FileHost(source, source).read_tables()[0].columns) != 25:
        raise ValueError("25 columns are expected")


def read_openpyxl(source: Path) -> None:
    """All cells as rows, in the mode that reads them one after the other."""
    import openpyxl

    for _ in openpyxl.load_workbook(source, read_only=True).worksheets[0].iter_rows(values_only=True):
        pass


def read_pandas(source: Path) -> None:
    """A data frame."""
    import pandas as pd

    pd.read_excel(source, engine="calamine")


def write_xlsxwriter(target: Path, rows: str) -> None:
    """Rows of cells, kept until the end."""
    _xlsxwriter(target, rows, {})


def write_constant(target: Path, rows: str) -> None:
    """Rows of cells, written one after the other."""
    _xlsxwriter(target, rows, {"constant_memory": True})


def _xlsxwriter(target: Path, rows: str, options: dict[str, Any]) -> None:
    import xlsxwriter

    headers, cells = make_rows(int(rows))
    book: Any = xlsxwriter.Workbook(str(target), {"default_date_format": "yyyy-mm-dd", **options})
    sheet = book.add_worksheet("Clients")
    sheet.write_row(0, 0, headers)
    for index, row in enumerate(cells, 1):
        sheet.write_row(index, 0, row)
    book.close()


def write_kamxl(target: Path, rows: str) -> None:
    """A sheet of formatted cells added to a workbook, as department sheets are."""
    from kamxl.hosts.files import FileHost
    from kamxl.table import Grid, GridCell, GridTable

    source = target.with_name("one.xlsx")
    write_workbook(source, 1)
    headers, cells = make_rows(int(rows))
    looks = ["date" if header == "last_order" else "text" for header in headers]
    lines = [tuple(GridCell(header, "header") for header in headers)]
    lines += [tuple(GridCell(cell, look) for cell, look in zip(row, looks, strict=True)) for row in cells]
    host = FileHost(source, target)
    host.write_sheet(Grid("Copy", tuple(lines), tables=(GridTable("Copy", 0, 0, len(cells), len(headers) - 1),)))
    host.save()


def write_openpyxl(target: Path, rows: str) -> None:
    """Rows of cells, in the mode that writes them one after the other."""
    import openpyxl

    headers, cells = make_rows(int(rows))
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Clients")
    sheet.append(headers)
    for row in cells:
        sheet.append(row)
    book.save(target)
