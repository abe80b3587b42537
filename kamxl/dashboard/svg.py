"""Charts as inline SVG: bars, curves, bubbles. Numbers and texts in, markup out; every text is escaped.

No script and no outside reference: the page must show the same from a mail attachment in twenty years.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from html import escape

from kamxl.records import dataclass

WIDTH, HEIGHT = 420, 280
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 14, 12, 62


@dataclass(frozen=True, slots=True)
class Bars:
    """A series of bars, one value per category; None draws no bar."""

    name: str
    values: tuple[float | None, ...]
    colour: str


@dataclass(frozen=True, slots=True)
class Line:
    """A curve through points. Shapes: xs and ys of equal length."""

    name: str
    xs: tuple[float, ...]
    ys: tuple[float, ...]
    colour: str


@dataclass(frozen=True, slots=True)
class Dots:
    """Bubbles of one colour: (x, y, size, name) each."""

    name: str
    dots: tuple[tuple[float, float, float, str], ...]
    colour: str


def nice_ticks(low: float, high: float, *, count: int = 5) -> tuple[float, ...]:
    """Round numbers that cover low to high: steps of 1, 2, 2.5 or 5 times a power of ten."""
    span = high - low
    if not math.isfinite(span) or span <= 0:
        return (low, low + 1.0)
    rough = span / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1.0, 2.0, 2.5, 5.0, 10.0) if factor * power >= rough * 0.999)
    first = math.floor(low / step + 1e-9)
    last = math.ceil(high / step - 1e-9)
    return tuple(number * step for number in range(first, last + 1))


class _Frame:
    """Axes of a chart: where a value lies on the page."""

    def __init__(self, across: tuple[float, float], up: tuple[float, ...]) -> None:
        self.across = across
        self.up = (up[0], up[-1])
        self.ticks = up
        self.parts: list[str] = []

    def x(self, value: float) -> float:
        low, high = self.across
        return _LEFT + (value - low) / (high - low) * (WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        low, high = self.up
        return HEIGHT - _BOTTOM - (value - low) / (high - low) * (HEIGHT - _TOP - _BOTTOM)

    def draw_levels(self, show: Callable[[float], str]) -> None:
        for tick in self.ticks:
            y = self.y(tick)
            self.parts.append(f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
            self.text(_LEFT - 6, y + 3.5, show(tick), anchor="end")

    def text(self, x: float, y: float, text: str, *, anchor: str = "middle", style: str = "") -> None:
        kind = f' class="{style}"' if style else ""
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{kind}>{escape(text)}</text>')

    def title_up(self, text: str) -> None:
        middle = (HEIGHT - _BOTTOM + _TOP) / 2
        self.parts.append(
            f'<text class="axis" text-anchor="middle" transform="translate(12 {middle:.0f}) rotate(-90)">'
            f"{escape(text)}</text>"
        )

    def legend(self, entries: Sequence[tuple[str, str]]) -> None:
        widths = [27 + 5.0 * len(name) for name, _ in entries]
        if sum(widths) > WIDTH:
            # No room: bars and points have their names as tool tips, categories their colours in the table above.
            return
        x = max(4.0, (WIDTH - sum(widths)) / 2)
        for (name, colour), width in zip(entries, widths, strict=True):
            self.parts.append(f'<rect x="{x:.1f}" y="{HEIGHT - 13}" width="9" height="9" rx="2" fill="#{colour}"/>')
            self.text(x + 13, HEIGHT - 5, name, anchor="start")
            x += width

    def markup(self, title: str) -> str:
        body = "".join(self.parts)
        return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">{body}</svg>'


def bar_chart(title: str, categories: Sequence[str], series: Sequence[Bars], show: Callable[[float], str]) -> str:
    """Bars side by side per category. Shapes: every series has one value per category."""
    known = [value for bars in series for value in bars.values if value is not None]
    frame = _Frame((0.0, float(len(categories))), nice_ticks(min(0.0, *known, 0.0), max(0.0, *known, 0.0)))
    frame.draw_levels(show)
    slot = frame.x(1.0) - frame.x(0.0)
    width = slot * 0.72 / len(series)
    zero = frame.y(0.0)
    for position, category in enumerate(categories):
        start = frame.x(float(position)) + slot * 0.14
        for number, bars in enumerate(series):
            value = bars.values[position]
            if value is None:
                continue
            y = frame.y(value)
            label = escape(f"{category}, {bars.name}: {show(value)}")
            frame.parts.append(
                f'<rect x="{start + number * width:.1f}" y="{min(y, zero):.1f}" width="{width * 0.92:.1f}" '
                f'height="{abs(zero - y):.1f}" fill="#{bars.colour}"><title>{label}</title></rect>'
            )
        _wrapped(frame, start + slot * 0.36, category, int(slot / 5.4))
    frame.legend([(bars.name, bars.colour) for bars in series])
    return frame.markup(title)


def _wrapped(frame: _Frame, x: float, text: str, room: int) -> None:
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}".strip()
        if len(joined) <= room or not lines[-1]:
            lines[-1] = joined
        else:
            lines.append(word)
    for number, line in enumerate(lines[:2]):
        cut = line if len(line) <= room else line[: max(1, room - 1)] + "…"
        frame.text(x, HEIGHT - _BOTTOM + 14 + 11 * number, cut)


def line_chart(title: str, lines: Sequence[Line], show: Callable[[float], str], *, x_title: str, y_title: str) -> str:
    """Curves over 0 to 1 across."""
    known = [y for line in lines for y in line.ys]
    frame = _Frame((0.0, 1.0), nice_ticks(min(0.0, *known), max(1.0, *known)))
    frame.draw_levels(show)
    for share in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
        frame.text(frame.x(share), HEIGHT - _BOTTOM + 14, show(share))
    frame.text((WIDTH + _LEFT) / 2, HEIGHT - _BOTTOM + 29, x_title, style="axis")
    frame.title_up(y_title)
    for line in lines:
        points = " ".join(f"{frame.x(x):.1f},{frame.y(y):.1f}" for x, y in zip(line.xs, line.ys, strict=True))
        frame.parts.append(f'<polyline points="{points}" fill="none" stroke="#{line.colour}" stroke-width="2.2"/>')
    frame.legend([(line.name, line.colour) for line in lines])
    return frame.markup(title)


def bubble_chart(title: str, groups: Sequence[Dots], *, x_title: str, y_title: str) -> str:
    """Bubbles on two scales of 0 to 100; the area of a bubble is its size."""
    frame = _Frame((-6.0, 106.0), (0.0, 20.0, 40.0, 60.0, 80.0, 100.0))
    frame.up = (-6.0, 106.0)
    frame.draw_levels(lambda tick: f"{tick:.0f}")
    for tick in frame.ticks:
        x = frame.x(tick)
        frame.parts.append(f'<line class="grid" y1="{_TOP}" y2="{HEIGHT - _BOTTOM}" x1="{x:.1f}" x2="{x:.1f}"/>')
        frame.text(x, HEIGHT - _BOTTOM + 14, f"{tick:.0f}")
    frame.text((WIDTH + _LEFT) / 2, HEIGHT - _BOTTOM + 29, x_title, style="axis")
    frame.title_up(y_title)
    largest = max(size for group in groups for _, _, size, _ in group.dots)
    drawn = sorted(((dot, group.colour) for group in groups for dot in group.dots), key=lambda pair: -pair[0][2])
    for (x, y, size, name), colour in drawn:
        radius = max(2.5, 17.0 * math.sqrt(size / largest)) if largest > 0 else 2.5
        frame.parts.append(
            f'<circle cx="{frame.x(x):.1f}" cy="{frame.y(y):.1f}" r="{radius:.1f}" fill="#{colour}" '
            f'fill-opacity=".55" stroke="#{colour}"><title>{escape(f"{name}: {x:.0f} / {y:.0f}")}</title></circle>'
        )
    frame.legend([(group.name, group.colour) for group in groups])
    return frame.markup(title)
