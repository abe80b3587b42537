"""Command lines read without argparse mean what argparse says they mean; where it would refuse them, it is asked."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kamxl.cli import command_parser, load_command, plain_arguments
from kamxl.commands import COMMANDS

PLAIN = (
    "check",
    "check kam.yml",
    "check a.yml b.yml --language fr --json",
    "check --quiet a.yml",
    "classify book.xlsx -o out.xlsx -r kam.yml --quiet --as-of 2026-01-31",
    "classify book.xlsx --engine duckdb",
    "run book.xlsx --in-place --sheet Clients",
    "collect book.xlsx one.xlsx two.xlsx --in-place",
    "publish book.xlsx -d sales -d quotes",
    "build-addin",
    "build-addin folder",
    "compare book.xlsx -r old.yml -r new.yml",
    "weights --of history --write",
)
NOT_PLAIN = (
    "check --lang fr",  # an abbreviation
    "check --language=fr",
    "check -rkam.yml",
    "check --language de",
    "check --help",
    "check -- a.yml",
    "check a.yml --quiet b.yml",
    "classify",
    "classify one.xlsx two.xlsx",
    "classify book.xlsx -o",
    "classify book.xlsx -o --quiet",
    "classify book.xlsx --as-of tomorrow",
    "classify book.xlsx --colour red",
    "collect book.xlsx",
)


def by_argparse(name: str, words: list[str]) -> dict[str, Any] | None:
    """What argparse reads; None where it refuses the line or prints help."""
    parser = command_parser(name, load_command(name))
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            return vars(parser.parse_args(words))
        except SystemExit:
            return None


def plainly(name: str, words: list[str]) -> dict[str, Any] | None:
    """What is read without argparse; None where it is to be asked."""
    arguments = plain_arguments(load_command(name), words)
    return None if arguments is None else vars(arguments)


@pytest.mark.parametrize("line", PLAIN)
def test_a_plain_line_is_read_without_argparse(line: str) -> None:
    """What people write most needs no argparse, and means the same."""
    name, *words = line.split()
    found = plainly(name, words)
    assert found is not None
    assert found == by_argparse(name, words)


@pytest.mark.parametrize("line", NOT_PLAIN)
def test_argparse_is_asked_about_anything_else(line: str) -> None:
    """Mistakes, help, abbreviations and glued values are argparse's to read or to refuse."""
    name, *words = line.split()
    assert plainly(name, words) is None


@pytest.mark.parametrize("name", COMMANDS)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_line_is_read_otherwise_than_by_argparse(name: str, data: st.DataObject) -> None:
    """Any words of the command's own options and others: the same arguments, or argparse is asked."""
    options = [word for action in command_parser(name, load_command(name))._actions for word in action.option_strings]
    others = ["a.xlsx", "b.yml", "fr", "en", "3", "-3", "2026-01-31", "", "a b", "-a b", "--", "-", "sales=2", "duckdb"]
    words = data.draw(st.lists(st.sampled_from([*options, *others]), max_size=7))
    found = plainly(name, words)
    if found is not None:
        assert found == by_argparse(name, words)
