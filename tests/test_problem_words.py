"""Problems in French: nothing that kamxl says of a mistake stays English, parts survive, and no sentence is stale."""

from __future__ import annotations

import ast
import errno
import os
import re
from pathlib import Path

import pytest

import kamxl
from kamxl.french.book_helps import BOOK_HELPS
from kamxl.french.catalogue import Pair, french_help, french_note, french_sentence, helps, pairs_of, parts, sentences
from kamxl.french.helps import RULE_HELPS
from kamxl.french.titles import TITLES
from kamxl.problem_words import block_in, cell_line_in, count_line_in, help_in, message_in, reason_in
from kamxl.problems import CODES, Place, Problem, Severity
from tests.french_check import has_french, spoken_texts, untranslated
from tests.test_bad_rules import FILES, problems_of

SOURCES = [path for path in sorted(Path(kamxl.__file__).parent.rglob("*.py")) if path.parent.name != "french"]
HELPS = [pair for table in (RULE_HELPS, BOOK_HELPS) for _, pair in pairs_of(table)]
PAIRS = [*HELPS, *(pair for table in (sentences(), parts()) for pairs in table.values() for pair in pairs)]
# Sentences of libraries that kamxl passes on, as PyYAML, Jinja and the system spell them.
BORROWED_CODES = ("KX003", "KX601", "KX602", "KX603")
# Put together from more pieces than the check below takes apart.
ASSEMBLED = {
    "remove the signature in Excel (File, Info) or work on a copy",
    "`{}` is not a department of the rules",
    "`{}` is not a stage of the rules",
    "{header}: a date is number for a live formula",
    "skip, zero, error or points is expected here, not an empty cell",
    "`{}` cannot be changed to nothing by itself",
    "the workbook was classified with `no stamp`, and the rules are now `{}`",
    "this is an OpenDocument file, not an Excel workbook",
    "this is a zip file, not an Excel workbook",
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_bad_rule_file_is_told_in_french_throughout(path: Path) -> None:
    """Message, way out and notes of the whole error catalogue; quoted texts and numbers are the same in both."""
    problems = problems_of(path)
    assert untranslated(problems) == []
    for problem in problems:
        for english, french in _both(problem):
            quoted = re.findall(r"`[^`]*`", english)
            assert set(quoted) <= set(re.findall(r"`[^`]*`", french)), (english, french)
            # Where words end and digits begin: `0x` and `UTF-8` are words.
            assert sorted(_numbers(english)) == sorted(_numbers(french)), (english, french)
        shown = block_in(problem, "fr").splitlines()
        assert all(line in shown for line in problem.block().splitlines()[1:] if not line.startswith("   = "))


def _both(problem: Problem) -> list[tuple[str, str]]:
    found = [(problem.message, message_in(problem, "fr")), (problem.help, help_in(problem, "fr"))]
    return [*found, *((text, str(french_note(text))) for text, _ in problem.notes)]


def _numbers(text: str) -> list[str]:
    return re.findall(r"\d+(?:\.\d+)?", re.sub(r"`[^`]*`|\"[^\"]*\"", "", text))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(Path(kamxl.__file__).parent).as_posix())
def test_every_text_that_a_source_says_to_a_user_has_french(path: Path) -> None:
    """Also what no test provokes: texts at each place that makes a problem are in the catalogue, whole or as pieces."""
    missing = []
    for text in spoken_texts(ast.parse(path.read_text("utf-8"))):
        # A code or the header of a column stands before the sentence.
        bare = re.sub(r"^KX\d{3} |^§: (?=.*[a-z])", "", text)
        if " " in bare.strip() and not bare.startswith("<") and not has_french(bare, PAIRS):
            missing.append(text)
    assert missing == []


def test_every_code_has_a_french_title_and_sentences() -> None:
    assert set(TITLES) == set(CODES)
    assert set(sentences()) == set(CODES)
    assert not set(TITLES.values()) & set(CODES.values())


def test_sentences_have_the_same_parts_in_both_languages() -> None:
    for pair in PAIRS:
        assert sorted(re.findall(r"\{[a-z]*\}", pair.english)) == sorted(re.findall(r"\{[a-z]*\}", pair.french)), pair
        assert all(slot in (*parts(), "", "list", "sentence", "reason") for slot in pair.slots), pair


def test_no_sentence_is_given_twice_or_hidden_behind_a_wider_one() -> None:
    for pairs in (*sentences().values(), *helps().values(), *parts().values()):
        for index, pair in enumerate(pairs):
            text = re.sub(r"\{[a-z]*\}", "§", pair.english)
            first = next(each for each in pairs if each.pattern.fullmatch(text))
            assert first is pair or _needs_parts(first), (first.english, pairs[index].english)


def _needs_parts(pair: Pair) -> bool:
    return any(slot in parts() for slot in pair.slots)


def test_every_sentence_is_one_that_kamxl_says() -> None:
    """Pieces between the parts stand in the sources, but for what libraries say."""
    texts = "\n".join([*_texts_of_sources(), os.strerror(errno.ENOENT).casefold()])
    borrowed = {id(pair) for code in BORROWED_CODES for pair in sentences()[code]} | {id(p) for p in parts()["os"]}
    stale = [
        pair.english
        for pair in PAIRS
        if id(pair) not in borrowed and pair.english not in ASSEMBLED
        # A sentence may be put together where a colon, a semicolon or a bracket parts it.
        for piece in re.split(r"\{[a-z]*\}|: |; | \(", pair.english)
        if len(piece) > 3 and not _is_said(piece.strip(" `()"), texts)
    ]
    assert stale == []


def _is_said(piece: str, texts: str) -> bool:
    """Whether a piece stands in a source, or its two halves do where a part of ours is put in."""
    words = piece.split(" ")
    cuts = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
    return piece in texts or any(first in texts and second in texts for first, second in cuts)


def _texts_of_sources() -> set[str]:
    found: set[str] = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                found.add("".join(str(p.value) if isinstance(p, ast.Constant) else "{}" for p in node.values))
    return found


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
            Problem("KX102", "unknown key `famillies` in the rule file", Place("/x/kam.yml", 3, 1),
                    help="did you mean `families`?"),
            "KX102 clé inconnue `famillies` dans le fichier de règles (kam.yml:3) ; vouliez-vous dire `families` ?",
        ),
        (
            Problem("KX215", "categories `a and b` and `c` overlap and only one may match: a client with "
                    'rank "x and y", visits missing and wins yes falls in both'),
            'KX215 les catégories `a and b` et `c` se recouvrent, et une seule peut convenir : un client avec rank '
            '"x and y", visits sans réponse et wins oui convient aux deux',
        ),
        (
            Problem("KX501", "a row never ends (row 7)"),
            "KX501 une ligne ne se termine jamais (ligne 7)",
        ),
        (
            Problem("KX102", "unknown key `a`b` in family `x`", help="did you mean `c`?"),
            "KX102 clé inconnue `a`b` dans la famille `x` ; vouliez-vous dire `c` ?",
        ),
        (
            Problem("KX511", "Score of client 7 is `61`, and the rules give blank",
                    help="it cannot be computed any more: KX402 Revenue: a number is expected here, not `x`"),
            "KX511 Score du client 7 : `61`, et les règles donnent vide ; elle ne peut plus être calculée : "
            "KX402 Revenue : un nombre est attendu ici, et non `x`",
        ),
    ],
)  # fmt: skip
def test_a_problem_reads_in_french(problem: Problem, line: str) -> None:
    assert cell_line_in(problem, "fr") == line
    assert cell_line_in(problem, "en") == problem.cell_line()
    assert (message_in(problem, "en"), help_in(problem, "en")) == (problem.message, problem.help)


def test_a_block_in_french_has_the_shape_of_the_english_one() -> None:
    problem = Problem(
        "KX004", "key `a` is given twice", Place("kam.yml", 3, 5, 1, "a"), Severity.WARNING, "keep one of them",
        (("first given here", Place("kam.yml", 1, 1)),), "    a: 1",
    )  # fmt: skip
    assert block_in(problem, "fr").splitlines() == [
        "avertissement[KX004] : la clé `a` est donnée deux fois",
        *problem.block().splitlines()[1:5],
        "   = note : donné d'abord ici (kam.yml:1:1)",
        "   = aide : gardez-en un",
    ]
    assert block_in(problem, "en") == problem.block()


def test_what_is_not_in_the_catalogue_is_known_to_be_missing() -> None:
    """The lookup never passes English on as French: a sentence of which one word is new has no French."""
    assert french_sentence("KX102", "unknown key `a` in the weather") is None
    assert french_sentence("KX101", "nobody says this") is None
    assert french_help("write it in the sand; keep one of them") is None
    assert untranslated([Problem("KX101", "x", help="y", notes=(("z", Place()),))]) == [
        "KX101 x", "KX101 help: y", "KX101 note: z"
    ]  # fmt: skip


def test_reasons_of_whole_calls_read_in_french_and_other_texts_stay() -> None:
    english = "KX303 the headers are 4 columns wide and the clients 3; give both the same columns"
    assert reason_in(english, "fr").startswith("KX303 les en-têtes ont 4 colonnes et les clients 3 ; donnez")
    assert reason_in(english, "en") == english
    assert (
        reason_in("KX301 column `Revenue` is not in the workbook; rename that sheet", "fr")
        == "KX301 la colonne `Revenue` n'est pas dans le classeur ; renommez cette feuille"
    )
    assert reason_in("Trop de cellules", "fr") == "Trop de cellules"


def test_problems_are_counted_in_french() -> None:
    error, warning = Problem("KX001", "x"), Problem("KX001", "y", severity=Severity.WARNING)
    assert count_line_in([error, error, warning], "fr") == "2 erreurs, 1 avertissement"
    assert count_line_in([], "fr") == "aucun problème"
    assert count_line_in([error], "en") == "1 error"
