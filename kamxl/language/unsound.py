"""What is said of a file that is not sound YAML: bytes that are no text, marks that do not fit, keys given twice.

Beside `source`, which asks for the words where it meets such a fault: sound files never need them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import yaml

from kamxl.language.source import MOST_DEPTH, MOST_NODES, WIDE_BLANKS, Document
from kamxl.problems import Place, Problem

# A key glued to its value.
_GLUED_COLON = r"\s*([^\W\d]\w*):([^\s:{}\[\]].*)"
# The first part of a number that a comma splits, and the other one.
_BEFORE_COMMA, _BEHIND_COMMA = r"[\d ]*\d,$", r"\d+"


def not_utf8(raw: bytes, error: UnicodeDecodeError, file: str) -> Problem:
    """Bytes that are no UTF-8 text."""
    line = raw.count(b"\n", 0, error.start) + 1
    column = error.start - (raw.rfind(b"\n", 0, error.start) + 1) + 1
    return Problem(
        "KX002",
        f"byte 0x{raw[error.start]:02x} is not UTF-8 text",
        Place(file, line, column),
        help=f"save the file with encoding UTF-8 (it looks like {_encoding_like(raw)})",
    )


def _encoding_like(raw: bytes) -> str:
    return "UTF-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "Latin-1 or Windows-1252"


def refused(event: Any, depth: int, document: Document) -> Problem:
    """An anchor, an alias, or more depth or values than are read; `event` is where it stands."""
    place = Place(document.file, event.start_mark.line + 1, event.start_mark.column + 1)
    if getattr(event, "anchor", None) is not None:
        hint = "write the value out, or put it in quotes if it is a text"
        return document.problem("KX006", "anchors (&) and aliases (*) are not allowed", place, help=hint)
    if depth > MOST_DEPTH:
        return document.problem("KX005", f"file is nested more than {MOST_DEPTH} deep", place)
    return document.problem("KX005", f"file has more than {MOST_NODES} values", place)


def not_yaml(error: yaml.YAMLError, document: Document) -> Problem:
    """What the parser could not understand, with the likely cause."""
    mark, opened = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    words = str(getattr(error, "problem", "") or "").lower() or "the text is not YAML"
    notes: tuple[tuple[str, Place], ...] = ()
    if opened is not None and "flow" in str(getattr(error, "context", "")):
        begin = Place(document.file, opened.line + 1, opened.column + 1)
        notes = (("what is not finished begins here", begin),)
        if line > len(document.lines):
            # Behind the last line there is nothing to show; the bracket that was never closed is.
            line, column, words, notes = begin.line, begin.column, "this bracket is never closed", ()
    source_line = document.line(line)
    hint = "check indentation, colons and quotes on this line and the one above"
    before = document.line(line - 1)
    if "\t" in source_line[: max(column, 1)] or "\\t" in words or "tab" in words:
        words, hint = "a tab stands where YAML wants spaces", "indent with spaces"
    elif wide := next((at for at in (line, line - 1) if document.line(at).lstrip(" \t")[:1] in WIDE_BLANKS), 0):
        return wide_indent(wide, document)
    elif source_line[column - 1 : column] == "[":
        hint = "between braces, a text that holds `[` needs quotes around it"
    elif source_line[column - 1 : column] in tuple(">%@`"):
        hint = f"a text that begins with `{source_line[column - 1]}` needs quotes; a band is written `100 and over`"
    elif glued := re.match(_GLUED_COLON, before):
        hint = f"on the line above, put a space after the colon: `{glued[1]}: {glued[2]}`"
    return Problem("KX003", words, Place(document.file, line, column), help=hint, notes=notes, source_line=source_line)


def wide_indent(line: int, document: Document) -> Problem:
    """A line indented with such blanks."""
    return document.problem(
        "KX003",
        "a no-break space stands where YAML wants spaces",
        Place(document.file, line, 1),
        help="delete the blanks before the text and type them anew",
    )


def split_number(key: Any, document: Document) -> Problem:
    """A number that its comma splits; `key` is the event of the part behind it."""
    line, column = key.start_mark.line + 1, key.start_mark.column + 1
    first = re.search(_BEFORE_COMMA, document.line(line)[max(0, column - 41) : column - 1])
    second = re.match(_BEHIND_COMMA, key.value)
    written = (first[0].lstrip() if first else ",") + (second[0] if second else "")
    place = Place(document.file, line, column + (len(second[0]) if second else 0) - len(written), len(written))
    hint = f"write decimals with a point: `{written.replace(',', '.')}`"
    if len(written.partition(",")[2]) == 3:
        hint = f"write thousands without a mark: `{written.replace(',', '')}`; {hint}"
    message = f"the comma of `{written}` ends the entry: within braces it separates entries"
    return document.problem("KX103", message, place, help=hint)


def given_again(names: Sequence[str], place: Place, first_place: Place, document: Document) -> Problem:
    """Keys that are given twice in one mapping: one fault, since several are those of a part that lost its name."""
    message, hint = f"key `{names[0]}` is given twice", "keep one of them"
    if len(names) > 1:
        message = f"{len(names)} keys are given twice, from `{names[0]}` to `{names[-1]}`"
        hint = f"keep one of each, or write the missing name above `{names[0]}`"
    return document.problem("KX004", message, place, help=hint, notes=(("first given here", first_place),))
