"""Answers of managers read from YAML or a sheet, and weights written back into the rule file.

of: families                     # or the key of a family: its criteria are weighed
answers:
  Anne: {history over profile: 3, potential over profile: 2, history over potential: 1/2}
  Luc:  [[1, 1/3, 1/2], [3, 1, 2], [2, 1/2, 1]]     # a matrix, in the order of the rule file
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from kamxl.language.fields import plain_number
from kamxl.language.model import Label, RuleSet
from kamxl.language.setting import set_value
from kamxl.language.source import Document, Items, Mapping, Scalar, SourceNode, read_document
from kamxl.problems import KamxlError, Place, Problem, suggest
from kamxl.records import dataclass
from kamxl.table import Cell, cell_address
from kamxl.values import fold, is_blank, text_of
from kamxl.weights import Answers, build_matrix, percents

_PAIR = re.compile(r"(?P<more>\S.*?)\s+(?:over|sur|vs\.?|contre)\s+(?P<less>\S.*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Group:
    """What is weighed: the families, or the criteria of one family. `path` is where they stand in the rule file."""

    path: str
    items: tuple[tuple[str, Label], ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys, in the order of the rule file."""
        return tuple(key for key, _ in self.items)

    def key_of(self, text: str) -> str | None:
        """The key that a key or a label in any language names."""
        wanted = fold(text)
        return next((key for key, label in self.items if wanted in {fold(t) for t in (key, *label.all_texts())}), None)


def group_of(rules: RuleSet, name: str) -> Group:
    """The families (`families`) or the criteria of a family. Errors: KamxlError KX102 for any other name."""
    if name == "families":
        return Group("families", tuple((family.key, family.label) for family in rules.families))
    for family in rules.families:
        if name in (family.key, f"families.{family.key}", f"families.{family.key}.criteria"):
            criteria = tuple((criterion.key, criterion.label) for criterion in family.criteria)
            return Group(f"families.{family.key}.criteria", criteria)
    known = ["families", *(family.key for family in rules.families)]
    raise KamxlError(
        Problem("KX102", f"`{name}` is not a group of weights", Place(rules.file), help=suggest(name, known))
    )


def read_answers(path: Path, rules: RuleSet) -> tuple[Group, tuple[Answers, ...]]:
    """The group and the answers of each manager of a YAML file. Errors: KamxlError with the faults of the file."""
    document = read_document(path)
    root = document.root
    of, told = (root.get("of"), root.get("answers")) if isinstance(root, Mapping) else (None, None)
    if not isinstance(of, Scalar) or not isinstance(told, Mapping):
        place = root.place if root is not None else Place(str(path), 1, 1)
        hint = "write `of: families` and `answers:` with one entry for each manager"
        raise KamxlError(document.problem("KX101", "the file needs `of` and `answers`", place, help=hint))
    group = group_of(rules, of.text)
    found = []
    for entry in told.entries:
        node = entry.value
        read = _read_matrix if isinstance(node, Items) else _read_pairs
        before = len(document.problems)
        answers = Answers(entry.name, group.keys, read(node, group, document), entry.place)
        found.append(answers)
        # What is wrong with the matrix is told in the same run; what could not be read leaves no hole.
        document.problems += build_matrix(answers, holes=len(document.problems) == before)[1]
    if document.problems:
        raise KamxlError(document.problems)
    return group, tuple(found)


def _read_pairs(node: SourceNode, group: Group, document: Document) -> dict[tuple[str, str], float]:
    times: dict[tuple[str, str], float] = {}
    for entry in node.entries if isinstance(node, Mapping) else ():
        pair = _PAIR.fullmatch(entry.name.strip())
        if pair is None:
            _report(document, f"`{entry.name}` compares nothing", entry.place, "write `history over profile: 3`")
            continue
        keys = [_key(text, group, document, entry.place) for text in (pair["more"], pair["less"])]
        number = _times(entry.value, document)
        if keys[0] is not None and keys[1] is not None and number is not None:
            times[keys[0], keys[1]] = number
    return times


def _read_matrix(node: SourceNode, group: Group, document: Document) -> dict[tuple[str, str], float]:
    rows = node.items if isinstance(node, Items) else ()
    size = len(group.keys)
    if len(rows) != size or any(not isinstance(row, Items) or len(row.items) != size for row in rows):
        listed = ", ".join(group.keys)
        _report(document, f"the matrix must have {size} rows of {size} numbers", node.place, f"in the order {listed}")
        return {}
    times: dict[tuple[str, str], float] = {}
    for key, row in zip(group.keys, rows, strict=True):
        for other, cell in zip(group.keys, row.items if isinstance(row, Items) else (), strict=True):
            if isinstance(cell, Scalar) and cell.text in ("", "~", "null", "?"):
                continue
            number = _times(cell, document)
            if number is not None:
                times[key, other] = number
    return times


def _key(text: str, group: Group, document: Document, place: Place) -> str | None:
    key = group.key_of(text)
    if key is None:
        _report(document, f"`{text}` is not weighed here", place, suggest(text, list(group.keys)))
    return key


def _times(node: SourceNode, document: Document) -> float | None:
    number = parse_times(node.text) if isinstance(node, Scalar) else None
    if number is None:
        shown = f"`{node.text}`" if isinstance(node, Scalar) else "keys and values"
        _report(document, f"an answer is a number such as 3 or 1/3, not {shown}", node.place, "write 1/9 to 9")
    return number


def parse_times(text: str) -> float | None:
    """The number of an answer: `3`, `1/3`, `0.5`; None when it is none. Division by zero is none."""
    over, slash, under = text.partition("/")
    parts = [plain_number(part) for part in ((over, under) if slash else (over,))]
    if any(part is None or part[1] for part in parts):
        return None
    numbers = [part[0] for part in parts if part is not None]
    if len(numbers) == 1:
        return numbers[0]
    return numbers[0] / numbers[1] if numbers[1] else None


def _report(document: Document, message: str, place: Place, hint: str) -> None:
    document.problems.append(document.problem("KX224", message, place, help=hint))


def read_sheet_answers(cells: Sequence[Sequence[Cell]], group: Group, place: Place, manager: str) -> Answers:
    """The answers of a matrix on a sheet: items across the first row and down the first column, blanks unanswered.

    Errors: KamxlError KX224 with the cell when a header names no item or a cell holds no number.
    """
    problems: list[Problem] = []

    def item(row: int, column: int) -> str | None:
        cell = cells[row][column]
        key = None if is_blank(cell) else group.key_of(text_of(cell))
        if key is None and not is_blank(cell):
            where = Place(place.file, sheet=place.sheet, cell=cell_address(row + 1, column + 1))
            hint = suggest(text_of(cell), list(group.keys))
            problems.append(Problem("KX224", f"`{text_of(cell)}` is not weighed here", where, help=hint))
        return key

    width = max((len(row) for row in cells), default=0)
    across = [item(0, column) for column in range(1, width)] if cells else []
    times: dict[tuple[str, str], float] = {}
    for row in range(1, len(cells)):
        key = item(row, 0)
        for column, other in enumerate(across, start=1):
            cell = cells[row][column]
            if key is None or other is None or is_blank(cell):
                continue
            number = parse_times(text_of(cell))
            if number is None:
                where = Place(place.file, sheet=place.sheet, cell=cell_address(row + 1, column + 1))
                message = f"an answer is a number such as 3 or 1/3, not `{text_of(cell)}`"
                problems.append(Problem("KX224", message, where, help="write 1/9 to 9"))
            else:
                times[key, other] = number
    answers = Answers(manager, group.keys, times, place)
    problems += build_matrix(answers, holes=not problems)[1]
    if problems:
        raise KamxlError(problems)
    return answers


def write_weights(text: str, group: Group, weights: Sequence[float], file: str) -> str:
    """The rule file with these weights as percents that add up to 100 %; comments, order and spelling stay."""
    for key, percent in zip(group.keys, percents(weights), strict=True):
        text = set_value(text, f"{group.path}.{key}.weight", percent, file)
    return text
