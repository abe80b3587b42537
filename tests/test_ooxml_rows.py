"""The fast way of setting cells makes what the slow way makes, and its check sees what it must."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

import pytest

from kamxl.ooxml import CellStyle, ColumnWrite, OoxmlError, Workbook
from kamxl.ooxml.cells import render_cells
from kamxl.ooxml.references import column_name
from kamxl.ooxml.row_edit import edit_rows
from kamxl.ooxml.row_strip import set_strip
from kamxl.ooxml.rows import CellBlock, RowMarkup, survey_rows
from kamxl.ooxml.verify_rows import first_difference, only_ours_differ
from tests.ooxml_books import bend, make_book

KINDS = ("<v>{n}</v>", "<f>A1*{n}</f><v>1</v>", "<is><t>a {n}</t></is>", "")


def random_rows(chance: random.Random, *, odd: float) -> bytes:
    """Rows with gaps, closed rows, cells of every look; `odd` is the share of unusual spellings."""
    rows, number = [], 0
    for _ in range(chance.randint(0, 40)):
        number += chance.choice((1, 1, 1, 2, 5))
        strange = chance.random() < odd
        head = f' r="{number}"' if not strange or chance.random() < 0.7 else f' ht="15" r="{number}"'
        spans = chance.choice(("", ' spans="1:4"', ' spans="2:9"')) + chance.choice(("", ' ht="20" customHeight="1"'))
        if strange and chance.random() < 0.4:
            rows.append(f"<row{head}{spans}/>")
            continue
        columns = sorted(chance.sample(range(1, 10), chance.randint(0, 9)))
        cells = []
        for column in columns:
            style = chance.choice(("", "", ' s="1"', ' s="2"'))
            name = f' r="{column_name(column)}{number}"'
            attributes = style + name if strange and chance.random() < 0.3 else name + style
            content = chance.choice(KINDS).format(n=number)
            kind = ' t="inlineStr"' if "<is>" in content else ""
            cells.append(f"<c{attributes}{kind}>{content}</c>" if content else f"<c{attributes}/>")
        if strange and chance.random() < 0.3:
            cells.append("<c><v>7</v></c>")
        rows.append(f"<row{head}{spans}>{''.join(cells)}</row>" + ("\n" if strange else ""))
    return "".join(rows).encode()


def random_block(chance: random.Random) -> CellBlock:
    first, width = chance.randint(1, 10), chance.randint(1, 4)
    columns = tuple(range(first, first + width))
    if width > 2 and chance.random() < 0.3:
        columns = columns[:1] + columns[2:]
    top, many = chance.randint(1, 20), chance.randint(1, 40)

    def cells(row: int) -> Iterator[bytes]:
        for column in columns:
            yield b"" if (row * column) % 7 == 0 else f'<c r="{column_name(column)}{row}"><v>{row}.5</v></c>'.encode()

    rows = [(row, list(cells(row))) for row in range(top, top + many)]
    return CellBlock(columns, rows, tuple(chance.random() < 0.5 for _ in columns))


@pytest.mark.parametrize("seed", range(300))
def test_fast_and_slow_way_agree(seed: int) -> None:
    """Whatever rows and columns: `set_strip` makes the bytes that `edit_rows` makes, or refuses as it does."""
    chance = random.Random(seed)
    stored, block = random_rows(chance, odd=chance.choice((0.0, 0.0, 0.4))), random_block(chance)
    markup = RowMarkup("")
    survey = survey_rows([stored], markup, "sheet")
    step = chance.choice((7, 64, 100_000))
    chunks = [stored[at : at + step] for at in range(0, len(stored), step)]

    def made(fast: bool) -> bytes | str:
        try:
            steps = set_strip(chunks, markup, block, survey, "p") if fast else edit_rows(chunks, markup, [block], "p")
            return b"".join(steps)
        except OoxmlError as error:
            return error.kind

    assert made(True) == made(False)


def test_new_rows_stand_in_their_places_with_their_looks() -> None:
    """Blocks below each other with gaps, among stored rows with gaps: each row once, in order, nothing else."""
    chance, markup = random.Random(4), RowMarkup("")
    for _ in range(200):
        stored = sorted(chance.sample(range(1, 60), 12))
        first, second = sorted(chance.sample(range(1, 30), 15)), sorted(chance.sample(range(30, 90), 20))
        looks = {row: b' ht="%d" customHeight="1"' % row for row in chance.sample(range(1, 90), 30)}
        blocks = [
            CellBlock((2,), [(row, [b'<c r="B%d"/>' % row]) for row in rows], (False,), looks)
            for rows in (first, second)
        ]
        rows = b"".join(b'<row r="%d"><c r="A%d"/></row>' % (row, row) for row in stored)
        expected = b""
        for row in sorted({*stored, *first, *second}):
            look = b"" if row in stored else looks.get(row, b"")
            old = b'<c r="A%d"/>' % row if row in stored else b""
            new = b'<c r="B%d"/>' % row if row in first or row in second else b""
            expected += b'<row r="%d"%b>%b%b</row>' % (row, look, old, new)
        assert b"".join(edit_rows([rows], markup, blocks, "p")) == expected


def test_styles_of_replaced_cells_are_kept() -> None:
    """A cell that is replaced without a look of its own keeps the look that a person gave it."""
    rows = "".join(
        f'<row r="{row}"><c r="A{row}"><v>1</v></c><c r="B{row}" s="{row % 2 + 1}"><v>2</v></c>'
        f'<c r="C{row}" s="1"/><c r="D{row}"><v>4</v></c></row>'
        for row in range(1, 50)
    ).encode()
    cells = [(row, [b'<c r="B%d"><v>9</v></c>' % row, b""]) for row in range(1, 50)]
    block, markup = CellBlock((2, 3), cells, (True, True)), RowMarkup("")
    made = b"".join(set_strip([rows], markup, block, survey_rows([rows], markup, "p"), "p"))
    assert made == rows.replace(b"<v>2</v>", b"<v>9</v>")


def book_with_rows(rows: int) -> Workbook:
    cells = "".join(
        f'<row r="{row}" spans="1:3"><c r="A{row}"><v>{row}</v></c><c r="B{row}" t="str"><v>old {row}</v></c>'
        f'<c r="C{row}"><v>{row * 2}</v></c></row>'
        for row in range(1, rows + 1)
    )
    sheet = "xl/worksheets/sheet1.xml"
    return Workbook.open(
        bend(
            make_book(),
            sheet,
            lambda text: re.sub("<sheetData>.*</sheetData>", f"<sheetData>{cells}</sheetData>", text),
        )
    )


PLANTED = {
    "another value": (b"<v>old 7</v>", b"<v>old 8</v>"),
    "a lost cell": (b'<c r="A7"><v>7</v></c>', b""),
    "a lost row": (b'<row r="9" spans="1:4">', b'<row r="9000" spans="1:4">'),
    "a lost attribute": (b'<c r="B7" t="str">', b'<c r="B7">'),
    "a cell more": (b'<c r="B7" t="str">', b'<c r="AB7"><v>1</v></c><c r="B7" t="str">'),
}


@pytest.mark.parametrize(
    ("column", "planted"),
    [
        (column, name)
        for column in (4, 3, 2)
        for name in PLANTED
        if column != 2 or name in ("a lost cell", "a lost row")
    ],
)
def test_check_sees_what_was_not_asked(column: int, planted: str) -> None:
    """A change outside the written column is seen, and the same rows without it pass."""
    workbook = book_with_rows(30)
    values = [f"new {row}" for row in range(30)]
    workbook.write_columns(
        "Clients", None, 1, [ColumnWrite(column, "", values, style=CellStyle(bold=True), overwrite=True)]
    )
    sheet = workbook._sheet("Clients")
    stored = b"".join(sheet.stored_rows())
    written = b"".join(sheet._edited_rows())
    assert only_ours_differ(sheet, [stored], [written])
    assert first_difference(sheet, [stored], [written]) == ""
    old, new = PLANTED[planted]
    spoiled = written.replace(old.replace(b"1:4", b"1:3") if column < 4 else old, new)
    assert spoiled != written
    assert not only_ours_differ(sheet, [stored], [spoiled])
    try:
        assert first_difference(sheet, [stored], [spoiled])
    except OoxmlError as error:
        assert error.kind == "damaged"


@pytest.mark.parametrize(
    "spoil",
    [
        (b'<c r="D7"', b'<c r="D8"'),
        (b"new 7", b"new < 7"),
        (b"</t></is></c></row>", b"</t></is></c><c r='E1'/></row>"),
        (b'<row r="7" spans="1:4"', b'<row r="7" spans="1:4" hidden="1"'),
        (b"new 7", b"new & 7"),
        (b"new 7", b"new &nbsp; 7"),
        (b"new 7", b"new ]]> 7"),
        (b"new 7", b"new \x01 7"),
        (b"new 7", b"new \0 7"),
        (b"new 7", b"new \xff 7"),
    ],
    ids=[
        "another row's name",
        "broken XML",
        "a cell elsewhere",
        "a row attribute",
        "a bare ampersand",
        "an unknown entity",
        "the end of CDATA",
        "a control character",
        "a zero byte",
        "no UTF-8",
    ],
)
def test_check_sees_broken_cells_of_ours(spoil: tuple[bytes, bytes]) -> None:
    """Our own cells are judged too: their names, their XML, and the opening of their row."""
    workbook = book_with_rows(30)
    workbook.write_columns("Clients", None, 1, [ColumnWrite(4, "", [f"new {row}" for row in range(1, 31)])])
    sheet = workbook._sheet("Clients")
    stored, written = b"".join(sheet.stored_rows()), b"".join(sheet._edited_rows())
    assert only_ours_differ(sheet, [stored], [written])
    spoiled = written.replace(*spoil)
    assert spoiled != written
    assert not only_ours_differ(sheet, [stored], [spoiled])


LETTERS = "a b\u00e9\u2212\u00b7 \xa0\u2003&<>_x0041_|\"'\n\t\r\x01\x7f\x85\ufffe\uffff\ufeff\u3000\u2028\0\U0001f600"


@pytest.mark.parametrize("seed", range(200))
def test_texts_of_a_column_are_written_as_one_by_one(seed: int) -> None:
    """Texts looked at all at once give the cells that each of them gives alone, whatever its letters."""
    chance = random.Random(seed)
    letters = LETTERS if seed % 2 else LETTERS[:6]
    texts = ["".join(chance.choices(letters, k=chance.randint(0, 9))) + str(at) for at in range(chance.randint(1, 9))]
    rows = range(5, 5 + len(texts))
    alone = [render_cells("x:", "AB", range(row, row + 1), [text], 3)[0] for row, text in zip(rows, texts, strict=True)]
    styled = render_cells("x:", "AB", rows, texts, [3] * len(texts))
    assert render_cells("x:", "AB", rows, texts, 3) == alone == styled
