"""Files that managers write, as worksheet functions use them: read once, again when saved, the last good kept.

State of the server between two calls. A manager who saves a file with a fault must not empty every cell of every
open workbook: what was good before goes on, and every place that names the rules says so.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar

from kamxl.problems import KamxlError, Problem, Severity

Content = TypeVar("Content")
# A stat call on a network drive takes milliseconds, and a sheet asks ten thousand times in a row.
_TRUST_S = 1.0


@dataclass(frozen=True, slots=True)
class Shelved(Generic[Content]):
    """One file: its last good content (None where there never was any), and the problems of the file now."""

    path: Path
    content: Content | None
    problems: tuple[Problem, ...]
    is_outdated: bool = False

    def good(self) -> Content:
        """The content. Errors: KamxlError with the errors of the file when there never was any."""
        if self.content is None:
            raise KamxlError([problem for problem in self.problems if problem.severity is Severity.ERROR])
        return self.content


class Shelf(Generic[Content]):
    """Holds files by path, and watches time and size of each; `clock` is for tests."""

    def __init__(
        self,
        read: Callable[[Path], tuple[Content | None, tuple[Problem, ...]]],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read_file = read
        self._clock = clock
        self._shelved: dict[Path, Shelved[Content]] = {}
        self._stamps: dict[Path, tuple[int, int] | None] = {}
        self._looked: dict[Path, float] = {}

    def take(self, path: Path) -> Shelved[Content]:
        """The content of a file, read now if it was saved since."""
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
        """Read every file again at its next use, whatever its time and size say; good content is still kept."""
        self._looked = dict.fromkeys(self._looked, float("-inf"))
        self._stamps = dict.fromkeys(self._stamps, (-1, -1))

    def _read(self, path: Path, known: Shelved[Content] | None) -> Shelved[Content]:
        content, problems = self._read_file(path)
        if content is None and known is not None and known.content is not None:
            return replace(known, problems=problems, is_outdated=True)
        return Shelved(path, content, problems)


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
