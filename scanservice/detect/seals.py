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

SMALL_PRINT_MM = 2.4
"""Depth from the ring within which registered seals carry their small digits."""

LEAST_OTHER_MM2 = 40.0
"""Ink in an empty seal's place below which no blue or grey seal is sought: a date covers 20 to 30."""

OUTSIDE = 0.35
"""Share of its diameter by which a seal's middle may lie outside its place."""

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


def without_fingers(seal: Plane, foreign: Plane) -> Plane:
    """Red ink without what is not paper and 5 mm around it: fingers are reddish, and their edges blurred.

    Args:
        foreign: bool, at 2 dots/mm.
    """
    if not foreign.any():
        return seal
    hidden = cv2.dilate(foreign.astype(np.uint8), np.ones((21, 21), np.uint8))
    size = (seal.shape[1], seal.shape[0])
    return np.where(cv2.resize(hidden, size, interpolation=cv2.INTER_NEAREST) > 0, 0, seal).astype(np.uint8)


def find_imprints(
    canvas: Canvas, layers: Layers, places: Sequence[Box], serials: Sequence[Box]
) -> list[Imprint]:
    """Every imprint on the canvas: red ink anywhere, blue or grey where a seal's place holds no red one.

    Args:
        places: where seals belong; without any, no seal is sought.
        serials: places of red numbers, which are no seals.
    """
    if not places:
        return []
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
        if ranked and _distance(center, ranked[0].box) < OUTSIDE * imprint.outline.diameter:
            result[ranked[0].id].append(imprint)
    for found in result.values():
        found.sort(key=lambda item: -presence_of(item))
    return result


def _distance(point: tuple[float, float], box: Box) -> float:
    """From a point to a box, 0 inside."""
    dx = max(box.left - point[0], 0.0, point[0] - box.right)
    dy = max(box.top - point[1], 0.0, point[1] - box.bottom)
    return float(np.hypot(dx, dy))


def reach(imprint: Imprint, canvas: Canvas) -> Box:
    """The box that an imprint fits into, mm of the page."""
    x, y = imprint.center(canvas)
    half = max(imprint.outline.axes) / 2
    return Box(x - half, y - half, x + half, y + half)


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
    """The imprint's ink in `HASH_SIDE` x `HASH_SIDE` cells of its outline's square, a byte each.

    Compared by `scanservice.fingerprint_index.imprint_similarity`.
    """
    patch = _framed(plane, outline, HASH_SIDE * 4)
    cells = cv2.resize(patch, (HASH_SIDE, HASH_SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    full = max(float(np.quantile(cells, 0.99)), 1.0)
    return np.clip(cells * (250 / full), 0, 255).astype(np.uint8).tobytes()


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
    on an upright seal lies below. Small digits that many seals carry there, close to the ring, are left
    out: the text reaches further in.
    """
    if outline.shape in ("square", "other"):
        return _on_paper(_upright(plane, outline))
    strip = _strip(plane, outline)
    top = min(_below_ring(strip), strip.shape[0] // 3)
    deep = min(round(SMALL_PRINT_MM * DOTS_PER_MM), strip.shape[0] // 4)
    reach = max(strip.shape[0] * 2 // 3, top + deep + 4)
    strip = np.roll(strip, -_widest_gap(strip[top + deep : reach]), axis=1)
    first, last = _ring_text(strip[top:reach], deep)
    text = strip[top:, max(first - 10, 0) : last + 10]
    text = text[: _above_star(text, deep)]
    return _on_paper(text)


def _on_paper(text: Plane) -> Plane:
    """Ink as dark grey on a light ground with a margin, BGR."""
    full = max(float(np.quantile(text, 0.96)), 30.0)
    grey = np.clip(250 - text * (225 / full), 0, 255).astype(np.uint8)
    framed = cv2.copyMakeBorder(grey, 5, 5, 5, 5, cv2.BORDER_CONSTANT, value=(250,))
    return cv2.cvtColor(framed, cv2.COLOR_GRAY2BGR)


def _upright(plane: Plane, outline: Outline) -> Plane:
    """A rectangular seal turned level, float32."""
    width, height = (max(8, round(length * DOTS_PER_MM)) for length in outline.axes)
    angle = (
        outline.angle
        if outline.angle <= 45
        else outline.angle - 180
        if outline.angle > 135
        else outline.angle - 90
    )
    if 45 < outline.angle <= 135:
        width, height = height, width
    turn = cv2.getRotationMatrix2D((0, 0), angle, 1.0)
    center = np.array(outline.center) * DOTS_PER_MM
    back = cv2.invertAffineTransform(turn)
    back[:, 2] = center - back[:, :2] @ np.array([width / 2, height / 2])
    return cv2.warpAffine(plane, back, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP).astype(
        np.float32
    )


def _strip(plane: Plane, outline: Outline) -> Plane:
    """The outer half of the disc unrolled clockwise from the right, the rim above, float32."""
    side = int(max(outline.axes) * DOTS_PER_MM)
    disc = _framed(plane, outline, side).astype(np.float32)
    radius = side / 2
    theta = np.arange(int(2 * np.pi * 0.80 * radius)) / (0.80 * radius)
    distances = 0.99 * radius - np.arange(int(0.52 * radius))
    xs = (radius - 0.5 + np.cos(theta)[None, :] * distances[:, None]).astype(np.float32)
    ys = (radius - 0.5 + np.sin(theta)[None, :] * distances[:, None]).astype(np.float32)
    return cv2.remap(disc, xs, ys, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(0,))


def _below_ring(strip: Plane) -> int:
    """The first row below the ring: where the profile is lowest between ring and text."""
    filled = strip.mean(axis=1)
    third = len(filled) // 3
    ring = int(np.argmax(filled[:third]))
    search = filled[ring : ring + max(third, 4)]
    return ring + int(np.argmin(search[: max(len(search) * 2 // 3, 2)]))


def _ring_text(band: Plane, deep: int) -> tuple[int, int]:
    """First and last column of the ring's text.

    At both ends there may be what is no part of it: the small digits, which do not reach `deep`, and
    the ends of a straight line below the star, which begin lower than the ring's characters.
    """
    dark = band > 0.35 * float(np.quantile(band, 0.96))
    filled = np.concatenate(([0], (~_empty_columns(band)).astype(int), [0]))
    edges = np.flatnonzero(np.diff(filled))
    runs = []
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        rows = np.flatnonzero(dark[:, first:last].sum(axis=1) >= 2)
        if rows.size:
            runs.append((int(first), int(last), int(rows[0]), int(rows[-1])))
    if not runs:
        return 0, band.shape[1]
    usual = float(np.median([run[2] for run in runs if run[3] >= deep] or [0]))
    text = [run for run in runs if run[3] >= deep and run[2] <= usual + 0.25 * band.shape[0]]
    return (text[0][0], text[-1][1]) if text else (0, band.shape[1])


def _above_star(text: Plane, least: int) -> int:
    """The row where the text ends: the profile's first low place below its middle."""
    filled = (
        cv2.GaussianBlur(text.mean(axis=1).reshape(-1, 1), (1, 0), 1.5).ravel()
        if text.shape[0] > 3
        else text.mean(axis=1)
    )
    start = max(least + 8, int(0.38 * len(filled)))
    low = np.flatnonzero(filled[start:] < 0.22 * float(filled.max()))
    return start + int(low[0]) + 2 if low.size else len(filled)


def _empty_columns(band: Plane) -> Plane:
    inked = cv2.GaussianBlur(band.max(axis=0).reshape(1, -1), (0, 0), 1.5).ravel()
    return inked < 0.35 * float(np.quantile(inked, 0.9))


def _widest_gap(band: Plane) -> int:
    """Column in the middle of the longest run without text, going round."""
    empty = _empty_columns(band)
    if empty.all() or not empty.any():
        return 0
    start = int(np.flatnonzero(~empty)[0])
    turned = np.roll(empty, -start).astype(int)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], turned, [0]))))
    first, last = max(zip(edges[::2], edges[1::2], strict=True), key=lambda run: run[1] - run[0])
    return int((first + last) // 2 + start) % len(empty)
