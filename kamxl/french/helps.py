"""French of the ways out: what to do about a problem of a rule file, a process file or a template.

Each English sentence stands over its French; `catalogue.py` explains the notation.
"""

RULE_HELPS = r"""
did you mean `{}`?
    vouliez-vous dire `{}` ?
choose one of {list}
    choisissez parmi {list}
`{}` can only be {list}
    `{}` ne peut valoir que {list}
choose another name
    choisissez un autre nom
keep one of each, or write the missing name above `{}`
    gardez-en une de chaque, ou écrivez le nom qui manque au-dessus de `{}`
correct the values, or `kind:` of the column
    corrigez les valeurs, ou `kind:` de la colonne
write `kind: choice`, or take the choices out
    écrivez `kind: choice`, ou ôtez les choix
keep one of them
    gardez-en un
keep the last one
    gardez le dernier
add `{}:`
    ajoutez `{}:`
add a band `{}`
    ajoutez une tranche `{}`
add `process:` to the category, so that departments know what to do
    ajoutez `process:` à la catégorie, afin que les services sachent que faire
add an instruction, or `none` where nothing is to be done
    ajoutez une consigne, ou `none` là où rien n'est à faire
add them to its `see:`: a department's sheet is arranged by category and process
    ajoutez-les à son `see:` : la feuille d'un service est rangée par catégorie et processus
add them to its `see:`, or take `{}` out of it
    ajoutez-les à son `see:`, ou ôtez-en `{}`
add `{}` to its `see:`
    ajoutez `{}` à son `see:`
list the columns that it may `see:` in the process file
    listez les colonnes qu'il peut voir sous `see:` dans le fichier de processus
give a column of the rules the role `id`
    donnez le rôle `id` à une colonne des règles
give a column of the workbook and of the rules the role `id` or `name`
    donnez le rôle `id` ou `name` à une colonne du classeur et des règles
give it a value
    donnez-lui une valeur
give it a weight, or take it out
    donnez-lui un poids, ou ôtez-le
give it one of them
    donnez-lui l'un des deux
give different answers different points
    donnez des points différents à des réponses différentes
give the best answer {} points, or lower the weight of the criterion instead
    donnez {} points à la meilleure réponse, ou baissez plutôt le poids du critère
processes for these rules stand beside them
    les processus de ces règles sont à côté d'elles
list the allowed values
    listez les valeurs permises
end the rules with a category for all other clients: `{}`
    terminez les règles par une catégorie pour tous les autres clients : `{}`
put it last
    mettez-la en dernier
between braces, a text that holds `[` needs quotes around it
    entre accolades, un texte qui contient `[` doit être entre guillemets
a text that begins with `{}` needs quotes; a band is written `100 and over`
    un texte qui commence par `{}` doit être entre guillemets ; une tranche s'écrit `100 and over`
on the line above, put a space after the colon: `{}`
    à la ligne d'avant, mettez une espace après le deux-points : `{}`
indent with spaces
    faites les retraits avec des espaces
delete the blanks before the text and type them anew
    effacez les espaces avant le texte et tapez-les de nouveau
delete it, or type the word anew
    effacez-le, ou tapez le mot de nouveau
check indentation, colons and quotes on this line and the one above
    vérifiez retraits, deux-points et guillemets sur cette ligne et celle d'avant
write the value out, or put it in quotes if it is a text
    écrivez la valeur en entier, ou mettez-la entre guillemets si c'est un texte
save the file with encoding UTF-8 (it looks like Latin-1 or Windows-1252)
    enregistrez le fichier en UTF-8 (il semble être en Latin-1 ou Windows-1252)
save the file with encoding UTF-8 (it looks like {})
    enregistrez le fichier en UTF-8 (il semble être en {})
save the file with encoding UTF-8
    enregistrez le fichier en UTF-8
save it as UTF-8
    enregistrez-le en UTF-8
shorten it
    raccourcissez-le
split the file
    divisez le fichier
split it into derived columns with fewer alternatives
    divisez-la en colonnes dérivées avec moins de possibilités
split it into derived columns
    divisez-la en colonnes dérivées
letter {} is {}; type the name anew
    la lettre {} est {} ; tapez le nom de nouveau
letter {} is {}; type one of the names anew
    la lettre {} est {} ; tapez l'un des noms de nouveau
letter {} is {}; type it anew
    la lettre {} est {} ; tapez-la de nouveau
in the known name, letter {} is {}; type the name anew
    dans le nom connu, la lettre {} est {} ; tapez le nom de nouveau
in the list of choices, letter {} is {}; type it anew
    dans la liste des choix, la lettre {} est {} ; tapez-la de nouveau
character {} is {}; type the name anew
    le caractère {} est {} ; tapez le nom de nouveau
use letters, digits and _
    employez lettres, chiffres et _
change a weight, or write plain numbers: they are relative to each other
    changez un poids, ou écrivez des nombres simples : ils valent les uns par rapport aux autres
change it or take it out
    changez-la ou ôtez-la
change the condition
    changez la condition
change the threshold
    changez le seuil
lower the threshold, or change weights and points
    baissez le seuil, ou changez poids et points
take it out, or change it
    ôtez-la, ou changez-la
convert one of them, or correct `unit:` of the column
    convertissez l'une des deux, ou corrigez `unit:` de la colonne
correct one of the two units
    corrigez l'une des deux unités
correct one of the two
    corrigez l'un des deux
correct the rules, or the expectation
    corrigez les règles, ou l'attente
correct the cell of the test
    corrigez la cellule de l'essai
let one band end where the next one begins: the upper end of a band is not part of it
    faites finir une tranche où commence la suivante : la borne supérieure n'appartient pas à la tranche
let one band end where the next one begins: write `{}`
    faites finir une tranche où commence la suivante : écrivez `{}`
the upper end of a band is not part of it: write `{}`
    la borne supérieure n'appartient pas à la tranche : écrivez `{}`
let the band before `{}` end at {}
    faites finir la tranche avant `{}` à {}
let the two conditions meet: `{}` and `{}`
    faites se toucher les deux conditions : `{}` et `{}`
let one of them read columns only
    faites que l'une d'elles ne lise que des colonnes
move it up, or narrow the rules before it
    placez-la plus haut, ou resserrez les règles qui la précèdent
narrow a rule, or leave it as a safety net
    resserrez une règle, ou laissez-la comme filet de sécurité
narrow one of the two, or write `policy: first`
    resserrez l'une des deux, ou écrivez `policy: first`
make the conditions exclude each other, or write `policy: first`
    rendez les conditions exclusives, ou écrivez `policy: first`
shorten the conditions, or merge rules
    raccourcissez les conditions, ou réunissez des règles
texts compare without case and blanks around; keep one of them
    les textes se comparent sans majuscules ni espaces autour ; gardez-en un
use a scale that falls instead
    employez plutôt une échelle qui descend
use it in a criterion or a condition, let a department `see` it, or take it out
    employez-la dans un critère ou une condition, laissez un service la voir (`see`), ou ôtez-la
compare it: `{}`
    comparez-la : `{}`
a name is one word, the key of a column and not its header; conditions are joined with `and` or `or`
    un nom est un seul mot, la clé d'une colonne et non son en-tête ; les conditions se joignent par `and` ou `or`
join conditions with `and` or `or`
    joignez les conditions par `and` ou `or`
name the rule file, and this one with -p: `{}`
    nommez le fichier de règles, et celui-ci avec -p : `{}`
items are 1 to {}
    les éléments vont de 1 à {}
change it in the rule file
    changez-la dans le fichier de règles
edit the rule file
    changez-le dans le fichier de règles
write the lower end first
    écrivez d'abord la borne inférieure
write the last band as `{}`
    écrivez la dernière tranche `{}`
write `{}`, or `{}` if that is meant
    écrivez `{}`, ou `{}` si c'est ce qui est voulu
write `{}`, or update kamxl
    écrivez `{}`, ou mettez kamxl à jour
write `{}`; between braces, put the condition in quotes
    écrivez `{}` ; entre accolades, mettez la condition entre guillemets
write `{}`, `{}` or `{}`
    écrivez `{}`, `{}` ou `{}`
write `=` or `<>`
    écrivez `=` ou `<>`
write `yes` or `no`
    écrivez `yes` ou `no`
write skip, zero, error or points
    écrivez `skip`, `zero`, `error` ou des points
write straight quotes: `{}`
    écrivez des guillemets droits : `{}`
write decimals with a point, and lists as `in [a, b]`
    écrivez les décimales avec un point, et les listes ainsi : `in [a, b]`
write decimals with a point: `{}`
    écrivez les décimales avec un point : `{}`
write thousands without a mark: `{}`
    écrivez les milliers sans séparateur : `{}`
write digits only, without currency, letters and marks between thousands: `{}`
    n'écrivez que des chiffres, sans monnaie, lettres ni séparateurs de milliers : `{}`
write six hex digits: "{}"
    écrivez six chiffres hexadécimaux : "{}"
write all of them as percents, or none
    écrivez-les tous en pour cent, ou aucun
write one of {list}
    écrivez l'une de ces clés : {list}
write `do:` and a text, or `none` where nothing is to be done
    écrivez `do:` et un texte, ou `none` là où rien n'est à faire
write `of: families` and `answers:` with one entry for each manager
    écrivez `of: families` et `answers:` avec une entrée par gestionnaire
write `as_of:` with a date
    écrivez `as_of:` avec une date
write 1 on the diagonal
    écrivez 1 sur la diagonale
write 1/9 to 9
    écrivez de 1/9 à 9
write `{}`
    écrivez `{}`
start each test with `{}`
    commencez chaque essai par `{}`
group them into families first
    groupez-les d'abord en familles
1 is equally important, 9 is extremely more important
    1 veut dire d'égale importance, 9 extrêmement plus important
answer every pair once
    répondez une fois à chaque paire
join only answers to the same questions
    ne joignez que des réponses aux mêmes questions
in the order {}
    dans l'ordre {}
the other answers together say that {comparison}
    les autres réponses ensemble disent que {comparison}
see docs/templates.md for what a template may hold
    voyez docs/templates.md pour ce qu'un modèle peut contenir
a template reads what it is given, and nothing of Python
    un modèle lit ce qui lui est donné, et rien de Python
write t(en=…, fr=…)
    écrivez t(en=…, fr=…)
or write t(en=…, fr=…)
    ou écrivez t(en=…, fr=…)
or add it to `see:` in the process file
    ou ajoutez-la à `see:` dans le fichier de processus
write band(text, category)
    écrivez band(text, category)
write table(category.clients)
    écrivez table(category.clients)
put it beside the template
    mettez-la à côté du modèle
put the rows into one table
    mettez les lignes dans un seul tableau
"""
