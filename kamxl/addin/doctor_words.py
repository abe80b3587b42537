"""What doctor says, in English and French: what it looks at, what it found, what to do.

`SUBJECTS` says what is looked at, `FINDINGS` what can be found: the message and, where something is to be done, the
action. `{…}` parts are filled in by `doctor.py`.
"""

from __future__ import annotations

from kamxl.addin.functions import Wording

SUBJECTS: dict[str, tuple[Wording, Wording]] = {
    "python": (
        Wording("Python", "Python"),
        Wording("version; that Excel sees what it writes", "version ; qu'Excel voie ce qu'il écrit"),
    ),
    "packages": (
        Wording("packages", "paquets"),
        Wording(
            "xlwings and pywin32: present, and versions that fit", "xlwings et pywin32 : présents, et versions adaptées"
        ),
    ),
    "addin": (
        Wording("add-in", "complément"),
        Wording(
            "kamxl.xlam: in place, of this version, not blocked as a download",
            "kamxl.xlam : en place, de cette version, non bloqué comme téléchargement",
        ),
    ),
    "paths": (
        Wording("paths", "chemins"),
        Wording(
            "folders under OneDrive; letters beyond ASCII in names",
            "dossiers sous OneDrive ; lettres accentuées dans les noms",
        ),
    ),
    "excel": (
        Wording("Excel", "Excel"),
        Wording("installed, 2016 or later, 32-bit or 64-bit", "installé, 2016 ou plus récent, 32 ou 64 bits"),
    ),
    "policies": (
        Wording("policies", "stratégies"),
        Wording(
            "child processes of Office, macros, signatures of add-ins",
            "processus enfants d'Office, macros, signature des compléments",
        ),
    ),
    "server": (
        Wording("server", "serveur"),
        Wording(
            "the command in the registry; that it starts, loads xlwings and the DLLs of pywin32 that belong to it",
            "la commande dans le registre ; qu'il démarre et charge xlwings et les DLL de pywin32 qui vont avec",
        ),
    ),
    "script": (
        Wording("script", "script"),
        Wording("the AppleScript that Excel may run", "l'AppleScript qu'Excel peut exécuter"),
    ),
    "settings": (
        Wording("settings", "paramètres"),
        Wording("settings file and rule file", "fichier des paramètres et fichier de règles"),
    ),
}

_REINSTALL = Wording(
    'run {python} -m pip install --upgrade "kamxl[excel]"', 'exécutez {python} -m pip install --upgrade "kamxl[excel]"'
)
_INSTALL = Wording("run `kamxl install`", "exécutez « kamxl install »")
_RESTART = Wording("close Excel and run `kamxl install`", "fermez Excel et exécutez « kamxl install »")

FINDINGS: dict[str, tuple[Wording, Wording | None]] = {
    "python_good": (Wording("{version}, {python}", "{version}, {python}"), None),
    "python_store": (
        Wording(
            "{python} comes from the Microsoft Store, which hides from Excel what it writes",
            "{python} vient du Microsoft Store, qui cache à Excel ce qu'il écrit",
        ),
        Wording("install Python from python.org, then kamxl for it", "installez Python depuis python.org, puis kamxl"),
    ),
    "package_good": (Wording("{name} {version}", "{name} {version}"), None),
    "package_missing": (
        Wording("{name} is not installed for this Python", "{name} n'est pas installé pour ce Python"),
        _REINSTALL,
    ),
    "package_old": (
        Wording(
            "{name} {version} is not among those that kamxl was made for: {wanted}",
            "{name} {version} n'est pas parmi celles prévues pour kamxl : {wanted}",
        ),
        _REINSTALL,
    ),
    "xlwings_dll": (
        Wording(
            "the DLL of xlwings is not used: another version of it, or of its add-in, does no harm",
            "la DLL de xlwings n'est pas utilisée : une autre version, ou son complément, ne gêne pas",
        ),
        None,
    ),
    "no_excel_here": (
        Wording("does not run on this system", "n'existe pas sur ce système"),
        Wording(
            "build for another machine: install --folder; see what is looked at there: doctor --dry-run",
            "construisez pour une autre machine : install --folder ; voyez ce qui y est examiné : doctor --dry-run",
        ),
    ),
    "addin_missing": (Wording("{path} is not there", "{path} n'existe pas"), _INSTALL),
    "addin_good": (Wording("{path} is the one of this version", "{path} est bien de cette version"), None),
    "addin_old": (Wording("{path} is of another version", "{path} est d'une autre version"), _RESTART),
    "addin_blocked": (
        Wording("Windows blocks the file as a download", "Windows bloque le fichier comme téléchargement"),
        Wording(
            "delete the file and run `kamxl install`, or open its Properties and choose Unblock",
            "supprimez le fichier et exécutez « kamxl install », ou ouvrez ses Propriétés et choisissez Débloquer",
        ),
    ),
    "onedrive": (
        Wording("{path} is synchronised by OneDrive", "{path} est synchronisé par OneDrive"),
        Wording(
            "files there can be away when Excel starts: install Python and kamxl outside OneDrive",
            "ses fichiers peuvent manquer quand Excel démarre : installez Python et kamxl hors de OneDrive",
        ),
    ),
    "onedrive_rules": (
        Wording(
            "the rule file {path} is synchronised by OneDrive",
            "le fichier de règles {path} est synchronisé par OneDrive",
        ),
        Wording(
            "choose Always keep on this device for its folder",
            "choisissez « Toujours conserver sur cet appareil » pour son dossier",
        ),
    ),
    "accents": (
        Wording("{path} holds letters beyond ASCII", "{path} contient des lettres accentuées"),
        Wording(
            "nothing: kamxl copes; other add-ins may not",
            "rien : kamxl s'en accommode ; d'autres compléments peut-être pas",
        ),
    ),
    "excel_missing": (
        Wording("no Excel 2016 or later was found", "aucun Excel 2016 ou plus récent n'a été trouvé"),
        Wording(
            "install desktop Excel; the Excel of a browser or of a phone runs no add-ins of this kind",
            "installez Excel pour ordinateur ; celui d'un navigateur ou d'un téléphone n'a pas de tels compléments",
        ),
    ),
    "excel_old": (
        Wording("Excel {version} is older than 2016", "Excel {version} est antérieur à 2016"),
        Wording("install Excel 2016 or later", "installez Excel 2016 ou plus récent"),
    ),
    "excel_good": (
        Wording(
            "{bits}-bit; it need not match Python ({python_bits}-bit), since they are two processes",
            "{bits} bits ; sans rapport avec Python ({python_bits} bits), car ce sont deux processus",
        ),
        None,
    ),
    "children_forbidden": (
        Wording(
            "Defender: a policy forbids Office to start other programs",
            "Defender : une stratégie interdit à Office de démarrer d'autres programmes",
        ),
        Wording(
            "run `kamxl install --at-logon`: Windows then starts the server, not Excel",
            "exécutez « kamxl install --at-logon » : Windows démarre alors le serveur, pas Excel",
        ),
    ),
    "children_by_logon": (
        Wording(
            "Defender: a policy forbids Office to start other programs; Windows starts the server",
            "Defender : une stratégie interdit à Office de démarrer des programmes ; Windows démarre le serveur",
        ),
        None,
    ),
    "children_good": (
        Wording(
            "Defender: no policy found that forbids Office to start other programs",
            "Defender : aucune stratégie n'interdit à Office de démarrer d'autres programmes",
        ),
        None,
    ),
    "macros_forbidden": (
        Wording(
            "a policy turns all macros off, trusted locations included",
            "une stratégie désactive toutes les macros, emplacements approuvés compris",
        ),
        Wording(
            "ask for a trusted location that covers Excel's XLSTART folder, or for a signature",
            "demandez un emplacement approuvé pour le dossier XLSTART d'Excel, ou une signature",
        ),
    ),
    "macros_limited": (
        Wording(
            "a policy turns macros off outside trusted locations",
            "une stratégie désactive les macros hors des emplacements approuvés",
        ),
        Wording(
            "XLSTART is one unless it was taken away; kam.xlsm runs only in a trusted location",
            "XLSTART en est un, sauf retrait ; kam.xlsm ne marche que dans un emplacement approuvé",
        ),
    ),
    "signature_needed": (
        Wording("a policy asks for signed add-ins", "une stratégie exige des compléments signés"),
        Wording(
            "sign kamxl.xlam with the certificate of your company",
            "signez kamxl.xlam avec le certificat de votre entreprise",
        ),
    ),
    "no_command": (Wording("Excel is not told how to start it", "Excel ne sait pas comment le démarrer"), _INSTALL),
    "other_python": (
        Wording("Excel starts another Python: {command}", "Excel démarre un autre Python : {command}"),
        Wording(
            "run `kamxl install` with the Python that shall serve Excel",
            "exécutez « kamxl install » avec le Python qui doit servir Excel",
        ),
    ),
    "python_gone": (Wording("{path} is not there any more", "{path} n'existe plus"), _INSTALL),
    "python_dead": (
        Wording("{path} cannot be started: {reason}", "{path} ne démarre pas : {reason}"),
        Wording("reinstall Python, then run `kamxl install`", "réinstallez Python, puis exécutez « kamxl install »"),
    ),
    "cannot_load": (
        Wording("{path} cannot load the server: {reason}", "{path} ne peut pas charger le serveur : {reason}"),
        _REINSTALL,
    ),
    "server_good": (
        Wording(
            "starts and loads xlwings {xlwings} and pywin32 {pywin32}",
            "démarre et charge xlwings {xlwings} et pywin32 {pywin32}",
        ),
        None,
    ),
    "dll_foreign": (
        Wording(
            "{path} is of pywin32 {found}, not {wanted}: an older installation left it",
            "{path} est de pywin32 {found} et non {wanted} : une ancienne installation l'a laissé",
        ),
        Wording(
            "rename that file, then run `kamxl doctor` again", "renommez ce fichier, puis relancez « kamxl doctor »"
        ),
    ),
    "script_good": (Wording("{path}", "{path}"), None),
    "script_missing": (Wording("{path} is not there", "{path} n'existe pas"), _INSTALL),
    "settings_bad": (Wording("{reason}", "{reason}"), _INSTALL),
    "rules_good": (Wording("rules: {path}", "règles : {path}"), None),
    "rules_missing": (
        Wording("rules: {path} is not there", "règles : {path} n'existe pas"),
        Wording("run `kamxl install --rules FILE`", "exécutez « kamxl install --rules FICHIER »"),
    ),
}

STATES: dict[str, Wording] = {
    "ok": Wording("ok", "bon"),
    "note": Wording("note", "note"),
    "fault": Wording("fault", "défaut"),
}
