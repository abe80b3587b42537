"""All figures of a portfolio in one record: what the dashboard, its page and the command line show.

Last step of `kamxl.portfolio`: puts concentration, effort, dormant revenue and quality
together. Knows nothing of sheets.
"""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING

from kamxl.backends import Scored
from kamxl.language.model import Family
from kamxl.portfolio.clients import Clients, run_date, take_clients, without_empty_rows
from kamxl.portfolio.concentration import Concentration, Curve, cumulative_curve, measure_concentration
from kamxl.portfolio.dormant import Dormant, measure_dormant, with_dormant
from kamxl.portfolio.effort import CategoryFigures, Sums, TailEffort, category_figures, tail_effort, total_sums
from kamxl.portfolio.quality import Quality, measure_quality
from kamxl.records import dataclass

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

TOP_CLIENTS = 20
# More bubbles than this hide each other on a quarter of a page.
MOST_BUBBLES = 60


@dataclass(frozen=True, slots=True)
class Candidate:
    """A client to develop. Units: `low` and `high` are None where the amount is not an estimate."""

    row: int
    name: str
    category: int
    revenue: float | None
    dormant: float
    low: float | None
    high: float | None
    score: float | None
    potential: float | None


@dataclass(frozen=True, slots=True)
class Bubble:
    """A client in the matrix. Units: x and y are family scores 0 to 100, size is revenue."""

    name: str
    category: int
    x: float
    y: float
    size: float


@dataclass(frozen=True, slots=True)
class Matrix:
    """Two families against each other, by category the clients with most revenue; `left_out` counts the others."""

    x_key: str
    y_key: str
    x_label: str
    y_label: str
    bubbles: tuple[Bubble, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The figures of one run. Every share is None rather than a division by zero; every list may be empty."""

    title: str
    language: str
    day: dt.date
    rules_stamp: str
    clients: Clients
    dormant: Dormant
    total: Sums
    concentration: Concentration
    revenue_curve: Curve | None
    profit_curve: Curve | None
    categories: tuple[CategoryFigures, ...]
    tail: TailEffort | None
    quality: Quality
    candidates: tuple[Candidate, ...]
    matrix: Matrix | None
    families: tuple[Family, ...]


def measure_portfolio(scored: Scored, *, language: str = "", stamp: str = "") -> Portfolio:
    """The figures of a run, in the language given or that of the rule file. `stamp` names the rules on the page."""
    scored = without_empty_rows(scored)
    rules = scored.plan.rules
    language = language or rules.language
    dormant = measure_dormant(scored, language=language)
    clients = with_dormant(take_clients(scored), dormant)
    return Portfolio(
        title=rules.title(language),
        language=language,
        day=run_date(scored),
        rules_stamp=stamp or rules.digest[:8],
        clients=clients,
        dormant=dormant,
        total=total_sums(clients),
        concentration=measure_concentration(clients.revenue.tolist()),
        revenue_curve=cumulative_curve(clients.revenue[clients.revenue > 0].tolist()),
        profit_curve=cumulative_curve(clients.profit.tolist()),
        categories=category_figures(clients),
        tail=tail_effort(clients),
        quality=measure_quality(scored, clients, language=language),
        candidates=find_candidates(clients, dormant),
        matrix=build_matrix(scored, clients, language=language),
        families=rules.families,
    )


def find_candidates(clients: Clients, dormant: Dormant, *, most: int = TOP_CLIENTS) -> tuple[Candidate, ...]:
    """The clients with the most dormant revenue, highest first; equal amounts keep the order of the rows."""
    import numpy as np

    amounts = np.where(np.isfinite(dormant.amount), dormant.amount, 0.0)
    order = np.argsort(-amounts, kind="stable")[:most]
    potential = clients.families.get("potential")
    return tuple(
        Candidate(
            row=row,
            name=clients.names[row],
            category=int(clients.category[row]),
            revenue=_known(clients.revenue[row]),
            dormant=float(amounts[row]),
            low=float(dormant.low[row]) if dormant.estimated[row] else None,
            high=float(dormant.high[row]) if dormant.estimated[row] else None,
            score=_known(clients.score[row]),
            potential=_known(potential[row]) if potential is not None else None,
        )
        for row in order.tolist()
        if amounts[row] > 0
    )


def build_matrix(scored: Scored, clients: Clients, *, language: str, most: int = MOST_BUBBLES) -> Matrix | None:
    """History across, potential up; for other rules the two heaviest families. None without two families to draw.

    Where nothing is known of revenue, all bubbles are of one size.
    """
    import numpy as np

    families = scored.plan.rules.families
    keys = {family.key for family in families}
    if {"history", "potential"} <= keys:
        x_key, y_key = "history", "potential"
    elif len(families) >= 2:
        heaviest = sorted(families, key=lambda family: -family.weight)[:2]
        x_key, y_key = heaviest[0].key, heaviest[1].key
    else:
        return None
    labels = {family.key: family.label.text(language) or family.key for family in families}
    x, y = clients.families[x_key], clients.families[y_key]
    sizes = clients.revenue if clients.knows_revenue else np.ones(clients.count)
    drawable = np.isfinite(x) & np.isfinite(y) & (sizes > 0) & (clients.category >= 0)
    rows = np.flatnonzero(drawable)
    chosen = _largest_of_each(rows[np.argsort(-sizes[rows], kind="stable")], clients.category, most=most)
    bubbles = tuple(
        Bubble(clients.names[row], int(clients.category[row]), float(x[row]), float(y[row]), float(sizes[row]))
        for row in chosen
    )
    if not bubbles:
        return None
    return Matrix(x_key, y_key, labels[x_key], labels[y_key], bubbles, clients.count - len(bubbles))


def _largest_of_each(rows: npt.NDArray[np.intp], category: npt.NDArray[np.intp], *, most: int) -> list[int]:
    """Of rows sorted by size the first of every category, as many of each.

    The largest of all would often be one category, and one corner of the matrix.
    """
    present = sorted(set(category[rows].tolist()))
    return [row for each in present for row in rows[category[rows] == each][: most // len(present)].tolist()]


def _known(number: float | np.floating) -> float | None:
    value = float(number)
    return value if math.isfinite(value) else None
