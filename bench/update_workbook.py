"""Six columns added to a sheet of 100,000 x 25: kamxl.ooxml beside openpyxl's load and save, in one run.

    python bench/update_workbook.py [ROWS] [--only kamxl]

Each side works in a process of its own on its own copy of the same file; CPU time and peak memory are
the process's own (resource.getrusage), start-up and imports included. Ratios are what counts: seconds
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
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

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


def update_with_kamxl(path: Path, rows: int) -> None:
    from kamxl.ooxml import CellStyle, ColumnWrite, Workbook

    head, number = CellStyle(bold=True, fill="1F6FEB", font_color="FFFFFF"), CellStyle(number_format="0.0")
    workbook = Workbook.open(path)
    columns = [
        ColumnWrite(COLUMNS + 1 + place, header, values, style=number if place < 4 else None, header_style=head)
        for place, (header, values) in enumerate(zip(HEADERS, new_values(rows), strict=True))
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


SIDES = {"kamxl": update_with_kamxl, "openpyxl": update_with_openpyxl}


def run_side(side: str, path: Path, rows: int) -> dict[str, float]:
    """CPU seconds, wall seconds and peak megabytes of one side in a process of its own."""
    command = [sys.executable, __file__, str(rows), "--side", side, "--file", str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def work(side: str, path: Path, rows: int) -> None:
    started = time.perf_counter()
    SIDES[side](path, rows)
    usage = resource.getrusage(resource.RUSAGE_SELF)  # started small: a large parent would count as our peak
    figures = {
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "wall_s": time.perf_counter() - started,
        "peak_mb": usage.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10),
    }
    print(json.dumps(figures))


def read_back(path: Path) -> list[list[Any]]:
    from python_calamine import CalamineWorkbook

    rows: list[list[Any]] = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("Clients").to_python()
    return rows


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
    deflate = "isal" if importlib.util.find_spec("isal") else "zlib"
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source.xlsx"
        subprocess.run([sys.executable, __file__, str(options.rows), "--make", str(source)], check=True)
        print(f"{options.rows:,} rows x {COLUMNS} columns, {source.stat().st_size / 1e6:.1f} MB, deflate by {deflate}")
        figures, results = {}, {}
        for side in [options.only] if options.only else list(SIDES):
            copy = Path(folder) / f"{side}.xlsx"
            copy.write_bytes(source.read_bytes())
            figures[side] = run_side(side, copy, options.rows)
            line = figures[side]
            print(f"{side:10} {line['cpu_s']:8.2f} s CPU {line['wall_s']:8.2f} s wall {line['peak_mb']:8.0f} MB peak")
            results[side] = copy
        if len(results) == 2:
            same = read_back(results["kamxl"]) == read_back(results["openpyxl"])
            cpu = figures["openpyxl"]["cpu_s"] / figures["kamxl"]["cpu_s"]
            memory = figures["openpyxl"]["peak_mb"] / figures["kamxl"]["peak_mb"]
            print(f"values read back are {'equal' if same else 'NOT EQUAL'}")
            print(f"kamxl needs 1/{cpu:.1f} of the CPU time and 1/{memory:.1f} of the memory")
            return 0 if same else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
