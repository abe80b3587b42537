"""RuleSet and headers to a Plan: an ordered, closed set of frozen operations on columns.

Every backend carries out the same operations in the same order; `explain` walks them for one row. Knows nothing of how
a backend works or where a table lives.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from kamxl.language.expression import RELATIVE_FUNCTIONS, Call, Name, Node, names_in
from kamxl.language.model import Expression, MissingPolicy, RuleSet, Scale
from kamxl.language.rewrite import relax, replace_nodes
from kamxl.problems import Place, Problem, nearest
from kamxl.records import dataclass
from kamxl.values import Kind, fold, serial_of


@dataclass(frozen=True, slots=True)
class Read:
    """Take a column of the table. `counts`: an unusable cell in it leaves its row unscored.

    Units: index is the 0-based column of the table; -1 where the workbook has none, and all answers are missing.
    """

    name: str
    kind: Kind
    index: int
    counts: bool
    choices: tuple[str, ...] = ()
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Derive:
    """Compute a column from others, row by row."""

    name: str
    of: Node


@dataclass(frozen=True, slots=True)
class Relate:
    """Compute a column that looks at all rows: percentile or cumulative_share of an expression.

    percentile(x): share of the other answered rows whose x is lower, (rank - 1) / (n - 1), 0 for a single row.
    cumulative_share(x): sum of the positive x that are at least as large / sum of all positive x.
    """

    name: str
    function: str
    of: Node


@dataclass(frozen=True, slots=True)
class Mark:
    """Points of one criterion. `needed` is what `as is` marks are measured against: 0 to the scale."""

    criterion: str
    family: str
    of: Node
    scale: Scale
    missing: MissingPolicy


@dataclass(frozen=True, slots=True)
class Combine:
    """Family score from the points of its criteria; missing where the family does not apply or nothing is answered.

    Shapes: criteria and weights (k,). Units: 0 to 100; `at_most` caps it.
    """

    family: str
    criteria: tuple[str, ...]
    weights: tuple[float, ...]
    applies: Node | None
    at_most: float | None


@dataclass(frozen=True, slots=True)
class Total:
    """Score (0 to 100) and completeness (0 to 1) from the families. Shapes: families and weights (k,)."""

    families: tuple[str, ...]
    weights: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class MatchRule:
    """One category rule: `when` None always matches; `held` is the condition relaxed by the hold points."""

    key: str
    when: Node | None
    held: Node | None
    at_most: int | None


@dataclass(frozen=True, slots=True)
class Match:
    """Category of each row: `need` first, then the rules by policy. Results index `categories.all_rules`."""

    rules: tuple[MatchRule, ...]
    unique: bool
    need: float | None


@dataclass(frozen=True, slots=True)
class Settle:
    """Capacity over all rows, then valid overrides. Columns are indexes in the table, -1 where there is none."""

    override: int
    reason: int
    author: int
    until: int
    previous: int


Operation = Read | Derive | Relate | Mark | Combine | Total | Match | Settle

OVERRIDE_HEADERS: dict[str, tuple[str, ...]] = {
    "override": ("Override", "Dérogation"),
    "reason": ("Override reason", "Motif de la dérogation"),
    "author": ("Override by", "Dérogation par"),
    "until": ("Override until", "Dérogation jusqu'au", "Dérogation jusqu’au"),
}
CATEGORY_HEADERS = ("Category", "Catégorie")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done to the columns of one table under one rule set.

    Units: as_of is a serial (days since 1899-12-30).
    """

    rules: RuleSet
    headers: tuple[str, ...]
    as_of: float
    operations: tuple[Operation, ...]
    id_column: int = -1

    def reads(self) -> tuple[Read, ...]:
        """The columns that the plan takes from the table."""
        return tuple(step for step in self.operations if isinstance(step, Read))

    def marks(self) -> tuple[Mark, ...]:
        """The criteria, in file order."""
        return tuple(step for step in self.operations if isinstance(step, Mark))

    def combines(self) -> tuple[Combine, ...]:
        """The families, in file order."""
        return tuple(step for step in self.operations if isinstance(step, Combine))

    @property
    def total(self) -> Total:
        """The one Total operation."""
        return next(step for step in self.operations if isinstance(step, Total))

    @property
    def match(self) -> Match:
        """The one Match operation."""
        return next(step for step in self.operations if isinstance(step, Match))

    @property
    def settle(self) -> Settle:
        """The one Settle operation."""
        return next(step for step in self.operations if isinstance(step, Settle))

    @property
    def is_relative(self) -> bool:
        """Whether any result of a row depends on the other rows."""
        capacity = any(rule.at_most is not None for rule in self.match.rules)
        return capacity or any(isinstance(step, Relate) for step in self.operations)


def compile_plan(
    rules: RuleSet, headers: Sequence[str], *, as_of: dt.date | None = None, place: Place | None = None
) -> tuple[Plan | None, tuple[Problem, ...]]:
    """The plan for a table with these headers, and the problems of rules against columns.

    Shapes: headers in table order. `as_of` overrules the date of the rule file; today where neither says.
    Errors: none are raised; the plan is None where a column that the rules need is missing or ambiguous.
    """
    where = place or Place()
    positions = _positions(headers)
    reads, problems = _bind_columns(rules, headers, positions, where)
    settle, id_column, more = _bind_roles(rules, headers, positions, where)
    problems += more
    if problems:
        return None, tuple(problems)
    day = as_of or rules.as_of or dt.date.today()
    operations = [*reads, *_calculations(rules), settle]
    return Plan(rules, tuple(headers), serial_of(day), tuple(operations), id_column), ()


def needed_names(rules: RuleSet) -> frozenset[str]:
    """Columns and derived columns that a score or a category depends on."""
    derived = {column.key: column.expression.node for column in rules.derived}
    nodes: list[Node] = [criterion.of.node for _, criterion in rules.criteria]
    nodes += [family.applies.node for family in rules.families if family.applies is not None]
    nodes += [rule.when.node for rule in rules.categories.rules if rule.when is not None]
    found: set[str] = set()
    waiting = [name for node in nodes for name in names_in(node)]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            if name in derived:
                waiting.extend(names_in(derived[name]))
    return frozenset(found)


def _positions(headers: Sequence[str]) -> dict[str, list[int]]:
    positions: dict[str, list[int]] = {}
    for index, header in enumerate(headers):
        positions.setdefault(fold(header), []).append(index)
    return positions


def _find(names: Sequence[str], positions: dict[str, list[int]]) -> list[int]:
    return sorted({index for name in names for index in positions.get(fold(name), ())})


def find_identity(rules: RuleSet, headers: Sequence[str]) -> int:
    """Position of what clients are known by: the column with role `id`, else the one with role `name`; -1 for none."""
    positions = _positions(headers)
    for role in ("id", "name"):
        column = rules.column_with_role(role)
        found = _find(column.headers, positions) if column is not None else []
        if found:
            return found[0]
    return -1


def _bind_columns(
    rules: RuleSet, headers: Sequence[str], positions: dict[str, list[int]], where: Place
) -> tuple[list[Read], list[Problem]]:
    needed = needed_names(rules)
    reads: list[Read] = []
    problems: list[Problem] = []
    for column in rules.columns:
        found = _find(column.headers, positions)
        counts = column.key in needed
        if len(found) > 1 and (counts or column.role):
            problems.append(_twice(column.key, [headers[index] for index in found], found, where))
        if not found and counts and not column.optional:
            problems.append(_missing(column.headers, headers, where, column.place))
        index = found[0] if found else -1
        reads.append(Read(column.key, column.kind, index, counts, column.choices, column.unit))
    return reads, problems


def _twice(key: str, found_headers: list[str], found: list[int], where: Place) -> Problem:
    listed = " and ".join(
        f"`{header}` (column {index + 1})" for header, index in zip(found_headers, found, strict=True)
    )
    return Problem(
        "KX302",
        f"two headers answer to `{key}`: {listed}",
        where,
        help="rename one of the two columns in the workbook, or list only one header in the rule file",
    )


def _missing(wanted: Sequence[str], headers: Sequence[str], where: Place, rule_place: Place) -> Problem:
    guesses = [guess for name in wanted if (guess := nearest(name, [header for header in headers if header.strip()]))]
    hint = f"the nearest header is `{guesses[0]}`; " if guesses else ""
    return Problem(
        "KX301",
        f"column `{wanted[0]}` is not in the workbook",
        where,
        help=f"{hint}rename the header, add it to `headers:` in the rule file, or mark the column `optional: yes`",
        notes=(("the rule file asks for it here", rule_place),),
    )


def _bind_roles(
    rules: RuleSet, headers: Sequence[str], positions: dict[str, list[int]], where: Place
) -> tuple[Settle, int, list[Problem]]:
    problems: list[Problem] = []
    columns: dict[str, int] = {}
    wanted = {**OVERRIDE_HEADERS, "previous": CATEGORY_HEADERS}
    for role, names in wanted.items():
        found = _find(names, positions)
        if len(found) > 1 and role == "previous":
            # Two columns of the user's own may be called Category and Catégorie: neither is last time's answer.
            found = []
        if len(found) > 1:
            problems.append(_twice(role, [headers[index] for index in found], found, where))
        columns[role] = found[0] if found else -1
    return Settle(**columns), find_identity(rules, headers), problems


class _Relatives:
    """Takes portfolio-relative calls out of expressions and numbers them."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, Node], str] = {}
        self.fresh: list[Relate] = []

    def take(self, node: Node) -> Node:
        return replace_nodes(node, self._swap)

    def _swap(self, node: Node) -> Node | None:
        if not isinstance(node, Call) or node.function not in RELATIVE_FUNCTIONS:
            return None
        inner = self.take(node.arguments[0])
        key = (node.function, inner)
        if key not in self.known:
            self.known[key] = f"{node.function}#{len(self.known) + 1}"
            self.fresh.append(Relate(self.known[key], node.function, inner))
        return Name(self.known[key], "number", node.span)

    def drain(self) -> list[Relate]:
        fresh, self.fresh = self.fresh, []
        return fresh


def _calculations(rules: RuleSet) -> list[Operation]:
    relatives = _Relatives()
    steps: list[Operation] = []

    def node_of(expression: Expression | None) -> Node | None:
        return relatives.take(expression.node) if expression is not None else None

    for column in rules.derived:
        node = relatives.take(column.expression.node)
        steps += [*relatives.drain(), Derive(column.key, node)]
    for family in rules.families:
        applies = node_of(family.applies)
        for criterion in family.criteria:
            of = relatives.take(criterion.of.node)
            steps += [
                *relatives.drain(),
                Mark(criterion.key, family.key, of, criterion.scale, criterion.missing),
            ]
        keys = tuple(criterion.key for criterion in family.criteria)
        weights = tuple(criterion.weight for criterion in family.criteria)
        steps += [*relatives.drain(), Combine(family.key, keys, weights, applies, family.at_most)]
    steps.append(Total(tuple(f.key for f in rules.families), tuple(f.weight for f in rules.families)))
    match = _match(rules, relatives)
    return [*steps, *relatives.drain(), match]


def _match(rules: RuleSet, relatives: _Relatives) -> Match:
    categories = rules.categories
    points = {family.key for family in rules.families} | {"score"}
    matches = []
    for rule in categories.rules:
        when = relatives.take(rule.when.node) if rule.when is not None else None
        held = relax(when, points, categories.hold) if when is not None and categories.hold else None
        matches.append(MatchRule(rule.key, when, held, rule.at_most))
    need = categories.need.completeness if categories.need is not None else None
    return Match(tuple(matches), categories.policy == "unique", need)
