"""Six columns added to a sheet of 100,000 x 25: kamxl.ooxml beside openpyxl's load and save, in one run.

    python bench/update_workbook.py [ROWS] [--only kamxl]

`again` is kamxl writing other values into the columns of its own first run, which is what most runs do.

Each side works in a process of its own on its own copy of the same file; CPU time and peak memory are
the process's own, start-up and imports included. Ratios are what counts: seconds
depend on the machine. Both results are read again and compared.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

if TYPE_CHECKING:
    from bench.measure import Timing

COLUMNS = 25
HEADERS = ("Score", "Profile", "History", "Potential", "Category", "Process")
CATEGORIES = ("Loyal", "High potential", "Small without potential")


def make_source(path: Path, rows: int) -> None:
    """A client list with texts, numbers and dates, and a chart, a comment, a validation and a format beside it."""
    import xlsxwriter

    chance = random.Random(7)
    book: Any = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Clients")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    names = [f"Column {place}" for place in range(COLUMNS)]
    sheet.write_row(0, 0, names)
    cities = [f"City {place}" for place in range(400)]
    for row in range(1, rows + 1):
        for column in range(COLUMNS):
            if column == 0:
                sheet.write_string(row, column, f"Client {row}")
            elif column % 4 == 1:
                sheet.write_string(row, column, chance.choice(cities))
            elif column % 8 == 2:
                sheet.write_number(row, column, 45_000 + chance.randrange(900), day)
            else:
                sheet.write_number(row, column, round(chance.random() * 1e6, 2))
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": ["Clients", 1, 3, 20, 3]})
    other = book.add_worksheet("Notes")
    other.insert_chart("B2", chart)
    other.write_comment("A1", "kept")
    sheet.data_validation(1, 5, rows, 5, {"validate": "list", "source": ["a", "b"]})
    sheet.conditional_format(1, 3, rows, 3, {"type": "data_bar"})
    book.define_name("Names", f"=Clients!$A$2:$A${rows + 1}")
    book.close()


def new_values(rows: int) -> list[list[Any]]:
    """Four columns of numbers, two of text; cheap to make, because both sides pay for it."""
    numbers: list[list[Any]] = [
        [(row * step % 100_003) / 1000 for row in range(rows)] for step in (7919, 3571, 911, 101)
    ]
    texts: list[list[Any]] = [(list(names) * rows)[:rows] for names in (CATEGORIES, ("loyalty", "seduction"))]
    return numbers + texts


def update_again(path: Path, rows: int) -> None:
    """Every value another one than at the first run."""
    update_with_kamxl(path, rows, shift=1)


def update_with_kamxl(path: Path, rows: int, shift: int = 0) -> None:
    from kamxl.ooxml import CellStyle, ColumnWrite, Workbook

    head, number = CellStyle(bold=True, fill="1F6FEB", font_color="FFFFFF"), CellStyle(number_format="0.0")
    workbook = Workbook.open(path)
    values = [column[shift:] for column in new_values(rows + shift)]
    columns = [
        ColumnWrite(
            COLUMNS + 1 + place,
            header,
            values[place],
            style=number if place < 4 else None,
            header_style=head,
            overwrite=shift > 0,
        )
        for place, header in enumerate(HEADERS)
    ]
    workbook.write_columns("Clients", 1, 2, columns)
    workbook.save(path)


def update_with_openpyxl(path: Path, rows: int) -> None:
    import openpyxl
    from openpyxl.styles import Font, PatternFill

    workbook = openpyxl.load_workbook(path)
    sheet = workbook["Clients"]
    for place, (header, values) in enumerate(zip(HEADERS, new_values(rows), strict=True)):
        column = COLUMNS + 1 + place
        cell = sheet.cell(1, column, header)
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="1F6FEB")
        for row, value in enumerate(values, 2):
            cell = sheet.cell(row, column, value)
            if place < 4:
                cell.number_format = "0.0"
    workbook.save(path)


SIDES = {"kamxl": update_with_kamxl, "openpyxl": update_with_openpyxl, "again": update_again}


def run_side(side: str, path: Path, rows: int) -> dict[str, float]:
    """CPU seconds, wall seconds and peak megabytes of one side in a process of its own."""
    command = [sys.executable, __file__, str(rows), "--side", side, "--file", str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def work(side: str, path: Path, rows: int) -> None:
    started = time.perf_counter()
    SIDES[side](path, rows)
    wall_s = time.perf_counter() - started
    usage = resource.getrusage(resource.RUSAGE_SELF)
    from bench.own_cost import own_cost  # after the clock: it is no part of the work

    figures = {"cpu_s": usage.ru_utime + usage.ru_stime, "wall_s": wall_s, "peak_mb": own_cost()[1]}
    print(json.dumps(figures))


def read_back(path: Path) -> list[list[Any]]:
    from python_calamine import CalamineWorkbook

    rows: list[list[Any]] = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("Clients").to_python()
    return rows


def measure(rows: int, sides: list[str], tell: Callable[[str], None] = lambda _: None) -> dict[str, dict[str, float]]:
    """Figures of each side on the same workbook, made anew; `tell` hears of each as it is done.

    Errors: RuntimeError when the sides do not leave the same values.
    """
    deflate = "isal" if importlib.util.find_spec("isal") else "zlib"
    figures: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source.xlsx"
        subprocess.run([sys.executable, __file__, str(rows), "--make", str(source)], check=True)
        tell(f"{rows:,} rows x {COLUMNS} columns, {source.stat().st_size / 1e6:.1f} MB, deflate by {deflate}")
        results: dict[str, list[list[Any]]] = {}
        for side in sides:
            copy = Path(folder) / ("kamxl.xlsx" if side == "again" else f"{side}.xlsx")
            if side != "again":
                copy.write_bytes(source.read_bytes())
            figures[side] = line = run_side(side, copy, rows)
            tell(f"{side:10} {line['cpu_s']:8.2f} s CPU {line['wall_s']:8.2f} s wall {line['peak_mb']:8.0f} MB peak")
            if side != "again" and len(sides) > 2:
                results[side] = read_back(copy)
    if len(results) == 2 and results["kamxl"] != results["openpyxl"]:
        raise RuntimeError("the values read back are NOT EQUAL")
    return figures


def bench_update(rows: int) -> list[Timing]:
    """CPU time of each side, for the benchmark of all stages; the peak memory is the note."""
    from bench.measure import compare  # here, because each side pays for what this file imports

    figures = measure(rows, list(SIDES))
    names = {"kamxl": "kamxl", "again": "kamxl, a second run", "openpyxl": "openpyxl, load and save"}
    notes = {names[side]: f"{line['peak_mb']:.0f} MB peak" for side, line in figures.items()}
    return compare({name: [figures[side]["cpu_s"]] for side, name in names.items()}, notes)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("rows", type=int, nargs="?", default=100_000)
    parser.add_argument("--only", choices=sorted(SIDES))
    parser.add_argument("--side", choices=sorted(SIDES), help=argparse.SUPPRESS)
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.make:
        make_source(options.make, options.rows)
        return 0
    if options.side:
        work(options.side, options.file, options.rows)
        return 0
    only = {"again": ["kamxl", "again"], None: list(SIDES)}.get(options.only, [options.only])
    try:
        figures = measure(options.rows, only, print)
    except RuntimeError as error:
        print(error)
        return 1
    if "openpyxl" in figures and "kamxl" in figures:
        cpu = {side: figures["openpyxl"]["cpu_s"] / figures[side]["cpu_s"] for side in ("kamxl", "again")}
        memory = figures["openpyxl"]["peak_mb"] / figures["kamxl"]["peak_mb"]
        print("values read back are equal")
        print(f"kamxl needs 1/{cpu['kamxl']:.1f} of the CPU time and 1/{memory:.1f} of the memory")
        print(f"and for a second run 1/{cpu['again']:.1f} of the CPU time")
    return 0


if __name__ == "__main__":
    sys.exit(main())
