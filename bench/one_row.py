"""One call of a worksheet function, rules loaded: a row of a client list that has not been asked before."""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import peers
from bench.measure import Timing, compare
from bench.portfolio import Clients, make_clients, make_document, make_plan, make_table
from kamxl.addin.answers import Answers
from kamxl.addin.settings import Settings
from kamxl.backends import runner
from kamxl.table import Table

_ROWS = 500


def bench_one_row(*, rounds: int) -> list[Timing]:
    """Seconds of a call: scoring alone, the worksheet function around it, and what others take for one row."""
    clients = make_clients(_ROWS)
    table = make_table(clients)
    plan = make_plan(table)
    rows = [tuple(_plain(column[row]) for column in table.columns) for row in range(_ROWS)]
    tables = [Table(table.headers, tuple([cell] for cell in row)) for row in rows]
    with tempfile.TemporaryDirectory(prefix="kamxl-bench-") as folder:
        path = Path(folder) / "rules.yml"
        path.write_text(json.dumps(make_document()), encoding="utf-8")
        answers = Answers(Settings(Path(folder), path, "en"))
        calls: dict[str, tuple[int, Callable[[int], Any]]] = {
            "kamxl, scoring a row": (_ROWS, lambda row: runner("rows").run(plan, tables[row])),
            "KAM_SCORE over it, headers and rule file looked up": (
                _ROWS,
                lambda row: answers.answer("KAM_SCORE", [[rows[row]], [table.headers]]),
            ),
            "the reference, row by row": (_ROWS, lambda row: runner("reference").run(plan, tables[row])),
            **_others(clients),
        }
        seconds: dict[str, list[float]] = {name: [] for name in calls}
        for _ in range(rounds):
            answers.forget()
            for name, (count, call) in calls.items():
                call(0)
                seconds[name].append(_median(call, count))
    return compare(seconds)


def _others(clients: Clients) -> dict[str, tuple[int, Callable[[int], Any]]]:
    plain = peers.rows_of(clients, _ROWS)
    frames = [peers.pandas_frame(_part(clients, row)) for row in range(20)]
    return {
        "a plain Python function by hand": (_ROWS, lambda row: peers.score_python([plain[row]])),
        "pandas, a DataFrame of one row": (20, lambda row: peers.score_pandas(frames[row])),
    }


def _part(clients: Clients, row: int) -> Clients:
    numbers = {key: column[row : row + 1] for key, column in clients.numbers.items()}
    return Clients(numbers, {key: texts[row : row + 1] for key, texts in clients.texts.items()})


def _median(call: Callable[[int], Any], count: int) -> float:
    seconds = []
    for row in range(count):
        start = time.perf_counter()
        call(row)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def _plain(cell: object) -> object:
    return None if cell != cell else float(cell) if isinstance(cell, float) else cell
