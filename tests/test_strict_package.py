"""Workbooks with live formulas are such that Excel offers no repair; the checker itself finds what Excel would."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from kamxl.app import Settings
from kamxl.backends.formula_text import array_literal, is_one_literal, text_literal
from kamxl.hosts.file_calls import FileCalls
from kamxl.hosts.files import FileHost
from kamxl.hosts.grid_writer import write_grids
from kamxl.live import remove_formulas, write_formulas
from kamxl.table import Grid, GridCell, GridTable
from tests.formula_books import ENGINES, Block, is_same
from tests.formula_rules import AS_OF, HEADERS, random_rows, random_rules
from tests.strict_package import repairs
from tests.test_formula_book import NASTY, NASTY_RULES

ROOT = Path(__file__).parents[1]
DEMO, KAM = ROOT / "workbook" / "demo.xlsx", ROOT / "rules" / "kam.yml"


def _live(source: Path, target: Path, rules: Path, *, names: bool = False, language: str = "") -> bytes:
    host = FileHost(source, target)
    settings = Settings(rules=rules, as_of=AS_OF, language=language or None)
    write_formulas(host, settings, named=host if names else None, calls=FileCalls(host))
    host.save()
    return target.read_bytes()


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return _live(DEMO, tmp_path_factory.mktemp("live") / "live.xlsx", KAM, names=True)


def _clients(path: Path, headers: tuple[str, ...], rows: list[list[object]]) -> Path:
    lines = [[GridCell(header, "header") for header in headers]]
    lines += [[None if cell is None else GridCell(cell) for cell in row] for row in rows]  # type: ignore[misc]
    table = GridTable("Accounts", 0, 0, len(rows), len(headers) - 1)
    write_grids([Grid("Clients", tuple(map(tuple, lines)), tables=(table,))], path)
    return path


@pytest.mark.parametrize("language", ("en", "fr"))
def test_the_demo_with_live_formulas_needs_no_repair(language: str, tmp_path: Path) -> None:
    """All criteria, in a table, with names; written twice; and values again."""
    first = tmp_path / "first.xlsx"
    assert repairs(_live(DEMO, first, KAM, names=True, language=language)) == []
    assert repairs(_live(first, tmp_path / "second.xlsx", KAM, names=True, language=language)) == []
    host = FileHost(first, tmp_path / "values.xlsx")
    remove_formulas(host, Settings(rules=KAM, as_of=AS_OF), named=host)
    host.save()
    assert repairs((tmp_path / "values.xlsx").read_bytes()) == []


@pytest.mark.parametrize("seed", range(4))
def test_random_rules_need_no_repair(seed: int, tmp_path: Path) -> None:
    """Whatever the rules are, with headers full of brackets and blanks."""
    rules = tmp_path / "rules.yml"
    rules.write_text(random_rules(seed), encoding="utf-8")
    source = _clients(tmp_path / "clients.xlsx", HEADERS, random_rows(seed, 20))
    assert repairs(_live(source, tmp_path / "live.xlsx", rules)) == []


LABELS = ("L]b", "it's [x]", "# @ |=%", "two\\nlines", " ahead ", 'say \\"hi\\"', "a  b", "_x0041_ <&>")


def _nasty(folder: Path) -> tuple[Path, Path]:
    text = NASTY_RULES
    for index, label in enumerate(LABELS):
        text = text.replace(f"k{index}: {{of:", f'k{index}: {{label: "{label}", of:')
    (folder / "rules.yml").write_text(text, encoding="utf-8")
    rows: list[list[object]] = [[(i * 3 + j) % 11 for j in range(len(NASTY))] for i in range(12)]
    return _clients(folder / "clients.xlsx", NASTY, rows), folder / "rules.yml"


def test_headers_with_every_bad_character_need_no_repair(tmp_path: Path) -> None:
    """`]`, `'`, `#`, `@`, line breaks, blanks at the ends, in headers and labels: in a table, with names."""
    source, rules = _nasty(tmp_path)
    assert repairs(_live(source, tmp_path / "live.xlsx", rules, names=True)) == []


@pytest.mark.parametrize("engine", ("ironcalc", pytest.param("libreoffice", marks=pytest.mark.office)))
def test_headers_with_every_bad_character_are_found_by_formulas(engine: str, tmp_path: Path) -> None:
    """The workbook as the command writes it, calculated anew: every live cell is what is stored beside it."""
    if engine == "libreoffice" and shutil.which("soffice") is None:
        pytest.skip("LibreOffice is not installed")
    pytest.importorskip("ironcalc")
    source, rules = _nasty(tmp_path)
    _live(source, tmp_path / "live.xlsx", rules)
    stored = list(openpyxl.load_workbook(tmp_path / "live.xlsx", data_only=True)["Clients"].values)
    width = len(stored[0])
    found = ENGINES[engine](tmp_path / "live.xlsx", Block("Clients", 0, 2, len(stored), 1, width))
    different = [
        (stored[0][column], row, stored[row][column], cell)
        for row, cells in enumerate(found, 1)
        for column, cell in enumerate(cells)
        if not is_same("" if stored[row][column] is None else stored[row][column], cell, 1e-9)
    ]

    assert width > len(NASTY) + 12
    assert different == []


def test_a_condition_on_a_text_that_no_array_holds() -> None:
    """Choices with line breaks or beyond 255 characters are compared one by one."""
    assert array_literal(["a", 'b"']) == '{"a","b"""}'
    assert not is_one_literal("_x0041_") and not is_one_literal("x" * 256) and is_one_literal("é" * 255)
    assert text_literal('a\n"_x0041_') == '"a"&CHAR(10)&"""_"&"x0041_"'


def test_the_schema_holds(live: bytes, tmp_path: Path) -> None:
    """A validator of somebody else's finds nothing against the standard."""
    audit = pytest.importorskip("openxml_audit")
    path = tmp_path / "live.xlsx"
    path.write_bytes(live)
    found = audit.OpenXmlValidator().validate(str(path))
    assert [str(error) for error in found.errors] == []


WORKBOOK, SHEET, TABLE = "xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/tables/table1.xml"


@pytest.mark.parametrize(
    ("part", "change", "said"),
    [
        (WORKBOOK, lambda text: text.replace('comment="', 'comment="' + "x" * 256, 1), "comment is longer"),
        (WORKBOOK, lambda text: text.replace('"KAMN_SCORE"', '"KAM1"', 1), "is none"),
        (WORKBOOK, lambda text: text.replace('"KAMN_CHECK"', '"KAMN_SCORE"', 1), "defined twice"),
        (WORKBOOK, lambda text: text.replace("_xlfn.XMATCH", "XMATCH", 1), "has no prefix"),
        (TABLE, lambda text: text.replace('name="Filled in"', 'name="Filled"', 1), "the cell says 'Filled in'"),
        (TABLE, lambda text: re.sub(r'count="\d+"', 'count="3"', text, count=1), "does not count its columns"),
        (TABLE, lambda text: text.replace("[Check]", "[Chekc]", 1), "has no column 'Chekc'"),
        (SHEET, lambda text: re.sub(r'dxfId="\d+"', 'dxfId="99"', text, count=1), "not in the styles"),
        (SHEET, lambda text: text.replace('s="19"', 's="999"', 1), "not in the styles"),
        (SHEET, lambda text: text.replace("'KAM Rules'!", "'KAM Rule'!", 1), "there is no sheet 'KAM Rule'"),
        (SHEET, lambda text: text.replace("<f>IF(", "<f>IF((", 1), "a parenthesis stays open"),
        (SHEET, lambda text: text.replace("<f>", "<f>" + "1+" * 5000, 1), "characters"),
        (SHEET, lambda text: text.replace("<f>", "<f>=", 1), "begins with ="),
        (SHEET, lambda text: text.replace("<f>IF(", '<f t="shared" ref="AN5:AN9" si="7">IF(', 1), "another sheet"),
    ],
)
def test_the_checker_finds_what_excel_would_repair(
    part: str, change: Callable[[str], str], said: str, live: bytes
) -> None:
    """One fault each, put into a workbook that has none."""
    bent = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(live)) as old, zipfile.ZipFile(bent, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(data.decode()) if name == part else data)

    assert any(said in text for text in repairs(bent.getvalue()))
