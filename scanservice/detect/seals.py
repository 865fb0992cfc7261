"""Seals: which imprint stands in which owner's place, its looks, and its ring unrolled for reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from scanservice.detect.canvas import DOTS_PER_MM, Canvas, Plane
from scanservice.detect.ink import RED, Layers
from scanservice.detect.sealfit import FIT_DOTS, Outline, find_outlines
from scanservice.detect.sealstrip import framed
from scanservice.evidence import SealMark
from scanservice.geometry import Box
from scanservice.template import Region

SealInk = Literal["red", "blue", "grey"]

LEAST_OTHER_MM2 = 40.0
"""Ink in an empty seal's place below which no blue or grey seal is sought: a date covers 20 to 30."""

LEAST_OTHER_MM = 15.0
"""Diameter of the smallest blue or grey seal: rings of a pen, and noise in shallow colours, are smaller."""

OUTSIDE = 0.35
"""Share of its diameter by which a seal's middle may lie outside its place."""

HASH_SIDE = 40
"""Cells along a side of an imprint's hash: about 1 mm each on a 42 mm seal."""

HIDING = 50
"""Darkness (of `PAPER`) from which other ink hides an imprint's."""


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
        if ink != "red" and not _like_another_seal(outline):
            continue
        inside = _patch(density, outline)
        inked = inside[inside > RED]
        area = float(inked.size) / FIT_DOTS**2
        strength = float(np.quantile(inked, 0.7)) / 224 if inked.size else 0.0
        found.append(Imprint(outline, ink, area, strength))
    return found


def _like_another_seal(outline: Outline) -> bool:
    round_or_oval = outline.shape not in ("square", "other")
    return round_or_oval and outline.coverage >= 0.5 and outline.diameter >= LEAST_OTHER_MM


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


def whose_is_plain(
    imprints: Sequence[Imprint],
    region: Region,
    assigned: Mapping[str, Sequence[Imprint]],
    canvas: Canvas,
    residual: float,
) -> bool:
    """Whether each imprint is the region's, or is not, though the region may lie `residual` mm elsewhere."""
    own = {id(imprint) for imprint in assigned[region.id]}
    for imprint in imprints:
        away = _distance(imprint.center(canvas), region.box)
        if id(imprint) in own:
            plain = _within(imprint.center(canvas), region.box.grown(-residual))
        else:
            plain = away > OUTSIDE * imprint.outline.diameter + residual
        if not plain:
            return False
    return True


def _within(point: tuple[float, float], box: Box) -> bool:
    return box.left <= point[0] <= box.right and box.top <= point[1] <= box.bottom


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


def covered(canvas: Canvas, layers: Layers, imprint: Imprint) -> Plane:
    """Where darker ink lies over an imprint and hides its own: 255, elsewhere 0; uint8.

    Writing over a seal that is not red counts as the seal's: only print is told apart from it.
    """
    dark = canvas.darkness
    over = (dark > HIDING) & (plane_of(canvas, layers, imprint) < dark)
    if imprint.ink != "red":
        over &= layers.print_zone
    return over.astype(np.uint8) * 255


def imprint_hash(plane: Plane, outline: Outline) -> bytes:
    """The imprint's ink in `HASH_SIDE` x `HASH_SIDE` cells of its outline's square, a byte each.

    Compared by `scanservice.fingerprint_index.imprint_similarity`.
    """
    patch = framed(plane, outline, HASH_SIDE * 4)
    cells = cv2.resize(patch, (HASH_SIDE, HASH_SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    full = max(float(np.quantile(cells, 0.99)), 1.0)
    return np.clip(cells * (250 / full), 0, 255).astype(np.uint8).tobytes()
