"""What a ribbon command works with, and how it changes a workbook: quietly, with a way back, never half.

Stands between `actions.py`, which says what each button does, and the host. Knows no use case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from kamxl import app
from kamxl.addin.messages import message, stage_name
from kamxl.addin.settings import Settings
from kamxl.addin.undo import keep_changes, restore
from kamxl.hosts.excel import ExcelHost
from kamxl.records import dataclass


@dataclass(frozen=True, slots=True)
class Desk:
    """What a command works with: the open workbook, the user's settings, and the two ways out of Excel.

    `has_functions` is false where Excel cannot reach a server: on macOS. `sheet` is the one whose clients are meant
    where several sheets have some.
    """

    workbook: Any
    settings: Settings
    open_file: Callable[[Path], None]
    forget: Callable[[], None]
    has_functions: bool = True
    sheet: str = ""

    @property
    def language(self) -> str:
        """The language of messages."""
        return self.settings.language

    def say(self, key: str, **parts: object) -> str:
        """A message in the user's language."""
        return message(key, self.language, **parts)

    def run_settings(self) -> app.Settings:
        """The settings of a use case, with its progress in Excel's status bar."""

        def show(stage: str) -> None:
            self.workbook.app.status_bar = self.say("working", stage=stage_name(stage, self.language))

        return app.Settings(rules=self.settings.rules, sheet=self.sheet, progress=show)


class HalfDoneError(Exception):
    """A command failed and the workbook could not be put back; the cause is the first failure."""


@contextmanager
def changing(desk: Desk) -> Iterator[ExcelHost]:
    """A host whose changes can be undone; after an error the workbook is as it was. Excel's own settings come back.

    Errors: HalfDoneError when something failed and putting back failed too.
    """
    host = ExcelHost(desk.workbook)
    reading = desk.say("working", stage=stage_name("read", desk.language))
    with quiet(desk.workbook.app, status_bar=reading, screen_updating=False, calculation="manual"):
        try:
            yield host
        except BaseException as error:
            _take_back(desk, host, error)
            raise
    if host.changes:
        keep_changes(desk.settings.undo_folder, desk.workbook, host.changes)


@contextmanager
def quiet(excel: Any, **settings: object) -> Iterator[None]:
    """Excel with other settings for a while. One by one: where Excel refuses one, those before it come back."""
    with ExitStack() as stack:
        for name, value in settings.items():
            stack.enter_context(excel.properties(**{name: value}))
        yield


def _take_back(desk: Desk, host: ExcelHost, error: BaseException) -> None:
    try:
        restore(desk.workbook, host.changes)
    except Exception as second:
        raise HalfDoneError(f"nor could the workbook be put back: {second!r}") from error
