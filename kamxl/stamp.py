"""Which rules a result comes from: name, short hash of rules + processes + templates, kamxl version, day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from kamxl import __version__
from kamxl.digests import digest_of
from kamxl.language.model import RuleSet
from kamxl.records import dataclass
from kamxl.values import date_of

_VERSION = " · kamxl "


@dataclass(frozen=True, slots=True)
class Stamp:
    """Identity of a run. `name` is that of the rules with their version; `digest` is 8 hex digits over every file that
    can change a result; `version` is that of kamxl.
    """

    name: str
    digest: str
    day: dt.date
    version: str = __version__

    @property
    def rules(self) -> str:
        """The rules without day and version of kamxl: `B2B portfolio · 3f2a91c0`."""
        return f"{self.name} · {self.digest}"

    def line(self) -> str:
        """One line for a cell: `B2B portfolio 2026.2 · 3f2a91c0 · 2026-11-23 · kamxl 1.0.0`."""
        return f"{self.rules} · {self.day.isoformat()}{_VERSION}{self.version}"


def without_kamxl(line: str) -> str:
    """The line of a stamp without the version of kamxl: another version does not make other rules."""
    return line.partition(_VERSION)[0]


def make_stamp(rules: RuleSet, files: Sequence[Path], *, as_of: float, language: str) -> Stamp:
    """The stamp of a run. `files` are the processes and templates; the rule file's digest is in the rule set."""
    parts = [
        path.name.encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n") + b"\0"
        for path in sorted(files, key=lambda path: path.name)
    ]
    digest = digest_of(rules.digest.encode(), *parts)
    return Stamp(rules.title(language), digest[:8], date_of(as_of) or dt.date.min)
