"""A few rows without NumPy: the plan compiled once to closures and tables, for worksheet functions and LibreOffice.

Equal to `reference.py` on every table, and five times as fast. Where a row needs a word said about it (a cell that
cannot be read, an override, two categories at once), the reference is asked: it alone words problems. Pure Python.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kamxl.backends import Scored
from kamxl.backends.reference import ReferenceRunner
from kamxl.backends.row_cells import NotPlainError, Take, compile_take
from kamxl.backends.row_expressions import Compute, compile_expression, truth
from kamxl.backends.row_points import Judge, compile_row_judge
from kamxl.backends.settle import previous_categories
from kamxl.language.expression import Node
from kamxl.plan import Combine, Derive, Mark, Plan, Read
from kamxl.records import dataclass
from kamxl.table import Cell, Table
from kamxl.values import Value, is_blank, lowest_reaching

_NAN = math.nan


class RowsRunner:
    """Carries out a plan on a few rows. State: the last plan, compiled, for calls that repeat it."""

    name = "rows"

    def __init__(self) -> None:
        self._last: RowPlan | None = None
        self._reference = ReferenceRunner()

    def run(self, plan: Plan, table: Table, *, previous: Sequence[int] | None = None) -> Scored:
        """The results of the plan on the table."""
        compiled = self._last
        if compiled is None or compiled.plan is not plan:
            compiled = self._last = RowPlan(plan)
        if not compiled.is_relative:
            try:
                return compiled.run(table, previous)
            except NotPlainError:
                pass
        return self._reference.run(plan, table, previous=previous)


# What computes the answer, what judges it, points of a missing one (None: left out), whether one is required, weight.
Question = tuple[Compute, Judge, float | None, bool, float]


@dataclass(frozen=True, slots=True)
class _Family:
    key: str
    applies: Compute | None
    at_most: float
    weight: float
    all_weights: float
    questions: tuple[Question, ...]


@dataclass(slots=True)
class _Row:
    values: dict[str, Value]
    points: list[float]
    score: float
    completeness: float
    category: int
    is_held: bool


class RowPlan:
    """A plan compiled for single rows. State: the texts that its columns have met, each read once."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        # Asked once: it looks through the whole plan.
        self.is_relative = plan.is_relative
        self._full = plan.rules.scale
        reads = plan.reads()
        comma = plan.rules.decimal_comma
        self._absent: dict[str, Value] = {step.name: None for step in reads if step.index < 0}
        self._takes: tuple[tuple[str, int, Take], ...] = tuple(
            (step.name, step.index, compile_take(step, decimal_comma=comma)) for step in reads if step.index >= 0
        )
        self._derived = tuple(
            (step.name, compile_expression(step.of, plan.as_of)) for step in plan.operations if isinstance(step, Derive)
        )
        self._families = tuple(self._family(combine) for combine in plan.combines())
        match = plan.match
        self._rules = tuple((_test(rule.when, plan), _test(rule.held, plan)) for rule in match.rules)
        self._holds = any(rule.held is not None for rule in match.rules)
        self._unique = match.unique
        self._conditional = tuple(rule.when is not None for rule in match.rules)
        self._need = lowest_reaching(match.need) if match.need is not None else None
        self._otherwise = len(match.rules) if match.need is not None else -1
        self._override = plan.settle.override
        self._names = tuple(step.name for step in plan.operations if isinstance(step, (Read, Derive)))
        self._criteria = {mark.criterion: position for position, mark in enumerate(plan.marks())}

    def _family(self, combine: Combine) -> _Family:
        plan = self.plan
        weights = dict(zip(combine.criteria, combine.weights, strict=True))
        total = plan.total
        marks = [mark for mark in plan.marks() if mark.family == combine.family]
        return _Family(
            combine.family,
            compile_expression(combine.applies, plan.as_of) if combine.applies is not None else None,
            math.inf if combine.at_most is None else combine.at_most,
            total.weights[total.families.index(combine.family)],
            sum(combine.weights),
            tuple(self._question(mark, weights[mark.criterion]) for mark in marks),
        )

    def _question(self, mark: Mark, weight: float) -> Question:
        missing = mark.missing.points if mark.missing.mode == "points" else None
        compute = compile_expression(mark.of, self.plan.as_of)
        judge = compile_row_judge(mark.scale, self._full)
        return compute, judge, missing, mark.missing.mode == "error", weight

    def run(self, table: Table, previous: Sequence[int] | None) -> Scored:
        """The results of the rows of a table. Errors: NotPlainError where a row needs the reference."""
        rows = range(table.row_count)
        if self._override >= 0 and not all(map(is_blank, table.columns[self._override])):
            raise NotPlainError
        before: Sequence[int] | None = None
        if self._holds:
            before = previous if previous is not None else previous_categories(self.plan, table)
        columns = table.columns
        found = [self._score([column[row] for column in columns], before[row] if before else -1) for row in rows]
        category = [row.category for row in found]
        return Scored(
            plan=self.plan,
            table=table,
            score=[row.score for row in found],
            completeness=[row.completeness for row in found],
            families={family.key: [_or_nan(row.values[family.key]) for row in found] for family in self._families},
            category=category,
            rule_category=list(category),
            values=_ValuesByName(self._names, found),
            points_of=lambda criterion: [row.points[self._criteria[criterion]] for row in found],
            held=frozenset(row for row in rows if found[row].is_held) if self._holds else frozenset(),
        )

    def _score(self, cells: list[Cell], previous: int) -> _Row:
        values = self._absent.copy()
        for name, index, take in self._takes:
            values[name] = take(cells[index])
        for name, compute in self._derived:
            values[name] = compute(values)
        points: list[float] = []
        full = self._full
        score = weights = share = applicable = 0.0
        for family in self._families:
            earned = total = answered = 0.0
            for compute, judge, missing, insists, weight in family.questions:
                value = compute(values)
                if value is not None:
                    got = judge(value)
                    answered += weight
                elif insists:
                    raise NotPlainError
                elif missing is None:
                    points.append(_NAN)
                    continue
                else:
                    got = missing
                points.append(got)
                earned += weight * got
                total += weight
            values[family.key] = None
            if family.applies is not None and not truth(family.applies(values)):
                continue
            applicable += family.weight
            share += family.weight * answered / family.all_weights if family.all_weights else 0.0
            if total > 0:
                part = min(100 * earned / (full * total), family.at_most)
                values[family.key] = part
                score += family.weight * part
                weights += family.weight
        score = score / weights if weights > 0 else _NAN
        completeness = share / applicable if applicable > 0 else _NAN
        values["score"] = score if weights > 0 else None
        values["completeness"] = completeness if applicable > 0 else None
        category, is_held = self._category(values, score, completeness, previous)
        return _Row(values, points, score, completeness, category, is_held)

    def _category(self, values: dict[str, Value], score: float, completeness: float, previous: int) -> tuple[int, bool]:
        if score != score or (self._need is not None and not completeness >= self._need):
            return self._otherwise, False
        if self._unique:
            hits = [test is None or test(values) is True for test, _ in self._rules]
            if sum(hit and conditional for hit, conditional in zip(hits, self._conditional, strict=True)) > 1:
                raise NotPlainError
        for index, (test, held) in enumerate(self._rules):
            if test is None or test(values) is True:
                return index, False
            if index == previous and held is not None and held(values) is True:
                return index, True
        return -1, False


class _ValuesByName(Mapping[str, Sequence[Any]]):
    """Columns of the rows by name, made when they are asked for."""

    def __init__(self, names: Sequence[str], rows: Sequence[_Row]) -> None:
        self._names = names
        self._rows = rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, name: str) -> Sequence[Any]:
        if name not in self._names:
            raise KeyError(name)
        cells = [row.values[name] for row in self._rows]
        if any(isinstance(cell, float) for cell in cells):
            return [_NAN if cell is None else cell for cell in cells]
        return cells


def _or_nan(value: Value) -> float:
    return value if isinstance(value, float) else _NAN


def _test(node: Node | None, plan: Plan) -> Compute | None:
    return compile_expression(node, plan.as_of) if node is not None else None
