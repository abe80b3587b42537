"""French of what is said about workbooks against the rules (KX3) and about cells (KX4).

Each sentence stands over its French; `catalogue.py` explains the notation.
"""

CELLS = r"""
KX301
column `{}` is not in the workbook
    la colonne `{}` n'est pas dans le classeur
the test sheet expects nothing
    la feuille d'essais n'attend rien
no column of the rules is called `{}`
    aucune colonne des règles ne s'appelle `{}`
department `{}` may see `{}`, which is no column or result of the rules
    le service `{}` peut voir `{}`, qui n'est ni une colonne ni un résultat des règles
department `{}` may see {} names which are no columns or results of the rules: {list}
    le service `{}` peut voir {} noms qui ne sont ni des colonnes ni des résultats des règles : {list}

KX302
two headers answer to `{}`: {headers}
    deux en-têtes répondent à `{}` : {headers}

KX303
the header row is missing: give the headers as second argument, or select them with the clients
    la ligne d'en-têtes manque : donnez-la en deuxième argument, ou sélectionnez-la avec les clients
there are headers or a client, and not both: give the headers as second argument, or select them with the clients
    il y a des en-têtes ou un client, et non les deux : donnez les en-têtes en deuxième argument, ou sélectionnez-les avec les clients
the headers are {} columns wide and the clients {}; give both the same columns
    les en-têtes ont {} colonnes et les clients {} ; donnez les mêmes colonnes aux deux
no table of the workbook has the headers that the rules read (seen: {tables})
    aucun tableau du classeur n'a les en-têtes que lisent les règles (vu : {tables})
no table of the workbook has the headers that the rules read
    aucun tableau du classeur n'a les en-têtes que lisent les règles
there is no sheet `{}`
    il n'y a pas de feuille `{}`
there is no table `{}`
    il n'y a pas de tableau `{}`
the file is empty
    le fichier est vide
table `{}` is not in the database
    la table `{}` n'est pas dans la base de données
which table holds the clients?
    quelle table contient les clients ?

KX304
{} tables could be the client table: {tables}
    {} tableaux pourraient être celui des clients : {tables}

KX305
client `{}` stands twice
    le client `{}` est présent deux fois

KX306
there is no client `{}`
    il n'y a pas de client `{}`
the rules name no column with `role: id`
    les règles ne nomment aucune colonne avec `role: id`
{} clients are called `{}`
    {} clients s'appellent `{}`
client `{}` of the copy is not in the book; its notes stand at the end of the sheet
    le client `{}` de la copie n'est pas dans le classeur d'origine ; ses notes sont à la fin de la feuille

KX401
cell holds the error {}
    la cellule contient l'erreur {}
an argument holds {} in place of cells
    un argument contient {} au lieu de cellules
the argument {} holds {}
    l'argument {} contient {}
the category is {}
    la catégorie est {}

KX402
a number is expected here, not an empty cell
    un nombre est attendu ici, et non une cellule vide
skip, zero, error or points is expected here, not an empty cell
    `skip`, `zero`, `error` ou des points sont attendus ici, et non une cellule vide
skip, zero, error or points is expected here, not `{}`
    `skip`, `zero`, `error` ou des points sont attendus ici, et non `{}`
a number is expected here, not a text
    un nombre est attendu ici, et non un texte
a number is expected here, not {}
    un nombre est attendu ici, et non {}

KX403
a date such as 2026-01-31 is expected here, not {}
    une date comme 2026-01-31 est attendue ici, et non {}
a date is expected here
    une date est attendue ici

KX404
`{}` is not one of the choices
    `{}` n'est pas l'un des choix
`{}` is not among the listed values; add it, or `other:`
    `{}` n'est pas parmi les valeurs listées ; ajoutez-la, ou `other:`

KX405
an answer is required
    une réponse est obligatoire

KX406
two categories match client {}: {}
    deux catégories conviennent au client {} : {}

KX407
override `{}` of {} is not a category
    la dérogation `{}` de {} n'est pas une catégorie
override of {} has no reason
    la dérogation de {} n'a pas de motif
override of {} has expired
    la dérogation de {} a expiré
override of {}: {sentence}
    dérogation de {} : {sentence}

KX408
mark {} is outside 0 to {}
    la note {} est hors de 0 à {}

KX409
the number is too large
    le nombre est trop grand
{} falls in no band
    {} n'est dans aucune tranche
column `{}` holds {}, and a cell holds one text, number or date
    la colonne `{}` contient {}, et une cellule contient un texte, un nombre ou une date

KX410
yes or no is expected here, not {}
    oui ou non est attendu ici, et non {}

KX411
the row has no client
    la ligne n'a pas de client

KX412
cell holds a formula that was never calculated
    la cellule contient une formule jamais calculée
"""
