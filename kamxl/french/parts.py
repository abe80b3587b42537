"""French of the parts that sentences are put together from, and of the notes below them.

A name in braces in a sentence is a part of that name here. `catalogue.py` explains the notation.
"""

PARTS = r"""
what
the rule file
    le fichier de règles
the process file
    le fichier de processus
the expectation
    l'attente
the score
    la note
family `{}`
    la famille `{}`
criterion `{}`
    le critère `{}`
category `{}`
    la catégorie `{}`
derived column `{}`
    la colonne dérivée `{}`
column `{}`
    la colonne `{}`
department `{}`
    le service `{}`
stage `{}`
    l'étape `{}`
instructions of process `{}`
    les consignes du processus `{}`
instructions of `{}` for `{}`
    les consignes de `{}` pour `{}`
process `{}`
    le processus `{}`
instruction `{}`, `{}`, `{}`
    la consigne `{}`, `{}`, `{}`
points
    les points
`{}`
    `{}`

of
the families
    des familles
family `{}`
    de la famille `{}`

node
a single value
    une seule valeur
keys and values
    des clés et des valeurs
a list
    une liste
`{}`
    `{}`

kind
a number
    un nombre
a text
    un texte
a date
    une date
a condition
    une condition
a money
    un montant
a percent
    un pour cent

kinds
{kind} or {kind} or {kind}
    {kind}, {kind} ou {kind}
{kind} or {kind}
    {kind} ou {kind}
{kind}
    {kind}

refused
would have {} characters, more than the {} that are safe in Excel
    aurait {} caractères, plus que les {} qui sont sûrs dans Excel
would nest {} functions, more than the {} that Excel takes
    imbriquerait {} fonctions, plus que les {} que prend Excel
would give a function {} arguments, more than the {} that are safe in Excel
    donnerait {} arguments à une fonction, plus que les {} qui sont sûrs dans Excel
would take {} bytes inside Excel, more than the {} that are safe
    prendrait {} octets dans Excel, plus que les {} qui sont sûrs

client
a client with {list}
    un client avec {list}
any client
    n'importe quel client

unsure
; whether such a client exists cannot be told: these numbers depend on each other
     ; impossible de dire si un tel client existe : ces nombres dépendent l'un de l'autre

result
category
    catégorie
score
    note
completeness
    complétude
`{}`
    note de `{}`

shown
no category
    aucune catégorie
missing %
    manquante
missing
    manquante
{}
    {}

value
blank
    vide
`{}`
    `{}`

comparison
`{}` and `{}` are equally important
    `{}` et `{}` sont d'égale importance
`{}` is {} times as important as `{}`
    `{}` est {} fois plus important que `{}`

sql
the capacity `at_most` of `{}`
    la capacité `at_most` de `{}`
the policy `unique`
    la politique `unique`
the column Override
    la colonne Dérogation

why
a capacity waits for all rows, then falls to the next rule
    une capacité attend toutes les lignes, puis passe à la règle suivante
two matches are a problem of a row, which SQL cannot say
    deux catégories qui conviennent sont un problème d'une ligne, que SQL ne peut pas dire
overrides live in workbooks
    les dérogations sont dans les classeurs

headers
`{}` (column {}) and {headers}
    `{}` (colonne {}) et {headers}
`{}` (column {}), {headers}
    `{}` (colonne {}), {headers}
`{}` (column {})
    `{}` (colonne {})

tables
{table}; {tables}
    {table} ; {tables}
{table}
    {table}

table
{} (table {}, {} rows){}
    {} (tableau {}, {} lignes){}
{} ({} rows){}
    {} ({} lignes){}

header
{}
    {}

tab
chartsheet
    feuille de graphique
dialogsheet
    feuille de dialogue
macrosheet
    feuille de macros
{}
    feuille ({})

program
another program
    un autre programme
{}
    {}

os
no such file or directory
    ce fichier ou ce dossier n'existe pas
permission denied
    l'accès est refusé
is a directory
    c'est un dossier
not a directory
    ce n'est pas un dossier
no space left on device
    il n'y a plus de place sur le disque
the disk is full
    le disque est plein
read-only file system
    le disque est en lecture seule
file exists
    le fichier existe déjà
file name too long
    le nom du fichier est trop long
device or resource busy
    le fichier est en usage
text file busy
    le fichier est en usage
too many open files
    trop de fichiers sont ouverts
input/output error
    le disque répond par une erreur
operation not permitted
    l'opération n'est pas permise
too many levels of symbolic links
    des liens symboliques tournent en rond
disk quota exceeded
    le quota du disque est dépassé
invalid argument
    le nom n'est pas permis ici
cannot be read
    illisible
cannot be written
    impossible d'écrire
{}
    {}

note
first given here
    donné d'abord ici
first used here
    employé d'abord ici
first listed here
    donné d'abord ici
the other band is here
    l'autre tranche est ici
the other name is here
    l'autre nom est ici
the other rule is here
    l'autre règle est ici
what is not finished begins here
    ce qui n'est pas terminé commence ici
it stands first here
    il est présent d'abord ici
processes are declared here
    les processus sont déclarés ici
the rule file asks for it here
    le fichier de règles la demande ici
the same is here
    de même ici
the same is in {} more places, the last one here
    de même en {} autres endroits, le dernier ici
why: {sentence}
    pourquoi : {sentence}
the same in {} more cells of the column, the last one here
    de même dans {} autres cellules de la colonne, la dernière ici
"""
