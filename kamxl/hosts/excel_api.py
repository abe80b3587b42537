"""The few things of desktop Excel that xlwings does not offer on both systems: COM on Windows, AppleScript on macOS.

Used by `excel.py` alone. Every function asks which of the two it has before it speaks.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import Any

_TEXT_PROPERTY = 4  # msoPropertyTypeString
_NAME_PREFIX = "_kamxl_note_"


def is_protected(sheet: Any) -> bool:
    """Whether the cells of a sheet may not be changed."""
    api = sheet.api
    if hasattr(api, "ProtectContents"):
        return bool(api.ProtectContents)
    return bool(api.protect_contents.get())


def has_locked_structure(book: Any) -> bool:
    """Whether sheets may not be added to a workbook."""
    api = book.api
    if hasattr(api, "ProtectStructure"):
        return bool(api.ProtectStructure)
    return bool(api.protect_structure.get())


def counts_from_1904(book: Any) -> bool:
    """Whether day 0 of a workbook is 1 January 1904."""
    api = book.api
    if hasattr(api, "Date1904"):
        return bool(api.Date1904)
    return bool(api.date_1904.get()) if hasattr(api, "date_1904") else False


def add_hidden_name(owner: Any, name: str, refers_to: str) -> None:
    """A defined name of a sheet or a workbook that no list shows."""
    api = owner.names.add(name, refers_to).api
    if hasattr(api, "Visible"):
        api.Visible = False
    else:
        api.visible.set(False)


def has_totals(table: Any) -> bool:
    """Whether the last row of an Excel table is its totals."""
    return bool(table.show_totals)


def can_spill(book: Any) -> bool:
    """Whether one formula may fill the cells below it: Excel 365 and 2021 on Windows; Excel for macOS does not say."""
    return hasattr(book.sheets[0].range("A1").api, "Formula2")


def recalculate(book: Any) -> None:
    """Every formula of every open workbook calculated again."""
    api = book.app.api
    if hasattr(api, "CalculateFull"):
        api.CalculateFull()
    else:
        book.app.calculate()


class Notes(MutableMapping[str, str]):
    """Custom document properties of an open workbook.

    Excel for macOS keeps them from AppleScript; there, hidden names of the workbook serve instead.
    """

    def __init__(self, book: Any) -> None:
        self._book = book

    def _properties(self) -> Any:
        return getattr(self._book.api, "CustomDocumentProperties", None)

    def _read(self) -> dict[str, str]:
        properties = self._properties()
        if properties is not None:
            return {str(each.Name): str(each.Value) for each in properties if str(each.Name).startswith("kamxl")}
        named = [name for name in self._book.names if name.name.startswith(_NAME_PREFIX)]
        pairs = (name.refers_to.removeprefix('="').removesuffix('"').split("\t", 1) for name in named)
        return {pair[0]: pair[1].replace('""', '"') for pair in pairs if len(pair) == 2}

    def __getitem__(self, key: str) -> str:
        return self._read()[key]

    def __setitem__(self, key: str, value: str) -> None:
        if self._read().get(key) == value:
            return
        if key in self:
            del self[key]
        properties = self._properties()
        if properties is not None:
            properties.Add(key, False, _TEXT_PROPERTY, value)
            return
        number = 1 + sum(1 for name in self._book.names if name.name.startswith(_NAME_PREFIX))
        quoted = value.replace('"', '""')
        add_hidden_name(self._book, f"{_NAME_PREFIX}{number}", f'="{key}\t{quoted}"')

    def __delitem__(self, key: str) -> None:
        if key not in self._read():
            raise KeyError(key)
        properties = self._properties()
        if properties is not None:
            next(each for each in properties if str(each.Name) == key).Delete()
            return
        for name in self._book.names:
            if name.name.startswith(_NAME_PREFIX) and name.refers_to.startswith(f'="{key}\t'):
                name.delete()
                return

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())
