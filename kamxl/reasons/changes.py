"""`Next step` of a block of clients: the smallest single change that leads to a better category.

The decisions of `next_step`, on whole blocks: which part of which condition fails alone, how far it is, whether the
rule takes the client once it holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from kamxl.backends.column_cells import Flags, Numbers
from kamxl.conditions import Atom
from kamxl.language.expression import Node
from kamxl.next_step import ANSWER_DISTANCE, is_answer, subject_of, threshold_of
from kamxl.phrases import say, write_number, write_percent
from kamxl.reasons.facts import Facts, take
from kamxl.reasons.texts import TextArray, as_texts, write_numbers, write_values
from kamxl.reasons.ways import tell_ways

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class _Change:
    """A part of a condition that may fail alone. Shapes: distance (n,), infinite where this change is none."""

    position: int
    node: Node
    distance: Numbers


def tell_changes(facts: Facts, rows: Rows, absent: Sequence[tuple[str, str]]) -> list[str]:
    """The sentence for each of the rows, empty where no change moves the client. Shapes: rows (m,); absent (n,)."""
    guide = facts.guide
    texts = np.full(len(facts), "", object)
    codes = guide.codes[facts.part]
    unclassified = codes[rows] >= len(guide.match.rules)
    _tell_unclassified(facts, rows[unclassified], absent, texts)
    open_rows = np.zeros(len(facts), np.bool_)
    open_rows[rows[~unclassified]] = True
    best = np.full(len(facts), np.inf)
    chosen = np.full(len(facts), -1, np.int64)
    changes = list(_changes(facts, open_rows, codes))
    for number, change in enumerate(changes):
        nearer = change.distance < best
        best[nearer] = change.distance[nearer]
        chosen[nearer] = number
    for number, change in enumerate(changes):
        mine = np.flatnonzero(chosen == number)
        if len(mine):
            texts[mine] = _sentences(facts, mine, change)
    return cast(list[str], texts[rows].tolist())


def _tell_unclassified(facts: Facts, rows: Rows, absent: Sequence[tuple[str, str]], texts: TextArray) -> None:
    guide, language = facts.guide, facts.guide.language
    need = write_percent(guide.match.need or 0.0, language)
    shares = write_numbers(np.nan_to_num(facts.completeness[rows]), "percent", language)
    for row, have in zip(rows.tolist(), shares.tolist(), strict=True):
        names = absent[row][1]
        if names:
            texts[row] = say("answer_first", language, name=names, have=have, need=need)


def _changes(facts: Facts, open_rows: Flags, codes: NDArray[np.int64]) -> Iterator[_Change]:
    """Every single change that moves some row, in the order in which equals are preferred."""
    guide, scored = facts.guide, facts.guide.scored
    waiting = np.full(len(facts), -1, np.int64)
    for index, category in scored.waiting.items() if scored.waiting else ():
        if facts.part.start <= index < facts.part.stop:
            waiting[index - facts.part.start] = category
    for position, rule in enumerate(guide.match.rules):
        could = open_rows & (codes > position) & (waiting != position)
        if rule.when is None or not could.any():
            continue
        for parts in guide.options[position]:
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
            name, threshold = short
            gap = threshold - _numbers_of(facts, name)
            mine &= _would_match(facts, position, name, threshold)
            # NaN compares false: a client without that family has no distance to it.
            mine &= gap == gap
            distance[mine] = np.maximum(gap[mine], 0.0)
        elif is_answer(facts.guide, part):
            distance[mine] = ANSWER_DISTANCE
        yield _Change(position, part.node, distance)


def _numbers_of(facts: Facts, name: str) -> Numbers:
    return facts.score if name == "score" else facts.families[name]


def _would_match(facts: Facts, position: int, name: str, threshold: float) -> Flags:
    """Where the rule takes the row once the family (and with it the score) has reached the threshold."""
    reached = threshold + 1e-6
    columns = {name: np.full(len(facts), reached)}
    if name != "score":
        columns["score"] = _score_with(facts, name, reached)
    changed = facts.changed(columns)
    found = np.zeros(len(facts), np.bool_)
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


def _sentences(facts: Facts, rows: Rows, change: _Change) -> TextArray:
    guide, language = facts.guide, facts.guide.language
    wording, category = guide.wording, guide.label(change.position)
    short = threshold_of(guide, change.node)
    if short is None:
        subject = subject_of(change.node)
        shown = write_values(take(facts.column(subject), rows), subject, wording)
        name, wanted = wording.node(subject), wording.wanted(change.node)
        texts = [say("short_other", language, category=category, name=name, value=v, wanted=wanted) for v in shown]
        return as_texts(texts)
    name, threshold = short
    parts = {"category": category, "name": wording.name(name), "threshold": write_number(threshold, language)}
    gap = threshold - _numbers_of(facts, name)[rows]
    # Rounded up: somebody who gains what is said must be over the threshold.
    distances = np.maximum(np.ceil(gap * 10 - 1e-9) / 10, 0.1)
    texts = [say("short", language, distance=d, **parts) for d in write_numbers(distances, "tenths", language)]
    told: TextArray = as_texts(texts) + tell_ways(facts, rows, name, gap)
    return told
