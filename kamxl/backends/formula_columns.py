"""The live columns of the client table: one template per column, from what is read to the category.

Missing answers and rows that cannot be scored are empty texts; a scale that cannot judge its answer shows the code of
the problem, and the column *Check* gathers what leaves a row unscored.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from kamxl.backends.formula_expressions import AnswerCell, ExpressionWriter
from kamxl.backends.formula_layout import CriterionCells, RulesLayout
from kamxl.backends.formula_parts import (
    PART_BUDGET,
    LiveColumn,
    Splitter,
    answered_of,
    earned_of,
    filled_of,
    short_name,
    spoken,
    weighed_of,
)
from kamxl.backends.formula_plan import ANSWER, APPLIES, COMPARED, LivePlan
from kamxl.backends.formula_text import (
    YES,
    as_text,
    as_yes_no,
    cleaned,
    is_blank,
    mark,
    mark_whole,
    number_text,
    text_literal,
)
from kamxl.backends.formula_words import say
from kamxl.language.expression import Name, ValueKind, kind_of
from kamxl.language.model import AsIs, Bands, Curve, Listed, Target, YesNo
from kamxl.plan import Combine, Derive, Mark, Plan, Read, Relate
from kamxl.table import Cell
from kamxl.values import NUMBER_KINDS, QUANTUM_DECIMALS, TEXT_KINDS, clean_text

USER, READ, DERIVED, RELATED, POINTS, FAMILY = "user ", "read ", "derived ", "related ", "points ", "family "
PART = "part "
CHECK, SCORE, COMPLETENESS, OVERRIDE, CATEGORY = "check", "score", "completeness", "override", "category"
STATUS, FILLED = "status", "filled"
OVERRIDE_READ = "read override"
_RESULTS = frozenset((SCORE, CATEGORY, COMPLETENESS, CHECK, STATUS, OVERRIDE))
# Characters of sums within the formulas that use them; those of kam.yml stay below.
SUM_BUDGET, SHARES_BUDGET = 2_300, 6_000


def is_step(column: LiveColumn) -> bool:
    """Whether the column only leads to the results."""
    return column.key not in _RESULTS and not column.key.startswith(FAMILY)


def answer_kind(read: Read) -> ValueKind:
    """What expressions see of a column of the workbook."""
    if read.kind in NUMBER_KINDS:
        return "number"
    if read.kind in TEXT_KINDS:
        return "text"
    return "date" if read.kind == "date" else "condition"


def name_cells(live: LivePlan) -> dict[str, AnswerCell]:
    """Where each name of an expression stands."""
    cells: dict[str, AnswerCell] = {}
    for step in live.plan.operations:
        match step:
            case Read():
                kind = answer_kind(step)
                raw = kind in ("number", "date")
                reference = mark(f"{USER}{step.index}") if raw else mark(READ + step.name)
                cells[step.name] = AnswerCell(reference if step.index >= 0 else "", kind, raw)
            case Derive():
                cells[step.name] = AnswerCell(mark(DERIVED + step.name), kind_of(step.of))
            case Relate():
                cells[step.name] = AnswerCell(mark(RELATED + step.name), "number")
            case Combine():
                cells[step.family] = AnswerCell(mark(FAMILY + step.family), "number")
    cells["score"] = AnswerCell(mark(SCORE), "number")
    cells["completeness"] = AnswerCell(mark(COMPLETENESS), "number")
    return cells


class ColumnTemplates:
    """Writes the templates of all columns of one plan. State: none beyond what it was given."""

    def __init__(self, live: LivePlan, layout: RulesLayout, *, date_shift: float = 0.0) -> None:
        self.live = live
        self.plan: Plan = live.plan
        self.layout = layout
        self.language = live.plan.rules.language
        self.cells = name_cells(live)
        self.writer = ExpressionWriter(self.cells, layout.as_of, {}, date_shift)
        self.date_shift = date_shift
        self.split = Splitter(self._headers())

    def _headers(self) -> dict[str, str]:
        """Headers by key, for the length of references."""
        found = {f"{USER}{index}": header for index, header in enumerate(self.plan.headers)}
        for _, criterion in self.plan.rules.criteria:
            label = criterion.label.text(self.language)
            found[POINTS + criterion.key] = say("points column", self.language) + label
            found[DERIVED + ANSWER + criterion.key] = say("answer", self.language) + label
        return found

    def columns(self) -> tuple[LiveColumn, ...]:
        """Results first, then the steps that lead to them."""
        points = [self._points(step) for step in self.plan.marks()]
        checks = self._checks()
        results = [
            LiveColumn(SCORE, say("score", self.language), self._score(), "score"),
            *(self._family(step) for step in self.plan.combines()),
            LiveColumn(CATEGORY, say("category", self.language), self._category(), "text indent=1", 26.0),
            LiveColumn(COMPLETENESS, say("completeness", self.language), self._completeness(), "percent"),
            *checks[-1:],
            # The badge beside the table: nobody has to look at the rules sheet to see that a weight was changed.
            LiveColumn(STATUS, say("live rules", self.language), self.layout.status, "label indent=1", 15.0),
        ]
        overrides = self._override()
        return (*results, *overrides, *points, *self._parts(), *self._filled(), *checks[:-1], *self._steps())

    def _parts(self) -> tuple[LiveColumn, ...]:
        """The columns of sums that are too long to stand in the formulas that use them."""
        found: list[LiveColumn] = []
        for step in self.plan.combines():
            found += [*self._sums(step)[2], *self._shares(step)[1]]
        return tuple(found)

    def _steps(self) -> list[LiveColumn]:
        columns = []
        for step in self.plan.operations:
            if isinstance(step, Read) and step.name in self.live.needed and step.index >= 0:
                columns += self._read(step)
            elif isinstance(step, Derive) and step.name in self.live.needed:
                columns.append(self._derived(step))
            elif isinstance(step, Relate) and step.name in self.live.needed:
                columns.append(self._related(step))
        return columns

    def _read(self, step: Read) -> list[LiveColumn]:
        cell = mark(f"{USER}{step.index}")
        header = say("read", self.language) + clean_text(self.plan.headers[step.index])
        if step.kind in TEXT_KINDS:
            return [LiveColumn(READ + step.name, header, as_text(cell))]
        return [LiveColumn(READ + step.name, header, as_yes_no(cell))] if step.kind == "yes/no" else []

    def _derived(self, step: Derive) -> LiveColumn:
        words = {ANSWER: "answer", APPLIES: "applies column", COMPARED: "compared"}
        prefix = next((prefix for prefix in words if step.name.startswith(prefix)), "")
        header = say(words.get(prefix, "derived"), self.language) + self._label(prefix, step.name.removeprefix(prefix))
        kind = kind_of(step.of)
        value = self.writer.value(step.of)
        if kind == "condition":
            return LiveColumn(DERIVED + step.name, header, f'IFERROR(IF({value},"{YES}","no"),"")')
        look = {"number": "text format=#,##0.0###", "date": "date"}.get(kind, "text indent=1")
        return LiveColumn(DERIVED + step.name, header, f'IFERROR({value},"")', look)

    def _label(self, prefix: str, key: str) -> str:
        rules = self.plan.rules
        if prefix == ANSWER:
            return next(c.label.text(self.language) for _, c in rules.criteria if c.key == key)
        if prefix == APPLIES:
            return next(family.label.text(self.language) for family in rules.families if family.key == key)
        return spoken(key)

    def _related(self, step: Relate) -> LiveColumn:
        own, everyone = mark(DERIVED + COMPARED + step.name), mark_whole(DERIVED + COMPARED + step.name)
        if step.function == "percentile":
            share = f"IF(COUNT({everyone})>1,(RANK({own},{everyone},1)-1)/(COUNT({everyone})-1),0)"
        else:
            total = f'SUMIF({everyone},">0")'
            at_least = f"IF({own}>0,SUMPRODUCT(--({everyone}>={own}),{everyone}),{total})"
            share = f'IF({total}>0,{at_least}/{total},"")'
        header = say("derived", self.language) + spoken(step.name)
        # A total beyond any number is an error: nobody has a share of it.
        return LiveColumn(RELATED + step.name, header, f'IF(ISNUMBER({own}),IFERROR({share},""),"")', "percent1")

    def answer_of(self, step: Mark) -> AnswerCell:
        """The cell that holds the answer of a criterion."""
        if not isinstance(step.of, Name):
            raise TypeError(f"{step.criterion}: the live plan gives every answer a name")
        return self.cells[step.of.name]

    def _points(self, step: Mark) -> LiveColumn:
        answer, cells = self.answer_of(step), self.layout.criteria[step.criterion]
        missing = cells.missing
        label = next(c.label.text(self.language) for _, c in self.plan.rules.criteria if c.key == step.criterion)
        if answer.reference:
            points = self._scale_points(step, answer.reference, cells)
            missing = f"IF({answer.is_answered},{points},{missing})"
        return LiveColumn(POINTS + step.criterion, say("points column", self.language) + label, missing, "score")

    def _scale_points(self, step: Mark, cell: str, cells: CriterionCells) -> str:
        scale, block = step.scale, cells.scale
        full = number_text(self.plan.rules.scale)
        match scale:
            case Bands():
                return f"LOOKUP(ROUND({cell},{QUANTUM_DECIMALS}),{block.keys},{block.points})"
            case Curve():
                if not block.slopes:
                    return block.point_cells[0]
                x = f"MAX({block.key_cells[0]},MIN({block.key_cells[-1]},{cell}))"
                starts = block.starts
                first_points = block.points.rsplit("$", 1)[0] + f"${block.slopes.rsplit('$', 1)[1]}"
                start = f"LOOKUP({x},{starts},{first_points})"
                return f"{start}+({x}-LOOKUP({x},{starts}))*LOOKUP({x},{starts},{block.slopes})"
            case Listed():
                sought = f"ROUND({cell},{QUANTUM_DECIMALS})" if self._is_number(step) else cell
                same = f"({block.keys}={sought})"
                other = f'IF(ISNUMBER({cells.other}),{cells.other},"KX404")'
                return f"IF(SUMPRODUCT(--{same})=0,{other},SUMPRODUCT({same}*{block.points}))"
            case AsIs():
                mark_ = f"ROUND({cell},{QUANTUM_DECIMALS})"
                return f'IF(AND({mark_}>=0,{mark_}<={full}),MAX(0,MIN({full},{cell})),"KX408")'
            case Target():
                ideal, beyond = block.point_cells
                return f"{full}*MAX(0,1-ABS({cell}-{ideal})/{beyond})"
            case YesNo():
                yes, no = block.point_cells
                return f'IF({cell}="{YES}",{yes},{no})'

    def _is_number(self, step: Mark) -> bool:
        return kind_of(step.of) in ("number", "date")

    def _checks(self) -> list[LiveColumn]:
        """The last column says everything that leaves a row unscored; earlier ones hold parts that did not fit."""
        pieces = [self._unusable(step) for step in self.plan.reads() if step.index >= 0 and step.counts]
        for step in self.plan.marks():
            cell = mark(POINTS + step.criterion)
            label = next(c.label.text(self.language) for _, c in self.plan.rules.criteria if c.key == step.criterion)
            pieces.append(f'IF(LEFT({cell},2)="KX",{cell}&{text_literal(" " + short_name(label) + "; ")},"")')
        parts = [pieces[first:end] for first, end in self.split.runs(pieces)]
        title = say("check", self.language)
        columns: list[LiveColumn] = []
        first = 0
        for number, part in enumerate(parts[:-1], 1):
            covers = (first, first + len(part))
            columns.append(LiveColumn(f"{CHECK} {number}", f"{title} {number}", "&".join(part), parts=covers))
            first += len(part)
        whole = "&".join([*(mark(column.key) for column in columns), *parts[-1]]) or '""'
        return [*columns, LiveColumn(CHECK, title, whole, "warning indent=1", 24.0)]

    def _unusable(self, step: Read) -> str:
        cell = mark(f"{USER}{step.index}")
        name = short_name(clean_text(self.plan.headers[step.index]))

        def said(code: str) -> str:
            return text_literal(f"{code} {name}; ")

        if step.kind in TEXT_KINDS:
            return f'IF(ISERROR({cell}),{said("KX401")},"")'
        if step.kind == "yes/no":
            wrong = f'IF({is_blank(cell)},"",{said("KX410")})'
            return f'IF(ISERROR({cell}),{said("KX401")},IF({mark(READ + step.name)}<>"","",{wrong}))'
        code = "KX403" if step.kind == "date" else "KX402"
        answered = self.cells[step.name].is_answered
        wrong = f'IF({answered},"",IF({is_blank(cell)},"",{said(code)}))'
        return f"IF(ISERROR({cell}),{said('KX401')},{wrong})"

    def _family(self, step: Combine) -> LiveColumn:
        earned, total, _ = self._sums(step)
        score = f"100*({earned})/({total})"
        cells = self.layout.families[step.family]
        if step.at_most is not None:
            score = f"MIN({cells.at_most},{score})"
        family = f'IF({self._is_silent()},"",IF(({total})>0,{score},""))'
        if step.applies is not None:
            family = f'IF({self._applies(step)}="{YES}",{family},"")'
        label = next(f.label.text(self.language) for f in self.plan.rules.families if f.key == step.family)
        return LiveColumn(FAMILY + step.family, label, family, "score")

    def _sums(self, step: Combine) -> tuple[str, str, tuple[LiveColumn, ...]]:
        """(what a family earns, the weights that are answered, the columns of their parts)."""
        full = number_text(self.plan.rules.scale)
        pairs = [(self.layout.criteria[key].weight, mark(POINTS + key)) for key in step.criteria]
        earned, parts = self.split.joined(
            self._part("earned", step, earned_of), [f"{w}*N({p})/{full}" for w, p in pairs], "+", SUM_BUDGET
        )
        total, more = self.split.joined(
            self._part("weighed", step, weighed_of), [f"{w}*ISNUMBER({p})" for w, p in pairs], "+", SUM_BUDGET
        )
        return earned, total, (*parts, *more)

    def _shares(self, step: Combine) -> tuple[str, tuple[LiveColumn, ...]]:
        """(the weights of a family that are answered, whatever the answers give; the columns of their parts)."""
        marks = {step.criterion: step for step in self.plan.marks()}
        pieces = [
            f"{self.layout.criteria[key].weight}*({self.answer_of(marks[key]).is_answered})" for key in step.criteria
        ]
        budget = SHARES_BUDGET // len(self.plan.total.families)
        return self.split.joined(self._part("answered", step, answered_of), pieces, "+", budget)

    def _part(self, word: str, step: Combine, results: Callable[..., list[Cell]]) -> LiveColumn:
        label = next(f.label.text(self.language) for f in self.plan.rules.families if f.key == step.family)
        header = f"{say('part', self.language)}{label}, {say(word, self.language)}"
        compute = partial(results, step)
        return LiveColumn(f"{PART}{word} {step.family}", header, "{0}", "text format=#,##0.0###", compute=compute)

    def _applies(self, step: Combine) -> str:
        if not isinstance(step.applies, Name):
            raise TypeError(f"{step.family}: the live plan gives every condition a name")
        return self.cells[step.applies.name].reference

    def _score(self) -> str:
        total = self.plan.total
        weights = [self.layout.families[key].weight for key in total.families]
        cells = [mark(FAMILY + key) for key in total.families]
        earned = "+".join(f"{w}*N({c})" for w, c in zip(weights, cells, strict=True))
        summed = "+".join(f"{w}*ISNUMBER({c})" for w, c in zip(weights, cells, strict=True))
        return f'IF(({summed})>0,({earned})/({summed}),"")'

    def _completeness(self) -> str:
        answered, applicable = [], []
        by_family = {step.family: step for step in self.plan.combines()}
        for key in self.plan.total.families:
            step, cells = by_family[key], self.layout.families[key]
            counts = f'*({self._applies(step)}="{YES}")' if step.applies is not None else ""
            shares, _ = self._shares(step)
            answered.append(f"{cells.weight}*IF({cells.weights}>0,({shares})/{cells.weights},0){counts}")
            applicable.append(f"{cells.weight}{counts}")
        total = "+".join(applicable)
        share = f'IF(({total})>0,({"+".join(answered)})/({total}),"")'
        return f'IF({self._is_silent()},"",{share})'

    def _filled(self) -> tuple[LiveColumn, ...]:
        """Whether anything that the rules read is filled in, parts first; elsewhere no client stands in the row."""
        header = say("filled", self.language)
        cells = list(dict.fromkeys(mark(f"{USER}{step.index}") for step in self.plan.reads() if step.index >= 0))
        if not cells:
            return (LiveColumn(FILLED, header, f'"{YES}"'),)
        test = f'IF(IFERROR(LEN({cleaned("{0}")}),1)>0,"{YES}","")'
        name = LiveColumn(PART + FILLED, say("part", self.language) + header, test, compute=filled_of)
        joined, parts = self.split.joined(name, cells, "&", PART_BUDGET)
        whole = f'IF({joined}="","","{YES}")' if parts else test.format(joined)
        return (*parts, LiveColumn(FILLED, header, whole))

    def _is_silent(self) -> str:
        """Whether the row gets no results: it cannot be scored, or no client stands in it."""
        return f'OR({mark(CHECK)}<>"",{mark(FILLED)}="")'

    def _category(self) -> str:
        rules = self.plan.rules.categories
        tests: list[str] = []
        for rule, thresholds in zip(self.plan.match.rules, self.layout.thresholds, strict=False):
            if rule.when is not None:
                writer = ExpressionWriter(self.cells, self.layout.as_of, thresholds, self.date_shift)
                tests.append(writer.condition(rule.when))
        chosen = '""'
        labels = self.layout.labels
        for index in reversed(range(len(rules.rules))):
            when = self.plan.match.rules[index].when
            chosen = labels[index] if when is None else f"IF({tests[index]},{labels[index]},{chosen})"
        if self.plan.match.unique and len(tests) > 1:
            chosen = f'IF({"+".join(f"({test})" for test in tests)}>1,"KX406",{chosen})'
        needed = labels[-1] if rules.need is not None else '""'
        if rules.need is not None:
            short = f"ROUND(N({mark(COMPLETENESS)}),{QUANTUM_DECIMALS})<ROUND({self.layout.need},{QUANTUM_DECIMALS})"
            chosen = f"IF({short},{needed},{chosen})"
        category = f'IF({self._is_silent()},"",IF({mark(SCORE)}="",{needed},{chosen}))'
        return f'IF({mark(OVERRIDE)}<>"",{mark(OVERRIDE)},{category})' if self.plan.settle.override >= 0 else category

    def _override(self) -> list[LiveColumn]:
        """The category of a valid override, empty where there is none."""
        columns = self.plan.settle
        if columns.override < 0:
            return []
        title = say("override", self.language)
        read = LiveColumn(
            OVERRIDE_READ,
            say("read", self.language) + clean_text(self.plan.headers[columns.override]),
            as_text(mark(f"{USER}{columns.override}")),
        )
        chosen = '""'
        for rule, label in reversed(list(zip(self.plan.rules.categories.all_rules, self.layout.labels, strict=True))):
            names = dict.fromkeys(clean_text(text) for text in (*rule.label.all_texts(), rule.key))
            same = ",".join(f"{mark(OVERRIDE_READ)}={text_literal(name)}" for name in names)
            chosen = f"IF(OR({same}),{label},{chosen})"
        tests = [f"NOT({self._blank(columns.reason)})"]
        if columns.until >= 0:
            until = mark(f"{USER}{columns.until}")
            alive = f"IF(ISNUMBER({until}),INT({until})>=INT({self.layout.as_of}),{self._blank(columns.until)})"
            tests.append(f"IFERROR({alive},FALSE)")
        template = f'IF(AND({",".join(tests)}),{chosen},"")'
        return [LiveColumn(OVERRIDE, title, template), read]

    def _blank(self, index: int) -> str:
        """Whether a cell is blank; a column that is not there always is."""
        cell = mark(f"{USER}{index}")
        return f"IF(ISERROR({cell}),FALSE,{is_blank(cell)})" if index >= 0 else "TRUE"
