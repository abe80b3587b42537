"""`kamxl weights`: weights from pairwise answers, asked for or read, and written back into the rule file."""

from __future__ import annotations

import difflib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from kamxl.commands.console import print_problems, print_table, worst
from kamxl.commands.saving import save_whole
from kamxl.commands.spoken import spoken_language
from kamxl.problems import KamxlError, Place, Problem
from kamxl.shipped import shipped
from kamxl.trust_phrases import tell
from kamxl.weights import Answers, Matrix, Weighing, build_matrix, combine, doubt_problem, percents, weigh

if TYPE_CHECKING:
    import argparse

    from kamxl.language.model import RuleSet
    from kamxl.weights_files import Group


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument(
        "answers", nargs="*", type=Path, help="answers: .yml, or .csv/.xlsx with a matrix; without any, you are asked"
    )
    parser.add_argument("-r", "--rules", type=Path, metavar="FILE", help="rule file (default: the shipped kam.yml)")
    parser.add_argument("--of", default="families", metavar="GROUP", help="families, or the key of a family")
    parser.add_argument("--by", default="", metavar="NAME", help="who answers, when you are asked")
    parser.add_argument("--write", action="store_true", help="write the weights into the rule file")
    parser.add_argument(
        "--language", choices=("en", "fr"), help="language of labels and of messages (default: that of the rule file)"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Read or ask, weigh, print, write back when told to."""
    from kamxl.language.reader import load_rules
    from kamxl.weights_files import group_of

    language = spoken_language(arguments)
    path = arguments.rules or shipped("rules", "kam.yml")
    if arguments.write and arguments.rules is None:
        hint = "name your rule file with -r; `kamxl init` makes one"
        raise KamxlError(Problem("KX504", "the shipped rules are not changed", Place(str(path)), help=hint))
    rules = load_rules(path)
    group = group_of(rules, arguments.of)
    told: list[Answers] = []
    for file in arguments.answers:
        group, found = _answers_of(file, rules, group)
        if told and found[0].items != told[0].items:
            message = (
                f"{file} weighs {', '.join(found[0].items)}, and the files before weigh {', '.join(told[0].items)}"
            )
            raise KamxlError(Problem("KX224", message, found[0].place, help="join only answers to the same questions"))
        told += found
    if not arguments.answers:
        told = [ask(group, arguments.by, language, input)]
    weighings, problems = _weigh_each(told)
    joint = weigh(group.keys, combine([matrix for _, matrix in weighings]))
    joint_doubt = doubt_problem(joint, "all together", told[0].place) if len(weighings) > 1 else None
    problems += [joint_doubt] if joint_doubt is not None else []
    if arguments.json:
        print(json.dumps(_as_dict(told, weighings, joint, problems), ensure_ascii=False, indent=2))
    else:
        _print_weights(group, told, weighings, joint, language)
        print_problems(problems, language=language)
    if arguments.write:
        _write(path, group, joint, language=language, quiet=arguments.json)
    return worst(problems)


def _answers_of(file: Path, rules: RuleSet, group: Group) -> tuple[Group, list[Answers]]:
    from kamxl.weights_files import read_answers, read_sheet_answers

    if file.suffix.lower() in (".yml", ".yaml"):
        named, found = read_answers(file, rules)
        return named, list(found)
    from kamxl.hosts.files import FileHost

    host = FileHost(file, file)
    sheets = host.sheet_names()
    return group, [
        read_sheet_answers(host.read_sheet(name), group, Place(file.name, sheet=name), name if len(sheets) > 1 else "")
        for name in sheets
    ]


def ask(group: Group, manager: str, language: str, read: Callable[[str], str]) -> Answers:
    """Asks every pair once. `read` shows a question and gives the answer."""
    from kamxl.weights_files import parse_times

    labels = {key: label.text(language) for key, label in group.items}
    times: dict[tuple[str, str], float] = {}
    print(tell("ask", language), file=sys.stderr)
    for at, first in enumerate(group.keys):
        for second in group.keys[at + 1 :]:
            number: float | None = None
            while number is None:
                try:
                    text = read(tell("ask_pair", language, first=labels[first], second=labels[second]))
                except EOFError:
                    message = f"`{first}` is not compared with `{second}`: the answers ended"
                    raise KamxlError(Problem("KX224", message, Place(), help="answer every pair once")) from None
                number = parse_times(text)
                if number is None or not 1 / 9 - 1e-9 <= number <= 9:
                    print(tell("ask_again", language, text=text.strip()), file=sys.stderr)
                    number = None
            times[first, second] = number
    return Answers(manager, group.keys, times)


def _weigh_each(told: list[Answers]) -> tuple[list[tuple[Weighing, Matrix]], list[Problem]]:
    found: list[tuple[Weighing, Matrix]] = []
    faults: list[Problem] = []
    doubts: list[Problem] = []
    for answers in told:
        matrix, problems = build_matrix(answers)
        faults += problems
        if matrix is not None:
            weighing = weigh(answers.items, matrix)
            found.append((weighing, matrix))
            doubt = doubt_problem(weighing, answers.manager, answers.place)
            doubts += [doubt] if doubt is not None else []
    if faults:
        raise KamxlError(faults)
    return found, doubts


def _print_weights(
    group: Group, told: list[Answers], found: list[tuple[Weighing, Matrix]], joint: Weighing, language: str
) -> None:
    several = len(found) > 1
    names = [one.manager or tell("answers_number", language, number=at) for at, one in enumerate(told, start=1)]
    names = names if several else []
    columns = [percents(weighing.weights) for weighing, _ in found] if several else []
    rows = []
    for at, (_, label) in enumerate(group.items):
        rows.append([label.text(language), *(column[at] for column in columns), percents(joint.weights)[at]])
    ratios = [f"{weighing.ratio:.2f}" for weighing, _ in found] if several else []
    rows.append([tell("consistency", language), *ratios, f"{joint.ratio:.2f}"])
    headers = [("", "left"), *((name, "right") for name in names), (tell("weight_column", language), "right")]
    print_table("", headers, rows)


def _as_dict(
    told: list[Answers], found: list[tuple[Weighing, Matrix]], joint: Weighing, problems: list[Problem]
) -> dict[str, object]:
    def shown(weighing: Weighing) -> dict[str, object]:
        weights = dict(zip(weighing.items, weighing.weights, strict=True))
        return {"weights": weights, "consistency_ratio": weighing.ratio, "consistent": weighing.is_consistent}

    return {
        **shown(joint),
        "managers": [
            {"manager": answers.manager, **shown(weighing)} for answers, (weighing, _) in zip(told, found, strict=True)
        ],
        "problems": [problem.as_dict() for problem in problems],
    }


def _write(path: Path, group: Group, joint: Weighing, *, language: str, quiet: bool) -> None:
    from kamxl.commands.summary import print_result
    from kamxl.weights_files import write_weights

    before = path.read_bytes().decode("utf-8")
    after = write_weights(before, group, joint.weights, str(path))
    save_whole(path, after.encode("utf-8"))
    if not quiet:
        print("".join(difflib.unified_diff(before.splitlines(True), after.splitlines(True), "before", "after", n=0)))
        print_result(path, language)
