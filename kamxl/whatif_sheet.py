"""The sheet *KAM What-if*: what moves, the migration matrix, and who moves, as a Grid. Knows no host and no rules."""

from __future__ import annotations

import math

from kamxl.compare import Comparison, Mover
from kamxl.evidence import Explainer
from kamxl.explain import near_misses, why_line
from kamxl.looks import category_colours
from kamxl.phrases import say, write_number
from kamxl.records import dataclass
from kamxl.table import Grid, GridCell, GridTable, Merge
from kamxl.trust_phrases import tell

Row = tuple[GridCell | None, ...]
# Beyond this many movers nobody reads the list, and Excel should open the sheet at once; JSON has them all.
MOST_MOVERS = 2_000


@dataclass(frozen=True, slots=True)
class WhatIfText:
    """Names of the two rule sets, the day, and the language of the sheet."""

    old: str
    new: str
    day: str
    language: str


def whatif_grid(comparison: Comparison, text: WhatIfText) -> Grid:
    """The comparison as a sheet."""
    language = text.language
    rows: list[Row] = [
        (GridCell(tell("whatif_title", language), "title"),),
        (GridCell(tell("whatif_subtitle", language, old=text.old, new=text.new, day=text.day), "subtitle"),),
        (),
        _figure(tell("moved", language), len(comparison.movers)),
        _figure(tell("moved_revenue", language), comparison.moved_revenue),
        (GridCell(shift_line(comparison, language), "label"),),
        (),
    ]
    rows += _matrix(comparison, language, "matrix", money=False)
    rows += _matrix(comparison, language, "matrix_revenue", money=True)
    rows.append((GridCell(tell("who_moves", language), "heading"),))
    first = len(rows)
    rows += _movers(comparison, language)
    has_movers = bool(comparison.movers)
    shown = min(len(comparison.movers), MOST_MOVERS)
    tables = (GridTable("KAM_What_if", first, 0, first + shown, 7),) if has_movers else ()
    return Grid(
        name=tell("whatif_sheet", language),
        rows=tuple(rows),
        widths=(38.0, 15.0, 23.0, 23.0, 12.0, 12.0, 12.0, 80.0),
        merges=(Merge(0, 0, 0, 7), Merge(1, 0, 1, 7), Merge(3, 1, 3, 2), Merge(4, 1, 4, 2), Merge(5, 0, 5, 7)),
        tables=tables,
        freeze=(3, 1),
    )


def _figure(label: str, number: float) -> Row:
    return (GridCell(label, "label valign=vcenter"), GridCell(number, "figure align=left"))


def shift_line(comparison: Comparison, language: str) -> str:
    """How many scores change, and by how much at most."""
    changed, rise, fall = comparison.score_shift
    if not changed:
        return tell("no_shift", language)
    rise_text, fall_text = (write_number(abs(number), language) for number in (rise, fall))
    return tell("shift", language, count=changed, rise=rise_text, fall=fall_text)


def _label(comparison: Comparison, key: str, language: str) -> str:
    return comparison.label(key, language) if key else tell("no_category", language)


def _matrix(comparison: Comparison, language: str, title: str, *, money: bool) -> list[Row]:
    """Old categories down, new ones across, with sums; a category that nobody has is left out."""
    cells = comparison.revenue if money else comparison.clients
    counts = comparison.clients
    size = range(len(comparison.categories))
    kept = [i for i in size if comparison.categories[i] or any(counts[i]) or any(counts[j][i] for j in size)]
    look = "money" if money else "integer"
    labels = [_label(comparison, comparison.categories[index], language) for index in kept]
    rows: list[Row] = [(GridCell(tell(title, language), "heading"),)]
    heads = [GridCell(label, "header align=right") for label in (*labels, tell("total", language))]
    rows.append((GridCell("", "header"), *heads))
    for index, label in zip(kept, labels, strict=True):
        values = [GridCell(cells[index][other] or None, f"{look} bold" if index == other else look) for other in kept]
        total = math.fsum(cells[index][other] for other in size)
        rows.append((GridCell(label, "text bold"), *values, GridCell(total, f"{look} bold")))
    sums = [math.fsum(cells[i][other] for i in size) for other in kept]
    everything = math.fsum(math.fsum(row) for row in cells)
    totals = [GridCell(total, f"{look} bold") for total in (*sums, everything)]
    rows.append((GridCell(tell("total", language), "text bold"), *totals))
    return [*rows, ()]


def _movers(comparison: Comparison, language: str) -> list[Row]:
    if not comparison.movers:
        return [(GridCell(tell("nobody_moves", language), "note"),)]
    names = ("client", "revenue", "old_category", "new_category", "old_score", "new_score", "change", "why")
    numbers = ("revenue", "old_score", "new_score", "change")
    heads = [GridCell(tell(n, language), "header align=right" if n in numbers else "header indent=1") for n in names]
    rows: list[Row] = [tuple(heads)]
    explainer = Explainer(comparison.new, language)
    shown = comparison.movers[:MOST_MOVERS]
    rows += [_mover_row(comparison, mover, explainer, language) for mover in shown]
    rest = len(comparison.movers) - len(shown)
    if rest:
        rows.append((GridCell(tell("and_more", language, count=rest), "note"),))
    return rows


def _mover_row(comparison: Comparison, mover: Mover, explainer: Explainer, language: str) -> Row:
    change = mover.new_score - mover.old_score
    return (
        GridCell(mover.called, "text indent=1"),
        GridCell(mover.revenue if mover.is_known else None, "money"),
        _category_cell(comparison, mover.old, language),
        _category_cell(comparison, mover.new, language),
        GridCell(_or_none(mover.old_score), "score"),
        GridCell(_or_none(mover.new_score), "score"),
        GridCell(_or_none(change), "number format=+0.0;-0.0;0.0"),
        GridCell(_why(explainer, mover), "wrap indent=1"),
    )


def _why(explainer: Explainer, mover: Mover) -> str:
    """Why the new category, and first what is missing for the old one, where it is one thing."""
    row = explainer.row_values(mover.row)
    why = why_line(explainer, mover.row, row)
    missed = next((miss for miss in near_misses(explainer, mover.row, row) if miss.category == mover.old), None)
    if missed is None:
        return why
    return f"{say('nearly', explainer.language, category=missed.label, parts=', '.join(missed.failing))}. {why}"


def _category_cell(comparison: Comparison, key: str, language: str) -> GridCell:
    index = comparison.categories.index(key) if key else -1
    rules = {rule.key: rule for rule in comparison.new.plan.rules.categories.all_rules}
    fill, ink = category_colours(index, rules[key].colour if key in rules else "")
    return GridCell(_label(comparison, key, language), f"text fill={fill} colour={ink} indent=1")


def _or_none(number: float) -> float | None:
    return None if math.isnan(number) else number
