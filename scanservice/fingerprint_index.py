"""Papers and seal imprints seen before: how alike two fingerprints are, and a search among many.

Fingerprints are made by `scanservice.detect.fingerprint`, imprint hashes by `scanservice.detect.seals`;
here they are only compared. A fingerprint is, in bytes: 8 that name the form and its fields, 1 for the
number of fields, 2 for each field (rows and columns of its cells, both 0 where its page was not seen),
and the cells' bits, field after field, rows first.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Bits: TypeAlias = NDArray[np.bool_]

KEY_BYTES = 8
SAME_PAPER = 0.58
"""Similarity from which two pictures show one filled-in paper (docs/benchmarks/marks.md)."""
SAME_IMPRINT = 0.80
"""Similarity from which two imprints are one, pasted twice (docs/benchmarks/marks.md)."""
LEAST_CELLS = 12
"""Inked cells of a field below which its likeness is chance: a single digit has 6 to 10."""
POOL = 4
"""Cells along the side of the squares that the coarse search counts ink in."""
CANDIDATES = 64
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
    """How alike two imprint hashes are: 1 the same, 0 as unlike as chance; lower ones count as 0."""
    if len(first) != len(second) or not first:
        return 0.0
    one, other = (np.frombuffer(value, dtype=np.uint8) for value in (first, second))
    differing = int(np.bitwise_count(one ^ other).sum())
    return float(max(0.0, 1 - 2 * differing / (8 * len(first))))


class Index:
    """Fingerprints by key, searched by likeness. Not safe for several threads at once.

    The search is exact for all practical purposes: a coarse code of about 120 bytes a paper picks
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
    """Imprint hashes by key, searched by likeness. Not safe for several threads at once."""

    def __init__(self) -> None:
        self._tables: dict[int, _Table] = {}
        self._size_of: dict[Hashable, int] = {}

    def __len__(self) -> int:
        return len(self._size_of)

    def add(self, key: Hashable, imprint: bytes) -> None:
        """Adds an imprint, or replaces the one of that key."""
        self.remove(key)
        self._tables.setdefault(len(imprint), _Table(len(imprint))).add(key, np.frombuffer(imprint, np.uint8))
        self._size_of[key] = len(imprint)

    def remove(self, key: Hashable) -> None:
        """Forgets an imprint; nothing happens where the key is not known."""
        size = self._size_of.pop(key, None)
        if size is not None:
            self._tables[size].remove(key)

    def search(self, imprint: bytes, least: float = SAME_IMPRINT) -> list[tuple[Any, float]]:
        """Keys of the imprints at least that similar, most similar first."""
        table = self._tables.get(len(imprint))
        if table is None or not table.keys:
            return []
        differing = np.bitwise_count(table.rows() ^ np.frombuffer(imprint, np.uint8)).sum(
            axis=1, dtype=np.int32
        )
        likeness = 1 - 2 * differing / (8 * len(imprint))
        rows = np.flatnonzero(likeness >= least)
        return sorted(((table.keys[row], float(likeness[row])) for row in rows), key=lambda item: -item[1])


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
    """A short code for the search (more ink than usual in a square of `POOL` cells?) and what is known of it.

    Fields that were not seen have the size of their squares unknown to this paper: the code is as long
    as the form's longest, and unseen fields fill nothing of it, so fields lie at fixed places only if
    each takes the same room; each therefore takes `ROOM` bits.
    """
    codes, known = [], []
    for cells in _fields(fingerprint):
        code = np.zeros(ROOM, dtype=bool)
        seen = np.zeros(ROOM, dtype=bool)
        if cells is not None:
            rows, columns = -(-cells.shape[0] // POOL), -(-cells.shape[1] // POOL)
            padded = np.zeros((rows * POOL, columns * POOL), dtype=np.int32)
            padded[: cells.shape[0], : cells.shape[1]] = cells
            ink = padded.reshape(rows, POOL, columns, POOL).sum(axis=(1, 3)).ravel()[:ROOM]
            code[: ink.size] = ink >= 4
            seen[: ink.size] = True
        codes.append(code)
        known.append(seen)
    return np.packbits(np.concatenate(codes)), np.packbits(np.concatenate(known))


ROOM = 96
"""Bits that each field takes of the coarse code: a field of 145 x 10 mm has 37 x 3 squares."""


def _smallest(values: NDArray[np.float64], count: int) -> NDArray[np.intp]:
    if values.size <= count:
        return np.argsort(values)
    part = np.argpartition(values, count)[:count]
    return part[np.argsort(values[part])]
