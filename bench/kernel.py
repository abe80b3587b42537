"""The scoring kernel: 20 criteria, scores, families and category, from texts as a reader hands them over."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from bench import peers
from bench.measure import Timing, race
from bench.portfolio import NUMBERS, WORDS, Clients, make_clients, make_plan, make_table
from kamxl.backends import runner
from kamxl.backends.arrow_batches import cells_from
from kamxl.backends.column_blocks import in_parallel
from kamxl.backends.column_reasons import extremes
from kamxl.plan import Plan
from kamxl.table import Table


def arrow_columns(clients: Clients) -> dict[str, Any]:
    """The clients as Arrow holds them, which is what Parquet readers and pandas 3 hand over."""
    import pyarrow as pa

    columns = {key: pa.array(clients.numbers[key], from_pandas=True) for key in NUMBERS}
    return {**columns, **{key: pa.array(clients.texts[key]) for key in WORDS}}


def score_arrow(columns: dict[str, Any], plan: Plan) -> Any:
    """Arrow to results, encoding included."""
    rows = len(next(iter(columns.values())))
    table = Table(tuple(columns), tuple(in_parallel(cells_from, columns.values(), rows)))
    return runner("columns").run(plan, table)


def score_with_reasons(columns: dict[str, Any], plan: Plan) -> Any:
    """Results, and for every client its strongest and weakest criterion as codes; text is made when it is written."""
    scored = score_arrow(columns, plan)
    return scored, *extremes(scored)


def bench_columns(count: int, *, rounds: int) -> list[Timing]:
    """kamxl beside pandas and polars on whole columns; every class must agree."""
    clients = make_clients(count)
    table = make_table(clients)
    plan, columns = make_plan(table), arrow_columns(clients)
    frame, lazy = peers.pandas_frame(clients), peers.polars_frame(clients)
    kamxl = runner("columns")
    mine = np.asarray(kamxl.run(plan, table).category)
    for name, classes in (("pandas", peers.score_pandas(frame)[1]), ("polars", peers.score_polars(lazy)[1])):
        different = int((classes != mine).sum())
        if different:
            raise ValueError(f"{different} classes differ from {name}")
    return race(
        {
            "kamxl, Arrow texts": lambda: score_arrow(columns, plan),
            "kamxl, lists of Python texts": lambda: kamxl.run(plan, table),
            "kamxl, with reasons": lambda: score_with_reasons(columns, plan),
            "pandas, by hand": lambda: peers.score_pandas(frame),
            "polars lazy, by hand": lambda: peers.score_polars(lazy),
        },
        rounds=rounds,
    )


def bench_rows(count: int, *, rounds: int) -> list[Timing]:
    """Engines that take a row at a time: time per client, beside kamxl's on 1M clients. Units: seconds per client."""
    clients = make_clients(1_000_000)
    columns = arrow_columns(clients)
    plan = make_plan(make_table(clients))
    rows = peers.rows_of(clients, count)
    wanted = np.asarray(score_arrow(columns, plan).category)[:count]
    engines: dict[str, Callable[[list[dict[str, Any]]], Any]] = {
        "plain Python loop": peers.score_python,
        "zen-engine, precompiled": peers.zen_engine(),
        "zen-engine, async gather": peers.zen_engine_async(),
        "rule-engine, parsed": peers.rule_engine_rules(),
    }
    for name, score in engines.items():
        different = int((score(rows)[1] != wanted).sum())
        if different:
            raise ValueError(f"{different} classes differ from {name}")
    return race(
        {
            "kamxl": lambda: score_arrow(columns, plan),
            **{name: (lambda score=score: score(rows)) for name, score in engines.items()},  # type: ignore[misc]
        },
        rounds=rounds,
        clients={"kamxl": 1_000_000, **dict.fromkeys(engines, count)},
    )


def memory_growth(count: int = 1_000_000) -> dict[str, float]:
    """Bytes per client that a run takes beyond its input, at its peak: Python's and NumPy's, and Arrow's own."""
    import pyarrow as pa

    clients = make_clients(count)
    table = make_table(clients)
    plan, columns = make_plan(table), arrow_columns(clients)
    found = {}
    runs = {
        "": lambda: runner("columns").run(plan, table),
        ", texts and blanks from Arrow": lambda: score_arrow(columns, plan),
        ", with reasons": lambda: score_with_reasons(columns, plan),
    }
    for name, run in runs.items():
        before = pa.total_allocated_bytes()
        tracemalloc.start()
        results = run()
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        found[f"bytes per client beyond the input{name}"] = round(
            (peak + max(0, pa.total_allocated_bytes() - before)) / count, 1
        )
        del results
    return found


def cost_per_row(sizes: tuple[int, ...], *, rounds: int) -> tuple[list[Timing], list[Timing]]:
    """Seconds per client at growing sizes, texts from Arrow and in Python's lists: at which size is a client dear?"""
    # Small sizes are run over and over, so that each figure is of as much work as the largest.
    runs: dict[str, tuple[Callable[[], None], Callable[[], None]]] = {}
    most = max(sizes)
    for size in sizes:
        clients = make_clients(size)
        table, columns = make_table(clients), arrow_columns(clients)
        plan = make_plan(table)
        score_arrow(columns, plan)
        from_arrow = partial(score_arrow, columns, plan)
        from_lists = partial(runner("columns").run, plan, table)
        runs[f"{size:,} clients"] = _repeated(from_arrow, most // size), _repeated(from_lists, most // size)
    counts = {f"{size:,} clients": most // size * size for size in sizes}
    arrow, lists = (
        race({name: run[form] for name, run in runs.items()}, rounds=rounds, clients=counts) for form in (0, 1)
    )
    return arrow, lists


def _repeated(work: Callable[[], Any], times: int) -> Callable[[], None]:
    def run() -> None:
        for _ in range(times):
            work()

    return run
