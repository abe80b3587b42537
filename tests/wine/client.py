"""Run by Windows' Python under Wine: installs the add-in, starts its server as VBA does, asks it, kills it, asks again.

Prints one JSON object. Excel is not there; everything between VBA and the rules is.
"""

from __future__ import annotations

import ctypes
import datetime as dt
import json
import subprocess
import sys
import time
from typing import Any

import pywintypes
import win32api
import win32com.client
import win32con
import win32process
from win32com.server.util import wrap

from kamxl.addin.doctor import examine
from kamxl.addin.machine import SERVER_KEY, SERVER_VALUE
from kamxl.addin.server import CLASS_ID
from kamxl.demo import HEADERS, demo_rows
from kamxl.values import serial_of

MODULE = "kamxl.addin.server"
REGISTRY_VALUE = SERVER_KEY.replace("HKCU", "HKEY_CURRENT_USER") + "\\" + SERVER_VALUE


def installed() -> list[str]:
    """What the README's command says that it did."""
    command = [sys.executable, "-m", "kamxl", "install"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    # The code page of the pipe has no Ł.
    return done.stdout.decode("cp1252").replace("\\u0141", "Ł").splitlines()


def attach() -> Any:
    """The running server, as `GetObject(SERVER_CLASS)` of KamRuntime.bas finds it; None when there is none."""
    try:
        return win32com.client.GetObject(f"new:{CLASS_ID}")
    except pywintypes.com_error:
        return None


def start_and_attach() -> tuple[Any, float]:
    """What StartServer and IsAttachedWithin of KamRuntime.bas do, with more patience, and the seconds it took."""
    shell = win32com.client.Dispatch("WScript.Shell")
    begun = time.perf_counter()
    shell.Run(shell.RegRead(REGISTRY_VALUE), 0, False)
    while time.perf_counter() - begun < 30:
        server = attach()
        if server is not None:
            return server, time.perf_counter() - begun
        time.sleep(0.2)
    raise TimeoutError("the server did not come up in half a minute")


def server_processes() -> list[int]:
    """Identifiers of all servers."""
    return processes_of("pythonw.exe")


def processes_of(program: str) -> list[int]:
    """Identifiers of all processes of a program."""
    found = []
    for identifier in win32process.EnumProcesses():
        try:
            process = win32api.OpenProcess(
                win32con.PROCESS_QUERY_INFORMATION | win32con.PROCESS_VM_READ, False, identifier
            )
            if win32process.GetModuleFileNameEx(process, 0).lower().endswith(program):
                found.append(identifier)
        except pywintypes.error:
            continue
    return found


def demo_cells() -> tuple[tuple[Any, ...], ...]:
    """The demo portfolio as Excel's Value2 gives it: dates are serial numbers, every number is a float."""

    def value2(cell: Any) -> Any:
        if isinstance(cell, dt.date):
            return serial_of(cell)
        return float(cell) if isinstance(cell, int) and not isinstance(cell, bool) else cell

    return (tuple(HEADERS), *(tuple(value2(cell) for cell in row) for row in demo_rows(1)))


def date_cells() -> tuple[tuple[Any, ...], ...]:
    """The demo portfolio as Excel's Value gives it in a workbook that counts from 1904: days are COM dates."""
    midnight = dt.time()

    def value(cell: Any) -> Any:
        if isinstance(cell, dt.date):
            return dt.datetime.combine(cell, midnight, tzinfo=dt.UTC)
        return float(cell) if isinstance(cell, int) and not isinstance(cell, bool) else cell

    return (tuple(HEADERS), *(tuple(value(cell) for cell in row) for row in demo_rows(1)))


def ask(server: Any, name: str, *arguments: Any) -> Any:
    """One call as the wrappers of KamFunctions make it."""
    return server.CallUDF(MODULE, name, list(arguments), None, None)


class Workbook:
    """As much of an Excel workbook as a command is asked for by a command that only tells."""

    _public_methods_: list[str] = []
    _public_attrs_ = ["Name", "FullName"]
    Name = "book.xlsx"
    FullName = "C:\\book.xlsx"


def second_workbook() -> None:
    """Another client process, as another Excel would be: which server answers it."""
    server = attach()
    print(json.dumps({"answers": server is not None and ask(server, "KAM_VERSION"), "servers": server_processes()}))


def main() -> None:
    """Everything in order; the figures as JSON."""
    seen: dict[str, Any] = {"python": sys.version.split()[0], "installed": installed()}
    begun = time.perf_counter()
    seen["absent"] = attach() is None
    seen["seconds_to_know_that_it_is_absent"] = time.perf_counter() - begun
    server, seen["seconds_to_start"] = start_and_attach()
    rows = demo_cells()
    seen["first_call"] = ask(server, "KAM_VERSION")
    for name in ("KAM_SCORE", "KAM_CATEGORY", "KAM_TABLE"):
        begun = time.perf_counter()
        seen[name] = ask(server, name, rows, None, None)
        seen[f"seconds_{name}"] = time.perf_counter() - begun
    seen["by_date_cells"] = ask(server, "KAM_SCORE", date_cells(), None, None)
    broken = (rows[0], *[(*row[:15], -2146826246, *row[16:]) for row in rows[1:3]])
    seen["errors"] = ask(server, "KAM_SCORE", broken, None, None)
    begun = time.perf_counter()
    for row in rows[1:101]:
        ask(server, "KAM_SCORE", (row,), (rows[0],), None)
    seen["seconds_for_100_single_rows"] = time.perf_counter() - begun
    many = (rows[0], *[(f"{row[0]} {copy}", *row[1:]) for copy in range(84) for row in rows[1:]])
    begun = time.perf_counter()
    seen["rows_of_a_large_table"] = len(ask(server, "KAM_CATEGORY", many, None, None))
    seen["seconds_for_a_large_table"] = time.perf_counter() - begun
    seen["command"] = server.RunCommand("about", wrap(Workbook()))
    seen["servers"] = server_processes()
    again = subprocess.run([sys.executable, __file__, "second"], capture_output=True, text=True, check=True)
    seen["second"] = json.loads(again.stdout)
    seen["doctor"] = [finding.line() for finding in examine()]
    end_and_return(server, rows, seen)
    print(json.dumps(seen))


def end_servers() -> None:
    """Ends every server as Windows ends a program: a WM_QUIT to each of its threads."""
    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined]
    snapshot = kernel.CreateToolhelp32Snapshot(0x4, 0)
    entry = ThreadEntry(dwSize=ctypes.sizeof(ThreadEntry))
    servers = server_processes()
    found = kernel.Thread32First(snapshot, ctypes.byref(entry))
    while found:
        if entry.th32OwnerProcessID in servers:
            ctypes.windll.user32.PostThreadMessageW(entry.th32ThreadID, win32con.WM_QUIT, 0, 0)  # type: ignore[attr-defined]
        found = kernel.Thread32Next(snapshot, ctypes.byref(entry))


class ThreadEntry(ctypes.Structure):
    """THREADENTRY32 of the Windows API."""

    _fields_ = [
        (name, ctypes.c_ulong)
        for name in ("dwSize", "cntUsage", "th32ThreadID", "th32OwnerProcessID", "tpBasePri", "tpDeltaPri", "dwFlags")
    ]


def is_answered(server: Any) -> tuple[bool, float]:
    """Whether a server still answers, and the seconds until that was known."""
    begun = time.perf_counter()
    try:
        ask(server, "KAM_VERSION")
    except (pywintypes.com_error, AttributeError):
        return False, time.perf_counter() - begun
    return True, time.perf_counter() - begun


def end_and_return(server: Any, rows: Any, seen: dict[str, Any]) -> None:
    """The server goes, politely and by force; the next call fails at once, a new server answers as the old one did."""
    end_servers()
    time.sleep(1)
    seen["gone_answers"], seen["seconds_to_know_that_it_is_gone"] = is_answered(server)
    fresh, seen["seconds_to_come_back"] = start_and_attach()
    seen["after"] = ask(fresh, "KAM_SCORE", rows, None, None)
    kill("pythonw.exe")
    seen["killed_answers"], seen["seconds_to_know_that_it_was_killed"] = is_answered(fresh)
    seen["wine_finds_a_successor_by_itself"] = is_found_by_itself()
    kill("pythonw.exe")
    forget_dead_classes()
    again, seen["seconds_to_come_back_after_a_kill"] = start_and_attach()
    seen["after_kill"] = ask(again, "KAM_SCORE", rows, None, None)


def is_found_by_itself() -> bool:
    """Whether COM finds the successor of a killed server. Windows does; Wine 8 asks the dead one first."""
    shell = win32com.client.Dispatch("WScript.Shell")
    shell.Run(shell.RegRead(REGISTRY_VALUE), 0, False)
    for _ in range(25):
        if attach() is not None:
            return True
        time.sleep(0.2)
    return False


def forget_dead_classes() -> None:
    """What Windows' RPC service does when a program dies: its classes are forgotten. Wine's has to be started anew."""
    kill("rpcss.exe")


def kill(program: str) -> None:
    """Ends every process of a program by force."""
    for identifier in processes_of(program):
        process = win32api.OpenProcess(win32con.PROCESS_TERMINATE, False, identifier)
        win32api.TerminateProcess(process, 1)
    time.sleep(1)


if __name__ == "__main__":
    second_workbook() if sys.argv[1:] == ["second"] else main()
