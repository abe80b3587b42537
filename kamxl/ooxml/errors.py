"""What went wrong with a workbook file, as one record that a caller can show.

Place in the picture: the only exception that leaves this package on purpose. `kind` is what
programs look at, the texts are for people. Knows nothing of KAM or of the problem codes above it.
"""

from __future__ import annotations


class OoxmlError(Exception):
    """A workbook cannot be opened, edited or saved as asked; nothing has been written.

    `kind` is a stable slug (listed in docs/workbooks.md), `message` one lower-case sentence,
    `help` an action, `place` the part, sheet or cell concerned (empty: the whole file).
    """

    def __init__(self, kind: str, message: str, *, help: str = "", place: str = "") -> None:  # noqa: A002
        super().__init__(f"{place}: {message}" if place else message)
        self.kind = kind
        self.message = message
        self.help = help
        self.place = place


def damaged(message: str, place: str = "") -> OoxmlError:
    """The error for a file whose content contradicts the format."""
    return OoxmlError(
        "damaged",
        message,
        help="open it in Excel, let Excel repair it, save it under a new name and try again",
        place=place,
    )


def hostile(message: str, place: str = "") -> OoxmlError:
    """The error for a file built to harm its reader (bombs, entities, path tricks)."""
    return OoxmlError("hostile", message, help="do not open this file; ask its sender for a clean copy", place=place)
