"""The log file that `Open log` opens: reasons of errors, each written once, and tracebacks of our own faults.

Small and rotating, in the user's folder. A sheet that recalculates ten thousand error cells must not fill the disk.
"""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

_FILE_BYTES, _KEPT_FILES = 500_000, 2
_REMEMBERED = 5_000


class Log:
    """Writes to one log file; the reasons already written are its state."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._told: set[str] = set()
        self._logger = logging.Logger("kamxl")
        self._logger.addHandler(_handler(path))

    def tell_once(self, reason: str) -> None:
        """A line for a reason that was not told since the last start."""
        if reason not in self._told and len(self._told) < _REMEMBERED:
            self._told.add(reason)
            self._logger.warning(reason)

    def tell_failure(self, doing: str) -> None:
        """The traceback of the exception being handled: a fault of ours."""
        self._logger.exception(doing)

    def close(self) -> None:
        """Let go of the file."""
        for handler in tuple(self._logger.handlers):
            handler.close()
            self._logger.removeHandler(handler)


def _handler(path: Path) -> logging.Handler:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler: logging.Handler = RotatingFileHandler(
            path, maxBytes=_FILE_BYTES, backupCount=_KEPT_FILES, encoding="utf-8", delay=True
        )
    except OSError:
        # A folder that cannot be written must not keep the functions from answering.
        return logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    return handler
