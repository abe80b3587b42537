"""Inflate and deflate in small steps, with isal when it is installed and zlib otherwise.

Place in the picture: the only module that knows which deflate library is at work. Steps are small
because a packed byte may stand for a thousand: nothing hostile ever gets large in memory.
"""

from __future__ import annotations

import importlib
import zlib
from collections.abc import Iterable, Iterator
from typing import Any


def _load_fast() -> Any:
    """isal's zlib work-alike; None where it is not installed: results differ in size, never in content."""
    try:
        return importlib.import_module("isal.isal_zlib")
    except ImportError:
        return None


_fast: Any = _load_fast()
STEP_BYTES = 1 << 18
LARGE_BYTES = 4 << 20  # beyond this zlib packs at level 1: three times faster, a tenth larger
_ERRORS: tuple[type[Exception], ...] = (zlib.error,) if _fast is None else (zlib.error, _fast.error)


class BadStreamError(ValueError):
    """The packed bytes are no deflate stream, or end too early."""


def inflate(packed: memoryview | bytes, limit_bytes: int) -> Iterator[bytes]:
    """The unpacked bytes in steps.

    Errors: BadStreamError when the stream is broken or unpacks to more than `limit_bytes`.
    """
    engine: Any = zlib if _fast is None else _fast
    unpacker = engine.decompressobj(-15)
    total = 0
    try:
        for start in range(0, len(packed), STEP_BYTES):
            waiting = bytes(packed[start : start + STEP_BYTES])
            while waiting and not unpacker.eof:
                step = unpacker.decompress(waiting, STEP_BYTES)
                waiting = unpacker.unconsumed_tail
                total += len(step)
                if total > limit_bytes:
                    raise BadStreamError(f"unpacks to more than the {limit_bytes} bytes that it declares")
                if step:
                    yield step
        while not unpacker.eof:
            step = unpacker.decompress(unpacker.unconsumed_tail, STEP_BYTES)
            total += len(step)
            if not step or total > limit_bytes:
                raise BadStreamError("ends too early" if not step else "unpacks to more than it declares")
            yield step
    except _ERRORS as error:
        raise BadStreamError(str(error)) from error


def deflate(chunks: Iterable[bytes], expected_bytes: int) -> Iterator[bytes]:
    """The packed bytes, in as many steps as the packer likes."""
    if _fast is not None:
        packer = _fast.compressobj(1 if expected_bytes > LARGE_BYTES else 2, _fast.DEFLATED, -15)
    else:
        packer = zlib.compressobj(1 if expected_bytes > LARGE_BYTES else 6, zlib.DEFLATED, -15)
    for chunk in chunks:
        if step := packer.compress(chunk):
            yield step
    yield packer.flush()


def checksum(chunk: bytes, running: int = 0) -> int:
    """CRC-32 of the bytes so far, as zip files store it."""
    engine: Any = zlib if _fast is None else _fast
    return int(engine.crc32(chunk, running))
