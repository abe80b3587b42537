"""`kamxl collect`: Done and Notes of published copies brought back into the book."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from kamxl.commands.console import print_problems, worst
from kamxl.commands.options import (
    add_output_options,
    add_report_options,
    add_rule_options,
    add_workbook_options,
    host_from,
    settings_from,
)
from kamxl.values import is_blank, text_of

if TYPE_CHECKING:
    from kamxl.merging import MergedNote
    from kamxl.publish import Collected

_WORDS = {
    "taken": "new",
    "updated": "changed in the copy, `{ours}` before",
    "conflict": "conflict, the book keeps `{ours}`",
    "cleared": "cleared in the copy, the book keeps it",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    add_workbook_options(parser)
    parser.add_argument("copies", nargs="+", type=Path, help="workbooks made by `kamxl publish`")
    add_output_options(parser)
    add_rule_options(parser)
    add_report_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Merge the notes, list what happened, save the book; conflicts end with exit code 1."""
    from kamxl.publish import collect

    host = host_from(arguments)
    found, outcome = collect(host, settings_from(arguments), arguments.copies)
    conflicts = sum(note.outcome == "conflict" for each in found for note in each.notes)
    if arguments.json:
        shown = {"result": str(host.target), "copies": [_as_dict(each) for each in found]}
        problems = [problem.as_dict() for problem in outcome.problems]
        print(json.dumps({**shown, "conflicts": conflicts, "problems": problems}, ensure_ascii=False, indent=2))
    else:
        print_problems(outcome.problems, language=outcome.language)
        for each in found:
            print(f"{each.path} ({each.department}): {len(each.notes) or 'nothing'} to merge")
            for note in each.notes:
                print(f"  {_line(note)}")
        if conflicts:
            print(f"{conflicts} conflicts: the copies keep their text, correct the book by hand")
        print(f"Result: {host.target}")
    return max(worst(outcome.problems), 1 if conflicts else 0)


def _line(note: MergedNote) -> str:
    theirs = "" if is_blank(note.theirs) else f" `{text_of(note.theirs)}`"
    ours = "" if is_blank(note.ours) else text_of(note.ours)
    return f"{note.client}, {note.part}{theirs}: {_WORDS[note.outcome].format(ours=ours)}"


def _as_dict(each: Collected) -> dict[str, object]:
    notes = [
        {
            "client": note.client,
            "part": note.part,
            "outcome": note.outcome,
            "book": None if is_blank(note.ours) else text_of(note.ours),
            "copy": None if is_blank(note.theirs) else text_of(note.theirs),
        }
        for note in each.notes
    ]
    return {"department": each.department, "path": str(each.path), "notes": notes}
