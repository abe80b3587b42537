"""Names of the answers that a client lacks, heaviest first: one list for each pattern of missing answers."""

from __future__ import annotations

from itertools import compress

import numpy as np
from numpy.typing import NDArray

from kamxl.phrases import around, capital
from kamxl.reasons.facts import Facts

# More names than this are counted, not listed.
MOST_NAMES = 3


class AbsentNames:
    """Endings of lines by pattern. State: the patterns met so far."""

    def __init__(self, language: str) -> None:
        before, self._behind = around("missing_list", language, "names")
        self._before = f". {capital(before)}"
        self._known: dict[bytes, str] = {}

    def endings(self, facts: Facts, rows: NDArray[np.intp]) -> list[str]:
        """What each of the rows lacks, as a sentence behind the stop of the one before; a stop where it lacks nothing.

        Shapes: rows (m,), positions in the block.
        """
        parts = sorted(facts.absent(), key=lambda part: -part[0])
        if not parts:
            return ["."] * len(rows)
        labels = [label for _, label, _ in parts]
        packed = np.ascontiguousarray(np.packbits(np.array([flags[rows] for _, _, flags in parts]), axis=0).T)
        patterns: list[bytes] = packed.view(f"V{packed.shape[1]}").ravel().tolist()
        known = self._known
        fresh = list(set(patterns) - known.keys())
        bits = np.frombuffer(b"".join(fresh), np.uint8).reshape(len(fresh), packed.shape[1])
        for pattern, absent in zip(fresh, np.unpackbits(bits, axis=1, count=len(labels)).tolist(), strict=True):
            known[pattern] = self._told(list(compress(labels, absent)))
        return list(map(known.__getitem__, patterns))

    def _told(self, names: list[str]) -> str:
        if not names:
            return "."
        more = f" +{len(names) - MOST_NAMES}" if len(names) > MOST_NAMES else ""
        return f"{self._before}{', '.join(names[:MOST_NAMES])}{more}{self._behind}."
