"""The results that are stored with the formulas: what the runner found, as the formulas will show it.

A program that does not calculate (a preview, a phone without connection, LibreOffice on opening) shows these.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from kamxl.backends import Scored
from kamxl.backends.formula_columns import (
    CATEGORY,
    CHECK,
    COMPLETENESS,
    DERIVED,
    FAMILY,
    FILLED,
    OVERRIDE,
    OVERRIDE_READ,
    POINTS,
    READ,
    RELATED,
    SCORE,
    STATUS,
)
from kamxl.backends.formula_parts import LiveColumn, short_name
from kamxl.backends.formula_plan import SHOWN, LivePlan
from kamxl.backends.formula_text import NO, YES
from kamxl.backends.formula_words import say
from kamxl.language.expression import Name
from kamxl.language.model import AsIs, Bands, Listed
from kamxl.plan import Mark, Read
from kamxl.table import Cell
from kamxl.values import clean_text, is_blank, read_cell, text_of

_CODES = {Bands: "KX409", Listed: "KX404", AsIs: "KX408"}


class StoredResults:
    """Stored results by column. State: columns computed so far."""

    def __init__(self, live: LivePlan, scored: Scored) -> None:
        self.live = live
        self.plan = live.plan
        self.scored = scored
        self.language = live.plan.rules.language
        self._known: dict[str, list[Cell]] = {}
        self._found: list[list[str]] = []
        self._empty: list[bool] | None = None

    def of(self, column: LiveColumn) -> list[Cell]:
        """The results of a column. Shapes: (n,)."""
        if column.compute is not None:
            return column.compute(self, *column.parts)
        if column.parts != (0, 0):
            return ["".join(found[slice(*column.parts)]) for found in self._findings()]
        return self.by_key(column.key)

    def by_key(self, key: str) -> list[Cell]:
        """The results of the column with a key. Errors: KeyError for an unknown one."""
        if key not in self._known:
            self._known[key] = self._compute(key)
        return self._known[key]

    def _compute(self, key: str) -> list[Cell]:
        scored = self.scored
        fixed: dict[str, Callable[[], list[Cell]]] = {
            SCORE: lambda: self._scores(scored.score),
            COMPLETENESS: lambda: self._scores(scored.completeness),
            FILLED: lambda: ["" if empty else YES for empty in self.empty_rows()],
            CATEGORY: self._categories,
            OVERRIDE: self._overrides,
            OVERRIDE_READ: self._override_texts,
            STATUS: lambda: [say("as compiled", self.language)] * scored.row_count,
        }
        if key in fixed:
            return fixed[key]()
        if key == CHECK:
            return ["".join(found) for found in self._findings()]
        for prefix, compute in (
            (POINTS, self._points),
            (FAMILY, lambda name: self._scores(scored.families[name])),
            (READ, lambda name: _cells(scored.values[name])),
            (DERIVED, lambda name: _cells(scored.values[name])),
            (RELATED, lambda name: _cells(scored.values[SHOWN + name])),
        ):
            if key.startswith(prefix):
                return compute(key.removeprefix(prefix))
        raise KeyError(key)

    def _points(self, criterion: str) -> list[Cell]:
        step = next(mark for mark in self.plan.marks() if mark.criterion == criterion)
        answers = self._answers(step)
        code = _CODES.get(type(step.scale), "")
        missing = "KX405" if step.missing.mode == "error" else ""
        points = _numbers(self.scored.points_of(criterion))
        return [
            cell if cell != "" else (code if answer != "" else missing)
            for cell, answer in zip(points, answers, strict=True)
        ]

    def answers_of(self, criterion: str) -> list[Cell]:
        """The answers of a criterion, empty where there is none."""
        return self._answers(next(mark for mark in self.plan.marks() if mark.criterion == criterion))

    def read_columns(self) -> list[Sequence[Cell]]:
        """The columns of the workbook that the rules read, each once."""
        places = dict.fromkeys(step.index for step in self.plan.reads() if step.index >= 0)
        return [self.scored.table.columns[index] for index in places]

    def _answers(self, step: Mark) -> list[Cell]:
        if not isinstance(step.of, Name):
            raise TypeError(f"{step.criterion}: the live plan gives every answer a name")
        return _cells(self.scored.values[step.of.name])

    def _findings(self) -> list[list[str]]:
        """What leaves each row unscored: one text per column read and per criterion, empty where nothing is wrong."""
        if not self._found:
            rows: list[list[str]] = [[] for _ in range(self.scored.row_count)]
            for read in self.plan.reads():
                if read.index >= 0 and read.counts:
                    name = short_name(clean_text(self.plan.headers[read.index]))
                    _append(rows, self._codes(read), name)
            labels = {c.key: c.label.text(self.language) for _, c in self.plan.rules.criteria}
            for step in self.plan.marks():
                codes = [cell if isinstance(cell, str) else "" for cell in self._points(step.criterion)]
                _append(rows, codes, short_name(labels[step.criterion]))
            self._found = rows
        return self._found

    def _codes(self, step: Read) -> list[str]:
        cells = self.scored.table.columns[step.index]
        codes = []
        plain = step.kind not in ("date", "yes/no")
        for cell in cells:
            if cell is None or (plain and type(cell) is float):
                codes.append("")
                continue
            code = read_cell(cell, step.kind, decimal_comma=self.plan.rules.decimal_comma).code
            codes.append(code)
        return codes

    def _categories(self) -> list[Cell]:
        labels = [rule.label.text(self.language) for rule in self.plan.rules.categories.all_rules]
        scored = self.scored
        checks = self.by_key(CHECK)
        found: list[Cell] = []
        empty = self.empty_rows()
        for row, index in enumerate(scored.category):
            if empty[row] and row not in scored.overrides:
                found.append("")
                continue
            clash = index < 0 and checks[row] == "" and not math.isnan(scored.score[row]) and self.plan.match.unique
            found.append(labels[index] if index >= 0 else ("KX406" if clash else ""))
        return found

    def _scores(self, values: Sequence[float]) -> list[Cell]:
        return ["" if empty else cell for cell, empty in zip(_numbers(values), self.empty_rows(), strict=True)]

    def empty_rows(self) -> list[bool]:
        """Rows in which nothing that the rules read is filled in: no client stands there."""
        if self._empty is None:
            columns = [self.scored.table.columns[step.index] for step in self.plan.reads() if step.index >= 0]
            rows = range(self.scored.row_count)
            self._empty = [bool(columns) and all(is_blank(column[row]) for column in columns) for row in rows]
        return self._empty

    def _overrides(self) -> list[Cell]:
        labels = [rule.label.text(self.language) for rule in self.plan.rules.categories.all_rules]
        chosen = self.scored.overrides
        return [labels[chosen[row].category] if row in chosen else "" for row in range(self.scored.row_count)]

    def _override_texts(self) -> list[Cell]:
        cells = self.scored.table.columns[self.plan.settle.override]
        return ["" if is_blank(cell) else text_of(cell) for cell in cells]


def _append(rows: list[list[str]], codes: Sequence[str], name: str) -> None:
    for row, code in zip(rows, codes, strict=True):
        row.append(f"{code} {name}; " if code else "")


def _numbers(values: Sequence[float]) -> list[Cell]:
    return ["" if value != value else float(value) for value in values]


def _cells(values: Sequence[Any]) -> list[Cell]:
    return [_cell(value) for value in values]


def _cell(value: Any) -> Cell:
    if value is None or value != value:
        return ""
    if isinstance(value, str):
        return str(value)
    # NumPy's own truth values are no bool.
    if isinstance(value, bool) or type(value).__name__ in ("bool_", "bool"):
        return YES if value else NO
    return float(value)
