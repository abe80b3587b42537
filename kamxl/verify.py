"""Whether a classified workbook still says what the rules say: recompute, compare, name the cells that differ.

A shared workbook is edited by many hands. The stamp in it tells which rules and which day it was classified with; the
same rules on that day must give the same results, and where a cell differs somebody typed over it, or changed what it
was computed from. A use case beside `app.py`: it wires stages and computes nothing itself.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from kamxl.app import Rulebook, Settings, load_rulebook, previous_categories, result_columns, score_host, stamp_of
from kamxl.backends import Scored, runner
from kamxl.backends.settle import client_name
from kamxl.hosts import Host, OutColumn
from kamxl.language.model import LANGUAGES
from kamxl.own_columns import known_columns
from kamxl.problems import KamxlError, Place, Problem, Severity, sort_problems
from kamxl.records import dataclass, replace
from kamxl.stamp import without_kamxl
from kamxl.table import Cell, Table
from kamxl.values import clean_text, fold, is_blank, text_of

_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})")
# What a spreadsheet keeps of a number when it saves and loads it again: 15 significant digits.
_RELATIVE = 1e-12


@dataclass(frozen=True, slots=True)
class Difference:
    """One result cell that is not what the rules give. `column` is its header in the workbook."""

    client: str
    row: int
    key: str
    column: str
    written: Cell
    computed: Cell
    place: Place
    reason: str = ""
    """Why nothing could be computed for the row; empty where something was."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What became of a classified workbook.

    `same_rules`: the stamp in the workbook is that of the rules at hand. `edited_inputs` are rows whose score differs
    together with the score of a family or the completeness, as it does when an input changes; in `edited_results`
    something else was typed over, the score alone included.
    """

    stamp_written: str
    stamp_now: str
    same_rules: bool
    rows: int
    differences: tuple[Difference, ...]
    foreign_rows: tuple[int, ...]
    problems: tuple[Problem, ...]
    edited_inputs: tuple[int, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether the sheet still agrees with the rules."""
        return self.same_rules and not self.differences and not self.foreign_rows

    @property
    def edited_results(self) -> tuple[int, ...]:
        """Rows in which a result was typed over."""
        return tuple(sorted({found.row for found in self.differences} - set(self.edited_inputs)))

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "agrees": self.agrees,
            "same_rules": self.same_rules,
            "stamp_written": self.stamp_written,
            "stamp_now": self.stamp_now,
            "rows": self.rows,
            "rows_with_edited_inputs": len(self.edited_inputs),
            "rows_with_edited_results": len(self.edited_results),
            "rows_with_another_stamp": len(self.foreign_rows),
            "differences": [
                {
                    "client": found.client,
                    "column": found.column,
                    "written": _plain(found.written),
                    "computed": _plain(found.computed),
                    "place": str(found.place),
                }
                for found in self.differences
            ],
        }


def verify(host: Host, settings: Settings) -> Verification:
    """The results in the workbook against what its rules give on the day of its stamp.

    Errors: KamxlError KX511 when the workbook was never classified; KX3 when its client table is not found.
    """
    rulebook = load_rulebook(settings)
    scored, whole = score_host(host, rulebook, settings)
    known = known_columns(host.notes, whole)
    if not known:
        raise KamxlError(
            Problem("KX511", "the workbook was never classified", whole.header_place(0), help="run `kamxl run` on it")
        )
    stamps = _column(whole, known.get("rules", ""))
    written = _commonest(stamps)
    day = _day_of(written)
    if settings.as_of is None and day is not None:
        settings = replace(settings, as_of=day)
        scored, whole = score_host(host, rulebook, settings)
    look = _Look(whole, rulebook, known, stamps, written)
    language, found = _in_its_language(look, scored, settings)
    if rulebook.rules.categories.hold and found.differences:
        found = _with_last_categories(look, scored, previous_categories(host, whole, scored.plan), language, found)
    return replace(found, problems=_problems(found, whole, known))


@dataclass(frozen=True, slots=True)
class _Look:
    """What stands in the workbook, and what it is held against."""

    whole: Table
    rulebook: Rulebook
    known: dict[str, str]
    stamps: Sequence[str]
    written: str


def _in_its_language(look: _Look, scored: Scored, settings: Settings) -> tuple[str, Verification]:
    """The language that the workbook was classified in, a fact of the workbook, and the comparison in it."""
    wanted = look.rulebook.language(settings)
    # Also where a language is asked for: it is that of the answer, and the workbook keeps its own.
    languages = (wanted, *(one for one in LANGUAGES if one != wanted))
    tried: list[tuple[str, Verification]] = []
    for language in languages:
        tried.append((language, _compare(look, scored, language)))
        if tried[-1][1].agrees:
            break
    return min(tried, key=lambda one: (not one[1].same_rules, len(one[1].differences)))


def _with_last_categories(
    look: _Look, scored: Scored, previous: list[int], language: str, found: Verification
) -> Verification:
    """The comparison with the category of last time that explains each differing row best.

    A hold starts from the category that stands in the workbook, and a category that was typed over would hold itself.
    """
    rows = sorted({one.row for one in found.differences})
    best = {row: (_count(found, row), previous[row]) for row in rows}
    chosen = list(previous)
    for category in range(-1, len(scored.plan.rules.categories.all_rules)):
        trial = list(previous)
        for row in rows:
            trial[row] = category
        other = _compare(look, runner().run(scored.plan, scored.table, previous=trial), language)
        for row in rows:
            if _count(other, row) < best[row][0]:
                best[row] = (_count(other, row), category)
    for row, (_, category) in best.items():
        chosen[row] = category
    if chosen == previous:
        return found
    return _compare(look, runner().run(scored.plan, scored.table, previous=chosen), language)


def _count(found: Verification, row: int) -> int:
    return sum(1 for one in found.differences if one.row == row)


def _compare(look: _Look, scored: Scored, language: str) -> Verification:
    """The cells of the workbook against the results told in one language; problems are left to the caller."""
    whole, known, written = look.whole, look.known, look.written
    stamp = stamp_of(scored, look.rulebook, language)
    places = {fold(header): index for index, header in enumerate(whole.headers)}
    differences: list[Difference] = []
    for key, column in result_columns(scored, look.rulebook.processes, stamp, language):
        index = places.get(fold(known.get(key, "")), -1) if key in known else -1
        if index < 0 or key == "rules":
            continue
        for row in _differing(whole.columns[index], column):
            client = client_name(scored.plan, whole, row)
            cells = whole.columns[index][row], column.values[row]
            faults = scored.problems_by_row.get(row, ()) if is_blank(column.values[row]) else ()
            reason = faults[0].message if faults else ""
            differences.append(Difference(client, row, key, known[key], *cells, whole.place(row, index), reason))
    return Verification(
        stamp_written=written,
        stamp_now=stamp.line(),
        same_rules=without_kamxl(written) == without_kamxl(stamp.line()),
        rows=whole.row_count,
        differences=tuple(differences),
        foreign_rows=tuple(row for row, text in enumerate(look.stamps) if text and text != written),
        problems=(),
        edited_inputs=_rows_of_other_inputs(differences, {"completeness", *scored.families}),
    )


def _rows_of_other_inputs(differences: Sequence[Difference], parts: set[str]) -> tuple[int, ...]:
    """Rows in which the score differs, and a part that it is made of, too."""
    by_row: dict[int, set[str]] = {}
    for one in differences:
        by_row.setdefault(one.row, set()).add(one.key)
    return tuple(sorted(row for row, found in by_row.items() if "score" in found and found & parts))


def _column(table: Table, header: str) -> list[str]:
    """The texts of a column; blanks where there is no such column."""
    for name, cells in zip(table.headers, table.columns, strict=True):
        if header and fold(name) == fold(header):
            return ["" if is_blank(cell) else clean_text(text_of(cell)) for cell in cells]
    return [""] * table.row_count


def _commonest(texts: Sequence[str]) -> str:
    counts = Counter(text for text in texts if text)
    return counts.most_common(1)[0][0] if counts else ""


def _day_of(stamp: str) -> dt.date | None:
    found = _DAY.findall(stamp)
    try:
        return dt.date.fromisoformat(found[-1]) if found else None
    except ValueError:
        return None


def _differing(written: Sequence[Cell], column: OutColumn) -> list[int]:
    return [row for row, cell in enumerate(written) if not _same(cell, column.values[row])]


def _same(written: Cell, computed: Cell) -> bool:
    if is_blank(written) or is_blank(computed):
        return is_blank(written) == is_blank(computed)
    if isinstance(written, (int, float)) and isinstance(computed, (int, float)):
        return math.isclose(written, computed, rel_tol=_RELATIVE, abs_tol=1e-9)
    return clean_text(text_of(written)) == clean_text(text_of(computed))


def _problems(found: Verification, table: Table, known: dict[str, str]) -> tuple[Problem, ...]:
    problems: list[Problem] = []
    if not found.same_rules:
        at = next((i for i, name in enumerate(table.headers) if fold(name) == fold(known.get("rules", ""))), 0)
        problems.append(
            Problem(
                "KX511",
                f"the workbook was classified with `{found.stamp_written or 'no stamp'}`, "
                f"and the rules are now `{found.stamp_now}`",
                table.header_place(at),
                Severity.WARNING,
                help="classify it again, or name with -r the rules that it was classified with",
            )
        )
    for row in found.foreign_rows:
        message = f"row {row + 1} carries another stamp than the others"
        problems.append(Problem("KX511", message, table.place(row, 0), help="classify the workbook again"))
    changed = set(found.edited_inputs)
    for one in found.differences:
        if one.row in changed and one.key != "score":
            continue
        problems.append(_difference_problem(one, same_rules=found.same_rules, by_inputs=one.row in changed))
    return sort_problems(problems)


def _difference_problem(one: Difference, *, same_rules: bool, by_inputs: bool) -> Problem:
    written, computed = _words(one.written), _words(one.computed)
    message = f"{one.column} of client {one.client} is {written}, and the rules give {computed}"
    if not same_rules:
        hint = "the rules have changed since; classify the workbook again"
    elif by_inputs and one.reason:
        hint = f"it cannot be computed any more: {one.reason}"
    elif by_inputs and is_blank(one.written):
        hint = "the row has not been classified yet; classify the workbook again"
    elif by_inputs:
        hint = "what it is computed from has changed since; classify the workbook again"
    elif one.key in ("category", "process"):
        hint = "it was typed over: write the decision in Override, with a reason, and classify again"
    else:
        hint = "it was typed over; classify the workbook again"
    severity = Severity.ERROR if same_rules else Severity.WARNING
    return Problem("KX511", message, one.place, severity, help=hint)


def _words(cell: Cell) -> str:
    if is_blank(cell):
        return "blank"
    text = text_of(round(cell, 4) if isinstance(cell, float) else cell)
    return f"`{text if len(text) <= 60 else text[:57] + '...'}`"


def _plain(cell: Cell) -> Any:
    if cell != cell:  # the blank of a column of numbers
        return ""
    return cell if cell is None or isinstance(cell, (str, int, float, bool)) else text_of(cell)
