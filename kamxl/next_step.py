"""The smallest single change that moves a client to a better category, in a sentence; none is said when there is none.

A change is a threshold distance in points, with one criterion that could make it good alone where there is one, or one
answer that a condition asks for. Before a threshold is said, the rule is tried on the row with the family at the
threshold and the score that follows from it. What the one criterion may change elsewhere is not foreseen.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

from kamxl.backends.row_expressions import compile_expression
from kamxl.conditions import Atom
from kamxl.evidence import Explainer, missing_names
from kamxl.language.expression import Between, Compare, Constant, In, Name, Node
from kamxl.language.model import AsIs, Bands, Curve, Listed, Scale, Target, YesNo
from kamxl.phrases import say, write_number, write_percent
from kamxl.values import Value, quantise

# An answer that a condition asks for counts like this many points when changes are compared: a gap of more than a
# tenth of the scale is harder to close than one fact is to change.
ANSWER_DISTANCE = 10.0


@dataclass(frozen=True, slots=True)
class _Change:
    """A single change: how far it is, the category that it leads to, and the one part of its condition that fails."""

    distance: float
    position: int
    node: Node
    short: tuple[str, float, float] | None


def next_step(explainer: Explainer, index: int, row: dict[str, Value]) -> str:
    """The sentence of the smallest change for a row; empty when none moves it."""
    scored, rules = explainer.scored, explainer.match.rules
    category = scored.rule_category[index]
    has_score = not math.isnan(explainer.scores[explainer.at(index)])
    if index in scored.overrides or (not has_score and index in scored.problems_by_row):
        return ""
    if category >= len(rules):
        return _answer_more(explainer, index, row)
    if not has_score:
        return ""
    best: _Change | None = None
    for position, rule in enumerate(rules[: category if category >= 0 else len(rules)]):
        if rule.when is None or scored.waiting.get(index) == position:
            continue
        for parts in explainer.options[position]:
            change = _change(explainer, index, row, position, parts)
            if change is not None and (best is None or change.distance < best.distance):
                best = change
    return _sentence(explainer, index, row, best) if best is not None else ""


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
        need=write_percent(explainer.match.need or 0.0, explainer.language),
    )


def _change(
    explainer: Explainer, index: int, row: dict[str, Value], position: int, parts: tuple[Atom, ...]
) -> _Change | None:
    failing: Atom | None = None
    for part in parts:
        if not part.holds(row):
            if failing is not None:
                return None
            failing = part
    if failing is None:
        return None
    node = failing.node
    short = points_short(explainer, node, row)
    if short is not None:
        name, distance, threshold = short
        if not _would_match(explainer, position, row, name, threshold, index):
            return None
        return _Change(max(distance, 0.0), position, node, short)
    return _Change(ANSWER_DISTANCE, position, node, None) if is_answer(explainer, failing) else None


def is_answer(explainer: Explainer, part: Atom) -> bool:
    """Whether a part of a condition is about one answer that can be worked on.

    Only one that the portrait asks for can: nobody advises a client to become a prospect.
    """
    if not isinstance(part.node, (Compare, In, Between)) or not isinstance(subject_of(part.node), Name):
        return False
    return len(part.names) == 1 and part.names[0] in explainer.asked


def _sentence(explainer: Explainer, index: int, row: dict[str, Value], change: _Change) -> str:
    language, category = explainer.language, explainer.label(change.position)
    if change.short is None:
        return say(
            "short_other",
            language,
            category=category,
            name=explainer.wording.node(subject_of(change.node)),
            value=_shown(explainer, change.node, row),
            wanted=explainer.wording.wanted(change.node),
        )
    name, distance, threshold = change.short
    sentence = say(
        "short",
        language,
        category=category,
        name=explainer.wording.name(name),
        distance=_write_distance(distance, language),
        threshold=write_number(threshold, language),
    )
    return sentence + _one_way(explainer, index, row, name, distance)


def subject_of(node: Node) -> Node:
    """What a part of a condition is about: the left side of a comparison, the value looked for in a list."""
    inner = getattr(node, "operand", None) or getattr(node, "left", None)
    return inner if inner is not None else node


def _shown(explainer: Explainer, node: Node, row: dict[str, Value]) -> str:
    subject = subject_of(node)
    return explainer.wording.value(compile_expression(subject, explainer.plan.as_of)(row), subject)


def points_short(explainer: Explainer, node: Node, row: dict[str, Value]) -> tuple[str, float, float] | None:
    """(name, distance in points, threshold) of a failing `family >= n`; None for any other part."""
    found = threshold_of(explainer, node)
    if found is None:
        return None
    name, threshold = found
    value = row.get(name)
    return (name, threshold - value, threshold) if isinstance(value, float) else None


def threshold_of(explainer: Explainer, node: Node) -> tuple[str, float] | None:
    """(name, threshold) of a part `family >= n` or `score >= n`; None for any other part."""
    if not isinstance(node, Compare) or not isinstance(node.left, Name) or not isinstance(node.right, Constant):
        return None
    name, threshold = node.left.name, node.right.value
    if name not in explainer.scored.families and name != "score":
        return None
    return (name, threshold) if node.operator in (">=", ">") and isinstance(threshold, float) else None


def _write_distance(distance: float, language: str) -> str:
    # Rounded up: somebody who gains what is said must be over the threshold.
    return write_number(max(math.ceil(distance * 10 - 1e-9) / 10, 0.1), language, decimals=1)


def _would_match(
    explainer: Explainer, position: int, row: dict[str, Value], name: str, threshold: float, index: int
) -> bool:
    """Whether the rule takes the row once the family (and with it the score) has reached the threshold."""
    changed = dict(row)
    reached = threshold + 1e-6
    changed[name] = reached
    if name != "score":
        changed["score"] = _score_with(explainer, index, name, reached)
    return any(all(part.holds(changed) for part in parts) for parts in explainer.options[position])


def _score_with(explainer: Explainer, index: int, changed: str, family_score: float) -> float:
    earned = total = 0.0
    for group in explainer.groups:
        score = family_score if group.family.key == changed else group.scores[explainer.at(index)]
        if not math.isnan(score):
            earned += group.family.weight * score
            total += group.family.weight
    return earned / total


def _one_way(explainer: Explainer, index: int, row: dict[str, Value], name: str, distance: float) -> str:
    """The one criterion that could make the distance good alone with the smallest rise of its points."""
    at, full = explainer.at(index), explainer.rules.scale
    found: list[tuple[float, int, int]] = []
    for number, group in enumerate(explainer.groups):
        if name not in (group.family.key, "score") or group.family.at_most is not None:
            continue
        answered = [(order, part, part.points[at]) for order, part in enumerate(group.parts)]
        answered = [(order, part, points) for order, part, points in answered if points == points]
        weights = sum(part.weight for _, part, _ in answered)
        lift = max(distance, 0.0)
        if name == "score":
            weight = group.family.weight
            lift = lift * explainer.present_weight(index) / weight if weight else math.inf
        for order, part, points in answered:
            rise = lift / 100 * weights * full / part.weight if part.weight > 0 else math.inf
            if points + rise <= full + 1e-9:
                found.append((rise, number, order))
    for rise, number, order in sorted(found):
        part = explainer.groups[number].parts[order]
        answer = part.compute(row)
        after = answer_reaching(part.criterion.scale, part.points[at] + rise, answer, full)
        if after is not None:
            return _way_words(explainer, part.label, part.criterion.of.node, answer, after)
    return ""


def _way_words(explainer: Explainer, label: str, node: Node, answer: Value, after: Value) -> str:
    language, wording = explainer.language, explainer.wording
    target = after if isinstance(after, str) else wording.value(after, node)
    if answer is None:
        return say("way_missing", language, name=label, after=target)
    before = wording.value(answer, node)
    # Rounding for display must not say "from 60 to 60".
    return say("way", language, name=label, before=before, after=target) if before != target else ""


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
