"""Sizes of pictures, read from the first bytes of the file: a row must be as tall as its picture."""

from __future__ import annotations

import struct
from pathlib import Path

_MOST_BYTES = 20_000_000


def picture_size(path: Path) -> tuple[int, int] | None:
    """(width, height) in pixels of a PNG, JPEG, GIF or BMP; None for anything else."""
    if path.stat().st_size > _MOST_BYTES:
        return None
    content = path.read_bytes()
    if content[:8] == b"\x89PNG\r\n\x1a\n" and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
    elif content[:6] in (b"GIF87a", b"GIF89a") and len(content) >= 10:
        width, height = struct.unpack("<HH", content[6:10])
    elif content[:2] == b"BM" and len(content) >= 26:
        width, height = struct.unpack("<ii", content[18:26])
    elif content[:2] == b"\xff\xd8":
        return _jpeg_size(content)
    else:
        return None
    return (width, abs(height)) if width > 0 and height else None


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 < len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        # Start of frame: C0 to CF without the tables C4, C8 and CC.
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 2 + struct.unpack(">H", content[at + 2 : at + 4])[0]
    return None
