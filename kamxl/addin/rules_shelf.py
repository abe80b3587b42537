"""Rule files as worksheet functions use them: read once, read again when saved, the last good ones kept.

State of the server between two calls. A manager who saves a file with a fault must not empty every cell of every
open workbook: the rules before it go on, and every place that names the rules says so.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from kamxl.language.model import RuleSet
from kamxl.language.reader import read_rules
from kamxl.problems import Problem

# A stat call on a network drive takes milliseconds, and a sheet asks ten thousand times in a row.
_TRUST_S = 1.0


@dataclass(frozen=True, slots=True)
class Shelved:
    """One rule file: the rules in use (None where there never were good ones), and the problems of the file now."""

    path: Path
    rules: RuleSet | None
    problems: tuple[Problem, ...]
    saved: dt.datetime | None
    is_outdated: bool = False

    def title(self) -> str:
        """Name, short fingerprint and date of the rules in use, with a warning when the file has moved on."""
        if self.rules is None:
            return ""
        name = self.rules.name.text(self.rules.language)
        date = f" {self.saved:%Y-%m-%d}" if self.saved else ""
        warning = {
            True: {"en": " (kept: the file has a fault)", "fr": " (conservées : le fichier a un défaut)"},
            False: {"en": "", "fr": ""},
        }[self.is_outdated]
        return f"{name} {self.rules.digest[:8]}{date}{warning.get(self.rules.language, warning['en'])}"


class RulesShelf:
    """Holds rule files by path. Watches time and size of each; `clock` is for tests."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._shelved: dict[Path, Shelved] = {}
        self._stamps: dict[Path, tuple[int, int] | None] = {}
        self._looked: dict[Path, float] = {}

    def take(self, path: Path) -> Shelved:
        """The rules of a file, read now if it was saved since."""
        now = self._clock()
        known = self._shelved.get(path)
        if known is not None and now - self._looked[path] < _TRUST_S:
            return known
        self._looked[path] = now
        stamp = _stamp(path)
        if known is None or stamp != self._stamps[path]:
            known = self._read(path, known)
            self._shelved[path], self._stamps[path] = known, stamp
        return known

    def forget(self) -> None:
        """Read every file again at its next use, whatever its time and size say; good rules are still kept."""
        self._looked = dict.fromkeys(self._looked, float("-inf"))
        self._stamps = dict.fromkeys(self._stamps, (-1, -1))

    def _read(self, path: Path, known: Shelved | None) -> Shelved:
        rules, problems = read_rules(path)
        if rules is not None:
            return Shelved(path, rules, problems, _saved(path))
        if known is not None and known.rules is not None:
            return replace(known, problems=problems, is_outdated=True)
        return Shelved(path, None, problems, None)


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def _saved(path: Path) -> dt.datetime | None:
    try:
        return dt.datetime.fromtimestamp(path.stat().st_mtime).astimezone()
    except OSError:
        return None
