"""Rules as native spreadsheet formulas: a plan and a table become live columns and the sheet *KAM Rules*.

The shared workbook then recalculates with no add-in, no macro and no Python. Knows no files: what comes out are
columns, sheets and problems, and a host writes them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from kamxl.backends import Runner, Scored
from kamxl.backends.formula_columns import (
    RELATED,
    ColumnTemplates,
)
from kamxl.backends.formula_layout import RulesLayout
from kamxl.backends.formula_limits import why_refused
from kamxl.backends.formula_parts import LiveColumn
from kamxl.backends.formula_plan import LivePlan, live_plan, relative_hole
from kamxl.backends.formula_sheet import lay_out
from kamxl.backends.formula_text import escape_header, has_plain_header, is_table_name, render
from kamxl.backends.formula_values import StoredResults
from kamxl.backends.formula_view import as_formulas_see
from kamxl.plan import Plan
from kamxl.problems import Place, Problem, has_errors
from kamxl.records import dataclass, replace
from kamxl.table import Table, column_letters
from kamxl.values import fold

# Chooses the header of each of our columns by key: (key, wanted header) pairs to headers.
ChooseHeaders = Callable[[Sequence[tuple[str, str]]], Mapping[str, str]]
# Stands for the number of the row in a formula that is rendered once for all rows.
ROW = "\x04"


@dataclass(frozen=True, slots=True)
class LiveBook:
    """What goes into a workbook: live columns beside the table, the rules sheet, and what was noticed.

    Shapes: formulas and values by column key; formulas (n,) each with the leading `=`.
    """

    live: LivePlan
    layout: RulesLayout
    table: Table
    columns: tuple[LiveColumn, ...]
    references: References
    results: StoredResults
    problems: tuple[Problem, ...]
    frozen: frozenset[str] = frozenset()

    def formulas(self, column: LiveColumn) -> list[str]:
        """The formula of each row."""
        rendered = "=" + self.references.fill(column.template)
        if ROW not in rendered:
            return [rendered] * self.table.row_count
        first = self.table.origin.header_row + 1
        return [rendered.replace(ROW, str(first + row)) for row in range(self.table.row_count)]


@dataclass(frozen=True, slots=True)
class References:
    """Where the columns stand: structured references in a table, A1 references elsewhere.

    Shapes: headers and positions by key; positions are 1-based sheet columns. Units: rows 1-based, ends included.
    """

    table: str
    headers: dict[str, str]
    positions: dict[str, int]
    first_row: int
    last_row: int

    def fill(self, template: str) -> str:
        """A template with references put in; the row number stays open where there is no table."""
        return render(template, self.cell, self.whole)

    def cell(self, key: str) -> str:
        """The cell of a column in the same row."""
        if self._is_structured(key):
            return f"{self.table}[[#This Row],[{escape_header(self.headers[key])}]]"
        return f"${column_letters(self.positions[key])}{ROW}"

    def whole(self, key: str) -> str:
        """All cells of a column."""
        if self._is_structured(key):
            # Two brackets: with one, Excel takes a colon or a comma in a header for its own.
            return f"{self.table}[[{escape_header(self.headers[key])}]]"
        letters = column_letters(self.positions[key])
        return f"${letters}${self.first_row}:${letters}${self.last_row}"

    def _is_structured(self, key: str) -> bool:
        return bool(self.table) and has_plain_header(self.headers[key])


def compile_formulas(
    plan: Plan,
    table: Table,
    runner: Runner,
    *,
    choose: ChooseHeaders | None = None,
    structured: bool = True,
    header_texts: Sequence[str] = (),
    date_shift: float = 0.0,
) -> LiveBook:
    """The live columns and the rules sheet for a table that stands in a sheet.

    `choose` says which header each column gets; without it, the wanted one or one that is free. `structured` False
    writes A1 references in tables too. `header_texts` are the headers letter for letter, blanks at their ends included.
    Units: date_shift is 1,462 in workbooks that count days from 1904, else 0.
    Errors: ValueError for a table without a place; problems say which rules formulas cannot carry out, and whether a
    formula is too long (severity error: nothing is to be written).
    """
    if not table.origin.header_row:
        raise ValueError("live formulas need a table that stands in a sheet")
    live = live_plan(plan)
    layout = lay_out(plan.rules, plan.as_of - date_shift)
    columns = ColumnTemplates(live, layout, date_shift=date_shift).columns()
    wanted = [(column.key, column.header) for column in columns]
    headers = choose(wanted) if choose is not None else _free_headers(wanted, table)
    columns = tuple(replace(column, header=headers[column.key]) for column in columns)
    seen, unread = as_formulas_see(live.plan, table)
    scored: Scored = runner.run(live.plan, seen, previous=[-1] * table.row_count)
    references = _references(columns, table, header_texts or table.headers, structured=structured)
    problems = [*live.holes, *unread, *_too_long(columns, references, plan)]
    too_many = relative_hole(plan, table.row_count)
    frozen: frozenset[str] = frozenset()
    if too_many is not None:
        problems.append(too_many)
        frozen = frozenset(column.key for column in columns if column.key.startswith(RELATED))
    results = StoredResults(live, scored)
    return LiveBook(live, layout, table, columns, references, results, tuple(problems), frozen)


def _free_headers(wanted: Sequence[tuple[str, str]], table: Table) -> dict[str, str]:
    """Headers that no column of the table has, nor another one of ours."""
    taken = {fold(header) for header in table.headers}
    chosen: dict[str, str] = {}
    for key, header in wanted:
        name, number = header, 2
        while fold(name) in taken:
            name, number = f"{header} ({number})", number + 1
        taken.add(fold(name))
        chosen[key] = name
    return chosen


def _references(columns: Sequence[LiveColumn], table: Table, texts: Sequence[str], *, structured: bool) -> References:
    origin = table.origin
    existing = {fold(header): index for index, header in reversed(list(enumerate(table.headers)))}
    headers = {f"user {index}": header for index, header in enumerate(texts)}
    positions = {f"user {index}": origin.first_column + index for index in range(len(table.headers))}
    free = origin.first_column + len(table.headers)
    for column in columns:
        index = existing.get(fold(column.header), -1)
        headers[column.key] = texts[index] if index >= 0 else column.header
        positions[column.key] = origin.first_column + index if index >= 0 else free
        free += index < 0
    name = origin.table if structured and is_table_name(origin.table) else ""
    first = origin.header_row + 1
    return References(name, headers, positions, first, first + max(table.row_count, 1) - 1)


def _too_long(columns: Sequence[LiveColumn], references: References, plan: Plan) -> list[Problem]:
    problems = []
    for column in columns:
        reason = why_refused(references.fill(column.template))
        if reason:
            problems.append(
                Problem(
                    "KX226",
                    f"the formula of column `{column.header}` {reason}",
                    Place(plan.rules.file),
                    help="split the condition or the family, or give the workbook's table and columns shorter names",
                )
            )
    return problems


def can_be_written(book: LiveBook) -> bool:
    """Whether nothing stands against writing the columns."""
    return not has_errors(book.problems)
