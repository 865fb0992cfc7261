"""How much better the ink fits a text than any other text near it, character by character."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from scanservice.verify import ctc
from scanservice.verify.dense import Floats
from scanservice.verify.posterior import Lattice
from scanservice.verify.remembered import Remembered

CLIP = 10.0
"""Margins beyond this, natural logarithms either way, say no more: the model's own doubt ends there."""
TRIED = 6
"""Strongest rivals of a place that are looked at until one is found that would not mean the same."""


@dataclass(frozen=True, slots=True)
class Weighing:
    """A text weighed against its rivals in one posterior.

    Attributes:
        relative: log probability of the text over that of the best path, at most about 0.
        margins: for each character, log probability of the text over its strongest rival that differs
            there (another character, one too many, one missing, two swapped), within `CLIP`.
        rivals: that rival, as classes, for each character.
    """

    relative: float
    margins: tuple[float, ...]
    rivals: tuple[tuple[int, ...], ...]

    @property
    def weakest(self) -> int:
        """The character with the least margin; it decides."""
        return int(np.argmin(self.margins))


_weighings: Remembered[Lattice, Weighing] = Remembered()
Handicap: TypeAlias = Callable[[tuple[int, ...], int], float]
"""What a rival (its classes, and the place at which it differs) has to be better by than the text, natural
logarithm: 0 for one that could stand there as well."""


def weigh(
    lattice: Lattice,
    codes: Sequence[int],
    same: Collection[tuple[int, ...]],
    handicap: Handicap | None = None,
) -> Weighing:
    """One text of at least one character against everything one edit away.

    Args:
        codes: the text's classes, all of them among the lattice's.
        same: texts that would mean the same and so are no rivals.
        handicap: of rivals that are unlikely to have been written; the same for the same text and alphabet.
    """
    codes = tuple(codes)
    key = (codes, frozenset(same), handicap is None)
    return _weighings.get(lattice, key, lambda: _weighed(lattice, codes, same, handicap))


def _weighed(
    lattice: Lattice,
    codes: tuple[int, ...],
    same: Collection[tuple[int, ...]],
    handicap: Handicap | None,
) -> Weighing:
    columns = lattice.columns(codes)
    found = ctc.edits(lattice.weights, columns, len(lattice.classes) - 2)
    total = np.log(max(found.total, 1e-300))
    if total <= ctc.HOPELESS:
        # Its rivals one edit away are hopeless too: nothing could be told of them apart.
        return Weighing(ctc.HOPELESS, (-CLIP,) * len(codes), ((),) * len(codes))
    margins, rivals = [], []
    for place in range(len(codes)):
        margin, rival = _strongest(total, _rivals(lattice, codes, found, place, same), place, handicap)
        margins.append(float(np.clip(margin, -CLIP, CLIP)))
        rivals.append(rival)
    return Weighing(float(total), tuple(margins), tuple(rivals))


def _strongest(
    total: float,
    options: Sequence[tuple[float, tuple[int, ...]]],
    place: int,
    handicap: Handicap | None,
) -> tuple[float, tuple[int, ...]]:
    """The text's margin over the rival that comes nearest to it at a place, and that rival."""
    best, nearest = np.inf, ()
    for probability, rival in options:
        margin = total - np.log(max(probability, 1e-300))
        if margin >= min(best, CLIP):
            break
        if handicap is not None:
            margin += handicap(rival, place)
        if margin < best:
            best, nearest = margin, rival
    return float(best), nearest


def _rivals(
    lattice: Lattice, codes: tuple[int, ...], found: ctc.Edits, place: int, same: Collection[tuple[int, ...]]
) -> list[tuple[float, tuple[int, ...]]]:
    """Texts that differ from `codes` at a place, with their probabilities, the likeliest first."""
    options: list[tuple[float, tuple[int, ...]]] = []
    before, after = codes[:place], codes[place + 1 :]
    for column in _top(found.substituted[place]):
        code = lattice.classes[column]
        options.append((float(found.substituted[place, column]), (*before, code, *after)))
    ends = (place, place + 1) if place == len(codes) - 1 else (place,)
    for end in ends:
        for column in _top(found.inserted[end]):
            code = lattice.classes[column]
            options.append((float(found.inserted[end, column]), (*codes[:end], code, *codes[end:])))
    options.append((float(found.deleted[place]), (*before, *after)))
    for start in (place - 1, place):
        if 0 <= start < len(codes) - 1 and codes[start] != codes[start + 1]:
            swapped = (*codes[:start], codes[start + 1], codes[start], *codes[start + 2 :])
            options.append((float(found.swapped[start]), swapped))
    options.sort(key=lambda option: -option[0])
    return [option for option in options if option[1] not in same]


def _top(row: Floats) -> list[int]:
    count = min(TRIED, len(row))
    best = np.argpartition(row, -count)[-count:]
    return [int(column) for column in best if row[column] > 0]
