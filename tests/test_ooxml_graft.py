"""Whole sheets brought into a user's workbook: complete, found again, replaced, renamed, removed."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from kamxl.ooxml import Limits, OoxmlError, RuleStyle, TextEquals, Workbook
from tests.ooxml_books import bend, make_book, part_list, prefixed, read_part, sheet_names, strict, values
from tests.ooxml_compare import compare, untouched_share

DOT = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c63f8cfc0f01f0005050102a2a0d3ac0000000049454e44ae426082"
)


def donor(*names: str, more: Callable[[Any, list[Any]], None] | None = None) -> bytes:
    file = BytesIO()
    book: Any = xlsxwriter.Workbook(file, {"in_memory": True})
    sheets = [book.add_worksheet(name) for name in names]
    for sheet in sheets:
        sheet.write(0, 0, f"Title of {sheet.name}")
    if more:
        more(book, sheets)
    book.close()
    return file.getvalue()


def graft(data: bytes, given: bytes, names: list[str] | None = None) -> bytes:
    workbook = Workbook.open(data)
    workbook.graft_sheets(given, names)
    return workbook.to_bytes()


def everything(book: Any, sheets: list[Any]) -> None:
    """Most of what XlsxWriter can put on a sheet."""
    board, team = sheets
    red = book.add_format({"bg_color": "#FFC7CE", "num_format": '0.0" pts"'})
    board.write(1, 0, 3.25, red)
    board.write_rich_string(2, 0, "plain ", book.add_format({"bold": True}), "bold")
    board.write_formula(3, 0, f"='{team.name}'!A1", None, "x")
    board.write_url(4, 0, "https://example.org/a?b=1&c=2")
    board.write_url(5, 0, f"internal:'{team.name}'!A1")
    board.conditional_format("A1:A9", {"type": "cell", "criteria": ">", "value": 2, "format": red})
    board.conditional_format("B1:B9", {"type": "data_bar", "data_bar_2010": True})
    board.data_validation("C1", {"validate": "list", "source": ["a", "b"]})
    board.freeze_panes(1, 1)
    board.print_area("A1:C9")
    board.repeat_rows(0)
    board.set_column(0, 0, 21.5, red)
    board.set_tab_color("#1F6FEB")
    board.insert_image("F2", "dot.png", {"image_data": BytesIO(DOT)})
    board.write_comment("A1", "a note")
    board.add_sparkline("D1", {"range": f"'{team.name}'!B2:B4"})
    board.write_dynamic_array_formula("E1", "=UNIQUE(A1:A3)")
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": [team.name, 1, 1, 3, 1], "categories": [team.name, 1, 0, 3, 0]})
    board.insert_chart("F6", chart)
    team.add_table(0, 0, 3, 1, {"name": "Team", "columns": [{"header": "Client"}, {"header": "CA", "formula": "=1+1"}]})
    team.autofilter("D1:E5")
    team.insert_image("F2", "dot.png", {"image_data": BytesIO(DOT)})
    book.define_name("Target", f"='{team.name}'!$A$1")


@pytest.mark.filterwarnings("ignore::UserWarning")  # openpyxl says which extensions it would drop
def test_sheets_arrive_complete() -> None:
    """Text, looks, rules, links, pictures, charts, tables, names, print setup and widths are all there."""
    edited = graft(make_book(), donor("KX Board", "KX Team", more=everything))
    assert sheet_names(edited) == ["Clients", "KX Board", "KX Team"]
    book = openpyxl.load_workbook(BytesIO(edited))
    board, team = book["KX Board"], book["KX Team"]
    assert board["A1"].value == "Title of KX Board"
    assert (board["A2"].value, board["A2"].number_format) == (3.25, '0.0" pts"')
    assert board["A2"].fill.fgColor.rgb == "FFFFC7CE"
    assert board["A3"].value == "plain bold"
    assert board["A4"].value == "='KX Team'!A1"
    assert board["A5"].hyperlink.target == "https://example.org/a?b=1&c=2"
    assert board.freeze_panes == "B2"
    assert board.print_area == "'KX Board'!$A$1:$C$9" and board.print_title_rows == "$1:$1"
    assert board.column_dimensions["A"].width > 21
    assert len(board._charts) == 1
    assert board["A1"].comment.text == "a note"
    assert team.tables["Team"].ref == "A1:B4"
    assert book.defined_names["Target"].attr_text == "'KX Team'!$A$1"
    rule = next(iter(board.conditional_formatting)).rules[0]
    assert rule.dxf.fill.bgColor.rgb == "FFFFC7CE"
    parts = part_list(edited)
    assert sum("media/" in name for name in parts) == 1, "two sheets share one picture"
    assert "sparkline" in read_part(edited, "xl/worksheets/sheet2.xml")
    assert ' cm="1"' in read_part(edited, "xl/worksheets/sheet2.xml")
    assert "<c:f>'KX Team'!$B$2:$B$4</c:f>" in read_part(edited, "xl/charts/chart1.xml")


def test_the_users_parts_stay() -> None:
    """Only lists that name parts and sheets grow; the user's sheets are the same bytes."""
    data = make_book(table=True)
    edited = graft(data, donor("KX Board", "KX Team", more=everything))
    assert compare(data, edited, {}) == []
    same, count = untouched_share(data, edited)
    assert count - same == 4, "content types, workbook, its relationships, styles"


@pytest.mark.parametrize("bent", [lambda data: data, prefixed, strict], ids=["plain", "prefixed", "strict"])
def test_second_run_replaces_in_place(bent: Callable[[bytes], bytes]) -> None:
    """The same sheets again leave every part as it is, in every dialect."""
    given = donor("KX Board", "KX Team", more=everything)
    once = graft(bent(make_book()), given)
    assert untouched_share(once, graft(once, given)) == (len(part_list(once)), len(part_list(once)))
    assert values(once, "KX Board")[0][0] == "Title of KX Board"


def test_replaced_sheet_keeps_its_place_and_number() -> None:
    """Formulas that point at a sheet of ours stay true when it is made anew, with less on it."""
    once = graft(make_book(), donor("KX Board", "KX Team", more=everything))
    number = re.search(r'name="KX Board" sheetId="(\d+)" r:id="(\w+)"', read_part(once, "xl/workbook.xml")).groups()
    again = graft(once, donor("KX Board"))
    assert sheet_names(again) == ["Clients", "KX Board", "KX Team"]
    text = read_part(again, "xl/workbook.xml")
    assert re.search(r'name="KX Board" sheetId="(\d+)" r:id="(\w+)"', text).groups() == number
    assert "Print_Area" not in text and "Print_Titles" not in text
    assert not any(name.startswith(("xl/charts", "xl/comments")) for name in part_list(again))
    assert sum("media/" in name for name in part_list(again)) == 1, "the other sheet still shows it"
    assert values(again, "KX Board") == [["Title of KX Board"]]


def test_sheets_find_a_window() -> None:
    """Our sheets' views belong to window 0, which a bare workbook does not have."""
    bare = bend(make_book(), "xl/workbook.xml", lambda text: re.sub("<bookViews>.*</bookViews>", "", text))
    text = read_part(graft(bare, donor("KX Board")), "xl/workbook.xml")
    assert "<bookViews><workbookView/></bookViews><sheets>" in text


def test_a_persons_sheet_is_never_replaced() -> None:
    """A sheet of that name that we did not make is the user's."""
    with pytest.raises(OoxmlError) as caught:
        graft(make_book(), donor("CLIENTS"))
    assert caught.value.kind == "name-taken" and "kamxl did not make" in caught.value.message


def test_a_persons_name_is_never_redefined() -> None:
    """The same for defined names."""
    data = make_book(more=lambda book, _: book.define_name("Target", "=1"))
    with pytest.raises(OoxmlError) as caught:
        graft(data, donor("KX Board", "KX Team", more=everything))
    assert caught.value.kind == "name-taken"
    workbook = Workbook.open(data)
    with pytest.raises(OoxmlError):
        workbook.defined_name("TARGET", "=2")
    workbook.defined_name("KX_Rate", "=0.2", comment="kamxl")
    workbook.defined_name("KX_Rate", "=0.3", comment="kamxl")
    found = {item.name: item.text for item in Workbook.open(workbook.to_bytes()).defined_names}
    assert found == {"Target": "1", "KX_Rate": "0.3"}
    workbook.defined_name("KX_Rate", None)
    assert "KX_Rate" not in read_part(workbook.to_bytes(), "xl/workbook.xml")


def test_tables_get_free_names_and_numbers() -> None:
    """A table of the user's with the same name keeps it; ours is renamed, with the formulas that use it."""

    def with_formula(book: Any, sheets: list[Any]) -> None:
        everything(book, sheets)
        sheets[0].write_formula("H1", "=SUM(Team[CA])", None, 6)

    data = make_book(more=lambda _, sheet: sheet.add_table("F1:F3", {"name": "Team", "columns": [{"header": "x"}]}))
    edited = graft(data, donor("KX Board", "KX Team", more=with_formula))
    assert [(item.name, item.sheet) for item in Workbook.open(edited).tables] == [
        ("Team", "Clients"),
        ("Team_2", "KX Team"),
    ]
    assert "SUM(Team_2[CA])" in read_part(edited, "xl/worksheets/sheet2.xml")
    ids = [re.search(r' id="(\d+)"', read_part(edited, name))[1] for name in part_list(edited) if "tables/" in name]
    assert len(set(ids)) == 2


def test_protected_structure_is_respected() -> None:
    """Sheets are not added to a workbook whose structure is locked."""
    data = bend(
        make_book(),
        "xl/workbook.xml",
        lambda text: text.replace("<bookViews>", '<workbookProtection lockStructure="1"/><bookViews>'),
    )
    assert Workbook.open(data).structure_protected
    with pytest.raises(OoxmlError) as caught:
        graft(data, donor("KX Board"))
    assert caught.value.kind == "protected"


@pytest.mark.parametrize("name", ["History", "a" * 31 + "b"])
def test_impossible_sheet_names(name: str) -> None:
    """Excel's rules for names hold for ours too; XlsxWriter lets some of them pass."""
    data = graft(make_book(), donor("KX Board"))
    with pytest.raises(OoxmlError) as caught:
        Workbook.open(data).rename_sheet("KX Board", name)
    assert caught.value.kind == "sheet-name"


def test_rename_takes_references_along() -> None:
    """Formulas of people, names, charts, links and print areas follow; texts that look alike do not."""

    def more(book: Any, sheet: Any) -> None:
        sheet.write_formula("F1", "='KX Team'!A1&\"'KX Team'!\"", None, "x")
        book.define_name("Mine", "='KX Team'!$B$2")

    data = graft(make_book(more=more), donor("KX Board", "KX Team", more=everything))
    workbook = Workbook.open(data)
    workbook.rename_sheet("KX Team", "L'équipe")
    edited = workbook.to_bytes()
    assert sheet_names(edited) == ["Clients", "KX Board", "L'équipe"]
    assert "'L''équipe'!A1&amp;\"'KX Team'!\"" in read_part(edited, "xl/worksheets/sheet1.xml")
    assert "'L''équipe'!$B$2" in read_part(edited, "xl/workbook.xml")
    assert "<c:f>'L''équipe'!$B$2:$B$4</c:f>" in read_part(edited, "xl/charts/chart1.xml")
    board = read_part(edited, "xl/worksheets/sheet2.xml")
    assert "<f>'L''équipe'!A1</f>" in board and "location=\"'L''équipe'!A1\"" in board
    assert "<xm:f>'L''équipe'!B2:B4</xm:f>" in board


def test_large_sheets_are_searched_in_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Removing and renaming look through sheets that are too large to be held like other parts."""
    data = graft(make_book(rows=3000), donor("KX Board", "KX Team", more=everything))
    workbook = Workbook.open(data, Limits(small_part_bytes=60_000))
    workbook.rename_sheet("KX Team", "Clients 2")
    workbook.remove_sheet("KX Board")
    assert sheet_names(workbook.to_bytes()) == ["Clients", "Clients 2"]


def test_remove_closes_the_gap() -> None:
    """Names of later sheets and the active tab move down with their sheets."""
    given = donor("KX Board", "KX Team", more=everything)
    data = graft(make_book(), given)
    data = bend(data, "xl/workbook.xml", lambda text: text.replace("<workbookView ", '<workbookView activeTab="2" '))
    workbook = Workbook.open(data)
    workbook.remove_sheet("KX Board")
    edited = workbook.to_bytes()
    assert sheet_names(edited) == ["Clients", "KX Team"]
    text = read_part(edited, "xl/workbook.xml")
    assert 'activeTab="1"' in text and "Print_Area" not in text
    assert re.search(r'name="_xlnm._FilterDatabase" localSheetId="1"', text)
    assert not any("chart" in name or "comments" in name for name in part_list(edited))
    openpyxl.load_workbook(BytesIO(edited))


def test_remove_refuses_what_is_not_ours_or_in_use() -> None:
    """The user's sheets are the user's; a sheet that the user's formulas read stays."""
    data = graft(make_book(more=lambda _, sheet: sheet.write_formula("F1", "='KX Board'!A1")), donor("KX Board"))
    for name, kind in (("Clients", "not-ours"), ("KX Board", "in-use"), ("Nowhere", "no-sheet")):
        with pytest.raises(OoxmlError) as caught:
            Workbook.open(data).remove_sheet(name)
        assert caught.value.kind == kind


def test_conditional_formats_are_replaced_not_added() -> None:
    """Ours are found again by what they say; a person's rule on the same cells stays, and stays first."""

    def more(book: Any, sheet: Any) -> None:
        sheet.conditional_format(
            "C2:C6", {"type": "cell", "criteria": "==", "value": '"mine"', "format": book.add_format({"bold": True})}
        )

    def ruled(data: bytes, *texts: str, ref: str = "C2:C6") -> bytes:
        workbook = Workbook.open(data)
        workbook.conditional_format("Clients", ref, [TextEquals(text, RuleStyle(fill="C6EFCE")) for text in texts])
        return workbook.to_bytes()

    once = ruled(make_book(more=more), "Loyal", "Small")
    again = ruled(once, "Loyal", 'Pet"it', ref="C2:C9")
    text = read_part(again, "xl/worksheets/sheet1.xml")
    assert re.findall('priority="([0-9]+)"[^>]*><formula>([^<]*)<', text) == [
        ("1", '"mine"'), ("2", '"Loyal"'), ("3", '"Pet""it"')
    ]  # fmt: skip
    assert read_part(ruled(again, ref="C2:C9"), "xl/worksheets/sheet1.xml").count("<cfRule ") == 1


def test_custom_properties() -> None:
    """Set, changed, removed; a person's properties stay."""
    data = make_book(more=lambda book, _: book.set_custom_property("Department", "Sales"))
    workbook = Workbook.open(data)
    workbook.set_custom_property("kamxl", "0.1 & more")
    workbook = Workbook.open(workbook.to_bytes())
    assert workbook.custom_properties == {"Department": "Sales", "kamxl": "0.1 & more"}
    workbook.set_custom_property("kamxl", None)
    assert Workbook.open(workbook.to_bytes()).custom_properties == {"Department": "Sales"}
    bare = Workbook.open(make_book())
    bare.set_custom_property("kamxl", "1")
    assert openpyxl.load_workbook(BytesIO(bare.to_bytes())).custom_doc_props["kamxl"].value == "1"


def test_full_calculation() -> None:
    """Asked for, and taken back."""
    workbook = Workbook.open(bend(make_book(), "xl/workbook.xml", lambda text: re.sub("<calcPr[^>]*/>", "", text)))
    workbook.set_calc(full_on_load=True)
    assert 'fullCalcOnLoad="1"' in read_part(workbook.to_bytes(), "xl/workbook.xml")
    workbook.set_calc(full_on_load=False)
    assert 'fullCalcOnLoad="0"' in read_part(workbook.to_bytes(), "xl/workbook.xml")
