"""One job in a process of its own: `python -m bench.alone JOB FILE...` prints its CPU seconds and peak memory."""

from __future__ import annotations

import sys
from pathlib import Path

from bench.own_cost import own_cost


def bare_pair(source: Path, target: Path) -> None:
    """A bare read with calamine and a bare write of the same cells with XlsxWriter: the least that a copy costs."""
    import xlsxwriter
    from python_calamine import load_workbook

    rows = load_workbook(str(source)).get_sheet_by_index(0).to_python()
    book = xlsxwriter.Workbook(str(target), {"default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet()
    for index, row in enumerate(rows):
        sheet.write_row(index, 0, row)
    book.close()


def openpyxl_pandas(source: Path, target: Path) -> None:
    """The same job as most people script it: pandas reads and scores, openpyxl writes the results beside."""
    import openpyxl
    import pandas as pd

    from bench.peers import score_pandas

    frame = pd.read_excel(source)
    frame = frame.astype({name: "float64" for name in frame.columns if frame[name].dtype.kind in "if"})
    scores, classes = score_pandas(frame)
    book = openpyxl.load_workbook(source)
    sheet = book.worksheets[0]
    first = sheet.max_column + 1
    sheet.cell(1, first, "Score")
    sheet.cell(1, first + 1, "Category")
    for row, (score, category) in enumerate(zip(scores.tolist(), classes.tolist(), strict=True), 2):
        sheet.cell(row, first, score)
        sheet.cell(row, first + 1, "ABCD"[category])
    book.save(target)


def kamxl(command: str, source: Path, target: Path, rules: Path) -> None:
    """A command of kamxl on the same workbook."""
    from kamxl.__main__ import main

    options = ["--engine", "duckdb"] if command == "engine" else []
    name = "classify" if command == "engine" else command
    sys.argv = ["kamxl", name, str(source), "-r", str(rules), "-o", str(target), "--quiet", *options]
    if code := main():
        raise SystemExit(code)


def main() -> None:
    """Carries out the job that the arguments name."""
    job, *paths = sys.argv[1:]
    files = [Path(path) for path in paths]
    if job == "bare":
        bare_pair(files[0], files[1])
    elif job == "openpyxl":
        openpyxl_pandas(files[0], files[1])
    elif job.startswith(("read_", "write_")):
        from bench import cells

        getattr(cells, job)(files[0], *paths[1:])
    else:
        kamxl(job, files[0], files[1], files[2])
    cpu, peak = own_cost()
    print(f"\n{cpu:.3f} {peak}")


if __name__ == "__main__":
    main()
