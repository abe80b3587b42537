"""The long table bodies of a Grid taken apart from its frame: frames go through XlsxWriter, bodies stream by columns.

XlsxWriter spends some microseconds a cell, and the graft as many again; the loss-free editor writes whole columns at a
tenth of that. Below `FEWEST_ROWS` the detour is not worth it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kamxl.hosts.row_heights import row_heights
from kamxl.table import Cell, Grid, GridCell, GridTable, Look

FEWEST_ROWS = 200


@dataclass(frozen=True, slots=True)
class BodyColumn:
    """One column of a body. Units: column is 1-based. `looks` is one look, or one per cell."""

    column: int
    header: str
    values: tuple[Cell, ...]
    looks: Look | tuple[Look, ...]


@dataclass(frozen=True, slots=True)
class Body:
    """The rows of one table below its header. Units: rows are 1-based."""

    header_row: int
    columns: tuple[BodyColumn, ...]


def split_bodies(grid: Grid) -> tuple[Grid, tuple[Body, ...]]:
    """The grid without its long table bodies, and those bodies; heights of their rows stay with the grid."""
    tables = [table for table in grid.tables if table.last_row - table.first_row >= FEWEST_ROWS]
    found = [(table, body) for table in tables if (body := _body(grid, table)) is not None]
    if not found:
        return grid, ()
    rows = list(grid.rows)
    for table, _ in found:
        for index in range(table.first_row + 1, table.last_row + 1):
            row = rows[index]
            rows[index] = (*row[: table.first_column], *[None] * (len(row) - table.first_column))
    heights = tuple(sorted(row_heights(grid).items()))
    return replace(grid, rows=tuple(rows), heights=heights), tuple(body for _, body in found)


def _body(grid: Grid, table: GridTable) -> Body | None:
    """The body of a table; None where a cell is a formula or a link, or something stands beside it."""
    width = table.last_column - table.first_column + 1
    lines: list[Sequence[GridCell | None]] = []
    for row in grid.rows[table.first_row + 1 : table.last_row + 1]:
        line = row[table.first_column : table.last_column + 1]
        if any(cell is not None for cell in row[table.last_column + 1 :]):
            return None
        lines.append(line if len(line) == width else (*line, *[None] * (width - len(line))))
    if any(cell is not None and (cell.formula or cell.link) for line in lines for cell in line):
        return None
    headers = grid.rows[table.first_row]
    columns = []
    for offset, cells in enumerate(zip(*lines, strict=True)):
        column = table.first_column + offset
        head = headers[column] if column < len(headers) else None
        looks = tuple("text" if cell is None else cell.look for cell in cells)
        columns.append(
            BodyColumn(
                column + 1,
                "" if head is None else str(head.value),
                tuple(None if cell is None else cell.value for cell in cells),
                looks[0] if len(set(looks)) == 1 else looks,
            )
        )
    return Body(table.first_row + 1, tuple(columns))
