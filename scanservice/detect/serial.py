"""The printed number: where it stands, in which ink, and whether it looks tampered with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from scanservice.detect.canvas import DOTS_PER_MM, PAPER, Canvas, Plane
from scanservice.detect.ink import CLEAR, FAINT, Layers
from scanservice.detect.lines import RegionInk, line_crop
from scanservice.evidence import LineCrop, SerialMark
from scanservice.geometry import Box
from scanservice.template import Region

AROUND_MM = 5.0
SHIFT_MM = 2.0
"""Off its place by this much, a number was not printed with the form."""

InkColour = Literal["red", "black", "blue", "other"]


@dataclass(frozen=True, eq=False)
class Number:
    """The ink of the number: its window, its strokes, and its darkness in whatever channel shows it."""

    ink: RegionInk
    plane: Plane


def find_number(canvas: Canvas, layers: Layers, box: Box) -> Number:
    """The row of strokes nearest to the region's middle line, whatever its colour."""
    wide = box.grown(AROUND_MM).clipped(canvas.box)
    rows, columns = canvas.window(wide)
    plane = np.full(canvas.flat.shape[:2], 0, dtype=np.uint8)
    plane[rows, columns] = PAPER - np.minimum(canvas.flat[rows, columns].min(axis=2), PAPER)
    plane[rows, columns][layers.print_zone[rows, columns]] = 0
    mask = _row(plane[rows, columns], canvas, rows, columns, box)
    return Number(RegionInk(rows, columns, canvas.box_of(rows, columns), mask), plane)


def _row(plane: Plane, canvas: Canvas, rows: slice, columns: slice, box: Box) -> Plane:
    """Components that reach into the box, and their neighbours of like height on the same line."""
    faint = (plane >= FAINT).astype(np.uint8)
    labels: Plane
    count, labels, stats, centroids = cv2.connectedComponentsWithStats(faint, connectivity=8)
    keep = np.zeros(count, dtype=bool)
    top, bottom = (
        edge * DOTS_PER_MM - rows.start for edge in (box.top - canvas.box.top, box.bottom - canvas.box.top)
    )
    left = (box.left - canvas.box.left) * DOTS_PER_MM - columns.start
    right = (box.right - canvas.box.left) * DOTS_PER_MM - columns.start
    reach = 3.0 * DOTS_PER_MM
    for index in range(1, count):
        height, area = stats[index, cv2.CC_STAT_HEIGHT], stats[index, cv2.CC_STAT_AREA]
        x, y = centroids[index]
        dark = plane[labels == index].max() >= CLEAR
        near = top - reach <= y <= bottom + reach and left - reach <= x <= right + reach
        keep[index] = dark and near and area >= 6 and height <= (bottom - top) * 1.2
    heights = stats[keep, cv2.CC_STAT_HEIGHT]
    if heights.size:
        usual = float(np.quantile(heights, 0.7))
        keep &= stats[:, cv2.CC_STAT_HEIGHT] <= 1.6 * usual
    return keep[labels]


def serial_crop(canvas: Canvas, number: Number) -> LineCrop | None:
    """The number's line for the readers."""
    return line_crop(canvas, number.plane, number.ink, number.ink.mask)


def serial_mark(canvas: Canvas, number: Number, region: Region) -> SerialMark:
    """The number judged against the region that the template describes."""
    extent = number.ink.extent(canvas)
    area = number.ink.area_mm2
    blank = float(1 / (1 + np.exp(np.clip((area - 2.0) / 0.4, -30, 30))))
    if extent is None:
        return SerialMark(0.0, (), None, None, blank)
    (x, y), (x0, y0) = extent.center, region.box.center
    offset = (round(x - x0, 2), round(y - y0, 2))
    colour = _colour(canvas, number)
    signs = []
    if max(abs(offset[0]), abs(offset[1])) >= SHIFT_MM:
        signs.append("shifted")
    if region.ink is not None and colour != region.ink:
        signs.append("ink")
    return SerialMark(1.0 if signs else 0.0, tuple(signs), offset, colour, round(blank, 4))


def _colour(canvas: Canvas, number: Number) -> InkColour:
    """The number's ink, by the mean colour of its dark strokes relative to paper."""
    rows, columns = number.ink.rows, number.ink.columns
    plane = number.plane[rows, columns]
    core = number.ink.mask & (plane >= max(CLEAR, 0.6 * float(plane[number.ink.mask].max(initial=0))))
    if not core.any():
        return "other"
    blue, green, red = PAPER - canvas.flat[rows, columns][core].astype(np.float64).mean(axis=0)
    depth = max(blue, green, red, 1.0)
    if (depth - red) / depth > 0.35 and depth - red > 18:
        return "red"
    if (depth - blue) / depth > 0.3 and depth - blue > 18:
        return "blue"
    return "black" if min(blue, green, red) / depth > 0.6 else "other"
