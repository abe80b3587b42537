"""Run by the system's Python: opens macro files of a folder in LibreOffice and prints what it saw as JSON."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue

FILTERS = {".xlam": "Calc MS Excel 2007 VBA XML"}
STUB = """Rem Attribute VBA_ModuleType=VBAModule
Option VBASupport 1
Public Function Answer(ByVal package As String, ByVal called As String, ByVal arguments As Variant) As Variant
    Answer = package & " " & called & " " & arguments(0)
End Function
"""
REGISTRY = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>0</value></prop></item></oor:items>"""


def setting(name: str, value: object) -> PropertyValue:
    pair = PropertyValue()
    pair.Name, pair.Value = name, value
    return pair


def start_office(profile: Path) -> tuple[subprocess.Popen, object]:
    (profile / "user").mkdir()
    (profile / "user" / "registrymodifications.xcu").write_text(REGISTRY)
    pipe = f"kamaddin{os.getpid()}"
    command = ["soffice", "--headless", "--norestore", "--nologo", f"-env:UserInstallation=file://{profile}"]
    office = subprocess.Popen([*command, f"--accept=pipe,name={pipe};urp;"], stdout=subprocess.DEVNULL)
    context = uno.getComponentContext()
    resolver = context.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", context)
    for _ in range(120):
        try:
            remote = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            return office, remote.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", remote)
        except Exception:
            time.sleep(0.5)
    raise TimeoutError("LibreOffice did not start")


def call(document: object, name: str, *arguments: object) -> object:
    address = f"vnd.sun.star.script:{document.BasicLibraries.ProjectName}.{name}?language=Basic&location=document"
    return document.getScriptProvider().getScript(address).invoke(arguments, (), ())[0]


def buttons_of(document: object) -> dict[str, str]:
    page = document.Sheets.getByIndex(0).DrawPage
    found = {}
    for index in range(page.Count):
        form = page.Forms.getByIndex(0)
        target = form.getScriptEvents(index)[0].ScriptCode
        found[page.getByIndex(index).Control.Label] = target.removeprefix("vnd.sun.star.script:").partition("?")[0]
    return found


def look_at(desktop: object, path: Path) -> dict[str, object]:
    options = [setting("Hidden", True), setting("MacroExecutionMode", 4)]
    if path.suffix in FILTERS:
        options.append(setting("FilterName", FILTERS[path.suffix]))
    document = desktop.loadComponentFromURL(uno.systemPathToFileUrl(str(path)), "_blank", 0, tuple(options))
    libraries = document.BasicLibraries
    library = libraries.getByName(libraries.ProjectName)
    seen = {
        "vba": libraries.VBACompatibilityMode,
        "modules": {name: library.getModuleInfo(name).ModuleType for name in library.ElementNames},
        "text": call(document, "KamTexts.KamText", "no script"),
        "buttons": buttons_of(document),
    }
    if "KamRuntime" in library.ElementNames:
        # Only what Windows alone has is replaced: the moniker of the server and the call of the COM object.
        source = library.getByName("KamRuntime").replace("GetObject(SERVER_CLASS)", "ThisWorkbook")
        source = source.replace("kamServer.CallUDF(", "KamStub.Answer(").replace(", Nothing, Nothing)", ")")
        library.insertByName("KamStub", STUB)
        library.replaceByName("KamRuntime", source)
        seen["score"] = call(document, "KamFunctions.KAM_SCORE", 42.0)
    document.close(True)
    return seen


def main(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as profile:
        office, desktop = start_office(Path(profile))
        try:
            print(json.dumps({path.name: look_at(desktop, path) for path in sorted(folder.iterdir())}))
        finally:
            try:
                desktop.terminate()
            finally:
                office.wait(30)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
