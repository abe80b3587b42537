"""Bad input from the front door: a located, worded problem and exit 1, nothing written, never a traceback."""

from __future__ import annotations

import os
import re
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pytest

from kamxl.cli import run_command
from tests.host_cases import write_book

RULES = """\
kamxl: 1
name: Small rules
columns:
  client: {headers: [Client], kind: text, role: id}
  revenue: {headers: [Revenue], kind: money}
  market: {headers: [Market], kind: choice, choices: [Medical, Food], optional: yes}
families:
  history:
    weight: 1
    criteria:
      revenue_points: {of: revenue, weight: 1, bands: {under 100: 0, 100 and over: 10}}
categories:
  rules:
    loyal: {when: history >= 60, process: loyalty}
    small: {otherwise: true, process: optimisation}
"""
PROCESSES = """\
kamxl: 1
name: Processes
stages: {quoting: Quoting}
departments: {sales: {label: Sales, see: [client, revenue, score, category]}}
processes:
  loyalty: {label: Loyalty, aim: Keep, instructions: {sales: {quoting: {do: Call first}}}}
  optimisation: {label: Optimisation, aim: Deliver, instructions: {sales: {quoting: none}}}
"""
GOOD = [["Client", "Revenue", "Market"], ["A", 50.0, "Medical"], ["B", 500.0, "Food"]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules.yml").write_text(RULES, encoding="utf-8")
    (tmp_path / "processes.yml").write_text(PROCESSES, encoding="utf-8")
    write_book(tmp_path / "book.xlsx", {"Clients": GOOD})
    return tmp_path


def classify(folder: Path, book: str = "book.xlsx", *options: str) -> int:
    return run_command(["classify", str(folder / book), "-r", str(folder / "rules.yml"), *options])


def refused(folder: Path, capsys: pytest.CaptureFixture[str], *wanted: str, book: str = "book.xlsx") -> str:
    """Runs, and requires exit 1, the wanted words, no traceback and no output file."""
    assert classify(folder, book) == 1
    error = capsys.readouterr().err
    assert "Traceback" not in error
    assert "mistake of kamxl" not in error
    for words in wanted:
        assert words in error, error
    assert not list(folder.glob("*.kam.*"))
    return error


def test_good_input_is_clean(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The file that the bad ones are made from works."""
    assert classify(folder) == 0
    assert (folder / "book.kam.xlsx").is_file()
    assert "Loyal" in capsys.readouterr().out


BAD_RULES = {
    "tab": (RULES.replace("  client:", "\tclient:"), ["KX003", "rules.yml:4", "spaces"]),
    "repeated key": (RULES + "name: again\n", ["KX004", "`name`", "first given"]),
    "anchors": (RULES.replace("Small rules", "&a Small rules"), ["KX006", "rules.yml:2"]),
    "one megabyte on a line": ("name: " + "x" * 1_100_000, ["KX005"]),
    "unknown key": (RULES.replace("weight: 1\n", "wieght: 1\n"), ["KX102", "`wieght`", "did you mean `weight`?"]),
    "percents add up to 90": (RULES.replace("    weight: 1\n", "    weight: 90%\n"), ["KX201", "90 %"]),
    "otherwise missing": (
        RULES.replace("small: {otherwise: true", "small: {when: history < 60"),
        ["KX101", "otherwise"],
    ),
    "overlap": (RULES.replace("100 and over", "90 and over"), ["KX202"]),
    "unknown column": (RULES.replace("history >= 60", "histroy >= 60"), ["KX105", "`histroy`", "`history`"]),
    "python tag": (RULES.replace("Small rules", "!!python/object/apply:os.system [ls]"), ["KX103"]),
}


@pytest.mark.parametrize("name", BAD_RULES)
def test_bad_rule_files(name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each fault of a rule file is named with its place and a way out."""
    text, wanted = BAD_RULES[name]
    (folder / "rules.yml").write_text(text, encoding="utf-8")
    error = refused(folder, capsys, *wanted)
    assert len(error) < 20_000


def test_latin1_rules(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A rule file in Latin-1 names the byte and the encoding to choose."""
    (folder / "rules.yml").write_bytes(RULES.replace("Small", "Règles").encode("latin-1"))
    refused(folder, capsys, "KX002", "rules.yml:2:8", "UTF-8", "Latin-1")
    (folder / "rules.yml").write_bytes(RULES.encode("utf-16"))
    refused(folder, capsys, "KX002", "rules.yml:1:1", "looks like UTF-16")


def test_missing_header(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing header is told with the nearest one of the sheet."""
    write_book(folder / "book.xlsx", {"Clients": [["Client", "Anual Revenue", "Market"], *GOOD[1:]]})
    refused(folder, capsys, "KX301", "`Revenue`", "nearest header is `Anual Revenue`")


def test_header_twice(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two columns with the same header are not guessed between."""
    write_book(folder / "book.xlsx", {"Clients": [["Client", "Revenue", "revenue "], ["A", 1.0, 2.0]]})
    refused(folder, capsys, "KX302", "column 2", "column 3")


def test_client_twice(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two clients with the same identifier are told with both places."""
    write_book(folder / "book.xlsx", {"Clients": [*GOOD, [" a ", 70.0, None]]})
    refused(folder, capsys, "KX305", "book.xlsx!Clients!A4", "book.xlsx!Clients!A2")


def test_two_tables_fit(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two tables that fit are listed, and one can be chosen."""
    write_book(folder / "book.xlsx", {"North": GOOD, "South": GOOD})
    refused(folder, capsys, "KX304", "North!A1", "South!A1", "--sheet")
    assert classify(folder, "book.xlsx", "--sheet", "South") == 0


def test_no_table_and_unknown_sheet(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No table, and a sheet that is not there, are told with what was seen."""
    assert classify(folder, "book.xlsx", "--sheet", "Client") == 1
    assert "did you mean `Clients`?" in capsys.readouterr().err
    write_book(folder / "book.xlsx", {"Clients": [["Colour", "Size"], ["red", 1.0]]})
    refused(folder, capsys, "KX303", "Revenue")


def test_error_and_text_cells_leave_their_row_unscored(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An #N/A and a text in a number leave their rows without a score; the others are scored; exit 1."""
    rows = [*GOOD, ["C", "#N/A", None], ["D", "12x", None], ["E", "1,250.50", None]]
    write_book(folder / "book.xlsx", {"Clients": rows})
    assert classify(folder) == 1
    error = capsys.readouterr().err
    assert "KX401" in error
    assert "book.xlsx!Clients!B4" in error
    assert "KX402" in error
    assert "book.xlsx!Clients!B5" in error
    from kamxl.hosts.files import FileHost

    written = FileHost(folder / "book.kam.xlsx", folder / "again.xlsx").read_sheet("Clients")
    headers = list(written[0])
    scores = [row[headers.index("Score")] for row in written[1:]]
    assert scores == [0.0, 100.0, "", "", 100.0]
    why = [row[headers.index("Why")] for row in written[1:]]
    assert "KX401" in str(why[2])
    assert "KX402" in str(why[3])


def test_formulas_without_a_value_are_no_blanks(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A formula that no spreadsheet has calculated yet is told with its cell; its row gets no score."""
    write_book(folder / "book.xlsx", {"Clients": [*GOOD, ["C", "=B2*3", None], ["D", 7.0, None]]})
    stored = folder / "book.xlsx"
    with zipfile.ZipFile(stored) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    formula = re.compile(rb'(<c r="B4"[^>]*>).*?</c>')
    endings = {b"<f>B2*3</f>", b"<f>B2*3</f><v/>", b"<f>B2*3</f><v></v>", b'<f t="shared" si="0"/>'}
    for ending in endings:
        with zipfile.ZipFile(stored, "w") as package:
            for name, content in parts.items():
                changed = formula.sub(rb'<c r="B4">' + ending + rb"</c>", content) if name == sheet else content
                assert name != sheet or changed != content
                package.writestr(name, changed)
        assert classify(folder) == 1
        error = capsys.readouterr().err
        assert "KX412" in error and "book.xlsx!Clients!B4" in error and "save it there" in error, ending
        (folder / "book.kam.xlsx").unlink()
    with zipfile.ZipFile(stored, "w") as package:
        for name, content in parts.items():
            text = rb'<c r="B4" t="str"><f>""</f><v></v></c>'
            package.writestr(name, formula.sub(text, content) if name == sheet else content)
    assert classify(folder) == 0, "an empty text is a result, and a blank answer"


def test_the_same_in_many_cells_is_told_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A column that repeats a fault takes one block, with how many there are and where the last one is."""
    rows = [[f"C{number}", "n/a?", None] for number in range(30)]
    write_book(folder / "book.xlsx", {"Clients": [GOOD[0], *rows, ["Last", "other", None]]})
    assert classify(folder) == 1
    error = capsys.readouterr().err
    assert error.count("error[KX402]") == 2
    assert "the same in 29 more cells of the column, the last one here (book.xlsx!Clients!B31)" in error
    assert "31 errors" in error


BAD_TEMPLATES = {
    "undefined name": ("one\n{{ nobody }}\n", ["KX602", "department.md.j2:2:4", "`nobody` is not defined"]),
    "all faults at once": (
        "{{ nobody }}\n\n{{ nothing }}\n",
        ["department.md.j2:1:4", "department.md.j2:3:4", "2 errors"],
    ),
    "endless loop": (
        "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}",
        ["KX603", "too long"],
    ),
    "itself": ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", ["KX603", "without end"]),
    "class": ("{{ ''.__class__.__mro__ }}", ["KX603", "nothing of Python"]),
    "globals": ("{{ clients.__init__.__globals__ }}", ["KX603", "nothing of Python"]),
}


@pytest.mark.parametrize("name", BAD_TEMPLATES)
def test_bad_templates(name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An undefined name, endless work and a reach for Python's internals are told with file and line."""
    text, wanted = BAD_TEMPLATES[name]
    (folder / "templates").mkdir()
    (folder / "templates" / "department.md.j2").write_text(text, encoding="utf-8")
    assert run_command(["run", str(folder / "book.xlsx"), "-r", str(folder / "rules.yml")]) == 1
    error = capsys.readouterr().err
    assert "Traceback" not in error and "mistake of kamxl" not in error
    assert all(words in error for words in wanted), error
    assert not list(folder.glob("*.kam.*"))


def test_formula_like_names_stay_text(folder: Path) -> None:
    """A client called =cmd|… is written as text, never as a formula."""
    write_book(folder / "book.xlsx", {"Clients": [*GOOD, ["=cmd|' /C calc'!A0", 5.0, None]]})
    assert classify(folder) == 0
    with zipfile.ZipFile(folder / "book.kam.xlsx") as package:
        parts = {name: package.read(name) for name in package.namelist() if name.startswith("xl/worksheets/sheet")}
    assert all(b"<f>cmd" not in part and b"<f>=cmd" not in part for part in parts.values())


def test_files_that_are_no_workbook(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Truncated, renamed and foreign files are refused with a way out."""
    good = (folder / "book.xlsx").read_bytes()
    cases = {
        "truncated.xlsx": (good[: len(good) // 2], "KX501"),
        "renamed.xlsx": (b"Client;Revenue\nA;1\n", "KX501"),
        "old.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000), "KX501"),
        "empty.xlsx": (b"", "KX501"),
        "sheet.ods": (b"PK\x03\x04" + b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "KX501"),
    }
    for name, (content, code) in cases.items():
        (folder / name).write_bytes(content)
        refused(folder, capsys, code, book=name)
    refused(folder, capsys, "KX001", book="absent.xlsx")


def test_a_folder_is_no_file_and_is_not_called_absent(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder in the place of the workbook, the rules or the output: it is said so, with what to write."""
    (folder / "inner").mkdir()
    refused(folder, capsys, "KX001", "this is a folder", "name the file in it", book="inner")
    assert run_command(["run", str(folder / "book.xlsx"), "-r", str(folder)]) == 1
    assert "name the file in it" in capsys.readouterr().err
    assert classify(folder, "book.xlsx", "-o", str(folder)) == 1
    assert "name a file such as book.kam.xlsx" in capsys.readouterr().err
    assert classify(folder, "book.xlsx", "-o", str(folder / "out.txt")) == 1
    assert "name a file such as book.kam.xlsx" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command", ["init {}", "init {}/mine --language fr", "build-addin {}", "run book.xlsx -o {}/x.xlsx"]
)
def test_a_place_that_takes_no_file_is_told(
    command: str, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file stands where a folder is meant: the reason and a way out, and no mistake of kamxl's own."""
    monkeypatch.chdir(folder)
    (folder / "taken").write_text("mine", encoding="utf-8")
    assert run_command(command.format("taken").split()) == 1
    error = capsys.readouterr().err
    assert "KX504" in error and "taken" in error and ("choose another place" in error or "autre endroit" in error)
    assert "mistake" not in error
    assert (folder / "taken").read_text(encoding="utf-8") == "mine"


def test_the_other_decimal_mark_is_told_with_its_setting(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An export with `1 234,50` under rules that read points: the way out is one line of the rule file."""
    way_out = "write `decimal: comma` in the rule file"
    write_book(folder / "book.xlsx", {"Clients": [GOOD[0], ["A", "1\u00a0234,50 €", "Medical"], GOOD[2]]})
    assert classify(folder) == 1
    assert way_out in capsys.readouterr().err
    (folder / "rules.yml").write_text(RULES.replace("kamxl: 1\n", "kamxl: 1\ndecimal: comma\n"), encoding="utf-8")
    assert classify(folder) == 0
    write_book(folder / "book.xlsx", {"Clients": [GOOD[0], ["A", "about 12", "Medical"], GOOD[2]]})
    assert classify(folder) == 1
    assert "decimal:" not in capsys.readouterr().err


def test_output_over_the_input(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Saving over the workbook needs --in-place, and keeps it as it was at first and before the last change."""
    before = (folder / "book.xlsx").read_bytes()
    assert classify(folder, "book.xlsx", "-o", str(folder / "book.xlsx")) == 1
    assert "--in-place" in capsys.readouterr().err
    assert (folder / "book.xlsx").read_bytes() == before
    assert classify(folder, "book.xlsx", "--in-place") == 0
    assert (folder / "book.backup.xlsx").read_bytes() == before
    first = (folder / "book.xlsx").read_bytes()
    os.utime(folder / "book.xlsx", (1_700_000_000,) * 2)
    assert classify(folder, "book.xlsx", "--in-place") == 0
    assert (folder / "book.xlsx").stat().st_mtime == 1_700_000_000, "nothing was new: the file is left alone"
    assert not (folder / "book.backup-last.xlsx").exists()
    assert classify(folder, "book.xlsx", "--in-place", "--language", "fr") == 0
    assert (folder / "book.backup.xlsx").read_bytes() == before
    assert (folder / "book.backup-last.xlsx").read_bytes() == first


def test_open_elsewhere(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A workbook that is open in Excel is not written."""
    shutil.copy(folder / "book.xlsx", folder / "open.xlsx")
    (folder / "~$open.xlsx").write_bytes(b"\x03Ann" + bytes(160))
    assert classify(folder, "open.xlsx", "--in-place") == 1
    assert "KX503" in capsys.readouterr().err


def test_usage_errors_exit_2(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Wrong usage is exit 2, with a did-you-mean."""
    assert run_command(["clasify"]) == 2
    assert "did you mean `kamxl classify`?" in capsys.readouterr().err
    assert run_command([]) == 2
    assert run_command(["run"]) == 2
    assert run_command(["run", str(folder / "book.xlsx"), "--as-of", "yesterday"]) == 2


def test_unknown_client(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A client that is not there is told with the nearest one."""
    write_book(folder / "book.xlsx", {"Clients": [["Client", "Revenue"], ["Atelier Nord", 1.0]]})
    assert run_command(["explain", str(folder / "book.xlsx"), "Atelier Nrd", "-r", str(folder / "rules.yml")]) == 1
    assert "did you mean `Atelier Nord`?" in capsys.readouterr().err


def test_no_name_is_nobodys(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A client without a name is not what an empty name asks for."""
    rows = [["Client", "Revenue", "Market"], ["A", 50.0, "Medical"], ["  ", 500.0, "Food"]]
    write_book(folder / "book.xlsx", {"Clients": rows})
    assert run_command(["explain", str(folder / "book.xlsx"), "", "-r", str(folder / "rules.yml")]) == 1
    assert "KX306" in capsys.readouterr().err


def test_headers_that_are_not_found_are_told_in_both_languages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The shipped rules answer to French headers, too, and say so; a header of two lines is one name in a message."""
    write_book(tmp_path / "book.xlsx", {"Feuille": [["Raison\nsociale", "Effectif"], ["A", 5.0]]})
    assert run_command(["run", str(tmp_path / "book.xlsx"), "--language", "fr"]) == 1
    told = capsys.readouterr().err
    assert "Client ID, No client" in told and "Raison sociale, Effectif" in told
    write_book(tmp_path / "book.xlsx", {"Feuille": [["N° client", "Effectif"], ["A", 5.0]]})
    assert run_command(["run", str(tmp_path / "book.xlsx"), "--language", "fr"]) == 0


def test_the_summary_counts_overrides_that_hold_and_those_that_do_not(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One with a reason, one without, one for a category that does not exist, one that is past its day."""
    head = ["Client", "Revenue", "Override", "Override reason", "Override by", "Override until"]
    rows: list[list[object]] = [
        head,
        ["A", 50.0, "Loyal", "agreed with the board", "Anne", None],
        ["B", 50.0, "Loyal", None, "Anne", None],
        ["C", 50.0, "Gold", "agreed", "Anne", None],
        ["D", 50.0, "Loyal", "agreed", "Anne", "2020-01-01"],
    ]
    write_book(folder / "book.xlsx", {"Clients": rows})
    assert classify(folder) == 0
    shown = capsys.readouterr()
    assert "Overrides applied: 1, not applied: 3" in shown.out
    assert shown.err.count("warning[KX407]") == 3


@pytest.mark.parametrize("command", ["check", "classify", "verify", "explain", "compare", "weights"])
def test_faults_are_told_in_french_to_whoever_works_in_french(
    folder: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    """By the option, or by the language of the rule file, which is the one that has the fault."""
    rules = folder / "rules.yml"
    book = str(folder / "book.xlsx")
    given = {"check": [], "weights": [], "explain": [book, "A"], "compare": [book, "--sensitivity", "10%"]}
    words = [command, *given.get(command, [book]), "-r", str(rules)]
    faulty = RULES.replace("weight: 1\n", "wieght: 1\n")
    told = {}
    for spoken, text, options in (
        ("en", faulty, []),
        ("fr", faulty, ["--language", "fr"]),
        ("rules fr", faulty.replace("kamxl: 1\n", "kamxl: 1\nlanguage: fr # ici\n"), []),
        ("option en", faulty.replace("kamxl: 1\n", "kamxl: 1\nlanguage: fr\n"), ["--language", "en"]),
    ):
        rules.write_text(text, encoding="utf-8")
        assert run_command([*words, *options]) == 1
        told[spoken] = capsys.readouterr().err
    french = "erreur[KX102] : clé inconnue `wieght` dans la famille `history`\n"
    assert "error[KX102]: unknown key `wieght` in family `history`\n" in told["en"] and "clé" not in told["en"]
    assert told["fr"].startswith(french) and "\n   = aide : vouliez-vous dire `weight` ?\n" in told["fr"]
    assert told["rules fr"].startswith(french) and "1 erreur" in told["rules fr"]
    assert told["option en"].startswith("error[KX102]: ")


def test_what_a_run_finds_is_told_in_the_language_of_the_rules(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = folder / "rules.yml"
    rules.write_text(RULES.replace("kamxl: 1\n", "kamxl: 1\nlanguage: fr\n"), encoding="utf-8")
    write_book(folder / "book.xlsx", {"Clients": [*GOOD, ["C", "douze", "Food"]]})
    assert classify(folder) == 1
    said = capsys.readouterr().err
    assert "erreur[KX402] : Revenue : un nombre est attendu ici, et non `douze`" in said
    assert "   = aide : corrigez la cellule, ou videz-la" in said


@pytest.mark.parametrize("name", ["sheet1.xml", "sheet2.xml", "sheet3.xml"])
def test_a_sheet_whose_bytes_are_damaged_is_told_before_anything_is_done(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """The client sheet, a sheet of a person and one of ours: also for who only reads."""
    people = [["Note"], *([f"text {number}"] for number in range(400))]
    write_book(folder / "book.xlsx", {"Clients": GOOD, "Notes": people})
    assert run_command(["dashboard", str(folder / "book.xlsx"), "-r", str(folder / "rules.yml"), "--in-place"]) == 0
    capsys.readouterr()
    content = bytearray((folder / "book.xlsx").read_bytes())
    with zipfile.ZipFile(folder / "book.xlsx") as book:
        entry = next(entry for entry in book.infolist() if entry.filename.endswith(f"/worksheets/{name}"))
    content[entry.header_offset + 30 + len(entry.filename) + len(entry.extra) + entry.compress_size // 2] ^= 0x55
    (folder / "book.xlsx").write_bytes(content)

    refused(folder, capsys, "error[KX501]", f"worksheets/{name}", "let Excel repair it")
    assert run_command(["explain", str(folder / "book.xlsx"), "A", "-r", str(folder / "rules.yml")]) == 1
    assert f"worksheets/{name}" in capsys.readouterr().err


def test_a_cell_at_the_far_end_of_a_sheet_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A stray cell in XFD1048576: no reader could hold the rectangle; before, the process was aborted."""
    write_book(folder / "book.xlsx", {"Clients": GOOD})
    book = openpyxl.load_workbook(folder / "book.xlsx")
    book["Clients"]["XFD1048576"] = 1
    book.save(folder / "book.xlsx")
    refused(folder, capsys, "error[KX501]", "stand so far apart", "Clients", "Ctrl+End")
