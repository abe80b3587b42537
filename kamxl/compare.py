"""What if: two rule sets over the same clients. Who moves between which categories, and how much revenue with them.

Takes two results on one table, or makes them; knows nothing of files. Both runs see the same category of last time, so
that a hold does not look like a change of rules.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from kamxl.backends import Scored
from kamxl.backends.column_pair import run_two
from kamxl.backends.settle import client_name
from kamxl.language.model import CategoryRule
from kamxl.plan import Plan
from kamxl.records import dataclass
from kamxl.table import Table
from kamxl.values import clean_text, is_blank, text_of

NO_CATEGORY = ""


@dataclass(frozen=True, slots=True)
class Mover:
    """A client whose category changes. Units: scores 0 to 100, NaN for none; revenue as in the table, NaN for none."""

    client: str
    name: str
    row: int
    old: str
    new: str
    old_score: float
    new_score: float
    revenue: float

    @property
    def called(self) -> str:
        """How people call the client, with its identifier behind."""
        return f"{self.name} ({self.client})" if self.name and self.name != self.client else self.client

    @property
    def is_known(self) -> bool:
        """Whether the client has a revenue."""
        return not math.isnan(self.revenue)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Old rules against new rules on one table.

    Shapes: clients and revenue are (k, k) over `categories`, rows old and columns new; the last category is none.
    `score_changes` (n,) are new minus old scores, NaN where either is missing.
    """

    old: Scored
    new: Scored
    categories: tuple[str, ...]
    labels: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    clients: tuple[tuple[int, ...], ...]
    revenue: tuple[tuple[float, ...], ...]
    movers: tuple[Mover, ...]
    score_changes: Sequence[float]

    @property
    def moved_revenue(self) -> float:
        """Revenue of the clients that move."""
        return math.fsum(mover.revenue for mover in self.movers if mover.is_known)

    @property
    def client_count(self) -> int:
        """Clients in the table; empty rows are none."""
        return sum(map(sum, self.clients))

    def _score_changes(self) -> list[dict[str, Any]]:
        """Every client whose score changes, largest revenue first."""
        changes = np.asarray(self.score_changes, np.float64)
        rows = np.flatnonzero(np.abs(changes) > 1e-9)
        revenue = _revenue(self.new) if "revenue" in self.new.values else _revenue(self.old)
        order = rows[np.argsort(-np.nan_to_num(revenue[rows], nan=-math.inf), kind="stable")]
        return [
            {
                "client": client_name(self.new.plan, self.new.table, row),
                "old_score": float(self.old.score[row]),
                "new_score": float(self.new.score[row]),
                "revenue": _or_none(float(revenue[row])),
            }
            for row in order.tolist()
        ]

    @property
    def score_shift(self) -> tuple[int, float, float]:
        """How many scores change, the largest rise, and the largest fall (at most 0)."""
        changes = np.asarray(self.score_changes, np.float64)
        changed = changes[np.abs(changes) > 1e-9]
        return int(changed.size), float(changed.max(initial=0.0)), float(changed.min(initial=0.0))

    def label(self, key: str, language: str) -> str:
        """How a category is called, by the new rules if they have it."""
        texts = dict(dict(self.labels).get(key, ()))
        return texts.get(language) or texts.get("en") or next(iter(texts.values()), key)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        changed, rise, fall = self.score_shift
        return {
            "clients": self.client_count,
            "moved": len(self.movers),
            "moved_revenue": self.moved_revenue,
            "scores_changed": changed,
            "largest_rise": rise,
            "largest_fall": fall,
            "score_changes": self._score_changes(),
            "categories": [key or None for key in self.categories],
            "matrix_clients": [list(row) for row in self.clients],
            "matrix_revenue": [list(row) for row in self.revenue],
            "movers": [
                {
                    "client": mover.client,
                    "name": mover.name or None,
                    "old": mover.old or None,
                    "new": mover.new or None,
                    "old_score": _or_none(mover.old_score),
                    "new_score": _or_none(mover.new_score),
                    "revenue": _or_none(mover.revenue),
                }
                for mover in self.movers
            ],
        }


def _or_none(number: float) -> float | None:
    return None if math.isnan(number) else number


def compare_plans(plans: tuple[Plan, Plan], table: Table, *, previous: Sequence[str] | None = None) -> Comparison:
    """The comparison of two plans on one table.

    Shapes: previous (n,) is last time's category of each row by key, empty for none; without it the table says it.
    """
    codes = None if previous is None else (_codes(plans[0], previous), _codes(plans[1], previous))
    return compare_results(*run_two(plans, table, previous=codes))


def _codes(plan: Plan, keys: Sequence[str]) -> list[int]:
    known = {rule.key: index for index, rule in enumerate(plan.rules.categories.all_rules)}
    return [known.get(key, -1) for key in keys]


def compare_results(old: Scored, new: Scored) -> Comparison:
    """The comparison of two results on the same table."""
    rules = [scored.plan.rules.categories.all_rules for scored in (old, new)]
    keys = list(dict.fromkeys([*(rule.key for rule in rules[1]), *(rule.key for rule in rules[0])]))
    position = {key: index for index, key in enumerate(keys)}
    before, after = (_positions(scored, rule_set, position) for scored, rule_set in zip((old, new), rules, strict=True))
    revenue = _revenue(new) if "revenue" in new.values else _revenue(old)
    present = _present(new) | _present(old)
    size = len(keys) + 1
    pairs = (before * size + after)[present]
    counts = np.bincount(pairs, minlength=size * size).reshape(size, size)
    known = np.nan_to_num(revenue[present])
    sums = np.bincount(pairs, weights=known, minlength=size * size).reshape(size, size)
    old_scores, new_scores = np.asarray(old.score, np.float64), np.asarray(new.score, np.float64)
    names = (*keys, NO_CATEGORY)
    moved = np.flatnonzero((before != after) & present)
    order = moved[np.argsort(-np.nan_to_num(revenue[moved], nan=-math.inf), kind="stable")]
    called = _called(new, order.tolist())
    movers = tuple(
        Mover(
            client_name(new.plan, new.table, row),
            called[row],
            row,
            names[before[row]],
            names[after[row]],
            float(old_scores[row]),
            float(new_scores[row]),
            float(revenue[row]),
        )
        for row in order.tolist()
    )
    labels = {rule.key: rule.label.texts for rule_set in rules for rule in rule_set}
    return Comparison(
        old=old,
        new=new,
        categories=names,
        labels=tuple(labels.items()),
        clients=tuple(tuple(row) for row in counts.tolist()),
        revenue=tuple(tuple(row) for row in sums.tolist()),
        movers=movers,
        score_changes=cast(Sequence[float], new_scores - old_scores),
    )


def _called(scored: Scored, rows: Sequence[int]) -> dict[int, str]:
    """What the name column says of some rows; empty texts where there is none."""
    column = scored.plan.rules.column_with_role("name")
    at = next((step.index for step in scored.plan.reads() if column is not None and step.name == column.key), -1)
    cells = scored.table.columns[at] if at >= 0 else None
    return {row: "" if cells is None or is_blank(cells[row]) else clean_text(text_of(cells[row])) for row in rows}


def _positions(scored: Scored, rules: tuple[CategoryRule, ...], position: dict[str, int]) -> NDArray[np.intp]:
    """The category of each row as position in the keys of both rule sets; behind them, none."""
    known = [position[rule.key] for rule in rules]
    return np.array([*known, len(position)], np.intp)[np.asarray(scored.category, np.intp)]


def _revenue(scored: Scored) -> NDArray[np.float64]:
    if "revenue" not in scored.values:
        return np.full(scored.row_count, np.nan)
    column = scored.values["revenue"]
    if isinstance(column, np.ndarray):
        return np.asarray(column, np.float64)
    return np.array([number if isinstance(number, float) else np.nan for number in column])


def _present(scored: Scored) -> NDArray[np.bool_]:
    """Rows with a client: scored, classified, or with a problem. A row that is blank throughout is none of these."""
    present = ~np.isnan(np.asarray(scored.score, np.float64))
    for row in scored.problems_by_row:
        present[row] = True
    blank = np.flatnonzero(~present)
    columns = [scored.table.columns[step.index] for step in scored.plan.reads() if step.index >= 0]
    for row in blank.tolist():
        present[row] = any(_is_given(column[row]) for column in columns)
    return present


def _is_given(cell: object) -> bool:
    return cell is not None and cell == cell and str(cell).strip() != ""
