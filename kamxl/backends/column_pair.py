"""Two plans on one table: cells are read once, because reading them is most of a run."""

from __future__ import annotations

from collections.abc import Sequence

from kamxl.backends import Scored
from kamxl.backends.column_cells import ReadColumn
from kamxl.backends.column_run import Run
from kamxl.backends.columns import carry_out
from kamxl.plan import Plan, Read
from kamxl.table import Table

Shared = dict[tuple[int, str, bool], ReadColumn]


class SharingRun(Run):
    """A run that takes the columns that another run on the same table has read. State: those columns."""

    shared: Shared

    def read_one(self, step: Read) -> ReadColumn:
        """One column of the table, read now or before."""
        key = (step.index, step.kind, self.plan.rules.decimal_comma)
        if key not in self.shared:
            self.shared[key] = super().read_one(step)
        return self.shared[key]


def run_two(
    plans: tuple[Plan, Plan], table: Table, *, previous: tuple[Sequence[int], Sequence[int]] | None = None
) -> tuple[Scored, Scored]:
    """The results of two plans on one table, as two runs would give them.

    Shapes: previous holds, for each plan, last time's category of every row as index in its own rules.
    """
    shared: Shared = {}
    found = []
    for position, plan in enumerate(plans):
        run = SharingRun(plan, table)
        run.shared = shared
        found.append(carry_out(run, previous[position] if previous is not None else None))
    return found[0], found[1]
