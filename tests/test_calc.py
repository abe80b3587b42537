"""LibreOffice Calc with kamxl.oxt: functions and menu give what the reference runner and `kamxl run` give."""

from __future__ import annotations

import io
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from kamxl import app
from kamxl.addin.functions import FUNCTIONS
from kamxl.calc.descriptions import functions_xml, interface_text, menu_xml
from kamxl.calc.extension import build_extension
from kamxl.cli import run_command
from kamxl.hosts.calc import CalcHost
from kamxl.hosts.calc_cells import properties, used_range
from kamxl.hosts.files import FileHost
from kamxl.shipped import shipped
from kamxl.table import column_letters
from tests.calc_office import PROGRAM, Office, cells_that_differ, dispatch, edit, has_calc

RULES = shipped("rules", "kam.yml")
FIRST_CLIENT, LAST_CLIENT = 5, 124
COMPILER = PROGRAM.parent / "sdk" / "bin" / "unoidl-write"
UNCOMPILER = COMPILER.with_name("unoidl-read")
needs_calc = pytest.mark.skipif(not has_calc(), reason="LibreOffice Calc with python3-uno is not installed")


def test_the_extension_is_the_same_on_every_build() -> None:
    """Two builds give the same bytes; only the one for this machine knows where this machine keeps its packages."""
    assert build_extension() == build_extension()
    shared, own = (zipfile.ZipFile(io.BytesIO(build_extension(for_this_machine=own))) for own in (False, True))
    assert set(own.namelist()) - set(shared.namelist()) == {"python/environment.json"}


def test_the_extension_is_pure(tmp_path: Path) -> None:
    """The archive holds the component, the rules and pure Python only."""
    path = tmp_path / "kamxl.oxt"
    path.write_bytes(build_extension())
    names = zipfile.ZipFile(path).namelist()
    assert len(names) == len(set(names))
    assert {"META-INF/manifest.xml", "types.rdb", "python/kamxl_component.py"} <= set(names)
    assert "python/packages/kamxl/shipped/rules/kam.yml" in names
    assert not [name for name in names if name.endswith((".so", ".pyd", ".pyc"))]


def test_install_writes_the_extension(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`kamxl install --libreoffice --folder` writes the archive; a dry run says so and writes nothing."""
    assert run_command(["install", "--libreoffice", "--folder", str(tmp_path), "--dry-run"]) == 0
    assert "would write" in capsys.readouterr().out
    assert not (tmp_path / "kamxl.oxt").exists()
    assert run_command(["install", "--libreoffice", "--folder", str(tmp_path)]) == 0
    assert (tmp_path / "kamxl.oxt").read_bytes() == build_extension()


def test_descriptions_speak_both_languages() -> None:
    """Every function and command has help in English and French."""
    functions, menu = functions_xml(), menu_xml()
    for function in FUNCTIONS:
        assert f'<value xml:lang="en">{function.name}</value>' in functions
    assert "Note des clients, de 0 à 100" in functions
    assert "Fiches de processus" in menu
    assert "Process sheets" in menu


@pytest.mark.office
@pytest.mark.skipif(not COMPILER.is_file(), reason="unoidl-write (libreoffice-dev) is not installed")
def test_the_type_library_is_the_interface_compiled(tmp_path: Path) -> None:
    """types.rdb in the repository says what the registry of functions compiles to; bytes differ between versions."""
    (tmp_path / "kamxl.idl").write_text(interface_text())
    made = tmp_path / "types.rdb"
    known = [str(PROGRAM / "types.rdb"), str(PROGRAM / "types" / "offapi.rdb")]
    subprocess.run([str(COMPILER), *known, str(tmp_path / "kamxl.idl"), str(made)], check=True, timeout=60)
    kept = Path(app.__file__).parent / "calc" / "types.rdb"
    read = [
        subprocess.run([str(UNCOMPILER), *known, str(path)], check=True, timeout=60, capture_output=True, text=True)
        for path in (made, kept)
    ]
    assert read[0].stdout == read[1].stdout
    assert "kamScore" in read[0].stdout


def ranges(document: Any) -> tuple[str, str]:
    last = column_letters(used_range(document.Sheets.getByName("Clients")).RangeAddress.EndColumn + 1)
    return f"Clients.A{FIRST_CLIENT}:{last}{LAST_CLIENT}", f"Clients.A4:{last}4"


def column_of(document: Any, formula: str) -> list[Any]:
    """A matrix formula over all clients, on a sheet of its own."""
    if not document.Sheets.hasByName("Try"):
        document.Sheets.insertNewByName("Try", 0)
    cells = document.Sheets.getByName("Try").getCellRangeByPosition(0, 0, 0, LAST_CLIENT - FIRST_CLIENT)
    cells.setArrayFormula(formula)
    found = [row[0] for row in cells.getDataArray()]
    cells.clearContents(16)
    return found


def reference(tmp_path: Path) -> Any:
    settings = app.Settings(rules=RULES, backend="reference")
    host = FileHost(tmp_path / "demo.xlsx", tmp_path / "unused.xlsx")
    return app.score_host(host, app.load_rulebook(settings), settings)[0]


@pytest.mark.office
@needs_calc
def test_functions_give_what_the_reference_gives(demo: Any, tmp_path: Path) -> None:
    """KAM_SCORE, KAM_CATEGORY, KAM_COMPLETENESS and KAM_FAMILY over the whole column and over single rows."""
    scored = reference(tmp_path)
    clients, headers = ranges(demo)
    wanted = ["" if score != score else score for score in scored.score]
    assert column_of(demo, f"=KAM_SCORE({clients};{headers})") == pytest.approx(wanted)
    assert column_of(demo, f"=KAM_COMPLETENESS({clients};{headers})") == pytest.approx(list(scored.completeness))
    labels = [rule.label.text("en") for rule in scored.plan.rules.categories.all_rules]
    categories = [labels[index] if index >= 0 else "" for index in scored.category]
    assert column_of(demo, f"=KAM_CATEGORY({clients};{headers})") == categories
    families = ["" if points != points else points for points in scored.families["potential"]]
    assert column_of(demo, f'=KAM_FAMILY("potential";{clients};{headers})') == pytest.approx(families)
    cell = demo.Sheets.getByName("Try").getCellByPosition(3, 0)
    for row in range(FIRST_CLIENT, LAST_CLIENT + 1, 17):
        cell.setFormula(f"=KAM_SCORE({clients.replace(str(LAST_CLIENT), str(row)).replace('A5', f'A{row}')};{headers})")
        assert [cell.Value if cell.String else ""] == pytest.approx([wanted[row - FIRST_CLIENT]])


@pytest.mark.office
@needs_calc
def test_bad_arguments_show_errors_and_nothing_breaks(demo: Any) -> None:
    """An error cell, a missing header row, an unknown family, a path: an error cell, then go on."""
    clients, headers = ranges(demo)
    sheet = demo.Sheets.getByName("Clients")
    sheet.getCellRangeByName("K7").setFormula("=1/0")
    demo.Sheets.insertNewByName("Try", 0)
    cell = demo.Sheets.getByName("Try").getCellByPosition(0, 0)
    for formula in (
        f"=KAM_SCORE({clients};{headers})",
        "=KAM_SCORE(Clients.A6:F6)",
        f'=KAM_FAMILY("nothing";Clients.A6:AM6;{headers})',
        f'=KAM_SCORE(Clients.A6:AM6;{headers};"../../etc/passwd")',
    ):
        cell.setFormula(formula)
        assert cell.getError() != 0, formula
    cell.setFormula(f"=KAM_SCORE(Clients.A6:AM6;{headers})")
    assert cell.getError() == 0
    assert 0 < cell.Value <= 100


@pytest.mark.office
@needs_calc
def test_menu_commands_write_what_kamxl_run_writes(office: Office, demo: Any, tmp_path: Path) -> None:
    """Classify, Dashboard and Process sheets, dispatched as a click gives them: every cell is that of `kamxl run`."""
    assert " clients classified" in dispatch(office, demo, "classify")
    assert "KAM Dashboard" in dispatch(office, demo, "dashboard")
    assert "KAM Sales" in dispatch(office, demo, "sheets")
    out = tmp_path / "out.xlsx"
    assert run_command(["run", str(tmp_path / "demo.xlsx"), "--rules", str(RULES), "--output", str(out)]) == 0
    written = office.open(out)
    try:
        # Opened in Calc as well: some cells of the brief are formulas, which only a spreadsheet calculates.
        assert set(demo.Sheets.ElementNames) == set(written.Sheets.ElementNames)
        different = {name: cells_that_differ(demo, written, name)[:3] for name in demo.Sheets.ElementNames}
        assert {name: cells for name, cells in different.items() if cells} == {}
    finally:
        written.close(True)


def whole_state(document: Any) -> dict[str, Any]:
    """Everything that a command may change: cells, charts and names by sheet, looks beside the clients, notes."""
    found: dict[str, Any] = {
        "notes": dict(CalcHost(document, lambda _name: None).notes),
        "names": (document.Sheets.ElementNames, document.NamedRanges.ElementNames),
    }
    for sheet in (document.Sheets.getByName(name) for name in document.Sheets.ElementNames):
        cells = sheet.getCellRangeByPosition(0, 0, 110, 300).getFormulaArray()
        found[sheet.Name] = (cells, sheet.Charts.ElementNames, sheet.NamedRanges.ElementNames)
    clients = document.Sheets.getByName("Clients")
    for column in range(38, 96):
        head, first = (clients.getCellByPosition(column, row) for row in (3, 4))
        look = first.getPropertyValues(("CharWeight", "NumberFormat", "ParaIndent"))
        found[f"look {column}"] = (head.Columns.Width, head.CellBackColor, look, first.ConditionalFormat.getCount())
    return found


@pytest.mark.office
@needs_calc
def test_ctrl_z_takes_a_whole_command_back(office: Office, demo: Any) -> None:
    """Every command that writes is one step of Calc's own Undo, with sheets, charts, looks and notes; and of Redo."""
    states = [whole_state(demo)]
    commands = ("classify", "sheets", "dashboard", "live", "freeze", "formulas")
    for command in commands:
        dispatch(office, demo, command)
        states.append(whole_state(demo))
        assert states[-1] != states[-2], command
        titles = demo.UndoManager.getAllUndoActionTitles()
        assert len(titles) == len(states) - 1
        assert titles[0].startswith("KAM: ")
    for state in reversed(states[:-1]):
        edit(office, demo, "Undo")
        assert whole_state(demo) == state
    assert not demo.UndoManager.isUndoPossible()
    for state in states[1:]:
        edit(office, demo, "Redo")
        assert whole_state(demo) == state
    for _ in commands:
        edit(office, demo, "Undo")
    assert whole_state(demo) == states[0]


@pytest.mark.office
@needs_calc
def test_ctrl_z_takes_live_formulas_back(office: Office, demo: Any) -> None:
    """Insert live formulas, then a changed weight: Ctrl+Z and Ctrl+Y go over both, and no sheet stays behind."""
    states = [whole_state(demo)]
    dispatch(office, demo, "formulas")
    states.append(whole_state(demo))
    edit(office, demo, "Undo")
    assert whole_state(demo) == states[0]
    edit(office, demo, "Redo")
    assert whole_state(demo) == states[1]
    rules = demo.Sheets.getByName("KAM Rules")
    lines = [str(row[0]) for row in rules.getCellRangeByName("A1:A40").getDataArray()]
    rules.getCellByPosition(2, lines.index("Size")).setValue(9)
    states.append(whole_state(demo))
    for state in reversed(states[:-1]):
        edit(office, demo, "Undo")
        assert whole_state(demo) == state
    assert not demo.UndoManager.isUndoPossible()
    for state in states[1:]:
        edit(office, demo, "Redo")
        assert whole_state(demo) == state
    demo.calculateAll()
    assert demo.Sheets.getByName("KAM Rules").getCellRangeByName("C3").String == "EDITED"


@pytest.mark.office
@needs_calc
def test_ctrl_z_brings_changed_rules_back(office: Office, demo: Any) -> None:
    """Live formulas again over a changed weight, other sheets behind: taken back, they read the changed rules."""
    dispatch(office, demo, "formulas")
    dispatch(office, demo, "sheets")
    rules = demo.Sheets.getByName("KAM Rules")
    lines = [str(row[0]) for row in rules.getCellRangeByName("A1:A40").getDataArray()]
    rules.getCellByPosition(2, lines.index("Size")).setValue(9)

    before = whole_state(demo)
    dispatch(office, demo, "formulas")
    after = whole_state(demo)
    assert before != after
    for _turn in range(2):
        edit(office, demo, "Undo")
        assert whole_state(demo) == before
        edit(office, demo, "Redo")
        assert whole_state(demo) == after


@pytest.mark.office
@needs_calc
def test_the_menu_undoes_only_kam_actions(office: Office, demo: Any) -> None:
    """Undo last KAM action: nothing to undo, then a step, then never what the user typed since."""
    before = whole_state(demo)
    assert "no KAM action" in dispatch(office, demo, "undo")
    dispatch(office, demo, "classify")
    assert "undone" in dispatch(office, demo, "undo")
    assert whole_state(demo) == before
    dispatch(office, demo, "classify")
    demo.Sheets.getByName("Notes").getCellRangeByName("H1").setFormula("typed")
    assert "Ctrl+Z" in dispatch(office, demo, "undo")
    assert demo.Sheets.getByName("Notes").getCellRangeByName("H1").String == "typed"


@pytest.mark.office
@needs_calc
def test_explain_live_and_freeze(office: Office, demo: Any) -> None:
    """Explain tells of the selected row; live columns calculate; frozen ones keep their values."""
    sheet = demo.Sheets.getByName("Clients")
    demo.CurrentController.setActiveSheet(sheet)
    demo.CurrentController.select(sheet.getCellRangeByName("A6"))
    assert sheet.getCellRangeByName("A6").String in dispatch(office, demo, "explain")
    demo.CurrentController.select(sheet.getCellRangeByName("A1"))
    assert "Clients.A4" in dispatch(office, demo, "explain")
    dispatch(office, demo, "live")
    live = CalcHost(demo, office.create).read_sheet("Clients")
    dispatch(office, demo, "freeze")
    assert CalcHost(demo, office.create).read_sheet("Clients") == live
    formulas = [cell for row in used_range(sheet).getFormulaArray() for cell in row]
    assert not [cell for cell in formulas if "KAMXL" in str(cell).upper()]


@pytest.mark.office
@needs_calc
def test_live_formulas_calculate_and_follow_a_weight(office: Office, demo: Any) -> None:
    """Insert live formulas: the self-test agrees, a weight that is changed moves scores, and Freeze keeps them."""
    told = dispatch(office, demo, "formulas")
    assert "live formulas inserted; change a weight on the sheet KAM Rules" in told
    demo.calculateAll()
    verdict = demo.Sheets.getByName("KAM Self-test").getCellRangeByName("A3")
    rules = demo.Sheets.getByName("KAM Rules")
    assert verdict.String == "120/120 agree"
    lines = [str(row[0]) for row in rules.getCellRangeByName("A1:A40").getDataArray()]
    rules.getCellByPosition(2, lines.index("Size")).setValue(9)
    demo.calculateAll()
    assert rules.getCellRangeByName("C3").String == "EDITED"
    assert int(verdict.String.split("/")[0]) < 60
    sheet = demo.Sheets.getByName("Clients")
    shown = CalcHost(demo, office.create).read_sheet("Clients")
    demo.CurrentController.setActiveSheet(sheet)
    assert dispatch(office, demo, "freeze").startswith(f"{told.split()[0]} cells")
    assert CalcHost(demo, office.create).read_sheet("Clients") == shown


@pytest.mark.office
@needs_calc
def test_a_protected_sheet_is_left_alone(office: Office, demo: Any) -> None:
    """A protected client sheet: a text that says what to do, and no cell changed."""
    sheet = demo.Sheets.getByName("Clients")
    sheet.protect("secret")
    before = used_range(sheet).getFormulaArray()
    assert "KX502" in dispatch(office, demo, "classify")
    assert used_range(sheet).getFormulaArray() == before


@pytest.mark.office
@needs_calc
def test_functions_survive_ods(office: Office, demo: Any, tmp_path: Path) -> None:
    """Saved as .ods and opened again, a function still gives its value."""
    clients, headers = ranges(demo)
    values = column_of(demo, f"=KAM_SCORE({clients};{headers})")
    cells = demo.Sheets.getByName("Try").getCellRangeByPosition(0, 0, 0, LAST_CLIENT - FIRST_CLIENT)
    cells.setArrayFormula(f"=KAM_SCORE({clients};{headers})")
    path = tmp_path / "saved.ods"
    demo.storeToURL(path.as_uri(), properties(FilterName="calc8"))
    again = office.open(path)
    try:
        again.calculateAll()
        read = again.Sheets.getByName("Try").getCellRangeByPosition(0, 0, 0, LAST_CLIENT - FIRST_CLIENT)
        assert [row[0] for row in read.getDataArray()] == values
    finally:
        again.close(True)
