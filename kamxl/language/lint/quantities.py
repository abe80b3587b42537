"""What conditions read, cut into cells within which no condition changes its answer.

A number is cut at every threshold into points and open stretches between them; a text into the texts that conditions
name and all others; an answer into yes and no; two expressions compared into less, equal and more. Every quantity
that can be missing has one more cell for that.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from typing import Literal

from kamxl.language.expression import Compare, Node, ValueKind
from kamxl.language.lint.ranges import EVERYTHING, Range
from kamxl.language.lint.wording import show_day, show_edge, show_expression
from kamxl.records import dataclass, field
from kamxl.values import Value, fold, quantise

Form = Literal["number", "text", "answer", "order"]
# Two thresholds this near leave no number between them, since values are compared at 9 decimals.
_NEAREST = 1.5e-9
_ORDER = {"<": 1, "=": 2, ">": 4, "<=": 3, ">=": 6, "<>": 5}


@dataclass(slots=True)
class Quantity:
    """One thing that conditions read. State: thresholds and texts, collected before cells are cut.

    `plain`: a column or a family, so that a client with any value of its range can exist; `columns` are those that it
    depends on. `reachable`: the separate ranges of a score, None where any number of the range is one. `percent`: its
    numbers are written as percents.
    """

    name: str
    form: Form
    kind: ValueKind
    range: Range = EVERYTHING
    can_be_missing: bool = True
    choices: tuple[str, ...] = ()
    columns: frozenset[str] = frozenset()
    plain: bool = False
    reachable: tuple[Range, ...] | None = None
    percent: bool = False
    node: Node | None = None
    thresholds: set[float] = field(default_factory=set)
    texts: dict[str, str] = field(default_factory=dict)
    _edges: tuple[float, ...] = ()
    _words: tuple[str, ...] = ()
    full: int = 0
    missing: int = 0

    @property
    def answers(self) -> tuple[str, ...]:
        """The names of what must be answered: its own, or those of the two expressions that are compared."""
        if isinstance(self.node, Compare) and self.form == "order":
            return show_expression(self.node.left), show_expression(self.node.right)
        return (self.name,)

    def note(self, value: float | str) -> None:
        """Remembers a constant that conditions compare with."""
        if isinstance(value, str):
            self.texts.setdefault(fold(value), value)
        else:
            self.thresholds.add(quantise(value))

    def cut(self) -> None:
        """Cuts the cells; no constant may be noted afterwards."""
        if self.form == "number":
            self._cut_numbers()
        elif self.form == "text":
            for choice in self.choices:
                self.note(choice)
            self._words = tuple(self.texts)
            # Any other text has a cell of its own behind the named ones. A column with choices has it too: a cell that
            # holds none of them gets a warning, and its client is classified all the same.
            self.missing = 1 << (len(self._words) + 1)
            self.full = self.missing - 1
        elif self.form == "answer":
            self.full, self.missing = 3, 4
        else:
            self.full, self.missing = 7, 8
        if self.can_be_missing:
            self.full |= self.missing

    def _cut_numbers(self) -> None:
        low, high = (quantise(end) for end in (self.range.low, self.range.high))
        self.thresholds.update(end for end in (low, high) if math.isfinite(end))
        edges = self._edges = tuple(sorted(self.thresholds))
        self.missing = 1 << (2 * len(edges) + 1)
        for index in range(len(edges) + 1):
            below = edges[index - 1] if index else -math.inf
            above = edges[index] if index < len(edges) else math.inf
            if above - below > _NEAREST and above > low and below < high and self._reached(below, above) is not None:
                self.full |= 1 << (2 * index)
            if index < len(edges) and low <= above <= high and self._reached(above, above) is not None:
                self.full |= 1 << (2 * index + 1)

    def _reached(self, below: float, above: float) -> Range | None:
        """What of a stretch (ends left out), or of a point, can be reached; None for nothing."""
        if self.reachable is None:
            return Range(below, above)
        for one in self.reachable:
            low, high = max(one.low, below), min(one.high, above)
            if below == above:
                # Both are at 9 decimals, as in a run.
                if one.low <= below <= one.high:
                    return Range(below, below)
            elif low < high or (low == high and below < low < above):
                return Range(low, high)
        return None

    def cells(self, operator: str, value: float | str | None = None) -> int:
        """The cells for which a test holds. Units: operator is a comparison, `missing` or `yes`."""
        if operator == "missing":
            return self.missing & self.full
        if self.form == "answer":
            return 1
        if self.form == "order":
            return _ORDER[operator]
        if isinstance(value, str):
            here = 1 << self._words.index(fold(value))
            return (here if operator == "=" else self.full & ~here & ~self.missing) & self.full
        at = 2 * bisect_left(self._edges, quantise(float(value or 0.0))) + 1
        below, here = (1 << at) - 1, 1 << at
        cells = {"<": below, "=": here, "<=": below | here}
        if operator in cells:
            return cells[operator] & self.full
        opposite = {">": below | here, "<>": here, ">=": below}[operator]
        return self.full & ~opposite & ~self.missing

    def example(self, cells: int) -> Value:
        """A value in the cells: a round number where there is one, and missing only if nothing else is there."""
        present = cells & self.full & ~self.missing
        if not present:
            return None
        if self.form == "answer":
            return bool(present & 1)
        if self.form == "order":
            return {1: "<", 2: "=", 4: ">"}[present & -present]
        numbers = [index for index in range(present.bit_length()) if present >> index & 1]
        if self.form == "text":
            index = numbers[0]
            return self.texts[self._words[index]] if index < len(self._words) else "something else"
        return min(
            (self._number(index) for index in numbers[:200]), key=lambda number: (len(show_edge(number)), number)
        )

    def _number(self, cell: int) -> float:
        index = cell // 2
        if cell % 2:
            return self._edges[index]
        below = self._edges[index - 1] if index else None
        above = self._edges[index] if index < len(self._edges) else None
        if self.reachable is not None and below is not None and above is not None:
            found = self._reached(below, above)
            if found is not None and found.low == found.high:
                return found.low
            if found is not None:
                below, above = found.low, found.high
        if below is None:
            return 0.0 if above is None or above > 0 else above - max(1.0, abs(above))
        return 2 * below if above is None and below > 0 else round_between(below, above)

    def stretch(self, cell: int) -> tuple[float, float]:
        """Both ends of a number cell; equal for a point."""
        index = cell // 2
        if cell % 2:
            return self._edges[index], self._edges[index]
        below = self._edges[index - 1] if index else -math.inf
        above = self._edges[index] if index < len(self._edges) else math.inf
        return below, above

    def show(self, value: Value) -> str:
        """A value of this quantity as an example client shows it: `history 55`, `rank "second"`."""
        if self.form == "order":
            return f"{self.name.replace('<>', str(value) if value is not None else '(missing)')}"
        if value is None:
            return f"{self.name} missing"
        if self.form == "answer":
            return f"{self.name} {'yes' if value else 'no'}"
        if isinstance(value, str):
            return f'{self.name} "{value}"'
        return f"{self.name} {self.show_number(float(value))}"

    def show_number(self, number: float) -> str:
        """A number as a rule file writes it for this quantity: a day, a percent or a plain number."""
        if self.kind == "date":
            return show_day(number)
        return f"{show_edge(float(f'{number * 100:.12g}'))}%" if self.percent else show_edge(number)


def round_between(below: float, above: float | None) -> float:
    """The roundest number strictly between two numbers."""
    if above is None:
        return below + max(1.0, abs(below))
    step = 10.0 ** math.floor(math.log10(above - below))
    while step >= 1e-10:
        candidate = quantise((math.floor(below / step) + 1) * step)
        if below < candidate < above:
            return candidate
        step /= 10
    return (below + above) / 2
