"""Creases of paper that was folded or crumpled: steps of light along straight lines, and worn lines.

They look like the edges of paint but for their length, and a page that lay in an envelope has some.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scanservice.geometry import MM_PER_INCH, Image

FOLDED, CRUMPLED = 0.25, 0.12
"""Shares of the pages with creases from edge to edge, and with ridges that begin and end anywhere."""
FOLDS, RIDGES = (0.5, 0.3, 0.2), (3, 12)
"""Chances of one, two, three folds; and how many ridges there are."""
SHARES = (1 / 2, 1 / 3, 2 / 3, 1 / 4, 3 / 4)
STEP, WORN = (0.004, 0.09), (-0.14, 0.08)
"""By how much the light changes across a crease, and how much darker or lighter its line is."""
WIDTH_MM, FADES_MM = (0.15, 0.7), (6.0, 150.0)
"""Of the line; and how far beside it the step of light has faded."""
BEND_MM = (0.1, 1.2)
"""Over which the paper bends."""
Rng = np.random.Generator


def creased(page: Image, dpi: float, rng: Rng) -> Image:
    """A page (H x W x 3, uint8, at `dpi`), some with creases."""
    kind, k = rng.random(), dpi / MM_PER_INCH
    if kind < FOLDED:
        count = 1 + int(rng.choice(len(FOLDS), p=FOLDS))
        lights = (_fold(page.shape[:2], k, rng) for _ in range(count))
    elif kind < FOLDED + CRUMPLED:
        lights = (_ridge(page.shape[:2], k, rng) for _ in range(int(rng.integers(*RIDGES))))
    else:
        return page
    light = np.ones(page.shape[:2], np.float32)
    for one in lights:
        light *= one
    return np.clip(page * light[:, :, None] + 0.5, 0, 255).astype(np.uint8)


def _fold(size: tuple[int, int], k: float, rng: Rng) -> Any:
    """How much light a crease from edge to edge leaves, H x W."""
    lying = rng.random() < 0.7
    height, width = size if lying else size[::-1]
    middle = height * (SHARES[int(rng.integers(len(SHARES)))] + rng.normal(0, 0.03))
    along = np.arange(width, dtype=np.float32)
    wave = rng.normal(0, 0.25 * k) * np.sin(along / width * rng.uniform(3, 20) + rng.uniform(0, 6))
    line = middle + (along - width / 2) * rng.normal(0, 0.006) + wave
    away = (np.arange(height, dtype=np.float32)[:, None] - line[None]) / k
    # It is worn here more, there less.
    much = 0.6 + 0.4 * np.sin(along / k * rng.uniform(0.05, 0.6) + rng.uniform(0, 6))
    light = 1 + _step(away, rng) + rng.uniform(*WORN) * much[None] * _near(away, rng)
    return light.astype(np.float32) if lying else light.astype(np.float32).T


def _ridge(size: tuple[int, int], k: float, rng: Rng) -> Any:
    """The same of a ridge in any direction, that fades at its ends."""
    height, width = (length / k for length in size)
    y, x = np.mgrid[0 : size[0], 0 : size[1]].astype(np.float32) / np.float32(k)
    angle, at = rng.uniform(0, np.pi), rng.uniform(0, 1, 2) * (height, width)
    across = (y - at[0]) * np.cos(angle) - (x - at[1]) * np.sin(angle)
    along = np.abs((y - at[0]) * np.sin(angle) + (x - at[1]) * np.cos(angle))
    half = rng.uniform(8, 90)
    there = np.clip((half * 1.3 - along) / (half * 0.6), 0, 1)
    return (1 + there * (_step(across, rng) + 0.5 * rng.uniform(*WORN) * _near(across, rng))).astype(
        np.float32
    )


def _step(away: Any, rng: Rng) -> Any:
    """The step of light at a distance (mm) from the line."""
    step, fades = rng.uniform(*STEP) * rng.choice((-1, 1)), rng.uniform(*FADES_MM, 2)
    bend = np.tanh(away / rng.uniform(*BEND_MM))
    return step / 2 * bend * np.exp(-np.abs(away) / np.where(away < 0, fades[0], fades[1]))


def _near(away: Any, rng: Rng) -> Any:
    return np.exp(-((away / rng.uniform(*WIDTH_MM)) ** 2))
