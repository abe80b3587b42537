"""Which texts of problems have no French: used on problems that tests make, and on the texts of the sources."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from kamxl.french.catalogue import Pair, french_help, french_note, french_sentence
from kamxl.problems import Problem


def untranslated(problems: Iterable[Problem]) -> list[str]:
    """`KX102 sentence` of everything in these problems that would stay English."""
    found = []
    for problem in problems:
        if french_sentence(problem.code, problem.message) is None:
            found.append(f"{problem.code} {problem.message}")
        if problem.help and french_help(problem.help) is None:
            found.append(f"{problem.code} help: {problem.help}")
        found += [f"{problem.code} note: {text}" for text, _ in problem.notes if french_note(text) is None]
    return found


# Calls whose texts are said to a user, by the position of the sentence; what follows it is the way out.
_SAYS = {"Problem": 1, "problem": 1, "report": 1, "_failure": 1, "_fault": 1, "fault": 1, "_problem": 1, "_usage": 0,
         "Reading": 2, "ExpressionError": 0, "PointsError": 1, "OoxmlError": 1, "damaged": 0, "hostile": 0,
         "LimitError": 0, "SecurityError": 0, "another_book": 1, "_not_applied": 0, "_hole": 0, "_report": 1,
         "Finding": 1, "FaultError": 0, "_refused": 0, "_unusable": 0, "_not_saved": 0}  # fmt: skip
_NAMES = {"message", "notes", "note", "hint", "hints", "help", "help_", "help_text", "sentence"}


def spoken_texts(tree: ast.Module) -> Iterator[str]:
    """Texts of a module that are part of a problem, f-strings with `§` for their parts."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            said = node.args[_SAYS[name] :] if name in _SAYS else []
            for value in [*said, *(word.value for word in node.keywords if word.arg in _NAMES and name in _SAYS)]:
                yield from _texts(value)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                yield from _assigned(target, node.value)


def _assigned(target: ast.expr, value: ast.expr) -> Iterator[str]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for each, part in zip(target.elts, value.elts, strict=False):
            yield from _assigned(each, part)
    elif isinstance(target, ast.Name) and target.id in _NAMES:
        yield from _texts(value)


def _texts(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "§" for part in node.values)
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        for left in _texts(node.left) or ["§"]:
            yield from (left + right for right in _texts(node.right))
    elif isinstance(node, ast.Tuple):
        for part in node.elts:
            yield from _texts(part)


def has_french(text: str, pairs: Iterable[Pair]) -> bool:
    """Whether a text of the sources, `§` for its parts, is the English of one of these pairs, or a piece of it."""
    form = re.compile(".*" + ".*".join(map(re.escape, text.split("§"))) + ".*", re.DOTALL)
    spoken = [pair for pair in pairs if re.sub(r"\{\w*\}", "", pair.english).strip()]
    return any(pair.lax.fullmatch(text) or form.fullmatch(pair.english) for pair in spoken)
