"""What a category condition says of one client: which of its parts hold, which fail and by how much, in words."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Literal

from kamxl.backends.row_expressions import Row, compile_expression, truth
from kamxl.language.expression import (
    Between,
    Compare,
    Constant,
    In,
    IsMissing,
    Logic,
    Name,
    Node,
    Not,
    names_in,
)
from kamxl.language.kinds import shown_as
from kamxl.language.model import RuleSet
from kamxl.phrases import either, say, write_date, write_number, write_percent
from kamxl.records import dataclass
from kamxl.values import Value

# A condition of more alternatives than this is told as a whole, not part by part.
MOST_ALTERNATIVES = 24
_SIGNS = {"=": "=", "<>": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥"}


@dataclass(frozen=True, slots=True)
class Atom:
    """A part of a condition that is judged by itself, with what computes it on a row."""

    node: Node
    test: Callable[[Row], Value]
    names: tuple[str, ...]

    def holds(self, row: Row) -> bool:
        """Whether the part is true for a row."""
        return truth(self.test(row))


@lru_cache(maxsize=512)
def alternatives(node: Node, as_of: float) -> tuple[tuple[Atom, ...], ...]:
    """The condition as alternatives of parts that must hold together: (a and b) or c gives ((a, b), (c,))."""
    try:
        found = _spread(node)
    except OverflowError:
        found = [[node]]
    return tuple(
        tuple(Atom(part, compile_expression(part, as_of), names_in(part)) for part in parts) for parts in found
    )


def _spread(node: Node) -> list[list[Node]]:
    if isinstance(node, Not) and isinstance(node.operand, Logic):
        terms = tuple(Not(term, term.span) for term in node.operand.terms)
        return _spread(Logic("or" if node.operand.operator == "and" else "and", terms, node.span))
    if isinstance(node, Not) and isinstance(node.operand, Not):
        return _spread(node.operand.operand)
    if not isinstance(node, Logic):
        return [[node]]
    if node.operator == "or":
        found = [parts for term in node.terms for parts in _spread(term)]
    else:
        found = [[]]
        for term in node.terms:
            found = [left + right for left in found for right in _spread(term)]
            if len(found) > MOST_ALTERNATIVES:
                raise OverflowError
    if len(found) > MOST_ALTERNATIVES:
        raise OverflowError
    return found


Form = Literal["date", "percent", "tenths", "plain"]


@dataclass(frozen=True, slots=True)
class Telling:
    """Words with gaps `{0}`, `{1}`… for values; a gap is (what is computed, the expression whose form it takes)."""

    text: str
    gaps: tuple[tuple[Node, Node], ...]


def _plain(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


class Wording:
    """Names and values of one rule set in one language."""

    def __init__(self, rules: RuleSet, language: str) -> None:
        self.language = language
        self._names = {column.key: column.label.text(language) for column in rules.columns}
        self._names |= {column.key: column.label.text(language) for column in rules.derived if column.label.texts}
        self._names |= {family.key: family.label.text(language) for family in rules.families}
        self._names |= {name: say(name, language).lower() for name in ("score", "completeness")}
        self._rules = rules
        self._kinds: dict[Node, str] = {}
        self._numbers = {family.key for family in rules.families} | {"score"}

    def name(self, key: str) -> str:
        """How a column, derived column or family is called."""
        return self._names.get(key) or key.replace("_", " ")

    def node(self, node: Node) -> str:
        """How an expression is called: its name, or its text for a computed one."""
        if isinstance(node, Name):
            return self.name(node.name)
        return " ".join(self.name(name) for name in names_in(node)) or "?"

    def value(self, value: Value, node: Node) -> str:
        """A value as the language writes it, in the form of the column that an expression reads."""
        if value is None:
            return say("missing", self.language)
        if isinstance(value, bool):
            return say("yes" if value else "no", self.language)
        if isinstance(value, str):
            return value
        return self.number(value, node)

    def form(self, node: Node) -> Form:
        """How the numbers of an expression are written: by the column that it stands for."""
        kind = self._kinds.get(node)
        if kind is None:
            kind = self._kinds[node] = shown_as(node, self._rules)
        if kind in ("date", "percent"):
            return "date" if kind == "date" else "percent"
        return "tenths" if isinstance(node, Name) and node.name in self._numbers else "plain"

    def number(self, number: float, node: Node) -> str:
        """A number as the language writes it: date, percent, money or plain by the column that it stands for."""
        match self.form(node):
            case "date":
                return write_date(number)
            case "percent":
                return write_percent(number, self.language)
            case "tenths":
                return write_number(number, self.language, decimals=1)
            case _:
                return write_number(number, self.language, decimals=0 if abs(number) >= 1000 else 3)

    def telling(self, node: Node) -> Telling:
        """How a part of a condition is told of any client: `History {0} ≥ 60`."""
        match node:
            case Compare(left=left, operator=operator, right=right):
                if operator == "=" and isinstance(right, Constant):
                    return self._is(left)
                wanted = self.value(right.value, left) if isinstance(right, Constant) else self.node(right)
                return Telling(f"{_plain(self.node(left))} {{0}} {_SIGNS[operator]} {_plain(wanted)}", ((left, left),))
            case In(operand=subject):
                return self._is(subject)
            case Between(operand=operand, low=low, high=high):
                name = _plain(self.node(operand))
                text = say("between", self.language, name=name, value="{0}", low="{1}", high="{2}")
                return Telling(text, ((operand, operand), (low, operand), (high, operand)))
            case Not(operand=Compare(left=subject) | In(operand=subject) | Between(operand=subject)):
                return self._is(subject)
            case IsMissing(operand=operand):
                text = say("is_missing", self.language, name=self.node(operand))
            case Not(operand=IsMissing(operand=operand)):
                text = say("is_answered", self.language, name=self.node(operand))
            case Not(operand=Name() as name):
                text = say("not", self.language, what=self.node(name))
            case _:
                text = self.node(node)
        return Telling(_plain(text), ())

    def _is(self, subject: Node) -> Telling:
        text = say("is", self.language, name=_plain(self.node(subject)), value="{0}")
        return Telling(text, ((subject, subject),))

    def atom(self, atom: Atom, compute: Callable[[Node], Value]) -> str:
        """A part of a condition with the client's own value: `History 78 ≥ 60`."""
        telling = self.telling(atom.node)
        return telling.text.format(*[self.value(compute(node), form) for node, form in telling.gaps])

    def wanted(self, node: Node) -> str:
        """What a failing part of a condition asks for."""
        match node:
            case Compare(operator=operator, left=left, right=right):
                text = self.value(right.value, left) if isinstance(right, Constant) else self.node(right)
                return text if operator == "=" else f"{_SIGNS[operator]} {text}"
            case In(operand=operand, choices=choices):
                return either([self.value(choice.value, operand) for choice in choices], self.language)
            case Between(operand=operand, low=Constant() as low, high=Constant() as high):
                ends = (self.value(low.value, operand), self.value(high.value, operand))
                return say("and", self.language).join(ends)
            case Name():
                return say("yes", self.language)
            case Not(operand=Name()):
                return say("no", self.language)
            case _:
                return self.node(node)
