"""What stands in the rows of a worksheet, tag by tag: all tags of a block at once, or none when one is unusual.

Place in the picture: the grammar of `plain_scan`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

# Tags by the letter behind `<`; closing ones by the letter behind `</`. Two of them make one byte: a pair.
ROW, CELL, EMPTY_CELL, EMPTY_ROW, VALUE, FORMULA, EMPTY_FORMULA, INLINE, LETTERS = range(1, 10)
ROW_END, CELL_END, VALUE_END, FORMULA_END, INLINE_END, LETTERS_END = range(10, 16)
_EMPTIED = {CELL: EMPTY_CELL, ROW: EMPTY_ROW, FORMULA: EMPTY_FORMULA}
_BEHIND_CELL = (CELL, EMPTY_CELL, ROW_END)
_FOLLOWERS = {
    ROW: _BEHIND_CELL,
    CELL: (VALUE, FORMULA, EMPTY_FORMULA, INLINE, CELL_END),
    FORMULA: (FORMULA_END,),
    FORMULA_END: (VALUE, CELL_END),
    EMPTY_FORMULA: (VALUE, CELL_END),
    VALUE: (VALUE_END,),
    VALUE_END: (CELL_END,),
    INLINE: (LETTERS,),
    LETTERS: (LETTERS_END,),
    LETTERS_END: (INLINE_END,),
    INLINE_END: (CELL_END,),
    CELL_END: _BEHIND_CELL,
    EMPTY_CELL: _BEHIND_CELL,
    ROW_END: (ROW, EMPTY_ROW),
    EMPTY_ROW: (ROW, EMPTY_ROW),
}
_PAIRS = bytes(code * 16 + follower for code, followers in _FOLLOWERS.items() for follower in followers)
# Bytes from the `<` of a tag to the next one, where neither text nor attributes may stand between.
_LENGTHS = {ROW_END: 6, CELL_END: 4, VALUE_END: 4, FORMULA_END: 4, INLINE: 4, INLINE_END: 5, LETTERS_END: 4}
_BEFORE_TEXT = (VALUE, FORMULA, LETTERS)
_END_MARK = 0x80  # what tells `</c` from `<c`


class OddSpelling(Exception):
    """The sheet is not spelled as spreadsheets spell it; another reader takes it."""


def need(condition: Any) -> None:
    """Nothing, or OddSpelling."""
    if not condition:
        raise OddSpelling


def _table(pairs: dict[int, int]) -> bytes:
    """For `translate`, which looks up bytes faster than NumPy does."""
    return bytes(pairs.get(byte, 0) for byte in range(256))


_CODES = _table(
    {
        **dict(zip(b"rcvfit", (ROW, CELL, VALUE, FORMULA, INLINE, LETTERS), strict=True)),
        **{
            letter | _END_MARK: code
            for letter, code in zip(
                b"rcvfit",
                (ROW_END, CELL_END, VALUE_END, FORMULA_END, INLINE_END, LETTERS_END),
                strict=True,
            )
        },
    }
)
_EXACT = _table(_LENGTHS)
_TEXT_FOLLOWS = _table(dict.fromkeys(_BEFORE_TEXT, 1))


def word(text: bytes) -> np.uint64:
    """Up to eight bytes as they lie in memory."""
    return np.uint64(int.from_bytes(text.ljust(8, b"\0"), "little"))


# The first bytes of a word, by how many.
FIRST = np.array([(1 << 8 * size) - 1 for size in range(9)], np.uint64)
BYTE = np.uint64(255)


def need_words(words: NDArray[np.uint64], places: Any, text: bytes) -> None:
    """Nothing when these bytes stand at all these places."""
    need((words[places] & FIRST[len(text)] == word(text)).all())


def read_codes(at: NDArray[np.uint8], words: NDArray[np.uint64], tags: Any, following: Any) -> NDArray[np.uint8]:
    """What each tag is, all of them in an order that rows can have.

    Shapes: `at` and `words` are the bytes, and eight of them, from each position on; tags (t,) are where `<` stands,
    `following` (t,) where the next one does. Errors: OddSpelling.
    """
    letters, behind = at[tags + 1], at[tags + 2]
    letters = np.where(letters == 47, behind | _END_MARK, letters)
    code = np.frombuffer(bytearray(letters.tobytes().translate(_CODES)), np.uint8)
    slashed = np.flatnonzero(at[following - 2] == 47)
    for opened, emptied in _EMPTIED.items():
        code[slashed[code[slashed] == opened]] = emptied
    need(code[0] in (ROW, EMPTY_ROW) and code[-1] in (ROW_END, EMPTY_ROW))
    need(not (code[:-1] * np.uint8(16) + code[1:]).tobytes().translate(None, _PAIRS))
    spelled = code.tobytes()
    exact = np.frombuffer(spelled.translate(_EXACT), np.uint8)
    need(((exact == 0) | (exact == following - tags)).all())
    need(((at[following - 1] == 62) | np.frombuffer(spelled.translate(_TEXT_FOLLOWS), bool)).all())
    for named, place, text in ((ROW_END, 2, b"row>"), (INLINE, 1, b"is>"), (INLINE_END, 2, b"is>")):
        need_words(words, tags[code == named] + place, text)
    return code
