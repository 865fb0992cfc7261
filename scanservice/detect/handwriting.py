"""Print or hand: how regular the strokes of some ink are."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from scanservice.detect.canvas import DOTS_PER_MM, Plane


@dataclass(frozen=True, slots=True)
class StrokeLook:
    """What tells print from writing, and writing from a stray line.

    Attributes:
        area: mm2 of ink; width, height: of its extent, mm.
        spread: standard deviation across the direction in which it is longest, mm.
        turns: entropy of its edges' directions, 0 (one direction) to 1 (all alike).
        axes: share of its edges that run within 6 degrees of level or upright; print has most.
        ragged: how much the feet of its characters stray from a straight line, share of their height.
        uneven: how much its characters' heights differ, as a share of their median.
        pieces: how many connected parts of at least a full stop's size.
    """

    area: float
    width: float
    height: float
    spread: float
    turns: float
    axes: float
    ragged: float
    uneven: float
    pieces: int


def stroke_look(mask: Plane, darkness: Plane) -> StrokeLook:
    """Measures ink.

    Args:
        mask: H x W, bool: the ink, at `DOTS_PER_MM`; not empty.
        darkness: H x W, uint8: of the same place, for the directions of edges.
    """
    x, y, width, height = cv2.boundingRect(mask.astype(np.uint8))
    part = np.ascontiguousarray(mask[y : y + height, x : x + width]).astype(np.uint8)
    dark = cv2.bitwise_and(np.ascontiguousarray(darkness[y : y + height, x : x + width]), part * 255)
    turns, axes = _directions(dark)
    ragged, uneven, pieces = _characters(part)
    return StrokeLook(
        area=float(np.count_nonzero(part)) / DOTS_PER_MM**2,
        width=width / DOTS_PER_MM,
        height=height / DOTS_PER_MM,
        spread=_spread_mm(part),
        turns=turns,
        axes=axes,
        ragged=ragged,
        uneven=uneven,
        pieces=pieces,
    )


def _spread_mm(mask: Plane) -> float:
    rows, columns = np.nonzero(mask)
    if rows.size < 10:
        return 0.0
    covariance = np.cov(np.stack([columns, rows]))
    return float(np.sqrt(max(np.linalg.eigvalsh(covariance)[0], 0.0)) / DOTS_PER_MM)


def _directions(dark: Plane) -> tuple[float, float]:
    """Entropy (0 to 1) of edge directions, and the share along the axes, weighted by strength."""
    values = cv2.GaussianBlur(dark.astype(np.float32), (0, 0), 1.0)
    dx, dy = cv2.Sobel(values, cv2.CV_32F, 1, 0), cv2.Sobel(values, cv2.CV_32F, 0, 1)
    size = cv2.magnitude(dx, dy)
    strong = size > 0.3 * float(size.max())
    if not strong.any():
        return 0.0, 0.0
    angle = np.degrees(np.mod(np.arctan2(dy[strong], dx[strong]), np.pi))
    share, _ = np.histogram(np.mod(angle + 6, 180), bins=15, range=(0, 180), weights=size[strong])
    share = share / max(float(share.sum()), 1e-9)
    positive = share[share > 0]
    off_axis = np.minimum(np.mod(angle, 90), 90 - np.mod(angle, 90))
    axes = float(size[strong][off_axis < 6].sum() / size[strong].sum())
    return float(-(positive * np.log(positive)).sum() / np.log(15)), axes


def _characters(mask: Plane) -> tuple[float, float, int]:
    """Raggedness of the feet, unevenness of the heights, and the number of parts.

    Parts that stand above one another are one character: a gap in the profile along the line parts them.
    """
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    pieces = int(np.count_nonzero(stats[1:, cv2.CC_STAT_AREA] >= 0.08 * DOTS_PER_MM**2))
    filled = np.concatenate(([0], mask.any(axis=0).astype(int), [0]))
    edges = np.flatnonzero(np.diff(filled))
    spans = []
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        rows = np.flatnonzero(mask[:, first:last].any(axis=1))
        spans.append(((first + last) / 2, rows[0], rows[-1] + 1))
    heights = np.array([bottom - top for _, top, bottom in spans], dtype=float)
    tall = heights > 0.6 * heights.max()
    if np.count_nonzero(tall) < 2:
        return 0.0, 0.0, pieces
    centres, feet = np.array([s[0] for s in spans])[tall], np.array([s[2] for s in spans], dtype=float)[tall]
    usual = float(np.median(heights[tall]))
    slope = np.polyfit(centres, feet, 1) if len(feet) > 2 else np.array([0.0, feet.mean()])
    ragged = float(np.std(feet - np.polyval(slope, centres)) / usual)
    return ragged, float(np.std(heights[tall]) / usual), pieces
