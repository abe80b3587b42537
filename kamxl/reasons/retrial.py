"""Rows scored again with another value in one column: `trial.Trials.with_cell` for many rows at once.

The kernels of the run itself, on the rows in question. Capacity is not looked at here: where categories have one, rows
are told row by row.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kamxl.backends.column_block import Block
from kamxl.backends.column_expressions import compile_block
from kamxl.backends.column_kernel import Results
from kamxl.backends.column_rounding import quantise_array
from kamxl.backends.column_run import Scoring, compile_columns
from kamxl.backends.column_scales import compile_judge
from kamxl.backends.column_types import Column, Flags, Numbers
from kamxl.inversion import compile_inverse
from kamxl.language.expression import Node, names_in
from kamxl.plan import Derive, Mark, Plan
from kamxl.reasons.facts import Facts, Guide
from kamxl.reasons.inverse import BlockCalculus, BlockInverse
from kamxl.records import dataclass
from kamxl.trial import Trials

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Retried:
    """What rows would be. Shapes: (m,); category indexes the rules, -1 where the row could not be scored."""

    category: NDArray[np.int16]
    block: Block


class Retrials:
    """Trials on blocks of one run; the state is what each column leads to."""

    def __init__(self, guide: Guide) -> None:
        self.trials = Trials(guide)
        self._plan = guide.plan
        self._stages = [stage for stage in compile_columns(guide.plan).stages if isinstance(stage, Scoring)]
        self._inverses: dict[tuple[Node, str], BlockInverse | None] = {}
        # How much is answered is of interest where a category asks for it.
        self._counts_answers = guide.match.need is not None or _reads_completeness(guide.plan)
        self._marks = {mark.criterion: mark for mark in guide.plan.marks()}

    def inverse(self, node: Node, column: str) -> BlockInverse | None:
        """What finds the values of a column for which an expression yields other ones; it may raise RowByRow."""
        key = (node, column)
        if key not in self._inverses:
            self._inverses[key] = compile_inverse(node, column, self.trials.derived, BlockCalculus(self._plan.as_of))
        return self._inverses[key]

    def with_cells(self, facts: Facts, rows: Rows, column: str, values: Column) -> Retried | None:
        """The rows with other values in a column; None where that cannot be told. Shapes: rows and values (m,)."""
        if self.trials.criteria_after(column) is None:
            return None
        block = facts.block.some(rows, {column: values})
        results = _empty_results(self._plan, len(rows))
        again = self.trials.families_after(column)
        before = facts.guide.codes[facts.part][rows].astype(np.int16)
        for stage in self._stages:
            for family in stage.families:
                if family.key in again or self._counts_answers:
                    family.run(block, results)
                else:
                    block.keep(family.key, facts.families[family.key][rows])
                    block.keep(f"answered {family.key}", np.zeros(len(rows)))
            if stage.total is not None:
                stage.total.run(block, results)
            if stage.match is not None:
                stage.match.run(block, results, before)
        for fault in results.faults:
            results.category[fault.rows] = -1
        return Retried(results.category, block)

    def losing(self, facts: Facts, rows: Rows, column: str, block: Block) -> Flags:
        """Where any criterion that reads the column has lost points, or its answer. Shapes: rows (m,)."""
        found = np.zeros(len(rows), np.bool_)
        for criterion in self.trials.criteria_after(column) or ():
            was = facts.points(criterion)[rows]
            now = _points_of(self._marks[criterion], self._plan, block)
            less = (now < was) & (quantise_array(now) < quantise_array(was))
            found |= ~np.isnan(was) & (np.isnan(now) | less)
        return found


def _reads_completeness(plan: Plan) -> bool:
    conditions = [node for rule in plan.match.rules for node in (rule.when, rule.held) if node is not None]
    derived = [step.of for step in plan.operations if isinstance(step, Derive)]
    return any("completeness" in names_in(node) for node in (*conditions, *derived))


def _points_of(mark: Mark, plan: Plan, block: Block) -> Numbers:
    fill = mark.missing.points if mark.missing.mode == "points" else np.nan
    judge = compile_judge(mark.scale, plan.rules.scale, lambda points: points, fill)
    return judge(compile_block(mark.of, plan.as_of)(block)).amounts


def _empty_results(plan: Plan, rows: int) -> Results:
    return Results(
        families={combine.family: np.empty(rows) for combine in plan.combines()},
        score=np.empty(rows),
        completeness=np.empty(rows),
        answered={},
        category=np.empty(rows, np.int16),
        is_held=np.zeros(rows, np.bool_),
        clashes=[],
        faults=[],
    )
