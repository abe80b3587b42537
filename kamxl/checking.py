"""Checking rule, process and template files: what `kamxl check` and the Check button do. Light: no workbook library."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kamxl.language.lint import lint_draft, lint_rules
from kamxl.language.model import RuleSet
from kamxl.language.reader import read_draft
from kamxl.problems import Problem, has_errors
from kamxl.process import Coverage, ProcessBook, coverage, read_processes
from kamxl.records import dataclass, replace
from kamxl.shipped import shipped
from kamxl.tested_templates import are_unchanged

if TYPE_CHECKING:
    from kamxl.hosts import Host


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found."""

    file: str
    rules: RuleSet | None
    processes: ProcessBook | None
    covered: Coverage | None
    expectations: tuple[int, int]
    """(tests that passed, tests in all)."""
    problems: tuple[Problem, ...]

    def text(self, language: str) -> str:
        """The report as lines for a terminal."""
        lines = [self.file]
        if self.rules is not None:
            rules = self.rules
            count = sum(len(family.criteria) for family in rules.families)
            name, families, categories = rules.name.text(language), len(rules.families), len(rules.categories.rules)
            passed, total = self.expectations
            if language == "fr":
                lines.append(f"  {name} : {families} familles, {count} critères, {categories} catégories")
                lines += [f"  attentes : {passed} sur {total} satisfaites"] if total else []
            else:
                lines.append(f"  {name}: {families} families, {count} criteria, {categories} categories")
                lines += [f"  expectations: {passed} of {total} hold"] if total else []
        if self.covered is not None:
            lines += ["", *coverage_lines(self.covered, language)]
        return "\n".join(lines)

    def summary(self) -> dict[str, Any]:
        """The report as plain values."""
        passed, total = self.expectations
        return {"file": self.file, "readable": self.rules is not None, "expectations": total, "passed": passed}


def check_files(
    rules_path: Path,
    processes_path: Path | None,
    templates: Path | None,
    *,
    host: Host | None = None,
    language: str = "en",
) -> Report:
    """Everything that can be said of the files; with a workbook, the test clients of its sheet *KAM Tests* too."""
    draft, problems = read_draft(rules_path)
    rules = None if has_errors(problems) else draft
    beside = rules_path.with_name("processes.yml")
    chosen = processes_path or (beside if beside.is_file() else shipped("rules", "processes.yml"))
    book, more = read_processes(chosen)
    found = [*problems, *more]
    covered = None
    passed = total = 0
    if rules is None and draft is not None:
        found += lint_draft(draft, problems)
    if rules is not None:
        # Departments of another rule file say nothing of these columns.
        seen = {name for one in book.departments for name in one.see} if book is not None else None
        found += lint_rules(rules, used=seen if processes_path is not None or beside.is_file() else None)
        passed, total, failures = _expectations(rules, host, language)
        found += failures
    if rules is not None and book is not None:
        covered = coverage(book, rules)
        # The shipped process file is for the shipped columns: what it may show of others is left out silently.
        borrowed = processes_path is None and not beside.is_file()
        found += [problem for problem in covered.problems if not (borrowed and problem.code == "KX301")]
        found += _templates(book, chosen, templates)
    return Report(str(rules_path), rules, book, covered, (passed, total), _with_lines(found))


def _with_lines(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """The same problems, each with the line that it speaks of: what is found behind the reader knows places only."""
    lines: dict[str, list[str]] = {}
    found = []
    for problem in problems:
        place = problem.place
        if place.line and not problem.source_line:
            if place.file not in lines:
                path = Path(place.file)
                lines[place.file] = path.read_text("utf-8-sig", "replace").splitlines() if path.is_file() else []
            source = lines[place.file][place.line - 1 : place.line]
            problem = replace(problem, source_line=source[0] if source else "")
        found.append(problem)
    return tuple(found)


def _expectations(rules: RuleSet, host: Host | None, language: str) -> tuple[int, int, tuple[Problem, ...]]:
    """(tests that passed, tests in all, problems) of the rule file and of the workbook."""
    if not rules.expect and host is None:
        return 0, 0, ()
    from kamxl.expectations import read_book_tests, run_expectations

    sheet = read_book_tests(host, rules) if host is not None else None
    tests = (*rules.expect, *(sheet.expectations if sheet is not None else ()))
    failures = run_expectations(rules, tests, language=language)
    passed = len(tests) - len({problem.place for problem in failures})
    unread = sheet.unreadable if sheet is not None else 0
    return passed, len(tests) + unread, (*(sheet.problems if sheet is not None else ()), *failures)


def _templates(book: ProcessBook, processes: Path, folder: Path | None) -> tuple[Problem, ...]:
    own = folder or processes.parent / "templates"
    folders = tuple(dict.fromkeys([*([own] if own.is_dir() else []), shipped("rules", "templates")]))
    if are_unchanged((department.template for department in book.departments), folders):
        return ()
    from kamxl.sheets import check_templates

    return check_templates(book, folders)


def coverage_lines(covered: Coverage, language: str) -> list[str]:
    """The coverage grid: a block per category, departments down, stages across."""
    marks = {"given": "•", "none": "–", "missing": "?"}
    width = max((len(department.label.text(language)) for department in covered.departments), default=10)
    stages = [stage.label.text(language) for stage in covered.stages]
    lines = []
    for category in covered.categories:
        lines.append(f"  {category.label.text(language)}")
        lines.append(" " * (width + 5) + "  ".join(stages))
        for department in covered.departments:
            cells = [
                marks[covered.states[category.key, department.key, stage.key]].center(len(title))
                for stage, title in zip(covered.stages, stages, strict=True)
            ]
            lines.append(f"    {department.label.text(language):<{width}} " + "  ".join(cells))
        lines.append("")
    french = "  • consigne   – rien à faire, et c'est dit   ? manque"
    return [*lines, french if language == "fr" else "  • instruction   – declared none   ? missing"]
