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
_BOLD, _SECONDS_A_DAY = 150.0, 86_400
# What Excel calls the errors that Calc knows only by a number.
_ERROR_NAMES = {502: "#VALUE!", 503: "#NUM!", 519: "#VALUE!", 524: "#REF!", 525: "#NAME?", 532: "#DIV/0!"}
_NOT_AVAILABLE = 32_767


def used_range(sheet: Any) -> Any:
    """The range from A1 to the last cell of a sheet that holds something."""
    cursor = sheet.createCursor()
    cursor.gotoEndOfUsedArea(False)
    last = cursor.RangeAddress
    return sheet.getCellRangeByPosition(0, 0, last.EndColumn, last.EndRow)


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
    """A look on a range, or on a group of ranges."""
    style = parse_look(look)
    block.NumberFormat = _format_key(document, style.number_format)
    block.CharWeight = _BOLD if style.bold else 100.0
    block.CharColor = int(style.colour, 16)
    if style.fill:
        block.CellBackColor = int(style.fill, 16)
    block.IsTextWrapped = style.wrap


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


def properties(**values: object) -> tuple[Any, ...]:
    """Named arguments as UNO takes them."""
    import uno

    made = []
    for name, value in values.items():
        each = uno.createUnoStruct("com.sun.star.beans.PropertyValue")
        each.Name, each.Value = name, value
        made.append(each)
    return tuple(made)
