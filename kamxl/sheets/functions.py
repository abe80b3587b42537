"""Functions that templates call: `table`, `band`, `image`, `t`. Each table is made from columns, typed, not from text.

A fault in a call is reported with the template's line and the rendering goes on, so that one run shows all of them.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from kamxl.language.model import tidy
from kamxl.problems import suggest
from kamxl.records import dataclass
from kamxl.sheets.blocks import Block, Heading, PictureBlock, TypedTable
from kamxl.sheets.clients import Sight, name_of, rows_of
from kamxl.sheets.columns import ShownColumn, bordered, narrowest
from kamxl.sheets.context import CategoryView
from kamxl.sheets.filters import escape_markdown
from kamxl.sheets.markdown import MARK
from kamxl.sheets.notes import Notes, folded_notes, person_cell
from kamxl.sheets.pictures import picture_size
from kamxl.sheets.wording import PEOPLE, known_words, word
from kamxl.table import Cell, GridColumn

FORMATS = ("money", "number", "integer", "percent", "percent1", "score", "date", "text", "wrap")
_PERSON_WIDTHS = {"done": 8.0, "notes": 36.0}
_SPEC_KEYS = ("key", "label", "format", "width")
_MOST_TABLES = 200
# (code, message, help)
Fault = Callable[[str, str, str], None]


@dataclass(frozen=True, slots=True)
class ColumnWish:
    """A column that a template asks for. Units: width in characters, 0 for as wide as needed."""

    key: str
    label: str = ""
    format: str = ""
    width: float = 0.0


class SheetFunctions:
    """The functions of one sheet. State: the blocks made so far, the clients listed, names of tables taken."""

    def __init__(
        self,
        sight: Sight,
        *,
        department: str,
        language: str,
        notes: Notes,
        fault: Fault,
        find_picture: Callable[[str], Path | None],
    ) -> None:
        self.sight = sight
        self.word = os.urandom(8).hex()
        self.made: dict[int, Block] = {}
        self.listed: set[str] = set()
        self._department = department
        self._language = language
        self._notes = folded_notes(notes)
        self._fault = fault
        self._find_picture = find_picture
        self._names: set[str] = set()

    def as_names(self) -> dict[str, Callable[..., Any]]:
        """The functions by the names that templates use."""
        return {name: getattr(self, name) for name in FUNCTION_NAMES}

    def t(self, key: str = "", *, en: str = "", fr: str = "") -> str:
        """A word of kamxl in the language of the sheet, or the one of two texts that fits it."""
        if en or fr:
            return (fr or en) if self._language == "fr" else (en or fr)
        known = known_words()
        if key not in known:
            self._fault("KX602", f"`t` knows no word `{key}`", suggest(key, known) + "; or write t(en=…, fr=…)")
            return ""
        return word(key, self._language)

    def band(self, text: str, category: Any = None, *, level: int = 2) -> Markup:
        """A heading over the whole width, in the colours of a category."""
        is_category = isinstance(category, CategoryView)
        if category is not None and not is_category:
            self._fault("KX602", "`band` takes a text and a category", "write band(text, category)")
        fill, ink = (category.colour, category.ink) if is_category else ("", "")
        return self._mark(Heading(max(1, min(3, int(level))), str(text), fill, ink))

    def image(self, path: str, *, width: float = 0.0, alt: str = "") -> Markup:
        """A picture of the templates' folder (PNG, JPEG, GIF, BMP). Units: width in pixels, its own if left out."""
        found = self._find_picture(str(path))
        size = picture_size(found) if found is not None else None
        if found is None or size is None:
            reason = "is not in the templates' folder" if found is None else "is no PNG, JPEG, GIF or BMP picture"
            self._fault("KX604", f"picture `{path}` {reason}", "put it beside the template")
            return Markup("")
        scale = min(4.0, float(width) / size[0]) if width and width > 0 else 1.0
        return self._mark(PictureBlock(str(found), size[0] * scale, size[1] * scale, scale, str(alt)))

    def table(self, rows: Any, columns: Any = None, *, people: Any = None, filters: bool = True) -> Markup:
        """A typed table of clients or of other records; numbers stay numbers.

        Shapes: columns are keys, or mappings with key, label, format and width. `people` lists the columns that people
        fill in: Done and Notes for clients, none for other records. `filters` adds filter buttons to clients.
        """
        if len(self.made) >= _MOST_TABLES:
            self._fault("KX603", f"the sheet has more than {_MOST_TABLES} tables", "put the rows into one table")
            return Markup("")
        found = rows_of(rows)
        if found is None and not isinstance(rows, (list, tuple)):
            if not hasattr(rows, "__len__") or len(rows):
                self._fault("KX602", "`table` takes clients, or a list", "write table(category.clients)")
            return Markup("")
        if found is None and not rows:
            return Markup("")
        wishes = self._wishes(columns)
        if found is None:
            return self._mark(self._record_table(rows, wishes))
        wanted = self._people(PEOPLE if people is None else people)
        return self._mark(self._client_table(found, wishes, wanted, name_of(rows), has_filter=filters))

    def _mark(self, block: Block | None) -> Markup:
        if block is None:
            return Markup("")
        number = len(self.made)
        self.made[number] = block
        return Markup("\n\n" + MARK.format(word=self.word, number=number) + "\n\n")

    def _wishes(self, columns: Any) -> list[ColumnWish]:
        wishes = []
        for wish in self.sight.keys if columns is None else columns:
            if not isinstance(wish, Mapping):
                wishes.append(ColumnWish(str(wish)))
                continue
            unknown = [str(key) for key in wish if key not in _SPEC_KEYS]
            for key in unknown:
                self._fault("KX602", f"a column of `table` has no `{key}`", suggest(key, _SPEC_KEYS))
            found = ColumnWish(
                str(wish.get("key", "")),
                str(wish.get("label", "")),
                str(wish.get("format", "")),
                float(wish.get("width", 0) or 0),
            )
            if found.format and found.format not in FORMATS:
                self._fault("KX602", f"`table` knows no format `{found.format}`", suggest(found.format, FORMATS))
            else:
                wishes.append(found)
        return wishes

    def _people(self, people: Any) -> list[str]:
        wanted = [str(key) for key in people]
        for key in wanted:
            if key not in PEOPLE:
                self._fault("KX602", f"`people` has no `{key}`", suggest(key, PEOPLE))
        return [key for key in PEOPLE if key in wanted]

    def _shown(self, wish: ColumnWish) -> tuple[ColumnWish, ShownColumn] | None:
        column = self.sight.column(wish.key)
        if column is None and wish.key not in self.sight.keys:
            hint = suggest(wish.key, self.sight.keys)
            message = f"column `{wish.key}` is not one that department `{self._department}` may see"
            self._fault("KX602", message, f"{hint}; or add it to `see:` in the process file")
        return None if column is None else (wish, column)

    def _client_table(
        self, rows: Sequence[int], wishes: list[ColumnWish], people: list[str], name: str, *, has_filter: bool
    ) -> TypedTable:
        identity = self.sight.identity
        if identity.key not in [wish.key for wish in wishes]:
            wishes = [ColumnWish(identity.key), *wishes]
        # Ids come first: that is where the notes of the next run look for them.
        wishes.sort(key=lambda wish: wish.key != identity.key)
        shown = [found for wish in wishes if (found := self._shown(wish)) is not None]
        cells = [self.sight.part(column, rows, _look(wish)) for wish, column in shown]
        headers = [wish.label or column.header for wish, column in shown]
        widths = [
            wish.width or max(column.width_chars, narrowest(header))
            for header, (wish, column) in zip(headers, shown, strict=True)
        ]
        for key in people:
            cells.append(self._person_column(key, rows))
            headers.append(word(key, self._language))
            widths.append(_PERSON_WIDTHS[key])
        return TypedTable(
            name=self._table_name(name) if has_filter else "",
            headers=tuple(headers),
            widths=tuple(widths),
            columns=tuple(cells),
            first_person=len(shown),
        )

    def _person_column(self, key: str, rows: Sequence[int]) -> GridColumn:
        """A column that people fill in, with what they have filled in."""
        blank = person_cell(key, None)
        if not self._notes:
            return self.sight.blanks(len(rows), blank.look)
        identities = self.sight.identities
        clients = [identities[row] for row in rows]
        self.listed.update(clients)
        kept = {client: notes[key] for client, notes in self._notes.items() if key in notes}
        noted = [person_cell(key, kept[client]) if client in kept else blank for client in clients]
        looks = [cell.look for cell in noted]
        return GridColumn([cell.value for cell in noted], looks if len(set(looks)) > 1 else looks[0])

    def _table_name(self, name: str) -> str:
        stem = re.sub(r"[^A-Za-z0-9_]", "_", f"KAM_{self._department}_{name}")[:200]
        found, number = stem, 2
        while found.casefold() in self._names:
            found, number = f"{stem}_{number}", number + 1
        self._names.add(found.casefold())
        return found

    def _record_table(self, records: Sequence[Any], wishes: list[ColumnWish]) -> TypedTable | None:
        columns: list[GridColumn] = []
        headers, widths = [], []
        for wish in wishes:
            values = [_part(record, wish.key) for record in records]
            if any(value is _ABSENT for value in values):
                known = _parts(records[0])
                self._fault("KX602", f"the records of `table` have no `{wish.key}`", suggest(wish.key, known))
                continue
            if all(value is None for value in values):
                # A figure that the department may not see.
                continue
            look = _look(wish) or _guess_look(values)
            columns.append(GridColumn(values, [_record_look(record, wish.key, look) for record in records]))
            header = wish.label or (word(wish.key, self._language) if wish.key in known_words() else tidy(wish.key))
            headers.append(header)
            longest = max((len(str(value)) for value in values if isinstance(value, str)), default=8)
            widths.append(wish.width or max(10.0, min(36.0, longest + 3.0), min(24.0, len(header) + 1.0)))
        if not columns:
            return None
        return TypedTable("", tuple(headers), tuple(widths), tuple(columns), len(columns))


FUNCTION_NAMES = ("table", "band", "image", "t")
_ABSENT = object()


def escaped(text: str) -> Markup:
    """A text for Markdown as it is."""
    return Markup(escape_markdown(text))


def _part(record: Any, key: str) -> Any:
    if key.startswith("_"):
        return _ABSENT
    if isinstance(record, Mapping):
        value = record.get(key, _ABSENT)
    else:
        value = getattr(record, key, _ABSENT) if key in _parts(record) else _ABSENT
    return value if isinstance(value, (str, int, float, dt.date)) or value is None else _ABSENT


def _parts(record: Any) -> tuple[str, ...]:
    if isinstance(record, Mapping):
        return tuple(str(key) for key in record)
    return tuple(getattr(record, "__record_fields__", ()))


def _look(wish: ColumnWish) -> str:
    return bordered(wish.format) if wish.format else ""


def _guess_look(values: Sequence[Cell]) -> str:
    filled = [value for value in values if value is not None]
    if all(isinstance(value, bool) or not isinstance(value, (int, float)) for value in filled):
        return "date" if any(isinstance(value, dt.date) for value in filled) else "wrap"
    return "integer" if all(isinstance(value, int) for value in filled) else "number"


def _record_look(record: Any, key: str, look: str) -> str:
    if key == "label" and isinstance(record, CategoryView):
        return bordered(f"text bold fill={record.colour} colour={record.ink}")
    return bordered(look)
