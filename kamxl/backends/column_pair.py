"""Two plans on one table: cells are read once, because reading them is most of a run."""

from __future__ import annotations

from collections.abc import Sequence

from kamxl.backends import Scored
from kamxl.backends.column_cells import ReadColumn
from kamxl.backends.column_run import Run
from kamxl.backends.columns import carry_out
from kamxl.plan import Plan, Read
from kamxl.records import dataclass, field
from kamxl.table import Table
from kamxl.values import Reading


@dataclass(slots=True)
class Cells:
    """What one run has read of a table, for the next one. State: columns, and rows with errors, by column."""

    columns: dict[tuple[int, str, bool], ReadColumn] = field(default_factory=dict)
    errors: dict[int, dict[int, Reading]] = field(default_factory=dict)


class SharingRun(Run):
    """A run that takes the cells that another run on the same table has read. State: those cells."""

    shared: Cells

    def read_one(self, step: Read) -> ReadColumn:
        """One column of the table, read now or before."""
        key = (step.index, step.kind, self.plan.rules.decimal_comma)
        if key not in self.shared.columns:
            self.shared.columns[key] = super().read_one(step)
        return self.shared.columns[key]

    def errors_of(self, step: Read) -> dict[int, Reading]:
        """Rows with an error in a column, looked for now or before."""
        if step.index not in self.shared.errors:
            self.shared.errors[step.index] = super().errors_of(step)
        return self.shared.errors[step.index]


def run_two(
    plans: tuple[Plan, Plan], table: Table, *, previous: tuple[Sequence[int], Sequence[int]] | None = None
) -> tuple[Scored, Scored]:
    """The results of two plans on one table, as two runs would give them.

    Shapes: previous holds, for each plan, last time's category of every row as index in its own rules.
    """
    shared = Cells()
    found = []
    for position, plan in enumerate(plans):
        run = SharingRun(plan, table)
        run.shared = shared
        found.append(carry_out(run, previous[position] if previous is not None else None))
    return found[0], found[1]
