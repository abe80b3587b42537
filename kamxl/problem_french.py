"""French of what a spreadsheet user meets when something is wrong: titles of codes, sentences, ways out.

Tables of `problem_words.py`, which looks them up. `{}` stands for a part of a sentence; parts keep their order.
"""

from __future__ import annotations

TITLES: dict[str, str] = {
    "KX001": "le fichier ne peut pas être lu",
    "KX002": "le fichier n'est pas un texte UTF-8",
    "KX003": "le YAML ne peut pas être compris",
    "KX004": "clé donnée deux fois",
    "KX005": "le fichier dépasse une limite",
    "KX006": "les ancres et les alias ne sont pas permis",
    "KX101": "une clé manque",
    "KX102": "clé inconnue",
    "KX103": "valeur du mauvais genre",
    "KX104": "l'expression ne peut pas être comprise",
    "KX105": "nom inconnu dans une expression",
    "KX106": "nom employé deux fois",
    "KX107": "le fichier de règles est pour une autre version de kamxl",
    "KX201": "les poids en pour cent ne font pas 100 %",
    "KX202": "les tranches se recouvrent",
    "KX203": "les tranches laissent un trou",
    "KX204": "les colonnes dérivées forment un cercle",
    "KX205": "les genres ne vont pas ensemble",
    "KX206": "la règle ne peut jamais s'appliquer",
    "KX207": "la condition est toujours vraie",
    "KX208": "la condition est toujours fausse",
    "KX209": "le seuil est hors d'atteinte",
    "KX210": "la colonne est déclarée et jamais employée",
    "KX211": "valeur donnée deux fois",
    "KX212": "l'échelle ne donne jamais tous les points",
    "KX213": "les unités ne vont pas ensemble",
    "KX214": "la règle ne change jamais rien",
    "KX215": "les conditions des catégories se recouvrent",
    "KX216": "les conditions des catégories laissent un trou",
    "KX217": "la condition ne peut pas être analysée",
    "KX218": "une attente du fichier de règles n'est pas satisfaite",
    "KX219": "une consigne manque",
    "KX220": "processus, service ou étape non déclaré",
    "KX221": "tous les poids sont nuls",
    "KX222": "points hors de l'échelle",
    "KX223": "noms qui se ressemblent, écrits avec d'autres lettres",
    "KX224": "la matrice de comparaison n'est pas utilisable",
    "KX225": "les réponses se contredisent",
    "KX226": "le moteur ne peut pas exécuter une règle",
    "KX227": "le service ne peut pas voir ce que son classeur dirait",
    "KX301": "colonne absente du classeur",
    "KX302": "en-tête présent deux fois",
    "KX303": "tableau des clients introuvable",
    "KX304": "plusieurs tableaux pourraient être celui des clients",
    "KX305": "client présent deux fois",
    "KX306": "client introuvable",
    "KX401": "la cellule contient une erreur",
    "KX402": "la cellule n'est pas un nombre",
    "KX403": "la cellule n'est pas une date",
    "KX404": "la valeur n'est pas l'un des choix",
    "KX405": "la réponse manque",
    "KX406": "deux catégories conviennent",
    "KX407": "la correction ne peut pas s'appliquer",
    "KX408": "la note est hors de l'échelle",
    "KX409": "valeur impossible",
    "KX410": "la cellule n'est ni oui ni non",
    "KX411": "client sans identifiant",
    "KX412": "formule sans valeur",
    "KX501": "ce n'est pas un classeur que kamxl peut modifier",
    "KX502": "le classeur est protégé",
    "KX503": "le classeur est ouvert ailleurs",
    "KX504": "le classeur ne peut pas être enregistré",
    "KX505": "des cellules sont occupées",
    "KX506": "un paquet nécessaire n'est pas installé",
    "KX507": "impossible ici",
    "KX508": "le moteur ne démarre pas",
    "KX509": "l'historique ne peut pas être lu",
    "KX510": "le classeur n'est pas celui qui est attendu",
    "KX511": "le classeur ne s'accorde pas avec les règles",
    "KX512": "le fichier serait écrasé, et il est gardé",
    "KX601": "le modèle ne peut pas être compris",
    "KX602": "le modèle emploie un nom inconnu",
    "KX603": "le modèle dépasse ses limites",
    "KX604": "modèle introuvable",
}

_READ_AGAIN = ("check the path", "vérifiez le chemin")
# Sentences by code: English with `{}` for each part, and the French with the parts in the same order.
SENTENCES: dict[str, tuple[tuple[str, str], ...]] = {
    "KX001": (
        ("file cannot be read: no such file or directory", "le fichier n'existe pas"),
        ("file cannot be read: {}", "le fichier ne peut pas être lu : {}"),
        ("file is not found", "le fichier n'existe pas"),
        ("rule file is not found", "le fichier de règles n'existe pas"),
        ("`{}` is not the name of a rule file", "`{}` n'est pas le nom d'un fichier de règles"),
        (
            "the drive of the file does not answer within {} seconds",
            "le lecteur du fichier ne répond pas en {} secondes",
        ),
        ("settings cannot be read", "les paramètres ne peuvent pas être lus"),
    ),
    "KX002": (("byte {} is not UTF-8 text", "l'octet {} n'est pas du texte UTF-8"),),
    "KX003": (("settings cannot be read", "les paramètres ne peuvent pas être lus"),),
    "KX103": (
        (
            "settings need `rules: a path` and `language: en` or `fr`",
            "les paramètres veulent `rules: un chemin` et `language: en` ou `fr`",
        ),
    ),
    "KX105": (
        (
            "the rules have no column `dormant`; add it under `derived:`",
            "les règles n'ont pas de colonne `dormant` ; ajoutez-la sous `derived:`",
        ),
    ),
    "KX220": (
        ("`{}` is not a category of the rules", "`{}` n'est pas une catégorie des règles"),
        ("`{}` is not a family of the rules", "`{}` n'est pas une famille des règles"),
        ("`{}` is not a department of the rules", "`{}` n'est pas un service des règles"),
        ("`{}` is not a stage of the rules", "`{}` n'est pas une étape des règles"),
    ),
    "KX301": (("column `{}` is not in the workbook", "la colonne `{}` n'est pas dans le classeur"),),
    "KX302": (
        (
            "two headers answer to `{}`: `{}` (column {}) and `{}` (column {})",
            "deux en-têtes répondent à `{}` : `{}` (colonne {}) et `{}` (colonne {})",
        ),
    ),
    "KX303": (
        (
            "the header row is missing: give the headers as second argument, or select them with the clients",
            "la ligne d'en-têtes manque : donnez-la en deuxième argument, ou sélectionnez-la avec les clients",
        ),
        (
            "there are headers or a client, and not both: give the headers as second argument, or select them with the "
            "clients",
            "il y a des en-têtes ou un client, et non les deux : donnez les en-têtes en deuxième argument, ou "
            "sélectionnez-les avec les clients",
        ),
        (
            "the headers are {} columns wide and the clients {}; give both the same columns",
            "les en-têtes ont {} colonnes et les clients {} ; donnez les mêmes colonnes aux deux",
        ),
        (
            "no table of the workbook has the headers that the rules read (seen: {})",
            "aucun tableau du classeur n'a les en-têtes que lisent les règles (vu : {})",
        ),
        (
            "no table of the workbook has the headers that the rules read",
            "aucun tableau du classeur n'a les en-têtes que lisent les règles",
        ),
        ("there is no sheet `{}`", "il n'y a pas de feuille `{}`"),
        ("there is no table `{}`", "il n'y a pas de tableau `{}`"),
    ),
    "KX304": (("{} tables could be the client table: {}", "{} tableaux pourraient être celui des clients : {}"),),
    "KX305": (("client `{}` stands twice", "le client `{}` est présent deux fois"),),
    "KX306": (("there is no client `{}`", "il n'y a pas de client `{}`"),),
    "KX401": (
        ("cell holds the error {}", "la cellule contient l'erreur {}"),
        ("an argument holds {} in place of cells", "un argument contient {} au lieu de cellules"),
        ("the argument {} holds {}", "l'argument {} contient {}"),
        ("the category is {}", "la catégorie est {}"),
    ),
    "KX402": (("a number is expected here, not {}", "un nombre est attendu ici, et non {}"),),
    "KX403": (
        (
            "a date such as 2026-01-31 is expected here, not {}",
            "une date comme 2026-01-31 est attendue ici, et non {}",
        ),
    ),
    "KX404": (
        ("`{}` is not one of the choices", "`{}` n'est pas l'un des choix"),
        (
            "`{}` is not among the listed values; add it, or `other:`",
            "`{}` n'est pas parmi les valeurs listées ; ajoutez-la, ou `other:`",
        ),
    ),
    "KX405": (("an answer is required", "une réponse est obligatoire"),),
    "KX406": (("two categories match client {}: {}", "deux catégories conviennent au client {} : {}"),),
    "KX407": (
        ("override `{}` of {} is not a category", "la correction `{}` de {} n'est pas une catégorie"),
        ("override of {} has no reason", "la correction de {} n'a pas de motif"),
        ("override of {} has expired", "la correction de {} a expiré"),
        (
            "override of {}: a date such as 2026-01-31 is expected here, not {}",
            "correction de {} : une date comme 2026-01-31 est attendue ici, et non {}",
        ),
    ),
    "KX408": (("mark {} is outside 0 to {}", "la note {} est hors de 0 à {}"),),
    "KX409": (
        ("the number is too large", "le nombre est trop grand"),
        ("{} falls in no band", "{} n'est dans aucune tranche"),
    ),
    "KX410": (("yes or no is expected here, not {}", "oui ou non est attendu ici, et non {}"),),
    "KX411": (("the row has no client", "la ligne n'a pas de client"),),
    "KX412": (("cell holds a formula that was never calculated", "la cellule contient une formule jamais calculée"),),
    "KX502": (
        ("the sheet is protected", "la feuille est protégée"),
        ("the workbook's structure is protected", "la structure du classeur est protégée"),
        ("the spreadsheet's structure is protected", "la structure du classeur est protégée"),
        ("the spreadsheet is open for reading only", "le classeur est ouvert en lecture seule"),
    ),
    "KX505": (
        (
            "cells to the right of the client table are occupied",
            "des cellules à droite du tableau des clients sont occupées",
        ),
        (
            "the workbook has a sheet `{}` that is not kamxl's",
            "le classeur a une feuille `{}` qui n'est pas de kamxl",
        ),
        (
            "the column `{}` of kamxl stands among those that the rules read",
            "la colonne `{}` de kamxl est parmi celles que lisent les règles",
        ),
    ),
    "KX507": (
        (
            "these rules compare clients with each other, and formulas that do not spill see one row each",
            "ces règles comparent les clients entre eux, et des formules par ligne n'en voient qu'un chacune",
        ),
        ("there is no desktop Excel on this system", "il n'y a pas d'Excel sur ce système"),
    ),
    "KX510": (
        (
            "the workbook was changed after the last KAM action, and nothing is put back",
            "le classeur a été modifié après la dernière action KAM, et rien n'est rétabli",
        ),
    ),
    "KX511": (
        (
            "these rules compare clients with each other: give the whole table, not one row",
            "ces règles comparent les clients entre eux : donnez tout le tableau, et non une ligne",
        ),
    ),
}

HELPS: tuple[tuple[str, str], ...] = (
    _READ_AGAIN,
    ("correct the cell, or empty it", "corrigez la cellule, ou videz-la"),
    ("fill in the cell", "remplissez la cellule"),
    ("fill it in", "remplissez-la"),
    ("fill in the column Override reason", "remplissez la colonne du motif de la correction"),
    ("write a date such as 2026-12-31", "écrivez une date comme 2026-12-31"),
    ("renew Override until, or clear the override", "prolongez la correction, ou effacez-la"),
    (
        "open the workbook in Excel or LibreOffice, save it there, and run again",
        "ouvrez le classeur dans Excel ou LibreOffice, enregistrez-le, et recommencez",
    ),
    ("did you mean `{}`?", "vouliez-vous dire `{}` ?"),
    ("choose one of {} and {} more", "choisissez parmi {} et {} autres"),
    ("choose one of {}", "choisissez parmi {}"),
    ("name one: `--sheet {}`", "nommez-en un : `--sheet {}`"),
    (
        "name one by the cell of its first header: `--table {}`",
        "nommez-en un par la cellule de son premier en-tête : `--table {}`",
    ),
    (
        "the nearest header is `{}`; rename the header, add it to `headers:` in the rule file, or mark the column "
        "`optional: yes`",
        "l'en-tête le plus proche est `{}` ; renommez-le, ajoutez-le à `headers:` dans le fichier de règles, ou "
        "marquez la colonne `optional: yes`",
    ),
    (
        "rename the header, add it to `headers:` in the rule file, or mark the column `optional: yes`",
        "renommez l'en-tête, ajoutez-le à `headers:` dans le fichier de règles, ou marquez la colonne `optional: yes`",
    ),
    (
        "rename one of the two columns in the workbook, or list only one header in the rule file",
        "renommez l'une des deux colonnes du classeur, ou ne listez qu'un en-tête dans le fichier de règles",
    ),
    (
        "the rules read headers such as {}; choose other rules with -r, or rename the headers",
        "les règles lisent des en-têtes tels que {} ; prenez d'autres règles, ou renommez les en-têtes",
    ),
    (
        "give each client one row, or its own identifier",
        "donnez une seule ligne à chaque client, ou un identifiant à chacun",
    ),
    (
        "make the conditions exclude each other, or write `policy: first`",
        "rendez les conditions exclusives, ou écrivez `policy: first`",
    ),
    ("take the protection off and run again", "ôtez la protection et recommencez"),
    ("take the protection off", "ôtez la protection"),
    (
        "move what stands there, or leave room beside the table",
        "déplacez ce qui s'y trouve, ou laissez de la place à côté du tableau",
    ),
    ("rename that sheet", "renommez cette feuille"),
    (
        "move it to the right of the table: a formula must not read its own column",
        "déplacez-la à droite du tableau : une formule ne doit pas lire sa propre colonne",
    ),
    (
        "use Classify, or put =KAM_TABLE(...) on another sheet",
        "utilisez « Classer », ou mettez =KAM_TABLE(...) sur une autre feuille",
    ),
    (
        "take your own changes back first, or correct the cells by hand",
        "annulez d'abord vos propres modifications, ou corrigez les cellules à la main",
    ),
    (
        "connect to the network, or run `kamxl install --rules` with a file on this computer",
        "connectez-vous au réseau, ou exécutez « kamxl install --rules » avec un fichier de cet ordinateur",
    ),
    (
        "give the name of a file in {}, without folders",
        "donnez le nom d'un fichier de {}, sans dossiers",
    ),
    ("run `kamxl install` again", "exécutez de nouveau « kamxl install »"),
    ("split the file", "divisez le fichier"),
    (
        "check indentation, colons and quotes on this line and the one above",
        "vérifiez retraits, deux-points et guillemets sur cette ligne et celle d'avant",
    ),
)
