"""Values as the XML of cells, a column at a time.

Place in the picture: makes the pieces that `row_edit` sets into rows. Text is always written as
text (inline strings), so that `=1+1` typed by a client stays what it is; nothing of the workbook's
string table is renumbered.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from kamxl.ooxml.errors import OoxmlError
from kamxl.ooxml.markup import escape, escape_plain

MAX_TEXT = 32_767  # characters in one cell, Excel's limit
MAX_FORMULA = 8_192  # characters in one formula, Excel's limit
Scalar: TypeAlias = str | float | int | bool | None


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula without its `=` and the result that readers see until Excel calculates."""

    text: str
    cached: Scalar = None


@dataclass(frozen=True, slots=True)
class SharedFormula:
    """One formula for a whole column, written for the column's first row; the rest follow it.

    References move down as they do when a person drags the cell. The results stand in the column's values.
    """

    text: str


Value: TypeAlias = Scalar | Formula


def render_column(
    prefix: str,
    values: Sequence[Value],
    styles: Sequence[int] | int,
    shared: tuple[str, int, str] | None = None,
) -> Iterator[str | None]:
    """The part of each cell's XML after its reference; None where there is no cell.

    Shapes: styles is one number for all or one per value. `shared` is (formula, index, area).
    Errors: OoxmlError `value` for a number that is no number or a formula that is too long.
    """
    if shared is not None:
        yield from _render_shared(prefix, values, styles, shared)
        return
    if isinstance(styles, int):
        render = _renderer(prefix, styles)
        for value in values:
            yield render(value)
        return
    renderers: dict[int, Callable[[Value], str | None]] = {}
    for value, style in zip(values, styles, strict=True):
        if style not in renderers:
            renderers[style] = _renderer(prefix, style)
        yield renderers[style](value)


def _renderer(prefix: str, style: int) -> Callable[[Value], str | None]:
    """What turns one value into XML; texts that come back are rendered once."""
    look = f'" s="{style}"' if style else '"'
    number_start, end = f"{look}><{prefix}v>", f"</{prefix}v></{prefix}c>"
    blank = f"{look}/>" if style else None
    texts: dict[str, str] = {}

    def render(value: Value) -> str | None:
        kind = type(value)
        if kind is float:
            if not math.isfinite(value):  # type: ignore[arg-type]
                raise _no_number(value)
            return f"{number_start}{value!r}{end}"
        if kind is str:
            done = texts.get(value)  # type: ignore[arg-type]
            if done is None:
                done = f'{look} t="inlineStr">{inline_text(prefix, value)}</{prefix}c>'  # type: ignore[arg-type]
                if len(texts) < 10_000:
                    texts[value] = done  # type: ignore[index]
            return done
        if value is None:
            return blank
        return _render_rare(prefix, look, value)

    return render


def _render_rare(prefix: str, look: str, value: Value) -> str:
    """Whole numbers, truth values, formulas, and subclasses of the plain kinds."""
    if isinstance(value, Formula):
        formula = f"<{prefix}f>{escape_plain(_checked(value.text))}</{prefix}f>"
        return look + _with_result(prefix, formula, value.cached)
    if isinstance(value, str):
        return f'{look} t="inlineStr">{inline_text(prefix, str(value))}</{prefix}c>'
    return look + _with_result(prefix, "", value)


def _render_shared(
    prefix: str, values: Sequence[Value], styles: Sequence[int] | int, shared: tuple[str, int, str]
) -> Iterator[str]:
    text, index, area = shared
    first = f'<{prefix}f t="shared" ref="{area}" si="{index}">{escape_plain(_checked(text))}</{prefix}f>'
    other = f'<{prefix}f t="shared" si="{index}"/>'
    formula = first
    for position, value in enumerate(values):
        style = styles if isinstance(styles, int) else styles[position]
        look = f'" s="{style}"' if style else '"'
        cached = value.cached if isinstance(value, Formula) else value
        yield look + _with_result(prefix, formula, cached)
        formula = other


def _with_result(prefix: str, formula: str, value: Scalar) -> str:
    """End of a cell that holds a number, a truth value or a formula with its result."""
    end = f"</{prefix}v></{prefix}c>"
    if value is None:
        return f">{formula}</{prefix}c>" if formula else "/>"
    if isinstance(value, bool):
        return f' t="b">{formula}<{prefix}v>{int(value)}{end}'
    if isinstance(value, str):
        return f' t="str">{formula}<{prefix}v>{escape(value[:MAX_TEXT])}{end}'
    if isinstance(value, int) and abs(value) < 1 << 53:
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
