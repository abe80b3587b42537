"""Any valid rules and any table: the same answer from every runner, and the order of rows never matters."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kamxl.backends import Scored, runner
from kamxl.backends.row_cells import NotPlainError
from kamxl.backends.rows import RowPlan
from kamxl.language.model import RuleSet
from kamxl.plan import Plan, compile_plan
from kamxl.problems import render_blocks
from kamxl.table import Table
from tests.random_rules import random_rules, random_table

_SEEDS = st.integers(0, 2**32)
_SETTINGS = settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def plan_for(rules: RuleSet, table: Table) -> Plan:
    plan, problems = compile_plan(rules, table.headers)
    assert plan is not None, render_blocks(problems)
    return plan


def is_same(first: Any, second: Any) -> bool:
    """Whether two results are one: numbers to 1e-12 of their size, NaN like NaN, all else equal."""
    if isinstance(first, float) and isinstance(second, float):
        if math.isnan(first) or math.isnan(second):
            return math.isnan(first) and math.isnan(second)
        return first == second or abs(first - second) <= 1e-12 * max(1.0, abs(first), abs(second))
    return bool(first == second)


def assert_same(what: str, first: Sequence[Any], second: Sequence[Any]) -> None:
    pairs = list(zip(_missing_alike(first), _missing_alike(second), strict=True))
    wrong = [(row, pair) for row, pair in enumerate(pairs) if not is_same(*pair)]
    assert not wrong, f"{what}: (row, (expected, got)) {wrong[:5]}"


def _missing_alike(cells: Sequence[Any]) -> list[Any]:
    # A column without any number may say None or NaN for missing: the contract leaves it open.
    return [None if isinstance(cell, float) and math.isnan(cell) else cell for cell in cells]


def assert_same_results(expected: Scored, got: Scored) -> None:
    assert_same("score", expected.score, got.score)
    assert_same("completeness", expected.completeness, got.completeness)
    for family in expected.families:
        assert_same(family, expected.families[family], got.families[family])
    assert_same("rule category", expected.rule_category, got.rule_category)
    assert_same("category", expected.category, got.category)
    assert expected.problems_by_row == got.problems_by_row
    assert expected.held == got.held
    assert dict(expected.waiting) == dict(got.waiting)
    assert dict(expected.overrides) == dict(got.overrides)
    assert list(expected.values) == list(got.values)
    for name, column in expected.values.items():
        assert_same(name, column, got.values[name])
    for mark in expected.plan.marks():
        assert_same(f"points of {mark.criterion}", expected.points_of(mark.criterion), got.points_of(mark.criterion))


@_SETTINGS
@given(rules_seed=_SEEDS, table_seed=_SEEDS)
def test_columns_equal_reference(rules_seed: int, table_seed: int) -> None:
    """Scores to 1e-12, categories, problems, points and values of the two runners are the same."""
    rules, table = random_rules(rules_seed), random_table(table_seed)
    plan = plan_for(rules, table)
    assert_same_results(runner("reference").run(plan, table), runner("columns").run(plan, table))


@_SETTINGS
@given(rules_seed=_SEEDS, table_seed=_SEEDS)
def test_rows_equal_reference(rules_seed: int, table_seed: int) -> None:
    """A few rows without NumPy, together and one by one: the same answer to the last bit."""
    rules, table = random_rules(rules_seed), random_table(table_seed)
    plan = plan_for(rules, table)
    assert_same_results(runner("reference").run(plan, table), runner("rows").run(plan, table))
    for row in range(table.row_count):
        alone = Table(table.headers, tuple([column[row]] for column in table.columns), table.origin)
        assert_same_results(runner("reference").run(plan, alone), runner("rows").run(plan, alone))


def test_the_quick_way_is_taken() -> None:
    """Of these untidy rows many are judged without the reference: else it would be compared with itself above."""
    plain = asked = 0
    for seed in range(60):
        rules, table = random_rules(seed), random_table(seed)
        plan = plan_for(rules, table)
        if plan.is_relative:
            continue
        for row in range(table.row_count):
            alone = Table(table.headers, tuple([column[row]] for column in table.columns), table.origin)
            asked += 1
            try:
                RowPlan(plan).run(alone, None)
                plain += 1
            except NotPlainError:
                pass
    assert plain > asked / 8 > 0


@_SETTINGS
@given(rules_seed=_SEEDS, table_seed=_SEEDS)
def test_row_order_never_matters(rules_seed: int, table_seed: int) -> None:
    """A client gets the same score and the same problems wherever it stands; capacity may only look at equals."""
    rules, table = random_rules(rules_seed), random_table(table_seed)
    plan = plan_for(rules, table)
    shuffled = list(range(table.row_count))
    random.Random(rules_seed).shuffle(shuffled)
    moved = Table(table.headers, tuple([column[row] for row in shuffled] for column in table.columns))
    before, after = runner("columns").run(plan, table), runner("columns").run(plan, moved)
    assert_same("score", [before.score[row] for row in shuffled], after.score)
    codes = [[problem.code for problem in before.problems_by_row.get(row, ())] for row in shuffled]
    assert codes == [[p.code for p in after.problems_by_row.get(row, ())] for row in range(len(shuffled))]
    if all(rule.at_most is None for rule in plan.match.rules):
        assert_same("category", [before.category[row] for row in shuffled], after.category)
