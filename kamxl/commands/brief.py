"""`kamxl brief`: for this quote, what everybody does for this client."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

from kamxl.commands.options import add_report_options, add_rule_options, add_workbook_options, host_from, settings_from

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    add_workbook_options(parser)
    parser.add_argument("client", help="identifier or name of the client")
    parser.add_argument("--stage", required=True, metavar="NAME", help="stage of the journey, such as quoting")
    add_rule_options(parser)
    add_report_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print category, process and the instruction of each department."""
    from kamxl.brief import brief_lines
    from kamxl.publish import brief

    found, outcome = brief(host_from(arguments), settings_from(arguments), arguments.client, arguments.stage)
    if arguments.json:
        print(json.dumps(dataclasses.asdict(found), ensure_ascii=False, indent=2))
    else:
        print("\n".join(brief_lines(found, language=outcome.language)))
    return 0
