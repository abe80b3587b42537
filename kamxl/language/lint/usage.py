"""Lints `unused-column`, `no-weight` and `lookalike`: names nobody reads, weights of zero, letters that deceive."""

from __future__ import annotations

from collections.abc import Iterator

from kamxl.language.lint.findings import Finding, Subject, names_used
from kamxl.language.lookalikes import skeleton, strange_letter
from kamxl.problems import Place, Problem, Severity

# Columns that kamxl itself reads where they are declared: figures, dashboards and process sheets.
WELL_KNOWN = frozenset({"revenue", "dormant", "margin", "spend", "hours_served", "segment", "previous"})


def find_unused_columns(subject: Subject) -> Iterator[Problem]:
    """Columns and derived columns that no expression, role, department or figure uses."""
    used = names_used(subject.rules) | (subject.used or frozenset()) | WELL_KNOWN
    # An optional column is there for people: while nobody says what departments see, it is not in question.
    asked = [column for column in subject.rules.columns if not (column.optional and subject.used is None)]
    declared = [(column.key, column.place, "column") for column in asked if not column.role]
    declared += [(derived.key, derived.place, "derived column") for derived in subject.rules.derived]
    for key, place, what in declared:
        if key not in used:
            yield subject.problem(
                "KX210",
                f"{what} `{key}` is declared and never used",
                place,
                Finding(help="use it in a criterion or a condition, let a department `see` it, or take it out"),
            )


def find_zero_weights(subject: Subject) -> Iterator[Problem]:
    """Criteria and families that weigh nothing."""
    for family in subject.rules.families:
        if family.weight == 0:
            yield _no_weight(subject, f"family `{family.key}`", "the score", family.place)
        for criterion in family.criteria:
            if criterion.weight == 0:
                yield _no_weight(subject, f"criterion `{criterion.key}`", f"family `{family.key}`", criterion.place)


def _no_weight(subject: Subject, what: str, whole: str, place: Place) -> Problem:
    hint = "give it a weight, or take it out"
    return subject.problem("KX214", f"{what} has weight 0 and never matters in {whole}", place, Finding(help=hint))


def find_lookalikes(subject: Subject) -> Iterator[Problem]:
    """Two names that a person reads as one."""
    rules = subject.rules
    places = {column.key: column.place for column in rules.columns}
    places |= {derived.key: derived.place for derived in rules.derived}
    places |= {family.key: family.place for family in rules.families}
    groups: dict[str, list[str]] = {}
    for name in places:
        groups.setdefault(skeleton(name), []).append(name)
    for rule in rules.categories.all_rules:
        places[f"category {rule.key}"] = rule.place
        groups.setdefault(f"category {skeleton(rule.key)}", []).append(f"category {rule.key}")
    for first, *others in groups.values():
        for other in others:
            message = f"`{other}` looks like `{first}` and is spelled with other letters"
            letter = strange_letter(other) or strange_letter(first)
            hint = f"{letter}; type one of the names anew" if letter else "choose another name"
            notes = (("the other name is here", places[first]),)
            yield subject.problem("KX223", message, places[other], Finding(Severity.ERROR, hint, notes))
