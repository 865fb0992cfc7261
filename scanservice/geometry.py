"""Points, boxes, quads and warps; millimetres of the form and pixels of the picture.

Millimetres are measured from the top left corner of a template page, x to the right and y down.
Pixels are those of the uploaded page as decoded and turned by its EXIF tag; the centre of the first
pixel is (0, 0), as in OpenCV.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from scanservice.arrays import FloatArray

Image: TypeAlias = NDArray[np.uint8]
Point: TypeAlias = tuple[float, float]
Quad: TypeAlias = tuple[Point, Point, Point, Point]
"""Top left, top right, bottom right, bottom left of a region, in pixels."""

MM_PER_INCH = 25.4


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle on a template page, in millimetres."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def area(self) -> float:
        return max(self.width, 0.0) * max(self.height, 0.0)

    @property
    def center(self) -> Point:
        return ((self.left + self.right) / 2, (self.top + self.bottom) / 2)

    def corners(self) -> FloatArray:
        """The corners as a 4 x 2 array: top left, top right, bottom right, bottom left."""
        return np.array(
            [
                (self.left, self.top),
                (self.right, self.top),
                (self.right, self.bottom),
                (self.left, self.bottom),
            ],
            dtype=np.float64,
        )

    def grown(self, x: float, y: float | None = None) -> Box:
        """The box with a margin of `x` (and `y`, by default the same) millimetres on every side."""
        y = x if y is None else y
        return Box(self.left - x, self.top - y, self.right + x, self.bottom + y)

    def clipped(self, other: Box) -> Box:
        """The part inside `other`; its area is 0 where they do not meet."""
        left, top = max(self.left, other.left), max(self.top, other.top)
        return Box(
            left, top, max(left, min(self.right, other.right)), max(top, min(self.bottom, other.bottom))
        )


@dataclass(frozen=True, eq=False)
class PageMap:
    """Where each point of a template page lies in a picture.

    A point p of the page (mm) lies at `homography` applied to p + d(p), with d(p) the displacement
    (mm) of curled paper, interpolated bilinearly between knots on a regular grid over the page.

    Attributes:
        size: width and height of the template page in mm.
        homography: 3 x 3, from mm of the page to pixels of the full upload.
        displacement: rows x columns x 2, in mm; knot (0, 0) lies at the page's top left corner and
            the last one at its bottom right corner. None where one homography was enough.
    """

    size: tuple[float, float]
    homography: FloatArray
    displacement: FloatArray | None = None

    @property
    def model(self) -> Literal["homography", "piecewise"]:
        return "homography" if self.displacement is None else "piecewise"

    def displaced(self, points: FloatArray) -> FloatArray:
        """p + d(p) for an N x 2 array of millimetres; outside the page the nearest edge counts."""
        points = np.asarray(points, dtype=np.float64).reshape(-1, 2)
        if self.displacement is None:
            return points
        rows, columns = self.displacement.shape[:2]
        x = np.clip(points[:, 0] / self.size[0], 0, 1) * (columns - 1)
        y = np.clip(points[:, 1] / self.size[1], 0, 1) * (rows - 1)
        column = np.minimum(x.astype(np.intp), columns - 2)
        row = np.minimum(y.astype(np.intp), rows - 2)
        fx, fy = (x - column)[:, None], (y - row)[:, None]
        d = self.displacement
        upper = d[row, column] * (1 - fx) + d[row, column + 1] * fx
        lower = d[row + 1, column] * (1 - fx) + d[row + 1, column + 1] * fx
        return points + upper * (1 - fy) + lower * fy

    def to_picture(self, points: FloatArray | Sequence[Point]) -> FloatArray:
        """Pixels (N x 2, float64) of points given in millimetres (N x 2)."""
        moved = self.displaced(np.asarray(points, dtype=np.float64)).reshape(-1, 1, 2)
        return cv2.perspectiveTransform(moved, self.homography).reshape(-1, 2)

    def _lattice(self, xs: FloatArray, ys: FloatArray) -> FloatArray:
        """Pixels of a lattice's points (mm), rows x columns x 2: as `to_picture`, at a tenth of its cost."""
        points = np.stack(np.meshgrid(xs, ys), axis=-1)
        if self.displacement is not None:
            across, down = (
                _hats(np.clip(places / length, 0, 1) * (knots - 1), knots)
                for places, length, knots in zip(
                    (xs, ys), self.size, self.displacement.shape[1::-1], strict=True
                )
            )
            for axis in range(2):
                points[:, :, axis] += down @ self.displacement[:, :, axis] @ across.T
        return cv2.perspectiveTransform(points, self.homography)

    def to_page(self, pixels: FloatArray | Sequence[Point]) -> FloatArray:
        """Millimetres (N x 2, float64) of points given in pixels (N x 2).

        The displacement is undone by fixed-point iteration, exact to about 0.001 mm for the smooth
        displacements of paper (slopes well below 1).
        """
        source = np.asarray(pixels, dtype=np.float64).reshape(-1, 1, 2)
        flat = cv2.perspectiveTransform(source, np.linalg.inv(self.homography)).reshape(-1, 2)
        points = flat
        for _ in range(8 if self.displacement is not None else 0):
            points = flat - (self.displaced(points) - points)
        return points

    def quad(self, box: Box) -> Quad:
        """The four corners of a box in pixels, to a hundredth."""
        tl, tr, br, bl = ((round(float(x), 2), round(float(y), 2)) for x, y in self.to_picture(box.corners()))
        return (tl, tr, br, bl)

    def dots_per_mm(self, box: Box) -> float:
        """Pixels of the full upload to a millimetre in a box: the square root of the area ratio."""
        quad = self.to_picture(box.corners()).astype(np.float32)
        return float(np.sqrt(max(cv2.contourArea(quad), 0.0) / max(box.area, 1e-9)))

    def rectify(
        self,
        image: Image,
        box: Box,
        dots_per_mm: float,
        *,
        scale: float = 1.0,
        border: int | None = None,
        interpolation: int = cv2.INTER_LINEAR,
    ) -> Image:
        """A box of the page as it would look flat, straight and in the template's scale.

        Args:
            image: the picture, H x W or H x W x 3, possibly reduced.
            box: what to cut out, in mm; it may reach over the page's edge.
            dots_per_mm: of the result, whose size is the box's size times it, rounded.
            scale: pixels of `image` to a pixel of the full upload (1 where it was not reduced).
            border: grey value (0 to 255) outside the picture; None repeats its edge.
            interpolation: an OpenCV constant. Where the picture is more than twice finer than the
                result, it is first blurred to avoid aliasing.
        """
        width = max(1, round(box.width * dots_per_mm))
        height = max(1, round(box.height * dots_per_mm))
        # A pixel-dense evaluation costs more than the remap; between knots 8 px apart the map is linear
        # to well under a hundredth of a pixel. Knots lie in the middle of blocks of 8 x 8 pixels, one
        # block beyond the edges, so that resizing interpolates between them exactly.
        step = 8
        columns, rows = -(-width // step) + 2, -(-height // step) + 2
        xs = box.left + ((np.arange(columns) - 0.5) * step) / dots_per_mm
        ys = box.top + ((np.arange(rows) - 0.5) * step) / dots_per_mm
        coarse = ((self._lattice(xs, ys) + 0.5) * scale - 0.5).astype(np.float32)
        left, top = np.floor(coarse.reshape(-1, 2).min(axis=0)).astype(int) - 4
        right, bottom = np.ceil(coarse.reshape(-1, 2).max(axis=0)).astype(int) + 5
        left, top = max(int(left), 0), max(int(top), 0)
        part = image[top : max(int(bottom), top + 1), left : max(int(right), left + 1)]
        fill = 255 if border is None else border
        if part.size == 0:
            return np.full((height, width, *image.shape[2:]), fill, dtype=np.uint8)
        shrink = self.dots_per_mm(box) * scale / dots_per_mm
        if shrink > 2:
            part = cv2.GaussianBlur(part, (0, 0), 0.35 * shrink)
        mode = cv2.BORDER_REPLICATE if border is None else cv2.BORDER_CONSTANT
        coarse -= np.array([left, top], dtype=np.float32)
        dense = cv2.resize(coarse, (columns * step, rows * step), interpolation=cv2.INTER_LINEAR)
        dense = dense[step : step + height, step : step + width]
        return cv2.remap(
            part, dense, np.empty(0), interpolation, borderMode=mode, borderValue=(fill, fill, fill)
        )  # type: ignore[return-value]


def _hats(places: FloatArray, knots: int) -> FloatArray:
    """Weights (places x knots) of linear interpolation between knots at 0, 1, 2 and so on."""
    return np.maximum(1 - np.abs(places[:, None] - np.arange(knots)), 0)
