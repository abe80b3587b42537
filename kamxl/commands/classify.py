"""`kamxl classify`: the result columns beside the client table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kamxl.commands.options import (
    add_output_options,
    add_report_options,
    add_rule_options,
    add_workbook_options,
    host_from,
    settings_from,
)
from kamxl.commands.summary import print_outcome

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    add_workbook_options(parser)
    add_output_options(parser)
    add_rule_options(parser)
    add_report_options(parser)
    parser.add_argument(
        "--engine",
        choices=("duckdb", "spark"),
        help="score a .parquet, .csv or .duckdb file larger than memory with this engine, into -o FILE",
    )
    parser.add_argument("--master", default="local[*]", metavar="URL", help="Spark master of --engine spark")


def run(arguments: argparse.Namespace) -> int:
    """Score, classify, explain, save."""
    from kamxl import app

    if arguments.engine:
        return _run_on_engine(arguments)
    settings = settings_from(arguments)
    host = host_from(arguments)
    outcome = app.classify(host, settings)
    return print_outcome(outcome, arguments, host.target)


def _run_on_engine(arguments: argparse.Namespace) -> int:
    from kamxl import app
    from kamxl.backends.engines import classify_file, default_target

    rules = app.load_rulebook(settings_from(arguments)).rules
    source = arguments.workbook
    outcome = classify_file(
        source,
        rules,
        arguments.output or default_target(source),
        engine=arguments.engine,
        table=arguments.table,
        master=arguments.master,
        as_of=arguments.as_of,
    )
    labels = {rule.key: rule.label.text(arguments.language or rules.language) for rule in rules.categories.all_rules}
    if arguments.json:
        import json

        found = {"rows": outcome.rows, "unscored": outcome.unscored, "target": str(outcome.target)}
        print(json.dumps({**found, "categories": {key or "": n for key, n in outcome.categories.items()}}))
    elif not arguments.quiet:
        why = " (where a cell is the cause, the column kam_problem names it)" if outcome.unscored else ""
        print(f"{outcome.rows} clients, {outcome.unscored} without a score{why}; written to {outcome.target}")
        for key, count in sorted(outcome.categories.items(), key=lambda pair: -pair[1]):
            print(f"  {count:>12}  {labels.get(key or '', 'no category')}")
    return 0
