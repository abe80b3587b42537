"""What our VBA does, in an interpreter of VBA and in LibreOffice; the Python server behind it is a stand-in here."""

from __future__ import annotations

import datetime as dt
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pyopenvba.apps.excel import ExcelApplication

from kamxl.addin.build import build_addin, build_book, vba_source
from kamxl.addin.vba_wrappers import TEXTS, functions_source, texts_source
from kamxl.table import Table

SYSTEM_PYTHON = Path("/usr/bin/python3")  # LibreOffice's UNO bridge belongs to the system's own Python
OFFICE_SCRIPT = Path(__file__).parent / "addin_in_office.py"

# Stands for what Windows gives: a server that can be away, can break, and can be started.
STAND_IN = """
Public isRunning As Boolean
Public isStartable As Boolean
Public breaksLeft As Long
Public startCount As Long
Public attachCount As Long
Public callCount As Long
Public heard As Variant
Public isFrom1904 As Boolean

Public Function FakeDate1904() As Boolean
    FakeDate1904 = isFrom1904
End Function

Public Function FakeAttach() As Object
    attachCount = attachCount + 1
    If Not isRunning Then Err.Raise 429
    Set FakeAttach = Application
End Function

Public Sub FakeStart()
    startCount = startCount + 1
    If Not isStartable Then Err.Raise 70, , "Permission denied"
    isRunning = True
End Sub

Public Function FakeCall(ByVal module As String, ByVal name As String, ByVal arguments As Variant) As Variant
    callCount = callCount + 1
    If breaksLeft > 0 Then
        breaksLeft = breaksLeft - 1
        Err.Raise 462, , "The remote server machine does not exist"
    End If
    heard = arguments
    FakeCall = name & "!"
End Function
"""
PROBES = """
Public Function OfBlock(ByVal address As String) As Variant
    OfBlock = CellsOf(Range(address))
End Function
Public Function OfMissing() As Variant
    OfMissing = IsEmpty(CellsOf())
End Function
Public Function OfTwoAreas() As Variant
    OfTwoAreas = CellsOf(Application.Union(Range("A1:A2"), Range("C1:C2")))
End Function
Public Function OfMarks() As Variant
    Dim cells(1 To 2, 1 To 2) As Variant
    cells(1, 1) = 1.5
    cells(1, 2) = Chr$(1) & "2015 no headers"
    cells(2, 1) = "#N/A"
    OfMarks = WithErrors(cells)
End Function
Public Function OfMarkedRow() As Variant
    OfMarkedRow = WithErrors(Array("a", Chr$(1) & "2042 gone"))
End Function
Public Sub Fill(ByVal address As String)
    Range(address).Value = 7
End Sub
Public Function Score() As Variant
    Score = KAM_SCORE(Range("B2:C3"))
End Function
Public Function Scores(ByVal count As Long) As Variant
    Dim i As Long
    For i = 1 To count
        Scores = KAM_SCORE(i)
    Next i
End Function
"""


def body(source: str) -> str:
    return "\n".join(line for line in source.splitlines() if not line.startswith("Attribute "))


def application(language: str = "en") -> Any:
    runtime = body(vba_source("KamRuntime"))
    for real, stand_in in (
        ("GetObject(SERVER_CLASS)", "FakeAttach()"),
        (
            '    Set shell = CreateObject("WScript.Shell")\n    shell.Run shell.RegRead(START_COMMAND), 0, False',
            "    FakeStart",
        ),
        (
            "kamServer.CallUDF(PYTHON_MODULE, functionName, arguments, Nothing, Nothing)",
            "FakeCall(PYTHON_MODULE, functionName, arguments)",
        ),
        # Excel has it; the interpreter says that it does not.
        ("block.Worksheet.Parent.Date1904", "FakeDate1904()"),
    ):
        assert real in runtime
        runtime = runtime.replace(real, stand_in)
    excel = ExcelApplication()
    excel.add_workbook()
    sources = {"KamRuntime": runtime, "KamTexts": body(texts_source(language)), "Probes": PROBES, "StandIn": STAND_IN}
    for name, source in {**sources, "KamFunctions": body(functions_source(language))}.items():
        excel.add_module(source, name=name)
    return excel


def test_a_whole_column_is_cut_off_below_the_last_used_row() -> None:
    excel = application()
    excel.run("Fill", "A2:C4")
    assert excel.evaluate('OfBlock("A:A")') == [[None], [7.0], [7.0], [7.0]]
    assert excel.evaluate('OfBlock("A2:C1048576")') == [[7.0] * 3] * 3
    assert excel.evaluate('OfBlock("2:2")') == [[7.0] * 3]


def test_one_cell_is_one_value_and_cells_below_the_used_ones_are_blank() -> None:
    excel = application()
    excel.run("Fill", "A2:C4")
    assert excel.evaluate('OfBlock("B3")') == 7.0
    assert excel.evaluate('OfBlock("A9:A20")') is None
    assert excel.evaluate("OfMissing()") is True


def test_marks_become_real_excel_errors_and_text_stays_text() -> None:
    excel = application()
    cells = excel.evaluate("OfMarks()")
    assert cells[0][0] == 1.5
    assert str(cells[0][1]) == "Error 2015"
    assert cells[1] == ["#N/A", None]
    row = excel.evaluate("OfMarkedRow()")
    assert row[0] == "a"
    assert str(row[1]) == "Error 2042"


def test_more_than_a_million_cells_or_two_blocks_are_refused_before_they_are_read() -> None:
    excel = application()
    excel.run("Fill", "A1:B2")
    excel.run("Fill", "XFD1048576")
    for probe in ('OfBlock("A:A")', 'OfBlock("A:B")', "OfTwoAreas()"):
        assert excel.evaluate(probe) == "\x01" + TEXTS["too large"].en


def test_days_of_a_workbook_that_counts_from_1904_come_as_days() -> None:
    excel = application()
    excel.add_module('Sub Put()\nRange("B2").Value = DateSerial(2026, 1, 31)\nEnd Sub', name="Put")
    excel.add_module("Sub From1904()\nisFrom1904 = True\nEnd Sub", name="Mac")
    excel.run("Put")
    assert excel.evaluate('OfBlock("B2")') == 46053.0
    excel.run("From1904")
    assert excel.evaluate('OfBlock("B2")').date() == dt.date(2026, 1, 31)


def test_a_running_server_is_attached_once_for_all_calls() -> None:
    excel = application()
    excel.add_module("Sub Up()\nisRunning = True\nEnd Sub", name="Up")
    excel.run("Up")
    assert excel.evaluate("Scores(20)") == "KAM_SCORE!"
    assert (excel.evaluate("attachCount"), excel.evaluate("callCount"), excel.evaluate("startCount")) == (1, 20, 0)


def test_a_server_that_is_not_there_is_started() -> None:
    excel = application()
    excel.add_module("Sub Up()\nisStartable = True\nEnd Sub", name="Up")
    excel.run("Up")
    excel.run("Fill", "B2:C3")
    assert excel.evaluate("Score()") == "KAM_SCORE!"
    assert excel.evaluate("startCount") == 1
    assert excel.evaluate("heard(0)") == [[7.0, 7.0], [7.0, 7.0]]


def test_a_server_that_died_is_reached_again_and_the_call_repeated() -> None:
    excel = application()
    excel.add_module("Sub Up()\nisRunning = True\nbreaksLeft = 1\nEnd Sub", name="Up")
    excel.run("Up")
    assert excel.evaluate("Scores(3)") == "KAM_SCORE!"
    assert (excel.evaluate("attachCount"), excel.evaluate("callCount")) == (2, 4)


def test_a_server_that_cannot_be_started_is_tried_once_for_thousands_of_cells() -> None:
    excel = application()
    assert str(excel.evaluate("Scores(300)")) == "Error 2042"
    assert excel.evaluate("startCount") == 1


@pytest.mark.parametrize("language", ["en", "fr"])
def test_texts_of_vba_are_those_of_the_registry(language: str) -> None:
    excel = application(language)
    for key, wording in TEXTS.items():
        assert excel.evaluate(f'KamText("{key}")') == wording.text(language)


@pytest.mark.office
def test_libreoffice_lists_the_modules_and_runs_our_macros(tmp_path: Path) -> None:
    import json
    import shutil

    if shutil.which("soffice") is None or not SYSTEM_PYTHON.exists():
        pytest.skip("LibreOffice is not installed")
    clients = Table.from_rows(["Client", "Revenue"], [["Acme", 5.0]])
    (tmp_path / "kamxl.xlam").write_bytes(build_addin("fr"))
    (tmp_path / "kam.xlsm").write_bytes(build_book(clients, "en"))
    command = [str(SYSTEM_PYTHON), str(OFFICE_SCRIPT), str(tmp_path)]
    outcome = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    assert outcome.returncode == 0, outcome.stderr
    seen = json.loads(outcome.stdout)
    addin, book = seen["kamxl.xlam"], seen["kam.xlsm"]
    assert addin["vba"] and book["vba"]
    documents = {"ThisWorkbook": 4, "Sheet1": 4, "KamTexts": 1}
    assert addin["modules"] == {**documents, "KamRuntime": 1, "KamRibbon": 1, "KamFunctions": 1}
    assert book["modules"] == {**documents, "KamButtons": 1}
    assert book["buttons"] == {
        "Classify": "KamBook.KamButtons.ButtonClassify",
        "Process sheets": "KamBook.KamButtons.ButtonSheets",
        "Dashboard": "KamBook.KamButtons.ButtonDashboard",
        "Explain this client": "KamBook.KamButtons.ButtonExplain",
    }
    assert addin["text"] == TEXTS["no script"].fr
    assert addin["score"] == "kamxl.addin.server KAM_SCORE 42"
