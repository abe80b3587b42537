"""A table as spreadsheet formulas see it: dates are serials, and a number typed as text is text.

Reading such texts needs the rules of a language, which no formula has in every program. The cells are named in
problems, and the results that are stored with the formulas follow what the formulas will say.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from kamxl.plan import Plan, Read
from kamxl.problems import Problem, Severity
from kamxl.records import replace
from kamxl.table import Cell, Table
from kamxl.values import NUMBER_KINDS, TEXT_KINDS, read_cell, serial_of

MOST_NAMED_CELLS = 20
# In front of a text that reads as a number: makes it the plain text that a formula sees.
_PLAIN_TEXT = "text "


def as_formulas_see(plan: Plan, table: Table) -> tuple[Table, tuple[Problem, ...]]:
    """The table for the runner, and a problem for each cell that kamxl reads and a formula does not."""
    columns = list(table.columns)
    problems: list[Problem] = []
    for read in plan.reads():
        if read.index >= 0 and read.counts:
            columns[read.index] = _seen_column(read, table, plan, problems)
    if plan.settle.until >= 0:
        until = Read("until", "date", plan.settle.until, counts=True)
        columns[until.index] = _seen_column(until, table, plan, problems)
    return replace(table, columns=tuple(columns)), _shortened(problems)


def _seen_column(read: Read, table: Table, plan: Plan, problems: list[Problem]) -> Sequence[Cell]:
    cells = table.columns[read.index]
    if not isinstance(cells, (list, tuple)):
        return cells
    seen = list(cells)
    for row, cell in enumerate(cells):
        kind = type(cell)
        if kind is float or cell is None:
            continue
        if isinstance(cell, (dt.date, dt.time, dt.timedelta)):
            seen[row] = _serial(cell) if read.kind not in ("date", "yes/no") else cell
            if read.kind in TEXT_KINDS or (read.kind in NUMBER_KINDS):
                problems.append(_hole(table, row, read, "a date", "number"))
        elif kind is str and read.kind not in TEXT_KINDS and read.kind != "yes/no":
            reading = read_cell(cell, read.kind, decimal_comma=plan.rules.decimal_comma)
            if isinstance(reading.value, float):
                seen[row] = f"{_PLAIN_TEXT}{cell}"
                problems.append(_hole(table, row, read, f"`{cell}`", "text"))
    return seen


def _serial(cell: dt.date | dt.time | dt.timedelta) -> float:
    if isinstance(cell, dt.timedelta):
        return cell.total_seconds() / 86400
    if isinstance(cell, dt.time):
        return (cell.hour * 3600 + cell.minute * 60 + cell.second + cell.microsecond / 1e6) / 86400
    return serial_of(cell)


def _hole(table: Table, row: int, read: Read, what: str, seen_as: str) -> Problem:
    help_ = "type it as a number, or as a date" if seen_as == "text" else "type it as text"
    return Problem(
        "KX226",
        f"{table.headers[read.index]}: {what} is {seen_as} for a live formula",
        table.place(row, read.index),
        Severity.WARNING,
        help=help_,
    )


def _shortened(problems: list[Problem]) -> tuple[Problem, ...]:
    if len(problems) <= MOST_NAMED_CELLS:
        return tuple(problems)
    more = len(problems) - MOST_NAMED_CELLS
    last = problems[MOST_NAMED_CELLS]
    rest = Problem(
        "KX226", f"{more} more cells are read otherwise by live formulas", last.place, Severity.WARNING, help=last.help
    )
    return (*problems[:MOST_NAMED_CELLS], rest)
