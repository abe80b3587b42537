"""How tall a row must be for its wrapped texts: widths of words in Calibri, lines counted as a spreadsheet breaks them.

Files carry no autofit: a height that is not written is guessed by each application, and merged cells are never fitted.
Knows looks and Grids, no file format.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import repeat

from kamxl.looks import Style, parse_look
from kamxl.table import Grid, GridColumn

# Excel's limit for a row, in points.
TALLEST_ROW = 409.0
DEFAULT_WIDTH_CHARS = 9.0
# Width of a character in digits of the same font ("0" is what column widths count), from Calibri's advance widths.
_NARROW = dict.fromkeys("iljI'|.,;:!’‘ ()[]{}-ftr\u00a0\u202f", 0.62)
_WIDEST = 1.45
_WIDE = dict.fromkeys("mwMWOQGND%@&—…œŒ→✓", _WIDEST)
_CAPITAL = 1.17
_LOWER = 1.0
_SHORTEST_LINE_CHARS = 4.0
# Height of a row that nobody set, in points.
_DEFAULT_ROW = 15.0
# Words whose widths are kept at a time.
_MOST_KEPT = 65_536


class _Widths(dict[str, float]):
    """Widths of characters or words. State: those asked for so far, as long as they are not too many."""

    def __init__(self, measure: Callable[[str], float]) -> None:
        self._measure = measure

    def __missing__(self, text: str) -> float:
        if len(self) > _MOST_KEPT:
            self.clear()
        width = self[text] = self._measure(text)
        return width


_CHARACTERS = _Widths(
    lambda character: _NARROW.get(character) or _WIDE.get(character) or (_CAPITAL if character.isupper() else _LOWER)
)
_WORDS = _Widths(lambda word: sum(map(_CHARACTERS.__getitem__, word)))


def count_lines(text: str, width_chars: float, size: float, *, bold: bool = False) -> int:
    """Lines that a text takes in a cell of a width.

    Units: width in digits of 11-point Calibri, as column widths are; size in points.
    """
    return _lines(text, _room(width_chars, size, bold=bold))


def _room(width_chars: float, size: float, *, bold: bool) -> float:
    room = max(_SHORTEST_LINE_CHARS, width_chars - 0.7) * 11.0 / size
    return room / 1.07 if bold else room


def _lines(text: str, room: float) -> int:
    if "\n" not in text:
        return 1 if len(text) * _WIDEST <= room else _lines_of_paragraph(text, room)
    return sum(_lines_of_paragraph(paragraph, room) for paragraph in text.split("\n"))


def _lines_of_paragraph(paragraph: str, room: float) -> int:
    lines, used = 1, 0.0
    blank = _WORDS[" "]
    for needed in map(_WORDS.__getitem__, paragraph.split(" ")):
        reach = used + blank + needed if used else needed
        if used and reach > room:
            lines += 1
            reach = needed
        used = reach
        while used > room:
            # A word longer than the line is broken where the line ends.
            lines += 1
            used -= room
    return lines


def line_height(size: float) -> float:
    """Height of one line of text in points. Calibri at 11 points stands in rows of 15."""
    return size * 1.28 + 0.2


def row_heights(grid: Grid) -> dict[int, float]:
    """Heights in points by 0-based row: those that the grid says, and those of rows with wrapped or large text."""
    merged = {(merge.first_row, merge.first_column): merge for merge in grid.merges}
    heights: dict[int, float] = {}
    said = {index for index, _ in grid.heights}
    growing: dict[str, Style | None] = {}
    for index, row in enumerate(grid.rows):
        if not row or index in said:
            continue
        tallest = 0.0
        for column, cell in enumerate(row):
            if cell is None:
                continue
            look = cell.look
            if look not in growing:
                style = parse_look(look)
                growing[look] = style if style.wrap or style.size > 11.0 else None
            found = growing[look]
            if found is None:
                continue
            merge = merged.get((index, column))
            last = column if merge is None else merge.last_column
            width = sum(_width(grid, each) for each in range(column, last + 1))
            height = _measure(found, width)(cell.value if isinstance(cell.value, str) else "")
            if merge is not None:
                height /= merge.last_row - merge.first_row + 1
            tallest = max(tallest, height)
        if tallest > _DEFAULT_ROW + 1.5:
            heights[index] = min(TALLEST_ROW, round(tallest * 4) / 4)
    for body in grid.bodies:
        for at, cells in enumerate(body.columns):
            _raise_rows(heights, body.first_row, cells, _width(grid, at))
    heights.update(grid.heights)
    return heights


def _raise_rows(heights: dict[int, float], first_row: int, column: GridColumn, width: float) -> None:
    """Makes the rows of a body as tall as the cells of one of its columns need."""
    looks = {column.looks} if isinstance(column.looks, str) else set(column.looks)
    styles = {look: parse_look(look) for look in looks if look}
    growing = {look: _measure(style, width) for look, style in styles.items() if style.wrap or style.size > 11.0}
    values = column.values
    if not growing or values.count(None) == len(values):
        return
    looks_by_row = repeat(column.looks) if isinstance(column.looks, str) else column.looks
    for row, (value, look) in enumerate(zip(values, looks_by_row, strict=False), first_row):
        if isinstance(value, str) and look in growing:
            height = growing[look](value)
            if height > _DEFAULT_ROW + 1.5:
                heights[row] = max(heights.get(row, 0.0), min(TALLEST_ROW, round(height * 4) / 4))


def _width(grid: Grid, column: int) -> float:
    return grid.widths[column] if column < len(grid.widths) else DEFAULT_WIDTH_CHARS


def _measure(style: Style, width_chars: float) -> Callable[[str], float]:
    """What tells how tall a text is in a cell of a width. Units: points."""
    line = line_height(style.size)
    if not style.wrap:
        return lambda _text: line + 3.0
    room = _room(width_chars - style.indent * 1.3, style.size, bold=style.bold)
    return lambda text: _lines(text, room) * line + 3.0
