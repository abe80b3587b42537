"""Use cases: the only module that wires stages together; every front door calls it and nothing deeper.

A use case gets a Host (or a path) and Settings, and returns an Outcome: what was scored, what was written, every
problem. It raises KamxlError only when going on is impossible, and then nothing has been written.

Templates, charts and the dashboard are imported by the use cases that draw: classifying starts without them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path

from kamxl.backends import Scored, runner
from kamxl.backends.settle import category_by_text
from kamxl.clients import check_clients, find_clients
from kamxl.explain import Explanation, explain_row
from kamxl.hosts import Host
from kamxl.language.model import LANGUAGES, RuleSet
from kamxl.language.sound import read_sound_rules
from kamxl.memory import BOOK_MARK, Memory, book_mark, read_memory, trend_columns
from kamxl.own_columns import beside_live, choose_headers, known_columns, remember_columns, without_own
from kamxl.plan import Plan, compile_plan
from kamxl.portfolio.clients import without_empty_rows
from kamxl.problems import KamxlError, Place, Problem, Severity, has_errors, sort_problems, suggest
from kamxl.process import ProcessBook, read_processes
from kamxl.records import dataclass, field, replace
from kamxl.result_columns import empty_rows as empty_rows
from kamxl.result_columns import reasons_of, reasons_seen
from kamxl.result_columns import result_columns as result_columns
from kamxl.shipped import shipped
from kamxl.stamp import Stamp, make_stamp
from kamxl.table import Cell, Table
from kamxl.values import fold, is_blank, text_of

Progress = Callable[[str], None]
# Department key -> client -> {"done": cell, "notes": cell}.
DepartmentNotes = dict[str, dict[str, dict[str, Cell]]]


def _silent(_stage: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Settings:
    """What a front door says about a run; empty means the default that ships with kamxl."""

    rules: Path | None = None
    processes: Path | None = None
    templates: Path | None = None
    sheet: str = ""
    table: str = ""
    language: str = ""
    as_of: dt.date | None = None
    since: dt.date | None = None
    backend: str = "columns"
    progress: Progress = _silent

    @property
    def rules_path(self) -> Path:
        """The rule file: the given one, else the shipped one."""
        return self.rules or shipped("rules", "kam.yml")

    @property
    def processes_path(self) -> Path:
        """The process file: the given one, else the one beside the rules, else the shipped one."""
        if self.processes is not None:
            return self.processes
        beside = self.rules_path.with_name("processes.yml")
        return beside if beside.is_file() else shipped("rules", "processes.yml")

    @property
    def template_folders(self) -> tuple[Path, ...]:
        """Where templates are looked for, first hit wins."""
        own = self.templates or self.processes_path.parent / "templates"
        folders = [own] if own.is_dir() else []
        return tuple(dict.fromkeys([*folders, shipped("rules", "templates")]))

    @property
    def stamped_files(self) -> tuple[Path, ...]:
        """The files that can change a result beside the rules: processes and templates, as they would be used."""
        # The first folder that has a template wins, as it does when the template is used.
        templates = {path.name: path for folder in reversed(self.template_folders) for path in folder.glob("*.j2")}
        return (self.processes_path, *templates.values())


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Everything that managers wrote for a run, read and free of errors."""

    rules: RuleSet
    processes: ProcessBook
    files: tuple[Path, ...]
    problems: tuple[Problem, ...] = ()

    def language(self, settings: Settings) -> str:
        """The language of labels and sheets."""
        return settings.language or self.rules.language


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a use case did."""

    scored: Scored
    stamp: Stamp
    language: str
    columns: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = field(default=())
    # What later steps of the same run would otherwise work out again.
    reasons: tuple[Sequence[str], Sequence[str]] | None = None
    memory: Memory | None = None

    @property
    def has_errors(self) -> bool:
        """Whether any problem is an error: exit code 1."""
        return has_errors(self.problems)


def load_rulebook(settings: Settings) -> Rulebook:
    """Rules and processes of a run.

    Errors: KamxlError with every problem of both files when one of them is an error.
    """
    rules, problems = read_sound_rules(settings.rules_path)
    processes, more = read_processes(settings.processes_path)
    found = sort_problems([*problems, *more])
    if rules is None or processes is None:
        raise KamxlError([problem for problem in found if problem.severity is Severity.ERROR])
    return Rulebook(rules, processes, settings.stamped_files, found)


def plan_for(rulebook: Rulebook, table: Table, settings: Settings) -> Plan:
    """The plan of the rules for a table. Errors: KamxlError (KX3) when columns are missing or ambiguous."""
    place = table.header_place(0) if table.headers else Place()
    plan, problems = compile_plan(rulebook.rules, table.headers, as_of=settings.as_of, place=place)
    if plan is None:
        raise KamxlError(problems)
    return plan


def score_host(host: Host, rulebook: Rulebook, settings: Settings) -> tuple[Scored, Table]:
    """The client table of a workbook, scored. The second table is the one with kamxl's own headers in place.

    Errors: KamxlError when the table or a column is not found, or a client stands twice.
    """
    settings.progress("read")
    whole = find_clients(host, rulebook.rules, sheet=settings.sheet, table=settings.table)
    table = without_own(host.notes, whole)
    identity = check_clients(rulebook.rules, table)
    if has_errors(identity):
        raise KamxlError(identity)
    plan = plan_for(rulebook, table, settings)
    settings.progress("score")
    scored = runner(settings.backend).run(plan, table, previous=previous_categories(host, whole, plan))
    return replace(scored, problems=(*scored.problems, *identity)), whole


def previous_categories(host: Host, whole: Table, plan: Plan) -> list[int]:
    """Last time's category by the rules, from the columns that the last run wrote; -1 where there is none."""
    known = known_columns(host.notes, whole)
    header = known.get("rule_category") or known.get("category")
    if header is None:
        return [-1] * whole.row_count
    column = whole.columns[[fold(name) for name in whole.headers].index(fold(header))]
    by_text = category_by_text(plan)
    return [by_text.get(fold(str(cell)), -1) if not is_blank(cell) else -1 for cell in column]


def stamp_of(scored: Scored, rulebook: Rulebook, language: str) -> Stamp:
    """The stamp of a run."""
    return make_stamp(rulebook.rules, rulebook.files, as_of=scored.plan.as_of, language=language)


def classify(host: Host, settings: Settings, *, save: bool = True) -> Outcome:
    """The client table scored and the result columns written beside it."""
    rulebook = load_rulebook(settings)
    scored, whole = score_host(host, rulebook, settings)
    outcome = write_results(host, rulebook, scored, whole, settings)
    if save:
        settings.progress("save")
        host.save()
    return outcome


def write_results(host: Host, rulebook: Rulebook, scored: Scored, whole: Table, settings: Settings) -> Outcome:
    """Result columns written beside the table; nothing is saved yet."""
    language = rulebook.language(settings)
    stamp = stamp_of(scored, rulebook, language)
    settings.progress("explain")
    columns = result_columns(scored, rulebook.processes, stamp, language)
    memory = read_memory(host)
    columns += trend_columns(memory, scored, empty_rows(scored), language)
    columns = [(beside_live(host.notes, whole, key), column) for key, column in columns]
    headers = choose_headers(host.notes, whole, [(key, column.header) for key, column in columns])
    host.write_columns(whole, [replace(column, header=headers[key]) for key, column in columns])
    remember_columns(host.notes, whole, headers)
    # Copies for departments carry the same mark, so that notes never come back to another book.
    host.notes.setdefault(BOOK_MARK, book_mark(scored))
    host.notes["kamxl.rules"] = stamp.line()[:255]
    return Outcome(
        scored=scored,
        stamp=stamp,
        language=language,
        columns=tuple(headers.values()),
        problems=all_problems(scored, rulebook),
        reasons=reasons_of(columns),
        memory=memory,
    )


def run(host: Host, settings: Settings) -> Outcome:
    """The main job: result columns, dashboard, a process sheet per department; then everything saved at once."""
    rulebook = load_rulebook(settings)
    scored, whole = score_host(host, rulebook, settings)
    outcome = write_results(host, rulebook, scored, whole, settings)
    outcome = write_dashboard(host, rulebook, outcome, settings)
    outcome = write_departments(host, rulebook, outcome, settings)
    settings.progress("save")
    host.save()
    return outcome


def sheets(host: Host, settings: Settings) -> Outcome:
    """Only the process sheets, from a fresh score; the client table is left as it is."""
    rulebook = load_rulebook(settings)
    scored, _ = score_host(host, rulebook, settings)
    language = rulebook.language(settings)
    outcome = Outcome(scored, stamp_of(scored, rulebook, language), language, problems=all_problems(scored, rulebook))
    outcome = write_departments(host, rulebook, outcome, settings)
    settings.progress("save")
    host.save()
    return outcome


def dashboard(host: Host, settings: Settings) -> Outcome:
    """Only the dashboard, from a fresh score."""
    rulebook = load_rulebook(settings)
    scored, _ = score_host(host, rulebook, settings)
    language = rulebook.language(settings)
    outcome = Outcome(scored, stamp_of(scored, rulebook, language), language, problems=all_problems(scored, rulebook))
    outcome = write_dashboard(host, rulebook, outcome, settings)
    settings.progress("save")
    host.save()
    return outcome


def write_departments(
    host: Host, rulebook: Rulebook, outcome: Outcome, settings: Settings, *, notes: DepartmentNotes | None = None
) -> Outcome:
    """A process sheet per department; what people typed in the old ones is kept. Nothing is saved yet.

    `notes` replaces what the old sheets hold (collected notes); None reads it.

    Errors: KamxlError (KX6) with the faults of all templates.
    """
    from kamxl.sheets import department_grids, sheet_names

    settings.progress("sheets")
    language, scored = outcome.language, outcome.scored
    kept = department_notes(host, rulebook.processes) if notes is None else notes
    why, next_steps = outcome.reasons or reasons_seen(scored, rulebook.processes.departments, language)
    empty = empty_rows(scored)
    if any(empty):
        # A blank row between two groups of clients is no client of any department.
        why, next_steps = (
            None if texts is None else [text for text, gone in zip(texts, empty, strict=True) if not gone]
            for texts in (why, next_steps)
        )
        scored = without_empty_rows(scored)
    grids, faults = department_grids(
        scored,
        rulebook.processes,
        language=language,
        templates_dirs=settings.template_folders,
        why=why,
        next_steps=next_steps,
        notes=kept,
        stamp=outcome.stamp.line(),
    )
    if has_errors(faults):
        raise KamxlError(faults)
    for grid in grids:
        host.write_sheet(grid)
    for other in LANGUAGES:
        for name in sheet_names(rulebook.processes, other).values():
            if name not in {grid.name for grid in grids}:
                host.remove_sheet(name)
    return replace(
        outcome,
        sheets=(*outcome.sheets, *(grid.name for grid in grids)),
        problems=sort_problems([*outcome.problems, *faults]),
    )


def department_notes(host: Host, processes: ProcessBook) -> DepartmentNotes:
    """What people typed in the sheets of each department, also in those of another language."""
    from kamxl.sheets import kept_notes, sheet_names

    found: DepartmentNotes = {}
    for language in LANGUAGES:
        for key, name in sheet_names(processes, language).items():
            found.setdefault(key, {}).update(kept_notes(host.read_sheet(name)))
    return found


def write_dashboard(host: Host, rulebook: Rulebook, outcome: Outcome, settings: Settings) -> Outcome:
    """Dashboard, movement, white space, brief, and the history with this run in it. Nothing is saved yet."""
    from kamxl.insight import write_insight

    settings.progress("dashboard")
    names, found = write_insight(
        host,
        outcome.scored,
        rulebook.processes,
        outcome.stamp,
        outcome.language,
        memory=outcome.memory,
        since=settings.since,
    )
    problems = sort_problems([*outcome.problems, *found])
    return replace(outcome, sheets=(*outcome.sheets, *names), problems=problems)


def all_problems(scored: Scored, rulebook: Rulebook) -> tuple[Problem, ...]:
    """Every problem of a run: rules, table, rows."""
    rows = [problem for problems in scored.problems_by_row.values() for problem in problems]
    return sort_problems([*rulebook.problems, *scored.problems, *rows])


def explain(host: Host, settings: Settings, client: str) -> tuple[Explanation, Outcome]:
    """The explanation of one client, found by its identifier.

    Errors: KamxlError KX306 with the nearest client when there is none of that name.
    """
    rulebook = load_rulebook(settings)
    scored, _ = score_host(host, rulebook, settings)
    row = find_row(scored, client)
    language = rulebook.language(settings)
    stamp = stamp_of(scored, rulebook, language)
    outcome = Outcome(scored, stamp, language, problems=all_problems(scored, rulebook))
    return explain_row(scored, row, language=language), outcome


def find_row(scored: Scored, client: str) -> int:
    """Row (0-based) of a client. Errors: KamxlError KX306."""
    # A workbook without numbers knows its clients by their names.
    column = scored.plan.id_column if scored.plan.id_column >= 0 else _name_column(scored)
    if column < 0:
        if client.isdigit() and 0 < int(client) <= scored.row_count:
            return int(client) - 1
        raise KamxlError(
            Problem("KX306", "the rules name no column with `role: id`", Place(), help="name the row by its number")
        )
    wanted = fold(client)
    known: list[str] = []
    for position in dict.fromkeys((column, _name_column(scored))):
        names = ["" if is_blank(cell) else text_of(cell) for cell in scored.table.columns[position]]
        found = [row for row, name in enumerate(names) if name and fold(name) == wanted]
        if len(found) > 1 and position != column:
            cells = [scored.table.columns[column][row] for row in found]
            ids = ", ".join("``" if is_blank(cell) else f"`{text_of(cell)}`" for cell in cells)
            place = scored.table.place(found[1], position)
            raise KamxlError(
                Problem("KX306", f"{len(found)} clients are called `{client}`", place, help=f"choose one of {ids}")
            )
        if found:
            return found[0]
        known += [name for name in names if name]
    place = scored.table.header_place(column)
    raise KamxlError(Problem("KX306", f"there is no client `{client}`", place, help=suggest(client, known)))


def _name_column(scored: Scored) -> int:
    """Position of the names that people call clients by, else of their identifiers."""
    rule = scored.plan.rules.column_with_role("name")
    found = -1 if rule is None else next(read.index for read in scored.plan.reads() if read.name == rule.key)
    return found if found >= 0 else scored.plan.id_column
