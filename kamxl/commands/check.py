"""`kamxl check`: rule, process and template files; the tests beside the rules; coverage of the processes."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from kamxl.commands.console import print_problems, worst
from kamxl.problems import Problem, sort_problems
from kamxl.shipped import shipped


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("rules", nargs="*", type=Path, help="rule files (default: the shipped kam.yml)")
    parser.add_argument("-p", "--processes", type=Path, metavar="FILE", help="process file")
    parser.add_argument("--templates", type=Path, metavar="DIR", help="folder of templates")
    parser.add_argument("--language", choices=("en", "fr"), default="en", help="language of the coverage grid")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--quiet", action="store_true", help="print problems only")


def run(arguments: argparse.Namespace) -> int:
    """Check the files and print what was found."""
    from kamxl.checking import check_files

    paths = arguments.rules or [shipped("rules", "kam.yml")]
    problems: list[Problem] = []
    reports = []
    for path in paths:
        report = check_files(path, arguments.processes, arguments.templates)
        problems += report.problems
        reports.append(report)
    found = sort_problems(problems)
    if arguments.json:
        print(json.dumps({"problems": [p.as_dict() for p in found], "files": [r.summary() for r in reports]}, indent=2))
        return worst(found)
    if not arguments.quiet:
        for report in reports:
            print(report.text(arguments.language))
    print_problems(found)
    return worst(found)
