"""The text of spreadsheet formulas as files store it: literals, references, names, and templates of references.

Stored formulas are always en-US, whatever the language of the person: English names, commas, points. A template holds
marks where it refers to a column of the client table; `render` puts in structured references, A1 references or LET
variables. Knows nothing of rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from kamxl.table import column_letters

# Characters in one text literal inside a formula, Excel's limit.
MOST_LITERAL = 255
_OPEN, _CLOSE, _WHOLE = "\x02", "\x03", "*"
_MARK = re.compile(f"{_OPEN}([^{_CLOSE}]*){_CLOSE}")
_CELL = re.compile(r"([A-Za-z]{1,3})(\d{1,7})")
_R1C1 = re.compile(r"[rR]\d*(?:[cC]\d*)?|[cC]\d*")
# Line breaks and tabs; and the places where `_x0041_`, which files read as `A`, comes apart.
_CONTROL = re.compile("([\t\n\r])|(?<=_)(?=x[0-9A-Fa-f]{4}_)")
_NAME = re.compile(r"[^\W\d][\w.]*|_[\w.]*")
LAST_COLUMN, LAST_ROW = 16_384, 1_048_576
# Old macro words that Excel refuses as names of LAMBDA functions.
_RESERVED = frozenset(
    ("TRUE", "FALSE", "RESULT", "RETURN", "VALUE", "ARGUMENT", "EVALUATE", "CALL", "EXEC", "ERROR", "YIELD", "BREAK")
    + ("ELSE", "GROUP", "HALT", "INPUT", "STEP", "NEXT")
)
# Blanks that kamxl trims besides the space; the no-break ones stand as themselves, because CHAR(160) is another
# character on a Mac.
_BLANKS = ('"\u00a0"', '"\u202f"', '"\u2007"', "CHAR(9)", "CHAR(10)", "CHAR(13)")
YES, NO = "yes", "no"
YES_WORDS = ("yes", "y", "true", "oui", "o", "vrai", "x", "1")
NO_WORDS = ("no", "n", "false", "non", "faux", "0")


def number_text(number: float) -> str:
    """A number literal: at most 15 significant digits, which is what Excel keeps of one."""
    return f"{number:.15g}".upper().replace("E+0", "E+").replace("E-0", "E-")


def text_literal(text: str) -> str:
    """A text literal, in pieces where it is longer than Excel's limit for one or holds line breaks and tabs."""
    written = []
    for part in _CONTROL.split(text):
        if part is None:
            continue
        if part and part in "\t\n\r":
            written.append(f"CHAR({ord(part)})")
            continue
        pieces = [part[at : at + MOST_LITERAL] for at in range(0, len(part), MOST_LITERAL)]
        written += ['"' + piece.replace('"', '""') + '"' for piece in pieces]
    return "&".join(written) or '""'


def is_one_literal(text: str) -> bool:
    """Whether a text is one literal; an array of constants takes no `&`."""
    return len(text) <= MOST_LITERAL and _CONTROL.search(text) is None


def array_literal(values: Iterable[str | float]) -> str:
    """A row of constants such as `{"a","b"}`."""
    return "{" + ",".join(text_literal(v) if isinstance(v, str) else number_text(v) for v in values) + "}"


def sheet_prefix(sheet: str) -> str:
    """`'KAM Rules'!` for a sheet of that name."""
    return "'" + sheet.replace("'", "''") + "'!"


def absolute(sheet: str, row_1based: int, column_1based: int, last_row_1based: int = 0) -> str:
    """`'KAM Rules'!$C$5`, or a piece of a column with a last row."""
    letters = column_letters(column_1based)
    first = f"{sheet_prefix(sheet)}${letters}${row_1based}"
    return f"{first}:${letters}${last_row_1based}" if last_row_1based else first


def escape_header(header: str) -> str:
    """A column name inside a structured reference, as files store it (ECMA-376, 18.17.2)."""
    return re.sub(r"([\[\]#'])", r"'\1", header)


def has_plain_header(header: str) -> bool:
    """Whether a structured reference can name the column without doubt.

    No line breaks, no blanks at the ends; no `@`, which is typed with an apostrophe and by the standard stored without
    one; and no `_x0041_`, which files read as a letter.
    """
    if not header or header != header.strip() or not header.isprintable():
        return False
    return "  " not in header and "@" not in header and _CONTROL.search(header) is None


def is_table_name(name: str) -> bool:
    """Whether a table's name can stand in a formula as it is."""
    return name.isascii() and why_no_name(name) == ""


def why_no_name(name: str) -> str:
    """Why a text cannot be a workbook name; empty where it can."""
    found = _CELL.fullmatch(name)
    if found and 1 <= int(found[2]) <= LAST_ROW and _column_number(found[1]) <= LAST_COLUMN:
        return "it is the address of a cell"
    if _R1C1.fullmatch(name):
        return "it is a reference in R1C1 notation"
    if not _NAME.fullmatch(name):
        return "it has characters that names cannot have"
    if name.upper() in _RESERVED:
        return "it is a word of Excel's macro language"
    return "it is longer than 255 characters" if len(name) > 255 else ""


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def mark(key: str) -> str:
    """The place in a template where the cell of a column in the same row is put in."""
    return f"{_OPEN}{key}{_CLOSE}"


def mark_whole(key: str) -> str:
    """The place in a template where all cells of a column are put in."""
    return f"{_OPEN}{_WHOLE}{key}{_CLOSE}"


def marks_in(template: str) -> tuple[str, ...]:
    """Keys of the columns that a template refers to, each once."""
    return tuple(dict.fromkeys(key.removeprefix(_WHOLE) for key in _MARK.findall(template)))


def render(template: str, cell: Callable[[str], str], whole: Callable[[str], str]) -> str:
    """The template with references put in: `cell` for the same row, `whole` for all rows."""

    def reference(found: re.Match[str]) -> str:
        key = found[1]
        return whole(key[1:]) if key.startswith(_WHOLE) else cell(key)

    return _MARK.sub(reference, template)


def cleaned(text: str) -> str:
    """A text expression trimmed, with every kind of blank as one space."""
    for blank in _BLANKS:
        text = f'SUBSTITUTE({text},{blank}," ")'
    return f"TRIM({text})"


def is_blank(reference: str) -> str:
    """Whether a cell that is no error is empty or holds only blanks."""
    return f'{cleaned(reference)}=""'


def as_text(reference: str) -> str:
    """A cell as clean text, empty where it is blank or an error; TRUE and numbers as kamxl writes them."""
    number = f'SUBSTITUTE({reference}&"",",",".")'
    return (
        f'IF(ISERROR({reference}),"",IF(ISLOGICAL({reference}),IF({reference},"TRUE","FALSE"),'
        f"IF(ISNUMBER({reference}),{number},{cleaned(reference)})))"
    )


def as_yes_no(reference: str) -> str:
    """A cell as `yes`, `no` or empty."""
    text = cleaned(reference)
    return (
        f'IF(ISERROR({reference}),"",IF(ISLOGICAL({reference}),IF({reference},"{YES}","{NO}"),'
        f'IF(SUMPRODUCT(--({text}={array_literal(YES_WORDS)}))>0,"{YES}",'
        f'IF(SUMPRODUCT(--({text}={array_literal(NO_WORDS)}))>0,"{NO}",""))))'
    )
