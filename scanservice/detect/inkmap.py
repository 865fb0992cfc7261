"""Pictures as maps of dark ink on paper, the same for a blank and for a photograph of it.

The light over a photographed page falls off, and shadows lie on it; what registers is how much darker
a point is than the paper around it.
"""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np

from scanservice.geometry import Image

Channel = Literal["red", "green"]
"""Which light ink is seen in: in red light red ink (seals, serials) is as bright as paper and disturbs
nothing; where a form's own print is red, it is seen in green light."""

_INDEX = {"red": 2, "green": 1}
PAPER_REACH_MM = 5.0
"""The paper's brightness is the brightest within this distance: wider than any stroke of print and
narrower than a shadow's edge is worth."""
DARKEST_PAPER = 24
"""Below this grey value a neighbourhood is no paper, and its noise is not blown up to print."""


def light(image: Image, channel: Channel) -> Image:
    """One channel of a BGR picture; a grey one as it is."""
    if image.ndim == 2:
        return image
    return cv2.extractChannel(image, _INDEX[channel])  # type: ignore[return-value]


def ink_map(grey: Image, dots_per_mm: float) -> Image:
    """How dark each point is beside the paper around it: 0 paper, 255 black; H x W, uint8.

    Args:
        grey: H x W, uint8.
        dots_per_mm: of `grey`, at least roughly.
    """
    step = max(1, round(dots_per_mm))
    small = cv2.resize(
        grey, (max(1, grey.shape[1] // step), max(1, grey.shape[0] // step)), interpolation=cv2.INTER_AREA
    )
    # The median of a millimetre's cells keeps specks of glare from passing for paper.
    small = cv2.medianBlur(small, 3)
    reach = max(3, 2 * round(PAPER_REACH_MM * dots_per_mm / step) + 1)
    paper = cv2.dilate(small, np.ones((reach, reach), np.uint8))
    paper = cv2.blur(paper, (reach, reach))
    paper = cv2.max(paper, np.full_like(paper, DARKEST_PAPER))
    scale = cv2.resize(255.0 / paper.astype(np.float32), grey.shape[::-1], interpolation=cv2.INTER_LINEAR)
    bright = cv2.multiply(grey, scale, dtype=cv2.CV_8U)
    return cv2.bitwise_not(bright)  # type: ignore[return-value]


def reduced(image: Image, longest: int) -> tuple[Image, float]:
    """The picture with its longer side at most `longest`, and its pixels to a pixel of `image`."""
    height, width = image.shape[:2]
    ratio = longest / max(height, width)
    if ratio >= 1:
        return image, 1.0
    size = (max(1, round(width * ratio)), max(1, round(height * ratio)))
    # The exact ratio of the sides, not the wished one: a rounding of half a pixel at the far edge
    # would be felt in the registration.
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA), size[0] / width  # type: ignore[return-value]
