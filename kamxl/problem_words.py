"""Problems in the language of who reads them: in dialogs and cells, English or French.

A problem is written once, in English, where it is found. `problem_french.py` holds the French of what a spreadsheet
user meets: the title of every code, and the sentences about workbooks, cells and files, looked up by code and sentence
with their parts, as translation catalogues do. A sentence that is not there is shown in English behind the French title
of its code. Knows nothing of rules or hosts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from kamxl.problem_french import HELPS, SENTENCES, TITLES
from kamxl.problems import Problem, Severity, count_line

_SEVERITIES = {
    Severity.ERROR: ("erreur", "erreurs"),
    Severity.WARNING: ("avertissement", "avertissements"),
    Severity.NOTE: ("note", "notes"),
}


def message_in(problem: Problem, language: str) -> str:
    """The sentence of a problem."""
    return _french(problem.code, problem.message) if language == "fr" else problem.message


def help_in(problem: Problem, language: str) -> str:
    """The way out of a problem; English where the French is not here."""
    return _look_up(HELPS, problem.help) or problem.help if language == "fr" else problem.help


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
    whole = _look_up(SENTENCES.get(found[1], ()), found[2])
    if whole is None and "; " in found[2]:
        sentence, _, way_out = found[2].partition("; ")
        return f"{found[1]} {_french(found[1], sentence)} ; {_look_up(HELPS, way_out) or way_out}"
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
    known = SENTENCES.get(code, ())
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
            return french.format(*found.groups())
    return None


@lru_cache(maxsize=512)
def _pattern(english: str) -> re.Pattern[str]:
    return re.compile("(.*?)".join(map(re.escape, english.split("{}"))), re.DOTALL)
