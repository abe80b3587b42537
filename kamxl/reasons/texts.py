"""Values of a block as texts: each distinct value is written once, as `conditions.Wording` writes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from kamxl.backends.column_cells import Column, Numbers, Texts
from kamxl.backends.column_rounding import round_array
from kamxl.conditions import Form, Wording
from kamxl.language.expression import Node, kind_of
from kamxl.phrases import say, write_date, write_number, write_percent

# Texts are columns of Python objects: indexing and joining them goes by array.
TextArray = NDArray[np.object_]


def as_texts(texts: Sequence[str]) -> TextArray:
    """Texts as an array. Shapes: (n,)."""
    found = np.empty(len(texts), object)
    found[:] = texts
    return found


def write_values(column: Column, node: Node, wording: Wording, *, computed: Node | None = None) -> TextArray:
    """Each value of a column as the language writes it, in the form of `node`. Shapes: (n,)."""
    if isinstance(column, Texts):
        words = as_texts(column.words)
        words[0] = say("missing", wording.language)
        return words[column.codes]
    if column.dtype == np.bool_ or kind_of(computed or node) == "condition":
        return _write_answers(column, wording.language)
    return write_numbers(cast(Numbers, column), wording.form(node), wording.language)


def _write_answers(column: Any, language: str) -> TextArray:
    words = as_texts([say(key, language) for key in ("no", "yes", "missing")])
    found: TextArray = words[np.where(np.isnan(column), 2, column == 1).astype(np.intp)]
    return found


def write_numbers(numbers: Numbers, form: Form, language: str) -> TextArray:
    """Each number as the language writes it. Shapes: (n,)."""
    keys, write = _FORMS[form](numbers)
    distinct, places = np.unique(keys, return_inverse=True)
    texts = [say("missing", language) if key != key else write(key, language) for key in distinct.tolist()]
    return as_texts(texts)[places]


Write = Callable[[float, str], str]


def _dates(numbers: Numbers) -> tuple[Numbers, Write]:
    return np.floor(numbers), lambda key, _language: write_date(key)


def _percents(numbers: Numbers) -> tuple[Numbers, Write]:
    return round_array(numbers * 100, 0), lambda key, language: write_percent(key / 100, language)


def _tenths(numbers: Numbers) -> tuple[Numbers, Write]:
    return round_array(numbers, 1), lambda key, language: write_number(key, language, decimals=1)


def _plain(numbers: Numbers) -> tuple[Numbers, Write]:
    big = np.abs(numbers) >= 1000
    keys = np.where(big, round_array(np.where(big, numbers, np.nan), 0), round_array(np.where(big, np.nan, numbers), 3))
    return keys, lambda key, language: write_number(key, language, decimals=0 if abs(key) >= 1000 else 3)


_FORMS: dict[Form, Callable[[Numbers], tuple[Numbers, Write]]] = {
    "date": _dates,
    "percent": _percents,
    "tenths": _tenths,
    "plain": _plain,
}
