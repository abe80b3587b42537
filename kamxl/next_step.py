"""The smallest single change that moves a client to a better category, in a sentence; none is said when there is none.

A change is a threshold distance in points, with one criterion that could make it good alone where there is one, or one
answer that a condition asks for. Every change said has been tried on the row: it does lead to the better category.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

from kamxl.backends.row_expressions import compile_expression, truth
from kamxl.conditions import Atom, alternatives
from kamxl.evidence import Explainer, missing_names
from kamxl.language.expression import Compare, Constant, Name, Node
from kamxl.language.model import AsIs, Bands, Criterion, Curve, Family, Listed, Scale, Target, YesNo
from kamxl.phrases import say, write_number, write_percent
from kamxl.plan import MatchRule
from kamxl.values import Value, quantise

# An answer that a condition asks for counts like this many points when changes are compared: a gap of more than a
# tenth of the scale is harder to close than one fact is to change.
ANSWER_DISTANCE = 10.0


@dataclass(frozen=True, slots=True)
class Change:
    """A single change: how far it is, and its sentence."""

    distance: float
    sentence: str


def next_step(explainer: Explainer, index: int, row: dict[str, Value]) -> str:
    """The sentence of the smallest change for a row; empty when none moves it."""
    scored = explainer.scored
    rules = explainer.plan.match.rules
    category = scored.rule_category[index]
    unusable = math.isnan(float(scored.score[index])) and index in scored.problems_by_row
    if index in scored.overrides or unusable:
        return ""
    if category >= len(rules):
        return _answer_more(explainer, index, row)
    if math.isnan(float(scored.score[index])):
        return ""
    last = category if category >= 0 else len(rules)
    changes = [
        change
        for position, rule in enumerate(rules[:last])
        if rule.when is not None and scored.waiting.get(index) != position
        for parts in alternatives(rule.when, explainer.plan.as_of)
        if (change := _change(explainer, index, row, position, rule, parts)) is not None
    ]
    return min(changes, key=lambda change: change.distance).sentence if changes else ""


def _answer_more(explainer: Explainer, index: int, row: dict[str, Value]) -> str:
    absent = missing_names(explainer, row)
    if not absent:
        return ""
    completeness = float(explainer.scored.completeness[index])
    have = 0.0 if math.isnan(completeness) else completeness
    return say(
        "answer_first",
        explainer.language,
        name=", ".join(absent[:3]),
        have=write_percent(have, explainer.language),
        need=write_percent(explainer.plan.match.need or 0.0, explainer.language),
    )


def _change(
    explainer: Explainer,
    index: int,
    row: dict[str, Value],
    position: int,
    rule: MatchRule,
    parts: tuple[Atom, ...],
) -> Change | None:
    failing = [part for part in parts if not part.holds(row)]
    if len(failing) != 1:
        return None
    node = failing[0].node
    short = points_short(explainer, node, row)
    category = explainer.label(position)
    if short is not None:
        name, distance, threshold = short
        return _points_change(explainer, index, row, rule, category, (name, distance, threshold))
    if not failing[0].names or any(name in explainer.scored.families for name in failing[0].names):
        return None
    if not isinstance(node, Compare) or isinstance(node.left, Name):
        wanted = explainer.wording.wanted(node)
        shown = _shown(explainer, node, row)
        names = explainer.wording.node(_subject(node))
        sentence = say("short_other", explainer.language, category=category, name=names, value=shown, wanted=wanted)
        return Change(ANSWER_DISTANCE, sentence)
    return None


def _subject(node: Node) -> Node:
    inner = getattr(node, "operand", None) or getattr(node, "left", None)
    return inner if inner is not None else node


def _shown(explainer: Explainer, node: Node, row: dict[str, Value]) -> str:
    subject = _subject(node)
    value = compile_expression(subject, explainer.plan.as_of)(row)
    return explainer.wording.value(value, subject)


def points_short(explainer: Explainer, node: Node, row: dict[str, Value]) -> tuple[str, float, float] | None:
    """(name, distance in points, threshold) of a failing `family >= n`; None for any other part."""
    if not isinstance(node, Compare) or not isinstance(node.left, Name) or not isinstance(node.right, Constant):
        return None
    name = node.left.name
    value, threshold = row.get(name), node.right.value
    if name not in explainer.scored.families and name != "score":
        return None
    if node.operator not in (">=", ">") or not isinstance(value, float) or not isinstance(threshold, float):
        return None
    return name, threshold - value, threshold


def _points_change(
    explainer: Explainer,
    index: int,
    row: dict[str, Value],
    rule: MatchRule,
    category: str,
    short: tuple[str, float, float],
) -> Change | None:
    name, distance, threshold = short
    if not _would_match(explainer, rule, row, name, threshold, index):
        return None
    language = explainer.language
    sentence = say(
        "short",
        language,
        category=category,
        name=explainer.wording.name(name),
        distance=_write_distance(distance, language),
        threshold=write_number(threshold, language),
    )
    return Change(max(distance, 0.0), sentence + _one_way(explainer, index, row, name, distance))


def _write_distance(distance: float, language: str) -> str:
    # Rounded up: somebody who gains what is said must be over the threshold.
    return write_number(max(math.ceil(distance * 10 - 1e-9) / 10, 0.1), language, decimals=1)


def _would_match(
    explainer: Explainer, rule: MatchRule, row: dict[str, Value], name: str, threshold: float, index: int
) -> bool:
    """Whether the rule takes the row once the family (and with it the score) has reached the threshold."""
    changed = dict(row)
    reached = threshold + 1e-6
    changed[name] = reached
    if name != "score":
        changed["score"] = _score_with(explainer, index, name, reached)
    assert rule.when is not None
    return truth(compile_expression(rule.when, explainer.plan.as_of)(changed))


def _score_with(explainer: Explainer, index: int, changed: str, family_score: float) -> float:
    earned = total = 0.0
    for family in explainer.rules.families:
        score = family_score if family.key == changed else float(explainer.scored.families[family.key][index])
        if not math.isnan(score):
            earned += family.weight * score
            total += family.weight
    return earned / total


def _one_way(explainer: Explainer, index: int, row: dict[str, Value], name: str, distance: float) -> str:
    """The one criterion that could make the distance good alone with the smallest rise of its points."""
    best: tuple[float, str] | None = None
    for family in explainer.rules.families:
        if name not in (family.key, "score") or family.at_most is not None:
            continue
        for criterion, rise in _rises(explainer, family, index, name, distance):
            points = explainer.points(criterion.key, index)
            if points is None or points + rise > explainer.rules.scale + 1e-9:
                continue
            answer = explainer.answer(criterion.key, row)
            after = answer_reaching(criterion.scale, points + rise, answer, explainer.rules.scale)
            if after is None or (best is not None and rise >= best[0]):
                continue
            language, wording = explainer.language, explainer.wording
            label = criterion.label.text(language)
            target = after if isinstance(after, str) else wording.value(after, criterion.of.node)
            if answer is None:
                text = say("way_missing", language, name=label, after=target)
            else:
                before = wording.value(answer, criterion.of.node)
                text = say("way", language, name=label, before=before, after=target)
            best = (rise, text)
    return best[1] if best is not None else ""


def _rises(
    explainer: Explainer, family: Family, index: int, name: str, distance: float
) -> list[tuple[Criterion, float]]:
    """(criterion, rise of its points) that would lift the family, or the score, by the distance."""
    answered = [c for c in family.criteria if explainer.points(c.key, index) is not None]
    weights = sum(criterion.weight for criterion in answered)
    lift = max(distance, 0.0)
    if name == "score":
        present = sum(
            f.weight for f in explainer.rules.families if not math.isnan(float(explainer.scored.families[f.key][index]))
        )
        lift = lift * present / family.weight if family.weight else math.inf
    full = explainer.rules.scale
    return [(c, lift / 100 * weights * full / c.weight) for c in answered if c.weight > 0]


def answer_reaching(scale: Scale, points: float, answer: Value, full: float) -> Value:
    """The answer nearest to today's one that gets at least these points; None where no answer does."""
    wanted = quantise(points)
    match scale:
        case Bands():
            return _band_reaching(scale, wanted, answer)
        case Curve():
            return _curve_reaching(scale, wanted, answer)
        case Listed():
            enough = [(p, key) for key, p in zip(scale.keys, scale.points, strict=True) if quantise(p) >= wanted]
            return min(enough)[1] if enough else None
        case AsIs():
            return wanted if wanted <= full else None
        case Target():
            far = scale.none_beyond * max(0.0, 1 - wanted / full)
            below = isinstance(answer, float) and answer < scale.ideal
            return scale.ideal - far if below else scale.ideal + far
        case YesNo():
            if quantise(scale.yes) >= wanted:
                return True
            return False if quantise(scale.no) >= wanted else None


def _band_reaching(scale: Bands, wanted: float, answer: Value) -> Value:
    best: float | None = None
    here = answer if isinstance(answer, float) else 0.0
    for low, high, points in zip(scale.lows, scale.highs, scale.points, strict=True):
        if quantise(points) < wanted:
            continue
        edge = low if here < low else math.nextafter(high, -math.inf)
        # Below an upper edge there is no last number to name: such a band is offered from above only when it is open.
        if here >= high:
            continue
        if best is None or abs(edge - here) < abs(best - here):
            best = edge
    return best


def _curve_reaching(scale: Curve, wanted: float, answer: Value) -> Value:
    here = answer if isinstance(answer, float) else scale.xs[0]
    found: list[float] = []
    pairs = list(zip(scale.xs, scale.points, strict=True))
    found += [x for x, y in pairs if quantise(y) >= wanted]
    for (x0, y0), (x1, y1) in itertools.pairwise(pairs):
        if min(y0, y1) < wanted <= max(y0, y1) and y0 != y1:
            found.append(x0 + (wanted - y0) * (x1 - x0) / (y1 - y0))
    return min(found, key=lambda x: abs(x - here)) if found else None


def next_steps(explainer: Explainer) -> list[str]:
    """The sentence of each row. Shapes: (n,)."""
    return [next_step(explainer, index, explainer.row_values(index)) for index in range(explainer.scored.row_count)]
