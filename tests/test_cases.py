"""The behaviour catalogue on every runner: what tests/cases/*.yml say must come out, and the runners agree."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from kamxl.backends import Scored, runner
from kamxl.plan import compile_plan
from kamxl.problems import Severity
from tests.case_files import CASE_FILES, Case, read_case

RUNNERS = ("reference", "rows", "columns")
CASES = [read_case(path) for path in CASE_FILES]
SCORED = [case for case in CASES if not case.refused]


def _run(case: Case, name: str) -> Scored:
    plan, problems = compile_plan(case.rules, case.table.headers, as_of=case.as_of)
    assert plan is not None, problems
    return runner(name).run(plan, case.table)


def _number(value: object) -> object:
    """A number, or None for missing, whatever the runner calls it."""
    return None if value is None or (isinstance(value, float) and math.isnan(value)) else float(str(value))


def _key(scored: Scored, index: int) -> str | None:
    return scored.plan.rules.categories.all_rules[index].key if index >= 0 else None


def _outcome(scored: Scored, row: int, asked: dict[str, object]) -> dict[str, object]:
    """What came out of a row, for the keys that the case asks for; problems are always asked for."""
    problems = [problem.code for problem in scored.problems_by_row.get(row, ())]
    override = scored.overrides.get(row)
    waiting = scored.waiting.get(row, -1)
    found: dict[str, object] = {
        "score": _number(scored.score[row]),
        "category": _key(scored, int(scored.category[row])),
        "rule_category": _key(scored, int(scored.rule_category[row])),
        "completeness": _number(scored.completeness[row]),
        "held": row in scored.held,
        "waiting": _key(scored, int(waiting)),
        "override": _key(scored, override.category) if override is not None else None,
    }
    for key, read in (("families", scored.families.__getitem__), ("points", scored.points_of)):
        wanted = asked.get(key)
        if isinstance(wanted, dict):
            found[key] = {name: _number(read(name)[row]) for name in wanted}
    always = {"problem": problems[0] if problems else None, "held": found["held"], "waiting": found["waiting"]}
    return {key: found[key] for key in asked if key in found} | always


def _expected(asked: dict[str, object]) -> dict[str, object]:
    return {"problem": None, "held": False, "waiting": None} | asked


@pytest.mark.parametrize("name", RUNNERS)
@pytest.mark.parametrize("case", SCORED, ids=lambda case: case.name)
def test_a_case_comes_out_as_it_says(case: Case, name: str) -> None:
    """Every row of every case gives the score, category, completeness, points and problem that its file states."""
    scored = _run(case, name)
    differences = {
        f"row {row + 1}: {key}": (wanted, found)
        for row, asked in enumerate(case.expected)
        for key, wanted, found in _compared(_expected(asked), _outcome(scored, row, asked))
        if not _is_near(wanted, found)
    }

    assert differences == {}, "expected and found"


def _compared(expected: dict[str, object], found: dict[str, object]) -> list[tuple[str, object, object]]:
    wanted, got = _flat(expected), _flat(found)
    return [(key, wanted.get(key), got.get(key)) for key in {**wanted, **got}]


def _is_near(wanted: object, found: object) -> bool:
    if isinstance(wanted, float) and isinstance(found, float):
        return abs(wanted - found) <= 1e-9
    return wanted == found


def _flat(outcome: dict[str, object]) -> dict[str, object]:
    """The same with `points.size` for points within points: one level is easily compared."""
    flat: dict[str, object] = {}
    for key, value in outcome.items():
        flat |= {f"{key}.{name}": inner for name, inner in value.items()} if isinstance(value, dict) else {key: value}
    return flat


@pytest.mark.parametrize("case", SCORED, ids=lambda case: case.name)
def test_runners_agree_to_the_last_digits(case: Case) -> None:
    """Scores, completeness, families and points of all runners differ by 1e-12 at most; all else is equal."""
    first, *others = (_run(case, name) for name in RUNNERS)

    for other in others:
        assert list(other.category) == list(first.category)
        assert list(other.rule_category) == list(first.rule_category)
        assert other.held == first.held
        assert dict(other.waiting) == dict(first.waiting)
        assert dict(other.overrides) == dict(first.overrides)
        assert dict(other.problems_by_row) == dict(first.problems_by_row)
        for name, mine, theirs in _number_columns(first, other):
            assert theirs == pytest.approx(mine, rel=1e-12, abs=1e-12, nan_ok=True), name


def _number_columns(first: Scored, other: Scored) -> list[tuple[str, Sequence[float], Sequence[float]]]:
    columns = [("score", first.score, other.score), ("completeness", first.completeness, other.completeness)]
    columns += [(key, first.families[key], other.families[key]) for key in first.families]
    columns += [(m.criterion, first.points_of(m.criterion), other.points_of(m.criterion)) for m in first.plan.marks()]
    return [(name, list(mine), list(theirs)) for name, mine, theirs in columns]


@pytest.mark.parametrize("case", [case for case in CASES if case.refused], ids=lambda case: case.name)
def test_a_run_that_must_be_refused_is(case: Case) -> None:
    """Rules that do not fit the table give one located problem with the code that the case states, and no plan."""
    plan, problems = compile_plan(case.rules, case.table.headers, as_of=case.as_of)

    assert plan is None
    assert [problem.code for problem in problems] == [case.refused]
    assert problems[0].severity is Severity.ERROR


def test_every_case_says_what_it_shows() -> None:
    """`about` is a sentence, so that the folder reads as the definition of the language; no two say the same."""
    sentences = [case.about for case in CASES]

    assert len(CASES) >= 60
    assert all(sentence.endswith(".") and len(sentence) > 20 for sentence in sentences)
    assert len(set(sentences)) == len(sentences)
