"""Live formulas in a workbook: written, and turned back into values.

Stands beside `app.py`: wires rules, formula backend and host for `kamxl formulas` and the ribbon's button.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from kamxl.addin_calls import WORD, replace_calls
from kamxl.app import Rulebook, Settings, load_rulebook, plan_for
from kamxl.backends import runner
from kamxl.backends.formula import LiveBook, can_be_written, compile_formulas
from kamxl.backends.formula_columns import CATEGORY, FAMILY, STATUS, is_step
from kamxl.backends.formula_layout import SHEET
from kamxl.backends.formula_names import lambda_names
from kamxl.backends.formula_parts import header_width
from kamxl.backends.formula_words import say
from kamxl.clients import check_clients, find_clients
from kamxl.hosts import FormulaCell, Host, OutColumn
from kamxl.looks import category_colours
from kamxl.own_columns import LIVE_KEYS, choose_headers, known_columns, remember_columns, without_own
from kamxl.plan import Plan
from kamxl.problems import KamxlError, Problem, Severity, has_errors, sort_problems
from kamxl.records import dataclass, replace
from kamxl.self_test import self_test_sheet
from kamxl.table import Cell, Table
from kamxl.values import fold

# Keys of our columns in the workbook's notes: results keep the key that `kamxl run` gives them.
_LIVE = "live "


@dataclass(frozen=True, slots=True)
class LiveOutcome:
    """What was written. `columns` are the headers; `formula_count` counts cells, `call_count` replaced add-in calls."""

    columns: tuple[str, ...]
    sheets: tuple[str, ...]
    formula_count: int
    problems: tuple[Problem, ...]
    call_count: int = 0


class CallingHost(Protocol):
    """A host in whose workbook formulas can call the add-in and be replaced; only files can today."""

    def find(self, word: str) -> list[FormulaCell]:
        """Every formula with a word in it."""
        ...

    def replace(self, sheet: str, formulas: Mapping[tuple[int, int], tuple[str, Cell]], word: str) -> None:
        """Cells by (row, column) given (formula, result), or the value that they show."""
        ...

    def drop_link(self) -> None:
        """The link to the add-in's file taken away, where nothing uses it."""
        ...


class NamingHost(Protocol):
    """A host whose workbook can be given names; only files can today."""

    def define_name(self, name: str, formula: str | None, *, comment: str = "") -> None:
        """A workbook name set, or taken away with None."""
        ...

    def names_of_ours(self) -> tuple[str, ...]:
        """The workbook names that kamxl has set."""
        ...


def write_formulas(
    host: Host,
    settings: Settings,
    *,
    structured: bool = True,
    named: NamingHost | None = None,
    calls: CallingHost | None = None,
) -> LiveOutcome:
    """Live columns beside the client table, and the sheets *KAM Rules* and *KAM Self-test*; nothing is saved yet.

    With `named`, the workbook also gets the LAMBDA names; with `calls`, no cell calls the add-in any more.
    Errors: KamxlError when the table or a column is not found, a formula would not fit into a cell, or a name is taken.
    """
    rulebook = load_rulebook(settings)
    settings.progress("read")
    whole = find_clients(host, rulebook.rules, sheet=settings.sheet, table=settings.table)
    settings.progress("score")
    book = compile_for(host, rulebook, whole, settings, structured=structured)
    if not can_be_written(book):
        raise KamxlError(book.problems)
    unnamed = _write_names(named, book) if named is not None else ()
    headers = {_note_key(column.key): column.header for column in book.columns}
    # Sheets come first: Excel asks its user for a file when a formula names a sheet that is not there, and Calc takes
    # columns and sheets back as one step only in this order.
    test = self_test_sheet(book)
    # Rules that are replaced come last: only then do formulas find the old ones again after Calc's Undo.
    is_again = SHEET in host.sheet_names()
    for grid in (test, book.layout.grid) if is_again else (book.layout.grid, test):
        host.write_sheet(grid)
    for language in ("en", "fr"):
        # Of an earlier run in the other language.
        if (sheet := say("self-test", language)) != test.name:
            host.remove_sheet(sheet)
    old = _of_earlier_rules(host, whole, headers)
    host.write_columns(whole, [*out_columns(book), *(OutColumn(name, [None] * whole.row_count, "") for name in old)])
    remember_columns(host.notes, whole, headers)
    host.notes[LIVE_KEYS] = " ".join(key for key in headers if not key.startswith(_LIVE))[:255]
    count = sum(1 for column in book.columns if column.key not in book.frozen) * whole.row_count
    replaced, lost = _replace_calls(calls, book) if calls is not None else (0, ())
    emptied = [_emptied(whole, header) for header in old]
    problems = sort_problems([*rulebook.problems, *book.problems, *unnamed, *lost, *emptied])
    return LiveOutcome(tuple(headers.values()), (SHEET, test.name), count, problems, replaced)


def _of_earlier_rules(host: Host, whole: Table, headers: Mapping[str, str]) -> list[str]:
    """Headers of live columns that these rules do not have: their formulas would read the lines of other rules."""
    live = host.notes.get(LIVE_KEYS, "").split()
    known = known_columns(host.notes, whole)
    return [header for key, header in known.items() if key not in headers and (key.startswith(_LIVE) or key in live)]


def _emptied(whole: Table, header: str) -> Problem:
    place = whole.header_place([fold(each) for each in whole.headers].index(fold(header)))
    message = f"the live column `{header}` is of other rules than these, and is empty now"
    return Problem("KX226", message, place, Severity.WARNING, help="delete the column")


def _replace_calls(calls: CallingHost, book: LiveBook) -> tuple[int, tuple[Problem, ...]]:
    """(cells that called the add-in, what became a value)."""
    found = calls.find(WORD)
    if not found:
        return 0, ()
    replacements, problems = replace_calls(found, book)
    by_sheet: dict[str, dict[tuple[int, int], tuple[str, Cell]]] = {}
    for sheet, item in replacements:
        by_sheet.setdefault(sheet, {})[item.row, item.column] = (item.formula, item.result)
    for sheet, formulas in by_sheet.items():
        calls.replace(sheet, formulas, WORD)
    if replacements:
        calls.drop_link()
    return len(replacements), problems


def _write_names(named: NamingHost, book: LiveBook) -> tuple[Problem, ...]:
    names, problems = lambda_names(book)
    if has_errors(problems):
        raise KamxlError(problems)
    for old in set(named.names_of_ours()) - {name.name for name in names}:
        named.define_name(old, None)
    for name in names:
        named.define_name(name.name, name.formula, comment=name.comment)
    return problems


def compile_for(
    host: Host, rulebook: Rulebook, whole: Table, settings: Settings, *, structured: bool = True
) -> LiveBook:
    """The live columns for the client table of a workbook. Errors: KamxlError as for a run."""
    table = without_own(host.notes, whole)
    identity = check_clients(rulebook.rules, table)
    if has_errors(identity):
        raise KamxlError(identity)
    plan = _spoken(plan_for(rulebook, table, settings), rulebook.language(settings))

    def choose(wanted: Sequence[tuple[str, str]]) -> dict[str, str]:
        chosen = choose_headers(host.notes, whole, [(_note_key(key), header) for key, header in wanted])
        return {key: chosen[_note_key(key)] for key, _ in wanted}

    shift = 1462.0 if getattr(host, "counts_from_1904", False) else 0.0
    return compile_formulas(
        plan,
        whole,
        runner(settings.backend),
        choose=choose,
        structured=structured,
        header_texts=_header_texts(host, whole),
        date_shift=shift,
    )


def _header_texts(host: Host, table: Table) -> tuple[str, ...]:
    """The headers as their cells hold them: a formula must name a column letter for letter."""
    origin = table.origin
    row = host.read_sheet(origin.sheet)[origin.header_row - 1]
    cells = row[origin.first_column - 1 : origin.first_column - 1 + len(table.headers)]
    texts = [cell if isinstance(cell, str) else header for cell, header in zip(cells, table.headers, strict=False)]
    return (*texts, *table.headers[len(texts) :])


def _spoken(plan: Plan, language: str) -> Plan:
    return replace(plan, rules=replace(plan.rules, language=language))


def _note_key(key: str) -> str:
    """The key in the workbook's notes: shared with `kamxl run` for the results that both write."""
    if key.startswith(FAMILY):
        return key.removeprefix(FAMILY)
    return key if key in ("score", "completeness", CATEGORY) else f"{_LIVE}{key}"


def out_columns(book: LiveBook) -> list[OutColumn]:
    """The columns as a host writes them, with results stored beside the formulas."""
    rules, language = book.live.plan.rules.categories.all_rules, book.live.plan.rules.language
    colours = tuple(
        (rule.label.text(language), *category_colours(index, rule.colour)) for index, rule in enumerate(rules)
    )
    edited = ((say("EDITED", language), "FFE8C7", "8A4B08"),)
    by_key = {CATEGORY: colours, STATUS: edited}
    return [
        OutColumn(
            header=column.header,
            values=book.results.of(column),
            looks=column.look,
            width_chars=column.width_chars or header_width(column.header),
            grouped=is_step(column),
            formulas=None if column.key in book.frozen else book.formulas(column),
            colours=by_key.get(column.key, ()),
        )
        for column in book.columns
    ]


def remove_formulas(host: Host, settings: Settings, *, named: NamingHost | None = None) -> LiveOutcome:
    """Live columns turned into the values that they show, and the sheets of the rules taken away.

    Errors: KamxlError when the client table is not found.
    """
    rulebook = load_rulebook(settings)
    whole = find_clients(host, rulebook.rules, sheet=settings.sheet, table=settings.table)
    own = {fold(header) for header in known_columns(host.notes, whole).values()}
    columns = [
        OutColumn(header=header, values=["" if cell is None else cell for cell in cells], looks="")
        for header, cells in zip(whole.headers, whole.columns, strict=True)
        if fold(header) in own
    ]
    if columns:
        host.write_columns(whole, columns)
    for name in (SHEET, say("self-test", "en"), say("self-test", "fr")):
        host.remove_sheet(name)
    for old in named.names_of_ours() if named is not None else ():
        if named is not None:
            named.define_name(old, None)
    if LIVE_KEYS in host.notes:
        del host.notes[LIVE_KEYS]
    headers = tuple(column.header for column in columns)
    return LiveOutcome(headers, (), len(columns) * whole.row_count, rulebook.problems)
