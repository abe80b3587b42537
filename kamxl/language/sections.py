"""The top of a rule file set right where the line above a section was lost: `families:`, `derived:` or `categories:`.

What stood below such a line then hangs in the section before, and every part of it is wrong there. One fault is told,
and the parts are read as what they are.
"""

from __future__ import annotations

from collections.abc import Callable

from kamxl.language.keys import CATEGORIES
from kamxl.language.source import Document, Entry, Mapping, Scalar, mapping_with
from kamxl.records import replace

_CATEGORY_KEYS = frozenset(key.name for key in CATEGORIES)


def _is_family(entry: Entry) -> bool:
    return isinstance(entry.value, Mapping) and entry.value.get("criteria") is not None


def _is_derived(entry: Entry) -> bool:
    value = entry.value
    return (isinstance(value, Scalar) and bool(value.text)) or (
        isinstance(value, Mapping) and value.get("of") is not None and value.get("kind") is None
    )


def _is_of_categories(entry: Entry) -> bool:
    return entry.name in _CATEGORY_KEYS


# (section, how its parts are told from others, where they hang when its line is lost), the last section first.
_LOST: tuple[tuple[str, Callable[[Entry], bool], tuple[str, ...]], ...] = (
    ("categories", _is_of_categories, ("families",)),
    ("families", _is_family, ("derived", "columns")),
    ("derived", _is_derived, ("columns",)),
)


def restore_sections(root: Mapping, document: Document) -> Mapping:
    """The top of the file with lost sections put back; a fault is reported for each of them."""
    for section, belongs, before in _LOST:
        if root.get(section) is not None:
            continue
        for holder in before:
            held = root.get(holder)
            if not isinstance(held, Mapping):
                continue
            moved = tuple(entry for entry in held.entries if belongs(entry))
            # Of categories, `rules` alone could be a family of that name.
            if not moved or (section == "categories" and "rules" not in {entry.name for entry in moved}):
                continue
            kept = tuple(entry for entry in held.entries if entry not in moved)
            place = moved[0].place
            message = f"the line `{section}:` is missing above `{moved[0].name}`"
            document.problems.append(document.problem("KX101", message, place, help=f"add `{section}:`"))
            entries = [
                replace(entry, value=mapping_with(kept, held.at)) if entry.value is held else entry
                for entry in root.entries
            ]
            root = mapping_with((*entries, Entry(section, mapping_with(moved, place), place)), root.at)
            break
    return root
