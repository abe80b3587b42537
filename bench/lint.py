"""How long reading and linting take beside a plain YAML load: 5,000 bands, 500 category conditions, and both.

Run: python -m bench lint. The limit of the product is two seconds for each.
"""

from __future__ import annotations

from collections.abc import Callable

import yaml

from bench.measure import Timing, race
from kamxl.language.lint import lint_rules
from kamxl.language.reader import read_rules_text

LIMIT_S = 2.0


def rule_file(bands: int, conditions: int, *, unique: bool = False) -> str:
    """A rule file with that many bands in ten criteria, and that many conditions on two numbers and a choice."""
    per_criterion = max(1, bands // 10)
    criteria, columns = [], []
    for number in range(10):
        edges = [index * 10 for index in range(1, per_criterion)]
        texts = ["under 10: 0"] + [f"{low} to {low + 10}: {low % 11}" for low in edges[:-1]]
        last = edges[-1] if edges else 10
        criteria.append(f"      c{number}: {{weight: 1, bands: {{{', '.join(texts)}, {last} and over: 10}}}}")
        columns.append(f"  c{number}: {{kind: number}}")
    rules = []
    for index in range(conditions):
        low = index // 2 * 10
        rank = ("sole", "first")[index % 2]
        rules.append(f"    k{index}: {{when: 'size >= {low} and size < {low + 10} and rank = {rank}'}}")
    columns += ["  size: {kind: number}", "  rank: {kind: choice, choices: [sole, first, second]}"]
    return "\n".join(
        [
            "kamxl: 1",
            "name: Bench",
            "columns:",
            *columns,
            "families:",
            "  f:",
            "    weight: 1",
            "    criteria:",
            *criteria,
            "categories:",
            f"  policy: {'unique' if unique else 'first'}",
            "  rules:",
            *rules,
            "    rest: {otherwise: true}",
            "",
        ]
    )


CASES: dict[str, tuple[int, int, bool]] = {
    "5,000 bands": (5_000, 3, False),
    "500 category conditions, first": (20, 500, False),
    "500 category conditions, unique": (20, 500, True),
    "5,000 bands and 500 conditions": (5_000, 500, False),
}


def bench_lint(case: str, *, rounds: int = 5) -> list[Timing]:
    """A plain YAML load beside reading and linting the same file. Errors: RuntimeError when lint finds a fault."""
    bands, conditions, unique = CASES[case]
    text = rule_file(bands, conditions, unique=unique)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    def read_and_lint() -> None:
        rules, problems = read_rules_text(text)
        if rules is None or lint_rules(rules, text.splitlines()):
            raise RuntimeError(f"the rule file of this bench is not without fault: {problems}")

    contestants: dict[str, Callable[[], object]] = {
        "YAML load alone": lambda: yaml.load(text, Loader=loader),
        "kamxl, read": lambda: read_rules_text(text),
        "kamxl, read and lint": read_and_lint,
    }
    notes = {"kamxl, read and lint": f"to be under {LIMIT_S:g} s"}
    return race(contestants, rounds=rounds, notes=notes)
