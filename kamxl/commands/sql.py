"""`kamxl sql`: the rules as a SQL query, for those who score inside their warehouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kamxl.commands.options import add_rule_options, settings_from

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    add_rule_options(parser)
    parser.add_argument("--table", default="clients", metavar="NAME", help="table of the clients (default: clients)")
    parser.add_argument(
        "--dialect",
        default="duckdb",
        help="duckdb (default), spark, databricks, postgres, snowflake, bigquery or redshift",
    )
    parser.add_argument(
        "--columns",
        default="",
        metavar="NAMES",
        help="columns of the table, separated by commas (default: the first header of each column of the rules)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Compile the rules against the columns and print the query."""
    from kamxl import app
    from kamxl.backends.sql import DIALECTS, emit_sql
    from kamxl.plan import compile_plan
    from kamxl.problems import KamxlError, Problem, suggest

    if arguments.dialect not in DIALECTS:
        hint = suggest(arguments.dialect, DIALECTS)
        raise KamxlError(Problem("KX226", f"there is no SQL dialect `{arguments.dialect}` here", help=hint))
    rules = app.load_rulebook(settings_from(arguments)).rules
    given = [name.strip() for name in arguments.columns.split(",") if name.strip()]
    headers = given or [column.headers[0] for column in rules.columns]
    plan, problems = compile_plan(rules, headers, as_of=arguments.as_of)
    if plan is None:
        raise KamxlError(problems)
    print(emit_sql(plan, arguments.table, dialect=arguments.dialect), end="")
    return 0
