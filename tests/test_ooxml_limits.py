"""Files that must be refused: each by its kind, with an action, quickly and in little memory."""

from __future__ import annotations

import os
import struct
import time
import tracemalloc
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from kamxl.ooxml import Limits, OoxmlError, Workbook
from tests.fuzz_ooxml import fuzz
from tests.ooxml_books import bend, column, make_book, repack
from tests.shared import shared_dir

SHEET = "xl/worksheets/sheet1.xml"
LAUGHS = "<!DOCTYPE l [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9)
) + "]>"  # fmt: skip


def refused(data: bytes, limits: Limits | None = None) -> OoxmlError:
    """The problem of opening the workbook and writing one column."""
    with pytest.raises(OoxmlError) as caught:
        workbook = Workbook.open(data, limits)
        workbook.write_columns("Clients", 1, 2, [column(4)])
        workbook.to_bytes()
    return caught.value


def related(data: bytes, part: str, kind: str, target: str) -> bytes:
    """The workbook with one more relationship."""
    arrow = (
        f'<Relationship Id="rIdX" Type="http://schemas.openxmlformats.org/{kind}" Target="{target}"/></Relationships>'
    )
    return bend(data, part, lambda text: text.replace("</Relationships>", arrow))


def nested(text: str) -> str:
    return text.replace("</workbook>", "<a>" * 999 + "</a>" * 999 + "</workbook>")


def outside(text: str) -> str:
    return text.replace("?>", '?><!DOCTYPE r SYSTEM "file:///etc/passwd">', 1)


def zipped(*parts: tuple[str, bytes]) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts:
            package.writestr(name, content)
    return file.getvalue()


def compound(*streams: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + b"".join(name.encode("utf-16-le") for name in streams)


def with_type(content_type: str) -> bytes:
    return bend(
        make_book(),
        "[Content_Types].xml",
        lambda text: text.replace(
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml", content_type
        ),
    )


def lying(data: bytes) -> bytes:
    """The workbook with a sheet of 20 MB of blanks that says it has 1,000 bytes."""
    made = bytearray(bend(data, SHEET, lambda text: text.replace("<sheetData>", "<sheetData>" + " " * (20 << 20))))
    at = made.find(b"PK\1\2")
    while at >= 0:
        if bytes(made[at + 46 : at + 46 + len(SHEET)]) == SHEET.encode():
            struct.pack_into("<I", made, at + 24, 1000)
        at = made.find(b"PK\1\2", at + 4)
    return bytes(made)


def overlapping() -> bytes:
    """A workbook one of whose parts holds, packed without compression, another part with its header."""
    inner = zipped(("xl/inner.bin", b"x" * 2000))
    end = inner.index(b"PK\1\2")
    outer = BytesIO()
    with zipfile.ZipFile(outer, "w") as package, zipfile.ZipFile(BytesIO(make_book())) as book:
        for name in book.namelist():
            package.writestr(name, book.read(name))
        package.writestr("xl/outer.bin", inner[:end])
        with zipfile.ZipFile(BytesIO(inner)) as read:
            entry = read.infolist()[0]
        entry.header_offset = package.filelist[-1].header_offset + 30 + len("xl/outer.bin")
        package.filelist.append(entry)
        package.NameToInfo[entry.filename] = entry
    return outer.getvalue()


BAD = {
    "empty": (lambda: b"", "not-a-workbook"),
    "csv": (lambda: b"Client;CA\nA;1\n", "not-a-workbook"),
    "html": (lambda: b"<html><table></table></html>", "not-a-workbook"),
    "json": (lambda: b'{"a": 1}', "not-a-workbook"),
    "noise": (lambda: bytes(range(256)) * 20, "not-a-workbook"),
    "encrypted": (lambda: compound("EncryptedPackage", "EncryptionInfo"), "encrypted"),
    "xls": (lambda: compound("Workbook"), "xls"),
    "doc": (lambda: compound("WordDocument"), "not-a-workbook"),
    "xlsb": (lambda: with_type("application/vnd.ms-excel.sheet.binary.macroEnabled.main"), "xlsb"),
    "docx": (
        lambda: with_type("application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"),
        "not-a-workbook",
    ),
    "ods": (lambda: zipped(("mimetype", b"application/vnd.oasis.opendocument.spreadsheet")), "ods"),
    "zip": (lambda: zipped(("notes.txt", b"x")), "not-a-workbook"),
    "truncated": (lambda: make_book()[:3000], "damaged"),
    "no workbook part": (lambda: repack(make_book(), lambda n, c: None if n == "xl/workbook.xml" else c), "damaged"),
    "no sheet part": (lambda: repack(make_book(), lambda n, c: None if n == SHEET else c), "damaged"),
    "duplicate part": (lambda: repack(make_book(), lambda _, c: c, [("XL/workbook.xml", b"<a/>")]), "damaged"),
    "parts inside parts": (overlapping, "hostile"),
    "traversal": (lambda: repack(make_book(), lambda _, c: c, [("../../evil.txt", b"x")]), "hostile"),
    "encoded traversal": (lambda: repack(make_book(), lambda _, c: c, [("xl/%2e%2e/%2e%2e/evil", b"x")]), "hostile"),
    "drive": (lambda: repack(make_book(), lambda _, c: c, [("C:/evil.txt", b"x")]), "hostile"),
    "entities": (lambda: bend(make_book(), "xl/workbook.xml", lambda t: t.replace("?>", "?>" + LAUGHS, 1)), "hostile"),
    "entities in the sheet": (lambda: bend(make_book(), SHEET, lambda t: t.replace("?>", "?>" + LAUGHS, 1)), "hostile"),
    "outside entity": (
        lambda: bend(make_book(), "_rels/.rels", outside),
        "hostile",
    ),
    "deep nesting": (lambda: bend(make_book(), "xl/workbook.xml", nested), "hostile"),
    "not XML": (lambda: bend(make_book(), "xl/workbook.xml", lambda t: t[:-20]), "damaged"),
    "sheet not XML": (lambda: bend(make_book(), SHEET, lambda t: t.replace("</v></c><c", "</v><c", 1)), "damaged"),
    "no rows": (lambda: bend(make_book(), SHEET, lambda t: t.replace("sheetData", "other")), "damaged"),
    "rows out of order": (lambda: bend(make_book(), SHEET, lambda t: t.replace('r="3"', 'r="1"')), "damaged"),
    "wrong encoding": (lambda: bend(make_book(), SHEET, lambda t: t.replace("UTF-8", "UTF-7x")), "damaged"),
    "lying size": (lambda: lying(make_book()), "damaged"),
    "bomb": (lambda: bend(make_book(), SHEET, lambda t: t + " " * (64 << 20)), "hostile"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_problems(name: str) -> None:
    """Each has its kind, one lower-case sentence, and an action."""
    make, kind = BAD[name]
    error = refused(make())
    assert error.kind == kind
    assert error.message and error.message[0].islower() and not error.message.endswith(".")
    assert error.help or kind in ("damaged", "hostile")


def test_a_bomb_costs_no_memory() -> None:
    """A part that unpacks to more than it says is stopped in small steps."""
    data = lying(make_book())
    tracemalloc.start()
    started = time.perf_counter()
    refused(data)
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()
    assert time.perf_counter() - started < 5


def test_limits_can_be_set() -> None:
    """Too many parts, too large a file, too large a part."""
    data = make_book()
    assert refused(data, Limits(parts=3)).kind == "limits"
    assert refused(data, Limits(package_bytes=100)).kind == "limits"
    assert refused(data, Limits(part_bytes=100)).kind == "hostile"
    many = zipped(*((f"part{number}", b"") for number in range(20_001)))
    assert refused(many).kind == "limits"


def test_signed_and_shared_workbooks() -> None:
    """A signature would break and a log of changes would lie: both are left alone."""
    origin = "package/2006/relationships/digital-signature/origin"
    signed = related(make_book(), "_rels/.rels", origin, "_xmlsignatures/origin.sigs")
    extra = [("_xmlsignatures/sig1.xml", b"<a/>"), ("_xmlsignatures/origin.sigs", b"")]
    assert refused(repack(signed, lambda _, content: content, extra)).kind == "signed"
    log = "officeDocument/2006/relationships/revisionHeaders"
    assert refused(related(make_book(), "xl/_rels/workbook.xml.rels", log, "revisions/h.xml")).kind == "shared"


def test_paths(tmp_path: Path) -> None:
    """A missing file, a folder, a pipe that nobody writes to, a lock file in place of the workbook."""
    with pytest.raises(OoxmlError) as caught:
        Workbook.open(tmp_path / "nothing.xlsx")
    assert caught.value.kind == "missing"
    with pytest.raises(OoxmlError) as caught:
        Workbook.open(tmp_path)
    assert caught.value.kind == "not-a-workbook" and "folder" in caught.value.message
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.xlsx")
        with pytest.raises(OoxmlError) as caught:
            Workbook.open(tmp_path / "pipe.xlsx")
        assert caught.value.kind == "not-a-workbook"
    lock = tmp_path / "~$clients.xlsx"
    lock.write_bytes(b"\x04Anna")
    with pytest.raises(OoxmlError) as caught:
        Workbook.open(lock)
    assert caught.value.kind == "not-a-workbook" and "clients.xlsx" in caught.value.help


def test_files_of_the_corpus_that_must_be_refused() -> None:
    """Encrypted, binary, broken and mislabelled files of others."""
    for path in sorted((shared_dir() / "corpus" / "_refuse").iterdir()):
        with pytest.raises(OoxmlError):
            Workbook.open(path)


@pytest.mark.slow
def test_three_hundred_mutations() -> None:
    """A small part of `python -m tests.fuzz_ooxml`."""
    findings = fuzz(300, seed=20261124, folder=None)
    assert findings.failures == []
    assert findings.edited > 20 and sum(findings.problems.values()) > 100


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("xl/workbook.xml", "xmlns:r=", "xns:r="),
        ("[Content_Types].xml", 'encoding="UTF-8"', 'encoding="UTF-:"'),
    ],
    ids=["a prefix that nobody declares", "an encoding of no name"],
)
def test_parts_that_only_seem_readable_are_refused(part: str, old: str, new: str) -> None:
    """What is added would share the fault, or hide it."""
    data = bend(make_book(), part, lambda text: text.replace(old, new, 1))
    assert data != make_book()
    assert refused(data).kind == "damaged"
