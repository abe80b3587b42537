"""The one answer that makes a distance good alone, for a block of clients: tried, told in figures that are enough."""

from __future__ import annotations

from collections.abc import Sequence
from operator import ne

import numpy as np
from numpy.typing import NDArray

from kamxl.advice import way_by
from kamxl.backends.column_block import missing_of, take
from kamxl.backends.column_rounding import quantise_array
from kamxl.backends.column_types import Column, Flags, Numbers, Texts
from kamxl.evidence import Group, Part
from kamxl.language.expression import Name, Node
from kamxl.phrases import around, say
from kamxl.reasons.facts import Facts
from kamxl.reasons.inverse import RowByRow
from kamxl.reasons.reaching import answers_reaching, rounded_outward
from kamxl.reasons.retrial import Retrials, Retried
from kamxl.reasons.texts import TextArray, as_texts, codes_in
from kamxl.records import dataclass

Rows = NDArray[np.intp]


def tell_ways(
    facts: Facts, rows: Rows, positions: NDArray[np.int64], name: str, distance: Numbers, retrials: Retrials
) -> tuple[TextArray, Flags]:
    """(what one answer would have to become, empty where none does it alone; which rows that is known for).

    Shapes: rows (m,), places in the block; positions of the rules that are to take them, distance and results (m,).
    """
    texts, known = np.full(len(rows), "", object), np.ones(len(rows), np.bool_)
    candidates = [found for group in facts.guide.groups for found in _rises(facts, rows, group, name, distance)]
    if not candidates:
        return texts, known
    rises = np.array([rise for _, rise in candidates])
    left = np.arange(len(rows))
    while len(left):
        # The first of equals is the first in file order, as `argmin` gives it.
        nearest = np.argmin(rises[:, left], axis=0)
        possible = np.isfinite(rises[nearest, left])
        left, nearest = left[possible], nearest[possible]
        again = []
        for number in codes_in(nearest):
            mine = left[nearest == number]
            way = _Way(facts, candidates[number][0], retrials)
            try:
                told = way.tell(rows[mine], positions[mine], rises[number, mine])
            except RowByRow:
                known[mine] = False
                continue
            done = told.astype(np.bool_)
            texts[mine[done]] = told[done]
            rises[number, mine[~done]] = np.inf
            again.append(mine[~done])
        left = np.concatenate(again) if again else left[:0]
    return texts, known


def _rises(facts: Facts, rows: Rows, group: Group, name: str, distance: Numbers) -> list[tuple[Part, Numbers]]:
    """Each criterion of a family with the points that it would have to gain, infinite where the scale ends before."""
    if name not in (group.family.key, "score") or group.family.at_most is not None:
        return []
    full = facts.guide.rules.scale
    answered = [(part, facts.points(part.criterion.key)[rows]) for part in group.parts]
    weights = np.zeros(len(rows))
    for part, points in answered:
        absent = np.isnan(points)
        weights += np.where(absent, 0.0, part.weight) if absent.any() else part.weight
    lift = np.maximum(distance, 0.0)
    if name == "score":
        weight = group.family.weight
        lift = lift * facts.present[rows] / weight if weight else np.full(len(rows), np.inf)
    found = []
    for part, points in answered:
        rise = lift / 100 * weights * full / part.weight if part.weight > 0 else np.full(len(rows), np.inf)
        rise[~(points + rise <= full + 1e-9)] = np.inf
        found.append((part, rise))
    return found


@dataclass(frozen=True, slots=True)
class _Way:
    """One criterion as the way to a category."""

    facts: Facts
    part: Part
    retrials: Retrials

    @property
    def node(self) -> Node:
        """What the answers are computed from."""
        return self.facts.guide.answers[self.part.criterion.key]

    def tell(self, rows: Rows, positions: NDArray[np.int64], rise: Numbers) -> TextArray:
        """The way in words for each row, empty where this criterion is none. Errors: RowByRow. Shapes: (m,)."""
        scale, full = self.part.criterion.scale, self.facts.guide.rules.scale
        texts = np.full(len(rows), "", object)
        answers = take(self.facts.column(self.node), rows)
        wanted = quantise_array(self.facts.points(self.part.criterion.key)[rows] + rise)
        after, found = answers_reaching(scale, wanted, answers, full)
        left = np.flatnonzero(found)
        for column in self.retrials.trials.levers(self.node):
            if not len(left):
                break
            told = self._tell_lever(rows[left], positions[left], column, take(after, left))
            texts[left] = told
            left = left[~told.astype(np.bool_)]
        return texts

    def _tell_lever(self, rows: Rows, positions: NDArray[np.int64], column: str, wanted: Column) -> TextArray:
        """The way through one column of the workbook."""
        is_direct = isinstance(self.node, Name) and self.node.name == column
        now = take(self.facts.column(Name(column)), rows)
        texts = np.full(len(rows), "", object)
        exact = self._exact(rows, column, wanted, now, is_direct=is_direct)
        if exact is None:
            return texts
        is_open = ~missing_of(exact)
        for values in self._candidates(exact, now, column):
            mine = np.flatnonzero(is_open & ~missing_of(values))
            if not len(mine):
                continue
            tried = self.retrials.with_cells(self.facts, rows[mine], column, take(values, mine))
            if tried is None:
                continue
            enough = (tried.category >= 0) & (tried.category <= positions[mine])
            if not is_direct:
                enough &= self._is_sensible(rows[mine], column, tried, take(now, mine), take(values, mine))
            done = np.flatnonzero(enough)
            if len(done):
                after = take(self.facts.guide.compute(self.node)(tried.block), done)
                cells = take(now, mine[done]), take(values, mine[done])
                texts[mine[done]] = as_texts(self._words(rows[mine[done]], after, None if is_direct else column, cells))
                # What is enough ends the search, also where its figures look like today's.
                is_open[mine[done]] = False
        return texts

    def _exact(self, rows: Rows, column: str, wanted: Column, now: Column, *, is_direct: bool) -> Column | None:
        """What the column would have to hold; None where that is not known."""
        if is_direct:
            if isinstance(wanted, Texts) is not isinstance(now, Texts):
                # A listed number: cells are looked up as texts and as numbers there.
                raise RowByRow
            return wanted
        if isinstance(wanted, Texts) or isinstance(now, Texts):
            return None
        invert = self.retrials.inverse(self.node, column)
        return None if invert is None else invert(np.asarray(wanted, np.float64), self.facts.block.some(rows, {}))

    def _candidates(self, exact: Column, now: Column, column: str) -> list[Column]:
        if isinstance(exact, Texts) or isinstance(now, Texts):
            return [exact]
        kind = self.retrials.trials.kinds[column]
        if kind == "yes/no":
            return [exact]
        return list(rounded_outward(np.asarray(exact, np.float64), np.asarray(now, np.float64), kind))

    def _is_sensible(self, rows: Rows, column: str, tried: Retried, before: Column, after: Column) -> Flags:
        """Where a computed answer is lifted without harm, as in `next_step`."""
        sensible = ~self.retrials.losing(self.facts, rows, column, tried.block)
        if not isinstance(before, Texts) and not isinstance(after, Texts):
            sensible &= ~((after < 0) & (before >= 0))
        return sensible

    def _words(self, rows: Rows, after: Column, column: str | None, cells: tuple[Column, Column]) -> list[str]:
        """The way in words: by the answer itself, or by a column with its cells before and after."""
        guide, node = self.facts.guide, self.part.criterion.of.node
        answers = take(self.facts.column(self.node), rows)
        if column is None:
            before, target = (guide.writing.values(each, node) for each in (answers, after))
            texts, tells = self._from_to(before, target, missing_of(answers)), list(map(ne, before, target))
        else:
            olds, news = (guide.writing.values(each, Name(column)) for each in cells)
            texts, tells = self._by(column, olds, news), guide.writing.differs(answers, after, node)
        # Rounding for display must not say "from 60 to 60".
        return texts if all(tells) else [text if is_told else "" for text, is_told in zip(texts, tells, strict=True)]

    def _from_to(self, before: Sequence[str], after: Sequence[str], is_blank: Flags) -> list[str]:
        language, label = self.facts.guide.language, self.part.label
        head, middle, tail = around("way", language, "before", "after", name=label)
        texts = [f"{head}{old}{middle}{new}{tail}" for old, new in zip(before, after, strict=True)]
        for row in np.flatnonzero(is_blank).tolist():
            texts[row] = say("way_missing", language, name=label, after=after[row])
        return texts

    def _by(self, column: str, before: Sequence[str], after: Sequence[str]) -> list[str]:
        wording, label = self.facts.guide.wording, self.part.label
        name, missing = wording.name(column), say("missing", wording.language)
        head, middle, tail = around("way_by", wording.language, "before", "after", name=name, criterion=label)
        return [
            way_by(wording, column, label, old, new) if old == missing else f"{head}{old}{middle}{new}{tail}"
            for old, new in zip(before, after, strict=True)
        ]
