"""Reasons of whole blocks: which rows can be told in bulk, and their texts put in place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kamxl.backends import Scored
from kamxl.backends.column_blocks import BLOCK_ROWS
from kamxl.backends.column_types import Flags
from kamxl.problems import Severity
from kamxl.reasons.absent import AbsentNames
from kamxl.reasons.changes import tell_changes
from kamxl.reasons.facts import Facts, Guide
from kamxl.reasons.retrial import Retrials
from kamxl.reasons.texts import as_texts
from kamxl.reasons.why import tell_why
from kamxl.records import dataclass


@dataclass(frozen=True, slots=True)
class Told:
    """Texts of all rows, and the rows that are left to the row by row definitions. Shapes: texts (n,)."""

    why: list[str]
    following: list[str]
    rest_of_why: list[int]
    rest_of_following: list[int]


def tell_blocks(scored: Scored, empty: Sequence[bool], language: str) -> Told:
    """What can be told in bulk. Shapes: empty (n,)."""
    why, following = np.full(len(empty), "", object), np.full(len(empty), "", object)
    skip = np.asarray(empty, np.bool_)
    single = _told_singly(scored) & ~skip
    guide, absent = Guide(scored, language), AbsentNames(language)
    retrials, rest = Retrials(guide), np.flatnonzero(single).tolist()
    rest_of_following = list(rest)
    with np.errstate(all="ignore"):
        for start in range(0, len(empty), BLOCK_ROWS):
            stop = min(start + BLOCK_ROWS, len(empty))
            rows = np.flatnonzero(~(skip | single)[start:stop])
            if not len(rows):
                continue
            facts = Facts(guide, start, stop)
            why[rows + start] = as_texts(tell_why(facts, rows, absent.endings(facts, rows)))
            following[start:stop], known = tell_changes(facts, rows, retrials)
            rest_of_following += (rows[~known[rows]] + start).tolist()
    return Told(why.tolist(), following.tolist(), rest, rest_of_following)


def _told_singly(scored: Scored) -> Flags:
    """Rows that overrides or problems speak of, or that have no score or no category."""
    single = np.isnan(np.asarray(scored.score, np.float64)) | (np.asarray(scored.rule_category) < 0)
    single[list(scored.overrides)] = True
    for row, problems in scored.problems_by_row.items():
        if any(problem.severity is Severity.ERROR for problem in problems):
            single[row] = True
    return single
