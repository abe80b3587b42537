"""The edit that the corpus command makes to every workbook: six score columns and two sheets."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter

from kamxl.ooxml import CellStyle, ColumnWrite, DataBar, OoxmlError, RuleStyle, SheetRef, TextEquals, Workbook
from kamxl.ooxml.references import MAX_COLUMN, Range, column_name
from kamxl.ooxml.sheet import Sheet

HEADERS = ("KX Score", "KX Profile", "KX History", "KX Potential", "KX Category", "KX Why")
SHEETS = ("KX Dashboard", "KX Team")
CATEGORIES = ("Loyal", "High potential", "Small & quiet")
MAX_ROWS = 2000
_HEAD = CellStyle(bold=True, fill="1F6FEB", font_color="FFFFFF")
_NUMBER = CellStyle(number_format="0.0", horizontal="right")
_TEXT = CellStyle(quote_prefix=True)


@dataclass(slots=True)
class Edit:
    """What was done, and where."""

    data: bytes = b""
    sheet: str = ""
    part: str = ""
    first_column: int = 0
    header_row: int = 0
    rows: int = 0
    table: str = ""
    sheets: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)


@cache
def donor() -> bytes:
    """Two sheets as XlsxWriter makes them: one with a chart, one with a table, links and print setup."""
    file = BytesIO()
    book: Any = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False})
    board, team = (book.add_worksheet(name) for name in SHEETS)
    title = book.add_format({"bold": True, "font_size": 16, "font_color": "#1F6FEB"})
    share = book.add_format({"num_format": "0.0 %", "border": 1})
    board.write(0, 0, "Portfolio", title)
    for row, (name, number) in enumerate(zip(CATEGORIES, (12, 7, 31), strict=True), 2):
        board.write(row, 0, name)
        board.write(row, 1, number)
        board.write_formula(row, 2, f"=B{row + 1}/SUM($B$3:$B$5)", share, number / 50)
    chart = book.add_chart({"type": "bar"})
    chart.add_series({"name": "Clients", "categories": [SHEETS[0], 2, 0, 4, 0], "values": [SHEETS[0], 2, 1, 4, 1]})
    board.insert_chart("E2", chart)
    board.set_column(0, 0, 24)
    board.freeze_panes(1, 0)
    board.print_area("A1:L20")
    team.add_table(0, 0, 3, 1, {"name": "KX_Team", "columns": [{"header": "Client"}, {"header": "Next step"}]})
    for row in range(3):
        team.write_row(row + 1, 0, [f"Client {row}", "=call"])
    team.write_url(6, 0, f"internal:'{SHEETS[0]}'!A1", string="back")
    team.conditional_format("A2:A4", {"type": "duplicate", "format": book.add_format({"bg_color": "#FFC7CE"})})
    team.data_validation("B2:B4", {"validate": "list", "source": ["yes", "no"]})
    team.set_landscape()
    book.close()
    return file.getvalue()


def edit_workbook(source: bytes | Path, *, again: Edit | None = None) -> Edit:
    """The workbook with the columns on the first sheet that takes them, and the two sheets; a file is saved in place.

    Errors: OoxmlError when nothing at all can be added.
    """
    workbook = Workbook.open(source)
    done = Edit()
    if again is not None and again.sheet:
        _write(workbook, again, overwrite=True)
        done = again
    elif again is None:
        for sheet in workbook.sheets:
            if sheet.kind == "worksheet" and _add_columns(workbook, sheet, done):
                break
    try:
        done.sheets = tuple(workbook.graft_sheets(donor()))
    except OoxmlError as error:
        if error.kind not in ("protected", "name-taken") or not done.sheet:
            raise
        done.notes.append(f"sheets {error.kind}")
    if isinstance(source, Path):
        workbook.save(source)
    saved = source.read_bytes() if isinstance(source, Path) else workbook.to_bytes()
    result = Edit(saved, done.sheet, done.part, done.first_column, done.header_row, done.rows)
    result.table, result.sheets, result.notes = done.table, done.sheets, done.notes
    return result


def _add_columns(workbook: Workbook, sheet: SheetRef, done: Edit) -> bool:
    tables = [item for item in workbook.tables if item.sheet == sheet.name and item.header_row]
    places = [
        (item.area.last_column + 1, item.header_row or 1, max(0, item.last_row - item.first_row + 1), item.name)
        for item in tables
    ]
    last_row, last_column = workbook.extent(sheet.name)
    places.append((last_column + 1, 1, min(max(1, last_row - 1), MAX_ROWS), ""))
    places.append((_beyond_all(workbook._sheet(sheet.name)) + 3, 1, min(max(1, last_row - 1), MAX_ROWS), ""))
    for column, header_row, rows, table in places:
        trial = Edit(b"", sheet.name, "", column, header_row, rows, table)
        try:
            _write(workbook, trial, overwrite=False)
        except OoxmlError as error:
            done.notes.append(f"columns {error.kind}")
            continue
        done.sheet, done.first_column, done.header_row = sheet.name, column, header_row
        done.rows, done.table = rows, table
        return True
    return False


def _beyond_all(sheet: Sheet) -> int:
    """The last column that a cell, a pivot table, a merged area or an array reaches; whole rows are left out."""
    areas = [*sheet.pivots(), *sheet.merges(), *(item.area for item in sheet.survey.specials)]
    ends = [area.last_column for area in areas if area.last_column < MAX_COLUMN]
    return max([*ends, *sheet.survey.last_columns], default=0)


def _write(workbook: Workbook, place: Edit, *, overwrite: bool) -> None:
    first = place.header_row + 1
    columns = [
        ColumnWrite(
            place.first_column + offset,
            header,
            [expected_value(offset, row) for row in range(place.rows)],
            style=_TEXT if offset > 3 else _NUMBER,
            header_style=_HEAD,
            width_chars=12,
            overwrite=overwrite,
        )
        for offset, header in enumerate(HEADERS)
    ]
    workbook.write_columns(place.sheet, place.header_row, first, columns)
    last = first + max(1, place.rows) - 1
    score = Range(place.first_column, first, place.first_column, last)
    category = Range(place.first_column + 4, first, place.first_column + 4, last)
    look = RuleStyle(fill="C6EFCE", font_color="006100")
    workbook.conditional_format(place.sheet, score.text(), [DataBar("638EC6")])
    workbook.conditional_format(place.sheet, category.text(), [TextEquals("Loyal", look)])


def expected_value(offset: int, row: int) -> str | float:
    """What stands in one of the six columns, some rows below the header."""
    if offset == 4:
        return CATEGORIES[row % 3]
    if offset == 5:
        return f"=1+{row} <why & how> in {column_name(offset + 1)}"
    return round((row * 7.3 + offset) % 100, 3)
