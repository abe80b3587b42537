"""Starting is light: what a command does not need is not imported. Each check runs in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HEAVY = {
    "numpy",
    "pandas",
    "python_calamine",
    "xlsxwriter",
    "openpyxl",
    "xlwings",
    "duckdb",
    "pyarrow",
    "pyspark",
    "sqlglot",
    "polars",
    "jinja2",
    "markdown_it",
    "rich",
}
# What the standard library loads for them costs more than kamxl's own modules do.
DEAR = {"hashlib", "dataclasses", "inspect", "tempfile", "shutil", "json", "logging"}
# What is for faults, for French and for other numbers than those of sound rules.
FOR_FAULTS = {"difflib", "decimal", "string", "kamxl.language.unsound", "kamxl.problem_words", "kamxl.french"}


# What `kamxl classify` of a small workbook does not need: ciphers, the logging behind thread pools, other formats.
NOT_FOR_CLASSIFY = (HEAVY | {"hashlib", "concurrent", "logging", "json", "csv", "tempfile"}) - {"numpy"}


def imported_by(arguments: list[str]) -> set[str]:
    """Packages and modules that a command line imports, whole names and their first parts; it must succeed."""
    program = (
        "import sys\n"
        "from kamxl.__main__ import main\n"
        f"sys.argv = ['kamxl', *{arguments!r}]\n"
        "try:\n    code = main()\nexcept SystemExit as stop:\n    code = stop.code\n"
        "assert not code, code\n"
        "print('\\nIMPORTED', *{name.partition('.')[0] for name in sys.modules} | {*sys.modules})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    return set(done.stdout.rsplit("IMPORTED", 1)[1].split())


def test_version_imports_nothing_heavy() -> None:
    """`kamxl --version` answers before any package is imported, YAML included."""
    assert imported_by(["--version"]) & (HEAVY | {"yaml"}) == set()


@pytest.mark.parametrize("rules", ["rules/kam.yml"])
def test_check_imports_no_workbook_library(rules: str) -> None:
    """`kamxl check` of sound rules reads YAML: no NumPy, no workbook library, no engine, no words for faults."""
    assert imported_by(["check", rules]) & (HEAVY | DEAR | FOR_FAULTS) == set()


def test_classify_imports_what_it_uses(tmp_path: Path) -> None:
    """`kamxl classify` of a plain workbook in English: NumPy, and no masked arrays, no French, no other reader."""
    book = ROOT / "workbook" / "demo.xlsx"
    imported = imported_by(["classify", str(book), "-o", str(tmp_path / "out.xlsx"), "--quiet", "--language", "en"])
    assert "numpy" in imported
    assert imported & (NOT_FOR_CLASSIFY | {"numpy.ma", "kamxl.french"}) == set()


def test_the_package_itself_is_light() -> None:
    """`import kamxl` costs nothing that is not asked for."""
    done = subprocess.run(
        [sys.executable, "-c", "import sys, kamxl; print(*{name.partition('.')[0] for name in sys.modules})"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert set(done.stdout.split()) & HEAVY == set()
