"""Lint `never-matches`: the category rules together, what earlier ones leave and what two of them share.

"Never" is exact: it holds for every client. An example client is certain where its quantities are columns or families
that share no column; otherwise the message says that such a client may not exist.
"""

from __future__ import annotations

from collections.abc import Iterator

from kamxl.language.lint.boxes import Box, Budget, TooHard, are_disjoint, intersect
from kamxl.language.lint.conditions import beyond
from kamxl.language.lint.findings import UNSURE, Finding, Subject
from kamxl.language.lint.wording import join_words
from kamxl.language.model import CategoryRule, Expression
from kamxl.problems import Problem, Severity

# Work for one rule against all rules before it, and for all of them.
_WORK = 300_000
_WHOLE_WORK = 1_500_000


def find_category_faults(subject: Subject) -> Iterator[Problem]:
    """Rules that never match, an `otherwise` that nobody reaches, overlaps under `unique`."""
    region = subject.cases.region()
    known: list[tuple[CategoryRule, Expression, list[Box]]] = []
    for rule, when in subject.rules_with_conditions():
        if id(when.node) in subject.settled:
            # Something was said about this condition already; what follows from it is not said again.
            subject.dead.add(rule.key)
            continue
        try:
            boxes = subject.cases.boxes(subject.cases.formula(when.node), Budget())
        except TooHard:
            continue
        known.append((rule, when, boxes))
    yield from _unreachable(subject, region, known)
    if subject.rules.categories.policy == "unique":
        yield from _overlaps(subject, known)


def _unreachable(
    subject: Subject, region: list[Box], known: list[tuple[CategoryRule, Expression, list[Box]]]
) -> Iterator[Problem]:
    earlier: list[Box] = []
    names: list[str] = []
    whole = Budget(_WHOLE_WORK)
    for rule, when, boxes in known:
        try:
            spot = _first_left(subject, region, boxes, earlier, Budget(_WORK, whole))
        except TooHard:
            yield beyond(subject, when)
            if whole.is_spent:
                return
            spot = {}
        if spot is None:
            subject.dead.add(rule.key)
            message, hint = _why_never(rule, boxes, names, region)
            yield subject.problem("KX206", message, when.place, Finding(help=hint))
        elif rule.at_most is None:
            # A rule with a capacity lets clients pass to the next one.
            earlier += boxes
            names.append(rule.key)
    yield from _idle_otherwise(subject, region, earlier)


def _first_left(
    subject: Subject, region: list[Box], boxes: list[Box], earlier: list[Box], budget: Budget
) -> Box | None:
    for box in boxes:
        near = [other for other in earlier if not are_disjoint(other, box)]
        budget.spend(len(earlier) // 4 + 1)
        inside = [joined for part in region if (joined := intersect(part, box)) is not None]
        found = subject.cases.uncovered(inside, near, budget)
        if found is not None:
            return found
    return None


def _why_never(rule: CategoryRule, boxes: list[Box], names: list[str], region: list[Box]) -> tuple[str, str]:
    if not any(intersect(part, box) is not None for part in region for box in boxes):
        return (
            f"category `{rule.key}` can never match: it asks for a family that does not apply to such clients",
            "change the condition",
        )
    listed = join_words([f"`{name}`" for name in names[-3:]])
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return (
        f"category `{rule.key}` can never match: every client that it describes is taken by {listed}{more} before",
        "move it up, or narrow the rules before it",
    )


def _idle_otherwise(subject: Subject, region: list[Box], earlier: list[Box]) -> Iterator[Problem]:
    rules = subject.rules.categories.rules
    last = rules[-1] if rules and rules[-1].when is None else None
    if last is None or not earlier:
        return
    try:
        spot = subject.cases.uncovered(region, earlier, Budget())
    except TooHard:
        hint = "shorten the conditions, or merge rules"
        message = f"which clients are left for `{last.key}` is beyond analysis"
        yield subject.problem("KX217", message, last.place, Finding(Severity.NOTE, hint))
        return
    if spot is None:
        message = f"`otherwise` never matters: the rules before `{last.key}` take every client"
        yield subject.problem("KX214", message, last.place, Finding(help="narrow a rule, or leave it as a safety net"))


def _overlaps(subject: Subject, known: list[tuple[CategoryRule, Expression, list[Box]]]) -> Iterator[Problem]:
    """One problem per rule that shares clients with an earlier one, with the first such pair as an example."""
    for index, (rule, when, boxes) in enumerate(known):
        for first, _, others in known[:index]:
            shared = _shared(boxes, others)
            if shared is not None:
                certain = subject.cases.is_certain(shared)
                message = (
                    f"categories `{first.key}` and `{rule.key}` overlap and only one may match: "
                    f"{subject.cases.show_example(shared)} falls in both{'' if certain else UNSURE}"
                )
                severity = Severity.ERROR if certain else Severity.WARNING
                hint = "narrow one of the two, or write `policy: first`"
                notes = (("the other rule is here", first.place),)
                yield subject.problem("KX215", message, when.place, Finding(severity, hint, notes))
                break


def _shared(boxes: list[Box], others: list[Box]) -> Box | None:
    for box in boxes:
        for other in others:
            if not are_disjoint(other, box):
                return intersect(box, other)
    return None
