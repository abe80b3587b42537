"""Which columns of a client table are kamxl's: remembered in the workbook, so that a user's own are never written over.

A column is found again by the header that was remembered for it, also after a change of language. A user's column that
happens to be called Score or Category stays the user's; ours is then called KAM Score.
"""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence

from kamxl.table import Table
from kamxl.values import fold

# Excel cuts text properties at 255 characters.
_MOST_CHARACTERS = 250
_PREFIX = "kamxl.columns"
_VALUES = "values "
# The note that lists, by key, the result columns that are live formulas now.
LIVE_KEYS = "kamxl.live"


def known_columns(notes: MutableMapping[str, str], table: Table) -> dict[str, str]:
    """Header by key of the columns that earlier runs wrote beside this table, as far as they still stand there."""
    text = "".join(notes[key] for key in sorted(_keys(notes, table)))
    pairs = (part.split("=", 1) for part in text.split("|") if "=" in part)
    named = ((key, header.replace("%7C", "|").replace("%25", "%")) for key, header in pairs)
    present = {fold(header) for header in table.headers}
    return {key: header for key, header in named if fold(header) in present}


def choose_headers(notes: MutableMapping[str, str], table: Table, wanted: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The header of each of our columns: the remembered one, else the wanted one, else one that is free."""
    known = known_columns(notes, table)
    taken = {fold(header) for header in table.headers}
    chosen: dict[str, str] = {}
    for key, header in wanted:
        name = known.get(key, header)
        if key not in known:
            number = 1
            while fold(name) in taken:
                name = f"KAM {header}" if number == 1 else f"KAM {header} {number}"
                number += 1
        taken.add(fold(name))
        chosen[key] = name
    return chosen


def remember_columns(notes: MutableMapping[str, str], table: Table, headers: dict[str, str]) -> None:
    """Writes down which headers are ours, earlier ones included."""
    pairs = {**known_columns(notes, table), **headers}
    # A bar parts the pairs: one in a header is written otherwise.
    text = "|".join(f"{key}={header.replace('%', '%25').replace('|', '%7C')}" for key, header in pairs.items())
    pieces = [text[start : start + _MOST_CHARACTERS] for start in range(0, len(text), _MOST_CHARACTERS)]
    for key in list(_keys(notes, table))[len(pieces) :]:
        del notes[key]
    for number, piece in enumerate(pieces):
        notes[f"{_name(table)}.{number}"] = piece


def _name(table: Table) -> str:
    return f"{_PREFIX}.{table.origin.sheet}.{table.origin.table or table.origin.first_column}"


def _keys(notes: MutableMapping[str, str], table: Table) -> list[str]:
    name = _name(table)
    return sorted(key for key in notes if key.startswith(f"{name}."))


def beside_live(notes: MutableMapping[str, str], table: Table, key: str) -> str:
    """The key of a result column: another one where a live formula stands under its own.

    A value in place of the formula would leave a sheet of weights that moves nothing.
    """
    other = f"{_VALUES}{key}"
    known = known_columns(notes, table)
    return other if other in known or (key in known and key in notes.get(LIVE_KEYS, "").split()) else key


def without_own(notes: MutableMapping[str, str], table: Table) -> Table:
    """The table with the headers of our columns left blank, so that rules never read what rules have written."""
    own = {fold(header) for header in known_columns(notes, table).values()}
    headers = tuple("" if fold(header) in own else header for header in table.headers)
    return Table(headers, table.columns, table.origin)
