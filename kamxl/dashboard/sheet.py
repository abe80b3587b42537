"""The sheet *KAM Dashboard*: one printed landscape page of tiles, tables and native charts fed by cells.

Content in, Grid out. The cells behind the charts stand right of the printed page. Knows nothing of files.
"""

from __future__ import annotations

from kamxl.canvas import Canvas
from kamxl.dashboard.charts import draw_charts
from kamxl.dashboard.content import Content, Tile
from kamxl.insight_phrases import tell
from kamxl.looks import RULE
from kamxl.table import Grid, cell_address

SHEET_NAME = "KAM Dashboard"
# A gutter, the left block (B to H), a gap, the right block (J to N), a gutter; chart cells start behind it. Charts
# anchor at cells: B, E, J and L begin where the charts do (kamxl/dashboard/charts.py, WIDTHS_PX).
WIDTHS = (1.5, 36.0, 15.0, 15.0, 16.5, 16.5, 17.5, 15.0, 2.5, 36.0, 12.0, 14.0, 26.0, 12.0, 1.5)
LEFT, RIGHT, LAST = 1, 9, 13
DATA_COLUMN = 16
CHART_ROWS = 16
ROW_POINTS = 16.0
TILE_FILL = "F3F6FA"
HEADER = "header size=9 align=center"
# Rows of the two lists at the foot: as many as the top clients.
LIST_ROWS = 20


def dashboard_grid(content: Content) -> Grid:
    """The dashboard as a sheet."""
    canvas = Canvas()
    language = content.language
    canvas.put(0, LEFT, content.title, "title")
    canvas.set_height(0, 30.0)
    canvas.put(1, LEFT, content.subtitle, "subtitle")
    canvas.set_height(2, 8.0)
    _draw_tiles(canvas, content, row=3)
    table_row = 7
    canvas.put(table_row, LEFT, tell("by_category", language), "heading")
    canvas.put(table_row, RIGHT, tell("quality", language), "heading")
    category_row = table_row + 2
    bottom = max(_draw_categories(canvas, content, row=table_row + 1), _draw_quality(canvas, content, table_row + 1))
    chart_row = bottom + 1
    draw_charts(canvas, content, row=chart_row, category_row=category_row, data_column=DATA_COLUMN)
    list_row = chart_row + CHART_ROWS + 1
    _draw_candidates(canvas, content, list_row)
    _draw_movers(canvas, content, list_row)
    last_row = list_row + LIST_ROWS + 2
    for row in range(table_row, last_row):
        canvas.set_height(row, 20.0 if row in (table_row, list_row) else ROW_POINTS)
    widths = (*WIDTHS, 3.0, 26.0, *([12.0] * 8))
    return canvas.grid(
        SHEET_NAME, widths=widths, print_area=(0, 0, last_row, LAST + 1), fit_one_page=True, tab_colour="1F4E79"
    )


# (first, last) column of each of the six tiles, over the columns of both blocks.
_TILE_COLUMNS = ((1, 1), (2, 3), (4, 5), (6, 8), (9, 10), (11, 13))


def _draw_tiles(canvas: Canvas, content: Content, *, row: int) -> None:
    for tile, (first, last) in zip(content.tiles, _TILE_COLUMNS, strict=True):
        _draw_tile(canvas, tile, row, first, last)
    for offset, points in enumerate((18.0, 30.0, 30.0, 8.0)):
        canvas.set_height(row + offset, points)


def _draw_tile(canvas: Canvas, tile: Tile, row: int, first: int, last: int) -> None:
    fill = f"fill={TILE_FILL} border={TILE_FILL} align=left indent=1"
    number_format = {"integer": "#,##0", "money": "#,##0", "percent": "0%", "percent1": "0.0%"}[tile.kind]
    canvas.spread(row, first, tile.label, f"label bold {fill} valign=vcenter", to_column=last)
    look = f"figure format={number_format} valign=vcenter {fill}"
    canvas.spread(row + 1, first, dash(tile.figure), look, to_column=last)
    canvas.spread(row + 2, first, tile.note, f"note {fill} wrap valign=top", to_column=last)


def _draw_categories(canvas: Canvas, content: Content, *, row: int) -> int:
    """The table of categories; gives the row below it. Shares are live: they follow the sums beside them."""
    language = content.language
    headers = ["category", "clients", "share_clients", "revenue", "dormant", "share_effort", "score"]
    canvas.put_row(row, LEFT, [tell(key, language) for key in headers], HEADER)
    first, last = row + 1, row + len(content.categories)
    total_row = last + 1
    whole = content.portfolio.total
    for offset, figures in enumerate(content.categories):
        at = first + offset
        label = figures.label.text(language) or figures.key
        line = f"border={RULE} valign=vcenter"
        canvas.put(at, LEFT, label, f"text fill={figures.fill} colour={figures.ink} bold indent=1 {line}")
        canvas.put(at, LEFT + 1, figures.sums.count, f"integer {line}")
        part, total = cell_address(at + 1, LEFT + 2), cell_address(total_row + 1, LEFT + 2)
        formula = f'=IF({total}>0,{part}/{total},"")'
        shown = figures.count_share if figures.count_share is not None else ""
        canvas.put(at, LEFT + 2, shown, f"percent {line}", formula=formula)
        canvas.put(at, LEFT + 3, figures.sums.revenue, f"money {line}")
        canvas.put(at, LEFT + 4, figures.sums.dormant, f"money {line}")
        canvas.put(at, LEFT + 5, dash(figures.effort_share), f"percent {line}")
        canvas.put(at, LEFT + 6, dash(figures.score), f"score {line} align=right")
    bold = f"bold fill={TILE_FILL} border={RULE} valign=vcenter"
    canvas.put_row(total_row, LEFT, [None] * 7, f"text {bold}")
    canvas.put(total_row, LEFT, tell("total", language), f"text indent=1 {bold}")
    sums = ((1, whole.count, "integer"), (3, whole.revenue, "money"), (4, whole.dormant, "money"))
    for offset, value, look in sums:
        _put_sum(canvas, total_row, LEFT + offset, (first, last), value, f"{look} {bold}")
    return total_row + 1


def _put_sum(canvas: Canvas, row: int, column: int, rows: tuple[int, int], value: float, look: str) -> None:
    formula = f"=SUM({cell_address(rows[0] + 1, column + 1)}:{cell_address(rows[1] + 1, column + 1)})"
    canvas.put(row, column, value, look, formula=formula)


def _draw_quality(canvas: Canvas, content: Content, row: int) -> int:
    if not content.quality:
        canvas.put(row, RIGHT, tell("quality_good", content.language), "note")
        return row + 1
    for offset, line in enumerate(content.quality):
        look = f"text size=9 indent=1 border={RULE} valign=vcenter"
        canvas.spread(row + offset, RIGHT, line.text, look, to_column=LAST - 1)
        canvas.put(row + offset, LAST, line.count, f"integer border={RULE} valign=vcenter")
    return row + len(content.quality)


def _draw_candidates(canvas: Canvas, content: Content, row: int) -> None:
    language, candidates = content.language, content.portfolio.candidates
    canvas.put(row, LEFT, tell("develop", language, count=len(candidates) or LIST_ROWS), "heading")
    if not candidates:
        canvas.spread(row + 1, LEFT, tell("develop_none", language), "note", to_column=LEFT + 6, to_row=row + 2)
        return
    estimated = any(candidate.low is not None for candidate in candidates)
    keys = ("client", "category", "revenue", "dormant", "interval" if estimated else "score_now", "potential")
    headers = [tell(key, language) for key in keys]
    canvas.put(row + 1, LEFT, headers[0], HEADER)
    canvas.spread(row + 1, LEFT + 1, headers[1], HEADER, to_column=LEFT + 2)
    canvas.put_row(row + 1, LEFT + 3, headers[2:], HEADER)
    for offset, candidate in enumerate(candidates):
        at = row + 2 + offset
        line = f"border={RULE} valign=vcenter"
        canvas.put(at, LEFT, candidate.name, f"text indent=1 {line}")
        colour = _category_look(content, candidate.category)
        canvas.spread(
            at, LEFT + 1, content.label(candidate.category), f"text size=9 indent=1 {colour} {line}", to_column=LEFT + 2
        )
        canvas.put(at, LEFT + 3, dash(candidate.revenue), f"money {line} align=right")
        canvas.put(at, LEFT + 4, candidate.dormant, f"money bold {line}")
        if estimated:
            canvas.put(at, LEFT + 5, content.interval(candidate), f"text size=9 {line} align=right")
        else:
            canvas.put(at, LEFT + 5, dash(candidate.score), f"score {line} align=right")
        canvas.put(at, LEFT + 6, dash(candidate.potential), f"score {line} align=right")
    if estimated:
        canvas.put(row + 2 + len(candidates), LEFT, tell("estimate_note", language), "note")


def dash(number: float | None) -> float | str:
    """The number, or a dash where there is none."""
    return "–" if number is None else number


def _category_look(content: Content, category: int) -> str:
    fill, ink = content.colours(category)
    return f"fill={fill} colour={ink}"


def _draw_movers(canvas: Canvas, content: Content, row: int) -> None:
    language = content.language
    canvas.put(row, RIGHT, content.movers_title, "heading")
    at = row + 1
    if content.movers:
        headers = [tell(key, language) for key in ("client", "before", "after", "change")]
        canvas.put(at, RIGHT, headers[0], HEADER)
        canvas.spread(at, RIGHT + 1, headers[1], HEADER, to_column=RIGHT + 2)
        canvas.put_row(at, RIGHT + 3, headers[2:], HEADER)
        at += 1
    for mover in content.movers:
        line = f"border={RULE} valign=vcenter"
        canvas.put(at, RIGHT, mover.client, f"text indent=1 {line}")
        canvas.spread(at, RIGHT + 1, mover.before, f"text size=9 indent=1 {line}", to_column=RIGHT + 2)
        colour = "1E6B37" if mover.step > 0 else "9C2B1B" if mover.step < 0 else "1F2933"
        canvas.put(at, RIGHT + 3, mover.after, f"text size=9 bold indent=1 colour={colour} {line}")
        look = f"score format=+0.0;-0.0;0.0 {line} align=right"
        canvas.put(at, LAST, dash(mover.score_change), look)
        at += 1
    if content.movers_note:
        canvas.spread(at, RIGHT, content.movers_note, "note", to_column=LAST, to_row=at + 1)
