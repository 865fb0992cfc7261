"""Dust on the glass of a feeding scanner: lines through the whole picture, taken off again.

The paper moves over one row of sensors. What lies on the glass before one of them takes the same share of the
light from every row that passes, so that a line runs from edge to edge, exactly along the picture's sides; no
line of a form does. What the column's median loses against its neighbours is given back to it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from scanservice.evidence import Scan, ScanPage
from scanservice.geometry import Image

EDGE_SHARE, EDGE_ROWS, LEAST_ROWS = 0.012, 12, 4
"""Of the height, at either end, where a line must be seen first; the rows looked at there, and how many there
must be."""
BANDS, ROWS = 14, 12
"""Bands between the ends in which it must go on, and the rows looked at in each."""
LEAST, MOST_WIDE = 0.02, 8
"""Natural logarithm of the light that is missing (or too much, of a sensor's own), and pixels across."""
MOST_COLUMNS = 120
"""More columns that differ at both ends are a table's grain around a photographed sheet."""
STEADY = (0.4, 2.5)
"""Multiples of a line's median strength between which that of a band lies."""
BROKEN = 0.15
"""Share of the bands in which it may be hidden, by a table's rule, a seal or a picture's dark rim."""
BESIDE, REFERENCE = 10, 5
"""Pixels on either side over which compression spreads a line's colour, and those behind them that are
compared with."""
BRIGHT = 90
"""Grey value from which there is paper to compare with."""
GIVEN_BACK = 0.004
"""Logarithm of the light from which a column is corrected."""


def without_streaks(scan: Scan) -> Scan:
    """An upload without the lines that dust has drawn; pages that have none are the same objects.

    The pages given are not changed: who is shown the picture sees it as it was sent.
    """
    pages = tuple(_page(page) for page in scan.pages)
    return scan if all(a is b for a, b in zip(pages, scan.pages, strict=True)) else replace(scan, pages=pages)


def _page(page: ScanPage) -> ScanPage:
    upright = _without_upright(page.image)
    seen = page.image if upright is None else upright
    lying = _without_upright(seen.transpose(1, 0, 2))
    if lying is not None:
        upright = np.ascontiguousarray(lying.transpose(1, 0, 2))
    if upright is None:
        return page
    upright.setflags(write=False)
    return replace(page, image=upright)


def _without_upright(image: Image) -> Image | None:
    """A picture without the lines from its top to its bottom; None where it has none."""
    height, width = image.shape[:2]
    margin = BESIDE + REFERENCE + MOST_WIDE
    ends = round(EDGE_SHARE * height)
    if ends < LEAST_ROWS or width < 4 * margin:
        return None
    first = np.linspace(0, ends, EDGE_ROWS, endpoint=False).astype(int)
    columns = _candidates(image[first], image[height - 1 - first], margin)
    if not 0 < len(columns) <= MOST_COLUMNS:
        return None
    rows = np.linspace(0, height - 1, BANDS * ROWS).astype(int)
    runs = np.split(columns, np.flatnonzero(np.diff(columns) > 2) + 1)
    runs = [run for run in runs if run[-1] - run[0] < MOST_WIDE and _goes_on(image, rows, run)]
    if not runs:
        return None
    cleaned = np.array(image)
    for run in runs:
        _give_back(cleaned, rows, run)
    return cleaned


def _candidates(above: Image, below: Image, margin: int) -> Any:
    """Columns that are darker, or brighter, than what is beside them at both ends of a picture."""
    steps = [_steps(part.astype(np.float32).mean(axis=0), margin) for part in (above, below)]
    both = (np.abs(steps[0]) > LEAST / 2) & (np.abs(steps[1]) > LEAST / 2) & (steps[0] * steps[1] > 0)
    return np.flatnonzero(both.any(axis=1)) + margin


def _steps(light: Any, margin: int) -> Any:
    """Of a row's pixels (W x 3), the logarithm of each against what is beside it."""
    logs = np.log(np.maximum(light, 1))
    width = len(logs) - 2 * margin
    away = range(BESIDE + 1, BESIDE + REFERENCE + 1)
    beside = sum(logs[margin + sign * k :][:width] for k in away for sign in (-1, 1)) / (2 * REFERENCE)
    return logs[margin:][:width] - beside


def _reference(image: Image, rows: Any, run: Any) -> tuple[Any, Any]:
    """Light beside a run of columns (rows x 1 x 3), and in which rows it is a paper's."""
    left = image[rows, run[0] - BESIDE - REFERENCE : run[0] - BESIDE].astype(np.float32)
    right = image[rows, run[-1] + BESIDE + 1 : run[-1] + BESIDE + REFERENCE + 1].astype(np.float32)
    least = np.minimum(left.min(axis=(1, 2)), right.min(axis=(1, 2)))
    return (left.mean(axis=1) + right.mean(axis=1))[:, None] / 2, least > BRIGHT


def _goes_on(image: Image, rows: Any, run: Any) -> bool:
    """Whether a run of columns differs from what is beside it alike in all of a picture."""
    beside, bright = _reference(image, rows, run)
    seen = image[rows, run[0] : run[-1] + 1].astype(np.float32)
    logs = np.log(np.maximum(seen, 1) / np.maximum(beside, 1))
    parts = [slice(begin, begin + ROWS) for begin in range(0, len(rows), ROWS)]
    bands = np.array(
        [np.median(logs[part][bright[part]], axis=0) for part in parts if bright[part].sum() > 2]
    )
    if len(bands) < (1 - BROKEN) * BANDS:
        return False
    usual = np.median(bands, axis=0)
    column, channel = np.unravel_index(int(np.abs(usual).argmax()), usual.shape)
    strength = float(usual[column, channel])
    if abs(strength) < LEAST:
        return False
    shares = bands[:, column, channel] / strength
    steady = (shares > STEADY[0]) & (shares < STEADY[1])
    return bool(steady.mean() >= 1 - BROKEN)


def _give_back(image: Image, rows: Any, run: Any) -> None:
    beside, bright = _reference(image, rows, run)
    part = image[:, run[0] - BESIDE : run[-1] + BESIDE + 1]
    logs = np.log(np.maximum(part[rows[bright]].astype(np.float32), 1) / np.maximum(beside[bright], 1))
    lost = np.median(logs, axis=0)
    lost[np.abs(lost) < GIVEN_BACK] = 0
    part[:] = np.clip(np.rint(part * np.exp(-lost)), 0, 255).astype(np.uint8)
