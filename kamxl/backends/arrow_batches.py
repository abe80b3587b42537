"""Arrow batches through the columns kernel: what DuckDB, Spark and files of columns hand over, and what they get back.

Null and NaN become missing here, once; nothing behind this border knows of either.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from kamxl.backends import Scored
from kamxl.backends.arrow_words import encode_texts, from_dictionary
from kamxl.backends.column_blocks import in_parallel
from kamxl.backends.column_rounding import quantise_array
from kamxl.backends.column_run import Run, Scoring
from kamxl.backends.column_types import CodedCells, NullableCells
from kamxl.backends.columns import ColumnsRunner
from kamxl.backends.settle import category_by_text
from kamxl.language.expression import names_in
from kamxl.plan import Derive, Operation, Plan, Read, Relate
from kamxl.problems import Severity
from kamxl.records import dataclass, field, replace
from kamxl.table import Cell, Table
from kamxl.values import TEXT_KINDS, fold

# Results never share a name with the columns of a warehouse, and a second run finds and replaces those of the first.
PREFIX = "kam_"
_EPOCH_DAYS = 25569.0
_DAY_US = 86_400_000_000


def result_names(plan: Plan) -> tuple[str, ...]:
    """Names of the columns that a run adds, in order."""
    families = [f"{PREFIX}{combine.family}" for combine in plan.combines()]
    tail = [f"{PREFIX}completeness", f"{PREFIX}category", f"{PREFIX}rule_category", f"{PREFIX}problem"]
    return (f"{PREFIX}score", *families, *tail)


def result_schema(plan: Plan, given: Any) -> Any:
    """Schema of what goes out: the given columns, then the results."""
    import pyarrow as pa  # type: ignore[import-untyped]

    texts = {f"{PREFIX}category", f"{PREFIX}rule_category", f"{PREFIX}problem"}
    fresh = [pa.field(name, pa.string() if name in texts else pa.float64()) for name in result_names(plan)]
    return pa.schema([*(column for column in given if column.name not in set(result_names(plan))), *fresh])


@dataclass(frozen=True, slots=True)
class RelativeStep:
    """A portfolio-relative column that an engine computes over all rows: its operation and where its answers stand."""

    step: Relate
    column: str


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """A plan made ready for batches: relative columns are read, not computed. Shapes: relatives in plan order."""

    plan: Plan
    relatives: tuple[RelativeStep, ...] = field(default=())


def plan_batches(plan: Plan) -> BatchPlan:
    """The plan whose portfolio-relative columns come with the batches, behind the columns of the table."""
    relatives = [step for step in plan.operations if isinstance(step, Relate)]
    columns = {id(step): f"{PREFIX}relative_{position}" for position, step in enumerate(relatives, 1)}
    width = len(plan.headers)
    operations: list[Operation] = []
    for step in plan.operations:
        if isinstance(step, Relate):
            index = width + relatives.index(step)
            operations.append(Read(step.name, "number", index, counts=False))
        else:
            operations.append(_without_names(step, plan))
    headers = (*plan.headers, *columns.values())
    steps = tuple(RelativeStep(step, columns[id(step)]) for step in relatives)
    return BatchPlan(replace(plan, headers=headers, operations=tuple(operations)), steps)


def _without_names(step: Operation, plan: Plan) -> Operation:
    # A name or an identifier is never computed with: encoding millions of different ones would be the whole run.
    computed = {name for other in plan.operations if isinstance(other, Derive) for name in names_in(other.of)}
    if isinstance(step, Read) and step.kind in TEXT_KINDS and not step.counts and step.name not in computed:
        return replace(step, index=-1)
    return step


def score_batch(ready: BatchPlan, batch: Any) -> Any:
    """The batch with the results behind its columns; missing results are null."""
    import pyarrow as pa

    plan = ready.plan
    table = table_from(batch, plan)
    scored = ColumnsRunner().run(plan, table, previous=_previous(plan, batch))
    given = result_schema(plan, [column for column in batch.schema if not column.name.startswith(f"{PREFIX}relative_")])
    kept = [batch.column(column.name) for column in given if column.name not in set(result_names(plan))]
    return pa.RecordBatch.from_arrays([*kept, *_results(scored)], schema=given)


def relative_answers(ready: BatchPlan, position: int, batch: Any) -> Any:
    """What the relative column at a position compares, row by row, rounded as thresholds are; missing is null."""
    step, plan = ready.relatives[position].step, ready.plan
    run = Run(plan, table_from(batch, plan))
    run.read()
    known = {operation.name for operation in plan.operations if isinstance(operation, (Read, Derive))}
    if not known.issuperset(names_in(step.of)):
        # It compares scores: all that stands before the categories is carried out first.
        for stage in run.compiled.stages:
            if isinstance(stage, Scoring):
                run.score(replace(stage, match=None), None, keep=True)
    return _floats(quantise_array(run.answers(step)))


def table_from(batch: Any, plan: Plan) -> Table:
    """The columns of a batch that a plan reads, as cells; the others are left where they are."""
    rows = batch.num_rows
    read = {step.index: step for step in plan.reads() if step.index >= 0}
    settle = plan.settle
    roles = {settle.override, settle.reason, settle.author, settle.until, settle.previous}
    empty = CodedCells(np.full(rows, -1, np.int8), ())

    def cells_at(index: int) -> Sequence[Cell]:
        position = batch.schema.get_field_index(plan.headers[index])
        if position < 0 or (index not in read and index not in roles and index != plan.id_column):
            return empty
        column = batch.column(position)
        if index == plan.id_column and index not in read:
            return ArrowCells(column)
        step = read.get(index)
        return cells_from(column, has_days=step is None or step.kind == "date")

    columns = in_parallel(cells_at, range(len(plan.headers)), rows)
    return Table(plan.headers, tuple(columns) or (empty,))


class ArrowCells(Sequence[Cell]):
    """Cells of an Arrow array, made one by one when asked for."""

    def __init__(self, array: Any) -> None:
        self._array = array

    def __len__(self) -> int:
        return len(self._array)

    def __getitem__(self, index: Any) -> Any:
        return self._array[index].as_py()


def cells_from(array: Any, *, has_days: bool = True) -> Sequence[Cell]:
    """Cells of an Arrow array: numbers as floats with NaN for missing, texts as codes.

    Units: `has_days` says that days are meant in this column, and makes them serials; elsewhere they stay days, which a
    column of numbers refuses and a column of texts writes out, as in a workbook.
    """
    import pyarrow as pa
    import pyarrow.compute as pc  # type: ignore[import-untyped]

    kind = array.type
    if kind == pa.float64():
        return _nullable(array)
    types = pa.types
    if types.is_dictionary(kind):
        if len(array.dictionary) <= 2 * len(array) + 64 and _is_text(kind.value_type):
            return from_dictionary(array)
        array, kind = array.cast(kind.value_type), kind.value_type
    if types.is_null(kind):
        return CodedCells(np.full(len(array), -1, np.int8), ())
    if _is_text(kind):
        return encode_texts(array)
    if types.is_floating(kind) or types.is_integer(kind) or types.is_decimal(kind):
        return _nullable(pc.cast(array, pa.float64(), safe=False))
    if types.is_date(kind) and has_days:
        days = pc.cast(pc.cast(array, pa.date32()), pa.int32()).cast(pa.float64())
        return _array(days, _EPOCH_DAYS)
    if types.is_timestamp(kind):
        moments = _moments(array)
        return cast(Sequence[Cell], _serials(moments)) if has_days else cast(Sequence[Cell], moments.to_pylist())
    cells: list[Cell] = array.to_pylist()
    return cells


def _nullable(floats: Any) -> Sequence[Cell]:
    if not floats.null_count:
        return _array(floats)
    bits, numbers = floats.buffers()
    first, skipped = divmod(floats.offset, 8)
    inside = np.frombuffer(numbers, np.float64, count=len(floats), offset=8 * floats.offset)
    return NullableCells(inside, np.frombuffer(bits, np.uint8, offset=first), skipped)


def _array(floats: Any, offset: float = 0.0) -> Sequence[Cell]:
    # Null becomes NaN here; an array is as good as the sequence of cells that the contract names.
    numbers = floats.to_numpy(zero_copy_only=False)
    return cast(Sequence[Cell], numbers + offset if offset else numbers)


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _moments(array: Any) -> Any:
    """Timestamps as the clock on the wall shows them, to the microsecond."""
    import pyarrow as pa
    import pyarrow.compute as pc

    plain = pc.local_timestamp(array) if array.type.tz else array
    return pc.cast(plain, pa.timestamp("us"), safe=False)


def _serials(wall: Any) -> Any:
    import pyarrow as pa

    moments = wall.cast(pa.int64())
    known = np.asarray(moments.is_valid())
    whole = moments.fill_null(0).to_numpy(zero_copy_only=False)
    days, rest = np.divmod(whole, _DAY_US)
    serials = days + _EPOCH_DAYS + (rest // 1_000_000 + rest % 1_000_000 / 1e6) / 86400.0
    serials[~known] = np.nan
    return serials


def _previous(plan: Plan, batch: Any) -> list[int] | None:
    position = batch.schema.get_field_index(f"{PREFIX}rule_category")
    if position < 0:
        return None
    known = category_by_text(plan)
    return [known.get(fold(text), -1) if text else -1 for text in batch.column(position).to_pylist()]


def _floats(numbers: Any) -> Any:
    import pyarrow as pa

    return pa.array(np.asarray(numbers, np.float64), from_pandas=True)


def _keys(scored: Scored, codes: Sequence[int]) -> Any:
    """Keys of categories as texts; null where there is none."""
    import pyarrow as pa

    indexes = np.asarray(codes, np.int16)
    keys = pa.array([rule.key for rule in scored.plan.rules.categories.all_rules], pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(indexes, mask=indexes < 0), keys).dictionary_decode()


def _problems(scored: Scored) -> Any:
    import pyarrow as pa

    if not scored.problems_by_row:
        return pa.nulls(scored.row_count, pa.string())
    problems: list[str | None] = [None] * scored.row_count
    for row, found in scored.problems_by_row.items():
        worst = next((p for p in found if p.severity is Severity.ERROR), found[0])
        problems[row] = f"{worst.code} {worst.message}"
    return pa.array(problems, pa.string())


def _results(scored: Scored) -> list[Any]:
    return [
        _floats(scored.score),
        *(_floats(column) for column in scored.families.values()),
        _floats(scored.completeness),
        _keys(scored, scored.category),
        _keys(scored, scored.rule_category),
        _problems(scored),
    ]
