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
    """The same job as most people script it: pandas reads and scores, openpyxl writes scores and category beside.

    No reasons and no next steps, which kamxl writes as well.
    """
    import openpyxl
    import pandas as pd

    from bench.peers import judge_pandas

    frame = pd.read_excel(source)
    frame = frame.astype({name: "float64" for name in frame.columns if frame[name].dtype.kind in "if"})
    score, classes, families = judge_pandas(frame)
    columns = {"Score": score.tolist(), **{name: points.tolist() for name, points in families.items()}}
    columns["Category"] = ["ABCD"[category] for category in classes]
    book = openpyxl.load_workbook(source)
    sheet = book.worksheets[0]
    first = sheet.max_column + 1
    for at, (header, values) in enumerate(columns.items(), first):
        sheet.cell(1, at, header)
        for row, value in enumerate(values, 2):
            sheet.cell(row, at, value)
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
