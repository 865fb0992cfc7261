"""Zeros with a dot in them made plain, for a reader that takes the dot for a stroke."""

from __future__ import annotations

import cv2
import numpy as np

from scanservice.geometry import Image

LEVELS = tuple(level / 100 for level in range(25, 80, 4))
"""Shares of the contrast at which a dot is sought: blur joins it to its ring at the low ones, and at the
high ones the ring is open or the dot too faint."""
SHARPENING, BLUR = 2.0, 3.0
"""How much of what a blur of so many pixels (at double size) takes away is added; for finding dots only."""
SOFT_EDGE = np.ones((7, 7), np.uint8)
"""How far a dot's blurred edge reaches beyond what is darker than the level, at double size."""


def clear_counters(line: Image) -> Image:
    """The line at double size, with what stands free inside a closed ring of ink taken away.

    No digit has such an island but the dotted zero of many numbering machines and typefaces, which
    Tesseract reads as 6, 8 or 9; every other digit stays as it is.

    Args:
        line: H x W x 3, uint8, BGR, dark on light.

    Returns:
        2H x 2W x 3, uint8, grey in BGR.
    """
    grey = cv2.cvtColor(line, cv2.COLOR_BGR2GRAY)
    large = cv2.resize(grey, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    paper, dark = np.percentile(large, (80, 1))
    islands = np.zeros(large.shape, dtype=np.uint8)
    for seen in (large, _sharpened(large)):
        for level in LEVELS:
            ink = (seen < paper - level * (paper - dark)).astype(np.uint8)
            islands = cv2.bitwise_or(islands, _islands(ink))
    cleared = np.where(islands > 0, paper, large).astype(np.uint8)
    return np.asarray(cv2.cvtColor(cleared, cv2.COLOR_GRAY2BGR), dtype=np.uint8)


def _sharpened(grey: cv2.typing.MatLike) -> cv2.typing.MatLike:
    """Unsharp masking: where blur has joined a dot to its ring at every level, it stands free again."""
    return cv2.addWeighted(grey, 1 + SHARPENING, cv2.GaussianBlur(grey, (0, 0), BLUR), -SHARPENING, 0)


def _islands(ink: Image) -> cv2.typing.MatLike:
    """Ink inside a hole of other ink, with its soft edge, but nothing of the ring itself."""
    contours, tree = cv2.findContours(ink, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    found = np.zeros(ink.shape, dtype=np.uint8)
    if tree is None:
        return found
    for index, (_, _, _, parent) in enumerate(tree[0]):
        if parent < 0:
            continue
        hole = np.zeros(ink.shape, dtype=np.uint8)
        cv2.drawContours(hole, contours, index, (1,), cv2.FILLED)
        cv2.drawContours(hole, contours, index, (0,), 1)  # the contour of a hole runs on the ring's ink
        island = cv2.dilate(cv2.bitwise_and(hole, ink), SOFT_EDGE)
        found = cv2.bitwise_or(found, cv2.bitwise_and(island, hole))
    return found
