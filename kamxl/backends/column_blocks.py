"""Blocks of rows: how many rows go through the kernel at a time.

On one thread: calls of NumPy on blocks that fit the cache are so short that two threads wait for each other's lock;
measured on two cores they cost up to 1.6 times the CPU and saved no time.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

# 16,384 rows: a handful of columns of a block stays in the cache of a core, and a call of NumPy costs little beside it.
BLOCK_ROWS = 16_384


def each_block(rows: int, work: Callable[[int, int], None]) -> None:
    """Has work done on rows start to stop of every block."""
    # Missing is NaN here, and arithmetic with it is meant.
    with np.errstate(all="ignore"):
        for start in range(0, rows, BLOCK_ROWS):
            work(start, min(start + BLOCK_ROWS, rows))
