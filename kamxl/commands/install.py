"""`kamxl install`: the Excel add-in built from what is installed here and put in place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kamxl.addin.functions import Wording

if TYPE_CHECKING:
    import argparse

_WHAT_NOW = Wording(
    "Restart Excel: the tab KAM is there. If not: kamxl doctor",
    "Redémarrez Excel : l'onglet KAM y est. Sinon : kamxl doctor",
)
_LOG_ON = Wording(
    "Log off and on again: Windows starts the server at every logon, the first time then.",
    "Fermez la session et rouvrez-la : Windows démarre le serveur à chaque ouverture, pour la première fois alors.",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("--language", choices=("en", "fr"), default="en", help="language of ribbon and messages")
    parser.add_argument("-r", "--rules", type=Path, metavar="FILE", help="rule file that the functions use")
    parser.add_argument(
        "--folder", type=Path, metavar="DIR", help="folder for the add-in, in place of Excel's start-up folder"
    )
    parser.add_argument("--at-logon", action="store_true", help="start the server when the user logs on (Windows)")
    parser.add_argument("--libreoffice", action="store_true", help="the extension for LibreOffice Calc, not for Excel")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done and change nothing")


def run(arguments: argparse.Namespace) -> int:
    """Install, or say what would be installed."""
    from kamxl.addin.install import InstallOptions, install

    if arguments.libreoffice:
        return _install_extension(arguments)
    options = InstallOptions(
        language=arguments.language,
        rules=arguments.rules,
        folder=arguments.folder,
        at_logon=arguments.at_logon,
        dry_run=arguments.dry_run,
    )
    print("\n".join(install(options)))
    if not arguments.dry_run:
        print(_WHAT_NOW.text(arguments.language))
        if arguments.at_logon:
            print(_LOG_ON.text(arguments.language))
    return 0


def _install_extension(arguments: argparse.Namespace) -> int:
    from kamxl.calc.installing import install_extension

    for line in install_extension(arguments.folder, dry_run=arguments.dry_run):
        print(line)
    if not arguments.dry_run:
        print("Restart LibreOffice: Calc has a menu KAM.")
    return 0
