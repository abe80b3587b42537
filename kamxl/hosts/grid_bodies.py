"""The long table bodies of a Grid taken apart from its frame: frames go through XlsxWriter, bodies stream by columns.

XlsxWriter spends some microseconds a cell, and the graft as many again; the loss-free editor writes whole columns at a
tenth of that. Bodies come as such from those who make them; long tables made of cells are found here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kamxl.hosts.row_heights import row_heights
from kamxl.records import dataclass, field, replace
from kamxl.table import FEWEST_BODY_ROWS, Cell, Grid, GridBody, GridCell, GridTable, Look


@dataclass(frozen=True, slots=True)
class BodyColumn:
    """One column of a body. Units: column is 1-based. `looks` is one look, or one per cell."""

    column: int
    header: str
    values: Sequence[Cell]
    looks: Look | Sequence[Look]


@dataclass(frozen=True, slots=True)
class Body:
    """The rows of one table below its header, or a long run of plain rows (no header then).

    `heights` are those of rows in which nothing else stands. Units: rows are 1-based, heights points.
    """

    header_row: int | None
    first_row: int
    columns: tuple[BodyColumn, ...]
    heights: Mapping[int, float] = field(default_factory=dict)


def split_links(grid: Grid) -> tuple[Grid, dict[tuple[int, int], str]]:
    """The grid without formulas that look at other sheets, and those formulas by place; their results stay.

    A sheet that is made in a workbook of its own and copied in has no other sheet to look at.
    """
    links = {
        (row, column): cell.formula
        for row, line in enumerate(grid.rows)
        for column, cell in enumerate(line)
        if cell is not None and "!" in cell.formula
    }
    if not links:
        return grid, links
    lines = [list(line) for line in grid.rows]
    for row, column in links:
        cell = lines[row][column]
        lines[row][column] = replace(cell, formula="") if cell is not None else None
    return replace(grid, rows=tuple(tuple(line) for line in lines)), links


def split_bodies(grid: Grid) -> tuple[Grid, tuple[Body, ...]]:
    """The grid without its long bodies, and those bodies."""
    heads = {body.first_row for body in grid.bodies}
    told = tuple(_told_body(grid, body) for body in grid.bodies)
    found: list[tuple[range, tuple[int, int], Body]] = []
    for table in grid.tables:
        rows = range(table.first_row + 1, table.last_row + 1)
        if len(rows) >= FEWEST_BODY_ROWS and rows[0] not in heads and _is_plain(grid, rows, table):
            columns = (table.first_column, table.last_column)
            found.append((rows, columns, _body(grid, rows, columns, header_row=table.first_row)))
    for rows in _long_runs(grid):
        columns = (0, max(len(grid.rows[index]) for index in rows) - 1)
        found.append((rows, columns, _body(grid, rows, columns, header_row=None)))
    if not found and not told:
        return grid, ()
    lines = list(grid.rows)
    heights = row_heights(grid)
    for rows, (first, last), _ in found:
        blank = (None,) * (last - first + 1)
        for index in rows:
            line = lines[index]
            behind = line[last + 1 :]
            lines[index] = (*line[:first], *blank, *behind) if behind else line[:first]
    bodies = [_with_heights(body, heights, lines) for body in (*told, *(body for _, _, body in found))]
    frame = replace(grid, rows=tuple(lines), heights=tuple(sorted(heights.items())), bodies=())
    return frame, tuple(bodies)


def _with_heights(body: Body, heights: dict[int, float], lines: Sequence[Sequence[object]]) -> Body:
    """The body with the heights of those of its rows of which the frame knows nothing, taken out of `heights`.

    Units: heights are by 0-based row.
    """
    first = body.first_row - 1
    rows = range(first, first + len(body.columns[0].values))
    mine = [row for row in heights if row in rows and not any(lines[row])]
    # Whole pixels, as XlsxWriter writes heights.
    return replace(body, heights={row + 1: int(heights.pop(row) * 4 / 3 + 0.5) * 0.75 for row in mine})


def _told_body(grid: Grid, body: GridBody) -> Body:
    """A body that came as columns."""
    headers = grid.rows[body.first_row - 1][: len(body.columns)]
    columns = tuple(
        BodyColumn(at + 1, str(head.value) if head is not None else "", column.values, column.looks)
        for at, (head, column) in enumerate(zip(headers, body.columns, strict=True))
    )
    return Body(body.first_row, body.first_row + 1, columns)


def _is_plain(grid: Grid, rows: range, table: GridTable) -> bool:
    """Whether no cell of the table is a formula or a link."""
    first, end = table.first_column, table.last_column + 1
    for index in rows:
        for cell in grid.rows[index][first:end]:
            if cell is not None and (cell.formula or cell.link):
                return False
    return True


def _long_runs(grid: Grid) -> list[range]:
    """Long runs of rows outside tables and merges without formulas and links."""
    taken = [range(table.first_row, table.last_row + 1) for table in grid.tables]
    taken += [range(merge.first_row, merge.last_row + 1) for merge in grid.merges]
    runs, free = [], 0
    for rows in sorted([*taken, range(len(grid.rows), len(grid.rows))], key=lambda rows: (rows.start, rows.stop)):
        runs += _plain_runs(grid, range(free, rows.start))
        free = max(free, rows.stop)
    return runs


def _plain_runs(grid: Grid, rows: range) -> list[range]:
    """Long runs among rows that no table and no merge takes."""
    runs, start = [], rows.start
    for index in (*rows, rows.stop) if len(rows) >= FEWEST_BODY_ROWS else ():
        inside = index < rows.stop
        if inside and not any(cell is not None and (cell.formula or cell.link) for cell in grid.rows[index]):
            continue
        if index - start >= FEWEST_BODY_ROWS:
            runs.append(range(start, index))
        start = index + 1
    return [rows for rows in runs if any(grid.rows[index] for index in rows)]


def _body(grid: Grid, rows: range, columns: tuple[int, int], *, header_row: int | None) -> Body:
    first, last = columns
    width = last - first + 1
    lines: list[Sequence[GridCell | None]] = []
    for index in rows:
        line = grid.rows[index][first : last + 1]
        lines.append(line if len(line) == width else (*line, *[None] * (width - len(line))))
    headers = grid.rows[header_row] if header_row is not None else ()
    found = []
    for offset, cells in enumerate(zip(*lines, strict=True)):
        head = headers[first + offset] if first + offset < len(headers) else None
        looks = tuple(["" if cell is None else cell.look for cell in cells])
        found.append(
            BodyColumn(
                first + offset + 1,
                "" if head is None else str(head.value),
                tuple([None if cell is None else cell.value for cell in cells]),
                looks[0] if len(set(looks)) == 1 else looks,
            )
        )
    return Body(None if header_row is None else header_row + 1, rows[0] + 1, tuple(found))
