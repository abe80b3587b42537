"""`Next step` of a block of clients: the smallest single change that leads to a better category.

The decisions of `next_step.find_advice` on whole blocks, for changes that are a distance in points; rows whose nearest
change is another one, or that cannot be tried in bulk, are left to that definition.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from kamxl.backends.column_types import Flags, Numbers
from kamxl.conditions import Atom
from kamxl.next_step import ANSWER_DISTANCE, is_answer, threshold_of
from kamxl.phrases import around, write_number
from kamxl.reasons.facts import Facts, Guide
from kamxl.reasons.retrial import Retrials
from kamxl.reasons.texts import Lines, TextArray, as_texts, codes_in
from kamxl.reasons.ways import tell_ways
from kamxl.records import dataclass
from kamxl.values import quantise

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class _Change:
    """A part of a condition that may fail alone; `short` is (family or score, threshold), None for an answer.

    Shapes: distance (n,), infinite where this change is none.
    """

    position: int
    short: tuple[str, float] | None
    distance: Numbers


def tell_changes(facts: Facts, rows: Rows, retrials: Retrials) -> tuple[TextArray, Flags]:
    """(the sentence of each row of the block, which of `rows` it is known for).

    Shapes: rows (m,), positions in the block; both results (n,). A sentence is empty where no change moves the client.
    """
    guide = facts.guide
    texts, known = np.full(len(facts), "", object), np.zeros(len(facts), np.bool_)
    codes = guide.codes[facts.part]
    # Capacity is a matter between all clients, and what is to be answered first one of many columns.
    if any(rule.at_most is not None for rule in guide.match.rules):
        return texts, known
    open_rows = np.zeros(len(facts), np.bool_)
    open_rows[rows] = codes[rows] < len(guide.match.rules)
    known |= open_rows
    changes = list(_changes(facts, open_rows, codes))
    best, chosen = np.full(len(facts), np.inf), np.full(len(facts), -1, np.int64)
    for number, change in enumerate(changes):
        nearer = change.distance < best
        best[nearer] = change.distance[nearer]
        chosen[nearer] = number
    # What lifts one number is tried for all its thresholds together.
    for name in dict.fromkeys(change.short[0] if change.short is not None else "" for change in changes):
        numbers = [number for number, change in enumerate(changes) if (change.short or ("",))[0] == name]
        mine = np.flatnonzero(np.isin(chosen, numbers))
        if not name:
            known[mine] = False
        elif len(mine):
            texts[mine], known[mine] = _sentences(facts, mine, changes, chosen[mine], retrials)
    return texts, known


def _changes(facts: Facts, open_rows: Flags, codes: NDArray[np.int64]) -> Iterator[_Change]:
    """Every single change that moves some row, in the order in which equals are preferred."""
    for position, rule in enumerate(facts.guide.match.rules):
        could = open_rows & (codes > position)
        if rule.when is None or not could.any():
            continue
        for parts in facts.guide.options[position]:
            yield from _changes_of(facts, could, position, parts)


def _changes_of(facts: Facts, could: Flags, position: int, parts: tuple[Atom, ...]) -> Iterator[_Change]:
    failing = [~facts.holds(part.node) for part in parts]
    alone = could & (np.sum(failing, axis=0) == 1)
    for part, fails in zip(parts, failing, strict=True):
        mine = alone & fails
        if not mine.any():
            continue
        distance = np.full(len(facts), np.inf)
        short = threshold_of(facts.guide, part.node)
        if short is not None:
            gap = short[1] - _numbers_of(facts, short[0])
            # NaN compares false: a client without that family has no distance to it.
            mine &= _would_match(facts, position, *short) & (gap == gap)
            distance[mine] = np.maximum(gap[mine], 0.0)
        elif is_answer(facts.guide, part):
            distance[mine] = ANSWER_DISTANCE
        yield _Change(position, short, distance)


def _numbers_of(facts: Facts, name: str) -> Numbers:
    return facts.score if name == "score" else facts.families[name]


def _would_match(facts: Facts, position: int, name: str, threshold: float) -> Flags:
    """Where the rule takes the row once the family (and with it the score) has reached the threshold."""
    found = np.zeros(len(facts), np.bool_)
    for group in facts.guide.groups:
        cap = group.family.at_most
        if group.family.key == name and cap is not None and quantise(cap) < quantise(threshold):
            return found
    reached = threshold + 1e-6
    columns = {name: np.full(len(facts), reached)}
    if name != "score":
        columns["score"] = _score_with(facts, name, reached)
    changed = facts.changed(columns)
    for parts in facts.guide.options[position]:
        flags = np.ones(len(facts), np.bool_)
        for part in parts:
            same = columns.keys().isdisjoint(part.names)
            flags &= facts.holds(part.node) if same else facts.guide.test(part.node)(changed)
        found |= flags
    return found


def _score_with(facts: Facts, changed: str, family_score: float) -> Numbers:
    earned, total = np.zeros(len(facts)), np.zeros(len(facts))
    for group in facts.guide.groups:
        key, weight = group.family.key, group.family.weight
        score = np.full(len(facts), family_score) if key == changed else facts.families[key]
        missing = np.isnan(score)
        earned += np.where(missing, 0.0, weight * score)
        total += np.where(missing, 0.0, weight)
    return earned / total


def _sentences(
    facts: Facts, rows: Rows, changes: Sequence[_Change], chosen: NDArray[np.int64], retrials: Retrials
) -> tuple[TextArray, Flags]:
    """(the sentences, where they are known) for changes of one number. Shapes: rows, chosen and results (m,)."""
    shorts = [change.short or ("", np.nan) for change in changes]
    name = shorts[chosen[0]][0]
    gap = np.array([threshold for _, threshold in shorts])[chosen] - _numbers_of(facts, name)[rows]
    # Rounded up: somebody who gains what is said must be over the threshold.
    distance = np.maximum(np.ceil(gap * 10 - 1e-9) / 10, 0.1)
    positions = np.array([change.position for change in changes])[chosen]
    ways, known = tell_ways(facts, rows, positions, name, gap, retrials)
    texts = np.full(len(rows), "", object)
    for number in codes_in(chosen):
        mine = np.flatnonzero(chosen == number)
        texts[mine] = as_texts(_short_of(facts.guide, changes[number], distance[mine]))
    texts += ways
    return texts, known


def _short_of(guide: Guide, change: _Change, distances: Numbers) -> list[str]:
    """How far the threshold of a change is, in words, for each of the distances."""
    name, threshold = change.short or ("", np.nan)
    before, behind = around(
        "short",
        guide.language,
        "distance",
        category=guide.label(change.position),
        name=guide.wording.name(name),
        threshold=write_number(threshold, guide.language),
    )
    return Lines(lambda number: before + write_number(number, guide.language) + behind).of(distances)
