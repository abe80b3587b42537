"""`kamxl explain`: one client in full."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from kamxl.commands.console import print_problems, print_table, worst
from kamxl.commands.options import (
    add_report_options,
    add_rule_options,
    add_workbook_options,
    host_from,
    settings_from,
)
from kamxl.phrases import say, write_number, write_percent

if TYPE_CHECKING:
    import argparse

    from kamxl.explain import Explanation


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    add_workbook_options(parser)
    parser.add_argument("client", help="identifier of the client, as in the workbook")
    add_rule_options(parser)
    add_report_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the explanation of one client."""
    from kamxl import app

    explanation, outcome = app.explain(host_from(arguments), settings_from(arguments), arguments.client)
    if arguments.json:
        print(json.dumps(explanation.as_dict(), ensure_ascii=False, indent=2))
    else:
        print_explanation(explanation, outcome.language)
        print_problems(explanation.problems, language=outcome.language)
    return worst(explanation.problems)


def print_explanation(told: Explanation, language: str) -> None:
    """Score, category, every criterion with its contribution, near misses, next step."""
    shown_score = "-" if math.isnan(told.score) else write_number(told.score, language)
    complete = "-" if math.isnan(told.completeness) else write_percent(told.completeness, language)
    colon = " : " if language == "fr" else ": "
    print(told.client + colon + told.category_label)
    print(f"{say('score', language)} {shown_score} / 100, {say('completeness', language).lower()} {complete}")
    print(say("why", language) + colon + _sentence(told.because))
    rows = []
    for step in told.steps:
        points = "-" if step.points is None else f"{write_number(step.points, language)} / {step.full:g}"
        family = next(label for key, label, _, _ in told.families if key == step.family)
        contribution = write_number(step.contribution, language, decimals=2)
        weight = write_percent(step.weight / 100, language, decimals=1)
        rows.append([family, step.label, step.answer_text, points, weight, contribution])
    for _, label, number, part in told.families:
        shown = "-" if math.isnan(number) else write_number(number, language)
        rows.append(
            [
                label,
                f"= {say('total', language).lower()}",
                "",
                shown,
                "",
                write_number(part, language, decimals=2),
            ]
        )
    headers = [
        (say("family", language), "left"),
        (say("criterion", language), "left"),
        (say("answer", language), "right"),
        (say("points", language), "right"),
        (say("weight", language), "right"),
        (say("contribution", language), "right"),
    ]
    print_table("", headers, rows)
    from kamxl.advice import write_distance

    for miss in told.near_misses:
        told_by = say("by_points", language, points=write_distance(miss.distance, language)) if miss.distance else ""
        print(say("nearly", language, category=miss.label, parts=", ".join(miss.failing)) + told_by)
    if told.missing:
        print(_sentence(say("missing_list", language, names=", ".join(told.missing))))
    if told.next_step:
        print(say("next", language) + colon + told.next_step)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
