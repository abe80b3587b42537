"""doctor: what on this machine keeps the add-in from working, and what to do about each.

Reads files, registry and installed packages; changes nothing. Every finding says what was looked at, how it is, and
the action that helps; the words are in `doctor_words.py`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Literal

from kamxl.addin.build import ADDIN_NAME, build_addin
from kamxl.addin.doctor_words import FINDINGS, STATES, SUBJECTS
from kamxl.addin.functions import Language
from kamxl.addin.install import SCRIPT_NAME
from kamxl.addin.machine import LOGON_KEY, LOGON_VALUE, SERVER_KEY, SERVER_VALUE, Machine, System, this_machine
from kamxl.addin.settings import read_settings
from kamxl.problems import KamxlError
from kamxl.records import dataclass

State = Literal["ok", "note", "fault"]
_CLICK_TO_RUN = r"HKLM\SOFTWARE\Microsoft\Office\ClickToRun\Configuration"
# Where Office that came as an .msi says that it is: 64-bit, and 32-bit on a 64-bit Windows.
_INSTALLED = {64: r"HKLM\SOFTWARE\Microsoft\Office\{}\Excel\InstallRoot",
              32: r"HKLM\SOFTWARE\WOW6432Node\Microsoft\Office\{}\Excel\InstallRoot"}  # fmt: skip
_GOOD_OFFICE, _OLD_OFFICES = "16.0", {"15.0": "2013", "14.0": "2010", "12.0": "2007"}
_DEFENDER = r"HKLM\SOFTWARE\Policies\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules"
# The same rules as a device management sets them: `guid=1|guid=2`.
_DEFENDER_MANAGED = r"HKLM\SOFTWARE\Policies\Microsoft\Windows Defender\Policy Manager"
_MACRO_POLICY = r"HKCU\Software\Policies\Microsoft\Office\16.0\Excel\Security"
# "Block all Office applications from creating child processes": 1 blocks, 2 audits, 6 warns.
_NO_CHILDREN = "D4F940AB-401B-4EFC-AADC-AD5F3C50688A"
_START_TIMEOUT_S = 20.0
_XLWINGS_FROM, _XLWINGS_BELOW = (0, 37, 5), (1,)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: which subject, which of the known findings, and the parts of its texts."""

    subject: str
    state: State
    key: str
    parts: Mapping[str, object]

    def title(self, language: str = "en") -> str:
        """What was looked at."""
        return SUBJECTS[self.subject][0].text(language)

    def message(self, language: str = "en") -> str:
        """How it is."""
        return FINDINGS[self.key][0].text(language).format(**self.parts)

    def advice(self, language: str = "en") -> str:
        """What to do; empty where nothing is to be done."""
        wording = FINDINGS[self.key][1]
        return wording.text(language).format(**self.parts) if wording is not None else ""

    def line(self, language: str = "en") -> str:
        """The finding as a terminal shows it."""
        advice = f"\n        -> {self.advice(language)}" if self.advice(language) else ""
        colon = " :" if language == "fr" else ":"
        return f"{STATES[self.state].text(language):6} {self.title(language)}{colon} {self.message(language)}{advice}"


def examine(machine: Machine | None = None) -> tuple[Finding, ...]:
    """Everything that was looked at, in the order of the chain from Excel to the rules."""
    here = machine or this_machine()
    checks = [check for subject, check in _CHECKS.items() if here.system in _SYSTEMS[subject]]
    return tuple(finding for check in checks for finding in check(here))


def describe(language: Language) -> tuple[str, ...]:
    """What is looked at on each system, a line each: what `doctor --dry-run` says, on any of them."""
    lines = []
    for system, title in (("windows", "Windows"), ("macos", "macOS")):
        lines.append(f"{title}:")
        for subject in _CHECKS:
            if system in _SYSTEMS[subject]:
                name, what = SUBJECTS[subject]
                lines.append(f"  {name.text(language):10}  {what.text(language)}")
    return tuple(lines)


def has_faults(findings: tuple[Finding, ...]) -> bool:
    """Whether something was found that keeps the add-in from working."""
    return any(finding.state == "fault" for finding in findings)


def language_of(machine: Machine | None = None) -> Language:
    """The language of the user's settings; English where there are none that can be read."""
    try:
        return read_settings(machine).language
    except KamxlError:
        return "en"


def _finding(subject: str, state: State, key: str, **parts: object) -> Finding:
    return Finding(subject, state, key, parts)


def _python(machine: Machine) -> Iterator[Finding]:
    # Windows redirects what a program of the Store writes to HKCU and to AppData; Excel never sees it.
    if machine.system == "windows" and "windowsapps" in str(machine.python).casefold():
        yield _finding("python", "fault", "python_store", python=machine.python)
    else:
        yield _finding("python", "ok", "python_good", version=sys.version.split()[0], python=machine.python)


def _packages(machine: Machine) -> Iterator[Finding]:
    python = f'"{machine.python}"'
    for name in ("xlwings", "pywin32") if machine.system == "windows" else ("xlwings",):
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            yield _finding("packages", "fault", "package_missing", name=name, python=python)
            continue
        if name == "xlwings" and not _XLWINGS_FROM <= _numbers_of(version) < _XLWINGS_BELOW:
            wanted = f"{'.'.join(map(str, _XLWINGS_FROM))} – {_XLWINGS_BELOW[0]}.0"
            yield _finding("packages", "fault", "package_old", name=name, version=version, wanted=wanted, python=python)
        else:
            yield _finding("packages", "ok", "package_good", name=name, version=version)
    if machine.system == "windows":
        yield _finding("packages", "ok", "xlwings_dll")


def _numbers_of(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])


def _addin_file(machine: Machine) -> Iterator[Finding]:
    if machine.startup_folder is None:
        yield _finding("excel", "note", "no_excel_here")
        return
    path = machine.startup_folder / ADDIN_NAME
    if not path.is_file():
        yield _finding("addin", "fault", "addin_missing", path=path)
        return
    is_current = path.read_bytes() in (build_addin("en"), build_addin("fr"))
    yield _finding("addin", "ok" if is_current else "fault", "addin_good" if is_current else "addin_old", path=path)
    if _is_marked_as_download(path):
        yield _finding("addin", "fault", "addin_blocked")


def _is_marked_as_download(path: Path) -> bool:
    # Windows keeps the Mark of the Web in a second stream of the file; elsewhere the name is a plain file.
    try:
        return "ZoneId=3" in Path(f"{path}:Zone.Identifier").read_text("ascii", errors="replace")
    except OSError:
        return False


def _paths(machine: Machine) -> Iterator[Finding]:
    for place in dict.fromkeys((machine.user_folder, machine.python.parent)):
        if _is_synchronised(place, machine):
            yield _finding("paths", "fault", "onedrive", path=place)
        if not str(place).isascii():
            yield _finding("paths", "note", "accents", path=place)


def _is_synchronised(place: Path, machine: Machine) -> bool:
    roots = [value for name, value in machine.environment.items() if name.upper().startswith("ONEDRIVE") and value]
    return any(f"{place}{os.sep}".casefold().startswith(f"{root}{os.sep}".casefold()) for root in roots)


def _excel(machine: Machine) -> Iterator[Finding]:
    platform = machine.read_registry(_CLICK_TO_RUN, "Platform")
    bits = (32 if platform == "x86" else 64) if platform is not None else _bits_of(_GOOD_OFFICE, machine)
    if bits is not None:
        python_bits = 64 if sys.maxsize > 2**32 else 32
        yield _finding("excel", "ok", "excel_good", bits=bits, python_bits=python_bits)
        return
    old = next((year for number, year in _OLD_OFFICES.items() if _bits_of(number, machine) is not None), None)
    if old is not None:
        yield _finding("excel", "fault", "excel_old", version=old)
    else:
        yield _finding("excel", "note", "excel_missing")


def _bits_of(version: str, machine: Machine) -> int | None:
    return next(
        (bits for bits, key in _INSTALLED.items() if machine.read_registry(key.format(version), "Path") is not None),
        None,
    )


def _policies(machine: Machine) -> Iterator[Finding]:
    is_at_logon = machine.read_registry(LOGON_KEY, LOGON_VALUE) is not None
    if not _are_children_forbidden(machine):
        yield _finding("policies", "ok", "children_good")
    elif is_at_logon:
        yield _finding("policies", "ok", "children_by_logon")
    else:
        yield _finding("policies", "fault", "children_forbidden")
    if machine.read_registry(rf"{_MACRO_POLICY}\Trusted Locations", "AllLocationsDisabled") == 1:
        yield _finding("policies", "fault", "macros_forbidden")
    elif machine.read_registry(_MACRO_POLICY, "VBAWarnings") == 4:
        yield _finding("policies", "note", "macros_limited")
    if machine.read_registry(_MACRO_POLICY, "RequireAddinSig") == 1:
        yield _finding("policies", "fault", "signature_needed")


def _are_children_forbidden(machine: Machine) -> bool:
    rule = str(machine.read_registry(_DEFENDER, _NO_CHILDREN) or "0")
    managed = str(machine.read_registry(_DEFENDER_MANAGED, "ASRRules") or "")
    found = re.search(rf"{_NO_CHILDREN}\s*=\s*(\d+)", managed, re.IGNORECASE)
    return bool({rule, found[1] if found else "0"} & {"1", "6"})


def _server(machine: Machine) -> Iterator[Finding]:
    command = machine.read_registry(SERVER_KEY, SERVER_VALUE)
    if not isinstance(command, str):
        yield _finding("server", "fault", "no_command")
        return
    if command != machine.server_command:
        yield _finding("server", "note", "other_python", command=command)
    interpreter = Path(command.split('"')[1]) if command.count('"') >= 2 else Path(command.split(" ")[0])
    if not interpreter.is_file():
        yield _finding("server", "fault", "python_gone", path=interpreter)
        return
    yield from _try_server(interpreter)


def _try_server(interpreter: Path) -> Iterator[Finding]:
    """The server's own Python asked to load everything that it serves with, in the way in which Excel starts it."""
    program = [str(interpreter), "-E", "-P", "-m", "kamxl.addin.server", "--versions"]
    try:
        outcome = subprocess.run(program, capture_output=True, timeout=_START_TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        yield _finding("server", "fault", "python_dead", path=interpreter, reason=error)
        return
    try:
        loaded = json.loads(outcome.stdout)
    except ValueError:
        reason = outcome.stderr.decode(errors="replace").strip().splitlines()[-1:] or [f"exit {outcome.returncode}"]
        python = f'"{interpreter}"'
        yield _finding("server", "fault", "cannot_load", path=interpreter, reason=reason[0], python=python)
        return
    yield _finding("server", "ok", "server_good", xlwings=loaded["xlwings"], pywin32=loaded["pywin32"])
    for path, build in loaded["dlls"].items():
        if build != loaded["pywin32"]:
            yield _finding("server", "fault", "dll_foreign", path=path, found=build, wanted=loaded["pywin32"])


def _script(machine: Machine) -> Iterator[Finding]:
    assert machine.script_folder is not None, machine.system
    path = machine.script_folder / SCRIPT_NAME
    is_there = path.is_file()
    yield _finding("script", "ok" if is_there else "fault", "script_good" if is_there else "script_missing", path=path)


def _settings(machine: Machine) -> Iterator[Finding]:
    try:
        settings = read_settings(machine)
    except KamxlError as error:
        yield _finding("settings", "fault", "settings_bad", reason=error.problems[0].message)
        return
    if not settings.rules.is_file():
        yield _finding("settings", "fault", "rules_missing", path=settings.rules)
        return
    yield _finding("settings", "ok", "rules_good", path=settings.rules)
    if _is_synchronised(settings.rules, machine):
        yield _finding("settings", "note", "onedrive_rules", path=settings.rules)


_CHECKS: dict[str, Callable[[Machine], Iterator[Finding]]] = {
    "python": _python,
    "packages": _packages,
    "addin": _addin_file,
    "paths": _paths,
    "excel": _excel,
    "policies": _policies,
    "server": _server,
    "script": _script,
    "settings": _settings,
}
_DESKTOP: frozenset[System] = frozenset({"windows", "macos"})
_EVERYWHERE: frozenset[System] = frozenset({"windows", "macos", "other"})
_SYSTEMS: dict[str, frozenset[System]] = {
    "python": _EVERYWHERE,
    "packages": _DESKTOP,
    "addin": _EVERYWHERE,
    "paths": _DESKTOP,
    "excel": frozenset({"windows"}),
    "policies": frozenset({"windows"}),
    "server": frozenset({"windows"}),
    "script": frozenset({"macos"}),
    "settings": _EVERYWHERE,
}
