"""What a what-if over 100,000 clients costs beside one scoring run of the same clients. The limit is twice a run.

Run: python -m bench what_if.
"""

from __future__ import annotations

import datetime as dt
import random
import time
from collections.abc import Callable

from bench.measure import Timing, race
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


def bench_what_if(rows: int, *, rounds: int = 7) -> list[Timing]:
    """One scoring run beside the what-if of two rule sets, and the sensitivity of every client to every weight."""
    text = shipped("rules", "kam.yml").read_text(encoding="utf-8")
    old, table = plan_of(text, None, rows)
    for path, value in CHANGES:
        text = set_value(text, path, value)
    new, _ = plan_of(text, table, rows)
    scored = runner().run(old, table)
    found = race(
        {
            "one scoring run": lambda: runner().run(old, table),
            "what-if: two rule sets": lambda: compare_plans((old, new), table),
        },
        rounds=rounds,
        notes={
            "what-if: two rule sets": f"to be under {LIMIT:g}; {len(compare_plans((old, new), table).movers):,} move"
        },
    )
    start = time.perf_counter()
    fragile = measure_sensitivity(scored).fragile_count
    seconds = (time.perf_counter() - start,)
    note = f"one round; {fragile:,} would change category"
    ratio = seconds[0] / found[0].median
    return [*found, Timing("every weight of every client by ±10%", seconds, ratio, ratio, ratio, note)]
