"""How cells look: a look is a text such as `money` or `text fill=E2F0D9 bold`; hosts map it to their own formats.

One palette and one set of number formats for every host, so that a workbook looks the same whoever wrote it.
"""

from __future__ import annotations

import colorsys
from functools import lru_cache
from typing import Any

from kamxl.records import dataclass, replace

FONT = "Calibri"
INK = "1F2933"
ACCENT = "1F4E79"
MUTED = "6B7280"
RULE = "D9DEE5"


@dataclass(frozen=True, slots=True)
class Style:
    """Everything that kamxl ever says about a cell's appearance.

    Units: size in points, colours RRGGBB or empty; `border` is a light line all around, `edge` a thick one on the left.
    """

    number_format: str = "General"
    bold: bool = False
    italic: bool = False
    size: float = 10.0
    colour: str = INK
    fill: str = ""
    align: str = ""
    valign: str = "top"
    wrap: bool = False
    indent: int = 0
    border: str = ""
    edge: str = ""
    unlocked: bool = False


_BASES: dict[str, Style] = {
    "text": Style(),
    "wrap": Style(wrap=True),
    "title": Style(bold=True, size=18.0, colour=ACCENT, valign="vcenter"),
    "subtitle": Style(size=11.0, colour=MUTED),
    "heading": Style(bold=True, size=13.0, colour=ACCENT, valign="vcenter"),
    "subheading": Style(bold=True, size=11.0, colour=INK),
    "header": Style(bold=True, colour="FFFFFF", fill=ACCENT, wrap=True, valign="vcenter", border=RULE),
    "note": Style(italic=True, size=9.0, colour=MUTED, wrap=True),
    "label": Style(colour=MUTED),
    "number": Style(number_format="#,##0.0"),
    "integer": Style(number_format="#,##0"),
    "money": Style(number_format="#,##0"),
    "percent": Style(number_format="0%"),
    "percent1": Style(number_format="0.0%"),
    "score": Style(number_format="0.0"),
    "date": Style(number_format="yyyy-mm-dd", align="left"),
    "input": Style(fill="FFF9E5", border=RULE, wrap=True, unlocked=True),
    "check": Style(fill="FFF9E5", border=RULE, align="center", unlocked=True),
    "warning": Style(colour="9C2B1B", wrap=True),
    "figure": Style(bold=True, size=20.0, colour=ACCENT, number_format="#,##0"),
}
# Category colours by order of the rules when the rule file names none: (fill, ink). Best first.
CATEGORY_COLOURS = (
    ("DDEFE0", "1E6B37"),
    ("FFE8C7", "8A4B08"),
    ("E6E9EE", "4A5568"),
    ("DCE8F7", "1F4E79"),
    ("F3DDEB", "7A2457"),
    ("FFF4BF", "6B5B00"),
)
# Saturated twins of these fills, which are too pale for points and bars.
STRONG_COLOURS = ("2E8B57", "E08A1E", "7B8794", "3B82C4", "A8508A", "C9A400")


def header_over(look: str) -> str:
    """The look of a header over cells of a look: it stands as they stand."""
    style = parse_look(look)
    if style.number_format != "General" and style.align != "left":
        return "header align=right"
    return f"header indent={style.indent}" if style.indent else "header"


@lru_cache(maxsize=512)
def parse_look(look: str) -> Style:
    """The style of a look: a base name, then words such as `bold`, `fill=RRGGBB`, `format=0.0%` (blanks as `_`).

    Errors: KeyError for an unknown base name or word - a bug of ours, no user writes looks.
    """
    base, *words = look.split(" ")
    style = _BASES[base]
    for word in words:
        name, _, value = word.partition("=")
        match name:
            case "bold" | "italic" | "wrap" | "unlocked":
                changes: dict[str, Any] = {name: True}
                style = replace(style, **changes)
            case "fill" | "colour" | "border" | "edge" | "align" | "valign":
                named: dict[str, Any] = {name: value}
                style = replace(style, **named)
            case "size":
                style = replace(style, size=float(value))
            case "indent":
                style = replace(style, indent=int(value))
            case "format":
                style = replace(style, number_format=value.replace("_", " "))
            case _:
                raise KeyError(word)
    return style


def number_look(kind: str, *, is_estimated: bool = False, pattern: str = "") -> str:
    """The look of a number in a table, a little off the line on its right; an estimate is marked, a text stands alike.

    The room is part of the number format: LibreOffice forgets an indent on the right in every second cell of a row.
    """
    # In quotes: a sign that Excel does not know in a format would make it repair the file.
    mark = '"≈_"' if is_estimated else ""
    positive = pattern or _BASES[kind].number_format
    plain = positive.removeprefix("+")
    shown = (positive, f"-{plain}", plain)
    return f"{kind} align=right format={';'.join(f'{mark}{each}__' for each in shown)};@__"


def strong_colour(fill: str) -> str:
    """The colour of points and bars that belongs to a pale fill: same hue, dark enough to be seen on white."""
    known = {pale: strong for (pale, _), strong in zip(CATEGORY_COLOURS, STRONG_COLOURS, strict=True)}
    if fill.upper() in known:
        return known[fill.upper()]
    hue, lightness, saturation = colorsys.rgb_to_hls(*(int(fill[at : at + 2], 16) / 255 for at in (0, 2, 4)))
    # A near grey has no hue worth keeping.
    strong = colorsys.hls_to_rgb(hue, min(lightness, 0.45), 0.08 if saturation < 0.15 else max(saturation, 0.5))
    return "".join(f"{round(part * 255):02X}" for part in strong)


def category_colours(index: int, chosen: str = "") -> tuple[str, str]:
    """(fill, ink) of a category: the colour that the rule file chose as fill, else the palette by position."""
    if chosen:
        return chosen, INK
    return CATEGORY_COLOURS[index % len(CATEGORY_COLOURS)] if index >= 0 else ("FBE4E1", "9C2B1B")
