"""YAML text to nodes with places: raw scalars, repeated keys found, sizes and depths limited.

First step of the language. PyYAML tells the events; nothing is constructed, so `no`, `012` and `1:30` stay the text
that a person typed and no tag can run code. Anchors and aliases are refused: 300 bytes of them can expand to gigabytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import yaml

from kamxl.digests import digest_of
from kamxl.problems import KamxlError, Place, Problem
from kamxl.records import dataclass, field

MOST_BYTES = 1_000_000
MOST_DEPTH = 40
MOST_NODES = 100_000
# Blanks of a word processor, which YAML takes for letters.
WIDE_BLANKS = frozenset("\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000")

# libyaml's parser is six times faster; its marks are the same.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


# What PyYAML tells of a node, with the marks where it begins and ends; its file, and the keys above it.
Span = tuple[Any, str, str]


class _Placed:
    """A node with a place: made of a span where somebody asks for it, for most nodes nobody does."""

    __slots__ = ()
    at: Place | Span

    @property
    def place(self) -> Place:
        """Where the node stands."""
        return self.at if isinstance(self.at, Place) else _place_of(self.at)


@dataclass(frozen=True, slots=True)
class Scalar(_Placed):
    """A plain or quoted text with its place."""

    text: str
    at: Place | Span
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Entry(_Placed):
    """A key of a mapping with its value; its place is that of the key."""

    name: str
    value: SourceNode
    at: Place | Span


@dataclass(frozen=True, slots=True)
class Mapping(_Placed):
    """Keys and values in file order. Shapes: key_places (n,)."""

    nodes: dict[str, SourceNode]
    key_places: tuple[Place | Span, ...]
    at: Place | Span

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every key with its value and its place."""
        return tuple(map(Entry, self.nodes, self.nodes.values(), self.key_places))

    def get(self, key: str) -> SourceNode | None:
        """The value of a key, or None."""
        return self.nodes.get(key)

    def keys(self) -> tuple[str, ...]:
        """The keys in file order."""
        return tuple(self.nodes)

    def place_of(self, key: str) -> Place:
        """Where a key stands."""
        return next(entry.place for entry in self.entries if entry.name == key)


def mapping_with(entries: Sequence[Entry], at: Place | Span) -> Mapping:
    """A mapping of entries with different keys."""
    return Mapping({entry.name: entry.value for entry in entries}, tuple(entry.at for entry in entries), at)


@dataclass(frozen=True, slots=True)
class Items(_Placed):
    """A YAML list."""

    items: tuple[SourceNode, ...]
    at: Place | Span


SourceNode = Scalar | Mapping | Items


@dataclass(slots=True)
class Document:
    """A YAML file: its root, its lines, its digest, and the problems met while reading it."""

    root: SourceNode | None
    file: str
    lines: tuple[str, ...]
    digest: str
    problems: list[Problem] = field(default_factory=list)

    def problem(self, code: str, message: str, place: Place, **more: Any) -> Problem:
        """A problem that shows the user's own line."""
        return Problem(code, message, place, source_line=self.line(place.line), **more)

    def line(self, line_1based: int) -> str:
        """One line of the file as the user wrote it; empty beyond the end."""
        return self.lines[line_1based - 1] if 0 < line_1based <= len(self.lines) else ""


def read_document(path: Path) -> Document:
    """The nodes of a YAML file.

    Errors: KamxlError (KX0) when the file cannot be read or is no YAML; repeated keys are collected in `problems`.
    """
    try:
        raw = path.read_bytes() if path.stat().st_size <= MOST_BYTES else b"x" * (MOST_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        hint = "name the file in it" if isinstance(error, IsADirectoryError) else "check the path"
        raise KamxlError(Problem("KX001", f"file cannot be read: {reason}", Place(str(path)), help=hint)) from error
    return parse_bytes(raw, str(path))


def parse_bytes(raw: bytes, file: str) -> Document:
    """The nodes of YAML bytes; `file` is the name that places show."""
    if len(raw) > MOST_BYTES:
        raise KamxlError(
            Problem("KX005", f"file is larger than {MOST_BYTES // 1000} kB", Place(file), help="split the file")
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        from kamxl.language.unsound import not_utf8

        raise KamxlError(not_utf8(raw, error, file)) from error
    return parse_text(text, file)


def parse_text(text: str, file: str = "<text>") -> Document:
    """The nodes of YAML text."""
    lines = tuple(text.splitlines())
    digest = digest_of(text.replace("\r\n", "\n").encode("utf-8"))
    document = Document(None, file, lines, digest)
    root = _tree(text, document)
    if root is not None:
        document.root = _convert(root, document, "")
    return document


class _Branch:
    """A mapping or a list under construction. State: the nodes in it, keys and values of a mapping in turn."""

    __slots__ = ("end_mark", "flow_style", "is_mapping", "nodes", "start_mark")

    def __init__(self, start: Any, *, is_mapping: bool) -> None:
        self.start_mark = start.start_mark
        self.end_mark = start.end_mark
        self.flow_style = start.flow_style
        self.is_mapping = is_mapping
        self.nodes: list[Any] = []


def _tree(text: str, document: Document) -> Any:
    """The one document of a text as branches and scalar events; None for an empty text."""
    loader = None
    try:
        loader = _LOADER(text)
        return _composed(loader.get_event, document)
    except yaml.YAMLError as error:
        from kamxl.language.unsound import not_yaml

        raise KamxlError(not_yaml(error, document)) from error
    finally:
        if loader is not None:
            loader.dispose()


def _composed(next_event: Callable[[], Any], document: Document) -> Any:
    """The tree of the events of a text. Errors: YAMLError.

    Anchors, depth and size are refused on the way: composing is where hostile YAML costs time.
    """
    root: Any = None
    second: Any = None
    stack: list[_Branch] = []
    count = documents = 0
    while (kind := (event := next_event()).__class__) is not yaml.StreamEndEvent:
        count += 1
        if kind is yaml.ScalarEvent and stack and event.anchor is None and count <= MOST_NODES:
            stack[-1].nodes.append(event)
            continue
        node = event
        if kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            stack.pop().end_mark = event.end_mark
            continue
        if kind is yaml.DocumentStartEvent:
            documents += 1
            second = event if documents == 2 else second
        is_mapping = kind is yaml.MappingStartEvent
        is_branch = is_mapping or kind is yaml.SequenceStartEvent
        if getattr(event, "anchor", None) is not None or len(stack) + is_branch > MOST_DEPTH or count > MOST_NODES:
            from kamxl.language.unsound import refused

            raise KamxlError(refused(event, len(stack) + is_branch, document))
        if is_branch:
            node = _Branch(event, is_mapping=is_mapping)
        elif kind is not yaml.ScalarEvent:
            continue
        if stack:
            stack[-1].nodes.append(node)
        elif documents == 1:
            root = node
        if is_branch:
            stack.append(node)
    if second is not None:
        raise yaml.MarkedYAMLError(problem="but found another document", problem_mark=second.start_mark)
    return root


def _place_of(span: Span) -> Place:
    node, file, path = span
    start, end = node.start_mark, node.end_mark
    length = end.column - start.column if end.line == start.line else 1
    return Place(file, start.line + 1, start.column + 1, max(1, length), path)


def _join_split_numbers(node: Any, document: Document) -> list[tuple[Any, Any]]:
    """The pairs of a mapping, those joined again that a decimal comma split: `{weight: 1,5}` is `weight: 1` and `5`."""
    pairs: list[tuple[Any, Any]] = list(zip(node.nodes[::2], node.nodes[1::2], strict=True))
    if not node.flow_style:
        return pairs
    joined: list[tuple[Any, Any]] = []
    for key, value in pairs:
        if joined and _is_split(key, document) and (_is_nothing(value) or _is_nothing(joined[-1][1])):
            from kamxl.language.unsound import split_number

            first_key, first_value = joined.pop()
            whole = first_value if _is_text(first_value) and not _is_nothing(first_value) else first_key
            document.problems.append(split_number(key, document))
            whole.value = f"{whole.value}.{key.value}"
            joined.append((first_key, first_value if whole is first_value else value))
        else:
            joined.append((key, value))
    return joined


def _is_text(node: Any) -> bool:
    return node.__class__ is yaml.ScalarEvent


def _is_nothing(node: Any) -> bool:
    return _is_text(node) and node.value == "" and not node.style


def _is_split(key: Any, document: Document) -> bool:
    """Whether a key begins right behind a digit and a comma."""
    if not _is_text(key) or key.style or not key.value[:1].isdecimal():
        return False
    line, column = document.line(key.start_mark.line + 1), key.start_mark.column
    return line[column - 1 : column] == "," and line[column - 2 : column - 1].isdigit()


def _convert(node: Any, document: Document, path: str) -> SourceNode:
    span = (node, document.file, path)
    if node.__class__ is yaml.ScalarEvent:
        return Scalar(node.value, span, bool(node.style))
    if not node.is_mapping:
        items = tuple(_convert(item, document, _below(path, str(at))) for at, item in enumerate(node.nodes, 1))
        return Items(items, span)
    nodes: dict[str, SourceNode] = {}
    key_places: list[Place | Span] = []
    again: list[tuple[str, Span]] = []
    for key_node, value_node in _join_split_numbers(node, document):
        if not _is_text(key_node):
            place = _place_of((key_node, document.file, path))
            document.problems.append(document.problem("KX103", "a key must be a plain text", place))
            continue
        name: str = key_node.value
        if not name.isascii() and name.lstrip(" \t")[:1] in WIDE_BLANKS:
            from kamxl.language.unsound import wide_indent

            # Such a key hangs somewhere else than where it seems to: nothing below it means what it should.
            raise KamxlError(wide_indent(key_node.start_mark.line + 1, document))
        inside = f"{path}.{name}" if path else name
        at = (key_node, document.file, inside)
        if name in nodes:
            again.append((name, at))
            continue
        key_places.append(at)
        nodes[name] = _convert(value_node, document, inside)
    mapping = Mapping(nodes, tuple(key_places), span)
    if again:
        from kamxl.language.unsound import given_again

        (first, at), names = again[0], [name for name, _ in again]
        document.problems.append(given_again(names, _place_of(at), mapping.place_of(first), document))
    return mapping


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
