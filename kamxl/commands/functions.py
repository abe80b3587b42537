"""`kamxl functions`: the worksheet functions with their arguments."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kamxl.commands.console import print_table

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("--language", choices=("en", "fr"), default="en", help="language of the help texts")
    parser.add_argument("--json", action="store_true", help="print the list as JSON")


def run(arguments: argparse.Namespace) -> int:
    """List the worksheet functions."""
    from kamxl.addin.functions import FUNCTIONS

    language = arguments.language
    rows = []
    for function in FUNCTIONS:
        names = [f"[{a.name}]" if a.optional else a.name for a in function.arguments]
        rows.append([f"{function.name}({', '.join(names)})", getattr(function.help, language)])
    if arguments.json:
        print(json.dumps([{"function": name, "help": text} for name, text in rows], ensure_ascii=False, indent=2))
        return 0
    print_table(
        "",
        [("Function" if language == "en" else "Fonction", "left"), ("Help" if language == "en" else "Aide", "left")],
        rows,
    )
    return 0
