"""What the extension tells LibreOffice about itself: functions, menu, tool bar; XML and IDL from our two registries.

Knows the schemas of LibreOffice's configuration; nothing of what functions answer or commands do.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape

from kamxl import __version__
from kamxl.addin.commands import COMMANDS, Command
from kamxl.addin.functions import CATEGORY, FUNCTIONS, Wording, WorksheetFunction

# Service and method names stand in saved spreadsheets: they are a file format and never change.
SERVICE = "org.kamxl.KamFunctions"
HANDLER = "org.kamxl.KamCommands"
PROTOCOL = "org.kamxl.calc:"
IDENTIFIER = "org.kamxl.calc"
MENU = "org.kamxl.menu"
TOOL_BAR = "org.kamxl.toolbar"
# Only the commands of these groups stand in the tool bar; the menu holds all.
_TOOL_BAR_GROUPS = ("portfolio", "client")
_SHEETS = "com.sun.star.sheet.SpreadsheetDocument"
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<oor:component-data xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" '
    'oor:name="{name}" oor:package="{package}">\n'
)


def method_name(function: WorksheetFunction) -> str:
    """`kamScore` for KAM_SCORE."""
    first, *rest = function.name.lower().split("_")
    return first + "".join(word.capitalize() for word in rest)


def interface_text() -> str:
    """The UNO interface of the functions as IDL; types.rdb is this text compiled."""
    lines = []
    for function in FUNCTIONS:
        arguments = ", ".join(f"[in] {_type(argument.name)} {argument.name}" for argument in function.arguments)
        lines.append(f"  sequence< sequence<any> > {method_name(function)}({arguments});")
    return "module org { module kamxl {\ninterface XKamFunctions {\n" + "\n".join(lines) + "\n};\n}; };\n"


def _type(argument: str) -> str:
    # A range as rows keeps its blanks apart from zeros; `any` would turn one blank cell into 0.
    return "sequence< sequence<any> >" if argument == "clients" else "any"


def functions_xml() -> str:
    """CalcAddIns.xcu: names, categories and help of functions and arguments."""
    nodes = "".join(_function(function) for function in FUNCTIONS)
    info = _node("AddInInfo", _node(SERVICE, _node("AddInFunctions", nodes), is_new=True))
    return _document("CalcAddIns", "org.openoffice.Office", info)


def _function(function: WorksheetFunction) -> str:
    arguments = "".join(
        _node(each.name, _same("DisplayName", each.name) + _worded("Description", each.help), is_new=True)
        for each in function.arguments
    )
    texts = _same("DisplayName", function.name) + _worded("Description", function.help)
    # The category is "Add-In" or one of Calc's own; the name that users look for stands in the functions' names.
    category = '<prop oor:name="Category"><value>Add-In</value></prop>'
    other = _same("CompatibilityName", function.name)
    return _node(method_name(function), texts + category + other + _node("Parameters", arguments), is_new=True)


def menu_xml() -> str:
    """Addons.xcu: the menu and the tool bar."""
    items = "".join(_command(command, f"m{index:02}") for index, command in enumerate(COMMANDS))
    title = _same("Title", CATEGORY) + f'<prop oor:name="Context"><value>{_SHEETS}</value></prop>'
    menu = _node("OfficeMenuBar", _node(MENU, title + _node("Submenu", items), is_new=True))
    shown = [command for command in COMMANDS if command.group in _TOOL_BAR_GROUPS]
    buttons = "".join(_command(command, f"t{index:02}") for index, command in enumerate(shown))
    bar = _node("OfficeToolBar", _node(TOOL_BAR, buttons, is_new=True))
    return _document("Addons", "org.openoffice.Office", _node("AddonUI", menu + bar))


def _command(command: Command, name: str) -> str:
    url = f'<prop oor:name="URL"><value>{PROTOCOL}{command.name}</value></prop>'
    target = '<prop oor:name="Target"><value>_self</value></prop>'
    context = f'<prop oor:name="Context"><value>{_SHEETS}</value></prop>'
    return _node(name, url + _worded("Title", command.label) + target + context, is_new=True)


def handler_xml() -> str:
    """ProtocolHandler.xcu: who carries out the commands."""
    protocols = f'<prop oor:name="Protocols" oor:type="oor:string-list"><value>{PROTOCOL}*</value></prop>'
    handlers = _node("HandlerSet", _node(HANDLER, protocols, is_new=True))
    return _document("ProtocolHandler", "org.openoffice.Office", handlers)


def window_xml() -> str:
    """CalcWindowState.xcu: the tool bar has a name and its place at the top, not floating over the sheet."""
    texts = {"Visible": "true", "ContextSensitive": "false", "Docked": "true", "DockingArea": "0", "DockPos": "0,2",
             "Style": "1"}  # fmt: skip
    values = "".join(f'<prop oor:name="{name}"><value>{text}</value></prop>' for name, text in texts.items())
    state = _node(f"private:resource/toolbar/addon_{TOOL_BAR}", _same("UIName", CATEGORY) + values, is_new=True)
    return _document("CalcWindowState", "org.openoffice.Office.UI", _node("UIElements", _node("States", state)))


def manifest_xml(component: str, registry: dict[str, str]) -> str:
    """META-INF/manifest.xml. In order: the types must be known before the component is loaded."""
    kinds = {"types.rdb": "uno-typelibrary;type=RDB", component: "uno-component;type=Python"}
    kinds |= dict.fromkeys(registry, "configuration-data")
    entries = "\n".join(
        f' <manifest:file-entry manifest:media-type="application/vnd.sun.star.{kind}" manifest:full-path="{path}"/>'
        for path, kind in kinds.items()
    )
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return f'{head}<manifest:manifest xmlns:manifest="http://openoffice.org/2001/manifest">\n{entries}\n</manifest:manifest>\n'


def description_xml() -> str:
    """description.xml: name, version, what LibreOffice must be."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<description xmlns="http://openoffice.org/extensions/description/2006" '
        'xmlns:d="http://openoffice.org/extensions/description/2006" '
        'xmlns:lo="http://libreoffice.org/extensions/description/2011">\n'
        f' <identifier value="{IDENTIFIER}"/>\n <version value="{__version__}"/>\n <platform value="all"/>\n'
        ' <dependencies><lo:LibreOffice-minimal-version value="7.4" d:name="LibreOffice 7.4"/></dependencies>\n'
        ' <display-name><name lang="en">kamxl</name><name lang="fr">kamxl</name></display-name>\n'
        "</description>\n"
    )


def _document(name: str, package: str, content: str) -> str:
    return _HEAD.format(name=name, package=package) + content + "\n</oor:component-data>\n"


def _node(name: str, content: str, *, is_new: bool = False) -> str:
    operation = ' oor:op="replace"' if is_new else ""
    return f'<node oor:name="{name}"{operation}>{content}</node>\n'


def _worded(name: str, wording: Wording) -> str:
    return _property(name, (("en", wording.en), ("fr", wording.fr)))


def _same(name: str, text: str) -> str:
    return _property(name, (("en", text), ("fr", text)))


def _property(name: str, texts: tuple[tuple[str, str], ...]) -> str:
    def values() -> Iterator[str]:
        for language, text in texts:
            yield f'<value xml:lang="{language}">{escape(text)}</value>'

    return f'<prop oor:name="{name}">{"".join(values())}</prop>'
