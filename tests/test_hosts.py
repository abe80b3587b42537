"""One conformance suite over all hosts: what a Host promises, each of them keeps."""

from __future__ import annotations

from pathlib import Path

import pytest

from kamxl.hosts import Host, OutColumn
from kamxl.problems import KamxlError
from kamxl.table import Choices, Grid, GridCell, Table
from kamxl.values import is_blank
from tests.host_cases import HOST_CASES, HostCase

pytestmark = pytest.mark.parametrize("case", HOST_CASES, ids=lambda case: case.name)


def clients_of(host: Host) -> Table:
    tables = host.read_tables({"client", "revenue", "segment"})
    (table,) = [found for found in tables if found.origin.sheet == "Clients"]
    return table


def column(host: Host, header: str) -> list[object]:
    table = clients_of(host)
    return [None if is_blank(cell) else cell for cell in table.columns[table.headers.index(header)]]


def test_finds_the_table_below_a_title(case: HostCase, tmp_path: Path) -> None:
    """The header row is found under a title and a blank row; blanks are blank and texts are whole."""
    host = case.make(tmp_path)
    table = clients_of(host)
    assert table.headers == ("Client", "Revenue", "Segment")
    assert table.origin.header_row == 3
    assert table.row_count == 3
    assert column(host, "Revenue") == [1200.5, 800.0, None]
    assert table.columns[0][1] == "=cmd|' /C calc'!A0"


def test_names_sheets_in_order(case: HostCase, tmp_path: Path) -> None:
    """Sheets come in the order of the workbook."""
    assert case.make(tmp_path).sheet_names()[:2] == ("Clients", "Notes")


def test_reads_a_sheet_whole(case: HostCase, tmp_path: Path) -> None:
    """A sheet is read from A1 on; a sheet that is not there is empty."""
    host = case.make(tmp_path)
    rows = host.read_sheet("Notes")
    assert [row[0] or None for row in rows] == ["Call back in May", None, "Ask for the new plant"]
    assert host.read_sheet("No such sheet") == ()


def test_writes_columns_to_the_right_and_finds_them_again(case: HostCase, tmp_path: Path) -> None:
    """New columns stand right of the table; a second write goes into the same ones."""
    host = case.make(tmp_path)
    host.write_columns(
        clients_of(host),
        [OutColumn("Score", [61.5, None, 40.0], "score"), OutColumn("Why", ["=1+1", "b", None], "text")],
    )
    host.save()
    again = case.reopen(host)
    assert clients_of(again).headers == ("Client", "Revenue", "Segment", "Score", "Why")
    assert column(again, "Score") == [61.5, None, 40.0]
    assert column(again, "Why") == ["=1+1", "b", None]
    again.write_columns(clients_of(again), [OutColumn("Score", [1.0, 2.0, 3.0], "score")])
    again.save()
    third = case.reopen(again)
    assert clients_of(third).headers == ("Client", "Revenue", "Segment", "Score", "Why")
    assert column(third, "Score") == [1.0, 2.0, 3.0]
    assert column(third, "Why") == ["=1+1", "b", None]
    assert column(third, "Client") == ["Atelier Nord", "=cmd|' /C calc'!A0", "Zoé & fils"]


def grid(name: str, text: str) -> Grid:
    return Grid(
        name=name,
        rows=(
            (GridCell(text, "title"),),
            (GridCell("=cmd", "text"), GridCell(0.25, "percent"), None),
            (GridCell(None, "input"),),
        ),
        widths=(20.0, 10.0),
        choices=(Choices(2, 0, 2, 0, ("yes", "no")),),
        freeze=(1, 0),
    )


def test_writes_a_sheet_and_replaces_it(case: HostCase, tmp_path: Path) -> None:
    """A sheet of ours is added at the end and replaced in its place; a text stays a text."""
    host = case.make(tmp_path)
    host.write_sheet(grid("KAM Sales", "first"))
    host.save()
    again = case.reopen(host)
    assert again.sheet_names() == ("Clients", "Notes", "KAM Sales")
    assert again.read_sheet("KAM Sales")[1][:2] == ("=cmd", 0.25)
    again.write_sheet(grid("KAM Sales", "second"))
    again.save()
    third = case.reopen(again)
    assert third.sheet_names() == ("Clients", "Notes", "KAM Sales")
    assert third.read_sheet("KAM Sales")[0][0] == "second"


def test_own_sheets_are_no_client_tables(case: HostCase, tmp_path: Path) -> None:
    """What kamxl has written is not offered as a client table."""
    host = case.make(tmp_path)
    rows = (
        (GridCell("Client"), GridCell("Revenue"), GridCell("Segment")),
        (GridCell("A"), GridCell(1.0), GridCell("B")),
    )
    host.write_sheet(Grid("KAM Sales", rows))
    host.save()
    again = case.reopen(host)
    assert {table.origin.sheet for table in again.read_tables({"client"})} <= {"Clients", "Notes"}


def test_a_users_sheet_is_never_replaced(case: HostCase, tmp_path: Path) -> None:
    """A sheet of the user's with the name of ours is refused, in any case of letters."""
    host = case.make(tmp_path)
    with pytest.raises(KamxlError) as caught:
        host.write_sheet(grid("NOTES", "x"))
    assert caught.value.problems[0].code == "KX505"


def test_removes_only_own_sheets(case: HostCase, tmp_path: Path) -> None:
    """A sheet of ours goes, a user's stays, and asking for one that is not there does nothing."""
    host = case.make(tmp_path)
    host.write_sheet(grid("KAM Sales", "x"))
    host.save()
    again = case.reopen(host)
    for name in ("KAM Sales", "Notes", "Nothing"):
        again.remove_sheet(name)
    again.save()
    assert case.reopen(again).sheet_names() == ("Clients", "Notes")


def test_remembers_notes(case: HostCase, tmp_path: Path) -> None:
    """Notes survive saving, can be replaced and taken away."""
    host = case.make(tmp_path)
    host.notes["kamxl.rules"] = "B2B · é"
    host.notes["kamxl.other"] = "x"
    host.save()
    again = case.reopen(host)
    assert again.notes["kamxl.rules"] == "B2B · é"
    again.notes["kamxl.rules"] = "second"
    del again.notes["kamxl.other"]
    again.save()
    third = case.reopen(again)
    assert third.notes["kamxl.rules"] == "second"
    assert "kamxl.other" not in third.notes
