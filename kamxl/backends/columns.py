"""The default way to carry out a Plan: NumPy, whole columns in blocks that fit the cache, both cores for large tables.

Equal to `reference.py` on every table; what few rows ask for (problems, overrides, capacity) is done row by row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from kamxl.backends import Scored
from kamxl.backends.column_block import Block, missing_of
from kamxl.backends.column_blocks import BLOCK_ROWS
from kamxl.backends.column_cells import show_cells
from kamxl.backends.column_expressions import compile_block
from kamxl.backends.column_kernel import Fault, MatchKernel
from kamxl.backends.column_points import PointsByBlock
from kamxl.backends.column_run import Run
from kamxl.backends.column_types import NullableCells, Numbers
from kamxl.backends.points import PointsError, compile_scale
from kamxl.backends.reference import answer_problem, points_problem, row_place
from kamxl.backends.settle import (
    Classified,
    Outcome,
    apply_overrides,
    clash_problem,
    fill_capacity,
    previous_categories,
)
from kamxl.language.expression import kind_of
from kamxl.plan import Derive, Mark, Plan, Read, Relate
from kamxl.table import Table

# An array is as good as the sequences that the contract names, which NumPy's own annotations do not say.
Floats = Sequence[float]
Indexes = Sequence[int]


class ColumnsRunner:
    """Carries out a plan on whole columns."""

    name = "columns"

    def run(self, plan: Plan, table: Table, *, previous: Sequence[int] | None = None) -> Scored:
        """The results of the plan on the table."""
        return carry_out(Run(plan, table), previous)


def carry_out(run: Run, previous: Sequence[int] | None) -> Scored:
    """The results of a run that has not begun yet."""
    run.read()
    before = _previous(run.plan, run.table, previous)
    stages = run.compiled.stages
    for stage in stages:
        if isinstance(stage, Relate):
            run.relate(stage)
        else:
            run.score(stage, before, keep=len(stages) > 1)
    return collect(run, before)


def _previous(plan: Plan, table: Table, previous: Sequence[int] | None) -> NDArray[np.int16] | None:
    if all(rule.held is None for rule in plan.match.rules):
        return None
    codes = previous if previous is not None else previous_categories(plan, table)
    return np.asarray(codes, np.int16)


def collect(run: Run, previous: NDArray[np.int16] | None) -> Scored:
    """What the run has found, as every runner hands it over."""
    _report_faults(run)
    results = run.results
    if run.unusable:
        bad = np.fromiter(run.unusable, np.intp)
        results.category[bad] = -1
        results.is_held[bad] = False
        # Columns that later steps read stay as they are: what is shown of an unusable row is nothing.
        results.families = {key: _blanked(scores, bad) for key, scores in results.families.items()}
        results.score = _blanked(results.score, bad)
        results.completeness = _blanked(results.completeness, bad)
    for rows in results.clashes:
        for index in sorted(set(rows.tolist()) - run.unusable):
            run.report(index, clash_problem(run.plan, run.table, index, _matching_rules(run, index)))
    outcome = _settle(run, previous)
    for index, more in outcome.problems.items():
        run.problems.setdefault(index, []).extend(more)
    return Scored(
        plan=run.plan,
        table=run.table,
        score=cast(Floats, results.score),
        completeness=cast(Floats, results.completeness),
        families=cast(Mapping[str, Floats], results.families),
        category=outcome.category,
        rule_category=outcome.rule_category,
        values=LazyColumns(run),
        points_of=PointsByBlock(run),
        held=outcome.held,
        waiting=outcome.waiting,
        overrides=outcome.overrides,
        problems_by_row={index: tuple(run.problems[index]) for index in sorted(run.problems)},
    )


def _report_faults(run: Run) -> None:
    marks = run.plan.marks()
    for fault in sorted(run.results.faults, key=lambda fault: (fault.position, fault.rows[0])):
        mark = marks[fault.position]
        points_of = compile_scale(mark.scale, run.plan.rules.scale)
        answers = _answers(run, mark, fault)
        for index, value in zip(fault.rows.tolist(), answers, strict=True):
            place = row_place(run.plan, run.table, index)
            run.unusable.add(index)
            if value is None:
                run.report(index, answer_problem(mark.criterion, place))
                continue
            try:
                points_of(value)
            except PointsError as error:
                run.report(index, points_problem(mark.criterion, error, place))


def _answers(run: Run, mark: Mark, fault: Fault) -> list[Any]:
    start = int(fault.rows[0])
    block = run.block(start, int(fault.rows[-1]) + 1)
    with np.errstate(all="ignore"):
        cells = show_cells(compile_block(mark.of, run.plan.as_of)(block), kind_of(mark.of))
    values = [cells[index - start] for index in fault.rows.tolist()]
    return [None if isinstance(value, float) and value != value else _plain(value) for value in values]


def _matching_rules(run: Run, index: int) -> list[int]:
    rules = run.plan.match.rules
    block = run.block(index, index + 1)
    block_values: dict[str, Numbers] = {**run.results.families}
    block_values |= {"score": run.results.score, "completeness": run.results.completeness}
    for name, column in block_values.items():
        block.keep(name, column[index : index + 1])
    tests = MatchKernel(run.plan.match, run.plan).tests
    with np.errstate(all="ignore"):
        hits = [test is not None and bool(test(block)[0]) for test in tests]
    return [rule for rule, hit in enumerate(hits) if hit and rules[rule].when is not None]


def _settle(run: Run, previous: NDArray[np.int16] | None) -> Outcome:
    """Capacity and overrides, by the definition: they concern few rows, and most rule files have neither."""
    results = run.results
    outcome = Outcome(cast(list[float], results.score), cast(list[int], results.category), [])
    outcome.held = frozenset(np.flatnonzero(results.is_held).tolist())
    if results.matches is not None and results.held is not None:
        outcome.category = results.category.tolist()
        before = previous if previous is not None else np.full(run.rows, -1, np.int16)
        score, completeness = cast(Floats, results.score), cast(Floats, results.completeness)
        bits = Classified(score, completeness, (), BitRows(results.matches), BitRows(results.held))
        fill_capacity(run.plan, run.table, bits, cast(Indexes, before), outcome)
    outcome.rule_category = cast(list[int], np.asarray(outcome.category, np.int16))
    outcome.category = cast(list[int], np.array(outcome.category, np.int16))
    apply_overrides(run.plan, run.table, outcome)
    return outcome


def show_column(run: Run, name: str) -> Sequence[Any]:
    """A column by name as `Scored.values` shows it."""
    step = next(s for s in run.plan.operations if isinstance(s, (Read, Derive, Relate)) and s.name == name)
    if isinstance(step, Read):
        column = run.columns[name] if name in run.columns else run.read_one(step).values
        return show_cells(column, "condition" if step.kind == "yes/no" else step.kind)
    if isinstance(step, Relate):
        return show_cells(run.columns[name], "number")
    shown: list[Sequence[Any]] = []
    kind = kind_of(step.of)
    with np.errstate(all="ignore"):
        for start in range(0, run.rows, BLOCK_ROWS):
            block = run.block(start, min(start + BLOCK_ROWS, run.rows))
            shown.append(show_cells(block.column(name), kind))
    if all(isinstance(part, np.ndarray) for part in shown):
        return cast(Floats, np.concatenate(shown) if shown else np.empty(0))
    return [cell for part in shown for cell in part]


def _blanked(numbers: Numbers, rows: NDArray[np.intp]) -> Numbers:
    blanked = numbers.copy()
    blanked[rows] = np.nan
    return blanked


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, float) else value


class BitRows(Sequence[Sequence[bool]]):
    """Rows of a (rules, n) matrix of bits, one tuple at a time."""

    def __init__(self, bits: NDArray[np.bool_]) -> None:
        self._bits = bits

    def __len__(self) -> int:
        return int(self._bits.shape[1])

    def __getitem__(self, index: Any) -> Any:
        return self._bits[:, index].tolist()


class LazyColumns(Mapping[str, Sequence[Any]]):
    """Columns by name, made when they are first asked for. State: those made so far."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._names = [step.name for step in run.plan.operations if isinstance(step, (Read, Derive, Relate))]
        self._made: dict[str, Sequence[Any]] = {}

    def block(self, start: int, stop: int) -> Block:
        """All that is known of rows start to stop, as arrays: for those who compute on."""
        return self._run.block(start, stop)

    def unanswered(self) -> list[int]:
        """Rows without an answer in any column that is computed on; some may hold unusable cells."""
        missing = np.ones(self._run.rows, np.bool_)
        for step in self._run.plan.reads():
            column = self._run.columns.get(step.name)
            if column is not None:
                missing &= missing_of(column.part(0, len(column)) if isinstance(column, NullableCells) else column)
        return np.flatnonzero(missing).tolist()

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, name: str) -> Sequence[Any]:
        if name not in self._made:
            if name not in self._names:
                raise KeyError(name)
            self._made[name] = show_column(self._run, name)
        return self._made[name]
