"""What the registration may be off, in millimetres, as the program itself can tell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scanservice.detect.identity import Examination
from scanservice.evidence import Residual
from scanservice.geometry import Box, FloatArray, PageMap

NEAREST = 6
"""Glyphs that speak for a place."""
LOCAL_QUANTILE = 0.8
DRIFT = 0.006
"""Millimetres of doubt for each millimetre to the nearest print beyond `FREE_MM`: benchmarks.registration."""
FREE_MM = 12.0
NOTHING_MM = 9.0
"""Residual of a page without any print found: as far off as a row of a table."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """points: N x 2, mm; distances: N, mm by which print there lies off."""

    points: FloatArray
    distances: FloatArray


def residuals(examination: Examination, page_map: PageMap) -> tuple[Residual, Evidence]:
    """Over the whole page, and the measurements behind it."""
    distances = np.linalg.norm(examination.offsets, axis=1)
    evidence = Evidence(examination.points, distances)
    if not len(distances):
        return Residual(NOTHING_MM, NOTHING_MM, NOTHING_MM), evidence
    median, p95, top = (round(float(np.quantile(distances, share)), 3) for share in (0.5, 0.95, 1.0))
    return Residual(median, p95, top), evidence


def residual_at(box: Box, evidence: Evidence) -> float:
    """In one region: what the nearest print says, and more the further it is away."""
    if len(evidence.points) < NEAREST:
        return NOTHING_MM
    places = np.vstack([box.corners(), [box.center]])
    away = np.linalg.norm(evidence.points[None] - places[:, None], axis=2)
    near = np.argpartition(away, NEAREST - 1, axis=1)[:, :NEAREST]
    local = np.quantile(evidence.distances[near], LOCAL_QUANTILE, axis=1)
    doubt = DRIFT * np.maximum(away.min(axis=1) - FREE_MM, 0.0)
    return round(float((local + doubt).max()), 3)
