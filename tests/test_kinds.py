"""How results of expressions are shown: money, shares, dates, plain numbers."""

from __future__ import annotations

import pytest

from kamxl.language.kinds import shown_as
from kamxl.language.reader import read_rules_text

RULES = """\
kamxl: 1
name: Kinds
columns:
  revenue: {kind: money}
  spend: {kind: money}
  share: {kind: percent}
  heads: {kind: number}
  day: {kind: date}
derived:
  share_of_wallet: revenue / (heads * 30)
  quotient: revenue / spend
  per_head: revenue / heads
  win_rate: heads / heads
  left: max(spend - coalesce(revenue, 0), 0)
  partner_count: heads * 2
families:
  f: {weight: 1, criteria: {c: {of: {expression}, weight: 1, curve: {0: 0, 1: 10}}}}
categories: {rules: {small: {otherwise: true}}}
"""


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        ("revenue", "money"),
        ("quotient", "percent"),
        ("share_of_wallet", "percent"),
        ("win_rate", "percent"),
        ("per_head", "money"),
        ("partner_count", "number"),
        ("left", "money"),
        ("1 - share", "percent"),
        ("1 - quotient", "percent"),
        ("-(revenue)", "money"),
        ("percentile(heads)", "percent"),
        ("days_since(day)", "number"),
        ("share * revenue", "money"),
        ("if(heads > 3, revenue, spend)", "money"),
    ],
)
def test_what_an_expression_is_shown_as(expression: str, kind: str) -> None:
    """The columns that an expression reads say how its result is written."""
    rules, problems = read_rules_text(RULES.replace("{expression}", f'"{expression}"'))
    assert rules is not None, problems
    assert shown_as(rules.families[0].criteria[0].of.node, rules) == kind
