"""New cells set into rows spelled as Excel spells them, without walking through their cells.

Place in the picture: the fast half of `row_edit`. Cells behind everything that a row holds cost one search; cells
that take the place of ours from the last run cost two. What is spelled in any other way goes to `row_edit`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, repeat

from kamxl.ooxml.references import column_name
from kamxl.ooxml.row_edit import Feed, restyled, set_into
from kamxl.ooxml.rows import CellBlock, RowMarkup, StoredRow, Survey, odd_rows, widened_spans

_ROW_PARTS = 4
_QUOTE = ord('"')
_MAX_KNOWN = 4096  # looks and hints remembered; a hostile sheet has a new one in every row


def set_strip(
    chunks: Iterable[bytes], markup: RowMarkup, block: CellBlock, survey: Survey, place: str
) -> Iterator[bytes]:
    """What `edit_rows` makes of one block, for the very rows that the survey has seen.

    Errors: OoxmlError `damaged` from the rows that are read.
    """
    feed, strip = Feed([block], markup), Strip(block, markup)
    numbers, lasts = survey.numbers, survey.last_columns
    closing, start, first = markup.row_closing, markup.row_opening + b'r="', block.columns[0]
    number, rest, seen = 0, b"", 0
    for chunk in chunks:
        pieces = (rest + chunk).split(closing)
        rest = pieces.pop()
        out = _append_rows(pieces, numbers[seen : seen + len(pieces)], lasts[seen : seen + len(pieces)], feed, strip)
        done = len(out) // _ROW_PARTS
        if done:
            seen += done
            number = numbers[seen - 1]
        for piece in pieces[done:]:
            end = piece.find(b">") + 1
            if not piece.startswith(start) or piece[end - 2] != _QUOTE:
                rows = odd_rows(piece, number, markup, place)
                out += [set_into(row, feed, markup) for row in rows]
                seen += len(rows)
                number = numbers[seen - 1]
                continue
            number, last = numbers[seen], lasts[seen]
            seen += 1
            if feed.number < number:
                out.append(feed.new_rows(number))
            if feed.number != number:
                out += (piece, closing)
                continue
            if last < first:
                out += (*strip.opening(piece, end), piece[end:], b"".join(feed.pieces), closing)
            elif (content := strip.replaced(piece, end, number, last, feed.pieces)) is not None:
                out += (*strip.opening(piece, end), *content, closing)
            else:
                out.append(set_into(StoredRow(number, b"", piece[:end], piece[end:], False), feed, markup))
                continue
            feed.advance()
        yield b"".join(out)
    if rest:
        yield b"".join(set_into(row, feed, markup) for row in odd_rows(rest, number, markup, place, last=True))
    yield feed.new_rows()


def _append_rows(
    pieces: list[bytes], numbers: Sequence[int], lasts: Sequence[int], feed: Feed, strip: Strip
) -> list[bytes]:
    """The first of the rows with their cells behind what they hold, many rows at a time; [] where one is unlike that.

    Rows of the usual spelling, one after another, that all hold nothing from the first column on: nearly every row.
    Shapes: each row in `_ROW_PARTS` parts, one after the other.
    """
    count = len(pieces)
    if not count or feed.number != numbers[0] or numbers[-1] - numbers[0] != len(numbers) - 1:
        return []
    if len(numbers) != count or max(lasts) >= strip.first_column:
        return []
    ends = [piece.find(b">") + 1 for piece in pieces]
    openings = strip.openings([piece[:end] for piece, end in zip(pieces, ends, strict=True)])
    if not openings:
        return []
    cells = feed.take(count)
    contents = [piece[end:] for piece, end in zip(pieces, ends, strict=True)]
    return list(chain.from_iterable(zip(openings, contents, cells, repeat(strip.closing))))


class Strip:
    """Neighbouring columns and how their cells are found; a class because it remembers what rows looked like."""

    def __init__(self, block: CellBlock, markup: RowMarkup) -> None:
        self._columns, self._markup = block.columns, markup
        self.first_column, self.closing = block.columns[0], markup.row_closing
        self._neighbours = block.columns[-1] - block.columns[0] + 1 == len(block.columns)
        self._keeps_style = block.keeps_style
        self._names = [column_name(column).encode() for column in block.columns]
        self._openings = [markup.cell_opening + b' r="' + name for name in self._names]
        head = re.escape(markup.cell_opening)
        usual = rb' r="([A-Z]++)\d++"(?: s="(\d++)")?+(?: t="\w++")?+(?=/?>)'
        self._cells = re.compile(head + rb"(?=[\s/>])(?:" + usual + rb")?+")
        self._ends: dict[bytes, bytes] = {}
        self._looks: dict[tuple[tuple[bytes, bytes], ...], list[bytes] | None] = {}

    def opening(self, piece: bytes, end: int) -> tuple[bytes, bytes]:
        """The row's opening tag in two, its `spans` stretched; most rows share one hint, worked out once."""
        hint = piece.find(b' spans="', 0, end)
        hint = end if hint < 0 else hint
        old = piece[hint:end]
        new = self._ends.get(old)
        if new is None:
            if len(self._ends) > _MAX_KNOWN:
                self._ends.clear()
            new = self._ends[old] = widened_spans(old, self._columns)
        return piece[:hint], new

    def openings(self, tags: list[bytes]) -> list[bytes]:
        """The rows' opening tags with their `spans` stretched; [] when one is not spelled as usual.

        Looked at as one text, because that is several times as fast.
        """
        between = b"\0"  # no XML text holds it
        text = between + between.join(tags) + between
        start = between + self._markup.row_opening + b'r="'
        if text.count(start) != len(tags) or text.count(b'">' + between) != len(tags):
            return []
        hint = tags[0].find(b' spans="')
        tail = tags[0][hint:] + between
        if hint < 0 or text.count(tail) != len(tags):
            return [b"".join(self.opening(tag, len(tag))) for tag in tags]
        tags = text.replace(tail, self.opening(tags[0], len(tags[0]))[1] + between).split(between)
        return tags[1:-1]

    def replaced(
        self, piece: bytes, end: int, number: int, last: int, new: Sequence[bytes]
    ) -> tuple[bytes, bytes, bytes] | None:
        """The row's content with its cells in these columns replaced; None when it takes a closer look."""
        if not self._neighbours:
            return None
        digits = b'%d"' % number
        at = piece.find(self._openings[0] + digits, end)
        if at < 0:
            return None
        to = len(piece)
        if last > self._columns[-1]:
            final = piece.find(self._openings[-1] + digits, at)
            to = piece.find(self._markup.cell_opening + b' r="', final + 1)
            if final < 0 or to < 0:
                return None
        look = tuple(self._cells.findall(piece, at, to))
        if look not in self._looks:
            if len(self._looks) > _MAX_KNOWN:
                self._looks.clear()
            self._looks[look] = self._kept_styles(look)
        styles = self._looks[look]
        if styles is None:
            return None
        if not styles:
            return piece[end:at], b"".join(new), piece[to:]
        cells = [
            restyled(text, style, column, number, self._markup)
            for text, style, column in zip(new, styles, self._columns, strict=True)
        ]
        return piece[end:at], b"".join(cells), piece[to:]

    def _kept_styles(self, look: tuple[tuple[bytes, bytes], ...]) -> list[bytes] | None:
        """The style that each new cell takes over; empty when none does, None when other cells are among these."""
        places = [self._names.index(name) if name in self._names else -1 for name, _ in look]
        if places != sorted(set(places)) or places[:1] == [-1]:
            return None
        kept = [b""] * len(self._names)
        for place, (_, style) in zip(places, look, strict=True):
            if self._keeps_style[place] and style != b"0":
                kept[place] = style
        return kept if any(kept) else []
