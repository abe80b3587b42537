"""Lint `out-of-reach`: thresholds on families, score or completeness that weights and scales do not allow.

Exact in this direction: a threshold that is reported cannot be reached. One that is not reported may still be out of
reach where two criteria read the same column.
"""

from __future__ import annotations

from collections.abc import Iterator

from kamxl.language.expression import Between, Compare, Name, Node, walk
from kamxl.language.lint.cases import constant_of
from kamxl.language.lint.findings import Finding, Subject
from kamxl.language.lint.ranges import Range
from kamxl.language.lint.wording import show_edge
from kamxl.language.model import Expression
from kamxl.problems import Problem
from kamxl.values import quantise

_MIRROR = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "="}


def find_thresholds_out_of_reach(subject: Subject) -> Iterator[Problem]:
    """Thresholds above the best or below the worst that clients can have with these weights."""
    for rule, when in subject.rules_with_conditions():
        for node in walk(when.node):
            if id(node) in subject.settled:
                continue
            for name, operator, threshold, part in _thresholds(node):
                found = _check(subject, when, name, operator, threshold, part)
                if found is not None:
                    subject.settled.add(id(node))
                    if node is when.node:
                        subject.dead.add(rule.key)
                    yield found


def _thresholds(node: Node) -> Iterator[tuple[str, str, float, Node]]:
    """(name, operator, threshold, the part to point at) of a comparison of a name with a number."""
    match node:
        case Compare(left=Name(name=name), right=right) if isinstance(number := constant_of(right), float):
            yield name, node.operator, number, right
        case Compare(left=left, right=Name(name=name)) if isinstance(number := constant_of(left), float):
            yield name, _MIRROR.get(node.operator, ""), number, left
        case Between(operand=Name(name=name), low=low, high=high):
            for operator, part in ((">=", low), ("<=", high)):
                if isinstance(number := constant_of(part), float):
                    yield name, operator, number, part


def _check(
    subject: Subject, when: Expression, name: str, operator: str, threshold: float, part: Node
) -> Problem | None:
    reach = subject.cases.reaches.get(name)
    if reach is None:
        return None
    place = subject.inside(when, part)
    worded = _show(name, threshold)
    if not _is_reachable(reach.any_client, operator, threshold):
        limits = f"{_show(name, reach.any_client.low)} to {_show(name, reach.any_client.high)}"
        message = f"no client can have `{name} {operator} {worded}`: weights and scales allow {limits}"
        return subject.problem("KX209", message, place, Finding(help=_advice(operator)))
    if name != "completeness" and not _is_reachable(reach.answered, operator, threshold):
        limits = f"{_show(name, reach.answered.low)} to {_show(name, reach.answered.high)}"
        message = f"only clients with blank answers can have `{name} {operator} {worded}`: all answers give {limits}"
        return subject.problem("KX209", message, place, Finding(help=_advice(operator)))
    return None


def _is_reachable(reach: Range, operator: str, threshold: float) -> bool:
    low, high, edge = quantise(reach.low), quantise(reach.high), quantise(threshold)
    match operator:
        case ">=":
            return high >= edge
        case ">":
            return high > edge
        case "<=":
            return low <= edge
        case "<":
            return low < edge
        case "=":
            return low <= edge <= high
        case _:
            return True


def _advice(operator: str) -> str:
    return "lower the threshold, or change weights and points" if ">" in operator else "change the threshold"


def _show(name: str, number: float) -> str:
    return f"{show_edge(float(f'{number * 100:.12g}'))}%" if name == "completeness" else show_edge(quantise(number))
