"""What a client would become if one cell of its row were changed: tried by the definition, not foreseen by thought.

The steps of `reference.py` that depend on the cell are carried out again on the row, then category and capacity are
settled as in a run. Knows nothing of words; `next_step` advises only what was tried here.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from kamxl.backends.reference import RowState, row_steps
from kamxl.backends.settle import category_of, client_name, next_match
from kamxl.evidence import Explainer
from kamxl.inversion import RowCalculus, RowInverse, compile_inverse
from kamxl.language.expression import Name, Node, names_in
from kamxl.language.kinds import shown_as
from kamxl.plan import Combine, Derive, Mark, Match, Relate, Total, needed_names
from kamxl.problems import Place
from kamxl.records import dataclass
from kamxl.values import Value, fold, quantise

# Facts that neither side can work on: nobody advises a client to change its market.
_GIVEN_ROLES = frozenset({"id", "name", "segment"})


@dataclass(frozen=True, slots=True)
class _After:
    """What follows from a change of a column: the steps to carry out again, the criteria and families among them."""

    steps: tuple[Callable[[RowState], None], ...]
    criteria: tuple[str, ...]
    families: frozenset[str]


@dataclass(frozen=True, slots=True)
class Tried:
    """What a row would be: its category (as in `Scored.rule_category`), its values, the criteria that lose points."""

    category: int
    values: dict[str, Value]
    losing: tuple[str, ...]


class Trials:
    """Trials on the rows of one run; the state is what each column leads to, and the columns read so far."""

    def __init__(self, explainer: Explainer) -> None:
        self.explainer = explainer
        self._plan = explainer.plan
        self._row_steps = row_steps(self._plan)
        self._match = self._plan.match
        self._needed = needed_names(self._plan.rules)
        self.derived = {step.name: step.of for step in self._plan.operations if isinstance(step, Derive)}
        rules = self._plan.rules
        roles = {column.key: column.role for column in rules.columns}
        self.kinds = {
            read.name: shown_as(Name(read.name), rules)
            for read in self._plan.reads()
            if read.index >= 0 and roles[read.name] not in _GIVEN_ROLES
        }
        """How each column that can be changed is shown."""
        self.answers = {mark.criterion: mark.of for mark in self._plan.marks()}
        """What each criterion's answer is computed from."""
        self._after: dict[str, _After | None] = {}
        # By the identity of the node, which the plan keeps alive: its value would be looked through every time.
        self._levers: dict[int, tuple[str, ...]] = {}
        self._inverses: dict[tuple[int, str], RowInverse | None] = {}
        self._inside: dict[int, list[tuple[float, str, int]]] = {}
        self._last: tuple[int, dict[str, Value]] = (-1, {})
        self._behind: dict[str, tuple[str, ...]] = {}
        nodes = [part.criterion.of.node for group in explainer.groups for part in group.parts]
        self.answering = tuple(dict.fromkeys(column for node in nodes for column in self.levers(node)))
        """The columns that can be changed and that answers are made of."""
        self.needed: dict[tuple[tuple[bool, ...], ...], tuple[str, ...]] = {}
        """What is to be answered, for each pattern of what is lacking that was met so far."""

    def levers(self, node: Node) -> tuple[str, ...]:
        """The columns that can be changed and that an expression reads, itself or through derived columns, in order."""
        if id(node) not in self._levers:
            found: dict[str, None] = {}
            waiting = list(names_in(node))
            while waiting:
                name = waiting.pop(0)
                if name in self.kinds:
                    found[name] = None
                elif name in self.derived:
                    waiting[:0] = names_in(self.derived[name])
            self._levers[id(node)] = tuple(found)
        return self._levers[id(node)]

    def columns_behind(self, family: str) -> tuple[str, ...]:
        """The columns that decide whether a family applies."""
        if family not in self._behind:
            step = next(step for step in self._plan.combines() if step.family == family)
            self._behind[family] = self.levers(step.applies) if step.applies is not None else ()
        return self._behind[family]

    def cell_for(self, index: int, node: Node, column: str, wanted: Value) -> Value:
        """What a column would have to hold for an expression to yield a value; None where that is not known."""
        if isinstance(node, Name) and node.name == column:
            return wanted
        if not isinstance(wanted, float):
            return None
        key = (id(node), column)
        if key not in self._inverses:
            self._inverses[key] = compile_inverse(node, column, self.derived, RowCalculus(self._plan.as_of))
        invert = self._inverses[key]
        return None if invert is None else invert(wanted, self.row(index))

    def criteria_after(self, column: str) -> tuple[str, ...] | None:
        """The criteria that a change of a column may change; None where it changes what looks at all clients."""
        after = self._find_after(column)
        return None if after is None else after.criteria

    def families_after(self, column: str) -> frozenset[str]:
        """The families that a change of a column may change."""
        after = self._find_after(column)
        return frozenset() if after is None else after.families

    def row(self, index: int) -> dict[str, Value]:
        """Every value of a row by name, missing as None."""
        if self._last[0] != index:
            self._last = (index, self.explainer.all_values(index))
        return self._last[1]

    def with_cell(self, index: int, column: str, value: Value) -> Tried | None:
        """The row with another value in one column; None where that cannot be told.

        Whatever looks at all clients at once (percentile, cumulative share) is not tried.
        """
        after = self._find_after(column)
        if after is None:
            return None
        state = self._state(index)
        before = [state.points[criterion] for criterion in after.criteria]
        state.values[column] = value
        for step in after.steps:
            step(state)
        if state.is_unusable:
            return None
        losing = [key for key, was in zip(after.criteria, before, strict=True) if _is_less(state.points[key], was)]
        return Tried(self._category(index, state), state.values, tuple(losing))

    def _state(self, index: int) -> RowState:
        state = RowState(index, dict(self.row(index)), {}, {}, [], Place())
        at = self.explainer.at(index)
        for group in self.explainer.groups:
            applies = group.applies is None or group.applies(state.values) is True
            state.answered[f"family {group.family.key}"] = applies
            for part in group.parts:
                points = part.points[at]
                is_left_out = points is None or points != points
                state.points[part.criterion.key] = None if is_left_out else points
                # Only a policy that gives points to a blank answer leaves it open whether there was one.
                gives_points = part.criterion.missing.mode == "points"
                known = part.compute(state.values) is not None if gives_points else not is_left_out
                state.answered[part.criterion.key] = known
        return state

    def _find_after(self, column: str) -> _After | None:
        """What has to be carried out again when a column changes, in order."""
        if column not in self._after:
            self._after[column] = self._after_of(column)
        return self._after[column]

    def _after_of(self, column: str) -> _After | None:
        changed = {column}
        found, criteria, families = [], [], set()
        for step in self._plan.operations:
            match step:
                case Relate(of=of) if changed & set(names_in(of)):
                    return None
                case Derive(name=name, of=of) if name in self._needed and changed & set(names_in(of)):
                    changed.add(name)
                case Mark(criterion=criterion, of=of) if changed & set(names_in(of)):
                    changed.add(f"criterion {criterion}")
                    criteria.append(criterion)
                case Combine() if changed & _read_by(step):
                    changed.add(step.family)
                    families.add(step.family)
                case Total() | Match():
                    pass
                case _:
                    continue
            found.append(self._row_steps[id(step)])
        return _After(tuple(found), tuple(criteria), frozenset(families))

    def _category(self, index: int, state: RowState) -> int:
        before = self.explainer.scored.rule_category[index]
        score, completeness = _number(state.values["score"]), _number(state.values["completeness"])
        found = category_of(self._match, score, completeness, state.matches, state.held, before)
        category = found.category
        while 0 <= category < len(self._match.rules) and not self.has_place(index, category, score):
            category, _ = next_match(self._match, state.matches, state.held, before, category + 1)
        return category

    def has_place(self, index: int, category: int, score: float) -> bool:
        """Whether a category has a place for a row with this score: capacity goes to the best scores."""
        capacity = self._match.rules[category].at_most
        if capacity is None:
            return True
        scored = self.explainer.scored
        if category not in self._inside:
            rows = [row for row, found in enumerate(scored.rule_category) if found == category]
            self._inside[category] = sorted(self._order(row, scored.score[row]) for row in rows)
        others = [order for order in self._inside[category] if order[2] != index]
        return len(others) < capacity or (bool(others) and self._order(index, score) < others[-1])

    def _order(self, index: int, score: float) -> tuple[float, str, int]:
        return -quantise(score), fold(client_name(self._plan, self.explainer.scored.table, index)), index


def _read_by(step: Combine) -> set[str]:
    names = {f"criterion {criterion}" for criterion in step.criteria}
    return names | set(names_in(step.applies)) if step.applies is not None else names


def _is_less(now: float | None, was: float | None) -> bool:
    """Whether a criterion has lost points, or its answer."""
    return was is not None and (now is None or (now < was and quantise(now) < quantise(was)))


def _number(value: Value) -> float:
    return value if isinstance(value, float) else math.nan
