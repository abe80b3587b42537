"""`kamxl build-addin`: kamxl.xlam and kam.xlsm as files, on any system, without Excel."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kamxl.commands.saving import saving

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("folder", type=Path, nargs="?", default=Path(), help="where to write (default: here)")
    parser.add_argument("--language", choices=("en", "fr"), default="en", help="language of ribbon, help and buttons")


def run(arguments: argparse.Namespace) -> int:
    """Build both files; the same sources give the same bytes."""
    from kamxl.addin.build import ADDIN_NAME, BOOK_NAME, build_addin, build_demo_book, write_file

    for name, content in (
        (ADDIN_NAME, build_addin(arguments.language)),
        (BOOK_NAME, build_demo_book(arguments.language)),
    ):
        with saving(arguments.folder):
            write_file(arguments.folder / name, content)
        told = "{path} : écrit, {size} octets" if arguments.language == "fr" else "wrote {path} ({size} bytes)"
        print(told.format(path=arguments.folder / name, size=len(content)))
    return 0
