"""French of what is said about the shape of rule and process files (KX1).

Each sentence stands over its French; `catalogue.py` explains the notation.
"""

RULES = r"""
KX101
`{}` is left empty in {what}
    `{}` est laissé vide dans {what}
key `{}` is missing in {what}
    la clé `{}` manque dans {what}
the line `{}:` is missing above `{}`
    la ligne `{}:` manque au-dessus de `{}`
a criterion needs one scale
    un critère a besoin d'une échelle
category `{}` has both `when` and `otherwise`
    la catégorie `{}` a à la fois `when` et `otherwise`
category `{}` has neither `when` nor `otherwise`
    la catégorie `{}` n'a ni `when` ni `otherwise`
no category has `otherwise: true`
    aucune catégorie n'a `otherwise: true`
the file needs `of` and `answers`
    le fichier a besoin de `of` et de `answers`
name one or more departments with --department, or all of them with --all
    nommez un ou plusieurs services avec --department, ou tous avec --all

KX102
unknown key `{}` in {what}
    clé inconnue `{}` dans {what}
unknown language `{}` in {what}
    langue inconnue `{}` dans {what}
`{}` is not a group of weights
    `{}` n'est pas un groupe de poids
`{}` has no item `{}`
    `{}` n'a pas d'élément `{}`
there is no key `{}` in `{}`
    il n'y a pas de clé `{}` dans `{}`
there is no key `{}`
    il n'y a pas de clé `{}`

KX103
{what} must be keys and values, not {node}
    {what} doit contenir des clés et des valeurs, et non {node}
{what} must be keys and values, or `none`
    {what} doit contenir des clés et des valeurs, ou `none`
{what} must be keys and values
    {what} doit contenir des clés et des valeurs
{what} must be a single value, not {node}
    {what} doit être une seule valeur, et non {node}
{what} must be a single value
    {what} doit être une seule valeur
{what} must be a number, not {node}
    {what} doit être un nombre, et non {node}
points must be a number, not {node}
    les points doivent être un nombre, et non {node}
{what} must be yes or no, not `{}`
    {what} doit être `yes` ou `no`, et non `{}`
{what} must list texts, not {node}
    {what} doit lister des textes, et non {node}
{what} must be a list, not {node}
    {what} doit être une liste, et non {node}
{what} must be a list
    {what} doit être une liste
{what} must be a text or a text per language
    {what} doit être un texte, ou un texte par langue
{what} must hold texts
    {what} doit contenir des textes
{what} must be a date such as 2026-01-31, not `{}`
    {what} doit être une date comme 2026-01-31, et non `{}`
{what} must be value: points pairs, not empty
    {what} doit contenir des paires valeur: points, et non rien
{what} must be value: points pairs, not {node}
    {what} doit contenir des paires valeur: points, et non {node}
`at_most` must be a whole number of clients, not {}
    `at_most` doit être un nombre entier de clients, et non {}
`scale` must be a number above 0
    `scale` doit être un nombre supérieur à 0
`none_beyond` must be a distance above 0
    `none_beyond` doit être une distance supérieure à 0
`points` must be `as is`, not `{}`
    `points` doit être `as is`, et non `{}`
derived column `{}` must be an expression
    la colonne dérivée `{}` doit être une expression
`hold` cannot be negative
    `hold` ne peut pas être négatif
`otherwise` cannot have a capacity: nobody is left to take the rest
    `otherwise` ne peut pas avoir de capacité : personne ne prendrait le reste
`{}` is not a colour
    `{}` n'est pas une couleur
`completeness` runs from 0% to 100%
    `completeness` va de 0% à 100%
`at_most` caps a family score from 0 to 100, not {}
    `at_most` plafonne la note d'une famille entre 0 et 100, et non à {}
`{}` cannot be `{}`
    `{}` ne peut pas être `{}`
`{}` cannot be a name
    `{}` ne peut pas être un nom
column `{}` lists choices, and its kind is `{}`
    la colonne `{}` liste des choix, et son genre est `{}`
`{}` is not a band
    `{}` n'est pas une tranche
band `{}` is empty
    la tranche `{}` est vide
a curve runs over numbers, not `{}`
    une courbe passe par des nombres, et non par `{}`
a criterion has one scale, not {}
    un critère a une seule échelle, et non {}
a weight cannot be negative
    un poids ne peut pas être négatif
a key must be a plain text
    une clé doit être un simple texte
the comma of `{}` ends the entry: within braces it separates entries
    la virgule de `{}` termine l'entrée : entre accolades, elle sépare les entrées
this is a process file, not a rule file
    ceci est un fichier de processus, et non un fichier de règles
`{}` is no single value
    `{}` n'est pas une seule valeur
`{}` runs over several lines
    `{}` s'étend sur plusieurs lignes
settings need `rules: a path` and `language: en` or `fr`
    les paramètres veulent `rules: un chemin` et `language: en` ou `fr`
`{}`: {sentence}
    `{}` : {sentence}

KX104
`{}` is missing to close the parenthesis
    `{}` manque pour fermer la parenthèse
`{}` is missing to close `{}`
    `{}` manque pour fermer `{}`
`{}` is missing before the list
    `{}` manque avant la liste
`{}` is missing after the list
    `{}` manque après la liste
`{}` is missing after `not`
    `{}` manque après `not`
`{}` is missing after `is`
    `{}` manque après `is`
`{}` is missing between the two ends of `between`
    `{}` manque entre les deux bornes de `between`
`{}` is not an operator here
    `{}` n'est pas un opérateur ici
`{}` is not part of the expression language
    `{}` ne fait pas partie du langage des expressions
`{}` is not expected here
    `{}` n'est pas attendu ici
`{}` is not a day of the calendar
    `{}` n'est pas un jour du calendrier
`{}` takes {list} arguments, not {}
    `{}` prend {list} arguments, et non {}
a character that cannot be seen stands here: a control character
    un caractère invisible se trouve ici : un caractère de contrôle
a character that cannot be seen stands here: {}
    un caractère invisible se trouve ici : {}
a value is missing before `{}`
    une valeur manque avant `{}`
comparisons cannot be chained
    les comparaisons ne s'enchaînent pas
the expression ends too early
    l'expression s'arrête trop tôt

KX105
`{}` is not a column, a derived column or a family
    `{}` n'est ni une colonne, ni une colonne dérivée, ni une famille
`{}` is not a function of the expression language
    `{}` n'est pas une fonction du langage des expressions
`{}` is not one of the choices of the column
    `{}` n'est pas l'un des choix de la colonne
`{}` is not a category
    `{}` n'est pas une catégorie
`{}` is not a column
    `{}` n'est pas une colonne
`{}` is not a family
    `{}` n'est pas une famille
the rules have no column `dormant`; add it under `derived:`
    les règles n'ont pas de colonne `dormant` ; ajoutez-la sous `derived:`

KX106
name `{}` is used twice
    le nom `{}` est employé deux fois
name `{}` is a name that kamxl uses
    le nom `{}` est un nom qu'emploie kamxl
criterion `{}` is used twice
    le critère `{}` est employé deux fois
role `{}` is given to two columns
    le rôle `{}` est donné à deux colonnes
two categories have `otherwise`
    deux catégories ont `otherwise`
`else: {}` is already a category
    `else: {}` est déjà une catégorie

KX107
this kamxl reads rule files of version {}, not `{}`
    ce kamxl lit les fichiers de règles de la version {}, et non `{}`
this kamxl reads process files of version {}, not `{}`
    ce kamxl lit les fichiers de processus de la version {}, et non `{}`
"""
