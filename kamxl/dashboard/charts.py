"""The four charts of the dashboard and the cells that feed them: categories, effort, whale curve, matrix.

A chart without anything to draw is not drawn: a sentence that says why stands in its place.
"""

from __future__ import annotations

from kamxl.canvas import Canvas
from kamxl.dashboard.content import Content
from kamxl.insight_phrases import tell
from kamxl.portfolio.concentration import Curve
from kamxl.table import Chart, Series

ACCENT, ORANGE, GREY = "1F4E79", "E08A1E", "9AA5B1"
# Pixels of the four charts: what the columns of kamxl/dashboard/sheet.py leave from anchor to anchor, less a gap.
WIDTHS_PX = (467, 478, 308, 410)
CHART_HEIGHT = 330
ANCHORS = (1, 4, 9, 11)
# Characters of a legend that take two lines below a chart of a quarter page.
LONGEST_LEGEND = 90
# 67.8M and 250k: the axis of a chart of a quarter page has no room for seven digits.
AMOUNT_FORMAT = '[>=1000000]0.0,,"M";[>=1000]0,"k";0'


def draw_charts(canvas: Canvas, content: Content, *, row: int, category_row: int, data_column: int) -> None:
    """Four charts side by side from a row on.

    Units: `category_row` is the first row of the table of categories; chart cells are written from row 0 of
    `data_column` on.
    """
    data = _DataCells(canvas, data_column, tell("chart_data", content.language))
    language = content.language
    if not content.portfolio.total.count:
        canvas.spread(row, 1, tell("no_chart_clients", language), "note", to_column=7)
        return
    drawn = (
        _categories_chart(content, row, ANCHORS[0], category_row),
        _effort_chart(content, row, ANCHORS[1], category_row),
        _whale_chart(content, data, row, ANCHORS[2]),
        _matrix_chart(content, data, row, ANCHORS[3]),
    )
    for chart, anchor in zip(drawn, ANCHORS, strict=True):
        if isinstance(chart, Chart):
            canvas.charts.append(chart)
        else:
            canvas.spread(row + 1, anchor, chart, "note wrap", to_column=anchor + 1, to_row=row + 4)


class _DataCells:
    """The cells behind the charts, one block below the other."""

    def __init__(self, canvas: Canvas, column: int, title: str) -> None:
        self.canvas = canvas
        self.column = column
        self.row = 2
        canvas.put(0, column, title, "subheading")

    def block(self, headers: tuple[str, ...], rows: list[tuple[object, ...]], looks: tuple[str, ...]) -> int:
        """A block with headers; gives its first row of data."""
        first = self.row + 1
        self.canvas.put_row(self.row, self.column, headers, "label bold")
        for offset, row in enumerate(rows):
            for column, (value, look) in enumerate(zip(row, looks, strict=True)):
                self.canvas.put(first + offset, self.column + column, value, look)
        self.row = first + len(rows) + 1
        return first


def _series(name: str, first: int, last: int, columns: tuple[int, int], colour: str) -> Series:
    """A series over rows; columns are those of the categories (or x) and of the values."""
    return Series(name, (first, columns[0], last, columns[0]), (first, columns[1], last, columns[1]), colour=colour)


def _categories_chart(content: Content, row: int, column: int, first: int) -> Chart | str:
    language, last = content.language, first + len(content.categories) - 1
    total = content.portfolio.total
    series = []
    if total.revenue > 0:
        series.append(_series(tell("revenue", language), first, last, (1, 4), ACCENT))
    if total.dormant > 0:
        series.append(_series(tell("dormant", language), first, last, (1, 6), ORANGE))
    if not series:
        return tell("no_chart_revenue", language)
    return Chart(
        "column",
        tell("chart_categories", language),
        tuple(series),
        row,
        column,
        WIDTHS_PX[0],
        CHART_HEIGHT,
        y_format=AMOUNT_FORMAT,
    )


def _effort_chart(content: Content, row: int, column: int, first: int) -> Chart:
    """Shares of clients, revenue and effort side by side: the columns D, F and H of the table of categories."""
    language, last = content.language, first + len(content.categories) - 1
    series = [_series(tell("share_clients", language), first, last, (1, 3), GREY)]
    if content.portfolio.total.revenue > 0:
        series.append(_series(tell("share_revenue", language), first, last, (1, 5), ACCENT))
    if content.has_effort():
        series.append(_series(tell("share_effort", language), first, last, (1, 7), ORANGE))
    return Chart(
        "column",
        content.effort_title(),
        tuple(series),
        row,
        column,
        WIDTHS_PX[1],
        CHART_HEIGHT,
        y_format="0%",
    )


def _whale_chart(content: Content, data: _DataCells, row: int, column: int) -> Chart | str:
    language, portfolio = content.language, content.portfolio
    series = []
    curves = (("revenue", portfolio.revenue_curve, ACCENT), ("profit", portfolio.profit_curve, ORANGE))
    for key, curve, colour in curves:
        if curve is not None:
            first, last = _curve_cells(content, data, key, curve)
            series.append(_series(tell(key, language), first, last, (data.column, data.column + 1), colour))
    if not series:
        return tell("no_chart_revenue", language)
    return Chart(
        "scatter",
        tell("chart_whale", language),
        tuple(series),
        row,
        column,
        WIDTHS_PX[2],
        CHART_HEIGHT,
        x_title=tell("whale_x", language),
        y_title=tell("whale_y", language),
        x_format="0%",
        y_format="0%",
        subtype="straight",
        x_range=(0.0, 1.0),
        # Without clients that cost money no curve rises above the whole.
        y_range=(0.0, 1.0) if all(curve is None or curve.peak <= 1 for _, curve, _ in curves) else None,
        x_step=0.2,
    )


def _curve_cells(content: Content, data: _DataCells, key: str, curve: Curve) -> tuple[int, int]:
    headers = (tell("whale_x", content.language), tell(key, content.language))
    rows: list[tuple[object, ...]] = list(zip(curve.clients, curve.cumulative, strict=True))
    first = data.block(headers, rows, ("percent1", "percent1"))
    return first, first + len(rows) - 1


def _matrix_chart(content: Content, data: _DataCells, row: int, column: int) -> Chart | str:
    language, matrix = content.language, content.portfolio.matrix
    if matrix is None:
        return tell("no_chart_matrix", language)
    bubbles = sorted(matrix.bubbles, key=lambda bubble: bubble.category)
    headers = (tell("client", language), matrix.x_label, matrix.y_label, tell("revenue", language))
    first = data.block(
        headers,
        [(bubble.name, bubble.x, bubble.y, bubble.size) for bubble in bubbles],
        ("text", "score", "score", "money"),
    )
    series = []
    for category in dict.fromkeys(bubble.category for bubble in bubbles):
        members = [index for index, bubble in enumerate(bubbles) if bubble.category == category]
        start, end = first + members[0], first + members[-1]
        x, y, size = (data.column + step for step in (1, 2, 3))
        colour = content.strong_colour(category)
        series.append(
            Series(content.label(category), (start, x, end, x), (start, y, end, y), (start, size, end, size), colour)
        )
    return Chart(
        "bubble",
        content.matrix_title(),
        tuple(series),
        row,
        column,
        WIDTHS_PX[3],
        CHART_HEIGHT,
        x_title=matrix.x_label,
        y_title=matrix.y_label,
        x_format="0",
        y_format="0",
        x_range=(0.0, 100.0),
        y_range=(0.0, 100.0),
        x_step=20.0,
        y_step=20.0,
        # A legend of many long names would leave no room for the points; the table of categories has their colours.
        legend=sum(len(each.name) for each in series) <= LONGEST_LEGEND,
    )
