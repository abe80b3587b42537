"""The rule book and the clients that every engine scores: 20 criteria, 3 families, 4 classes, 5 % blanks."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kamxl.language.model import RuleSet
from kamxl.language.reader import read_rules_text
from kamxl.plan import Plan, compile_plan
from kamxl.problems import render_blocks
from kamxl.table import Table

WORDS = {
    "region": ["North", "South", "East", "West", "Central", "Export", "Nordics", "DACH"],
    "segment": ["Retail", "Wholesale", "Industrial", "Public", "Online", "Hospitality"],
    "industry": ["Food", "Pharma", "Textile", "Machinery", "Automotive", "Chemicals", "IT", "Energy", "Construction"],
    "status": ["active", "dormant", "blocked", "new"],
    "terms": ["prepaid", "net15", "net30", "net60", "net90"],
    "rating": ["AAA", "AA", "A", "BBB", "BB", "B", "CCC"],
}
# Bands: name -> (edges, points from below the first edge on, points when missing)
BANDS = {
    "orders": ([1, 5, 12, 24, 52, 104], [0, 15, 30, 50, 70, 85, 100], 0),
    "complaints": ([1, 2, 4, 8], [100, 80, 50, 20, 0], 50),
    "discount": ([0.02, 0.05, 0.10, 0.15, 0.25], [100, 85, 70, 45, 20, 0], 40),
    "pay_days": ([10, 20, 30, 45, 60, 90], [100, 90, 75, 55, 30, 10, 0], 20),
    "visits": ([1, 3, 6, 12], [0, 25, 50, 80, 100], 0),
    "employees": ([5, 20, 50, 250, 1000], [10, 25, 45, 65, 85, 100], 30),
}
CURVES = {
    "revenue": ([0, 10e3, 50e3, 250e3, 1e6, 5e6], [0, 10, 30, 60, 85, 100], 0),
    "nps": ([-100, -20, 0, 30, 60, 100], [0, 10, 30, 60, 90, 100], 50),
    "growth": ([-0.5, -0.1, 0, 0.05, 0.2, 0.6], [0, 20, 40, 55, 85, 100], 40),
    "credit_limit": ([0, 5e3, 25e3, 100e3, 500e3], [0, 20, 50, 80, 100], 10),
    "open_balance": ([0, 1e3, 10e3, 50e3, 250e3], [100, 90, 70, 30, 0], 50),
    "tenure": ([0, 0.5, 1, 3, 5, 10, 20], [0, 10, 20, 50, 70, 90, 100], 0),
}
LISTED = {
    "region": ([80, 60, 55, 70, 90, 40, 75, 85], 30, 20),
    "segment": ([60, 80, 90, 70, 50, 40], 30, 20),
    "industry": ([70, 95, 40, 75, 65, 80, 85, 60, 45], 30, 20),
    "status": ([100, 30, 0, 60], 0, 0),
    "terms": ([100, 85, 70, 40, 10], 30, 20),
    "rating": ([100, 92, 80, 60, 40, 20, 0], 30, 25),
}
# Ratios: name -> (numerator, denominator, "bands" or "curve", xs, points, points when missing)
RATIOS = {
    "margin_rate": ("margin", "revenue", "curve", [-0.1, 0, 0.1, 0.25, 0.5], [0, 20, 50, 80, 100], 30),
    "utilisation": ("open_balance", "credit_limit", "bands", [0.25, 0.5, 0.75, 0.9, 1], [100, 80, 60, 30, 10, 0], 40),
}
FAMILIES = {
    "value": {
        "revenue": 3,
        "margin_rate": 2.5,
        "orders": 2,
        "growth": 1.5,
        "segment": 1,
        "industry": 1,
        "employees": 0.5,
    },
    "risk": {
        "pay_days": 3,
        "utilisation": 2,
        "open_balance": 1.5,
        "credit_limit": 1,
        "rating": 2.5,
        "terms": 1,
        "discount": 1,
    },
    "relation": {"nps": 2, "complaints": 2, "tenure": 1.5, "visits": 1, "region": 0.5, "status": 2},
}
FAMILY_WEIGHTS = {"value": 0.5, "risk": 0.3, "relation": 0.2}
CLASSES = ["A", "B", "C", "D"]
NUMBERS = [
    "revenue",
    "margin",
    "orders",
    "complaints",
    "discount",
    "pay_days",
    "credit_limit",
    "open_balance",
    "nps",
    "growth",
    "visits",
    "employees",
    "tenure",
]


@dataclass(frozen=True, slots=True)
class Clients:
    """Made-up clients. Shapes: numbers are float64 (n,) with NaN for blanks; texts are lists of n texts or None."""

    numbers: dict[str, NDArray[np.float64]]
    texts: dict[str, list[str | None]]

    @property
    def count(self) -> int:
        """Number of clients."""
        return len(self.numbers["revenue"])


def make_clients(count: int, *, seed: int = 7, blanks: float = 0.05) -> Clients:
    """Clients with plausible spreads; some texts are unknown to the rules, some cells are blank."""
    chance = np.random.default_rng(seed)
    numbers: dict[str, NDArray[np.float64]] = {}
    numbers["revenue"] = np.round(np.exp(chance.normal(11.2, 1.6, count)), 2)
    numbers["margin"] = np.round(numbers["revenue"] * chance.normal(0.18, 0.14, count), 2)
    numbers["orders"] = chance.poisson(22, count).astype(float)
    numbers["complaints"] = chance.poisson(1.6, count).astype(float)
    numbers["discount"] = np.round(np.abs(chance.normal(0.07, 0.06, count)), 4)
    numbers["pay_days"] = np.round(np.abs(chance.normal(34, 22, count)))
    numbers["credit_limit"] = np.round(np.exp(chance.normal(10.5, 1.2, count)), -2)
    numbers["open_balance"] = np.round(numbers["credit_limit"] * np.abs(chance.normal(0.45, 0.35, count)), 2)
    numbers["nps"] = np.clip(np.round(chance.normal(22, 35, count)), -100, 100)
    numbers["growth"] = np.round(chance.normal(0.04, 0.17, count), 4)
    numbers["visits"] = chance.poisson(4, count).astype(float)
    numbers["employees"] = np.round(np.exp(chance.normal(3.6, 1.5, count)))
    numbers["tenure"] = chance.integers(0, 365 * 18, count) / 365.25
    for column in numbers.values():
        column[chance.random(count) < blanks] = np.nan
    texts = {}
    for name, words in WORDS.items():
        known = [*words, "unknown to the rules", None]
        odds = np.full(len(known), 0.96 / len(words))
        odds[-2:] = 0.01, 0.03
        table = np.array(known, object)
        # `+ ""` of a slice: every cell is a text of its own, as a reader of files hands them over.
        column = table[chance.choice(len(known), count, p=odds)].tolist()
        texts[name] = [None if cell is None else (cell + " ")[:-1] for cell in column]
    return Clients(numbers, texts)


def make_document() -> dict[str, Any]:
    """The rule book as a rule file."""
    criteria = {**_banded(), **_curved(), **_listed(), **_ratios()}
    families = {
        family: {
            "weight": FAMILY_WEIGHTS[family],
            "criteria": {key: {**criteria[key], "weight": weight} for key, weight in weights.items()},
        }
        for family, weights in FAMILIES.items()
    }
    return {
        "kamxl": 1,
        "name": "Benchmark",
        "scale": 100,
        "as_of": "2026-11-01",
        "columns": {
            **{name: {"kind": "number"} for name in NUMBERS},
            **{name: {"kind": "text"} for name in WORDS},
        },
        "families": families,
        "categories": {
            "rules": {
                "A": {"when": "score >= 75 and risk >= 60"},
                "B": {"when": "score >= 60 or (revenue >= 500000 and score >= 50)"},
                "C": {"when": "score >= 40 and not status = blocked"},
                "D": {"otherwise": "true"},
            }
        },
    }


def make_rules() -> RuleSet:
    """The rule book as kamxl reads it."""
    rules, problems = read_rules_text(json.dumps(make_document(), indent=1))
    if rules is None:
        raise ValueError(render_blocks(problems))
    return rules


def _bands(edges: list[float], points: list[float]) -> dict[str, float]:
    middle = {f"{low} to {high}": p for low, high, p in zip(edges, edges[1:], points[1:], strict=False)}
    return {f"under {edges[0]}": points[0], **middle, f"{edges[-1]} and over": points[-1]}


def _curve(xs: list[float], points: list[float]) -> dict[str, float]:
    return {f"{x:.12g}": p for x, p in zip(xs, points, strict=True)}


def _banded() -> dict[str, Any]:
    return {key: {"bands": _bands(edges, points), "missing": str(m)} for key, (edges, points, m) in BANDS.items()}


def _curved() -> dict[str, Any]:
    return {key: {"curve": _curve(xs, points), "missing": str(m)} for key, (xs, points, m) in CURVES.items()}


def _listed() -> dict[str, Any]:
    return {
        key: {"values": dict(zip(WORDS[key], points, strict=True)), "other": other, "missing": str(m)}
        for key, (points, other, m) in LISTED.items()
    }


def _ratios() -> dict[str, Any]:
    found = {}
    for key, (top, bottom, form, xs, points, m) in RATIOS.items():
        scale = {"bands": _bands(xs, points)} if form == "bands" else {"curve": _curve(xs, points)}
        found[key] = {"of": f"{top} / {bottom}", **scale, "missing": str(m)}
    return found


def make_table(clients: Clients) -> Table:
    """The clients as a reader hands them over: numbers as arrays, texts as lists of texts."""
    return Table((*NUMBERS, *WORDS), (*(clients.numbers[n] for n in NUMBERS), *(clients.texts[w] for w in WORDS)))


def make_plan(table: Table) -> Plan:
    """The plan of the rule book for a table."""
    plan, problems = compile_plan(make_rules(), table.headers)
    if plan is None:
        raise ValueError(render_blocks(problems))
    return plan


def make_rows(count: int) -> tuple[list[str], list[list[Any]]]:
    """25 columns of a client list: identifier, name, texts, dates, numbers and a note; None for blanks."""
    clients = make_clients(count)
    chance = np.random.default_rng(3)
    today = dt.date(2026, 11, 1)
    days = [today - dt.timedelta(days=int(age)) for age in chance.integers(0, 700, count)]
    columns: dict[str, list[Any]] = {
        "client": [f"C{index:07d}" for index in range(count)],
        "name": [f"Customer {index * 7919 % 999983} Ltd" for index in range(count)],
        **clients.texts,
        "channel": [("web", "phone", "rep", "edi")[index % 4] for index in range(count)],
        "last_order": days,
        **{key: [None if x != x else x for x in column.tolist()] for key, column in clients.numbers.items()},
        "note": ["call back" if index % 9 == 0 else None for index in range(count)],
        "owner": [f"Owner {index % 37}" for index in range(count)],
    }
    return list(columns), [list(row) for row in zip(*columns.values(), strict=True)]
