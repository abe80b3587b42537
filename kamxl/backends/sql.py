"""The plan as SQL text, for those who score inside a warehouse. Built in one dialect, written in any by sqlglot.

Thresholds are the exact doubles of `values.lowest_reaching`, so that they need no rounding in SQL. Columns of the
warehouse have types: cells that hold errors or texts in numbers do not exist there. What cannot be carried out is
refused, never approximated: `HOLES` lists it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from kamxl.backends.settle import category_by_text
from kamxl.backends.sql_expressions import (
    SqlNames,
    clean_sql,
    condition_sql,
    endless_sql,
    finite_sql,
    fold_sql,
    name_sql,
    number_sql,
    quote_sql,
    value_sql,
)
from kamxl.language.expression import kind_of
from kamxl.language.model import AsIs, Bands, Curve, Listed, Scale, Target, YesNo
from kamxl.plan import Combine, Derive, Mark, Match, Plan, Read, Relate
from kamxl.problems import KamxlError, Problem
from kamxl.values import TEXT_KINDS, fold, lowest_above, lowest_reaching

DIALECTS = ("duckdb", "spark", "databricks", "postgres", "snowflake", "bigquery", "redshift")
# Warehouses in which `*` cannot leave columns out: there the columns that the rules were compiled for are named.
_NAMES_COLUMNS = frozenset({"postgres"})
# Warehouses whose ROUND takes decimals and no doubles.
_ROUNDS_DECIMALS = frozenset({"postgres", "redshift"})
HOLES: dict[str, str] = {
    "at_most": "a capacity waits for all rows, then falls to the next rule",
    "unique": "two matches are a problem of a row, which SQL cannot say",
    "overrides": "overrides live in workbooks",
    "round": "ROUND differs between warehouses at the half",
    "months_since, years_since": "date arithmetic differs between warehouses",
}


def emit_sql(plan: Plan, source: str, *, dialect: str = "duckdb") -> str:
    """A query that gives the columns of `source` and score, families, completeness and category behind them.

    Errors: KamxlError KX226 for a rule that SQL cannot carry out, KX506 without sqlglot.
    """
    try:
        import sqlglot
    except ImportError as error:
        raise KamxlError(
            Problem("KX506", "the package sqlglot is not installed", help="pip install sqlglot")
        ) from error
    _refuse_holes(plan)
    text = _Query(plan, source).text(all_named=dialect in _NAMES_COLUMNS)
    query = sqlglot.parse_one(text, read="duckdb")
    if dialect in _ROUNDS_DECIMALS:
        query = query.transform(_round_as_decimal)
    return str(query.sql(dialect=dialect, pretty=True)) + "\n"


def _round_as_decimal(node: Any) -> Any:
    from sqlglot import exp

    if not isinstance(node, exp.Round) or isinstance(node.parent, exp.Cast):
        return node
    decimal = exp.cast(node.this.copy(), "DECIMAL", dialect="postgres")
    return exp.cast(exp.Round(this=decimal, decimals=node.args["decimals"]), "DOUBLE")


def _refuse_holes(plan: Plan) -> None:
    for rule in plan.rules.categories.rules:
        if rule.at_most is not None:
            raise _refused(f"the capacity `at_most` of `{rule.key}`", HOLES["at_most"])
    if plan.match.unique:
        raise _refused("the policy `unique`", HOLES["unique"])
    if plan.settle.override >= 0:
        raise _refused("the column Override", HOLES["overrides"])


def _refused(what: str, why: str) -> KamxlError:
    return KamxlError(Problem("KX226", f"{what} cannot be written as SQL: {why}", help="use --engine duckdb or spark"))


class _Query:
    """One query under construction. State: the common table expressions so far; each adds columns to the last."""

    def __init__(self, plan: Plan, source: str) -> None:
        self.plan = plan
        self.names = SqlNames({s.name: s.kind for s in plan.reads()}, plan.as_of)
        self.steps: list[tuple[str, str]] = []
        self.last = source
        self.unusable: list[str] = []

    def text(self, *, all_named: bool) -> str:
        self._read()
        for step in self.plan.operations:
            match step:
                case Derive():
                    self._add(f"{value_sql(step.of, self.names)} AS {name_sql(step.name)}")
                case Relate():
                    self._relate(step)
                case Combine():
                    self._family(step)
                case Match():
                    self._total()
                    self._match(step)
                case _:
                    continue
        hidden = [name_sql(name) for name in self.names.made]
        families = [f"{name_sql(c.family)} AS {name_sql('kam_' + c.family)}" for c in self.plan.combines()]
        results = [f"{name_sql(name)} AS {name_sql('kam_' + name)}" for name in ("score", "completeness", "category")]
        usable = [_if_usable(result) for result in [results[0], *families, *results[1:]]]
        steps = ", ".join(f"{name} AS ({body})" for name, body in self.steps)
        given = ", ".join(f'"{header}"' for header in self.plan.headers)
        kept = given if all_named else f"* EXCLUDE ({', '.join(hidden)})"
        return f"WITH {steps} SELECT {kept}, {', '.join(usable)} FROM {self.last}"

    def _add(self, *columns: str) -> None:
        name = f"kam_{len(self.steps) + 1}"
        self.steps.append((name, f"SELECT *, {', '.join(columns)} FROM {self.last}"))
        self.last = name
        self.names.made += [_alias(column) for column in columns]

    def _read(self) -> None:
        columns = []
        for step in self.plan.reads():
            given = f'"{self.plan.headers[step.index]}"' if step.index >= 0 else "NULL"
            columns.append(f"{_cell_sql(step, given)} AS {name_sql(step.name)}")
            if step.index >= 0 and step.counts and step.kind not in (*TEXT_KINDS, "date", "yes/no"):
                self.unusable.append(endless_sql(f"CAST({given} AS DOUBLE)"))
        self._add(*columns)

    def _relate(self, step: Relate) -> None:
        x = number_sql(step.of, self.names)
        answer = name_sql(f"{step.name} answer")
        # Quantised to 9 decimals as the definition does before it ranks.
        self._add(f"round({x}, 9) AS {answer}")
        if step.function == "percentile":
            window = f"percent_rank() OVER (PARTITION BY {answer} IS NULL ORDER BY {answer})"
        else:
            gain = f"CASE WHEN {answer} > 0 THEN {answer} ELSE 0 END"
            window = (
                f"sum({gain}) OVER (ORDER BY {answer} DESC NULLS LAST RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT "
                f"ROW) / nullif(sum({gain}) OVER (), 0)"
            )
        self._add(f"CASE WHEN {answer} IS NOT NULL THEN {window} END AS {name_sql(step.name)}")

    def _family(self, step: Combine) -> None:
        marks = [mark for mark in self.plan.marks() if mark.family == step.family]
        self._add(*(f"{value_sql(mark.of, self.names)} AS {name_sql(mark.criterion + ' answer')}" for mark in marks))
        self._add(*(self._mark(mark) for mark in marks))
        full = self.plan.rules.scale
        points = [name_sql(mark.criterion + " points") for mark in marks]
        pairs = list(zip(points, step.weights, strict=True))
        earned = " + ".join(f"coalesce({_double(weight)} * {p} / {_double(full)}, 0)" for p, weight in pairs)
        weight = " + ".join(f"CASE WHEN {p} IS NULL THEN 0 ELSE {_double(w)} END" for p, w in pairs)
        answered = " + ".join(
            f"CASE WHEN {name_sql(mark.criterion + ' answer')} IS NULL THEN 0 ELSE {_double(w)} END"
            for mark, w in zip(marks, step.weights, strict=True)
        )
        score = f"100 * ({earned}) / nullif({weight}, 0)"
        if step.at_most is not None:
            score = f"CASE WHEN {score} > {_double(step.at_most)} THEN {_double(step.at_most)} ELSE {score} END"
        applies = condition_sql(step.applies, self.names) if step.applies is not None else "TRUE"
        self._add(
            f"CASE WHEN {applies} THEN {score} END AS {name_sql(step.family)}",
            f"CASE WHEN {applies} THEN {answered} END AS {name_sql(step.family + ' answered')}",
        )

    def _mark(self, mark: Mark) -> str:
        answer, kind = name_sql(mark.criterion + " answer"), kind_of(mark.of)
        points = scale_sql(mark.scale, answer, kind, self.plan.rules.scale)
        missing = "NULL"
        if mark.missing.mode == "points":
            missing = _double(mark.missing.points)
        elif mark.missing.mode == "error":
            self.unusable.append(f"{answer} IS NULL")
        if _can_fail(mark.scale):
            self.unusable.append(f"({answer} IS NOT NULL AND ({points}) IS NULL)")
        return f"CASE WHEN {answer} IS NULL THEN {missing} ELSE {points} END AS {name_sql(mark.criterion + ' points')}"

    def _total(self) -> None:
        total = self.plan.total
        pairs = list(zip(total.families, total.weights, strict=True))
        sums = {combine.family: sum(combine.weights) for combine in self.plan.combines()}
        earned = " + ".join(f"coalesce({_double(w)} * {name_sql(f)}, 0)" for f, w in pairs)
        weight = " + ".join(f"CASE WHEN {name_sql(f)} IS NULL THEN 0 ELSE {_double(w)} END" for f, w in pairs)
        shares = [(name_sql(f + " answered"), w, sums[f]) for f, w in pairs]
        answered = " + ".join(f"coalesce({_double(w)} * {a} / {_double(s or 1.0)}, 0)" for a, w, s in shares)
        applicable = " + ".join(f"CASE WHEN {a} IS NULL THEN 0 ELSE {_double(w)} END" for a, w, _ in shares)
        self._add(
            f"({earned}) / nullif({weight}, 0) AS {name_sql('score')}",
            f"({answered}) / nullif({applicable}, 0) AS {name_sql('completeness')}",
        )

    def _match(self, step: Match) -> None:
        need = self.plan.rules.categories.need
        other = f"'{need.category.key}'" if need is not None else "NULL"
        cases = [f"WHEN {name_sql('score')} IS NULL THEN {other}"]
        if need is not None:
            edge = _double(lowest_reaching(need.completeness))
            cases.append(f"WHEN coalesce({name_sql('completeness')} < {edge}, TRUE) THEN {other}")
        for index, rule in enumerate(step.rules):
            test = condition_sql(rule.when, self.names) if rule.when is not None else "TRUE"
            if rule.held is not None and self.plan.settle.previous >= 0:
                test = f"{test} OR ({self._was(index)} AND {condition_sql(rule.held, self.names)})"
            cases.append(f"WHEN {test} THEN '{rule.key}'")
        unusable = " OR ".join(f"coalesce({test}, FALSE)" for test in self.unusable) or "FALSE"
        self._add(f"CASE {' '.join(cases)} END AS {name_sql('category')}", f"{unusable} AS {name_sql('unusable')}")

    def _was(self, category: int) -> str:
        """Whether last time's category was this one, by key or by label in any language."""
        texts = [text for text, index in category_by_text(self.plan).items() if index == category]
        given = f'"{self.plan.headers[self.plan.settle.previous]}"'
        return f"coalesce({fold_sql(given)} IN ({', '.join(quote_sql(text) for text in texts)}), FALSE)"


def _alias(column: str) -> str:
    return column.rpartition(" AS ")[2].strip('"').removeprefix("k ")


def _if_usable(column: str) -> str:
    value, _, name = column.rpartition(" AS ")
    return f"CASE WHEN {name_sql('unusable')} THEN NULL ELSE {value} END AS {name}"


def _double(number: float) -> str:
    return f"CAST({number!r} AS DOUBLE)"


def _cell_sql(step: Read, given: str) -> str:
    """A column of the warehouse as its kind says; NaN becomes NULL here, once."""
    if step.kind in TEXT_KINDS:
        return f"nullif({clean_sql(f'CAST({given} AS VARCHAR)')}, '')"
    if step.kind == "yes/no":
        return f"CAST({given} AS BOOLEAN)"
    if step.kind == "date":
        return f"CAST(date_diff('day', DATE '1899-12-30', CAST({given} AS DATE)) AS DOUBLE)"
    return finite_sql(f"CAST({given} AS DOUBLE)")


def _can_fail(scale: Scale) -> bool:
    if isinstance(scale, Bands):
        joined = all(high == low for high, low in zip(scale.highs, scale.lows[1:], strict=False))
        return not joined or scale.lows[0] > -math.inf or scale.highs[-1] < math.inf
    return isinstance(scale, AsIs) or (isinstance(scale, Listed) and scale.other is None)


def scale_sql(scale: Scale, x: str, kind: str, full: float) -> str:
    """Points of an answer that is not null; NULL where the scale cannot judge it."""
    writers: dict[type, Callable[[], str]] = {
        Bands: lambda: _bands(scale, x),  # type: ignore[arg-type]
        Curve: lambda: _curve(scale, x),  # type: ignore[arg-type]
        Listed: lambda: _listed(scale, x, kind),  # type: ignore[arg-type]
        AsIs: lambda: _as_is(x, full),
        Target: lambda: _target(scale, x, full),  # type: ignore[arg-type]
        YesNo: lambda: f"CASE WHEN {x} THEN {_double(scale.yes)} ELSE {_double(scale.no)} END",  # type: ignore[union-attr]
    }
    return writers[type(scale)]()


def _bands(scale: Bands, x: str) -> str:
    cases = []
    for low, high, points in zip(scale.lows, scale.highs, scale.points, strict=True):
        least = f"{x} >= {_double(lowest_reaching(low))}" if low > -math.inf else "TRUE"
        most = f"{x} < {_double(lowest_reaching(high))}" if high < math.inf else "TRUE"
        cases.append(f"WHEN {least} AND {most} THEN {_double(points)}")
    return f"CASE {' '.join(cases)} END"


def _curve(scale: Curve, x: str) -> str:
    xs, ys = scale.xs, scale.points
    cases = [f"WHEN {x} <= {_double(xs[0])} THEN {_double(ys[0])}"]
    for i in range(1, len(xs)):
        slope = (ys[i] - ys[i - 1]) / (xs[i] - xs[i - 1])
        line = f"{_double(ys[i - 1])} + ({x} - {_double(xs[i - 1])}) * {_double(slope)}"
        cases.append(f"WHEN {x} <= {_double(xs[i])} THEN {line}")
    return f"CASE {' '.join(cases)} ELSE {_double(ys[-1])} END"


def _listed(scale: Listed, x: str, kind: str) -> str:
    other = _double(scale.other) if scale.other is not None else "NULL"
    cases = []
    for key, points in zip(scale.keys, scale.points, strict=True):
        if kind == "text":
            cases.append(f"WHEN {fold_sql(x)} = '{fold(key).replace(chr(39), chr(39) * 2)}' THEN {_double(points)}")
            continue
        try:
            number = float(key)
        except ValueError:
            continue
        low, high = _double(lowest_reaching(number)), _double(lowest_above(number))
        cases.append(f"WHEN {x} >= {low} AND {x} < {high} THEN {_double(points)}")
    return f"CASE {' '.join(cases)} ELSE {other} END" if cases else other


def _as_is(x: str, full: float) -> str:
    low, high = _double(lowest_reaching(0.0)), _double(lowest_above(full))
    top = _double(full)
    return (
        f"CASE WHEN {x} < {low} OR {x} >= {high} THEN NULL WHEN {x} < 0 THEN 0 WHEN {x} > {top} THEN {top} ELSE {x} END"
    )


def _target(scale: Target, x: str, full: float) -> str:
    fade = f"1 - abs({x} - {_double(scale.ideal)}) / {_double(scale.none_beyond)}"
    return f"CASE WHEN {fade} > 0 THEN {_double(full)} * ({fade}) ELSE 0 END"
