"""The columns kernel on Spark: every partition goes through it as Arrow batches; window functions come first."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kamxl.backends.arrow_batches import PREFIX, BatchPlan, relative_answers, result_schema, score_batch
from kamxl.backends.engine_rules import missing_package, plan_for_engine
from kamxl.language.model import RuleSet
from kamxl.problems import KamxlError, Place, Problem


def start_spark(master: str) -> Any:
    """A Spark session. Errors: KamxlError KX506 without PySpark, KX508 where it cannot start."""
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise missing_package("pyspark", "spark") from error
    if not _has_java() and "://" not in master:
        raise KamxlError(Problem("KX508", "Spark cannot start: Java is not found", help="install Java 17 or newer"))
    # The workers of a local Spark need this very Python: only it has NumPy, PyArrow and kamxl.
    if "://" not in master:
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    try:
        session = (
            SparkSession.builder.master(master)
            .appName("kamxl")
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.execution.arrow.maxRecordsPerBatch", "131072")
            .getOrCreate()
        )
    except Exception as error:  # the launcher raises whatever Java says
        reason = _reason(error)
        raise KamxlError(Problem("KX508", f"Spark cannot start: {reason}", help="check --master and Java")) from error
    session.sparkContext.setLogLevel("ERROR")
    return session


def _has_java() -> bool:
    home = os.environ.get("JAVA_HOME", "")
    return shutil.which("java") is not None or bool(home and shutil.which("java", path=str(Path(home) / "bin")))


def _reason(error: Exception) -> str:
    """The innermost cause that Java names, else the first line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    causes = [line for line in lines if line.startswith("Caused by: ")]
    told = [line for line in lines if not line.startswith("An error occurred while calling")]
    chosen = causes[-1] if causes else (told or lines or ["no reason given"])[0]
    return chosen.removeprefix("Caused by: ").lstrip(": ")[:300]


def score_frame(frame: Any, ready: BatchPlan) -> Any:
    """The Spark data frame with the results behind its columns. Partitioning changes nothing in them."""
    from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema

    for position in range(len(ready.relatives)):
        frame = _add_relative(frame, ready, position)
    given = [column for column in to_arrow_schema(frame.schema) if not column.name.startswith(f"{PREFIX}relative_")]
    schema = from_arrow_schema(result_schema(ready.plan, given))

    def score(batches: Iterator[Any]) -> Iterator[Any]:
        for batch in batches:
            yield score_batch(ready, batch)

    return frame.mapInArrow(score, schema)


def _add_relative(frame: Any, ready: BatchPlan, position: int) -> Any:
    from pyspark.sql import Window
    from pyspark.sql import functions as f
    from pyspark.sql.types import DoubleType, StructField, StructType

    name = f"{PREFIX}answers"
    schema = StructType([*frame.schema.fields, StructField(name, DoubleType())])

    def answer(batches: Iterator[Any]) -> Iterator[Any]:
        import pyarrow as pa  # type: ignore[import-untyped]

        for batch in batches:
            names = [*batch.schema.names, name]
            yield pa.RecordBatch.from_arrays([*batch.columns, relative_answers(ready, position, batch)], names)

    frame = frame.mapInArrow(answer, schema)
    relative = ready.relatives[position]
    x = f.col(name)
    if relative.step.function == "percentile":
        value = f.percent_rank().over(Window.partitionBy(x.isNull()).orderBy(x))
    else:
        everything = Window.partitionBy()
        down = Window.orderBy(x.desc_nulls_last()).rangeBetween(Window.unboundedPreceding, Window.currentRow)
        gain = f.greatest(x, f.lit(0.0))
        total = f.sum(gain).over(everything)
        value = f.sum(gain).over(down) / f.when((total > 0) & (total < float("inf")), total)
    return frame.withColumn(relative.column, f.when(x.isNotNull(), value)).drop(name)


def classify_with_spark(
    source: Path, rules: RuleSet, fresh: Path, *, master: str, as_of: dt.date | None
) -> tuple[int, dict[str | None, int], int]:
    """Rows, clients by category and unscored clients, once the results are written.

    Errors: KamxlError KX508 when Spark cannot start or stops on the way.
    """
    # PySpark warns of pandas in every session; it serves Arrow alone here.
    warnings.filterwarnings("ignore", category=FutureWarning, module="pyspark")
    session = start_spark(master)
    try:
        return _classify(session, source, rules, fresh, as_of)
    except KamxlError:
        raise
    except Exception as error:  # Spark wraps Java's exceptions in many classes
        message = f"Spark has stopped: {_reason(error)}"
        raise KamxlError(Problem("KX508", message, Place(str(source)), help="the old output is intact")) from error
    finally:
        session.stop()


def _classify(
    session: Any, source: Path, rules: RuleSet, fresh: Path, as_of: dt.date | None
) -> tuple[int, dict[str | None, int], int]:
    from pyspark.sql.pandas.types import to_arrow_schema

    if source.suffix.lower() == ".csv":
        frame = session.read.csv(str(source), header=True, inferSchema=True)
    elif source.suffix.lower() == ".parquet":
        frame = session.read.parquet(str(source))
    else:
        raise KamxlError(Problem("KX226", "Spark reads .parquet and .csv, not a DuckDB file", Place(str(source))))
    ready = plan_for_engine(rules, to_arrow_schema(frame.schema), Place(str(source)), as_of)
    scored = score_frame(frame, ready)
    if fresh.suffix.lower() == ".csv":
        scored.write.csv(str(fresh), header=True)
        written = session.read.csv(str(fresh), header=True, inferSchema=True)
    else:
        scored.write.parquet(str(fresh))
        written = session.read.parquet(str(fresh))
    category, score = f"{PREFIX}category", f"{PREFIX}score"
    counts = {row[0]: int(row[1]) for row in written.groupBy(category).count().collect()}
    unscored = written.filter(written[score].isNull()).count()
    return sum(counts.values()), counts, unscored
