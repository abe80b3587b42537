"""Reasons in bulk say, letter by letter, what the definitions say of each row."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from kamxl.backends import Scored, runner
from kamxl.evidence import Explainer
from kamxl.explain import why_line
from kamxl.language.reader import load_rules
from kamxl.next_step import next_step
from kamxl.phrases import write_tenths
from kamxl.plan import compile_plan
from kamxl.reasons import reason_texts
from kamxl.reasons.bulk import tell_blocks
from kamxl.reasons.why import _named, _two_largest
from kamxl.trial import Trials
from tests.case_files import CASE_FILES, read_case
from tests.random_rules import random_rules, random_table
from tests.test_explain import DATA, ROOT, score
from tests.test_next_step import ladder_rules, ladder_table
from tests.test_properties import _SEEDS, _SETTINGS


def assert_told_alike(scored: Scored, language: str) -> None:
    """Both texts of every row, in bulk and by the definitions."""
    why, following = reason_texts(scored, [False] * scored.row_count, language)
    explainer = Explainer(scored, language)
    trials = Trials(explainer)
    for row in range(scored.row_count):
        values = explainer.row_values(row)
        assert why[row] == why_line(explainer, row, values)
        assert following[row] == next_step(trials, row, values)


def scored_with(rules: Any, table: Any, **how: Any) -> Scored | None:
    plan, _ = compile_plan(rules, table.headers, **how)
    return None if plan is None else runner("columns").run(plan, table)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("path", CASE_FILES, ids=lambda path: path.stem)
def test_every_case_is_told_alike(path: Path, language: str) -> None:
    """Every behaviour of the catalogue."""
    case = read_case(path)
    scored = scored_with(case.rules, case.table, as_of=case.as_of)
    if scored is not None:
        assert_told_alike(scored, language)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", DATA)
def test_every_client_of_a_data_set_is_told_alike(name: str, language: str) -> None:
    """Demo portfolio, resellers, CRM accounts with the rules that ship."""
    rules_name, make = DATA[name]
    assert_told_alike(score(load_rules(ROOT / "rules" / rules_name), make()), language)


@given(rules_seed=_SEEDS, table_seed=_SEEDS)
@_SETTINGS
def test_any_rules_and_rows_are_told_alike(rules_seed: int, table_seed: int) -> None:
    """Random rules on random rows with blanks, text in numbers, errors, edges."""
    scored = scored_with(random_rules(rules_seed), random_table(table_seed))
    assert scored is not None
    assert_told_alike(scored, "fr" if table_seed % 2 else "en")


def test_advice_is_told_alike_where_there_is_much_of_it() -> None:
    """Rules made to be climbed: sums, ratios, caps, days, lists; most next steps are found in bulk."""
    rng = random.Random(20261127)
    in_bulk = 0
    for number in range(300):
        scored = scored_with(ladder_rules(rng), ladder_table(rng))
        assert scored is not None
        assert_told_alike(scored, "fr" if number % 2 else "en")
        told = tell_blocks(scored, [False] * scored.row_count, "en")
        in_bulk += sum(bool(text) for text in told.following)
    assert in_bulk > 1000


@pytest.mark.parametrize("most", [0.4, 1e4, 1e12])
def test_amounts_of_any_size_are_named_alike(most: float) -> None:
    """The two largest amounts above the least one, each with its name, as they are told one by one."""
    rng = random.Random(7)
    columns = [np.array([rng.choice((rng.uniform(-1, most), 0.05, np.nan)) for _ in range(200)]) for _ in range(4)]
    first, largest, second, next_largest = _two_largest(columns, 0.05, 200)
    names = ["a ", "b ", "c ", "d "]
    told = zip(_named(first, largest, names, "fr"), _named(second, next_largest, names, "fr"), strict=True)
    for row, found in enumerate(told):
        amounts = [(column[row], name) for column, name in zip(columns, names, strict=True) if column[row] > 0.05]
        best = sorted(amounts, key=lambda pair: -pair[0])[:2]
        expected = [name + write_tenths(min(amount, 1e8), "fr") for amount, name in best]
        assert [text for text in found if text] == expected


def test_rows_without_a_client_say_nothing() -> None:
    """A blank row between two groups of clients."""
    rules_name, make = DATA["demo"]
    scored = score(load_rules(ROOT / "rules" / rules_name), make())
    why, following = reason_texts(scored, [row != 3 for row in range(scored.row_count)], "en")
    assert [row for row, text in enumerate(why) if text] == [3]
    assert not any(following[:3] + following[4:])
