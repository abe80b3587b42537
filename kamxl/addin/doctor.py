"""doctor: what on this machine keeps the add-in from working, and what to do about each.

Reads files, registry and installed packages; changes nothing. Every finding says what was looked at, how it is, and
the action that helps.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from kamxl.addin.build import ADDIN_NAME, build_addin
from kamxl.addin.install import SCRIPT_NAME
from kamxl.addin.machine import SERVER_KEY, SERVER_VALUE, Machine, this_machine
from kamxl.addin.settings import Settings, read_settings
from kamxl.problems import KamxlError

State = Literal["ok", "note", "fault"]
_OFFICE = r"HKLM\SOFTWARE\Microsoft\Office\ClickToRun\Configuration"
_DEFENDER = r"HKLM\SOFTWARE\Policies\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules"
_MACRO_POLICY = r"HKCU\Software\Policies\Microsoft\Office\16.0\Excel\Security"
# "Block all Office applications from creating child processes": 1 blocks, 2 audits, 6 warns.
_NO_CHILDREN = "D4F940AB-401B-4EFC-AADC-AD5F3C50688A"
_START_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    subject: str
    state: State
    message: str
    advice: str = ""

    def line(self) -> str:
        """The finding as a terminal shows it."""
        advice = f"\n        -> {self.advice}" if self.advice else ""
        return f"{self.state:5} {self.subject}: {self.message}{advice}"


def examine(machine: Machine | None = None) -> tuple[Finding, ...]:
    """Everything that was looked at, in the order of the chain from Excel to the rules."""
    here = machine or this_machine()
    findings = [*_packages(here), *_addin_file(here), *_paths(here)]
    if here.system == "windows":
        findings += [*_excel(here), *_policies(here), *_server(here)]
    if here.script_folder is not None:
        findings += _script(here.script_folder / SCRIPT_NAME)
    return (*findings, *_settings(here))


def has_faults(findings: tuple[Finding, ...]) -> bool:
    """Whether something was found that keeps the add-in from working."""
    return any(finding.state == "fault" for finding in findings)


def _packages(machine: Machine) -> Iterator[Finding]:
    yield Finding("Python", "ok", f"{machine.python}")
    needed = {"windows": ("xlwings", "pywin32"), "macos": ("xlwings",), "other": ()}[machine.system]
    for name in needed:
        try:
            yield Finding(name, "ok", metadata.version(name))
        except metadata.PackageNotFoundError:
            command = f'"{machine.python}" -m pip install "kamxl[excel]"'
            yield Finding(name, "fault", "is not installed for this Python", f"run {command}")


def _addin_file(machine: Machine) -> Iterator[Finding]:
    if machine.startup_folder is None:
        yield Finding("Excel", "note", "does not run on this system", "build for another machine: install --folder")
        return
    path = machine.startup_folder / ADDIN_NAME
    if not path.is_file():
        yield Finding("add-in", "fault", f"{path} is not there", "run `kamxl install`")
        return
    if path.read_bytes() in (build_addin("en"), build_addin("fr")):
        yield Finding("add-in", "ok", f"{path} is the one of this version")
    else:
        yield Finding("add-in", "fault", f"{path} is of another version", "close Excel and run `kamxl install`")
    if _is_marked_as_download(path):
        advice = "delete the file and run `kamxl install`, or open its Properties and choose Unblock"
        yield Finding("add-in", "fault", "Windows blocks the file as a download", advice)


def _is_marked_as_download(path: Path) -> bool:
    # Windows keeps the Mark of the Web in a second stream of the file; elsewhere the name is a plain file.
    try:
        return "ZoneId=3" in Path(f"{path}:Zone.Identifier").read_text("ascii", errors="replace")
    except OSError:
        return False


def _paths(machine: Machine) -> Iterator[Finding]:
    synchronised = [
        value for name, value in machine.environment.items() if name.upper().startswith("ONEDRIVE") and value
    ]
    for place in {machine.user_folder, machine.python.parent}:
        if any(str(place).casefold().startswith(root.casefold()) for root in synchronised):
            advice = "files there can be away when Excel starts: install Python and kamxl outside OneDrive"
            yield Finding("OneDrive", "fault", f"{place} is synchronised", advice)
        if not str(place).isascii():
            yield Finding("path", "note", f"{place} holds letters beyond ASCII", "kamxl copes; other add-ins may not")


def _excel(machine: Machine) -> Iterator[Finding]:
    platform = machine.read_registry(_OFFICE, "Platform")
    if platform is None:
        yield Finding("Excel", "note", "no Click-to-Run Office found", "kamxl needs desktop Excel 2016 or later")
    else:
        bits = "32-bit" if platform == "x86" else "64-bit"
        yield Finding("Excel", "ok", f"{bits}; it need not match Python, since they are two processes")


def _policies(machine: Machine) -> Iterator[Finding]:
    rule = str(machine.read_registry(_DEFENDER, _NO_CHILDREN) or "0")
    if rule in ("1", "6"):
        advice = "run `kamxl install --at-logon`: Windows then starts the server, not Excel"
        yield Finding("Defender", "fault", "a policy forbids Office to start other programs", advice)
    else:
        yield Finding("Defender", "ok", "no policy found that forbids Office to start other programs")
    if machine.read_registry(_MACRO_POLICY, "VBAWarnings") == 4:
        advice = "ask for a trusted location that covers Excel's XLSTART folder, or for a signature"
        yield Finding("macros", "fault", "a policy turns all macros off", advice)
    if machine.read_registry(_MACRO_POLICY, "RequireAddinSig") == 1:
        advice = "sign kamxl.xlam with the certificate of your company"
        yield Finding("macros", "fault", "a policy asks for signed add-ins", advice)


def _server(machine: Machine) -> Iterator[Finding]:
    command = machine.read_registry(SERVER_KEY, SERVER_VALUE)
    if not isinstance(command, str):
        yield Finding("server", "fault", "Excel is not told how to start it", "run `kamxl install`")
        return
    if command != machine.server_command:
        advice = "run `kamxl install` with the Python that shall serve Excel"
        yield Finding("server", "note", f"Excel starts another Python: {command}", advice)
    interpreter = Path(command.split('"')[1]) if command.count('"') >= 2 else Path(command.split(" ")[0])
    if not interpreter.is_file():
        yield Finding("server", "fault", f"{interpreter} is not there any more", "run `kamxl install`")
        return
    yield _try_import(interpreter)


def _try_import(interpreter: Path) -> Finding:
    program = [str(interpreter), "-E", "-P", "-c", "import kamxl.addin.server"]
    try:
        outcome = subprocess.run(program, capture_output=True, timeout=_START_TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding("server", "fault", f"{interpreter} cannot be started: {error}", "reinstall Python")
    if outcome.returncode:
        last = outcome.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["no reason given"]
        advice = 'install kamxl for that Python: pip install "kamxl[excel]"'
        return Finding("server", "fault", f"{interpreter} cannot load kamxl: {last[0]}", advice)
    return Finding("server", "ok", "starts and loads kamxl")


def _script(path: Path) -> Iterator[Finding]:
    if path.is_file():
        yield Finding("script", "ok", f"{path}")
    else:
        yield Finding("script", "fault", f"{path} is not there", "run `kamxl install`")


def _settings(machine: Machine) -> Iterator[Finding]:
    try:
        settings: Settings = read_settings(machine)
    except KamxlError as error:
        yield Finding("settings", "fault", error.problems[0].message, error.problems[0].help)
        return
    if settings.rules.is_file():
        yield Finding("rules", "ok", f"{settings.rules}")
    else:
        yield Finding("rules", "fault", f"{settings.rules} is not there", "run `kamxl install --rules FILE`")
