"""The rule set that managers wrote, as frozen records. No I/O, no defaults that are not written in DESIGN.

Every record keeps the place of its text, so that later stages can point at the manager's own line.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

from kamxl.language.expression import Node
from kamxl.problems import Place
from kamxl.records import dataclass, field
from kamxl.values import Kind, Value

LANGUAGE_VERSION = 1
LANGUAGES = ("en", "fr")
# Names that conditions may read besides columns, derived columns and families.
TOTAL_NAMES = ("score", "completeness")


def tidy(key: str) -> str:
    """A key as a label when none is given: `share_of_wallet` becomes `Share of wallet`."""
    words = key.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


@dataclass(frozen=True, slots=True)
class Label:
    """A text per language; one text serves all languages where only one is given."""

    texts: tuple[tuple[str, str], ...]

    def text(self, language: str) -> str:
        """The text in a language, else in English, else the first one."""
        by_language = dict(self.texts)
        return by_language.get(language) or by_language.get("en") or (self.texts[0][1] if self.texts else "")

    def all_texts(self) -> tuple[str, ...]:
        """The texts of every language."""
        return tuple(text for _, text in self.texts)


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression as written, its tree with names resolved, and where it stands."""

    text: str
    node: Node
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """A column that the rules may read, and the headers it answers to."""

    key: str
    headers: tuple[str, ...]
    kind: Kind = "number"
    unit: str = ""
    choices: tuple[str, ...] = ()
    role: str = ""
    optional: bool = False
    label: Label = Label(())
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class Derived:
    """A computed column."""

    key: str
    expression: Expression
    label: Label = Label(())
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class Bands:
    """Points by half-open bands [low, high), rising. Shapes: lows, highs, points (n,); no band overlaps another."""

    lows: tuple[float, ...]
    highs: tuple[float, ...]
    points: tuple[float, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """Points by straight lines between (x, points) pairs, level beyond both ends. Shapes: both (n,), xs rising."""

    xs: tuple[float, ...]
    points: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """Points by listed values (`values:`); `other` is None where an unlisted value is a problem."""

    keys: tuple[str, ...]
    points: tuple[float, ...]
    other: float | None


@dataclass(frozen=True, slots=True)
class AsIs:
    """A manager's own mark, from 0 to the scale."""


@dataclass(frozen=True, slots=True)
class Target:
    """Full points at the ideal, fading in a straight line to none at the distance `none_beyond`."""

    ideal: float
    none_beyond: float


@dataclass(frozen=True, slots=True)
class YesNo:
    """Points of a condition or a yes/no column."""

    yes: float
    no: float


Scale = Bands | Curve | Listed | AsIs | Target | YesNo


@dataclass(frozen=True, slots=True)
class MissingPolicy:
    """What a blank answer does: skip (re-weight the rest), give `points` (zero is 0 points), or error."""

    mode: Literal["skip", "points", "error"] = "skip"
    points: float = 0.0


@dataclass(frozen=True, slots=True)
class Criterion:
    """One question of the portrait: what it reads, its scale, its weight within the family."""

    key: str
    of: Expression
    scale: Scale
    weight: float
    missing: MissingPolicy
    label: Label
    unit: str = ""
    weight_is_percent: bool = False
    place: Place = field(default_factory=Place)
    scale_place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class Family:
    """Criteria that are scored together. `at_most` caps the family score (0 to 100)."""

    key: str
    label: Label
    weight: float
    applies: Expression | None
    criteria: tuple[Criterion, ...]
    at_most: float | None = None
    weight_is_percent: bool = False
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class CategoryRule:
    """A category and its condition; `when` is None for `otherwise`. `at_most` is its capacity in clients."""

    key: str
    label: Label
    when: Expression | None
    process: str = ""
    at_most: int | None = None
    colour: str = ""
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class Need:
    """The completeness below which a client is not classified, and the category that it gets then."""

    completeness: float
    category: CategoryRule


@dataclass(frozen=True, slots=True)
class Categories:
    """The category rules in order; the first match wins, or with `unique` the only one."""

    policy: Literal["first", "unique"]
    rules: tuple[CategoryRule, ...]
    need: Need | None = None
    hold: float = 0.0

    @property
    def all_rules(self) -> tuple[CategoryRule, ...]:
        """The rules, and behind them the category of `need`: results are indexes into this tuple."""
        return self.rules if self.need is None else (*self.rules, self.need.category)

    def index_of(self, key: str) -> int:
        """Position of a category key in `all_rules`; -1 where there is none."""
        for index, rule in enumerate(self.all_rules):
            if rule.key == key:
                return index
        return -1


@dataclass(frozen=True, slots=True)
class Expectation:
    """A test beside the rules: inputs and what must come out."""

    client: str
    given: tuple[tuple[str, Value], ...]
    score: float | None = None
    category: str | None = None
    families: tuple[tuple[str, float], ...] = ()
    completeness: float | None = None
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A whole rule file. `as_of` None means today."""

    name: Label
    language: str
    as_of: dt.date | None
    scale: float
    missing: MissingPolicy
    decimal_comma: bool
    columns: tuple[ColumnRule, ...]
    derived: tuple[Derived, ...]
    families: tuple[Family, ...]
    categories: Categories
    expect: tuple[Expectation, ...] = ()
    file: str = ""
    digest: str = ""
    version: str = ""

    def title(self, language: str) -> str:
        """Name and version of the rule set, as stamps and sheets show them."""
        return f"{self.name.text(language)} {self.version}".rstrip()

    @property
    def criteria(self) -> tuple[tuple[Family, Criterion], ...]:
        """Every criterion with its family, in file order."""
        return tuple((family, criterion) for family in self.families for criterion in family.criteria)

    def column(self, key: str) -> ColumnRule | None:
        """The column with a key."""
        return next((column for column in self.columns if column.key == key), None)

    def column_with_role(self, role: str) -> ColumnRule | None:
        """The column with a role such as `id`."""
        return next((column for column in self.columns if column.role == role), None)
