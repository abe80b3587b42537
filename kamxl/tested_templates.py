"""Templates that came with kamxl, known by their digests: a check of unchanged ones need not load Jinja.

`tests/test_shipped_rules.py` gives them the whole check and holds the digests to the files.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from kamxl.digests import digest_of

# SHA-256 of each file with lines ended by \n. Each includes or extends only others of the list.
TESTED = {
    "department.md.j2": "01d5248222113404d092ab739a431715ea6a9746fbb14c016a89276465afb7f9",
    "sales.md.j2": "15846124ec0166632908098f3a942071560c380b67b4db957fd6fc057422b5c3",
}


def are_unchanged(names: Iterable[str], folders: Sequence[Path]) -> bool:
    """Whether all templates of these names, and all that they include, are those that came with kamxl."""
    return TESTED.keys() >= set(names) and all(_digest(name, folders) == digest for name, digest in TESTED.items())


def _digest(name: str, folders: Sequence[Path]) -> str:
    """The digest of the first file of that name in the folders, as templates are looked for; empty for none."""
    for folder in folders:
        path = folder / name
        if path.is_file():
            return digest_of(path.read_bytes().replace(b"\r\n", b"\n"))
    return ""
