"""The names that expressions may read, with derived columns resolved on first use and cycles shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from kamxl.language.condition import ExpressionError
from kamxl.language.expression import Node, kind_of
from kamxl.language.model import ColumnRule
from kamxl.language.resolve import Known, Scope, resolve
from kamxl.values import NUMBER_KINDS, TEXT_KINDS, fold


def known_kind(column: ColumnRule) -> Known:
    """What expressions may do with a column."""
    if column.kind in NUMBER_KINDS:
        return Known("number")
    if column.kind in TEXT_KINDS:
        return Known("text", column.choices)
    return Known("date" if column.kind == "date" else "condition")


class Silent(ExpressionError):
    """A fault that is a consequence of another one, already reported: not reported again."""

    def __init__(self) -> None:
        super().__init__("", 0)


class NameScope(Scope):
    """Columns and derived columns by name. State: derived columns that are resolved so far."""

    def __init__(
        self, columns: tuple[ColumnRule, ...], derived: dict[str, Node | None], refused: Collection[str] = ()
    ) -> None:
        """`refused` are names that were declared wrongly, which was reported: what reads them is not reported again."""
        self._known: dict[str, Known] = {
            column.key: known_kind(column) for column in columns if column.key not in refused
        }
        self._waiting = {name: node for name, node in derived.items() if name not in self._known}
        self.keys_by_header = {fold(header): column.key for column in reversed(columns) for header in column.headers}
        self._failed: set[str] = set(refused) - set(self._known)
        self._stack: list[str] = []
        self.faults: list[tuple[str, ExpressionError]] = []
        self.resolved: dict[str, Node] = {}
        """Derived columns in an order in which each reads only earlier ones."""

    def __contains__(self, name: object) -> bool:
        return name in self._known or name in self._waiting or name in self._failed or name in self._stack

    def __iter__(self) -> Iterator[str]:
        yield from self._known
        yield from self._waiting

    def __len__(self) -> int:
        return len(self._known) + len(self._waiting)

    def __getitem__(self, name: str) -> Known:
        if name in self._known:
            return self._known[name]
        if name in self._stack:
            cycle = " -> ".join([*self._stack[self._stack.index(name) :], name])
            raise ExpressionError(
                f"derived columns form a cycle: {cycle}", 0, 1, "let one of them read columns only", "KX204"
            )
        if name in self._failed:
            raise Silent
        if name not in self._waiting:
            raise KeyError(name)
        self.settle(name)
        return self._known[name]

    def add_numbers(self, names: Iterable[str]) -> None:
        """More names that hold numbers: families, score, completeness, once derived columns are settled."""
        for name in names:
            self._known.setdefault(name, Known("number"))

    def settle(self, name: str) -> None:
        """Resolves one derived column. Errors: ExpressionError, once per derived column."""
        if name in self._known or name in self._failed:
            return
        node = self._waiting.pop(name, None)
        if node is None:
            self._failed.add(name)
            raise Silent
        self._stack.append(name)
        try:
            tree = resolve(node, self)
        except ExpressionError as error:
            self._failed.add(name)
            # The fault belongs to the derived column where it stands, not to the one that reads it.
            if len(self._stack) > 1 and error.code != "KX204" and not isinstance(error, Silent):
                self.faults.append((name, error))
                raise Silent from error
            raise
        finally:
            self._stack.pop()
        self.resolved[name] = tree
        self._known[name] = Known(kind_of(tree))
