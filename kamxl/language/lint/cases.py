"""Conditions of a rule set as boxes over quantities: the ground of every lint that reasons about clients.

Two passes: every condition of the rule set is turned into a formula first, which notes its thresholds; then cells are
cut, and formulas become boxes on demand. Quantities are taken as independent of each other, which makes a "no client
can" exact and a "there is a client" one that `is_certain` tells apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kamxl.language.expression import (
    Between,
    Call,
    Compare,
    Constant,
    In,
    IsMissing,
    Logic,
    Name,
    Node,
    Not,
    kind_of,
    names_in,
    walk,
)
from kamxl.language.lint.boxes import Box, Budget, TooHard, find_uncovered, product, unite
from kamxl.language.lint.quantities import Form, Quantity
from kamxl.language.lint.ranges import EVERYTHING, Reach, expression_range, named_ranges
from kamxl.language.lint.reachable import is_independent, reachable_scores
from kamxl.language.lint.wording import join_words, show_expression
from kamxl.language.model import RuleSet
from kamxl.records import dataclass
from kamxl.values import Value, quantise

_MIRROR = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "<>": "<>"}


@dataclass(frozen=True, slots=True)
class Atom:
    """A test on one quantity."""

    quantity: int
    operator: str
    value: float | str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """`and` (every) or `or` (any) over formulas; an empty one is always true or always false."""

    every: bool
    terms: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Opposite:
    """`not`."""

    operand: Formula


Formula = Atom | Group | Opposite
TRUE, FALSE = Group(True, ()), Group(False, ())


class Cases:
    """The quantities of a rule set. State: formulas met so far, then the cells."""

    def __init__(self, rules: RuleSet) -> None:
        self.rules = rules
        self.quantities: list[Quantity] = []
        self.reaches: dict[str, Reach] = named_ranges(rules)
        self._ranges = {name: reach.any_client for name, reach in self.reaches.items()}
        self._numbers: dict[str, int] = {}
        self._formulas: dict[int, tuple[Node, Formula]] = {}
        self._derived = {derived.key: derived.expression.node for derived in rules.derived}
        self._derived_formulas: dict[str, Formula] = {}
        self._columns = _columns_behind(rules)
        for node in _condition_roots(rules):
            self._note(node)
        for quantity in self.quantities:
            quantity.cut()
        self.full = {number: quantity.full for number, quantity in enumerate(self.quantities)}
        self._boxes: dict[tuple[int, bool], tuple[Formula, list[Box] | None]] = {}

    def _note(self, root: Node) -> None:
        for node in walk(root):
            if kind_of(node) == "condition":
                self.formula(node)

    # ---- formulas

    def formula(self, node: Node) -> Formula:
        """The formula of a condition of this rule set."""
        known = self._formulas.get(id(node))
        if known is None:
            # The node is kept with its formula, so that its id is never given to another one.
            known = self._formulas[id(node)] = (node, self._read(node))
        return known[1]

    def _read(self, node: Node) -> Formula:
        match node:
            case Logic(operator=operator, terms=terms):
                return Group(operator == "and", tuple(self.formula(term) for term in terms))
            case Not(operand=operand):
                return Opposite(self.formula(operand))
            case Name(name=name):
                if name in self._derived:
                    return self._derived_formula(name)
                return Atom(self._quantity(node, "answer"), "yes")
            case Compare():
                return self._comparison(node.operator, node.left, node.right)
            case Between(operand=operand, low=low, high=high):
                ends = self._comparison(">=", operand, low), self._comparison("<=", operand, high)
                return Group(True, ends)
            case In(operand=operand, choices=choices):
                return Group(False, tuple(self._comparison("=", operand, choice) for choice in choices))
            case IsMissing(operand=operand):
                return self._is_missing(operand)
            case Call(function="if", arguments=(test, then, other)):
                test_true = self.formula(test)
                yes = Group(True, (test_true, self.formula(then)))
                no = Group(True, (Opposite(test_true), self.formula(other)))
                return Group(False, (yes, no))
            case _:
                return Atom(self._quantity(node, "answer", can_be_missing=False), "yes")

    def _derived_formula(self, name: str) -> Formula:
        if name not in self._derived_formulas:
            self._derived_formulas[name] = self.formula(self._derived[name])
        return self._derived_formulas[name]

    def _is_missing(self, operand: Node) -> Formula:
        if kind_of(operand) == "condition" and not (isinstance(operand, Name) and operand.name not in self._derived):
            return FALSE
        form: Form = "answer" if kind_of(operand) == "condition" else "number"
        return Atom(self._quantity(operand, "text" if kind_of(operand) == "text" else form), "missing")

    def _comparison(self, operator: str, left: Node, right: Node) -> Formula:
        if kind_of(left) == "condition" or kind_of(right) == "condition":
            node = Compare(operator, left, right)  # type: ignore[arg-type]
            return Atom(self._quantity(node, "answer", can_be_missing=False), "yes")
        left_value, right_value = constant_of(left), constant_of(right)
        if left_value is not None and right_value is None:
            return self._comparison(_MIRROR[operator], right, left)
        if right_value is None:
            return self._order(operator, left, right)
        if left_value is not None:
            return TRUE if _holds(operator, left_value, right_value) else FALSE
        number = self._quantity(left, "text" if kind_of(left) == "text" else "number")
        self.quantities[number].note(right_value)
        return Atom(number, operator, right_value)

    def _order(self, operator: str, left: Node, right: Node) -> Formula:
        if show_expression(left) == show_expression(right):
            missing = self._is_missing(left)
            return Opposite(missing) if operator in ("=", "<=", ">=") else FALSE
        if show_expression(left) > show_expression(right):
            left, right, operator = right, left, _MIRROR[operator]
        return Atom(self._quantity(Compare("<>", left, right), "order"), operator)

    def _quantity(self, node: Node, form: Form, *, can_be_missing: bool = True) -> int:
        while isinstance(node, Name) and isinstance(self._derived.get(node.name), Name):
            node = self._derived[node.name]
        name = show_expression(node)
        if name not in self._numbers:
            self._numbers[name] = len(self.quantities)
            self.quantities.append(self._new_quantity(node, name, form, can_be_missing=can_be_missing))
        return self._numbers[name]

    def _new_quantity(self, node: Node, name: str, form: Form, *, can_be_missing: bool) -> Quantity:
        column = self.rules.column(name) if isinstance(node, Name) else None
        body = self._derived.get(name, node) if isinstance(node, Name) else node
        families = {family.key: family for family in self.rules.families}
        family = families.get(name) if isinstance(node, Name) and form == "number" else None
        # Rules are asked only for clients with a score; with a single family that one is then answered, too.
        always = name in ("score", "completeness") or (name in families and len(families) == 1)
        return Quantity(
            name=name,
            form=form,
            kind=kind_of(node) if form != "order" else "condition",
            range=expression_range(body, self._ranges) if form == "number" else EVERYTHING,
            can_be_missing=can_be_missing and not always,
            choices=column.choices if column is not None else (),
            columns=frozenset().union(*(self._columns.get(part, frozenset()) for part in names_in(node))),
            plain=column is not None or (family is not None and is_independent(self.rules, family)),
            reachable=reachable_scores(family, self.rules.scale) if family is not None else None,
            percent=name == "completeness" or (column is not None and column.kind == "percent"),
            node=node,
        )

    # ---- boxes

    def boxes(self, formula: Formula, budget: Budget, *, opposite: bool = False) -> list[Box]:
        """The boxes of a formula, or of its opposite. Errors: TooHard."""
        key = (id(formula), opposite)
        if key not in self._boxes:
            # The formula is kept with its boxes, so that its id is never given to another one. What was too hard once
            # stays so: a long chain of derived columns must not be tried again by each of its links.
            self._boxes[key] = (formula, None)
            self._boxes[key] = (formula, self._make_boxes(formula, budget, opposite=opposite))
        found = self._boxes[key][1]
        if found is None:
            raise TooHard
        return found

    def _make_boxes(self, formula: Formula, budget: Budget, *, opposite: bool) -> list[Box]:
        budget.spend(1)
        if isinstance(formula, Opposite):
            return self.boxes(formula.operand, budget, opposite=not opposite)
        if isinstance(formula, Atom):
            quantity = self.quantities[formula.quantity]
            cells = quantity.cells(formula.operator, formula.value)
            cells = quantity.full & ~cells if opposite else cells
            if cells == quantity.full:
                return [{}]
            return [{formula.quantity: cells}] if cells else []
        if formula.every == opposite:
            return unite(box for term in formula.terms for box in self.boxes(term, budget, opposite=opposite))
        found: list[Box] = [{}]
        for term in formula.terms:
            found = product(found, self.boxes(term, budget, opposite=opposite), budget)
        return found

    def region(self) -> list[Box]:
        """Where clients can be: a family is answered only for clients to whom it applies."""
        found: list[Box] = [{}]
        for family in self.rules.families:
            number = self._numbers.get(family.key)
            if family.applies is None or number is None or not self.quantities[number].can_be_missing:
                continue
            missing = Atom(number, "missing")
            try:
                choice = Group(False, (missing, self.formula(family.applies.node)))
                found = product(found, self._make_boxes(choice, Budget(), opposite=False), Budget(2_000))
            except TooHard:
                continue
        return found

    def uncovered(self, regions: Sequence[Box], cover: Sequence[Box], budget: Budget) -> Box | None:
        """A part of the regions that no box covers. Errors: TooHard."""
        for region in regions:
            found = find_uncovered(region, cover, self.full, budget)
            if found is not None:
                return found
        return None

    # ---- examples

    def example(self, box: Box) -> dict[str, Value]:
        """A client in a box: the values of the quantities that the box limits."""
        return {self.quantities[q].name: self.quantities[q].example(cells) for q, cells in sorted(box.items())}

    def show_example(self, box: Box) -> str:
        """`a client with history 55 and rank "second"`."""
        limited = [q for q in sorted(box) if box[q] != self.full[q]]
        words = [self.quantities[q].show(self.quantities[q].example(box[q])) for q in limited]
        return f"a client with {join_words(words)}" if words else "any client"

    def is_certain(self, box: Box) -> bool:
        """Whether a client in the box surely exists: its quantities are columns or families that share no column."""
        seen: set[str] = set()
        for number in (q for q, cells in box.items() if cells != self.full[q]):
            quantity = self.quantities[number]
            if not quantity.plain or seen & quantity.columns:
                return False
            seen |= quantity.columns
        return True


def constant_of(node: Node) -> float | str | None:
    """The value of an expression without names; None where it has some (or is out of reach of this check)."""
    if isinstance(node, Constant):
        return node.value
    if any(isinstance(part, (Name, Call)) for part in walk(node)) or kind_of(node) != "number":
        return None
    found = expression_range(node, {})
    return found.low if found.low == found.high else None


def _holds(operator: str, left: float | str, right: float | str) -> bool:
    if isinstance(left, str) or isinstance(right, str):
        return (left == right) == (operator == "=")
    # As in a run: both sides at 9 decimals.
    left, right = quantise(left), quantise(right)
    return {
        "=": left == right,
        "<>": left != right,
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
    }[operator]


def _condition_roots(rules: RuleSet) -> Iterable[Node]:
    """Every expression of a rule set; derived columns first, each behind those that it reads."""
    yield from (derived.expression.node for derived in rules.derived)
    for family in rules.families:
        if family.applies is not None:
            yield family.applies.node
        yield from (criterion.of.node for criterion in family.criteria)
    yield from (rule.when.node for rule in rules.categories.rules if rule.when is not None)


def _columns_behind(rules: RuleSet) -> dict[str, frozenset[str]]:
    """The columns that each name depends on in the end."""
    found = {column.key: frozenset({column.key}) for column in rules.columns}

    def behind(nodes: Iterable[Node]) -> frozenset[str]:
        return frozenset().union(*(found.get(name, frozenset()) for node in nodes for name in names_in(node)))

    for derived in rules.derived:
        found[derived.key] = behind([derived.expression.node])
    for family in rules.families:
        nodes = [criterion.of.node for criterion in family.criteria]
        found[family.key] = behind([*nodes, family.applies.node] if family.applies is not None else nodes)
    everything = frozenset().union(*(found[family.key] for family in rules.families))
    found["score"] = found["completeness"] = everything
    return found
