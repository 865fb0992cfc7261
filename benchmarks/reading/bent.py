"""Drawn lines bent as other hands would write them: slanted, stretched and squeezed, thicker and thinner.

There are few faces of writing by hand. Bending is no new hand, but it takes away what is always alike in a
face (elastic distortion: Simard, Steinkraus and Platt, 2003).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from scanservice.geometry import Image

BENT = 0.6
"""Of the lines."""
SLANT, WIDER, LOWER, ASLOPE = 0.12, 0.1, 0.08, 0.012
"""Deviations: of the shear, of the logarithms of both sides, and of the line's slope."""
LEAST_WIDTH, LONGEST = 32, 960
WIDE, NARROW = (14.0, 40.0), (5.0, 10.0)
"""Widths of the waves along which strokes are moved, pixels of a line of 48."""
FAR, NEAR = (0.3, 1.6), (0.0, 0.5)
"""Deviations of what both kinds of waves move, pixels."""
THICKER, THINNER = 0.2, 0.15
"""Shares of the lines whose strokes are."""
MORE, LESS = (0.3, 1.0), (0.2, 0.7)
"""By how much of what a pixel takes or gives."""


def bent(line: Image, rng: np.random.Generator) -> Image:
    """A line (H x W x 3, uint8, dark on light) in another hand; as it is in some cases.

    Its width changes, its height does not.
    """
    if rng.random() >= BENT:
        return line
    height, width = line.shape[:2]
    slant, slope = rng.normal(0, SLANT), rng.normal(0, ASLOPE)
    wider, lower = np.exp(rng.normal(0, WIDER)), np.exp(abs(rng.normal(0, LOWER)))
    size = height, int(np.clip(width * wider, LEAST_WIDTH, LONGEST))
    y, x = np.mgrid[0 : size[0], 0 : size[1]].astype(np.float32)
    y -= height / 2
    across = x * (width / size[1]) + slant * y
    along = y * lower + height / 2 + slope * (x - size[1] / 2) * min(1, 200 / size[1])
    across, along = (
        (place + _waves(size, WIDE, FAR, rng) + _waves(size, NARROW, NEAR, rng)).astype(np.float32)
        for place in (across, along)
    )
    seen = cv2.remap(line, across, along, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(_another_pen(np.asarray(seen, np.uint8), rng), np.uint8)


def _waves(
    size: tuple[int, int],
    width: tuple[float, float],
    deviation: tuple[float, float],
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    wide, far = rng.uniform(*width), rng.uniform(*deviation)
    coarse = rng.normal(0, far, (int(size[0] / wide) + 3, int(size[1] / wide) + 3)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, size[::-1], interpolation=cv2.INTER_CUBIC), np.float32)


def _another_pen(line: Image, rng: np.random.Generator) -> cv2.typing.MatLike:
    kind, pixel = rng.random(), np.ones((2, 2), np.uint8)
    if kind < THICKER:
        share = rng.uniform(*MORE)
        return cv2.addWeighted(line, 1 - share, cv2.erode(line, pixel), share, 0)
    if kind < THICKER + THINNER:
        share = rng.uniform(*LESS)
        return cv2.addWeighted(line, 1 - share, cv2.dilate(line, pixel), share, 0)
    return line
