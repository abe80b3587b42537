"""install and uninstall: what is written where on this machine so that Excel finds the add-in and the add-in Python.

A list of steps is planned first and carried out second; `--dry-run` prints the plan, for any system.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

from kamxl.addin.build import ADDIN_NAME, build_addin, write_file
from kamxl.addin.functions import Language, Wording
from kamxl.addin.machine import (
    LOGON_KEY,
    LOGON_VALUE,
    SERVER_KEY,
    SERVER_VALUE,
    Machine,
    example_machine,
    this_machine,
)
from kamxl.addin.settings import RULES_NAME, SETTINGS_NAME, settings_text
from kamxl.problems import KamxlError, Place, Problem
from kamxl.records import dataclass
from kamxl.shipped import shipped

SCRIPT_NAME = "kamxl.applescript"


@dataclass(frozen=True, slots=True)
class InstallOptions:
    """What the user asked for. `folder` overrules Excel's start-up folder, for a shared or a portable installation."""

    language: Language = "en"
    rules: Path | None = None
    folder: Path | None = None
    at_logon: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class WriteFile:
    """A file to be put in place as a whole."""

    path: Path
    content: bytes
    keep_existing: bool = False


@dataclass(frozen=True, slots=True)
class SetRegistry:
    """A value of the user's own registry hive; None takes it away."""

    key: str
    value: str
    text: str | None


@dataclass(frozen=True, slots=True)
class RemoveFile:
    """A file to be taken away if it is there."""

    path: Path


Step = WriteFile | SetRegistry | RemoveFile


def install(options: InstallOptions, machine: Machine | None = None) -> tuple[str, ...]:
    """One line per step that was carried out, or would be with `dry_run`.

    Where Excel does not run, a dry run says what would be done on Windows and on macOS.
    Errors: KamxlError (KX503, KX504, KX507) when a file cannot be written or there is no place for the add-in.
    """
    here = machine or this_machine()
    if options.dry_run and options.folder is None and here.startup_folder is None:
        return tuple(_shown_elsewhere(lambda other: plan_install(options, other), options.language))
    steps = plan_install(options, here)
    return tuple(_carry_out(steps, here, dry_run=options.dry_run, language=options.language))


def uninstall(machine: Machine | None = None, *, dry_run: bool = False, language: Language = "en") -> tuple[str, ...]:
    """One line per step. Rules, settings and log of the user stay; the last line says where.

    Errors: KamxlError (KX503, KX504) when a file cannot be removed.
    """
    here = machine or this_machine()
    if dry_run and here.startup_folder is None:
        return tuple(_shown_elsewhere(plan_uninstall, language))
    lines = tuple(_carry_out(plan_uninstall(here), here, dry_run=dry_run, language=language))
    rest = Wording("rules, settings, log", "règles, paramètres, journal").text(language)
    return (*lines, f"{_DONE['kept'][0].text(language)} {here.user_folder} ({rest})")


def _shown_elsewhere(plan: Callable[[Machine], tuple[Step, ...]], language: Language) -> Iterator[str]:
    systems: tuple[tuple[Literal["windows", "macos"], str], ...] = (("windows", "Windows"), ("macos", "macOS"))
    for system, title in systems:
        machine = example_machine(system)
        yield f"{title}:"
        for line in _carry_out(plan(machine), machine, dry_run=True, language=language):
            yield "  " + (line.replace("/", "\\") if system == "windows" else line)


def plan_install(options: InstallOptions, machine: Machine) -> tuple[Step, ...]:
    """Everything that an installation writes, in order.

    Errors: KamxlError (KX507) where Excel does not run and no folder was given; KX001 for a missing rule file.
    """
    target = options.folder or machine.startup_folder
    if target is None:
        raise KamxlError(
            Problem(
                "KX507",
                "there is no desktop Excel on this system",
                help="give a folder with --folder to build the add-in for another machine",
            )
        )
    rules = options.rules or machine.user_folder / "rules" / RULES_NAME
    if options.rules is not None and not options.rules.is_file():
        raise KamxlError(Problem("KX001", "rule file is not found", Place(str(options.rules))))
    steps: list[Step] = [WriteFile(target / ADDIN_NAME, build_addin(options.language))]
    if options.rules is None:
        steps += _shipped_rules(machine.user_folder / "rules")
    settings = settings_text(rules.absolute(), options.language).encode()
    steps.append(WriteFile(machine.user_folder / SETTINGS_NAME, settings))
    if machine.system == "windows":
        steps.append(SetRegistry(SERVER_KEY, SERVER_VALUE, machine.server_command))
        at_logon = f"{machine.server_command} --stay" if options.at_logon else None
        steps.append(SetRegistry(LOGON_KEY, LOGON_VALUE, at_logon))
    if machine.script_folder is not None:
        steps.append(WriteFile(machine.script_folder / SCRIPT_NAME, apple_script(machine.python).encode()))
    return tuple(steps)


def plan_uninstall(machine: Machine) -> tuple[Step, ...]:
    """Everything that `install` wrote and that is not the user's own work."""
    steps: list[Step] = []
    if machine.startup_folder is not None:
        steps.append(RemoveFile(machine.startup_folder / ADDIN_NAME))
    if machine.system == "windows":
        steps += [SetRegistry(SERVER_KEY, SERVER_VALUE, None), SetRegistry(LOGON_KEY, LOGON_VALUE, None)]
    if machine.script_folder is not None:
        steps.append(RemoveFile(machine.script_folder / SCRIPT_NAME))
    return tuple(steps)


def apple_script(python: Path) -> str:
    """The AppleScript that Excel for macOS may run: one command name in, Python in the background.

    In the background, since Excel waits for the script and could not answer Python while it waits. Nothing of a
    workbook reaches the shell: Python asks Excel itself which workbook is active.
    """
    quoted = str(python).replace("\\", "\\\\").replace('"', '\\"')
    return (
        "on RunCommand(commandName)\n"
        f'\tset python to quoted form of "{quoted}"\n'
        '\tset work to " -E -P -m kamxl.addin.actions " & quoted form of commandName\n'
        '\treturn do shell script python & work & " > /dev/null 2>&1 &"\n'
        "end RunCommand\n"
    )


def _shipped_rules(target: Path) -> Iterator[Step]:
    source = shipped("rules")
    for path in sorted(source.rglob("*")):
        if path.is_file():
            yield WriteFile(target / path.relative_to(source), path.read_bytes(), keep_existing=True)


# What is done, and what would be.
_DONE: dict[str, tuple[Wording, Wording]] = {
    "write": (Wording("write", "écrit"), Wording("would write", "écrirait")),
    "set": (Wording("set  ", "fixe "), Wording("would set  ", "fixerait ")),
    "clear": (Wording("clear", "vide "), Wording("would clear", "viderait ")),
    "remove": (Wording("remove", "retire"), Wording("would remove", "retirerait")),
    "kept": (Wording("kept ", "garde"), Wording("kept ", "garde")),
}
_BYTES = Wording("bytes", "octets")


def _carry_out(steps: tuple[Step, ...], machine: Machine, *, dry_run: bool, language: Language) -> Iterator[str]:
    for step in steps:
        is_kept = isinstance(step, WriteFile) and step.keep_existing and step.path.exists()
        done = "kept" if is_kept else _deed(step)
        yield f"{_DONE[done][dry_run].text(language)} {_object_of(step, language, is_kept=is_kept)}"
        if not dry_run and not is_kept:
            _do(step, machine)


def _deed(step: Step) -> str:
    match step:
        case WriteFile():
            return "write"
        case SetRegistry(text=None):
            return "clear"
        case SetRegistry():
            return "set"
        case RemoveFile():
            return "remove"


def _object_of(step: Step, language: Language, *, is_kept: bool) -> str:
    match step:
        case WriteFile() if not is_kept:
            return f"{step.path} ({len(step.content)} {_BYTES.text(language)})"
        case WriteFile() | RemoveFile():
            return str(step.path)
        case SetRegistry(text=None):
            return f"{step.key}\\{step.value}"
        case SetRegistry():
            return f"{step.key}\\{step.value} = {step.text}"


def _do(step: Step, machine: Machine) -> None:
    if isinstance(step, SetRegistry):
        machine.write_registry(step.key, step.value, step.text)
        return
    try:
        if isinstance(step, WriteFile):
            write_file(step.path, step.content)
        else:
            step.path.unlink(missing_ok=True)
    except OSError as error:
        raise KamxlError(_file_problem(step.path, error)) from error


def _file_problem(path: Path, error: OSError) -> Problem:
    if isinstance(error, PermissionError) and path.exists():
        return Problem("KX503", "file is in use or protected", Place(str(path)), help="close Excel and try again")
    free = shutil.disk_usage(path.anchor or "/").free
    hint = "free some space on the disk" if free < 1_000_000 else "check that the folder may be written to"
    return Problem("KX504", f"file cannot be written: {error.strerror or error}", Place(str(path)), help=hint)
