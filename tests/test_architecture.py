"""The house style, checked: sizes, names, imports, licences. An exception is listed here with its reason."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted((ROOT / "kamxl").rglob("*.py"))
LONGEST_MODULE = 400
LONGEST_FUNCTION = 50
FORBIDDEN_NAMES = {"utils", "helpers", "common", "base", "manager"}
# module.function: reason. A function may be longer only as a flat table or a flat match over a closed set.
LONG_FUNCTIONS: dict[str, str] = {}
LICENSED = re.compile(r"(?:import|from)\s+xlwings\.(?:pro|reports|server)\b")
# Packages that only one adapter may import, and only inside a function, so that the core stays light.
HEAVY = {
    "numpy",
    "pandas",
    "xlwings",
    "xlsxwriter",
    "python_calamine",
    "duckdb",
    "pyspark",
    "pyarrow",
    "sqlglot",
    "openpyxl",
}
# Makes the methods of records from the names of their fields, as `dataclasses` does.
COMPILES = frozenset({"records.py"})
LIGHT = ("language", "plan.py", "values.py", "problems.py", "table.py", "explain.py", "evidence.py", "next_step.py",
         "conditions.py", "process.py", "phrases.py", "checking.py", "backends/reference.py", "backends/settle.py",
         "backends/row_expressions.py", "backends/points.py", "backends/rows.py", "backends/row_cells.py",
         "backends/row_points.py", "addin/functions.py")  # fmt: skip


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def relative(path: Path) -> str:
    return path.relative_to(ROOT / "kamxl").as_posix()


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_modules_are_short_and_named_after_nouns(path: Path) -> None:
    """No module over 400 lines, none named after nothing in particular, each with a docstring."""
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= LONGEST_MODULE, f"{lines} lines"
    assert path.stem not in FORBIDDEN_NAMES
    assert ast.get_docstring(tree_of(path)) or not path.read_text(encoding="utf-8").strip()


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_functions_are_short(path: Path) -> None:
    """No function over 50 lines."""
    long = []
    for node in ast.walk(tree_of(path)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION and f"{path.stem}.{node.name}" not in LONG_FUNCTIONS:
                long.append(f"{node.name}: {length} lines")
    assert not long


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_nothing_licensed_and_nothing_bare(path: Path) -> None:
    """No licensed part of xlwings, no eval, no bare except, no `raise Exception`."""
    assert not LICENSED.search(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in {"eval", "exec"} or relative(path) in COMPILES, f"line {node.lineno}"
        assert not (isinstance(node, ast.ExceptHandler) and node.type is None), f"line {node.lineno}"
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and isinstance(node.exc.func, ast.Name):
            assert node.exc.func.id != "Exception", f"line {node.lineno}"


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_records_are_made_by_kamxl(path: Path) -> None:
    """Classes of records come from `kamxl.records`, which makes them in a fifth of the time of `dataclasses`."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom) and node.module == "dataclasses" and relative(path) != "records.py":
            assert not {"dataclass", "field", "replace"} & {name.name for name in node.names}, f"line {node.lineno}"


@pytest.mark.parametrize("path", [path for path in MODULES if relative(path).startswith(LIGHT)], ids=relative)
def test_the_core_is_light(path: Path) -> None:
    """The core is pure Python on PyYAML and Jinja2 alone: it also runs inside LibreOffice's own Python."""
    imported: set[str] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported.add(node.module.split(".")[0])
    assert not imported & HEAVY


def test_layers_hold() -> None:
    """Imports point down (the contracts stand in .importlinter)."""
    result = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports"))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-3000:]


def test_nothing_of_this_machine_is_committed() -> None:
    """No lock file, no registry, no path of a home folder in tracked files."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    names = listed.stdout.splitlines()
    assert not [name for name in names if re.search(r"(^|/)(uv|poetry|pdm)\.lock$|package-lock\.json$", name)]
    suspicious = re.compile(r"index-url|find-links|/home/\w+/|/Users/\w+/")
    for name in names:
        path = ROOT / name
        if path.suffix in {".py", ".toml", ".yml", ".txt", ".cfg", ".md"} and name != "tests/test_architecture.py":
            assert not suspicious.search(path.read_text(encoding="utf-8", errors="ignore")), name
