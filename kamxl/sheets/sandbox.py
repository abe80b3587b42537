"""The Jinja environment of process sheets: immutable sandbox, strict names, closed lists of filters, limits.

Templates travel by e-mail and are run on a colleague's machine: they may write texts and tables, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, Template, TemplateNotFound, nodes
from jinja2.loaders import split_template_path
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from kamxl.sheets.filters import FILTERS, TESTS, write_value
from kamxl.sheets.limits import Budget, LimitError, LimitLoops, join_capped, limited_binop, limited_range
from kamxl.sheets.unknown_names import Report, recording_undefined

MOST_BYTES = 200_000
_TEXT_METHODS = frozenset(
    {"upper", "lower", "title", "capitalize", "strip", "lstrip", "rstrip", "startswith", "endswith", "split"}
)
_DICT_METHODS = frozenset({"items", "keys", "values", "get"})


class FolderLoader(BaseLoader):
    """Templates of a few folders, the first folder that has the name wins; nothing outside of them can be read."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = tuple(folders)

    def find(self, name: str) -> Path | None:
        """The file of a name, or None."""
        try:
            parts = split_template_path(name)
        except TemplateNotFound:
            return None
        for folder in self.folders:
            path = folder.joinpath(*parts)
            # A link inside the folder must not lead out of it.
            if path.is_file() and path.resolve().is_relative_to(folder.resolve()):
                return path
        return None

    def get_source(
        self,
        environment: Any,  # noqa: ARG002 - Jinja's signature
        template: str,
    ) -> tuple[str, str, Callable[[], bool]]:
        """The text of a template. Errors: TemplateNotFound; LimitError for a huge file; UnicodeDecodeError."""
        path = self.find(template)
        if path is None:
            raise TemplateNotFound(template)
        if path.stat().st_size > MOST_BYTES:
            raise LimitError(f"the template is larger than {MOST_BYTES // 1000} kB")
        return path.read_text(encoding="utf-8-sig"), str(path), lambda: True

    def list_templates(self) -> list[str]:
        """Names of all templates."""
        found = {path.relative_to(folder).as_posix() for folder in self.folders for path in folder.rglob("*.j2")}
        return sorted(found)


class SheetEnvironment(ImmutableSandboxedEnvironment):
    """The sandbox that renders sheets. State: the budget of the running rendering and its language."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self, folders: Sequence[Path], *, report: Report, language: str) -> None:
        loader = FolderLoader(folders)
        super().__init__(
            loader=loader,
            undefined=recording_undefined(report),
            autoescape=True,
            finalize=write_value,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            # Nothing is carried out while compiling: every fault then has its line, and every step is counted.
            optimized=False,
        )
        self.folder_loader = loader
        self.language = language
        self.budget = Budget()
        self.filters = dict(FILTERS)
        self.tests = dict(TESTS)
        self.globals = {"range": limited_range, "namespace": self.globals["namespace"]}
        # Every join of finished texts goes through here: output, macros, blocks.
        self.concat = join_capped  # type: ignore[method-assign]

    def parse_plain(self, source: str, name: str, filename: str) -> nodes.Template:
        """The tree of a template as written, without the limits put in."""
        return super()._parse(source, name, filename)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        limited = LimitLoops().visit(tree)
        limited.set_environment(self)
        return limited  # type: ignore[no-any-return]

    def get_template(self, name: Any, parent: Any = None, globals: Any = None) -> Template:  # noqa: A002 - Jinja's name
        """A template; each one is a step, because includes can repeat without a loop."""
        self.budget.step()
        return super().get_template(name, parent, globals)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Texts and mappings offer a few methods; everything else what the immutable sandbox allows."""
        if isinstance(obj, str):
            return attr in _TEXT_METHODS
        if isinstance(obj, dict):
            return attr in _DICT_METHODS
        if isinstance(obj, (list, tuple, int, float, bytes, range)):
            return False
        return super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> None:  # noqa: ARG002
        """No `format` at all: a width of a billion is a text of a gigabyte."""
        return

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ARG002
        """`+ * ** %` within limits."""
        return limited_binop(operator, left, right)

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805
        """A call is a step: macros can call each other without a loop."""
        __self.budget.step()
        return super().call(__context, __obj, *args, **kwargs)
