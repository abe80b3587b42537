"""New cells set into rows that stream by, in any legal spelling.

Place in the picture: the writing half of `rows`. Goes cell by cell where a row holds cells at or after ours;
`row_strip` does the same for the usual spelling in a fraction of the time, and comes here for the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, zip_longest

from kamxl.ooxml.rows import (
    CellBlock,
    RowMarkup,
    StoredRow,
    has_reference,
    last_cell_column,
    read_cells,
    split_rows,
    stored_style,
    widened_spans,
)

_NO_ROW = 1 << 60  # beyond any row: nothing is left to be set
_ROWS_AT_ONCE = 4096  # new rows made together
_FOREIGN = re.compile(rb"<!\[CDATA\[(.*?)\]\]>|<!--.*?-->|<\?.*?\?>", re.S)
_ODD_CLOSING = re.compile(rb"</((?:[\w.\-]+:)?(?:row|c))\s+>")


def clean_rows(rows_xml: bytes) -> bytes:
    """The same rows without comments, CDATA and odd blanks: one spelling for what stands in them."""
    plain = _FOREIGN.sub(lambda found: _as_text(found[1]) if found[1] is not None else b"", rows_xml)
    return _ODD_CLOSING.sub(rb"</\1>", plain)


def _as_text(characters: bytes) -> bytes:
    return characters.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")


class Feed:
    """The rows of blocks that are still to be set; a class because it is a place in them.

    `number`, `pieces` and `block` tell the next row; each block begins below the one before it.
    """

    def __init__(self, blocks: Sequence[CellBlock], markup: RowMarkup) -> None:
        self._markup = markup
        self._rows: Iterator[tuple[int, Sequence[bytes], CellBlock]]
        self._rows = ((number, pieces, block) for block in blocks for number, pieces in block.rows)
        self._last: tuple[int, Sequence[bytes], CellBlock] = (_NO_ROW, [], blocks[0])
        self.number: int
        self.pieces: Sequence[bytes]
        self.block: CellBlock
        self.advance()

    def advance(self) -> None:
        """Go on to the row after this one."""
        self.number, self.pieces, self.block = next(self._rows, self._last)

    def take(self, count: int) -> list[bytes]:
        """The cells of this row and of those that follow it number by number, at most `count` rows; then goes on."""
        first = self.number
        rows = [(self.number, self.pieces, self.block), *islice(self._rows, count - 1)]
        texts = [b"".join(pieces) for place, (number, pieces, _) in enumerate(rows, first) if number == place]
        if len(texts) < len(rows):
            texts = texts[: next(at for at, row in enumerate(rows) if row[0] != first + at)]
            self._rows = chain(rows[len(texts) :], self._rows)
        self.advance()
        return texts

    def new_rows(self, number: int = _NO_ROW) -> bytes:
        """The rows before `number`, which the sheet does not store yet."""
        written = self._markup.row_opening + b'r="%d"%b>%b' + self._markup.row_closing
        out: list[bytes] = []
        while self.number < number:
            room = min(number - self.number, _ROWS_AT_ONCE)
            rows = [(self.number, self.pieces, self.block), *islice(self._rows, room - 1)]
            if rows[-1][0] >= number:
                kept = [row for row in rows if row[0] < number]
                self._rows = chain(rows[len(kept) :], self._rows)
                rows = kept
            for at, pieces, block in rows:
                cells, look = b"".join(pieces), block.looks.get(at, b"")
                if cells or look:
                    out.append(written % (at, look, cells))
            self.advance()
        return b"".join(out)


def edit_rows(chunks: Iterable[bytes], markup: RowMarkup, blocks: Sequence[CellBlock], place: str) -> Iterator[bytes]:
    """The rows with the blocks' cells in them; rows that did not exist are added in their places.

    Errors: OoxmlError `damaged` from the rows that are read.
    """
    feed = Feed(blocks, markup)
    for rows in split_rows(chunks, markup, place):
        yield b"".join(set_into(row, feed, markup) for row in rows)
    yield feed.new_rows()


def set_into(row: StoredRow, feed: Feed, markup: RowMarkup) -> bytes:
    """A row with the cells that the feed has for it, after the new rows that come before it."""
    if not row.number:
        return feed.new_rows() + row.before
    new = row.before
    if feed.number < row.number:
        new += feed.new_rows(row.number)
    if feed.number != row.number:
        return new + (row.opening if row.closed else row.opening + row.content + markup.row_closing)
    edited = _edited_row(row, feed.pieces, feed.block, markup)
    feed.advance()
    return new + edited


def _edited_row(row: StoredRow, pieces: Sequence[bytes], block: CellBlock, markup: RowMarkup) -> bytes:
    content = row.content
    if last_cell_column(content, markup) >= block.columns[0]:
        return _merged_row(row, pieces, block, markup)
    if row.closed or markup.extension in content:
        return _widened_row(row, pieces, block, markup)
    return widened_spans(row.opening, block.columns) + content + b"".join(pieces) + markup.row_closing


def _widened_row(row: StoredRow, pieces: Sequence[bytes], block: CellBlock, markup: RowMarkup) -> bytes:
    """A row without cells where ours go: closed (`<row/>`), or with an extension list that stays last."""
    cells = b"".join(pieces)
    if not cells:
        return row.opening if row.closed else row.opening + row.content + markup.row_closing
    opening = row.opening[:-2].rstrip() + b">" if row.closed else row.opening
    at = row.content.find(markup.extension)
    at = len(row.content) if at < 0 else at
    content = row.content[:at] + cells + row.content[at:]
    return widened_spans(opening, block.columns) + content + markup.row_closing


def _merged_row(row: StoredRow, pieces: Sequence[bytes], block: CellBlock, markup: RowMarkup) -> bytes:
    """A row that has cells at or after our columns: walk through them."""
    content, out, position, turn = row.content, [], 0, 0
    columns, count = block.columns, len(block.columns)
    last_end = 0
    cells = list(read_cells(row, markup))
    for cell, follower in zip_longest(cells, cells[1:]):
        while turn < count and columns[turn] < cell.column:
            out += [content[position : cell.start], pieces[turn]]
            position = cell.start
            turn += 1
        if turn < count and columns[turn] == cell.column:
            out.append(content[position : cell.start])
            style = stored_style(cell) if block.keeps_style[turn] else b""
            piece = pieces[turn]
            if not piece and follower is not None and not has_reference(follower):  # it counts from this one
                piece = markup.cell_opening + b' r="' + _name(cell.column) + b'%d"/>' % row.number
            out.append(restyled(piece, style, cell.column, row.number, markup))
            position = cell.end
            turn += 1
        last_end = cell.end
    if turn < count:
        out += [content[position:last_end], b"".join(pieces[turn:])]
        position = last_end
    out.append(content[position:])
    return widened_spans(row.opening, columns) + b"".join(out) + markup.row_closing


def restyled(piece: bytes, style: bytes, column: int, row: int, markup: RowMarkup) -> bytes:
    """The new cell with the replaced one's style; a blank cell where only the style is left."""
    if not style or style == b"0":
        return piece
    if not piece:
        from_name = markup.cell_opening + b' r="'
        return from_name + _name(column) + b"%d" % row + b'" s="' + style + b'"/>'
    at = piece.index(b'"', len(markup.cell_opening) + 4) + 1
    if piece[at : at + 4] == b' s="':
        return piece
    return piece[:at] + b' s="' + style + b'"' + piece[at:]


def _name(column: int) -> bytes:
    letters = b""
    while column:
        column, digit = divmod(column - 1, 26)
        letters = bytes([65 + digit]) + letters
    return letters
