"""Cells read as arrays equal calamine's, one by one; what the fast reader accepts is XML, letter by letter."""

from __future__ import annotations

import datetime as dt
import io
import json
import random
import re
import zipfile
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.parsers import expat

import numpy as np
import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from kamxl.cli import run_command
from kamxl.hosts.files import FileHost
from kamxl.hosts.plain_numbers import parse_numbers
from kamxl.hosts.plain_rows import PlainRows, read_plain
from kamxl.ooxml import OoxmlError, Workbook
from kamxl.ooxml.sheet import Sheet
from kamxl.problems import KamxlError
from kamxl.values import NOT_CALCULATED
from tests.shared import shared_dir

SHEET = "xl/worksheets/sheet1.xml"
FORMATS = (
    "",
    "0.00",
    "yyyy-mm-dd",
    "dd/mm/yyyy",
    '#,##0 "€"',
    "0%",
    "hh:mm",
    "[h]:mm",
    "@",
    "mmm yy",
    '0 "d"',
    "General",
)

texts = st.text(st.characters(codec="utf-8", exclude_characters="\r", min_codepoint=32), max_size=12)
days = st.dates(dt.date(1900, 3, 1), dt.date(2200, 1, 1))
numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**9), 10**9)
cells = (
    st.none()
    | st.booleans()
    | numbers
    | texts
    | days
    | st.sampled_from(["x", "A & B", "<b>", " x", "\xa0x\u2003", "a\nb", ""])
)


def make_workbook(rows: Sequence[Sequence[Any]], formats: Sequence[str], *, inline: bool, formulas: bool) -> bytes:
    """The rows as XlsxWriter writes them: in rows of their own where `inline`, the last column by formulas."""
    file = io.BytesIO()
    book: Any = xlsxwriter.Workbook(file, {"in_memory": not inline, "constant_memory": inline})
    sheet = book.add_worksheet()
    looks = [book.add_format({"num_format": code}) if code else None for code in formats]
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            look = looks[column % len(looks)] if looks else None
            if formulas and column == len(row) - 1 and not isinstance(cell, dt.date):
                sheet.write_formula(at, column, "=A1&B1", look, "" if cell is None else cell)
            elif isinstance(cell, dt.date):
                sheet.write_datetime(at, column, dt.datetime.combine(cell, dt.time()), day)
            elif isinstance(cell, str):
                sheet.write_string(at, column, cell, look)
            else:
                sheet.write(at, column, cell, look)
    book.close()
    return file.getvalue()


def repack(data: bytes, part: bytes, name: str = SHEET) -> bytes:
    """The workbook with another first sheet, or another part."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w") as new:
        for entry in old.infolist():
            new.writestr(entry.filename, part if entry.filename == name else old.read(entry.filename))
    return file.getvalue()


def by_calamine(workbook: Workbook, data: bytes, name: str) -> list[list[Any]]:
    """What the other reader makes of it, errors and formulas without a value put in as the file host does."""
    rows: list[list[Any]] = (
        CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name(name).to_python(skip_empty_area=False)
    )
    for (row, column), text in workbook.error_cells(name).items():
        if row <= len(rows) and column <= len(rows[row - 1]):
            rows[row - 1][column - 1] = text or NOT_CALCULATED
    return rows


def comparable(rows: Sequence[Sequence[Any]]) -> list[list[tuple[type, Any]]]:
    """Cells with their types (1, 1.0 and True are equal otherwise); blanks behind and below are nobody's."""
    lines = [[(type(cell), cell) for cell in row] for row in rows]
    for line in lines:
        while line and line[-1] == (str, ""):
            line.pop()
    while lines and not lines[-1]:
        lines.pop()
    return lines


def check_equal(workbook: Workbook, data: bytes, name: str) -> bool:
    """Whether the fast reader took the sheet; its cells must then be calamine's."""
    mine = read_plain(workbook, name)
    if mine is None:
        return False
    assert comparable(mine[:]) == comparable(by_calamine(workbook, data, name))
    check_seen(workbook, mine, name)
    height, width = len(mine), len(mine[0])
    by_column = [mine.column(column, 0, height) for column in range(width)]
    assert not any(isinstance(column, array) and column.typecode != "d" for column in by_column)
    told = [["" if cell != cell else cell for cell in row] for row in zip(*by_column, strict=True)]
    assert comparable(told) == comparable(mine[:])
    return True


def check_seen(workbook: Workbook, mine: PlainRows, name: str) -> None:
    """What the editor is told of the rows is what it finds when it looks itself."""
    entry = workbook._book.sheet(name)
    sheet, seen = Sheet(workbook._book, entry), mine.seen
    assert b"".join(sheet.stored_rows()) == b"".join(Sheet(workbook._book, entry, seen).stored_rows())
    assert sheet.frame.data == seen.head + seen.tail
    if seen.survey is None:
        assert sheet.survey.has_formulas
        return
    assert not (sheet.survey.specials or sheet.survey.needs_cleaning or sheet.survey.has_extensions)
    assert seen.survey.numbers == sheet.survey.numbers
    assert seen.survey.last_columns == sheet.survey.last_columns
    assert seen.survey.has_formulas == sheet.survey.has_formulas


@settings(max_examples=150, deadline=None)
@given(
    rows=st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=30)
    ),
    formats=st.lists(st.sampled_from(FORMATS), max_size=4),
    inline=st.booleans(),
    formulas=st.booleans(),
)
def test_cells_equal_calamine(rows: list[list[Any]], formats: list[str], inline: bool, formulas: bool) -> None:
    """Numbers, texts, truths, days, formulas and blanks, in any mix and with any format."""
    data = make_workbook(rows, formats, inline=inline, formulas=formulas)
    check_equal(Workbook.open(data), data, "Sheet1")


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.floats(allow_nan=False, allow_infinity=False).map(repr)
        | st.integers(-(10**20), 10**20).map(str)
        | st.decimals(allow_nan=False, allow_infinity=False, places=6).map(lambda number: f"{number:f}"[:40])
        | st.from_regex(r"-?[0-9]{0,18}\.?[0-9]{0,18}", fullmatch=True).filter(lambda text: text.strip("-."))
        | st.sampled_from(["9007199254740993", "900719925474099.3", "0.07770000000000001", "-0", "1.", ".5"]),
        min_size=1,
        max_size=40,
    )
)
def test_numbers_are_the_nearest_doubles(written: list[str]) -> None:
    """Digits read eight at a time give the very double that they give one by one."""
    texts = [text.encode() for text in written]
    data = b"".join(b"<v>" + text + b"</v>" for text in texts)
    starts = np.cumsum([3, *(len(text) + 7 for text in texts[:-1])]).astype(np.int32)
    words = np.ndarray((len(data),), "<u8", data + bytes(32), 0, (1,))
    found = parse_numbers(data, words, starts, np.array(list(map(len, texts)), np.int32))
    assert found.tobytes() == np.array(list(map(float, written))).tobytes()


@pytest.mark.parametrize("writer", ["xlsxwriter", "openpyxl"])
def test_usual_tables_are_taken(writer: str) -> None:
    """A client table with names, amounts, days and blanks is read as arrays, whoever wrote it."""
    rows = [["Client", "Revenue", "Since", "Active"]]
    rows += [
        [f"Client {at} & Co", 1000.5 * at if at % 7 else None, dt.date(2020, 1, 1), at % 2 == 0] for at in range(3000)
    ]
    if writer == "xlsxwriter":
        data = make_workbook(rows, ["", "0.00"], inline=False, formulas=False)
    else:
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)  # type: ignore[union-attr]
        file = io.BytesIO()
        book.save(file)
        data = file.getvalue()
    workbook = Workbook.open(data)
    assert check_equal(workbook, data, workbook.sheets[0].name)
    found = read_plain(workbook, workbook.sheets[0].name)
    assert isinstance(found, PlainRows)
    assert isinstance(found.column(1, 1, len(found)), array)
    assert found.filled_rows(0, 0) == len(rows) and found.filled_rows(1, 1) == 0 and found.filled_rows(1, 2) == 6


BASE = make_workbook(
    [[f"Text {at}", at * 1.25, at, "a & b", at % 2 == 0, at * 1e-7] for at in range(12)],
    ["", "0.00"],
    inline=True,
    formulas=True,
)
LETTERS = b'<>/ "=&;cvrstfidnlwo0123456789AZ.-+eE]!?\n\x01\xc3\xa9'


@settings(max_examples=1000, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_what_is_accepted_is_xml(seed: int) -> None:
    """Rows with letters changed, dropped, put in: refused, or well-formed with the very cells that calamine reads."""
    chance = random.Random(seed)
    with zipfile.ZipFile(io.BytesIO(BASE)) as opened:
        sheet = bytearray(opened.read(SHEET))
    start, end = sheet.index(b"<sheetData>") + 11, sheet.index(b"</sheetData>")
    for _ in range(chance.randint(1, 3)):
        at, size = chance.randrange(start, end), chance.choice((0, 1, 1, 2, 5))
        put = bytes(chance.choices(LETTERS, k=chance.choice((0, 1, 1, 2))))
        if chance.random() < 0.3:  # a piece of the rows themselves, which fits better
            other = chance.randrange(start, end)
            put = bytes(sheet[other : other + chance.randint(1, 40)])
        sheet[at : at + size] = put
        end = max(start + 1, sheet.rfind(b"</sheetData>"))
    data = repack(BASE, bytes(sheet))
    workbook = Workbook.open(data)
    try:
        mine = read_plain(workbook, "Sheet1")
    except OoxmlError:
        return
    if mine is None:
        return
    # What stands behind the rows is the editor's to check.
    whole = bytes(sheet[: sheet.index(b"</sheetData>")]) + b"</sheetData></worksheet>"
    expat.ParserCreate(namespace_separator=" ").Parse(whole, True)
    data = repack(BASE, whole)
    assert check_equal(Workbook.open(data), data, "Sheet1")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'<c r="B2"', b'<c r="C2"'),
        (b'<c r="B2"', b'<c r="B3"'),
        (b'<c r="B2"', b'<c  r="B2"'),
        (b'<row r="3"', b'<row r="2"'),
        (b'<row r="3"', b'<row r="3" r="3"'),
        (b'<row r="3"', b'<row r="3" x:y="3"'),
        (b'<c r="C3"><v>2</v>', b'<c r="C3"><v>1.2.3</v>'),
        (b'<c r="C3"><v>2</v>', b'<c r="C3"><v>nan</v>'),
        (b'<c r="C3"><v>2</v>', b'<c r="C3"><v>1_0</v>'),
        (b'<c r="C3"><v>2</v>', b'<c r="C3"><v>1e999</v>'),
        (b'<c r="C3"><v>2</v>', b'<c r="C3" t="s"><v>99</v>'),
        (b'<c r="C3"><v>2</v>', b'<c r="C3" t="r"><v>2</v>'),
        (b'<c r="C3"><v>2</v>', b'<c r="C3" t="d"><v>2024-01-01</v>'),
        (b'<c r="C3"><v>2</v>', b'<c r="C3" t="e"><v>2</v>'),
        (b'<c r="C3"><v>2</v>', b'<c r="C3" t="b"><v>.0</v>'),
        (b'<c r="C3"><v>2</v>', b'<c r="C3" t="s"><v>1.</v>'),
        (b'<c r="C3"><v>2</v>', b"<c r='C3'><v>2</v>"),
        (b'<c r="C3"><v>2</v>', b'<c r="C3"><v>2</v><v>2</v>'),
        (b'<c r="C3"><v>2</v>', b'<c r="C3"><v>2</v><!-- x -->'),
        (b"<f>A1&amp;B1</f>", b"<f>A1&amp;B1/>"),
        (b"<f>A1&amp;B1</f>", b'<f t="a" t="b">A1&amp;B1</f>'),
        (b"Text 4", b"Text &#52;"),
        (b"Text 4", b"Text &unknown;"),
        (b"Text 4", b"Text _x0041_"),
        (b"Text 4", b"Text \x02"),
        (b"Text 4", b"Text \xff"),
        (b"Text 4", b"Text ]]>"),
        (b"Text 4", b"Text \xef\xbf\xbf"),
        (b'<row r="1"', b'<row r="0"/><row r="1"'),
        (b'<row r="3"', b'<row r="3" 1a="2"'),
        (b'<row r="3"', b'<row r="3" x:y:z="2"'),
        (b'<c r="C3"><v>2</v></c>', b'<c r="C3" t="""/>'),
        (b'encoding="UTF-8"', b'encoding="ISO-8859-1"'),
        (b'encoding="UTF-8"', b'encoding="utf-16"'),
        (b"<worksheet", b'<?a <sheetData><row r="1"><c r="A1"/></row></sheetData>?><worksheet'),
        (b"</worksheet>", b" " * (17 << 20) + b"</worksheet>"),
    ],
)
def test_odd_spellings_are_left_to_calamine(old: bytes, new: bytes) -> None:
    """What is no XML, what means something else, and what two readers might read in two ways."""
    with zipfile.ZipFile(io.BytesIO(BASE)) as opened:
        sheet = opened.read(SHEET)
    assert read_plain(Workbook.open(repack(BASE, sheet)), "Sheet1") is not None
    assert old in sheet
    assert read_plain(Workbook.open(repack(BASE, sheet.replace(old, new, 1))), "Sheet1") is None


SHARED = make_workbook([["Day", "A & B"], [dt.date(2024, 5, 6), "x"]], [], inline=False, formulas=False)
STYLES, STRINGS = "xl/styles.xml", "xl/sharedStrings.xml"


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (STYLES, b"<cellXfs", b'<!-- <cellXfs><xf numFmtId="0"/></cellXfs> --><cellXfs'),
        (STYLES, b"</cellXfs>", b"</cellXfs >"),
        (STYLES, b"<cellXfs", b'<?a <cellXfs><xf numFmtId="0"/><xf numFmtId="0"/></cellXfs>?><cellXfs'),
        (STYLES, b"</numFmts>", b'</numFmts><numFmts><numFmt numFmtId="164" formatCode="0"/></numFmts>'),
        (STYLES, b'encoding="UTF-8"', b'encoding="utf-16"'),
        (STRINGS, b"A &amp; B", b"A & B"),
        (STRINGS, b"A &amp; B", b"A &unknown; B"),
        (STRINGS, b"A &amp; B", b"A \xff B"),
        (STRINGS, b"</sst>", b""),
        (STRINGS, b"<si>", b"<?a <si><t>z</t></si>?><si>"),
        (STRINGS, b"<sst", b"<!-- <sst><si><t>z</t></si> --><sst"),
    ],
)
def test_odd_parts_beside_are_left_to_calamine(name: str, old: bytes, new: bytes) -> None:
    """A search for words in the styles or texts finds nothing but what a reader of XML finds."""
    with zipfile.ZipFile(io.BytesIO(SHARED)) as opened:
        part = opened.read(name)
    assert old in part and read_plain(Workbook.open(SHARED), "Sheet1") is not None
    assert read_plain(Workbook.open(repack(SHARED, part.replace(old, new, 1), name)), "Sheet1") is None


def test_styles_with_a_prefix_show_days() -> None:
    """Some programs write `<x:styleSheet>` beside sheets without a prefix: their days are days, not numbers."""
    with zipfile.ZipFile(io.BytesIO(SHARED)) as opened:
        part = opened.read(STYLES)
    part = part.replace(b"</", b"</x:").replace(b"<", b"<x:").replace(b"<x:/x:", b"</x:").replace(b"<x:?", b"<?")
    data = repack(SHARED, part.replace(b"xmlns=", b"xmlns:x="), STYLES)
    workbook = Workbook.open(data)
    assert by_calamine(workbook, data, "Sheet1")[1][0] == dt.date(2024, 5, 6)
    assert read_plain(workbook, "Sheet1") is None


def test_uncalculated_formulas_make_no_row_and_no_column() -> None:
    """A formula without a value behind or below all others is not there, as for calamine; among them it is."""
    with zipfile.ZipFile(io.BytesIO(BASE)) as opened:
        sheet = opened.read(SHEET)
    formula = b"<f>A1</f></c></row>"
    rows = b'<row r="1"><c r="A1"><v>1</v></c><c r="B1">%b<row r="2"><c r="A2">%b<row r="3"><c r="B3"><v>2</v></c>'
    rows = rows % (formula, formula) + b'<c r="C3">%b<row r="4"><c r="A4">%b' % (formula, formula)
    start, end = sheet.index(b"<sheetData>") + 11, sheet.index(b"</sheetData>")
    data = repack(BASE, sheet[:start] + rows + sheet[end:])
    workbook = Workbook.open(data)
    assert check_equal(workbook, data, "Sheet1")
    found = read_plain(workbook, "Sheet1")
    assert found is not None and found[:] == [[1.0, NOT_CALCULATED], [NOT_CALCULATED, ""], ["", 2.0]]


@pytest.mark.slow
def test_corpus_reads_as_calamine_does() -> None:
    """Every sheet of the shared workbooks that the fast reader takes; it takes more than a third of them."""
    taken = left = 0
    for path in sorted((shared_dir() / "corpus").rglob("*.xls[xm]")):
        try:
            workbook = Workbook.open(path)
            names = FileHost(path, Path("never-written.xlsx")).sheet_names()
        except (OoxmlError, KamxlError):
            continue
        for name in names:
            try:
                is_taken = read_plain(workbook, name) is not None and check_equal(workbook, path.read_bytes(), name)
            except OoxmlError:  # damaged on purpose
                continue
            taken, left = taken + is_taken, left + (not is_taken)
    assert taken > (taken + left) / 3


def test_blanks_among_numbers_are_never_called_nan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A client without a number, and a result that someone has cleared: blank in every message, and in JSON."""
    path, result = tmp_path / "clients.xlsx", tmp_path / "result.xlsx"
    rows = [["Client ID", "Client", "Revenue"], *([at if at % 3 else None, "Twin", at * 1.5] for at in range(1, 10))]
    path.write_bytes(make_workbook(rows, [], inline=False, formulas=False))
    assert run_command(["explain", str(path), "Twin"]) == 1
    assert "choose one of `1`, `2`, ``, `4`" in capsys.readouterr().err
    assert run_command(["classify", str(path), "-o", str(result), "--quiet"]) == 0
    with zipfile.ZipFile(result) as opened:
        sheet = opened.read(SHEET)
    number = re.search(rb'<c r="([D-Z])2"(?: s="\d+")?><v>[^<]*</v></c>', sheet)
    assert number is not None
    data = repack(result.read_bytes(), sheet.replace(number[0], b""))
    assert isinstance(found := read_plain(Workbook.open(data), "Sheet1"), PlainRows)
    assert isinstance(found.column(number[1][0] - 65, 1, len(found)), array)
    result.write_bytes(data)
    capsys.readouterr()
    run_command(["verify", str(result), "--json"])
    told = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert [one["written"] for one in told["differences"]] == [""]
