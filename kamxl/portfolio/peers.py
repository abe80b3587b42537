"""Dormant revenue estimated from peers: what clients of the same segment and size buy that this one does not.

For portfolios without an addressable spend. Always an estimate, always with an interval and with the peers named.
Works on arrays of what each client buys per product. Knows nothing of rules or sheets.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kamxl.records import dataclass

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Numbers = npt.NDArray[np.float64]

# At least 40 % of the peers buy the product: below it a gap says little (facts/peers.md, section B1, namikakmandev).
ADOPTION_THRESHOLD = 0.40
# Fewer than five peers make no median; we then look at the whole segment, scaled by size.
LEAST_PEERS = 5
LEAST_BUYERS = 3
NAMED_PEERS = 3


@dataclass(frozen=True, slots=True)
class Purchases:
    """What clients buy.

    Shapes: amounts (n, k) per client and product, NaN or 0 where nothing is bought; segments and bands (n,), a
    negative band where the size is not known; sizes (n,), NaN where not known; products (k,).
    """

    names: tuple[str, ...]
    products: tuple[str, ...]
    amounts: Numbers
    segments: tuple[str, ...]
    sizes: Numbers
    bands: npt.NDArray[np.intp]
    band_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WhiteSpace:
    """Estimated revenue per client and product that peers bring and the client does not.

    Shapes: low, middle, high (n, k): first quartile, median and third quartile of the peers, scaled to the client's
    size; NaN where there is no gap or no ground for an estimate. `adoption` (n, k): share of the peers that buy.
    `group` (n,) numbers the peers that a client was measured against, -1 for none; `peer_counts` (n,).
    """

    purchases: Purchases
    low: Numbers
    middle: Numbers
    high: Numbers
    adoption: Numbers
    group: npt.NDArray[np.intp]
    members: tuple[npt.NDArray[np.intp], ...]
    group_names: tuple[str, ...]

    def totals(self) -> tuple[Numbers, Numbers, Numbers]:
        """(low, middle, high) per client over all products; NaN where nothing is estimated."""
        return _row_totals(self.low), _row_totals(self.middle), _row_totals(self.high)

    def peer_count(self, row: int) -> int:
        """Number of peers that a client was measured against."""
        group = int(self.group[row])
        return len(self.members[group]) - 1 if group >= 0 else 0

    def named_peers(self, row: int, product: int) -> tuple[str, ...]:
        """Up to three peers that buy a product, nearest in size first."""
        import numpy as np

        group = int(self.group[row])
        if group < 0:
            return ()
        members = self.members[group]
        buying = members[(self.purchases.amounts[members, product] > 0) & (members != row)]
        distance = np.abs(self.purchases.sizes[buying] - self.purchases.sizes[row])
        # Of unknown size last; among equals the order of the rows.
        order = np.argsort(np.where(np.isfinite(distance), distance, np.inf), kind="stable")[:NAMED_PEERS]
        return tuple(self.purchases.names[peer] for peer in buying[order].tolist())


def size_bands(sizes: Sequence[float]) -> tuple[npt.NDArray[np.intp], tuple[str, ...]]:
    """Band of each size on the steps 1, 2, 5, 10, 20, 50 …, and the names of the bands.

    Absolute steps: a client's band does not move when another client is added. Zero, negative and missing are -1.
    """
    import numpy as np

    known = np.asarray(sizes, dtype=float)
    positive = np.isfinite(known) & (known > 0)
    bands = np.full(len(known), -1, dtype=np.intp)
    if not positive.any():
        return bands, ()
    lowest, highest = (math.floor(math.log10(edge)) for edge in (known[positive].min(), known[positive].max()))
    edges = [step * 10.0**power for power in range(lowest, highest + 2) for step in (1, 2, 5)]
    bands[positive] = np.searchsorted(edges, known[positive], side="right") - 1
    names = tuple(f"{low:,.12g} – {high:,.12g}" for low, high in itertools.pairwise(edges))
    return bands, names


def find_white_space(purchases: Purchases) -> WhiteSpace:
    """The gaps of every client against its peers, as estimates.

    A client's peers are the others of its segment and size band; where they are fewer than five, the others of its
    segment; where these are fewer too, nothing is estimated.
    """
    import numpy as np

    shape = purchases.amounts.shape
    low, middle, high, adoption = (np.full(shape, np.nan) for _ in range(4))
    group = np.full(shape[0], -1, dtype=np.intp)
    members: list[npt.NDArray[np.intp]] = []
    names: list[str] = []
    for name, everyone, measured in _peer_groups(purchases):
        found = _group_gaps(purchases, everyone, measured)
        for target, part in zip((low, middle, high, adoption), found, strict=True):
            target[measured] = part
        group[measured] = len(members)
        members.append(everyone)
        names.append(name)
    return WhiteSpace(purchases, low, middle, high, adoption, group, tuple(members), tuple(names))


def _peer_groups(
    purchases: Purchases,
) -> Iterator[tuple[str, npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
    """(name, all members, members measured against the others) of each group of peers."""
    import numpy as np

    segments, codes = np.unique(np.array(purchases.segments, dtype=object).astype(str), return_inverse=True)
    for code, segment in enumerate(segments.tolist()):
        rows = np.flatnonzero(codes == code)
        bands = purchases.bands[rows]
        alone = []
        for band in sorted(set(bands.tolist())):
            inside = rows[bands == band]
            if band >= 0 and len(inside) > LEAST_PEERS:
                yield f"{segment}, {purchases.band_names[band]}".lstrip(", "), inside, inside
            else:
                alone.append(inside)
        if alone and len(rows) > LEAST_PEERS:
            yield segment, rows, np.concatenate(alone)


def _group_gaps(
    purchases: Purchases, everyone: npt.NDArray[np.intp], measured: npt.NDArray[np.intp]
) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    import numpy as np

    bought = purchases.amounts[everyone]
    buying = bought > 0
    own_buying = purchases.amounts[measured] > 0
    # A client that does not buy is no buyer among its own peers: everyone's buyers over everyone but itself.
    adoption = np.where(own_buying, np.nan, buying.sum(axis=0) / (len(everyone) - 1))
    gaps = (adoption >= ADOPTION_THRESHOLD) & (buying.sum(axis=0) >= LEAST_BUYERS)
    plain = _quartiles(np.where(buying, bought, np.nan))
    sizes = purchases.sizes[everyone]
    sized = np.where(np.isfinite(sizes) & (sizes > 0), sizes, np.nan)[:, None]
    per_size = _quartiles(np.where(buying, bought / sized, np.nan))
    own_size = purchases.sizes[measured][:, None]
    scaled = np.where(np.isfinite(own_size) & (own_size > 0), per_size[:, None, :] * own_size, plain[:, None, :])
    # Buyers without a known size give no amount per size; their plain quartiles stand in.
    scaled = np.where(np.isfinite(scaled), scaled, plain[:, None, :])
    low, middle, high = (np.where(gaps, part, np.nan) for part in scaled)
    return low, middle, high, adoption


def _quartiles(amounts: Numbers) -> Numbers:
    """Quartiles (3, k) of the known amounts of each column; NaN for a column without any."""
    import numpy as np

    result = np.full((3, amounts.shape[1]), np.nan)
    for column in range(amounts.shape[1]):
        known = amounts[:, column]
        known = known[np.isfinite(known)]
        if len(known):
            result[:, column] = np.quantile(known, (0.25, 0.5, 0.75))
    return result


def _row_totals(amounts: Numbers) -> Numbers:
    import numpy as np

    return np.where(np.isfinite(amounts).any(axis=1), np.nansum(amounts, axis=1), np.nan)
