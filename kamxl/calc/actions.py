"""What each menu entry does to the spreadsheet of a window: the same use cases as the command line and the ribbon.

Each is one step of Calc's own Undo; after an error the spreadsheet is as it was.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from kamxl import __version__, app
from kamxl.addin.actions import explanation_text, outcome_text, own_cells, problem_text
from kamxl.addin.commands import find_command
from kamxl.addin.desk import Desk
from kamxl.addin.functions import Language
from kamxl.addin.live import live_columns
from kamxl.addin.log import Log
from kamxl.addin.settings import SETTINGS_NAME, read_settings
from kamxl.hosts.calc import CalcHost
from kamxl.hosts.calc_cells import properties, used_range
from kamxl.hosts.calc_undo import put_block, undo_last_step
from kamxl.own_columns import known_columns
from kamxl.problems import KamxlError, Problem
from kamxl.records import dataclass, replace

# What Calc's own interface calls our functions in formulas that a program reads.
_FUNCTION_MARK = "ORG.KAMXL.KAMFUNCTIONS."
_MESSAGE_CHARS = 1500


@dataclass(frozen=True, slots=True)
class Window:
    """One window of Calc and the office around it."""

    context: Any
    frame: Any

    @property
    def document(self) -> Any:
        """The spreadsheet of the window."""
        return self.frame.getController().getModel()

    def service(self, name: str) -> Any:
        """A service of the office."""
        return self.context.ServiceManager.createInstanceWithContext(name, self.context)

    @property
    def language(self) -> Language:
        """The language that Calc itself speaks, of those that kamxl speaks."""
        node = properties(nodepath="/org.openoffice.Setup/L10N")
        provider = self.service("com.sun.star.configuration.ConfigurationProvider")
        access = provider.createInstanceWithArguments("com.sun.star.configuration.ConfigurationAccess", node)
        return "fr" if str(access.getPropertyValue("ooLocale")).startswith("fr") else "en"

    def host(self) -> CalcHost:
        """The spreadsheet as a host."""
        return CalcHost(self.document, self.service)

    def open_file(self, path: Path) -> None:
        """A file in the program that its user opens such files with."""
        self.service("com.sun.star.system.SystemShellExecute").execute(str(path), "", 1)

    def show(self, text: str) -> None:
        """A message box; none where nobody could close it."""
        shown = self.frame.getContainerWindow()
        if shown is None or not shown.isVisible():
            return
        import uno  # type: ignore[import-not-found,unused-ignore]

        kind = uno.Enum("com.sun.star.awt.MessageBoxType", "INFOBOX")
        self.service("com.sun.star.awt.Toolkit").createMessageBox(shown, kind, 1, "KAM", text).execute()


def run_safely(name: str, context: Any, frame: Any, forget: Callable[[], None]) -> str:
    """Carries out a command, tells its user and returns what was told. Nothing is raised: Calc would not show it."""
    window = Window(context, frame)
    try:
        settings = read_settings()
    except KamxlError as error:
        window.show(error.problems[0].cell_line())
        return error.problems[0].cell_line()
    if not (settings.folder / SETTINGS_NAME).is_file():
        settings = replace(settings, language=window.language)
    desk = Desk(window, settings, window.open_file, forget)
    log = Log(settings.log)
    try:
        text = _COMMANDS[name](window, desk)
    except KamxlError as error:
        text = problem_text(error.problems, desk)
    except Exception:
        log.tell_failure(f"calc command {name}")
        text = desk.say("failed", log=settings.log)
    finally:
        log.close()
    if text:
        window.show(text[:_MESSAGE_CHARS])
    return text[:_MESSAGE_CHARS]


def _run_settings(desk: Desk) -> app.Settings:
    # LibreOffice's own Python seldom has NumPy; the runner for rows gives the same results without it.
    backend = "columns" if importlib.util.find_spec("numpy") else "rows"
    return app.Settings(rules=desk.settings.rules, backend=backend)


def _one_step(window: Window, desk: Desk, command: str) -> AbstractContextManager[CalcHost]:
    """A host whose changes are one step of Undo, under the command's own name."""
    found = find_command(command)
    return window.host().one_step(found.label.text(desk.language) if found is not None else command)


def _classify(window: Window, desk: Desk) -> str:
    with _one_step(window, desk, "classify") as host:
        outcome = app.classify(host, _run_settings(desk))
    return outcome_text(outcome, desk)


def _sheets(window: Window, desk: Desk) -> str:
    with _one_step(window, desk, "sheets") as host:
        outcome = app.sheets(host, _run_settings(desk))
    return outcome_text(outcome, desk)


def _dashboard(window: Window, desk: Desk) -> str:
    if importlib.util.find_spec("numpy") is None:
        version = ".".join(map(str, sys.version_info[:2]))
        hint = (
            f"install kamxl with a Python {version} and run `kamxl install --libreoffice` there, "
            "or save the file and run `kamxl dashboard FILE`"
        )
        message = f"LibreOffice's own Python {version} finds no NumPy, which the dashboard needs"
        raise KamxlError(Problem("KX506", message, help=hint))
    with _one_step(window, desk, "dashboard") as host:
        outcome = app.dashboard(host, _run_settings(desk))
    return outcome_text(outcome, desk)


def _explain(window: Window, desk: Desk) -> str:
    settings = _run_settings(desk)
    rulebook = app.load_rulebook(settings)
    scored, whole = app.score_host(window.host(), rulebook, settings)
    controller = window.frame.getController()
    address = controller.getSelection()
    row = address.RangeAddress.StartRow - whole.origin.header_row if hasattr(address, "RangeAddress") else -1
    if controller.getActiveSheet().Name != whole.origin.sheet or not 0 <= row < whole.row_count:
        place = whole.header_place(0)
        return desk.say("select", place=f"{place.sheet}.{place.cell}")
    return explanation_text(scored, row, rulebook.language(settings))


def _live(window: Window, desk: Desk) -> str:
    settings = _run_settings(desk)
    rulebook = app.load_rulebook(settings)
    with _one_step(window, desk, "live") as host:
        scored, whole = app.score_host(host, rulebook, settings)
        own = tuple(known_columns(host.notes, whole).values())
        columns = live_columns(scored.plan, whole, own, rulebook.language(settings))
        host.write_columns(whole, columns)
    names = ", ".join(column.header for column in columns)
    return desk.say("live", names=names) + "\n" + desk.say("undo_hint")


def _formulas(window: Window, desk: Desk) -> str:
    from kamxl.live import write_formulas

    with _one_step(window, desk, "formulas") as host:
        outcome = write_formulas(host, _run_settings(desk))
    lines = [desk.say("formulas", count=outcome.formula_count, sheet=outcome.sheets[0]), desk.say("undo_hint")]
    if outcome.problems:
        lines += ["", problem_text(outcome.problems, desk)]
    return "\n".join(lines)


def _freeze(window: Window, desk: Desk) -> str:
    document, sheet = window.document, window.frame.getController().getActiveSheet()
    used = used_range(sheet)
    blocks = list(_live_blocks(used, own_cells(window.host(), str(sheet.Name))))
    if not blocks:
        return desk.say("nothing_frozen")
    with _one_step(window, desk, "freeze") as host:
        host.check_writable(sheet)
        for block, values in blocks:
            put_block(document, block, values)
    return desk.say("frozen", count=sum(len(values) for _, values in blocks))


def _live_blocks(used: Any, ours: Collection[tuple[int, int]]) -> Iterator[tuple[Any, tuple[tuple[Any, ...], ...]]]:
    """Runs of cells with our functions or with formulas of ours, a matrix as a whole, and what they show."""
    top, left = used.RangeAddress.StartRow + 1, used.RangeAddress.StartColumn + 1
    values, formulas = used.getDataArray(), used.getFormulaArray()
    for column in range(len(formulas[0])):
        live = [
            row
            for row, line in enumerate(formulas)
            if _FUNCTION_MARK in str(line[column]).upper()
            or ((top + row, left + column) in ours and str(line[column]).startswith("="))
        ]
        for first, last in _runs(live):
            shown = tuple(
                ("" if values[row][column] is None else values[row][column],) for row in range(first, last + 1)
            )
            yield used.getCellRangeByPosition(column, first, column, last), shown


def _runs(rows: list[int]) -> Iterator[tuple[int, int]]:
    for index, row in enumerate(rows):
        if index == 0 or rows[index - 1] != row - 1:
            first = row
        if index == len(rows) - 1 or rows[index + 1] != row + 1:
            yield first, row


def _check(window: Window, desk: Desk) -> str:
    from kamxl.checking import check_files
    from kamxl.problem_words import count_line_in

    rules = desk.settings.rules
    report = check_files(rules, _run_settings(desk).processes_path, None, host=window.host(), language=desk.language)
    if not report.problems:
        return desk.say("rules_fine", file=rules.name)
    head = desk.say("rules_faulty", file=rules.name, count=count_line_in(report.problems, desk.language))
    return head + "\n\n" + problem_text(report.problems, desk)


def _rules(_window: Window, desk: Desk) -> str:
    desk.open_file(desk.settings.rules)
    return ""


def _reload(window: Window, desk: Desk) -> str:
    desk.forget()
    rules = app.load_rulebook(_run_settings(desk)).rules
    window.document.calculateAll()
    return desk.say("reloaded", title=f"{rules.name.text(desk.language)} ({rules.digest[:8]})")


def _undo(window: Window, desk: Desk) -> str:
    match undo_last_step(window.document):
        case None:
            return desk.say("changed_since")
        case True:
            return desk.say("undone_whole")
        case _:
            return desk.say("nothing_to_undo")


def _log(_window: Window, desk: Desk) -> str:
    if not desk.settings.log.is_file():
        return desk.say("no_log")
    desk.open_file(desk.settings.log)
    return ""


def _about(_window: Window, desk: Desk) -> str:
    return f"kamxl {__version__}\n{desk.settings.rules}\n{desk.settings.folder}\nPython {sys.version.split()[0]}"


_COMMANDS: dict[str, Callable[[Window, Desk], str]] = {
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
