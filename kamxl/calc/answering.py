"""Calc's arguments to ours and our answers to Calc's: blanks, errors, one state for all formulas of an office."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

from kamxl.addin.answers import Answer, Answers
from kamxl.addin.scoring import Fault
from kamxl.addin.settings import Settings, read_settings
from kamxl.table import Cell
from kamxl.values import is_blank

# What Calc shows for a number that is none: the error of a cell within a matrix. #N/A is only for whole calls.
_NO_NUMBER = float("nan")


class FunctionFault(Exception):
    """A call that shows an error; Calc writes #VALUE! whatever the exception is called."""


@cache
def _settings() -> Settings:
    return read_settings()


@lru_cache(maxsize=4)
def _answers(settings: Settings) -> Answers:
    return Answers(settings)


def forget() -> None:
    """Settings and rule files are read again at the next call; good rules stay in use while a file has a fault."""
    _settings.cache_clear()
    _answers(_settings()).forget()


def answer_for_calc(name: str, arguments: Sequence[object]) -> tuple[tuple[Any, ...], ...]:
    """The answer of a function as Calc takes it. Errors: FunctionFault for a call that can only show an error."""
    answer = _answers(_settings()).answer(name, [_argument(each) for each in arguments])
    if len(answer) == 1 and len(answer[0]) == 1 and isinstance(answer[0][0], Fault):
        raise FunctionFault(answer[0][0].reason)
    return _matrix(answer)


def _argument(given: object) -> object:
    if isinstance(given, tuple):
        # A whole column was given: a million rows, of which a few hundred hold something.
        count = next((index for index in range(len(given), 0, -1) if any(cell != "" for cell in given[index - 1])), 1)
        given = given[:count]
        return tuple(tuple(None if cell == "" else cell for cell in row) if "" in row else row for row in given)
    # A blank cell as optional argument arrives as 0.
    return None if given in ("", 0.0) else given


def _matrix(answer: Answer) -> tuple[tuple[Any, ...], ...]:
    return tuple(tuple(_cell(cell) for cell in row) for row in answer)


def _cell(cell: Cell) -> float | str:
    if isinstance(cell, Fault):
        return _NO_NUMBER
    if is_blank(cell):
        return ""
    return float(cell) if isinstance(cell, bool | int | float) else str(cell)
