"""Compression and obfuscation of VBA streams, as MS-OVBA sections 2.4.1 and 2.4.3 prescribe.

Used by `vba_project.py` alone. Bytes in, bytes out; knows nothing of modules.
"""

from __future__ import annotations

import struct

CHUNK_BYTES = 4096
_SHORTEST_COPY = 3


def compress(content: bytes) -> bytes:
    """A compressed container that every VBA reader expands to `content`.

    Errors: ValueError for a last chunk that cannot be compressed; a raw chunk would be padded to 4096 bytes and the
    padding read as text. Source text never comes close.
    """
    container = bytearray(b"\x01")
    for start in range(0, len(content), CHUNK_BYTES):
        chunk = content[start : start + CHUNK_BYTES]
        packed = _compress_chunk(chunk)
        if len(packed) < CHUNK_BYTES:
            container += struct.pack("<H", 0xB000 | len(packed) - 1) + packed
        elif len(chunk) == CHUNK_BYTES:
            container += struct.pack("<H", 0x3FFF) + chunk
        else:
            raise ValueError("the last chunk cannot be compressed")
    return bytes(container)


def _compress_chunk(chunk: bytes) -> bytes:
    packed = bytearray()
    seen: dict[bytes, list[int]] = {}
    position = 0
    while position < len(chunk):
        flags, tokens = 0, bytearray()
        for bit in range(8):
            if position >= len(chunk):
                break
            source, length = _longest_copy(chunk, position, seen)
            if length:
                flags |= 1 << bit
                tokens += _copy_token(position, source, length)
            else:
                tokens.append(chunk[position])
                length = 1
            _remember(chunk, range(position, position + length), seen)
            position += length
        packed.append(flags)
        packed += tokens
    return bytes(packed)


def _offset_bits(position: int) -> int:
    return max(4, (position - 1).bit_length()) if position else 4


def _longest_copy(chunk: bytes, position: int, seen: dict[bytes, list[int]]) -> tuple[int, int]:
    longest = min((0xFFFF >> _offset_bits(position)) + _SHORTEST_COPY, len(chunk) - position)
    best_source, best_length = 0, 0
    if longest < _SHORTEST_COPY:
        return 0, 0
    for source in reversed(seen.get(chunk[position : position + _SHORTEST_COPY], ())):
        length = _SHORTEST_COPY
        while length < longest and chunk[source + length] == chunk[position + length]:
            length += 1
        if length > best_length:
            best_source, best_length = source, length
            if length == longest:
                break
    return best_source, best_length


def _copy_token(position: int, source: int, length: int) -> bytes:
    shift = 16 - _offset_bits(position)
    return struct.pack("<H", (position - source - 1) << shift | (length - _SHORTEST_COPY))


def _remember(chunk: bytes, positions: range, seen: dict[bytes, list[int]]) -> None:
    for position in positions:
        if position + _SHORTEST_COPY <= len(chunk):
            seen.setdefault(chunk[position : position + _SHORTEST_COPY], []).append(position)


def obfuscate(content: bytes, project_id: str, seed: int) -> str:
    """A protection value of the PROJECT stream as hexadecimal text (MS-OVBA 2.4.3.2)."""
    key = sum(project_id.encode("ascii")) & 0xFF
    coded = bytearray([seed, seed ^ 2, seed ^ key])
    previous_plain, older_coded, newer_coded = key, coded[1], coded[2]
    filler = bytes((seed & 6) // 2)
    for plain in filler + struct.pack("<I", len(content)) + content:
        value = plain ^ ((older_coded + previous_plain) & 0xFF)
        coded.append(value)
        older_coded, newer_coded, previous_plain = newer_coded, value, plain
    return coded.hex().upper()
