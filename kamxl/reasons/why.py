"""`Why` of a block of clients: why the category, what is strongest and weakest, what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from kamxl.backends.column_block import take
from kamxl.backends.column_cells import Numbers
from kamxl.conditions import Atom
from kamxl.explain import LEAST_LOST, held_words, need_words, telling_parts, waiting_words
from kamxl.language.expression import Node
from kamxl.phrases import say, write_tenths
from kamxl.reasons.facts import Facts
from kamxl.reasons.texts import TextArray, as_texts, write_numbers, write_values

Rows = NDArray[np.intp]
# A code and an amount share one number; no amount has that many tenths.
_PAIR = 10**10


def tell_why(facts: Facts, rows: Rows, absent: Sequence[str]) -> list[str]:
    """One line for each of the rows. Shapes: rows (m,), positions in the block; absent (n,)."""
    amounts, language = facts.amounts(), facts.guide.language
    because = _because(facts, rows)
    labels = [one.label for one in amounts]
    strong = _extremes([one.gain[rows] for one in amounts], 0.0, [f"{label} +" for label in labels], language)
    weak = _extremes([one.lost[rows] for one in amounts], LEAST_LOST, [f"{label} −" for label in labels], language)
    before_strong, before_weak = (f". {_capital(say(key, language, names=''))}" for key in ("strong", "weak"))
    lines = []
    for text, gains, losses, row in zip(because, strong, weak, rows.tolist(), strict=True):
        line = text[:1].upper() + text[1:]
        if gains:
            line += before_strong + gains
        if losses:
            line += before_weak + losses
        if absent[row]:
            line += f". {absent[row]}"
        lines.append(line + ".")
    return lines


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _because(facts: Facts, rows: Rows) -> list[str]:
    """Why each of the rows has its category."""
    guide = facts.guide
    texts = np.full(len(facts), "", object)
    codes = guide.codes[facts.part]
    for code in np.unique(codes[rows]).tolist():
        mine = rows[codes[rows] == code]
        if code >= len(guide.match.rules):
            shares = write_numbers(facts.completeness[mine], "percent", guide.language)
            texts[mine] = as_texts([need_words(guide, share) for share in shares])
        elif guide.match.rules[code].when is None:
            texts[mine] = say("otherwise", guide.language)
        else:
            _tell_matched(facts, code, mine, texts)
    scored, start = guide.scored, facts.part.start
    for row in rows.tolist() if scored.held or scored.waiting else ():
        index = start + row
        if index in scored.held:
            texts[row] += held_words(guide)
        if index in scored.waiting:
            texts[row] += waiting_words(guide, scored.waiting[index])
    return cast(list[str], texts[rows].tolist())


def _tell_matched(facts: Facts, code: int, rows: Rows, texts: TextArray) -> None:
    """Puts the words of the alternative that holds into `texts`; of the first one where none does."""
    options = facts.guide.options[code]
    for parts in options:
        flags = np.ones(len(rows), np.bool_)
        for part in parts:
            flags &= facts.holds(part.node)[rows]
        _put_words(facts, rows[flags], parts, texts)
        rows = rows[~flags]
    _put_words(facts, rows, options[0], texts)


def _put_words(facts: Facts, rows: Rows, parts: Sequence[Atom], texts: TextArray) -> None:
    if not len(rows):
        return
    columns = [atom_texts(facts, part.node, rows) for part in telling_parts(parts)]
    if len(columns) == 1:
        texts[rows] = as_texts(columns[0])
    else:
        texts[rows] = as_texts([", ".join(dict.fromkeys(words)) for words in zip(*columns, strict=True)])


def atom_texts(facts: Facts, node: Node, rows: Rows) -> list[str]:
    """A part of a condition with the values of each of the rows."""
    wording = facts.guide.wording
    telling = wording.telling(node)
    if not telling.gaps:
        return [telling.text.format()] * len(rows)
    columns = [
        write_values(take(facts.column(computed), rows), form, wording, computed=computed)
        for computed, form in telling.gaps
    ]
    return list(map(telling.text.format, *columns))


def _extremes(columns: Sequence[Numbers], least: float, names: Sequence[str], language: str) -> list[str]:
    """`Pay days +6.8, Orders +6.1`: the two largest amounts above `least`, of equals the first; empty without any."""
    count = len(columns[0]) if columns else 0
    first, second = np.full(count, -1, np.int64), np.full(count, -1, np.int64)
    most, next_most = np.full(count, least), np.full(count, least)
    for position, column in enumerate(columns):
        # A comparison with NaN is false: what is left out neither gains nor loses.
        over, between = column > most, column > next_most
        second = np.where(over, first, np.where(between, position, second))
        next_most = np.where(over, most, np.where(between, column, next_most))
        first, most = np.where(over, position, first), np.where(over, column, most)
    mine, others = (_named(*pair, names, language) for pair in ((first, most), (second, next_most)))
    return [f"{one}, {other}" if other else one for one, other in zip(mine, others, strict=True)]


def _named(codes: NDArray[np.int64], numbers: Numbers, names: Sequence[str], language: str) -> TextArray:
    """A name and its amount in tenths, each pair written once; empty where the code is -1."""
    tenths = np.minimum(numbers * 10 + 0.5 + 1e-9, 1e9).astype(np.int64)
    pairs, places = np.unique(np.where(codes < 0, -1, codes * _PAIR + tenths), return_inverse=True)
    texts = [
        "" if pair < 0 else names[pair // _PAIR] + write_tenths(pair % _PAIR / 10, language) for pair in pairs.tolist()
    ]
    return as_texts(texts)[places]
