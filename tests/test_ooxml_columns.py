"""Columns written into a user's sheet: what is set, what follows, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from kamxl.ooxml import CellStyle, ColumnWrite, Formula, OoxmlError, Workbook
from tests.ooxml_books import HEAD, bend, column, make_book, part_list, prefixed, read_part, repack, strict, values
from tests.ooxml_compare import Written, compare, untouched_share

SHEET = "xl/worksheets/sheet1.xml"
TABLE = "xl/tables/table1.xml"


def write(data: bytes, *columns: ColumnWrite, header_row: int | None = 1, first_row: int = 2) -> bytes:
    workbook = Workbook.open(data)
    workbook.write_columns("Clients", header_row, first_row, columns)
    return workbook.to_bytes()


def refused(data: bytes, *columns: ColumnWrite, header_row: int | None = 1, first_row: int = 2) -> OoxmlError:
    with pytest.raises(OoxmlError) as caught:
        write(data, *columns, header_row=header_row, first_row=first_row)
    return caught.value


def test_only_the_sheet_changes() -> None:
    """A plain column touches the sheet's part and nothing else; every old cell is there."""
    data = make_book()
    edited = write(data, column(4))
    assert compare(data, edited, {SHEET: Written(frozenset({4}))}) == []
    same, all_parts = untouched_share(data, edited)
    assert same == all_parts - 1
    assert [row[3] for row in values(edited)] == ["Score", 1.5, 2.0, "", 4.0, 5.0]
    assert '<dimension ref="A1:D6"/>' in read_part(edited, SHEET)
    assert 'spans="1:4"' in read_part(edited, SHEET)


def test_nothing_asked_nothing_changed() -> None:
    """Opening and writing back keeps every byte of every part, packed bytes included."""
    data = make_book(table=True)
    assert untouched_share(data, Workbook.open(data).to_bytes()) == (len(part_list(data)), len(part_list(data)))


def test_text_stays_text() -> None:
    """Formula-like, padded, multi-line, escaped-looking and control-character texts read back as they were."""
    texts = ["=1+1", "  padded ", "two\nlines", "_x000D_", "a\x01b", "<&>\"'", "é 😀 مرحبا"]
    data = make_book(rows=len(texts))
    edited = write(data, column(4, "Why", texts))

    sheet = openpyxl.load_workbook(BytesIO(edited))["Clients"]
    seen = [sheet.cell(row + 2, 4) for row in range(len(texts))]
    assert [cell.data_type for cell in seen] == ["s"] * len(texts)
    assert [cell.value for cell in seen][:3] + [seen[5].value, seen[6].value] == texts[:3] + texts[5:]
    assert "_x005F_x000D_" in read_part(edited, SHEET)
    assert "a_x0001_b" in read_part(edited, SHEET)


def test_kinds_of_values() -> None:
    """Whole numbers, truth values, long texts and formulas with their results."""
    long = "x" * 40_000
    edited = write(make_book(), column(4, "V", [7, True, long, Formula("=B2*2", 21.0), Formula('"a"&"b"', "ab")]))
    seen = [row[3] for row in values(edited)][1:]
    assert seen[:2] == [7, True]
    assert len(seen[2]) == 32_767
    assert seen[3:] == [21.0, "ab"]
    assert "<f>B2*2</f>" in read_part(edited, SHEET)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 10**400])
def test_no_number_is_refused(number: float) -> None:
    """A cell cannot hold NaN or infinity; the caller hears it before anything is written."""
    assert refused(make_book(), column(4, values=[1.0, number, 2.0, 3.0, 4.0])).kind == "value"


def test_second_run_changes_nothing() -> None:
    """The same write over its own result leaves every part as it is."""
    columns = [
        column(4, style=CellStyle(number_format="0.0"), header_style=HEAD, width_chars=14, overwrite=True),
        column(5, "Category", ["a", "b", "c", None, "a"], header_style=HEAD, choices=["a", "b", "c"], overwrite=True),
        column(6, "Twice", [3.0, 4.0, 0.0, 8.0, 10.0], repeated="D2*2", overwrite=True),
    ]
    for data in (make_book(), make_book(table=True), prefixed(make_book(table=True))):
        once = write(data, *columns)
        twice = write(once, *columns)
        assert untouched_share(once, twice) == (len(part_list(once)), len(part_list(once)))


def test_styles_are_appended_and_found_again() -> None:
    """Old formats keep their numbers; the same look gets the same number."""
    data = make_book(more=lambda book, sheet: sheet.write(0, 0, "Client", book.add_format({"italic": True})))
    before = read_part(data, "xl/styles.xml")
    looks = [CellStyle(fill="FFCC00"), None, CellStyle(fill="FFCC00"), CellStyle(bold=True, border="888888"), None]
    edited = write(data, column(4, styles=looks))
    after = read_part(edited, "xl/styles.xml")
    old = re.search("<cellXfs[^>]*>(.*)</cellXfs>", before)[1]
    new = re.search("<cellXfs[^>]*>(.*)</cellXfs>", after)[1]
    assert new.startswith(old) and new.count("<xf ") == old.count("<xf ") + 2
    seen = dict(re.findall(r'<c r="(D[2-6])"(?: s="(\d+)")?', read_part(edited, SHEET)))
    assert seen == {"D2": "2", "D3": "", "D4": "2", "D5": "3", "D6": ""}


def test_styles_in_an_unusual_place() -> None:
    """The styles may stand anywhere; openpyxl looks in one place only, and reads the looks there, at each run."""
    plain = make_book()
    moved = repack(
        bend(
            bend(plain, "xl/_rels/workbook.xml.rels", lambda text: text.replace('"styles.xml', '"look/s1.xml')),
            "[Content_Types].xml",
            lambda text: text.replace("/xl/styles.xml", "/xl/look/s1.xml"),
        ),
        lambda name, content: None if name == "xl/styles.xml" else content,
        [("xl/look/s1.xml", read_part(plain, "xl/styles.xml").encode())],
    )
    once = write(moved, column(4, style=HEAD))
    twice = write(once, column(4, style=CellStyle(italic=True), overwrite=True))
    assert openpyxl.load_workbook(BytesIO(once))["Clients"]["D2"].font.bold
    assert openpyxl.load_workbook(BytesIO(twice))["Clients"]["D2"].font.italic
    assert compare(moved, twice, {SHEET: Written(frozenset({4}))}) == []


def test_table_grows_over_new_columns() -> None:
    """The table's area, columns and filter take the new columns in; names stay unique."""
    data = make_book(table=True)
    edited = write(data, column(4, "Score"), column(5, "Line\nbreak", ["x"] * 5))
    table = read_part(edited, TABLE)
    assert 'ref="A1:E6"' in table and '<autoFilter ref="A1:E6"' in table
    assert '<tableColumns count="5">' in table
    assert '<tableColumn id="4" name="Score"/><tableColumn id="5" name="Line_x000a_break"/>' in table
    assert Workbook.open(edited).tables[0].columns == ("Client", "Revenue", "Rank", "Score", "Line\nbreak")
    assert compare(data, edited, {SHEET: Written(frozenset({4, 5}))}) == []


def test_gap_beside_a_table_leaves_the_table() -> None:
    """A column that does not touch the table is a plain column."""
    data = make_book(table=True)
    edited = write(data, column(5))
    assert read_part(edited, TABLE) == read_part(data, TABLE)


def test_calculated_columns_follow() -> None:
    """A column of values ends a calculated column; a given formula becomes the table's own."""

    def calculated(_: Any, sheet: Any) -> None:
        columns = [{"header": "A"}, {"header": "B", "formula": "=[@A]*2"}]
        sheet.add_table(0, 5, 5, 6, {"name": "Calc", "columns": columns})

    data = make_book(more=calculated)
    assert "calculatedColumnFormula" in read_part(data, TABLE)
    plain = write(data, column(7, "B", overwrite=True))
    assert "calculatedColumnFormula" not in read_part(plain, TABLE)
    formula = write(data, column(8, "C", calculated="=[@B]+1"))
    assert "<calculatedColumnFormula>[@B]+1</calculatedColumnFormula>" in read_part(formula, TABLE)


def test_table_refusals() -> None:
    """A header that differs, a name that is there, too many rows, another table in the way."""
    data = make_book(table=True)
    assert refused(data, column(3, "Other", overwrite=True)).kind == "table"
    assert refused(data, column(4, "client")).kind == "name-taken"
    assert refused(data, column(4, values=[1.0] * 9)).kind == "table"
    neighbour = make_book(
        table=True, more=lambda _, sheet: sheet.add_table(0, 4, 5, 4, {"columns": [{"header": "Near"}]})
    )
    assert refused(neighbour, column(4, "A"), column(5, "B", overwrite=True)).kind == "table"


def test_totals_row_is_not_overwritten() -> None:
    """The totals row belongs to the table, not to its data."""

    def totals(_: Any, sheet: Any) -> None:
        columns = [{"header": "N", "total_function": "sum"}]
        sheet.add_table(0, 5, 6, 5, {"total_row": True, "columns": columns})

    data = make_book(more=totals)
    assert Workbook.open(data).tables[0].totals_row == 7
    assert refused(data, column(7, values=[1.0] * 6)).kind == "table"
    assert 'ref="F1:G7"' in read_part(write(data, column(7)), TABLE)


def test_query_table_gets_unbound_fields() -> None:
    """A table that a query fills lists the new column as its own."""
    data = make_book(table=True)
    data = bend(data, TABLE, lambda text: text.replace(" totalsRowShown", ' tableType="queryTable" totalsRowShown'))
    rels = '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    rels += (
        '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/queryTable"'
    )
    rels += ' Target="../queryTables/queryTable1.xml"/></Relationships>'
    query = (
        '<?xml version="1.0"?><queryTable xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" name="Q">'
    )
    query += '<queryTableRefresh nextId="4"><queryTableFields count="3">'
    query += "".join(f'<queryTableField id="{n}" name="c{n}" tableColumnId="{n}"/>' for n in (1, 2, 3))
    query += "</queryTableFields></queryTableRefresh></queryTable>"
    name = "xl/queryTables/queryTable1.xml"
    data = repack(
        data, lambda _, content: content, [("xl/tables/_rels/table1.xml.rels", rels.encode()), (name, query.encode())]
    )
    edited = write(data, column(4))
    assert '<queryTableField id="4" dataBound="0" tableColumnId="4"/>' in read_part(edited, name)
    assert 'nextId="5"' in read_part(edited, name) and 'count="4"' in read_part(edited, name)
    assert 'queryTableFieldId="4"' in read_part(edited, TABLE)


def test_sheet_filter_covers_new_columns() -> None:
    """Otherwise the user's next sort would tear the scores off their rows."""
    data = make_book(more=lambda _, sheet: sheet.autofilter(0, 0, 5, 2))
    edited = write(data, column(4), column(5, "More"))
    assert '<autoFilter ref="A1:E6"/>' in read_part(edited, SHEET)
    assert "Clients!$A$1:$E$6" in read_part(edited, "xl/workbook.xml")
    assert read_part(write(data, column(5)), SHEET).count('<autoFilter ref="A1:C6"/>') == 1


def test_sort_orders_cover_new_columns() -> None:
    """Excel applies a stored order again to the area that it names: in a filter and in a table it grows with them."""
    order = '<sortState ref="A2:C6"><sortCondition ref="B2:B6"/></sortState>'
    plain = bend(
        make_book(more=lambda _, sheet: sheet.autofilter(0, 0, 5, 2)),
        SHEET,
        lambda text: text.replace('<autoFilter ref="A1:C6"/>', f'<autoFilter ref="A1:C6">{order}</autoFilter>'),
    )
    table = bend(make_book(table=True), TABLE, lambda text: text.replace("<tableColumns", f"{order}<tableColumns"))
    for data, part in ((plain, SHEET), (table, TABLE)):
        edited = write(data, column(4), column(5, "More"))
        assert '<sortState ref="A2:E6"><sortCondition ref="B2:B6"/></sortState>' in read_part(edited, part)
        assert compare(data, edited, {SHEET: Written(frozenset({4, 5}))}) == []


def test_widths_are_cut_out_of_wider_runs() -> None:
    """One `col` element may stand for many columns; only ours gets the new width, a person's stays."""
    data = make_book(more=lambda _, sheet: sheet.set_column(2, 9, 5))
    edited = write(data, column(4, width_chars=20))
    cols = re.search("<cols>(.*)</cols>", read_part(edited, SHEET))[1]
    assert [re.findall(r'"([^"]+)"', item)[:3] for item in cols.split("/>") if item] == [
        ["3", "3", "5.7109375"], ["4", "4", "20"], ["5", "10", "5.7109375"]
    ]  # fmt: skip
    narrow = edited.replace(b"", b"")
    assert read_part(write(narrow, column(4, width_chars=33, overwrite=True)), SHEET).count('width="20"') == 1


def test_new_columns_are_seen() -> None:
    """A hidden empty column is shown when it gets values; one that a person hides afterwards stays hidden."""
    data = make_book(more=lambda _, sheet: sheet.set_column(3, 3, 5, None, {"hidden": True}))
    once = write(data, column(4, width_chars=20))
    assert 'hidden="1"' not in read_part(once, SHEET) and 'width="5.7109375"' in read_part(once, SHEET)
    hidden = bend(once, SHEET, lambda text: text.replace('<col min="4"', '<col hidden="1" min="4"'))
    assert 'hidden="1"' in read_part(write(hidden, column(4, width_chars=20, overwrite=True)), SHEET)


def test_hidden_rows_and_heights_stay() -> None:
    """A filtered-out row stays hidden, a tall row stays tall, a new row is added where there was none."""

    def more(_: Any, sheet: Any) -> None:
        sheet.set_row(2, 39.75, None, {"hidden": True})
        sheet.write(9, 0, "far below")

    edited = write(make_book(more=more), column(4, values=[float(n) for n in range(9)]))
    text = read_part(edited, SHEET)
    assert re.search(r'<row r="3"[^>]* ht="39.75" hidden="1"', text)
    assert [int(number) for number in re.findall(r'<row r="(\d+)"', text)] == list(range(1, 11))
    assert [row[3] for row in values(edited)][9] == 8.0


@pytest.mark.parametrize(
    "spelling", ["prefixed", "strict", "utf-16", "cdata", "closed", "pretty", "unnumbered", "quotes"]
)
def test_spellings_of_the_format(spelling: str) -> None:
    """Prefixes, the strict dialect, other encodings, CDATA, closed rows, blanks, missing numbers, single quotes."""
    data = make_book(rows=2)
    text = read_part(data, SHEET)
    rows = re.search("<sheetData>.*</sheetData>", text)[0]
    made = {
        "prefixed": lambda: prefixed(data),
        "strict": lambda: strict(data),
        "utf-16": lambda: bend(data, SHEET, lambda part: part.replace("UTF-8", "UTF-16").encode("utf-16")),
        "cdata": lambda: bend(data, SHEET, lambda part: part.replace(rows, rows.replace(
            '<c r="A2" t="s"><v>3</v></c>', '<!-- </row> --><c r="A2" t="str"><v><![CDATA[Client <1>]]></v></c>'))),
        "closed": lambda: bend(data, SHEET, lambda part: part.replace("</sheetData>", '<row r="7"/></sheetData>')),
        "pretty": lambda: bend(data, SHEET, lambda part: part.replace("<row", "\n  <row").replace("<c ", "\n    <c ")),
        "unnumbered": lambda: bend(data, SHEET, lambda part: re.sub(r' (r|spans)="[^"]*"', "", part)),
        "quotes": lambda: bend(data, SHEET, lambda part: part.replace(rows, rows.replace('"', "'"))),
    }  # fmt: skip
    bent = made[spelling]()
    edited = write(bent, column(4, values=[1.0, 2.0], style=CellStyle(bold=True), width_chars=9))
    new, wanted = values(edited), values(data)
    wanted[1][0] = "Client <1>" if spelling == "cdata" else wanted[1][0]
    assert [row[:3] for row in new][:3] == wanted
    assert [row[3] for row in new][:3] == ["Score", 1.0, 2.0]
    again = write(edited, column(4, values=[1.0, 2.0], style=CellStyle(bold=True), width_chars=9, overwrite=True))
    assert values(again) == new


def test_sheet_without_rows() -> None:
    """An empty sheet, written as `<sheetData/>`, takes columns too."""

    def more(book: Any, _: Any) -> None:
        book.add_worksheet("Empty")

    workbook = Workbook.open(make_book(more=more))
    workbook.write_columns("Empty", 1, 2, [column(2)])
    assert [row[1] for row in values(workbook.to_bytes(), "Empty")] == ["Score", 1.5, 2.0, "", 4.0, 5.0]


def test_1904_workbooks_are_known() -> None:
    """Callers convert dates; the workbook says from which day."""
    assert Workbook.open(make_book(options={"date_1904": True})).date1904
    assert not Workbook.open(make_book()).date1904


def test_overwritten_formulas_leave_the_calculation_chain() -> None:
    """Excel reports a file whose chain lists a formula that is gone; a chain of other cells stays."""
    chain = '<?xml version="1.0"?><calcChain xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    chain += '<c r="{}" i="1"/></calcChain>'
    rel = (
        '<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain"'
    )
    rel += ' Target="calcChain.xml"/></Relationships>'

    def with_chain(cell: str) -> bytes:
        data = make_book(more=lambda _, sheet: sheet.write_formula("D2", "=B2*2", None, 21))
        data = bend(data, "xl/_rels/workbook.xml.rels", lambda text: text.replace("</Relationships>", rel))
        return repack(data, lambda _, content: content, [("xl/calcChain.xml", chain.format(cell).encode())])

    assert "xl/calcChain.xml" not in part_list(write(with_chain("D2"), column(4, overwrite=True)))
    assert "xl/calcChain.xml" in part_list(write(with_chain("A9"), column(4, overwrite=True)))


def test_shared_formulas_of_people_stay() -> None:
    """A shared formula keeps its number and its area beside our columns, and nothing is written into it."""
    users = '<c r="D2"><f t="shared" ref="D2:D3" si="0">B2</f><v>1</v></c>'
    data = bend(
        make_book(),
        SHEET,
        lambda text: text.replace('<c r="C2" t="s"><v>4</v></c>', '<c r="C2" t="s"><v>4</v></c>' + users),
    )
    edited = write(data, column(6, "Six", [1.0] * 5, repeated="B2*2"))
    assert re.findall(r'<f t="shared" ref="([^"]+)" si="(\d+)"', read_part(edited, SHEET)) == [("D2:D3", "0")]
    assert refused(data, column(4, values=[1.0], overwrite=True)).kind == "array"


@pytest.mark.parametrize("results", [[1.5, "a", "", 2.0, 1.0], [1.0, True, None, "x", 3]], ids=["usual", "odd"])
def test_a_repeated_formula_is_written_like_one_formula_per_cell(results: list[Any]) -> None:
    """Letter for letter the same part, whatever the results are; a number that is none is refused."""
    text = 'IF(A2="<&>",1,2)'
    one_each = write(make_book(), column(6, "Six", [Formula(text, result) for result in results]))
    repeated = write(make_book(), column(6, "Six", results, repeated=text))
    assert read_part(repeated, SHEET) == read_part(one_each, SHEET)
    assert refused(make_book(), column(6, "Six", [*results[:4], float("nan")], repeated=text)).kind == "value"


def test_what_must_not_be_written_over() -> None:
    """Filled cells, merged cells, array formulas, pivots' neighbours and protected sheets are refused by kind."""
    data = make_book()
    error = refused(data, column(3))
    assert (error.kind, error.place) == ("occupied", "Clients!C1")
    merged = make_book(more=lambda _, sheet: sheet.merge_range("D3:E3", "x"))
    assert refused(merged, column(4, overwrite=True)).kind == "merged"
    array = make_book(more=lambda _, sheet: sheet.write_array_formula("D2:E9", "{=B2:C9}"))
    assert refused(array, column(4, overwrite=True)).kind == "array"
    locked = make_book(more=lambda _, sheet: sheet.protect())
    error = refused(locked, column(4))
    assert error.kind == "protected" and "Unprotect" in error.help
    assert refused(data, column(16_385)).kind == "limits"
    assert refused(data, column(4), header_row=1_048_575, first_row=1_048_576).kind == "limits"


def test_pivot_tables_keep_their_distance() -> None:
    """A refresh rewrites the pivot's area and may grow it: one cell beside it is too near, two are not."""
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    rels = '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    rels += (
        f'<Relationship Id="rId1" Type="{kind}/pivotTable" Target="../pivotTables/pivotTable1.xml"/></Relationships>'
    )
    pivot = (
        '<?xml version="1.0"?><pivotTableDefinition xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    )
    pivot += '<location ref="F3:G9"/></pivotTableDefinition>'
    extra = [("xl/worksheets/_rels/sheet1.xml.rels", rels.encode()), ("xl/pivotTables/pivotTable1.xml", pivot.encode())]
    data = repack(make_book(), lambda _, content: content, extra)
    assert [refused(data, column(place)).kind for place in (5, 6, 7, 8)] == ["pivot"] * 4
    assert values(write(data, column(4)))[1][3] == 1.5
    assert values(write(data, column(9)))[1][8] == 1.5


def test_a_refused_write_has_changed_nothing() -> None:
    """After a refusal the workbook is as it was, and takes the next write."""
    data = make_book(table=True)
    workbook = Workbook.open(data)
    for bad in (column(4, choices=["a,b"]), column(4, style=CellStyle(fill="red")), column(4, values=[1.0] * 9)):
        with pytest.raises(OoxmlError):
            workbook.write_columns("Clients", 1, 2, [bad])
        assert untouched_share(data, workbook.to_bytes()) == (len(part_list(data)), len(part_list(data)))
    workbook.write_columns("Clients", 1, 2, [column(4)])
    assert values(workbook.to_bytes())[1][3] == 1.5


def test_existing_look_is_kept() -> None:
    """A value put into a formatted cell takes that cell's look when none is asked for."""
    data = make_book(more=lambda book, sheet: sheet.write_blank(1, 3, None, book.add_format({"bold": True})))
    edited = write(data, column(4, values=[1.0, 2.0]))
    assert re.search(r'<c r="D2" s="1"><v>1\.0</v>', read_part(edited, SHEET))
    assert re.search(r'<c r="D2" s="1"/>', read_part(write(data, column(4, values=[None, 2.0])), SHEET))


def test_drop_down_lists_replace_their_own() -> None:
    """A second list on the same column replaces the first; other rules stay."""

    def more(_: Any, sheet: Any) -> None:
        sheet.data_validation("B2:B6", {"validate": "decimal", "criteria": ">", "value": 0})

    once = write(make_book(more=more), column(4, choices=["yes", 'say "no"']))
    text = read_part(write(once, column(4, choices=["maybe"], overwrite=True)), SHEET)
    assert text.count("<dataValidation ") == 2 and 'count="2"' in text and '<formula1>"maybe"</formula1>' in text
    assert refused(make_book(), column(4, choices=["a,b"])).kind == "value"
    assert refused(make_book(), column(4, choices=["x" * 300])).kind == "value"


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("<sheetData>", "<!-- <sheetData> </row> --><sheetData>"),
        lambda text: text.replace('<row r="3"', '<!-- </sheetData> <row r="9"> --><row r="3"'),
        lambda text: text.replace("</row>", "</row\n>").replace("</c>", "</c >"),
        lambda text: text.replace("</sheetData>", "</sheetData >"),
    ],
    ids=["before the rows", "between the rows", "blanks in closing tags", "blank in the last closing tag"],
)
def test_tags_in_comments_and_blanks_in_tags(change: Callable[[str], str]) -> None:
    """Legal ways of writing that look like the end of the rows, or like no end at all, do not mislead."""
    data = bend(make_book(), SHEET, change)
    workbook = Workbook.open(data)
    workbook.write_columns("Clients", 1, 2, [column(4)])
    edited = workbook.to_bytes()
    assert compare(data, edited, {SHEET: Written(frozenset({4}))}) == []
    assert [row[3] for row in values(edited)] == ["Score", 1.5, 2.0, "", 4.0, 5.0]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('ref="A1:C6"', 'ref="A1:6"', 1),
        lambda text: text.replace('<tableColumn id="3"', '<x id="3"'),
    ],
    ids=["an area of whole rows", "a column less"],
)
def test_table_that_contradicts_itself(change: Callable[[str], str]) -> None:
    """A table whose area is not as wide as its list of columns is damaged: extending it would make it worse."""
    error = refused(bend(make_book(table=True), TABLE, change), column(4))
    assert error.kind == "damaged" and "Clients_table" in error.message


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<sheetData>", "<x:sheetData/><sheetData>"),
        ('footer="0.3"/>', 'footer<!-- </row> -->="0.3"/>'),
    ],
    ids=["rows of another prefix", "a comment inside a tag"],
)
def test_sheets_that_only_look_like_ones_are_refused(old: str, new: str) -> None:
    """What is no XML is not made some, and rows that are not spelled as the sheet are not written into."""
    data = bend(make_book(), SHEET, lambda text: text.replace(old, new, 1))
    assert data != make_book()
    error = refused(data, column(4))
    assert error.kind == "damaged" and error.place == SHEET
