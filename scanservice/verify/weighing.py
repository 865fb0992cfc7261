"""How much better the ink fits a text than any other text near it, character by character."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

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


def weigh(lattice: Lattice, codes: Sequence[int], same: Collection[tuple[int, ...]]) -> Weighing:
    """One text of at least one character against everything one edit away.

    Args:
        codes: the text's classes, all of them among the lattice's.
        same: texts that would mean the same and so are no rivals.
    """
    codes = tuple(codes)
    return _weighings.get(lattice, (codes, frozenset(same)), lambda: _weighed(lattice, codes, same))


def _weighed(lattice: Lattice, codes: tuple[int, ...], same: Collection[tuple[int, ...]]) -> Weighing:
    columns = lattice.columns(codes)
    found = ctc.edits(lattice.weights, columns, len(lattice.classes) - 2)
    total = np.log(max(found.total, 1e-300))
    if total <= ctc.HOPELESS:
        # Its rivals one edit away are hopeless too: nothing could be told of them apart.
        return Weighing(ctc.HOPELESS, (-CLIP,) * len(codes), ((),) * len(codes))
    margins, rivals = [], []
    for place in range(len(codes)):
        probability, rival = _strongest(lattice, codes, found, place, same)
        margin = total - np.log(max(probability, 1e-300))
        margins.append(float(np.clip(margin, -CLIP, CLIP)))
        rivals.append(rival)
    return Weighing(float(total), tuple(margins), tuple(rivals))


def _strongest(
    lattice: Lattice, codes: tuple[int, ...], found: ctc.Edits, place: int, same: Collection[tuple[int, ...]]
) -> tuple[float, tuple[int, ...]]:
    """The likeliest text that differs from `codes` at a place, and its probability."""
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
    return next((option for option in options if option[1] not in same), (0.0, ()))


def _top(row: Floats) -> list[int]:
    count = min(TRIED, len(row))
    best = np.argpartition(row, -count)[-count:]
    return [int(column) for column in best if row[column] > 0]
