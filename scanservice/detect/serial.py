"""The printed number: where it stands, in which ink, and whether it looks tampered with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np

from scanservice.detect.canvas import DOTS_PER_MM, PAPER, Canvas, Plane
from scanservice.detect.covering import LONG_MM, THIN_MM, rim_length
from scanservice.detect.handwriting import stroke_look, usual_stray
from scanservice.detect.ink import CLEAR, FAINT, Layers
from scanservice.detect.lines import line_crop
from scanservice.detect.numberpaper import covered
from scanservice.detect.regionink import RegionInk
from scanservice.evidence import LineCrop, SerialMark
from scanservice.geometry import Box
from scanservice.template import Region

AROUND_MM = 5.0
REACH_MM = 3.0
"""How far outside its region the middle of a number's strokes is looked for."""
SHIFT_MM = 1.4
"""Off its place by this much, a number was not printed with the form. The goal is 2 mm; a numbering
machine strays by 0.4 mm, registration by 0.5."""
REGISTRATION_MM = 0.5
"""Of that; what registration may be off beyond it is allowed on top."""

HAND_STRAY = 0.10
"""Stray of feet and heights between a numbering machine's (up to 0.08 on 90 papers whose place was known, to
0.096 on 100 that were found) and a hand's (the greater of two pages': from 0.09 on 57 of 60 papers)."""
RIM_DEPTH = 4.0
"""Grey levels by which the edge of a patch is darker than the paper at least."""
PALER = 0.5
"""Share of the usual darkness at which a number that a picture all but lost still shows."""
LEAST_MM2 = 2.0
"""Ink from which there is more likely a number than none."""
OTHER_FACE = 0.9
"""Probability of tampering where the faces of two pages' numbers differ for certain."""
PATCH_SHARE = 0.4
"""A pasted patch shows this share of its outline and more, fluid's ragged rim less."""

InkColour = Literal["red", "black", "blue", "other"]


@dataclass(frozen=True, eq=False)
class Number:
    """The ink of the number: its window, its strokes, and its darkness in whatever channel shows it.

    Attributes:
        paler: whether there is a row of strokes too pale to be ink, and none that is.
    """

    ink: RegionInk
    plane: Plane
    paler: bool


def find_number(canvas: Canvas, layers: Layers, box: Box) -> Number:
    """The row of strokes nearest to the region's middle line, whatever its colour."""
    wide = box.grown(AROUND_MM).clipped(canvas.box)
    rows, columns = canvas.window(wide)
    plane = np.full(canvas.flat.shape[:2], 0, dtype=np.uint8)
    plane[rows, columns] = _not_printed(canvas, layers, rows, columns)
    mask = _row(plane[rows, columns], canvas, rows, columns, box)
    paler = False
    if not mask.any():
        pale_row = _row(plane[rows, columns], canvas, rows, columns, box, PALER)
        paler = bool(pale_row.sum() >= LEAST_MM2 * DOTS_PER_MM**2)
    return Number(RegionInk(rows, columns, canvas.box_of(rows, columns), mask), plane, paler)


def _not_printed(canvas: Canvas, layers: Layers, rows: slice, columns: slice) -> Plane:
    """How much darker than paper a window is, in the channel that shows it most, the form's print apart."""
    darkest = PAPER - np.minimum(canvas.flat[rows, columns].min(axis=2), PAPER)
    plane = cv2.subtract(darkest, layers.pale[rows, columns])
    plane[layers.print_zone[rows, columns]] = 0
    return plane


def nothing_near(canvas: Canvas, layers: Layers, box: Box, reach: float) -> bool:
    """Whether not even pale strokes are to be seen as far as `reach` mm around a region."""
    rows, columns = canvas.window(box.grown(reach).clipped(canvas.box))
    inked = _not_printed(canvas, layers, rows, columns) >= PALER * FAINT
    return float(inked.sum()) < LEAST_MM2 * DOTS_PER_MM**2


def _row(plane: Plane, canvas: Canvas, rows: slice, columns: slice, box: Box, share: float = 1.0) -> Plane:
    """Components near the box that stand on one line and are of like height.

    Args:
        share: of the usual darkness from which there is ink.
    """
    faint = (plane >= share * FAINT).astype(np.uint8)
    count, labels, stats, centroids = cv2.connectedComponentsWithStats(faint, connectivity=8)
    top, bottom = ((edge - canvas.box.top) * DOTS_PER_MM - rows.start for edge in (box.top, box.bottom))
    left, right = ((edge - canvas.box.left) * DOTS_PER_MM - columns.start for edge in (box.left, box.right))
    heights, areas = stats[:, cv2.CC_STAT_HEIGHT], stats[:, cv2.CC_STAT_AREA]
    darkest = np.zeros(count, dtype=np.uint8)
    np.maximum.at(darkest, np.asarray(labels, dtype=np.intp).ravel(), plane.ravel())
    reach = REACH_MM * DOTS_PER_MM
    x, y = centroids[:, 0], centroids[:, 1]
    keep = (darkest >= share * CLEAR) & (areas >= 6) & (heights <= (bottom - top) * 1.2)
    keep &= (y >= top - reach) & (y <= bottom + reach) & (x >= left - reach) & (x <= right + reach)
    widths = stats[:, cv2.CC_STAT_WIDTH]
    edge = np.maximum(widths, heights) >= LONG_MM * DOTS_PER_MM
    keep &= ~(edge & (areas < THIN_MM * DOTS_PER_MM * (widths + heights)))
    keep[0] = False
    if not keep.any():
        return keep[labels]
    tall = keep & (heights >= 0.6 * heights[keep].max(initial=0))
    usual, middle = float(np.median(heights[tall])), float(np.median(y[tall]))
    keep &= (heights <= 1.6 * usual) & (np.abs(y - middle) <= 0.75 * usual)
    return keep[labels]


def serial_crop(canvas: Canvas, number: Number) -> LineCrop | None:
    """The number's line for the readers."""
    return line_crop(canvas, number.plane, number.ink, number.ink.mask, by_hand=False)


def serial_mark(
    canvas: Canvas,
    layers: Layers,
    number: Number,
    region: Region,
    *,
    residual: float = 0.0,
    colourless: bool = False,
    usual: Callable[[], Sequence[float]] = tuple,
) -> SerialMark:
    """The number judged against the region that the template describes.

    Args:
        residual: mm by which registration may be off here.
        colourless: the paper is a copy, or the scan grey: the ink's colour says nothing.
        usual: as `numberpaper.covered` has it.
    """
    extent = number.ink.extent(canvas)
    area = number.ink.area_mm2
    blank = float(1 / (1 + np.exp(np.clip((area - LEAST_MM2) / 0.4, -30, 30))))
    if extent is None:
        blank = 0.5 if number.paler else blank
        return SerialMark(0.0, (), None, None, blank)
    offset = _offset(extent, region.box)
    colour = _colour(canvas, number)
    look = stroke_look(number.ink.mask, number.plane[number.ink.rows, number.ink.columns])
    rim = rim_length(canvas, layers, number.ink.mask, number.ink.rows, number.ink.columns, RIM_DEPTH)
    cover = "pasted" if rim > PATCH_SHARE * 2 * (look.width + look.height) else "overpainted"
    chances = {
        "shifted": _chance(float(np.hypot(*offset)), SHIFT_MM + max(residual - REGISTRATION_MM, 0.0), 0.12),
        "handwritten": _chance(usual_stray(number.ink.mask), HAND_STRAY, 0.01),
        cover: covered(canvas, extent, layers, usual),
        "ink": float(region.ink is not None and colour != region.ink and not colourless),
    }
    signs = tuple(sign for sign, chance in chances.items() if chance > 0.5)
    return SerialMark(round(max(chances.values()), 4), signs, offset, colour, round(blank, 4))


def in_other_face(mark: SerialMark) -> SerialMark:
    """A mark whose number is not in the face of the paper's other pages."""
    return replace(mark, altered=max(mark.altered, OTHER_FACE), signs=(*mark.signs, "face"))


def _offset(extent: Box, box: Box) -> tuple[float, float]:
    """How far the number lies off its place, in mm.

    Up and down its place is the box's middle. To left and right numbers of some makers begin at the
    left, of others stand in the middle: anywhere inside is its place.
    """
    beyond = max(extent.right - box.right, 0.0) - max(box.left - extent.left, 0.0)
    return round(beyond, 2), round(extent.center[1] - box.center[1], 2)


def _chance(value: float, middle: float, width: float) -> float:
    return float(1 / (1 + np.exp(-np.clip((value - middle) / width, -30, 30))))


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
