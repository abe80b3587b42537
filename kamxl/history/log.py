"""The sheet *KAM History*: the log of changes and of runs, read back from cells and written as a Grid.

What is in the sheet and not understood is kept: extra columns, notes, and whole lines. Knows no host.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from operator import attrgetter

from kamxl.canvas import Canvas
from kamxl.history.records import SHEET_NAME, Entry, Event, History, Run
from kamxl.insight_phrases import INSIGHT_PHRASES, tell
from kamxl.looks import number_look
from kamxl.problems import KamxlError, Place, Problem, Severity
from kamxl.records import replace
from kamxl.table import FEWEST_BODY_ROWS, Cell, Grid, GridBody, GridColumn, GridTable, cell_address
from kamxl.values import date_of, fold, is_blank, read_cell, text_of

FORMAT = 1
_FORMAT_MARK = re.compile(r"kamxl history format (\d+)")
# Our columns, and the field of an entry that stands under each.
_FIELDS = {
    "date": "day",
    "client": "client",
    "client_name": "name",
    "event": "event",
    "category": "label",
    "score_now": "score",
    "revenue": "revenue",
    "override": "override",
    "notes": "note",
    "key": "category",
    "rules": "rules",
}
_COLUMNS = tuple(_FIELDS)
_RUN_COLUMNS = ("date", "rules", "version", "clients", "changes")
_LOOKS = {
    "date": "date",
    "score_now": number_look("score"),
    "revenue": number_look("money"),
    "override": "text indent=1",
    "notes": "input",
    "key": "label",
    "rules": "label",
}
_WIDTHS = {"date": 11.0, "client": 18.0, "client_name": 30.0, "event": 10.0, "category": 24.0, "score_now": 8.0,
           "revenue": 13.0, "override": 26.0, "notes": 30.0, "key": 18.0, "rules": 11.0}  # fmt: skip
_FAMILY = "% "
_RUNS_TABLE, _ENTRIES_TABLE = "KAM_Runs", "KAM_History"
_HEADER_ROW = 3


def read_history(rows: Sequence[Sequence[Cell]], *, book: str = "") -> tuple[History, tuple[Problem, ...]]:
    """The history in the cells of its sheet; empty without a sheet. Lines that cannot be read are kept and reported.

    Errors: KamxlError KX509 when the sheet was written by a newer kamxl, or holds no history: it would be lost.
    """
    if not any(not is_blank(cell) for row in rows for cell in row):
        return History(), ()
    _check_format(rows, book)
    header = next((index for index, row in enumerate(rows) if len(_known(row)) >= 4), None)
    if header is None:
        raise KamxlError(_unusable("the sheet has no line of headers `Date`, `Client`, `Category`", book))
    gap = next((at for at, cell in enumerate(rows[header]) if is_blank(cell)), len(rows[header]))
    names = _column_names(rows[header][:gap])
    runs_at = next((at for at in range(gap, len(rows[header])) if not is_blank(rows[header][at])), -1)
    reader = _Reader(names, gap, book)
    runs = []
    for number, row in enumerate(rows[header + 1 :], start=header + 2):
        reader.read(row, number)
        run = _read_run(row[runs_at : runs_at + len(_RUN_COLUMNS)]) if runs_at >= 0 else None
        if run is not None:
            runs.append(run)
    # People sort the table by client or score: time is in the dates, not in the order of the lines.
    entries = sorted(reader.entries, key=lambda entry: entry.day)
    runs.sort(key=lambda run: run.day)
    return History(tuple(entries), tuple(runs), tuple(reader.unread)), tuple(reader.problems)


def _check_format(rows: Sequence[Sequence[Cell]], book: str) -> None:
    text = " ".join(str(cell) for row in rows[:_HEADER_ROW] for cell in row if isinstance(cell, str))
    found = _FORMAT_MARK.search(text)
    if found and int(found.group(1)) > FORMAT:
        message = f"the history was written by a newer kamxl (format {found.group(1)}, this one reads {FORMAT})"
        raise KamxlError(_unusable(message, book, help_text="update kamxl; nothing was written"))


def _unusable(message: str, book: str, *, help_text: str = "rename or remove the sheet and run again") -> Problem:
    return Problem("KX509", message, Place(book, sheet=SHEET_NAME), help=help_text)


def _known(row: Sequence[Cell]) -> dict[int, str]:
    """Our columns in a row, by position: a header in either language."""
    by_text = {fold(text): key for key in reversed(_COLUMNS) for text in INSIGHT_PHRASES[key]}
    found: dict[int, str] = {}
    for at, cell in enumerate(row):
        key = by_text.get(fold(str(cell))) if isinstance(cell, str) else None
        if key is not None and key not in found.values():
            found[at] = key
    return found


def _column_names(header: Sequence[Cell]) -> dict[int, str]:
    """Key of our columns, `% family` of the families, the header itself of columns that others added."""
    known = _known(header)
    return {at: known.get(at) or str(cell) for at, cell in enumerate(header) if not is_blank(cell)}


class _Reader:
    """Reads lines of the log; the state is what has been understood so far."""

    def __init__(self, names: Mapping[int, str], width: int, book: str) -> None:
        self.names = names
        self.width = width
        self.book = book
        self.entries: list[Entry] = []
        self.unread: list[tuple[Cell, ...]] = []
        self.problems: list[Problem] = []

    def read(self, row: Sequence[Cell], number: int) -> None:
        cells = {name: row[at] for at, name in self.names.items() if at < len(row) and not is_blank(row[at])}
        if not cells:
            return
        if is_separator(cells):
            return
        entry = _entry(cells)
        if entry is not None:
            self.entries.append(entry)
            return
        self.unread.append(tuple(row[: self.width]))
        place = Place(self.book, sheet=SHEET_NAME, cell=cell_address(number, 1))
        message = "the line of the history has no date or no client that can be read"
        self.problems.append(Problem("KX509", message, place, Severity.WARNING, "the line is kept; correct its date"))


def is_separator(cells: Mapping[str, Cell]) -> bool:
    """Whether a line only holds our own sentence above the lines that could not be read."""
    return set(cells) == {"date"} and cells["date"] in INSIGHT_PHRASES["unread"]


def _entry(cells: Mapping[str, Cell]) -> Entry | None:
    day, client = _day(cells.get("date")), cells.get("client")
    if day is None or client is None:
        return None
    families, others = {}, {}
    for name, cell in cells.items():
        number = _number(cell)
        if name.startswith(_FAMILY) and number is not None:
            families[name.removeprefix(_FAMILY)] = number
        elif name not in _COLUMNS:
            others[name] = cell
    return Entry(
        day=day,
        client=text_of(client),
        name=_text(cells.get("client_name")),
        event=_event(cells.get("event")),
        category=_text(cells.get("key")),
        label=_text(cells.get("category")),
        score=_number(cells.get("score_now")),
        revenue=_number(cells.get("revenue")),
        families=families,
        override=_text(cells.get("override")),
        rules=_text(cells.get("rules")),
        note=cells.get("notes"),
        others=others,
    )


def _day(cell: Cell) -> dt.date | None:
    value = read_cell(cell, "date").value
    return date_of(value) if isinstance(value, float) else None


def _number(cell: Cell) -> float | None:
    value = read_cell(cell, "number").value
    return value if isinstance(value, float) else None


def _text(cell: Cell) -> str:
    return "" if is_blank(cell) else text_of(cell)


def _event(cell: Cell) -> Event:
    word = fold(_text(cell))
    events: tuple[Event, ...] = ("new", "gone", "back")
    for event in events:
        if word in (fold(text) for text in INSIGHT_PHRASES[f"event_{event}"]):
            return event
    return "changed"


def _read_run(cells: Sequence[Cell]) -> Run | None:
    day = _day(cells[0]) if len(cells) == len(_RUN_COLUMNS) else None
    if day is None:
        return None
    clients, changes = (int(_number(cell) or 0) for cell in cells[3:])
    return Run(day, _text(cells[1]), _text(cells[2]), clients, changes)


def history_grid(history: History, *, language: str) -> Grid:
    """The sheet of a history: the log of changes as a filtered table, the runs beside it."""
    canvas = Canvas()
    canvas.put(0, 0, tell("history_title", language), "title")
    canvas.set_height(0, 28.0)
    canvas.put(1, 0, tell("history_note", language, version=FORMAT), "subtitle")
    families = list(dict.fromkeys(key for entry in history.entries for key in entry.families))
    others = list(dict.fromkeys(name for entry in history.entries for name in entry.others))
    # Where the clients are known by their names alone, one column says who.
    columns = [key for key in _COLUMNS if key != "client_name" or any(entry.name for entry in history.entries)]
    headers = [
        *(tell(key, language) for key in columns),
        *(f"{_FAMILY}{key}" for key in families),
        *others,
    ]
    numeric = [
        *(key in ("score_now", "revenue") for key in columns),
        *(True for _ in families),
        *(False for _ in others),
    ]
    for column, (header, is_number) in enumerate(zip(headers, numeric, strict=True)):
        canvas.put(_HEADER_ROW, column, header, "header align=right format=@__" if is_number else "header")
    canvas.set_height(_HEADER_ROW, 20.0)
    last = _HEADER_ROW + len(history.entries)
    if history.entries:
        canvas.tables.append(GridTable(_ENTRIES_TABLE, _HEADER_ROW, 0, last, len(headers) - 1))
    _put_unread(canvas, history, last + 2, language)
    runs_at = len(headers) + 1
    _put_runs(canvas, history, runs_at, language)
    widths = [
        *(_WIDTHS[key] if "client_name" in columns or key != "client" else 30.0 for key in columns),
        *([11.0] * (len(families) + len(others))),
        3.0,
        11.0,
        12.0,
        9.0,
        9.0,
        11.0,
    ]
    grid = canvas.grid(
        SHEET_NAME,
        widths=widths,
        freeze=(_HEADER_ROW + 1, 2),
        repeat_rows=(_HEADER_ROW, _HEADER_ROW),
        tab_colour="6B7280",
    )
    return _with_entries(grid, history, (columns, families, others), language)


def _with_entries(
    grid: Grid, history: History, columns: tuple[Sequence[str], Sequence[str], Sequence[str]], language: str
) -> Grid:
    """The grid with the lines of the log, which may be a hundred thousand: they come as columns.

    Shapes: columns are our own, those of the families, and those that others added.
    """
    if not history.entries:
        return grid
    own, families, others = columns
    entries = history.entries
    events = {event: tell(f"event_{event}", language) for event in ("new", "changed", "gone", "back")}
    body = [_body_column(_values(entries, key, events), _LOOKS.get(key, "text")) for key in own]
    score = number_look("score")
    body += [_body_column([entry.families.get(key) for entry in entries], score) for key in families]
    body += [_body_column([entry.others.get(name) for entry in entries], "text") for name in others]
    rows = list(grid.rows)
    rows += [()] * (_HEADER_ROW + 1 + len(entries) - len(rows))
    whole = replace(grid, rows=tuple(rows), bodies=(GridBody(_HEADER_ROW + 1, tuple(body)),))
    return whole if len(entries) >= FEWEST_BODY_ROWS else whole.in_cells()


def _body_column(cells: Sequence[Cell], look: str) -> GridColumn:
    """A column of the log; where nothing is known there is no cell."""
    values: list[Cell] = [None if cell == "" else cell for cell in cells]
    if look in ("text", "input") and any(isinstance(value, dt.date) for value in values):
        # A day that somebody wrote must come back as a day.
        dated = f"{look} format=yyyy-mm-dd"
        return GridColumn(values, [_look_of(value, dated if isinstance(value, dt.date) else look) for value in values])
    blanks = values.count(None)
    if not 0 < blanks < len(values):
        return GridColumn(values, "" if blanks else look)
    return GridColumn(values, [_look_of(value, look) for value in values])


def _look_of(value: Cell, look: str) -> str:
    return "" if value is None else look


def _values(entries: Sequence[Entry], key: str, events: Mapping[str, str]) -> list[Cell]:
    """What the log says under one of our columns."""
    found: list[Cell] = list(map(attrgetter(_FIELDS[key]), entries))
    return [events[str(event)] for event in found] if key == "event" else found


def _put_unread(canvas: Canvas, history: History, row: int, language: str) -> None:
    if history.unread:
        canvas.put(row, 0, tell("unread", language), "note")
    for number, cells in enumerate(history.unread, start=row + 1):
        canvas.put_row(number, 0, cells, "text")


def _put_runs(canvas: Canvas, history: History, column: int, language: str) -> None:
    canvas.put(_HEADER_ROW - 1, column, tell("runs", language), "subheading")
    canvas.put_row(_HEADER_ROW, column, [tell(key, language) for key in _RUN_COLUMNS], "header")
    for row, run in enumerate(history.runs, start=_HEADER_ROW + 1):
        canvas.put(row, column, run.day, "date")
        canvas.put(row, column + 1, run.rules, "label")
        canvas.put(row, column + 2, run.version, "label")
        canvas.put(row, column + 3, run.clients, "integer")
        canvas.put(row, column + 4, run.changes, "integer")
    if history.runs:
        last = _HEADER_ROW + len(history.runs)
        canvas.tables.append(GridTable(_RUNS_TABLE, _HEADER_ROW, column, last, column + len(_RUN_COLUMNS) - 1))
