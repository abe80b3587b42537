"""Cells from Arrow: texts recognised in bulk and numbers with blanks are what Arrow itself says they are."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kamxl.backends import runner
from kamxl.backends.arrow_batches import cells_from
from kamxl.backends.arrow_words import encode_texts
from kamxl.backends.column_cells import read_column
from kamxl.backends.column_types import NullableCells
from kamxl.language.reader import read_rules_text
from kamxl.table import Table
from tests.random_rules import random_rules, random_table
from tests.test_properties import assert_same_results, plan_for

ROWS = 70_001
SHORT = ["North", "Nord", "Northern", "N", "Construction", "construction", "été", "a\0", "a", ""]
LONG = ["unknown to the rules", "unknown to the rulez", "Construction & more"]


def some_texts(words: list[str | None], seed: int, rows: int = ROWS) -> list[str | None]:
    return random.Random(seed).choices(words, k=rows)


def cells_of(array: Any) -> list[str | None]:
    # A null and an empty text are both blank.
    return [cell or None for cell in encode_texts(array)]


COLUMNS = {
    "short words": some_texts([*SHORT, None], 1),
    "a few long ones": some_texts([*SHORT * 30, *LONG, None], 2),
    "long words only": some_texts([*LONG, None], 3),
    "many words": some_texts([f"word {number}" for number in range(400)], 4),
    "new words further on": [*some_texts(["a", "b"], 5, 40_000), *some_texts(["c", "d", None], 6, 40_000)],
    "a name here and there": ["a" if row % 11 else f"client {row}" for row in range(500_000)],
    "all blank": [None] * ROWS,
    "a name in each row": [f"client {number}" for number in range(ROWS)],
}


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("kind", ["string", "large_string", "string_view", "slice", "dictionary"])
def test_texts_are_what_arrow_says(name: str, kind: str) -> None:
    """Codes and words give back every text, whatever its layout, its length and what stands around it."""
    texts = COLUMNS[name]
    array = pa.array(texts, pa.string())
    if kind == "slice":
        array, texts = array.slice(13, 65_000), texts[13:65_013]
    elif kind == "dictionary":
        array = array.dictionary_encode()
    elif kind != "string":
        array = array.cast(getattr(pa, kind)())

    found = [cell or None for cell in cells_from(array)]

    assert found == [text or None for text in texts]


def test_what_lies_under_a_null_is_not_read() -> None:
    """Arrow leaves open which bytes stand where a cell is null: a known word there is still blank."""
    array = pa.array(["North"] * ROWS)
    bits = pa.py_buffer(np.packbits(np.arange(ROWS) % 3 != 0, bitorder="little").tobytes())
    hidden = pa.Array.from_buffers(pa.string(), ROWS, [bits, *array.buffers()[1:]])

    assert cells_of(hidden) == ["North" if row % 3 else None for row in range(ROWS)]


@pytest.mark.parametrize("start", [0, 1, 8, 13])
def test_blank_numbers_are_read_in_parts(start: int) -> None:
    """Numbers with nulls are not copied; each part has NaN where the cell is null, wherever it begins."""
    numbers = [None if row % 5 == 0 else float(row) for row in range(100)]
    cells = cells_from(pa.array(numbers, pa.float64()).slice(start))

    assert isinstance(cells, NullableCells)
    assert list(cells) == numbers[start:]
    for first, last in ((0, 7), (3, 50), (17, 100 - start)):
        wanted = [math.nan if number is None else number for number in numbers[start:][first:last]]
        assert np.array_equal(cells.part(first, last), np.array(wanted), equal_nan=True)


def test_infinite_numbers_from_arrow_are_unusable() -> None:
    """Null beside an endless number: the one is blank, the other a problem of its cell."""
    cells = cells_from(pa.array([1.0, None, math.inf, math.nan]))

    column = read_column(cells, "number", 4, decimal_comma=False)

    assert list(column.unusable) == [2]
    assert column.unusable[2].code == "KX409"
    assert np.array_equal(np.asarray(column.values), [1.0, math.nan, math.nan, math.nan], equal_nan=True)


def as_arrow(column: Sequence[Any]) -> Sequence[Any]:
    """The column as Arrow hands it over, with numbers under its nulls; as it is if its cells are not of one kind."""
    kinds = {type(cell) for cell in column if cell is not None}
    if kinds == {float}:
        hidden = pa.array([12.5 if cell is None else cell for cell in column])
        bits = pa.py_buffer(np.packbits([cell is not None for cell in column], bitorder="little").tobytes())
        return cells_from(pa.Array.from_buffers(pa.float64(), len(column), [bits, hidden.buffers()[1]]))
    return cells_from(pa.array(column, pa.string())) if kinds == {str} else column


def only_floats(column: Sequence[Any]) -> Sequence[Any]:
    """A column with floats and blanks alone, if it has any float."""
    floats = [cell if type(cell) is float else None for cell in column]
    return floats if any(cell is not None for cell in floats) else column


@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(rules_seed=st.integers(0, 2**32), table_seed=st.integers(0, 2**32))
def test_arrow_scores_as_lists_do(rules_seed: int, table_seed: int) -> None:
    """Any rules on any table: numbers with nulls from Arrow give the results of the same cells in lists."""
    rules, untidy = random_rules(rules_seed), random_table(table_seed)
    table = Table(untidy.headers, tuple(map(only_floats, untidy.columns)), untidy.origin)
    plan, arrow = plan_for(rules, table), Table(table.headers, tuple(map(as_arrow, table.columns)), table.origin)
    assert_same_results(runner("columns").run(plan, table), runner("columns").run(plan, arrow))


@pytest.mark.parametrize("bands", [3, 31, 32, 300])
def test_bands_of_numbers_with_nulls(bands: int) -> None:
    """Few bands are compared with, many are searched; what stands under a null counts for neither."""
    middle = {f"{low} to {low + 1}": low for low in range(1, bands)}
    size = {"weight": 1, "bands": {"under 1": 0, **middle, f"{bands} and over": bands}, "missing": "7"}
    document = {
        "kamxl": 1,
        "name": "Bands",
        "scale": 1000,
        "columns": {"size": {"kind": "number"}},
        "families": {"profile": {"weight": 1, "criteria": {"size": size}}},
        "categories": {"rules": {"all": {"otherwise": "true"}}},
    }
    rules, problems = read_rules_text(json.dumps(document))
    assert rules is not None, problems
    numbers = [None if row % 3 == 0 else float(row % (bands + 2)) for row in range(1000)]
    cells = as_arrow(numbers)
    assert isinstance(cells, NullableCells)

    scored = runner("columns").run(plan_for(rules, Table(("size",), (numbers,))), Table(("size",), (cells,)))

    wanted = [7.0 if number is None else min(number, bands) for number in numbers]
    assert list(scored.points_of("size")) == wanted
    assert list(scored.families["profile"]) == [points * 100.0 / 1000.0 for points in wanted]
