"""Whole sheets made by XlsxWriter, brought into a workbook with all they need.

Place in the picture: the donor is a workbook of its own; its strings become inline strings, its looks
get the receiver's numbers, its drawings, charts, pictures and tables get free names. Only sheets of
ours are ever replaced.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from kamxl.ooxml.book import ORDER, Book, SheetEntry
from kamxl.ooxml.errors import OoxmlError
from kamxl.ooxml.graft_parts import PartCopier, in_dialect, remove_dependents
from kamxl.ooxml.graft_styles import StyleMap, string_items
from kamxl.ooxml.graft_tables import TableMap
from kamxl.ooxml.markup import escape_attribute
from kamxl.ooxml.metadata import map_dynamic_arrays
from kamxl.ooxml.names import DefinedName, drop_name, find_name, read_names, set_name
from kamxl.ooxml.ownership import NAME_MARK, SHEET_MARK, is_own_sheet, mark_sheet
from kamxl.ooxml.package import Stream
from kamxl.ooxml.sheet import Sheet
from kamxl.ooxml.styles import Styles

MAX_SHEET_NAME = 31  # characters, Excel's limit
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_CELL = re.compile(rb"<c ([^<>]*?)(/>|>(.*?)</c>)", re.S)
_STYLE = re.compile(rb'(?<= )s="(\d+)"')
_ROW_STYLE = re.compile(rb'(<(?:row|col)\b[^<>]*?\s(?:s|style)=")(\d+)(")')
_ANY_STYLE = re.compile(rb'<(?:c|row) [^<>]*?\bs="(\d+)"')
_STRING = re.compile(rb"<v>(\d+)</v>")
_METADATA = re.compile(rb' cm="(\d+)"')
_DIFFERENTIAL = re.compile(r'(\bdxfId=")(\d+)(")')
_FORMULA = re.compile(rb"(<(?:\w+:)?(?:f|formula|formula1|formula2)\b[^<>]*>)([^<]+)(</)")


def graft_sheets(book: Book, styles: Styles, donor_data: bytes, names: Sequence[str] | None = None) -> list[str]:
    """Names of the donor's sheets that are now in the book: added at the end, or replaced in their place.

    Errors: OoxmlError `name-taken` when a person's sheet or name has the name, `protected`, `sheet-name`.
    """
    donor = Book(donor_data)
    wanted = [entry for entry in donor.sheets() if entry.kind == "worksheet" and (names is None or entry.name in names)]
    existing = {entry.name.casefold(): entry for entry in book.sheets()}
    for entry in wanted:
        check_sheet_name(entry.name)
        old = existing.get(entry.name.casefold())
        if old is None:
            book.require_open_structure()
        elif not is_own_sheet(book, old.index):
            raise OoxmlError(
                "name-taken", f"there is a sheet `{old.name}` that kamxl did not make",
                help="rename that sheet, or give ours another name", place=old.name,
            )  # fmt: skip
    _check_names(book, donor, wanted)
    for entry in wanted:
        if old := existing.get(entry.name.casefold()):
            remove_dependents(book, old.part)
    if wanted and book.part.root.child("bookViews") is None:  # the sheets' own views refer to it by number
        view = f"<{book.part.prefix}bookViews><{book.part.prefix}workbookView/></{book.part.prefix}bookViews>"
        book.part.insert_ordered(ORDER, "bookViews", view)
    grafting = _Grafting(book, donor, styles)
    for entry in wanted:
        grafting.bring(entry, existing.get(entry.name.casefold()))
    for entry in wanted:
        grafting.bring_names(entry)
    grafting.bring_shared_names(wanted)
    return [entry.name for entry in wanted]


def check_sheet_name(name: str) -> None:
    """Nothing, or OoxmlError `sheet-name` when Excel would not accept the name."""
    odd = _FORBIDDEN.search(name) or name[:1] == "'" or name[-1:] == "'" or name.casefold() == "history"
    if odd or not 1 <= len(name) <= MAX_SHEET_NAME:
        raise OoxmlError(
            "sheet-name", f"`{name[:60]}` cannot be the name of a sheet",
            help=f"use 1 to {MAX_SHEET_NAME} characters, none of [ ] : * ? / \\, and not `History`", place=name[:60],
        )  # fmt: skip


class _Grafting:
    """One run of bringing sheets over; holds the maps from the donor's numbers to the receiver's."""

    def __init__(self, book: Book, donor: Book, styles: Styles) -> None:
        self._book = book
        self._donor = donor
        self._looks = StyleMap(donor, styles)
        self._strings = string_items(donor)
        self._tables = TableMap(donor, book)
        self._copier = PartCopier(donor, book, self._edit_part)
        self._dynamic = map_dynamic_arrays(donor, book)

    def bring(self, entry: SheetEntry, old: SheetEntry | None) -> None:
        """Add the sheet at the end, or put it in the place of an old one of ours."""
        sheet = Sheet(self._donor, entry)
        part = old.part if old and old.part else self._book.package.free_name("xl/worksheets/sheet%d.xml")
        if old is None:
            self._list_sheet(entry, part)
        self._edit_frame(sheet)
        expected = self._look_up_styles(sheet) * 2
        self._book.package.put(part, Stream(self._producer(sheet), expected), self._book.content_type("worksheet"))
        self._copier.copy_arrows(entry.part, part)
        mark_sheet(self._book, self._book.sheet(entry.name).index)

    def bring_names(self, entry: SheetEntry) -> None:
        """Names that are valid on the sheet only: print areas, print titles, filters."""
        index = self._book.sheet(entry.name).index
        kept = {SHEET_MARK.casefold()}
        for item in read_names(self._donor):
            if item.sheet_index == entry.index:
                text = self._tables.rename(item.text)
                set_name(self._book, DefinedName(item.name, text, index, item.hidden, item.comment))
                kept.add(item.name.casefold())
        for item in read_names(self._book):
            if item.sheet_index == index and item.name.casefold() not in kept:
                drop_name(self._book, item.name, index)

    def bring_shared_names(self, wanted: Sequence[SheetEntry]) -> None:
        """Names that are valid everywhere."""
        if wanted:
            for item in _shared_names(self._donor):
                set_name(
                    self._book, DefinedName(item.name, self._tables.rename(item.text), None, item.hidden, NAME_MARK)
                )

    def _list_sheet(self, entry: SheetEntry, part: str) -> None:
        book, main = self._book, self._book.part
        identifier = book.package.add_relationship(book.main, book.relationship_type("worksheet"), part)
        main = book.part
        box = main.root.child("sheets")
        assert box is not None  # Book has checked it
        names = [item.name for item in main.root.attributes if item.value == book.relationships_namespace]
        bound = [name.removeprefix("xmlns:") for name in names if name.startswith("xmlns:")]
        declared = "" if bound else f' xmlns:r="{book.relationships_namespace}"'
        number = max([0, *(node.number("sheetId") for node in box.children)]) + 1
        state = f' state="{entry.state}"' if entry.state != "visible" else ""
        main.append(
            box,
            f'<{main.prefix}sheet{declared} name="{escape_attribute(entry.name)}" sheetId="{number}"{state} '
            f'{bound[0] if bound else "r"}:id="{identifier}"/>',
        )

    def _edit_frame(self, sheet: Sheet) -> None:
        frame = sheet.frame
        for node in frame.root.walk():
            if node.local == "sheetView":
                frame.drop_attribute(node, "tabSelected")
            elif node.local == "col" and node.get("style"):
                frame.set_attribute(node, "style", self._looks.cell(node.number("style")))
            elif node.local == "cfRule" and node.get("dxfId"):
                frame.set_attribute(node, "dxfId", self._looks.differential(node.number("dxfId")))

    def _look_up_styles(self, sheet: Sheet) -> int:
        """Size of the rows; their looks get numbers now, because styles are written before rows are."""
        size_bytes, used = len(sheet.frame.data), set()
        for batch in _whole_rows(sheet.stored_rows()):
            size_bytes += len(batch)
            used.update(_ANY_STYLE.findall(batch))
        for number in sorted(int(item) for item in used):
            self._looks.cell(number)
        return size_bytes

    def _producer(self, sheet: Sheet) -> Callable[[], Iterator[bytes]]:
        strict = self._book.strict

        def produce() -> Iterator[bytes]:
            data, node = sheet.frame.data, sheet.top("sheetData")
            cut = node.inside if node else len(data)
            yield in_dialect(self._formulas(data[:cut]), strict=strict)
            for batch in _whole_rows(sheet.stored_rows()):
                yield self._formulas(_CELL.sub(self._cell, _ROW_STYLE.sub(self._row_look, batch)))
            yield in_dialect(self._formulas(data[cut:]), strict=strict)

        return produce

    def _row_look(self, found: re.Match[bytes]) -> bytes:
        return found[1] + b"%d" % self._looks.cell(int(found[2])) + found[3]

    def _cell(self, found: re.Match[bytes]) -> bytes:
        """One cell with the receiver's look and its text in place."""
        attributes, content = found[1], found[3]
        if b' s="' in attributes:
            attributes = _STYLE.sub(lambda style: b's="%d"' % self._looks.cell(int(style[1])), attributes)
        if b' cm="' in attributes:
            attributes = _METADATA.sub(lambda index: self._dynamic.get(int(index[1]), b""), attributes)
        if content is None:
            return b"<c " + attributes + b"/>"
        if b' t="s"' in attributes:
            string = _STRING.search(content)
            number = int(string[1]) if string else -1
            item = self._strings[number] if 0 <= number < len(self._strings) else b"<t></t>"
            return b"<c " + attributes.replace(b' t="s"', b' t="inlineStr"') + b"><is>" + item + b"</is></c>"
        return b"<c " + attributes + b">" + content + b"</c>"

    def _formulas(self, text: bytes) -> bytes:
        """The text with formulas following tables that got another name."""
        return self._tables.rename_in_xml(_FORMULA, text)

    def _edit_part(self, kind: str, text: bytes) -> bytes:
        if kind == "table":
            return self._tables.edit(text, lambda number: self._looks.differential(number))
        return self._formulas(text)


def _whole_rows(chunks: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        rest += chunk
        cut = rest.rfind(b"</row>") + 6
        if cut > 6:
            yield rest[:cut]
            rest = rest[cut:]
    yield rest


def _shared_names(donor: Book) -> list[DefinedName]:
    return [item for item in read_names(donor) if item.sheet_index is None]


def _check_names(book: Book, donor: Book, wanted: Sequence[SheetEntry]) -> None:
    for item in _shared_names(donor) if wanted else []:
        old = find_name(book, item.name)
        if old is not None and old.comment != NAME_MARK and old.text != item.text:
            raise OoxmlError(
                "name-taken", f"the workbook defines the name `{item.name}` already",
                help="rename it under Formulas, Name Manager", place=item.name,
            )  # fmt: skip
