"""The keys of a process file: name, what it holds, whether it must be there, and a description in English and French.

One table serves the reader (`kamxl/process.py`), the JSON Schema and the docs, like `keys.py` for rule files.
"""

from __future__ import annotations

from kamxl.language.keys import Key

PROCESS_FILE = (
    Key("kamxl", "version", "Version of the rule language: 1.", "Version du langage de règles : 1.", required=True),
    Key("name", "label", "Name of the process book.", "Nom du livret des processus."),
    Key("stages", "map:label", "Stages of the client journey, in order.", "Étapes du parcours client, dans l'ordre.",
        required=True),
    Key("departments", "map:DEPARTMENT", "Departments; each gets a sheet.", "Services ; chacun reçoit une feuille.",
        required=True),
    Key("processes", "map:PROCESS", "Processes that categories name.", "Processus nommés par les catégories.",
        required=True),
)  # fmt: skip
DEPARTMENT = (
    Key("label", "label", "Name of the department and of its sheet.", "Nom du service et de sa feuille."),
    Key("purpose", "label", "What the sheet is for, in one sentence.", "À quoi sert la feuille, en une phrase."),
    Key("see", "texts", "Columns, families and results that the department may see.",
        "Colonnes, familles et résultats que le service peut voir."),
    Key("template", "text", "Template of the sheet; department.md.j2 if left out.",
        "Gabarit de la feuille ; department.md.j2 par défaut."),
)  # fmt: skip
PROCESS = (
    Key("label", "label", "Name of the process in sheets.", "Nom du processus dans les feuilles."),
    Key("aim", "label", "What the process is for.", "But du processus."),
    Key("instructions", "map:INSTRUCTIONS", "Instructions by department and stage.",
        "Consignes par service et par étape.", required=True),
)  # fmt: skip
INSTRUCTION = (
    Key("do", "label", "What to do.", "Quoi faire.", required=True),
    Key("how", "label", "How to do it.", "Comment le faire."),
    Key("within", "label", "In what time.", "Dans quel délai."),
    Key("checklist", "list:label", "What to check off.", "Points à cocher."),
    Key("owner", "label", "Who sees to it.", "Qui s'en charge."),
)  # fmt: skip

MAPPINGS: dict[str, tuple[Key, ...]] = {
    "PROCESS_FILE": PROCESS_FILE,
    "DEPARTMENT": DEPARTMENT,
    "PROCESS": PROCESS,
    "INSTRUCTION": INSTRUCTION,
}
# An instruction that is declared not to be needed.
NONE_WORD = "none"
