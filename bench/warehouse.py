"""More clients than memory holds: from Parquet to Parquet through DuckDB, in a process of its own."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from bench.measure import run_alone
from bench.portfolio import NUMBERS, WORDS, make_clients, make_document

_PART = 1_000_000


def write_parquet(path: Path, rows: int) -> None:
    """Clients as a warehouse hands them over: a number, 13 numbers and 6 texts, blanks as null."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer = None
    for start in range(0, rows, _PART):
        count = min(_PART, rows - start)
        clients = make_clients(count, seed=start)
        columns = {"client": pa.array(range(start, start + count), pa.int64())}
        columns |= {key: pa.array(clients.numbers[key], from_pandas=True) for key in NUMBERS}
        columns |= {key: pa.array(clients.texts[key]) for key in WORDS}
        part = pa.table(columns)
        writer = writer or pq.ParquetWriter(path, part.schema)
        writer.write_table(part)
    if writer is not None:
        writer.close()


def bench_duckdb(rows: int) -> dict[str, float]:
    """CPU seconds and peak memory of `kamxl classify clients.parquet --engine duckdb`."""
    with tempfile.TemporaryDirectory(prefix="kamxl-bench-") as folder_name:
        folder = Path(folder_name)
        source, rules = folder / "clients.parquet", folder / "rules.yml"
        write_parquet(source, rows)
        rules.write_text(json.dumps(make_document()), encoding="utf-8")
        cpu, peak = run_alone(["engine", str(source), str(folder / "scored.parquet"), str(rules)])
        return {
            f"seconds of {rows:,} clients from Parquet to Parquet through DuckDB, CPU time": cpu,
            f"MB at the peak of {rows:,} clients through DuckDB": peak,
            f"MB of the Parquet file of {rows:,} clients": round(source.stat().st_size / 1e6),
        }
