"""Live KAM functions beside a client table: which formulas, and why they can never loop back on themselves.

Pure: a table and a plan in, columns of formulas out. The argument of every formula spans the columns that the rules
read and nothing that kamxl wrote.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from kamxl.addin.messages import message
from kamxl.backends.formula_text import escape_header
from kamxl.hosts import OutColumn
from kamxl.phrases import say
from kamxl.plan import Plan
from kamxl.problems import KamxlError, Problem
from kamxl.records import dataclass
from kamxl.table import Table, cell_address, column_letters
from kamxl.values import fold

LIVE_FUNCTIONS = (("score", "KAM_SCORE", "score bold"), ("category", "KAM_CATEGORY", "text"))


@dataclass(frozen=True, slots=True)
class LivePlace:
    """What the workbook offers formulas: whether they spill, and the headers of its table letter for letter."""

    spills: bool = True
    titles: Sequence[str] = ()


_ANYWHERE = LivePlace()


def live_columns(
    plan: Plan, table: Table, own: Collection[str], language: str, place: LivePlace = _ANYWHERE
) -> list[OutColumn]:
    """Columns with live formulas for a client table; `own` are headers that kamxl wrote.

    In an Excel table, and in an Excel that cannot spill, every row has its formula; elsewhere one formula spills.
    Errors: KamxlError KX505 when a column of ours stands among those that the rules read, KX507 when rules that
    compare clients meet a place where formulas cannot spill.
    """
    names = {key: message("live_mark", language, name=say(key, language)) for key, _, _ in LIVE_FUNCTIONS}
    first, last = _span(plan, table, {*map(fold, own), *map(fold, names.values())})
    if plan.is_relative and (table.origin.table or not place.spills):
        raise KamxlError(
            Problem(
                "KX507",
                "these rules compare clients with each other, and formulas that do not spill see one row each",
                table.header_place(0),
                help="use Classify, or put =KAM_TABLE(...) on another sheet",
            )
        )
    columns = []
    for key, function, look in LIVE_FUNCTIONS:
        if table.origin.table:
            titles = place.titles or table.headers
            formulas = [_table_formula(function, table.origin.table, titles[first], titles[last])] * table.row_count
        elif not place.spills:
            formulas = [_formula(function, table, (first, last), (row, row)) for row in range(table.row_count)]
        else:
            whole = _formula(function, table, (first, last), (0, table.row_count - 1))
            formulas = [whole, *[""] * (table.row_count - 1)][: table.row_count]
        columns.append(OutColumn(names[key], [None] * table.row_count, look, 16, formulas=formulas))
    return columns


def _span(plan: Plan, table: Table, own: Collection[str]) -> tuple[int, int]:
    read = [step.index for step in plan.reads() if step.index >= 0]
    settled = plan.settle
    read += [index for index in (settled.override, settled.reason, settled.author, settled.until) if index >= 0]
    first, last = min(read), max(read)
    for index in range(first, last + 1):
        if fold(table.headers[index]) in own:
            raise KamxlError(
                Problem(
                    "KX505",
                    f"the column `{table.headers[index]}` of kamxl stands among those that the rules read",
                    table.header_place(index),
                    help="move it to the right of the table: a formula must not read its own column",
                )
            )
    return first, last


def _table_formula(function: str, name: str, first: str, last: str) -> str:
    start, end = escape_header(first), escape_header(last)
    return f"={function}({name}[@[{start}]:[{end}]],{name}[[#Headers],[{start}]:[{end}]])"


def _formula(function: str, table: Table, columns: tuple[int, int], rows: tuple[int, int]) -> str:
    origin = table.origin
    left, right = (origin.first_column + column for column in columns)
    top, bottom = (origin.header_row + 1 + row for row in rows)
    clients = f"{cell_address(top, left)}:{cell_address(bottom, right)}"
    headers = f"${column_letters(left)}${origin.header_row}:${column_letters(right)}${origin.header_row}"
    return f"={function}({clients},{headers})"
