"""Lines of writing: a region's ink parted into lines, and one crop for every line or cell."""

from __future__ import annotations

import itertools

import cv2
import numpy as np

from scanservice.detect.canvas import DOTS_PER_MM, PAPER, Canvas, Plane
from scanservice.detect.ink import FAINT
from scanservice.detect.regionink import RegionInk
from scanservice.evidence import LineCrop
from scanservice.geometry import Box

MARGIN_MM = 0.8
LEAST_LINE_MM = 2.2
"""Height below which ink is part of a line, not a line of its own."""
FAINTEST, ABOVE_GRAIN = 7.0, 5.0
"""Darkness (of `PAPER`, averaged over 3 x 3 pixels) from which a pixel near ink may be a stroke's faint part,
in all and above the paper's own: a face's thin strokes, such as those of a 4, come to less than half of what
counts as ink in small pictures. With them 5 of some 500 lines in such a face are refused instead of 14."""
FAINT_NEAR_MM = 0.8
"""How far from ink faint strokes are looked for."""
FAINT_LEAST = 10
"""Pixels of a faint stroke; less is the paper's grain."""


def split_lines(mask: Plane) -> list[Plane]:
    """The ink of each line, top to bottom, as masks of the same size.

    The writing's slant is the shear (up to 5 degrees) under which its horizontal profile is most
    uneven. Sheared upright, lines part where the profile falls below an eighth of its usual height
    between two bands that are each high enough for a line; whole strokes then go to the band that
    holds their middle.
    """
    if not mask.any():
        return []
    inked = np.flatnonzero(mask.any(axis=1))
    if inked[-1] - inked[0] + 1 < 2.5 * LEAST_LINE_MM * DOTS_PER_MM:
        return [mask]
    upright = mask.astype(np.uint8)
    slope = _slope(upright)
    count, labels, _, centroids = cv2.connectedComponentsWithStats(upright, connectivity=8)
    profile = _profile(upright, slope)
    bands = _bands(profile)
    if len(bands) <= 1:
        return [mask]
    middles = centroids[:, 1] - slope * (centroids[:, 0] - mask.shape[1] / 2)
    cuts = np.array([(upper[1] + lower[0]) / 2 for upper, lower in itertools.pairwise(bands)])
    line_of = np.searchsorted(cuts, middles)
    return [mask & (line_of[labels] == index) for index in range(len(bands))] if count > 1 else [mask]


def _slope(mask: Plane) -> float:
    """Rise of the lines, rows to a column, positive downhill."""
    small = cv2.resize(mask * 255, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    slopes = np.tan(np.radians(np.arange(-5, 5.5, 1.0)))
    sharpness = [float(np.square(np.diff(_profile(small, slope))).sum()) for slope in slopes]
    flat = sharpness[len(slopes) // 2]
    best = int(np.argmax(sharpness))
    return float(slopes[best]) if sharpness[best] > 1.15 * flat else 0.0


def _profile(mask: Plane, slope: float) -> Plane:
    """Ink in every row after shearing columns upright."""
    rows, columns = np.nonzero(mask)
    moved = np.rint(rows - slope * (columns - mask.shape[1] / 2)).astype(int)
    return np.bincount(np.clip(moved, 0, mask.shape[0] - 1), minlength=mask.shape[0]).astype(float)


def _bands(profile: Plane) -> list[tuple[int, int]]:
    """Rows (from, to) of each line in a profile of ink."""
    smooth = (
        cv2.GaussianBlur(profile.reshape(-1, 1), (1, 0), 0.25 * DOTS_PER_MM).ravel()
        if profile.size > 3
        else profile
    )
    inked = (
        smooth > max(float(np.quantile(smooth[smooth > 0], 0.75)) / 8, 0.5)
        if (smooth > 0).any()
        else smooth > 0
    )
    edges = np.flatnonzero(np.diff(np.concatenate(([0], inked.astype(int), [0]))))
    bands = [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return _merged(bands)


def _merged(bands: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Bands too low to be a line join the nearer neighbour."""
    least = LEAST_LINE_MM * DOTS_PER_MM
    bands = list(bands)
    while len(bands) > 1:
        index = min(range(len(bands)), key=lambda i: bands[i][1] - bands[i][0])
        tallest = max(b - a for a, b in bands)
        if bands[index][1] - bands[index][0] >= max(least, 0.45 * tallest):
            break
        gaps = [
            (bands[index][0] - bands[index - 1][1], index - 1) if index > 0 else (10**9, 0),
            (bands[index + 1][0] - bands[index][1], index) if index + 1 < len(bands) else (10**9, 0),
        ]
        first = min(gaps)[1]
        bands[first : first + 2] = [(bands[first][0], bands[first + 1][1])]
    return bands


def line_crop(canvas: Canvas, writing: Plane, ink: RegionInk, mask: Plane) -> LineCrop | None:
    """The crop around a line's ink; None where the line is empty."""
    if not mask.any():
        return None
    x, y, width, height = cv2.boundingRect(mask.astype(np.uint8))
    margin = round(MARGIN_MM * DOTS_PER_MM)
    full_height, full_width = canvas.flat.shape[:2]
    left, top = ink.columns.start + x, ink.rows.start + y
    rows = slice(max(top - margin, 0), min(top + height + margin, full_height))
    columns = slice(max(left - margin, 0), min(left + width + margin, full_width))
    own = np.zeros((rows.stop - rows.start, columns.stop - columns.start), dtype=np.uint8)
    y0, x0 = ink.rows.start - rows.start, ink.columns.start - columns.start
    source = mask[max(-y0, 0) : own.shape[0] - y0, max(-x0, 0) : own.shape[1] - x0]
    own[max(y0, 0) : max(y0, 0) + source.shape[0], max(x0, 0) : max(x0, 0) + source.shape[1]] = source
    image = soft_image(writing[rows, columns], cv2.bitwise_or(own, _faint(writing[rows, columns], own)))
    plain: Plane = cv2.convertScaleAbs(canvas.flat[rows, columns], alpha=250 / PAPER)
    return LineCrop(image, plain, canvas.box_of(rows, columns), DOTS_PER_MM)


def _faint(writing: Plane, own: Plane) -> Plane:
    """1 at the faint strokes near a line's ink, H x W, uint8, 0 elsewhere.

    Whatever is dark enough to be ink and not the line's own is another's, and stays out.
    """
    near = 2 * round(FAINT_NEAR_MM * DOTS_PER_MM) + 1
    reach = cv2.dilate(own, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (near, near)))
    ink = cv2.threshold(writing, FAINT - 1, 1, cv2.THRESH_BINARY)[1]
    around = cv2.dilate(cv2.bitwise_or(ink, own), np.ones((5, 5), np.uint8))
    others = cv2.dilate(cv2.subtract(ink, own), np.ones((5, 5), np.uint8))
    soft = cv2.blur(writing, (3, 3)).astype(np.float32)
    bare = soft[around == 0]
    grain = float(bare.mean()) if bare.size else 0.0
    faint = (soft >= max(FAINTEST, grain + ABOVE_GRAIN)).astype(np.uint8)
    found = cv2.bitwise_and(cv2.bitwise_and(faint, reach), 1 - others)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(found, connectivity=8)
    large = stats[:, cv2.CC_STAT_AREA] >= FAINT_LEAST
    large[0] = False
    return np.asarray(large[np.asarray(labels, np.intp)], np.uint8)


def empty_crop(canvas: Canvas, box: Box) -> LineCrop:
    """The crop of a cell in which nothing is written: white, beside the place as it looks."""
    rows, columns = canvas.window(box)
    plain: Plane = cv2.convertScaleAbs(canvas.flat[rows, columns], alpha=250 / PAPER)
    return LineCrop(np.full_like(plain, 250), plain, canvas.box_of(rows, columns), DOTS_PER_MM)


def soft_image(writing: Plane, own: Plane) -> Plane:
    """Grey-level strokes on clean paper, BGR: the mask's edge is soft, so that blur survives."""
    near = cv2.dilate(own, np.ones((3, 3), np.uint8)).astype(np.float32)
    soft = np.clip(cv2.GaussianBlur(near, (0, 0), 1.0) * 1.6, 0, 1)
    dark = writing.astype(np.float32) * soft
    grey = np.clip(250 - dark * (250 / PAPER), 0, 255).astype(np.uint8)
    return cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR)
