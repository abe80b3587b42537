"""The sheet *KAM Movement*: migration matrix since the last run and since the first, growth by first category."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from kamxl.canvas import Canvas
from kamxl.history.growth import GrowthLine, Migration, growth_limits, measure_growth, migrate
from kamxl.history.records import Entry, History
from kamxl.insight_phrases import tell
from kamxl.looks import RULE, number_look
from kamxl.table import Grid

MOVEMENT_SHEET = "KAM Movement"
_LINE = f"border={RULE} valign=vcenter"
_WORDS, _NUMBERS = "header align=left indent=1", "header align=right format=@__"


def movement_grid(
    history: History,
    now: Mapping[str, Entry],
    *,
    day: dt.date,
    start: dt.date | None,
    labels: Mapping[str, str],
    language: str,
    stamp: str = "",
) -> Grid:
    """The sheet for a day compared with the run of another, None where there is none yet.

    `now` is what the run of the day itself says.
    """
    canvas = Canvas()
    canvas.put(0, 0, tell("movement_title", language), "title")
    canvas.set_height(0, 28.0)
    canvas.put(1, 0, stamp, "subtitle")
    days = sorted({run.day for run in history.runs if run.day <= day})
    width = 1
    if start is None:
        canvas.spread(2, 0, tell("movement_none", language), "note", to_column=5)
        row = 4
    else:
        row = 2
        # Since that run, and since the first where that is another one.
        for each in dict.fromkeys((start, days[0])):
            migration = migrate(
                history, each, days[-1], labels=labels, language=language, now=now if days[-1] == day else None
            )
            width = max(width, len(migration.labels))
            row = _put_matrix(canvas, migration, row, language)
    lines = measure_growth(history, day, labels=labels, now=now)
    _put_growth(canvas, lines, row, language)
    limits = growth_limits(history, lines, day, language=language)
    _put_limits(canvas, limits, row + len(lines) + 2, language)
    return canvas.grid(
        MOVEMENT_SHEET, widths=(34.0, *([15.0] * max(7, width + 2))), fit_one_page=True, tab_colour="6B7280"
    )


def _put_matrix(canvas: Canvas, migration: Migration, row: int, language: str) -> int:
    heading = tell("movement_from", language, start=migration.start.isoformat(), end=migration.end.isoformat())
    canvas.put(row, 0, heading, "heading")
    blocks = (("matrix_counts", migration.counts, "integer"), ("matrix_revenue", migration.revenue, "money"))
    appeared, gone = tell("appeared", language), tell("disappeared", language)
    at = row + 1
    for key, amounts, look in blocks:
        canvas.put(at, 0, tell(key, language), _WORDS)
        canvas.put_row(at, 1, [*migration.labels, gone], _NUMBERS)
        canvas.set_height(at, 32.0)
        for offset, before in enumerate((*migration.labels, ""), start=1):
            canvas.put(at + offset, 0, before or appeared, f"text bold indent=1 {_LINE}")
            for column, after in enumerate((*migration.labels, ""), start=1):
                same = " fill=E6E9EE" if before == after else ""
                canvas.put(at + offset, column, amounts.get((before, after)), f"{number_look(look)} {_LINE}{same}")
        at += len(migration.labels) + 3
    return at + 1


def _put_growth(canvas: Canvas, lines: Sequence[GrowthLine], row: int, language: str) -> None:
    canvas.put(row, 0, tell("growth_title", language), "heading")
    keys = ("growth_category", "clients", "growth_still", "growth_then", "growth_now", "growth_rate", "growth_lost",
            "growth_months")  # fmt: skip
    canvas.put(row + 1, 0, tell(keys[0], language), _WORDS)
    canvas.put_row(row + 1, 1, [tell(key, language) for key in keys[1:]], _NUMBERS)
    canvas.set_height(row + 1, 32.0)
    at = row + 2
    for line in lines:
        canvas.put(at, 0, line.label, f"text bold indent=1 {_LINE}")
        canvas.put_row(at, 1, [line.clients, line.still], f"{number_look('integer')} {_LINE}")
        canvas.put_row(at, 3, [line.then, line.now], f"{number_look('money')} {_LINE}")
        rate = "–" if line.rate is None else line.rate
        canvas.put(at, 5, rate, f"{number_look('percent1', pattern='+0.0%')} {_LINE}")
        canvas.put(at, 6, line.lost, f"{number_look('money')} {_LINE}")
        canvas.put(at, 7, line.months, f"{number_look('number', pattern='0.0')} {_LINE}")
        at += 1


def _put_limits(canvas: Canvas, limits: Sequence[str], row: int, language: str) -> None:
    canvas.put(row + 1, 0, tell("limits", language), "subheading")
    for at, text in enumerate(limits, start=row + 2):
        canvas.spread(at, 0, text, "wrap", to_column=7)
        canvas.set_height(at, 30.0 if len(text) > 140 else 16.0)
