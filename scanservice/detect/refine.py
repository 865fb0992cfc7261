"""From a page roughly in place to one that lies within a tenth of a millimetre.

Small windows of the blank's print are looked for around where the page's map puts them, by normalised
cross-correlation. The curvature of the correlation's peak says in which directions a window knows its
place: a straight table line knows it across itself only. A smooth displacement is fitted to what all
windows know, windows that disagree losing their say.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from scanservice.detect.library import KnownPage, Level
from scanservice.detect.picture import Picture
from scanservice.detect.smooth import doubt, fit_displacement, grid_shape, interpolate, roughness
from scanservice.geometry import FloatArray, Image, PageMap

KNOT_SPACING_MM = 10.0
MIN_CORRELATION = 0.35
"""Below this a window's peak is not looked at: windows under handwriting were seen at 0.0 to 0.4."""
THIN_LINE = 90
"""Of 255: how dark a thin line is at the coarse scale."""
PREFERENCE = 0.04
"""Correlation by which a place at the edge of the reach must be better than the expected one: along a
straight line all places are equal, and the nearest is taken."""
SIGMA_FLOOR_MM = 0.06
"""No window is believed beyond this, however sharp its peak."""


ROUGHNESS_MARGIN = 1.5
LEAST_BEND_MM = 0.02
"""Where print does not reach, paper may bend half as much again as it does elsewhere on the page, and at
least this much from knot to knot."""
LEAST_CONTROLS = 12
"""With fewer windows to hold out, half of them would tell nothing of the other half."""
LATTICE_MM = 30.0
UNKNOWN_MM = 9.0
"""Doubt where nothing was found: as far off as a row of a table."""


@dataclass(frozen=True)
class Pass:
    """One round of refinement.

    Attributes:
        level: index into `KnownPage.levels`.
        reach: mm around its expected place in which a window is looked for.
        bend: see `fit_displacement`, mm.
        gates: mm of disagreement at which a window loses three quarters of its say, round by round.
        repeats: at most so many times, see `SETTLED_MM`.
    """

    level: int
    reach: float
    bend: float
    gates: tuple[float, ...]
    repeats: int


PASSES = (
    Pass(level=0, reach=2.5, bend=0.3, gates=(3.0, 1.5, 0.8), repeats=3),
    Pass(level=1, reach=1.0, bend=0.2, gates=(0.8, 0.4, 0.3), repeats=1),
)
SETTLED_MM = 0.5
"""A pass is repeated while it moves any part of the page's print by more than this: what was found in the
middle of a page brings its edges within reach."""


@dataclass(frozen=True, eq=False)
class Offsets:
    """Where windows of the blank were found in a rectified picture.

    Attributes:
        points: N x 2, mm: the windows' centres in the blank.
        offsets: N x 2, mm: from there to where they were found.
        information: N x 3 (xx, xy, yy), 1/mm^2; 0 where nothing was found.
        scores: N, normalised cross-correlation at the peak.
    """

    points: FloatArray
    offsets: FloatArray
    information: FloatArray
    scores: FloatArray

    def chosen(self, index: NDArray[np.bool_]) -> Offsets:
        """Some of the windows."""
        return Offsets(self.points[index], self.offsets[index], self.information[index], self.scores[index])


@dataclass(frozen=True, eq=False)
class Refined:
    """A page in place, and what its place rests on.

    Attributes:
        points: N x 2, mm: windows of print.
        information: N x 3, 1/mm^2: what each still says after those that disagree have lost their say.
        gaps: N, mm: by how much each disagrees with the map, in the directions that it knows.
    """

    map: PageMap
    points: FloatArray
    information: FloatArray
    gaps: FloatArray

    def doubt(self, places: FloatArray) -> FloatArray:
        """Standard deviation (mm) of the map at places of the page (N x 2, mm)."""
        displacement = self.map.displacement
        if displacement is None or not len(self.points):
            return np.full(len(places), UNKNOWN_MM)
        bend = max(ROUGHNESS_MARGIN * roughness(displacement), LEAST_BEND_MM)
        shape = (displacement.shape[0], displacement.shape[1])
        lattice = grid_shape(self.map.size, LATTICE_MM)
        xs, ys = (np.linspace(0, length, n) for length, n in zip(self.map.size, lattice[::-1], strict=True))
        nodes = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
        known = doubt(self.points, self.information, self.map.size, shape, bend, nodes)
        # Doubt varies slowly: interpolated, it costs a tenth of what it costs at every corner.
        return np.asarray(interpolate(known.reshape(*lattice, 1), places, self.map.size)[:, 0])


def refine(page: KnownPage, start: PageMap, picture: Picture) -> Refined:
    """The map with the paper's displacement fitted to the print.

    Args:
        start: the map to begin with, off by no more than the first pass's reach nearly everywhere.
    """
    current = Refined(start, np.zeros((0, 2)), np.zeros((0, 3)), np.zeros(0))
    for step in PASSES:
        level = page.levels[step.level]
        for _ in range(step.repeats):
            seen = picture.ink(current.map, page.channel, level.dots_per_mm)
            found = find_windows(level, seen, step.reach)
            before = current.map.displaced(found.points)
            current = _guarded(current.map, found, step)
            moved = np.linalg.norm(current.map.displaced(found.points) - before, axis=1)
            if moved.max(initial=0.0) <= SETTLED_MM:
                break
    return current


def find_windows(level: Level, seen: Image, reach: float) -> Offsets:
    """Every window of a level in a rectified picture of the page, within `reach` mm of its place."""
    dots = level.dots_per_mm
    side, pixels = level.side, max(2, round(reach * dots))
    known = _softened(level.ink)
    pad = side // 2 + pixels + 2
    soft = cv2.copyMakeBorder(_softened(seen), pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=(0,))
    count, span = len(level.corners), 2 * pixels + 1
    surfaces = np.zeros((count, span, span), np.float32)
    for index, (x, y) in enumerate(level.corners.tolist()):
        window = known[y : y + side, x : x + side]
        x0, y0 = x + pad - pixels, y + pad - pixels
        area = soft[y0 : y0 + side + 2 * pixels, x0 : x0 + side + 2 * pixels]
        surfaces[index] = cv2.matchTemplate(area, window, cv2.TM_CCOEFF_NORMED)
    centers = (level.corners + side / 2) / dots
    offsets, information, scores = _peaks(surfaces, pixels)
    return Offsets(centers, offsets / dots, information * dots * dots, scores)


def _softened(ink: Image) -> Image:
    """Ink with handwriting and heavy print no darker than a thin line, a little blurred."""
    _, clipped = cv2.threshold(ink, THIN_LINE, 255, cv2.THRESH_TRUNC)
    return np.asarray(cv2.GaussianBlur(clipped, (0, 0), 0.7), np.uint8)


def _peaks(surfaces: FloatArray, reach: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Sub-pixel peaks (pixels), their information (1/pixel^2) and heights of correlation surfaces."""
    count, span, _ = surfaces.shape
    surfaces = np.nan_to_num(surfaces, nan=0.0, posinf=0.0, neginf=0.0)
    along = (np.arange(span) - reach) / reach
    nearness = PREFERENCE * (along[:, None] ** 2 + along[None, :] ** 2)
    flat = (surfaces - nearness).reshape(count, -1).argmax(axis=1)
    row, column = flat // span, flat % span
    inside = (row > 0) & (row < span - 1) & (column > 0) & (column < span - 1)
    row, column = np.clip(row, 1, span - 2), np.clip(column, 1, span - 2)
    rows = np.arange(count)

    def at(dy: int, dx: int) -> FloatArray:
        return surfaces[rows, row + dy, column + dx].astype(np.float64)

    peak = at(0, 0)
    gx, gy = (at(0, 1) - at(0, -1)) / 2, (at(1, 0) - at(-1, 0)) / 2
    hxx = np.maximum(2 * peak - at(0, 1) - at(0, -1), 0)
    hyy = np.maximum(2 * peak - at(1, 0) - at(-1, 0), 0)
    hxy = -(at(1, 1) + at(-1, -1) - at(1, -1) - at(-1, 1)) / 4
    hxy = np.clip(hxy, -np.sqrt(hxx * hyy), np.sqrt(hxx * hyy))
    determinant = (hxx + 1e-4) * (hyy + 1e-4) - hxy * hxy
    dx = np.clip(((hyy + 1e-4) * gx - hxy * gy) / determinant, -0.7, 0.7)
    dy = np.clip(((hxx + 1e-4) * gy - hxy * gx) / determinant, -0.7, 0.7)
    usable = inside & (peak > MIN_CORRELATION)
    trust = np.where(usable, peak**2 / (1.05 - np.minimum(peak, 1.0)), 0.0)
    information = np.stack([hxx, hxy, hyy], axis=1) * trust[:, None]
    offsets = np.stack([column - reach + dx, row - reach + dy], axis=1)
    return offsets, information, peak


def _guarded(current: PageMap, found: Offsets, step: Pass) -> Refined:
    """A better fit, or the map as it was where windows held out of a trial fit lie no nearer under it."""
    held = np.arange(len(found.points)) % 2 == 1
    control = found.chosen(held)
    known = (control.information[:, 0] + control.information[:, 2]) > 0
    if known.sum() >= LEAST_CONTROLS:
        trial = _fitted(current, found.chosen(~held), step).map
        target = current.displaced(control.points + control.offsets) - control.points
        information = _capped(control.information)
        before, after = (
            float(np.median(_gaps(page_map, control.points, target, information)[known]))
            for page_map in (current, trial)
        )
        if after > before:
            return _as_it_was(current, found, step)
    return _fitted(current, found, step)


def _as_it_was(current: PageMap, found: Offsets, step: Pass) -> Refined:
    information = _capped(found.information)
    target = current.displaced(found.points + found.offsets) - found.points
    gaps = _gaps(current, found.points, target, information)
    weighted = information / ((1 + (gaps / step.gates[-1]) ** 2) ** 2)[:, None]
    return Refined(current, found.points, weighted, gaps)


def _fitted(current: PageMap, found: Offsets, step: Pass) -> Refined:
    """The smooth displacement that most windows agree on; `current` is where it starts from."""
    shape = grid_shape(current.size, KNOT_SPACING_MM)
    target = current.displaced(found.points + found.offsets) - found.points
    information = _capped(found.information)
    fitted, weighted = current, information
    distance = _gaps(fitted, found.points, target, information)
    for gate in step.gates:
        weighted = information / ((1 + (distance / gate) ** 2) ** 2)[:, None]
        displacement = fit_displacement(
            found.points, weighted, _times(weighted, target), current.size, shape, step.bend
        )
        fitted = replace(current, displacement=displacement)
        distance = _gaps(fitted, found.points, target, information)
    return Refined(fitted, found.points, weighted, distance)


def _gaps(fitted: PageMap, points: FloatArray, target: FloatArray, information: FloatArray) -> FloatArray:
    """Distance (mm) from each window's measurement to a map, in the directions that the window knows."""
    gap = target - (fitted.displaced(points) - points)
    strength = np.maximum(information[:, 0] + information[:, 2], 1e-9)
    return np.sqrt(np.maximum(_quadratic(information, gap), 0) / strength)


def _capped(information: FloatArray) -> FloatArray:
    """Information with neither axis believed beyond `SIGMA_FLOOR_MM`."""
    highest = np.maximum(information[:, 0] + information[:, 2], 1e-9)
    return information * np.minimum(1.0, 1 / SIGMA_FLOOR_MM**2 / highest)[:, None]


def _quadratic(information: FloatArray, vectors: FloatArray) -> NDArray[np.float64]:
    x, y = vectors[:, 0], vectors[:, 1]
    return information[:, 0] * x * x + 2 * information[:, 1] * x * y + information[:, 2] * y * y


def _times(information: FloatArray, vectors: FloatArray) -> FloatArray:
    x, y = vectors[:, 0], vectors[:, 1]
    return np.stack(
        [information[:, 0] * x + information[:, 1] * y, information[:, 1] * x + information[:, 2] * y], axis=1
    )
