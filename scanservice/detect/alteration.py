"""Corrections in a field: struck out, painted over, written over."""

from __future__ import annotations

import cv2
import numpy as np

from scanservice.detect.canvas import DOTS_PER_MM, Canvas, Plane
from scanservice.detect.regionink import RegionInk
from scanservice.geometry import Box

STRIKE_MM = 14.0
"""A straight stroke this long through writing is no part of a character: characters are 4 to 7 mm."""
BLOB_MM = 1.5
"""Ink this wide in both directions is written over or blackened: pen strokes are 0.3 to 0.8 mm."""
BLOB_MM2 = 8.0


def alteration(canvas: Canvas, ink: RegionInk) -> tuple[float, Box | None]:
    """Probability of a correction in a field, and where it is suspected."""
    score, where = max((_struck(ink.mask), _blackened(ink.mask)), key=lambda suspect: suspect[0])
    return score, _to_box(canvas, ink, where) if score > 0 and where is not None else None


def _to_box(canvas: Canvas, ink: RegionInk, where: tuple[int, int, int, int]) -> Box:
    x, y, width, height = where
    left, top = ink.columns.start + x, ink.rows.start + y
    return canvas.box_of(slice(top, top + height), slice(left, left + width))


def _chance(value: float, middle: float, width: float) -> float:
    return float(1 / (1 + np.exp(-np.clip((value - middle) / width, -30, 30))))


def _struck(mask: Plane) -> tuple[float, tuple[int, int, int, int] | None]:
    """The longest straight, nearly level stroke, by opening with lines of several slopes."""
    values = mask.astype(np.uint8)
    closed = cv2.morphologyEx(values, cv2.MORPH_CLOSE, np.ones((1, 5), np.uint8))
    length = round(STRIKE_MM * 0.6 * DOTS_PER_MM)
    best, where = 0.0, None
    for degrees in (-9, -6, -3, 0, 3, 6, 9):
        rise = round(np.tan(np.radians(degrees)) * (length - 1) / 2)
        kernel = np.zeros((2 * abs(rise) + 1, length), np.uint8)
        cv2.line(kernel, (0, abs(rise) - rise), (length - 1, abs(rise) + rise), (1,))
        opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, kernel)
        count, _, stats, _ = cv2.connectedComponentsWithStats(opened)
        for index in range(1, count):
            x, y, width, height, _ = (int(v) for v in stats[index])
            if width > best:
                best, where = float(width), (x, y, width, height)
    return (_chance(best / DOTS_PER_MM, STRIKE_MM, 0.8), where) if where else (0.0, None)


def _blackened(mask: Plane) -> tuple[float, tuple[int, int, int, int] | None]:
    """The largest solid blot."""
    side = round(BLOB_MM * DOTS_PER_MM)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    opened = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, kernel)
    count, _, stats, _ = cv2.connectedComponentsWithStats(opened)
    if count < 2:
        return 0.0, None
    index = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    x, y, width, height, area = (int(v) for v in stats[index])
    return _chance(area / DOTS_PER_MM**2, BLOB_MM2, 0.4), (x, y, width, height)
