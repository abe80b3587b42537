"""What each worksheet function answers: plain cells in, rows of plain cells out.

Bodies of the functions that `functions.py` describes. They serve Excel and LibreOffice alike: a cell that must show
an error is a `Fault` with its reason, and every host turns it into its own kind of error. Nothing here raises for
what a user did.
"""

from __future__ import annotations

import datetime as dt
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from kamxl import __version__
from kamxl.addin.functions import FUNCTIONS
from kamxl.addin.scoring import Clients, Fault, FaultError, Memo, as_rows, read_clients
from kamxl.addin.settings import Settings
from kamxl.addin.shelf import Shelf, Shelved
from kamxl.backends import Scored
from kamxl.evidence import Explainer
from kamxl.explain import why_line
from kamxl.language.model import Label, RuleSet
from kamxl.language.sound import read_sound_rules
from kamxl.next_step import next_step
from kamxl.phrases import say
from kamxl.problem_words import cell_line_in, message_in, reason_in, severity_in
from kamxl.problems import KamxlError, Problem, Severity, suggest
from kamxl.process import Instruction, read_processes
from kamxl.records import dataclass
from kamxl.table import Cell
from kamxl.trial import Trials
from kamxl.values import fold, is_blank, is_error, text_of

if TYPE_CHECKING:
    from kamxl import app

Answer = list[list[Cell]]
Column = Callable[[Scored, int], Cell]


@dataclass(frozen=True, slots=True)
class _Question:
    """The arguments of one call by name; None for one that was left out."""

    arguments: dict[str, object]

    def check(self) -> None:
        """Errors: FaultError for an argument that the spreadsheet could not hand over, with its reason."""
        for argument in self.arguments.values():
            if isinstance(argument, Fault):
                raise FaultError(argument.reason, error=argument.error)

    def text(self, name: str) -> str:
        """A text argument; its first cell where a range was given."""
        rows = as_rows(self.arguments.get(name))
        cell = rows[0][0] if rows and rows[0] else None
        if is_error(cell):
            raise FaultError(f"KX401 the argument {name} holds {cell}", error=str(cell).strip().upper())
        return "" if is_blank(cell) else text_of(cell)


class Answers:
    """Answers worksheet functions for one user: settings, rule files and results of earlier calls are its state."""

    def __init__(self, settings: Settings, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.settings = settings
        self._rules = Shelf(read_sound_rules, clock=clock)
        self._processes = Shelf(read_processes, clock=clock)
        self._beside: dict[Path, tuple[Path, ...]] = {}
        self._memo = Memo()

    def answer(self, name: str, arguments: Sequence[object]) -> Answer:
        """What a function says, always at least one cell.

        Shapes: arguments in the order of the registry, None for one left out; a range is a list of rows.
        Errors: KeyError for a function that is not in the registry - a bug of ours. Users' mistakes are Fault cells.
        """
        question = _Question(dict(zip(_ARGUMENTS[name], arguments, strict=False)))
        try:
            question.check()
            return _BODIES[name](self, question) or [[""]]
        except FaultError as error:
            fault = Fault(error.fault.error, reason_in(error.fault.reason, self.settings.language))
        except KamxlError as error:
            fault = Fault("#VALUE!", cell_line_in(error.problems[0], self.settings.language))
        return [[fault.reason if name in _TELLS_REASONS else fault]]

    def forget(self) -> None:
        """Read rule files again and drop results of earlier calls."""
        self._rules.forget()
        self._processes.forget()
        self._memo.forget()

    def shelved(self, question: _Question) -> Shelved[RuleSet]:
        """The rule file that a question means."""
        name = question.text("rules")
        return self._rules.take(self.settings.rules_named(name) if name else self.settings.rules)

    def rulebook(self, question: _Question) -> app.Rulebook:
        """Rules and processes that a question means. Errors: KamxlError when there are no good ones."""
        from kamxl import app

        rules = self.shelved(question)
        good = rules.good()
        files = self._files_beside(rules)
        processes = self._processes.take(files[0])
        # What cannot be read now is left out of the fingerprint; the warning beside it says why.
        stamped = () if rules.is_silent or processes.is_silent else files
        return app.Rulebook(good, processes.good(), stamped, (*rules.problems, *processes.problems))

    def state(self, question: _Question) -> tuple[tuple[Problem, ...], bool]:
        """The problems of rule and process file, and whether earlier ones go on in place of a faulty file."""
        rules = self.shelved(question)
        if rules.is_silent and rules.path not in self._beside:
            return rules.problems, False
        processes = self._processes.take(self._files_beside(rules)[0])
        return (*rules.problems, *processes.problems), rules.is_outdated or processes.is_outdated

    def _files_beside(self, rules: Shelved[RuleSet]) -> tuple[Path, ...]:
        """Processes and templates that go with a rule file; those found last while its drive does not answer."""
        from kamxl import app

        if not rules.is_silent:
            self._beside[rules.path] = app.Settings(rules=rules.path).stamped_files
        return self._beside[rules.path]

    def scored(self, question: _Question) -> tuple[Scored, Clients]:
        """The results of the clients in a question. Errors: FaultError, see `Memo.score` and `read_clients`."""
        rules = self.shelved(question).good()
        clients = read_clients(question.arguments["clients"], question.arguments.get("headers"))
        return self._memo.score(rules, clients), clients


def _one_column(make: Callable[[Answers, _Question, Scored], Column]) -> Callable[[Answers, _Question], Answer]:
    def body(answers: Answers, question: _Question) -> Answer:
        scored, clients = answers.scored(question)
        cell_of = make(answers, question, scored)
        lines: Answer = [[""] for _ in range(clients.line_count)]
        for index, position in enumerate(clients.positions):
            lines[position] = [cell_of(scored, index)]
        return lines

    return body


def _unusable(scored: Scored, index: int) -> Fault | None:
    """The error of a row that cannot be scored; None for a row that can."""
    for problem in scored.problems_by_row.get(index, ()):
        if problem.severity is Severity.ERROR:
            return Fault("#VALUE!", cell_line_in(problem, scored.plan.rules.language))
    return None


def _number(number: float) -> Cell:
    return "" if math.isnan(number) else float(number)


def _score(_answers: Answers, _question: _Question, _scored: Scored) -> Column:
    return lambda scored, index: _unusable(scored, index) or _number(scored.score[index])


def _completeness(_answers: Answers, _question: _Question, _scored: Scored) -> Column:
    return lambda scored, index: _unusable(scored, index) or _number(scored.completeness[index])


def _family(_answers: Answers, question: _Question, scored: Scored) -> Column:
    key = _find("family", question.text("family"), scored.plan.rules.families).key
    points = scored.families[key]
    return lambda scored, index: _unusable(scored, index) or _number(points[index])


def _category(_answers: Answers, _question: _Question, scored: Scored) -> Column:
    language = scored.plan.rules.language
    labels = [rule.label.text(language) for rule in scored.plan.rules.categories.all_rules]

    def cell(scored: Scored, index: int) -> Cell:
        category = scored.category[index]
        return _unusable(scored, index) or (labels[category] if category >= 0 else "")

    return cell


def _dormant(_answers: Answers, _question: _Question, scored: Scored) -> Column:
    dormant = scored.values.get("dormant")
    if dormant is None:
        raise FaultError("KX105 the rules have no column `dormant`; add it under `derived:`", error="#N/A")

    def cell(scored: Scored, index: int) -> Cell:
        value = dormant[index]
        return _unusable(scored, index) or (_number(value) if isinstance(value, float) else "")

    return cell


def _explain(_answers: Answers, _question: _Question, scored: Scored) -> Column:
    explainer = Explainer(scored, scored.plan.rules.language)
    return lambda _, index: why_line(explainer, index)


def _next(_answers: Answers, _question: _Question, scored: Scored) -> Column:
    explainer = Explainer(scored, scored.plan.rules.language)
    trials = Trials(explainer)
    return lambda _, index: next_step(trials, index, explainer.row_values(index))


def _table(answers: Answers, question: _Question) -> Answer:
    from kamxl import app

    scored, clients = answers.scored(question)
    book = answers.rulebook(question)
    language = book.rules.language
    stamp = app.stamp_of(scored, book, language)
    results = app.result_columns(scored, book.processes, stamp, language)
    columns = [column for _, column in results]
    faults = [_unusable(scored, index) for index in range(scored.row_count)]
    has_errors = [key not in _TEXT_RESULTS for key, _ in results]
    lines: Answer = [[column.header for column in columns]]
    lines += [[""] * len(columns) for _ in range(clients.line_count)]
    for index, position in enumerate(clients.positions):
        for place, column in enumerate(columns):
            cell = column.values[index]
            fault = faults[index] if has_errors[place] else None
            lines[position + 1][place] = fault or ("" if cell is None else cell)
    warning = _kept_warning(language) if answers.state(question)[1] else ""
    if warning:
        lines[0][-1] = f"{lines[0][-1]} {warning}"
    return lines


def _process(answers: Answers, question: _Question) -> Answer:
    book = answers.rulebook(question)
    language, processes = book.rules.language, book.processes
    department = _find("department", question.text("department"), processes.departments)
    stage = _find("stage", question.text("stage"), processes.stages)
    instructions = processes.by_place()
    lines: Answer = []
    for row in as_rows(question.arguments["category"]):
        line: list[Cell] = []
        for cell in row:
            if is_blank(cell) or is_error(cell):
                line.append(Fault("#VALUE!", f"KX401 the category is {cell}") if is_error(cell) else "")
                continue
            rule = _find("category", text_of(cell), book.rules.categories.all_rules)
            found = instructions.get((rule.process, department.key, stage.key))
            line.append(_instruction(found, language) if found is not None and not found.is_none else "")
        lines.append(line)
    return lines


class _Named(Protocol):
    """Whatever managers name by a key and label in each language."""

    @property
    def key(self) -> str: ...

    @property
    def label(self) -> Label: ...


_Found = TypeVar("_Found", bound=_Named)


def _find(what: str, wanted: str, among: Sequence[_Found]) -> _Found:
    """The record that a user means by its key or by its label in any language. Errors: FaultError with a guess."""
    for each in among:
        if fold(wanted) in map(fold, (each.key, *each.label.all_texts())):
            return each
    raise FaultError(f"KX220 `{wanted}` is not a {what} of the rules; {suggest(wanted, [each.key for each in among])}")


def _instruction(instruction: Instruction, language: str) -> str:
    parts = [label.text(language) for label in (instruction.do, instruction.how, instruction.within)]
    return " – ".join(part.rstrip(".") for part in parts if part)


def _rules(answers: Answers, question: _Question) -> Answer:
    shelved = answers.shelved(question)
    rules = shelved.content
    language = rules.language if rules is not None else answers.settings.language
    title: list[Cell] = [say("rules", language), "", "", str(shelved.path)]
    if rules is not None:
        is_there = not shelved.is_silent and shelved.path.exists()
        saved = dt.datetime.fromtimestamp(shelved.path.stat().st_mtime) if is_there else None
        title[1:3] = [rules.name.text(language), rules.digest[:8]]
        title.append(f"{saved:%Y-%m-%d %H:%M}" if saved else "")
    else:
        title.append("")
    lines: Answer = [title]
    problems, is_outdated = answers.state(question)
    if is_outdated:
        lines.append(["", _kept_warning(language), "", "", ""])
    for problem in problems:
        word, sentence = severity_in(problem.severity, language), message_in(problem, language)
        lines.append([word, sentence, problem.code, str(problem.place), ""])
    return lines


def _kept_warning(language: str) -> str:
    french = "(anciennes règles : le fichier enregistré a un défaut)"
    return french if language == "fr" else "(earlier rules: the saved file has a fault)"


def _version(_answers: Answers, _question: _Question) -> Answer:
    return [[f"kamxl {__version__}"]]


_ARGUMENTS = {function.name: [argument.name for argument in function.arguments] for function in FUNCTIONS}
# Functions whose answer is a text about the clients: the reason is the answer, not an error.
_TELLS_REASONS = frozenset({"KAM_EXPLAIN"})
# Results that stay readable in a row that cannot be scored: they say why.
_TEXT_RESULTS = frozenset({"why", "next", "rules"})
_BODIES: dict[str, Callable[[Answers, _Question], Answer]] = {
    "KAM_SCORE": _one_column(_score),
    "KAM_CATEGORY": _one_column(_category),
    "KAM_FAMILY": _one_column(_family),
    "KAM_EXPLAIN": _one_column(_explain),
    "KAM_NEXT": _one_column(_next),
    "KAM_DORMANT": _one_column(_dormant),
    "KAM_COMPLETENESS": _one_column(_completeness),
    "KAM_PROCESS": _process,
    "KAM_TABLE": _table,
    "KAM_RULES": _rules,
    "KAM_VERSION": _version,
}
