"""Scales read from YAML: bands, curve, listed values, as is, target, yes/no.

Band texts compile to half-open bands and nothing else: `under b`, `a to b`, `a and over`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from kamxl.language.fields import Fields, describe, number_hint, plain_number
from kamxl.language.keys import SCALE_KEYS, TARGET
from kamxl.language.model import AsIs, Bands, Curve, Listed, Scale, Target, YesNo
from kamxl.language.source import Entry, Mapping, SourceNode
from kamxl.values import fold, quantise

_BAND = re.compile(
    r"(?:under\s+(?P<under>\S.*)|(?P<low>\S.*?)\s+to\s+(?P<high>\S.*)|(?P<over>\S.*?)\s+and\s+over)", re.IGNORECASE
)

_BAND_NUMBERS = r"-?\d[\d_]*(?:\.\d+)?(?:\s*%)?"


def read_scale(fields: Fields, scale: float) -> Scale | None:
    """The one scale of a criterion; None after a problem."""
    given = [key for key in SCALE_KEYS if fields.node(key) is not None]
    if fields.node("no") is not None and "yes" not in given:
        given.append("yes")
    if len(given) != 1:
        listed = ", ".join(f"`{key}`" for key in SCALE_KEYS)
        message = "a criterion needs one scale" if not given else f"a criterion has one scale, not {len(given)}"
        fields.report("KX101" if not given else "KX103", message, fields.place, hint=f"write one of {listed}")
        return None
    node = fields.node(given[0])
    match given[0]:
        case "bands":
            return _read_bands(fields, node, scale)
        case "curve":
            return _read_curve(fields, node, scale)
        case "values":
            return _read_listed(fields, node, scale)
        case "points":
            return _read_as_is(fields)
        case "target":
            return _read_target(fields, node)
        case _:
            return YesNo(_points_of(fields, "yes", scale), _points_of(fields, "no", scale))


def _points_of(fields: Fields, key: str, scale: float) -> float:
    node = fields.node(key)
    return check_points(fields, node, scale) if node is not None else 0.0


def check_points(fields: Fields, node: SourceNode, scale: float) -> float:
    """Points between 0 and the scale."""
    points = fields.number_of(node, "points", 0.0) or 0.0
    if not 0 <= points <= scale:
        fields.report("KX222", f"points run from 0 to {scale:g}, not {points:g}", node.place)
    return points


def _entries(fields: Fields, node: SourceNode | None, key: str) -> Sequence[Entry]:
    if isinstance(node, Mapping) and node.entries:
        return node.entries
    if node is not None:
        shown = "empty" if isinstance(node, Mapping) else describe(node)
        fields.report("KX103", f"`{key}` must be value: points pairs, not {shown}", node.place)
    return ()


def _read_bands(fields: Fields, node: SourceNode | None, scale: float) -> Bands | None:
    bands = []
    for entry in _entries(fields, node, "bands"):
        points = check_points(fields, entry.value, scale)
        ends = _band_ends(entry.name)
        if ends is None:
            fields.report(
                "KX103",
                f"`{entry.name}` is not a band",
                entry.place,
                hint=_band_hint(entry.name),
            )
        elif ends[0] >= ends[1]:
            fields.report("KX103", f"band `{entry.name}` is empty", entry.place, hint="write the lower end first")
        else:
            bands.append((*ends, points, entry.name))
    bands.sort(key=lambda band: band[:2])
    if not bands:
        return None
    lows, highs, points_, texts = zip(*bands, strict=True)
    return Bands(lows, highs, points_, texts)


def _band_hint(text: str) -> str:
    """How the band that a person meant is written here."""
    plain = text.replace(",", ".").replace("−", "-")
    # A dash behind a number is no sign but stands for `to`.
    numbers = [
        found[0].lstrip("-") if plain[: found.start()].rstrip().endswith(tuple("0123456789%")) else found[0]
        for found in re.finditer(_BAND_NUMBERS, plain)
    ]
    if len(numbers) == 2 and numbers[1].endswith("%") and not numbers[0].endswith("%"):
        numbers[0] += "%"
    if len(numbers) == 2:
        return f"write `{numbers[0]} to {numbers[1]}`"
    if len(numbers) == 1 and re.search(r"under|below|less|moins|jusqu|up to|<", text, re.IGNORECASE):
        return f"write `under {numbers[0]}`"
    if len(numbers) == 1 and re.search(r"over|above|more|plus|from|>|\+", text, re.IGNORECASE):
        return f"write `{numbers[0].lstrip('+')} and over`"
    return "write `under 20`, `20 to 100` or `100 and over`"


def _band_ends(text: str) -> tuple[float, float] | None:
    found = _BAND.fullmatch(text.strip())
    if found is None:
        return None
    low, high = -math.inf, math.inf
    for group in ("under", "high"):
        if found[group] is not None:
            number = plain_number(found[group])
            if number is None:
                return None
            high = quantise(number[0])
    for group in ("low", "over"):
        if found[group] is not None:
            number = plain_number(found[group])
            if number is None:
                return None
            low = quantise(number[0])
    return low, high


def _read_curve(fields: Fields, node: SourceNode | None, scale: float) -> Curve | None:
    pairs: dict[float, float] = {}
    for entry in _entries(fields, node, "curve"):
        number = plain_number(entry.name)
        if number is None:
            hint = number_hint(entry.name)
            fields.report("KX103", f"a curve runs over numbers, not `{entry.name}`", entry.place, hint=hint)
        elif number[0] in pairs:
            fields.report("KX211", f"the curve lists {entry.name} twice", entry.place)
        else:
            pairs[number[0]] = check_points(fields, entry.value, scale)
    if not pairs:
        return None
    xs = tuple(sorted(pairs))
    return Curve(xs, tuple(pairs[x] for x in xs))


def _read_listed(fields: Fields, node: SourceNode | None, scale: float) -> Listed | None:
    listed: dict[str, tuple[str, float]] = {}
    for entry in _entries(fields, node, "values"):
        key = fold(entry.name)
        if key in listed:
            fields.report(
                "KX211",
                f"value `{entry.name}` is listed twice",
                entry.place,
                hint="texts compare without case and blanks around; keep one of them",
            )
            continue
        listed[key] = (entry.name, check_points(fields, entry.value, scale))
    if not listed:
        return None
    other = fields.node("other")
    keys, points = zip(*listed.values(), strict=True)
    return Listed(keys, points, check_points(fields, other, scale) if other is not None else None)


def listed_number(key: str) -> float | None:
    """The number that a listed value stands for: `2.5`, `1_000`, `10%`; None for a word."""
    found = plain_number(key)
    return found[0] if found is not None else None


def _read_as_is(fields: Fields) -> AsIs | None:
    scalar = fields.scalar("points")
    if scalar is not None and fold(scalar.text) != "as is":
        fields.report("KX103", f"`points` must be `as is`, not `{scalar.text}`", scalar.place)
    return AsIs()


def _read_target(fields: Fields, node: SourceNode | None) -> Target | None:
    if node is None:
        return None
    inner = Fields(node, fields.document, TARGET, what="`target`")
    ideal, none_beyond = inner.number("ideal"), inner.number("none_beyond")
    if ideal is None or none_beyond is None:
        return None
    if none_beyond <= 0:
        inner.report("KX103", "`none_beyond` must be a distance above 0", node.place)
        return None
    return Target(ideal, none_beyond)


def scale_place(fields: Fields) -> SourceNode | None:
    """The node of the scale of a criterion, for places in messages."""
    return next((node for key in SCALE_KEYS if (node := fields.node(key)) is not None), None)
