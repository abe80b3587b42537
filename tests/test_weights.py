"""Weights by comparison: published examples, contradictions, several managers, write-back with comments kept."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kamxl.cli import run_command
from kamxl.language.model import RuleSet
from kamxl.language.reader import load_rules, read_rules_text
from kamxl.problems import KamxlError, Place
from kamxl.weights import Answers, build_matrix, combine, doubt_problem, percents, weigh
from kamxl.weights_files import group_of, parse_times, read_answers, read_sheet_answers, write_weights
from tests.trust_rules import RULES, write_rules

# Saaty's relative consumption of drinks in the United States: his published weights and consistency ratio.
DRINKS = ("coffee", "wine", "tea", "beer", "soda", "milk", "water")
DRINK_ANSWERS = (
    (9, 5, 2, 1, 1, 1 / 2),
    (1 / 3, 1 / 9, 1 / 9, 1 / 9, 1 / 9),
    (1 / 3, 1 / 4, 1 / 3, 1 / 9),
    (1 / 2, 1, 1 / 3),
    (2, 1 / 2),
    (1 / 3,),
)


def answers_of(items: tuple[str, ...], upper: tuple[tuple[float, ...], ...], manager: str = "") -> Answers:
    """Answers from the upper half of a matrix."""
    times = {
        (items[row], items[row + 1 + offset]): float(value)
        for row, line in enumerate(upper)
        for offset, value in enumerate(line)
    }
    return Answers(manager, items, times)


def rules() -> RuleSet:
    found, problems = read_rules_text(RULES)
    assert found is not None, problems
    return found


def test_drinks_come_out_as_published() -> None:
    """Weights to three decimals and the consistency ratio 0.022 of Saaty's example."""
    matrix, problems = build_matrix(answers_of(DRINKS, DRINK_ANSWERS))
    assert matrix is not None, problems
    found = weigh(DRINKS, matrix)
    assert [round(weight, 3) for weight in found.weights] == [0.177, 0.019, 0.042, 0.116, 0.190, 0.129, 0.327]
    assert round(found.ratio, 3) == 0.022 and found.is_consistent


def test_three_by_three_comes_out_as_in_textbooks() -> None:
    """The example of most lecture notes: a third, five times, seven times; ratio 0.056."""
    matrix, _ = build_matrix(answers_of(("a", "b", "c"), ((1 / 3, 5), (7,))))
    assert matrix is not None
    found = weigh(("a", "b", "c"), matrix)
    assert found.weights == pytest.approx((0.2790, 0.6491, 0.0719), abs=5e-4)
    assert found.ratio == pytest.approx(0.0559, abs=1e-3)


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 9).flatmap(lambda n: st.lists(st.integers(-8, 8), min_size=n * n, max_size=n * n)))
def test_eigenvector_is_the_one_that_numpy_finds(steps: list[int]) -> None:
    """Any reciprocal matrix of answers: same weights, same largest eigenvalue."""
    size = int(len(steps) ** 0.5)
    items = tuple(f"i{index}" for index in range(size))
    upper = tuple(
        tuple(float(s + 1) if s >= 0 else 1 / (1 - s) for s in steps[row * size : row * size + size - 1 - row])
        for row in range(size - 1)
    )
    matrix, problems = build_matrix(answers_of(items, upper))
    assert matrix is not None, problems
    found = weigh(items, matrix)
    values, vectors = np.linalg.eig(np.array(matrix))
    largest = int(np.argmax(values.real))
    expected = np.abs(vectors[:, largest].real)
    assert np.allclose(found.weights, expected / expected.sum(), atol=1e-8)
    assert found.ratio >= 0


def test_consistent_answers_have_ratio_zero_and_no_doubt() -> None:
    """Six times, twice, three times: each follows from the others."""
    matrix, _ = build_matrix(answers_of(("a", "b", "c"), ((2, 6), (3,))))
    assert matrix is not None
    found = weigh(("a", "b", "c"), matrix)
    assert found.ratio == pytest.approx(0, abs=1e-12) and found.doubt is None
    assert found.weights == pytest.approx((0.6, 0.3, 0.1))


def test_the_most_inconsistent_answer_is_named_with_what_the_others_say() -> None:
    """a over b 2, b over c 3, and yet c over a 5: the pair a, c is the odd one."""
    answers = answers_of(("a", "b", "c"), ((2, 1 / 5), (3,)), "Anne")
    matrix, _ = build_matrix(answers)
    assert matrix is not None
    problem = doubt_problem(weigh(answers.items, matrix), "Anne", Place("answers.yml", 3))
    assert problem is not None and problem.code == "KX225"
    assert problem.message.startswith("Anne: the answers contradict each other (consistency ratio 1.")
    # a over b 2 and b over c 3 make a over c 6, and c over a is 5: each of the three is as far from the others.
    assert "`a` is 2 times as important as `b`" in problem.message
    assert problem.help == "the other answers together say that `b` is 9 times as important as `a`"


def test_the_odd_answer_among_many_is_found_and_set_right_by_the_others() -> None:
    """Weights 8, 4, 2, 1 and one answer turned round: it alone is named, and the others give back what it was."""
    weights = {"a": 8.0, "b": 4.0, "c": 2.0, "d": 1.0}
    times = {(one, two): weights[one] / weights[two] for one in weights for two in weights if one < two}
    times["b", "d"] = 1 / times["b", "d"]
    matrix, _ = build_matrix(Answers("", tuple(weights), times))
    assert matrix is not None
    doubt = weigh(tuple(weights), matrix).doubt
    assert doubt is not None
    assert (doubt.first, doubt.second) == ("d", "b")
    assert (doubt.given, doubt.implied) == (pytest.approx(4), pytest.approx(1 / 4))


@pytest.mark.parametrize(
    ("times", "words"),
    [
        ({("a", "b"): 3.0, ("a", "c"): 2.0}, "`b` is not compared with `c`"),
        ({("a", "b"): 0.0, ("a", "c"): 2.0, ("b", "c"): 1.0}, "`a` against `b` is 0: an answer lies between 1/9 and 9"),
        ({("a", "b"): -3.0, ("a", "c"): 2.0, ("b", "c"): 1.0}, "an answer lies between 1/9 and 9"),
        ({("a", "b"): 12.0, ("a", "c"): 2.0, ("b", "c"): 1.0}, "an answer lies between 1/9 and 9"),
        ({("a", "b"): 3.0, ("b", "a"): 3.0, ("a", "c"): 2.0, ("b", "c"): 1.0}, "one must be 1 over the other"),
        ({("a", "a"): 2.0, ("a", "b"): 3.0, ("a", "c"): 2.0, ("b", "c"): 1.0}, "compared with itself is 1, not 2"),
    ],
)
def test_matrix_with_a_fault_is_refused_in_words(times: dict[tuple[str, str], float], words: str) -> None:
    """A zero, a hole, a negative answer, two answers for one pair: one problem each."""
    matrix, problems = build_matrix(Answers("", ("a", "b", "c"), times))
    assert matrix is None
    assert len(problems) == 1 and problems[0].code == "KX224" and words in problems[0].message


def test_opposite_answer_alone_is_enough() -> None:
    """`b over a: 1/3` is `a over b: 3`, also when thirds are typed as 0.33."""
    matrix, _ = build_matrix(Answers("", ("a", "b"), {("b", "a"): 1 / 3}))
    assert matrix == ((1.0, 3.0), (1 / 3, 1.0))
    both, problems = build_matrix(Answers("", ("a", "b"), {("a", "b"): 3.0, ("b", "a"): 0.33}))
    assert both is not None and not problems


def test_managers_are_joined_by_geometric_mean() -> None:
    """9 and 1 make 3; opposite views cancel out; the joint matrix stays reciprocal."""
    one, _ = build_matrix(answers_of(("a", "b"), ((9,),)))
    two, _ = build_matrix(answers_of(("a", "b"), ((1,),)))
    assert one is not None and two is not None
    joint = combine([one, two])
    assert joint[0][1] == pytest.approx(3) and joint[0][1] * joint[1][0] == pytest.approx(1)


@given(st.lists(st.floats(0.001, 1), min_size=2, max_size=15))
def test_percents_add_up_to_exactly_one_hundred(weights: list[float]) -> None:
    """Largest remainders: no rule file gets 99.9 %, which the reader would refuse."""
    assert round(sum(float(text.rstrip("%")) for text in percents(weights)), 9) == 100


def test_times_are_numbers_or_fractions() -> None:
    """`1/3` is a third; a division by zero is none."""
    assert [parse_times(text) for text in ("3", " 1/4 ", "0.5", "1/0", "much", "50%", "")] == [
        3.0,
        0.25,
        0.5,
        None,
        None,
        None,
        None,
    ]


def test_write_back_changes_weights_and_nothing_else() -> None:
    """Comments and order stay; the reader accepts the percents."""
    text = write_weights(RULES, group_of(rules(), "families"), (0.25, 0.75), "rules.yml")
    assert text == RULES.replace("weight: 20   #", "weight: 25%   #").replace("weight: 40\n", "weight: 75%\n")
    found, problems = read_rules_text(text)
    assert found is not None, problems
    criteria = write_weights(RULES, group_of(rules(), "history"), (0.9, 0.1), "rules.yml")
    assert "revenue: {weight: 90%, curve" in criteria and "weight: 10%, curve" in criteria


def test_answers_are_read_from_yaml_as_pairs_and_as_matrix(tmp_path: Path) -> None:
    """Keys or labels, in any language; fractions; several managers."""
    path = tmp_path / "answers.yml"
    path.write_text(
        "of: families\nanswers:\n  Anne: {Historique over profile: 3}\n  Luc: [[1, 1/5], [5, 1]]\n", encoding="utf-8"
    )
    group, told = read_answers(path, rules())
    assert group.keys == ("profile", "history")
    assert [build_matrix(answers)[0] for answers in told] == [((1.0, 1 / 3), (3.0, 1.0)), ((1.0, 0.2), (5.0, 1.0))]


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("of: families\n", "KX101", "needs `of` and `answers`"),
        ("of: familys\nanswers: {A: {}}\n", "KX102", "`familys` is not a group of weights"),
        ("of: families\nanswers: {A: {history profile: 3}}\n", "KX224", "compares nothing"),
        ("of: families\nanswers: {A: {history over profil: 3}}\n", "KX224", "`profil` is not weighed here"),
        ("of: families\nanswers: {A: {history over profile: lots}}\n", "KX224", "not `lots`"),
        ("of: families\nanswers: {A: [[1, 2]]}\n", "KX224", "2 rows of 2 numbers"),
    ],
)
def test_answer_file_with_a_fault_names_its_line(tmp_path: Path, text: str, code: str, words: str) -> None:
    """Every fault is a problem with a place."""
    path = tmp_path / "answers.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(KamxlError) as caught:
        read_answers(path, rules())
    assert caught.value.problems[0].code == code and words in caught.value.problems[0].message


def test_answers_are_read_from_a_sheet_with_blanks_and_faults_by_cell() -> None:
    """The upper half is enough; an unknown header or a word in a cell names the cell."""
    group, place = group_of(rules(), "families"), Place("a.xlsx", sheet="Anne")
    cells = [[None, "Profile", "History"], ["Profile", 1, "1/3"], ["History", None, None]]
    told = read_sheet_answers(cells, group, place, "Anne")
    assert build_matrix(told)[0] == ((1.0, 1 / 3), (3.0, 1.0))
    cells[0][2], cells[1][1] = "Histroy", "x"
    with pytest.raises(KamxlError) as caught:
        read_sheet_answers(cells, group, place, "Anne")
    assert {problem.place.cell for problem in caught.value.problems} == {"B2", "C1"}


def test_command_reads_weighs_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two managers, joint weights in the rule file, which still holds its comments and is still right."""
    path = write_rules(tmp_path)
    answers = tmp_path / "answers.yml"
    answers.write_text(
        "of: families\nanswers:\n  A: {history over profile: 9}\n  B: {history over profile: 1}\n", "utf-8"
    )
    assert run_command(["weights", str(answers), "-r", str(path), "--write"]) == 0
    assert "# a light family" in path.read_text(encoding="utf-8")
    assert [family.weight for family in load_rules(path).families] == pytest.approx([0.25, 0.75])
    assert "75%" in capsys.readouterr().out
    assert run_command(["weights", str(answers), "-r", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["weights"]["history"] == pytest.approx(0.75)


def test_command_asks_every_pair_and_asks_again_after_nonsense(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without answers the manager is asked; a word or a zero is not taken."""
    said = iter(["much", "0", "1/3"])
    monkeypatch.setattr("builtins.input", lambda _question: next(said))
    assert run_command(["weights", "-r", str(write_rules(tmp_path))]) == 0
    shown = capsys.readouterr()
    assert "75%" in shown.out and "not `much`" in shown.err and "not `0`" in shown.err


def test_command_refuses_a_hole_and_warns_of_contradictions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A hole ends the command; a ratio above 0.1 is a warning with the answer to think over."""
    third = RULES.replace(
        "categories:", "  more: {weight: 1, criteria: {x: {of: revenue, weight: 1, points: as is}}}\ncategories:", 1
    )
    path = write_rules(tmp_path, third)
    answers = tmp_path / "answers.yml"
    head = "of: families\nanswers:\n  A:\n    profile over history: 2\n    history over more: 3\n"
    answers.write_text(head, "utf-8")
    assert run_command(["weights", str(answers), "-r", str(path)]) == 1
    assert "`profile` is not compared with `more`" in capsys.readouterr().err
    answers.write_text(head + "    more over profile: 5\n", "utf-8")
    assert run_command(["weights", str(answers), "-r", str(path)]) == 0
    assert "warning[KX225]" in capsys.readouterr().err


def test_command_never_writes_into_the_shipped_rules(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever wants to change weights has a rule file of their own."""
    assert run_command(["weights", str(tmp_path / "answers.yml"), "--write"]) == 1
    assert "name your rule file with -r" in capsys.readouterr().err


def test_every_fault_of_an_answer_file_is_told_in_one_run(tmp_path: Path) -> None:
    """A word, a zero, a 12 and a hole; what could not be read is not called a hole as well."""
    path = tmp_path / "answers.yml"
    path.write_text(
        "of: families\nanswers:\n  Anne: {profile over history: many}\n  Luc: {profile over history: 0}\n"
        "  Eve: {profile over history: 12}\n  Ben: {}\n",
        encoding="utf-8",
    )
    rules = load_rules(write_rules(tmp_path))
    with pytest.raises(KamxlError) as caught:
        read_answers(path, rules)
    words = [problem.message for problem in caught.value.problems]
    assert len(words) == 4
    assert all(any(part in word for word in words) for part in ("`many`", " is 0:", " is 12:", "Ben: `profile` is not"))


def test_answers_to_other_questions_are_not_joined(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Families in one file and the criteria of a family in the other."""
    rules = write_rules(tmp_path)
    (tmp_path / "one.yml").write_text("of: families\nanswers: {A: {profile over history: 2}}\n", encoding="utf-8")
    (tmp_path / "two.yml").write_text("of: history\nanswers: {B: {revenue over age: 2}}\n", encoding="utf-8")
    command = ["weights", str(tmp_path / "one.yml"), str(tmp_path / "two.yml"), "-r", str(rules)]
    assert run_command(command) == 1
    assert "join only answers to the same questions" in capsys.readouterr().err
