"""What a template is given: frozen records of texts in one language, figures, clients (listed in docs/templates.md).

A figure that the department may not see is None, here already: a published workbook holds no other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from kamxl.language.model import CategoryRule, Label
from kamxl.looks import category_colours
from kamxl.process import Department, Instruction, ProcessBook
from kamxl.records import dataclass
from kamxl.sheets.clients import Clients, Sight, figure
from kamxl.sheets.columns import RunColumns
from kamxl.values import date_of


@dataclass(frozen=True, slots=True)
class DepartmentView:
    """The department of the sheet; `see` are the keys that it may see, `purpose` may be empty."""

    key: str
    label: str
    purpose: str
    see: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StageView:
    """A stage of the client journey."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class StepView:
    """What the department does at a stage; `is_none` where nothing is declared, `is_missing` where nobody said."""

    key: str
    stage: str
    do: str = ""
    how: str = ""
    within: str = ""
    owner: str = ""
    checklist: tuple[str, ...] = ()
    is_none: bool = False
    is_missing: bool = False


@dataclass(frozen=True, slots=True)
class CategoryView:
    """A category: its process, what to do, its clients. Units: shares 0 to 1; figures None where they are not seen."""

    key: str
    label: str
    colour: str
    ink: str
    process: str
    aim: str
    steps: tuple[StepView, ...]
    clients: Clients
    count: int
    share_of_clients: float
    revenue: float | None
    share_of_revenue: float | None
    dormant: float | None


@dataclass(frozen=True, slots=True)
class RulesView:
    """The rules of the run: name, stamp for the sheet, the day from which dates are measured."""

    name: str
    stamp: str
    as_of: dt.date


@dataclass(frozen=True, slots=True)
class PortfolioView:
    """Figures over all clients. Units: None where they are not seen."""

    count: int
    revenue: float | None
    dormant: float | None


@dataclass(frozen=True, slots=True)
class SheetContext:
    """Everything that one department's template is given besides the functions."""

    department: DepartmentView
    language: str
    stages: tuple[StageView, ...]
    categories: tuple[CategoryView, ...]
    clients: Clients
    unclassified: Clients
    rules: RulesView
    portfolio: PortfolioView

    def as_names(self) -> dict[str, object]:
        """The context by the names that templates use."""
        return {name: getattr(self, name) for name in CONTEXT_NAMES}


CONTEXT_NAMES: tuple[str, ...] = tuple(SheetContext.__match_args__)


def build_context(
    columns: RunColumns, sight: Sight, department: Department, ranked: Mapping[int, Sequence[int]], stamp: str
) -> SheetContext:
    """The context of one department. Shapes: ranked holds rows by category index, best first; -1 without category."""
    scored, language = columns.scored, columns.language
    figures = Figures(columns, sight, columns.everyone)
    categories = tuple(
        _category(columns, sight, department, figures, rule, ranked.get(index, ()))
        for index, rule in enumerate(columns.rules.categories.all_rules)
    )
    return SheetContext(
        department=DepartmentView(
            department.key, department.label.text(language), department.purpose.text(language), sight.see
        ),
        language=language,
        stages=tuple(StageView(stage.key, stage.label.text(language)) for stage in columns.book.stages),
        categories=categories,
        clients=Clients(sight, columns.once(_in_order, ranked), "clients"),
        unclassified=Clients(sight, ranked.get(-1, ()), "unclassified"),
        rules=RulesView(columns.rules.name.text(language), stamp, date_of(scored.plan.as_of) or dt.date.min),
        portfolio=PortfolioView(len(columns.everyone), figures.revenue, figures.dormant),
    )


def _in_order(_columns: RunColumns, ranked: Mapping[int, Sequence[int]]) -> tuple[int, ...]:
    """All rows, category by category; those without one come last."""
    return tuple(row for index in sorted(ranked, key=lambda index: (index < 0, index)) for row in ranked[index])


class Figures:
    """Sums of the well-known columns that the department may see. State: the totals over all clients."""

    def __init__(self, columns: RunColumns, sight: Sight, everyone: Sequence[int]) -> None:
        self._columns = columns
        self._sight = sight
        self.count = len(everyone)
        self.revenue = self.sum("revenue", everyone)
        self.dormant = self.sum("dormant", everyone)

    def sum(self, key: str, rows: Sequence[int]) -> float | None:
        """The sum of a column over rows; None where it is not seen."""
        return self._columns.once(figure, key, rows) if key in self._sight.see else None


def _category(
    columns: RunColumns,
    sight: Sight,
    department: Department,
    figures: Figures,
    rule: CategoryRule,
    rows: Sequence[int],
) -> CategoryView:
    language = columns.language
    process = columns.book.process(rule.process)
    index = columns.rules.categories.index_of(rule.key)
    fill, ink = category_colours(index, rule.colour)
    revenue = figures.sum("revenue", rows)
    share = revenue / figures.revenue if revenue is not None and figures.revenue else None
    return CategoryView(
        key=rule.key,
        label=rule.label.text(language),
        colour=fill,
        ink=ink,
        process=process.label.text(language) if process is not None else "",
        aim=process.aim.text(language) if process is not None else "",
        steps=_steps(columns.book, rule.process, department.key, language),
        clients=Clients(sight, rows, rule.key),
        count=len(rows),
        share_of_clients=len(rows) / figures.count if figures.count else 0.0,
        revenue=revenue,
        share_of_revenue=share,
        dormant=figures.sum("dormant", rows),
    )


def _steps(book: ProcessBook, process: str, department: str, language: str) -> tuple[StepView, ...]:
    found = book.by_place()
    steps = []
    for stage in book.stages:
        label = stage.label.text(language)
        instruction = found.get((process, department, stage.key))
        if instruction is None or instruction.is_none:
            missing = instruction is None
            steps.append(StepView(stage.key, label, is_none=not missing, is_missing=missing))
        else:
            steps.append(_step(stage.key, label, instruction, language))
    return tuple(steps)


def _step(key: str, label: str, instruction: Instruction, language: str) -> StepView:
    def text(found: Label) -> str:
        return found.text(language)

    return StepView(
        key=key,
        stage=label,
        do=text(instruction.do),
        how=text(instruction.how),
        within=text(instruction.within),
        owner=text(instruction.owner),
        checklist=tuple(text(item) for item in instruction.checklist),
    )
