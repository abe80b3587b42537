"""LibreOffice Calc: KAM functions per row and per column beside native formulas of the same rules, and Classify.

A private office with the extension as `kamxl install --libreoffice` builds it. Seconds are those of the office's own
process, user and system together, so that a busy machine does not count.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.measure import Timing, compare
from bench.portfolio import make_document
from bench.whole_run import write_workbook
from kamxl import app
from kamxl.calc.extension import build_extension
from kamxl.hosts.calc_cells import used_range
from kamxl.hosts.files import FileHost
from kamxl.live import write_formulas
from kamxl.table import column_letters
from tests.calc_office import Office, dispatch

# com.sun.star.sheet.CellFlags FORMULA.
_FORMULA = 16


def bench_calc(rows: int, classified: int, *, rounds: int) -> tuple[list[Timing], float]:
    """(functions beside native formulas, seconds of Classify). Units: CPU seconds of the office."""
    with _office() as (office, folder):
        rules = folder / "home" / "rules.yml"
        source, native = folder / "clients.xlsx", folder / "native.xlsx"
        write_workbook(source, rows)
        host = FileHost(source, native)
        count = write_formulas(host, app.Settings(rules=rules)).formula_count
        host.save()
        seconds: dict[str, list[float]] = {}
        with _opened(office, native) as document:
            document.calculateAll()
            seconds["native formulas"] = [_cost(office, document.calculateAll) for _ in range(rounds)]
        with _opened(office, source) as document:
            seconds["KAM_SCORE, a formula per client"] = [_per_row(office, document, rows) for _ in range(rounds)]
            seconds["KAM_SCORE, one matrix formula"] = [_matrix(office, document, rows) for _ in range(rounds)]
        large = folder / "large.xlsx"
        write_workbook(large, classified)
        with _opened(office, large) as document:
            classify = _cost(office, lambda: _dispatch(office, document, "classify"))
        notes = {"native formulas": f"{count} formulas: every step of the same rules"}
        return compare(seconds, notes), classify


@contextmanager
def _office() -> Iterator[tuple[Office, Path]]:
    with tempfile.TemporaryDirectory(prefix="kamxl-bench-") as name:
        folder = Path(name)
        home = folder / "home"
        home.mkdir()
        (home / "rules.yml").write_text(json.dumps(make_document()), encoding="utf-8")
        (home / "settings.yml").write_text(f"language: en\nrules: {home / 'rules.yml'}\n", encoding="utf-8")
        extension = folder / "kamxl.oxt"
        extension.write_bytes(build_extension(for_this_machine=True))
        office = Office(extension=extension, environment={"KAMXL_HOME": str(home)})
        try:
            yield office, folder
        finally:
            office.close()


@contextmanager
def _opened(office: Office, path: Path) -> Iterator[Any]:
    document = office.open(path)
    try:
        yield document
    finally:
        document.close(True)


def _cost(office: Office, work: Callable[[], object]) -> float:
    before = _cpu(office)
    work()
    return _cpu(office) - before


def _cpu(office: Office) -> float:
    """CPU seconds of the office's own process so far."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().split(b"\0")
            if command[0].endswith(b"soffice.bin") and str(office.profile).encode() in b" ".join(command):
                user, system = (process / "stat").read_text().rpartition(")")[2].split()[11:13]
                return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
        except OSError:
            continue
    raise RuntimeError("the office has ended")


def _per_row(office: Office, document: Any, rows: int) -> float:
    import uno

    sheet, width = _sheet(document)
    cells = sheet.getCellRangeByPosition(width + 1, 1, width + 1, rows)
    last = column_letters(width)

    def work() -> None:
        cells.getCellByPosition(0, 0).setFormula(f"=KAM_SCORE(A2:{last}2;A$1:{last}$1)")
        cells.fillAuto(uno.Enum("com.sun.star.sheet.FillDirection", "TO_BOTTOM"), 1)
        _check(cells.getDataArray())

    _forget(office, document, cells, last)
    seconds = _cost(office, work)
    cells.clearContents(_FORMULA)
    return seconds


def _matrix(office: Office, document: Any, rows: int) -> float:
    sheet, width = _sheet(document)
    cells = sheet.getCellRangeByPosition(width + 1, 1, width + 1, rows)
    last = column_letters(width)

    def work() -> None:
        cells.setArrayFormula(f"=KAM_SCORE(A2:{last}{rows + 1};A1:{last}1)")
        _check(cells.getDataArray())

    _forget(office, document, cells, last)
    seconds = _cost(office, work)
    cells.clearContents(_FORMULA)
    return seconds


def _sheet(document: Any) -> tuple[Any, int]:
    sheet = document.Sheets.getByIndex(0)
    return sheet, used_range(sheet).RangeAddress.EndColumn + 1


def _forget(office: Office, document: Any, cells: Any, last: str) -> None:
    """Rows that were scored before are remembered: a round is measured from nothing but loaded rules."""
    _dispatch(office, document, "reload")
    cells.getCellByPosition(0, 0).setFormula(f"=KAM_SCORE(A2:{last}2;A$1:{last}$1)")
    cells.clearContents(_FORMULA)


def _check(cells: tuple[tuple[object, ...], ...]) -> None:
    if not all(isinstance(row[0], float) for row in cells):
        raise ValueError("a client has no score")


def _dispatch(office: Office, document: Any, command: str) -> None:
    told = dispatch(office, document, command)
    if "KX" in told:
        raise ValueError(told)
