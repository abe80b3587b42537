"""`kamxl compare`: old rules against new rules over the clients of a workbook."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from kamxl.commands.console import print_problems, print_table, progress_for, worst
from kamxl.commands.options import (
    add_output_options,
    add_report_options,
    add_workbook_options,
    date_argument,
    host_from,
)
from kamxl.commands.summary import print_result
from kamxl.language.fields import plain_number
from kamxl.phrases import write_number, write_percent
from kamxl.problems import KamxlError, Place, Problem
from kamxl.trust_phrases import tell

if TYPE_CHECKING:
    import argparse

    from kamxl.compare import Comparison
    from kamxl.whatif import WhatIf

MOST_SHOWN = 25


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    add_workbook_options(parser)
    parser.add_argument(
        "-r", "--rules", type=Path, action="append", default=[], metavar="FILE", help="old rules, then new rules"
    )
    parser.add_argument(
        "--set",
        dest="changes",
        action="append",
        default=[],
        metavar="PATH=VALUE",
        help="new rules are the old ones with this value, e.g. families.profile.criteria.size.weight=4",
    )
    parser.add_argument(
        "--sensitivity",
        metavar="PERCENT",
        help="which clients change category if one weight moves by that much, e.g. 10%%",
    )
    parser.add_argument("--language", choices=("en", "fr"), help="language of labels, sheets and messages")
    parser.add_argument(
        "--as-of", type=date_argument, metavar="DATE", help="day from which dates are measured, 2026-01-31"
    )
    add_output_options(parser)
    add_report_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Compare, print, and write the sheet when an output is named."""
    from kamxl.app import Settings
    from kamxl.whatif import Question, what_if

    rules: list[Path] = arguments.rules
    changes = tuple(_change(text) for text in arguments.changes)
    span = _span(arguments.sensitivity)
    if len(rules) > 2:
        raise KamxlError(_usage(f"two rule files are compared, not {len(rules)}", "name the old and the new one"))
    if len(rules) < 2 and not changes and span is None:
        hint = "name the old and the new rules with -r, or a change with --set path=value"
        raise KamxlError(_usage("there is nothing to compare with", hint))
    settings = Settings(
        rules=rules[0] if rules else None,
        sheet=arguments.sheet,
        table=arguments.table,
        language=arguments.language or "",
        as_of=arguments.as_of,
        progress=progress_for(arguments),
    )
    wants_sheet = arguments.output is not None or arguments.in_place
    host = host_from(arguments)
    question = Question(rules[1] if len(rules) > 1 else None, changes, span, wants_sheet)
    answer = what_if(host, settings, question)
    if wants_sheet:
        settings.progress("save")
        host.save()
    if arguments.json:
        print(json.dumps(answer.as_dict(), ensure_ascii=False, indent=2))
        return worst(answer.problems)
    if not arguments.quiet:
        print_answer(answer)
    print_problems(answer.problems, language=answer.language)
    if wants_sheet and not arguments.quiet:
        print_result(host.target, answer.language)
    return worst(answer.problems)


def _change(text: str) -> tuple[str, str]:
    path, sign, value = text.partition("=")
    if not sign or not path.strip():
        raise KamxlError(_usage(f"`{text}` is not a change", "write --set families.profile.criteria.size.weight=4"))
    return path.strip(), value.strip()


def _span(text: str | None) -> float | None:
    if text is None:
        return None
    found = plain_number(text)
    number = found[0] if found is not None else 0.0
    # `10` can only mean ten percent.
    number = number / 100 if found is not None and not found[1] and number >= 1 else number
    if not 0 < number < 1:
        raise KamxlError(_usage(f"`{text}` is not a range of weights", "write --sensitivity 10%"))
    return number


def _usage(message: str, hint: str) -> Problem:
    return Problem("KX504", message, Place(), help=hint)


def print_answer(answer: WhatIf) -> None:
    """The migration matrix, who moves, and the sensitivity."""
    language = answer.language
    if answer.comparison is not None:
        from kamxl.whatif_sheet import shift_line

        words = ("ancien :  ", "nouveau : ") if language == "fr" else ("old:", "new:")
        print(f"{words[0]} {answer.text.old}\n{words[1]} {answer.text.new}")
        _print_matrix(answer.comparison, language)
        _print_movers(answer.comparison, language)
        print(shift_line(answer.comparison, language))
    if answer.sensitivity is not None:
        found = answer.sensitivity
        clients = sum(1 for score in answer.scored.score if score == score)
        span = write_percent(found.range, language)
        print(tell("sensitivity", language, fragile=found.fragile_count, clients=clients, range=span))
        _print_fragile(answer, language)


def _label(comparison: Comparison, key: str, language: str) -> str:
    return comparison.label(key, language) if key else tell("no_category", language)


def _print_matrix(comparison: Comparison, language: str) -> None:
    size = range(len(comparison.categories))
    counts = comparison.clients
    kept = [i for i in size if comparison.categories[i] or any(counts[i]) or any(counts[j][i] for j in size)]
    labels = [_label(comparison, comparison.categories[index], language) for index in kept]
    rows = []
    for index, label in zip(kept, labels, strict=True):
        cells = [write_number(counts[index][other], language) if counts[index][other] else "·" for other in kept]
        rows.append([label, *cells, write_number(sum(counts[index]), language)])
    sums = [write_number(sum(counts[index][other] for index in size), language) for other in kept]
    rows.append([tell("total", language), *sums, write_number(comparison.client_count, language)])
    headers = [("", "left"), *((label, "right") for label in (*labels, tell("total", language)))]
    print_table(tell("matrix", language), headers, rows)


def _print_movers(comparison: Comparison, language: str) -> None:
    if not comparison.movers:
        print(tell("nobody_moves", language))
        return
    names = ("client", "revenue", "old_category", "new_category", "old_score", "new_score")
    sides = ("left", "right", "left", "left", "right", "right")
    rows = [
        [
            mover.called,
            write_number(mover.revenue, language, decimals=0) if mover.is_known else "-",
            _label(comparison, mover.old, language),
            _label(comparison, mover.new, language),
            _score(mover.old_score, language),
            _score(mover.new_score, language),
        ]
        for mover in comparison.movers[:MOST_SHOWN]
    ]
    rest = len(comparison.movers) - MOST_SHOWN
    headers = [(tell(name, language), side) for name, side in zip(names, sides, strict=True)]
    print_table(tell("who_moves", language), headers, rows)
    if rest > 0:
        print(tell("and_more", language, count=rest))
    revenue = write_number(comparison.moved_revenue, language, decimals=0)
    print(tell("moved_line", language, count=len(comparison.movers), revenue=revenue))


def _print_fragile(answer: WhatIf, language: str) -> None:
    from kamxl.backends.settle import client_name
    from kamxl.whatif import robustness_texts

    assert answer.sensitivity is not None
    texts = robustness_texts(answer.scored, answer.sensitivity, language)
    found = [(abs(flip.change), row) for row, flip in enumerate(answer.sensitivity.flips) if flip is not None]
    scored = answer.scored
    rows = [[client_name(scored.plan, scored.table, row), texts[row]] for _, row in sorted(found)[:MOST_SHOWN]]
    if rows:
        print_table("", [(tell("client", language), "left"), (tell("robustness", language), "left")], rows)


def _score(number: float, language: str) -> str:
    return "-" if number != number else write_number(number, language)
