"""For this quote: what every department does for one client at one stage, as records and as a sheet with drop-downs.

The sheet *KAM Brief* works by plain formulas over cells of its own, so that it answers without kamxl. Knows no host.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from kamxl.backends import Scored
from kamxl.canvas import Canvas
from kamxl.insight_phrases import tell
from kamxl.language.model import CategoryRule
from kamxl.looks import RULE
from kamxl.portfolio.clients import client_identifiers, is_named, take_names, without_empty_rows
from kamxl.problems import KamxlError, Place, Problem, suggest
from kamxl.process import Department, Instruction, Process, ProcessBook, Stage
from kamxl.records import dataclass
from kamxl.sheets.wording import word
from kamxl.table import Choices, Grid, cell_address, column_letters
from kamxl.values import fold

BRIEF_SHEET = "KAM Brief"
PARTS = ("do", "how", "within", "owner")
# The cells that a person chooses in: B3 the client, B4 the stage.
CLIENT_ROW, STAGE_ROW, CATEGORY_ROW, PROCESS_ROW, TABLE_ROW = 2, 3, 5, 6, 8
# Where the lists behind the drop-downs stand: right of the printed page.
LIST_COLUMN = 8


@dataclass(frozen=True, slots=True)
class DepartmentBrief:
    """What one department does. `texts` are do, how, within, owner; `checklist` its points."""

    department: str
    label: str
    texts: tuple[str, str, str, str]
    checklist: tuple[str, ...]
    is_none: bool


@dataclass(frozen=True, slots=True)
class Brief:
    """One client at one stage."""

    client: str
    category: str
    process: str
    aim: str
    stage: str
    departments: tuple[DepartmentBrief, ...]


def find_stage(processes: ProcessBook, wanted: str) -> str:
    """The key of a stage, by key or by its label in any language. Errors: KamxlError KX220 with the nearest stage."""
    for stage in processes.stages:
        if fold(wanted) in {fold(stage.key), *(fold(text) for text in stage.label.all_texts())}:
            return stage.key
    names = [stage.key for stage in processes.stages]
    problem = Problem("KX220", f"there is no stage `{wanted}`", Place(processes.file), help=suggest(wanted, names))
    raise KamxlError(problem)


def make_brief(scored: Scored, processes: ProcessBook, row: int, stage: str, *, language: str) -> Brief:
    """The brief of a row at a stage (its key)."""
    index = int(scored.category[row])
    rules = scored.plan.rules.categories.all_rules
    rule = rules[index] if index >= 0 else None
    process = processes.process(rule.process) if rule is not None else None
    by_place = processes.by_place()
    found = (by_place.get((process.key if process else "", each.key, stage)) for each in processes.departments)
    return Brief(
        client=take_names(scored)[row],
        category=rule.label.text(language) or rule.key if rule is not None else tell("not_classified", language),
        process=process.label.text(language) if process is not None else "",
        aim=process.aim.text(language) if process is not None else "",
        stage=next(each.label.text(language) for each in processes.stages if each.key == stage),
        departments=tuple(
            _department_brief(each.key, each.label.text(language), instruction, language)
            for each, instruction in zip(processes.departments, found, strict=True)
        ),
    )


def _department_brief(key: str, label: str, instruction: Instruction | None, language: str) -> DepartmentBrief:
    if instruction is None or instruction.is_none:
        said = tell("brief_missing" if instruction is None else "brief_none", language)
        return DepartmentBrief(key, label, (said, "", "", ""), (), is_none=True)
    texts = tuple(getattr(instruction, part).text(language) for part in PARTS)
    checklist = tuple(point.text(language) for point in instruction.checklist)
    return DepartmentBrief(key, label, (texts[0], texts[1], texts[2], texts[3]), checklist, is_none=False)


def brief_grid(
    scored: Scored, processes: ProcessBook, *, language: str, stamp: str, departments: Sequence[str] | None = None
) -> Grid:
    """The sheet: choose a client and a stage, read category, process and instructions.

    `departments` limits whose instructions are in the sheet at all; None shows every department.
    """
    scored = without_empty_rows(scored)
    canvas = Canvas()
    lists = _Lists(canvas, scored, processes, language)
    canvas.put(0, 0, tell("brief_title", language), "title")
    canvas.set_height(0, 28.0)
    canvas.put(1, 0, stamp, "subtitle")
    rows = {CLIENT_ROW: "client", STAGE_ROW: "brief_stage", CATEGORY_ROW: "category", PROCESS_ROW: "brief_process"}
    for row, key in rows.items():
        canvas.put(row, 0, tell(key, language), "label bold valign=vcenter")
        canvas.set_height(row, 22.0)
    for row, value in ((CLIENT_ROW, lists.first_client), (STAGE_ROW, lists.first_stage)):
        # As text: a client called 001 or 1/2 must not become a number or a day when it is chosen.
        canvas.spread(row, 1, value, "input bold valign=vcenter size=12 indent=1 format=@", to_column=2)
    canvas.choices.append(Choices(CLIENT_ROW, 1, CLIENT_ROW, 1, lists.clients))
    canvas.choices.append(Choices(STAGE_ROW, 1, STAGE_ROW, 1, lists.stages))
    shown = (lists.first_category, lists.first_process)
    formulas = ((CATEGORY_ROW, lists.category_formula()), (PROCESS_ROW, lists.process_formula()))
    for (row, formula), value in zip(formulas, shown, strict=True):
        canvas.spread(row, 1, value, "subheading valign=vcenter indent=1", to_column=2)
        canvas.put(row, 1, value, "subheading valign=vcenter indent=1", formula=formula)
    _put_instructions(canvas, processes, lists, departments, language)
    return canvas.grid(
        BRIEF_SHEET,
        widths=(24.0, 46.0, 46.0, 20.0, 24.0, 44.0, 2.0, 2.0, *([20.0] * 14)),
        print_area=(0, 0, TABLE_ROW + len(processes.departments if departments is None else departments), 5),
        fit_one_page=True,
        tab_colour="2E8B57",
    )


class _Lists:
    """The cells behind the sheet: clients with their category, categories with their process, stages, instructions."""

    def __init__(self, canvas: Canvas, scored: Scored, processes: ProcessBook, language: str) -> None:
        self.canvas = canvas
        self.language = language
        canvas.put(0, LIST_COLUMN, tell("brief_data", language), "note")
        rules = scored.plan.rules.categories.all_rules
        labels = [*_distinct(rules, language), tell("not_classified", language)]
        clients = _clients_by_name(scored)
        told = [(name, labels[int(scored.category[row])]) for name, row in clients]
        self.last_client = self._put(0, ("client", "category"), told, language)
        found = [processes.process(rule.process) for rule in rules]
        self.process_names = dict(
            zip((each.key for each in processes.processes), _distinct(processes.processes, language), strict=True)
        )
        names = [self.process_names[process.key] if process is not None else "" for process in found]
        self.last_category = self._put(
            3, ("category", "brief_process"), list(zip(labels, names, strict=False)), language
        )
        self.stage_names = dict(
            zip((each.key for each in processes.stages), _distinct(processes.stages, language), strict=True)
        )
        self.last_stage = self._put(6, ("brief_stage",), [(name,) for name in self.stage_names.values()], language)
        self.first_client = clients[0][0] if clients else None
        index = int(scored.category[clients[0][1]]) if clients else -1
        # What the sheet shows when it is opened.
        self.first_category, self.first_process = (
            (labels[index] if clients else ""),
            (names[index] if index >= 0 else ""),
        )
        self.stage_key = _busiest_stage(processes)
        self.first_stage = self.stage_names.get(self.stage_key)
        self.clients = f"={self._range(0, self.last_client)}"
        self.stages = f"={self._range(6, self.last_stage)}"

    def _put(self, offset: int, keys: Sequence[str], rows: Sequence[Sequence[str]], language: str) -> int:
        """A list under its headers; gives its last row (1-based), at least the first one."""
        self.canvas.put_row(1, LIST_COLUMN + offset, [tell(key, language) for key in keys], "label bold")
        for number, texts in enumerate(rows, start=2):
            self.canvas.put_row(number, LIST_COLUMN + offset, texts, "label format=@")
        return max(3, len(rows) + 2)

    def put_instructions(self, rows: Sequence[Sequence[str]], language: str) -> int:
        """The instructions, keyed by process, stage and department; gives their last row."""
        keys = ("key_short", "brief_do", "brief_how", "brief_within", "brief_owner", "brief_check")
        return self._put(8, keys, rows, language)

    def _range(self, offset: int, last: int) -> str:
        letters = column_letters(LIST_COLUMN + offset + 1)
        return f"${letters}$3:${letters}${last}"

    def category_formula(self) -> str:
        """Formula: the category of the chosen client."""
        chosen = _literal(f"$B${CLIENT_ROW + 1}")
        found = f"INDEX({self._range(1, self.last_client)},MATCH({chosen},{self._range(0, self.last_client)},0))"
        return f'=IFERROR({found}&"","")'

    def process_formula(self) -> str:
        """Formula: the process of the category shown."""
        place = f"MATCH({_literal(f'$B${CATEGORY_ROW + 1}')},{self._range(3, self.last_category)},0)"
        return f'=IFERROR(INDEX({self._range(4, self.last_category)},{place})&"","")'

    def instruction_formula(self, row: int, part: int, last: int) -> str:
        """Formula: a part of the instruction for the department in column A of a row."""
        key = f'$B${PROCESS_ROW + 1}&"|"&$B${STAGE_ROW + 1}&"|"&{cell_address(row + 1, 1)}'
        found = f"INDEX({self._range(8 + part, last)},MATCH({_literal(key)},{self._range(8, last)},0))"
        if part > 1:
            return f'=IFERROR({found}&"","")'
        # A client that is not in the list has no category; then nothing is said at all.
        nothing = tell("brief_missing", self.language)
        return f'=IF($B${CATEGORY_ROW + 1}="","",IFERROR({found}&"","{nothing}"))'


def _literal(wanted: str) -> str:
    """A formula's text as MATCH must get it to find just that: it takes * and ? as wildcards, which names may hold."""
    for sign in "~*?":
        wanted = f'SUBSTITUTE({wanted},"{sign}","~{sign}")'
    return wanted


def _distinct(named: Sequence[CategoryRule | Process | Stage | Department], language: str) -> list[str]:
    """The labels of things by which formulas find them; of labels alike each carries its key."""
    labels = [each.label.text(language) or each.key for each in named]
    counts = Counter(fold(label) for label in labels)
    return [
        label if counts[fold(label)] == 1 else f"{label} · {each.key}"
        for label, each in zip(labels, named, strict=True)
    ]


def _busiest_stage(processes: ProcessBook) -> str:
    """The stage with most instructions: the sheet opens on something worth reading."""
    given = Counter(each.stage for each in processes.instructions if not each.is_none)
    return max((stage.key for stage in processes.stages), key=lambda key: given[key], default="")


def _clients_by_name(scored: Scored) -> list[tuple[str, int]]:
    """(what people call a client, row), by name; of two names alike both carry their identifier."""
    identifiers, names = client_identifiers(scored), take_names(scored)
    folded = list(map(fold, names))
    counts = Counter(folded)
    found: dict[str, tuple[str, int]] = {}
    for row, (name, alike, identifier) in enumerate(zip(names, folded, identifiers, strict=True)):
        if is_named(name) and (counts[alike] == 1 or name == identifier):
            found.setdefault(alike, (name, row))
        elif is_named(name):
            told = f"{name} · {identifier}"
            found.setdefault(fold(told), (told, row))
    return [found[key] for key in sorted(found)]


def _put_instructions(
    canvas: Canvas,
    processes: ProcessBook,
    lists: _Lists,
    departments: Sequence[str] | None,
    language: str,
) -> None:
    shown = [each for each in processes.departments if departments is None or each.key in departments]
    labels = dict(zip((each.key for each in shown), _distinct(shown, language), strict=True))
    written: dict[str, tuple[str, ...]] = {}
    for given in processes.instructions:
        if given.department in labels:
            brief = _department_brief(given.department, labels[given.department], given, language)
            key = f"{lists.process_names[given.process]}|{lists.stage_names[given.stage]}|{brief.label}"
            written[key] = (*brief.texts, _points(brief.checklist))
    last = lists.put_instructions([(key, *texts) for key, texts in written.items()], language)
    headers = ("brief_department", "brief_do", "brief_how", "brief_within", "brief_owner", "brief_check")
    canvas.put_row(TABLE_ROW, 0, [tell(key, language) for key in headers], "header indent=1")
    canvas.set_height(TABLE_ROW, 20.0)
    for row, each in enumerate(shown, start=TABLE_ROW + 1):
        canvas.put(row, 0, labels[each.key], f"text bold indent=1 border={RULE}")
        key = f"{lists.first_process}|{lists.first_stage}|{labels[each.key]}"
        nothing = tell("brief_missing", language) if lists.first_category else ""
        for part, text in enumerate(written.get(key, (nothing, "", "", "", "")), start=1):
            canvas.put(
                row, part, text, f"wrap indent=1 border={RULE}", formula=lists.instruction_formula(row, part, last)
            )
        canvas.set_height(row, 54.0)


def _points(checklist: Sequence[str]) -> str:
    return "\n".join(f"☐ {point}" for point in checklist)


def brief_lines(brief: Brief, *, language: str) -> list[str]:
    """The brief as lines of a terminal."""
    lines = [
        f"{brief.client} · {brief.category} · {brief.process} · {brief.stage}",
        *([brief.aim] if brief.aim else []),
    ]
    for each in brief.departments:
        lines += ["", each.label]
        if each.is_none:
            lines.append(f"  {each.texts[0]}")
            continue
        for part, text in zip(PARTS, each.texts, strict=True):
            if text:
                lines.append(f"  {word(part, language)}: {text}")
        lines += [f"  ☐ {point}" for point in each.checklist]
    return lines
