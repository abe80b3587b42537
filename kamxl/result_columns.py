"""What a run writes beside the client table: scores, category, process, reasons, next step, stamp.

Scored in, named columns out, in order; knows no workbook.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from kamxl.backends import Scored
from kamxl.hosts import OutColumn
from kamxl.language.model import tidy
from kamxl.looks import category_colours
from kamxl.phrases import say
from kamxl.process import Department, ProcessBook
from kamxl.reasons import reason_texts
from kamxl.stamp import Stamp
from kamxl.table import Cell


def empty_rows(scored: Scored) -> list[bool]:
    """Rows of the table in which every column that the rules read is blank: no client, no result."""
    found = [False] * scored.row_count
    for row in scored.blank_rows():
        found[row] = True
    return found


def result_columns(scored: Scored, processes: ProcessBook, stamp: Stamp, language: str) -> list[tuple[str, OutColumn]]:
    """What a run writes beside the client table, by key, in order.

    Shapes: one value per row of the table; rows without a client stay blank.
    """
    rules = scored.plan.rules
    empty = empty_rows(scored)
    gone = scored.blank_rows()
    why, following = reason_texts(scored, empty, language)

    def numbers(column: Sequence[float]) -> list[Cell]:
        return _numbers(column, gone)

    found = [("score", OutColumn(say("score", language), numbers(scored.score), "score bold", 8))]
    for family in rules.families:
        label = family.label.text(language)
        found.append((family.key, OutColumn(label, numbers(scored.families[family.key]), "score", 10)))
    found += _category_columns(scored, processes, language, gone)
    found.append(
        ("completeness", OutColumn(say("completeness", language), numbers(scored.completeness), "percent", 13))
    )
    if "dormant" in scored.values:
        dormant = numbers(scored.values["dormant"])
        found.append(("dormant", OutColumn(say("dormant", language), dormant, "money", 12)))
    line = stamp.line()
    return [
        *found,
        ("why", OutColumn(say("why", language), _texts(why), "text indent=1", 100)),
        ("next", OutColumn(say("next", language), _texts(following), "text indent=1", 100)),
        ("rules", OutColumn(say("rules", language), _without([line] * len(empty), gone), "label indent=1", 46)),
    ]


def reasons_of(columns: Sequence[tuple[str, OutColumn]]) -> tuple[list[str], list[str]]:
    """`why` and `next` out of the result columns of the same run."""
    by_key = dict(columns)
    why, next_steps = ([text or "" for text in by_key[key].values] for key in ("why", "next"))
    return cast("tuple[list[str], list[str]]", (why, next_steps))


def reasons_seen(
    scored: Scored, departments: Sequence[Department], language: str
) -> tuple[list[str] | None, list[str] | None]:
    """`why` and `next` of every row where any of the departments may see one of them; (None, None) saves the time."""
    if not any({"why", "next"} & set(department.see) for department in departments):
        return None, None
    return reason_texts(scored, empty_rows(scored), language)


def _category_columns(
    scored: Scored, processes: ProcessBook, language: str, gone: Sequence[int]
) -> list[tuple[str, OutColumn]]:
    all_rules = scored.plan.rules.categories.all_rules
    labels = [rule.label.text(language) for rule in all_rules]
    colours = tuple(
        (label, *category_colours(index, rule.colour))
        for index, (label, rule) in enumerate(zip(labels, all_rules, strict=True))
    )
    process_labels = [_process_label(processes, rule.process, language) or None for rule in all_rules]

    def told(codes: Sequence[int], texts: Sequence[str | None]) -> list[Cell]:
        # Without a category the code is -1, which is the last one here.
        words: list[Cell] = [*texts, None]
        return _without(list(map(words.__getitem__, _plain(codes))), gone)

    columns = [
        (
            "category",
            OutColumn(say("category", language), told(scored.category, labels), "text indent=1", 24, colours=colours),
        )
    ]
    if scored.plan.settle.override >= 0:
        header = say("rule_category", language)
        columns.append(("rule_category", OutColumn(header, told(scored.rule_category, labels), "label indent=1", 24)))
    process = told(scored.category, process_labels)
    return [*columns, ("process", OutColumn(say("process", language), process, "text indent=1", 20))]


def _process_label(processes: ProcessBook, key: str, language: str) -> str:
    process = processes.process(key)
    return process.label.text(language) if process is not None else tidy(key)


def _numbers(column: Sequence[float], gone: Sequence[int]) -> list[Cell]:
    # Only NaN differs from itself; an array tells at once where it does.
    different: Any = column != column if hasattr(column, "tolist") else None
    blank = (
        [row for row, number in enumerate(column) if number != number]
        if different is None
        else different.nonzero()[0].tolist()
    )
    return _without(list(_plain(column)), [*blank, *gone])


def _plain(column: Sequence[Any]) -> Sequence[Any]:
    """Plain Python values: NumPy's own are slow one by one."""
    plain: Sequence[Any] = column.tolist() if hasattr(column, "tolist") else column
    return plain


def _without(cells: list[Cell], rows: Sequence[int]) -> list[Cell]:
    """The cells with those rows made blank."""
    for row in rows:
        cells[row] = None
    return cells


def _texts(texts: Sequence[str]) -> list[Cell]:
    return [text or None for text in texts]
