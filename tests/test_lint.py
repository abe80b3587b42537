"""What lint says holds: "never" and "always" for every client tried, and example clients fall where it says."""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kamxl.backends.reference import ReferenceRunner
from kamxl.backends.row_expressions import compile_expression, truth
from kamxl.checking import check_files
from kamxl.cli import run_command
from kamxl.language.lint import LINTS, lint_rules
from kamxl.language.lint.boxes import Budget, TooHard, intersect
from kamxl.language.lint.cases import Cases
from kamxl.language.model import RuleSet
from kamxl.language.reader import read_rules, read_rules_text
from kamxl.plan import compile_plan
from kamxl.problems import Problem, Severity, has_errors
from kamxl.table import Table
from kamxl.values import Value

NUMBERS = ("a", "b")
CHOICES = ("sole", "first", "second")
RULES = Path(__file__).parents[1] / "rules"

HEAD = """
kamxl: 1
name: Test
columns:
  client: {kind: text, role: id}
  a: {kind: number}
  b: {kind: number}
  c: {kind: choice, choices: [sole, first, second]}
  d: {kind: yes/no}
derived:
  either: a > 3 or d
  none_of_it: not (c in [sole, first]) and b is missing
families:
  mark:
    weight: 1
    criteria:
      a: {weight: 1, points: as is}
"""


def rule_text(conditions: list[str], policy: str = "first") -> str:
    lines = "".join(f"    k{index}: {{when: '{text}'}}\n" for index, text in enumerate(conditions))
    return f"{HEAD}categories:\n  policy: {policy}\n  rules:\n{lines}    rest: {{otherwise: true}}\n"


def rules_of(conditions: list[str], policy: str = "first") -> RuleSet:
    rules, problems = read_rules_text(rule_text(conditions, policy))
    assert rules is not None, problems
    return rules


def atoms() -> st.SearchStrategy[str]:
    number = st.sampled_from(["0", "1", "2.5", "3", "5", "10"])
    compared = st.builds(
        lambda name, sign, value: f"{name} {sign} {value}",
        st.sampled_from(NUMBERS),
        st.sampled_from(["=", "<>", "<", "<=", ">", ">="]),
        number,
    )
    between = st.builds(
        lambda name, low, high: f"{name} between {low} and {high}", st.sampled_from(NUMBERS), number, number
    )
    listed = st.lists(st.sampled_from(CHOICES), min_size=1, max_size=2, unique=True).map(
        lambda words: f"c in [{', '.join(words)}]"
    )
    others = st.sampled_from(["d", "either", "none_of_it", "a is missing", "c is not missing", "d is missing"])
    two = st.sampled_from(["a > b", "a = b", "b <= a"])
    return st.one_of(compared, between, listed, others, two)


CONDITIONS = st.recursive(
    atoms(),
    lambda inner: st.one_of(
        st.builds(lambda x, y: f"({x} and {y})", inner, inner),
        st.builds(lambda x, y: f"({x} or {y})", inner, inner),
        st.builds(lambda x: f"not ({x})", inner),
    ),
    max_leaves=6,
)


def random_client(dice: random.Random) -> dict[str, Value]:
    """Values on, beside and far from the thresholds, and missing ones."""
    near = [0.0, 1.0, 2.5, 3.0, 5.0, 10.0]
    client: dict[str, Value] = {
        name: dice.choice(
            [None, dice.choice(near), dice.choice(near) + dice.choice([-0.5, 0.5]), dice.uniform(-20, 20)]
        )
        for name in NUMBERS
    }
    client["c"] = dice.choice([None, *CHOICES])
    client["d"] = dice.choice([None, True, False])
    return client


def findings(rules: RuleSet) -> tuple[Problem, ...]:
    """What lint says, derived columns of HEAD being there for whoever wants them."""
    return lint_rules(rules, used=("either", "none_of_it"))


class Judge:
    """Says which conditions of a rule set hold for a client, by the reference runner's own evaluation."""

    def __init__(self, rules: RuleSet) -> None:
        self._derived = [(d.key, compile_expression(d.expression.node, 0.0)) for d in rules.derived]
        self._tests = [compile_expression(r.when.node, 0.0) for r in rules.categories.rules if r.when is not None]

    def matches(self, client: dict[str, Value]) -> list[bool]:
        row = dict(client)
        for key, compute in self._derived:
            row[key] = compute(row)
        return [truth(test(row)) for test in self._tests]


def whole_client(example: dict[str, Value]) -> dict[str, Value]:
    client: dict[str, Value] = {"a": None, "b": None, "c": None, "d": None}
    client.update({name: value for name, value in example.items() if name in client})
    return client


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(CONDITIONS, min_size=1, max_size=5), st.integers(0, 2**32))
def test_no_gap_means_that_every_client_matches_and_an_example_of_a_gap_matches_nothing(
    conditions: list[str], seed: int
) -> None:
    """120 rule sets that leave nobody out, with 900 clients each: 108,000 clients; and as many that may leave gaps."""
    dice = random.Random(seed)
    for tried in (conditions, [*conditions, f"not ({conditions[-1]})"]):
        rules = rules_of(tried)
        cases, judge = Cases(rules), Judge(rules)
        whens = [rule.when for rule in rules.categories.rules if rule.when is not None]
        cover = [box for when in whens for box in cases.boxes(cases.formula(when.node), Budget())]
        spot = cases.uncovered([{}], cover, Budget())
        if spot is None:
            for _ in range(900):
                client = random_client(dice)
                assert any(judge.matches(client)), client
        elif cases.is_certain(spot):
            client = whole_client(cases.example(spot))
            assert not any(judge.matches(client)), client
    assert spot is None, "a condition and its opposite leave nobody out"


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CONDITIONS, CONDITIONS, st.integers(0, 2**32))
def test_an_example_of_an_overlap_matches_both_and_no_overlap_means_no_client_does(
    first: str, second: str, seed: int
) -> None:
    """Where lint sees no overlap none is found by trying; where it shows a client, that client is in both."""
    dice = random.Random(seed)
    rules = rules_of([first, second])
    cases, judge = Cases(rules), Judge(rules)
    one, two = (
        cases.boxes(cases.formula(rule.when.node), Budget()) for rule in rules.categories.rules if rule.when is not None
    )
    shared = [box for x in one for y in two if (box := intersect(x, y)) is not None]
    for box in shared:
        if cases.is_certain(box):
            client = whole_client(cases.example(box))
            assert judge.matches(client) == [True, True], client
    if not shared:
        for _ in range(300):
            assert judge.matches(random_client(dice)) != [True, True]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(CONDITIONS, min_size=1, max_size=4), st.integers(0, 2**32))
def test_what_lint_calls_never_and_always_is_so_for_every_client(conditions: list[str], seed: int) -> None:
    """Rules that never match, conditions that are always true or false: no client tried says otherwise."""
    dice = random.Random(seed)
    rules = rules_of(conditions)
    judge = Judge(rules)
    clients = [judge.matches(random_client(dice)) for _ in range(300)]
    for problem in findings(rules):
        found = re.search(r"category `k(\d+)` can never match", problem.message)
        if found:
            index = int(found[1])
            assert not any(matches[index] and not any(matches[:index]) for matches in clients)
        if problem.code in ("KX207", "KX208") and problem.message.endswith("for every client"):
            text = problem.message.split("`")[1]
            index = next((at for at, written in enumerate(conditions) if " ".join(written.split()) == text), None)
            if index is not None:
                assert all(matches[index] == (problem.code == "KX207") for matches in clients)


SHIPPED = sorted(path for path in RULES.rglob("*.yml") if "families:" in path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", SHIPPED, ids=lambda path: path.stem)
def test_the_shipped_rules_give_no_false_alarm(file: Path) -> None:
    """A rule file that ships has nothing wrong with it, so lint has nothing to say."""
    rules, problems = read_rules(file)
    assert rules is not None, problems
    assert lint_rules(rules) == ()


def test_the_example_client_of_an_overlap_stops_a_run_with_two_categories() -> None:
    """The client that the message shows gets KX406 from the reference runner."""
    rules = rules_of(["a between 1 and 5 and c = sole", "a >= 4"], policy="unique")
    (problem,) = [problem for problem in findings(rules) if problem.code == "KX215"]
    assert problem.severity is Severity.ERROR
    assert 'a client with a 4 and c "sole" falls in both' in problem.message
    table = Table.from_rows(["client", "a", "b", "c", "d"], [["X", 4, None, "sole", None]])
    plan, faults = compile_plan(rules, table.headers)
    assert plan is not None, faults
    scored = ReferenceRunner().run(plan, table)
    assert [fault.code for fault in scored.problems_by_row[0]] == ["KX406"]


def test_numbers_that_depend_on_each_other_are_not_called_a_certain_overlap() -> None:
    """`a` feeds the family `mark`, so lint cannot know whether such a client exists, and says so."""
    rules = rules_of(["a <= 2", "mark >= 90"], policy="unique")
    (problem,) = [problem for problem in findings(rules) if problem.code == "KX215"]
    assert problem.severity is Severity.WARNING
    assert "cannot be told" in problem.message


def test_always_true_rule_is_named_once_and_what_follows_is_not_reported_again() -> None:
    """One mistake, one message: the rules behind it are not all called unreachable."""
    problems = findings(rules_of(["a > 1 or a <= 1 or a is missing", "b > 3", "d"]))
    assert [problem.code for problem in problems] == ["KX207"]


def test_thousand_terms_in_a_condition_are_analysed() -> None:
    """A long `or` over one number is one set of cells."""
    long = " or ".join(f"a = {index}" for index in range(1000))
    problems = findings(rules_of([long, "a = 500"]))
    assert [problem.code for problem in problems] == ["KX206"]


def test_condition_with_too_many_alternatives_is_said_to_be_beyond_analysis() -> None:
    """The budget ends the work, and the manager is told."""
    wide = " and ".join(f"(a > {i} or b > {i} or c = sole or not d)" for i in range(40))
    tangled = " and ".join(f"(a - {i} > b or b * {i + 2} > a + {i})" for i in range(40))
    assert not has_errors(findings(rules_of([wide])))
    assert "KX217" in [problem.code for problem in findings(rules_of([tangled]))]


@pytest.mark.parametrize("link", ["k{last} or b = {this}", "k{last} and (b > {this} or a < {this})"])
def test_long_chain_of_derived_conditions_is_met_calmly(link: str) -> None:
    """900 links: analysed, or said once to be beyond analysis; never a crash, never minutes."""
    chain = "".join(f"  k{i}: {link.format(last=i - 1, this=i)}\n" for i in range(1, 900))
    text = rule_text(["k899 and a > 1"]).replace("derived:\n", f"derived:\n  k0: a > 1\n{chain}")
    rules, problems = read_rules_text(text.replace("    k0: {when", "    first: {when"))
    assert rules is not None, problems
    start = time.perf_counter()
    found = [problem.code for problem in findings(rules)]
    assert found.count("KX217") <= 1
    assert time.perf_counter() - start < 20


def test_budget_is_an_error_of_its_own() -> None:
    """A spent budget is never taken for an answer."""
    with pytest.raises(TooHard):
        Budget(1).spend(2)


def file_of_two_hundred_faults() -> str:
    """Unknown names, contradictions, gaps, overlaps, decimal commas, foreign operators and misspelt keys: 200."""
    lines = ["kamxl: 1", "name: Many faults", "columns:", "  client: {kind: text, role: id}"]
    lines += [f"  c{i}: {{kind: number}}" for i in range(60)]
    lines += ["derived:", *(f"  d{i}: c{i} / nobody_{i}" for i in range(20))]
    lines += [f"  e{i}: c{i} > 10 and c{i} < 5" for i in range(20)]
    lines += ["families:", "  f:", "    weight: 1", "    criteria:"]
    band = "{{under 17: 0, 17 to 30: 4, {} to 40: 8, 40 and over: 10}}"
    lines += [f"      c{i}: {{weight: 1, bands: {band.format(29 if i % 2 else 32)}}}" for i in range(40)]
    lines += [f"      c{i}: {{weight: 1,5, curve: {{0: 0, 10: 10}}}}" for i in range(40, 60)]
    lines += ["categories:", "  rules:", *(f"    k{i}: {{when: c{i} => {i}}}" for i in range(60))]
    lines += [f"    m{i}: {{wenn: c{i} >= {i}}}" for i in range(40)]
    return "\n".join([*lines, "    rest: {otherwise: true}", ""])


def test_two_hundred_faults_of_every_kind_are_shown_in_one_run_of_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each is there once, in the order of the file, and none follows from another."""
    path = tmp_path / "many.yml"
    path.write_text(file_of_two_hundred_faults(), encoding="utf-8")
    assert run_command(["check", str(path)]) == 1
    shown = capsys.readouterr().err
    codes = Counter(re.findall(r"^error\[(KX\d+)\]", shown, re.MULTILINE))
    assert codes == {"KX105": 20, "KX208": 20, "KX203": 20, "KX202": 20, "KX103": 20, "KX104": 60, "KX102": 40}
    places = [int(line) for line in re.findall(r"^ --> .*many\.yml:(\d+):", shown, re.MULTILINE)]
    assert places == sorted(places)
    assert shown.rstrip().endswith("200 errors")


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (" or ".join(f"a = {index}" for index in range(10_000)), "the expression has more than 5000 words"),
        ("(" * 1_000 + "a > 1" + ")" * 1_000, "the expression is nested more than 60 deep"),
        ("not " * 1_000 + "d", "the expression is nested more than 60 deep"),
        ("-" * 1_000 + "a > 1", "the expression is nested more than 60 deep"),
        ("аge > 1", "is not a column"),
    ],
    ids=["10,000 terms", "1,000 parentheses", "1,000 nots", "1,000 signs", "a letter of another alphabet"],
)
def test_monstrous_conditions_are_refused_at_their_place(
    condition: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One problem with a way out, within the line that it stands on."""
    path = tmp_path / "monster.yml"
    path.write_text(rule_text([condition]), encoding="utf-8")
    assert run_command(["check", str(path)]) == 1
    shown = capsys.readouterr().err
    assert words in shown
    assert "= help: " in shown
    assert shown.count("error[") == 1
    assert max(map(len, shown.splitlines())) < 200


def test_every_lint_has_its_heading_in_the_docs() -> None:
    """docs/lint.md says of each lint what it decides, under its slug, with its codes, and of no other."""
    page = (Path(__file__).parents[1] / "docs" / "lint.md").read_text(encoding="utf-8")
    sections = dict(part.split("\n", 1) for part in page.split("\n## ")[1:])
    assert list(sections) == [lint.slug for lint in LINTS]
    for lint in LINTS:
        for code in lint.codes:
            assert code in sections[lint.slug], (lint.slug, code)


BANDS = """
kamxl: 1
name: Bands
columns:
  client: {kind: text, role: id}
  a: {kind: number}
  b: {kind: number}
families:
  f:
    weight: 1
    criteria:
      a: {weight: 3, bands: {under 10: 0, 10 to 20: 5, 20 and over: 10}, missing: A}
      b: {weight: 1, bands: {under 10: 2, 10 and over: 10}, missing: B}
categories:
  policy: unique
  rules:
    one: {when: f between LOW and HIGH}
    two: {when: f between 55 and 60}
    rest: {otherwise: true}
"""


@pytest.mark.parametrize("missing", ["skip", "zero", "7"])
@pytest.mark.parametrize("other", ["skip", "zero", "1"])
def test_an_overlap_on_a_family_is_one_of_a_score_that_bands_can_give(missing: str, other: str) -> None:
    """Every window of the score: reported, for certain, exactly where some client is in both, blanks included."""
    clients = [[f"C{a}{b}", a, b] for a in (None, 5, 15, 25) for b in (None, 5, 15)]
    table = Table.from_rows(["client", "a", "b"], clients)
    for low in range(50, 66):
        text = BANDS.replace("missing: A", f"missing: {missing}").replace("missing: B", f"missing: {other}")
        rules, problems = read_rules_text(text.replace("LOW", str(low)).replace("HIGH", str(low + 1)))
        assert rules is not None, problems
        plan, faults = compile_plan(rules, table.headers)
        assert plan is not None, faults
        scored = ReferenceRunner().run(plan, table)
        both = any("KX406" in [fault.code for fault in found] for found in scored.problems_by_row.values())
        said = [problem for problem in lint_rules(rules) if problem.code == "KX215"]
        assert bool(said) == both, (low, said)
        assert all(problem.severity is Severity.ERROR for problem in said)


def test_one_mistake_in_the_shipped_rules_brings_a_handful_of_messages_at_most(tmp_path: Path) -> None:
    """40 slips of a hand, each on one line: a line deleted, or a letter typed over. No crash, and no flood."""
    lines = (RULES / "kam.yml").read_text(encoding="utf-8").splitlines()
    dice = random.Random(11)
    path = tmp_path / "kam.yml"
    counts = []
    for _ in range(40):
        slip = list(lines)
        at = dice.choice([at for at in range(24, len(lines)) if lines[at].strip() and lines[at].strip()[0] != "#"])
        if dice.random() < 0.3:
            slip.pop(at)
        else:
            written = slip[at].split("#")[0].rstrip()
            column = dice.randrange(len(written) - len(written.lstrip()), len(written))
            slip[at] = written[:column] + dice.choice("abcé,:.x%") + written[column + 1 :]
        path.write_text("\n".join([*slip, ""]), encoding="utf-8")
        errors = [problem for problem in check_files(path, None, None).problems if problem.severity is Severity.ERROR]
        assert len(errors) <= 5, (slip[at], [problem.block() for problem in errors])
        counts.append(len(errors))
    assert sum(count == 1 for count in counts) > 15
