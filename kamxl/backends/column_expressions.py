"""Expressions compiled to functions over a block of rows, equal to `row_expressions.py` row by row.

Numbers and dates are float64 with NaN for missing, conditions are bool, yes/no answers are 1, 0 or NaN,
texts are codes into words.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, assert_never, cast

import numpy as np
from numpy.typing import NDArray

from kamxl.backends.column_block import Block, Compute, WordTable, choose, missing_of
from kamxl.backends.column_rounding import complete_months, holds, round_array
from kamxl.backends.column_types import Column, Flags, Given, Numbers, Texts, Words
from kamxl.backends.row_expressions import comparable
from kamxl.language.expression import (
    Arithmetic,
    Between,
    Call,
    Compare,
    Constant,
    In,
    IsMissing,
    Logic,
    Name,
    Negative,
    Node,
    Not,
    kind_of,
)
from kamxl.values import fold, lowest_above, lowest_reaching, round_half_away

ComputeNumbers = Callable[[Block], Numbers]
ComputeFlags = Callable[[Block], Flags]


def compile_block(node: Node, as_of: float) -> Compute:
    """What computes an expression on a block. Units: as_of is a serial."""
    match node:
        case Constant():
            return _constant(node)
        case Name(name=name):
            return lambda block: block.column(name)
        case Arithmetic():
            return _arithmetic(node, as_of)
        case Negative():
            operand = compile_numbers(node.operand, as_of)
            return lambda block: np.negative(operand(block))
        case Compare():
            return _compare(node, as_of)
        case Logic():
            return _logic(node, as_of)
        case Not():
            condition = compile_condition(node.operand, as_of)
            return lambda block: np.logical_not(condition(block))
        case In():
            return _in(node, as_of)
        case Between():
            return _between(node, as_of)
        case IsMissing():
            anything = compile_block(node.operand, as_of)
            return lambda block: missing_of(anything(block))
        case Call():
            return _call(node, as_of)
        case _:
            assert_never(node)


def compile_answer(node: Node, as_of: float) -> Callable[[Block], Column | Given]:
    """What computes the answer to a criterion on a block; a column with blanks is handed over as it stands."""
    if isinstance(node, Name):
        name = node.name
        return lambda block: block.answer(name)
    return compile_block(node, as_of)


def compile_numbers(node: Node, as_of: float) -> ComputeNumbers:
    """What computes a number or a date on a block."""
    compute = compile_block(node, as_of)

    def numbers(block: Block) -> Numbers:
        column = compute(block)
        if isinstance(column, Texts):
            raise TypeError(f"a number is expected here, not {node!r}")
        return cast(Numbers, column)

    return numbers


def compile_condition(node: Node, as_of: float) -> ComputeFlags:
    """What computes whether a condition holds; a missing yes/no is no."""
    compute = compile_block(node, as_of)

    def condition(block: Block) -> Flags:
        column = compute(block)
        if isinstance(column, Texts):
            raise TypeError(f"a condition is expected here, not {node!r}")
        return cast(Flags, column if column.dtype == np.bool_ else column == 1.0)

    return condition


def compile_texts(node: Node, as_of: float) -> Callable[[Block], Texts]:
    """What computes a text on a block."""
    compute = compile_block(node, as_of)

    def texts(block: Block) -> Texts:
        column = compute(block)
        if not isinstance(column, Texts):
            raise TypeError(f"a text is expected here, not {node!r}")
        return column

    return texts


def _constant(node: Constant) -> Compute:
    if isinstance(node.value, str):
        words = Words(["", node.value])
        return lambda block: Texts(np.ones(len(block), np.uint8), words)
    number = float(node.value)
    return lambda block: np.full(len(block), number)


def _arithmetic(node: Arithmetic, as_of: float) -> Compute:
    first = compile_numbers(node.first, as_of)
    rest = [(operator, _operand(term, as_of)) for operator, term in node.rest]

    def compute(block: Block) -> Numbers:
        result = first(block)
        for operator, term in rest:
            result = _apply(operator, result, term(block))
        return result

    return compute


def _operand(node: Node, as_of: float) -> Callable[[Block], Any]:
    if isinstance(node, Constant):
        value = node.value
        return lambda _block: value
    return compile_numbers(node, as_of)


_UFUNCS: dict[str, Any] = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide}


def _apply(operator: str, left: Numbers, right: Any) -> Numbers:
    result: Numbers = _UFUNCS[operator](left, right)
    # x / 0 and overflow are missing; one look at the largest is cheaper than a look at each.
    endless = np.isinf(result)
    if endless.any():
        result[endless] = np.nan
    return result


def _compare(node: Compare, as_of: float) -> Compute:
    kind = kind_of(node.left)
    if kind == "text":
        return _compare_texts(node, as_of)
    if kind == "condition":
        return _compare_answers(node, as_of)
    if isinstance(node.right, Constant):
        return _threshold(node.operator, compile_numbers(node.left, as_of), float(node.right.value))
    if isinstance(node.left, Constant):
        return _threshold(_MIRRORED[node.operator], compile_numbers(node.right, as_of), float(node.left.value))
    left, right = compile_numbers(node.left, as_of), compile_numbers(node.right, as_of)
    operator = node.operator
    return lambda block: holds(operator, left(block), right(block))


_MIRRORED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _threshold(operator: str, numbers: ComputeNumbers, edge: float) -> Compute:
    """Comparison with a fixed number: its exact edges are found once, so nothing is rounded here."""
    low, high = lowest_reaching(edge), lowest_above(edge)
    match operator:
        case ">=":
            return lambda block: numbers(block) >= low
        case ">":
            return lambda block: numbers(block) >= high
        case "<":
            return lambda block: numbers(block) < low
        case "<=":
            return lambda block: numbers(block) < high
        case "=":
            return lambda block: (column := numbers(block), (column >= low) & (column < high))[1]
        case _:
            return lambda block: (column := numbers(block), (column < low) | (column >= high))[1]


def _compare_texts(node: Compare, as_of: float) -> Compute:
    wanted = node.operator == "="
    for side, other in ((node.left, node.right), (node.right, node.left)):
        if isinstance(side, Constant):
            return _word_test(compile_texts(other, as_of), frozenset({fold(str(side.value))}), wanted=wanted)
    left, right = compile_texts(node.left, as_of), compile_texts(node.right, as_of)

    def compute(block: Block) -> Flags:
        a, b = left(block), right(block)
        ids: dict[str, int] = {}
        a_ids, b_ids = (
            np.array([ids.setdefault(fold(word), len(ids)) for word in side.words])[side.codes] for side in (a, b)
        )
        answered = (a.codes != 0) & (b.codes != 0)
        same: Flags = (a_ids == b_ids) == wanted
        return cast(Flags, same & answered)

    return compute


def _word_test(texts: Callable[[Block], Texts], folded: frozenset[Any], *, wanted: bool) -> Compute:
    def make(words: Words) -> NDArray[Any]:
        return np.array([False, *((fold(word) in folded) is wanted for word in words[1:])])

    table = WordTable(make)

    def compute(block: Block) -> Flags:
        column = texts(block)
        return table.of(column.words).take(column.codes)

    return compute


def _compare_answers(node: Compare, as_of: float) -> Compute:
    left, right = compile_block(node.left, as_of), compile_block(node.right, as_of)
    wanted = node.operator == "="

    def compute(block: Block) -> Flags:
        a, b = left(block), right(block)
        if isinstance(a, Texts) or isinstance(b, Texts):
            raise TypeError(f"conditions are expected here: {node!r}")
        same: Flags = (a == b) == wanted
        return same & ~missing_of(a) & ~missing_of(b)

    return compute


def _logic(node: Logic, as_of: float) -> Compute:
    terms = [compile_condition(term, as_of) for term in node.terms]
    join: Any = np.logical_and if node.operator == "and" else np.logical_or

    def compute(block: Block) -> Flags:
        result = terms[0](block)
        for term in terms[1:]:
            result = join(result, term(block))
        return result

    return compute


def _in(node: In, as_of: float) -> Compute:
    if kind_of(node.operand) == "text":
        folded = frozenset(comparable(choice.value) for choice in node.choices)
        return _word_test(compile_texts(node.operand, as_of), folded, wanted=True)
    numbers = compile_numbers(node.operand, as_of)
    tests = [
        _threshold("=", lambda block: block.column("#operand"), float(choice.value))  # type: ignore[arg-type,return-value]
        for choice in node.choices
        if not isinstance(choice.value, str)
    ]

    def compute(block: Block) -> Flags:
        block.keep("#operand", numbers(block))
        result = np.zeros(len(block), np.bool_)
        for test in tests:
            result |= test(block)  # type: ignore[arg-type]
        return result

    return compute


def _between(node: Between, as_of: float) -> Compute:
    reaches = _compare(Compare(">=", node.operand, node.low), as_of)
    within = _compare(Compare("<=", node.operand, node.high), as_of)
    low, high = compile_block(node.low, as_of), compile_block(node.high, as_of)

    def compute(block: Block) -> Flags:
        result: Flags = np.logical_and(reaches(block), within(block))  # type: ignore[arg-type]
        return result & ~missing_of(low(block)) & ~missing_of(high(block))

    return compute


def _call(node: Call, as_of: float) -> Compute:
    match node.function:
        case "if":
            return _if(node, as_of)
        case "coalesce":
            return _coalesce(node, as_of)
        case "min" | "max":
            return _extreme(node, as_of)
        case "abs":
            operand = compile_numbers(node.arguments[0], as_of)
            return lambda block: np.abs(operand(block))
        case "round":
            return _round(node, as_of)
        case "days_since" | "months_since" | "years_since":
            return _since(node, as_of)
        case _:
            raise ValueError(f"{node.function} is not computed block by block")


def _if(node: Call, as_of: float) -> Compute:
    condition = compile_condition(node.arguments[0], as_of)
    then, otherwise = (compile_block(argument, as_of) for argument in node.arguments[1:])
    return lambda block: choose(condition(block), then(block), otherwise(block))


def _coalesce(node: Call, as_of: float) -> Compute:
    parts = [compile_block(argument, as_of) for argument in node.arguments]

    def compute(block: Block) -> Column:
        result = parts[0](block)
        for part in parts[1:]:
            missing = missing_of(result)
            if missing.any():
                result = choose(missing, part(block), result)
        return result

    return compute


def _extreme(node: Call, as_of: float) -> Compute:
    parts = [compile_numbers(argument, as_of) for argument in node.arguments]
    pick: Any = np.minimum if node.function == "min" else np.maximum

    def compute(block: Block) -> Numbers:
        result = parts[0](block)
        for part in parts[1:]:
            result = pick(result, part(block))
        return result

    return compute


def _round(node: Call, as_of: float) -> Compute:
    numbers = compile_numbers(node.arguments[0], as_of)
    places = node.arguments[1] if len(node.arguments) > 1 else Constant(0.0, "number")
    if isinstance(places, Constant):
        fixed = int(places.value)
        return lambda block: round_array(numbers(block), fixed)
    decimals = compile_numbers(places, as_of)

    def compute(block: Block) -> Numbers:
        pairs = zip(numbers(block).tolist(), decimals(block).tolist(), strict=True)
        # Decimals that differ from row to row are asked for so rarely that the definition itself may answer.
        return np.array([round_half_away(a, int(b)) if a == a and b == b else np.nan for a, b in pairs], np.float64)

    return compute


def _since(node: Call, as_of: float) -> Compute:
    serials = compile_numbers(node.arguments[0], as_of)
    match node.function:
        case "days_since":
            return lambda block: as_of - serials(block)
        case "months_since":
            return lambda block: complete_months(serials(block), as_of)
        case _:
            return lambda block: np.trunc(complete_months(serials(block), as_of) / 12)
