"""Blocks to a Grid: typed tables give the sheet its columns, prose and tables of steps are merged across them.

A real table must not hold merged cells, and a sheet has one set of column widths; so the tables decide, and everything
else is fitted over their columns. Knows looks and Grids, no templates.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from kamxl.looks import ACCENT
from kamxl.sheets.blocks import Block, Heading, Line, Paragraph, PictureBlock, StepTable, TypedTable
from kamxl.sheets.markdown import step_header
from kamxl.table import FEWEST_BODY_ROWS, Grid, GridBody, GridCell, GridTable, Merge, Picture

# A sheet narrower than this looks lost on a landscape page, a line of prose wider than that is hard to read.
_NARROWEST_SHEET = 110.0
_WIDEST_PROSE = 150.0
# A column right of all tables, for the tables of steps.
_EXTRA_COLUMN = 22.0
_PLAIN_COLUMNS = (18.0, 18.0, 18.0, 18.0, 18.0, 20.0)
_GAP_POINTS = 7.0
_PIXELS_PER_POINT = 4 / 3
_HEADING_HEIGHT = {1: 30.0, 2: 24.0, 3: 20.0}
_HEADING_LOOK = {1: "title", 2: "heading", 3: "subheading valign=vcenter"}


def lay_out(name: str, blocks: Sequence[Block]) -> Grid:
    """The sheet of some blocks."""
    canvas = _Canvas(name, column_widths(blocks))
    for block in blocks:
        canvas.add(block)
    return canvas.finish()


def column_widths(blocks: Sequence[Block]) -> list[float]:
    """Widths of the sheet's columns: at each position the widest of all typed tables, enough for tables of steps."""
    tables = [block for block in blocks if isinstance(block, TypedTable) and block.name]
    count = max((len(table.widths) for table in tables), default=0)
    widths = [max(table.widths[at] for table in tables if at < len(table.widths)) for at in range(count)]
    widths = widths or list(_PLAIN_COLUMNS)
    spread = [block for block in blocks if isinstance(block, (StepTable, TypedTable))]
    steps = max((len(block.headers) for block in spread), default=0)
    while len(widths) < steps:
        widths.append(_EXTRA_COLUMN)
    told = max((len(block.headers) for block in blocks if isinstance(block, StepTable)), default=0)
    if count and told and len(widths) < told + 2:
        # A table of steps over as few columns would have to put its check list over a narrow `Done`.
        widths.append(_EXTRA_COLUMN)
    if sum(widths) < _NARROWEST_SHEET:
        widths[-1] += _NARROWEST_SHEET - sum(widths)
    return widths


def spans(shares: Sequence[float], widths: Sequence[float]) -> list[tuple[int, int]]:
    """(first, last) column of the sheet for each column of a table of steps: as near to the shares as columns allow."""
    total = sum(widths) / sum(shares)
    return _best_spans([share * total for share in shares], widths, fill=True)


def fitting_spans(wanted: Sequence[float], widths: Sequence[float]) -> list[tuple[int, int]]:
    """(first, last) column of the sheet for each column of a small table; it ends where it has room enough."""
    return _best_spans(wanted, widths, fill=False)


def _best_spans(wanted: Sequence[float], widths: Sequence[float], *, fill: bool) -> list[tuple[int, int]]:
    """The cheapest way to lay columns of wanted widths over the sheet's columns, found by dynamic programming.

    Shapes: best[k][end] is (cost, start of column k) when the first k + 1 columns take the sheet's columns up to `end`.
    """
    edges = [0.0, *accumulate(widths)]
    best: list[dict[int, tuple[float, int]]] = []
    before = {0: 0.0}
    for need in wanted:
        found: dict[int, tuple[float, int]] = {}
        for start, cost in before.items():
            for end in range(start + 1, len(widths) + 1):
                total = cost + _misfit(edges[end] - edges[start], need)
                if end not in found or total < found[end][0]:
                    found[end] = (total, start)
        best.append(found)
        before = {end: cost for end, (cost, _) in found.items()}
    end = len(widths) if fill else min(before, key=lambda at: before[at])
    columns = []
    for found in reversed(best):
        start = found[end][1]
        columns.append((start, end - 1))
        end = start
    return columns[::-1]


def _misfit(width: float, need: float) -> float:
    """How bad a width is: too narrow breaks words and makes rows tall, too wide only looks loose."""
    off = (width - need) / need
    return off * off * (6.0 if off < 0 else 1.0)


class _Canvas:
    """Rows being written from the top."""

    def __init__(self, name: str, widths: list[float]) -> None:
        self.name = name
        self.widths = widths
        self.rows: list[tuple[GridCell | None, ...]] = []
        self.heights: list[tuple[int, float]] = []
        self.merges: list[Merge] = []
        self.tables: list[GridTable] = []
        self.bodies: list[GridBody] = []
        self.pictures: list[Picture] = []
        self.title_rows = 0
        reach = [*accumulate(widths)]
        self.prose_columns = max(1, sum(1 for edge in reach if edge <= _WIDEST_PROSE))

    def add(self, block: Block) -> None:
        match block:
            case Heading():
                self._heading(block)
            case Paragraph():
                self._across(GridCell(block.text, block.look, link=block.link), self.prose_columns)
            case StepTable():
                self._steps(block)
            case TypedTable() if block.name:
                self._table(block)
            case TypedTable():
                self._small_table(block)
            case PictureBlock():
                self._picture(block)
            case Line():
                self._gap()
                self._across(GridCell(None, f"text fill={ACCENT}"), len(self.widths), height=1.5)
                self._gap()

    def _gap(self, points: float = _GAP_POINTS) -> None:
        self.heights.append((len(self.rows), points))
        self.rows.append(())

    def _across(self, cell: GridCell, columns: int, *, height: float = 0.0) -> None:
        row = len(self.rows)
        if height:
            self.heights.append((row, height))
        if columns > 1:
            self.merges.append(Merge(row, 0, row, columns - 1))
        self.rows.append((cell, *([None] * (columns - 1))))

    def _heading(self, block: Heading) -> None:
        if self.rows:
            self._gap(_GAP_POINTS * (2 if block.level == 2 else 1))
        look = _HEADING_LOOK[block.level]
        if block.fill:
            look += f" fill={block.fill} colour={block.ink} indent=1"
        self._across(GridCell(block.text, look), len(self.widths), height=_HEADING_HEIGHT[block.level])
        if block.level == 1 and not self.title_rows:
            self.title_rows = len(self.rows)
        if block.fill:
            self._gap(3.0)

    def _steps(self, block: StepTable) -> None:
        self._gap(4.0)
        columns = spans(block.shares, self.widths)
        self._merged_row([step_header(text) for text in block.headers], columns)
        for row in block.rows:
            self._merged_row(row, columns)
        self._gap()

    def _merged_row(self, cells: Sequence[GridCell], columns: Sequence[tuple[int, int]]) -> None:
        row: list[GridCell | None] = []
        for cell, (first, last) in zip(cells, columns, strict=False):
            row.append(cell)
            row.extend([None] * (last - first))
            if last > first:
                self.merges.append(Merge(len(self.rows), first, len(self.rows), last))
        self.rows.append(tuple(row))

    def _table(self, block: TypedTable) -> None:
        self._gap(4.0)
        top = len(self.rows)
        self.rows.append(tuple(GridCell(header, _header_look(block, at)) for at, header in enumerate(block.headers)))
        if block.row_count >= FEWEST_BODY_ROWS:
            self.bodies.append(GridBody(len(self.rows), block.columns))
            self.rows.extend([()] * block.row_count)
        else:
            self.rows.extend(block.rows())
        if block.name and block.row_count:
            self.tables.append(GridTable(block.name, top, 0, len(self.rows) - 1, len(block.headers) - 1))
        self._gap()

    def _small_table(self, block: TypedTable) -> None:
        """A table without filter needs no columns of its own: its cells are merged over those of the others."""
        self._gap(4.0)
        columns = fitting_spans(block.widths, self.widths)
        headers = [GridCell(header, _header_look(block, at)) for at, header in enumerate(block.headers)]
        self._merged_row(headers, columns)
        for row in block.rows():
            self._merged_row(row, columns)
        self._gap()

    def _picture(self, block: PictureBlock) -> None:
        self.pictures.append(Picture(block.path, len(self.rows), 0, block.scale, block.alt))
        left = block.height_px / _PIXELS_PER_POINT + 4
        while left > 0:
            # 409 points is as tall as a row can be.
            self._gap(min(400.0, left))
            left -= 400.0

    def finish(self) -> Grid:
        return Grid(
            self.name,
            tuple(self.rows),
            widths=tuple(self.widths),
            heights=tuple(self.heights),
            merges=tuple(self.merges),
            tables=tuple(self.tables),
            pictures=tuple(self.pictures),
            freeze=(self.title_rows, 0),
            repeat_rows=(0, self.title_rows - 1) if self.title_rows else None,
            tab_colour=ACCENT,
            bodies=tuple(self.bodies),
        )


def _header_look(block: TypedTable, at: int) -> str:
    """A header stands as its numbers or texts stand."""
    look = block.columns[at].cell(0).look if block.row_count else ""
    colour = " fill=8A6D1B" if at >= block.first_person else ""
    if "check" in look.split(" "):
        return f"header{colour} align=center"
    return f"header{colour}" + (" align=right" if " align=right" in look else "") + " indent=1"
