"""Problems in the language of who reads them: in dialogs and cells, English or French.

A problem is written once, in English, where it is found. `problem_french.py` holds the French of what a spreadsheet
user meets: the title of every code, and the sentences about workbooks, cells and files; `problem_french_rules.py` and
`problem_french_helps.py` what a manager meets in rule files. They are looked up by code and sentence with their parts,
as translation catalogues do. A sentence that is not there is shown in English behind the French title of its code.
Knows nothing of rules or hosts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from kamxl.problem_french import HELPS, SENTENCES, TITLES
from kamxl.problem_french_helps import NOTES, RULE_HELPS
from kamxl.problem_french_rules import RULE_SENTENCES, WORD_STARTS, WORDS
from kamxl.problems import Problem, Severity, count_line
from kamxl.records import replace

_SEVERITIES = {
    Severity.ERROR: ("erreur", "erreurs"),
    Severity.WARNING: ("avertissement", "avertissements"),
    Severity.NOTE: ("note", "notes"),
}


_ALL_HELPS = (*HELPS, *RULE_HELPS)
_ALL_SENTENCES = {
    code: (*SENTENCES.get(code, ()), *RULE_SENTENCES.get(code, ())) for code in (*SENTENCES, *RULE_SENTENCES)
}


class _Part(str):
    """A part of a sentence; `{:w}` turns the words in it into French, `{}` leaves it as it is."""

    def __format__(self, spec: str) -> str:
        return _words_in_french(str(self)) if spec == "w" else str(self)


def _words_in_french(part: str) -> str:
    if part in WORDS:
        return WORDS[part]
    for english, french in WORD_STARTS:
        if part.startswith(english):
            part = french + part[len(english) :]
            break
    part = re.sub(r"^letter (\d+) is ", r"la lettre \1 est ", part)
    part = re.sub(r"^character (\d+) is ", r"le caractère \1 est ", part)
    pieces = re.split(r" (and|or) ", part)
    joined = {"and": " et ", "or": " ou "}
    return "".join(joined[piece] if at % 2 else WORDS.get(piece, piece) for at, piece in enumerate(pieces))


def block_in(problem: Problem, language: str) -> str:
    """The problem as a terminal shows it."""
    if language != "fr":
        return problem.block()
    notes = tuple((_look_up(NOTES, message) or message, place) for message, place in problem.notes)
    shown = replace(problem, message=message_in(problem, "fr"), help=help_in(problem, "fr"), notes=notes).block()
    shown = re.sub(r"^   = help: ", "   = aide : ", shown, flags=re.MULTILINE)
    shown = re.sub(r"^   = note: ", "   = note : ", shown, flags=re.MULTILINE)
    return severity_in(problem.severity, "fr") + shown.removeprefix(problem.severity.word).replace("]: ", "] : ", 1)


def message_in(problem: Problem, language: str) -> str:
    """The sentence of a problem."""
    return _french(problem.code, problem.message) if language == "fr" else problem.message


def help_in(problem: Problem, language: str) -> str:
    """The way out of a problem; English where the French is not here."""
    return _look_up(_ALL_HELPS, problem.help) or problem.help if language == "fr" else problem.help


def cell_line_in(problem: Problem, language: str) -> str:
    """The problem as one line for a worksheet cell."""
    if language != "fr":
        return problem.cell_line()
    hint = f" ; {help_in(problem, language)}" if problem.help else ""
    at = problem.place.cell or ("" if problem.place.sheet else problem.place.short_file())
    where = f" ({re.sub(r'^row (?=[0-9])', 'ligne ', at)})" if at else ""
    return f"{problem.code} {message_in(problem, language)}{where}{hint}"


def reason_in(reason: str, language: str) -> str:
    """`KX303 a sentence` in a language; any other text as it is."""
    found = re.fullmatch(r"(KX\d{3}) (.*)", reason, re.DOTALL)
    if language != "fr" or found is None:
        return reason
    whole = _look_up(_ALL_SENTENCES.get(found[1], ()), found[2])
    if whole is None and "; " in found[2]:
        sentence, _, way_out = found[2].partition("; ")
        return f"{found[1]} {_french(found[1], sentence)} ; {_look_up(_ALL_HELPS, way_out) or way_out}"
    return f"{found[1]} {whole or _french(found[1], found[2])}"


def severity_in(severity: Severity, language: str) -> str:
    """The severity as messages spell it."""
    return _SEVERITIES[severity][0] if language == "fr" else severity.word


def count_line_in(problems: Sequence[Problem], language: str) -> str:
    """`2 errors, 1 warning`."""
    if language != "fr":
        return count_line(problems)
    parts = []
    for severity, words in _SEVERITIES.items():
        count = sum(1 for problem in problems if problem.severity is severity)
        if count:
            parts.append(f"{count} {words[count > 1]}")
    return ", ".join(parts) or "aucun problème"


@lru_cache(maxsize=4096)
def _french(code: str, sentence: str) -> str:
    known = _ALL_SENTENCES.get(code, ())
    whole = _look_up(known, sentence)
    if whole is not None:
        return whole
    # Sentences about a cell begin with the header of its column.
    header, colon, rest = sentence.partition(": ")
    part = _look_up(known, rest) if colon else None
    return f"{header} : {part}" if part is not None else f"{TITLES[code]} – {sentence}"


def _look_up(known: tuple[tuple[str, str], ...], sentence: str) -> str | None:
    for english, french in known:
        found = _pattern(english).fullmatch(sentence)
        if found is not None:
            return french.format(*map(_Part, found.groups()))
    return None


@lru_cache(maxsize=512)
def _pattern(english: str) -> re.Pattern[str]:
    return re.compile("(.*?)".join(map(re.escape, english.split("{}"))), re.DOTALL)
