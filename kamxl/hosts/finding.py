"""Client tables found in the cells of a sheet: the header row, its columns, where the rows end.

Shared by the hosts. Works on rows of cells from A1 on and knows nothing of rules: the caller names the headers that it
hopes for.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from kamxl.table import Cell, Origin, Table
from kamxl.values import fold, is_blank

# Titles, logos and filters above a table: more rows than this before the header were never met in the corpus.
LAST_HEADER_ROW = 60
# A blank row may part groups of clients; two in a row end the table.
BLANK_ROWS_TO_END = 2
_TOTALS = frozenset({"total", "totals", "grand total", "sum", "somme", "total général", "totaux"})


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle with headers. Units: 0-based; `last_row` and `last_column` are included; row is the header row."""

    row: int
    first_column: int
    last_column: int
    last_row: int


def find_areas(rows: Sequence[Sequence[Cell]], wanted: Collection[str] = ()) -> tuple[Area, ...]:
    """Rectangles that look like tables: one per run of headers of the best header row of the sheet."""
    best: tuple[float, int] | None = None
    for index in range(min(LAST_HEADER_ROW, len(rows))):
        score = _header_score(rows, index, wanted)
        if score > 0 and (best is None or score > best[0]):
            best = (score, index)
    if best is None:
        return ()
    row = best[1]
    return tuple(Area(row, first, last, _last_row(rows, row, first, last)) for first, last in _runs(rows, row))


def _header_score(rows: Sequence[Sequence[Cell]], index: int, wanted: Collection[str]) -> float:
    """How much a row looks like headers: texts count, hoped-for headers count tenfold, numbers speak against it."""
    row = rows[index]
    texts = [fold(cell) for cell in row if isinstance(cell, str) and not is_blank(cell)]
    others = sum(1 for cell in row if not is_blank(cell)) - len(texts)
    if len(texts) < 2 or others > len(texts):
        return 0
    if index + 1 >= len(rows) and not wanted:
        return 0
    below = rows[index + 1] if index + 1 < len(rows) else ()
    filled_below = sum(1 for cell in below if not is_blank(cell))
    hoped = sum(1 for text in set(texts) if text in wanted)
    score = len(set(texts)) - others - (len(texts) - len(set(texts))) + 10 * hoped
    return score + (0.5 if filled_below else -1) - index * 0.01


def _runs(rows: Sequence[Sequence[Cell]], row: int) -> list[tuple[int, int]]:
    """Neighbouring columns that belong together: a column without header and without data parts two tables."""
    headers = rows[row]
    sample = rows[row + 1 : row + 200]
    runs: list[tuple[int, int]] = []
    start = -1
    for column in range(len(headers) + 1):
        header = headers[column] if column < len(headers) else None
        used = not is_blank(header)
        if not used and start >= 0 and column < len(headers):
            used = any(column < len(line) and not is_blank(line[column]) for line in sample)
        if used and start < 0:
            start = column
        elif not used and start >= 0:
            if column - start >= 2:
                runs.append((start, column - 1))
            start = -1
    return runs


def _last_row(rows: Sequence[Sequence[Cell]], row: int, first: int, last: int) -> int:
    blanks, end = 0, row
    for index in range(row + 1, len(rows)):
        line = rows[index]
        cell = line[first] if len(line) > first else None
        if cell.__class__ is float and cell == cell:  # the usual row needs no closer look
            blanks, end = 0, index
        elif all(is_blank(cell) for cell in line[first : last + 1]):
            blanks += 1
            if blanks >= BLANK_ROWS_TO_END:
                break
        else:
            blanks, end = 0, index
    return end - 1 if end > row + 1 and _is_total(rows[end][first : last + 1]) else end


def _is_total(cells: Sequence[Cell]) -> bool:
    texts = [fold(cell).rstrip(":").strip() for cell in cells if isinstance(cell, str) and not is_blank(cell)]
    return len(texts) == 1 and texts[0] in _TOTALS


def cut_table(rows: Sequence[Sequence[Cell]], area: Area, origin: Origin) -> Table:
    """The cells of an area as a Table. Shapes: rows may be shorter than the area; what is not there is blank."""
    width = area.last_column - area.first_column + 1
    headers = [_header(cell) for cell in _padded(rows[area.row], area.first_column, width)]
    body = rows[area.row + 1 : area.last_row + 1]
    if not body:
        return Table(tuple(headers), tuple([] for _ in headers), origin)
    whole = min(len(line) for line in body) > area.last_column
    lines = body if whole else [_padded(line, 0, area.last_column + 1) for line in body]
    columns = list(zip(*lines, strict=False))
    return Table(tuple(headers), tuple(columns[area.first_column : area.last_column + 1]), origin)


def _padded(line: Sequence[Cell], first: int, width: int) -> list[Cell]:
    cells = list(line[first : first + width])
    return cells + [None] * (width - len(cells))


def _header(cell: Cell) -> str:
    return "" if is_blank(cell) else str(cell).strip()
