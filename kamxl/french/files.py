"""French of what is said about files (KX0), workbooks and machines (KX5), and templates (KX6).

Each sentence stands over its French; `catalogue.py` explains the notation.
"""

FILES = r"""
KX001
file cannot be read: no such file or directory
    le fichier n'existe pas
file cannot be read: {os}
    le fichier ne peut pas être lu : {os}
file is not found
    le fichier n'existe pas
this is a folder
    ceci est un dossier
the file does not exist
    le fichier n'existe pas
rule file is not found
    le fichier de règles n'existe pas
`{}` is not the name of a rule file
    `{}` n'est pas le nom d'un fichier de règles
the drive of the file does not answer within {} seconds
    le lecteur du fichier ne répond pas en {} secondes
settings cannot be read
    les paramètres ne peuvent pas être lus
an engine reads {}, not `{}`
    un moteur lit {}, et non `{}`
DuckDB cannot read the file: {}
    DuckDB ne peut pas lire le fichier : {}

KX002
byte {} is not UTF-8 text
    l'octet {} n'est pas du texte UTF-8
the template is not UTF-8 text
    le modèle n'est pas un texte UTF-8
the file is not UTF-8 text
    le fichier n'est pas un texte UTF-8
{}not utf-8 encoded{}
    le fichier n'est pas codé en UTF-8 : {}not utf-8 encoded{}

KX003
settings cannot be read
    les paramètres ne peuvent pas être lus
a no-break space stands where YAML wants spaces
    une espace insécable se trouve là où YAML veut des espaces
a tab stands where YAML wants spaces
    une tabulation se trouve là où YAML veut des espaces
this bracket is never closed
    ce crochet ou cette accolade ne se ferme jamais
the text is not YAML
    le texte n'est pas du YAML
mapping values are not allowed in this context
    une valeur après deux-points n'est pas permise ici
mapping keys are not allowed in this context
    une clé n'est pas permise ici
block sequence entries are not allowed in this context
    un élément de liste n'est pas permis ici
could not find expected ':'
    le `:` attendu manque
could not find expected directive name
    le nom de la directive `%` manque
did not find expected ',' or '}'
    la `,` ou l'accolade `}` attendue manque
did not find expected ',' or ']'
    la `,` ou le crochet `]` attendu manque
did not find expected key
    la clé attendue manque
did not find expected '-' indicator
    le `-` attendu manque
did not find expected '!'
    le `!` attendu manque
did not find the expected '>'
    le `>` attendu manque
did not find expected node content
    la valeur attendue manque
did not find expected <document start>
    un seul document est attendu, et le texte continue après sa fin
did not find expected comment or line break
    un commentaire ou une fin de ligne est attendu ici
did not find expected whitespace or line break
    une espace ou une fin de ligne est attendue ici
did not find expected whitespace
    une espace est attendue ici
did not find expected alphabetic or numeric character
    une lettre ou un chiffre est attendu ici
did not find expected digit or '.' character
    un chiffre ou un point est attendu ici
did not find expected hexdecimal number
    un nombre hexadécimal est attendu ici
did not find expected version number
    un numéro de version est attendu ici
did not find expected tag uri
    le nom de l'étiquette `!` manque
did not find uri escaped octet
    un octet écrit `%` et deux chiffres est attendu ici
found a tab character that violates indentation
    une tabulation se trouve dans le retrait
found a tab character where an indentation space is expected
    une tabulation se trouve là où une espace de retrait est attendue
found an incorrect leading utf-8 octet
    un octet n'est pas de l'UTF-8
found an incorrect trailing utf-8 octet
    un octet n'est pas de l'UTF-8
found an indentation indicator equal to 0
    un retrait de 0 n'est pas permis
found character that cannot start any token
    aucune valeur ne peut commencer par ce caractère
found duplicate %tag directive
    la directive `%TAG` est donnée deux fois
found duplicate %yaml directive
    la directive `%YAML` est donnée deux fois
duplicate %tag directive
    la directive `%TAG` est donnée deux fois
found extremely long version number
    le numéro de version est trop long
found incompatible yaml document
    le document est d'une autre version de YAML
found invalid unicode character escape code
    ce code n'est pas celui d'un caractère
found undefined tag handle
    cette étiquette `!` n'est pas déclarée
found unexpected ':'
    un `:` ne peut pas se trouver ici
found unexpected document indicator
    un séparateur de documents ne peut pas se trouver ici
found unexpected end of stream
    le texte s'arrête au milieu d'une valeur entre guillemets
found unexpected non-alphabetical character
    seule une lettre est permise ici
found unknown directive name
    cette directive `%` n'existe pas
found unknown escape character
    ce caractère ne peut pas suivre une barre oblique inverse
control characters are not allowed
    les caractères de contrôle ne sont pas permis
invalid unicode character
    ceci n'est pas un caractère
exceeded maximum nesting depth
    le texte est imbriqué trop profondément
input is too long
    le texte est trop long

KX004
{} keys are given twice, from `{}` to `{}`
    {} clés sont données deux fois, de `{}` à `{}`
key `{}` is given twice
    la clé `{}` est donnée deux fois

KX005
the expression has more than {} words
    l'expression a plus de {} mots
the expression is nested more than {} deep
    l'expression est imbriquée sur plus de {} niveaux
{what} is longer than {} characters
    {what} dépasse {} caractères
file is larger than {} kB
    le fichier dépasse {} ko
file is nested too deep
    le fichier est imbriqué trop profondément
file is nested more than {} deep
    le fichier est imbriqué sur plus de {} niveaux
file has more than {} values
    le fichier a plus de {} valeurs

KX006
anchors (&) and aliases (*) are not allowed
    les ancres (&) et les alias (*) ne sont pas permis

KX506
the package {} is not installed
    le paquet {} n'est pas installé
LibreOffice's own Python {} finds no NumPy, which the dashboard needs
    le Python {} de LibreOffice ne trouve pas NumPy, dont le tableau de bord a besoin

KX507
these rules compare clients with each other, and formulas that do not spill see one row each
    ces règles comparent les clients entre eux, et des formules par ligne n'en voient qu'un chacune
there is no desktop Excel on this system
    il n'y a pas d'Excel sur ce système
a sheet of {} rows x {} columns is more than kamxl reads in Calc
    une feuille de {} lignes sur {} colonnes dépasse ce que kamxl lit dans Calc
the package {} is not installed
    le paquet {} n'est pas installé
LibreOffice's unopkg is not found
    le programme unopkg de LibreOffice est introuvable
unopkg did not finish: {}
    unopkg ne s'est pas terminé : {}
unopkg did not take the extension: {}
    unopkg n'a pas accepté l'extension : {}

KX508
Spark cannot start: Java is not found
    Spark ne démarre pas : Java est introuvable
Spark cannot start: no reason given
    Spark ne démarre pas : sans raison donnée
Spark cannot start: {}
    Spark ne démarre pas : {}
Spark has stopped: no reason given
    Spark s'est arrêté : sans raison donnée
Spark has stopped: {}
    Spark s'est arrêté : {}

KX509
the sheet has no line of headers `Date`, `Client`, `Category`
    la feuille n'a pas de ligne d'en-têtes `Date`, `Client`, `Catégorie`
the history was written by a newer kamxl (format {}, this one reads {})
    l'historique a été écrit par un kamxl plus récent (format {}, celui-ci lit {})
the line of the history has no date or no client that can be read
    la ligne de l'historique n'a pas de date ou pas de client lisible
the history already holds a run of {}: this one, as of {}, is not added
    l'historique contient déjà un passage du {} : celui-ci, au {}, n'est pas ajouté
the rows have no client that could be found again: the run is not added to the history
    les lignes n'ont aucun client que l'on puisse retrouver : le passage n'est pas ajouté à l'historique
the table holds no client any more: the run is not added to the history
    le tableau ne contient plus aucun client : le passage n'est pas ajouté à l'historique

KX510
the workbook was changed after the last KAM action, and nothing is put back
    le classeur a été modifié après la dernière action KAM, et rien n'est rétabli
the workbook cannot be collected: it was not made by `kamxl publish`
    le classeur ne peut pas être recueilli : il n'a pas été fait par `kamxl publish`
the workbook cannot be collected: it is a copy for `{}`, a department that the process file does not know
    le classeur ne peut pas être recueilli : c'est une copie pour `{}`, un service que le fichier de processus ne connaît pas
the workbook cannot be collected: it was made from another book
    le classeur ne peut pas être recueilli : il vient d'un autre classeur d'origine
the workbook cannot be collected: most of its clients are not in the book
    le classeur ne peut pas être recueilli : la plupart de ses clients ne sont pas dans le classeur d'origine
the copy has no table with the columns Done and Notes: nothing can be collected from it
    la copie n'a pas de tableau avec les colonnes Fait et Notes : rien ne peut y être recueilli

KX511
these rules compare clients with each other: give the whole table, not one row
    ces règles comparent les clients entre eux : donnez tout le tableau, et non une ligne
the workbook has no sheet `{}`
    le classeur n'a pas de feuille `{}`
the sheet was compiled from another version of the rules (none, not {})
    la feuille vient d'une autre version des règles (aucune, et non {})
the sheet was compiled from another version of the rules ({}, not {})
    la feuille vient d'une autre version des règles ({}, et non {})
the lines of the sheet do not stand where they were written
    les lignes de la feuille ne sont pas là où elles ont été écrites
`{}` is not changed from here
    `{}` ne se change pas d'ici
`{}` cannot be changed to nothing by itself
    `{}` ne peut pas être vidé à lui seul
`{}` cannot be changed to {} by itself
    `{}` ne peut pas devenir {} à lui seul
the day is not brought back: the rules measure from today
    le jour n'est pas repris : les règles comptent à partir d'aujourd'hui
the workbook was never classified
    le classeur n'a jamais été classé
the workbook was classified with `no stamp`, and the rules are now `{}`
    le classeur a été classé sans empreinte, et les règles sont maintenant `{}`
the workbook was classified with `{}`, and the rules are now `{}`
    le classeur a été classé avec `{}`, et les règles sont maintenant `{}`
row {} carries another stamp than the others
    la ligne {} porte une autre empreinte que les autres
{} of client {} is {value}, and the rules give {value}
    {} du client {} : {value}, et les règles donnent {value}

KX512
the file stands where the workbook of `{}` would be written: {sentence}
    le fichier occupe la place du classeur de `{}` : {sentence}
the workbook of `{}` stands where that of `{}` would be written
    le classeur de `{}` occupe la place de celui de `{}`
the copy of `{}` holds notes that are not in the book ({}): it is not written over
    la copie de `{}` contient des notes qui ne sont pas dans le classeur d'origine ({}) : elle n'est pas écrasée

KX601
this line cannot be carried out: {}
    cette ligne ne peut pas être exécutée : {}
expected token `{}`, got `{}`
    `{}` est attendu ici, et non `{}`
unexpected `{}`
    `{}` n'est pas attendu ici
unexpected char `{}` at {}
    le caractère `{}` n'est pas attendu ici (position {})
unexpected end of template. Jinja was looking for the following tags: {list}. The innermost block that needs to be closed is `{}`
    le modèle s'arrête trop tôt : {list} est attendu pour fermer le bloc `{}`
encountered unknown tag `{}`. Jinja was looking for the following tags: {list}. The innermost block that needs to be closed is `{}`
    étiquette inconnue `{}` : {list} est attendu pour fermer le bloc `{}`
encountered unknown tag `{}`
    étiquette inconnue `{}`
syntax error
    ceci n'est pas de la syntaxe de modèle

KX602
`{}` is not defined
    `{}` n'est pas défini
`{}` is undefined
    `{}` n'est pas défini
a client that this department sees has no `{}`
    un client que voit ce service n'a pas de `{}`
this value has no `{}`
    cette valeur n'a pas de `{}`
a column of `table` has no `{}`
    une colonne de `table` n'a pas de `{}`
the records of `table` have no `{}`
    les enregistrements de `table` n'ont pas de `{}`
`{}` has no `{}`
    `{}` n'a pas de `{}`
`{}` has no attribute `{}`
    `{}` n'a pas d'attribut `{}`
unknown filter `{}`
    filtre inconnu `{}`
unknown test `{}`
    test inconnu `{}`
`t` knows no word `{}`
    `t` ne connaît pas le mot `{}`
`band` takes a text and a category
    `band` prend un texte et une catégorie
`table` takes clients, or a list
    `table` prend des clients, ou une liste
`table` knows no format `{}`
    `table` ne connaît pas le format `{}`
column `{}` is not one that department `{}` may see
    la colonne `{}` n'est pas de celles que le service `{}` peut voir

KX603
the template calls itself without end
    le modèle s'appelle lui-même sans fin
the template needs too much memory
    le modèle demande trop de mémoire
the sheet has more than {} tables
    la feuille a plus de {} tableaux
the template takes more than {} steps; a loop is too long
    le modèle demande plus de {} pas ; une boucle est trop longue
the template takes more than {} seconds
    le modèle demande plus de {} secondes
the template is larger than {} kB
    le modèle dépasse {} ko
the text is longer than {} characters
    le texte dépasse {} caractères
a list stands where a single value is expected
    une liste se trouve là où une seule valeur est attendue
lists are nested more than {} deep
    des listes sont imbriquées sur plus de {} niveaux
range() gives more than {} numbers
    range() donne plus de {} nombres
the sum of the two texts or lists is too long
    la somme des deux textes ou listes est trop longue
`{}` works on numbers only; join texts with `~`
    `{}` ne prend que des nombres ; joignez les textes avec `~`
`**` takes numbers up to a billion and exponents up to 64
    `**` prend des nombres jusqu'à un milliard et des exposants jusqu'à 64
the number is too large
    le nombre est trop grand
line {}: recursive loops are not allowed
    ligne {} : les boucles récursives ne sont pas permises
`{}` cannot be read
    `{}` ne peut pas être lu
access to attribute `{}` of `{}` object is unsafe
    l'accès à l'attribut `{}` d'un objet `{}` n'est pas permis
{} is not safely callable
    l'appel de {} n'est pas permis

KX604
template `{}` is not found
    le modèle `{}` est introuvable
picture `{}` is not in the templates' folder
    l'image `{}` n'est pas dans le dossier des modèles
picture `{}` is no PNG, JPEG, GIF or BMP picture
    l'image `{}` n'est ni PNG, ni JPEG, ni GIF, ni BMP
"""
