"""Workbooks with live formulas, and independent formula engines that calculate them; all of it is for tests only."""

from __future__ import annotations

import datetime as dt
import math
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kamxl.backends.formula import LiveBook, compile_formulas
from kamxl.backends.formula_layout import SHEET
from kamxl.backends.reference import ReferenceRunner
from kamxl.hosts.grid_writer import write_grids
from kamxl.language.model import RuleSet
from kamxl.plan import compile_plan
from kamxl.table import Grid, GridCell, GridTable, Origin, Table
from kamxl.values import is_error
from tests.formula_rules import AS_OF

CLIENTS = "Clients"

Cells = list[list[object]]
# Formulas that give the errors in every engine.
_ERRORS = {"#DIV/0!": "=1/0", "#NUM!": "=SQRT(-1)", "#VALUE!": '=1+"a"'}


def live_book(
    rules: RuleSet,
    headers: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    table: bool,
    as_of: dt.date = AS_OF,
) -> LiveBook:
    """The live formulas of a rule set for rows that stand in a sheet from A1 on, as a table or as a plain range."""
    plan, problems = compile_plan(rules, headers, as_of=as_of)
    assert plan is not None, [problem.block() for problem in problems]
    origin = Origin("book.xlsx", CLIENTS, "Accounts" if table else "", 1, 1)
    return compile_formulas(plan, Table.from_rows(headers, rows, origin), ReferenceRunner())


def write_book(book: LiveBook, path: Path, *, edits: dict[tuple[int, int], object] | None = None) -> None:
    """The clients, their live columns and the rules sheet as a workbook; `edits` changes cells of the rules sheet.

    Nothing useful is stored beside the formulas: what an engine reads, it has calculated.
    """
    table = book.table
    start = len(table.headers)
    formulas = [None if column.key in book.frozen else book.formulas(column) for column in book.columns]
    stored = [book.results.of(column) if column.key in book.frozen else None for column in book.columns]
    head = [GridCell(header, "header") for header in (*table.headers, *(column.header for column in book.columns))]
    rows: list[list[GridCell | None]] = [head]
    for index in range(table.row_count):
        line = [_cell(column[index]) for column in table.columns]
        for texts, values in zip(formulas, stored, strict=True):
            line.append(GridCell("", formula=texts[index]) if texts else GridCell(values[index] if values else None))
        rows.append(line)
    area = GridTable("Accounts", 0, 0, table.row_count, start + len(book.columns) - 1)
    grid = Grid(CLIENTS, tuple(map(tuple, rows)), tables=(area,) if table.origin.table else ())
    write_grids([grid, _edited(book.layout.grid, edits or {})], path)


def _cell(value: object) -> GridCell | None:
    if is_error(value):
        return GridCell(value, formula=_ERRORS.get(str(value), "=NA()"))
    if isinstance(value, dt.date):
        return GridCell(value, "date")
    return None if value is None else GridCell(value)


def _edited(grid: Grid, edits: dict[tuple[int, int], object]) -> Grid:
    rows = [list(row) for row in grid.rows]
    for (row, column), value in edits.items():
        rows[row][column] = GridCell(value, "date" if isinstance(value, dt.date) else "text")
    return Grid(SHEET, tuple(map(tuple, rows)), widths=grid.widths)


@dataclass(frozen=True)
class Block:
    """Cells to read from a sheet. Units: 1-based, ends included."""

    sheet: str
    sheet_index: int
    first_row: int
    last_row: int
    first_column: int
    last_column: int


def block_of(book: LiveBook) -> Block:
    """Where the live columns stand in the workbook of `write_book`."""
    start = len(book.table.headers)
    return Block(CLIENTS, 0, 2, book.table.row_count + 1, start + 1, start + len(book.columns))


def _ironcalc(path: Path, block: Block) -> Cells:
    import ironcalc  # type: ignore[import-untyped]

    model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
    model.evaluate()
    return [
        [model.get_cell_value(block.sheet_index, row, column) for column in _columns(block)] for row in _rows(block)
    ]


def _formualizer(path: Path, block: Block) -> Cells:
    import formualizer

    book = formualizer.Workbook.load_path(str(path))
    book.evaluate_all()

    def read(row: int, column: int) -> object:
        value = book.evaluate_cell(block.sheet, row, column)
        return f"ERROR {value.get('kind')}" if isinstance(value, dict) else value

    return [[read(row, column) for column in _columns(block)] for row in _rows(block)]


def _formulon(path: Path, block: Block) -> Cells:
    import formulon

    book = formulon.Workbook.load(path.read_bytes())
    book.recalc()

    def read(row: int, column: int) -> object:
        value = book.get_value(block.sheet_index, row - 1, column - 1)
        if value.kind.name == "ERROR":
            return f"ERROR {formulon.error_display_name(value.error_code)}"
        return value.to_python()

    return [[read(row, column) for column in _columns(block)] for row in _rows(block)]


def _libreoffice(path: Path, block: Block) -> Cells:
    import openpyxl  # type: ignore[import-untyped]

    converted = libreoffice_copy(path)
    sheet = openpyxl.load_workbook(converted, data_only=True)[block.sheet]
    found = [[sheet.cell(row, column).value for column in _columns(block)] for row in _rows(block)]
    shutil.rmtree(converted.parent)
    return found


def libreoffice_copy(path: Path) -> Path:
    """The workbook as LibreOffice saves it after calculating everything anew, in a folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="kamxl_lo_"))
    profile = f"-env:UserInstallation=file://{folder}/profile"
    # A spreadsheet of another program is calculated anew only when told so: 0 is "always".
    settings = folder / "profile" / "user" / "registrymodifications.xcu"
    settings.parent.mkdir(parents=True)
    settings.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        '<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">'
        "<value>0</value></prop></item></oor:items>",
        encoding="utf-8",
    )
    target = folder / "out"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir"]
    subprocess.run([*command, str(target), str(path)], check=True, capture_output=True, timeout=240, env=os.environ)
    return target / path.name


ENGINES: dict[str, Callable[[Path, Block], Cells]] = {
    "ironcalc": _ironcalc,
    "formualizer": _formualizer,
    "formulon": _formulon,
    "libreoffice": _libreoffice,
}


def _rows(block: Block) -> range:
    return range(block.first_row, block.last_row + 1)


def _columns(block: Block) -> range:
    return range(block.first_column, block.last_column + 1)


@dataclass(frozen=True)
class Difference:
    """A cell that an engine calculates otherwise than the reference."""

    engine: str
    column: str
    row: int
    wanted: object
    got: object


def differences(book: LiveBook, path: Path, engine: str, *, tolerance: float = 1e-9) -> tuple[int, list[Difference]]:
    """(cells compared, cells that differ) between what an engine calculates and the stored Python results."""
    found = ENGINES[engine](path, block_of(book))
    wrong: list[Difference] = []
    count = 0
    for position, column in enumerate(book.columns):
        if column.key in book.frozen:
            continue
        for row, wanted in enumerate(book.results.of(column)):
            got = found[row][position]
            count += 1
            if not is_same(wanted, got, tolerance):
                wrong.append(Difference(engine, column.key, row, wanted, got))
    return count, wrong


def is_same(wanted: object, got: object, tolerance: float) -> bool:
    """Whether a calculated cell says the same as the stored one; an empty text and an empty cell do."""
    got = "" if got is None else got
    if isinstance(got, dt.datetime):
        got = (got - dt.datetime(1899, 12, 30)) / dt.timedelta(days=1)
    if isinstance(wanted, str) or isinstance(got, str):
        # LibreOffice trims the ends of texts when it saves.
        return str(wanted).strip() == str(got).strip()
    if not isinstance(wanted, (int, float)) or not isinstance(got, (int, float)) or isinstance(got, bool):
        return wanted == got
    return math.isclose(wanted, got, rel_tol=tolerance, abs_tol=tolerance)
