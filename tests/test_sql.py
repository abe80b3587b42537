"""The plan as SQL text: executed by DuckDB it equals the reference; holes are refused with a reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kamxl.backends.sql import DIALECTS, emit_sql
from kamxl.plan import compile_plan
from kamxl.problems import KamxlError
from kamxl.table import Table
from tests.case_files import Case
from tests.test_engines import CASES, differences, reference, write_parquet

pytest.importorskip("sqlglot", reason="sqlglot is not installed")

# Why SQL does not carry a case out. A hole that closes fails the test below; docs/capabilities.md is made from these.
TYPED = "a column of a warehouse has one type: texts in numbers, dates as texts and error cells are not read there"
REFUSED = "refused with KX226; `kamxl classify --engine` carries it out, or a workbook does"
BEYOND = "a sum beyond the largest number is infinite or an error of the warehouse, not missing"
HOLES: dict[str, str] = {
    "as_of_moves_the_ages": REFUSED,
    "band_edge_of_percents": TYPED,
    "best_published_score": REFUSED,
    "blanks_of_every_kind": TYPED,
    "capacity_and_overrides": REFUSED,
    "capacity_cascades": REFUSED,
    "capacity_of_nobody": REFUSED,
    "capacity_takes_the_best_scores": REFUSED,
    "capacity_ties_go_by_client": REFUSED,
    "cumulative_share_beyond_any_number": BEYOND,
    "curve_over_percents": TYPED,
    "dates_day_first": TYPED,
    "dates_that_are_none": TYPED,
    "error_cell_that_counts": TYPED,
    "french_rules_read_commas": TYPED,
    "months_since_counts_complete_months": REFUSED,
    "numbers_typed_as_text_with_commas": TYPED,
    "numbers_typed_as_text_with_points": TYPED,
    "one_bad_row_stops_nobody": TYPED,
    "override_columns_in_french": REFUSED,
    "override_that_is_not_applied": REFUSED,
    "override_that_is_valid": REFUSED,
    "override_without_a_score": REFUSED,
    "round_half_away_from_zero": REFUSED,
    "text_in_a_number": TYPED,
    "unique_rules": REFUSED,
    "values_of_percents": TYPED,
    "years_since_counts_complete_years": REFUSED,
    "yes_and_no_of_a_column": TYPED,
    "yes_and_no_of_another_word": TYPED,
}


def run_sql(case: Case, folder: Path) -> dict[str, list[Any]]:
    import duckdb

    source = folder / "clients.parquet"
    write_numbered(case, source)
    plan, problems = compile_plan(case.rules, case.table.headers, as_of=case.as_of)
    assert plan is not None, problems
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE clients AS SELECT * FROM read_parquet('{source}')")
        found = connection.sql(emit_sql(plan, "clients")).to_arrow_table().sort_by("row").to_pydict()
    found["kam_rule_category"] = found["kam_category"]
    return found


def write_numbered(case: Case, path: Path) -> None:
    rows = [float(row) for row in range(case.table.row_count)]
    numbered = Table((*case.table.headers, "row"), (*case.table.columns, rows))
    write_parquet(numbered, path, decimal_comma=case.rules.decimal_comma)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cases_through_sql(case: Case, tmp_path: Path) -> None:
    """Every case that SQL can carry out gives the scores and categories of the reference."""
    try:
        found = run_sql(case, tmp_path)
        wrong = differences(reference(case.rules, case.table, case.as_of), found)
    except KamxlError as error:
        wrong = [error.problems[0].code]
    except Exception as error:  # a cast that a typed column would never need
        wrong = [f"{type(error).__name__}: {error}"]

    if case.name in HOLES:
        assert wrong, "the hole has closed: take it out of HOLES"
        assert (wrong == ["KX226"]) == (HOLES[case.name] == REFUSED)
    else:
        assert wrong == []


# What Spark alone does otherwise.
SPARK_HOLES: dict[str, str] = {}


@pytest.mark.slow
@pytest.mark.parametrize("case", [case for case in CASES if case.table.row_count], ids=lambda case: case.name)
def test_cases_through_spark_sql(case: Case, spark: Any, tmp_path: Path) -> None:
    """The query for Spark, executed by Spark, gives what the one for DuckDB gives: the reference's results."""
    try:
        found = run_spark_sql(case, spark, tmp_path)
        wrong = differences(reference(case.rules, case.table, case.as_of), found)
    except KamxlError as error:
        wrong = [error.problems[0].code]
    except Exception as error:  # a cast that a typed column would never need
        wrong = [f"{type(error).__name__}: {str(error)[:300]}"]

    if case.name in HOLES or case.name in SPARK_HOLES:
        assert wrong, "the hole has closed: take it out of SPARK_HOLES"
    else:
        assert wrong == []


def run_spark_sql(case: Case, spark: Any, folder: Path) -> dict[str, list[Any]]:
    source = folder / "clients.parquet"
    write_numbered(case, source)
    plan, problems = compile_plan(case.rules, case.table.headers, as_of=case.as_of)
    assert plan is not None, problems
    spark.read.parquet(str(source)).createOrReplaceTempView("clients")
    query = emit_sql(plan, "clients", dialect="spark").rstrip().rstrip(";")
    rows = sorted((row.asDict() for row in spark.sql(query).collect()), key=lambda row: row["row"])
    found = {name: [row[name] for row in rows] for name in rows[0]}
    found["kam_rule_category"] = found["kam_category"]
    return found


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_is_written(dialect: str) -> None:
    """The shipped rules, as far as SQL goes, are written in every dialect and can be read again by sqlglot."""
    import sqlglot

    case = next(case for case in CASES if case.name == "family_scores_and_total")
    plan, _ = compile_plan(case.rules, case.table.headers, as_of=case.as_of)
    assert plan is not None

    text = emit_sql(plan, "clients", dialect=dialect)

    assert sqlglot.parse_one(text, read=dialect) is not None
    assert "kam_score" in text
