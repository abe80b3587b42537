"""Pages of docs/ that are made from the code: `python docs/make.py` writes them, a test says when they are stale."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from kamxl.addin.functions import FUNCTIONS
from kamxl.cli import command_parser, load_command, overview
from kamxl.commands import COMMANDS
from kamxl.problems import CODES

FOLDER = Path(__file__).resolve().parent
NOTE = "<!-- Made by `python docs/make.py`; do not edit. -->"


def command_line() -> str:
    """docs/command_line.md: what every command says of itself."""
    # argparse wraps to the terminal; the page must be the same everywhere.
    os.environ["COLUMNS"] = "100"
    parts = [NOTE, "# Command line", "", "```", overview(), "```", ""]
    for name in COMMANDS:
        parser = command_parser(name, load_command(name))
        parser.formatter_class = argparse.HelpFormatter
        parts += [f"## kamxl {name}", "", "```", parser.format_help().strip(), "```", ""]
    return "\n".join(parts)


def functions() -> str:
    """docs/functions.md: the worksheet functions in both languages."""
    parts = [
        NOTE,
        "# Worksheet functions",
        "",
        "The same in Excel and LibreOffice. One client row gives a value, many rows give a column; the order of",
        "columns is free, and only the headers that the rules name are read. Arguments in brackets may be left out.",
        "",
    ]
    for function in FUNCTIONS:
        names = ", ".join(f"[{a.name}]" if a.optional else a.name for a in function.arguments)
        parts += [f"## {function.name}({names})", "", function.help.en, "", f"*{function.help.fr}*", ""]
        if function.arguments:
            parts += ["| argument | meaning | sens |", "|---|---|---|"]
            parts += [f"| `{a.name}` | {a.help.en} | {a.help.fr} |" for a in function.arguments]
            parts.append("")
    return "\n".join(parts)


_STAGES = {
    "KX0": "The file",
    "KX1": "The shape of a rule or process file",
    "KX2": "The meaning of rules",
    "KX3": "Rules against the columns of a workbook",
    "KX4": "Cells of one client",
    "KX5": "Workbooks and programs",
    "KX6": "Templates",
}


def problem_codes() -> str:
    """docs/problems.md: every code with its title, and one message of the error catalogue as an example."""
    examples = _examples()
    parts = [
        NOTE,
        "# Problem codes",
        "",
        "Codes are stable. An *error* that concerns the whole run means that nothing was written; a problem of one",
        "row leaves it without a score and says so in its Why cell. The examples come from `tests/bad_rules`, where a",
        "test compares every message with its file.",
        "",
        "Dialogs, cells and commands tell all of them in French, too: the ribbon by the language of its installation,",
        "commands with `--language fr` or where the rule file says `language: fr`. JSON stays English, for programs.",
        "Whoever adds a message adds its French in `kamxl/french`; tests fail without it.",
        "",
    ]
    stage = ""
    for code, title in CODES.items():
        if code[:3] != stage:
            stage = code[:3]
            parts += [f"## {_STAGES[stage]}", ""]
        parts += [f"### {code}: {title}", ""]
        if code in examples:
            parts += ["```text", examples[code], "```", ""]
    return "\n".join(parts)


def _examples() -> dict[str, str]:
    """The shortest block of the error catalogue for each code."""
    found: dict[str, str] = {}
    for path in sorted((FOLDER.parent / "tests" / "bad_rules").glob("*.txt")):
        for block in path.read_text(encoding="utf-8").strip().split("\n\n"):
            code = block.partition("[")[2][:5]
            if code in CODES and max(map(len, block.split("\n"))) <= 140:
                found[code] = min(found.get(code, block), block, key=len)
    return found


def capabilities() -> str:
    """docs/capabilities.md: what each way to carry out the rules leaves out, by the lists that the code refuses by."""
    from kamxl.backends.engine_rules import HOLES as ENGINE_HOLES
    from kamxl.backends.sql import DIALECTS
    from kamxl.backends.sql import HOLES as SQL_HOLES

    lines = [
        NOTE,
        "# What each way to carry out the rules can do",
        "",
        "`kamxl run` and `kamxl classify` on a workbook carry out everything. What an engine or SQL cannot do is "
        "refused with KX226, never approximated.",
        "",
        "| rule | workbook | `--engine duckdb`, `--engine spark` | `kamxl sql` |",
        "|---|---|---|---|",
    ]
    for hole in [*ENGINE_HOLES, *(hole for hole in SQL_HOLES if hole not in ENGINE_HOLES)]:
        engine, sql = (f"no: {holes[hole]}" if hole in holes else "yes" for holes in (ENGINE_HOLES, SQL_HOLES))
        lines.append(f"| {hole} | yes | {engine} | {sql} |")
    lines += ["| everything else | yes | yes | yes |", "", f"SQL dialects: {', '.join(DIALECTS)}."]
    lines += ["", "In SQL the columns have types: texts in numbers, dates as texts and error cells are not read there."]
    return "\n".join(lines)


PAGES = {
    "capabilities.md": capabilities,
    "command_line.md": command_line,
    "functions.md": functions,
    "problems.md": problem_codes,
}


def main() -> None:
    """Write every page."""
    for name, make in PAGES.items():
        (FOLDER / name).write_text(make().rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
