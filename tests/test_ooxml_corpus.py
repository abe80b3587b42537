"""The corpus command, on others' workbooks where they are and on a small folder of bad company everywhere."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from kamxl.ooxml import OoxmlError, Workbook
from tests import corpus, corpus_file
from tests.corpus_file import Outcome, check_file
from tests.ooxml_books import bend, column, make_book, part_list, prefixed, read_bytes, repack, strict, values
from tests.ooxml_compare import Written, changed_part, compare
from tests.ooxml_edit import HEADERS, SHEETS, edit_workbook
from tests.ooxml_features import count_features
from tests.shared import shared_dir

SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.slow
def test_corpus_loses_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """Every workbook of the shared corpus is edited or refused; nothing is lost."""
    folder = shared_dir() / "corpus"
    assert corpus.main([str(folder), "--no-openpyxl"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].startswith("PASS") and "0 lost anything, 0 unreadable afterwards, 0 crashes" in lines[-1]


def test_command_on_a_mixed_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nested folders, dialects, junk and files to be refused; the last line is the verdict."""
    nested = tmp_path / "a b" / "é"
    nested.mkdir(parents=True)
    (tmp_path / "plain.xlsx").write_bytes(make_book(table=True))
    (nested / "prefixed.xlsm").write_bytes(prefixed(make_book()))
    (nested / "strict.XLSX").write_bytes(strict(make_book()))
    (tmp_path / "junk.xls").write_bytes(b"junk")
    (tmp_path / "half.xlsx").write_bytes(make_book()[:2000])
    (tmp_path / "notes.txt").write_text("not a workbook")
    (tmp_path / "folder.xlsx").mkdir()
    (tmp_path / "gone.xlsx").symlink_to(tmp_path / "nowhere.xlsx")
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    assert corpus.main([str(tmp_path), "--workers", "1"]) == 0
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()} == before
    assert capsys.readouterr().out.splitlines()[-1].startswith("PASS: 6 files, 3 edited, 3 refused")
    assert corpus.main([str(tmp_path / "nowhere")]) == 2
    assert corpus.main([str(tmp_path / "folder.xlsx")]) == 2
    assert "no workbook" in capsys.readouterr().out


def test_own_mistakes_are_no_refusals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A result that fails kamxl's own check is a crash; one that kamxl cannot open again is unreadable."""
    path = tmp_path / "x.xlsx"
    path.write_bytes(make_book())

    def failing(*_: Any, **__: Any) -> Any:
        raise OoxmlError("unsafe", "the result failed its check")

    def broken(source: Any, *, again: Any = None) -> Any:
        if again is not None:
            raise OoxmlError("damaged", "not XML")
        return edit_workbook(source)

    monkeypatch.setattr(corpus_file, "edit_workbook", failing)
    assert check_file(path, with_openpyxl=False).status == "crash"
    monkeypatch.setattr(corpus_file, "edit_workbook", broken)
    assert check_file(path, with_openpyxl=False).unreadable == ["kamxl itself: damaged: not XML"]


def test_a_loss_fails_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A loser, an unreadable result and a crash each turn the verdict."""
    (tmp_path / "x.xlsx").write_bytes(make_book())
    for outcome in (
        Outcome(tmp_path, "edited", lost=["charts"]),
        Outcome(tmp_path, "edited", unreadable=["calamine"]),
        Outcome(tmp_path, "crash", reason="died"),
    ):
        monkeypatch.setattr(corpus, "run_all", lambda *_, outcome=outcome, **__: iter([outcome]))
        assert corpus.main([str(tmp_path)]) == 1
        assert capsys.readouterr().out.splitlines()[-1].startswith("FAIL")


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins reach the worker by fork")
def test_a_reader_that_dies_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a reader kills its process the file is tried again without it; an edit that dies or hangs is a crash."""

    def dying(path: Path, *, tell: Callable[[str], None], skip: frozenset[str], **_: Any) -> Outcome:
        if path.stem == "reader" and "a reader" not in skip:
            tell("a reader")
            os._exit(1)
        if path.stem == "edit":
            os._exit(1)
        if path.stem == "hang":
            time.sleep(60)
        return Outcome(path, "edited", reason=" ".join(sorted(skip)))

    monkeypatch.setattr(corpus, "check_file", dying)
    monkeypatch.setattr(corpus, "FILE_SECONDS", 1.0)
    paths = [tmp_path / f"{name}.xlsx" for name in ("reader", "edit", "hang", "plain")]
    seen = {
        item.path.stem: (item.status, item.reason) for item in corpus.run_all(paths, workers=2, with_openpyxl=False)
    }
    assert seen["reader"] == ("edited", "a reader") and seen["plain"] == ("edited", "")
    assert seen["edit"] == ("crash", "the process died") and seen["hang"][0] == "crash"


def test_the_edit_is_what_it_says(tmp_path: Path) -> None:
    """Six columns and two sheets, one with a chart, into the table where there is one."""
    edit = edit_workbook(make_book(table=True))
    assert edit.table == "Clients_table" and edit.sheets == SHEETS
    assert tuple(values(edit.data)[0][3:9]) == HEADERS
    assert any("charts/chart" in name for name in part_list(edit.data))
    path = tmp_path / "x.xlsx"
    path.write_bytes(make_book(table=True))
    outcome = check_file(path, with_openpyxl=True)
    assert (outcome.status, outcome.issues, outcome.lost, outcome.unreadable) == ("edited", [], [], [])
    assert (outcome.calamine, outcome.reopened, outcome.second_run) == ("same", "same", "same")


def test_the_differ_sees_differences() -> None:
    """A changed value, a lost element, a lost part, a changed width, a moved format: none goes unseen."""
    data = make_book(more=lambda _, sheet: (sheet.set_column(0, 0, 30), sheet.merge_range("E1:F1", "m")))
    workbook = Workbook.open(data)
    workbook.write_columns("Clients", 1, 2, [column(8)])
    good = workbook.to_bytes()
    assert compare(data, good, {SHEET: Written(frozenset({8}))}) == []
    changes = (
        lambda text: text.replace("<v>10.5</v>", "<v>9</v>"),
        lambda text: text.replace('<mergeCell ref="E1:F1"/>', ""),
        lambda text: text.replace('width="30.7109375"', 'width="3"'),
        lambda text: text.replace('r="A2"', 'r="Z2"'),
        lambda text: text.replace("<pageMargins", '<pageMargins x="1"'),
    )
    for change in changes:
        assert compare(data, bend(good, SHEET, change), {SHEET: Written(frozenset({8}))}), "a difference was not seen"
    assert compare(
        data,
        bend(good, "xl/styles.xml", lambda text: text.replace("<fonts", "<fonts x='1'")),
        {SHEET: Written(frozenset({8}))},
    )
    assert compare(data, repack(good, lambda n, c: None if "theme" in n else c), {SHEET: Written(frozenset({8}))})
    assert count_features(good)["merged cells"] == 1


def rich_book() -> bytes:
    """A workbook whose touched parts hold much that could be lost."""

    def more(book: Any, sheet: Any) -> None:
        look = book.add_format({"bold": True, "bg_color": "#FFEEAA", "num_format": "0.00"})
        sheet.set_column(0, 0, 30, look)
        sheet.set_column(4, 6, 12, None, {"hidden": True, "level": 1})
        sheet.set_row(3, 25, look, {"level": 1})
        sheet.merge_range("H20:I21", "merged", look)
        sheet.write_rich_string("A20", "plain ", look, "bold", " end")
        sheet.write_formula("B20", "=SUM(B2:B6)", look, 157.5)
        sheet.write_array_formula("C20:C22", "{=B2:B4*2}", look, 21)
        sheet.data_validation("C2:C6", {"validate": "list", "source": ["first", "second"], "input_title": "Rank"})
        sheet.conditional_format("B2:B6", {"type": "3_color_scale"})
        sheet.conditional_format("A2:A6", {"type": "text", "criteria": "containing", "value": "5", "format": look})
        sheet.add_sparkline("D25", {"range": "Clients!B2:B6"})
        sheet.write_url("A25", "https://example.com/", string="site")
        sheet.autofilter("A1:C6")
        sheet.filter_column("B", "x > 20")
        sheet.freeze_panes(1, 1)
        sheet.set_header("&LLeft&RRight")
        sheet.repeat_rows(0)
        sheet.print_area("A1:C30")
        sheet.set_h_pagebreaks([20])
        sheet.ignore_errors({"number_stored_as_text": "A1:A9"})
        sheet.write_comment("B2", "a remark")
        book.define_name("Rate", "=0.25")
        book.add_worksheet("Other").write("A1", 1)
        sheet.protect_range("A30:A31") if hasattr(sheet, "protect_range") else None

    return make_book(more=more)


def _mutations(old: str, new: str) -> Iterator[tuple[str, str]]:
    """What was lost, and the new part without it: each tag of the old part, and each attribute of each tag."""
    silent = {"spans", "count", "uniqueCount", "r", "ref"}  # hints, and what grows with our columns
    for tag in dict.fromkeys(re.findall(r"<[A-Za-z][^<>]*>", old)):
        if tag not in new or tag.startswith(("<dimension", "<worksheet", "<styleSheet", "<workbook ")):
            continue
        if tag.endswith("/>"):
            yield tag, new.replace(tag, "", 1)
        for attribute, name in re.findall(r"""(\s([\w:]+)="[^"]*")""", tag):
            if name not in silent and not name.startswith("xmlns"):
                yield f"{tag} without{attribute}", new.replace(tag, tag.replace(attribute, "", 1), 1)
    for text in dict.fromkeys(re.findall(r"<(?:v|f|t|definedName)[^<>]*>[^<]+</", old)):
        if text in new:
            yield text, new.replace(text, re.sub(r">[^<]+</", "></", text), 1)


def test_no_loss_in_a_touched_part_goes_unseen(tmp_path: Path) -> None:
    """Each tag, attribute and text of the old parts, taken out of the result: the differ says so."""
    data = rich_book()
    edit = edit_workbook(data)
    written = {SHEET: Written(frozenset(range(edit.first_column, edit.first_column + 6)), 1, 1 + edit.rows)}
    assert compare(data, edit.data, written) == []
    unseen, tried = [], 0
    for name in part_list(data):
        old, new = read_bytes(data, name), read_bytes(edit.data, name)
        if old == new:
            continue
        for what, mutated in _mutations(old.decode(), new.decode()):
            tried += 1
            if not list(changed_part(name, old, mutated.encode(), written.get(name))):
                unseen.append(f"{name}: {what}")
    assert tried > 300
    assert unseen == []


def test_no_change_of_an_untouched_part_goes_unseen() -> None:
    """A picture, a macro or a theme that differs in one byte is a loss, whatever it holds."""
    data = repack(make_book(), lambda _, content: content, extra=[("xl/media/image1.png", b"\x89PNG 1234")])
    edit = edit_workbook(data)
    written = {SHEET: Written(frozenset(range(edit.first_column, edit.first_column + 6)), 1, 1 + edit.rows)}
    assert compare(data, edit.data, written) == []
    for part in ("xl/media/image1.png", "xl/theme/theme1.xml", "docProps/app.xml"):
        spoiled = repack(edit.data, lambda name, content, part=part: content + b" " if name == part else content)
        assert compare(data, spoiled, written), part
    assert compare(data, edit.data, {}), "a sheet that nobody wrote to"


def test_planted_losses_turn_the_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole command on an editor that loses something: red, with the file and what it lost."""
    (tmp_path / "x.xlsx").write_bytes(rich_book())
    assert corpus.main([str(tmp_path), "--workers", "1", "--no-openpyxl"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("PASS")
    losses: dict[str, Callable[[str, bytes], bytes | None]] = {
        "lost conditional formats": lambda n, c: re.sub(b"<cfRule.*?</cfRule>", b"", c, count=1) if n == SHEET else c,
        "lost sparklines": lambda n, c: re.sub(b"<x14:sparkline>.*?</x14:sparkline>", b"", c) if n == SHEET else c,
        "lost cached formula results": lambda n, c: c.replace(b"<v>157.5</v>", b"") if n == SHEET else c,
        "lost comments": lambda n, c: None if "comments" in n else c,
        "other values": lambda n, c: c.replace(b"Client 3<", b"Client 4<") if "sharedStrings" in n else c,
    }
    for said, loss in losses.items():

        def lossy(data: bytes, *, again: Any = None, loss: Any = loss) -> Any:
            edit = edit_workbook(data, again=again)
            edit.data = repack(edit.data, loss)
            return edit

        monkeypatch.setattr(corpus_file, "edit_workbook", lossy)
        assert corpus.main([str(tmp_path), "--workers", "1", "--no-openpyxl"]) == 1
        output = capsys.readouterr().out
        assert said in output and output.splitlines()[-1].startswith(
            "FAIL: 1 files, 1 edited, 0 refused, 1 lost anything"
        )


@pytest.mark.office
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_libreoffice_reads_the_same_values(tmp_path: Path) -> None:
    """Edited workbooks go through LibreOffice and come back with the values that were there and those we wrote."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        pytest.skip("LibreOffice is not installed")
    edits = {"range": edit_workbook(make_book(rows=40)), "table": edit_workbook(make_book(rows=40, table=True))}
    edits["strict"] = edit_workbook(strict(make_book(rows=40)))
    edits["prefixed"] = edit_workbook(prefixed(make_book(rows=40, table=True)))
    for name, edit in edits.items():
        (tmp_path / f"{name}.xlsx").write_bytes(edit.data)
    out = tmp_path / "out"
    command = [
        program,
        f"-env:UserInstallation=file://{tmp_path}/profile",
        "--headless",
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
    ]
    command += ["--outdir", str(out), *(str(tmp_path / f"{name}.xlsx") for name in edits)]
    subprocess.run(command, check=True, timeout=180, capture_output=True)
    for name, edit in edits.items():
        back = (out / f"{name}.xlsx").read_bytes()
        for sheet in ("Clients", *SHEETS):
            assert values(back, sheet) == values(edit.data, sheet), f"{name}: {sheet}"
        assert len(openpyxl.load_workbook(BytesIO(back))[SHEETS[0]]._charts) == 1
