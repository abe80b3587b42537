"""`kamxl dashboard`: where the portfolio stands and where it goes, as sheets or as one HTML page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kamxl.commands.console import print_problems, worst
from kamxl.commands.options import (
    add_output_options,
    add_report_options,
    add_rule_options,
    add_workbook_options,
    date_argument,
    host_from,
    reading_host,
    settings_from,
)
from kamxl.commands.summary import print_outcome, print_result

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    add_workbook_options(parser)
    add_output_options(parser)
    parser.add_argument("--html", type=Path, metavar="FILE", help="write one HTML page instead; the workbook stays")
    parser.add_argument(
        "--since",
        type=date_argument,
        metavar="DATE",
        help="compare with that day's run, or the last one before it",
    )
    add_rule_options(parser)
    add_report_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Score, write the sheets and save; or write the page."""
    from kamxl import app

    settings = settings_from(arguments)
    if arguments.html is None:
        host = host_from(arguments)
        return print_outcome(app.dashboard(host, settings), arguments, host.target)
    from kamxl.publish import write_page

    outcome = write_page(reading_host(arguments), settings, arguments.html)
    if arguments.json:
        return print_outcome(outcome, arguments, arguments.html)
    print_problems(outcome.problems, language=outcome.language)
    if not arguments.quiet:
        print_result(arguments.html, outcome.language)
    return worst(outcome.problems)
