"""What is known of a block of clients: points, contributions and missing answers, as arrays.

The same sums in the same order as `evidence.Explainer.parts`, so that tenths are rounded alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

import numpy as np

from kamxl.backends import Scored
from kamxl.backends.column_block import Block, missing_of
from kamxl.backends.column_expressions import compile_block, compile_condition
from kamxl.backends.column_points import PointsByBlock
from kamxl.backends.column_types import Column, Flags, Numbers
from kamxl.evidence import Explainer, Group
from kamxl.language.expression import Node
from kamxl.reasons.texts import Writing
from kamxl.records import dataclass


class Guide(Explainer):
    """What is compiled once for all blocks of a run. State: expressions and conditions compiled so far."""

    def __init__(self, scored: Scored, language: str) -> None:
        super().__init__(scored, language, rows=())
        points_by = cast(PointsByBlock, scored.points_of)
        self.points_by = {mark.criterion: points_by.part_of(mark.criterion) for mark in self.plan.marks()}
        # What a plan computes an answer from: portfolio-relative parts are columns of their own there.
        self.answers = {mark.criterion: mark.of for mark in self.plan.marks()}
        self.family_scores = {key: np.asarray(scores) for key, scores in scored.families.items()}
        self.codes = np.asarray(scored.rule_category, np.int64)
        self.writing = Writing(self.wording)
        self._computes: dict[Node, Callable[[Block], Column]] = {}
        self._tests: dict[Node, Callable[[Block], Flags]] = {}

    def compute(self, node: Node) -> Callable[[Block], Column]:
        """What computes an expression on a block."""
        if node not in self._computes:
            self._computes[node] = compile_block(node, self.plan.as_of)
        return self._computes[node]

    def test(self, node: Node) -> Callable[[Block], Flags]:
        """What judges a condition on a block."""
        if node not in self._tests:
            self._tests[node] = compile_condition(node, self.plan.as_of)
        return self._tests[node]


@dataclass(frozen=True, slots=True)
class Amounts:
    """One criterion in a block: its points, and what they add to the score or cost it; NaN where it is left out."""

    label: str
    points: Numbers
    gain: Numbers
    lost: Numbers


class Facts:
    """A block of rows. State: columns and conditions computed so far."""

    def __init__(self, guide: Guide, start: int, stop: int) -> None:
        self.guide = guide
        self.part = slice(start, stop)
        block_of = cast(Callable[[int, int], Block], guide.scored.values.block)  # type: ignore[attr-defined]
        self.block = block_of(start, stop)
        self.families: dict[str, Numbers] = {key: scores[self.part] for key, scores in guide.family_scores.items()}
        self.score = np.asarray(guide.scored.score[self.part], np.float64)
        self.completeness = np.asarray(guide.scored.completeness[self.part], np.float64)
        for name, column in {**self.families, "score": self.score, "completeness": self.completeness}.items():
            self.block.keep(name, column)
        self._flags: dict[Node, Flags] = {}
        self._columns: dict[Node, Column] = {}
        self._points: dict[str, Numbers] = {}
        self.present = self._present()

    def __len__(self) -> int:
        return len(self.block)

    def column(self, node: Node) -> Column:
        """An expression, computed. Shapes: (n,)."""
        if node not in self._columns:
            self._columns[node] = self.guide.compute(node)(self.block)
        return self._columns[node]

    def answer(self, criterion: str) -> Column:
        """The answers to a criterion. Shapes: (n,)."""
        return self.column(self.guide.answers[criterion])

    def holds(self, node: Node) -> Flags:
        """Where a condition holds. Shapes: (n,)."""
        if node not in self._flags:
            self._flags[node] = self.guide.test(node)(self.block)
        return self._flags[node]

    def changed(self, columns: Mapping[str, Column]) -> Block:
        """The same rows with other values in some columns."""
        return self.block.changed(columns)

    def points(self, criterion: str) -> Numbers:
        """Points of a criterion, NaN where it is left out. Shapes: (n,)."""
        if criterion not in self._points:
            self._points[criterion] = self.guide.points_by[criterion](self.part.start, self.part.stop)
        return self._points[criterion]

    def _present(self) -> Numbers:
        """Sum of the weights of the families that have a score."""
        total = np.zeros(len(self.block))
        for group in self.guide.groups:
            total += np.where(np.isnan(self.families[group.family.key]), 0.0, group.family.weight)
        return total

    def amounts(self) -> list[Amounts]:
        """Every criterion, in file order."""
        return [found for group in self.guide.groups for found in self._amounts_of(group)]

    def _amounts_of(self, group: Group) -> list[Amounts]:
        full, score = self.guide.rules.scale, self.families[group.family.key]
        answered = [(part, self.points(part.criterion.key)) for part in group.parts]
        weights, earned = np.zeros(len(self)), np.zeros(len(self))
        for part, points in answered:
            absent = np.isnan(points)
            if absent.any():
                weights += np.where(absent, 0.0, part.weight)
                earned += np.where(absent, 0.0, part.weight * points)
            else:
                weights += part.weight
                earned += part.weight * points
        unit = 100 * group.family.weight / self.present / weights / full
        unit[np.isnan(score) | (weights == 0) | (self.present == 0)] = np.nan
        # A capped family hands its cap out in proportion, so that contributions still add up to the score.
        gain = np.where(earned > 0, unit * score / (100 * earned / weights / full), unit)
        return [
            Amounts(part.label, points, gain * part.weight * points, unit * part.weight * (full - points))
            for part, points in answered
        ]

    def absent(self) -> list[tuple[float, str, Flags]]:
        """(share, label, where the answer is missing in a family that applies) of each criterion that weighs."""
        found = []
        for group in self.guide.groups:
            applies = None
            combine = next(step for step in self.guide.plan.combines() if step.family == group.family.key)
            if combine.applies is not None:
                applies = self.holds(combine.applies)
            for part in group.parts:
                if part.weight > 0:
                    missing = missing_of(self.answer(part.criterion.key))
                    found.append((part.share, part.label, missing if applies is None else missing & applies))
        return found
