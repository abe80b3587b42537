"""Where the third-party workbooks and data sets lie that some tests read; they are no part of the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def shared_dir() -> Path:
    """The folder of shared test material: KAMXL_SHARED, or `shared` beside the repository; the test is skipped without.

    It holds `corpus/`, `data/` and `facts/`.
    """
    chosen = os.environ.get("KAMXL_SHARED")
    folder = Path(chosen) if chosen else Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip(f"shared test material is not at {folder}; set KAMXL_SHARED")
    return folder
