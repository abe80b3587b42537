"""`kamxl sheets`: the process sheets, one per department."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kamxl.commands.options import (
    add_output_options,
    add_report_options,
    add_rule_options,
    add_workbook_options,
    host_from,
    settings_from,
)
from kamxl.commands.summary import print_outcome

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    add_workbook_options(parser)
    add_output_options(parser)
    add_rule_options(parser)
    add_report_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Score, write the department sheets, save."""
    from kamxl import app

    settings = settings_from(arguments)
    host = host_from(arguments)
    outcome = app.sheets(host, settings)
    return print_outcome(outcome, arguments, host.target)
