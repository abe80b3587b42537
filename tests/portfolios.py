"""Scored portfolios for the tests of figures, dashboard, history and publishing: from rows and a rule text."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from kamxl.backends import Scored
from kamxl.backends.reference import ReferenceRunner
from kamxl.language.reader import read_rules
from kamxl.plan import compile_plan
from kamxl.problems import render_blocks
from kamxl.table import Cell, Origin, Table
from tests.shared import shared_dir

RULES = """
kamxl: 1
name: {en: Test portfolio, fr: Portefeuille d'essai}
language: en
as_of: 2026-06-30
scale: 10
missing: skip
columns:
  client: {headers: [Client], kind: text, role: id}
  status: {headers: [Status], kind: choice, choices: [active, prospect], optional: yes}
  segment: {headers: [Segment], kind: text, role: segment, optional: yes}
  employees: {headers: [Employees], role: size, optional: yes}
  revenue: {headers: [Revenue], kind: money, optional: yes}
  margin: {headers: [Margin], kind: money, optional: yes}
  spend: {headers: [Spend], kind: money, optional: yes}
  accessibility: {headers: [Accessibility], kind: percent, optional: yes}
  hours_served: {headers: [Hours], optional: yes}
  last_order: {headers: [Last order], kind: date, optional: yes}
  fit: {headers: [Fit], optional: yes}
  bolts: {headers: [Bolts], kind: money, role: product, optional: yes}
  nuts: {headers: [Nuts], kind: money, role: product, optional: yes}
derived:
  prospect: status = prospect or revenue is missing
  dormant: max(spend - revenue, 0) * coalesce(accessibility, 1)
families:
  profile:
    weight: 20
    label: {en: Profile, fr: Profil}
    criteria:
      fit: {weight: 1, points: as is}
  history:
    weight: 40
    applies: not prospect
    label: {en: History, fr: Historique}
    criteria:
      revenue: {weight: 1, curve: {0: 0, 100000: 10}}
  potential:
    weight: 40
    label: {en: Potential, fr: Potentiel}
    criteria:
      headroom: {of: spend - revenue, weight: 1, curve: {0: 0, 100000: 10}}
categories:
  policy: first
  rules:
    loyal: {when: history >= 60, label: {en: Loyal, fr: Fidèle}, process: loyalty}
    high_potential:
      when: potential >= 60 or (prospect and profile >= 70)
      label: {en: High potential, fr: Fort potentiel}
      process: seduction
    small: {otherwise: true, label: {en: Small, fr: Petit}, process: optimisation}
"""

RESELLER_RULES = """
kamxl: 1
name: Resellers
as_of: 2020-06-01
columns:
  reseller: {headers: [ResellerKey], kind: text, role: id}
  reseller_name: {headers: [ResellerName], kind: text, role: name}
  segment: {headers: [BusinessType], kind: text, role: segment}
  employees: {headers: [NumberEmployees], role: size}
  revenue: {kind: money}
  cost: {kind: money}
  orders: {}
  hours_served: {headers: [lines]}
  last_order: {kind: date}
  spend: {headers: [AnnualRevenue], kind: money}
  share: {headers: [share_of_client_sales], kind: percent}
derived:
  margin: revenue - cost
  dormant: max(spend - revenue, 0)
  prospect: revenue is missing
families:
  profile: {weight: 20, criteria: {size: {of: employees, weight: 1, curve: {0: 0, 100: 10}}}}
  history: {weight: 40, applies: not prospect, criteria: {revenue: {weight: 1, curve: {0: 0, 100000: 6, 500000: 10}}}}
  potential: {weight: 40, criteria: {headroom: {of: dormant, weight: 1, curve: {0: 0, 100000: 6, 300000: 10}}}}
categories:
  rules:
    loyal: {when: history >= 60, label: Loyal, process: loyalty}
    high_potential: {when: potential >= 50, label: High potential, process: seduction}
    small: {otherwise: true, label: Small without potential, process: optimisation}
"""


def score_table(table: Table, folder: Path, *, rules: str = RULES, as_of: dt.date | None = None) -> Scored:
    """A table scored by a rule text, row by row."""
    path = folder / "rules.yml"
    path.write_text(rules, encoding="utf-8")
    rule_set, problems = read_rules(path)
    assert rule_set is not None, render_blocks(problems)
    plan, problems = compile_plan(rule_set, table.headers, as_of=as_of)
    assert plan is not None, render_blocks(problems)
    return ReferenceRunner().run(plan, table)


def score_rows(
    headers: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    folder: Path,
    *,
    rules: str = RULES,
    as_of: dt.date | None = None,
) -> Scored:
    """Rows scored by a rule text."""
    table = Table.from_rows(headers, rows, Origin("clients.xlsx", "Clients", "", 1, 1))
    return score_table(table, folder, rules=rules, as_of=as_of)


def read_resellers() -> Table:
    """The 701 reseller accounts; numbers as numbers, blanks as None."""
    return Table.from_rows(
        *read_csv(shared_dir() / "data" / "adventureworks_reseller" / "reseller_accounts_derived.csv")
    )


def read_csv(path: Path) -> tuple[list[str], list[list[Cell]]]:
    """(headers, rows) of a file; numbers as numbers, blanks as None."""
    with path.open(encoding="utf-8", newline="") as stream:
        headers, *rows = csv.reader(stream)
    return headers, [[_cell(text) for text in row] for row in rows]


def _cell(text: str) -> Cell:
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        return text
