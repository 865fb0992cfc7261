"""Where the form's own print lies on a canvas, to a tenth of a millimetre."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from scanservice.detect.blank import render
from scanservice.detect.canvas import DOTS_PER_MM, PAPER, Canvas, Plane
from scanservice.geometry import Box
from scanservice.template import Template

TILE_MM = 18.0
STEP_MM = 18.0
REACH_MM = 1.0
"""How far a tile is moved in search of its print; registration promises 0.5 mm for 95 % of places."""
KEPT_BLANKS = 4
"""Pages whose print is kept, 8 MB each: those of the form at hand, and of one that is sent in beside it."""
COARSE = 4.0
"""Dots to a mm during the search."""
LEAST_MATCH = 0.35
"""Correlation below which a tile says nothing: there is hardly any print, or writing over it."""


@dataclass(frozen=True, eq=False)
class PrintLayer:
    """The blank's print as it should appear on a canvas.

    Attributes:
        darkness: H x W, uint8, 0 to `PAPER`: in the red channel, like `Canvas.darkness`.
        redness: H x W, uint8: like `Canvas.redness`.
        shift: rows x columns x 2, mm: how far the print was moved, at knots `STEP_MM` apart.
        match: rows x columns, -1 to 1: correlation of print and picture there; NaN without print.
    """

    darkness: Plane
    redness: Plane
    shift: Plane
    match: Plane


@dataclass(frozen=True, eq=False)
class Blank:
    """The part of a blank under a canvas, the same for every picture of the page.

    Attributes:
        darkness, redness: as in `PrintLayer`, where the template has them.
        coarse: darkness at `COARSE` dots/mm, float32.
    """

    darkness: Plane
    redness: Plane
    coarse: Plane


def blank_under(template: Template, page: str, box: Box) -> Blank:
    """The blank under a canvas of a page; the last few are kept, 8 MB each."""
    return _blank(str(template.blank), template.version, template.page(page).page, box)


def align_print(canvas: Canvas, blank: Blank) -> PrintLayer:
    """The blank's print moved tile by tile to where it lies on the canvas.

    Registration leaves some tenths of a millimetre, more on curled paper. Every tile of the blank is
    correlated with the picture; the best places are weighed by how sharply they are defined in each
    direction (a tile with only a horizontal line knows nothing of left and right) and smoothed.
    """
    shift, match = _shifts(blank.coarse, _coarse(canvas.darkness))
    dark, red = blank.darkness, blank.redness
    if not np.any(shift):
        return PrintLayer(dark, red, shift, match)
    places = _moved(shift, dark.shape)
    dark = cv2.remap(dark, places, np.empty(0), cv2.INTER_LINEAR)
    if red.any():
        red = cv2.remap(red, places, np.empty(0), cv2.INTER_LINEAR)
    return PrintLayer(dark, red, shift, match)


def _moved(shift: Plane, shape: tuple[int, ...]) -> Plane:
    """Where in the blank each pixel of the moved print comes from, H x W x 2, float32.

    Worked out in the middle of blocks of pixels, one block beyond the edges, and interpolated between them.
    """
    (height, width), block = shape[:2], 8
    columns, rows = -(-width // block) + 2, -(-height // block) + 2
    x, y = np.meshgrid(*((np.arange(count, dtype=np.float32) - 0.5) * block for count in (columns, rows)))
    step = STEP_MM * DOTS_PER_MM
    knots = shift.astype(np.float32) * DOTS_PER_MM
    moved = cv2.remap(
        knots, x / step - 0.5, y / step - 0.5, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    coarse = np.stack([x, y], axis=-1) - 0.5 - moved
    dense = cv2.resize(coarse, (columns * block, rows * block), interpolation=cv2.INTER_LINEAR)
    return dense[block : block + height, block : block + width]


@lru_cache(maxsize=KEPT_BLANKS)
def _blank(path: str, version: str, number: int, box: Box) -> Blank:
    image = _cut(render(path, number, DOTS_PER_MM), box)
    dark = cv2.convertScaleAbs(255 - image[:, :, 2], alpha=PAPER / 255)
    mean = cv2.addWeighted(image[:, :, 0], 0.5, image[:, :, 1], 0.5, 0)
    red = cv2.convertScaleAbs(cv2.subtract(image[:, :, 2], mean), alpha=PAPER / 255)
    if not red.any():
        red = np.zeros(red.shape, np.uint8)  # which takes no memory: nothing is ever written into it
    return Blank(dark, red, _coarse(dark))


def _cut(image: Plane, box: Box) -> Plane:
    """The part of a rendered page in a box, padded where rounding falls short."""
    width, height = max(1, round(box.width * DOTS_PER_MM)), max(1, round(box.height * DOTS_PER_MM))
    left, top = round(box.left * DOTS_PER_MM), round(box.top * DOTS_PER_MM)
    part = image[max(top, 0) : top + height, max(left, 0) : left + width]
    above, before = max(-top, 0), max(-left, 0)
    below, after = height - above - part.shape[0], width - before - part.shape[1]
    if above or before or below or after:
        part = cv2.copyMakeBorder(
            part, above, below, before, after, cv2.BORDER_CONSTANT, value=(255, 255, 255)
        )
    return part


def _coarse(plane: Plane) -> Plane:
    scale = COARSE / DOTS_PER_MM
    small = cv2.resize(plane, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return small.astype(np.float32)  # in which tiles are compared


def _shifts(blank: Plane, picture: Plane) -> tuple[Plane, Plane]:
    """Shift (mm) and correlation at knots in the middle of cells of `STEP_MM`."""
    reach, half, step = round(REACH_MM * COARSE), TILE_MM * COARSE / 2, STEP_MM * COARSE
    height, width = blank.shape
    rows, columns = max(1, int(np.ceil(height / step))), max(1, int(np.ceil(width / step)))
    shift = np.zeros((rows, columns, 2))
    weight = np.zeros((rows, columns, 2))
    match = np.full((rows, columns), np.nan)
    around = cv2.copyMakeBorder(picture, reach, reach, reach, reach, cv2.BORDER_REPLICATE)
    for row in range(rows):
        top, bottom = max(0, round((row + 0.5) * step - half)), min(height, round((row + 0.5) * step + half))
        for column in range(columns):
            left = max(0, round((column + 0.5) * step - half))
            right = min(width, round((column + 0.5) * step + half))
            tile = blank[top:bottom, left:right]
            if bottom - top < 8 or right - left < 8 or np.count_nonzero(tile > PAPER // 4) < 40:
                continue
            search = around[top : bottom + 2 * reach, left : right + 2 * reach]
            scores = cv2.matchTemplate(search, tile, cv2.TM_CCOEFF_NORMED)
            best, found, sharp = _peak(scores)
            match[row, column] = best
            if best >= LEAST_MATCH:
                shift[row, column] = (found - reach) / COARSE
                weight[row, column] = sharp
    return _smoothed(shift, weight), match


def _peak(scores: Plane) -> tuple[float, Plane, Plane]:
    """Highest score, its place (x, y) to a fraction of a dot, and how sharp it is along x and y."""
    y, x = np.unravel_index(int(np.argmax(scores)), scores.shape)
    place, sharp = np.array([x, y], dtype=float), np.zeros(2)
    for axis, (line, index) in enumerate(((scores[y, :], x), (scores[:, x], y))):
        if 0 < index < line.size - 1:
            before, peak, after = (float(line[index + k]) for k in (-1, 0, 1))
            curve = before - 2 * peak + after
            if curve < 0:
                place[axis] += 0.5 * (before - after) / curve
                sharp[axis] = min(-curve, 0.5)
    return float(scores[y, x]), place, sharp


def _smoothed(shift: Plane, weight: Plane) -> Plane:
    """Weighted mean over neighbouring knots; where nothing is known, no shift."""
    certainty = 0.01
    result = np.zeros_like(shift)
    for axis in range(2):
        w = weight[:, :, axis]
        above = cv2.GaussianBlur(w * shift[:, :, axis], (3, 3), 0.6, borderType=cv2.BORDER_CONSTANT)
        below = cv2.GaussianBlur(w, (3, 3), 0.6, borderType=cv2.BORDER_CONSTANT)
        result[:, :, axis] = above / (below + certainty)
    return result
