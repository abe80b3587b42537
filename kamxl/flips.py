"""Which category a moved weight gives: the answer as data, and the way that always works, scoring all clients anew.

`sensitivity.py` computes the same answer without scoring anew wherever conditions compare points with numbers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from kamxl.backends import Scored, runner
from kamxl.language.expression import names_in
from kamxl.language.model import TOTAL_NAMES, RuleSet
from kamxl.plan import Plan, Relate, compile_plan
from kamxl.records import dataclass, replace
from kamxl.values import date_of

# Parts of the range that are tried on both sides where nothing else helps.
_PARTS = (0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True)
class Flip:
    """The smallest change of one weight that changes a category.

    Units: change is relative, 0.05 is +5 %; for a client on a threshold it is 0.0 or -0.0, and the sign tells the way.
    """

    family: str
    criterion: str
    change: float
    category: int


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What single weights do to categories. Shapes: flips (n,), None where no weight in the range changes anything.

    `exact` is False where a condition compares points with each other, so that the range had to be tried in steps.
    """

    range: float
    flips: tuple[Flip | None, ...]
    exact: bool

    @property
    def fragile_count(self) -> int:
        """Clients whose category one weight can change."""
        return sum(1 for flip in self.flips if flip is not None)


def ranks_points(plan: Plan) -> bool:
    """Whether a category condition looks at the place of a client's points among those of all others."""
    points = {*TOTAL_NAMES, *(family.key for family in plan.rules.families)}
    return any(isinstance(step, Relate) and not points.isdisjoint(names_in(step.of)) for step in plan.operations)


def flips_by_scoring_anew(scored: Scored, span: float) -> tuple[Flip | None, ...]:
    """The smallest tried change of one weight that changes a category, for each row; None where none does."""
    rules = _without_memory(scored.plan.rules)
    day = date_of(scored.plan.as_of)
    base = _categories(rules, scored, day)
    flips: list[Flip | None] = [None] * scored.row_count
    for part in _PARTS:
        for change in (span * part, -span * part):
            for family, criterion, moved in _moved_weights(rules, change):
                for row, category in enumerate(_categories(moved, scored, day)):
                    if category != base[row] and flips[row] is None:
                        flips[row] = Flip(family, criterion, change, category)
    return tuple(flips)


def _without_memory(rules: RuleSet) -> RuleSet:
    """The rules without hold and capacity, which are not about weights."""
    open_rules = tuple(replace(rule, at_most=None) for rule in rules.categories.rules)
    return replace(rules, categories=replace(rules.categories, rules=open_rules, hold=0.0))


def _moved_weights(rules: RuleSet, change: float) -> Iterator[tuple[str, str, RuleSet]]:
    """(family, criterion or empty, the rules with that one weight moved)."""
    families = rules.families
    for at, family in enumerate(families):
        heavier = replace(family, weight=family.weight * (1 + change))
        yield family.key, "", replace(rules, families=(*families[:at], heavier, *families[at + 1 :]))
        for number, criterion in enumerate(family.criteria):
            moved = replace(criterion, weight=criterion.weight * (1 + change))
            criteria = (*family.criteria[:number], moved, *family.criteria[number + 1 :])
            whole = (*families[:at], replace(family, criteria=criteria), *families[at + 1 :])
            yield family.key, criterion.key, replace(rules, families=whole)


def _categories(rules: RuleSet, scored: Scored, day: dt.date | None) -> Sequence[int]:
    plan, problems = compile_plan(rules, scored.plan.headers, as_of=day)
    if plan is None:
        raise ValueError(f"rules that were compiled before are compiled no more: {problems}")
    return list(runner().run(plan, scored.table, previous=[-1] * scored.row_count).rule_category)
