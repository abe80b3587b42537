"""One workbook of the corpus: edited, compared, read again, and openpyxl's result beside it."""

from __future__ import annotations

import contextlib
import re
import signal
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from kamxl.ooxml import OoxmlError, Workbook
from kamxl.ooxml.container import part_key
from kamxl.ooxml.limits import Limits
from kamxl.ooxml.opening import read_file
from kamxl.ooxml.references import column_name
from tests.ooxml_compare import Written, compare, part_names, touched_parts
from tests.ooxml_edit import HEADERS, Edit, edit_workbook, expected_value
from tests.ooxml_features import count_features, list_features, lost_features

OPENPYXL_SECONDS = 20
CALAMINE_SOURCE, CALAMINE_RESULT, OPENPYXL = "calamine reads the source", "calamine reads the result", "openpyxl"


@dataclass(slots=True)
class Outcome:
    """What happened to one file."""

    path: Path
    status: str  # edited, refused, crash
    reason: str = ""
    seconds: float = 0.0
    features: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    issues: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    columns: str = ""  # "", "range", "table"
    sheets: tuple[str, ...] = ()
    touched: Counter[str] = field(default_factory=Counter)  # parts that had to change, by kind
    other_parts: int = 0
    same_parts: int = 0  # those of the others that are identical byte for byte
    second_run: str = ""
    calamine: str = ""
    reopened: str = ""
    openpyxl: str = ""  # "", "saved", or why not
    openpyxl_lost: list[str] = field(default_factory=list)


class Late(Exception):
    """The time given to a step is over."""


@contextlib.contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """The block, interrupted by Late when it takes longer; not on Windows, which has no alarm."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def ring(*_: object) -> None:
        raise Late

    old = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)


def check_file(
    path: Path, *, with_openpyxl: bool, tell: Callable[[str], None] = lambda _: None, skip: frozenset[str] = frozenset()
) -> Outcome:
    """The outcome for one file; never raises.

    `tell` hears which reader is at work: when it kills the process, the file is tried again with that one in `skip`.
    """
    started = time.perf_counter()
    outcome = Outcome(path, "edited")
    try:
        data, edit = _edited(path)
        _check(data, edit, outcome, with_openpyxl=with_openpyxl, tell=tell, skip=skip)
    except OoxmlError as error:
        outcome.status = "crash" if error.kind == "unsafe" else "refused"  # `unsafe` is kamxl's own mistake
        outcome.reason = f"{error.kind}: {error}"
    except BaseException as error:  # pyo3's panics are no Exceptions; here they are findings
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        outcome.status, outcome.reason = "crash", f"{type(error).__name__}: {str(error)[:200]}"
    outcome.seconds = time.perf_counter() - started
    return outcome


def _edited(path: Path) -> tuple[bytes, Edit]:
    """The file as it is, and what a save makes of a copy: the folder that is looked at is never written to."""
    data = read_file(path, Limits())
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / f"copy{path.suffix}"
        copy.write_bytes(data)
        return data, edit_workbook(copy)


def _check(
    data: bytes,
    edit: Edit,
    outcome: Outcome,
    *,
    with_openpyxl: bool,
    tell: Callable[[str], None],
    skip: frozenset[str],
) -> None:
    before = list_features(data)
    outcome.features = sorted({label for label, _ in before})
    try:
        _check_edit(data, edit, outcome)
        _check_second_run(edit, outcome)
    except OoxmlError as error:
        outcome.unreadable.append(f"kamxl itself: {error.kind}: {error}")
    outcome.lost = lost_features(before, list_features(edit.data))
    _check_calamine(data, edit, outcome, tell, skip)
    if with_openpyxl and OPENPYXL not in skip:
        tell(OPENPYXL)
        _check_openpyxl(data, edit, outcome)
        _run_openpyxl(data, outcome.path, outcome)


def _check_edit(data: bytes, edit: Edit, outcome: Outcome) -> None:
    outcome.columns = ("table" if edit.table else "range") if edit.sheet else ""
    outcome.sheets = edit.sheets
    written, stale = written_cells(edit), stale_chain(data, edit)
    outcome.issues += compare(data, edit.data, written, stale)
    outcome.touched, outcome.other_parts, outcome.same_parts = touched_parts(data, edit.data, written, stale)


def written_cells(edit: Edit) -> dict[str, Written]:
    """The cells that the edit was asked to write, by the name of their part."""
    if not edit.sheet:
        return {}
    book = Workbook.open(edit.data)
    part = next(item.part for item in book._book.sheets() if item.name == edit.sheet)
    columns = frozenset(range(edit.first_column, edit.first_column + len(HEADERS)))
    return {part_key(part): Written(columns, edit.header_row, edit.header_row + edit.rows)}


def stale_chain(data: bytes, edit: Edit) -> frozenset[str]:
    """The calculation chain, when it lists cells that are now written: it must go, or Excel complains."""
    columns = {column_name(edit.first_column + offset) for offset in range(len(HEADERS))} if edit.sheet else set()
    with ZipFile(BytesIO(data)) as package:
        for name, member in part_names(package).items():
            if name.endswith("calcchain.xml"):
                listed = re.findall(rb"""\sr=["']([A-Z]+)\d+["']""", package.read(member))
                return frozenset({name}) if columns & {letters.decode() for letters in listed} else frozenset()
    return frozenset()


def _check_second_run(edit: Edit, outcome: Outcome) -> None:
    """The same edit on its own result leaves every part as it is."""
    again = edit_workbook(edit.data, again=edit)
    with ZipFile(BytesIO(edit.data)) as old, ZipFile(BytesIO(again.data)) as new:
        before, after = part_names(old), part_names(new)
        differing = sorted(
            name for name in before.keys() | after.keys()
            if name not in before or name not in after or before[name].CRC != after[name].CRC
        )  # fmt: skip
    outcome.second_run = "differs" if differing else "same"
    if differing:
        outcome.issues.append(f"a second run changed {', '.join(differing[:4])}")


def _check_calamine(
    data: bytes, edit: Edit, outcome: Outcome, tell: Callable[[str], None], skip: frozenset[str]
) -> None:
    outcome.calamine = "source fails"
    if CALAMINE_SOURCE in skip:
        return
    tell(CALAMINE_SOURCE)
    try:
        old = dict(_calamine_values(data))
    except (Exception, _panic()):
        return
    if CALAMINE_RESULT in skip:
        outcome.unreadable.append("calamine died of it")
        return
    tell(CALAMINE_RESULT)
    try:
        new = dict(_calamine_values(edit.data))
    except MemoryError:
        return  # there is not room for both
    except (Exception, _panic()) as error:
        outcome.unreadable.append(f"calamine: {type(error).__name__}: {str(error)[:120]}")
        return
    tell("")
    outcome.calamine = "same"
    for sheet, (top, left, rows) in old.items():
        if sheet not in new:
            outcome.issues.append(f"calamine no longer sees sheet {sheet}")
            continue
        changed = _changed_values((top, left, rows), new[sheet])
        if changed:
            outcome.issues.append(f"calamine reads {changed} other values on sheet {sheet}")
    outcome.issues += [f"calamine does not see sheet {name}" for name in edit.sheets if name not in new]
    if edit.sheet in old and edit.sheet:
        outcome.issues += _missing_columns(new[edit.sheet], edit)


def _panic() -> type[BaseException]:
    """The exception class of a Rust panic; it does not derive from Exception."""
    import python_calamine

    found = getattr(python_calamine, "PanicException", None)
    return found if isinstance(found, type) else BaseException


def _calamine_values(data: bytes) -> Iterator[tuple[str, tuple[int, int, list[list[Any]]]]]:
    from python_calamine import CalamineWorkbook

    workbook = CalamineWorkbook.from_filelike(BytesIO(data))
    for name in workbook.sheet_names:
        try:
            sheet = workbook.get_sheet_by_name(name)
        except (Exception, _panic()):
            continue  # chart sheets have no cells
        top, left = sheet.start or (0, 0)
        yield name, (top, left, sheet.to_python(skip_empty_area=True))


def _changed_values(old: tuple[int, int, list[list[Any]]], new: tuple[int, int, list[list[Any]]]) -> int:
    top, left, rows = old
    new_top, new_left, new_rows = new
    down, right = top - new_top, left - new_left
    changed = 0
    for number, row in enumerate(rows):
        other = new_rows[number + down] if 0 <= number + down < len(new_rows) else []
        if right == 0 and other[: len(row)] == row:
            continue
        for place, value in enumerate(row):
            at = place + right
            found = other[at] if 0 <= at < len(other) else ""
            if value not in ("", found) and value == value:
                changed += 1
    return changed


def _missing_columns(values: tuple[int, int, list[list[Any]]], edit: Edit) -> Iterator[str]:
    top, left, rows = values
    for offset, header in enumerate(HEADERS):
        column = edit.first_column - 1 - left + offset
        wanted = [header, *(expected_value(offset, row) for row in range(edit.rows))]
        start = edit.header_row - 1 - top
        seen = [row[column] if 0 <= column < len(row) else None for row in rows[start : start + len(wanted)]]
        if seen != wanted:
            yield f"calamine does not read column {header} as written"


def _check_openpyxl(data: bytes, edit: Edit, outcome: Outcome) -> None:
    import openpyxl

    def load(content: bytes) -> str:
        try:
            with warnings.catch_warnings(), at_most(OPENPYXL_SECONDS):
                warnings.simplefilter("ignore")
                return ",".join(openpyxl.load_workbook(BytesIO(content)).sheetnames)
        except Late:
            return "late"
        except Exception as error:
            return f"!{type(error).__name__}: {str(error)[:100]}"

    old = load(data)
    if old.startswith("!") or old in ("", "late"):
        outcome.reopened = "late" if old == "late" else "source fails"
        return
    new = load(edit.data)
    outcome.reopened = "same"
    if new == "late":
        outcome.reopened = "late"
    elif new.startswith("!"):
        outcome.unreadable.append(f"openpyxl: {new[1:]}")
    elif not new.startswith(old):
        outcome.issues.append("openpyxl sees other sheets")


def _run_openpyxl(data: bytes, path: Path, outcome: Outcome) -> None:
    """What openpyxl keeps of the same file when it loads and saves it without any edit."""
    import openpyxl

    file = BytesIO()
    try:
        with warnings.catch_warnings(), at_most(OPENPYXL_SECONDS):
            warnings.simplefilter("ignore")
            macros = path.suffix.lower() in (".xlsm", ".xltm", ".xlam")
            openpyxl.load_workbook(BytesIO(data), keep_vba=macros).save(file)
        before, after = count_features(data), count_features(file.getvalue())
    except Late:
        outcome.openpyxl = "too slow"
        return
    except Exception as error:
        outcome.openpyxl = type(error).__name__
        return
    outcome.openpyxl = "saved"
    outcome.openpyxl_lost = sorted(label for label, count in before.items() if after[label] < count)
