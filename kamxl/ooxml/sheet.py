"""One worksheet: a small frame that is edited as XML around rows that only stream by.

Place in the picture: the frame is everything of the part but the content of `sheetData`, so column
widths, filters, conditional formats and the rest are ordinary edits of a small part; the rows go
through `rows` and `row_edit`. Nothing is written here: `commit` hands the result to the package.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from kamxl.ooxml.book import Book, SheetEntry
from kamxl.ooxml.errors import OoxmlError, damaged
from kamxl.ooxml.markup import ATTRIBUTES, DECLARATION, Node, check_xml, foreign_encoding, to_utf8
from kamxl.ooxml.package import Stream
from kamxl.ooxml.part import XmlPart
from kamxl.ooxml.references import Range, read_ranges
from kamxl.ooxml.row_edit import clean_rows, edit_rows
from kamxl.ooxml.row_strip import set_strip
from kamxl.ooxml.rows import CellBlock, RowMarkup, StoredCell, Survey, is_filled, read_cells, split_rows, survey_rows
from kamxl.records import dataclass

ORDER = (
    "sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr", "sheetProtection",
    "protectedRanges", "scenarios", "autoFilter", "sortState", "dataConsolidate", "customSheetViews", "mergeCells",
    "phoneticPr", "conditionalFormatting", "dataValidations", "hyperlinks", "printOptions", "pageMargins", "pageSetup",
    "headerFooter", "rowBreaks", "colBreaks", "customProperties", "cellWatches", "ignoredErrors", "smartTags",
    "drawing", "drawingHF", "legacyDrawing", "legacyDrawingHF", "picture", "oleObjects", "controls",
    "webPublishItems", "tableParts", "extLst",
)  # fmt: skip
_OPENING = re.compile(rb"<((?:[\w.\-]+:)?)sheetData(?=[\s/>])" + ATTRIBUTES + b"(/?)>")


@dataclass(frozen=True, slots=True)
class SeenRows:
    """What a reader that has seen all rows of a stored sheet, and found them well-formed to the last letter, knows.

    `head` goes up to the first row, `tail` begins behind the last one; `survey` is None where it takes a closer look.
    """

    head: bytes
    size_bytes: int
    tail: bytes
    survey: Survey | None


class Sheet:
    """A worksheet that is being edited."""

    def __init__(self, book: Book, entry: SheetEntry, seen: SeenRows | None = None) -> None:
        if entry.kind == "missing":
            raise damaged("the sheet's part is missing", entry.name)
        if entry.kind != "worksheet":
            raise OoxmlError(
                "no-worksheet", f"a {entry.kind} has no cells", help="choose a worksheet", place=entry.name
            )
        self.book = book
        self.entry = entry
        self._source = book.package.source(entry.part)
        self._encoding = ""
        self._rows_from = self._rows_to = 0
        self._cleaned: bytes | None = None
        self._blocks: list[tuple[CellBlock, Range]] = []
        self._added_bytes = 0
        if seen is not None and seen.survey is not None:
            self._rows_from = len(seen.head)
            self._rows_to = self._rows_from + seen.size_bytes
            self.frame, self.markup = self._checked_frame(seen.head + seen.tail), RowMarkup("")
            self.survey = seen.survey
            return
        try:
            self.frame, self.markup, self.survey = self._read()
        except OoxmlError as error:
            self._source = self._source_in_one_spelling(error)
            self.frame, self.markup, self.survey = self._read()
        if self.markup.prefix != self.frame.prefix.encode():
            raise damaged("the rows of the sheet have another prefix than the sheet", entry.part)
        if self.survey.needs_cleaning:
            self._cleaned = clean_rows(b"".join(self.stored_rows()))
            self.survey = survey_rows([self._cleaned], self.markup, entry.part)

    # looking

    def top(self, local: str) -> Node | None:
        """The frame's element of that name."""
        return self.frame.root.child(local)

    @property
    def protected(self) -> bool:
        """Whether the sheet is locked against changes."""
        node = self.top("sheetProtection")
        return node is not None and node.get("sheet") in ("1", "true")

    def require_open(self) -> None:
        """Nothing, or OoxmlError `protected`."""
        if self.protected:
            raise OoxmlError(
                "protected",
                "the sheet is protected",
                help="in Excel: Review, Unprotect Sheet; or write the results to sheets of their own",
                place=self.entry.name,
            )

    def merges(self) -> list[Range]:
        """Merged areas."""
        node = self.top("mergeCells")
        return [area for item in (node.children if node else []) for area in read_ranges(item.get("ref"))]

    def pivots(self) -> list[Range]:
        """Areas that pivot tables fill."""
        package, found = self.book.package, []
        for item in package.relationships(self.entry.part):
            if item.kind == "pivotTable" and not item.external and package.has(item.target):
                location = package.xml(item.target).root.child("location")
                found += read_ranges(location.get("ref")) if location else []
        return found

    def cells(self, area: Range) -> Iterator[StoredCell]:
        """The stored cells of an area, edits included."""
        for rows in split_rows(self._edited_rows(), self.markup, self.entry.part):
            for row in rows:
                if row.number > area.last_row:
                    return
                if area.first_row <= row.number:
                    for cell in read_cells(row, self.markup):
                        if area.first_column <= cell.column <= area.last_column:
                            yield cell

    def ends_before(self, area: Range) -> bool:
        """Whether no row of the area stores a cell at or behind its first column."""
        return not self._blocks and self.survey.last_column(area.first_row, area.last_row) < area.first_column

    def occupied(self, area: Range) -> StoredCell | None:
        """The first cell of the area that holds something; None when all are empty."""
        if self.ends_before(area):
            return None
        return next((cell for cell in self.cells(area) if is_filled(cell, self.markup)), None)

    # editing

    def set_cells(self, block: CellBlock, area: Range, added_bytes: int) -> None:
        """Set the block's cells when the sheet is written; `area` is what they cover."""
        self._blocks.append((block, area))
        self._added_bytes += added_bytes
        self._widen_dimension(area)
        node = self.top("sheetData")
        if node is not None and node.empty:
            self.frame.splice(node.inside - 2, node.inside, f"></{node.name}>")

    def commit(self) -> None:
        """Hand the edited sheet to the package, if it was edited."""
        if not self._blocks and not self.frame.changed:
            return
        expected = self._rows_to - self._rows_from + len(self.frame.data) + self._added_bytes
        self.book.package.put(self.entry.part, Stream(self.chunks, expected))

    def chunks(self) -> Iterator[bytes]:
        """The part in steps, edits included."""
        data, node = self.frame.data, self.top("sheetData")
        if node is None or node.empty:
            yield data
            return
        yield data[: node.inside]
        yield from self._edited_rows()
        yield data[node.inside :]

    def written_columns(self) -> frozenset[int]:
        """Columns that were written to since the sheet was opened."""
        return frozenset(column for block, _ in self._blocks for column in block.columns)

    def _edited_rows(self) -> Iterator[bytes]:
        chunks: Iterable[bytes] = self.stored_rows()
        for turn, run in enumerate(self._runs()):
            if turn == 0 and len(run) == 1 and not self.survey.has_extensions:
                chunks = set_strip(chunks, self.markup, run[0], self.survey, self.entry.part)
            else:
                chunks = edit_rows(chunks, self.markup, run, self.entry.part)
        return iter(chunks)

    def _runs(self) -> list[list[CellBlock]]:
        """The blocks in their order; those that follow each other down the sheet are set in one pass."""
        runs: list[list[CellBlock]] = []
        bottom = 0
        for block, area in self._blocks:
            if runs and area.first_row > bottom:
                runs[-1].append(block)
            else:
                runs.append([block])
            bottom = area.last_row
        return runs

    def _widen_dimension(self, area: Range) -> None:
        node = self.top("dimension")
        stored = read_ranges(node.get("ref")) if node else []
        if node is None or not stored:
            return
        empty = len(self.survey.numbers) == 0
        self.frame.set_attribute(node, "ref", (area if empty else stored[0].union(area)).text())

    # reading the part

    def _source_in_one_spelling(self, error: OoxmlError) -> Callable[[], Iterable[bytes]]:
        """The part without comments and odd blanks, which may have misled the reader; the error when there are none."""
        if error.kind != "damaged":
            raise error
        whole = b"".join(_bounded(self._part_chunks(), self.book.package.limits.small_part_bytes, self.entry.part))
        body = re.sub(rb"^[^<]*<\?xml.*?\?>", b"", whole)
        # What is no XML with its comments may look like some without them.
        check_xml([DECLARATION.encode(), body], self.entry.part)
        cleaned = clean_rows(body)
        if cleaned == body:
            raise error
        return lambda: [DECLARATION.encode() + cleaned]

    def _part_chunks(self) -> Iterator[bytes]:
        chunks = iter(self._source())
        return to_utf8(chunks, self._encoding, self.entry.part) if self._encoding else chunks

    def stored_rows(self) -> Iterator[bytes]:
        """The rows as the file holds them, in steps."""
        if self._cleaned is not None:
            yield self._cleaned
            return
        position = 0
        for chunk in self._part_chunks():
            start, end = self._rows_from - position, self._rows_to - position
            position += len(chunk)
            if end <= 0:
                return
            piece = chunk[max(0, start) : end]
            if piece:
                yield piece

    def _read(self) -> tuple[XmlPart, RowMarkup, Survey]:
        """Everything but the rows, and what the rows hold; one pass over the part."""
        place = self.entry.part
        self._encoding = foreign_encoding(next(iter(self._source()), b"")[:200])
        ceiling = self.book.package.limits.small_part_bytes
        chunks = self._part_chunks()
        head, opening = b"", None
        for chunk in chunks:
            head += chunk
            opening = _OPENING.search(head)
            if opening or len(head) > ceiling:
                break
        if opening is None:
            raise damaged("the sheet has no rows element", place)
        markup = RowMarkup(opening[1].decode("utf-8"))
        self._rows_from = self._rows_to = opening.end()
        if opening[3]:
            return self._checked_frame(head + b"".join(_bounded(chunks, ceiling, place))), markup, Survey()
        tail: list[bytes] = []
        rows = self._rows_until(b"</" + opening[1] + b"sheetData", head[opening.end() :], chunks, tail)
        survey = survey_rows(rows, markup, place)
        for _ in rows:  # a survey that gave up has not read to the end
            pass
        if not tail:
            raise damaged("the sheet's rows never end", place)
        rest = b"".join(_bounded(chunks, ceiling, place))
        return self._checked_frame(head[: opening.end()] + tail[0] + rest), markup, survey

    def _rows_until(self, closing: bytes, first: bytes, chunks: Iterator[bytes], tail: list[bytes]) -> Iterator[bytes]:
        """The rows in steps; what follows them is put into `tail`."""
        waiting, margin = first, len(closing) - 1
        while True:
            at = waiting.find(closing)
            if at >= 0:
                self._rows_to += at
                tail.append(waiting[at:])
                if at:
                    yield waiting[:at]
                return
            ready = waiting[: max(0, len(waiting) - margin)]
            self._rows_to += len(ready)
            waiting = waiting[len(ready) :]
            if ready:
                yield ready
            chunk = next(chunks, None)
            if chunk is None:
                return
            waiting += chunk

    def _checked_frame(self, data: bytes) -> XmlPart:
        frame = XmlPart(self.entry.part, data)
        node = frame.root.child("sheetData")
        if frame.root.local != "worksheet" or node is None or node.inside != self._rows_from:
            raise damaged("the part is not a worksheet", self.entry.part)
        if frame.namespace != self.book.namespace:
            raise damaged("the sheet speaks another dialect than its workbook", self.entry.part)
        return frame


def _bounded(chunks: Iterator[bytes], ceiling: int, place: str) -> Iterator[bytes]:
    size_bytes = 0
    for chunk in chunks:
        size_bytes += len(chunk)
        if size_bytes > ceiling:
            raise OoxmlError("limits", "the sheet has more around its rows than such parts ever have", place=place)
        yield chunk
