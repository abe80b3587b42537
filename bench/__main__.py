"""`python -m bench [--quick] [STAGE...]`: every stage beside its peers, as ratios; JSON and tables of docs/speed.md."""

from __future__ import annotations

import argparse
import compileall
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.measure import ROOT, as_record, machine, show, show_seconds

RESULTS = ROOT / "bench" / "results.json"
PAGE = ROOT / "docs" / "speed.md"
MARK = "<!-- made by python -m bench; do not edit below -->"


def _kernel(*, quick: bool) -> dict[str, Any]:
    from bench.kernel import bench_columns

    sizes = (10_000, 100_000) if quick else (10_000, 100_000, 1_000_000)
    return {f"Kernel, {size:,} clients x 20 criteria": as_record(bench_columns(size, rounds=5)) for size in sizes}


def _rows(*, quick: bool) -> dict[str, Any]:
    from bench.kernel import bench_rows

    return {"Engines that take a row at a time, per client": as_record(bench_rows(300, rounds=3 if quick else 5))}


def _memory(*, quick: bool) -> dict[str, Any]:
    from bench.kernel import memory_growth

    return {"memory": memory_growth(100_000 if quick else 1_000_000)}


def _profile(*, quick: bool) -> dict[str, Any]:
    from bench.kernel import cost_per_row

    sizes = (10_000, 100_000) if quick else (10_000, 30_000, 100_000, 300_000, 1_000_000)
    arrow, lists = cost_per_row(sizes, rounds=3 if quick else 5)
    return {
        "Cost per client by size, texts from Arrow": as_record(arrow),
        "Cost per client by size, texts in Python's lists": as_record(lists),
    }


def _cells(*, quick: bool) -> dict[str, Any]:
    from bench.cells import bench_reading, bench_writing

    found = {}
    for size, rounds in ((1_000, 1), (2_000, 1)) if quick else ((10_000, 3), (100_000, 1)):
        found[f"Reading a workbook of {size:,} x 25, CPU time"] = as_record(bench_reading(size, rounds=rounds))
        found[f"Writing a sheet of {size:,} x 25, CPU time"] = as_record(bench_writing(size, rounds=rounds))
    return found


def _duckdb(*, quick: bool) -> dict[str, Any]:
    from bench.warehouse import bench_duckdb

    return {"duckdb": bench_duckdb(200_000 if quick else 20_000_000)}


def _one_row(*, quick: bool) -> dict[str, Any]:
    from bench.one_row import bench_one_row

    return {"One row, rules loaded": as_record(bench_one_row(rounds=3 if quick else 9))}


def _whole(*, quick: bool) -> dict[str, Any]:
    from bench.whole_run import bench_whole

    size = 2_000 if quick else 10_000
    return {f"Whole run, {size:,} x 25, CPU time": as_record(bench_whole(size, rounds=5)[0])}


def _whole_large(*, quick: bool) -> dict[str, Any]:
    from bench.whole_run import bench_whole

    size = 5_000 if quick else 100_000
    return {f"Whole run, {size:,} x 25, CPU time": as_record(bench_whole(size, rounds=1)[0])}


def _update(*, quick: bool) -> dict[str, Any]:
    from bench.update_workbook import bench_update

    size = 5_000 if quick else 100_000
    return {f"Six columns added to a workbook of {size:,} x 25, CPU time": as_record(bench_update(size))}


def _lint(*, quick: bool) -> dict[str, Any]:
    from bench.lint import CASES, bench_lint

    return {f"Lint, {case}": as_record(bench_lint(case, rounds=3 if quick else 5)) for case in CASES}


def _what_if(*, quick: bool) -> dict[str, Any]:
    from bench.what_if import bench_what_if

    size = 10_000 if quick else 100_000
    return {f"What if, {size:,} clients": as_record(bench_what_if(size, rounds=3 if quick else 7))}


def _insight(*, quick: bool) -> dict[str, Any]:
    from bench.insight import bench_insight

    size = 10_000 if quick else 100_000
    return {f"Portfolio, dashboard and history, {size:,} clients": as_record(bench_insight(size, rounds=3))}


def _formulas(*, quick: bool) -> dict[str, Any]:
    from bench.formulas import bench_formulas

    size = 2_000 if quick else 20_000
    timings, facts = bench_formulas(size, rounds=3)
    return {f"Live formulas, {size:,} clients x 12 columns, CPU time": as_record(timings), "formulas": facts}


def _start(*, quick: bool) -> dict[str, Any]:
    from bench.whole_run import bench_start_up

    return {"Start-up, CPU time": as_record(bench_start_up(rounds=3 if quick else 9))}


def _calc(*, quick: bool) -> dict[str, Any]:
    from bench.calc import bench_calc

    rows, classified = (1_000, 5_000) if quick else (10_000, 50_000)
    functions, classify = bench_calc(rows, classified, rounds=1 if quick else 3)
    return {
        f"LibreOffice Calc, {rows:,} x 25, CPU time": as_record(functions),
        "calc": {f"seconds of Classify on {classified:,} clients in LibreOffice Calc, CPU time": classify},
    }


STAGES: dict[str, Callable[..., dict[str, Any]]] = {
    "kernel": _kernel,
    "rows": _rows,
    "memory": _memory,
    "profile": _profile,
    "one_row": _one_row,
    "cells": _cells,
    "whole": _whole,
    "whole_large": _whole_large,
    "update": _update,
    "lint": _lint,
    "what_if": _what_if,
    "insight": _insight,
    "formulas": _formulas,
    "start": _start,
    "duckdb": _duckdb,
    "calc": _calc,
}


def tables(results: dict[str, Any]) -> str:
    """Every stage as Markdown."""
    where = results["machine"]
    parts = [
        f"Measured on {where['processor']}, {where['cores']} cores, {where['system']}, Python {where['python']}, "
        f"load {where['load'][0]} when it began. Seconds depend on the machine; ratios are what counts.",
    ]
    for title, records in results["stages"].items():
        if isinstance(records, list):
            parts.append(show(title, records, records[0]["name"]))
    facts = [pair for found in results["stages"].values() if isinstance(found, dict) for pair in found.items()]
    parts.append("\n".join(f"- {name}: {show_fact(name, value)}" for name, value in facts))
    return "\n\n".join(parts) + "\n"


def show_fact(name: str, value: float) -> str:
    """A single figure with its unit."""
    return show_seconds(value) if name.startswith("seconds") else f"{value:g}"


def write_page(path: Path, text: str) -> None:
    """Puts the tables under the mark of the page; what stands above it is written by people."""
    page = path.read_text(encoding="utf-8") if path.exists() else f"# Speed\n\n{MARK}\n"
    path.write_text(page.partition(MARK)[0] + MARK + "\n\n" + text, encoding="utf-8")


def main() -> None:
    """Runs the stages, prints and stores them."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("stages", nargs="*", metavar="STAGE", help=f"of {', '.join(STAGES)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="small sizes, few rounds; nothing is stored")
    arguments = parser.parse_args()
    if unknown := set(arguments.stages) - set(STAGES):
        parser.error(f"there is no stage {', '.join(sorted(unknown))}")
    # pip compiled the peers to bytecode when it installed them; an editable kamxl would be compiled anew at every start
    # where PYTHONDONTWRITEBYTECODE is set.
    compileall.compile_dir(ROOT / "kamxl", quiet=1)
    old = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {"stages": {}}
    results = {"machine": machine(), "stages": {} if not arguments.stages else old["stages"]}
    for name in arguments.stages or STAGES:
        found = STAGES[name](quick=arguments.quick)
        results["stages"].update(found)
        print(tables({"machine": results["machine"], "stages": found}), flush=True)
    if not arguments.quick:
        RESULTS.write_text(json.dumps(results, indent=1), encoding="utf-8")
        write_page(PAGE, tables(results))


if __name__ == "__main__":
    main()
