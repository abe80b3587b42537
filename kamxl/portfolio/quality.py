"""How good the answers are: blanks, completeness, names that look alike, values that cannot be.

Only says what to look at; nothing is corrected. Knows nothing of sheets.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from kamxl.backends import Scored
from kamxl.portfolio.clients import Clients, is_named, number_column, table_column
from kamxl.portfolio.effort import mean
from kamxl.records import dataclass
from kamxl.values import TEXT_KINDS, fold

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_LEGAL_FORMS = re.compile(
    r"\b(?:inc|incorporated|corp|corporation|co|company|ltd|ltee|limited|llc|llp|plc|sa|sas|sarl|senc|gmbh|ag|bv|nv|spa)\b"
)
_NOT_WORD = re.compile(r"[^0-9a-z]+")
_DIGITS = re.compile(r"\d+")
# A typing error is looked for only in words long enough that one letter does not make another word.
_LEAST_LETTERS = 6
# "Client A1", "Client A2" … : a block of more names than this is a numbering, not a series of typing errors.
_LARGEST_BLOCK = 40
_LARGEST_VOCABULARY = 300
IMPOSSIBLE_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Impossible:
    """A kind of value that cannot be: `key` names a phrase of the dashboard, `subject` the column it is about."""

    key: str
    subject: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quality:
    """The state of the answers.

    Shapes: `blanks` holds (label of the column, blank cells), most first, only columns that count and have blanks;
    `lookalikes` holds pairs of client names, `look_alike_values` (label of the column, two values of it).
    Units: completeness 0 to 1.
    """

    clients: int
    unscored: int
    completeness: float | None
    under_half: int
    blanks: tuple[tuple[str, int], ...]
    lookalikes: tuple[tuple[str, str], ...]
    same_names: int
    same_examples: tuple[str, ...]
    lookalike_values: tuple[tuple[str, str, str], ...]
    impossible: tuple[Impossible, ...]


def measure_quality(scored: Scored, clients: Clients, *, language: str) -> Quality:
    """The quality of the answers behind a run; labels of columns in a language."""
    import numpy as np

    completeness = clients.completeness
    names = [name for name in clients.names if is_named(name)]
    pairs = tuple(lookalike_pairs(names))
    twice = [name for name, count in Counter(map(fold, names)).items() if count > 1]
    return Quality(
        clients=clients.count,
        unscored=int(np.count_nonzero(~np.isfinite(clients.score))),
        completeness=mean(completeness),
        under_half=int(np.count_nonzero(completeness < 0.5)),
        blanks=tuple(_blank_counts(scored, language)),
        lookalikes=pairs,
        same_names=len(twice),
        same_examples=tuple(next(name for name in names if fold(name) == each) for each in twice[:IMPOSSIBLE_EXAMPLES]),
        lookalike_values=tuple(_lookalike_values(scored, language)),
        impossible=tuple(_impossible_values(scored, clients, language)),
    )


def name_key(name: str) -> str:
    """A name without accents, case, punctuation, spaces and legal form: `GTXPro` for `GTX Pro Inc.`."""
    plain = name.casefold()
    if not plain.isascii():
        plain = "".join(each for each in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(each))
    spaced = _NOT_WORD.sub(" ", plain.replace(".", "")).strip() or plain.strip()
    without_form = _LEGAL_FORMS.sub(" ", spaced).strip()
    return (without_form or spaced).replace(" ", "")


def lookalike_pairs(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Pairs of different names that are probably one client: same key, or keys one typing error apart.

    Digits never count as typing errors: branch 1 and branch 2 are two clients.
    """
    by_key: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        by_key.setdefault(name_key(name), []).append(name)
    for alike in by_key.values():
        first = alike[0]
        yield from ((first, other) for other in alike[1:] if fold(other) != fold(first))
    for one, other in _one_letter_apart([key for key in by_key if len(key) >= _LEAST_LETTERS]):
        yield by_key[one][0], by_key[other][0]


def _one_letter_apart(keys: list[str]) -> Iterator[tuple[str, str]]:
    # One edit in the shorter key of n letters leaves its first n // 2 letters whole, or the others: two keys that are
    # one letter apart meet in a block, whether a key is the shorter one or the longer one of the two.
    blocks: dict[tuple[str, str, bool], list[str]] = defaultdict(list)
    for key in keys:
        digits = "" if key.isalpha() else " ".join(_DIGITS.findall(key))
        first, odd = divmod(len(key), 2)
        blocks[digits, key[:first], True].append(key)
        blocks[digits, key[first:], False].append(key)
        # Of a letter less: the first half of an odd length stays as long, the last one of an even length.
        blocks[(digits, key[first + 1 :], False) if odd else (digits, key[: first - 1], True)].append(key)
    seen: set[tuple[str, str]] = set()
    for block in blocks.values():
        if not 1 < len(block) <= _LARGEST_BLOCK:
            continue
        for one, other in combinations(block, 2):
            pair = (one, other) if one < other else (other, one)
            if pair not in seen and is_one_edit_apart(one, other):
                seen.add(pair)
                yield pair


def is_one_edit_apart(one: str, other: str) -> bool:
    """Whether one letter added, left out or changed, or two neighbours swapped, makes the one into the other."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    shorter, longer = sorted((one, other), key=len)
    start = 0
    while start < len(shorter) and shorter[start] == longer[start]:
        start += 1
    if len(shorter) < len(longer):
        return shorter[start:] == longer[start + 1 :]
    swapped = (
        shorter[start : start + 2] == longer[start : start + 2][::-1] and shorter[start + 2 :] == longer[start + 2 :]
    )
    return shorter[start + 1 :] == longer[start + 1 :] or swapped


def _blank_counts(scored: Scored, language: str) -> list[tuple[str, int]]:
    rules = scored.plan.rules
    found = []
    for step in scored.plan.reads():
        if step.counts and step.index >= 0:
            values = scored.values.get(step.name)
            column = rules.column(step.name)
            if values is not None and column is not None:
                found.append((column.label.text(language) or column.key, count_missing(values)))
    return sorted(((label, blank) for label, blank in found if blank), key=lambda pair: -pair[1])


def count_missing(values: Sequence[object]) -> int:
    """How many values of a column are missing: None, or NaN."""
    import numpy as np

    if isinstance(values, np.ndarray) and values.dtype.kind == "f":
        return int(np.count_nonzero(np.isnan(values)))
    # NaN is the one value that is not itself.
    return sum(1 for value in values if value is None or value != value)


def _lookalike_values(scored: Scored, language: str) -> Iterator[tuple[str, str, str]]:
    rules = scored.plan.rules
    for column in rules.columns:
        index = table_column(scored.plan, column.key)
        if column.kind not in TEXT_KINDS or column.role in ("id", "name") or index < 0:
            continue
        values = scored.values.get(column.key)
        if values is None:
            continue
        present = {value for value in values if isinstance(value, str) and value}
        # A word that nobody wrote may still be the right one: the rule file lists it.
        words = sorted({*present, *column.choices})
        if len(words) <= _LARGEST_VOCABULARY:
            label = column.label.text(language) or column.key
            for one, other in lookalike_pairs(words):
                if {one, other} & present and not _is_translation(one, other, column.choices):
                    yield label, one, other


def _is_translation(one: str, other: str, choices: Sequence[str]) -> bool:
    """Whether two words look alike because the rule file lists them in two languages: negotiation, négociation."""
    return one in choices and other in choices and not (one.isascii() and other.isascii())


def _impossible_values(scored: Scored, clients: Clients, language: str) -> Iterator[Impossible]:
    import numpy as np

    rules = scored.plan.rules

    def found(key: str, subject: str, where: npt.NDArray[np.bool_]) -> Iterator[Impossible]:
        rows = np.flatnonzero(where)
        if len(rows):
            label = rules.column(subject)
            shown = tuple(clients.names[row] for row in rows[:IMPOSSIBLE_EXAMPLES].tolist())
            yield Impossible(key, label.label.text(language) if label else subject, len(rows), shown)

    spend, revenue = number_column(scored, "spend"), clients.revenue
    for name in ("revenue", "spend", clients.effort_name, *_sizes(scored)):
        if name:
            yield from found("negative", name, number_column(scored, name) < 0)
    yield from found("over_spend", "revenue", revenue > spend * 1.000001)
    access = number_column(scored, "accessibility")
    yield from found("no_share", "accessibility", (access < 0) | (access > 1))
    if clients.profit_name:
        yield from found("over_revenue", clients.profit_name, (clients.profit > revenue) & (revenue >= 0))
    for column in rules.columns:
        if column.kind == "date":
            yield from found("future", column.key, number_column(scored, column.key) >= scored.plan.as_of + 1)


def _sizes(scored: Scored) -> tuple[str, ...]:
    return tuple(column.key for column in scored.plan.rules.columns if column.role in ("size", "product"))
