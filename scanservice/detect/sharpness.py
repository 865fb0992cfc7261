"""How blurred the form's own print is, cell by cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from scanservice.detect.canvas import DOTS_PER_MM, PAPER, Canvas, Plane
from scanservice.detect.printlayer import KEPT_BLANKS, Blank, PrintLayer
from scanservice.geometry import Box

CELL_MM = 2.0
KNOWN_MM = (0.10, 0.30)
"""Blurs (standard deviations) under which the blank itself is measured for comparison."""
MOVED_VARIANCE = 1 / 12
"""Pixels squared, by which moving print by a fraction of a pixel blurs it, as the print that the limits below
were set with was: 1/6 on the average of all fractions, half of that for the small ones of a page in place."""
LEAST_PRINT = 1.5
"""mm2 of print in a window from which its blur and contrast can be told."""
PLACE_CELLS = 3
"""Side, in cells, of the places that are compared with the page: a row of a form is as high."""
PLACE_PRINT = 0.5
"""mm2 of print in such a place: 2 mm of a ruled line."""
LOST_EDGES = 0.2
"""Share of the edges' usual energy on the page under which a place is blurred or faded apart from it: places
of good pictures, phone and messenger, have 0.4 at least, places that nobody can read 0.05."""


@dataclass(frozen=True, eq=False)
class Sharpness:
    """Energies of the print on a canvas, one value to a cell of `CELL_MM`.

    Attributes:
        seen: rows x columns x 2: energy of the gradient and of the values in the picture.
        known: the same of the blank, for each blur of `KNOWN_MM`.
        core: rows x columns x 2: mm2 of solid print, and the same weighted by how dark it is seen
            (0 to 1).
        lost, told: rows x columns, bool: where print has far softer edges than is usual on the page, and
            where enough is printed to tell.
    """

    seen: Plane
    known: tuple[Plane, ...]
    core: Plane
    lost: Plane
    told: Plane

    def lost_share(self, canvas: Canvas, box: Box) -> float:
        """Share of the printed places in and beside a box whose edges are lost; 0 without print."""
        window = _cells(canvas, box.grown(CELL_MM / 2))
        return float(self.lost[window].sum() / max(int(self.told[window].sum()), 1))

    def blur(self, canvas: Canvas, box: Box) -> float:
        """Standard deviation of the blur in mm; NaN where there is too little print.

        Blur of variance s^2 takes energy from the gradient faster than from the print itself. The ratio
        of both is compared with that of the blank under two known blurs; its reciprocal grows almost
        linearly with s^2.
        """
        window = _cells(canvas, box)
        if self.core[window][..., 0].sum() < LEAST_PRINT:
            return float("nan")
        seen = _smoothness(self.seen[window])
        first, second = (_smoothness(known[window]) for known in self.known)
        slope = (second - first) / (KNOWN_MM[1] ** 2 - KNOWN_MM[0] ** 2)
        variance = KNOWN_MM[0] ** 2 + (seen - first) / max(slope, 1e-9)
        return float(np.sqrt(np.clip(variance, 0.0, 1.0)))

    def contrast(self, canvas: Canvas, box: Box) -> float:
        """How dark solid print is seen, 0 to 1; NaN where there is too little of it."""
        solid, seen = (float(self.core[_cells(canvas, box)][..., k].sum()) for k in range(2))
        return seen / solid if solid >= LEAST_PRINT / 3 else float("nan")


def measure_sharpness(canvas: Canvas, layer: PrintLayer, blank: Blank) -> Sharpness:
    """Energies of the picture in the zone of the aligned print, and of the blank in its own.

    The blank's are those of print that was not moved: they are the same for every picture, and some tenths
    of a millimetre are little in cells of two.
    """
    dark = cv2.bitwise_and(canvas.darkness, _zone(layer.darkness))
    solid = cv2.threshold(layer.darkness, PAPER * 2 // 3, 255, cv2.THRESH_BINARY)[1]
    core = CELL_MM**2 * np.stack([_mean(solid) / 255, _mean(cv2.bitwise_and(dark, solid)) / PAPER], axis=-1)
    seen, known = _energies(dark), _of_blank(blank)
    return Sharpness(seen, known, core, *_lost_places(seen, known, core))


@lru_cache(maxsize=KEPT_BLANKS)
def _of_blank(blank: Blank) -> tuple[Plane, ...]:
    """Energies of the blank in every cell, for each blur of `KNOWN_MM`."""
    zone = _zone(blank.darkness)
    blurs = (np.sqrt((blur * DOTS_PER_MM) ** 2 + MOVED_VARIANCE) for blur in KNOWN_MM)
    return tuple(
        _energies(cv2.bitwise_and(cv2.GaussianBlur(blank.darkness, (0, 0), blur), zone)) for blur in blurs
    )


def _zone(darkness: Plane) -> Plane:
    """Around print, as far as its blur reaches."""
    return cv2.dilate(
        cv2.threshold(darkness, PAPER // 8, 255, cv2.THRESH_BINARY)[1], np.ones((13, 13), np.uint8)
    )


def _lost_places(seen: Plane, known: Sequence[Plane], core: Plane) -> tuple[Plane, Plane]:
    """Where edges are lost, and where enough is printed to tell, as in `Sharpness`.

    The energy of the gradient is compared with the blank's, so that thin rules and heavy titles are
    measured alike; and with the page's usual share of it, so that a picture that is soft all over is not
    taken for one that is blurred in places. It must be less, too, than that of the most blurred blank.
    """
    places = (PLACE_CELLS, PLACE_CELLS)
    printed = cv2.blur(core[..., 0], places) * PLACE_CELLS**2
    told = printed >= PLACE_PRINT
    if not told.any():
        return np.zeros_like(told), told
    edges, sharp, soft = (np.maximum(cv2.blur(plane[..., 0], places), 1e-9) for plane in (seen, *known))
    usual = float(np.median((edges / sharp)[told]))
    strength = float(np.median((seen[..., 1] / np.maximum(known[0][..., 1], 1e-9))[told]))
    return told & (edges < LOST_EDGES * usual * sharp) & (edges < strength * soft), told


def _energies(plane: Plane) -> Plane:
    """Mean squares of the gradient and of the values in every cell; every second row and column do."""
    even = plane[: plane.shape[0] // 2 * 2, : plane.shape[1] // 2 * 2]
    rows, columns = even[::2], cv2.transpose(np.ascontiguousarray(cv2.transpose(even)[::2]))
    across, down = np.zeros_like(rows), np.zeros_like(columns)
    across[:, 1:] = cv2.absdiff(rows[:, 1:], rows[:, :-1])
    down[1:] = cv2.absdiff(columns[1:], columns[:-1])
    gradient = _mean(cv2.multiply(across, across, dtype=cv2.CV_16U), 2, 1) + _mean(
        cv2.multiply(down, down, dtype=cv2.CV_16U), 1, 2
    )
    return np.stack([gradient, _mean(cv2.multiply(rows, rows, dtype=cv2.CV_16U), 2, 1)], axis=-1)


def _mean(plane: Plane, every_row: int = 1, every_column: int = 1) -> Plane:
    """Mean in each cell; the plane may hold only every second row or column of one with as many as even."""
    side = round(CELL_MM * DOTS_PER_MM)
    height, width = plane.shape[0] * every_row // side, plane.shape[1] * every_column // side
    whole = plane[: height * side // every_row, : width * side // every_column]
    size = (max(width, 1), max(height, 1))
    return cv2.resize(whole if whole.size else plane, size, interpolation=cv2.INTER_AREA).astype(np.float64)


def _cells(canvas: Canvas, box: Box) -> tuple[slice, slice]:
    side = round(CELL_MM * DOTS_PER_MM)
    rows, columns = canvas.window(box)
    return slice(rows.start // side, -(-rows.stop // side)), slice(
        columns.start // side, -(-columns.stop // side)
    )


def _smoothness(energies: Plane) -> float:
    """Energy of the values over energy of the gradient."""
    gradient, values = (float(energies[..., k].sum()) for k in range(2))
    return values / max(gradient, 1e-9)
