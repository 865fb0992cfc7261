"""What colours paper and is not paint: stains, text markers, yellowed paper. It takes light, and mostly blue
light; fluid is lighter or colder than the paper.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fixtures.maker.ink import smooth_field
from scanservice.geometry import MM_PER_INCH, Image

STAINED, YELLOWED, MARKED = 0.14, 0.08, 0.06
"""Shares of the pages with blots or rings of drinks, grease or water; of those yellow in clouds; and of those
on which a text marker was used."""
BLOTS = (1, 4)
ACROSS_MM = (4.0, 90.0)
"""From a drop to the foot of a cup."""
TINTS: tuple[tuple[float, float, float], ...] = (
    (1.0, 0.55, 0.25),
    (1.0, 0.7, 0.5),
    (0.9, 0.85, 0.8),
    (0.7, 0.9, 0.5),
)
"""How much of blue, green and red is taken: coffee, tea, water, a pen's or a leaf's juice."""
INSIDE, RIM = (0.0, 0.22), (0.02, 0.3)
"""What is taken within, and at the rim, to which what dries is carried."""
RIM_MM, SOFT_MM = (0.2, 1.5), (0.1, 1.2)
CLOUDS_MM = (8.0, 60.0)
MARKERS: tuple[tuple[float, float, float], ...] = ((1.0, 0.08, 0.03), (0.7, 0.05, 0.4), (0.3, 0.6, 0.03))
"""What a yellow one, a green one and a pink one take of blue, green and red."""
STROKES, LONG_MM, WIDE_MM = (1, 6), (8.0, 90.0), (2.5, 6.0)
Rng = np.random.Generator


def stained(page: Image, dpi: float, rng: Rng) -> Image:
    """A page (H x W x 3, uint8, at `dpi`), some with stains."""
    kind, k = rng.random(), dpi / MM_PER_INCH
    if kind < STAINED:
        light = np.ones(page.shape, np.float32)
        for _ in range(int(rng.integers(*BLOTS))):
            light *= _blot(page.shape[:2], k, rng)
    elif kind < STAINED + YELLOWED:
        light = _clouds(page.shape[:2], k, rng)
    elif kind < STAINED + YELLOWED + MARKED:
        light = _markers(page.shape[:2], k, rng)
    else:
        return page
    return np.clip(page * light + 0.5, 0, 255).astype(np.uint8)


def _blot(size: tuple[int, int], k: float, rng: Rng) -> Any:
    """How much light a blot leaves, H x W x 3."""
    y, x = np.mgrid[0 : size[0], 0 : size[1]].astype(np.float32)
    middle = rng.uniform(0, 1, 2) * size
    across = np.exp(rng.uniform(*np.log(ACROSS_MM))) * k
    flat = rng.uniform(0.6, 1.0)
    distance = np.hypot((y - middle[0]) / flat, x - middle[1])
    ragged = smooth_field(size, max(across / 6, 2.0), rng) * rng.uniform(0.01, 0.12) * across
    inward = (across / 2 - distance + ragged) / k
    inside = 1 / (1 + np.exp(-np.clip(inward / rng.uniform(*SOFT_MM), -30, 30)))
    rim = np.exp(-((inward / rng.uniform(*RIM_MM)) ** 2))
    taken = inside * rng.uniform(*INSIDE) + rim * rng.uniform(*RIM)
    tint = np.array(TINTS[int(rng.integers(len(TINTS)))]) * rng.uniform(0.8, 1.2, 3)
    return (1 - taken[:, :, None] * np.clip(tint, 0, 1)).astype(np.float32)


def _clouds(size: tuple[int, int], k: float, rng: Rng) -> Any:
    """How much light yellowed paper leaves, H x W x 3."""
    thick = sum(smooth_field(size, rng.uniform(*CLOUDS_MM) * k, rng) * share for share in (0.4, 0.2))
    taken = np.clip(0.5 + thick, 0, 1.2) * rng.uniform(0.05, 0.3)
    return (1 - taken[:, :, None] * np.array([1.0, 0.4, 0.12]) * rng.uniform(0.8, 1.2, 3)).astype(np.float32)


def _markers(size: tuple[int, int], k: float, rng: Rng) -> Any:
    """How much light the strokes of a text marker leave, H x W x 3."""
    y, x = np.mgrid[0 : size[0], 0 : size[1]].astype(np.float32) / k
    light = np.ones((*size, 3), np.float32)
    taken = np.array(MARKERS[int(rng.integers(len(MARKERS)))]) * rng.uniform(0.3, 0.95)
    for _ in range(int(rng.integers(*STROKES))):
        left, top = rng.uniform(0, size[1] / k), rng.uniform(0, size[0] / k)
        along = x - left
        across = y - top - rng.normal(0, 0.02) * along - 0.3 * np.sin(along / rng.uniform(5, 40))
        ends = np.minimum(along, rng.uniform(*LONG_MM) - along)
        inward = np.minimum(rng.uniform(*WIDE_MM) / 2 - np.abs(across), ends)
        inside = 1 / (1 + np.exp(-np.clip(inward / rng.uniform(0.05, 0.25), -30, 30)))
        # Where it begins, ends and runs over itself there is more of it.
        uneven = 1 + rng.uniform(0, 0.2) * np.cos(along / rng.uniform(1, 8))
        light *= 1 - np.clip(inside * uneven, 0, 1)[:, :, None] * taken
    return light
