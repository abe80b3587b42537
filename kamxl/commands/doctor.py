"""`kamxl doctor`: what keeps the Excel add-in from working, and what to do about it."""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.description = f"{parser.description} Changes nothing."


def run(arguments: argparse.Namespace) -> int:
    """Print every finding; 1 when something keeps the add-in from working."""
    from kamxl.addin.doctor import examine, has_faults

    del arguments
    findings = examine()
    print("\n".join(finding.line() for finding in findings))
    return int(has_faults(findings))
