"""The COM object behind worksheet functions and ribbon: xlwings' open-source UDF server with our class identifier.

Windows only at run time; importing it needs neither Windows nor xlwings. One process serves every workbook of a user.
The class offers two methods, and none of those with which xlwings' own would run any text as a program.
"""

from __future__ import annotations

import inspect
import json
import sys
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module, metadata
from typing import Any

from kamxl.addin.answers import Answers
from kamxl.addin.functions import WorksheetFunction, find_function
from kamxl.addin.log import Log
from kamxl.addin.scoring import Fault
from kamxl.addin.settings import read_settings
from kamxl.addin.wire import from_excel, to_excel
from kamxl.problems import KamxlError

# Also in vba/KamRuntime.bas. Our own, so that no other xlwings add-in is reached by mistake.
CLASS_ID = "{9B3C8C4E-6B0B-4A5C-8F0E-6B616D786C31}"
_ONE_PER_USER = "Local\\kamxl-server"
_LOOK_FOR_EXCEL_EVERY_S, _LOOKS_WITHOUT_EXCEL = 120.0, 2
_EXCEL_WINDOW = "XLMAIN"


def __getattr__(name: str) -> Callable[..., Any]:
    """A worksheet function as xlwings' `call_udf` looks it up in this module."""
    function = find_function(name) if name.startswith("KAM_") else None
    if function is None:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return _published(function)


@lru_cache
def _published(function: WorksheetFunction) -> Callable[..., Any]:
    udfs: Any = import_module("xlwings.udfs")

    def body(*arguments: object) -> list[list[object]]:
        return call(function.name, arguments)

    body.__name__ = function.name
    body.__doc__ = function.help.en
    missing = {True: None, False: inspect.Parameter.empty}
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = [inspect.Parameter(a.name, kind, default=missing[a.optional]) for a in function.arguments]
    body.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    # Raw: xlwings would otherwise read error cells as blanks and blanks as texts.
    published: Callable[..., Any] = udfs.xlret("raw")(udfs.xlfunc(category="KAM")(body))
    for argument in function.arguments:
        published = udfs.xlarg(argument.name, "raw")(published)
    return published


def call(name: str, arguments: tuple[object, ...]) -> list[list[object]]:
    """The answer of a worksheet function for Excel. Never raises: a fault of ours is an error cell and a traceback."""
    try:
        answer = _state().answers.answer(name, [from_excel(argument) for argument in arguments])
    except KamxlError as error:
        return to_excel([[Fault("#VALUE!", error.problems[0].cell_line())]])
    except Exception as error:  # behind this line is Excel, which would show a text in the cell
        _fallback_log().tell_failure(name)
        return to_excel([[Fault("#VALUE!", f"kamxl failed: {type(error).__name__} {error}")]])
    log = _state().log
    for row in answer:
        for cell in row:
            if isinstance(cell, Fault):
                log.tell_once(f"{name}: {cell.reason}")
    return to_excel(answer)


class _State:
    """Settings, rule files, results of earlier calls and the log, for as long as the server lives."""

    def __init__(self) -> None:
        settings = read_settings()
        self.answers = Answers(settings)
        self.log = Log(settings.log)


@lru_cache(maxsize=1)
def _state() -> _State:
    return _State()


def _fallback_log() -> Log:
    try:
        return _state().log
    except KamxlError:
        from kamxl.addin.machine import this_machine
        from kamxl.addin.settings import LOG_NAME

        return Log(this_machine().user_folder / LOG_NAME)


def forget() -> None:
    """Read settings and rules again at the next call."""
    _state.cache_clear()


def server_class() -> type:
    """xlwings' COM class, cut down to what our VBA calls, with ribbon commands added.

    Errors: ImportError without xlwings or pywin32.
    """
    base: Any = import_module("xlwings.com_server").XLPython

    class KamServer(base):  # type: ignore[misc]
        _public_methods_ = ["CallUDF", "RunCommand"]

        def RunCommand(self, name: str, workbook: object) -> str:  # noqa: N802 - the name that VBA calls
            from kamxl.addin.actions import run_in_server

            return run_in_server(name, workbook, forget)

    return KamServer


def _windows(module: str) -> Any:
    # pywin32 is typed on Windows alone; here it is whatever it is.
    return import_module(module)


def serve(*, stay: bool) -> None:
    """Serve until the last Excel of this user has gone; with `stay`, until log-off. One server per user at a time."""
    com_server: Any = import_module("xlwings.com_server")
    win32api, win32event, winerror = map(_windows, ("win32api", "win32event", "winerror"))
    mutex = win32event.CreateMutex(None, False, _ONE_PER_USER)
    if win32api.GetLastError() == winerror.ERROR_ALREADY_EXISTS:
        return
    com_server.XLPython = server_class()
    # COM ends a server when its last object goes; a server that shall stay keeps one itself.
    kept = com_server.serverutil.wrap(com_server.XLPython()) if stay else None
    if not stay:
        watcher = threading.Thread(target=_leave_with_excel, args=(win32api.GetCurrentThreadId(),), daemon=True)
        watcher.start()
    com_server.serve(CLASS_ID)
    del kept, mutex


def _leave_with_excel(main_thread: int) -> None:
    """Ends the server when Excel has gone without ever asking it anything, or has crashed."""
    win32api, win32con, win32gui = map(_windows, ("win32api", "win32con", "win32gui"))
    misses = 0
    while misses < _LOOKS_WITHOUT_EXCEL:
        time.sleep(_LOOK_FOR_EXCEL_EVERY_S)
        misses = 0 if win32gui.FindWindow(_EXCEL_WINDOW, None) else misses + 1
    win32api.PostThreadMessage(main_thread, win32con.WM_QUIT, 0, 0)


def versions() -> dict[str, object]:
    """What the server would serve with, all of it loaded: xlwings, pywin32, and the build of each DLL of pywin32.

    A DLL of an older pywin32, left in a system folder, is found before the right one and breaks COM in strange ways.
    """
    server_class()
    win32api = _windows("win32api")
    builds = {}
    for name in ("pythoncom", "pywintypes"):
        path = str(_windows(name).__file__)
        builds[path] = str(win32api.GetFileVersionInfo(path, "\\")["FileVersionLS"] >> 16)
    return {"xlwings": metadata.version("xlwings"), "pywin32": metadata.version("pywin32"), "dlls": builds}


def main(arguments: list[str]) -> None:
    """`python -m kamxl.addin.server [--stay | --versions]`."""
    if "--versions" in arguments:
        sys.stdout.write(json.dumps(versions()))
        return
    try:
        serve(stay="--stay" in arguments)
    except Exception:
        _fallback_log().tell_failure("the server could not start")
        raise


if __name__ == "__main__":
    # By its own name: xlwings imports this module again, and its state must be the same.
    from kamxl.addin import server

    server.main(sys.argv[1:])
