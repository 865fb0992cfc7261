"""Where a known page lies in a picture: features, a robust homography, and a smooth bend of the paper."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scanservice.detect.features import Features, ratio_matches, similarity
from scanservice.detect.library import KnownPage, Library
from scanservice.detect.smooth import design, fit_displacement, grid_shape
from scanservice.geometry import FloatArray, PageMap

LOOSE_MM = 2.0
"""Homography inliers: curled paper leaves 2 to 4 mm after the best homography."""
GUIDES_MM = (7.0, 3.0)
"""A second and third look for matches this near to where they are expected: less than a row of a table
(about 8 mm), so that the same word in the next row is not taken."""
GUIDE_RATIO = 0.88
MIN_INLIERS = 12
"""Four matches make a homography; three times as many do not agree on one by chance. What passes is only
a candidate: its print decides (`identity`)."""
FAMILY_SHARE = 0.5
"""Of the most votes that the first page of a family has; the first of a family that is not there has what
chance gives: a fifth to a third of what one in plain sight has."""
SURE_VOTES = 40
"""With fewer votes for any family's first page all pages vote: it may be the least like what is there."""
KNOT_SPACING_MM = 14.0
FEATURE_NOISE_MM = 0.25
"""Standard deviation of a correct match at the scale of the library's features."""
BENDS_MM = (0.1, 0.2, 0.3)
GATES_MM = (3.0, 1.5, 1.0)
"""Bending allowed to the paper and distance at which a match loses half its say, round by round."""


@dataclass(frozen=True, eq=False)
class Match:
    """A page that many features agree on.

    Attributes:
        homography: from mm of the page to pixels of the reduced picture; curl is not in it.
        products: scalar products of the page's descriptors with those seen.
        inliers: matches within `LOOSE_MM` of the homography.
        coverage: share of the page's area (of those parts that have print) with such matches.
    """

    page: KnownPage
    homography: FloatArray
    products: FloatArray
    inliers: int
    coverage: float


def vote(library: Library, seen: Features) -> NDArray[np.intp]:
    """How many of each page's ranking features find a clear partner among those seen.

    Pages that are kin share most of their features, so that one of each family votes first; a family is left
    out (0 votes) where another one's share is several times its own.
    """
    votes = np.zeros(len(library.pages), np.intp)

    def count(index: int) -> None:
        page = library.pages[index]
        votes[index] = len(ratio_matches(similarity(page.features.chosen(page.ranking), seen))[0])

    families = library.families()
    for first, *_ in families:
        count(first)
    most = max(votes[first] for first, *_ in families)
    for first, *others in families:
        if votes[first] >= FAMILY_SHARE * most or most < SURE_VOTES:
            for index in others:
                count(index)
    return votes


def match(page: KnownPage, seen: Features) -> Match | None:
    """The page among features seen in a reduced picture (its pixels), or None where it is not there."""
    if len(seen) < MIN_INLIERS:
        return None
    products = similarity(page.features, seen)
    rows, columns = ratio_matches(products)
    if len(rows) < MIN_INLIERS:
        return None
    known = page.features.points[rows]
    found = _homography(known, seen.points[columns], page.size)
    if found is None:
        return None
    homography, inside = found
    return Match(page, homography, products, int(inside.sum()), _coverage(page, known[inside]))


def place(matched: Match, seen: Features, step: FloatArray) -> PageMap:
    """Where the page lies, its paper's bend as far as features tell.

    Args:
        seen: as in `match`.
        step: 3 x 3, from pixels of the reduced picture to those of the full upload.
    """
    page = matched.page
    flat = cv2.perspectiveTransform(seen.points[None], np.linalg.inv(matched.homography))[0]
    flat = np.clip(flat, -1e4, 1e4)
    bent = PageMap(page.size, np.eye(3))
    for reach in GUIDES_MM:
        expected = bent.displaced(page.features.points)
        rows, columns = _guided(expected, flat, matched.products, reach)
        if len(rows) < MIN_INLIERS:
            break
        known = page.features.points[rows].astype(float)
        bent = _bend(bent, known, flat[columns] - known, grid_shape(page.size, KNOT_SPACING_MM))
    return PageMap(page.size, step @ matched.homography, bent.displacement)


def _homography(
    known: FloatArray, seen: FloatArray, size: tuple[float, float]
) -> tuple[FloatArray, NDArray[np.bool_]] | None:
    """From mm of the page to pixels of the reduced picture, and which matches agree with it.

    None where too few do, or no camera could see the page so.
    """
    # Found from pixels to mm, so that the threshold is in millimetres of the form at every distance.
    inverse, mask = cv2.findHomography(
        seen, known, cv2.USAC_MAGSAC, LOOSE_MM, maxIters=3000, confidence=0.9999
    )
    if inverse is None or int(mask.sum()) < MIN_INLIERS or abs(np.linalg.det(inverse)) < 1e-12:
        return None
    homography = np.linalg.inv(inverse)
    homography /= homography[2, 2]
    return (homography, mask.ravel() > 0) if plausible(homography, size) else None


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
    expected: FloatArray, flat: FloatArray, products: FloatArray, reach: float
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Matches within `reach` mm of where they are expected."""
    expected = expected.astype(np.float32)
    squares = (expected * expected).sum(axis=1)[:, None] + (flat * flat).sum(axis=1)[None]
    squares -= 2 * (expected @ flat.T)
    return ratio_matches(np.where(squares < reach * reach, products, np.float32(-1)), GUIDE_RATIO)


def _bend(start: PageMap, points: FloatArray, off: FloatArray, shape: tuple[int, int]) -> PageMap:
    """The smooth displacement that most matches agree on, beginning with what is known of it."""
    bent, measured = start, design(points, start.size, shape)
    for gate, bend in zip(GATES_MM, BENDS_MM, strict=True):
        distance = np.linalg.norm(points + off - bent.displaced(points), axis=1)
        confidence = 1 / (1 + (distance / gate) ** 2) ** 2 / FEATURE_NOISE_MM**2
        information = np.stack([confidence, np.zeros_like(confidence), confidence], axis=1)
        moments = confidence[:, None] * off
        bent = PageMap(start.size, np.eye(3), fit_displacement(measured, information, moments, bend))
    return bent


def _coverage(page: KnownPage, points: FloatArray, cell: float = 20.0) -> float:
    """Share of the cells (mm) with features of the blank that hold a match."""

    def cells(of: FloatArray) -> set[tuple[int, int]]:
        return {(int(x), int(y)) for x, y in np.floor(of / cell)}

    known = cells(page.features.points)
    return len(cells(points) & known) / max(len(known), 1)
