"""install, uninstall and doctor on machines of every kind, none of which we have."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import pytest

from kamxl.addin import doctor
from kamxl.addin.build import build_addin
from kamxl.addin.doctor import Finding, describe, examine, has_faults, language_of
from kamxl.addin.doctor_words import FINDINGS, SUBJECTS
from kamxl.addin.install import InstallOptions, apple_script, install, uninstall
from kamxl.addin.machine import LOGON_KEY, SERVER_KEY, Machine, System
from kamxl.addin.settings import read_settings
from kamxl.problems import KamxlError
from tests.addin_rules import write_rules

ASR = r"HKLM\SOFTWARE\Policies\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules"
SECURITY = r"HKCU\Software\Policies\Microsoft\Office\16.0\Excel\Security"

REPOSITORY = Path(__file__).parent.parent
# What `python -E -P -m kamxl.addin.server ARGUMENTS` does on Windows; the first four arguments are Python's.
SERVER = (
    f"import sys; sys.path.insert(0, {str(REPOSITORY)!r});"
    "from tests.windows_stand_ins import load_xlwings_server; load_xlwings_server();"
    "from kamxl.addin import server; server.main(sys.argv[5:])"
)


class Computer:
    """A machine with a registry that is a dictionary."""

    def __init__(
        self, folder: Path, system: System = "windows", *, environment: Mapping[str, str] | None = None
    ) -> None:
        self.registry: dict[tuple[str, str], Any] = {}
        python = folder / "Python" / "python.exe"
        python.parent.mkdir(parents=True)
        for name in ("python.exe", "pythonw.exe"):
            # A real interpreter, with stand-ins for pywin32: doctor starts it and it loads the real server.
            (python.parent / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{SERVER}" "$@"\n', "utf-8")
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
    assert lines[0].startswith("écrit ")


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


def test_a_dry_run_shows_on_any_system_what_would_be_done_on_those_of_excel(tmp_path: Path) -> None:
    computer = Computer(tmp_path, "other")
    lines = install(InstallOptions(dry_run=True, at_logon=True), computer.machine)
    assert lines[0] == "Windows:"
    assert lines[1].startswith(r"  would write %APPDATA%\Microsoft\Excel\XLSTART\kamxl.xlam (")
    assert any(line.endswith(r'= "%PYTHON%\pythonw.exe" -E -P -m kamxl.addin.server --stay') for line in lines)
    assert any(line.startswith("  would write ~/Library/Application Scripts/") for line in lines)
    away = uninstall(computer.machine, dry_run=True, language="fr")
    assert any(line.endswith(r"viderait  HKCU\Software\kamxl\Server") for line in away)
    assert not (tmp_path / "home").exists()


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


def test_doctor_finds_nothing_to_do_on_a_good_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    computer = Computer(tmp_path)
    versions = {"xlwings": "0.37.8", "pywin32": "312"}  # of Windows' Python, which this one is not
    monkeypatch.setattr("kamxl.addin.doctor.metadata.version", versions.__getitem__)
    install(InstallOptions(), computer.machine)
    computer.registry[r"HKLM\SOFTWARE\Microsoft\Office\ClickToRun\Configuration", "Platform"] = "x86"
    findings = examine(computer.machine)
    assert [finding.line() for finding in findings if finding.state != "ok"] == []
    assert "32-bit" in computer.found("excel")[0].message()
    assert computer.found("server")[-1].message().startswith("starts and loads xlwings 0.")
    assert not has_faults(findings)


@pytest.mark.parametrize(
    ("versions", "key"),
    [
        ({"xlwings": "0.36.2", "pywin32": "312"}, "package_old"),
        ({"xlwings": "1.0.0", "pywin32": "312"}, "package_old"),
        ({"xlwings": "0.37.8"}, "package_missing"),
        ({"pywin32": "312"}, "package_missing"),
    ],
)
def test_doctor_checks_the_versions_of_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, versions: dict[str, str], key: str
) -> None:
    def version(name: str) -> str:
        if name not in versions:
            raise PackageNotFoundError(name)
        return versions[name]

    monkeypatch.setattr("kamxl.addin.doctor.metadata.version", version)
    (fault,) = [finding for finding in Computer(tmp_path).found("packages") if finding.state == "fault"]
    assert fault.key == key
    assert "pip install" in fault.advice()


def test_doctor_finds_a_dll_that_an_older_pywin32_left_behind(tmp_path: Path) -> None:
    computer = Computer(tmp_path)
    install(InstallOptions(), computer.machine)
    old = '{"xlwings": "0.37.8", "pywin32": "312", "dlls": {"C:/Windows/System32/pythoncom311.dll": "306"}}'
    (tmp_path / "Python" / "pythonw.exe").write_text(f"#!/bin/sh\necho '{old}'\n", "utf-8")
    (fault,) = [finding for finding in computer.found("server") if finding.state == "fault"]
    assert "System32/pythoncom311.dll is of pywin32 306, not 312" in fault.message()
    assert "rename that file" in fault.advice()


@pytest.mark.parametrize(
    ("key", "value", "state", "words"),
    [
        (r"HKLM\SOFTWARE\Microsoft\Office\16.0\Excel\InstallRoot", "Path", "ok", "64-bit"),
        (r"HKLM\SOFTWARE\WOW6432Node\Microsoft\Office\16.0\Excel\InstallRoot", "Path", "ok", "32-bit"),
        (r"HKLM\SOFTWARE\Microsoft\Office\15.0\Excel\InstallRoot", "Path", "fault", "Excel 2013 is older"),
        (r"HKLM\SOFTWARE\Nothing", "Path", "note", "no Excel 2016 or later"),
    ],
)
def test_doctor_tells_which_excel_there_is(tmp_path: Path, key: str, value: str, state: str, words: str) -> None:
    computer = Computer(tmp_path)
    computer.registry[key, value] = "C:\\Program Files\\Microsoft Office\\"
    (finding,) = computer.found("excel")
    assert finding.state == state
    assert words in finding.message()


def test_a_python_of_the_store_is_a_fault_since_excel_does_not_see_what_it_writes(tmp_path: Path) -> None:
    computer = Computer(tmp_path / "Microsoft" / "WindowsApps")
    (finding,) = computer.found("python")
    assert finding.state == "fault"
    assert "python.org" in finding.advice()


def test_every_finding_has_both_languages_with_the_same_parts_and_faults_have_advice() -> None:
    source = Path(doctor.__file__).read_text("utf-8")
    for key, (message, advice) in FINDINGS.items():
        for wording in filter(None, (message, advice)):
            assert wording.en and wording.fr, key
            assert set(re.findall(r"{\w+}", wording.en)) == set(re.findall(r"{\w+}", wording.fr)), key
        assert f'"{key}"' in source, key
    assert set(SUBJECTS) == set(doctor._CHECKS)


def test_doctor_speaks_the_language_of_the_settings_and_tells_everything_it_looks_at(tmp_path: Path) -> None:
    computer = Computer(tmp_path)
    install(InstallOptions(language="fr"), computer.machine)
    assert language_of(computer.machine) == "fr"
    lines = [finding.line("fr") for finding in examine(computer.machine)]
    assert any(line.startswith("bon") for line in lines)
    assert any("Defender : aucune stratégie" in line for line in lines)
    described = "\n".join(describe("en"))
    for word in ("Windows:", "macOS:", "xlwings", "DLL", "bit", "blocked", "child processes", "OneDrive", "ASCII"):
        assert word in described


def test_doctor_on_a_machine_without_anything(tmp_path: Path) -> None:
    computer = Computer(tmp_path)
    findings = examine(computer.machine)
    assert has_faults(findings)
    assert computer.found("addin")[0].advice() == "run `kamxl install`"
    assert computer.found("server")[0].advice() == "run `kamxl install`"
    assert all(finding.advice() for finding in findings if finding.state == "fault")


TRUSTED = SECURITY + r"\Trusted Locations"
MANAGED = r"HKLM\SOFTWARE\Policies\Microsoft\Windows Defender\Policy Manager"
RULE = "D4F940AB-401B-4EFC-AADC-AD5F3C50688A"


@pytest.mark.parametrize(
    ("key", "value", "content", "state", "words"),
    [
        (ASR, RULE, "1", "fault", "--at-logon"),
        (ASR, RULE, 6, "fault", "--at-logon"),
        (MANAGED, "ASRRules", f"AAAA=1|{RULE.lower()}=1", "fault", "--at-logon"),
        (SECURITY, "VBAWarnings", 4, "note", "trusted location"),
        (TRUSTED, "AllLocationsDisabled", 1, "fault", "trusted location"),
        (SECURITY, "RequireAddinSig", 1, "fault", "sign kamxl.xlam"),
    ],
)
def test_doctor_names_policies_and_the_way_round_them(
    tmp_path: Path, key: str, value: str, content: object, state: str, words: str
) -> None:
    computer = Computer(tmp_path)
    computer.registry[key, value] = content
    (finding,) = [each for each in computer.found("policies") if each.state != "ok"]
    assert finding.state == state
    assert words in finding.advice()


@pytest.mark.parametrize("content", ["0", "2"])
def test_a_rule_that_only_watches_is_no_fault(tmp_path: Path, content: str) -> None:
    computer = Computer(tmp_path)
    computer.registry[ASR, RULE] = content
    assert [finding.state for finding in computer.found("policies")] == ["ok"]


def test_a_server_that_windows_starts_is_the_cure_and_no_fault_any_more(tmp_path: Path) -> None:
    computer = Computer(tmp_path)
    install(InstallOptions(at_logon=True), computer.machine)
    computer.registry[ASR, RULE] = "1"
    (finding,) = computer.found("policies")
    assert finding.state == "ok"
    assert "Windows starts the server" in finding.message()


def test_doctor_finds_a_blocked_and_an_outdated_file(tmp_path: Path) -> None:
    computer = Computer(tmp_path)
    install(InstallOptions(), computer.machine)
    addin = tmp_path / "home/AppData/Roaming/Microsoft/Excel/XLSTART/kamxl.xlam"
    Path(f"{addin}:Zone.Identifier").write_text("[ZoneTransfer]\nZoneId=3\n", "ascii")
    addin.write_bytes(build_addin("en") + b" ")
    messages = [finding.message() for finding in computer.found("addin")]
    assert any("another version" in message for message in messages)
    assert any("blocks the file as a download" in message for message in messages)


def test_doctor_warns_of_synchronised_folders_and_accents(tmp_path: Path) -> None:
    folder = tmp_path / "OneDrive" / "Zoé"
    computer = Computer(folder, environment={"OneDrive": str(tmp_path / "OneDrive")})
    assert {(finding.key, finding.state) for finding in computer.found("paths")} == {
        ("onedrive", "fault"),
        ("accents", "note"),
    }
    beside = Computer(tmp_path / "OneDriveBackup", environment={"OneDrive": str(tmp_path / "OneDrive")})
    assert beside.found("paths") == []


def test_doctor_notes_a_rule_file_that_may_be_away(tmp_path: Path) -> None:
    computer = Computer(tmp_path, environment={"OneDriveCommercial": str(tmp_path / "OneDrive - Contoso")})
    install(InstallOptions(rules=write_rules(tmp_path / "OneDrive - Contoso")), computer.machine)
    note = computer.found("settings")[-1]
    assert (note.key, note.state) == ("onedrive_rules", "note")
    assert "Always keep" in note.advice()


def test_doctor_finds_a_python_that_has_gone_or_lacks_kamxl(tmp_path: Path) -> None:
    computer = Computer(tmp_path)
    install(InstallOptions(), computer.machine)
    server = tmp_path / "Python" / "pythonw.exe"
    server.write_text("#!/bin/sh\necho \"ModuleNotFoundError: No module named 'kamxl'\" >&2\nexit 1\n", "utf-8")
    assert "cannot load the server: ModuleNotFoundError" in computer.found("server")[0].message()
    server.unlink()
    assert "is not there any more" in computer.found("server")[0].message()


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


def test_a_redirected_output_of_windows_takes_a_name_beyond_its_code_page(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "kamxl", "install", "--dry-run", "--folder", str(tmp_path / "Łukasz Zoé")]
    environment = {"KAMXL_HOME": str(tmp_path / "kam"), "PYTHONIOENCODING": "cp1252", "PATH": ""}
    outcome = subprocess.run(command, capture_output=True, check=False, env=environment)
    assert outcome.returncode == 0, outcome.stderr
    assert "\\u0141ukasz Zoé".encode("cp1252") in outcome.stdout


def test_build_addin_writes_both_files(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "kamxl", "build-addin", str(tmp_path / "out"), "--language", "fr"]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout.count("octets") == 2 and "bytes" not in outcome.stdout
    assert (tmp_path / "out" / "kamxl.xlam").read_bytes() == build_addin("fr")
    assert (tmp_path / "out" / "kam.xlsm").stat().st_size > 20_000
