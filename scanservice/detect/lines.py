"""Lines of writing: a region's ink parted into lines, and one crop for every line or cell."""

from __future__ import annotations

import cv2
import numpy as np

from scanservice.detect.canvas import DOTS_PER_MM, PAPER, Canvas, Plane
from scanservice.detect.ink import strokes
from scanservice.detect.regionink import RegionInk
from scanservice.evidence import LineCrop
from scanservice.geometry import Box

MARGIN_MM = 0.8
LEAST_LINE_MM = 2.2
"""Height below which ink is part of a line, not a line of its own."""
LINE_MM = 6.0
"""Of writing beside a valley of the profile counts what is as near as one line."""
VALLEY = 0.5
"""Depth of a valley, as a share of the ink beside it, from which it parts two lines. In 72 fields of one line
at least 5.5 mm high the deepest had .85 and more; in 22 of several lines .34 and less, where they touch."""
LOWEST = 0.45
"""Share of the tallest line's height below which there is no line."""
SHARED = 0.2
"""Share of a stroke's ink that must lie in each of two lines for it to be cut between them."""
FAINTEST, ABOVE_GRAIN = 7.0, 5.0
"""Darkness (of `PAPER`, averaged over 3 x 3 pixels) from which a pixel near ink may be a stroke's faint part,
in all and above the paper's own: a face's thin strokes, such as those of a 4, come to less than half of what
counts as ink in small pictures. With them 5 of some 500 lines in such a face are refused instead of 14."""
FAINT_NEAR_MM = 0.8
"""How far from ink faint strokes are looked for."""
FAINT_REACH_MM = 2.4
"""How far from ink a faint stroke may end that begins near it: the arm of a 4 whose upright alone is ink. One
that goes on to there is no stroke: a fold, what is left of a rule."""
FAINT_LEAST = 10
"""Pixels of a faint stroke; less is the paper's grain."""


def split_lines(mask: Plane) -> list[Plane]:
    """The ink of each line, top to bottom, as masks of the same size.

    The writing's slant is the shear (up to 5 degrees) under which its horizontal profile is most
    uneven. Sheared upright, lines part where the profile falls below half of what it is above and below.
    Strokes go whole to the line that holds their middle, but for those that reach well into two.
    """
    if not mask.any():
        return []
    inked = np.flatnonzero(mask.any(axis=1))
    if inked[-1] - inked[0] + 1 < 2.5 * LEAST_LINE_MM * DOTS_PER_MM:
        return [mask]
    upright = mask.astype(np.uint8)
    slope = _slope(upright)
    cuts = np.array(_cuts(_profile(upright, slope)))
    if not cuts.size:
        return [mask]
    _, labels, _, centroids = cv2.connectedComponentsWithStats(upright, connectivity=8)
    middles = centroids[:, 1] - slope * (centroids[:, 0] - mask.shape[1] / 2)
    line_of = np.searchsorted(cuts, middles)[labels]
    rows, columns = np.nonzero(mask)
    place = np.searchsorted(cuts, rows - slope * (columns - mask.shape[1] / 2))
    owners = np.asarray(labels, np.intp)[rows, columns]
    shares = np.zeros((len(middles), len(cuts) + 1))
    np.add.at(shares, (owners, place), 1)
    several = (shares >= SHARED * shares.sum(axis=1, keepdims=True)).sum(axis=1) > 1
    torn = several[owners]
    line_of[rows[torn], columns[torn]] = place[torn]
    return [mask & (line_of == index) for index in range(len(cuts) + 1)]


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


def _cuts(profile: Plane) -> list[float]:
    """Rows at which a profile of ink parts into lines, top to bottom."""
    smooth = cv2.GaussianBlur(profile.reshape(-1, 1), (1, 0), 0.25 * DOTS_PER_MM).ravel()
    inked = np.flatnonzero(profile)
    first, last = int(inked[0]), int(inked[-1]) + 1
    borders = [first, *_valleys(smooth, first, last), last]
    # What is much lower than the tallest line is part of its neighbour: a row of dots, a stroke's end.
    while len(borders) > 2:
        heights = np.diff(borders)
        lowest = int(np.argmin(heights))
        if heights[lowest] >= LOWEST * heights.max():
            break
        beside = [border for border in (lowest, lowest + 1) if 0 < border < len(borders) - 1]
        del borders[max(beside, key=lambda border: smooth[borders[border]])]
    return [float(row) for row in borders[1:-1]]


def _valleys(smooth: Plane, first: int, last: int) -> list[int]:
    """The deepest valley between two rows of a profile, and those on either side of it."""
    least, reach = round(LEAST_LINE_MM * DOTS_PER_MM), round(LINE_MM * DOTS_PER_MM)
    best, found = VALLEY, None
    for row in range(first + least, last - least + 1):
        above, below = smooth[max(first, row - reach) : row], smooth[row : min(last, row + reach)]
        depth = smooth[row] / max(min(np.quantile(above, 0.75), np.quantile(below, 0.75)), 1e-6)
        if depth < best:
            best, found = depth, row
    if found is None:
        return []
    return [*_valleys(smooth, first, found), found, *_valleys(smooth, found, last)]


def line_crop(
    canvas: Canvas, writing: Plane, ink: RegionInk, mask: Plane, *, by_hand: bool = True
) -> LineCrop | None:
    """The crop around a line's ink; None where the line is empty.

    Args:
        by_hand: faint strokes near the ink belong to it; print has none.
    """
    if not mask.any():
        return None
    own, rows, columns = _around(mask, ink, MARGIN_MM + by_hand * FAINT_REACH_MM, canvas)
    if by_hand:
        own = cv2.bitwise_or(own, _faint(writing[rows, columns], own))
        own, rows, columns = _trimmed(own, rows, columns)
    image = soft_image(writing[rows, columns], own)
    plain: Plane = cv2.convertScaleAbs(canvas.flat[rows, columns], alpha=250 / PAPER)
    return LineCrop(image, plain, canvas.box_of(rows, columns), DOTS_PER_MM)


def _around(mask: Plane, ink: RegionInk, margin_mm: float, canvas: Canvas) -> tuple[Plane, slice, slice]:
    """A line's ink with a margin, uint8, and its rows and columns of the canvas."""
    x, y, width, height = cv2.boundingRect(mask.astype(np.uint8))
    margin = round(margin_mm * DOTS_PER_MM)
    full_height, full_width = canvas.flat.shape[:2]
    left, top = ink.columns.start + x, ink.rows.start + y
    rows = slice(max(top - margin, 0), min(top + height + margin, full_height))
    columns = slice(max(left - margin, 0), min(left + width + margin, full_width))
    own = np.zeros((rows.stop - rows.start, columns.stop - columns.start), dtype=np.uint8)
    y0, x0 = ink.rows.start - rows.start, ink.columns.start - columns.start
    source = mask[max(-y0, 0) : own.shape[0] - y0, max(-x0, 0) : own.shape[1] - x0]
    own[max(y0, 0) : max(y0, 0) + source.shape[0], max(x0, 0) : max(x0, 0) + source.shape[1]] = source
    return own, rows, columns


def _trimmed(own: Plane, rows: slice, columns: slice) -> tuple[Plane, slice, slice]:
    """The same ink with no more than the usual margin."""
    x, y, width, height = cv2.boundingRect(own)
    margin = round(MARGIN_MM * DOTS_PER_MM)
    down = slice(max(y - margin, 0), min(y + height + margin, own.shape[0]))
    across = slice(max(x - margin, 0), min(x + width + margin, own.shape[1]))
    return (
        own[down, across],
        slice(rows.start + down.start, rows.start + down.stop),
        slice(columns.start + across.start, columns.start + across.stop),
    )


def _faint(writing: Plane, own: Plane) -> Plane:
    """1 at the faint strokes near a line's ink, H x W, uint8, 0 elsewhere.

    Ink that is not the line's own is another's, and stays out. What is as dark as ink's edge and nowhere
    darker is none: a drop of 江 that a scanner's program made pale.
    """
    near = _within(own, FAINT_NEAR_MM)
    ink = np.minimum(strokes(writing), 1)
    around = cv2.dilate(cv2.bitwise_or(ink, own), np.ones((5, 5), np.uint8))
    others = cv2.dilate(cv2.subtract(ink, own), np.ones((5, 5), np.uint8))
    soft = cv2.blur(writing, (3, 3)).astype(np.float32)
    bare = soft[around == 0]
    grain = float(bare.mean()) if bare.size else 0.0
    faint = (soft >= max(FAINTEST, grain + ABOVE_GRAIN)).astype(np.uint8)
    free = cv2.bitwise_and(faint, 1 - others)
    found = _large(cv2.bitwise_and(free, near))
    labels = np.asarray(
        cv2.connectedComponents(cv2.bitwise_and(free, _within(own, FAINT_REACH_MM)), connectivity=8)[1],
        np.intp,
    )
    begins, goes_on = labels[found == 1], labels[_within(own, FAINT_REACH_MM - 0.2) == 0]
    followed = np.isin(labels, begins) & ~np.isin(labels, [0, *np.unique(goes_on)])
    return cv2.bitwise_or(found, followed.astype(np.uint8))


def _within(own: Plane, mm: float) -> Plane:
    """1 no further than this from ink, 0 elsewhere."""
    size = 2 * round(mm * DOTS_PER_MM) + 1
    return cv2.dilate(own, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))


def _large(found: Plane) -> Plane:
    """Faint strokes without the paper's grain."""
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
