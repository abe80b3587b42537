"""What each ribbon button does to the active workbook: the same use cases as the command line, and what to tell.

Front door for Excel. On Windows the server runs commands in its own process; on macOS every command is a process of
its own: `python -m kamxl.addin.actions classify`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

from kamxl import __version__, app
from kamxl.addin.desk import Desk, HalfDoneError, changing, quiet
from kamxl.addin.live import LivePlace, live_columns
from kamxl.addin.log import Log
from kamxl.addin.settings import read_settings
from kamxl.addin.shelf import check_drive
from kamxl.addin.undo import undo_changes
from kamxl.backends import Scored
from kamxl.explain import explain_row
from kamxl.hosts import Host
from kamxl.hosts.excel import ExcelHost
from kamxl.hosts.excel_api import can_spill, recalculate
from kamxl.hosts.excel_cells import Formula, cells_as_they_are, put_cells, read_block
from kamxl.own_columns import known_columns
from kamxl.phrases import say, write_number
from kamxl.problem_words import count_line_in, help_in, message_in
from kamxl.problems import KamxlError, Problem, Severity
from kamxl.records import replace
from kamxl.values import fold

# VBA's MsgBox shows about 1,000 characters.
_MESSAGE_CHARS = 1000
_PROBLEMS_SHOWN = 5
_FUNCTION_MARK = "KAM_"


def run_command(name: str, desk: Desk) -> str:
    """Carries out a ribbon command and returns what to tell the user; empty for nothing.

    Errors: KeyError for a command that the registry does not know. A user's mistakes come back as text.
    """
    command = _COMMANDS[name]
    try:
        if name not in _WITHOUT_RULES:
            check_drive(desk.settings.rules)
        return command(desk)[:_MESSAGE_CHARS]
    except KamxlError as error:
        if error.problems[0].code != "KX304":
            return problem_text(error.problems, desk)[:_MESSAGE_CHARS]
        # Several client tables: the sheet in front of its user is the one that is meant.
        front = replace(desk, sheet=str(desk.workbook.sheets.active.name))
        try:
            return command(front)[:_MESSAGE_CHARS]
        except KamxlError as second:
            is_elsewhere = second.problems[0].code in ("KX303", "KX304")
            return _choose_text(error.problems, desk) if is_elsewhere else problem_text(second.problems, desk)


def _choose_text(problems: Sequence[Problem], desk: Desk) -> str:
    sentence = message_in(problems[0], desk.language)
    return f"{problems[0].code} {sentence}\n   {desk.say('choose_sheet')}"[:_MESSAGE_CHARS]


def _classify(desk: Desk) -> str:
    with changing(desk) as host:
        outcome = app.classify(host, desk.run_settings())
    return outcome_text(outcome, desk)


def _sheets(desk: Desk) -> str:
    with changing(desk) as host:
        outcome = app.sheets(host, desk.run_settings())
    return outcome_text(outcome, desk)


def _dashboard(desk: Desk) -> str:
    with changing(desk) as host:
        outcome = app.dashboard(host, desk.run_settings())
    return outcome_text(outcome, desk)


def outcome_text(outcome: app.Outcome, desk: Desk) -> str:
    """What a use case did, as a message box tells it."""
    scored = outcome.scored
    empty = sum(app.empty_rows(scored))
    unscored = sum(
        1
        for problems in scored.problems_by_row.values()
        if any(problem.severity is Severity.ERROR for problem in problems)
    )
    lines = [desk.say("classified", count=scored.row_count - empty)]
    if unscored:
        lines.append(desk.say("unscored", count=unscored))
    if outcome.sheets:
        lines.append(desk.say("sheets", names=", ".join(outcome.sheets)))
    lines.append(desk.say("undo_hint"))
    errors = [problem for problem in outcome.problems if problem.severity is Severity.ERROR]
    if errors:
        lines += ["", problem_text(errors, desk)]
    return "\n".join(lines)


def problem_text(problems: Sequence[Problem], desk: Desk) -> str:
    """Problems as a message box lists them: the first few, with what helps."""
    shown = []
    for problem in problems[:_PROBLEMS_SHOWN]:
        place = f" ({problem.place})" if str(problem.place) != "<text>" else ""
        way_out = help_in(problem, desk.language)
        sentence = message_in(problem, desk.language)
        shown.append(f"{problem.code} {sentence}{place}" + (f"\n   {way_out}" if way_out else ""))
    if len(problems) > _PROBLEMS_SHOWN:
        shown.append(desk.say("more", count=len(problems) - _PROBLEMS_SHOWN))
    return "\n".join(shown)


def _explain(desk: Desk) -> str:
    host = ExcelHost(desk.workbook)
    run_settings = desk.run_settings()
    rulebook = app.load_rulebook(run_settings)
    try:
        scored, whole = app.score_host(host, rulebook, run_settings)
    finally:
        desk.workbook.app.status_bar = False
    selected = desk.workbook.app.selection
    row = selected.row - whole.origin.header_row - 1 if selected is not None else -1
    if selected is None or selected.sheet.name != whole.origin.sheet or not 0 <= row < whole.row_count:
        place = whole.header_place(0)
        return desk.say("select", place=f"{place.sheet}!{place.cell}")
    return explanation_text(scored, row, rulebook.language(run_settings))


def explanation_text(scored: Scored, row: int, language: str) -> str:
    """Why a client is where it is, as a message box shows it. Units: row is 0-based."""
    told = explain_row(scored, row, language=language)
    lines = [f"{told.client}: {told.category_label}", told.because, ""]
    for _, label, score, contribution in told.families:
        part = write_number(contribution, language)
        lines.append(f"{label}: {write_number(score, language) if score == score else '-'}  (+{part})")
    if told.score == told.score:
        lines.append(f"{say('score', language)}: {write_number(told.score, language)}")
    if told.missing:
        lines.append(say("missing_list", language, names=", ".join(told.missing)))
    if told.next_step:
        lines += ["", f"{say('next', language)}: {told.next_step}"]
    return "\n".join(lines)


def _live(desk: Desk) -> str:
    if not desk.has_functions:
        return desk.say("no_functions")
    run_settings = desk.run_settings()
    rulebook = app.load_rulebook(run_settings)
    with changing(desk) as host:
        scored, whole = app.score_host(host, rulebook, run_settings)
        own = known_columns(host.notes, whole).values()
        place = LivePlace(can_spill(desk.workbook), host.header_texts(whole))
        columns = live_columns(scored.plan, whole, tuple(own), rulebook.language(run_settings), place)
        host.write_columns(whole, columns)
    return desk.say("live", names=", ".join(column.header for column in columns)) + "\n" + desk.say("undo_hint")


def _formulas(desk: Desk) -> str:
    from kamxl.live import write_formulas

    with changing(desk) as host:
        outcome = write_formulas(host, desk.run_settings())
    lines = [desk.say("formulas", count=outcome.formula_count, sheet=outcome.sheets[0]), desk.say("undo_hint")]
    if outcome.problems:
        lines += ["", problem_text(outcome.problems, desk)]
    return "\n".join(lines)


def _freeze(desk: Desk) -> str:
    sheet = desk.workbook.sheets.active
    with changing(desk) as host:
        count = _freeze_sheet(sheet, host)
    if not count:
        return desk.say("nothing_frozen")
    return desk.say("frozen", count=count) + "\n" + desk.say("undo_hint")


def _freeze_sheet(sheet: Any, host: ExcelHost) -> int:
    used = sheet.used_range
    held = cells_as_they_are(used)
    values = read_block(used)
    ours = own_cells(host, str(sheet.name))
    count = 0
    for column in range(used.shape[1]):
        mine = [(used.row + row, used.column + column) in ours for row in range(used.shape[0])]
        is_live = [_is_live(row[column], ours=own) for row, own in zip(held, mine, strict=True)]
        for first, last in _runs(is_live):
            top, left = used.row + first, used.column + column
            block = sheet.range((top, left), (used.row + last, left))
            before = [(row[column],) for row in held[first : last + 1]]
            host.record_cells(sheet, top, left, before)
            put_cells(block, [(row[column],) for row in values[first : last + 1]])
            count += last - first + 1
    return count


def own_cells(host: Host, sheet: str) -> frozenset[tuple[int, int]]:
    """Cells of the columns that kamxl wrote beside client tables of a sheet. Units: (row, column), 1-based."""
    found: set[tuple[int, int]] = set()
    for table in host.read_tables():
        if table.origin.sheet != sheet:
            continue
        first, own = table.origin.header_row + 1, {fold(each) for each in known_columns(host.notes, table).values()}
        columns = [table.origin.first_column + i for i, header in enumerate(table.headers) if fold(header) in own]
        found |= {(row, column) for column in columns for row in range(first, first + table.row_count)}
    return frozenset(found)


def _is_live(cell: object, *, ours: bool) -> bool:
    return isinstance(cell, Formula) and (ours or _FUNCTION_MARK in cell.text.upper())


def _runs(flags: Sequence[bool]) -> Iterator[tuple[int, int]]:
    first = None
    for index, flag in enumerate([*flags, False]):
        if flag and first is None:
            first = index
        elif not flag and first is not None:
            yield first, index - 1
            first = None


def _check(desk: Desk) -> str:
    from kamxl.checking import check_files

    host = ExcelHost(desk.workbook)
    report = check_files(
        desk.settings.rules, desk.run_settings().processes_path, None, host=host, language=desk.language
    )
    file = desk.settings.rules.name
    if not report.problems:
        return desk.say("rules_fine", file=file)
    head = desk.say("rules_faulty", file=file, count=count_line_in(report.problems, desk.language))
    return head + "\n\n" + problem_text(report.problems, desk)


def _rules(desk: Desk) -> str:
    desk.open_file(desk.settings.rules)
    return ""


def _reload(desk: Desk) -> str:
    desk.forget()
    rulebook = app.load_rulebook(desk.run_settings())
    recalculate(desk.workbook)
    rules = rulebook.rules
    return desk.say("reloaded", title=f"{rules.name.text(desk.language)} ({rules.digest[:8]})")


def _undo(desk: Desk) -> str:
    with quiet(desk.workbook.app, screen_updating=False):
        is_undone = undo_changes(desk.settings.undo_folder, desk.workbook)
    return desk.say("undone" if is_undone else "nothing_to_undo")


def _log(desk: Desk) -> str:
    if not desk.settings.log.is_file():
        return desk.say("no_log")
    desk.open_file(desk.settings.log)
    return ""


def _about(desk: Desk) -> str:
    return desk.say(
        "about",
        version=__version__,
        rules=desk.settings.rules,
        folder=desk.settings.folder,
        python=sys.version.split()[0],
        xlwings=metadata.version("xlwings"),
    )


_COMMANDS: dict[str, Callable[[Desk], str]] = {
    "classify": _classify,
    "sheets": _sheets,
    "dashboard": _dashboard,
    "explain": _explain,
    "live": _live,
    "formulas": _formulas,
    "freeze": _freeze,
    "check": _check,
    "rules": _rules,
    "reload": _reload,
    "undo": _undo,
    "log": _log,
    "about": _about,
}
_WITHOUT_WORKBOOK = frozenset({"rules", "log", "about"})
_WITHOUT_RULES = frozenset({"freeze", "undo", "log", "about"})


def run_safely(name: str, desk: Desk) -> str:
    """`run_command` for Excel: a fault of ours becomes a message with the path of the log."""
    log = Log(desk.settings.log)
    try:
        if desk.workbook is None and name not in _WITHOUT_WORKBOOK:
            return desk.say("no_workbook")
        return run_command(name, desk)
    except Exception as error:
        log.tell_failure(f"command {name}")
        return desk.say("half_done" if isinstance(error, HalfDoneError) else "failed", log=desk.settings.log)
    finally:
        log.close()


def run_in_server(name: str, pointer: object, forget: Callable[[], None]) -> str:
    """A command of the ribbon on Windows; `pointer` is the COM workbook that VBA hands over, None if none is open."""
    try:
        settings = read_settings()
    except KamxlError as error:
        return error.problems[0].cell_line()
    return run_safely(name, Desk(_workbook_of(pointer), settings, _open_file, forget))


def _workbook_of(pointer: object) -> Any:
    if pointer is None:
        return None
    windows: Any = import_module("xlwings._xlwindows")
    client: Any = import_module("win32com.client")
    xlwings: Any = import_module("xlwings")
    return xlwings.Book(impl=windows.Book(xl=client.Dispatch(pointer)))


def _open_file(path: Path) -> None:
    if sys.platform == "win32":
        os.startfile(path)
    else:
        subprocess.run(["open" if sys.platform == "darwin" else "xdg-open", str(path)], check=False)


def main(arguments: Sequence[str]) -> None:
    """`python -m kamxl.addin.actions COMMAND`: a command on the active workbook, for Excel on macOS.

    Nobody sees this program's output: whatever there is to tell is shown by Excel.
    """
    xlwings: Any = import_module("xlwings")
    excel = xlwings.apps.active
    text = _run_on_active(arguments[0], excel)
    if text:
        excel.alert(text, title="KAM")


def _run_on_active(name: str, excel: Any) -> str:
    try:
        settings = read_settings()
    except KamxlError as error:
        return error.problems[0].cell_line()
    workbook = excel.books.active if len(excel.books) else None
    return run_safely(name, Desk(workbook, settings, _open_file, lambda: None, has_functions=False))


if __name__ == "__main__":
    main(sys.argv[1:])
