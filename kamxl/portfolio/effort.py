"""Where revenue, dormant revenue and effort lie, category by category, and what the last 5 % of the revenue costs.

Sums over arrays; a share of nothing is None, never a division by zero. Knows nothing of sheets.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from kamxl.language.model import Label
from kamxl.portfolio.clients import Clients, colours_of
from kamxl.portfolio.concentration import tail_rows
from kamxl.records import dataclass

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Sums:
    """Totals of a set of clients. Units: negative revenue counts as it stands; missing counts as nothing."""

    count: int
    revenue: float
    dormant: float
    effort: float


@dataclass(frozen=True, slots=True)
class CategoryFigures:
    """One category: sums, shares of the portfolio, averages.

    Units: shares and completeness 0 to 1, scores 0 to 100; None for a share of nothing and the average of nobody.
    """

    key: str
    label: Label
    fill: str
    ink: str
    sums: Sums
    count_share: float | None
    revenue_share: float | None
    effort_share: float | None
    score: float | None
    completeness: float | None
    families: tuple[tuple[str, float | None], ...]


@dataclass(frozen=True, slots=True)
class TailEffort:
    """How many clients bring the last 5 % of the revenue, and their share of the effort.

    Units: share 0 to 1 of all clients' effort; None where effort is not known.
    """

    clients: int
    effort_share: float | None


def share(part: float, whole: float) -> float | None:
    """A part of a whole; None where the whole is not above zero."""
    return part / whole if whole > 0 and math.isfinite(whole) else None


def total_sums(clients: Clients) -> Sums:
    """Totals of the whole portfolio."""
    import numpy as np

    return _sums(clients, np.ones(clients.count, dtype=bool))


def category_figures(clients: Clients) -> tuple[CategoryFigures, ...]:
    """Figures of every category of the rules, in their order, members or not.

    Clients without a category (unscored rows) come last under the empty key, where there are any.
    """
    import numpy as np

    whole = total_sums(clients)
    colours = colours_of(clients.categories)
    figures = [
        _figures(clients, clients.category == index, whole, (rule.key, rule.label, *colours[index]))
        for index, rule in enumerate(clients.categories)
    ]
    unscored = clients.category < 0
    if np.any(unscored):
        label = Label((("en", "Not classified"), ("fr", "Non classés")))
        figures.append(_figures(clients, unscored, whole, ("", label, "FBE4E1", "9C2B1B")))
    return tuple(figures)


def tail_effort(clients: Clients) -> TailEffort | None:
    """What the last 5 % of the revenue takes; None where nobody buys."""
    import numpy as np

    rows = tail_rows(clients.revenue.tolist())
    if not len(rows) or not np.any(clients.revenue > 0):
        return None
    effort = _positive_sum(clients.effort)
    taken = _positive_sum(clients.effort[rows])
    return TailEffort(len(rows), share(taken, effort))


def _figures(
    clients: Clients, members: npt.NDArray[np.bool_], whole: Sums, who: tuple[str, Label, str, str]
) -> CategoryFigures:
    key, label, fill, ink = who
    sums = _sums(clients, members)
    return CategoryFigures(
        key=key,
        label=label,
        fill=fill,
        ink=ink,
        sums=sums,
        count_share=share(sums.count, whole.count),
        revenue_share=share(sums.revenue, whole.revenue),
        effort_share=share(sums.effort, whole.effort),
        score=mean(clients.score[members]),
        completeness=mean(clients.completeness[members]),
        families=tuple((family, mean(points[members])) for family, points in clients.families.items()),
    )


def _sums(clients: Clients, members: npt.NDArray[np.bool_]) -> Sums:
    import numpy as np

    return Sums(
        count=int(np.count_nonzero(members)),
        revenue=float(np.nansum(clients.revenue[members])),
        dormant=_positive_sum(clients.dormant[members]),
        effort=_positive_sum(clients.effort[members]),
    )


def _positive_sum(numbers: npt.NDArray[np.float64]) -> float:
    return float(numbers[numbers > 0].sum())


def mean(numbers: npt.NDArray[np.float64]) -> float | None:
    """The mean of the known numbers; None where none is known."""
    import numpy as np

    known = numbers[np.isfinite(numbers)]
    return float(known.mean()) if len(known) else None
