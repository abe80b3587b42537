"""`kamxl verify`: whether a classified workbook still agrees with its rules, and which rows were edited by hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kamxl.commands.console import print_problems, worst
from kamxl.commands.options import (
    add_report_options,
    add_rule_options,
    add_workbook_options,
    host_from,
    settings_from,
)
from kamxl.commands.spoken import spoken_language

if TYPE_CHECKING:
    import argparse

    from kamxl.verify import Verification


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    add_workbook_options(parser)
    add_rule_options(parser)
    add_report_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Recompute and print what differs; 0 only when everything agrees."""
    from kamxl.verify import verify

    found = verify(host_from(arguments), settings_from(arguments))
    if arguments.json:
        shown = {**found.as_dict(), "problems": [problem.as_dict() for problem in found.problems]}
        print(json.dumps(shown, ensure_ascii=False, indent=2))
        return int(not found.agrees)
    language = spoken_language(arguments)
    if not arguments.quiet:
        print("\n".join(_lines(found, language)))
    print_problems(found.problems, language=language)
    return max(worst(found.problems), int(not found.agrees))


def _lines(found: Verification, language: str) -> list[str]:
    typed, changed = len(found.edited_results), len(found.edited_inputs)
    if language == "fr":
        lines = [
            f"Classé avec :          {found.stamp_written or 'aucune empreinte'}",
            f"Règles d'aujourd'hui : {found.stamp_now}",
        ]
        agreed = f"Les {found.rows} lignes s'accordent toutes avec les règles."
        differs = f"{typed} lignes aux résultats retapés, {changed} aux données changées, sur {found.rows}"
    else:
        lines = [f"Classified with: {found.stamp_written or 'no stamp'}", f"Rules at hand:   {found.stamp_now}"]
        agreed = f"All {found.rows} rows agree with the rules."
        differs = f"{typed} rows with results typed over, {changed} rows with other inputs, of {found.rows}"
    return [*lines, agreed if found.agrees else differs]
