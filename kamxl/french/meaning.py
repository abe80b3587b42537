"""French of what is said about the meaning of rules (KX2): weights, bands, conditions, processes, engines.

Each sentence stands over its French; `catalogue.py` explains the notation.
"""

MEANING = r"""
KX201
some weights of {of} are percents and this is not
    certains poids {of} sont en pour cent, et celui-ci ne l'est pas
the weights of {of} add up to {} %, not 100 %
    les poids {of} font {} %, et non 100 %

KX202
bands `{}` and `{}` of `{}` overlap: a client with {} falls in both
    les tranches `{}` et `{}` de `{}` se recouvrent : un client à {} tombe dans les deux

KX203
the bands of `{}` leave a gap from {} to {}: a client with {list} falls in none
    les tranches de `{}` laissent un trou de {} à {} : un client à {list} ne tombe dans aucune
no band of `{}` takes values under {}
    aucune tranche de `{}` ne prend les valeurs au-dessous de {}
no band of `{}` takes values of {} and over
    aucune tranche de `{}` ne prend les valeurs à partir de {}

KX204
derived columns form a cycle: {}
    les colonnes dérivées forment un cercle : {}

KX205
a condition is expected here
    une condition est attendue ici
{kinds} is expected here, and this is {kind}
    {kinds} est attendu ici, et ceci est {kind}
a blank answer is missing and equals no text
    une réponse vide manque et n'égale aucun texte
{kind} cannot be compared with `{}`
    {kind} ne se compare pas avec `{}`
{kind} cannot be compared with {kind}
    {kind} ne se compare pas avec {kind}
`between` needs numbers or dates
    `between` a besoin de nombres ou de dates
`{}` is a number, and `{}` and {} more of its values are not
    `{}` est un nombre, et `{}` et {} autres de ses valeurs n'en sont pas
`{}` is a number, and `{}` is not
    `{}` est un nombre, et `{}` n'en est pas un

KX206
rules behind `otherwise` can never match
    les règles après `otherwise` ne peuvent jamais s'appliquer
category `{}` can never match: it asks for a family that does not apply to such clients
    la catégorie `{}` ne peut jamais convenir : elle demande une famille qui ne s'applique pas à ces clients
category `{}` can never match: every client that it describes is taken by {list} before
    la catégorie `{}` ne peut jamais convenir : chaque client qu'elle décrit est déjà pris par {list}

KX207
`{}` is true for every client whose {list} is answered
    `{}` est vrai pour chaque client dont la réponse {list} est connue
`{}` is true for every client whose {list} are answered
    `{}` est vrai pour chaque client dont les réponses {list} sont connues
`{}` is true for every client
    `{}` est vrai pour chaque client

KX208
`{}` is false for every client
    `{}` est faux pour chaque client

KX209
no client can have `{}`: weights and scales allow {list}
    aucun client ne peut avoir `{}` : poids et échelles ne donnent que de {list}
only clients with blank answers can have `{}`: all answers give {list}
    seuls des clients aux réponses incomplètes peuvent avoir `{}` : toutes les réponses ne donnent que de {list}

KX210
derived column `{}` is declared and never used
    la colonne dérivée `{}` est déclarée et jamais employée
column `{}` is declared and never used
    la colonne `{}` est déclarée et jamais employée

KX211
choice `{}` of `{}` is listed twice
    le choix `{}` de `{}` est donné deux fois
header `{}` is listed twice, for `{}` and `{}`
    l'en-tête `{}` est donné deux fois, pour `{}` et `{}`
header `{}` of `{}` is listed twice
    l'en-tête `{}` de `{}` est donné deux fois
value `{}` is listed twice
    la valeur `{}` est donnée deux fois
the curve lists {} twice
    la courbe donne {} deux fois
{} is listed twice
    {} est donné deux fois

KX212
`{}` never gives full points: its best answer gets {} of {}
    `{}` ne donne jamais tous les points : sa meilleure réponse en reçoit {} sur {}

KX213
`{}` runs from 0 to 100 points, and `{}` is {} of a point
    `{}` va de 0 à 100 points, et `{}` vaut {} point
`{}` is a percent, and `{}` is {} %
    `{}` est en pour cent, et `{}` vaut {} %
units do not match: `{}` and `{}`
    les unités ne vont pas ensemble : `{}` et `{}`
criterion `{}` is in `{}` and what it reads is in `{}`
    le critère `{}` est en `{}`, et ce qu'il lit est en `{}`

KX214
every answer to `{}` gets {} points
    chaque réponse à `{}` reçoit {} points
{what} has weight 0 and never matters in {what}
    {what} a un poids de 0 et ne compte jamais dans {what}
`otherwise` never matters: the rules before `{}` take every client
    `otherwise` ne sert jamais : les règles avant `{}` prennent tous les clients
`{}` never matters: the other conditions already allow it
    `{}` ne change rien : les autres conditions le permettent déjà
`{}` never matters: the other conditions already ask for more
    `{}` ne change rien : les autres conditions demandent déjà davantage

KX215
categories `{}` and `{}` overlap and only one may match: {client} falls in both{unsure}
    les catégories `{}` et `{}` se recouvrent, et une seule peut convenir : {client} convient aux deux{unsure}

KX216
categories `{}` and `{}` leave a gap on `{}` at {}: {client} falls to `{}`{unsure}
    les catégories `{}` et `{}` laissent un trou sur `{}` à {} : {client} tombe dans `{}`{unsure}
categories `{}` and `{}` leave a gap on `{}` between {} and {}: {client} falls to `{}`{unsure}
    les catégories `{}` et `{}` laissent un trou sur `{}` entre {} et {} : {client} tombe dans `{}`{unsure}

KX217
this condition is beyond analysis: it combines too many alternatives
    cette condition ne peut pas être analysée : elle combine trop de possibilités
which clients are left for `{}` is beyond analysis
    quels clients restent pour `{}` ne peut pas être analysé

KX218
test client `{}`: expected {result} {shown}, got {shown}
    client d'essai `{}` : {result} attendue {shown}, obtenue {shown}

KX219
category `{}` names no process
    la catégorie `{}` ne nomme aucun processus
process `{}` says nothing for `{}` at any stage
    le processus `{}` ne dit rien pour `{}`, à aucune étape
process `{}` says nothing for `{}` at {list}
    le processus `{}` ne dit rien pour `{}` à l'étape {list}

KX220
department `{}` is not declared
    le service `{}` n'est pas déclaré
stage `{}` is not declared
    l'étape `{}` n'est pas déclarée
category `{}` names the process `{}`, which is not declared
    la catégorie `{}` nomme le processus `{}`, qui n'est pas déclaré
there is no stage `{}`
    il n'y a pas d'étape `{}`
there is no department `{}`
    il n'y a pas de service `{}`
`{}` is not a category of the rules
    `{}` n'est pas une catégorie des règles
`{}` is not a family of the rules
    `{}` n'est pas une famille des règles
`{}` is not a department of the rules
    `{}` n'est pas un service des règles
`{}` is not a stage of the rules
    `{}` n'est pas une étape des règles

KX221
the weights of {of} are all zero
    les poids {of} sont tous nuls

KX222
points run from 0 to {}, not {}
    les points vont de 0 à {}, et non {}

KX223
`{}` looks like the choice `{}` and is spelled with other letters
    `{}` ressemble au choix `{}` et s'écrit avec d'autres lettres
`{}` looks like `{}` and is spelled with other letters
    `{}` ressemble à `{}` et s'écrit avec d'autres lettres

KX224
{} items cannot be compared: 2 to {} can
    {} éléments ne se comparent pas : 2 à {} se comparent
`{}` compared with itself is 1, not {}
    `{}` comparé à lui-même donne 1, et non {}
`{}` against `{}` is {}: an answer lies between 1/9 and 9
    `{}` face à `{}` vaut {} : une réponse se situe entre 1/9 et 9
`{}` is not compared with `{}`: the answers ended
    `{}` n'est pas comparé à `{}` : les réponses se sont arrêtées
`{}` is not compared with `{}`
    `{}` n'est pas comparé à `{}`
`{}` against `{}` is {} and the other way round {}: one must be 1 over the other
    `{}` face à `{}` vaut {}, et {} dans l'autre sens : l'un doit être 1 sur l'autre
`{}` compares nothing
    `{}` ne compare rien
the matrix must have {} rows of {} numbers
    la matrice doit avoir {} lignes de {} nombres
`{}` is not weighed here
    `{}` n'est pas pesé ici
an answer is a number such as 3 or 1/3, not {node}
    une réponse est un nombre comme 3 ou 1/3, et non {node}
{} weighs {}, and the files before weigh {}
    {} pèse {}, et les fichiers précédents pèsent {}

KX225
the answers contradict each other (consistency ratio {}, at most {}); the least consistent says that {comparison}
    les réponses se contredisent (ratio de cohérence {}, au plus {}) ; la moins cohérente dit que {comparison}

KX226
the capacity `at_most` of `{}` cannot be carried out batch by batch
    la capacité `at_most` de `{}` ne peut pas être appliquée lot par lot
the formula of column `{}` {refused}
    la formule de la colonne `{}` {refused}
{header}: a date is number for a live formula
    {header} : une date est un nombre pour une formule vive
{header}: {node} is text for a live formula
    {header} : {node} est du texte pour une formule vive
{} more cells are read otherwise by live formulas
    {} autres cellules sont lues autrement par les formules vives
percentile and cumulative_share look at all rows; a LAMBDA gets one record
    percentile et cumulative_share regardent toutes les lignes ; une LAMBDA n'en reçoit qu'une
percentile and cumulative_share stay values: {} rows are too many to compare live
    percentile et cumulative_share restent des valeurs : {} lignes sont trop pour être comparées en direct
`{}` cannot be a name: it is the address of a cell
    `{}` ne peut pas être un nom : c'est l'adresse d'une cellule
`{}` cannot be a name: it is a reference in R1C1 notation
    `{}` ne peut pas être un nom : c'est une référence en notation L1C1
`{}` cannot be a name: it has characters that names cannot have
    `{}` ne peut pas être un nom : il a des caractères que les noms ne peuvent pas avoir
`{}` cannot be a name: it is a word of Excel's macro language
    `{}` ne peut pas être un nom : c'est un mot du langage de macros d'Excel
`{}` cannot be a name: it is longer than 255 characters
    `{}` ne peut pas être un nom : il a plus de 255 caractères
`{}` cannot be a name: its formula would have {} characters, and {} are safe
    `{}` ne peut pas être un nom : sa formule aurait {} caractères, et {} sont sûrs
`{}` cannot be a name: its formula {refused}
    `{}` ne peut pas être un nom : sa formule {refused}
live formulas do not hold last time's category by {} points
    les formules vives ne retiennent pas la catégorie précédente à {} points près
live formulas do not keep the capacity of category `{}`, {} clients
    les formules vives ne respectent pas la capacité de la catégorie `{}`, {} clients
Spark reads .parquet and .csv, not a DuckDB file
    Spark lit des fichiers .parquet et .csv, et non un fichier DuckDB
`{}` cannot be written as SQL that means the same in every warehouse
    `{}` ne peut pas s'écrire en un SQL qui dise la même chose dans chaque entrepôt de données
{sql} cannot be written as SQL: {why}
    {sql} ne peut pas s'écrire en SQL : {why}
there is no SQL dialect `{}` here
    il n'y a pas de dialecte SQL `{}` ici
the live column `{}` is of other rules than these, and is empty now
    la colonne vive `{}` est d'autres règles que celles-ci, et elle est maintenant vide
a cell with {} now holds its value: no live column shows that
    une cellule avec {} contient maintenant sa valeur : aucune colonne vive ne montre cela
{} cells with {} now hold their values: no live column shows that
    {} cellules avec {} contiennent maintenant leurs valeurs : aucune colonne vive ne montre cela

KX227
department `{}` may see no column: no workbook is made for it
    le service `{}` ne peut voir aucune colonne : aucun classeur n'est fait pour lui
department `{}` may see no column that tells the clients apart: no workbook is made for it
    le service `{}` ne peut voir aucune colonne qui distingue les clients : aucun classeur n'est fait pour lui
department `{}` may not see {list}: no workbook is made for it
    le service `{}` ne peut pas voir {list} : aucun classeur n'est fait pour lui
`{}` is left out of the workbook of `{}`: it tells figures of {list}, which the department may not see
    `{}` est omis du classeur de `{}` : il révèle des chiffres de {list}, que le service ne peut pas voir
"""
