"""Texts that a spreadsheet user sees, in English and French, and how numbers are written in each language.

One table, so that a missing translation is a failing test and not a surprise. Knows nothing of rules or hosts.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from kamxl.values import date_of, round_half_away

PHRASES: dict[str, tuple[str, str]] = {
    "score": ("Score", "Note"),
    "category": ("Category", "Catégorie"),
    "rule_category": ("Category by rules", "Catégorie selon les règles"),
    "process": ("Process", "Processus"),
    "completeness": ("Completeness", "Complétude"),
    "dormant": ("Dormant revenue", "Revenu dormant"),
    "why": ("Why", "Pourquoi"),
    "next": ("Next step", "Prochaine étape"),
    "rules": ("Rules", "Règles"),
    "robustness": ("Robustness", "Robustesse"),
    "trend": ("Trend", "Tendance"),
    "previous": ("Previous category", "Catégorie précédente"),
    "missing": ("missing", "absent"),
    "missing_list": ("missing: {names}", "à renseigner : {names}"),
    "strong": ("strongest: {names}", "points forts : {names}"),
    "weak": ("weakest: {names}", "points faibles : {names}"),
    "of": ("{part} of {whole}", "{part} sur {whole}"),
    "otherwise": ("no other category matches", "aucune autre catégorie ne convient"),
    "need": (
        "only {have} of the weights are answered, {need} are needed",
        "seulement {have} des poids sont renseignés, il en faut {need}",
    ),
    "no_score": ("no criterion is answered", "aucun critère n'est renseigné"),
    "held": (
        "kept from last time, within {hold} points of the threshold",
        "conservée de la dernière fois, à moins de {hold} points du seuil",
    ),
    "waiting": (
        "{category} is full ({capacity}); waiting for a place",
        "{category} est complète ({capacity}) ; en attente d'une place",
    ),
    "override": (
        "set by {author}: {reason}; the rules say {category}",
        "fixée par {author} : {reason} ; les règles disent {category}",
    ),
    "override_until": (" (until {date})", " (jusqu'au {date})"),
    "somebody": ("hand", "saisie manuelle"),
    "no_category": ("no category", "aucune catégorie"),
    "not_scored": ("not scored: {why}", "non noté : {why}"),
    "is": ("{name} {value}", "{name} {value}"),
    "is_missing": ("{name} is missing", "{name} absent"),
    "is_answered": ("{name} is answered", "{name} renseigné"),
    "not": ("not {what}", "non {what}"),
    "or": (" or ", " ou "),
    "and": (" and ", " et "),
    "between": ("{name} {value} between {low} and {high}", "{name} {value} entre {low} et {high}"),
    "short": (
        "{category}: {name} is {distance} points short of {threshold}",
        "{category} : il manque {distance} points à {name} pour atteindre {threshold}",
    ),
    "over": (
        "{category}: {name} is {distance} points above {threshold}",
        "{category} : {name} dépasse {threshold} de {distance} points",
    ),
    "short_other": (
        "{category}: {name} is {value}, {wanted} is needed",
        "{category} : {name} vaut {value}, il faut {wanted}",
    ),
    "way": (
        "; enough would be {name} from {before} to {after}",
        " ; il suffirait que {name} passe de {before} à {after}",
    ),
    "way_missing": ("; enough would be {name} at {after}", " ; il suffirait que {name} atteigne {after}"),
    "way_by": (
        "; enough would be {name} from {before} to {after} ({criterion})",
        " ; il suffirait que {name} passe de {before} à {after} ({criterion})",
    ),
    "way_by_missing": (
        "; enough would be {name} at {after} ({criterion})",
        " ; il suffirait que {name} atteigne {after} ({criterion})",
    ),
    "lever": (" ({name} {before} → {after})", " ({name} {before} → {after})"),
    "answer_first": (
        "Answer {name} to be classified (completeness {have}, {need} needed)",
        "Renseigner {name} pour être classé (complétude {have}, il faut {need})",
    ),
    "or_better": ("or more", "ou plus"),
    "or_less": ("or less", "ou moins"),
    "yes": ("yes", "oui"),
    "no": ("no", "non"),
    "lacking": ("{name} {value}, {wanted} is needed", "{name} {value}, il faut {wanted}"),
    "by_points": (" ({points} points short)", " (il manque {points} points)"),
    "nearly": ("Nearly {category}: {parts}", "Presque {category} : {parts}"),
    "family": ("Family", "Famille"),
    "criterion": ("Criterion", "Critère"),
    "answer": ("Answer", "Réponse"),
    "points": ("Points", "Points"),
    "weight": ("Weight", "Poids"),
    "contribution": ("Contribution", "Contribution"),
    "client": ("Client", "Client"),
    "clients": ("Clients", "Clients"),
    "revenue": ("Revenue", "Chiffre d'affaires"),
    "share": ("Share", "Part"),
    "total": ("Total", "Total"),
}


def say(key: str, language: str, **parts: object) -> str:
    """A phrase in a language with its parts filled in. Errors: KeyError for an unknown phrase - a bug of ours."""
    text = PHRASES[key][1 if language == "fr" else 0]
    return text.format(**parts) if parts else text


def capital(sentence: str) -> str:
    """The sentence with a capital first letter."""
    return sentence[:1].upper() + sentence[1:]


def either(texts: Sequence[str], language: str) -> str:
    """Alternatives as a person lists them: sole, first or second."""
    *most, last = texts
    return ", ".join(most) + say("or", language) + last if most else last


def around(key: str, language: str, *gaps: str, **parts: object) -> list[str]:
    """A phrase with its parts filled in, cut at the gaps, which stand in this order: one piece more than gaps.

    For those who fill the gaps of one phrase thousands of times. Errors: as `say`; ValueError for gaps out of order.
    """
    # No cell and no rule file can hold this letter.
    marks = {gap: f"\0{gap}\0" for gap in gaps}
    pieces, rest = [], say(key, language, **parts, **marks)
    for mark in marks.values():
        piece, found, rest = rest.partition(mark)
        if not found or "\0" in piece:
            raise ValueError(f"the gaps of phrase {key!r} are not {gaps}")
        pieces.append(piece)
    return [*pieces, rest]


@lru_cache(maxsize=8192)
def write_number(number: float, language: str, *, decimals: int = 1) -> str:
    """A number as people of a language write it: 1,234.5 or 1 234,5."""
    return write_rounded(round_half_away(number, decimals), language, decimals)


def write_rounded(number: float, language: str, decimals: int) -> str:
    """A number that is rounded already, as people of a language write it."""
    if -1000 < number < 1000 and decimals <= 3:
        # The usual one: six digits hold it, and are written without zeros behind.
        text = f"{number:g}" if number else "0"
    else:
        text = f"{number:,.{decimals}f}"
        if decimals:
            text = text.rstrip("0").rstrip(".")
        if text == "-0":
            text = "0"
    if language == "fr":
        text = text.replace(",", "\u202f").replace(".", ",")
    return text


@lru_cache(maxsize=8192)
def _tenths(tenths: int, language: str) -> str:
    return write_number(tenths / 10, language, decimals=1)


def write_tenths(number: float, language: str) -> str:
    """A number of points to one decimal; quick, because every row of a workbook is told with some of them."""
    return _tenths(int(number * 10 + 0.5 + 1e-9), language) if 0 <= number < 800 else write_number(number, language)


def write_percent(share: float, language: str, *, decimals: int = 0) -> str:
    """A share as a percentage: 12 % in French, 12% in English."""
    return write_number(share * 100, language, decimals=decimals) + percent_sign(language)


def percent_sign(language: str) -> str:
    """What stands behind the number of a percentage."""
    return "\u00a0%" if language == "fr" else "%"


def write_date(serial: float) -> str:
    """A serial as an ISO date."""
    day = date_of(serial)
    return day.isoformat() if day is not None else ""
