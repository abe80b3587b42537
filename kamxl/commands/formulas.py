"""`kamxl formulas`: the rules as live native formulas, or the formulas turned back into values."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kamxl.commands.options import (
    add_output_options,
    add_report_options,
    add_rule_options,
    add_workbook_options,
    host_from,
    settings_from,
)

if TYPE_CHECKING:
    import argparse

_TEXTS = {
    "written": ("{columns} live columns, {formulas} formulas", "{columns} colonnes vives, {formulas} formules"),
    "removed": ("{columns} columns hold values again", "{columns} colonnes ont de nouveau des valeurs"),
    "calls": (
        "{calls} cells no longer call the add-in",
        "{calls} cellules n'appellent plus le complément",
    ),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    add_workbook_options(parser)
    add_output_options(parser)
    add_rule_options(parser)
    parser.add_argument("--remove", action="store_true", help="turn live formulas back into values")
    parser.add_argument(
        "--cell-references", action="store_true", help="write $B2 instead of Table[@Header] (for Google Sheets)"
    )
    parser.add_argument(
        "--lambda", dest="names", action="store_true", help="also define KAMN_SCORE and others (Excel 365, 2024)"
    )
    add_report_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the formulas, or remove them, and save."""
    from kamxl.commands.console import print_problems, worst
    from kamxl.commands.spoken import spoken_language
    from kamxl.commands.summary import print_result
    from kamxl.hosts.file_calls import FileCalls
    from kamxl.live import remove_formulas, write_formulas

    settings = settings_from(arguments)
    host = host_from(arguments)
    if arguments.remove:
        outcome = remove_formulas(host, settings, named=host)
    else:
        outcome = write_formulas(
            host,
            settings,
            structured=not arguments.cell_references,
            named=host if arguments.names else None,
            calls=FileCalls(host),
        )
    settings.progress("save")
    host.save()
    if arguments.json:
        report = {
            "output": str(host.target),
            "columns": outcome.columns,
            "sheets": outcome.sheets,
            "formulas": 0 if arguments.remove else outcome.formula_count,
            "replaced_calls": outcome.call_count,
            "problems": [problem.as_dict() for problem in outcome.problems],
        }
        print(json.dumps(report, ensure_ascii=False, indent=2))
        return worst(outcome.problems)
    print_problems(outcome.problems, language=spoken_language(arguments))
    if not arguments.quiet:
        language = spoken_language(arguments)
        texts = [_tell("removed" if arguments.remove else "written", language)]
        if outcome.call_count:
            texts.append(_tell("calls", language))
        counts = {"columns": len(outcome.columns), "formulas": outcome.formula_count, "calls": outcome.call_count}
        print("; ".join(texts).format(**counts))
        print_result(host.target, language)
    return worst(outcome.problems)


def _tell(key: str, language: str) -> str:
    return _TEXTS[key][1 if language == "fr" else 0]
