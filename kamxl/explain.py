"""Why a client has its score and category: every criterion's answer, points and contribution, from the same Plan.

Contributions add up to the score. `explain_row` tells one client in full, `why_lines` all clients in one line each.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from kamxl.advice import subject_of
from kamxl.backends import Scored
from kamxl.backends.row_expressions import compile_expression
from kamxl.backends.settle import client_name
from kamxl.conditions import Atom
from kamxl.evidence import Explainer, missing_names
from kamxl.language.expression import Between, Compare, In, IsMissing, Name, Node, Not
from kamxl.language.model import CategoryRule
from kamxl.next_step import next_step, points_short
from kamxl.phrases import capital, say, write_date, write_number, write_percent, write_tenths
from kamxl.problem_words import cell_line_in
from kamxl.problems import Problem, Severity
from kamxl.records import dataclass
from kamxl.trial import Trials
from kamxl.values import Value

# Points of the score; what costs a client less is no weakness worth a word.
LEAST_LOST = 0.05


@dataclass(frozen=True, slots=True)
class Step:
    """One criterion of one client.

    Units: points 0 to the scale, None when left out; weight is its part of the whole in percent before blank answers
    are left out; contribution in points of the score (0 to 100); lost is what full points would add.
    """

    family: str
    criterion: str
    label: str
    answer: Value
    answer_text: str
    points: float | None
    full: float
    weight: float
    contribution: float
    lost: float


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A category that the client did not get: the failing part, and its distance in points where it has one."""

    category: str
    label: str
    failing: tuple[str, ...]
    distance: float | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything about one client's result."""

    client: str
    score: float
    completeness: float
    families: tuple[tuple[str, str, float, float], ...]
    """(key, label, family score, contribution to the score)."""
    steps: tuple[Step, ...]
    category: str
    category_label: str
    because: str
    near_misses: tuple[NearMiss, ...]
    missing: tuple[str, ...]
    next_step: str
    problems: tuple[Problem, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON; missing numbers are null."""
        return {
            "client": self.client,
            "score": _or_none(self.score),
            "completeness": _or_none(self.completeness),
            "families": [
                {"family": key, "label": label, "score": _or_none(score), "contribution": _or_none(part)}
                for key, label, score, part in self.families
            ],
            "criteria": [
                {
                    "family": step.family,
                    "criterion": step.criterion,
                    "label": step.label,
                    "answer": step.answer,
                    "points": step.points,
                    "full": step.full,
                    "weight": step.weight,
                    "contribution": step.contribution,
                }
                for step in self.steps
            ],
            "category": self.category,
            "category_label": self.category_label,
            "because": self.because,
            "near_misses": [
                {"category": miss.category, "failing": list(miss.failing), "distance": miss.distance}
                for miss in self.near_misses
            ],
            "missing": list(self.missing),
            "next_step": self.next_step,
            "problems": [problem.as_dict() for problem in self.problems],
        }


def _or_none(number: float) -> float | None:
    return None if math.isnan(number) else number


def explain_row(scored: Scored, index: int, *, language: str = "en") -> Explanation:
    """The full explanation of one row (0-based)."""
    explainer = Explainer(scored, language, rows=(index,))
    row = explainer.row_values(index)
    steps = tuple(_steps(explainer, index, row))
    families = tuple(
        (
            group.family.key,
            group.family.label.text(language),
            group.scores[explainer.at(index)],
            sum(step.contribution for step in steps if step.family == group.family.key),
        )
        for group in explainer.groups
    )
    category = scored.category[index]
    return Explanation(
        client=client_name(scored.plan, scored.table, index),
        score=float(scored.score[index]),
        completeness=float(scored.completeness[index]),
        families=families,
        steps=steps,
        category=explainer.all_rules[category].key if category >= 0 else "",
        category_label=explainer.label(category),
        because=because(explainer, index, row),
        near_misses=near_misses(explainer, index, row),
        missing=missing_names(explainer, row),
        next_step=next_step(Trials(explainer), index, row),
        problems=tuple(scored.problems_by_row.get(index, ())),
    )


def _steps(explainer: Explainer, index: int, row: dict[str, Value]) -> Iterator[Step]:
    whole = explainer.total_weight
    for group, part, points, contribution, lost in explainer.parts(index):
        answer = part.compute(row)
        yield Step(
            family=group.family.key,
            criterion=part.criterion.key,
            label=part.label,
            answer=answer,
            answer_text=explainer.wording.value(answer, part.criterion.of.node),
            points=points,
            full=explainer.rules.scale,
            weight=100 * part.share / whole if whole else 0.0,
            contribution=contribution,
            lost=lost,
        )


def because(explainer: Explainer, index: int, row: dict[str, Value]) -> str:
    """Why the client has its category, in words."""
    scored, language = explainer.scored, explainer.language
    errors = [p for p in scored.problems_by_row.get(index, ()) if p.severity is Severity.ERROR]
    override = scored.overrides.get(index)
    if override is not None:
        author = override.author or say("somebody", language)
        ruled = explainer.label(scored.rule_category[index])
        text = say("override", language, author=author, reason=override.reason, category=ruled)
        return text + (say("override_until", language, date=write_date(override.until)) if override.until else "")
    if errors:
        return say("not_scored", language, why=cell_line_in(errors[0], language))
    text = _rule_words(explainer, index, row)
    if index in scored.held:
        text += held_words(explainer)
    waiting = scored.waiting.get(index)
    return text if waiting is None else text + waiting_words(explainer, waiting)


def held_words(explainer: Explainer) -> str:
    """What is said behind the reason of a category that is kept from last time."""
    hold = write_number(explainer.rules.categories.hold, explainer.language)
    return f" ({say('held', explainer.language, hold=hold)})"


def waiting_words(explainer: Explainer, category: int) -> str:
    """What is said behind the reason of a client for whom a category has no place."""
    capacity = explainer.all_rules[category].at_most
    return "; " + say("waiting", explainer.language, category=explainer.label(category), capacity=capacity)


def need_words(explainer: Explainer, have: str) -> str:
    """Why a client is not classified: what share of the weights is answered, as text, and what is needed."""
    need = write_percent(explainer.match.need or 0.0, explainer.language)
    return say("need", explainer.language, have=have, need=need)


def _rule_words(explainer: Explainer, index: int, row: dict[str, Value]) -> str:
    scored, language = explainer.scored, explainer.language
    category = scored.rule_category[index]
    rules = explainer.match.rules
    if math.isnan(float(scored.score[index])):
        return say("no_score", language)
    if category >= len(rules):
        return need_words(explainer, write_percent(float(scored.completeness[index]), language))
    if category < 0 or rules[category].when is None:
        return say("otherwise", language)
    return _matched_words(explainer, category, row)


def _matched_words(explainer: Explainer, position: int, row: dict[str, Value]) -> str:
    def compute(node: Node) -> Value:
        return compile_expression(node, explainer.plan.as_of)(row)

    options = explainer.options[position]
    held_by = next((parts for parts in options if all(part.holds(row) for part in parts)), options[0])
    return ", ".join(dict.fromkeys(explainer.wording.atom(part, compute) for part in telling_parts(held_by)))


def telling_parts(parts: Sequence[Atom]) -> Sequence[Atom]:
    """The parts of a condition that are told: that an answer is there goes without saying beside others."""
    telling = [part for part in parts if not isinstance(part.node, Not) or not isinstance(part.node.operand, IsMissing)]
    return telling or parts


def _lacking_words(explainer: Explainer, part: Atom, row: dict[str, Value]) -> str:
    """What a failing part of a condition asks for, beside what is there: `History 55, ≥ 60 is needed`."""

    def compute(node: Node) -> Value:
        return compile_expression(node, explainer.plan.as_of)(row)

    wording, language = explainer.wording, explainer.language
    match part.node:
        case Compare() | In() | Between():
            subject = subject_of(part.node)
            shown = wording.value(compute(subject), subject)
            return say("lacking", language, name=wording.node(subject), value=shown, wanted=wording.wanted(part.node))
        case IsMissing(operand=operand):
            return say("is_answered", language, name=wording.node(operand))
        case Not(operand=IsMissing(operand=operand)):
            return say("is_missing", language, name=wording.node(operand))
        case Name() as name:
            return say("not", language, what=wording.node(name))
        case Not(operand=Name() as name):
            return wording.node(name)
        case _:
            return wording.atom(part, compute)


def near_misses(explainer: Explainer, index: int, row: dict[str, Value]) -> tuple[NearMiss, ...]:
    """Category rules before the client's own that failed in one part only, nearest first."""
    found = []
    category = explainer.scored.rule_category[index]
    last = category if 0 <= category < len(explainer.match.rules) else len(explainer.match.rules)
    for position, rule in enumerate(explainer.match.rules[:last]):
        if rule.when is None or math.isnan(float(explainer.scored.score[index])):
            continue
        best: NearMiss | None = None
        for parts in explainer.options[position]:
            failing = [part for part in parts if not part.holds(row)]
            if len(failing) != 1:
                continue
            short = points_short(explainer, failing[0].node, row)
            words = _lacking_words(explainer, failing[0], row)
            miss = NearMiss(rule.key, explainer.label(position), (words,), None if short is None else short[1])
            if best is None or (miss.distance or math.inf) < (best.distance or math.inf):
                best = miss
        if best is not None:
            found.append(best)
    return tuple(sorted(found, key=lambda miss: miss.distance if miss.distance is not None else math.inf))


def why_line(explainer: Explainer, index: int, row: dict[str, Value] | None = None) -> str:
    """One line: why the category, what is strongest and weakest, what is missing. `row` spares reading it again."""
    language = explainer.language
    row = explainer.row_values(index) if row is None else row
    sentences = [because(explainer, index, row)]
    if math.isnan(float(explainer.scored.score[index])):
        return capital(sentences[0])
    parts = [(gain, lost, part.label) for _, part, points, gain, lost in explainer.parts(index) if points is not None]
    strong = [part for part in sorted(parts, key=lambda part: -part[0])[:2] if part[0] > 0]
    weak = [part for part in sorted(parts, key=lambda part: -part[1])[:2] if part[1] > LEAST_LOST]
    if strong:
        names = ", ".join(f"{label} +{write_tenths(gain, language)}" for gain, _, label in strong)
        sentences.append(say("strong", language, names=names))
    if weak:
        names = ", ".join(f"{label} −{write_tenths(lost, language)}" for _, lost, label in weak)
        sentences.append(say("weak", language, names=names))
    absent = missing_names(explainer, row)
    if absent:
        shown = ", ".join(absent[:3]) + (f" +{len(absent) - 3}" if len(absent) > 3 else "")
        sentences.append(say("missing_list", language, names=shown))
    return ". ".join(map(capital, sentences)) + "."


def why_lines(scored: Scored, *, language: str = "en") -> list[str]:
    """One line per row. Shapes: (n,)."""
    explainer = Explainer(scored, language)
    return [why_line(explainer, index) for index in range(scored.row_count)]


def category_rule(scored: Scored, index: int) -> CategoryRule | None:
    """The category of a row, None where it has none."""
    category = scored.category[index]
    return scored.plan.rules.categories.all_rules[category] if category >= 0 else None
