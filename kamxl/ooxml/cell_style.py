"""The look of a cell as a caller describes it, apart from how the format stores looks.

Place in the picture: part of the public vocabulary; `styles` turns it into entries of styles.xml.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from kamxl.records import dataclass

Horizontal: TypeAlias = Literal["", "left", "center", "right", "fill", "justify", "centerContinuous"]
Vertical: TypeAlias = Literal["", "top", "center", "bottom"]


@dataclass(frozen=True, slots=True)
class CellStyle:
    """How a cell looks; whatever is left empty follows the workbook's own default.

    Units: colours are RRGGBB, sizes are points, indent is Excel's (about three spaces).
    `border` draws a thin line of that colour round the cell. `quote_prefix` keeps text text when it is edited.
    """

    bold: bool = False
    italic: bool = False
    font_name: str = ""
    font_size: float | None = None
    font_color: str = ""
    fill: str = ""
    number_format: str = ""
    horizontal: Horizontal = ""
    vertical: Vertical = ""
    wrap: bool = False
    indent: int = 0
    border: str = ""
    locked: bool = True
    quote_prefix: bool = False


@dataclass(frozen=True, slots=True)
class RuleStyle:
    """The look that a conditional format gives; empty means unchanged."""

    fill: str = ""
    font_color: str = ""
    bold: bool = False
