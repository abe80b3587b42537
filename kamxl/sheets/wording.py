"""Words of process sheets in English and French, for `t("…")` in templates and for the columns that people fill in."""

from __future__ import annotations

from kamxl.phrases import PHRASES, say
from kamxl.values import fold

SHEET_WORDS: dict[str, tuple[str, str]] = {
    "done": ("Done", "Fait"),
    "notes": ("Notes", "Notes"),
    "stage": ("Stage", "Étape"),
    "do": ("What to do", "Quoi faire"),
    "how": ("How", "Comment"),
    "within": ("Within", "Délai"),
    "owner": ("Owner", "Responsable"),
    "checklist": ("Check list", "À vérifier"),
    "aim": ("Aim", "But"),
    "count": ("Clients", "Clients"),
    "label": ("Category", "Catégorie"),
    "share_of_clients": ("Share of clients", "Part des clients"),
    "share_of_revenue": ("Share of revenue", "Part du chiffre d'affaires"),
    "notes_kept": ("Notes of clients no longer listed", "Notes de clients qui ne figurent plus dans la liste"),
    "notes_kept_why": (
        "These clients are no longer on this sheet. Their notes stay here until somebody clears the rows.",
        "Ces clients ne figurent plus sur cette feuille. Leurs notes restent ici jusqu'à ce qu'on efface les lignes.",
    ),
    "unclassified": ("Not classified", "Non classés"),
}
# Columns that people fill in, in the order in which they stand.
PEOPLE = ("done", "notes")


def word(key: str, language: str) -> str:
    """A word of a sheet. Errors: KeyError for an unknown one."""
    if key in SHEET_WORDS:
        return SHEET_WORDS[key][1 if language == "fr" else 0]
    return say(key, language)


def known_words() -> tuple[str, ...]:
    """Every word that templates may ask for."""
    return tuple(sorted({*SHEET_WORDS, *(key for key, (text, _) in PHRASES.items() if "{" not in text)}))


def people_header(text: str) -> str:
    """The column for people (`done`, `notes`) that a header names in any language; empty for other headers."""
    folded = fold(text)
    return next((key for key in PEOPLE if folded in {fold(label) for label in SHEET_WORDS[key]}), "")
