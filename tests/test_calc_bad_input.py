"""What users do wrong in Calc: an error cell or a text that says what to do; nothing typed is lost, Calc goes on."""

from __future__ import annotations

import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kamxl.calc.extension import build_extension
from kamxl.hosts.calc_cells import used_range
from kamxl.shipped import shipped
from tests.calc_office import Office, dispatch, has_calc

pytestmark = [
    pytest.mark.office,
    pytest.mark.skipif(not has_calc(), reason="LibreOffice Calc with python3-uno is not installed"),
]
WRITING = ("classify", "sheets", "dashboard", "live", "formulas")
HEADERS = "Clients.A4:AM4"


@pytest.fixture
def rules(office: Office) -> Iterator[Path]:
    """A rule file of the user's own, in place of the shipped one."""
    shutil.copytree(shipped("rules"), office.home / "rules", dirs_exist_ok=True)
    yield office.home / "rules" / "kam.yml"
    shutil.rmtree(office.home / "rules")
    document = office.open()
    dispatch(office, document, "reload")
    document.close(True)


def cells(document: Any) -> dict[str, Any]:
    """Everything that stands in a spreadsheet, formulas as they were typed."""
    return {
        name: used_range(document.Sheets.getByName(name)).getFormulaArray() for name in document.Sheets.ElementNames
    }


def check_alive(office: Office) -> None:
    assert office.process.poll() is None
    document = office.open()
    try:
        cell = document.Sheets.getByIndex(0).getCellByPosition(0, 0)
        cell.setFormula("=KAM_VERSION()")
        assert cell.String.startswith("kamxl ")
    finally:
        document.close(True)


def score_cell(document: Any) -> Any:
    """The score of the client in row 6, on a sheet of its own."""
    if not document.Sheets.hasByName("Try"):
        document.Sheets.insertNewByName("Try", document.Sheets.Count)
    cell = document.Sheets.getByName("Try").getCellByPosition(0, 0)
    cell.setFormula(f"=KAM_SCORE(Clients.A6:AM6;{HEADERS})")
    return cell


def test_a_rule_file_changed_while_open_counts_after_reload(office: Office, rules: Path, demo: Any) -> None:
    """The manager saves other weights: Reload calculates with them, and Classify takes them by itself."""
    dispatch(office, demo, "reload")
    cell = score_cell(demo)
    before = cell.Value
    text = rules.read_text("utf-8")
    changed = re.sub(r"weight: \d+%", "weight: 20%", text).replace("weight: 20%", "weight: 60%", 1)
    assert changed != text
    rules.write_text(changed, "utf-8")
    assert "Rules read again" in dispatch(office, demo, "reload")
    assert cell.getError() == 0
    assert cell.Value != pytest.approx(before)
    assert "120 clients" in dispatch(office, demo, "classify")
    score = demo.Sheets.getByName("Clients").getCellRangeByName("AN6")
    assert score.Value == pytest.approx(cell.Value)


def test_a_broken_rule_file_is_told_and_changes_nothing(office: Office, rules: Path, demo: Any) -> None:
    """A fault saved while open: functions go on with the last good rules and say so; commands name file and line."""
    dispatch(office, demo, "reload")
    cell = score_cell(demo)
    good = cell.Value
    before = cells(demo)
    rules.write_text(rules.read_text("utf-8").replace("families:", "familes:", 1), "utf-8")
    told = dispatch(office, demo, "reload")
    assert "familes" in told and "kam.yml:" in told
    assert (cell.getError(), cell.Value) == (0, good)
    notice = demo.Sheets.getByName("Try").getCellRangeByPosition(1, 0, 5, 4)
    notice.setArrayFormula("=KAM_RULES()")
    assert "earlier" in str(notice.getDataArray())
    notice.clearContents(16)
    for command in WRITING:
        assert "kam.yml:" in dispatch(office, demo, command), command
        assert cells(demo) == before
    assert "KX" in dispatch(office, demo, "check")
    rules.write_text("kamxl: 1\nname: [\n", "utf-8")
    assert "KX003" in dispatch(office, demo, "classify")
    assert cells(demo) == before
    check_alive(office)


def test_a_rule_file_that_has_gone_is_told(office: Office, rules: Path, demo: Any) -> None:
    """The folder of the rules is away: the commands say so and change nothing."""
    settings = office.home / "settings.yml"
    settings.write_text(f"language: en\nrules: {rules.parent / 'gone.yml'}\n", "utf-8")
    before = cells(demo)
    try:
        assert "gone.yml" in dispatch(office, demo, "classify")
        settings.write_text("rules: [", "utf-8")
        assert "kamxl install" in dispatch(office, demo, "classify") or "KX" in dispatch(office, demo, "classify")
    finally:
        settings.unlink()
    assert cells(demo) == before


@pytest.mark.parametrize("command", [*WRITING, "freeze"])
def test_a_protected_sheet_is_left_alone(command: str, office: Office, demo: Any) -> None:
    """A protected client sheet: what writes beside the clients says so and changes nothing; sheets of ours may come."""
    sheet = demo.Sheets.getByName("Clients")
    if command == "freeze":
        dispatch(office, demo, "live")
        demo.CurrentController.setActiveSheet(sheet)
    before = used_range(sheet).getFormulaArray()
    sheet.protect("secret")
    told = dispatch(office, demo, command)
    assert used_range(sheet).getFormulaArray() == before
    if command in ("classify", "live", "formulas", "freeze"):
        assert "KX502" in told and "protection" in told
    else:
        assert "KX" not in told


@pytest.mark.parametrize("command", ["sheets", "dashboard", "formulas"])
def test_a_protected_structure_is_left_alone(command: str, office: Office, demo: Any) -> None:
    """Sheets cannot be added: the command says what to do, and a half-done command is taken back as a whole."""
    before = cells(demo)
    demo.protect("secret")
    steps = demo.UndoManager.getAllUndoActionTitles()
    told = dispatch(office, demo, command)
    assert "KX502" in told and "protection" in told
    assert cells(demo) == before
    assert demo.UndoManager.getAllUndoActionTitles() == steps


@pytest.mark.parametrize("command", WRITING)
def test_a_document_open_for_reading_is_left_alone(command: str, office: Office, tmp_path: Path) -> None:
    """Opened read-only: the command says to save it under another name, and changes nothing."""
    path = Path(shutil.copy(shipped("workbook", "demo.xlsx"), tmp_path / "demo.xlsx"))
    document = office.open(path, ReadOnly=True)
    try:
        before = cells(document)
        told = dispatch(office, document, command)
        assert "KX502" in told and "another name" in told
        assert cells(document) == before
    finally:
        document.close(True)


def test_cells_in_the_way_are_never_written_over(office: Office, demo: Any) -> None:
    """Something typed to the right of the clients: the command names the cell; nothing typed is lost."""
    demo.Sheets.getByName("Clients").getCellRangeByName("AR40").setFormula("call them back")
    before = cells(demo)
    told = dispatch(office, demo, "classify")
    assert "KX505" in told and "AR40" in told
    assert cells(demo) == before
    assert demo.Sheets.getByName("Clients").getCellRangeByName("AR40").String == "call them back"


def test_a_sheet_of_a_million_rows(office: Office, demo: Any) -> None:
    """A look down to the last row costs nothing; real clients by the million are refused with a way out."""
    sheet = demo.Sheets.getByName("Clients")
    sheet.getCellRangeByName("A1048576").CellBackColor = 0xFF0000
    assert "120 clients" in dispatch(office, demo, "classify")
    dispatch(office, demo, "undo")
    last = sheet.getCellRangeByName("A1048570")
    last.setFormula("one more client")
    before = sheet.getCellRangeByName("A4:AZ130").getFormulaArray()
    told = dispatch(office, demo, "classify")
    assert "KX507" in told and "kamxl run" in told and "1048570 rows" in told
    assert sheet.getCellRangeByName("A4:AZ130").getFormulaArray() == before
    assert last.String == "one more client"
    check_alive(office)


def test_a_large_sheet_beside_the_clients_does_not_matter(office: Office, demo: Any) -> None:
    """Another sheet of a million rows that holds no clients is passed over."""
    demo.Sheets.getByName("Notes").getCellRangeByName("Z1048570").setFormula("far away")
    assert "120 clients" in dispatch(office, demo, "classify")


def test_two_documents_are_kept_apart(office: Office, demo: Any, tmp_path: Path) -> None:
    """Each window works on its own document, and undoes its own."""
    path = Path(shutil.copy(shipped("workbook", "demo.xlsx"), tmp_path / "other.xlsx"))
    other = office.open(path)
    try:
        first, second = cells(demo), cells(other)
        dispatch(office, demo, "classify")
        assert cells(other) == second
        dispatch(office, other, "classify")
        dispatch(office, other, "sheets")
        dispatch(office, demo, "undo")
        assert cells(demo) == first
        assert "KAM Sales" in other.Sheets.ElementNames
        assert "no KAM action" in dispatch(office, demo, "undo")
    finally:
        other.close(True)
    assert "120 clients" in dispatch(office, demo, "classify")


def test_a_whole_column_is_answered(office: Office, demo: Any) -> None:
    """Whole columns or rows as an argument: an answer or an error cell in time, never a crash or an endless wait."""
    demo.Sheets.insertNewByName("Try", 0)
    cell = demo.Sheets.getByName("Try").getCellByPosition(0, 0)
    cell.setFormula("=SUM(KAM_SCORE(Clients.A5:H124;Clients.A4:H4))")
    wanted = cell.Value
    assert wanted > 0
    cell.setFormula("=SUM(KAM_SCORE(Clients.A5:H1048576;Clients.A4:H4))")
    assert (cell.getError(), cell.Value) == (0, pytest.approx(wanted))
    for formula in ("=KAM_SCORE(Clients.A:C)", "=KAM_SCORE(Clients.A:A;Clients.A4)", "=KAM_SCORE(Clients.1:4)"):
        cell.setFormula(formula)
        # Blank where the first row holds headers that the rules do not know: never a number.
        assert cell.getError() != 0 or cell.String == "", formula
    cell.setFormula("")
    check_alive(office)


def test_no_client_table_is_told(office: Office) -> None:
    """An empty spreadsheet: every command says what it looked for, and changes nothing."""
    document = office.open()
    try:
        for command in (*WRITING, "explain"):
            assert "KX3" in dispatch(office, document, command), command
        assert "no KAM functions" in dispatch(office, document, "freeze")
        assert document.Sheets.ElementNames == ("Sheet1",)
        assert used_range(document.Sheets.getByIndex(0)).getFormulaArray() == (("",),)
    finally:
        document.close(True)


@pytest.fixture(scope="module")
def poor_office() -> Iterator[Office]:
    """An office whose extension has lost a package, as after a clean-up by hand."""
    with tempfile.TemporaryDirectory() as folder:
        whole, poor = Path(folder) / "whole.oxt", Path(folder) / "kamxl.oxt"
        whole.write_bytes(build_extension())
        with zipfile.ZipFile(whole) as source, zipfile.ZipFile(poor, "w") as target:
            for name in source.namelist():
                if not name.startswith("python/packages/jinja2/"):
                    target.writestr(name, source.read(name))
        started = Office(extension=poor, environment={"KAMXL_HOME": str(Path(folder) / "home")}, limit=120.0)
        yield started
        started.close()


def test_missing_packages_are_told_by_every_cell_and_command(poor_office: Office) -> None:
    """Without Jinja2 kamxl cannot load: the cells and the commands say so, and what to do."""
    document = poor_office.open()
    try:
        cell = document.Sheets.getByIndex(0).getCellByPosition(0, 0)
        for formula in ("=KAM_VERSION()", "=KAM_SCORE(B1:C2)", "=KAM_RULES()"):
            cell.setFormula(formula)
            assert "KX506" in cell.String and "kamxl install --libreoffice" in cell.String
        told = dispatch(poor_office, document, "classify")
        assert "jinja2" in told and "kamxl install --libreoffice" in told
    finally:
        document.close(True)


def test_a_dashboard_without_numpy_is_told(tmp_path: Path) -> None:
    """An extension built for another machine finds no NumPy: the Dashboard says what to do, the rest works."""
    extension = tmp_path / "kamxl.oxt"
    extension.write_bytes(build_extension())
    office = Office(extension=extension, environment={"KAMXL_HOME": str(tmp_path / "home")}, limit=120.0)
    try:
        document = office.open(Path(shutil.copy(shipped("workbook", "demo.xlsx"), tmp_path / "demo.xlsx")))
        before = cells(document)
        told = dispatch(office, document, "dashboard")
        assert "KX506" in told and "NumPy" in told and "kamxl dashboard" in told
        assert cells(document) == before
        assert "120 clients" in dispatch(office, document, "classify")
        assert "KAM Sales" in dispatch(office, document, "sheets")
        document.close(True)
    finally:
        office.close()


def test_what_a_person_typed_in_a_sheet_of_ours_stays(office: Office, demo: Any) -> None:
    """Notes in a process sheet survive a second Process sheets, and its undo."""
    dispatch(office, demo, "sheets")
    sheet = demo.Sheets.getByName("KAM Sales")
    rows = used_range(sheet).getDataArray()
    row = next(index for index, line in enumerate(rows) if "Notes" in line)
    column = rows[row].index("Notes")
    sheet.getCellByPosition(column, row + 1).setFormula("called on Monday")
    for command in ("sheets", "undo", "sheets"):
        dispatch(office, demo, command)
        held = used_range(demo.Sheets.getByName("KAM Sales")).getDataArray()
        assert "called on Monday" in [line[column] for line in held if len(line) > column], command


def test_a_locked_file_that_is_stored_read_only_is_no_crash(office: Office, tmp_path: Path) -> None:
    """A file that the system protects opens for reading or writing; commands work in memory and never save."""
    path = Path(shutil.copy(shipped("workbook", "demo.xlsx"), tmp_path / "demo.xlsx"))
    content = path.read_bytes()
    path.chmod(0o444)
    document = office.open(path)
    try:
        told = dispatch(office, document, "classify")
        assert "120 clients" in told or "KX502" in told
    finally:
        document.close(True)
    assert path.read_bytes() == content
