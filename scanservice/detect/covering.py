"""What was laid over the paper: a pasted patch's edges, the rim of correction fluid."""

from __future__ import annotations

import cv2
import numpy as np

from scanservice.detect.canvas import DOTS_PER_MM, PAPER, Canvas, Plane
from scanservice.detect.ink import Layers, even_tint, off_tint

RIM_REACH_MM = 3.5
"""How far around some ink the edge of what covers the paper below it is sought."""
LEAST_RIDGE_MM = 1.5
"""Shorter ridges are the paper's grain, or the ringing of strong compression around ink."""
LONG_MM, THIN_MM = 8.0, 0.7
"""A line of ink is an edge where it is at least this long and this thin: no digit's stroke is."""


def rim_length(
    canvas: Canvas, layers: Layers, mask: Plane, rows: slice, columns: slice, depth: float
) -> float:
    """Millimetres of thin faint edges around ink, in `RIM_REACH_MM` of it.

    A patch or a layer of fluid casts a thin shadow. A white top-hat of the darkness keeps what is
    narrower than 0.8 mm; ink, print and their surroundings are left out, and of the rest counts what
    stands four times above the noise, is deep enough and hangs together.

    Args:
        mask: bool, the ink, in a window `rows`, `columns` of the canvas.
        depth: grey levels by which an edge must be darker than the paper.
    """
    near = cv2.dilate(
        (layers.ink[rows, columns] | (layers.seal[rows, columns] > 15)).astype(np.uint8), _square(9)
    )
    tint = even_tint(layers, rows, columns)
    printed = layers.print_zone[rows, columns] | off_tint(layers.pale[rows, columns], tint)
    near = cv2.max(near, cv2.dilate(printed.astype(np.uint8), _square(5)))
    own = cv2.dilate(mask.astype(np.uint8), _square(9))
    around = cv2.dilate(own, _square(2 * round(RIM_REACH_MM * DOTS_PER_MM) + 1))
    free = (around > 0) & (own == 0) & (near == 0)
    if np.count_nonzero(free) < 200:
        return 0.0
    flat = cv2.GaussianBlur(canvas.flat[rows, columns], (0, 0), 0.8).min(axis=2)
    dark = PAPER - np.minimum(flat, PAPER)
    ridge = cv2.subtract(dark, cv2.morphologyEx(dark, cv2.MORPH_OPEN, _square(7)))
    noise = 1.48 * float(np.median(ridge[free])) + 1
    strong = ((ridge > 4 * noise) & (ridge > depth) & free).astype(np.uint8)
    joined = cv2.morphologyEx(strong, cv2.MORPH_CLOSE, _square(3))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    lengths = stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1, initial=0) / DOTS_PER_MM
    return float(lengths[lengths >= LEAST_RIDGE_MM].sum()) + _dark_edges(layers, mask, rows, columns)


def _dark_edges(layers: Layers, mask: Plane, rows: slice, columns: slice) -> float:
    """Millimetres of long thin lines near some ink: a shadow so dark that it was taken for ink."""
    near = np.unique(np.where(mask, 0, layers.labels[rows, columns]))
    stats = layers.stats[near[near > 0]]
    width, height = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    long = np.maximum(width, height) >= LONG_MM * DOTS_PER_MM
    thin = stats[:, cv2.CC_STAT_AREA] < THIN_MM * DOTS_PER_MM * (width + height)
    return float((width + height)[long & thin].sum()) / DOTS_PER_MM


def _square(side: int) -> Plane:
    return np.ones((side, side), np.uint8)
