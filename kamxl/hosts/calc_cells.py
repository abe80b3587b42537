"""Blocks of cells between LibreOffice Calc and us: dates by their format, errors as texts, looks as cell properties.

Used by `calc.py`. Knows UNO ranges, not tables. UNO objects have no types that Python could check: they are Any.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from kamxl.looks import parse_look
from kamxl.table import Cell

# com.sun.star.util.NumberFormat, com.sun.star.sheet.FormulaResult, com.sun.star.table.CellHoriJustify.
_DATE, _LOGICAL, _ERRORS = 2, 1024, 4
_BOLD, _REGULAR, _SECONDS_A_DAY = 150.0, 100.0, 86_400
# com.sun.star.sheet.CellFlags: VALUE, DATETIME, STRING, FORMULA.
EVERY_CONTENT = 1 | 2 | 4 | 16
# More cells than this are not read: two million a second go from Calc to Python, at 100 bytes each.
MOST_CELLS = 10_000_000
# com.sun.star.table.CellVertJustify2. Other cells of a client table stand at the bottom, as Calc's own default is.
_VERTICAL, _BOTTOM = {"vcenter": 2}, 3
# A step of indent in Excel is three blanks wide; here in hundredths of a millimetre.
_INDENT = 350
# What Excel calls the errors that Calc knows only by a number.
_ERROR_NAMES = {502: "#VALUE!", 503: "#NUM!", 519: "#VALUE!", 524: "#REF!", 525: "#NAME?", 532: "#DIV/0!"}
_NOT_AVAILABLE = 32_767


def used_range(sheet: Any) -> Any:
    """The range from A1 to the last cell of a sheet that holds something."""
    cursor = sheet.createCursor()
    cursor.gotoEndOfUsedArea(False)
    last = cursor.RangeAddress
    last_row = last.EndRow
    if (last_row + 1) * (last.EndColumn + 1) > MOST_CELLS:
        last_row = _last_filled_row(sheet, last.EndColumn, last_row)
    return sheet.getCellRangeByPosition(0, 0, last.EndColumn, last_row)


def _last_filled_row(sheet: Any, last_column: int, last_row: int) -> int:
    """The last row that holds something. Calc's own used area also counts rows that only have a look."""
    low, high = 0, last_row
    while low < high:
        middle = (low + high + 1) // 2
        below = sheet.getCellRangeByPosition(0, middle, last_column, high)
        if below.queryContentCells(EVERY_CONTENT).getCount():
            low = middle
        else:
            high = middle - 1
    return low


def read_block(document: Any, block: Any) -> list[list[Cell]]:
    """The cells of a range as rows; blanks are None, dates are dates, errors are texts such as `#N/A`."""
    rows: list[list[Cell]] = [[None if cell == "" else cell for cell in row] for row in block.getDataArray()]
    top, left = block.RangeAddress.StartRow, block.RangeAddress.StartColumn
    formats = block.getCellFormatRanges()
    for index in range(formats.getCount()):
        part = formats.getByIndex(index)
        kind = document.NumberFormats.getByKey(part.NumberFormat).Type
        if kind & (_DATE | _LOGICAL):
            _give_kinds(rows, part.RangeAddress, top, left, _null_date(document) if kind & _DATE else None)
    for address in block.queryFormulaCells(_ERRORS).RangeAddresses:
        for row in range(address.StartRow, address.EndRow + 1):
            for column in range(address.StartColumn, address.EndColumn + 1):
                cell = block.getCellByPosition(column - left, row - top)
                rows[row - top][column - left] = _error_name(cell.getError())
    return rows


def _give_kinds(rows: list[list[Cell]], address: Any, top: int, left: int, epoch: dt.datetime | None) -> None:
    for row in range(address.StartRow - top, address.EndRow - top + 1):
        for column in range(address.StartColumn - left, address.EndColumn - left + 1):
            cell = rows[row][column]
            if isinstance(cell, float):
                rows[row][column] = _date(cell, epoch) if epoch is not None else bool(cell)


def _null_date(document: Any) -> dt.datetime:
    day = document.NullDate
    return dt.datetime(day.Year, day.Month, day.Day)


def _date(days: float, epoch: dt.datetime) -> Cell:
    try:
        moment = epoch + dt.timedelta(seconds=round(days * _SECONDS_A_DAY))
    except OverflowError:
        return days
    return moment.date() if days == int(days) else moment


def _error_name(code: int) -> str:
    return "#N/A" if code == _NOT_AVAILABLE else _ERROR_NAMES.get(code, "#VALUE!")


def plain_cell(document: Any, value: Cell) -> float | str:
    """A value as Calc takes it in a block. A text stays a text there, whatever it begins with."""
    if value is None:
        return ""
    if isinstance(value, bool | int | float | Decimal):
        number = float(value)
        return number if math.isfinite(number) else ""
    if isinstance(value, dt.datetime):
        return (value.replace(tzinfo=None) - _null_date(document)).total_seconds() / _SECONDS_A_DAY
    if isinstance(value, dt.date):
        return float((dt.datetime(value.year, value.month, value.day) - _null_date(document)).days)
    return str(value)


def apply_look(document: Any, block: Any, look: str) -> None:
    """A look on a range, or on a group of ranges, in one call."""
    style = parse_look(look)
    values: dict[str, object] = {
        "CharColor": int(style.colour, 16),
        "CharWeight": _BOLD if style.bold else _REGULAR,
        "IsTextWrapped": style.wrap,
        "NumberFormat": _format_key(document, style.number_format),
        "ParaIndent": style.indent * _INDENT,
        "VertJustify": _VERTICAL.get(style.valign, _BOTTOM),
    }
    if style.fill:
        values["CellBackColor"] = int(style.fill, 16)
    names = sorted(values)
    block.setPropertyValues(tuple(names), tuple(values[name] for name in names))


def _format_key(document: Any, code: str) -> int:
    import uno  # type: ignore[import-not-found,unused-ignore]

    locale = uno.createUnoStruct("com.sun.star.lang.Locale")
    locale.Language, locale.Country = "en", "US"
    key = document.NumberFormats.queryKey(code, locale, False)
    return int(key if key != -1 else document.NumberFormats.addNew(code, locale))


def look_runs(looks: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Runs of rows with the same look: first, last, look. Units: 0-based, last included."""
    first = 0
    for index in range(1, len(looks) + 1):
        if index == len(looks) or looks[index] != looks[first]:
            yield first, index - 1, looks[first]
            first = index


def colour_texts(document: Any, block: Any, colours: Sequence[tuple[str, str, str]]) -> None:
    """A live conditional format on a range: cells equal to a text get its fill and ink, whatever was there before."""
    import uno

    styles = document.StyleFamilies.getByName("CellStyles")
    conditions = block.ConditionalFormat
    conditions.clear()
    for text, fill, ink in colours:
        name = f"KAM {fill} {ink}"
        if not styles.hasByName(name):
            style = document.createInstance("com.sun.star.style.CellStyle")
            styles.insertByName(name, style)
            style.CellBackColor, style.CharColor = int(fill, 16), int(ink, 16)
        quoted = text.replace('"', '""')
        equal = uno.Enum("com.sun.star.sheet.ConditionOperator", "EQUAL")
        conditions.addNew(
            tuple(
                properties(Operator=equal, Formula1=f'"{quoted}"', StyleName=name),
            )
        )
    block.ConditionalFormat = conditions


def conditions_of(block: Any) -> list[tuple[Any, ...]]:
    """The live conditional formats of a range, as they can be put back."""
    found = block.ConditionalFormat
    entries = [found.getByIndex(index) for index in range(found.getCount())]
    return [
        properties(Operator=entry.getOperator(), Formula1=entry.getFormula1(), StyleName=entry.getStyleName())
        for entry in entries
    ]


def put_conditions(block: Any, entries: Sequence[tuple[Any, ...]]) -> None:
    """Live conditional formats on a range, whatever was there before."""
    conditions = block.ConditionalFormat
    conditions.clear()
    for entry in entries:
        conditions.addNew(entry)
    block.ConditionalFormat = conditions


def properties(**values: object) -> tuple[Any, ...]:
    """Named arguments as UNO takes them."""
    import uno

    made = []
    for name, value in values.items():
        each = uno.createUnoStruct("com.sun.star.beans.PropertyValue")
        each.Name, each.Value = name, value
        made.append(each)
    return tuple(made)


def run_command(frame: Any, name: str) -> None:
    """A command of Calc's own, by its name in `.uno:` addresses, carried out before we go on."""
    import uno

    url = uno.createUnoStruct("com.sun.star.util.URL")
    url.Complete = url.Main = f".uno:{name}"
    url.Protocol, url.Path = ".uno:", name
    dispatcher = frame.queryDispatch(url, "_self", 0)
    if dispatcher is not None:
        dispatcher.dispatch(url, properties(SynchronMode=True))
