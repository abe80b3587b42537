"""YAML text to nodes with places: raw scalars, repeated keys found, sizes and depths limited.

First step of the language. PyYAML tells the events; nothing is constructed, so `no`, `012` and `1:30` stay the text
that a person typed and no tag can run code. Anchors and aliases are refused: 300 bytes of them can expand to gigabytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from kamxl.digests import digest_of
from kamxl.problems import KamxlError, Place, Problem
from kamxl.records import dataclass, field

MOST_BYTES = 1_000_000
MOST_DEPTH = 40
MOST_NODES = 100_000

# libyaml's parser is six times faster; its marks are the same.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


# Where a node begins and ends as PyYAML marks it, its file, and the keys above it.
Span = tuple[Any, Any, str, str]


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
    """Keys and values in file order."""

    entries: tuple[Entry, ...]
    at: Place | Span

    def get(self, key: str) -> SourceNode | None:
        """The value of a key, or None."""
        for entry in self.entries:
            if entry.name == key:
                return entry.value
        return None

    def keys(self) -> tuple[str, ...]:
        """The keys in file order."""
        return tuple(entry.name for entry in self.entries)


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


# What only faulty files have: blanks of a word processor in an indentation; a key glued to its value.
_WIDE_INDENT = r"[ \t]*[\u00a0\u2000-\u200a\u202f\u3000]"
_GLUED_COLON = r"\s*([^\W\d]\w*):([^\s:{}\[\]].*)"
# The first part of a number that a comma splits, and the other one.
_BEFORE_COMMA, _BEHIND_COMMA = r"[\d ]*\d,$", r"\d+"


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
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - (raw.rfind(b"\n", 0, error.start) + 1) + 1
        raise KamxlError(
            Problem(
                "KX002",
                f"byte 0x{raw[error.start]:02x} is not UTF-8 text",
                Place(file, line, column),
                help=f"save the file with encoding UTF-8 (it looks like {_encoding_like(raw)})",
            )
        ) from error
    return parse_text(text, file)


def _encoding_like(raw: bytes) -> str:
    return "UTF-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "Latin-1 or Windows-1252"


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


def _events(text: str) -> Iterator[Any]:
    loader = _LOADER(text)
    try:
        while loader.check_event():
            yield loader.get_event()
    finally:
        loader.dispose()


def _tree(text: str, document: Document) -> Any:
    """The one document of a text as branches and scalar events; None for an empty text.

    Anchors, depth and size are refused on the way: composing is where hostile YAML costs time.
    """
    root: Any = None
    second: Any = None
    stack: list[_Branch] = []
    count = documents = 0
    try:
        for event in _events(text):
            count += 1
            kind = event.__class__
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
                raise KamxlError(_refused(event, len(stack) + is_branch, document))
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
    except yaml.YAMLError as error:
        raise KamxlError(_yaml_problem(error, document)) from error
    if second is not None:
        another = yaml.MarkedYAMLError(problem="but found another document", problem_mark=second.start_mark)
        raise KamxlError(_yaml_problem(another, document))
    return root


def _refused(event: Any, depth: int, document: Document) -> Problem:
    place = Place(document.file, event.start_mark.line + 1, event.start_mark.column + 1)
    if getattr(event, "anchor", None) is not None:
        hint = "write the value out, or put it in quotes if it is a text"
        return document.problem("KX006", "anchors (&) and aliases (*) are not allowed", place, help=hint)
    if depth > MOST_DEPTH:
        return document.problem("KX005", f"file is nested more than {MOST_DEPTH} deep", place)
    return document.problem("KX005", f"file has more than {MOST_NODES} values", place)


def _yaml_problem(error: yaml.YAMLError, document: Document) -> Problem:
    mark, opened = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    words = str(getattr(error, "problem", "") or "").lower() or "the text is not YAML"
    notes: tuple[tuple[str, Place], ...] = ()
    if opened is not None and "flow" in str(getattr(error, "context", "")):
        begin = Place(document.file, opened.line + 1, opened.column + 1)
        notes = (("what is not finished begins here", begin),)
        if line > len(document.lines):
            # Behind the last line there is nothing to show; the bracket that was never closed is.
            line, column, words, notes = begin.line, begin.column, "this bracket is never closed", ()
    source_line = document.line(line)
    hint = "check indentation, colons and quotes on this line and the one above"
    before = document.line(line - 1)
    if "\t" in source_line[: max(column, 1)] or "\\t" in words or "tab" in words:
        words, hint = "a tab stands where YAML wants spaces", "indent with spaces"
    elif wide := next((at for at in (line, line - 1) if re.match(_WIDE_INDENT, document.line(at))), 0):
        return _wide_indent(wide, document)
    elif source_line[column - 1 : column] == "[":
        hint = "between braces, a text that holds `[` needs quotes around it"
    elif source_line[column - 1 : column] in tuple(">%@`"):
        hint = f"a text that begins with `{source_line[column - 1]}` needs quotes; a band is written `100 and over`"
    elif glued := re.match(_GLUED_COLON, before):
        hint = f"on the line above, put a space after the colon: `{glued[1]}: {glued[2]}`"
    return Problem("KX003", words, Place(document.file, line, column), help=hint, notes=notes, source_line=source_line)


def _wide_indent(line: int, document: Document) -> Problem:
    return document.problem(
        "KX003",
        "a no-break space stands where YAML wants spaces",
        Place(document.file, line, 1),
        help="delete the blanks before the text and type them anew",
    )


def _place_of(span: Span) -> Place:
    start, end, file, path = span
    length = end.column - start.column if end.line == start.line else 1
    return Place(file, start.line + 1, start.column + 1, max(1, length), path)


def _join_split_numbers(node: Any, document: Document) -> list[tuple[Any, Any]]:
    """The pairs of a mapping, those joined again that a decimal comma split: `{weight: 1,5}` is `weight: 1` and `5`."""
    keys = node.nodes[::2]
    pairs: list[tuple[Any, Any]] = list(zip(keys, node.nodes[1::2], strict=True))
    if not node.flow_style or not any(_begins_with_digit(key) for key in keys):
        return pairs
    joined: list[tuple[Any, Any]] = []
    for key, value in pairs:
        if joined and _is_split(key, document) and (_is_nothing(value) or _is_nothing(joined[-1][1])):
            first_key, first_value = joined.pop()
            whole = first_value if _is_text(first_value) and not _is_nothing(first_value) else first_key
            _report_split(key, document)
            whole.value = f"{whole.value}.{key.value}"
            joined.append((first_key, first_value if whole is first_value else value))
        else:
            joined.append((key, value))
    return joined


def _is_text(node: Any) -> bool:
    return node.__class__ is yaml.ScalarEvent


def _is_nothing(node: Any) -> bool:
    return _is_text(node) and node.value == "" and not node.style


def _begins_with_digit(key: Any) -> bool:
    return _is_text(key) and not key.style and key.value[:1].isdecimal()


def _is_split(key: Any, document: Document) -> bool:
    """Whether a key begins right behind a digit and a comma."""
    if not _begins_with_digit(key):
        return False
    line, column = document.line(key.start_mark.line + 1), key.start_mark.column
    return line[column - 1 : column] == "," and line[column - 2 : column - 1].isdigit()


def _report_split(key: Any, document: Document) -> None:
    line, column = key.start_mark.line + 1, key.start_mark.column + 1
    first = re.search(_BEFORE_COMMA, document.line(line)[max(0, column - 41) : column - 1])
    second = re.match(_BEHIND_COMMA, key.value)
    written = (first[0].lstrip() if first else ",") + (second[0] if second else "")
    place = Place(document.file, line, column + (len(second[0]) if second else 0) - len(written), len(written))
    hint = f"write decimals with a point: `{written.replace(',', '.')}`"
    if len(written.partition(",")[2]) == 3:
        hint = f"write thousands without a mark: `{written.replace(',', '')}`; {hint}"
    document.problems.append(
        document.problem(
            "KX103",
            f"the comma of `{written}` ends the entry: within braces it separates entries",
            place,
            help=hint,
        )
    )


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _report_again(again: Sequence[tuple[str, Span]], entries: dict[str, Entry], document: Document) -> None:
    """Keys that are given twice in one mapping: one fault, since several are those of a part that lost its name."""
    first, at = again[0]
    message, hint = f"key `{first}` is given twice", "keep one of them"
    if len(again) > 1:
        message = f"{len(again)} keys are given twice, from `{first}` to `{again[-1][0]}`"
        hint = f"keep one of each, or write the missing name above `{first}`"
    notes = (("first given here", entries[first].place),)
    document.problems.append(document.problem("KX004", message, _place_of(at), help=hint, notes=notes))


def _convert(node: Any, document: Document, path: str) -> SourceNode:
    span = (node.start_mark, node.end_mark, document.file, path)
    if node.__class__ is yaml.ScalarEvent:
        return Scalar(node.value, span, node.style in ("'", '"', "|", ">"))
    if not node.is_mapping:
        items = tuple(_convert(item, document, _below(path, str(at))) for at, item in enumerate(node.nodes, 1))
        return Items(items, span)
    entries: dict[str, Entry] = {}
    again: list[tuple[str, Span]] = []
    for key_node, value_node in _join_split_numbers(node, document):
        if not _is_text(key_node):
            document.problems.append(
                document.problem(
                    "KX103",
                    "a key must be a plain text",
                    _place_of((key_node.start_mark, key_node.end_mark, document.file, path)),
                )
            )
            continue
        name: str = key_node.value
        if not name.isascii() and re.match(_WIDE_INDENT, name):
            # Such a key hangs somewhere else than where it seems to: nothing below it means what it should.
            raise KamxlError(_wide_indent(key_node.start_mark.line + 1, document))
        inside = f"{path}.{name}" if path else name
        at = (key_node.start_mark, key_node.end_mark, document.file, inside)
        if name in entries:
            again.append((name, at))
            continue
        entries[name] = Entry(name, _convert(value_node, document, inside), at)
    if again:
        _report_again(again, entries, document)
    return Mapping(tuple(entries.values()), span)
