"""Files that managers write, as worksheet functions use them: read once, again when saved, the last good kept.

State of the server between two calls. A manager who saves a file with a fault must not empty every cell of every
open workbook: what was good before goes on, and every place that names the rules says so. Files are looked at by a
thread of their own: a network drive that has gone answers after half a minute, and Excel waits for us all that time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from kamxl.problems import KamxlError, Place, Problem, Severity
from kamxl.records import dataclass, replace

Content = TypeVar("Content")
# A stat call on a network drive takes milliseconds, and a sheet asks ten thousand times in a row.
_TRUST_S = 1.0
# Longer than any sound network drive needs, well below the five seconds after which a user believes Excel dead.
_PATIENCE_S = 3.0
_Stamp = tuple[int, int] | None
_NEVER: _Stamp = (-1, -1)


@dataclass(frozen=True, slots=True)
class Shelved(Generic[Content]):
    """One file: its last good content (None where there never was any), and the problems of the file now.

    `is_outdated`: the content is older than the file. `is_silent`: the drive of the file does not answer.
    """

    path: Path
    content: Content | None
    problems: tuple[Problem, ...]
    is_outdated: bool = False
    is_silent: bool = False

    def good(self) -> Content:
        """The content. Errors: KamxlError with the errors of the file when there never was any."""
        if self.content is None:
            raise KamxlError([problem for problem in self.problems if problem.severity is Severity.ERROR])
        return self.content


class _Look(Generic[Content]):
    """One look at a file by a thread of its own: its stamp, and its content when the stamp is a new one."""

    def __init__(
        self, path: Path, stamp: _Stamp, read: Callable[[Path], tuple[Content | None, tuple[Problem, ...]]]
    ) -> None:
        self.stamp = stamp
        self.found: tuple[Content | None, tuple[Problem, ...]] | None = None
        self._path, self._read = path, read
        self._failure: BaseException | None = None
        self._is_done = threading.Event()
        try:
            threading.Thread(target=self._look, daemon=True).start()
        except RuntimeError:
            self._look()  # a browser's Python has no threads, and no network drives

    def _look(self) -> None:
        try:
            stamp = _stamp(self._path)
            if stamp != self.stamp:
                self.stamp, self.found = stamp, self._read(self._path)
        except BaseException as failure:
            self._failure = failure
        finally:
            self._is_done.set()

    def is_done_within(self, seconds: float) -> bool:
        """Whether the file has answered. Errors: whatever reading raised."""
        is_done = self._is_done.wait(seconds)
        if self._failure is not None:
            raise self._failure
        return is_done


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
        self._stamps: dict[Path, _Stamp] = {}
        self._looked: dict[Path, float] = {}
        self._waiting: dict[Path, _Look[Content]] = {}

    def take(self, path: Path) -> Shelved[Content]:
        """The content of a file, read now if it was saved since; the last good one where its drive does not answer."""
        known = self._shelved.get(path)
        look = self._waiting.pop(path, None)
        if look is None and known is not None and self._clock() - self._looked[path] < _TRUST_S:
            return known
        # Only the first to ask a silent drive waits; the next thousands of cells do not.
        patience_s = _PATIENCE_S if look is None else 0.0
        look = look or _Look(path, self._stamps.get(path, _NEVER), self._read_file)
        if not look.is_done_within(patience_s):
            self._waiting[path] = look
            return _silent(path, known)
        if known is None or look.found is not None:
            known = _merged(path, look.found or (None, ()), known)
        self._shelved[path], self._stamps[path], self._looked[path] = known, look.stamp, self._clock()
        return known

    def forget(self) -> None:
        """Read every file again at its next use, whatever its time and size say; good content is still kept."""
        self._looked = dict.fromkeys(self._looked, float("-inf"))
        self._stamps = dict.fromkeys(self._stamps, _NEVER)


def _merged(
    path: Path, found: tuple[Content | None, tuple[Problem, ...]], known: Shelved[Content] | None
) -> Shelved[Content]:
    content, problems = found
    if content is None and known is not None and known.content is not None:
        return replace(known, problems=problems, is_outdated=True)
    return Shelved(path, content, problems)


def check_drive(path: Path) -> None:
    """Errors: KamxlError (KX001) for a file whose drive does not answer, in three seconds and not in thirty."""
    look: _Look[None] = _Look(path, _NEVER, lambda _path: (None, ()))
    if not look.is_done_within(_PATIENCE_S):
        raise KamxlError(_silence(path))


def _silent(path: Path, known: Shelved[Content] | None) -> Shelved[Content]:
    content = known.content if known is not None else None
    return Shelved(path, content, (_silence(path),), is_outdated=content is not None, is_silent=True)


def _silence(path: Path) -> Problem:
    return Problem(
        "KX001",
        f"the drive of the file does not answer within {_PATIENCE_S:g} seconds",
        Place(str(path)),
        help="connect to the network, or run `kamxl install --rules` with a file on this computer",
    )


def _stamp(path: Path) -> _Stamp:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
