"""`kamxl collect`: Done and Notes of published copies brought back into the book."""

from __future__ import annotations

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
from kamxl.commands.summary import print_result
from kamxl.values import is_blank, text_of

if TYPE_CHECKING:
    import argparse

    from kamxl.merging import MergedNote
    from kamxl.publish import Collected

_TEXTS = {
    "taken": ("new", "nouveau"),
    "updated": ("changed in the copy, `{ours}` before", "changé dans la copie, `{ours}` auparavant"),
    "conflict": ("conflict, the book keeps `{ours}`", "conflit, le classeur garde `{ours}`"),
    "cleared": ("cleared in the copy, the book keeps it", "effacé dans la copie, le classeur le garde"),
    "copy": ("{path} ({department}): {count} to merge", "{path} ({department}) : {count} à fusionner"),
    "empty_copy": ("{path} ({department}): nothing to merge", "{path} ({department}) : rien à fusionner"),
    "note": ("{client}, {part}{theirs}: {words}", "{client}, {part}{theirs} : {words}"),
    "conflicts": (
        "{count} conflicts: the copies keep their text, correct the book by hand",
        "{count} conflits : les copies gardent leur texte, corrigez le classeur à la main",
    ),
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
        language = outcome.language
        for each in found:
            told = _tell("copy" if each.notes else "empty_copy", language)
            print(told.format(path=each.path, department=each.department, count=len(each.notes)))
            for note in each.notes:
                print(f"  {_line(note, language)}")
        if conflicts:
            print(_tell("conflicts", language).format(count=conflicts))
        print_result(host.target, language)
    return max(worst(outcome.problems), 1 if conflicts else 0)


def _tell(key: str, language: str) -> str:
    return _TEXTS[key][1 if language == "fr" else 0]


def _line(note: MergedNote, language: str) -> str:
    theirs = "" if is_blank(note.theirs) else f" `{text_of(note.theirs)}`"
    ours = "" if is_blank(note.ours) else text_of(note.ours)
    words = _tell(note.outcome, language).format(ours=ours)
    return _tell("note", language).format(client=note.client, part=note.part, theirs=theirs, words=words)


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
