"""Clients as a template sees them: rows by category, best first, with the columns that the department may see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from kamxl.sheets.columns import RunColumns, ShownColumn, blank_part, part_of, plain_values
from kamxl.table import Cell, GridColumn
from kamxl.values import fold, text_of


class Sight:
    """What one department sees of a run: allowed columns, and who a row is. State: none beyond the run's columns."""

    __slots__ = ("_columns", "_identity", "keys", "see")

    def __init__(self, columns: RunColumns, see: Sequence[str]) -> None:
        self._columns = columns
        self.see = tuple(dict.fromkeys(see))
        self._identity = visible_identity(columns, self.see) or columns.once(identity_column)
        own = (self._identity.key,) if self._identity.key else ()
        # An identity is always seen: without it a row says nothing, and notes could not find their client again.
        # Where none may be seen, nothing is published for the department.
        self.keys = tuple(dict.fromkeys([*own, *self.see]))

    @property
    def identity(self) -> ShownColumn:
        """The column that says who a client is."""
        return self._identity

    def column(self, key: str) -> ShownColumn | None:
        """A column that the department may see and the run has."""
        if key == self._identity.key:
            return self._identity
        return self._columns.get(key) if key in self.see else None

    def sees(self, key: str) -> bool:
        """Whether a column is allowed and there."""
        return key in self.keys and self.column(key) is not None

    @property
    def identities(self) -> list[str]:
        """Who each row of the run is, folded. Shapes: (n,)."""
        return self._columns.once(_folded, self._identity)

    def part(self, column: ShownColumn, rows: Sequence[int], look: str) -> GridColumn:
        """The cells of some rows of a column that the department sees; an empty look is the column's own."""
        return self._columns.once(part_of, column, rows, look)

    def blanks(self, count: int, look: str) -> GridColumn:
        """So many cells that nobody has filled in yet."""
        return self._columns.once(blank_part, count, look)


def other_names(columns: RunColumns, sight: Sight) -> dict[str, str]:
    """What else each client is called, folded, and its identity; a name that two clients share is none."""
    identities = ["" if value is None else text_of(value) for value in sight.identity.values]
    taken = set(sight.identities)
    found: dict[str, str] = {}
    shared: set[str] = set()
    for role in ("id", "name"):
        column = columns.once(_column_of_role, role)
        if column is None or column.key == sight.identity.key:
            continue
        for value, identity in zip(column.values, identities, strict=True):
            name = "" if value is None else fold(text_of(value))
            shared |= {name} if name in found else set()
            found[name] = identity
    return {name: identity for name, identity in found.items() if name and name not in taken | shared}


def identity_column(columns: RunColumns) -> ShownColumn:
    """The id column as it stands in the workbook, else the name, else row numbers."""
    for role in ("id", "name"):
        found = columns.once(_column_of_role, role)
        if found is not None:
            return found
    return ShownColumn("", "#", [row + 1 for row in columns.everyone], "text format=0 align=left", 6.0)


def visible_identity(columns: RunColumns, see: Sequence[str]) -> ShownColumn | None:
    """What tells clients apart for somebody who sees only `see`: the id, else names, where no two are alike.

    None where there is neither: who a row is could then only be told by a column that may not be seen.
    """
    identifier, name = (columns.once(_column_of_role, role) for role in ("id", "name"))
    if identifier is not None and identifier.key in see:
        return identifier
    if name is None or name.key not in see:
        return None
    return name if columns.once(_tells_apart, name) else None


def _tells_apart(columns: RunColumns, name: ShownColumn) -> bool:
    """Whether every client has a name of its own."""
    return None not in name.values and len(set(columns.once(_folded, name))) == len(name.values)


def _folded(_columns: RunColumns, identity: ShownColumn) -> list[str]:
    """Who each row is by an identity column, folded. Shapes: (n,)."""
    return ["" if value is None else fold(text_of(value)) for value in identity.values]


def _column_of_role(columns: RunColumns, role: str) -> ShownColumn | None:
    scored = columns.scored
    rule = columns.rules.column_with_role(role)
    shown = columns.get(rule.key) if rule is not None else None
    if rule is None or shown is None:
        return None
    index = next(read.index for read in scored.plan.reads() if read.name == rule.key)
    values = [_identity(cell) for cell in scored.table.columns[index]]
    if all(isinstance(value, int) for value in values):
        return ShownColumn(rule.key, shown.header, values, "text format=0 align=left", shown.width_chars)
    texts = [None if value is None else text_of(value) for value in values]
    return ShownColumn(rule.key, shown.header, texts, shown.look, shown.width_chars)


def _identity(cell: Cell) -> Cell:
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    if cell is None or cell != cell:
        return None
    return cell if isinstance(cell, int) and not isinstance(cell, bool) else text_of(cell)


class ClientRow:
    """One client: `client.revenue`, `client.score`; only what the department may see."""

    __slots__ = ("_clients_row", "_sight")

    def __init__(self, sight: Sight, row: int) -> None:
        self._sight = sight
        self._clients_row = row

    def __getitem__(self, key: str) -> Cell:
        if key not in self._sight.keys:
            raise KeyError(key)
        column = self._sight.column(key)
        # A column that the workbook does not have is missing; it is no fault of the template.
        return None if column is None else column.values[self._clients_row]


class Clients:
    """Clients in order: loop over them, count them, slice them, hand them to `table()`."""

    __slots__ = ("_name", "_rows", "_sight")

    def __init__(self, sight: Sight, rows: Sequence[int], name: str) -> None:
        self._sight = sight
        self._rows = tuple(rows)
        self._name = name

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[ClientRow]:
        return (ClientRow(self._sight, row) for row in self._rows)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return Clients(self._sight, self._rows[index], self._name)
        if isinstance(index, int):
            return ClientRow(self._sight, self._rows[index])
        raise KeyError(index)


def name_of(found: Any) -> str:
    """The name of some clients, for the name of their table."""
    return found._name if isinstance(found, Clients) else "clients"


def known_keys(owner: Any) -> tuple[str, ...]:
    """What may be asked of a client; empty for anything else."""
    return owner._sight.keys if isinstance(owner, ClientRow) else ()


def rows_of(found: Any) -> tuple[int, ...] | None:
    """The row numbers behind Clients or a list of ClientRow; None for anything else."""
    if isinstance(found, Clients):
        return found._rows
    if isinstance(found, (list, tuple)) and found and all(isinstance(item, ClientRow) for item in found):
        return tuple(item._clients_row for item in found)
    return None


def ranked_rows(columns: RunColumns) -> dict[int, tuple[int, ...]]:
    """Rows by category, best score first, then by name; category -1 holds those that have none."""
    scored = columns.scored
    order = [-_number(score) for score in plain_values(scored.score)]
    categories = plain_values(scored.category)
    found: dict[int, list[int]] = {}
    for _, alike in groupby(sorted(columns.everyone, key=order.__getitem__), key=order.__getitem__):
        rows = list(alike)
        if len(rows) > 1:
            names = columns.once(_folded, columns.once(identity_column))
            rows.sort(key=lambda row: (names[row], row))
        for row in rows:
            found.setdefault(categories[row], []).append(row)
    return {category: tuple(rows) for category, rows in found.items()}


def _number(value: Cell) -> float:
    return float(value) if isinstance(value, (int, float)) else -1.0


def figure(columns: RunColumns, key: str, rows: Sequence[int]) -> float | None:
    """The sum of a column over rows; None where the run has no such column."""
    column = columns.get(key)
    if column is None:
        return None
    values = column.values
    return float(sum(value for row in rows if isinstance(value := values[row], (int, float))))
