"""`kamxl uninstall`: the Excel add-in taken away; rules, settings and log stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("--dry-run", action="store_true", help="say what would be done and change nothing")


def run(arguments: argparse.Namespace) -> int:
    """Uninstall, or say what would be taken away."""
    from kamxl.addin.doctor import language_of
    from kamxl.addin.install import uninstall

    print("\n".join(uninstall(dry_run=arguments.dry_run, language=language_of())))
    return 0
