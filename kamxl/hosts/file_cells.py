"""Columns and looks of kamxl as the loss-free editor takes them: values as stored, looks as cell styles.

Between `files.py` and `ooxml`; knows no file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from kamxl.hosts import OutColumn
from kamxl.looks import FONT, parse_look
from kamxl.ooxml import CellStyle, ColumnWrite, Formula
from kamxl.records import replace
from kamxl.table import Cell, Grid, GridCell, Look
from kamxl.values import serial_of

if TYPE_CHECKING:
    from kamxl.hosts.grid_bodies import BodyColumn

_ALIGNMENTS = {"left": "left", "center": "center", "right": "right"}
_VERTICALS = {"top": "top", "vcenter": "center", "bottom": "bottom"}
# What a cell takes as it is.
_NEVER_NAN = frozenset({str, bool, int, type(None)})
_PLAIN = _NEVER_NAN | {float}
# Days between Excel's two date systems.
_DAYS_1904 = 1462


def from_1904(grid: Grid) -> Grid:
    """The grid with days moved so that a writer that counts from 1900 writes the serials of a workbook from 1904."""

    def moved(cell: GridCell | None) -> GridCell | None:
        if cell is None or not isinstance(cell.value, dt.date) or cell.value.year < 1905:
            return cell
        return replace(cell, value=cell.value - dt.timedelta(days=_DAYS_1904))

    return replace(grid, rows=tuple(tuple(moved(cell) for cell in row) for row in grid.rows))


def body_write(column: BodyColumn, stored: dict[int, list[Any]], *, date1904: bool) -> ColumnWrite:
    """A column of a long table on a sheet of ours, as the loss-free editor takes it.

    `stored` holds the cells of columns met before, by the identity of their values.
    """
    looks, values = column.looks, column.values
    if id(values) not in stored:
        stored[id(values)] = stored_cells(values, date1904=date1904)
    return ColumnWrite(
        column_1based=column.column,
        header=column.header,
        values=stored[id(values)],
        style=cell_style(looks) if isinstance(looks, str) and looks else None,
        styles=None if isinstance(looks, str) else _styles_of(looks),
        overwrite=True,
    )


def _styles_of(looks: Sequence[Look]) -> list[CellStyle | None]:
    known = {look: cell_style(look) if look else None for look in set(looks)}
    return [known[look] for look in looks]


def column_write(column: OutColumn, at: int, *, known: bool, date1904: bool) -> ColumnWrite:
    """A result column as the loss-free editor takes it; `known` where the workbook has it from an earlier run."""
    looks = column.looks
    styles = None if isinstance(looks, str) else [cell_style(look) for look in looks]
    repeated, values = _repeated(column), stored_cells(column.values, date1904=date1904)
    if column.formulas is not None and not repeated:
        values = [Formula(text, value) for text, value in zip(column.formulas, values, strict=True)]
    return ColumnWrite(
        column_1based=at,
        header=column.header,
        values=values,
        repeated=repeated,
        style=cell_style(looks) if isinstance(looks, str) and looks else None,
        styles=styles,
        header_style=cell_style(column.header_look),
        width_chars=None if known else column.width_chars,
        grouped=column.grouped,
        calculated=repeated,
        overwrite=known,
    )


def _repeated(column: OutColumn) -> str:
    """The formula of all rows, where they share their text: a table gives it to new rows too."""
    formulas = column.formulas
    if not formulas or "[#This Row]" not in formulas[0] or len(set(formulas)) > 1:
        return ""
    return formulas[0]


def stored_cells(values: Sequence[Cell], *, date1904: bool) -> list[Any]:
    """Values as the loss-free editor takes them: dates as serials of the workbook's own system, NaN as blank."""
    kinds = set(map(type, values))
    # Only NaN differs from itself.
    cells: list[Any] = [None if value != value else value for value in values] if kinds - _NEVER_NAN else list(values)
    if kinds <= _PLAIN:
        return cells
    for index, value in enumerate(cells):
        if type(value) in _PLAIN:
            continue
        if isinstance(value, dt.date):
            cells[index] = serial_of(value) - (_DAYS_1904 if date1904 else 0)
        elif isinstance(value, dt.time):
            cells[index] = serial_of(dt.datetime.combine(dt.date(1899, 12, 30), value))
        elif not isinstance(value, int):
            cells[index] = float(value) if isinstance(value, Decimal) else str(value)
    return cells


@lru_cache(maxsize=512)
def cell_style(look: Look) -> CellStyle:
    """A look as the loss-free editor wants it."""
    style = parse_look(look)
    return CellStyle(
        bold=style.bold,
        italic=style.italic,
        font_name=FONT,
        font_size=style.size,
        font_color=style.colour,
        fill=style.fill,
        number_format="" if style.number_format == "General" else style.number_format,
        horizontal=_ALIGNMENTS.get(style.align, ""),  # type: ignore[arg-type]
        vertical=_VERTICALS.get(style.valign, ""),  # type: ignore[arg-type]
        wrap=style.wrap,
        indent=style.indent,
        border=style.border,
        locked=not style.unlocked,
    )
