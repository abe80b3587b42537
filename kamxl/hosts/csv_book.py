"""A .csv or .tsv file as cells, and as a new workbook with one formatted client table.

A CSV has no types: what looks like a number is one, unless a leading zero or a long digit string says it is a code.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kamxl.looks import ACCENT, FONT, INK, RULE
from kamxl.problems import KamxlError, Place, Problem
from kamxl.table import Cell
from kamxl.values import date_of, parse_date

_POINT = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d+)?(?:[eE][+-]?\d+)?")
_COMMA = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:,\d+)?")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
SHEET = "Clients"
MOST_BYTES = 512 << 20

# What a run writes beside the table, and what a landscape page still shows in a size that can be read.
_RESULTS_CHARS = 360.0
_PAGE_CHARS = 220.0


def read_csv(path: Path) -> list[list[Cell]]:
    """Rows of a CSV file: numbers as floats, blanks as None.

    Errors: KamxlError (KX501) for a file that is no text or too large.
    """
    raw = path.read_bytes()
    if len(raw) > MOST_BYTES:
        raise KamxlError(
            Problem("KX501", "the file is larger than 512 MB", Place(str(path)), help="use a .parquet file")
        )
    text = _decode(raw, path)
    lines = text[:20_000].splitlines() or [""]
    delimiter = max(",;\t|", key=lambda mark: lines[0].count(mark))
    pattern = _COMMA if delimiter == ";" and not re.search(r";-?\d+\.\d+(;|$)", text[:20_000], re.M) else _POINT
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise KamxlError(Problem("KX501", f"the file is no CSV: {error}", Place(str(path)))) from error
    # Who writes decimals with a comma writes the day before the month.
    return [[_cell(field, pattern, day_first=pattern is _COMMA) for field in row] for row in rows]


def _decode(raw: bytes, path: Path) -> str:
    if b"\0" in raw[:4096] and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise KamxlError(
            Problem(
                "KX501", "the file is not text", Place(str(path)), help="save it as CSV UTF-8 from your spreadsheet"
            )
        )
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What Excel writes as "CSV" on Windows in Western Europe and the Americas.
        return raw.decode("cp1252", errors="replace")


def _cell(field: str, number: re.Pattern[str], *, day_first: bool) -> Cell:
    bare = field.strip()
    if not bare:
        return None
    if number.fullmatch(bare):
        return float(bare.replace(",", "."))
    serial = parse_date(bare, day_first=True) if day_first and "/" in bare else None
    day = date_of(serial) if serial is not None else None
    return day.isoformat()[:10] if day is not None else bare


def csv_as_workbook(rows: Sequence[Sequence[Cell]]) -> bytes:
    """A new workbook with the rows as a table named Clients: frozen header, widths that fit, print set-up."""
    import xlsxwriter  # type: ignore[import-untyped]

    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    book.set_properties({"created": dt.datetime(2024, 1, 1), "author": "kamxl"})
    sheet = book.add_worksheet(SHEET)
    width = max((len(row) for row in rows), default=1)
    headers = _unique([str(cell) if cell is not None else "" for cell in rows[0]] + [""] * (width - len(rows[0])))
    formats = _formats(book)
    kinds = [_column_kind([row[index] for row in rows[1:2000] if index < len(row)]) for index in range(width)]
    for row_index, row in enumerate(rows[1:], 1):
        for column, cell in enumerate(row):
            _write(sheet, row_index, column, cell, kinds[column], formats)
    wide = _RESULTS_CHARS
    for column, header in enumerate(headers):
        longest = max(
            (len(str(row[column])) for row in rows[1:500] if column < len(row) and row[column] is not None), default=8
        )
        chars = min(max(longest, len(header) * 0.8, 8) + 2, 34)
        wide += chars
        sheet.set_column(column, column, chars)
    columns = [{"header": header, "header_format": formats["header"]} for header in headers]
    style = {"name": SHEET, "style": "Table Style Light 1", "columns": columns}
    sheet.add_table(0, 0, max(len(rows) - 1, 1), width - 1, style)
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(math.ceil(wide / _PAGE_CHARS), 0)
    sheet.repeat_rows(0)
    sheet.repeat_columns(0)
    sheet.set_row(0, 30)
    book.close()
    return target.getvalue()


def _formats(book: Any) -> dict[str, Any]:
    base = {"font_name": FONT, "font_size": 10, "font_color": f"#{INK}"}
    return {
        "header": book.add_format(
            {**base, "bold": True, "font_color": "#FFFFFF", "bg_color": f"#{ACCENT}", "text_wrap": True,
             "valign": "vcenter", "border": 1, "border_color": f"#{RULE}"}
        ),
        "text": book.add_format(base),
        "whole": book.add_format({**base, "num_format": "#,##0"}),
        "code": book.add_format({**base, "num_format": "0"}),
        "number": book.add_format({**base, "num_format": "#,##0.00"}),
        "date": book.add_format({**base, "num_format": "yyyy-mm-dd"}),
    }  # fmt: skip


def _column_kind(cells: Sequence[Cell]) -> str:
    numbers = [cell for cell in cells if isinstance(cell, float)]
    if not numbers:
        return "text"
    if all(number == int(number) for number in numbers):
        return "whole" if max(abs(number) for number in numbers) >= 3000 else "code"
    return "number"


def _write(sheet: Any, row: int, column: int, cell: Cell, kind: str, formats: dict[str, Any]) -> None:
    if isinstance(cell, float):
        sheet.write_number(row, column, cell, formats[kind if kind != "text" else "code"])
        return
    if isinstance(cell, str):
        serial = parse_date(cell, day_first=False) if _ISO.fullmatch(cell) else None
        if serial is not None and serial > 60:
            sheet.write_number(row, column, serial, formats["date"])
        else:
            sheet.write_string(row, column, cell[:32_767], formats["text"])


def _unique(headers: Sequence[str]) -> list[str]:
    """Headers as an Excel table wants them: none empty, no two alike."""
    seen: dict[str, int] = {}
    result = []
    for index, header in enumerate(headers, 1):
        name = header.strip() or f"Column {index}"
        count = seen.get(name.casefold(), 0)
        seen[name.casefold()] = count + 1
        result.append(name if not count else f"{name} {count + 1}")
    return result
