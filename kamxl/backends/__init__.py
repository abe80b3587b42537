"""Ways to carry out a Plan: the Runner and Emitter contracts, and a lazy table of names.

A Runner turns a Plan and a Table into Scored; an Emitter turns a Plan into text (formulas, SQL). One file, one way.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Protocol, cast

from kamxl.plan import Plan
from kamxl.problems import Problem
from kamxl.records import dataclass, field
from kamxl.table import Table
from kamxl.values import is_blank


@dataclass(frozen=True, slots=True)
class Override:
    """A manager's decision that replaces the rule's answer for one client. Units: until is a serial or None."""

    category: int
    reason: str
    author: str
    until: float | None


@dataclass(frozen=True, slots=True)
class Scored:
    """Results of a run, column by column; n is the number of rows.

    Shapes: every sequence (n,). Numbers are floats with NaN for missing; a text is str or None.
    Units: score and families 0 to 100, completeness 0 to 1, points 0 to the scale; `category` and `rule_category`
    (before overrides) index `rules.categories.all_rules`, -1 for none; `waiting` likewise names the full category.
    `values` holds every Read, Derive and Relate column by name.
    `problems_by_row` holds the problems that left a row unscored (or an override out); rows are 0-based.
    """

    plan: Plan
    table: Table
    score: Sequence[float]
    completeness: Sequence[float]
    families: Mapping[str, Sequence[float]]
    category: Sequence[int]
    rule_category: Sequence[int]
    values: Mapping[str, Sequence[Any]]
    points_of: Callable[[str], Sequence[float]]
    held: frozenset[int] = frozenset()
    waiting: Mapping[int, int] = field(default_factory=dict)
    overrides: Mapping[int, Override] = field(default_factory=dict)
    problems_by_row: Mapping[int, tuple[Problem, ...]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    # What later stages have worked out of the whole run, by name, and would work out again.
    worked_out: dict[str, Any] = field(default_factory=dict, init=False)

    @property
    def row_count(self) -> int:
        """Number of rows."""
        return self.table.row_count

    def blank_rows(self) -> Sequence[int]:
        """Rows in which every column that the rules read is blank: no client, no result."""
        # Few rows have no answer, and those few are looked at cell by cell: an error is no answer and not blank.
        unanswered = getattr(self.values, "unanswered", None)
        left: Sequence[int] = range(self.row_count) if unanswered is None else unanswered()
        for step in self.plan.reads():
            if step.index >= 0:
                column = self.table.columns[step.index]
                left = [row for row in left if is_blank(column[row])]
        return left


class Runner(Protocol):
    """Carries out a plan on a table."""

    name: str

    def run(self, plan: Plan, table: Table, *, previous: Sequence[int] | None = None) -> Scored:
        """The results of the plan on the table.

        Shapes: previous (n,) indexes `categories.all_rules` as last time's category, -1 for none; without it the
        Category column of the table says it.
        Errors: none for user data: problems travel in Scored.
        """
        ...


_RUNNERS = {
    "reference": ("kamxl.backends.reference", "ReferenceRunner"),
    "rows": ("kamxl.backends.rows", "RowsRunner"),
    "columns": ("kamxl.backends.columns", "ColumnsRunner"),
}


@cache
def runner(name: str = "columns") -> Runner:
    """The runner with a name, always the same one; its packages are imported now and not before.

    Errors: KeyError for an unknown name - a bug of ours, the front doors offer the names.
    """
    module, attribute = _RUNNERS[name]
    return cast(Runner, getattr(importlib.import_module(module), attribute)())
