"""The columns of a scored portfolio that figures are made from, as arrays.

First step of every figure: takes Scored apart by the well-known names (revenue, dormant, margin, hours served) and by
the roles of columns. Knows nothing of sheets.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kamxl.backends import Scored
from kamxl.language.model import CategoryRule
from kamxl.looks import category_colours
from kamxl.plan import Plan
from kamxl.records import dataclass, replace
from kamxl.table import Cell
from kamxl.values import clean_text, date_of, fold, is_blank, text_of

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Numbers = npt.NDArray[np.float64]

# What serving a client takes, by the first of these names that the rule file knows. Amounts, because they are added up:
# a column called `effort` is often a rate, such as hours per order.
EFFORT_NAMES = ("hours_served", "cost_to_serve", "hours")
UNNAMED = "row "
PROFIT_NAMES = ("margin", "profit", "gross_margin")


@dataclass(frozen=True, slots=True)
class Clients:
    """A portfolio, client by client.

    Shapes: every array and tuple (n,), in table order. Units: NaN is missing; `category` indexes `categories`, -1
    for none. `effort_name` and `profit_name` are empty where no column says it.
    """

    identifiers: tuple[str, ...]
    names: tuple[str, ...]
    revenue: Numbers
    dormant: Numbers
    profit: Numbers
    effort: Numbers
    score: Numbers
    completeness: Numbers
    families: Mapping[str, Numbers]
    category: npt.NDArray[np.intp]
    categories: tuple[CategoryRule, ...]
    effort_name: str = ""
    profit_name: str = ""

    @property
    def knows_revenue(self) -> bool:
        """Whether the revenue of any client is known; a sum over nobody's is no zero."""
        return bool((self.revenue == self.revenue).any())

    @property
    def knows_dormant(self) -> bool:
        """Whether the dormant revenue of any client is known."""
        return bool((self.dormant == self.dormant).any())

    @property
    def count(self) -> int:
        """Number of clients."""
        return len(self.identifiers)


def take_clients(scored: Scored) -> Clients:
    """The clients of a run as arrays."""
    import numpy as np

    effort, effort_name = _first_known(scored, EFFORT_NAMES)
    profit, profit_name = _first_known(scored, PROFIT_NAMES)
    identifiers = client_identifiers(scored)
    return Clients(
        identifiers=identifiers,
        names=_client_names(scored, identifiers),
        revenue=number_column(scored, "revenue"),
        dormant=number_column(scored, "dormant"),
        profit=profit,
        effort=effort,
        score=np.asarray(scored.score, dtype=float),
        completeness=np.asarray(scored.completeness, dtype=float),
        families={key: np.asarray(points, dtype=float) for key, points in scored.families.items()},
        category=np.asarray(scored.category, dtype=np.intp),
        categories=scored.plan.rules.categories.all_rules,
        effort_name=effort_name,
        profit_name=profit_name,
    )


def without_empty_rows(scored: Scored) -> Scored:
    """The run without rows in which every column that the rules read is blank: no client, no figure."""
    blank = frozenset(scored.blank_rows())
    if not blank:
        return scored
    kept = [row for row in range(scored.row_count) if row not in blank]

    def pick(values: Sequence[Any]) -> list[Any]:
        return [values[row] for row in kept]

    table = replace(scored.table, columns=tuple(pick(column) for column in scored.table.columns))
    return replace(
        scored,
        table=table,
        score=pick(scored.score),
        completeness=pick(scored.completeness),
        families={key: pick(points) for key, points in scored.families.items()},
        category=pick(scored.category),
        rule_category=pick(scored.rule_category),
        values={key: pick(values) for key, values in scored.values.items()},
        overrides={new: scored.overrides[row] for new, row in enumerate(kept) if row in scored.overrides},
    )


# Sums of a million such amounts are still numbers.
MOST_SUMMED = 1e300


def number_column(scored: Scored, name: str) -> Numbers:
    """A column or derived column as floats; all NaN where the rules do not know it or it holds texts.

    An amount that cannot be added up is not known.
    """
    import numpy as np

    values: Sequence[Any] | None = scored.values.get(name)
    if values is None or len(values) != scored.row_count:
        return np.full(scored.row_count, np.nan)
    if isinstance(values, np.ndarray) and values.dtype.kind == "f":
        numbers = values
    else:
        listed = [float(value) if isinstance(value, (int, float)) else np.nan for value in values]
        numbers = np.array(listed, dtype=float)
    endless = np.abs(numbers) >= MOST_SUMMED
    return np.where(endless, np.nan, numbers) if endless.any() else numbers


def _first_known(scored: Scored, names: tuple[str, ...]) -> tuple[Numbers, str]:
    import numpy as np

    for name in names:
        numbers = number_column(scored, name)
        if np.isfinite(numbers).any():
            return numbers, name
    return np.full(scored.row_count, np.nan), ""


def client_identifiers(scored: Scored) -> tuple[str, ...]:
    """What each client is known by: its id, else its name, else `row 7`."""
    identifiers: tuple[str, ...] | None = scored.worked_out.get("identifiers")
    if identifiers is None:
        texts = _texts(scored, scored.plan.id_column, ("id", "name"))
        identifiers = tuple([found or f"{UNNAMED}{row}" for row, found in enumerate(texts, start=1)])
        scored.worked_out["identifiers"] = identifiers
    return identifiers


def folded_identifiers(scored: Scored) -> list[str]:
    """The identifiers in the form in which clients are compared. Shapes: (n,)."""
    if "folded identifiers" not in scored.worked_out:
        scored.worked_out["folded identifiers"] = list(map(fold, client_identifiers(scored)))
    found: list[str] = scored.worked_out["folded identifiers"]
    return found


def is_named(identifier: str) -> bool:
    """Whether a client has an identifier of its own, and not only the number of its row."""
    return not identifier.startswith(UNNAMED)


def table_column(plan: Plan, key: str) -> int:
    """Position in the table of a column of the rules; -1 where the workbook has none."""
    return next((step.index for step in plan.reads() if step.name == key), -1)


def take_names(scored: Scored) -> tuple[str, ...]:
    """What people call each client: its name, else its identifier."""
    return _client_names(scored, client_identifiers(scored))


def _client_names(scored: Scored, identifiers: tuple[str, ...]) -> tuple[str, ...]:
    names: tuple[str, ...] | None = scored.worked_out.get("names")
    if names is None:
        found = _texts(scored, -1, ("name",))
        names = tuple([name or identifier for name, identifier in zip(found, identifiers, strict=True)])
        scored.worked_out["names"] = names
    return names


def _texts(scored: Scored, first: int, roles: tuple[str, ...]) -> list[str]:
    """Per row the first text that the columns with these roles hold, empty where all are blank."""
    plan = scored.plan
    columns = [plan.rules.column_with_role(role) for role in roles]
    positions = [first, *(table_column(plan, column.key) for column in columns if column is not None)]
    texts = [""] * scored.row_count
    for position in dict.fromkeys(position for position in positions if position >= 0):
        cells = scored.table.columns[position]
        found = [_text(cell) for cell in cells]
        texts = found if not any(texts) else [text or other for text, other in zip(texts, found, strict=True)]
        if all(texts):
            break
    return texts


def _text(cell: Cell) -> str:
    if cell.__class__ is str:
        return clean_text(cell)
    return "" if is_blank(cell) else text_of(cell)


def run_date(scored: Scored) -> dt.date:
    """The day against which the run measured its dates."""
    day = date_of(scored.plan.as_of)
    if day is None:
        raise ValueError(f"as_of {scored.plan.as_of!r} is not a day")
    return day


def colours_of(categories: Sequence[CategoryRule]) -> tuple[tuple[str, str], ...]:
    """(fill, ink) of each category, in order."""
    return tuple(category_colours(index, rule.colour) for index, rule in enumerate(categories))
