"""What a history tells: trend and previous category, who moved, a migration matrix, growth since the beginning.

Says plainly what it cannot conclude. Knows no cells.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from kamxl.backends import Scored
from kamxl.history.movement import Movement, Mover
from kamxl.history.records import LEAST_POINTS, Entry, History, current_entries, revenue_of
from kamxl.insight_phrases import tell
from kamxl.phrases import write_number
from kamxl.portfolio.clients import folded_identifiers, run_date, take_names
from kamxl.records import dataclass
from kamxl.values import fold

# The method promises growth within 12 to 18 months; before 12 nothing can be said.
LEAST_MONTHS = 12
# Below this many clients one large order makes the rate.
LEAST_CLIENTS = 10


@dataclass(frozen=True, slots=True)
class Trend:
    """Trend of one client: what its cell says, and the category that it had before with the day of the change."""

    text: str
    previous: str


@dataclass(frozen=True, slots=True)
class Migration:
    """Clients by category at two dates.

    Shapes: labels (k,) in the order of the rules, then categories of other rules; counts and revenue by
    (label before, label after). An empty label before means new, after means gone. Units: revenue at the end.
    """

    start: dt.date
    end: dt.date
    labels: tuple[str, ...]
    counts: Mapping[tuple[str, str], int]
    revenue: Mapping[tuple[str, str], float]


@dataclass(frozen=True, slots=True)
class GrowthLine:
    """Growth of the clients that were first classified in a category.

    Units: `then` and `now` are sums over those that are still clients and whose revenue is known at both times.
    """

    label: str
    clients: int
    still: int
    then: float
    now: float
    rate: float | None
    lost: float
    months: float


def measure_trends(history: History, scored: Scored, *, language: str) -> tuple[Trend, ...]:
    """Trend and previous category of every row, against the last entry before the day of the run."""
    day = run_date(scored)
    earlier = [entry for entry in history.entries if entry.day < day]
    by_client: dict[str, list[Entry]] = {}
    for entry in earlier:
        by_client.setdefault(fold(entry.client), []).append(entry)
    now = current_entries(scored, day, language=language, rules="")
    labels = labels_of(scored, language)
    return tuple(
        _trend(now.get(client), by_client.get(client, []), labels, first=not earlier, language=language)
        for client in folded_identifiers(scored)
    )


def labels_of(scored: Scored, language: str) -> dict[str, str]:
    """Label of each category of the rules by its key, in their order."""
    return {rule.key: rule.label.text(language) or rule.key for rule in scored.plan.rules.categories.all_rules}


def _label(entry: Entry, labels: Mapping[str, str]) -> str:
    """What a category of the history is called today, whatever language or rules wrote the entry."""
    return labels.get(entry.category) or entry.label or entry.category


def _trend(
    now: Entry | None, before: Sequence[Entry], labels: Mapping[str, str], *, first: bool, language: str
) -> Trend:
    if now is None or first:
        return Trend("", "")
    if not before:
        return Trend(tell("trend_new", language), "")
    last = before[-1]
    previous = next((old for old in reversed(before) if old.category and old.category != now.category), None)
    told = "" if previous is None else _until(previous, before, now, labels, language)
    if now.score is None or last.score is None:
        return Trend("", told)
    change = now.score - last.score
    arrow = "=" if abs(change) < LEAST_POINTS else "▲" if change > 0 else "▼"
    written = write_number(abs(change), language)
    return Trend(arrow if arrow == "=" else f"{arrow} {'+' if change > 0 else '−'}{written}", told)


def _until(previous: Entry, before: Sequence[Entry], now: Entry, labels: Mapping[str, str], language: str) -> str:
    after = [entry.day for entry in before if entry.day > previous.day]
    return tell("until", language, label=_label(previous, labels), day=min(after, default=now.day).isoformat())


def measure_movement(
    history: History, scored: Scored, *, language: str, since: dt.date | None = None
) -> Movement | None:
    """Who moved since the last run before this one, or since an earlier day; None on a first run."""
    day = run_date(scored)
    start = history.day_to_compare(day, since)
    if start is None:
        return None
    before = history.state(start)
    now = current_entries(scored, day, language=language, rules="")
    names = dict(zip(folded_identifiers(scored), take_names(scored), strict=True))
    labels = labels_of(scored, language)
    moved = [client for client in now if client in before and now[client].category != before[client].category]
    moved.sort(key=lambda client: -(now[client].revenue or 0.0))
    judged = {run.rules for run in history.runs if start <= run.day <= day}
    return Movement(
        since=start,
        movers=tuple(_mover(names[client], before[client], now[client], labels, language) for client in moved),
        new_clients=sum(1 for client in now if client not in before),
        gone_clients=sum(1 for client in before if client not in now),
        rules_changed=len(judged) > 1,
    )


def _mover(name: str, before: Entry, now: Entry, labels: Mapping[str, str], language: str) -> Mover:
    order = list(labels)
    change = None if before.score is None or now.score is None else now.score - before.score
    nothing = tell("not_classified", language)
    # Rules are ordered best first: a smaller position is a move up.
    known = before.category in labels and now.category in labels
    step = order.index(before.category) - order.index(now.category) if known else 0
    return Mover(name, _label(before, labels) or nothing, _label(now, labels) or nothing, step, change)


def migrate(
    history: History,
    start: dt.date,
    end: dt.date,
    *,
    labels: Mapping[str, str],
    language: str,
    now: Mapping[str, Entry] | None = None,
) -> Migration:
    """The migration matrix between what was known on two days.

    `labels` are the categories of today's rules by key. `now` is what the run of the second day itself says; without
    it, revenue is that of the last entry, which smaller changes have left behind.
    """
    before, after = history.state(start), history.state(end) if now is None else now
    nothing = tell("not_classified", language)
    counts: dict[tuple[str, str], int] = {}
    revenue: dict[tuple[str, str], float] = {}
    for client in {**before, **after}:
        old, new = before.get(client), after.get(client)
        # A client without a category is there all the same: neither new nor gone.
        pair = (
            _label(old, labels) or nothing if old else "",
            _label(new, labels) or nothing if new else "",
        )
        counts[pair] = counts.get(pair, 0) + 1
        known = new.revenue if new else old.revenue if old else None
        revenue[pair] = revenue.get(pair, 0.0) + (known or 0.0)
    seen = [label for pair in counts for label in pair if label]
    return Migration(start, end, tuple(dict.fromkeys([*labels.values(), *seen])), counts, revenue)


def measure_growth(
    history: History, day: dt.date, *, labels: Mapping[str, str], now: Mapping[str, Entry] | None = None
) -> tuple[GrowthLine, ...]:
    """Growth by first category up to a day, in the order of the rules, then those of other rules.

    `now` is what the run of that day itself says: a growth of 4 % is worth no entry, and is a growth all the same.
    """
    first: dict[str, Entry] = {}
    for entry in history.entries:
        if entry.day <= day and entry.category:
            first.setdefault(fold(entry.client), entry)
    now = history.state(day) if now is None else now
    groups: dict[str, list[str]] = {category: [] for category in labels}
    for client, entry in first.items():
        groups.setdefault(entry.category, []).append(client)
    return tuple(
        _growth_line(labels.get(category, ""), {client: first[client] for client in clients}, now, day)
        for category, clients in groups.items()
        if clients
    )


def _growth_line(label: str, first: Mapping[str, Entry], now: Mapping[str, Entry], day: dt.date) -> GrowthLine:
    # With its fractions and random numbers it is for histories only.
    from statistics import median

    pairs = [(entry, now[client]) for client, entry in first.items() if client in now]
    known = [(old, new) for old, new in pairs if old.revenue is not None and new.revenue is not None]
    then, current = revenue_of([old for old, _ in known]), revenue_of([new for _, new in known])
    last = [*first.values()][-1]
    months = {each: months_between(each, day) for each in {entry.day for entry in first.values()}}
    return GrowthLine(
        label=label or last.label or last.category,
        clients=len(first),
        still=len(pairs),
        then=then,
        now=current,
        rate=(current - then) / then if then > 0 else None,
        lost=revenue_of([entry for client, entry in first.items() if client not in now]),
        months=float(median([months[entry.day] for entry in first.values()])),
    )


def months_between(start: dt.date, end: dt.date) -> int:
    """Complete months by the calendar."""
    return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)


def growth_limits(history: History, lines: Sequence[GrowthLine], day: dt.date, *, language: str) -> tuple[str, ...]:
    """What the growth figures cannot conclude, as sentences."""
    limits = []
    oldest = min((months_between(run.day, day) for run in history.runs[:1]), default=0)
    if oldest < LEAST_MONTHS:
        limits.append(tell("limit_months", language, months=oldest))
    changes = sum(1 for one, other in zip(history.runs, history.runs[1:], strict=False) if one.rules != other.rules)
    if changes:
        limits.append(tell("limit_rules", language, count=changes))
    few = [line.label for line in lines if line.still < LEAST_CLIENTS]
    if few:
        limits.append(tell("limit_few", language, count=LEAST_CLIENTS, categories=", ".join(few)))
    return (*limits, tell("limit_cause", language))
