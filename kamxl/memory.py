"""What a workbook remembers: its mark, the history of its runs, and what of it stands beside the client table.

Light, because every run reads it; what draws sheets of it is `insight.py`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from kamxl.backends import Scored
from kamxl.digests import digest_of
from kamxl.history.records import SHEET_NAME, History, record_run
from kamxl.hosts import Host, OutColumn
from kamxl.phrases import say
from kamxl.portfolio.clients import client_identifiers, run_date
from kamxl.problems import KamxlError, Problem
from kamxl.records import dataclass
from kamxl.stamp import Stamp
from kamxl.table import Cell

# Custom property of a workbook and of the copies made of it.
BOOK_MARK = "kamxl.book"


@dataclass(frozen=True, slots=True)
class Memory:
    """The history of a workbook with this run in it.

    `usable` is false where it cannot be read. `since` is the day with which the run is compared, None for the last run.
    """

    history: History
    problems: tuple[Problem, ...]
    usable: bool = True
    since: dt.date | None = None


def book_mark(scored: Scored) -> str:
    """A mark for a workbook, made of the clients that its first run found and of that run's day."""
    identity = "\n".join([run_date(scored).isoformat(), *client_identifiers(scored)])
    return digest_of(identity.encode())[:16]


def read_memory(host: Host) -> Memory:
    """The history in a workbook; one that cannot be read is a warning, and is left alone."""
    rows = host.read_sheet(SHEET_NAME)
    if not rows:
        return Memory(History(), ())
    # A first run, and every run in a workbook whose history nobody keeps, does without the reader.
    from kamxl.history.log import read_history

    try:
        history, problems = read_history(rows, book=str(getattr(host, "book", "")))
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
    if memory.history.day_to_compare(run_date(scored)) is None:
        return []
    from kamxl.history.growth import measure_trends

    trends = measure_trends(memory.history, scored, language=language)

    def shown(texts: Sequence[str]) -> list[Cell]:
        return [None if skip or not text else text for text, skip in zip(texts, empty, strict=True)]

    return [
        ("trend", OutColumn(say("trend", language), shown([trend.text for trend in trends]), "text indent=1", 11)),
        (
            "previous",
            OutColumn(say("previous", language), shown([trend.previous for trend in trends]), "label indent=1", 30),
        ),
    ]
