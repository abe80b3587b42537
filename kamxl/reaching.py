"""The answer nearest to today's that gets a criterion enough points, and the same in figures that people write.

The scales read backwards. Knows nothing of rows or words.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

from kamxl.language.model import AsIs, Bands, Curve, Listed, Scale, Target, YesNo
from kamxl.values import Value, quantise

# Beyond this nobody writes a number into a cell, and its steps are no longer counted exactly.
MOST = 1e15


def answer_reaching(scale: Scale, points: float, answer: Value, full: float) -> Value:
    """The answer nearest to today's one that gets at least these points; None where no answer does."""
    wanted = quantise(points)
    match scale:
        case Bands():
            return _band_reaching(scale, wanted, answer)
        case Curve():
            return _curve_reaching(scale, wanted, answer)
        case Listed():
            enough = [(p, key) for key, p in zip(scale.keys, scale.points, strict=True) if quantise(p) >= wanted]
            return min(enough)[1] if enough else None
        case AsIs():
            return wanted if wanted <= full else None
        case Target():
            far = scale.none_beyond * max(0.0, 1 - wanted / full)
            below = isinstance(answer, float) and answer < scale.ideal
            return scale.ideal - far if below else scale.ideal + far
        case YesNo():
            if quantise(scale.yes) >= wanted:
                return True
            return False if quantise(scale.no) >= wanted else None


def _band_reaching(scale: Bands, wanted: float, answer: Value) -> Value:
    best: float | None = None
    here = answer if isinstance(answer, float) else 0.0
    for low, high, points in zip(scale.lows, scale.highs, scale.points, strict=True):
        if quantise(points) < wanted:
            continue
        if here < low:
            edge = low
        else:
            # An upper edge is not part of its band: just below it, and in round figures when it is told.
            edge = here if here < high else high - 1e-8 * max(1.0, abs(high))
        if best is None or abs(edge - here) < abs(best - here):
            best = edge
    return best


def _curve_reaching(scale: Curve, wanted: float, answer: Value) -> Value:
    here = answer if isinstance(answer, float) else scale.xs[0]
    found: list[float] = []
    pairs = list(zip(scale.xs, scale.points, strict=True))
    found += [x for x, y in pairs if quantise(y) >= wanted]
    for (x0, y0), (x1, y1) in itertools.pairwise(pairs):
        if min(y0, y1) < wanted <= max(y0, y1) and y0 != y1:
            found.append(x0 + (wanted - y0) * (x1 - x0) / (y1 - y0))
    return min(found, key=lambda x: abs(x - here)) if found else None


def rounded_outward(exact: Value, before: Value, kind: str) -> Iterator[Value]:
    """The value in round figures, each a little further from `before`, roundest first; at last as it can be shown.

    Units: kind is how the value is shown, which bounds its decimals: days whole, percents whole, money from 1,000 on.
    """
    if not isinstance(exact, float):
        yield exact
        return
    if not abs(exact) < MOST:
        return
    tried: set[float] = set()
    for quantum in _quanta(exact, before, kind):
        steps = exact / quantum
        up = exact > before if isinstance(before, float) else True
        # A value that is round but for the last bits of a double stays where it is.
        near = round(steps)
        whole = (
            near
            if abs(steps - near) <= 1e-10 * max(1.0, abs(steps))
            else (math.ceil(steps) if up else math.floor(steps))
        )
        value = float(whole) * quantum if quantum >= 1 else whole / round(1 / quantum)
        if value not in tried:
            tried.add(value)
            yield value


def _quanta(exact: float, before: Value, kind: str) -> Iterator[float]:
    size = abs(exact)
    if kind == "date":
        yield 1.0
        return
    if kind == "percent":
        yield 0.01
        return
    if size >= 1000:
        yield 10.0 ** (math.floor(math.log10(size)) - 2)
        yield 1.0
        return
    if not isinstance(before, float) or before.is_integer():
        yield 1.0
    if size >= 10:
        yield 0.1
    yield 0.001
