"""Numbers changed on the sheet *KAM Rules* brought back into the rule file: comments, order and spelling stay.

The file is changed where a number stands and nowhere else, so that the difference shows what the manager did. Knows
the layout of the sheet and the places of the rule file; decides nothing about rules.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from kamxl.backends.formula_layout import COPY_OFFSET, FIRST_COPIED, LAST_COPIED, SHEET, RulesLayout, Setting
from kamxl.backends.formula_sheet import AS_OF_PLACE, band_steps, lay_out, setting_address, shown_number
from kamxl.hosts import Host
from kamxl.language.fields import plain_number
from kamxl.language.model import Bands, Criterion, Curve, Listed, RuleSet
from kamxl.language.reader import read_rules_document, read_rules_text
from kamxl.language.source import Entry, Mapping, Scalar, SourceNode, parse_bytes
from kamxl.problems import KamxlError, Place, Problem, Severity
from kamxl.records import dataclass
from kamxl.table import Cell, cell_address
from kamxl.values import is_blank, quantise

# Where the sheet keeps the digest of the rule file: row 5, column C. Units: 0-based.
_DIGEST = (4, 2)
_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_BAND_NUMBER = re.compile(r"(?<![\w.])[+-]?\d[\d_ ]*(?:\.\d+)?(?:[eE][+-]?\d+)?\s*%?")
_POLICIES = ("skip", "zero", "error")


@dataclass(frozen=True, slots=True)
class Change:
    """One cell that a manager changed; `new` None is an emptied cell."""

    setting: Setting
    new: float | str | None


@dataclass(frozen=True, slots=True)
class Splice:
    """A piece of the rule file and what takes its place. Units: characters, end not included."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Brought:
    """What came back: the new text, the difference to the old one, and changes that need a hand."""

    text: str
    diff: str
    count: int
    problems: tuple[Problem, ...]


def bring_back(host: Host, path: Path) -> Brought:
    """The rule file with the numbers of the workbook's rules sheet.

    Errors: KamxlError when the file cannot be read, the workbook has no rules sheet, or the sheet was compiled from
    other rules than these.
    """
    raw = path.read_bytes() if path.is_file() else b""
    document = parse_bytes(raw, str(path)) if raw else None
    rules, problems = read_rules_document(document) if document is not None else (None, ())
    if rules is None or document is None or document.root is None:
        raise KamxlError(problems or [Problem("KX001", "file is not found", Place(str(path)), help="check the path")])
    book = getattr(host, "book", "")
    rows = host.read_sheet(SHEET)
    _check_sheet(rows, rules, book)
    layout = lay_out(rules, 0.0)
    _check_places(rows, layout, book)
    changes, problems = read_changes(rows, layout, book)
    text = raw.decode("utf-8-sig")
    writer = _Splicer(text, document.root, rules, book)
    for change in changes:
        writer.take(change)
    done = len(changes) - len(writer.problems)
    day = _new_day(rows)
    if day is not None:
        done += writer.take_day(day)
    new = writer.text()
    _, found = read_rules_text(new, str(path))
    diff = "".join(
        difflib.unified_diff(
            text.splitlines(keepends=True), new.splitlines(keepends=True), path.name, f"{path.name} ({book})"
        )
    )
    words = _changed_words(rows, layout, book)
    return Brought(new, diff, done, (*problems, *words, *writer.problems, *found))


def _check_sheet(rows: Sequence[Sequence[Cell]], rules: RuleSet, book: str) -> None:
    place = Place(book, sheet=SHEET)
    if not rows:
        hint = "write one with `kamxl formulas`"
        raise KamxlError(Problem("KX511", f"the workbook has no sheet `{SHEET}`", Place(book), help=hint))
    stored = str(_cell(rows, *_DIGEST) or "")
    if stored != rules.digest:
        raise KamxlError(
            Problem(
                "KX511",
                f"the sheet was compiled from another version of the rules ({stored[:8] or 'none'}, "
                f"not {rules.digest[:8]})",
                place,
                help="give the rule file that the workbook was made with, with -r",
            )
        )


def _check_places(rows: Sequence[Sequence[Cell]], layout: RulesLayout, book: str) -> None:
    """Refuses a sheet whose lines do not stand where they were written: numbers would go to the wrong rule."""
    for setting in layout.settings:
        if not _is_same(setting.value, _meaning(_cell(rows, setting.row, setting.column + COPY_OFFSET))):
            cell = cell_address(setting.row + 1, setting.column + COPY_OFFSET + 1)
            raise KamxlError(
                Problem(
                    "KX511",
                    "the lines of the sheet do not stand where they were written",
                    Place(book, sheet=SHEET, cell=cell),
                    help="undo inserted or deleted lines, or write the sheet anew with `kamxl formulas`",
                )
            )


def _meaning(cell: Cell) -> float | str | None:
    """A cell of the sheet as a setting: a number, a word, or None."""
    if is_blank(cell):
        return None
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return float(cell)
    return str(cell).strip().casefold()


def _cell(rows: Sequence[Sequence[Cell]], row: int, column: int) -> Cell:
    return rows[row][column] if row < len(rows) and column < len(rows[row]) else None


def read_changes(
    rows: Sequence[Sequence[Cell]], layout: RulesLayout, book: str
) -> tuple[list[Change], tuple[Problem, ...]]:
    """Cells of the sheet that differ from what was compiled, and those that hold nothing a rule could be."""
    changes: list[Change] = []
    problems: list[Problem] = []
    for setting in layout.settings:
        cell = _cell(rows, setting.row, setting.column)
        new = _meaning(cell)
        if _is_same(setting.value, new):
            continue
        allowed = setting.what == "policy" and (new is None or isinstance(new, float) or new in _POLICIES)
        if not isinstance(new, float) and not allowed:
            wanted = "skip, zero, error or points" if setting.what == "policy" else "a number"
            shown = "an empty cell" if new is None else f"`{cell}`"
            place = Place(book, sheet=SHEET, cell=setting_address(setting))
            problems.append(Problem("KX402", f"{wanted} is expected here, not {shown}", place, help="correct the cell"))
            continue
        changes.append(Change(setting, new))
    return changes, tuple(problems)


def _new_day(rows: Sequence[Sequence[Cell]]) -> Cell:
    """The day from which dates are measured, where it was changed."""
    row, column = AS_OF_PLACE
    now, then = _cell(rows, row, column), _cell(rows, row, column + COPY_OFFSET)
    return now if now != then else None


def _changed_words(rows: Sequence[Sequence[Cell]], layout: RulesLayout, book: str) -> list[Problem]:
    """Listed values, names of categories and other words that were typed over: they are changed in the rule file."""
    numbers = {(setting.row, setting.column) for setting in layout.settings} | {AS_OF_PLACE}
    problems = []
    for row in layout.copied:
        for column in range(FIRST_COPIED, LAST_COPIED + 1):
            then = _meaning(_cell(rows, row, column + COPY_OFFSET))
            now = _meaning(_cell(rows, row, column))
            if (row, column) in numbers or then is None or _is_same(then, now):
                continue
            place = Place(book, sheet=SHEET, cell=cell_address(row + 1, column + 1))
            was = _cell(rows, row, column + COPY_OFFSET)
            problems.append(Problem("KX511", f"`{was}` is not changed from here", place, help="edit the rule file"))
    return problems


def _is_same(old: float | str | None, new: float | str | None) -> bool:
    if isinstance(old, float) and isinstance(new, float):
        # XlsxWriter stores 16 digits.
        return abs(old - new) <= 1e-14 * max(abs(old), abs(new))
    return old == new


class _Splicer:
    """Collects splices of one rule file. State: the splices and the changes that it could not make."""

    def __init__(self, text: str, root: SourceNode, rules: RuleSet, book: str) -> None:
        self._text = text
        self._root = root
        self._rules = rules
        self._book = book
        self._starts = [0, *(found.end() for found in _LINE_END.finditer(text))]
        self._splices: list[Splice] = []
        self.problems: list[Problem] = []

    def text(self) -> str:
        """The file with every splice made."""
        text = self._text
        for splice in sorted(set(self._splices), key=lambda splice: splice.start, reverse=True):
            text = text[: splice.start] + splice.text + text[splice.end :]
        return text

    def take(self, change: Change) -> None:
        """Notes the splices of a change, or the problem that it must be made by hand."""
        setting = change.setting
        match setting.what:
            case "number" | "policy":
                done = self._scalar(setting.path, change.new)
            case "point":
                done = self._point(setting, change.new)
            case "x":
                done = self._curve_x(setting, change.new)
            case "edge":
                done = self._edge(setting, change.new)
            case "threshold":
                done = self._threshold(setting, change.new)
        if not done:
            place = Place(self._book, sheet=SHEET, cell=setting_address(setting))
            where = ".".join(setting.path)
            shown = shown_number(change.new) if change.new is not None else "nothing"
            self.problems.append(
                Problem("KX511", f"`{where}` cannot be changed to {shown} by itself", place, help="edit the rule file")
            )

    def take_day(self, day: Cell) -> bool:
        """Notes the splice of the day from which dates are measured; whether there was a day to change."""
        entry = self._entry(("as_of",))
        place = Place(self._book, sheet=SHEET, cell=cell_address(AS_OF_PLACE[0] + 1, AS_OF_PLACE[1] + 1))
        if entry is None or self._rules.as_of is None:
            message, hint = "the day is not brought back: the rules measure from today", "write `as_of:` with a date"
            self.problems.append(Problem("KX511", message, place, Severity.WARNING, help=hint))
            return False
        if isinstance(day, dt.date) and self._put_scalar(entry.value, f"{day:%Y-%m-%d}"):
            return True
        self.problems.append(Problem("KX403", "a date is expected here", place, help="correct the cell"))
        return False

    def _entry(self, path: Sequence[str]) -> Entry | None:
        node: SourceNode | None = self._root
        entry: Entry | None = None
        for name in path:
            entries = node.entries if isinstance(node, Mapping) else ()
            entry = next((item for item in entries if item.name == name), None)
            node = entry.value if entry is not None else None
        return entry

    def _span(self, scalar: Scalar) -> tuple[int, int] | None:
        """Where the bare text of a scalar stands; None where it is folded, spread over lines or escaped."""
        start = self._starts[scalar.place.line - 1] + scalar.place.column - 1
        end = start + scalar.place.length
        inside = (start + 1, end - 1) if scalar.quoted or self._text[start] in "\"'" else (start, end)
        return inside if self._text[inside[0] : inside[1]] == scalar.text else None

    def _put(self, start: int, end: int, new: float | str) -> bool:
        text = new
        if isinstance(new, float):
            text = number_like(self._text[start:end], new)
        self._splices.append(Splice(start, end, str(text)))
        return True

    def _put_scalar(self, node: SourceNode | None, new: float | str | None) -> bool:
        span = self._span(node) if isinstance(node, Scalar) else None
        return span is not None and new is not None and self._put(*span, new)

    def _scalar(self, path: Sequence[str], new: float | str | None) -> bool:
        entry = self._entry(path)
        if entry is not None:
            return self._put_scalar(entry.value, new)
        return new is not None and self._insert(path, new)

    def _insert(self, path: Sequence[str], new: float | str) -> bool:
        """A key that the file left to its default, behind the weight of its criterion."""
        weight = self._entry((*path[:-1], "weight"))
        if weight is None or not isinstance(weight.value, Scalar):
            return False
        span = self._span(weight.value)
        outer = self._entry(path[:-1])
        if span is None or outer is None:
            return False
        shown = number_like("", new) if isinstance(new, float) else new
        flow = self._text[self._starts[outer.value.place.line - 1] + outer.value.place.column - 1] == "{"
        if flow:
            end = span[1] + (self._text[span[1] : span[1] + 1] in ("'", '"'))
            self._splices.append(Splice(end, end, f", {path[-1]}: {shown}"))
            return True
        found = _LINE_END.search(self._text, span[1])
        end = found.start() if found else len(self._text)
        newline = found.group() if found else "\n"
        self._splices.append(Splice(end, end, f"{newline}{' ' * (weight.place.column - 1)}{path[-1]}: {shown}"))
        return True

    def _criterion(self, path: Sequence[str]) -> Criterion:
        return next(c for family, c in self._rules.criteria if (family.key, c.key) == (path[1], path[3]))

    def _point(self, setting: Setting, new: float | str | None) -> bool:
        entry = self._entry(setting.path)
        entries = entry.value.entries if entry is not None and isinstance(entry.value, Mapping) else ()
        scale = self._criterion(setting.path).scale
        match scale:
            case Bands():
                wanted = [item for item in entries if item.name == scale.texts[setting.index]]
            case Listed():
                wanted = [item for item in entries if item.name == scale.keys[setting.index]]
            case Curve():
                wanted = [item for item in entries if _number_of(item.name) == scale.xs[setting.index]]
            case _:
                wanted = []
        return bool(wanted) and self._put_scalar(wanted[0].value, new)

    def _curve_x(self, setting: Setting, new: float | str | None) -> bool:
        entry = self._entry(setting.path)
        entries = entry.value.entries if entry is not None and isinstance(entry.value, Mapping) else ()
        wanted = [Scalar(item.name, item.at) for item in entries if _number_of(item.name) == setting.value]
        return bool(wanted) and self._put_scalar(wanted[0], new)

    def _edge(self, setting: Setting, new: float | str | None) -> bool:
        """Every band that begins or ends at the edge."""
        scale = self._criterion(setting.path).scale
        entry = self._entry(setting.path)
        if not isinstance(scale, Bands) or entry is None or not isinstance(entry.value, Mapping):
            return False
        if not isinstance(new, float):
            return False
        old = band_steps(scale)[setting.index][0]
        spans = []
        for item in entry.value.entries:
            span = self._span(Scalar(item.name, item.at))
            if span is None:
                return False
            for found in _BAND_NUMBER.finditer(item.name):
                number = plain_number(found.group())
                if number is not None and quantise(number[0]) == old:
                    bare = found.group().rstrip()
                    spans.append((span[0] + found.start(), span[0] + found.start() + len(bare)))
        return bool(spans) and all(self._put(*span, new) for span in spans)

    def _threshold(self, setting: Setting, new: float | str | None) -> bool:
        entry = self._entry(setting.path)
        span = self._span(entry.value) if entry is not None and isinstance(entry.value, Scalar) else None
        if span is None or not isinstance(new, float):
            return False
        return self._put(span[0] + setting.span[0], span[0] + setting.span[1], new)


def _number_of(text: str) -> float | None:
    found = plain_number(text)
    return found[0] if found is not None else None


def number_like(old: str, new: float) -> str:
    """A number written as the old one was: in percent where that was in percent."""
    if not old.rstrip().endswith("%"):
        return f"{new:.15g}"
    hundredfold = Decimal(f"{new:.15g}") * 100
    return f"{hundredfold.normalize():f}%"
