"""The computer that Excel runs on: which system, which folders, which registry values.

Used by install, doctor and the server. The registry is a mapping behind two functions, so that what Windows would
be told can be shown, and tested, on any system.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from kamxl.records import dataclass

System = Literal["windows", "macos", "other"]
# (hive and key, value name): HKCU\Software\kamxl, Server.
RegistryReader = Callable[[str, str], object]
RegistryWriter = Callable[[str, str, str | None], None]

SERVER_KEY, SERVER_VALUE = r"HKCU\Software\kamxl", "Server"
LOGON_KEY, LOGON_VALUE = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Run", "kamxl"
# -E and -P: neither variables nor the current folder, which may be that of a workbook, add to Python's path.
SERVER_OPTIONS = "-E -P -m kamxl.addin.server"


@dataclass(frozen=True, slots=True)
class Machine:
    """One computer and one user of it."""

    system: System
    home: Path
    environment: Mapping[str, str]
    python: Path
    read_registry: RegistryReader
    write_registry: RegistryWriter

    @property
    def user_folder(self) -> Path:
        """Where settings, rules, log and undo of this user live; never beside a workbook."""
        if given := self.environment.get("KAMXL_HOME"):
            return Path(given)
        if self.system == "windows":
            return Path(self.environment.get("LOCALAPPDATA") or self.home / "AppData" / "Local") / "kamxl"
        if self.system == "macos":
            return self.home / "Library" / "Application Support" / "kamxl"
        return Path(self.environment.get("XDG_DATA_HOME") or self.home / ".local" / "share") / "kamxl"

    @property
    def startup_folder(self) -> Path | None:
        """The folder from which Excel loads add-ins by itself; None where there is no Excel."""
        if self.system == "windows":
            roaming = Path(self.environment.get("APPDATA") or self.home / "AppData" / "Roaming")
            return roaming / "Microsoft" / "Excel" / "XLSTART"
        if self.system == "macos":
            office = self.home / "Library" / "Group Containers" / "UBF8T346G9.Office"
            return office / "User Content.localized" / "Startup.localized" / "Excel"
        return None

    @property
    def script_folder(self) -> Path | None:
        """The one folder whose AppleScripts Excel for macOS may run; None on other systems."""
        if self.system != "macos":
            return None
        return self.home / "Library" / "Application Scripts" / "com.microsoft.Excel"

    @property
    def server_command(self) -> str:
        """What starts the server: the interpreter without a console window, cut off from foreign modules."""
        windowless = self.python.with_name("pythonw.exe")
        return f'"{windowless}" {SERVER_OPTIONS}'


def this_machine() -> Machine:
    """The computer that we run on."""
    systems: dict[str, System] = {"win32": "windows", "darwin": "macos"}
    system = systems.get(sys.platform, "other")
    return Machine(system, Path.home(), dict(os.environ), Path(sys.executable), _read_registry, _write_registry)


def example_machine(system: Literal["windows", "macos"]) -> Machine:
    """A computer of another kind, its folders by the names that their user knows; nothing of it can be changed."""

    def refuse(key: str, _value: str, _text: str | None) -> None:
        raise RuntimeError(f"{key} belongs to no computer")

    folders = {"APPDATA": "%APPDATA%", "LOCALAPPDATA": "%LOCALAPPDATA%"} if system == "windows" else {}
    home, python = (
        (Path("%USERPROFILE%"), Path("%PYTHON%/python.exe")) if system == "windows" else (Path("~"), Path("python3"))
    )
    return Machine(system, home, folders, python, lambda _key, _value: None, refuse)


def _read_registry(key: str, value: str) -> object:
    """A registry value; None where the key or the value is missing, and on systems without a registry."""
    if sys.platform != "win32":
        return None
    import winreg

    hive, _, path = key.partition("\\")
    root = winreg.HKEY_CURRENT_USER if hive == "HKCU" else winreg.HKEY_LOCAL_MACHINE
    try:
        with winreg.OpenKey(root, path, 0, winreg.KEY_READ | winreg.KEY_WOW64_64KEY) as opened:
            return winreg.QueryValueEx(opened, value)[0]
    except OSError:
        return None


def _write_registry(key: str, value: str, text: str | None) -> None:
    """Set a value of the user's own hive; None takes it away."""
    if sys.platform != "win32":
        raise RuntimeError("only Windows has a registry")
    import winreg

    hive, _, path = key.partition("\\")
    if hive != "HKCU":
        raise ValueError(f"{key} is not the user's own")
    with winreg.CreateKey(winreg.HKEY_CURRENT_USER, path) as opened:
        if text is None:
            try:
                winreg.DeleteValue(opened, value)
            except FileNotFoundError:
                return
        else:
            winreg.SetValueEx(opened, value, 0, winreg.REG_SZ, text)
