"""Published copies read back: whose they are, whether they belong to a book, and what people wrote in them.

Knows the marks that `kamxl publish` leaves in a workbook. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from kamxl.hosts import Host
from kamxl.hosts.files import FileHost
from kamxl.language.model import LANGUAGES
from kamxl.memory import BOOK_MARK
from kamxl.merging import Notes, read_base
from kamxl.problems import KamxlError, Place, Problem
from kamxl.process import ProcessBook
from kamxl.records import dataclass
from kamxl.sheets import kept_notes, sheet_names
from kamxl.sheets.notes import has_people_columns
from kamxl.table import Cell

DEPARTMENT_MARK = "kamxl.department"


@dataclass(frozen=True, slots=True)
class Copy:
    """A published copy. `base` is what it held when it was published, as hashes (kamxl/merging.py)."""

    path: Path
    department: str
    notes: Notes
    base: Mapping[str, str]


def read_copy(path: Path, host: Host, processes: ProcessBook) -> Copy:
    """A copy made of the book of a host.

    Errors: KamxlError KX510 for a workbook that is none, or that cannot be read any more.
    """
    copy = FileHost(path, path)
    department = copy.notes.get(DEPARTMENT_MARK)
    if department is None:
        raise KamxlError(another_book(path, "it was not made by `kamxl publish`"))
    if department not in {each.key for each in processes.departments}:
        message = f"it is a copy for `{department}`, a department that the process file does not know"
        raise KamxlError(another_book(path, message))
    mine, theirs = host.notes.get(BOOK_MARK), copy.notes.get(BOOK_MARK)
    if mine is not None and theirs is not None and mine != theirs:
        raise KamxlError(another_book(path, "it was made from another book"))
    rows = _department_rows(copy, processes, department)
    if not has_people_columns(rows):
        message = "the copy has no table with the columns Done and Notes: nothing can be collected from it"
        hint = "undo what was done to their headers, or publish it again and copy the notes over by hand"
        raise KamxlError(Problem("KX510", message, Place(str(path)), help=hint))
    return Copy(path, department, kept_notes(rows), read_base(copy.notes))


def another_book(path: Path, why: str) -> Problem:
    """The problem of a workbook that is no copy of the book."""
    hint = "collect it into the book from which it was published"
    return Problem("KX510", f"the workbook cannot be collected: {why}", Place(str(path)), help=hint)


def _department_rows(copy: FileHost, processes: ProcessBook, department: str) -> list[Sequence[Cell]]:
    """The rows of the department's sheet; of every sheet that has columns for people, where it was renamed."""
    present = copy.sheet_names()
    names = [sheet_names(processes, language)[department] for language in LANGUAGES]
    own = [name for name in dict.fromkeys(names) if name in present]
    rows = [copy.read_sheet(name) for name in own or present]
    return [row for sheet in rows if own or has_people_columns(sheet) for row in sheet]
