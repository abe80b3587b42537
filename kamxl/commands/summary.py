"""What a run prints at its end: where the result is, a category table, what is wrong, the next thing to try."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kamxl.clients import describe_table
from kamxl.commands.console import print_problems, print_table, worst
from kamxl.phrases import say, write_number, write_percent
from kamxl.portfolio.clients import MOST_SUMMED, without_empty_rows
from kamxl.problems import Severity
from kamxl.result_columns import empty_rows

if TYPE_CHECKING:
    import argparse

    from kamxl.app import Outcome
    from kamxl.backends import Scored


_TEXTS = {
    "clients": ("Clients:", "Clients :  "),
    "absent": ("Not there:", "Absentes :"),
    "absent_what": (
        "{names}: the rules read them, the table has no such headers; their answers count as blank",
        "{names} : les règles les lisent, le tableau n'a pas ces en-têtes ; leurs réponses comptent comme vides",
    ),
    "rules": ("Rules:  ", "Règles :   "),
    "sheets": ("Sheets: ", "Feuilles : "),
    "overrides": ("Overrides applied:", "Dérogations appliquées :"),
    "not_applied": (", not applied: {refused}", ", non appliquées : {refused}"),
    "not_scored": (
        "Not scored: {count} of the clients, for the problems above; their Why says so",
        "Sans note : {count} clients, pour les problèmes ci-dessus ; leur Pourquoi le dit",
    ),
    "result": ("Result: ", "Résultat : "),
    "next": ("Next:   ", "Ensuite :  "),
    "row": ("row", "ligne"),
    "rows": ("rows", "lignes"),
    "table": ("table", "tableau"),
    "prospects": ("; prospects: {count}", " ; prospects : {count}"),
    "hint": ("open the result, then: ", "ouvrir le résultat, puis : "),
}

# More names than this are counted, not listed.
_MOST_ABSENT = 8


def print_outcome(outcome: Outcome, arguments: argparse.Namespace, target: Path) -> int:
    """Prints the outcome of a run and returns its exit code."""
    if arguments.json:
        import json

        rows = category_rows(outcome.scored, outcome.language)
        print(json.dumps(_as_dict(outcome, target, rows), ensure_ascii=False, indent=2))
        return worst(outcome.problems)
    language = outcome.language
    if not arguments.quiet:
        _print_categories(outcome, category_rows(outcome.scored, outcome.language))
        _print_line("clients", _table_words(outcome), language)
        absent = absent_columns(outcome.scored, language)
        if absent:
            more = f" +{len(absent) - _MOST_ABSENT}" if len(absent) > _MOST_ABSENT else ""
            names = ", ".join(absent[:_MOST_ABSENT]) + more
            _print_line("absent", _tell("absent_what", language).format(names=names), language)
        _print_line("rules", outcome.stamp.line(), language)
        if outcome.sheets:
            _print_line("sheets", ", ".join(outcome.sheets), language)
        applied, refused = override_counts(outcome)
        if applied or refused:
            counts = f"{applied}" + (_tell("not_applied", language).format(refused=refused) if refused else "")
            _print_line("overrides", counts, language)
    print_problems(outcome.problems, language=outcome.language)
    if not arguments.quiet:
        left_out = unscored_count(outcome.scored)
        if left_out:
            print(_tell("not_scored", language).format(count=left_out))
        print_result(target, language)
        hint = _next_thing(outcome, arguments, target)
        if hint:
            _print_line("next", hint, language)
    return worst(outcome.problems)


def print_result(target: Path, language: str) -> None:
    """Where the result is."""
    _print_line("result", str(target), language)


def _tell(key: str, language: str) -> str:
    return _TEXTS[key][1 if language == "fr" else 0]


def _print_line(key: str, text: str, language: str) -> None:
    print(f"{_tell(key, language)} {text}")


def _table_words(outcome: Outcome) -> str:
    """Which table was taken, and how many of its clients are prospects where the rules say so."""
    rows = "row" if outcome.scored.row_count == 1 else "rows"
    told = describe_table(outcome.scored.table, _tell(rows, outcome.language), _tell("table", outcome.language))
    count = prospect_count(outcome.scored)
    return told + (_tell("prospects", outcome.language).format(count=count) if count else "")


def absent_columns(scored: Scored, language: str) -> list[str]:
    """Columns that criteria and categories read and the table does not have, as the rules call them."""
    rules = scored.plan.rules
    found = [rules.column(read.name) for read in scored.plan.reads() if read.index < 0 and read.counts]
    return [column.label.text(language) or column.headers[0] for column in found if column is not None]


def prospect_count(scored: Scored) -> int:
    """Clients for which the rules' own column `prospect` holds; 0 where they have none."""
    prospects = scored.values.get("prospect")
    if prospects is None:
        return 0
    empty = empty_rows(scored)
    return sum(1 for prospect, skip in zip(prospects, empty, strict=True) if prospect == 1 and not skip)


def override_counts(outcome: Outcome) -> tuple[int, int]:
    """(overrides that were applied, overrides that a problem kept from it)."""
    refused = {problem.place for problem in outcome.problems if problem.code == "KX407"}
    return len(outcome.scored.overrides), len(refused)


def unscored_count(scored: Scored) -> int:
    """How many clients a problem of their row has left without a score."""
    return sum(
        any(problem.severity is Severity.ERROR for problem in found) for found in scored.problems_by_row.values()
    )


def category_rows(scored: Scored, language: str) -> list[dict[str, Any]]:
    """Count, revenue and dormant revenue by category, in rule order; clients without a category last."""
    scored = without_empty_rows(scored)
    rules = scored.plan.rules.categories.all_rules
    revenue, dormant = _known(scored.values.get("revenue")), _known(scored.values.get("dormant"))
    by_code: dict[int, list[int]] = {code: [] for code in [*range(len(rules)), -1]}
    for row, code in enumerate(_plain(scored.category)):
        by_code[code].append(row)
    rows = []
    for code, members in by_code.items():
        if code < 0:
            members = [row for row in members if any(column[row] is not None for column in scored.table.columns)]
        if not members and code < 0:
            continue
        rows.append(
            {
                "category": rules[code].key if code >= 0 else "",
                "label": rules[code].label.text(language) if code >= 0 else say("no_category", language),
                "clients": len(members),
                "revenue": _sum(revenue, members),
                "dormant": _sum(dormant, members),
            }
        )
    return rows


def _known(column: Sequence[Any] | None) -> Sequence[Any] | None:
    """A column of which anything is known: a sum over nobody's revenue is no zero."""
    plain = _plain(column) if column is not None else ()
    return plain if any(isinstance(number, float) and not math.isnan(number) for number in plain) else None


def _plain(column: Sequence[Any]) -> Sequence[Any]:
    """Plain Python values: NumPy's own are slow one by one."""
    plain: Sequence[Any] = column.tolist() if hasattr(column, "tolist") else column
    return plain


def _sum(column: Sequence[Any] | None, members: Sequence[int]) -> float | None:
    if column is None:
        return None
    numbers = [column[row] for row in members]
    return math.fsum(number for number in numbers if isinstance(number, float) and abs(number) < MOST_SUMMED)


def _print_categories(outcome: Outcome, rows: Sequence[dict[str, Any]]) -> None:
    language = outcome.language
    headers = [(say("category", language), "left"), (say("clients", language), "right")]
    total = math.fsum(row["revenue"] or 0 for row in rows)
    has_revenue = any(row["revenue"] is not None for row in rows)
    has_dormant = any(row["dormant"] is not None for row in rows)
    if has_revenue:
        headers += [(say("revenue", language), "right"), (say("share", language), "right")]
    if has_dormant:
        headers.append((say("dormant", language), "right"))
    lines = []
    for row in rows:
        line = [row["label"], str(row["clients"])]
        if has_revenue:
            share = write_percent(row["revenue"] / total, language, decimals=1) if total > 0 else ""
            line += [write_number(row["revenue"], language, decimals=0), share]
        if has_dormant:
            line.append(write_number(row["dormant"], language, decimals=0))
        lines.append(line)
    print_table("", headers, lines)


def _as_dict(outcome: Outcome, target: Path, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    stamp = outcome.stamp
    applied, refused = override_counts(outcome)
    rules = {"name": stamp.name, "digest": stamp.digest, "as_of": stamp.day.isoformat(), "kamxl": stamp.version}
    return {
        "result": str(target),
        "rules": rules,
        "table": describe_table(outcome.scored.table),
        "prospects": prospect_count(outcome.scored),
        "clients": sum(row["clients"] for row in rows),
        "categories": list(rows),
        "columns": list(outcome.columns),
        "sheets": list(outcome.sheets),
        "absent_columns": absent_columns(outcome.scored, outcome.language),
        "overrides": applied,
        "overrides_not_applied": refused,
        "problems": [problem.as_dict() for problem in outcome.problems],
    }


def _next_thing(outcome: Outcome, arguments: argparse.Namespace, target: Path) -> str:
    from kamxl.backends.settle import client_name

    scored = outcome.scored
    scores = [-math.inf if score != score else score for score in _plain(scored.score)]
    best = max(range(scored.row_count), key=scores.__getitem__, default=-1)
    if best < 0 or scores[best] == -math.inf:
        return ""
    client = client_name(scored.plan, scored.table, best)
    rules = f" -r {_quoted(arguments.rules)}" if arguments.rules else ""
    return f'{_tell("hint", outcome.language)}kamxl explain {_quoted(target)} "{client}"{rules}'


def _quoted(path: Path) -> str:
    """A path as every shell takes it."""
    text = str(path)
    return f'"{text}"' if " " in text or "'" in text else text
