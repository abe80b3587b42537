"""What the worksheet functions answer: plain cells in, cells or faults out, for every kind of bad input."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kamxl import app
from kamxl.addin.answers import Answers
from kamxl.addin.functions import FUNCTIONS
from kamxl.addin.scoring import Fault
from kamxl.addin.settings import Settings
from kamxl.hosts.memory import MemoryHost
from tests.addin_rules import CATEGORIES, CLIENTS, HEADERS, RELATIVE_RULES, RULES, SCORES, write_rules

FORM = [HEADERS, *CLIENTS]


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 10
        return self.now


@pytest.fixture
def answers(tmp_path: Path) -> Answers:
    return Answers(Settings(tmp_path, write_rules(tmp_path / "rules"), "en"), clock=Clock())


def column(answer: list[list[Any]]) -> list[Any]:
    assert all(len(row) == 1 for row in answer)
    return [row[0] for row in answer]


def reason(answer: list[list[Any]]) -> str:
    (cell,) = column(answer)
    assert isinstance(cell, Fault)
    assert cell.error == "#VALUE!"
    return cell.reason


def test_many_rows_give_a_column_and_one_row_gives_a_value(answers: Answers) -> None:
    assert column(answers.answer("KAM_SCORE", [CLIENTS, [HEADERS]])) == pytest.approx(SCORES)
    assert column(answers.answer("KAM_SCORE", [[CLIENTS[0]], [HEADERS]])) == pytest.approx([68.0])
    assert column(answers.answer("KAM_CATEGORY", [CLIENTS, [HEADERS]])) == list(CATEGORIES)


def test_headers_may_be_the_first_row_a_row_a_column_or_given_twice(answers: Answers) -> None:
    by_row = answers.answer("KAM_SCORE", [CLIENTS, [HEADERS]])
    assert answers.answer("KAM_SCORE", [FORM]) == by_row
    assert answers.answer("KAM_SCORE", [CLIENTS, HEADERS]) == by_row
    assert answers.answer("KAM_SCORE", [CLIENTS, [[name] for name in HEADERS]]) == by_row
    assert answers.answer("KAM_SCORE", [FORM, [HEADERS]]) == [[""], *by_row]


def test_order_of_columns_language_of_headers_and_other_columns_do_not_matter(answers: Answers) -> None:
    mixed = [("Note", "Ville", "compte ", "CHIFFRE D'AFFAIRES"), (5.0, "Lyon", "Acme", 80.0)]
    assert column(answers.answer("KAM_SCORE", [mixed])) == pytest.approx([68.0])


def test_the_other_results(answers: Answers) -> None:
    assert column(answers.answer("KAM_FAMILY", ["history", CLIENTS, [HEADERS]])) == pytest.approx([80, 20, 100])
    assert column(answers.answer("KAM_FAMILY", ["Potentiel", FORM])) == [50.0, "", 100.0]
    assert column(answers.answer("KAM_DORMANT", [FORM])) == [120.0, "", 0.0]
    assert column(answers.answer("KAM_COMPLETENESS", [FORM])) == pytest.approx([1.0, 0.6, 1.0])
    assert "History 80 ≥ 60" in column(answers.answer("KAM_EXPLAIN", [FORM]))[0]
    assert column(answers.answer("KAM_NEXT", [FORM]))[1].startswith("Loyal: History is 40 points short of 60")


def test_the_table_gives_all_results_under_their_headers(answers: Answers) -> None:
    table = answers.answer("KAM_TABLE", [FORM])
    heads = table[0]
    assert heads[:5] == ["Score", "History", "Potential", "Category", "Process"]
    assert [row[0] for row in table[1:]] == pytest.approx(SCORES)
    assert [row[heads.index("Process")] for row in table[1:]] == ["Care", "Thrift", "Care"]
    assert all(len(row) == len(heads) for row in table)
    assert table[1][-1].startswith("Small rules · ")


def test_processes_are_found_by_category_department_and_stage_in_any_language(answers: Answers) -> None:
    assert answers.answer("KAM_PROCESS", ["Loyal", "sales", "quote"]) == [["Visit – Face to face"]]
    assert answers.answer("KAM_PROCESS", ["fidèle", "Ventes", "Devis"]) == [["Visit – Face to face"]]
    assert answers.answer("KAM_PROCESS", [[["Loyal"], [None], ["Small"]], "sales", "quote"])[1:] == [[""], [""]]
    assert "did you mean `sales`?" in reason(answers.answer("KAM_PROCESS", ["Loyal", "sale", "quote"]))
    assert "is not a category" in reason(answers.answer("KAM_PROCESS", ["VIP", "sales", "quote"]))


def test_rules_say_their_name_fingerprint_date_and_problems(answers: Answers) -> None:
    (line,) = answers.answer("KAM_RULES", [])
    assert line[:2] == ["Rules", "Small rules"]
    assert len(line[2]) == 8
    assert str(line[4]).startswith(str(dt.date.today().year))
    assert answers.answer("KAM_VERSION", [])[0][0].startswith("kamxl ")


@pytest.mark.parametrize("cell", ["#N/A", "#DIV/0!", "not a number", True])
def test_a_cell_that_cannot_be_used_gives_an_error_in_its_row_only(answers: Answers, cell: object) -> None:
    rows = [("Acme", cell, None, 5.0), CLIENTS[2]]
    scores = column(answers.answer("KAM_SCORE", [rows, HEADERS]))
    assert isinstance(scores[0], Fault)
    assert "Revenue" in scores[0].reason
    assert scores[1] == pytest.approx(100.0)
    assert isinstance(column(answers.answer("KAM_CATEGORY", [rows, HEADERS]))[0], Fault)
    assert column(answers.answer("KAM_EXPLAIN", [rows, HEADERS]))[0].casefold().startswith("not scored: kx4")
    table = answers.answer("KAM_TABLE", [rows, HEADERS])
    assert isinstance(table[1][0], Fault)
    assert "ot scored" in table[1][table[0].index("Why")]


@pytest.mark.parametrize("cell", [80, 80.0, Decimal("80"), "80", "80.00", "  80 "])
def test_kinds_of_the_same_number_score_alike(answers: Answers, cell: object) -> None:
    assert column(answers.answer("KAM_SCORE", [[("Acme", cell, None, 5.0)], HEADERS])) == pytest.approx([68.0])


def test_blank_rows_stay_blank_and_keep_their_place(answers: Answers) -> None:
    rows = [CLIENTS[0], (None, "", " ", None), CLIENTS[2]]
    for name in ("KAM_SCORE", "KAM_CATEGORY", "KAM_EXPLAIN", "KAM_NEXT", "KAM_DORMANT", "KAM_COMPLETENESS"):
        answer = column(answers.answer(name, [rows, HEADERS]))
        assert len(answer) == 3
        assert answer[1] == ""
    assert column(answers.answer("KAM_SCORE", [rows, HEADERS]))[2] == pytest.approx(100.0)


@pytest.mark.parametrize(
    ("clients", "headers", "words"),
    [
        (None, None, "KX303 the header row is missing"),
        (5.0, None, "KX303 there are headers or a client, and not both"),
        ([[5.0]], None, "KX303 there are headers or a client, and not both"),
        ([HEADERS], None, "KX303 there are headers or a client, and not both"),
        ([(None, " ", "")] * 3, None, "KX303 the header row is missing"),
        (CLIENTS, [(None, "", None, None)], "KX303 the header row is missing"),
        ([row[1:] for row in CLIENTS], [HEADERS], "KX303 the headers are 4 columns wide and the clients 3"),
        (CLIENTS, [HEADERS[:3]], "KX303 the headers are 3 columns wide and the clients 4"),
        (CLIENTS, None, "KX301 column `Client"),
        (CLIENTS, [("Client", "Umsatz", "Spend", "Mark")], "KX301 column `Revenue` is not in the workbook"),
        (CLIENTS, [("Client", "Revenue", "revenue ", "Mark")], "KX302 two headers answer to `revenue`"),
        (CLIENTS, [("Client", "Revenu", "Spend", "Mark")], "did you mean"),
    ],
)
def test_what_cannot_be_scored_at_all_is_one_error_with_its_reason(
    answers: Answers, clients: object, headers: object, words: str
) -> None:
    answer = answers.answer("KAM_SCORE", [clients, headers])
    if words == "did you mean":
        assert "the nearest header is `Revenu`" in reason(answer)
    elif words.startswith("KX301 column `Client"):
        assert "KX301" in reason(answer)
    else:
        assert words in reason(answer)
    assert answers.answer("KAM_EXPLAIN", [clients, headers]) == [[reason(answer)]]


def test_blank_columns_at_the_end_of_headers_or_clients_do_not_matter(answers: Answers) -> None:
    wide = [(*row, None, " ") for row in CLIENTS]
    assert column(answers.answer("KAM_SCORE", [wide, [HEADERS]])) == pytest.approx(SCORES)
    assert column(answers.answer("KAM_SCORE", [CLIENTS, [(*HEADERS, None, "")]])) == pytest.approx(SCORES)
    assert answers.answer("KAM_SCORE", [[(None, None)], [HEADERS]]) == [[""]]


def test_rules_that_compare_clients_refuse_a_single_one(tmp_path: Path) -> None:
    path = write_rules(tmp_path, RELATIVE_RULES)
    answers = Answers(Settings(tmp_path, path, "en"))
    (cell,) = column(answers.answer("KAM_SCORE", [[CLIENTS[0]], HEADERS]))
    assert isinstance(cell, Fault)
    assert cell.error == "#N/A"
    assert "give the whole table" in cell.reason
    assert column(answers.answer("KAM_FAMILY", ["history", FORM])) == pytest.approx([50, 0, 100])


def test_a_saved_rule_file_is_read_again_and_a_faulty_one_keeps_the_good_rules(answers: Answers) -> None:
    path = answers.settings.rules
    assert column(answers.answer("KAM_SCORE", [FORM]))[0] == pytest.approx(68.0)
    path.write_text(RULES.replace("weight: 60", "weight: 40"), "utf-8")
    assert column(answers.answer("KAM_SCORE", [FORM]))[0] == pytest.approx(65.0)
    path.write_text(RULES.replace("families:", "famillies:"), "utf-8")
    assert column(answers.answer("KAM_SCORE", [FORM]))[0] == pytest.approx(65.0)
    lines = answers.answer("KAM_RULES", [])
    assert lines[1][1] == "(earlier rules: the saved file has a fault)"
    assert any(line[0] == "error" and "famillies" in line[1] for line in lines)
    assert "earlier rules" in answers.answer("KAM_TABLE", [FORM])[0][-1]
    path.unlink()
    assert column(answers.answer("KAM_SCORE", [FORM]))[0] == pytest.approx(65.0)
    path.write_text(RULES, "utf-8")
    assert column(answers.answer("KAM_SCORE", [FORM]))[0] == pytest.approx(68.0)
    assert len(answers.answer("KAM_RULES", [])) == 1


def test_a_faulty_process_file_keeps_the_good_one_and_both_functions_say_so(answers: Answers) -> None:
    good = answers.answer("KAM_TABLE", [FORM])
    (answers.settings.rules.parent / "processes.yml").write_text("kamxl: 1\nname: [", "utf-8")
    table = answers.answer("KAM_TABLE", [FORM])
    assert [row[:-1] for row in table[1:]] == [row[:-1] for row in good[1:]]
    assert "earlier rules" in table[0][-1]
    assert answers.answer("KAM_PROCESS", ["Loyal", "sales", "quote"]) == [["Visit – Face to face"]]
    lines = answers.answer("KAM_RULES", [])
    assert "earlier rules" in lines[1][1]
    assert any("processes.yml" in line[3] for line in lines[2:])


def test_what_the_spreadsheet_could_not_hand_over_is_an_error_that_explain_tells(answers: Answers) -> None:
    refused = Fault("#VALUE!", "KX507 too large")
    assert answers.answer("KAM_SCORE", [refused, HEADERS]) == [[refused]]
    assert answers.answer("KAM_FAMILY", ["history", FORM, refused]) == [[refused]]
    assert answers.answer("KAM_EXPLAIN", [refused]) == [["KX507 too large"]]


def test_rules_that_would_give_wrong_results_are_refused_as_the_commands_refuse_them(answers: Answers) -> None:
    good = column(answers.answer("KAM_SCORE", [FORM]))
    overlap = "bands: {0 to 60: 1, 40 to 100: 9, 100 and over: 10}"
    answers.settings.rules.write_text(RULES.replace("curve: {0: 0, 100: 10}", overlap), "utf-8")
    assert column(answers.answer("KAM_SCORE", [FORM])) == good
    assert any(line[2] == "KX202" for line in answers.answer("KAM_RULES", []))
    fresh = Answers(answers.settings)
    assert reason(fresh.answer("KAM_SCORE", [FORM])).startswith("KX202")


def test_the_fingerprint_is_that_of_the_commands(tmp_path: Path) -> None:
    path = write_rules(tmp_path / "rules")
    templates = tmp_path / "rules" / "templates"
    templates.mkdir()
    (templates / "sales.md.j2").write_text("# Mine\n", "utf-8")
    settings = app.Settings(rules=path)
    book = app.load_rulebook(settings)
    scored, _ = app.score_host(MemoryHost({"Clients": [list(row) for row in FORM]}), book, settings)
    table = Answers(Settings(tmp_path, path, "en")).answer("KAM_TABLE", [FORM])
    assert table[1][-1] == app.stamp_of(scored, book, "en").line()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a file that never answers: a pipe")
def test_a_drive_that_does_not_answer_never_freezes_excel_and_keeps_the_good_rules(answers: Answers) -> None:
    path = answers.settings.rules
    table = answers.answer("KAM_TABLE", [FORM])
    path.unlink()
    os.mkfifo(path)  # reading it waits for a writer, as a network drive that has gone makes one wait
    begun = time.perf_counter()
    assert column(answers.answer("KAM_SCORE", [FORM])) == pytest.approx(SCORES)
    assert time.perf_counter() - begun < 5
    begun = time.perf_counter()
    for _ in range(200):
        answers.answer("KAM_SCORE", [CLIENTS, HEADERS])
    assert time.perf_counter() - begun < 5
    late = answers.answer("KAM_TABLE", [FORM])
    assert [row[:-1] for row in late[1:]] == [row[:-1] for row in table[1:]]
    assert "earlier rules" in late[0][-1]
    assert any("does not answer" in line[1] for line in answers.answer("KAM_RULES", []))
    with path.open("w", encoding="utf-8") as writer:
        writer.write(RULES.replace("weight: 60", "weight: 40"))
    for _ in range(50):
        time.sleep(0.05)
        answers.answer("KAM_SCORE", [FORM])
    assert column(answers.answer("KAM_SCORE", [FORM]))[0] == pytest.approx(65.0)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a file that never answers: a pipe")
def test_a_drive_that_never_answered_is_an_error_with_its_reason(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "kam.yml")
    answers = Answers(Settings(tmp_path, tmp_path / "kam.yml", "en"))
    begun = time.perf_counter()
    assert "does not answer" in reason(answers.answer("KAM_SCORE", [FORM]))
    assert "does not answer" in answers.answer("KAM_EXPLAIN", [FORM])[0][0]
    assert "does not answer" in answers.answer("KAM_RULES", [])[1][1]
    assert time.perf_counter() - begun < 5


def test_reasons_are_in_the_users_language(tmp_path: Path) -> None:
    rules = write_rules(tmp_path / "rules", RULES.replace("language: en", "language: fr"))
    answers = Answers(Settings(tmp_path, rules, "fr"))
    assert "la ligne d'en-têtes manque" in reason(answers.answer("KAM_SCORE", [None]))
    assert "n'est pas une famille" in reason(answers.answer("KAM_FAMILY", ["histoire", FORM]))
    for place, kind in enumerate(("une catégorie", "un service", "une étape")):
        asked = ["Loyal", "sales", "quote"]
        asked[place] = "autre"
        assert f"`autre` n'est pas {kind} des règles" in reason(answers.answer("KAM_PROCESS", asked))
    assert "n'est pas le nom d'un fichier" in reason(answers.answer("KAM_SCORE", [FORM, None, "../x"]))
    told = column(answers.answer("KAM_EXPLAIN", [[("Acme", "#N/A", None, 5.0)], HEADERS]))[0]
    assert told.casefold().startswith("non noté : kx401 revenue : la cellule contient l'erreur #n/a (ligne 1, revenue)")


@pytest.mark.parametrize("text", [None, "", "kamxl: 1\n", "a: [", "\x00"])
def test_rules_that_never_were_good_give_errors_and_no_scores(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "kam.yml"
    if text is not None:
        path.write_text(text, "utf-8")
    answers = Answers(Settings(tmp_path, path, "en"))
    assert reason(answers.answer("KAM_SCORE", [FORM])).startswith("KX")
    assert "(kam.yml" in reason(answers.answer("KAM_SCORE", [FORM]))
    assert answers.answer("KAM_RULES", [])[0][1:3] == ["", ""]


def test_a_rule_file_on_a_path_with_accents_and_another_by_name(tmp_path: Path) -> None:
    folder = tmp_path / "Règles clés — été"
    path = write_rules(folder)
    write_rules(folder, RULES.replace("weight: 60", "weight: 40"), name="autre.yml")
    answers = Answers(Settings(tmp_path, path, "fr"))
    assert column(answers.answer("KAM_SCORE", [FORM, None, "autre"]))[0] == pytest.approx(65.0)
    assert column(answers.answer("KAM_SCORE", [FORM, None, "autre.yml"]))[0] == pytest.approx(65.0)


@pytest.mark.parametrize(
    "name", ["C:\\rules\\kam.yml", "\\\\server\\share\\kam", "../kam", "/etc/passwd", "..", "http://x/kam", "kam\\"]
)
def test_a_formula_cannot_reach_files_outside_the_rules_folder(answers: Answers, name: str) -> None:
    assert "is not the name of a rule file" in reason(answers.answer("KAM_SCORE", [FORM, None, name]))


def test_errors_in_place_of_an_argument_are_handed_on(answers: Answers) -> None:
    for arguments in (["#REF!"], [CLIENTS, "#REF!"]):
        (cell,) = column(answers.answer("KAM_SCORE", arguments))
        assert cell == Fault("#REF!", "KX401 an argument holds #REF! in place of cells")
    (cell,) = column(answers.answer("KAM_FAMILY", ["#REF!", FORM]))
    assert isinstance(cell, Fault)
    assert cell.error == "#REF!"
    assert "is not a family" in reason(answers.answer("KAM_FAMILY", ["histoire", FORM]))


def test_no_function_raises_for_any_mixture_of_arguments(answers: Answers) -> None:
    values: list[Any] = [None, "", 5.0, True, "#N/A", [[None]], [["Client"]], FORM, CLIENTS, [[1.0, 2.0], [3.0]]]
    for function in FUNCTIONS:
        for first in values:
            for second in values:
                arguments = [first, second, None, None][: len(function.arguments)]
                answer = answers.answer(function.name, arguments)
                assert answer
                assert len({len(row) for row in answer}) == 1


def test_true_and_one_are_not_taken_for_each_other_in_memory(answers: Answers) -> None:
    headers = ("Client", "Revenue", "Mark")
    assert column(answers.answer("KAM_SCORE", [[("Acme", 1.0, 1.0)], headers])) != [""]
    assert isinstance(column(answers.answer("KAM_SCORE", [[("Acme", True, 1.0)], headers]))[0], Fault)


def test_many_questions_about_the_same_rows_score_them_once(answers: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    from kamxl.addin import scoring

    runs: list[int] = []
    real = scoring._run
    monkeypatch.setattr(scoring, "_run", lambda plan, clients: runs.append(len(clients.rows)) or real(plan, clients))
    rows = [(f"Client {index}", float(index % 100), None, 5.0) for index in range(200)]
    for name in ("KAM_SCORE", "KAM_CATEGORY", "KAM_EXPLAIN", "KAM_TABLE", "KAM_SCORE"):
        answers.answer(name, [rows, HEADERS])
    assert runs == [200]
    answers.answer("KAM_SCORE", [[*rows[:-1], ("Other", 1.0, None, None)], HEADERS])
    answers.forget()
    answers.answer("KAM_SCORE", [rows, HEADERS])
    assert runs == [200, 200, 200]


def test_the_functions_load_without_numpy_and_without_excel(tmp_path: Path) -> None:
    path = write_rules(tmp_path)
    program = f"""
import sys
for name in ("numpy", "pandas", "xlwings", "xlsxwriter", "python_calamine", "rich"):
    sys.modules[name] = None
from pathlib import Path
from kamxl.addin.answers import Answers
from kamxl.addin.settings import Settings
answers = Answers(Settings(Path({str(tmp_path)!r}), Path({str(path)!r}), "en"))
rows = [("Client", "Revenue")] + [(str(i), float(i)) for i in range(200)]
print(len(answers.answer("KAM_SCORE", [rows])), len(answers.answer("KAM_TABLE", [rows])))
"""
    outcome = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert outcome.stdout.split() == ["200", "201"], outcome.stderr
