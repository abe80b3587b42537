"""What commands print: problems, tables, progress. Colours and bars only for a person at a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from kamxl.problems import Problem, Severity
from kamxl.records import replace

if TYPE_CHECKING:
    import argparse

_STAGES = {
    "read": "Reading the workbook",
    "score": "Scoring",
    "explain": "Explaining",
    "sheets": "Writing sheets",
    "dashboard": "Drawing the dashboard",
    "save": "Saving",
}
# So many alike are told one by one.
FEWEST_TO_GATHER = 3
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


def print_problems(problems: Sequence[Problem], *, most: int = MOST_PROBLEMS, language: str = "en") -> None:
    """Problems to standard error, the first ones in full."""
    if not problems:
        return
    from kamxl.problem_words import block_in, count_line_in

    gathered = _gathered(problems)
    shown = [block_in(problem, language) for problem in gathered[:most]]
    rest = len(gathered) - most
    if rest > 0:
        french = f"... et {rest} autres (--json les donne tous)"
        shown.append(french if language == "fr" else f"... and {rest} more (--json lists all)")
    print("\n\n".join([*shown, count_line_in(problems, language)]), file=sys.stderr)


def _gathered(problems: Sequence[Problem]) -> list[Problem]:
    """One problem where a column has the same in many cells, with a note of how many and where the last one is."""
    alike: dict[tuple[str, str, str, str], list[Problem]] = {}
    for problem in problems:
        place = problem.place
        # Without a cell there is nothing that could repeat.
        where = (place.sheet, str(place.cell).rstrip("0123456789")) if place.cell else ("", str(len(alike)))
        alike.setdefault((problem.code, problem.message, *where), []).append(problem)
    found = []
    for same in alike.values():
        if len(same) <= FEWEST_TO_GATHER:
            found += same
            continue
        note = (f"the same in {len(same) - 1} more cells of the column, the last one here", same[-1].place)
        found.append(replace(same[0], notes=(*same[0].notes, note)))
    return found


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
