"""The sheets that show where the portfolio stands and where it goes: dashboard, history, movement, white space, brief.

Joins portfolio, history and dashboard on one host; `app.py` calls it within a run. Nothing is saved here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from kamxl.backends import Scored
from kamxl.brief import brief_grid
from kamxl.dashboard import Content, compose_content, dashboard_grid, white_space_grid
from kamxl.dashboard.white_space import WHITE_SPACE_SHEET
from kamxl.history.growth import Trend, measure_movement, measure_trends
from kamxl.history.log import history_grid, read_history
from kamxl.history.movement import Movement
from kamxl.history.records import SHEET_NAME, History, record_run
from kamxl.history.sheet import movement_grid
from kamxl.hosts import Host, OutColumn
from kamxl.phrases import say
from kamxl.portfolio import measure_portfolio
from kamxl.portfolio.clients import client_identifiers, run_date
from kamxl.problems import KamxlError, Problem, Severity
from kamxl.process import ProcessBook
from kamxl.stamp import Stamp
from kamxl.table import Cell, Grid

# Custom property of a workbook and of the copies made of it.
BOOK_MARK = "kamxl.book"


@dataclass(frozen=True, slots=True)
class Memory:
    """The history of a workbook with this run in it. `usable` is false where it cannot be read."""

    history: History
    problems: tuple[Problem, ...]
    usable: bool = True


def book_mark(scored: Scored) -> str:
    """A mark for a workbook, made of the clients that its first run found and of that run's day."""
    identity = "\n".join([run_date(scored).isoformat(), *client_identifiers(scored)])
    return hashlib.sha256(identity.encode()).hexdigest()[:16]


def read_memory(host: Host) -> Memory:
    """The history in a workbook; one that cannot be read is a warning, and is left alone."""
    book = str(getattr(host, "book", ""))
    try:
        history, problems = read_history(host.read_sheet(SHEET_NAME), book=book)
    except KamxlError as error:
        # The run itself is sound: only the history is not carried on, and the sheet is not touched.
        return Memory(History(), tuple(problem.as_warning() for problem in error.problems), usable=False)
    return Memory(history, problems)


def remember_run(memory: Memory, scored: Scored, stamp: Stamp, language: str) -> Memory:
    """The history with this run in it."""
    if not memory.usable:
        return memory
    history, problems = record_run(memory.history, scored, language=language, rules=stamp.digest, version=stamp.version)
    return Memory(history, (*memory.problems, *problems), usable=True)


def trend_columns(memory: Memory, scored: Scored, empty: Sequence[bool], language: str) -> list[tuple[str, OutColumn]]:
    """Trend and previous category beside the client table; none before the second run, nor without a history."""
    if memory.history.last_day_before(run_date(scored)) is None:
        return []
    trends = measure_trends(memory.history, scored, language=language)

    def shown(texts: Sequence[str]) -> list[Cell]:
        return [None if skip or not text else text for text, skip in zip(texts, empty, strict=True)]

    return [
        ("trend", OutColumn(say("trend", language), shown([trend.text for trend in trends]), "text indent=1", 11)),
        ("previous", OutColumn(say("previous", language), shown(_previous(trends)), "label indent=1", 30)),
    ]


def _previous(trends: Sequence[Trend]) -> list[str]:
    return [trend.previous for trend in trends]


def compose_insight(scored: Scored, memory: Memory, stamp: Stamp, language: str) -> Content:
    """What the dashboard says, movers included."""
    movement: Movement | None = None
    if memory.usable:
        movement = measure_movement(memory.history, scored, language=language)
    return compose_content(measure_portfolio(scored, language=language, stamp=stamp.digest), movement)


def insight_grids(
    scored: Scored, processes: ProcessBook, memory: Memory, stamp: Stamp, language: str
) -> tuple[Grid, ...]:
    """The sheets of a run, in the order of the tabs: dashboard, movement, white space, brief, history."""
    content = compose_insight(scored, memory, stamp, language)
    labels = [rule.label.text(language) or rule.key for rule in scored.plan.rules.categories.all_rules]
    grids = [dashboard_grid(content)]
    if memory.usable:
        day = run_date(scored)
        grids.append(movement_grid(memory.history, day=day, labels=labels, language=language))
    if content.portfolio.dormant.white_space is not None:
        grids.append(white_space_grid(content))
    grids.append(brief_grid(scored, processes, language=language, stamp=stamp.line()))
    if memory.usable:
        grids.append(history_grid(memory.history, language=language))
    return tuple(grids)


def write_insight(
    host: Host, scored: Scored, processes: ProcessBook, stamp: Stamp, language: str, *, memory: Memory | None = None
) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    """The sheets written to a host: their names and what there is to say of the history. Nothing is saved yet.

    `memory` is the history as it stands in the workbook, where the caller has read it already.
    """
    memory = remember_run(read_memory(host) if memory is None else memory, scored, stamp, language)
    grids = insight_grids(scored, processes, memory, stamp, language)
    for grid in grids:
        host.write_sheet(grid)
    names = {grid.name for grid in grids}
    if WHITE_SPACE_SHEET not in names:
        host.remove_sheet(WHITE_SPACE_SHEET)
    problems = tuple(problem for problem in memory.problems if problem.severity is not Severity.ERROR)
    return tuple(grid.name for grid in grids), problems
