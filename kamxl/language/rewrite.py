"""Expression trees changed into other trees: nodes replaced, thresholds relaxed. No evaluation."""

from __future__ import annotations

from collections.abc import Callable, Collection

from kamxl.language.expression import (
    Arithmetic,
    Between,
    Call,
    Compare,
    Constant,
    In,
    IsMissing,
    Logic,
    Name,
    Negative,
    Node,
    Not,
    walk,
)
from kamxl.records import replace


def replace_nodes(node: Node, swap: Callable[[Node], Node | None]) -> Node:
    """The tree in which every node for which `swap` gives another one is that other one, top first."""
    swapped = swap(node)
    if swapped is not None:
        return swapped

    def inside(part: Node) -> Node:
        return replace_nodes(part, swap)

    match node:
        case Constant() | Name():
            return node
        case Arithmetic():
            rest = tuple((operator, inside(term)) for operator, term in node.rest)
            return replace(node, first=inside(node.first), rest=rest)
        case Negative() | Not() | IsMissing() | In():
            return replace(node, operand=inside(node.operand))
        case Compare():
            return replace(node, left=inside(node.left), right=inside(node.right))
        case Logic():
            return replace(node, terms=tuple(inside(term) for term in node.terms))
        case Between():
            return replace(node, operand=inside(node.operand), low=inside(node.low), high=inside(node.high))
        case Call():
            return replace(node, arguments=tuple(inside(argument) for argument in node.arguments))


def relax(node: Node, points: Collection[str], hold: float) -> Node:
    """A condition in which every threshold on points is easier by `hold` points.

    `points` are the names measured in points (families and score). Under `not`, easier means the other direction.
    """
    match node:
        case Logic():
            return replace(node, terms=tuple(relax(term, points, hold) for term in node.terms))
        case Not():
            return replace(node, operand=relax(node.operand, points, -hold))
        case Compare(operator=">=" | ">") if _is_points(node.left, points):
            return replace(node, right=_shift(node.right, -hold))
        case Compare(operator="<=" | "<") if _is_points(node.left, points):
            return replace(node, right=_shift(node.right, hold))
        case Compare(operator=">=" | ">") if _is_points(node.right, points):
            return replace(node, left=_shift(node.left, hold))
        case Compare(operator="<=" | "<") if _is_points(node.right, points):
            return replace(node, left=_shift(node.left, -hold))
        case Between() if _is_points(node.operand, points):
            return replace(node, low=_shift(node.low, -hold), high=_shift(node.high, hold))
        case _:
            return node


def _is_points(node: Node, points: Collection[str]) -> bool:
    return any(isinstance(part, Name) and part.name in points for part in walk(node))


def _shift(node: Node, by: float) -> Node:
    if isinstance(node, Constant) and isinstance(node.value, float):
        return replace(node, value=node.value + by)
    return Arithmetic(node, (("+", Constant(by, "number", node.span)),), node.span)
