"""The UNO component that LibreOffice loads from kamxl.oxt: functions for cells, commands for menu and tool bar.

Runs inside LibreOffice's own Python as a file of its own, not as a module of kamxl. Only adapts: what functions answer
is in `addin/answers.py`, what commands do in `calc/actions.py`.
"""

from __future__ import annotations

import json
import sys
import traceback
import typing
from pathlib import Path
from typing import Any

import unohelper  # type: ignore[import-not-found,unused-ignore]
from com.sun.star.frame import (  # type: ignore[import-not-found,unused-ignore]
    DispatchResultEvent,
    FeatureStateEvent,
    XDispatchProvider,
    XNotifyingDispatch,
)
from com.sun.star.lang import XInitialization, XServiceInfo  # type: ignore[import-not-found,unused-ignore]
from org.kamxl import XKamFunctions  # type: ignore[import-not-found,unused-ignore]

# File formats, as in `descriptions.py`; they stand here as well because they must be known when nothing else loads.
SERVICE, HANDLER, PROTOCOL = "org.kamxl.KamFunctions", "org.kamxl.KamCommands", "org.kamxl.calc:"
_HERE = Path(__file__).resolve().parent
_PACKAGES = str(_HERE / "packages")


def _add_environment() -> None:
    """NumPy of the environment that kamxl is installed in, where LibreOffice's Python is of the same version."""
    place = _HERE / "environment.json"
    if not place.is_file():
        return
    environment = json.loads(place.read_text("utf-8"))
    if environment["python"] == list(sys.version_info[:2]) and Path(environment["packages"]).is_dir():
        # Last: whatever LibreOffice and other extensions bring comes before.
        sys.path.append(environment["packages"])


def _assert_never(value: object) -> typing.NoReturn:
    raise AssertionError(value)


if not hasattr(typing, "assert_never"):
    # The one thing of Python 3.11 that our modules need and 3.10 lacks.
    typing.assert_never = _assert_never  # type: ignore[misc,attr-defined,assignment,unused-ignore]
# Ours first while ours are loaded, last afterwards: all extensions share one Python.
sys.path.insert(0, _PACKAGES)
try:
    import jinja2  # noqa: F401
    import yaml  # noqa: F401

    from kamxl.addin.functions import FUNCTIONS, WorksheetFunction
    from kamxl.calc.actions import run_safely
    from kamxl.calc.answering import answer_for_calc, forget
    from kamxl.calc.descriptions import method_name
except Exception as error:
    # An old Python, or a package that was taken away: cells and commands say so, in place of #NAME? everywhere.
    traceback.print_exc()
    _version = ".".join(map(str, sys.version_info[:2]))
    _fault = (
        f"KX506 kamxl cannot run in LibreOffice's Python {_version} ({error}): it needs 3.10 or newer and all parts of "
        f"the extension; run `kamxl install --libreoffice` again / kamxl ne peut pas tourner dans le Python {_version} "
        "de LibreOffice : il faut 3.10 ou plus récent et l'extension entière ; relancez `kamxl install --libreoffice`"
    )
else:
    _fault = ""
sys.path.remove(_PACKAGES)
sys.path.append(_PACKAGES)
_add_environment()


class _Named(unohelper.Base, XServiceInfo):  # type: ignore[misc,unused-ignore]
    """What every UNO service says of itself."""

    services: tuple[str, ...] = ()

    def getImplementationName(self) -> str:  # noqa: N802
        return self.services[0]

    def supportsService(self, name: str) -> bool:  # noqa: N802
        return name in self.services

    def getSupportedServiceNames(self) -> tuple[str, ...]:  # noqa: N802
        return self.services


class KamFunctions(_Named, XKamFunctions):  # type: ignore[misc,unused-ignore]
    """The worksheet functions; one method per function of the registry, added below."""

    services = (SERVICE, "com.sun.star.sheet.AddIn")

    def __init__(self, context: Any, *_arguments: Any) -> None:
        self.context = context

    def __getattr__(self, name: str) -> Any:
        """Where kamxl does not load, every function answers why."""
        if _fault and name.startswith("kam"):
            return lambda *_arguments: ((_fault,),)
        raise AttributeError(name)


def _method(function: WorksheetFunction) -> Any:
    def answer(_self: KamFunctions, *arguments: Any) -> Any:
        return answer_for_calc(function.name, arguments)

    return answer


if not _fault:
    for _function in FUNCTIONS:
        setattr(KamFunctions, method_name(_function), _method(_function))


def _run(name: str, context: Any, frame: Any) -> str:
    if not _fault:
        return run_safely(name, context, frame, forget)
    window = frame.getContainerWindow()
    if window is not None and window.isVisible():
        import uno  # type: ignore[import-not-found,unused-ignore]

        kind = uno.Enum("com.sun.star.awt.MessageBoxType", "ERRORBOX")
        toolkit = context.ServiceManager.createInstanceWithContext("com.sun.star.awt.Toolkit", context)
        toolkit.createMessageBox(window, kind, 1, "KAM", _fault).execute()
    return _fault


class KamCommands(_Named, XDispatchProvider, XNotifyingDispatch, XInitialization):  # type: ignore[misc,unused-ignore]
    """The commands of menu and tool bar in one window."""

    services = (HANDLER, "com.sun.star.frame.ProtocolHandler")

    def __init__(self, context: Any, *_arguments: Any) -> None:
        self.context, self.frame = context, None

    def initialize(self, arguments: Any) -> None:
        """The window that the commands are for."""
        self.frame = arguments[0] if arguments else None

    def queryDispatch(self, url: Any, _target: str, _flags: int) -> Any:  # noqa: N802
        """Ourselves for our own commands; nobody for others."""
        return self if url.Protocol == PROTOCOL else None

    def queryDispatches(self, requests: Any) -> Any:  # noqa: N802
        """The same for many commands."""
        return tuple(self.queryDispatch(each.FeatureURL, each.FrameName, each.SearchFlags) for each in requests)

    def dispatch(self, url: Any, _arguments: Any) -> None:
        """A command carried out."""
        _run(url.Path, self.context, self.frame)

    def dispatchWithNotification(self, url: Any, _arguments: Any, listener: Any) -> None:  # noqa: N802
        """A command carried out, and its caller told what was told to the user."""
        text = _run(url.Path, self.context, self.frame)
        if listener is not None:
            event = DispatchResultEvent()
            event.Source, event.State, event.Result = self, 1, text
            listener.dispatchFinished(event)

    def addStatusListener(self, listener: Any, url: Any) -> None:  # noqa: N802
        """Every command can always be chosen."""
        event = FeatureStateEvent()
        event.FeatureURL, event.IsEnabled = url, True
        listener.statusChanged(event)

    def removeStatusListener(self, _listener: Any, _url: Any) -> None:  # noqa: N802
        """Nothing: listeners are told once."""


g_ImplementationHelper = unohelper.ImplementationHelper()  # noqa: N816
for _service in (KamFunctions, KamCommands):
    g_ImplementationHelper.addImplementation(_service, _service.services[0], _service.services)
