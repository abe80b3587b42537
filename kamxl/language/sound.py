"""Rules that may be run: read without errors, and free of what makes a result wrong.

Used by every front door that scores. Of what lint says, only its errors stop a run; the rest is for `kamxl check`.
"""

from __future__ import annotations

from pathlib import Path

from kamxl.language.lint import lint_rules
from kamxl.language.model import RuleSet
from kamxl.language.reader import read_rules
from kamxl.problems import Problem, Severity, sort_problems


def read_sound_rules(path: Path) -> tuple[RuleSet | None, tuple[Problem, ...]]:
    """The rules of a file, and every problem found; None when one of them is an error."""
    rules, problems = read_rules(path)
    if rules is None:
        return None, problems
    wrong = [problem for problem in lint_rules(rules) if problem.severity is Severity.ERROR]
    return (None if wrong else rules), sort_problems([*problems, *wrong])
