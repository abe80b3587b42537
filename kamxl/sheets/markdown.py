"""Markdown prose to blocks. What a template function made (tables, pictures, bands) stands in the text as a mark.

Marks hold a random word, so that no text of a workbook can pass for one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from kamxl.looks import ACCENT
from kamxl.sheets.blocks import Block, Heading, Line, Paragraph, StepTable
from kamxl.sheets.filters import LINE_BREAK
from kamxl.table import GridCell

MARK = "\ue000{word}:{number}\ue001"
_MARK_PATTERN = "\ue000{word}:(\\d+)\ue001"
_STEP_HEADER = f"text bold wrap indent=1 colour={ACCENT} fill=EAF0F6 border=D9DEE5"
_STEP_CELL = "wrap indent=1 border=E3E8EE"
_DEEPEST_LIST = 4


def read_markdown(text: str, made: Mapping[int, Block], word: str) -> list[Block]:
    """The blocks of a rendered template.

    Shapes: made holds the blocks of marks by number; `word` is the random word of this rendering's marks.
    """
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.disable(["code", "html_block", "html_inline", "reference", "autolink", "image", "lheading"])
    tokens = parser.parse(text)
    return list(_Blocks(tokens, text.split("\n"), made, re.compile(_MARK_PATTERN.format(word=word))).read())


class _Blocks:
    """Walks the tokens of one text; the state is how deep in lists and quotes it stands."""

    def __init__(
        self, tokens: Sequence[Token], lines: Sequence[str], made: Mapping[int, Block], mark: re.Pattern[str]
    ) -> None:
        self.tokens = tokens
        self.lines = lines
        self.made = made
        self.mark = mark
        self.lists: list[int | None] = []
        self.quotes = 0

    def read(self) -> Iterator[Block]:
        position, item_starts = 0, False
        while position < len(self.tokens):
            token = self.tokens[position]
            match token.type:
                case "heading_open":
                    yield Heading(min(3, int(token.tag[1])), plain_text(self.tokens[position + 1]))
                    position += 2
                case "bullet_list_open":
                    self.lists.append(None)
                case "ordered_list_open":
                    self.lists.append(int(token.attrs.get("start", 1)))
                case "bullet_list_close" | "ordered_list_close":
                    self.lists.pop()
                case "list_item_open":
                    item_starts = True
                case "blockquote_open":
                    self.quotes += 1
                case "blockquote_close":
                    self.quotes -= 1
                case "inline":
                    yield from self._paragraph(token, item_starts=item_starts)
                    item_starts = False
                case "fence":
                    yield Paragraph(token.content.rstrip("\n"))
                case "hr":
                    yield Line()
                case "table_open":
                    end = next(at for at in range(position, len(self.tokens)) if self.tokens[at].type == "table_close")
                    yield self._table(position, end)
                    position = end
            position += 1

    def _paragraph(self, token: Token, *, item_starts: bool) -> Iterator[Block]:
        text = plain_text(token)
        numbers = [int(found) for found in self.mark.findall(text)]
        text = self.mark.sub("", text).strip()
        if text:
            yield Paragraph(self._bulleted(text, item_starts=item_starts), self._look(token), _only_link(token))
        yield from (self.made[number] for number in numbers)

    def _bulleted(self, text: str, *, item_starts: bool) -> str:
        if not self.lists or not item_starts:
            return text
        number = self.lists[-1]
        if text.startswith("[ ] "):
            return f"☐ {text[4:]}"
        if text.startswith(("[x] ", "[X] ")):
            return f"☑ {text[4:]}"
        if number is None:
            return f"• {text}"
        self.lists[-1] = number + 1
        return f"{number}. {text}"

    def _look(self, token: Token) -> str:
        if self.quotes:
            return "note"
        look = "wrap"
        if self.lists:
            look += f" indent={min(_DEEPEST_LIST, len(self.lists))}"
        for name, word in (("strong", "bold"), ("em", "italic")):
            if _is_all(token, name):
                look += f" {word}"
        return look

    def _table(self, start: int, end: int) -> StepTable:
        headers: list[str] = []
        rows: list[list[GridCell]] = []
        aligns: list[str] = []
        cell = ""
        for token in self.tokens[start:end]:
            match token.type:
                case "tr_open":
                    rows.append([])
                case "th_open" | "td_open":
                    cell = token.type
                    style = str(token.attrs.get("style", ""))
                    if cell == "th_open":
                        aligns.append(style.rpartition(":")[2])
                case "inline" if cell == "th_open":
                    headers.append(plain_text(token))
                case "inline":
                    rows[-1].append(self._step_cell(token, aligns[len(rows[-1])]))
        opening = self.tokens[start]
        line = (opening.map or [0, 0])[0] + 1
        dashes = self.lines[line] if line < len(self.lines) else ""
        return StepTable(tuple(headers), tuple(map(tuple, rows[1:])), _shares(dashes, headers, rows[1:]))

    def _step_cell(self, token: Token, align: str) -> GridCell:
        look = _STEP_CELL
        if _is_all(token, "strong"):
            look += " bold"
        elif _is_all(token, "em"):
            look += " italic colour=6B7280"
        return GridCell(plain_text(token), look + (f" align={align}" if align else ""), link=_only_link(token))


def step_header(text: str) -> GridCell:
    """A header cell of a table of steps."""
    return GridCell(text, _STEP_HEADER)


def plain_text(token: Token) -> str:
    """The text of an inline token, its marks of emphasis left out."""
    pieces = []
    for child in token.children or ():
        match child.type:
            case "text" | "code_inline":
                pieces.append(child.content)
            case "softbreak":
                pieces.append(" ")
            case "hardbreak":
                pieces.append("\n")
    return "".join(pieces).replace(LINE_BREAK, "\n")


def _is_all(token: Token, name: str) -> bool:
    """Whether the whole text stands between one pair of emphasis marks."""
    children: list[Any] = [child for child in token.children or () if child.type != "text" or child.content]
    kinds = [child.type for child in children]
    return len(kinds) > 2 and kinds[0] == f"{name}_open" and kinds.index(f"{name}_close") == len(kinds) - 1


def _only_link(token: Token) -> str:
    """The address when the whole text is one link."""
    if not _is_all(token, "link"):
        return ""
    opening = next(child for child in token.children or () if child.type == "link_open")
    return str(opening.attrs.get("href", ""))


def _shares(dashes: str, headers: Sequence[str], rows: Sequence[Sequence[GridCell]]) -> tuple[float, ...]:
    """Relative widths: as the dashes under the headers say; where they are all alike, by the longest texts."""
    counts = [part.count("-") for part in dashes.strip().strip("|").split("|")]
    if len(counts) == len(headers) and len(set(counts)) > 1:
        return tuple(float(count) for count in counts)
    longest = [len(header) for header in headers]
    for row in rows:
        for index, cell in enumerate(row):
            longest[index] = max(longest[index], *(len(line) for line in str(cell.value).split("\n")))
    return tuple(float(max(8, min(60, length))) for length in longest)
