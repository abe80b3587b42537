"""Expressions of the rule language as spreadsheet formulas.

A missing answer travels as an error inside a formula (arithmetic, MIN and MAX hand it on by themselves) and stands as
an empty text in a cell; conditions never are an error. Both sides of a comparison are rounded to 9 decimals, as
everywhere in kamxl. Knows cells, not where they stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never, cast

from kamxl.backends.formula_text import YES, array_literal, is_one_literal, number_text, text_literal
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
    Span,
    ValueKind,
    kind_of,
)
from kamxl.records import dataclass, field
from kamxl.values import QUANTUM_DECIMALS, clean_text, quantise

MISSING = "NA()"
# Serials of the years 1 and 9999: outside them a cell is no date.
FIRST_DATE, LAST_DATE = -693_593, 2_958_465


@dataclass(frozen=True, slots=True)
class AnswerCell:
    """A cell that an expression may read: its reference, its kind, and whether the user typed into it.

    A cell of ours holds a number, a text, `yes` or `no`, or an empty text; a raw one may hold anything. An empty
    reference is a column that the workbook does not have.
    """

    reference: str
    kind: ValueKind
    raw: bool = False

    @property
    def is_answered(self) -> str:
        """Whether the cell holds an answer, as a formula."""
        cell = self.reference
        if not cell:
            return "FALSE"
        if self.raw and self.kind == "date":
            in_calendar = f"AND({cell}>={FIRST_DATE},{cell}<{LAST_DATE + 1})"
            return f"IF(ISLOGICAL({cell}),FALSE,IF(ISNUMBER({cell}),{in_calendar},FALSE))"
        if self.raw:
            # LibreOffice calls TRUE a number.
            return f"IF(ISLOGICAL({cell}),FALSE,ISNUMBER({cell}))"
        return f"ISNUMBER({cell})" if self.kind in ("number", "date") else f'{cell}<>""'

    @property
    def value(self) -> str:
        """The answer as a formula; an error where it is missing."""
        cell = self.reference
        if not cell:
            return MISSING
        if self.kind in ("number", "date"):
            return f"IF({self.is_answered},{cell},{MISSING})"
        answer = cell if self.kind == "text" else f'{cell}="{YES}"'
        return f'IF({cell}="",{MISSING},{answer})'


@dataclass(frozen=True, slots=True)
class ExpressionWriter:
    """Turns expression trees into formulas.

    `thresholds` maps places of constants in the expression at hand to the cells that hold them instead. Units: as_of is
    the reference of a cell with a serial; `date_shift` days are taken off date constants (1,462 in workbooks that
    count from 1904).
    """

    cells: Mapping[str, AnswerCell]
    as_of: str
    thresholds: Mapping[Span, str] = field(default_factory=dict)
    date_shift: float = 0.0

    def value(self, node: Node) -> str:
        """A formula for the value, an error where it is missing."""
        match node:
            case Constant():
                return self._constant(node)
            case Name():
                return self.cells[node.name].value
            case Arithmetic():
                terms = "".join(f"{operator}{self.value(term)}" for operator, term in node.rest)
                return f"({self.value(node.first)}{terms})"
            case Negative():
                return f"(-{self.value(node.operand)})"
            case Call():
                return self._call(node)
            case Compare() | Logic() | Not() | In() | Between() | IsMissing():
                return self.condition(node)
            case _:
                assert_never(node)

    def condition(self, node: Node) -> str:
        """A formula that is TRUE or FALSE, never an error."""
        match node:
            case Name():
                cell = self.cells[node.name].reference
                return f'{cell}="{YES}"' if cell else "FALSE"
            case Logic():
                return f"{node.operator.upper()}({','.join(self.condition(term) for term in node.terms)})"
            case Not():
                return f"NOT({self.condition(node.operand)})"
            case Compare():
                return self._compare(node)
            case In():
                return self._in(node)
            case Between():
                low, middle, high = (self._rounded(part) for part in (node.low, node.operand, node.high))
                return f"IFERROR(AND({low}<={middle},{middle}<={high}),FALSE)"
            case IsMissing():
                return f"ISERROR({self.value(node.operand)})"
            case Call():
                return f"IFERROR({self.value(node)},FALSE)"
            case _:
                raise TypeError(f"{node!r} is not a condition")

    def _constant(self, node: Constant) -> str:
        if node.span in self.thresholds:
            return self.thresholds[node.span]
        if isinstance(node.value, str):
            return text_literal(clean_text(node.value)) if node.value.strip() else MISSING
        number = node.value - (self.date_shift if node.kind == "date" else 0.0)
        text = number_text(number)
        return f"({text})" if number < 0 else text

    def _rounded(self, node: Node) -> str:
        if isinstance(node, Constant) and node.span not in self.thresholds and isinstance(node.value, float):
            return self._constant(Constant(quantise(node.value), node.kind))
        return f"ROUND({self.value(node)},{QUANTUM_DECIMALS})"

    def _compare(self, node: Compare) -> str:
        operator, kind = node.operator, kind_of(node.left)
        if kind == "text":
            return self._compare_texts(node)
        if kind == "condition":
            return f"IFERROR(({self.value(node.left)}){operator}({self.value(node.right)}),FALSE)"
        cell = self.cells.get(node.left.name) if isinstance(node.left, Name) else None
        if cell is not None and cell.reference and not cell.raw and isinstance(node.right, Constant):
            number = f"ROUND(N({cell.reference}),{QUANTUM_DECIMALS})"
            return f"AND(ISNUMBER({cell.reference}),{number}{operator}{self._rounded(node.right)})"
        return f"IFERROR({self._rounded(node.left)}{operator}{self._rounded(node.right)},FALSE)"

    def _compare_texts(self, node: Compare) -> str:
        cell = self.cells.get(node.left.name) if isinstance(node.left, Name) else None
        if cell is not None and cell.reference and isinstance(node.right, Constant) and str(node.right.value).strip():
            same = f"{cell.reference}{node.operator}{self.value(node.right)}"
            return same if node.operator == "=" else f'AND({cell.reference}<>"",{same})'
        return f"IFERROR({self.value(node.left)}{node.operator}{self.value(node.right)},FALSE)"

    def _in(self, node: In) -> str:
        if kind_of(node.operand) == "text":
            texts = [clean_text(str(choice.value)) for choice in node.choices]
            return self._any_of(self.value(node.operand), [text for text in texts if text])
        shifted = [
            quantise(cast(float, choice.value)) - (self.date_shift if choice.kind == "date" else 0.0)
            for choice in node.choices
        ]
        return self._any_of(self._rounded(node.operand), shifted)

    def _any_of(self, value: str, choices: list[str] | list[float]) -> str:
        if not choices:
            return "FALSE"
        if any(isinstance(choice, str) and not is_one_literal(choice) for choice in choices):
            same = ",".join(f"{value}={text_literal(str(choice))}" for choice in choices)
            return f"IFERROR(OR({same}),FALSE)"
        return f"IFERROR(SUMPRODUCT(--({value}={array_literal(choices)}))>0,FALSE)"

    def _call(self, node: Call) -> str:
        arguments = node.arguments
        match node.function:
            case "if":
                return f"IF({self.condition(arguments[0])},{self.value(arguments[1])},{self.value(arguments[2])})"
            case "coalesce":
                values = [self.value(argument) for argument in arguments]
                return "".join(f"IFERROR({value}," for value in values[:-1]) + values[-1] + ")" * (len(values) - 1)
            case "min" | "max" | "abs":
                return f"{node.function.upper()}({','.join(self.value(argument) for argument in arguments)})"
            case "round":
                decimals = self.value(arguments[1]) if len(arguments) > 1 else "0"
                return f"ROUND({self.value(arguments[0])},{decimals})"
            case "days_since":
                return f"({self.as_of}-{self.value(arguments[0])})"
            case "months_since":
                return self._months(self.value(arguments[0]))
            case "years_since":
                return f"TRUNC({self._months(self.value(arguments[0]))}/12,0)"
            case _:
                raise ValueError(f"{node.function} is not computed row by row")

    def _months(self, start: str) -> str:
        """Complete months between a date and the as-of date, negative where the date lies ahead."""
        end = self.as_of
        months = f"((YEAR({end})-YEAR({start}))*12+MONTH({end})-MONTH({start})"
        past = f"{months}-IF(DAY({end})<DAY({start}),1,0))"
        ahead = f"{months}+IF(DAY({start})<DAY({end}),1,0))"
        return f"IF(INT({start})<=INT({end}),{past},{ahead})"
