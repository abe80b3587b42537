"""Texts of an Arrow array as codes into their distinct words: known words are recognised by their bytes, in bulk.

Arrow's own encoder looks at each text by itself. A text of up to 12 bytes is one value of 16 bytes in Arrow's view
layout, so whole blocks are compared with the words seen before; what is not among them goes to Arrow's encoder.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kamxl.backends.column_types import CodedCells, Codes

Views = NDArray[np.uint64]
# Views that stay in the cache between Arrow's making them and our looking at them; more calls of NumPy would cost more.
_BLOCK = 131_072
# Below this Arrow's own encoder is done before a table is made.
_FEWEST = 4_000
# As many texts show most words.
_FIRST_LOOK = 256
# Codes of one byte; more words than that are names rather than choices.
_MOST_WORDS = 120
# Arrow's layout: length, then the text itself if it fits, else where it stands.
_SHORT_BYTES = 12
_ALL_BITS = (1 << 64) - 1
# No text has this length.
_NO_KEY = np.uint64(_ALL_BITS)
_MIX = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F)


def encode_texts(array: Any) -> CodedCells:
    """Codes and words of an array of strings; null and the empty text are blank."""
    import pyarrow as pa  # type: ignore[import-untyped]

    if pa.types.is_string_view(array.type):
        # Plain strings hold 2 GB.
        array = array.cast(pa.string() if array.nbytes < 2**31 else pa.large_string())
    if len(array) >= _FEWEST and pa.types.is_string(array.type):
        found = _Encoder(len(array)).encode(array)
        if found is not None:
            return found
    return from_dictionary(array.dictionary_encode())


def from_dictionary(array: Any) -> CodedCells:
    """Codes and words of a dictionary array."""
    import pyarrow as pa

    codes = array.indices.cast(pa.int32()).fill_null(-1).to_numpy(zero_copy_only=False)
    return CodedCells(codes, array.dictionary.to_pylist())


class _Encoder:
    """Encodes one column block by block. State: the words met so far, and the table that recognises the short ones."""

    _table: _Recogniser

    def __init__(self, rows: int) -> None:
        # What is blank has the code of the empty text.
        self._words = {"": 0}
        self._rows = min(rows, _BLOCK)

    def encode(self, array: Any) -> CodedCells | None:
        """The column; None where its texts are too many or too long for this to pay."""
        codes = np.empty(len(array), np.uint8)
        if not self._learn(array.slice(0, _FIRST_LOOK)):
            return None
        rest: list[NDArray[np.intp]] = []
        for start in range(0, len(array), _BLOCK):
            part = array.slice(start, _BLOCK)
            strange = self._recognise(part, codes[start : start + _BLOCK])
            if strange is None:
                return None
            rest.append(strange + start)
        if not self._encode_one_by_one(array, np.concatenate(rest), codes):
            return None
        return CodedCells(codes, list(self._words))

    def _recognise(self, part: Any, codes: NDArray[np.uint8]) -> NDArray[np.intp] | None:
        """Fills in the codes of a block; rows whose texts are not known, None where they are many."""
        views, valid = _views_of(part), _valid_of(part)
        strange = self._table.recognise(views, valid, codes)
        if len(strange) > len(part) // 8 and self._learn(part.take(strange[:4096])):
            strange = self._table.recognise(views, valid, codes)
        return strange if len(strange) <= len(part) // 8 else None

    def _encode_one_by_one(self, array: Any, rows: NDArray[np.intp], codes: NDArray[np.uint8]) -> bool:
        """Whether the other texts, long or rare, are few enough to have codes."""
        rare = array.take(rows).dictionary_encode()
        if len(self._words) + len(rare.dictionary) > _MOST_WORDS:
            return False
        table = np.array([self._code_of(word) for word in rare.dictionary.to_pylist()], np.uint8)
        if len(rows):
            codes[rows] = table[rare.indices.to_numpy()]
        return True

    def _learn(self, texts: Any) -> bool:
        """Whether words were learnt that can be recognised."""
        for word in texts.dictionary_encode().dictionary.to_pylist():
            self._code_of(word)
        if len(self._words) > _MOST_WORDS:
            return False
        self._table = _Recogniser(tuple(self._words), self._rows)
        return True

    def _code_of(self, word: str) -> int:
        return self._words.setdefault(word, len(self._words))


class _Recogniser:
    """Finds the code of short texts. State: a table without collisions, by the top bits of a product; scratch."""

    def __init__(self, words: tuple[str, ...], rows: int) -> None:
        self._bits, self._factors, self._codes, self._pairs = _table_of(words)
        self._mixed, self._more = np.empty(rows, np.uint64), np.empty(rows, np.uint64)
        self._found = np.empty(rows, np.complex128)

    def recognise(self, views: Views, valid: Codes | None, codes: NDArray[np.uint8]) -> NDArray[np.intp]:
        """Fills in the codes of views; gives the rows that are not among the words. Shapes: views (n, 2)."""
        slots, found = self._slots_of(views), self._found[: len(views)]
        self._codes.take(slots, out=codes, mode="wrap")
        self._pairs.take(slots, out=found, mode="wrap")
        # Two bytes that both say yes: the halves of a key are looked at together.
        strange = (found.view(np.uint64).reshape(-1, 2) == views).view(np.uint16).reshape(-1) != 0x0101
        if valid is not None:
            # All bits of a code where there is a text, none where there is null.
            np.bitwise_and(codes, np.negative(valid), out=codes)
            np.logical_and(strange, valid, out=strange)
        return np.flatnonzero(strange)

    def _slots_of(self, views: Views) -> NDArray[np.int64]:
        first, second = self._factors
        mixed = np.multiply(views[:, 0], first, out=self._mixed[: len(views)])
        if second:
            np.add(mixed, np.multiply(views[:, 1], second, out=self._more[: len(views)]), out=mixed)
        return np.right_shift(mixed, np.uint64(64 - self._bits), out=mixed).view(np.int64)


Factors = tuple[np.uint64, np.uint64]


@lru_cache(maxsize=256)
def _table_of(words: tuple[str, ...]) -> tuple[int, Factors, NDArray[np.uint8], NDArray[np.complex128]]:
    """Bits and factors of a table, and its slots: codes, and keys whose halves are copied as one number of 16 bytes."""
    texts = [(code, word.encode()) for code, word in enumerate(words)]
    short = [(code, len(text).to_bytes(4, "little") + text) for code, text in texts if len(text) <= _SHORT_BYTES]
    keys = [(int.from_bytes(key[:8], "little"), int.from_bytes(key[8:], "little")) for _, key in short]
    bits, factors = _hash_for(keys)
    codes, pairs = np.zeros(1 << bits, np.uint8), np.full((1 << bits, 2), _NO_KEY)
    for (code, _), key in zip(short, keys, strict=True):
        slot = _slot_of(key, factors, bits)
        codes[slot], pairs[slot] = code, key
    return bits, (np.uint64(factors[0]), np.uint64(factors[1])), codes, pairs.view(np.complex128).reshape(-1)


def _slot_of(key: tuple[int, int], factors: tuple[int, int], bits: int) -> int:
    return (key[0] * factors[0] + key[1] * factors[1] & _ALL_BITS) >> 64 - bits


def _hash_for(keys: list[tuple[int, int]]) -> tuple[int, tuple[int, int]]:
    """Bits and factors by which all keys get a slot of their own; half of each key is enough for most lists."""
    halves = [(0,), _MIX] if len({first for first, _ in keys}) == len(keys) else [_MIX]
    for seconds in halves:
        for bits in range(max(4, 2 * len(keys).bit_length() - 2), 17):
            for factors in product(_MIX, seconds):
                if len({_slot_of(key, factors, bits) for key in keys}) == len(keys):
                    return bits, factors
    raise ValueError(f"{len(keys)} words found no table without collisions")


def _views_of(part: Any) -> Views:
    """The texts in Arrow's view layout, whatever their nulls hold. Shapes: (n, 2)."""
    import pyarrow as pa

    _, offsets, texts = part.buffers()
    own = offsets.slice(part.offset * 4, (len(part) + 1) * 4)
    # Without nulls and offset: Arrow makes views of a slice ten times slower.
    plain = pa.Array.from_buffers(pa.string(), len(part), [None, own, texts])
    return np.frombuffer(plain.cast(pa.string_view()).buffers()[1], np.uint64).reshape(-1, 2)


def _valid_of(part: Any) -> Codes | None:
    """1 where there is a text, 0 where there is null; None where there is no null."""
    if not part.null_count:
        return None
    first, skipped = divmod(part.offset, 8)
    bits = np.frombuffer(part.buffers()[0], np.uint8, offset=first)
    return np.unpackbits(bits, count=skipped + len(part), bitorder="little")[skipped:]
