"""Lints `band-overlap` and `band-gap`: bands of one criterion, on the line of numbers. Decided exactly."""

from __future__ import annotations

import math
from collections.abc import Iterator

from kamxl.language.expression import Arithmetic, Name, Negative, Node, walk
from kamxl.language.lint.findings import Finding, Subject
from kamxl.language.lint.quantities import round_between
from kamxl.language.lint.ranges import EVERYTHING, Range, expression_range
from kamxl.language.lint.wording import show_edge
from kamxl.language.model import Bands, Criterion, RuleSet
from kamxl.problems import Problem, Severity

# Business numbers that are often below zero; a head count or a revenue is not.
_SIGNED_WORDS = (
    "margin",
    "marge",
    "profit",
    "growth",
    "croissance",
    "change",
    "trend",
    "variation",
    "balance",
    "solde",
)


def find_band_overlaps(subject: Subject) -> Iterator[Problem]:
    """Bands that give two answers for one value."""
    for _, criterion in subject.rules.criteria:
        if not isinstance(criterion.scale, Bands):
            continue
        bands = criterion.scale
        widest = 0
        for index in range(1, len(bands.lows)):
            low, high = bands.lows[index], min(bands.highs[index], bands.highs[widest])
            if low < bands.highs[widest]:
                yield _overlap(subject, criterion, (bands.texts[widest], bands.texts[index]), Range(low, high))
            if bands.highs[index] > bands.highs[widest]:
                widest = index


def _overlap(subject: Subject, criterion: Criterion, texts: tuple[str, str], shared: Range) -> Problem:
    example = shared.low if math.isfinite(shared.low) else show_below(shared.high)
    unit = _percent_or_plain(texts[1])
    message = (
        f"bands `{texts[0]}` and `{texts[1]}` of `{criterion.key}` overlap: a client with {unit(example)} falls in both"
    )
    place = subject.of_text(criterion.scale_place, texts[1])
    hint = f"let one band end where the next one begins: {_touching_hint(texts, shared, unit)}"
    first = subject.of_text(criterion.scale_place, texts[0])
    return subject.problem("KX202", message, place, Finding(Severity.ERROR, hint, (("the other band is here", first),)))


def _touching_hint(texts: tuple[str, str], shared: Range, unit: _Shower) -> str:
    if math.isfinite(shared.low) and " to " in texts[0]:
        return f"write `{texts[0].split(' to ')[0]} to {unit(shared.low)}`"
    return "the upper end of a band is not part of it"


def find_band_gaps(subject: Subject) -> Iterator[Problem]:
    """Values that no band takes: between two bands, or beyond the ends where clients are likely."""
    for _, criterion in subject.rules.criteria:
        if isinstance(criterion.scale, Bands):
            yield from _inner_gaps(subject, criterion, criterion.scale)
            yield from _open_ends(subject, criterion, criterion.scale)


def _inner_gaps(subject: Subject, criterion: Criterion, bands: Bands) -> Iterator[Problem]:
    highest, before = bands.highs[0], bands.texts[0]
    for low, high, text in zip(bands.lows[1:], bands.highs[1:], bands.texts[1:], strict=True):
        if low > highest:
            unit = _percent_or_plain(text)
            message = (
                f"the bands of `{criterion.key}` leave a gap from {unit(highest)} to {unit(low)}: "
                f"a client with {_two_in_gap(unit, highest, low)} falls in none"
            )
            hint = f"the upper end of a band is not part of it: write `{before.split(' to ')[0]} to {unit(low)}`"
            if " to " not in before:
                hint = f"let the band before `{text}` end at {unit(low)}"
            yield subject.problem(
                "KX203", message, subject.of_text(criterion.scale_place, text), Finding(Severity.ERROR, hint)
            )
        if high > highest:
            highest, before = high, text


def _open_ends(subject: Subject, criterion: Criterion, bands: Bands) -> Iterator[Problem]:
    likely = likely_range(subject.rules, criterion.of.node)
    low, high = bands.lows[0], max(bands.highs)
    last = bands.texts[bands.highs.index(high)]
    if low > likely.low:
        unit = _percent_or_plain(bands.texts[0])
        message = f"no band of `{criterion.key}` takes values under {unit(low)}"
        hint = f"add a band `under {unit(low)}`"
        place = subject.of_text(criterion.scale_place, bands.texts[0])
        yield subject.problem("KX203", message, place, Finding(help=hint))
    if high <= likely.high and math.isfinite(high):
        unit = _percent_or_plain(last)
        message = f"no band of `{criterion.key}` takes values of {unit(high)} and over"
        hint = f"write the last band as `{last.split(' to ')[0]} and over`"
        place = subject.of_text(criterion.scale_place, last)
        yield subject.problem("KX203", message, place, Finding(help=hint))


def likely_range(rules: RuleSet, node: Node) -> Range:
    """The range in which clients are likely: business numbers start at zero unless they are differences."""
    derived = {column.key: column.expression.node for column in rules.derived}
    known = {}
    for name in {part.name for part in walk(node) if isinstance(part, Name)}:
        body = derived.get(name)
        signed = any(word in name.casefold() for word in _SIGNED_WORDS)
        known[name] = EVERYTHING if signed else Range(0.0) if body is None else likely_range(rules, body)
    if not any(isinstance(part, (Name, Arithmetic, Negative)) for part in walk(node)):
        return EVERYTHING
    found = expression_range(node, known)
    # `days_since` and the like: what lies in the future is not expected.
    return (
        Range(0.0) if found == EVERYTHING and all(known[name].low >= 0 for name in known) and _is_call(node) else found
    )


def _is_call(node: Node) -> bool:
    return not isinstance(node, (Name, Arithmetic, Negative))


def _two_in_gap(unit: _Shower, low: float, high: float) -> str:
    """The lower end, which many take for a part of the band below, and a value inside."""
    if high - low <= 1e-8:
        return unit(low)
    return f"{unit(low)} or {unit(round_between(low, high))}"


def show_below(edge: float) -> float:
    """A plain number below an edge."""
    return edge - max(1.0, abs(edge) / 2)


class _Shower:
    """Numbers in the way that a band text writes them."""

    def __init__(self, *, percent: bool) -> None:
        self._percent = percent

    def __call__(self, number: float) -> str:
        return f"{show_edge(float(f'{number * 100:.12g}'))}%" if self._percent else show_edge(number)


def _percent_or_plain(text: str) -> _Shower:
    return _Shower(percent="%" in text)
