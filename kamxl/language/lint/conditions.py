"""Lint `constant-condition`: what one condition says, whatever the clients are.

Exact for comparisons with constants, lists, `between`, `is missing`, and all that `and`, `or`, `not` and `if` make of
them; two different expressions are taken as independent.
"""

from __future__ import annotations

from collections.abc import Iterator

from kamxl.language.expression import (
    Between,
    Call,
    IsMissing,
    Logic,
    Name,
    Node,
    Not,
    kind_of,
    names_in,
    parts_of,
    walk,
)
from kamxl.language.lint.boxes import Box, Budget, TooHard, product
from kamxl.language.lint.findings import Finding, Subject, bare_span
from kamxl.language.lint.reachable import reachable_scores
from kamxl.language.lint.wording import join_words, show_edge, show_expression
from kamxl.language.model import TOTAL_NAMES, Expression
from kamxl.problems import Problem, Severity

# Scores that a message lists.
_MOST_LISTED = 8
# Beyond this many terms each is not compared with all others: nobody would read the answer.
_MOST_TERMS = 40
# Work per condition, what a condition of a page needs many times over; and for all conditions of a rule file.
_WORK = 60_000
_WHOLE_WORK = 1_000_000


def find_constant_conditions(subject: Subject) -> Iterator[Problem]:
    """Conditions, or parts of them, that are true for every client or for none."""
    whole = Budget(_WHOLE_WORK)
    derived = {id(column.expression): column.key for column in subject.rules.derived}
    hard: set[str] = set()
    unknown = {*TOTAL_NAMES, *(family.key for family in subject.rules.families)} if subject.is_draft else frozenset()
    for expression in subject.conditions():
        if not unknown.isdisjoint(names_in(expression.node)):
            continue
        if whole.is_spent:
            return
        try:
            yield from _below(subject, expression, expression.node, Budget(_WORK, whole))
        except TooHard:
            # What reads a derived column that is beyond analysis is so, too: said once, where it begins.
            if hard.isdisjoint(names_in(expression.node)):
                yield beyond(subject, expression)
            hard.add(derived.get(id(expression), ""))


def beyond(subject: Subject, expression: Expression) -> Problem:
    """The note that a condition is too entangled to be analysed."""
    hint = "split it into derived columns with fewer alternatives"
    message = "this condition is beyond analysis: it combines too many alternatives"
    return subject.problem("KX217", message, expression.place, Finding(Severity.NOTE, hint))


def _below(subject: Subject, expression: Expression, node: Node, budget: Budget) -> Iterator[Problem]:
    """Findings of the parts first: the smallest wrong thing is shown, and nothing that merely holds it."""
    parts = parts_of(node)
    if isinstance(node, Not) and node.operand.span == node.span:
        # `is not missing`, `not in`: one thing to whoever wrote it, and never the opposite of what stands there.
        parts = parts_of(node.operand)
    for part in parts:
        yield from _below(subject, expression, part, budget)
    if any(id(part) in subject.settled for part in parts):
        subject.settled.add(id(node))
        return
    if id(node) in subject.settled or kind_of(node) != "condition" or isinstance(node, Name):
        return
    found = _verdict(subject, expression, node, budget) or _idle_term(subject, expression, node, budget)
    if found is not None:
        subject.settled.add(id(node))
        yield found


def _verdict(subject: Subject, expression: Expression, node: Node, budget: Budget) -> Problem | None:
    cases = subject.cases
    formula = cases.formula(node)
    place = subject.inside(expression, node)
    text = _excerpt(expression, node)
    if not cases.boxes(formula, budget):
        advice = "; ".join(filter(None, (_scores_listed(subject, node), _false_advice(node))))
        return subject.problem("KX208", f"`{text}` is false for every client", place, Finding(Severity.ERROR, advice))
    opposite = cases.boxes(formula, budget, opposite=True)
    if not opposite:
        return subject.problem("KX207", f"`{text}` is true for every client", place, Finding(help=_true_advice(node)))
    if any(isinstance(part, (IsMissing, Not)) for part in walk(node)) or not isinstance(node, Logic):
        return None
    read = {quantity for box in opposite for quantity in box}
    answered: Box = {q: cases.full[q] & ~cases.quantities[q].missing for q in read}
    if not product(opposite, [answered], budget):
        read_names = dict.fromkeys(name for q in sorted(answered) for name in cases.quantities[q].answers)
        names = join_words([f"`{name}`" for name in read_names])
        verb = "is" if len(read_names) == 1 else "are"
        message = f"`{text}` is true for every client whose {names} {verb} answered"
        return subject.problem("KX207", message, place, Finding(help=_true_advice(node)))
    return None


def _excerpt(expression: Expression, node: Node) -> str:
    start, end = bare_span(expression.text, node.span)
    text = " ".join(expression.text[start:end].split()) or show_expression(node)
    return text if len(text) <= 70 else text[:67] + "..."


def _false_advice(node: Node) -> str:
    if isinstance(node, Between):
        return "write the lower end first"
    return "did you mean `or`?" if isinstance(node, Logic) and node.operator == "and" else "change it or take it out"


def _scores_listed(subject: Subject, node: Node) -> str:
    """The few scores that bands leave of a family that a condition reads: they may be why nobody meets it."""
    for family in subject.rules.families:
        if family.key in names_in(node):
            found = reachable_scores(family, subject.rules.scale) or ()
            if 0 < len(found) <= _MOST_LISTED and all(one.low == one.high for one in found):
                return f"`{family.key}` can only be {join_words([show_edge(one.low) for one in found], 'or')}"
    return ""


def _true_advice(node: Node) -> str:
    return "did you mean `and`?" if isinstance(node, Logic) and node.operator == "or" else "change it or take it out"


def _idle_term(subject: Subject, expression: Expression, node: Node, budget: Budget) -> Problem | None:
    """A term of `and` that the others imply, or a term of `or` that the others already hold."""
    if not isinstance(node, Logic) or len(node.terms) > _MOST_TERMS:
        return None
    cases = subject.cases
    every = node.operator == "and"
    for index in reversed(range(len(node.terms))):
        term = node.terms[index]
        if any(isinstance(part, (IsMissing, Name, Call)) and kind_of(part) == "condition" for part in walk(term)):
            continue
        others = tuple(cases.formula(other) for at, other in enumerate(node.terms) if at != index)
        left = [cases.boxes(other, budget, opposite=not every) for other in others]
        rest: list[Box] = [{}]
        for boxes in left:
            rest = product(rest, boxes, budget)
        if not product(rest, cases.boxes(cases.formula(term), budget, opposite=every), budget):
            text = _excerpt(expression, term)
            words = "the other conditions already ask for more" if every else "the other conditions already allow it"
            place = subject.inside(expression, term)
            return subject.problem(
                "KX214", f"`{text}` never matters: {words}", place, Finding(help="take it out, or change it")
            )
    return None
