"""A smooth displacement of a page, fitted to local measurements.

The displacement is held at knots of a regular grid and interpolated bilinearly, as in `PageMap`. It
minimises the measurements' squared, weighted errors plus the bending energy of a thin plate (Wahba,
1990), discretised by differences of neighbouring knots: sparse and banded, so one Cholesky factorisation
(LAPACK pbsv) solves it in a few milliseconds.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky_banded, solveh_banded
from scipy.linalg.lapack import get_lapack_funcs

from scanservice.geometry import FloatArray

MEMBRANE = 1e-6
"""Weight of the displacement itself: only so that a grid with no measurement has a solution."""

_PAIRS = tuple(itertools.combinations_with_replacement(range(4), 2))
"""Of the knots around a point, which are in ascending order: (b, a) is in the matrix's lower half."""
_ENTRIES = tuple(
    (a, b, row, column)
    for a, b in _PAIRS
    for row, column in ((0, 0), (1, 0), (1, 1), (0, 1))
    if a != b or row >= column
)
"""What one point adds to the lower half of the normal equations: knot and axis of the column and the row."""


def grid_shape(size: tuple[float, float], spacing: float) -> tuple[int, int]:
    """Rows and columns of a grid over a page of `size` mm with knots about `spacing` mm apart."""
    return max(3, round(size[1] / spacing) + 1), max(3, round(size[0] / spacing) + 1)


@dataclass(frozen=True, eq=False)
class Design:
    """Points between the knots of a grid: what all fits to measurements at the same points share.

    Attributes:
        shape: rows and columns of the grid.
        knots, weights: N x 4, the knots around each point and their say there.
        places: entries x N, index into the lower band of the matrix, which LAPACK stores column by column.
        products: entries x N, what a unit of information adds there.
    """

    shape: tuple[int, int]
    knots: NDArray[np.intp]
    weights: FloatArray
    places: NDArray[np.intp]
    products: FloatArray

    @property
    def unknowns(self) -> int:
        return 2 * self.shape[0] * self.shape[1]

    def chosen(self, index: NDArray[np.bool_]) -> Design:
        """That of some of the points."""
        return Design(
            self.shape, self.knots[index], self.weights[index], self.places[:, index], self.products[:, index]
        )

    def band(self, information: FloatArray, bend: float) -> FloatArray:
        """The lower band of the matrix whose solution is the displacement, as LAPACK wants it."""
        values = self.products * information.T[[row + column for _, _, row, column in _ENTRIES]]
        height = _band_height(self.shape[1])
        added = np.bincount(self.places.ravel(), values.ravel(), minlength=height * self.unknowns)
        return (added.reshape(self.unknowns, height) + _bending(*self.shape) / (bend * bend)).T


def design(points: FloatArray, size: tuple[float, float], shape: tuple[int, int]) -> Design:
    """Points (N x 2, mm) of a page of `size` mm between the knots of a grid."""
    knots, weights = _bilinear(points, size, shape)
    height = _band_height(shape[1])
    places = np.empty((len(_ENTRIES), len(points)), np.intp)
    products = np.empty(places.shape)
    for entry, (a, b, row_axis, column_axis) in enumerate(_ENTRIES):
        row, column = 2 * knots[:, b] + row_axis, 2 * knots[:, a] + column_axis
        places[entry] = column * height + (row - column)
        products[entry] = weights[:, a] * weights[:, b]
    return Design(shape, knots, weights, places, products)


def fit_displacement(
    measured: Design, information: FloatArray, moments: FloatArray, bend: float
) -> FloatArray:
    """The displacement at the knots, rows x columns x 2, in mm.

    Args:
        measured: where something was measured, N points.
        information: N x 3 (xx, xy, yy), 1/mm^2: the inverse covariance of each measurement. A straight
            line informs across itself only, which is what solves the aperture problem.
        moments: N x 2, 1/mm: information times the measured displacement.
        bend: expected change of slope from one knot to the next times their spacing, in mm: the
            standard deviation of second differences that paper's curl calls for.
    """
    right = _spread(measured.knots, measured.weights, moments, measured.unknowns)
    band = measured.band(information, bend)
    solution = solveh_banded(band, right, lower=True, check_finite=False, overwrite_ab=True, overwrite_b=True)
    return solution.reshape(*measured.shape, 2)


def _spread(knots: NDArray[np.intp], weights: FloatArray, moments: FloatArray, unknowns: int) -> FloatArray:
    """Moments (N x 2) at points, shared out among the knots around them."""
    places = 2 * knots[:, :, None] + np.arange(2)
    return np.bincount(places.ravel(), (weights[:, :, None] * moments[:, None]).ravel(), minlength=unknowns)


def doubt(
    measured: Design, information: FloatArray, size: tuple[float, float], bend: float, places: FloatArray
) -> FloatArray:
    """Standard deviation (mm, N) of a fitted displacement at places (N x 2, mm).

    The covariance of the estimate is the inverse of the normal equations: small between measurements,
    growing as one leaves them, the faster the more the paper may bend. With L L' the matrix's Cholesky
    factors the variance of w'x is the square of L^-1 w. Arguments as `fit_displacement`.
    """
    factor = cholesky_banded(
        measured.band(information, bend), lower=True, check_finite=False, overwrite_ab=True
    )
    knots, weights = _bilinear(places, size, measured.shape)
    right = np.zeros((measured.unknowns, 2 * len(places)), order="F")
    for axis in (0, 1):
        column = np.arange(len(places)) * 2 + axis
        for a in range(4):
            right[2 * knots[:, a] + axis, column] += weights[:, a]
    (triangular,) = get_lapack_funcs(("tbtrs",), (factor, right))
    solved, _ = triangular(factor, right, uplo="L", overwrite_b=True)
    variances = (solved * solved).sum(axis=0).reshape(-1, 2)
    return np.sqrt(variances.sum(axis=1))


def interpolate(values: FloatArray, places: FloatArray, size: tuple[float, float]) -> FloatArray:
    """Values at knots (rows x columns x K) at places (N x 2, mm) between them, bilinearly: N x K."""
    knots, weights = _bilinear(places, size, (values.shape[0], values.shape[1]))
    return (values.reshape(-1, values.shape[2])[knots] * weights[..., None]).sum(axis=1)


def roughness(displacement: FloatArray) -> float:
    """How much a displacement bends from knot to knot (mm): the scale that `bend` is given in."""
    seconds = [np.linalg.norm(np.diff(displacement, 2, axis=axis), axis=2).ravel() for axis in (0, 1)]
    return float(np.quantile(np.concatenate(seconds), 0.9))


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


def _band_height(columns: int) -> int:
    """Of the lower band: a knot bends with those two rows and, for the cross term, a column away."""
    return 4 * columns + 5


@lru_cache(maxsize=16)
def _bending(rows: int, columns: int) -> FloatArray:
    """The lower band of the thin plate's bending energy for both axes, of unit weight, transposed."""
    count = rows * columns
    index = np.arange(count).reshape(rows, columns)
    energy = np.zeros((2 * count, _band_height(columns)))

    def add(stencils: list[tuple[np.ndarray, float]], weight: float) -> None:
        for first, a in stencils:
            for second, b in stencils:
                row, column = first.ravel(), second.ravel()
                keep = row >= column
                for axis in (0, 1):
                    np.add.at(
                        energy,
                        (2 * column[keep] + axis, 2 * (row - column)[keep]),
                        weight * a * b,
                    )

    add([(index[:, :-2], 1.0), (index[:, 1:-1], -2.0), (index[:, 2:], 1.0)], 1.0)
    add([(index[:-2], 1.0), (index[1:-1], -2.0), (index[2:], 1.0)], 1.0)
    cross = [(index[:-1, :-1], 1.0), (index[:-1, 1:], -1.0), (index[1:, :-1], -1.0), (index[1:, 1:], 1.0)]
    add(cross, 2.0)
    energy[:, 0] += MEMBRANE
    energy.flags.writeable = False
    return energy
