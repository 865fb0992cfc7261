"""The bare paper of a page in cells of half a millimetre: its tone, and thin dark lines in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from scanservice.detect.canvas import DOTS_PER_MM, PAPER, Canvas, Plane
from scanservice.detect.folds import without_folds
from scanservice.detect.ink import Layers, off_tint
from scanservice.geometry import Box

CELL = 4
"""Pixels of the canvas to a cell: two halvings."""
CELL_MM = CELL / DOTS_PER_MM
AWAY_MM = 0.4
"""Bare paper lies this far from ink and print: blur and compression darken it nearer by."""
FAINT_SEAL, SEAL_HALO = 8, 11
"""Darkness of a seal from which its ink is left out, with so many pixels around: compression spreads its
colour."""
LEAST_BARE = 0.2
"""Share of a cell that must be bare for its tone to be known."""
AROUND_MM = 6.0
"""A cell's tone is compared with what lies around it, by a Gaussian of this deviation."""
TONE_SCALE, LEAST_SPREAD = 60.0, 0.003
"""Steps of tone (natural logarithms of brightness) are given as such, times the first, and as multiples of
the page's own spread, which is no less than the second."""
MOST_STEP = 4.0
RIM_GAIN = 16
"""Grey levels of the rims' strength to a grey value: half of them would be lost in whole grey values."""
RIM_PIECE = 11
"""Pixels over which a rim is averaged in its direction."""
OUTER_MM = 6.0
"""What is seen of the paper around what is asked for."""
BURNT = 253
"""Grey value from which a picture tells nothing: software that makes paper white cuts off what is above."""
COLOUR_SCALE = 8.0
"""Of the colour of everything, ink included: compression spreads it over 2 mm, and paper beside blue ink is
blue."""
PLANES = 15
BARE, BURNT_OUT = 6, 12
"""Among the planes: share that is bare, and that is burnt out."""


@dataclass(frozen=True, eq=False)
class PaperLook:
    """The bare paper of a part of a page.

    Attributes:
        box: the part, mm.
        planes: rows x columns x `PLANES`, float32: steps of green, of blue over red and of blue over green
            against the paper around, in their own measure and in spreads; share that is bare; strength of
            thin dark lines lying and standing; share of ink, of print, of seal, and of what is burnt out;
            blue over red and blue over green of everything, ink included.
    """

    box: Box
    planes: Plane


def paper_look(canvas: Canvas, layers: Layers, part: Box, tint: int = 0) -> PaperLook:
    """Measures the paper of a part of a page (mm); of an even tint (`ink.even_tint`) what is so tinted."""
    rows, columns = canvas.window(part)
    height, width = ((side.stop - side.start) // CELL * CELL for side in (rows, columns))
    rows, columns = slice(rows.start, rows.start + height), slice(columns.start, columns.start + width)
    printed = layers.print_zone[rows, columns] | off_tint(layers.pale[rows, columns], tint)
    ink, zone = (plane.astype(np.uint8) * 255 for plane in (layers.ink[rows, columns], printed))
    seal = cv2.threshold(layers.seal[rows, columns], FAINT_SEAL, 255, cv2.THRESH_BINARY)[1]
    taken = cv2.max(cv2.max(ink, zone), cv2.dilate(seal, np.ones((SEAL_HALO, SEAL_HALO), np.uint8)))
    near = 2 * round(AWAY_MM * DOTS_PER_MM) + 1
    free = cv2.bitwise_not(cv2.dilate(taken, np.ones((near, near), np.uint8)))
    colour = np.ascontiguousarray(canvas.colour[rows, columns])
    steps, bare = _steps(colour, free)
    lying, standing = _rims(np.ascontiguousarray(canvas.flat[rows, columns]), taken)
    (*steps, lying, standing), creases = without_folds([*steps, lying, standing], bare >= LEAST_BARE)
    bare = np.where(creases, np.float32(0), bare)
    burnt = cv2.threshold(_least(colour), BURNT - 1, 255, cv2.THRESH_BINARY)[1]
    shares = [_cells(plane) / np.float32(255) for plane in (ink, zone, seal, burnt)]
    planes = [*steps, bare, lying, standing, *shares, *_colours(colour)]
    return PaperLook(canvas.box_of(rows, columns), np.dstack(planes))


def _cells(plane: Plane) -> Plane:
    """Mean of each cell, float32."""
    return _halved(_halved(plane)).astype(np.float32)


def _halved(plane: Plane) -> Plane:
    """Mean of every 2 x 2 pixels: twice this is several times faster than once by four."""
    return cv2.resize(plane, (plane.shape[1] // 2, plane.shape[0] // 2), interpolation=cv2.INTER_AREA)


def _least(colour: Plane) -> Plane:
    """The least of the three channels."""
    blue, green, red = cv2.split(colour)
    return cv2.min(cv2.min(blue, green), red)


def _colours(colour: Plane) -> tuple[Plane, Plane]:
    """Blue over red and blue over green of each cell with its ink, against the page's usual."""
    blue, green, red = cv2.split(np.log(_cells(colour) + 16))
    found = []
    for other in (red, green):
        ratio = (blue - other) * COLOUR_SCALE
        found.append(np.clip(ratio - np.median(ratio[::5, ::5]), -MOST_STEP, MOST_STEP))
    return found[0], found[1]


def _steps(colour: Plane, free: Plane) -> tuple[list[Plane], Plane]:
    """The six steps of tone, 0 where it is not known, and the share of each cell that is bare."""
    half = _halved(cv2.bitwise_and(colour, colour, mask=free))
    sums = cv2.boxFilter(half, cv2.CV_16U, (2, 2), anchor=(0, 0), normalize=False)
    bare = _cells(free) / np.float32(255)
    weight = np.where(bare >= LEAST_BARE, bare, np.float32(0))
    mean = sums[::2, ::2].astype(np.float32) / (np.maximum(bare, 0.05) * 4)[:, :, None]
    blue, green, red = cv2.split(np.log(np.maximum(mean, 4.0)))
    tones = np.dstack([green, blue - red, blue - green]) * weight[:, :, None]
    away = _away(tones, weight)
    known = weight > 0
    plain, spread = [], []
    for step in cv2.split(away):
        deviations = np.abs(step[known][::7])
        usual = float(np.median(deviations)) / 0.6745 if deviations.size else 1.0
        plain.append(np.clip(step * TONE_SCALE, -MOST_STEP, MOST_STEP))
        spread.append(np.clip(step / max(usual, LEAST_SPREAD), -MOST_STEP, MOST_STEP))
    return [*plain, *spread], bare


def _away(tones: Plane, weight: Plane) -> Plane:
    """Of tones times their weight the step against their mean around; 0 where the weight is."""
    height, width = weight.shape
    # The mean is smooth: a quarter of the cells is enough to work it out.
    coarse = max(width // 4, 1), max(height // 4, 1)
    small = cv2.resize(np.dstack([tones, weight]), coarse, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), AROUND_MM / CELL_MM / 4)
    around = cv2.resize(small[:, :, :3] / np.maximum(small[:, :, 3:], 1e-3), (width, height))
    share = np.maximum(weight, 0.05)[:, :, None]
    return np.where(weight[:, :, None] > 0, tones / share - around, 0)


def _rims(flat: Plane, taken: Plane) -> tuple[Plane, Plane]:
    """Of each cell the strongest thin dark line that lies, and that stands, free of ink: about 0 to 4."""
    soft = cv2.GaussianBlur(flat, (0, 0), 0.8)
    darkest = _least(soft)
    dark = cv2.subtract(np.full_like(darkest, PAPER), darkest)
    ridge = cv2.subtract(dark, cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8)))
    clear = cv2.bitwise_not(cv2.dilate(taken, np.ones((5, 5), np.uint8)))
    ridge = cv2.bitwise_and(cv2.convertScaleAbs(ridge, alpha=RIM_GAIN), clear)
    found = []
    for piece in ((RIM_PIECE, 3), (3, RIM_PIECE)):
        strongest = cv2.dilate(cv2.blur(ridge, piece), np.ones((CELL, CELL), np.uint8), anchor=(0, 0))
        found.append(strongest[::CELL, ::CELL].astype(np.float32) / (2 * RIM_GAIN))
    return found[0], found[1]


def around(boxes: Sequence[Box], canvas: Canvas) -> Box:
    """What must be seen of a canvas to judge the paper below and around some boxes."""
    hull = Box(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )
    return hull.grown(OUTER_MM).clipped(canvas.box)
