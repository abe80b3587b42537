"""Live formulas in a workbook: written, edited by a manager, brought back into the rule file, removed."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from pathlib import Path

import openpyxl
import pytest

from kamxl.app import Settings, classify
from kamxl.backends.formula_layout import SHEET
from kamxl.backends.formula_limits import why_refused
from kamxl.backends.formula_sheet import lay_out
from kamxl.backends.formula_text import escape_header, has_plain_header, why_no_name
from kamxl.cli import run_command
from kamxl.hosts.files import FileHost
from kamxl.language.reader import load_rules, read_rules_text
from kamxl.live import remove_formulas, write_formulas
from kamxl.problems import KamxlError
from kamxl.rules_from import bring_back
from tests.formula_books import ENGINES, Block, differences, libreoffice_copy, live_book, write_book
from tests.formula_rules import AS_OF

ROOT = Path(__file__).parents[1]
DEMO, KAM = ROOT / "workbook" / "demo.xlsx", ROOT / "rules" / "kam.yml"
GOLDEN = Path(__file__).parent / "golden" / "kam_formulas.txt"


def _live_demo(target: Path, *, rules: Path = KAM) -> Path:
    host = FileHost(DEMO, target)
    write_formulas(host, Settings(rules=rules, as_of=AS_OF))
    host.save()
    return target


def _cell_of(path: Path, words: str, column: int, *, key: object = None) -> str:
    """Address of an editable cell: the line that begins with words, or the first line with a key in column B."""
    for row in openpyxl.load_workbook(path)[SHEET].iter_rows():
        begins = str(row[0].value or "").startswith(words) if words else row[1].value == key
        if begins and not isinstance(row[column].value, (str, type(None))):
            return str(row[column].coordinate)
    raise AssertionError(words)


def _edit(source: Path, target: Path, edits: dict[str, object]) -> Path:
    book = openpyxl.load_workbook(source)
    for address, value in edits.items():
        book[SHEET][address] = value
    book.save(target)
    return target


def _columns(path: Path, *headers: str) -> list[tuple[object, ...]]:
    sheet = openpyxl.load_workbook(path, data_only=True)["Clients"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    top = next(index for index, row in enumerate(rows) if headers[0] in row and headers[-1] in row)
    places = [rows[top].index(header) for header in headers]
    return [tuple(row[place] for place in places) for row in rows[top + 1 :]]


def test_the_stored_results_are_those_of_a_run(tmp_path: Path) -> None:
    """A program that does not calculate shows the scores that `kamxl run` gives."""
    live = _live_demo(tmp_path / "live.xlsx")
    host = FileHost(DEMO, tmp_path / "run.xlsx")
    classify(host, Settings(rules=KAM, as_of=AS_OF))
    wanted = [row[0] for row in _columns(tmp_path / "run.xlsx", "Score", "Client ID")]
    shown = [row[0] or None for row in _columns(live, "Score", "Client ID")]

    assert shown == pytest.approx(wanted)


@pytest.mark.office
def test_a_weight_changed_in_a_cell_gives_the_scores_of_the_changed_file(tmp_path: Path) -> None:
    """LibreOffice follows four edited cells to the scores and categories that a run of the brought-back rules gives."""
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice is not installed")
    rules = tmp_path / "kam.yml"
    rules.write_text(KAM.read_text(encoding="utf-8").replace("  hold: 3\n", "  hold: 0\n"), encoding="utf-8")
    live = _live_demo(tmp_path / "live.xlsx", rules=rules)
    edited = _edit(
        live,
        tmp_path / "edited.xlsx",
        {
            _cell_of(live, "Size", 2): 5,
            _cell_of(live, "", 1, key=250000): 300000,
            _cell_of(live, "", 2, key="Medical"): 4.5,
            _cell_of(live, "history >=", 2): 52,
        },
    )
    brought = bring_back(FileHost(edited, edited), rules)
    rules.write_text(brought.text, encoding="utf-8")
    host = FileHost(DEMO, tmp_path / "run.xlsx")
    classify(host, Settings(rules=rules, as_of=AS_OF))
    calculated = libreoffice_copy(edited)
    wanted = _columns(tmp_path / "run.xlsx", "Score", "Category", "Client ID")
    shown = _columns(calculated, "Score", "Category", "Client ID")
    before = _columns(live, "Score", "Category", "Client ID")
    badge = {row[0] for row in _columns(calculated, "Live rules", "Client ID")}

    assert brought.count == 4
    assert [row[1] or None for row in shown] == [row[1] for row in wanted]
    assert [row[0] or 0 for row in shown] == pytest.approx([row[0] or 0 for row in wanted], abs=1e-9)
    assert sum(a != b for a, b in zip(shown, before, strict=True)) > 20
    assert badge == {"EDITED"}


def test_changes_come_back_with_comments_and_order(tmp_path: Path) -> None:
    """The difference holds the lines that were changed and nothing else."""
    live = _live_demo(tmp_path / "live.xlsx")
    edits = {_cell_of(live, "Size", 2): 5, _cell_of(live, "", 1, key=0.2): 0.22, _cell_of(live, "needs comp", 2): 0.55}
    edited = _edit(live, tmp_path / "edited.xlsx", edits)
    brought = bring_back(FileHost(edited, edited), KAM)
    changed = [line for line in brought.diff.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]

    assert [line.split("#")[0].strip() for line in changed] == [
        "-        weight: 2",
        "+        weight: 5",
        "-        bands: {under 10%: 0, 10% to 20%: 4, 20% to 30%: 7, 30% and over: 10}",
        "+        bands: {under 10%: 0, 10% to 22%: 4, 22% to 30%: 7, 30% and over: 10}",
        "-    completeness: 50%",
        "+    completeness: 55%",
    ]
    assert brought.text.count("#") == KAM.read_text(encoding="utf-8").count("#")


def test_a_policy_that_the_file_left_out_is_inserted(tmp_path: Path) -> None:
    """`zero` typed under *If missing* becomes a line of its own behind the weight."""
    live = _live_demo(tmp_path / "live.xlsx")
    row = _cell_of(live, "Size", 2)[1:]
    edited = _edit(live, tmp_path / "edited.xlsx", {f"D{row}": "zero"})
    brought = bring_back(FileHost(edited, edited), KAM)
    rules, problems = read_rules_text(brought.text)

    assert rules is not None, problems
    assert "+        missing: zero" in brought.diff
    assert next(c for _, c in rules.criteria if c.key == "size").missing.mode == "points"


@pytest.mark.parametrize(
    ("edits", "code"),
    [({"C5": "another"}, "KX511"), ({"J14": 7}, "KX511")],
    ids=["other rules", "lines moved"],
)
def test_a_sheet_of_other_rules_is_refused(edits: dict[str, object], code: str, tmp_path: Path) -> None:
    """Numbers never go to the wrong rule."""
    live = _live_demo(tmp_path / "live.xlsx")
    edited = _edit(live, tmp_path / "edited.xlsx", edits)
    with pytest.raises(KamxlError) as caught:
        bring_back(FileHost(edited, edited), KAM)

    assert caught.value.problems[0].code == code


def test_a_word_in_place_of_a_weight_is_a_located_problem(tmp_path: Path) -> None:
    """The cell is named; nothing is written."""
    live = _live_demo(tmp_path / "live.xlsx")
    address = _cell_of(live, "Size", 2)
    edited = _edit(live, tmp_path / "edited.xlsx", {address: "much"})
    brought = bring_back(FileHost(edited, edited), KAM)

    assert [(problem.code, problem.place.cell) for problem in brought.problems] == [("KX402", address)]


def test_removing_restores_values(tmp_path: Path) -> None:
    """`--remove` leaves the values that the formulas showed, and takes the two sheets away."""
    live = _live_demo(tmp_path / "live.xlsx")
    host = FileHost(live, tmp_path / "values.xlsx")
    remove_formulas(host, Settings(rules=KAM, as_of=AS_OF))
    host.save()
    book = openpyxl.load_workbook(tmp_path / "values.xlsx")
    formulas = [c.coordinate for row in book["Clients"].iter_rows() for c in row if c.data_type == "f"]
    original = openpyxl.load_workbook(DEMO)["Clients"]
    before = [c.coordinate for row in original.iter_rows() for c in row if c.data_type == "f"]

    assert formulas == before
    assert SHEET not in book.sheetnames and "KAM Self-test" not in book.sheetnames
    assert _columns(tmp_path / "values.xlsx", "Score", "Client ID") == _columns(live, "Score", "Client ID")


def test_writing_twice_changes_nothing(tmp_path: Path) -> None:
    """The columns are found again by header."""
    first = _live_demo(tmp_path / "first.xlsx")
    host = FileHost(first, tmp_path / "second.xlsx")
    write_formulas(host, Settings(rules=KAM, as_of=AS_OF))
    host.save()
    heads = [[c.value for c in openpyxl.load_workbook(p)["Clients"][4]] for p in (first, tmp_path / "second.xlsx")]

    assert heads[0] == heads[1]


NASTY = ("A]b", "it's", "#1 @ 2", "two\nlines", " ahead", "[x]", 'say "hi"', "a  b")
NASTY_RULES = (
    "kamxl: 1\nname: Nasty\ncolumns:\n"
    + "".join(f"  c{i}: {{headers: [{header!r}]}}\n" for i, header in enumerate(NASTY)).replace("'two\\n", '"two\\n')
    + "families:\n  f:\n    weight: 1\n    criteria:\n"
    + "".join(f"      k{i}: {{of: c{i}, weight: {i + 1}, points: as is}}\n" for i in range(len(NASTY)))
    + "categories: {rules: {top: {when: f >= 50}, rest: {otherwise: true}}}\n"
).replace("lines']", 'lines"]')


@pytest.mark.parametrize("engine", ("ironcalc", "formualizer"))
def test_headers_with_every_bad_character_are_escaped(engine: str, tmp_path: Path) -> None:
    """Brackets, quotes, `#`, `@`, line breaks and blanks at the ends: formulas still find their columns."""
    pytest.importorskip(engine)
    rules, problems = read_rules_text(NASTY_RULES)
    assert rules is not None, problems
    rows = [[(i * 3 + j) % 11 for j in range(len(NASTY))] for i in range(12)]
    book = live_book(rules, NASTY, rows, table=False)
    write_book(book, tmp_path / "book.xlsx")

    assert differences(book, tmp_path / "book.xlsx", engine)[1] == []


def test_structured_references_escape_what_excel_wants_escaped() -> None:
    """`[ ] # '` get an apostrophe; headers that no structured reference names safely fall back to A1."""
    assert escape_header("A]b [x] it's #1") == "A']b '[x'] it''s '#1"
    assert not any(map(has_plain_header, (" ahead", "two\nlines", "#1 @ 2")))
    rules, _ = read_rules_text(NASTY_RULES)
    assert rules is not None
    book = live_book(rules, NASTY, [[1] * len(NASTY)], table=True)
    texts = {column.key: book.formulas(column)[0] for column in book.columns}
    assert "Accounts[[#This Row],[A']b]]" in texts["points k0"]
    assert "$D2" in texts["points k3"] and "$E2" in texts["points k4"]


@pytest.mark.parametrize("name", ("KAM1", "Q1", "TAX2024", "R", "c", "R1C1", "RESULT", "a-b", "XFD1048576", "1st"))
def test_names_that_excel_takes_for_something_else_are_refused(name: str) -> None:
    """A cell, an R1C1 reference, a macro word or a bad character."""
    assert why_no_name(name)


def test_a_protected_sheet_is_a_located_problem(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """KX502, and no file is written."""
    book = openpyxl.load_workbook(DEMO)
    book["Clients"].protection.sheet = True
    book.save(tmp_path / "locked.xlsx")
    target = tmp_path / "out.xlsx"

    assert run_command(["formulas", str(tmp_path / "locked.xlsx"), "-r", str(KAM), "-o", str(target)]) == 1
    assert "KX502" in capsys.readouterr().err
    assert not target.exists()


def test_rules_too_long_for_a_formula_are_refused(tmp_path: Path) -> None:
    """A condition of thousands of characters is an error that names the column; nothing is written."""
    long = " or ".join(f"(a >= {n} and b < {n})" for n in range(150))
    text = (
        "kamxl: 1\nname: Long\ncolumns: {a: {}, b: {}}\n"
        "families: {f: {weight: 1, criteria: {a: {weight: 1, points: as is}}}}\n"
        f"categories: {{rules: {{top: {{when: '{long}'}}, rest: {{otherwise: true}}}}}}\n"
    )
    rules, problems = read_rules_text(text)
    assert rules is not None, problems
    book = live_book(rules, ("a", "b"), [[1, 2]], table=False)

    assert [problem.code for problem in book.problems if problem.severity.word == "error"] == ["KX226"]


def test_thresholds_that_do_not_rise_are_said(tmp_path: Path) -> None:
    """A manager's slip is marked on the sheet: LOOKUP is silently wrong on unsorted lines."""
    pytest.importorskip("ironcalc")
    rules = load_rules(KAM)
    layout = lay_out(rules, 46000.0)
    edge = next(setting for setting in layout.settings if setting.what == "edge" and setting.value == 100.0)
    headers = [column.headers[0] for column in rules.columns]
    book = live_book(rules, headers, [[None] * len(headers)], table=False)
    path = tmp_path / "book.xlsx"
    write_book(book, path, edits={(edge.row, edge.column): 5.0})
    found = ENGINES["ironcalc"](path, Block(SHEET, 1, 3, edge.row + 1, 3, 7))

    assert [row[0] for row in found[:2]] == ["EDITED", "correct the lines marked in column G"]
    assert found[edge.row - 2][4] == "values must rise from line to line"


def test_the_emitted_formulas_are_the_golden_ones() -> None:
    """A change of any formula of kam.yml is seen; KAMXL_GOLDEN=write renews the file."""

    rules = load_rules(KAM)
    headers = [column.headers[0] for column in rules.columns]
    book = live_book(rules, headers, [[None] * len(headers)], table=True)
    text = "".join(f"{column.header}\n  {book.formulas(column)[0]}\n" for column in book.columns)
    if os.environ.get("KAMXL_GOLDEN") == "write":
        GOLDEN.write_text(text, encoding="utf-8")

    assert text == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.office
def test_the_self_test_and_a_1904_workbook_agree_in_libreoffice(tmp_path: Path) -> None:
    """Dates counted from 1904 give the same ages; the self-test says so in LibreOffice's own calculation."""
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice is not installed")
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    sheet = book.active
    sheet.title = "Clients"
    sheet.append(["Client", "Since", "Mark"])
    for number in range(1, 9):
        sheet.append([f"C*{number}", AS_OF - dt.timedelta(days=37 * number), number])
    book.save(tmp_path / "mac.xlsx")
    rules = tmp_path / "rules.yml"
    rules.write_text(
        "kamxl: 1\nname: Mac\ncolumns: {client: {kind: text, role: id}, since: {kind: date}, mark: {}}\n"
        "families: {f: {weight: 1, criteria: {age: {of: days_since(since), weight: 1, curve: {0: 0, 365: 10}},\n"
        "  months: {of: months_since(since), weight: 1, curve: {0: 10, 12: 0}},\n"
        "  m: {of: mark, weight: 1, points: as is}}}}\n"
        "categories: {rules: {fresh: {when: since >= 2026-03-01}, rest: {otherwise: true}}}\n",
        encoding="utf-8",
    )
    host = FileHost(tmp_path / "mac.xlsx", tmp_path / "live.xlsx")
    write_formulas(host, Settings(rules=rules, as_of=AS_OF))
    host.save()
    calculated = libreoffice_copy(tmp_path / "live.xlsx")
    told = openpyxl.load_workbook(calculated, data_only=True)["KAM Self-test"]

    assert told["A3"].value == "8/8 agree"
    assert {told.cell(row, 5).value for row in range(6, 14)} == {"Fresh", "Rest"}


@pytest.mark.parametrize(
    ("count", "said"),
    [(70, "would nest 75 functions, more than the 64 that Excel takes"), (50, "")],
    ids=["beyond", "within"],
)
def test_functions_nested_beyond_excel_are_refused(count: int, said: str) -> None:
    """A chain of 70 categories would be an IF in an IF 70 times: Excel takes such a formula out of the workbook."""
    chain = ", ".join(f"c{index}: {{when: 'f >= {100 - index}'}}" for index in range(count))
    rules, problems = read_rules_text(
        "kamxl: 1\nname: Deep\ncolumns: {a: {}, b: {}}\n"
        "families: {f: {weight: 1, criteria: {a: {weight: 1, points: as is}}}}\n"
        f"categories: {{rules: {{{chain}, rest: {{otherwise: true}}}}}}\n"
    )
    assert rules is not None, problems
    book = live_book(rules, ("a", "b"), [[1, 2]], table=False)
    assert [problem.message for problem in book.problems] == (
        [f"the formula of column `Category` {said}"] if said else []
    )


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("1" + "+1" * 4000, "8001 characters"),
        (f"OR({','.join(['TRUE'] * 254)})", "254 arguments"),
        ("".join(["IF($A2,1,"] * 600) + "0" + ")" * 600, "nest 600 functions"),
        ("+".join(["IF($A2,1,2)"] * 600), "bytes inside Excel"),
        ("+".join(["IF($A2,1,2)"] * 300), ""),
    ],
)
def test_what_excel_has_no_room_for_is_known(formula: str, said: str) -> None:
    """Length, arguments, levels, and the 16,384 bytes of a parsed formula."""
    assert said in why_refused(formula) if said else why_refused(formula) == ""


def test_a_run_leaves_live_formulas_live(tmp_path: Path) -> None:
    """`kamxl run` on a live workbook writes its scores beside the live ones, once; a weight still moves those."""
    live = _live_demo(tmp_path / "live.xlsx")
    for source, target in ((live, "once.xlsx"), (tmp_path / "once.xlsx", "twice.xlsx")):
        host = FileHost(source, tmp_path / target)
        classify(host, Settings(rules=KAM, as_of=AS_OF))
    book = openpyxl.load_workbook(tmp_path / "twice.xlsx")
    headers = [cell.value for cell in book["Clients"][4]]
    first = {header: book["Clients"].cell(5, place) for place, header in enumerate(headers, 1)}

    assert first["Score"].data_type == first["Category"].data_type == first["History"].data_type == "f"
    assert first["KAM Score"].data_type == "n" and first["KAM Category"].data_type == "s"
    assert first["Process"].value
    assert len(headers) == len(set(headers))
    values = openpyxl.load_workbook(tmp_path / "twice.xlsx", data_only=True)["Clients"]
    shown = {header: values.cell(5, place).value for place, header in enumerate(headers, 1)}
    assert shown["KAM Score"] == pytest.approx(shown["Score"])


def test_other_rules_leave_no_formula_of_the_earlier_ones(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A column that the new rules do not have is emptied and named: its formula would read lines of other rules."""
    rules = tmp_path / "rules.yml"
    text = (
        "kamxl: 1\nname: Two\ncolumns: {a: {}, b: {}}\n"
        "families: {f: {weight: 1, criteria: {first: {of: a, weight: 1, points: as is}, "
        "second: {of: b, weight: 1, points: as is}}}}\n"
        "categories: {rules: {top: {when: f >= 50}, rest: {otherwise: true}}}\n"
    )
    rules.write_text(text, encoding="utf-8")
    book = openpyxl.Workbook()
    book.active.title = "Clients"
    for row in (("client", "a", "b"), ("A", 5, 7), ("B", 1, 2)):
        book.active.append(row)
    book.save(tmp_path / "clients.xlsx")
    first, second = tmp_path / "first.xlsx", tmp_path / "second.xlsx"
    assert run_command(["formulas", str(tmp_path / "clients.xlsx"), "-r", str(rules), "-o", str(first)]) == 0
    rules.write_text(text.replace("first: {of: a, weight: 1, points: as is}, ", ""), encoding="utf-8")
    french = ["--language", "fr"]
    assert run_command(["formulas", str(first), "-r", str(rules), "-o", str(second), *french]) == 0
    written = openpyxl.load_workbook(second)
    columns = {column[0].value: [cell.value for cell in column[1:]] for column in written["Clients"].columns}

    assert columns["Points: First"] == [None, None]
    assert all(str(cell).startswith("=") for cell in columns["Points: Second"])
    assert "la colonne vive `Points: First` est d'autres règles que celles-ci" in capsys.readouterr().err
    assert written.sheetnames == ["Clients", "KAM Rules", "Autotest KAM"]
