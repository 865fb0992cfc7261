"""Where a known page lies in a picture: features, a robust homography, and a smooth bend of the paper."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scanservice.detect.features import Features, ratio_matches, similarity
from scanservice.detect.library import KnownPage
from scanservice.detect.smooth import fit_displacement, grid_shape
from scanservice.geometry import FloatArray, PageMap

LOOSE_MM = 2.0
"""Homography inliers: curled paper leaves 2 to 4 mm after the best homography."""
GUIDE_MM = 7.0
"""A second look for matches this near to where the homography puts them: less than a row of a table
(about 8 mm), so that the same word in the next row is not taken."""
GUIDE_RATIO = 0.88
MIN_INLIERS = 12
"""Of unrelated pages not one in 2,000 pairs has ten matches that agree on a homography (docs/benchmarks)."""
KNOT_SPACING_MM = 10.0
FEATURE_NOISE_MM = 0.25
"""Standard deviation of a correct match at the scale of the library's features."""
BENDS_MM = (0.05, 0.1, 0.15, 0.2)
GATES_MM = (3.0, 2.0, 1.2, 0.9)
"""Bending allowed to the paper and distance at which a match loses half its say, round by round."""


@dataclass(frozen=True, eq=False)
class Placement:
    """A page as found by its features.

    Attributes:
        map: from mm of the page to pixels of the full upload.
        inliers: matches that agree with it.
        coverage: share of the page's area (of those parts that have print) with such matches.
    """

    page: KnownPage
    map: PageMap
    inliers: int
    coverage: float


def vote(pages: tuple[KnownPage, ...], seen: Features) -> NDArray[np.intp]:
    """How many of each page's ranking features find a clear partner among those seen."""
    votes = np.zeros(len(pages), np.intp)
    for index, page in enumerate(pages):
        products = similarity(page.features.chosen(page.ranking), seen)
        votes[index] = len(ratio_matches(products)[0])
    return votes


def locate(page: KnownPage, seen: Features, step: FloatArray) -> Placement | None:
    """The page among the features seen, or None where it is not there.

    Args:
        seen: features of the reduced picture, in its pixels.
        step: 3 x 3, from pixels of the reduced picture to those of the full upload.
    """
    if len(seen) < MIN_INLIERS:
        return None
    products = similarity(page.features, seen)
    rows, columns = ratio_matches(products)
    if len(rows) < MIN_INLIERS:
        return None
    homography = _homography(page.features.points[rows], seen.points[columns], page.size)
    if homography is None:
        return None
    flat = cv2.perspectiveTransform(seen.points[None], np.linalg.inv(homography))[0]
    rows, columns = _guided(page.features.points, flat, products)
    known, off = page.features.points[rows].astype(float), (flat[columns] - page.features.points[rows])
    shape = grid_shape(page.size, KNOT_SPACING_MM)
    displacement, weights = _bend(known, off.astype(float), page.size, shape)
    sure = weights > 0.5
    if sure.sum() < MIN_INLIERS:
        return None
    return Placement(
        page,
        PageMap(page.size, step @ homography, displacement),
        int(sure.sum()),
        _coverage(page, known[sure]),
    )


def _homography(known: FloatArray, seen: FloatArray, size: tuple[float, float]) -> FloatArray | None:
    """From mm of the page to pixels of the reduced picture; None where none is supported or possible."""
    # Found from pixels to mm, so that the threshold is in millimetres of the form at every distance.
    inverse, mask = cv2.findHomography(
        seen, known, cv2.USAC_MAGSAC, LOOSE_MM, maxIters=3000, confidence=0.9999
    )
    if inverse is None or int(mask.sum()) < MIN_INLIERS or abs(np.linalg.det(inverse)) < 1e-12:
        return None
    homography = np.linalg.inv(inverse)
    homography /= homography[2, 2]
    return homography if plausible(homography, size) else None


def plausible(homography: FloatArray, size: tuple[float, float]) -> bool:
    """Whether a camera could see the page so: not mirrored, not folded over, not absurdly slanted."""
    width, height = size
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], float)
    depth = np.c_[corners, np.ones(4)] @ homography[2]
    if depth.min() <= 0.35 * depth.max():
        return False
    quad = cv2.perspectiveTransform(corners[None], homography)[0]
    edges = np.roll(quad, -1, axis=0) - quad
    following = np.roll(edges, -1, axis=0)
    turns = edges[:, 0] * following[:, 1] - edges[:, 1] * following[:, 0]
    lengths = np.linalg.norm(edges, axis=1) / np.array([width, height, width, height])
    return bool(turns.min() > 0 and lengths.min() > 0.4 * lengths.max())


def _guided(
    known: FloatArray, flat: FloatArray, products: FloatArray
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Matches within reach of where the homography puts them."""
    squares = (known[:, None, 0] - flat[None, :, 0]) ** 2 + (known[:, None, 1] - flat[None, :, 1]) ** 2
    return ratio_matches(np.where(squares < GUIDE_MM**2, products, -1), GUIDE_RATIO)


def _bend(
    points: FloatArray, off: FloatArray, size: tuple[float, float], shape: tuple[int, int]
) -> tuple[FloatArray, FloatArray]:
    """The smooth displacement that most matches agree on, and each match's weight, 0 to 1."""
    weights = 1 / (1 + (np.linalg.norm(off, axis=1) / GATES_MM[0]) ** 2) ** 2
    displacement = np.zeros((*shape, 2))
    for gate, bend in zip(GATES_MM, BENDS_MM, strict=True):
        confidence = weights / FEATURE_NOISE_MM**2
        information = np.stack([confidence, np.zeros_like(confidence), confidence], axis=1)
        displacement = fit_displacement(points, information, confidence[:, None] * off, size, shape, bend)
        moved = PageMap(size, np.eye(3), displacement).displaced(points) - points
        distance = np.linalg.norm(off - moved, axis=1)
        weights = 1 / (1 + (distance / gate) ** 2) ** 2
    return displacement, weights


def _coverage(page: KnownPage, points: FloatArray, cell: float = 20.0) -> float:
    """Share of the cells (mm) with features of the blank that hold a match."""

    def cells(of: FloatArray) -> set[tuple[int, int]]:
        return {(int(x), int(y)) for x, y in np.floor(of / cell)}

    known = cells(page.features.points)
    return len(cells(points) & known) / max(len(known), 1)
