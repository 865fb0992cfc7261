"""Seals: which imprint stands in which owner's place, its looks, and its ring unrolled for reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from scanservice.detect.canvas import DOTS_PER_MM, Canvas, Plane
from scanservice.detect.ink import RED, Layers
from scanservice.detect.sealfit import FIT_DOTS, Outline, find_outlines
from scanservice.evidence import SealMark
from scanservice.geometry import Box
from scanservice.template import Region

SealInk = Literal["red", "blue", "grey"]

LEAST_OTHER_MM2 = 40.0
"""Ink in an empty seal's place below which no blue or grey seal is sought: a date covers 20 to 30."""

HASH_SIDE = 40
"""Cells along a side of an imprint's hash: about 1 mm each on a 42 mm seal."""


@dataclass(frozen=True, eq=False)
class Imprint:
    """One seal on the canvas; the outline is in mm from the canvas' corner.

    Attributes:
        ink_mm2: inked area inside the outline; strength: typical density of its ink, 0 to 1.
    """

    outline: Outline
    ink: SealInk
    ink_mm2: float
    strength: float

    def center(self, canvas: Canvas) -> tuple[float, float]:
        return self.outline.center[0] + canvas.box.left, self.outline.center[1] + canvas.box.top


def find_imprints(
    canvas: Canvas, layers: Layers, places: Sequence[Box], serials: Sequence[Box]
) -> list[Imprint]:
    """Every imprint on the canvas: red ink anywhere, blue or grey where a seal's place holds no red one.

    Args:
        places: where seals belong.
        serials: places of red numbers, which are no seals.
    """
    red = layers.seal.copy()
    for box in serials:
        red[canvas.window(box.grown(2.0))] = 0
    imprints = _imprints(red, "red")
    others: tuple[tuple[Plane, SealInk], ...] = ((canvas.blueness, "blue"), (layers.writing, "grey"))
    for plane, ink in others:
        empty = [box for box in places if not any(_reaches(item.center(canvas), box) for item in imprints)]
        if not empty:
            break
        near = np.zeros_like(plane)
        for box in empty:
            window = canvas.window(box.grown(8.0))
            near[window] = plane[window]
        for item in imprints:
            item.outline.paint(near, DOTS_PER_MM, 0, grow=2.0)
        imprints += _imprints(near, ink, LEAST_OTHER_MM2)
    return imprints


def _reaches(point: tuple[float, float], box: Box) -> bool:
    return box.left <= point[0] <= box.right and box.top <= point[1] <= box.bottom


def _imprints(plane: Plane, ink: SealInk, least_mm2: float = 12.0) -> list[Imprint]:
    """Imprints in one plane; only red ones need no round or oval outline: blue and grey ink writes, too."""
    scale = FIT_DOTS / DOTS_PER_MM
    density = cv2.resize(plane, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    density[density < RED // 2] = 0
    if np.count_nonzero(density > RED) < least_mm2 * FIT_DOTS**2:
        return []
    found = []
    for outline in find_outlines(density):
        if ink != "red" and (outline.shape in ("square", "other") or outline.coverage < 0.5):
            continue
        inside = _patch(density, outline)
        inked = inside[inside > RED]
        area = float(inked.size) / FIT_DOTS**2
        strength = float(np.quantile(inked, 0.7)) / 224 if inked.size else 0.0
        found.append(Imprint(outline, ink, area, strength))
    return found


def _patch(density: Plane, outline: Outline) -> Plane:
    """Values inside the outline."""
    inside = np.zeros_like(density)
    outline.paint(inside, FIT_DOTS, 1)
    return density[inside > 0]


def assign(
    imprints: Sequence[Imprint], regions: Sequence[Region], canvas: Canvas
) -> dict[str, list[Imprint]]:
    """Imprints by region, best first: each belongs where its middle lies, or to the nearest place that
    it reaches into."""
    result: dict[str, list[Imprint]] = {region.id: [] for region in regions}
    for imprint in imprints:
        center = imprint.center(canvas)
        ranked = sorted(regions, key=lambda region: (_distance(center, region.box), region.box.area))
        if ranked and _distance(center, ranked[0].box) < 0.5 * imprint.outline.diameter:
            result[ranked[0].id].append(imprint)
    for found in result.values():
        found.sort(key=lambda item: -presence_of(item))
    return result


def _distance(point: tuple[float, float], box: Box) -> float:
    """From a point to a box, 0 inside."""
    dx = max(box.left - point[0], 0.0, point[0] - box.right)
    dy = max(box.top - point[1], 0.0, point[1] - box.bottom)
    return float(np.hypot(dx, dy))


def presence_of(imprint: Imprint) -> float:
    """Probability that an imprint is a seal at all, from how much of outline and ink is seen."""
    coverage = imprint.outline.coverage
    if imprint.outline.shape == "other":
        coverage *= 0.4
    evidence = 9.0 * (coverage - 0.38) + 0.02 * min(imprint.ink_mm2, 150.0) - 0.5
    return float(1 / (1 + np.exp(-np.clip(evidence, -30, 30))))


def seal_mark(
    region: Region, found: Sequence[Imprint], everything: Sequence[Imprint], canvas: Canvas, layers: Layers
) -> SealMark:
    """What a region's seal looks like."""
    if not found:
        return SealMark(presence=_traces(canvas, layers, region.box, everything))
    best = found[0]
    x, y = best.center(canvas)
    return SealMark(
        presence=round(presence_of(best), 4),
        ink=best.ink,
        shape=best.outline.shape,
        center=(round(x, 2), round(y, 2)),
        diameter=round(best.outline.diameter, 2),
        overlapping=any(other is not best and _overlap(best.outline, other.outline) for other in everything),
        imprint=imprint_hash(plane_of(canvas, layers, best), best.outline),
    )


def _traces(canvas: Canvas, layers: Layers, box: Box, everything: Sequence[Imprint]) -> float:
    """Probability of a seal where no outline was found: rises with red ink that no other imprint explains."""
    rows, columns = canvas.window(box)
    red = layers.seal[rows, columns] > RED
    y, x = np.mgrid[rows, columns]
    for imprint in everything:
        red &= ~imprint.outline.inside((x + 0.5) / DOTS_PER_MM, (y + 0.5) / DOTS_PER_MM, 2.0)
    area = (
        float(np.count_nonzero(cv2.erode(red.astype(np.uint8), np.ones((2, 2), np.uint8)))) / DOTS_PER_MM**2
    )
    return round(float(min(0.5, area / 20.0)), 4)


def _overlap(first: Outline, second: Outline) -> bool:
    apart = np.hypot(first.center[0] - second.center[0], first.center[1] - second.center[1])
    return bool(apart < (first.diameter + second.diameter) / 2)


def plane_of(canvas: Canvas, layers: Layers, imprint: Imprint) -> Plane:
    """The plane that shows an imprint's ink."""
    return {"red": layers.seal, "blue": canvas.blueness, "grey": layers.writing}[imprint.ink]


def imprint_hash(plane: Plane, outline: Outline) -> bytes:
    """The imprint's ink, cell by cell in the frame of its outline: one bit each, more than around it."""
    side = HASH_SIDE * 4
    patch = _framed(plane, outline, side)
    cells = cv2.resize(patch, (HASH_SIDE, HASH_SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    around = cv2.GaussianBlur(cells, (0, 0), 2.0)
    return np.packbits((cells > around).ravel()).tobytes()


def _framed(plane: Plane, outline: Outline, side: int) -> Plane:
    """The outline's bounding square on the page, its ellipse made a circle, side x side."""
    size = outline.axes[0] * DOTS_PER_MM
    turn = np.radians(outline.angle)
    a, b = outline.axes[0] / 2 * DOTS_PER_MM, outline.axes[1] / 2 * DOTS_PER_MM
    rotate = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    stretch = rotate @ np.diag([a, b]) @ rotate.T / (side / 2)
    center = np.array(outline.center) * DOTS_PER_MM - 0.5
    offset = center - stretch @ np.array([(side - 1) / 2, (side - 1) / 2])
    source = cv2.GaussianBlur(plane, (0, 0), max(size / side * 0.35, 0.3)) if size > 1.5 * side else plane
    return cv2.warpAffine(
        source,
        np.hstack([stretch, offset[:, None]]),
        (side, side),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
    )


def unrolled(plane: Plane, outline: Outline) -> Plane:
    """The ring's text as one line, left to right, outer side up, BGR: dark on light.

    The seal is brought to a circle, unrolled, and cut in the middle of the widest gap of its text, which
    on an upright seal lies below.
    """
    side = int(max(outline.axes) * DOTS_PER_MM)
    disc = _framed(plane, outline, side).astype(np.float32)
    radius = side / 2
    inner, outer = 0.50 * radius, 0.985 * radius
    width = int(2 * np.pi * 0.78 * radius)
    height = int(outer - inner)
    theta = np.arange(width) / width * 2 * np.pi
    distances = outer - np.arange(height)
    xs = (radius - 0.5 + np.cos(theta)[None, :] * distances[:, None]).astype(np.float32)
    ys = (radius - 0.5 + np.sin(theta)[None, :] * distances[:, None]).astype(np.float32)
    strip = cv2.remap(disc, xs, ys, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(0,))
    top, bottom = _text_band(strip)
    band = strip[top:bottom]
    strip = np.roll(strip, -_widest_gap(band), axis=1)[top:bottom]
    full = max(float(np.quantile(strip, 0.97)), 30.0)
    grey = np.clip(250 - strip * (235 / full), 0, 255).astype(np.uint8)
    return cv2.cvtColor(
        cv2.copyMakeBorder(grey, 4, 4, 0, 0, cv2.BORDER_CONSTANT, value=(250,)), cv2.COLOR_GRAY2BGR
    )


def _text_band(strip: Plane) -> tuple[int, int]:
    """Rows of the text: below the ring, above the star."""
    filled = strip.mean(axis=1)
    filled = filled / max(float(filled.max()), 1e-6)
    half = len(filled) // 3
    ring = int(np.argmax(filled[:half]))
    top = ring
    while top < half and filled[top] > 0.35 * filled[ring]:
        top += 1
    quiet = top + int(np.argmin(filled[top : top + max(len(filled) // 8, 1)]))
    start = len(filled) // 2 + quiet // 2
    bottom = start + int(np.argmin(filled[start:])) if start < len(filled) - 2 else len(filled)
    return quiet, max(bottom, quiet + 8)


def _widest_gap(band: Plane) -> int:
    """Column in the middle of the longest run without text, going round."""
    inked = cv2.GaussianBlur(band.max(axis=0).reshape(1, -1), (0, 0), 1.5).ravel()
    empty = inked < 0.35 * float(np.quantile(inked, 0.9))
    if empty.all() or not empty.any():
        return 0
    start = int(np.flatnonzero(~empty)[0])
    turned = np.roll(empty, -start).astype(int)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], turned, [0]))))
    runs = sorted(zip(edges[::2], edges[1::2], strict=True), key=lambda run: run[0] - run[1])
    first, last = runs[0]
    return int((first + last) // 2 + start) % len(empty)
