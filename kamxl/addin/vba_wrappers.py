"""VBA source generated from our registries: a wrapper per worksheet function, and the texts that VBA itself shows.

The wrappers hold no logic: they pass cells to `KamRuntime.CallKam`. Names and texts are checked here against the
limits of Excel and VBA, so that a wrong registry fails when the add-in is built and not at a user's desk.
"""

from __future__ import annotations

import re

from kamxl.addin.functions import FUNCTIONS, Language, Wording, WorksheetFunction

FUNCTIONS_MODULE, TEXTS_MODULE = "KamFunctions", "KamTexts"
# Excel's limits: 255 for a description and for the help of an argument; the function wizard breaks beyond 254 letters
# of argument names, separators counted (xlwings issue 1489); VBA refuses lines over 1023.
HELP_CHARS, ARGUMENT_NAMES_CHARS, LINE_CHARS = 255, 254, 1023
# Group 20 is the first after the 19 that Excel brings; xl/workbook.xml names it.
FUNCTION_GROUP = 20
# VBA refuses these as names of arguments.
_RESERVED_WORDS = """
addressof alias and any as attribute base boolean byref byte byval call case close compare const currency date
debug decimal declare defbool dim do double each else elseif empty end enum eqv erase error event exit explicit
false for friend function get global gosub goto if imp implements in input integer is let lib like line lock
long loop lset me mid mod name new next not nothing null object on open option optional or output paramarray
preserve print private property public put raiseevent redim rem resume return rset seek select set shared single
static step stop string sub tab text then time to true type typeof unlock until variant wend while width with
withevents write xor
"""
_RESERVED = frozenset(_RESERVED_WORDS.split())
_ARGUMENT_NAME = re.compile(r"[a-z][a-z_]*[a-z]")
_CELL_ADDRESS = re.compile(r"(?i:[A-Z]{1,3}[0-9]{1,7}|R[0-9]*C[0-9]*)")

# What VBA shows when Python cannot be asked.
TEXTS: dict[str, Wording] = {
    "no server": Wording(
        "The KAM server does not answer, and nothing was changed. Run `kamxl doctor`, then press the button again.",
        "Le serveur KAM ne répond pas et rien n'a été changé. Exécutez « kamxl doctor », puis réessayez.",
    ),
    "server silent": Wording(
        "The server was started and did not answer within four seconds.",
        "Le serveur a été démarré et n'a pas répondu en quatre secondes.",
    ),
    "cannot start": Wording(
        "The server could not be started. A company policy may forbid it: see `kamxl install --at-logon`.",
        "Le serveur n'a pas pu être démarré. Une règle de l'entreprise l'interdit peut-être : voyez "
        "« kamxl install --at-logon ».",
    ),
    "too large": Wording(
        "A KAM function takes one block of at most one million cells. Use the button Classify for more.",
        "Une fonction KAM prend un seul bloc d'un million de cellules au plus. Au-delà, utilisez le bouton Classer.",
    ),
    "no script": Wording(
        "The KAM script is not installed. Run `kamxl install` in a terminal, then restart Excel.",
        "Le script KAM n'est pas installé. Exécutez « kamxl install » dans un terminal, puis redémarrez Excel.",
    ),
    "no addin": Wording(
        "The KAM add-in is not loaded. Run `kamxl install`, then restart Excel.",
        "Le complément KAM n'est pas chargé. Exécutez « kamxl install », puis redémarrez Excel.",
    ),
}


def functions_source(language: Language) -> str:
    """The module KamFunctions: one wrapper per worksheet function, with its help baked in.

    Errors: ValueError when the registry breaks a limit of Excel or VBA.
    """
    faults = [fault for function in FUNCTIONS for fault in find_faults(function)]
    if faults:
        raise ValueError("; ".join(faults))
    head = f'Attribute VB_Name = "{FUNCTIONS_MODULE}"\nOption Explicit\n\n'
    return head + "\n".join(_wrapper(function, language) for function in FUNCTIONS)


def _wrapper(function: WorksheetFunction, language: Language) -> str:
    shown = [f"{'Optional ' if a.optional else ''}ByRef {a.name} As Variant" for a in function.arguments]
    passed = ", ".join(f"CellsOf({argument.name})" for argument in function.arguments)
    description = function.help.text(language).replace('"', '""')
    return (
        f"Public Function {function.name}({', '.join(shown)}) As Variant\n"
        f'Attribute {function.name}.VB_Description = "{description}"\n'
        f'Attribute {function.name}.VB_ProcData.VB_Invoke_Func = " \\n{FUNCTION_GROUP}"\n'
        f'    {function.name} = CallKam("{function.name}", Array({passed}))\n'
        "End Function\n"
    )


def texts_source(language: Language) -> str:
    """The module KamTexts: what VBA itself shows, in ASCII source whatever the language."""
    cases = "".join(
        f'        Case "{key}": KamText = {vba_literal(wording.text(language))}\n' for key, wording in TEXTS.items()
    )
    return (
        f'Attribute VB_Name = "{TEXTS_MODULE}"\nOption Explicit\n\n'
        "Public Function KamText(ByVal key As String) As String\n"
        f"    Select Case key\n{cases}"
        "        Case Else: KamText = key\n    End Select\nEnd Function\n"
    )


def vba_literal(text: str) -> str:
    """A VBA expression of ASCII letters that gives `text`: other letters come from ChrW."""
    pieces = re.findall(r"[\x20-\x7e]+|[^\x20-\x7e]", text)
    shown = [
        '"' + piece.replace('"', '""') + '"' if piece.isascii() and piece.isprintable() else f"ChrW({ord(piece)})"
        for piece in pieces
    ]
    return " & ".join(shown) or '""'


def find_faults(function: WorksheetFunction) -> list[str]:
    """What in a function's record Excel or VBA would refuse; nothing for a good one."""
    faults = []
    names = [argument.name for argument in function.arguments]
    for name in names:
        if name.lower() in _RESERVED or not _ARGUMENT_NAME.fullmatch(name):
            faults.append(f"{function.name}: `{name}` cannot name an argument in VBA")
    if _CELL_ADDRESS.fullmatch(function.name) or not re.fullmatch(r"[A-Z][A-Z_]{2,30}", function.name):
        faults.append(f"{function.name}: Excel cannot tell the name from a cell address or refuses it")
    if len(set(names)) != len(names):
        faults.append(f"{function.name}: two arguments share a name")
    if len(names) + sum(map(len, names)) > ARGUMENT_NAMES_CHARS:
        faults.append(f"{function.name}: argument names take more than {ARGUMENT_NAMES_CHARS} letters together")
    optional = [argument.optional for argument in function.arguments]
    if optional != sorted(optional):
        faults.append(f"{function.name}: an optional argument stands before a required one")
    for wording in (function.help, *(argument.help for argument in function.arguments)):
        faults += [
            f"{function.name}: help is longer than {HELP_CHARS} letters or outside Windows-1252: {text}"
            for text in (wording.en, wording.fr)
            if not _fits_help(text)
        ]
    return faults


def _fits_help(text: str) -> bool:
    try:
        return 0 < len(text.encode("cp1252")) <= HELP_CHARS
    except UnicodeEncodeError:
        return False
