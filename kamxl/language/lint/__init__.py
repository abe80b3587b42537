"""Problems of meaning in a rule set: gaps, overlaps, rules that never match, thresholds out of reach.

Last step of the language: RuleSet in, problems out, each in plain words with an example client. Every lint has one
slug, one heading in docs/lint.md and one file in tests/bad_rules. Reasons over all possible clients and reads none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

from kamxl.language.lint.bands import find_band_gaps, find_band_overlaps
from kamxl.language.lint.categories import find_category_faults
from kamxl.language.lint.conditions import find_constant_conditions
from kamxl.language.lint.findings import Subject
from kamxl.language.lint.holes import find_category_gaps
from kamxl.language.lint.reach import find_thresholds_out_of_reach
from kamxl.language.lint.scales import find_listed_twice, find_scales_below_full
from kamxl.language.lint.units import find_unit_mismatches
from kamxl.language.lint.usage import find_lookalikes, find_unused_columns, find_zero_weights
from kamxl.language.model import RuleSet
from kamxl.problems import Place, Problem, sort_problems
from kamxl.records import dataclass


@dataclass(frozen=True, slots=True)
class Lint:
    """One check: its slug in the docs, the codes that it gives, and the function that finds the problems."""

    slug: str
    codes: tuple[str, ...]
    find: Callable[[Subject], Iterator[Problem]]
    of_one_part: bool = False
    """Whether it says something about one part of the rule file that is true whatever the other parts are."""


# In this order: a later lint says nothing that follows from what an earlier one said.
LINTS: tuple[Lint, ...] = (
    Lint("lookalike", ("KX223",), find_lookalikes, of_one_part=True),
    Lint("band-overlap", ("KX202",), find_band_overlaps, of_one_part=True),
    Lint("band-gap", ("KX203",), find_band_gaps, of_one_part=True),
    Lint("never-full", ("KX212", "KX214"), find_scales_below_full, of_one_part=True),
    Lint("listed-twice", ("KX211",), find_listed_twice, of_one_part=True),
    Lint("unit-mismatch", ("KX213",), find_unit_mismatches, of_one_part=True),
    Lint("no-weight", ("KX214",), find_zero_weights, of_one_part=True),
    Lint("unused-column", ("KX210",), find_unused_columns),
    Lint("out-of-reach", ("KX209",), find_thresholds_out_of_reach),
    Lint("constant-condition", ("KX207", "KX208", "KX214", "KX217"), find_constant_conditions, of_one_part=True),
    Lint("never-matches", ("KX206", "KX214", "KX215", "KX217"), find_category_faults),
    Lint("category-gap", ("KX216",), find_category_gaps),
)


def lint_rules(
    rules: RuleSet, lines: Sequence[str] | None = None, *, used: Collection[str] | None = None
) -> tuple[Problem, ...]:
    """Every problem of meaning of a rule set, sorted.

    Shapes: lines of the rule file, for excerpts; read from `rules.file` when not given. `used` are columns that
    something outside the rules uses, such as departments that see them; None where that is not known.
    """
    subject = Subject(rules, lines, used)
    return sort_problems(problem for lint in LINTS for problem in lint.find(subject))


def lint_draft(draft: RuleSet, faults: Collection[Problem]) -> tuple[Problem, ...]:
    """Problems of meaning in the parts of a rule file that could be read, the others having `faults`.

    So that all mistakes of a file are shown in one run, and none because of another one: whatever speaks of the whole
    (reach, columns never used, the categories together) waits until everything can be read.
    """
    subject = Subject(draft, None, None, is_draft=True)
    found = [problem for lint in LINTS if lint.of_one_part for problem in lint.find(subject)]
    broken = {_part(fault.place) for fault in faults}
    broken_lines = {fault.place.line for fault in faults}

    def is_of_broken(place: Place) -> bool:
        part = _part(place)
        return place.line in broken_lines or any(one[: len(part)] == part[: len(one)] for one in broken if one)

    return sort_problems(problem for problem in found if not is_of_broken(problem.place))


def _part(place: Place) -> tuple[str, ...]:
    """The criterion, column, derived column or category that a place lies in."""
    names = tuple(place.path.split(".")) if place.path else ()
    if not names:
        return ()
    return names[: {"families": 4, "categories": 3}.get(names[0], 2)]
