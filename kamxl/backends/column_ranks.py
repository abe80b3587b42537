"""Portfolio-relative columns on arrays: percentile and cumulative share, equal to `reference.py`."""

from __future__ import annotations

import numpy as np

from kamxl.backends.column_rounding import quantise_array
from kamxl.backends.column_types import Numbers


def relate(function: str, answers: Numbers) -> Numbers:
    """Percentile or cumulative share of every answer among all; NaN stays NaN. Shapes: (n,)."""
    result = np.full(len(answers), np.nan)
    answered = np.flatnonzero(~np.isnan(answers))
    if not len(answered):
        return result
    known = quantise_array(answers[answered])
    order = np.argsort(known)
    ranked = known[order]
    result[answered[order]] = _percentiles(ranked) if function == "percentile" else _cumulative_shares(ranked)
    return result


def _percentiles(ranked: Numbers) -> Numbers:
    if len(ranked) == 1:
        return np.zeros(1)
    below: Numbers = _first_of_equals(ranked) / (len(ranked) - 1)
    return below


def _first_of_equals(ranked: Numbers) -> Numbers:
    position = np.arange(len(ranked), dtype=np.float64)
    position[1:][ranked[1:] == ranked[:-1]] = 0
    return np.maximum.accumulate(position)


def _cumulative_shares(ranked: Numbers) -> Numbers:
    # 80-bit sums: the rounded result is that of the exact sums in the definition, whatever the order of the rows.
    positive = np.where(ranked > 0, ranked, 0.0).astype(np.longdouble)
    with np.errstate(over="ignore"):
        from_top = np.cumsum(positive[::-1])[::-1].astype(np.float64)
    total = from_top[0]
    if not 0 < total < np.inf:
        return np.full(len(ranked), np.nan)
    shares: Numbers = from_top[_first_of_equals(ranked).astype(np.intp)] / total
    return shares
