"""Blocks of rows: how many rows go through the kernel at a time, and on how many threads."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

# 16,384 rows: a handful of columns of a block stays in the cache of a core, and a call of NumPy costs little beside it.
BLOCK_ROWS = 16_384
# Below this, handing work to a second thread costs more than it saves.
ROWS_FOR_THREADS = 8 * BLOCK_ROWS


def row_ranges(rows: int) -> list[range]:
    """Starts of blocks, one range per thread that pays."""
    threads = min(_cores(), max(1, rows // (ROWS_FOR_THREADS // 2))) if rows >= ROWS_FOR_THREADS else 1
    blocks = -(-rows // BLOCK_ROWS)
    share = -(-blocks // threads) * BLOCK_ROWS if blocks else 0
    return [range(start, min(start + share, rows), BLOCK_ROWS) for start in range(0, rows, share)] if share else []


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def each_block(rows: int, work: Callable[[int, int], None]) -> None:
    """Has work done on rows start to stop of every block, on as many threads as pay."""

    def carry_out(starts: range) -> None:
        # Missing is NaN here, and arithmetic with it is meant.
        with np.errstate(all="ignore"):
            for start in starts:
                work(start, min(start + BLOCK_ROWS, rows))

    ranges = row_ranges(rows)
    if len(ranges) <= 1:
        for starts in ranges:
            carry_out(starts)
        return
    with ThreadPoolExecutor(len(ranges)) as pool:
        list(pool.map(carry_out, ranges))
