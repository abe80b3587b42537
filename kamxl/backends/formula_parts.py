"""Live columns, and long sums taken apart into columns of their own, so that no formula is too long for Excel.

Knows texts of formulas and keys of columns, not what they mean.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from kamxl.backends.formula_text import YES, mark
from kamxl.plan import Combine
from kamxl.records import dataclass
from kamxl.table import Cell, Look
from kamxl.values import is_blank

if TYPE_CHECKING:
    from kamxl.backends.formula_values import StoredResults

# Characters of a part: below Excel's 8,192 with room for what an estimate misses.
PART_BUDGET = 5_000
MOST_HEADER_IN_CHECK = 40
# Characters around the header in `Clients[[#This Row],[Revenue]]`, for a table with a long name.
_AROUND_HEADER = 45
_MARK = re.compile("\x02([^\x03]*)\x03")
# Results of a part: the pieces from first to end - 1 of all rows.
PartResults = Callable[["StoredResults", int, int], list[Cell]]


@dataclass(frozen=True, slots=True)
class LiveColumn:
    """One formula column: its key, its header, its template, and how it looks.

    Units: width in characters, 0 for what the header needs. `compute` gives the results of a part (first, end).
    """

    key: str
    header: str
    template: str
    look: Look = "text indent=1"
    width_chars: float = 0.0
    parts: tuple[int, int] = (0, 0)
    compute: PartResults | None = None


@dataclass(frozen=True, slots=True)
class Splitter:
    """Takes long formulas apart. `headers` are those of the columns that templates refer to, by key."""

    headers: dict[str, str]

    def length(self, template: str) -> int:
        """Characters of a template with references put in, estimated from above."""
        marks = _MARK.findall(template)
        written = sum(_AROUND_HEADER + len(self.headers.get(key.removeprefix("*"), "x" * 40)) for key in marks)
        return len(template) + written

    def runs(self, pieces: Sequence[str], budget: int = PART_BUDGET) -> list[tuple[int, int]]:
        """Pieces in runs (first, end) that each stay within a budget of characters; one at least in each."""
        found: list[tuple[int, int]] = []
        first, size = 0, 0
        for index, piece in enumerate(pieces):
            length = self.length(piece) + 1
            if index > first and size + length > budget:
                found.append((first, index))
                first, size = index, 0
            size += length
        found.append((first, len(pieces)))
        return found

    def joined(
        self, name: LiveColumn, pieces: Sequence[str], sign: str, budget: int
    ) -> tuple[str, tuple[LiveColumn, ...]]:
        """(the pieces joined by a sign, nothing) within a budget; beyond it (the columns joined, the columns).

        `name` gives key, header and results of the columns; each is numbered.
        """
        if sum(self.length(piece) + 1 for piece in pieces) <= budget:
            return sign.join(pieces), ()
        columns = tuple(
            LiveColumn(
                f"{name.key} {number}",
                f"{name.header} {number}",
                name.template.format(sign.join(pieces[first:end])),
                name.look,
                parts=(first, end),
                compute=name.compute,
            )
            for number, (first, end) in enumerate(self.runs(pieces), 1)
        )
        return sign.join(mark(column.key) for column in columns), columns


def earned_of(step: Combine, results: StoredResults, first: int, end: int) -> list[Cell]:
    """Weight times points over the scale, summed over some criteria of a family."""
    full = results.plan.rules.scale
    return _summed(step, results, first, end, lambda weight, points: weight * points / full)


def weighed_of(step: Combine, results: StoredResults, first: int, end: int) -> list[Cell]:
    """Weights of some criteria of a family that gave points, summed."""
    return _summed(step, results, first, end, lambda weight, _: weight)


def _summed(
    step: Combine, results: StoredResults, first: int, end: int, term: Callable[[float, float], float]
) -> list[Cell]:
    weights = _weights(step, results)[first:end]
    columns = [results.by_key(f"points {key}") for key in step.criteria[first:end]]
    return [
        sum((term(w, cell) for w, cell in zip(weights, row, strict=True) if isinstance(cell, float)), 0.0)
        for row in zip(*columns, strict=True)
    ]


def answered_of(step: Combine, results: StoredResults, first: int, end: int) -> list[Cell]:
    """Weights of some criteria of a family whose answer is there, summed."""
    weights = _weights(step, results)[first:end]
    columns = [results.answers_of(key) for key in step.criteria[first:end]]
    return [
        sum((w for w, cell in zip(weights, row, strict=True) if cell != ""), 0.0) for row in zip(*columns, strict=True)
    ]


def _weights(step: Combine, results: StoredResults) -> list[float]:
    known = {criterion.key: criterion.weight for _, criterion in results.plan.rules.criteria}
    return [known[key] for key in step.criteria]


def filled_of(results: StoredResults, first: int, end: int) -> list[Cell]:
    """Whether anything is filled in among some of the columns that the rules read."""
    columns = results.read_columns()[first:end]
    return [YES if any(not is_blank(cell) for cell in row) else "" for row in zip(*columns, strict=True)]


def spoken(name: str) -> str:
    """A name of the rules as a header shows it: `percentile#1` is `percentile 1`."""
    return re.sub("[_#]+", " ", name)


def short_name(text: str) -> str:
    """A name cut to the length that the check has room for."""
    return text if len(text) <= MOST_HEADER_IN_CHECK else text[: MOST_HEADER_IN_CHECK - 1] + "…"


def header_width(header: str) -> float:
    """Characters of width in which a header stands on two lines and no word of it is broken, button included."""
    longest = max(map(len, header.split()), default=0)
    return float(min(30, max(10, longest + 5, len(header) // 2 + 5)))
