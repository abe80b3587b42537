"""The sheet *KAM Self-test*: what kamxl computed beside what the live formulas say, so that anybody sees they agree."""

from __future__ import annotations

from kamxl.backends.formula import LiveBook
from kamxl.backends.formula_columns import CATEGORY, SCORE
from kamxl.backends.formula_text import sheet_prefix
from kamxl.backends.formula_words import say
from kamxl.looks import header_over
from kamxl.table import Cell, Grid, GridCell, column_letters
from kamxl.values import is_blank, text_of

# Enough to see that formulas agree; every row more makes the workbook slower.
MOST_ROWS = 500
_FIRST_ROW = 6
# MATCH takes texts up to 255 characters; wildcards double.
MOST_SOUGHT = 120


def self_test_sheet(book: LiveBook) -> Grid:
    """Up to 500 clients with score and category as compiled and as the formulas say.

    A client is found again by its identifier, so that sorting the table changes nothing.
    """
    language = book.live.plan.rules.language
    count = min(book.table.row_count, MOST_ROWS)
    scores, categories = book.results.by_key(SCORE)[:count], book.results.by_key(CATEGORY)[:count]
    last = _FIRST_ROW + max(count, 1) - 1
    same = f"SUMPRODUCT(--($F${_FIRST_ROW}:$F${last}=1))"
    total = f'={same}&"/{count} {say("agree", language)}"'
    looks = _looks(language)
    keys = ("client", "score compiled", "score live", "category compiled", "category live", "same")
    head = tuple(GridCell(say(key, language), header_over(look)) for key, look in zip(keys, looks, strict=True))
    rows: list[tuple[GridCell | None, ...]] = [
        (GridCell(say("self-test", language), "title"),),
        (GridCell(say("self-test intro", language), "subtitle"),),
        (GridCell(f"{count}/{count} {say('agree', language)}", "heading", total),),
        (),
        head,
    ]
    rows += [_row(book, index, scores[index], categories[index]) for index in range(count)]
    return Grid(
        name=say("self-test", language),
        rows=tuple(rows),
        widths=(30.0, 16.0, 16.0, 26.0, 26.0, 10.0),
        freeze=(_FIRST_ROW - 1, 1),
        tab_colour="6B7280",
    )


def _row(book: LiveBook, index: int, score: Cell, category: Cell) -> tuple[GridCell | None, ...]:
    row = _FIRST_ROW + index
    place = _place(book, index, row)
    live_score = f"=INDEX({_column(book, SCORE)},{place})"
    live_category = f"=INDEX({_column(book, CATEGORY)},{place})"
    close = f'IF(AND(ISNUMBER(B{row}),ISNUMBER(C{row})),ABS(B{row}-C{row})<0.000001,B{row}&""=C{row}&"")'
    same = f'=IFERROR(IF({close},IF(D{row}&""=E{row}&"",1,0),0),0)'
    values = (_client(book, index), score, score, category, category, 1)
    formulas = ("", "", live_score, "", live_category, same)
    cells = zip(values, _looks(book.live.plan.rules.language), formulas, strict=True)
    return tuple(GridCell(value, look, formula) for value, look, formula in cells)


def _looks(language: str) -> tuple[str, ...]:
    """The looks of a line; the last cell is 1 or 0 and reads as a word."""
    verdict = f'text align=center format="{say("yes", language)}";;[Red]"{say("no", language)}"'
    return ("text", "score", "score", "text indent=1", "text indent=1", verdict)


def _client(book: LiveBook, index: int) -> Cell:
    column = book.live.plan.id_column
    cell = book.table.columns[column][index] if column >= 0 else None
    return index + 1 if is_blank(cell) else cell


def _place(book: LiveBook, index: int, row: int) -> str:
    """The row of the client in the table, 1-based, as a formula."""
    column = book.live.plan.id_column
    cell = book.table.columns[column][index] if column >= 0 else None
    if is_blank(cell) or not isinstance(cell, (str, int, float)) or len(text_of(cell)) > MOST_SOUGHT:
        return str(index + 1)
    sought = f"$A{row}"
    if any(wild in text_of(cell) for wild in "*?~"):
        # MATCH takes these three for wildcards.
        for wild in "~*?":
            sought = f'SUBSTITUTE({sought},"{wild}","~{wild}")'
    return f"MATCH({sought},{_column(book, f'user {column}')},0)"


def _column(book: LiveBook, key: str) -> str:
    references = book.references
    letters = column_letters(references.positions[key])
    prefix = sheet_prefix(book.table.origin.sheet)
    return f"{prefix}${letters}${references.first_row}:${letters}${references.last_row}"
