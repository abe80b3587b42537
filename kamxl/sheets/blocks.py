"""What a sheet is made of, top down: headings, paragraphs, lists, tables of steps, typed tables, pictures.

A template writes Markdown; `markdown.py` makes blocks of it and `layout.py` lays blocks out on a Grid.
"""

from __future__ import annotations

from kamxl.records import dataclass
from kamxl.table import GridCell, GridColumn, Look


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading over the whole width; level 1 is the title of the sheet. `fill` and `ink` make it a coloured band."""

    level: int
    text: str
    fill: str = ""
    ink: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A text over the whole width."""

    text: str
    look: Look = "wrap"
    link: str = ""


@dataclass(frozen=True, slots=True)
class StepTable:
    """A table of texts whose columns span columns of the sheet.

    Shapes: headers (k,), rows of k texts; shares (k,) are relative widths; looks (k,) one per column.
    """

    headers: tuple[str, ...]
    rows: tuple[tuple[GridCell, ...], ...]
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class TypedTable:
    """A real table: numbers stay numbers. Shapes: headers, widths and columns (k,), each column (n,).

    `name` is empty where no filter is wanted; `first_person` is the first of the columns for people, k if none.
    """

    name: str
    headers: tuple[str, ...]
    widths: tuple[float, ...]
    columns: tuple[GridColumn, ...]
    first_person: int

    @property
    def row_count(self) -> int:
        """Number of rows."""
        return len(self.columns[0].values) if self.columns else 0

    def rows(self) -> list[tuple[GridCell, ...]]:
        """The rows, cell by cell."""
        return [tuple(column.cell(index) for column in self.columns) for index in range(self.row_count)]


@dataclass(frozen=True, slots=True)
class PictureBlock:
    """A picture. Units: size on the sheet in pixels; scale is a factor on the picture's own size."""

    path: str
    width_px: float
    height_px: float
    scale: float
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A thin line across the sheet."""


Block = Heading | Paragraph | StepTable | TypedTable | PictureBlock | Line
