"""The keys of a rule file: name, what it holds, whether it must be there, and a description in English and French.

One table serves the reader (unknown and missing keys), the JSON Schema (`schema.py`) and the docs.
"""

from __future__ import annotations

from kamxl.records import dataclass


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a mapping. `holds` names a shape: label, text, number, weight, points, expression, or a mapping."""

    name: str
    holds: str
    en: str
    fr: str
    required: bool = False
    choices: tuple[str, ...] = ()


RULE_FILE = (
    Key("kamxl", "version", "Version of the rule language: 1.", "Version du langage de règles : 1.", required=True),
    Key("name", "label", "Name of the rule set.", "Nom du jeu de règles.", required=True),
    Key("version", "text", "Version of the rule set, shown in the stamp of every classified row.",
        "Version du jeu de règles, indiquée dans le cachet de chaque ligne classée."),
    Key("language", "choice", "Language of labels and sheets.", "Langue des libellés et des feuilles.", choices=("en", "fr")),
    Key("as_of", "as_of", "Day from which dates are measured: `today` or a date.", "Jour de référence : `today` ou une date."),
    Key("scale", "number", "Points run from 0 to this number.", "Les points vont de 0 à ce nombre."),
    Key("missing", "missing", "What a blank answer does.", "Effet d'une réponse absente."),
    Key("decimal", "choice", "How numbers typed as text write decimals.", "Séparateur décimal des nombres saisis en texte.",
        choices=("point", "comma")),
    Key("columns", "map:COLUMN", "Columns that the rules read.", "Colonnes lues par les règles.", required=True),
    Key("derived", "map:derived", "Computed columns.", "Colonnes calculées."),
    Key("families", "map:FAMILY", "Families of criteria.", "Familles de critères.", required=True),
    Key("categories", "CATEGORIES", "Category rules.", "Règles de catégorie.", required=True),
    Key("expect", "list:EXPECTATION", "Tests that travel with the rules.", "Tests joints aux règles."),
)  # fmt: skip
COLUMN = (
    Key("headers", "texts", "Headers in a workbook that this column answers to.", "En-têtes reconnus dans un classeur."),
    Key("kind", "choice", "What the cells hold.", "Nature des cellules.",
        choices=("number", "money", "percent", "date", "text", "choice", "yes/no")),
    Key("unit", "text", "Unit, shown in explanations.", "Unité, affichée dans les explications."),
    Key("choices", "texts", "Allowed values of a choice column.", "Valeurs permises d'une colonne à choix."),
    Key("role", "choice", "What the column is for kamxl.", "Rôle de la colonne pour kamxl.",
        choices=("id", "name", "segment", "size", "product")),
    Key("optional", "yes_no", "Whether a workbook may lack the column.", "La colonne peut manquer dans un classeur."),
    Key("label", "label", "Name of the column in sheets.", "Nom de la colonne dans les feuilles."),
)  # fmt: skip
DERIVED = (
    Key("of", "expression", "How the column is computed.", "Calcul de la colonne.", required=True),
    Key("label", "label", "Name of the column in sheets.", "Nom de la colonne dans les feuilles."),
)  # fmt: skip
FAMILY = (
    Key("weight", "weight", "Weight among the families.", "Poids parmi les familles.", required=True),
    Key("label", "label", "Name of the family in sheets.", "Nom de la famille dans les feuilles."),
    Key("applies", "expression", "Condition under which the family counts.", "Condition pour que la famille compte."),
    Key("at_most", "number", "Cap of the family score, 0 to 100.", "Plafond de la note de famille, 0 à 100."),
    Key("criteria", "map:CRITERION", "Criteria of the family.", "Critères de la famille.", required=True),
)  # fmt: skip
CRITERION = (
    Key("of", "expression", "What is measured; its own name if left out.", "Ce qui est mesuré ; son propre nom par défaut."),
    Key("weight", "weight", "Weight within the family.", "Poids dans la famille.", required=True),
    Key("label", "label", "Name of the criterion in sheets.", "Nom du critère dans les feuilles."),
    Key("unit", "text", "Unit, shown in explanations.", "Unité, affichée dans les explications."),
    Key("missing", "missing", "What a blank answer does here.", "Effet d'une réponse absente ici."),
    Key("bands", "bands", "Points by bands: `under 20`, `20 to 100`, `100 and over`.",
        "Points par tranches : `under 20`, `20 to 100`, `100 and over`."),
    Key("curve", "curve", "Points on straight lines between value: points pairs.", "Points sur des droites entre des paires valeur : points."),
    Key("values", "map:points", "Points by listed value.", "Points par valeur listée."),
    Key("other", "points", "Points of a value that is not listed.", "Points d'une valeur non listée."),
    Key("points", "as_is", "`as is`: the column holds the points.", "`as is` : la colonne contient les points."),
    Key("target", "TARGET", "Full points at an ideal, fading away from it.", "Maximum à l'idéal, décroissant ensuite."),
    Key("yes", "points", "Points when the condition holds.", "Points si la condition est vraie."),
    Key("no", "points", "Points when it does not.", "Points si elle est fausse."),
)  # fmt: skip
TARGET = (
    Key("ideal", "number", "Value that gets full points.", "Valeur qui obtient tous les points.", required=True),
    Key("none_beyond", "number", "Distance from the ideal at which no points are left.",
        "Distance à l'idéal où il ne reste aucun point.", required=True),
)  # fmt: skip
CATEGORIES = (
    Key("policy", "choice", "`first`: the first match wins; `unique`: two matches are an error.",
        "`first` : la première règle vraie gagne ; `unique` : deux règles vraies sont une erreur.", choices=("first", "unique")),
    Key("need", "NEED", "Completeness below which a client is not classified.", "Complétude sous laquelle un client n'est pas classé."),
    Key("rules", "map:CATEGORY", "Categories, best first.", "Catégories, la meilleure d'abord.", required=True),
    Key("hold", "number", "Points by which a threshold must be missed before last time's category is lost.",
        "Points dont un seuil doit être manqué avant de perdre la catégorie précédente."),
)  # fmt: skip
NEED = (
    Key("completeness", "number", "Share of the weights that must be answered.", "Part des poids qui doit être renseignée.", required=True),
    Key("else", "text", "Category of clients below it.", "Catégorie des clients en dessous.", required=True),
    Key("label", "label", "Name of that category in sheets.", "Nom de cette catégorie dans les feuilles."),
    Key("process", "text", "Process of that category.", "Processus de cette catégorie."),
    Key("colour", "text", "Fill colour, RRGGBB.", "Couleur de fond, RRGGBB."),
)  # fmt: skip
CATEGORY = (
    Key("when", "expression", "Condition of the category.", "Condition de la catégorie."),
    Key("otherwise", "yes_no", "`true`: all clients that no other category takes.", "`true` : tous les autres clients."),
    Key("label", "label", "Name of the category in sheets.", "Nom de la catégorie dans les feuilles."),
    Key("process", "text", "Process of the category in processes.yml.", "Processus de la catégorie dans processes.yml."),
    Key("at_most", "number", "Capacity: how many clients it may hold, best scores first.",
        "Capacité : nombre maximal de clients, meilleures notes d'abord."),
    Key("colour", "text", "Fill colour, RRGGBB.", "Couleur de fond, RRGGBB."),
)  # fmt: skip
EXPECTATION = (
    Key("client", "text", "Name of the test client.", "Nom du client d'essai.", required=True),
    Key("given", "map:value", "Inputs by column.", "Données par colonne.", required=True),
    Key("score", "number", "Expected score, 0 to 100.", "Note attendue, 0 à 100."),
    Key("category", "text", "Expected category.", "Catégorie attendue."),
    Key("families", "map:number", "Expected family scores.", "Notes de famille attendues."),
    Key("completeness", "number", "Expected completeness.", "Complétude attendue."),
)  # fmt: skip

SCALE_KEYS = ("bands", "curve", "values", "points", "target", "yes")
MAPPINGS: dict[str, tuple[Key, ...]] = {
    "RULE_FILE": RULE_FILE,
    "COLUMN": COLUMN,
    "DERIVED": DERIVED,
    "FAMILY": FAMILY,
    "CRITERION": CRITERION,
    "TARGET": TARGET,
    "CATEGORIES": CATEGORIES,
    "NEED": NEED,
    "CATEGORY": CATEGORY,
    "EXPECTATION": EXPECTATION,
}
