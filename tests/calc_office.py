"""A private LibreOffice for tests and benches: own profile, own process group, a time limit on everything.

Needs Debian's `python3-uno`; the virtual environment finds it where the system keeps it.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from kamxl.calc.extension import build_extension
from kamxl.hosts.calc_cells import properties, used_range

PROGRAM = Path("/usr/lib/libreoffice/program")
SYSTEM_PACKAGES = "/usr/lib/python3/dist-packages"
_START_S, _STOP_S = 120.0, 15.0
_SETTINGS = (
    ("Common/Misc", "UseLocking", "xs:boolean", "false"),
    ("Common/Misc", "FirstRun", "xs:boolean", "false"),
    ("Common/Misc", "ShowTipOfTheDay", "xs:boolean", "false"),
    ("Recovery/RecoveryInfo", "Enabled", "xs:boolean", "false"),
    ("Recovery/AutoSave", "Enabled", "xs:boolean", "false"),
    ("Calc/Formula/Load", "OOXMLRecalcMode", "xs:int", "0"),
    ("Calc/Formula/Load", "ODFRecalcMode", "xs:int", "0"),
    ("Java/VirtualMachine", "Enable", "xs:boolean", "false"),
)


def has_calc() -> bool:
    """Whether this machine can run a Calc that Python reaches."""
    return (PROGRAM / "soffice").is_file() and Path(SYSTEM_PACKAGES, "uno.py").is_file()


def is_running(profile: Path) -> bool:
    """Whether a process of this machine still works with a profile."""
    mark = str(profile).encode()
    for found in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if mark in found.read_bytes():
                return True
    return False


def _start(command: list[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    nothing = subprocess.DEVNULL
    return subprocess.Popen(
        command, env=environment, stdout=nothing, stderr=nothing, stdin=nothing, start_new_session=True
    )


_SHARED: list[Office] = []
_EXTENDED: list[Office] = []


def shared_office() -> Office:
    """One office for all tests of a process, another one where the last has ended; skips where there is none."""
    if not has_calc():
        pytest.skip("LibreOffice Calc with python3-uno is not installed")
    if not _SHARED or not _SHARED[-1].is_alive():
        _SHARED.append(Office(limit=1800.0))
        atexit.register(_SHARED[-1].close)
    return _SHARED[-1]


def extended_office() -> Office:
    """The same with kamxl.oxt."""
    if not _EXTENDED or not _EXTENDED[-1].is_alive():
        folder = Path(tempfile.mkdtemp(prefix="kamxl-oxt-"))
        extension = folder / "kamxl.oxt"
        extension.write_bytes(build_extension(for_this_machine=True))
        _EXTENDED.append(Office(extension=extension, environment={"KAMXL_HOME": str(folder / "home")}, limit=1800.0))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        atexit.register(_EXTENDED[-1].close)
    return _EXTENDED[-1]


def dispatch(office: Office, document: Any, command: str) -> str:
    """A command as a click on its menu entry gives it; what it tells."""
    return run_url(office, document, f"org.kamxl.calc:{command}")


def edit(office: Office, document: Any, command: str) -> None:
    """A command of Calc itself: `Undo` is Ctrl+Z."""
    run_url(office, document, f".uno:{command}")


def run_url(office: Office, document: Any, url: str) -> str:
    """A command by its address, in the window of a document."""
    helper = office.create("com.sun.star.frame.DispatchHelper")
    event = helper.executeDispatch(document.CurrentController.Frame, url, "_self", 0, ())
    return str(event.Result) if event is not None else ""


def cells_that_differ(first: Any, second: Any, name: str) -> list[tuple[int, int, object, object]]:
    """Cells of a sheet that two spreadsheets hold differently; rounding of the last digit is no difference."""
    one, other = (used_range(document.Sheets.getByName(name)).getDataArray() for document in (first, second))
    assert (len(one), len(one[0])) == (len(other), len(other[0])), name
    return [
        (row, column, a, b)
        for row, (left, right) in enumerate(zip(one, other, strict=True))
        for column, (a, b) in enumerate(zip(left, right, strict=True))
        if a != b and not _is_close(a, b)
    ]


def _is_close(one: object, other: object) -> bool:
    return isinstance(one, float) and isinstance(other, float) and one == pytest.approx(other)


class Office:
    """One soffice of our own. `limit` seconds after its start it is killed, whatever hangs."""

    def __init__(
        self,
        *,
        extension: Path | None = None,
        environment: Mapping[str, str] | None = None,
        headless: bool = True,
        language: str = "en-US",
        profile: Path | None = None,
        limit: float = 600.0,
    ) -> None:
        # A profile that is given is kept at the end; a second start with it is three times as fast.
        self.keeps_profile = profile is not None
        self.profile = profile or Path(tempfile.mkdtemp(prefix="kamxl-calc-"))
        self.environment, self.is_headless = dict(environment or {}), headless
        self._write_settings(language)
        if SYSTEM_PACKAGES not in sys.path:
            sys.path.append(SYSTEM_PACKAGES)
        name = f"kamxl{uuid.uuid4().hex}"
        command = [
            str(PROGRAM / "soffice"), "--norestore", "--nologo", "--nodefault", "--nofirststartwizard",
            f"-env:UserInstallation={self.profile.as_uri()}",
            f"--accept=pipe,name={name};urp;StarOffice.ComponentContext",
            *(["--headless"] if headless else []),
        ]  # fmt: skip
        if extension is not None:
            folder = self.profile / "bundled"
            zipfile.ZipFile(extension).extractall(folder / extension.stem)
            command.append(f"-env:BUNDLED_EXTENSIONS={folder.as_uri()}")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))}
        clean = {**kept, "PATH": "/usr/bin:/bin", "TMPDIR": str(self.profile / "tmp"), **self.environment}
        if extension is not None:
            # The first start only takes the extension in, and begins again by itself: not what one wants to talk to.
            _start([*command, "--terminate_after_init"], clean).wait(_START_S)
        self.process = _start(command, clean)
        self._watchdog = threading.Timer(limit, self.kill)
        self._watchdog.daemon = True
        self._watchdog.start()
        try:
            self.context = self._connect(name)
        except BaseException:
            self.close()
            raise
        self.desktop = self.create("com.sun.star.frame.Desktop")

    def _write_settings(self, language: str) -> None:
        items = "".join(
            f'<item oor:path="/org.openoffice.Office.{path}"><prop oor:name="{name}" oor:op="fuse" oor:type="{kind}">'
            f"<value>{value}</value></prop></item>"
            for path, name, kind, value in (*_SETTINGS, ("Linguistic/General", "UILocale", "xs:string", language))
        )
        (self.profile / "tmp").mkdir(exist_ok=True)
        folder = self.profile / "user"
        if folder.exists():
            return
        folder.mkdir()
        (folder / "registrymodifications.xcu").write_text(
            '<?xml version="1.0" encoding="UTF-8"?>\n<oor:items xmlns:oor="http://openoffice.org/2001/registry" '
            'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
            f'{items}<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooLocale" oor:op="fuse" '
            f'oor:type="xs:string"><value>{language}</value></prop></item></oor:items>\n'
        )

    def _connect(self, name: str) -> Any:
        import uno

        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
        end = time.monotonic() + _START_S
        while True:
            try:
                return resolver.resolve(f"uno:pipe,name={name};urp;StarOffice.ComponentContext")
            except Exception:
                if self.process.poll() is not None or time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def is_alive(self) -> bool:
        """Whether the office runs and still answers."""
        if self.process.poll() is not None:
            return False
        try:
            self.create("com.sun.star.frame.Desktop")
        except Exception:
            self.kill()
            return False
        return True

    def create(self, service: str) -> Any:
        """A service of the office."""
        return self.context.ServiceManager.createInstanceWithContext(service, self.context)

    @property
    def home(self) -> Path:
        """The folder of settings and rules of whoever works in this office."""
        return Path(self.environment["KAMXL_HOME"])

    def open(self, path: Path | None = None, **options: object) -> Any:
        """A spreadsheet of a file, or a new one."""
        url = path.resolve().as_uri() if path is not None else "private:factory/scalc"
        arguments = properties(**{"Hidden": self.is_headless, **options})
        document = self.desktop.loadComponentFromURL(url, "_blank", 0, arguments)
        assert document is not None, f"Calc does not open {path}"
        return document

    def close(self) -> None:
        """The office ended, by force where it does not end by itself; its profile is taken away."""
        self._watchdog.cancel()
        # A question that nobody answers, such as whether to save, would hold the call below for ever.
        guard = threading.Timer(_STOP_S, self.kill)
        guard.start()
        try:
            if self.process.poll() is None:
                self.desktop.terminate()
                self.process.wait(_STOP_S)
        except Exception:
            self.kill()
        finally:
            guard.cancel()
        self.kill()
        if not self.keeps_profile:
            shutil.rmtree(self.profile, ignore_errors=True)

    def kill(self) -> None:
        """Everything that this start has brought up, ended at once; what it cannot take away itself is taken away."""
        pipes = self.pipes() if self.process.poll() is None else []
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)
        for left in (*pipes, self.profile / ".lock"):
            left.unlink(missing_ok=True)

    def freeze(self) -> None:
        """Everything stopped where it stands, as by an endless loop."""
        os.killpg(self.process.pid, signal.SIGSTOP)

    def pipes(self) -> list[Path]:
        """The named pipes that processes of this office have open: LibreOffice keeps them outside its profile."""
        sockets = set()
        for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
            with contextlib.suppress(OSError):
                if os.getpgid(int(descriptor.parts[2])) == self.process.pid:
                    sockets.add(os.readlink(descriptor))
        lines = (line.split() for line in Path("/proc/net/unix").read_text().splitlines()[1:])
        return [
            Path(line[7])
            for line in lines
            if len(line) > 7 and f"socket:[{line[6]}]" in sockets and "OSL_PIPE" in line[7]
        ]
