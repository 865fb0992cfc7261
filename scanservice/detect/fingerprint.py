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
KEY_BYTES = 8
MOST_FIELDS = 255
FILLED_IN = ("text", "signature")
LEAST_INK_MM2 = 60.0
"""With less ink than this two papers may look alike by chance: a name and a date."""


def fingerprint(template: Template, sheets: Mapping[str, tuple[Canvas, Layers]]) -> bytes | None:
    """Where ink lies in the fields of a form, one bit for each square of `CELL_MM`.

    The bytes are described, and compared, in `scanservice.fingerprint_index`.

    Args:
        sheets: canvas and layers by page name.

    Returns:
        The bytes, or None where too little is written to tell papers apart.
    """
    fields = [(page.name, region) for page, region in template.regions() if region.kind in FILLED_IN]
    fields = fields[:MOST_FIELDS]
    described = repr([(page, region.id, region.box) for page, region in fields])
    key = hashlib.sha256(f"{template.id}\n{described}".encode()).digest()[:KEY_BYTES]
    sizes, cells, ink = [], [], 0
    for page, region in fields:
        if page not in sheets:
            sizes.append((0, 0))
            continue
        canvas, layers = sheets[page]
        window = layers.ink[canvas.window(region.box)]
        ink += np.count_nonzero(window)
        columns, rows = (
            int(np.clip(round(length / CELL_MM), 1, 255)) for length in (region.box.width, region.box.height)
        )
        sizes.append((rows, columns))
        cells.append(_cells(window, rows, columns).ravel())
    if ink < LEAST_INK_MM2 * DOTS_PER_MM**2:
        return None
    head = bytes([len(fields)]) + np.array(sizes, dtype=np.uint8).tobytes()
    return key + head + np.packbits(np.concatenate(cells)).tobytes()


def _cells(window: Plane, rows: int, columns: int) -> Plane:
    """Whether each cell holds ink: a stroke of 0.4 mm that crosses a cell fills 0.4 of it."""
    if window.size == 0:
        return np.zeros((rows, columns), dtype=bool)
    share = cv2.resize(window.astype(np.float32), (columns, rows), interpolation=cv2.INTER_AREA)
    return share > 0.16
