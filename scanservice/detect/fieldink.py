"""The ink of a field: of its box or of each of its cells, parted into lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from scanservice.detect.canvas import Canvas, Plane
from scanservice.detect.ink import Layers
from scanservice.detect.lines import split_lines
from scanservice.detect.regionink import RegionInk, region_ink
from scanservice.geometry import Box
from scanservice.template import Region


@dataclass(frozen=True, eq=False)
class FieldInk:
    """Attributes:
    inks: of the box, or of each cell in order.
    lines: of each ink, the masks of its lines, of the ink's size; a cell is one line.
    """

    inks: tuple[RegionInk, ...]
    lines: tuple[tuple[Plane, ...], ...]

    @property
    def written(self) -> bool:
        return any(ink.mask.any() for ink in self.inks)

    def boxes(self, canvas: Canvas) -> list[Box]:
        """Around each line, mm."""
        found = []
        for ink, masks in zip(self.inks, self.lines, strict=True):
            for mask in masks:
                if mask.any():
                    x, y, width, height = cv2.boundingRect(mask.astype(np.uint8))
                    left, top = ink.columns.start + x, ink.rows.start + y
                    found.append(canvas.box_of(slice(top, top + height), slice(left, left + width)))
        return found


def field_ink(canvas: Canvas, layers: Layers, region: Region, others: Sequence[Box]) -> FieldInk:
    """The ink of a field.

    Args:
        others: boxes of the other regions, into which no writing is followed.
    """
    if region.cells:
        cells = tuple(region_ink(canvas, layers, cell) for cell in region.cells)
        return FieldInk(cells, tuple((ink.mask,) for ink in cells))
    ink = region_ink(canvas, layers, region.box, others)
    return FieldInk((ink,), (tuple(split_lines(ink.mask)),))
