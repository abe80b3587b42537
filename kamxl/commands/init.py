"""`kamxl init`: rules, processes, templates and a starter workbook in a folder of the user's."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from kamxl.problems import KamxlError, Place, Problem
from kamxl.shipped import shipped


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("folder", type=Path, help="folder to fill; made when it does not exist")


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
    for name, source in sources.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    print(f"Made {len(sources)} files in {folder}")
    print(f"Next:   kamxl run {folder / 'clients.xlsx'} -r {folder / 'rules' / 'kam.yml'}")
    print(f"        edit {folder / 'rules' / 'kam.yml'}, then: kamxl check {folder / 'rules' / 'kam.yml'}")
    return 0
