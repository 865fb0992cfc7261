"""What the registration may be off, in millimetres, as the program itself can tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from scanservice.detect.identity import Examination
from scanservice.detect.refine import Refined
from scanservice.evidence import Residual
from scanservice.geometry import FloatArray
from scanservice.template import Region

NEAREST = 6
"""Glyphs that speak for a place."""
LOCAL_QUANTILE = 0.8
NOTHING_MM = 9.0
"""Residual of a page without any print found: as far off as a row of a table."""


def residuals(
    examination: Examination, refined: Refined, regions: Sequence[Region]
) -> tuple[Residual, Mapping[str, float]]:
    """Over the whole page, and in each region by its id.

    In a region, two things are added up as independent errors: how far print nearby lies from where the
    map puts it, which was measured glyph by glyph after the fit, and how sure the map is there, which
    tells of places that no print is near to.
    """
    distances = np.linalg.norm(examination.offsets, axis=1)
    if len(distances) < NEAREST:
        return Residual(NOTHING_MM, NOTHING_MM, NOTHING_MM), {region.id: NOTHING_MM for region in regions}
    median, p95, top = (round(float(np.quantile(distances, share)), 3) for share in (0.5, 0.95, 1.0))
    places = np.array([[*region.box.corners(), region.box.center] for region in regions], float)
    places = places.reshape(-1, 2)
    measured = _nearby(places, examination.points, distances)
    total = (
        np.hypot(measured, refined.may_be_off(places)).reshape(-1, 5).max(axis=1)
        if len(places)
        else np.zeros(0)
    )
    at = {region.id: round(float(value), 3) for region, value in zip(regions, total, strict=True)}
    return Residual(median, p95, top), at


def _nearby(places: FloatArray, points: FloatArray, distances: FloatArray) -> FloatArray:
    away = np.linalg.norm(points[None] - places[:, None], axis=2)
    near = np.argpartition(away, NEAREST - 1, axis=1)[:, :NEAREST]
    return np.quantile(distances[near], LOCAL_QUANTILE, axis=1)
