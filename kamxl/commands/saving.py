"""Files that a command writes itself: in one step, and a place where nothing can be written is told with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kamxl.problems import KamxlError, Place, Problem


@contextmanager
def saving(path: Path) -> Iterator[None]:
    """Around whatever writes `path` or files under it. Errors: KamxlError KX504 in place of OSError."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or "cannot be written").lower()
        place = Place(str(error.filename or path))
        raise KamxlError(
            Problem("KX504", f"file cannot be written: {reason}", place, help="choose another place")
        ) from error


def save_whole(path: Path, content: bytes) -> None:
    """The new content in one step, so that a full disk leaves the old file. Errors: KamxlError KX504."""
    fresh = path.with_name(f".{path.name}.new")
    with saving(path):
        fresh.write_bytes(content)
        fresh.replace(path)
