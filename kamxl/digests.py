"""Digests of rule files and templates: SHA-256, without the library of ciphers that `hashlib` loads for it."""

from __future__ import annotations

import importlib
import sys
from functools import cache
from typing import Any


def digest_of(*parts: bytes) -> str:
    """The SHA-256 of some bytes, given whole or in parts, in hexadecimal digits."""
    return str(_maker()(b"".join(parts)).hexdigest())


@cache
def _maker() -> Any:
    # Python's own module, whose name changed with 3.12; a Python built without it has hashlib.
    for name in ("_sha2" if sys.version_info >= (3, 12) else "_sha256", "hashlib"):
        try:
            return importlib.import_module(name).sha256
        except ImportError:
            continue
    raise ImportError("this Python has no SHA-256")
