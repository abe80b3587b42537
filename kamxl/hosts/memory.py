"""A workbook in memory: for tests, and for callers that hold cells and no file. Passes the whole conformance suite."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from kamxl.hosts import Capabilities, OutColumn
from kamxl.hosts.finding import cut_table, find_areas
from kamxl.problems import KamxlError, Place, Problem
from kamxl.table import Cell, Grid, Origin, Table
from kamxl.values import fold


class MemoryHost:
    """Sheets as lists of rows. State: the cells, and which sheets are ours."""

    name = "memory"
    capabilities = Capabilities(keeps_everything=True, native_charts=False, live_functions=False, undo=False)

    def __init__(self, sheets: Mapping[str, Sequence[Sequence[Cell]]], *, book: str = "memory") -> None:
        self.book = book
        self.sheets: dict[str, list[list[Cell]]] = {name: [list(row) for row in rows] for name, rows in sheets.items()}
        self.grids: dict[str, Grid] = {}
        self.notes: dict[str, str] = {}
        self.saved = False

    def sheet_names(self) -> tuple[str, ...]:
        """Names of the sheets, in order."""
        return tuple(self.sheets)

    def read_tables(self, wanted: Collection[str] = ()) -> tuple[Table, ...]:
        """Every table that could hold clients."""
        found = []
        for name, rows in self.sheets.items():
            if name in self.grids:
                continue
            for area in find_areas(rows, wanted):
                origin = Origin(self.book, name, "", area.row + 1, area.first_column + 1)
                found.append(cut_table(rows, area, origin))
        return tuple(found)

    def read_sheet(self, name: str) -> tuple[tuple[Cell, ...], ...]:
        """All cells of a sheet."""
        rows = self.sheets.get(name, [])
        width = max((len(row) for row in rows), default=0)
        return tuple((*row, *[None] * (width - len(row))) for row in rows)

    def write_columns(self, table: Table, columns: Sequence[OutColumn]) -> None:
        """Columns beside the table, found again by header."""
        rows = self.sheets[table.origin.sheet]
        positions = {fold(header): index for index, header in enumerate(table.headers)}
        free = len(table.headers)
        for column in columns:
            index = positions.get(fold(column.header))
            if index is None:
                index, free = free, free + 1
            at = table.origin.first_column - 1 + index
            for offset, value in enumerate((column.header, *column.values)):
                row = rows[table.origin.header_row - 1 + offset]
                row.extend([None] * (at + 1 - len(row)))
                row[at] = value

    def write_sheet(self, grid: Grid) -> None:
        """A whole sheet of ours."""
        taken = next((name for name in self.sheets if name.casefold() == grid.name.casefold()), None)
        if taken is not None and taken not in self.grids:
            place = Place(self.book, sheet=taken)
            raise KamxlError(Problem("KX505", f"the workbook has a sheet `{taken}` that is not kamxl's", place))
        self.grids[grid.name] = grid
        self.sheets[grid.name] = [
            [cell.value if cell is not None else None for cell in row] for row in grid.in_cells().rows
        ]

    def remove_sheet(self, name: str) -> None:
        """A sheet of ours taken away."""
        if self.grids.pop(name, None) is not None:
            del self.sheets[name]

    def save(self) -> None:
        """Notes that everything is kept."""
        self.saved = True
