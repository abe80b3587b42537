"""The definition of truth: a Plan carried out row by row in plain Python. Slow and obvious; serves one-row calls.

Every other backend is compared with this one. Pure Python: it also runs inside LibreOffice's own Python.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import assert_never

from kamxl.backends import Scored
from kamxl.backends.points import PointsError, compile_scale
from kamxl.backends.row_expressions import compile_expression, truth
from kamxl.backends.settle import Classified, previous_categories, settle
from kamxl.language.model import MissingPolicy
from kamxl.plan import Combine, Derive, Mark, Match, Plan, Read, Relate, Settle, Total
from kamxl.problems import Place, Problem, Severity, suggest
from kamxl.records import dataclass
from kamxl.table import Cell, Table
from kamxl.values import Reading, Value, fold, parse_number, quantise, read_cell

NAN = math.nan


class ReferenceRunner:
    """Carries out a plan row by row. State: the last plan, compiled, for one-row calls that repeat it."""

    name = "reference"

    def __init__(self) -> None:
        self._last: tuple[Plan, dict[int, Callable[[RowState], None]]] | None = None

    def run(self, plan: Plan, table: Table, *, previous: Sequence[int] | None = None) -> Scored:
        """The results of the plan on the table."""
        if self._last is None or self._last[0] is not plan:
            self._last = (plan, row_steps(plan))
        steps = self._last[1]
        rows = [RowState(index, {}, {}, {}, [], row_place(plan, table, index)) for index in range(table.row_count)]
        for step in plan.operations:
            if isinstance(step, Relate):
                _relate(step, rows, plan)
            elif isinstance(step, Read):
                _read_column(step, rows, table, plan)
            elif not isinstance(step, Settle):
                carry_out = steps[id(step)]
                for row in rows:
                    carry_out(row)
        return _collect(plan, table, rows, previous)


@dataclass(slots=True)
class RowState:
    """What is known of one row so far. Values by name, points by criterion; families and totals are values too."""

    index: int
    values: dict[str, Value]
    points: dict[str, float | None]
    answered: dict[str, bool]
    problems: list[Problem]
    place: Place
    matches: tuple[bool, ...] = ()
    held: tuple[bool, ...] = ()

    @property
    def is_unusable(self) -> bool:
        """Whether a problem of severity error leaves the row unscored."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)


def row_place(plan: Plan, table: Table, index: int) -> Place:
    """Where a row stands: its client cell, else its first cell."""
    return table.place(index, max(plan.id_column, 0)) if table.columns else Place()


def row_steps(plan: Plan) -> dict[int, Callable[[RowState], None]]:
    """For every row-wise operation of a plan, by its id, what carries it out on one row."""
    compiled: dict[int, Callable[[RowState], None]] = {}
    for step in plan.operations:
        match step:
            case Derive():
                compiled[id(step)] = _derive(step, plan)
            case Mark():
                compiled[id(step)] = _mark(step, plan)
            case Combine():
                compiled[id(step)] = _combine(step, plan)
            case Total():
                compiled[id(step)] = _total(step, plan)
            case Match():
                compiled[id(step)] = _match(step, plan)
            case Read() | Relate() | Settle():
                continue
            case _:
                assert_never(step)
    return compiled


def _read_column(step: Read, rows: list[RowState], table: Table, plan: Plan) -> None:
    cells: Sequence[Cell] = table.columns[step.index] if step.index >= 0 else [None] * len(rows)
    choices = {fold(choice): choice for choice in step.choices}
    for row, cell in zip(rows, cells, strict=True):
        reading = read_cell(cell, step.kind, decimal_comma=plan.rules.decimal_comma)
        row.values[step.name] = reading.value
        if reading.code:
            row.problems.append(cell_problem(step, table, row.index, reading))
        elif choices and isinstance(reading.value, str) and fold(reading.value) not in choices:
            row.problems.append(choice_problem(step, table, row.index, reading.value))


_CELL_HELP = {"KX412": "open the workbook in Excel or LibreOffice, save it there, and run again"}


def cell_problem(step: Read, table: Table, index: int, reading: Reading) -> Problem:
    """What is said of an unusable cell: an error where the column counts, else a warning."""
    return Problem(
        reading.code,
        f"{table.headers[step.index]}: {reading.message}",
        table.place(index, step.index),
        Severity.ERROR if step.counts else Severity.WARNING,
        help=_CELL_HELP.get(reading.code) or _number_help(table.columns[step.index][index], reading),
    )


def _number_help(cell: Cell, reading: Reading) -> str:
    """A whole export writes its decimals one way: where the other setting reads the number, that is the way out."""
    if reading.code == "KX402" and isinstance(cell, str):
        for comma, word in ((True, "comma"), (False, "point")):
            if parse_number(cell, decimal_comma=comma) is not None:
                return f"correct the cell, or write `decimal: {word}` in the rule file if all numbers are typed so"
    return "correct the cell, or empty it"


def choice_problem(step: Read, table: Table, index: int, text: str) -> Problem:
    """What is said of a text that is not among the choices of its column."""
    return Problem(
        "KX404",
        f"{table.headers[step.index]}: `{text}` is not one of the choices",
        table.place(index, step.index),
        Severity.WARNING,
        help=_suggest_choice(text, step.choices),
    )


@lru_cache(maxsize=4096)
def _suggest_choice(text: str, choices: tuple[str, ...]) -> str:
    # A column repeats its typing errors, and looking for the nearest word is dear.
    return suggest(text, choices)


def _derive(step: Derive, plan: Plan) -> Callable[[RowState], None]:
    compute = compile_expression(step.of, plan.as_of)
    name = step.name

    def carry_out(row: RowState) -> None:
        row.values[name] = compute(row.values)

    return carry_out


def _relate(step: Relate, rows: list[RowState], plan: Plan) -> None:
    compute = compile_expression(step.of, plan.as_of)
    answers = [compute(row.values) for row in rows]
    known = sorted(quantise(answer) for answer in answers if isinstance(answer, float))
    for row, answer in zip(rows, answers, strict=True):
        if not isinstance(answer, float):
            row.values[step.name] = None
        elif step.function == "percentile":
            below = sum(1 for other in known if other < quantise(answer))
            row.values[step.name] = below / (len(known) - 1) if len(known) > 1 else 0.0
        else:
            total = _sum(other for other in known if other > 0)
            at_least = _sum(other for other in known if other > 0 and other >= quantise(answer))
            row.values[step.name] = at_least / total if 0 < total < math.inf else None


def _sum(numbers: Iterable[float]) -> float:
    """The exact sum, rounded once; infinite beyond the largest number."""
    try:
        return math.fsum(numbers)
    except OverflowError:
        return math.inf


def _mark(step: Mark, plan: Plan) -> Callable[[RowState], None]:
    compute = compile_expression(step.of, plan.as_of)
    points_of = compile_scale(step.scale, plan.rules.scale)
    key, policy = step.criterion, step.missing

    def carry_out(row: RowState) -> None:
        value = compute(row.values)
        row.answered[key] = value is not None
        if value is None:
            row.points[key] = _points_when_missing(policy, row, key)
            return
        try:
            row.points[key] = points_of(value)
        except PointsError as error:
            row.points[key] = None
            row.problems.append(points_problem(key, error, row.place))

    return carry_out


def _points_when_missing(policy: MissingPolicy, row: RowState, key: str) -> float | None:
    if policy.mode == "error":
        row.problems.append(answer_problem(key, row.place))
    return policy.points if policy.mode == "points" else None


def points_problem(criterion: str, error: PointsError, place: Place) -> Problem:
    """What is said of an answer that the scale of a criterion cannot judge."""
    return Problem(error.code, f"{criterion}: {error.message}", place)


def answer_problem(criterion: str, place: Place) -> Problem:
    """What is said where a criterion insists on an answer and there is none."""
    return Problem("KX405", f"{criterion}: an answer is required", place, help="fill in the cell")


def _combine(step: Combine, plan: Plan) -> Callable[[RowState], None]:
    applies = compile_expression(step.applies, plan.as_of) if step.applies is not None else None
    full = plan.rules.scale

    def carry_out(row: RowState) -> None:
        row.values[step.family] = None
        if applies is not None and not truth(applies(row.values)):
            row.answered[f"family {step.family}"] = False
            return
        row.answered[f"family {step.family}"] = True
        earned = total = 0.0
        for criterion, weight in zip(step.criteria, step.weights, strict=True):
            points = row.points[criterion]
            if points is not None:
                earned += weight * points
                total += weight
        if total > 0:
            score = 100 * earned / (full * total)
            row.values[step.family] = score if step.at_most is None else min(score, step.at_most)

    return carry_out


def _total(step: Total, plan: Plan) -> Callable[[RowState], None]:
    combines = {combine.family: combine for combine in plan.combines()}

    def carry_out(row: RowState) -> None:
        earned = total = answered = applicable = 0.0
        for family, weight in zip(step.families, step.weights, strict=True):
            score = row.values[family]
            if isinstance(score, float):
                earned += weight * score
                total += weight
            if row.answered[f"family {family}"]:
                combine = combines[family]
                all_weights = sum(combine.weights)
                applicable += weight
                answered += weight * _answered_share(combine, row) / all_weights if all_weights else 0.0
        row.values["score"] = earned / total if total > 0 else None
        row.values["completeness"] = answered / applicable if applicable > 0 else None

    return carry_out


def _answered_share(combine: Combine, row: RowState) -> float:
    return sum(w for criterion, w in zip(combine.criteria, combine.weights, strict=True) if row.answered[criterion])


def _match(step: Match, plan: Plan) -> Callable[[RowState], None]:
    tests = [compile_expression(rule.when, plan.as_of) if rule.when is not None else None for rule in step.rules]
    holds = [compile_expression(rule.held, plan.as_of) if rule.held is not None else None for rule in step.rules]

    def carry_out(row: RowState) -> None:
        row.matches = tuple(test is None or truth(test(row.values)) for test in tests)
        row.held = tuple(hold is not None and truth(hold(row.values)) for hold in holds)

    return carry_out


def _collect(plan: Plan, table: Table, rows: list[RowState], previous: Sequence[int] | None) -> Scored:
    before = previous if previous is not None else previous_categories(plan, table)
    usable = [not row.is_unusable for row in rows]
    outcome = settle(
        plan,
        table,
        Classified(
            score=[_or_nan(row.values["score"]) if ok else NAN for row, ok in zip(rows, usable, strict=True)],
            completeness=[_or_nan(row.values["completeness"]) for row in rows],
            usable=usable,
            matches=[row.matches for row in rows],
            held=[row.held for row in rows],
        ),
        before,
    )
    problems = {row.index: tuple(row.problems) for row in rows if row.problems}
    for index, more in outcome.problems.items():
        problems[index] = (*problems.get(index, ()), *more)
    names = [step.name for step in plan.operations if isinstance(step, (Read, Derive, Relate))]
    points = {mark.criterion: [_or_nan(row.points[mark.criterion]) for row in rows] for mark in plan.marks()}
    return Scored(
        plan=plan,
        table=table,
        score=outcome.score,
        completeness=[_or_nan(row.values["completeness"]) if ok else NAN for row, ok in zip(rows, usable, strict=True)],
        families={
            combine.family: [
                _or_nan(row.values[combine.family]) if ok else NAN for row, ok in zip(rows, usable, strict=True)
            ]
            for combine in plan.combines()
        },
        category=outcome.category,
        rule_category=outcome.rule_category,
        values={name: _column_of(name, rows) for name in names},
        points_of=points.__getitem__,
        held=outcome.held,
        waiting=outcome.waiting,
        overrides=outcome.overrides,
        problems_by_row=problems,
        problems=(),
    )


def _or_nan(value: Value) -> float:
    return value if isinstance(value, float) else NAN


def _column_of(name: str, rows: list[RowState]) -> list[Value]:
    cells = [row.values[name] for row in rows]
    if any(isinstance(cell, float) for cell in cells):
        return [NAN if cell is None else cell for cell in cells]
    return cells
