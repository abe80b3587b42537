"""The sheet *KAM Dashboard*: one printed landscape page of tiles, tables and native charts fed by cells.

Content in, Grid out. The cells behind the charts stand right of the printed page. Knows nothing of files.
"""

from __future__ import annotations

from collections.abc import Sequence

from kamxl.canvas import Canvas
from kamxl.dashboard.charts import draw_charts
from kamxl.dashboard.content import FOOT_ROWS, Content, Tile
from kamxl.insight_phrases import tell
from kamxl.looks import ACCENT, INK, RULE, number_look
from kamxl.table import Grid, cell_address

SHEET_NAME = "KAM Dashboard"
# A gutter, the left block (B to H), a gap, the right block (J to O), a gutter; chart cells start behind it. Charts
# anchor at cells: B, E, J and L begin where the charts do (kamxl/dashboard/charts.py, WIDTHS_PX).
WIDTHS = (1.5, 36.0, 15.0, 15.0, 16.5, 16.5, 17.5, 15.0, 2.5, 30.0, 14.0, 14.0, 14.0, 14.0, 14.0, 1.5)
LEFT, RIGHT, LAST = 1, 9, 14
DATA_COLUMN = 17
CHART_ROWS = 16
ROW_POINTS = 16.0
TILE_FILL = "F3F6FA"
LINE = f"border={RULE} valign=vcenter"
HEADER, NUMBER_HEADER = "header size=9 align=left indent=1", "header size=9 align=right format=@__"
TOP_ROWS = 20


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
    canvas.put(table_row, RIGHT, tell("averages", language), "heading")
    chart_row = _draw_categories(canvas, content, row=table_row + 1) + 1
    _draw_averages(canvas, content, row=table_row + 1)
    draw_charts(canvas, content, row=chart_row, category_row=table_row + 2, data_column=DATA_COLUMN)
    list_row = chart_row + CHART_ROWS + 1
    for row in range(table_row, list_row + FOOT_ROWS):
        canvas.set_height(row, 20.0 if row in (table_row, list_row) else ROW_POINTS)
    _draw_candidates(canvas, content, list_row)
    _draw_foot(canvas, content, list_row)
    widths = (*WIDTHS, 3.0, 26.0, *([12.0] * 8))
    return canvas.grid(
        SHEET_NAME,
        widths=widths,
        print_area=(0, 0, list_row + FOOT_ROWS - 1, LAST + 1),
        fit_one_page=True,
        tab_colour="1F4E79",
    )


# (first, last) column of each of the six tiles, over the columns of both blocks.
_TILE_COLUMNS = ((1, 1), (2, 3), (4, 5), (6, 7), (9, 10), (11, 14))


def _draw_tiles(canvas: Canvas, content: Content, *, row: int) -> None:
    for tile, (first, last) in zip(content.tiles, _TILE_COLUMNS, strict=True):
        _draw_tile(canvas, tile, row, first, last)
    for offset, points in enumerate((18.0, 30.0, 30.0, 8.0)):
        canvas.set_height(row + offset, points)


def _draw_tile(canvas: Canvas, tile: Tile, row: int, first: int, last: int) -> None:
    fill = f"fill={TILE_FILL} edge={ACCENT} align=left indent=1"
    number_format = {"integer": "#,##0", "money": "#,##0", "percent": "0%", "percent1": "0.0%"}[tile.kind]
    if tile.is_estimated:
        number_format = f'"≈_"{number_format}'
    canvas.spread(row, first, tile.label, f"label bold {fill} valign=vcenter", to_column=last)
    look = f"figure format={number_format} valign=vcenter {fill}"
    canvas.spread(row + 1, first, dash(tile.figure), look, to_column=last)
    canvas.spread(row + 2, first, tile.note, f"note {fill} wrap valign=top", to_column=last)


def put_headers(canvas: Canvas, row: int, column: int, texts: Sequence[str], *, words: int = 1) -> None:
    """Headers of a table, as its cells stand: the first ones over words, the others over numbers."""
    for offset, text in enumerate(texts):
        canvas.put(row, column + offset, text, HEADER if offset < words else NUMBER_HEADER)


def _draw_categories(canvas: Canvas, content: Content, *, row: int) -> int:
    """The table of categories; gives the row below it. Shares are live: they follow the sums beside them."""
    language = content.language
    keys = ("category", "clients", "share_clients", "revenue", "share_revenue", "dormant", "share_effort")
    put_headers(canvas, row, LEFT, [tell(key, language) for key in keys])
    first, last = row + 1, row + len(content.categories)
    total_row, whole = last + 1, content.portfolio.total
    for offset, figures in enumerate(content.categories):
        at = first + offset
        _put_category(canvas, content, at, LEFT, offset)
        canvas.put(at, LEFT + 1, figures.sums.count, f"{number_look('integer')} {LINE}")
        canvas.put(at, LEFT + 3, dash(content.revenue(figures.sums.revenue)), f"{number_look('money')} {LINE}")
        look = f"{number_look('money', is_estimated=content.is_estimated(offset))} {LINE}"
        canvas.put(at, LEFT + 5, dash(content.dormant(figures.sums.dormant)), look)
        canvas.put(at, LEFT + 6, dash(figures.effort_share), f"{number_look('percent')} {LINE}")
        for column, share in ((LEFT + 1, figures.count_share), (LEFT + 3, figures.revenue_share)):
            part, total = cell_address(at + 1, column + 1), cell_address(total_row + 1, column + 1)
            # A text is greater than every number; N() makes it nothing.
            formula = f'=IF(N({total})>0,{part}/{total},"–")'
            canvas.put(at, column + 1, dash(share), f"{number_look('percent')} {LINE}", formula=formula)
    bold = f"bold fill={TILE_FILL} {LINE}"
    canvas.put_row(total_row, LEFT, [None] * 7, f"text {bold}")
    canvas.put(total_row, LEFT, tell("total", language), f"text indent=1 {bold}")
    sums: tuple[tuple[int, float | None, bool], ...] = (
        (1, whole.count, False),
        (3, content.revenue(whole.revenue), False),
        (5, content.dormant(whole.dormant), content.is_estimated()),
    )
    for offset, value, is_estimated in sums:
        top, bottom = (cell_address(at + 1, LEFT + offset + 1) for at in (first, last))
        look = f"{number_look('money', is_estimated=is_estimated)} bold fill={TILE_FILL} {LINE}"
        formula = "" if value is None else f"=SUM({top}:{bottom})"
        canvas.put(total_row, LEFT + offset, dash(value), look, formula=formula)
    return total_row + 1


def _put_category(canvas: Canvas, content: Content, row: int, column: int, category: int) -> None:
    figures = content.categories[category]
    label = figures.label.text(content.language) or figures.key
    canvas.put(row, column, label, f"text fill={figures.fill} colour={figures.ink} bold indent=1 {LINE}")


def _draw_averages(canvas: Canvas, content: Content, *, row: int) -> None:
    """Average score and family scores of every category, line by line beside the table of categories."""
    language = content.language
    headers = [tell("category", language), tell("score_now", language), *(label for _, label in content.families)]
    room = LAST - RIGHT + 1 - len(headers)
    put_headers(canvas, row, RIGHT, [*headers, tell("completeness", language)] if room else headers)
    for offset, figures in enumerate(content.categories):
        _put_category(canvas, content, row + 1 + offset, RIGHT, offset)
        averages = dict(figures.families)
        for step, value in enumerate([figures.score, *(averages[key] for key, _ in content.families)], start=1):
            canvas.put(row + 1 + offset, RIGHT + step, dash(value), f"{number_look('score')} {LINE}")
        if room:
            canvas.put(
                row + 1 + offset, RIGHT + len(headers), dash(figures.completeness), f"{number_look('percent')} {LINE}"
            )


def _draw_candidates(canvas: Canvas, content: Content, row: int) -> None:
    language, candidates = content.language, content.portfolio.candidates
    canvas.put(row, LEFT, tell("develop", language, count=len(candidates) or TOP_ROWS), "heading")
    if not candidates:
        canvas.spread(row + 1, LEFT, tell("develop_none", language), "note", to_column=LEFT + 6, to_row=row + 2)
        return
    estimated = any(candidate.low is not None for candidate in candidates)
    keys = ("client", "category", "", "revenue", "dormant", "interval" if estimated else "score_now", "potential")
    put_headers(canvas, row + 1, LEFT, [tell(key, language) if key else "" for key in keys], words=3)
    canvas.spread(row + 1, LEFT + 1, tell("category", language), HEADER, to_column=LEFT + 2)
    for at, candidate in enumerate(candidates, start=row + 2):
        canvas.put(at, LEFT, candidate.name, f"text indent=1 {LINE}")
        fill, ink = content.colours(candidate.category)
        look = f"text size=9 indent=1 fill={fill} colour={ink} {LINE}"
        canvas.spread(at, LEFT + 1, content.label(candidate.category), look, to_column=LEFT + 2)
        canvas.put(at, LEFT + 3, dash(candidate.revenue), f"{number_look('money')} {LINE}")
        canvas.put(
            at,
            LEFT + 4,
            candidate.dormant,
            f"{number_look('money', is_estimated=candidate.low is not None)} bold {LINE}",
        )
        if estimated:
            canvas.put(at, LEFT + 5, content.interval(candidate), f"text size=9 align=right format=@__ {LINE}")
        else:
            canvas.put(at, LEFT + 5, dash(candidate.score), f"{number_look('score')} {LINE}")
        canvas.put(at, LEFT + 6, dash(candidate.potential), f"{number_look('score')} {LINE}")
    if estimated:
        canvas.spread(
            row + 2 + len(candidates), LEFT, tell("estimate_note", language), "note",
            to_column=LEFT + 6, to_row=row + 3 + len(candidates),
        )  # fmt: skip


def dash(number: float | None) -> float | str:
    """The number, or a dash where there is none."""
    return "–" if number is None else number


def _draw_foot(canvas: Canvas, content: Content, row: int) -> None:
    """Movers, concentration and data quality, one below the other."""
    at = _draw_movers(canvas, content, row)
    at = _draw_spread(canvas, content, at)
    _draw_quality(canvas, content, at)


def _draw_movers(canvas: Canvas, content: Content, row: int) -> int:
    """Who moved; gives the row where the next list begins."""
    language = content.language
    canvas.put(row, RIGHT, content.movers_title, "heading")
    at = row + 1
    if content.movers:
        headers = [tell(key, language) for key in ("client", "before", "before", "after", "after", "change")]
        put_headers(canvas, at, RIGHT, headers, words=5)
        canvas.spread(at, RIGHT + 1, headers[1], HEADER, to_column=RIGHT + 2)
        canvas.spread(at, RIGHT + 3, headers[3], HEADER, to_column=RIGHT + 4)
        at += 1
    for mover in content.shown_movers():
        canvas.put(at, RIGHT, mover.client, f"text indent=1 {LINE}")
        canvas.spread(at, RIGHT + 1, mover.before, f"text size=9 indent=1 {LINE}", to_column=RIGHT + 2)
        colour = "1E6B37" if mover.step > 0 else "9C2B1B" if mover.step < 0 else INK
        look = f"text size=9 bold indent=1 colour={colour} {LINE}"
        canvas.spread(at, RIGHT + 3, mover.after, look, to_column=RIGHT + 4)
        canvas.put(at, LAST, dash(mover.score_change), f"{number_look('score', pattern='+0.0')} {LINE}")
        at += 1
    canvas.spread(at, RIGHT, content.movers_note, "note valign=vcenter", to_column=LAST, to_row=at + 1)
    return at + 2


def _draw_spread(canvas: Canvas, content: Content, row: int) -> int:
    """ABC classes, best fifth and bottom half of the buyers; gives the row where the next list begins."""
    language = content.language
    canvas.put(row, RIGHT, tell("spread", language), "heading size=12")
    at = row + 1
    if content.spread:
        keys = ("buyers", "buyers", "share", "revenue", "revenue", "share")
        put_headers(canvas, at, RIGHT, ["", *(tell(key, language) for key in keys[1:])])
        canvas.spread(at, RIGHT + 3, tell("revenue", language), NUMBER_HEADER, to_column=RIGHT + 4)
        at += 1
    for line in content.spread:
        canvas.put(at, RIGHT, line.label, f"text indent=1 {LINE}")
        canvas.put(at, RIGHT + 1, line.clients, f"{number_look('integer')} {LINE}")
        canvas.put(at, RIGHT + 2, line.share_of_buyers, f"{number_look('percent1')} {LINE}")
        canvas.spread(at, RIGHT + 3, line.revenue, f"{number_look('money')} {LINE}", to_column=RIGHT + 4)
        canvas.put(at, LAST, line.share_of_revenue, f"{number_look('percent1')} {LINE}")
        at += 1
    canvas.spread(at, RIGHT, content.spread_note, "note valign=vcenter", to_column=LAST, to_row=at + 1)
    return at + 2


def _draw_quality(canvas: Canvas, content: Content, row: int) -> None:
    canvas.put(row, RIGHT, tell("quality", content.language), "heading size=12")
    if not content.quality:
        canvas.put(row + 1, RIGHT, tell("quality_good", content.language), "note")
    for at, line in enumerate(content.shown_quality(), start=row + 1):
        canvas.spread(at, RIGHT, line.text, f"text size=9 indent=1 {LINE}", to_column=LAST - 1)
        canvas.put(at, LAST, line.count, f"{number_look('integer')} {LINE}")
