"""The answers that make a client known well enough to be classified, whatever they turn out to be.

An answer may decide whether a family applies at all: a revenue makes a prospect a client with a history to be known.
Both outcomes are then counted, and only what is enough in each of them is advised.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from kamxl.evidence import Part
from kamxl.language.expression import Name
from kamxl.trial import Trials
from kamxl.values import Value, quantise


def answers_needed(trials: Trials, index: int) -> tuple[str, ...]:
    """Criteria to answer, each with the blank columns behind a computed one; empty where no answers are enough."""
    row, groups = trials.row(index), trials.explainer.groups
    # All that it depends on; clients by the thousand lack the same few answers.
    lacking = tuple([part.compute(row) is None for group in groups for part in group.parts])
    blank = tuple([row[column] is None for column in trials.answering])
    applies = tuple([group.applies is None or group.applies(row) is True for group in groups])
    about = (lacking, blank, applies)
    if about not in trials.needed:
        trials.needed[about] = tuple(_named(trials, row, part) for part in parts_needed(trials, index))
    return trials.needed[about]


def parts_needed(trials: Trials, index: int) -> tuple[Part, ...]:
    """The fewest criteria that must be answered, heaviest first; empty where no answers are enough."""
    row, need = trials.row(index), trials.explainer.match.need or 0.0
    chosen: list[Part] = []
    while quantise(_least_known(trials, row, chosen)) < quantise(need):
        left = [part for part in _unanswered(trials, row, chosen) if not _is_known(trials, row, part, chosen)]
        if not left:
            return ()
        chosen.append(max(left, key=lambda part: part.share))
    return tuple(chosen)


def _named(trials: Trials, row: dict[str, Value], part: Part) -> str:
    node, blank = part.criterion.of.node, _blank_columns(trials, row, part)
    if not blank or (isinstance(node, Name) and node.name in blank):
        return part.label
    return f"{part.label} ({', '.join(trials.explainer.wording.name(column) for column in blank)})"


def _blank_columns(trials: Trials, row: dict[str, Value], part: Part) -> list[str]:
    return [column for column in trials.levers(part.criterion.of.node) if row[column] is None]


def blank_columns(trials: Trials, row: dict[str, Value], parts: Sequence[Part]) -> frozenset[str]:
    """The blank columns that keep criteria from being answered."""
    return frozenset(column for part in parts for column in _blank_columns(trials, row, part))


def _is_known(trials: Trials, row: dict[str, Value], part: Part, chosen: Sequence[Part]) -> bool:
    """Whether a criterion has an answer, or gets one with the columns that the chosen ones ask for."""
    if part in chosen or part.compute(row) is not None:
        return True
    blank = _blank_columns(trials, row, part)
    return bool(blank) and blank_columns(trials, row, chosen).issuperset(blank)


def _unanswered(trials: Trials, row: dict[str, Value], chosen: Sequence[Part]) -> Iterator[Part]:
    for group, may_apply in zip(trials.explainer.groups, _chances(trials, row, chosen), strict=True):
        if True in may_apply:
            yield from (part for part in group.parts if part.weight > 0 and part.compute(row) is None)


def _chances(trials: Trials, row: dict[str, Value], chosen: Sequence[Part]) -> list[tuple[bool, ...]]:
    """For each family whether it applies once the chosen criteria are answered; both where that depends on them."""
    columns = blank_columns(trials, row, chosen)
    found: list[tuple[bool, ...]] = []
    for group in trials.explainer.groups:
        applies = group.applies is None or group.applies(row) is True
        decided = columns.isdisjoint(trials.columns_behind(group.family.key))
        found.append((applies,) if decided else (True, False))
    return found


def _least_known(trials: Trials, row: dict[str, Value], chosen: Sequence[Part]) -> float:
    """The completeness with the chosen criteria answered, the lowest of all that the answers may lead to."""
    known = [
        sum(part.share for part in group.parts if _is_known(trials, row, part, chosen))
        for group in trials.explainer.groups
    ]
    weights = [group.family.weight for group in trials.explainer.groups]
    return min(_completeness(known, weights, applied) for applied in product(*_chances(trials, row, chosen)))


def _completeness(known: Sequence[float], weights: Sequence[float], applied: Sequence[bool]) -> float:
    whole = sum(weight for weight, applies in zip(weights, applied, strict=True) if applies)
    answered = sum(share for share, applies in zip(known, applied, strict=True) if applies)
    return answered / whole if whole else 0.0
