"""Use cases of sharing: a workbook per department with only what it may see, notes that come back, briefs, the page.

A published workbook is made anew and never cut out of the book: what a department may not see was never in it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from kamxl.app import (
    DepartmentNotes,
    Outcome,
    Rulebook,
    Settings,
    all_problems,
    department_notes,
    find_row,
    load_rulebook,
    score_host,
    stamp_of,
    write_departments,
)
from kamxl.backends import Scored
from kamxl.brief import Brief, brief_grid, find_stage, make_brief
from kamxl.copies import DEPARTMENT_MARK, another_book, read_copy
from kamxl.dashboard import dashboard_page
from kamxl.hosts import Host
from kamxl.hosts.files import FileHost
from kamxl.hosts.grid_writer import write_grids
from kamxl.insight import compose_insight
from kamxl.language.model import RuleSet
from kamxl.memory import BOOK_MARK, book_mark, read_memory, remember_run
from kamxl.merging import MergedNote, Notes, base_marks, merge_notes
from kamxl.portfolio.clients import client_identifiers, take_names, without_empty_rows
from kamxl.problems import KamxlError, Place, Problem, Severity, has_errors, sort_problems, suggest
from kamxl.process import Department, ProcessBook, told_by
from kamxl.records import dataclass, replace
from kamxl.result_columns import empty_rows, reasons_seen
from kamxl.sheets import department_grids, sheet_names
from kamxl.sheets.clients import Sight, identity_column, other_names, visible_identity
from kamxl.sheets.columns import RunColumns
from kamxl.sheets.notes import notes_by_identity
from kamxl.table import Cell, Grid
from kamxl.values import fold

# A copy of which fewer clients than half are in the book was made from another one.
LEAST_SHARED_CLIENTS = 0.5


@dataclass(frozen=True, slots=True)
class Publication:
    """A workbook made for one department."""

    department: str
    path: Path
    sheets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Collected:
    """What came back from one copy."""

    department: str
    path: Path
    notes: tuple[MergedNote, ...]


def publish(
    host: Host, settings: Settings, *, departments: Sequence[str], folder: Path, stem: str
) -> tuple[tuple[Publication, ...], Outcome]:
    """A new workbook per department (all of them when none is named) in a folder: `STEM.DEPARTMENT.xlsx`.

    Errors: KamxlError KX220 for an unknown department; KX6 when a template has a fault. A department that may see
    nothing is a problem of the outcome, and the others are published.
    """
    rulebook = load_rulebook(settings)
    chosen = choose_departments(rulebook.processes, departments)
    scored, _ = score_host(host, rulebook, settings)
    language = rulebook.language(settings)
    stamp = stamp_of(scored, rulebook, language)
    notes = department_notes(host, rulebook.processes)
    mark = host.notes.get(BOOK_MARK) or book_mark(scored)
    problems = list(all_problems(scored, rulebook))
    columns = RunColumns(without_empty_rows(scored), rulebook.processes, language)
    made = []
    for department in chosen:
        path = folder / f"{stem}.{department.key}.xlsx"
        shown = _notes_seen(notes.get(department.key, {}), columns, department)
        refusal = _refusal(department, columns) or _uncollected(path, department, shown, host, rulebook.processes)
        if refusal is not None:
            problems.append(refusal)
            continue
        problems += _withheld(department, rulebook.rules)
        settings.progress("sheets")
        grids = _department_workbook(scored, rulebook, department, {department.key: shown}, settings, stamp.line())
        properties = {
            DEPARTMENT_MARK: department.key,
            BOOK_MARK: mark,
            **base_marks(shown),
        }
        _write_workbook(grids, properties, path)
        made.append(Publication(department.key, path, tuple(grid.name for grid in grids)))
    return tuple(made), Outcome(scored, stamp, language, problems=sort_problems(problems))


def choose_departments(processes: ProcessBook, wanted: Sequence[str]) -> tuple[Department, ...]:
    """Departments by key or label, all of them when none is wanted. Errors: KamxlError KX220."""
    if not wanted:
        return processes.departments
    chosen = []
    for name in wanted:
        found = [
            department
            for department in processes.departments
            if fold(name) in {fold(department.key), *(fold(text) for text in department.label.all_texts())}
        ]
        if not found:
            known = [department.key for department in processes.departments]
            message = f"there is no department `{name}`"
            raise KamxlError(Problem("KX220", message, Place(processes.file), help=suggest(name, known)))
        chosen.append(found[0])
    return tuple(dict.fromkeys(chosen))


def _refusal(department: Department, columns: RunColumns) -> Problem | None:
    """Why no workbook can be made for a department; None where one can."""
    hidden = [key for key in ("category", "process") if key not in department.see]
    if not department.see:
        message = "may see no column"
        help_text = "list the columns that it may `see:` in the process file"
    elif hidden:
        # The sheet of a department is arranged by category: it would tell what the department may not see.
        message = f"may not see {' and '.join(f'`{key}`' for key in hidden)}"
        help_text = "add them to its `see:`: a department's sheet is arranged by category and process"
    elif visible_identity(columns, department.see) is None:
        key = identity_column(columns).key
        message = "may see no column that tells the clients apart"
        help_text = f"add `{key}` to its `see:`" if key else "give a column of the rules the role `id`"
    else:
        return None
    message = f"department `{department.key}` {message}: no workbook is made for it"
    return Problem("KX227", message, department.place, help=help_text)


def _uncollected(
    path: Path, department: Department, notes: Notes, host: Host, processes: ProcessBook
) -> Problem | None:
    """Why the workbook that a copy would replace must stay: it holds what is nowhere else. None where it may go."""
    if not path.exists():
        return None
    hint = "move it away, or publish to another folder with --to"
    try:
        copy = read_copy(path, host, processes)
    except KamxlError as error:
        message = f"the file stands where the workbook of `{department.key}` would be written"
        return Problem("KX512", f"{message}: {error.problems[0].message}", Place(str(path)), help=hint)
    if copy.department != department.key:
        message = f"the workbook of `{copy.department}` stands where that of `{department.key}` would be written"
        return Problem("KX512", message, Place(str(path)), help=hint)
    written = [each for each in merge_notes(notes, copy.notes, copy.base)[1] if each.outcome != "cleared"]
    if not written:
        return None
    some = ", ".join(f"`{client}`" for client in dict.fromkeys(each.client for each in written[:3]))
    message = f"the copy of `{department.key}` holds notes that are not in the book ({some}): it is not written over"
    return Problem("KX512", message, Place(str(path)), help=f"bring them back with `kamxl collect`, or {hint}")


def _notes_seen(notes: Notes, columns: RunColumns, department: Department) -> dict[str, dict[str, Cell]]:
    """The notes of a department by what it calls its clients; what only a hidden number tells stays in the book."""
    sight = Sight(columns, department.see)
    found = notes_by_identity(notes, other_names(columns, sight))
    if sight.identity.key == identity_column(columns).key:
        return found
    clients = set(sight.identities)
    return {client: kept for client, kept in found.items() if fold(client) in clients}


def _withheld(department: Department, rules: RuleSet) -> list[Problem]:
    """Warnings where `why` or `next` is left out of a workbook, because it tells more than may be seen."""
    problems = []
    for key in ("why", "next"):
        hidden = told_by(key, rules, department.see) if key in department.see else ()
        if hidden:
            some = ", ".join(f"`{name}`" for name in hidden[:8])
            more = f" and {len(hidden) - 8} more" if len(hidden) > 8 else ""
            message = (
                f"`{key}` is left out of the workbook of `{department.key}`: it tells figures of {some}{more}, "
                "which the department may not see"
            )
            help_text = f"add them to its `see:`, or take `{key}` out of it"
            problems.append(Problem("KX227", message, department.place, Severity.WARNING, help_text))
    return problems


def _department_workbook(
    scored: Scored,
    rulebook: Rulebook,
    department: Department,
    notes: DepartmentNotes,
    settings: Settings,
    stamp: str,
) -> tuple[Grid, ...]:
    language, processes = rulebook.language(settings), rulebook.processes
    names = sheet_names(processes, language)
    # Reasons belong to the rows of the table; a blank row between two groups of clients is no client.
    empty = empty_rows(scored)
    why, next_steps = (
        None
        if texts is None or told_by(key, rulebook.rules, department.see)
        else [text for text, gone in zip(texts, empty, strict=True) if not gone]
        for key, texts in zip(("why", "next"), reasons_seen(scored, [department], language), strict=True)
    )
    scored = without_empty_rows(scored)
    only = replace(processes, departments=(department,))
    grids, faults = department_grids(
        scored,
        only,
        language=language,
        templates_dirs=settings.template_folders,
        why=why,
        next_steps=next_steps,
        notes=notes,
        stamp=stamp,
    )
    if has_errors(faults):
        raise KamxlError(faults)
    # Two departments may have one label: the name that the book gives tells them apart.
    own = [replace(grid, name=names[department.key]) for grid in grids]
    if may_have_brief(scored, department):
        own.append(brief_grid(scored, processes, language=language, stamp=stamp, departments=[department.key]))
    return tuple(own)


def may_have_brief(scored: Scored, department: Department) -> bool:
    """Whether a department may see everything that the sheet KAM Brief shows: who, category, process."""
    who = (scored.plan.rules.column_with_role(role) for role in ("id", "name"))
    needed = {"category", "process", *(column.key for column in who if column is not None)}
    return needed <= set(department.see)


def _write_workbook(grids: Sequence[Grid], properties: dict[str, str], path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _not_saved("the workbooks cannot be saved in this folder", path.parent, error) from error
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "draft.xlsx"
        write_grids(grids, draft)
        target = FileHost(draft, path)
        for name, value in properties.items():
            target.notes[name] = value
        target.save()


def _not_saved(what: str, path: Path, error: OSError) -> KamxlError:
    reason = (error.strerror or "it cannot be written").lower()
    return KamxlError(Problem("KX504", f"{what}: {reason}", Place(str(path)), help="choose another place"))


def collect(host: Host, settings: Settings, copies: Sequence[Path]) -> tuple[tuple[Collected, ...], Outcome]:
    """Done and Notes of published copies brought back into the department sheets of the book, which is then saved.

    Nothing is written over silently: conflicts keep the text of the book and are listed.
    Errors: KamxlError KX510 when a copy belongs to another book or was not published by kamxl: nothing is written.
    """
    rulebook = load_rulebook(settings)
    scored, _ = score_host(host, rulebook, settings)
    language = rulebook.language(settings)
    notes = department_notes(host, rulebook.processes)
    # A department that may not see the id knows its clients by name.
    clients = {fold(client) for client in (*client_identifiers(scored), *take_names(scored))}
    columns = RunColumns(without_empty_rows(scored), rulebook.processes, language)
    for each in rulebook.processes.departments:
        aliases = other_names(columns, Sight(columns, each.see))
        notes[each.key] = notes_by_identity(notes.get(each.key, {}), aliases)
    faults: list[Problem] = []
    found, strangers = [], []
    for path in copies:
        try:
            copy = read_copy(path, host, rulebook.processes)
        except KamxlError as error:
            faults += error.problems
            continue
        if _shared(copy.notes, clients) < LEAST_SHARED_CLIENTS:
            faults.append(another_book(path, "most of its clients are not in the book"))
            continue
        merged, told = merge_notes(notes.get(copy.department, {}), copy.notes, copy.base)
        notes[copy.department] = merged
        found.append(Collected(copy.department, path, told))
        strangers += [_not_listed(path, client) for client in copy.notes if fold(client) not in clients]
    if faults:
        raise KamxlError(faults)
    stamp = stamp_of(scored, rulebook, language)
    outcome = Outcome(scored, stamp, language, problems=sort_problems([*all_problems(scored, rulebook), *strangers]))
    outcome = write_departments(host, rulebook, outcome, settings, notes=notes)
    settings.progress("save")
    host.save()
    return tuple(found), outcome


def _not_listed(path: Path, client: str) -> Problem:
    message = f"client `{client}` of the copy is not in the book; its notes stand at the end of the sheet"
    return Problem("KX306", message, Place(str(path)), Severity.WARNING)


def _shared(notes: Notes, clients: set[str]) -> float:
    """Share of the clients with notes in a copy that are in the book; 1 for a copy without notes."""
    return sum(fold(client) in clients for client in notes) / len(notes) if notes else 1.0


def brief(host: Host, settings: Settings, client: str, stage: str) -> tuple[Brief, Outcome]:
    """What every department does for a client at a stage.

    Errors: KamxlError KX306 for an unknown client, KX220 for an unknown stage.
    """
    rulebook = load_rulebook(settings)
    key = find_stage(rulebook.processes, stage)
    scored, _ = score_host(host, rulebook, settings)
    language = rulebook.language(settings)
    found = make_brief(scored, rulebook.processes, find_row(scored, client), key, language=language)
    return found, Outcome(scored, stamp_of(scored, rulebook, language), language)


def write_page(host: Host, settings: Settings, path: Path) -> Outcome:
    """The dashboard as one HTML file; the workbook is left as it is.

    Errors: KamxlError KX504 when the file cannot be written.
    """
    rulebook = load_rulebook(settings)
    scored, _ = score_host(host, rulebook, settings)
    language = rulebook.language(settings)
    stamp = stamp_of(scored, rulebook, language)
    memory = replace(remember_run(read_memory(host), scored, stamp, language), since=settings.since)
    page = dashboard_page(compose_insight(scored, memory, stamp, language))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise _not_saved("the page cannot be saved", path, error) from error
    return Outcome(scored, stamp, language, problems=sort_problems([*all_problems(scored, rulebook), *memory.problems]))
