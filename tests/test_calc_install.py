"""kamxl.oxt handed over to LibreOffice by its own unopkg, and what `doctor --libreoffice` says of an office."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from kamxl.addin.doctor import has_faults
from kamxl.addin.machine import Machine, this_machine
from kamxl.calc import installing
from kamxl.calc.doctor import KEEPS_NAMES, examine_office, office_version
from kamxl.calc.doctor_words import FINDINGS, SUBJECTS
from kamxl.calc.installing import install_extension
from kamxl.cli import run_command
from kamxl.problems import KamxlError
from tests.calc_office import PROGRAM, has_calc

OWN = ".".join(map(str, sys.version_info[:2]))
NOBODY = 65534


def machine_of(home: Path, **environment: str) -> Machine:
    given = {"KAMXL_HOME": str(home / "kamxl"), **environment}
    return replace(this_machine(), system="other", home=home, environment=given)


def layout(
    folder: Path, *, settings: str, files: tuple[str, ...] = (), loader: str = "", version: str = "25.2"
) -> Path:
    """The files of a LibreOffice that doctor reads; `settings` is where bootstraprc stands, beside `program`."""
    program = folder / "program"
    for name in (settings, "program/pythonloader.py", *files):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
    (folder / settings).write_text(f"[Bootstrap]\nProductKey=LibreOffice {version}\n")
    if loader:
        (program / "pythonloader.unorc").write_text(f"[Bootstrap]\nPYTHONHOME={loader}\n")
    return program


DEBIAN = {"settings": "program/bootstraprc", "loader": f"file:///usr/lib/python{OWN}"}
UPSTREAM = {"settings": "program/bootstraprc", "files": ("program/python-core-3.10.16/lib/os.py",)}
WINDOWS = {"settings": "program/bootstrap.ini", "files": ("program/python-core-3.8.18/lib/os.py",)}
MAC = {"settings": "Resources/bootstraprc", "files": ("Frameworks/LibreOfficePython.framework/Versions/3.12/Python",)}


@pytest.mark.parametrize(
    ("given", "version", "wanted"),
    [
        (DEBIAN, "25.2", {"office_good", "names_kept", "python_good"}),
        (DEBIAN, "7.4", {"office_good", "names_lost", "python_good"}),
        (DEBIAN, "6.4", {"office_old", "python_good"}),
        (UPSTREAM, "25.2", {"office_good", "names_kept", "python_apart"}),
        (WINDOWS, "7.6", {"office_good", "names_lost", "python_old"}),
        (MAC, "26.2", {"office_good", "names_kept", "python_apart"}),
    ],
    ids=["debian", "debian 7.4", "too old", "upstream", "windows", "macos"],
)
def test_doctor_tells_offices_apart(given: dict[str, object], version: str, wanted: set[str], tmp_path: Path) -> None:
    """Version, names in .xlsx and Python, from the files that each layout has."""
    program = layout(tmp_path, version=version, **given)  # type: ignore[arg-type]
    found = {finding.key for finding in examine_office(machine_of(tmp_path), program)}
    assert {key for key in found if key.startswith(("office", "names", "python"))} == wanted
    assert "extension_missing" in found


def test_doctor_tells_what_keeps_the_extension_from_loading(tmp_path: Path) -> None:
    """No loader for Python, an active virtual environment, a rule file that has gone."""
    program = layout(tmp_path, **DEBIAN)  # type: ignore[arg-type]
    (program / "pythonloader.py").unlink()
    home = tmp_path / "kamxl"
    home.mkdir()
    (home / "settings.yml").write_text(f"language: en\nrules: {home / 'gone.yml'}\n")
    found = {finding.key for finding in examine_office(machine_of(tmp_path, VIRTUAL_ENV="/somewhere"), program)}
    assert {"no_loader", "environment", "rules_missing"} <= found


def test_doctor_speaks_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    """Every finding has words in both; the command prints one line per finding."""
    for message, advice in FINDINGS.values():
        assert message.en and message.fr
        assert advice is None or (advice.en and advice.fr)
    assert run_command(["doctor", "--libreoffice", "--language", "fr"]) in (0, 1)
    assert "LibreOffice :" in capsys.readouterr().out
    assert all(subject.fr for subject in SUBJECTS.values())


@pytest.mark.office
@pytest.mark.skipif(not has_calc(), reason="LibreOffice Calc with python3-uno is not installed")
def test_unopkg_takes_the_extension(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`kamxl install --libreoffice` as a user who is not root; then doctor finds nothing wrong."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("KAMXL_HOME", str(home / "kamxl"))
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    if os.geteuid() == 0:
        monkeypatch.setattr(installing, "find_unopkg", lambda: unopkg_of_nobody(tmp_path))
        open_to_nobody(home)
    lines = list(install_extension(None, dry_run=False, machine=machine_of(home)))
    assert lines[-1].startswith("run ")
    findings = examine_office(machine_of(home), PROGRAM)
    assert not has_faults(findings), [finding.line() for finding in findings]
    assert "extension_good" in {finding.key for finding in findings}
    version = office_version(PROGRAM)
    assert version is not None
    assert ("names_kept" in {finding.key for finding in findings}) == (version >= KEEPS_NAMES)
    # The next version takes the place of this one.
    assert list(install_extension(None, dry_run=False, machine=machine_of(home)))


def unopkg_of_nobody(folder: Path) -> Path:
    """unopkg refuses root; the tests of CI run as root, and hand over as a user who is nobody."""
    path = folder / "unopkg"
    path.write_text(
        f'#!/bin/sh\nexec setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups "{PROGRAM / "unopkg"}" "$@"\n'
    )
    path.chmod(0o755)
    return path


def open_to_nobody(home: Path) -> None:
    home.chmod(0o777)
    for folder in home.parents:
        if folder.stat().st_uid == os.geteuid() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o011)


def test_a_refusal_of_unopkg_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """unopkg that fails, or that is not there: the file is written, and the message says how to add it by hand."""
    tool = tmp_path / "unopkg"
    tool.write_text("#!/bin/sh\necho 'ERROR: no room' >&2\nexit 1\n")
    tool.chmod(0o755)
    for found, reason in ((tool, "no room"), (None, "is not found")):
        monkeypatch.setattr(installing, "find_unopkg", lambda found=found: found)
        with pytest.raises(KamxlError) as caught:
            list(install_extension(None, dry_run=False, machine=machine_of(tmp_path)))
        (problem,) = caught.value.problems
        assert problem.code == "KX507"
        assert reason in problem.message
        assert "Tools, Extensions, Add" in problem.help
        assert (tmp_path / "kamxl" / "kamxl.oxt").is_file()


# What Python 3.11 brought to modules that our own modules import from; the component gives `assert_never` to 3.10.
NEW_IN_311 = {"Self", "Never", "LiteralString", "Required", "NotRequired", "Unpack", "TypeVarTuple", "StrEnum", "UTC"}


def test_the_extension_needs_nothing_newer_than_python_3_10() -> None:
    """Modules that LibreOffice loads parse as 3.10 and import nothing newer: the Python of some offices is that old."""
    program = (
        "import sys, kamxl.calc.answering, kamxl.calc.actions, kamxl.hosts.grid_writer, kamxl.sheets, kamxl.dashboard;"
        "print(*{m.__file__ for n, m in sys.modules.items() if n.split('.')[0] == 'kamxl' and m.__file__}, sep='\\n')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    paths = [Path(line) for line in done.stdout.splitlines()]
    assert len(paths) > 60
    for path in paths:
        tree = ast.parse(path.read_text("utf-8"), feature_version=(3, 10))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                assert not NEW_IN_311 & {alias.name for alias in node.names}, path
                assert node.module != "tomllib", path
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("dt", "enum"):
                assert node.attr not in NEW_IN_311, path
