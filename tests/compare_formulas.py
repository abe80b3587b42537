"""The full count: random rules x random rows through independent formula engines, cell by cell.

python -m tests.compare_formulas                      32 rule files x 100 rows in ironcalc and formualizer
python -m tests.compare_formulas 0 4 60 libreoffice   rule files 0 to 3 x 60 rows in LibreOffice
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from kamxl.language.reader import read_rules_text
from tests.formula_books import differences, live_book, write_book
from tests.formula_rules import HEADERS, random_rows, random_rules

# formualizer and formulon do not read structured references reliably; they get the same book in A1 references.
WITHOUT_TABLES = ("formualizer", "formulon")


def compare(first: int, end: int, row_count: int, engines: list[str]) -> dict[str, tuple[int, int]]:
    """(cells compared, cells that differ) by engine."""
    counts = dict.fromkeys(engines, (0, 0))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "book.xlsx"
        for seed in range(first, end):
            rules, problems = read_rules_text(random_rules(seed))
            if rules is None:
                raise ValueError(f"rules {seed} are refused: {problems}")
            rows = random_rows(seed, row_count)
            for table in (False, True):
                book = live_book(rules, HEADERS, rows, table=table)
                write_book(book, path)
                for engine in engines:
                    if table and engine in WITHOUT_TABLES:
                        continue
                    count, found = differences(book, path, engine)
                    counts[engine] = (counts[engine][0] + count, counts[engine][1] + len(found))
                    for difference in found[:3]:
                        print(f"rules {seed}: {difference}")
    return counts


def main(arguments: list[str]) -> int:
    """Runs the comparison; 1 when a cell differs."""
    first, end, rows = (int(text) for text in (arguments[:3] or ["0", "32", "100"]))
    engines = arguments[3].split(",") if len(arguments) > 3 else ["ironcalc", "formualizer"]
    start = time.perf_counter()
    counts = compare(first, end, rows, engines)
    for engine, (cells, wrong) in counts.items():
        print(f"{engine}: {cells:,} cells compared, {wrong} wrong")
    cells, wrong = (sum(column) for column in zip(*counts.values(), strict=True))
    print(f"together: {cells:,} cells compared, {wrong} wrong ({time.perf_counter() - start:.0f} s)")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
