"""How much a package may ask of the machine before it is taken for an attack.

Place in the picture: read by `container` before anything is unpacked, so that a hostile file costs
milliseconds, not memory. Origins: the largest of 3,502 public workbooks measured has 1,900 parts
and 230 MB of XML; a full sheet of 1,048,576 x 30 cells is about 1.2 GB.
"""

from __future__ import annotations

import zipfile

from kamxl.ooxml.errors import OoxmlError, damaged, hostile
from kamxl.records import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Ceilings for one package; the defaults suit a desktop machine."""

    package_bytes: int = 512 << 20
    parts: int = 20_000
    part_bytes: int = 1536 << 20
    total_bytes: int = 3 << 30
    small_part_bytes: int = 64 << 20  # parts that are held whole: workbook, styles, tables, charts
    packing_ratio: int = 400  # deflate tops out near 1030:1; real sheets stay below 60:1
    ratio_floor_bytes: int = 32 << 20


def check_package_size(size_bytes: int, limits: Limits) -> None:
    """Nothing, or OoxmlError `limits` for a file too large to be held."""
    if size_bytes > limits.package_bytes:
        raise OoxmlError(
            "limits",
            f"the file has {size_bytes >> 20} MB, more than the {limits.package_bytes >> 20} MB that are opened",
            help="split the workbook, or remove large pictures from it",
        )


def check_members(members: list[zipfile.ZipInfo], limits: Limits) -> None:
    """Nothing, or OoxmlError: too many parts, too much content, bombs, unreadable packing."""
    if len(members) > limits.parts:
        raise OoxmlError(
            "limits",
            f"the file has {len(members)} parts, more than the {limits.parts} that are opened",
            help="no spreadsheet program writes so many; ask where the file comes from",
        )
    total_bytes = 0
    for member in members:
        total_bytes += member.file_size
        if member.file_size > limits.part_bytes or total_bytes > limits.total_bytes:
            raise hostile("the file unpacks to more than a workbook ever holds", member.filename)
        crowded = member.file_size > limits.packing_ratio * max(1, member.compress_size)
        if member.file_size > limits.ratio_floor_bytes and crowded:
            raise hostile("the part is packed more tightly than any real one (a zip bomb)", member.filename)
        if member.flag_bits & 1:
            raise OoxmlError(
                "encrypted",
                "the package is encrypted by a zip program",
                help="unpack it with its password and pack it again without one",
                place=member.filename,
            )
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise damaged("the part is packed by a method that workbooks do not use", member.filename)


def check_part_name(name: str) -> None:
    """Nothing, or OoxmlError for a name that points outside the package."""
    words = name.replace("\\", "/").split("/")
    if ".." in words or "\0" in name or (len(name) > 1 and name[1] == ":"):
        raise hostile("the part's name points outside the package", name[:120])
