"""What moving one weight does to a category, compared with scoring anew under rules with that weight moved."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest

from kamxl.backends import Scored, runner
from kamxl.language.model import RuleSet
from kamxl.language.reader import read_rules_text
from kamxl.plan import compile_plan
from kamxl.sensitivity import measure_sensitivity
from kamxl.table import Table

RULES = """
kamxl: 1
name: Levers
columns:
  a: {kind: number}
  b: {kind: number}
  c: {kind: number}
  d: {kind: number}
  known: {kind: yes/no}
families:
  one:
    weight: 30
    criteria:
      a: {weight: 3, points: as is}
      b: {weight: 1, points: as is, missing: MISSING}
  two:
    weight: 50
    applies: known
    CAP
    criteria:
      c: {weight: 2, points: as is}
      d: {weight: 5, curve: {0: 0, 10: 10}}
categories:
  need: {completeness: 60%, else: ask}
  rules:
WHEN
    rest: {otherwise: true}
"""
CONDITIONS = {
    "score": "    best: {when: score >= 60}\n    good: {when: score between 40 and 44 or two > 80}",
    "families": "    best: {when: one >= 55 and two < 70}\n    good: {when: not (two >= 50) and score > 30}",
    "completeness": "    best: {when: completeness >= 80% and score >= 50}",
    "against each other": "    best: {when: one > two}",
}


def rules_of(when: str, *, missing: str = "skip", cap: str = "") -> RuleSet:
    text = RULES.replace("WHEN", when).replace("MISSING", missing).replace("CAP\n", f"{cap}\n")
    rules, problems = read_rules_text(text)
    assert rules is not None, problems
    return rules


def clients(count: int, seed: int) -> Table:
    dice = random.Random(seed)

    def mark() -> float | None:
        return dice.choice([None, float(dice.randint(0, 10)), dice.uniform(0, 10)])

    rows = [[mark(), mark(), mark(), mark(), dice.choice(["yes", "yes", "no", None])] for _ in range(count)]
    return Table.from_rows(["a", "b", "c", "d", "known"], rows)


def scored(rules: RuleSet, table: Table, backend: str = "columns") -> Scored:
    plan, problems = compile_plan(rules, table.headers)
    assert plan is not None, problems
    return runner(backend).run(plan, table)


def with_weight(rules: RuleSet, family: str, criterion: str, factor: float) -> RuleSet:
    """The rules with one weight multiplied."""
    families = []
    for one in rules.families:
        if one.key != family:
            families.append(one)
        elif not criterion:
            families.append(replace(one, weight=one.weight * factor))
        else:
            changed = tuple(replace(c, weight=c.weight * factor) if c.key == criterion else c for c in one.criteria)
            families.append(replace(one, criteria=changed))
    return replace(rules, families=tuple(families))


LEVERS = [("one", ""), ("two", ""), ("one", "a"), ("one", "b"), ("two", "c"), ("two", "d")]


@pytest.mark.parametrize("when", CONDITIONS.values(), ids=list(CONDITIONS))
@pytest.mark.parametrize("variant", [{}, {"missing": "zero"}, {"cap": "at_most: 65"}], ids=["plain", "zero", "cap"])
def test_clients_called_robust_keep_their_category_and_fragile_ones_lose_it(when: str, variant: dict[str, str]) -> None:
    """Scoring anew with each weight moved agrees with what was computed without scoring anew."""
    rules, table = rules_of(when, **variant), clients(250, seed=7)
    base = scored(rules, table)
    found = measure_sensitivity(base, 0.1)
    assert found.exact == ("one > two" not in when)
    for family, criterion in LEVERS:
        for step in range(-20, 21):
            again = scored(with_weight(rules, family, criterion, 1 + step / 200), table)
            for row in range(table.row_count):
                if again.category[row] != base.category[row]:
                    flip = found.flips[row]
                    assert flip is not None, (family, criterion, step, table.row(row))
                    assert abs(flip.change) <= abs(step / 200) + 1e-9
    for row, flip in enumerate(found.flips):
        if flip is not None and found.exact:
            # Just beyond the crossing the category is the one that is said.
            for beyond in (flip.change, flip.change + math.copysign(1e-6, flip.change)):
                again = scored(with_weight(rules, flip.family, flip.criterion, 1 + beyond), table)
                if again.category[row] == flip.category:
                    break
            else:
                pytest.fail(f"{flip} does not hold for {table.row(row)}")


def test_some_clients_are_fragile_and_some_are_robust() -> None:
    """The comparison above is not empty."""
    found = measure_sensitivity(scored(rules_of(CONDITIONS["score"]), clients(250, seed=7)))
    assert 5 < found.fragile_count < 200


def test_reference_and_columns_give_the_same_sensitivity() -> None:
    """It depends on results, not on who computed them."""
    rules, table = rules_of(CONDITIONS["families"]), clients(120, seed=3)
    assert (
        measure_sensitivity(scored(rules, table, "reference")).flips == measure_sensitivity(scored(rules, table)).flips
    )


@pytest.mark.parametrize(
    "when", ["    best: {when: percentile(score) >= 0.5}", "    best: {when: score >= 55 and percentile(one) > 0.3}"]
)
def test_conditions_that_rank_points_are_answered_by_scoring_all_clients_anew(when: str) -> None:
    """The place of a client among all others moves with every weight; whoever moves at a tried change is found."""
    rules, table = rules_of(when), clients(120, seed=7)
    base = scored(rules, table)
    found = measure_sensitivity(base, 0.1)
    assert not found.exact
    moved = set()
    for family, criterion in LEVERS:
        for change in (-0.1, -0.05, 0.05, 0.1):
            again = scored(with_weight(rules, family, criterion, 1 + change), table)
            moved |= {row for row in range(table.row_count) if again.category[row] != base.category[row]}
    assert moved
    assert moved <= {row for row, flip in enumerate(found.flips) if flip is not None}
    for row, flip in enumerate(found.flips):
        if flip is not None:
            again = scored(with_weight(rules, flip.family, flip.criterion, 1 + flip.change), table)
            assert again.category[row] == flip.category
