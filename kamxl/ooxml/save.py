"""A package written to disk so that the old or the new file is there, whole, at every moment.

Place in the picture: the only module that writes files. Temporary file in the same folder, flushed
to the disk, verified, then one atomic replace.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import sys
import time
from pathlib import Path
from typing import BinaryIO

from kamxl.ooxml.container import ContainerWriter, read_container
from kamxl.ooxml.errors import OoxmlError
from kamxl.ooxml.package import Package, Stream
from kamxl.records import dataclass

_LOCKS = ("~${}", ".~lock.{}#")  # Excel's and LibreOffice's mark beside an open workbook
_LEFT_OVER = (".~kamxl-", ".tmp")  # how the names of temporary files begin and end
_ZONE = ":Zone.Identifier"  # Windows' mark of downloaded files: losing it would unblock macros


@dataclass(frozen=True, slots=True)
class SaveReport:
    """What a save did to the parts of the package."""

    path: Path | None
    changed: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    copied: int
    size_bytes: int
    backup: Path | None = None


def write_package(package: Package, file: BinaryIO) -> SaveReport:
    """The package with its edits, written as one zip file."""
    writer = ContainerWriter(file)
    edits, removed = package.edits(), package.removed()
    changed, copied = [], 0
    for key, member in package.members.items():
        if key in removed:
            continue
        if key in edits:
            content = edits[key][1]
            chunks = content.produce() if isinstance(content, Stream) else [content]
            size = content.expected_bytes if isinstance(content, Stream) else len(content)
            writer.write(member.name, chunks, expected_bytes=size, like=member)
            changed.append(member.name)
        else:
            writer.copy(member)
            copied += 1
    added = [key for key in edits if key not in package.members]
    for key in added:
        name, content = edits[key]
        chunks = content.produce() if isinstance(content, Stream) else [content]
        size = content.expected_bytes if isinstance(content, Stream) else len(content)
        writer.write(name, chunks, expected_bytes=size)
    writer.close()
    gone = tuple(package.members[key].name for key in package.members if key in removed)
    names = tuple(edits[key][0] for key in added)
    return SaveReport(None, tuple(changed), names, gone, copied, file.tell())


def package_bytes(package: Package) -> tuple[bytes, SaveReport]:
    """The written package in memory, and what was done."""
    file = io.BytesIO()
    report = write_package(package, file)
    return file.getvalue(), report


def holds_the_same(package: Package, data: bytes) -> bool:
    """Whether the written file has the parts that were read, each with the same content."""
    written = read_container(data, package.limits)
    return [(key, item.entry.CRC, item.entry.file_size) for key, item in written.items()] == [
        (key, item.entry.CRC, item.entry.file_size) for key, item in package.members.items()
    ]


def refuse_if_open(path: Path) -> None:
    """Nothing, or OoxmlError `locked` when a spreadsheet program has the file open, or it may not be changed."""
    if os.path.exists(path) and not os.access(path, os.W_OK):  # noqa: PTH110  as below
        raise OoxmlError(
            "locked",
            "the workbook is marked read-only",
            help="lift the mark, or give another output file",
            place=str(path),
        )
    places = {path.absolute(), path.resolve()}  # a link and what it points at have lock files of their own
    for lock in (place.with_name(mark.format(place.name)) for place in sorted(places) for mark in _LOCKS):
        if os.path.exists(lock):  # noqa: PTH110  Path.exists raises where a folder may not be looked into
            program = "LibreOffice" if lock.name.startswith(".") else "Excel"
            raise OoxmlError(
                "locked",
                f"the workbook is open in {program}{_owner(lock)}",
                help=f"close it there, or delete the left-over file {lock.name}",
                place=str(path),
            )


def _owner(lock: Path) -> str:
    """The person that a lock file names, as ` by NAME`; empty when it cannot be read."""
    try:
        content = lock.read_bytes()[:200]
    except OSError:
        return ""
    if lock.name.startswith("."):
        name = content.decode("utf-8", "replace").lstrip(",").partition(",")[0]
    else:
        name = content[1 : 1 + content[0]].decode("latin-1") if content else ""
    shown = "".join(letter for letter in name if letter.isprintable()).strip()
    return f" by {shown[:40]}" if shown else ""


def refuse_if_changed(path: Path, known: bytes) -> None:
    """Nothing, or OoxmlError `changed` when the file is not the one that was read."""
    try:
        current = path.read_bytes()
    except FileNotFoundError:
        return
    except PermissionError as error:
        raise _sharing_violation(path) from error
    if current != known:
        raise OoxmlError(
            "changed",
            "the workbook was changed by someone else while it was being worked on",
            help="run again, so that the new content is kept",
            place=str(path),
        )


class Replacement:
    """A temporary file beside `path` that takes its place on `commit`; removed when anything fails."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        try:
            _sweep(self.path.parent)
            self._file, self._temporary = _new_file(self.path.parent)
        except OSError as error:
            raise _cannot_write(self.path, error) from error

    def __enter__(self) -> Replacement:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        with contextlib.suppress(OSError):
            self._temporary.unlink()

    def write(self, package: Package) -> tuple[SaveReport, bytes]:
        """What was written, as reported and as it can be read back from the disk."""
        try:
            report = write_package(package, self._file)
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.seek(0)
            return report, self._file.read()
        except OSError as error:
            raise _cannot_write(self.path, error) from error

    def commit(self, backup: Path | None) -> None:
        """Put the temporary file in the place of the old one, in one step."""
        self._file.close()
        try:
            if self.path.exists():
                _copy_rights(self.path, self._temporary)
                _copy_zone(self.path, self._temporary)
                if backup is not None:
                    _back_up(self.path, backup)
            else:
                mask = os.umask(0)
                os.umask(mask)
                self._temporary.chmod(0o666 & ~mask)
            self._temporary.replace(self.path)
        except PermissionError as error:
            raise _sharing_violation(self.path) from error
        except OSError as error:
            raise _cannot_write(self.path, error) from error
        _flush_folder(self.path.parent)


def _new_file(folder: Path) -> tuple[BinaryIO, Path]:
    """A file of a name that nobody has, open for this user alone. Errors: OSError."""
    # As `tempfile` does it, whose modules take longer to load than a small workbook to save.
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
    for _ in range(100):
        path = folder / f"{_LEFT_OVER[0]}{os.urandom(6).hex()}{_LEFT_OVER[1]}"
        with contextlib.suppress(FileExistsError):
            return os.fdopen(os.open(path, flags, 0o600), "w+b"), path
    raise FileExistsError(f"no free name in {folder}")


def _sweep(folder: Path) -> None:
    """Takes away temporary files of saves that were killed; a day old, so that none is still at work."""
    with contextlib.suppress(OSError):
        for entry in os.scandir(folder):
            ours = entry.name.startswith(_LEFT_OVER[0]) and entry.name.endswith(_LEFT_OVER[1])
            if ours and time.time() - entry.stat().st_mtime > 86_400:
                Path(entry.path).unlink()


def _back_up(path: Path, backup: Path) -> None:
    """A verified copy of the old file, complete before that is replaced; an earlier copy gives way in one step."""
    backup.parent.mkdir(parents=True, exist_ok=True)
    file, temporary = _new_file(backup.parent)
    try:
        with file as copy, path.open("rb") as old:
            shutil.copyfileobj(old, copy)
            copy.flush()
            os.fsync(copy.fileno())
        if temporary.read_bytes() != path.read_bytes():
            raise OoxmlError(
                "unsafe", "the backup is not equal to the workbook", help="check the disk", place=str(backup)
            )
        shutil.copystat(path, temporary)
        temporary.replace(backup)
    finally:
        temporary.unlink(missing_ok=True)


def _copy_rights(source: Path, target: Path) -> None:
    """Who may do what with the file: owner, group, access lists; as far as this user may pass them on."""
    if hasattr(os, "chown"):
        status = source.stat()
        for owner in (status.st_uid, -1):  # giving a file away is for root, handing it to one's group for everyone
            with contextlib.suppress(OSError):
                os.chown(target, owner, status.st_gid)
                break
    shutil.copymode(source, target)
    if sys.platform == "linux":  # access lists are attributes there
        with contextlib.suppress(OSError):
            for name in os.listxattr(source):
                with contextlib.suppress(OSError):
                    os.setxattr(target, name, os.getxattr(source, name))


def _copy_zone(source: Path, target: Path) -> None:
    if sys.platform == "win32":
        with contextlib.suppress(OSError):
            Path(f"{target}{_ZONE}").write_bytes(Path(f"{source}{_ZONE}").read_bytes())


def _flush_folder(folder: Path) -> None:
    if not hasattr(os, "O_DIRECTORY"):
        return
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _sharing_violation(path: Path) -> OoxmlError:
    return OoxmlError(
        "locked", "the workbook cannot be replaced: another program holds it, or it is read-only",
        help="close it in Excel and run again, or give another output file", place=str(path),
    )  # fmt: skip


def _cannot_write(path: Path, error: OSError) -> OoxmlError:
    return OoxmlError(
        "disk", f"the workbook cannot be written ({error.strerror or error})",
        help="check the folder, its rights and the free space", place=str(path),
    )  # fmt: skip
