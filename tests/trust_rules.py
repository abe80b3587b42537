"""A small rule set, its processes and a portfolio: the ground of the tests of what-if, verify and sensitivity."""

from __future__ import annotations

from pathlib import Path

from kamxl.hosts.memory import MemoryHost

RULES = """\
kamxl: 1
name: {en: Trust, fr: Confiance}
as_of: 2026-09-30
columns:
  client: {headers: [Client], kind: text, role: id}
  revenue: {headers: [Revenue], kind: money}
  mark: {headers: [Mark], kind: number}
  since: {headers: [Since], kind: date, optional: yes}
families:
  # who they are
  profile:
    weight: 20   # a light family
    criteria:
      mark: {weight: 1, points: as is}
  history:
    weight: 40
    label: {en: History, fr: Historique}
    criteria:
      revenue: {weight: 3, curve: {0: 0, 100000: 10}}
      age: {of: years_since(since), weight: 1, curve: {0: 0, 10: 10}}
categories:
  need: {completeness: 50%, else: to_qualify}
  rules:
    loyal: {when: score >= 60, label: {en: Loyal, fr: Fidèle}, process: loyalty}
    small: {otherwise: true, label: {en: Small, fr: Petit}, process: optimisation}
expect:
  - {client: best, given: {revenue: 100000, mark: 10}, score: 100, category: loyal}
"""
PROCESSES = """\
kamxl: 1
name: Processes
stages:
  offer: Offer
departments:
  sales: {label: Sales, see: [client, score, category]}
processes:
  loyalty:
    label: Loyalty
    instructions: {sales: {offer: {do: Visit}}}
  optimisation:
    label: Optimisation
    instructions: {sales: {offer: {do: Send}}}
"""
HEADERS = ["Client", "Revenue", "Mark", "Since"]
ROWS = [
    ["Alpha", 100000, 10, None],
    ["Beta", 60000, 6, None],
    ["Gamma", 55000, 6, None],
    ["Delta", 1000, 2, None],
    ["Epsilon", None, None, None],
    ["Zeta", 30000, 10, None],
]


def write_rules(folder: Path, text: str = RULES, name: str = "rules.yml") -> Path:
    """The rule file and its process file in a folder; the path of the rule file."""
    (folder / "processes.yml").write_text(PROCESSES, encoding="utf-8")
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def book() -> MemoryHost:
    """A workbook with the portfolio."""
    return MemoryHost({"Clients": [HEADERS, *ROWS]}, book="clients.xlsx")
