"""The zip file around a workbook: members read in steps, copied packed, written whole.

Place in the picture: below the package; knows names and bytes, nothing of what they mean.
A member that nobody changes is copied with its packed bytes, so it cannot differ.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterable, Iterator
from typing import BinaryIO
from urllib.parse import unquote

from kamxl.ooxml.compression import BadStreamError, checksum, deflate, inflate
from kamxl.ooxml.errors import OoxmlError, damaged, hostile
from kamxl.ooxml.limits import Limits, check_members, check_package_size, check_part_name
from kamxl.records import dataclass

_LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_CENTRAL_HEADER = struct.Struct("<4s4B4HL2L5H2L")
_END = struct.Struct("<4s4H2LH")
_UTF8_NAME = 0x800
_DESCRIPTOR = 0x08
_EPOCH = (1980, 1, 1, 0, 0, 0)  # zip's first date; the same on every run, so that runs can be compared


@dataclass(frozen=True, slots=True)
class Member:
    """One stored part: its name as written and where its packed bytes lie."""

    name: str
    entry: zipfile.ZipInfo
    packed: memoryview

    def chunks(self) -> Iterator[bytes]:
        """The unpacked bytes in steps.

        Errors: OoxmlError `damaged` when packing, size or checksum do not agree.
        """
        running, size_bytes = 0, 0
        stored = self.entry.compress_type == zipfile.ZIP_STORED
        try:
            steps = [bytes(self.packed)] if stored else inflate(self.packed, self.entry.file_size)
            for step in steps:
                running = checksum(step, running)
                size_bytes += len(step)
                yield step
        except BadStreamError as error:
            raise damaged(f"the part cannot be unpacked: {error}", self.name) from error
        if size_bytes != self.entry.file_size or running != self.entry.CRC:
            raise damaged("the part does not have the checksum that the file says", self.name)


def part_key(name: str) -> str:
    """What two part names share when they mean one part: the format ignores case and slashes' lean."""
    return unquote(name.replace("\\", "/")).lstrip("/").lower()


def read_container(data: bytes, limits: Limits) -> dict[str, Member]:
    """All members by key, in their order in the file.

    Errors: OoxmlError `damaged`, `hostile`, `limits`, `encrypted`.
    """
    check_package_size(len(data), limits)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            entries = [entry for entry in opened.infolist() if not entry.filename.endswith("/")]
    except (zipfile.BadZipFile, NotImplementedError, struct.error, ValueError, OSError, OverflowError) as error:
        raise damaged(f"the file is no complete zip package ({error})") from error
    except (MemoryError, RecursionError, UnicodeError, IndexError) as error:
        raise damaged("the file's list of parts is nonsense") from error
    check_members(entries, limits)
    members: dict[str, Member] = {}
    view = memoryview(data)
    for entry in entries:
        check_part_name(entry.filename)
        key = part_key(entry.filename)
        if key in members:
            raise damaged("the package has two parts of this name", entry.filename)
        check_part_name(key)
        members[key] = Member(entry.filename, entry, _packed_bytes(view, entry))
    _refuse_overlaps(members.values())
    return members


def _refuse_overlaps(members: Iterable[Member]) -> None:
    """Nothing, or OoxmlError `hostile` when parts share bytes: so a small file unpacks to a huge one."""
    end = 0
    for member in sorted(members, key=lambda item: item.entry.header_offset):
        if member.entry.header_offset < end:
            raise hostile("the part lies inside another one", member.name)
        end = member.entry.header_offset + 30 + len(member.packed)  # and its name, which is not counted


def _packed_bytes(view: memoryview, entry: zipfile.ZipInfo) -> memoryview:
    start = entry.header_offset
    header = bytes(view[start : start + 30]) if 0 <= start < len(view) else b""
    if len(header) != 30 or header[:4] != b"PK\3\4":
        raise damaged("the part's header is missing", entry.filename)
    name_bytes, extra_bytes = struct.unpack("<HH", header[26:30])
    stored_name = bytes(view[start + 30 : start + 30 + name_bytes])
    encoding = "utf-8" if header[7] & 0x08 else "cp437"
    if stored_name.decode(encoding, "replace") != entry.orig_filename:
        raise damaged("the part has another name in its header than in the list of parts", entry.filename)
    start += 30 + name_bytes + extra_bytes
    packed = view[start : start + entry.compress_size]
    if len(packed) != entry.compress_size:
        raise damaged("the file ends in the middle of the part", entry.filename)
    return packed


class ContainerWriter:
    """A zip file being written from its first byte to its last; `close` completes it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._central: list[bytes] = []

    def copy(self, member: Member) -> None:
        """Store a member as it is, packed bytes and all."""
        entry = member.entry
        header = self._header(entry, entry.CRC, len(member.packed), entry.file_size, entry.compress_type)
        self._file.write(header[0])
        self._file.write(member.packed)
        self._central.append(header[1])

    def write(self, name: str, chunks: Iterable[bytes], *, expected_bytes: int, like: Member | None = None) -> None:
        """Pack and store new content; `like` lends the name's spelling and its date."""
        entry = like.entry if like else zipfile.ZipInfo(name, _EPOCH)
        start = self._file.tell()
        self._file.write(self._header(entry, 0, 0, 0, zipfile.ZIP_DEFLATED)[0])
        counted = _Counted(chunks)
        packed_bytes = 0
        for step in deflate(counted, expected_bytes):
            packed_bytes += self._file.write(step)
        end = self._file.tell()
        self._file.seek(start)
        size = counted.size_bytes
        header = self._header(entry, counted.running, packed_bytes, size, zipfile.ZIP_DEFLATED, start)
        self._file.write(header[0])
        self._file.seek(end)
        self._central.append(header[1])

    def close(self) -> None:
        """Write the list of members that ends a zip file."""
        start = self._file.tell()
        directory = b"".join(self._central)
        count = len(self._central)
        self._file.write(directory)
        self._file.write(_END.pack(b"PK\5\6", 0, 0, count, count, len(directory), start, 0))

    def _header(
        self, entry: zipfile.ZipInfo, crc: int, packed: int, size: int, method: int, start: int | None = None
    ) -> tuple[bytes, bytes]:
        start = self._file.tell() if start is None else start
        if max(packed, size, start) >= 0xFFFFFFFF:
            raise OoxmlError("limits", "the workbook would grow beyond 4 GB", help="split it", place=entry.filename)
        name, flags = _name_bytes(entry)
        date = entry.date_time if entry.date_time[0] >= 1980 else _EPOCH
        day = (date[0] - 1980) << 9 | date[1] << 5 | date[2]
        time = date[3] << 11 | date[4] << 5 | date[5] // 2
        local = _LOCAL_HEADER.pack(b"PK\3\4", 20, flags, method, time, day, crc, packed, size, len(name), 0)
        central = _CENTRAL_HEADER.pack(
            b"PK\1\2", 20, entry.create_system & 255, 20, 0, flags, method, time, day, crc, packed, size,
            len(name), 0, 0, 0, entry.internal_attr & 0xFFFF, entry.external_attr & 0xFFFFFFFF, start,
        )  # fmt: skip
        return local + name, central + name


class _Counted:
    """Chunks passed on while their size and checksum are kept."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self.running = 0
        self.size_bytes = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.running = checksum(chunk, self.running)
            self.size_bytes += len(chunk)
            yield chunk


def _name_bytes(entry: zipfile.ZipInfo) -> tuple[bytes, int]:
    """The name as its first writer spelled it, and the flags that tell its encoding."""
    kept = entry.flag_bits & ~(_DESCRIPTOR | 1) & 0x0006  # the packer's own two hint bits
    if entry.flag_bits & _UTF8_NAME:
        return entry.orig_filename.encode("utf-8", "surrogatepass"), kept | _UTF8_NAME
    try:
        return entry.orig_filename.encode("ascii"), kept
    except UnicodeEncodeError:
        pass
    try:
        return entry.orig_filename.encode("cp437"), kept
    except UnicodeEncodeError:
        return entry.orig_filename.encode("utf-8", "surrogatepass"), kept | _UTF8_NAME
