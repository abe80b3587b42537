"""One undo step of Calc per KAM action, and back again: what Calc records by itself and what it does not.

Formulas, looks, conditional formats, cleared cells and removed sheets are recorded by Calc. Sheets taken in from
another spreadsheet and notes of the document are not, blocks of cells and widths not well enough: for these an undo
action of ours stands in the same step, in order.
Knows UNO's undo manager, not tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from kamxl.hosts.calc_cells import EVERY_CONTENT

# What the titles of our steps begin with, in the list under Calc's own Undo button.
STEP_MARK = "KAM: "
# A property that its user may take away again: com.sun.star.beans.PropertyAttribute.REMOVABLE.
_REMOVABLE = 128

Change = Callable[[], object]


@contextmanager
def one_step(document: Any, title: str) -> Iterator[None]:
    """Everything done inside is one step of Calc's Undo; taken back at once when something fails inside."""
    manager = document.getUndoManager()
    manager.enterUndoContext(STEP_MARK + title)
    try:
        # Never an empty step: taking a failure back must not take back what the user did before.
        record(document, lambda: None, lambda: None)
        yield
    except BaseException:
        manager.leaveUndoContext()
        if _is_ours_on_top(manager):
            manager.undo()
            manager.clearRedo()
        raise
    manager.leaveUndoContext()


def undo_last_step(document: Any) -> bool | None:
    """Takes the last KAM step back. False when there is none, None when something else was done after it."""
    manager = document.getUndoManager()
    titles = manager.getAllUndoActionTitles()
    if not any(title.startswith(STEP_MARK) for title in titles):
        return False
    if not _is_ours_on_top(manager):
        return None
    manager.undo()
    return True


def _is_ours_on_top(manager: Any) -> bool:
    return bool(manager.isUndoPossible()) and str(manager.getCurrentUndoActionTitle()).startswith(STEP_MARK)


def record(document: Any, undo: Change, redo: Change) -> None:
    """A change that Calc does not record itself: how to take it back, and how to make it again."""
    manager = document.getUndoManager()

    def quietly(change: Change) -> Change:
        def carry_out() -> None:
            # What happens while a step is taken back must not become a step itself.
            with unrecorded(document):
                change()

        return carry_out

    manager.addUndoAction(_action_class()(quietly(undo), quietly(redo)))


@contextmanager
def unrecorded(document: Any) -> Iterator[None]:
    """The next change is not seen by Calc's Undo; for more than one, `still_unrecorded` stands between them."""
    manager = document.getUndoManager()
    manager.lock()
    try:
        yield
    finally:
        manager.unlock()


def still_unrecorded(document: Any) -> None:
    """Inside `unrecorded`, after a change: every change to cells or sheets opens Calc's Undo again (25.2)."""
    manager = document.getUndoManager()
    manager.unlock()
    manager.lock()


def put_block(document: Any, block: Any, cells: tuple[tuple[float | str, ...], ...]) -> None:
    """Values into a range, whatever stood there. Calc's own undo of a block leaves what it wrote in blank cells."""

    def clear() -> None:
        block.clearContents(EVERY_CONTENT)

    def put() -> None:
        block.setDataArray(cells)

    clear()
    with unrecorded(document):
        put()
    record(document, clear, put)


@cache
def _action_class() -> Any:
    # UNO's base classes exist only where LibreOffice's Python packages do.
    import unohelper  # type: ignore[import-not-found,unused-ignore]
    from com.sun.star.document import XUndoAction  # type: ignore[import-not-found,unused-ignore]

    class Action(unohelper.Base, XUndoAction):  # type: ignore[misc,unused-ignore]
        """One entry of Calc's undo list."""

        Title = "KAM"

        def __init__(self, undo: Change, redo: Change) -> None:
            self.undo, self.redo = undo, redo

    return Action


class Notes(MutableMapping[str, str]):
    """Custom properties of a document as a mapping of texts; every change can be undone."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._container = document.DocumentProperties.UserDefinedProperties

    def __getitem__(self, key: str) -> str:
        found = self._get(key)
        if found is None:
            raise KeyError(key)
        return found

    def __setitem__(self, key: str, value: str) -> None:
        self._change(key, value)

    def __delitem__(self, key: str) -> None:
        if self._get(key) is None:
            raise KeyError(key)
        self._change(key, None)

    def __iter__(self) -> Iterator[str]:
        return iter([str(each.Name) for each in self._container.PropertySetInfo.Properties])

    def __len__(self) -> int:
        return len(self._container.PropertySetInfo.Properties)

    def _change(self, key: str, value: str | None) -> None:
        before = self._get(key)
        if before != value:
            self._put(key, value)
            record(self._document, lambda: self._put(key, before), lambda: self._put(key, value))

    def _get(self, key: str) -> str | None:
        if not self._container.PropertySetInfo.hasPropertyByName(key):
            return None
        return str(self._container.getPropertyValue(key))

    def _put(self, key: str, value: str | None) -> None:
        is_there = self._container.PropertySetInfo.hasPropertyByName(key)
        if value is None:
            if is_there:
                self._container.removeProperty(key)
        elif is_there:
            self._container.setPropertyValue(key, value)
        else:
            self._container.addProperty(key, _REMOVABLE, value)
