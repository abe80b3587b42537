"""`Why` of a block of clients: why the category, what is strongest and weakest, what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from kamxl.backends.column_block import take
from kamxl.backends.column_types import Numbers
from kamxl.conditions import Atom
from kamxl.explain import LEAST_LOST, held_words, need_words, telling_parts, waiting_words
from kamxl.language.expression import Node
from kamxl.phrases import capital, say, write_tenths
from kamxl.reasons.facts import Facts
from kamxl.reasons.texts import Lines, TextArray, as_texts, codes_in

Rows = NDArray[np.intp]
# Pairs of a name and an amount are looked up in a table of at most so many places.
_LARGEST_TABLE = 1 << 17


def tell_why(facts: Facts, rows: Rows, endings: Sequence[str]) -> list[str]:
    """One line for each of the rows. Shapes: rows and endings (m,), positions in the block; what a line ends with."""
    amounts, language = facts.amounts(), facts.guide.language
    labels = [one.label for one in amounts]
    pieces = [_because(facts, rows)]
    for key, sign, least, columns in (
        ("strong", "+", 0.0, [one.gain[rows] for one in amounts]),
        ("weak", "−", LEAST_LOST, [one.lost[rows] for one in amounts]),
    ):
        before = f". {capital(say(key, language, names=''))}"
        names = [f"{label} {sign}" for label in labels]
        first, most, second, next_most = _two_largest(columns, least, len(rows))
        pieces.append(_named(first, most, [before + name for name in names], language))
        pieces.append(_named(second, next_most, [f", {name}" for name in names], language))
    return list(map("".join, zip(*pieces, endings, strict=True)))


def _because(facts: Facts, rows: Rows) -> list[str]:
    """Why each of the rows has its category, as a sentence begins."""
    guide = facts.guide
    texts = np.full(len(facts), "", object)
    codes = guide.codes[facts.part]
    for code in codes_in(codes[rows]):
        mine = rows[codes[rows] == code]
        if code >= len(guide.match.rules):
            shares = guide.writing.numbers(facts.completeness[mine], "percent")
            told = {share: capital(need_words(guide, share)) for share in set(shares)}
            texts[mine] = as_texts([told[share] for share in shares])
        elif guide.match.rules[code].when is None:
            texts[mine] = capital(say("otherwise", guide.language))
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
    columns = [_atom_texts(facts, part.node, rows) for part in telling_parts(parts)]
    first, *others = columns
    # What comes first is told of many clients in the same words.
    begin = {text: capital(text) for text in set(first)}
    told = list(map(begin.__getitem__, first))
    if len(others) == 1:
        rest = zip(told, first, others[0], strict=True)
        told = [line if one == other else f"{line}, {other}" for line, one, other in rest]
    elif others:
        told = [
            ", ".join([line, *(word for word in dict.fromkeys(words) if word != one)])
            for line, one, words in zip(told, first, zip(*others, strict=True), strict=True)
        ]
    texts[rows] = as_texts(told)


def _atom_texts(facts: Facts, node: Node, rows: Rows) -> list[str]:
    """A part of a condition with the values of each of the rows."""
    guide = facts.guide
    telling = guide.wording.telling(node)
    columns = [(take(facts.column(computed), rows), form, computed) for computed, form in telling.gaps]
    if len(columns) == 1:
        column, form, computed = columns[0]
        return guide.writing.values(column, form, computed=computed, template=telling.text)
    values = [guide.writing.values(column, form, computed=computed) for column, form, computed in columns]
    return list(map(telling.text.format, *values)) if values else [telling.text.format()] * len(rows)


def _two_largest(
    columns: Sequence[Numbers], least: float, count: int
) -> tuple[NDArray[np.int16], Numbers, NDArray[np.int16], Numbers]:
    """(position of the largest amount above `least`, that amount, the same of the second); -1 without any.

    Of equals the first counts; NaN is no amount. Shapes: columns and results (count,).
    """
    most, next_most, lower = np.full(count, least), np.full(count, least), np.empty(count)
    for column in columns:
        np.minimum(most, column, out=lower)
        np.fmax(next_most, lower, out=next_most)
        np.fmax(most, column, out=most)
    first, second = np.full(count, -1, np.int16), np.full(count, -1, np.int16)
    # From the last to the first: of equals the first is put in last.
    for position in range(len(columns) - 1, -1, -1):
        np.putmask(first, columns[position] == most, position)
    for position in range(len(columns) - 1, -1, -1):
        np.putmask(second, (columns[position] == next_most) & (first != position), position)
    np.putmask(first, most <= least, -1)
    np.putmask(second, next_most <= least, -1)
    return first, most, second, next_most


def _named(codes: NDArray[np.int16], numbers: Numbers, names: Sequence[str], language: str) -> list[str]:
    """A name and its amount in tenths, each pair written once; empty where the code is -1."""
    tenths = np.minimum(numbers * 10 + 0.5 + 1e-9, 1e9).astype(np.int64)
    span = int(tenths.max(initial=0)) + 1
    pairs = np.where(codes < 0, -1, codes.astype(np.int64) * span + tenths)

    def write(pair: float) -> str:
        code, amount = divmod(int(pair), span)
        return names[code] + write_tenths(amount / 10, language) if code >= 0 else ""

    if span * len(names) > _LARGEST_TABLE:
        return Lines(write).of(pairs)
    # A place for every pair that there could be; the last one is that of -1.
    table = np.full(span * len(names) + 1, "", object)
    for pair in np.flatnonzero(np.bincount(pairs + 1)).tolist():
        table[pair - 1] = write(pair - 1)
    found: list[str] = table[pairs].tolist()
    return found
