"""Processes: what each department does at each stage of the journey for the clients of each category.

processes.yml is read into frozen records with places, all faults at once; `coverage` lays the instructions over the
categories of a rule set and says what is missing. Knows neither clients nor sheets.
"""

from __future__ import annotations

from collections.abc import Mapping as Lookup
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from kamxl.language import process_keys
from kamxl.language.expression import names_in
from kamxl.language.fields import Fields
from kamxl.language.model import LANGUAGE_VERSION, CategoryRule, Label, RuleSet, tidy
from kamxl.language.source import (
    Document,
    Entry,
    Items,
    Mapping,
    Scalar,
    SourceNode,
    mapping_with,
    parse_text,
    read_document,
)
from kamxl.problems import KamxlError, Place, Problem, Severity, has_errors, sort_problems, suggest
from kamxl.records import dataclass, field

DEFAULT_TEMPLATE = "department.md.j2"
# What a department may see besides columns, derived columns and families.
# More unknown names of one department than this are told in one line.
_MOST_UNKNOWN = 3
RESULT_NAMES = ("score", "completeness", "category", "process", "dormant", "why", "next")

State = Literal["given", "none", "missing"]
NO_LABEL = Label(())


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the client journey."""

    key: str
    label: Label
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class Department:
    """A department: what it may see and the template of its sheet. Shapes: see and see_places (n,)."""

    key: str
    label: Label
    see: tuple[str, ...] = ()
    template: str = DEFAULT_TEMPLATE
    purpose: Label = NO_LABEL
    place: Place = field(default_factory=Place)
    see_places: tuple[Place, ...] = ()
    template_place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class Process:
    """A process that categories name."""

    key: str
    label: Label
    aim: Label
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class Instruction:
    """What a department does at a stage of a process; `is_none` where nothing is to be done, and somebody said so."""

    process: str
    department: str
    stage: str
    do: Label = NO_LABEL
    how: Label = NO_LABEL
    within: Label = NO_LABEL
    owner: Label = NO_LABEL
    checklist: tuple[Label, ...] = ()
    is_none: bool = False
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class ProcessBook:
    """A whole process file."""

    name: Label
    stages: tuple[Stage, ...]
    departments: tuple[Department, ...]
    processes: tuple[Process, ...]
    instructions: tuple[Instruction, ...]
    file: str = ""
    digest: str = ""

    def process(self, key: str) -> Process | None:
        """The process with a key."""
        return next((process for process in self.processes if process.key == key), None)

    def by_place(self) -> dict[tuple[str, str, str], Instruction]:
        """Instructions by (process, department, stage)."""
        return {(each.process, each.department, each.stage): each for each in self.instructions}


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which instructions there are.

    Shapes: states by (category key, department key, stage key), over all categories x departments x stages.
    """

    categories: tuple[CategoryRule, ...]
    departments: tuple[Department, ...]
    stages: tuple[Stage, ...]
    states: Lookup[tuple[str, str, str], State]
    problems: tuple[Problem, ...]

    def count(self, state: State) -> int:
        """How many fields of the grid are in a state."""
        return sum(1 for found in self.states.values() if found == state)


def read_processes(path: Path) -> tuple[ProcessBook | None, tuple[Problem, ...]]:
    """The process book of a YAML file, and every problem found in it; None when one of them is an error."""
    try:
        return read_processes_document(read_document(path))
    except KamxlError as error:
        return None, error.problems


def read_processes_text(text: str, file: str = "<text>") -> tuple[ProcessBook | None, tuple[Problem, ...]]:
    """The process book of YAML text; `file` is the name that places show."""
    try:
        return read_processes_document(parse_text(text, file))
    except KamxlError as error:
        return None, error.problems


def read_processes_document(document: Document) -> tuple[ProcessBook | None, tuple[Problem, ...]]:
    """The process book of a composed document."""
    root = document.root or mapping_with((), Place(document.file, 1, 1))
    book = _Reader(Fields(root, document, process_keys.PROCESS_FILE, what="the process file")).read()
    problems = sort_problems(document.problems)
    return (None if has_errors(problems) else book), problems


class _Reader:
    """Reads one process file; the state is which stages and departments are declared."""

    def __init__(self, fields: Fields) -> None:
        self.fields = fields
        self.document = fields.document
        self.stages: tuple[Stage, ...] = ()
        self.departments: tuple[Department, ...] = ()
        self.instructions: list[Instruction] = []

    def read(self) -> ProcessBook:
        fields = self.fields
        version = fields.scalar("kamxl")
        if version is not None and version.text != str(LANGUAGE_VERSION):
            message = f"this kamxl reads process files of version {LANGUAGE_VERSION}, not `{version.text}`"
            fields.report("KX107", message, version.place, hint=f"write `kamxl: {LANGUAGE_VERSION}`, or update kamxl")
        self.stages = fields.mapping_of("stages", self._stage)
        self.departments = fields.mapping_of("departments", self._department)
        processes = fields.mapping_of("processes", self._process)
        return ProcessBook(
            name=fields.label("name", "Processes"),
            stages=self.stages,
            departments=self.departments,
            processes=processes,
            instructions=tuple(self.instructions),
            file=self.document.file,
            digest=self.document.digest,
        )

    def _stage(self, key: str, node: SourceNode, place: Place) -> Stage:
        return Stage(key, self.fields.label_of(node, f"stage `{key}`"), place)

    def _department(self, key: str, node: SourceNode, place: Place) -> Department:
        fields = Fields(node, self.document, process_keys.DEPARTMENT, what=f"department `{key}`")
        see = fields.texts("see")
        template = fields.scalar("template")
        return Department(
            key=key,
            label=fields.label("label", tidy(key)),
            see=tuple(scalar.text for scalar in see),
            template=template.text if template is not None else DEFAULT_TEMPLATE,
            purpose=fields.label("purpose"),
            place=place,
            see_places=tuple(scalar.place for scalar in see),
            template_place=template.place if template is not None else place,
        )

    def _process(self, key: str, node: SourceNode, place: Place) -> Process:
        fields = Fields(node, self.document, process_keys.PROCESS, what=f"process `{key}`")
        known = [department.key for department in self.departments]
        entries = self._entries(fields.node("instructions"), f"instructions of process `{key}`")
        # Without departments or stages every name below would be unknown: one mistake, one message.
        for entry in entries if known and self.stages else ():
            name = entry.name
            if name not in known:
                hint = suggest(name, known)
                fields.report("KX220", f"department `{name}` is not declared", entry.place, hint=hint)
                continue
            self._instructions_of(key, name, entry.value)
        return Process(key, fields.label("label", tidy(key)), fields.label("aim"), place)

    def _entries(self, node: SourceNode | None, what: str) -> tuple[Entry, ...]:
        if node is None:
            return ()
        if not isinstance(node, Mapping):
            self.fields.report("KX103", f"{what} must be keys and values", node.place)
            return ()
        return node.entries

    def _instructions_of(self, process: str, department: str, node: SourceNode) -> None:
        known = [stage.key for stage in self.stages]
        for entry in self._entries(node, f"instructions of `{process}` for `{department}`"):
            name = entry.name
            if name not in known:
                self.fields.report("KX220", f"stage `{name}` is not declared", entry.place, hint=suggest(name, known))
                continue
            self.instructions.append(self._instruction(process, department, entry))

    def _instruction(self, process: str, department: str, entry: Entry) -> Instruction:
        stage, node = entry.name, entry.value
        if isinstance(node, Scalar) and node.text.casefold() == process_keys.NONE_WORD:
            return Instruction(process, department, stage, is_none=True, place=entry.place)
        what = f"instruction `{process}`, `{department}`, `{stage}`"
        if isinstance(node, Scalar):
            hint = "write `do:` and a text, or `none` where nothing is to be done"
            self.fields.report("KX103", f"{what} must be keys and values, or `none`", node.place, hint=hint)
            return Instruction(process, department, stage, is_none=True, place=entry.place)
        fields = Fields(node, self.document, process_keys.INSTRUCTION, what=what)
        return Instruction(
            process=process,
            department=department,
            stage=stage,
            do=fields.label("do"),
            how=fields.label("how"),
            within=fields.label("within"),
            owner=fields.label("owner"),
            checklist=self._checklist(fields),
            place=entry.place,
        )

    def _checklist(self, fields: Fields) -> tuple[Label, ...]:
        node = fields.node("checklist")
        if node is None:
            return ()
        items = node.items if isinstance(node, Items) else (node,)
        return tuple(fields.label_of(item, "`checklist`") for item in items)


def coverage(book: ProcessBook, rules: RuleSet) -> Coverage:
    """Category x department x stage: given, declared none, or missing; what is missing or unknown is a problem."""
    found = book.by_place()
    states: dict[tuple[str, str, str], State] = {}
    categories = rules.categories.all_rules
    for category in categories:
        for department in book.departments:
            for stage in book.stages:
                instruction = found.get((category.process, department.key, stage.key))
                state: State = "missing" if instruction is None else "none" if instruction.is_none else "given"
                states[category.key, department.key, stage.key] = state
    problems = [*_process_problems(book, categories), *_gaps(book, categories), *_unknown_columns(book, rules)]
    return Coverage(categories, book.departments, book.stages, states, sort_problems(problems))


def _process_problems(book: ProcessBook, categories: Sequence[CategoryRule]) -> list[Problem]:
    known = [process.key for process in book.processes]
    problems = []
    for category in categories:
        if not category.process:
            message = f"category `{category.key}` names no process"
            hint = "add `process:` to the category, so that departments know what to do"
            problems.append(Problem("KX219", message, category.place, Severity.WARNING, hint))
        elif category.process not in known:
            message = f"category `{category.key}` names the process `{category.process}`, which is not declared"
            hint = suggest(category.process, known)
            where = (("processes are declared here", Place(book.file)),) if book.file else ()
            problems.append(Problem("KX220", message, category.place, Severity.ERROR, hint, where))
    return problems


def _gaps(book: ProcessBook, categories: Sequence[CategoryRule]) -> list[Problem]:
    """One warning per process and department that lists the stages without an instruction."""
    used = {category.process for category in categories}
    found = book.by_place()
    problems = []
    for process in book.processes:
        if process.key not in used:
            continue
        for department in book.departments:
            missing = [stage.key for stage in book.stages if (process.key, department.key, stage.key) not in found]
            if missing:
                stages = ", ".join(f"`{key}`" for key in missing) if len(missing) < len(book.stages) else "any stage"
                message = f"process `{process.key}` says nothing for `{department.key}` at {stages}"
                hint = "add an instruction, or `none` where nothing is to be done"
                problems.append(Problem("KX219", message, process.place, Severity.WARNING, hint))
    return problems


def _unknown_columns(book: ProcessBook, rules: RuleSet) -> list[Problem]:
    known = [
        *(column.key for column in rules.columns),
        *(derived.key for derived in rules.derived),
        *(family.key for family in rules.families),
        *RESULT_NAMES,
    ]
    problems = []
    for department in book.departments:
        unknown = [
            (name, place)
            for name, place in zip(department.see, department.see_places, strict=True)
            if name not in known
        ]
        # A process file serves several rule sets: what one of them does not know is simply not shown.
        if len(unknown) > _MOST_UNKNOWN:
            some = ", ".join(f"`{name}`" for name, _ in unknown[:_MOST_UNKNOWN])
            message = (
                f"department `{department.key}` may see {len(unknown)} names which are no columns or results of the "
                f"rules: {some} and {len(unknown) - _MOST_UNKNOWN} more"
            )
            problems.append(
                Problem(
                    "KX301", message, unknown[0][1], Severity.WARNING, "processes for these rules stand beside them"
                )
            )
            continue
        for name, place in unknown:
            message = f"department `{department.key}` may see `{name}`, which is no column or result of the rules"
            problems.append(Problem("KX301", message, place, Severity.WARNING, suggest(name, known)))
    return problems


def told_by(key: str, rules: RuleSet, see: Sequence[str]) -> tuple[str, ...]:
    """Names whose figures `why` or `next` spells out and that somebody who sees only `see` may not see, each once.

    `why` writes what the conditions of the categories compare, `next` also the answers that criteria ask for, and the
    columns behind a computed one that bring it about. Points of criteria are what it means to see `why`. A derived
    column is seen when it is listed itself, or all of its parts; for `next` all of its parts must be.
    """
    made_of = {derived.key: names_in(derived.expression.node) for derived in rules.derived}

    def hidden(name: str) -> tuple[str, ...]:
        if name not in made_of:
            return () if name in see else (name,)
        if name in see and key != "next":
            return ()
        return tuple(part for inner in made_of[name] for part in hidden(inner))

    read = [rule.when for rule in rules.categories.all_rules if rule.when is not None]
    if key == "next":
        read += [criterion.of for family in rules.families for criterion in family.criteria]
    names = [name for each in read for name in names_in(each.node)]
    return tuple(dict.fromkeys(part for name in names for part in hidden(name)))
