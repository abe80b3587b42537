"""The ribbon tab KAM as customUI XML, generated from the registry of commands.

Knows the schema of 2009/07 (Office 2010 and later) and which VBA procedures are called back; nothing of what the
commands do.
"""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from kamxl.addin.commands import COMMANDS, GROUPS, Command
from kamxl.addin.functions import Language

NAMESPACE = "http://schemas.microsoft.com/office/2009/07/customui"
ON_LOAD = "KamRibbon.KamRibbonLoaded"
ON_PRESS = "KamRibbon.KamRibbonPressed"


def ribbon_xml(language: Language) -> str:
    """The part customUI/customUI14.xml, labelled in a language."""
    groups = "".join(_group(group, language) for group in GROUPS)
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<customUI xmlns="{NAMESPACE}" onLoad="{ON_LOAD}"><ribbon><tabs>'
        f'<tab id="kamTab" label="KAM">{groups}</tab>'
        "</tabs></ribbon></customUI>\n"
    )


def _group(group: str, language: Language) -> str:
    buttons = "".join(_button(command, language) for command in COMMANDS if command.group == group)
    label = quoteattr(GROUPS[group].text(language))
    return f'<group id="kamGroup_{group}" label={label}>{buttons}</group>'


def _button(command: Command, language: Language) -> str:
    label, tip = command.label.text(language), command.tip.text(language)
    size = "large" if command.is_large else "normal"
    return (
        f'<button id="kam_{command.name}" tag="{command.name}" label={quoteattr(label)} screentip={quoteattr(label)} '
        f'supertip={quoteattr(tip)} size="{size}" imageMso="{command.icon}" onAction="{ON_PRESS}"/>'
    )
