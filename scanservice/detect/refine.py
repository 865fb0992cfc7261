"""From a page roughly in place to one that lies within a tenth of a millimetre.

Small windows of the blank's print are looked for around where the page's map puts them, by normalised
cross-correlation. The curvature of the correlation's peak says in which directions a window knows its
place: a straight table line knows it across itself only. A smooth displacement is fitted to what all
windows know, windows that disagree losing their say.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from scanservice.detect.library import KnownPage, Level
from scanservice.detect.picture import Picture
from scanservice.detect.smooth import (
    Design,
    design,
    doubt,
    fit_displacement,
    grid_shape,
    interpolate,
    roughness,
)
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
COVERAGE = 2.5
"""Standard deviations of the map's doubt that count: benchmarks.registration."""
BEYOND_MM, BEYOND = 0.15, 8.0
"""Doubt above the first comes of places that print does not surround; there the paper's bend is guessed,
and errors are larger than the doubt by this factor more."""


@dataclass(frozen=True)
class Pass:
    """One round of refinement.

    Attributes:
        level: index into `KnownPage.levels`.
        reach: mm around its expected place in which a window is looked for.
        bend: see `fit_displacement`, mm.
        gates: mm of disagreement at which a window loses three quarters of its say, round by round.
    """

    level: int
    reach: float
    bend: float
    gates: tuple[float, ...]


COARSE = Pass(level=0, reach=2.5, bend=0.3, gates=(3.0, 1.5, 0.8))
COARSE_REPEATS = 3
FINE = Pass(level=1, reach=1.0, bend=0.2, gates=(0.8, 0.4, 0.3))
SETTLED_MM = 0.5
"""The coarse pass is repeated while it moves any part of the page's print by more than this: what was found
in the middle of a page brings its edges within reach."""
WITHIN_REACH_MM = 0.75
"""Of the fine pass: windows off by more than this may have found something else."""
AT_ONCE_MM, AT_ONCE_TOLD, AT_ONCE_AGREE = 0.2, 0.7, 0.9
"""The fine pass is enough where it stays within its reach, this share of its windows tell anything, and this
share of those lie no further than the first from the map that they made: of generated pages, curled ones
included, 0.95 and 0.99 or more."""
ASTRAY_MM, TOGETHER_MM, TOGETHER = 0.3, 14.0, 3
"""So many windows further off than the first, each no further than the second from another of them, are a
part of the page that the pass did not reach. On a page whose corner lay 1.7 mm off there were four. Of the
pages of some 50 other scans three had as many: two of a form typed again, and one that the wider search moved
by 0.03 mm."""


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
        measured = design(self.points, self.map.size, shape)
        known = doubt(measured, self.information, self.map.size, bend, nodes)
        # Doubt varies slowly: interpolated, it costs a tenth of what it costs at every corner.
        return np.asarray(interpolate(known.reshape(*lattice, 1), places, self.map.size)[:, 0])

    def may_be_off(self, places: FloatArray) -> FloatArray:
        """By how much (mm) the map may be off at places of the page (N x 2, mm), as far as it can tell."""
        doubt = self.doubt(places)
        return COVERAGE * doubt + BEYOND * np.maximum(doubt - BEYOND_MM, 0.0)


def refine(page: KnownPage, start: PageMap, picture: Picture) -> Refined:
    """The map with the paper's displacement fitted to the print.

    The coarse pass is made only where the fine one does not find its way by itself.

    Args:
        start: the map to begin with, off by no more than the coarse pass's reach nearly everywhere.
    """
    fine, moved = _passed(page, start, picture, FINE)
    if moved <= WITHIN_REACH_MM and _agreed(fine):
        # Windows that were cut out well beside their place are cut out again.
        fine = fine if moved <= SETTLED_MM else _passed(page, fine.map, picture, FINE)[0]
        if not _part_astray(fine):
            return fine
        start = fine.map
    return refine_widely(page, start, picture)


def refine_widely(page: KnownPage, start: PageMap, picture: Picture) -> Refined:
    """The same by the coarse pass first: print that stands alone on curled paper lies beyond the fine one's
    reach, though all the rest of the page agrees."""
    current = start
    for _ in range(COARSE_REPEATS):
        coarse, moved = _passed(page, current, picture, COARSE)
        current = coarse.map
        if moved <= SETTLED_MM:
            break
    return _passed(page, current, picture, FINE)[0]


def _passed(page: KnownPage, start: PageMap, picture: Picture, step: Pass) -> tuple[Refined, float]:
    """The map after one pass, and by how much (mm) it moved the page's print at most."""
    level = page.levels[step.level]
    found = find_windows(level, picture.ink(start, page.channel, level.dots_per_mm), step.reach)
    refined = _guarded(start, found, step, _design(level, page.size))
    moved = np.linalg.norm(refined.map.displaced(found.points) - start.displaced(found.points), axis=1)
    return refined, float(moved.max(initial=0.0))


def _agreed(refined: Refined) -> bool:
    """Whether the windows leave no doubt that the map is the page's."""
    told = (refined.information[:, 0] + refined.information[:, 2]) > 0
    near = refined.gaps[told] <= AT_ONCE_MM
    return len(told) > 0 and told.mean() >= AT_ONCE_TOLD and near.mean() >= AT_ONCE_AGREE


def _part_astray(refined: Refined) -> bool:
    """Whether windows that lie together disagree with a map on which nearly all others agree: a corner that
    the paper's curl took out of reach is outvoted, a single window may have found something else."""
    told = (refined.information[:, 0] + refined.information[:, 2]) > 0
    points = refined.points[told & (refined.gaps > ASTRAY_MM)]
    if len(points) < TOGETHER:
        return False
    near = np.linalg.norm(points[:, None] - points[None], axis=2) <= TOGETHER_MM
    for _ in range(TOGETHER):  # from neighbour to neighbour
        near = near @ near
    return int(near.sum(axis=1).max()) >= TOGETHER


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


def _softened(ink: Image) -> NDArray[np.float32]:
    """Ink with handwriting and heavy print no darker than a thin line, a little blurred.

    In floating point, in which windows are compared: turned into it once and not window by window.
    """
    _, clipped = cv2.threshold(ink, THIN_LINE, 255, cv2.THRESH_TRUNC)
    return np.asarray(cv2.GaussianBlur(clipped, (0, 0), 0.7), np.float32)


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


@lru_cache(maxsize=32)
def _design(level: Level, size: tuple[float, float]) -> Design:
    """Of all windows of a level, the same in every picture."""
    return design(
        (level.corners + level.side / 2) / level.dots_per_mm, size, grid_shape(size, KNOT_SPACING_MM)
    )


def _guarded(current: PageMap, found: Offsets, step: Pass, measured: Design) -> Refined:
    """A better fit, or the map as it was where windows held out of a trial fit lie no nearer under it.

    A fit on which nearly all windows agree needs no trial.
    """
    fitted = _fitted(current, found, step, measured)
    held = np.arange(len(found.points)) % 2 == 1
    control = found.chosen(held)
    known = (control.information[:, 0] + control.information[:, 2]) > 0
    if _agreed(fitted) or known.sum() < LEAST_CONTROLS:
        return fitted
    trial = _fitted(current, found.chosen(~held), step, measured.chosen(~held)).map
    target = current.displaced(control.points + control.offsets) - control.points
    information = _capped(control.information)
    before, after = (
        float(np.median(_gaps(page_map, control.points, target, information)[known]))
        for page_map in (current, trial)
    )
    return fitted if after <= before else _as_it_was(current, found, step)


def _as_it_was(current: PageMap, found: Offsets, step: Pass) -> Refined:
    information = _capped(found.information)
    target = current.displaced(found.points + found.offsets) - found.points
    gaps = _gaps(current, found.points, target, information)
    weighted = information / ((1 + (gaps / step.gates[-1]) ** 2) ** 2)[:, None]
    return Refined(current, found.points, weighted, gaps)


def _fitted(current: PageMap, found: Offsets, step: Pass, measured: Design) -> Refined:
    """The smooth displacement that most windows agree on; `current` is where it starts from."""
    target = current.displaced(found.points + found.offsets) - found.points
    information = _capped(found.information)
    fitted, weighted = current, information
    distance = _gaps(fitted, found.points, target, information)
    for gate in step.gates:
        weighted = information / ((1 + (distance / gate) ** 2) ** 2)[:, None]
        displacement = fit_displacement(measured, weighted, _times(weighted, target), step.bend)
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
