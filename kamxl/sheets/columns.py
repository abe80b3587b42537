"""Columns of a run as people read them: header, values, look and width, typed from whole columns and not cell by cell.

Shared by all departments of a run: each column is converted once. What a department may see is decided in `clients.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from kamxl.backends import Scored
from kamxl.language.expression import Name
from kamxl.language.kinds import shown_as
from kamxl.language.model import Label, tidy
from kamxl.looks import category_colours
from kamxl.phrases import PHRASES, say
from kamxl.process import ProcessBook
from kamxl.records import dataclass
from kamxl.table import Cell, GridColumn
from kamxl.values import date_of

# A light line between rows: readable on screen and on a grey print.
LINE = "E3E8EE"
_WIDEST_TEXT = 36.0
_FORMATS = {"money": 12.0, "percent": 9.0, "percent1": 9.0, "score": 9.0, "number": 10.0, "integer": 10.0, "date": 12.0}
_NUMERIC = frozenset(_FORMATS) - {"date"}
_LONG = {"why": 52.0, "next": 48.0}


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """A column ready to be shown. Shapes: values (n,) over all rows of the run; looks empty, or one per value."""

    key: str
    header: str
    values: Sequence[Cell]
    look: str
    width_chars: float
    looks: Sequence[str] = ()

    def part(self, rows: Sequence[int], look: str) -> GridColumn:
        """The cells of some rows, in that order; an empty look is the column's own."""
        values = [self.values[row] for row in rows]
        if self.looks and not look:
            return GridColumn(values, [self.looks[row] for row in rows])
        return GridColumn(values, bordered(look or self.look))


def bordered(look: str) -> str:
    """A look with the light line around it; texts and numbers keep a little distance from the line."""
    if " border=" in look:
        return look
    if look in _NUMERIC:
        look += " align=right indent=1"
    elif " indent=" not in look and " align=" not in look:
        look += " indent=1"
    return f"{look} border={LINE}"


def narrowest(header: str) -> float:
    """The width that a header needs so that none of its words is broken. Units: characters."""
    return max((len(word) for word in header.split()), default=0) * 1.15 + 3.0


Made = TypeVar("Made")


class RunColumns:
    """The columns of one run in one language; the state is what has been converted so far."""

    def __init__(
        self,
        scored: Scored,
        book: ProcessBook,
        language: str,
        *,
        why: Sequence[str] | None = None,
        next_steps: Sequence[str] | None = None,
    ) -> None:
        self.scored = scored
        self.book = book
        self.rules = scored.plan.rules
        self.language = language
        self._texts = {"why": why, "next": next_steps}
        self.everyone: Sequence[int] = range(scored.row_count)
        self._made: dict[str, ShownColumn | None] = {}
        self._known: dict[tuple[object, ...], Any] = {}

    def once(self, make: Callable[..., Made], *about: object) -> Made:
        """What `make` says of the run and these, which is the same for all departments: worked out once.

        Rows and columns are told apart by identity, and kept as long as the run is.
        """
        key = (make, *(each if isinstance(each, (str, int)) else id(each) for each in about))
        if key not in self._known:
            self._known[key] = (make(self, *about), about)
        found: Made = self._known[key][0]
        return found

    def get(self, key: str) -> ShownColumn | None:
        """The column of a key; None where the workbook or the run has none."""
        if key not in self._made:
            self._made[key] = self._make(key)
        return self._made[key]

    def _make(self, key: str) -> ShownColumn | None:
        if key in self._texts:
            texts = self._texts[key]
            if texts is None:
                return None
            return ShownColumn(key, say(key, self.language), [text or None for text in texts], "wrap", _LONG[key])
        if key in ("category", "process"):
            return self._category() if key == "category" else self._process()
        if key in ("score", "completeness") or key in self.scored.families:
            return self._result(key)
        column = self.rules.column(key)
        if column is not None:
            present = any(read.name == key and read.index >= 0 for read in self.scored.plan.reads())
            return self._shown(key, column.label, column.kind) if present else None
        derived = next((each for each in self.rules.derived if each.key == key), None)
        if derived is None or key not in self.scored.values:
            return None
        return self._shown(key, derived.label, shown_as(Name(key), self.rules))

    def _result(self, key: str) -> ShownColumn:
        if key == "completeness":
            return self._numbers(key, say(key, self.language), self.scored.completeness, "percent")
        if key == "score":
            return self._numbers(key, say(key, self.language), self.scored.score, "score")
        label = next(family.label for family in self.rules.families if family.key == key)
        return self._numbers(key, label.text(self.language), self.scored.families[key], "score")

    def _numbers(self, key: str, header: str, values: Sequence[Any], look: str) -> ShownColumn:
        return ShownColumn(key, header, plain_values(values), look, max(_FORMATS[look], len(header) + 2.0))

    def _category(self) -> ShownColumn:
        rules = self.rules.categories.all_rules
        labels = [rule.label.text(self.language) for rule in rules] + [say("no_category", self.language)]
        looks = [category_look(index, rule.colour) for index, rule in enumerate(rules)]
        looks.append(category_look(-1, ""))
        indexes = [int(index) for index in self.scored.category]
        width = min(_WIDEST_TEXT, max(len(label) for label in labels) + 3.0)
        header = say("category", self.language)
        values = [labels[index] for index in indexes]
        return ShownColumn("category", header, values, "text", width, [looks[index] for index in indexes])

    def _process(self) -> ShownColumn:
        names = []
        for rule in self.rules.categories.all_rules:
            process = self.book.process(rule.process)
            names.append(process.label.text(self.language) if process is not None else rule.process)
        names.append("")
        values = [names[int(index)] for index in self.scored.category]
        width = min(_WIDEST_TEXT, max(len(name) for name in names) + 3.0)
        return ShownColumn("process", say("process", self.language), values, "text", width)

    def _shown(self, key: str, label: Label, kind: str) -> ShownColumn:
        header = label.text(self.language) or (say(key, self.language) if key in PHRASES else tidy(key))
        values = plain_values(self.scored.values[key])
        filled = [value for value in values if value is not None]
        if kind == "date":
            values = [date_of(value) if isinstance(value, float) else None for value in values]
            return ShownColumn(key, header, values, "date", _FORMATS["date"])
        if kind == "yes/no" or (filled and all(isinstance(value, bool) for value in filled)):
            words = (say("no", self.language), say("yes", self.language))
            values = [None if value is None else words[bool(value)] for value in values]
            return ShownColumn(key, header, values, "text align=center", max(8.0, len(header) + 2.0))
        if kind in ("text", "choice") or any(isinstance(value, str) for value in filled):
            longest = max((len(str(value)) for value in filled), default=8)
            look = "wrap" if longest > _WIDEST_TEXT else "text"
            return ShownColumn(key, header, values, look, max(10.0, min(_WIDEST_TEXT, longest + 3.0)))
        if kind == "number":
            kind = "integer" if all(float(value).is_integer() for value in filled) else "number"
        largest = max((abs(float(value)) for value in filled), default=0.0)
        width = max(_FORMATS[kind], len(f"{largest:,.0f}") + 3.0)
        return ShownColumn(key, header, values, kind, width)


def part_of(_run: RunColumns, column: ShownColumn, rows: Sequence[int], look: str) -> GridColumn:
    """The cells of some rows of a column."""
    return column.part(rows, look)


def blank_part(_run: RunColumns, count: int, look: str) -> GridColumn:
    """So many blank cells."""
    return GridColumn([None] * count, look)


def category_look(index: int, colour: str) -> str:
    """The look of a cell that names a category."""
    fill, ink = category_colours(index, colour)
    return bordered(f"text bold fill={fill} colour={ink}")


def plain_values(values: Sequence[Any]) -> list[Any]:
    """A column as a list in which what is missing is None."""
    listed = values.tolist() if hasattr(values, "tolist") else list(values)
    # Only NaN differs from itself.
    return [None if value != value else value for value in listed]
