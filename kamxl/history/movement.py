"""Who moved between two dates, as records that the dashboard and the history sheet show."""

from __future__ import annotations

import datetime as dt

from kamxl.records import dataclass


@dataclass(frozen=True, slots=True)
class Mover:
    """A client whose category changed.

    Units: `step` is above 0 for a move up the order of the rules, below 0 for a move down, 0 where it cannot be said.
    """

    client: str
    before: str
    after: str
    step: int
    score_change: float | None


@dataclass(frozen=True, slots=True)
class Movement:
    """Moves since an earlier run, largest revenue first. `rules_changed` says that other rules judged then."""

    since: dt.date
    movers: tuple[Mover, ...]
    new_clients: int
    gone_clients: int
    rules_changed: bool
