"""Clients in files of columns and warehouses: the columns kernel over batches that DuckDB streams or Spark spreads.

DuckDB reads Parquet, CSV or a table of a database file larger than memory on one machine; Spark runs the same kernel on
a cluster. Portfolio-relative columns are window functions of the engine; the output replaces an old one at the end.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kamxl.backends.arrow_batches import (
    PREFIX,
    BatchPlan,
    relative_answers,
    result_schema,
    score_batch,
)
from kamxl.backends.engine_rules import missing_package, plan_for_engine
from kamxl.language.model import RuleSet
from kamxl.problems import KamxlError, Place, Problem
from kamxl.records import dataclass

ENGINES = ("duckdb", "spark")
SOURCES = (".parquet", ".csv", ".duckdb", ".db")
TARGETS = (".parquet", ".csv")
# 128 k rows of 25 columns are some 25 MB: enough for both cores, little beside the memory of any machine.
BATCH_ROWS = 131_072


@dataclass(frozen=True, slots=True)
class EngineOutcome:
    """What a run over an engine did. Shapes: categories counts clients by category key, None for no category."""

    rows: int
    categories: dict[str | None, int]
    unscored: int
    target: Path


def classify_file(
    source: Path,
    rules: RuleSet,
    target: Path,
    *,
    engine: str = "duckdb",
    table: str = "",
    master: str = "local[*]",
    as_of: dt.date | None = None,
) -> EngineOutcome:
    """The clients of a file with score, families, completeness and category beside them, written to another file.

    Units: table names a table of a DuckDB file; master is a Spark address.
    Errors: KamxlError with a located problem (KX001, KX226, KX3, KX504, KX506, KX508); the old output is then intact.
    """
    _check_paths(source, target)
    with _replacing(target) as fresh:
        if engine == "spark":
            from kamxl.backends.spark import classify_with_spark

            rows, counts, unscored = classify_with_spark(source, rules, fresh, master=master, as_of=as_of)
        else:
            rows, counts, unscored = _classify_with_duckdb(source, rules, fresh, table=table, as_of=as_of)
    return EngineOutcome(rows, counts, unscored, target)


def default_target(source: Path) -> Path:
    """Where the result goes when nobody says: NAME.kam.parquet, or NAME.kam.csv for a .csv file."""
    return source.with_name(f"{source.stem}.kam{'.csv' if source.suffix.lower() == '.csv' else '.parquet'}")


def _check_paths(source: Path, target: Path) -> None:
    if not source.exists():
        raise KamxlError(Problem("KX001", "the file does not exist", Place(str(source))))
    if source.suffix.lower() not in SOURCES:
        listed = ", ".join(SOURCES)
        raise KamxlError(Problem("KX001", f"an engine reads {listed}, not `{source.suffix}`", Place(str(source))))
    if target.suffix.lower() not in TARGETS:
        listed = " or ".join(TARGETS)
        raise KamxlError(Problem("KX504", f"an engine writes {listed}, not `{target.suffix}`", Place(str(target))))
    if target.exists() and target.samefile(source):
        raise KamxlError(Problem("KX504", "the output is the input itself", Place(str(target)), help="name another -o"))


@contextmanager
def _replacing(target: Path) -> Iterator[Path]:
    """A path beside the target that takes its place once everything has been written; it vanishes after a failure."""
    try:
        folder = Path(tempfile.mkdtemp(prefix=".kamxl-", dir=target.parent))
    except OSError as error:
        raise KamxlError(_not_saved(target, error)) from error
    fresh = folder / target.name
    try:
        yield fresh
        if target.is_dir() and fresh.is_dir():
            shutil.rmtree(target)
        fresh.replace(target)
    except OSError as error:
        raise KamxlError(_not_saved(target, error)) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _not_saved(target: Path, error: OSError) -> Problem:
    reason = error.strerror or str(error)
    return Problem("KX504", f"the result cannot be saved: {reason}", Place(str(target)), help="the old file is intact")


def _classify_with_duckdb(
    source: Path, rules: RuleSet, fresh: Path, *, table: str, as_of: dt.date | None
) -> tuple[int, dict[str | None, int], int]:
    try:
        import duckdb
    except ImportError as error:
        raise missing_package("duckdb", "duckdb") from error
    with tempfile.TemporaryDirectory(prefix="kamxl-", dir=fresh.parent) as spill:
        connection = duckdb.connect(str(Path(spill) / "work.duckdb"))
        connection.execute("SET temp_directory = ?", [spill])
        # Windows over all rows spill to the disk beyond this; streaming needs far less.
        connection.execute("SET memory_limit = '1GB'")
        try:
            relation = _relation(connection, source, table)
            schema = connection.sql(f"SELECT * FROM {relation} LIMIT 0").to_arrow_reader(1).schema
            ready = plan_for_engine(rules, schema, Place(str(source)), as_of)
            relation = _add_relatives(connection, relation, ready)
            return _stream(connection, relation, ready, fresh)
        except duckdb.Error as error:
            raise KamxlError(_engine_problem(source, fresh.parent.parent, error)) from error
        finally:
            connection.close()


def _engine_problem(source: Path, folder: Path, error: Exception) -> Problem:
    lines = [line.strip() for line in str(error).strip().splitlines()]
    sentence = lines[0]
    if sentence.rpartition(" ")[2].isdigit():
        # Of a CSV file the first line only names the line, the second shows it, and the third says what is wrong.
        sentence = f"{sentence}: {lines[min(2, len(lines) - 1)]}"
    if "not utf-8 encoded" in sentence:
        return Problem("KX002", sentence, Place(str(source)), help="save the file with encoding UTF-8")
    if "No space left" in sentence or "write file" in sentence:
        reason = "the disk is full" if "No space left" in sentence else sentence.rpartition(": ")[2].lower()
        message = f"rows cannot be kept for ranking: {reason}"
        return Problem("KX504", message, Place(str(folder.resolve())), help="make room there; the old file is intact")
    return Problem("KX001", f"DuckDB cannot read the file: {sentence}", Place(str(source)))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _relation(connection: Any, source: Path, table: str) -> str:
    path = _quoted(str(source))
    match source.suffix.lower():
        case ".parquet":
            return f"read_parquet({path})"
        case ".csv":
            return f"read_csv({path}, header = true)"
        case _:
            connection.execute(f"ATTACH {path} AS given (READ_ONLY)")
            names = [str(row[0]) for row in connection.execute("SHOW TABLES FROM given").fetchall()]
            name = table or (names[0] if len(names) == 1 else "")
            if name not in names:
                listed = ", ".join(f"`{known}`" for known in names[:8]) or "none"
                message = f"table `{name}` is not in the database" if name else "which table holds the clients?"
                raise KamxlError(Problem("KX303", message, Place(str(source)), help=f"--table takes one of {listed}"))
            return 'given."' + name.replace('"', '""') + '"'


_TOTAL = "sum(greatest({x}, 0)) OVER ()"
WINDOWS = {
    "percentile": "CASE WHEN {x} IS NOT NULL THEN percent_rank() OVER (PARTITION BY {x} IS NULL ORDER BY {x}) END",
    "cumulative_share": "CASE WHEN {x} IS NOT NULL THEN sum(greatest({x}, 0)) OVER (ORDER BY {x} DESC NULLS LAST "
    f"RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) / CASE WHEN {_TOTAL} > 0 AND isfinite({_TOTAL}) "
    f"THEN {_TOTAL} END END",
}


def _add_relatives(connection: Any, relation: str, ready: BatchPlan) -> str:
    """The relation with its portfolio-relative columns: the kernel says what is compared, DuckDB ranks it."""
    for position, relative in enumerate(ready.relatives):
        import pyarrow as pa  # type: ignore[import-untyped]

        reader = connection.cursor().sql(f"SELECT * FROM {relation}").to_arrow_reader(BATCH_ROWS)
        name = f"{PREFIX}answers"
        schema = reader.schema.append(pa.field(name, pa.float64()))

        def answered(reader: Any = reader, position: int = position, schema: Any = schema) -> Iterator[Any]:
            for batch in reader:
                answers = relative_answers(ready, position, batch)
                yield pa.RecordBatch.from_arrays([*batch.columns, answers], schema=schema)

        batches = pa.RecordBatchReader.from_batches(schema, answered())
        connection.register("kam_batches", batches)
        connection.execute(f"CREATE TABLE kam_step_{position} AS SELECT * FROM kam_batches")
        window = WINDOWS[relative.step.function].format(x=name)
        # A window hands rows over by rank; rowid brings back the order of the file.
        chosen = f"* EXCLUDE ({name}), {window} AS {relative.column}"
        relation = f"(SELECT {chosen} FROM kam_step_{position} ORDER BY rowid)"
    return relation


def _stream(connection: Any, relation: str, ready: BatchPlan, fresh: Path) -> tuple[int, dict[str | None, int], int]:
    reader = connection.sql(f"SELECT * FROM {relation}").to_arrow_reader(BATCH_ROWS)
    given = [column for column in reader.schema if not column.name.startswith(f"{PREFIX}relative_")]
    counts: Counter[str | None] = Counter()
    rows = unscored = 0
    with _writer(fresh, result_schema(ready.plan, given)) as write:
        for batch in reader:
            scored = score_batch(ready, batch)
            write(scored)
            rows += scored.num_rows
            unscored += scored.column(scored.schema.get_field_index(f"{PREFIX}score")).null_count
            for pair in scored.column(scored.schema.get_field_index(f"{PREFIX}category")).value_counts().to_pylist():
                counts[pair["values"]] += pair["counts"]
    return rows, dict(counts), unscored


@contextmanager
def _writer(path: Path, schema: Any) -> Iterator[Callable[[Any], None]]:
    if path.suffix.lower() == ".parquet":
        import pyarrow.parquet as pq  # type: ignore[import-untyped]

        with pq.ParquetWriter(path, schema, compression="zstd") as parquet:
            yield parquet.write_batch
    else:
        from pyarrow import csv

        with csv.CSVWriter(str(path), schema) as texts:
            yield texts.write
