"""The extension put in place: kamxl.oxt written, and handed to LibreOffice by its own `unopkg`."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from kamxl.addin.build import write_file
from kamxl.addin.machine import Machine, this_machine
from kamxl.calc.extension import EXTENSION_NAME, build_extension
from kamxl.problems import KamxlError, Place, Problem

_TIMEOUT_S = 180
_PLACES = (
    "/usr/lib/libreoffice/program",
    "/opt/libreoffice*/program",
    "/Applications/LibreOffice.app/Contents/MacOS",
    "C:/Program Files/LibreOffice/program",
)


def install_extension(folder: Path | None, *, dry_run: bool, machine: Machine | None = None) -> Iterator[str]:
    """One line per step. With a folder the extension is only written there, for another machine.

    Errors: KamxlError (KX504) when the file cannot be written, KX507 when LibreOffice does not take it.
    """
    here = machine or this_machine()
    path = (folder or here.user_folder) / EXTENSION_NAME
    content = build_extension(for_this_machine=folder is None)
    yield f"{'would ' if dry_run else ''}write {path} ({len(content)} bytes)"
    if not dry_run:
        try:
            write_file(path, content)
        except OSError as error:
            problem = Problem("KX504", f"file cannot be written: {error.strerror or error}", Place(str(path)))
            raise KamxlError(problem) from error
    if folder is None:
        tool = find_unopkg()
        yield f"{'would ' if dry_run else ''}run   {tool or 'unopkg'} add -f -s {path}"
        if not dry_run:
            _hand_over(tool, path)


def find_unopkg() -> Path | None:
    """LibreOffice's installer of extensions; None where it is in no usual place."""
    for place in _PLACES:
        root, _, rest = place.partition("*")
        folders = sorted(Path(root).parent.glob(f"{Path(root).name}*{rest}")) if rest else [Path(place)]
        for tool in (folder / name for folder in reversed(folders) for name in ("unopkg", "unopkg.com")):
            if tool.is_file():
                return tool
    found = shutil.which("unopkg")
    return Path(found) if found else None


def _hand_over(tool: Path | None, path: Path) -> None:
    hint = f"open {path} in LibreOffice: Tools, Extensions, Add"
    if tool is None:
        raise KamxlError(Problem("KX507", "LibreOffice's unopkg is not found", help=hint))
    # A virtual environment in front of the path would keep LibreOffice from loading any Python extension.
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))}
    if os.name == "posix":
        clean["PATH"] = "/usr/bin:/bin"
    done = _run(tool, path, clean, hint)
    if done.returncode:
        # With a profile that LibreOffice is still making, unopkg fails now and then; the second time it is there.
        done = _run(tool, path, clean, hint)
    if done.returncode:
        said = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        reason = "; ".join(said[-3:]) or f"code {done.returncode}"
        raise KamxlError(Problem("KX507", f"unopkg did not take the extension: {reason}", help=hint))


def _run(tool: Path, path: Path, environment: dict[str, str], hint: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            [str(tool), "add", "-f", "-s", str(path)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise KamxlError(Problem("KX507", f"unopkg did not finish: {error}", help=hint)) from error
