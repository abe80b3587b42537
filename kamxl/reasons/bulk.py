"""Reasons of whole blocks: which rows can be told in bulk, and their texts put in place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kamxl.backends import Scored
from kamxl.backends.column_blocks import BLOCK_ROWS
from kamxl.backends.column_cells import Flags
from kamxl.problems import Severity
from kamxl.reasons.absent import AbsentNames
from kamxl.reasons.facts import Facts, Guide
from kamxl.reasons.why import tell_why


def tell_blocks(scored: Scored, empty: Sequence[bool], language: str) -> tuple[list[str], list[int]]:
    """(why, rows that are left to the row by row definition). Shapes: empty and why (n,)."""
    why = [""] * len(empty)
    skip = np.asarray(empty, np.bool_)
    single = _told_singly(scored) & ~skip
    guide, absent = Guide(scored, language), AbsentNames(language)
    with np.errstate(all="ignore"):
        for start in range(0, len(empty), BLOCK_ROWS):
            stop = min(start + BLOCK_ROWS, len(empty))
            rows = np.flatnonzero(~(skip | single)[start:stop])
            if not len(rows):
                continue
            facts = Facts(guide, start, stop)
            for row, line in zip((rows + start).tolist(), tell_why(facts, rows, absent.of(facts)), strict=True):
                why[row] = line
    return why, np.flatnonzero(single).tolist()


def _told_singly(scored: Scored) -> Flags:
    """Rows that overrides or problems speak of, or that have no score or no category."""
    single = np.isnan(np.asarray(scored.score, np.float64)) | (np.asarray(scored.rule_category) < 0)
    single[list(scored.overrides)] = True
    for row, problems in scored.problems_by_row.items():
        if any(problem.severity is Severity.ERROR for problem in problems):
            single[row] = True
    return single
