"""A book full of hiding places is published: nothing that a department may not see is in its file, in any writing."""

from __future__ import annotations

import base64
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl
import pytest
import xlsxwriter

from kamxl import app
from kamxl.app import Settings
from kamxl.hosts.files import FileHost
from kamxl.language.expression import names_in
from kamxl.language.model import Derived
from kamxl.problems import Severity
from kamxl.publish import collect, publish
from kamxl.shipped import shipped
from kamxl.table import Cell
from tests.portfolios import RULES

# Headers that are no words of the file format, so that every occurrence is a leak.
SECRET_HEADERS = ("Qnumber", "Qsegment", "Qstaff", "Qturnover", "Qprofit", "Qbudget", "Qeffort", "Qmark", "Qlead")
HEADERS = ("Qnumber", "Client", "Status", "Qsegment", "Qstaff", "Qturnover", "Qprofit", "Qbudget", "Qeffort", "Qmark")
ROWS: list[list[Cell]] = [
    ["ID-771", "Acme", "active", "Zsegmentia", 4711.5, 87654.25, 31337.75, 98765.5, 6543.25, 7.125],
    ["ID-772", "Beta", "active", "Zsegmentia", 4712.5, 12345.25, 3133.75, 191919.5, 654.25, 6.125],
    ["ID-773", "Gamma*", "prospect", "Zmarket", 4713.5, None, None, 3456.5, 65.25, 9.125],
]
LEADS = ("Zanzibar Müller", "Yokohama O'Brien & Co", "Xanadu <Smith>")
LEAK_RULES = (
    RULES.replace("headers: [Client], kind: text, role: id", "headers: [Client], kind: text, role: name")
    .replace("columns:\n", "columns:\n  number: {headers: [Qnumber], kind: text, role: id, label: Qnumber}\n", 1)
    .replace("headers: [Segment]", "label: Qsegment, headers: [Qsegment]")
    .replace("headers: [Employees]", "label: Qstaff, headers: [Qstaff]")
    .replace("headers: [Revenue]", "label: Qturnover, headers: [Qturnover]")
    .replace("headers: [Margin]", "label: Qprofit, headers: [Qprofit]")
    .replace("headers: [Spend]", "label: Qbudget, headers: [Qbudget]")
    .replace("headers: [Hours]", "label: Qeffort, headers: [Qeffort]")
    .replace("headers: [Fit]", "label: Qmark, headers: [Qmark]")
    .replace("when: history >= 60,", "when: revenue >= 50000,")
)
PROCESSES = """
kamxl: 1
name: Processes
stages: {quoting: Quoting}
departments:
  production: {label: Production, see: [number, client, category, process]}
  workshop: {label: Workshop, see: [client, category, process]}
  reception: {label: Reception, see: [segment, category, process]}
  clerk: {label: Clerk, see: [number, client, category, process, why, next]}
  board: {label: Board, see: [number, client, status, revenue, margin, spend, fit, profile, history, potential,
                             category, process, why, next]}
processes:
  loyalty: {label: Loyalty, aim: Keep them, instructions: {INSTRUCTIONS, board: {quoting: {do: Zboardinstruction}}}}
  seduction: {label: Seduction, aim: Win them, instructions: {INSTRUCTIONS, board: {quoting: none}}}
  optimisation: {label: Optimisation, aim: Keep it simple, instructions: {INSTRUCTIONS, board: {quoting: none}}}
""".replace(
    "INSTRUCTIONS", ", ".join(f"{key}: {{quoting: none}}" for key in ("production", "workshop", "reception", "clerk"))
)
HIDDEN_TEXTS = (
    "Zcomment", "Zthread", "Zhiddensheet", "Zname", "Ztitle", "Zcompany", "Zcustomproperty", "Zpivotcache",
    "Zexternallink", "Zcustomxml", "Zvalidation", "Zinput", "Zheader", "Zquery", "Zconnection", "Zimage", "Zmacro",
    "Zextension", "Zformula", "Zveryhidden", "Zperson", "Zboardinstruction", "Ztextbox", "Znumberformat", "Zlinktip",
)  # fmt: skip
# What is put into the package by hand: part, text, type of content or "" for one by extension.
PARTS = (
    ("xl/pivotCache/pivotCacheDefinition1.xml",
     '<pivotCacheDefinition xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cacheFields count="1">'
     '<cacheField name="Qturnover"><sharedItems><s v="Zpivotcache"/><n v="87654.25"/></sharedItems></cacheField>'
     "</cacheFields></pivotCacheDefinition>", "spreadsheetml.pivotCacheDefinition+xml"),
    ("xl/externalLinks/externalLink1.xml",
     '<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><externalBook><sheetDataSet>'
     '<sheetData sheetId="0"><row r="1"><cell r="A1"><v>Zexternallink</v></cell></row></sheetData></sheetDataSet>'
     "</externalBook></externalLink>", "spreadsheetml.externalLink+xml"),
    ("xl/connections.xml",
     '<connections xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><connection id="1" type="1" '
     'name="Zconnection" refreshedVersion="3"><dbPr connection="SELECT Qprofit"/></connection></connections>',
     "spreadsheetml.connections+xml"),
    ("xl/queryTables/queryTable1.xml",
     '<queryTable xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" name="Zquery" connectionId="1"/>',
     "spreadsheetml.queryTable+xml"),
    ("xl/persons/person.xml",
     '<personList xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"><person '
     'displayName="Zperson" id="{00000000-0000-0000-0000-000000000001}"/></personList>', ""),
    ("xl/threadedComments/threadedComment1.xml",
     '<ThreadedComments xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments">'
     '<threadedComment ref="B2" id="{00000000-0000-0000-0000-000000000002}"><text>Zthread</text></threadedComment>'
     "</ThreadedComments>", ""),
    ("customXml/item1.xml", "<secrets><value>Zcustomxml</value></secrets>", ""),
)  # fmt: skip
_MAIN = "application/vnd.openxmlformats-officedocument."


def _picture() -> bytes:
    """A PNG of one pixel with a text in it."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    text = chunk(b"tEXt", b"Comment\0Zimage")
    return b"\x89PNG\r\n\x1a\n" + header + text + chunk(b"IDAT", zlib.compress(b"\0\0\0\0")) + chunk(b"IEND", b"")


def _write_book(path: Path) -> None:
    """The clients, and a secret in every place where a workbook can keep one."""
    book = xlsxwriter.Workbook(str(path))
    book.set_properties({"title": "Ztitle", "company": "Zcompany"})
    book.set_custom_property("Owner", "Zcustomproperty")
    sheet = book.add_worksheet("Clients")
    for number, row in enumerate([[*HEADERS, "Qlead"], *([*row, lead] for row, lead in zip(ROWS, LEADS, strict=True))]):
        for column, cell in enumerate(row):
            sheet.write(number, column, cell)
    sheet.set_column(6, 6, 9, None, {"hidden": True})
    sheet.set_row(3, 15, None, {"hidden": True})
    sheet.write_comment("B2", "Zcomment", {"author": "Zperson"})
    sheet.data_validation(
        "D2:D9", {"validate": "list", "source": ["Zvalidation", "Zsegmentia"], "input_title": "Zinput"}
    )
    sheet.conditional_format("F2:F4", {"type": "data_bar", "data_bar_2010": True})
    sheet.set_header("&CZheader")
    sheet.insert_textbox("BC2", "Ztextbox")
    sheet.insert_image("BC9", "z.png", {"image_data": io.BytesIO(_picture())})
    sheet.write_formula("BA60", '=IF(1,"Zformula",0)', None, "Zformula")
    sheet.write("BA61", 5, book.add_format({"num_format": '0" Znumberformat"'}))
    sheet.write_url("BA62", "internal:Clients!A1", tip="Zlinktip")
    hidden = book.add_worksheet("Zhiddensheet")
    hidden.write("A1", "Zveryhidden")
    hidden.very_hidden()
    book.define_name("Zname", "=Zhiddensheet!$A$1")
    book.close()
    _add_parts(path)


def _add_parts(path: Path) -> None:
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    types, relations = "", ""
    for number, (name, text, kind) in enumerate(PARTS, start=90):
        parts[name] = text.encode()
        if kind:
            types += f'<Override PartName="/{name}" ContentType="{_MAIN}{kind}"/>'
        target = name.removeprefix("xl/") if name.startswith("xl/") else f"/{name}"
        relations += f'<Relationship Id="rId{number}" Type="http://example.org/{number}" Target="{target}"/>'
    parts["xl/vbaProject.bin"] = b"\xd0\xcf\x11\xe0" + b"Zmacro" + "Zmacro".encode("utf-16-le")
    types += '<Override PartName="/xl/vbaProject.bin" ContentType="application/vnd.ms-office.vbaProject"/>'
    extension = '<ext uri="{00000000-0000-0000-0000-00000000000A}"><a xmlns="urn:z">Zextension</a></ext>'
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b"</extLst>", extension.encode() + b"</extLst>")
    listed = "[Content_Types].xml", "xl/_rels/workbook.xml.rels"
    parts[listed[0]] = parts[listed[0]].replace(b"</Types>", types.encode() + b"</Types>")
    parts[listed[1]] = parts[listed[1]].replace(b"</Relationships>", relations.encode() + b"</Relationships>")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, body in parts.items():
            package.writestr(name, body)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("rules")
    rules, processes = folder / "rules.yml", folder / "processes.yml"
    rules.write_text(LEAK_RULES, encoding="utf-8")
    processes.write_text(PROCESSES, encoding="utf-8")
    return Settings(rules=rules, processes=processes)


@pytest.fixture(scope="module")
def book(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = tmp_path_factory.mktemp("book") / "book.xlsx"
    _write_book(source)
    target = source.with_name("book.kam.xlsx")
    app.run(FileHost(source, target), settings)
    return target


@pytest.fixture(scope="module")
def published(book: Path, settings: Settings) -> dict[str, Path]:
    folder = book.parent / "out"
    made, _ = publish(FileHost(book, book), settings, departments=[], folder=folder, stem="book")
    return {each.department: each.path for each in made}


def contents(path: Path) -> Iterator[tuple[str, bytes]]:
    """Every part, inflated, packages in packages too; then the names of the parts, and the file itself."""
    yield "the file", path.read_bytes()
    yield from _inside(path.read_bytes(), "")


def _inside(body: bytes, place: str) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(body)) as package:
        for entry in package.infolist():
            part = package.read(entry)
            yield f"{place}/{entry.filename}", part
            yield f"{place}/{entry.filename} (its entry)", entry.filename.encode() + entry.comment + entry.extra
            if zipfile.is_zipfile(io.BytesIO(part)):
                yield from _inside(part, f"{place}/{entry.filename}")


def writings(secret: Cell) -> set[bytes]:
    """How a secret may stand in a file: as text, escaped, in other encodings; a number also rounded and grouped."""
    texts = {str(secret)}
    if isinstance(secret, float):
        texts = {f"{secret:.15g}", f"{secret:.17g}", f"{secret:,.2f}", f"{secret:.2f}".replace(".", ",")}
        texts |= {f"{secret:.0f}", f"{secret:,.0f}", f"{secret:,.0f}".replace(",", "\u202f")} if secret > 999 else set()
    texts |= {escape(text, {'"': "&quot;", "'": "&apos;"}) for text in texts} | {escape(text) for text in texts}
    texts |= {"".join(f"&#{ord(sign)};" for sign in text) for text in texts}
    found = {text.encode(encoding) for text in texts for encoding in ("utf-8", "utf-16-le", "utf-16-be")}
    return found | {base64.b64encode(text.encode())[:-4] for text in texts if len(text) > 5}


def leaks(path: Path, secrets: Sequence[Cell]) -> list[tuple[Cell, str]]:
    """(secret, part) of everything that is found, in whatever case it is written."""
    wanted = [(secret, writing.lower()) for secret in secrets for writing in writings(secret)]
    return [
        (secret, name)
        for name, body in contents(path)
        if name != "the file" or not zipfile.is_zipfile(path)
        for secret, writing in wanted
        if writing in body.lower()
    ]


def secrets_of(book: Path, settings: Settings, *, identifiers: bool) -> list[Cell]:
    """Every value and header beside the names of the clients; also everything that a run computes."""
    scored = app.score_host(FileHost(book, book), app.load_rulebook(settings), settings)[0]
    cells: list[Cell] = [cell for row in ROWS for cell in row[3:] if cell is not None]
    cells += [*SECRET_HEADERS[1:], *HIDDEN_TEXTS, *LEADS]
    if identifiers:
        cells += ["Qnumber", *(row[0] for row in ROWS)]
    computed = [*scored.score, *(points for family in scored.families.values() for points in family)]
    computed += list(scored.values["dormant"])
    numbers = {float(value) for value in computed if value == value and value not in (0.0, 100.0, None)}
    return [*cells, *(number for number in numbers if not number.is_integer() or number > 999)]


def test_the_search_finds_every_secret_in_the_book_itself(book: Path, settings: Settings) -> None:
    """The same search, on the book that the copies are made from: it finds each hiding place, so it can fail."""
    found = {secret for secret, _ in leaks(book, [*HIDDEN_TEXTS, *SECRET_HEADERS, *LEADS])}
    # The instruction of the board stands in its sheet; all others were put there above.
    assert found == {*HIDDEN_TEXTS, *SECRET_HEADERS, *LEADS}


@pytest.mark.parametrize(
    ("department", "sees_identifier"), [("production", True), ("workshop", False), ("clerk", True)]
)
def test_nothing_secret_is_in_any_part_in_any_writing(
    department: str, sees_identifier: bool, book: Path, settings: Settings, published: dict[str, Path]
) -> None:
    path = published[department]
    assert leaks(path, ["Acme"]) and leaks(path, ["Loyalty"]), "what may be seen is found"
    assert bool(leaks(path, ["Qnumber"])) is sees_identifier
    assert leaks(path, secrets_of(book, settings, identifiers=not sees_identifier)) == []


def test_a_published_workbook_holds_only_parts_of_its_own(published: dict[str, Path]) -> None:
    """Worksheets, their tables, styles, texts, theme, properties: no other kind of part, nothing hidden."""
    known = re.compile(
        r"\[Content_Types\]\.xml|_rels/\.rels|docProps/(app|core|custom)\.xml|xl/(workbook|styles|sharedStrings)\.xml"
        r"|xl/_rels/workbook\.xml\.rels|xl/theme/theme1\.xml|xl/worksheets/(_rels/)?sheet\d\.xml(\.rels)?"
        r"|xl/tables/table\d\.xml"
    )
    for path in published.values():
        with zipfile.ZipFile(path) as package:
            assert [name for name in package.namelist() if not known.fullmatch(name)] == []
        workbook = openpyxl.load_workbook(path)
        assert all(sheet.sheet_state == "visible" for sheet in workbook.worksheets)
        for sheet in workbook.worksheets:
            assert not [letter for letter, column in sheet.column_dimensions.items() if column.hidden]
            assert not [number for number, row in sheet.row_dimensions.items() if row.hidden]


def test_reasons_that_tell_hidden_figures_are_left_out_and_a_warning_says_so(
    book: Path, settings: Settings, published: dict[str, Path]
) -> None:
    """`when: revenue >= 50000` makes Why write the revenue: the board may read it, the clerk may not."""
    assert leaks(published["board"], ["Qturnover 87,654.3", "Strongest"])
    assert not leaks(published["clerk"], ["Strongest", "Qturnover"])
    _, outcome = publish(FileHost(book, book), settings, departments=["clerk"], folder=book.parent / "x", stem="b")
    told = {each.message[:5]: each for each in outcome.problems if each.code == "KX227"}
    assert {each.severity for each in told.values()} == {Severity.WARNING} and set(told) == {"`why`", "`next"}
    assert "is left out" in told["`why`"].message and "`revenue`" in told["`why`"].message
    _, quiet = publish(FileHost(book, book), settings, departments=["board"], folder=book.parent / "x", stem="b")
    assert not [each for each in quiet.problems if each.code == "KX227"]


def test_a_department_that_cannot_tell_clients_apart_gets_no_workbook(
    book: Path, settings: Settings, published: dict[str, Path]
) -> None:
    assert "reception" not in published
    _, outcome = publish(FileHost(book, book), settings, departments=["reception"], folder=book.parent, stem="b")
    assert [each.code for each in outcome.problems if each.severity is Severity.ERROR] == ["KX227"]
    assert "tells the clients apart" in outcome.problems[0].message and "`number`" in outcome.problems[0].help


def test_two_clients_of_one_name_are_not_told_apart_by_a_number_that_may_not_be_seen(
    settings: Settings, tmp_path: Path
) -> None:
    source = tmp_path / "twins.xlsx"
    book = xlsxwriter.Workbook(str(source))
    sheet = book.add_worksheet("Clients")
    for number, row in enumerate([HEADERS, *ROWS, ["ID-774", "acme ", *ROWS[0][2:]]]):
        sheet.write_row(number, 0, row)
    book.close()
    made, outcome = publish(FileHost(source, source), settings, departments=["workshop"], folder=tmp_path, stem="t")
    assert made == () and [each.code for each in outcome.problems if each.code == "KX227"] == ["KX227"]


def test_notes_of_a_department_that_knows_only_names_come_back(
    book: Path, settings: Settings, published: dict[str, Path], tmp_path: Path
) -> None:
    copy = openpyxl.load_workbook(published["workshop"])
    sheet = copy["KAM Workshop"]
    row = next(cells[0].row for cells in sheet.iter_rows() if cells[0].value == "Beta")
    header = next(cells for cells in sheet.iter_rows(max_row=row) if "Notes" in [cell.value for cell in cells])
    column = [cell.value for cell in header].index("Notes") + 1
    sheet.cell(row, column).value = "=HYPERLINK(1) is no formula"
    sheet.cell(row, column).data_type = "s"
    copy.save(tmp_path / "copy.xlsx")
    _, outcome = collect(FileHost(book, tmp_path / "out.xlsx"), settings, [tmp_path / "copy.xlsx"])
    assert not [each for each in outcome.problems if each.code in ("KX306", "KX510")]
    made, _ = publish(
        FileHost(tmp_path / "out.xlsx", tmp_path / "out.xlsx"), settings, departments=["workshop"], folder=tmp_path,
        stem="again",
    )  # fmt: skip
    again = openpyxl.load_workbook(made[0].path)["KAM Workshop"]
    cells_with_note = [
        cell for cells in again.iter_rows() for cell in cells if cell.value == sheet.cell(row, column).value
    ]
    assert [cell.data_type for cell in cells_with_note] == ["s"], "a text that begins with = stays a text"


def test_notes_written_beside_a_number_move_to_the_name_when_the_number_is_hidden(
    settings: Settings, tmp_path: Path
) -> None:
    """A note beside ID-772; then the department may see names only: the note comes with Beta, the number does not."""
    assert settings.rules is not None and settings.processes is not None
    processes = tmp_path / "processes.yml"
    text = settings.processes.read_text(encoding="utf-8")
    seeing = text.replace(
        "workshop: {label: Workshop, see: [client", "workshop: {label: Workshop, see: [number, client"
    )
    assert seeing != text
    processes.write_text(seeing, encoding="utf-8")
    own = Settings(rules=settings.rules, processes=processes)
    source, book = tmp_path / "source.xlsx", tmp_path / "book.xlsx"
    _write_book(source)
    app.run(FileHost(source, book), own)
    workbook = openpyxl.load_workbook(book)
    sheet = workbook["KAM Workshop"]
    header, people = next(
        (row[0].row, [cell.value for cell in row]) for row in sheet.iter_rows() if row[0].value == "Qnumber"
    )
    for row in sheet.iter_rows(min_row=header + 1):
        if row[0].value == "ID-772":
            row[people.index("Notes")].value = "wants blue"
    row = sheet.max_row + 3
    for number, cells in enumerate((["Qnumber", "Done", "Notes"], ["ID-999", None, "left in May"])):
        for column, cell in enumerate(cells, start=1):
            sheet.cell(row + number, column).value = cell
    workbook.save(book)
    processes.write_text(text, encoding="utf-8")
    made, _ = publish(FileHost(book, book), own, departments=["workshop"], folder=tmp_path, stem="b")
    assert leaks(made[0].path, ["wants blue"]) and not leaks(made[0].path, ["ID-772", "ID-999", "left in May"])
    shown = openpyxl.load_workbook(made[0].path)["KAM Workshop"]
    assert [row[0].value for row in shown.iter_rows() if "wants blue" in [cell.value for cell in row]] == ["Beta"]
    found, _ = collect(FileHost(book, book), own, [made[0].path])
    assert found[0].notes == ()
    kept = [[cell for cell in row if cell] for row in FileHost(book, book).read_sheet("KAM Workshop")]
    assert ["ID-999", "left in May"] in kept and any({"Beta", "wants blue"} <= set(map(str, row)) for row in kept)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_hidden_number_of_the_demo_is_in_the_workbook_of_any_department(language: str, tmp_path: Path) -> None:
    """120 clients, seven departments, the shipped files: every figure that a department may not see, searched for."""
    settings = Settings(language=language)
    host = FileHost(shipped("workbook", "demo.xlsx"), tmp_path / "unused.xlsx")
    made, _ = publish(host, settings, departments=[], folder=tmp_path, stem="demo")
    rulebook = app.load_rulebook(settings)
    scored = app.score_host(host, rulebook, settings)[0]
    figures = {**scored.values, **scored.families, "score": scored.score, "completeness": scored.completeness}
    numbers = {key: {float(value) for value in column if isinstance(value, float)} for key, column in figures.items()}
    assert len(made) == len(rulebook.processes.departments)
    for each in made:
        see = next(found.see for found in rulebook.processes.departments if found.key == each.department)
        allowed = {*see, *(derived.key for derived in scored.plan.rules.derived if not told_by_parts(derived, see))}
        seen = set().union(*(numbers[key] for key in allowed if key in numbers))
        hidden = set().union(*(found for key, found in numbers.items() if key not in allowed)) - seen
        # Small whole numbers stand in every file.
        hidden = {value for value in hidden if value == value and (abs(value) >= 10_000 or not value.is_integer())}
        body = b"\n".join(part for name, part in contents(each.path) if "/sheet" in name or "/shared" in name)
        written = set(re.findall(rb"(?<![\w.#])-?\d+(?:[.,]\d+)*(?!\w)", body))
        forms = {form for value in hidden for form in (f"{value:.15g}", f"{value:.17g}", f"{value:,.0f}")}
        # Of three digits or fewer, one number is often another one too: 0.175 is the share of a category.
        forms = {form for form in forms if len(re.sub(r"\D", "", form).strip("0")) > 3}
        assert len(forms) > 30 and not {form for form in forms if form.encode() in written}, each.department


def told_by_parts(derived: Derived, see: Sequence[str]) -> list[str]:
    """The columns of a derived one that may not be seen."""
    return [name for name in names_in(derived.expression.node) if name not in see]
