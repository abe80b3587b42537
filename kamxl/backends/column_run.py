"""One run of a plan on a table, column by column: reading, relative columns, scoring; findings are in its fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import numpy as np
from numpy.typing import NDArray

from kamxl.backends.column_block import Block, Compute
from kamxl.backends.column_blocks import each_block, in_parallel, keep_memory
from kamxl.backends.column_cells import ReadColumn, error_cells, read_column
from kamxl.backends.column_expressions import compile_block, compile_numbers
from kamxl.backends.column_kernel import FamilyKernel, MatchKernel, Results, TotalKernel
from kamxl.backends.column_ranks import relate
from kamxl.backends.column_types import CodedCells, Column, NullableCells, Numbers, Texts
from kamxl.backends.reference import cell_problem, choice_problem
from kamxl.language.expression import names_in
from kamxl.plan import Combine, Derive, Match, Operation, Plan, Read, Relate, Total
from kamxl.problems import Problem
from kamxl.records import dataclass, field
from kamxl.table import Table
from kamxl.values import TEXT_KINDS, Reading, fold


@dataclass(frozen=True, slots=True)
class Scoring:
    """Families, total and categories that can share one walk over the blocks, ready to run."""

    families: tuple[FamilyKernel, ...]
    total: TotalKernel | None
    match: MatchKernel | None


Stage = Relate | Scoring


@dataclass(frozen=True, slots=True)
class Compiled:
    """A plan ready to run on columns. Shapes: stages in the order of the plan."""

    plan: Plan
    stages: tuple[Stage, ...]
    derived: dict[str, Compute]


# A worksheet scores with one plan over and over, a what-if with two: they are known by identity, newest first.
_RECENT: list[Compiled] = []
_MOST_RECENT = 8


def compile_columns(plan: Plan) -> Compiled:
    """The plan ready to run on columns; made once while it is in use."""
    for compiled in _RECENT:
        if compiled.plan is plan:
            return compiled
    derived = {step.name: compile_block(step.of, plan.as_of) for step in plan.operations if isinstance(step, Derive)}
    compiled = Compiled(plan, tuple(_stages(plan)), derived)
    _RECENT[:] = [compiled, *_RECENT[: _MOST_RECENT - 1]]
    return compiled


def _stages(plan: Plan) -> Iterator[Stage]:
    """Operations that can share one walk over the blocks; a relative column needs all rows before it."""
    together: list[Operation] = []
    for step in plan.operations:
        if isinstance(step, Relate):
            if together:
                yield _scoring(plan, together)
            together = []
            yield step
        elif isinstance(step, (Combine, Total, Match)):
            together.append(step)
    if together:
        yield _scoring(plan, together)


def _scoring(plan: Plan, steps: list[Operation]) -> Scoring:
    marks = list(enumerate(plan.marks()))
    families = tuple(
        FamilyKernel(step, [pair for pair in marks if pair[1].family == step.family], plan)
        for step in steps
        if isinstance(step, Combine)
    )
    total = next((TotalKernel(step, plan) for step in steps if isinstance(step, Total)), None)
    match = next((MatchKernel(step, plan) for step in steps if isinstance(step, Match)), None)
    return Scoring(families, total, match)


@dataclass(slots=True)
class Run:
    """One run of a plan on a table. State: columns known so far, results, problems by row."""

    plan: Plan
    table: Table
    rows: int = 0
    compiled: Compiled = field(init=False)
    columns: dict[str, Column | NullableCells] = field(default_factory=dict)
    problems: dict[int, list[Problem]] = field(default_factory=dict)
    unusable: set[int] = field(default_factory=set)
    results: Results = field(init=False)

    def __post_init__(self) -> None:
        keep_memory()
        plan, rows = self.plan, self.table.row_count
        self.rows = rows
        self.compiled = compile_columns(plan)
        keep = any(rule.at_most is not None for rule in plan.match.rules)
        shape = (len(plan.match.rules), rows)
        score, completeness, *families = [np.empty(rows) for _ in range(2 + len(plan.combines()))]
        self.results = Results(
            families={combine.family: part for combine, part in zip(plan.combines(), families, strict=True)},
            score=score,
            completeness=completeness,
            answered={},
            category=np.empty(rows, np.int16),
            is_held=np.zeros(rows, np.bool_),
            clashes=[],
            faults=[],
            matches=np.empty(shape, np.bool_) if keep else None,
            held=np.empty(shape, np.bool_) if keep else None,
        )

    def read(self) -> None:
        """Reads the columns of the table that the plan takes, and what is wrong with their cells."""
        computed = {name for step in self.plan.operations if isinstance(step, Derive) for name in names_in(step.of)}
        steps = list(self.plan.reads())
        # Most columns are taken as they stand: that is the work of few rows.
        columns = in_parallel(lambda step: self._take(step, computed), steps, self.rows // 4)
        for step, column in zip(steps, columns, strict=True):
            unusable = column.unusable if isinstance(column, ReadColumn) else column
            if isinstance(column, ReadColumn):
                self.columns[step.name] = column.values
                self._check_choices(step, column)
            for index in sorted(unusable):
                self.report(index, cell_problem(step, self.table, index, unusable[index]))
                if step.counts:
                    self.unusable.add(index)

    def _take(self, step: Read, computed: set[str]) -> ReadColumn | dict[int, Reading]:
        """A column, or the errors in one that nothing is computed from."""
        cells = self.table.columns[step.index] if step.index >= 0 else None
        plain = step.kind in TEXT_KINDS and not step.counts and not step.choices and step.name not in computed
        if plain and cells is not None and not isinstance(cells, CodedCells):
            # A name or an identifier: it is encoded only if it is asked for.
            return self.errors_of(step)
        return self.read_one(step)

    def read_one(self, step: Read) -> ReadColumn:
        """One column of the table as its kind says."""
        cells = self.table.columns[step.index] if step.index >= 0 else None
        return read_column(cells, step.kind, self.rows, decimal_comma=self.plan.rules.decimal_comma)

    def errors_of(self, step: Read) -> dict[int, Reading]:
        """Rows in which a column that is not otherwise read holds an error."""
        return error_cells(self.table.columns[step.index])

    def report(self, index: int, problem: Problem) -> None:
        """Adds a problem to a row."""
        self.problems.setdefault(index, []).append(problem)

    def _check_choices(self, step: Read, column: ReadColumn) -> None:
        if not step.choices or not isinstance(column.values, Texts):
            return
        known = {fold(choice) for choice in step.choices}
        words = column.values.words
        strange = [code for code in range(1, len(words)) if fold(words[code]) not in known]
        if strange:
            for index in np.flatnonzero(np.isin(column.values.codes, strange)).tolist():
                text = words[int(column.values.codes[index])]
                self.report(index, choice_problem(step, self.table, index, text))

    def relate(self, step: Relate) -> None:
        """Makes a portfolio-relative column known."""
        self.columns[step.name] = relate(step.function, self.answers(step))

    def answers(self, step: Relate) -> Numbers:
        """What a portfolio-relative column compares, row by row."""
        compute = compile_numbers(step.of, self.plan.as_of)
        answers = np.empty(self.rows)

        def work(start: int, stop: int) -> None:
            answers[start:stop] = compute(self.block(start, stop))

        each_block(self.rows, work)
        return answers

    def block(self, start: int, stop: int) -> Block:
        """Rows start to stop of all that is known."""
        return Block(start, stop, self.columns, self.compiled.derived)

    def score(self, stage: Scoring, previous: NDArray[np.int16] | None, *, keep: bool) -> None:
        """Carries out families, totals and categories that stand together, one block after the other."""
        results, families, total, match = self.results, stage.families, stage.total, stage.match
        if keep:
            results.answered.update({family.key: np.empty(self.rows) for family in families})

        def work(start: int, stop: int) -> None:
            block = self.block(start, stop)
            for family in families:
                family.run(block, results)
                if keep:
                    results.answered[family.key][start:stop] = cast(Numbers, block.column(f"answered {family.key}"))
            if total is not None:
                total.run(block, results)
            if match is not None:
                match.run(block, results, previous)

        each_block(self.rows, work)
        if keep:
            self.columns |= {family.key: results.families[family.key] for family in families}
            self.columns |= {f"answered {family.key}": results.answered[family.key] for family in families}
        if keep and total is not None:
            self.columns |= {"score": results.score, "completeness": results.completeness}
