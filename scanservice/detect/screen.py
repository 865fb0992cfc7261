"""Whether the paper is a photographed screen: its grid of cells, seen as moire where nothing is printed.

A screen's cells and the sensor's beat against one another: one plane wave (or a few) runs through the
whole picture, in light or, since the cells are coloured, in colour. Paper's grain, noise and what JPEG
makes of them spread their energy over all frequencies.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from scanservice.evidence import ScanPage
from scanservice.geometry import Image, PageMap

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
OWN_DOTS_PER_MM = 6.0
"""Of the blank, in which the form's own waves are looked for."""
OWN_SHARE = 0.25
"""Of a wave's power, which the blank has in the same place when it is the form's: its pale pattern, sharp."""
GRID = 9
"""Points along a window's side at which its place on the page is worked out."""


def screen_likeness(page: ScanPage, page_map: PageMap, blank: Callable[[], Image]) -> float | None:
    """Share of a page's empty windows through which a wave runs, 0 to 1; None where too few are empty.

    Args:
        blank: the form's page, BGR, at `OWN_DOTS_PER_MM`; asked for where there are waves. A pale pattern
            that is printed on the form has waves, too, but has them in the blank.
    """
    windows = _empty_windows(page, page_map)
    if len(windows) < LEAST_WINDOWS:
        return None

    def waves(chosen: Sequence[tuple[int, int]]) -> list[bool]:
        return [
            bool(found := plane_waves(page.image[top : top + WINDOW, left : left + WINDOW]))
            and not _of_the_form(found, _blank_there(blank(), page, page_map, top, left))
            for top, left in chosen
        ]

    first = waves(windows[::2])
    if not any(first):
        return 0.0  # the other half would not make a screen of it
    return float(np.mean(first + waves(windows[1::2])))


def plane_waves(window: Image) -> list[tuple[int, int, int, float]]:
    """The plane waves that stand out in a square of `WINDOW` pixels, BGR, in light or in colour.

    Returns:
        Of each the plane, the row and column of the spectrum, and its power.
    """
    planes = _planes(window)
    least = LEAST_WAVE * max(float(planes[0].mean()), 1.0)
    waves = [(number, *_wave(plane)) for number, plane in enumerate(planes)]
    return [
        (number, row, column, power)
        for number, row, column, power, share, amplitude in waves
        if share >= WAVE_SHARE and amplitude >= least
    ]


def _planes(window: Image) -> tuple[NDArray[np.float32], ...]:
    blue, green, red = (np.asarray(light, np.float32) for light in cv2.split(window))
    return green, red - green, blue - green


def _of_the_form(waves: Sequence[tuple[int, int, int, float]], blank: Image) -> bool:
    """Whether the blank has all of a window's waves."""
    planes = _planes(blank)
    return all(
        _spectrum(planes[number])[0][row, column] >= OWN_SHARE * power for number, row, column, power in waves
    )


def _blank_there(blank: Image, page: ScanPage, page_map: PageMap, top: int, left: int) -> Image:
    """What the blank has in a window of the picture, WINDOW x WINDOW, BGR."""
    along = np.linspace(0, WINDOW - 1, GRID)
    x, y = np.meshgrid(left + along, top + along)
    there = page_map.to_page(np.stack([x, y], axis=-1).reshape(-1, 2) / page.scale) * OWN_DOTS_PER_MM - 0.5
    # From the grid's points to every pixel: `resize` would put the points in the middles of cells.
    steps = np.arange(WINDOW, dtype=np.float32) * np.float32((GRID - 1) / (WINDOW - 1))
    across, down = np.meshgrid(steps, steps)
    coarse = there.reshape(GRID, GRID, 2).astype(np.float32)
    fine = cv2.remap(coarse, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(
        cv2.remap(blank, fine, None, cv2.INTER_LINEAR, borderValue=(255, 255, 255)),  # type: ignore[call-overload]
        np.uint8,
    )


def _wave(plane: NDArray[Any]) -> tuple[int, int, float, float, float]:
    """The strongest plane wave in a plane (float32): its row and column in the spectrum, its power, its share
    of the energy, and its amplitude in the plane's units.

    The amplitude is that of the weaker parts of the window: a ruled line has waves too, but not everywhere.
    It is 0 where the share is too small to count.
    """
    near, total, level = _spectrum(plane)
    row, column = divmod(int(near.argmax()), WINDOW)
    power = float(near[row, column])
    share = 2 * power / max(total, 1e-6)
    if share < WAVE_SHARE:
        return row, column, power, share, 0.0
    turns = -2j * np.pi * np.arange(WINDOW) / WINDOW
    still = level * np.outer(np.exp(turns * row), np.exp(turns * column))
    parts = np.abs(still.reshape(WINDOW // PART, PART, WINDOW // PART, PART).mean(axis=(1, 3)))
    return row, column, power, share, float(2 * np.quantile(parts, 0.25))


def _spectrum(plane: NDArray[Any]) -> tuple[NDArray[Any], float, NDArray[Any]]:
    """Power of each plane wave in a plane, the power of all, and the plane without its mean."""
    level = plane - plane.mean()
    real, imaginary = cv2.split(cv2.dft(level * _taper(), flags=cv2.DFT_COMPLEX_OUTPUT))
    power = (real * real + imaginary * imaginary) * _band()
    # A wave between two bins, under the taper, fills three by three of them.
    around = cv2.copyMakeBorder(power, 1, 1, 1, 1, cv2.BORDER_WRAP)
    near = cv2.boxFilter(around, -1, (3, 3), normalize=False)[1:-1, 1:-1]
    return near, float(power.sum()), level


@cache
def _taper() -> NDArray[np.float32]:
    taper = np.hanning(WINDOW).astype(np.float32)
    return np.outer(taper, taper)


@cache
def _band() -> NDArray[np.float32]:
    """1 for the frequencies that count: fast enough, and not those of the seams of JPEG blocks; else 0."""
    frequency = np.fft.fftfreq(WINDOW)
    fy, fx = np.meshgrid(frequency, frequency, indexing="ij")
    seams = np.ones(fx.shape, bool)
    for part in (fx * BLOCK, fy * BLOCK):
        seams &= np.abs(part - np.round(part)) <= 1.5 * BLOCK / WINDOW
    return ((np.hypot(fx, fy) > 1 / LONGEST_PERIOD) & ~seams).astype(np.float32)


def _empty_windows(page: ScanPage, page_map: PageMap) -> list[tuple[int, int]]:
    """Top and left of the flattest windows that lie on the page, the flattest first.

    Windows begin at every half of one.
    """
    half = WINDOW // STEP // 2
    rows, columns = (side // STEP // half for side in page.image.shape[:2])
    if min(rows, columns) < 2:
        return []
    spread = _spread(page.image, rows, columns, half)
    corners = np.stack(np.meshgrid(np.arange(columns + 1), np.arange(rows + 1)), axis=-1).reshape(-1, 2)
    on_page = page_map.to_page(corners * (half * STEP / page.scale))
    inside = ((on_page > 0) & (on_page < np.array(page_map.size))).all(axis=1).reshape(rows + 1, columns + 1)
    whole = inside[:-2, :-2] & inside[:-2, 2:] & inside[2:, :-2] & inside[2:, 2:]
    row, column = np.nonzero(whole & (spread < FLAT))
    flattest = np.argsort(spread[row, column], kind="stable")[:WINDOWS]
    places = np.stack([row, column], axis=1)[flattest] * (half * STEP)
    return [(top, left) for top, left in places.tolist()]


def _spread(image: Image, rows: int, columns: int, half: int) -> NDArray[Any]:
    """Range of the soft light in each window over its mean, from the halves that the windows share."""
    height, width = rows * half, columns * half
    green = cv2.extractChannel(image, 1)[: height * STEP, : width * STEP]
    soft = cv2.blur(cv2.resize(green, (width, height), interpolation=cv2.INTER_AREA), (3, 3))
    halves = soft.reshape(rows, half, columns, half)
    high, low = (of_all(of_all(halves, axis=1), axis=2) for of_all in (np.max, np.min))
    mean = halves.sum(axis=1, dtype=np.uint16).sum(axis=2, dtype=np.float32) / half**2

    def joined(by: np.ufunc, parts: NDArray[Any]) -> NDArray[Any]:
        return by(by(parts[:-1, :-1], parts[:-1, 1:]), by(parts[1:, :-1], parts[1:, 1:]))

    return (joined(np.maximum, high) - joined(np.minimum, low)) / np.maximum(joined(np.add, mean) / 4, 1)
