"""How revenue and profit are spread over clients: the last 5 %, Pareto shares, Gini, ABC classes, whale curve.

Works on plain arrays of one number per client. Only clients with revenue above zero are buyers and count here; the
others are counted beside. Knows nothing of rules, categories or sheets.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kamxl.records import dataclass

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# 80 % and 95 % of cumulative revenue: the usual cuts of an ABC analysis (facts/peers.md, section B2).
CLASS_A_UP_TO = 0.80
CLASS_B_UP_TO = 0.95
CURVE_POINTS = 50


@dataclass(frozen=True, slots=True)
class Concentration:
    """How few clients bring how much.

    Units: shares 0 to 1, None where there is no buyer. `tail_with` counts the clients that bring the last 5 % of the
    revenue together with the client that crosses 95 %, `tail_without` leaves that client out: both conventions exist.
    The top 20 % are rounded up to whole clients, the bottom half is rounded down.
    """

    buyers: int
    without_revenue: int
    negative_revenue: int
    revenue: float
    top_fifth_clients: int = 0
    top_fifth_share: float | None = None
    bottom_half_share: float | None = None
    tail_with: int = 0
    tail_without: int = 0
    tail_with_share: float | None = None
    tail_without_share: float | None = None
    gini: float | None = None
    class_counts: tuple[int, int, int] = (0, 0, 0)
    class_shares: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Curve:
    """A cumulative curve over clients, best first.

    Shapes: clients and cumulative (k,), both from 0 on. Units: shares of all clients in it, and of the total;
    `peak` is the highest share (above 1 where some clients cost money).
    """

    clients: tuple[float, ...]
    cumulative: tuple[float, ...]
    total: float
    peak: float
    members: int
    losing: int


def buyers_best_first(revenue: Sequence[float]) -> npt.NDArray[np.intp]:
    """Rows of the clients with revenue above zero, highest first; equal revenues keep the order of the rows."""
    import numpy as np

    amounts = np.asarray(revenue, dtype=float)
    order = np.argsort(-amounts, kind="stable")
    return order[amounts[order] > 0]


def measure_concentration(revenue: Sequence[float]) -> Concentration:
    """The concentration of revenue over the clients.

    Shapes: revenue (n,), NaN where it is not known.
    """
    import numpy as np

    amounts = np.asarray(revenue, dtype=float)
    order = buyers_best_first(revenue)
    sold = amounts[order]
    buyers = len(sold)
    negative = int(np.count_nonzero(amounts < 0))
    without = len(amounts) - buyers - negative
    total = float(sold.sum())
    if not buyers:
        return Concentration(0, without, negative, 0.0)
    cumulative = np.cumsum(sold) / total
    before = np.concatenate(([0.0], cumulative[:-1]))
    below = int(np.count_nonzero(cumulative < CLASS_B_UP_TO))
    crossing = min(below + 1, buyers)
    top = -(-buyers // 5)
    classes = np.where(before < CLASS_A_UP_TO, 0, np.where(before < CLASS_B_UP_TO, 1, 2))
    ranks = np.arange(1, buyers + 1)
    # Mean absolute difference over twice the mean, written for values sorted downwards.
    gini = float(((buyers + 1 - 2 * ranks) * (sold / total)).sum() / buyers)
    counts = tuple(int(count) for count in np.bincount(classes, minlength=3))
    shares = tuple(float(share) for share in np.bincount(classes, weights=sold / total, minlength=3))
    return Concentration(
        buyers=buyers,
        without_revenue=without,
        negative_revenue=negative,
        revenue=total,
        top_fifth_clients=top,
        top_fifth_share=float(cumulative[top - 1]),
        bottom_half_share=float(sold[buyers - buyers // 2 :].sum() / total),
        tail_with=buyers - below,
        tail_without=buyers - crossing,
        tail_with_share=(buyers - below) / buyers,
        tail_without_share=(buyers - crossing) / buyers,
        gini=gini,
        class_counts=(counts[0], counts[1], counts[2]),
        class_shares=(shares[0], shares[1], shares[2]),
    )


def tail_rows(revenue: Sequence[float]) -> npt.NDArray[np.intp]:
    """Rows of the buyers that bring the last 5 % of the revenue, with the client that crosses 95 %."""
    return buyers_best_first(revenue)[-measure_concentration(revenue).tail_with or len(revenue) :]


def cumulative_curve(amounts: Sequence[float], *, points: int = CURVE_POINTS) -> Curve | None:
    """The whale curve of revenue or profit; None where the total is not above zero, or nothing is known.

    Shapes: amounts (n,), NaN left out. At most `points` + 2 points are kept, the peak always among them.
    """
    import numpy as np

    known = np.asarray(amounts, dtype=float)
    known = np.sort(known[np.isfinite(known)])[::-1]
    with np.errstate(over="ignore"):
        total = float(known.sum())
    members = len(known)
    # Nothing is a share of a total beyond any number.
    if not members or not 0 < total < np.inf:
        return None
    cumulative = np.concatenate(([0.0], np.cumsum(known) / total))
    peak_at = int(np.argmax(cumulative))
    steps = np.linspace(0, members, min(points, members) + 1).round().astype(int)
    # `np.unique` would load NumPy's masked arrays: 5 ms.
    kept = np.flatnonzero(np.bincount(np.append(steps, peak_at)))
    return Curve(
        clients=tuple((kept / members).tolist()),
        cumulative=tuple(cumulative[kept].tolist()),
        total=total,
        peak=float(cumulative[peak_at]),
        members=members,
        losing=int(np.count_nonzero(known < 0)),
    )
