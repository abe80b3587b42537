"""A user's workbook open for editing: the one class that callers use.

Place in the picture: front door of the package; each verb is carried out by the module named after
its noun, which is loaded with the verb where most runs do without it. Edits are collected and nothing
is written before `save`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kamxl.ooxml.book import Book, SheetEntry
from kamxl.ooxml.calculation import drop_listed_chain, set_full_calculation
from kamxl.ooxml.cells import Formula, Value
from kamxl.ooxml.columns import ColumnWrite, check_columns, plan_columns
from kamxl.ooxml.conditional import Rule, set_rules
from kamxl.ooxml.container import part_key
from kamxl.ooxml.errors import OoxmlError
from kamxl.ooxml.filters import stretch_filter
from kamxl.ooxml.limits import Limits
from kamxl.ooxml.names import DefinedName, drop_name, find_name, read_names, set_name
from kamxl.ooxml.opening import read_file, refuse_other_formats
from kamxl.ooxml.ownership import NAME_MARK, is_own_sheet
from kamxl.ooxml.properties import drop_custom_property, read_custom_properties, set_custom_property
from kamxl.ooxml.references import Range
from kamxl.ooxml.save import Replacement, SaveReport, holds_the_same, package_bytes, refuse_if_changed, refuse_if_open
from kamxl.ooxml.sheet import SeenRows, Sheet
from kamxl.ooxml.styles import Styles
from kamxl.ooxml.table import TableRef, fit_columns, read_tables, stored_headers, stretch_table
from kamxl.ooxml.tabs import SheetRef, sheet_refs
from kamxl.ooxml.validation import check_choices, set_choices
from kamxl.ooxml.verify import verify_written
from kamxl.ooxml.widths import set_width
from kamxl.records import replace

if TYPE_CHECKING:
    from kamxl.ooxml.calls import FoundFormula


class Workbook:
    """A workbook and the edits made to it so far.

    Errors: every method raises OoxmlError; the file on disk is untouched until `save` succeeds.
    """

    def __init__(self, data: bytes, path: Path | None = None, limits: Limits | None = None) -> None:
        refuse_other_formats(data)
        self._book = Book(data, limits)
        self._path = path
        self._stored = self._read = data
        self._sheets: dict[str, Sheet] = {}
        self._style_tables: Styles | None = None
        self._fresh: set[str] = set()
        self._seen: dict[str, SeenRows] = {}

    @staticmethod
    def open(source: Path | str | bytes, limits: Limits | None = None) -> Workbook:
        """The workbook in a file or in memory.

        Errors: OoxmlError `encrypted`, `xls`, `xlsb`, `ods`, `not-a-workbook`, `signed`, `shared`, `damaged`,
        `hostile`, `limits`, `missing`, `locked`.
        """
        if isinstance(source, bytes):
            return Workbook(source, None, limits)
        path = Path(source)
        return Workbook(read_file(path, limits or Limits()), path, limits)

    # looking

    @property
    def sheets(self) -> tuple[SheetRef, ...]:
        """The tabs from left to right."""
        return sheet_refs(self._book)

    @property
    def tables(self) -> tuple[TableRef, ...]:
        """Every Excel table, sheet by sheet."""
        return tuple(table for entry in self._book.sheets() for table in read_tables(self._book, entry))

    @property
    def defined_names(self) -> tuple[DefinedName, ...]:
        """All names, hidden ones and those of one sheet included."""
        return tuple(read_names(self._book))

    @property
    def custom_properties(self) -> dict[str, str]:
        """The custom document properties as texts."""
        return read_custom_properties(self._book)

    @property
    def date1904(self) -> bool:
        """Whether dates count from 1904."""
        return self._book.date1904

    @property
    def structure_protected(self) -> bool:
        """Whether sheets cannot be added or removed."""
        return self._book.structure_protected

    def occupied(self, sheet: str, ref: str) -> bool:
        """Whether any cell of the area holds a value or a formula."""
        return self._sheet(sheet).occupied(Range.parse(ref)) is not None

    def error_cells(self, sheet: str) -> dict[tuple[int, int], str]:
        """Error texts such as `#N/A` by (row, column), both 1-based; an empty one for a formula without a value."""
        from kamxl.ooxml.error_cells import read_error_cells

        return read_error_cells(self._book, self._book.sheet(sheet).part)

    def sheet_bytes(self, sheet: str) -> Iterator[bytes]:
        """The XML of a sheet in steps, for readers of its cells."""
        return self._book.package.chunks(self._book.sheet(sheet).part)

    def part_bytes(self, kind: str) -> bytes:
        """The XML of the workbook's `styles` or `sharedStrings`; empty when it has none."""
        name = self._book.package.related(self._book.main, kind)
        return b"".join(self._book.package.chunks(name)) if name else b""

    def formulas_with(self, sheet: str, word: str) -> list[FoundFormula]:
        """Formulas with a word in them, those that share such a formula included."""
        from kamxl.ooxml.calls import find_formulas

        return find_formulas(self._sheet(sheet), word.encode())

    def extent(self, sheet: str) -> tuple[int, int]:
        """Last row and last column (from 1) that store a cell; (0, 0) for an empty sheet."""
        survey = self._sheet(sheet).survey
        return max(survey.numbers, default=0), max(survey.last_columns, default=0)

    def is_own(self, sheet: str) -> bool:
        """Whether the sheet was made by us."""
        return is_own_sheet(self._book, self._book.sheet(sheet).index)

    def note_rows(self, sheet: str, seen: SeenRows) -> None:
        """What a reader has found out about the rows of a sheet that was not edited yet.

        They need no second look when columns are written beside them, nor a parse when the workbook is verified.
        """
        entry = self._book.sheet(sheet)
        if entry.part not in self._sheets and self._book.package.is_stored(entry.part):
            self._seen[part_key(entry.part)] = seen

    # editing

    def write_columns(
        self,
        sheet: str,
        header_row_1based: int | None,
        first_row_1based: int,
        columns: Sequence[ColumnWrite],
        *,
        heights: Mapping[int, float] | None = None,
    ) -> None:
        """Write columns with their headers; a table, a filter and the widths follow.

        `heights` are those of rows that the sheet does not store yet. Units: points, by row from 1.
        Errors: OoxmlError `protected`, `occupied`, `merged`, `pivot`, `array`, `table`, `name-taken`, `limits`.
        """
        target, book = self._sheet(sheet), self._book
        ordered = sorted(columns, key=lambda item: item.column_1based)
        area = check_columns(target, header_row_1based, first_row_1based, ordered)
        tables = read_tables(book, target.entry)
        table, added = fit_columns(tables, header_row_1based, first_row_1based, ordered, area)
        if table is not None:
            names = stored_headers(table, ordered)
            ordered = [replace(item, header=names.get(item.column_1based, item.header)) for item in ordered]
        for item in ordered:
            check_choices(target, item.choices or ())
        block = plan_columns(target, self._styles, header_row_1based, first_row_1based, ordered, area, heights or {})
        if table is not None:
            stretch_table(book, table, ordered, added)
        # from here on nothing can be refused: a write that raises has changed nothing
        drop_listed_chain(book, target.entry.sheet_id, area)
        target.set_cells(block, area, len(ordered) * len(ordered[0].values) * 40)
        stretch_filter(target, header_row_1based, area)
        for item in ordered:
            if item.width_chars is not None:
                fresh = not item.overwrite
                set_width(target, item.column_1based, item.width_chars, grouped=item.grouped, new=fresh)
            if item.choices and item.values:
                last = first_row_1based + len(item.values) - 1
                strip = Range(item.column_1based, first_row_1based, item.column_1based, last)
                set_choices(target, strip, item.choices)

    def replace_formulas(self, sheet: str, values: Mapping[tuple[int, int], Value], word: str) -> None:
        """Cells by (row, column) from 1 given other values or formulas; formulas of table columns follow.

        Errors: OoxmlError `protected`.
        """
        from kamxl.ooxml.calls import replace_calculated, replace_cells

        target = self._sheet(sheet)
        replace_cells(self._book, target, values)
        for table in read_tables(self._book, target.entry):
            first = table.area.first_column
            for (row, column), value in values.items():
                if row == table.first_row and first <= column <= table.area.last_column:
                    text = value.text if isinstance(value, Formula) else ""
                    replace_calculated(self._book, table.part, column - first, word, text)

    def drop_link(self, file_name: str) -> None:
        """Take the link to an add-in's file away, when it is the last link and no formula uses it."""
        from kamxl.ooxml.calls import drop_unused_link

        drop_unused_link(self._book, self._sheets, file_name)

    def conditional_format(self, sheet: str, ref: str, rules: Sequence[Rule]) -> None:
        """Make these our only conditional formats on the area; those of people stay."""
        set_rules(self._sheet(sheet), self._styles, Range.parse(ref), rules)

    def graft_sheets(self, donor: bytes, names: Sequence[str] | None = None) -> list[str]:
        """Bring worksheets made by XlsxWriter over: new ones at the end, ours replaced in their places.

        New sheets go to the end because nothing that counts sheets (names, views, 3-D sums) changes then.
        Errors: OoxmlError `name-taken`, `protected`, `sheet-name`.
        """
        from kamxl.ooxml.graft import graft_sheets

        brought = graft_sheets(self._book, self._styles, donor, names)
        for name in brought:
            entry = self._book.sheet(name)
            self._sheets.pop(entry.part, None)
            self._seen.pop(part_key(entry.part), None)
            self._fresh.add(entry.part.lower())
            drop_listed_chain(self._book, entry.sheet_id)
        return brought

    def remove_sheet(self, name: str) -> None:
        """Remove a sheet of ours that no formula of a person uses.

        Errors: OoxmlError `not-ours`, `in-use`, `protected`, `no-sheet`.
        """
        from kamxl.ooxml.tab_edits import remove_sheet

        self._commit()
        self._sheets.clear()
        self._seen.clear()
        remove_sheet(self._book, name)

    def rename_sheet(self, old: str, new: str) -> None:
        """Rename a sheet of ours; formulas, names and charts that use it follow.

        Errors: OoxmlError `not-ours`, `name-taken`, `sheet-name`, `protected`, `no-sheet`.
        """
        from kamxl.ooxml.tab_edits import rename_sheet

        self._commit()
        self._sheets.clear()
        self._seen.clear()
        rename_sheet(self._book, old, new)

    def set_calc(self, *, full_on_load: bool = True) -> None:
        """Make Excel calculate everything when it opens the workbook; it then asks to save on closing."""
        set_full_calculation(self._book, on=full_on_load)

    def set_custom_property(self, name: str, value: str | None) -> None:
        """Set a custom document property; None removes it."""
        if value is None:
            drop_custom_property(self._book, name)
        else:
            set_custom_property(self._book, name, value)

    def defined_name(self, name: str, ref: str | None, *, comment: str = "", hidden: bool = False) -> None:
        """Define a name of ours for the whole workbook, or remove it with None.

        Errors: OoxmlError `name-taken` when a person has defined it.
        """
        old = find_name(self._book, name)
        own = comment or NAME_MARK
        if old is not None and not old.comment.startswith((NAME_MARK, own)):
            raise OoxmlError(
                "name-taken", f"the workbook defines the name `{name}` already",
                help="rename it under Formulas, Name Manager", place=name,
            )  # fmt: skip
        if ref is None:
            drop_name(self._book, name)
        else:
            set_name(self._book, DefinedName(name, ref.removeprefix("="), None, hidden, own))

    # writing

    def to_bytes(self) -> bytes:
        """The edited and verified workbook."""
        self._commit()
        data, _ = package_bytes(self._book.package)
        verify_written(self._book, data, list(self._sheets.values()), self._fresh, self._seen)
        return data

    def save(self, path: Path | str, *, backup: Path | None = None) -> SaveReport:
        """Write the workbook: verified, then in one step; `backup` receives the file that is replaced.

        A file that holds all of it already is left alone: its date stays, and there is no backup of it.
        Errors: OoxmlError `locked`, `changed`, `disk`, `unsafe`; the old file is whole in every case.
        """
        target = Path(path)
        refuse_if_open(target)
        self._commit()
        with Replacement(target) as replacement:
            report, data = replacement.write(self._book.package)
            verify_written(self._book, data, list(self._sheets.values()), self._fresh, self._seen)
            refuse_if_open(target)
            if self._path is not None and target.resolve() == self._path.resolve():
                refuse_if_changed(target, self._stored)
                if self._stored is self._read and holds_the_same(self._book.package, data):
                    return replace(report, path=target, changed=())
            had_file = target.exists()
            replacement.commit(backup)
        self._stored = data
        return replace(report, path=target, backup=backup if had_file else None)

    def _commit(self) -> None:
        if self._style_tables is not None:
            self._style_tables.write()
        for sheet in self._sheets.values():
            sheet.commit()
        self._book.package.settle()
        self._book.package.check_copied()

    def _sheet(self, name: str) -> Sheet:
        entry: SheetEntry = self._book.sheet(name)
        if entry.part not in self._sheets:
            self._sheets[entry.part] = Sheet(self._book, entry, self._seen.get(part_key(entry.part)))
        return self._sheets[entry.part]

    @property
    def _styles(self) -> Styles:
        if self._style_tables is None:
            self._style_tables = Styles(self._book)
        return self._style_tables
