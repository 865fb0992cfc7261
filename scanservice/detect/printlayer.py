"""Where the form's own print lies on a canvas, to a tenth of a millimetre."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from scanservice.detect.blank import blank_image
from scanservice.detect.canvas import DOTS_PER_MM, PAPER, Canvas, Plane
from scanservice.template import Template

TILE_MM = 18.0
STEP_MM = 12.0
REACH_MM = 1.0
"""How far a tile is moved in search of its print; registration promises 0.5 mm for 95 % of places."""
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


def align_print(canvas: Canvas, template: Template, page: str) -> PrintLayer:
    """The blank's print moved tile by tile to where it lies on the canvas.

    Registration leaves some tenths of a millimetre, more on curled paper. Every tile of the blank is
    correlated with the picture; the best places are weighed by how sharply they are defined in each
    direction (a tile with only a horizontal line knows nothing of left and right) and smoothed.
    """
    dark, red = _blank_planes(_cut(blank_image(template, page, DOTS_PER_MM), canvas))
    shift, match = _shifts(_coarse(dark), _coarse(canvas.darkness))
    if not np.any(shift):
        return PrintLayer(dark, red, shift, match)
    height, width = dark.shape
    knots = shift.astype(np.float32) * DOTS_PER_MM
    centres_x = (np.arange(width, dtype=np.float32) / DOTS_PER_MM) / STEP_MM - 0.5
    centres_y = (np.arange(height, dtype=np.float32) / DOTS_PER_MM) / STEP_MM - 0.5
    small_x, small_y = np.meshgrid(centres_x[::8], centres_y[::8])
    small = cv2.remap(knots, small_x, small_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    moved = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    grid_x = np.arange(width, dtype=np.float32)[None, :] - moved[:, :, 0]
    grid_y = np.arange(height, dtype=np.float32)[:, None] - moved[:, :, 1]
    dark = cv2.remap(dark, grid_x, grid_y, cv2.INTER_LINEAR)
    if red.any():
        red = cv2.remap(red, grid_x, grid_y, cv2.INTER_LINEAR)
    return PrintLayer(dark, red, shift, match)


def _blank_planes(image: Plane) -> tuple[Plane, Plane]:
    """Darkness and redness of a part of the blank, on the canvas' scales."""
    dark = cv2.convertScaleAbs(255 - image[:, :, 2], alpha=PAPER / 255)
    mean = cv2.addWeighted(image[:, :, 0], 0.5, image[:, :, 1], 0.5, 0)
    red = cv2.convertScaleAbs(cv2.subtract(image[:, :, 2], mean), alpha=PAPER / 255)
    return dark, red


def _cut(plane: Plane, canvas: Canvas) -> Plane:
    """The part of the blank under the canvas, padded where rounding falls short."""
    height, width = canvas.flat.shape[:2]
    left, top = round(canvas.box.left * DOTS_PER_MM), round(canvas.box.top * DOTS_PER_MM)
    part = plane[max(top, 0) : top + height, max(left, 0) : left + width]
    above, before = max(-top, 0), max(-left, 0)
    below, after = height - above - part.shape[0], width - before - part.shape[1]
    if above or before or below or after:
        part = cv2.copyMakeBorder(
            part, above, below, before, after, cv2.BORDER_CONSTANT, value=(255, 255, 255)
        )
    return part


def _coarse(plane: Plane) -> Plane:
    scale = COARSE / DOTS_PER_MM
    return cv2.resize(plane, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


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
