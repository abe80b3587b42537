"""The client table of a workbook: which of its tables the rules mean, and a question when two fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from kamxl.hosts import Host
from kamxl.language.model import RuleSet
from kamxl.plan import find_identity, needed_names
from kamxl.problems import KamxlError, Place, Problem, Severity, suggest
from kamxl.table import Table
from kamxl.trust_phrases import TRUST_PHRASES
from kamxl.values import fold, is_blank, text_of


def wanted_headers(rules: RuleSet) -> frozenset[str]:
    """Folded headers that the rules read."""
    return frozenset(fold(header) for column in rules.columns for header in column.headers)


def find_clients(host: Host, rules: RuleSet, *, sheet: str = "", table: str = "") -> Table:
    """The table whose headers answer best to the rules.

    Errors: KamxlError KX303 when none fits or the named one does not exist, KX304 when two fit equally well.
    """
    book = getattr(host, "book", "")
    tests = {name.casefold() for name in TRUST_PHRASES["tests_sheet"]}
    found = host.read_tables(wanted_headers(rules))
    # Test clients have the same headers and are nobody's clients.
    candidates = [one for one in found if one.origin.sheet.casefold() not in tests]
    if sheet:
        names = host.sheet_names()
        if sheet.casefold() not in {name.casefold() for name in names}:
            raise KamxlError(
                Problem("KX303", f"there is no sheet `{sheet}`", Place(book), help=suggest(sheet, list(names)))
            )
        candidates = [found for found in candidates if found.origin.sheet.casefold() == sheet.casefold()]
    if table:
        known = [found.origin.table or str(found.header_place(0).cell) for found in candidates]
        candidates = [found for found in candidates if table.casefold() in _called(found)]
        if not candidates:
            raise KamxlError(Problem("KX303", f"there is no table `{table}`", Place(book), help=suggest(table, known)))
    fitting = [(fit, found) for found in candidates if (fit := _fit(rules, found)) > 0]
    if not fitting:
        raise KamxlError(_none_found(book, rules, candidates))
    best = max(fit for fit, _ in fitting)
    winners = [found for fit, found in fitting if fit == best]
    if len(winners) > 1:
        listed = "; ".join(describe_table(found) for found in winners)
        raise KamxlError(
            Problem(
                "KX304",
                f"{len(winners)} tables could be the client table: {listed}",
                Place(book),
                help=_way_out(winners),
            )
        )
    return winners[0]


def _called(table: Table) -> tuple[str, ...]:
    """What a table answers to: its name, the cell of its first header, alone or with its sheet."""
    place = table.header_place(0)
    names = (table.origin.table, str(place.cell), f"{place.sheet}!{place.cell}")
    return tuple(name.casefold() for name in names if name)


def _way_out(winners: Sequence[Table]) -> str:
    """How to choose between tables that fit equally well."""
    first = winners[0].header_place(0)
    if len({found.origin.sheet for found in winners}) == len(winners):
        return f"name one: `--sheet {first.sheet}`"
    return f"name one by the cell of its first header: `--table {first.cell}`"


def describe_table(table: Table, rows: str = "rows", word: str = "table") -> str:
    """`Clients!A4 (table Clients, 120 rows)`; `rows` and `word` are these words in the reader's language."""
    place = table.header_place(0)
    name = f"{word} {table.origin.table}, " if table.origin.table else ""
    return f"{place.sheet}!{place.cell} ({name}{table.row_count} {rows})"


def _fit(rules: RuleSet, table: Table) -> float:
    """How many columns of the rules the table has; columns that the rules cannot do without count tenfold."""
    headers = {fold(header) for header in table.headers if header}
    # A table that does not say who its clients are is no client table, whatever else it has.
    naming = [column for column in rules.columns if column.role in ("id", "name")]
    if naming and not any(fold(header) in headers for column in naming for header in column.headers):
        return 0.0
    needed = needed_names(rules)
    fit = 0.0
    for column in rules.columns:
        if any(fold(header) in headers for header in column.headers):
            fit += 10 if column.role == "id" or (column.key in needed and not column.optional) else 1
    return fit


def _none_found(book: str, rules: RuleSet, candidates: Sequence[Table]) -> Problem:
    must: list[str] = []
    for column in rules.columns:
        if column.role in ("id", "name") or not column.optional:
            # The label in the other language, too, where it is a header: French clients stand under French headers.
            labels = [label for label in column.label.all_texts() if label in column.headers]
            must += dict.fromkeys([column.headers[0], *labels])
    # A header of two lines is one name here.
    seen = "; ".join(
        f"{describe_table(found)}: {', '.join([' '.join(h.split()) for h in found.headers if h][:6])}"
        for found in list(candidates)[:4]
    )
    hint = f"the rules read headers such as {', '.join(must[:6])}"
    return Problem(
        "KX303",
        "no table of the workbook has the headers that the rules read" + (f" (seen: {seen})" if seen else ""),
        Place(book),
        help=f"{hint}; choose other rules with -r, or rename the headers",
    )


def check_clients(rules: RuleSet, table: Table) -> tuple[Problem, ...]:
    """Problems of the identifiers: the same client twice (error), a row without one (warning)."""
    index = find_identity(rules, table.headers)
    if index < 0:
        return ()
    cells = table.columns[index]
    # The usual column: a text in every row, each another one.
    if set(map(type, cells)) == {str}:
        folded = set(map(fold, cast("Sequence[str]", cells)))
        if len(folded) == len(cells) and "" not in folded:
            return ()
    first: dict[str, int] = {}
    problems = []
    for row, cell in enumerate(cells):
        if is_blank(cell):
            # A row that only parts two groups of clients is nobody's.
            if all(is_blank(column[row]) for column in table.columns):
                continue
            problems.append(
                Problem("KX411", "the row has no client", table.place(row, index), Severity.WARNING, help="fill it in")
            )
            continue
        key = fold(text_of(cell))
        if key in first:
            problems.append(
                Problem(
                    "KX305",
                    f"client `{text_of(cell)}` stands twice",
                    table.place(row, index),
                    help="give each client one row, or its own identifier",
                    notes=(("it stands first here", table.place(first[key], index)),),
                )
            )
        else:
            first[key] = row
    return tuple(problems)
