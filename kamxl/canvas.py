"""A sheet that is drawn cell by cell and then becomes a Grid. Knows positions and looks, not what they mean."""

from __future__ import annotations

from collections.abc import Sequence

from kamxl.table import Cell, Chart, Choices, Grid, GridCell, GridTable, Look, Merge


class Canvas:
    """Cells put at positions. Units: rows and columns are 0-based."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int], GridCell] = {}
        self._heights: dict[int, float] = {}
        self.merges: list[Merge] = []
        self.charts: list[Chart] = []
        self.tables: list[GridTable] = []
        self.choices: list[Choices] = []

    def put(self, row: int, column: int, value: Cell, look: Look = "text", *, formula: str = "") -> None:
        """A cell with a value, or a formula with its cached value."""
        self._cells[row, column] = GridCell(value, look, formula)

    def put_row(self, row: int, column: int, values: Sequence[Cell], look: Look = "text") -> None:
        """Cells side by side in one look."""
        for offset, value in enumerate(values):
            self.put(row, column + offset, value, look)

    def spread(self, row: int, column: int, value: Cell, look: Look, *, to_column: int, to_row: int = -1) -> None:
        """A cell merged up to another column, and row."""
        last_row = max(row, to_row)
        for each_row in range(row, last_row + 1):
            for each in range(column, to_column + 1):
                self.put(each_row, each, None, look)
        self.put(row, column, value, look)
        if (row, column) != (last_row, to_column):
            self.merges.append(Merge(row, column, last_row, to_column))

    def set_height(self, row: int, points: float) -> None:
        """The height of a row."""
        self._heights[row] = points

    def grid(
        self,
        name: str,
        *,
        widths: Sequence[float],
        print_area: tuple[int, int, int, int] | None = None,
        fit_one_page: bool = False,
        freeze: tuple[int, int] = (0, 0),
        repeat_rows: tuple[int, int] | None = None,
        tab_colour: str = "",
    ) -> Grid:
        """The sheet as drawn so far."""
        height = 1 + max((row for row, _ in self._cells), default=-1)
        row_lengths = [0] * height
        for row, column in self._cells:
            row_lengths[row] = max(row_lengths[row], column + 1)
        rows: list[list[GridCell | None]] = [[None] * length for length in row_lengths]
        for (row, column), cell in self._cells.items():
            rows[row][column] = cell
        return Grid(
            name=name,
            rows=tuple(map(tuple, rows)),
            widths=tuple(widths),
            heights=tuple(sorted(self._heights.items())),
            merges=tuple(self.merges),
            tables=tuple(self.tables),
            charts=tuple(self.charts),
            choices=tuple(self.choices),
            freeze=freeze,
            landscape=True,
            fit_one_page=fit_one_page,
            repeat_rows=repeat_rows,
            tab_colour=tab_colour,
            print_area=print_area,
        )
