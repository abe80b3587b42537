"""What all tests share: where CI says that nothing may be skipped, a skipped test is a failure."""

from __future__ import annotations

import os

import pytest


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A run in CI that skipped anything fails, with the reasons shown by -ra."""
    if not os.environ.get("KAMXL_NOTHING_SKIPPED") or exitstatus != 0:
        return
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = 1
