"""Columns beside a client table of Calc: cells in as few blocks as possible, then one call per look.

Every call that touches cells makes Calc look at the height of all their rows, so that calls are what costs time.
Knows UNO ranges; where the columns stand is decided by `calc.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from kamxl.hosts import OutColumn
from kamxl.hosts.calc_cells import apply_look, colour_texts, conditions_of, look_runs, plain_cell, put_conditions
from kamxl.hosts.calc_formulas import put_formulas
from kamxl.hosts.calc_undo import put_block, record, unrecorded
from kamxl.records import dataclass

# Calc measures in hundredths of a millimetre; a character of the default font is this wide.
_CHARACTER_WIDTH = 190


@dataclass(frozen=True, slots=True)
class Placed:
    """A column and where it goes. Units: 0-based column of the sheet."""

    at: int
    column: OutColumn
    is_new: bool


def write_placed(document: Any, sheet: Any, top: int, row_count: int, placed: Sequence[Placed]) -> None:
    """Values, formulas, looks and widths of columns. Units: top is the 0-based header row."""
    _remember_colours(document, sheet, top, row_count, placed)
    for run in _neighbours(placed):
        _write_values(document, sheet, top, run)
    for each in placed:
        if each.column.formulas is not None and row_count:
            body = sheet.getCellRangeByPosition(each.at, top + 1, each.at, top + row_count)
            put_formulas(document, body, each.column.formulas)
    _dress(document, sheet, top, row_count, placed)


def _remember_colours(document: Any, sheet: Any, top: int, row_count: int, placed: Sequence[Placed]) -> None:
    """The conditional colours that stood there come back at the end of an undo: Calc 25.2 loses them on the way."""
    for each in placed:
        if each.column.colours and row_count and not each.is_new:
            cells = sheet.getCellRangeByPosition(each.at, top + 1, each.at, top + row_count)
            record(document, partial(put_conditions, cells, conditions_of(cells)), lambda: None)


def _neighbours(placed: Sequence[Placed]) -> Iterator[list[Placed]]:
    run: list[Placed] = []
    for each in sorted(placed, key=lambda each: each.at):
        if run and each.at != run[-1].at + 1:
            yield run
            run = []
        run.append(each)
    if run:
        yield run


def _write_values(document: Any, sheet: Any, top: int, run: Sequence[Placed]) -> None:
    columns = [[plain_cell(document, cell) for cell in (each.column.header, *each.column.values)] for each in run]
    block = sheet.getCellRangeByPosition(run[0].at, top, run[-1].at, top + len(columns[0]) - 1)
    put_block(document, block, tuple(zip(*columns, strict=True)))


def _dress(document: Any, sheet: Any, top: int, row_count: int, placed: Sequence[Placed]) -> None:
    parts: dict[str, list[Any]] = {}
    for each in placed:
        if each.is_new:
            _set_width(document, sheet, each.at, round(each.column.width_chars * _CHARACTER_WIDTH))
            parts.setdefault(each.column.header_look, []).append(sheet.getCellByPosition(each.at, top))
        for first, last, look in _looks(each.column, row_count):
            block = sheet.getCellRangeByPosition(each.at, top + 1 + first, each.at, top + 1 + last)
            parts.setdefault(look, []).append(block)
    for look, blocks in parts.items():
        if not look:
            # A column that is emptied keeps its looks.
            continue
        ranges = document.createInstance("com.sun.star.sheet.SheetCellRanges")
        ranges.addRangeAddresses(tuple(block.RangeAddress for block in blocks), True)
        apply_look(document, ranges, look)
    for each in placed:
        if each.column.colours and row_count:
            cells = sheet.getCellRangeByPosition(each.at, top + 1, each.at, top + row_count)
            colour_texts(document, cells, each.column.colours)


def _set_width(document: Any, sheet: Any, at: int, width: int) -> None:
    """A column's width. Calc 25.2 takes it back by itself, but its Redo forgets it (tests/test_calc.py)."""
    columns, before = sheet.Columns, sheet.Columns.getByIndex(at).Width

    def put(value: int) -> None:
        columns.getByIndex(at).Width = value

    with unrecorded(document):
        put(width)
    record(document, lambda: put(before), lambda: put(width))


def _looks(column: OutColumn, row_count: int) -> Iterator[tuple[int, int, str]]:
    if not row_count:
        return
    if isinstance(column.looks, str):
        yield 0, row_count - 1, column.looks
    else:
        yield from look_runs(column.looks)
