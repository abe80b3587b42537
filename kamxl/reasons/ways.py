"""The one answer that makes a distance good alone, for a block of clients: tried, told in figures that are enough."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kamxl.advice import way_by
from kamxl.backends.column_block import missing_of, take
from kamxl.backends.column_cells import Column, Flags, Numbers, Texts
from kamxl.backends.column_rounding import quantise_array
from kamxl.evidence import Group, Part
from kamxl.language.expression import Name, Node
from kamxl.phrases import say
from kamxl.reasons.facts import Facts
from kamxl.reasons.inverse import RowByRow
from kamxl.reasons.reaching import answers_reaching, rounded_outward
from kamxl.reasons.retrial import Retrials
from kamxl.reasons.texts import TextArray, as_texts, write_values
from kamxl.records import dataclass

Rows = NDArray[np.intp]


def tell_ways(
    facts: Facts, rows: Rows, position: int, name: str, distance: Numbers, retrials: Retrials
) -> tuple[TextArray, Flags]:
    """(what one answer would have to become, empty where none does it alone; which rows that is known for).

    Shapes: rows (m,), positions in the block; distance and results (m,).
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
        for number in np.unique(nearest).tolist():
            mine = left[nearest == number]
            way = _Way(facts, candidates[number][0], position, retrials)
            try:
                told = way.tell(rows[mine], rises[number, mine])
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
        weights += np.where(np.isnan(points), 0.0, part.weight)
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
    position: int
    retrials: Retrials

    @property
    def node(self) -> Node:
        """What the answers are computed from."""
        return self.facts.guide.answers[self.part.criterion.key]

    def tell(self, rows: Rows, rise: Numbers) -> TextArray:
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
            told = self._tell_lever(rows[left], column, take(after, left))
            texts[left] = told
            left = left[~told.astype(np.bool_)]
        return texts

    def _tell_lever(self, rows: Rows, column: str, wanted: Column) -> TextArray:
        """The way through one column of the workbook."""
        is_direct = isinstance(self.node, Name) and self.node.name == column
        now = take(self.facts.column(Name(column)), rows)
        texts = np.full(len(rows), "", object)
        exact = self._exact(rows, column, wanted, now, is_direct=is_direct)
        if exact is None:
            return texts
        left = np.flatnonzero(~missing_of(exact))
        for values in self._candidates(exact, now, column):
            mine = left[~missing_of(take(values, left))]
            if not len(mine):
                continue
            enough = self._try(rows[mine], column, take(values, mine), take(now, mine), is_direct=is_direct)
            if enough is not None:
                done, told = enough
                texts[mine[done]] = told
                # What is enough ends the search, also where its figures look like today's.
                left = np.setdiff1d(left, mine[done], assume_unique=True)
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

    def _try(
        self, rows: Rows, column: str, values: Column, now: Column, *, is_direct: bool
    ) -> tuple[Rows, TextArray] | None:
        """(positions of the rows for which the values are enough, their texts); None where nothing can be tried."""
        tried = self.retrials.with_cells(self.facts, rows, column, values)
        if tried is None:
            return None
        enough = (tried.category >= 0) & (tried.category <= self.position)
        if not is_direct:
            enough &= ~self.retrials.losing(self.facts, rows, column, tried.block)
            if not isinstance(values, Texts) and not isinstance(now, Texts):
                enough &= ~((values < 0) & (now >= 0))
        done = np.flatnonzero(enough)
        after = take(self.facts.guide.compute(self.node)(tried.block), done)
        return done, self._words(rows[done], after, column, take(now, done), take(values, done), is_direct=is_direct)

    def _words(
        self, rows: Rows, after: Column, column: str, was: Column, becomes: Column, *, is_direct: bool
    ) -> TextArray:
        guide, language = self.facts.guide, self.facts.guide.language
        wording, node, label = guide.wording, self.part.criterion.of.node, self.part.label
        answers = take(self.facts.column(self.node), rows)
        before, target = (write_values(each, node, wording).tolist() for each in (answers, after))
        texts = []
        for old, new, is_blank in zip(before, target, missing_of(answers).tolist(), strict=True):
            if is_blank:
                texts.append(say("way_missing", language, name=label, after=new) if old != new else "")
            else:
                # Rounding for display must not say "from 60 to 60".
                texts.append(say("way", language, name=label, before=old, after=new) if old != new else "")
        if is_direct:
            return as_texts(texts)
        cells = zip(*(write_values(each, Name(column), wording).tolist() for each in (was, becomes)), strict=True)
        levers = [way_by(wording, column, label, old, new) for old, new in cells]
        return as_texts([lever if text else "" for text, lever in zip(texts, levers, strict=True)])
