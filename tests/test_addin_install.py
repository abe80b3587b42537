"""install, uninstall and doctor on machines of every kind, none of which we have."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from kamxl.addin.build import build_addin
from kamxl.addin.doctor import Finding, examine, has_faults
from kamxl.addin.install import InstallOptions, apple_script, install, uninstall
from kamxl.addin.machine import LOGON_KEY, SERVER_KEY, Machine, System
from kamxl.addin.settings import read_settings
from kamxl.problems import KamxlError
from tests.addin_rules import write_rules

ASR = r"HKLM\SOFTWARE\Policies\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules"
SECURITY = r"HKCU\Software\Policies\Microsoft\Office\16.0\Excel\Security"


class Computer:
    """A machine with a registry that is a dictionary."""

    def __init__(
        self, folder: Path, system: System = "windows", *, environment: Mapping[str, str] | None = None
    ) -> None:
        self.registry: dict[tuple[str, str], Any] = {}
        python = folder / "Python" / "python.exe"
        python.parent.mkdir(parents=True)
        for name in ("python.exe", "pythonw.exe"):
            # A real interpreter: doctor starts it.
            (python.parent / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', "utf-8")
            (python.parent / name).chmod(0o755)
        self.machine = Machine(
            system, folder / "home", environment or {}, python, lambda *at: self.registry.get(at), self._write
        )

    def _write(self, key: str, value: str, text: str | None) -> None:
        if text is None:
            self.registry.pop((key, value), None)
        else:
            self.registry[key, value] = text

    def found(self, subject: str) -> list[Finding]:
        return [finding for finding in examine(self.machine) if finding.subject == subject]


def test_windows_gets_addin_rules_settings_and_the_command_of_the_server(tmp_path: Path) -> None:
    computer = Computer(tmp_path)
    lines = install(InstallOptions(language="fr"), computer.machine)
    addin = tmp_path / "home/AppData/Roaming/Microsoft/Excel/XLSTART/kamxl.xlam"
    assert addin.read_bytes() == build_addin("fr")
    settings = read_settings(computer.machine)
    assert settings.language == "fr"
    assert settings.rules.is_file()
    assert computer.registry == {
        (SERVER_KEY, "Server"): f'"{tmp_path / "Python" / "pythonw.exe"}" -E -P -m kamxl.addin.server'
    }
    assert lines[0].startswith("write ")


def test_a_dry_run_says_the_same_and_writes_nothing(tmp_path: Path) -> None:
    computer = Computer(tmp_path)
    dry = install(InstallOptions(dry_run=True), computer.machine)
    assert not (tmp_path / "home").exists()
    assert not computer.registry
    assert [line.removeprefix("would ") for line in dry] == list(install(InstallOptions(), computer.machine))
    dry_again = uninstall(computer.machine, dry_run=True)
    assert (tmp_path / "home/AppData/Roaming/Microsoft/Excel/XLSTART/kamxl.xlam").exists()
    assert [line.removeprefix("would ") for line in dry_again] == list(uninstall(computer.machine))


def test_installing_again_keeps_the_rules_that_managers_changed(tmp_path: Path) -> None:
    computer = Computer(tmp_path)
    install(InstallOptions(), computer.machine)
    rules = read_settings(computer.machine).rules
    rules.write_text("# mine\n", "utf-8")
    lines = install(InstallOptions(), computer.machine)
    assert rules.read_text("utf-8") == "# mine\n"
    assert f"kept  {rules}" in lines


def test_uninstall_takes_everything_away_but_the_users_own_files(tmp_path: Path) -> None:
    computer = Computer(tmp_path)
    install(InstallOptions(at_logon=True), computer.machine)
    assert (LOGON_KEY, "kamxl") in computer.registry
    uninstall(computer.machine)
    assert not computer.registry
    assert not (tmp_path / "home/AppData/Roaming/Microsoft/Excel/XLSTART/kamxl.xlam").exists()
    assert read_settings(computer.machine).rules.is_file()
    uninstall(computer.machine)


def test_macos_gets_the_addin_and_a_script_that_passes_one_quoted_name(tmp_path: Path) -> None:
    computer = Computer(tmp_path, "macos")
    install(InstallOptions(), computer.machine)
    home = tmp_path / "home" / "Library"
    startup = home / "Group Containers/UBF8T346G9.Office/User Content.localized/Startup.localized/Excel/kamxl.xlam"
    assert startup.is_file()
    script = (home / "Application Scripts/com.microsoft.Excel/kamxl.applescript").read_text("utf-8")
    assert "quoted form of commandName" in script
    assert "on RunCommand(commandName)" in script
    assert 'a \\"b\\" c' in apple_script(Path('/usr/a "b" c/python'))


def test_without_excel_the_addin_is_built_for_another_machine(tmp_path: Path) -> None:
    computer = Computer(tmp_path, "other")
    with pytest.raises(KamxlError, match="KX507"):
        install(InstallOptions(), computer.machine)
    install(InstallOptions(folder=tmp_path / "share"), computer.machine)
    assert (tmp_path / "share" / "kamxl.xlam").is_file()


def test_own_rules_are_checked_before_anything_is_written(tmp_path: Path) -> None:
    computer = Computer(tmp_path)
    with pytest.raises(KamxlError, match="KX001"):
        install(InstallOptions(rules=tmp_path / "none.yml"), computer.machine)
    assert not (tmp_path / "home").exists()
    path = write_rules(tmp_path / "Règles")
    install(InstallOptions(rules=path), computer.machine)
    assert read_settings(computer.machine).rules == path


def test_a_file_that_excel_holds_is_a_problem_that_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    computer = Computer(tmp_path)
    install(InstallOptions(), computer.machine)

    def refuse(path: Path, content: bytes) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("kamxl.addin.install.write_file", refuse)
    with pytest.raises(KamxlError, match="close Excel"):
        install(InstallOptions(), computer.machine)


@pytest.mark.parametrize("text", ["rules: [", "language: de\n", "rules: 5\n", "\x00"])
def test_settings_that_cannot_be_used_are_a_problem(tmp_path: Path, text: str) -> None:
    computer = Computer(tmp_path)
    computer.machine.user_folder.mkdir(parents=True)
    (computer.machine.user_folder / "settings.yml").write_text(text, "utf-8")
    with pytest.raises(KamxlError, match="kamxl install"):
        read_settings(computer.machine)
    assert computer.found("settings")[0].state == "fault"


def test_doctor_finds_nothing_to_do_on_a_good_machine(tmp_path: Path) -> None:
    computer = Computer(tmp_path)
    install(InstallOptions(), computer.machine)
    computer.registry[r"HKLM\SOFTWARE\Microsoft\Office\ClickToRun\Configuration", "Platform"] = "x86"
    faults = [finding for finding in examine(computer.machine) if finding.state == "fault"]
    assert {finding.subject for finding in faults} <= {
        "pywin32",
        "xlwings",
    }  # not for this Python, which is not Windows'
    assert "32-bit" in computer.found("Excel")[0].message
    assert computer.found("server")[-1].message == "starts and loads kamxl"


def test_doctor_on_a_machine_without_anything(tmp_path: Path) -> None:
    computer = Computer(tmp_path)
    findings = examine(computer.machine)
    assert has_faults(findings)
    assert computer.found("add-in")[0].advice == "run `kamxl install`"
    assert computer.found("server")[0].advice == "run `kamxl install`"
    assert all(finding.advice for finding in findings if finding.state == "fault")


@pytest.mark.parametrize(
    ("key", "value", "content", "subject", "words"),
    [
        (ASR, "D4F940AB-401B-4EFC-AADC-AD5F3C50688A", "1", "Defender", "--at-logon"),
        (SECURITY, "VBAWarnings", 4, "macros", "trusted location"),
        (SECURITY, "RequireAddinSig", 1, "macros", "sign kamxl.xlam"),
    ],
)
def test_doctor_names_policies_and_the_way_round_them(
    tmp_path: Path, key: str, value: str, content: object, subject: str, words: str
) -> None:
    computer = Computer(tmp_path)
    computer.registry[key, value] = content
    (finding,) = computer.found(subject)
    assert finding.state == "fault"
    assert words in finding.advice


def test_doctor_finds_a_blocked_and_an_outdated_file(tmp_path: Path) -> None:
    computer = Computer(tmp_path)
    install(InstallOptions(), computer.machine)
    addin = tmp_path / "home/AppData/Roaming/Microsoft/Excel/XLSTART/kamxl.xlam"
    Path(f"{addin}:Zone.Identifier").write_text("[ZoneTransfer]\nZoneId=3\n", "ascii")
    addin.write_bytes(build_addin("en") + b" ")
    messages = [finding.message for finding in computer.found("add-in")]
    assert any("another version" in message for message in messages)
    assert any("blocks the file as a download" in message for message in messages)


def test_doctor_warns_of_synchronised_folders_and_accents(tmp_path: Path) -> None:
    folder = tmp_path / "OneDrive" / "Zoé"
    computer = Computer(folder, environment={"OneDrive": str(tmp_path / "OneDrive")})
    assert {finding.state for finding in computer.found("OneDrive")} == {"fault"}
    assert {finding.state for finding in computer.found("path")} == {"note"}


def test_doctor_finds_a_python_that_has_gone_or_lacks_kamxl(tmp_path: Path) -> None:
    computer = Computer(tmp_path)
    install(InstallOptions(), computer.machine)
    server = tmp_path / "Python" / "pythonw.exe"
    server.write_text("#!/bin/sh\necho \"ModuleNotFoundError: No module named 'kamxl'\" >&2\nexit 1\n", "utf-8")
    assert "cannot load kamxl: ModuleNotFoundError" in computer.found("server")[0].message
    server.unlink()
    assert "is not there any more" in computer.found("server")[0].message


@pytest.mark.parametrize(
    "arguments", [["install", "--folder", "X", "--dry-run"], ["uninstall", "--dry-run"], ["doctor"]]
)
def test_the_command_line_offers_them(arguments: list[str], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "kamxl", *arguments]
    environment = {"KAMXL_HOME": str(tmp_path / "kam"), "HOME": str(tmp_path), "PATH": ""}
    outcome = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert outcome.returncode in (0, 1), outcome.stderr
    assert "Traceback" not in outcome.stderr
    assert outcome.stdout.strip()
    assert not (tmp_path / "kam").exists()


def test_build_addin_writes_both_files(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "kamxl", "build-addin", str(tmp_path / "out"), "--language", "fr"]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stderr
    assert (tmp_path / "out" / "kamxl.xlam").read_bytes() == build_addin("fr")
    assert (tmp_path / "out" / "kam.xlsm").stat().st_size > 20_000
