"""One step back for ribbon commands: what stood in the workbook before, kept in a file of the user's folder.

Excel forgets its own undo list when a macro writes. The file outlives the process, since Excel for macOS starts
Python anew for every command. Beside what stood there it keeps a fingerprint of what the command left behind: a step
back over rows that were inserted since, or in another workbook that is called Book1 too, would destroy work.
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
from kamxl.hosts.excel_api import has_locked_structure, is_protected
from kamxl.hosts.excel_cells import Formula, cells_as_they_are, put_cells
from kamxl.problems import KamxlError, Place, Problem
from kamxl.table import Cell, cell_address
from kamxl.values import is_blank

_KINDS: dict[str, type[Change]] = {kind.__name__: kind for kind in (CellsBefore, SheetBefore, NoteBefore, TableBefore)}


def keep_changes(folder: Path, workbook: Any, changes: Sequence[Change]) -> None:
    """Writes what the last command replaced; the step before it is forgotten."""
    folder.mkdir(parents=True, exist_ok=True)
    records = [
        {"kind": type(change).__name__, "left": _left_behind(workbook, change), **_packed(change)} for change in changes
    ]
    _file(folder, workbook).write_text(json.dumps(records, ensure_ascii=False), "utf-8")


def undo_changes(folder: Path, workbook: Any) -> bool:
    """Puts the kept state back; False when nothing is kept for this workbook.

    Errors: KamxlError KX510 when the workbook is no longer as the command left it, KX502 when it is protected now; the
    kept state stays.
    """
    path = _file(folder, workbook)
    if not path.is_file():
        return False
    records = json.loads(path.read_text("utf-8"))
    left = [record.pop("left") for record in records]
    changes = [_unpacked(record) for record in records]
    for change, fingerprint in zip(changes, left, strict=True):
        _check_is_ours(workbook, change, fingerprint)
    restore(workbook, changes)
    path.unlink()
    return True


def _check_is_ours(workbook: Any, change: Change, fingerprint: str) -> None:
    place = Place(str(workbook.name), sheet=_sheet_of(change), cell=_address_of(change))
    if _left_behind(workbook, change) != fingerprint:
        raise KamxlError(
            Problem(
                "KX510",
                "the workbook was changed after the last KAM action, and nothing is put back",
                place,
                help="take your own changes back first, or correct the cells by hand",
            )
        )
    sheet = _find_sheet(workbook, place.sheet)
    if (sheet is not None and is_protected(sheet)) or (
        isinstance(change, SheetBefore) and has_locked_structure(workbook)
    ):
        raise KamxlError(
            Problem("KX502", "the sheet is protected", place, help="take the protection off and run again")
        )


def _left_behind(workbook: Any, change: Change) -> str:
    """Fingerprint of the cells, sheet or table that a change touched, as they are now; empty for a note."""
    sheet = _find_sheet(workbook, _sheet_of(change))
    if isinstance(change, NoteBefore) or sheet is None:
        return ""
    if isinstance(change, TableBefore):
        table = next((each for each in sheet.tables if each.name == change.table), None)
        return str(table.range.address) if table is not None else ""
    block = sheet.used_range if isinstance(change, SheetBefore) else _block_of(sheet, change)
    held = json.dumps([block.address, [[_packed_cell(cell) for cell in row] for row in cells_as_they_are(block)]])
    return hashlib.sha256(held.encode()).hexdigest()


def _sheet_of(change: Change) -> str:
    match change:
        case CellsBefore(sheet=name) | TableBefore(sheet=name) | SheetBefore(name=name):
            return name
    return ""


def _address_of(change: Change) -> str:
    return cell_address(change.row, change.column) if isinstance(change, CellsBefore) else ""


def _find_sheet(workbook: Any, name: str) -> Any:
    return next((sheet for sheet in workbook.sheets if sheet.name == name), None)


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
    sheet = _find_sheet(workbook, change.sheet)
    if sheet is None:
        return
    block = _block_of(sheet, change)
    if all(is_blank(cell) for row in change.cells for cell in row):
        block.clear()  # looks as well: the columns were not there
    else:
        put_cells(block, change.cells)


def _block_of(sheet: Any, change: CellsBefore) -> Any:
    last = (change.row + len(change.cells) - 1, change.column + len(change.cells[0]) - 1)
    return sheet.range((change.row, change.column), last)


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
