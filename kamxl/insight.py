"""The sheets that show where the portfolio stands and where it goes: dashboard, history, movement, white space, brief.

Joins portfolio, history and dashboard on one host; `app.py` calls it within a run. Nothing is saved here.
"""

from __future__ import annotations

import datetime as dt

from kamxl.backends import Scored
from kamxl.brief import brief_grid
from kamxl.dashboard import Content, compose_content, dashboard_grid, white_space_grid
from kamxl.dashboard.white_space import WHITE_SPACE_SHEET
from kamxl.history.growth import labels_of, measure_movement
from kamxl.history.log import history_grid
from kamxl.history.movement import Movement
from kamxl.history.records import current_entries
from kamxl.history.sheet import movement_grid
from kamxl.hosts import Host
from kamxl.memory import Memory, read_memory, remember_run
from kamxl.portfolio.clients import run_date
from kamxl.portfolio.figures import measure_portfolio
from kamxl.problems import Problem, Severity
from kamxl.process import ProcessBook
from kamxl.records import replace
from kamxl.stamp import Stamp
from kamxl.table import Grid


def compose_insight(scored: Scored, memory: Memory, stamp: Stamp, language: str) -> Content:
    """What the dashboard says, movers included."""
    movement: Movement | None = None
    if memory.usable:
        movement = measure_movement(memory.history, scored, language=language, since=memory.since)
    return compose_content(
        measure_portfolio(scored, language=language, stamp=f"{stamp.digest} · kamxl {stamp.version}"), movement
    )


def insight_grids(
    scored: Scored, processes: ProcessBook, memory: Memory, stamp: Stamp, language: str
) -> tuple[Grid, ...]:
    """The sheets of a run, in the order of the tabs: dashboard, movement, white space, brief, history."""
    content = compose_insight(scored, memory, stamp, language)
    labels = labels_of(scored, language)
    grids = [dashboard_grid(content)]
    if memory.usable:
        day = run_date(scored)
        now = current_entries(scored, day, language=language, rules=stamp.digest)
        start = memory.history.day_to_compare(day, memory.since)
        grids.append(
            movement_grid(
                memory.history, now, day=day, start=start, labels=labels, language=language, stamp=stamp.line()
            )
        )
    if content.portfolio.dormant.white_space is not None:
        grids.append(white_space_grid(content, stamp=stamp.line()))
    grids.append(brief_grid(scored, processes, language=language, stamp=stamp.line()))
    if memory.usable:
        grids.append(history_grid(memory.history, language=language))
    return tuple(grids)


def write_insight(
    host: Host,
    scored: Scored,
    processes: ProcessBook,
    stamp: Stamp,
    language: str,
    *,
    memory: Memory | None = None,
    since: dt.date | None = None,
) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    """The sheets written to a host: their names and what there is to say of the history. Nothing is saved yet.

    `memory` is the history as it stands in the workbook, where the caller has read it already. `since` is a day with
    which to compare instead of the last run.
    """
    memory = remember_run(read_memory(host) if memory is None else memory, scored, stamp, language)
    memory = replace(memory, since=since)
    grids = insight_grids(scored, processes, memory, stamp, language)
    for grid in grids:
        host.write_sheet(grid)
    names = {grid.name for grid in grids}
    if WHITE_SPACE_SHEET not in names:
        host.remove_sheet(WHITE_SPACE_SHEET)
    problems = tuple(problem for problem in memory.problems if problem.severity is not Severity.ERROR)
    return tuple(grid.name for grid in grids), problems
