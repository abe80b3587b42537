"""Every text of the live formulas that a spreadsheet user sees, in English and French."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "title": ("KAM Rules:", "Règles KAM :"),
    "intro": (
        "The rules of this workbook. Change a yellow cell and every live column follows; "
        "`kamxl rules-from` brings the change back into the rule file.",
        "Les règles de ce classeur. Changez une cellule jaune : toutes les colonnes vives suivent ; "
        "`kamxl rules-from` rapporte le changement dans le fichier de règles.",
    ),
    "status": ("Status", "État"),
    "as compiled": ("as compiled", "tel que compilé"),
    "EDITED": ("EDITED", "MODIFIÉ"),
    "checks": ("Checks", "Contrôles"),
    "all well": ("all well", "tout va bien"),
    "to correct": ("correct the lines marked in column G", "corrigez les lignes signalées en colonne G"),
    "rules": ("Rules", "Règles"),
    "as of": ("Dates are measured on", "Dates mesurées au"),
    "families": ("Families", "Familles"),
    "criteria": ("Criteria", "Critères"),
    "family": ("Family", "Famille"),
    "criterion": ("Criterion", "Critère"),
    "weight": ("Weight", "Poids"),
    "at most": ("At most", "Au plus"),
    "if missing": ("If missing", "Si absent"),
    "if other": ("If not listed", "Si non listé"),
    "from": ("From", "À partir de"),
    "value": ("Value", "Valeur"),
    "points": ("Points", "Points"),
    "slope": ("Per unit", "Par unité"),
    "check": ("Check", "Contrôle"),
    "compiled": ("As compiled", "Tel que compilé"),
    "changed": ("changed", "modifié"),
    "must rise": ("values must rise from line to line", "les valeurs doivent croître de ligne en ligne"),
    "not a number": ("a number is missing here", "il manque un nombre ici"),
    "negative weight": ("a weight cannot be negative", "un poids ne peut pas être négatif"),
    "all zero": ("the weights are all zero", "tous les poids sont nuls"),
    "percents": ("the weights do not add up to 100 %", "la somme des poids n'est pas 100 %"),
    "points range": ("points run from 0 to", "les points vont de 0 à"),
    "policy": ("write skip, zero, error or points", "écrivez skip, zero, error ou des points"),
    "other policy": ("write points, or leave it empty", "écrivez des points, ou laissez vide"),
    "above zero": ("a number above 0 is needed here", "il faut ici un nombre supérieur à 0"),
    "share": ("a share runs from 0 % to 100 %", "une part va de 0 % à 100 %"),
    "cap": ("a cap lies above 0 and up to 100", "un plafond est supérieur à 0, au plus 100"),
    "sum": ("Sum", "Somme"),
    "worth": ("Missing is worth", "Absent vaut"),
    "ideal": ("Ideal", "Idéal"),
    "none beyond": ("No points beyond this distance", "Aucun point au-delà de cette distance"),
    "yes": ("Yes", "Oui"),
    "no": ("No", "Non"),
    "lowest": ("lowest", "minimum"),
    "categories": ("Categories, the first that holds wins", "Catégories, la première vraie l'emporte"),
    "category": ("Category", "Catégorie"),
    "threshold": ("Threshold", "Seuil"),
    "if": ("if", "si"),
    "otherwise": ("otherwise", "sinon"),
    "need": ("needs completeness of at least", "exige une complétude d'au moins"),
    "applies": ("counts if", "compte si"),
    "as is": ("the column holds the points, 0 to", "la colonne contient les points, 0 à"),
    "read": ("Read: ", "Lu : "),
    "answer": ("Answer: ", "Réponse : "),
    "derived": ("Computed: ", "Calculé : "),
    "compared": ("Compared: ", "Comparé : "),
    "applies column": ("Applies: ", "S'applique : "),
    "points column": ("Points: ", "Points : "),
    "override": ("Valid override", "Dérogation valide"),
    "score": ("Score", "Note"),
    "completeness": ("Completeness", "Complétude"),
    "filled": ("Filled in", "Renseigné"),
    "live rules": ("Live rules", "Règles vives"),
    "self-test": ("KAM Self-test", "Autotest KAM"),
    "self-test intro": (
        "Compares the live formulas with what kamxl computed when it wrote them. A difference means that an answer or "
        "a rule was changed since, or that this program calculates otherwise: both are worth a look.",
        "Compare les formules vives avec ce que kamxl a calculé en les écrivant. Un écart signifie qu'une réponse ou "
        "une règle a changé depuis, ou que ce logiciel calcule autrement : les deux méritent un regard.",
    ),
    "client": ("Client", "Client"),
    "score compiled": ("Score, compiled", "Note, compilée"),
    "score live": ("Score, live", "Note, vive"),
    "category compiled": ("Category, compiled", "Catégorie, compilée"),
    "category live": ("Category, live", "Catégorie, vive"),
    "same": ("Same?", "Identique ?"),
    "agree": ("agree", "concordent"),
    "missing client": ("client is gone", "client absent"),
}


def say(key: str, language: str) -> str:
    """A text in a language: `fr`, else English."""
    english, french = WORDS[key]
    return french if language == "fr" else english
