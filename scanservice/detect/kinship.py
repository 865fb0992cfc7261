"""Known pages that share most of their print, and the places where they differ.

Every school prints the same national form with its own name on it, and again each year. Such pages
register on one another; what tells them apart is where their blanks differ, and only that.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from scanservice.geometry import FloatArray, Image

ALIKE = 0.8
"""Correlation of a glyph with the other blank at its place from which on both have the same one."""
REACH_MM = 0.4
MARGIN_MM = 0.25
SOFT_MM = 0.12
KIN_SHARE = 0.4
"""Pages are kin where at least this share of each one's glyphs is the other's too."""
SAME_SIZE_MM = 1.0


def find_kin(
    inks: Sequence[Image], boxes: Sequence[FloatArray], sizes: Sequence[tuple[float, float]], dots: float
) -> Mapping[tuple[int, int], NDArray[np.intp]]:
    """For each pair (a, b) of kin pages: which glyphs of page a page b does not have at their place.

    Args:
        inks: of each blank, uint8, 255 black, at `dots` per mm.
        boxes: N x 4 of each blank's glyphs, mm.
        sizes: of each page, mm.
    """
    soft = [np.asarray(cv2.GaussianBlur(ink, (0, 0), SOFT_MM * dots), np.uint8) for ink in inks]
    kin: dict[tuple[int, int], NDArray[np.intp]] = {}
    for a, b in itertools.combinations(range(len(inks)), 2):
        if (
            np.abs(np.subtract(sizes[a], sizes[b])).max() > SAME_SIZE_MM
            or not len(boxes[a])
            or not len(boxes[b])
        ):
            continue
        ours = _distinct(soft[a], soft[b], boxes[a], dots)
        if len(ours) > (1 - KIN_SHARE) * len(boxes[a]):
            continue
        theirs = _distinct(soft[b], soft[a], boxes[b], dots)
        if len(theirs) <= (1 - KIN_SHARE) * len(boxes[b]):
            kin[a, b], kin[b, a] = ours, theirs
    return kin


def _distinct(ink: Image, other: Image, boxes: FloatArray, dots: float) -> NDArray[np.intp]:
    """Glyphs of one blank that the other does not have within `REACH_MM` of their place."""
    reach, margin = round(REACH_MM * dots), round(MARGIN_MM * dots)
    height, width = (min(a, b) for a, b in zip(ink.shape, other.shape, strict=True))
    result = []
    for index, (left, top, right, bottom) in enumerate(np.round(boxes * dots).astype(int).tolist()):
        x0, y0 = max(left - margin, reach), max(top - margin, reach)
        x1, y1 = min(right + margin, width - reach), min(bottom + margin, height - reach)
        if x1 - x0 < 3 or y1 - y0 < 3:
            continue
        window = ink[y0:y1, x0:x1]
        area = other[y0 - reach : y1 + reach, x0 - reach : x1 + reach]
        if cv2.matchTemplate(area, window, cv2.TM_CCOEFF_NORMED).max() < ALIKE:
            result.append(index)
    return np.array(result, np.intp)
