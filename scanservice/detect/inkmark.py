"""How much was written in a field, and whether anything was."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scanservice.detect.alteration import Pen, alteration
from scanservice.detect.canvas import Canvas, Plane
from scanservice.detect.regionink import RegionInk
from scanservice.evidence import InkMeasure
from scanservice.geometry import Box

BLANK_MM2 = 0.6
"""Strokes at which blank and written are even: on generated scans empty fields hold at most 0.2 mm2, a
single digit at least 1.6 (docs/benchmarks/marks.md)."""


def ink_mark(
    canvas: Canvas, writing: Plane, pen: Pen, inks: Sequence[RegionInk], lines: Sequence[Sequence[Plane]]
) -> InkMeasure:
    """The ink in a field: of the field as a whole, or of each of its cells, with the lines in each."""
    area = sum(ink.area_mm2 for ink in inks)
    strokes = sum(ink.stroke_mm2 for ink in inks)
    blank = float(1 / (1 + np.exp(np.clip((strokes - BLANK_MM2) / 0.12, -30, 30))))
    extents = [extent for ink in inks if (extent := ink.extent(canvas)) is not None]
    suspects = [alteration(canvas, ink, parts, writing, pen) for ink, parts in zip(inks, lines, strict=True)]
    altered, where = max(suspects, key=lambda found: found[0])
    return InkMeasure(round(area, 3), _around(extents), round(blank, 4), round(altered, 4), where)


def _around(boxes: Sequence[Box]) -> Box | None:
    if not boxes:
        return None
    return Box(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )
