"""Workbooks for the tests of kamxl.ooxml: made by XlsxWriter, then bent part by part."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any

import xlsxwriter
from python_calamine import CalamineWorkbook

from kamxl.ooxml import CellStyle, ColumnWrite
from kamxl.ooxml.cells import Value

HEAD = CellStyle(bold=True, fill="1F6FEB", font_color="FFFFFF")
STRICT = (
    ("http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main"),
    (
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "http://purl.oclc.org/ooxml/officeDocument/relationships",
    ),
    ("http://schemas.openxmlformats.org/drawingml/2006/main", "http://purl.oclc.org/ooxml/drawingml/main"),
)


def make_book(
    rows: int = 5,
    *,
    table: bool = False,
    options: dict[str, Any] | None = None,
    more: Callable[[Any, Any], None] | None = None,
) -> bytes:
    """A client list on the sheet `Clients`, A1:C(rows + 1); `more` gets the book and the sheet."""
    file = BytesIO()
    book: Any = xlsxwriter.Workbook(file, {"in_memory": True, **(options or {})})
    sheet = book.add_worksheet("Clients")
    headers = ["Client", "Revenue", "Rank"]
    sheet.write_row(0, 0, headers)
    for row in range(1, rows + 1):
        sheet.write_row(row, 0, [f"Client {row}", row * 10.5, "first"])
    if table:
        sheet.add_table(0, 0, rows, 2, {"name": "Clients_table", "columns": [{"header": name} for name in headers]})
    if more:
        more(book, sheet)
    book.close()
    return file.getvalue()


def column(
    place: int, header: str = "Score", values: Sequence[Value] = (1.5, 2.0, None, 4.0, 5.0), **more: Any
) -> ColumnWrite:
    return ColumnWrite(place, header, list(values), **more)


def read_part(data: bytes, name: str) -> str:
    return read_bytes(data, name).decode("utf-8")


def read_bytes(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(BytesIO(data)) as package:
        return package.read(name)


def part_list(data: bytes) -> list[str]:
    with zipfile.ZipFile(BytesIO(data)) as package:
        return package.namelist()


def bend(data: bytes, name: str, change: Callable[[str], str | bytes]) -> bytes:
    """The workbook with one part's text changed."""
    return repack(data, lambda part, content: _bytes(change(content.decode("utf-8"))) if part == name else content)


def repack(data: bytes, change: Callable[[str, bytes], bytes | None], extra: Sequence[tuple[str, bytes]] = ()) -> bytes:
    """The workbook with each part passed through `change` (None drops it) and some parts added."""
    file = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
        for name, content in extra:
            new.writestr(name, content)
    return file.getvalue()


def prefixed(data: bytes) -> bytes:
    """The workbook as the Open XML SDK spells it: every spreadsheet element behind `x:`."""

    def change(name: str, content: bytes) -> bytes:
        if name.startswith("xl/") and name.endswith(".xml") and b"spreadsheetml/2006/main" in content[:600]:
            text = re.sub(r"<(/?)([A-Za-z]\w*)(?=[\s/>])", r"<\1x:\2", content.decode("utf-8").partition("?>")[2])
            return b'<?xml version="1.0"?>' + text.replace(' xmlns="http', ' xmlns:x="http', 1).encode()
        return content

    return repack(data, change)


def strict(data: bytes) -> bytes:
    """The workbook in the strict dialect of the format."""

    def change(name: str, content: bytes) -> bytes:
        if name.endswith((".xml", ".rels")):
            for transitional, strict_name in STRICT:
                content = content.replace(transitional.encode(), strict_name.encode())
        return content

    return repack(data, change)


def values(data: bytes, sheet: str = "Clients") -> list[list[Any]]:
    """What calamine reads, from A1 on."""
    found: list[list[Any]] = (
        CalamineWorkbook.from_filelike(BytesIO(data)).get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    )
    return found


def sheet_names(data: bytes) -> list[str]:
    return list(CalamineWorkbook.from_filelike(BytesIO(data)).sheet_names)


def _bytes(content: str | bytes) -> bytes:
    return content.encode("utf-8") if isinstance(content, str) else content
