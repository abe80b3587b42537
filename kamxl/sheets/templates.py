"""Templates checked and rendered: every fault as a Problem with `file:line`, all of them in one run.

`check` reads the trees of all templates in reach without rendering them; `render` reports what only shows when the
template meets real clients.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError, UndefinedError, meta, nodes
from jinja2.exceptions import SecurityError

from kamxl.problems import Place, Problem, Severity, suggest
from kamxl.sheets.clients import known_keys
from kamxl.sheets.context import CONTEXT_NAMES
from kamxl.sheets.filters import FILTER_NAMES, TESTS
from kamxl.sheets.functions import FUNCTION_NAMES
from kamxl.sheets.limits import LimitError, join_capped
from kamxl.sheets.sandbox import SheetEnvironment
from kamxl.sheets.unknown_names import template_position

_JINJA_NAMES = ("loop", "self", "super", "caller", "varargs", "kwargs")
# What a template can provoke besides Jinja's own errors; anything else is our bug and stays a traceback.
_FAULTS = (
    TemplateError,
    ArithmeticError,
    TypeError,
    ValueError,
    LookupError,
    AttributeError,
    RecursionError,
    MemoryError,
)
_PATIENCE = 200


class Templates:
    """The templates of some folders in one language. State: the problems found so far, and lines of files read."""

    def __init__(self, folders: Sequence[Path], *, language: str) -> None:
        self.environment = SheetEnvironment(folders, report=self._unknown, language=language)
        self.problems: dict[Problem, None] = {}
        self._lines: dict[str, list[str]] = {}
        # Templates that went beyond their limits: one department has waited for them, the others need not.
        self._beyond: set[str] = set()
        self._offered: tuple[str, ...] = (*CONTEXT_NAMES, *FUNCTION_NAMES)

    def find(self, name: str) -> Path | None:
        """The file of a name within the folders, or None."""
        return self.environment.folder_loader.find(name)

    def check(self, names: Iterable[tuple[str, Place]]) -> tuple[Problem, ...]:
        """Faults of templates and of all that they include, found without rendering. `names` come with who asks."""
        before = len(self.problems)
        trees: dict[str, nodes.Template] = {}
        waiting = list(names)
        while waiting:
            name, place = waiting.pop()
            if name in trees:
                continue
            tree = self._parse(name, place)
            if tree is not None:
                trees[name] = tree
                waiting.extend(_references(tree, str(self.find(name))))
        declared = {name for tree in trees.values() for name in _names(tree, "store")}
        for name, tree in trees.items():
            self._check_tree(tree, str(self.find(name)), declared)
        return tuple(self.problems)[before:]

    def render(self, name: str, context: Mapping[str, Any], place: Place) -> str | None:
        """The text of a template; None when it has a fault, which is then among the problems."""
        if name in self._beyond:
            return None
        before = len(self.problems)
        self.environment.budget.start()
        text = None
        try:
            text = join_capped(self.environment.get_template(name).generate(**context))
        except _FAULTS as error:
            if isinstance(error, (SecurityError, RecursionError, MemoryError)):
                self._beyond.add(name)
            self._add(self._problem_of(error, name, place))
        return text if len(self.problems) == before else None

    def fault(self, code: str, message: str, hint: str) -> None:
        """A fault that a function of ours met, at the line that called it."""
        file, line = template_position()
        self._add(self._problem(code, message, file, line, hint))

    def _unknown(self, owner: Any, name: str, position: tuple[str, int]) -> None:
        if owner is None:
            message, hint = f"`{name}` is not defined", suggest(name, self._offered)
        else:
            known = known_keys(owner) or tuple(getattr(owner, "__dataclass_fields__", ())) or _keys(owner)
            what = "a client that this department sees" if known_keys(owner) else _describe(owner)
            message, hint = f"{what} has no `{name}`", suggest(name, known)
        self._add(self._problem("KX602", message, *position, hint, word=name))

    def _add(self, problem: Problem) -> None:
        # A name that the tree shows as unknown is met again while rendering.
        twin = any(known.place == problem.place and known.message == problem.message for known in self.problems)
        if not twin and len(self.problems) < _PATIENCE:
            self.problems[problem] = None

    def _problem(self, code: str, message: str, file: str, line: int, hint: str = "", *, word: str = "") -> Problem:
        text = self._line(file, line)
        found = re.search(rf"\b{re.escape(word)}\b", text) if word else None
        start, end = found.span() if found else (len(text) - len(text.lstrip()), len(text.rstrip()))
        place = Place(file, line, start + 1, max(1, end - start)) if line else Place(file)
        return Problem(code, message, place, Severity.ERROR, hint, source_line=text)

    def _line(self, file: str, line: int) -> str:
        if file not in self._lines:
            try:
                self._lines[file] = Path(file).read_text(encoding="utf-8-sig", errors="replace").splitlines()
            except OSError:
                self._lines[file] = []
        lines = self._lines[file]
        return lines[line - 1] if 0 < line <= len(lines) else ""

    def _parse(self, name: str, place: Place) -> nodes.Template | None:
        try:
            source, file, _ = self.environment.folder_loader.get_source(self.environment, name)
            # The limits are put in as for rendering: what cannot be limited is refused here already.
            self.environment.parse(source, name, file)
            return self.environment.parse_plain(source, name, file)
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            hint = "save the file with encoding UTF-8"
            self._add(self._problem("KX002", "the template is not UTF-8 text", str(self.find(name)), line, hint))
        except _FAULTS as error:
            self._add(self._problem_of(error, name, place))
        return None

    def _check_tree(self, tree: nodes.Template, file: str, declared: set[str]) -> None:
        filters, tests = self.environment.filters, self.environment.tests
        for node in [*tree.find_all(nodes.Filter), *tree.find_all(nodes.Test)]:
            kind, known, table = ("filter", FILTER_NAMES, filters)
            if isinstance(node, nodes.Test):
                kind, known, table = ("test", tuple(TESTS), tests)
            if node.name not in known:
                hint = suggest(node.name, known)
                message = f"unknown {kind} `{node.name}`"
                self._add(self._problem("KX602", message, file, node.lineno, hint, word=node.name))
                # Known from now on, so that the search for names below does not stop at it.
                table[node.name] = _pass_through
        given = {*self._offered, *self.environment.globals, *_JINJA_NAMES, *declared, *_tested(tree)}
        unknown = meta.find_undeclared_variables(tree) - given
        for name in tree.find_all(nodes.Name):
            if name.ctx == "load" and name.name in unknown:
                hint = suggest(name.name, self._offered)
                message = f"`{name.name}` is not defined"
                self._add(self._problem("KX602", message, file, name.lineno, hint, word=name.name))

    def _problem_of(self, error: BaseException, name: str, place: Place) -> Problem:
        file, line = _raised_at(error.__traceback__, set(self._files()))
        file = file or str(self.find(name) or name)
        match error:
            case TemplateSyntaxError():
                where = str(error.filename or file)
                hint = "see docs/templates.md for what a template may hold"
                return self._problem("KX601", _tidy(error.message or "syntax error"), where, error.lineno, hint)
            case TemplateNotFound():
                missing = f"template `{error.name}` is not found"
                choices = self.environment.folder_loader.list_templates()
                hint = suggest(str(error.name), choices)
                if not line and place.file in self._files():
                    file, line = place.file, place.line
                if line:
                    return self._problem("KX604", missing, file, line, hint, word=str(error.name))
                return Problem("KX604", missing, place, help=hint)
            case RecursionError():
                return self._problem("KX603", "the template calls itself without end", file, line)
            case LimitError() | MemoryError() | OverflowError():
                return self._problem("KX603", _tidy(str(error) or "the template needs too much memory"), file, line)
            case SecurityError():
                hint = "a template reads what it is given, and nothing of Python"
                return self._problem("KX603", _tidy(str(error)), file, line, hint)
            case UndefinedError():
                return self._problem("KX602", _tidy(str(error)), file, line)
        return self._problem("KX601", f"this line cannot be carried out: {_tidy(str(error))}", file, line)

    def _files(self) -> Iterator[str]:
        for name in self.environment.folder_loader.list_templates():
            yield str(self.find(name))


def _pass_through(value: Any, *_: Any, **__: Any) -> Any:
    return value


def _raised_at(traceback: TracebackType | None, files: set[str]) -> tuple[str, int]:
    """(file, line) of the innermost template in a traceback. Jinja gives template frames the template's own lines."""
    found = ("", 0)
    while traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        if file in files:
            found = (file, traceback.tb_lineno)
        traceback = traceback.tb_next
    return found


def _references(tree: nodes.Template, file: str) -> Iterator[tuple[str, Place]]:
    for node in tree.find_all((nodes.Extends, nodes.FromImport, nodes.Import, nodes.Include)):
        template = getattr(node, "template", None)
        if getattr(node, "ignore_missing", False):
            continue
        if isinstance(template, nodes.Const) and isinstance(template.value, str):
            yield template.value, Place(file, node.lineno, 1)


def _names(tree: nodes.Template, context: str) -> set[str]:
    names = {node.name for node in tree.find_all(nodes.Name) if node.ctx in (context, "param")}
    names |= {node.name for node in tree.find_all(nodes.Macro)}
    names |= {node.target for node in tree.find_all(nodes.Import)}
    for node in tree.find_all(nodes.FromImport):
        names |= {name[1] if isinstance(name, tuple) else name for name in node.names}
    return names


def _tested(tree: nodes.Template) -> set[str]:
    """Names that a template asks about before it uses them."""
    asked = [node for node in tree.find_all(nodes.Test) if node.name in ("defined", "undefined")]
    given = [node for node in tree.find_all(nodes.Filter) if node.name in ("default", "d")]
    return {node.node.name for node in (*asked, *given) if isinstance(node.node, nodes.Name)}


def _keys(owner: Any) -> tuple[str, ...]:
    return tuple(str(key) for key in owner) if isinstance(owner, Mapping) else ()


def _describe(owner: Any) -> str:
    name = type(owner).__name__.removesuffix("View").lower()
    return f"`{name}`" if hasattr(owner, "__dataclass_fields__") else "this value"


def _tidy(message: str) -> str:
    # Python names the class whose method it is; the template knows the function only.
    bare = re.sub(r"\b[A-Z]\w*\.(\w+\(\))", r"\1", message.strip().rstrip(".").replace("'", "`"))
    return bare[:1].lower() + bare[1:300]
