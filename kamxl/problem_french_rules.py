"""French of what a manager meets in rule files and in tests beside them: sentences.

Tables of `problem_words.py`, as those of `problem_french.py`. `{}` stands for a part as it is, `{:w}` in the French for
a part in which words are turned into French, too (WORDS, and `and`, `or` between names).
"""

from __future__ import annotations

WORDS: dict[str, str] = {
    "the rule file": "le fichier de règles",
    "the process file": "le fichier des processus",
    "the score": "la note",
    "the families": "les familles",
    "a number": "un nombre",
    "a text": "un texte",
    "a date": "une date",
    "a condition": "une condition",
    "number": "nombre",
    "text": "texte",
    "date": "date",
    "condition": "condition",
    "a single value": "une seule valeur",
    "keys and values": "des clés et des valeurs",
    "a list": "une liste",
    "points": "les points",
    "the end": "la fin",
    "after `is`": "après `is`",
    "before the list": "avant la liste",
    "after the list": "après la liste",
    "after `not`": "après `not`",
    "to close the parenthesis": "pour fermer la parenthèse",
    "between the two ends of `between`": "entre les deux bornes de `between`",
    "no category": "aucune catégorie",
    "missing": "manquant",
    "blank": "vide",
    "any client": "n'importe quel client",
    "; whether such a client exists cannot be told: these numbers depend on each other": (
        " ; on ne peut pas dire si un tel client existe : ces nombres dépendent les uns des autres"
    ),
}
# Words that stand before a name, in parts such as "criterion `revenue`" and "a client with employees 31".
WORD_STARTS: tuple[tuple[str, str], ...] = (
    ("criterion ", "le critère "),
    ("derived column ", "la colonne dérivée "),
    ("column ", "la colonne "),
    ("family ", "la famille "),
    ("category ", "la catégorie "),
    ("department ", "le service "),
    ("process ", "le processus "),
    ("a client with ", "un client avec "),
    ("score ", "la note "),
    ("completeness ", "la complétude "),
)
# What the YAML library says; its words are not ours.
YAML_SENTENCES: tuple[tuple[str, str], ...] = (
    ("mapping values are not allowed in this context", "deux-points inattendus : une clé et sa valeur ne vont pas ici"),
    ("did not find expected {} or {}", "{} ou {} attendu ici"),
    ("did not find expected key", "une clé est attendue ici"),
    ("found character that cannot start any token", "ce caractère ne peut pas commencer une valeur"),
    ("could not find expected ':'", "« : » attendu ici"),
)
RULE_SENTENCES: dict[str, tuple[tuple[str, str], ...]] = {
    "KX003": (
        (
            "a no-break space stands where YAML wants spaces",
            "une espace insécable se trouve là où YAML veut des espaces",
        ),
        ("a tab stands where YAML wants spaces", "une tabulation se trouve là où YAML veut des espaces"),
        ("this bracket is never closed", "cette accolade n'est jamais fermée"),
        *YAML_SENTENCES,
    ),
    "KX004": (
        ("key `{}` is given twice", "la clé `{}` est donnée deux fois"),
        ("{} keys are given twice, from `{}` to `{}`", "{} clés sont données deux fois, de `{}` à `{}`"),
    ),
    "KX005": (
        ("the expression has more than {} words", "l'expression a plus de {} mots"),
        ("the expression is nested more than {} deep", "l'expression est imbriquée à plus de {} niveaux"),
        ("file is nested more than {} deep", "le fichier est imbriqué à plus de {} niveaux"),
        ("file is nested too deep", "le fichier est trop imbriqué"),
        ("file has more than {} values", "le fichier a plus de {} valeurs"),
        ("file is larger than {} kB", "le fichier dépasse {} ko"),
    ),
    "KX006": (("anchors (&) and aliases (*) are not allowed", "les ancres (&) et les alias (*) ne sont pas permis"),),
    "KX101": (
        ("key `{}` is missing in {}", "la clé `{}` manque dans {:w}"),
        ("`{}` is left empty in {}", "`{}` est vide dans {:w}"),
        ("the line `{}:` is missing above `{}`", "la ligne `{}:` manque au-dessus de `{}`"),
        ("a criterion needs one scale", "il faut une échelle à un critère"),
        ("category `{}` has both `when` and `otherwise`", "la catégorie `{}` a `when` et `otherwise` à la fois"),
        ("category `{}` has neither `when` nor `otherwise`", "la catégorie `{}` n'a ni `when` ni `otherwise`"),
        ("no category has `otherwise: true`", "aucune catégorie n'a `otherwise: true`"),
        ("the file needs `of` and `answers`", "il faut `of` et `answers` dans le fichier"),
    ),
    "KX102": (
        ("unknown key `{}` in {}", "clé inconnue `{}` dans {:w}"),
        ("unknown language `{}` in {}", "langue inconnue `{}` dans {:w}"),
        ("there is no key `{}` in `{}`", "il n'y a pas de clé `{}` dans `{}`"),
        ("there is no key `{}`", "il n'y a pas de clé `{}`"),
        ("`{}` is not a group of weights", "`{}` n'est pas un groupe de poids"),
    ),
    "KX103": (
        ("`{}` must be a number, not `{}`", "`{}` doit être un nombre, et non `{}`"),
        ("{} must be a number, not {}", "{:w} : un nombre est attendu, et non {:w}"),
        ("`{}` must be yes or no, not `{}`", "`{}` doit être oui ou non (`yes`, `no`), et non `{}`"),
        ("`{}` must be a date such as 2026-01-31, not `{}`", "`{}` doit être une date comme 2026-01-31, et non `{}`"),
        ("`{}` must be a single value, not {}", "`{}` doit être une seule valeur, et non {:w}"),
        ("`{}` must be a single value", "`{}` doit être une seule valeur"),
        ("`{}` must be a list, not {}", "`{}` doit être une liste, et non {:w}"),
        ("`{}` must be a list", "`{}` doit être une liste"),
        ("`{}` must list texts, not {}", "`{}` doit lister des textes, et non {:w}"),
        ("`{}` must be value: points pairs, not {}", "`{}` doit donner des paires valeur : points, et non {:w}"),
        ("`{}` must be `as is`, not `{}`", "`{}` doit être `as is`, et non `{}`"),
        ("{} must be keys and values, not {}", "{:w} : des clés et des valeurs sont attendues, et non {:w}"),
        ("{} must be keys and values", "{:w} : des clés et des valeurs sont attendues"),
        ("{} must be a text or a text per language", "{:w} : un texte, ou un texte par langue, est attendu"),
        ("{} must hold texts", "{:w} : des textes sont attendus"),
        ("derived column `{}` must be an expression", "la colonne dérivée `{}` doit être une expression"),
        ("`{}` must be a number above 0", "`{}` doit être un nombre supérieur à 0"),
        ("`{}` must be a distance above 0", "`{}` doit être une distance supérieure à 0"),
        ("`{}` cannot be a name", "`{}` ne peut pas être un nom"),
        ("`{}` cannot be negative", "`{}` ne peut pas être négatif"),
        ("`{}` cannot be `{}`", "`{}` ne peut pas être `{}`"),
        ("`{}` is not a band", "`{}` n'est pas une tranche"),
        ("column `{}` lists choices, and its kind is `{}`", "la colonne `{}` liste des choix, et son genre est `{}`"),
        ("band `{}` is empty", "la tranche `{}` est vide"),
        ("`{}` is not a colour", "`{}` n'est pas une couleur"),
        ("`{}` is no single value", "`{}` n'est pas une seule valeur"),
        ("`{}` runs over several lines", "`{}` occupe plusieurs lignes"),
        ("`completeness` runs from 0% to 100%", "`completeness` va de 0% à 100%"),
        ("a criterion has one scale, not {}", "un critère a une seule échelle, et non {}"),
        ("a curve runs over numbers, not `{}`", "une courbe va sur des nombres, et non `{}`"),
        ("a weight cannot be negative", "un poids ne peut pas être négatif"),
        ("a key must be a plain text", "une clé doit être un simple texte"),
        (
            "the comma of `{}` ends the entry: within braces it separates entries",
            "la virgule de `{}` termine l'entrée : entre accolades, elle sépare les entrées",
        ),
        ("this is a process file, not a rule file", "ceci est un fichier des processus, et non un fichier de règles"),
        ("`at_most` caps a family score from 0 to 100, not {}", "`at_most` plafonne une note de 0 à 100, et non {}"),
        (
            "`at_most` must be a whole number of clients, not {}",
            "`at_most` doit être un nombre entier de clients, et non {}",
        ),
        (
            "`otherwise` cannot have a capacity: nobody is left to take the rest",
            "`otherwise` ne peut pas avoir de capacité : personne ne prendrait le reste",
        ),
    ),
    "KX104": (
        ("`{}` is missing {}", "il manque `{}` {:w}"),
        ("`{}` is not an operator here", "`{}` n'est pas un opérateur ici"),
        ("`{}` is not expected here", "`{}` n'est pas attendu ici"),
        ("`{}` is not part of the expression language", "`{}` n'appartient pas au langage des expressions"),
        ("`{}` is not a day of the calendar", "`{}` n'est pas un jour du calendrier"),
        ("`{}` takes {} arguments, not {}", "`{}` prend {} arguments, et non {}"),
        ("a value is missing before `{}`", "il manque une valeur avant `{}`"),
        ("a character that cannot be seen stands here: {}", "un caractère invisible se trouve ici : {}"),
        ("comparisons cannot be chained", "les comparaisons ne s'enchaînent pas"),
        ("the expression ends too early", "l'expression finit trop tôt"),
    ),
    "KX105": (
        (
            "`{}` is not a column, a derived column or a family",
            "`{}` n'est ni une colonne, ni une colonne dérivée, ni une famille",
        ),
        ("`{}` is not one of the choices of the column", "`{}` n'est pas l'un des choix de la colonne"),
        ("`{}` is not a function of the expression language", "`{}` n'est pas une fonction du langage des expressions"),
        ("`{}` is not a category", "`{}` n'est pas une catégorie"),
        ("`{}` is not a column", "`{}` n'est pas une colonne"),
        ("`{}` is not a family", "`{}` n'est pas une famille"),
    ),
    "KX106": (
        ("name `{}` is a name that kamxl uses", "le nom `{}` est un nom que kamxl emploie"),
        ("name `{}` is used twice", "le nom `{}` est employé deux fois"),
        ("criterion `{}` is used twice", "le critère `{}` est employé deux fois"),
        ("role `{}` is given to two columns", "le rôle `{}` est donné à deux colonnes"),
        ("two categories have `otherwise`", "deux catégories ont `otherwise`"),
        ("`else: {}` is already a category", "`else: {}` est déjà une catégorie"),
    ),
    "KX107": (
        (
            "this kamxl reads rule files of version {}, not `{}`",
            "ce kamxl lit les fichiers de règles de version {}, et non `{}`",
        ),
    ),
    "KX201": (
        (
            "some weights of {} are percents and this is not",
            "certains poids ({:w}) sont en pour cent et celui-ci ne l'est pas",
        ),
        ("the weights of {} add up to {} %, not 100 %", "les poids ({:w}) font {} %, et non 100 %"),
    ),
    "KX202": (
        (
            "bands `{}` and `{}` of `{}` overlap: a client with {} falls in both",
            "les tranches `{}` et `{}` de `{}` se recouvrent : un client avec {} est dans les deux",
        ),
    ),
    "KX203": (
        (
            "the bands of `{}` leave a gap from {} to {}: a client with {} falls in none",
            "les tranches de `{}` laissent un trou de {} à {} : un client avec {:w} n'est dans aucune",
        ),
        ("no band of `{}` takes values under {}", "aucune tranche de `{}` ne prend les valeurs sous {}"),
        ("no band of `{}` takes values of {} and over", "aucune tranche de `{}` ne prend les valeurs de {} et plus"),
    ),
    "KX204": (("derived columns form a cycle: {}", "les colonnes dérivées forment un cercle : {}"),),
    "KX205": (
        ("a blank answer is missing and equals no text", "une réponse vide est manquante et n'égale aucun texte"),
        ("a condition is expected here", "une condition est attendue ici"),
        ("{} is expected here, and this is {}", "{:w} : voilà ce qui est attendu ici, et ceci est {:w}"),
        (
            "`{}` is a number, and `{}` and {} more of its values are not",
            "`{}` est un nombre, et `{}` et {} autres de ses valeurs n'en sont pas",
        ),
        ("`{}` is a number, and `{}` is not", "`{}` est un nombre, et `{}` n'en est pas un"),
        ("{} cannot be compared with {}", "{:w} ne se compare pas avec {:w}"),
        ("`between` needs numbers or dates", "`between` veut des nombres ou des dates"),
    ),
    "KX206": (
        (
            "category `{}` can never match: every client that it describes is taken by {} before",
            "la catégorie `{}` ne peut jamais convenir : tout client qu'elle décrit est pris avant par {:w}",
        ),
        (
            "category `{}` can never match: it asks for a family that does not apply to such clients",
            "la catégorie `{}` ne peut jamais convenir : elle demande une famille qui ne s'applique pas à ces clients",
        ),
        ("rules behind `otherwise` can never match", "les règles derrière `otherwise` ne peuvent jamais convenir"),
    ),
    "KX207": (
        ("`{}` is true for every client whose {} is answered", "`{}` est vrai pour tout client dont {} est renseigné"),
        (
            "`{}` is true for every client whose {} are answered",
            "`{}` est vrai pour tout client dont {:w} sont renseignés",
        ),
        ("`{}` is true for every client", "`{}` est vrai pour tous les clients"),
    ),
    "KX208": (("`{}` is false for every client", "`{}` est faux pour tous les clients"),),
    "KX209": (
        (
            "no client can have `{}`: weights and scales allow {} to {}",
            "aucun client ne peut avoir `{}` : poids et échelles permettent {} à {}",
        ),
        (
            "only clients with blank answers can have `{}`: all answers give {} to {}",
            "seuls des clients aux réponses vides peuvent avoir `{}` : toutes les réponses données, on va de {} à {}",
        ),
    ),
    "KX210": (
        ("derived column `{}` is declared and never used", "la colonne dérivée `{}` est déclarée et jamais employée"),
        ("column `{}` is declared and never used", "la colonne `{}` est déclarée et jamais employée"),
    ),
    "KX211": (
        ("header `{}` is listed twice, for `{}` and `{}`", "l'en-tête `{}` est donné deux fois, pour `{}` et `{}`"),
        ("header `{}` of `{}` is listed twice", "l'en-tête `{}` de `{}` est donné deux fois"),
        ("choice `{}` of `{}` is listed twice", "le choix `{}` de `{}` est donné deux fois"),
        ("value `{}` is listed twice", "la valeur `{}` est donnée deux fois"),
        ("the curve lists {} twice", "la courbe donne {} deux fois"),
        ("{} is listed twice", "{} est donné deux fois"),
    ),
    "KX212": (
        (
            "`{}` never gives full points: its best answer gets {} of {}",
            "`{}` ne donne jamais tous les points : sa meilleure réponse obtient {} sur {}",
        ),
    ),
    "KX213": (
        ("`{}` is a percent, and `{}` is {} %", "`{}` est un pourcentage, et `{}` veut dire {} %"),
        (
            "`{}` runs from 0 to 100 points, and `{}` is {} of a point",
            "`{}` va de 0 à 100 points, et `{}` fait {} point",
        ),
        (
            "criterion `{}` is in `{}` and what it reads is in `{}`",
            "le critère `{}` est en `{}` et ce qu'il lit est en `{}`",
        ),
        ("units do not match: `{}` and `{}`", "les unités ne vont pas ensemble : `{}` et `{}`"),
    ),
    "KX214": (
        (
            "`{}` never matters: the other conditions already ask for more",
            "`{}` ne change jamais rien : les autres conditions demandent déjà davantage",
        ),
        (
            "`{}` never matters: the other conditions already allow it",
            "`{}` ne change jamais rien : les autres conditions le permettent déjà",
        ),
        (
            "`otherwise` never matters: the rules before `{}` take every client",
            "`otherwise` ne sert jamais : les règles avant `{}` prennent tous les clients",
        ),
        ("{} has weight 0 and never matters in {}", "{:w} a le poids 0 et ne compte jamais dans {:w}"),
        ("every answer to `{}` gets {} points", "toute réponse à `{}` obtient {} points"),
    ),
    "KX215": (
        (
            "categories `{}` and `{}` overlap and only one may match: {} falls in both{}",
            "les catégories `{}` et `{}` se recouvrent et une seule doit convenir : {:w} est dans les deux{:w}",
        ),
    ),
    "KX216": (
        (
            "categories `{}` and `{}` leave a gap on `{}` at {}: {} falls to `{}`{}",
            "les catégories `{}` et `{}` laissent un trou sur `{}` à {} : {:w} tombe dans `{}`{:w}",
        ),
        (
            "categories `{}` and `{}` leave a gap on `{}` between {} and {}: {} falls to `{}`{}",
            "les catégories `{}` et `{}` laissent un trou sur `{}` entre {} et {} : {:w} tombe dans `{}`{:w}",
        ),
    ),
    "KX217": (
        (
            "this condition is beyond analysis: it combines too many alternatives",
            "cette condition ne peut pas être analysée : elle combine trop de possibilités",
        ),
        (
            "which clients are left for `{}` is beyond analysis",
            "on ne peut pas analyser quels clients restent pour `{}`",
        ),
    ),
    "KX511": (
        ("the workbook was never classified", "le classeur n'a jamais été classé"),
        (
            "the workbook was classified with `{}`, and the rules are now `{}`",
            "le classeur a été classé avec `{}`, et les règles sont maintenant `{}`",
        ),
        ("row {} carries another stamp than the others", "la ligne {} porte un autre cachet que les autres"),
        (
            "{} of client {} is {}, and the rules give {}",
            "{} du client {} : {:w} dans le classeur, {:w} selon les règles",
        ),
    ),
    "KX224": (
        ("`{}` is not weighed here", "`{}` n'est pas pesé ici"),
        ("`{}` compares nothing", "`{}` ne compare rien"),
        (
            "an answer is a number such as 3 or 1/3, not {}",
            "une réponse est un nombre comme 3 ou 1/3, et non {:w}",
        ),
        ("the matrix must have {} rows of {} numbers", "la matrice doit avoir {} lignes de {} nombres"),
        ("{}: `{}` is not compared with `{}`", "{} : `{}` n'est pas comparé à `{}`"),
        ("`{}` is not compared with `{}`", "`{}` n'est pas comparé à `{}`"),
        ("{}: `{}` compared with itself is 1, not {}", "{} : `{}` comparé à lui-même fait 1, et non {}"),
        ("`{}` compared with itself is 1, not {}", "`{}` comparé à lui-même fait 1, et non {}"),
        (
            "{}: `{}` against `{}` is {}: an answer lies between 1/9 and 9",
            "{} : `{}` face à `{}` fait {} : une réponse est entre 1/9 et 9",
        ),
        (
            "`{}` against `{}` is {}: an answer lies between 1/9 and 9",
            "`{}` face à `{}` fait {} : une réponse est entre 1/9 et 9",
        ),
        (
            "{}: `{}` against `{}` is {} and the other way round {}: one must be 1 over the other",
            "{} : `{}` face à `{}` fait {} et dans l'autre sens {} : l'un doit être 1 divisé par l'autre",
        ),
        (
            "`{}` against `{}` is {} and the other way round {}: one must be 1 over the other",
            "`{}` face à `{}` fait {} et dans l'autre sens {} : l'un doit être 1 divisé par l'autre",
        ),
    ),
    "KX218": (("test client `{}`: expected {}, got {}", "client d'essai `{}` : attendu {:w}, obtenu {:w}"),),
    "KX219": (("category `{}` names no process", "la catégorie `{}` ne nomme aucun processus"),),
    "KX221": (("the weights of {} are all zero", "les poids ({:w}) sont tous nuls"),),
    "KX222": (("points run from 0 to {}, not {}", "les points vont de 0 à {}, et non {}"),),
    "KX223": (
        (
            "`{}` looks like the choice `{}` and is spelled with other letters",
            "`{}` ressemble au choix `{}` et s'écrit avec d'autres lettres",
        ),
        (
            "`{}` looks like `{}` and is spelled with other letters",
            "`{}` ressemble à `{}` et s'écrit avec d'autres lettres",
        ),
    ),
}
