"""Whose ink it is: the strokes that belong to a region, and those that only reach into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from scanservice.detect.canvas import DOTS_PER_MM, Canvas, Plane
from scanservice.detect.ink import Layers
from scanservice.geometry import Box

OVERFLOW_MM = 4.0
"""How far beyond its box writing is followed."""
SPECK_MM2 = 0.06
"""Ink smaller than this is dust: a full stop of a pen covers 0.1 to 0.3 mm2."""
STROKE_MM = 0.9
"""Least length of a stroke; the pen's point alone leaves 0.3 to 0.6 mm."""
TOUCH_MM = 0.9
"""Ink this near to an edge may be the rest of a character cut by a printed line."""
REST_MM = 3.0
"""A rest reaches no deeper than this: most of its character stands on the other side."""
NEXT_MM = 1.2
"""Ink this near to a region's own, in nobody's box, goes on from it."""

LONE_MM, LONE_ABOVE_MM = 3.0, 1.5
"""A dot that stands this far beside every stroke, or above or below, belongs to no writing: a speck of
dust, a pen put down."""


@dataclass(frozen=True, eq=False)
class RegionInk:
    """The ink of a region.

    Attributes:
        rows, columns: a window of the canvas, `box` in mm.
        mask: bool, of the window's size: the region's own ink, whole strokes.
    """

    rows: slice
    columns: slice
    box: Box
    mask: Plane

    @property
    def area_mm2(self) -> float:
        return float(np.count_nonzero(self.mask)) / DOTS_PER_MM**2

    @property
    def stroke_mm2(self) -> float:
        """Area of what is long enough for a stroke; specks of dust, however many, are none."""
        _, _, stats, _ = cv2.connectedComponentsWithStats(self.mask.astype(np.uint8), connectivity=8)
        long = (
            stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1, initial=0)
            >= STROKE_MM * DOTS_PER_MM
        )
        return float(stats[1:, cv2.CC_STAT_AREA][long].sum()) / DOTS_PER_MM**2

    def extent(self, canvas: Canvas) -> Box | None:
        """Bounding box of the ink, in mm of the page."""
        if not self.mask.any():
            return None
        x, y, width, height = cv2.boundingRect(self.mask.astype(np.uint8))
        left, top = self.columns.start + x, self.rows.start + y
        return canvas.box_of(slice(top, top + height), slice(left, left + width))


def region_ink(canvas: Canvas, layers: Layers, box: Box, others: Sequence[Box] | None = None) -> RegionInk:
    """The strokes that belong to a box.

    A stroke belongs where most of it lies. Where a printed line cuts a character in two, the smaller
    rest goes with the larger part across the edge. What runs on beyond the box is followed where it is
    in no other box.

    Args:
        others: boxes of the other regions; None: writing is not followed beyond the box.
    """
    rows, columns = canvas.window(box.grown(OVERFLOW_MM).clipped(canvas.box))
    labels = layers.labels[rows, columns]
    inner = canvas.window(box)
    inside = layers.labels[inner]
    count, total = layers.stats.shape[0], layers.stats[:, cv2.CC_STAT_AREA]
    within = np.bincount(inside.ravel(), minlength=count)
    speck = SPECK_MM2 * DOTS_PER_MM**2
    own = (within > 0.5 * total) & (total >= speck)
    own[0] = False
    # A stroke that runs through several boxes, or writing joined with a neighbour's, belongs in part.
    shared = ~own & (within >= 4 * speck) & _reaches_in(layers, inner)
    shared[0] = False
    for index in _edge_parts(layers, inner, labels):
        rest = _is_rest(layers, inner, int(index))
        if rest is not None:
            own[index] = not rest if own[index] else rest
    own[_lone_dots(layers, own, shared)] = False
    mask = own[labels]
    if others is not None:
        mask |= _followed(canvas, layers, box, others, mask, labels, (rows, columns))
    part = np.zeros_like(mask)
    top, left = inner[0].start - rows.start, inner[1].start - columns.start
    part[top : top + inside.shape[0], left : left + inside.shape[1]] = shared[inside]
    return RegionInk(rows, columns, canvas.box_of(rows, columns), mask | part)


def _lone_dots(layers: Layers, own: Plane, shared: Plane) -> Plane:
    """Numbers of a region's components that are no longer than a dot and stand apart from all its strokes.

    A region with nothing but dots keeps them.
    """
    numbers, strokes = np.flatnonzero(own), np.flatnonzero(own | shared)
    longest = layers.stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
    dots = numbers[longest[numbers] < STROKE_MM * DOTS_PER_MM]
    strokes = strokes[longest[strokes] >= STROKE_MM * DOTS_PER_MM]
    if not len(dots) or not len(strokes):
        return dots[:0]
    gaps = [
        np.maximum(
            begin[strokes] - (begin + size)[dots][:, None], begin[dots][:, None] - (begin + size)[strokes]
        )
        for begin, size in (
            (layers.stats[:, cv2.CC_STAT_LEFT], layers.stats[:, cv2.CC_STAT_WIDTH]),
            (layers.stats[:, cv2.CC_STAT_TOP], layers.stats[:, cv2.CC_STAT_HEIGHT]),
        )
    ]
    beside, above = (np.maximum(gap, 0) / DOTS_PER_MM for gap in gaps)
    return dots[np.hypot(beside / LONE_MM, above / LONE_ABOVE_MM).min(axis=1) > 1]


def _reaches_in(layers: Layers, inner: tuple[slice, slice]) -> Plane:
    """Which components reach deep into a window, not only over its edge."""
    top, left = layers.stats[:, cv2.CC_STAT_TOP], layers.stats[:, cv2.CC_STAT_LEFT]
    bottom, right = top + layers.stats[:, cv2.CC_STAT_HEIGHT], left + layers.stats[:, cv2.CC_STAT_WIDTH]
    high = np.minimum(bottom, inner[0].stop) - np.maximum(top, inner[0].start)
    wide = np.minimum(right, inner[1].stop) - np.maximum(left, inner[1].start)
    return (high > REST_MM * DOTS_PER_MM) & (wide > REST_MM / 2 * DOTS_PER_MM)


def _edge_parts(layers: Layers, inner: tuple[slice, slice], labels: Plane) -> Plane:
    """Numbers of the shallow components close to the upper or lower edge of a window, on either side."""
    near = np.flatnonzero(np.bincount(labels.ravel()))  # np.unique takes six times as long
    near = near[near > 0]
    stats = layers.stats[near]
    top, height = stats[:, cv2.CC_STAT_TOP], stats[:, cv2.CC_STAT_HEIGHT]
    touch = TOUCH_MM * DOTS_PER_MM
    close = np.zeros(len(near), dtype=bool)
    for edge in (inner[0].start, inner[0].stop):
        below = (top >= edge - touch) & (top <= edge + touch)
        above = (top + height >= edge - touch) & (top + height <= edge + touch)
        close |= below | above
    return near[close & (height <= REST_MM * DOTS_PER_MM)]


def _is_rest(layers: Layers, inner: tuple[slice, slice], index: int) -> bool | None:
    """Whether a component at an edge is the rest of something larger on the edge's other side.

    For a component inside the window, True says that it is a neighbour's; for one outside, that it is
    the window's. None where nothing across the edge goes on from it.
    """
    x, y, width, height, area = (int(v) for v in layers.stats[index])
    middle = y + height / 2
    edge = min((inner[0].start, inner[0].stop), key=lambda place: abs(place - middle))
    reach, slack = round(REST_MM * 1.3 * DOTS_PER_MM), round(0.3 * DOTS_PER_MM)
    across = slice(max(edge - reach, 0), edge) if middle >= edge else slice(edge, edge + reach)
    columns = slice(max(x - slack, 0), x + width + slack)
    found = layers.ink[across, columns]
    if not found.any():
        return None
    nearest = np.flatnonzero(found.any(axis=1))
    gap = found.shape[0] - 1 - nearest[-1] if middle >= edge else nearest[0]
    return bool(np.count_nonzero(found) > 1.3 * area) if gap <= TOUCH_MM * DOTS_PER_MM * 1.5 else None


def _followed(
    canvas: Canvas,
    layers: Layers,
    box: Box,
    others: Sequence[Box],
    mask: Plane,
    labels: Plane,
    window: tuple[slice, slice],
) -> Plane:
    """Components outside every box that lie close to the region's own ink."""
    free = np.ones(mask.shape, dtype=np.uint8)
    for taken in (box, *others):
        rows, columns = canvas.window(taken)
        top, bottom = rows.start - window[0].start, rows.stop - window[0].start
        left, right = columns.start - window[1].start, columns.stop - window[1].start
        free[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] = 0
    inked = np.flatnonzero(labels)  # a few in a hundred
    owners = labels.ravel()[inked]
    total = layers.stats[:, cv2.CC_STAT_AREA]
    count = np.bincount(owners[free.ravel()[inked] > 0], minlength=len(total))
    loose = (count > 0.8 * total) & (total >= 4 * SPECK_MM2 * DOTS_PER_MM**2)
    loose[0] = False
    if not loose.any():
        return np.zeros_like(mask)
    reach = round(NEXT_MM * DOTS_PER_MM)
    kernel = np.ones((reach | 1, 2 * reach + 1), np.uint8)
    near = cv2.dilate(mask.astype(np.uint8), kernel)
    joined = np.zeros_like(loose)
    joined[owners[near.ravel()[inked] > 0]] = True
    return (loose & joined)[labels]
