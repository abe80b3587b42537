"""The language in which a command tells of problems: the option, else that of the rule file, faulty or not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

# The top-level line of a rule file, found without reading the rules: they may be what is wrong.
_FRENCH = re.compile(rb"^language:[ \t]*(['\"]?)fr\1[ \t\r]*(?:#.*)?$", re.MULTILINE)
_MOST_BYTES = 1_000_000


def spoken_language(arguments: argparse.Namespace) -> str:
    """`en` or `fr`. Where several rule files are named, French is spoken if all of them are."""
    chosen: str | None = getattr(arguments, "language", None)
    if chosen:
        return chosen
    named = getattr(arguments, "rules", None) or [
        path for path in getattr(arguments, "files", []) if path.suffix.lower() in (".yml", ".yaml")
    ]
    paths: list[Path] = named if isinstance(named, list) else [named]
    return "fr" if paths and all(_is_french(path) for path in paths) else "en"


def _is_french(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return _FRENCH.search(file.read(_MOST_BYTES)) is not None
    except OSError:
        return False
