"""Names of the answers that a client lacks, heaviest first: one list for each pattern of missing answers."""

from __future__ import annotations

import numpy as np

from kamxl.phrases import say
from kamxl.reasons.facts import Facts

# More names than this are counted, not listed.
MOST_NAMES = 3


class AbsentNames:
    """Names by pattern. State: the patterns met so far."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._known: dict[bytes, str] = {}

    def of(self, facts: Facts) -> list[str]:
        """The sentence of what is missing for each row, empty where nothing is."""
        parts = sorted(facts.absent(), key=lambda part: -part[0])
        if not parts:
            return [""] * len(facts)
        labels = [label for _, label, _ in parts]
        packed = np.packbits(np.array([flags for _, _, flags in parts]), axis=0).T
        rows = np.ascontiguousarray(packed)
        patterns = rows.view(f"V{rows.shape[1]}").ravel().tolist()
        known = self._known
        for pattern in set(patterns) - known.keys():
            bits = np.unpackbits(np.frombuffer(pattern, np.uint8), count=len(labels))
            known[pattern] = self._told([label for label, bit in zip(labels, bits.tolist(), strict=True) if bit])
        return [known[pattern] for pattern in patterns]

    def _told(self, names: list[str]) -> str:
        if not names:
            return ""
        more = f" +{len(names) - MOST_NAMES}" if len(names) > MOST_NAMES else ""
        sentence = say("missing_list", self._language, names=", ".join(names[:MOST_NAMES]) + more)
        return sentence[:1].upper() + sentence[1:]
