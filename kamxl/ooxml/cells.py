"""Values as the XML of cells, a column at a time.

Place in the picture: makes the pieces that `row_edit` sets into rows. Text is always written as
text (inline strings), so that `=1+1` typed by a client stays what it is; nothing of the workbook's
string table is renumbered.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import repeat
from operator import is_
from typing import Any, TypeAlias, cast

from kamxl.ooxml.errors import OoxmlError
from kamxl.ooxml.markup import escape, escape_plain, is_plain
from kamxl.records import dataclass

MAX_TEXT = 32_767  # characters in one cell, Excel's limit
MAX_FORMULA = 8_192  # characters in one formula, Excel's limit
_SAMPLE = 64  # values that show whether those of a column mostly differ
_EXACT = 1 << 53  # beyond it a double does not hold every integer

Scalar: TypeAlias = str | float | int | bool | None


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula without its `=` and the result that readers see until Excel calculates."""

    text: str
    cached: Scalar = None


Value: TypeAlias = Scalar | Formula


def render_cells(
    prefix: str, letters: str, rows: range, values: Sequence[Value], styles: Sequence[int] | int
) -> list[bytes]:
    """The XML of a column's cells in some rows; empty where there is no cell.

    Shapes: one value per row; styles is one number for all or one per value.
    Errors: OoxmlError `value` for a number that is no number or a formula that is too long.
    """
    parts = cell_parts(prefix, letters, [b"%d" % row for row in rows], values, styles)
    return list(map(b"".join, zip(*parts, strict=False)))


def cell_parts(
    prefix: str, letters: str, rows: Sequence[bytes], values: Sequence[Value], styles: Sequence[int] | int
) -> list[Iterable[bytes]]:
    """What `render_cells` gives, in pieces: put together row by row, those of all columns at once, they cost least.

    Shapes: rows are their numbers in digits; each piece is one text per row, or the same text without end.
    """
    opening = f'<{prefix}c r="{letters}'
    start, kinds = repeat(opening.encode()), set(map(type, values))
    if not isinstance(styles, int):
        pairs = list(zip(styles, values, strict=True))
        if kinds == {str}:
            ends = {pair: _render(prefix, "", _look(pair[0]), pair[1]).encode() for pair in set(pairs)}
            return [start, rows, map(ends.__getitem__, pairs)]
        return [_whole_cells(prefix, opening, rows, pairs)]
    look = _look(styles)
    blank = _render(prefix, "", look, None).encode()
    # The usual columns, all numbers or all text, without a call per cell.
    if kinds <= {float, int, type(None)} and _are_plain_numbers(values, kinds):
        middle, end = f"{look}><{prefix}v>", f"</{prefix}v></{prefix}c>"
        if type(None) not in kinds:
            numbers = "|".join(map(repr, values)).encode().split(b"|")
            return [start, rows, repeat(middle.encode()), numbers, repeat(end.encode())]
        numbers = [blank if value is None else f"{middle}{value!r}{end}".encode() for value in values]
    elif kinds <= {str, type(None)}:
        if parts := _plain_texts(prefix, look, values):
            return [start, rows, *parts]
        known = {text: _render(prefix, "", look, text).encode() for text in set(values)}
        numbers = list(map(known.__getitem__, values))
    else:
        return [_whole_cells(prefix, opening, rows, [(styles, value) for value in values])]
    if blank or type(None) not in kinds:
        return [start, rows, numbers]
    return [[opening.encode() + row + end if end else b"" for row, end in zip(rows, numbers, strict=True)]]


def _whole_cells(prefix: str, opening: str, rows: Sequence[bytes], pairs: Sequence[tuple[int, Value]]) -> list[bytes]:
    """Cells one by one, from style and value."""
    return [
        _render(prefix, f"{opening}{row.decode()}", _look(style), value).encode()
        for row, (style, value) in zip(rows, pairs, strict=True)
    ]


def _plain_texts(prefix: str, look: str, values: Sequence[Value]) -> list[Iterable[bytes]]:
    """What follows the references of cells with texts that mostly differ; [] where one takes a closer look.

    Looked at as one text, most columns show that no letter of theirs needs a change.
    """
    if len(set(values[:_SAMPLE])) * 2 < len(values[:_SAMPLE]) or None in values:
        return []
    texts = cast("Sequence[str]", values)
    if max(map(len, texts)) > MAX_TEXT or not all(map(is_, texts, map(str.strip, texts))):
        return []
    try:
        together = "|".join(texts).encode()
    except UnicodeEncodeError:
        return []
    if b"  " in together or not is_plain(together) or together.count(b"|") != len(texts) - 1:
        return []
    start, end = f'{look} t="inlineStr"><{prefix}is><{prefix}t>', f"</{prefix}t></{prefix}is></{prefix}c>"
    return [repeat(start.encode()), together.split(b"|"), repeat(end.encode())]


def _are_plain_numbers(values: Sequence[Value], kinds: set[type]) -> bool:
    """Whether Python writes all numbers as a cell takes them: not endless, no integer beyond what a double counts."""
    numbers: Any = values if type(None) not in kinds else [value for value in values if value is not None]
    if int in kinds:
        return all(-_EXACT < value < _EXACT for value in numbers)
    return math.isfinite(sum(numbers))  # one endless number makes the sum endless


def render_repeated_cells(
    prefix: str, letters: str, rows: range, results: Sequence[Scalar], style: int, formula: str
) -> list[bytes]:
    """The XML of cells that all hold one formula, letter for letter, with their results.

    For structured references: they name their own row, so that the text need not change.
    """
    start, look = f'<{prefix}c r="{letters}', _look(style)
    written = f"<{prefix}f>{escape_plain(_checked(formula))}</{prefix}f>"
    middle, end = f"{look}>{written}<{prefix}v>", f"</{prefix}v></{prefix}c>"
    others = {value for value in results if type(value) is not float}
    # A truth value equals the number one, and is written otherwise.
    if any(type(value) is not str for value in others):
        return [
            f"{start}{row}{look}{_with_result(prefix, written, value)}".encode()
            for row, value in zip(rows, results, strict=True)
        ]
    ends = {value: f"{look}{_with_result(prefix, written, value)}" for value in others}
    if not all(math.isfinite(value) for value in results if type(value) is float):
        raise _no_number(next(value for value in results if type(value) is float and not math.isfinite(value)))
    return [
        (f"{start}{row}{middle}{value!r}{end}" if type(value) is float else f"{start}{row}{ends[value]}").encode()
        for row, value in zip(rows, results, strict=True)
    ]


def _look(style: int) -> str:
    return f'" s="{style}"' if style else '"'


def _render(prefix: str, start: str, look: str, value: Value) -> str:
    """One cell; `start` is its XML up to its reference."""
    if value is None:
        return f"{start}{look}/>" if look != '"' else ""
    if isinstance(value, str):
        return f'{start}{look} t="inlineStr">{inline_text(prefix, str(value))}</{prefix}c>'
    if isinstance(value, Formula):
        formula = f"<{prefix}f>{escape_plain(_checked(value.text))}</{prefix}f>"
        return f"{start}{look}{_with_result(prefix, formula, value.cached)}"
    return f"{start}{look}{_with_result(prefix, '', value)}"


def _with_result(prefix: str, formula: str, value: Scalar) -> str:
    """End of a cell that holds a number, a truth value or a formula with its result."""
    end = f"</{prefix}v></{prefix}c>"
    if value is None:
        return f">{formula}</{prefix}c>" if formula else "/>"
    if isinstance(value, bool):
        return f' t="b">{formula}<{prefix}v>{int(value)}{end}'
    if isinstance(value, str):
        return f' t="str">{formula}<{prefix}v>{escape(value[:MAX_TEXT])}{end}'
    if isinstance(value, int) and abs(value) < _EXACT:
        return f">{formula}<{prefix}v>{int(value)}{end}"
    try:
        number = float(value)
    except (OverflowError, TypeError, ValueError) as error:
        raise _no_number(value) from error
    if not math.isfinite(number):
        raise _no_number(value)
    return f">{formula}<{prefix}v>{number!r}{end}"


def _no_number(value: object) -> OoxmlError:
    return OoxmlError("value", f"`{value}` is not a value that a cell can hold", help="write None for a missing number")


def _checked(text: str) -> str:
    plain = text.removeprefix("=")
    if len(plain) > MAX_FORMULA:
        raise OoxmlError(
            "value", f"a formula has {len(plain)} characters, Excel takes {MAX_FORMULA}", help="split the formula"
        )
    return plain


def inline_text(prefix: str, text: str) -> str:
    """A text as the inside of an inline-string cell, cut at Excel's limit with an ellipsis."""
    if len(text) > MAX_TEXT:
        text = text[: MAX_TEXT - 1] + "…"
    keep = ' xml:space="preserve"' if text != text.strip() or "\n" in text or "  " in text else ""
    return f"<{prefix}is><{prefix}t{keep}>{escape(text)}</{prefix}t></{prefix}is>"
