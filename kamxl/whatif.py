"""The what-if of a workbook: old and new rules found, both run, the sheet *KAM What-if* and the robustness column.

A use case beside `app.py`: it wires stages and computes nothing itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kamxl.app import Settings, previous_categories
from kamxl.backends import Scored, runner
from kamxl.clients import check_clients, find_clients
from kamxl.compare import Comparison, compare_plans
from kamxl.flips import Flip, Sensitivity
from kamxl.hosts import Host, OutColumn
from kamxl.language.lint import lint_rules
from kamxl.language.model import RuleSet
from kamxl.language.reader import read_rules, read_rules_text
from kamxl.language.setting import set_weight
from kamxl.own_columns import choose_headers, remember_columns, without_own
from kamxl.phrases import write_percent
from kamxl.plan import Plan, compile_plan
from kamxl.problems import KamxlError, Place, Problem, Severity, has_errors, sort_problems
from kamxl.records import dataclass, replace
from kamxl.sensitivity import measure_sensitivity
from kamxl.stamp import make_stamp
from kamxl.table import Cell, Table
from kamxl.trust_phrases import TRUST_PHRASES, tell
from kamxl.values import date_of
from kamxl.whatif_sheet import WhatIfText, whatif_grid


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `new_rules` empty: the old ones with `changes`, which are (path, value) pairs."""

    new_rules: Path | None = None
    changes: tuple[tuple[str, str], ...] = ()
    sensitivity: float | None = None
    sheet: bool = False


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The answer. `comparison` is None when only the sensitivity was asked for."""

    language: str
    text: WhatIfText
    comparison: Comparison | None
    scored: Scored
    sensitivity: Sensitivity | None
    problems: tuple[Problem, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        found: dict[str, Any] = {"old": self.text.old, "new": self.text.new, "day": self.text.day}
        if self.comparison is not None:
            found["comparison"] = self.comparison.as_dict()
        if self.sensitivity is not None:
            found["sensitivity"] = {
                "range": self.sensitivity.range,
                "exact": self.sensitivity.exact,
                "fragile": self.sensitivity.fragile_count,
                "clients": robustness_texts(self.scored, self.sensitivity, self.language),
            }
        found["problems"] = [problem.as_dict() for problem in self.problems]
        return found


def what_if(host: Host, settings: Settings, question: Question) -> WhatIf:
    """Who moves when the rules change, and whom a single weight would move.

    Writes a sheet and a column when the question asks for a sheet; saving is the caller's.
    Errors: KamxlError when a rule file, the client table or a column is wrong.
    """
    old, new, problems = _rule_sets(settings, question)
    language = settings.language or old.language
    settings.progress("read")
    whole = find_clients(host, old, sheet=settings.sheet, table=settings.table)
    table = without_own(host.notes, whole)
    identity = check_clients(old, table)
    if has_errors(identity):
        raise KamxlError(identity)
    plans = (_plan(old, table, settings), _plan(new, table, settings))
    settings.progress("score")
    rules = plans[0].rules.categories.all_rules
    before = [rules[code].key if code >= 0 else "" for code in previous_categories(host, whole, plans[0])]
    comparison = compare_plans(plans, table, previous=before) if new is not old else None
    scored = comparison.new if comparison is not None else runner(settings.backend).run(plans[0], table)
    span = question.sensitivity
    sensitivity = measure_sensitivity(scored, span) if span is not None else None
    day = date_of(plans[0].as_of)
    names = _names((old, new), settings, question, plans[0].as_of, language)
    text = WhatIfText(*names, day.isoformat() if day else "", language)
    answer = WhatIf(language, text, comparison, scored, sensitivity, sort_problems([*problems, *identity]))
    if question.sheet:
        _write(host, whole, answer)
    return answer


def _rule_sets(settings: Settings, question: Question) -> tuple[RuleSet, RuleSet, list[Problem]]:
    path = settings.rules_path
    old, problems = read_rules(path)
    if old is None:
        raise KamxlError(problems)
    if question.new_rules is None and not question.changes:
        return old, old, list(problems)
    source = question.new_rules or path
    text, name = _text_of(source), str(source)
    for key, value in question.changes:
        text = set_weight(text, key, value, name)
    new, more = read_rules_text(text, name)
    if new is None:
        raise KamxlError(more)
    # Rules that a run would refuse are not worth a comparison either.
    faults = [problem for problem in lint_rules(new, text.splitlines()) if problem.severity is Severity.ERROR]
    if faults:
        raise KamxlError(faults)
    return old, new, [*problems, *more]


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        problem = Problem("KX001", f"file cannot be read: {reason}", Place(str(path)), help="check the path")
        raise KamxlError(problem) from error
    except UnicodeDecodeError as error:
        problem = Problem("KX002", "the file is not UTF-8 text", Place(str(path)), help="save it as UTF-8")
        raise KamxlError(problem) from error


def _plan(rules: RuleSet, table: Table, settings: Settings) -> Plan:
    plan, problems = compile_plan(rules, table.headers, as_of=settings.as_of, place=table.header_place(0))
    if plan is None:
        raise KamxlError(problems)
    return plan


def _names(
    rule_sets: tuple[RuleSet, RuleSet], settings: Settings, question: Question, as_of: float, language: str
) -> tuple[str, str]:
    """Names of the old and the new rules, as the stamp of a run with them would be."""
    beside_new = settings if question.new_rules is None else replace(settings, rules=question.new_rules)
    files = (settings.stamped_files, beside_new.stamped_files)
    old, new = (
        make_stamp(rules, stamped, as_of=as_of, language=language).rules
        for rules, stamped in zip(rule_sets, files, strict=True)
    )
    return old, new


def robustness_texts(scored: Scored, sensitivity: Sensitivity, language: str) -> list[str]:
    """What the robustness column says of each row; empty for rows without a score."""
    span = write_percent(sensitivity.range, language)
    stays = tell("robust", language, range=span)
    return [
        "" if score != score else stays if flip is None else _fragile(scored, flip, language)
        for score, flip in zip(scored.score, sensitivity.flips, strict=True)
    ]


def _fragile(scored: Scored, flip: Flip, language: str) -> str:
    rules = scored.plan.rules.categories.all_rules
    category = rules[flip.category].label.text(language) if flip.category >= 0 else tell("no_category", language)
    sign = "−" if str(flip.change).startswith("-") else "+"
    # A change too small to show is not called none.
    least = "<" if abs(flip.change) < 0.0005 else ""
    change = f"{sign}{least}{write_percent(max(abs(flip.change), 0.001 if least else 0.0), language, decimals=1)}"
    weighed = next(family for family in scored.plan.rules.families if family.key == flip.family)
    criterion = next((one for one in weighed.criteria if one.key == flip.criterion), None)
    name = (criterion or weighed).label.text(language)
    return tell("fragile", language, change=change, name=name, category=category)


def _write(host: Host, whole: Table, answer: WhatIf) -> None:
    if answer.comparison is not None:
        grid = whatif_grid(answer.comparison, answer.text)
        for name in TRUST_PHRASES["whatif_sheet"]:
            if name != grid.name:
                # The same sheet of an earlier comparison, in another language.
                host.remove_sheet(name)
        host.write_sheet(grid)
    if answer.sensitivity is not None:
        header = tell("robustness", answer.language)
        headers = choose_headers(host.notes, whole, [("robustness", header)])
        texts: Sequence[Cell] = robustness_texts(answer.scored, answer.sensitivity, answer.language)
        column = OutColumn(headers["robustness"], [text or None for text in texts], "text", 44)
        host.write_columns(whole, [column])
        remember_columns(host.notes, whole, headers)
