"""The error catalogue: every file in tests/bad_rules gives exactly the message in the text file beside it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from kamxl.language.lint import LINTS, lint_rules
from kamxl.language.lint.findings import Subject
from kamxl.language.reader import read_rules_document
from kamxl.language.source import parse_bytes
from kamxl.problems import CODES, KamxlError, Problem, render_blocks

CATALOGUE = Path(__file__).parent / "bad_rules"
FILES = sorted(CATALOGUE.glob("*.yml"))


def problems_of(path: Path) -> tuple[Problem, ...]:
    """What reading and linting a rule file finds; places show the bare file name."""
    try:
        document = parse_bytes(path.read_bytes(), path.name)
        rules, problems = read_rules_document(document)
    except KamxlError as error:
        return error.problems
    return problems if rules is None else (*problems, *lint_rules(rules, document.lines))


def rendered(path: Path) -> str:
    return render_blocks(problems_of(path)) + "\n"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_bad_rule_file_gives_exactly_its_message(path: Path) -> None:
    """`python tests/test_bad_rules.py` writes the messages anew, for reading in the diff."""
    assert rendered(path) == path.with_suffix(".txt").read_text(encoding="utf-8")


def test_every_message_has_its_rule_file() -> None:
    """A forgotten text file would never be compared with anything."""
    assert {path.stem for path in CATALOGUE.glob("*.txt")} == {path.stem for path in FILES}


def test_every_lint_has_a_bad_rule_file_for_each_of_its_codes() -> None:
    """Each lint finds, with each code that it gives, something in at least one file of the catalogue; no other code."""
    shown = set()
    for path in FILES:
        try:
            document = parse_bytes(path.read_bytes(), path.name)
            rules, _ = read_rules_document(document)
        except KamxlError:
            continue
        if rules is not None:
            subject = Subject(rules, document.lines, None)
            shown |= {(lint.slug, problem.code) for lint in LINTS for problem in lint.find(subject)}
    assert shown == {(lint.slug, code) for lint in LINTS for code in lint.codes}


def test_every_problem_shows_the_line_that_it_speaks_of() -> None:
    """A problem of a rule file names file and line and shows the manager's own text."""
    for path in FILES:
        for problem in problems_of(path):
            assert problem.place.file == path.name
            assert problem.code in CODES
            assert problem.source_line or path.stem in ("empty", "not_utf8"), (path.name, problem)


def write_messages() -> None:
    for path in FILES:
        path.with_suffix(".txt").write_text(rendered(path), encoding="utf-8")


if __name__ == "__main__":
    write_messages()
    sys.exit(0)
