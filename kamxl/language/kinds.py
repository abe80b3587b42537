"""How the result of an expression is shown: as money, a share, a date or a plain number, by the columns that it reads.

A guess for words and formats only: nothing is computed by it.
"""

from __future__ import annotations

import re

from kamxl.language.expression import Arithmetic, Call, Name, Negative, Node
from kamxl.language.model import RuleSet

# Numbers divided by numbers: only the name tells that a share is meant.
_SHARE = re.compile(r"(^|_)(rate|share|taux|part)(_|$)")


def shown_as(node: Node, rules: RuleSet) -> str:
    """What an expression yields: money when it adds money up, a share when it divides money by money."""
    match node:
        case Name(name=name, kind=kind):
            return _kind_of_name(name, rules) if kind != "date" else "date"
        case Negative(operand=operand):
            return shown_as(operand, rules)
        case Call(function=function, arguments=arguments):
            if function in ("min", "max", "abs", "round", "coalesce"):
                return shown_as(arguments[0], rules)
            if function == "if":
                return shown_as(arguments[1], rules)
            return "percent" if function in ("percentile", "cumulative_share") else "number"
        case Arithmetic(first=first, rest=rest):
            return _kind_of_chain(shown_as(first, rules), [(sign, shown_as(term, rules)) for sign, term in rest])
    return "number"


def _kind_of_name(name: str, rules: RuleSet) -> str:
    column = rules.column(name)
    if column is not None:
        return column.kind
    if name == "completeness":
        return "percent"
    derived = next((each for each in rules.derived if each.key == name), None)
    if derived is None:
        return "number"
    node = derived.expression.node
    found = shown_as(node, rules)
    # Money divided by a plain number may be money per head; a name that says share settles it.
    is_quotient = isinstance(node, Arithmetic) and any(sign == "/" for sign, _ in node.rest)
    return "percent" if _SHARE.search(name) and (found == "number" or is_quotient) else found


def _kind_of_chain(found: str, rest: list[tuple[str, str]]) -> str:
    for sign, kind in rest:
        if sign in "+-" and kind in ("money", "percent"):
            found = kind
        elif sign == "/" and found == kind == "money":
            found = "percent"
        elif sign == "/" and kind != "number":
            found = "number"
        elif sign == "*" and found in ("number", "percent") and kind == "money":
            found = "money"
        elif sign == "*" and found == "percent" and kind == "number":
            found = "number"
    return found
