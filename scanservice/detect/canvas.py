"""A form page straightened, its light evened out, and split into planes in which inks differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from scanservice.evidence import PageFit, ScanPage
from scanservice.geometry import Box

Plane: TypeAlias = NDArray[Any]
"""Pixels: H x W or H x W x 3; what they hold is said where it matters."""

DOTS_PER_MM = 8.0
"""Of every canvas: 203 dpi, a little above what a recogniser's 48 pixel line needs for 6 mm writing."""

PAPER = 224
"""Value of clean paper after flattening; the rest to 255 leaves room for what is whiter than paper."""

BACKGROUND_MM = 7.0
"""Dark things narrower than this are ink, wider ones are light or shade: the arms of a seal's star
are 4 to 5 mm wide, a finger's shadow 10 mm and more."""


@dataclass(frozen=True, eq=False)
class Canvas:
    """A part of a template page at `DOTS_PER_MM`.

    Attributes:
        box: the part, in mm of the page.
        colour: H x W x 3, uint8, BGR, as photographed.
        background: as `colour`, at 2 dots/mm: the paper's own light and colour behind the ink.
        flat: H x W x 3, uint8, BGR: `colour` over its background; paper is `PAPER` in each channel,
            so it is white-balanced too.
    """

    box: Box
    colour: Plane
    background: Plane
    flat: Plane

    @cached_property
    def planes(self) -> Sequence[Plane]:
        """Blue, green and red of `flat`, H x W each: OpenCV reads them several times faster one by one."""
        return cv2.split(self.flat)

    @cached_property
    def darkness(self) -> Plane:
        """How much darker than paper in the red channel, H x W, uint8, 0 to `PAPER`.

        Red ink hardly shows there, black and blue writing do.
        """
        return cv2.subtract(np.full_like(self.planes[2], PAPER), self.planes[2])

    @cached_property
    def redness(self) -> Plane:
        """How much redder than paper: red less the mean of green and blue, H x W, uint8."""
        blue, green, red = self.planes
        return cv2.subtract(red, cv2.addWeighted(blue, 0.5, green, 0.5, 0))

    @cached_property
    def blueness(self) -> Plane:
        """How much bluer than paper, as `redness`."""
        blue, green, red = self.planes
        return cv2.subtract(blue, cv2.addWeighted(green, 0.5, red, 0.5, 0))

    def window(self, box: Box) -> tuple[slice, slice]:
        """Rows and columns of a box (mm), clipped to the canvas; possibly empty."""
        height, width = self.flat.shape[:2]
        left, top, right, bottom = (
            round((box.left - self.box.left) * DOTS_PER_MM),
            round((box.top - self.box.top) * DOTS_PER_MM),
            round((box.right - self.box.left) * DOTS_PER_MM),
            round((box.bottom - self.box.top) * DOTS_PER_MM),
        )
        rows = slice(min(max(top, 0), height), min(max(bottom, 0), height))
        return rows, slice(min(max(left, 0), width), min(max(right, 0), width))

    def box_of(self, rows: slice, columns: slice) -> Box:
        """The millimetres that a window of pixels covers."""
        return Box(
            self.box.left + columns.start / DOTS_PER_MM,
            self.box.top + rows.start / DOTS_PER_MM,
            self.box.left + columns.stop / DOTS_PER_MM,
            self.box.top + rows.stop / DOTS_PER_MM,
        )


def make_canvas(page: ScanPage, fit: PageFit, box: Box) -> Canvas:
    """The part `box` of the fitted page, straight and flat."""
    colour = fit.map.rectify(page.image, box, DOTS_PER_MM, scale=page.scale)
    background = paper_background(colour)
    return Canvas(box, colour, background, flatten(colour, background))


def paper_background(colour: Plane) -> Plane:
    """The light on the paper behind all ink, at a quarter of the canvas' resolution, uint8, BGR.

    Grey-level closing of each channel fills whatever is darker than its surroundings and narrower
    than `BACKGROUND_MM`; a median first keeps single bright pixels from being spread.
    """
    small = cv2.resize(colour, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    small = cv2.medianBlur(small, 3)
    side = int(BACKGROUND_MM * DOTS_PER_MM / 4) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (side, side))
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, kernel, borderType=cv2.BORDER_REPLICATE)
    return cv2.GaussianBlur(closed, (0, 0), 3.0)


def flatten(colour: Plane, background: Plane) -> Plane:
    """`colour` divided by its background, so that the paper's commonest value becomes `PAPER`."""
    height, width = colour.shape[:2]
    full = cv2.resize(background, (width, height), interpolation=cv2.INTER_LINEAR)
    flat = cv2.divide(colour, full, scale=PAPER)
    # Closing leans to the bright side of the paper's noise; the median of what is nearly white is
    # the paper itself.
    values = np.arange(256, dtype=np.uint8)
    tables = []
    for plane in cv2.split(np.ascontiguousarray(flat[::4, ::4])):
        counts = np.bincount(plane.ravel(), minlength=256) * (values > PAPER * 0.8)
        middle = int(np.searchsorted(np.cumsum(counts), counts.sum() / 2)) if counts.any() else PAPER
        tables.append(cv2.convertScaleAbs(values, alpha=PAPER / middle).ravel())
    return cv2.LUT(flat, np.stack(tables, axis=-1)[None])
