"""Problems in the language of who reads them: in dialogs, cells and terminals, English or French.

A problem is written once, in English, where it is found. The package `kamxl.french` holds the French of every sentence,
way out and note, looked up by code and sentence with their parts, as translation catalogues do; it is loaded where
French is spoken. Words that are not kamxl's own, such as what a database says, stay as they are. Knows nothing of rules
or hosts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kamxl.problems import BlockWords, Problem, Severity, count_line
from kamxl.records import replace

_SEVERITIES = {
    Severity.ERROR: ("erreur", "erreurs"),
    Severity.WARNING: ("avertissement", "avertissements"),
    Severity.NOTE: ("note", "notes"),
}
_BLOCK_WORDS = BlockWords({severity: words[0] for severity, words in _SEVERITIES.items()}, " :", "aide", "note")


def message_in(problem: Problem, language: str) -> str:
    """The sentence of a problem."""
    return _message(problem.code, problem.message) if language == "fr" else problem.message


def help_in(problem: Problem, language: str) -> str:
    """The way out of a problem."""
    return _help(problem.help) if language == "fr" else problem.help


def block_in(problem: Problem, language: str) -> str:
    """The problem as a terminal shows it."""
    if language != "fr":
        return problem.block()
    from kamxl.french.catalogue import french_cell, french_note

    place = replace(problem.place, cell=french_cell(problem.place.cell))
    notes = tuple((french_note(text) or text, where) for text, where in problem.notes)
    french = replace(problem, message=message_in(problem, "fr"), help=help_in(problem, "fr"), notes=notes, place=place)
    return french.block(_BLOCK_WORDS)


def cell_line_in(problem: Problem, language: str) -> str:
    """The problem as one line for a worksheet cell."""
    if language != "fr":
        return problem.cell_line()
    from kamxl.french.catalogue import french_cell

    hint = f" ; {help_in(problem, language)}" if problem.help else ""
    at = problem.place.cell or ("" if problem.place.sheet else problem.place.short_file())
    where = f" ({french_cell(at)})" if at else ""
    return f"{problem.code} {message_in(problem, language)}{where}{hint}"


def reason_in(reason: str, language: str) -> str:
    """`KX303 a sentence` in a language; any other text as it is."""
    found = re.fullmatch(r"(KX\d{3}) (.*)", reason, re.DOTALL)
    if language != "fr" or found is None:
        return reason
    from kamxl.french.catalogue import french_reason

    return f"{found[1]} {french_reason(found[1], found[2]) or _message(found[1], found[2])}"


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


def _message(code: str, sentence: str) -> str:
    from kamxl.french.catalogue import french_sentence
    from kamxl.french.titles import TITLES

    # A sentence that has no French would be a mistake of ours: the title of its code says at least what it is about.
    return french_sentence(code, sentence) or f"{TITLES[code]} – {sentence}"


def _help(text: str) -> str:
    from kamxl.french.catalogue import french_help

    return french_help(text) or text
