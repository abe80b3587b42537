"""What a what-if over 100,000 clients costs beside one scoring run of the same clients. The limit is twice a run.

Run: python bench/what_if.py [--rows N] [--json].
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import random
import statistics
import time
from collections.abc import Callable

from kamxl.backends import runner
from kamxl.compare import compare_plans
from kamxl.language.model import ColumnRule, RuleSet
from kamxl.language.reader import read_rules_text
from kamxl.language.setting import set_value
from kamxl.plan import Plan, compile_plan
from kamxl.sensitivity import measure_sensitivity
from kamxl.shipped import shipped
from kamxl.table import Cell, Table

LIMIT = 2.0
CHANGES = (
    ("families.history.criteria.effort.weight", "9"),
    ("categories.rules.high_potential.when", "(not prospect and potential >= 62) or (prospect and profile >= 65)"),
)


def column_of(column: ColumnRule, rows: int, dice: random.Random) -> list[Cell]:
    """Plausible cells of a column, some of them blank."""
    makers: dict[str, Callable[[], Cell]] = {
        "number": lambda: round(dice.uniform(0, 10), 2),
        "money": lambda: round(dice.lognormvariate(10, 1.5), 2),
        "percent": lambda: dice.random(),
        "date": lambda: dt.date(2020, 1, 1) + dt.timedelta(days=dice.randrange(2_000)),
        "yes/no": lambda: dice.choice(["yes", "no"]),
        "choice": lambda: dice.choice(column.choices),
        "text": lambda: dice.choice(["Aerospace", "Medical", "Food", "Retail"]),
    }
    make = makers[column.kind]
    return [None if dice.random() < 0.05 else make() for _ in range(rows)]


def clients(rules: RuleSet, rows: int) -> Table:
    dice = random.Random(1)
    used = [column for column in rules.columns if column.role != "product"]
    columns = [
        [f"C-{row}" for row in range(rows)] if column.role == "id" else column_of(column, rows, dice) for column in used
    ]
    return Table(tuple(column.headers[0] for column in used), tuple(columns))


def plan_of(text: str, table: Table | None, rows: int) -> tuple[Plan, Table]:
    rules, problems = read_rules_text(text)
    if rules is None:
        raise SystemExit("\n".join(problem.block() for problem in problems))
    table = table or clients(rules, rows)
    plan, more = compile_plan(rules, table.headers)
    if plan is None:
        raise SystemExit("\n".join(problem.block() for problem in more))
    return plan, table


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    text = shipped("rules", "kam.yml").read_text(encoding="utf-8")
    old, table = plan_of(text, None, arguments.rows)
    for path, value in CHANGES:
        text = set_value(text, path, value)
    new, _ = plan_of(text, table, arguments.rows)
    runs, what_ifs = [], []
    # Alternating, so that whatever else the machine does falls on both.
    for _ in range(7):
        start = time.perf_counter()
        scored = runner().run(old, table)
        middle = time.perf_counter()
        comparison = compare_plans((old, new), table)
        runs.append(middle - start)
        what_ifs.append(time.perf_counter() - middle)
    start = time.perf_counter()
    sensitivity = measure_sensitivity(scored)
    result = {
        "rows": arguments.rows,
        "run_s": round(min(runs), 3),
        "what_if_s": round(min(what_ifs), 3),
        "ratio": round(statistics.median(w / r for w, r in zip(what_ifs, runs, strict=True)), 2),
        "movers": len(comparison.movers),
        "sensitivity_s": round(time.perf_counter() - start, 2),
        "fragile": sensitivity.fragile_count,
    }
    print(json.dumps(result, indent=2) if arguments.json else "  ".join(f"{k}={v}" for k, v in result.items()))
    return 0 if result["ratio"] < LIMIT else 1


if __name__ == "__main__":
    raise SystemExit(main())
