"""Filters and tests that templates may use: a closed list, because some of Jinja's own can cost hours or gigabytes.

Numbers, money, percents and dates are written as people of the sheet's language write them.
"""

from __future__ import annotations

import datetime as dt
import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, cast

from jinja2 import pass_context, pass_environment
from jinja2.environment import Environment
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS as JINJA_FILTERS
from jinja2.filters import make_attrgetter
from jinja2.runtime import Context, Undefined
from jinja2.tests import TESTS as JINJA_TESTS
from markupsafe import Markup

from kamxl.phrases import write_number, write_percent
from kamxl.sheets.limits import LIMIT_FILTERS, join_capped, single
from kamxl.values import date_of, round_half_away

# A private character stands for a line break inside a cell; Markdown leaves it alone.
LINE_BREAK = "\ue002"
_PUNCTUATION = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~=&:$^\"'%/,;?@])")
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
}


def escape_markdown(text: str) -> str:
    """A text that Markdown shows as it is: what a client is called must not become a heading, a link or a table."""
    return LINE_BREAK.join(_PUNCTUATION.sub(r"\\\1", line.replace("\t", " ")) for line in text.splitlines())


@pass_context
def write_value(_context: Context, value: Any) -> Markup:
    """What `{{ value }}` writes: template text as it is, everything else escaped.

    `pass_context` keeps Jinja from writing constants while compiling, where a fault would have no line.
    """
    if isinstance(value, Markup):
        return value
    if value is None:
        return Markup("")
    if isinstance(value, Undefined):
        return Markup(str(value))
    if isinstance(single(value), float):
        return Markup(escape_markdown(f"{value:.15g}"))
    if isinstance(value, (str, int, float, dt.date)):
        return Markup(escape_markdown(str(value)))
    raise TypeError(f"{type(value).__name__} cannot be written; name one of its parts, or loop over it")


def _language(environment: Environment) -> str:
    return str(getattr(environment, "language", "en"))


@pass_environment
def number(environment: Environment, value: Any, decimals: int = 0) -> str:
    """A number with the separators of the language: 1,234.5 or 1 234,5. Nothing for a missing one."""
    return _written(value, lambda found: write_number(found, _language(environment), decimals=_decimals(decimals)))


@pass_environment
def money(environment: Environment, value: Any, decimals: int = 0, currency: str = "") -> str:
    """An amount; large ones in full. `currency` is put where the language puts it."""
    language = _language(environment)
    text = _written(value, lambda found: write_number(found, language, decimals=_decimals(decimals)))
    if not text or not currency:
        return text
    return f"{text}\u00a0{currency}" if language == "fr" else f"{currency}\u00a0{text}"


@pass_environment
def percent(environment: Environment, value: Any, decimals: int = 0) -> str:
    """A share as a percentage."""
    return _written(value, lambda found: write_percent(found, _language(environment), decimals=_decimals(decimals)))


@pass_environment
def date(environment: Environment, value: Any, style: str = "long") -> str:
    """A date: `23 November 2026`, `23 novembre 2026`; with "iso" 2026-11-23."""
    if isinstance(value, (int, float)) and math.isfinite(value):
        value = date_of(float(value))
    if not isinstance(value, dt.date):
        return ""
    if style == "iso":
        return value.isoformat()[:10]
    language = _language(environment)
    day = "1er" if language == "fr" and value.day == 1 else str(value.day)
    return f"{day} {_MONTHS[language].split(' ')[value.month - 1]} {value.year}"


def _written(value: Any, write: Callable[[float], str]) -> str:
    if value is None:
        return ""
    found = float(value)
    return write(found) if math.isfinite(found) else ""


def _decimals(wanted: Any) -> int:
    return max(0, min(9, int(wanted)))


def markdown(value: Any) -> Markup:
    """A text whose Markdown counts: for texts of processes.yml that hold emphasis or links."""
    return Markup(str(single(value)))


def checks(items: Iterable[Any]) -> Markup:
    """The items as a check list of one cell, each on its line behind an empty box."""
    return Markup(LINE_BREAK.join(f"☐ {escape_markdown(str(single(item)))}" for item in items))


def round_number(value: Any, decimals: int = 0) -> float:
    """A number rounded half away from zero, like the sheet."""
    return round_half_away(float(value), max(-15, min(15, int(decimals))))


def join(items: Iterable[Any], separator: str = "") -> str:
    """The items as one text."""
    pieces: list[str] = []
    for index, item in enumerate(items):
        if index:
            pieces.append(str(separator))
        pieces.append(str(single(item)))
    return join_capped(pieces)


def replace(value: Any, old: str, new: str) -> str:
    """A text in which `new` stands for `old`."""
    text, old = str(single(value)), str(old)
    join_capped([str(new)] * text.count(old) if old else [])
    return text.replace(old, str(new)) if old else text


def _of_text(found: Callable[..., Any]) -> Callable[..., Any]:
    """A filter of a single value: written out, a nested list can be as long as it likes."""

    @wraps(found)
    def of_text(value: Any, *arguments: Any, **named: Any) -> Any:
        return found(single(value), *arguments, **named)

    return of_text


def _of_items(found: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that compares items: each one, or its attribute, must be a single value."""

    @pass_environment
    @wraps(found)
    def of_items(environment: Environment, items: Any, *arguments: Any, **named: Any) -> Any:
        kept = list(items)
        if found.__name__ == "do_groupby" and arguments:
            named["attribute"], arguments = arguments[0], arguments[1:]
        pick = make_attrgetter(environment, named.get("attribute"))
        for item in kept:
            single(pick(item))
        return found(environment, kept, *arguments, **named)

    return of_items


def total(items: Iterable[Any], attribute: str | None = None) -> float:
    """The sum of numbers, or of an attribute of the items; missing ones count nothing."""
    numbers = (_part(item, attribute) for item in items)
    return math.fsum(float(each) for each in numbers if each is not None and math.isfinite(float(each)))


def _part(item: Any, attribute: str | None) -> Any:
    if attribute is None:
        return item
    if attribute.startswith("_"):
        raise SecurityError(f"`{attribute}` cannot be read")
    return item[attribute] if isinstance(item, Mapping) else getattr(item, attribute)


def _compare(sign: str) -> Callable[[Any, Any], bool]:
    check: Callable[[Any, Any], bool] = getattr(operator, sign)

    def compare(left: Any, right: Any) -> bool:
        return check(single(left), single(right))

    return compare


def _is_in(value: Any, items: Any) -> bool:
    return single(value) in items


_OWN_FILTERS: dict[str, Callable[..., Any]] = {
    "number": number,
    "money": money,
    "percent": percent,
    "date": date,
    "markdown": markdown,
    "checks": checks,
    "round": round_number,
    "join": join,
    "replace": replace,
    "sum": total,
}
_PLAIN = "abs count d default first float int items last length list map reject rejectattr reverse select selectattr"
_OF_TEXT = "capitalize lower string title trim truncate upper"
_OF_ITEMS = "groupby max min sort unique"
_TESTS = (
    "boolean defined divisibleby even false float integer iterable lower mapping none number odd sequence string true "
    "undefined upper"
)
_COMPARISONS = {
    "eq": ("eq", "equalto", "=="),
    "ne": ("ne", "!="),
    "lt": ("lt", "lessthan", "<"),
    "le": ("le", "<="),
    "gt": ("gt", "greaterthan", ">"),
    "ge": ("ge", ">="),
}
_ALLOWED: dict[str, Callable[..., Any]] = {
    **{name: JINJA_FILTERS[name] for name in _PLAIN.split()},
    **{name: _of_text(JINJA_FILTERS[name]) for name in _OF_TEXT.split()},
    **{name: _of_items(JINJA_FILTERS[name]) for name in _OF_ITEMS.split()},
    **_OWN_FILTERS,
}

_COMPARISON_TESTS: dict[str, Callable[..., Any]] = {
    name: _compare(sign) for sign, names in _COMPARISONS.items() for name in names
}
FILTER_NAMES: tuple[str, ...] = tuple(sorted(_ALLOWED))
FILTERS: dict[str, Callable[..., Any]] = {**_ALLOWED, **LIMIT_FILTERS}
TESTS: dict[str, Callable[..., Any]] = {
    **{name: cast(Callable[..., Any], JINJA_TESTS[name]) for name in _TESTS.split()},
    **_COMPARISON_TESTS,
    "in": _is_in,
}
