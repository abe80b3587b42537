"""Stand-ins for pywin32 and the Windows-only parts of ctypes, so that xlwings' own COM code runs on any system.

`load_xlwings_server()` gives the real xlwings.com_server, udfs and _xlwindows over them. COM objects are counted: one
property read is one call into Excel.
"""

from __future__ import annotations

import ctypes
import datetime as dt
import sys
import types
from importlib import metadata
from typing import Any

RANGE_IID = "{00020846-0000-0000-C000-000000000046}"
MISSING = -2147352572
NOT_AVAILABLE = -2146826246
DIVISION_BY_ZERO = -2146826281


class ComError(Exception):
    """What pywin32 raises for a failed COM call."""


class _DispatchPointer:
    """The raw type of a COM pointer; arguments that have it are wrapped by xlwings."""


class _Anything:
    def __getattr__(self, name: str) -> Any:
        return lambda *arguments, **options: 0


def _module(name: str, **content: Any) -> types.ModuleType:
    module = types.ModuleType(name)
    module.__dict__.update(content)
    sys.modules[name] = module
    if "." in name:
        parent, child = name.rsplit(".", 1)
        setattr(sys.modules[parent], child, module)
    return module


def _install() -> None:
    _module(
        "pywintypes",
        __file__="pywintypes",
        com_error=ComError,
        error=ComError,
        IID=lambda text: text.upper(),
        TimeType=dt.datetime,
        datetime=dt,
    )
    _module(
        "pythoncom",
        __file__="pythoncom",
        com_error=ComError,
        ole_error=ComError,
        CoInitialize=lambda: None,
        IID_IDispatch="{00020400-0000-0000-C000-000000000046}",
        IID_IEnumVARIANT="{00020404-0000-0000-C000-000000000046}",
        TypeIIDs={"{00020400-0000-0000-C000-000000000046}": _DispatchPointer},
        Missing=object(),
        Empty=object(),
    )
    for name in ("win32con", "win32event", "win32gui"):
        _module(name)
    # Build 312 of pywin32, as the package and its DLLs say.
    real = metadata.version
    metadata.version = lambda name: "312" if name == "pywin32" else real(name)
    _module("win32api", GetFileVersionInfo=lambda path, part: {"FileVersionLS": 312 << 16})
    _module("win32process", GetWindowThreadProcessId=lambda window: (1, 4711))
    _module("win32timezone", TimeZoneInfo=type("TimeZoneInfo", (), {"utc": staticmethod(lambda: dt.UTC)}))
    _module("win32com")
    classes = {name: type(name, (), {}) for name in ("CDispatch", "CoClassBaseClass", "DispatchBaseClass")}
    dispatch = lambda pointer, userName=None, resultCLSID=None: pointer  # noqa: E731, N803
    _module("win32com.client", Dispatch=dispatch, DispatchEx=None, gencache=_Anything(), **classes)
    _module("win32com.server")
    _module("win32com.server.dispatcher")
    _module("win32com.server.exception", COMException=ComError)
    _module("win32com.server.policy", DefaultPolicy=object)
    _module("win32com.server.util", wrap=lambda target, *rest, **options: target, unwrap=_unwrap)


def _unwrap(target: Any) -> Any:
    raise ComError("not one of ours")


def load_xlwings_server() -> tuple[Any, Any]:
    """The real modules xlwings.com_server and xlwings.udfs."""
    if "pythoncom" not in sys.modules:
        _install()
        ctypes.oledll = types.SimpleNamespace(ole32=_Anything(), oleacc=_Anything())  # type: ignore[attr-defined]
        ctypes.windll = types.SimpleNamespace(user32=_Anything(), kernel32=_Anything())  # type: ignore[attr-defined]
        real = ctypes.PyDLL
        function = types.SimpleNamespace(restype=None)
        ctypes.PyDLL = lambda name: types.SimpleNamespace(PyCom_PyObjectFromIUnknown=function)  # type: ignore
        try:
            import xlwings._xlwindows
            import xlwings.com_server
            import xlwings.udfs
        finally:
            ctypes.PyDLL = real  # type: ignore[misc]
        import xlwings as xw

        if "excel" not in [engine.name for engine in xw.engines]:
            xw.engines.add(xw.Engine(impl=xlwings._xlwindows.engine))
            xw.engines["excel"].activate()
    import xlwings.com_server
    import xlwings.udfs

    return xlwings.com_server, xlwings.udfs


class ComObject:
    """A late-bound COM object that counts reads of its properties."""

    def __init__(self, reads: list[str], **properties: Any) -> None:
        self.__dict__.update(_reads=reads, _properties=properties)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name not in self._properties:
            raise AttributeError(name)
        self._reads.append(name)
        return self._properties[name]


class _TypeInformation:
    def GetTypeInfo(self) -> _TypeInformation:  # noqa: N802 - COM's names
        return self

    def GetTypeAttr(self) -> Any:  # noqa: N802
        return types.SimpleNamespace(iid=RANGE_IID)


def com_range(cells: tuple[tuple[Any, ...], ...], reads: list[str]) -> ComObject:
    """An Excel range over rows of cells, as COM's Value gives them."""
    rows, columns = len(cells), len(cells[0])
    excel_range = ComObject(
        reads,
        Value=cells if rows * columns > 1 else cells[0][0],
        Row=1,
        Column=1,
        Worksheet=ComObject(
            reads, Name="Clients", Parent=ComObject(reads, Name="b", Application=ComObject(reads, Hwnd=99))
        ),
        Rows=ComObject(reads, Count=rows),
        Columns=ComObject(reads, Count=columns),
        Address="$A$1",
    )
    excel_range.__dict__["_oleobj_"] = _TypeInformation()
    return excel_range
