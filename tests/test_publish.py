"""Publishing: what a department may not see is nowhere in its file; notes come back, none is lost or overwritten."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import re
import shutil
import subprocess
import zipfile
from html import unescape
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from kamxl import app
from kamxl.app import Settings
from kamxl.brief import BRIEF_SHEET, brief_grid, find_stage, make_brief
from kamxl.commands.collect import run as run_collect
from kamxl.hosts.files import FileHost
from kamxl.hosts.grid_writer import grids_as_bytes
from kamxl.hosts.memory import MemoryHost
from kamxl.merging import base_marks, merge_notes, read_base
from kamxl.problems import KamxlError
from kamxl.process import ProcessBook, read_processes_text
from kamxl.publish import brief, collect, publish, write_page
from kamxl.table import Cell
from tests.portfolios import RULES, score_rows

PROCESSES = """
kamxl: 1
name: {en: Processes, fr: Processus}
stages:
  quoting: {en: Quoting, fr: Soumission}
  delivering: {en: Delivering, fr: Livraison}
departments:
  production: {label: {en: Production, fr: Production}, see: [client, category, process]}
  finance: {label: {en: Finance, fr: Finances}, see: [client, revenue, margin, category, process]}
  visitors: {label: {en: Visitors, fr: Visiteurs}, see: []}
processes:
  loyalty:
    label: {en: Loyalty, fr: Fidélisation}
    aim: {en: Keep them, fr: Les garder}
    instructions:
      production:
        quoting: {do: {en: Confirm the capacity, fr: Confirmer la capacité}, how: {en: By phone, fr: Par téléphone}}
        delivering: none
      finance:
        quoting: {do: {en: Check the secretbankcovenant, fr: Vérifier l'entente}}
        delivering: none
      visitors: {quoting: none, delivering: none}
  seduction:
    label: {en: Seduction, fr: Séduction}
    aim: {en: Win them, fr: Les gagner}
    instructions:
      production: {quoting: {do: {en: Make a sample, fr: Faire un échantillon}, checklist: [{en: Photo, fr: Photo}]}, delivering: none}
      finance: {quoting: none, delivering: none}
      visitors: {quoting: none, delivering: none}
  optimisation:
    label: {en: Optimisation, fr: Optimisation}
    aim: {en: Keep it simple, fr: Rester simple}
    instructions:
      production: {quoting: none, delivering: none}
      finance: {quoting: none, delivering: none}
      visitors: {quoting: none, delivering: none}
"""  # noqa: E501 - a process file as managers write it
# Values that no other number or text of a workbook resembles.
ROWS: list[list[Cell]] = [
    ["Acme", "active", "Secretsegmentia", 4711.5, 87654.25, 31337.75, 98765.5, 6543.25, 7.125, "Zanzibar Manager"],
    ["Beta", "active", "Secretsegmentia", 4712.5, 12345.25, 3133.75, 91919.5, 654.25, 6.125, "Zanzibar Manager"],
    ["Gamma*", "active", "Hiddenmarket", 4713.5, 2345.25, 313.75, 3456.5, 65.25, 5.125, "Yokohama Manager"],
]
HEADERS = ("Client", "Status", "Segment", "Employees", "Revenue", "Margin", "Spend", "Hours", "Fit", "Account lead")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    rules, processes = tmp_path / "rules.yml", tmp_path / "processes.yml"
    rules.write_text(RULES, encoding="utf-8")
    processes.write_text(PROCESSES, encoding="utf-8")
    return Settings(rules=rules, processes=processes)


@pytest.fixture
def book(tmp_path: Path, settings: Settings) -> Path:
    """A classified workbook, with a hidden sheet, a defined name and a comment that hold secrets."""
    source = tmp_path / "book.xlsx"
    workbook = xlsxwriter.Workbook(str(source))
    workbook.set_properties({"title": "Titlesecret", "company": "Companysecret"})
    sheet = workbook.add_worksheet("Clients")
    for number, row in enumerate([HEADERS, *ROWS]):
        for column, cell in enumerate(row):
            sheet.write(number, column, cell)
    sheet.write_comment("B2", "Commentsecret")
    hidden = workbook.add_worksheet("Margins")
    hidden.write("A1", "Hiddensheetsecret")
    hidden.hide()
    workbook.define_name("Namesecret", "=Margins!$A$1")
    workbook.close()
    target = tmp_path / "book.kam.xlsx"
    app.run(FileHost(source, target), settings)
    return target


def publish_one(book: Path, settings: Settings, department: str) -> Path:
    made, _ = publish(FileHost(book, book), settings, departments=[department], folder=book.parent, stem="book")
    return made[0].path


def all_text(path: Path) -> dict[str, str]:
    """Every part of a package as text, entities resolved, and every part name."""
    with zipfile.ZipFile(path) as package:
        parts = {name: unescape(package.read(name).decode("utf-8", "replace")) for name in package.namelist()}
    return {**parts, "names of parts": "\n".join(parts)}


def seen_by(row: list[Cell], allowed: tuple[str, ...]) -> list[str]:
    return [str(cell) for header, cell in zip(HEADERS, row, strict=True) if header not in allowed]


def test_no_secret_is_anywhere_in_a_published_workbook(book: Path, settings: Settings) -> None:
    """Every part is searched for every header and every value that the department may not see."""
    path = publish_one(book, settings, "production")
    secrets = {secret for row in ROWS for secret in seen_by(row, ("Client",))}
    secrets -= {"active"}
    secrets |= {"Employees", "Revenue", "Margin", "Spend", "Account lead", "Segment", "Hours"}
    secrets |= {
        "secretbankcovenant",
        "Commentsecret",
        "Hiddensheetsecret",
        "Namesecret",
        "Titlesecret",
        "Companysecret",
    }
    secrets |= {"Dormant", "Completeness", "Score", "History", "Potential", "Profile", "Margins", "book.xlsx"}
    outcome = app.score_host(FileHost(book, book), app.load_rulebook(settings), settings)[0]
    for name in ("dormant", "revenue", "margin"):
        secrets |= {f"{value:.15g}" for value in outcome.values[name] if value == value and value}
    secrets |= {f"{score:.6g}" for score in outcome.score if score == score}
    parts = all_text(path)
    assert any("Acme" in text for text in parts.values()), "the search does find what is there"
    assert any("Loyal" in text for text in parts.values())
    found = [
        (secret, name)
        for secret in secrets
        for name, text in parts.items()
        if re.search(rf"(?<![\w.]){re.escape(secret)}(?![\w.])", text)
        # Words of the format itself, such as <pageMargins>, are no headers.
        and not (name.startswith("xl/theme") or name == "xl/styles.xml")
    ]
    assert not found


def test_the_search_finds_what_another_department_may_see(book: Path, settings: Settings) -> None:
    """The same search on the workbook of finance finds its revenue: the test above can fail."""
    parts = all_text(publish_one(book, settings, "finance"))
    assert any("87654.25" in text for text in parts.values())
    assert not any("98765.5" in text for text in parts.values())


def test_a_published_workbook_has_nothing_hidden(book: Path, settings: Settings) -> None:
    path = publish_one(book, settings, "production")
    workbook = openpyxl.load_workbook(path)
    assert all(sheet.sheet_state == "visible" for sheet in workbook.worksheets)
    for sheet in workbook.worksheets:
        assert not [letters for letters, column in sheet.column_dimensions.items() if column.hidden]
    names = all_text(path)["names of parts"]
    for part in ("pivot", "comment", "externalLink", "connection", "vba", "query"):
        assert part not in names


def test_a_department_that_may_see_nothing_is_a_problem_and_the_others_are_made(book: Path, settings: Settings) -> None:
    made, outcome = publish(FileHost(book, book), settings, departments=[], folder=book.parent / "out", stem="b")
    assert [each.department for each in made] == ["production", "finance"]
    assert [(each.code, each.place.line) for each in outcome.problems if each.code == "KX227"] == [("KX227", 10)]
    assert sorted(path.name for path in (book.parent / "out").iterdir()) == ["b.finance.xlsx", "b.production.xlsx"]


def test_a_department_that_may_not_see_the_category_gets_no_sheet_arranged_by_it(
    book: Path, settings: Settings
) -> None:
    assert settings.processes is not None
    text = settings.processes.read_text(encoding="utf-8").replace("see: [client, category, process]", "see: [client]")
    settings.processes.write_text(text, encoding="utf-8")
    made, outcome = publish(FileHost(book, book), settings, departments=["production"], folder=book.parent, stem="b")
    assert made == () and outcome.has_errors
    assert "may not see `category` and `process`" in outcome.problems[0].message


def test_why_is_published_to_those_who_may_see_it_and_to_nobody_else(book: Path, settings: Settings) -> None:
    assert settings.processes is not None
    text = settings.processes.read_text(encoding="utf-8").replace(
        "margin, category", "margin, status, spend, fit, profile, history, potential, why, category"
    )
    settings.processes.write_text(text, encoding="utf-8")
    finance = all_text(publish_one(book, settings, "finance"))
    assert any("Strongest: Revenue" in part for part in finance.values())
    assert not any("trongest" in part for part in all_text(publish_one(book, settings, "production")).values())


def test_an_unknown_department_gets_a_guess(book: Path, settings: Settings) -> None:
    with pytest.raises(KamxlError, match="did you mean `production`"):
        publish(FileHost(book, book), settings, departments=["prodction"], folder=book.parent, stem="b")


def note(path: Path, sheet_name: str, client: str, text: Cell, *, header: str = "Notes") -> None:
    """A person types a note beside a client."""
    workbook = openpyxl.load_workbook(path)
    sheet = workbook[sheet_name]
    column = 0
    for row in sheet.iter_rows():
        headers = [cell.value for cell in row]
        if header in headers:
            column = headers.index(header) + 1
        if column and row[0].value == client:
            sheet.cell(row[0].row, column).value = text
            workbook.save(path)
            return
    raise AssertionError(f"{client} is not on {sheet_name}")


def read_note(path: Path, client: str) -> Cell:
    from kamxl.sheets import kept_notes

    return kept_notes(FileHost(path, path).read_sheet("KAM Production")).get(client, {}).get("notes")


def test_notes_come_back_and_a_second_collect_changes_nothing(book: Path, settings: Settings, tmp_path: Path) -> None:
    copy = publish_one(book, settings, "production")
    note(copy, "KAM Production", "Acme", "needs a new jig")
    for _ in range(2):
        found, outcome = collect(FileHost(book, book), settings, [copy])
        assert read_note(book, "Acme") == "needs a new jig"
    assert found[0].notes == ()
    assert not outcome.has_errors


def test_a_conflict_is_listed_and_the_book_keeps_its_text(
    book: Path, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = publish_one(book, settings, "production")
    other = tmp_path / "second.xlsx"
    shutil.copyfile(one, other)
    note(one, "KAM Production", "Acme", "from the first")
    note(other, "KAM Production", "Acme", "from the second")
    found, _ = collect(FileHost(book, book), settings, [one, other])
    assert [(each.outcome, each.ours, each.theirs) for copy in found for each in copy.notes] == [
        ("taken", None, "from the first"),
        ("conflict", "from the first", "from the second"),
    ]
    assert read_note(book, "Acme") == "from the first"
    assert read_note(other, "Acme") == "from the second"


def test_the_command_line_lists_conflicts_and_says_so(
    book: Path, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from kamxl.cli import run_command

    copy = publish_one(book, settings, "production")
    note(copy, "KAM Production", "Acme", "mine")
    note(book, "KAM Production", "Acme", "theirs")
    options = ["-r", str(settings.rules), "-p", str(settings.processes)]
    code = run_command(["collect", str(book), str(copy), "-o", str(tmp_path / "out.xlsx"), *options])
    assert code == 1
    shown = capsys.readouterr().out
    assert "Acme, notes `mine`: conflict, the book keeps `theirs`" in shown
    assert callable(run_collect)


def test_a_copy_of_another_book_is_refused(book: Path, settings: Settings, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.xlsx"
    workbook = xlsxwriter.Workbook(str(foreign))
    sheet = workbook.add_worksheet("Clients")
    sheet.write_row(0, 0, HEADERS)
    sheet.write_row(1, 0, ["Other", "active", "S", 1, 2, 3, 4, 5, 6, "x"])
    workbook.close()
    with pytest.raises(KamxlError, match="not made by `kamxl publish`") as caught:
        collect(FileHost(book, book), settings, [foreign])
    assert caught.value.problems[0].code == "KX510"
    classified = tmp_path / "foreign.kam.xlsx"
    app.run(FileHost(foreign, classified), settings)
    made, _ = publish(FileHost(classified, classified), settings, departments=["production"], folder=tmp_path, stem="f")
    before = book.read_bytes()
    with pytest.raises(KamxlError, match="made from another book"):
        collect(FileHost(book, book), settings, [made[0].path])
    assert book.read_bytes() == before


def test_a_copy_whose_sheet_was_renamed_or_saved_by_another_program_comes_back(
    book: Path, settings: Settings, tmp_path: Path
) -> None:
    copy = publish_one(book, settings, "production")
    note(copy, "KAM Production", "Acme", "needs a new jig")
    workbook = openpyxl.load_workbook(copy)
    workbook["KAM Production"].title = "My list"
    workbook.save(copy)
    found, _ = collect(FileHost(book, tmp_path / "out.xlsx"), settings, [copy])
    assert [(each.client, each.outcome) for each in found[0].notes] == [("Acme", "taken")]


@pytest.mark.office
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_a_copy_saved_by_libreoffice_still_knows_its_book_and_what_it_held(
    book: Path, settings: Settings, tmp_path: Path
) -> None:
    note(book, "KAM Production", "Acme", "first")
    note(book, "KAM Production", "Beta", "stays")
    copy = publish_one(book, settings, "production")
    note(copy, "KAM Production", "Acme", "first, and more")
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir"]
    subprocess.run([*command, str(tmp_path / "saved"), str(copy)], check=True, capture_output=True, timeout=120)
    found, _ = collect(FileHost(book, tmp_path / "out.xlsx"), settings, [tmp_path / "saved" / copy.name])
    assert [(each.client, each.outcome) for each in found[0].notes] == [("Acme", "updated")]


def test_a_copy_that_lost_its_columns_for_people_is_refused(book: Path, settings: Settings, tmp_path: Path) -> None:
    copy = publish_one(book, settings, "production")
    workbook = openpyxl.load_workbook(copy)
    for row in workbook["KAM Production"].iter_rows():
        for cell in row:
            if cell.value in ("Done", "Notes"):
                cell.value = "Remark"
    workbook.save(copy)
    with pytest.raises(KamxlError, match="no table with the columns Done and Notes"):
        collect(FileHost(book, tmp_path / "out.xlsx"), settings, [copy])
    assert not (tmp_path / "out.xlsx").exists()


def test_blank_rows_of_the_book_are_no_clients_of_a_department(book: Path, settings: Settings, tmp_path: Path) -> None:
    source = tmp_path / "gaps.xlsx"
    workbook = xlsxwriter.Workbook(str(source))
    sheet = workbook.add_worksheet("Clients")
    for number, row in zip((0, 1, 3, 5), [HEADERS, *ROWS], strict=True):
        sheet.write_row(number, 0, row)
    workbook.close()
    assert settings.processes is not None
    text = settings.processes.read_text(encoding="utf-8").replace("margin, category", "margin, score, category")
    settings.processes.write_text(text, encoding="utf-8")
    copy = publish_one(source, settings, "finance")
    shown = [cell for row in FileHost(copy, copy).read_sheet("KAM Finance") for cell in row if cell is not None]
    assert {"Acme", "Beta", "Gamma*"} <= set(shown) and "Not classified" not in shown
    assert sum(str(cell).startswith("Small · Optimisation · 1 client") for cell in shown) == 1


def test_a_copy_with_notes_that_were_not_collected_is_not_written_over(book: Path, settings: Settings) -> None:
    copy = publish_one(book, settings, "production")
    note(copy, "KAM Production", "Acme", "typed on Tuesday")
    before = copy.read_bytes()
    made, outcome = publish(FileHost(book, book), settings, departments=[], folder=book.parent, stem="book")
    assert [each.department for each in made] == ["finance"]
    told = [each for each in outcome.problems if each.code == "KX512"]
    assert len(told) == 1 and "`Acme`" in told[0].message and "kamxl collect" in told[0].help
    assert copy.read_bytes() == before
    collect(FileHost(book, book), settings, [copy])
    assert publish_one(book, settings, "production") == copy and read_note(copy, "Acme") == "typed on Tuesday"


@pytest.mark.parametrize("folder", ["a file", "a file/below it"])
def test_a_folder_that_is_none_is_a_problem(book: Path, settings: Settings, folder: str) -> None:
    (book.parent / "a file").write_text("here")
    with pytest.raises(KamxlError, match="cannot be saved in this folder") as caught:
        publish(FileHost(book, book), settings, departments=[], folder=book.parent / folder, stem="b")
    assert [each.code for each in caught.value.problems] == ["KX504"]


@pytest.mark.parametrize("content", [b"not a workbook", b""])
def test_a_file_that_is_no_copy_is_not_written_over(book: Path, settings: Settings, content: bytes) -> None:
    stranger = book.parent / "book.production.xlsx"
    stranger.write_bytes(content)
    made, outcome = publish(FileHost(book, book), settings, departments=["production"], folder=book.parent, stem="book")
    assert made == () and stranger.read_bytes() == content
    assert [each.code for each in outcome.problems if each.code.startswith("KX5")] == ["KX512"]


def test_the_copy_of_another_department_or_book_is_not_written_over(book: Path, settings: Settings) -> None:
    finance = publish_one(book, settings, "finance")
    target = book.parent / "book.production.xlsx"
    shutil.copyfile(finance, target)
    made, outcome = publish(FileHost(book, book), settings, departments=["production"], folder=book.parent, stem="book")
    assert made == () and target.read_bytes() == finance.read_bytes()
    assert (
        "stands where that of `production`" in next(each for each in outcome.problems if each.code == "KX512").message
    )


def test_a_note_of_a_client_that_left_is_kept(book: Path, settings: Settings, tmp_path: Path) -> None:
    copy = publish_one(book, settings, "production")
    note(copy, "KAM Production", "Acme", "called on Monday")
    note(copy, "KAM Production", "Beta", "likes blue")
    workbook = openpyxl.load_workbook(book)
    workbook["Clients"]["A3"] = "Newcomer"
    workbook.save(book)
    _, outcome = collect(FileHost(book, book), settings, [copy])
    assert read_note(book, "Beta") == "likes blue"
    assert [each.code for each in outcome.problems if each.code == "KX306"] == ["KX306"]


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "outcome", "kept"),
    [
        (None, None, "new", "taken", "new"),
        (None, "old", "new", "conflict", "old"),
        ("old", "old", "new", "updated", "new"),
        ("old", "newer", "new", "conflict", "newer"),
        ("old", "newer", "old", None, "newer"),
        ("old", None, "old", None, None),
        ("old", "old", None, "cleared", "old"),
        (None, "mine", None, None, "mine"),
        ("old", "same", "same", None, "same"),
    ],
)
def test_three_way_merge(base: Cell, ours: Cell, theirs: Cell, outcome: str | None, kept: Cell) -> None:
    def notes(cell: Cell) -> dict[str, dict[str, Cell]]:
        return {} if cell is None else {"Acme": {"notes": cell}}

    marks = read_base(base_marks(notes(base)))
    merged, told = merge_notes(notes(ours), notes(theirs), marks)
    assert [each.outcome for each in told] == ([outcome] if outcome else [])
    assert merged.get("Acme", {}).get("notes") == kept


def test_many_marks_survive_the_limit_of_a_property() -> None:
    notes: dict[str, dict[str, Cell]] = {f"Client {n}": {"notes": f"note {n}", "done": "x"} for n in range(300)}
    marks = base_marks(notes)
    assert all(len(text) <= 255 for text in marks.values()) and len(read_base(marks)) == 600


def processes() -> ProcessBook:
    found, problems = read_processes_text(PROCESSES)
    assert found is not None, problems
    return found


def test_brief_tells_every_department(book: Path, settings: Settings) -> None:
    found, _ = brief(FileHost(book, book), settings, "acme", "Soumission")
    assert (found.category, found.process, found.stage) == ("Loyal", "Loyalty", "Quoting")
    assert found.departments[0].texts[:2] == ("Confirm the capacity", "By phone")
    with pytest.raises(KamxlError, match="did you mean `quoting`"):
        brief(FileHost(book, book), settings, "Acme", "quotin")
    with pytest.raises(KamxlError, match="did you mean `Acme`"):
        brief(FileHost(book, book), settings, "Acmee", "quoting")
    assert find_stage(processes(), "delivering") == "delivering"


def test_clients_without_numbers_are_known_by_their_names(tmp_path: Path) -> None:
    """A list with names only is explained, briefed, published and collected like any other."""
    source, target = tmp_path / "list.csv", tmp_path / "list.xlsx"
    source.write_text("Client,Status,Revenue,Gross margin\nAcme,active,100000,30000\nBeta,active,5000,300\n")
    app.run(FileHost(source, target), Settings())
    explanation, _ = app.explain(FileHost(target, target), Settings(), "beta")
    assert explanation.client == "Beta"
    assert brief(FileHost(target, target), Settings(), "acme", "quoting")[0].client == "Acme"
    made, _ = publish(FileHost(target, target), Settings(), departments=["quotes"], folder=tmp_path, stem="list")
    note(made[0].path, "KAM Quotes", "Beta", "call back")
    found, _ = collect(FileHost(target, target), Settings(), [made[0].path])
    assert [(each.client, each.outcome) for each in found[0].notes] == [("Beta", "taken")]


def test_brief_sheet_has_two_drop_downs_and_plain_formulas(tmp_path: Path) -> None:
    scored = score_rows(HEADERS, ROWS, tmp_path)
    grid = brief_grid(scored, processes(), language="en", stamp="stamp")
    sheet = openpyxl.load_workbook(io.BytesIO(grids_as_bytes([grid])))[BRIEF_SHEET]
    assert len(sheet.data_validations.dataValidation) == 2
    texts = [cell.value for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    formulas = [text for text in texts if text.startswith("=")]
    assert len(formulas) == 2 + 5 * 3
    assert not re.search(r"KAM_|LAMBDA|XLOOKUP|FILTER", " ".join(formulas))
    first = make_brief(scored, processes(), app.find_row(scored, "Acme"), "quoting", language="en")
    cached = openpyxl.load_workbook(io.BytesIO(grids_as_bytes([grid])), data_only=True)[BRIEF_SHEET]
    shown = {cell.value for row in cached.iter_rows() for cell in row}
    assert {first.category, first.process, *first.departments[0].texts[:2]} <= shown


@pytest.mark.parametrize("rows", [[], [[None] * 10], [[None, "active", *[None] * 8]]])
def test_brief_sheet_of_nobody_is_still_a_sheet(rows: list[list[Cell]], tmp_path: Path) -> None:
    grids_as_bytes([brief_grid(score_rows(HEADERS, rows, tmp_path), processes(), language="fr", stamp="")])


def test_the_page_is_written_and_the_workbook_left_alone(book: Path, settings: Settings, tmp_path: Path) -> None:
    before = book.read_bytes()
    outcome = write_page(FileHost(book, book), settings, tmp_path / "deep" / "page.html")
    assert "<svg" in (tmp_path / "deep" / "page.html").read_text(encoding="utf-8")
    assert book.read_bytes() == before and not outcome.has_errors


@pytest.mark.parametrize(
    "rows",
    [
        [["History"], ["(kamxl history format 99)"], [], ["Date", "Client", "Event", "Category", "Score"]],
        [["My own notes"], ["buy milk"]],
    ],
)
def test_a_history_that_is_not_ours_to_read_is_left_as_it_is(rows: list[list[Cell]], settings: Settings) -> None:
    """The run goes on, says so, and does not touch the sheet."""
    host = MemoryHost({"Clients": [list(HEADERS), *ROWS], "KAM History": rows})
    outcome = app.run(host, settings)
    assert host.sheets["KAM History"] == rows
    assert "KAM History" not in outcome.sheets and "KAM Dashboard" in outcome.sheets
    assert [each.severity.word for each in outcome.problems if each.code == "KX509"] == ["warning"]


def test_a_run_writes_its_history_and_the_next_one_shows_the_trend(
    book: Path, settings: Settings, tmp_path: Path
) -> None:
    later = dataclasses.replace(settings, as_of=dt.date(2026, 12, 31))
    workbook = openpyxl.load_workbook(book)
    workbook["Clients"]["E3"], workbook["Clients"]["G3"] = 90_000, 250_000
    workbook.save(book)
    second = tmp_path / "second.kam.xlsx"
    outcome = app.run(FileHost(book, second), later)
    assert {"KAM Dashboard", "KAM Movement", "KAM Brief", "KAM History"} <= set(outcome.sheets)
    sheet = openpyxl.load_workbook(second)["Clients"]
    headers = {cell.value: cell.column for cell in sheet[1]}
    assert str(sheet.cell(3, headers["Trend"]).value).startswith("▲ +")
    assert sheet.cell(3, headers["Previous category"]).value == "High potential until 2026-12-31"
    history = FileHost(second, second).read_sheet("KAM History")
    assert [row[1] for row in history[4:8]] == ["Acme", "Beta", "Gamma*", "Beta"]
    third = tmp_path / "third.kam.xlsx"
    app.run(FileHost(second, third), later)
    assert FileHost(third, third).read_sheet("KAM History") == history
