"""kamxl.xlam and kam.xlsm from their sources, on any system, without Excel; the same sources give the same bytes.

Puts together what `vba_project`, `vba_wrappers` and `ribbon` make. Knows the parts of a workbook package that the
add-in needs beside what XlsxWriter writes.
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from kamxl import __version__
from kamxl.addin.commands import find_command
from kamxl.addin.functions import CATEGORY, FUNCTIONS, Language, WorksheetFunction
from kamxl.addin.ribbon import ribbon_xml
from kamxl.addin.vba_project import VbaModule, build_vba_project, make_module
from kamxl.addin.vba_wrappers import FUNCTION_GROUP, FUNCTIONS_MODULE, TEXTS_MODULE, functions_source, texts_source
from kamxl.demo import HEADERS, demo_rows
from kamxl.demo_french import FRENCH_HEADERS, french_demo_rows
from kamxl.table import Table
from kamxl.values import is_error

ADDIN_NAME, BOOK_NAME = "kamxl.xlam", "kam.xlsm"
FORM_BUTTONS = {
    "classify": "ButtonClassify",
    "sheets": "ButtonSheets",
    "dashboard": "ButtonDashboard",
    "explain": "ButtonExplain",
}
# Identifier and name of a client stay in sight.
_FIXED_COLUMNS = 2
_BOOK_TYPE = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
_ADDIN_TYPE = "application/vnd.ms-excel.addin.macroEnabled.main+xml"
_RIBBON_PART = "customUI/customUI14.xml"
_RIBBON_RELATION = "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"
# Where Excel itself stores the help of arguments after MacroOptions (extension of xl/workbook.xml).
_HELP_EXTENSION = "{8193D73E-4604-4355-AFF4-8A2333D13BE4}"
_X14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
_LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


def vba_source(name: str) -> str:
    """The text of one of our hand-written VBA modules."""
    return (resources.files("kamxl.addin") / "vba" / f"{name}.bas").read_text("ascii")


def addin_modules(language: Language) -> tuple[VbaModule, ...]:
    """Every VBA module of kamxl.xlam."""
    return (
        make_module("ThisWorkbook", "workbook", ""),
        make_module("Sheet1", "sheet", ""),
        make_module("KamRuntime", "standard", vba_source("KamRuntime")),
        make_module("KamRibbon", "standard", vba_source("KamRibbon")),
        make_module(FUNCTIONS_MODULE, "standard", functions_source(language)),
        make_module(TEXTS_MODULE, "standard", texts_source(language)),
    )


def book_modules(language: Language) -> tuple[VbaModule, ...]:
    """Every VBA module of kam.xlsm."""
    return (
        make_module("ThisWorkbook", "workbook", ""),
        make_module("Sheet1", "sheet", ""),
        make_module("KamButtons", "standard", vba_source("KamButtons")),
        make_module(TEXTS_MODULE, "standard", texts_source(language)),
    )


def build_addin(language: Language) -> bytes:
    """The bytes of kamxl.xlam: functions with baked-in help, ribbon tab, runtime."""
    import xlsxwriter  # type: ignore[import-untyped]

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    _describe(book, "KAM functions and ribbon")
    sheet = book.add_worksheet("KAM")
    sheet.set_vba_name("Sheet1")
    sheet.write(0, 0, f"kamxl {__version__}")
    book.add_vba_project(io.BytesIO(build_vba_project("KamAddin", addin_modules(language))), True)
    book.close()
    return _as_addin(stream.getvalue(), language)


def build_book(clients: Table, language: Language) -> bytes:
    """The bytes of kam.xlsm: a client table as an Excel table, and form buttons above it.

    Shapes: dates in `clients` are `datetime.date`; whole columns of them are shown as dates.
    """
    import xlsxwriter

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    _describe(book, "Démonstration KAM" if language == "fr" else "KAM demonstration")
    sheet = book.add_worksheet("Clients")
    sheet.set_vba_name("Sheet1")
    sheet.set_row(0, 30)
    for position, (name, macro) in enumerate(FORM_BUTTONS.items()):
        command = find_command(name)
        assert command is not None, name
        options = {"macro": macro, "caption": command.label.text(language), "width": 140, "height": 30}
        # Two stand over the columns that stay in sight, the others beside them: none is cut where the sheet scrolls.
        column, place = divmod(position, 2)
        sheet.insert_button(0, column * _FIXED_COLUMNS, {**options, "x_offset": 4 + 146 * place, "y_offset": 5})
    _write_clients(book, sheet, clients)
    book.add_vba_project(io.BytesIO(build_vba_project("KamBook", book_modules(language))), True)
    book.close()
    return _zipped(_parts_of(stream.getvalue()))


def build_demo_book(language: Language) -> bytes:
    """kam.xlsm over the demo portfolio, with headers and answers in its language; workbook/kam.xlsm is English."""
    if language == "fr":
        return build_book(Table.from_rows(FRENCH_HEADERS, french_demo_rows(1)), language)
    return build_book(Table.from_rows(HEADERS, demo_rows(1)), language)


def _describe(book: object, title: str) -> None:
    book.set_properties({"title": title, "author": "kamxl", "created": _LONG_AGO})  # type: ignore[attr-defined]
    book.set_vba_name("ThisWorkbook")  # type: ignore[attr-defined]


def _write_clients(book: object, sheet: object, clients: Table) -> None:
    day = book.add_format({"num_format": "yyyy-mm-dd"})  # type: ignore[attr-defined]
    amount = book.add_format({"num_format": "#,##0.##"})  # type: ignore[attr-defined]
    columns: list[dict[str, object]] = []
    for index, (header, cells) in enumerate(zip(clients.headers, clients.columns, strict=True)):
        is_day = any(isinstance(cell, dt.date) for cell in cells)
        is_number = any(isinstance(cell, int | float) for cell in cells)
        columns.append({"header": header, "format": day if is_day else amount if is_number else None})
        width = max(len(header) + 4, *(len(str(cell)) + 2 for cell in cells))
        sheet.set_column(index, index, min(width, 36))  # type: ignore[attr-defined]
    last = (1 + clients.row_count, len(clients.headers) - 1)
    rows = [[_writable(cell) for cell in clients.row(index)] for index in range(clients.row_count)]
    options = {"name": "Clients", "columns": columns, "data": rows, "style": "Table Style Light 9"}
    sheet.add_table(1, 0, *last, options)  # type: ignore[attr-defined]
    sheet.freeze_panes(2, _FIXED_COLUMNS)  # type: ignore[attr-defined]
    sheet.set_landscape()  # type: ignore[attr-defined]
    sheet.set_paper(9)  # type: ignore[attr-defined]  # A4
    sheet.repeat_rows(1)  # type: ignore[attr-defined]
    sheet.repeat_columns(0, _FIXED_COLUMNS - 1)  # type: ignore[attr-defined]


def _writable(cell: object) -> object:
    if is_error(cell):
        raise ValueError(f"demonstration data must not hold the error {cell}")
    return cell


def _as_addin(macro_book: bytes, language: Language) -> bytes:
    """A macro workbook turned into an add-in with a ribbon tab and help for function arguments."""
    parts = _parts_of(macro_book)
    relation = f'<Relationship Id="rIdKam" Type="{_RIBBON_RELATION}" Target="{_RIBBON_PART}"/></Relationships>'
    groups = f'</sheets><functionGroups builtInGroupCount="{FUNCTION_GROUP - 1}">'
    groups += f'<functionGroup name="{CATEGORY}"/></functionGroups>'
    _edit(parts, "[Content_Types].xml", {_BOOK_TYPE: _ADDIN_TYPE})
    _edit(parts, "_rels/.rels", {"</Relationships>": relation})
    _edit(
        parts,
        "xl/workbook.xml",
        {
            "<workbookView ": '<workbookView visibility="hidden" ',
            "</sheets>": groups,
            "</workbook>": _argument_help(language) + "</workbook>",
        },
    )
    parts[_RIBBON_PART] = ribbon_xml(language).encode()
    return _zipped(parts)


def _parts_of(workbook: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(workbook)) as package:
        return {entry.filename: package.read(entry) for entry in package.infolist()}


def _edit(parts: dict[str, bytes], name: str, replacements: Mapping[str, str]) -> None:
    text = parts[name].decode()
    for old, new in replacements.items():
        if text.count(old) != 1:
            raise ValueError(f"{name} holds {old!r} {text.count(old)} times: XlsxWriter has changed")
        text = text.replace(old, new)
    parts[name] = text.encode()


def _argument_help(language: Language) -> str:
    names = "".join(_function_help(function, language) for function in FUNCTIONS if function.arguments)
    return (
        f'<extLst><ext uri="{_HELP_EXTENSION}" xmlns:x14="{_X14}">'
        f"<x14:definedNames>{names}</x14:definedNames></ext></extLst>"
    )


def _function_help(function: WorksheetFunction, language: Language) -> str:
    described = "".join(
        f'<x14:argumentDescription index="{index}">{escape(argument.help.text(language))}</x14:argumentDescription>'
        for index, argument in enumerate(function.arguments)
    )
    count = len(function.arguments)
    return (
        f"<x14:definedName name={quoteattr(function.name)}>"
        f'<x14:argumentDescriptions count="{count}">{described}</x14:argumentDescriptions></x14:definedName>'
    )


def _zipped(parts: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    # Stored, not deflated: zlib and zlib-ng pack alike but not the same, and Python builds differ in which they have.
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as package:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            # Windows and Unix would otherwise write another "made by" byte, and the files would differ.
            entry.create_system = 0
            package.writestr(entry, content)
    return stream.getvalue()


def write_file(path: Path, content: bytes) -> None:
    """Put a built file in place as a whole: a crash never leaves half an add-in for Excel to open."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_bytes(content)
    unfinished.replace(path)
