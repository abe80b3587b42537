"""`kamxl rules-from`: numbers changed on the sheet KAM Rules brought back into the rule file, as a difference."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

_NOTHING = (
    "the workbook holds the numbers of the rule file; nothing to bring back",
    "le classeur contient les nombres du fichier de règles ; rien à rapporter",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("workbook", type=Path, help="workbook with live formulas")
    parser.add_argument(
        "-r", "--rules", type=Path, metavar="FILE", help="rule file it was made with (default: shipped)"
    )
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write the changed rules to another file")
    parser.add_argument("--write", action="store_true", help="change the rule file itself; needs --rules")
    parser.add_argument(
        "--language", choices=("en", "fr"), help="language of messages (default: that of the rule file)"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Show the difference, and write it where asked to."""
    from kamxl.commands.console import print_problems, worst
    from kamxl.commands.saving import save_whole
    from kamxl.commands.spoken import spoken_language
    from kamxl.commands.summary import print_result
    from kamxl.hosts.files import FileHost
    from kamxl.problems import KamxlError, Place, Problem
    from kamxl.rules_from import bring_back
    from kamxl.shipped import shipped

    if arguments.write and arguments.rules is None:
        place = Place(str(arguments.workbook))
        hint = "name your rule file with --rules, or write to another file with -o"
        raise KamxlError(Problem("KX504", "the shipped rules are not changed in place", place, help=hint))
    rules = arguments.rules or shipped("rules", "kam.yml")
    brought = bring_back(FileHost(arguments.workbook, arguments.workbook), rules)
    target = arguments.output or (rules if arguments.write else None)
    if target is not None and worst(brought.problems):
        target = None
    if target is not None:
        bom = rules.read_bytes().startswith(b"\xef\xbb\xbf")
        save_whole(target, brought.text.encode("utf-8-sig" if bom else "utf-8"))
    if arguments.json:
        problems = [problem.as_dict() for problem in brought.problems]
        report = {"changes": brought.count, "diff": brought.diff, "output": str(target or ""), "problems": problems}
        print(json.dumps(report, ensure_ascii=False, indent=2))
        return worst(brought.problems)
    language = spoken_language(arguments)
    print_problems(brought.problems, language=language)
    print(brought.diff or _NOTHING[1 if language == "fr" else 0])
    if target is not None:
        print_result(target, language)
    return worst(brought.problems)
