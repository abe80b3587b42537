"""A screen of our own with a window manager: what a person sees and clicks, without anybody being there.

Xvfb keeps the screen in a file, so that a picture of it needs no other program.
"""

from __future__ import annotations

import os
import shutil
import signal
import struct
import subprocess
import tempfile
import time
import zlib
from pathlib import Path

TOOLS = ("Xvfb", "openbox", "xdotool")
# Places of what an XWD header tells, in words.
_HEADER, _WIDTH, _HEIGHT, _ORDER, _BITS, _LINE, _COLOURS = 0, 4, 5, 7, 11, 12, 19


def has_screen() -> bool:
    """Whether this machine can show windows to nobody."""
    return all(shutil.which(tool) for tool in TOOLS)


class Screen:
    """An X server with a window manager. Units: pixels."""

    def __init__(self, width: int = 1280, height: int = 800) -> None:
        self.height = height
        self.folder = Path(tempfile.mkdtemp(prefix="kamxl-screen-"))
        reading, writing = os.pipe()
        self._server = _start(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{width}x{height}x24", "-fbdir", str(self.folder)],
            pass_fds=(writing,),
        )
        os.close(writing)
        with os.fdopen(reading) as told:
            self.display = f":{told.readline().strip()}"
        self.environment = {"DISPLAY": self.display, "HOME": str(self.folder), "SAL_USE_VCLPLUGIN": "gen"}
        self._manager = _start(["openbox"], environment={**os.environ, **self.environment})
        # A window that comes before its manager is never maximised; only a manager tells which desktop is shown.
        if not wait_for(lambda: self.tool("get_desktop")):
            raise TimeoutError("openbox manages no window")

    def close(self) -> None:
        """Everything that was started, ended."""
        for process in (self._manager, self._server):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)

    def tool(self, *arguments: str) -> str:
        """What xdotool answers."""
        environment = {**os.environ, **self.environment}
        done = subprocess.run(
            ["xdotool", *arguments], env=environment, capture_output=True, text=True, timeout=30, check=False
        )
        return done.stdout.strip()

    def windows(self) -> list[str]:
        """Titles of the windows that can be seen."""
        found = self.tool("search", "--onlyvisible", "--name", ".").split()
        return [self.tool("getwindowname", window) for window in found]

    def click(self, x: int, y: int) -> None:
        """A click of the left button."""
        self.tool("mousemove", str(x), str(y), "sleep", "0.2", "click", "1")

    def press(self, *keys: str) -> None:
        """Keys, one after the other."""
        self.tool("key", "--delay", "120", *keys)

    def picture(self, path: Path) -> None:
        """The screen as PNG."""
        path.write_bytes(_png((self.folder / "Xvfb_screen0").read_bytes()))


def _start(
    command: list[str], *, environment: dict[str, str] | None = None, pass_fds: tuple[int, ...] = ()
) -> subprocess.Popen[bytes]:
    nothing = subprocess.DEVNULL
    return subprocess.Popen(command, env=environment, stdout=nothing, stderr=nothing, stdin=nothing, pass_fds=pass_fds)


def _png(screen: bytes) -> bytes:
    words = struct.unpack(">25I", screen[:100])
    if words[_BITS] != 32:
        raise ValueError(f"{words[_BITS]} bits per pixel")
    width, height, line = words[_WIDTH], words[_HEIGHT], words[_LINE]
    pixels = screen[words[_HEADER] + words[_COLOURS] * 12 :]
    red, green, blue = (2, 1, 0) if words[_ORDER] == 0 else (1, 2, 3)
    rows = []
    for y in range(height):
        row = pixels[y * line : y * line + width * 4]
        plain = bytearray(width * 3)
        plain[0::3], plain[1::3], plain[2::3] = row[red::4], row[green::4], row[blue::4]
        rows.append(b"\0" + bytes(plain))
    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", size)
        + _chunk(b"IDAT", zlib.compress(b"".join(rows), 9))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def wait_for(holds: object, limit_s: float = 40.0) -> bool:
    """Whether a condition comes true in time; a window takes what it takes."""
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        if holds():  # type: ignore[operator]
            return True
        time.sleep(0.2)
    return False
