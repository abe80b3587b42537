"""What a cell means: blank, text, number, date, yes or no, error; rounding and comparison of values.

Cells are cleaned once, here, at the border; behind it a value is a float, a text, a bool or None (missing) and never
NaN. Dates are floats: days since 1899-12-30, Excel's serial from 1900-03-01 on. Knows nothing of rules or tables.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import struct
import sys
from collections.abc import Callable
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal, TypeGuard, get_args

from kamxl.records import dataclass

if TYPE_CHECKING:
    from decimal import Decimal

Value = float | str | bool | None
Kind = Literal["number", "money", "percent", "date", "text", "choice", "yes/no"]
KINDS: tuple[str, ...] = get_args(Kind)
NUMBER_KINDS = frozenset({"number", "money", "percent"})
TEXT_KINDS = frozenset({"text", "choice"})

# What a host says of a formula whose value was never stored: blank would be a guess.
NOT_CALCULATED = "#NOT CALCULATED"
ERROR_TEXTS = frozenset(
    {
        NOT_CALCULATED,
        "#N/A",
        "#DIV/0!",
        "#VALUE!",
        "#REF!",
        "#NAME?",
        "#NUM!",
        "#NULL!",
        "#SPILL!",
        "#CALC!",
        "#GETTING_DATA",
        "#FIELD!",
        "#BLOCKED!",
        "#CONNECT!",
        "#UNKNOWN!",
        "#BUSY!",
        "#PYTHON!",
    }
)
_YES = frozenset({"yes", "y", "true", "oui", "o", "vrai", "x", "1"})
_NO = frozenset({"no", "n", "false", "non", "faux", "0"})
_EPOCH = dt.date(1899, 12, 30)
# 9 decimals: what Excel's ROUND, SQL's ROUND and we all carry out alike (facts/native_formulas.md, section 4).
QUANTUM_DECIMALS = 9
# Patterns of numbers and dates as people type them; each is compiled when the first such text is met.
_CURRENCY = r"(?i)^(?:CAD|USD|EUR|CHF|GBP|[$€£¥])|(?:CAD|USD|EUR|CHF|GBP|[$€£¥])$"
_POINT_NUMBER = r"[+-]?(?:\d{1,3}(?:[ ,']\d{3})+|\d+)?(?:\.\d*)?(?:[eE][+-]?\d+)?"
_COMMA_NUMBER = r"[+-]?(?:\d{1,3}(?:[ .']\d{3})+|\d+)?(?:,\d*)?(?:[eE][+-]?\d+)?"
_ISO_DATE = r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
_DAY_FIRST = r"(\d{1,2})/(\d{1,2})/(\d{4})"
_pattern = cache(re.compile)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one cell says: its value, or the code and words of why it is unusable."""

    value: Value = None
    code: str = ""
    message: str = ""


def clean_text(text: str) -> str:
    """Text trimmed, with runs of blanks (non-breaking ones too) as one space."""
    # The blanks of the pattern are those that `split` splits at.
    return " ".join(text.split())


def fold(text: str) -> str:
    """The form in which two texts are compared: clean, case left out."""
    # As `clean_text`: what is folded has the same blanks.
    return " ".join(text.casefold().split())


def is_blank(cell: object) -> bool:
    """Whether a cell is empty, holds only blanks, or is NaN."""
    if cell is None:
        return True
    if isinstance(cell, str):
        return not cell or cell.isspace()
    return isinstance(cell, float) and math.isnan(cell)


def is_error(cell: object) -> bool:
    """Whether a cell holds an Excel error such as `#N/A`."""
    return isinstance(cell, str) and cell.startswith("#") and cell.strip().upper() in ERROR_TEXTS


def serial_of(day: dt.date | dt.datetime) -> float:
    """Days since 1899-12-30, with the time of day as a fraction."""
    if isinstance(day, dt.datetime):
        seconds = day.hour * 3600 + day.minute * 60 + day.second + day.microsecond / 1e6
        return (day.date() - _EPOCH).days + seconds / 86400.0
    return float((day - _EPOCH).days)


def date_of(serial: float) -> dt.date | None:
    """The day of a serial; None outside the years 1 to 9999."""
    try:
        return _EPOCH + dt.timedelta(days=math.floor(serial))
    except (OverflowError, ValueError):
        return None


def quantise(number: float) -> float:
    """A number rounded to 9 decimals, half away from zero, on its 15 significant digits as Excel's ROUND does."""
    return round_half_away(number, QUANTUM_DECIMALS)


def round_half_away(number: float, decimals: int) -> float:
    """A number rounded half away from zero, on its 15 significant digits.

    Units: decimals may be negative (tens, hundreds); beyond 15 digits the number comes back as its 15 digits.
    Source: facts/native_formulas.md, section 4, trap 2 (Excel rounds the decimal, not the binary value).
    """
    if not math.isfinite(number):
        return number
    if number == math.floor(number) and abs(number) < 1e15 and decimals >= 0:
        return number
    return _rounded(number, decimals)


# The same scores and thresholds are compared many times over in a run. What is equal here is the same number.
@lru_cache(maxsize=32768)
def _rounded(number: float, decimals: int) -> float:
    text = f"{number:.14e}"
    mantissa, _, exponent = text.partition("e")
    digits, dropped = int(mantissa.replace(".", "")), 14 - int(exponent) - decimals
    if dropped <= 0:
        return float(text)
    unit = 10**dropped
    kept, rest = divmod(abs(digits), unit)
    kept += 2 * rest >= unit
    return float(f"{kept if digits > 0 else -kept}e{-decimals}") + 0.0


def _order_of(number: float) -> int:
    # IEEE doubles sort like their bit patterns once negative ones are mirrored.
    (bits,) = struct.unpack("<q", struct.pack("<d", number))
    return int(bits) if bits >= 0 else -(bits & 0x7FFF_FFFF_FFFF_FFFF)


def _number_at(order: int) -> float:
    bits = order if order >= 0 else (-order) | -0x8000_0000_0000_0000
    (number,) = struct.unpack("<d", struct.pack("<q", bits))
    return float(number)


def _first_number(holds: Callable[[float], bool], around: float) -> float:
    """The smallest double for which a rising predicate holds, searched near `around`."""
    reach = max(1e-8, abs(around) * 1e-13)
    low, high = _order_of(around - reach), _order_of(around + reach)
    while high - low > 1:
        middle = (low + high) // 2
        if holds(_number_at(middle)):
            high = middle
        else:
            low = middle
    return _number_at(high)


# The same edges are asked for at every run of a rule file.
@lru_cache(maxsize=4096)
def lowest_reaching(edge: float) -> float:
    """The smallest double x with quantise(x) >= quantise(edge).

    `x >= lowest_reaching(edge)` is the quantised comparison without quantising x: whole columns meet an edge at the
    cost of one plain comparison, and agree with the row by row definition to the last bit.
    """
    if not math.isfinite(edge):
        return edge
    target = quantise(edge)
    return _first_number(lambda number: quantise(number) >= target, target)


@lru_cache(maxsize=4096)
def lowest_above(edge: float) -> float:
    """The smallest double x with quantise(x) > quantise(edge)."""
    if not math.isfinite(edge):
        return edge
    target = quantise(edge)
    return _first_number(lambda number: quantise(number) > target, target)


def parse_number(text: str, *, decimal_comma: bool) -> float | None:
    """The number that a person typed as text, or None.

    Units: "12 %" is 0.12; blanks, NBSP and apostrophes group thousands, and the other one of comma and point too.
    """
    bare = clean_text(text)
    negative = bare.startswith("(") and bare.endswith(")")
    if negative:
        bare = bare[1:-1].strip()
    percent = bare.endswith("%")
    if percent:
        bare = bare[:-1].strip()
    bare = _pattern(_CURRENCY).sub("", bare).strip()
    pattern = _pattern(_COMMA_NUMBER if decimal_comma else _POINT_NUMBER)
    if not bare or not any(character.isdigit() for character in bare) or not pattern.fullmatch(bare):
        return None
    digits = bare.replace(" ", "").replace("'", "")
    digits = digits.replace(".", "").replace(",", ".") if decimal_comma else digits.replace(",", "")
    try:
        number = float(digits)
    except ValueError:
        return None
    if percent:
        number = number / 100
    return -number if negative else number


def parse_date(text: str, *, day_first: bool) -> float | None:
    """The serial of an ISO date in text (or 31/12/2026 where days come first), or None."""
    bare = clean_text(text)
    found = _pattern(_ISO_DATE).fullmatch(bare)
    parts = found.groups() if found else None
    if parts is None and day_first and (found := _pattern(_DAY_FIRST).fullmatch(bare)):
        parts = tuple(reversed(found.groups()))
    if parts is None:
        return None
    try:
        return serial_of(dt.date(int(parts[0]), int(parts[1]), int(parts[2])))
    except ValueError:
        return None


def show_number(number: float, *, decimals: int = 2) -> str:
    """A number as messages show it: 12, 12.5, 0.33; never an exponent for ordinary sizes."""
    rounded = round_half_away(number, decimals) if abs(number) < 1e13 else number
    if rounded == math.floor(rounded) and abs(rounded) < 1e15:
        return str(int(rounded))
    return f"{rounded:.{decimals}f}".rstrip("0").rstrip(".") if abs(rounded) < 1e15 else f"{rounded:g}"


def read_cell(cell: object, kind: Kind, *, decimal_comma: bool = False) -> Reading:
    """What a cell says when its column is of a kind.

    Errors: none are raised; an unusable cell comes back as a Reading with a KX4 code.
    """
    if is_blank(cell):
        return Reading()
    if is_error(cell):
        if cell == NOT_CALCULATED:
            return Reading(None, "KX412", "cell holds a formula that was never calculated")
        return Reading(None, "KX401", f"cell holds the error {str(cell).strip()}")
    if kind in NUMBER_KINDS:
        return _read_number(cell, decimal_comma=decimal_comma)
    if kind == "date":
        return _read_date(cell, decimal_comma=decimal_comma)
    if kind == "yes/no":
        return _read_yes_no(cell)
    return Reading(text_of(cell))


def text_of(cell: object) -> str:
    """A cell as clean text: 5 for 5.0, ISO for dates, TRUE for true."""
    if type(cell) is str:
        return clean_text(cell)
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if _is_number(cell):
        number = _float_of(cell)
        return f"{number:.15g}" if math.isfinite(number) else str(cell)
    if isinstance(cell, dt.datetime):
        bare = cell.isoformat(sep=" ")
        return bare.removesuffix(" 00:00:00")
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return clean_text(str(cell))


def _read_number(cell: object, *, decimal_comma: bool) -> Reading:
    if isinstance(cell, bool):
        return Reading(None, "KX402", f"a number is expected here, not {'TRUE' if cell else 'FALSE'}")
    if _is_number(cell):
        number = _float_of(cell)
        if math.isfinite(number):
            return Reading(number)
        return Reading(None, "KX409", "the number is too large")
    if isinstance(cell, str):
        parsed = parse_number(cell, decimal_comma=decimal_comma)
        if parsed is not None and math.isfinite(parsed):
            return Reading(parsed)
        return Reading(None, "KX402", f"a number is expected here, not `{_shorten(cell)}`")
    return Reading(None, "KX402", f"a number is expected here, not {text_of(cell)}")


def _is_number(cell: object) -> TypeGuard[int | float | Decimal]:
    if isinstance(cell, (int, float)):
        return True
    # Databases and editing programs hand over decimals; as long as nobody loaded their module, there is none.
    module = sys.modules.get("decimal")
    return module is not None and isinstance(cell, module.Decimal)


def _float_of(cell: int | float | Decimal) -> float:
    try:
        return float(cell)
    except OverflowError:
        return math.inf


def _read_date(cell: object, *, decimal_comma: bool) -> Reading:
    if isinstance(cell, (dt.date, dt.datetime)):
        return Reading(serial_of(cell))
    if _is_number(cell) and not isinstance(cell, bool):
        number = _float_of(cell)
        if date_of(number) is not None:
            return Reading(number)
    if isinstance(cell, str):
        serial = parse_date(cell, day_first=decimal_comma)
        if serial is not None:
            return Reading(serial)
    return Reading(None, "KX403", f"a date such as 2026-01-31 is expected here, not `{_shorten(str(cell))}`")


def _read_yes_no(cell: object) -> Reading:
    if isinstance(cell, bool):
        return Reading(cell)
    word = text_of(cell).casefold()
    if word in _YES:
        return Reading(True)
    if word in _NO:
        return Reading(False)
    return Reading(None, "KX410", f"yes or no is expected here, not `{_shorten(str(cell))}`")


def _shorten(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."
