"""Whether Excel takes a formula: its length, its nesting, its arguments, and the room that it takes inside.

A workbook with a formula beyond one of these opens with an offer to repair it, which takes the formula out. Knows the
text of formulas, not what they are for. Source of the limits: "Excel specifications and limits" and [MS-XLSB] 2.2.2.
"""

from __future__ import annotations

import re

from kamxl.records import dataclass, field

# Excel takes 8,192 characters of a stored formula ([MS-OI29500] 2.1.1085); we stay clear of it.
MOST_CHARACTERS = 8_000
MOST_LEVELS = 64
# A function takes 255, and LET takes 126 names with their values and a result.
MOST_ARGUMENTS = 253
# 16,384 bytes of parsed formula; our count is an estimate from above, and we stay clear of it as well.
MOST_BYTES = 16_000
_TOKEN = re.compile(
    r"""
      (?P<text>"(?:[^"]|"")*")
    | (?P<array>\{[^{}"]*(?:"(?:[^"]|"")*"[^{}"]*)*\})
    | (?P<table>(?:[^\W\d][\w.]*)?\[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\])
    | (?P<area>(?:'(?:[^']|'')*'!|\w+!)?\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?(?![\w(]))
    | (?P<function>[^\W\d][\w.]*\()
    | (?P<word>[^\W\d][\w.]*)
    | (?P<number>\d+(?:\.\d*)?(?:E[+-]?\d+)?|\.\d+)
    | (?P<operator><=|>=|<>|[-+*/^&=<>%])
    | (?P<open>\()
    | (?P<close>\))
    | (?P<comma>,)
    """,
    re.X | re.I,
)
# Bytes of a token inside Excel, the largest of its kinds.
_BYTES = {"array": 15, "table": 19, "area": 15, "function": 4, "word": 7, "number": 9, "operator": 1, "open": 1}
# An IF jumps: four bytes behind its condition, and behind each of its values.
_JUMP_BYTES = 4


@dataclass(slots=True)
class Measure:
    """Figures of a formula. State: what was seen so far; `arguments` is the most that one function gets."""

    levels: int = 0
    arguments: int = 0
    size_bytes: int = 0
    open_commas: list[int] = field(default_factory=list)
    is_function: list[bool] = field(default_factory=list)
    is_if: list[bool] = field(default_factory=list)


def measure(formula: str) -> Measure:
    """How deep a formula nests functions, how many arguments one gets, and how many bytes it takes in Excel."""
    found = Measure()
    for token in _TOKEN.finditer(formula):
        kind, text = str(token.lastgroup), token[0]
        found.size_bytes += 3 + 2 * (len(text) - 2) if kind == "text" else _BYTES.get(kind, 0)
        if kind in ("function", "open"):
            found.is_function.append(kind == "function")
            found.is_if.append(text.upper() == "IF(")
            found.open_commas.append(0)
            found.levels = max(found.levels, sum(found.is_function))
        elif kind == "comma" and found.open_commas:
            found.open_commas[-1] += 1
            found.size_bytes += _JUMP_BYTES * found.is_if[-1]
        elif kind == "close" and found.open_commas:
            commas = found.open_commas.pop()
            if found.is_function.pop():
                found.arguments = max(found.arguments, commas + 1)
            found.size_bytes += _JUMP_BYTES * found.is_if.pop()
    return found


def why_refused(formula: str) -> str:
    """What a formula has too much of for Excel, as the rest of a sentence; empty where it has not."""
    if len(formula) > MOST_CHARACTERS:
        return f"would have {len(formula)} characters, more than the {MOST_CHARACTERS} that are safe in Excel"
    found = measure(formula)
    if found.levels > MOST_LEVELS:
        return f"would nest {found.levels} functions, more than the {MOST_LEVELS} that Excel takes"
    if found.arguments > MOST_ARGUMENTS:
        return (
            f"would give a function {found.arguments} arguments, more than the {MOST_ARGUMENTS} that are safe in Excel"
        )
    if found.size_bytes > MOST_BYTES:
        return f"would take {found.size_bytes} bytes inside Excel, more than the {MOST_BYTES} that are safe"
    return ""
