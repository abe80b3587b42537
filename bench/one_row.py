"""One call of a worksheet function's work: one row through the reference, rules loaded."""

from __future__ import annotations

import statistics
import time

from bench.portfolio import make_clients, make_plan, make_table
from kamxl.backends import runner
from kamxl.table import Table


def bench_one_row(*, calls: int = 2000) -> float:
    """Median seconds of a call on one row."""
    clients = make_clients(200)
    table = make_table(clients)
    plan = make_plan(table)
    rows = [Table(table.headers, tuple([_plain(column[row])] for column in table.columns)) for row in range(200)]
    reference = runner("reference")
    seconds = []
    for call in range(calls):
        one = rows[call % len(rows)]
        start = time.perf_counter()
        reference.run(plan, one)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def _plain(cell: object) -> object:
    return None if cell != cell else float(cell) if isinstance(cell, float) else cell
