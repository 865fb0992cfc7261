"""Whether a page that is no known form is a page of sharp text, or a picture in which nothing can be told."""

from __future__ import annotations

import cv2
import numpy as np

from scanservice.geometry import FloatArray, Image

REACH = 31
"""Pixels around a stroke from which its paper's light is taken."""
INK = 0.25
"""What is darker than its paper by this share of the paper's light is ink."""
HEIGHTS = (9, 90)
"""Longer sides, in pixels, of characters that can be read and are no headline."""
SQUARE = 4
"""A character's sides differ by less than this factor; rules and strokes on their own differ by more."""
LEAST_CHARACTERS = 60
"""A page of any document has hundreds, a wall or white paper none."""
SHARP_RISE = 0.5
"""Least rise of the ink over an eighth of a character's height, as a share of its contrast. Generated
documents and forms, photographed, have a median of 0.8 to 1; blurred by a tenth of a character 0.3."""
SHARP_SHARE = 0.6


def holds_sharp_text(grey: Image) -> bool:
    """Whether a page (H x W, uint8) shows text, much of it, that a person could read without effort."""
    rises = _rises(grey)
    sharp = int((rises >= SHARP_RISE).sum())
    return sharp >= LEAST_CHARACTERS and sharp >= SHARP_SHARE * len(rises)


def _rises(grey: Image) -> FloatArray:
    """How steep the edges of each character-like piece of ink are."""
    around = np.ones((REACH, REACH), np.uint8)
    paper = cv2.blur(cv2.dilate(cv2.medianBlur(grey, 3), around), (REACH, REACH))
    ink = np.clip(1 - grey.astype(np.float32) / np.maximum(paper, 1), 0, 1)
    slope = cv2.magnitude(*(cv2.Sobel(ink, cv2.CV_32F, *axis, scale=1 / 8) for axis in ((1, 0), (0, 1))))
    dark = cv2.morphologyEx((ink > INK).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    rises = []
    for left, top, width, height, _ in stats[1:].tolist():
        longer = max(width, height)
        if HEIGHTS[0] <= longer <= HEIGHTS[1] and longer < SQUARE * min(width, height):
            part = slice(top, top + height), slice(left, left + width)
            rises.append(float(np.quantile(slope[part], 0.9)) * longer / 8 / float(ink[part].max()))
    return np.array(rises, np.float64)
