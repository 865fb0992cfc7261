"""How much was written in a field, and whether anything was."""

from __future__ import annotations

import numpy as np

from scanservice.detect.alteration import alteration
from scanservice.detect.canvas import Canvas
from scanservice.detect.ink import Layers
from scanservice.detect.lines import region_ink
from scanservice.evidence import InkMeasure
from scanservice.template import Region

BLANK_MM2 = 0.7
"""Ink at which blank and written are even; a one-stroke character covers 1 mm2 and more."""


def ink_mark(canvas: Canvas, layers: Layers, region: Region) -> InkMeasure:
    """The ink in a field; with cells, in the cells alone (print stands between them)."""
    box = region.box
    ink = region_ink(canvas, layers, box)
    area = (
        sum(region_ink(canvas, layers, cell).area_mm2 for cell in region.cells)
        if region.cells
        else ink.area_mm2
    )
    blank = float(1 / (1 + np.exp(np.clip((area - BLANK_MM2) / 0.15, -30, 30))))
    altered, where = alteration(canvas, ink, box)
    return InkMeasure(round(area, 3), ink.extent(canvas), round(blank, 4), round(altered, 4), where)
