"""What `doctor --libreoffice` says, in English and French: what it looked at, how it is, what to do."""

from __future__ import annotations

from kamxl.addin.functions import Wording

SUBJECTS: dict[str, Wording] = {
    "office": Wording("LibreOffice", "LibreOffice"),
    "names": Wording("names", "noms"),
    "python": Wording("Python", "Python"),
    "extension": Wording("extension", "extension"),
    "shell": Wording("shell", "terminal"),
    "settings": Wording("settings", "paramètres"),
}

_INSTALL = Wording(
    "run `kamxl install --libreoffice` as the user who works with LibreOffice, then restart it",
    "exécutez « kamxl install --libreoffice » comme l'utilisateur qui travaille avec LibreOffice, puis redémarrez-le",
)

FINDINGS: dict[str, tuple[Wording, Wording | None]] = {
    "no_office": (
        Wording("is not found in its usual places", "introuvable à ses emplacements habituels"),
        Wording(
            "install LibreOffice 25.2 or newer; for another machine: `kamxl install --libreoffice --folder DIR`",
            "installez LibreOffice 25.2 ou plus récent ; pour une autre machine : "
            "« kamxl install --libreoffice --folder DOSSIER »",
        ),
    ),
    "office_unknown": (
        Wording("{program} does not say its version", "{program} ne dit pas sa version"),
        Wording("kamxl supports 25.2 first", "kamxl prend en charge 25.2 en premier"),
    ),
    "office_old": (
        Wording("{version} in {program} is too old", "{version} dans {program} est trop ancien"),
        Wording("install LibreOffice 25.2 or newer", "installez LibreOffice 25.2 ou plus récent"),
    ),
    "office_good": (Wording("{version} in {program}", "{version} dans {program}"), None),
    "names_kept": (
        Wording(
            "KAM functions keep their names in .ods and in .xlsx, both ways",
            "les fonctions KAM gardent leur nom en .ods et en .xlsx, dans les deux sens",
        ),
        None,
    ),
    "names_lost": (
        Wording(
            "{version} loses the names of KAM functions in .xlsx: Excel and Calc then show #NAME?; .ods keeps them",
            "{version} perd le nom des fonctions KAM en .xlsx : Excel et Calc affichent alors #NOM? ; .ods les garde",
        ),
        Wording(
            "save as .ods, or *Freeze to values* before saving as .xlsx; 25.2 keeps them (Debian 12: backports)",
            "enregistrez en .ods, ou « Figer en valeurs » avant d'enregistrer en .xlsx ; 25.2 les garde "
            "(Debian 12 : backports)",
        ),
    ),
    "no_loader": (
        Wording(
            "LibreOffice cannot load extensions in Python", "LibreOffice ne peut pas charger d'extension en Python"
        ),
        Wording(
            "Debian, Ubuntu: apt install libreoffice-script-provider-python python3-uno",
            "Debian, Ubuntu : apt install libreoffice-script-provider-python python3-uno",
        ),
    ),
    "python_unknown": (
        Wording("LibreOffice does not say which Python it runs", "LibreOffice ne dit pas quel Python il exécute"),
        Wording("it must be 3.10 or newer", "il doit être 3.10 ou plus récent"),
    ),
    "python_old": (
        Wording(
            "LibreOffice runs Python {version}, kamxl needs 3.10 or newer",
            "LibreOffice exécute Python {version}, kamxl demande 3.10 ou plus récent",
        ),
        Wording("install LibreOffice 25.2 or newer", "installez LibreOffice 25.2 ou plus récent"),
    ),
    "python_apart": (
        Wording(
            "LibreOffice runs {version}, kamxl {own}: LibreOffice finds no NumPy, and only the Dashboard needs it",
            "LibreOffice exécute {version}, kamxl {own} : LibreOffice ne trouve pas NumPy, et seul le tableau de bord "
            "en a besoin",
        ),
        Wording(
            "install kamxl with a Python {version} and run `kamxl install --libreoffice` with it",
            "installez kamxl avec un Python {version} et exécutez « kamxl install --libreoffice » avec lui",
        ),
    ),
    "python_good": (
        Wording(
            "LibreOffice runs {version} as kamxl does: it finds NumPy, the Dashboard works",
            "LibreOffice exécute {version} comme kamxl : il trouve NumPy, le tableau de bord fonctionne",
        ),
        None,
    ),
    "extension_missing": (
        Wording(
            "kamxl is not among the extensions of this user", "kamxl n'est pas parmi les extensions de cet utilisateur"
        ),
        _INSTALL,
    ),
    "extension_old": (Wording("{path} is of another version", "{path} est d'une autre version"), _INSTALL),
    "extension_good": (Wording("{path} is the one of this version", "{path} est celle de cette version"), None),
    "environment": (
        Wording(
            "a virtual environment is active: LibreOffice started from here loads no Python extension, and KAM "
            "functions show #NAME?",
            "un environnement virtuel est actif : LibreOffice démarré d'ici ne charge aucune extension en Python, et "
            "les fonctions KAM affichent #NOM?",
        ),
        Wording(
            "start LibreOffice from the desktop, or from another shell",
            "démarrez LibreOffice depuis le bureau, ou depuis un autre terminal",
        ),
    ),
    "settings_bad": (
        Wording("{reason}", "{reason}"),
        Wording("run `kamxl install` again", "exécutez de nouveau « kamxl install »"),
    ),
    "rules_missing": (
        Wording("rules: {path} is not there", "règles : {path} n'existe pas"),
        Wording("run `kamxl install --rules FILE`", "exécutez « kamxl install --rules FICHIER »"),
    ),
    "rules_good": (Wording("rules: {path}", "règles : {path}"), None),
}
