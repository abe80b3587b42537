"""Problems of meaning in a rule set: gaps, overlaps, rules that never match, thresholds out of reach.

Last step of the language: RuleSet in, problems out, each in plain words with an example client. Every lint has one
slug, one heading in docs/lint.md and one file in tests/bad_rules. Reasons over all possible clients and reads none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from kamxl.language.lint.bands import find_band_gaps, find_band_overlaps
from kamxl.language.lint.categories import find_category_faults
from kamxl.language.lint.conditions import find_constant_conditions
from kamxl.language.lint.findings import Subject, lines_of
from kamxl.language.lint.holes import find_category_gaps
from kamxl.language.lint.reach import find_thresholds_out_of_reach
from kamxl.language.lint.scales import find_listed_twice, find_scales_below_full
from kamxl.language.lint.units import find_unit_mismatches
from kamxl.language.lint.usage import find_lookalikes, find_unused_columns, find_zero_weights
from kamxl.language.model import RuleSet
from kamxl.problems import Problem, sort_problems


@dataclass(frozen=True, slots=True)
class Lint:
    """One check: its slug in the docs, the codes that it gives, and the function that finds the problems."""

    slug: str
    codes: tuple[str, ...]
    find: Callable[[Subject], Iterator[Problem]]


# In this order: a later lint says nothing that follows from what an earlier one said.
LINTS: tuple[Lint, ...] = (
    Lint("lookalike", ("KX223",), find_lookalikes),
    Lint("band-overlap", ("KX202",), find_band_overlaps),
    Lint("band-gap", ("KX203",), find_band_gaps),
    Lint("never-full", ("KX212", "KX214"), find_scales_below_full),
    Lint("listed-twice", ("KX211",), find_listed_twice),
    Lint("unit-mismatch", ("KX213",), find_unit_mismatches),
    Lint("no-weight", ("KX214",), find_zero_weights),
    Lint("unused-column", ("KX210",), find_unused_columns),
    Lint("out-of-reach", ("KX209",), find_thresholds_out_of_reach),
    Lint("constant-condition", ("KX207", "KX208", "KX214", "KX217"), find_constant_conditions),
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
    subject = Subject(rules, lines_of(rules) if lines is None else lines, used)
    return sort_problems(problem for lint in LINTS for problem in lint.find(subject))
