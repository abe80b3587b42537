"""Grids as XlsxWriter workbooks, read back by openpyxl: values, looks, tables, charts, lists, print set-up."""

from __future__ import annotations

import datetime as dt
import io
import math
import struct
import warnings
import zipfile
import zlib
from pathlib import Path

import openpyxl
import pytest

from kamxl.hosts.files import FileHost
from kamxl.hosts.grid_writer import grids_as_bytes, legal_text, write_grids
from kamxl.hosts.row_heights import count_lines, row_heights
from kamxl.table import Chart, Choices, Grid, GridCell, GridTable, Merge, Picture, Series


def _open(*grids: Grid) -> openpyxl.Workbook:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        content = grids_as_bytes(grids)
    return openpyxl.load_workbook(io.BytesIO(content))


def _part(grid: Grid, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(grids_as_bytes([grid]))) as package:
        return package.read(name).decode()


def test_texts_stay_texts() -> None:
    """A text that looks like a formula, a link or a number is written as text."""
    texts = [
        "=1+1",
        "=cmd|'/c calc'!A1",
        "{=1}",
        "http://x.example/",
        "+1",
        "-1",
        "@SUM(1)",
        "0012",
        "a_x0041_b",
        "\x01",
    ]
    grid = Grid("Texts", tuple((GridCell(text),) for text in texts))
    sheet = _open(grid)["Texts"]
    assert [sheet.cell(row + 1, 1).data_type for row in range(len(texts))] == ["s"] * len(texts)
    assert sheet["A2"].value == "=cmd|'/c calc'!A1"
    assert sheet["A2"].quotePrefix is True
    assert sheet["A4"].hyperlink is None
    assert sheet["A8"].value == "0012"


def test_values_of_every_kind() -> None:
    """Numbers, dates, truth values and blanks keep their kind; what is not a number is blank."""
    values = [1.5, 7, True, dt.date(2026, 11, 23), None, math.nan, math.inf, 10**400, dt.date(1850, 1, 2)]
    grid = Grid(
        "Values", (tuple(GridCell(value, "date" if isinstance(value, dt.date) else "number") for value in values),)
    )
    row = next(_open(grid)["Values"].iter_rows(values_only=True))
    assert row == (1.5, 7, True, dt.datetime(2026, 11, 23), None, None, None, None, "1850-01-02")


def test_formula_with_its_result() -> None:
    """A formula carries its cached result; newer functions get the prefix that files want."""
    grid = Grid("F", ((GridCell(3, "number", formula="=1+2"), GridCell("b", formula='=TEXTJOIN("",TRUE,"b")')),))
    sheet_xml = _part(grid, "xl/worksheets/sheet1.xml")
    assert "<f>1+2</f><v>3</v>" in sheet_xml
    assert "_xlfn.TEXTJOIN" in sheet_xml


def test_new_functions_are_spelled_as_files_spell_them() -> None:
    """Old functions stay as they are; one new function beside them has its formula looked through."""
    formulas = ('=IF(SUM(B1:B2)>1,"MAXIFS",2)', "=IF(MAXIFS(B:B,C:C,1)>1,SUM(B:B),SORT(B1:B2))", '={"SORT("&A1}')
    part = _part(
        Grid("F", tuple((GridCell(1.0, "number", formula),) for formula in formulas)), "xl/worksheets/sheet1.xml"
    )
    assert '<f>IF(SUM(B1:B2)&gt;1,"MAXIFS",2)</f>' in part
    assert "_xlfn.MAXIFS(B:B,C:C,1)" in part and "_xlfn._xlws.SORT(B1:B2)" in part


def test_look_becomes_format() -> None:
    """A look gives font, fill, number format and protection."""
    grid = Grid("Looks", ((GridCell(0.5, "percent fill=DDEFE0 bold"), GridCell("x", "input")),))
    sheet = _open(grid)["Looks"]
    assert (sheet["A1"].number_format, sheet["A1"].font.b, sheet["A1"].fill.fgColor.rgb) == ("0%", True, "FFDDEFE0")
    assert sheet["B1"].protection.locked is False
    assert sheet["B1"].alignment.wrap_text is True


def test_table_merge_freeze_print() -> None:
    """Tables, merges, frozen panes, repeated rows, orientation, hidden columns and tab colour arrive."""
    rows = (
        (GridCell("Clients", "title"), None),
        (GridCell("Client", "header"), GridCell("client", "header")),
        (GridCell("Ådne"), GridCell(5.0, "money")),
    )
    grid = Grid(
        "Table",
        rows,
        widths=(20.0, 12.0, 5.0),
        merges=(Merge(0, 0, 0, 1),),
        tables=(GridTable("KAM_t", 1, 0, 2, 1),),
        freeze=(2, 1),
        repeat_rows=(1, 1),
        tab_colour="1F4E79",
        hidden_columns=(2,),
    )
    sheet = _open(grid)["Table"]
    table = sheet.tables["KAM_t"]
    assert (table.ref, [column.name for column in table.tableColumns]) == ("A2:B3", ["Client", "client 2"])
    assert table.autoFilter is not None
    assert str(next(iter(sheet.merged_cells.ranges))) == "A1:B1"
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("B3", "$2:$2")
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)
    assert sheet.column_dimensions["C"].hidden
    assert sheet.sheet_properties.tabColor.rgb == "FF1F4E79"
    assert sheet.sheet_view.showGridLines is False


def test_long_list_stands_in_cells() -> None:
    """A drop-down beyond 255 characters, or with commas, reads a hidden column instead of being cut."""
    short = Choices(0, 0, 4, 0, ("yes", "no"))
    long = Choices(0, 1, 4, 1, tuple(f"category, number {index}" for index in range(30)))
    sheet = _open(Grid("Lists", ((GridCell("a"), GridCell("b")),), choices=(short, long)))["Lists"]
    formulas = [validation.formula1 for validation in sheet.data_validations.dataValidation]
    assert formulas == ['"yes,no"', "$E$1:$E$30"]
    assert sheet["E30"].value == "category, number 29"
    assert sheet.column_dimensions["E"].hidden


@pytest.mark.parametrize("kind", ["column", "bar", "line", "scatter", "bubble", "pie", "area"])
def test_every_kind_of_chart(kind: str) -> None:
    """Each kind of chart is the native one, with cached numbers."""
    rows = tuple(tuple(GridCell(float(row * 3 + column + 1), "number") for column in range(3)) for row in range(4))
    series = Series("S", (0, 0, 3, 0), (0, 1, 3, 1), (0, 2, 3, 2) if kind == "bubble" else None, "C0504D")
    grid = Grid("Data", rows, charts=(Chart(kind, "T & t", (series,), 0, 4),))  # type: ignore[arg-type]
    chart_xml = _part(grid, "xl/charts/chart1.xml")
    element = {"column": "bar"}.get(kind, kind)
    assert f"<c:{element}Chart>" in chart_xml
    assert "T &amp; t" in chart_xml
    assert "<c:v>11.0</c:v>" in chart_xml or "<c:v>11</c:v>" in chart_xml
    if kind == "bubble":
        assert "<c:bubbleSize><c:numRef><c:f>Data!$C$1:$C$4</c:f><c:numCache>" in chart_xml
        assert chart_xml.index("<c:yVal>") < chart_xml.index("<c:bubbleSize>") < chart_xml.index("<c:bubbleScale")


def test_secondary_axis_and_two_kinds() -> None:
    """Columns and a line on a second axis stand in one chart."""
    rows = tuple(tuple(GridCell(float(row + column), "number") for column in range(3)) for row in range(3))
    series = (
        Series("Bars", (0, 0, 2, 0), (0, 1, 2, 1)),
        Series("Line", (0, 0, 2, 0), (0, 2, 2, 2), secondary=True, kind="line"),
    )
    chart = Chart("column", "Both", series, 0, 4, y2_title="Share", y_range=(0.0, 10.0))
    chart_xml = _part(Grid("Data", rows, charts=(chart,)), "xl/charts/chart1.xml")
    assert "<c:barChart>" in chart_xml and "<c:lineChart>" in chart_xml
    assert chart_xml.count("<c:valAx>") == 2
    assert '<c:max val="10.0"/>' in chart_xml or '<c:max val="10"/>' in chart_xml
    assert "Share" in chart_xml


def test_picture_and_links(tmp_path: Path) -> None:
    """A picture is embedded; links lead into the workbook or to the web, never to a program."""
    image = tmp_path / "dot.png"
    image.write_bytes(_png())
    cells = (
        GridCell("in", link="#Other!A1"),
        GridCell("web", link="https://example.org/"),
        GridCell("no", link="file:///c:/windows/calc.exe"),
    )
    grid = Grid("P", (cells,), pictures=(Picture(str(image), 2, 0, alt="dot"),))
    sheet = _open(grid, Grid("Other", ()))["P"]
    assert [sheet.cell(1, column).value for column in (1, 2, 3)] == ["in", "web", "no"]
    assert sheet["A1"].hyperlink.location == "Other!A1"
    assert sheet["B1"].hyperlink.target == "https://example.org/"
    assert sheet["C1"].hyperlink is None
    assert 'descr="dot"' in _part(grid, "xl/drawings/drawing1.xml")


def test_same_grids_same_bytes(tmp_path: Path) -> None:
    """Two writes of the same grids are byte-identical, to a path and to memory alike."""
    grid = Grid("Same", ((GridCell("a", "title"), GridCell(1.0, "money")),))
    target = tmp_path / "same.xlsx"
    write_grids([grid], target)
    assert target.read_bytes() == grids_as_bytes([grid])


def test_wrapped_rows_are_tall_enough() -> None:
    """Wrapped text gets its lines; merged cells count their whole width; a height that the grid says wins."""
    text = "present the quote face to face and ask for the next step " * 2
    narrow = Grid("H", ((GridCell(text, "wrap"),), (GridCell("short", "wrap"),), (GridCell("x"),)), widths=(20.0,))
    heights = row_heights(narrow)
    assert heights[0] > 5 * 12
    assert 1 not in heights and 2 not in heights
    wide = Grid("H", ((GridCell(text, "wrap"),),), widths=(20.0, 60.0), merges=(Merge(0, 0, 0, 1),))
    assert row_heights(wide)[0] < heights[0] / 2
    assert row_heights(Grid("H", narrow.rows, widths=(20.0,), heights=((0, 30.0),)))[0] == 30.0
    assert row_heights(Grid("H", ((GridCell("x" * 40_000, "wrap"),),), widths=(10.0,)))[0] == 409.0


def test_lines_of_a_text() -> None:
    """Line breaks count, and a word longer than the line is broken."""
    assert count_lines("a\nb\n\nc", 40, 10.0) == 4
    assert count_lines("n" * 100, 10.7, 11.0) == 10
    assert count_lines("", 10, 10.0) == 1


def test_illegal_texts() -> None:
    """A text is cut at Excel's limit and lone surrogates are replaced."""
    assert len(legal_text("é" * 40_000)) == 32_767
    assert legal_text("a\ud800b") == "a\ufffdb"
    _open(Grid("Long", ((GridCell("x" * 50_000), GridCell("\ud800")),)))


def _png() -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\x00" + b"\x1f\x4e\x79" * 8 for _ in range(8)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def test_a_long_table_in_a_workbook_is_as_tall_as_cell_by_cell(tmp_path: Path) -> None:
    """Rows of long tables are written with their columns: texts, heights and what stands beside are the same."""
    long = "present the quote face to face and ask for the next step "
    lines = [
        (GridCell(f"C-{number}"), GridCell(long * (number % 4), "wrap"), None, GridCell("beside", "title"))
        if number % 50 == 0
        else (GridCell(f"C-{number}"), GridCell(long * (number % 4), "wrap"))
        for number in range(450)
    ]
    head = (GridCell("Client", "header"), GridCell("Next", "header"))
    grid = Grid("Long", (head, *lines), widths=(10.0, 40.0), tables=(GridTable("KAM_Long", 0, 0, 450, 1),))
    (tmp_path / "book.xlsx").write_bytes(grids_as_bytes([Grid("Clients", ((GridCell("Client"),),))]))
    host = FileHost(tmp_path / "book.xlsx", tmp_path / "out.xlsx")
    host.write_sheet(grid)
    host.save()

    written, expected = openpyxl.load_workbook(tmp_path / "out.xlsx")["Long"], _open(grid)["Long"]
    assert [[cell.value for cell in row] for row in written] == [[cell.value for cell in row] for row in expected]
    heights = [[sheet.row_dimensions[row].height for row in range(1, 460)] for sheet in (written, expected)]
    assert heights[0] == heights[1]
    assert len(set(heights[0])) > 4


def test_a_long_table_covers_all_its_rows() -> None:
    """XlsxWriter is told of the first rows only; the file says all of them."""
    lines = tuple((GridCell(f"C-{number}", "text"), GridCell(float(number), "number")) for number in range(450))
    head = (GridCell("Client", "header"), GridCell("Rank", "header"))
    grid = Grid("Long", (head, *lines), widths=(10.0, 10.0), tables=(GridTable("KAM_Long", 0, 0, 450, 1),))
    with zipfile.ZipFile(io.BytesIO(grids_as_bytes([grid]))) as package:
        table = package.read("xl/tables/table1.xml").decode()
    assert table.count('ref="A1:B451"') == 2
    assert '<autoFilter ref="A1:B451"' in table
