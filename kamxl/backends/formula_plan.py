"""A plan made ready for formulas: every step that needs a column of its own becomes a Derive, what only Python can do
is left out and declared.

Running the live plan on any runner gives the results that the formulas must show; its Derives are the helper columns.
"""

from __future__ import annotations

from kamxl.language.expression import Call, Constant, Name, Node, kind_of, names_in
from kamxl.plan import Combine, Derive, Mark, Match, Operation, Plan, Read, Relate, Settle
from kamxl.problems import Place, Problem, Severity
from kamxl.records import dataclass, replace
from kamxl.values import QUANTUM_DECIMALS

# A portfolio-relative formula looks at every row from every row: 25 million pairs are about a second.
MOST_RELATIVE_ROWS = 5_000
ANSWER, APPLIES, COMPARED = "answer ", "applies ", "compared "
# A relative column under a name that runners report; no column of its own.
SHOWN = "shown "


@dataclass(frozen=True, slots=True)
class LivePlan:
    """The plan that formulas carry out, the names that become columns, and the declared holes."""

    plan: Plan
    needed: frozenset[str]
    holes: tuple[Problem, ...]


def live_plan(plan: Plan) -> LivePlan:
    """The plan without hold and capacity, with answers, conditions of families and compared values as Derives."""
    operations: list[Operation] = []
    for step in plan.operations:
        match step:
            case Relate():
                name = COMPARED + step.name
                rounded = Call("round", (step.of, Constant(float(QUANTUM_DECIMALS), "number")))
                related = replace(step, of=Name(name, "number"))
                operations += [Derive(name, rounded), related, Derive(SHOWN + step.name, Name(step.name, "number"))]
            case Mark() if not isinstance(step.of, Name):
                name = ANSWER + step.criterion
                operations += [Derive(name, step.of), replace(step, of=Name(name, kind_of(step.of)))]
            case Combine() if step.applies is not None:
                name = APPLIES + step.family
                operations += [Derive(name, step.applies), replace(step, applies=Name(name, "condition"))]
            case Match():
                operations.append(
                    replace(step, rules=tuple(replace(rule, held=None, at_most=None) for rule in step.rules))
                )
            case Settle():
                operations.append(replace(step, previous=-1))
            case _:
                operations.append(step)
    live = replace(plan, operations=tuple(operations))
    return LivePlan(live, _needed(live), tuple(_holes(plan)))


def _needed(plan: Plan) -> frozenset[str]:
    """Names of columns, derived columns and relative columns that a point or a category depends on."""
    parts: dict[str, Node] = {}
    waiting: list[str] = []
    for step in plan.operations:
        match step:
            case Derive() | Relate():
                parts[step.name] = step.of
            case Mark():
                waiting += names_in(step.of)
            case Combine() if step.applies is not None:
                waiting += names_in(step.applies)
            case Match():
                waiting += [name for rule in step.rules if rule.when is not None for name in names_in(rule.when)]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += names_in(parts[name]) if name in parts else ()
    return frozenset(found)


def _holes(plan: Plan) -> list[Problem]:
    rules = plan.rules.categories
    holes = []
    if rules.hold:
        holes.append(
            _hole(
                f"live formulas do not hold last time's category by {rules.hold:g} points",
                rules.rules[0].place,
                "a formula cannot know last time's category; `kamxl run` does, read the category there",
            )
        )
    for rule in rules.rules:
        if rule.at_most is not None:
            holes.append(
                _hole(
                    f"live formulas do not keep the capacity of category `{rule.key}`, {rule.at_most} clients",
                    rule.place,
                    "the live category is the one before capacity; `kamxl run` fills it by score",
                )
            )
    return holes


def relative_hole(plan: Plan, row_count: int) -> Problem | None:
    """The problem that says that portfolio-relative columns stay values, where there are too many rows."""
    if row_count <= MOST_RELATIVE_ROWS or not any(isinstance(step, Relate) for step in plan.operations):
        return None
    return _hole(
        f"percentile and cumulative_share stay values: {row_count} rows are too many to compare live",
        Place(plan.rules.file),
        f"live formulas compare up to {MOST_RELATIVE_ROWS} rows; run `kamxl formulas` again after changes",
    )


def _hole(message: str, place: Place, help_: str) -> Problem:
    return Problem("KX226", message, place, Severity.WARNING, help=help_)


def read_of(plan: Plan, name: str) -> Read | None:
    """The column of the workbook with a name."""
    return next((step for step in plan.reads() if step.name == name), None)
