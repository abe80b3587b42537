"""The rows of a sheet as they stream by: where they are, what they hold, and new cells in them.

Place in the picture: a sheet's rows may be a gigabyte, so they are never held; `survey_rows` looks
at them once, `edit_rows` passes them on with some cells set. Rows that are not concerned are passed
on as the bytes they are. Knows cells as bytes only: `cells` makes them.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from kamxl.ooxml.errors import OoxmlError, damaged
from kamxl.ooxml.markup import ATTRIBUTES, unescape
from kamxl.ooxml.references import Range, column_name, column_number
from kamxl.records import dataclass, field

MAX_ROW_BYTES = 64 << 20  # a full row of 16,384 cells with formulas measures 3 MB
_NUMBER = re.compile(rb"""\sr\s*=\s*["'](\d{1,7})["']""")
_REFERENCE = re.compile(rb"""\sr\s*=\s*["']\$?([A-Za-z]{1,3})\$?(\d+)["']""")
_SPANS = re.compile(rb"""\sspans\s*=\s*(?:"[^"]*"|'[^']*')""")
_AREA = re.compile(rb"""\sref\s*=\s*["']([^"']+)["']""")
_FORMULA_KIND = re.compile(rb"""\st\s*=\s*["'](array|shared|dataTable)["']""")
_STYLE = re.compile(rb"""\ss\s*=\s*["'](\d+)["']""")
_LETTERS = [bytes([code]) for code in range(65, 91)]
_NAMES = (*_LETTERS, *(first + second for first in _LETTERS for second in _LETTERS))
_COLUMNS = {name: column for column, name in enumerate(_NAMES, 1)}  # A to ZZ; the rest is worked out


@dataclass(frozen=True, slots=True)
class Special:
    """A formula that speaks for other cells: an array, a data table, or the head of a shared one."""

    kind: str
    area: Range
    row: int
    column: int


@dataclass(slots=True)
class Survey:
    """What one look at all rows has shown."""

    numbers: array[int] = field(default_factory=lambda: array("l"))
    last_columns: array[int] = field(default_factory=lambda: array("H"))
    specials: list[Special] = field(default_factory=list)
    needs_cleaning: bool = False
    has_extensions: bool = False  # some row may end with an extension list instead of its last cell
    has_formulas: bool = False

    def last_column(self, first_row: int, last_row: int) -> int:
        """The rightmost stored cell of some rows; 0 when they store none."""
        # Rows are numbered in rising order.
        inside = slice(bisect_left(self.numbers, first_row), bisect_right(self.numbers, last_row))
        return max(self.last_columns[inside], default=0)


@dataclass(frozen=True, slots=True)
class CellBlock:
    """Cells to set: for each row, in rising order, one piece of XML per column.

    Where no cell follows in any of the rows, the pieces of a row may be one. An empty piece leaves no cell.
    `keeps_style[i]`: a replaced cell hands its style to the new one. `looks` are attributes of rows by number, for rows
    that the sheet does not store yet.
    """

    columns: tuple[int, ...]
    rows: Iterable[tuple[int, Sequence[bytes]]]
    keeps_style: tuple[bool, ...]
    looks: Mapping[int, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredCell:
    """A cell as it is written: its attributes and its content, both XML."""

    row: int
    column: int
    attributes: bytes
    content: bytes
    start: int
    end: int


class RowMarkup:
    """The byte patterns of rows and cells for one namespace prefix (`` or `x:`)."""

    def __init__(self, prefix: str) -> None:
        name = re.escape(prefix.encode())
        self.prefix = prefix.encode()
        self.row_opening = b"<" + self.prefix + b"row "
        self.row_closing = b"</" + self.prefix + b"row>"
        self.cell_opening = b"<" + self.prefix + b"c"
        self.cell_closing = b"</" + self.prefix + b"c>"
        self.row = re.compile(b"<" + name + rb"row(?=[\s/>])" + ATTRIBUTES + b"(/?)>")
        self.cell = re.compile(b"<" + name + rb"c(?=[\s/>])" + ATTRIBUTES + b"(/?)>")
        self.cell_end = re.compile(b"</" + name + rb"c\s*>")
        self.formula = re.compile(b"<" + name + rb"f(?=[\s/>])" + ATTRIBUTES + b"(/?)>")
        self.filled = re.compile(b"<" + name + rb"(?:v|f|is)[\s/>]")
        self.formula_opening = b"<" + self.prefix + b"f"
        self.extension = b"<" + self.prefix + b"extLst"


class StoredRow(NamedTuple):
    """A row as it is written: [before] `opening` content `</row>`."""

    number: int
    before: bytes
    opening: bytes
    content: bytes
    closed: bool  # whether it is `<row .../>`


_make_row = tuple.__new__  # what StoredRow(...) does, in half the time: it is done for every row of a sheet


def split_rows(chunks: Iterable[bytes], markup: RowMarkup, place: str) -> Iterator[list[StoredRow]]:
    """The rows, some at a time; the last list ends with row 0 when something follows the last row.

    Errors: OoxmlError `damaged` when rows are not numbered in rising order, or are endless.
    """
    rest, number = b"", 0
    closing, start = markup.row_closing, markup.row_opening + b'r="'
    digits_at = len(start)
    for chunk in chunks:
        pieces = (rest + chunk).split(closing)
        rest = pieces.pop()
        if len(rest) > MAX_ROW_BYTES:
            raise damaged("a row never ends", place)
        rows: list[StoredRow] = []
        for piece in pieces:
            end = piece.find(b">") + 1
            if not piece.startswith(start) or piece[end - 2] != 34:  # the usual spelling: <row r="1" ...">
                rows += odd_rows(piece, number, markup, place)
                number = rows[-1].number
                continue
            digits = piece[digits_at : piece.find(b'"', digits_at)]
            if not digits.isdigit() or (found := int(digits)) <= number:
                raise damaged("rows are not numbered in rising order", place)
            number = found
            rows.append(_make_row(StoredRow, (number, b"", piece[:end], piece[end:], False)))
        if rows:
            yield rows
    if rest:
        yield odd_rows(rest, number, markup, place, last=True)


def odd_rows(piece: bytes, number: int, markup: RowMarkup, place: str, *, last: bool = False) -> list[StoredRow]:
    """Rows of a piece in any legal spelling: several closed ones, no numbers, odd blanks."""
    rows, position = [], 0
    for found in markup.row.finditer(piece):
        given = _NUMBER.search(found[1])
        new = int(given[1]) if given else number + 1
        if new <= number:
            raise damaged("rows are not numbered in rising order", place)
        number = new
        before = piece[position : found.start()]
        if found[2]:
            rows.append(StoredRow(number, before, found[0], b"", True))
            position = found.end()
        elif last:
            raise damaged("a row is not closed", place)
        else:
            rows.append(StoredRow(number, before, found[0], piece[found.end() :], False))
            return rows
    if not last:
        raise damaged("a row ends that never began", place)
    if position < len(piece):
        rows.append(StoredRow(0, piece[position:], b"", b"", True))
    return rows


def survey_rows(chunks: Iterable[bytes], markup: RowMarkup, place: str) -> Survey:
    """What the rows hold; with `needs_cleaning` set the rest is not to be trusted.

    Errors: OoxmlError `damaged`.
    """
    survey = Survey()
    try:
        rest, number = b"", 0
        for chunk in _watched(chunks, survey):
            formulas = b"f" in rest or b"f" in chunk  # a single byte is found ten times faster than `<f`
            pieces = (rest + chunk).split(markup.row_closing)
            rest = pieces.pop()
            if len(rest) > MAX_ROW_BYTES:
                raise damaged("a row never ends", place)
            number = _survey_pieces(pieces, number, markup, survey, place, formulas=formulas)
        if rest:
            _survey_odd(odd_rows(rest, number, markup, place, last=True), markup, survey)
    except OoxmlError:
        if not survey.needs_cleaning:
            raise
    return survey


def _survey_pieces(
    pieces: list[bytes], number: int, markup: RowMarkup, survey: Survey, place: str, *, formulas: bool
) -> int:
    """Number of the last row. The usual spelling is read in place: this loop sees every row of a sheet."""
    start, opening = markup.row_opening + b'r="', markup.cell_opening
    digits_at, letters_at = len(start), len(opening) + 4
    numbers, columns = survey.numbers, survey.last_columns
    for piece in pieces:
        at = piece.rfind(opening)
        letters = piece[at + letters_at : at + letters_at + 3].rstrip(b'0123456789"')
        column = _COLUMNS.get(letters) if piece[at + letters_at - 4 : at + letters_at] == b' r="' else None
        digits = piece[digits_at : piece.find(b'"', digits_at)]
        usual = at > 0 and piece.startswith(start) and piece[piece.find(b">") - 1] == 34  # not <row .../>
        if not usual or column is None or not digits.isdigit() or (found := int(digits)) <= number:
            rows = odd_rows(piece, number, markup, place)
            number = rows[-1].number
            _survey_odd(rows, markup, survey)
            continue
        number = found
        numbers.append(found)
        columns.append(column)
        if formulas and markup.formula_opening in piece:
            survey.has_formulas = True
            _note_specials(piece, number, markup, survey)
    return number


def _survey_odd(rows: list[StoredRow], markup: RowMarkup, survey: Survey) -> None:
    for row in rows:
        if markup.row_closing[:-1] in row.before or markup.row_closing[:-1] in row.content:
            survey.needs_cleaning = True
        if row.number:
            survey.numbers.append(row.number)
            survey.last_columns.append(min(last_cell_column(row.content, markup), 65535))
            if markup.formula_opening in row.content:
                survey.has_formulas = True
                _note_specials(row.content, row.number, markup, survey)


def _watched(chunks: Iterable[bytes], survey: Survey) -> Iterator[bytes]:
    """Chunks passed on while comments, CDATA and instructions are watched for."""
    tail = b""
    for chunk in chunks:
        if b"x" in chunk and b"extLst" in tail + chunk:  # a single byte is found ten times faster than a word
            survey.has_extensions = True
        odd = (b"!" in chunk and b"<!" in chunk) or (b"?" in chunk and b"<?" in chunk)
        if odd or (tail[-1:] == b"<" and chunk[:1] in b"!?"):
            survey.needs_cleaning = True
        tail = chunk[-8:]
        yield chunk


def _note_specials(content: bytes, row: int, markup: RowMarkup, survey: Survey) -> None:
    if b"array" not in content and b"shared" not in content and b"dataTable" not in content:
        return
    for cell in _cells_in(content, row, markup):
        formula = markup.formula.search(cell.content)
        kind = _FORMULA_KIND.search(formula[1]) if formula else None
        if formula is None or kind is None:
            continue
        area = _AREA.search(formula[1])
        if area is None:
            continue
        try:
            covered = Range.parse(unescape(area[1]))
        except ValueError:
            covered = Range(cell.column, row, cell.column, row)
        survey.specials.append(Special(kind[1].decode(), covered, row, cell.column))


def last_cell_column(content: bytes, markup: RowMarkup) -> int:
    """Column of a row's last cell; 0 when it has none."""
    opening = markup.cell_opening
    size, at = len(opening), len(content)
    while True:
        at = content.rfind(opening, 0, at)
        if at < 0:
            return 0
        if content[at + size : at + size + 4] == b' r="':
            reference = content[at + size + 4 : content.find(b'"', at + size + 4)]
            letters = reference.rstrip(b"0123456789")
            column = _COLUMNS.get(letters)
            if column is not None:
                return column
        if content[at + size : at + size + 1] in (b" ", b"/", b">", b"\t", b"\r", b"\n"):
            break
    last = 0
    for cell in _cells_in(content, 0, markup):
        last = cell.column
    return last


def read_cells(row: StoredRow, markup: RowMarkup, position: int = 0, column: int = 0) -> Iterator[StoredCell]:
    """The row's cells in their order; from a place in its content on, behind a cell of `column`.

    Errors: OoxmlError `damaged` when they are not in rising order or not closed.
    """
    return _cells_in(row.content, row.number, markup, position, column)


def _cells_in(content: bytes, row: int, markup: RowMarkup, position: int = 0, column: int = 0) -> Iterator[StoredCell]:
    while found := markup.cell.search(content, position):
        given = _REFERENCE.search(found[1])
        new = column_number(given[1]) if given else column + 1
        if new <= column:
            raise damaged("cells of a row are not in rising order", f"row {row}")
        column = new
        inside = end = found.end()
        outside = inside
        if not found[2]:
            closing = markup.cell_end.search(content, inside)
            if closing is None:
                raise damaged("a cell is not closed", f"{column_name(column)}{row}")
            outside, end = closing.start(), closing.end()
        yield StoredCell(row, column, found[1], content[inside:outside], found.start(), end)
        position = end


def is_filled(cell: StoredCell, markup: RowMarkup) -> bool:
    """Whether the cell holds a value, a formula or text (not only a look)."""
    return markup.filled.search(cell.content) is not None


def has_reference(cell: StoredCell) -> bool:
    """Whether the cell says where it is; without it, it stands right of the cell before it."""
    return _REFERENCE.search(cell.attributes) is not None


def stored_style(cell: StoredCell) -> bytes:
    """Digits of the cell's style number; empty for the default."""
    found = _STYLE.search(cell.attributes)
    return found[1] if found else b""


def widened_spans(opening: bytes, columns: tuple[int, ...]) -> bytes:
    """The row's opening tag with its `spans` hint stretched over the columns."""
    start = opening.find(b' spans="')
    if start < 0:
        return opening if b"spans" not in opening else _SPANS.sub(b"", opening)
    end = opening.find(b'"', start + 8)
    return opening[: start + 8] + _stretched(opening[start + 8 : end], columns[0], columns[-1]) + opening[end:]


@lru_cache(maxsize=4096)
def _stretched(spans: bytes, first: int, last: int) -> bytes:
    start, _, end = spans.partition(b":")
    if not start.isdigit() or not end.isdigit():
        return spans
    return b"%d:%d" % (min(first, int(start)), max(last, int(end)))
