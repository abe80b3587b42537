"""A small rule file and process file for the add-in's tests, and clients for them."""

from __future__ import annotations

from pathlib import Path

RULES = """\
kamxl: 1
name: {en: Small rules, fr: Petites règles}
language: en
as_of: 2026-06-30
columns:
  client: {headers: [Client, Compte], kind: text, role: id}
  revenue: {headers: [Revenue, "Chiffre d'affaires"], kind: money}
  spend: {headers: [Spend, Potentiel], kind: money, optional: yes}
  mark: {headers: [Mark, Note], kind: number, optional: yes}
derived:
  dormant: max(spend - revenue, 0)
families:
  history:
    label: {en: History, fr: Historique}
    weight: 60
    criteria:
      revenue: {of: revenue, weight: 1, curve: {0: 0, 100: 10}}
  potential:
    weight: 40
    label: {en: Potential, fr: Potentiel}
    criteria:
      mark: {of: mark, weight: 1, points: as is}
categories:
  policy: first
  rules:
    loyal: {when: history >= 60, label: {en: Loyal, fr: Fidèle}, process: care}
    small: {otherwise: true, label: {en: Small, fr: Petit}, process: thrift}
"""
RELATIVE_RULES = RULES.replace("revenue: {of: revenue, weight: 1, curve: {0: 0, 100: 10}}",
                               "revenue: {of: percentile(revenue), weight: 1, curve: {0: 0, 1: 10}}")  # fmt: skip
PROCESSES = """\
kamxl: 1
name: {en: Small processes, fr: Petits processus}
stages:
  quote: {en: Quote, fr: Devis}
departments:
  sales: {label: {en: Sales, fr: Ventes}, see: [client, revenue, score, category]}
processes:
  care:
    label: {en: Care, fr: Soin}
    aim: {en: Keep them., fr: Les garder.}
    instructions:
      sales:
        quote: {do: {en: Visit., fr: Visiter.}, how: {en: Face to face., fr: En personne.}}
  thrift:
    label: {en: Thrift, fr: Sobriété}
    aim: {en: Spend little., fr: Dépenser peu.}
    instructions:
      sales:
        quote: none
"""
HEADERS = ("Client", "Revenue", "Spend", "Mark")
# History, potential, score and category by hand: 80/50/68 Loyal, 20/none/20 Small, 100/100/100 Loyal.
CLIENTS = (("Acme", 80.0, 200.0, 5.0), ("Beta", 20.0, None, None), ("Gamma", 150.0, 100.0, 10.0))
SCORES = (68.0, 20.0, 100.0)
CATEGORIES = ("Loyal", "Small", "Loyal")


def write_rules(folder: Path, text: str = RULES, *, name: str = "kam.yml") -> Path:
    """The rule file and its processes in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "processes.yml").write_text(PROCESSES, "utf-8")
    path = folder / name
    path.write_text(text, "utf-8")
    return path
