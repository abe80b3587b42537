"""Blocks of rows: how many rows go through the kernel at a time, and on how many cores.

NumPy lets go of Python's lock while it works on a block, so two threads share the blocks of a large table; on short
blocks they would wait for each other's lock.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import cache
from threading import Thread
from typing import Any

import numpy as np

# 131,072 rows: the columns of a block stay in the outer cache, and threads seldom meet between their calls of NumPy.
BLOCK_ROWS = 131_072
# Below this, threads that wait for each other cost more than they save.
ROWS_FOR_THREADS = 150_000
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
        # As many blocks for one core as for the other, rather longer than more of them.
        turns = max(1, round(rows / (BLOCK_ROWS * _threads())))
        size = -(-rows // (turns * _threads()))
    in_parallel(block, range(0, rows, size), rows)


def in_parallel(work: Callable[[Any], Any], items: Iterable[Any], rows: int) -> list[Any]:
    """Results of work on items; on all cores for many rows. Errors: those of work."""
    keep_memory()
    waiting = list(items)
    others = min(_threads(), len(waiting)) - 1 if rows >= ROWS_FOR_THREADS else 0
    if others < 1:
        return [work(item) for item in waiting]
    results: list[Any] = [None] * len(waiting)
    errors: list[BaseException] = []
    # Shared: each thread takes the next position when it is done with its last one.
    positions = iter(range(len(waiting)))

    def take_turns() -> None:
        try:
            for position in positions:
                if errors:
                    return
                results[position] = work(waiting[position])
        except BaseException as error:
            errors.append(error)

    # This thread works as well: one thread less has to start. Pools of the standard library load its logging.
    helpers = [Thread(target=take_turns) for _ in range(others)]
    for helper in helpers:
        helper.start()
    take_turns()
    for helper in helpers:
        helper.join()
    if errors:
        raise errors[0]
    return results


@cache
def keep_memory() -> None:
    """Makes the process keep the memory of a block for the next one.

    The C library of Linux hands arrays back to the system after each block, and gets them zeroed again page by page,
    until it has once seen a large array come and go; it looks at none of 32 MB and more.
    """
    np.empty((1 << 25) - (1 << 16), np.uint8)


def _threads() -> int:
    return min(os.cpu_count() or 1, _MOST_THREADS)
