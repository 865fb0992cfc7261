"""Local features of a page's print, and their matching.

SIFT (Lowe, 2004) under the Hellinger kernel ("RootSIFT": Arandjelovic and Zisserman, 2012), where the
similarity of two descriptors is their scalar product, 0 to 1, so that whole sets are compared by one
matrix product.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scanservice.geometry import FloatArray, Image

CONTRAST_THRESHOLD = 0.025
"""SIFT's threshold on flattened print: lower ones add paper grain and noise, higher ones lose faint print."""
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
    """At most `limit` features of a grey picture; points in its pixels."""
    # Without the precise upscale every point lies a fraction of a pixel off, always to the same side.
    sift = cv2.SIFT.create(
        nfeatures=limit, contrastThreshold=CONTRAST_THRESHOLD, edgeThreshold=12, enable_precise_upscale=True
    )
    keypoints, descriptors = sift.detectAndCompute(grey, None)  # type: ignore[call-overload]
    if descriptors is None or not len(keypoints):
        return Features(np.zeros((0, 2), np.float32), np.zeros((0, 128), np.float32))
    order = np.argsort([-keypoint.response for keypoint in keypoints], kind="stable")[:limit]
    points = cv2.KeyPoint.convert(keypoints)  # type: ignore[call-overload]
    rooted = np.sqrt(descriptors / np.maximum(descriptors.sum(axis=1, keepdims=True), 1e-9))
    return Features(
        np.ascontiguousarray(np.asarray(points, np.float32)[order]),
        np.ascontiguousarray(rooted[order], dtype=np.float32),
    )


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
