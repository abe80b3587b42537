"""What the dashboard says, in words and numbers, before it is drawn: shared by the sheet and the HTML page.

Portfolio and Movement in, tiles and lines out. Knows no cells and no HTML.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kamxl.history.movement import Movement, Mover
from kamxl.insight_phrases import tell
from kamxl.phrases import write_number, write_percent
from kamxl.portfolio.effort import CategoryFigures
from kamxl.portfolio.figures import Candidate, Portfolio
from kamxl.portfolio.quality import Quality

QUALITY_LINES = 8
MOVER_LINES = 20


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure with its name and a note; `figure` None shows a dash."""

    label: str
    figure: float | None
    kind: Literal["integer", "money", "percent", "percent1"]
    note: str


@dataclass(frozen=True, slots=True)
class QualityLine:
    """A finding on the data and how often it occurs."""

    text: str
    count: int


def _line(key: str, language: str, count: int, **parts: object) -> QualityLine:
    text = tell(key, language, **parts)
    return QualityLine(text[:1].upper() + text[1:], count)


@dataclass(frozen=True, slots=True)
class Content:
    """Everything on the dashboard, ready to be drawn."""

    portfolio: Portfolio
    language: str
    title: str
    subtitle: str
    tiles: tuple[Tile, ...]
    categories: tuple[CategoryFigures, ...]
    quality: tuple[QualityLine, ...]
    movement: Movement | None
    movers: tuple[Mover, ...]
    movers_title: str
    movers_note: str

    def label(self, category: int) -> str:
        """The label of a category by its index; `Not classified` for -1."""
        rules = self.portfolio.clients.categories
        if 0 <= category < len(rules):
            return rules[category].label.text(self.language) or rules[category].key
        return tell("not_classified", self.language)

    def colours(self, category: int) -> tuple[str, str]:
        """(fill, ink) of a category by its index."""
        if category < 0:
            return "FBE4E1", "9C2B1B"
        return self.categories[category].fill, self.categories[category].ink

    def interval(self, candidate: Candidate) -> str:
        """The interval of an estimated amount, empty for one that the rules give."""
        if candidate.low is None or candidate.high is None:
            return ""
        low, high = (write_number(edge, self.language, decimals=0) for edge in (candidate.low, candidate.high))
        return tell("interval_text", self.language, low=low, high=high)

    def has_effort(self) -> bool:
        """Whether the portfolio says what serving the clients takes."""
        return self.portfolio.total.effort > 0


def compose_content(portfolio: Portfolio, movement: Movement | None = None) -> Content:
    """What the dashboard of a portfolio says; without an earlier run it says so in the place of the movers."""
    language = portfolio.language
    title, note = _movers_texts(movement, language)
    return Content(
        portfolio=portfolio,
        language=language,
        title=tell("title", language),
        subtitle=tell(
            "subtitle",
            language,
            name=portfolio.title,
            clients=write_number(portfolio.total.count, language, decimals=0),
            day=portfolio.day.isoformat(),
            rules=portfolio.rules_stamp,
        ),
        tiles=_tiles(portfolio, language),
        categories=portfolio.categories,
        quality=tuple(_quality_lines(portfolio.quality, language)[:QUALITY_LINES]),
        movement=movement,
        movers=movement.movers[:MOVER_LINES] if movement is not None else (),
        movers_title=title,
        movers_note=note,
    )


def _tiles(portfolio: Portfolio, language: str) -> tuple[Tile, ...]:
    return (
        _clients_tile(portfolio, language),
        _revenue_tile(portfolio, language),
        _dormant_tile(portfolio, language),
        *_tail_tiles(portfolio, language),
        Tile(
            tell("completeness", language),
            portfolio.quality.completeness,
            "percent",
            tell("completeness_note", language, count=_whole(portfolio.quality.under_half, language)),
        ),
    )


def _clients_tile(portfolio: Portfolio, language: str) -> Tile:
    spread = portfolio.concentration
    others = _whole(spread.without_revenue + spread.negative_revenue, language)
    note = tell("clients_note", language, buyers=_whole(spread.buyers, language), others=others)
    if spread.negative_revenue:
        note += ", " + tell("negative_note", language, count=_whole(spread.negative_revenue, language))
    return Tile(tell("clients", language), portfolio.total.count, "integer", note)


def _revenue_tile(portfolio: Portfolio, language: str) -> Tile:
    held = portfolio.concentration.top_fifth_share
    note = (
        tell("revenue_none", language)
        if held is None
        else tell("revenue_note", language, share=write_percent(held, language, decimals=1))
    )
    return Tile(tell("revenue", language), portfolio.total.revenue, "money", note)


def _dormant_tile(portfolio: Portfolio, language: str) -> Tile:
    notes = []
    dormant, revenue = portfolio.total.dormant, portfolio.total.revenue
    known = bool((portfolio.clients.dormant == portfolio.clients.dormant).any())
    if not known:
        return Tile(tell("dormant", language), None, "money", tell("dormant_none", language))
    if revenue > 0:
        notes.append(tell("dormant_note", language, share=write_percent(dormant / revenue, language)))
    estimated = int(portfolio.dormant.estimated.sum())
    if estimated:
        notes.append(tell("dormant_estimated", language, count=_whole(estimated, language)))
    return Tile(tell("dormant", language), dormant, "money", "; ".join(notes))


def _tail_tiles(portfolio: Portfolio, language: str) -> tuple[Tile, Tile]:
    spread, tail = portfolio.concentration, portfolio.tail
    label, effort_label = tell("tail", language), tell("tail_effort", language)
    if tail is None:
        nothing = tell("revenue_none", language)
        return Tile(label, None, "percent1", nothing), Tile(effort_label, None, "percent", nothing)
    note = tell(
        "tail_note",
        language,
        with_=_whole(spread.tail_with, language),
        without=_whole(spread.tail_without, language),
    )
    effort_note = (
        tell("effort_none", language)
        if tail.effort_share is None
        else tell("tail_effort_note", language, clients=_whole(tail.clients, language))
    )
    return (
        Tile(label, spread.tail_with_share, "percent1", note),
        Tile(effort_label, tail.effort_share, "percent", effort_note),
    )


def _movers_texts(movement: Movement | None, language: str) -> tuple[str, str]:
    """(title, note) of the movers."""
    if movement is None:
        return tell("movers_never", language), tell("movers_first", language)
    title = tell("movers", language, day=movement.since.isoformat())
    notes = []
    if movement.movers or movement.new_clients or movement.gone_clients:
        counts = (len(movement.movers), movement.new_clients, movement.gone_clients)
        moved, new, gone = (_whole(count, language) for count in counts)
        notes.append(tell("movers_count", language, moved=moved, new=new, gone=gone) + ".")
    if not movement.movers:
        notes.append(tell("movers_none", language))
    if movement.rules_changed:
        notes.append(tell("movers_rules", language))
    return title, " ".join(notes)


def _quality_lines(quality: Quality, language: str) -> list[QualityLine]:
    """Findings on the data, the gravest kinds first."""
    lines = []
    if quality.unscored:
        lines.append(_line("quality_unscored", language, quality.unscored))
    for found in quality.impossible:
        examples = ", ".join(found.examples)
        lines.append(_line(f"quality_{found.key}", language, found.count, column=found.subject, examples=examples))
    if quality.same_names:
        lines.append(_line("quality_same", language, quality.same_names))
    if quality.lookalikes:
        one, other = quality.lookalikes[0]
        lines.append(_line("quality_alike", language, len(quality.lookalikes), one=one, other=other))
    if quality.lookalike_values:
        column, one, other = quality.lookalike_values[0]
        count = len(quality.lookalike_values)
        lines.append(_line("quality_alike_value", language, count, column=column, one=one, other=other))
    if quality.under_half:
        lines.append(_line("quality_half", language, quality.under_half))
    return [*lines, *(_line("quality_blank", language, count, column=column) for column, count in quality.blanks)]


def _whole(number: float, language: str) -> str:
    return write_number(number, language, decimals=0)
