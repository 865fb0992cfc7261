"""Papers and seal imprints seen before: how alike two fingerprints are, and a search among many.

Fingerprints are made by `scanservice.detect.fingerprint`, imprint hashes by `scanservice.detect.seals`;
here they are only compared. A fingerprint is, in bytes: 8 that name the form and its fields, 1 for the
number of fields, 2 for each field (rows and columns of its cells, both 0 where its page was not seen),
and the cells' bits, field after field, rows first.
"""

from __future__ import annotations

from collections.abc import Hashable
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


def similarity(first: bytes, second: bytes) -> float:
    """How alike two papers are, 0 to 1; 0 where they are of different forms or share no field.

    Cells are correlated field by field, at the best of nine places one cell apart, for two photographs
    of one paper are registered to half a millimetre. Papers of one employer share whole fields, at worst
    printed ones; one paper shares all: so the mean over fields is taken of the less alike half.
    """
    if first[:KEY_BYTES] != second[:KEY_BYTES]:
        return 0.0
    likeness, weights = [], []
    for one, other in zip(_fields(first), _fields(second), strict=True):
        if one is None or other is None or max(one.sum(), other.sum()) < LEAST_CELLS:
            continue
        likeness.append(_correlation(one, other))
        weights.append(float(max(one.sum(), other.sum())) ** 0.5)
    if not likeness:
        return 0.0
    order = np.argsort(likeness)
    values, share = np.array(likeness)[order], np.array(weights)[order]
    lower = np.cumsum(share) - share < 0.5 * share.sum()
    return float(np.clip(np.average(values[lower], weights=share[lower]), 0, 1))


def imprint_similarity(first: bytes, second: bytes) -> float:
    """How alike two imprints are: the correlation of their ink cell by cell, 0 (or less) to 1.

    Two honest stampings by one die differ in angle, pressure and patches of ink; one imprint pasted into
    two scans is the same in all of them.
    """
    if len(first) != len(second) or not first:
        return 0.0
    return float(np.clip(_normalised(first) @ _normalised(second), 0, 1))


class Index:
    """Fingerprints by key, searched by likeness. Not safe for several threads at once.

    The search is exact for all practical purposes: a coarse code of 6 bytes a field picks
    `CANDIDATES`, which are compared in full.
    """

    def __init__(self) -> None:
        self._forms: dict[bytes, _Table] = {}
        self._form_of: dict[Hashable, bytes] = {}
        self._full: dict[Hashable, bytes] = {}

    def __len__(self) -> int:
        return len(self._full)

    def add(self, key: Hashable, fingerprint: bytes) -> None:
        """Adds a paper, or replaces the one of that key."""
        self.remove(key)
        form = fingerprint[:KEY_BYTES]
        code, known = _coarse(fingerprint)
        self._forms.setdefault(form, _Table(2 * code.size)).add(key, np.concatenate([code, known]))
        self._form_of[key], self._full[key] = form, fingerprint

    def remove(self, key: Hashable) -> None:
        """Forgets a paper; nothing happens where the key is not known."""
        form = self._form_of.pop(key, None)
        if form is not None:
            self._forms[form].remove(key)
            del self._full[key]

    def search(self, fingerprint: bytes, least: float = SAME_PAPER) -> list[tuple[Any, float]]:
        """Keys of the papers at least that similar, most similar first."""
        table = self._forms.get(fingerprint[:KEY_BYTES])
        if table is None or not table.keys:
            return []
        code, known = _coarse(fingerprint)
        rows = table.rows()
        codes, seen = rows[:, : code.size], rows[:, code.size :]
        both = seen & known
        differing = np.bitwise_count((codes ^ code) & both).sum(axis=1, dtype=np.int32)
        shared = np.maximum(np.bitwise_count(both).sum(axis=1, dtype=np.int32), 1)
        nearest = _smallest(differing / shared, CANDIDATES)
        found = [(table.keys[row], similarity(fingerprint, self._full[table.keys[row]])) for row in nearest]
        return sorted((item for item in found if item[1] >= least), key=lambda item: -item[1])


class ImprintIndex:
    """Imprint hashes by key, searched by likeness. Not safe for several threads at once.

    Squares of 4 x 4 cells, 400 bytes an imprint, pick the candidates: imprints alike in their cells are
    at least as alike in coarser ones.
    """

    def __init__(self) -> None:
        self._tables: dict[int, _Table] = {}
        self._full: dict[Hashable, bytes] = {}

    def __len__(self) -> int:
        return len(self._full)

    def add(self, key: Hashable, imprint: bytes) -> None:
        """Adds an imprint, or replaces the one of that key."""
        self.remove(key)
        coarse = _pooled(imprint)
        table = self._tables.setdefault(len(imprint), _Table(coarse.nbytes))
        table.add(key, np.frombuffer(coarse.tobytes(), np.uint8))
        self._full[key] = imprint

    def remove(self, key: Hashable) -> None:
        """Forgets an imprint; nothing happens where the key is not known."""
        imprint = self._full.pop(key, None)
        if imprint is not None:
            self._tables[len(imprint)].remove(key)

    def search(self, imprint: bytes, least: float = SAME_IMPRINT) -> list[tuple[Any, float]]:
        """Keys of the imprints at least that similar, most similar first."""
        table = self._tables.get(len(imprint))
        if table is None or not table.keys:
            return []
        likeness = table.rows().view(np.float32) @ _pooled(imprint)
        nearest = _smallest(-likeness.astype(np.float64), CANDIDATES)
        found = [
            (table.keys[row], imprint_similarity(imprint, self._full[table.keys[row]])) for row in nearest
        ]
        return sorted((item for item in found if item[1] >= least), key=lambda item: -item[1])


class _Table:
    """Rows of bytes in one growing array, each with its key."""

    def __init__(self, width: int) -> None:
        self._data = np.zeros((64, width), dtype=np.uint8)
        self._place: dict[Hashable, int] = {}
        self.keys: list[Hashable] = []

    def rows(self) -> NDArray[np.uint8]:
        return self._data[: len(self.keys)]

    def add(self, key: Hashable, row: NDArray[np.uint8]) -> None:
        if len(self.keys) == len(self._data):
            self._data = np.concatenate([self._data, np.zeros_like(self._data)])
        self._data[len(self.keys)] = row
        self._place[key] = len(self.keys)
        self.keys.append(key)

    def remove(self, key: Hashable) -> None:
        """The last row takes the place of the one that goes."""
        place, last = self._place.pop(key), len(self.keys) - 1
        if place != last:
            self._data[place] = self._data[last]
            self.keys[place] = self.keys[last]
            self._place[self.keys[place]] = place
        self.keys.pop()


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


def _correlation(first: Bits, second: Bits) -> float:
    """The best correlation of the cells under shifts of up to one cell."""
    padded = np.pad(second, 1)
    rows, columns = first.shape
    best = 0.0
    for dy in range(3):
        for dx in range(3):
            other = padded[dy : dy + rows, dx : dx + columns]
            both, one, two = (first & other).sum(), first.sum(), other.sum()
            cells = first.size
            spread = np.sqrt(float(one * (cells - one)) * float(two * (cells - two)))
            if spread > 0:
                best = max(best, float(both * cells - one * two) / spread)
    return best


def _coarse(fingerprint: bytes) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """A short code for the search (is there ink in a square of `POOL` cells?), and what is known of it.

    Every field takes `ROOM` bits, seen or not, so that bits of one field stand under one another.
    """
    start = KEY_BYTES + 1 + 2 * fingerprint[KEY_BYTES]
    square_of, known = _squares(fingerprint[:start])
    bits = np.unpackbits(np.frombuffer(fingerprint[start:], dtype=np.uint8))[: square_of.size]
    ink = np.bincount(square_of[bits > 0], minlength=known.size + 1)[:-1]
    return np.packbits(ink >= 4), np.packbits(known)


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


def _pooled(imprint: bytes) -> NDArray[np.float32]:
    """As `_normalised`, in squares of `POOL` cells."""
    side = int(np.sqrt(len(imprint))) // POOL * POOL
    cells = np.frombuffer(imprint, np.uint8)[: side * side].reshape(side, side).astype(np.float32)
    squares = cells.reshape(side // POOL, POOL, side // POOL, POOL).mean(axis=(1, 3))
    return _unit(squares.ravel())


def _unit(values: NDArray[Any]) -> NDArray[np.float32]:
    centred = values.astype(np.float32) - np.float32(values.mean())
    return centred / max(float(np.linalg.norm(centred)), 1e-6)


@cache
def _disc(side: int) -> Bits:
    """Cells well inside the ring: the ring itself is alike on all seals."""
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    return x * x + y * y < 0.9**2


def _smallest(values: NDArray[np.float64], count: int) -> NDArray[np.intp]:
    if values.size <= count:
        return np.argsort(values)
    part = np.argpartition(values, count)[:count]
    return part[np.argsort(values[part])]
