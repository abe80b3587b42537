"""French of what is said about workbooks that cannot be opened, edited or saved (KX501 to KX505).

One list for all of them: which code a sentence gets is decided where it is caught. Each sentence stands over its
French; `catalogue.py` explains the notation.
"""

WORKBOOKS = r"""
KX501 KX502 KX503 KX504 KX505
there is no sheet `{}`
    il n'y a pas de feuille `{}`
this is an OpenDocument file, not an Excel workbook
    ceci est un fichier OpenDocument, et non un classeur Excel
this is a zip file, not an Excel workbook
    ceci est un fichier zip, et non un classeur Excel
this is a web page saved under a workbook's name
    ceci est une page web enregistrée sous le nom d'un classeur
this is an XML file, not an Excel workbook
    ceci est un fichier XML, et non un classeur Excel
this is a text file, not an Excel workbook
    ceci est un fichier texte, et non un classeur Excel
this is not an Excel workbook
    ceci n'est pas un classeur Excel
this is a folder
    ceci est un dossier
this is no file
    ceci n'est pas un fichier
this is a binary workbook (.xlsb)
    ceci est un classeur binaire (.xlsb)
this is an old binary workbook (.xls)
    ceci est un ancien classeur binaire (.xls)
this is an old binary Office file
    ceci est un ancien fichier Office binaire
this is a Word document
    ceci est un document Word
this Office file is not a workbook
    ce fichier Office n'est pas un classeur
this is the mark of a workbook that is open elsewhere, not the workbook
    ceci est la marque d'un classeur ouvert ailleurs, et non le classeur
the package does not say which part is the workbook
    le fichier ne dit pas laquelle de ses parties est le classeur
the workbook part is missing
    la partie du classeur manque
the workbook speaks an unknown dialect ({})
    le classeur parle un dialecte inconnu ({})
the workbook lists no sheets
    le classeur ne liste aucune feuille
the workbook's structure is protected: sheets cannot be added or removed
    la structure du classeur est protégée : aucune feuille ne peut être ajoutée ou ôtée
the workbook's structure is protected
    la structure du classeur est protégée
the spreadsheet's structure is protected
    la structure du classeur est protégée
the spreadsheet is open for reading only
    le classeur est ouvert en lecture seule
the sheet is protected
    la feuille est protégée
the sheet cannot be read
    la feuille ne peut pas être lue
the workbook is digitally signed; any change would break the signature
    le classeur porte une signature numérique ; tout changement la romprait
the workbook is shared the old way and keeps a log of changes
    le classeur est partagé à l'ancienne et tient un journal des modifications
the workbook is encrypted (a password to open, or managed rights)
    le classeur est chiffré (mot de passe à l'ouverture, ou droits gérés)
the package is encrypted by a zip program
    le fichier est chiffré par un programme zip
`{}` is not a value that a cell can hold
    `{}` n'est pas une valeur qu'une cellule puisse contenir
`{}` is not a colour
    `{}` n'est pas une couleur
a formula has {} characters, Excel takes {}
    une formule a {} caractères, Excel en prend {}
the columns do not fit on the sheet
    les colonnes ne tiennent pas dans la feuille
the cell is not empty
    la cellule n'est pas vide
the cells are merged
    les cellules sont fusionnées
a pivot table is in the way
    un tableau croisé dynamique est sur le chemin
an array formula reaches into these cells and beyond
    une formule matricielle s'étend dans ces cellules et au-delà
a shared formula reaches into these cells and beyond
    une formule partagée s'étend dans ces cellules et au-delà
a what-if table reaches into these cells and beyond
    une table de données s'étend dans ces cellules et au-delà
table `{}` lists {} columns for {}
    le tableau `{}` liste {} colonnes pour {}
table `{}` is in the way
    le tableau `{}` est sur le chemin
table `{}` has a column `{}` already
    le tableau `{}` a déjà une colonne `{}`
table `{}` is filled by a query that lists no fields
    le tableau `{}` est rempli par une requête qui ne liste aucun champ
the columns do not fit the rows of table `{}`
    les colonnes n'ont pas les lignes du tableau `{}`
the table calls this column `{}`, not `{}`
    le tableau appelle cette colonne `{}`, et non `{}`
formulas outside use sheet `{}`
    des formules d'ailleurs emploient la feuille `{}`
a workbook needs one visible sheet
    un classeur a besoin d'une feuille visible
there is a sheet `{}` that kamxl did not make
    il y a une feuille `{}` que kamxl n'a pas faite
there is a sheet `{}` already
    il y a déjà une feuille `{}`
sheet `{}` was not made by kamxl
    la feuille `{}` n'a pas été faite par kamxl
the workbook has a sheet `{}` that is not kamxl's
    le classeur a une feuille `{}` qui n'est pas de kamxl
a pivot table reads sheet `{}`
    un tableau croisé dynamique lit la feuille `{}`
the workbook defines the name `{}` already
    le classeur définit déjà le nom `{}`
`{}` cannot be the name of a sheet
    `{}` ne peut pas être le nom d'une feuille
the choices `{}` do not fit into a drop-down list
    les choix `{}` ne tiennent pas dans une liste déroulante
a {tab} has no cells
    une {tab} n'a pas de cellules
cells to the right of the client table are occupied
    des cellules à droite du tableau des clients sont occupées
the column `{}` of kamxl stands among those that the rules read
    la colonne `{}` de kamxl est parmi celles que lisent les règles
there is no such file
    le fichier n'existe pas
the file is empty
    le fichier est vide
the file is not text
    le fichier n'est pas du texte
the file is larger than 512 MB
    le fichier dépasse 512 Mo
the file is no CSV: {}
    le fichier n'est pas un CSV : {}
the workbook cannot be read: another program holds it, or you have no right to
    le classeur ne peut pas être lu : un autre programme le tient, ou vous n'en avez pas le droit
the workbook cannot be replaced: another program holds it, or it is read-only
    le classeur ne peut pas être remplacé : un autre programme le tient, ou il est en lecture seule
the workbook is marked read-only
    le classeur est marqué en lecture seule
the workbook is open in {program} by {}
    le classeur est ouvert dans {program} par {}
the workbook is open in {program}
    le classeur est ouvert dans {program}
the workbook was changed by someone else while it was being worked on
    le classeur a été modifié par quelqu'un d'autre pendant le travail
the backup is not equal to the workbook
    la copie de sauvegarde n'est pas égale au classeur
file is in use or protected
    le fichier est en usage ou protégé
file cannot be written: {os}
    le fichier ne peut pas être écrit : {os}
the file cannot be read ({os})
    le fichier ne peut pas être lu ({os})
the workbook cannot be written ({os})
    le classeur ne peut pas être écrit ({os})
the workbooks cannot be saved in this folder: {os}
    les classeurs ne peuvent pas être enregistrés dans ce dossier : {os}
the workbook cannot be saved: {os}
    le classeur ne peut pas être enregistré : {os}
the page cannot be saved: {os}
    la page ne peut pas être enregistrée : {os}
the result cannot be saved: {os}
    le résultat ne peut pas être enregistré : {os}
rows cannot be kept for ranking: {os}
    les lignes ne peuvent pas être gardées pour le classement : {os}
the result failed its check and was not saved: {}
    le résultat n'a pas passé sa vérification et n'a pas été enregistré : {}
the file has {} MB, more than the {} MB that are opened
    le fichier fait {} Mo, plus que les {} Mo qui sont ouverts
the file has {} parts, more than the {} that are opened
    le fichier a {} parties, plus que les {} qui sont ouvertes
the workbook has {} cell formats, Excel takes {}
    le classeur a {} formats de cellule, Excel en prend {}
the workbook would grow beyond 4 GB
    le classeur dépasserait 4 Go
the file unpacks to more than a workbook ever holds
    le fichier se décompresse en plus qu'un classeur n'en contient jamais
the part is packed more tightly than any real one (a zip bomb)
    la partie est plus comprimée qu'aucune vraie (une bombe zip)
the part is packed by a method that workbooks do not use
    la partie est comprimée par une méthode que les classeurs n'emploient pas
the part's name points outside the package
    le nom de la partie mène hors du fichier
the part is larger than such parts ever are
    la partie est plus grande que ne le sont jamais de telles parties
the part nests its elements deeper than any real one
    la partie imbrique ses éléments plus qu'aucune vraie
the part declares a document type or entities, which workbooks never do
    la partie déclare un type de document ou des entités, ce que les classeurs ne font jamais
the part says it is {}, and is not
    la partie se dit en {}, et ne l'est pas
the part is not XML: unbalanced tags
    la partie n'est pas du XML : ses balises ne se ferment pas
the part is not well-formed XML ({})
    la partie n'est pas du XML bien formé ({})
the part should be <{}> and is <{}>
    la partie devrait être <{}> et est <{}>
the part is not a worksheet
    la partie n'est pas une feuille de calcul
the part lies inside another one
    la partie se trouve à l'intérieur d'une autre
the part's header is missing
    l'en-tête de la partie manque
the part has another name in its header than in the list of parts
    la partie n'a pas le même nom dans son en-tête et dans la liste des parties
the part does not have the checksum that the file says
    la partie n'a pas la somme de contrôle que dit le fichier
the part cannot be unpacked: {}
    la partie ne peut pas être décompressée : {}
the file ends in the middle of the part
    le fichier s'arrête au milieu de la partie
the file is no complete zip package ({})
    le fichier n'est pas un paquet zip complet ({})
the file's list of parts is nonsense
    la liste des parties du fichier n'a pas de sens
the package has two parts of this name
    le fichier a deux parties de ce nom
a part that is pointed at does not exist
    une partie à laquelle renvoie une autre n'existe pas
two edits overlap
    deux modifications se recouvrent
a row ends that never began
    une ligne se ferme sans s'ouvrir
a row never ends
    une ligne ne se termine jamais
a row is not closed
    une ligne n'est pas fermée
rows are not numbered in rising order
    les lignes ne sont pas numérotées en ordre croissant
cells of a row are not in rising order
    les cellules d'une ligne ne sont pas en ordre croissant
a cell is not closed
    une cellule n'est pas fermée
the sheet's part is missing
    la partie de la feuille manque
the rows of the sheet have another prefix than the sheet
    les lignes de la feuille ont un autre préfixe que la feuille
the sheet has no rows element
    la feuille n'a pas d'élément pour ses lignes
the sheet's rows never end
    les lignes de la feuille ne se terminent jamais
the sheet speaks another dialect than its workbook
    la feuille parle un autre dialecte que son classeur
cells of the sheet stand so far apart that it would fill the memory
    les cellules de la feuille sont si éloignées qu'elle remplirait la mémoire
the sheet has more around its rows than such parts ever have
    la feuille a autour de ses lignes plus que n'ont jamais de telles parties
`{}` is not a change
    `{}` n'est pas un changement
`{}` is not a range of weights
    `{}` n'est pas un écart de poids
the folder already holds {}
    le dossier contient déjà {}
an engine writes {}, not `{}`
    un moteur écrit {}, et non `{}`
the output is the input itself
    la sortie est l'entrée elle-même
the output is the workbook itself: write --in-place to save over it
    la sortie est le classeur lui-même : écrivez --in-place pour l'écraser
--in-place and --output exclude each other
    --in-place et --output s'excluent
a text file cannot hold sheets: leave out --in-place
    un fichier texte ne peut pas contenir de feuilles : omettez --in-place
kamxl writes {}, not `{}`
    kamxl écrit {}, et non `{}`
the output must end in `{}` like the workbook
    la sortie doit finir par `{}` comme le classeur
the shipped rules are not changed in place
    les règles livrées ne sont pas changées sur place
the shipped rules are not changed
    les règles livrées ne sont pas changées
there is nothing to compare with
    il n'y a rien à comparer
two rule files are compared, not {}
    deux fichiers de règles se comparent, et non {}
"""
