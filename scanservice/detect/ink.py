"""Ink apart: what was written, without the form's print and without seals."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from scanservice.detect.canvas import DOTS_PER_MM, PAPER, Canvas, Plane
from scanservice.detect.printlayer import PrintLayer

FAINT = 26
"""Darkness (of `PAPER`) at which a pixel may belong to a stroke: a faint pencil's edge."""
CLEAR = 52
"""Darkness that some pixel of a stroke must reach."""
RED = 26
"""Redness (of `PAPER`) from which a pixel holds seal ink."""


RED_INK_RATIO = 0.52
"""Darkness in red over darkness in green, above which ink is black: seal ink shows 0.1 to 0.45."""


@dataclass(frozen=True, eq=False)
class Layers:
    """A canvas taken apart; all H x W of the canvas.

    Attributes:
        writing: uint8, 0 to `PAPER`: darkness of what was written, without print and red ink.
        ink: bool: where there is writing.
        print_zone: bool: where the form's print may have been taken away.
        seal: uint8, 0 to `PAPER`: darkness of red ink without the form's own red print.
        labels, stats: connected components of `ink`, as OpenCV numbers and measures them.
    """

    writing: Plane
    ink: Plane
    print_zone: Plane
    seal: Plane
    labels: Plane
    stats: Plane


def separate(canvas: Canvas, layer: PrintLayer, source_dots_per_mm: float) -> Layers:
    """Takes a canvas apart into writing, seal ink and print.

    Print is expected where the aligned blank has it, widened by what alignment and the picture's blur
    may add. Writing across print is recognised by going on at both sides of it.

    Args:
        source_dots_per_mm: of the picture itself; a coarse one is blurred more.
    """
    dark, seal = _inks(canvas)
    seal = cv2.subtract(seal, _widened(layer.redness, 3))
    zone = _print_zone(layer.darkness, source_dots_per_mm)
    free = cv2.bitwise_and(dark, cv2.bitwise_not(zone))
    ink = _strokes(free)
    bridged = _bridged(ink, dark, zone)
    writing = np.where(bridged | (zone == 0), dark, 0).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(bridged.astype(np.uint8), connectivity=8)
    return Layers(writing, bridged, zone > 0, seal, labels, stats)


def _inks(canvas: Canvas) -> tuple[Plane, Plane]:
    """Darkness of black and blue ink, and of red ink, H x W, uint8 each.

    Cameras store colour at half the resolution of light, so that no difference of channels is sharp.
    Redness, widened, only says where red ink is about; there, what is nearly as dark in red as in green
    is black ink, and what is much darker in green is red ink.
    """
    dark = canvas.darkness.copy()
    seal = np.zeros_like(dark)
    gate = cv2.dilate(canvas.redness, np.ones((5, 5), np.uint8))
    x, y, width, height = cv2.boundingRect(cv2.threshold(gate, RED // 2, 255, cv2.THRESH_BINARY)[1])
    if width == 0 or height == 0:
        return dark, seal
    part = slice(y, y + height), slice(x, x + width)
    green = (PAPER - np.minimum(canvas.flat[part][:, :, 1], PAPER)).astype(np.float32)
    red = dark[part].astype(np.float32)
    about = np.clip((gate[part].astype(np.float32) - 0.4 * RED) / (0.6 * RED), 0, 1)
    ratio = cv2.blur(red, (3, 3)) / np.maximum(cv2.blur(green, (3, 3)), 12.0)
    dark[part] = (red * (1 - about * (1 - np.clip((ratio - RED_INK_RATIO) / 0.15, 0, 1)))).astype(np.uint8)
    seal[part] = (green * about * (1 - np.clip((ratio - RED_INK_RATIO - 0.15) / 0.15, 0, 1))).astype(np.uint8)
    return dark, seal


def _widened(plane: Plane, radius: int) -> Plane:
    side = 2 * radius + 1
    return cv2.dilate(plane, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))


def _print_zone(darkness: Plane, source_dots_per_mm: float) -> Plane:
    """255 where the form's print may show: 0.12 mm for alignment, and a pixel of the source for blur."""
    radius = round((0.12 + 0.9 / max(source_dots_per_mm, 3.0)) * DOTS_PER_MM)
    return _widened(cv2.threshold(darkness, PAPER // 8, 255, cv2.THRESH_BINARY)[1], radius)


def _strokes(darkness: Plane) -> Plane:
    """Pixels at least `FAINT` that hang together with one at least `CLEAR` (hysteresis)."""
    faint = (darkness >= FAINT).astype(np.uint8)
    labels = np.asarray(cv2.connectedComponents(faint, connectivity=8)[1], dtype=np.intp)
    kept = np.zeros(int(labels.max()) + 1, dtype=bool)
    kept[labels[darkness >= CLEAR]] = True
    kept[0] = False
    return kept[labels]


def _bridged(ink: Plane, dark: Plane, zone: Plane) -> Plane:
    """`ink` with strokes carried on across the print zone, where it is dark and ink lies on both sides.

    Closing with a line of some length keeps a pixel between two inked ones in that direction; only
    directions across thin print help, so six are tried.
    """
    seeds = ink.astype(np.uint8)
    candidates = ((zone > 0) & (dark >= CLEAR)).astype(np.uint8)
    bridged: Plane = np.zeros_like(seeds)
    length = round(1.4 * DOTS_PER_MM)
    for angle in range(0, 180, 30):
        bridged = cv2.max(bridged, cv2.morphologyEx(seeds, cv2.MORPH_CLOSE, _line(length, angle)))
    return (seeds | (bridged & candidates)).astype(bool)


def _line(length: int, degrees: float) -> Plane:
    """A line of ones through the middle of a square kernel."""
    kernel = np.zeros((length | 1, length | 1), dtype=np.uint8)
    middle = kernel.shape[0] // 2
    reach = (length - 1) / 2
    dx, dy = np.cos(np.radians(degrees)) * reach, np.sin(np.radians(degrees)) * reach
    start, end = (round(middle - dx), round(middle - dy)), (round(middle + dx), round(middle + dy))
    cv2.line(kernel, start, end, (1,))
    return kernel
