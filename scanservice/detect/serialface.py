"""Whether the numbers on the pages of one paper are printed in one face.

A template does not say which face its numbers are printed in; but one machine prints all pages of a
paper. Each glyph of one page's number is looked for among those of another page's: most digits of two
numbers are the same even where the numbers are not.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from scanservice.detect.canvas import Plane
from scanservice.detect.regionink import RegionInk
from scanservice.geometry import FloatArray

GLYPH = (20, 32)
"""Width and height to which a glyph is brought, pixels."""
SLACK = 2
"""Pixels by which glyphs are moved against each other, to and fro."""
LEAST_GLYPHS = 4
LEAST_SHARE = 0.6
"""Of the height of the tallest glyph: a point is none."""
FACES_DIFFER = 0.90
"""Middle correlation of the glyphs of two pages below which they are of two faces: on generated papers it
is 0.937 and more for one face, and 0.63 to 0.905 for two."""
SHAPES_DIFFER = 0.22
"""Glyphs whose width, as a share of their height, differs by more are not compared."""


def glyphs_of(ink: RegionInk, plane: Plane) -> list[tuple[float, FloatArray]]:
    """The glyphs of a number, left to right: width by height, and the picture brought to `GLYPH`.

    Args:
        plane: of the whole canvas, the number's darkness.
    """
    mask = ink.mask
    dark = plane[ink.rows, ink.columns] * mask
    edges = np.flatnonzero(np.diff(np.concatenate(([0], mask.any(axis=0).astype(int), [0]))))
    parts = []
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        rows = np.flatnonzero(mask[:, first:last].any(axis=1))
        parts.append(dark[rows[0] : rows[-1] + 1, first:last].astype(np.float32))
    tall = max((part.shape[0] for part in parts), default=0)
    return [
        (part.shape[1] / part.shape[0], cv2.resize(part, GLYPH, interpolation=cv2.INTER_AREA))
        for part in parts
        if part.shape[0] >= max(LEAST_SHARE * tall, 8) and part.shape[1] >= 3
    ]


def likeness(
    one: Sequence[tuple[float, FloatArray]], other: Sequence[tuple[float, FloatArray]]
) -> float | None:
    """Middle, over the glyphs of one number, of the best correlation with a glyph of the other, -1 to 1.

    None where there are too few glyphs to tell.
    """
    if min(len(one), len(other)) < LEAST_GLYPHS:
        return None
    return float(np.median([max(_alike(a, b) for b in other) for a in one]))


def _alike(one: tuple[float, FloatArray], other: tuple[float, FloatArray]) -> float:
    if abs(one[0] - other[0]) > SHAPES_DIFFER:
        return 0.0
    padded = cv2.copyMakeBorder(other[1], SLACK, SLACK, SLACK, SLACK, cv2.BORDER_CONSTANT)
    return float(cv2.matchTemplate(padded, np.asarray(one[1], np.float32), cv2.TM_CCOEFF_NORMED).max())


def other_faces(numbers: Mapping[str, Sequence[tuple[float, FloatArray]]]) -> frozenset[str]:
    """Which of the numbers (by region) are not in the face that most have; all of them where two differ."""
    differ: set[frozenset[str]] = set()
    for one, other in itertools.combinations(sorted(numbers), 2):
        found = likeness(numbers[one], numbers[other])
        if found is not None and found < FACES_DIFFER:
            differ.add(frozenset((one, other)))
    if not differ:
        return frozenset()
    names = sorted(set().union(*differ))
    against = {name: sum(name in pair for pair in differ) for name in names}
    most = max(against.values())
    return frozenset(name for name in names if against[name] == most)
