"""New cells set into rows that stream by.

Place in the picture: the writing half of `rows`. The usual case, cells to the right of everything
that a row holds, costs one search from the row's end; every other case goes cell by cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

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

# Number of a row, its pieces, and the block that they are of.
_Waiting: TypeAlias = tuple[int, list[str], CellBlock]
_FOREIGN = re.compile(rb"<!\[CDATA\[(.*?)\]\]>|<!--.*?-->|<\?.*?\?>", re.S)
_ODD_CLOSING = re.compile(rb"</((?:[\w.\-]+:)?(?:row|c))\s+>")


def clean_rows(rows_xml: bytes) -> bytes:
    """The same rows without comments, CDATA and odd blanks: one spelling for what stands in them."""
    plain = _FOREIGN.sub(lambda found: _as_text(found[1]) if found[1] is not None else b"", rows_xml)
    return _ODD_CLOSING.sub(rb"</\1>", plain)


def _as_text(characters: bytes) -> bytes:
    return characters.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")


def append_cells(
    chunks: Iterable[bytes], markup: RowMarkup, block: CellBlock, numbers: Iterable[int]
) -> Iterator[bytes]:
    """What `edit_rows` makes, for rows that a survey found plain and that end before the block's columns.

    Shapes: `numbers` has the number of each stored row, in order.
    """
    waiting = ((number, pieces, block) for number, pieces in block.rows)
    following = next(waiting, None)
    closing, columns, known, rest = markup.row_closing, block.columns, iter(numbers), b""
    known_ends: dict[bytes, bytes] = {}
    for chunk in chunks:
        pieces = (rest + chunk).split(closing)
        rest = pieces.pop()
        out: list[bytes] = []
        for piece in pieces:
            number = next(known)
            while following is not None and following[0] < number:
                out.append(_new_row(following, markup))
                following = next(waiting, None)
            if following is None or following[0] != number:
                out += (piece, closing)
                continue
            end = piece.find(b">") + 1
            hint = piece.find(b' spans="', 0, end)
            hint = end if hint < 0 else hint
            old_end = piece[hint:end]  # the same for most rows: the new one is worked out once
            new_end = known_ends.get(old_end)
            if new_end is None:
                new_end = known_ends[old_end] = widened_spans(old_end, columns)
            out += (piece[:hint], new_end, piece[end:], "".join(following[1]).encode(), closing)
            following = next(waiting, None)
        yield b"".join(out)
    yield b"".join(_remaining(following, waiting, markup))
    yield rest


def _remaining(following: _Waiting | None, waiting: Iterator[_Waiting], markup: RowMarkup) -> Iterator[bytes]:
    """Rows after the last stored one."""
    while following is not None:
        yield _new_row(following, markup)
        following = next(waiting, None)


def edit_rows(chunks: Iterable[bytes], markup: RowMarkup, blocks: Sequence[CellBlock], place: str) -> Iterator[bytes]:
    """The rows with the blocks' cells in them; rows that did not exist are added in their places.

    Each block begins below the one before it.

    Errors: OoxmlError `damaged` from the rows that are read.
    """
    waiting = ((number, pieces, block) for block in blocks for number, pieces in block.rows)
    following = next(waiting, None)
    for rows in split_rows(chunks, markup, place):
        out: list[bytes] = []
        for row in rows:
            number, before, opening, content, closed = row
            if before and number:
                out.append(before)
            while following is not None and (following[0] < number or not number):
                out.append(_new_row(following, markup))
                following = next(waiting, None)
            if not number:
                out.append(before)
            elif following is None or following[0] != number:
                out += (opening,) if closed else (opening, content, markup.row_closing)
            else:
                out += _edited_row(row, following[1], following[2], markup)
                following = next(waiting, None)
        yield b"".join(out)
    yield b"".join(_remaining(following, waiting, markup))


def _edited_row(row: StoredRow, pieces: list[str], block: CellBlock, markup: RowMarkup) -> tuple[bytes, ...]:
    content = row.content
    if last_cell_column(content, markup) >= block.columns[0]:
        return (_merged_row(row, pieces, block, markup),)
    if row.closed or markup.extension in content:
        return (_widened_row(row, pieces, block, markup),)
    return widened_spans(row.opening, block.columns), content, "".join(pieces).encode(), markup.row_closing


def _new_row(following: _Waiting, markup: RowMarkup) -> bytes:
    cells = "".join(following[1]).encode()
    if not cells:
        return b""
    return markup.row_opening + b'r="%d">' % following[0] + cells + markup.row_closing


def _widened_row(row: StoredRow, pieces: list[str], block: CellBlock, markup: RowMarkup) -> bytes:
    """A row without cells where ours go: closed (`<row/>`), or with an extension list that stays last."""
    cells = "".join(pieces).encode()
    if not cells:
        return row.opening if row.closed else row.opening + row.content + markup.row_closing
    opening = row.opening[:-2].rstrip() + b">" if row.closed else row.opening
    at = row.content.find(markup.extension)
    at = len(row.content) if at < 0 else at
    content = row.content[:at] + cells + row.content[at:]
    return widened_spans(opening, block.columns) + content + markup.row_closing


def _merged_row(row: StoredRow, pieces: list[str], block: CellBlock, markup: RowMarkup) -> bytes:
    """A row that has cells at or after our columns: walk through them."""
    content, out, position, turn = row.content, [], 0, 0
    columns, count = block.columns, len(block.columns)
    last_end = 0
    cells = list(read_cells(row, markup))
    loose = any(not has_reference(cell) for cell in cells)  # such a cell counts from the one before it
    for cell in cells:
        while turn < count and columns[turn] < cell.column:
            out += [content[position : cell.start], pieces[turn].encode()]
            position = cell.start
            turn += 1
        if turn < count and columns[turn] == cell.column:
            out.append(content[position : cell.start])
            style = stored_style(cell) if block.keeps_style[turn] else b""
            piece = pieces[turn].encode()
            if not piece and loose:
                piece = markup.cell_opening + b' r="' + _name(cell.column) + b'%d"/>' % row.number
            out.append(_restyled(piece, style, cell.column, row.number, markup))
            position = cell.end
            turn += 1
        last_end = cell.end
    if turn < count:
        out += [content[position:last_end], "".join(pieces[turn:]).encode()]
        position = last_end
    out.append(content[position:])
    return widened_spans(row.opening, columns) + b"".join(out) + markup.row_closing


def _restyled(piece: bytes, style: bytes, column: int, row: int, markup: RowMarkup) -> bytes:
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
