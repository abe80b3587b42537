"""Desktop Excel in memory: an xlwings engine over dictionaries, for tests of everything that speaks to open workbooks.

Not a spreadsheet: no formula is calculated. What matters to us is kept: how Excel reads a text that is written into a
cell, tables, names, custom properties, protection, copying a sheet between workbooks, the status bar.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import xlwings as xw
from openpyxl.utils import get_column_letter, range_boundaries

ERRORS = {"#N/A", "#VALUE!", "#REF!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"}


def typed(text: str) -> Any:
    """What Excel makes of a text that is put into a cell: a number, a date, a boolean, or the text."""
    if text.startswith("'"):
        return text[1:]
    if text.casefold() in ("true", "false"):
        return text.casefold() == "true"
    if found := re.fullmatch(r"(\d{1,2})[-/](\d{1,2})", text):
        return dt.datetime(2026, int(found[1]), int(found[2]))
    try:
        return float(text.replace("%", "e-2").replace(",", ""))
    except ValueError:
        return text


class Engine:
    name, type = "memory-excel", "desktop"

    def __init__(self) -> None:
        self.apps = Apps(self)

    @staticmethod
    def prepare_xl_data_element(value: Any, options: Any) -> Any:
        return "" if value is None or value != value else value

    @staticmethod
    def clean_value_data(rows: Any, dates: Any, empty: Any, numbers: Any, err_to_str: bool) -> Any:
        def clean(cell: Any) -> Any:
            if cell in ("", None):
                return empty
            if isinstance(cell, str) and cell in ERRORS and not err_to_str:
                return None
            return float(cell) if isinstance(cell, int) and not isinstance(cell, bool) else cell

        return [[clean(cell) for cell in row] for row in rows]


class Apps:
    def __init__(self, engine: Engine) -> None:
        self.engine, self.all = engine, [App(engine)]

    def __iter__(self) -> Iterator[App]:
        return iter(self.all)

    def __len__(self) -> int:
        return len(self.all)

    def keys(self) -> list[int]:
        return [app.pid for app in self.all]

    def __getitem__(self, pid: int) -> App:
        return next(app for app in self.all if app.pid == pid)


class App:
    pid, version, visible = 1, SimpleNamespace(major=16), True
    # Excel 365 and 2021 have the property Formula2, earlier ones have not.
    can_spill = True

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.books = Books(self)
        self.screen_updating = self.display_alerts = self.enable_events = True
        self.calculation = "automatic"
        self.status_bar: Any = False
        self.shown_in_status_bar: list[Any] = []
        self.selection: Any = None
        self.recalculated = 0
        self.alerts: list[str] = []
        self.api = SimpleNamespace(CalculateFull=self._recalculate)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "status_bar" and "shown_in_status_bar" in self.__dict__:
            self.shown_in_status_bar.append(value)
        object.__setattr__(self, name, value)

    def _recalculate(self) -> None:
        self.recalculated += 1

    def activate(self, steal_focus: bool = False) -> None:
        return None

    def alert(self, prompt: str, *rest: Any) -> str:
        self.alerts.append(prompt)
        return "ok"


class Books:
    def __init__(self, app: App) -> None:
        self.app, self.all = app, []

    @property
    def active(self) -> Book:
        return self.all[-1]

    def __iter__(self) -> Iterator[Book]:
        return iter(self.all)

    def __len__(self) -> int:
        return len(self.all)

    def __call__(self, key: Any) -> Book:
        if isinstance(key, int):
            return self.all[key - 1]
        found = [book for book in self.all if book.name == key]
        if not found:
            raise KeyError(key)
        return found[0]

    def new(self, name: str) -> Book:
        book = Book(self.app, name)
        self.all.append(book)
        return book

    def open(self, path: str, *options: Any) -> Book:
        book = self.new(Path(path).name)
        book.fullname = path
        for source in openpyxl.load_workbook(path).worksheets:
            sheet = book.sheets.append(source.title)
            for row in source.iter_rows():
                for cell in row:
                    if cell.value is not None:
                        is_formula = cell.data_type == "f"
                        sheet.put(cell.row, cell.column, cell.value, as_typed=is_formula)
        return book


class Properties:
    """CustomDocumentProperties of a COM workbook."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def __iter__(self) -> Iterator[Any]:
        for name in list(self.values):
            yield SimpleNamespace(Name=name, Value=self.values[name], Delete=lambda name=name: self.values.pop(name))

    def Add(self, name: str, link: bool, kind: int, value: str) -> None:  # noqa: N802 - COM's name
        assert name not in self.values
        assert len(value) <= 255
        self.values[name] = value


class Book:
    def __init__(self, app: App, name: str) -> None:
        self.app, self.name, self.fullname = app, name, f"C:\\{name}"
        self.sheets = Sheets(self)
        self.all_names: list[Name] = []
        self.api = SimpleNamespace(ProtectStructure=False, CustomDocumentProperties=Properties())

    @property
    def names(self) -> Names:
        return Names(self, None)

    def activate(self) -> None:
        return None

    def close(self) -> None:
        self.app.books.all.remove(self)


class Sheets:
    def __init__(self, book: Book) -> None:
        self.book, self.all = book, []

    @property
    def active(self) -> Sheet:
        return self.all[0]

    def __iter__(self) -> Iterator[Sheet]:
        return iter(list(self.all))

    def __len__(self) -> int:
        return len(self.all)

    def __call__(self, key: Any) -> Sheet:
        return self.all[key - 1] if isinstance(key, int) else next(s for s in self.all if s.name == key)

    def append(self, name: str) -> Sheet:
        sheet = Sheet(self.book, name)
        self.all.append(sheet)
        return sheet


class Sheet:
    def __init__(self, book: Book, name: str) -> None:
        self.book, self.name = book, name
        self.values: dict[tuple[int, int], Any] = {}
        self.formulas: dict[tuple[int, int], str] = {}
        self.looks: dict[tuple[int, int], dict[str, Any]] = {}
        self.all_tables: list[Table] = []
        self.conditions: list[tuple[str, dict[str, Any]]] = []
        self.api = SimpleNamespace(ProtectContents=False)
        self.writes = self.reads = 0

    @property
    def names(self) -> Names:
        return Names(self.book, self)

    @property
    def tables(self) -> Tables:
        return Tables(self)

    @property
    def used_range(self) -> Range:
        places = [place for place, value in self.values.items() if value not in (None, "")] or [(1, 1)]
        rows, columns = [row for row, _ in places], [column for _, column in places]
        return Range(self, min(rows), min(columns), max(rows) - min(rows) + 1, max(columns) - min(columns) + 1)

    def range(self, first: Any, last: Any = None) -> Range:
        if isinstance(first, Range):
            end = last or first
            rows, columns = end.row + end.shape[0] - first.row, end.column + end.shape[1] - first.column
            return Range(self, first.row, first.column, rows, columns)
        if isinstance(first, str):
            left, top, right, bottom = range_boundaries(first.replace("$", ""))
            return Range(self, top, left, bottom - top + 1, right - left + 1)
        if len(first) == 4:
            return Range(self, *first)
        last = last or first
        return Range(self, first[0], first[1], last[0] - first[0] + 1, last[1] - first[1] + 1)

    def put(self, row: int, column: int, value: Any, *, as_typed: bool = True) -> None:
        place = (row, column)
        self.formulas.pop(place, None)
        if as_typed and isinstance(value, str):
            if value.startswith("="):
                self.formulas[place] = value
                value = "#NAME?"
            else:
                value = typed(value)
        self.values[place] = value

    def copy(self, before: Sheet | None, after: Sheet | None) -> None:
        target = (before or after).book.sheets  # type: ignore[union-attr]
        names = {sheet.name for sheet in target}
        name = self.name if self.name not in names else f"{self.name} (2)"
        copied = Sheet(target.book, name)
        copied.values, copied.formulas, copied.looks = dict(self.values), dict(self.formulas), dict(self.looks)
        position = target.all.index(before or after) + (0 if before else 1)  # type: ignore[arg-type]
        target.all.insert(position, copied)

    def delete(self) -> None:
        assert not self.book.app.display_alerts, "Excel would ask before it deletes a sheet"
        self.book.sheets.all.remove(self)
        self.book.all_names = [name for name in self.book.all_names if name.sheet is not self]

    def activate(self) -> None:
        return None


class Name:
    def __init__(self, book: Book, sheet: Sheet | None, name: str, refers_to: str) -> None:
        self.book, self.sheet, self.short, self.refers_to = book, sheet, name, refers_to
        self.api = SimpleNamespace(Visible=True)

    @property
    def name(self) -> str:
        return f"{self.sheet.name}!{self.short}" if self.sheet else self.short

    def delete(self) -> None:
        self.book.all_names.remove(self)


class Names:
    def __init__(self, book: Book, sheet: Sheet | None) -> None:
        self.book, self.sheet = book, sheet

    def _mine(self) -> list[Name]:
        return [name for name in self.book.all_names if self.sheet is None or name.sheet is self.sheet]

    def __iter__(self) -> Iterator[Name]:
        return iter(self._mine())

    def __len__(self) -> int:
        return len(self._mine())

    def __call__(self, key: int) -> Name:
        return self._mine()[key - 1]

    def snapshot(self) -> list[tuple[str, Name]]:
        return [(name.name, name) for name in self._mine()]

    def add(self, name: str, refers_to: str) -> Name:
        made = Name(self.book, self.sheet, name, refers_to)
        self.book.all_names.append(made)
        return made


class Tables:
    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet

    def __iter__(self) -> Iterator[Table]:
        return iter(self.sheet.all_tables)

    def __len__(self) -> int:
        return len(self.sheet.all_tables)


class Table:
    def __init__(self, sheet: Sheet, name: str, address: str, *, show_totals: bool = False) -> None:
        self.sheet, self.name, self.range, self.show_totals = sheet, name, sheet.range(address), show_totals
        sheet.all_tables.append(self)

    @property
    def header_row_range(self) -> Range:
        return Range(self.sheet, self.range.row, self.range.column, 1, self.range.shape[1])

    def resize(self, area: Any) -> None:
        self.range = Range(self.sheet, area.row, area.column, *area.shape)


class Font:
    def __init__(self, area: Range) -> None:
        object.__setattr__(self, "area", area)

    def __setattr__(self, name: str, value: Any) -> None:
        self.area.look(f"font.{name}", value)


class Conditions:
    def __init__(self, area: Range) -> None:
        self.area = area

    def clear(self) -> None:
        sheet = self.area.sheet
        sheet.conditions = [each for each in sheet.conditions if each[0] != self.area.address]

    def add_cell_value(self, rule: dict[str, Any]) -> Any:
        self.area.sheet.conditions.append((self.area.address, rule))
        return SimpleNamespace()


class Range:
    max_cells_per_read = max_cells_per_write = None
    has_array = False

    def __init__(self, sheet: Sheet, row: int, column: int, rows: int = 1, columns: int = 1) -> None:
        object.__setattr__(self, "options", {})
        self.sheet, self.row, self.column, self.shape = sheet, row, column, (rows, columns)
        self.font, self.conditional_formats = Font(self), Conditions(self)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in ("number_format", "color", "wrap_text", "column_width"):
            self.look(name, value)
        else:
            object.__setattr__(self, name, value)

    def look(self, name: str, value: Any) -> None:
        for place in self._places():
            self.sheet.looks.setdefault(place, {})[name] = value

    def _places(self) -> Iterator[tuple[int, int]]:
        for row in range(self.row, self.row + self.shape[0]):
            for column in range(self.column, self.column + self.shape[1]):
                yield row, column

    @property
    def api(self) -> SimpleNamespace:
        return SimpleNamespace(Formula2=None) if self.sheet.book.app.can_spill else SimpleNamespace()

    @property
    def address(self) -> str:
        first = f"${get_column_letter(self.column)}${self.row}"
        last = f"${get_column_letter(self.column + self.shape[1] - 1)}${self.row + self.shape[0] - 1}"
        return first if first == last else f"{first}:{last}"

    def __len__(self) -> int:
        return self.shape[0] * self.shape[1]

    def __call__(self, row: int, column: int) -> Range:
        return Range(self.sheet, self.row + row - 1, self.column + column - 1)

    def _block(self, store: dict[tuple[int, int], Any]) -> Any:
        rows = [
            tuple(store.get((row, column)) for column in range(self.column, self.column + self.shape[1]))
            for row in range(self.row, self.row + self.shape[0])
        ]
        return rows[0][0] if len(self) == 1 else tuple(rows)

    def _fill(self, value: Any) -> None:
        self.sheet.writes += 1
        for row, column in self._places():
            cell = value[row - self.row][column - self.column] if isinstance(value, list | tuple) else value
            self.sheet.put(row, column, None if cell == "" else cell)

    @property
    def raw_value(self) -> Any:
        self.sheet.reads += 1
        return self._block(self.sheet.values)

    @raw_value.setter
    def raw_value(self, value: Any) -> None:
        self._fill(value)

    @property
    def formula(self) -> Any:
        shown = {
            place: f"'{value}" if isinstance(value, str) and typed(value) != value else value
            for place, value in self.sheet.values.items()
        }
        block = self._block({**shown, **self.sheet.formulas})
        if len(self) == 1:
            return "" if block is None else block
        return tuple(tuple("" if cell is None else cell for cell in row) for row in block)

    @formula.setter
    def formula(self, value: Any) -> None:
        self._fill(value)

    formula2 = formula

    def clear(self) -> None:
        self._fill(None)
        for place in self._places():
            self.sheet.looks.pop(place, None)


def start_excel() -> Any:
    """A fresh Excel, as xlwings' App; the engine of earlier tests is replaced."""
    for engine in list(xw.engines):
        if engine.name == Engine.name:
            xw.engines.engines.remove(engine)
    xw.engines.add(xw.Engine(impl=Engine()))
    xw.engines[Engine.name].activate()
    return xw.apps.active


def add_book(excel: Any, sheets: dict[str, list[list[Any]]], *, name: str = "book.xlsx") -> Any:
    """A workbook with plain values in its sheets, as xlwings' Book."""
    impl = excel.impl.books.new(name)
    for title, rows in sheets.items():
        sheet = impl.sheets.append(title)
        for row, cells in enumerate(rows, 1):
            for column, cell in enumerate(cells, 1):
                if cell is not None:
                    sheet.put(row, column, cell, as_typed=False)
    return xw.Book(impl=impl)
