"""`kamxl publish`: a workbook per department, with only what it may see."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from kamxl.commands.console import print_problems, worst
from kamxl.commands.options import add_report_options, add_rule_options, add_workbook_options, host_from, settings_from

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    add_workbook_options(parser)
    parser.add_argument(
        "-d", "--department", action="append", default=[], metavar="NAME", help="department to publish (repeatable)"
    )
    parser.add_argument("--all", action="store_true", help="publish for every department")
    parser.add_argument("--to", type=Path, metavar="DIR", help="folder of the new workbooks (default: beside the book)")
    add_rule_options(parser)
    add_report_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Score, write one new workbook per department."""
    from kamxl.problems import KamxlError, Place, Problem
    from kamxl.publish import publish

    if bool(arguments.department) == arguments.all:
        message = "name one or more departments with --department, or all of them with --all"
        raise KamxlError(Problem("KX101", message, Place(str(arguments.workbook))))
    source: Path = arguments.workbook
    made, outcome = publish(
        host_from(arguments),
        settings_from(arguments),
        departments=arguments.department,
        folder=arguments.to or source.parent,
        stem=source.stem.removesuffix(".kam"),
    )
    if arguments.json:
        listed = [{"department": each.department, "path": str(each.path), "sheets": each.sheets} for each in made]
        print(json.dumps({"published": listed, "problems": [each.as_dict() for each in outcome.problems]}, indent=2))
        return worst(outcome.problems)
    print_problems(outcome.problems, language=outcome.language)
    if not arguments.quiet:
        for each in made:
            print(f"{each.department}: {each.path}")
    return worst(outcome.problems)
