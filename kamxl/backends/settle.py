"""What is decided over all rows, after scores and conditions: need, policy, hold, capacity, overrides.

Shared by the runners: they hand over codes and bits, never cells. Pure Python, linear in the rows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from kamxl.backends import Override
from kamxl.language.model import CategoryRule
from kamxl.plan import Match, Plan, Settle
from kamxl.problems import Place, Problem, Severity, suggest
from kamxl.records import dataclass, field
from kamxl.table import Cell, Table
from kamxl.values import fold, is_blank, quantise, read_cell, text_of


@dataclass(frozen=True, slots=True)
class Classified:
    """What the rows say by themselves. Shapes: all (n,); matches and held hold one bit per category rule."""

    score: Sequence[float]
    completeness: Sequence[float]
    usable: Sequence[bool]
    matches: Sequence[Sequence[bool]]
    held: Sequence[Sequence[bool]]


@dataclass(slots=True)
class Outcome:
    """Categories of all rows, and why they differ from a plain first match."""

    score: list[float]
    category: list[int]
    rule_category: list[int]
    held: frozenset[int] = frozenset()
    waiting: dict[int, int] = field(default_factory=dict)
    overrides: dict[int, Override] = field(default_factory=dict)
    problems: dict[int, tuple[Problem, ...]] = field(default_factory=dict)


def settle(plan: Plan, table: Table, rows: Classified, previous: Sequence[int]) -> Outcome:
    """The category of each row.

    Shapes: previous (n,), last time's category as index of `categories.all_rules`, -1 for none.
    """
    outcome = Outcome(list(rows.score), [], [])
    held = set()
    for index, usable in enumerate(rows.usable):
        category, is_held = (
            _first_category(plan, rows, index, previous[index], outcome, table) if usable else (-1, False)
        )
        outcome.category.append(category)
        if is_held:
            held.add(index)
    outcome.held = frozenset(held)
    fill_capacity(plan, table, rows, previous, outcome)
    outcome.rule_category = list(outcome.category)
    apply_overrides(plan, table, outcome)
    return outcome


def _first_category(
    plan: Plan, rows: Classified, index: int, previous: int, outcome: Outcome, table: Table
) -> tuple[int, bool]:
    found = category_of(
        plan.match, rows.score[index], rows.completeness[index], rows.matches[index], rows.held[index], previous
    )
    if found.clash:
        outcome.problems[index] = (clash_problem(plan, table, index, found.clash),)
    return found.category, found.is_held


@dataclass(frozen=True, slots=True)
class Found:
    """The category of one row before capacity, whether only the hold keeps it, and rules that clash under `unique`."""

    category: int
    is_held: bool = False
    clash: tuple[int, ...] = ()


def category_of(
    match: Match, score: float, completeness: float, matches: Sequence[bool], held: Sequence[bool], previous: int
) -> Found:
    """The category of one row by need, policy and hold; -1 for none. Shapes: matches and held one bit per rule."""
    need_index = len(match.rules) if match.need is not None else -1
    if math.isnan(score):
        return Found(need_index)
    if match.need is not None and not quantise(completeness) >= quantise(match.need):
        return Found(need_index)
    if match.unique:
        found = tuple(rule for rule, hit in enumerate(matches) if hit and match.rules[rule].when is not None)
        if len(found) > 1:
            return Found(-1, clash=found)
    return Found(*next_match(match, matches, held, previous, 0))


def next_match(
    match: Match, matches: Sequence[bool], held: Sequence[bool], previous: int, start: int
) -> tuple[int, bool]:
    """(index of the first rule from `start` on that takes the row, whether only by the hold); (-1, False) for none."""
    for index in range(start, len(match.rules)):
        if matches[index]:
            return index, False
        if previous == index and held[index]:
            return index, True
    return -1, False


def clash_problem(plan: Plan, table: Table, index: int, found: Sequence[int]) -> Problem:
    """What is said of a client that two rules take under the policy `unique`. Shapes: found holds rule indexes."""
    keys = [plan.match.rules[rule].key for rule in found]
    client = client_name(plan, table, index)
    listed = ", ".join(f"`{key}`" for key in keys)
    return Problem(
        "KX406",
        f"two categories match client {client}: {listed}",
        table.place(index, max(plan.id_column, 0)),
        help="make the conditions exclude each other, or write `policy: first`",
    )


def client_name(plan: Plan, table: Table, index: int) -> str:
    """How messages name the client of a row."""
    return _text_at(table, plan.id_column, index) or f"in row {index + 1}"


def fill_capacity(plan: Plan, table: Table, rows: Classified, previous: Sequence[int], outcome: Outcome) -> None:
    """Best scores first up to `at_most`; the rest waits and goes to the next rule that takes it."""
    held = set(outcome.held)
    for rule_index, rule in enumerate(plan.match.rules):
        if rule.at_most is None:
            continue
        inside = [index for index, category in enumerate(outcome.category) if category == rule_index]
        if len(inside) <= rule.at_most:
            continue
        inside.sort(key=lambda index: (-quantise(rows.score[index]), fold(client_name(plan, table, index)), index))
        for index in inside[rule.at_most :]:
            outcome.waiting.setdefault(index, rule_index)
            category, is_held = next_match(
                plan.match, rows.matches[index], rows.held[index], previous[index], rule_index + 1
            )
            outcome.category[index] = category
            (held.add if is_held else held.discard)(index)
    outcome.held = frozenset(held)


def category_by_text(plan: Plan) -> dict[str, int]:
    """Index in `all_rules` by folded key and label in every language."""
    found: dict[str, int] = {}
    for index, rule in enumerate(plan.rules.categories.all_rules):
        for text in (*rule.label.all_texts(), rule.key):
            found.setdefault(fold(text), index)
    return found


def previous_categories(plan: Plan, table: Table) -> list[int]:
    """Last time's category of each row, from the Category column that a run has left; -1 for none."""
    column = plan.settle.previous
    if column < 0:
        return [-1] * table.row_count
    known = category_by_text(plan)
    cache: dict[Cell, int] = {}
    result = []
    for cell in table.columns[column]:
        key = cell if isinstance(cell, str) else None
        if key not in cache:
            cache[key] = known.get(fold(key), -1) if key else -1
        result.append(cache[key])
    return result


def apply_overrides(plan: Plan, table: Table, outcome: Outcome) -> None:
    """Valid overrides replace the category; the others become problems and are not applied."""
    columns = plan.settle
    if columns.override < 0:
        return
    known = category_by_text(plan)
    for index, cell in enumerate(table.columns[columns.override]):
        if cell is None or cell == "" or is_blank(cell):
            continue
        found = _read_override(plan, table, columns, index, known)
        if isinstance(found, Problem):
            outcome.problems[index] = (*outcome.problems.get(index, ()), found)
        else:
            outcome.overrides[index] = found
            outcome.category[index] = found.category


def _read_override(plan: Plan, table: Table, columns: Settle, index: int, known: dict[str, int]) -> Override | Problem:
    text = text_of(table.columns[columns.override][index])
    client = client_name(plan, table, index)
    place = table.place(index, columns.override)
    category = known.get(fold(text), -1)
    if category < 0:
        labels = [_label(rule, plan) for rule in plan.rules.categories.all_rules]
        return _not_applied(f"override `{text}` of {client} is not a category", place, suggest(text, labels))
    reason = _text_at(table, columns.reason, index)
    if not reason:
        return _not_applied(f"override of {client} has no reason", place, "fill in the column Override reason")
    until: float | None = None
    cell = table.columns[columns.until][index] if columns.until >= 0 else None
    if not is_blank(cell):
        reading = read_cell(cell, "date", decimal_comma=plan.rules.decimal_comma)
        if not isinstance(reading.value, float):
            return _not_applied(f"override of {client}: {reading.message}", place, "write a date such as 2026-12-31")
        until = reading.value
        if math.floor(until) < math.floor(plan.as_of):
            return _not_applied(
                f"override of {client} has expired", place, "renew Override until, or clear the override"
            )
    return Override(category, reason, _text_at(table, columns.author, index), until)


def _label(rule: CategoryRule, plan: Plan) -> str:
    return rule.label.text(plan.rules.language)


def _not_applied(message: str, place: Place, hint: str) -> Problem:
    return Problem("KX407", message, place, Severity.WARNING, help=hint)


def _text_at(table: Table, column: int, index: int) -> str:
    cell = table.columns[column][index] if column >= 0 else None
    return "" if is_blank(cell) else text_of(cell)
