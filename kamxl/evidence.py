"""What is known of the rows of one run: answers, points, contributions, missing answers, in one language.

Ground of `explain` (why a client is where it is) and `next_step` (what would move it).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kamxl.backends import Scored
from kamxl.backends.row_expressions import Compute, compile_expression
from kamxl.conditions import Wording, alternatives
from kamxl.language.expression import Name, Node, names_in
from kamxl.language.model import Criterion, Family
from kamxl.language.rewrite import replace_nodes
from kamxl.phrases import say
from kamxl.plan import Derive, Relate
from kamxl.records import dataclass
from kamxl.values import Value


@dataclass(frozen=True, slots=True)
class Part:
    """A criterion with all that does not depend on the row."""

    criterion: Criterion
    label: str
    weight: float
    share: float
    compute: Compute
    points: Sequence[float]


@dataclass(frozen=True, slots=True)
class Group:
    """A family with all that does not depend on the row."""

    family: Family
    applies: Compute | None
    parts: tuple[Part, ...]
    scores: Sequence[float]


class Explainer:
    """Explains rows of one run in one language; the state is what is compiled once for all rows.

    With `rows` only those are taken over, in that order; their indexes stay those of the table.
    """

    def __init__(self, scored: Scored, language: str, *, rows: Sequence[int] | None = None) -> None:
        self.scored = scored
        self.plan = scored.plan
        self.rules = scored.plan.rules
        self.match = scored.plan.match
        self.language = language
        self.wording = Wording(self.rules, language)
        self.all_rules = self.rules.categories.all_rules
        self._rows = rows
        # Without any row only what is compiled for all of them is wanted: no column is looked at.
        self._some = rows is None or len(rows) > 0
        self._places = None if rows is None else {row: place for place, row in enumerate(rows)}
        self._labels = [rule.label.text(language) for rule in self.all_rules]
        self._none = say("no_category", language)
        self.total_weight = sum(family.weight for family in self.rules.families)
        self.scores = self._cut(scored.score)
        computes = {mark.criterion: compile_expression(mark.of, self.plan.as_of) for mark in self.plan.marks()}
        self.groups = tuple(self._group(family, computes) for family in self.rules.families)
        self._read = self._columns_read()
        self._unread: list[tuple[str, list[Value]]] | None = None
        self.options = tuple(
            alternatives(self._spelled_out(rule.when), self.plan.as_of) if rule.when is not None else ()
            for rule in self.match.rules
        )
        """The condition of each category rule as alternatives of parts that must hold together."""
        self.asked = frozenset(name for mark in self.plan.marks() for name in names_in(mark.of))
        """Names that criteria read: answers that can be worked on, unlike a client's status."""

    def _spelled_out(self, node: Node) -> Node:
        """A condition in which derived yes/no columns are replaced by what they mean, so that words name the facts."""
        derived = {step.name: step.of for step in self.plan.operations if isinstance(step, Derive)}

        def meaning(part: Node) -> Node | None:
            if isinstance(part, Name) and part.kind == "condition" and part.name in derived:
                return self._spelled_out(derived[part.name])
            return None

        return replace_nodes(node, meaning)

    def _cut(self, column: Sequence[Any]) -> list[Any]:
        """The rows taken over, as plain Python values: NumPy's own scalars are slow one by one."""
        if self._rows is not None:
            rows: Any = list(self._rows)
            if hasattr(column, "tolist"):
                return list(column[rows].tolist())
            return [cell.item() if hasattr(cell, "item") else cell for cell in map(column.__getitem__, rows)]
        return list(column.tolist() if hasattr(column, "tolist") else column)

    def _group(self, family: Family, computes: Mapping[str, Compute]) -> Group:
        weights = sum(criterion.weight for criterion in family.criteria)
        whole = family.weight / weights if weights else 0.0
        parts = tuple(
            Part(
                criterion,
                criterion.label.text(self.language),
                criterion.weight,
                whole * criterion.weight,
                computes[criterion.key],
                self._cut(self.scored.points_of(criterion.key)) if self._some else [],
            )
            for criterion in family.criteria
        )
        combine = next(step for step in self.plan.combines() if step.family == family.key)
        applies = compile_expression(combine.applies, self.plan.as_of) if combine.applies is not None else None
        return Group(family, applies, parts, self._cut(self.scored.families[family.key]))

    def _columns_read(self) -> list[tuple[str, list[Value]]]:
        """The columns that criteria and conditions read, missing as None."""
        if not self._some:
            return []
        nodes = [mark.of for mark in self.plan.marks()]
        nodes += [step.applies for step in self.plan.combines() if step.applies is not None]
        conditions = [rule.when for rule in self.match.rules if rule.when is not None]
        nodes += [*conditions, *(self._spelled_out(node) for node in conditions)]
        scored = self.scored
        results = {**scored.families, "score": scored.score, "completeness": scored.completeness}
        names = {name for node in nodes for name in names_in(node)} | set(results)
        columns = [(name, results[name] if name in results else scored.values[name]) for name in sorted(names)]
        return [(name, [_value_of(cell) for cell in self._cut(column)]) for name, column in columns]

    def at(self, index: int) -> int:
        """Position of a row of the table among the rows taken over."""
        return index if self._places is None else self._places[index]

    def row_values(self, index: int) -> dict[str, Value]:
        """The values of one row that criteria and conditions read, by name, missing as None."""
        at = self.at(index)
        return {name: column[at] for name, column in self._read}

    def all_values(self, index: int) -> dict[str, Value]:
        """Every value of one row by name, also of columns that only derived columns read; missing as None."""
        if self._unread is None:
            computed = [step for step in self.plan.operations if isinstance(step, (Derive, Relate))]
            names = {step.name for step in computed} | {name for step in computed for name in names_in(step.of)}
            # A name or an address that nothing is computed from stays where it is: a long column of texts to encode.
            names -= {name for name, _ in self._read}
            columns = [
                (name, self._cut(self.scored.values[name])) for name in sorted(names) if name in self.scored.values
            ]
            self._unread = [(name, [_value_of(cell) for cell in column]) for name, column in columns]
        at = self.at(index)
        return {**self.row_values(index), **{name: column[at] for name, column in self._unread}}

    def label(self, index: int) -> str:
        """Label of a category by its index in `all_rules`."""
        return self._labels[index] if index >= 0 else self._none

    def present_weight(self, index: int) -> float:
        """Sum of the weights of the families that have a score in a row."""
        at = self.at(index)
        return sum([group.family.weight for group in self.groups if not math.isnan(group.scores[at])])

    def parts(self, index: int) -> Iterator[tuple[Group, Part, float | None, float, float]]:
        """(family, criterion, points, contribution, lost) of a row; contributions add up to the score."""
        at, present, full = self.at(index), self.present_weight(index), self.rules.scale
        for group in self.groups:
            score = group.scores[at]
            found = [(part, part.points[at]) for part in group.parts]
            weights = sum([part.weight for part, points in found if points == points])
            if math.isnan(score) or not weights or not present:
                for part, points in found:
                    yield group, part, None if points != points else points, 0.0, 0.0
                continue
            unit = 100 * group.family.weight / present / weights / full
            # A capped family hands its cap out in proportion, so that contributions still add up to the score.
            earned = sum([part.weight * points for part, points in found if points == points])
            gain = unit * score / (100 * earned / weights / full) if earned > 0 else unit
            for part, points in found:
                if points != points:
                    yield group, part, None, 0.0, 0.0
                else:
                    yield group, part, points, gain * part.weight * points, unit * part.weight * (full - points)


def _value_of(cell: Any) -> Value:
    return None if cell != cell else cell


def missing_names(explainer: Explainer, row: dict[str, Value]) -> tuple[str, ...]:
    """Labels of criteria whose answer is missing, in families that apply, heaviest first."""
    found = [
        part
        for group in explainer.groups
        if group.applies is None or group.applies(row) is True
        for part in group.parts
        if part.compute(row) is None and part.weight > 0
    ]
    found.sort(key=lambda part: -part.share)
    return tuple([part.label for part in found])
