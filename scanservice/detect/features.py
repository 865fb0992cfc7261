"""Local features of a page's print, and their matching.

SIFT (Lowe, 2004) under the Hellinger kernel ("RootSIFT": Arandjelovic and Zisserman, 2012), where the
similarity of two descriptors is their scalar product, 0 to 1, so that whole sets are compared by one
matrix product.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scanservice.geometry import FloatArray, Image

CONTRAST_THRESHOLD = 0.025
"""SIFT's threshold on flattened print: lower ones add paper grain and noise, higher ones lose faint print."""
TILE, AROUND = 480, 64
"""Pixels: side of a tile, and what is seen around it, the reach of a coarse feature's descriptor."""
RATIO = 0.82
"""Lowe's ratio of the distances to the nearest and the second nearest descriptor, as he measured it."""


@dataclass(frozen=True, eq=False)
class Features:
    """Features of one picture, the strongest first.

    Attributes:
        points: N x 2, float32; pixels or millimetres, as their maker says.
        descriptors: N x 128, float32, of unit length.
    """

    points: NDArray[np.float32]
    descriptors: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.points)

    def chosen(self, index: NDArray[np.intp] | NDArray[np.bool_] | slice) -> Features:
        return Features(self.points[index], self.descriptors[index])


def find_features(grey: Image, limit: int) -> Features:
    """At most `limit` features of a grey picture; points in its pixels.

    A large picture is searched in tiles: SIFT keeps eleven planes of four times its picture's size at once.
    """
    parts = [_in_tile(grey, left, right, limit) for left, right in _tiles(grey)]
    points = np.concatenate([part[0] for part in parts])
    descriptors = np.concatenate([part[1] for part in parts])
    order = np.argsort(-np.concatenate([part[2] for part in parts]), kind="stable")[:limit]
    rooted = np.sqrt(descriptors / np.maximum(descriptors.sum(axis=1, keepdims=True), 1e-9))
    return Features(
        np.ascontiguousarray(points[order]), np.ascontiguousarray(rooted[order], dtype=np.float32)
    )


def _tiles(grey: Image) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """First and last corner (x, y; exclusive) of tiles that cover a picture without overlap."""
    height, width = grey.shape[:2]
    rows, columns = (max(1, round(side / TILE)) for side in (height, width))
    for (top, bottom), (left, right) in itertools.product(
        itertools.pairwise(np.linspace(0, height, rows + 1, dtype=int).tolist()),
        itertools.pairwise(np.linspace(0, width, columns + 1, dtype=int).tolist()),
    ):
        yield (left, top), (right, bottom)


def _in_tile(
    grey: Image, first: tuple[int, int], last: tuple[int, int], limit: int
) -> tuple[NDArray[np.float32], NDArray[np.float32], FloatArray]:
    """Points (in the picture's pixels), raw descriptors and responses of the features in one tile."""
    # Without the precise upscale every point lies a fraction of a pixel off, always to the same side.
    sift = cv2.SIFT.create(
        nfeatures=limit, contrastThreshold=CONTRAST_THRESHOLD, edgeThreshold=12, enable_precise_upscale=True
    )
    left, top = (max(0, corner - AROUND) for corner in first)
    part = grey[top : last[1] + AROUND, left : last[0] + AROUND]
    keypoints, descriptors = sift.detectAndCompute(part, None)  # type: ignore[call-overload]
    if descriptors is None or not len(keypoints):
        return np.zeros((0, 2), np.float32), np.zeros((0, 128), np.float32), np.zeros(0)
    points = np.asarray(cv2.KeyPoint.convert(keypoints), np.float32)  # type: ignore[call-overload]
    points = points + np.array([left, top], np.float32)
    inside = ((points >= first) & (points < last)).all(axis=1)
    responses = np.array([keypoint.response for keypoint in keypoints])
    return points[inside], np.asarray(descriptors, np.float32)[inside], responses[inside]


def similarity(known: Features, seen: Features) -> FloatArray:
    """Scalar products of all descriptors, len(known) x len(seen), float32."""
    return known.descriptors @ seen.descriptors.T


def ratio_matches(products: FloatArray, ratio: float = RATIO) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs (row, column) whose nearest neighbour is clearly nearer than the second nearest.

    Args:
        products: scalar products of unit descriptors, rows x columns; -1 where a pair is ruled out.
    """
    if products.shape[0] == 0 or products.shape[1] < 2:
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    rows = np.arange(len(products))
    best = products.argmax(axis=1)
    first = products[rows, best]
    products[rows, best] = -1
    second = products.max(axis=1)
    products[rows, best] = first
    # |a - b|^2 = 2 - 2ab for unit vectors.
    good = (1 - first) < ratio * ratio * (1 - second)
    return rows[good], best[good]
