"""French of the ways out: what to do about a problem of a workbook, a file, a machine or an option.

Each English sentence stands over its French; `catalogue.py` explains the notation.
"""

BOOK_HELPS = r"""
check the path
    vérifiez le chemin
name the file in it
    nommez le fichier qui s'y trouve
name a file such as {}
    nommez un fichier comme {}
leave out one of the two
    retirez l'une des deux
check the disk
    vérifiez le disque
check the folder, its rights and the free space
    vérifiez le dossier, ses droits et la place libre
check that the folder may be written to
    vérifiez que le dossier est accessible en écriture
free some space on the disk
    faites de la place sur le disque
make room there; the old file is intact
    faites-y de la place ; l'ancien fichier est intact
the old file is intact
    l'ancien fichier est intact
the old output is intact
    l'ancienne sortie est intacte
correct the cell, or empty it
    corrigez la cellule, ou videz-la
correct the cell, or write `{}` in the rule file if all numbers are typed so
    corrigez la cellule, ou écrivez `{}` dans le fichier de règles si tous les nombres sont tapés ainsi
correct the cell
    corrigez la cellule
fill in the cell
    remplissez la cellule
fill it in
    remplissez-la
fill in the column Override reason
    remplissez la colonne du motif de la dérogation
write a date such as 2026-12-31
    écrivez une date comme 2026-12-31
renew Override until, or clear the override
    prolongez la dérogation, ou effacez-la
open the workbook in Excel or LibreOffice, save it there, and run again
    ouvrez le classeur dans Excel ou LibreOffice, enregistrez-le, et recommencez
open the workbook in Excel, save it and try again
    ouvrez le classeur dans Excel, enregistrez-le et recommencez
open it in Excel, let Excel repair it, save it under a new name and try again
    ouvrez-le dans Excel, laissez Excel le réparer, enregistrez-le sous un autre nom et recommencez
open it in Excel and save it as .xlsx
    ouvrez-le dans Excel et enregistrez-le en .xlsx
save it as .xlsx and try again
    enregistrez-le en .xlsx et recommencez
save it as CSV UTF-8 from your spreadsheet
    enregistrez-le en CSV UTF-8 depuis votre tableur
save it under another name and run again
    enregistrez-le sous un autre nom et recommencez
save it and run `kamxl run FILE`, or move the clients to a sheet of their own
    enregistrez-le et exécutez « kamxl run FICHIER », ou mettez les clients sur une feuille à part
in Excel: save it as .xlsx, or as .xlsm if it has macros
    dans Excel : enregistrez-le en .xlsx, ou en .xlsm s'il a des macros
in Excel: save it as .xlsx or .xlsm
    dans Excel : enregistrez-le en .xlsx ou .xlsm
in Excel: Review, Protect Workbook, enter the password to lift it
    dans Excel : Révision, Protéger le classeur, entrez le mot de passe pour l'ôter
in Excel: Review, Unprotect Sheet; or write the results to sheets of their own
    dans Excel : Révision, Ôter la protection de la feuille ; ou écrivez les résultats sur des feuilles à part
in Excel: Review, Unshare Workbook, then save
    dans Excel : Révision, Annuler le partage du classeur, puis enregistrez
in Excel: Ctrl+End shows the last cell; delete the empty rows and columns before it, and save
    dans Excel : Ctrl+Fin montre la dernière cellule ; supprimez les lignes et colonnes vides qui la précèdent
in Excel: Home, Unmerge Cells
    dans Excel : Accueil, Annuler la fusion des cellules
in Excel: File, Info, Protect Workbook, Encrypt with Password, empty the field, save
    dans Excel : Fichier, Informations, Protéger le classeur, Chiffrer avec mot de passe, videz le champ, enregistrez
remove the signature in Excel (File, Info) or work on a copy
    ôtez la signature dans Excel (Fichier, Informations) ou travaillez sur une copie
remove unused cell styles in Excel
    ôtez dans Excel les styles de cellule inutilisés
rename it under Formulas, Name Manager
    renommez-le sous Formules, Gestionnaire de noms
rename or remove it in Excel
    renommez-la ou ôtez-la dans Excel
rename or remove the sheet and run again
    renommez ou ôtez la feuille et recommencez
rename or split it
    renommez-la ou divisez-la
rename one of them
    renommez l'un des deux
rename that sheet, or give ours another name
    renommez cette feuille, ou donnez un autre nom à la nôtre
rename that sheet
    renommez cette feuille
rename one of the two columns in the workbook, or list only one header in the rule file
    renommez l'une des deux colonnes du classeur, ou ne listez qu'un en-tête dans le fichier de règles
the nearest header is `{}`; rename the header, add it to `headers:` in the rule file, or mark the column `optional: yes`
    l'en-tête le plus proche est `{}` ; renommez-le, ajoutez-le à `headers:` dans le fichier de règles, ou marquez la colonne `optional: yes`
rename the header, add it to `headers:` in the rule file, or mark the column `optional: yes`
    renommez l'en-tête, ajoutez-le à `headers:` dans le fichier de règles, ou marquez la colonne `optional: yes`
the rules read headers such as {}; choose other rules with -r, or rename the headers
    les règles lisent des en-têtes tels que {} ; prenez d'autres règles (option -r), ou renommez les en-têtes
name a column `{}` or `{}`
    nommez une colonne `{}` ou `{}`
name one: `--sheet {}`
    nommez-en un : `--sheet {}`
name one by the cell of its first header: `--table {}`
    nommez-en un par la cellule de son premier en-tête : `--table {}`
name the row by its number
    nommez la ligne par son numéro
name another -o
    nommez une autre sortie -o
name the old and the new one
    nommez l'ancien et le nouveau
name the old and the new rules with -r, or a change with --set path=value
    nommez avec -r les anciennes et les nouvelles règles, ou un changement avec --set chemin=valeur
name your rule file with --rules, or write to another file with -o
    nommez votre fichier de règles avec --rules, ou écrivez dans un autre fichier avec -o
name your rule file with -r; `kamxl init` makes one
    nommez votre fichier de règles avec -r ; « kamxl init » en fait un
give each client one row, or its own identifier
    donnez une seule ligne à chaque client, ou un identifiant à chacun
give the name of a file in {}, without folders
    donnez le nom d'un fichier de {}, sans dossiers
give a folder with --folder to build the add-in for another machine
    donnez un dossier avec --folder pour construire le complément d'une autre machine
give an .xlsx or .xlsm file
    donnez un fichier .xlsx ou .xlsm
give {} instead
    donnez plutôt {}
give one value for each row of the table
    donnez une valeur pour chaque ligne du tableau
give six hexadecimal digits, such as 1F6FEB
    donnez six chiffres hexadécimaux, comme 1F6FEB
give the rule file that the workbook was made with, with -r
    donnez avec -r le fichier de règles qui a servi à faire le classeur
the sheets are: {}
    les feuilles sont : {}
--table takes one of {}
    --table prend l'une de ces tables : {}
take the protection off and run again
    ôtez la protection et recommencez
take the protection off
    ôtez la protection
take your own changes back first, or correct the cells by hand
    annulez d'abord vos propres modifications, ou corrigez les cellules à la main
take `at_most` out for this run, or classify a workbook
    ôtez `at_most` pour ce passage, ou classez un classeur
move what stands there, or leave room beside the table
    déplacez ce qui s'y trouve, ou laissez de la place à côté du tableau
move it to the right of the table: a formula must not read its own column
    déplacez-la à droite du tableau : une formule ne doit pas lire sa propre colonne
move it away, or publish to another folder with --to
    déplacez-le, ou publiez dans un autre dossier avec --to
bring them back with `kamxl collect`, or move it away, or publish to another folder with --to
    recueillez-les avec « kamxl collect », ou déplacez-la, ou publiez dans un autre dossier avec --to
move it
    déplacez-le
leave a column free beside it
    laissez une colonne libre à côté
the columns beside the table must be free: clear them, or move what stands there
    les colonnes à côté du tableau doivent être libres : videz-les, ou déplacez ce qui s'y trouve
start further to the left or above
    commencez plus à gauche ou plus haut
keep the header, formulas use it
    gardez l'en-tête, des formules l'emploient
keep the name, or move the pivot's source
    gardez le nom, ou déplacez la source du tableau croisé
change them first, or keep the sheet
    changez-les d'abord, ou gardez la feuille
add another sheet first
    ajoutez d'abord une autre feuille
choose another place
    choisissez un autre endroit
choose a worksheet
    choisissez une feuille de calcul
choose an empty or a new folder
    choisissez un dossier vide ou nouveau
use Classify, or put =KAM_TABLE(...) on another sheet
    utilisez « Classer », ou mettez =KAM_TABLE(...) sur une autre feuille
use the live columns
    employez les colonnes vives
use a .parquet file
    employez un fichier .parquet
use --engine duckdb or spark
    employez --engine duckdb ou spark
use choices without commas, at most {} characters together
    employez des choix sans virgules, {} caractères ensemble au plus
use 1 to {} characters, none of [ ] : * ? / \, and not `History`
    employez de 1 à {} caractères, sans [ ] : * ? / \, et pas `History`
write the results to sheets of their own
    écrivez les résultats sur des feuilles à part
write the column as texts (UTF-8) or numbers
    écrivez la colonne en textes (UTF-8) ou en nombres
write None for a missing number
    écrivez None pour un nombre qui manque
write one with `kamxl formulas`
    écrivez-en une avec « kamxl formulas »
write --set families.profile.criteria.size.weight=4
    écrivez --set families.profile.criteria.size.weight=4
write --sensitivity 10%
    écrivez --sensitivity 10%
undo inserted or deleted lines, or write the sheet anew with `kamxl formulas`
    annulez les lignes insérées ou supprimées, ou refaites la feuille avec « kamxl formulas »
undo what was done to their headers, or publish it again and copy the notes over by hand
    annulez ce qui a été fait à leurs en-têtes, ou publiez de nouveau et recopiez les notes à la main
collect it into the book from which it was published
    recueillez-le dans le classeur d'où il a été publié
split the condition or the family, or give the workbook's table and columns shorter names
    divisez la condition ou la famille, ou donnez des noms plus courts au tableau et aux colonnes du classeur
split the formula
    divisez la formule
split the workbook, or remove large pictures from it
    divisez le classeur, ou ôtez-en les grandes images
split it
    divisez-le
type it as a number, or as a date
    tapez-la comme nombre, ou comme date
delete the column
    supprimez la colonne
type it as text
    tapez-la comme texte
`kamxl run` writes what cannot be live
    « kamxl run » écrit ce qui ne peut pas être vif
a formula cannot know last time's category; `kamxl run` does, read the category there
    une formule ne peut pas connaître la catégorie précédente ; « kamxl run » la connaît, lisez-y la catégorie
the live category is the one before capacity; `kamxl run` fills it by score
    la catégorie vive est celle d'avant la capacité ; « kamxl run » la remplit selon la note
live formulas compare up to {} rows; run `kamxl formulas` again after changes
    les formules vives comparent jusqu'à {} lignes ; exécutez de nouveau « kamxl formulas » après un changement
classify the workbook again
    classez de nouveau le classeur
classify it again, or name with -r the rules that it was classified with
    classez-le de nouveau, ou nommez avec -r les règles qui l'ont classé
the rules have changed since; classify the workbook again
    les règles ont changé depuis ; classez de nouveau le classeur
the row has not been classified yet; classify the workbook again
    la ligne n'a pas encore été classée ; classez de nouveau le classeur
what it is computed from has changed since; classify the workbook again
    ce dont elle est calculée a changé depuis ; classez de nouveau le classeur
it was typed over: write the decision in Override, with a reason, and classify again
    elle a été écrasée à la main : écrivez la décision sous Dérogation, avec un motif, et classez de nouveau
it was typed over; classify the workbook again
    elle a été écrasée à la main ; classez de nouveau le classeur
it cannot be computed any more: {reason}
    elle ne peut plus être calculée : {reason}
update kamxl; nothing was written
    mettez kamxl à jour ; rien n'a été écrit
the line is kept; correct its date
    la ligne est gardée ; corrigez sa date
run with a later --as-of, or on a copy of the workbook
    prenez un --as-of plus récent, ou une copie du classeur
if all of them have left, note it in the sheet; else bring the rows back and run again
    s'ils sont tous partis, notez-le dans la feuille ; sinon remettez les lignes et recommencez
connect to the network, or run `kamxl install --rules` with a file on this computer
    connectez-vous au réseau, ou exécutez « kamxl install --rules » avec un fichier de cet ordinateur
run `kamxl install` again
    exécutez de nouveau « kamxl install »
run `kamxl run` on it
    exécutez « kamxl run » sur lui
run again, so that the new content is kept
    recommencez, afin que le nouveau contenu soit gardé
close Excel and try again
    fermez Excel et recommencez
close it in Excel and run again, or give another output file
    fermez-le dans Excel et recommencez, ou donnez un autre fichier de sortie
close it in Excel and run again
    fermez-le dans Excel et recommencez
close it there, or delete the left-over file {}
    fermez-le là, ou effacez le fichier resté là {}
lift the mark, or give another output file
    ôtez la marque, ou donnez un autre fichier de sortie
copy it again from its source
    copiez-le de nouveau depuis sa source
do not open this file; ask its sender for a clean copy
    n'ouvrez pas ce fichier ; demandez une copie saine à son expéditeur
no spreadsheet program writes so many; ask where the file comes from
    aucun tableur n'en écrit autant ; demandez d'où vient le fichier
unpack it with its password and pack it again without one
    décompressez-le avec son mot de passe et recompressez-le sans
your file is unchanged; report this with the workbook, it is a mistake of kamxl
    votre fichier est inchangé ; signalez ceci avec le classeur, c'est une faute de kamxl
install kamxl with a Python {} and run `kamxl install --libreoffice` there, or save the file and run `kamxl dashboard FILE`
    installez kamxl avec un Python {} et exécutez-y « kamxl install --libreoffice », ou enregistrez le fichier et exécutez « kamxl dashboard FICHIER »
install it where kamxl is: pip install {}
    installez-le là où est kamxl : pip install {}
install Java 17 or newer
    installez Java 17 ou plus récent
check --master and Java
    vérifiez --master et Java
restart LibreOffice
    redémarrez LibreOffice
open {} in LibreOffice: Tools, Extensions, Add
    ouvrez {} dans LibreOffice : Outils, Extensions, Ajouter
pip install {}
    exécutez : pip install {}
"""
