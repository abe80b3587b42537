"""Registry of worksheet functions: name, arguments and help of each, in English and French.

Front door for formulas. The Excel add-in, the LibreOffice extension and docs/functions.md are generated from these
records, so that a function is described once. Pure Python: it also runs inside LibreOffice's own Python.
"""

from __future__ import annotations

from typing import Literal

from kamxl.records import dataclass

Language = Literal["en", "fr"]
CATEGORY = "KAM"


@dataclass(frozen=True, slots=True)
class Wording:
    """One text that a spreadsheet user reads, in both languages."""

    en: str
    fr: str

    def text(self, language: str) -> str:
        """The text in a language; English where the language is not known."""
        return self.fr if language == "fr" else self.en


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a worksheet function; its name is also its VBA and its LibreOffice name."""

    name: str
    help: Wording
    optional: bool = False


@dataclass(frozen=True, slots=True)
class WorksheetFunction:
    """One worksheet function as spreadsheets describe it; `addin/answers.py` holds what it answers."""

    name: str
    arguments: tuple[Argument, ...]
    help: Wording

    @property
    def required_count(self) -> int:
        """Number of arguments that a formula must give."""
        return sum(1 for argument in self.arguments if not argument.optional)

    def signature(self) -> str:
        """`KAM_SCORE(clients, [headers], [rules])`, as documentation writes it."""
        shown = (f"[{argument.name}]" if argument.optional else argument.name for argument in self.arguments)
        return f"{self.name}({', '.join(shown)})"


_CLIENTS = Argument(
    "clients",
    Wording(
        "The cells of one client or of many, a row each. The first row may hold the headers.",
        "Les cellules d'un client ou de plusieurs, une ligne chacun. La première ligne peut contenir les en-têtes.",
    ),
)
_HEADERS = Argument(
    "headers",
    Wording(
        "The header row above the clients, as wide as they are. Leave out when the clients bring their headers.",
        "La ligne d'en-têtes au-dessus des clients, aussi large qu'eux. À omettre si les clients la comprennent.",
    ),
    optional=True,
)
_RULES = Argument(
    "rules",
    Wording(
        "Name of another rule file in the rules folder. Leave out to use the one set at installation.",
        "Nom d'un autre fichier de règles du dossier des règles. À omettre pour celui de l'installation.",
    ),
    optional=True,
)
_FAMILY = Argument(
    "family",
    Wording(
        "Name of a criteria family: profile, history or potential.",
        "Nom d'une famille de critères : profile, history ou potential.",
    ),
)
_CLIENT_ARGUMENTS = (_CLIENTS, _HEADERS, _RULES)

FUNCTIONS: tuple[WorksheetFunction, ...] = (
    WorksheetFunction(
        "KAM_SCORE",
        _CLIENT_ARGUMENTS,
        Wording(
            "Score of clients, 0 to 100, by the rules of the managers.",
            "Note des clients, de 0 à 100, selon les règles des gestionnaires.",
        ),
    ),
    WorksheetFunction(
        "KAM_CATEGORY",
        _CLIENT_ARGUMENTS,
        Wording(
            "Category of clients: loyal, high potential, small without potential, or to qualify.",
            "Catégorie des clients : fidèle, fort potentiel, petit sans potentiel ou à qualifier.",
        ),
    ),
    WorksheetFunction(
        "KAM_FAMILY",
        (_FAMILY, *_CLIENT_ARGUMENTS),
        Wording(
            "Score of clients in one family of criteria, 0 to 100.",
            "Note des clients dans une famille de critères, de 0 à 100.",
        ),
    ),
    WorksheetFunction(
        "KAM_PROCESS",
        (
            Argument(
                "category",
                Wording(
                    "Category of the client, as KAM_CATEGORY gives it.",
                    "Catégorie du client, telle que la donne KAM_CATEGORY.",
                ),
            ),
            Argument(
                "department",
                Wording("Department that asks: sales, quotes, …", "Service qui demande : ventes, devis, …"),
            ),
            Argument("stage", Wording("Stage of the client journey.", "Étape du parcours client.")),
            _RULES,
        ),
        Wording(
            "What a department does for a category of clients at a stage of the client journey.",
            "Ce qu'un service fait pour une catégorie de clients à une étape du parcours client.",
        ),
    ),
    WorksheetFunction(
        "KAM_EXPLAIN",
        _CLIENT_ARGUMENTS,
        Wording(
            "Why clients have their score and category, or why they have none, in one line each.",
            "Pourquoi les clients ont leur note et leur catégorie, ou n'en ont pas, en une ligne chacun.",
        ),
    ),
    WorksheetFunction(
        "KAM_NEXT",
        _CLIENT_ARGUMENTS,
        Wording(
            "The smallest change that would bring clients into a better category.",
            "Le plus petit changement qui ferait passer les clients dans une meilleure catégorie.",
        ),
    ),
    WorksheetFunction(
        "KAM_DORMANT",
        _CLIENT_ARGUMENTS,
        Wording(
            "Dormant revenue of clients: what they buy elsewhere and could buy from us.",
            "Revenu dormant des clients : ce qu'ils achètent ailleurs et pourraient nous acheter.",
        ),
    ),
    WorksheetFunction(
        "KAM_COMPLETENESS",
        _CLIENT_ARGUMENTS,
        Wording(
            "Share of the weighted questions that is answered for clients, 0 to 1.",
            "Part des questions pondérées qui ont une réponse pour les clients, de 0 à 1.",
        ),
    ),
    WorksheetFunction(
        "KAM_TABLE",
        _CLIENT_ARGUMENTS,
        Wording(
            "All results of clients at once, under their headers: the fastest way to score a whole table.",
            "Tous les résultats des clients à la fois, sous leurs en-têtes : le plus rapide pour tout un tableau.",
        ),
    ),
    WorksheetFunction(
        "KAM_RULES",
        (_RULES,),
        Wording(
            "Name, fingerprint, date and problems of the rules in use.",
            "Nom, empreinte, date et problèmes des règles en vigueur.",
        ),
    ),
    WorksheetFunction(
        "KAM_VERSION",
        (),
        Wording("Version of kamxl that answers.", "Version de kamxl qui répond."),
    ),
)


def find_function(name: str) -> WorksheetFunction | None:
    """The function of a name, whatever its case; None when there is none."""
    wanted = name.upper()
    return next((function for function in FUNCTIONS if function.name == wanted), None)
