"""Saving: the old file or the new one is there, whole, whatever happens."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kamxl.ooxml import OoxmlError, Workbook
from kamxl.ooxml.book import Book
from kamxl.ooxml.save import package_bytes
from kamxl.ooxml.verify import verify_written
from tests.ooxml_books import bend, column, make_book, part_list, repack, values

SHEET = "xl/worksheets/sheet1.xml"


def edited(path: Path) -> Workbook:
    workbook = Workbook.open(path)
    workbook.write_columns("Clients", 1, 2, [column(4, overwrite=True)])
    return workbook


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "clients é 😀.xlsx"
    path.write_bytes(make_book())
    return path


def test_save_replaces_and_reports(book: Path) -> None:
    """The file is replaced, its rights stay, the report names what was touched, nothing is left behind."""
    book.chmod(0o640)
    before = book.read_bytes()
    report = edited(book).save(book, backup=book.with_suffix(".bak"))
    assert report.changed == (SHEET,) and report.added == () and report.removed == ()
    assert report.copied == len(part_list(make_book())) - 1
    assert book.stat().st_mode & 0o777 == 0o640
    assert values(book.read_bytes())[1][3] == 1.5
    assert report.backup is not None and report.backup.read_bytes() == before
    assert sorted(path.name for path in book.parent.iterdir()) == sorted([book.name, report.backup.name])


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may give a file to a group")
def test_owner_and_group_stay(book: Path) -> None:
    """A workbook of a shared folder still belongs to its group after someone else has saved it."""
    os.chown(book, 4321, 1234)
    book.chmod(0o664)
    edited(book).save(book)
    status = book.stat()
    assert (status.st_uid, status.st_gid, status.st_mode & 0o777) == (4321, 1234, 0o664)


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="access lists are file attributes on Linux")
def test_access_lists_stay(book: Path) -> None:
    """What Linux keeps beside the rights (access lists are stored so) goes over to the new file."""
    try:
        os.setxattr(book, "user.kamxl", b"kept")
    except OSError:
        pytest.skip("this file system has no attributes")
    edited(book).save(book)
    assert os.getxattr(book, "user.kamxl") == b"kept"


def test_left_overs_of_killed_saves_go(book: Path) -> None:
    """A temporary file that a killed process left is taken away a day later, a fresh one is not touched."""
    old, fresh = (book.with_name(f".~kamxl-{name}.tmp") for name in ("old", "fresh"))
    for path in (old, fresh):
        path.write_bytes(b"half a workbook")
    os.utime(old, (time.time() - 90_000,) * 2)
    edited(book).save(book)
    assert not old.exists() and fresh.exists()


def test_save_elsewhere_leaves_the_source(book: Path) -> None:
    """Another output file leaves the workbook alone; a backup of nothing is none."""
    before = book.read_bytes()
    report = edited(book).save(book.with_name("out.xlsx"), backup=book.with_name("none.bak"))
    assert book.read_bytes() == before and report.backup is None
    assert not book.with_name("none.bak").exists()


def test_save_twice(book: Path) -> None:
    """A workbook that stays open can be saved again."""
    workbook = edited(book)
    workbook.save(book)
    workbook.set_custom_property("kamxl", "1")
    workbook.save(book)
    assert Workbook.open(book).custom_properties == {"kamxl": "1"}


@pytest.mark.parametrize(
    ("lock", "content", "who"),
    [
        ("~${}", b"\x04Anna" + b" " * 50, "Excel by Anna"),
        (".~lock.{}#", b",anna,pc,01.01.2026;", "LibreOffice by anna"),
    ],
)
def test_open_elsewhere(book: Path, lock: str, content: bytes, who: str) -> None:
    """Lock files of Excel and LibreOffice stop the save, and say who has the workbook open."""
    mark = book.with_name(lock.format(book.name))
    mark.write_bytes(content)
    before = book.read_bytes()
    with pytest.raises(OoxmlError) as caught:
        edited(book).save(book)
    assert caught.value.kind == "locked" and who in caught.value.message and mark.name in caught.value.help
    assert book.read_bytes() == before


def test_changed_meanwhile(book: Path) -> None:
    """What someone else has saved in between is not overwritten."""
    workbook = edited(book)
    theirs = make_book(rows=2)
    book.write_bytes(theirs)
    with pytest.raises(OoxmlError) as caught:
        workbook.save(book)
    assert caught.value.kind == "changed" and book.read_bytes() == theirs


def test_symbolic_link_is_followed(book: Path, tmp_path: Path) -> None:
    """A link stays a link; the workbook behind it is replaced."""
    link = tmp_path / "link.xlsx"
    link.symlink_to(book)
    edited(link).save(link)
    assert link.is_symlink() and values(book.read_bytes())[1][3] == 1.5


def test_folder_without_rights(book: Path) -> None:
    """A folder that cannot be written to is a problem, not a traceback."""
    workbook = edited(book)
    book.parent.chmod(0o500)
    root = os.geteuid() == 0
    try:
        if root:
            os.seteuid(65534)  # root may write anywhere, nobody may not
        with pytest.raises(OoxmlError) as caught:
            workbook.save(book)
    finally:
        if root:
            os.seteuid(0)
        book.parent.chmod(0o700)
    assert caught.value.kind == "disk"


def test_missing_folder(book: Path) -> None:
    """So is a folder that does not exist."""
    with pytest.raises(OoxmlError) as caught:
        edited(book).save(book.parent / "nowhere" / "x.xlsx")
    assert caught.value.kind == "disk"


def test_full_disk(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk is full the old file is whole and no temporary file is left."""

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    before = book.read_bytes()
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OoxmlError) as caught:
        edited(book).save(book)
    assert caught.value.kind == "disk" and "No space" in caught.value.message
    assert book.read_bytes() == before and len(list(book.parent.iterdir())) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is a signal of Unix")
def test_kill_at_any_moment(tmp_path: Path) -> None:
    """A process killed at random moments of saving leaves the old or the new workbook, whole."""
    path = tmp_path / "clients.xlsx"
    path.write_bytes(make_book(rows=3000))
    command = (
        "import sys; from pathlib import Path; from tests.ooxml_books import column\n"
        "from kamxl.ooxml import Workbook\n"
        "path, turn = Path(sys.argv[1]), 0\n"
        "while True:\n"
        "    turn += 1\n"
        "    book = Workbook.open(path)\n"
        "    book.write_columns('Clients', 1, 2, [column(4, values=[float(turn)] * 3000, overwrite=True)])\n"
        "    book.save(path)\n"
        "    print(turn, flush=True)\n"
    )
    root = Path(__file__).resolve().parent.parent
    for moment in (0, 3, 11, 17, 29, 41):
        child = subprocess.Popen([sys.executable, "-c", command, str(path)], cwd=root, stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(moment / 1000)
        child.kill()
        child.wait()
        child.stdout.close()
        rows = values(path.read_bytes())
        assert len(rows) == 3001 and len({row[3] for row in rows[1:]}) == 1


def verify(data: bytes, result: bytes) -> None:
    """The check that stands before every replace, for a workbook whose column D was written."""
    workbook = Workbook.open(data)
    workbook.write_columns("Clients", 1, 2, [column(4)])
    workbook.to_bytes()
    verify_written(workbook._book, result, list(workbook._sheets.values()))


def test_guard_lets_the_asked_through() -> None:
    """The check is satisfied by what was asked for."""
    data = make_book()
    workbook = Workbook.open(data)
    workbook.write_columns("Clients", 1, 2, [column(4)])
    verify(data, workbook.to_bytes())


def test_guard_stops_everything_else() -> None:
    """An old value changed, a row gone, a cell where none was asked for, a part changed or gone: none is saved."""
    data = make_book()
    workbook = Workbook.open(data)
    workbook.write_columns("Clients", 1, 2, [column(4)])
    good = workbook.to_bytes()
    bad = [
        bend(good, SHEET, lambda text: text.replace("<v>10.5</v>", "<v>99.5</v>")),
        bend(good, SHEET, lambda text: text.replace('<row r="6"', '<row r="7"')),
        bend(good, SHEET, lambda text: text.replace("</row>", '<c r="Z1"><v>1</v></c></row>', 1)),
        bend(good, SHEET, lambda text: text.replace("</v></c></row>", "</v></c></row><oops>", 1)),
        bend(good, "xl/theme/theme1.xml", lambda text: text + " "),
        repack(good, lambda name, content: None if name == "xl/theme/theme1.xml" else content),
        repack(good, lambda _, content: content, [("xl/extra.xml", b"<a/>")]),
    ]
    kinds = []
    for result in bad:
        with pytest.raises(OoxmlError) as caught:
            verify(data, _packed_like(good, result))
        kinds.append(caught.value.kind)
    assert set(kinds) <= {"unsafe", "damaged"} and kinds.count("unsafe") >= 5


def _packed_like(good: bytes, bent: bytes) -> bytes:
    """The bent parts inside the good file, so that only they differ from it."""
    book, other = Book(good), Book(bent)
    for key, member in other.package.members.items():
        content = b"".join(member.chunks())
        if key not in book.package.members or b"".join(book.package.members[key].chunks()) != content:
            book.package.put(member.name, content)
    for key, member in list(book.package.members.items()):
        if key not in other.package.members:
            book.package.remove(member.name)
    return package_bytes(book.package)[0]


def test_source_is_only_read(book: Path) -> None:
    """Opening, editing and asking for the bytes leave the file as it is."""
    before = hashlib.sha256(book.read_bytes()).hexdigest()
    edited(book).to_bytes()
    assert hashlib.sha256(book.read_bytes()).hexdigest() == before
