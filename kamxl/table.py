"""Table and Grid: what crosses the borders between hosts and the rest.

A Table is what a host reads: columns of cell values and where each cell came from. A Grid is what a host writes as a
whole sheet: cells with value or formula and a named format, widths, charts. Knows nothing of rules, files or Excel.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from kamxl.problems import Place
from kamxl.records import dataclass, field, replace

# What a cell can hold: None, str, bool, int, float, datetime.date, datetime.datetime, datetime.time, Decimal.
# An Excel error is its text ("#N/A"): calamine, xlwings and UNO each hand it over in another form; hosts unify it.
Cell = object


def column_letters(column_1based: int) -> str:
    """`A` for 1, `AA` for 27."""
    letters = ""
    while column_1based:
        column_1based, rest = divmod(column_1based - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell_address(row_1based: int, column_1based: int) -> str:
    """`B7` for row 7, column 2."""
    return f"{column_letters(column_1based)}{row_1based}"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a table stands in its workbook.

    Units: rows and columns are 1-based; `header_row` is 0 where the table never stood in a sheet.
    """

    book: str = ""
    sheet: str = ""
    table: str = ""
    header_row: int = 0
    first_column: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of cell values under their headers.

    Shapes: headers (k,), columns (k, n): one sequence of n cells per header. A column may be a list of cells, or
    an `array` or NumPy array of float64 in which NaN is a blank.
    """

    headers: tuple[str, ...]
    columns: tuple[Sequence[Cell], ...]
    origin: Origin = field(default_factory=Origin)

    def __post_init__(self) -> None:
        if len(self.headers) != len(self.columns):
            raise ValueError(f"{len(self.headers)} headers for {len(self.columns)} columns")

    @property
    def row_count(self) -> int:
        """Number of client rows."""
        return len(self.columns[0]) if self.columns else 0

    @classmethod
    def from_rows(cls, headers: Sequence[str], rows: Sequence[Sequence[Cell]], origin: Origin | None = None) -> Table:
        """A table from rows, each as long as the headers."""
        columns = tuple(map(list, zip(*rows, strict=True))) if rows else tuple([] for _ in headers)
        return cls(tuple(headers), columns, origin or Origin())

    def row(self, index: int) -> tuple[Cell, ...]:
        """The cells of one row, in header order."""
        return tuple(column[index] for column in self.columns)

    def place(self, row_index: int, column_index: int) -> Place:
        """Where a cell of the table stands in its workbook."""
        origin = self.origin
        if origin.header_row:
            cell = cell_address(origin.header_row + 1 + row_index, origin.first_column + column_index)
        else:
            cell = f"row {row_index + 1}, {self.headers[column_index]}"
        return Place(file=origin.book, sheet=origin.sheet, cell=cell)

    def header_place(self, column_index: int) -> Place:
        """Where a header of the table stands in its workbook."""
        origin = self.origin
        if origin.header_row:
            cell = cell_address(origin.header_row, origin.first_column + column_index)
        else:
            cell = f"header {self.headers[column_index]}"
        return Place(file=origin.book, sheet=origin.sheet, cell=cell)


# Every look that kamxl gives to a cell has a name; hosts map it to their own formats (kamxl/looks.py holds them).
Look = str


@dataclass(frozen=True, slots=True)
class GridCell:
    """One cell of a Grid. `formula` starts with `=` and is en-US; `value` is then its cached result."""

    value: Cell = None
    look: Look = "text"
    formula: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged rectangle. Units: 0-based rows and columns, ends included."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass(frozen=True, slots=True)
class GridTable:
    """A rectangle of the Grid that becomes a real table with an autofilter. Units: 0-based, header row included."""

    name: str
    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass(frozen=True, slots=True)
class GridColumn:
    """Cells of one column. Shapes: values (n,); looks is one for all of them, or one per value."""

    values: Sequence[Cell]
    looks: Look | Sequence[Look]

    def cell(self, index: int) -> GridCell:
        """One of the cells."""
        return GridCell(self.values[index], self.looks if isinstance(self.looks, str) else self.looks[index])


# Below this a body of its own is not worth the detour.
FEWEST_BODY_ROWS = 200


@dataclass(frozen=True, slots=True)
class GridBody:
    """A long table below its header row, told by columns: whole columns are made and written at a tenth of the cost.

    Shapes: every column (n,). Units: 0-based; the columns stand in the sheet from its first column on. Where the look
    is empty and the value None there is no cell.
    """

    first_row: int
    columns: tuple[GridColumn, ...]

    @property
    def row_count(self) -> int:
        """Number of rows."""
        return len(self.columns[0].values)


@dataclass(frozen=True, slots=True)
class Series:
    """One series of a chart; ranges are 0-based (first_row, first_column, last_row, last_column) of the same Grid."""

    name: str
    categories: tuple[int, int, int, int]
    values: tuple[int, int, int, int]
    sizes: tuple[int, int, int, int] | None = None
    colour: str = ""
    secondary: bool = False
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A native chart fed by cells. Units: anchor cell 0-based; size in pixels."""

    kind: Literal["column", "bar", "line", "scatter", "bubble", "pie", "area"]
    title: str
    series: tuple[Series, ...]
    row: int
    column: int
    width_px: int = 480
    height_px: int = 288
    x_title: str = ""
    y_title: str = ""
    y2_title: str = ""
    x_format: str = ""
    y_format: str = ""
    legend: bool = True
    subtype: str = ""
    # (minimum, maximum) of an axis; None leaves it to the application.
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None
    # Step from one number of an axis to the next; 0 leaves it to the application.
    x_step: float = 0.0
    y_step: float = 0.0


@dataclass(frozen=True, slots=True)
class Choices:
    """A drop-down list on a rectangle. Units: 0-based, ends included; `source` is texts or a range formula."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int
    source: tuple[str, ...] | str


@dataclass(frozen=True, slots=True)
class Highlight:
    """A live conditional format: cells that equal a text get its colours. Units: 0-based, ends included."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int
    text: str
    fill: str
    ink: str


@dataclass(frozen=True, slots=True)
class Picture:
    """An image placed at a cell. Units: 0-based cell; scale is a factor."""

    path: str
    row: int
    column: int
    scale: float = 1.0
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A whole sheet, host-neutral.

    Shapes: rows is a sequence of rows of GridCell or None; they may differ in length; rows of `bodies` hold only what
    stands behind their columns.
    Units: widths in characters by 0-based column; row heights in points by 0-based row; freeze is (rows, columns).
    """

    name: str
    rows: tuple[tuple[GridCell | None, ...], ...]
    widths: tuple[float, ...] = ()
    heights: tuple[tuple[int, float], ...] = ()
    merges: tuple[Merge, ...] = ()
    tables: tuple[GridTable, ...] = ()
    charts: tuple[Chart, ...] = ()
    pictures: tuple[Picture, ...] = ()
    choices: tuple[Choices, ...] = ()
    highlights: tuple[Highlight, ...] = ()
    freeze: tuple[int, int] = (0, 0)
    landscape: bool = True
    fit_one_page: bool = False
    repeat_rows: tuple[int, int] | None = None
    tab_colour: str = ""
    hidden_columns: tuple[int, ...] = ()
    show_gridlines: bool = False
    # (first_row, first_column, last_row, last_column), 0-based, ends included: what is printed; None prints everything.
    print_area: tuple[int, int, int, int] | None = None
    bodies: tuple[GridBody, ...] = ()

    def in_cells(self) -> Grid:
        """The same sheet with its bodies as rows of cells, for those who write cell by cell."""
        if not self.bodies:
            return self
        rows = list(self.rows)
        for body in self.bodies:
            for index in range(body.row_count):
                cells = (column.cell(index) for column in body.columns)
                behind = rows[body.first_row + index][len(body.columns) :]
                rows[body.first_row + index] = (*(cell if cell.look else None for cell in cells), *behind)
        return replace(self, rows=tuple(rows), bodies=())
