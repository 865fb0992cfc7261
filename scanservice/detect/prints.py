"""The blank's own print, glyph by glyph: what must be on the paper if it is this form."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scanservice.geometry import Box, FloatArray, Image
from scanservice.template import Page

INK_THRESHOLD = 90
"""Of 255: darker than this is print in a rendered blank."""
LINE_MM = 9.0
"""A straight run of ink longer than this is a rule of a table, not part of a glyph."""
JOIN_MM = (0.7, 0.4)
"""Ink nearer than this (across, down) is one run of glyphs."""
SMALLEST_MM = 0.9
"""Glyphs smaller than this (stops, commas, dots) say nothing that a blur would not say."""
PRINT_MARGIN_MM = 0.6
"""How far a glyph of a `print` region may reach out of its box."""


@dataclass(frozen=True, eq=False)
class Glyphs:
    """The glyphs of one page of a blank.

    Attributes:
        boxes: N x 4, mm: left, top, right, bottom.
        runs: N, the number of the run (words without a gap) that each belongs to.
        regions: N, index into `names` of the `print` region that each belongs to; -1 where none.
        contested: N, whether it lies where people write or seal, so that its loss proves nothing.
        names: ids of the print regions.
    """

    boxes: FloatArray
    runs: NDArray[np.intp]
    regions: NDArray[np.intp]
    contested: NDArray[np.bool_]
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.boxes)


def find_glyphs(ink: Image, dots_per_mm: float, page: Page) -> Glyphs:
    """Glyphs of a blank from its ink (H x W, uint8, 255 black)."""
    strokes = _without_rules((ink > INK_THRESHOLD).astype(np.uint8), dots_per_mm)
    joined = cv2.dilate(
        strokes, np.ones([_odd(JOIN_MM[1] * dots_per_mm), _odd(JOIN_MM[0] * dots_per_mm)], np.uint8)
    )
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    boxes: list[tuple[int, int, int, int]] = []
    runs: list[int] = []
    for number, (x, y, w, h, _) in enumerate(stats.tolist()):
        if number == 0:
            continue
        inside = strokes[y : y + h, x : x + w] * (labels[y : y + h, x : x + w] == number)
        pieces = _pieces(inside)
        boxes += [(x + left, y + top, x + right, y + bottom) for left, top, right, bottom in pieces]
        runs += [number] * len(pieces)
    in_mm = np.array(boxes, float).reshape(-1, 4) / dots_per_mm
    big = np.maximum(in_mm[:, 2] - in_mm[:, 0], in_mm[:, 3] - in_mm[:, 1]) >= SMALLEST_MM
    in_mm, of_run = in_mm[big], np.array(runs, np.intp)[big]
    regions, contested, names = _owners(in_mm, page)
    return Glyphs(in_mm, of_run, regions, contested, names)


def _odd(value: float) -> int:
    return 2 * round(value / 2) + 1


def _without_rules(binary: Image, dots_per_mm: float) -> Image:
    length = round(LINE_MM * dots_per_mm)
    across = cv2.morphologyEx(binary, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    down = cv2.morphologyEx(binary, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
    rules = cv2.dilate(cv2.max(across, down), np.ones((3, 3), np.uint8))
    return np.where(rules > 0, 0, binary).astype(np.uint8)


def _pieces(strokes: Image) -> list[tuple[int, int, int, int]]:
    """A run of glyphs cut into pieces about as wide as high, at the gaps nearest to an even cut."""
    columns, rows = np.flatnonzero(strokes.max(axis=0)), np.flatnonzero(strokes.max(axis=1))
    if not len(columns):
        return []
    left, right, top, bottom = columns[0], columns[-1] + 1, rows[0], rows[-1] + 1
    width, height = right - left, bottom - top
    if width >= height:
        cuts = _cuts(strokes[top:bottom, left:right].sum(axis=0), height)
        spans = [(left + a, top, left + b, bottom) for a, b in cuts]
    else:
        cuts = _cuts(strokes[top:bottom, left:right].sum(axis=1), width)
        spans = [(left, top + a, right, top + b) for a, b in cuts]
    return [tuple(int(value) for value in span) for span in spans]  # type: ignore[misc]


def _cuts(profile: NDArray[np.int_], across: int) -> list[tuple[int, int]]:
    length = len(profile)
    count = max(1, round(length / max(across, 1)))
    slack = max(1, across // 4)
    places = [0]
    for number in range(1, count):
        middle = round(number * length / count)
        low, high = max(places[-1] + 1, middle - slack), min(length - 1, middle + slack)
        if low > high:
            continue  # a run as thin as a pixel, the rest of a rule, is not cut at every one
        window = profile[low : high + 1].astype(float)
        window += 0.01 * np.abs(np.arange(low, high + 1) - middle)
        places.append(low + int(window.argmin()))
    return list(zip(places, [*places[1:], length], strict=True))


def _owners(boxes: FloatArray, page: Page) -> tuple[NDArray[np.intp], NDArray[np.bool_], tuple[str, ...]]:
    centers = (boxes[:, :2] + boxes[:, 2:]) / 2
    regions = np.full(len(boxes), -1, np.intp)
    contested = np.zeros(len(boxes), bool)
    names: list[str] = []

    def inside(box: Box) -> NDArray[np.bool_]:
        return (
            (centers[:, 0] > box.left)
            & (centers[:, 0] < box.right)
            & (centers[:, 1] > box.top)
            & (centers[:, 1] < box.bottom)
        )

    for region in page.regions:
        if region.kind == "print":
            within = inside(region.box.grown(PRINT_MARGIN_MM)) & (regions < 0)
            regions[within] = len(names)
            names.append(region.id)
        else:
            contested |= inside(region.box)
    return regions, contested & (regions < 0), tuple(names)
