"""One step back for ribbon commands: what stood in the workbook before, kept in a file of the user's folder.

Excel forgets its own undo list when a macro writes. The file outlives the process, since Excel for macOS starts
Python anew for every command.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from kamxl.hosts.excel import CellsBefore, Change, ExcelHost, NoteBefore, SheetBefore, TableBefore
from kamxl.hosts.excel_cells import Formula, put_cells
from kamxl.table import Cell
from kamxl.values import is_blank

_KINDS: dict[str, type[Change]] = {kind.__name__: kind for kind in (CellsBefore, SheetBefore, NoteBefore, TableBefore)}


def keep_changes(folder: Path, workbook: Any, changes: Sequence[Change]) -> None:
    """Writes what the last command replaced; the step before it is forgotten."""
    folder.mkdir(parents=True, exist_ok=True)
    records = [{"kind": type(change).__name__, **_packed(change)} for change in changes]
    _file(folder, workbook).write_text(json.dumps(records, ensure_ascii=False), "utf-8")


def undo_changes(folder: Path, workbook: Any) -> bool:
    """Puts the kept state back; False when nothing is kept for this workbook."""
    path = _file(folder, workbook)
    if not path.is_file():
        return False
    records = json.loads(path.read_text("utf-8"))
    restore(workbook, [_unpacked(record) for record in records])
    path.unlink()
    return True


def restore(workbook: Any, changes: Sequence[Change]) -> None:
    """Every change taken back, newest first."""
    host = ExcelHost(workbook)
    for change in reversed(changes):
        match change:
            case CellsBefore():
                _put_back(workbook, change)
            case SheetBefore(was_there=False):
                host.remove_sheet(change.name)
            case NoteBefore(value=None):
                host.notes.pop(change.key, None)
            case NoteBefore():
                host.notes[change.key] = str(change.value)
            case TableBefore():
                sheet = workbook.sheets[change.sheet]
                table = next((each for each in sheet.tables if each.name == change.table), None)
                if table is not None:
                    table.resize(sheet.range(change.address))


def _put_back(workbook: Any, change: CellsBefore) -> None:
    if change.sheet not in [sheet.name for sheet in workbook.sheets]:
        return
    sheet = workbook.sheets[change.sheet]
    width = len(change.cells[0])
    block = sheet.range((change.row, change.column), (change.row + len(change.cells) - 1, change.column + width - 1))
    if all(is_blank(cell) for row in change.cells for cell in row):
        block.clear()  # looks as well: the columns were not there
    else:
        put_cells(block, change.cells)


def _file(folder: Path, workbook: Any) -> Path:
    name = str(workbook.fullname).casefold().encode()
    return folder / f"{hashlib.sha256(name).hexdigest()[:16]}.json"


def _packed(change: Change) -> dict[str, object]:
    packed = asdict(change)
    if isinstance(change, CellsBefore):
        packed["cells"] = [[_packed_cell(cell) for cell in row] for row in change.cells]
    return packed


def _packed_cell(cell: Cell) -> object:
    match cell:
        case Formula(text=text):
            return {"formula": text}
        case dt.datetime():
            return {"time": cell.isoformat()}
        case Decimal():
            return float(cell)
    return cell


def _unpacked(record: dict[str, Any]) -> Change:
    kind = _KINDS[record.pop("kind")]
    if kind is CellsBefore:
        record["cells"] = tuple(tuple(_unpacked_cell(cell) for cell in row) for row in record["cells"])
    return kind(**record)


def _unpacked_cell(cell: Any) -> Cell:
    if not isinstance(cell, dict):
        return cell
    return Formula(cell["formula"]) if "formula" in cell else dt.datetime.fromisoformat(cell["time"])
