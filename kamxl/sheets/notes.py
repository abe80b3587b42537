"""What people typed on a sheet of ours, found again by header and client id, so that a new sheet can carry it on.

A note is never lost: of a client that stands twice both notes are kept, of one that is no longer listed it moves to a
closing section, which is found again in the next run like any table of ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kamxl.sheets.blocks import Block, Heading, Paragraph, StepTable
from kamxl.sheets.wording import PEOPLE, people_header, word
from kamxl.table import Cell, GridCell
from kamxl.values import fold, is_blank, text_of

# client id -> {"done": cell, "notes": cell}
Notes = Mapping[str, Mapping[str, Cell]]


def kept_notes(rows: Sequence[Sequence[Cell]]) -> dict[str, dict[str, Cell]]:
    """What people typed in the tables of an old sheet: client id to {"done": …, "notes": …}, blanks left out.

    Shapes: rows are all cells of the sheet from A1 on, as `Host.read_sheet` gives them. A table of ours begins with a
    header row that names a column for people, in any language; its first cell heads the client ids; it ends at the
    first row without one.
    """
    found: dict[str, dict[str, Cell]] = {}
    identity, people = -1, dict[int, str]()
    for row in rows:
        header = _header(row)
        if header is not None:
            identity, people = header
        elif people and (identity >= len(row) or is_blank(row[identity])):
            people = {}
        elif people:
            _keep(found, text_of(row[identity]), row, people)
    return found


def has_people_columns(rows: Sequence[Sequence[Cell]]) -> bool:
    """Whether any row is the header of a table with columns that people fill in."""
    return any(_header(row) is not None for row in rows)


def _header(row: Sequence[Cell]) -> tuple[int, dict[int, str]] | None:
    filled = [index for index, cell in enumerate(row) if not is_blank(cell)]
    people = {
        index: key for index in filled[1:] if isinstance(text := row[index], str) and (key := people_header(text))
    }
    return (filled[0], people) if people else None


def _keep(found: dict[str, dict[str, Cell]], client: str, row: Sequence[Cell], people: Mapping[int, str]) -> None:
    for index, key in people.items():
        cell = row[index] if index < len(row) else None
        if is_blank(cell):
            continue
        notes = found.setdefault(client, {})
        if key not in notes:
            notes[key] = cell
        elif text_of(cell) not in text_of(notes[key]).split("\n"):
            notes[key] = f"{text_of(notes[key])}\n{text_of(cell)}"


def notes_by_identity(notes: Notes, aliases: Mapping[str, str]) -> dict[str, dict[str, Cell]]:
    """The notes with every client called as on today's sheet: a department that saw numbers may see names since.

    Shapes: aliases hold what else a client is called, folded, and its identity.
    """
    found: dict[str, dict[str, Cell]] = {}
    for client, kept in notes.items():
        row = [client, *kept.values()]
        _keep(found, aliases.get(fold(client), client), row, dict(enumerate(kept, start=1)))
    return found


def folded_notes(notes: Notes) -> dict[str, Mapping[str, Cell]]:
    """The notes by folded client id, the form in which ids are compared."""
    return {fold(client): kept for client, kept in notes.items()}


def left_over(notes: Notes, listed: set[str], header: str, language: str) -> list[Block]:
    """The closing section with the notes of clients that are not listed (by folded id); nothing when there are none."""
    rest = {client: kept for client, kept in notes.items() if fold(client) not in listed and kept}
    if not rest:
        return []
    rows = tuple(
        (GridCell(client, "wrap border=E3E8EE"), *(person_cell(key, kept.get(key)) for key in PEOPLE))
        for client, kept in sorted(rest.items(), key=lambda pair: fold(pair[0]))
    )
    headers = (header, *(word(key, language) for key in PEOPLE))
    return [
        Heading(2, word("notes_kept", language)),
        Paragraph(word("notes_kept_why", language), "note"),
        StepTable(headers, rows, (30.0, 12.0, 70.0)),
    ]


def person_cell(key: str, value: Cell) -> GridCell:
    """A cell that people fill in."""
    look = "check" if key == "done" else "input"
    if hasattr(value, "isoformat"):
        look += " format=yyyy-mm-dd"
    return GridCell(value, look)
