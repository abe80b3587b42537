"""Places a workbook lives: the Host contract, capability records, and a lazy table of names.

A host reads client tables and writes columns and whole sheets. It knows cells, not rules.
"""

from __future__ import annotations

from collections.abc import Collection, MutableMapping, Sequence
from typing import Protocol

from kamxl.looks import header_over
from kamxl.records import dataclass
from kamxl.table import Cell, Grid, Look, Table


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a host can do; docs/capabilities.md is generated from these."""

    keeps_everything: bool
    native_charts: bool
    live_functions: bool
    undo: bool


@dataclass(frozen=True, slots=True)
class OutColumn:
    """A column that kamxl writes beside the client table.

    Shapes: values (n,), one per row of the table; looks is one look for all cells or one per cell.
    Units: width in characters. `formulas` are en-US with the leading `=`, one per row, `values` their cached results.
    """

    header: str
    values: Sequence[Cell]
    looks: Look | Sequence[Look] = "text"
    width_chars: float = 12.0
    formulas: Sequence[str] | None = None
    grouped: bool = False
    """Folds away together with its neighbours, where a host has groups of columns."""
    colours: tuple[tuple[str, str, str], ...] = ()
    """(text, fill, ink) of a live conditional format on the column: cells equal to the text get these colours."""

    @property
    def header_look(self) -> Look:
        """How the header stands: over numbers at the right, over texts at their distance from the line."""
        first = self.looks if isinstance(self.looks, str) else next(iter(self.looks), "text")
        return header_over(first or "text")


@dataclass(frozen=True, slots=True)
class FormulaCell:
    """A formula of a user's sheet without its `=`. Units: row and column 1-based.

    `rows` are the cells that an array formula fills from here down. A cell that shares the formula of another has no
    text; `head` says where that one stands.
    """

    sheet: str
    row: int
    column: int
    text: str
    rows: int = 1
    head: tuple[int, int] | None = None


class Host(Protocol):
    """A workbook in some application or file: three attributes, seven verbs."""

    name: str
    capabilities: Capabilities
    notes: MutableMapping[str, str]
    """What kamxl remembers in the workbook between runs (custom document properties, values up to 255 characters)."""

    def sheet_names(self) -> tuple[str, ...]:
        """Names of the visible and hidden worksheets, in order."""
        ...

    def read_tables(self, wanted: Collection[str] = ()) -> tuple[Table, ...]:
        """Every table that could hold clients: Excel tables, and ranges under a header row; own sheets left out.

        `wanted` are folded headers that the caller hopes for: of several rows that could be a header row, the one
        with most of them is taken.
        Errors: KamxlError (KX5) when the workbook cannot be read.
        """
        ...

    def read_sheet(self, name: str) -> tuple[tuple[Cell, ...], ...]:
        """All cells of a sheet from A1 on, rows of equal length; empty where there is no such sheet."""
        ...

    def write_columns(self, table: Table, columns: Sequence[OutColumn]) -> None:
        """Columns beside the table, found again by header; missing ones are added at its right, in order.

        Errors: KamxlError (KX502, KX505) when the sheet is protected or the cells are taken.
        """
        ...

    def write_sheet(self, grid: Grid) -> None:
        """A whole sheet of ours, new or replaced in its place. Errors: KamxlError when a user's sheet has the name."""
        ...

    def remove_sheet(self, name: str) -> None:
        """A sheet of ours taken away; nothing happens where there is none."""
        ...

    def save(self) -> None:
        """Everything written so far made permanent, whole or not at all."""
        ...
