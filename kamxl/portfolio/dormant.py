"""Dormant revenue of each client: as the rules say it where they can, else estimated from peers and marked so.

The border between a scored portfolio and the peers' arithmetic. Columns take part by role: `product` (what the client
buys of it, as money), `segment`, `size`. Knows nothing of sheets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kamxl.backends import Scored
from kamxl.portfolio.clients import Clients, number_column, take_names
from kamxl.portfolio.peers import Purchases, WhiteSpace, find_white_space, size_bands
from kamxl.records import dataclass, replace
from kamxl.values import NUMBER_KINDS, fold

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Dormant:
    """Dormant revenue, client by client.

    Shapes: amount, low, high (n,), NaN where nothing is known; estimated (n,) says whose amount comes from peers.
    Units: amounts as revenue; low and high are the peers' quartiles, equal to the amount where it is not estimated.
    """

    amount: Numbers
    low: Numbers
    high: Numbers
    estimated: npt.NDArray[np.bool_]
    white_space: WhiteSpace | None = None


def measure_dormant(scored: Scored, *, language: str) -> Dormant:
    """The dormant revenue that the rules give, and estimates from peers for the clients without one.

    Products are called as in a language. An estimate is multiplied by the client's accessibility (0 to 1) where the
    workbook has one.
    """
    import numpy as np

    given = number_column(scored, "dormant")
    white_space = white_space_of(scored, language)
    if white_space is None:
        return Dormant(given, given, given, np.zeros(len(given), dtype=bool))
    access = number_column(scored, "accessibility")
    factor = np.where(np.isfinite(access), np.clip(access, 0.0, 1.0), 1.0)
    # Nobody has more left to buy than it buys elsewhere, where that is known.
    spend, revenue = number_column(scored, "spend"), number_column(scored, "revenue")
    left = np.where(np.isfinite(spend), np.maximum(spend - np.nan_to_num(revenue), 0.0), np.inf)
    low, middle, high = (np.minimum(total, left) * factor for total in white_space.totals())
    # Dormant revenue lies in existing business: a prospect has none, it has potential.
    buys = (revenue > 0) | (white_space.purchases.amounts > 0).any(axis=1)
    estimated = ~np.isfinite(given) & np.isfinite(middle) & buys
    return Dormant(
        amount=np.where(estimated, middle, given),
        low=np.where(estimated, low, given),
        high=np.where(estimated, high, given),
        estimated=estimated,
        white_space=white_space,
    )


def with_dormant(clients: Clients, dormant: Dormant) -> Clients:
    """The clients with the estimates filled in."""
    return replace(clients, dormant=dormant.amount)


def white_space_of(scored: Scored, language: str) -> WhiteSpace | None:
    """The white space of a portfolio; None where no column of the workbook has the role `product`."""
    purchases = take_purchases(scored, language)
    return find_white_space(purchases) if purchases is not None else None


def take_purchases(scored: Scored, language: str) -> Purchases | None:
    """What the clients buy, by the roles of the columns; None without product columns in the workbook."""
    import numpy as np

    rules, headers = scored.plan.rules, scored.plan.headers
    positions = {step.name: step.index for step in scored.plan.reads()}
    products = [column for column in rules.columns if column.role == "product" and positions.get(column.key, -1) >= 0]
    if not products or not scored.row_count:
        return None
    bands, band_names, sizes = _sizes(scored)
    return Purchases(
        names=take_names(scored),
        products=tuple(column.label.text(language) or headers[positions[column.key]] for column in products),
        amounts=np.column_stack([number_column(scored, column.key) for column in products]),
        segments=_segments(scored),
        sizes=sizes,
        bands=bands,
        band_names=band_names,
    )


def _segments(scored: Scored) -> tuple[str, ...]:
    column = scored.plan.rules.column_with_role("segment")
    values = scored.values.get(column.key) if column is not None else None
    if values is None:
        return ("",) * scored.row_count
    # "Warehouse" and "warehouse" are one segment: texts compare folded everywhere.
    spelled: dict[str, str] = {}
    return tuple("" if value is None else spelled.setdefault(fold(str(value)), str(value)) for value in values)


def _sizes(scored: Scored) -> tuple[npt.NDArray[np.intp], tuple[str, ...], Numbers]:
    """(band of each client, names of the bands, sizes): a number is cut into bands, a text is a band by itself."""
    import numpy as np

    column = scored.plan.rules.column_with_role("size")
    nothing = np.full(scored.row_count, np.nan)
    if column is None:
        # Without a size everyone is of one size, and amounts are not scaled.
        return np.zeros(scored.row_count, dtype=np.intp), ("",), nothing
    if column.kind in NUMBER_KINDS:
        sizes = number_column(scored, column.key)
        bands, names = size_bands(sizes.tolist())
        return bands, names, sizes
    values = scored.values.get(column.key) or [None] * scored.row_count
    numbers: dict[str, int] = {}
    found = [numbers.setdefault(fold(str(value)), len(numbers)) if value is not None else -1 for value in values]
    return np.array(found, dtype=np.intp), tuple(numbers), nothing
