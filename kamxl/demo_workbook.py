"""The demo portfolio as a workbook such as a sales team keeps: workbook/demo.xlsx.

Not only a table: a title above it, notes, comments, drop-down lists, a hidden sheet, formulas and a chart of the
team's own, so that everybody sees that kamxl leaves them alone. The same bytes on every run. Knows no rules.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kamxl.demo import HEADERS, LINES, REGIONS, demo_rows, quarter_end
from kamxl.demo_french import french_answer, french_demo_rows, french_text
from kamxl.records import dataclass
from kamxl.table import Cell, column_letters

_INK, _ACCENT, _PALE, _RULE = "#1F2933", "#1F4E79", "#EAF1F8", "#D9DEE5"
_HEADER_ROW = 4  # 1-based; title, subtitle and an empty row stand above, as in most workbooks that people keep
_MONEY = frozenset({"Revenue", "Gross margin", "Addressable spend", *LINES})
_PERCENT = frozenset({"Client growth", "Market growth", "Accessibility"})
_DATES = frozenset({"Client since", "Last order", "Override until"})
_COUNTS = frozenset(
    {"Employees", "Sites", "Orders", "Product lines", "Quotes sent", "Quotes won", "New products tried", "Hours served"}
)
_MARKS = frozenset({"Shared values", "Shared mission", "Value over price"})
_WIDTHS = {
    "Client": 30, "Account manager": 17, "Region": 14, "Segment": 13, "Override reason": 46, "Override by": 15,
    "Recommends us": 13, "Override": 15, "Distribution network": 14, "Way of working": 13, "Revenue": 13,
}  # fmt: skip
_LISTS: dict[str, tuple[str, ...]] = {
    "Status": ("active", "prospect", "lost"),
    "Supplier rank": ("sole", "first", "second", "occasional"),
    "Way of working": ("partnership", "negotiation", "tender"),
    "Distribution network": ("local", "regional", "national", "international"),
}
_COMMENTS = {
    "Addressable spend": "What the client buys in a year, from us or from others, of what we could sell. Ask them!",
    "Accessibility": "Share of what is left that we could win within 12 to 18 months.",
    "Hours served": "All departments together, last 12 months, from the time sheets.",
}
_NOTES = (
    ("2026-09-14", "Camille Roy", "Addressable spend asked for at the yearly reviews; blank where nobody asked yet."),
    ("2026-09-16", "Tom Harding", "Hours served come from the time sheets of all departments, not from sales alone."),
    ("2026-09-22", "Inès Gauvreau", "Deux clients nous ont dit qu'ils achèteraient l'outillage aussi : à suivre."),
    ("2026-09-25", "Noah Whitfield", "Are Fonderie Brindemont and Fonderie Brindemont ltée one client? Ask finance."),
    ("2026-09-29", "Camille Roy", "Les prospects n'ont pas d'historique : laisser les colonnes vides, pas de zéros."),
)


@dataclass(frozen=True, slots=True)
class _Words:
    """Headers, answers and other texts in the language of the workbook, by their English."""

    text: Callable[[str], str]
    answer: Callable[[str, str], str]


_ENGLISH = _Words(lambda text: text, lambda _header, answer: answer)
_FRENCH = _Words(french_text, french_answer)


def make_demo_workbook(path: Path, *, quarter: int = 1, language: str = "en") -> Path:
    """Writes the demo workbook of a quarter; the same bytes every time. Errors: OSError where it cannot be written."""
    import xlsxwriter  # type: ignore[import-untyped]

    words = _FRENCH if language == "fr" else _ENGLISH
    tell = words.text
    day = quarter_end(quarter)
    book = xlsxwriter.Workbook(str(path))
    book.set_properties(
        {
            "title": tell("Client portfolio"),
            "subject": tell("Demo workbook of kamxl; every name is invented"),
            "author": tell("Sales team"),
            "created": dt.datetime(2026, 9, 30, 9, 0, 0),
        }
    )
    rows = french_demo_rows(quarter) if language == "fr" else demo_rows(quarter)
    clients = book.add_worksheet("Clients")
    regions = book.add_worksheet(tell("Sales by region"))
    notes = book.add_worksheet("Notes")
    lists = book.add_worksheet(tell("Lists"))
    _write_lists(book, lists, words)
    _write_clients(book, clients, rows, day=day, words=words)
    _write_regions(book, regions, rows, words)
    _write_notes(book, notes, words)
    clients.activate()
    book.close()
    return path


def _formats(book: Any) -> dict[str, Any]:
    font = {"font_name": "Calibri", "font_size": 10, "font_color": _INK, "valign": "vcenter"}
    number_formats = {
        "text": "General",
        "money": "#,##0",
        "count": "#,##0",
        "percent": "0.0%",
        "date": "yyyy-mm-dd",
        "mark": "0.0",
    }
    made = {name: book.add_format({**font, "num_format": code}) for name, code in number_formats.items()}
    for name in ("text", "date"):
        made[name].set_indent(1)
    header = {
        **font,
        "bold": True,
        "font_color": "white",
        "bg_color": _ACCENT,
        "text_wrap": True,
        "border_color": _RULE,
    }
    made["text header"] = book.add_format({**header, "border": 1, "indent": 1})
    made["number header"] = book.add_format({**header, "border": 1, "align": "right"})
    made["title"] = book.add_format({**font, "bold": True, "font_size": 18, "font_color": _ACCENT})
    made["subtitle"] = book.add_format({**font, "font_size": 11, "font_color": "#6B7280"})
    made["wrap"] = book.add_format({**font, "text_wrap": True, "valign": "top"})
    made["total"] = book.add_format({**font, "bold": True, "num_format": "#,##0", "top": 1, "bg_color": _PALE})
    return made


def _format_of(header: str) -> str:
    if header in _MONEY:
        return "money"
    if header in _PERCENT:
        return "percent"
    if header in _DATES:
        return "date"
    if header in _COUNTS:
        return "count"
    return "mark" if header in _MARKS else "text"


def _header_format_of(header: str) -> str:
    return "text header" if _format_of(header) in ("text", "date") else "number header"


def _write_clients(book: Any, sheet: Any, rows: tuple[tuple[Cell, ...], ...], *, day: dt.date, words: _Words) -> None:
    formats = _formats(book)
    last_row, last_column = _HEADER_ROW - 1 + len(rows), len(HEADERS) - 1
    title = "Client portfolio - Portefeuille de clients"
    sheet.merge_range(0, 0, 0, 8, words.text(title), formats["title"])
    subtitle = "Last 12 months up to {day}, CAD. One row per client; leave unknown cells blank."
    sheet.write(1, 0, words.text(subtitle).format(day=f"{day:%Y-%m-%d}"), formats["subtitle"])
    sheet.set_row(0, 28)
    sheet.set_row(_HEADER_ROW - 1, 32)
    for index, header in enumerate(HEADERS):
        sheet.set_column(index, index, _WIDTHS.get(header, 11), formats[_format_of(header)])
    columns = [
        {
            "header": words.text(header),
            "header_format": formats[_header_format_of(header)],
            "format": formats[_format_of(header)],
        }
        for header in HEADERS
    ]
    count_formula = f'=COUNTIF(Clients[[#This Row],[{words.text(LINES[0])}]:[{words.text(LINES[-1])}]],">0")'
    columns[HEADERS.index("Product lines")]["formula"] = count_formula
    sheet.add_table(_HEADER_ROW - 1, 0, last_row, last_column,
                    {"name": "Clients", "columns": columns, "style": "Table Style Light 1"})  # fmt: skip
    for number, row in enumerate(rows):
        _write_row(sheet, _HEADER_ROW + number, row, formats, count_formula)
    _dress(book, sheet, last_row, words)


def _write_row(sheet: Any, row_0based: int, row: tuple[Cell, ...], formats: dict[str, Any], formula: str) -> None:
    for column, (header, cell) in enumerate(zip(HEADERS, row, strict=True)):
        form = formats[_format_of(header)]
        if header == "Product lines":
            sheet.write_formula(row_0based, column, formula, form, cell or 0)
        elif isinstance(cell, dt.date):
            sheet.write_datetime(row_0based, column, dt.datetime.combine(cell, dt.time()), form)
        elif isinstance(cell, (int, float)):
            sheet.write_number(row_0based, column, cell, form)
        elif cell is not None:
            sheet.write_string(row_0based, column, str(cell), form)


def _dress(book: Any, sheet: Any, last_row: int, words: _Words) -> None:
    """What a careful person adds: lists, comments, data bars, frozen panes, print set-up."""
    for header, comment in _COMMENTS.items():
        sheet.write_comment(
            _HEADER_ROW - 1, HEADERS.index(header), words.text(comment), {"author": "Camille Roy", "x_scale": 1.6}
        )
    for header in _LISTS:
        column = HEADERS.index(header)
        source = f"={_list_name(header, words)}"
        sheet.data_validation(_HEADER_ROW, column, last_row, column, {"validate": "list", "source": source})
    revenue = HEADERS.index("Revenue")
    sheet.conditional_format(_HEADER_ROW, revenue, last_row, revenue,
                             {"type": "data_bar", "bar_color": "#9DC3E6", "bar_solid": True})  # fmt: skip
    grey = book.add_format({"font_color": "#9AA3AF", "italic": True})
    status = column_letters(HEADERS.index("Status") + 1)
    lost_word = words.answer("Status", "lost")
    lost = {"type": "formula", "criteria": f'=${status}{_HEADER_ROW + 1}="{lost_word}"', "format": grey}
    sheet.conditional_format(_HEADER_ROW, 0, last_row, 1, lost)
    sheet.freeze_panes(_HEADER_ROW, 2)
    sheet.set_landscape()
    sheet.set_paper(8)  # A3
    sheet.fit_to_pages(4, 0)
    sheet.repeat_rows(_HEADER_ROW - 1)
    sheet.repeat_columns(0, 1)
    sheet.set_footer(f"&L&F&C&P / &N&R{words.text('Sales team')}")
    sheet.hide_gridlines(2)
    sheet.set_tab_color(_ACCENT)
    book.define_name("Portfolio_revenue", f"=Clients!${column_letters(revenue + 1)}${_HEADER_ROW + 1}"
                     f":${column_letters(revenue + 1)}${last_row + 1}")  # fmt: skip
    sheet.set_selection(_HEADER_ROW, 0, _HEADER_ROW, 0)


def _write_regions(book: Any, sheet: Any, rows: tuple[tuple[Cell, ...], ...], words: _Words) -> None:
    """The team's own sheet: sums over the client table by formula, and a chart on them."""
    formats = _formats(book)
    sheet.write(0, 0, words.text("Sales by region - Ventes par région"), formats["title"])
    sheet.set_row(0, 28)
    for column, header in enumerate(("Region", "Clients", "Revenue", "Gross margin")):
        sheet.write(2, column, words.text(header), formats["number header" if column else "text header"])
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 3, 14)
    region, first, last = HEADERS.index("Region"), 4, 3 + len(REGIONS)
    by_region = f"Clients[{_in_reference('Region', words)}]"
    for number, name in enumerate(words.answer("Region", region) for region in REGIONS):
        row = first - 1 + number
        members = [cells for cells in rows if cells[region] == name]
        sheet.write(row, 0, name, formats["text"])
        sheet.write_formula(row, 1, f"=COUNTIF({by_region},A{row + 1})", formats["money"], len(members))
        for column, header in ((2, "Revenue"), (3, "Gross margin")):
            formula = f"=SUMIFS(Clients[{_in_reference(header, words)}],{by_region},$A{row + 1})"
            sheet.write_formula(row, column, formula, formats["money"], _sum(members, header))
    sheet.write(last, 0, "Total", formats["total"])
    sheet.write_formula(last, 1, f"=SUM(B{first}:B{last})", formats["total"], len(rows))
    for letter, column, header in (("C", 2, "Revenue"), ("D", 3, "Gross margin")):
        sheet.write_formula(last, column, f"=SUM({letter}{first}:{letter}{last})", formats["total"], _sum(rows, header))
    sheet.insert_chart(2, 5, _region_chart(book, first - 1, last - 1, words), {"x_scale": 1.2, "y_scale": 1.1})
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 1)


def _region_chart(book: Any, first: int, last: int, words: _Words) -> Any:
    chart, sheet = book.add_chart({"type": "column"}), words.text("Sales by region")
    for column, colour in ((2, _ACCENT), (3, "#7FB77E")):
        chart.add_series(
            {
                "name": [sheet, 2, column],
                "categories": [sheet, first, 0, last, 0],
                "values": [sheet, first, column, last, column],
                "fill": {"color": colour},
                "gap": 80,
            }
        )
    chart.set_title({"name": words.text("Revenue and margin by region, CAD"), "name_font": {"size": 12, "color": _INK}})
    chart.set_y_axis({"num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": _RULE}}})
    chart.set_legend({"position": "bottom"})
    return chart


def _sum(rows: Any, header: str) -> float:
    column = HEADERS.index(header)
    return float(sum(row[column] for row in rows if row[column] is not None))


def _write_notes(book: Any, sheet: Any, words: _Words) -> None:
    formats = _formats(book)
    sheet.write(0, 0, words.text("Notes of the sales team"), formats["title"])
    sheet.set_row(0, 28)
    for column, (header, width) in enumerate((("Date", 12), ("Who", 18), ("Note", 90))):
        sheet.set_column(column, column, width)
        sheet.write(2, column, words.text(header), formats["text header"])
    for number, note in enumerate(_NOTES):
        for column, text in enumerate(note):
            sheet.write(3 + number, column, words.text(text), formats["wrap"])
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.hide_gridlines(2)
    sheet.write_url(4 + len(_NOTES), 0, "internal:Clients!A4", string=words.text("Back to the clients"))


def _write_lists(book: Any, sheet: Any, words: _Words) -> None:
    """The texts of the drop-down lists, on a hidden sheet with a name for each list."""
    for column, (header, texts) in enumerate(_LISTS.items()):
        sheet.write_column(0, column, (words.text(header), *(words.answer(header, text) for text in texts)))
        letter = column_letters(column + 1)
        book.define_name(_list_name(header, words), f"={words.text('Lists')}!${letter}$2:${letter}${len(texts) + 1}")
    sheet.hide()


def _list_name(header: str, words: _Words) -> str:
    return f"{words.text(header)}_{words.text('list')}".replace(" ", "_")


def _in_reference(header: str, words: _Words) -> str:
    """A header inside the brackets of a structured reference, where Excel wants an apostrophe written twice."""
    return words.text(header).replace("'", "''")
