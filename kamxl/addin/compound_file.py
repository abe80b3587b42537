"""Compound files (MS-CFB, version 3): a tree of names and bytes as one file.

Used by `vba_project.py` alone. Knows nothing of VBA. The same tree always gives the same bytes: no times, no class
identifiers, balanced directory trees. Files up to about 6.8 MB, since no DIFAT sectors are written.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

from kamxl.records import dataclass

SECTOR_BYTES, MINI_SECTOR_BYTES, MINI_CUTOFF_BYTES = 512, 64, 4096
FREE_SECTOR, END_OF_CHAIN, FAT_SECTOR, NO_STREAM = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
STORAGE, STREAM, ROOT = 1, 2, 5
RED, BLACK = 0, 1
HEADER_FAT_SLOTS = 109
_ENTRY = "<64sHBBIII16sIQQIQ"
_SLOTS_PER_SECTOR = SECTOR_BYTES // 4

Tree = Mapping[str, "bytes | Tree"]


@dataclass(slots=True)
class _Entry:
    # Not frozen: places in the file are known only after every stream has been laid out.
    name: str
    kind: int
    content: bytes = b""
    number: int = 0
    left: int = NO_STREAM
    right: int = NO_STREAM
    child: int = NO_STREAM
    colour: int = BLACK
    start: int = 0
    size: int = 0

    def packed(self) -> bytes:
        name = (self.name + "\0").encode("utf-16-le")
        links = (self.left, self.right, self.child)
        return struct.pack(_ENTRY, name, len(name), self.kind, self.colour, *links, b"", 0, 0, 0, self.start, self.size)


_UNUSED_ENTRY = struct.pack(_ENTRY, b"", 0, 0, 0, NO_STREAM, NO_STREAM, NO_STREAM, b"", 0, 0, 0, 0, 0)


def write_compound_file(tree: Tree) -> bytes:
    """The compound file that holds a tree: bytes become streams, mappings become storages.

    Errors: ValueError for a name that the format forbids, for two names that differ in case only, and for a tree
    that is too large; all three are bugs of ours, module names are checked before.
    """
    entries = [_Entry("Root Entry", ROOT)]
    _add_children(entries[0], tree, entries)
    mini_fat, mini_stream = _lay_out_small_streams(entries)
    big = [entry for entry in entries[1:] if entry.kind == STREAM and entry.size >= MINI_CUTOFF_BYTES]
    directory_sectors = -(-len(entries) // 4)
    mini_fat_sectors = -(-len(mini_fat) // _SLOTS_PER_SECTOR)
    mini_sectors = -(-len(mini_stream) // SECTOR_BYTES)
    content_sectors = directory_sectors + mini_fat_sectors + mini_sectors
    fat_sectors = _fat_sector_count(content_sectors + sum(_sectors_of(entry) for entry in big))
    fat = [FAT_SECTOR] * fat_sectors
    _append_chain(fat, directory_sectors)
    first_mini_fat = _append_chain(fat, mini_fat_sectors)
    entries[0].start, entries[0].size = _append_chain(fat, mini_sectors), len(mini_stream)
    for entry in big:
        entry.start = _append_chain(fat, _sectors_of(entry))
    parts = [_header(fat_sectors, first_mini_fat, mini_fat_sectors), _padded_table(fat)]
    parts.append(b"".join(entry.packed() for entry in entries) + _UNUSED_ENTRY * (-len(entries) % 4))
    parts += [_padded_table(mini_fat), _padded(mini_stream, SECTOR_BYTES)]
    parts += [_padded(entry.content, SECTOR_BYTES) for entry in big]
    return b"".join(parts)


def _add_children(parent: _Entry, tree: Tree, entries: list[_Entry]) -> None:
    children = []
    for name, value in tree.items():
        _check_name(name)
        child = _Entry(name, STREAM, value) if isinstance(value, bytes) else _Entry(name, STORAGE)
        child.number, child.size = len(entries), len(child.content)
        entries.append(child)
        children.append((child, value))
    ordered = sorted((child for child, _ in children), key=_sort_key)
    if len({_sort_key(child) for child in ordered}) != len(ordered):
        raise ValueError(f"names differ in case only: {[child.name for child in ordered]}")
    height = len(ordered).bit_length()
    is_full = (1 << height) - 1 == len(ordered)
    parent.child = _link_tree(ordered, depth=1, red_depth=0 if is_full else height)
    for child, value in children:
        if not isinstance(value, bytes):
            _add_children(child, value, entries)


def _check_name(name: str) -> None:
    if not name.isascii() or not 1 <= len(name) <= 31 or set(name) & set("/\\:!"):
        raise ValueError(f"{name!r} cannot name an entry: 1 to 31 ASCII letters without / \\ : !")


def _sort_key(entry: _Entry) -> tuple[int, str]:
    return len(entry.name), entry.name.upper()  # MS-CFB 2.6.4: shorter names come first, then upper case decides


def _link_tree(ordered: list[_Entry], *, depth: int, red_depth: int) -> int:
    """Number of the root of a balanced tree; only its incomplete deepest level is red, so black heights agree."""
    if not ordered:
        return NO_STREAM
    middle = len(ordered) // 2
    root = ordered[middle]
    root.colour = RED if depth == red_depth else BLACK
    root.left = _link_tree(ordered[:middle], depth=depth + 1, red_depth=red_depth)
    root.right = _link_tree(ordered[middle + 1 :], depth=depth + 1, red_depth=red_depth)
    return root.number


def _lay_out_small_streams(entries: list[_Entry]) -> tuple[list[int], bytes]:
    mini_fat: list[int] = []
    stream = bytearray()
    for entry in entries[1:]:
        if entry.kind == STREAM and entry.size < MINI_CUTOFF_BYTES:
            entry.start = _append_chain(mini_fat, -(-entry.size // MINI_SECTOR_BYTES))
            stream += _padded(entry.content, MINI_SECTOR_BYTES)
    return mini_fat, bytes(stream)


def _sectors_of(entry: _Entry) -> int:
    return -(-entry.size // SECTOR_BYTES)


def _fat_sector_count(content_sectors: int) -> int:
    count = 1
    while count * _SLOTS_PER_SECTOR < count + content_sectors:
        count += 1
    if count > HEADER_FAT_SLOTS:
        raise ValueError(f"{content_sectors} sectors do not fit a compound file without DIFAT sectors")
    return count


def _append_chain(table: list[int], count: int) -> int:
    if not count:
        return END_OF_CHAIN
    start = len(table)
    table.extend(range(start + 1, start + count))
    table.append(END_OF_CHAIN)
    return start


def _padded(content: bytes, size: int) -> bytes:
    return content + bytes(-len(content) % size)


def _padded_table(table: list[int]) -> bytes:
    full = table + [FREE_SECTOR] * (-len(table) % _SLOTS_PER_SECTOR)
    return struct.pack(f"<{len(full)}I", *full)


def _header(fat_sectors: int, first_mini_fat: int, mini_fat_sectors: int) -> bytes:
    signature = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    versions = struct.pack("<HHHHH6s", 0x3E, 3, 0xFFFE, 9, 6, b"")
    # The directory follows the FAT, which starts at sector 0.
    counts = (0, fat_sectors, fat_sectors, 0, MINI_CUTOFF_BYTES, first_mini_fat, mini_fat_sectors, END_OF_CHAIN, 0)
    slots = [*range(fat_sectors), *[FREE_SECTOR] * (HEADER_FAT_SLOTS - fat_sectors)]
    return signature + bytes(16) + versions + struct.pack(f"<9I{HEADER_FAT_SLOTS}I", *counts, *slots)
