"""Fluid or a patch below the printed number: the paper around its strokes, at a quarter of a millimetre.

Fluid ends half a millimetre beyond the number, too near for the cells in which fields are looked at
(`barepaper`). A small network looks at the strokes' surroundings as they are. Its weights come from
`python -m benchmarks.marks.calibrate numbers` and lie in `numberpaper.onnx` beside this module.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from scanservice.detect.barepaper import BURNT
from scanservice.detect.canvas import DOTS_PER_MM, PAPER, Canvas, Plane
from scanservice.detect.ink import Layers, even_tint, off_tint
from scanservice.detect.network import beyond, network, total
from scanservice.geometry import Box

CELL = 2
"""Pixels of the canvas to a cell."""
POOLED = 8
"""Cells, in both directions, to each answer of the network."""
ANSWER_MM = POOLED * CELL / DOTS_PER_MM
ROWS = 6
"""Answers to a window's height, its middle the number's."""
ASKED = slice(1, 5)
"""The rows of answers that are asked: 4 mm above and below the number's middle."""
AROUND_MM = 4.0
"""Of the window, to the left and the right of the number."""
INK = 40
"""Darkness (of `PAPER`) from which a cell is no paper."""
FLAT_MM = 5.0
"""Paper is compared with what lies around it, by a Gaussian of this deviation."""
TONE_SCALE, MOST_TONE = 20.0, 3.0
DARK_SCALE = 1 / 40
PLANES = 5
SUSPECT = 0.3
"""Chance from which on the rest of the page is looked at, too."""
MOST_USUAL = 0.0
"""Score that a fifth of the lines and printed words of a page may have: those of 28 plain pages of the
maker's had at most -0.6, of 36 others, good and poor, two 1 and more, both made white by software; of pages
that were sharpened, banded or patterned afterwards they have 4 to 50."""


def number_planes(canvas: Canvas, extent: Box, layers: Layers | None = None) -> tuple[Plane, slice]:
    """The network's input for a number, and the columns of answers that it is asked for.

    Args:
        extent: of the number's ink, mm.
        layers: where the form has a pattern the paper's tone is not known; an even tint hides nothing.

    Returns:
        `ROWS * POOLED` x columns x `PLANES`, float32: steps of blue, green and red (natural logarithms)
        against the paper around; darkness; share that is burnt out. 0 where the canvas ends.
    """
    wide = round((extent.width + 2 * AROUND_MM) / ANSWER_MM + 0.5)
    height, width = (count * POOLED * CELL for count in (ROWS, wide))
    x, y = (
        (middle - begin) * DOTS_PER_MM
        for middle, begin in zip(extent.center, canvas.box.corners()[0], strict=True)
    )
    left, top = round(x - width / 2), round(y - height / 2)
    beside = round((wide * ANSWER_MM - extent.width) / 2 / ANSWER_MM - 0.75)
    asked = slice(max(beside, 0), wide - max(beside, 0))
    planes = np.zeros((height // CELL, width // CELL, PLANES), np.float32)
    rows, columns = (
        slice(max(first, 0), min(first + size, most))
        for first, size, most in (
            (top, height, canvas.colour.shape[0]),
            (left, width, canvas.colour.shape[1]),
        )
    )
    rows, columns = (
        slice(part.start, part.start + (part.stop - part.start) // CELL * CELL) for part in (rows, columns)
    )
    if rows.stop <= rows.start or columns.stop <= columns.start:
        return planes, asked
    seen = _seen(canvas, rows, columns)
    if layers is not None:
        tint = even_tint(layers, rows, columns)
        seen[_cells_of(off_tint(layers.pale[rows, columns], tint))] = 0
    below, beyond = (rows.start - top) // CELL, (columns.start - left) // CELL
    planes[below : below + seen.shape[0], beyond : beyond + seen.shape[1]] = seen
    return planes, asked


def _seen(canvas: Canvas, rows: slice, columns: slice) -> Plane:
    colour = np.ascontiguousarray(canvas.colour[rows, columns])
    size = (colour.shape[1] // CELL, colour.shape[0] // CELL)
    dark = PAPER - np.minimum(canvas.flat[rows, columns].min(axis=2), PAPER)
    dark = cv2.resize(dark, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    burnt = (colour.min(axis=2) >= BURNT).astype(np.float32)
    mean = cv2.resize(colour, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    tone = np.log(np.maximum(mean, 8.0))
    weight = cv2.erode((dark < INK).astype(np.float32), np.ones((3, 3), np.uint8)) + np.float32(1e-4)
    spread = FLAT_MM * DOTS_PER_MM / CELL
    around = cv2.GaussianBlur(np.dstack([tone * weight[:, :, None], weight]), (0, 0), spread)
    step = np.clip((tone - around[:, :, :3] / around[:, :, 3:]) * TONE_SCALE, -MOST_TONE, MOST_TONE)
    return np.dstack(
        [step, dark * np.float32(DARK_SCALE), cv2.resize(burnt, size, interpolation=cv2.INTER_AREA)]
    )


def _cells_of(pattern: Plane) -> Plane:
    """Bool, where anything of a pattern lies."""
    size = (pattern.shape[1] // CELL, pattern.shape[0] // CELL)
    return cv2.resize(pattern.astype(np.uint8) * 255, size, interpolation=cv2.INTER_AREA) > 0


def covered(
    canvas: Canvas,
    extent: Box,
    layers: Layers | None = None,
    usual: Callable[[], Sequence[float]] = tuple,
) -> float:
    """Probability that something covers the paper below a number.

    Args:
        usual: `cover_score` of other ink of the page, below which the paper is taken to be bare; asked for
            where the number's own is suspect.
    """
    chance, score = network("numberpaper").chance, cover_score(canvas, extent, layers)
    if chance(score) < SUSPECT:
        return chance(score)
    return chance(score - beyond(usual(), MOST_USUAL))


def cover_score(canvas: Canvas, extent: Box, layers: Layers | None = None) -> float:
    """The network's score for some ink: of a number, or of other ink for comparison."""
    planes, asked = number_planes(canvas, extent, layers)
    return total(network("numberpaper").logits(planes)[ASKED, asked])
