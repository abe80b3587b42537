"""One sheet per department: processes and clients through a template to a Grid."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from kamxl.backends import Scored
from kamxl.problems import Problem, sort_problems
from kamxl.process import Department, ProcessBook
from kamxl.sheets.clients import Sight, other_names, ranked_rows
from kamxl.sheets.columns import RunColumns
from kamxl.sheets.context import build_context
from kamxl.sheets.functions import SheetFunctions
from kamxl.sheets.layout import lay_out
from kamxl.sheets.markdown import read_markdown
from kamxl.sheets.notes import Notes, left_over, notes_by_identity
from kamxl.sheets.templates import Templates
from kamxl.table import Grid
from kamxl.values import clean_text, date_of

# 31 UTF-16 units, Excel's limit for sheet names.
LONGEST_SHEET_NAME = 31
_FORBIDDEN = re.compile(r"[\\/?*\[\]:\x00-\x1f\x7f]")
PREFIX = "KAM "
# The other sheets that kamxl makes, in both languages: a department called Dashboard must not take that one's place.
RESERVED = frozenset(
    f"{PREFIX}{name}".casefold()
    for name in ("Dashboard", "Movement", "White space", "Brief", "History", "Rules", "Tests", "Essais")
    + ("What-if", "Simulation")
)


def department_grids(
    scored: Scored,
    book: ProcessBook,
    *,
    language: str,
    templates_dirs: Sequence[Path],
    why: Sequence[str] | None = None,
    notes: Mapping[str, Notes] | None = None,
    next_steps: Sequence[str] | None = None,
    stamp: str = "",
) -> tuple[list[Grid], list[Problem]]:
    """The sheets of all departments, and the faults of their templates; with a fault there is no sheet at all.

    Shapes: why and next_steps (n,), a text per row; notes by department key, as `kept_notes` gives them.
    `templates_dirs` are searched in order, the user's own folder before the shipped one.
    """
    templates = Templates(templates_dirs, language=language)
    templates.check((department.template, department.template_place) for department in book.departments)
    columns = RunColumns(scored, book, language, why=why, next_steps=next_steps)
    ranked = ranked_rows(columns)
    names = sheet_names(book, language)
    line = stamp or _stamp(scored, language)
    grids = []
    for department in book.departments:
        sheet = _Sheet(templates, columns, department, ranked, line)
        grid = sheet.grid(names[department.key], (notes or {}).get(department.key, {}))
        if grid is not None:
            grids.append(grid)
    return ([] if templates.problems else grids), list(sort_problems(templates.problems))


def check_templates(book: ProcessBook, templates_dirs: Sequence[Path]) -> tuple[Problem, ...]:
    """Faults of all templates of a process book that show without clients."""
    templates = Templates(templates_dirs, language="en")
    return sort_problems(
        templates.check((department.template, department.template_place) for department in book.departments)
    )


class _Sheet:
    """One department's sheet in the making."""

    def __init__(
        self,
        templates: Templates,
        columns: RunColumns,
        department: Department,
        ranked: Mapping[int, Sequence[int]],
        stamp: str,
    ) -> None:
        self.templates = templates
        self.columns = columns
        self.department = department
        self.ranked = ranked
        self.stamp = stamp

    def grid(self, name: str, notes: Notes) -> Grid | None:
        """The Grid; None when the template has a fault."""
        sight = Sight(self.columns, self.department.see)
        notes = notes_by_identity(notes, other_names(self.columns, sight)) if notes else notes
        functions = SheetFunctions(
            sight,
            department=self.department.key,
            language=self.columns.language,
            notes=notes,
            fault=self.templates.fault,
            find_picture=self.templates.find,
        )
        context = build_context(self.columns, sight, self.department, self.ranked, self.stamp)
        names = {**context.as_names(), **functions.as_names()}
        text = self.templates.render(self.department.template, names, self.department.template_place)
        if text is None:
            return None
        blocks = read_markdown(text, functions.made, functions.word)
        closing = left_over(notes, functions.listed, sight.identity.header, self.columns.language)
        return lay_out(name, [*blocks, *closing])


def sheet_names(book: ProcessBook, language: str) -> dict[str, str]:
    """The name of each department's sheet by department key: legal, unique, the same in every run."""
    names: dict[str, str] = {}
    taken = set(RESERVED)
    for department in book.departments:
        label = department.label.text(language) or department.key
        names[department.key] = legal_sheet_name(PREFIX + label, taken)
        taken.add(names[department.key].casefold())
    return names


def legal_sheet_name(wanted: str, taken: set[str]) -> str:
    """A name that a sheet can have: 31 characters, none of \\ / ? * [ ] :, no apostrophe at an end, not taken.

    Shapes: taken holds case-folded names.
    """
    bare = clean_text(_FORBIDDEN.sub(" ", wanted)).strip("' ") or "KAM"
    number, name = 2, _cut(bare, LONGEST_SHEET_NAME)
    while name.casefold() in taken:
        ending = f" {number}"
        name = _cut(bare, LONGEST_SHEET_NAME - len(ending)) + ending
        number += 1
    return name


def _cut(text: str, units: int) -> str:
    while len(text.encode("utf-16-le")) // 2 > units:
        text = text[:-1]
    return text.strip("' ")


def _stamp(scored: Scored, language: str) -> str:
    rules = scored.plan.rules
    day = date_of(scored.plan.as_of)
    parts = (rules.title(language), rules.digest[:8], day.isoformat() if day is not None else "")
    return " · ".join(part for part in parts if part)
