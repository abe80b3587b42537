"""What each worksheet function answers: plain cells in, rows of plain cells out.

Bodies of the functions that `functions.py` describes. They serve Excel and LibreOffice alike: a cell that must show
an error is a `Fault` with its reason, and every host turns it into its own kind of error. Nothing here raises for
what a user did.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kamxl import __version__
from kamxl.addin.functions import FUNCTIONS
from kamxl.addin.rules_shelf import RulesShelf, Shelved
from kamxl.addin.scoring import Clients, Fault, FaultError, Memo, as_rows, read_clients
from kamxl.addin.settings import Settings
from kamxl.backends import Scored
from kamxl.evidence import Explainer
from kamxl.explain import why_line
from kamxl.language.model import RuleSet
from kamxl.next_step import next_step
from kamxl.phrases import say
from kamxl.problems import KamxlError, Severity, suggest
from kamxl.table import Cell
from kamxl.values import fold, is_blank, is_error, text_of

Answer = list[list[Cell]]
Column = Callable[[Scored, int], Cell]


@dataclass(frozen=True, slots=True)
class _Question:
    """The arguments of one call by name; None for one that was left out."""

    arguments: dict[str, object]

    def text(self, name: str) -> str:
        """A text argument; its first cell where a range was given."""
        rows = as_rows(self.arguments.get(name))
        cell = rows[0][0] if rows and rows[0] else None
        if is_error(cell):
            raise FaultError(f"KX401 the argument {name} holds {cell}", error=str(cell).strip().upper())
        return "" if is_blank(cell) else text_of(cell)


class Answers:
    """Answers worksheet functions for one user: settings, rule files and results of earlier calls are its state."""

    def __init__(self, settings: Settings, shelf: RulesShelf | None = None) -> None:
        self.settings = settings
        self.shelf = shelf or RulesShelf()
        self._memo = Memo()

    def answer(self, name: str, arguments: Sequence[object]) -> Answer:
        """What a function says, always at least one cell.

        Shapes: arguments in the order of the registry, None for one left out; a range is a list of rows.
        Errors: KeyError for a function that is not in the registry - a bug of ours. Users' mistakes are Fault cells.
        """
        function = next(function for function in FUNCTIONS if function.name == name)
        names = [argument.name for argument in function.arguments]
        question = _Question(dict(zip(names, arguments, strict=False)))
        try:
            return _BODIES[name](self, question) or [[""]]
        except FaultError as error:
            return [[error.fault.reason if name in _TELLS_REASONS else error.fault]]
        except KamxlError as error:
            reason = error.problems[0].cell_line()
            return [[reason if name in _TELLS_REASONS else Fault("#VALUE!", reason)]]

    def forget(self) -> None:
        """Read rule files again and drop results of earlier calls."""
        self.shelf.forget()
        self._memo.forget()

    def shelved(self, question: _Question) -> Shelved:
        """The rule file that a question means."""
        name = question.text("rules")
        return self.shelf.take(self.settings.rules_named(name) if name else self.settings.rules)

    def rules(self, question: _Question) -> RuleSet:
        """The rules that a question means. Errors: FaultError when there are no good ones."""
        shelved = self.shelved(question)
        if shelved.rules is None:
            first = next((p for p in shelved.problems if p.severity is Severity.ERROR), None)
            reason = f"{first.code} {first.message} ({first.place})" if first else "KX001 there are no rules"
            raise FaultError(reason)
        return shelved.rules

    def scored(self, question: _Question) -> tuple[Scored, Clients]:
        """The results of the clients in a question. Errors: FaultError, see `Memo.score` and `read_clients`."""
        rules = self.rules(question)
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
            return Fault("#VALUE!", problem.cell_line())
    return None


def _number(number: float) -> Cell:
    return "" if math.isnan(number) else float(number)


def _score(_answers: Answers, _question: _Question, _scored: Scored) -> Column:
    return lambda scored, index: _unusable(scored, index) or _number(scored.score[index])


def _completeness(_answers: Answers, _question: _Question, _scored: Scored) -> Column:
    return lambda scored, index: _unusable(scored, index) or _number(scored.completeness[index])


def _family(_answers: Answers, question: _Question, scored: Scored) -> Column:
    wanted = question.text("family")
    families = scored.plan.rules.families
    key = next((f.key for f in families if fold(wanted) in map(fold, (f.key, *f.label.all_texts()))), None)
    if key is None:
        hint = suggest(wanted, [family.key for family in families])
        raise FaultError(f"KX105 `{wanted}` is not a family of the rules; {hint}")
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
    return lambda _, index: next_step(explainer, index, explainer.row_values(index))


def _rules(answers: Answers, question: _Question) -> Answer:
    shelved = answers.shelved(question)
    language = shelved.rules.language if shelved.rules else answers.settings.language
    lines: Answer = [[say("rules", language), shelved.title()], ["", str(shelved.path)]]
    lines += [
        [problem.severity.word, f"{problem.code} {problem.message} ({problem.place})"] for problem in shelved.problems
    ]
    return lines


def _version(_answers: Answers, _question: _Question) -> Answer:
    return [[f"kamxl {__version__}"]]


# Functions whose answer is a text about the clients: the reason is the answer, not an error.
_TELLS_REASONS = frozenset({"KAM_EXPLAIN"})
_BODIES: dict[str, Callable[[Answers, _Question], Answer]] = {
    "KAM_SCORE": _one_column(_score),
    "KAM_CATEGORY": _one_column(_category),
    "KAM_FAMILY": _one_column(_family),
    "KAM_EXPLAIN": _one_column(_explain),
    "KAM_NEXT": _one_column(_next),
    "KAM_DORMANT": _one_column(_dormant),
    "KAM_COMPLETENESS": _one_column(_completeness),
    "KAM_RULES": _rules,
    "KAM_VERSION": _version,
}
