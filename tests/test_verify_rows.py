"""Damage between writing and saving: whatever is not ours, or not as it was written, stops the save."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from kamxl.hosts.plain_rows import read_plain
from kamxl.ooxml import ColumnWrite, Formula, OoxmlError, Workbook
from kamxl.ooxml.sheet import Sheet

ROWS = 4


def make_book(*, behind: bool) -> bytes:
    """Clients in A to C, some without C, the third hidden; a note in H where `behind`."""
    file = io.BytesIO()
    book: Any = xlsxwriter.Workbook(file, {"in_memory": True})
    sheet = book.add_worksheet("Clients")
    for row in range(ROWS + 1):
        for column in range(3 if row % 2 else 2):
            sheet.write_number(row, column, row * 10 + column)
        if behind:
            sheet.write_number(row, 7, 99)
    sheet.set_row(2, None, None, {"hidden": True})
    book.close()
    return file.getvalue()


def opened(data: bytes | Path, *, again: bool = False) -> Workbook:
    """The workbook with three columns written to D, E and F; E is empty in the third row."""
    workbook = Workbook.open(data)
    found = read_plain(workbook, "Clients")
    assert found is not None
    workbook.note_rows("Clients", found.seen)
    columns = [
        ColumnWrite(4, "Score", [row * 0.5 for row in range(ROWS)], overwrite=again),
        ColumnWrite(5, "Category", ["a", None, "b", "c & d"], overwrite=again),
        ColumnWrite(6, "Live", [Formula("A1", row) for row in range(ROWS)], overwrite=again),
    ]
    workbook.write_columns("Clients", 1, 2, columns)
    return workbook


DAMAGE = [
    (b'spans="1:', b'spans="1<'),
    (b'spans="1:', b'spans="1&'),
    (b'spans="1:', b'spans="\x011:'),
    (b' hidden="1"', b""),
    (b'<row r="3"', b'<row r="3" ht="5"'),
    (b'<row r="4"', b'<row r="3"'),
    (b'</c><c r="D2"', b'</c<c r="D2"'),
    (b'</c><c r="D3"', b'</c<c r="D3"'),
    (b'<c r="B2">', b'x<c r="B2">'),
    (b'<c r="B2">', b'<!-- --><c r="B2">'),
    (b'<c r="B2"><v>11</v></c>', b""),
    (b"<v>11</v>", b"<v>12</v>"),
    (b'<c r="D2"', b'<c r="D3"'),
    (b'<c r="E2"', b'<c r="E3"'),
    (b'<c r="E2"', b'<c q="E2"'),
    (b"c &amp; d", b"c & d"),
    (b"c &amp; d", b"c ]]> d"),
    (b"c &amp; d", b"c \x02 d"),
    (b"c &amp; d", b"c \xff d"),
    (b"c &amp; d", b"c <d"),
    (b"</sheetData>", b'<row r="9"><c r="A9"><v>1</v></c></row></sheetData>'),
    (b"</sheetData>", b"<oops></sheetData>"),
    (b"<sheetData>", b'<sheetData a="1">'),
    (b"<pageMargins", b"<oops"),
]


def swapped(part: bytes, first: bytes, second: bytes) -> bytes:
    """The part with two neighbouring cells in each other's places."""
    at, middle = part.index(b'<c r="%b"' % first), part.index(b'<c r="%b"' % second)
    end = part.index(b"</c>", middle) + 4
    return part[:at] + part[middle:end] + part[at:middle] + part[end:]


def doubled(part: bytes, name: bytes) -> bytes:
    """The part with a cell that stands twice."""
    at = part.index(b'<c r="%b"' % name)
    end = part.index(b"</c>", at) + 4
    return part[:end] + part[at:]


def planted(monkeypatch: pytest.MonkeyPatch, damage: Any) -> None:
    """From here on the part of the sheet is written with this damage."""
    whole = Sheet.chunks

    def damaged(self: Sheet) -> Iterator[bytes]:
        part = b"".join(whole(self))
        bent = damage(part)
        assert bent != part
        yield bent

    monkeypatch.setattr(Sheet, "chunks", damaged)


@pytest.fixture(params=["first", "again", "between"])
def book(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, bool]:
    """A workbook without our columns, one that has them, one with a foreign column behind."""
    path, again = tmp_path / "book.xlsx", request.param == "again"
    path.write_bytes(make_book(behind=request.param == "between"))
    if again:
        opened(path).save(path)
    return path, again


def refused(path: Path, *, again: bool) -> None:
    """The save raises, and the old file is what it was."""
    before = path.read_bytes()
    with pytest.raises(OoxmlError) as caught:
        opened(path, again=again).save(path)
    assert caught.value.kind in ("unsafe", "damaged")
    assert path.read_bytes() == before and [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(("old", "new"), DAMAGE)
def test_damage_stops_the_save(
    book: tuple[Path, bool], old: bytes, new: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A letter in a row's opening tag, a cell, their order, the frame: none of it may change."""
    planted(monkeypatch, lambda part: part.replace(old, new, 1))
    refused(book[0], again=book[1])


@pytest.mark.parametrize(
    ("first", "second"), [(b"D2", b"E2"), (b"C2", b"D2"), (b"B3", b"D3"), (b"D3", b"F3"), (b"A2", b"B2")]
)
def test_order_of_cells_is_kept(
    book: tuple[Path, bool], first: bytes, second: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Excel repairs a workbook whose cells do not stand from left to right."""
    planted(monkeypatch, lambda part: swapped(part, first, second))
    refused(book[0], again=book[1])


@pytest.mark.parametrize("name", [b"A2", b"C2", b"D2", b"E2", b"F2", b"F3"])
def test_no_cell_stands_twice(book: tuple[Path, bool], name: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither one of a person nor one of ours."""
    planted(monkeypatch, lambda part: doubled(part, name))
    refused(book[0], again=book[1])
