"""The corpus command, on others' workbooks where they are and on a small folder of bad company everywhere."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from kamxl.ooxml import Workbook
from tests import corpus
from tests.corpus_file import Outcome, check_file
from tests.ooxml_books import bend, column, make_book, part_list, prefixed, repack, strict, values
from tests.ooxml_compare import compare
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
    assert corpus.main([str(tmp_path), "--workers", "1"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("PASS: 5 files, 3 edited, 2 refused")
    assert corpus.main([str(tmp_path / "nowhere")]) == 2


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
    assert compare(data, good, {SHEET: {8}}) == []
    changes = (
        lambda text: text.replace("<v>10.5</v>", "<v>9</v>"),
        lambda text: text.replace('<mergeCell ref="E1:F1"/>', ""),
        lambda text: text.replace('width="30.7109375"', 'width="3"'),
        lambda text: text.replace('r="A2"', 'r="Z2"'),
        lambda text: text.replace("<pageMargins", '<pageMargins x="1"'),
    )
    for change in changes:
        assert compare(data, bend(good, SHEET, change), {SHEET: {8}}), "a difference was not seen"
    assert compare(data, bend(good, "xl/styles.xml", lambda text: text.replace("<fonts", "<fonts x='1'")), {SHEET: {8}})
    assert compare(data, repack(good, lambda n, c: None if "theme" in n else c), {SHEET: {8}})
    assert count_features(good)["merged cells"] == 1


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
