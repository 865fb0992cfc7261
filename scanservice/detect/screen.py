"""Whether the paper is a photographed screen: its grid of cells, seen as moire where nothing is printed.

A screen's cells and the sensor's beat against one another: one plane wave (or a few) runs through the
whole picture, in light or, since the cells are coloured, in colour. Paper's grain, noise and what JPEG
makes of them spread their energy over all frequencies.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from scanservice.evidence import ScanPage
from scanservice.geometry import FloatArray, Image, PageMap

WINDOW = 128
"""Pixels; long enough for a dozen waves, short enough that perspective leaves their pitch alone."""
WINDOWS = 24
"""The flattest windows of a page that are looked at."""
LEAST_WINDOWS = 6
FLAT = 0.2
"""Spread of the soft light in a window, as a share of it: with more there is writing, or a fold."""
LONGEST_PERIOD = 20.0
"""Pixels; slower waves are shadows, rows of writing that shine through, and curled paper."""
BLOCK = 8
"""Side of a JPEG block; its seams lie at whole multiples of a frequency of 1/8."""
WAVE_SHARE = 0.19
"""Of a window's energy, in one wave. On generated pictures of every preset nine of ten windows of paper
have less than 0.16 in a wave that strong, and nine of ten of a screen more than 0.2."""
LEAST_WAVE = 0.0045
"""Least amplitude of a wave as a share of the paper's light: one grey level. On paper the strongest wave has
0.3 grey levels, and where JPEG has left nearly nothing it may be all there is."""
PART = 32
"""Side in pixels of the parts of a window that a wave must run through."""
STEP = 4
"""Windows are sought in a picture reduced by this."""


def screen_likeness(page: ScanPage, page_map: PageMap) -> float | None:
    """Share of a page's empty windows through which a wave runs, 0 to 1; None where too few are empty."""
    windows = _empty_windows(page, page_map)
    if len(windows) < LEAST_WINDOWS:
        return None
    return float(np.mean([has_wave(window) for window in windows]))


def has_wave(window: Image) -> bool:
    """Whether one plane wave stands out in a square of `WINDOW` pixels, BGR, in light or in colour."""
    blue, green, red = (np.asarray(light, np.float32) for light in cv2.split(window))
    least = LEAST_WAVE * max(float(green.mean()), 1.0)
    waves = (_wave(plane) for plane in (green, red - green, blue - green))
    return any(share >= WAVE_SHARE and amplitude >= least for share, amplitude in waves)


def _wave(plane: NDArray[np.float32]) -> tuple[float, float]:
    """The strongest plane wave: its share of the energy, and its amplitude in the plane's units.

    The amplitude is that of the weaker parts of the window: a ruled line has waves too, but not everywhere.
    """
    level, taper = plane - plane.mean(), _taper()
    power = np.abs(np.fft.fft2(level * np.outer(taper, taper))) ** 2 * _band()
    # A wave between two bins, under the taper, fills three by three of them.
    near = 9 * cv2.blur(np.pad(power, 1, mode="wrap"), (3, 3))[1:-1, 1:-1]
    row, column = np.unravel_index(int(near.argmax()), near.shape)
    turns = -2j * np.pi * np.arange(WINDOW) / WINDOW
    still = level * np.outer(np.exp(turns * row), np.exp(turns * column))
    parts = np.abs(still.reshape(WINDOW // PART, PART, WINDOW // PART, PART).mean(axis=(1, 3)))
    return float(2 * near[row, column] / max(power.sum(), 1e-6)), float(2 * np.quantile(parts, 0.25))


@cache
def _taper() -> FloatArray:
    return np.hanning(WINDOW)


@cache
def _band() -> NDArray[np.bool_]:
    """The frequencies that count: fast enough, and not those of the seams of JPEG blocks."""
    frequency = np.fft.fftfreq(WINDOW)
    fy, fx = np.meshgrid(frequency, frequency, indexing="ij")
    seams = np.ones(fx.shape, bool)
    for part in (fx * BLOCK, fy * BLOCK):
        seams &= np.abs(part - np.round(part)) <= 1.5 * BLOCK / WINDOW
    return (np.hypot(fx, fy) > 1 / LONGEST_PERIOD) & ~seams


def _empty_windows(page: ScanPage, page_map: PageMap) -> list[Image]:
    """The flattest windows that lie on the page, the flattest first."""
    height, width = (side // STEP for side in page.image.shape[:2])
    soft = cv2.resize(
        page.image[: height * STEP, : width * STEP, 1], (width, height), interpolation=cv2.INTER_AREA
    )
    soft = cv2.blur(soft, (3, 3)).astype(np.float32)
    side, stride = WINDOW // STEP, WINDOW // STEP // 2
    tops, lefts = (range(0, length - side + 1, stride) for length in (height, width))
    places = np.array([(left, top) for top in tops for left in lefts], np.float64).reshape(-1, 2)
    inside = np.ones(len(places), bool)
    for corner in ((0, 0), (side, 0), (side, side), (0, side)):
        on_page = page_map.to_page((places + corner) * (STEP / page.scale))
        inside &= ((on_page > 0) & (on_page < np.array(page_map.size))).all(axis=1)
    found: list[tuple[float, int, int]] = []
    for left, top in places[inside].astype(int).tolist():
        part = soft[top : top + side, left : left + side]
        spread = float((part.max() - part.min()) / max(float(part.mean()), 1.0))
        if spread < FLAT:
            found.append((spread, top * STEP, left * STEP))
    return [page.image[top : top + WINDOW, left : left + WINDOW] for _, top, left in sorted(found)[:WINDOWS]]
