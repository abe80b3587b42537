"""Families, score, completeness and category of a block of rows: the plan's row-wise operations on arrays.

Sums run in file order as in `reference.py`, so that results are equal to the last bit. Which answers are missing is one
bit per criterion; all that depends only on that pattern (the weights that count) is looked up, not added up per row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from kamxl.backends.column_block import Block, missing_of
from kamxl.backends.column_cells import Column, Flags, Numbers, Texts
from kamxl.backends.column_expressions import ComputeFlags, compile_block, compile_condition
from kamxl.backends.column_scales import Convert, Judge, compile_judge
from kamxl.language.model import MissingPolicy
from kamxl.plan import Combine, Mark, Match, MatchRule, Plan, Total
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
    """One criterion, ready to run. `fill` is its amount where the answer is missing."""

    position: int
    answer: Callable[[Block], Column]
    judge: Judge
    policy: MissingPolicy
    fill: float


def compile_question(mark: Mark, position: int, plan: Plan, convert: Convert, fill: float) -> Question:
    """A criterion whose points are converted on the way."""
    judge = compile_judge(mark.scale, plan.rules.scale, convert)
    return Question(position, compile_block(mark.of, plan.as_of), judge, mark.missing, fill)


class FamilyKernel:
    """One family, ready to run on blocks."""

    def __init__(self, combine: Combine, marks: Sequence[tuple[int, Mark]], plan: Plan) -> None:
        full = plan.rules.scale
        self.key = combine.family
        self.at_most = combine.at_most
        self.applies: ComputeFlags | None = None
        if combine.applies is not None:
            self.applies = compile_condition(combine.applies, plan.as_of)
        self.weights = combine.weights
        self.questions = [
            compile_question(
                mark,
                position,
                plan,
                lambda points, weight=weight: weight * points / full,  # type: ignore[misc]
                weight * mark.missing.points / full if mark.missing.mode == "points" else 0.0,
            )
            for (position, mark), weight in zip(marks, combine.weights, strict=True)
        ]
        self.present = PatternSum(self.weights)

    def run(self, block: Block, results: Results) -> None:
        """Fills in the family score and the answered weight of a block."""
        part = slice(block.start, block.stop)
        earned = np.zeros(len(block))
        left_out, missing = [], []
        for question in self.questions:
            amounts, without_points, without_answer = _ask(question, block, results)
            earned += amounts
            left_out.append(without_points)
            missing.append(without_answer)
        weight = answered = self.present.of(_pattern(missing, len(block)))
        if any(one is not other for one, other in zip(left_out, missing, strict=True)):
            weight = self.present.of(_pattern(left_out, len(block)))
        score = np.multiply(earned, 100.0, out=earned)
        np.divide(score, weight, out=score)
        if self.at_most is not None:
            np.minimum(score, self.at_most, out=score)
        if self.applies is not None:
            absent = np.logical_not(self.applies(block))
            score[absent] = np.nan
            answered[absent] = np.nan
        results.families[self.key][part] = score
        block.keep(self.key, score)
        block.keep(f"answered {self.key}", answered)


def _ask(question: Question, block: Block, results: Results) -> tuple[Numbers, Flags, Flags]:
    """Amounts, where there are no points, and where there is no answer: the same array where both say the same."""
    answers = question.answer(block)
    marked = question.judge(answers)
    missing = missing_of(answers)
    left_out, faulty = missing, marked.failed
    if question.policy.mode == "points":
        left_out = np.zeros(len(missing), np.bool_)
    elif question.policy.mode == "error":
        faulty = missing if faulty is None else faulty | missing
    np.putmask(marked.amounts, missing, question.fill)
    if faulty is not None and faulty.any():
        results.faults.append(Fault(question.position, np.flatnonzero(faulty) + block.start))
        left_out = left_out | faulty
        np.putmask(marked.amounts, faulty, 0.0)
    return marked.amounts, left_out, missing


Pattern = NDArray[Any] | list[Flags]


def _pattern(missing: list[Flags], rows: int) -> Pattern:
    if len(missing) > MOST_PATTERN_BITS:
        return missing
    pattern = np.zeros(rows, np.uint8 if len(missing) <= 8 else np.uint16)
    for bit, absent in enumerate(missing):
        np.bitwise_or(pattern, absent.view(np.uint8).astype(pattern.dtype, copy=False) << bit, out=pattern)
    return pattern


class PatternSum:
    """Sums of the weights that are present, in file order."""

    def __init__(self, weights: Sequence[float]) -> None:
        self._weights = weights
        self._table = None
        if len(weights) <= MOST_PATTERN_BITS:
            patterns = np.arange(1 << len(weights))
            self._table = self._add([(patterns >> bit & 1).astype(np.bool_) for bit in range(len(weights))])

    def of(self, pattern: Pattern) -> Numbers:
        """The sum for each pattern of what is left out."""
        if isinstance(pattern, list):
            return self._add(pattern)
        if self._table is None:
            raise ValueError(f"{len(self._weights)} weights have no table")
        return self._table.take(pattern)

    def _add(self, left_out: list[Flags]) -> Numbers:
        total = np.zeros(len(left_out[0]) if left_out else 1)
        for weight, absent in zip(self._weights, left_out, strict=True):
            total += np.where(absent, 0.0, weight)
        return total


class TotalKernel:
    """Score and completeness, ready to run on blocks."""

    def __init__(self, total: Total, plan: Plan) -> None:
        self.families = total.families
        self.weights = total.weights
        combines = {combine.family: combine for combine in plan.combines()}
        self.all_weights = [sum(combines[family].weights) for family in total.families]

    def run(self, block: Block, results: Results) -> None:
        """Fills in score and completeness of a block."""
        part = slice(block.start, block.stop)
        earned, weight, answered, applicable = (np.zeros(len(block)) for _ in range(4))
        for family, family_weight, all_weights in zip(self.families, self.weights, self.all_weights, strict=True):
            _add_present(earned, weight, _numbers(block, family), family_weight)
            share = np.multiply(_numbers(block, f"answered {family}"), family_weight)
            share = share / all_weights if all_weights else np.where(np.isnan(share), np.nan, 0.0)
            _add_present(answered, applicable, share, family_weight, factor=1.0)
        results.score[part] = np.divide(earned, weight, out=earned)
        results.completeness[part] = np.divide(answered, applicable, out=answered)
        block.keep("score", earned)
        block.keep("completeness", answered)


def _numbers(block: Block, name: str) -> Numbers:
    column = block.column(name)
    if isinstance(column, Texts):
        raise TypeError(f"{name} is a number")
    return cast(Numbers, column)


def _add_present(total: Numbers, weights: Numbers, amounts: Any, weight: float, *, factor: float | None = None) -> None:
    """Adds amounts times factor (the weight, unless told) where they are not missing, and their weight."""
    absent = np.isnan(amounts)
    product = np.multiply(amounts, weight if factor is None else factor)
    if absent.any():
        np.putmask(product, absent, 0.0)
        weights += np.where(absent, 0.0, weight)
    else:
        weights += weight
    total += product


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
        matches = [np.ones(len(block), np.bool_) if test is None else test(block) for test in self.tests]
        held = [np.zeros(len(block), np.bool_) if hold is None else hold(block) for hold in self.holds]
        category = np.full(len(block), -1, np.int16)
        is_held = np.zeros(len(block), np.bool_)
        for index in range(len(self.rules) - 1, -1, -1):
            np.putmask(category, matches[index], index)
            if previous is not None and self.holds[index] is not None:
                kept = (previous[part] == index) & held[index] & ~matches[index]
                np.putmask(category, kept, index)
                np.putmask(is_held, matches[index] | kept, kept)
            elif previous is not None:
                np.putmask(is_held, matches[index], False)
        out = np.isnan(_numbers(block, "score"))
        if self.need is not None:
            out |= ~(_numbers(block, "completeness") >= self.need)
        if self.unique:
            self._find_clashes(block, matches, out, category, is_held, results)
        category[out] = self.need_index
        is_held[out] = False
        results.category[part] = category
        results.is_held[part] = is_held
        if results.matches is not None and results.held is not None:
            results.matches[:, part] = matches
            results.held[:, part] = held

    def _find_clashes(
        self,
        block: Block,
        matches: list[Flags],
        out: Flags,
        category: NDArray[np.int16],
        is_held: Flags,
        results: Results,
    ) -> None:
        count = np.zeros(len(block), np.int16)
        for rule, found in zip(self.rules, matches, strict=True):
            if rule.when is not None:
                count += found
        clash = (count > 1) & ~out
        if clash.any():
            category[clash] = -1
            is_held[clash] = False
            results.clashes.append(np.flatnonzero(clash) + block.start)


def _condition(rule: MatchRule, plan: Plan) -> ComputeFlags | None:
    return compile_condition(rule.when, plan.as_of) if rule.when is not None else None
