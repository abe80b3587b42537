"""`kamxl init`: rules, processes, templates and a starter workbook in a folder of the user's."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from kamxl.commands.saving import saving
from kamxl.problems import KamxlError, Place, Problem
from kamxl.shipped import shipped

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("folder", type=Path, help="folder to fill; made when it does not exist")
    parser.add_argument(
        "--language", choices=("en", "fr"), default="en", help="language of the starter workbook and of the rules"
    )


def run(arguments: argparse.Namespace) -> int:
    """Copy the shipped files; nothing that exists is written over."""
    folder: Path = arguments.folder
    sources = {
        "rules/kam.yml": shipped("rules", "kam.yml"),
        "rules/processes.yml": shipped("rules", "processes.yml"),
        "clients.xlsx": shipped("workbook", "demo.xlsx"),
    }
    for kind in ("templates", "schema"):
        root = shipped("rules", kind)
        sources |= {f"rules/{kind}/{path.name}": path for path in sorted(root.iterdir()) if path.is_file()}
    existing = [name for name in sources if (folder / name).exists()]
    if existing:
        listed = ", ".join(existing[:5])
        place = Place(str(folder))
        raise KamxlError(
            Problem("KX504", f"the folder already holds {listed}", place, help="choose an empty or a new folder")
        )
    with saving(folder):
        for name, source in sources.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        if arguments.language == "fr":
            _turn_french(folder)
    print("\n".join(_lines(folder, len(sources), french=arguments.language == "fr")))
    return 0


def _turn_french(folder: Path) -> None:
    """The starter workbook in French, and the settings of the rules that a French manager would change first."""
    from kamxl.demo_workbook import make_demo_workbook

    make_demo_workbook(folder / "clients.xlsx", language="fr")
    rules = folder / "rules" / "kam.yml"
    text = rules.read_bytes()
    for english, french in ((b"language: en", b"language: fr"), (b"decimal: point", b"decimal: comma")):
        if text.count(b"\n" + english) != 1:
            raise ValueError(f"the shipped rules do not say {english!r} once")
        text = text.replace(b"\n" + english, b"\n" + french)
    rules.write_bytes(text)


def _lines(folder: Path, count: int, *, french: bool) -> list[str]:
    book, rules = _quoted(folder / "clients.xlsx"), _quoted(folder / "rules" / "kam.yml")
    if french:
        return [
            f"{count} fichiers dans {folder}",
            f"Ensuite :  kamxl run {book} -r {rules}",
            f"           modifiez {rules}, puis : kamxl check {rules}",
        ]
    return [
        f"Made {count} files in {folder}",
        f"Next:   kamxl run {book} -r {rules}",
        f"        edit {rules}, then: kamxl check {rules}",
    ]


def _quoted(path: Path) -> str:
    """A path as a command takes it: a folder with a blank in its name is common on people's desks."""
    return f'"{path}"' if " " in str(path) else str(path)
