"""Corrections in a field: struck out or written over, told from hurried writing by how far they stand out.

What is compared is the writer's own pen on the same page: its usual width, darkness and size. Weights of
the classifier (logistic regression) and its threshold come from `python -m benchmarks.marks.calibrate`
and lie in `alteration.json` beside this module, with their provenance.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import cv2
import numpy as np

from scanservice.detect.canvas import DOTS_PER_MM, Canvas, Plane
from scanservice.detect.ink import FAINT
from scanservice.detect.regionink import RegionInk
from scanservice.geometry import Box

LEAST_SIZE = round(2.0 * DOTS_PER_MM)
"""Writing is taken to be at least this high (pixels): a dash or a full stop would make its own scale."""
STRONG = 0.55
"""Share of the usual darkness from which a pixel is the core of a stroke; gaps between strokes are paler."""
BLOT_WIDTHS = (1.7, 2.3, 3.0)
SLOPES = (-8, -4, 0, 4, 8)


@dataclass(frozen=True, slots=True)
class Pen:
    """How a page is written: half the usual stroke's width and the characters' height in pixels; darkness
    as in `Layers.writing`."""

    half_width: float
    darkness: float
    height: float


@dataclass(frozen=True, eq=False)
class Oddities:
    """What a correction leaves in a line.

    Attributes:
        blots: largest solid patch wider than 1.7, 2.3 and 3 strokes, in squares of the writing's height.
        density: darkness of the densest square, 1 where it is full of usual ink.
        darkest: of the darkest pixels, over the usual.
        strokes: most strokes met across one square.
        run: longest straight level stroke with ink above and below it, in heights of the writing.
        places: of the largest blot and of the run: x, y, width, height in pixels.
    """

    blots: tuple[float, float, float]
    density: float
    darkest: float
    strokes: float
    run: float
    places: tuple[tuple[int, int, int, int], tuple[int, int, int, int]]

    def vector(self) -> Plane:
        """The classifier's inputs, in a fixed order."""
        first = self.blots[0]
        plain = [*self.blots, self.density, self.darkest, self.strokes, self.run]
        return np.array(
            [*plain, first * self.density, self.run * self.density, first * self.run, self.density**2]
        )


def measure_pen(canvas: Canvas, writing: Plane, boxes: Sequence[Box]) -> Pen:
    """The page's usual writing: medians over its fields."""
    found = []
    for box in boxes:
        part = np.ascontiguousarray(writing[canvas.window(box)])
        if np.count_nonzero(part > FAINT) < 60:
            continue
        darkness = float(np.quantile(part[part > FAINT], 0.8))
        core = (part >= STRONG * darkness).astype(np.uint8)
        ridge = _ridge(core)
        rows = np.flatnonzero(core.any(axis=1))
        if ridge.size > 4:
            found.append((float(np.median(ridge)), darkness, float(rows[-1] - rows[0] + 1)))
    if not found:
        return Pen(1.5, 90.0, 4.0 * DOTS_PER_MM)
    return Pen(*(float(value) for value in np.median(np.array(found), axis=0)))


def alteration(
    canvas: Canvas, ink: RegionInk, lines: Sequence[Plane], writing: Plane, pen: Pen
) -> tuple[float, Box | None]:
    """Probability of a correction in a field, and where it is suspected.

    Args:
        lines: the ink of each line, as masks of the size of `ink.mask`.
        writing: of the whole canvas.
    """
    best, where = 0.0, None
    for line in lines:
        if not line.any():
            continue
        x, y, width, height = cv2.boundingRect(line.astype(np.uint8))
        part = slice(y, y + height), slice(x, x + width)
        dark = writing[ink.rows, ink.columns][part] * line[part]
        found = oddities(dark, pen)
        chance = chance_of(found)
        if chance > best:
            place = max(found.places, key=lambda item: item[2] * item[3])
            left, top = ink.columns.start + x + place[0], ink.rows.start + y + place[1]
            best = chance
            where = canvas.box_of(slice(top, top + place[3]), slice(left, left + place[2]))
    return best, where if best > 0.05 else None


def chance_of(found: Oddities) -> float:
    """Probability that a line is corrected; 0.5 at the calibrated threshold."""
    weights, threshold = _calibration()
    score = float(np.append(found.vector(), 1.0) @ weights) - threshold
    return float(1 / (1 + np.exp(-np.clip(score, -30, 30))))


@cache
def _calibration() -> tuple[Plane, float]:
    text = resources.files("scanservice.detect").joinpath("alteration.json").read_text(encoding="utf-8")
    content = json.loads(text)
    return np.array(content["weights"]), float(content["threshold"])


def oddities(dark: Plane, pen: Pen) -> Oddities:
    """Measures a line's darkness (H x W, uint8, 0 off its ink), trimmed to its ink, which is not empty."""
    own = float(np.quantile(dark[dark > FAINT], 0.8)) if (dark > FAINT).any() else pen.darkness
    core = (dark >= STRONG * own).astype(np.uint8)
    size = float(max(min(core.shape[0], 1.3 * pen.height), LEAST_SIZE))
    blots, blot_place = _blots(core, pen, size)
    side = max(8, int(0.8 * size))
    relative = (dark / max(pen.darkness, 40.0)).astype(np.float32)
    density = float(cv2.blur(relative, (side, side), borderType=cv2.BORDER_CONSTANT).max())
    begins = (np.diff(core.astype(np.int8), axis=1, prepend=0) > 0).astype(np.float32)
    across = cv2.boxFilter(begins, -1, (side, 1), normalize=False, borderType=cv2.BORDER_CONSTANT)
    strokes = float(cv2.blur(across, (1, max(3, int(0.5 * size)))).max())
    run, run_place = _run(core, size)
    darkest = float(np.quantile(dark[dark > 0], 0.98)) / max(pen.darkness, 40.0)
    return Oddities(blots, density, darkest, strokes, run, (blot_place, run_place))


def _ridge(core: Plane) -> Plane:
    """Half widths along the middle of strokes, in pixels."""
    distance = cv2.distanceTransform(core, cv2.DIST_L2, 3)
    return distance[(distance == cv2.dilate(distance, np.ones((3, 3), np.uint8))) & (core > 0)]


def _blots(
    core: Plane, pen: Pen, size: float
) -> tuple[tuple[float, float, float], tuple[int, int, int, int]]:
    shares, place = [], (0, 0, core.shape[1], core.shape[0])
    for widths in BLOT_WIDTHS:
        side = max(3, round(2 * pen.half_width * widths)) | 1
        opened = cv2.morphologyEx(
            core, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
        )
        count, _, stats, _ = cv2.connectedComponentsWithStats(opened)
        if count < 2:
            shares.append(0.0)
            continue
        largest = stats[1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))]
        shares.append(float(largest[cv2.CC_STAT_AREA]) / size**2)
        place = tuple(int(v) for v in largest[:4])
    return (shares[0], shares[1], shares[2]), place  # type: ignore[return-value]


def _run(core: Plane, size: float) -> tuple[float, tuple[int, int, int, int]]:
    length = max(9, int(0.5 * size)) | 1
    closed = cv2.morphologyEx(core, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    level = np.zeros_like(core)
    for degrees in SLOPES:
        level = cv2.max(level, cv2.morphologyEx(closed, cv2.MORPH_OPEN, _line(length, degrees)))
    _, _, stats, _ = cv2.connectedComponentsWithStats(level)
    best, place, reach = 0.0, (0, 0, 0, 0), int(0.3 * size)
    for x, y, width, height, _ in stats[1:].tolist():
        if height > 0.45 * size:
            continue
        above, below = (
            core[max(y - reach, 0) : y, x : x + width],
            core[y + height : y + height + reach, x : x + width],
        )
        crossed = min(float(above.mean()) if above.size else 0.0, float(below.mean()) if below.size else 0.0)
        value = width / size * min(1.0, crossed / 0.12)
        if value > best:
            best, place = value, (x, y, width, height)
    return best, place


def _line(length: int, degrees: float) -> Plane:
    rise = round(np.tan(np.radians(degrees)) * (length - 1) / 2)
    kernel = np.zeros((2 * abs(rise) + 1, length), np.uint8)
    cv2.line(kernel, (0, abs(rise) - rise), (length - 1, abs(rise) + rise), (1,))
    return kernel
