"""Papers and seal imprints seen before: how alike two fingerprints are, and a search among many.

Fingerprints are made by `scanservice.detect.fingerprint`, imprint hashes by `scanservice.detect.seals`;
here they are only compared. A fingerprint is, in bytes: 8 that name the form and its fields, 1 for the
number of fields, 2 for each field (rows and columns of its cells, both 0 where its page was not seen),
and the cells' bits, field after field, rows first.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Bits: TypeAlias = NDArray[np.bool_]

KEY_BYTES = 8
SAME_PAPER = 0.74
"""Similarity from which two pictures show one filled-in paper (docs/benchmarks/marks.md)."""
SAME_IMPRINT = 0.99
"""Similarity from which two imprints are one, pasted twice (docs/benchmarks/marks.md)."""
LEAST_CELLS = 12
"""Inked cells of a field below which its likeness is chance: a single digit has 6 to 10."""
POOL = 4
"""Cells along the side of the squares that the coarse search counts ink in."""
ROOM = 48
"""Bits that each field takes of the coarse code: the first 64 mm of one 10 mm high."""
CANDIDATES = 16
"""How many of the nearest by the coarse search are compared in full."""
CODE_STEPS = 254.0
"""Of an imprint's code to 1, the length of the whole: no square of a real imprint holds half of it."""
SIGNED = 32
"""How many times as many are picked by their signs before."""
BLOCK = 2048
"""Codes that are compared at a time, so that the figures between stay in the processor's cache."""


def similarity(first: bytes, second: bytes) -> float:
    """How alike two papers are, 0 to 1; 0 where they are of different forms or share no field.

    Cells are correlated field by field, at the best of nine places one cell apart, for two photographs
    of one paper are registered to half a millimetre. Papers of one employer share whole fields, at worst
    printed ones; one paper shares all: so the mean over fields is taken of the less alike half.
    """
    return similarities(first, [second])[0]


def similarities(first: bytes, others: Sequence[bytes]) -> list[float]:
    """The same of one paper and several others; field by field for all of them together, which costs little
    more than one."""
    same_form = [other for other in others if other[:KEY_BYTES] == first[:KEY_BYTES]]
    theirs = [_fields(other) for other in same_form]
    likeness: list[list[float]] = [[] for _ in same_form]
    weights: list[list[float]] = [[] for _ in same_form]
    for place, one in enumerate(_fields(first)):
        seen = [(n, field) for n, fields in enumerate(theirs) if (field := fields[place]) is not None]
        if one is None or not seen:
            continue
        cells = np.stack([field for _, field in seen])
        ink = np.maximum(cells.sum(axis=(1, 2)), one.sum())
        for (number, _), inked, alike in zip(seen, ink.tolist(), _correlations(one, cells), strict=True):
            if inked >= LEAST_CELLS:
                likeness[number].append(alike)
                weights[number].append(inked**0.5)
    found = iter(map(_of_lower_half, likeness, weights))
    return [next(found) if other[:KEY_BYTES] == first[:KEY_BYTES] else 0.0 for other in others]


def imprint_similarity(first: bytes, second: bytes) -> float:
    """How alike two imprints are: the correlation of their ink cell by cell, 0 (or less) to 1.

    Two honest stampings by one die differ in angle, pressure and patches of ink; one imprint pasted into
    two scans is the same in all of them.
    """
    if len(first) != len(second) or not first:
        return 0.0
    return float(np.clip(_normalised(first) @ _normalised(second), 0, 1))


def paper_code(fingerprint: bytes) -> bytes:
    """A short code for the search: the fingerprint's head, then for each square of `POOL` cells a bit that
    says whether there is ink; every field takes `ROOM` bits, seen or not, so that bits of one field stand
    under one another."""
    head = _head(fingerprint)
    square_of, known = _squares(head)
    bits = np.unpackbits(np.frombuffer(fingerprint[len(head) :], dtype=np.uint8))[: square_of.size]
    ink = np.bincount(square_of[bits > 0], minlength=known.size + 1)[:-1]
    return head + np.packbits(ink >= 4).tobytes()


def imprint_code(imprint: bytes) -> bytes:
    """A short code for the search: squares of `POOL` x `POOL` cells less their mean, a signed byte each."""
    side = int(np.sqrt(len(imprint))) // POOL * POOL
    cells = np.frombuffer(imprint, np.uint8)[: side * side].reshape(side, side).astype(np.float32)
    squares = cells.reshape(side // POOL, POOL, side // POOL, POOL).mean(axis=(1, 3))
    return np.clip(np.rint(_unit(squares.ravel()) * CODE_STEPS), -127, 127).astype(np.int8).tobytes()


class PaperIndex:
    """Codes of papers by key, 0.2 KB each. Not safe for several threads at once.

    A search picks the nearest by code, to be compared in full by `similarity`; it goes through every code,
    which takes milliseconds for 100,000 papers (docs/benchmarks/growth.md).
    """

    def __init__(self) -> None:
        self._tables: dict[bytes, _Table] = {}

    def __len__(self) -> int:
        return sum(len(table) for table in self._tables.values())

    def add(self, keys: Sequence[int], codes: Sequence[bytes]) -> None:
        """Adds papers; no key may be known already."""
        by_head: dict[bytes, list[int]] = {}
        for place, code in enumerate(codes):
            by_head.setdefault(_head(code), []).append(place)
        for head, places in by_head.items():
            rows = _stacked([codes[place][len(head) :] for place in places])
            table = self._tables.setdefault(head, _Table(rows.shape[1]))
            table.add([keys[place] for place in places], rows)

    def nearest(self, code: bytes, count: int = CANDIDATES) -> list[int]:
        """Keys of the papers of the same form that may be the same one, nearest first."""
        head = _head(code)
        known = _known_bits(head)
        found: list[tuple[float, int]] = []
        for other, table in self._tables.items():
            both = (
                known & _known_bits(other) if other[: KEY_BYTES + 1] == head[: KEY_BYTES + 1] else known[:0]
            )
            if not both.any():
                continue
            differing = table.differing(code[len(head) :], both.tobytes())
            distances = differing / int(np.bitwise_count(both).sum())
            found += [(float(distances[row]), table.key(row)) for row in _smallest(distances, count)]
        return [key for _, key in sorted(found)[:count]]


class ImprintIndex:
    """Codes of seal imprints by key, 0.1 KB each. Not safe for several threads at once.

    Imprints alike in their cells are at least as alike in coarser ones: a search picks the nearest by code,
    to be compared in full by `imprint_similarity`. Before that it goes through the signs of all codes: at a
    likeness of `SAME_IMPRINT` one in 22 differs, of two stampings of one die every third or fourth.
    """

    def __init__(self) -> None:
        self._tables: dict[int, tuple[_Table, _Table]] = {}

    def __len__(self) -> int:
        return sum(len(codes) for codes, _ in self._tables.values())

    def add(self, keys: Sequence[int], codes: Sequence[bytes]) -> None:
        """Adds imprints; no key may be known already."""
        for length in {len(code) for code in codes}:
            places = [place for place, code in enumerate(codes) if len(code) == length]
            mine, rows = [keys[place] for place in places], _stacked([codes[place] for place in places])
            new = _Table(length), _Table(-(-length // 8))
            table, signs = self._tables.setdefault(length, new)
            table.add(mine, rows)
            signs.add(mine, _signs(rows))

    def nearest(self, code: bytes, count: int = CANDIDATES) -> list[int]:
        """Keys of the imprints that may be the same one, nearest first."""
        if len(code) not in self._tables:
            return []
        table, signs = self._tables[len(code)]
        mine = _signs(_stacked([code])).tobytes()
        likely = _smallest(signs.differing(mine, b"\xff" * len(mine)), count * SIGNED)
        cells = table.rows()[likely, : len(code)].view(np.int8).astype(np.float32)
        likeness = cells @ np.frombuffer(code, np.int8).astype(np.float32)
        return [table.key(int(likely[row])) for row in _smallest(-likeness, count)]


class _Table:
    """Rows of bytes in one growing array, padded to whole words, each with its key."""

    def __init__(self, width: int) -> None:
        self._data = np.zeros((64, -(-width // 8) * 8), dtype=np.uint8)
        self._keys = np.zeros(64, dtype=np.int64)
        self._width = width
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def rows(self) -> NDArray[np.uint8]:
        return self._data[: self._count]

    def differing(self, code: bytes, mask: bytes) -> NDArray[np.int32]:
        """In how many of the mask's bits each row differs from a code."""
        words, asked, bits = self.rows().view(np.uint64), _words(code), _words(mask)
        found = np.empty(self._count, np.int32)
        for start in range(0, self._count, BLOCK):
            unlike = np.bitwise_count((words[start : start + BLOCK] ^ asked) & bits)
            found[start : start + BLOCK] = unlike.sum(axis=1, dtype=np.int32)
        return found

    def key(self, row: int | np.intp) -> int:
        return int(self._keys[row])

    def add(self, keys: Sequence[int], rows: NDArray[np.uint8]) -> None:
        end = self._count + len(keys)
        if end > len(self._keys):
            more = max(end, 2 * len(self._keys)) - len(self._keys)
            self._data = np.pad(self._data, ((0, more), (0, 0)))
            self._keys = np.pad(self._keys, (0, more))
        self._data[self._count : end, : self._width] = rows
        self._keys[self._count : end] = keys
        self._count = end


def _fields(fingerprint: bytes) -> list[Bits | None]:
    """The cells of each field, rows x columns; None where its page was not seen."""
    count = fingerprint[KEY_BYTES]
    start = KEY_BYTES + 1
    sizes = np.frombuffer(fingerprint[start : start + 2 * count], dtype=np.uint8).reshape(-1, 2).astype(int)
    bits = np.unpackbits(np.frombuffer(fingerprint[start + 2 * count :], dtype=np.uint8)).astype(bool)
    fields: list[Bits | None] = []
    place = 0
    for rows, columns in sizes:
        if rows == 0:
            fields.append(None)
            continue
        fields.append(bits[place : place + rows * columns].reshape(rows, columns))
        place += int(rows * columns)
    return fields


def _of_lower_half(likeness: list[float], weights: list[float]) -> float:
    """The weighted mean of the less alike half; 0 of nothing."""
    if not likeness:
        return 0.0
    order = np.argsort(likeness)
    values, share = np.array(likeness)[order], np.array(weights)[order]
    lower = np.cumsum(share) - share < 0.5 * share.sum()
    return float(np.clip(np.average(values[lower], weights=share[lower]), 0, 1))


def _correlations(first: Bits, others: Bits) -> list[float]:
    """The best correlation of a field's cells with those of each other under shifts of up to one cell.

    Args:
        first: rows x columns. others: count x rows x columns.
    """
    padded = np.pad(others, ((0, 0), (1, 1), (1, 1)))
    shifted = np.lib.stride_tricks.sliding_window_view(padded, first.shape, axis=(1, 2))
    # Counts of cells, exact in float32, as products of matrices.
    windows = shifted.reshape(len(others), 9, -1).astype(np.float32)
    mine = first.ravel().astype(np.float32)
    counts = (windows @ np.stack([mine, np.ones_like(mine)], axis=1)).astype(np.float64)
    both, two = counts[..., 0], counts[..., 1]
    one, cells = float(mine.sum()), first.size
    spread = np.sqrt(one * (cells - one) * two * (cells - two))
    alike = np.divide(both * cells - one * two, spread, out=np.zeros_like(spread), where=spread > 0)
    return np.maximum(alike.max(axis=1), 0.0).tolist()


def _head(data: bytes) -> bytes:
    """What stands before the cells of a fingerprint, and before the bits of a code."""
    return data[: KEY_BYTES + 1 + 2 * data[KEY_BYTES]]


@lru_cache(maxsize=64)
def _known_bits(head: bytes) -> NDArray[np.uint8]:
    """The bits of a code that say something, packed."""
    return np.packbits(_squares(head)[1])


def _stacked(codes: Sequence[bytes]) -> NDArray[np.uint8]:
    return np.frombuffer(b"".join(codes), np.uint8).reshape(len(codes), -1)


def _signs(rows: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.packbits(rows.view(np.int8) < 0, axis=1)


def _words(code: bytes) -> NDArray[np.uint64]:
    return np.frombuffer(code.ljust(-(-len(code) // 8) * 8, b"\0"), np.uint64)


@lru_cache(maxsize=64)
def _squares(head: bytes) -> tuple[NDArray[np.intp], Bits]:
    """For each cell the bit of the coarse code that counts it (the last, a spare one, for none), and
    which bits are known."""
    count = head[KEY_BYTES]
    sizes = np.frombuffer(head[KEY_BYTES + 1 :], dtype=np.uint8).reshape(-1, 2).astype(int)
    known = np.zeros(count * ROOM, dtype=bool)
    places = []
    for field, (rows, columns) in enumerate(sizes):
        y, x = np.mgrid[0:rows, 0:columns]
        square = (x // POOL) * -(-rows // POOL) + y // POOL
        place = np.where(square < ROOM, field * ROOM + square, count * ROOM).ravel()
        places.append(place)
        known[np.unique(place[place < known.size])] = True
    return np.concatenate(places), known


def _normalised(imprint: bytes) -> NDArray[np.float32]:
    """Cells inside the seal, without their mean, of length 1."""
    side = int(np.sqrt(len(imprint)))
    return _unit(np.frombuffer(imprint, np.uint8)[: side * side].reshape(side, side)[_disc(side)])


def _unit(values: NDArray[Any]) -> NDArray[np.float32]:
    centred = values.astype(np.float32) - np.float32(values.mean())
    return centred / max(float(np.linalg.norm(centred)), 1e-6)


@cache
def _disc(side: int) -> Bits:
    """Cells well inside the ring: the ring itself is alike on all seals."""
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    return x * x + y * y < 0.9**2


def _smallest(values: NDArray[Any], count: int) -> NDArray[np.intp]:
    if values.size <= count:
        return np.argsort(values)
    part = np.argpartition(values, count)[:count]
    return part[np.argsort(values[part])]
