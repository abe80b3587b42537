"""Chart records to native Excel charts of XlsxWriter, the bubble chart included, which XlsxWriter does not know."""

from __future__ import annotations

from typing import Any

from xlsxwriter.chart_scatter import ChartScatter  # type: ignore[import-untyped]

from kamxl.looks import ACCENT, FONT, INK, MUTED, RULE
from kamxl.table import Chart, Grid, Series

# Colours of series without one of their own: apart in hue and in lightness, so that a grey print still tells them.
PALETTE = (ACCENT, "E08A1E", "4C9F70", "8E5EA2", "C0504D", "6B7280", "3AA6B9", "B8A03A")
# Bubbles at 100 % hide each other in a portfolio of dozens of clients.
_BUBBLE_SCALE_PERCENT = 30


class BubbleChart(ChartScatter):  # type: ignore[misc]
    """A bubble chart for XlsxWriter: a scatter chart whose series also carry sizes (`sizes` in add_series)."""

    def add_series(self, options: dict[str, Any] | None = None) -> None:
        """A series; `sizes` is a range like `values`."""
        super().add_series(options)
        sizes = self._list_to_formula((options or {})["sizes"])
        self.series[-1]["sizes"] = sizes
        self.series[-1]["sizes_data_id"] = self._get_data_id(sizes, None)

    def _write_chart_type(self, args: dict[str, Any]) -> None:
        series = self._get_primary_axes_series() if args["primary_axes"] else self._get_secondary_axes_series()
        if not series:
            return
        self._xml_start_tag("c:bubbleChart")
        self._xml_empty_tag("c:varyColors", [("val", 0)])
        for each in series:
            self._write_ser(each)
        self._xml_empty_tag("c:bubbleScale", [("val", _BUBBLE_SCALE_PERCENT)])
        self._xml_empty_tag("c:showNegBubbles", [("val", 0)])
        self._write_axis_ids(args)
        self._xml_end_tag("c:bubbleChart")

    def _write_ser(self, series: dict[str, Any]) -> None:
        self._xml_start_tag("c:ser")
        self._write_idx(self.series_index)
        self._write_order(self.series_index)
        self.series_index += 1
        self._write_series_name(series)
        self._write_sp_pr(series)
        self._xml_empty_tag("c:invertIfNegative", [("val", 0)])
        self._write_x_val(series)
        self._write_y_val(series)
        self._xml_start_tag("c:bubbleSize")
        self._write_num_ref(series["sizes"], self.formula_data[series["sizes_data_id"]], "num")
        self._xml_end_tag("c:bubbleSize")
        self._xml_empty_tag("c:bubble3D", [("val", 0)])
        self._xml_end_tag("c:ser")


def insert_chart(book: Any, sheet: Any, grid: Grid, chart: Chart) -> None:
    """The chart in its sheet, fed by the cells of the same grid.

    Errors: ValueError for a chart with more than two kinds of series - a bug of ours, Excel charts here combine two.
    """
    kinds = list(dict.fromkeys([chart.kind, *(series.kind or chart.kind for series in chart.series)]))
    if len(kinds) > 2:
        raise ValueError(f"a chart combines two kinds at most, not {kinds}")
    native = _new_chart(book, chart.kind, chart.subtype)
    other = _new_chart(book, kinds[1], "") if len(kinds) == 2 else None
    for index, series in enumerate(chart.series):
        target = native if (series.kind or chart.kind) == chart.kind or other is None else other
        target.add_series(_series_options(grid, chart, series, index))
    if other is not None:
        native.combine(other)
    _set_frame(native, chart)
    _set_axes(native, chart, other)
    sheet.insert_chart(chart.row, chart.column, native, {"object_position": 1, "description": chart.title})


def _new_chart(book: Any, kind: str, subtype: str) -> Any:
    if kind != "bubble":
        return book.add_chart({"type": kind, "subtype": subtype} if subtype else {"type": kind})
    native = BubbleChart({})
    native.embedded = True
    native.date_1904 = book.date_1904
    native.remove_timezone = book.remove_timezone
    book.charts.append(native)
    return native


def _series_options(grid: Grid, chart: Chart, series: Series, index: int) -> dict[str, Any]:
    colour = f"#{series.colour or PALETTE[index % len(PALETTE)]}"
    kind = series.kind or chart.kind
    options: dict[str, Any] = {
        "name": series.name,
        "categories": [grid.name, *series.categories],
        "values": [grid.name, *series.values],
    }
    if series.secondary:
        options["y2_axis"] = True
    match kind:
        case "line":
            options["line"] = {"color": colour, "width": 2.25}
        case "scatter":
            options["marker"] = {
                "type": "circle",
                "size": 7,
                "fill": {"color": colour},
                "border": {"color": "#FFFFFF", "width": 0.5},
            }
            if "straight" in chart.subtype or "smooth" in chart.subtype:
                options["line"] = {"color": colour, "width": 2.0}
                if "markers" not in chart.subtype:
                    options["marker"] = {"type": "none"}
        case "bubble":
            sizes = series.sizes or series.values
            options["sizes"] = [grid.name, *sizes]
            options["fill"] = {"color": colour, "transparency": 35}
            options["border"] = {"color": colour, "width": 0.75}
        case "pie":
            count = abs(series.values[2] - series.values[0]) + abs(series.values[3] - series.values[1]) + 1
            options["points"] = [{"fill": {"color": f"#{PALETTE[each % len(PALETTE)]}"}} for each in range(count)]
            options["data_labels"] = {"percentage": True, "font": {"color": "#FFFFFF", "bold": True}}
        case _:
            options["fill"] = {"color": colour}
            options["border"] = {"none": True}
            if kind in ("column", "bar"):
                options["gap"] = 60
                if "stacked" in chart.subtype:
                    options["overlap"] = 100
    return options


def _font(*, size: float = 9, bold: bool = False, colour: str = MUTED) -> dict[str, Any]:
    return {"name": FONT, "size": size, "bold": bold, "color": f"#{colour}"}


def _set_frame(native: Any, chart: Chart) -> None:
    if chart.title:
        native.set_title({"name": chart.title, "name_font": _font(size=12, bold=True, colour=INK), "overlay": False})
    else:
        native.set_title({"none": True})
    native.set_legend({"position": "bottom", "font": _font()} if chart.legend else {"none": True})
    native.set_size({"width": chart.width_px, "height": chart.height_px})
    native.set_chartarea({"border": {"color": f"#{RULE}"}, "fill": {"color": "#FFFFFF"}})
    native.show_blanks_as("gap")


def _axis(
    title: str, number_format: str, limits: tuple[float, float] | None, *, gridlines: bool, step: float = 0.0
) -> dict[str, Any]:
    axis: dict[str, Any] = {
        "num_font": _font(),
        "line": {"color": f"#{RULE}"},
        "major_gridlines": {"visible": gridlines, "line": {"color": "#E8ECF1", "width": 0.75}},
    }
    if title:
        axis["name"] = title
        axis["name_font"] = _font(colour=INK)
    if number_format:
        axis["num_format"] = number_format
    if limits is not None:
        axis["min"], axis["max"] = limits
    if step:
        axis["major_unit"] = step
    return axis


def _set_axes(native: Any, chart: Chart, other: Any) -> None:
    if chart.kind == "pie":
        return
    bars = chart.kind == "bar"
    points = chart.kind in ("scatter", "bubble")
    across = _axis(chart.x_title, chart.x_format, chart.x_range, gridlines=bars or points, step=chart.x_step)
    up = _axis(chart.y_title, chart.y_format, chart.y_range, gridlines=not bars, step=chart.y_step)
    if bars:
        # Bars read from the top, in the order of the cells; the numbers then stay below with "high".
        up["reverse"] = True
        across["label_position"] = "high"
    elif not points:
        across["label_position"] = "low"
    native.set_x_axis(across)
    native.set_y_axis(up)
    if any(series.secondary for series in chart.series):
        second = _axis(chart.y2_title, "", None, gridlines=False)
        (native if other is None else other).set_y2_axis(second)
