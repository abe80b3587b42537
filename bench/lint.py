"""How long lint takes beside reading: 5,000 bands, 500 category conditions, and both, against a plain YAML load.

Run: python bench/lint.py [--json]. The limit of the product is two seconds for each.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable

import yaml

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


def seconds(work: Callable[[], object]) -> float:
    """The best of three runs."""
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def measure(name: str, text: str) -> dict[str, object]:
    rules, problems = read_rules_text(text)
    if rules is None:
        raise SystemExit("\n".join(problem.block() for problem in problems))
    lines = text.splitlines()
    load = seconds(lambda: yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    read = seconds(lambda: read_rules_text(text))
    lint = seconds(lambda: lint_rules(rules, lines))
    return {
        "case": name,
        "yaml_load_s": round(load, 3),
        "read_rules_s": round(read, 3),
        "lint_s": round(lint, 3),
        "read_and_lint_against_yaml": round((read + lint) / load, 1),
        "findings": len(lint_rules(rules, lines)),
        "within_limit": read + lint < LIMIT_S,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    results = [
        measure("5,000 bands", rule_file(5_000, 3)),
        measure("500 conditions, first", rule_file(20, 500)),
        measure("500 conditions, unique", rule_file(20, 500, unique=True)),
        measure("5,000 bands and 500 conditions", rule_file(5_000, 500)),
    ]
    if arguments.json:
        print(json.dumps(results, indent=2))
    else:
        for result in results:
            print("  ".join(f"{key}={value}" for key, value in result.items()))
    return 0 if all(result["within_limit"] for result in results) else 1


if __name__ == "__main__":
    raise SystemExit(main())
