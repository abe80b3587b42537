"""What is remembered of earlier runs: one entry per client and change, one record per run.

Entries only ever grow by what changed; what people and older versions wrote into the sheet is carried along. Knows no
cells.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Literal

from kamxl.backends import Scored
from kamxl.portfolio.clients import (
    client_identifiers,
    folded_identifiers,
    is_named,
    number_column,
    run_date,
    take_names,
    without_empty_rows,
)
from kamxl.problems import Place, Problem, Severity
from kamxl.records import dataclass, field, replace
from kamxl.table import Cell
from kamxl.values import fold

Event = Literal["new", "changed", "gone", "back"]
# Scores drift with the calendar (days since the last order): a smaller move is not worth a line.
LEAST_POINTS = 1.0
LEAST_REVENUE_SHARE = 0.05
SHEET_NAME = "KAM History"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a run found for one client.

    Units: score and families 0 to 100, None where missing; `category` is the key, `label` what people read.
    `name` is what people call the client, empty where that is its identifier. `note` is what a person typed, `others`
    cells of columns that this kamxl does not know, by header.
    """

    day: dt.date
    client: str
    event: Event
    category: str = ""
    label: str = ""
    score: float | None = None
    revenue: float | None = None
    families: Mapping[str, float] = field(default_factory=dict)
    override: str = ""
    rules: str = ""
    name: str = ""
    note: Cell = None
    others: Mapping[str, Cell] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """One run: when, by which rules, over how many clients, and how many entries it added."""

    day: dt.date
    rules: str
    version: str
    clients: int
    changes: int


@dataclass(frozen=True, slots=True)
class History:
    """Everything remembered, oldest first. `unread` holds lines that could not be understood; they are kept."""

    entries: tuple[Entry, ...] = ()
    runs: tuple[Run, ...] = ()
    unread: tuple[tuple[Cell, ...], ...] = ()

    def last_entries(self, until: dt.date | None = None) -> dict[str, Entry]:
        """The last entry of every client up to a day (included), by folded client; gone clients included."""
        found: dict[str, Entry] = {}
        for entry in self.entries:
            if until is None or entry.day <= until:
                found[fold(entry.client)] = entry
        return found

    def state(self, day: dt.date) -> dict[str, Entry]:
        """What was known on a day, by folded client, without those that were gone."""
        return {client: entry for client, entry in self.last_entries(day).items() if entry.event != "gone"}

    def day_to_compare(self, day: dt.date, since: dt.date | None = None) -> dt.date | None:
        """The day of the run with which a day is compared: the last one before it.

        With `since` it is the last one up to that day, or the first of all where there was none yet.
        """
        days = sorted({run.day for run in self.runs if run.day < day})
        if since is None or not days:
            return days[-1] if days else None
        return max((each for each in days if each <= since), default=days[0])


def record_run(
    history: History, scored: Scored, *, language: str, rules: str, version: str
) -> tuple[History, tuple[Problem, ...]]:
    """The history with a run in it: entries only for clients that changed, one record of the run.

    A second run on the same day replaces what that day said. `rules` is the digest of the rule files.
    Errors: none are raised; a run dated before the last one is not recorded, and a warning says so.
    """
    day = run_date(scored)
    latest = max((run.day for run in history.runs), default=None)
    if latest is not None and day < latest:
        message = f"the history already holds a run of {latest}: this one, as of {day}, is not added"
        help_text = "run with a later --as-of, or on a copy of the workbook"
        return history, (Problem("KX509", message, Place(sheet=SHEET_NAME), Severity.WARNING, help_text),)
    found = current_entries(scored, day, language=language, rules=rules)
    if not found:
        problem = _nobody(history, has_rows=without_empty_rows(scored).row_count > 0)
        return history, () if problem is None else (problem,)
    earlier = replace(history, entries=tuple(entry for entry in history.entries if entry.day != day))
    today = {fold(entry.client): entry for entry in history.entries if entry.day == day}
    before = earlier.last_entries()
    changes = _changes(before, found, day, rules)
    changes = [_with_note(entry, today) for entry in changes]
    written = {fold(entry.client) for entry in changes}
    # A line of this morning on which somebody wrote stays, also where this afternoon's run finds no change.
    changes += [entry for client, entry in today.items() if client not in written and has_words(entry)]
    run = Run(day, rules, version, len(found), len(changes))
    runs = (*(each for each in history.runs if each.day != day), run)
    return History((*earlier.entries, *changes), runs, history.unread), ()


def _nobody(history: History, *, has_rows: bool) -> Problem | None:
    """Why a run that names no client is not recorded: as it stands, everybody would have left."""
    if has_rows:
        message = "the rows have no client that could be found again: the run is not added to the history"
        help_text = "give a column of the workbook and of the rules the role `id` or `name`"
    elif history.entries:
        message = "the table holds no client any more: the run is not added to the history"
        help_text = "if all of them have left, note it in the sheet; else bring the rows back and run again"
    else:
        return None
    return Problem("KX509", message, Place(sheet=SHEET_NAME), Severity.WARNING, help_text)


def current_entries(scored: Scored, day: dt.date, *, language: str, rules: str) -> dict[str, Entry]:
    """What a run says of every client, by folded identifier; rows without a client are left out."""
    known: dict[tuple[dt.date, str, str], dict[str, Entry]] = scored.worked_out.setdefault("entries", {})
    about = (day, language, rules)
    if about not in known:
        known[about] = _entries(without_empty_rows(scored), day, language=language, rules=rules)
    return known[about]


def _entries(scored: Scored, day: dt.date, *, language: str, rules: str) -> dict[str, Entry]:
    if not any(map(is_named, client_identifiers(scored))):
        return {}
    categories = scored.plan.rules.categories.all_rules
    # Without a category the code is -1, which is the last one here.
    told = [*((rule.key, rule.label.text(language)) for rule in categories), ("", "")]
    codes, scores = [int(code) for code in scored.category], _rounded(scored.score, 1)
    revenue = _rounded(number_column(scored, "revenue").tolist(), 2)
    keys = tuple(scored.families)
    families = [_rounded(scored.families[key], 1) for key in keys]
    found: dict[str, Entry] = {}
    names = take_names(scored)
    for row, (client, folded) in enumerate(zip(client_identifiers(scored), folded_identifiers(scored), strict=True)):
        if not is_named(client) or folded in found:
            continue
        category, label = told[codes[row]]
        override = scored.overrides.get(row)
        found[folded] = Entry(
            day=day,
            client=client,
            event="new",
            category=category,
            label=label,
            score=scores[row],
            revenue=revenue[row],
            families={
                key: points for key, column in zip(keys, families, strict=True) if (points := column[row]) is not None
            },
            override=f"{override.author}: {override.reason}".strip(": ") if override is not None else "",
            rules=rules,
            name=names[row] if names[row] != client else "",
        )
    return found


def _changes(before: Mapping[str, Entry], found: Mapping[str, Entry], day: dt.date, rules: str) -> list[Entry]:
    changes = []
    for client, entry in found.items():
        known = before.get(client)
        if known is None:
            changes.append(entry)
        elif known.event == "gone":
            changes.append(replace(entry, event="back"))
        elif is_change(known, entry):
            changes.append(replace(entry, event="changed"))
    for client, known in before.items():
        if client not in found and known.event != "gone":
            changes.append(Entry(day, known.client, "gone", rules=rules, name=known.name))
    return changes


def is_change(before: Entry, after: Entry) -> bool:
    """Whether a client's state is worth a new line: category, override, a point of any score, 5 % of revenue."""
    if (before.category, before.override) != (after.category, after.override):
        return True
    scores = [(before.score, after.score)]
    scores += [(before.families.get(key), after.families.get(key)) for key in {*before.families, *after.families}]
    if any(_moved(old, new, LEAST_POINTS) for old, new in scores):
        return True
    return _moved(before.revenue, after.revenue, LEAST_REVENUE_SHARE * max(abs(before.revenue or 0.0), 1.0))


def _moved(old: float | None, new: float | None, least: float) -> bool:
    if old is None or new is None:
        return old is not new
    # 9 decimals, as everywhere: 60.1 - 59.1 is a whole point.
    return round(abs(new - old) - least, 9) >= 0


def has_words(entry: Entry) -> bool:
    """Whether somebody wrote on the line of an entry."""
    return entry.note is not None or bool(entry.others)


def _with_note(entry: Entry, today: Mapping[str, Entry]) -> Entry:
    same = today.get(fold(entry.client))
    return entry if same is None else replace(entry, note=same.note, others=same.others)


def _rounded(numbers: Sequence[float], decimals: int) -> list[float | None]:
    """Each number rounded, None where it is missing: NaN, which differs from itself."""
    plain = numbers.tolist() if hasattr(numbers, "tolist") else numbers
    return [round(number, decimals) + 0.0 if number == number else None for number in plain]


def revenue_of(entries: Sequence[Entry]) -> float:
    """The sum of the revenues that are known."""
    return sum(entry.revenue for entry in entries if entry.revenue is not None)
