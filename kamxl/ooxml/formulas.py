"""Names inside formula text, changed without understanding the formula.

Place in the picture: for sheets and tables of ours that get another name. Texts in quotes and names
of other things are passed over.
"""

from __future__ import annotations

import re

_PIECES = re.compile(
    r"""
      (?P<text>"(?:[^"]|"")*")                            # a text
    | (?P<quoted>'(?:[^']|'')*'!)                         # 'My sheet'!
    | (?P<bracket>\[[^\[\]]*\])                           # [1] or [Column]
    | (?P<plain>(?<![\w.\]'])[^\W\d][\w.]*(?:!|(?=\[))?)  # Sheet1!  Table1[  or any other word
    """,
    re.X,
)
_SIMPLE = re.compile(r"^[^\W\d]\w*$")
_CELL_LIKE = re.compile(r"^(?:[A-Za-z]{1,3}\d+|[Rr]\d*[Cc]?\d*|[Cc]\d*|true|false)$", re.I)


def quoted_sheet(name: str) -> str:
    """A sheet's name as formulas write it.

    Example:
        >>> quoted_sheet("It's mine"), quoted_sheet("Data")
        ("'It''s mine'", 'Data')
    """
    if _SIMPLE.match(name) and not _CELL_LIKE.match(name):
        return name
    doubled = name.replace("'", "''")
    return f"'{doubled}'"


def rename_sheet_in(formula: str, old: str, new: str) -> str:
    """The formula with every reference to sheet `old` pointing at `new`.

    Example:
        >>> rename_sheet_in("SUM('Old one'!A1:A3)&\\"Old one!\\"", "Old one", "New")
        'SUM(New!A1:A3)&"Old one!"'
    """
    wanted = old.casefold()

    def change(piece: re.Match[str]) -> str:
        if piece["quoted"] and _unquoted(piece["quoted"][:-1]).casefold() == wanted:
            return quoted_sheet(new) + "!"
        if piece["plain"] and piece["plain"][-1] == "!" and piece["plain"][:-1].casefold() == wanted:
            return quoted_sheet(new) + "!"
        return piece[0]

    return _PIECES.sub(change, formula)


def rename_tables_in(formula: str, names: dict[str, str]) -> str:
    """The formula with structured references (`Sales[Total]`) following renamed tables.

    Example:
        >>> rename_tables_in("SUM(Sales[Total])", {"sales": "Sales_2"})
        'SUM(Sales_2[Total])'
    """

    def change(piece: re.Match[str]) -> str:
        word = piece["plain"]
        following = formula[piece.end() : piece.end() + 1]
        if word and following == "[":
            return names.get(word.casefold(), word)
        return piece[0]

    return _PIECES.sub(change, formula)


def _unquoted(text: str) -> str:
    return text[1:-1].replace("''", "'")
