"""Cells to columns, rounding and the calendar on arrays: equal to `values.py` cell by cell."""

from __future__ import annotations

import datetime as dt
import json
import math
import os
import random
import threading
import time
from decimal import ROUND_HALF_UP as HALF_UP
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from kamxl.backends import column_blocks
from kamxl.backends.column_cells import read_column
from kamxl.backends.column_ranks import relate
from kamxl.backends.column_reasons import extremes
from kamxl.backends.column_rounding import compare_quantised, complete_months, quantise_array, round_array
from kamxl.backends.column_types import CodedCells, Texts
from kamxl.backends.columns import ColumnsRunner
from kamxl.backends.row_expressions import months_between
from kamxl.language.reader import read_rules_text
from kamxl.plan import compile_plan
from kamxl.table import Table
from kamxl.values import KINDS, Kind, quantise, read_cell, round_half_away

CELLS: list[Any] = [
    None,
    "",
    "  ",
    0,
    1,
    1.0,
    True,
    False,
    -0.0,
    2.5,
    math.nan,
    math.inf,
    10**400,
    Decimal("1.5"),
    "12",
    "1 234,5",
    "abc",
    "#N/A",
    "yes",
    "Non",
    "2026-01-31",
    dt.date(2026, 1, 31),
    dt.datetime(2026, 1, 31, 12, 30),
    dt.date(1850, 1, 1),
    4e6,
]


def expected(cells: list[Any], kind: Kind, *, decimal_comma: bool) -> tuple[list[Any], dict[int, str]]:
    readings = [read_cell(cell, kind, decimal_comma=decimal_comma) for cell in cells]
    values = [float(r.value) if isinstance(r.value, (bool, float)) else r.value for r in readings]
    return values, {row: r.code for row, r in enumerate(readings) if r.code}


def got(cells: Any, kind: Kind, *, decimal_comma: bool) -> tuple[list[Any], dict[int, str]]:
    column = read_column(cells, kind, len(cells), decimal_comma=decimal_comma)
    values = column.values.cells() if isinstance(column.values, Texts) else column.values.tolist()
    return [None if v != v else v for v in values], {row: r.code for row, r in column.unusable.items()}


@pytest.mark.parametrize("decimal_comma", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_every_cell_reads_as_defined(kind: Kind, decimal_comma: bool) -> None:
    """Any mixture of cells, in any order, reads as `read_cell` says; 1, 1.0 and True stay apart."""
    for seed in range(20):
        cells = random.Random(seed).choices(CELLS, k=60)
        assert got(cells, kind, decimal_comma=decimal_comma) == expected(cells, kind, decimal_comma=decimal_comma)


@pytest.mark.parametrize("kind", KINDS)
def test_long_columns_read_as_defined(kind: Kind) -> None:
    """Columns are looked at some thousand cells at a time: odd cells keep their rows wherever they stand."""
    for seed in range(3):
        odd = random.Random(seed).choices(CELLS, k=30)
        cells = [1.5] * 4090 + odd + [None, 7] * 3000 + [2.5] * 4096 + odd
        assert got(cells, kind, decimal_comma=False) == expected(cells, kind, decimal_comma=False)


@pytest.mark.parametrize("kind", ["number", "date"])
def test_arrays_read_as_lists_do(kind: Kind) -> None:
    """A float array is a list of floats: NaN is blank, infinity and impossible dates are unusable."""
    array = np.array([1.0, math.nan, math.inf, -1e9, 45000.5, 3e6])
    before = array.copy()

    assert got(array, kind, decimal_comma=False) == expected(array.tolist(), kind, decimal_comma=False)
    assert np.array_equal(array, before, equal_nan=True)


def test_codes_read_as_texts_do() -> None:
    """Encoded texts are the texts; more than 255 words and blanks among the words change nothing."""
    words = [f"word {number}" for number in range(400)] + ["", " x ", "#N/A"]
    codes = np.arange(-1, len(words), dtype=np.int32)

    assert got(CodedCells(codes, words), "text", decimal_comma=False) == expected(
        [None, *words], "text", decimal_comma=False
    )


def near_numbers() -> np.ndarray[Any, Any]:
    chance = random.Random(3)
    numbers = [chance.uniform(-10, 10) * 10.0 ** chance.randint(-12, 14) for _ in range(3000)]
    halves = [chance.randint(-(10**6), 10**6) + 0.5 for _ in range(300)]
    edges = [edge + step * 1e-10 for edge in (0.3, 20.0, 59.9999999995, 1e6 / 3) for step in range(-12, 13)]
    return np.array([*numbers, *halves, *edges, 0.0, -0.0, 1e300, -1.7e308, math.nan])


@pytest.mark.parametrize("decimals", [0, 1, 2, 9, 14, 20, -2])
def test_rounding_is_that_of_decimals(decimals: int) -> None:
    """`round_half_away` is what the module `decimal` makes of the 15 digits that a sheet shows."""
    for number in near_numbers()[:-1].tolist():
        digits = Decimal(f"{number:.15g}")
        kept = digits if digits.adjusted() + decimals > 15 else digits.quantize(Decimal(1).scaleb(-decimals), HALF_UP)
        assert round_half_away(number, decimals) == float(kept)


@pytest.mark.parametrize("decimals", [0, 1, 2, 9, -2])
def test_rounding_is_the_definition(decimals: int) -> None:
    """Rounding in bulk equals `round_half_away` to the last bit, at halves and at any size."""
    numbers = near_numbers()
    wanted = np.array([n if n != n else round_half_away(n, decimals) for n in numbers.tolist()])
    assert np.array_equal(round_array(numbers, decimals), wanted, equal_nan=True)


def test_comparison_is_quantised() -> None:
    """Two columns compare as their values rounded to 9 decimals do."""
    numbers = near_numbers()[:-1]
    others = numbers + np.resize([0.0, 4e-10, 6e-10, -5e-10, 1e-9, 1.0], len(numbers))
    a, b = [[quantise(n) for n in side.tolist()] for side in (numbers, others)]
    wanted = [(x > y) - (x < y) for x, y in zip(a, b, strict=True)]
    assert compare_quantised(numbers, others).tolist() == wanted
    assert quantise_array(numbers).tolist() == a


def test_complete_months_are_the_definition() -> None:
    """Calendar months in bulk equal those of the reference, before and after the day, and outside the calendar."""
    serials = [45000.0 + step for step in range(-1200, 1200)] + [-20000.5, 2958465.0, 3e6, -1e6]
    wanted = [months_between(serial, 46203.0) for serial in serials]
    found = [None if n != n else n for n in complete_months(np.array(serials), 46203.0).tolist()]
    assert found == wanted


def test_ranks_of_nothing() -> None:
    """No answer at all stays missing; a total of nothing has no shares."""
    assert np.isnan(relate("percentile", np.array([math.nan, math.nan]))).all()
    assert np.isnan(relate("cumulative_share", np.array([-1.0, 0.0]))).all()
    assert relate("percentile", np.array([5.0, math.nan])).tolist()[0] == 0.0


def test_strongest_and_weakest_criteria() -> None:
    """Per client the criterion that gives most and the one that costs most; -1 where nothing was answered."""
    rules, problems = read_rules_text(
        "{kamxl: 1, name: x, columns: {a: {kind: number}, b: {kind: number}}, families: {f: {weight: 1, criteria: "
        "{a: {weight: 3, points: as is}, b: {weight: 1, points: as is}}}}, "
        "categories: {rules: {any: {otherwise: true}}}}"
    )
    assert rules is not None, problems
    table = Table(("a", "b"), ([10.0, 0.0, None, None], [0.0, 10.0, 5.0, None]))
    plan, _ = compile_plan(rules, table.headers)
    assert plan is not None

    strongest, weakest = extremes(ColumnsRunner().run(plan, table))

    assert strongest.tolist() == [0, 1, 1, -1]
    assert weakest.tolist() == [1, 0, 1, -1]


def test_strongest_of_many_criteria() -> None:
    """More criteria than a byte counts: the last one is found as well."""
    criteria = {f"c{number}": {"of": "a", "weight": 1 + number, "points": "as is"} for number in range(200)}
    document = {
        "kamxl": 1,
        "name": "Many",
        "columns": {"a": {"kind": "number"}},
        "families": {"f": {"weight": 1, "criteria": criteria}},
        "categories": {"rules": {"any": {"otherwise": "true"}}},
    }
    rules, problems = read_rules_text(json.dumps(document))
    assert rules is not None, problems
    table = Table(("a",), ([5.0, None],))
    plan, _ = compile_plan(rules, table.headers)
    assert plan is not None

    strongest, weakest = extremes(ColumnsRunner().run(plan, table))

    assert strongest.tolist() == weakest.tolist() == [199, -1]


def test_work_in_parallel_keeps_its_order() -> None:
    """Whichever thread does it, the result of each item stands in its place."""
    assert column_blocks.in_parallel(lambda number: number * number, range(1000), 10**6) == [n * n for n in range(1000)]


def test_errors_of_another_thread_are_raised() -> None:
    """What fails in a thread of its own fails for the one who asked for it."""
    asking = threading.current_thread()

    def work(item: int) -> None:
        if threading.current_thread() is asking and (os.cpu_count() or 1) > 1:
            time.sleep(0.05)
        elif item:
            raise KeyError(item)

    with pytest.raises(KeyError):
        column_blocks.in_parallel(work, range(50), 10**6)


def test_results_do_not_depend_on_the_block(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table of many blocks gives each client what it gets alone."""
    monkeypatch.setattr(column_blocks, "BLOCK_ROWS", 32_768)
    rules, _ = read_rules_text(
        "{kamxl: 1, name: x, columns: {a: {kind: number}}, families: {f: {weight: 1, criteria: "
        '{a: {weight: 1, bands: {"under 5": 1, "5 and over": 9}}}}}, categories: {rules: {any: {otherwise: true}}}}'
    )
    assert rules is not None
    # Enough rows for several blocks on both cores.
    cells = [float(number % 11) for number in range(150_000)]
    plan, _ = compile_plan(rules, ("a",))
    assert plan is not None

    scored = ColumnsRunner().run(plan, Table(("a",), (cells,)))

    assert np.asarray(scored.score).tolist() == [90.0 if cell >= 5 else 10.0 for cell in cells]


def test_faults_are_found_in_every_block(monkeypatch: pytest.MonkeyPatch) -> None:
    """Marks outside the scale, far apart in a table of many blocks, are told with their own number and row."""
    monkeypatch.setattr(column_blocks, "BLOCK_ROWS", 32_768)
    rules, problems = read_rules_text(
        "{kamxl: 1, name: x, columns: {a: {kind: number}}, families: {f: {weight: 1, criteria: "
        "{a: {weight: 1, points: as is}}}}, categories: {rules: {any: {otherwise: true}}}}"
    )
    assert rules is not None, problems
    cells: list[float | None] = [5.0] * 150_000
    wrong = {3: 11.0, 32_767: 12.0, 32_768: 13.0, 37_500: -1.0, 74_999: 14.0, 75_000: 15.0, 149_999: 16.0}
    for row, mark in wrong.items():
        cells[row] = mark
    cells[9] = None
    plan, _ = compile_plan(rules, ("a",))
    assert plan is not None

    scored = ColumnsRunner().run(plan, Table(("a",), (cells,)))

    assert list(scored.problems_by_row) == list(wrong)
    for row, mark in wrong.items():
        (problem,) = scored.problems_by_row[row]
        assert f"mark {mark:g} " in problem.message
        assert str(problem.place) == f"row {row + 1}, a"
    assert np.flatnonzero(np.isnan(np.asarray(scored.score))).tolist() == sorted([9, *wrong])
