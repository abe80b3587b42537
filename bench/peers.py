"""The same rule book, written by hand for each peer the way its users write it. All agree on every class."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import numpy as np

from bench.portfolio import BANDS, CURVES, FAMILIES, FAMILY_WEIGHTS, LISTED, NUMBERS, RATIOS, WORDS, Clients

Result = tuple[Any, Any]
"""(score (n,), class as 0 to 3 (n,))."""


def pandas_frame(clients: Clients) -> Any:
    """The clients as pandas holds them."""
    import pandas as pd

    return pd.DataFrame(
        {**clients.numbers, **{key: pd.Series(texts, dtype="str") for key, texts in clients.texts.items()}}
    )


def score_pandas(frame: Any) -> Result:
    """Whole columns in pandas: searchsorted, interp, map, select."""
    score, classes, _ = judge_pandas(frame)
    return score, classes


def judge_pandas(frame: Any) -> tuple[Any, Any, dict[str, Any]]:
    """Score, class, and the score of each family, in pandas."""
    import pandas as pd

    def looked_up(column: Any, form: str, xs: list[float], points: list[float], missing: float) -> Any:
        values = column.to_numpy()
        if form == "curve":
            found = np.interp(values, xs, points)
        else:
            found = np.asarray(points, float)[np.searchsorted(xs, values, side="right")]
        return pd.Series(found, index=frame.index).where(column.notna(), missing)

    points = {key: looked_up(frame[key], "bands", *rule) for key, rule in BANDS.items()}
    points |= {key: looked_up(frame[key], "curve", *rule) for key, rule in CURVES.items()}
    for key, (listed, other, missing) in LISTED.items():
        mapped = frame[key].map(dict(zip(WORDS[key], listed, strict=True))).astype("float64")
        points[key] = mapped.fillna(other).where(frame[key].notna(), missing)
    for key, (top, bottom, form, xs, ys, missing) in RATIOS.items():
        ratio = frame[top] / frame[bottom].replace(0, np.nan)
        points[key] = looked_up(ratio, form, xs, ys, missing)
    families = {
        family: sum(points[key] * weight for key, weight in weights.items()) / sum(weights.values())
        for family, weights in FAMILIES.items()
    }
    score = sum(families[family] * weight for family, weight in FAMILY_WEIGHTS.items())
    classes = np.select(
        [
            (score >= 75) & (families["risk"] >= 60),
            (score >= 60) | ((frame["revenue"] >= 500_000) & (score >= 50)),
            (score >= 40) & frame["status"].ne("blocked"),
        ],
        [0, 1, 2],
        3,
    )
    return score.to_numpy(), classes, {family: points.to_numpy() for family, points in families.items()}


def polars_frame(clients: Clients) -> Any:
    """The clients as polars holds them: blanks are null."""
    import polars as pl

    numbers = {key: pl.Series(key, column).fill_nan(None) for key, column in clients.numbers.items()}
    return pl.DataFrame(
        {**numbers, **{key: pl.Series(key, texts, dtype=pl.String) for key, texts in clients.texts.items()}}
    )


def score_polars(frame: Any) -> Result:
    """A lazy query in polars: chains of when, which beat its replace_strict."""
    import polars as pl

    def banded(value: Any, edges: list[float], points: list[float], missing: float) -> Any:
        chain = pl.when(value.is_null()).then(float(missing))
        for edge, p in zip(reversed(edges), reversed(points[1:]), strict=False):
            chain = chain.when(value >= edge).then(float(p))
        return chain.otherwise(float(points[0]))

    def curved(value: Any, xs: list[float], points: list[float], missing: float) -> Any:
        chain = pl.when(value.is_null()).then(float(missing)).when(value <= xs[0]).then(float(points[0]))
        for i in range(1, len(xs)):
            slope = (points[i] - points[i - 1]) / (xs[i] - xs[i - 1])
            chain = chain.when(value <= xs[i]).then(points[i - 1] + (value - xs[i - 1]) * slope)
        return chain.otherwise(float(points[-1]))

    column = pl.col
    marks = {key: banded(column(key), *rule) for key, rule in BANDS.items()}
    marks |= {key: curved(column(key), *rule) for key, rule in CURVES.items()}
    for key, (points, other, missing) in LISTED.items():
        chain = pl.when(column(key).is_null()).then(float(missing))
        for word, p in zip(WORDS[key], points, strict=True):
            chain = chain.when(column(key) == word).then(float(p))
        marks[key] = chain.otherwise(float(other))
    for key, (top, bottom, form, xs, points, missing) in RATIOS.items():
        ratio = pl.when(column(bottom) != 0).then(column(top) / column(bottom))
        marks[key] = (curved if form == "curve" else banded)(ratio, xs, points, missing)
    query = frame.lazy().select([*(mark.alias(f"{key} points") for key, mark in marks.items()), "revenue", "status"])
    families = [
        (sum(column(f"{key} points") * weight for key, weight in weights.items()) / sum(weights.values())).alias(family)
        for family, weights in FAMILIES.items()
    ]
    query = query.select([*families, "revenue", "status"])
    score = sum(column(family) * weight for family, weight in FAMILY_WEIGHTS.items())
    query = query.with_columns(score.alias("score"))
    score = column("score")
    classes = (
        pl.when((score >= 75) & (column("risk") >= 60))
        .then(0)
        .when((score >= 60) | ((column("revenue") >= 500_000) & (score >= 50)))
        .then(1)
        .when((score >= 40) & column("status").ne_missing(pl.lit("blocked")))
        .then(2)
        .otherwise(3)
    )
    result = query.select([*FAMILIES, "score", classes.cast(pl.Int8).alias("class")]).collect()
    return result["score"].to_numpy(), result["class"].to_numpy()


def rows_of(clients: Clients, count: int) -> list[dict[str, Any]]:
    """The first clients as dictionaries, None for blanks."""
    columns = {key: [None if x != x else x for x in clients.numbers[key][:count].tolist()] for key in NUMBERS}
    columns |= {key: texts[:count] for key, texts in clients.texts.items()}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def score_python(rows: list[dict[str, Any]]) -> Result:
    """A plain loop over dictionaries."""
    scores, classes = [], []
    for row in rows:
        points = {key: _band(row[key], *rule) for key, rule in BANDS.items()}
        points |= {key: _curve(row[key], *rule) for key, rule in CURVES.items()}
        for key, (listed, other, missing) in LISTED.items():
            word = row[key]
            known = WORDS[key]
            points[key] = missing if word is None else listed[known.index(word)] if word in known else other
        for key, (top, bottom, form, xs, ys, missing) in RATIOS.items():
            ratio = row[top] / row[bottom] if row[top] is not None and row[bottom] else None
            points[key] = (_curve if form == "curve" else _band)(ratio, xs, ys, missing)
        families = {
            family: sum(points[key] * weight for key, weight in weights.items()) / sum(weights.values())
            for family, weights in FAMILIES.items()
        }
        score = sum(families[family] * weight for family, weight in FAMILY_WEIGHTS.items())
        scores.append(score)
        classes.append(_class(score, families["risk"], row["revenue"], row["status"]))
    return np.array(scores), np.array(classes)


def _class(score: float, risk: float, revenue: float | None, status: str | None) -> int:
    if score >= 75 and risk >= 60:
        return 0
    if score >= 60 or (revenue is not None and revenue >= 500_000 and score >= 50):
        return 1
    return 2 if score >= 40 and status != "blocked" else 3


def _band(value: float | None, edges: list[float], points: list[float], missing: float) -> float:
    if value is None:
        return missing
    position = 0
    for edge in edges:
        if value < edge:
            break
        position += 1
    return points[position]


def _curve(value: float | None, xs: list[float], points: list[float], missing: float) -> float:
    if value is None:
        return missing
    if value <= xs[0]:
        return points[0]
    for i in range(1, len(xs)):
        if value <= xs[i]:
            return points[i - 1] + (value - xs[i - 1]) * (points[i] - points[i - 1]) / (xs[i] - xs[i - 1])
    return points[-1]


def _conditional(join: Callable[[str, str, str], str], conditions: list[tuple[str, str]], last: str) -> str:
    text = last
    for condition, result in reversed(conditions):
        text = join(condition, result, text)
    return text


def _expressions(join: Callable[[str, str, str], str], null: str, equals: str) -> dict[str, str]:
    """Every criterion as one nested conditional in the syntax that zen and rule-engine share."""

    def banded(value: str, edges: list[float], points: list[float], missing: float) -> str:
        tests = [(f"{value} >= {edge}", str(p)) for edge, p in zip(reversed(edges), reversed(points[1:]), strict=False)]
        return _conditional(join, [(f"{value} {equals} {null}", str(missing)), *tests], str(points[0]))

    def curved(value: str, xs: list[float], points: list[float], missing: float) -> str:
        tests = [(f"{value} {equals} {null}", str(missing)), (f"{value} <= {xs[0]}", str(points[0]))]
        for i in range(1, len(xs)):
            slope = (points[i] - points[i - 1]) / (xs[i] - xs[i - 1])
            tests.append((f"{value} <= {xs[i]}", f"{points[i - 1]} + ({value} - ({xs[i - 1]})) * ({slope!r})"))
        return _conditional(join, tests, str(points[-1]))

    found = {key: banded(key, *rule) for key, rule in BANDS.items()}
    found |= {key: curved(key, *rule) for key, rule in CURVES.items()}
    for key, (points, other, missing) in LISTED.items():
        tests = [(f"{key} {equals} '{word}'", str(p)) for word, p in zip(WORDS[key], points, strict=True)]
        found[key] = _conditional(join, [(f"{key} {equals} {null}", str(missing)), *tests], str(other))
    for key, (top, bottom, form, xs, points, missing) in RATIOS.items():
        inner = (curved if form == "curve" else banded)(f"({top} / {bottom})", xs, points, missing)
        guard = f"{top} {equals} {null} or {bottom} {equals} {null} or {bottom} {equals} 0"
        found[key] = join(guard, str(missing), inner)
    return found


def zen_engine() -> Callable[[list[dict[str, Any]]], Result]:
    """zen-engine in its fastest form here: a loader that hands over precompiled content, awaited row by row."""
    import zen

    parts = _expressions(lambda condition, yes, no: f"({condition} ? {yes} : {no})", "null", "==")
    lines = [(f"p_{key}", text) for key, text in parts.items()]
    for family, weights in FAMILIES.items():
        total = " + ".join(f"$.p_{key} * {weight}" for key, weight in weights.items())
        lines.append((family, f"({total}) / {sum(weights.values())}"))
    lines.append(("score", " + ".join(f"$.{family} * {weight}" for family, weight in FAMILY_WEIGHTS.items())))
    a, b = (
        "$.score >= 75 and $.risk >= 60",
        "$.score >= 60 or (revenue != null and revenue >= 500000 and $.score >= 50)",
    )
    c = "$.score >= 40 and status != 'blocked'"
    lines.append(("class", f"({a} ? 0 : ({b} ? 1 : ({c} ? 2 : 3)))"))
    expressions = [{"id": f"e{i}", "key": key, "value": text} for i, (key, text) in enumerate(lines)]
    graph = {
        "contentType": "application/vnd.gorules.decision",
        "nodes": [
            {"id": "in", "type": "inputNode", "name": "in", "position": {"x": 0, "y": 0}},
            {
                "id": "x",
                "type": "expressionNode",
                "name": "x",
                "position": {"x": 1, "y": 0},
                "content": {"expressions": expressions},
            },
            {"id": "out", "type": "outputNode", "name": "out", "position": {"x": 2, "y": 0}},
        ],
        "edges": [
            {"id": "1", "sourceId": "in", "targetId": "x", "type": "edge"},
            {"id": "2", "sourceId": "x", "targetId": "out", "type": "edge"},
        ],
    }
    content = zen.ZenDecisionContent(json.dumps(graph))
    engine = zen.ZenEngine({"loader": lambda _key: content})

    def score(rows: list[dict[str, Any]]) -> Result:
        found = [engine.evaluate("rules", row)["result"] for row in rows]
        return np.array([r["score"] for r in found]), np.array([r["class"] for r in found])

    return score


def zen_engine_async() -> Callable[[list[dict[str, Any]]], Result]:
    """The same, all rows awaited together: zen-engine's only batch form."""
    import zen

    del zen
    single = zen_engine()
    engine = single.__closure__[0].cell_contents  # type: ignore[index]

    async def gather(rows: list[dict[str, Any]]) -> list[Any]:
        return await asyncio.gather(*(engine.async_evaluate("rules", row) for row in rows))

    def score(rows: list[dict[str, Any]]) -> Result:
        found = [answer["result"] for answer in asyncio.run(gather(rows))]
        return np.array([r["score"] for r in found]), np.array([r["class"] for r in found])

    return score


def rule_engine_rules() -> Callable[[list[dict[str, Any]]], Result]:
    """rule-engine with every criterion parsed beforehand."""
    import rule_engine

    parts = _expressions(lambda condition, yes, no: f"(({condition}) ? {yes} : {no})", "null", "==")
    rules = {key: rule_engine.Rule(text) for key, text in parts.items()}

    def score(rows: list[dict[str, Any]]) -> Result:
        scores, classes = [], []
        for row in rows:
            points = {key: float(rule.evaluate(row)) for key, rule in rules.items()}
            families = {
                family: sum(points[key] * weight for key, weight in weights.items()) / sum(weights.values())
                for family, weights in FAMILIES.items()
            }
            total = sum(families[family] * weight for family, weight in FAMILY_WEIGHTS.items())
            scores.append(total)
            classes.append(_class(total, families["risk"], row["revenue"], row["status"]))
        return np.array(scores), np.array(classes)

    return score
