"""The French of a problem's sentence, way out or note, looked up in the tables beside this module.

A table is text: a line of codes, then each English sentence with its French indented below it. `{}` stands for a part
that stays as it is, `{name}` for a part that has its own French in `parts.py`, and `{list}`, `{sentence}` and
`{reason}` for the three that are worked out here. A sentence is known only where all its named parts are. Knows
nothing of problems beyond their codes.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from kamxl.french.book_helps import BOOK_HELPS
from kamxl.french.cells import CELLS
from kamxl.french.files import FILES
from kamxl.french.helps import RULE_HELPS
from kamxl.french.meaning import MEANING
from kamxl.french.parts import PARTS
from kamxl.french.rules import RULES
from kamxl.french.workbooks import WORKBOOKS
from kamxl.records import dataclass

_SLOT = re.compile(r"\{([a-z]*)\}")
_HEADING = re.compile(r"KX\d{3}(?: KX\d{3})*|[a-z]+")
_QUOTED = re.compile(r"(`[^`]*`|\"[^\"]*\")")
# Words between the members of a list, and the answers that an example client has.
_JOINTS = (
    (re.compile(r"(?<= and )(\d+) more\b"), r"\1 autres"),
    (re.compile(r" and (?!over\b)"), " et "),
    (re.compile(r" or "), " ou "),
    (re.compile(r"(?<=\d|%) to (?=-?\d)"), " à "),
    (re.compile(r"(?<=\S) missing(?=,| et |$)"), " sans réponse"),
    (re.compile(r"(?<=\S) yes(?=,| et |$)"), " oui"),
    (re.compile(r"(?<=\S) no(?=,| et |$)"), " non"),
    (re.compile(r"\(missing\)"), "(sans réponse)"),
)


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence and its French, both with slots for their parts."""

    english: str
    french: str
    slots: tuple[str, ...]
    pattern: re.Pattern[str]
    lax: re.Pattern[str]

    def translate(self, text: str, *, lax: bool = False) -> str | None:
        """The French of a text of this form; None for any other text. `lax` takes backticks within quoted parts."""
        found = (self.lax if lax else self.pattern).fullmatch(text)
        if found is None:
            return None
        parts: defaultdict[str, list[str]] = defaultdict(list)
        for slot, part in zip(self.slots, found.groups(), strict=True):
            french = _part(slot, part) if slot else part
            if french is None:
                return None
            parts[slot].append(french)
        return _SLOT.sub(lambda slot: parts[slot[1]].pop(0), self.french)


def pairs_of(table: str) -> Iterator[tuple[str, Pair]]:
    """(heading, pair) of a table; a sentence under several codes comes once for each."""
    headings: list[str] = [""]
    lines = table.strip("\n").split("\n")
    for above, english, french in zip(["", *lines], lines, [*lines[1:], ""], strict=False):
        if french.startswith("    ") and not english.startswith("    "):
            slots = tuple(_SLOT.findall(english))
            pieces = _SLOT.split(english)[::2]
            for heading in headings:
                yield heading, Pair(english, french[4:], slots, _pattern(pieces), _pattern(pieces, lax=True))
        elif not above and _HEADING.fullmatch(english):
            headings = english.split(" ")


def _pattern(pieces: Sequence[str], *, lax: bool = False) -> re.Pattern[str]:
    text, said = re.escape(pieces[0]), pieces[0]
    for piece in pieces[1:]:
        is_quoted = said.count("`") % 2 == 1 and not lax
        text += ("([^`]*)" if is_quoted else "(.*?)") + re.escape(piece)
        said += piece
    return re.compile(text, re.DOTALL)


def _by_heading(*tables: str) -> dict[str, tuple[Pair, ...]]:
    found: defaultdict[str, list[Pair]] = defaultdict(list)
    for table in tables:
        for heading, pair in pairs_of(table):
            found[heading].append(pair)
    return {heading: tuple(pairs) for heading, pairs in found.items()}


@lru_cache(maxsize=1)
def sentences() -> dict[str, tuple[Pair, ...]]:
    """The sentences of each code. Read when first asked for: English speakers never ask."""
    return _by_heading(RULES, MEANING, CELLS, FILES, WORKBOOKS)


@lru_cache(maxsize=1)
def helps() -> dict[str, tuple[Pair, ...]]:
    """The ways out by their first word; those that begin with a part stand under an empty one."""
    found: defaultdict[str, list[Pair]] = defaultdict(list)
    for pair in _by_heading(RULE_HELPS, BOOK_HELPS)[""]:
        found[_first_word(pair.english)].append(pair)
    return {word: tuple(pairs) for word, pairs in found.items()}


@lru_cache(maxsize=1)
def parts() -> dict[str, tuple[Pair, ...]]:
    """The parts of sentences by the name of their slot, and the notes under `note`."""
    return _by_heading(PARTS)


@lru_cache(maxsize=4096)
def french_sentence(code: str, text: str) -> str | None:
    """The French of a sentence with this code; None where it is not known."""
    known = sentences().get(code, ())
    whole = _first(known, text)
    if whole is not None:
        return whole
    # A sentence about a cell begins with the header of its column, one about answers with who gave them.
    for colon in re.finditer(": ", text):
        part = _first(known, text[colon.end() :])
        if part is not None:
            return f"{text[: colon.start()]} : {part}"
    # One about a workbook file ends with the part of the file that it is about.
    if text.endswith(")") and (at := text.rfind(" (")) > 0:
        part = _first(known, text[:at])
        return None if part is None else part + french_cell(text[at:])
    return None


@lru_cache(maxsize=4096)
def french_help(text: str) -> str | None:
    """The French of a way out; None where it is not known."""
    for word in (_first_word(text), ""):
        whole = _first(helps().get(word, ()), text)
        if whole is not None:
            return whole
    # Two ways out, one behind the other.
    for semicolon in re.finditer("; ", text):
        first, second = french_help(text[: semicolon.start()]), french_help(text[semicolon.end() :])
        if first is not None and second is not None:
            return f"{first} ; {second}"
    return None


def french_note(text: str) -> str | None:
    """The French of a note that points to another place; None where it is not known."""
    return _first(parts()["note"], text)


def french_reason(code: str, text: str) -> str | None:
    """The French of a sentence and its way out in one line; None where one of them is not known."""
    whole = french_sentence(code, text)
    if whole is not None:
        return whole
    for semicolon in re.finditer("; ", text):
        first, second = french_sentence(code, text[: semicolon.start()]), french_help(text[semicolon.end() :])
        if first is not None and second is not None:
            return f"{first} ; {second}"
    return None


def french_cell(place: str) -> str:
    """A place that is named in words, as `row 3, Revenue`; an address stays as it is."""
    for english, french in (("row (?=[0-9])", "ligne "), ("column (?=.)", "colonne "), ("header (?=.)", "en-tête ")):
        place = re.sub(rf"^( \()?{english}", rf"\g<1>{french}", place)
    return place


def _first(pairs: Sequence[Pair], text: str) -> str | None:
    for lax in (False, True):
        for pair in pairs:
            french = pair.translate(text, lax=lax)
            if french is not None:
                return french
    return None


def _first_word(text: str) -> str:
    word = text.partition(" ")[0]
    return "" if "{" in word else word


def _part(slot: str, text: str) -> str | None:
    if not text:
        return ""
    worked_out = _WORKED_OUT.get(slot)
    return _first(parts()[slot], text) if worked_out is None else worked_out(text)


def _list(text: str) -> str:
    """`a`, `b` and 3 more: words between what is quoted."""
    pieces = _QUOTED.split(text.replace('"something else"', '"autre chose"'))
    for at in range(0, len(pieces), 2):
        for english, french in _JOINTS:
            pieces[at] = english.sub(french, pieces[at])
    return "".join(pieces)


def _sentence(text: str) -> str:
    """A sentence within a sentence, of whatever code; other texts, such as what a cell says, stay."""
    found = (french_sentence(code, text) for code in sentences())
    return next((french for french in found if french is not None), text)


def _reason(text: str) -> str:
    found = re.fullmatch(r"(KX\d{3}) (.*)", text, re.DOTALL)
    french = french_reason(found[1], found[2]) if found is not None else None
    return text if found is None or french is None else f"{found[1]} {french}"


_WORKED_OUT: dict[str, Callable[[str], str]] = {"list": _list, "sentence": _sentence, "reason": _reason}
