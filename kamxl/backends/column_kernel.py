"""Families, score, completeness and category of a block of rows: the plan's row-wise operations on arrays.

Sums run in file order as in `reference.py`, so that results are equal to the last bit. Which answers are missing is one
bit per criterion; all that depends only on that pattern (the weights that count) is looked up, not added up per row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from kamxl.backends.column_block import Block
from kamxl.backends.column_expressions import ComputeFlags, compile_answer, compile_condition
from kamxl.backends.column_scales import Convert, Judge, compile_judge, look_up
from kamxl.backends.column_types import Column, Flags, Given, Numbers, Texts, make_missing, make_zero
from kamxl.plan import Combine, Mark, Match, MatchRule, Plan, Total
from kamxl.records import dataclass
from kamxl.values import lowest_reaching

# A pattern of more bits than this is summed row by row: its table would outgrow the cache.
MOST_PATTERN_BITS = 12


@dataclass(frozen=True, slots=True)
class Fault:
    """Rows that a criterion could not judge, or that lack a required answer. Shapes: rows (m,), of the whole table."""

    position: int
    rows: NDArray[np.intp]


@dataclass(slots=True)
class Results:
    """What the kernel fills in, block by block. Shapes: (n,); matches and held are (rules, n), and only kept on demand.

    Units: category indexes `categories.all_rules`, -1 for none.
    """

    families: dict[str, Numbers]
    score: Numbers
    completeness: Numbers
    answered: dict[str, Numbers]
    category: NDArray[np.int16]
    is_held: Flags
    clashes: list[NDArray[np.intp]]
    faults: list[Fault]
    matches: NDArray[np.bool_] | None = None
    held: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One criterion, ready to run."""

    position: int
    answer: Callable[[Block], Column | Given]
    judge: Judge
    mode: str


def compile_question(mark: Mark, position: int, plan: Plan, weight: float) -> Question:
    """A criterion whose amounts are its weight times its points, as families add them up."""
    fill = mark.missing.points if mark.missing.mode == "points" else 0.0

    def weigh(points: Numbers) -> Numbers:
        return np.multiply(points, weight, out=points) if weight != 1.0 else points

    judge = compile_judge(mark.scale, plan.rules.scale, weigh, fill)
    return Question(position, compile_answer(mark.of, plan.as_of), judge, mark.missing.mode)


class FamilyKernel:
    """One family, ready to run on blocks."""

    def __init__(self, combine: Combine, marks: Sequence[tuple[int, Mark]], plan: Plan) -> None:
        self.key = combine.family
        self.at_most = combine.at_most
        self.applies: ComputeFlags | None = None
        if combine.applies is not None:
            self.applies = compile_condition(combine.applies, plan.as_of)
        self.questions = [
            compile_question(mark, position, plan, weight)
            for (position, mark), weight in zip(marks, combine.weights, strict=True)
        ]
        total, all_weights = plan.total, sum(combine.weights)
        family_weight = total.weights[total.families.index(combine.family)]
        full = plan.rules.scale
        self.present = PatternSum(combine.weights, lambda weights: full * weights)
        self.answered = PatternSum(
            combine.weights, lambda weights: family_weight * weights / all_weights if all_weights else weights * 0.0
        )

    def run(self, block: Block, results: Results) -> None:
        """Fills in the family score of a block, and keeps the answered part of the family's weight."""
        earned = results.families[self.key][block.start : block.stop]
        earned.fill(0.0)
        left_out: list[Flags | None] = []
        missing: list[Flags] = []
        for question in self.questions:
            amounts, without_points, without_answer = _ask(question, block, results)
            np.add(earned, amounts, out=earned)
            left_out.append(without_points)
            missing.append(without_answer)
        pattern = pattern_of(missing)
        score = np.multiply(earned, 100.0, out=earned)
        np.divide(score, self._weight(left_out, missing, pattern), out=score)
        if self.at_most is not None:
            np.minimum(score, self.at_most, out=score)
        answered = self.answered.of(pattern)
        if self.applies is not None:
            absent = np.logical_not(self.applies(block))
            make_missing(score, absent)
            make_missing(answered, absent)
        block.keep(self.key, score)
        block.keep(f"answered {self.key}", answered)

    def _weight(self, left_out: list[Flags | None], missing: list[Flags], pattern: Pattern) -> Numbers | float:
        """The full scale times the weights that count."""
        if all(one is None for one in left_out):
            return self.present.of_all
        if all(one is other for one, other in zip(left_out, missing, strict=True)):
            return self.present.of(pattern)
        none = np.zeros(len(missing[0]), np.bool_)
        return self.present.of(pattern_of([none if one is None else one for one in left_out]))


def _ask(question: Question, block: Block, results: Results) -> tuple[Numbers, Flags | None, Flags]:
    """Amounts, where there are no points (None: nowhere), and where there is no answer."""
    marked = question.judge(question.answer(block))
    left_out: Flags | None = None if question.mode == "points" else marked.missing
    faulty = marked.failed
    if question.mode == "error":
        faulty = marked.missing if faulty is None else faulty | marked.missing
    if faulty is not None and faulty.any():
        results.faults.append(Fault(question.position, np.flatnonzero(faulty) + block.start))
        left_out = faulty if left_out is None else left_out | faulty
        np.putmask(marked.amounts, faulty, 0.0)
    return marked.amounts, left_out, marked.missing


Pattern = NDArray[Any] | list[Flags]


def pattern_of(flags: list[Flags]) -> Pattern:
    """One bit per flag, the first one lowest; the flags themselves where there are too many for a table."""
    if not 0 < len(flags) <= MOST_PATTERN_BITS:
        return flags
    pattern = _byte_of(flags[:8])
    if len(flags) > 8:
        pattern = pattern | (_byte_of(flags[8:]).astype(np.uint16) << 8)
    return pattern


_BITS = (1 << np.arange(8, dtype=np.uint8)).reshape(-1, 1)


def _byte_of(flags: list[Flags]) -> NDArray[Any]:
    # All flags in one call each: between calls of NumPy threads wait for each other.
    together = np.concatenate(flags).view(np.uint8).reshape(len(flags), -1)
    np.multiply(together, _BITS[: len(flags)], out=together)
    pattern: NDArray[np.uint8] = np.add.reduce(together, axis=0, dtype=np.uint8)
    return pattern


class PatternSum:
    """Sums of the weights that are present, in file order, converted."""

    def __init__(self, weights: Sequence[float], convert: Convert) -> None:
        self._weights = weights
        self._convert = convert
        self._table = None
        self.of_all = float(convert(np.array([sum(weights)]))[0])
        if 0 < len(weights) <= MOST_PATTERN_BITS:
            patterns = np.arange(1 << len(weights))
            self._table = self._add([(patterns >> bit & 1).astype(np.bool_) for bit in range(len(weights))])

    def of(self, pattern: Pattern) -> Numbers:
        """The sum for each pattern of what is left out."""
        if isinstance(pattern, list):
            return self._add(pattern)
        if self._table is None:
            raise ValueError(f"{len(self._weights)} weights have no table")
        return look_up(self._table, pattern)

    def _add(self, left_out: list[Flags]) -> Numbers:
        total = np.zeros(len(left_out[0]) if left_out else 1)
        for weight, absent in zip(self._weights, left_out, strict=True):
            total += np.where(absent, 0.0, weight)
        return self._convert(total)


class TotalKernel:
    """Score and completeness, ready to run on blocks."""

    def __init__(self, total: Total, plan: Plan) -> None:
        self.families = total.families
        self.weights = total.weights
        self.always = {combine.family for combine in plan.combines() if combine.applies is None}

    def run(self, block: Block, results: Results) -> None:
        """Fills in score and completeness of a block."""
        part = slice(block.start, block.stop)
        score, completeness = results.score[part], results.completeness[part]
        score.fill(0.0)
        completeness.fill(0.0)
        weight: Numbers | float = 0.0
        applicable: Numbers | float = 0.0
        for family, family_weight in zip(self.families, self.weights, strict=True):
            product = np.multiply(_numbers(block, family), family_weight)
            weight = _add_present(score, weight, product, family_weight)
            share = _numbers(block, f"answered {family}")
            if family in self.always:
                np.add(completeness, share, out=completeness)
                applicable = applicable + family_weight
            else:
                applicable = _add_present(completeness, applicable, share.copy(), family_weight)
        np.divide(score, weight, out=score)
        np.divide(completeness, applicable, out=completeness)
        block.keep("score", score)
        block.keep("completeness", completeness)


def _numbers(block: Block, name: str) -> Numbers:
    column = block.column(name)
    if isinstance(column, Texts):
        raise TypeError(f"{name} is a number")
    return cast(Numbers, column)


def _add_present(total: Numbers, weights: Numbers | float, amounts: Numbers, weight: float) -> Numbers | float:
    """Adds amounts (set to 0 where missing) to the total; the weights, with this one where it counts."""
    absent = np.isnan(amounts)
    if absent.any():
        make_zero(amounts, absent)
        np.add(total, amounts, out=total)
        return weights + np.multiply(np.logical_not(absent), weight)
    np.add(total, amounts, out=total)
    return weights + weight


class MatchKernel:
    """Categories by the rules alone, ready to run on blocks."""

    def __init__(self, match: Match, plan: Plan) -> None:
        self.rules = match.rules
        self.unique = match.unique
        self.need_index = len(match.rules) if match.need is not None else -1
        self.need = lowest_reaching(match.need) if match.need is not None else None
        self.tests = [_condition(rule, plan) for rule in match.rules]
        self.holds = [
            compile_condition(rule.held, plan.as_of) if rule.held is not None else None for rule in match.rules
        ]

    def run(self, block: Block, results: Results, previous: NDArray[np.int16] | None) -> None:
        """Fills in the categories of a block, and the bits that later steps ask for."""
        part = slice(block.start, block.stop)
        category, is_held = results.category[part], results.is_held[part]
        matches = [None if test is None else test(block) for test in self.tests]
        held = [None if hold is None else hold(block) for hold in self.holds]
        category.fill(-1)
        for index in range(len(self.rules) - 1, -1, -1):
            match, hold = matches[index], held[index]
            _put(category, index, match)
            if previous is None:
                continue
            if match is None:
                is_held.fill(False)
                continue
            is_held &= ~match
            if hold is not None:
                kept = (previous[part] == index) & hold & ~match
                _put(category, index, kept)
                is_held |= kept
        out = np.isnan(results.score[part])
        if self.need is not None:
            out |= ~(results.completeness[part] >= self.need)
        if self.unique:
            self._find_clashes(block, matches, out, category, is_held, results)
        if out.any():
            _put(category, self.need_index, out)
            is_held &= ~out
        if results.matches is not None and results.held is not None:
            for index in range(len(self.rules)):
                match, hold = matches[index], held[index]
                results.matches[index, part] = True if match is None else match
                results.held[index, part] = False if hold is None else hold

    def _find_clashes(
        self,
        block: Block,
        matches: list[Flags | None],
        out: Flags,
        category: NDArray[np.int16],
        is_held: Flags,
        results: Results,
    ) -> None:
        count = np.zeros(len(block), np.int16)
        for rule, found in zip(self.rules, matches, strict=True):
            if rule.when is not None and found is not None:
                count += found
        clash = (count > 1) & ~out
        if clash.any():
            category[clash] = -1
            is_held[clash] = False
            results.clashes.append(np.flatnonzero(clash) + block.start)


def _put(column: NDArray[np.int16], value: int, where: Flags | None) -> None:
    if where is None:
        column.fill(value)
        return
    # Counted, not chosen: at a choice a processor guesses, and waits ten times as long whenever it was wrong.
    change = np.subtract(np.int16(value), column)
    np.add(column, np.multiply(change, where, out=change), out=column)


def _condition(rule: MatchRule, plan: Plan) -> ComputeFlags | None:
    return compile_condition(rule.when, plan.as_of) if rule.when is not None else None
