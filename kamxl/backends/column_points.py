"""Points of criteria, computed when they are asked for: whole columns, or a few rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import numpy as np

from kamxl.backends.column_blocks import each_block
from kamxl.backends.column_expressions import compile_answer
from kamxl.backends.column_run import Run
from kamxl.backends.column_scales import compile_judge
from kamxl.backends.column_types import Numbers


class PointsByBlock:
    """What `Scored.points_of` is for a run on columns. State: the run."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def __call__(self, criterion: str) -> Sequence[float]:
        """Points of a criterion for every row; NaN where it is left out."""
        points = np.empty(self._run.rows)
        part_of = self.part_of(criterion)

        def work(start: int, stop: int) -> None:
            points[start:stop] = part_of(start, stop)

        each_block(self._run.rows, work)
        return cast(Sequence[float], points)

    def part_of(self, criterion: str) -> Callable[[int, int], Numbers]:
        """What computes the points of a criterion for rows start to stop; NaN where it is left out."""
        run = self._run
        mark = next(mark for mark in run.plan.marks() if mark.criterion == criterion)
        fill = mark.missing.points if mark.missing.mode == "points" else np.nan
        judge = compile_judge(mark.scale, run.plan.rules.scale, lambda points: points, fill)
        answer = compile_answer(mark.of, run.plan.as_of)
        return lambda start, stop: judge(answer(run.block(start, stop))).amounts
