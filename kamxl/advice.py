"""An advice, the smallest change that moves a client up, and the sentence that tells it.

Found and tried by `next_step`; here are only its record and its words.
"""

from __future__ import annotations

import math

from kamxl.backends.row_expressions import compile_expression
from kamxl.conditions import Wording
from kamxl.evidence import Explainer, Part
from kamxl.language.expression import In, Name, Node
from kamxl.phrases import either, say, write_number
from kamxl.records import dataclass
from kamxl.values import Value


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell to change: a column of the workbook, what stands there and what would be enough."""

    column: str
    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class Advice:
    """The smallest change of a row: the category that it leads to, and how.

    `short` is (family or score, distance in points, threshold), None where a condition asks for an answer; `cells`
    are alternatives, each enough alone; `answer` names the criterion of `cells` with its answer before and after.
    """

    position: int
    short: tuple[str, float, float] | None
    cells: tuple[Cell, ...] = ()
    node: Node | None = None
    answer: tuple[Part, Value, Value] | None = None


def advice_words(explainer: Explainer, row: dict[str, Value], advice: Advice) -> str:
    """The sentence of an advice for a row."""
    language, category, wording = explainer.language, explainer.label(advice.position), explainer.wording
    if advice.short is None:
        subject = subject_of(advice.node) if advice.node is not None else Name("")
        shown = compile_expression(subject, explainer.plan.as_of)(row)
        return say(
            "short_other",
            language,
            category=category,
            name=wording.node(subject),
            value=wording.value(shown, subject),
            wanted=_wanted_words(explainer, advice, subject),
        )
    name, distance, threshold = advice.short
    sentence = say(
        "short",
        language,
        category=category,
        name=wording.name(name),
        distance=write_distance(distance, language),
        threshold=write_number(threshold, language),
    )
    return sentence + _way_words(explainer, advice)


def subject_of(node: Node) -> Node:
    """What a part of a condition is about: the left side of a comparison, the value looked for in a list."""
    inner = getattr(node, "operand", None) or getattr(node, "left", None)
    return inner if inner is not None else node


def _wanted_words(explainer: Explainer, advice: Advice, subject: Node) -> str:
    if isinstance(advice.node, In):
        return either([explainer.wording.value(cell.after, subject) for cell in advice.cells], explainer.language)
    wanted = explainer.wording.wanted(advice.node) if advice.node is not None else ""
    cell = advice.cells[0]
    if isinstance(subject, Name) and subject.name == cell.column:
        return wanted
    return wanted + _lever_words(explainer, cell)


def _way_words(explainer: Explainer, advice: Advice) -> str:
    if advice.answer is None:
        return ""
    language, wording = explainer.language, explainer.wording
    part, answer, after = advice.answer
    node, cell = part.criterion.of.node, advice.cells[0]
    if isinstance(node, Name) and node.name == cell.column:
        if answer is None:
            return say("way_missing", language, name=part.label, after=wording.value(after, node))
        before, target = wording.value(answer, node), wording.value(after, node)
        return say("way", language, name=part.label, before=before, after=target)
    before, target = (wording.value(each, Name(cell.column)) for each in (cell.before, cell.after))
    return way_by(wording, cell.column, part.label, before, target)


def way_by(wording: Wording, column: str, criterion: str, before: str, after: str) -> str:
    """The cell of the workbook that brings about what a computed criterion asks for, in words."""
    name, language = wording.name(column), wording.language
    if before == say("missing", language):
        return say("way_by_missing", language, name=name, after=after, criterion=criterion)
    return say("way_by", language, name=name, before=before, after=after, criterion=criterion)


def _lever_words(explainer: Explainer, cell: Cell) -> str:
    """The cell of the workbook that brings about what a computed answer asks for."""
    node = Name(cell.column)
    before, after = (explainer.wording.value(value, node) for value in (cell.before, cell.after))
    return say("lever", explainer.language, name=explainer.wording.name(cell.column), before=before, after=after)


def write_distance(distance: float, language: str) -> str:
    """Points that are short, to one decimal."""
    # Rounded up: somebody who gains what is said must be over the threshold.
    return write_number(max(math.ceil(distance * 10 - 1e-9) / 10, 0.1), language, decimals=1)
