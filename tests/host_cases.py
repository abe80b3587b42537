"""Hosts for the conformance suite: each entry makes a host over the same two sheets and reopens what it saved.

A new host joins by adding a maker here; the suite itself (`test_hosts.py`) does not change.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import xlsxwriter

from kamxl.hosts import Host
from kamxl.hosts.excel import ExcelHost
from kamxl.hosts.files import FileHost
from kamxl.hosts.memory import MemoryHost
from tests.calc_office import shared_office

CLIENTS: list[list[Any]] = [
    ["Portfolio 2026", None, None],
    [None, None, None],
    ["Client", "Revenue", "Segment"],
    ["Atelier Nord", 1200.5, "Medical"],
    ["=cmd|' /C calc'!A0", 800.0, None],
    ["Zoé & fils", None, "Food"],
]
NOTES: list[list[Any]] = [["Call back in May"], [None], ["Ask for the new plant"]]
SHEETS = {"Clients": CLIENTS, "Notes": NOTES}


@dataclass(frozen=True)
class HostCase:
    """A host to test: how to make one, and how to reopen what it saved."""

    name: str
    make: Callable[[Path], Host]
    reopen: Callable[[Host], Host]


def _make_memory(_folder: Path) -> Host:
    return MemoryHost(SHEETS)


def write_book(path: Path, sheets: dict[str, Sequence[Sequence[Any]]] | None = None) -> Path:
    """A plain .xlsx with the sheets."""
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False})
    for name, rows in (sheets or SHEETS).items():
        sheet = book.add_worksheet(name)
        for index, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, str) and cell.startswith("#"):
                    sheet.write_formula(index, column, "=NA()", None, cell)
                elif cell is not None:
                    sheet.write(index, column, cell)
    book.close()
    return path


def _make_file(folder: Path) -> Host:
    return FileHost(write_book(folder / "book.xlsx"), folder / "book.kam.xlsx")


def _reopen_file(host: Host) -> Host:
    assert isinstance(host, FileHost)
    return FileHost(host.target, host.target)


def _make_excel(_folder: Path) -> Host:
    from tests.memory_excel import add_book, start_excel

    return ExcelHost(add_book(start_excel(), SHEETS))


def _reopen_excel(host: Host) -> Host:
    # An open workbook has no second copy: a new host over it must find everything that the first one left.
    assert isinstance(host, ExcelHost)
    return ExcelHost(host.workbook)


def _make_calc(folder: Path) -> Host:
    from kamxl.hosts.calc import CalcHost

    office = shared_office()
    return CalcHost(office.open(write_book(folder / "book.xlsx")), office.create)


def _reopen_calc(host: Host) -> Host:
    """Saved as .ods and opened again: what Calc itself keeps is what counts."""
    from kamxl.hosts.calc import CalcHost

    assert isinstance(host, CalcHost)
    office = shared_office()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "again.ods"
        host.document.storeToURL(path.as_uri(), ())
        host.document.close(True)
        return CalcHost(office.open(path), office.create)


HOST_CASES: list[HostCase] = [
    HostCase("memory", _make_memory, lambda host: host),
    HostCase("files", _make_file, _reopen_file),
    HostCase("excel", _make_excel, _reopen_excel),
    HostCase("calc", _make_calc, _reopen_calc),
]
