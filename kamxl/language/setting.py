"""One value of a rule file set to another: the text with that value replaced and every other character kept."""

from __future__ import annotations

import re

from kamxl.language.keys import MAPPINGS
from kamxl.language.source import Items, Mapping, Scalar, SourceNode, parse_text
from kamxl.problems import KamxlError, Place, Problem, nearest, suggest

# What YAML would read as something else than a plain text where it stands in braces.
_NEEDS_QUOTES = re.compile(r"[,\[\]{}#&*!|'\"@`]|: |^[-?:>]|^\s|\s$|^$")


def set_value(text: str, path: str, value: str, file: str = "<text>") -> str:
    """The text of a rule file in which the value at a path such as `families.history.weight` is another one.

    A key that the rule language knows and that is not there yet, such as `at_most` of a category, is added.
    Errors: KamxlError KX102 when there is no such key, with the nearest one; KX103 when keys and values stand there.
    """
    document = parse_text(text, file)
    node: SourceNode | None = document.root
    walked: list[str] = []
    for key in path.split("."):
        if isinstance(node, Mapping) and len(walked) == path.count(".") and _is_new(node, key):
            return _with_key(text, node, key, value)
        node = _below(node, key, walked, file)
        walked.append(key)
    if not isinstance(node, Scalar):
        keys = list(node.keys()) if isinstance(node, Mapping) else []
        raise KamxlError(
            Problem("KX103", f"`{path}` is no single value", Place(file, path=path), help=suggest("", keys))
        )
    lines = text.splitlines(keepends=True)
    line = lines[node.place.line - 1]
    start = node.place.column - 1
    end = start + (node.place.length if node.text or node.quoted else 0)
    shown = line[start:end]
    if node.text and node.text not in shown and not node.quoted:
        raise KamxlError(
            Problem("KX103", f"`{path}` runs over several lines", node.place, help="change it in the rule file")
        )
    lines[node.place.line - 1] = line[:start] + _quoted(value) + line[end:]
    return "".join(lines)


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' if _NEEDS_QUOTES.search(value) else value


def _is_new(node: Mapping, key: str) -> bool:
    """Whether a key of the rule language is missing here, and none looks like it that may be meant."""
    known = {one.name for mapping in MAPPINGS.values() for one in mapping}
    present = set(node.keys())
    return bool(present) and key in known - present and nearest(key, present) is None


def _with_key(text: str, node: Mapping, key: str, value: str) -> str:
    """The text with one more key, before the first one of a mapping."""
    lines = text.splitlines(keepends=True)
    line, at = lines[node.place.line - 1], node.place.column - 1
    entry = f"{key}: {_quoted(value)}"
    if line[at : at + 1] == "{":
        entry = f"{{{entry}, {line[at + 1 :].lstrip()}"
    else:
        entry = f"{entry}\n{' ' * at}{line[at:]}"
    lines[node.place.line - 1] = line[:at] + entry
    return "".join(lines)


def set_weight(text: str, path: str, value: str, file: str = "<text>") -> str:
    """The text with another value; a plain weight among percents makes plain numbers of the others.

    Weights in percent must add up to 100 %, so that no single one could be tried out: 20 % of three becomes 20 of them.
    """
    changed = set_value(text, path, value, file)
    *group, owner, last = ("", *path.split("."))
    if last != "weight" or not owner or value.strip().endswith("%"):
        return changed
    node: SourceNode | None = parse_text(changed, file).root
    for key in group[1:]:
        node = node.get(key) if isinstance(node, Mapping) else None
    for entry in node.entries if isinstance(node, Mapping) else ():
        weight = entry.value.get("weight") if isinstance(entry.value, Mapping) else None
        if entry.name != owner and isinstance(weight, Scalar) and weight.text.rstrip().endswith("%"):
            plain = weight.text.rstrip().rstrip("%").rstrip()
            changed = set_value(changed, ".".join([*group[1:], entry.name, "weight"]), plain, file)
    return changed


def _below(node: SourceNode | None, key: str, walked: list[str], file: str) -> SourceNode:
    where = ".".join(walked)
    if isinstance(node, Items):
        if key.isdigit() and 0 < int(key) <= len(node.items):
            return node.items[int(key) - 1]
        raise KamxlError(
            Problem("KX102", f"`{where}` has no item `{key}`", Place(file), help=f"items are 1 to {len(node.items)}")
        )
    found = node.get(key) if isinstance(node, Mapping) else None
    if found is None:
        keys = list(node.keys()) if isinstance(node, Mapping) else []
        inside = f" in `{where}`" if where else ""
        raise KamxlError(Problem("KX102", f"there is no key `{key}`{inside}", Place(file), help=suggest(key, keys)))
    return found
