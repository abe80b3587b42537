"""Random rule files and random rows with blanks, texts, errors and edges, made from a seed."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from itertools import pairwise

AS_OF = dt.date(2026, 6, 30)

HEADERS = (
    "Client", "Revenue", "Spend's [net] #1", "Growth @ %", "Mark", "Rank", "Market", "Since", "Active?", "Hours",
    "Size",
)  # fmt: skip
COLUMNS = """
columns:
  client: {headers: [Client], kind: text, role: id}
  revenue: {headers: [Revenue], kind: money}
  spend: {headers: ["Spend's [net] #1"], kind: money}
  growth: {headers: ["Growth @ %"], kind: percent}
  mark: {headers: [Mark]}
  rank: {headers: [Rank], kind: choice, choices: [sole, first, second, "s?le", "Été"]}
  market: {headers: [Market], kind: text}
  since: {headers: [Since], kind: date}
  active: {headers: ["Active?"], kind: yes/no}
  hours: {headers: [Hours], optional: yes}
  size: {headers: [Size], kind: number}
  absent: {headers: [Not there], kind: number, optional: yes}
"""
NUMBERS = ("revenue", "spend", "growth", "mark", "hours", "size", "absent")
RANKS = ("sole", "first", "second", "Été", "s?le")
MARKETS = ("Aerospace", "Food", "n*a", "~", "5", "1.5", "TRUE", "Énergie", '"quoted"', "a, b")


THRESHOLDS = (20, 33.3333, 50, 66.6667, 100)


class RuleMaker:
    """Writes one random rule file. State: the random generator and what is defined so far."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.numbers = list(NUMBERS)
        self.conditions = ["active"]
        self.texts = ["rank", "market"]

    def text(self) -> str:
        """The YAML of a whole rule file."""
        chance = self.chance
        lines = ["kamxl: 1", "name: Random", f"scale: {chance.choice([10, 10, 100, 5, 7.5])}", self._missing("missing")]
        self.full = float(lines[2].split()[1])
        lines += [COLUMNS, "derived:", *self._derived(), "families:"]
        families = ["alpha", "beta", "gamma"][: chance.randint(1, 3)]
        for name in families:
            lines += self._family(name)
        lines += ["categories:", *self._categories(families)]
        return "\n".join(lines) + "\n"

    def _missing(self, key: str) -> str:
        return f"{key}: {self.chance.choice(['skip', 'skip', 'skip', 'zero', 'error', 3, 2.5])}"

    def _derived(self) -> list[str]:
        lines = []
        for index in range(self.chance.randint(2, 5)):
            kind = self.chance.choice(["number", "number", "condition", "text"])
            name = f"d{index}"
            made = {"number": self.number, "condition": self.condition, "text": self.word}[kind](3)
            lines.append(f"  {name}: '{made.replace(chr(39), chr(39) * 2)}'")
            {"number": self.numbers, "condition": self.conditions, "text": self.texts}[kind].append(name)
        return lines

    def number(self, depth: int) -> str:
        """A random number expression."""
        chance = self.chance
        if depth <= 0 or chance.random() < 0.3:
            return chance.choice([*self.numbers, self._constant()])
        part: Callable[[], str] = lambda: self.number(depth - 1)  # noqa: E731
        return chance.choice(
            [
                lambda: f"({part()} {chance.choice('+-*/')} {part()})",
                lambda: f"({part()} {chance.choice('+-')} {part()} {chance.choice('+-')} {part()})",
                lambda: f"max({part()}, {part()})",
                lambda: f"min({part()}, {part()}, {part()})",
                lambda: f"abs({part()})",
                lambda: f"-{chance.choice(self.numbers)}",
                lambda: f"round({part()}, {chance.randint(0, 4)})",
                lambda: f"if({self.condition(depth - 1)}, {part()}, {part()})",
                lambda: f"coalesce({part()}, {part()})",
                lambda: f"{chance.choice(['days', 'months', 'years'])}_since(since)",
            ]
        )()

    def _constant(self) -> str:
        return self.chance.choice(["0", "1", "2.5", "15%", "100", "0.1", "33.3333", "-4", "250000"])

    def condition(self, depth: int) -> str:
        """A random condition."""
        chance = self.chance
        if depth <= 0:
            return chance.choice(self.conditions)
        value: Callable[[], str] = lambda: self.number(depth - 1)  # noqa: E731
        inner: Callable[[], str] = lambda: self.condition(depth - 1)  # noqa: E731
        text: Callable[[], str] = lambda: chance.choice(self.texts)  # noqa: E731
        return chance.choice(
            [
                lambda: f"({value()} {chance.choice(['=', '<>', '<', '<=', '>', '>='])} {value()})",
                lambda: f"({inner()} {chance.choice(['and', 'or'])} {inner()})",
                lambda: f"(not {inner()})",
                lambda: f"(rank in [sole, first, {chance.choice(['second', 'Été'])}])",
                lambda: f'(market {chance.choice(["=", "<>"])} "{chance.choice(MARKETS[:8])}")',
                lambda: f"({text()} = {text()})",
                lambda: f"({chance.choice([text(), value(), 'since', *self.conditions])} is missing)",
                lambda: f"({chance.choice([text(), value(), 'since'])} is not missing)",
                lambda: f"({value()} between {value()} and {value()})",
                lambda: f"({value()} in [0, 1, 5, 100])",
                lambda: "(since >= 2025-03-01)",
                lambda: f"({chance.choice(self.conditions)} = {chance.choice(self.conditions)})",
            ]
        )()

    def word(self, depth: int) -> str:
        """A random text expression."""
        chance = self.chance
        return chance.choice(
            [
                lambda: f'if({self.condition(depth - 1)}, market, "other")',
                lambda: 'coalesce(market, "none")',
                lambda: "rank",
            ]
        )()

    def _family(self, name: str) -> list[str]:
        chance = self.chance
        lines = [f"  {name}:", f"    weight: {chance.choice([10, 33, 40, 25.5])}"]
        if chance.random() < 0.4:
            lines.append(f"    applies: '{self.condition(2).replace(chr(39), chr(39) * 2)}'")
        if chance.random() < 0.2:
            lines.append("    at_most: 80")
        lines.append("    criteria:")
        for index in range(chance.randint(1, 6)):
            lines += self._criterion(f"{name}_{index}")
        return lines

    def _criterion(self, key: str) -> list[str]:
        chance = self.chance
        lines = [f"      {key}:", f"        weight: {self._weight(key)}"]
        if chance.random() < 0.5:
            lines.append("        " + self._missing("missing"))
        scale = chance.choice(["bands", "bands", "curve", "values", "as is", "target", "yes"])
        of = {"values": self._listed_subject, "yes": lambda: self.condition(2), "as is": lambda: "mark"}.get(
            scale,
            lambda: chance.choice([*self.numbers, self.number(2), "percentile(revenue)", "cumulative_share(size)"]),
        )()
        lines.append(f"        of: '{of.replace(chr(39), chr(39) * 2)}'")
        return lines + [f"        {line}" for line in self._scale(scale, of)]

    def _weight(self, key: str) -> float:
        # A family whose weights are all zero is refused.
        return self.chance.choice([1, 2, 5, 7.5, 10, 0.1, 3.3, *([] if key.endswith("_0") else [0])])

    def _listed_subject(self) -> str:
        return self.chance.choice([*self.texts, "market", "rank", "size"])

    def _some_words(self, of: str) -> list[str]:
        words = list(RANKS) if of == "rank" else [*RANKS, *MARKETS]
        return self.chance.sample(words, self.chance.randint(1, len(words) // 2))

    def _scale(self, scale: str, of: str) -> list[str]:
        chance = self.chance
        points = lambda: round(chance.uniform(0, self.full), chance.choice([0, 1, 2]))  # noqa: E731
        small = chance.random() < 0.5
        edges = sorted(
            {
                round(chance.uniform(-1, 1) if small else chance.uniform(-50, 250000), chance.choice([0, 1, 3]))
                for _ in range(chance.randint(2, 6))
            }
            | {0.0}
        )
        if scale == "bands":
            pairs = [f"{low:.10g} to {high:.10g}: {points()}" for low, high in pairwise(edges)]
            if chance.random() < 0.8:
                pairs = [f"under {edges[0]:.10g}: {points()}", *pairs, f"{edges[-1]:.10g} and over: {points()}"]
            elif len(pairs) > 2:
                pairs.pop(1)
            return ["bands: {" + ", ".join(pairs) + "}"]
        if scale == "curve":
            return [
                "curve: {" + ", ".join(f"{x:.10g}: {points()}" for x in edges[: chance.randint(1, len(edges))]) + "}"
            ]
        if scale == "values":
            keys = ["0", "5", "100", "1.5"] if of == "size" else self._some_words(of)
            quoted = ["'" + key.replace("'", "''") + "'" for key in keys]
            found = ["values: {" + ", ".join(f"{key}: {points()}" for key in quoted) + "}"]
            return [*found, f"other: {points()}"] if chance.random() < 0.6 else found
        if scale == "target":
            return [f"target: {{ideal: {edges[0]:.10g}, none_beyond: {chance.choice([0.15, 10, 4000])}}}"]
        return ["points: as is"] if scale == "as is" else [f"yes: {points()}", f"no: {points()}"]

    def _categories(self, families: list[str]) -> list[str]:
        chance = self.chance
        lines = [f"  policy: {chance.choice(['first', 'first', 'unique'])}"]
        if chance.random() < 0.6:
            lines.append(f"  need: {{completeness: {chance.choice(['30%', '50%', '80%'])}, else: unknown_yet}}")
        lines.append("  rules:")
        for index in range(chance.randint(0, 4)):
            names = ["score", *families, "completeness"]
            terms = [
                f"{chance.choice(names)} {chance.choice(['>=', '<', '>', '<='])} {chance.choice(THRESHOLDS)}"
                for _ in range(chance.randint(1, 3))
            ]
            if chance.random() < 0.5:
                terms.append(self.condition(2))
            when = f" {chance.choice(['and', 'or'])} ".join(terms).replace("'", "''")
            lines.append(
                f"    cat{index}: {{when: '{when}', label: {{en: 'Category \"{index}\"', fr: 'Catégorie {index}'}}}}"
            )
        return [*lines, "    rest: {otherwise: true}"]


def random_rules(seed: int) -> str:
    """The YAML of a random rule file."""
    return RuleMaker(seed).text()


def random_rows(seed: int, count: int) -> list[list[object]]:
    """Rows under HEADERS: blanks, texts in numbers, errors, truth values, band edges and their neighbours."""
    chance = random.Random(seed * 7919 + 1)
    return [_row(chance, index) for index in range(count)]


def _row(chance: random.Random, index: int) -> list[object]:
    def spoilt(value: object, *, text: bool = False) -> object:
        roll = chance.random()
        if roll < 0.13:
            return chance.choice([None, None, "", "  ", "\u00a0"])
        if roll < 0.14:
            return chance.choice(["#N/A", "#DIV/0!"])
        if roll < 0.15 and not text:
            return chance.choice(["n/a", True, False, "about 5"])
        return value

    def number(low: float, high: float) -> float:
        base = chance.choice(
            [
                0.0,
                1.0,
                5.0,
                100.0,
                0.15,
                0.1 + 0.2,
                chance.uniform(low, high),
                round(chance.uniform(low, high), 2),
                -3.0,
                1e12,
                1e-12,
            ]
        )
        return base + chance.choice([0.0, 0.0, 0.0, 1e-10, -1e-10])

    day = AS_OF - dt.timedelta(days=chance.randint(-60, 5000))
    words = [*RANKS, *(word.upper() for word in RANKS[:3]), " First ", "fir\u00a0st", "strange"]
    markets: list[object] = [
        *MARKETS,
        *(word.lower() for word in MARKETS[:4]),
        "  Food ",
        "a,   b",
        5,
        1.5,
        True,
        "x\ny",
    ]
    return [
        f"C-{index}",
        spoilt(number(-1000, 250000)),
        spoilt(number(0, 400000)),
        spoilt(number(-1, 1)),
        spoilt(chance.choice([0, 3.5, 5, 7, 5, 4, 2, -0.0000000001, 10.5])),
        spoilt(chance.choice(words), text=True),
        spoilt(chance.choice(markets), text=True),
        spoilt(day),
        spoilt(
            chance.choice(["yes", "No", "OUI ", "x", True, False, 1, 0, "non", "maybe"][: 9 + (chance.random() < 0.1)]),
            text=True,
        ),
        spoilt(number(0, 500)),
        spoilt(number(-5, 300)),
    ]
