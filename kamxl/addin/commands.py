"""Registry of ribbon commands: name, group, label and tip of each, in English and French.

The ribbon of the Excel add-in, the form buttons of kam.xlsm, the LibreOffice menu and docs/excel.md are generated
from these records; `addin/actions.py` carries the commands out.
"""

from __future__ import annotations

from kamxl.addin.functions import Wording
from kamxl.records import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """One ribbon command; `icon` is the name of a picture that Office itself holds (imageMso)."""

    name: str
    group: str
    label: Wording
    tip: Wording
    icon: str
    is_large: bool = False


GROUPS: dict[str, Wording] = {
    "portfolio": Wording("Portfolio", "Portefeuille"),
    "client": Wording("Client", "Client"),
    "formulas": Wording("Formulas", "Formules"),
    "rules": Wording("Rules", "Règles"),
    "assistance": Wording("Assistance", "Assistance"),
}

COMMANDS: tuple[Command, ...] = (
    Command(
        "classify",
        "portfolio",
        Wording("Classify", "Classer"),
        Wording(
            "Score every client of the client table and write the results to its right.",
            "Noter chaque client du tableau des clients et écrire les résultats à sa droite.",
        ),
        "TableAutoFormat",
        is_large=True,
    ),
    Command(
        "sheets",
        "portfolio",
        Wording("Process sheets", "Fiches de processus"),
        Wording(
            "Write one sheet per department: what to do for each client at each stage.",
            "Écrire une feuille par service : que faire pour chaque client à chaque étape.",
        ),
        "SheetInsert",
        is_large=True,
    ),
    Command(
        "dashboard",
        "portfolio",
        Wording("Dashboard", "Tableau de bord"),
        Wording(
            "Write the sheet KAM Dashboard: concentration, dormant revenue, effort.",
            "Écrire la feuille KAM Dashboard : concentration, revenu dormant, effort.",
        ),
        "ChartTypeAllInsertDialog",
        is_large=True,
    ),
    Command(
        "explain",
        "client",
        Wording("Explain this client", "Expliquer ce client"),
        Wording(
            "Show why the client of the selected row has its score and category.",
            "Montrer pourquoi le client de la ligne choisie a sa note et sa catégorie.",
        ),
        "Help",
        is_large=True,
    ),
    Command(
        "live",
        "formulas",
        Wording("Insert live functions", "Insérer les fonctions"),
        Wording(
            "Add columns with KAM functions that follow every change of the table.",
            "Ajouter des colonnes de fonctions KAM qui suivent chaque changement du tableau.",
        ),
        "FunctionWizard",
    ),
    Command(
        "formulas",
        "formulas",
        Wording("Insert live formulas", "Insérer des formules vives"),
        Wording(
            "Add the rules as formulas of Excel's own, with a sheet of editable weights: they work without the add-in.",
            "Ajouter les règles en formules propres à Excel, avec une feuille de poids à modifier : "
            "elles marchent sans le complément.",
        ),
        "CalculateNow",
    ),
    Command(
        "freeze",
        "formulas",
        Wording("Freeze to values", "Figer en valeurs"),
        Wording(
            "Replace KAM functions and live formulas on this sheet by their results, before the workbook is shared.",
            "Remplacer les fonctions KAM et les formules vives de cette feuille par leurs résultats, "
            "avant de partager le classeur.",
        ),
        "PasteValues",
    ),
    Command(
        "check",
        "rules",
        Wording("Check rules", "Vérifier les règles"),
        Wording("List the problems of the rule file.", "Lister les problèmes du fichier de règles."),
        "AcceptInvitation",
    ),
    Command(
        "rules",
        "rules",
        Wording("Open rules", "Ouvrir les règles"),
        Wording("Open the rule file in its editor.", "Ouvrir le fichier de règles dans son éditeur."),
        "FileOpen",
    ),
    Command(
        "reload",
        "rules",
        Wording("Reload", "Recharger"),
        Wording(
            "Read the rule file again and recalculate all KAM functions.",
            "Relire le fichier de règles et recalculer toutes les fonctions KAM.",
        ),
        "RefreshAll",
    ),
    Command(
        "undo",
        "assistance",
        Wording("Undo last KAM action", "Annuler l'action KAM"),
        Wording(
            "Put back what the last KAM command of this ribbon changed in the workbook.",
            "Rétablir ce que la dernière commande KAM de ce ruban a changé dans le classeur.",
        ),
        "Undo",
    ),
    Command(
        "log",
        "assistance",
        Wording("Open log", "Ouvrir le journal"),
        Wording("Open the log file with the reasons of errors.", "Ouvrir le journal, avec les raisons des erreurs."),
        "FileProperties",
    ),
    Command(
        "about",
        "assistance",
        Wording("About", "À propos"),
        Wording("Versions, rule file and folders in use.", "Versions, fichier de règles et dossiers en usage."),
        "Info",
    ),
)


def find_command(name: str) -> Command | None:
    """The command of a name; None when there is none."""
    return next((command for command in COMMANDS if command.name == name), None)
