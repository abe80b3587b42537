"""Options that commands share, and the Settings and Host that they mean."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from kamxl.problems import KamxlError, Place, Problem

if TYPE_CHECKING:
    import argparse

    from kamxl.app import Settings
    from kamxl.hosts.files import FileHost


def add_rule_options(parser: argparse.ArgumentParser) -> None:
    """-r, -p, --templates, --language, --as-of."""
    parser.add_argument("-r", "--rules", type=Path, metavar="FILE", help="rule file (default: the shipped kam.yml)")
    parser.add_argument(
        "-p", "--processes", type=Path, metavar="FILE", help="process file (default: processes.yml beside the rules)"
    )
    parser.add_argument(
        "--templates", type=Path, metavar="DIR", help="folder of templates (default: templates beside it)"
    )
    parser.add_argument("--language", choices=("en", "fr"), help="language of labels, sheets and messages")
    parser.add_argument(
        "--as-of", type=date_argument, metavar="DATE", help="day from which dates are measured, 2026-01-31"
    )


def add_workbook_options(parser: argparse.ArgumentParser) -> None:
    """The workbook, --sheet, --table."""
    parser.add_argument("workbook", type=Path, help=".xlsx, .xlsm or .csv file with a client table")
    parser.add_argument("--sheet", default="", metavar="NAME", help="sheet of the client table")
    parser.add_argument(
        "--table",
        default="",
        metavar="NAME",
        help="client table: name of an Excel table, or the cell of the first header, A4",
    )


def add_output_options(parser: argparse.ArgumentParser) -> None:
    """-o, --in-place."""
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="where to write (default: NAME.kam.xlsx)")
    parser.add_argument(
        "--in-place",
        action="store_true",
        help="save over the workbook, keeping it as it was at first (NAME.backup.xlsx) and before this run (-last)",
    )


def add_report_options(parser: argparse.ArgumentParser) -> None:
    """--json, --quiet."""
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--quiet", action="store_true", help="print problems only")


def date_argument(text: str) -> dt.date:
    """A day written 2026-01-31. Errors: argparse's own for anything else."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        from argparse import ArgumentTypeError

        raise ArgumentTypeError(f"`{text}` is not a date such as 2026-01-31") from None


def settings_from(arguments: argparse.Namespace) -> Settings:
    """The Settings that the options mean."""
    from kamxl.app import Settings
    from kamxl.commands.console import progress_for

    return Settings(
        rules=arguments.rules,
        processes=arguments.processes,
        templates=arguments.templates,
        sheet=getattr(arguments, "sheet", ""),
        table=getattr(arguments, "table", ""),
        language=arguments.language or "",
        as_of=arguments.as_of,
        since=getattr(arguments, "since", None),
        progress=progress_for(arguments),
    )


def host_from(arguments: argparse.Namespace) -> FileHost:
    """The file host that the workbook and output options mean.

    Errors: KamxlError when the output is the input without --in-place, or has an ending that cannot be written.
    """
    from kamxl.hosts.files import TEXTS, WORKBOOKS, FileHost, default_target

    if not hasattr(arguments, "in_place"):
        return reading_host(arguments)
    source: Path = arguments.workbook
    output: Path | None = arguments.output
    in_place: bool = arguments.in_place
    if in_place and output is not None:
        raise KamxlError(_usage("--in-place and --output exclude each other", source, "leave out one of the two"))
    if in_place and source.suffix.lower() in TEXTS:
        raise KamxlError(_usage("a text file cannot hold sheets: leave out --in-place", source))
    target = source if in_place else output or default_target(source)
    if target.suffix.lower() not in WORKBOOKS:
        hint = f"name a file such as {default_target(source).name}"
        if target.is_dir():
            raise KamxlError(_usage("this is a folder", target, hint))
        raise KamxlError(_usage(f"kamxl writes {', '.join(WORKBOOKS)}, not `{target.suffix}`", target, hint))
    if target.suffix.lower() != source.suffix.lower() and source.suffix.lower() in WORKBOOKS:
        raise KamxlError(_usage(f"the output must end in `{source.suffix}` like the workbook", target))
    same = target.exists() and source.exists() and target.samefile(source)
    if same and not in_place:
        raise KamxlError(_usage("the output is the workbook itself: write --in-place to save over it", target))
    return FileHost(source, target, backup=_backup_of(source) if same else None)


def _backup_of(source: Path) -> Path:
    """Where the workbook is kept before it is saved over: the first copy for good, after that always the last one."""
    first = source.with_name(f"{source.stem}.backup{source.suffix}")
    return source.with_name(f"{source.stem}.backup-last{source.suffix}") if first.exists() else first


def reading_host(arguments: argparse.Namespace) -> FileHost:
    """The host of a command that only reads: it is never saved, so any workbook will do, also the result of a run."""
    from kamxl.hosts.files import FileHost, default_target

    return FileHost(arguments.workbook, default_target(arguments.workbook))


def _usage(message: str, path: Path, hint: str = "") -> Problem:
    return Problem("KX504", message, Place(str(path)), help=hint)
