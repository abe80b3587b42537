"""What lint says of all clients is held against random clients, through the runners that classify them.

`test_lint.py` looks at single lints; here whole rule files of every kind of column go in at the front door.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
import random
import re
from collections.abc import Iterator

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kamxl.backends import Scored, runner
from kamxl.backends.row_expressions import compile_expression, truth
from kamxl.language.expression import Node, kind_of, walk
from kamxl.language.lint import lint_rules
from kamxl.language.lint.boxes import Box, Budget, TooHard
from kamxl.language.lint.cases import Cases
from kamxl.language.model import Bands, RuleSet
from kamxl.language.reader import read_rules_text
from kamxl.plan import Plan, compile_plan
from kamxl.problems import Problem
from kamxl.table import Cell, Table
from kamxl.values import date_of
from tests.random_rules import COLUMNS, cell, random_rules

THOROUGH = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
# ---- category conditions: the clients are cut into parts, and now and then a part is damaged

HEAD = """
kamxl: 1
name: Parts
as_of: 2026-06-30
columns:
  client: {kind: text, role: id}
  a: {kind: number}
  m: {kind: money}
  p: {kind: percent}
  since: {kind: date}
  c: {kind: choice, choices: [sole, first, second]}
  t: {kind: text}
  d: {kind: yes/no}
derived:
  rate: m / a
  known: a > 3 or d
families:
  mark: {weight: 1, criteria: {a: {weight: 1, curve: {0: 0, 10: 10}, missing: zero}}}
categories:
  rules:
"""
NUMBERS = ("a", "m", "p", "rate", "mark", "days_since(since)", "max(a, m)")
EDGES = {
    "p": ("10%", "12.5%", "50%"),
    "since": ("2024-02-29", "2025-12-31", "2026-01-01"),
    "mark": ("2.5", "30", "50"),
}
COLUMN_KINDS = {
    "a": "number",
    "m": "money",
    "p": "percent",
    "since": "date",
    "c": "choice",
    "t": "text",
    "d": "yes/no",
}


def parts_of_all_clients(
    dice: random.Random, avoided: frozenset[str] = frozenset()
) -> tuple[frozenset[str], list[str]]:
    """What is read, and conditions of which exactly one holds for every client, blanks and odd choices included."""
    reads, parts = _cut(dice, dice.choice([*NUMBERS, "since"]))
    match dice.choice(["number", "number", "choice", "text", "answer", "derived", "order"]):
        case "choice":
            rest = "c not in [sole, first, second] and c is not missing"
            reads, parts = "c", ["c = sole", "c in [first, second]", rest, "c is missing"]
        case "text":
            rest = "t not in [Food, Aerospace, Medical] and t is not missing"
            reads, parts = "t", ["t = Food", "t in [Aerospace, Medical]", rest, "t is missing"]
        case "answer":
            reads, parts = "d", ["d", "not d and d is not missing", "d is missing"]
        case "derived":
            reads, parts = "a d", ["known", "not known"]
        case "order":
            reads, parts = "a<m", ["a < m", "a = m", "m < a", "not a < m and not a = m and not m < a"]
    read = frozenset(reads.split())
    # What is cut twice by the same answer has parts that nobody can be in, and lint says that instead.
    return parts_of_all_clients(dice, avoided) if read & avoided else (read, parts)


def _cut(dice: random.Random, name: str) -> tuple[str, list[str]]:
    low, high = sorted(dice.sample(EDGES.get(name, ("0", "2.5", "3", "5", "40")), 2), key=_order_of_edges)
    parts = [f"{name} < {low}", f"{name} between {low} and {high}", f"{name} > {high}", f"{name} is missing"]
    # The only family is answered for whoever is classified.
    return name, parts[:3] if name == "mark" else parts


def _order_of_edges(text: str) -> tuple[int, str]:
    return len(text.partition(".")[0]), text


def parts_of_parts(dice: random.Random) -> list[str]:
    """A cut of which some parts are cut again."""
    found: list[str] = []
    read, parts = parts_of_all_clients(dice)
    for part in parts:
        if dice.random() < 0.4:
            found += [f"({part}) and ({inner})" for inner in parts_of_all_clients(dice, read)[1]]
        else:
            found.append(part)
    dice.shuffle(found)
    return found


def damaged(dice: random.Random, parts: list[str]) -> list[str]:
    """The same parts, one of them gone or narrower."""
    at = dice.randrange(len(parts))
    others = parts[:at] + parts[at + 1 :]
    if dice.random() < 0.5 and len(parts) > 1:
        return others
    return [*others, f"({parts[at]}) and a is not missing"]


def rules_with(parts: list[str]) -> RuleSet:
    lines = "".join(f"    k{index}: {{when: '{part}'}}\n" for index, part in enumerate(parts))
    rules, problems = read_rules_text(f"{HEAD}{lines}    rest: {{otherwise: true}}\n")
    assert rules is not None, problems
    return rules


def random_cell(dice: random.Random, kind: str) -> Cell:
    """A blank, a value on or beside a threshold, or any value of a kind."""
    if dice.random() < 0.15:
        return None
    match kind:
        case "number" | "money":
            return dice.choice([0, 2.5, 3, 5, 40, dice.choice([0, 2.5, 3, 5, 40]) + dice.choice([-1e-6, 1e-6]),
                                dice.uniform(-9, 50)])  # fmt: skip
        case "percent":
            return dice.choice([0.1, 0.125, 0.5, dice.uniform(-1, 1)])
        case "date":
            return dt.date(2024, 2, 27) + dt.timedelta(days=dice.choice([1, 2, 3, 671, 672, 673, dice.randrange(900)]))
        case "choice":
            return dice.choice(["sole", "First", " second ", "sloe"])
        case "text":
            return dice.choice(["Food", " food ", "Aerospace", "MEDICAL", "Retail"])
        case _:
            return dice.choice(["yes", "no", True, False])


def random_clients(dice: random.Random, count: int) -> Table:
    columns = [[f"C{row}" for row in range(count)]]
    columns += [[random_cell(dice, kind) for _ in range(count)] for kind in COLUMN_KINDS.values()]  # type: ignore[misc]
    return Table(("client", *COLUMN_KINDS), tuple(columns))


def categories_of(rules: RuleSet, table: Table) -> list[str]:
    plan, problems = compile_plan(rules, table.headers)
    assert plan is not None, problems
    scored = runner().run(plan, table)
    return [rules.categories.all_rules[index].key for index in scored.category]


def says_that_nobody_is_left(rules: RuleSet) -> bool:
    return any("`otherwise` never matters" in problem.message for problem in lint_rules(rules))


@THOROUGH
@given(st.integers(0, 2**32))
def test_no_gap_between_conditions_means_that_all_of_a_hundred_thousand_clients_match(seed: int) -> None:
    """100 rule sets with 1,000 clients each: numbers, percents, dates, choices, texts, answers, derived columns."""
    dice = random.Random(seed)
    parts = parts_of_parts(dice)
    rules = rules_with(parts)
    assert says_that_nobody_is_left(rules), parts
    assert "rest" not in categories_of(rules, random_clients(dice, 1_000))


@THOROUGH
@given(st.integers(0, 2**32))
def test_after_a_damage_lint_either_shows_a_client_who_is_left_or_is_right_that_nobody_is(seed: int) -> None:
    """The example client of the gap goes to `otherwise`; where lint still says that nobody does, nobody does."""
    dice = random.Random(seed)
    parts = damaged(dice, parts_of_parts(dice))
    rules = rules_with(parts)
    if says_that_nobody_is_left(rules):
        assert "rest" not in categories_of(rules, random_clients(dice, 1_000)), parts
        return
    cases = Cases(rules)
    whens = [rule.when for rule in rules.categories.rules if rule.when is not None]
    cover = [box for when in whens for box in cases.boxes(cases.formula(when.node), Budget())]
    spot = cases.uncovered(cases.region(), cover, Budget())
    assert spot is not None, parts
    row = client_in(cases, spot)
    if row is not None:
        assert categories_of(rules, Table.from_rows(["client", *COLUMN_KINDS], [row])) == ["rest"], (parts, row)


def client_in(cases: Cases, spot: Box) -> list[Cell] | None:
    """The cells of the example client of a spot; None where its numbers depend on each other or are not columns."""
    example = cases.example(spot)
    if not cases.is_certain(spot) or not set(example) <= {*COLUMN_KINDS, "mark"}:
        return None
    given_values = dict(example)
    if "mark" in given_values:
        given_values["a"] = float(given_values.pop("mark") or 0) / 10
    day = given_values.get("since")
    if isinstance(day, float):
        given_values["since"] = date_of(day)
    return ["C", *(given_values.get(name) for name in COLUMN_KINDS)]


# ---- bands

BAND = re.compile(r"a client with (\S+?)(?: or (\S+))? falls in (none|both)")


def band_texts(dice: random.Random, *, percent: bool) -> list[str]:
    """Bands that meet, leave a hole or overlap, in any order; half of the time open at both ends."""
    steps = [dice.choice([0.5, 1, 2, 5, 10]) for _ in range(dice.randint(1, 6))]
    edges = [dice.choice([0, 0.1, 5, 17])]
    for step in steps:
        edges.append(edges[-1] + step)
    unit = "%" if percent else ""
    texts = [f"{low:g}{unit} to {high:g}{unit}" for low, high in itertools.pairwise(edges)]
    if dice.random() < 0.6:
        texts = [f"under {edges[0]:g}{unit}", *texts, f"{edges[-1]:g}{unit} and over"]
    if dice.random() < 0.5 and len(texts) > 1:
        at = dice.randrange(len(texts))
        moved = dice.choice([-0.4, 0.4, 1, -3])
        texts[at] = re.sub(r"[\d.]+", lambda found: f"{max(0.0, float(found[0]) + moved):g}", texts[at], count=1)
    dice.shuffle(texts)
    return texts


def band_rules(texts: list[str], *, percent: bool) -> RuleSet | None:
    kind = "percent" if percent else "number"
    bands = ", ".join(f"{text}: {index % 11}" for index, text in enumerate(dict.fromkeys(texts)))
    rules, _ = read_rules_text(
        f"kamxl: 1\nname: Bands\ncolumns:\n  client: {{kind: text, role: id}}\n  size: {{kind: {kind}}}\nfamilies:\n"
        f"  f: {{weight: 1, criteria: {{size: {{weight: 1, bands: {{{bands}}}}}}}}}\n"
        "categories: {rules: {rest: {otherwise: true}}}\n"
    )
    return rules


def family_scores(rules: RuleSet, sizes: list[float]) -> list[float]:
    table = Table(("client", "size"), ([f"C{row}" for row in range(len(sizes))], list(sizes)))
    plan, problems = compile_plan(rules, table.headers)
    assert plan is not None, problems
    return list(runner().run(plan, table).families["f"])


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32), st.booleans())
def test_no_gap_between_bands_means_points_for_every_client_and_examples_fall_where_lint_says(
    seed: int, percent: bool
) -> None:
    """200 rule sets with 1,000 clients each. Without a word from lint, every client has one band and points."""
    dice = random.Random(seed)
    rules = band_rules(band_texts(dice, percent=percent), percent=percent)
    if rules is None:
        return
    problems = [problem for problem in lint_rules(rules) if problem.code in ("KX202", "KX203")]
    scale = rules.families[0].criteria[0].scale
    assert isinstance(scale, Bands)
    for problem in problems:
        _check_example(rules, scale, problem)
    sizes = [
        dice.choice([*scale.lows, *scale.highs, dice.uniform(0, 60)]) * dice.choice([1, 1, 1 + 1e-7])
        for _ in range(1_000)
    ]
    usable = [size if abs(size) < 1 or not percent else size / 100 for size in sizes if math.isfinite(size)]
    if not problems:
        assert not any(math.isnan(score) for score in family_scores(rules, usable))
        assert all(len(_bands_of(scale, size)) == 1 for size in usable)


def _bands_of(scale: Bands, size: float) -> list[int]:
    held = round(size, 9)
    return [at for at, (low, high) in enumerate(zip(scale.lows, scale.highs, strict=True)) if low <= held < high]


def _check_example(rules: RuleSet, scale: Bands, problem: Problem) -> None:
    found = BAND.search(problem.message)
    if found is None:
        assert "no band of `size` takes values" in problem.message
        return
    for shown in filter(None, found.groups()[:2]):
        size = float(shown.rstrip("%")) / (100 if shown.endswith("%") else 1)
        if found[3] == "none":
            assert _bands_of(scale, size) == []
            assert math.isnan(family_scores(rules, [size])[0])
        else:
            assert len(_bands_of(scale, size)) > 1


# ---- every claim over rule files of every kind


def _rows(scored: Scored) -> Iterator[tuple[int, dict[str, object]]]:
    """Rows that were classified or could have been, with every name that conditions read."""
    for row in range(scored.row_count):
        if row in scored.problems_by_row:
            continue
        names = {name: _none_if_nan(column[row]) for name, column in scored.values.items()}
        names |= {name: _none_if_nan(column[row]) for name, column in scored.families.items()}
        names |= {"score": _none_if_nan(scored.score[row]), "completeness": scored.completeness[row]}
        yield row, names


def _none_if_nan(value: object) -> object:
    return None if isinstance(value, float) and math.isnan(value) else value


def _never_and_always(rules: RuleSet, plan: Plan) -> Iterator[tuple[Node, bool, bool]]:
    """(condition, what lint takes it to be for everybody, whether it is asked of classified clients only)."""
    cases = Cases(rules)
    roots = [(derived.expression.node, False) for derived in rules.derived]
    roots += [(family.applies.node, False) for family in rules.families if family.applies is not None]
    roots += [(criterion.of.node, False) for _, criterion in rules.criteria]
    roots += [(rule.when.node, True) for rule in rules.categories.rules if rule.when is not None]
    for root, classified in roots:
        for node in walk(root):
            if kind_of(node) != "condition":
                continue
            try:
                formula = cases.formula(node)
                yes, no = (cases.boxes(formula, Budget(), opposite=opposite) for opposite in (False, True))
            except TooHard:
                continue
            if not yes or not no:
                yield node, not no, classified


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32))
def test_never_and_always_hold_over_random_rule_files_of_every_kind(seed: int) -> None:
    """100 rule files with 200 clients each, with odd numbers, blanks and unlisted choices among them."""
    rules = random_rules(seed, relative=False)
    dice = random.Random(seed)
    cells = [[cell(dice, str(kind["kind"]), clean=True) for _ in range(200)] for kind in COLUMNS.values()]
    table = Table(tuple(COLUMNS), ([f"C{row}" for row in range(200)], *cells[1:]))  # type: ignore[arg-type]
    plan, problems = compile_plan(rules, table.headers)
    assert plan is not None, problems
    scored = runner("reference").run(plan, table, previous=[-1] * 200)
    rows = dict(_rows(scored))
    need = rules.categories.need.completeness if rules.categories.need is not None else 0.0
    asked = [row for row in rows if not math.isnan(scored.score[row]) and scored.completeness[row] >= need]
    for node, always, classified in _never_and_always(rules, plan):
        holds = compile_expression(node, plan.as_of)
        for row in asked if classified else rows:
            assert truth(holds(rows[row])) == always, (seed, node, rows[row])  # type: ignore[arg-type]
    keys = [rule.key for rule in rules.categories.all_rules]
    taken = {keys[scored.rule_category[row]] for row in asked}
    for problem in lint_rules(rules):
        found = re.search(
            r"category `(\w+)` can never match|the rules before `(\w+)` take every client", problem.message
        )
        assert found is None or (found[1] or found[2]) not in taken, (seed, problem.message)
