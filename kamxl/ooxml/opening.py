"""A file's first bytes, and what they say before it is opened as a package.

Place in the picture: gives files that are no .xlsx the name of what they are, because "not a zip
file" helps nobody.
"""

from __future__ import annotations

import stat
from pathlib import Path

from kamxl.ooxml.errors import OoxmlError
from kamxl.ooxml.limits import Limits, check_package_size

_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read_file(path: Path, limits: Limits) -> bytes:
    """The file's bytes.

    Errors: OoxmlError `missing`, `locked`, `disk`, `limits`, and `not-a-workbook` for a lock file.
    """
    if path.name.startswith(("~$", ".~lock.")):
        raise OoxmlError(
            "not-a-workbook",
            "this is the mark of a workbook that is open elsewhere, not the workbook",
            help=f"give {path.name[2:]} instead",
            place=str(path),
        )
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # reading a pipe would wait for ever
            what = "a folder" if stat.S_ISDIR(status.st_mode) else "no file"
            raise OoxmlError("not-a-workbook", f"this is {what}", help="give an .xlsx or .xlsm file", place=str(path))
        check_package_size(status.st_size, limits)
        return path.read_bytes()
    except FileNotFoundError as error:
        raise OoxmlError("missing", "there is no such file", help="check the path", place=str(path)) from error
    except PermissionError as error:
        raise OoxmlError(
            "locked", "the workbook cannot be read: another program holds it, or you have no right to",
            help="close it in Excel and run again", place=str(path),
        ) from error  # fmt: skip
    except OSError as error:
        raise OoxmlError(
            "disk", f"the file cannot be read ({error.strerror or error})", help="check the path", place=str(path)
        ) from error


def refuse_other_formats(data: bytes) -> None:
    """Nothing for a zip file; otherwise OoxmlError saying what the file is."""
    if not data:
        raise OoxmlError("not-a-workbook", "the file is empty", help="copy it again from its source")
    if data.startswith(_COMPOUND):
        raise _compound(data)
    if data[:2] == b"PK":
        return
    start = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<html", b"<!doctype html", b"<table")):
        what = "a web page saved under a workbook's name"
    elif start.startswith(b"<?xml"):
        what = "an XML file, not an Excel workbook"
    elif b"\0" not in data[:4096]:
        what = "a text file, not an Excel workbook"
    else:
        what = "not an Excel workbook"
    raise OoxmlError("not-a-workbook", f"this is {what}", help="open it in Excel and save it as .xlsx")


def _compound(data: bytes) -> OoxmlError:
    """What an OLE compound file holds, by the names of its streams."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        return OoxmlError(
            "encrypted",
            "the workbook is encrypted (a password to open, or managed rights)",
            help="in Excel: File, Info, Protect Workbook, Encrypt with Password, empty the field, save",
        )
    if any(name.encode("utf-16-le") in data for name in ("Workbook", "Book")):
        return OoxmlError("xls", "this is an old binary workbook (.xls)", help="in Excel: save it as .xlsx or .xlsm")
    if "WordDocument".encode("utf-16-le") in data:
        return OoxmlError("not-a-workbook", "this is a Word document", help="give an .xlsx or .xlsm file")
    return OoxmlError("xls", "this is an old binary Office file", help="in Excel: save it as .xlsx or .xlsm")
