"""Columns written into a sheet: checked against what is there, rendered row by row, set in place.

Place in the picture: the main edit. Everything that could be damaged is looked at first; only then
are the cells planned, and the frame (widths, filter, validation) brought in line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import cast

from kamxl.ooxml.cell_style import CellStyle
from kamxl.ooxml.cells import (
    Formula,
    Scalar,
    Value,
    cell_parts,
    inline_text,
    render_repeated_cells,
)
from kamxl.ooxml.errors import OoxmlError
from kamxl.ooxml.references import MAX_COLUMN, MAX_ROW, Range, column_name
from kamxl.ooxml.rows import CellBlock
from kamxl.ooxml.sheet import Sheet
from kamxl.ooxml.styles import Styles
from kamxl.records import dataclass

_BATCH_ROWS = 1024  # rows rendered together: enough to work column by column, few enough to stay small


@dataclass(frozen=True, slots=True)
class ColumnWrite:
    """One column to write: its place, its header, its values from the first row down.

    Units: width_chars is Excel's column width. `styles` (one per value) goes before `style`; without both a
    replaced cell keeps its look. `shared` makes the column one formula, with `values` as its results; `repeated` is a
    formula that stands in every cell letter for letter, with `values` as its results.
    `calculated` is the formula that Excel puts into new rows of a table. `choices` become a drop-down list. `grouped`
    columns can be folded away together.
    `overwrite` allows cells that hold something to be replaced.
    """

    column_1based: int
    header: str
    values: Sequence[Value]
    style: CellStyle | None = None
    styles: Sequence[CellStyle | None] | None = None
    header_style: CellStyle | None = None
    width_chars: float | None = None
    grouped: bool = False
    choices: Sequence[str] | None = None
    repeated: str = ""
    calculated: str = ""
    overwrite: bool = False


@dataclass(frozen=True, slots=True)
class _Rendered:
    """A column ready for its cells: everything that does not depend on the row."""

    letters: str
    header: str
    header_style: int
    values: Sequence[Value]
    styles: Sequence[int] | int
    repeated: str


@dataclass(frozen=True, slots=True)
class _ColumnRows:
    """The rows of a block, made anew at each iteration so that nothing large is held.

    A row is a list of its cells, or of all of them in one piece where `whole`: where nothing has to go between them.
    """

    prefix: str
    header_row: int | None
    first_row: int
    columns: tuple[_Rendered, ...]
    whole: bool

    def __iter__(self) -> Iterator[tuple[int, Sequence[bytes]]]:
        if self.header_row is not None:
            cells = [self._header(column) for column in self.columns]
            yield self.header_row, [b"".join(cells)] if self.whole else cells
        count = len(self.columns[0].values)
        for start in range(0, count, _BATCH_ROWS):
            end = min(count, start + _BATCH_ROWS)
            rows = range(self.first_row + start, self.first_row + end)
            names = [b"%d" % row for row in rows]
            parts = [self._parts(column, rows, names, start, end) for column in self.columns]
            if self.whole:
                together = zip(*(part for column in parts for part in column), strict=False)
                yield from zip(rows, zip(map(b"".join, together), strict=False), strict=False)
            else:
                columns = [map(b"".join, zip(*column, strict=False)) for column in parts]
                yield from zip(rows, map(list, zip(*columns, strict=True)), strict=True)

    def _parts(self, column: _Rendered, rows: range, names: list[bytes], start: int, end: int) -> list[Iterable[bytes]]:
        styles = column.styles if isinstance(column.styles, int) else column.styles[start:end]
        values = column.values[start:end]
        if column.repeated and isinstance(styles, int):
            results = cast("Sequence[Scalar]", values)
            return [render_repeated_cells(self.prefix, column.letters, rows, results, styles, column.repeated)]
        return cell_parts(self.prefix, column.letters, names, values, styles)

    def _header(self, column: _Rendered) -> bytes:
        look = f' s="{column.header_style}"' if column.header_style else ""
        start = f'<{self.prefix}c r="{column.letters}{self.header_row}"{look} t="inlineStr">'
        return f"{start}{inline_text(self.prefix, column.header)}</{self.prefix}c>".encode()


def check_columns(sheet: Sheet, header_row: int | None, first_row: int, columns: Sequence[ColumnWrite]) -> Range:
    """The area that the columns cover, when writing them harms nothing.

    Errors: OoxmlError `protected`, `occupied`, `merged`, `pivot`, `array`, `limits`.
    """
    sheet.require_open()
    if not columns or len({len(item.values) for item in columns}) != 1:
        raise ValueError("columns of one write need the same number of values")
    if [item.column_1based for item in columns] != sorted({item.column_1based for item in columns}):
        raise ValueError("columns of one write stand from left to right, each once")
    if header_row is not None and not 1 <= header_row < first_row:
        raise ValueError(f"header row {header_row} is not above row {first_row}")
    first, last = columns[0].column_1based, columns[-1].column_1based
    last_row = max(first_row, first_row + len(columns[0].values) - 1)
    if last > MAX_COLUMN or last_row > MAX_ROW:
        raise OoxmlError(
            "limits", "the columns do not fit on the sheet", help="start further to the left or above", place=_at(sheet)
        )
    area = Range(first, header_row or first_row, last, last_row)
    merges, pivots = sheet.merges(), sheet.pivots()
    for column in columns:
        strip = Range(column.column_1based, area.first_row, column.column_1based, area.last_row)
        _check_strip(sheet, strip, columns, merges, pivots)
        cell = None if column.overwrite else sheet.occupied(strip)
        if cell is not None:
            place = f"{_at(sheet)}!{column_name(cell.column)}{cell.row}"
            raise OoxmlError(
                "occupied",
                "the cell is not empty",
                help="the columns beside the table must be free: clear them, or move what stands there",
                place=place,
            )
    return area


def _check_strip(
    sheet: Sheet, strip: Range, columns: Sequence[ColumnWrite], merges: Sequence[Range], pivots: Sequence[Range]
) -> None:
    for merged in merges:
        alone = merged.first_column == merged.last_column and merged.first_row == merged.last_row
        if merged.meets(strip) and not alone:
            place = f"{_at(sheet)}!{merged.text()}"
            raise OoxmlError("merged", "the cells are merged", help="in Excel: Home, Unmerge Cells", place=place)
    for pivot in pivots:
        if pivot.grown(1).meets(strip):  # a refresh rewrites this area and may grow it by a cell
            place = f"{_at(sheet)}!{pivot.text()}"
            raise OoxmlError("pivot", "a pivot table is in the way", help="leave a column free beside it", place=place)
    ours = {item.column_1based for item in columns}
    for special in sheet.survey.specials:
        covered = special.area
        if not covered.meets(strip):
            continue
        inside = strip.first_row <= covered.first_row and covered.last_row <= strip.last_row
        if special.kind == "shared" and special.column != strip.first_column:
            continue
        if not inside or not ours.issuperset(range(covered.first_column, covered.last_column + 1)):
            place = f"{_at(sheet)}!{column_name(special.column)}{special.row}"
            what = {"array": "an array formula", "shared": "a shared formula", "dataTable": "a what-if table"}
            raise OoxmlError(
                "array", f"{what[special.kind]} reaches into these cells and beyond", help="choose another place",
                place=place,
            )  # fmt: skip


def plan_columns(
    sheet: Sheet,
    styles: Styles,
    header_row: int | None,
    first_row: int,
    columns: Sequence[ColumnWrite],
    area: Range,
    heights: Mapping[int, float],
) -> CellBlock:
    """The cells of columns that have been checked, ready to be set; `area` is what they cover."""
    rendered = tuple(_rendered(item, styles) for item in columns)
    looks = {height: b' ht="%.16g" customHeight="1"' % height for height in set(heights.values())}
    return CellBlock(
        tuple(item.column_1based for item in columns),
        _ColumnRows(sheet.frame.prefix, header_row, first_row, rendered, sheet.ends_before(area)),
        tuple(item.style is None and item.styles is None for item in columns),
        {row: looks[height] for row, height in heights.items()},
    )


def _rendered(column: ColumnWrite, styles: Styles) -> _Rendered:
    letters = column_name(column.column_1based)
    numbers: Sequence[int] | int = styles.cell(column.style)
    if column.styles is not None:
        if len(column.styles) != len(column.values):
            raise ValueError(f"column {column.header!r} has {len(column.values)} values, {len(column.styles)} styles")
        # The same few styles again and again: each one is looked up once.
        known = {id(item): styles.cell(item) for item in {id(item): item for item in column.styles}.values()}
        numbers = [known[id(item)] for item in column.styles]
    header_style = styles.cell(column.header_style)
    repeated = column.repeated if isinstance(numbers, int) else ""
    values = column.values
    if column.repeated and not repeated:
        values = [Formula(column.repeated, value) for value in column.values]  # type: ignore[arg-type]
    return _Rendered(letters, column.header, header_style, values, numbers, repeated)


def _at(sheet: Sheet) -> str:
    return sheet.entry.name
