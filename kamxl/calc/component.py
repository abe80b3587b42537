"""The UNO component that LibreOffice loads from kamxl.oxt: functions for cells, commands for menu and tool bar.

Runs inside LibreOffice's own Python as a file of its own, not as a module of kamxl. Only adapts: what functions answer
is in `addin/answers.py`, what commands do in `calc/actions.py`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

# Ours first while ours are loaded, last afterwards: all extensions share one Python.
_PACKAGES = str(Path(__file__).resolve().with_name("packages"))
sys.path.insert(0, _PACKAGES)
import jinja2  # noqa: E402, F401
import unohelper  # type: ignore[import-not-found,unused-ignore]  # noqa: E402
import yaml  # noqa: E402, F401
from com.sun.star.frame import (  # type: ignore[import-not-found,unused-ignore]  # noqa: E402
    DispatchResultEvent,
    FeatureStateEvent,
    XDispatchProvider,
    XNotifyingDispatch,
)
from com.sun.star.lang import XInitialization, XServiceInfo  # type: ignore[import-not-found,unused-ignore]  # noqa: E402
from org.kamxl import XKamFunctions  # type: ignore[import-not-found,unused-ignore]  # noqa: E402

from kamxl.addin.functions import FUNCTIONS, WorksheetFunction  # noqa: E402
from kamxl.calc.actions import run_safely  # noqa: E402
from kamxl.calc.answering import answer_for_calc, forget  # noqa: E402
from kamxl.calc.descriptions import HANDLER, PROTOCOL, SERVICE, method_name  # noqa: E402

sys.path.remove(_PACKAGES)
sys.path.append(_PACKAGES)


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


def _method(function: WorksheetFunction) -> Any:
    def answer(_self: KamFunctions, *arguments: Any) -> Any:
        return answer_for_calc(function.name, arguments)

    return answer


for _function in FUNCTIONS:
    setattr(KamFunctions, method_name(_function), _method(_function))


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
        run_safely(url.Path, self.context, self.frame, forget)

    def dispatchWithNotification(self, url: Any, _arguments: Any, listener: Any) -> None:  # noqa: N802
        """A command carried out, and its caller told what was told to the user."""
        text = run_safely(url.Path, self.context, self.frame, forget)
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
