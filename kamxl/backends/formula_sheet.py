"""The sheet *KAM Rules* section by section: settings, families, criteria, one block per scale, categories."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from kamxl.backends.formula_layout import (
    COPY_OFFSET,
    FIRST_COPIED,
    LOWEST,
    NOTE_COLUMN,
    RESULT_COLUMN,
    SHEET,
    WORD,
    CriterionCells,
    FamilyCells,
    RulesLayout,
    ScaleCells,
    Setting,
    SheetRows,
    own_cell,
    percent_look,
    thresholds_of,
)
from kamxl.backends.formula_text import NO, YES, absolute, number_text
from kamxl.language.expression import Name, Span, kind_of
from kamxl.language.model import AsIs, Bands, Criterion, Curve, Family, Listed, RuleSet, Target, YesNo
from kamxl.language.scales import listed_number
from kamxl.table import Grid, GridCell, Highlight, cell_address
from kamxl.values import clean_text, fold, quantise, show_number, text_of

# Two rows of head, then status, checks and rule file: the notes from the as-of date on are counted.
FIRST_NOTE_ROW = 6
AS_OF_PLACE = (5, 2)


def lay_out(rules: RuleSet, as_of: float) -> RulesLayout:
    """The layout of a rule set. Units: as_of is a serial of the workbook's own date system."""
    rows = SheetRows(rules.language)
    _head(rows, rules)
    as_of_row = rows.add(GridCell(rows.say("as of"), "text"))
    as_of_cell = rows.put(as_of_row, AS_OF_PLACE[1], as_of, "input format=yyyy-mm-dd")
    rows.copied.add(as_of_row)
    families = _families(rows, rules)
    criteria = _criteria(rows, rules)
    for family, criterion in rules.criteria:
        scale = _scale(rows, rules, family, criterion)
        criteria[criterion.key] = CriterionCells(
            criteria[criterion.key].weight, criteria[criterion.key].missing, criteria[criterion.key].other, scale
        )
    _sum_weights(rows, rules, families, criteria)
    need, labels, thresholds = _categories(rows, rules)
    rows.finish()
    _status(rows)
    grid = Grid(
        name=SHEET,
        rows=tuple(tuple(row) for row in rows.rows),
        widths=(34.0, 20.0, 13.0, 13.0, 13.0, 11.0, 34.0, 3.0, 14.0, 11.0, 11.0, 11.0),
        freeze=(2, 0),
        tab_colour="1F4E79",
        highlights=_highlights(rows),
    )
    status = absolute(SHEET, 3, 3)
    settings, copied = tuple(rows.settings), tuple(sorted(rows.copied))
    return RulesLayout(grid, settings, copied, as_of_cell, status, need, families, criteria, labels, thresholds)


def _highlights(rows: SheetRows) -> tuple[Highlight, ...]:
    """The badge, the checks and the notes in colour, so that an edited sheet is seen at a glance."""
    last = len(rows.rows) - 1
    changed, wrong = ("FFE8C7", "8A4B08"), ("FBE4E1", "9C2B1B")
    return (
        Highlight(2, 2, 2, 2, rows.say("EDITED"), *changed),
        Highlight(3, 2, 3, 2, rows.say("to correct"), *wrong),
        Highlight(FIRST_NOTE_ROW - 1, NOTE_COLUMN, last, NOTE_COLUMN, rows.say("changed"), *changed),
    )


def _head(rows: SheetRows, rules: RuleSet) -> None:
    rows.add(GridCell(f"{rows.say('title')} {rules.name.text(rules.language)}", "title"))
    rows.add(GridCell(rows.say("intro"), "subtitle"))
    rows.add(GridCell(rows.say("status"), "text bold"))
    rows.add(GridCell(rows.say("checks"), "text bold"))
    rows.add(GridCell(rows.say("rules"), "text"), None, GridCell(rules.digest, "label"))


def _status(rows: SheetRows) -> None:
    notes = f"$G${FIRST_NOTE_ROW}:$G${len(rows.rows)}"
    edited = f'=IF(SUMPRODUCT(--({notes}<>""))=0,"{rows.say("as compiled")}","{rows.say("EDITED")}")'
    wrong = f'SUMPRODUCT(({notes}<>"")*({notes}<>"{rows.say("changed")}"))'
    rows.put(2, 2, rows.say("as compiled"), "text bold", formula=edited)
    checks = f'=IF({wrong}=0,"{rows.say("all well")}","{rows.say("to correct")}")'
    rows.put(3, 2, rows.say("all well"), "text bold", formula=checks)


def _families(rows: SheetRows, rules: RuleSet) -> dict[str, FamilyCells]:
    head = rows.heading(rows.say("families"), "", ">" + rows.say("weight"), ">" + rows.say("at most"))
    rows.put(head, FIRST_COPIED + COPY_OFFSET, rows.say("compiled"), "label bold")
    rows.put(head, RESULT_COLUMN, rows.say("sum"), "label bold align=right")
    cells = {}
    for family in rules.families:
        row = rows.add(GridCell(family.label.text(rules.language), "text"))
        path = ("families", family.key)
        look = percent_look(family.weight, percent=family.weight_is_percent)
        weight = rows.setting((row, 2), (*path, "weight"), "number", family.weight, look=look)
        rows.doubt(row, f"N({own_cell(row, 2)})<0", rows.say("negative weight"))
        at_most = ""
        if family.at_most is not None:
            at_most = rows.setting((row, 3), (*path, "at_most"), "number", family.at_most)
            rows.doubt(row, f"OR({own_cell(row, 3)}<=0,{own_cell(row, 3)}>100)", rows.say("cap"))
        if family.applies is not None:
            rows.put(row, 1, f"{rows.say('applies')} {family.applies.text}", "label wrap")
        cells[family.key] = FamilyCells(weight, at_most, "")
    _doubt_total(rows, row, f"SUM({own_cell(head + 1, 2)}:{own_cell(row, 2)})", rules.families)
    return cells


def _doubt_total(rows: SheetRows, row: int, total: str, weighed: Sequence[Family | Criterion]) -> None:
    """Marks weights that are all zero, and percents that do not add up."""
    rows.doubt(row, f"{total}<=0", rows.say("all zero"))
    if all(each.weight_is_percent for each in weighed):
        rows.doubt(row, f"ABS({total}-1)>0.000000001", rows.say("percents"))


def _criteria(rows: SheetRows, rules: RuleSet) -> dict[str, CriterionCells]:
    titles = [rows.say("family"), ">" + rows.say("weight"), rows.say("if missing"), rows.say("if other")]
    head = rows.heading(rows.say("criteria"), *titles)
    for column in (3, 4):
        rows.put(head, column, titles[column - 1], "label bold align=center")
    rows.put(head, RESULT_COLUMN, rows.say("worth"), "label bold align=right")
    cells = {}
    for family, criterion in rules.criteria:
        row = rows.add(GridCell(criterion.label.text(rules.language), "text"))
        path = ("families", family.key, "criteria", criterion.key)
        rows.put(row, 1, family.label.text(rules.language), "label")
        look = percent_look(criterion.weight, percent=criterion.weight_is_percent)
        weight = rows.setting((row, 2), (*path, "weight"), "number", criterion.weight, look=look)
        rows.doubt(row, f"N({own_cell(row, 2)})<0", rows.say("negative weight"))
        missing = _missing(rows, row, path, criterion, rules)
        other = ""
        if isinstance(criterion.scale, Listed):
            # Blank where an unlisted value is a problem; a number typed here takes it.
            other = rows.setting((row, 4), (*path, "other"), "policy", criterion.scale.other, look=WORD)
            cell = own_cell(row, 4)
            rows.doubt(row, f'AND(NOT(ISNUMBER({cell})),{cell}<>"")', rows.say("other policy"))
            _points_range(rows, (row, 4), rules)
        cells[criterion.key] = CriterionCells(weight, missing, other)
    return cells


def _missing(rows: SheetRows, row: int, path: tuple[str, ...], criterion: Criterion, rules: RuleSet) -> str:
    """The policy for a missing answer as a person types it; the reference of what it is worth."""
    policy = criterion.missing
    shown: float | str = policy.points if policy.mode == "points" else policy.mode
    rows.setting((row, 3), (*path, "missing"), "policy", shown, look=WORD)
    cell = own_cell(row, 3)
    no_word = ",".join(f'TRIM({cell})<>"{word}"' for word in ("skip", "zero", "error"))
    rows.doubt(row, f"AND(NOT(ISNUMBER({cell})),{no_word})", rows.say("policy"))
    _points_range(rows, (row, 3), rules)
    # Whatever is no policy leaves the client unscored: a slip of the pen must not look like a score.
    words = f'IF(TRIM({cell})="skip","",IF(TRIM({cell})="zero",0,"KX405"))'
    worth = {"skip": "", "error": "KX405"}.get(policy.mode, policy.points)
    formula = f'=IFERROR(IF(ISNUMBER({cell}),{cell},{words}),"KX405")'
    return rows.put(row, RESULT_COLUMN, worth, "label align=right", formula=formula)


def _points_range(rows: SheetRows, place: tuple[int, int], rules: RuleSet) -> None:
    words = f"{rows.say('points range')} {show_number(rules.scale)}"
    rows.between(place, 0.0, rules.scale, words)


def _sum_weights(
    rows: SheetRows, rules: RuleSet, families: dict[str, FamilyCells], criteria: dict[str, CriterionCells]
) -> None:
    """The sum of weights of each family, behind its row: criteria of a family stand together."""
    for family in rules.families:
        cells = families[family.key]
        first, last = criteria[family.criteria[0].key].weight, criteria[family.criteria[-1].key].weight
        total = f"SUM({first.split('!')[1]}:{last.split('!')[1]})"
        row = next(s.row for s in rows.settings if s.path == ("families", family.key, "weight"))
        look = "label" + (" format=0%" if family.criteria[0].weight_is_percent else "")
        reference = rows.put(row, RESULT_COLUMN, sum(c.weight for c in family.criteria), look, formula=f"={total}")
        _doubt_total(rows, row, own_cell(row, RESULT_COLUMN), family.criteria)
        families[family.key] = FamilyCells(cells.weight, cells.at_most, reference)


def _scale(rows: SheetRows, rules: RuleSet, family: Family, criterion: Criterion) -> ScaleCells:
    path = ("families", family.key, "criteria", criterion.key)
    scale = criterion.scale
    label = criterion.label.text(rules.language)
    match scale:
        case AsIs():
            rows.heading(label)
            rows.add(None, GridCell(f"{rows.say('as is')} {show_number(rules.scale)}", "label"))
            return ScaleCells()
        case Bands():
            rows.heading(label, ">" + rows.say("from"), ">" + rows.say("points"))
            return _bands(rows, path, scale, rules)
        case Curve():
            rows.heading(label, ">" + rows.say("value"), ">" + rows.say("points"), "", "", ">" + rows.say("slope"))
            return _curve(rows, path, scale, rules, percent=_is_percent(rules, criterion))
        case Listed():
            rows.heading(label, rows.say("value"), ">" + rows.say("points"))
            return _listed(rows, path, scale, rules, kind=kind_of(criterion.of.node))
        case Target():
            rows.heading(label, "", ">" + rows.say("value"))
            return _named(
                rows,
                path,
                (
                    ("ideal", ("target", "ideal"), scale.ideal),
                    ("none beyond", ("target", "none_beyond"), scale.none_beyond),
                ),
                percent=_is_percent(rules, criterion),
            )
        case YesNo():
            rows.heading(label, "", ">" + rows.say("points"))
            cells = _named(rows, path, (("yes", ("yes",), scale.yes), ("no", ("no",), scale.no)), percent=False)
            for setting in rows.settings[-2:]:
                _points_range(rows, (setting.row, setting.column), rules)
            return cells


def _is_percent(rules: RuleSet, criterion: Criterion) -> bool:
    node = criterion.of.node
    column = rules.column(node.name) if isinstance(node, Name) else None
    return column is not None and column.kind == "percent"


def band_steps(scale: Bands) -> tuple[tuple[float, int], ...]:
    """(lower end, number of the band or -1 for none), rising from minus infinity: what LOOKUP needs."""
    ends = sorted({-math.inf, *scale.lows, *(high for high in scale.highs if high < math.inf)})
    steps: list[tuple[float, int]] = []
    for low in ends:
        inside = (
            index for index, pair in enumerate(zip(scale.lows, scale.highs, strict=True)) if pair[0] <= low < pair[1]
        )
        band = next(inside, -1)
        if not steps or steps[-1][1] != band:
            steps.append((low, band))
    return tuple(steps)


def _bands(rows: SheetRows, path: tuple[str, ...], scale: Bands, rules: RuleSet) -> ScaleCells:
    lowest = f'text format=[<-1E+300]"{rows.say("lowest")}";General'
    first = len(rows.rows)
    for index, (low, band) in enumerate(band_steps(scale)):
        row = rows.add(None, None, None)
        if low == -math.inf:
            rows.put(row, 1, LOWEST, lowest)
        else:
            rows.setting((row, 1), (*path, "bands"), "edge", low, index=index, look=_edge_look(scale, low))
        if index:
            rows.risers.append(row)
        if band < 0:
            rows.put(row, 2, "KX409", "label")
        else:
            rows.setting((row, 2), (*path, "bands"), "point", scale.points[band], index=band)
            _points_range(rows, (row, 2), rules)
    return _block(first, len(rows.rows))


def _edge_look(scale: Bands, low: float) -> str:
    return percent_look(low, percent=any("%" in text for text in scale.texts))


def _curve(rows: SheetRows, path: tuple[str, ...], scale: Curve, rules: RuleSet, *, percent: bool) -> ScaleCells:
    first = len(rows.rows)
    for index, (x, points) in enumerate(zip(scale.xs, scale.points, strict=True)):
        row = rows.add(None)
        look = percent_look(x, percent=percent)
        rows.setting((row, 1), (*path, "curve"), "x", x, index=index, look=look)
        rows.setting((row, 2), (*path, "curve"), "point", points, index=index)
        _points_range(rows, (row, 2), rules)
        if index:
            rows.risers.append(row)
    for index, (left, right) in enumerate(pairwise(zip(scale.xs, scale.points, strict=True))):
        row = first + index
        slope = f"=($C${row + 2}-$C${row + 1})/($B${row + 2}-$B${row + 1})"
        rows.put(row, 5, (right[1] - left[1]) / (right[0] - left[0]), "label", formula=slope)
    return _block(first, len(rows.rows))


def listed_cells(scale: Listed, kind: str) -> tuple[tuple[str | float, int], ...]:
    """(key as the answer column shows it, position among the listed values); of twins the last one counts."""
    found: dict[str, tuple[str | float, int]] = {}
    for index, key in enumerate(scale.keys):
        cell: str | float = clean_text(key)
        if kind in ("number", "date") and (listed := listed_number(key)) is not None:
            found[fold(text_of(quantise(listed)))] = (quantise(listed), index)
            continue
        try:
            number = quantise(float(key))
        except ValueError:
            if kind == "condition":
                cell = {"true": YES, "false": NO}.get(fold(key), cell)
        else:
            cell = text_of(number)
        found[fold(text_of(cell))] = (cell, index)
    return tuple(found.values())


def _listed(rows: SheetRows, path: tuple[str, ...], scale: Listed, rules: RuleSet, *, kind: str) -> ScaleCells:
    first = len(rows.rows)
    for cell, index in listed_cells(scale, kind):
        row = rows.add(None, GridCell(cell, "text"))
        rows.setting((row, 2), (*path, "values"), "point", scale.points[index], index=index)
        _points_range(rows, (row, 2), rules)
    return _block(first, len(rows.rows))


def _named(
    rows: SheetRows,
    path: tuple[str, ...],
    entries: tuple[tuple[str, tuple[str, ...], float], ...],
    *,
    percent: bool,
) -> ScaleCells:
    cells = []
    for word, tail, value in entries:
        row = rows.add(GridCell(rows.say(word), "label"))
        look = percent_look(value, percent=percent)
        cells.append(rows.setting((row, 2), (*path, *tail), "number", value, look=look))
        if word == "none beyond":
            rows.doubt(row, f"N({own_cell(row, 2)})<=0", rows.say("above zero"))
    return ScaleCells(point_cells=tuple(cells))


def _block(first: int, end: int) -> ScaleCells:
    """References of the rows first to end - 1, columns B (keys), C (points) and F (slopes)."""
    return ScaleCells(
        keys=absolute(SHEET, first + 1, 2, end),
        points=absolute(SHEET, first + 1, 3, end),
        slopes=absolute(SHEET, first + 1, 6, end - 1) if end - first > 1 else "",
        starts=absolute(SHEET, first + 1, 2, end - 1) if end - first > 1 else "",
        key_cells=tuple(absolute(SHEET, row + 1, 2) for row in range(first, end)),
        point_cells=tuple(absolute(SHEET, row + 1, 3) for row in range(first, end)),
    )


def _categories(rows: SheetRows, rules: RuleSet) -> tuple[str, tuple[str, ...], tuple[dict[Span, str], ...]]:
    categories = rules.categories
    rows.heading(rows.say("categories"), rows.say("category"), ">" + rows.say("threshold"))
    labels, thresholds = [], []
    need = ""
    for index, rule in enumerate(categories.all_rules):
        row = rows.add(GridCell(rule.key, "label"))
        labels.append(rows.put(row, 1, rule.label.text(rules.language), "text bold"))
        rows.copied.add(row)
        cells: dict[Span, str] = {}
        if rule.when is not None:
            # On a line of its own: nothing to its right cuts it off.
            rows.add(None, GridCell(f"{rows.say('if')} {rule.when.text}", "label"))
            for constant in thresholds_of(rule.when.node):
                cells[constant.span] = _threshold(rows, rule.key, rule.when.text, constant.span, constant.value)
        elif index < len(categories.rules):
            rows.add(None, GridCell(rows.say("otherwise"), "label"))
        else:
            value = categories.need.completeness if categories.need is not None else 0.0
            line = rows.add(GridCell(rows.say("need"), "label"))
            path = ("categories", "need", "completeness")
            need = rows.setting((line, 2), path, "number", value, look=percent_look(value, percent=True))
            rows.between((line, 2), 0.0, 1.0, rows.say("share"))
        thresholds.append(cells)
    return need, tuple(labels), tuple(thresholds)


def _threshold(rows: SheetRows, key: str, text: str, span: Span, value: float | str) -> str:
    """The line of one threshold, named by the words in front of it."""
    before = text[: span[0]]
    start = max((before.rfind(word) + len(word) for word in (" and ", " or ", "(") if word in before), default=0)
    row = rows.add(GridCell(before[start:].strip() or before.strip(), "label"))
    look = percent_look(float(value), percent=text[span[0] : span[1]].endswith("%"))
    path = ("categories", "rules", key, "when")
    return rows.setting((row, 2), path, "threshold", float(value), span=span, look=look)


def setting_address(setting: Setting) -> str:
    """`C12` for messages."""
    return cell_address(setting.row + 1, setting.column + 1)


def shown_number(value: object) -> str:
    """A setting as messages show it."""
    return number_text(value) if isinstance(value, float) else str(value)
