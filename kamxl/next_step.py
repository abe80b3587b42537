"""The smallest single change that moves a client to a better category, in a sentence; none is said when there is none.

A change is a threshold distance in points, with one answer that makes it good alone where there is one, or one answer
that a condition asks for. What is advised has been tried: with that one cell changed, in the very figures of the
sentence, the client gets the category (`trial.py`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from kamxl.advice import Advice, Cell, advice_words, subject_of
from kamxl.answers_needed import answers_needed
from kamxl.conditions import Atom
from kamxl.evidence import Explainer, Part
from kamxl.language.expression import Between, Compare, Constant, In, Name, Node
from kamxl.phrases import say, write_percent
from kamxl.reaching import answer_reaching, rounded_outward
from kamxl.records import dataclass
from kamxl.trial import Trials, Tried
from kamxl.values import Value, lowest_above, quantise

# An answer that a condition asks for counts like this many points when changes are compared: a gap of more than a
# tenth of the scale is harder to close than one fact is to change.
ANSWER_DISTANCE = 10.0


@dataclass(frozen=True, slots=True)
class _Change:
    """A single change before it is tried: how far it is, where it leads, the one part of the condition that fails."""

    distance: float
    position: int
    node: Node
    short: tuple[str, float, float] | None


def next_step(trials: Trials, index: int, row: dict[str, Value]) -> str:
    """The sentence of the smallest change for a row; empty when none moves it."""
    explainer = trials.explainer
    if _is_to_qualify(explainer, index):
        return _answer_more(trials, index)
    advice = find_advice(trials, index, row)
    return advice_words(explainer, row, advice) if advice is not None else ""


def _is_settled(explainer: Explainer, index: int) -> bool:
    """Whether nothing can be advised: a person has decided, or the row could not be read."""
    has_score = not math.isnan(explainer.scores[explainer.at(index)])
    return index in explainer.scored.overrides or (not has_score and index in explainer.scored.problems_by_row)


def _is_to_qualify(explainer: Explainer, index: int) -> bool:
    beyond_rules = explainer.scored.rule_category[index] >= len(explainer.match.rules)
    return beyond_rules and not _is_settled(explainer, index)


def find_advice(trials: Trials, index: int, row: dict[str, Value]) -> Advice | None:
    """The smallest change that moves a row to a better category; None where there is none."""
    explainer = trials.explainer
    category, rules = explainer.scored.rule_category[index], explainer.match.rules
    if _is_settled(explainer, index) or category >= len(rules) or math.isnan(explainer.scores[explainer.at(index)]):
        return None
    changes = []
    for position in range(category if category >= 0 else len(rules)):
        if rules[position].when is None or explainer.scored.waiting.get(index) == position:
            continue
        for parts in explainer.options[position]:
            change = _change(explainer, index, row, position, parts)
            if change is not None:
                changes.append(change)
    for change in sorted(changes, key=lambda each: each.distance):
        advice = _tried(trials, index, change)
        if advice is not None:
            return advice
    return None


def _answer_more(trials: Trials, index: int) -> str:
    """The fewest answers that make a client known well enough, heaviest first."""
    completeness = float(trials.explainer.scored.completeness[index])
    have = 0.0 if math.isnan(completeness) else completeness
    need = trials.explainer.match.need or 0.0
    language, names = trials.explainer.language, answers_needed(trials, index)
    if not names:
        return ""
    shown = write_percent(have, language), write_percent(need, language)
    return say("answer_first", language, name=", ".join(names), have=shown[0], need=shown[1])


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


def _tried(trials: Trials, index: int, change: _Change) -> Advice | None:
    """The change as advice, with the cells that were found to be enough; None where it is not true."""
    explainer = trials.explainer
    if change.short is None:
        cells = tuple(_cells_for_answer(trials, index, change))
        return Advice(change.position, None, cells, change.node) if cells else None
    name, _, threshold = change.short
    score = threshold if name == "score" else _score_with(explainer, index, name, threshold)
    if not trials.has_place(index, change.position, score):
        return None
    for rise, part in _ways(explainer, index, change.short):
        found = _cell_for_points(trials, index, change.position, part, rise)
        if found is not None:
            return Advice(change.position, change.short, (found[0],), change.node, (part, found[1], found[2]))
    return Advice(change.position, change.short, (), change.node)


def _cells_for_answer(trials: Trials, index: int, change: _Change) -> Iterator[Cell]:
    """The answers that a condition asks for and that are enough, as cells."""
    subject = subject_of(change.node)
    row = trials.row(index)
    for wanted in _answers_wanted(change.node):
        for column in trials.levers(subject):
            found = _enough(trials, index, change.position, subject, column, wanted)
            if found is not None:
                yield Cell(column, row[column], found[0])
                break


def _answers_wanted(node: Node) -> Iterator[Value]:
    match node:
        case In(choices=choices):
            yield from (choice.value for choice in choices)
        case Compare(operator="=" | ">=" | "<=", right=Constant(value=value)):
            yield value
        case Compare(operator=">", right=Constant(value=float() as value)):
            yield lowest_above(value)
        case Compare(operator="<", right=Constant(value=float() as value)):
            yield -lowest_above(-value)
        case Between(low=Constant(value=float() as low), high=Constant(value=float() as high)):
            yield low
            yield high


def _cell_for_points(
    trials: Trials, index: int, position: int, part: Part, rise: float
) -> tuple[Cell, Value, Value] | None:
    """A cell that lifts a criterion by `rise` points and its client with it; the answer before and after."""
    explainer, row, node = trials.explainer, trials.row(index), trials.answers[part.criterion.key]
    answer = part.compute(row)
    points = part.points[explainer.at(index)] + rise
    wanted = answer_reaching(part.criterion.scale, points, answer, explainer.rules.scale)
    if wanted is None:
        return None
    for column in trials.levers(node):
        found = _enough(trials, index, position, node, column, wanted)
        if found is not None:
            after = part.compute(found[1])
            before, later = (explainer.wording.value(each, part.criterion.of.node) for each in (answer, after))
            # Rounding for display must not say "from 60 to 60".
            if before != later:
                return Cell(column, row[column], found[0]), answer, after
    return None


def _enough(
    trials: Trials, index: int, position: int, node: Node, column: str, wanted: Value
) -> tuple[Value, dict[str, Value]] | None:
    """What the column must hold, as it is shown, for the row to get the category, and the row's values then."""
    exact = trials.cell_for(index, node, column, wanted)
    if exact is None:
        return None
    before = trials.row(index)[column]
    is_direct = isinstance(node, Name) and node.name == column
    for value in rounded_outward(exact, before, trials.kinds[column]):
        tried = trials.with_cell(index, column, value)
        if tried is None or not 0 <= tried.category <= position:
            continue
        if is_direct or _is_sensible(tried, before, value):
            return value, tried.values
    return None


def _is_sensible(tried: Tried, before: Value, after: Value) -> bool:
    """Whether a computed answer is lifted without harm: no other criterion loses, and nothing falls below zero.

    Less revenue leaves more to win, and nobody should be told so.
    """
    below_zero = isinstance(before, float) and isinstance(after, float) and after < 0 <= before
    return not below_zero and not tried.losing


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


def _would_match(
    explainer: Explainer, position: int, row: dict[str, Value], name: str, threshold: float, index: int
) -> bool:
    """Whether the rule takes the row once the family (and with it the score) has reached the threshold."""
    caps = [group.family.at_most for group in explainer.groups if group.family.key == name]
    if caps and caps[0] is not None and quantise(caps[0]) < quantise(threshold):
        return False
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


def _ways(explainer: Explainer, index: int, short: tuple[str, float, float]) -> Iterator[tuple[float, Part]]:
    """(rise in points, criterion) of each criterion that could make the distance good alone, smallest rise first."""
    name, distance, _ = short
    at, full = explainer.at(index), explainer.rules.scale
    found: list[tuple[float, int, int, Part]] = []
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
                found.append((rise, number, order, part))
    for rise, _, _, part in sorted(found, key=lambda each: each[:3]):
        yield rise, part
