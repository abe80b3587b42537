"""Names that a template uses and nobody gives: strict like Jinja's StrictUndefined, but all of them told in one run."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from jinja2 import StrictUndefined, Template
from jinja2.exceptions import SecurityError
from jinja2.utils import missing

# (object it was asked of, or None for a bare name; the name; (file, line) in the templates)
Report = Callable[[Any, str, tuple[str, int]], None]
_COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge", "contains")
_CALCULATIONS = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow")


def template_position() -> tuple[str, int]:
    """(file, line) of the innermost template that is being rendered; ("", 0) outside of any."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        template = frame.f_globals.get("__jinja_template__")
        if isinstance(template, Template):
            return str(template.filename or template.name), template.get_corresponding_lineno(frame.f_lineno)
        frame = frame.f_back
    return "", 0


def recording_undefined(report: Report) -> type[StrictUndefined]:
    """A strict Undefined that reports each use and goes on with nothing, so that one rendering finds all of them."""

    def told(self: Any) -> None:
        if self._undefined_exception is SecurityError:
            raise SecurityError(self._undefined_message)
        owner = self._undefined_obj
        report(None if owner is missing else owner, str(self._undefined_name), template_position())

    def answering(answer: Callable[[], Any]) -> Callable[..., Any]:
        def use(self: Any, *_: Any, **__: Any) -> Any:
            told(self)
            return answer()

        return use

    def part(self: Any, name: Any) -> Any:
        if isinstance(name, str) and name.startswith("__"):
            # Python's own names: whoever asks a refused object for one is told of the refusal, not of the second name.
            if self._undefined_exception is SecurityError:
                raise SecurityError(self._undefined_message)
            raise AttributeError(name)
        return self

    members: dict[str, Any] = {
        "__slots__": (),
        "__str__": answering(str),
        "__iter__": answering(lambda: iter(())),
        "__len__": answering(int),
        "__bool__": answering(bool),
        "__call__": answering(str),
        "__int__": answering(int),
        "__float__": answering(float),
        "__neg__": answering(int),
        "__pos__": answering(int),
        "__hash__": lambda self: id(type(self)),
        "__getattr__": part,
        "__getitem__": part,
    }
    members |= {f"__{name}__": answering(bool) for name in _COMPARISONS}
    members |= {f"__{side}{name}__": answering(int) for name in _CALCULATIONS for side in ("", "r")}
    return type("RecordingUndefined", (StrictUndefined,), members)
