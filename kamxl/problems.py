"""What a user did wrong, as records: code, severity, message, place, help.

First stage of the picture: every other module may report problems and none may print them. Renders a problem as a
terminal block, as JSON, or as one line for a cell. Knows nothing of rules or workbooks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum

from kamxl.records import dataclass, field, replace


class Severity(IntEnum):
    """How much a problem matters; the order is the order of display."""

    ERROR = 0
    WARNING = 1
    NOTE = 2

    @property
    def word(self) -> str:
        """The severity as messages spell it."""
        return self.name.lower()


# Codes are stable and sorted by stage; the text is the title in docs/problems.md, never parsed by logic.
CODES: dict[str, str] = {
    "KX001": "file cannot be read",
    "KX002": "file is not UTF-8 text",
    "KX003": "YAML cannot be understood",
    "KX004": "key given twice",
    "KX005": "file is over a limit",
    "KX006": "anchors and aliases are not allowed",
    "KX101": "key is missing",
    "KX102": "unknown key",
    "KX103": "wrong kind of value",
    "KX104": "expression cannot be understood",
    "KX105": "unknown name in an expression",
    "KX106": "name is used twice",
    "KX107": "rule file is for another version of kamxl",
    "KX201": "weights in percent do not add up to 100 %",
    "KX202": "bands overlap",
    "KX203": "bands leave a gap",
    "KX204": "derived columns form a cycle",
    "KX205": "kinds do not fit each other",
    "KX206": "rule can never match",
    "KX207": "condition is always true",
    "KX208": "condition is always false",
    "KX209": "threshold is out of reach",
    "KX210": "column is declared and never used",
    "KX211": "value is listed twice",
    "KX212": "scale never gives full points",
    "KX213": "units do not match",
    "KX214": "rule never matters",
    "KX215": "category conditions overlap",
    "KX216": "category conditions leave a gap",
    "KX217": "condition is beyond analysis",
    "KX218": "an expectation of the rule file fails",
    "KX219": "instruction is missing",
    "KX220": "process, department or stage is not declared",
    "KX221": "weights are all zero",
    "KX222": "points are outside the scale",
    "KX223": "names look alike and are spelled with other letters",
    "KX224": "comparison matrix is not usable",
    "KX225": "answers contradict each other",
    "KX226": "backend cannot carry out a rule",
    "KX227": "department may not see what its workbook would tell",
    "KX301": "column is not in the workbook",
    "KX302": "header stands twice",
    "KX303": "client table is not found",
    "KX304": "several tables could be the client table",
    "KX305": "client stands twice",
    "KX306": "client is not found",
    "KX401": "cell holds an error",
    "KX402": "cell is not a number",
    "KX403": "cell is not a date",
    "KX404": "value is not one of the choices",
    "KX405": "answer is missing",
    "KX406": "two categories match",
    "KX407": "override cannot be applied",
    "KX408": "mark is outside the scale",
    "KX409": "value is impossible",
    "KX410": "cell is not yes or no",
    "KX411": "client has no identifier",
    "KX412": "formula has no value",
    "KX501": "file is not a workbook that kamxl can edit",
    "KX502": "workbook is protected",
    "KX503": "workbook is open elsewhere",
    "KX504": "workbook cannot be saved",
    "KX505": "cells are occupied",
    "KX506": "package that is needed is not installed",
    "KX507": "host cannot do this",
    "KX508": "engine cannot start",
    "KX509": "history cannot be read",
    "KX510": "workbook belongs to another book",
    "KX511": "workbook does not agree with the rules",
    "KX512": "file would be written over and is kept",
    "KX601": "template cannot be understood",
    "KX602": "template uses an unknown name",
    "KX603": "template goes beyond its limits",
    "KX604": "template is not found",
}


# Codes that speak of a name, whose every use is the same mistake; and how many uses are listed.
_OF_A_NAME = frozenset({"KX105", "KX223"})
_MOST_TWINS = 3
_CELL = r"([A-Z]+)(\d+)"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: in a text file, or in a workbook.

    Units: line and column are 1-based, columns in characters; `cell` is an A1 address.
    """

    file: str = ""
    line: int = 0
    column: int = 0
    length: int = 1
    path: str = ""
    sheet: str = ""
    cell: str = ""

    def __str__(self) -> str:
        """`rules.yml:12:3`, `book.xlsx!Sheet!B7`, or what is known of it."""
        if self.sheet or self.cell:
            return "!".join(part for part in (self.file, self.sheet, self.cell) if part)
        text = self.file or "<text>"
        if self.line:
            text += f":{self.line}:{self.column}"
        return text

    def short_file(self) -> str:
        """`kam.yml:12`: the file without its folders; empty where no file is known."""
        name = self.file.replace("\\", "/").rpartition("/")[2]
        return f"{name}:{self.line}" if name and self.line else name


@dataclass(frozen=True, slots=True)
class BlockWords:
    """The words of a terminal block around what is said, in one language."""

    severities: Mapping[Severity, str]
    colon: str
    help: str
    note: str


_ENGLISH = BlockWords({severity: severity.word for severity in Severity}, ":", "help", "note")


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake of a user, with its place and a way out.

    Shapes: `notes` holds (message, place) pairs that point to other places involved.
    """

    code: str
    message: str
    place: Place = field(default_factory=Place)
    severity: Severity = Severity.ERROR
    help: str = ""
    notes: tuple[tuple[str, Place], ...] = ()
    source_line: str = ""

    def __post_init__(self) -> None:
        if self.code not in CODES:
            raise ValueError(f"unknown problem code {self.code!r}")

    def as_warning(self) -> Problem:
        """The same problem at severity warning."""
        return replace(self, severity=Severity.WARNING)

    def block(self, words: BlockWords = _ENGLISH) -> str:
        """The problem as a terminal shows it: sentence, place, the user's own line with a caret, help."""
        lines = [f"{words.severities[self.severity]}[{self.code}]{words.colon} {self.message}"]
        where = str(self.place)
        if self.place.path:
            where += f"  ({self.place.path})"
        if where != "<text>":
            lines.append(f" --> {where}")
        if self.source_line and self.place.line:
            lines.extend(self._excerpt())
        for message, place in self.notes:
            lines.append(f"   = {words.note}{words.colon} {message} ({place})")
        if self.help:
            lines.append(f"   = {words.help}{words.colon} {self.help}")
        return "\n".join(lines)

    def _excerpt(self) -> list[str]:
        # A line of a megabyte must not fill the terminal: show a window around the caret.
        start = max(0, self.place.column - 61) if len(self.source_line) > 160 else 0
        shown = self.source_line[start : start + 160].replace("\t", " ").rstrip("\n")
        number = str(self.place.line)
        gutter = " " * len(number)
        caret_at = max(0, self.place.column - 1 - start)
        carets = "^" * max(1, min(self.place.length, max(1, len(shown) - caret_at)))
        return [f"{gutter}  |", f" {number} | {shown}", f"{gutter}  | {' ' * caret_at}{carets}"]

    def cell_line(self) -> str:
        """The problem as one line for a worksheet cell."""
        hint = f"; {self.help}" if self.help else ""
        at = self.place.cell or ("" if self.place.sheet else self.place.short_file())
        where = f" ({at})" if at else ""
        return f"{self.code} {self.message}{where}{hint}"

    def as_dict(self) -> dict[str, object]:
        """The problem as plain values, for JSON."""
        place: dict[str, object] = {"text": str(self.place)}
        for name in ("file", "line", "column", "path", "sheet", "cell"):
            value = getattr(self.place, name)
            if value:
                place[name] = value
        return {
            "code": self.code,
            "severity": self.severity.word,
            "message": self.message,
            "place": place,
            "help": self.help,
            "notes": [{"message": message, "place": str(where)} for message, where in self.notes],
        }


class KamxlError(Exception):
    """Raised where going on is impossible; carries every problem found so far, and its text is complete."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else sort_problems(problems)
        super().__init__("\n\n".join(problem.block() for problem in self.problems))


def sort_problems(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Problems without twins, errors first, then by place."""
    unique = dict.fromkeys(problems)
    return tuple(sorted(unique, key=_order))


def _order(problem: Problem) -> tuple[object, ...]:
    place = problem.place
    found = re.fullmatch(_CELL, place.cell) if place.cell else None
    # Row before column, as a person reads a sheet; AA behind Z.
    cell = (int(found[2]), len(found[1]), found[1]) if found else (0, 0, "")
    return problem.severity, place.file, place.line, place.column, place.sheet, cell, problem.code, problem.message


def merge_twins(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """The same unknown name in many places told once, at the first, with notes of the others: it is one mistake."""
    alike: dict[tuple[str, str, str], list[Problem]] = {}
    for problem in problems:
        alike.setdefault((problem.code, problem.message, problem.place.file), []).append(problem)
    found = []
    for problem in problems:
        twins = alike[problem.code, problem.message, problem.place.file]
        if problem.code not in _OF_A_NAME or len(twins) == 1:
            found.append(problem)
        elif problem is twins[0]:
            notes = [("the same is here", twin.place) for twin in twins[1 : 1 + _MOST_TWINS]]
            if len(twins) > 1 + _MOST_TWINS:
                notes[-1] = (
                    f"the same is in {len(twins) - _MOST_TWINS} more places, the last one here",
                    twins[-1].place,
                )
            found.append(replace(problem, notes=(*problem.notes, *notes)))
    return tuple(found)


def has_errors(problems: Iterable[Problem]) -> bool:
    """Whether any problem is an error."""
    return any(problem.severity is Severity.ERROR for problem in problems)


def render_blocks(problems: Sequence[Problem], *, limit: int = 200) -> str:
    """All problems as terminal blocks, then a line that counts them."""
    shown = [problem.block() for problem in problems[:limit]]
    if len(problems) > limit:
        shown.append(f"... and {len(problems) - limit} more")
    shown.append(count_line(problems))
    return "\n\n".join(shown)


def count_line(problems: Sequence[Problem]) -> str:
    """`2 errors, 1 warning`."""
    parts = []
    for severity in Severity:
        count = sum(1 for problem in problems if problem.severity is severity)
        if count:
            parts.append(f"{count} {severity.word}{'s' if count > 1 else ''}")
    return ", ".join(parts) or "no problems"


def render_json(problems: Sequence[Problem]) -> str:
    """All problems as a JSON array."""
    import json

    return json.dumps([problem.as_dict() for problem in problems], ensure_ascii=False, indent=2)


def nearest(word: str, choices: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """The choice that looks most like `word` (case-folded), or None below the cutoff."""
    folded: dict[str, str] = {}
    for choice in choices:
        folded.setdefault(choice.casefold(), choice)
    # A clean file guesses nothing.
    import difflib

    found = difflib.get_close_matches(word.casefold(), list(folded), n=1, cutoff=cutoff)
    return folded[found[0]] if found else None


def suggest(word: str, choices: Sequence[str]) -> str:
    """Help text: a did-you-mean, else up to eight choices and a count."""
    guess = nearest(word, choices)
    if guess is not None:
        return f"did you mean `{guess}`?"
    if not choices:
        return ""
    listed = ", ".join(f"`{choice}`" for choice in choices[:8])
    rest = f" and {len(choices) - 8} more" if len(choices) > 8 else ""
    return f"choose one of {listed}{rest}"
