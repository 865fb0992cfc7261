"""The paper of pages as the network of paint sees it, and what of it is painted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.marks.calibrate.uploads import Taken
from scanservice.detect.barepaper import CELL_MM, around, paper_look
from scanservice.detect.canvas import Plane
from scanservice.detect.ink import even_tint
from scanservice.detect.paint import COARSE, POOLED, TINTED_MM, answers_under
from scanservice.geometry import Box


@dataclass(frozen=True, eq=False)
class Paper:
    """The paper of a page.

    Attributes:
        look: the way of photographing. coarse: the picture has less than `paint.COARSE` dots per mm.
        planes: as `barepaper.PaperLook` has them, float16.
        painted: rows x columns of answers: share that is painted; -1 where nobody asks. number: bool, where a
            number asks.
        lines: whether it is painted, and the answers it asks for, line by line of the fields.
    """

    look: str
    coarse: bool
    planes: Plane
    painted: Plane
    number: Plane
    lines: Sequence[tuple[bool, tuple[slice, slice]]]


def paper_of(page: Taken) -> Paper | None:
    """The paper below the lines of a page; None where nothing is written."""
    boxes = [box for _, _, box in page.lines] + [extent for _, extent in page.numbers]
    if not boxes:
        return None
    tint = even_tint(page.sheet.layers, *page.canvas.window(boxes[0].grown(TINTED_MM)))
    look = paper_look(page.canvas, page.sheet.layers, around(boxes, page.canvas), tint)
    rows, columns = (side // POOLED for side in look.planes.shape[:2])
    fine = np.zeros((rows * POOLED, columns * POOLED), np.float32)
    for patch in page.patches:
        top, bottom = (max(round((edge - look.box.top) / CELL_MM), 0) for edge in (patch.top, patch.bottom))
        left, right = (max(round((edge - look.box.left) / CELL_MM), 0) for edge in (patch.left, patch.right))
        fine[top:bottom, left:right] = 1
    share = fine.reshape(rows, POOLED, columns, POOLED).mean(axis=(1, 3))
    asked, number = np.zeros((rows, columns), bool), np.zeros((rows, columns), bool)
    lines = []
    for _, how, box in page.lines:
        # What else a pen corrects is no business of paint.
        if how not in ("strike", "overwrite"):
            under = answers_under(look, box, share.shape)
            asked[under] = True
            # Beside the paint of its own field, a line is neither.
            if how is None or _over(page.patches, box):
                lines.append((how == "fluid", under))
    for _, extent in page.numbers:
        under = answers_under(look, extent, share.shape)
        asked[under], number[under] = True, True
    planes = look.planes[: rows * POOLED, : columns * POOLED].astype(np.float16)
    return Paper(
        page.look,
        page.sheet.dots_per_mm < COARSE,
        planes,
        np.where(asked, share, -1).astype(np.float32),
        number,
        lines,
    )


def _over(patches: Sequence[Box], box: Box) -> bool:
    return any(patch.clipped(box).area > 2 for patch in patches)
