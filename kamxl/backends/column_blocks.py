"""Blocks of rows: how many rows go through the kernel at a time, and on how many cores.

NumPy lets go of Python's lock while it works on a block, so two threads share the blocks of a large table; on short
blocks they would wait for each other's lock.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

# 32,768 rows: a handful of columns of a block stays in the cache of a core, and a call of NumPy costs little beside it.
BLOCK_ROWS = 32_768
# Below this, starting threads costs more than they save.
ROWS_FOR_THREADS = 65_536
# Between their calls of NumPy all threads share one lock: more of them would wait for it.
_MOST_THREADS = 4


def each_block(rows: int, work: Callable[[int, int], None]) -> None:
    """Has work done on rows start to stop of every block; on all cores for many rows, in any order."""

    def block(start: int) -> None:
        # Missing is NaN here, and arithmetic with it is meant.
        with np.errstate(all="ignore"):
            work(start, min(start + size, rows))

    size = BLOCK_ROWS
    if rows >= ROWS_FOR_THREADS:
        # As many blocks for one core as for the other.
        turns = -(-rows // (BLOCK_ROWS * _threads()))
        size = -(-rows // (turns * _threads()))
    in_parallel(block, range(0, rows, size), rows)


def in_parallel(work: Callable[[Any], Any], items: Iterable[Any], rows: int) -> list[Any]:
    """Results of work on items; on all cores for many rows. Errors: those of work."""
    if rows < ROWS_FOR_THREADS or _threads() == 1:
        return [work(item) for item in items]
    # It loads the logging of the standard library as well: as much as thousands of rows take.
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(_threads()) as pool:
        return list(pool.map(work, items))


def _threads() -> int:
    return min(os.cpu_count() or 1, _MOST_THREADS)
