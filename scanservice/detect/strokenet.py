"""A small convolutional network that looks at a line of writing; numpy runs it, no framework is needed.

Three convolutions with pooling and two without end in one number (a logit) for each 8 x 8 pixels of the
line, brought to a common height. Weights come from `python -m benchmarks.marks.calibrate corrections` and
lie in `corrections.npz` beside this module.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from io import BytesIO

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from scanservice.detect.canvas import DOTS_PER_MM, Plane

LINE_HEIGHT = 26.0
"""Pixels to which a line's characters are brought."""
LEAST_SIZE = 2.0 * DOTS_PER_MM
"""Writing is taken to be at least this high (pixels): a dash or a full stop would make its own scale."""
CELL = 8
"""Pixels of the line to each answer, in both directions: three poolings."""
POOLED = (True, True, True, False, False)
WIDTH_SCALE = 0.3
"""Brings half a stroke's width, 1 to 4 pixels, to the size of the other input."""


@dataclass(frozen=True, slots=True)
class Pen:
    """How a page is written: half the usual stroke's width and the characters' height in pixels; darkness
    as in `Layers.writing`."""

    half_width: float
    darkness: float
    height: float


@dataclass(frozen=True, eq=False)
class StrokeNet:
    """Attributes:
    weights: for each layer, (side * side * inputs) x outputs; biases: outputs.
    threshold: of a line's score, at which both answers are as likely.
    """

    weights: tuple[Plane, ...]
    biases: tuple[Plane, ...]
    threshold: float

    def logits(self, planes: Plane) -> Plane:
        """The answers for a line: rows x columns of cells, from H x W x 2 inputs, sides multiples of 8."""
        values = planes
        for weight, bias, pooled in zip(self.weights, self.biases, POOLED, strict=True):
            values = _convolved(values, weight) + bias
            if weight.shape[1] > 1:
                values = np.maximum(values, 0)
            if pooled:
                height, width, depth = values.shape
                values = values.reshape(height // 2, 2, width // 2, 2, depth).max(axis=(1, 3))
        return values[:, :, 0]


def _convolved(values: Plane, weight: Plane) -> Plane:
    """A convolution whose side follows from the weights' shape; borders count as empty."""
    height, width, depth = values.shape
    side = round(np.sqrt(weight.shape[0] / depth))
    if side == 1:
        return values @ weight
    edge = side // 2
    padded = np.pad(values, ((edge, edge), (edge, edge), (0, 0)))
    windows = sliding_window_view(padded, (side, side), (0, 1))
    columns = windows.transpose(0, 1, 3, 4, 2).reshape(height * width, side * side * depth)
    return (columns @ weight).reshape(height, width, -1)


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


def total(logits: Plane) -> float:
    """A line's score: the logarithm of the cells' summed odds."""
    most = float(logits.max())
    return most + float(np.log(np.exp(logits - most).sum()))


@cache
def corrections_net() -> StrokeNet:
    """The network that looks for corrections."""
    data = resources.files("scanservice.detect").joinpath("corrections.npz").read_bytes()
    with np.load(BytesIO(data), allow_pickle=False) as kept:
        return stored(
            kept["weights"], [tuple(shape) for shape in kept["shapes"].tolist()], float(kept["threshold"])
        )


def stored(flat: Plane, shapes: Sequence[tuple[int, int]], threshold: float) -> StrokeNet:
    """A network from its parameters in one row: for each layer the weights, then the biases."""
    weights, biases, at = [], [], 0
    values = flat.astype(np.float32)
    for rows, columns in shapes:
        weights.append(values[at : at + rows * columns].reshape(rows, columns))
        at += rows * columns
        biases.append(values[at : at + columns])
        at += columns
    return StrokeNet(tuple(weights), tuple(biases), threshold)
