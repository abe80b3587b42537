"""`kamxl demo`: the main job on the embedded demo workbook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kamxl.commands.options import add_report_options, add_rule_options, settings_from
from kamxl.commands.summary import print_outcome
from kamxl.records import replace
from kamxl.shipped import shipped

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("-o", "--output", type=Path, default=Path("demo.kam.xlsx"), help="where to write the result")
    add_rule_options(parser)
    add_report_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run the main job on the demo workbook."""
    from kamxl import app
    from kamxl.demo import quarter_end
    from kamxl.hosts.files import FileHost

    host = FileHost(shipped("workbook", "demo.xlsx"), arguments.output.resolve())
    settings = settings_from(arguments)
    # The demo's data end on a day of their own; measured from today its clients would all grow old.
    outcome = app.run(host, replace(settings, as_of=settings.as_of or quarter_end()))
    # Problems are part of the demo: it has an expired override on purpose, and that is no failure.
    print_outcome(outcome, arguments, host.target)
    return 0
