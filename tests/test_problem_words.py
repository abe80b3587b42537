"""Problems in French: every code has a title, what a spreadsheet user meets has its sentence, and none is stale."""

from __future__ import annotations

import ast
import errno
import os
import re
from pathlib import Path

import pytest

import kamxl
from kamxl.problem_french import HELPS, SENTENCES, TITLES
from kamxl.problem_french_helps import NOTES, RULE_HELPS
from kamxl.problem_french_rules import RULE_SENTENCES, WORD_STARTS, WORDS, YAML_SENTENCES
from kamxl.problem_words import block_in, cell_line_in, count_line_in, help_in, message_in, reason_in
from kamxl.problems import CODES, Place, Problem, Severity
from tests.test_bad_rules import FILES, problems_of

PAIRS = [
    *HELPS,
    *RULE_HELPS,
    *NOTES,
    *(pair for pairs in (*SENTENCES.values(), *RULE_SENTENCES.values()) for pair in pairs),
]


def texts_of_sources() -> set[str]:
    """Every text that our sources hold, f-strings with `{}` for their parts."""
    found: set[str] = set()
    for path in Path(kamxl.__file__).parent.rglob("*.py"):
        if path.name.startswith("problem_french"):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                found.add("".join(str(p.value) if isinstance(p, ast.Constant) else "{}" for p in node.values))
    return found


def test_every_code_has_a_french_title() -> None:
    assert set(TITLES) == set(CODES)
    assert set(SENTENCES) | set(RULE_SENTENCES) <= set(CODES)
    assert not set(TITLES.values()) & set(CODES.values())


def test_sentences_have_the_same_parts_in_both_languages() -> None:
    for english, french in PAIRS:
        assert english.count("{}") == len(re.findall(r"\{\d?(?::w)?\}", french)), english
        assert english != french


def test_every_sentence_is_one_that_kamxl_says() -> None:
    texts = "\n".join([*texts_of_sources(), os.strerror(errno.ENOENT).casefold()])
    # Those of KX220 are put together from words; test_addin_answers.py has each of them said.
    stale = [
        english
        for english, french in PAIRS
        if (english, french) not in (*SENTENCES["KX220"], *YAML_SENTENCES)
        # A sentence may be put together where a colon, a semicolon or a bracket parts it.
        for piece in re.split(r"\{\}|: |; | \(", english)
        if len(piece) > 3 and piece.strip(" `()") not in texts
    ]
    assert stale == []


@pytest.mark.parametrize(
    ("problem", "line"),
    [
        (
            Problem("KX402", "Revenue: a number is expected here, not `1 234,50`", Place(cell="row 3, Revenue"),
                    help="correct the cell, or empty it"),
            "KX402 Revenue : un nombre est attendu ici, et non `1 234,50` (ligne 3, Revenue) ; corrigez la cellule, ou "
            "videz-la",
        ),
        (
            Problem("KX505", "cells to the right of the client table are occupied", Place(sheet="S", cell="F5")),
            "KX505 des cellules à droite du tableau des clients sont occupées (F5)",
        ),
        (
            Problem("KX220", "`ventes` is not a stage of the rules", help="choose one of `a`, `b` and 3 more"),
            "KX220 `ventes` n'est pas une étape des règles ; choisissez parmi `a`, `b` et 3 autres",
        ),
        (
            Problem("KX102", "unknown key `famillies`", Place("/x/kam.yml", 3, 1), help="did you mean `families`?"),
            "KX102 clé inconnue – unknown key `famillies` (kam.yml:3) ; vouliez-vous dire `families` ?",
        ),
    ],
)  # fmt: skip
def test_a_problem_reads_in_french(problem: Problem, line: str) -> None:
    assert cell_line_in(problem, "fr") == line
    assert cell_line_in(problem, "en") == problem.cell_line()
    assert (message_in(problem, "en"), help_in(problem, "en")) == (problem.message, problem.help)


def test_reasons_of_whole_calls_read_in_french_and_other_texts_stay() -> None:
    english = "KX303 the headers are 4 columns wide and the clients 3; give both the same columns"
    assert reason_in(english, "fr").startswith("KX303 les en-têtes ont 4 colonnes et les clients 3 ; donnez")
    assert reason_in(english, "en") == english
    assert reason_in("KX301 column `Revenue` is not in the workbook; rename it", "fr").startswith(
        "KX301 la colonne `Revenue` n'est pas dans le classeur ; "
    )
    assert reason_in("Trop de cellules", "fr") == "Trop de cellules"


def test_problems_are_counted_in_french() -> None:
    error, warning = Problem("KX001", "x"), Problem("KX001", "y", severity=Severity.WARNING)
    assert count_line_in([error, error, warning], "fr") == "2 erreurs, 1 avertissement"
    assert count_line_in([], "fr") == "aucun problème"
    assert count_line_in([error], "en") == "1 error"


def catalogue_problems() -> list[Problem]:
    return [problem for path in FILES for problem in problems_of(path)]


def test_every_message_of_the_error_catalogue_is_french_throughout() -> None:
    """Sentence, way out and notes of each fault of a rule file; parts in which English words stand are turned, too."""
    english = re.compile(r"\b(the|is|are|and|with|write|one|this|of|not|must|can)\b")
    for problem in catalogue_problems():
        shown = block_in(problem, "fr")
        told = [message_in(problem, "fr"), help_in(problem, "fr")]
        told += [line for line in shown.splitlines() if line.startswith("   = note")]
        # What the manager wrote stands in backticks, and names of letters are Unicode's.
        bare = [re.sub(r"`[^`]*`", "", text) for text in told]
        assert not any(english.search(text) for text in bare), told
        assert " – " not in told[0], told
        assert shown.startswith(("erreur[", "avertissement[", "note["))
        assert problem.source_line.strip() in shown or len(problem.source_line) > 160


def test_words_of_parts_are_words_that_kamxl_says() -> None:
    texts = "\n".join(texts_of_sources())
    assert [word for word in (*WORDS, *(start for start, _ in WORD_STARTS)) if word.strip() not in texts] == []
