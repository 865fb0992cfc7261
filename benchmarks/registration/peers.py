"""The usual recipes, on the same pictures: features of the blank, matches, one homography."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from scanservice.detect.blank import blank_grey
from scanservice.geometry import FloatArray, Image
from scanservice.template import Template

BLANK_DOTS_PER_MM = 4.0
LONGEST = 1600
"""Pictures are reduced to this, as such recipes do to be done in time."""
MIN_MATCHES = 8

Peer = Callable[[Template, str, Image], FloatArray | None]


def orb_ransac(template: Template, page: str, image: Image) -> FloatArray | None:
    """ORB (5,000 features), brute force with cross-check, RANSAC; None where it finds nothing."""
    matcher = cv2.BFMatcher(cv2.NORM_HAMMING, crossCheck=True)

    def matches(known: np.ndarray, seen: np.ndarray) -> list[tuple[int, int]]:
        found = sorted(matcher.match(known, seen), key=lambda one: one.distance)
        return [(one.queryIdx, one.trainIdx) for one in found[: max(len(found) // 5, MIN_MATCHES)]]

    return _aligned(cv2.ORB.create(nfeatures=5000), matches, cv2.RANSAC, template, page, image)


def sift_homography(template: Template, page: str, image: Image) -> FloatArray | None:
    """SIFT, the ratio test at 0.75, MAGSAC; None where it finds nothing."""
    matcher = cv2.BFMatcher(cv2.NORM_L2)

    def matches(known: np.ndarray, seen: np.ndarray) -> list[tuple[int, int]]:
        pairs = matcher.knnMatch(known, seen, k=2)
        return [
            (pair[0].queryIdx, pair[0].trainIdx)
            for pair in pairs
            if len(pair) == 2 and pair[0].distance < 0.75 * pair[1].distance
        ]

    return _aligned(cv2.SIFT.create(nfeatures=4000), matches, cv2.USAC_MAGSAC, template, page, image)


PEERS: dict[str, Peer] = {"ORB + RANSAC": orb_ransac, "SIFT + homography": sift_homography}


def _aligned(
    detector: cv2.Feature2D,
    matches: Callable[[np.ndarray, np.ndarray], list[tuple[int, int]]],
    method: int,
    template: Template,
    page: str,
    image: Image,
) -> FloatArray | None:
    """From mm of the page to pixels of the picture."""
    ratio = min(1.0, LONGEST / max(image.shape[:2]))
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    grey = cv2.resize(grey, None, fx=ratio, fy=ratio, interpolation=cv2.INTER_AREA)
    known_points, known = detector.detectAndCompute(blank_grey(template, page, BLANK_DOTS_PER_MM), None)
    seen_points, seen = detector.detectAndCompute(grey, None)
    if known is None or seen is None:
        return None
    pairs = matches(known, seen)
    if len(pairs) < MIN_MATCHES:
        return None
    source = np.array([known_points[a].pt for a, _ in pairs])
    target = np.array([seen_points[b].pt for _, b in pairs])
    source = (source + 0.5) / BLANK_DOTS_PER_MM
    target = (target + 0.5) / ratio - 0.5
    homography, _ = cv2.findHomography(source, target, method, 5.0)
    return homography
