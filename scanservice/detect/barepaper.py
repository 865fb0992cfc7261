"""The bare paper of a page: its tone in and around a line of writing, and thin dark lines along it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from scanservice.detect.canvas import DOTS_PER_MM, PAPER, Canvas, Plane
from scanservice.detect.ink import Layers
from scanservice.geometry import Box

CELL = 4
"""Pixels of the canvas to a cell in which the paper's tone is averaged: half a millimetre."""
CELL_MM = CELL / DOTS_PER_MM
AWAY_MM = 0.4
"""Bare paper lies this far from ink and print: blur and compression darken it nearer by."""
FAINT_SEAL, SEAL_HALO = 8, 11
"""Darkness of a seal from which its ink is left out, with so many pixels around: compression spreads its
colour."""
RIM_INSIDE, RIM_OUTSIDE = 2, 14
"""A rim runs so many pixels inside the writing's own edge at most, and so many outside."""
RIM_PIECE = 11
"""Pixels over which a rim is averaged in its direction."""
RIM_GAIN = 16
INNER_MM, GAP_MM, OUTER_MM = 0.2, 1.0, 3.5
"""Paper up to the first around a line is in it, from the second to the third above and below beside it."""
MOST_RIM = 6.0
"""What counts of a rim at most, grey values: more is a shadow."""


@dataclass(frozen=True, eq=False)
class PaperLook:
    """The bare paper of a canvas.

    Attributes:
        tone: rows x columns x 3 cells: logarithm of green, of blue over red, of blue over green.
        bare: rows x columns, share of the cell that is bare.
        along, upright: H x W, uint8: strength of thin dark lines in the direction, `RIM_GAIN` to a grey
            value; seen: H x W, uint8: 255 where they are told from paper free of ink.
    """

    box: Box
    tone: Plane
    bare: Plane
    along: Plane
    upright: Plane
    seen_along: Plane
    seen_upright: Plane


@dataclass(frozen=True, eq=False)
class Strip:
    """A line's paper, column by column of cells.

    Attributes:
        box: of the line, mm.
        rims: columns x 2: the strongest line above and below, grey values; NaN where ink hides it.
        ends: the same at the left and the right end.
        tone: columns x 3: of the paper in the line less that beside it; NaN where there is too little.
    """

    box: Box
    rims: Plane
    ends: tuple[float, float]
    tone: Plane


def paper_look(canvas: Canvas, layers: Layers, part: Box) -> PaperLook:
    """Measures the bare paper of a part of a page (mm)."""
    rows, columns = canvas.window(part)
    height, width = ((side.stop - side.start) // CELL * CELL for side in (rows, columns))
    rows, columns = slice(rows.start, rows.start + height), slice(columns.start, columns.start + width)
    printed = layers.print_zone[rows, columns] | (layers.pale[rows, columns] > 0)
    written = (layers.ink[rows, columns] | printed).astype(np.uint8)
    seal = (layers.seal[rows, columns] > FAINT_SEAL).astype(np.uint8)
    taken = cv2.max(written, cv2.dilate(seal, np.ones((SEAL_HALO, SEAL_HALO), np.uint8)))
    near = 2 * round(AWAY_MM * DOTS_PER_MM) + 1
    free = 1 - cv2.dilate(taken, np.ones((near, near), np.uint8))
    cells = (width // CELL, height // CELL)
    bare = cv2.resize(free * 255, cells, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    colour = np.ascontiguousarray(canvas.colour[rows, columns])
    masked = cv2.bitwise_and(colour, colour, mask=free).astype(np.float32)
    mean = cv2.resize(masked, cells, interpolation=cv2.INTER_AREA) / np.maximum(bare, 0.05)[:, :, None]
    blue, green, red = cv2.split(np.log(np.maximum(mean, 4.0)))
    tone = np.dstack([green, blue - red, blue - green])
    ridge = _ridge(np.ascontiguousarray(canvas.flat[rows, columns]), taken)
    clear = (1 - cv2.dilate(taken, np.ones((5, 5), np.uint8))) * 255
    ridge = cv2.bitwise_and(ridge, clear)
    lying, standing = (RIM_PIECE, 3), (3, RIM_PIECE)
    return PaperLook(
        canvas.box_of(rows, columns),
        tone,
        bare,
        cv2.blur(ridge, lying),
        cv2.blur(ridge, standing),
        cv2.blur(clear, lying),
        cv2.blur(clear, standing),
    )


def _ridge(flat: Plane, taken: Plane) -> Plane:
    """How much darker than what lies on both sides within 1 mm, `RIM_GAIN` to a grey value, uint8."""
    soft = cv2.GaussianBlur(flat, (0, 0), 0.8)
    darkest = cv2.min(cv2.min(soft[:, :, 0], soft[:, :, 1]), soft[:, :, 2])
    dark = PAPER - np.minimum(darkest, PAPER)
    ridge = cv2.subtract(dark, cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8)))
    return cv2.convertScaleAbs(ridge, alpha=RIM_GAIN)


def strip_of(paper: PaperLook, box: Box, others: Sequence[Box]) -> Strip:
    """The paper in and around a line of writing.

    Args:
        others: boxes of other lines, whose paper may be painted too.
    """
    columns = max(1, round(box.width / CELL_MM))
    return Strip(box, _rims(paper, box, columns), _ends(paper, box), _tones(paper, box, others, columns))


def _pixel(paper: PaperLook, x: float, y: float) -> tuple[int, int]:
    return round((x - paper.box.left) * DOTS_PER_MM), round((y - paper.box.top) * DOTS_PER_MM)


def _rims(paper: PaperLook, box: Box, columns: int) -> Plane:
    left, top = _pixel(paper, box.left, box.top)
    right, bottom = _pixel(paper, box.right, box.bottom)
    bands = (top - RIM_OUTSIDE, top + RIM_INSIDE), (bottom - RIM_INSIDE, bottom + RIM_OUTSIDE)
    found = []
    for first, last in bands:
        rows = slice(max(first, 0), max(last, 0))
        best = _strongest(paper.along[rows, left:right], paper.seen_along[rows, left:right])
        at = np.minimum(((np.arange(columns) + 0.5) * CELL).astype(int), max(best.size - 1, 0))
        found.append(best[at] if best.size else np.full(columns, np.nan))
    return np.column_stack(found)


def _ends(paper: PaperLook, box: Box) -> tuple[float, float]:
    left, top = _pixel(paper, box.left, box.top)
    right, bottom = _pixel(paper, box.right, box.bottom)
    found = []
    for first, last in (left - RIM_OUTSIDE, left + RIM_INSIDE), (right - RIM_INSIDE, right + RIM_OUTSIDE):
        columns = slice(max(first, 0), max(last, 0))
        best = _strongest(paper.upright[top:bottom, columns].T, paper.seen_upright[top:bottom, columns].T)
        found.append(usual_rim(best))
    return found[0], found[1]


def _strongest(strength: Plane, seen: Plane) -> Plane:
    """Of each column the strongest point, grey values; NaN where less than half of it is free of ink."""
    if not strength.size:
        return np.zeros(0)
    free = seen > 150
    value = np.where(free, strength * (255 / RIM_GAIN) / np.maximum(seen, 1), 0).max(axis=0)
    return np.where(free.mean(axis=0) >= 0.5, value, np.nan)


def _tones(paper: PaperLook, box: Box, others: Sequence[Box], columns: int) -> Plane:
    rows, first = _cells(paper, box.left, box.top - OUTER_MM, box.bottom + OUTER_MM)
    part = slice(first, first + columns)
    weight = np.where(paper.bare[rows, part] >= 0.3, paper.bare[rows, part], 0)
    values = paper.tone[rows, part]
    if values.shape[1] < columns:
        return np.full((columns, 3), np.nan)
    middle = (np.arange(values.shape[0]) + rows.start + 0.5) * CELL_MM + paper.box.top
    inside = (middle > box.top - INNER_MM) & (middle < box.bottom + INNER_MM)
    above, below = middle < box.top - GAP_MM, middle > box.bottom + GAP_MM
    beside = weight.copy()
    for other in others:
        other_rows, start = _cells(paper, other.left, other.top - GAP_MM, other.bottom + GAP_MM)
        stop = start + round(other.width / CELL_MM)
        beside[
            max(other_rows.start - rows.start, 0) : max(other_rows.stop - rows.start, 0),
            max(start - first, 0) : max(stop - first, 0),
        ] = 0
    means = [
        _mean(values[side], mass[side]) for side, mass in ((inside, weight), (above, beside), (below, beside))
    ]
    outside = np.where(
        np.isnan(means[1]), means[2], np.where(np.isnan(means[2]), means[1], (means[1] + means[2]) / 2)
    )
    return means[0] - outside


def _mean(values: Plane, weight: Plane) -> Plane:
    """Weighted mean of each column; NaN where its weight is less than a cell's."""
    mass = weight.sum(axis=0)
    total = (values * weight[:, :, None]).sum(axis=0)
    return np.where(mass[:, None] >= 1.0, total / np.maximum(mass, 1e-6)[:, None], np.nan)


def _cells(paper: PaperLook, left: float, top: float, bottom: float) -> tuple[slice, int]:
    """Rows of cells between two heights, and the column at a place; clipped to the canvas."""
    height = paper.bare.shape[0]
    first, last = ((edge - paper.box.top) / CELL_MM for edge in (top, bottom))
    rows = slice(min(max(round(first), 0), height), min(max(round(last), 0), height))
    return rows, max(round((left - paper.box.left) / CELL_MM), 0)


def around(boxes: Sequence[Box], canvas: Canvas) -> Box:
    """What must be seen of a canvas to judge the paper below and around some boxes."""
    hull = Box(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )
    return hull.grown(OUTER_MM + 1.0).clipped(canvas.box)


def usual_rim(values: Plane) -> float:
    """Mean of what is known, none counting for more than `MOST_RIM`; 0 where nothing is."""
    known = values[~np.isnan(values)]
    return float(np.minimum(known, MOST_RIM).mean()) if known.size else 0.0
