"""A line of writing as the network sees it that looks for the pen's corrections.

Every line is brought to one height. The network (`corrections.onnx`, run by `scanservice.detect.network`)
answers for each 8 x 8 pixels; its weights come from `python -m benchmarks.marks.calibrate corrections`.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from scanservice.detect.canvas import DOTS_PER_MM, Plane

LINE_HEIGHT = 36.0
"""Pixels to which a line's characters are brought: about what a photograph of 150 dpi has."""
LEAST_SIZE = 2.0 * DOTS_PER_MM
"""Writing is taken to be at least this high (pixels): a dash or a full stop would make its own scale."""
CELL = 8
"""Pixels of the line to each answer, in both directions: three poolings."""
WIDTH_SCALE = 0.3
"""Brings half a stroke's width, 1 to 4 pixels, to the size of the other input."""


@dataclass(frozen=True, slots=True)
class Pen:
    """How a page is written: half the usual stroke's width and the characters' height in pixels; darkness
    as in `Layers.writing`."""

    half_width: float
    darkness: float
    height: float


def height_of(dark: Plane, pen: Pen) -> float:
    """Height of a line's characters in pixels: the line's own, unless it is more than one line's."""
    return float(max(min(dark.shape[0], 1.3 * pen.height), LEAST_SIZE))


def scale_of(dark: Plane, pen: Pen) -> float:
    """What brings a line's characters to `LINE_HEIGHT`."""
    return LINE_HEIGHT / height_of(dark, pen)


def line_planes(dark: Plane, pen: Pen) -> Plane:
    """A line as the network sees it: darkness against the page's usual, and the pen's width.

    Args:
        dark: H x W, uint8, 0 off its ink.

    Returns:
        H x W x 2, float32, with half a cell or more of paper around; sides are multiples of `CELL`.
    """
    scale = scale_of(dark, pen)
    size = max(2, round(dark.shape[1] * scale)), max(2, round(dark.shape[0] * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    relative = np.clip(dark.astype(np.float32) / max(pen.darkness, 40.0), 0, 2)
    sized = cv2.resize(relative, size, interpolation=method)
    height, width = (-(-(length + CELL) // CELL) * CELL for length in (size[1], size[0]))
    planes = np.zeros((height, width, 2), np.float32)
    edge = CELL // 2
    planes[edge : edge + size[1], edge : edge + size[0], 0] = sized
    planes[:, :, 1] = WIDTH_SCALE * pen.half_width * scale
    return planes
