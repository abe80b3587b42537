"""What ribbon commands say to the user, in English and French."""

from __future__ import annotations

from kamxl.addin.functions import Wording

MESSAGES: dict[str, Wording] = {
    "working": Wording("KAM: {stage} …", "KAM : {stage} …"),
    "classified": Wording("{count} clients classified.", "{count} clients classés."),
    "unscored": Wording("{count} rows could not be scored; their Why cell says why.",
                        "{count} lignes n'ont pas pu être notées ; leur cellule Pourquoi dit pourquoi."),
    "sheets": Wording("Sheets written: {names}.", "Feuilles écrites : {names}."),
    "undo_hint": Wording("Undo last KAM action puts everything back.",
                         "« Annuler l'action KAM » rétablit tout."),
    "select": Wording("Select a cell in the row of a client of the table {place}.",
                      "Sélectionnez une cellule dans la ligne d'un client du tableau {place}."),
    "live": Wording("Live functions inserted: {names}.", "Fonctions insérées : {names}."),
    "formulas": Wording("{count} live formulas inserted; change a weight on the sheet {sheet} and every score follows.",
                        "{count} formules vives insérées ; changez un poids sur la feuille {sheet} : "
                        "chaque note suit."),
    "frozen": Wording("{count} cells with KAM functions or live formulas are now values.",
                      "{count} cellules à fonctions KAM ou à formules vives sont maintenant des valeurs."),
    "nothing_frozen": Wording("This sheet holds no KAM functions and no live formulas.",
                              "Cette feuille ne contient ni fonction KAM ni formule vive."),
    "rules_fine": Wording("{file}: no problems.", "{file} : aucun problème."),
    "rules_faulty": Wording("{file}: {count}.", "{file} : {count}."),
    "reloaded": Wording("Rules read again: {title}.", "Règles relues : {title}."),
    "undone": Wording("The last KAM action is undone. Looks of KAM sheets stay as they are.",
                      "La dernière action KAM est annulée. L'apparence des feuilles KAM reste."),
    "undone_whole": Wording("The last KAM action is undone.", "La dernière action KAM est annulée."),
    "changed_since": Wording("The workbook was changed after the last KAM action: Ctrl+Z takes the later changes back "
                             "first, then the KAM action.",
                             "Le classeur a changé depuis la dernière action KAM : Ctrl+Z annule d'abord les "
                             "changements plus récents, puis l'action KAM."),
    "nothing_to_undo": Wording("There is no KAM action to undo in this workbook.",
                               "Il n'y a pas d'action KAM à annuler dans ce classeur."),
    "no_log": Wording("Nothing has gone wrong yet: there is no log.",
                      "Rien n'a encore échoué : il n'y a pas de journal."),
    "about": Wording("kamxl {version}\nRules: {rules}\nSettings, log: {folder}\nPython {python}, xlwings {xlwings}",
                     "kamxl {version}\nRègles : {rules}\nParamètres, journal : {folder}\nPython {python}, "
                     "xlwings {xlwings}"),
    "failed": Wording("KAM could not finish; the workbook is as it was. The reason is in {log}",
                      "KAM n'a pas pu terminer ; le classeur est inchangé. La raison est dans {log}"),
    "half_done": Wording("KAM could not finish and could not put the workbook back. Close it without saving. "
                         "The reason is in {log}",
                         "KAM n'a pas pu terminer ni remettre le classeur en état. Fermez-le sans enregistrer. "
                         "La raison est dans {log}"),
    "choose_sheet": Wording("go to the sheet whose clients are meant, and press the button again",
                            "allez sur la feuille des clients voulus, et appuyez de nouveau"),
    "no_workbook": Wording("Open a workbook first; in Protected View, choose Enable Editing.",
                           "Ouvrez d'abord un classeur ; en mode protégé, choisissez « Activer la modification »."),
    "no_functions": Wording("Excel for macOS has no KAM functions. Use Classify, or Insert live formulas for formulas "
                            "of Excel's own.",
                            "Excel pour macOS n'a pas de fonctions KAM. Utilisez « Classer », ou « Insérer des "
                            "formules vives » pour des formules propres à Excel."),
    "more": Wording("… and {count} more", "… et {count} de plus"),
    "live_mark": Wording("{name} (live)", "{name} (en direct)"),
}  # fmt: skip

# The stages that use cases report, as the status bar names them.
STAGES: dict[str, Wording] = {
    "read": Wording("reading the clients", "lecture des clients"),
    "score": Wording("scoring", "notation"),
    "explain": Wording("explaining and writing", "explication et écriture"),
    "sheets": Wording("writing process sheets", "écriture des fiches"),
    "dashboard": Wording("drawing the dashboard", "dessin du tableau de bord"),
    "save": Wording("finishing", "fin"),
}


def stage_name(stage: str, language: str) -> str:
    """A stage of a use case in a user's words; the stage itself where it is new to us."""
    wording = STAGES.get(stage)
    return wording.text(language) if wording is not None else stage


def message(key: str, language: str, **parts: object) -> str:
    """A message in a language with its parts filled in. Errors: KeyError for an unknown one - a bug of ours."""
    text = MESSAGES[key].text(language)
    return text.format(**parts) if parts else text
