"""The add-in and its workbook as files: every module, every part, every limit, twice the same bytes."""

from __future__ import annotations

import datetime as dt
import io
import re
import struct
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import olefile
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oletools.olevba import VBA_Parser, decompress_stream

from kamxl.addin.build import (
    FORM_BUTTONS,
    addin_modules,
    book_modules,
    build_addin,
    build_book,
    build_demo_book,
    vba_source,
)
from kamxl.addin.commands import COMMANDS, GROUPS, find_command
from kamxl.addin.compound_file import BLACK, NO_STREAM, RED, STORAGE, write_compound_file
from kamxl.addin.functions import FUNCTIONS, Argument, Wording, WorksheetFunction, find_function
from kamxl.addin.ribbon import NAMESPACE, ON_LOAD, ON_PRESS, ribbon_xml
from kamxl.addin.vba_compression import compress
from kamxl.addin.vba_project import build_vba_project, make_module
from kamxl.addin.vba_wrappers import TEXTS, find_faults, functions_source, texts_source, vba_literal
from kamxl.table import Table

LANGUAGES = ("en", "fr")
CLIENTS = Table.from_rows(
    ["Client", "Revenue", "Last order"],
    [["Aérospatiale & Cie", 120500.5, dt.date(2026, 3, 1)], ["<Béta>", None, None], ["=1+1", 0, dt.date(2025, 1, 31)]],
)
FILES = {
    "kamxl.xlam": (build_addin, addin_modules),
    "kam.xlsm": (lambda language: build_book(CLIENTS, language), book_modules),
}


def built(name: str, language: str) -> bytes:
    return FILES[name][0](language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", FILES)
def test_every_module_comes_out_of_the_file_as_it_went_in(name: str, language: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(built(name, language))
    with zipfile.ZipFile(path) as package:
        vba = olefile.OleFileIO(io.BytesIO(package.read("xl/vbaProject.bin")))
    expected = {module.name: module.text for module in FILES[name][1](language)}
    for module, text in expected.items():
        stored = bytes(decompress_stream(bytearray(vba.openstream(f"VBA/{module}").read())))
        assert stored == text.encode("cp1252"), module
    parser = VBA_Parser(str(path))
    found = {Path(file).stem: code for _, _, file, code in parser.extract_all_macros()}
    assert {key: code.replace("\r\n", "\n") for key, code in found.items()} == {
        key: text.replace("\r\n", "\n") for key, text in expected.items()
    }
    assert vba.parsing_issues == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", FILES)
def test_two_builds_in_two_processes_are_the_same_bytes(name: str, language: str) -> None:
    program = (
        "import sys, hashlib; import tests.test_addin_build as t;"
        f"print(hashlib.sha256(t.built({name!r}, {language!r})).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-X", f"utf8={mode}", "-c", program], capture_output=True, text=True, check=True
        ).stdout
        for mode in (0, 1)
    }
    assert len(digests) == 1


@pytest.mark.parametrize("name", FILES)
def test_the_linter_of_vba_finds_no_error(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(built(name, "fr"))
    command = [
        str(Path(sys.executable).parent / "pyvbaanalysis"),
        "--whole-project",
        "--fail-level",
        "error",
        str(path),
    ]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stdout


def test_the_linter_would_find_a_call_of_a_missing_procedure(tmp_path: Path) -> None:
    source = vba_source("KamRibbon").replace("WarmUp", "WarmUpp")
    modules = (*addin_modules("en")[:3], make_module("KamRibbon", "standard", source), *addin_modules("en")[4:])
    path = tmp_path / "wrong.xlam"
    with zipfile.ZipFile(io.BytesIO(build_addin("en"))) as package, zipfile.ZipFile(path, "w") as changed:
        for entry in package.namelist():
            is_vba = entry == "xl/vbaProject.bin"
            changed.writestr(entry, build_vba_project("KamAddin", modules) if is_vba else package.read(entry))
    command = [
        str(Path(sys.executable).parent / "pyvbaanalysis"),
        "--whole-project",
        "--fail-level",
        "error",
        str(path),
    ]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1


@pytest.mark.parametrize("name", FILES)
def test_an_independent_reader_finds_the_container_sound(name: str, tmp_path: Path) -> None:
    from pyopenvba import ExcelFile, check_file

    path = tmp_path / name
    path.write_bytes(built(name, "fr"))
    report = check_file(path)
    assert report.ok and report.complete and not report.issues
    with ExcelFile(path) as book:
        assert book.vba_project().validate() == []
        assert set(book.module_names()) == {module.name for module in FILES[name][1]("fr")}


def test_no_macro_runs_by_itself(tmp_path: Path) -> None:
    from oletools.mraptor import MacroRaptor

    for name in FILES:
        path = tmp_path / name
        path.write_bytes(built(name, "en"))
        raptor = MacroRaptor(VBA_Parser(str(path)).get_vba_code_all_modules())
        raptor.scan()
        assert not raptor.autoexec
        assert not raptor.suspicious


def test_our_vba_is_short_ascii_and_declares_everything() -> None:
    for name in ("KamRuntime", "KamRibbon", "KamButtons"):
        lines = vba_source(name).splitlines()
        assert lines[1] == "Option Explicit"
        assert max(map(len, lines)) <= 120
        assert len(lines) <= 280
        assert not re.search(r"\b(Declare|Shell\(|cmd\.exe|ActiveWorkbook\.(Path|FullName))", "\n".join(lines))
    for language in LANGUAGES:
        assert texts_source(language).isascii()


def test_our_vba_takes_nothing_from_a_workbook_but_the_cells_of_an_argument() -> None:
    """What chooses programs and modules is written down in the code or in the user's registry, never in a workbook."""
    source = vba_source("KamRuntime") + vba_source("KamRibbon")
    code = "\n".join(line.partition("'")[0] for line in source.splitlines())
    assert re.findall(r".*ActiveWorkbook.*", code) == [
        "    message = kamServer.RunCommand(commandName, ActiveWorkbook)"
    ]
    assert re.findall(r"\w+\.Run .*", code) == ["shell.Run shell.RegRead(START_COMMAND), 0, False"]
    assert re.findall(r"CreateObject\(.*?\)|GetObject\(.*?\)", code) == [
        "GetObject(SERVER_CLASS)",
        'CreateObject("WScript.Shell")',
    ]
    for word in ("ThisWorkbook", "Sheets", "Worksheets", "Names", "Environ", "GetSetting", "Dir(", "Open ", "Evaluate"):
        assert word not in code, word


def entries_of(blob: bytes) -> list[tuple[int, int, int, int, int]]:
    first = struct.unpack_from("<I", blob, 48)[0]
    start = 512 * (first + 1)
    found = []
    while start + 128 <= len(blob):
        size, kind, colour, left, right, child = struct.unpack_from("<HBBIII", blob, start + 64)
        if not size:
            break
        found.append((kind, colour, left, right, child))
        start += 128
    return found


def black_height(entries: list[tuple[int, int, int, int, int]], node: int, parent_colour: int) -> int:
    if node == NO_STREAM:
        return 1
    _, colour, left, right, _ = entries[node]
    assert not (colour == RED and parent_colour == RED), "two red nodes in a row"
    heights = {black_height(entries, left, colour), black_height(entries, right, colour)}
    assert len(heights) == 1, "paths differ in black nodes"
    return heights.pop() + (colour == BLACK)


names = st.text("abcXYZ012_", min_size=1, max_size=31)
streams = st.binary(max_size=300) | st.builds(lambda n: b"KAM" * n, st.integers(1300, 3000))


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(names, streams | st.dictionaries(names, streams, max_size=9), max_size=30))
def test_any_tree_comes_back_and_its_directory_is_red_black(tree: dict[str, object]) -> None:
    folded = [name.upper() for name in tree]
    inner = [[key.upper() for key in value] for value in tree.values() if isinstance(value, dict)]
    if any(len(set(keys)) != len(keys) for keys in (folded, *inner)):
        with pytest.raises(ValueError, match="case only"):
            write_compound_file(tree)
        return
    blob = write_compound_file(tree)
    opened = olefile.OleFileIO(io.BytesIO(blob))
    assert opened.parsing_issues == []
    for name, value in tree.items():
        parts = value.items() if isinstance(value, dict) else [(None, value)]
        for key, content in parts:
            assert opened.openstream([name] if key is None else [name, key]).read() == content
    entries = entries_of(blob)
    for kind, _, _, _, child in entries:
        if kind in (STORAGE, 5) and child != NO_STREAM:
            assert entries[child][1] in (RED, BLACK)
            black_height(entries, child, BLACK)


@settings(max_examples=60, deadline=None)
@given(
    st.text("abcdefg \r\n", max_size=9000)
    | st.builds(lambda t, n: t * n, st.text("xyz", min_size=1), st.integers(1, 4000))
)
def test_any_source_text_expands_to_itself(text: str) -> None:
    content = text.encode()
    assert bytes(decompress_stream(bytearray(compress(content)))) == content


@pytest.mark.parametrize("size", [4095, 4096, 4097, 8192, 8193])
def test_chunk_edges_expand_to_themselves(size: int) -> None:
    content = (b"Attribute VB_Name\r\n" * 500)[:size]
    assert bytes(decompress_stream(bytearray(compress(content)))) == content


@pytest.mark.parametrize("name", ["", "a" * 32, "a/b", "é"])
def test_a_name_that_the_format_forbids_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot name an entry"):
        write_compound_file({name: b""})


def test_module_names_are_checked() -> None:
    with pytest.raises(ValueError, match="cannot name a VBA module"):
        make_module("1st", "standard", "")
    with pytest.raises(ValueError, match="calls itself Other"):
        make_module("Mine", "standard", 'Attribute VB_Name = "Other"\n')
    twins = (make_module("Kam", "standard", ""), make_module("KAM", "standard", ""))
    with pytest.raises(ValueError, match="must differ in name"):
        build_vba_project("Project", twins)


BUTTON_ATTRIBUTES = {"id", "tag", "label", "screentip", "supertip", "size", "imageMso", "onAction"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_ribbon_obeys_the_rules_of_its_schema(language: str) -> None:
    """Elements and attributes of CT_CustomUI in MS-CUSTOMUI2: nesting, identifiers, lengths of 1 to 1024, callbacks."""
    root = ElementTree.fromstring(ribbon_xml(language))
    allowed = {"customUI": {"ribbon"}, "ribbon": {"tabs"}, "tabs": {"tab"}, "tab": {"group"}, "group": {"button"}}
    attributes = {"customUI": {"onLoad"}, "tab": {"id", "label"}, "group": {"id", "label"}, "button": BUTTON_ATTRIBUTES}
    identifiers = []
    for element in root.iter():
        namespace, name = element.tag[1:].split("}")
        assert namespace == NAMESPACE
        assert {child.tag.split("}")[1] for child in element} <= allowed.get(name, set())
        assert set(element.attrib) == attributes.get(name, set())
        assert all(1 <= len(value) <= 1024 for value in element.attrib.values())
        assert element.get("size", "normal") in ("normal", "large")
        if "id" in element.attrib:
            identifiers.append(element.attrib["id"])
            assert re.fullmatch(r"[A-Za-z_][\w.-]*", element.attrib["id"])
    assert len(set(identifiers)) == len(identifiers) == len(COMMANDS) + len(GROUPS) + 1
    tags = [button.get("tag") for button in root.iter(f"{{{NAMESPACE}}}button")]
    assert sorted(tags) == sorted(command.name for command in COMMANDS)


def test_the_check_list_of_the_first_opening_counts_the_buttons() -> None:
    page = (Path(__file__).parent.parent / "docs" / "excel.md").read_text("utf-8")
    assert f"with {len(COMMANDS)} buttons in {len(GROUPS)} groups" in page
    assert f"holds {len(addin_modules('en'))} short VBA modules" in page


def test_ribbon_callbacks_exist_with_the_parameters_that_office_passes() -> None:
    source = vba_source("KamRibbon")
    for callback, parameter in ((ON_LOAD, "ribbon As IRibbonUI"), (ON_PRESS, "control As IRibbonControl")):
        module, procedure = callback.split(".")
        assert module == "KamRibbon"
        assert f"Public Sub {procedure}(ByVal {parameter})" in source


def test_form_buttons_call_macros_that_exist_and_commands_that_exist() -> None:
    source = vba_source("KamButtons")
    for name, macro in FORM_BUTTONS.items():
        assert find_command(name) is not None
        assert f'Public Sub {macro}()\n    RunInAddin "{name}"' in source
    with zipfile.ZipFile(io.BytesIO(built("kam.xlsm", "en"))) as package:
        drawing = package.read("xl/drawings/vmlDrawing1.vml").decode()
        code_names = re.findall(r'codeName="(\w+)"', package.read("xl/workbook.xml").decode())
        code_names += re.findall(r'codeName="(\w+)"', package.read("xl/worksheets/sheet1.xml").decode())
    assert all(f"[0]!{macro}" in drawing for macro in FORM_BUTTONS.values())
    assert code_names == ["ThisWorkbook", "Sheet1"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_of_functions_and_arguments_is_baked_into_the_addin(language: str) -> None:
    with zipfile.ZipFile(io.BytesIO(build_addin(language))) as package:
        book = ElementTree.fromstring(package.read("xl/workbook.xml"))
        types = package.read("[Content_Types].xml").decode()
        relations = package.read("_rels/.rels").decode()
    main = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    x14 = "{http://schemas.microsoft.com/office/spreadsheetml/2009/9/main}"
    order = [child.tag.removeprefix(main) for child in book]
    assert order.index("sheets") + 1 == order.index("functionGroups") < order.index("calcPr") < order.index("extLst")
    assert [group.get("name") for group in book.iter(f"{main}functionGroup")] == ["KAM"]
    described = {
        name.get("name"): [text.text for text in name.iter(f"{x14}argumentDescription")]
        for name in book.iter(f"{x14}definedName")
    }
    assert described == {
        function.name: [argument.help.text(language) for argument in function.arguments]
        for function in FUNCTIONS
        if function.arguments
    }
    assert "addin.macroEnabled.main+xml" in types and "sheet.macroEnabled" not in types
    assert "customUI/customUI14.xml" in relations
    source = functions_source(language)
    for function in FUNCTIONS:
        assert f'Attribute {function.name}.VB_Description = "{function.help.text(language)}"' in source


def test_demo_clients_are_an_excel_table_with_dates_and_text_kept_as_text() -> None:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(built("kam.xlsm", "en")), keep_vba=True)
    sheet = book["Clients"]
    assert sheet.tables["Clients"].ref == "A2:C5"
    assert [[cell.value for cell in row] for row in sheet["A2:C5"]] == [
        ["Client", "Revenue", "Last order"],
        ["Aérospatiale & Cie", 120500.5, dt.datetime(2026, 3, 1)],
        ["<Béta>", None, None],
        ["=1+1", 0, dt.datetime(2025, 1, 31)],
    ]
    assert sheet["A5"].data_type == "s"


def test_functions_of_the_registry_are_those_of_the_design() -> None:
    wanted = "SCORE CATEGORY FAMILY PROCESS EXPLAIN NEXT DORMANT COMPLETENESS TABLE RULES VERSION"
    assert [function.name for function in FUNCTIONS] == [f"KAM_{name}" for name in wanted.split()]
    assert [function.signature() for function in FUNCTIONS[:3]] == [
        "KAM_SCORE(clients, [headers], [rules])",
        "KAM_CATEGORY(clients, [headers], [rules])",
        "KAM_FAMILY(family, clients, [headers], [rules])",
    ]
    assert find_function("kam_score") is FUNCTIONS[0]
    assert find_function("KAM_NOTHING") is None


GOOD = Wording("Good.", "Bon.")


@pytest.mark.parametrize(
    ("function", "fault"),
    [
        (WorksheetFunction("KAM_X", (Argument("currency", GOOD),), GOOD), "`currency` cannot name"),
        (WorksheetFunction("KAM_X", (Argument("_a", GOOD),), GOOD), "`_a` cannot name"),
        (WorksheetFunction("KAM1", (), GOOD), "cell address"),
        (WorksheetFunction("KAM_X", (Argument("a" * 254, GOOD),), GOOD), "254 letters"),
        (WorksheetFunction("KAM_X", (), Wording("x" * 256, "Bon.")), "longer than 255"),
        (WorksheetFunction("KAM_X", (), Wording("日本", "Bon.")), "outside Windows-1252"),
        (WorksheetFunction("KAM_X", (Argument("aa", GOOD), Argument("aa", GOOD)), GOOD), "share a name"),
        (
            WorksheetFunction("KAM_X", (Argument("aa", GOOD, optional=True), Argument("bb", GOOD)), GOOD),
            "before a required",
        ),
    ],
)
def test_a_registry_that_excel_would_refuse_fails_the_build(function: WorksheetFunction, fault: str) -> None:
    assert any(fault in found for found in find_faults(function))


def test_literals_of_vba_are_ascii_and_mean_the_text() -> None:
    assert vba_literal('Dis "é"') == '"Dis """ & ChrW(233) & """"'
    assert vba_literal("") == '""'
    assert all(vba_literal(wording.fr).isascii() for wording in TEXTS.values())


def test_the_workbook_in_the_repository_is_the_one_that_is_built() -> None:
    """Parts, not bytes: another XlsxWriter may write the same sheet in other words."""
    import openpyxl

    kept = Path(__file__).parent.parent / "workbook" / "kam.xlsm"
    built_now = build_demo_book("en")
    with zipfile.ZipFile(kept) as old, zipfile.ZipFile(io.BytesIO(built_now)) as new:
        assert old.read("xl/vbaProject.bin") == new.read("xl/vbaProject.bin")
    sheets = [openpyxl.load_workbook(book)["Clients"] for book in (kept, io.BytesIO(built_now))]
    assert [list(sheet.values) for sheet in sheets[:1]] == [list(sheet.values) for sheet in sheets[1:]]
