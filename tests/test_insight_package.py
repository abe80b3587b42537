"""Workbooks of a run and of publishing are held against what Excel refuses: no Excel runs where the tests run."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pytest

from kamxl import app
from kamxl.app import Settings
from kamxl.hosts.files import FileHost
from kamxl.publish import publish
from kamxl.shipped import shipped
from tests.strict_package import repairs


@pytest.fixture(scope="module", params=["en", "fr"])
def workbooks(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The demo after two runs, and what is published from it."""
    folder = tmp_path_factory.mktemp("books")
    settings = Settings(language=request.param)
    source, book = shipped("workbook", "demo.xlsx"), folder / "book.xlsx"
    for day in (dt.date(2026, 3, 31), dt.date(2026, 9, 30)):
        app.run(FileHost(source, book), dataclasses.replace(settings, as_of=day))
        source = book
    made, _ = publish(FileHost(book, book), settings, departments=[], folder=folder, stem="book")
    return [book, *(each.path for each in made)]


def test_no_workbook_needs_a_repair(workbooks: list[Path]) -> None:
    assert {path.name: found for path in workbooks if (found := repairs(path.read_bytes()))} == {}


def test_the_schema_holds_charts_included(workbooks: list[Path]) -> None:
    """A validator of somebody else's, over the dashboard with its bubble chart and over a published workbook."""
    audit = pytest.importorskip("openxml_audit")
    for path in workbooks[:2]:
        found = audit.OpenXmlValidator().validate(str(path))
        assert [str(error) for error in found.errors] == [], path.name
