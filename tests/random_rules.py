"""Random valid rule files and random tables for them, for the property tests of every backend.

Made from a seed that hypothesis draws: a rule file takes some hundred choices, which it could neither draw quickly nor
shrink to anything that a person would read sooner than the seed's own rule file.
"""

from __future__ import annotations

import datetime as dt
import json
import random
from decimal import Decimal

from kamxl.language.model import RuleSet
from kamxl.language.reader import read_rules_text
from kamxl.problems import render_blocks
from kamxl.table import Table

COLUMNS = {
    "client": {"kind": "text", "role": "id"},
    "revenue": {"kind": "money"},
    "spend": {"kind": "number"},
    "share": {"kind": "percent"},
    "mark": {"kind": "number"},
    "last_order": {"kind": "date"},
    "first_order": {"kind": "date", "optional": "yes"},
    "market": {"kind": "text"},
    "rank": {"kind": "choice", "choices": ["sole", "first", "second"]},
    "former_rank": {"kind": "choice", "choices": ["sole", "first", "second"]},
    "public": {"kind": "yes/no"},
    "note": {"kind": "text"},
}
NUMBERS = ["revenue", "spend", "share", "mark"]
# Edges meet values that lie one rounding step around them.
EDGES = ["0", "0.1", "0.3", "10%", "20", "60", "-5", "1000", "1e9", "0.000000001", "12.345678901"]
NEAR = [20.0, 19.9999999995, 19.99999999949999, 19.999999999, 20.0000000005, 20.00000000049, 0.1 + 0.2, 0.3, 1 / 3]
ODD_NUMBERS = [0.0, -0.0, 0.1, -5.0, -5.0000000005, 59.9999999995, 60, 1e15, 1e300, -1.7e308, 1e-12, 1234567.8901234565]
BAD_NUMBERS = ["abc", "#N/A", "#DIV/0!", True, float("inf"), 10**400, dt.date(2026, 1, 1), "1,5"]
TYPED_NUMBERS = ["12", " 1 234.5 ", "15 %", "(20)", Decimal("20"), "$1,000"]
BLANKS = [None, "", "   ", float("nan"), "\u00a0"]
DATES = [
    dt.date(2026, 1, 31),
    dt.datetime(2026, 1, 31, 23, 59, 59),
    dt.date(2024, 2, 29),
    dt.date(1850, 6, 15),
    dt.date(2027, 3, 1),
    dt.date(9999, 12, 31),
    45000,
    45000.75,
    -20000.5,
    "2025-12-31",
]
BAD_DATES = ["yesterday", 3e6, -1e9, True, "#REF!", "2025-02-30"]
WORDS = ["Food", " food ", "FOOD", "Aerospace", "Straße", "strasse", 5, 5.0, True, "5", "x\u00a0y", "x y"]
CHOICES = ["sole", "First", " second", "occasional"]
FLAGS = [True, False, "yes", "non", "X", 1, 0, 1.0, "no"]


def number_text(rng: random.Random, depth: int = 2, *, relative: bool = True) -> str:
    """An expression that yields a number."""
    if depth == 0 or rng.random() < 0.4:
        return rng.choice([*NUMBERS, *EDGES])
    a = number_text(rng, depth - 1, relative=relative)
    b = number_text(rng, depth - 1, relative=relative)
    day = rng.choice(["last_order", "first_order", "coalesce(first_order, last_order)"])
    forms = [
        f"({a} + {b} - {a})",
        f"({a} / {b})",
        f"({a} * {b})",
        f"-({a})",
        f"{rng.choice(['min', 'max', 'coalesce'])}({a}, {b})",
        f"abs({a})",
        f"round({a}, {rng.choice(['0', '1', '2', '9', '-2'])})",
        f"if({condition_text(rng, depth - 1, relative=relative)}, {a}, {b})",
        f"{rng.choice(['days_since', 'months_since', 'years_since'])}({day})",
        f"round({a})",
        f"{rng.choice(['percentile', 'cumulative_share'])}({a})",
    ]
    return rng.choice(forms if relative else forms[:-1])


def text_text(rng: random.Random, depth: int = 1) -> str:
    """An expression that yields a text."""
    if depth == 0 or rng.random() < 0.5:
        return rng.choice(["market", "rank", "former_rank", "note"])
    a, b = text_text(rng, depth - 1), text_text(rng, depth - 1)
    return rng.choice([f"coalesce({a}, {b})", f"if({condition_text(rng, 0)}, {a}, {b})"])


def condition_text(rng: random.Random, depth: int = 2, *, relative: bool = False) -> str:
    """An expression that is true or false."""
    a, edge = number_text(rng, max(0, depth - 1), relative=relative), rng.choice(EDGES)
    operator = rng.choice(["=", "<>", "<", "<=", ">", ">="])
    text = text_text(rng, 1) if depth else "market"
    simple = [
        f"({a}) {operator} {edge}",
        f"{edge} {operator} ({a})",
        f"({a}) {operator} {rng.choice(NUMBERS)}",
        f"({a}) between {edge} and {rng.choice(EDGES)}",
        f"({a}) between {rng.choice(NUMBERS)} and 60",
        f"({a}) in [0.3, 20, -5]",
        f"({a}) is missing",
        "rank in [sole, first]",
        "rank = second",
        "market <> Food",
        f"{text} = {rng.choice(['former_rank', 'note', 'market'])}",
        f"{text} is not missing",
        "last_order > 2026-01-30",
        "first_order < last_order",
        "public",
        "public is missing",
        "not public",
        "public = (market = Food)",
    ]
    condition = rng.choice(simple)
    if depth == 0 or rng.random() < 0.5:
        return f"({condition})"
    other = condition_text(rng, depth - 1, relative=relative)
    return rng.choice([f"({condition} and {other})", f"({condition} or {other})", f"(not {other})"])


POINTS = [0, 1, 3.3, 5, 7.25, 10]


def scale(rng: random.Random, *, relative: bool) -> dict[str, object]:
    """One criterion without its weight: what it reads and its scale."""
    points = [rng.choice(POINTS) for _ in range(8)]
    number = number_text(rng, relative=relative)
    match rng.randrange(7):
        case 0:
            bands = {"under 0.3": points[0], "0.3 to 20": points[1], "20 and over": points[2]}
            if rng.random() < 0.4:
                bands.pop(rng.choice(sorted(bands)))
            return {"of": number, "bands": bands}
        case 1:
            xs = rng.sample([-1000, 0, 0.1, 0.3, 20, 60, 1e6], rng.randint(1, 5))
            return {"of": number, "curve": {f"{x:g}": y for x, y in zip(xs, points, strict=False)}}
        case 2:
            keys = rng.sample(["Food", "x y", "5", "20", "0.3", "true"], rng.randint(1, 4))
            return _listed(rng, rng.choice(["market", "note", "coalesce(market, note)"]), keys)
        case 3:
            return _listed(rng, number, rng.sample(["5", "20", "0.3", "0", "-5", "1e9"], rng.randint(1, 5)))
        case 4:
            of = rng.choice(["mark", "share", "min(max(spend, 0), 10)"])
            return {"of": of, "points": "as is"}
        case 5:
            return {"of": number, "target": {"ideal": rng.choice([0, 0.3, 20]), "none_beyond": 15}}
        case _:
            return {"of": condition_text(rng, relative=relative), "yes": points[0], "no": points[1]}


def _listed(rng: random.Random, of: str, keys: list[str]) -> dict[str, object]:
    listed: dict[str, object] = {"of": of, "values": {key: rng.choice(POINTS) for key in keys}}
    if rng.random() < 0.8:
        listed["other"] = rng.choice(POINTS)
    return listed


def random_rules(seed: int, *, relative: bool = True) -> RuleSet:
    """A valid rule set over COLUMNS."""
    rng = random.Random(seed)
    families: dict[str, dict[str, object]] = {}
    for family in ["profile", "history", "potential"][: rng.randint(1, 3)]:
        criteria: dict[str, object] = {f"{family}_sure": {"of": "spend", "weight": 1, "curve": {"0": 0, "100": 10}}}
        for position in range(rng.choice([1, 2, 3, 4, 9, 14])):
            criterion = {**scale(rng, relative=relative), "weight": rng.choice([0, 0.1, 1, 2.5, 3])}
            if rng.random() < 0.3:
                criterion["missing"] = rng.choice(["skip", "zero", "2", "error"])
            criteria[f"{family}_{position}"] = criterion
        families[family] = {"weight": rng.choice([1, 20, 0.3]), "criteria": criteria}
        if rng.random() < 0.5:
            families[family]["applies"] = condition_text(rng, 1, relative=relative)
        if rng.random() < 0.2:
            families[family]["at_most"] = 60
    text = json.dumps(_document(rng, families, relative=relative), ensure_ascii=False, indent=1)
    rules, problems = read_rules_text(text)
    assert rules is not None, render_blocks(problems) + text
    return rules


def _document(rng: random.Random, families: dict[str, dict[str, object]], *, relative: bool) -> dict[str, object]:
    names = [*families, "score", "completeness"]
    rules: dict[str, object] = {}
    for key in ["loyal", "seduce"][: rng.randint(0, 2)]:
        when = f"{rng.choice(names)} >= {rng.choice(['50', '20.5', '0.4', '70'])}"
        if rng.random() < 0.5:
            when += f" {rng.choice(['and', 'or'])} {condition_text(rng, 1, relative=relative)}"
        if relative and rng.random() < 0.2:
            when += f" and percentile({rng.choice(names)}) > 0.2"
        rule: dict[str, object] = {"when": when}
        if relative and rng.random() < 0.25:
            rule["at_most"] = 2
        rules[key] = rule
    rules["small"] = {"otherwise": "true"}
    categories: dict[str, object] = {"policy": rng.choice(["first", "first", "unique"]), "rules": rules}
    if rng.random() < 0.4:
        categories["need"] = {"completeness": rng.choice(["30%", "50%", "90%"]), "else": "to_qualify"}
    if rng.random() < 0.4:
        categories["hold"] = rng.choice([3, 10])
    derived = {
        "growth": number_text(rng, relative=relative),
        "big": condition_text(rng, relative=relative),
        "tag": text_text(rng),
    }
    return {
        "kamxl": 1,
        "name": "random",
        "as_of": "2026-06-30",
        "scale": 10,
        "missing": rng.choice(["skip", "zero", "4"]),
        "decimal": rng.choice(["point", "comma"]),
        "columns": COLUMNS,
        "derived": derived,
        "families": families,
        "categories": categories,
    }


def cell(rng: random.Random, kind: str, *, clean: bool) -> object:
    """A cell of a column of a kind; a clean one is never unusable."""
    if rng.random() < 0.15:
        return rng.choice(BLANKS)
    good: list[object]
    bad: list[object]
    if kind in ("money", "number", "percent"):
        good = [
            *NEAR,
            *ODD_NUMBERS,
            *(rng.uniform(0, 10) for _ in range(12)),
            rng.uniform(-1e6, 1e6),
            rng.randint(0, 99),
        ]
        bad = [*BAD_NUMBERS, *TYPED_NUMBERS]
    elif kind == "date":
        day = dt.date(2026, 6, 30) - dt.timedelta(days=rng.randint(-500, 5000))
        good, bad = [*DATES, day, day, day], list(BAD_DATES)
    elif kind == "yes/no":
        good, bad = list(FLAGS), ["maybe", "#N/A", 7]
    else:
        good, bad = list(CHOICES if kind == "choice" else WORDS), ["#NAME?", "  ", "sole ", 0]
    return rng.choice(good if clean or rng.random() < 0.7 else bad)


def random_table(seed: int, *, most_rows: int = 40, clean: bool = False) -> Table:
    """A table for COLUMNS, with last time's categories and overrides now and then."""
    rng = random.Random(seed)
    count = rng.choice([0, 1, 2, 5, most_rows])
    dirty = "" if clean else rng.choice(["", "", *COLUMNS])
    headers = [key for key in COLUMNS if key != "first_order" or rng.random() < 0.7]
    columns = [[cell(rng, COLUMNS[key]["kind"], clean=key != dirty) for _ in range(count)] for key in headers]  # type: ignore[arg-type]
    if rng.random() < 0.5:
        headers.append("Category")
        columns.append([rng.choice(["loyal", "Seduce", "small", "unknown", None]) for _ in range(count)])
    if rng.random() < 0.3:
        headers += ["Override", "Override reason"]
        columns.append([rng.choice([None, "small", "nobody"]) for _ in range(count)])
        columns.append([rng.choice([None, "he said so"]) for _ in range(count)])
    return Table(tuple(headers), tuple(columns))
