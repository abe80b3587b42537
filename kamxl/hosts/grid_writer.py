"""Grids to a new workbook through XlsxWriter: cells, looks, merges, tables, charts, pictures, lists, print set-up.

Used for whole new workbooks and as the donor whose sheets `hosts/files.py` grafts into a user's workbook. A text is
always written as text: nothing that a client is called can become a formula or a link.
"""

from __future__ import annotations

import datetime as dt
import io
import math
import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from kamxl.hosts.grid_charts import insert_chart
from kamxl.hosts.row_heights import DEFAULT_WIDTH_CHARS, row_heights
from kamxl.looks import FONT, Style, parse_look
from kamxl.table import Choices, Grid, GridCell, GridTable, Highlight, Look

# Characters in a cell, Excel's limit.
LONGEST_TEXT = 32_767
# Characters in the list of a drop-down that is written out; longer lists must stand in cells.
_LONGEST_LIST = 255
_LINKS = ("http://", "https://", "mailto:")
# A formula must never begin with what a person typed; these texts also keep their quote prefix under F2, Enter.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_CALLED = re.compile(r"[\w.]+(?=\()")
# The same grids always give the same bytes: a second run changes nothing.
_CREATED = dt.datetime(2024, 1, 1)
_A4 = 9
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "use_future_functions": True,
    "default_date_format": "yyyy-mm-dd",
    "default_format_properties": {"font_name": FONT, "font_size": 11},
}


def write_grids(grids: Sequence[Grid], target: Path | BinaryIO) -> None:
    """A new workbook with one sheet per grid, in order.

    Errors: XlsxWriter's own where a grid breaks a limit of Excel (sheet name, overlapping merges) - a bug of ours;
    OSError when the file cannot be written.
    """
    book = xlsxwriter.Workbook(target if not isinstance(target, Path) else str(target), _OPTIONS)
    book.set_properties({"created": _CREATED, "author": "kamxl"})
    formats = _Formats(book)
    for grid in grids:
        _write_sheet(book, formats, grid.in_cells())
    book.close()


def grids_as_bytes(grids: Sequence[Grid]) -> bytes:
    """The workbook of `write_grids` as bytes. The same grids give the same bytes."""
    buffer = io.BytesIO()
    write_grids(grids, buffer)
    return buffer.getvalue()


@lru_cache(maxsize=256)
def _are_old(functions: frozenset[str]) -> bool:
    """Whether XlsxWriter leaves formulas with these functions as they are."""
    asked = "".join([f"{name}()" for name in functions])
    return bool(Worksheet()._prepare_formula(asked, expand_future_functions=True) == asked)


class _Worksheet(Worksheet):  # type: ignore[misc]
    """A sheet that is written where something stands, and whose formulas are looked through once for all alike.

    XlsxWriter looks at every row, also at those of long bodies, and in every formula for each of 150 new functions.
    """

    dim_rowmin: int
    dim_rowmax: int

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> Any:
        if _are_old(frozenset(_CALLED.findall(formula))):
            return formula.removeprefix("{").removeprefix("=").removesuffix("}")
        return super()._prepare_formula(formula, expand_future_functions)

    def _write_rows(self) -> None:
        bounds = self.dim_rowmin, self.dim_rowmax
        start = -1
        rows = sorted({*self.table, *self.row_info, *self.comments})
        for row, following in zip(rows, [*rows[1:], -1], strict=True):
            start = row if start < 0 else start
            if following != row + 1:
                self.dim_rowmin, self.dim_rowmax, start = start, row, -1
                super()._write_rows()
        self.dim_rowmin, self.dim_rowmax = bounds


class _Formats:
    """One XlsxWriter format per look, made when first asked for."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[Look, bool], Any] = {}

    def of(self, look: Look, *, quoted: bool = False) -> Any:
        key = (look, quoted)
        if key not in self._made:
            properties = _properties(parse_look(look))
            if quoted:
                properties["quote_prefix"] = True
            self._made[key] = self._book.add_format(properties)
        return self._made[key]


def _properties(style: Style) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "font_name": FONT,
        "font_size": style.size,
        "font_color": f"#{style.colour}",
        "num_format": style.number_format,
        "valign": style.valign,
        "bold": style.bold,
        "italic": style.italic,
        "text_wrap": style.wrap,
        "indent": style.indent,
        "locked": not style.unlocked,
    }
    if style.fill:
        properties["bg_color"] = f"#{style.fill}"
    if style.align or style.indent:
        # An indent counts only where the side is said.
        properties["align"] = style.align or "left"
    if style.border:
        properties["border"] = 1
        properties["border_color"] = f"#{style.border}"
    if style.edge:
        # 5 is a thick line.
        properties["left"] = 5
        properties["left_color"] = f"#{style.edge}"
    return properties


def _write_sheet(book: Any, formats: _Formats, grid: Grid) -> None:
    sheet = book.add_worksheet(grid.name, _Worksheet)
    _set_columns(sheet, grid)
    for index, height in row_heights(grid).items():
        sheet.set_row(index, height)
    _write_merges(sheet, formats, grid)
    for row_index, row in enumerate(grid.rows):
        for column, cell in enumerate(row) if row else ():
            if cell is not None:
                _write_cell(sheet, formats, row_index, column, cell)
    for table in grid.tables:
        _add_table(sheet, formats, grid, table)
    for number, choices in enumerate(grid.choices):
        _add_choices(sheet, grid, choices, number)
    for each in grid.highlights:
        _add_highlight(book, sheet, each)
    for picture in grid.pictures:
        options = {"x_scale": picture.scale, "y_scale": picture.scale, "description": picture.alt, "object_position": 2}
        sheet.insert_image(picture.row, picture.column, picture.path, options)
    for chart in grid.charts:
        insert_chart(book, sheet, grid, chart)
    _set_up_page(sheet, grid)


def _set_columns(sheet: Any, grid: Grid) -> None:
    hidden = set(grid.hidden_columns)
    count = max([len(grid.widths), *(column + 1 for column in hidden)], default=0)
    for column in range(count):
        width = grid.widths[column] if column < len(grid.widths) else DEFAULT_WIDTH_CHARS
        sheet.set_column(column, column, width, None, {"hidden": True} if column in hidden else {})


def _write_merges(sheet: Any, formats: _Formats, grid: Grid) -> None:
    for merge in grid.merges:
        rows = grid.rows
        first = rows[merge.first_row] if merge.first_row < len(rows) else ()
        cell = first[merge.first_column] if merge.first_column < len(first) else None
        bounds = (merge.first_row, merge.first_column, merge.last_row, merge.last_column)
        if bounds[:2] != bounds[2:]:
            sheet.merge_range(*bounds, "", formats.of(cell.look if cell is not None else "text"))


def _write_cell(sheet: Any, formats: _Formats, row: int, column: int, cell: GridCell) -> None:
    cell_format = formats.of(cell.look)
    if cell.link:
        _write_link(sheet, row, column, cell, cell_format)
    if cell.formula:
        sheet.write_formula(row, column, cell.formula, cell_format, _cached(cell.value))
        return
    value = cell.value
    if isinstance(value, str):
        quoted = value.startswith(_FORMULA_STARTS)
        text_format = formats.of(cell.look, quoted=True) if quoted else cell_format
        sheet.write_string(row, column, legal_text(value), text_format)
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value, cell_format)
    elif isinstance(value, (int, float, Decimal)):
        number = _finite(value)
        if number is None:
            sheet.write_blank(row, column, None, cell_format)
        else:
            sheet.write_number(row, column, number, cell_format)
    elif isinstance(value, (dt.date, dt.time)):
        _write_moment(sheet, row, column, value, cell_format)
    elif value is None:
        sheet.write_blank(row, column, None, cell_format)
    else:
        # NumPy scalars and what hosts may bring later: a number when it says so, else its text.
        _write_other(sheet, row, column, value, cell_format)


def _write_other(sheet: Any, row: int, column: int, value: object, cell_format: Any) -> None:
    item = getattr(value, "item", None)
    plain = item() if callable(item) else str(value)
    if isinstance(plain, (int, float)) and not isinstance(plain, bool):
        number = _finite(plain)
        sheet.write(row, column, number, cell_format)
    elif isinstance(plain, bool):
        sheet.write_boolean(row, column, plain, cell_format)
    else:
        sheet.write_string(row, column, legal_text(str(plain)), cell_format)


def _write_moment(sheet: Any, row: int, column: int, value: dt.date | dt.time, cell_format: Any) -> None:
    moment = value.replace(tzinfo=None) if isinstance(value, (dt.datetime, dt.time)) else value
    if isinstance(moment, dt.date) and moment.year < 1900:
        # Excel has no day before 1900: such a date can only be shown as text.
        sheet.write_string(row, column, moment.isoformat(), cell_format)
    else:
        sheet.write_datetime(row, column, moment, cell_format)


def _write_link(sheet: Any, row: int, column: int, cell: GridCell, cell_format: Any) -> None:
    """`#Sheet!A1` and `#'My sheet'!A1` lead inside the workbook; other links only to the web and to mail."""
    if cell.link.startswith("#"):
        sheet.write_url(row, column, f"internal:{cell.link[1:]}", cell_format, string="link")
    elif cell.link.lower().startswith(_LINKS) and len(cell.link) <= 2000:
        sheet.write_url(row, column, cell.link, cell_format, string="link")


def _finite(value: int | float | Decimal) -> float | int | None:
    try:
        number = float(value)
    except OverflowError:
        return None
    if not math.isfinite(number):
        return None
    return value if isinstance(value, int) else number


def _cached(value: object) -> object:
    if isinstance(value, bool) or value is None:
        return "" if value is None else value
    if isinstance(value, (int, float, Decimal)):
        return _finite(value) or 0
    return legal_text(str(value))


def legal_text(text: str) -> str:
    """A text as a cell can hold it: at most 32,767 characters (Excel's limit), no lone surrogates."""
    if len(text) > LONGEST_TEXT:
        text = text[: LONGEST_TEXT - 1] + "…"
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if not text.isascii() else text


def _add_table(sheet: Any, formats: _Formats, grid: Grid, table: GridTable) -> None:
    if table.last_row <= table.first_row:
        return
    seen: set[str] = set()
    columns = []
    for column in range(table.first_column, table.last_column + 1):
        row = grid.rows[table.first_row]
        cell = row[column] if column < len(row) else None
        header = _unique_header(str(cell.value) if cell is not None and cell.value is not None else "Column", seen)
        columns.append({"header": header, "header_format": formats.of(cell.look if cell is not None else "header")})
    bounds = (table.first_row, table.first_column, table.last_row, table.last_column)
    # XlsxWriter looks at every cell of a table, which costs more than all else on a sheet: it is told of one row.
    short = table.first_row + 1
    sheet.add_table(
        *bounds[:2], short, bounds[3], {"name": table.name, "columns": columns, "style": None, "autofilter": True}
    )
    if short < table.last_row:
        area = xlsxwriter.utility.xl_range(*bounds)
        sheet.tables[-1].update(range=area, a_range=area, autofilter=area)


def _unique_header(header: str, seen: set[str]) -> str:
    # Excel repairs a table in which two headers are the same, ignoring case.
    text, number = header, 2
    while text.casefold() in seen:
        text, number = f"{header} {number}", number + 1
    seen.add(text.casefold())
    return text


def _add_choices(sheet: Any, grid: Grid, choices: Choices, number: int) -> None:
    source: Any = choices.source
    if isinstance(source, tuple):
        written = ",".join(source)
        if len(written) > _LONGEST_LIST or any("," in text for text in source):
            source = _list_in_cells(sheet, grid, source, number)
        else:
            source = list(source)
    bounds = (choices.first_row, choices.first_column, choices.last_row, choices.last_column)
    sheet.data_validation(*bounds, {"validate": "list", "source": source, "ignore_blank": True})


def _add_highlight(book: Any, sheet: Any, highlight: Highlight) -> None:
    colours = book.add_format({"bg_color": f"#{highlight.fill}", "font_color": f"#{highlight.ink}"})
    quoted = highlight.text.replace('"', '""')
    bounds = (highlight.first_row, highlight.first_column, highlight.last_row, highlight.last_column)
    sheet.conditional_format(*bounds, {"type": "cell", "criteria": "==", "value": f'"{quoted}"', "format": colours})


def _list_in_cells(sheet: Any, grid: Grid, texts: tuple[str, ...], number: int) -> str:
    """The range of a hidden column, right of everything, that holds the texts of a long list."""
    column = max([len(grid.widths), *(len(row) for row in grid.rows)], default=0) + 1 + number
    for row, text in enumerate(texts):
        sheet.write_string(row, column, legal_text(text))
    sheet.set_column(column, column, DEFAULT_WIDTH_CHARS, None, {"hidden": True})
    first = xlsxwriter.utility.xl_rowcol_to_cell(0, column, row_abs=True, col_abs=True)
    last = xlsxwriter.utility.xl_rowcol_to_cell(len(texts) - 1, column, row_abs=True, col_abs=True)
    return f"={first}:{last}"


def _set_up_page(sheet: Any, grid: Grid) -> None:
    if grid.landscape:
        sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.65)
    sheet.fit_to_pages(1, 1 if grid.fit_one_page else 0)
    # &A is the sheet's own name and &P of &N the page: the same footer reads in every language.
    sheet.set_footer('&L&"Calibri,Regular"&8&K6B7280&A&R&"Calibri,Regular"&8&K6B7280&P / &N')
    if grid.print_area is not None:
        sheet.print_area(*grid.print_area)
    if grid.repeat_rows is not None:
        sheet.repeat_rows(*grid.repeat_rows)
    if grid.freeze != (0, 0):
        sheet.freeze_panes(*grid.freeze)
    if grid.tab_colour:
        sheet.set_tab_color(f"#{grid.tab_colour}")
    if not grid.show_gridlines:
        sheet.hide_gridlines(2)
