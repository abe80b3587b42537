"""Client tables found in the cells of a sheet: the header row, its columns, where the rows end.

Shared by the hosts. Works on rows of cells from A1 on and knows nothing of rules: the caller names the headers that it
hopes for.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Sequence

from kamxl.records import dataclass
from kamxl.table import Cell, Origin, Table
from kamxl.values import fold, is_blank

# Titles, logos and filters above a table: more rows than this before the header were never met in the corpus.
LAST_HEADER_ROW = 60
# Blank rows may part groups of clients; more of them than this end the table in any case.
MOST_BLANK_ROWS = 20
# A second table below the first is one where a row repeats at least so many of the hoped-for headers.
LEAST_HEADERS_BELOW = 2
_TOTALS = frozenset(
    {"total", "totals", "grand total", "subtotal", "sum", "average"}
    | {"somme", "total général", "totaux", "sous-total", "moyenne"}
)


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle with headers. Units: 0-based; `last_row` and `last_column` are included; row is the header row."""

    row: int
    first_column: int
    last_column: int
    last_row: int


class SheetRows(Sequence[Sequence[Cell]]):
    """Rows of a reader that can tell a whole column at once; every row is as long as the widest."""

    @abstractmethod
    def filled_rows(self, column: int, start: int) -> int:
        """How many rows from `start` on hold something in the column, without a gap."""

    @abstractmethod
    def column(self, column: int, start: int, stop: int) -> Sequence[Cell]:
        """The cells of some rows of a column."""


def find_areas(rows: Sequence[Sequence[Cell]], wanted: Collection[str] = ()) -> tuple[Area, ...]:
    """Rectangles that look like tables: one per run of headers of the best header row, and of any below it."""
    best: tuple[float, int] | None = None
    for index in range(min(LAST_HEADER_ROW, len(rows))):
        score = _header_score(rows, index, wanted)
        if score > 0 and (best is None or score > best[0]):
            best = (score, index)
    areas: list[Area] = []
    row = best[1] if best is not None else -1
    while row >= 0:
        found = [Area(row, first, last, _last_row(rows, row, first, last, wanted)) for first, last in _runs(rows, row)]
        areas += found
        row = _next_header_row(rows, max((area.last_row for area in found), default=row) + 1, wanted)
    return tuple(areas)


def _next_header_row(rows: Sequence[Sequence[Cell]], start: int, wanted: Collection[str]) -> int:
    """The next row below a table that repeats hoped-for headers; -1 for none."""
    for index in range(start, min(start + LAST_HEADER_ROW, len(rows))):
        if _hoped(rows[index], wanted) >= LEAST_HEADERS_BELOW and _header_score(rows, index, wanted) > 0:
            return index
    return -1


def _hoped(row: Sequence[Cell], wanted: Collection[str]) -> int:
    return len({text for cell in row if isinstance(cell, str) and (text := fold(cell)) in wanted})


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


def _last_row(rows: Sequence[Sequence[Cell]], row: int, first: int, last: int, wanted: Collection[str]) -> int:
    """The last row of the table: behind a blank row only what is filled like a client still belongs to it."""
    usual = rows.filled_rows(first, row + 1) if isinstance(rows, SheetRows) else 0
    blanks, end = 0, row + usual
    for index in range(end + 1, len(rows)):
        line = rows[index]
        if blanks == 0 and len(line) > first and not is_blank(line[first]):  # the usual row needs no closer look
            end = index
            continue
        filled = sum(1 for cell in line[first : last + 1] if not is_blank(cell))
        if filled == 0:
            blanks += 1
            if blanks > MOST_BLANK_ROWS:
                break
            continue
        if blanks and not _goes_on(rows, (row, first, last), index, filled, blanks, wanted):
            break
        blanks, end = 0, index
    while end > row + 1 and _is_total(rows[end][first : last + 1]):
        end -= 1
        while end > row and all(is_blank(cell) for cell in rows[end][first : last + 1]):
            end -= 1
    return end


def _goes_on(
    rows: Sequence[Sequence[Cell]],
    table: tuple[int, int, int],
    index: int,
    filled: int,
    blanks: int,
    wanted: Collection[str],
) -> bool:
    """Whether a row behind blank rows is another client: no note of a single cell, no header, no legend beside."""
    row, first, last = table
    if _hoped(rows[index][first : last + 1], wanted) >= LEAST_HEADERS_BELOW:
        return False
    if blanks == 1:
        return filled > 1 or first == last
    usual = sorted(sum(1 for cell in line[first : last + 1] if not is_blank(cell)) for line in rows[row + 1 : row + 50])
    return filled > 1 and filled * 2 >= usual[len(usual) // 2]


def _is_total(cells: Sequence[Cell]) -> bool:
    texts = [fold(cell).rstrip(":").strip() for cell in cells if isinstance(cell, str) and not is_blank(cell)]
    return len(texts) == 1 and texts[0] in _TOTALS


def cut_table(rows: Sequence[Sequence[Cell]], area: Area, origin: Origin) -> Table:
    """The cells of an area as a Table. Shapes: rows may be shorter than the area; what is not there is blank."""
    width = area.last_column - area.first_column + 1
    headers = [_header(cell) for cell in _padded(rows[area.row], area.first_column, width)]
    if isinstance(rows, SheetRows):
        places = range(area.first_column, area.last_column + 1)
        cells = tuple(rows.column(column, area.row + 1, area.last_row + 1) for column in places)
        return Table(tuple(headers), cells, origin)
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
