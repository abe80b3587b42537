"""What commands print: problems, tables, progress. Colours and bars only for a person at a terminal."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from kamxl.problems import Problem, Severity, count_line

_STAGES = {
    "read": "Reading the workbook",
    "score": "Scoring",
    "explain": "Explaining",
    "sheets": "Writing sheets",
    "dashboard": "Drawing the dashboard",
    "save": "Saving",
}
MOST_PROBLEMS = 20


def is_interactive() -> bool:
    """Whether a person looks on: a terminal, and no CI."""
    return sys.stderr.isatty() and not os.environ.get("CI")


def progress_for(arguments: argparse.Namespace) -> Callable[[str], None]:
    """What shows the stage of a long job; silent where nobody looks on."""
    if getattr(arguments, "quiet", False) or getattr(arguments, "json", False) or not is_interactive():
        return lambda _stage: None
    from rich.console import Console
    from rich.status import Status

    status = Status("", console=Console(stderr=True), spinner="dots")

    def show(stage: str) -> None:
        status.update(f"{_STAGES.get(stage, stage)}…")
        if stage == "save":
            status.stop()
        else:
            status.start()

    return show


def print_problems(problems: Sequence[Problem], *, most: int = MOST_PROBLEMS) -> None:
    """Problems to standard error, the first ones in full."""
    if not problems:
        return
    shown = [problem.block() for problem in problems[:most]]
    if len(problems) > most:
        shown.append(f"... and {len(problems) - most} more (--json lists all)")
    print("\n\n".join([*shown, count_line(problems)]), file=sys.stderr)


def worst(problems: Sequence[Problem]) -> int:
    """Exit code: 1 when a problem is an error."""
    return int(any(problem.severity is Severity.ERROR for problem in problems))


def print_table(
    title: str, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]], *, foot: str = ""
) -> None:
    """A table; columns are (header, left or right)."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title or None, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold")
    for header, side in columns:
        justify: Any = side
        table.add_column(header, justify=justify)
    for row in rows:
        table.add_row(*[_plain(cell) for cell in row])
    width = None if sys.stdout.isatty() else 120
    console = Console(width=width, highlight=False)
    console.print(table)
    if foot:
        console.print(_plain(foot))


def _plain(text: str) -> Any:
    from rich.text import Text

    return Text(text)
