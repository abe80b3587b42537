"""The worksheet functions in Calc: registered in both languages, right for every client, alive in .ods and .xlsx."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from kamxl import app
from kamxl.addin.commands import COMMANDS
from kamxl.addin.functions import FUNCTIONS
from kamxl.calc.descriptions import MENU, method_name
from kamxl.calc.doctor import KEEPS_NAMES, office_version
from kamxl.calc.extension import build_extension
from kamxl.hosts.calc_cells import properties, used_range
from kamxl.hosts.files import FileHost
from kamxl.shipped import shipped
from kamxl.table import column_letters
from tests.calc_office import PROGRAM, Office, cells_that_differ, dispatch, has_calc

pytestmark = [
    pytest.mark.office,
    pytest.mark.skipif(not has_calc(), reason="LibreOffice Calc with python3-uno is not installed"),
]
RULES = shipped("rules", "kam.yml")
FIRST, LAST = 5, 124
XLSX, ODS = "Calc MS Excel 2007 XML", "calc8"
# Calc's number of the category "Add-in"; extensions can choose no other name.
ADD_INS = 11
FRENCH_PACKAGE = Path("/usr/share/doc/libreoffice-l10n-fr")


@pytest.fixture(scope="module")
def french_office() -> Iterator[Office]:
    if not FRENCH_PACKAGE.exists():
        pytest.skip("libreoffice-l10n-fr is not installed")
    with tempfile.TemporaryDirectory() as folder:
        extension = Path(folder) / "kamxl.oxt"
        extension.write_bytes(build_extension(for_this_machine=True))
        home = {"KAMXL_HOME": str(Path(folder) / "home")}
        started = Office(extension=extension, environment=home, language="fr", limit=120.0)
        yield started
        started.close()


def registered(office: Office) -> dict[str, dict[str, Any]]:
    """What Calc's function wizard knows of our functions, by name."""
    known = office.create("com.sun.star.sheet.FunctionDescriptions")
    all_functions = ({part.Name: part.Value for part in known.getByIndex(index)} for index in range(known.getCount()))
    return {found["Name"]: found for found in all_functions if found["Name"].startswith("KAM_")}


def check_registered(office: Office, language: str) -> None:
    found = registered(office)
    assert set(found) == {function.name for function in FUNCTIONS}
    for function in FUNCTIONS:
        known = found[function.name]
        assert known["Description"] == function.help.text(language)
        assert known["Category"] == ADD_INS
        arguments = known["Arguments"] or ()
        assert [each.Name for each in arguments] == [each.name for each in function.arguments]
        assert [each.Description for each in arguments] == [each.help.text(language) for each in function.arguments]
        optional = {each.name for each in function.arguments if each.optional}
        assert optional <= {each.Name for each in arguments if each.IsOptional}


def menu_labels(office: Office) -> list[str]:
    provider = office.create("com.sun.star.configuration.ConfigurationProvider")
    node = properties(nodepath=f"/org.openoffice.Office.Addons/AddonUI/OfficeMenuBar/{MENU}/Submenu")
    menu = provider.createInstanceWithArguments("com.sun.star.configuration.ConfigurationAccess", node)
    return [str(menu.getByName(name).getByName("Title")) for name in sorted(menu.ElementNames)]


def test_functions_and_menu_are_registered_in_english(office: Office) -> None:
    """Names, category, help of functions and arguments; the menu holds every command of the ribbon."""
    check_registered(office, "en")
    assert menu_labels(office) == [command.label.en for command in COMMANDS]


def test_functions_and_menu_are_registered_in_french(french_office: Office) -> None:
    """The same in a LibreOffice that speaks French; message boxes speak French without being told to."""
    check_registered(french_office, "fr")
    assert menu_labels(french_office) == [command.label.fr for command in COMMANDS]
    document = french_office.open()
    try:
        assert "Il n'y a pas d'action KAM à annuler" in dispatch(french_office, document, "undo")
    finally:
        document.close(True)


def expected(tmp_path: Path) -> dict[str, list[Any]]:
    """What the reference runner and the reasons of a run say of every client of the demo workbook, by function."""
    settings = app.Settings(rules=RULES, backend="reference")
    host = FileHost(tmp_path / "demo.xlsx", tmp_path / "unused.xlsx")
    rulebook = app.load_rulebook(settings)
    scored = app.score_host(host, rulebook, settings)[0]
    columns = dict(app.result_columns(scored, rulebook.processes, app.stamp_of(scored, rulebook, "en"), "en"))

    def shown(cells: Any) -> list[Any]:
        return ["" if cell is None or cell != cell else cell for cell in cells]

    return {
        "KAM_SCORE": shown(scored.score),
        "KAM_COMPLETENESS": shown(scored.completeness),
        "KAM_CATEGORY": shown(columns["category"].values),
        "KAM_DORMANT": shown(scored.values["dormant"]),
        "KAM_EXPLAIN": shown(columns["why"].values),
        "KAM_NEXT": shown(columns["next"].values),
        **{f'KAM_FAMILY("{key}"': shown(points) for key, points in scored.families.items()},
    }


def address(document: Any, row: int | None = None) -> str:
    """The clients, or one of them, and the headers, as arguments."""
    last = column_letters(used_range(document.Sheets.getByName("Clients")).RangeAddress.EndColumn + 1)
    first, end = (FIRST, LAST) if row is None else (row, row)
    return f"Clients.A{first}:{last}{end};Clients.A$4:{last}$4"


def call(name: str, arguments: str) -> str:
    return f"={name};{arguments})" if "(" in name else f"={name}({arguments})"


def test_every_client_by_row_and_by_column(demo: Any, tmp_path: Path) -> None:
    """Each function over all clients at once, and in a formula for each of the 120 clients."""
    wanted = expected(tmp_path)
    assert len(wanted["KAM_SCORE"]) == LAST - FIRST + 1
    demo.Sheets.insertNewByName("Try", 0)
    sheet = demo.Sheets.getByName("Try")
    for name, cells in wanted.items():
        block = sheet.getCellRangeByPosition(0, 0, 0, LAST - FIRST)
        block.setArrayFormula(call(name, address(demo)))
        assert [row[0] for row in block.getDataArray()] == pytest.approx(cells), name
        block.clearContents(16)
        formulas = tuple((call(name, address(demo, row)),) for row in range(FIRST, LAST + 1))
        block.setFormulaArray(formulas)
        assert [row[0] for row in block.getDataArray()] == pytest.approx(cells), name
        block.clearContents(16)


def test_errors_and_blanks_touch_their_own_row_only(demo: Any, tmp_path: Path) -> None:
    """An error cell, a text for a number, a blank row: that client shows an error or nothing, the others stay."""
    wanted = expected(tmp_path)["KAM_SCORE"]
    clients = demo.Sheets.getByName("Clients")
    headers = clients.getCellRangeByPosition(0, 3, 40, 3).getDataArray()[0]
    employees = headers.index("Employees")
    clients.getCellByPosition(employees, FIRST - 1).setFormula("=1/0")
    clients.getCellByPosition(employees, FIRST).setString("about fifty")
    clients.getCellRangeByPosition(0, FIRST + 1, used_range(clients).RangeAddress.EndColumn, FIRST + 1).clearContents(
        31
    )
    demo.Sheets.insertNewByName("Try", 0)
    block = demo.Sheets.getByName("Try").getCellRangeByPosition(0, 0, 0, 4)
    block.setFormulaArray(tuple((call("KAM_SCORE", address(demo, FIRST + row)),) for row in range(5)))
    cells = [block.getCellByPosition(0, row) for row in range(5)]
    assert cells[0].getError() != 0
    assert cells[1].getError() != 0
    assert (cells[2].getError(), cells[2].String) == (0, "")
    assert [cell.Value for cell in cells[3:]] == pytest.approx(wanted[3:5])
    block.clearContents(16)
    # Over all rows at once an error cell gives an error, as in Calc's own functions; without it only its row has one.
    clients.getCellByPosition(employees, FIRST - 1).setValue(12)
    block.setArrayFormula(call("KAM_SCORE", address(demo)))
    assert [block.getCellByPosition(0, row).getError() != 0 for row in range(5)] == [False, True, False, False, False]
    assert [block.getCellByPosition(0, row).Value for row in (3, 4)] == pytest.approx(wanted[3:5])


def test_table_process_rules_and_version(demo: Any) -> None:
    """The functions that are not one column of clients."""
    demo.Sheets.insertNewByName("Try", 0)
    sheet = demo.Sheets.getByName("Try")
    table = sheet.getCellRangeByPosition(0, 0, 11, LAST - FIRST + 1)
    table.setArrayFormula(call("KAM_TABLE", address(demo)))
    lines = table.getDataArray()
    assert lines[0][0] == "Score"
    assert all(0 <= line[0] <= 100 for line in lines[1:] if isinstance(line[0], float))
    cell = sheet.getCellByPosition(20, 0)
    for formula, part in (
        ('=KAM_PROCESS("loyal";"sales";"quoting")', "price agreement"),
        ("=INDEX(KAM_RULES();1;2)", "B2B"),
        ("=KAM_VERSION()", "kamxl "),
    ):
        cell.setFormula(formula)
        assert part in cell.String, formula


def test_names_survive_xlsx_where_the_version_can(office: Office, demo: Any, tmp_path: Path) -> None:
    """Saved as .xlsx and opened from one: KAM_SCORE by its name from 25.2 on; doctor says where it gets lost."""
    version = office_version(PROGRAM)
    assert version is not None
    can = version >= KEEPS_NAMES
    wanted = demo.Sheets.getByName("Clients").getCellRangeByName("B6").String
    demo.Sheets.insertNewByName("Try", 0)
    demo.Sheets.getByName("Try").getCellByPosition(0, 0).setFormula(call("KAM_SCORE", address(demo, 6)))
    value = demo.Sheets.getByName("Try").getCellByPosition(0, 0).Value
    saved = tmp_path / "saved.xlsx"
    demo.storeToURL(saved.as_uri(), properties(FilterName=XLSX))
    formula = str(openpyxl.load_workbook(saved)["Try"]["A1"].value)
    assert ("KAM_SCORE(" in formula) == can
    assert (method_name(FUNCTIONS[0]).upper() in formula.upper()) != can
    # The other direction: a workbook that Excel, here openpyxl, has written.
    book = openpyxl.load_workbook(saved)
    book["Try"]["A1"].value = f"=KAM_SCORE({address(demo, 6).replace('.', '!').replace(';', ',')})"
    foreign = tmp_path / "foreign.xlsx"
    book.save(foreign)
    again = office.open(foreign)
    try:
        again.calculateAll()
        cell = again.Sheets.getByName("Try").getCellByPosition(0, 0)
        assert (cell.getError() == 0) == can
        assert (cell.Value == pytest.approx(value)) == can
        assert again.Sheets.getByName("Clients").getCellRangeByName("B6").String == wanted
    finally:
        again.close(True)


def test_ods_is_opened_and_saved_by_calc(office: Office, demo: Any, tmp_path: Path) -> None:
    """Classified, saved as .ods, opened again: all cells and sheets are there, and a second run changes nothing."""
    for command in ("classify", "sheets"):
        dispatch(office, demo, command)
    path = tmp_path / "saved.ods"
    demo.storeToURL(path.as_uri(), properties(FilterName=ODS))
    again = office.open(path)
    try:
        for command in ("", "classify", "sheets"):
            if command:
                assert "120 clients" in dispatch(office, again, command)
            assert again.Sheets.ElementNames == demo.Sheets.ElementNames
            different = {name: cells_that_differ(again, demo, name)[:3] for name in demo.Sheets.ElementNames}
            assert {name: cells for name, cells in different.items() if cells} == {}
    finally:
        again.close(True)
