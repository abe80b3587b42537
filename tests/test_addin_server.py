"""The real xlwings COM path, XLPython.CallUDF to udfs.call_udf, over stand-ins for pywin32: values in, cells out.

Every test runs in a process of its own kind of Windows: the stand-ins change what `import pythoncom` means, so they
are loaded in a child process and the figures come back as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kamxl.addin.functions import FUNCTIONS
from kamxl.addin.scoring import Fault
from kamxl.addin.server import CLASS_ID
from kamxl.addin.wire import COM_ERRORS, ERROR_NUMBERS, from_excel, to_excel
from tests.addin_rules import CATEGORIES, RULES, SCORES, write_rules

REPOSITORY = Path(__file__).parent.parent
PREAMBLE = """
import json, os, sys, time
os.environ["KAMXL_HOME"] = HOME
from tests.windows_stand_ins import DIVISION_BY_ZERO, MISSING, NOT_AVAILABLE, com_range, load_xlwings_server
com_server, udfs = load_xlwings_server()
from kamxl.addin import server
from tests.addin_rules import CLIENTS, HEADERS
excel = server.server_class()()
def call(name, *arguments):
    return excel.CallUDF("kamxl.addin.server", name, arguments, None, None)
FORM = (HEADERS, *CLIENTS)
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    rules = write_rules(tmp_path / "home" / "rules")
    (tmp_path / "home" / "settings.yml").write_text(f"language: en\nrules: {rules}\n", "utf-8")
    return tmp_path / "home"


def in_windows(home: Path, program: str) -> Any:
    text = f"HOME = {str(home)!r}\n{PREAMBLE}\n{program}"
    outcome = subprocess.run(
        [sys.executable, "-c", text], capture_output=True, text=True, check=False, cwd=REPOSITORY, timeout=120
    )
    assert outcome.returncode == 0, outcome.stderr
    return json.loads(outcome.stdout)


def test_every_function_answers_through_the_real_call_udf(home: Path) -> None:
    seen = in_windows(
        home,
        """
print(json.dumps({
    "KAM_SCORE": call("KAM_SCORE", CLIENTS, HEADERS, MISSING),
    "KAM_CATEGORY": call("KAM_CATEGORY", FORM, MISSING, MISSING),
    "KAM_FAMILY": call("KAM_FAMILY", "history", FORM, MISSING, MISSING),
    "KAM_PROCESS": call("KAM_PROCESS", "Loyal", "sales", "quote", MISSING),
    "KAM_EXPLAIN": call("KAM_EXPLAIN", FORM, MISSING, MISSING),
    "KAM_NEXT": call("KAM_NEXT", FORM, MISSING, MISSING),
    "KAM_DORMANT": call("KAM_DORMANT", FORM, MISSING, MISSING),
    "KAM_COMPLETENESS": call("KAM_COMPLETENESS", FORM, MISSING, MISSING),
    "KAM_TABLE": call("KAM_TABLE", FORM, MISSING, MISSING),
    "KAM_RULES": call("KAM_RULES", MISSING),
    "KAM_VERSION": call("KAM_VERSION"),
}))""",
    )
    assert set(seen) == {function.name for function in FUNCTIONS}
    assert [row[0] for row in seen["KAM_SCORE"]] == pytest.approx(SCORES)
    assert [row[0] for row in seen["KAM_CATEGORY"]] == list(CATEGORIES)
    assert seen["KAM_FAMILY"] == [[80.0], [20.0], [100.0]]
    assert seen["KAM_PROCESS"] == "Visit – Face to face"
    assert seen["KAM_DORMANT"] == [[120.0], [""], [0.0]]
    assert seen["KAM_COMPLETENESS"] == [[1.0], [pytest.approx(0.6)], [1.0]]
    assert seen["KAM_TABLE"][0][:4] == ["Score", "History", "Potential", "Category"]
    assert len(seen["KAM_EXPLAIN"]) == len(seen["KAM_NEXT"]) == 3
    assert seen["KAM_RULES"][:2] == ["Rules", "Small rules"]
    assert seen["KAM_VERSION"].startswith("kamxl ")


def test_one_row_is_one_value_with_arguments_empty_or_left_out(home: Path) -> None:
    seen = in_windows(
        home, "print(json.dumps([call('KAM_SCORE', (CLIENTS[0],), HEADERS, last) for last in (MISSING, None)]))"
    )
    assert seen == [68.0, 68.0]


def test_error_cells_become_errors_and_never_scores(home: Path) -> None:
    program = """
rows = (HEADERS, ("A", NOT_AVAILABLE, None, 5.0), ("B", 80.0, None, DIVISION_BY_ZERO), CLIENTS[2])
print(json.dumps([call("KAM_SCORE", rows, None, None), call("KAM_SCORE", NOT_AVAILABLE, None, None)]))"""
    column, whole = in_windows(home, program)
    assert column[0][0].startswith("\x012015 KX401 Revenue")
    assert column[1][0].startswith("\x012015 KX401 Mark")
    assert column[2] == [100.0]
    assert whole.startswith("\x012042 KX401 an argument holds #N/A")
    log = (home / "kamxl.log").read_text("utf-8")
    assert "KX401 Revenue: cell holds the error #N/A" in log


def test_ranges_cost_at_most_thirteen_reads_and_plain_values_none(home: Path) -> None:
    program = """
reads = []
rows = (HEADERS, *((f"Client {i}", float(i % 150), None, 5.0) for i in range(10_000)))
start = time.perf_counter()
by_range = call("KAM_SCORE", com_range(rows, reads), MISSING, MISSING)
seconds = time.perf_counter() - start
counted = len(reads)
by_value = call("KAM_CATEGORY", rows, MISSING, MISSING)
print(json.dumps([counted, len(reads) - counted, len(by_range), len(by_value), seconds]))"""
    reads, more, scored, categories, seconds = in_windows(home, program)
    assert reads <= 13
    assert more == 0
    assert scored == categories == 10_000
    assert seconds < 5


def test_a_currency_cell_a_date_and_a_boolean_of_a_range_are_read(home: Path) -> None:
    program = """
import datetime
from decimal import Decimal
rows = (HEADERS + ("Since", "Active"), ("A", Decimal("80"), None, 5, datetime.datetime(2026, 1, 2), True))
print(json.dumps(call("KAM_SCORE", com_range(rows, []), MISSING, MISSING)))"""
    assert in_windows(home, program) == 68.0


def test_the_server_offers_two_methods_and_runs_no_text(home: Path) -> None:
    assert in_windows(home, "print(json.dumps(excel._public_methods_))") == ["CallUDF", "RunCommand"]


def test_a_faulty_settings_file_is_an_error_cell_with_its_reason(home: Path) -> None:
    (home / "settings.yml").write_text("rules: [", "utf-8")
    seen = in_windows(home, "print(json.dumps([call('KAM_SCORE', FORM, None, None), call('KAM_VERSION')]))")
    assert all(text.startswith("\x012015 KX003") for text in seen)
    assert "kamxl install" in seen[0]


def test_a_fault_of_ours_is_an_error_cell_and_a_traceback_in_the_log(home: Path) -> None:
    program = """
from kamxl.addin import answers
answers._BODIES["KAM_VERSION"] = lambda *rest: 1 / 0
print(json.dumps(call("KAM_VERSION")))"""
    assert in_windows(home, program).startswith("\x012015 kamxl failed: ZeroDivisionError")
    assert "Traceback" in (home / "kamxl.log").read_text("utf-8")


def test_what_lies_beside_a_workbook_is_never_read(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "downloads"
    folder.mkdir()
    (folder / "yaml.py").write_text("raise SystemExit('hostile')", "utf-8")
    write_rules(folder, RULES.replace("weight: 60", "weight: 1"))
    (folder / "settings.yml").write_text("language: xx\n", "utf-8")
    command = [sys.executable, "-E", "-P", "-B", "-c", "import yaml; print(yaml.__file__)"]
    outcome = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert "hostile" not in outcome.stderr
    assert "site-packages" in outcome.stdout
    program = f"import os; os.chdir({str(folder)!r}); print(json.dumps(call('KAM_SCORE', FORM, None, None)))"
    assert in_windows(home, program)[0] == [68.0]


def test_vba_and_server_agree_on_the_class_and_the_module() -> None:
    source = (REPOSITORY / "kamxl" / "addin" / "vba" / "KamRuntime.bas").read_text("ascii")
    assert f'"new:{CLASS_ID}"' in source
    assert '"kamxl.addin.server"' in source


def test_importing_the_server_needs_neither_windows_nor_xlwings() -> None:
    program = "import sys; sys.modules['xlwings'] = None; import kamxl.addin.server; print('loaded')"
    outcome = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert outcome.stdout.strip() == "loaded", outcome.stderr


def test_all_errors_of_excel_come_in_as_texts_and_go_out_as_numbers() -> None:
    assert from_excel(-2146826246) == "#N/A"
    assert from_excel(((-2146826281, 1), (None, True))) == (("#DIV/0!", 1.0), (None, True))
    assert len(COM_ERRORS) == 14
    assert from_excel(-2146828288 + 2222) == "#UNKNOWN!"
    assert from_excel(-2146828288) == -2146828288.0
    for error, number in ERROR_NUMBERS.items():
        assert to_excel([[Fault(error, "because")]]) == [[f"\x01{number} because"]]


def test_cells_go_out_in_forms_that_excel_has() -> None:
    import datetime as dt
    from decimal import Decimal

    row = to_excel([[None, 2**40, Decimal("1.5"), True, dt.date(2026, 1, 1), "\x012042 false alarm", "x" * 40_000]])[0]
    assert row[:5] == ["", float(2**40), 1.5, True, 46023.0]
    assert row[5] == "2042 false alarm"
    assert len(str(row[6])) == 32_767
    assert all(not isinstance(cell, int) or isinstance(cell, bool) for cell in row)
