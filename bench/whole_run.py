"""Whole runs on a workbook of 25 columns, each side in a process of its own: CPU seconds and peak memory."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from bench.measure import ROOT, compare, run_alone
from bench.portfolio import make_document, make_rows


def write_workbook(path: Path, rows: int) -> None:
    """A client list as a workbook."""
    import xlsxwriter

    headers, cells = make_rows(rows)
    book: Any = xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet("Clients")
    sheet.write_row(0, 0, headers)
    for index, row in enumerate(cells, 1):
        sheet.write_row(index, 0, row)
    book.close()


def bench_whole(rows: int, *, rounds: int) -> tuple[list[Any], dict[str, int]]:
    """CPU seconds of classify, run, and openpyxl + pandas beside the bare pair, and the peak MB of each."""
    with tempfile.TemporaryDirectory(prefix="kamxl-bench-") as folder_name:
        folder = Path(folder_name)
        source, rules = folder / "clients.xlsx", folder / "rules.yml"
        write_workbook(source, rows)
        rules.write_text(json.dumps(make_document()), encoding="utf-8")
        jobs = {
            "calamine read + XlsxWriter write": ["bare"],
            "kamxl classify": ["classify"],
            "kamxl run": ["run"],
            "openpyxl + pandas": ["openpyxl"],
        }
        seconds: dict[str, list[float]] = {name: [] for name in jobs}
        peaks: dict[str, int] = {}
        for _ in range(rounds):
            for name, (job,) in jobs.items():
                files = [
                    str(source),
                    str(folder / f"{job}.xlsx"),
                    *([str(rules)] if job in ("classify", "run") else []),
                ]
                cpu, peak = run_alone([job, *files])
                seconds[name].append(cpu)
                peaks[name] = max(peaks.get(name, 0), peak)
        notes = {name: f"{peak} MB at its peak" for name, peak in peaks.items()}
        scripted, mine = seconds["openpyxl + pandas"], seconds["kamxl classify"]
        ratios = [theirs / ours for theirs, ours in zip(scripted, mine, strict=True)]
        notes["openpyxl + pandas"] += (
            f"; {median(ratios):.1f} x kamxl classify ({min(ratios):.1f} to {max(ratios):.1f}), and no reasons"
        )
        return compare(seconds, notes), peaks


def bench_start_up(*, rounds: int) -> list[Any]:
    """Start-up of kamxl beside a bare Python, in CPU seconds of a process of its own."""
    programs = {
        "python -c pass": ["-c", "pass"],
        "kamxl --version": ["-m", "kamxl", "--version"],
        "kamxl check": ["-m", "kamxl", "check", "rules/kam.yml"],
    }
    seconds: dict[str, list[float]] = {name: [] for name in programs}
    timer = "import resource as r, subprocess as s, sys; s.run(sys.argv[1:], stdout=-3, stderr=-3); "
    timer += "u = r.getrusage(r.RUSAGE_CHILDREN); print(u.ru_utime + u.ru_stime)"
    for _ in range(rounds):
        for name, arguments in programs.items():
            done = subprocess.run(
                [sys.executable, "-c", timer, sys.executable, *arguments],
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=True,
            )
            seconds[name].append(float(done.stdout))
    return compare(seconds)
