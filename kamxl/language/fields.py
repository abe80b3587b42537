"""One YAML mapping read field by field: unknown keys, missing keys and wrong kinds become problems with places.

Used by the readers of rule files and process files; every getter returns a usable value even after a problem, so that
one run shows all faults and no fault causes another.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from kamxl.language.condition import ExpressionError, parse_expression
from kamxl.language.expression import Node
from kamxl.language.keys import Key
from kamxl.language.model import LANGUAGES, Label
from kamxl.language.source import Document, Items, Mapping, Scalar, SourceNode, mapping_with
from kamxl.problems import Place, Problem, nearest, suggest
from kamxl.records import replace
from kamxl.values import date_of, parse_date

# What people put into numbers: a decimal comma, marks between thousands, a currency. Sound files need neither pattern.
_COMMA_NUMBER = r"([+-]?\d[\d ]*),(\d+)(\s*%?)"
_ADORNED_NUMBER = r"(?:[$€£]|CAD|USD|EUR)?\s*([+-]?[\d',. ]*\d)\s*(k|m|M|[$€£]|CAD|USD|EUR)?"
_WIDE_BLANKS = str.maketrans(dict.fromkeys("\u00a0\u202f\u2009", " "))
_NUMBER = re.compile(r"[+-]?(?=\.?\d)(?:\d[\d_ ]*)?(?:\.\d+)?(?:[eE][+-]?\d+)?")
_KINDS = {Scalar: "a single value", Mapping: "keys and values", Items: "a list"}
Built = TypeVar("Built")


def describe(node: SourceNode) -> str:
    """What a node is, in user words."""
    return _KINDS[type(node)]


def plain_number(text: str) -> tuple[float, bool] | None:
    """(number, written as percent) of a YAML scalar such as `12`, `1_000`, `15%`; None when it is no number."""
    bare = (text if text.isascii() else text.translate(_WIDE_BLANKS)).strip()
    percent = bare.endswith("%")
    if percent:
        bare = bare[:-1].rstrip()
    if not _NUMBER.fullmatch(bare):
        return None
    number = float(bare.replace("_", "").replace(" ", ""))
    if number in (float("inf"), float("-inf")):
        return None
    return (number / 100 if percent else number), percent


def number_hint(text: str) -> str:
    """How the number that a person meant is written here; empty where nothing looks like one."""
    bare = text.translate(_WIDE_BLANKS).strip()
    comma = re.fullmatch(_COMMA_NUMBER, bare)
    if comma:
        return f"write decimals with a point: `{comma[1]}.{comma[2]}{comma[3].strip()}`"
    if re.fullmatch(_ADORNED_NUMBER, bare):
        return "write digits only, without currency, letters and marks between thousands: `100000`"
    return ""


# A text that people read; a cell of Excel holds 32,767 characters, and a label stands in every row.
MOST_TEXT = 2000


class Fields:
    """The fields of one mapping. State: the problems of the document, to which every getter adds."""

    def __init__(self, node: SourceNode, document: Document, keys: Sequence[Key], *, what: str) -> None:
        self.document = document
        self.mapping = node if isinstance(node, Mapping) else mapping_with((), node.at)
        self.doubts: set[str] = set()
        """Keys whose value is not what was meant: wrong, or under a misspelt key."""
        if not isinstance(node, Mapping):
            self.report("KX103", f"{what} must be keys and values, not {describe(node)}", node.place)
        else:
            self._check_keys(keys, what)

    @property
    def place(self) -> Place:
        """Where the mapping stands."""
        return self.mapping.place

    def report(self, code: str, message: str, place: Place, *, hint: str = "") -> None:
        """A problem at a place of this document."""
        self.document.problems.append(self.document.problem(code, message, place, help=hint))

    def _check_keys(self, keys: Sequence[Key], what: str) -> None:
        known = [key.name for key in keys]
        required = [key.name for key in keys if key.required]
        absent = [name for name in required if self.mapping.get(name) is None]
        meant: dict[str, str] = {}
        for name in self.mapping.nodes:
            if name in known:
                if name in required and self.node(name) is None:
                    self.report(
                        "KX101",
                        f"`{name}` is left empty in {what}",
                        self.mapping.place_of(name),
                        hint="give it a value",
                    )
                continue
            # A look-alike of a missing key is one typo, not two mistakes.
            guess = nearest(name, absent)
            if guess is not None:
                absent.remove(guess)
                meant[name] = guess
            unused = [key for key in known if self.mapping.get(key) is None]
            self.doubts |= {meant_key} if (meant_key := nearest(name, unused)) is not None else set()
            hint = f"did you mean `{guess}`?" if guess else suggest(name, unused)
            self.report("KX102", f"unknown key `{name}` in {what}", self.mapping.place_of(name), hint=hint)
        for name in absent:
            self.report("KX101", f"key `{name}` is missing in {what}", self.place, hint=f"add `{name}:`")
        if meant:
            # What stands under the misspelt key is read, so that names declared in it are not all unknown.
            renamed = [replace(entry, name=meant.get(entry.name, entry.name)) for entry in self.mapping.entries]
            self.mapping = mapping_with(renamed, self.mapping.at)

    def node(self, key: str) -> SourceNode | None:
        """The raw node of a key; None when it is absent or left empty."""
        node = self.mapping.get(key)
        if isinstance(node, Scalar) and not node.text and not node.quoted:
            return None
        return node

    def scalar(self, key: str) -> Scalar | None:
        """The single value of a key."""
        node = self.node(key)
        if node is None or isinstance(node, Scalar):
            return node
        self.report("KX103", f"`{key}` must be a single value, not {describe(node)}", node.place)
        return None

    def text(self, key: str, default: str = "") -> str:
        """The text of a key."""
        scalar = self.scalar(key)
        return scalar.text if scalar is not None else default

    def number(self, key: str, default: float | None = None) -> float | None:
        """The number of a key; percents are divided by 100."""
        scalar = self.scalar(key)
        if scalar is None:
            return default
        return self.number_of(scalar, f"`{key}`", default)

    def number_of(self, scalar: SourceNode, what: str, default: float | None = None) -> float | None:
        """The number that a scalar holds."""
        found = plain_number(scalar.text) if isinstance(scalar, Scalar) else None
        if found is None:
            shown = f"`{scalar.text}`" if isinstance(scalar, Scalar) else describe(scalar)
            hint = number_hint(scalar.text) if isinstance(scalar, Scalar) else ""
            self.report("KX103", f"{what} must be a number, not {shown}", scalar.place, hint=hint)
            return default
        return found[0]

    def choice(self, key: str, choices: Sequence[str], default: str) -> str:
        """One of a few words."""
        scalar = self.scalar(key)
        if scalar is None:
            return default
        if scalar.text in choices:
            return scalar.text
        hint = suggest(scalar.text, list(choices))
        self.report("KX103", f"`{key}` cannot be `{scalar.text}`", scalar.place, hint=hint)
        self.doubts.add(key)
        return default

    def yes_no(self, key: str, *, default: bool = False) -> bool:
        """A yes or no."""
        scalar = self.scalar(key)
        if scalar is None:
            return default
        word = scalar.text.casefold()
        if word in ("true", "yes", "on"):
            return True
        if word in ("false", "no", "off"):
            return False
        hint = "write `yes` or `no`"
        self.report("KX103", f"`{key}` must be yes or no, not `{scalar.text}`", scalar.place, hint=hint)
        return default

    def texts(self, key: str) -> tuple[Scalar, ...]:
        """A list of texts; a single text is a list of one."""
        node = self.node(key)
        if node is None:
            return ()
        if isinstance(node, Scalar):
            return (node,)
        if isinstance(node, Items):
            found = []
            for item in node.items:
                if isinstance(item, Scalar):
                    found.append(item)
                else:
                    self.report("KX103", f"`{key}` must list texts, not {describe(item)}", item.place)
            return tuple(found)
        self.report("KX103", f"`{key}` must be a list, not {describe(node)}", node.place)
        return ()

    def label(self, key: str, default: str = "") -> Label:
        """A text, or a text per language."""
        node = self.node(key)
        if node is None:
            return Label((("en", default),)) if default else Label(())
        return self.label_of(node, f"`{key}`")

    def label_of(self, node: SourceNode, what: str) -> Label:
        """The label that a node holds."""
        if isinstance(node, Scalar):
            return Label((("en", self._bounded(node, what)),))
        if not isinstance(node, Mapping):
            self.report("KX103", f"{what} must be a text or a text per language", node.place)
            return Label(())
        texts = []
        for language, text in node.nodes.items():
            if language not in LANGUAGES:
                hint = suggest(language, list(LANGUAGES))
                self.report("KX102", f"unknown language `{language}` in {what}", node.place_of(language), hint=hint)
            elif isinstance(text, Scalar):
                texts.append((language, self._bounded(text, what)))
            else:
                self.report("KX103", f"{what} must hold texts", text.place)
        return Label(tuple(texts))

    def _bounded(self, scalar: Scalar, what: str) -> str:
        if len(scalar.text) <= MOST_TEXT:
            return scalar.text
        self.report("KX005", f"{what} is longer than {MOST_TEXT:,} characters", scalar.place, hint="shorten it")
        return scalar.text[:MOST_TEXT]

    def date(self, key: str) -> dt.date | None:
        """A date written 2026-01-31."""
        scalar = self.scalar(key)
        if scalar is None:
            return None
        try:
            return dt.date.fromisoformat(scalar.text.strip())
        except ValueError:
            serial = parse_date(scalar.text, day_first=True)
            day = date_of(serial) if serial is not None else None
            hint = f"write `{day.isoformat()}`" if day is not None else ""
            message = f"`{key}` must be a date such as 2026-01-31, not `{scalar.text}`"
            self.report("KX103", message, scalar.place, hint=hint)
            return None

    def mapping_of(self, key: str, build: Callable[[str, SourceNode, Place], Built | None]) -> tuple[Built, ...]:
        """What `build` makes of each named entry of a mapping; `build` gets name, node and place of the name."""
        node = self.node(key)
        if node is None:
            return ()
        if not isinstance(node, Mapping):
            self.report("KX103", f"`{key}` must be keys and values, not {describe(node)}", node.place)
            return ()
        built = [build(entry.name, entry.value, entry.place) for entry in node.entries]
        return tuple(item for item in built if item is not None)

    def expression(self, scalar: Scalar) -> Node | None:
        """The tree of an expression; a fault is reported under the smallest wrong thing."""
        try:
            return parse_expression(scalar.text)
        except ExpressionError as error:
            self.report_expression(error, scalar)
            return None

    def report_expression(self, error: ExpressionError, scalar: Scalar) -> None:
        """A fault inside an expression, placed in the file; one without words follows from another one."""
        for one in (error, *error.more):
            if one.message:
                self.document.problems.append(expression_problem(one, scalar, self.document))


def expression_problem(error: ExpressionError, scalar: Scalar, document: Document) -> Problem:
    """The problem of an expression error. A scalar on one line gets its caret inside; a folded one at its start."""
    place = scalar.place
    line = document.line(place.line)
    at = line.find(scalar.text, place.column - 1)
    if at >= 0:
        place = Place(place.file, place.line, at + 1 + error.start, error.length, place.path)
    return document.problem(error.code, error.message, place, help=error.help)
