"""Engines: the behaviour catalogue through DuckDB and Spark equals the reference; a failure leaves the old output."""

from __future__ import annotations

import datetime as dt
import math
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kamxl.backends import Scored, runner
from kamxl.backends.arrow_batches import PREFIX, score_batch
from kamxl.backends.engine_rules import plan_for_engine
from kamxl.backends.engines import classify_file
from kamxl.cli import run_command
from kamxl.language.model import RuleSet
from kamxl.language.reader import read_rules_text
from kamxl.plan import compile_plan
from kamxl.problems import KamxlError, Place
from kamxl.table import Cell, Table
from kamxl.values import text_of
from tests.case_files import CASE_FILES, Case, read_case

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
pytest.importorskip("duckdb", reason="duckdb is not installed")
import pyarrow.parquet as pq  # noqa: E402

# A column of a warehouse has one type: dates, serial numbers and texts in one column cannot be written there.
UNTYPED = {"dates_of_every_kind"}
CASES = [case for case in map(read_case, CASE_FILES) if not case.refused and case.name not in UNTYPED]
# case name -> why an engine does not carry it out. A hole that closes fails the test below.
HOLES = {
    "capacity_and_overrides": "a capacity goes by all rows at once; KX226 says so",
    "capacity_cascades": "a capacity goes by all rows at once; KX226 says so",
    "capacity_of_nobody": "a capacity goes by all rows at once; KX226 says so",
    "capacity_takes_the_best_scores": "a capacity goes by all rows at once; KX226 says so",
    "capacity_ties_go_by_client": "a capacity goes by all rows at once; KX226 says so",
}


def arrow_column(cells: list[Cell], *, decimal_comma: bool) -> Any:
    """A typed column, as a warehouse would hold the cells; texts where kinds are mixed."""
    kinds = {type(cell) for cell in cells if cell is not None}
    if not kinds:
        return pa.nulls(len(cells), pa.string())
    if kinds <= {int, float}:
        return pa.array(cells, pa.float64())
    if kinds in ({bool}, {dt.date}):
        return pa.array(cells)
    return pa.array([None if cell is None else typed_text(cell, decimal_comma=decimal_comma) for cell in cells])


def typed_text(cell: Cell, *, decimal_comma: bool) -> str:
    """A cell as a person of the locale types it."""
    if isinstance(cell, float) and decimal_comma:
        return text_of(cell).replace(".", ",")
    return cell if isinstance(cell, str) else text_of(cell)


def write_parquet(table: Table, path: Path, *, decimal_comma: bool = False) -> None:
    columns = [arrow_column(list(column), decimal_comma=decimal_comma) for column in table.columns]
    pq.write_table(pa.Table.from_arrays(columns, names=list(table.headers)), path)


def reference(rules: RuleSet, table: Table, as_of: dt.date | None) -> Scored:
    plan, problems = compile_plan(rules, table.headers, as_of=as_of)
    assert plan is not None, problems
    return runner("reference").run(plan, table)


def differences(expected: Scored, got: Any) -> list[str]:
    """What differs between the reference and rows that came back from an engine."""
    keys = [rule.key for rule in expected.plan.rules.categories.all_rules]
    numbers = {"score": expected.score, "completeness": expected.completeness, **expected.families}
    wrong = []
    for name, column in numbers.items():
        for row, (a, b) in enumerate(zip(column, got[f"{PREFIX}{name}"], strict=True)):
            if not (b is None if math.isnan(a) else b is not None and abs(a - b) <= 1e-9):
                wrong.append(f"row {row}: {name} {a} {b}")
    for name, codes in (("category", expected.category), ("rule_category", expected.rule_category)):
        wanted = [keys[code] if code >= 0 else None for code in codes]
        if wanted != got[f"{PREFIX}{name}"]:
            wrong.append(f"{name}: {wanted} {got[f'{PREFIX}{name}']}")
    return wrong


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cases_through_duckdb(case: Case, tmp_path: Path) -> None:
    """Every case scored from Parquet by DuckDB gives the scores and categories of the reference."""
    source, target = tmp_path / "clients.parquet", tmp_path / "scored.parquet"
    write_parquet(case.table, source, decimal_comma=case.rules.decimal_comma)
    if case.name in HOLES:
        with pytest.raises(KamxlError, match="KX226"):
            classify_file(source, case.rules, target, as_of=case.as_of)
        return

    outcome = classify_file(source, case.rules, target, as_of=case.as_of)

    assert outcome.rows == case.table.row_count
    assert differences(reference(case.rules, case.table, case.as_of), pq.read_table(target).to_pydict()) == []


# A table without rows has no row numbers to sort by.
SPARK_CASES = [case for case in CASES if case.name not in HOLES and case.table.row_count]


@pytest.mark.slow
@pytest.mark.parametrize("case", SPARK_CASES, ids=lambda case: case.name)
def test_cases_through_spark(case: Case, spark: Any, tmp_path: Path) -> None:
    """Every case scored by Spark gives the scores and categories of the reference, whatever the partitions."""
    from kamxl.backends.spark import score_frame

    source = tmp_path / "clients.parquet"
    numbered = Table(
        (*case.table.headers, "kam_row"), (*case.table.columns, [float(n) for n in range(case.table.row_count)])
    )
    write_parquet(numbered, source, decimal_comma=case.rules.decimal_comma)
    frame = spark.read.parquet(str(source)).repartition(3)
    given = pq.read_schema(source)
    given = given.remove(given.get_field_index("kam_row"))
    ready = plan_for_engine(case.rules, given, Place(str(source)), case.as_of)

    rows = sorted((row.asDict() for row in score_frame(frame, ready).collect()), key=lambda row: row["kam_row"])

    got = {name: [row[name] for row in rows] for name in rows[0]}
    assert differences(reference(case.rules, case.table, case.as_of), got) == []


@pytest.mark.slow
def test_partitions_change_nothing(spark: Any, tmp_path: Path) -> None:
    """Rules that compare clients with each other give the same rows from one partition and from seven."""
    from kamxl.backends.spark import score_frame

    text = RULES.replace("history >= 50", "percentile(revenue) >= 0.5 and cumulative_share(revenue) <= 0.9")
    found, problems = read_rules_text(text)
    assert found is not None, problems
    chance = random.Random(2)
    columns = {
        "client": [f"C{number:03}" for number in range(500)],
        "revenue": [chance.choice([None, 5.0, chance.random() * 100]) for _ in range(500)],
        "market": [chance.choice(["Food", "Steel", None]) for _ in range(500)],
    }
    source = make_parquet(tmp_path / "c.parquet", columns)
    ready = plan_for_engine(found, pq.read_schema(source), Place(str(source)), None)
    frame = spark.read.parquet(str(source))

    one, seven = (
        sorted((row.asDict() for row in score_frame(part, ready).collect()), key=lambda row: row["client"])
        for part in (frame.coalesce(1), frame.repartition(7))
    )

    assert one == seven
    assert {row["kam_category"] for row in one} == {"big", "small", None}


RULES = """
kamxl: 1
name: Engine
as_of: 2026-06-30
columns:
  client: {kind: text, role: id}
  revenue: {kind: money}
  market: {kind: text}
families:
  history:
    weight: 1
    criteria:
      revenue: {weight: 2, curve: {0: 0, 100: 10}}
      market: {weight: 1, values: {Food: 10}, other: 1}
categories:
  rules: {big: {when: history >= 50}, small: {otherwise: true}}
"""


def rules() -> RuleSet:
    found, problems = read_rules_text(RULES)
    assert found is not None, problems
    return found


def make_parquet(path: Path, columns: dict[str, Any]) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def test_null_and_nan_are_one_missing(tmp_path: Path) -> None:
    """NaN and null in one column give the same row, and no NaN comes out."""
    source = make_parquet(
        tmp_path / "c.parquet",
        {"client": ["a", "b"], "revenue": pa.array([None, math.nan], pa.float64()), "market": ["Food", "Food"]},
    )

    classify_file(source, rules(), tmp_path / "out.parquet")

    got = pq.read_table(tmp_path / "out.parquet").to_pydict()
    assert got["kam_score"] == [100.0, 100.0]
    assert got["kam_completeness"] == pytest.approx([1 / 3, 1 / 3])


def test_rerun_replaces_the_columns_of_the_first(tmp_path: Path) -> None:
    """The output of a run can be the input of the next, and is the same again."""
    columns = {"client": ["a"], "revenue": [50.0], "market": ["Food"]}
    source = make_parquet(tmp_path / "c.parquet", columns)
    classify_file(source, rules(), tmp_path / "one.parquet")

    classify_file(tmp_path / "one.parquet", rules(), tmp_path / "two.parquet")

    assert pq.read_table(tmp_path / "two.parquet").equals(pq.read_table(tmp_path / "one.parquet"))


def test_integers_decimals_dictionaries_and_csv(tmp_path: Path) -> None:
    """Other types that mean the same give the same scores, from Parquet and from CSV."""
    from decimal import Decimal

    plain = {"client": ["a", "b"], "revenue": [50.0, 10.0], "market": ["Food", "Steel"]}
    other = {
        "client": pa.array([1, 2]),
        "revenue": pa.array([Decimal("50.00"), Decimal("10.00")]),
        "market": pa.array(["Food", "Steel"]).dictionary_encode(),
    }
    (tmp_path / "clients.csv").write_text("client,revenue,market\na,50,Food\nb,10,Steel\n", encoding="utf-8")
    found = []
    for source in (
        make_parquet(tmp_path / "plain.parquet", plain),
        make_parquet(tmp_path / "other.parquet", other),
        tmp_path / "clients.csv",
    ):
        classify_file(source, rules(), tmp_path / "out.parquet")
        found.append(pq.read_table(tmp_path / "out.parquet")["kam_score"].to_pylist())

    assert found[0] == found[1] == found[2]


def test_a_table_of_a_duckdb_file(tmp_path: Path) -> None:
    """Clients in a database are read from the named table; a wrong name lists the tables."""
    import duckdb

    with duckdb.connect(str(tmp_path / "house.duckdb")) as database:
        database.execute("CREATE TABLE clients AS SELECT 'a' AS client, 100 AS revenue, 'Food' AS market")
        database.execute("CREATE TABLE other AS SELECT 1 AS x")

    classify_file(tmp_path / "house.duckdb", rules(), tmp_path / "out.parquet", table="clients")
    assert pq.read_table(tmp_path / "out.parquet")["kam_category"].to_pylist() == ["big"]
    with pytest.raises(KamxlError, match="`clients`"):
        classify_file(tmp_path / "house.duckdb", rules(), tmp_path / "out.parquet", table="clents")


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda path: make_parquet(path, {"client": ["a"], "revenue": [1.0]}), "KX301"),
        (lambda path: path.write_bytes(b"PAR1 damaged"), "KX001"),
        (lambda path: None, "KX001"),
        (lambda path: make_parquet(path, {"client": ["a"], "revenue": [[1.0]], "market": ["Food"]}), "KX409"),
        (lambda path: make_parquet(path, {"client": ["a"], "revenue": [1.0], "market": [b"Food"]}), "KX409"),
        (lambda path: make_parquet(path, {"client": ["a"], "revenue": [{"x": 1}], "market": ["Food"]}), "KX409"),
    ],
    ids=["a column is missing", "a damaged file", "no file", "lists", "raw bytes", "records"],
)
def test_what_cannot_be_read_leaves_the_old_output(make: Any, code: str, tmp_path: Path) -> None:
    """A located problem, the old output intact, nothing left beside it."""
    source, target = tmp_path / "c.parquet", tmp_path / "out.parquet"
    target.write_bytes(b"old")
    make(source)

    with pytest.raises(KamxlError) as caught:
        classify_file(source, rules(), target)

    assert caught.value.problems[0].code == code
    assert target.read_bytes() == b"old"
    assert {path.name for path in tmp_path.iterdir()} <= {"c.parquet", "out.parquet"}


def test_a_csv_file_that_is_not_utf_8(tmp_path: Path) -> None:
    """The line and what is wrong with it, and how to save the file."""
    (tmp_path / "c.csv").write_bytes("client,revenue,market\nété,1,Food\n".encode("latin-1"))

    with pytest.raises(KamxlError, match=r"Line: 2: .*utf-8") as caught:
        classify_file(tmp_path / "c.csv", rules(), tmp_path / "out.csv")

    assert caught.value.problems[0].code == "KX002"


def test_days_are_no_numbers(tmp_path: Path) -> None:
    """A column of days where money is expected leaves each row unscored; in a column of texts a day is its ISO text."""
    days = [dt.date(2026, 1, 1), None]
    moments = pa.array([dt.datetime(2026, 1, 1, 8), None], pa.timestamp("ns", "UTC"))
    for revenue in (pa.array(days), moments):
        source = make_parquet(
            tmp_path / "c.parquet", {"client": ["a", "b"], "revenue": revenue, "market": pa.array(days)}
        )

        classify_file(source, rules(), tmp_path / "out.parquet")

        got = pq.read_table(tmp_path / "out.parquet").to_pydict()
        assert got["kam_score"] == [None, None]
        assert got["kam_problem"][0].startswith("KX402")
        assert got["kam_problem"][1] is None


@pytest.mark.parametrize("target", ["out.parquet", "out.csv"])
@pytest.mark.parametrize("relative", [False, True])
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
def test_a_disk_that_fills_up(target: str, relative: bool, tmp_path: Path) -> None:
    """Writing that stops half-way is told as KX504; the old output is intact and nothing is left beside it."""
    chance = random.Random(1)
    rows = 60_000
    columns = {
        "client": [f"C{chance.random()}" for _ in range(rows)],
        "revenue": [chance.random() * 100 for _ in range(rows)],
        "market": ["Food"] * rows,
    }
    make_parquet(tmp_path / "c.parquet", columns)
    when = "percentile(revenue) >= 0.5" if relative else "history >= 50"
    (tmp_path / "rules.yml").write_text(RULES.replace("history >= 50", when), encoding="utf-8")
    (tmp_path / target).write_bytes(b"old")

    def limit() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))

    command = [sys.executable, "-m", "kamxl", "classify", "c.parquet", "-r", "rules.yml", "--engine", "duckdb"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(
        [*command, "-o", target],
        cwd=tmp_path,
        env=environment,
        preexec_fn=limit,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "KX504" in done.stderr
    assert (tmp_path / target).read_bytes() == b"old"
    assert {path.name for path in tmp_path.iterdir()} == {"c.parquet", "rules.yml", target}


def test_many_words_in_a_dictionary(tmp_path: Path) -> None:
    """A dictionary with a value per row, or with far more values than a batch has rows, is scored like texts."""
    words = [f"market {number}" for number in range(200_000)]
    words[150_000] = "Food"
    every = pa.array(words).dictionary_encode()
    few = pa.DictionaryArray.from_arrays(pa.array([150_000, 3, None], pa.int32()), pa.array(words))
    for market in (every, few):
        columns = {"client": pa.array(range(len(market))), "revenue": pa.nulls(len(market)), "market": market}
        ready = plan_for_engine(rules(), pa.table(columns).schema, Place("c"), None)

        batch = score_batch(ready, pa.RecordBatch.from_pydict(columns))

        scores = batch.column("kam_score").to_pylist()
        wanted = [None if word is None else 100.0 if word == "Food" else 10.0 for word in market.to_pylist()]
        assert scores == pytest.approx(wanted)


def test_empty_and_single_rows(tmp_path: Path) -> None:
    """No rows give no rows with all columns; one row gives one."""
    empty = {
        "client": pa.array([], pa.string()),
        "revenue": pa.array([], pa.float64()),
        "market": pa.array([], pa.string()),
    }
    outcome = classify_file(make_parquet(tmp_path / "e.parquet", empty), rules(), tmp_path / "out.parquet")

    assert outcome.rows == 0
    assert "kam_category" in pq.read_table(tmp_path / "out.parquet").column_names

    one = {"client": ["a"], "revenue": [50.0], "market": ["Food"]}
    outcome = classify_file(make_parquet(tmp_path / "o.parquet", one), rules(), tmp_path / "out.parquet")

    assert (outcome.rows, outcome.categories) == (1, {"big": 1})


def test_spark_without_java_is_a_located_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spark that cannot start says so and leaves the old output."""
    pytest.importorskip("pyspark", reason="pyspark is not installed")
    source = make_parquet(tmp_path / "c.parquet", {"client": ["a"], "revenue": [1.0], "market": ["Food"]})
    (tmp_path / "out.parquet").write_bytes(b"old")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)

    with pytest.raises(KamxlError, match="KX508"):
        classify_file(source, rules(), tmp_path / "out.parquet", engine="spark")

    assert (tmp_path / "out.parquet").read_bytes() == b"old"


def test_the_command_says_where_cells_without_a_number_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Text where a number is expected: the client has no score, its row names the cell, and the command says so."""
    make_parquet(tmp_path / "c.parquet", {"client": ["a", "b"], "revenue": ["many", "7"], "market": ["Food", "Food"]})
    (tmp_path / "rules.yml").write_text(RULES, encoding="utf-8")
    command = ["classify", str(tmp_path / "c.parquet"), "-r", str(tmp_path / "rules.yml"), "--engine", "duckdb"]
    assert run_command([*command, "-o", str(tmp_path / "out.parquet")]) == 0
    assert "2 clients, 1 without a score (where a cell is the cause, the column kam_problem" in capsys.readouterr().out
    problems = pq.read_table(tmp_path / "out.parquet")["kam_problem"].to_pylist()
    assert "KX402 revenue" in problems[0] and not problems[1]
