"""A fingerprint of what was filled in, in the form's own coordinates."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from scanservice.detect.canvas import DOTS_PER_MM, Canvas, Plane
from scanservice.detect.ink import Layers
from scanservice.template import Region, Template

CELL_MM = 1.0
KEY_BYTES = 8
MOST_FIELDS = 255
FILLED_IN = ("text", "signature")
LEAST_INK_MM2 = 60.0
"""With less ink than this two papers may look alike by chance: a name and a date."""


@dataclass(frozen=True, eq=False)
class FilledIn:
    """What a page adds to the fingerprint.

    Attributes:
        sizes: rows and columns of each field in turn; cells: whether each of theirs holds ink.
        ink: inked pixels.
    """

    sizes: list[tuple[int, int]]
    cells: list[Plane]
    ink: int


def filled_in(template: Template, page: str, canvas: Canvas, layers: Layers) -> FilledIn:
    """What was filled in on a page."""
    sizes, cells, ink = [], [], 0
    for name, region in _fields(template):
        if name != page:
            continue
        window = layers.ink[canvas.window(region.box)]
        ink += int(np.count_nonzero(window))
        columns, rows = (
            int(np.clip(round(length / CELL_MM), 1, 255)) for length in (region.box.width, region.box.height)
        )
        sizes.append((rows, columns))
        cells.append(_cells(window, rows, columns).ravel())
    return FilledIn(sizes, cells, ink)


def fingerprint(template: Template, pages: Mapping[str, FilledIn]) -> bytes | None:
    """Where ink lies in the fields of a form, one bit for each square of `CELL_MM`.

    The bytes are described, and compared, in `scanservice.fingerprint_index`.

    Args:
        pages: by name.

    Returns:
        The bytes, or None where too little is written to tell papers apart.
    """
    fields = _fields(template)
    described = repr([(page, region.id, region.box) for page, region in fields])
    key = hashlib.sha256(f"{template.id}\n{described}".encode()).digest()[:KEY_BYTES]
    if sum(page.ink for page in pages.values()) < LEAST_INK_MM2 * DOTS_PER_MM**2:
        return None
    sizes: list[tuple[int, int]] = []
    cells: list[Plane] = []
    for name, group in itertools.groupby(fields, key=lambda field: field[0]):
        page = pages.get(name)
        sizes += page.sizes if page is not None else [(0, 0) for _ in group]
        cells += page.cells if page is not None else []
    head = bytes([len(fields)]) + np.array(sizes, dtype=np.uint8).tobytes()
    return key + head + np.packbits(np.concatenate(cells)).tobytes()


def _fields(template: Template) -> list[tuple[str, Region]]:
    """With the names of their pages, one page after another."""
    fields = [(page.name, region) for page, region in template.regions() if region.kind in FILLED_IN]
    return fields[:MOST_FIELDS]


def _cells(window: Plane, rows: int, columns: int) -> Plane:
    """Whether each cell holds ink: a stroke of 0.4 mm that crosses a cell fills 0.4 of it."""
    if window.size == 0:
        return np.zeros((rows, columns), dtype=bool)
    share = cv2.resize(window.astype(np.float32), (columns, rows), interpolation=cv2.INTER_AREA)
    return share > 0.16
