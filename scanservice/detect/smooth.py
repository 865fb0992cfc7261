"""A smooth displacement of a page, fitted to local measurements.

The displacement is held at knots of a regular grid and interpolated bilinearly, as in `PageMap`. It
minimises the measurements' squared, weighted errors plus the bending energy of a thin plate (Wahba,
1990), discretised by differences of neighbouring knots: sparse and banded, so one Cholesky factorisation
(LAPACK pbsv) solves it in a few milliseconds.
"""

from __future__ import annotations

import itertools
from functools import lru_cache

import numpy as np
from scipy.linalg import solveh_banded

from scanservice.geometry import FloatArray

MEMBRANE = 1e-6
"""Weight of the displacement itself: only so that a grid with no measurement has a solution."""


def grid_shape(size: tuple[float, float], spacing: float) -> tuple[int, int]:
    """Rows and columns of a grid over a page of `size` mm with knots about `spacing` mm apart."""
    return max(3, round(size[1] / spacing) + 1), max(3, round(size[0] / spacing) + 1)


def fit_displacement(
    points: FloatArray,
    information: FloatArray,
    moments: FloatArray,
    size: tuple[float, float],
    shape: tuple[int, int],
    bend: float,
) -> FloatArray:
    """The displacement at the knots, rows x columns x 2, in mm.

    Args:
        points: N x 2, mm: where something was measured.
        information: N x 3 (xx, xy, yy), 1/mm^2: the inverse covariance of each measurement. A straight
            line informs across itself only, which is what solves the aperture problem.
        moments: N x 2, 1/mm: information times the measured displacement.
        bend: expected change of slope from one knot to the next times their spacing, in mm: the
            standard deviation of second differences that paper's curl calls for.
    """
    knots, weights = _bilinear(points, size, shape)
    band = _normal_equations(knots, weights, information, shape, bend)
    right = np.bincount(
        np.concatenate([2 * knots[:, a] + axis for a in range(4) for axis in (0, 1)]),
        np.concatenate([weights[:, a] * moments[:, axis] for a in range(4) for axis in (0, 1)]),
        minlength=band.shape[1],
    )
    solution = solveh_banded(band, right, lower=True, check_finite=False, overwrite_ab=True)
    return solution.reshape(*shape, 2)


def doubt(
    points: FloatArray,
    information: FloatArray,
    size: tuple[float, float],
    shape: tuple[int, int],
    bend: float,
    places: FloatArray,
) -> FloatArray:
    """Standard deviation (mm, N) of a fitted displacement at places (N x 2, mm).

    The covariance of the estimate is the inverse of the normal equations: small between measurements,
    growing as one leaves them, the faster the more the paper may bend. Arguments as `fit_displacement`.
    """
    band = _normal_equations(*_bilinear(points, size, shape), information, shape, bend)
    knots, weights = _bilinear(places, size, shape)
    right = np.zeros((band.shape[1], 2 * len(places)))
    for axis in (0, 1):
        column = np.arange(len(places)) * 2 + axis
        for a in range(4):
            right[2 * knots[:, a] + axis, column] += weights[:, a]
    solved = solveh_banded(band, right, lower=True, check_finite=False, overwrite_ab=True)
    variances = (right * solved).sum(axis=0).reshape(-1, 2)
    return np.sqrt(np.maximum(variances.sum(axis=1), 0.0))


def interpolate(values: FloatArray, places: FloatArray, size: tuple[float, float]) -> FloatArray:
    """Values at knots (rows x columns x K) at places (N x 2, mm) between them, bilinearly: N x K."""
    knots, weights = _bilinear(places, size, (values.shape[0], values.shape[1]))
    return (values.reshape(-1, values.shape[2])[knots] * weights[..., None]).sum(axis=1)


def roughness(displacement: FloatArray) -> float:
    """How much a displacement bends from knot to knot (mm): the scale that `bend` is given in."""
    seconds = [np.linalg.norm(np.diff(displacement, 2, axis=axis), axis=2).ravel() for axis in (0, 1)]
    return float(np.quantile(np.concatenate(seconds), 0.9))


def _normal_equations(
    knots: FloatArray, weights: FloatArray, information: FloatArray, shape: tuple[int, int], bend: float
) -> FloatArray:
    """The lower band of the matrix whose solution is the displacement, as LAPACK wants it."""
    band = _bending(*shape) / (bend * bend)
    unknowns = band.shape[1]
    places, values = [], []
    for a, b in itertools.combinations_with_replacement(range(4), 2):
        # The four knots of a point are in ascending order, so (b, a) is in the matrix's lower half.
        product = weights[:, a] * weights[:, b]
        for row_axis, column_axis in ((0, 0), (1, 0), (1, 1), (0, 1)):
            row, column = 2 * knots[:, b] + row_axis, 2 * knots[:, a] + column_axis
            if a == b and column_axis > row_axis:
                continue
            places.append((row - column) * unknowns + column)
            values.append(product * information[:, row_axis + column_axis])
    added = np.bincount(np.concatenate(places), np.concatenate(values), minlength=band.size)
    return band + added.reshape(band.shape)


def _bilinear(
    points: FloatArray, size: tuple[float, float], shape: tuple[int, int]
) -> tuple[FloatArray, FloatArray]:
    """The four knots around each point and their weights, N x 4 each."""
    rows, columns = shape
    x = np.clip(points[:, 0] / size[0], 0, 1) * (columns - 1)
    y = np.clip(points[:, 1] / size[1], 0, 1) * (rows - 1)
    column = np.minimum(x.astype(np.intp), columns - 2)
    row = np.minimum(y.astype(np.intp), rows - 2)
    fx, fy = x - column, y - row
    first = row * columns + column
    knots = np.stack([first, first + 1, first + columns, first + columns + 1], axis=1)
    weights = np.stack([(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy], axis=1)
    return knots, weights


@lru_cache(maxsize=16)
def _bending(rows: int, columns: int) -> FloatArray:
    """The lower band of the thin plate's bending energy for both axes, of unit weight."""
    count = rows * columns
    index = np.arange(count).reshape(rows, columns)
    energy = np.zeros((4 * columns + 5, 2 * count))

    def add(stencils: list[tuple[np.ndarray, float]], weight: float) -> None:
        for first, a in stencils:
            for second, b in stencils:
                row, column = first.ravel(), second.ravel()
                keep = row >= column
                for axis in (0, 1):
                    np.add.at(
                        energy,
                        (2 * (row - column)[keep], 2 * column[keep] + axis),
                        weight * a * b,
                    )

    add([(index[:, :-2], 1.0), (index[:, 1:-1], -2.0), (index[:, 2:], 1.0)], 1.0)
    add([(index[:-2], 1.0), (index[1:-1], -2.0), (index[2:], 1.0)], 1.0)
    cross = [(index[:-1, :-1], 1.0), (index[:-1, 1:], -1.0), (index[1:, :-1], -1.0), (index[1:, 1:], 1.0)]
    add(cross, 2.0)
    energy[0] += MEMBRANE
    energy.flags.writeable = False
    return energy
