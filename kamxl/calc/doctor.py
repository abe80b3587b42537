"""doctor for LibreOffice: which version, what it loses, which Python it runs, whether our extension is in it.

Reads files only, for Linux, Windows and macOS; changes nothing and starts nothing.
"""

from __future__ import annotations

import io
import re
import sys
import zipfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from kamxl.addin.doctor import Finding, State
from kamxl.addin.machine import Machine, this_machine
from kamxl.addin.settings import read_settings
from kamxl.calc.doctor_words import FINDINGS, SUBJECTS
from kamxl.calc.extension import EXTENSION_NAME, build_extension
from kamxl.calc.installing import find_unopkg
from kamxl.problems import KamxlError

Version = tuple[int, int]

# Measured: 7.4 writes ORG.KAMXL.… into .xlsx and reads KAM_SCORE as #NAME?; 25.2 does both right.
KEEPS_NAMES: Version = (25, 2)
_OLDEST: Version = (7, 4)
_OLDEST_PYTHON: Version = (3, 10)


class OfficeFinding(Finding):
    """One thing that was looked at in LibreOffice."""

    __slots__ = ()

    def title(self, language: str = "en") -> str:
        """What was looked at."""
        return SUBJECTS[self.subject].text(language)

    def message(self, language: str = "en") -> str:
        """How it is."""
        return FINDINGS[self.key][0].text(language).format(**self.parts)

    def advice(self, language: str = "en") -> str:
        """What to do; empty where nothing is to be done."""
        wording = FINDINGS[self.key][1]
        return wording.text(language).format(**self.parts) if wording is not None else ""


def _finding(subject: str, state: State, key: str, **parts: object) -> OfficeFinding:
    return OfficeFinding(subject, state, key, parts)


def examine_office(machine: Machine | None = None, program: Path | None = None) -> tuple[Finding, ...]:
    """Everything that was looked at; `program` is LibreOffice's folder of programs, found where it is not given."""
    here = machine or this_machine()
    tool = find_unopkg() if program is None else None
    folder = program if program is not None else tool.resolve().parent if tool is not None else None
    if folder is None:
        return (_finding("office", "fault", "no_office"),)
    return (*_version(folder), *_python(folder), *_extension(here), *_environment(here), *_settings(here))


def office_version(program: Path) -> Version | None:
    """The version of a LibreOffice: (25, 2); None where its files do not say."""
    for place in (program / "bootstraprc", program / "bootstrap.ini", program.parent / "Resources" / "bootstraprc"):
        if place.is_file():
            found = re.search(r"ProductKey=\D*(\d+)\.(\d+)", place.read_text("utf-8", errors="replace"))
            return (int(found[1]), int(found[2])) if found else None
    return None


def _version(program: Path) -> Iterator[Finding]:
    version = office_version(program)
    if version is None:
        yield _finding("office", "note", "office_unknown", program=program)
        return
    shown = ".".join(map(str, version))
    if version < _OLDEST:
        yield _finding("office", "fault", "office_old", version=shown, program=program)
        return
    yield _finding("office", "ok", "office_good", version=shown, program=program)
    if version >= KEEPS_NAMES:
        yield _finding("names", "ok", "names_kept")
    else:
        yield _finding("names", "note", "names_lost", version=shown)


def _python(program: Path) -> Iterator[Finding]:
    loaders = (program / "pythonloader.py", program.parent / "Resources" / "pythonloader.py")
    if not any(loader.exists() for loader in loaders):
        yield _finding("python", "fault", "no_loader")
        return
    version = _python_version(program)
    if version is None:
        yield _finding("python", "note", "python_unknown")
        return
    shown, own = (".".join(map(str, numbers)) for numbers in (version, sys.version_info[:2]))
    if version < _OLDEST_PYTHON:
        yield _finding("python", "fault", "python_old", version=shown)
    elif shown != own or find_spec("numpy") is None:
        yield _finding("python", "note", "python_apart", version=shown, own=own)
    else:
        yield _finding("python", "ok", "python_good", version=shown)


def _python_version(program: Path) -> Version | None:
    """Upstream's own Python is named by its folder; Debian's is that of the system, named by the loader's settings."""
    for folder in (program, program.parent / "Frameworks" / "LibreOfficePython.framework" / "Versions"):
        for found in sorted(folder.glob("python-core-*")) + sorted(folder.glob("[3-9].*")):
            numbers = re.search(r"(\d+)\.(\d+)", found.name)
            if numbers:
                return int(numbers[1]), int(numbers[2])
    for name in ("pythonloader.unorc", "pythonloader.uno.ini"):
        place = program / name
        numbers = re.search(r"PYTHONHOME=.*?(\d+)\.(\d+)", place.read_text("utf-8")) if place.is_file() else None
        if numbers:
            return int(numbers[1]), int(numbers[2])
    return None


def _extension(machine: Machine) -> Iterator[Finding]:
    found = sorted(_profile(machine).glob(f"uno_packages/cache/uno_packages/*/{EXTENSION_NAME}"))
    if not found:
        yield _finding("extension", "fault", "extension_missing")
    for folder in found:
        if any(_is_same(folder, for_this_machine=own) for own in (True, False)):
            yield _finding("extension", "ok", "extension_good", path=folder)
        else:
            yield _finding("extension", "fault", "extension_old", path=folder)


def _profile(machine: Machine) -> Path:
    """Where LibreOffice keeps what belongs to a user."""
    if machine.system == "windows":
        roaming = Path(machine.environment.get("APPDATA") or machine.home / "AppData" / "Roaming")
        return roaming / "LibreOffice" / "4" / "user"
    if machine.system == "macos":
        return machine.home / "Library" / "Application Support" / "LibreOffice" / "4" / "user"
    configuration = Path(machine.environment.get("XDG_CONFIG_HOME") or machine.home / ".config")
    return configuration / "libreoffice" / "4" / "user"


def _is_same(folder: Path, *, for_this_machine: bool) -> bool:
    book = zipfile.ZipFile(io.BytesIO(build_extension(for_this_machine=for_this_machine)))
    return all(
        (folder / name).is_file() and (folder / name).read_bytes() == book.read(name) for name in book.namelist()
    )


def _environment(machine: Machine) -> Iterator[Finding]:
    if machine.environment.get("VIRTUAL_ENV"):
        yield _finding("shell", "note", "environment")


def _settings(machine: Machine) -> Iterator[Finding]:
    try:
        settings = read_settings(machine)
    except KamxlError as error:
        yield _finding("settings", "fault", "settings_bad", reason=error.problems[0].message)
        return
    key = "rules_good" if settings.rules.is_file() else "rules_missing"
    yield _finding("settings", "ok" if key == "rules_good" else "fault", key, path=settings.rules)
