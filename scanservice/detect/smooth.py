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
    rows, columns = shape
    knots, weights = _bilinear(points, size, shape)
    band = _bending(rows, columns) / (bend * bend)
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
    band += np.bincount(np.concatenate(places), np.concatenate(values), minlength=band.size).reshape(
        band.shape
    )
    right = np.bincount(
        np.concatenate([2 * knots[:, a] + axis for a in range(4) for axis in (0, 1)]),
        np.concatenate([weights[:, a] * moments[:, axis] for a in range(4) for axis in (0, 1)]),
        minlength=unknowns,
    )
    solution = solveh_banded(band, right, lower=True, check_finite=False, overwrite_ab=True)
    return solution.reshape(rows, columns, 2)


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
