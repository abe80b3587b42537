"""Notes of people merged from copies: nothing is overwritten silently, nothing is lost, every conflict is listed.

Three texts decide: what the copy held when it was published (as hashes), what the book holds now, what the copy holds
now. Knows no host and no sheet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Literal

from kamxl.records import dataclass
from kamxl.table import Cell
from kamxl.values import fold, is_blank, text_of

Notes = Mapping[str, Mapping[str, Cell]]
Outcome = Literal["taken", "updated", "conflict", "cleared"]
PARTS = ("done", "notes")
# Characters of a custom property, Excel's limit is 255.
_CHUNK = 240
_MARK = "kamxl.base."


@dataclass(frozen=True, slots=True)
class MergedNote:
    """What became of one cell of a copy. `ours` is what the book held, `theirs` what the copy holds."""

    client: str
    part: str
    outcome: Outcome
    ours: Cell
    theirs: Cell


def base_marks(notes: Notes) -> dict[str, str]:
    """Properties that remember what a copy held when it was published: a hash per filled cell, no text."""
    marks = "".join(sorted(_cell_mark(client, part) + _text_mark(cell) for client, part, cell in _filled(notes)))
    return {f"{_MARK}{at // _CHUNK:05d}": marks[at : at + _CHUNK] for at in range(0, len(marks), _CHUNK)}


def read_base(properties: Mapping[str, str]) -> dict[str, str]:
    """Text hash by cell hash, from the properties of a copy."""
    marks = "".join(properties[key] for key in sorted(properties) if key.startswith(_MARK))
    return {marks[at : at + 12]: marks[at + 12 : at + 20] for at in range(0, len(marks), 20)}


def merge_notes(
    ours: Notes, theirs: Notes, base: Mapping[str, str]
) -> tuple[dict[str, dict[str, Cell]], tuple[MergedNote, ...]]:
    """The notes of the book with those of a copy, and what became of every cell that differs.

    A conflict keeps the text of the book. A cell that was cleared in the copy stays in the book, and is listed.
    """
    merged = {client: dict(parts) for client, parts in ours.items()}
    spelled = {fold(client): client for client in merged}
    found = []
    copies = {fold(name): parts for name, parts in theirs.items()}
    for client in {fold(name): name for name in (*theirs, *ours)}.values():
        own = spelled.get(fold(client), client)
        copied = copies.get(fold(client), {})
        for part in PARTS:
            mine, other = merged.get(own, {}).get(part), copied.get(part)
            outcome = _decide(mine, other, base.get(_cell_mark(client, part)))
            if outcome is None:
                continue
            found.append(MergedNote(own, part, outcome, mine, other))
            if outcome in ("taken", "updated"):
                merged.setdefault(own, {})[part] = other
    return merged, tuple(found)


def _decide(mine: Cell, other: Cell, base: str | None) -> Outcome | None:
    if _same(mine, other):
        return None
    if is_blank(other):
        # Empty in the copy: cleared there, or written in the book since.
        return "cleared" if base is not None and _text_mark(mine) == base else None
    if base is not None and _text_mark(other) == base:
        return None
    if is_blank(mine):
        return "taken"
    return "updated" if base is not None and _text_mark(mine) == base else "conflict"


def _same(mine: Cell, other: Cell) -> bool:
    if is_blank(mine) or is_blank(other):
        return is_blank(mine) and is_blank(other)
    return text_of(mine) == text_of(other)


def _filled(notes: Notes) -> Iterator[tuple[str, str, Cell]]:
    for client, parts in notes.items():
        for part, cell in parts.items():
            if not is_blank(cell):
                yield client, part, cell


def _cell_mark(client: str, part: str) -> str:
    return hashlib.sha256(f"{fold(client)}\n{part}".encode()).hexdigest()[:12]


def _text_mark(cell: Cell) -> str:
    return hashlib.sha256(text_of(cell).encode()).hexdigest()[:8]
