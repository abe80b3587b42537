"""Formulas that call the add-in, by name or by the path of a colleague: live cells and values take their place."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from kamxl.addin_calls import calls_in
from kamxl.cli import run_command
from kamxl.hosts.files import FileHost
from tests.formula_books import ENGINES, Block

RULES = """
kamxl: 1
name: Small
columns:
  client: {kind: text, role: id}
  revenue: {kind: money}
  growth: {kind: percent}
families:
  history: {weight: 60, label: {en: History, fr: Historique}, criteria: {revenue: {weight: 1, curve: {0: 0, 100: 10}}}}
  potential: {weight: 40, criteria: {growth: {weight: 1, bands: {under 0%: 0, 0% to 10%: 5, 10% and over: 10}}}}
categories: {rules: {loyal: {when: history >= 60}, small: {otherwise: true}}}
"""
HEADERS = ("client", "revenue", "growth")
ROWS = (("A", 90, 0.05), ("B", 20, 0.2), ("C", 60, -0.1))
SCORES = [74.0, 52.0, 36.0]
SPAN = "Accounts[[#This Row],[client]:[growth]],Accounts[[#Headers],[client]:[growth]]"
PATH = r"'C:\Users\Éva\it''s here\kamxl.xlam'!"
LINK = b'<externalReferences><externalReference r:id="rId99"/></externalReferences>'
LINK_PART = (
    '<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><externalBook '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="rId1"><definedNames>'
    '<definedName name="KAM_SCORE"/></definedNames></externalBook></externalLink>'
)
RELS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "rules.yml"
    path.write_text(RULES, encoding="utf-8")
    return path


def _write(path: Path, formulas: dict[str, tuple[str, object]], *, as_table: bool, spill: str = "") -> None:
    book = xlsxwriter.Workbook(str(path))
    sheet, summary = book.add_worksheet("Clients"), book.add_worksheet("Summary")
    head = [*HEADERS, "Live"]
    sheet.write_row(0, 0, head)
    if as_table:
        sheet.add_table(0, 0, 3, 3, {"name": "Accounts", "columns": [{"header": each} for each in head]})
    for number, row in enumerate(ROWS, 1):
        sheet.write_row(number, 0, row)
    for place, (formula, shown) in formulas.items():
        name, _, cell = place.rpartition("!")
        (summary if name == "Summary" else sheet).write_formula(cell, formula, None, shown)
    if spill:
        sheet.write_dynamic_array_formula("D2:D4", spill, None, 1)
    book.close()


def _link(path: Path) -> None:
    """Gives the workbook a link to an add-in's file, as Excel writes it for functions that it does not find."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b"</sheets>", b"</sheets>" + LINK)
    arrow = f'<Relationship Id="rId99" Type="{KIND}/externalLink" Target="externalLinks/externalLink1.xml"/>'
    rels = parts["xl/_rels/workbook.xml.rels"]
    parts["xl/_rels/workbook.xml.rels"] = rels.replace(b"</Relationships>", arrow.encode() + b"</Relationships>")
    parts["xl/externalLinks/externalLink1.xml"] = LINK_PART.encode()
    target = '<Relationship Id="rId1" Type="{}" Target="file:///C:\\x\\kamxl.xlam" TargetMode="External"/>'
    parts["xl/externalLinks/_rels/externalLink1.xml.rels"] = RELS.format(
        target.format(f"{KIND}/externalLinkPath")
    ).encode()
    kind = b'<Override PartName="/xl/externalLinks/externalLink1.xml" ContentType="application/vnd.openxmlformats-'
    kind += b'officedocument.spreadsheetml.externalLink+xml"/>'
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"</Types>", kind + b"</Types>")
    with zipfile.ZipFile(path, "w") as new:
        for name, data in parts.items():
            new.writestr(name, data)


def _export(path: Path, rules: Path) -> tuple[Path, int]:
    target = path.with_name("out.xlsx")
    code = run_command(["formulas", str(path), "-r", str(rules), "-o", str(target), "--as-of", "2026-06-30"])
    return target, code


def _cells(path: Path, sheet: str, area: str, *, values: bool = False) -> list[object]:
    book = openpyxl.load_workbook(path, data_only=values)
    return [cell.value for row in book[sheet][area] for cell in row]


def test_calls_in_table_rows_become_live_cells(tmp_path: Path, rules: Path) -> None:
    """By name, by path and by link; the rest of a formula stays, texts in quotes too; the link is gone."""
    formulas: dict[str, tuple[str, object]] = {
        f"D{row}": (f'IF({PATH}KAM_SCORE({SPAN})>50,"KAM_SCORE(x), y",[1]!KAM_FAMILY("Historique",{SPAN}))', "?")
        for row in (2, 3, 4)
    }
    path = tmp_path / "book.xlsx"
    _write(path, formulas, as_table=True)
    _link(path)
    target, code = _export(path, rules)
    cell = "Accounts[[#This Row],[{}]]"

    assert code == 0
    assert (
        _cells(target, "Clients", "D2:D4")
        == [f'=IF({cell.format("Score")}>50,"KAM_SCORE(x), y",{cell.format("History")})'] * 3
    )
    with zipfile.ZipFile(target) as package:
        assert not [name for name in package.namelist() if "externalLink" in name]
        assert b"externalReference" not in package.read("xl/workbook.xml")
        assert b"externalLink" not in package.read("xl/_rels/workbook.xml.rels")


def test_a_link_that_something_else_uses_stays(tmp_path: Path, rules: Path) -> None:
    """Only functions of ours are replaced, and a link in use is never taken away."""
    path = tmp_path / "book.xlsx"
    _write(path, {"Summary!A1": ("[1]!OTHER(1)", 5), "D2": ("[1]!KAM_SCORE(A2:C2,A1:C1)", 1)}, as_table=False)
    _link(path)
    target, _ = _export(path, rules)

    assert _cells(target, "Summary", "A1:A1") == ["=[1]!OTHER(1)"]
    with zipfile.ZipFile(target) as package:
        assert "xl/externalLinks/externalLink1.xml" in package.namelist()


def test_calls_elsewhere_and_spilling_ones_become_live_cells(tmp_path: Path, rules: Path) -> None:
    """A spilled column, one client on another sheet, all clients inside another function."""
    path = tmp_path / "book.xlsx"
    elsewhere: dict[str, tuple[str, object]] = {
        "Summary!A1": ("KAM_CATEGORY(Clients!A3:C3,Clients!A1:C1)", "old"),
        "Summary!A2": ("AVERAGE(KAM_SCORE(Clients!A2:C4,Clients!$A$1:$C$1))", 1),
        "Summary!A3": ("SUM(Clients!B2:B4)", 170),
    }
    _write(path, elsewhere, as_table=False, spill="KAM_SCORE(A2:C4,$A$1:$C$1)")
    target, _ = _export(path, rules)

    assert _cells(target, "Clients", "D2:D4") == ["=$E2", "=$E3", "=$E4"]
    assert _cells(target, "Clients", "D2:D4", values=True) == SCORES
    assert _cells(target, "Summary", "A1:A3") == [
        "='Clients'!$H3", "=AVERAGE('Clients'!$E2:$E4)", "=SUM(Clients!B2:B4)"
    ]  # fmt: skip
    assert _cells(target, "Summary", "A1:A1", values=True) == ["Small"]


@pytest.mark.parametrize("engine", ("ironcalc", "formualizer"))
def test_what_took_the_place_of_calls_calculates(engine: str, tmp_path: Path, rules: Path) -> None:
    """An independent engine finds the scores where the add-in's functions stood."""
    pytest.importorskip(engine)
    path = tmp_path / "book.xlsx"
    _write(
        path, {"Summary!A1": ("AVERAGE(KAM_SCORE(Clients!A2:C4,Clients!$A$1:$C$1))", 1)}, as_table=False,
        spill="KAM_SCORE(A2:C4,$A$1:$C$1)",
    )  # fmt: skip
    target, _ = _export(path, rules)
    found = ENGINES[engine](target, Block("Clients", 0, 2, 4, 4, 4))
    average = ENGINES[engine](target, Block("Summary", 1, 1, 1, 1, 1))

    assert [row[0] for row in found] == pytest.approx(SCORES)
    assert average[0][0] == pytest.approx(54.0)


def test_what_no_live_column_shows_becomes_its_value(
    tmp_path: Path, rules: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Reasons, another rule file, a row that is no client: the value that stood there, and a problem with the place."""
    path = tmp_path / "book.xlsx"
    formulas: dict[str, tuple[str, object]] = {
        "Summary!A1": ("KAM_EXPLAIN(Clients!A2:C2,Clients!A1:C1)", "because"),
        "Summary!A2": ('KAM_SCORE(Clients!A2:C2,Clients!A1:C1,"other.yml")', 12.5),
        "Summary!A3": ("KAM_SCORE(Clients!A20:C20,Clients!A1:C1)", 0),
    }
    _write(path, formulas, as_table=False)
    target, _ = _export(path, rules)
    told = capsys.readouterr().err

    assert _cells(target, "Summary", "A1:A3") == ["because", 12.5, 0]
    assert "warning[KX226]: a cell with KAM_EXPLAIN now holds its value: no live column shows that" in told
    assert "book.xlsx!Summary!A1" in told
    assert "2 cells with KAM_SCORE now hold their values" in told


def test_formulas_that_are_shared_are_replaced_cell_by_cell(tmp_path: Path, rules: Path) -> None:
    """Excel keeps the text of a filled-down formula once; each row gets its own client."""
    path = tmp_path / "book.xlsx"
    _write(path, {f"D{row}": ("KAM_SCORE(1)", 1) for row in (2, 3, 4)}, as_table=False)
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    head = b'<f t="shared" ref="D2:D4" si="0">KAM_SCORE(A2:C2,$A$1:$C$1)</f>'
    sheet = sheet.replace(b"<f>KAM_SCORE(1)</f>", head, 1).replace(b"<f>KAM_SCORE(1)</f>", b'<f t="shared" si="0"/>')
    parts["xl/worksheets/sheet1.xml"] = sheet
    with zipfile.ZipFile(path, "w") as new:
        for name, data in parts.items():
            new.writestr(name, data)
    target, _ = _export(path, rules)

    assert _cells(target, "Clients", "D2:D4") == ["=$E2", "=$E3", "=$E4"]
    assert _cells(target, "Clients", "D2:D4", values=True) == SCORES


def test_a_call_on_a_protected_sheet_is_a_located_problem(
    tmp_path: Path, rules: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """KX502 names the sheet, and no file is written."""
    path = tmp_path / "book.xlsx"
    _write(path, {"Summary!A1": ("KAM_SCORE(Clients!A2:C2,Clients!A1:C1)", 1)}, as_table=False)
    book = openpyxl.load_workbook(path)
    book["Summary"].protection.sheet = True
    book.save(path)
    target, code = _export(path, rules)

    assert code == 1
    assert "KX502" in (told := capsys.readouterr().err) and "Summary" in told
    assert not target.exists()


def test_a_second_export_changes_nothing(tmp_path: Path, rules: Path) -> None:
    """Live cells are no calls; a word in a text or in the name of a table is none either."""
    path = tmp_path / "book.xlsx"
    _write(path, {"Summary!A1": ("SUM(KAM_Runs)", 1), "Summary!A2": ('"KAM_SCORE(1)"', "KAM_SCORE(1)")}, as_table=False)
    target, _ = _export(path, rules)
    again = FileHost(target, target)

    assert _cells(target, "Summary", "A1:A2") == ["=SUM(KAM_Runs)", '="KAM_SCORE(1)"']
    assert again.notes["kamxl.live"]


def test_calls_are_cut_out_of_formulas_with_all_that_formulas_can_hold() -> None:
    """Quotes, brackets, braces, apostrophes and commas inside arguments."""
    formula = "1+'C:\\a (b)\\kamxl.xlam'!KAM_SCORE(T[[#This Row],[a'],b\"]:[it''s]],{1,2},\"x,)\")&KAM_X(IF(1,2,3))"
    first, second = calls_in(formula)

    assert first.name == "KAM_SCORE"
    assert first.arguments == ("T[[#This Row],[a'],b\"]:[it''s]]", "{1,2}", '"x,)"')
    assert formula[: first.start] == "1+" and formula[first.end :].startswith("&KAM_X")
    assert second.arguments == ("IF(1,2,3)",)
