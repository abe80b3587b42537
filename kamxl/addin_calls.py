"""Calls of the add-in's functions in a workbook that goes to people without it: live cells or values take their place.

`=KAM_SCORE(...)`, and `='C:\\...\\kamxl.xlam'!KAM_SCORE(...)` as it stands after a journey to another machine, become
references to the live column of the same client. What no live column holds becomes the value that it showed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kamxl.backends.formula import ROW, LiveBook
from kamxl.backends.formula_columns import CATEGORY, COMPLETENESS, FAMILY, SCORE
from kamxl.backends.formula_text import sheet_prefix
from kamxl.hosts import FormulaCell
from kamxl.problems import Place, Problem, Severity
from kamxl.records import dataclass
from kamxl.table import Cell, cell_address, column_letters
from kamxl.values import fold

WORD = "KAM_"
_LIVE = {"KAM_SCORE": SCORE, "KAM_CATEGORY": CATEGORY, "KAM_COMPLETENESS": COMPLETENESS}
# The function, behind the path of an add-in, the number of a link, or the name that LibreOffice gives to extensions.
_CALL = re.compile(
    r"""(?P<text>"(?:[^"]|"")*")|(?:'(?:[^']|'')*'!|\[\d+\]!|[\w.\-]+\.xlam!)?(?:\w+\.)*(?P<name>KAM_[A-Z]+)\(""", re.I
)
_AREA = re.compile(
    r"(?:(?:'(?P<quoted>(?:[^']|'')*)'|(?P<sheet>[\w.]+))!)?"
    r"\$?[A-Z]{1,3}(?P<fixed>\$?)(?P<first>\d+)(?::\$?[A-Z]{1,3}\$?(?P<last>\d+))?",
    re.I,
)
_CLOSING = {"(": ")", "{": "}", "[": "]"}


@dataclass(frozen=True, slots=True)
class Call:
    """A call in a formula: the function, its arguments as written, and where it stands. Units: characters."""

    name: str
    arguments: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Replacement:
    """What a cell is to hold: a formula with its leading `=`, or empty for the value that it shows.

    `result` is what the formula gives, where that is known.
    """

    row: int
    column: int
    formula: str
    result: Cell = None


def calls_in(formula: str) -> tuple[Call, ...]:
    """The calls of a formula; calls inside the arguments of another one are part of that one."""
    found: list[Call] = []
    position = 0
    while match := _CALL.search(formula, position):
        position = match.end()
        if match["name"] is None:
            continue
        pieces, position = _arguments(formula, match.end())
        found.append(Call(match["name"].upper(), pieces, match.start(), position))
    return tuple(found)


def _arguments(formula: str, start: int) -> tuple[tuple[str, ...], int]:
    """Arguments from behind the opening parenthesis on, and the place behind the closing one."""
    pieces, waiting, begin, at = [], [")"], start, start
    while at < len(formula) and waiting:
        sign = formula[at]
        if sign in "\"'" and waiting[-1] != "]":
            end = formula.find(sign, at + 1)
            at = end if end >= 0 else len(formula)
        elif sign == "'" and waiting[-1] == "]":
            at += 1
        elif sign == waiting[-1]:
            waiting.pop()
        elif sign in _CLOSING:
            waiting.append(_CLOSING[sign])
        elif sign == "," and len(waiting) == 1:
            pieces.append(formula[begin:at])
            begin = at + 1
        at += 1
    pieces.append(formula[begin : at - 1])
    return tuple(piece.strip() for piece in pieces), at


def replace_calls(
    cells: Sequence[FormulaCell], book: LiveBook
) -> tuple[list[tuple[str, Replacement]], tuple[Problem, ...]]:
    """(sheet, replacement) of every cell that calls the add-in, and what became a value."""
    texts = {(cell.sheet, cell.row, cell.column): cell for cell in cells}
    made: list[tuple[str, Replacement]] = []
    frozen: dict[str, list[FormulaCell]] = {}
    for cell in cells:
        head = texts[cell.sheet, *cell.head] if cell.head is not None else cell
        calls = calls_in(head.text)
        if not calls:
            continue
        is_copied = cell is not head or cell.rows > 1
        live = [_live_cell(head, calls, cell.row - head.row + down, book, is_copied) for down in range(cell.rows)]
        if not all(formula for formula, _ in live):
            live = [("", None)]
            frozen.setdefault(calls[0].name, []).append(cell)
        for down, (formula, result) in enumerate(live):
            made.append((cell.sheet, Replacement(cell.row + down, cell.column, formula, result)))
    return made, tuple(_frozen_problems(frozen, book))


def _frozen_problems(frozen: dict[str, list[FormulaCell]], book: LiveBook) -> Iterator[Problem]:
    for name, cells in frozen.items():
        place = Place(book.table.origin.book, sheet=cells[0].sheet, cell=cell_address(cells[0].row, cells[0].column))
        holds = "a cell with {0} now holds its value" if len(cells) == 1 else "{1} cells with {0} now hold their values"
        message = holds.format(name, len(cells)) + ": no live column shows that"
        yield Problem("KX226", message, place, Severity.WARNING, help="`kamxl run` writes what cannot be live")


def _live_cell(
    head: FormulaCell, calls: tuple[Call, ...], down: int, book: LiveBook, is_copied: bool
) -> tuple[str, Cell]:
    """The formula of a cell `down` rows below the head with live cells in place of calls, empty where there is none;
    and its result where it is nothing but a live cell.
    """
    is_whole = calls[0].start == 0 and calls[0].end == len(head.text)
    if is_copied and not is_whole:
        # The rest of the formula would have to move down as well.
        return "", None
    text, position, result = "=", 0, None
    for call in calls:
        target = _target(call, head, down, book)
        if target is None or (is_whole and target.first != target.last):
            return "", None
        if is_whole:
            result = book.results.by_key(target.key)[target.first - book.table.origin.header_row - 1]
        text += head.text[position : call.start] + _reference(target, head, head.row + down, book)
        position = call.end
    return text + head.text[position:], result


@dataclass(frozen=True, slots=True)
class _Target:
    """The live cells that a call asks for: a column by key and rows of the sheet, ends included."""

    key: str
    first: int
    last: int


def _target(call: Call, head: FormulaCell, down: int, book: LiveBook) -> _Target | None:
    arguments = list(call.arguments)
    key = _LIVE.get(call.name, "")
    if call.name == "KAM_FAMILY" and arguments:
        key = _family_key(arguments.pop(0), book)
    # A third argument names another rule file: its results stand in no live column.
    if not key or key in book.frozen or not arguments or any(arguments[2:]):
        return None
    first, last = _rows_of(arguments[0], head, down, book)
    top = book.table.origin.header_row + 1
    return _Target(key, first, last) if top <= first <= last < top + book.table.row_count else None


def _reference(target: _Target, head: FormulaCell, row: int, book: LiveBook) -> str:
    origin, references = book.table.origin, book.references
    is_here = head.sheet == origin.sheet
    in_table = bool(references.table) and 0 <= head.column - origin.first_column < len(book.table.headers)
    if is_here and in_table and target.first == target.last == row:
        return references.cell(target.key).replace(ROW, str(row))
    letters = column_letters(references.positions[target.key])
    end = f":${letters}{target.last}" if target.last > target.first else ""
    return f"{'' if is_here else sheet_prefix(origin.sheet)}${letters}{target.first}{end}"


def _family_key(argument: str, book: LiveBook) -> str:
    wanted = fold(argument.strip('"'))
    for family in book.live.plan.rules.families:
        if argument.startswith('"') and wanted in {fold(family.key), *map(fold, family.label.all_texts())}:
            return FAMILY + family.key
    return ""


def _rows_of(clients: str, head: FormulaCell, down: int, book: LiveBook) -> tuple[int, int]:
    """The rows of the sheet that the clients' argument means for a cell; (0, 0) where they are no client's."""
    origin = book.table.origin
    if "[" in clients:
        name = clients.partition("[")[0]
        is_own = origin.table and fold(name) in ("", fold(origin.table)) and head.sheet == origin.sheet
        is_one_row = "[#this row]" in clients.casefold() or "[@" in clients
        return (head.row + down, head.row + down) if is_own and is_one_row else (0, 0)
    found = _AREA.fullmatch(clients)
    if found is None:
        return 0, 0
    sheet = (found["quoted"] or "").replace("''", "'") or found["sheet"] or head.sheet
    if fold(sheet) != fold(origin.sheet):
        return 0, 0
    first, last = int(found["first"]), int(found["last"] or found["first"])
    if head.rows > 1:
        return (first + down, first + down) if last - first + 1 == head.rows else (0, 0)
    moved = 0 if found["fixed"] else down
    return first + moved, last + moved
