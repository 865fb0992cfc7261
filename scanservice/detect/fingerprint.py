"""A fingerprint of what was filled in, in the form's own coordinates."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import cv2
import numpy as np

from scanservice.detect.canvas import DOTS_PER_MM, Canvas, Plane
from scanservice.detect.ink import Layers
from scanservice.template import Template

CELL_MM = 1.0
LEAST_INK_MM2 = 60.0
"""With less ink than this two papers may look alike by chance: a name and a date."""


def fingerprint(template: Template, sheets: Mapping[str, tuple[Canvas, Layers]]) -> bytes | None:
    """Where ink lies in the fields of a form, one bit for each square of `CELL_MM`.

    Eight bytes name the form and its fields, then one bit a field says whether its page was seen, then
    the fields' cells follow in the template's order, rows first. Two fingerprints are compared by
    `scanservice.fingerprint_index`.

    Args:
        sheets: canvas and layers by page name.

    Returns:
        The bytes, or None where too little is written to tell papers apart.
    """
    fields = [
        (page.name, region) for page, region in template.regions() if region.kind in ("text", "signature")
    ]
    described = repr([(page, region.id, region.box) for page, region in fields])
    key = hashlib.sha256(f"{template.id}\n{described}".encode()).digest()[:8]
    seen, cells, ink = [], [], 0
    for page, region in fields:
        columns = max(1, round(region.box.width / CELL_MM))
        rows = max(1, round(region.box.height / CELL_MM))
        if page not in sheets:
            seen.append(False)
            cells.append(np.zeros(rows * columns, dtype=bool))
            continue
        canvas, layers = sheets[page]
        window = layers.ink[canvas.window(region.box)]
        ink += np.count_nonzero(window)
        seen.append(True)
        cells.append(_cells(window, rows, columns).ravel())
    if ink < LEAST_INK_MM2 * DOTS_PER_MM**2:
        return None
    return key + np.packbits(np.array(seen)).tobytes() + np.packbits(np.concatenate(cells)).tobytes()


def _cells(window: Plane, rows: int, columns: int) -> Plane:
    """Whether each cell holds more ink than most of an inked field does."""
    if window.size == 0:
        return np.zeros((rows, columns), dtype=bool)
    share = cv2.resize(window.astype(np.float32), (columns, rows), interpolation=cv2.INTER_AREA)
    return share > 0.16
