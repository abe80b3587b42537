"""Digests of rule files and templates: SHA-256, without the library of ciphers that `hashlib` loads for it."""

from __future__ import annotations

import importlib
from typing import Any


def digest_of(*parts: bytes) -> str:
    """The SHA-256 of some bytes, given whole or in parts, in hexadecimal digits."""
    return str(_maker()(b"".join(parts)).hexdigest())


def _maker() -> Any:
    # Python's own module, whose name changed with 3.12; a Python built without it has hashlib.
    for name in ("_sha2", "_sha256", "hashlib"):
        try:
            return importlib.import_module(name).sha256
        except ImportError:
            continue
    raise ImportError("this Python has no SHA-256")
