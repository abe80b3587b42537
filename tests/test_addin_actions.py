"""The ribbon's commands on a workbook open in an Excel in memory: what they write, say, undo and leave alone."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest

from kamxl import app
from kamxl.addin.actions import _COMMANDS, main, run_command, run_in_server, run_safely
from kamxl.addin.commands import COMMANDS
from kamxl.addin.desk import Desk
from kamxl.addin.messages import MESSAGES, STAGES
from kamxl.addin.settings import Settings
from kamxl.hosts.memory import MemoryHost
from tests.addin_rules import CLIENTS, HEADERS, RELATIVE_RULES, RULES, write_rules
from tests.memory_excel import Table, add_book, start_excel

ROWS: list[list[Any]] = [["Our clients"], [], list(HEADERS), *[list(row) for row in CLIENTS]]
NOTES = [["Hello", "=1+1"], [1, "#N/A"]]


class Desktop:
    """A desk over a fresh Excel with one workbook, and what was opened."""

    def __init__(self, folder: Path, *, rules: str = RULES, language: str = "en", as_table: bool = False) -> None:
        self.folder = folder
        self.rules = write_rules(folder / "rules", rules)
        self.excel = start_excel()
        self.book = add_book(self.excel, {"Clients": ROWS, "Notes": NOTES})
        if as_table:
            Table(self.sheet, "Clients", "A3:D6")
        self.opened: list[Path] = []
        self.forgotten = 0
        settings = Settings(folder, self.rules, "fr" if language == "fr" else "en")
        self.desk = Desk(self.book, settings, self.opened.append, self._forget)

    def _forget(self) -> None:
        self.forgotten += 1

    @property
    def sheet(self) -> Any:
        return self.book.impl.sheets.all[0]

    def run(self, name: str) -> str:
        return run_command(name, self.desk)

    def column(self, header: str) -> list[Any]:
        at = next(place[1] for place, value in self.sheet.values.items() if value == header and place[0] == 3)
        return [self.sheet.values.get((row, at)) for row in range(4, 7)]

    def state(self) -> dict[str, Any]:
        return {
            sheet.name: {
                place: sheet.formulas.get(place, value)
                for place, value in sheet.values.items()
                if value not in (None, "")
            }
            for sheet in self.book.impl.sheets
        }


@pytest.fixture
def desktop(tmp_path: Path) -> Desktop:
    return Desktop(tmp_path)


def test_every_command_of_the_ribbon_has_an_action() -> None:
    assert set(_COMMANDS) == {command.name for command in COMMANDS}


def test_classify_writes_what_the_command_line_would_write(desktop: Desktop) -> None:
    text = desktop.run("classify")
    assert text.startswith("3 clients classified.")
    assert desktop.column("Score") == pytest.approx([68, 20, 100])
    assert desktop.column("Category") == ["Loyal", "Small", "Loyal"]
    host = MemoryHost({"Clients": ROWS})
    app.classify(host, app.Settings(rules=desktop.rules))
    rows = desktop.book.impl.sheets.all[0]
    expected = host.read_sheet("Clients")
    assert [[rows.values.get((3 + r, 1 + c)) or None for c in range(len(expected[2]))] for r in range(4)] == [
        [cell or None for cell in row] for row in expected[2:6]
    ]


def test_classify_twice_changes_nothing_more(desktop: Desktop) -> None:
    desktop.run("classify")
    first = desktop.state()
    desktop.run("classify")
    assert desktop.state() == first


def test_columns_are_read_and_written_in_blocks(desktop: Desktop) -> None:
    desktop.run("classify")
    assert desktop.sheet.writes == 1
    assert desktop.sheet.reads <= 4


def test_categories_are_coloured_live_and_columns_have_their_looks(desktop: Desktop) -> None:
    desktop.run("classify")
    rules = [rule for _, rule in desktop.sheet.conditions]
    assert [rule["formula1"] for rule in rules] == ['="Loyal"', '="Small"']
    assert len({rule["fill_color"] for rule in rules}) == 2
    at = next(place for place, value in desktop.sheet.values.items() if value == "Score")
    assert desktop.sheet.looks[(4, at[1])]["number_format"] == "0.0"


def test_an_excel_table_grows_with_the_columns(tmp_path: Path) -> None:
    desktop = Desktop(tmp_path, as_table=True)
    desktop.run("classify")
    (table,) = desktop.sheet.all_tables
    assert table.range.row == 3
    assert table.range.shape[0] == 4
    assert table.range.shape[1] > 4 + 6


@pytest.mark.parametrize("as_table", [False, True])
@pytest.mark.parametrize("command", ["classify", "sheets", "dashboard", "live", "formulas"])
def test_undo_puts_everything_back(tmp_path: Path, command: str, as_table: bool) -> None:
    desktop = Desktop(tmp_path, as_table=as_table)
    before = desktop.state()
    desktop.run(command)
    assert desktop.state() != before
    assert "undone" in desktop.run("undo")
    assert desktop.state() == before
    assert not desktop.book.impl.api.CustomDocumentProperties.values
    if as_table:
        assert desktop.sheet.all_tables[0].range.shape == (4, 4)
    assert "no KAM action" in desktop.run("undo")


def test_undo_puts_back_what_a_second_run_replaced(desktop: Desktop) -> None:
    desktop.run("sheets")
    desktop.run("classify")
    first = desktop.state()
    desktop.sheet.put(4, 2, 10.0)
    changed = desktop.state()
    desktop.run("classify")
    assert desktop.column("Category")[0] == "Small"
    desktop.run("undo")
    assert desktop.state() == changed
    desktop.run("sheets")
    assert desktop.state() != changed
    desktop.run("undo")
    assert desktop.state() == changed
    assert first["Notes"] == changed["Notes"]


def insert_row(sheet: Any, at: int) -> None:
    for store in (sheet.values, sheet.formulas):
        moved = {(row + (row >= at), column): value for (row, column), value in store.items()}
        store.clear()
        store.update(moved)


@pytest.mark.parametrize("command", ["classify", "sheets", "live", "formulas"])
def test_undo_refuses_a_workbook_that_was_changed_since(desktop: Desktop, command: str) -> None:
    desktop.run(command)
    if command == "sheets":
        desktop.book.impl.sheets.all[-1].put(30, 1, "my note")
    else:
        insert_row(desktop.sheet, 2)
    changed = desktop.state()
    assert desktop.run("undo").startswith("KX510 the workbook was changed after the last KAM action")
    assert desktop.state() == changed


def test_undo_works_once_the_change_is_taken_back(desktop: Desktop) -> None:
    before = desktop.state()
    desktop.run("classify")
    at = next(place for place, value in desktop.sheet.values.items() if value == "Loyal")
    desktop.sheet.put(*at, "typed over")
    assert "KX510" in desktop.run("undo")
    desktop.sheet.put(*at, "Loyal")
    assert "undone" in desktop.run("undo")
    assert desktop.state() == before


def test_undo_leaves_a_table_that_has_grown_since(tmp_path: Path) -> None:
    desktop = Desktop(tmp_path, as_table=True)
    desktop.run("classify")
    (table,) = desktop.sheet.all_tables
    table.resize(desktop.sheet.range((3, 1), (7, table.range.shape[1])))
    assert "KX510" in desktop.run("undo")
    assert table.range.shape[0] == 5


def test_undo_in_a_sheet_that_is_protected_now_changes_nothing(desktop: Desktop) -> None:
    desktop.run("classify")
    changed = desktop.state()
    desktop.sheet.api.ProtectContents = True
    assert desktop.run("undo").startswith("KX502")
    assert desktop.state() == changed
    desktop.sheet.api.ProtectContents = False
    assert "undone" in desktop.run("undo")


def test_two_excel_windows_each_with_a_new_book_of_the_same_name_keep_their_own(tmp_path: Path) -> None:
    first = Desktop(tmp_path)
    untouched = first.state()
    first.run("classify")
    second = Desktop(tmp_path)
    assert second.book.fullname == first.book.fullname
    assert "KX510" in second.run("undo")
    assert second.state() == untouched
    assert "undone" in first.run("undo")
    assert first.state() == untouched


def test_texts_that_look_like_formulas_survive_undo_as_texts(desktop: Desktop) -> None:
    desktop.sheet.put(3, 5, "Why", as_typed=False)
    desktop.sheet.put(4, 5, "=cmd|' /C calc'!A0", as_typed=False)
    desktop.sheet.put(5, 5, "1-2", as_typed=False)
    desktop.sheet.put(6, 5, "=B6*2")
    before = desktop.state()
    formulas = dict(desktop.sheet.formulas)
    desktop.run("classify")
    assert desktop.state() != before
    desktop.run("undo")
    assert desktop.state() == before
    assert desktop.sheet.formulas == formulas


def test_a_failure_half_way_leaves_workbook_and_excel_as_they_were(
    desktop: Desktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = desktop.state()

    def fail(*rest: Any, **options: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(app, "write_dashboard", fail)
    monkeypatch.setattr("kamxl.hosts.excel.ExcelHost._dress", fail)
    text = run_safely("classify", desktop.desk)
    assert str(desktop.folder / "kamxl.log") in text
    assert desktop.state() == before
    excel = desktop.excel.impl
    assert (excel.screen_updating, excel.calculation, excel.status_bar) == (True, "automatic", False)
    assert "ZeroDivisionError" in (desktop.folder / "kamxl.log").read_text("utf-8")
    assert desktop.run("log") == ""
    assert desktop.opened == [desktop.folder / "kamxl.log"]


def test_a_workbook_that_cannot_be_put_back_is_told_so(desktop: Desktop, monkeypatch: pytest.MonkeyPatch) -> None:
    def excel_is_gone(*rest: Any, **options: Any) -> None:
        raise OSError("the object invoked has disconnected from its clients")

    monkeypatch.setattr("kamxl.hosts.excel.ExcelHost._dress", excel_is_gone)
    monkeypatch.setattr("tests.memory_excel.Range.clear", excel_is_gone)
    text = run_safely("classify", desktop.desk)
    assert "could not put the workbook back" in text
    assert str(desktop.folder / "kamxl.log") in text


def test_excel_that_refuses_a_setting_gets_the_others_back(desktop: Desktop, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(app: Any, value: Any) -> None:
        raise OSError("Unable to set the Calculation property")

    monkeypatch.setattr(type(desktop.excel.impl), "calculation", property(lambda app: "automatic", busy), raising=False)
    assert "kamxl.log" in run_safely("classify", desktop.desk)
    excel = desktop.excel.impl
    assert (excel.screen_updating, excel.status_bar) == (True, False)


def test_progress_stands_in_the_status_bar_and_goes(desktop: Desktop) -> None:
    desktop.run("classify")
    shown = [text for text in desktop.excel.impl.shown_in_status_bar if text]
    assert "KAM: scoring …" in shown
    stages = set(re.findall(r'progress\("(\w+)"\)', Path(app.__file__).read_text("utf-8")))
    assert stages <= set(STAGES)
    assert desktop.excel.impl.status_bar is False
    assert desktop.excel.impl.screen_updating is True


def test_explain_tells_the_client_of_the_selected_row(desktop: Desktop) -> None:
    desktop.excel.impl.selection = desktop.sheet.range("B5")
    text = desktop.run("explain")
    assert text.startswith("Beta: Small")
    assert "Loyal: History is 40 points short of 60" in text


@pytest.mark.parametrize("selected", [None, "A1", "A3", "B9"])
def test_explain_asks_for_a_client_when_none_is_selected(desktop: Desktop, selected: str | None) -> None:
    desktop.excel.impl.selection = desktop.sheet.range(selected) if selected else None
    assert desktop.run("explain") == "Select a cell in the row of a client of the table Clients!A3."


def test_live_functions_spill_beside_a_range_and_leave_their_own_column_out(desktop: Desktop) -> None:
    desktop.run("classify")
    desktop.run("live")
    formulas = sorted(desktop.sheet.formulas.values())
    assert formulas == ["=KAM_CATEGORY(A4:D6,$A$3:$D$3)", "=KAM_SCORE(A4:D6,$A$3:$D$3)"]


def test_live_functions_in_a_table_use_structured_references(tmp_path: Path) -> None:
    desktop = Desktop(tmp_path, as_table=True)
    desktop.run("live")
    span = "Clients[@[Client]:[Mark]],Clients[[#Headers],[Client]:[Mark]]"
    assert set(desktop.sheet.formulas.values()) == {f"=KAM_SCORE({span})", f"=KAM_CATEGORY({span})"}
    assert len(desktop.sheet.formulas) == 6
    state = desktop.state()
    desktop.run("live")
    assert desktop.state() == state


def test_an_excel_that_cannot_spill_has_a_formula_in_every_row(desktop: Desktop) -> None:
    desktop.excel.impl.can_spill = False
    desktop.run("live")
    assert sorted(desktop.sheet.formulas.values()) == [
        f"=KAM_{name}(A{row}:D{row},$A$3:$D$3)" for name in ("CATEGORY", "SCORE") for row in (4, 5, 6)
    ]
    assert "undone" in desktop.run("undo")
    desktop.rules.write_text(RELATIVE_RULES, "utf-8")
    assert desktop.run("live").startswith("KX507")


def test_headers_with_blanks_around_them_are_named_letter_for_letter(tmp_path: Path) -> None:
    desktop = Desktop(tmp_path, as_table=True)
    desktop.sheet.put(3, 4, " Mark ", as_typed=False)
    desktop.run("live")
    assert all("[Client]:[ Mark ]" in formula for formula in desktop.sheet.formulas.values())


def test_headers_with_brackets_are_escaped_in_structured_references(tmp_path: Path) -> None:
    rules = RULES.replace("headers: [Mark, Note]", 'headers: ["Mark [0-10] #\'"]')
    desktop = Desktop(tmp_path, rules=rules, as_table=True)
    desktop.sheet.put(3, 4, "Mark [0-10] #'", as_typed=False)
    desktop.run("live")
    assert any("[Client]:[Mark '[0-10'] '#'']" in formula for formula in desktop.sheet.formulas.values())


def test_live_functions_refuse_to_loop_back_on_a_column_of_ours(desktop: Desktop) -> None:
    desktop.run("classify")
    at = next(place[1] for place, value in desktop.sheet.values.items() if value == "Score")
    for row in range(3, 7):
        mark, score = desktop.sheet.values.get((row, 4)), desktop.sheet.values.get((row, at))
        desktop.sheet.put(row, 4, score, as_typed=False)
        desktop.sheet.put(row, at, mark, as_typed=False)
    text = desktop.run("live")
    assert text.startswith("KX505 the column `Score` of kamxl stands among those that the rules read")
    assert not desktop.sheet.formulas


def test_rules_that_compare_clients_are_not_put_into_table_rows(tmp_path: Path) -> None:
    desktop = Desktop(tmp_path, rules=RELATIVE_RULES, as_table=True)
    assert desktop.run("live").startswith("KX507")


def test_freeze_turns_kam_functions_into_their_values_and_nothing_else(desktop: Desktop) -> None:
    desktop.run("live")
    desktop.sheet.put(8, 1, "=SUM(B4:B6)")
    live = {place for place, text in desktop.sheet.formulas.items() if "KAM_" in text}
    for place in live:
        desktop.sheet.values[place] = 68.0
    assert desktop.run("freeze").startswith("2 cells with KAM functions or live formulas are now values.")
    assert desktop.sheet.formulas == {(8, 1): "=SUM(B4:B6)"}
    assert {desktop.sheet.values[place] for place in live} == {68.0}
    assert "no KAM functions" in desktop.run("freeze")


@pytest.mark.parametrize("as_table", (False, True))
def test_live_formulas_are_excels_own_and_freeze_to_values(tmp_path: Path, *, as_table: bool) -> None:
    """Formulas beside the table and two sheets, each formula on the sheet that it looks at; undo and freeze work."""
    desktop = Desktop(tmp_path, as_table=as_table)
    before = desktop.state()
    told = desktop.run("formulas")
    first = {place: text for place, text in desktop.sheet.formulas.items() if place[0] == 4}
    test_sheet = next(sheet for sheet in desktop.book.impl.sheets if sheet.name == "KAM Self-test")

    assert "live formulas inserted; change a weight on the sheet KAM Rules" in told
    assert all("KAM_" not in text for text in first.values())
    assert any("'KAM Rules'!$C$" in text for text in first.values())
    assert any("Clients[[#This Row],[Mark]]" in text if as_table else "$D4" in text for text in first.values())
    assert test_sheet.formulas[(6, 3)].startswith("=INDEX('Clients'!$")
    assert [sheet.name for sheet in desktop.book.impl.sheets] == ["Clients", "Notes", "KAM Rules", "KAM Self-test"]
    count = len(desktop.sheet.formulas)
    assert desktop.run("freeze").startswith(f"{count} cells with KAM functions or live formulas are now values.")
    assert not desktop.sheet.formulas
    assert "undone" in desktop.run("undo")
    assert len(desktop.sheet.formulas) == count
    desktop.run("formulas")
    assert "undone" in desktop.run("undo")
    assert before["Clients"].items() <= desktop.state()["Clients"].items()


def test_check_rules_open_rules_reload_and_about(desktop: Desktop) -> None:
    assert desktop.run("check").startswith("kam.yml: ")
    desktop.run("rules")
    assert desktop.opened == [desktop.rules]
    assert desktop.run("reload").startswith("Rules read again: Small rules (")
    assert (desktop.forgotten, desktop.excel.impl.recalculated) == (1, 1)
    assert str(desktop.rules) in desktop.run("about")
    assert desktop.run("log") == "Nothing has gone wrong yet: there is no log."


def test_faulty_rules_are_told_with_their_place_and_change_nothing(desktop: Desktop) -> None:
    desktop.rules.write_text(RULES.replace("families:", "famillies:"), "utf-8")
    before = desktop.state()
    for command in ("classify", "sheets", "dashboard", "explain", "live", "check", "reload"):
        text = desktop.run(command)
        assert "famillies" in text, command
        assert "kam.yml" in text
    assert desktop.state() == before


def test_a_protected_sheet_and_taken_cells_are_told_and_left_alone(desktop: Desktop) -> None:
    desktop.sheet.api.ProtectContents = True
    assert desktop.run("classify").startswith("KX502")
    desktop.sheet.api.ProtectContents = False
    desktop.sheet.put(5, 6, "mine")
    before = desktop.state()
    text = desktop.run("classify")
    assert text.startswith("KX505")
    assert "F5" in text
    assert desktop.state() == before


@pytest.mark.parametrize("command", ["classify", "explain", "live", "dashboard"])
def test_of_several_client_tables_the_one_in_front_is_meant(desktop: Desktop, command: str) -> None:
    other = desktop.book.impl.sheets.append("Copy")
    for place, value in desktop.sheet.values.items():
        other.put(*place, value, as_typed=False)
    desktop.excel.impl.selection = desktop.sheet.range("B5")
    before = dict(other.values)
    text = desktop.run(command)
    assert "KX304" not in text
    assert other.values == before
    assert text.startswith({"explain": "Beta", "live": "Live"}.get(command, "3 clients"))


def test_several_client_tables_and_none_in_front_are_asked_for(desktop: Desktop) -> None:
    for name in ("One", "Two"):
        copied = desktop.book.impl.sheets.append(name)
        for place, value in desktop.sheet.values.items():
            copied.put(*place, value, as_typed=False)
    desktop.sheet.values.clear()
    text = desktop.run("classify")
    assert text.startswith("KX304 2 tables could be the client table")
    assert "go to the sheet" in text


def test_a_hostile_workbook_configures_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own configuration sheet, and rules, settings and a yaml.py beside it, are cells and files like any others."""
    desktop = Desktop(tmp_path / "home")
    folder = tmp_path / "downloads"
    hostile = write_rules(folder, RULES.replace("weight: 60", "weight: 1").replace("Loyal", "Owned"))
    (folder / "settings.yml").write_text(f"language: fr\nrules: {hostile}\n", "utf-8")
    (folder / "yaml.py").write_text("raise SystemExit('hostile')", "utf-8")
    for name in ("kamxl.conf", "_kamxl.conf", "xlwings.conf", "_xlwings.conf"):
        sheet = desktop.book.impl.sheets.append(name)
        for row, (key, value) in enumerate(
            [("rules", str(hostile)), ("INTERPRETER_WIN", "evil.exe"), ("PYTHONPATH", str(folder))], 1
        ):
            sheet.put(row, 1, key, as_typed=False)
            sheet.put(row, 2, value, as_typed=False)
    desktop.book.impl.fullname = str(folder / "book.xlsx")
    monkeypatch.chdir(folder)
    assert desktop.run("classify").startswith("3 clients classified.")
    assert desktop.column("Score") == pytest.approx([68, 20, 100])
    assert desktop.column("Category") == ["Loyal", "Small", "Loyal"]
    assert not {str(folder), "", "."} & set(sys.path[1:])
    assert "hostile" not in str(sys.modules["yaml"].__file__)


def test_a_workbook_without_a_client_table_is_told(tmp_path: Path) -> None:
    desktop = Desktop(tmp_path)
    desktop.sheet.values.clear()
    assert desktop.run("classify").startswith("KX303")


def test_a_users_sheet_with_our_name_is_never_replaced(desktop: Desktop) -> None:
    desktop.book.impl.sheets.append("KAM Dashboard").put(1, 1, "mine")
    before = desktop.state()
    assert "KX505" in desktop.run("dashboard")
    assert desktop.state() == before


@pytest.mark.parametrize(
    ("spoil", "command", "words"),
    [
        (lambda d: setattr(d.sheet.api, "ProtectContents", True), "classify", "KX502 la feuille est protégée"),
        (lambda d: d.sheet.put(5, 6, "mine"), "classify", "KX505 des cellules à droite du tableau"),
        (lambda d: d.sheet.values.clear(), "classify", "KX303 aucun tableau du classeur"),
        (lambda d: d.sheet.put(3, 2, "Umsatz"), "explain", "KX301 la colonne `Revenue` n'est pas dans le classeur"),
        (lambda d: d.sheet.put(3, 4, "Chiffre d'affaires"), "live", "KX302 deux en-têtes répondent à `revenue`"),
        (lambda d: d.sheet.put(5, 1, "Acme"), "classify", "KX305 le client `Acme` est présent deux fois"),
        (lambda d: d.rules.unlink(), "classify", "KX001 le fichier n'existe pas"),
        (lambda d: d.rules.write_text("a: b\n"), "check", "erreurs"),
        (lambda d: d.rules.write_text("a: b\n"), "check", "KX101 la clé `categories` manque dans le fichier de règles"),
        (lambda d: d.rules.write_text("a: b\n"), "check", "\n   ajoutez `columns:`"),
        (lambda d: d.book.impl.sheets.append("KAM Dashboard"), "dashboard", "KX505 le classeur a une feuille"),
    ],
)
def test_dialogs_tell_mistakes_in_the_users_language(tmp_path: Path, spoil: Any, command: str, words: str) -> None:
    desktop = Desktop(tmp_path, language="fr")
    spoil(desktop)
    assert words in desktop.run(command)


@pytest.fixture
def mac(desktop: Desktop, monkeypatch: pytest.MonkeyPatch) -> Desktop:
    """Excel for macOS: every button is a Python of its own that finds Excel by itself."""
    monkeypatch.setenv("KAMXL_HOME", str(desktop.folder))
    (desktop.folder / "settings.yml").write_text(f"language: fr\nrules: {desktop.rules}\n", "utf-8")
    return desktop


def pressed(mac: Desktop, name: str) -> str:
    mac.excel.impl.alerts.clear()
    main([name])
    return "".join(mac.excel.impl.alerts)


def test_on_macos_a_button_does_the_same_and_excel_itself_tells(mac: Desktop) -> None:
    before = mac.state()
    assert pressed(mac, "classify").startswith("3 clients classés.")
    assert mac.column("Score") == pytest.approx([68, 20, 100])
    assert pressed(mac, "undo").startswith("La dernière action KAM est annulée")
    assert mac.state() == before


def test_on_macos_live_functions_are_refused_since_they_could_not_answer(mac: Desktop) -> None:
    assert "Insérer des formules vives" in pressed(mac, "live")
    assert not mac.sheet.formulas


def test_on_macos_faults_are_shown_and_never_silent(mac: Desktop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kamxl.hosts.excel.ExcelHost.read_tables", lambda *rest: 1 / 0)
    assert str(mac.folder / "kamxl.log") in pressed(mac, "classify")
    mac.excel.impl.books.all.clear()
    assert pressed(mac, "classify").startswith("Ouvrez d'abord un classeur")
    assert pressed(mac, "about").startswith("kamxl ")
    (mac.folder / "settings.yml").write_text("rules: [", "utf-8")
    assert pressed(mac, "classify").startswith("KX003")


def test_on_windows_a_button_without_a_workbook_is_told(mac: Desktop) -> None:
    assert run_in_server("classify", None, lambda: None).startswith("Ouvrez d'abord un classeur")


def test_every_message_exists_in_both_languages_with_the_same_parts(tmp_path: Path) -> None:
    for key, wording in MESSAGES.items():
        assert wording.en and wording.fr, key
        assert set(re.findall(r"{\w+}", wording.en)) == set(re.findall(r"{\w+}", wording.fr)), key
    desktop = Desktop(tmp_path, language="fr")
    assert desktop.run("classify").startswith("3 clients classés.")


def test_an_unknown_command_is_a_bug_of_ours(desktop: Desktop) -> None:
    with pytest.raises(KeyError):
        desktop.run("nothing")
