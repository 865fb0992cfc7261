"""Folds of the paper: what goes on in a straight line from edge to edge of a page is no paint's edge.

Paper that was folded is lit differently on both sides of the crease, and its line is worn. Both look like the
edge of paint to whoever sees a few millimetres of them. Here a page is cut into strips; what nearly all of
them show at the same height, along a line that may slant a little, is the fold's, and is taken away. Paint
lies in few of the strips.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from scanservice.detect.canvas import Plane

STRIPS = 16
LEAST_KNOWN = 0.15
"""Share of a strip's cells in a row that must be known for the strip to count there."""
LEAST_STRIPS = 6
SLOPES = np.linspace(-0.03, 0.03, 25)
"""Of folds against the page's edges: half a cell from one to the next at the page's edge."""
FOLDS = 3
"""Slopes that a page's folds are sought in, one after another."""
NEARLY_ALL = 0.8
"""Of the strips that tell something at some height: paint may lie below most of a line, but not beside it."""
LEAST, SURE = 0.1, 0.3
"""What nearly all strips must show at least for anything to be taken away, and for all of it."""
WORN = 0.5
"""Strength of a line from which it is a crease, where the paper is worn and nothing is told of it."""
LEAST_WIDTH = 4 * STRIPS
"""Cells of a part of a page below which no fold is sought in it."""


def without_folds(planes: Sequence[Plane], known: Plane) -> tuple[list[Plane], Plane]:
    """Planes without what lies across the page or down it, and where the creases themselves are.

    Args:
        planes: H x W, float32, 0 where not known: steps of tone first, and last the strength of lines lying
            and standing. The first and one of these tell where folds are.
        known: bool, H x W.

    Returns:
        The planes, 0 at creases, and these as bool, H x W.
    """
    found = [plane.copy() for plane in planes]
    lying = _levelled(found, known, len(found) - 2)
    standing = _levelled([plane.T for plane in found], known.T, len(found) - 1).T
    creases = cv2.dilate((lying | standing).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    for plane in found:
        plane[creases] = 0
    return found, creases


def _levelled(planes: Sequence[Plane], known: Plane, lines: int) -> Plane:
    """Takes what lies across the planes away, in place, and tells where it is a crease; bool.

    Args:
        lines: which of the planes holds the strength of lines in that direction.
    """
    height, width = known.shape
    creases = np.zeros(known.shape, bool)
    edges = np.linspace(0, width, STRIPS + 1).astype(int)
    counts = _strips(known.astype(np.float32), edges)
    enough = counts >= LEAST_KNOWN * np.diff(edges)
    if width < LEAST_WIDTH or not enough.any():
        return creases
    middles = (edges[1:] + edges[:-1]) / 2 - width / 2
    across, rows = np.arange(width) - width / 2, np.arange(height)[:, None]
    shifts = [np.round(slope * middles).astype(int) for slope in SLOPES]
    for _ in range(FOLDS):
        means = [np.where(enough, _strips(plane, edges) / np.maximum(counts, 1), np.nan) for plane in planes]
        strength = [sum(float((_profile(means[n], by) ** 2).sum()) for n in (0, lines)) for by in shifts]
        best = int(np.argmax(strength))
        if strength[best] == 0:
            break
        at = np.clip(rows - np.round(SLOPES[best] * across).astype(int)[None], 0, height - 1)
        for number, (plane, mean) in enumerate(zip(planes, means, strict=True)):
            profile = _profile(mean, shifts[best])
            plane -= np.where(known, profile[at], 0)
            if number == lines:
                creases |= (profile > WORN)[at]
    return creases


def _strips(plane: Plane, edges: Plane) -> Plane:
    """Sums of a plane's strips, H x `STRIPS`."""
    return np.add.reduceat(plane, edges[:-1], axis=1)


def _profile(mean: Plane, shifts: Plane) -> Plane:
    """What the strips share at each height along a line that moves so many cells from strip to strip; 0 where
    that is little, or too few strips tell."""
    moved = np.full_like(mean, np.nan)
    for strip, shift in enumerate(shifts.tolist()):
        source = mean[:, strip]
        if shift >= 0:
            moved[: len(source) - shift, strip] = source[shift:]
        else:
            moved[-shift:, strip] = source[:shift]
    count = np.count_nonzero(~np.isnan(moved), axis=1)
    moved.sort(axis=1)  # what is not known comes last
    low, middle, high = (
        moved[np.arange(len(mean)), (np.maximum(count - 1, 0) * share).astype(int)]
        for share in (1 - NEARLY_ALL, 0.5, NEARLY_ALL)
    )
    told = count >= LEAST_STRIPS
    usual = np.median(middle[told]) if told.any() else 0.0
    shared = np.maximum(low - usual, usual - high)
    weight = np.clip((shared - LEAST) / (SURE - LEAST), 0, 1)
    return np.where(told, weight * (middle - usual), 0).astype(np.float32)
