"""Whether a client's category hangs on one weight: each weight moved by up to ±10 % (or another range), exactly.

A family score is a quotient of two sums that are linear in any one weight, and so is the score; both move in one
direction as the weight grows. So a threshold is crossed at most once, at a weight that an equation gives, and the
category can change nowhere else. Where conditions rank the points of all clients, all are scored anew instead.
Hold, capacity and overrides are left out: they are not about weights.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kamxl.backends import Scored
from kamxl.backends.row_expressions import compile_expression, truth
from kamxl.evidence import Explainer
from kamxl.flips import Flip, Sensitivity, flips_by_scoring_anew, ranks_points
from kamxl.language.expression import Between, Compare, Constant, IsMissing, Name, Node, names_in, walk
from kamxl.plan import Plan
from kamxl.records import dataclass
from kamxl.values import Value, quantise

Numbers = NDArray[np.float64]
# Where a condition compares points in another way than with a number, the range is tried in this many steps.
_STEPS = 41


@dataclass(frozen=True, slots=True)
class _Quotient:
    """(a + x * r) / (b + x): what a weighted mean is in one of its weights x. Shapes: a, b, r (n,), NaN rows fixed."""

    a: Numbers
    b: Numbers
    r: Numbers
    weight: float

    def at(self, change: float) -> Numbers:
        """The mean after a relative change of the weight."""
        x = self.weight * (1 + change)
        with np.errstate(all="ignore"):
            return (self.a + x * self.r) / (self.b + x)

    def change_for(self, row: int, target: float) -> float:
        """The relative change of the weight at which the mean of a row is `target`; NaN where it never is."""
        slope = float(self.r[row]) - target
        if slope == 0:
            return math.nan
        return (target * float(self.b[row]) - float(self.a[row])) / slope / self.weight - 1


class _Ground:
    """Results of a run as arrays, and the conditions that read them. State: rows looked at so far."""

    def __init__(self, scored: Scored) -> None:
        self.scored = scored
        self.plan: Plan = scored.plan
        self.rules = scored.plan.rules
        self.match = scored.plan.match
        self.explainer = Explainer(scored, self.rules.language)
        self.families = {key: np.asarray(column, np.float64) for key, column in scored.families.items()}
        self.score = np.asarray(scored.score, np.float64)
        self.completeness = np.asarray(scored.completeness, np.float64)
        self.points = {m.criterion: np.asarray(scored.points_of(m.criterion), np.float64) for m in self.plan.marks()}
        self.weights = {family.key: family.weight for family in self.rules.families}
        shares = {key: ~np.isnan(column) for key, column in self.families.items()}
        self.total = sum((w * shares[key] for key, w in self.weights.items()), np.zeros(scored.row_count))
        self.earned = sum(
            (w * np.nan_to_num(self.families[key]) for key, w in self.weights.items()), np.zeros(scored.row_count)
        )
        whens = [rule.when for rule in self.match.rules]
        self.tests = [compile_expression(when, self.plan.as_of) if when is not None else None for when in whens]
        self.names = {*self.families, "score", "completeness"}
        nodes = [when for when in whens if when is not None]
        read = {name for node in nodes for name in names_in(node)} - self.names
        self._columns: dict[str, Sequence[Any]] = {name: scored.values[name] for name in scored.values if name in read}
        self._columns |= {**scored.families, "score": scored.score, "completeness": scored.completeness}
        self._rows: dict[int, tuple[dict[str, Value], int]] = {}
        self.thresholds, self.exact = _thresholds(nodes, self.names)
        need = self.match.need
        if need is not None:
            self.thresholds.setdefault("completeness", set()).add(need)
        self.answered, self.applicable = self._completeness_parts() if "completeness" in self.thresholds else ({}, {})

    def _completeness_parts(self) -> tuple[dict[str, Numbers], dict[str, Numbers]]:
        """Whether each criterion is answered, and whether each family applies: 1.0 or 0.0, (n,)."""
        answered = {key: (~np.isnan(points)).astype(np.float64) for key, points in self.points.items()}
        count = self.scored.row_count
        rows: Callable[[int], dict[str, Value]] = self.explainer.row_values
        for mark in self.plan.marks():
            if mark.missing.mode == "points":
                # Points stand here whether answered or not: the answer itself has to be looked at.
                compute = compile_expression(mark.of, self.plan.as_of)
                answered[mark.criterion] = np.array([float(compute(rows(row)) is not None) for row in range(count)])
        applicable = {}
        for combine in self.plan.combines():
            applies = combine.applies
            if applies is None:
                applicable[combine.family] = np.ones(count)
            else:
                holds = compile_expression(applies, self.plan.as_of)
                applicable[combine.family] = np.array([float(truth(holds(rows(row)))) for row in range(count)])
        return answered, applicable

    def row(self, index: int) -> tuple[dict[str, Value], int]:
        """What the conditions read of a row, and its category by the rules alone."""
        if index not in self._rows:
            values = {name: _value_of(column[index]) for name, column in self._columns.items()}
            self._rows[index] = (values, self.category(values))
        return self._rows[index]

    def category(self, row: dict[str, Value]) -> int:
        """The category that the rules alone give to a row."""
        need, rules = self.match.need, self.match.rules
        completeness = row["completeness"]
        if row["score"] is None:
            return len(rules) if need is not None else -1
        if need is not None and not (isinstance(completeness, float) and quantise(completeness) >= quantise(need)):
            return len(rules)
        hits = [index for index, test in enumerate(self.tests) if test is None or truth(test(row))]
        told = [index for index in hits if self.tests[index] is not None]
        if self.match.unique and len(told) > 1:
            return -1
        return hits[0] if hits else -1


def _value_of(cell: Any) -> Value:
    if cell is None or isinstance(cell, (str, bool)):
        return cell
    if hasattr(cell, "dtype") and cell.dtype.kind == "b":
        return bool(cell)
    number = float(cell)
    return None if math.isnan(number) else number


@dataclass(frozen=True, slots=True)
class _Lever:
    """One weight: what it moves, and how. `cap` limits the family score."""

    family: str
    criterion: str
    moves: dict[str, _Quotient]
    cap: float
    ground: _Ground

    def values_at(self, change: float) -> dict[str, Numbers]:
        """Every number that the weight moves, after a relative change."""
        ground, found = self.ground, {}
        for name, quotient in self.moves.items():
            moved = quotient.at(change)
            if name == self.family:
                before = ground.families[name]
                moved = np.where(np.isnan(quotient.r), before, np.minimum(moved, self.cap))
                found[name] = moved
                weight = ground.weights[name]
                with np.errstate(all="ignore"):
                    score = (ground.earned + weight * (np.nan_to_num(moved) - np.nan_to_num(before))) / ground.total
                found["score"] = np.where(np.isnan(before), ground.score, score)
            else:
                found[name] = moved
        return found

    def changes_for(self, row: int) -> Iterator[float]:
        """The relative changes at which a number that the weight moves meets a threshold."""
        ground = self.ground
        for name, quotient in self.moves.items():
            for threshold in ground.thresholds.get(name, ()):
                yield quotient.change_for(row, threshold)
        if self.family in self.moves:
            weight, before = ground.weights[self.family], float(ground.families[self.family][row])
            for threshold in ground.thresholds.get("score", ()):
                rest = float(ground.earned[row]) - weight * before
                if weight > 0:
                    wanted = (threshold * float(ground.total[row]) - rest) / weight
                    if wanted <= self.cap:
                        yield self.moves[self.family].change_for(row, wanted)


def measure_sensitivity(scored: Scored, span: float = 0.1) -> Sensitivity:
    """For each client, whether moving any single weight by up to ±`span` changes its category, and how little does.

    Units: span is relative, 0.1 is ±10 %.
    """
    if ranks_points(scored.plan):
        # The rank of a client hangs on the points of all others, and those on every weight.
        return Sensitivity(span, flips_by_scoring_anew(scored, span), exact=False)
    ground = _Ground(scored)
    best: dict[int, Flip] = {}
    for lever in _levers(ground):
        for row in _candidates(ground, lever, span):
            flip = _smallest_flip(ground, lever, row, span)
            known = best.get(row)
            if flip is not None and (known is None or abs(flip.change) < abs(known.change)):
                best[row] = flip
    return Sensitivity(span, tuple(best.get(row) for row in range(scored.row_count)), ground.exact)


def _levers(ground: _Ground) -> Iterator[_Lever]:
    rules = ground.rules
    for family in rules.families:
        cap = math.inf if family.at_most is None else family.at_most
        if family.weight > 0 and len(rules.families) > 1:
            yield _Lever(family.key, "", _family_moves(ground, family.key), cap, ground)
        weighty = [criterion for criterion in family.criteria if criterion.weight > 0]
        for criterion in weighty if len(weighty) > 1 else ():
            moves = _criterion_moves(ground, family.key, criterion.key)
            yield _Lever(family.key, criterion.key, moves, cap, ground)


def _family_moves(ground: _Ground, key: str) -> dict[str, _Quotient]:
    weight, scores = ground.weights[key], ground.families[key]
    present = ~np.isnan(scores)
    r = np.where(present, scores, np.nan)
    earned = ground.earned - weight * np.nan_to_num(scores)
    moves = {"score": _Quotient(earned, ground.total - weight * present, r, weight)}
    if "completeness" in ground.thresholds:
        parts = {name: _answered_share(ground, name) for name in ground.weights}
        a = sum((w * parts[n] * ground.applicable[n] for n, w in ground.weights.items() if n != key), np.zeros(len(r)))
        b = sum((w * ground.applicable[n] for n, w in ground.weights.items() if n != key), np.zeros(len(r)))
        applies = ground.applicable[key] > 0
        moves["completeness"] = _Quotient(a, b, np.where(applies, parts[key], np.nan), weight)
    return moves


def _answered_share(ground: _Ground, key: str) -> Numbers:
    combine = next(combine for combine in ground.plan.combines() if combine.family == key)
    pairs = zip(combine.criteria, combine.weights, strict=True)
    return sum((w * ground.answered[c] for c, w in pairs), np.zeros(len(ground.score))) / sum(combine.weights)


def _criterion_moves(ground: _Ground, key: str, criterion: str) -> dict[str, _Quotient]:
    combine = next(combine for combine in ground.plan.combines() if combine.family == key)
    weights = dict(zip(combine.criteria, combine.weights, strict=True))
    weight, full = weights[criterion], ground.rules.scale
    zero = np.zeros(len(ground.score))
    others = [name for name in combine.criteria if name != criterion]
    a = sum((weights[n] * 100 / full * np.nan_to_num(ground.points[n]) for n in others), zero)
    b = sum((weights[n] * ~np.isnan(ground.points[n]) for n in others), zero)
    moves = {key: _Quotient(a, b, ground.points[criterion] * 100 / full, weight)}
    if "completeness" in ground.thresholds:
        moves["completeness"] = _completeness_move(ground, key, criterion, weights)
    return moves


def _completeness_move(ground: _Ground, key: str, criterion: str, weights: dict[str, float]) -> _Quotient:
    """Completeness in one criterion's weight: the family's share moves, the other families' shares stand beside it."""
    zero = np.zeros(len(ground.score))
    rest = {n: _answered_share(ground, n) for n in ground.weights if n != key}
    applicable = sum((w * ground.applicable[n] for n, w in ground.weights.items()), zero)
    with np.errstate(all="ignore"):
        own = ground.weights[key] * ground.applicable[key] / applicable
        beside = sum((ground.weights[n] * ground.applicable[n] * share for n, share in rest.items()), zero) / applicable
    others = [name for name in weights if name != criterion]
    total = sum(weights[n] for n in others)
    answered = sum((weights[n] * ground.answered[n] for n in others), zero)
    # beside + own * (answered + x * is_answered) / (total + x), written as one quotient.
    a = beside * total + own * answered
    r = beside + own * ground.answered[criterion]
    return _Quotient(a, np.full(len(r), total), np.where(ground.applicable[key] > 0, r, np.nan), weights[criterion])


def _candidates(ground: _Ground, lever: _Lever, span: float) -> list[int]:
    """Rows for which a number that the weight moves meets a threshold within the range; all where that is unknown."""
    low, high = lever.values_at(-span), lever.values_at(span)
    found = np.zeros(len(ground.score), np.bool_)
    for name, one in low.items():
        bottom, top = np.fmin(one, high[name]), np.fmax(one, high[name])
        if not ground.exact:
            found |= top > bottom
        for threshold in ground.thresholds.get(name, ()):
            found |= (bottom <= threshold + 1e-8) & (top >= threshold - 1e-8)
    return np.flatnonzero(found & ~np.isnan(ground.score)).tolist()


def _smallest_flip(ground: _Ground, lever: _Lever, row: int, span: float) -> Flip | None:
    base, category = ground.row(row)
    crossings = {c for c in lever.changes_for(row) if math.isfinite(c) and -span <= c <= span}
    if not ground.exact:
        crossings |= {span * (2 * step / (_STEPS - 1) - 1) for step in range(_STEPS)}
    best: Flip | None = None
    for sign in (1.0, -1.0):
        edges = [0.0, *sorted(abs(c) for c in crossings if c * sign > 0), span]
        for before, edge in itertools.pairwise(edges):
            for change in ((before + edge) / 2, edge):
                found = ground.category(_moved(lever, row, base, sign * change))
                if found != category:
                    # Past a crossing the new category begins at once: the crossing is how far the weight must move.
                    at = sign * (edge if change == edge else before)
                    if best is None or abs(at) < abs(best.change):
                        best = Flip(lever.family, lever.criterion, at, found)
                    break
            else:
                continue
            break
    return best


def _moved(lever: _Lever, row: int, base: dict[str, Value], change: float) -> dict[str, Value]:
    """The values of a row after a relative change of one weight."""
    ground, moved = lever.ground, dict(base)
    for name, quotient in lever.moves.items():
        if math.isnan(float(quotient.r[row])) or (name == lever.family and base.get(name) is None):
            continue
        x = quotient.weight * (1 + change)
        value = (float(quotient.a[row]) + x * float(quotient.r[row])) / (float(quotient.b[row]) + x)
        moved[name] = min(value, lever.cap) if name == lever.family else value
    before, after = base.get(lever.family), moved.get(lever.family)
    if lever.family in lever.moves and isinstance(before, float) and isinstance(after, float):
        earned = float(ground.earned[row]) + ground.weights[lever.family] * (after - before)
        moved["score"] = earned / float(ground.total[row])
    return moved


def _thresholds(nodes: Sequence[Node], names: set[str]) -> tuple[dict[str, set[float]], bool]:
    """The numbers that families, score and completeness are compared with, and whether these are all there is."""
    found: dict[str, set[float]] = {}
    plain: set[int] = set()
    every = [part for root in nodes for part in walk(root)]
    for node in every:
        match node:
            case Compare(left=Name() as name, right=Constant(value=float() as value)):
                pairs = [(name, value)]
            case Compare(left=Constant(value=float() as value), right=Name() as name):
                pairs = [(name, value)]
            case Between(
                operand=Name() as name, low=Constant(value=float() as low), high=Constant(value=float() as top)
            ):
                pairs = [(name, low), (name, top)]
            case IsMissing(operand=Name() as name):
                plain.add(id(name))
                continue
            case _:
                continue
        for name, value in pairs:
            plain.add(id(name))
            if name.name in names:
                found.setdefault(name.name, set()).add(value)
    used = [part for part in every if isinstance(part, Name) and part.name in names]
    return found, all(id(part) in plain for part in used)
