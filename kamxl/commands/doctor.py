"""`kamxl doctor`: what keeps the Excel add-in, or the LibreOffice extension, from working, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.description = f"{parser.description} Changes nothing."
    parser.add_argument("--libreoffice", action="store_true", help="look at LibreOffice Calc, not at Excel")
    parser.add_argument("--language", choices=("en", "fr"), help="language of the findings (default: that of install)")
    parser.add_argument("--dry-run", action="store_true", help="say what is looked at on each system")


def run(arguments: argparse.Namespace) -> int:
    """Print every finding; 1 when something keeps the add-in from working."""
    from kamxl.addin.doctor import describe, examine, has_faults, language_of
    from kamxl.calc.doctor import examine_office

    language = arguments.language or language_of()
    if arguments.dry_run:
        print("\n".join(describe(language)))
        return 0
    findings = examine_office() if arguments.libreoffice else examine()
    print("\n".join(finding.line(language) for finding in findings))
    return int(has_faults(findings))
