"""Corrections in a field: struck out or written over, told from hurried writing by how far they stand out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from scanservice.detect.canvas import DOTS_PER_MM, Canvas, Plane
from scanservice.detect.regionink import RegionInk
from scanservice.geometry import Box

LEAST_SIZE_MM = 2.2
"""Writing lower than this is too small to look into."""
SLOPES = (-12, -8, -4, 0, 4, 8, 12)


@dataclass(frozen=True, slots=True)
class Oddities:
    """What a correction leaves in a line; lengths in heights of the writing.

    Attributes:
        run: length of the longest straight, nearly level stroke; second: of the next one beside it.
        crossed: how much ink stands above and below the run, against the densest writing's.
        density: of the densest square, as a share of ink; stands_out: over the median square's.
        thick: widest stroke over the median width; places: of the run and of the densest square (x, y,
            width, height in pixels of the mask).
    """

    run: float
    second: float
    crossed: float
    density: float
    stands_out: float
    thick: float
    places: tuple[tuple[int, int, int, int], tuple[int, int, int, int]]

    def vector(self) -> Plane:
        """The features of the classifier, in a fixed order."""
        return np.array([self.run, self.second, self.crossed, self.density, self.stands_out, self.thick])


def alteration(canvas: Canvas, ink: RegionInk, lines: Sequence[Plane]) -> tuple[float, Box | None]:
    """Probability of a correction in a field, and where it is suspected.

    Args:
        lines: the ink of each line, as masks of the size of `ink.mask`.
    """
    best, where = 0.0, None
    for line in lines:
        found = oddities(line)
        if found is None:
            continue
        struck = chance(found)
        if struck > best:
            best, where = struck, to_box(canvas, ink, found.places[0])
    return best, where


def chance(found: Oddities) -> float:
    """Probability that a line is corrected."""
    evidence = min(8.0 * (found.run - 1.8), 40.0 * (found.crossed - 0.12))
    return float(1 / (1 + np.exp(-np.clip(evidence, -30, 30))))


def oddities(mask: Plane) -> Oddities | None:
    """Measures the ink of one line; None where it is too little."""
    ink = mask.astype(np.uint8)
    size = _writing_height(ink)
    if size < LEAST_SIZE_MM * DOTS_PER_MM:
        return None
    run, second, crossed, run_place = _runs(ink, size)
    density, stands_out, dense_place = _densest(ink, size)
    return Oddities(run, second, crossed, density, stands_out, _thickest(ink), (run_place, dense_place))


def _writing_height(ink: Plane) -> float:
    """Height of the line's characters: of its profile where it holds ink in earnest, in pixels."""
    profile = ink.sum(axis=1).astype(float)
    if not profile.any():
        return 0.0
    rows = np.flatnonzero(profile > 0.12 * float(np.quantile(profile[profile > 0], 0.9)))
    return float(rows[-1] - rows[0] + 1)


def _runs(ink: Plane, size: float) -> tuple[float, float, float, tuple[int, int, int, int]]:
    length = max(9, round(0.55 * size)) | 1
    thin = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    level = np.zeros_like(ink)
    for degrees in SLOPES:
        level = cv2.max(level, cv2.morphologyEx(thin, cv2.MORPH_OPEN, _line(length, degrees)))
    _, _, stats, _ = cv2.connectedComponentsWithStats(level, connectivity=8)
    flat = [tuple(int(v) for v in row[:4]) for row in stats[1:] if row[cv2.CC_STAT_HEIGHT] <= 0.45 * size]
    if not flat:
        return 0.0, 0.0, 0.0, (0, 0, 0, 0)
    flat.sort(key=lambda part: -part[2])
    x, y, width, height = flat[0]
    beside = [
        part for part in flat[1:] if min(x + width, part[0] + part[2]) - max(x, part[0]) > 0.7 * part[2]
    ]
    reach = round(0.35 * size)
    above = ink[max(y - reach, 0) : y, x : x + width]
    below = ink[y + height : y + height + reach, x : x + width]
    crossed = min(float(above.mean()) if above.size else 0.0, float(below.mean()) if below.size else 0.0)
    return width / size, (beside[0][2] / size if beside else 0.0), crossed, (x, y, width, height)


def _line(length: int, degrees: float) -> Plane:
    rise = round(np.tan(np.radians(degrees)) * (length - 1) / 2)
    kernel = np.zeros((2 * abs(rise) + 1, length), np.uint8)
    cv2.line(kernel, (0, abs(rise) - rise), (length - 1, abs(rise) + rise), (1,))
    return kernel


def _densest(ink: Plane, size: float) -> tuple[float, float, tuple[int, int, int, int]]:
    """Ink in squares of the writing's height, where there is writing."""
    side = max(8, round(0.8 * size))
    share = cv2.blur(ink.astype(np.float32), (side, side), borderType=cv2.BORDER_CONSTANT)
    row = int(np.argmax(share.max(axis=1)))
    along = share[row, :: max(side // 2, 1)]
    written = along[along > 0.06]
    usual = float(np.median(written)) if written.size else 1.0
    y, x = np.unravel_index(int(np.argmax(share)), share.shape)
    place = (max(int(x) - side // 2, 0), max(int(y) - side // 2, 0), side, side)
    return float(share.max()), float(share.max()) / max(usual, 0.05), place


def _thickest(ink: Plane) -> float:
    """Width of the widest stroke over the median width."""
    distance = cv2.distanceTransform(ink, cv2.DIST_L2, 3)
    ridge = distance[(distance == cv2.dilate(distance, np.ones((3, 3), np.uint8))) & (ink > 0)]
    return float(np.quantile(ridge, 0.995) / max(float(np.median(ridge)), 0.5)) if ridge.size > 5 else 1.0


def to_box(canvas: Canvas, ink: RegionInk, place: tuple[int, int, int, int]) -> Box:
    """Millimetres of a place in a region's ink."""
    x, y, width, height = place
    left, top = ink.columns.start + x, ink.rows.start + y
    return canvas.box_of(slice(top, top + height), slice(left, left + width))
