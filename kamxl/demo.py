"""The demo portfolio: 120 invented clients of an invented parts maker, at the end of two quarters.

Feeds `demo_workbook.py`, tests and benches. Pure: the same rows on every system and every run, no file, no clock.
Every name is made up; a likeness to a company is chance.
"""

from __future__ import annotations

import datetime as dt
import random
import unicodedata
from collections.abc import Sequence

from kamxl.records import dataclass, replace
from kamxl.table import Cell

SEED = 20_260_930
QUARTER_ENDS = (dt.date(2026, 9, 30), dt.date(2026, 12, 31))
LINES = ("Machined parts", "Sheet metal", "Assemblies", "Tooling", "Spare parts", "Service contracts")
HEADERS = (
    "Client ID",
    "Client",
    "Region",
    "Account manager",
    "Status",
    "Segment",
    "Employees",
    "Sites",
    "Distribution network",
    "Way of working",
    "Shared values",
    "Shared mission",
    "Client since",
    "Last order",
    "Orders",
    "Revenue",
    "Gross margin",
    *LINES,
    "Product lines",
    "Quotes sent",
    "Quotes won",
    "New products tried",
    "Hours served",
    "Recommends us",
    "Value over price",
    "Supplier rank",
    "Addressable spend",
    "Client growth",
    "Market growth",
    "Accessibility",
    "Override",
    "Override reason",
    "Override by",
    "Override until",
)
REGIONS = ("Montréal", "Québec", "Ontario", "Prairies", "Atlantic", "New England")
MANAGERS = ("Camille Roy", "Noah Whitfield", "Inès Gauvreau", "Tom Harding")
# Lines that clients of a segment usually buy: what peers buy and one client does not is white space.
SEGMENT_LINES: dict[str, tuple[int, ...]] = {
    "Aerospace": (0, 3, 2, 5, 1, 4),
    "Medical": (0, 2, 5, 3, 4, 1),
    "Energy": (1, 4, 5, 2, 0, 3),
    "Transport": (1, 2, 4, 0, 5, 3),
    "Machinery": (0, 4, 3, 1, 2, 5),
    "Food": (1, 4, 5, 0, 2, 3),
    "Construction": (1, 2, 4, 0, 3, 5),
    "Furniture": (1, 3, 4, 2, 0, 5),
}
# A name that tells its trade puts the client in that segment; the others are drawn.
_TRADES = {
    "Aerospace": "aéro airframes aerospace avia hélices",
    "Medical": "médical medical labora implants devices instruments surgical orthopaedics dispositifs prosthetics",
    "Energy": "energy éolienne power turbines boilers énergies",
    "Transport": "rail transit coachworks ferroviaire transports trams wagons ports",
    "Machinery": "usinage équipements machine tooling mécanique presses outillage précision robotique",
    "Food": "foods dairy moulins bakeries canning fromagerie boulangerie farms confiserie brewing conserverie fermes "
    "ovens pâtes abattoir charcuterie sweets cidrerie pantry verger",
    "Construction": "charpentes builders roofing béton homes toitures paving maçonnerie fencing granit pavage blocks "
    "clôtures docks sheds windows vitrerie",
    "Furniture": "menuiserie kitchens joinery escaliers meubles cabinets portes stairs chairs cuisines beds "
    "furnishings ébénisterie desks shelving tables armoires décors",
}
_NAMES = """
Aéro Valcreux|Northmere Aviation|Fonderie Brindemont|Harrowquill Medical|Ateliers Ormelune
Pellworth Energy|Usinage Sauveterne inc.|Tamsin & Crowe Rail|Équipements Hautebrise|Greyfen Machinery
Laboratoires Merlivet|Oakhollow Foods|Lacournoy & Fils|Stonebriar Aerospace|Groupe Pontarsois
Wexcombe Instruments|L'Éolienne de Quéverin|Larkmoor Transit|Précision Rochevine|Bramblegate Tooling
Tournefière Médical|Coldharrow Power|Les Aciers Maubrisson|Fairleigh Coachworks|Aérostructures Clairvanne
Dunmarrow Devices|Hydro-Pièces Lignoret|Ashgrove & Penn Machines|Robotique Solférine|Millbrook Vale Dairy
Implants Vaucresset|Ravenscar Turbines|Moulins de Saint-Ambrel|Thistledown Airframes|Ferroviaire Bellonde
Kestrelford Surgical|Mécanique Grandpierre-Loy|Windlesham Boilers|Transports Arquenne|Hollowell Presses
Dispositifs Noirvaux|Saltmarsh Bakeries|Aviation Corbelin|Eastlyn Orthopaedics|Énergies du Haut-Merle
Copperdale Trams|Outillage Vernissac|Fernhurst Canning|Charpentes Belvaire|Quillan Yard Builders
Menuiserie Trois-Ormes|Rushbeck Kitchens|Béton Landreval|Penrose Hill Roofing|Fromagerie Val-Chantenay
Barrowdeep Joinery|Escaliers Montferrin|Tidewell Docks|Boulangerie des Aulnettes|Marlpit Sheds
Meubles Haut-Rivard|Cinderford Gates|Serrurerie Dampvois|Yarrowby Farms|Toitures Bois-Lambert
Stillwater Cabinets|Confiserie Mirelune|Hatherby Homes|Portes Sainte-Ordeline|Longacre Brewing
Clôtures Vieux-Fresnoy|Underhill Stairs|Conserverie Port-Aubrac|Cragmoor Paving|Escabeaux Lormeau
Nettlecombe Chairs|Fermes Rivedoux-Nord|Birchanger Fencing|Cuisines Petit-Vaubert|Oxenholme Beds
Maçonnerie Saulcière|Redmarley Ovens|Bois-d'œuvre Tancrède|Holmfirth Lane Signs|Vitrerie Clos-Marquis
Starling Bridge Works|Pâtes Fontagrelle|Gorseway Furnishings|Ébénisterie Malvoisine|Tarnbeck Builders
Abattoir Grand-Lieuvin|Copsewood Desks|Charcuterie Bas-Ruisseau|Ivybridge Crates|Granit Roc-Servant
Eddington Fold Foods|Caisses Ormeau-Lévis|Moorgate Shelving|Enseignes Plein-Jour|Wychwood Tables
Pavage Terre-Neuvaine|Sandpiper Sweets|Cidrerie Pré-Mesnil|Lowther Vale Windows|Décors Aubergenne
Pinfold Plastics|Rampes Saint-Evremond|Foxglove Pantry|Armoires Lac-Doré|Grantley Blocks
Verger Haute-Combe|Swinbrook Frames|Fonderie Brindemont ltée|Old Cray Hardware|Aéro-Composites Ysandre
Beckfoot Prosthetics|Turbines Roc-Aimé|Glenmarch Wagons|Presses Villeroncé|Ormskerry Ports
"""  # the 113th name is a near twin of the third one: data quality is part of the demo
NAMES = tuple(name for line in _NAMES.strip().splitlines() for name in line.split("|"))


@dataclass(frozen=True, slots=True)
class Portrait:
    """A kind of client, as ranges to draw from. Units: money in CAD a year; shares 0 to 1; marks 0 to 10."""

    count: int
    segments: tuple[str, ...]
    revenue: tuple[float, float]
    spend_factor: tuple[float, float]
    margin: tuple[float, float]
    hours_per_1000: tuple[float, float]
    lines: tuple[int, int]
    marks: tuple[float, float]
    employees: tuple[int, int]
    accessibility: tuple[float, float]
    growth: tuple[float, float]
    orders: tuple[int, int]
    win_rate: tuple[float, float]
    since_years: tuple[int, int]
    last_order_days: tuple[int, int]
    ranks: tuple[str | None, ...]
    styles: tuple[str, ...]
    blank_rate: float = 0.04
    status: str = "active"


_WANTED = ("Aerospace", "Medical", "Energy", "Transport", "Machinery")
_PLAIN = ("Food", "Construction", "Furniture", "Machinery")
_LOYAL = Portrait(
    count=22, segments=_WANTED, revenue=(110_000, 900_000), spend_factor=(1.05, 1.40), margin=(0.22, 0.38),
    hours_per_1000=(1.0, 2.6), lines=(4, 6), marks=(6.5, 9.5), employees=(60, 620), accessibility=(0.15, 0.45),
    growth=(0.01, 0.10), orders=(9, 24), win_rate=(0.42, 0.70), since_years=(4, 16), last_order_days=(3, 60),
    ranks=("sole", "first", "first", None), styles=("partnership", "partnership", "negotiation"),
)  # fmt: skip
_GROWING = Portrait(
    count=19, segments=_WANTED, revenue=(22_000, 140_000), spend_factor=(2.7, 5.8), margin=(0.17, 0.31),
    hours_per_1000=(2.2, 5.2), lines=(1, 3), marks=(5.5, 8.5), employees=(40, 480), accessibility=(0.35, 0.65),
    growth=(0.05, 0.18), orders=(4, 11), win_rate=(0.22, 0.45), since_years=(1, 5), last_order_days=(5, 110),
    ranks=("second", "second", "occasional"), styles=("partnership", "negotiation", "negotiation"),
)  # fmt: skip
_STEADY = Portrait(
    count=15, segments=_PLAIN, revenue=(16_000, 60_000), spend_factor=(1.1, 1.6), margin=(0.12, 0.26),
    hours_per_1000=(3.0, 7.0), lines=(2, 4), marks=(4.0, 7.0), employees=(15, 120), accessibility=(0.10, 0.30),
    growth=(-0.02, 0.05), orders=(4, 10), win_rate=(0.25, 0.45), since_years=(3, 14), last_order_days=(10, 150),
    ranks=("first", "second", "second", None), styles=("negotiation", "negotiation", "tender"), blank_rate=0.08,
)  # fmt: skip
_SMALL = Portrait(
    count=42, segments=_PLAIN, revenue=(400, 13_000), spend_factor=(1.1, 2.4), margin=(0.04, 0.22),
    hours_per_1000=(12.0, 42.0), lines=(1, 2), marks=(2.0, 6.0), employees=(3, 40), accessibility=(0.05, 0.25),
    growth=(-0.06, 0.03), orders=(1, 4), win_rate=(0.08, 0.30), since_years=(1, 12), last_order_days=(30, 420),
    ranks=("occasional", "occasional", "second", None), styles=("negotiation", "tender", "tender"), blank_rate=0.10,
)  # fmt: skip
_CLOSE = replace(
    _GROWING, count=8, revenue=(40_000, 160_000), spend_factor=(1.0, 1.6), marks=(6.5, 9.0), styles=("partnership",),
    ranks=(None,), status="prospect",
)  # fmt: skip
_FAR = replace(
    _SMALL, count=6, revenue=(5_000, 30_000), spend_factor=(1.0, 1.5), ranks=(None,), status="prospect",
)  # fmt: skip
_UNKNOWN = replace(_STEADY, count=5, blank_rate=0.85)
_LOST = replace(_STEADY, count=3, last_order_days=(560, 900), orders=(1, 1), status="lost", ranks=("occasional",))
_PORTRAITS = (_LOYAL, _GROWING, _STEADY, _SMALL, _CLOSE, _FAR, _UNKNOWN, _LOST)

# What managers decided against the rules, by client number: one decision that holds, and one that has run out.
_OVERRIDES: dict[int, tuple[str, str, str, dt.date]] = {
    61: (
        "High potential",
        "New plant opens in March; their buyer asked for us",
        "Inès Gauvreau",
        dt.date(2031, 12, 31),
    ),
    78: ("Loyal", "Client of the founder since the first year", "Tom Harding", dt.date(2026, 6, 30)),
}
_LEFT_IN_SECOND_QUARTER = 97
_FIRST_ORDERS_IN_SECOND_QUARTER = 4


class _Draw:
    """Chance that is the same on every Python: only `random.random` is promised never to change."""

    def __init__(self, seed: int) -> None:
        self._next = random.Random(seed).random

    def between(self, ends: tuple[float, float]) -> float:
        return ends[0] + (ends[1] - ends[0]) * self._next()

    def skewed(self, ends: tuple[float, float]) -> float:
        """Many small ones, few large ones, as revenues are."""
        return float(ends[0] * (ends[1] / ends[0]) ** self._next())

    def whole(self, ends: tuple[int, int]) -> int:
        return ends[0] + int((ends[1] - ends[0] + 1) * self._next())

    def pick(self, choices: Sequence[str | None]) -> str | None:
        return choices[int(len(choices) * self._next())]

    def chance(self, probability: float) -> bool:
        return self._next() < probability


def quarter_end(quarter: int = 1) -> dt.date:
    """The day to which a state of the portfolio belongs. Errors: ValueError for a quarter other than 1 and 2."""
    if quarter not in (1, 2):
        raise ValueError(f"the demo has quarters 1 and 2, not {quarter}")
    return QUARTER_ENDS[quarter - 1]


def demo_rows(quarter: int = 1) -> tuple[tuple[Cell, ...], ...]:
    """The client rows under HEADERS, in order of name.

    Shapes: quarter 1 has 120 rows; in quarter 2 one client has left, one has come, prospects have placed first orders
    and the clients that we courted have grown.
    """
    day = quarter_end(quarter)
    rows = [_row(number, portrait, day, quarter) for number, portrait in enumerate(_shuffled())]
    if quarter == 2:
        del rows[_LEFT_IN_SECOND_QUARTER]
        rows.append(_row(len(NAMES), _CLOSE, day, quarter))
    return tuple(sorted(rows, key=_by_name))


def _by_name(row: tuple[Cell, ...]) -> str:
    """The client name without accents, as people sort it."""
    parts = unicodedata.normalize("NFD", str(row[1]).casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


def _shuffled() -> list[Portrait]:
    """A portrait for each name: wanted markets for the first and last names, plain ones for those between."""
    wanted = [p for p in (_LOYAL, _GROWING, _CLOSE) for _ in range(p.count)]
    others = [p for p in (_STEADY, _SMALL, _FAR, _UNKNOWN, _LOST) for _ in range(p.count)]
    draw = _Draw(SEED)
    for portraits in (wanted, others):
        for last in range(len(portraits) - 1, 0, -1):
            other = draw.whole((0, last))
            portraits[last], portraits[other] = portraits[other], portraits[last]
    return [*wanted[:-6], *others, *wanted[-6:]]


def _row(number: int, portrait: Portrait, day: dt.date, quarter: int) -> tuple[Cell, ...]:
    draw = _Draw(SEED + 7919 * (number + 1))
    cells = _who(number, portrait, draw)
    buys = portrait.status != "prospect" or (quarter == 2 and _has_started(number, portrait))
    cells |= _potential(portrait, draw)
    segment, lines = str(cells["Segment"]), draw.whole(portrait.lines)
    revenue = _hundreds(draw.skewed(portrait.revenue))
    cells["Addressable spend"] = _hundreds(revenue * draw.between(portrait.spend_factor))
    history = _history(portrait, draw, day)
    if buys:
        if quarter == 2:
            revenue = _grown(number, portrait, revenue)
        cells |= history | _amounts(revenue, segment, lines, portrait, draw)
        cells["Status"] = "active" if portrait.status == "prospect" else portrait.status
    if portrait.status == "prospect" and buys:
        cells |= {"Client since": day - dt.timedelta(days=40), "Orders": 1, "Supplier rank": "occasional"}
    for header in _BLANKABLE:
        if draw.chance(portrait.blank_rate):
            cells[header] = None
    cells |= _decision(number)
    if quarter == 2 and portrait is _GROWING and number % 9 == 0:
        cells["Supplier rank"] = "first"
    return tuple(cells.get(header) for header in HEADERS)


_BLANKABLE = (
    "Employees",
    "Sites",
    "Distribution network",
    "Way of working",
    "Shared values",
    "Shared mission",
    "New products tried",
    "Hours served",
    "Recommends us",
    "Value over price",
    "Quotes sent",
    "Client growth",
    "Market growth",
    "Accessibility",
    "Addressable spend",
    "Orders",
    "Gross margin",
)


def _has_started(number: int, portrait: Portrait) -> bool:
    return portrait is _CLOSE and number % _FIRST_ORDERS_IN_SECOND_QUARTER == 0


def _grown(number: int, portrait: Portrait, revenue: int) -> int:
    if portrait.status == "prospect":
        return _hundreds(revenue * 0.12)
    factors = {id(_GROWING): 1.14, id(_LOYAL): 1.03}
    return _hundreds(revenue * (factors.get(id(portrait), 0.99) + (number % 5 - 2) * 0.01))


def _hundreds(amount: float) -> int:
    return max(100, int(amount / 100 + 0.5) * 100)


def _who(number: int, portrait: Portrait, draw: _Draw) -> dict[str, Cell]:
    name = NAMES[number] if number < len(NAMES) else "Hélices Montravel"
    marks = [round(draw.between(portrait.marks) * 2) / 2 for _ in range(2)]
    large = portrait.employees[1] > 200
    return {
        "Client ID": f"C-{1001 + number}",
        "Client": name,
        "Region": draw.pick(REGIONS),
        "Account manager": draw.pick(MANAGERS),
        "Status": portrait.status,
        "Segment": _trade(name) or draw.pick(portrait.segments),
        "Employees": int(draw.skewed(portrait.employees)),
        "Sites": draw.whole((2, 8) if large else (1, 2)),
        "Distribution network": draw.pick(
            ("regional", "national", "international") if large else ("local", "local", "regional")
        ),
        "Way of working": draw.pick(portrait.styles),
        "Shared values": marks[0],
        "Shared mission": marks[1],
    }


def _trade(name: str) -> str | None:
    folded = name.casefold()
    return next((segment for segment, words in _TRADES.items() if any(word in folded for word in words.split())), None)


def _potential(portrait: Portrait, draw: _Draw) -> dict[str, Cell]:
    return {
        "Supplier rank": draw.pick(portrait.ranks),
        "Client growth": round(draw.between(portrait.growth), 3),
        "Market growth": round(draw.between((0.03, 0.14) if portrait.growth[0] > 0 else (-0.01, 0.06)), 3),
        "Accessibility": round(draw.between(portrait.accessibility) * 20) / 20,
    }


def _history(portrait: Portrait, draw: _Draw, day: dt.date) -> dict[str, Cell]:
    sent = draw.whole((3, 24))
    first = dt.date(day.year - draw.whole(portrait.since_years), draw.whole((1, 12)), draw.whole((1, 28)))
    return {
        "Client since": min(first, day - dt.timedelta(days=200)),
        "Last order": day - dt.timedelta(days=draw.whole(portrait.last_order_days)),
        "Orders": draw.whole(portrait.orders),
        "Quotes sent": sent,
        "Quotes won": int(sent * draw.between(portrait.win_rate) + 0.5),
        "New products tried": draw.whole((0, 1 + int(portrait.marks[1] / 3))),
        "Recommends us": "yes" if draw.chance(portrait.marks[0] / 10) else "no",
        "Value over price": round(draw.between(portrait.marks) * 2) / 2,
    }


def _amounts(revenue: int, segment: str, lines: int, portrait: Portrait, draw: _Draw) -> dict[str, Cell]:
    """Revenue split over the lines that the segment buys first, with its margin and the hours it took."""
    bought = SEGMENT_LINES[segment][:lines]
    shares = [draw.between((0.4, 1.0)) / (place + 1) for place in range(len(bought))]
    amounts = [_hundreds(revenue * share / sum(shares)) for share in shares]
    total = sum(amounts)
    by_line: dict[str, Cell] = {LINES[line]: amount for line, amount in zip(bought, amounts, strict=True)}
    return by_line | {
        "Revenue": total,
        "Gross margin": int(total * draw.between(portrait.margin) / 10) * 10,
        "Product lines": len(bought),
        "Hours served": max(1, int(total / 1000 * draw.between(portrait.hours_per_1000) + 0.5)),
    }


def _decision(number: int) -> dict[str, Cell]:
    found = _OVERRIDES.get(number)
    return dict(zip(HEADERS[-4:], found, strict=True)) if found is not None else {}
