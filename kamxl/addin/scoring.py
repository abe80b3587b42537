"""Cells of a formula to scores: headers found, plan compiled once, rows already scored remembered.

Works on plain 2-D lists for Excel and LibreOffice alike. Knows nothing of either.
"""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache

from kamxl.backends import Scored, runner
from kamxl.language.model import RuleSet
from kamxl.plan import Plan, compile_plan
from kamxl.problems import Place, Problem
from kamxl.records import dataclass
from kamxl.table import Cell, Table
from kamxl.values import fold, is_blank, is_error, text_of

Cells = Sequence[Sequence[Cell]]

# Rows up to this number are scored row by row: loading NumPy for them costs more than it gives.
_FEW_ROWS = 64
# About 1 kB of results per row: the memo stays below 60 MB.
_MEMO_ROWS = 50_000
_MEMO_PLANS = 64
# Rule file, its fingerprint, the day that dates are measured against, headers.
_PlanKey = tuple[str, str, dt.date, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Fault:
    """A cell that shows an Excel error, and the reason that the log and KAM_EXPLAIN give."""

    error: str
    reason: str


class FaultError(Exception):
    """A whole call that cannot be answered."""

    def __init__(self, reason: str, *, error: str = "#VALUE!") -> None:
        super().__init__(reason)
        self.fault = Fault(error, reason)


@dataclass(frozen=True, slots=True)
class Clients:
    """What a formula gave: headers, and a row of cells per client.

    Shapes: headers (k,), rows (m, k), positions (m,): the place of each row among the `line_count` lines of the
    formula, since lines without any cell are no clients and stay blank.
    """

    headers: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    positions: tuple[int, ...]
    line_count: int


def read_clients(clients: object, headers: object) -> Clients:
    """The clients of a formula; without `headers` their first row holds them.

    Errors: FaultError when there is no header row, or when it is not as wide as the clients.
    """
    for argument in (clients, headers):
        if is_error(argument):
            error = str(argument).strip().upper()
            raise FaultError(f"KX401 an argument holds {error} in place of cells", error=error)
    rows = as_rows(clients)
    names = [cell for row in as_rows(headers) for cell in row] if headers is not None else []
    if names:
        _check_width(names, rows)
    else:
        names, rows = list(rows[0]), rows[1:]
    titles = _titles(tuple(names))
    if not any(titles) or not rows:
        # One row alone may be headers as well as a client.
        what = "the header row is missing" if not any(titles) else "there are headers or a client, and not both"
        raise FaultError(f"KX303 {what}: give the headers as second argument, or select them with the clients")
    if len(rows) > 1 and [fold(title) for title in titles] == [fold(text_of(cell or "")) for cell in rows[0]]:
        # The header row was given twice: above the clients too. Its own line then stays blank.
        rows = ((None,) * len(titles), *rows[1:])
    width = len(titles)
    fitted = tuple(tuple(row[:width]) + (None,) * (width - len(row)) for row in rows)
    positions = tuple(index for index, row in enumerate(fitted) if not all(is_blank(cell) for cell in row))
    return Clients(titles, tuple(fitted[index] for index in positions), positions, len(fitted))


def _titles(names: tuple[Cell, ...]) -> tuple[str, ...]:
    # A worksheet asks with the same headers in every row.
    return _text_titles(names) if {str}.issuperset(map(type, names)) else tuple(map(_title, names))


@lru_cache(maxsize=64)
def _text_titles(names: tuple[Cell, ...]) -> tuple[str, ...]:
    return tuple(map(_title, names))


def _title(name: Cell) -> str:
    return "" if is_blank(name) else text_of(name)


def _check_width(names: Sequence[Cell], rows: Cells) -> None:
    """Headers of A4:Z4 over clients of B5:Z5 would be a column off, and every score plausible and wrong."""
    width = max(map(len, rows))
    beyond = names[width:] if len(names) > width else [cell for row in rows for cell in row[len(names) :]]
    if all(is_blank(cell) for cell in beyond) or all(is_blank(cell) for row in rows for cell in row):
        return
    raise FaultError(
        f"KX303 the headers are {len(names)} columns wide and the clients {width}; give both the same columns"
    )


def as_rows(cells: object) -> tuple[tuple[Cell, ...], ...]:
    """Whatever a spreadsheet hands over as rows: one value, a row of values, or rows."""
    if not isinstance(cells, list | tuple):
        return ((cells,),)
    if any(isinstance(row, list | tuple) for row in cells):
        return tuple(tuple(row) if isinstance(row, list | tuple) else (row,) for row in cells)
    return (tuple(cells),)


class Memo:
    """Results of calls that came before. A score, a category and a reason of the same rows are one run."""

    def __init__(self) -> None:
        self._plans: OrderedDict[_PlanKey, tuple[Plan, bool]] = OrderedDict()
        self._runs: OrderedDict[tuple[_PlanKey, tuple[tuple[Cell, ...], ...]], Scored] = OrderedDict()
        self._rows = 0

    def score(self, rules: RuleSet, clients: Clients) -> Scored:
        """The results of the clients, from memory where the same rows were asked before.

        Errors: FaultError when the rules do not fit the headers, or compare clients and only one was given.
        """
        plan_key = (rules.file, rules.digest, dt.date.today(), clients.headers)
        plan, is_relative = self._plan(rules, plan_key)
        if is_relative and len(clients.rows) == 1:
            raise FaultError(
                "KX511 these rules compare clients with each other: give the whole table, not one row", error="#N/A"
            )
        key = (plan_key, tuple(map(_memo_row, clients.rows)))
        scored = self._runs.get(key)
        if scored is None:
            scored = _run(plan, clients)
            self._runs[key] = scored
            self._rows += scored.row_count
            self._shrink()
        else:
            self._runs.move_to_end(key)
        return scored

    def forget(self) -> None:
        """Drop everything; the rules may have changed."""
        self._plans.clear()
        self._runs.clear()
        self._rows = 0

    def _plan(self, rules: RuleSet, key: _PlanKey) -> tuple[Plan, bool]:
        """The plan for headers, and whether it compares clients with each other."""
        known = self._plans.get(key)
        if known is None:
            found, problems = compile_plan(rules, key[-1], place=Place(cell="headers"))
            if found is None:
                raise FaultError("; ".join(_in_short(problem) for problem in problems))
            known = self._plans[key] = (found, found.is_relative)
            if len(self._plans) > _MEMO_PLANS:
                self._plans.popitem(last=False)
        return known

    def _shrink(self) -> None:
        while self._rows > _MEMO_ROWS and len(self._runs) > 1:
            _, oldest = self._runs.popitem(last=False)
            self._rows -= oldest.row_count


def _memo_row(row: tuple[Cell, ...]) -> tuple[Cell, ...]:
    # True equals 1 and 1.0 in Python, and would find each other's results.
    return tuple((cell,) if isinstance(cell, bool) else cell for cell in row) if bool in map(type, row) else row


def _in_short(problem: Problem) -> str:
    return f"{problem.code} {problem.message}; {problem.help}" if problem.help else f"{problem.code} {problem.message}"


def _run(plan: Plan, clients: Clients) -> Scored:
    table = Table.from_rows(clients.headers, clients.rows)
    if table.row_count > _FEW_ROWS:
        try:
            return runner("columns").run(plan, table)
        except ImportError:
            # LibreOffice's own Python has no NumPy.
            return runner("rows").run(plan, table)
    return runner("rows").run(plan, table)
