"""kamxl.oxt built on the user's machine: our modules, the rules that ship, and the pure Python packages they need.

Nothing of other authors lies in our repository: PyYAML, Jinja2, MarkupSafe, XlsxWriter and markdown-it-py are
taken from the environment that kamxl is installed in, their pure Python files and their licences only. The same
versions give the same bytes. NumPy is compiled for one system and one version of Python and stays where it is: an
extension for this machine knows where that is.
"""

from __future__ import annotations

import io
import json
import sys
import zipfile
from collections.abc import Iterator
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

from kamxl.calc.descriptions import (
    description_xml,
    functions_xml,
    handler_xml,
    manifest_xml,
    menu_xml,
    window_xml,
)
from kamxl.problems import KamxlError, Problem
from kamxl.shipped import shipped

EXTENSION_NAME = "kamxl.oxt"
COMPONENT = "python/kamxl_component.py"
PACKAGES = "python/packages"
ENVIRONMENT = "python/environment.json"
_PACKAGE = Path(__file__).resolve().parents[1]
_NEEDED = ("PyYAML", "Jinja2", "MarkupSafe", "XlsxWriter", "markdown-it-py", "mdurl")
# Files of kamxl that Python inside LibreOffice has no use for.
_LEFT_OUT = frozenset({"__pycache__", "shipped"})
_DAY_ONE = (2024, 1, 1, 0, 0, 0)


def build_extension(*, for_this_machine: bool = False) -> bytes:
    """kamxl.oxt. For this machine it names the packages that kamxl is installed with: LibreOffice finds NumPy there.

    Errors: KamxlError (KX507) when a package that must go into it is not installed.
    """
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in (*_parts(), *(_environment() if for_this_machine else ())):
            info = zipfile.ZipInfo(name, _DAY_ONE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            book.writestr(info, content)
    return held.getvalue()


def _parts() -> Iterator[tuple[str, bytes]]:
    registry = {
        "registry/CalcAddIns.xcu": functions_xml(),
        "registry/Addons.xcu": menu_xml(),
        "registry/ProtocolHandler.xcu": handler_xml(),
        "registry/CalcWindowState.xcu": window_xml(),
    }
    yield "META-INF/manifest.xml", manifest_xml(COMPONENT, registry).encode()
    yield "description.xml", description_xml().encode()
    yield "types.rdb", (_PACKAGE / "calc" / "types.rdb").read_bytes()
    for name, text in registry.items():
        yield name, text.encode()
    yield COMPONENT, (_PACKAGE / "calc" / "component.py").read_bytes()
    yield from _tree(_PACKAGE, f"{PACKAGES}/kamxl")
    yield from _tree(shipped("rules"), f"{PACKAGES}/kamxl/shipped/rules")
    for package in _NEEDED:
        yield from _foreign(package)


def _environment() -> Iterator[tuple[str, bytes]]:
    found = find_spec("numpy")
    if found is not None and found.origin is not None:
        known = {"python": sys.version_info[:2], "packages": str(Path(found.origin).parents[1])}
        yield ENVIRONMENT, json.dumps(known, sort_keys=True).encode()


def _tree(folder: Path, target: str) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and not _LEFT_OUT.intersection(inside.parts):
            yield f"{target}/{inside.as_posix()}", path.read_bytes()


def _foreign(package: str) -> Iterator[tuple[str, bytes]]:
    try:
        files = metadata.files(package) or []
    except metadata.PackageNotFoundError as error:
        hint = f"install it where kamxl is: pip install {package}"
        raise KamxlError(Problem("KX507", f"the package {package} is not installed", help=hint)) from error
    for file in sorted(files, key=str):
        if _is_wanted(PurePosixPath(file.as_posix())):
            yield f"{PACKAGES}/{file.as_posix()}", Path(str(file.locate())).read_bytes()


def _is_wanted(file: PurePosixPath) -> bool:
    """Pure Python and licences: compiled parts are for one system and one version of Python."""
    if file.is_absolute() or ".." in file.parts or "__pycache__" in file.parts:
        return False
    return file.suffix == ".py" or "license" in file.name.lower()
