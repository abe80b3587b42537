"""The sheet *KAM Rules*: every number that a manager may change in a cell of its own, and where each one stands.

The layout follows from the rule set alone, so that `rules-from` finds each cell again from the rule file. Columns B to
E hold the numbers, I to L the same as compiled; G says what was changed and what cannot be right; M holds what follows
from a line: the sum of a family's weights, what a missing answer is worth.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from kamxl.backends.formula_text import absolute, number_text, text_literal
from kamxl.backends.formula_words import say
from kamxl.language.expression import Between, Compare, Constant, Node, Span, kind_of, walk
from kamxl.records import dataclass, field
from kamxl.table import Grid, GridCell, Look, column_letters

SHEET = "KAM Rules"
# Stands for minus infinity: LOOKUP needs a number, and this one is below whatever a cell can hold.
LOWEST = -1e307
FIRST_COPIED, LAST_COPIED, COPY_OFFSET, NOTE_COLUMN, RESULT_COLUMN = 1, 4, 7, 6, 12
INPUT, WORD = "input", "input align=center"
What = Literal["number", "policy", "edge", "point", "x", "threshold"]


@dataclass(frozen=True, slots=True)
class Setting:
    """A number of the rules in a cell of the sheet.

    `path` leads to its text in the rule file; `what` says how it stands there; `index` counts edges and curve points
    from 0; `span` is the place of a threshold in its condition. Units: row and column 0-based.
    """

    path: tuple[str, ...]
    what: What
    row: int
    column: int
    value: float | str | None
    index: int = 0
    span: Span = (0, 0)


@dataclass(frozen=True, slots=True)
class ScaleCells:
    """References of a scale: ranges of keys, points and slopes, and the single cells of both."""

    keys: str = ""
    points: str = ""
    slopes: str = ""
    starts: str = ""
    key_cells: tuple[str, ...] = ()
    point_cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CriterionCells:
    """References of a criterion; `missing` holds points, the code of a problem, or an empty text for skip."""

    weight: str
    missing: str
    other: str
    scale: ScaleCells = ScaleCells()


@dataclass(frozen=True, slots=True)
class FamilyCells:
    """References of a family; `weights` is the sum of the weights of its criteria."""

    weight: str
    at_most: str
    weights: str


@dataclass(frozen=True, slots=True)
class RulesLayout:
    """The sheet and the references into it; labels and thresholds by position in `categories.all_rules`.

    `copied` are the 0-based lines whose cells stand a second time as compiled.
    """

    grid: Grid
    settings: tuple[Setting, ...]
    copied: tuple[int, ...]
    as_of: str
    status: str
    need: str
    families: dict[str, FamilyCells]
    criteria: dict[str, CriterionCells]
    labels: tuple[str, ...]
    thresholds: tuple[dict[Span, str], ...]


@dataclass(slots=True)
class SheetRows:
    """Rows of the sheet under construction. State: the rows and settings so far."""

    language: str
    rows: list[list[GridCell | None]] = field(default_factory=list)
    settings: list[Setting] = field(default_factory=list)
    risers: list[int] = field(default_factory=list)
    doubts: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    copied: set[int] = field(default_factory=set)

    def say(self, key: str) -> str:
        """A text in the language of the rules."""
        return say(key, self.language)

    def add(self, *cells: GridCell | None) -> int:
        """A row; its 0-based number."""
        self.rows.append(list(cells))
        return len(self.rows) - 1

    def heading(self, text: str, *titles: str) -> int:
        """A blank row and a row of headings, `titles` from column B on; a `>` in front puts one above numbers."""
        self.add()
        row = self.add(GridCell(text, "subheading"))
        for column, title in enumerate(titles, 1):
            if title:
                look = "label bold align=right" if title.startswith(">") else "label bold"
                self.put(row, column, title.removeprefix(">"), look)
        return row

    def put(self, row: int, column: int, value: object, look: Look = "text", *, formula: str = "") -> str:
        """A cell, and its absolute reference."""
        line = self.rows[row]
        line.extend([None] * (column + 1 - len(line)))
        line[column] = GridCell(value, look, formula)
        return absolute(SHEET, row + 1, column + 1)

    def setting(
        self,
        place: tuple[int, int],
        path: Sequence[str],
        what: What,
        value: float | str | None,
        *,
        look: Look = INPUT,
        index: int = 0,
        span: Span = (0, 0),
    ) -> str:
        """An editable cell; its reference."""
        row, column = place
        self.copied.add(row)
        self.settings.append(Setting(tuple(path), what, row, column, value, index, span))
        return self.put(row, column, value, look)

    def doubt(self, row: int, test: str, words: str) -> None:
        """Words that the note of a line shows while a test of its cells is true."""
        self.doubts.setdefault(row, []).append((test, words))

    def between(self, place: tuple[int, int], low: float, high: float, words: str) -> None:
        """Marks a cell that holds a number outside low to high."""
        cell = own_cell(*place)
        outside = f"OR(N({cell})<{number_text(low)},N({cell})>{number_text(high)})"
        self.doubt(place[0], outside, words)

    def finish(self) -> None:
        """Copies as compiled, and the notes of the lines that have one."""
        for row in sorted(self.copied):
            line = self.rows[row]
            copies = {column: line[column] for column in range(FIRST_COPIED, min(LAST_COPIED + 1, len(line)))}
            first = FIRST_COPIED + (not self._counts(line[FIRST_COPIED] if len(line) > FIRST_COPIED else None))
            for column, cell in copies.items():
                if cell is not None and column >= first:
                    words = [word for word in cell.look.split(" ")[1:] if word.startswith(("format", "align"))]
                    look = " ".join(["label", *words])
                    self.put(row, column + COPY_OFFSET, cell.value, look)
            self.put(row, NOTE_COLUMN, "", "warning", formula=self._note(row, first))

    @staticmethod
    def _counts(cell: GridCell | None) -> bool:
        """Whether what stands in column B matters to a formula; a family's name and its condition only explain."""
        return cell is None or not cell.look.startswith("label")

    def _note(self, row: int, first: int) -> str:
        now, then = (
            f"${column_letters(first + offset + 1)}{row + 1}:${column_letters(LAST_COPIED + offset + 1)}{row + 1}"
            for offset in (0, COPY_OFFSET)
        )
        note = f'IF(SUMPRODUCT(--({now}<>{then}))>0,"{self.say("changed")}","")'
        for test, words in reversed(self.doubts.get(row, [])):
            note = f"IF({test},{text_literal(words)},{note})"
        numbers = [setting for setting in self.settings if setting.row == row and setting.what != "policy"]
        tests = ",".join(f"ISNUMBER({own_cell(s.row, s.column)})" for s in numbers)
        if numbers:
            note = f'IF(AND({tests}),{note},"{self.say("not a number")}")'
        if row in self.risers:
            note = f'IF($B{row + 1}<=$B{row},"{self.say("must rise")}",{note})'
        # A cell that holds an error is told like one that holds a word.
        return f'=IFERROR({note},"{self.say("not a number")}")'


def own_cell(row: int, column: int) -> str:
    """`$C$5` for a formula on the sheet itself. Units: 0-based."""
    return absolute(SHEET, row + 1, column + 1).split("!")[1]


def percent_look(value: float, *, percent: bool) -> Look:
    """How an editable number looks; percents with as many decimals as they have."""
    if not percent:
        return INPUT
    return f"{INPUT} format=0%" if abs(value * 100 - round(value * 100)) < 1e-9 else f"{INPUT} format=0.0%"


def thresholds_of(node: Node) -> tuple[Constant, ...]:
    """The numbers of a condition that a value is compared with."""
    found: list[Constant] = []
    for part in walk(node):
        sides: tuple[Node, ...] = ()
        if isinstance(part, Compare):
            sides = (part.left, part.right)
        elif isinstance(part, Between):
            sides = (part.low, part.high)
        found += [side for side in sides if isinstance(side, Constant) and kind_of(side) == "number"]
    return tuple(found)
