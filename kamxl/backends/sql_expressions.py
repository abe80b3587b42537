"""Expressions as SQL text: missing is NULL, a comparison with it is false, x / 0 is missing."""

from __future__ import annotations

from typing import assert_never

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
from kamxl.problems import KamxlError, Problem
from kamxl.records import dataclass, field
from kamxl.values import Kind, fold, lowest_above, lowest_reaching


@dataclass(slots=True)
class SqlNames:
    """What names mean in the query. State: `made` lists the columns that the query adds and hides again."""

    kinds: dict[str, Kind]
    as_of: float
    made: list[str] = field(default_factory=list)


def name_sql(name: str) -> str:
    """A name of the rules as a column of the query; results keep their own names."""
    return f'"{name}"' if name.startswith("kam_") else f'"k {name}"'


# Blanks that `values.clean_text` takes as one space, written out: dialects spell escapes of them differently.
_BLANKS = "[\\s\u00a0\u202f\u2007]+"


def clean_sql(text: str) -> str:
    """A text trimmed, with runs of blanks as one space."""
    return f"trim(regexp_replace({text}, '{_BLANKS}', ' ', 'g'))"


def fold_sql(text: str) -> str:
    """A text in the form in which texts are compared. LOWER leaves the few letters that casefold also changes."""
    return f"lower({clean_sql(text)})"


def double_sql(number: float) -> str:
    """A number exactly."""
    return f"CAST({number!r} AS DOUBLE)"


_LARGEST = double_sql(1.7976931348623157e308)


def quote_sql(text: str) -> str:
    """A text constant."""
    return "'" + text.replace("'", "''") + "'"


def value_sql(node: Node, names: SqlNames) -> str:
    """An expression of any kind; a yes/no column keeps its NULL."""
    if kind_of(node) == "condition" and not isinstance(node, (Name, Call)):
        return condition_sql(node, names)
    match node:
        case Constant(value=value):
            return quote_sql(value) if isinstance(value, str) else double_sql(value)
        case Name(name=name):
            return name_sql(name)
        case Arithmetic():
            return _arithmetic(node, names)
        case Negative():
            return f"-({number_sql(node.operand, names)})"
        case Call():
            return _call(node, names)
        case Compare() | Logic() | Not() | In() | Between() | IsMissing():
            return condition_sql(node, names)
        case _:
            assert_never(node)


def number_sql(node: Node, names: SqlNames) -> str:
    """An expression that yields a number or a date."""
    return value_sql(node, names)


def condition_sql(node: Node, names: SqlNames) -> str:
    """A condition that is TRUE or FALSE, never NULL."""
    match node:
        case Logic():
            terms = f" {node.operator.upper()} ".join(condition_sql(term, names) for term in node.terms)
            return f"({terms})"
        case Not():
            return f"(NOT {condition_sql(node.operand, names)})"
        case IsMissing():
            return f"({value_sql(node.operand, names)} IS NULL)"
        case Compare():
            return f"coalesce({_compare(node, names)}, FALSE)"
        case Between():
            low = Compare(">=", node.operand, node.low)
            high = Compare("<=", node.operand, node.high)
            return f"coalesce({_compare(low, names)} AND {_compare(high, names)}, FALSE)"
        case In():
            tests = [_compare(Compare("=", node.operand, choice), names) for choice in node.choices]
            return f"coalesce({' OR '.join(tests)}, FALSE)"
        case _:
            return f"coalesce({value_sql(node, names)}, FALSE)"


def _compare(node: Compare, names: SqlNames) -> str:
    left, right = node.left, node.right
    kind = kind_of(left)
    if kind == "text":
        return f"({_folded(left, names)} {node.operator} {_folded(right, names)})"
    if kind == "condition":
        return f"({value_sql(left, names)} {node.operator} {value_sql(right, names)})"
    if isinstance(right, Constant):
        return _threshold(node.operator, number_sql(left, names), float(right.value))
    if isinstance(left, Constant):
        mirrored = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(node.operator, node.operator)
        return _threshold(mirrored, number_sql(right, names), float(left.value))
    a, b = number_sql(left, names), number_sql(right, names)
    # Two columns: both are rounded to 9 decimals, as the definition does.
    return f"(round({a}, 9) {node.operator} round({b}, 9))"


def _threshold(operator: str, x: str, edge: float) -> str:
    low, high = double_sql(lowest_reaching(edge)), double_sql(lowest_above(edge))
    tests = {
        ">=": f"({x} >= {low})",
        ">": f"({x} >= {high})",
        "<": f"({x} < {low})",
        "<=": f"({x} < {high})",
        "=": f"({x} >= {low} AND {x} < {high})",
        "<>": f"({x} < {low} OR {x} >= {high})",
    }
    return tests[operator]


def _folded(node: Node, names: SqlNames) -> str:
    if isinstance(node, Constant):
        return quote_sql(fold(str(node.value)))
    return fold_sql(value_sql(node, names))


def _arithmetic(node: Arithmetic, names: SqlNames) -> str:
    text = number_sql(node.first, names)
    for operator, term in node.rest:
        operand = number_sql(term, names)
        right = f"nullif({operand}, 0)" if operator == "/" else f"({operand})"
        text = finite_sql(f"({text}) {operator} {right}")
    return text


def finite_sql(text: str) -> str:
    """A number; NULL for NaN and beyond any number. Warehouses agree on comparisons and not on names for such tests."""
    return f"CASE WHEN abs({text}) <= {_LARGEST} THEN {text} END"


def endless_sql(text: str) -> str:
    """Whether a number is beyond any number, and not NaN: its reciprocal is 0."""
    return f"CASE WHEN abs({text}) > {_LARGEST} THEN CAST(1 AS DOUBLE) / {text} = 0 ELSE FALSE END"


def _call(node: Call, names: SqlNames) -> str:
    arguments = node.arguments
    match node.function:
        case "if":
            then, otherwise = (value_sql(argument, names) for argument in arguments[1:])
            return f"CASE WHEN {condition_sql(arguments[0], names)} THEN {then} ELSE {otherwise} END"
        case "coalesce":
            return f"coalesce({', '.join(value_sql(argument, names) for argument in arguments)})"
        case "min" | "max":
            return _extreme(node, names)
        case "abs":
            return f"abs({number_sql(arguments[0], names)})"
        case "days_since":
            return f"({double_sql(names.as_of)} - {number_sql(arguments[0], names)})"
        case _:
            raise KamxlError(
                Problem(
                    "KX226",
                    f"`{node.function}` cannot be written as SQL that means the same in every warehouse",
                    help="use --engine duckdb or spark",
                )
            )


def _extreme(node: Call, names: SqlNames) -> str:
    # LEAST and GREATEST leave NULL out in some warehouses; here one missing makes all missing, as in the definition.
    parts = [number_sql(argument, names) for argument in node.arguments]
    function = "least" if node.function == "min" else "greatest"
    known = " AND ".join(f"({part}) IS NOT NULL" for part in parts)
    return f"CASE WHEN {known} THEN {function}({', '.join(parts)}) END"
