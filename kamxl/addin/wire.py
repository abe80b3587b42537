"""Cells on their way between Excel's COM values and ours: errors, dates, numbers.

Excel hands errors over as integers and everything numeric as floats; what we hand back must hold nothing that Excel
cannot show. Knows nothing of functions or scores.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from kamxl.addin.answers import Answer
from kamxl.addin.scoring import Fault
from kamxl.table import Cell
from kamxl.values import serial_of

# VBA turns a text that begins with this letter into the error whose number follows (KamRuntime.WithError).
MARK = "\x01"
ERROR_NUMBERS: dict[str, int] = {
    "#NULL!": 2000,
    "#DIV/0!": 2007,
    "#VALUE!": 2015,
    "#REF!": 2023,
    "#NAME?": 2029,
    "#NUM!": 2036,
    "#N/A": 2042,
}
# Excel's errors as COM integers (0x800A0000 + number), among them those that came with Excel 365.
_COM_BASE = -2146828288
COM_ERRORS: dict[int, str] = {
    _COM_BASE + number: text
    for text, number in {
        **ERROR_NUMBERS,
        "#GETTING_DATA": 2043,
        "#SPILL!": 2045,
        "#CONNECT!": 2046,
        "#BLOCKED!": 2047,
        "#UNKNOWN!": 2048,
        "#FIELD!": 2049,
        "#CALC!": 2050,
    }.items()
}
_REASON_CHARS = 240
_CELL_CHARS = 32_767


def from_excel(value: object) -> object:
    """An argument as Excel's COM gives it, as our functions take it: errors as texts, rows as tuples.

    What VBA could not read comes as a marked reason in place of the cells, and leaves as a Fault.
    """
    if isinstance(value, str) and value.startswith(MARK):
        return Fault("#VALUE!", f"KX507 {value.removeprefix(MARK)}")
    return _cells_from_excel(value)


def _cells_from_excel(value: object) -> object:
    if isinstance(value, list | tuple):
        return tuple(_cells_from_excel(part) for part in value)
    if isinstance(value, int) and not isinstance(value, bool):
        if value in COM_ERRORS:
            return COM_ERRORS[value]
        # Excel goes on inventing errors (#PYTHON!, #BUSY!); none of them may pass for a number.
        return "#UNKNOWN!" if _COM_BASE + 2000 <= value < _COM_BASE + 3000 else float(value)
    return value


def to_excel(answer: Answer) -> list[list[object]]:
    """An answer as Excel can show it. Shapes: rows of equal length."""
    return [[_shown(cell) for cell in row] for row in answer]


def _shown(cell: Cell) -> object:
    match cell:
        case None:
            return ""  # an empty Variant in an array would be shown as 0
        case Fault(error=error, reason=reason):
            return f"{MARK}{ERROR_NUMBERS.get(error, ERROR_NUMBERS['#VALUE!'])} {reason[:_REASON_CHARS]}"
        case bool():
            return cell
        case int() | float() | Decimal():
            return float(cell)  # Excel has no 64-bit integers, and no cells of them
        case dt.datetime() | dt.date():
            return serial_of(cell)
    return str(cell).lstrip(MARK)[:_CELL_CHARS]
