"""What all tests share: one office per process; where CI says that nothing may be skipped, a skipped test fails."""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kamxl.problems import Problem
from kamxl.shipped import shipped
from tests.calc_office import Office, extended_office, has_calc
from tests.french_check import untranslated

# An office that hangs is killed after this: the test fails and the next one gets another office.
_TEST_LIMIT_S = 150.0


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A run in CI that skipped anything fails, with the reasons shown by -ra."""
    if not os.environ.get("KAMXL_NOTHING_SKIPPED") or exitstatus != 0:
        return
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = 1


# Problems that kamxl itself made during a test.
_SEEN: dict[Problem, None] = {}
_KAMXL = str(Path(shipped.__code__.co_filename).parent)


def _watched(problem: Problem) -> None:
    _check_problem(problem)
    caller = sys._getframe(2).f_code.co_filename
    # What is made anew from another problem was seen, or is its French.
    if caller.startswith(_KAMXL) and not caller.endswith("records.py") and len(_SEEN) < _MOST_SEEN:
        _SEEN[problem] = None


_check_problem, _MOST_SEEN = Problem.__post_init__, 2000
Problem.__post_init__ = _watched  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _french() -> Iterator[None]:
    """Whatever a test is about: every problem that kamxl made in it has its French."""
    _SEEN.clear()
    yield
    assert untranslated(_SEEN) == []


@pytest.fixture
def office() -> Iterator[Office]:
    """A private LibreOffice with kamxl.oxt; the same one for all tests of a process, as long as it lives."""
    if not has_calc():
        pytest.skip("LibreOffice Calc with python3-uno is not installed")
    running = extended_office()
    guard = threading.Timer(_TEST_LIMIT_S, running.kill)
    guard.daemon = True
    guard.start()
    yield running
    guard.cancel()


@pytest.fixture
def demo(office: Office, tmp_path: Path) -> Iterator[Any]:
    """The demo workbook open in Calc."""
    path = Path(shutil.copy(shipped("workbook", "demo.xlsx"), tmp_path / "demo.xlsx"))
    document = office.open(path)
    yield document
    if office.process.poll() is None:
        document.close(True)


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """A Spark session of one core, or none where Spark cannot start."""
    pytest.importorskip("pyspark", reason="pyspark is not installed")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java")
    from kamxl.backends.spark import start_spark

    session = start_spark("local[1]")
    session.conf.set("spark.sql.shuffle.partitions", "2")
    yield session
    session.stop()
