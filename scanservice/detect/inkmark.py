"""How much was written in a field, and whether anything was."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scanservice.detect.alteration import alteration
from scanservice.detect.canvas import Canvas, Plane
from scanservice.detect.fieldink import FieldInk
from scanservice.detect.strokenet import Pen
from scanservice.evidence import InkMeasure, LineInk
from scanservice.geometry import Box

BLANK_MM2 = 0.6
"""Strokes at which blank and written are even: on generated scans empty fields hold at most 0.2 mm2, a
single digit at least 1.6 (docs/benchmarks/marks.md)."""


def ink_mark(
    canvas: Canvas, writing: Plane, pen: Pen, field: FieldInk, paint: tuple[float, Box | None] = (0.0, None)
) -> tuple[InkMeasure, tuple[LineInk, ...]]:
    """The ink in a field, and along each of its lines: of the field as a whole, or of each of its cells.

    Args:
        paint: probability that the paper below it is painted over, and where.
    """
    area = sum(ink.area_mm2 for ink in field.inks)
    strokes = sum(ink.stroke_mm2 for ink in field.inks)
    blank = float(1 / (1 + np.exp(np.clip((strokes - BLANK_MM2) / 0.12, -30, 30))))
    extents = [extent for ink in field.inks if (extent := ink.extent(canvas)) is not None]
    pairs = zip(field.inks, field.lines, strict=True)
    found = [alteration(canvas, ink, lines, writing, pen) for ink, lines in pairs]
    altered, where = max([paint, *((chance, box) for chance, box, _ in found)], key=lambda one: one[0])
    measure = InkMeasure(
        round(area, 3),
        _around(extents),
        round(blank, 4),
        round(altered, 4),
        where,
        painted=round(paint[0], 4),
    )
    return measure, tuple(line for _, _, lines in found for line in lines)


def _around(boxes: Sequence[Box]) -> Box | None:
    if not boxes:
        return None
    return Box(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )
