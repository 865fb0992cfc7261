"""Signatures: ink by hand in its place, and not a stray line, a speck or a neighbour's writing."""

from __future__ import annotations

import cv2
import numpy as np

from scanservice.detect.canvas import DOTS_PER_MM, Canvas, Plane
from scanservice.detect.lines import RegionInk
from scanservice.evidence import SignatureMark


def signature_mark(canvas: Canvas, ink: RegionInk) -> SignatureMark:
    """Probability that a hand signed here.

    A signature covers some area, spreads in two directions, and turns: a stray line is thin across its
    own direction however long it is.
    """
    if not ink.mask.any():
        return SignatureMark(0.0)
    area, spread, turns = ink.area_mm2, _spread_mm(ink.mask), _turns(ink.mask)
    evidence = 1.2 * min(area - 2.5, 6.0) + 4.0 * min(spread - 0.7, 1.0) + 8.0 * (turns - 0.35)
    presence = float(1 / (1 + np.exp(-np.clip(evidence, -30, 30))))
    return SignatureMark(round(presence, 4), ink.extent(canvas))


def _spread_mm(mask: Plane) -> float:
    """Standard deviation across the direction in which the ink is longest, in mm."""
    rows, columns = np.nonzero(mask)
    if rows.size < 10:
        return 0.0
    covariance = np.cov(np.stack([columns, rows]))
    return float(np.sqrt(max(np.linalg.eigvalsh(covariance)[0], 0.0)) / DOTS_PER_MM)


def _turns(mask: Plane) -> float:
    """How many directions the strokes take, 0 (one) to 1 (all alike): entropy of edge directions."""
    values = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 1.2)
    dx, dy = cv2.Sobel(values, cv2.CV_32F, 1, 0), cv2.Sobel(values, cv2.CV_32F, 0, 1)
    size = np.hypot(dx, dy)
    strong = size > 0.3 * float(size.max())
    angle = np.mod(np.arctan2(dy[strong], dx[strong]), np.pi)
    share, _ = np.histogram(angle, bins=12, range=(0, np.pi), weights=size[strong])
    share = share / max(float(share.sum()), 1e-9)
    positive = share[share > 0]
    return float(-(positive * np.log(positive)).sum() / np.log(12))
