"""Front door: the command line. Finds the command, runs it, shows problems, returns the exit code; no rules here.

Each command is a module of `kamxl.commands` that is imported only when it is called, so that `kamxl check` starts
without NumPy or any workbook library.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, cast

from kamxl.commands import COMMANDS
from kamxl.problems import KamxlError, nearest, render_json

if TYPE_CHECKING:
    import argparse


class Command(Protocol):
    """A module of `kamxl.commands`."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declares the arguments of the command."""
        ...

    def run(self, arguments: argparse.Namespace) -> int:
        """Carries the command out; 0 clean, 1 problems."""
        ...


def run_command(argv: Sequence[str]) -> int:
    """The exit code of a command line: 0 clean, 1 problems found, 2 wrong usage."""
    if not argv or argv[0] in ("-h", "--help", "help"):
        print(overview())
        return 0 if argv else 2
    name = argv[0]
    if name not in COMMANDS:
        guess = nearest(name, list(COMMANDS))
        hint = f"; did you mean `kamxl {guess}`?" if guess else "; `kamxl --help` lists the commands"
        print(f"kamxl: there is no command `{name}`{hint}", file=sys.stderr)
        return 2
    command = load_command(name)
    try:
        arguments = command_parser(name, command).parse_args(list(argv[1:]))
    except SystemExit as stop:
        return int(stop.code or 0) if not isinstance(stop.code, str) else 2
    return _guarded(command, arguments)


def load_command(name: str) -> Command:
    """The module of a command."""
    return cast(Command, importlib.import_module(f"kamxl.commands.{COMMANDS[name][0]}"))


def command_parser(name: str, command: Command) -> argparse.ArgumentParser:
    """The argument parser of a command; docs/command_line.md is made from it."""
    import argparse

    parser = argparse.ArgumentParser(prog=f"kamxl {name}", description=COMMANDS[name][1], formatter_class=_help_of)
    command.add_arguments(parser)
    return parser


def _help_of(prog: str) -> argparse.HelpFormatter:
    import argparse

    # argparse makes one for every argument that is declared, and would load the modules of all archives for its width.
    try:
        width = int(os.environ.get("COLUMNS", "")) or 80
    except ValueError:
        width = os.get_terminal_size(1).columns if os.isatty(1) else 80
    return argparse.HelpFormatter(prog, width=max(width, 20) - 2)


def overview() -> str:
    """What `kamxl --help` prints."""
    lines = ["usage: kamxl COMMAND [arguments]   (kamxl COMMAND --help tells more)", ""]
    width = max(len(name) for name in COMMANDS)
    lines += [f"  {name:<{width}}  {summary}" for name, (_, summary) in COMMANDS.items()]
    lines += ["", "  kamxl --version prints the version. Exit codes: 0 clean, 1 problems found, 2 wrong usage."]
    return "\n".join(lines)


def _print_faults(error: KamxlError, arguments: argparse.Namespace) -> None:
    from kamxl.commands.spoken import spoken_language
    from kamxl.problem_words import block_in, count_line_in

    language = spoken_language(arguments)
    blocks = "\n\n".join(block_in(problem, language) for problem in error.problems)
    nothing = " ; rien n'a été écrit" if language == "fr" else "; nothing was written"
    print(f"{blocks}\n\n{count_line_in(error.problems, language)}{nothing}", file=sys.stderr)


def _guarded(command: Command, arguments: argparse.Namespace) -> int:
    try:
        return command.run(arguments)
    except KamxlError as error:
        if getattr(arguments, "json", False):
            print(f'{{"problems": {render_json(error.problems)}}}')
        else:
            _print_faults(error, arguments)
        return 1
    except KeyboardInterrupt:
        print("kamxl: stopped; nothing was written", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # a mistake of ours: the user gets a sentence, we get the details
        import tempfile
        import traceback
        from pathlib import Path

        log = Path(tempfile.gettempdir()) / "kamxl-error.log"
        log.write_text(traceback.format_exc(), encoding="utf-8")
        print(f"kamxl: a mistake of kamxl's own: {type(error).__name__}: {error}", file=sys.stderr)
        print(f"nothing was written; please send {log} to whoever maintains kamxl for you", file=sys.stderr)
        return 1
