"""`kamxl check`: rule, process and template files; the tests beside the rules; coverage of the processes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kamxl.commands.console import print_problems, worst
from kamxl.commands.spoken import spoken_language
from kamxl.problems import Problem, sort_problems
from kamxl.shipped import shipped

MOST_FAULTS = 1_000

if TYPE_CHECKING:
    import argparse

    from kamxl.hosts.files import FileHost
    from kamxl.language.model import RuleSet


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument(
        "files",
        nargs="*",
        type=Path,
        help="rule files (default: the shipped kam.yml), or workbooks with a sheet KAM Tests",
    )
    parser.add_argument(
        "-r", "--rules", type=Path, metavar="FILE", help="rule file that the tests of a workbook are for"
    )
    parser.add_argument(
        "--write-tests", type=Path, metavar="FILE", help="save the workbook with a sheet KAM Tests made from `expect:`"
    )
    parser.add_argument("-p", "--processes", type=Path, metavar="FILE", help="process file")
    parser.add_argument("--templates", type=Path, metavar="DIR", help="folder of templates")
    parser.add_argument(
        "--language",
        choices=("en", "fr"),
        help="language of the coverage grid and of messages (default: that of the rule files)",
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--quiet", action="store_true", help="print problems only")


def run(arguments: argparse.Namespace) -> int:
    """Check the files and print what was found."""
    from kamxl.checking import check_files

    language = spoken_language(arguments)
    paths = arguments.files or [arguments.rules or shipped("rules", "kam.yml")]
    problems: list[Problem] = []
    reports = []
    for path in paths:
        host = _book(path, arguments.write_tests)
        chosen = path if host is None else arguments.rules or shipped("rules", "kam.yml")
        report = check_files(chosen, arguments.processes, arguments.templates, host=host, language=language)
        if host is not None and arguments.write_tests is not None and report.rules is not None:
            write_tests(host, report.rules, language)
        problems += report.problems
        reports.append(report)
    found = sort_problems(problems)
    if arguments.json:
        import json

        print(json.dumps({"problems": [p.as_dict() for p in found], "files": [r.summary() for r in reports]}, indent=2))
        return worst(found)
    if not arguments.quiet:
        for report in reports:
            print(report.text(language))
    # Whoever corrects a file wants its faults in one go; what stands in cells may be thousands.
    print_problems(found, most=MOST_FAULTS, language=language)
    return worst(found)


def _book(path: Path, target: Path | None) -> FileHost | None:
    """The workbook at a path; None for a rule file."""
    if path.suffix.lower() in (".yml", ".yaml"):
        return None
    from kamxl.hosts.files import FileHost

    return FileHost(path, target or path)


def write_tests(host: FileHost, rules: RuleSet, language: str) -> None:
    """The sheet KAM Tests, made from the expectations of the rules, added to a workbook."""
    from kamxl.expectations import make_test_sheet

    host.write_sheet(make_test_sheet(rules, language))
    host.save()
