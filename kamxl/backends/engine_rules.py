"""What an engine makes of a rule file: the plan for its columns, or the problem that says why not."""

from __future__ import annotations

import datetime as dt
from typing import Any

from kamxl.backends.arrow_batches import PREFIX, BatchPlan, plan_batches
from kamxl.language.model import RuleSet
from kamxl.plan import Plan, compile_plan
from kamxl.problems import KamxlError, Place, Problem
from kamxl.records import replace

HOLES: dict[str, str] = {"at_most": "a capacity goes by all rows at once"}


def plan_for_engine(rules: RuleSet, schema: Any, place: Place, as_of: dt.date | None) -> BatchPlan:
    """The plan for a file with the columns of an Arrow schema.

    Errors: KamxlError for columns that are missing or hold no cells, and for rules that no batch can carry out.
    """
    given = [header for header in schema.names if not header.startswith(PREFIX)]
    plan, problems = compile_plan(rules, given, as_of=as_of, place=place)
    if plan is None:
        raise KamxlError(problems)
    refuse_types(plan, schema, place)
    refuse_capacity(plan)
    return plan_batches(plan)


def refuse_types(plan: Plan, schema: Any, place: Place) -> None:
    """Errors: KamxlError KX409 for each column of the plan whose values are no cells: lists, records, raw bytes."""
    import pyarrow as pa  # type: ignore[import-untyped]

    problems = []
    for step in plan.reads():
        kind = schema.field(plan.headers[step.index]).type if step.index >= 0 else pa.null()
        bytes_only = pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind)
        if pa.types.is_nested(kind) or bytes_only:
            header = plan.headers[step.index]
            problems.append(
                Problem(
                    "KX409",
                    f"column `{header}` holds {kind}, and a cell holds one text, number or date",
                    replace(place, cell=f"column {header}"),
                    help="write the column as texts (UTF-8) or numbers",
                )
            )
    if problems:
        raise KamxlError(problems)


def refuse_capacity(plan: Plan) -> None:
    """Errors: KamxlError KX226 where a category has a capacity: the last place goes by all rows at once."""
    for rule in plan.rules.categories.rules:
        if rule.at_most is not None:
            raise KamxlError(
                Problem(
                    "KX226",
                    f"the capacity `at_most` of `{rule.key}` cannot be carried out batch by batch",
                    rule.place,
                    help="take `at_most` out for this run, or classify a workbook",
                )
            )


def missing_package(name: str, extra: str) -> KamxlError:
    """The error for an engine whose package is not installed."""
    return KamxlError(Problem("KX506", f"the package {name} is not installed", help=f"pip install 'kamxl[{extra}]'"))
