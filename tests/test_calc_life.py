"""Offices that come and go: no process, no lock file, no pipe is left, and nothing hangs."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from tests.calc_office import Office, has_calc, is_running, shared_office
from tests.host_cases import write_book

pytestmark = [
    pytest.mark.office,
    pytest.mark.skipif(not has_calc(), reason="LibreOffice Calc with python3-uno is not installed"),
]
CYCLES = 200
# One start, one small workbook, one stop: half a second on a quiet machine.
_CYCLE_LIMIT_S = 60.0


def pipes() -> set[str]:
    return {path.name for path in Path("/tmp").glob("OSL_PIPE_*")}


def wait_until_gone(profile: Path, limit_s: float = 15.0) -> bool:
    end = time.monotonic() + limit_s
    while is_running(profile) and time.monotonic() < end:
        time.sleep(0.05)
    return not is_running(profile)


def own_leftovers(folder: Path) -> list[str]:
    """Lock files of documents and of the profile."""
    return [path.name for path in folder.rglob("*") if path.name.startswith(".~lock") or path.name == ".lock"]


@pytest.mark.slow
def test_two_hundred_starts_and_stops(tmp_path: Path) -> None:
    """Start, open, calculate, close, stop, two hundred times with one profile: after each nothing is left."""
    profile = tmp_path / "profile"
    profile.mkdir()
    book = write_book(tmp_path / "book.xlsx")
    for cycle in range(CYCLES):
        office = Office(profile=profile, limit=_CYCLE_LIMIT_S)
        own = {path.name for path in office.pipes()}
        try:
            document = office.open(book)
            cell = document.Sheets.getByIndex(0).getCellByPosition(5, 0)
            cell.setFormula(f"={cycle}+1")
            assert cell.Value == cycle + 1
            document.close(True)
        finally:
            office.close()
        assert wait_until_gone(profile), f"cycle {cycle}"
        assert own_leftovers(tmp_path) == []
        assert own and not own & pipes()
        assert [path.name for path in (profile / "tmp").iterdir()] == []


def test_a_killed_office_leaves_nothing(tmp_path: Path) -> None:
    """Killed while a workbook is open and changed: no process, lock file or pipe; its profile starts again."""
    profile = tmp_path / "profile"
    profile.mkdir()
    book = write_book(tmp_path / "book.xlsx")
    content = book.read_bytes()
    started = Office(profile=profile, limit=120.0)
    document = started.open(book)
    document.Sheets.getByIndex(0).getCellByPosition(5, 0).setFormula("=1+1")
    own = {path.name for path in started.pipes()}
    assert own
    started.kill()
    assert wait_until_gone(profile)
    assert not own & pipes()
    assert own_leftovers(tmp_path) == []
    started.close()
    assert book.read_bytes() == content
    again = Office(profile=profile, limit=120.0)
    again.open(book).close(True)
    again.close()
    assert wait_until_gone(profile)
    assert own_leftovers(tmp_path) == []


def test_a_call_that_hangs_is_freed_in_time() -> None:
    """An office that does not answer any more is killed by its watchdog: whoever waits for it gets an error."""
    office = Office(limit=600.0)
    profile = office.profile
    office.open()
    # Stopped, not ended: like an office that waits for ever.
    office.freeze()
    guard = threading.Timer(2.0, office.kill)
    guard.start()
    start = time.monotonic()
    with pytest.raises(Exception, match=r".*"):
        office.open()
    guard.join()
    office.close()
    assert time.monotonic() - start < 60
    assert wait_until_gone(profile)
    assert not profile.exists()


def test_the_death_of_a_shared_office_costs_one_test() -> None:
    """An office of many tests that has died is replaced for the next one."""
    first = shared_office()
    assert shared_office() is first
    first.kill()
    second = shared_office()
    assert second is not first
    document = second.open()
    document.close(True)
