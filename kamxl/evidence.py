"""What is known of the rows of one run: answers, points, contributions, missing answers, in one language.

Ground of `explain` (why a client is where it is) and `next_step` (what would move it).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from kamxl.backends import Scored
from kamxl.backends.row_expressions import compile_expression
from kamxl.conditions import Wording
from kamxl.language.model import Criterion, Family
from kamxl.phrases import say
from kamxl.values import Value


class Explainer:
    """Explains rows of one run in one language; the state is what is compiled once for all rows."""

    def __init__(self, scored: Scored, language: str) -> None:
        self.scored = scored
        self.plan = scored.plan
        self.rules = scored.plan.rules
        self.language = language
        self.wording = Wording(self.rules, language)
        self.all_rules = self.rules.categories.all_rules
        self._columns: dict[str, Sequence[Any]] = {
            **scored.values,
            **scored.families,
            "score": scored.score,
            "completeness": scored.completeness,
        }
        self._names = [name for name in self._columns if "#" not in name]
        self._marks = {mark.criterion: compile_expression(mark.of, self.plan.as_of) for mark in self.plan.marks()}
        self._points = {mark.criterion: scored.points_of(mark.criterion) for mark in self.plan.marks()}
        self.total_weight = sum(family.weight for family in self.rules.families)

    def row_values(self, index: int) -> dict[str, Value]:
        """The values of one row by name, missing as None."""
        return {name: _value_of(column[index]) for name, column in self._columns.items()}

    def points(self, criterion: str, index: int) -> float | None:
        """Points of a criterion; None when it is left out."""
        points = float(self._points[criterion][index])
        return None if math.isnan(points) else points

    def answer(self, criterion: str, row: dict[str, Value]) -> Value:
        """What a criterion read."""
        return self._marks[criterion](row)

    def label(self, index: int) -> str:
        """Label of a category by its index in `all_rules`."""
        return self.all_rules[index].label.text(self.language) if index >= 0 else say("no_category", self.language)

    def family_parts(self, family: Family, index: int) -> list[tuple[Criterion, float | None, float, float]]:
        """(criterion, points, contribution, lost) of a family; contributions are parts of the score."""
        family_score = float(self.scored.families[family.key][index])
        if math.isnan(family_score):
            return [(criterion, self.points(criterion.key, index), 0.0, 0.0) for criterion in family.criteria]
        full = self.rules.scale
        parts = [(criterion, self.points(criterion.key, index)) for criterion in family.criteria]
        weights = sum(criterion.weight for criterion, points in parts if points is not None)
        earned = sum(criterion.weight * points / full for criterion, points in parts if points is not None)
        present = sum(
            f.weight for f in self.rules.families if not math.isnan(float(self.scored.families[f.key][index]))
        )
        unit = 100 * family.weight / present / weights if weights and present else 0.0
        # A capped family hands its cap out in proportion, so that contributions still add up to the score.
        capped = family_score / (100 * earned / weights) if earned > 0 and weights else 1.0
        return [
            (
                criterion,
                points,
                0.0 if points is None else unit * criterion.weight * points / full * capped,
                0.0 if points is None else unit * criterion.weight * (full - points) / full,
            )
            for criterion, points in parts
        ]


def _value_of(cell: Any) -> Value:
    if cell is None or isinstance(cell, (str, bool)):
        return cell
    if hasattr(cell, "dtype") and cell.dtype.kind == "b":
        return bool(cell)
    number = float(cell)
    return None if math.isnan(number) else number


def missing_names(explainer: Explainer, row: dict[str, Value]) -> tuple[str, ...]:
    """Labels of criteria whose answer is missing, in families that apply, heaviest first."""
    found = []
    for family in explainer.rules.families:
        if family.applies is not None and not _applies(explainer, family, row):
            continue
        for criterion in family.criteria:
            if criterion.weight > 0 and explainer.answer(criterion.key, row) is None:
                weight = family.weight * criterion.weight / sum(c.weight for c in family.criteria)
                found.append((-weight, criterion.label.text(explainer.language)))
    return tuple(label for _, label in sorted(found, key=lambda pair: pair[0]))


def _applies(explainer: Explainer, family: Family, row: dict[str, Value]) -> bool:
    assert family.applies is not None
    return compile_expression(family.applies.node, explainer.plan.as_of)(row) is True
