"""What the dashboard says, in words and numbers, before it is drawn: shared by the sheet and the HTML page.

Portfolio and Movement in, tiles and lines out. Knows no cells and no HTML.
"""

from __future__ import annotations

from typing import Literal

from kamxl.history.movement import Movement, Mover
from kamxl.insight_phrases import tell
from kamxl.looks import strong_colour
from kamxl.phrases import write_number, write_percent
from kamxl.portfolio.concentration import Concentration
from kamxl.portfolio.effort import CategoryFigures
from kamxl.portfolio.figures import Candidate, Portfolio
from kamxl.portfolio.quality import Quality
from kamxl.records import dataclass

QUALITY_LINES = 8
MOVER_LINES = 20
# Rows of the lists at the foot of the page: left the top clients with title, header and note, right what fits there.
FOOT_ROWS = 27
# Lines of data quality that stay, however many clients moved.
LEAST_QUALITY = 5
# More columns of averages than this do not fit beside the table of categories; the heaviest families are shown.
AVERAGED_FAMILIES = 4


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure with its name and a note; `figure` None shows a dash, an estimated one is marked."""

    label: str
    figure: float | None
    kind: Literal["integer", "money", "percent", "percent1"]
    note: str
    is_estimated: bool = False


@dataclass(frozen=True, slots=True)
class SpreadLine:
    """Some of the buyers and what they bring. Units: shares 0 to 1, of all buyers and of their revenue."""

    label: str
    clients: int
    share_of_buyers: float
    revenue: float
    share_of_revenue: float


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
    """Everything on the dashboard, ready to be drawn.

    Shapes: `families` holds (key, label) of those whose averages are shown.
    """

    portfolio: Portfolio
    language: str
    title: str
    subtitle: str
    tiles: tuple[Tile, ...]
    categories: tuple[CategoryFigures, ...]
    families: tuple[tuple[str, str], ...]
    spread: tuple[SpreadLine, ...]
    spread_note: str
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

    def shown_movers(self) -> tuple[Mover, ...]:
        """The movers for whom the page has room; the note beside them tells how many there are."""
        return self.movers[: self._room() - len(self.shown_quality())]

    def shown_quality(self) -> tuple[QualityLine, ...]:
        """The findings for which the page has room, the gravest first: what room movers do not need, findings take."""
        return self.quality[: max(LEAST_QUALITY, self._room() - len(self.movers))]

    def _room(self) -> int:
        # Title, header and a note of two lines for movers and for concentration; a title for data quality.
        return FOOT_ROWS - 4 - (len(self.spread) + 4) - 1

    def strong_colour(self, category: int) -> str:
        """The colour of a category's points, by its index."""
        return strong_colour(self.colours(category)[0])

    def is_estimated(self, category: int | None = None) -> bool:
        """Whether dormant revenue of a category holds estimates from peers; None asks for the whole portfolio."""
        members = self.portfolio.dormant.estimated
        if category is not None:
            # The clients without a category stand last, under -1.
            index = category if category < len(self.portfolio.clients.categories) else -1
            members = members & (self.portfolio.clients.category == index)
        return bool(members.any())

    def revenue(self, amount: float) -> float | None:
        """A sum of revenue; None where nobody's is known."""
        return amount if self.portfolio.clients.knows_revenue or not self.portfolio.total.count else None

    def dormant(self, amount: float) -> float | None:
        """A sum of dormant revenue; None where nobody's is known."""
        return amount if self.portfolio.clients.knows_dormant or not self.portfolio.total.count else None

    def effort_title(self) -> str:
        """The title of the chart of shares: without a column of effort there is none to set against revenue."""
        if self.has_effort():
            return tell("chart_effort", self.language)
        return tell("chart_shares" if self.portfolio.total.revenue > 0 else "share_clients", self.language)

    def matrix_title(self) -> str:
        """The title of the matrix, with how many clients it shows where it does not show all."""
        matrix = self.portfolio.matrix
        if matrix is None:
            return tell("chart_matrix_none", self.language)
        across = matrix.x_label[:1].lower() + matrix.x_label[1:]
        title = tell("chart_matrix", self.language, x=across, y=matrix.y_label)
        if not matrix.left_out:
            return title
        shown = write_number(len(matrix.bubbles), self.language, decimals=0)
        return title + tell("matrix_note", self.language, shown=shown)

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
        families=_averaged(portfolio, language),
        spread=_spread_lines(portfolio.concentration, language),
        spread_note=_spread_note(portfolio, language),
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
    if portfolio.total.count and not portfolio.clients.knows_revenue:
        return Tile(tell("revenue", language), None, "money", tell("revenue_unknown", language))
    return Tile(tell("revenue", language), portfolio.total.revenue, "money", note)


def _dormant_tile(portfolio: Portfolio, language: str) -> Tile:
    notes = []
    dormant, revenue = portfolio.total.dormant, portfolio.total.revenue
    if not portfolio.clients.knows_dormant:
        return Tile(tell("dormant", language), None, "money", tell("dormant_none", language))
    if revenue > 0:
        notes.append(tell("dormant_note", language, share=write_percent(dormant / revenue, language)))
    estimated = int(portfolio.dormant.estimated.sum())
    if estimated:
        amount = float(portfolio.dormant.amount[portfolio.dormant.estimated].sum())
        count = _whole(estimated, language)
        notes.append(tell("dormant_estimated", language, amount=_whole(amount, language), count=count))
    return Tile(tell("dormant", language), dormant, "money", "; ".join(notes), is_estimated=estimated > 0)


def _averaged(portfolio: Portfolio, language: str) -> tuple[tuple[str, str], ...]:
    heaviest = sorted(portfolio.families, key=lambda family: -family.weight)[:AVERAGED_FAMILIES]
    return tuple(
        (family.key, family.label.text(language) or family.key) for family in portfolio.families if family in heaviest
    )


def _spread_lines(spread: Concentration, language: str) -> tuple[SpreadLine, ...]:
    """ABC classes, the best fifth and the bottom half; nothing where nobody buys."""
    if spread.class_shares is None or spread.top_fifth_share is None or spread.bottom_half_share is None:
        return ()
    parts = (
        ("class_a", spread.class_counts[0], spread.class_shares[0]),
        ("class_b", spread.class_counts[1], spread.class_shares[1]),
        ("class_c", spread.class_counts[2], spread.class_shares[2]),
        ("top_fifth", spread.top_fifth_clients, spread.top_fifth_share),
        ("bottom_half", spread.buyers // 2, spread.bottom_half_share),
    )
    return tuple(
        SpreadLine(tell(key, language), count, count / spread.buyers, part * spread.revenue, part)
        for key, count, part in parts
    )


def _spread_note(portfolio: Portfolio, language: str) -> str:
    spread, curve = portfolio.concentration, portfolio.profit_curve
    if spread.gini is None:
        return tell("revenue_none", language)
    notes = [tell("gini_note", language, gini=write_number(spread.gini, language, decimals=2))]
    if curve is not None and curve.losing:
        peak, count = write_percent(curve.peak, language), _whole(curve.losing, language)
        notes.append(tell("whale_note", language, count=count, peak=peak))
    return " ".join(notes)


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
        examples = ", ".join(quality.same_examples)
        lines.append(_line("quality_same", language, quality.same_names, examples=examples))
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
